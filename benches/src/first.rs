//! What comes before the second frame: setting up a key, and opening the first
//! frame of a stream that was never seen, which derives its keys.

use crate::aead::{AeadKey, Own, own_name};
use crate::{Contender, Contenders, Pace};
use core::hint::black_box;
use roomseal::aead::Engine;
use roomseal::sframe::{BaseKey, CipherSuite, Sender};
use roomseal::{AppId, Kind, Opener, Room, RoomConfig, RoomId, RoomKey, RoomSalt, Sealer};

/// Keys, or streams, in a sample.
const COUNT: usize = crate::batch(SIZE);
/// Bytes of the frames.
pub const SIZE: usize = 80;

/// Something done `COUNT` times where others open frames.
trait Work {
    const IS_BAR: bool = false;
    fn name(&self) -> &'static str;
    /// Brings back the state before. Not measured.
    fn prepare(&mut self) {}
    fn step(&mut self, number: usize);
    /// Whether the last batch did what it should.
    fn is_right(&self) -> bool;
}

struct Works<W>(W);

impl<W: Work> Contender for Works<W> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn is_bar(&self) -> bool {
        W::IS_BAR
    }

    fn seal(&mut self, _: Pace) {}

    fn receive(&mut self) {
        self.0.prepare();
    }

    fn open(&mut self, pace: Pace) {
        for number in 0..COUNT {
            pace.step();
            self.0.step(number);
        }
    }

    fn sealed(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    fn opened(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    fn refuses_forgery(&mut self) -> bool {
        self.0.prepare();
        self.open(Pace::BackToBack);
        self.0.is_right()
    }
}

fn checked(mut contenders: Contenders) -> Contenders {
    for contender in &mut contenders {
        let right = contender.refuses_forgery();
        assert!(right, "{} doesn't do its work", contender.name());
    }
    contenders
}

/// What a key of [`Work`] number `number` is.
fn key(number: usize) -> [u8; 16] {
    (number as u128 + 1).to_be_bytes()
}

/// Makes a key of one library.
type NewKey<K> = Box<dyn Fn(&[u8; 16]) -> K>;

/// Setting up keys of one library.
struct SetUp<K, const IS_BAR: bool> {
    name: &'static str,
    new: NewKey<K>,
    keys: Vec<K>,
}

impl<K: AeadKey, const IS_BAR: bool> Work for SetUp<K, IS_BAR> {
    const IS_BAR: bool = IS_BAR;

    fn name(&self) -> &'static str {
        self.name
    }

    fn prepare(&mut self) {
        self.keys.clear();
        self.keys.reserve(COUNT);
    }

    fn step(&mut self, number: usize) {
        self.keys.push((self.new)(&key(number)));
    }

    fn is_right(&self) -> bool {
        let oracle = <aes_gcm::Aes128Gcm as AeadKey>::new(&key(COUNT - 1));
        let seal = |key: &dyn Fn(&mut [u8]) -> [u8; 16]| {
            let mut text = [7; 50];
            (key(&mut text), text)
        };
        let Some(own) = self.keys.last() else {
            return false;
        };
        seal(&|text| own.seal([3; 12], text)) == seal(&|text| oracle.seal([3; 12], text))
    }
}

fn setting_up<K: AeadKey + 'static, const IS_BAR: bool>(
    name: &'static str,
    new: impl Fn(&[u8; 16]) -> K + 'static,
) -> Box<dyn Contender> {
    Box::new(Works(SetUp::<K, IS_BAR> {
        name,
        new: Box::new(new),
        keys: Vec::new(),
    }))
}

/// Setting up a key for AES-128-GCM.
#[must_use]
pub fn set_up(_: usize) -> Contenders {
    type Ring = ring::aead::LessSafeKey;
    type Aws = aws_lc_rs::aead::LessSafeKey;
    let mut contenders = vec![
        setting_up::<Ring, true>("ring", <Ring as AeadKey>::new),
        #[cfg(feature = "boringssl")]
        setting_up::<_, true>("BoringSSL", <crate::boringssl::Key as AeadKey>::new),
        setting_up::<Aws, false>("aws-lc-rs", <Aws as AeadKey>::new),
        setting_up::<_, false>("aes-gcm crate", <aes_gcm::Aes128Gcm as AeadKey>::new),
    ];
    contenders.extend(Engine::available().map(|engine| {
        let new = move |key: &[u8; 16]| Own::on(engine, key);
        setting_up::<_, false>(own_name(engine), new)
    }));
    checked(contenders)
}

