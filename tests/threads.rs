//! Many threads on one room: counters stay distinct, and no frame is lost while
//! keys are installed, activated and retired, streams come and go, and the room
//! closes.

#[path = "common/member.rs"]
mod member;

use core::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use core::time::Duration;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use roomseal::sframe::CipherSuite;
use roomseal::{Error, Kind, Opener, Room, RoomSalt, Sealer, peek};
use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

const SUITES: [CipherSuite; 3] = [
    CipherSuite::Aes128CtrHmacSha256_64,
    CipherSuite::Aes128GcmSha256_128,
    CipherSuite::Aes128CtrHmacSha256_80,
];

fn seal(sealer: &Sealer, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
    let mut frame = vec![0; sealer.sealed_len(plaintext.len())];
    sealer.seal(plaintext, &[], &mut frame)?;
    Ok(frame)
}

// ------------------------------------------------------------ sealing

const SEALING_THREADS: usize = 16;
const FRAMES_PER_THREAD: usize = 5_000;

/// Sets its flag at the end, also after a panic.
struct AtLast<'f>(&'f AtomicBool);

impl Drop for AtLast<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// Seals from many threads while another one does `meanwhile`, at least `times`.
/// Returns all frames in the order of KID and counter, none twice.
fn seal_from_many_threads(
    sealer: &Sealer,
    times: usize,
    mut meanwhile: impl FnMut() + Send,
) -> Vec<Vec<u8>> {
    let working = AtomicUsize::new(SEALING_THREADS);
    let enough = AtomicBool::new(times == 0);
    let next_number = AtomicUsize::new(0);
    let seal_frames = || {
        let mut frames = Vec::new();
        while frames.len() < FRAMES_PER_THREAD || !enough.load(SeqCst) {
            if frames.len() >= FRAMES_PER_THREAD {
                // The other thread needs the time.
                thread::sleep(Duration::from_millis(1));
            }
            let number = next_number.fetch_add(1, SeqCst);
            let plaintext = u64::try_from(number).expect("64 bits").to_be_bytes();
            match seal(sealer, &plaintext) {
                Ok(frame) => frames.push(frame),
                Err(error) => return Err(error),
            }
        }
        Ok(frames)
    };
    let mut frames = Vec::new();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..SEALING_THREADS)
            .map(|_| {
                scope.spawn(|| {
                    let result = seal_frames();
                    working.fetch_sub(1, SeqCst);
                    result
                })
            })
            .collect();
        scope.spawn(|| {
            let _enough = AtLast(&enough);
            for done in 1.. {
                meanwhile();
                enough.fetch_or(done >= times, SeqCst);
                if working.load(SeqCst) == 0 {
                    return;
                }
            }
        });
        for thread in threads {
            let result = thread.join().expect("no thread panics");
            frames.extend(result.expect("an epoch is active all the time"));
        }
    });
    frames.sort_by_key(|frame| names(frame));
    let distinct: HashSet<_> = frames.iter().map(|frame| names(frame)).collect();
    assert_eq!(distinct.len(), next_number.into_inner());
    frames
}

fn names(frame: &[u8]) -> (u64, u64) {
    let names = peek(frame).expect("a frame of a room");
    (names.kid, names.ctr)
}

/// Opens frames of [`seal_from_many_threads`]: each has a plaintext of its own.
fn open_all(room: &Room, kind: Kind, frames: &[Vec<u8>]) {
    let mut plaintexts = HashSet::new();
    let mut out = [0; 8];
    for frame in frames {
        let len = room.opener().open(kind, frame, &[], None, &mut out);
        assert_eq!(len, Ok(out.len()), "{:?}", peek(frame));
        assert!(plaintexts.insert(out), "a plaintext came twice");
    }
    assert_eq!(plaintexts.len(), frames.len());
}

#[test]
fn sixteen_threads_count_without_gaps() {
    let room = member::join(member::config(SUITES), &[1]);
    let peer = member::join(member::config(SUITES), &[1]);
    for kind in Kind::ALL {
        let sealer = room.sealer(kind).expect("a joined room");
        let frames = seal_from_many_threads(&sealer, 0, || thread::sleep(Duration::from_millis(1)));
        let [(first_kid, first_ctr), (last_kid, last_ctr)] =
            [0, frames.len() - 1].map(|i| names(&frames[i]));
        assert_eq!(first_kid, last_kid);
        assert_eq!(last_ctr - first_ctr, frames.len() as u64 - 1);
        open_all(&peer, kind, &frames);
    }
}

