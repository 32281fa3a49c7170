//! What the library takes from the heap: nothing for a frame once its stream is
//! known, nothing for forged frames, and everything comes back.
#![expect(unsafe_code, reason = "a counting allocator")]

#[path = "common/member.rs"]
mod member;

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use roomseal::sframe::{BaseKey, CipherSuite, Header, Receiver, Sender};
use roomseal::{
    Codec, Error, Form, HEADER_LEN, Kind, MAX_OVERHEAD, Opener, Room, RoomKey, RoomSalt, Sealer,
    limits, peek, text_len,
};
use std::alloc::System;
use std::time::Instant;

// ------------------------------------------------------------ counting

/// The system's allocator. It counts for each thread on its own, so tests don't
/// see each other, nor the test harness.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    /// Bytes allocated less bytes freed.
    static LIVE: Cell<i64> = const { Cell::new(0) };
}

fn count(allocations: u64, bytes: usize, freed: usize) {
    let signed = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    // Neither has a destructor, so both live as long as their thread.
    ALLOCATIONS.with(|n| n.set(n.get() + allocations));
    LIVE.with(|n| n.set(n.get() + signed(bytes) - signed(freed)));
}

// SAFETY: every call goes to the system's allocator as it came, and counting
// neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size(), 0);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size(), 0);
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(1, size, layout.size());
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(ptr, layout, size) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        count(0, 0, layout.size());
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The allocations that `f` makes on this thread.
fn allocations(f: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    f();
    ALLOCATIONS.get() - before
}

/// How many bytes more are in use after `f`.
fn growth(f: impl FnOnce()) -> i64 {
    let before = LIVE.get();
    f();
    LIVE.get() - before
}

#[test]
fn the_allocator_counts() {
    let mut kept = Vec::new();
    assert_eq!(allocations(|| drop(vec![0_u8; 100])), 1);
    assert_eq!(growth(|| drop(vec![0_u8; 100])), 0);
    assert_eq!(growth(|| kept = vec![1_u8; 100]), 100);
    assert_eq!(allocations(|| kept.reserve_exact(900)), 1);
    assert_eq!(growth(|| drop(kept)), -1_000);
    // What it is for: formatting takes memory.
    assert_ne!(allocations(|| drop(format!("{:?}", Error::Budget))), 0);
}

// ------------------------------------------------------------ frames

const METADATA: [&[u8]; 2] = [&[], b"sender 7, camera"];
const SOURCES: [Option<&[u8]>; 2] = [None, Some(b"a user id of many letters and 1,000 digits")];
const LENGTHS: [usize; 7] = [0, 1, 20, 160, 960, 1_200, 40_000];
const MAX_LEN: usize = 40_000;

fn suites() -> impl Iterator<Item = [CipherSuite; 3]> {
    CipherSuite::ALL.into_iter().map(|suite| [suite; 3])
}

/// Every way to seal with every length.
struct Sealing<'s> {
    sealer: &'s Sealer,
    metadata: &'s [u8],
    frame: Vec<u8>,
    out: Vec<u8>,
}

impl<'s> Sealing<'s> {
    fn new(sealer: &'s Sealer, metadata: &'s [u8]) -> Self {
        let sealed = sealer.sealed_len(MAX_LEN);
        Self {
            sealer,
            metadata,
            frame: vec![7; MAX_LEN],
            out: vec![0; text_len(sealed).expect("short")],
        }
    }

    fn all_forms(&mut self) {
        for len in LENGTHS {
            let frame = &self.frame[..len];
            let sealed = self.sealer.sealed_len(len);
            assert_eq!(
                self.sealer.seal(frame, self.metadata, &mut self.out),
                Ok(sealed)
            );
            let payload = HEADER_LEN..HEADER_LEN + len;
            let place = self
                .sealer
                .seal_in_place(self.metadata, &mut self.out, payload);
            assert_eq!(place, Ok(0..sealed));
            if self.sealer.kind() == Kind::Message {
                let text = self
                    .sealer
                    .seal_text_into(frame, self.metadata, &mut self.out);
                assert_eq!(text.ok(), text_len(sealed));
            }
        }
    }
}

