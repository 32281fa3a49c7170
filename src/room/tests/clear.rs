//! The clear-frames exception: what it lets through, and how long.

use super::*;
use crate::limits::MAX_CLEAR_FRAMES_SECONDS;

const MINUTE: Duration = Duration::from_secs(60);

/// Starts of clear frames: H.264, H.265, VP8, AV1, Opus, nothing, rubbish.
const CLEAR: [&[u8]; 8] = [
    b"\0\0\0\x01\x67\x42\xC0\x1F\0\0\0\x01\x65\x88\x84\0\x33\xFF",
    b"\0\0\x01\x40\x01\x0C\x01\xFF\xFF\x01\x60\0\0\x03\0\x90\0\0",
    b"\x10\x02\0\x9D\x01\x2A\x80\x02\x68\x01\x39\x4B\0",
    b"\x12\0\x0A\x0A\0\0\0\x02\xAF\xFF\x9B\x5F\x30\x08",
    b"\xFC\xFF\xFE",
    b"",
    b"\xFA",
    b"hello, world: this is a message in clear",
];

fn open_clear(room: &Room, kind: Kind, frame: &[u8]) -> Error {
    let mut in_place = frame.to_vec();
    let opener = room.opener();
    let one = opener.open_in_place(kind, &[], None, &mut in_place);
    assert_eq!(in_place, frame, "untouched");
    let mut out = [0xAA; 64];
    let two = opener.open(kind, frame, &[], None, &mut out).unwrap_err();
    assert_eq!(out, [0xAA; 64]);
    assert_eq!(one, Err(two));
    two
}

#[test]
fn without_the_exception_nothing_in_clear_passes() {
    let room = member(config(), 1, &Clock::default());
    for kind in Kind::ALL {
        for frame in CLEAR {
            let error = open_clear(&room, kind, frame);
            let refused = matches!(error, Error::NotSealed | Error::Malformed);
            assert!(refused, "{error:?} {frame:?}");
        }
        assert_eq!(room.counters(kind).clear_frames, 0);
    }
}

#[test]
fn the_exception_is_for_one_kind_and_counted() {
    let clock = Clock::default();
    let room = member(config(), 1, &clock);
    room.accept_clear_frames_dangerously(Kind::Video, MINUTE)
        .unwrap();
    for frame in CLEAR {
        assert_eq!(open_clear(&room, Kind::Video, frame), Error::ClearFrame);
        assert_ne!(open_clear(&room, Kind::Audio, frame), Error::ClearFrame);
        assert_ne!(open_clear(&room, Kind::Message, frame), Error::ClearFrame);
    }
    let counters = room.counters(Kind::Video);
    assert_eq!(counters.clear_frames, 2 * CLEAR.len() as u64);
    assert_eq!(
        counters.opened + counters.not_sealed + counters.malformed,
        0
    );
    assert_eq!(room.counters(Kind::Audio).clear_frames, 0);
}

#[test]
fn the_exception_ends_by_the_clock() {
    let clock = Clock::default();
    let room = member(config(), 1, &clock);
    clock.advance(Duration::from_millis(1_234));
    for (time, moments) in [(MINUTE, 60_000), (Duration::from_millis(5), 5)] {
        room.accept_clear_frames_dangerously(Kind::Audio, time)
            .unwrap();
        assert_eq!(open_clear(&room, Kind::Audio, CLEAR[0]), Error::ClearFrame);
        clock.advance(Duration::from_millis(moments - 1));
        assert_eq!(open_clear(&room, Kind::Audio, CLEAR[0]), Error::ClearFrame);
        clock.advance(Duration::from_millis(1));
        assert_eq!(open_clear(&room, Kind::Audio, CLEAR[0]), Error::NotSealed);
        clock.advance(Duration::from_secs(1_000_000));
        assert_eq!(open_clear(&room, Kind::Audio, CLEAR[0]), Error::NotSealed);
    }
}