#[test]
fn sixteen_threads_count_through_changes_of_the_epoch() {
    let room = member::join(member::config(SUITES), &[1, 2, 3, 4]);
    let peer = member::join(member::config(SUITES), &Vec::from_iter(1..=16));
    let sealer = room.sealer(Kind::Video).expect("a joined room");
    let mut rng = StdRng::seed_from_u64(1);
    let mut changes = 0;
    let frames = seal_from_many_threads(&sealer, 100, || {
        // Forward and back; an epoch goes only when another one is active.
        let installed = room.epochs();
        let to = installed[rng.random_range(0..installed.len())];
        room.activate(to).expect("an installed epoch");
        changes += 1;
        if changes % 5 == 0 && installed[3] < 16 {
            let next = installed[3] + 1;
            room.install(next, &member::key(next), &RoomSalt::none())
                .expect("a new epoch");
            room.activate(next).expect("an installed epoch");
            room.retire(installed[0]).expect("an installed epoch");
        }
        thread::sleep(Duration::from_micros(rng.random_range(0..300)));
    });
    let kids: HashSet<_> = frames.iter().map(|frame| names(frame).0).collect();
    // Frames were sealed between most of the changes.
    assert!(
        kids.len() >= 30,
        "{} KIDs after {changes} changes",
        kids.len()
    );
    assert_eq!(room.epochs()[3], 16);
    open_all(&peer, Kind::Video, &frames);
}

#[test]
fn sealing_goes_on_while_the_active_epoch_is_replaced() {
    // A thread that finds its epoch retired while it makes a key for it must
    // look for the active one again.
    let room = member::join(member::config(SUITES), &[1]);
    let sealer = room.sealer(Kind::Audio).expect("a joined room");
    let mut epoch = 1;
    seal_from_many_threads(&sealer, 100, || {
        epoch += 1;
        room.install(epoch, &member::key(epoch), &RoomSalt::none())
            .expect("a new epoch");
        room.activate(epoch).expect("an installed epoch");
        room.retire(epoch - 1).expect("an installed epoch");
    });
    assert!(epoch > 100);
}

#[test]
fn sealing_ends_with_the_room() {
    for _ in 0..50 {
        let room = member::join(member::config(SUITES), &[1, 2]);
        let sealer = room.sealer(Kind::Message).expect("a joined room");
        let closed = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut later = 0;
                    while later < 10 {
                        let before = closed.load(SeqCst);
                        match seal(&sealer, b"a message") {
                            Ok(_) => assert!(!before, "sealed after close returned"),
                            Err(error) => assert_eq!(error, Error::Closed),
                        }
                        later += u64::from(before);
                    }
                });
            }
            for epoch in [2, 1, 2, 1] {
                thread::sleep(Duration::from_micros(50));
                room.activate(epoch).expect("an installed epoch");
            }
            room.close();
            closed.store(true, SeqCst);
        });
        assert_eq!(sealer.kid(), None);
    }
}

// ------------------------------------------------------------ opening

const MEMBERS: usize = 4;
const OPENING_THREADS: usize = 8;
const EPOCHS: u64 = 60;
/// Epochs that stand side by side before the oldest is retired.
const OVERLAP: u64 = 4;
/// Frames on the way: far fewer than the replay window has places.
const ON_THE_WAY: usize = 256;

/// A sealed frame with what is true of it.
#[derive(Clone)]
struct Sealed {
    number: u64,
    member: usize,
    /// How often the member had rejoined.
    rejoined: u64,
    kind: Kind,
    epoch: u64,
    frame: Vec<u8>,
}

/// What the threads of the call tell each other.
struct Call {
    room: Room,
    newest: AtomicU64,
    /// By epoch: set after it was installed, and before it is retired.
    installed: Vec<AtomicBool>,
    leaving: Vec<AtomicBool>,
    /// Set before the room closes, and after.
    closing: AtomicBool,
    closed: AtomicBool,
    /// Set when nobody seals any more.
    over: AtomicBool,
    next_number: AtomicU64,
    members: [Progress; MEMBERS],
}

