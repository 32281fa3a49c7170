//! Whole frames: header, counter, cipher and replay check, keys set up once,
//! no metadata.

use crate::aead::ring_alone;
use crate::c_abi::Handles;
use crate::{Contender, Contenders, Pace, check, plaintexts};
use core::ops::Range;
use roomseal::aead::{self, InOutBuf};
use roomseal::sframe::{BaseKey, CipherSuite, MAX_HEADER_LEN, MAX_TAG_LEN, Receiver, Sender};
use roomseal::{AppId, Kind, Opener, Room, RoomConfig, RoomId, RoomKey, RoomSalt, Sealer};
use sframe::frame::validation::{ReplayAttackProtection, Tolerance};
use sframe::frame::{EncryptedFrameView, MediaFrameView, MonotonicCounter};
use sframe::key::{DecryptionKey, EncryptionKey};

pub(crate) const BASE_KEY: [u8; 16] = [0x42; 16];
const KID: u64 = 0x1234;
/// Frames, the default of this crate.
const WINDOW: usize = 1_024;
/// Large allocations all start at the same offset in a page, and copies
/// between offsets that are nearly equal are slow on some processors. Inputs
/// start here instead, which is fair to everyone.
pub(crate) const OFFSET: usize = 2_048;

/// Seals and opens from one buffer to another, and returns how long the output
/// is; what lies behind it stays, so that a buffer is made once.
pub(crate) trait Frames {
    const NAME: &'static str;
    fn seal(&mut self, plaintext: &[u8], frame: &mut Vec<u8>) -> usize;
    fn open(&mut self, frame: &[u8], plaintext: &mut Vec<u8>) -> Option<usize>;
}

/// Makes a buffer long enough, the first time.
pub(crate) fn reserve(buf: &mut Vec<u8>, len: usize) {
    if buf.len() < len {
        buf.resize(len, 0);
    }
}

/// Seals and opens where the payload stands.
pub(crate) trait FramesInPlace {
    const NAME: &'static str;
    fn seal(&mut self, buf: &mut [u8], payload: Range<usize>) -> Range<usize>;
    fn open(&mut self, frame: &mut [u8]) -> Option<Range<usize>>;
}

/// A sender with its receiver.
struct Pair {
    sender: Sender,
    receiver: Receiver,
}

impl Pair {
    fn new(suite: CipherSuite) -> Self {
        let key = BaseKey::new(&BASE_KEY).expect("16 bytes");
        let receiver = Receiver::with_replay_window(suite, WINDOW);
        receiver.add(KID, &key).expect("a new KID");
        let sender = Sender::new(suite, KID, &key).expect("a sender");
        Self { sender, receiver }
    }
}

impl Frames for Pair {
    const NAME: &'static str = "roomseal sframe";

    fn seal(&mut self, plaintext: &[u8], frame: &mut Vec<u8>) -> usize {
        reserve(frame, plaintext.len() + roomseal::MAX_OVERHEAD);
        let sealed = self.sender.seal(plaintext, b"", frame);
        sealed.expect("there is room")
    }

    fn open(&mut self, frame: &[u8], plaintext: &mut Vec<u8>) -> Option<usize> {
        reserve(plaintext, frame.len());
        self.receiver.open(frame, b"", plaintext).ok()
    }
}

impl FramesInPlace for Pair {
    const NAME: &'static str = "roomseal sframe in place";

    fn seal(&mut self, buf: &mut [u8], payload: Range<usize>) -> Range<usize> {
        self.sender
            .seal_in_place(b"", buf, payload)
            .expect("there is room")
    }

    fn open(&mut self, frame: &mut [u8]) -> Option<Range<usize>> {
        self.receiver.open_in_place(b"", frame).ok()
    }
}

/// Two members of a room, one that sends and one that receives.
struct Members {
    sealer: Sealer,
    opener: Opener,
    /// Dropping a room closes it.
    _rooms: [Room; 2],
}