#[test]
fn sealing_allocates_nothing_after_the_first_frame() {
    for suites in suites() {
        let room = member::join(member::config(suites), &[1, 2]);
        for kind in Kind::ALL {
            let sealer = room.sealer(kind).expect("a joined room");
            for metadata in METADATA {
                let mut sealing = Sealing::new(&sealer, metadata);
                sealing.all_forms();
                let count = allocations(|| (0..20).for_each(|_| sealing.all_forms()));
                assert_eq!(count, 0, "{kind} {:?}", suites[0]);
            }
        }
        // Installing or activating something costs the sealer nothing but its next frame.
        let sealer = room.sealer(Kind::Audio).expect("a joined room");
        let mut sealing = Sealing::new(&sealer, &[]);
        sealing.all_forms();
        room.install(3, &member::key(3), &RoomSalt::none())
            .expect("a new epoch");
        room.activate(1).expect("an installed epoch");
        assert_eq!(allocations(|| sealing.all_forms()), 0);
        room.activate(2).expect("an installed epoch");
        assert_ne!(allocations(|| sealing.all_forms()), 0);
        assert_eq!(allocations(|| sealing.all_forms()), 0);
    }
}

/// Frames of one stream, sealed beforehand, and a place for their plaintexts.
struct Opening {
    kind: Kind,
    metadata: &'static [u8],
    source: Option<&'static [u8]>,
    first: Vec<u8>,
    frames: Vec<Vec<u8>>,
    texts: Vec<String>,
    out: Vec<u8>,
}

impl Opening {
    fn new(
        sender: &Room,
        kind: Kind,
        metadata: &'static [u8],
        source: Option<&'static [u8]>,
    ) -> Self {
        let sealer = sender.sealer(kind).expect("a joined room");
        let seal = |len| {
            let mut frame = vec![0; sealer.sealed_len(len)];
            sealer
                .seal(&vec![7; len], metadata, &mut frame)
                .expect("an active epoch");
            frame
        };
        let seal_text = |len| {
            sealer
                .seal_text(&vec![7; len], metadata)
                .expect("an active epoch")
        };
        Self {
            kind,
            metadata,
            source,
            first: seal(5),
            frames: (0..8).flat_map(|_| LENGTHS).map(seal).collect(),
            texts: match kind {
                Kind::Message => LENGTHS.into_iter().map(seal_text).collect(),
                _ => Vec::new(),
            },
            out: vec![0; MAX_LEN + MAX_OVERHEAD],
        }
    }

    fn open_first(&mut self, opener: &Opener) {
        let opened = opener.open(
            self.kind,
            &self.first,
            self.metadata,
            self.source,
            &mut self.out,
        );
        assert_eq!(opened, Ok(5));
    }

    /// Opens every second frame in place. Returns how many frames there were.
    fn open_rest(&mut self, opener: &Opener) -> usize {
        for pair in self.frames.chunks_exact_mut(2) {
            let len = opener
                .open(
                    self.kind,
                    &pair[0],
                    self.metadata,
                    self.source,
                    &mut self.out,
                )
                .expect("a new frame");
            assert!(self.out[..len].iter().all(|b| *b == 7));
            let place = opener
                .open_in_place(self.kind, self.metadata, self.source, &mut pair[1])
                .expect("a new frame");
            assert!(pair[1][place].iter().all(|b| *b == 7));
        }
        for text in &self.texts {
            let len = opener
                .open_text_into(text.as_bytes(), self.metadata, self.source, &mut self.out)
                .expect("a new message");
            assert!(self.out[..len].iter().all(|b| *b == 7));
        }
        self.frames.len() + self.texts.len()
    }
}