/// How far the frames of a member got.
#[derive(Default)]
struct Progress {
    on_the_way: AtomicU64,
    /// Rejoins from which on a frame arrived, plus one.
    arrived: AtomicU64,
}

fn plaintext(number: u64) -> [u8; 40] {
    let mut bytes = [0x55; 40];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes
}

impl Call {
    fn new() -> Self {
        let flags = || (0..=EPOCHS).map(|_| AtomicBool::new(false)).collect();
        // Few streams and many members who leave, so that streams are evicted.
        let config = Kind::ALL
            .into_iter()
            .fold(member::config(SUITES), |c, kind| c.max_streams(kind, 8))
            .replay_window(32_768);
        Self {
            room: Room::new(config).expect("a valid configuration"),
            newest: AtomicU64::new(0),
            installed: flags(),
            leaving: flags(),
            closing: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            over: AtomicBool::new(false),
            next_number: AtomicU64::new(0),
            members: Default::default(),
        }
    }

    /// Goes through all epochs, then closes the room.
    fn manage(&self, sealing: &AtomicBool) {
        let place = |epoch: u64| usize::try_from(epoch).expect("a small number");
        for epoch in 1..=EPOCHS {
            let (key, salt) = (member::key(epoch), RoomSalt::none());
            self.room.install(epoch, &key, &salt).expect("a new epoch");
            self.installed[place(epoch)].store(true, SeqCst);
            self.room.activate(epoch).expect("an installed epoch");
            self.newest.store(epoch, SeqCst);
            sealing.store(true, SeqCst);
            thread::sleep(Duration::from_millis(8));
            // Again: nothing may be reset.
            self.room.install(epoch, &key, &salt).expect("the same");
            thread::sleep(Duration::from_millis(8));
            if let Some(old) = epoch.checked_sub(OVERLAP).filter(|old| *old > 0) {
                self.leaving[place(old)].store(true, SeqCst);
                self.room.retire(old).expect("an installed epoch");
            }
        }
        self.closing.store(true, SeqCst);
        self.room.close();
        self.closed.store(true, SeqCst);
        thread::sleep(Duration::from_millis(20));
        self.over.store(true, SeqCst);
    }

    /// Waits until a member may rejoin without a loss: its own frames arrived,
    /// and all others are at most one stream ahead or behind, so that no stream
    /// with frames on the way is among the eldest.
    fn wait_to_rejoin(&self, member: usize, rejoined: u64) {
        let ready = || {
            self.members[member].on_the_way.load(SeqCst) == 0
                && self
                    .members
                    .iter()
                    .all(|m| m.arrived.load(SeqCst) > rejoined)
        };
        while !ready() && !self.over.load(SeqCst) {
            thread::yield_now();
        }
    }

    /// A member who follows the epochs with some delay, and leaves and rejoins.
    fn send(&self, member: usize, frames: &SyncSender<Sealed>) {
        let mut rng = StdRng::seed_from_u64(member as u64);
        let kind = Kind::ALL[member % 3];
        let mut rejoined = 0;
        let room = member::join(member::config(SUITES), &[]);
        let mut epoch = 0;
        let mut late = 0;
        let mut sealer = room.sealer(kind).expect("an open room");
        while !self.over.load(SeqCst) {
            let newest = self.newest.load(SeqCst);
            let to = newest.saturating_sub(late).max(1);
            if epoch < to {
                epoch = to;
                room.install(epoch, &member::key(epoch), &RoomSalt::none())
                    .expect("a higher epoch");
                room.activate(epoch).expect("an installed epoch");
            }
            if rng.random_ratio(1, 400) {
                self.wait_to_rejoin(member, rejoined);
                rejoined += 1;
                sealer = room.sealer(kind).expect("an open room");
                late = rng.random_range(0..OVERLAP + 2);
            }
            let number = self.next_number.fetch_add(1, SeqCst);
            let sealed = Sealed {
                number,
                member,
                rejoined,
                kind,
                epoch,
                frame: seal(&sealer, &plaintext(number)).expect("an active epoch"),
            };
            // Twice, so that two threads have the same frame.
            for copy in [sealed.clone(), sealed] {
                self.members[member].on_the_way.fetch_add(1, SeqCst);
                frames.send(copy).expect("the openers live");
            }
        }
    }

