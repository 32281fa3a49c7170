//! What happens between the steps of a call: the interleavings by hand first,
//! then threads.

use super::*;
use std::sync::Barrier;
use std::thread;

fn shared(config: RoomConfig, clock: &Clock) -> Arc<Room> {
    Arc::new(member(config, 1, clock))
}

/// Lets stream 7 leave while a call holds its slot after the AEAD.
fn evicted_slot(room: &Room) -> Arc<Slot> {
    open_video(room, &video(room, 7, 1, 100)).unwrap();
    let held = slot(room, Kind::Video, kid(7, 1)).unwrap();
    open_video(room, &video(room, 8, 1, 100)).unwrap();
    assert_eq!(streams(room, Kind::Video), [8]);
    held
}

fn commit(room: &Room, held: &Slot, ctr: u64, source: Option<&[u8]>) -> Result<()> {
    room.opener().commit(Kind::Video, held, ctr, source)
}

#[test]
fn a_frame_whose_slot_was_evicted_meanwhile_opens_once() {
    let room = member(config().max_streams(Kind::Video, 1), 1, &Clock::default());
    let held = evicted_slot(&room);
    commit(&room, &held, 101, None).unwrap();
    assert_eq!(
        streams(&room, Kind::Video),
        [7],
        "it is back, and 8 had to go"
    );
    // The same frame again: by the call's own slot, by the table, as a new call.
    assert_eq!(commit(&room, &held, 101, None), Err(Error::Replay));
    let there = slot(&room, Kind::Video, kid(7, 1)).unwrap();
    assert!(!Arc::ptr_eq(&held, &there));
    assert_eq!(commit(&room, &there, 101, None), Err(Error::Replay));
    let frame = video(&room, 7, 1, 101);
    assert_eq!(open_video(&room, &frame), Err(Error::Replay));
    // And after it went and came once more.
    open_video(&room, &video(&room, 8, 1, 101)).unwrap();
    assert_eq!(commit(&room, &there, 101, None), Err(Error::TooOld));
    assert_eq!(commit(&room, &held, 101, None), Err(Error::TooOld));
    assert_eq!(open_video(&room, &frame), Err(Error::TooOld));
}

#[test]
fn an_evicted_slot_can_not_bring_its_past_back() {
    let room = member(config().max_streams(Kind::Video, 1), 1, &Clock::default());
    let held = evicted_slot(&room);
    let before = snapshot(&room, Kind::Video);
    for ctr in [100, 99, 0] {
        assert_eq!(commit(&room, &held, ctr, None), Err(Error::TooOld), "{ctr}");
    }
    assert_eq!(snapshot(&room, Kind::Video), before, "and evicts nobody");
}

#[test]
fn an_evicted_slot_meets_the_stream_that_is_back() {
    let room = member(config().max_streams(Kind::Video, 1), 1, &Clock::default());
    install(&room, 2).unwrap();
    let held = evicted_slot(&room);
    // Back in another epoch, and bound to a source there.
    let frame = video(&room, 7, 2, 100);
    open_video_of(&room, &frame, Some("alice")).unwrap();
    let refused = commit(&room, &held, 101, Some(b"bob"));
    assert_eq!(refused, Err(Error::SourceChanged));
    // The stream is one, with one source for all epochs.
    let state = snapshot(&room, Kind::Video);
    assert_eq!(state.streams.len(), 1);
    assert_eq!(state.streams[0].source.as_deref(), Some(&b"alice"[..]));
    commit(&room, &held, 102, Some(b"alice")).unwrap();
    let slots: Vec<_> = [1, 2]
        .map(|epoch| slot(&room, Kind::Video, kid(7, epoch)).unwrap())
        .into();
    assert!(Arc::ptr_eq(&slots[0].stream, &slots[1].stream));
}