#[test]
fn opening_allocates_nothing_after_the_first_frame() {
    for suites in suites() {
        let sender = member::join(member::config(suites), &[1]);
        let room = member::join(member::config(suites), &[1]);
        let opener = room.opener();
        for kind in Kind::ALL {
            for metadata in METADATA {
                for source in SOURCES {
                    let mut opening = Opening::new(&sender, kind, metadata, source);
                    assert_ne!(allocations(|| opening.open_first(&opener)), 0);
                    let mut frames = 0;
                    let count = allocations(|| frames = opening.open_rest(&opener));
                    assert_eq!(count, 0, "{kind} {:?} {source:?}", suites[0]);
                    assert!(frames >= 56);
                }
            }
        }
    }
}

/// Frames of a codec: short and long, of one unit and of more than are remembered,
/// with a carrier and with emulation bytes to be added to the clear ones.
fn codec_frames(codec: Codec) -> Vec<Vec<u8>> {
    let units: &[&[u8]] = match codec {
        Codec::H264 => &[&[0, 0, 0, 1, 0x41, 0x9A], &[0, 0, 1, 0x67, 0x42]],
        Codec::H265 => &[&[0, 0, 0, 1, 2, 1, 0xD0], &[0, 0, 1, 0x40, 1]],
        Codec::Av1 => &[&[0x32, 0xA8, 0x0F], &[0x0A, 0xA8, 0x0F]],
        _ => &[&[]],
    };
    let text = [7; 1_960];
    let unit = |front: &&[u8]| [front, &text[..]].concat();
    let mut frames: Vec<_> = units.iter().map(unit).collect();
    if codec.is_in_place() {
        frames.extend(LENGTHS.map(|len| vec![7; len]));
    } else {
        for count in [2, 4, 6, 20] {
            frames.push(units.iter().cycle().take(count).flat_map(unit).collect());
            frames.push(unit(&units[0]).repeat(count));
        }
        frames.push(Vec::new());
    }
    frames
}

#[test]
fn frames_of_a_codec_allocate_nothing() {
    for suites in suites() {
        let config = || member::config(suites).form(Kind::Video, Form::Codec);
        let (sender, receiver) = (member::join(config(), &[1]), member::join(config(), &[1]));
        let sealer = sender.sealer(Kind::Video).expect("a sealer");
        let opener = receiver.opener();
        let mut sealed = vec![0; 60_000];
        let mut opened = vec![0; 60_000];
        let first = sealer.seal_codec(Codec::Opaque, &[], &[], &mut sealed);
        let first = opener.open(
            Kind::Video,
            &sealed[..first.unwrap()],
            &[],
            None,
            &mut opened,
        );
        assert_eq!(first, Ok(0));
        for codec in Codec::ALL {
            let mut frames = codec_frames(codec);
            assert!(frames.len() >= 8);
            for frame in &mut frames {
                for metadata in METADATA {
                    let mut len = 0;
                    let count = allocations(|| {
                        let sealed_len = sealer
                            .seal_codec(codec, frame, metadata, &mut sealed)
                            .expect("a frame of its codec");
                        len = opener
                            .open(
                                Kind::Video,
                                &sealed[..sealed_len],
                                metadata,
                                None,
                                &mut opened,
                            )
                            .expect("a new frame");
                    });
                    assert_eq!(count, 0, "{codec}: {} bytes", frame.len());
                    assert_eq!(opened[..len], frame[..]);
                    if !codec.is_in_place() {
                        continue;
                    }
                    sealed[..frame.len()].copy_from_slice(frame);
                    let mut place = 0..0;
                    let count = allocations(|| {
                        let payload = 0..frame.len();
                        let all = sealer
                            .seal_codec_in_place(codec, metadata, &mut sealed, payload)
                            .expect("a frame of its codec");
                        place = opener
                            .open_in_place(Kind::Video, metadata, None, &mut sealed[all])
                            .expect("a new frame");
                    });
                    assert_eq!(count, 0, "{codec} in place: {} bytes", frame.len());
                    assert_eq!(sealed[place], frame[..]);
                }
            }
            // What is refused takes nothing either.
            let len = sealer.seal_codec(codec, &frames[0], &[], &mut sealed);
            let forged = &mut sealed[..len.expect("a frame of its codec")];
            forged[frames[0].len() / 2] ^= 0x40;
            let count = allocations(|| {
                let refused = opener.open(Kind::Video, forged, &[], None, &mut opened);
                assert_eq!(refused, Err(Error::NotAuthentic), "{codec}");
            });
            assert_eq!(count, 0, "{codec}, forged");
        }
    }
}

