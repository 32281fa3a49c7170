//! Bad input to rooms, call by call: what each says, and that it touches nothing.

use core::time::Duration;
use roomseal::sframe::CipherSuite;
use roomseal::{
    AppId, Error, HEADER_LEN, Kind, Opener, Room, RoomConfig, RoomId, RoomKey, RoomSalt, Sealer,
    peek,
};

const TAG_LEN: usize = 16;
const MAX_FRAME_LEN: usize = 1_000;
const UNTOUCHED: u8 = 0xA5;

fn room() -> Room {
    let config = RoomConfig::new(AppId::number(1), RoomId::number(2)).max_frame_len(MAX_FRAME_LEN);
    let room = Room::new(config).expect("a valid configuration");
    let key = RoomKey::from_bytes(&[7; 16]).expect("16 bytes");
    room.install(1, &key, &RoomSalt::none())
        .expect("a new epoch");
    room.activate(1).expect("an installed epoch");
    room
}

/// A frame that another member sealed.
fn sealed(kind: Kind, payload: &[u8]) -> Vec<u8> {
    let room = room();
    let sealer = room.sealer(kind).expect("an open room");
    let mut frame = vec![0; sealer.sealed_len(payload.len())];
    sealer
        .seal(payload, &[], &mut frame)
        .expect("an active epoch");
    frame
}

/// Each call that seals, with a payload of `len` bytes and output of `cap`.
fn seal_in_every_way(sealer: &Sealer, len: usize, cap: usize) -> Vec<Result<(), Error>> {
    let payload = vec![UNTOUCHED; len];
    let mut out = vec![UNTOUCHED; cap];
    let mut results = vec![sealer.seal(&payload, &[], &mut out).map(drop)];
    if sealer.kind() == Kind::Message {
        results.push(sealer.seal_text_into(&payload, &[], &mut out).map(drop));
    }
    if cap >= HEADER_LEN + len {
        let place = HEADER_LEN..HEADER_LEN + len;
        results.push(sealer.seal_in_place(&[], &mut out, place).map(drop));
    }
    assert!(out.iter().all(|b| *b == UNTOUCHED), "{len} {cap}");
    results
}

/// Each call that opens.
fn open_in_every_way(
    opener: &Opener,
    kind: Kind,
    frame: &[u8],
    source: Option<&[u8]>,
) -> [Result<(), Error>; 2] {
    let mut out = vec![UNTOUCHED; frame.len()];
    let mut in_place = frame.to_vec();
    let results = [
        opener.open(kind, frame, &[], source, &mut out).map(drop),
        opener
            .open_in_place(kind, &[], source, &mut in_place)
            .map(drop),
    ];
    assert!(out.iter().all(|b| *b == UNTOUCHED));
    assert_eq!(in_place, frame);
    results
}

#[test]
fn a_closed_room_says_so_whatever_is_asked() {
    let room = room();
    let sealers = Kind::ALL.map(|kind| room.sealer(kind).expect("an open room"));
    let opener = room.opener();
    room.close();
    let closed = Err(Error::Closed);
    let key = RoomKey::from_bytes(&[7; 16]).expect("16 bytes");
    let minute = Duration::from_secs(60);
    let calls = [
        room.install(2, &key, &RoomSalt::none()),
        room.activate(1),
        room.retire(1),
        room.ratchet(1).map(drop),
        room.sealer(Kind::Audio).map(drop),
        room.accept_clear_frames_dangerously(Kind::Audio, minute),
        opener.open_text("AAAA", &[], None).map(drop),
    ];
    assert_eq!(calls, [closed; 7]);
    for sealer in &sealers {
        // The arguments are right.
        let results = seal_in_every_way(sealer, 20, 100);
        assert!(results.iter().all(|r| *r == closed), "{results:?}");
        let frame = sealed(sealer.kind(), b"payload");
        let results = open_in_every_way(&opener, sealer.kind(), &frame, None);
        assert_eq!(results, [closed; 2]);
    }
    assert_eq!((room.epochs(), room.active_epoch()), (vec![], None));
}

#[test]
fn a_room_without_keys_or_for_opening_alone_seals_nothing() {
    let config = || RoomConfig::new(AppId::number(1), RoomId::number(2));
    let empty = Room::new(config()).expect("a valid configuration");
    for kind in Kind::ALL {
        let sealer = empty.sealer(kind).expect("an open room");
        let results = seal_in_every_way(&sealer, 20, 100);
        assert!(results.iter().all(|r| *r == Err(Error::NoActiveEpoch)));
        let frame = sealed(kind, b"payload");
        let results = open_in_every_way(&empty.opener(), kind, &frame, None);
        assert_eq!(results, [Err(Error::UnknownKey); 2]);
    }
    let recorder = Room::new(config().open_only()).expect("a valid configuration");
    let refused = recorder.sealer(Kind::Audio).map(drop);
    assert_eq!(refused, Err(Error::OpenOnly));
}