#[test]
fn an_evicted_slot_of_a_bound_stream_keeps_its_source() {
    let room = member(config().max_streams(Kind::Video, 1), 1, &Clock::default());
    let frame = video(&room, 7, 1, 100);
    open_video_of(&room, &frame, Some("alice")).unwrap();
    let held = slot(&room, Kind::Video, kid(7, 1)).unwrap();
    open_video(&room, &video(&room, 8, 1, 100)).unwrap();
    assert_eq!(
        commit(&room, &held, 101, Some(b"bob")),
        Err(Error::SourceChanged)
    );
    assert_eq!(streams(&room, Kind::Video), [8], "nobody had to go for it");
    commit(&room, &held, 101, Some(b"alice")).unwrap();
}

#[test]
fn an_evicted_slot_of_a_retired_epoch_commits_nothing() {
    let room = member(config().max_streams(Kind::Video, 1), 1, &Clock::default());
    let held = evicted_slot(&room);
    room.retire(1).unwrap();
    assert_eq!(commit(&room, &held, 101, None), Err(Error::UnknownKey));
    // Nor in the epoch that came into its place, with the same KID.
    install(&room, 17).unwrap();
    assert_eq!(commit(&room, &held, 101, None), Err(Error::UnknownKey));
    open_video(&room, &video(&room, 7, 17, 50)).unwrap();
    assert_eq!(commit(&room, &held, 101, None), Err(Error::UnknownKey));
    open_video(&room, &video(&room, 7, 17, 51)).unwrap();
}

#[test]
fn a_stream_that_was_authentic_after_it_was_chosen_to_leave_stays() {
    let room = member(config().max_streams(Kind::Video, 2), 1, &Clock::default());
    for stream in [7, 8] {
        open_video(&room, &video(&room, stream, 1, 100)).unwrap();
    }
    let state = room.core.kind(Kind::Video);
    let victim = state.streams.find_victim();
    open_video(&room, &video(&room, 7, 1, 101)).unwrap();
    state.streams.make_room(victim, &state.tally);
    assert_eq!(streams(&room, Kind::Video), [7]);
}

#[test]
fn the_epoch_of_a_call_under_way_is_retired_and_its_kid_taken_over() {
    let clock = Clock::default();
    let room = shared(config(), &clock);
    install(&room, 4).unwrap();
    let old = video(&room, 7, 4, 5_000_000);
    let later = Arc::clone(&room);
    clock.at_next_look(move || {
        later.retire(4).unwrap();
        install(&later, 20).unwrap();
        open_video(&later, &video(&later, 7, 20, 70_000)).unwrap();
    });
    let mut out = [0xAA; 64];
    let refused = room.opener().open(Kind::Video, &old, &[], None, &mut out);
    assert_eq!(refused, Err(Error::UnknownKey));
    assert_eq!(out[..5], [0; 5], "it was open already");
    assert_eq!(out[5..], [0xAA; 59]);
    // The old epoch's counters say nothing about the new one's.
    open_video(&room, &video(&room, 7, 20, 70_001)).unwrap();
}

#[test]
fn a_first_frame_that_another_thread_opens_meanwhile_is_a_replay() {
    let clock = Clock::default();
    let room = shared(config(), &clock);
    let frame = video(&room, 7, 1, 100);
    let (other, same) = (Arc::clone(&room), frame.clone());
    clock.at_next_look(move || open_video(&other, &same).unwrap());
    let mut in_place = frame.clone();
    let opened = room
        .opener()
        .open_in_place(Kind::Video, &[], None, &mut in_place);
    assert_eq!(opened, Err(Error::Replay));
    assert!(in_place.iter().all(|b| *b == 0), "wiped as a whole");
    let state = snapshot(&room, Kind::Video);
    assert_eq!((state.streams.len(), state.slots.len()), (1, 1));
    assert_eq!(room.counters(Kind::Video).opened, 1);
    assert_eq!(room.counters(Kind::Video).replay, 1);
    assert_eq!(room.streams(Kind::Video)[0].replay, 1);
}

