//! When a sealer keeps its random bits and when it draws new ones; the counter's
//! three bytes.

use super::*;
use crate::limits::{FIRST_CTR_END, REDRAW_BLOCKS, REDRAW_FRAMES};
use std::thread;

/// A member whose keys start at a counter of the test's choice.
fn member_starting_at(first: u64) -> Room {
    let numbers = Mutex::new((Numbers(6), 0_u64));
    let environment = entropy(&Clock::default(), move || {
        let (numbers, draws) = &mut *numbers.lock().unwrap();
        *draws += 1;
        // After the room's seed bits and starts take turns, if every draw of
        // bits is followed by that of a start.
        if *draws % 2 == 1 && *draws > 1 {
            let range = FIRST_CTR_END - FIRST_CTR_MIN;
            return Ok(numbers.below(1 << 30) * range + first - FIRST_CTR_MIN);
        }
        Ok(numbers.next())
    });
    let room = Room::with_environment(config(), environment).unwrap();
    install(&room, 1).unwrap();
    room.activate(1).unwrap();
    room
}

/// Seals and returns KID and counter, after a look at the bytes of the header.
fn next(sealer: &Sealer) -> (u64, u64) {
    let frame = seal(sealer, b"x").unwrap();
    assert_eq!(frame.len(), HEADER_LEN + 1 + sealer.tag_len());
    assert_eq!(frame[0], 0xFA, "8 bytes of KID, 3 of CTR");
    let kid = u64::from_be_bytes(frame[1..9].try_into().unwrap());
    let ctr = u64::from_be_bytes([0, 0, 0, 0, 0, frame[9], frame[10], frame[11]]);
    let peek = peek(&frame).unwrap();
    assert_eq!((peek.kid, peek.ctr), (kid, ctr));
    (kid, ctr)
}

#[test]
fn the_limits_leave_three_bytes() {
    assert_eq!(REDRAW_FRAMES, 1 << 23);
    assert_eq!(REDRAW_BLOCKS, 1 << 34);
    assert_eq!(FIRST_CTR_MIN, 1 << 16);
    assert_eq!(FIRST_CTR_END, 1 << 23);
    const { assert!(FIRST_CTR_END - 1 + REDRAW_FRAMES - 1 < 1 << 24) };
}

#[test]
fn first_counters_are_spread_over_their_range() {
    let room = member(config(), 1, &Clock::default());
    let span = (FIRST_CTR_END - FIRST_CTR_MIN) / 16;
    let mut counts = [0; 16];
    for _ in 0..16_000 {
        let (_, ctr) = next(&room.sealer(Kind::Audio).unwrap());
        assert!((FIRST_CTR_MIN..FIRST_CTR_END).contains(&ctr));
        let bucket = usize::try_from((ctr - FIRST_CTR_MIN) / span).unwrap();
        counts[bucket] += 1;
    }
    // 1,000 each; five standard deviations are 153.
    assert!(
        counts.iter().all(|n| (847..1_153).contains(n)),
        "{counts:?}"
    );
}

#[test]
fn a_key_is_redrawn_after_its_frames() {
    for first in [FIRST_CTR_MIN, 1 << 20, FIRST_CTR_END - 1] {
        let room = member_starting_at(first);
        let bob = member(config(), 9, &Clock::default());
        let sealer = room.sealer(Kind::Video).unwrap();
        let (kid, ctr) = next(&sealer);
        assert_eq!(ctr, first);
        sealer.pretend_sealed(REDRAW_FRAMES - 3, 1_000);
        for left in (1..=3).rev() {
            let frame = seal(&sealer, b"frame").unwrap();
            let peek = peek(&frame).unwrap();
            let want = first + REDRAW_FRAMES - left;
            assert_eq!((peek.kid, peek.ctr), (kid, want));
            assert!(peek.ctr < 1 << 24);
            open_video(&bob, &frame).unwrap();
        }
        // The frame after the last one has a new key, in the same epoch.
        let frame = seal(&sealer, b"frame").unwrap();
        let redrawn = peek(&frame).unwrap();
        assert_ne!(redrawn.kid >> 4, kid >> 4);
        assert_eq!((redrawn.kid & 0xF, redrawn.ctr), (1, first));
        assert_eq!(frame.len(), sealer.sealed_len(5));
        open_video(&bob, &frame).unwrap();
        assert_eq!(
            next(&sealer),
            (redrawn.kid, first + 1),
            "and goes on with it"
        );
        // Both are own.
        assert_eq!(open_video(&room, &frame), Err(Error::OwnFrame));
    }
}

#[test]
fn a_key_is_redrawn_after_its_blocks() {
    let room = member_starting_at(70_000);
    let sealer = room.sealer(Kind::Video).unwrap();
    let (kid, first) = next(&sealer);
    // A frame counts what its payload touches and one block more.
    sealer.pretend_sealed(10, REDRAW_BLOCKS - 5);
    let frame = seal(&sealer, &[0; 40]).unwrap();
    assert_eq!(peek(&frame).unwrap().kid, kid, "4 of 5 blocks");
    let frame = seal(&sealer, b"").unwrap();
    let redrawn = peek(&frame).unwrap();
    assert_ne!(redrawn.kid, kid, "2 of 1");
    assert_eq!(redrawn.ctr, first);
    // A long frame that doesn't fit what is left redraws at once.
    sealer.pretend_sealed(10, REDRAW_BLOCKS - 100);
    let long = seal(&sealer, &[0; 100 * 16]).unwrap();
    assert_ne!(peek(&long).unwrap().kid, redrawn.kid);
}

