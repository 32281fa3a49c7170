//! No (key, nonce) pair comes twice: many sealers, epochs in any order, broken
//! generators.

use super::*;
use crate::limits::MAX_EPOCHS;
use ::core::sync::atomic::AtomicBool;
use std::thread;

/// Sealers of one room, each with 1 to 4 frames, on the system's own generator.
fn many_sealers(count: u64) {
    let room = Room::new(config()).unwrap();
    install(&room, 1).unwrap();
    room.activate(1).unwrap();
    let mut numbers = Numbers(1);
    let mut pairs = Pairs::default();
    let mut kids = HashSet::new();
    let mut frames = 0;
    let mut out = [0; 64];
    for _ in 0..count {
        let kind = numbers.kind();
        let sealer = room.sealer(kind).unwrap();
        for _ in 0..1 + numbers.below(4) {
            let payload = &[7; 8][..numbers.index(9)];
            let len = sealer.seal(payload, &[], &mut out).unwrap();
            assert!(pairs.note(1, kind, &out[..len]), "after {frames} frames");
            frames += 1;
        }
        kids.insert(sealer.kid().unwrap());
    }
    // Stronger than asked for: not even two kinds share random bits.
    assert_eq!(kids.len() as u64, count);
    let sealed = Kind::ALL.map(|kind| room.counters(kind).sealed);
    assert_eq!(sealed.iter().sum::<u64>(), frames);
}

#[test]
fn a_hundred_thousand_sealers_share_no_key_and_nonce() {
    many_sealers(100_000);
}

#[test]
#[ignore = "a million sealers: 300 MB and some seconds"]
fn a_million_sealers_share_no_key_and_nonce() {
    many_sealers(1_000_000);
}

#[test]
fn the_detector_reports_two_members_whose_generators_repeat_each_other() {
    let clock = Clock::default();
    let rooms = [(); 2].map(|()| member(config(), 77, &clock));
    let mut pairs = Pairs::default();
    let mut repeats = 0;
    for _ in 0..100 {
        for room in &rooms {
            let sealer = room.sealer(Kind::Audio).unwrap();
            let frame = seal(&sealer, b"x").unwrap();
            repeats += usize::from(!pairs.note(1, Kind::Audio, &frame));
        }
    }
    assert_eq!(repeats, 100, "every frame of the second room");
}

#[test]
fn within_a_room_a_generator_that_repeats_itself_makes_no_second_sealer() {
    for number in [0, u64::MAX, 0x1234_5678_9ABC_DEF0] {
        let environment = entropy(&Clock::default(), move || Ok(number));
        let room = Room::with_environment(config(), environment).unwrap();
        install(&room, 5).unwrap();
        install(&room, 6).unwrap();
        install(&room, 7).unwrap();
        room.activate(6).unwrap();
        let mut pairs = Pairs::default();
        let sealer = room.sealer(Kind::Audio).unwrap();
        for kind in Kind::ALL {
            assert_eq!(room.sealer(kind).unwrap_err(), Error::NoRandom);
        }
        assert!(pairs.note(6, Kind::Audio, &seal(&sealer, b"x").unwrap()));
        // Upwards no draw of bits is due, downwards it is.
        room.activate(7).unwrap();
        assert!(pairs.note(7, Kind::Audio, &seal(&sealer, b"x").unwrap()));
        for epoch in [5, 6] {
            room.activate(epoch).unwrap();
            for _ in 0..3 {
                assert_eq!(seal(&sealer, b"x"), Err(Error::NoRandom), "{epoch}");
            }
        }
        room.activate(7).unwrap();
        assert!(pairs.note(7, Kind::Audio, &seal(&sealer, b"x").unwrap()));
    }
}

#[test]
fn a_repeat_or_three_are_drawn_again() {
    // The room's seed, the first sealer's bits; its bits three times more, then others.
    let draws = [1, 7 << 5, 7 << 5, 7 << 5 | 1, 7 << 5 | 31, 9 << 5];
    let next = AtomicU64::new(0);
    let environment = entropy(&Clock::default(), move || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        Ok(draws[usize::try_from(at).unwrap()])
    });
    let room = Room::with_environment(config(), environment).unwrap();
    room.sealer(Kind::Audio).unwrap();
    room.sealer(Kind::Video).unwrap();
}

/// A room whose generator can be made to fail, in epochs 1 to 3, 2 being active.
fn failing() -> (Room, Arc<AtomicBool>) {
    let broken = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&broken);
    let numbers = Mutex::new(Numbers(3));
    let environment = entropy(&Clock::default(), move || {
        if switch.load(Ordering::Relaxed) {
            return Err(Error::NoRandom);
        }
        Ok(numbers.lock().unwrap().next())
    });
    let room = Room::with_environment(config(), environment).unwrap();
    for epoch in 1..4 {
        install(&room, epoch).unwrap();
    }
    room.activate(2).unwrap();
    (room, broken)
}