#[test]
fn frames_and_outputs_of_a_wrong_size_are_refused_by_every_seal_call() {
    let room = room();
    let overhead = HEADER_LEN + TAG_LEN;
    for kind in Kind::ALL {
        let sealer = room.sealer(kind).expect("an open room");
        for (len, cap, error) in [
            (0, 0, Error::BufferTooSmall),
            (0, overhead - 1, Error::BufferTooSmall),
            (20, 20, Error::BufferTooSmall),
            (20, 20 + overhead - 1, Error::BufferTooSmall),
            (MAX_FRAME_LEN + 1, 2 * MAX_FRAME_LEN, Error::TooLarge),
        ] {
            let results = seal_in_every_way(&sealer, len, cap);
            assert!(results.iter().all(|r| *r == Err(error)), "{len} {cap}");
        }
        let mut buf = [UNTOUCHED; 100];
        #[expect(clippy::reversed_empty_ranges, reason = "bad input")]
        let outside = [50..40, 90..101, 101..101, 0..usize::MAX, usize::MAX..0];
        for payload in outside {
            let refused = sealer.seal_in_place(&[], &mut buf, payload);
            assert_eq!(refused, Err(Error::InvalidArgument));
        }
        for payload in [HEADER_LEN - 1..50, 0..50, 50..100 - TAG_LEN + 1, 50..100] {
            let refused = sealer.seal_in_place(&[], &mut buf, payload);
            assert_eq!(refused, Err(Error::BufferTooSmall));
        }
        assert_eq!(buf, [UNTOUCHED; 100]);
        assert_eq!(sealer.sealed_len(usize::MAX), usize::MAX, "saturates");
        if kind != Kind::Message {
            let refused = sealer.seal_text(b"text", &[]);
            assert_eq!(refused, Err(Error::WrongKind));
        }
    }
    assert!(Kind::ALL.iter().all(|k| room.counters(*k).sealed == 0));
}

#[test]
fn frames_of_a_wrong_size_or_source_are_refused_by_every_open_call() {
    let room = room();
    let opener = room.opener();
    for kind in Kind::ALL {
        let frame = sealed(kind, &[]);
        assert_eq!(opener.opened_len(kind, frame.len()), Some(0));
        assert_eq!(opener.opened_len(kind, frame.len() - 1), None);
        for len in 0..frame.len() {
            let results = open_in_every_way(&opener, kind, &frame[..len], None);
            assert_eq!(results, [Err(Error::Malformed); 2], "{len}");
            assert_eq!(peek(&frame[..len]).is_ok(), len >= HEADER_LEN);
        }
        let long = vec![frame[0]; MAX_FRAME_LEN + 100];
        let results = open_in_every_way(&opener, kind, &long, None);
        assert_eq!(results, [Err(Error::TooLarge); 2]);
        for source in [&[][..], &[b'x'; 65]] {
            let results = open_in_every_way(&opener, kind, &frame, Some(source));
            assert_eq!(results, [Err(Error::InvalidArgument); 2]);
        }
        let frame = sealed(kind, b"payload");
        let mut out = [UNTOUCHED; 6];
        let refused = opener.open(kind, &frame, &[], None, &mut out);
        assert_eq!((refused, out), (Err(Error::BufferTooSmall), [UNTOUCHED; 6]));
        // Nothing above spent it.
        let mut out = [0; 7];
        assert_eq!(opener.open(kind, &frame, &[], None, &mut out), Ok(7));
    }
    // Of four characters one alone stands for no byte.
    for text in ["A", "AAAAA", "====", "AA A", "\u{e4}\u{e4}"] {
        let refused = opener.open_text(text, &[], None);
        assert_eq!(refused, Err(Error::InvalidText), "{text}");
    }
}

#[test]
fn numbers_that_name_nothing_are_refused() {
    for number in (0..=u8::MAX).filter(|n| !(1..=3).contains(n)) {
        assert_eq!(Kind::from_number(number), Err(Error::WrongKind));
    }
    for id in (0..=u16::MAX).filter(|n| !(1..=4).contains(n)) {
        assert_eq!(CipherSuite::from_id(id), Err(Error::UnknownSuite));
    }
}