/// A member's room with an active epoch.
fn room() -> Room {
    let id = RoomId::text("benches").expect("short");
    let room = Room::new(RoomConfig::new(AppId::number(1), id)).expect("a room");
    let key = RoomKey::from_bytes(&[0x42; 16]).expect("16 bytes");
    room.install(1, &key, &RoomSalt::none()).expect("installed");
    room.activate(1).expect("installed");
    room
}

/// First frames of sealers that a receiver has never heard of.
struct FirstOpened {
    frames: Vec<Vec<u8>>,
    /// New for every batch, so that it knows nobody and no budget runs out.
    member: (Opener, Room),
    out: Vec<u8>,
    opened: usize,
    size: usize,
    _sender: Room,
}

impl FirstOpened {
    fn member() -> (Opener, Room) {
        let room = room();
        (room.opener(), room)
    }

    fn new(size: usize) -> Self {
        let sender = room();
        let frames = (0..COUNT).map(|_| {
            let sealer: Sealer = sender.sealer(Kind::Audio).expect("a sealer");
            let mut frame = vec![0; sealer.sealed_len(size)];
            let len = sealer.seal(&vec![9; size], &[], &mut frame);
            assert_eq!(len, Ok(frame.len()));
            frame
        });
        Self {
            frames: frames.collect(),
            member: Self::member(),
            out: vec![0; size],
            opened: 0,
            size,
            _sender: sender,
        }
    }
}

impl Work for FirstOpened {
    fn name(&self) -> &'static str {
        "roomseal room, first frame opened"
    }

    fn prepare(&mut self) {
        self.member = Self::member();
        self.opened = 0;
    }

    fn step(&mut self, number: usize) {
        let frame = &self.frames[number];
        let opener = &self.member.0;
        let opened = opener.open(Kind::Audio, frame, &[], None, &mut self.out);
        assert_eq!(opened, Ok(self.size), "a first frame is refused");
        self.opened += 1;
    }

    fn is_right(&self) -> bool {
        self.opened == COUNT && self.out == vec![9; self.size]
    }
}

/// New senders, each of which seals its first frame.
struct FirstSealed {
    base_key: BaseKey,
    text: Vec<u8>,
    frame: Vec<u8>,
    len: usize,
}

impl Work for FirstSealed {
    fn name(&self) -> &'static str {
        "roomseal sframe, sender made and first frame sealed"
    }

    fn step(&mut self, number: usize) {
        let suite = CipherSuite::Aes128GcmSha256_128;
        let sender = Sender::new(suite, number as u64, black_box(&self.base_key));
        let sender = sender.expect("a sender");
        self.len = sender
            .seal(&self.text, &[], &mut self.frame)
            .expect("there is room");
    }

    fn is_right(&self) -> bool {
        let receiver = roomseal::sframe::Receiver::new(CipherSuite::Aes128GcmSha256_128);
        let kid = COUNT as u64 - 1;
        receiver.add(kid, &self.base_key).expect("a new KID");
        let mut out = vec![0; self.frame.len()];
        let opened = receiver.open(&self.frame[..self.len], &[], &mut out);
        opened == Ok(self.text.len()) && out[..self.text.len()] == self.text[..]
    }
}

/// The first frame of a new stream, derivation and key set-up included, beside
/// setting up a key in ring.
#[must_use]
pub fn first_frames(size: usize) -> Contenders {
    type Ring = ring::aead::LessSafeKey;
    let sealed = FirstSealed {
        base_key: BaseKey::new(&[0x42; 16]).expect("16 bytes"),
        text: vec![9; size],
        frame: vec![0; size + 64],
        len: 0,
    };
    checked(vec![
        setting_up::<Ring, true>("ring, key set-up", <Ring as AeadKey>::new),
        Box::new(Works(FirstOpened::new(size))),
        Box::new(Works(sealed)),
    ])
}