#[test]
fn plain_senders_and_receivers_allocate_nothing_for_a_frame() {
    let key = BaseKey::new(&[7; 32]).expect("32 bytes");
    for suite in CipherSuite::ALL {
        let sender = Sender::new(suite, 300, &key).expect("a sender");
        let receiver = Receiver::new(suite);
        receiver.add(300, &key).expect("a new KID");
        let (mut frame, mut out) = (vec![0; MAX_LEN + 40], vec![0; MAX_LEN]);
        let mut all_forms = |metadata: &[u8]| {
            for len in LENGTHS {
                let sealed = sender.seal(&out[..len], metadata, &mut frame);
                let sealed = sealed.expect("a fresh key");
                let opened = receiver.open(&frame[..sealed], metadata, &mut out);
                assert_eq!(opened, Ok(len));
                let place = sender.seal_in_place(metadata, &mut frame, 17..17 + len);
                let place = place.expect("a fresh key");
                let opened = receiver.open_in_place(metadata, &mut frame[place]);
                assert_eq!(opened.map(|p| p.len()), Ok(len));
            }
        };
        for metadata in METADATA {
            assert_eq!(allocations(|| all_forms(metadata)), 0, "{suite}");
        }
    }
}

#[test]
fn bytes_buffers_cost_what_sharing_them_costs() {
    let sender = member::join(member::config([CipherSuite::Aes128GcmSha256_128; 3]), &[1]);
    let room = member::join(member::config([CipherSuite::Aes128GcmSha256_128; 3]), &[1]);
    let sealer = sender.sealer(Kind::Video).expect("a joined room");
    let opener = room.opener();
    let round = |count_seal: &mut u64, count_open: &mut u64| {
        let mut buffer = sealer.frame_buffer(1_200);
        buffer.extend_from_slice(&[7; 1_200]);
        let mut sealed = None;
        *count_seal = allocations(|| sealed = sealer.seal_bytes(&[], &mut buffer).ok());
        drop(buffer);
        let mut received = sealed
            .expect("an active epoch")
            .try_into_mut()
            .expect("nobody else holds it");
        let mut opened = None;
        *count_open = allocations(|| {
            opened = opener
                .open_bytes(Kind::Video, &[], None, &mut received)
                .ok();
        });
        assert_eq!(opened.as_deref(), Some(&[7; 1_200][..]));
    };
    let (mut seal, mut open) = (0, 0);
    (0..10).for_each(|_| round(&mut seal, &mut open));
    // One: the reference count of the buffer, which is split from its spare
    // capacity. The received one has its count already.
    assert_eq!((seal, open), (1, 0));
}

// ------------------------------------------------------------ forged frames

const FORGED_LEN: usize = 120;

/// Rubbish behind a header. Takes nothing from the heap.
fn forge(kid: u64, ctr: u64, rng: &mut StdRng) -> [u8; FORGED_LEN] {
    let mut frame = [0; FORGED_LEN];
    rng.fill(frame.as_mut_slice());
    Header::new(kid, ctr)
        .encode(&mut frame)
        .expect("there is room");
    frame
}

/// A KID that no sealer ever drew, of an epoch with these low bits.
fn random_kid(rng: &mut StdRng, epoch: u64) -> u64 {
    1 << 63 | rng.random::<u64>() & !0xF | epoch
}

/// Opens a frame out of place and in place, and returns the refusal. When the
/// budget ends between the two calls, that is it.
fn refused(opener: &Opener, kind: Kind, frame: &[u8; FORGED_LEN], source: Option<&[u8]>) -> Error {
    let mut out = [0; FORGED_LEN];
    let mut in_place = *frame;
    let apart = opener.open(kind, frame, &[], source, &mut out).map(drop);
    let in_place = opener.open_in_place(kind, &[], source, &mut in_place);
    match (apart, in_place.map(drop)) {
        (Err(apart), Err(in_place)) if apart == in_place => apart,
        (Err(Error::Budget), Err(Error::NotAuthentic))
        | (Err(Error::NotAuthentic), Err(Error::Budget)) => Error::Budget,
        different => panic!("{different:?}"),
    }
}

