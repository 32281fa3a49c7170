//! Tests of the room layer that need its insides: a rigged generator, a clock
//! that the test sets, frames with counters of the test's choice, and the state
//! behind the calls.

mod clear;
mod epochs;
mod flood;
mod forged;
mod messages;
mod own;
mod races;
mod redraw;
mod replay;
mod sources;
mod spare;
mod suspects;
mod texts;
mod uniqueness;

use super::environment::Environment;
use super::kid::Kid;
use super::streams::snapshot::Snapshot;
use super::streams::{Lookup, Slot};
use super::*;
use crate::limits::FIRST_CTR_MIN;
use crate::sframe::CipherSuite;
use ::core::sync::atomic::{AtomicU64, Ordering};
use std::collections::HashSet;
use std::sync::Mutex;

/// A clock that stands still until the test moves it.
#[derive(Clone, Default)]
struct Clock(Arc<ClockState>);

#[derive(Default)]
struct ClockState {
    nanos: AtomicU64,
    hook: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Clock {
    fn advance(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).expect("a short time");
        self.0.nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    /// Runs `hook` when the room next looks at the clock: for a frame of an
    /// unknown KID that is between the checks before the AEAD and the AEAD, with
    /// no lock held. So a test decides what happens while a call is under way.
    fn at_next_look(&self, hook: impl FnOnce() + Send + 'static) {
        *self.0.hook.lock().unwrap() = Some(Box::new(hook));
    }

    fn look(&self) -> Duration {
        let hook = self.0.hook.lock().unwrap().take();
        if let Some(hook) = hook {
            hook();
        }
        Duration::from_nanos(self.0.nanos.load(Ordering::Relaxed))
    }
}

/// A generator of the test's: the numbers of a seed, each once in 2^64 draws.
#[derive(Clone, Copy)]
struct Numbers(u64);

impl Numbers {
    /// SplitMix64: a bijection of a counter, so all numbers differ.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        // The bias of 2^-40 or less disturbs no test.
        self.next() % end
    }

    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).expect("an index")
    }

    fn kind(&mut self) -> Kind {
        Kind::ALL[self.index(3)]
    }
}

/// Entropy of a seed and a clock of the test's.
fn environment(seed: u64, clock: &Clock) -> Environment {
    let numbers = Mutex::new(Numbers(seed));
    entropy(clock, move || Ok(numbers.lock().unwrap().next()))
}

/// Entropy that gives the numbers that `next` says, or fails.
fn entropy(clock: &Clock, next: impl Fn() -> Result<u64> + Send + Sync + 'static) -> Environment {
    let clock = clock.clone();
    Environment {
        entropy: Box::new(move |bytes| {
            for chunk in bytes.chunks_mut(8) {
                let number = next()?.to_be_bytes();
                chunk.copy_from_slice(&number[..chunk.len()]);
            }
            Ok(())
        }),
        clock: Box::new(move || clock.look()),
    }
}

fn config() -> RoomConfig {
    RoomConfig::new(AppId::number(1_400_000_001), RoomId::number(42))
}

/// The key of an epoch in all rooms of these tests.
fn epoch_key(epoch: u64) -> RoomKey {
    let mut bytes = [0x5A; ROOM_KEY_LEN];
    bytes[..8].copy_from_slice(&epoch.to_be_bytes());
    RoomKey::from_bytes(&bytes).unwrap()
}

fn install(room: &Room, epoch: u64) -> Result<()> {
    room.install(epoch, &epoch_key(epoch), &RoomSalt::none())
}

/// A member of the room with a seed and a clock of its own, in epoch 1.
fn member(config: RoomConfig, seed: u64, clock: &Clock) -> Room {
    let room = Room::with_environment(config, environment(seed, clock)).unwrap();
    install(&room, 1).unwrap();
    room.activate(1).unwrap();
    room
}

fn seal(sealer: &Sealer, payload: &[u8]) -> Result<Vec<u8>> {
    let mut out = vec![0; sealer.sealed_len(payload.len())];
    let len = sealer.seal(payload, &[], &mut out)?;
    assert_eq!(len, out.len(), "sealed_len is exact");
    Ok(out)
}

fn open(opener: &Opener, kind: Kind, frame: &[u8], source: Option<&[u8]>) -> Result<Vec<u8>> {
    let mut out = vec![0; frame.len()];
    let len = opener.open(kind, frame, &[], source, &mut out)?;
    out.truncate(len);
    Ok(out)
}