#[test]
fn without_a_generator_there_is_no_room_and_no_sealer() {
    let environment = entropy(&Clock::default(), || Err(Error::NoRandom));
    let room = Room::with_environment(config(), environment);
    assert_eq!(room.unwrap_err(), Error::NoRandom);
    let (room, broken) = failing();
    broken.store(true, Ordering::Relaxed);
    for kind in Kind::ALL {
        assert_eq!(room.sealer(kind).unwrap_err(), Error::NoRandom);
    }
    broken.store(false, Ordering::Relaxed);
    room.sealer(Kind::Audio).unwrap();
}

#[test]
fn a_room_that_only_opens_draws_nothing_but_the_seed_of_its_maps() {
    let draws = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&draws);
    let environment = entropy(&Clock::default(), move || {
        Ok(count.fetch_add(1, Ordering::Relaxed))
    });
    let room = Room::with_environment(config().open_only(), environment).unwrap();
    install(&room, 1).unwrap();
    room.activate(1).unwrap();
    open_video(&room, &video(&room, 7, 1, 100)).unwrap();
    assert_eq!(room.sealer(Kind::Video).unwrap_err(), Error::OpenOnly);
    assert_eq!(draws.load(Ordering::Relaxed), 1);
}

#[test]
fn a_sealer_whose_draw_is_due_fails_closed() {
    // Nothing sealed yet; moving down; moving up; all frames used; all blocks used.
    type Step = fn(&Room, &Sealer);
    let due: [Step; 5] = [
        |_, _| {},
        |room, sealer| {
            seal(sealer, b"x").unwrap();
            room.activate(1).unwrap();
        },
        |room, sealer| {
            seal(sealer, b"x").unwrap();
            room.activate(3).unwrap();
        },
        |_, sealer| {
            seal(sealer, b"x").unwrap();
            sealer.pretend_sealed(crate::limits::REDRAW_FRAMES, 100);
        },
        |_, sealer| {
            seal(sealer, b"x").unwrap();
            sealer.pretend_sealed(100, crate::limits::REDRAW_BLOCKS);
        },
    ];
    for (number, step) in due.into_iter().enumerate() {
        let (room, broken) = failing();
        let sealer = room.sealer(Kind::Audio).unwrap();
        step(&room, &sealer);
        let before = (sealer.kid(), room.counters(Kind::Audio).sealed);
        broken.store(true, Ordering::Relaxed);
        for _ in 0..100 {
            let mut out = [0xAA; 64];
            assert_eq!(sealer.seal(b"x", &[], &mut out), Err(Error::NoRandom));
            let in_place = sealer.seal_in_place(&[], &mut out, 12..13);
            assert_eq!(in_place, Err(Error::NoRandom));
            assert_eq!(out, [0xAA; 64], "nothing is written");
        }
        let after = (sealer.kid(), room.counters(Kind::Audio).sealed);
        assert_eq!(after, before, "case {number}");
        // It goes on with a new key once the generator is back.
        broken.store(false, Ordering::Relaxed);
        seal(&sealer, b"x").unwrap();
        assert_ne!(sealer.kid(), before.0);
    }
}

/// Checks every frame of a sealer: whether it kept its random bits when it may.
#[derive(Default)]
struct Moves {
    last: Option<(u64, u64)>,
    highest: Option<u64>,
}

impl Moves {
    fn check(&mut self, epoch: u64, bits: u64, seen: &mut HashSet<u64>) {
        let new = seen.insert(bits);
        match self.last {
            None => assert!(new, "a new sealer draws"),
            Some((before, kept)) if epoch == before || Some(epoch) > self.highest => {
                assert_eq!(bits, kept, "{before} to {epoch}");
            }
            Some((before, _)) => assert!(new, "{before} to {epoch} draws new bits"),
        }
        self.last = Some((epoch, bits));
        self.highest = self.highest.max(Some(epoch));
    }
}