#[test]
fn a_stream_that_comes_and_goes_while_its_first_frame_is_under_way() {
    let clock = Clock::default();
    let room = shared(config().max_streams(Kind::Video, 1), &clock);
    let frame = video(&room, 7, 1, 100);
    let (other, same) = (Arc::clone(&room), frame.clone());
    clock.at_next_look(move || {
        open_video_of(&other, &same, Some("alice")).unwrap();
        open_video(&other, &video(&other, 8, 1, 100)).unwrap();
    });
    assert_eq!(open_video(&room, &frame), Err(Error::TooOld));
    assert_eq!(streams(&room, Kind::Video), [8]);

    // A frame above the tombstone isn't for another source, and nobody leaves for it.
    let frame = video(&room, 10, 1, 105);
    let other = Arc::clone(&room);
    clock.at_next_look(move || {
        open_video_of(&other, &video(&other, 10, 1, 100), Some("alice")).unwrap();
        open_video(&other, &video(&other, 8, 1, 101)).unwrap();
    });
    let refused = open_video_of(&room, &frame, Some("bob"));
    assert_eq!(refused, Err(Error::SourceChanged));
    assert_eq!(streams(&room, Kind::Video), [8]);
}

#[test]
fn the_last_trace_is_lost_while_a_call_is_under_way() {
    // Nothing is open above the tombstone that the call saw, then there is no
    // tombstone: the option must hold even then.
    let clock = Clock::default();
    let config = config()
        .max_streams(Kind::Video, 1)
        .refuse_new_streams_on_memory_loss();
    let room = shared(config, &clock);
    let other = Arc::clone(&room);
    clock.at_next_look(move || {
        let epoch = other.core.epoch_of(kid(7, 1)).unwrap();
        epoch
            .state
            .memory_lost(Kind::Video)
            .store(true, Ordering::Relaxed);
    });
    let frame = video(&room, 7, 1, 100);
    assert_eq!(open_video(&room, &frame), Err(Error::MemoryLost));
}

#[test]
fn a_room_closed_while_a_call_is_under_way_opens_and_seals_nothing_more() {
    let clock = Clock::default();
    let room = shared(config(), &clock);
    let known = video(&room, 7, 1, 100);
    open_video(&room, &known).unwrap();
    let held = slot(&room, Kind::Video, kid(7, 1)).unwrap();
    let frame = video(&room, 8, 1, 100);
    let other = Arc::clone(&room);
    clock.at_next_look(move || other.close());
    let mut out = [0xAA; 64];
    let refused = room.opener().open(Kind::Video, &frame, &[], None, &mut out);
    assert_eq!(refused, Err(Error::Closed));
    assert_eq!(out[..5], [0; 5]);
    assert_eq!(room.counters(Kind::Video).unknown_key, 0);
    // A call that was as far as its commit.
    assert_eq!(commit(&room, &held, 101, None), Err(Error::Closed));
    assert_eq!(snapshot(&room, Kind::Video).slots, []);
}

#[test]
fn calls_that_race_with_close_say_so_or_go_through() {
    // New sealers and first frames: those ask for epochs, which go.
    const ROUNDS: u64 = 400;
    const FRAMES: u64 = 40;
    let clock = Clock::default();
    for round in 0..ROUNDS {
        let room = member(config(), 1, &clock);
        install(&room, 2).unwrap();
        let frames: Vec<_> = (0..FRAMES)
            .map(|i| video(&room, i / 2, 1 + i % 2, 100 + i))
            .collect();
        let barrier = Barrier::new(4);
        thread::scope(|scope| {
            scope.spawn(|| {
                barrier.wait();
                while room.counters(Kind::Video).opened < round % FRAMES / 2 {
                    thread::yield_now();
                }
                room.close();
            });
            scope.spawn(|| {
                let opener = room.opener();
                barrier.wait();
                for frame in &frames {
                    let opened = open(&opener, Kind::Video, frame, None);
                    assert!(matches!(opened, Ok(_) | Err(Error::Closed)), "{opened:?}");
                }
            });
            scope.spawn(|| {
                barrier.wait();
                loop {
                    let sealed = room.sealer(Kind::Audio).and_then(|s| seal(&s, b"x"));
                    match sealed {
                        Ok(_) => {}
                        Err(error) => break assert_eq!(error, Error::Closed),
                    }
                }
            });
            scope.spawn(|| {
                barrier.wait();
                let mut epochs = [1, 2, 3].into_iter().cycle();
                let mut change = || room.ratchet(2).and(room.activate(epochs.next().unwrap()));
                loop {
                    if let Err(error) = change() {
                        break assert_eq!(error, Error::Closed);
                    }
                }
            });
        });
        let counters = room.counters(Kind::Video);
        assert_eq!((counters.unknown_key, counters.not_authentic), (0, 0));
    }
}