/// A room with epochs 1 and 2, and a stream in epoch 1 that it knows.
struct Attacked {
    room: Room,
    opener: Opener,
    /// The room of the stream's sender; it lives as long as its sealer seals.
    sender: Room,
    sealer: Sealer,
    kid: u64,
    ctr: u64,
    first: [u8; FORGED_LEN],
    rng: StdRng,
}

impl Attacked {
    fn new(suites: [CipherSuite; 3], kind: Kind) -> Self {
        let room = member::join(member::config(suites).max_frame_len(1_000), &[1, 2]);
        let sender = member::join(member::config(suites), &[1, 2]);
        let sealer = sender.sealer(kind).expect("a joined room");
        let mut first = [0; FORGED_LEN];
        let payload = HEADER_LEN..FORGED_LEN - sealer.tag_len();
        sealer
            .seal_in_place(&[], &mut first, payload)
            .expect("an active epoch");
        let opener = room.opener();
        let mut out = [0; FORGED_LEN];
        opener
            .open(kind, &first, &[], Some(b"alice"), &mut out)
            .expect("a new frame");
        let names = peek(&first).expect("a frame of a room");
        Self {
            room,
            opener,
            sender,
            sealer,
            kid: names.kid,
            ctr: names.ctr,
            first,
            rng: StdRng::seed_from_u64(3),
        }
    }

    /// Feeds `times` frames; all must be refused with one of `errors`, and
    /// together allocate nothing.
    fn feed(
        &mut self,
        kind: Kind,
        times: usize,
        errors: &[Error],
        mut make: impl FnMut(&mut StdRng) -> [u8; FORGED_LEN],
    ) {
        let count = allocations(|| {
            for _ in 0..times {
                let frame = make(&mut self.rng);
                let error = refused(&self.opener, kind, &frame, None);
                assert!(errors.contains(&error), "{error:?} instead of {errors:?}");
            }
        });
        assert_eq!(count, 0, "{kind} {errors:?}");
    }
}