#[test]
fn epochs_in_any_order_repeat_no_pair_and_open_no_frame_twice() {
    let clock = Clock::default();
    let (alice, bob) = (member(config(), 1, &clock), member(config(), 2, &clock));
    let mut numbers = Numbers(11);
    let sealers: Vec<_> = (0..6)
        .map(|i| alice.sealer(Kind::ALL[i % 3]).unwrap())
        .collect();
    let mut moves: Vec<_> = sealers.iter().map(|_| Moves::default()).collect();
    let (mut pairs, mut seen) = (Pairs::default(), HashSet::new());
    let mut recorded = Vec::new();
    let (mut highest, mut gone) = (1, None);
    for step in 0..60_000 {
        clock.advance(Duration::from_millis(1));
        let epochs = alice.epochs();
        let any = (!epochs.is_empty()).then(|| epochs[numbers.index(epochs.len())]);
        match (numbers.below(100), any) {
            (0..4, _) => {
                // A step or a leap upwards; old numbers are refused.
                let next = highest + 1 + numbers.below(3) * numbers.below(20);
                let installed = install(&alice, next);
                assert_eq!(install(&bob, next).is_ok(), installed.is_ok());
                match installed {
                    Ok(()) => highest = next,
                    Err(error) => assert_eq!(error, Error::EpochConflict),
                }
                let left = alice.epochs();
                let displaced = epochs.iter().filter(|e| !left.contains(e));
                gone = displaced.copied().max().max(gone);
                let old = numbers.below(gone.unwrap_or(0) + 1);
                if gone.is_some() && !left.contains(&old) {
                    assert_eq!(install(&alice, old), Err(Error::EpochRetired));
                    assert_eq!(install(&bob, old), Err(Error::EpochRetired));
                }
            }
            (4..7, Some(epoch)) if epochs.len() > 2 => {
                alice.retire(epoch).unwrap();
                bob.retire(epoch).unwrap();
                gone = gone.max(Some(epoch));
                assert_eq!(install(&alice, epoch), Err(Error::EpochRetired));
            }
            (7..15, Some(epoch)) => {
                alice.activate(epoch).unwrap();
                bob.activate(epoch).unwrap();
            }
            (15..20, _) if !recorded.is_empty() => {
                let (kind, frame): &(Kind, Vec<u8>) = &recorded[numbers.index(recorded.len())];
                assert!(open(&bob.opener(), *kind, frame, None).is_err());
            }
            _ => {
                let at = numbers.index(sealers.len());
                let sealer = &sealers[at];
                let Some(epoch) = alice.active_epoch() else {
                    assert_eq!(seal(sealer, b"x"), Err(Error::NoActiveEpoch));
                    continue;
                };
                let frame = seal(sealer, b"x").unwrap();
                assert!(pairs.note(epoch, sealer.kind(), &frame), "step {step}");
                let bits = peek(&frame).unwrap().kid >> 4;
                moves[at].check(epoch, bits, &mut seen);
                open(&bob.opener(), sealer.kind(), &frame, None).unwrap();
                recorded.push((sealer.kind(), frame));
            }
        }
        assert!(alice.epochs().len() <= MAX_EPOCHS);
    }
    assert!(
        seen.len() > 500 && highest > 1_000,
        "{} {highest}",
        seen.len()
    );
    assert!(recorded.len() > 20_000);
    for (kind, frame) in &recorded {
        clock.advance(Duration::from_millis(1));
        assert!(open(&bob.opener(), *kind, frame, None).is_err());
    }
}

#[test]
fn threads_that_seal_while_epochs_come_and_go_repeat_no_pair() {
    // Epochs 1 to 15 have distinct low bits, so a KID stands for one key and the
    // header alone tells (key, nonce) pairs apart.
    let room = member(config(), 1, &Clock::default());
    let sealers: Vec<_> = (0..4).map(|_| room.sealer(Kind::Video).unwrap()).collect();
    let done = AtomicBool::new(false);
    let headers: Vec<Vec<u8>> = thread::scope(|scope| {
        let work = || {
            scope.spawn(|| {
                let mut headers = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    for sealer in &sealers {
                        match seal(sealer, b"x") {
                            Ok(frame) => headers.push(frame[..HEADER_LEN].to_vec()),
                            Err(error) => assert_eq!(error, Error::NoActiveEpoch),
                        }
                    }
                }
                headers
            })
        };
        let threads: Vec<_> = (0..3).map(|_| work()).collect();
        let mut numbers = Numbers(2);
        for epoch in 2..16 {
            install(&room, epoch).unwrap();
            for _ in 0..20 {
                let epochs = room.epochs();
                room.activate(epochs[numbers.index(epochs.len())]).unwrap();
                // However busy the machine is, every epoch gets its frames.
                let sealed = room.counters(Kind::Video).sealed;
                while room.counters(Kind::Video).sealed < sealed + 5 {
                    thread::yield_now();
                }
            }
            if epoch % 3 == 0 {
                let epochs = room.epochs();
                let retired = epochs[numbers.index(epochs.len() - 1)];
                room.retire(retired).unwrap();
                assert_eq!(install(&room, retired), Err(Error::EpochRetired));
            }
        }
        done.store(true, Ordering::Relaxed);
        threads
            .into_iter()
            .flat_map(|t| t.join().unwrap())
            .collect()
    });
    assert!(headers.len() > 1_000);
    let distinct: HashSet<_> = headers.iter().collect();
    assert_eq!(distinct.len(), headers.len());
    let kids: HashSet<_> = headers.iter().map(|h| &h[1..9]).collect();
    assert!(kids.len() > 50, "{} moves", kids.len());
}