impl Members {
    fn new() -> Self {
        let room = || {
            let id = RoomId::text("benches").expect("short");
            let room = Room::new(RoomConfig::new(AppId::number(1), id)).expect("a room");
            let key = RoomKey::from_bytes(&BASE_KEY).expect("16 bytes");
            room.install(1, &key, &RoomSalt::none()).expect("installed");
            room.activate(1).expect("installed");
            room
        };
        let rooms = [room(), room()];
        Self {
            sealer: rooms[0].sealer(Kind::Video).expect("a sealer"),
            opener: rooms[1].opener(),
            _rooms: rooms,
        }
    }
}

impl Frames for Members {
    const NAME: &'static str = "roomseal room";

    fn seal(&mut self, plaintext: &[u8], frame: &mut Vec<u8>) -> usize {
        reserve(frame, plaintext.len() + roomseal::MAX_OVERHEAD);
        let sealed = self.sealer.seal(plaintext, b"", frame);
        sealed.expect("there is room")
    }

    fn open(&mut self, frame: &[u8], plaintext: &mut Vec<u8>) -> Option<usize> {
        reserve(plaintext, frame.len());
        let opened = self.opener.open(Kind::Video, frame, b"", None, plaintext);
        opened.ok()
    }
}

impl FramesInPlace for Members {
    const NAME: &'static str = "roomseal room in place";

    fn seal(&mut self, buf: &mut [u8], payload: Range<usize>) -> Range<usize> {
        self.sealer
            .seal_in_place(b"", buf, payload)
            .expect("there is room")
    }

    fn open(&mut self, frame: &mut [u8]) -> Option<Range<usize>> {
        self.opener
            .open_in_place(Kind::Video, b"", None, frame)
            .ok()
    }
}

/// The `sframe` crate, with its replay check, as every receiver needs one.
struct Peer {
    seal_key: EncryptionKey,
    open_key: DecryptionKey,
    counter: MonotonicCounter,
    replay: ReplayAttackProtection,
}

impl Peer {
    fn new(suite: sframe::CipherSuite) -> Self {
        Self {
            seal_key: EncryptionKey::derive_from(suite, KID, BASE_KEY).expect("a key"),
            open_key: DecryptionKey::derive_from(suite, KID, BASE_KEY).expect("a key"),
            counter: MonotonicCounter::default(),
            replay: ReplayAttackProtection::new(KID, Tolerance::new(WINDOW)),
        }
    }
}

impl Frames for Peer {
    const NAME: &'static str = "sframe crate";

    fn seal(&mut self, plaintext: &[u8], frame: &mut Vec<u8>) -> usize {
        MediaFrameView::try_new(&mut self.counter, plaintext)
            .and_then(|media| media.encrypt_into(&self.seal_key, frame).map(drop))
            .expect("the counter is far from its end");
        frame.len()
    }

    fn open(&mut self, frame: &[u8], plaintext: &mut Vec<u8>) -> Option<usize> {
        EncryptedFrameView::try_new(frame)
            .and_then(|view| {
                view.validated_decrypt_into(&self.open_key, plaintext, &mut self.replay)
                    .map(drop)
            })
            .ok()?;
        Some(plaintext.len())
    }
}

/// A batch of frames from buffer to buffer.
pub(crate) struct Apart<F> {
    frames: F,
    size: usize,
    /// Each from [`OFFSET`] on.
    inputs: Vec<Vec<u8>>,
    sealed: Vec<Vec<u8>>,
    sealed_lens: Vec<usize>,
    /// Each from [`OFFSET`] on.
    received: Vec<Vec<u8>>,
    opened: Vec<Vec<u8>>,
}

pub(crate) fn at_offset(bytes: &[u8]) -> Vec<u8> {
    [&[0; OFFSET], bytes].concat()
}

impl<F: Frames> Apart<F> {
    pub(crate) fn new(frames: F, size: usize) -> Self {
        let inputs: Vec<_> = plaintexts(size).iter().map(|p| at_offset(p)).collect();
        let empty = || vec![Vec::new(); inputs.len()];
        Self {
            frames,
            size,
            sealed: empty(),
            sealed_lens: vec![0; inputs.len()],
            received: empty(),
            opened: empty(),
            inputs,
        }
    }
}