/// A KID of a stream that a test names by a number.
fn kid(stream: u64, epoch: u64) -> Kid {
    Kid::parse(1 << 63 | stream << 4 | epoch & 0xF).unwrap()
}

/// An authentic frame with any KID and counter, by the keys of `room`.
fn forge(room: &Room, kind: Kind, kid: Kid, ctr: u64, payload: &[u8]) -> Vec<u8> {
    let epoch = room.core.epoch_of(kid).unwrap();
    let key = epoch.frame_key(room.core.suite(kind), kind, kid).unwrap();
    let mut out = vec![0; key.sealed_len(ctr, payload.len()).unwrap()];
    key.seal(ctr, payload, &[], &mut out).unwrap();
    out
}

/// A video frame of a stream in an epoch.
fn video(room: &Room, stream: u64, epoch: u64, ctr: u64) -> Vec<u8> {
    forge(room, Kind::Video, kid(stream, epoch), ctr, b"frame")
}

fn open_video(room: &Room, frame: &[u8]) -> Result<()> {
    open_video_of(room, frame, None)
}

fn open_video_of(room: &Room, frame: &[u8], source: Option<&str>) -> Result<()> {
    let source = source.map(str::as_bytes);
    let opened = open(&room.opener(), Kind::Video, frame, source)?;
    assert_eq!(opened, b"frame");
    Ok(())
}

fn snapshot(room: &Room, kind: Kind) -> Snapshot {
    room.core.kind(kind).streams.snapshot()
}

fn slot(room: &Room, kind: Kind, kid: Kid) -> Option<Arc<Slot>> {
    match room.core.kind(kind).streams.find(kid) {
        Lookup::Known(slot) => Some(slot),
        _ => None,
    }
}

/// The streams in the table, the least recently authentic first.
fn streams(room: &Room, kind: Kind) -> Vec<u64> {
    snapshot(room, kind).streams.iter().map(|s| s.id).collect()
}

/// `frame` with its last bit flipped.
fn broken(frame: &[u8]) -> Vec<u8> {
    let mut broken = frame.to_vec();
    *broken.last_mut().unwrap() ^= 1;
    broken
}

/// A frame with the header of a room's and random bytes behind it.
fn random_frame(numbers: &mut Numbers, kid: Kid, len: usize) -> Vec<u8> {
    let mut frame = vec![0xFA];
    frame.extend_from_slice(&kid.bits().to_be_bytes());
    let ctr = FIRST_CTR_MIN + numbers.below((1 << 24) - FIRST_CTR_MIN);
    frame.extend_from_slice(&ctr.to_be_bytes()[5..]);
    while frame.len() < HEADER_LEN + len {
        frame.extend_from_slice(&numbers.next().to_be_bytes());
    }
    frame.truncate(HEADER_LEN + len);
    frame
}

/// A KID with random bits in the place of an installed epoch.
fn random_kid(numbers: &mut Numbers, epoch: u64) -> Kid {
    Kid::parse(1 << 63 | numbers.next() & !0xF | epoch & 0xF).unwrap()
}

/// Uses up the tokens for unknown KIDs at this moment of the clock.
fn drain_tokens(room: &Room, kind: Kind, numbers: &mut Numbers) -> u64 {
    let mut taken = 0;
    loop {
        let kid = random_kid(numbers, 1);
        let frame = random_frame(numbers, kid, 40);
        match open(&room.opener(), kind, &frame, None) {
            Err(Error::NotAuthentic) => taken += 1,
            Err(Error::Budget) => return taken,
            other => panic!("{other:?}"),
        }
    }
}

/// Finds (key, nonce) pairs that came twice, by what decides about both.
#[derive(Default)]
struct Pairs(HashSet<(u64, u8, u64, u64)>);

impl Pairs {
    /// Notes a sealed frame; returns whether its pair is new.
    fn note(&mut self, epoch: u64, kind: Kind, frame: &[u8]) -> bool {
        assert_eq!(frame[0], 0xFA, "a KID of 8 and a CTR of 3 bytes");
        let peek = peek(frame).unwrap();
        assert!(peek.ctr >= FIRST_CTR_MIN && peek.ctr < 1 << 24);
        assert_eq!(u64::from(peek.epoch_nibble), epoch & 0xF);
        self.0.insert((epoch, kind.number(), peek.kid, peek.ctr))
    }
}