    /// Opens a frame. Returns whether it opened, and whether the epoch and the
    /// room were there during the whole call.
    fn open(&self, opener: &Opener, sealed: &Sealed, in_place: bool) -> (bool, bool) {
        let epoch = usize::try_from(sealed.epoch).expect("a small number");
        let expected = plaintext(sealed.number);
        let there = self.installed[epoch].load(SeqCst);
        let closed_before = self.closed.load(SeqCst);
        let mut out = [0xEE; 40];
        let result = if in_place {
            let mut frame = sealed.frame.clone();
            let place = opener.open_in_place(sealed.kind, &[], None, &mut frame);
            match place.clone() {
                Ok(place) => out.copy_from_slice(&frame[place]),
                Err(_) => assert!(
                    frame == sealed.frame || frame.iter().all(|b| *b == 0),
                    "a refused frame is changed"
                ),
            }
            place.map(|place| place.len())
        } else {
            let result = opener.open(sealed.kind, &sealed.frame, &[], None, &mut out);
            if result.is_err() {
                assert!(out == [0xEE; 40] || out == [0; 40], "plaintext came out");
            }
            result
        };
        let there = there && !self.leaving[epoch].load(SeqCst) && !self.closing.load(SeqCst);
        match result {
            Ok(len) => {
                assert_eq!((len, out), (expected.len(), expected));
                assert!(!closed_before, "opened after close returned");
            }
            Err(error) if closed_before => assert_eq!(error, Error::Closed),
            Err(Error::Replay) => {}
            Err(error) if there => panic!("frame of epoch {epoch}: {error}"),
            Err(Error::Closed) => assert!(self.closing.load(SeqCst)),
            // On a slow machine another epoch has taken the place of its KID's nibble.
            Err(Error::NotAuthentic) => {
                assert!(self.newest.load(SeqCst) + 1 >= sealed.epoch + 16);
            }
            Err(error) => assert_eq!(error, Error::UnknownKey),
        }
        (result.is_ok(), there)
    }

    /// Opens what comes until nothing does.
    fn receive(&self, frames: &Mutex<Receiver<Sealed>>, seed: u64) -> Vec<(u64, bool, bool)> {
        let mut rng = StdRng::seed_from_u64(seed);
        let opener = self.room.opener();
        let mut results = Vec::new();
        loop {
            let next = frames.lock().expect("no opener panics").recv();
            let Ok(sealed) = next else {
                return results;
            };
            let (opened, sure) = self.open(&opener, &sealed, rng.random());
            let progress = &self.members[sealed.member];
            progress.arrived.fetch_max(sealed.rejoined + 1, SeqCst);
            progress.on_the_way.fetch_sub(1, SeqCst);
            results.push((sealed.number, opened, sure));
        }
    }

    /// The room's own frames come back from a server.
    fn reflect(&self) -> u64 {
        let sealer = self.room.sealer(Kind::Video).expect("an open room");
        let opener = self.room.opener();
        let mut out = [0; 40];
        let mut reflected = 0;
        loop {
            let closing = self.closing.load(SeqCst);
            let frame = match seal(&sealer, &[7; 40]) {
                Ok(frame) => frame,
                Err(Error::NoActiveEpoch) if self.newest.load(SeqCst) == 0 => continue,
                Err(error) => {
                    assert_eq!(error, Error::Closed);
                    assert!(self.closing.load(SeqCst));
                    return reflected;
                }
            };
            let refused = opener.open(Kind::Video, &frame, &[], None, &mut out);
            if !self.closing.load(SeqCst) {
                assert!(!closing);
                assert_eq!(refused, Err(Error::OwnFrame));
            }
            assert!(refused.is_err());
            reflected += 1;
            thread::sleep(Duration::from_micros(200));
        }
    }
}