#[test]
fn random_bits_are_kept_on_the_way_up_and_redrawn_in_every_other_move() {
    let room = member(config(), 1, &Clock::default());
    for epoch in 2..=9 {
        install(&room, epoch).unwrap();
    }
    let sealer = room.sealer(Kind::Audio).unwrap();
    let mut bits = None;
    let mut seen = HashSet::new();
    // Epoch, and whether the bits are kept.
    let path = [
        (3, false),
        (3, true),
        (4, true),
        (7, true),
        (5, false),
        (6, false),
        (7, false),
        (7, true),
        (8, true),
        (1, false),
        (8, false),
        (9, true),
    ];
    for (epoch, kept) in path {
        room.activate(epoch).unwrap();
        let (kid, _) = next(&sealer);
        assert_eq!(kid & 0xF, epoch);
        assert_eq!(bits == Some(kid >> 4), kept, "to {epoch}");
        assert_eq!(seen.insert(kid >> 4), !kept, "never earlier ones");
        bits = Some(kid >> 4);
    }
}

#[test]
fn an_epoch_that_was_active_but_not_sealed_in_is_no_move() {
    let room = member(config(), 1, &Clock::default());
    install(&room, 2).unwrap();
    let sealer = room.sealer(Kind::Audio).unwrap();
    let (kid, ctr) = next(&sealer);
    room.activate(2).unwrap();
    room.activate(1).unwrap();
    assert_eq!(next(&sealer), (kid, ctr + 1));
}

#[test]
fn a_retired_epoch_is_a_move_and_its_key_never_comes_back() {
    let room = member(config(), 1, &Clock::default());
    install(&room, 2).unwrap();
    install(&room, 3).unwrap();
    let sealer = room.sealer(Kind::Audio).unwrap();
    room.activate(2).unwrap();
    let (two, _) = next(&sealer);
    room.retire(2).unwrap();
    room.activate(1).unwrap();
    let (one, _) = next(&sealer);
    assert_ne!(one >> 4, two >> 4);
    room.activate(3).unwrap();
    let (three, _) = next(&sealer);
    assert_eq!(three >> 4, one >> 4, "3 is above all");
    // 19 has the low bits of 3 and takes its place: the KID may be the same, the
    // key isn't.
    install(&room, 4).unwrap();
    room.activate(4).unwrap();
    install(&room, 19).unwrap();
    room.activate(19).unwrap();
    let frame = seal(&sealer, b"frame").unwrap();
    assert_eq!(peek(&frame).unwrap().kid, three);
    let bob = Room::with_environment(config(), environment(2, &Clock::default())).unwrap();
    install(&bob, 3).unwrap();
    assert_eq!(
        open(&bob.opener(), Kind::Audio, &frame, None),
        Err(Error::NotAuthentic)
    );
    install(&bob, 19).unwrap();
    open(&bob.opener(), Kind::Audio, &frame, None).unwrap();
}

#[test]
fn bits_redrawn_for_exhaustion_go_up_with_the_sealer() {
    let room = member(config(), 1, &Clock::default());
    install(&room, 2).unwrap();
    let sealer = room.sealer(Kind::Audio).unwrap();
    let (first, _) = next(&sealer);
    sealer.pretend_sealed(REDRAW_FRAMES, 0);
    let (second, _) = next(&sealer);
    room.activate(2).unwrap();
    let (third, _) = next(&sealer);
    assert_ne!(first >> 4, second >> 4);
    assert_eq!(second >> 4, third >> 4);
}

#[test]
fn threads_that_race_to_the_limit_share_no_counter() {
    for round in 0..200 {
        let room = member(config(), round, &Clock::default());
        let sealer = room.sealer(Kind::Audio).unwrap();
        let (kid, first) = next(&sealer);
        sealer.pretend_sealed(REDRAW_FRAMES - 20, 0);
        let sealed: Vec<_> = thread::scope(|scope| {
            let work = || scope.spawn(|| (0..20).map(|_| next(&sealer)).collect::<Vec<_>>());
            let threads: Vec<_> = (0..3).map(|_| work()).collect();
            threads
                .into_iter()
                .flat_map(|t| t.join().unwrap())
                .collect()
        });
        let distinct: HashSet<_> = sealed.iter().collect();
        assert_eq!(distinct.len(), 60);
        // One redraw, and the old key went to its very end.
        let kids: HashSet<_> = sealed.iter().map(|(kid, _)| *kid).collect();
        assert_eq!(kids.len(), 2);
        let old = sealed.iter().filter(|(k, _)| *k == kid);
        let last = old.clone().map(|(_, ctr)| *ctr).max().unwrap();
        assert_eq!((old.count(), last), (20, first + REDRAW_FRAMES - 1));
    }
}

#[test]
#[ignore = "seals 2^23 frames for real: half a minute"]
fn a_key_is_redrawn_after_its_frames_for_real() {
    let room = member_starting_at(FIRST_CTR_END - 1);
    let sealer = room.sealer(Kind::Video).unwrap();
    let mut out = [0; 64];
    let mut kids = Vec::new();
    for i in 0..REDRAW_FRAMES + 2 {
        let len = sealer.seal(&[], &[], &mut out).unwrap();
        assert_eq!((len, out[0]), (HEADER_LEN + 16, 0xFA));
        if i % 1_024 < 2 || i + 4 > REDRAW_FRAMES {
            let peek = peek(&out[..len]).unwrap();
            assert_eq!(peek.ctr, FIRST_CTR_END - 1 + i % REDRAW_FRAMES);
            kids.push(peek.kid);
        }
    }
    kids.dedup();
    assert_eq!(kids.len(), 2);
}