impl<F: Frames> Contender for Apart<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn seal(&mut self, pace: Pace) {
        let frames = self.sealed.iter_mut().zip(&mut self.sealed_lens);
        for (input, (sealed, len)) in self.inputs.iter().zip(frames) {
            pace.step();
            *len = self.frames.seal(&input[OFFSET..], sealed);
        }
    }

    fn receive(&mut self) {
        let frames = self.sealed.iter().zip(&self.sealed_lens);
        for ((sealed, len), received) in frames.zip(&mut self.received) {
            received.resize(OFFSET + len, 0);
            received[OFFSET..].copy_from_slice(&sealed[..*len]);
        }
    }

    fn open(&mut self, pace: Pace) {
        for (received, opened) in self.received.iter().zip(&mut self.opened) {
            pace.step();
            let len = self.frames.open(&received[OFFSET..], opened);
            assert_eq!(len, Some(self.size), "{} refuses its own frame", F::NAME);
        }
    }

    fn sealed(&self) -> Vec<Vec<u8>> {
        let frames = self.sealed.iter().zip(&self.sealed_lens);
        frames
            .map(|(sealed, len)| sealed[..*len].to_vec())
            .collect()
    }

    fn opened(&self) -> Vec<Vec<u8>> {
        let opened = self.opened.iter();
        opened.map(|opened| opened[..self.size].to_vec()).collect()
    }

    fn refuses_forgery(&mut self) -> bool {
        self.seal(Pace::BackToBack);
        let mut frame = self.sealed()[0].clone();
        *frame.last_mut().expect("a tag") ^= 1;
        self.frames.open(&frame, &mut self.opened[0]).is_none()
    }
}

/// A batch of frames in place.
struct Within<F> {
    frames: F,
    payload: Range<usize>,
    buffers: Vec<Vec<u8>>,
    places: Vec<Range<usize>>,
}

impl<F: FramesInPlace> Within<F> {
    fn new(frames: F, size: usize) -> Self {
        let buffers: Vec<_> = plaintexts(size)
            .iter()
            .map(|plaintext| [&[0; MAX_HEADER_LEN], &plaintext[..], &[0; MAX_TAG_LEN]].concat())
            .collect();
        Self {
            frames,
            payload: MAX_HEADER_LEN..MAX_HEADER_LEN + size,
            places: vec![0..0; buffers.len()],
            buffers,
        }
    }
}

impl<F: FramesInPlace> Contender for Within<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn seal(&mut self, pace: Pace) {
        for (buffer, place) in self.buffers.iter_mut().zip(&mut self.places) {
            pace.step();
            *place = self.frames.seal(buffer, self.payload.clone());
        }
    }

    fn open(&mut self, pace: Pace) {
        for (buffer, place) in self.buffers.iter_mut().zip(&self.places) {
            pace.step();
            let opened = self.frames.open(&mut buffer[place.clone()]);
            let opened = opened.expect("it refuses its own frame");
            assert_eq!(opened.start + place.start, self.payload.start);
            assert_eq!(opened.len(), self.payload.len());
        }
    }

    fn sealed(&self) -> Vec<Vec<u8>> {
        let frames = self.buffers.iter().zip(&self.places);
        frames
            .map(|(buffer, place)| buffer[place.clone()].to_vec())
            .collect()
    }

    fn opened(&self) -> Vec<Vec<u8>> {
        let buffers = self.buffers.iter();
        buffers.map(|b| b[self.payload.clone()].to_vec()).collect()
    }

    fn refuses_forgery(&mut self) -> bool {
        self.seal(Pace::BackToBack);
        let mut frame = self.buffers[0][self.places[0].clone()].to_vec();
        *frame.last_mut().expect("a tag") ^= 1;
        let refused = self.frames.open(&mut frame).is_none();
        self.open(Pace::BackToBack);
        refused
    }
}