#[test]
fn no_frame_is_lost_while_keys_and_streams_come_and_go() {
    let call = Call::new();
    let call = &call;
    let sealing = AtomicBool::new(false);
    let (sender, receiver) = sync_channel(ON_THE_WAY);
    // The openers own it: if all of them fail, the senders notice.
    let receiver = Arc::new(Mutex::new(receiver));
    let (results, reflected) = thread::scope(|scope| {
        scope.spawn(|| call.manage(&sealing));
        for member in 0..MEMBERS {
            let (sender, sealing) = (sender.clone(), &sealing);
            scope.spawn(move || {
                while !sealing.load(SeqCst) {
                    thread::yield_now();
                }
                call.send(member, &sender);
            });
        }
        drop(sender);
        let reflector = scope.spawn(|| call.reflect());
        let openers: Vec<_> = (0..OPENING_THREADS as u64)
            .map(|seed| {
                let receiver = Arc::clone(&receiver);
                scope.spawn(move || call.receive(&receiver, seed))
            })
            .collect();
        drop(receiver);
        let results: Vec<_> = openers
            .into_iter()
            .flat_map(|opener| opener.join().expect("no opener panics"))
            .collect();
        (results, reflector.join().expect("no reflector panics"))
    });

    // How often each frame opened, and whether both calls had to find its key.
    let mut frames: HashMap<u64, (u64, u64, bool)> = HashMap::new();
    for (number, opened, sure) in results {
        let (calls, times, all_sure) = frames.entry(number).or_insert((0, 0, true));
        *calls += 1;
        *times += u64::from(opened);
        *all_sure &= sure;
    }
    let mut sure_frames = 0;
    let mut opened = 0;
    for (number, (calls, times, sure)) in &frames {
        assert_eq!(*calls, 2);
        assert!(*times <= 1, "frame {number} opened twice");
        if *sure {
            assert_eq!(*times, 1, "frame {number} was lost");
            sure_frames += 1;
        }
        opened += times;
    }
    let counters = Kind::ALL.map(|kind| call.room.counters(kind));
    assert_eq!(counters.iter().map(|c| c.opened).sum::<u64>(), opened);
    assert!(counters.iter().map(|c| c.streams_evicted).sum::<u64>() > 0);
    assert!(counters.iter().map(|c| c.unknown_key).sum::<u64>() > 0);
    assert!(counters.iter().map(|c| c.replay).sum::<u64>() > 0);
    println!(
        "{} frames, {sure_frames} of them with their key there all the time, {reflected} reflected",
        frames.len()
    );
    assert!(sure_frames > 1_000 && frames.len() > sure_frames && reflected > 100);
    assert!(
        Kind::ALL
            .iter()
            .all(|kind| call.room.streams(*kind).is_empty())
    );
}

#[test]
fn first_frames_from_many_threads_make_one_stream() {
    const ROUNDS: usize = 400;
    const THREADS: usize = 4;
    let sender = member::join(member::config(SUITES), &[1]);
    let room = member::join(
        member::config(SUITES).max_streams(Kind::Audio, ROUNDS),
        &[1],
    );
    // The first two frames of a new stream, each with two threads.
    let rounds: Vec<[Vec<u8>; 2]> = (0..ROUNDS)
        .map(|_| {
            let sealer = sender.sealer(Kind::Audio).expect("a joined room");
            [b"first", b"other"].map(|p| seal(&sealer, p).expect("an active epoch"))
        })
        .collect();
    let barrier = Barrier::new(THREADS);
    let results: Vec<Vec<_>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (rounds, barrier, opener) = (&rounds, &barrier, room.opener());
                scope.spawn(move || {
                    let open = |frames: &[Vec<u8>; 2]| {
                        let mut out = [0xEE; 5];
                        barrier.wait();
                        let frame = &frames[thread % 2];
                        match opener.open(Kind::Audio, frame, &[], Some(b"alice"), &mut out) {
                            Ok(_) => true,
                            Err(error) => {
                                assert_eq!(error, Error::Replay);
                                assert!(out == [0xEE; 5] || out == [0; 5]);
                                false
                            }
                        }
                    };
                    rounds.iter().map(open).collect()
                })
            })
            .collect();
        let threads = threads.into_iter();
        threads
            .map(|t| t.join().expect("no thread panics"))
            .collect()
    });
    let [a, b, c, d] = results.try_into().expect("four threads");
    for (first, other) in a.iter().zip(c).chain(b.iter().zip(d)) {
        assert!(first ^ other, "a frame opened twice or never");
    }
    let streams = room.streams(Kind::Audio);
    assert_eq!(streams.len(), ROUNDS);
    assert!(streams.iter().all(|stream| stream.opened == 2));
    assert_eq!(room.counters(Kind::Audio).streams_evicted, 0);
}
