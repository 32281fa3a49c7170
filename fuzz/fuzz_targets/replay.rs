//! Replay windows, eviction and tombstones against a model that is a plain set
//! of counters, with frames sealed at any counter of any stream.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use roomseal::sframe::{BaseKey, CipherSuite, Receiver, Sender};
use roomseal::{Error, Kind, Opener, Room};
use roomseal_fuzz::{AnyKind, config, install, join, oracle};
use std::collections::{BTreeMap, BTreeSet};

const SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;
const STREAMS: u64 = 4;
const MAX_FRAMES: u32 = 300;
const EPOCHS: [u64; 2] = [0x10, 0x11];
const PLAIN_KEY: [u8; 16] = [1; 16];

#[derive(Arbitrary, Debug)]
struct Input {
    plain: bool,
    window: Window,
    max_streams: u8,
    steps: Vec<Step>,
}

/// Mostly small ones, where edges are near.
#[derive(Arbitrary, Debug)]
enum Window {
    Words(u8),
    Any(u16),
}

impl Window {
    /// What the application asks for: whole words, or any number in range.
    fn frames(&self) -> usize {
        match *self {
            Self::Words(n) => 64 * (usize::from(n % 4) + 1),
            Self::Any(n) => usize::from(n).clamp(64, 32_768),
        }
    }
}

#[derive(Arbitrary, Debug)]
enum Step {
    Frame {
        stream: u8,
        ctr: Ctr,
    },
    /// Frames each so much above the one before, as many as a lap or two.
    Run {
        stream: u8,
        stride: i8,
        count: u8,
    },
    /// One frame, with all there is to choose.
    Other {
        kind: AnyKind,
        stream: u8,
        /// Which of the two places for epochs.
        place: bool,
        ctr: Ctr,
        forged: bool,
    },
    /// The next epoch takes a place, after the one there is retired or not.
    Rotate {
        place: bool,
        retire: bool,
    },
}

#[derive(Arbitrary, Debug)]
enum Ctr {
    At(u64),
    FromLast(u64),
    /// From the highest counter of the stream.
    Near(i8),
    /// From the lower end of the window.
    Edge(i8),
    /// From where the window would have nothing left.
    Jump(i8),
    Far(i32),
}

impl Ctr {
    fn resolve(&self, highest: u64, window: u64) -> u64 {
        match *self {
            Self::At(ctr) => ctr,
            Self::FromLast(n) => u64::MAX - n % 4,
            Self::Near(n) => highest.saturating_add_signed(n.into()),
            Self::Edge(n) => highest
                .saturating_sub(window)
                .saturating_add_signed(n.into()),
            Self::Jump(n) => highest
                .saturating_add(window)
                .saturating_add_signed(n.into()),
            Self::Far(n) => highest.saturating_add_signed(n.into()),
        }
    }
}

// --- the model --------------------------------------------------------------

/// What is known of one KID.
#[derive(Default)]
struct Slot {
    opened: BTreeSet<u64>,
    /// A tombstone's counter: nothing up to it opens.
    barred: Option<u64>,
}

impl Slot {
    fn highest(&self) -> Option<u64> {
        self.opened.last().copied().max(self.barred)
    }

    fn verdict(&self, ctr: u64, window: u64) -> Result<(), Error> {
        let Some(highest) = self.highest() else {
            return Ok(());
        };
        let barred = self.barred.is_some_and(|barred| ctr <= barred);
        if barred || ctr <= highest && highest - ctr >= window {
            Err(Error::TooOld)
        } else if self.opened.contains(&ctr) {
            Err(Error::Replay)
        } else {
            Ok(())
        }
    }
}

#[derive(Default)]
struct Stream {
    last: u64,
    slots: BTreeMap<u64, Slot>,
}

/// One kind of a room; of plain SFrame the only one, where nothing leaves.
struct Model {
    window: u64,
    max_streams: usize,
    tick: u64,
    streams: BTreeMap<u64, Stream>,
    tombstones: BTreeMap<u64, u64>,
    opened: u64,
    replay: u64,
    too_old: u64,
    not_authentic: u64,
    evicted: u64,
}

impl Model {
    fn new(window: u64, max_streams: usize) -> Self {
        Self {
            window,
            max_streams,
            tick: 0,
            streams: BTreeMap::new(),
            tombstones: BTreeMap::new(),
            opened: 0,
            replay: 0,
            too_old: 0,
            not_authentic: 0,
            evicted: 0,
        }
    }

