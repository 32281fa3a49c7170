//! Forged frames move nothing: windows, sources, streams, tombstones, the order
//! of leaving and the allocations are as before.

use super::*;
use crate::limits::SPARE_CANDIDATES;

/// A room with streams in their places, tombstones, sources, two epochs.
fn lived_in(config: RoomConfig, clock: &Clock) -> Room {
    let room = member(config.max_streams(Kind::Video, 40), 1, clock);
    install(&room, 2).unwrap();
    for stream in 0..60 {
        for (epoch, ctr) in [(1, 500), (1, 510), (2, 70_000), (1, 507)] {
            clock.advance(Duration::from_millis(1));
            let source = (stream % 3 == 0).then(|| format!("user {stream}"));
            let frame = video(&room, stream, epoch, ctr);
            open_video_of(&room, &frame, source.as_deref()).unwrap();
        }
    }
    let state = snapshot(&room, Kind::Video);
    assert_eq!(state.streams.len(), 40);
    assert_eq!(state.slots.len(), 80);
    assert_eq!(state.tombstones.len(), 40);
    room
}

/// What a forger makes of what it saw: random bytes, or a frame with one change.
fn forgery(numbers: &mut Numbers, room: &Room, kid: Kid, cache: &mut Vec<u8>) -> Vec<u8> {
    match numbers.index(4) {
        0 => {
            let len = numbers.index(80) + 16;
            random_frame(numbers, kid, len)
        }
        1 => {
            // Another counter on a true frame: 2^24 of them lie above the window.
            *cache = forge(room, Kind::Video, kid, 700, b"frame");
            let mut frame = random_frame(numbers, kid, 0);
            frame.extend_from_slice(&cache[11..]);
            frame
        }
        2 => {
            *cache = forge(
                room,
                Kind::Video,
                kid,
                100_000 + numbers.below(1 << 20),
                b"frame",
            );
            let bit = numbers.index((cache.len() - HEADER_LEN) * 8);
            let mut frame = cache.clone();
            frame[HEADER_LEN + bit / 8] ^= 1 << (bit % 8);
            frame
        }
        _ => {
            *cache = forge(room, Kind::Video, kid, 1 << 40, b"frame");
            cache[..cache.len() - 1 - numbers.index(5)].to_vec()
        }
    }
}

fn forgeries_move_nothing(frames: u64, suite: u16) {
    let clock = Clock::default();
    let suite = CipherSuite::from_id(suite).unwrap();
    let room = lived_in(config().suite(Kind::Video, suite), &clock);
    let mut numbers = Numbers(u64::from(suite.id()));
    let mut cache = Vec::new();
    let before = snapshot(&room, Kind::Video);
    let sizes = room.core.kind(Kind::Video).streams.sizes();
    let candidates = |room: &Room| room.core.kind(Kind::Video).spare_candidates();
    let mut buffers = Vec::new();
    for i in 0..frames {
        // Known KIDs, those of evicted streams, and unknown ones, with tokens left.
        clock.advance(Duration::from_millis(1));
        let epoch = 1 + numbers.below(2);
        let kid = match i % 3 {
            0 => random_kid(&mut numbers, epoch),
            _ => kid(numbers.below(60), epoch),
        };
        let frame = forgery(&mut numbers, &room, kid, &mut cache);
        let source = (i % 2 == 0).then_some("eve");
        let error = open_video_of(&room, &frame, source).unwrap_err();
        let expected = matches!(
            error,
            Error::NotAuthentic | Error::TooOld | Error::Replay | Error::SourceChanged
        );
        assert!(expected, "{error:?}");
        if i % 10_000 == 0 {
            assert_eq!(snapshot(&room, Kind::Video), before);
        }
        if i == 100 {
            buffers = candidates(&room);
        }
    }
    assert_eq!(snapshot(&room, Kind::Video), before);
    assert_eq!(room.core.kind(Kind::Video).streams.sizes(), sizes);
    let counters = room.counters(Kind::Video);
    assert_eq!(counters.opened, 240);
    assert!(counters.not_authentic > frames / 4, "{counters:?}");
    assert_eq!(counters.budget, 0);
    // One call at a time needs one buffer, and it is the same one all the time.
    assert_eq!(buffers.len(), 1);
    assert_eq!(candidates(&room), buffers);
    assert!(buffers.len() <= SPARE_CANDIDATES);
    // All is as it was: the next frames open, those before don't.
    for stream in 20..60 {
        let source = (stream % 3 == 0).then(|| format!("user {stream}"));
        for (epoch, ctr, opens) in [(1, 510, false), (1, 508, true), (2, 70_001, true)] {
            let frame = video(&room, stream, epoch, ctr);
            let opened = open_video_of(&room, &frame, source.as_deref());
            assert_eq!(opened.is_ok(), opens, "{stream} {epoch} {ctr} {opened:?}");
        }
    }
}