#[test]
fn the_exception_lasts_24_hours_at_most_and_zero_ends_it() {
    let clock = Clock::default();
    let room = member(config(), 1, &clock);
    let day = Duration::from_secs(MAX_CLEAR_FRAMES_SECONDS);
    assert_eq!(day, MINUTE * 60 * 24);
    for longer in [day + Duration::from_nanos(1), day * 2, Duration::MAX] {
        let refused = room.accept_clear_frames_dangerously(Kind::Audio, longer);
        assert_eq!(refused, Err(Error::InvalidArgument));
        assert_eq!(open_clear(&room, Kind::Audio, CLEAR[0]), Error::NotSealed);
    }
    room.accept_clear_frames_dangerously(Kind::Audio, day)
        .unwrap();
    clock.advance(day - Duration::from_millis(1));
    assert_eq!(open_clear(&room, Kind::Audio, CLEAR[0]), Error::ClearFrame);
    let refused = room.accept_clear_frames_dangerously(Kind::Audio, day * 2);
    assert_eq!(refused, Err(Error::InvalidArgument));
    clock.advance(Duration::from_millis(1));
    assert_eq!(open_clear(&room, Kind::Audio, CLEAR[0]), Error::NotSealed);

    room.accept_clear_frames_dangerously(Kind::Audio, day)
        .unwrap();
    room.accept_clear_frames_dangerously(Kind::Audio, Duration::ZERO)
        .unwrap();
    assert_eq!(open_clear(&room, Kind::Audio, CLEAR[0]), Error::NotSealed);
}

#[test]
fn sealed_frames_are_told_apart_and_judged_as_ever() {
    let clock = Clock::default();
    let (alice, bob) = (member(config(), 1, &clock), member(config(), 2, &clock));
    bob.accept_clear_frames_dangerously(Kind::Video, MINUTE)
        .unwrap();
    let sealer = alice.sealer(Kind::Video).unwrap();
    for len in 0..200 {
        let payload = vec![7; len];
        let frame = seal(&sealer, &payload).unwrap();
        let forged = open(&bob.opener(), Kind::Video, &broken(&frame), None);
        assert_eq!(
            forged,
            Err(Error::NotAuthentic),
            "never taken for a clear one"
        );
        assert_eq!(open(&bob.opener(), Kind::Video, &frame, None), Ok(payload));
        let again = open(&bob.opener(), Kind::Video, &frame, None);
        assert_eq!(again, Err(Error::Replay));
    }
    let own = seal(&bob.sealer(Kind::Video).unwrap(), b"x").unwrap();
    assert_eq!(open_video(&bob, &own), Err(Error::OwnFrame));
    assert_eq!(bob.counters(Kind::Video).clear_frames, 0);
}

#[test]
fn nothing_is_sent_in_clear_even_then() {
    let room = Room::with_environment(config(), environment(1, &Clock::default())).unwrap();
    room.accept_clear_frames_dangerously(Kind::Video, MINUTE)
        .unwrap();
    let sealer = room.sealer(Kind::Video).unwrap();
    assert_eq!(seal(&sealer, b"x"), Err(Error::NoActiveEpoch));
    install(&room, 1).unwrap();
    room.activate(1).unwrap();
    let frame = seal(&sealer, b"a payload to look for").unwrap();
    assert!(!frame.windows(4).any(|w| w == b"payl" || w == b"look"));
}

#[test]
fn messages_in_clear_text_are_told_and_counted_too() {
    let room = member(config(), 1, &Clock::default());
    // Not base64url at all, of no possible length, and base64url of something else.
    let texts = ["hello, world", "hallo", "helloworld12"];
    let opener = room.opener();
    let errors = texts.map(|text| opener.open_text(text, &[], None).unwrap_err());
    assert_eq!(
        errors,
        [Error::InvalidText, Error::InvalidText, Error::NotSealed]
    );
    let counters = room.counters(Kind::Message);
    assert_eq!((counters.malformed, counters.not_sealed), (2, 1));
    room.accept_clear_frames_dangerously(Kind::Message, MINUTE)
        .unwrap();
    for text in texts {
        let error = opener.open_text(text, &[], None).unwrap_err();
        assert_eq!(error, Error::ClearFrame, "{text}");
    }
    assert_eq!(room.counters(Kind::Message).clear_frames, 3);
}