/// The bare kernel from buffer to buffer, behind the bytes that a room frame's
/// header takes: what no layer above it can undercut.
struct Bare {
    key: aead::Key,
    counter: u64,
}

impl Bare {
    /// Bytes of a room frame's header.
    const HEADER: usize = 12;
    const TAG: usize = 16;

    fn new() -> Self {
        let key = aead::Key::new(aead::Algorithm::Gcm, &BASE_KEY).expect("16 bytes");
        Self { key, counter: 0 }
    }
}

/// From the counter in a header.
fn nonce(header: &[u8]) -> [u8; 12] {
    header.try_into().expect("12 bytes")
}

impl Frames for Bare {
    const NAME: &'static str = "roomseal kernel alone";

    fn seal(&mut self, plaintext: &[u8], frame: &mut Vec<u8>) -> usize {
        let len = Self::HEADER + plaintext.len() + Self::TAG;
        reserve(frame, len);
        self.counter += 1;
        let (header, rest) = frame.split_at_mut(Self::HEADER);
        header[..8].copy_from_slice(&self.counter.to_be_bytes());
        let (text, tag) = rest.split_at_mut(plaintext.len());
        let payload = InOutBuf::new(plaintext, text).expect("equal lengths");
        let made = self.key.seal(&nonce(header), &[header], payload);
        tag[..Self::TAG].copy_from_slice(made.expect("short").as_bytes());
        len
    }

    fn open(&mut self, frame: &[u8], plaintext: &mut Vec<u8>) -> Option<usize> {
        reserve(plaintext, frame.len());
        let (header, rest) = frame.split_at(Self::HEADER);
        let (text, tag) = rest.split_at(rest.len() - Self::TAG);
        let payload = InOutBuf::new(text, &mut plaintext[..text.len()]).expect("equal lengths");
        let opened = self.key.open(&nonce(header), &[header], payload, tag);
        opened.ok().map(|()| text.len())
    }
}

/// Plain SFrame with AES-GCM beside the `sframe` crate and ring's cipher alone.
#[must_use]
pub fn sframe_gcm(size: usize) -> Contenders {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let peer = sframe::CipherSuite::AesGcm128Sha256;
    check(
        vec![
            ring_alone(size),
            Box::new(Apart::new(Peer::new(peer), size)),
            Box::new(Apart::new(Pair::new(suite), size)),
            Box::new(Within::new(Pair::new(suite), size)),
        ],
        size,
    )
}

/// Plain SFrame with AES-CTR and HMAC, suite 2, beside the `sframe` crate.
#[must_use]
pub fn sframe_ctr_hmac(size: usize) -> Contenders {
    let suite = CipherSuite::Aes128CtrHmacSha256_64;
    let peer = sframe::CipherSuite::AesCtr128HmacSha256_64;
    check(
        vec![
            Box::new(Apart::new(Peer::new(peer), size)),
            Box::new(Apart::new(Pair::new(suite), size)),
            Box::new(Within::new(Pair::new(suite), size)),
        ],
        size,
    )
}

/// Room frames with AES-GCM, from Rust and through the C interface, beside the
/// `sframe` crate and ring's cipher alone.
#[must_use]
pub fn room(size: usize) -> Contenders {
    let peer = sframe::CipherSuite::AesGcm128Sha256;
    check(
        vec![
            ring_alone(size),
            Box::new(Apart::new(Peer::new(peer), size)),
            Box::new(Apart::new(Members::new(), size)),
            Box::new(Within::new(Members::new(), size)),
            Box::new(Apart::new(Handles::new(), size)),
            Box::new(Within::new(Handles::new(), size)),
        ],
        size,
    )
}

/// Room frames from buffer to buffer beside the bare kernel from buffer to buffer.
#[must_use]
pub fn apart(size: usize) -> Contenders {
    check(
        vec![
            Box::new(Apart::new(Bare::new(), size)),
            Box::new(Apart::new(Members::new(), size)),
            Box::new(Apart::new(Handles::new(), size)),
        ],
        size,
    )
}