#[test]
fn forged_frames_allocate_nothing() {
    for (kind, suite) in Kind::ALL.into_iter().zip([
        CipherSuite::Aes128CtrHmacSha256_64,
        CipherSuite::Aes128GcmSha256_128,
        CipherSuite::Aes128CtrHmacSha256_80,
    ]) {
        let started = Instant::now();
        let mut room = Attacked::new([suite; 3], kind);
        let (kid, ctr, first) = (room.kid, room.ctr, room.first);

        // On a known KID.
        room.feed(kind, 1_000, &[Error::NotAuthentic], |rng| {
            forge(kid, ctr + rng.random_range(1..100_000), rng)
        });
        room.feed(kind, 100, &[Error::Replay], |_| first);
        room.feed(kind, 100, &[Error::TooOld], |rng| {
            forge(kid, rng.random_range(0..1 << 15), rng)
        });

        // On a known stream in another epoch: its key is kept, made once.
        let spare = allocations(|| {
            let frame = forge(kid & !0xF | 2, ctr, &mut room.rng);
            let error = refused(&room.opener, kind, &frame, None);
            assert_eq!(error, Error::NotAuthentic);
        });
        assert!(spare <= 6, "{spare} allocations for a spare slot");
        room.feed(kind, 1_000, &[Error::NotAuthentic], |rng| {
            forge(kid & !0xF | 2, rng.random_range(0..100_000), rng)
        });

        // On unknown KIDs, within the budget and, later, beyond it.
        let frame = forge(kid ^ 1 << 40, ctr, &mut room.rng);
        assert_eq!(
            refused(&room.opener, kind, &frame, None),
            Error::NotAuthentic
        );
        room.feed(kind, 1_000, &[Error::NotAuthentic], |rng| {
            forge(random_kid(rng, 1), rng.random(), rng)
        });
        let beyond = 2 * usize::try_from(limits::TOKEN_BURST).expect("it is small");
        let both = [Error::NotAuthentic, Error::Budget];
        room.feed(kind, beyond, &both, |rng| {
            forge(random_kid(rng, 2), rng.random(), rng)
        });
        // Tokens come back all the while, which tells where an emulator runs this.
        let earned = started.elapsed().as_millis() * u128::from(limits::TOKENS_PER_SECOND) / 1_000;
        let asked = 1 + 1_000 + u128::from(2 * limits::TOKEN_BURST);
        let refused_at_least = asked.saturating_sub(u128::from(limits::TOKEN_BURST) + earned + 1);
        assert!(u128::from(room.room.counters(kind).budget) >= refused_at_least);

        // What is refused before any key.
        room.feed(kind, 1_000, &[Error::UnknownKey], |rng| {
            forge(random_kid(rng, 3), rng.random(), rng)
        });
        room.feed(kind, 1_000, &[Error::NotSealed], |rng| {
            forge(rng.random::<u64>() >> 1, rng.random(), rng)
        });
        room.feed(kind, 100, &[Error::Malformed], |rng| {
            let mut frame = forge(kid, ctr, rng);
            frame[..2].copy_from_slice(&[0xFA, 0]);
            frame
        });
        let own = room.room.sealer(kind).expect("an open room");
        let mut frame = [0; FORGED_LEN];
        let payload = HEADER_LEN..FORGED_LEN - own.tag_len();
        own.seal_in_place(&[], &mut frame, payload)
            .expect("an active epoch");
        room.feed(kind, 100, &[Error::OwnFrame], |_| frame);
        let count = allocations(|| {
            let other = refused(&room.opener, kind, &frame, Some(b"alice"));
            assert_eq!(other, Error::OwnFrame);
            let mut next = first;
            Header::new(kid, ctr + 1)
                .encode(&mut next)
                .expect("there is room");
            let other = refused(&room.opener, kind, &next, Some(b"bob"));
            assert_eq!(other, Error::SourceChanged);
            let long = [0xFA; 2_000];
            let other = room.opener.open(kind, &long, &[], None, &mut []);
            assert_eq!(other, Err(Error::TooLarge));
        });
        assert_eq!(count, 0);

        // The stream is none the worse.
        assert_eq!(room.sender.active_epoch(), Some(1));
        let mut next = [0; FORGED_LEN];
        let payload = HEADER_LEN..FORGED_LEN - room.sealer.tag_len();
        room.sealer
            .seal_in_place(&[], &mut next, payload)
            .expect("an active epoch");
        let mut out = [0; FORGED_LEN];
        let opened = room.opener.open(kind, &next, &[], Some(b"alice"), &mut out);
        assert!(opened.is_ok());
    }
}

#[test]
fn a_flood_of_forged_frames_leaves_the_heap_as_it_was() {
    let mut room = Attacked::new([CipherSuite::Aes128GcmSha256_128; 3], Kind::Audio);
    let frame = forge(room.kid ^ 1 << 40, room.ctr, &mut room.rng);
    assert_eq!(
        refused(&room.opener, Kind::Audio, &frame, None),
        Error::NotAuthentic
    );
    let grown = growth(|| {
        for _ in 0..100_000 {
            let (kid, ctr) = (random_kid(&mut room.rng, 1), room.rng.random());
            let frame = forge(kid, ctr, &mut room.rng);
            refused(&room.opener, Kind::Audio, &frame, None);
        }
    });
    assert_eq!(grown, 0);
    assert_eq!(room.room.streams(Kind::Audio).len(), 1);
}

// ------------------------------------------------------------ long lives

/// Heap that may differ after everything was dropped. Nothing is known to.
const SLACK: i64 = 0;
const JOINS: u64 = 1_000;
const FRAMES_PER_JOIN: usize = 200;