#[test]
fn an_epoch_retired_while_a_sealer_moves_to_it_seals_nothing() {
    // The sealer draws in the middle of its move; the generator retires the epoch.
    let clock = Clock::default();
    let armed = Arc::new(Mutex::new(None::<Arc<Room>>));
    let trap = Arc::clone(&armed);
    let numbers = Mutex::new(Numbers(3));
    let environment = entropy(&clock, move || {
        if let Some(room) = trap.lock().unwrap().take() {
            room.retire(2).unwrap();
        }
        Ok(numbers.lock().unwrap().next())
    });
    let room = Arc::new(Room::with_environment(config(), environment).unwrap());
    install(&room, 1).unwrap();
    install(&room, 2).unwrap();
    room.activate(1).unwrap();
    let sealer = room.sealer(Kind::Audio).unwrap();
    let first = seal(&sealer, b"x").unwrap();
    room.activate(2).unwrap();
    *armed.lock().unwrap() = Some(Arc::clone(&room));
    assert_eq!(seal(&sealer, b"x"), Err(Error::NoActiveEpoch));
    assert_eq!(seal(&sealer, b"x"), Err(Error::NoActiveEpoch));
    // It never left epoch 1, so its key and counter go on there.
    room.activate(1).unwrap();
    let [first, again] = [first, seal(&sealer, b"x").unwrap()].map(|f| peek(&f).unwrap());
    assert_eq!((again.kid, again.ctr), (first.kid, first.ctr + 1));
}