#[test]
fn a_hundred_thousand_forged_frames_move_nothing() {
    forgeries_move_nothing(70_000, 4);
    forgeries_move_nothing(30_000, 2);
}

#[test]
#[ignore = "a million frames for each of three suites: minutes"]
fn a_million_forged_frames_move_nothing() {
    for suite in [1, 2, 4] {
        forgeries_move_nothing(1_000_000, suite);
    }
}

#[test]
fn a_forged_frame_leaves_zeros_and_a_refused_one_leaves_all() {
    let clock = Clock::default();
    let room = lived_in(config(), &clock);
    let opener = room.opener();
    // Known, spare, unknown.
    for (stream, epoch) in [(59, 1), (59, 2), (900, 1)] {
        for len in [0, 1, 15, 16, 17, 100] {
            let frame = forge(
                &room,
                Kind::Video,
                kid(stream, epoch),
                1 << 30,
                &vec![9; len],
            );
            let forged = broken(&frame);
            let mut out = [0xAA; 128];
            let opened = opener.open(Kind::Video, &forged, &[], None, &mut out);
            assert_eq!(opened, Err(Error::NotAuthentic));
            assert!(out[..len].iter().all(|b| *b == 0));
            assert!(out[len..].iter().all(|b| *b == 0xAA));
            let mut in_place = forged.clone();
            let opened = opener.open_in_place(Kind::Video, &[], None, &mut in_place);
            assert_eq!(opened, Err(Error::NotAuthentic));
            assert!(in_place.iter().all(|b| *b == 0));
            // Metadata is a part of it.
            let opened = opener.open(Kind::Video, &frame, b"m", None, &mut out);
            assert_eq!(opened, Err(Error::NotAuthentic));
            if len > 0 {
                let mut small = vec![0xAA; len - 1];
                let opened = opener.open(Kind::Video, &frame, &[], None, &mut small);
                assert_eq!(opened, Err(Error::BufferTooSmall));
                assert_eq!(small, vec![0xAA; len - 1]);
            }
        }
    }
}

#[test]
fn the_order_of_checks_decides_the_answer() {
    let clock = Clock::default();
    let room = member(config().max_frame_len(100), 1, &clock);
    let opener = room.opener();
    let long = vec![0; 101];
    let unknown_long = random_frame(&mut Numbers(1), kid(7, 9), 117);
    let cases: [(&[u8], Error); 9] = [
        (&[0xFF; 200], Error::TooLarge),
        (&unknown_long, Error::TooLarge),
        (&[], Error::Malformed),
        (&[0xFA, 0x80, 0, 0], Error::Malformed),
        // A leading zero of the CTR, of the KID.
        (
            &[0xFA, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2],
            Error::Malformed,
        ),
        (
            &[0xFA, 0x00, 1, 0, 0, 0, 0, 0, 1, 1, 1, 2],
            Error::Malformed,
        ),
        (
            &[0xFA, 0x7F, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2],
            Error::NotSealed,
        ),
        (&long, Error::NotSealed),
        (
            &[0xFA, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2],
            Error::Malformed,
        ),
    ];
    for (frame, error) in cases {
        assert_eq!(
            open(&opener, Kind::Video, frame, None),
            Err(error),
            "{frame:?}"
        );
    }
    let exact = forge(&room, Kind::Video, kid(7, 1), 100, &long[1..]);
    assert_eq!(
        open(&opener, Kind::Video, &exact, None),
        Ok(long[1..].to_vec())
    );
    let sealer = room.sealer(Kind::Video).unwrap();
    let mut out = [0xAA; 200];
    assert_eq!(sealer.seal(&long, &[], &mut out), Err(Error::TooLarge));
    assert_eq!(out, [0xAA; 200]);
    let counters = room.counters(Kind::Video);
    assert_eq!(
        (counters.too_large, counters.malformed, counters.not_sealed),
        (3, 5, 2)
    );
}