#[test]
fn a_thousand_rooms_leave_nothing() {
    let suites = [CipherSuite::Aes128GcmSha256_128; 3];
    let peer = member::join(member::config(suites), &[]);
    let live = |number: u64| {
        let room = member::join(member::config(suites), &[1]);
        let sealers = Kind::ALL.map(|kind| room.sealer(kind).expect("a joined room"));
        let mut frame = [0; 100];
        for sealer in &sealers {
            sealer
                .seal(b"a frame", &[], &mut frame)
                .expect("an active epoch");
        }
        assert!(
            peer.opener()
                .open(Kind::Audio, &frame, &[], None, &mut [])
                .is_err()
        );
        let next = room.ratchet(1).expect("an installed epoch");
        room.activate(next).expect("an installed epoch");
        room.retire(1).expect("an installed epoch");
        // Every second one by its drop alone.
        if number.is_multiple_of(2) {
            room.close();
        }
    };
    live(0);
    let grown = growth(|| (0..JOINS).for_each(live));
    assert!(grown.abs() <= SLACK, "{grown} bytes");
}

/// A room that lives long: at each step a member joins, sends, leaves, this one
/// opens a new stream of its own, and the key is rotated.
fn step(room: &Room, key: &mut RoomKey, epoch: u64, source: &[u8]) {
    let suites = [CipherSuite::Aes128CtrHmacSha256_64; 3];
    let member = member::join(member::config(suites), &[]);
    member
        .install(epoch, key, &RoomSalt::none())
        .expect("a new epoch");
    member.activate(epoch).expect("an installed epoch");
    let kind = Kind::ALL[usize::try_from(epoch % 3).expect("below 3")];
    let own = room.sealer(kind).expect("an open room");
    let sealer = member.sealer(kind).expect("a joined room");
    let (mut frame, mut out) = ([0; 200], [0; 200]);
    own.seal(&[7; 80], &[], &mut frame)
        .expect("an active epoch");
    for _ in 0..FRAMES_PER_JOIN {
        let len = sealer.seal(&[7; 80], &[], &mut frame);
        let sealed = &frame[..len.expect("an active epoch")];
        let opened = room
            .opener()
            .open(kind, sealed, &[], Some(source), &mut out);
        assert_eq!(opened, Ok(80));
    }
    let next = room.ratchet(epoch).expect("an installed epoch");
    room.activate(next).expect("an installed epoch");
    if let Some(old) = epoch.checked_sub(3).filter(|old| *old > 0) {
        room.retire(old).expect("an installed epoch");
    }
    *key = key.ratchet(epoch).expect("not the last epoch");
}

#[test]
fn a_long_lived_room_stops_growing_and_leaves_nothing() {
    let suites = [CipherSuite::Aes128CtrHmacSha256_64; 3];
    let config = || {
        Kind::ALL
            .into_iter()
            .fold(member::config(suites), |c, kind| c.max_streams(kind, 32))
    };
    // The random bits that its own sealers drew are remembered as long as the
    // room lives: 8 bytes and 1 for the table, at most 7/16 full.
    const OWN_BITS: i64 = JOINS.cast_signed() * 9 * 16 / 7;
    let mut measured = (0, 0);
    let total = growth(|| {
        let room = member::join(config(), &[1]);
        let mut key = member::key(1);
        let mut epochs = 1..=JOINS;
        let warm_up = growth(|| {
            for epoch in epochs.by_ref().take(200) {
                step(&room, &mut key, epoch, &epoch.to_be_bytes());
            }
        });
        let rest = growth(|| {
            for epoch in epochs {
                step(&room, &mut key, epoch, &epoch.to_be_bytes());
            }
        });
        measured = (warm_up, rest);
        assert!(rest <= OWN_BITS, "{rest} bytes more");
        let evicted = Kind::ALL.map(|kind| room.counters(kind).streams_evicted);
        assert!(evicted.iter().all(|n| *n > 250), "{evicted:?}");
        let opened: u64 = Kind::ALL
            .map(|kind| room.counters(kind).opened)
            .iter()
            .sum();
        assert_eq!(opened, 200_000);
    });
    // Printing may take memory of its own.
    let (warm_up, rest) = measured;
    println!("{warm_up} bytes after 200 members, {rest} more after {JOINS}");
    assert!(total.abs() <= SLACK, "{total} bytes");
}