#[test]
fn threads_with_the_first_frames_of_one_kid_make_one_stream() {
    const THREADS: u64 = 4;
    const ROUNDS: u64 = 500;
    let room = member(config(), 1, &Clock::default());
    let opener = room.opener();
    let barrier = Barrier::new(usize::try_from(THREADS).unwrap());
    let opened: u64 = thread::scope(|scope| {
        let run = |thread: u64| {
            let (room, opener, barrier) = (&room, &opener, &barrier);
            scope.spawn(move || {
                let mut opened = 0;
                for round in 0..ROUNDS {
                    // One frame for all, one of each thread's own.
                    let same = video(room, round, 1, 100);
                    let own = video(room, round, 1, 101 + thread);
                    barrier.wait();
                    for frame in [same, own] {
                        match open(opener, Kind::Video, &frame, None) {
                            Ok(_) => opened += 1,
                            Err(error) => assert_eq!(error, Error::Replay),
                        }
                    }
                }
                opened
            })
        };
        let threads: Vec<_> = (0..THREADS).map(run).collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert_eq!(opened, ROUNDS * (1 + THREADS));
    let state = snapshot(&room, Kind::Video);
    assert_eq!(state.streams.len() as u64, ROUNDS);
    assert_eq!(state.slots.len() as u64, ROUNDS);
}

#[test]
fn no_frame_opens_twice_while_streams_are_evicted_under_the_calls() {
    // Two places for four streams: slots leave under calls all the time. Every
    // frame is offered by both threads; losing one to an eviction is fine.
    const FRAMES: u64 = 4_000;
    let config = config().max_streams(Kind::Video, 2);
    let clock = Clock::default();
    let room = member(config, 1, &clock);
    let frames: Vec<_> = (0..FRAMES)
        .map(|i| video(&room, i % 4, 1, 100 + i / 4))
        .collect();
    let opener = room.opener();
    let opened: Vec<_> = thread::scope(|scope| {
        let run = || {
            scope.spawn(|| {
                let open = |frame: &Vec<u8>| {
                    clock.advance(Duration::from_millis(1));
                    open(&opener, Kind::Video, frame, None).is_ok()
                };
                frames.iter().map(open).collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (0..2).map(|_| run()).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let twice = (0..frames.len()).filter(|i| opened[0][*i] && opened[1][*i]);
    assert_eq!(twice.count(), 0);
    let counters = room.counters(Kind::Video);
    let accepted = opened.iter().flatten().filter(|ok| **ok).count();
    assert_eq!(counters.opened, accepted as u64);
    assert!(counters.streams_evicted > 100, "{counters:?}");
    assert!(frames.iter().all(|frame| open_video(&room, frame).is_err()));
}

#[test]
fn two_threads_with_two_sources_bind_a_stream_once() {
    let room = member(config(), 1, &Clock::default());
    let opener = room.opener();
    let barrier = Barrier::new(2);
    for stream in 0..500 {
        let results: Vec<_> = thread::scope(|scope| {
            let run = |name: &'static [u8], ctr| {
                let (room, opener, barrier) = (&room, &opener, &barrier);
                scope.spawn(move || {
                    let frame = video(room, stream, 1, ctr);
                    barrier.wait();
                    open(opener, Kind::Video, &frame, Some(name))
                })
            };
            let threads = [run(b"alice", 100), run(b"bob", 101)];
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let [alice, bob] = &results[..] else {
            panic!("two results")
        };
        let winner: &[u8] = match (alice, bob) {
            (Ok(_), Err(Error::SourceChanged)) => b"alice",
            (Err(Error::SourceChanged), Ok(_)) => b"bob",
            other => panic!("{other:?}"),
        };
        let state = snapshot(&room, Kind::Video);
        let state = state.streams.iter().find(|s| s.id == stream).unwrap();
        assert_eq!(state.source.as_deref(), Some(winner));
    }
}

#[test]
fn the_loser_of_a_race_for_one_frame_is_left_with_zeros() {
    // Known streams, so both threads are past all checks when they authenticate,
    // if the frames are long enough for them to meet.
    let room = member(config(), 1, &Clock::default());
    let opener = room.opener();
    let payload = vec![0x77; 256 << 10];
    let mut met = 0;
    for ctr in 100..5_100 {
        let frame = forge(&room, Kind::Video, kid(7, 1), ctr, &payload);
        let barrier = Barrier::new(2);
        let in_place = ctr % 2 == 0;
        let run = || {
            let mut bytes = frame.clone();
            let mut out = vec![0xAA; payload.len()];
            barrier.wait();
            let opened = if in_place {
                let place = opener.open_in_place(Kind::Video, &[], None, &mut bytes);
                place.map(|place| assert_eq!(bytes[place], payload))
            } else {
                let len = opener.open(Kind::Video, &frame, &[], None, &mut out);
                len.map(|len| assert_eq!(out[..len], payload))
            };
            let touched = bytes != frame || out.iter().any(|b| *b != 0xAA);
            let zeros = bytes.iter().all(|b| *b == 0) || out.iter().all(|b| *b == 0);
            (opened, touched, zeros)
        };
        let results: Vec<_> = thread::scope(|scope| {
            let threads = [scope.spawn(run), scope.spawn(run)];
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(
            results.iter().filter(|(opened, ..)| opened.is_ok()).count(),
            1
        );
        for (opened, touched, zeros) in results {
            if let Err(error) = opened {
                assert_eq!(error, Error::Replay);
                assert_eq!(touched, zeros, "untouched, or all zero");
                met += u32::from(zeros && ctr > 100);
            }
        }
        if met >= 6 {
            return;
        }
    }
    panic!("the threads met {met} times only");
}