    /// A counter to aim near to.
    fn highest(&self, stream: u64, kid: u64) -> u64 {
        let slot = self.streams.get(&stream).and_then(|s| s.slots.get(&kid));
        slot.and_then(Slot::highest)
            .or_else(|| self.tombstones.get(&kid).copied())
            .unwrap_or(1 << 16)
    }

    fn open(&mut self, stream: u64, kid: u64, ctr: u64, forged: bool) -> Result<(), Error> {
        let result = self.try_open(stream, kid, ctr, forged);
        *match result {
            Ok(()) => &mut self.opened,
            Err(Error::Replay) => &mut self.replay,
            Err(Error::TooOld) => &mut self.too_old,
            Err(_) => &mut self.not_authentic,
        } += 1;
        result
    }

    fn try_open(&mut self, stream: u64, kid: u64, ctr: u64, forged: bool) -> Result<(), Error> {
        let buried = Slot {
            barred: self.tombstones.get(&kid).copied(),
            ..Slot::default()
        };
        let known = self.streams.get(&stream).and_then(|s| s.slots.get(&kid));
        known.unwrap_or(&buried).verdict(ctr, self.window)?;
        if forged {
            return Err(Error::NotAuthentic);
        }
        if !self.streams.contains_key(&stream) && self.streams.len() >= self.max_streams {
            self.evict();
        }
        self.tombstones.remove(&kid);
        self.tick += 1;
        let entry = self.streams.entry(stream).or_default();
        entry.last = self.tick;
        entry.slots.entry(kid).or_insert(buried).opened.insert(ctr);
        Ok(())
    }

    fn evict(&mut self) {
        let (&oldest, _) = self
            .streams
            .iter()
            .min_by_key(|(_, s)| s.last)
            .expect("the table is full");
        let oldest = self.streams.remove(&oldest).expect("it is there");
        self.evicted += 1;
        for (kid, slot) in oldest.slots {
            if let Some(highest) = slot.highest() {
                self.tombstones.insert(kid, highest);
            }
        }
    }

    /// An epoch left: no key of it opens anything.
    fn forget(&mut self, epoch: u64) {
        for stream in self.streams.values_mut() {
            stream.slots.retain(|kid, _| kid % 16 != epoch % 16);
        }
        self.tombstones.retain(|kid, _| kid % 16 != epoch % 16);
    }
}

// --- the real ones ----------------------------------------------------------

enum Real {
    Plain(Receiver),
    Room(Room, Opener),
}

/// Senders by KID and base key: making one costs more than a frame.
#[derive(Default)]
struct Senders {
    base_keys: BTreeMap<(u8, u64, u64), Vec<u8>>,
    senders: BTreeMap<(Vec<u8>, u64), Sender>,
}

impl Senders {
    fn base_key(&mut self, kind: Kind, epoch: u64, kid: u64) -> Vec<u8> {
        self.base_keys
            .entry((kind.number(), epoch, kid))
            .or_insert_with(|| oracle::Room::new(SUITE, kind, epoch).base_key(kid))
            .clone()
    }

    /// A frame with a chosen counter. A sender only goes forward, so on the way
    /// back there is a new one.
    fn seal(&mut self, base_key: &[u8], kid: u64, ctr: u64, forged: bool) -> Vec<u8> {
        let place = (base_key.to_vec(), kid);
        let there = self.senders.remove(&place);
        let mut sender = there
            .filter(|s| s.next_ctr().is_some_and(|next| next <= ctr))
            .unwrap_or_else(|| {
                let key = BaseKey::new(base_key).expect("a fine key");
                Sender::new(SUITE, kid, &key).expect("a fine sender")
            });
        sender.skip_to(ctr).expect("forward");
        let mut frame = vec![0; sender.sealed_len(1).expect("one frame is left")];
        sender.seal(&[7], &[], &mut frame).expect("it fits");
        self.senders.insert(place, sender);
        if forged {
            *frame.last_mut().expect("a tag") ^= 1;
        }
        frame
    }
}

struct World {
    real: Real,
    models: [Model; 3],
    window: u64,
    senders: Senders,
    epochs: [u64; 2],
    frames: u32,
}

impl World {
    fn new(input: &Input) -> Self {
        let window = input.window.frames();
        let max_streams = usize::from(input.max_streams % 3) + 1;
        let real = if input.plain {
            let receiver = Receiver::with_replay_window(SUITE, window);
            for kid in 0..STREAMS {
                let key = BaseKey::new(&PLAIN_KEY).expect("a fine key");
                receiver.add(kid, &key).expect("a new KID");
            }
            Real::Plain(receiver)
        } else {
            let config = Kind::ALL
                .into_iter()
                .fold(config(SUITE).replay_window(window), |config, kind| {
                    config.max_streams(kind, max_streams)
                });
            let room = join(config, &EPOCHS);
            let opener = room.opener();
            Real::Room(room, opener)
        };
        // The bitmap has whole words.
        let window = u64::try_from(window.next_multiple_of(64)).expect("small");
        let max_streams = if input.plain { usize::MAX } else { max_streams };
        Self {
            real,
            models: [(); 3].map(|()| Model::new(window, max_streams)),
            window,
            senders: Senders::default(),
            epochs: EPOCHS,
            frames: 0,
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Frame { stream, ctr } => {
                self.frame(Kind::Video, *stream, false, ctr, false);
            }
            Step::Run {
                stream,
                stride,
                count,
            } => {
                for _ in 0..count % 80 {
                    self.frame(Kind::Video, *stream, false, &Ctr::Near(*stride), false);
                }
            }
            Step::Other {
                kind,
                stream,
                place,
                ctr,
                forged,
            } => self.frame((*kind).into(), *stream, *place, ctr, *forged),
            Step::Rotate { place, retire } => {
                if let Real::Room(room, _) = &self.real {
                    let place = usize::from(*place);
                    rotate(room, &mut self.epochs, place, *retire);
                    let epoch = self.epochs[place];
                    self.models.iter_mut().for_each(|model| model.forget(epoch));
                }
            }
        }
    }

    fn frame(&mut self, kind: Kind, stream: u8, place: bool, ctr: &Ctr, forged: bool) {
        if self.frames == MAX_FRAMES {
            return;
        }
        self.frames += 1;
        let stream = u64::from(stream) % STREAMS;
        let (model, base_key, kid) = match &self.real {
            Real::Plain(_) => (&mut self.models[0], PLAIN_KEY.to_vec(), stream),
            Real::Room(..) => {
                let epoch = self.epochs[usize::from(place)];
                let kid = oracle::room_kid(stream, epoch);
                let model = &mut self.models[usize::from(kind.number()) - 1];
                (model, self.senders.base_key(kind, epoch, kid), kid)
            }
        };
        let ctr = ctr.resolve(model.highest(stream, kid), self.window);
        let frame = self.senders.seal(&base_key, kid, ctr, forged);
        let mut out = [0];
        let got = match &self.real {
            Real::Plain(receiver) => receiver.open(&frame, &[], &mut out),
            Real::Room(_, opener) => opener.open(kind, &frame, &[], None, &mut out),
        };
        let want = model.open(stream, kid, ctr, forged);
        assert_eq!(got.map(drop), want, "KID {kid:x}, CTR {ctr:x}");
        assert_eq!(out[0], if got.is_ok() { 7 } else { 0 });
    }

    fn check_counters(&self) {
        let Real::Room(room, _) = &self.real else {
            return;
        };
        for (kind, model) in Kind::ALL.into_iter().zip(&self.models) {
            let counters = room.counters(kind);
            assert_eq!(counters.opened, model.opened);
            assert_eq!(counters.not_authentic, model.not_authentic);
            assert_eq!(counters.replay, model.replay);
            assert_eq!(counters.too_old, model.too_old);
            assert_eq!(counters.streams_evicted, model.evicted);
            assert_eq!(counters.memory_lost, 0);
        }
    }
}

fuzz_target!(|input: Input| {
    let mut world = World::new(&input);
    for step in &input.steps {
        world.step(step);
    }
    world.check_counters();
});

/// Puts an epoch above all others in a place.
fn rotate(room: &Room, epochs: &mut [u64; 2], place: usize, retire: bool) {
    if retire {
        room.retire(epochs[place]).expect("it is installed");
    }
    let highest = epochs.iter().max().expect("two");
    let next = (highest / 16 + 1) * 16 + u64::try_from(place).expect("0 or 1");
    install(room, next);
    epochs[place] = next;
}
