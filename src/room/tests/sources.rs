//! Who sent it: the binding of streams to the sources that open calls name.

use super::*;
use crate::limits::MAX_SOURCE_LEN;

fn source_of(room: &Room, stream: u64) -> Option<Vec<u8>> {
    let state = snapshot(room, Kind::Video);
    let stream = state.streams.iter().find(|s| s.id == stream);
    stream.expect("a known stream").source.clone()
}

#[test]
fn the_first_authentic_frame_that_names_a_source_binds() {
    let room = member(config(), 1, &Clock::default());
    let frame = |ctr| video(&room, 7, 1, ctr);
    // A forged one doesn't, on an unknown or a known KID.
    let forged = broken(&frame(100));
    assert_eq!(
        open_video_of(&room, &forged, Some("eve")),
        Err(Error::NotAuthentic)
    );
    open_video(&room, &frame(100)).unwrap();
    assert_eq!(
        open_video_of(&room, &forged, Some("eve")),
        Err(Error::Replay)
    );
    let forged = broken(&frame(101));
    assert_eq!(
        open_video_of(&room, &forged, Some("eve")),
        Err(Error::NotAuthentic)
    );
    // A replay doesn't.
    assert_eq!(
        open_video_of(&room, &frame(100), Some("eve")),
        Err(Error::Replay)
    );
    // A call that names none doesn't.
    open_video(&room, &frame(101)).unwrap();
    assert_eq!(source_of(&room, 7), None);
    open_video_of(&room, &frame(102), Some("alice")).unwrap();
    assert_eq!(source_of(&room, 7).as_deref(), Some(&b"alice"[..]));
    assert_eq!(
        room.streams(Kind::Video)[0].source.as_deref(),
        Some(&b"alice"[..])
    );
}

#[test]
fn a_bound_stream_opens_for_its_source_and_for_calls_that_name_none() {
    let room = member(config(), 1, &Clock::default());
    let frame = |ctr| video(&room, 7, 1, ctr);
    open_video_of(&room, &frame(100), Some("alice")).unwrap();
    for other in ["bob", "Alice", "alic", "alice\0", "\0"] {
        let mut in_place = frame(101);
        let opened =
            room.opener()
                .open_in_place(Kind::Video, &[], Some(other.as_bytes()), &mut in_place);
        assert_eq!(opened, Err(Error::SourceChanged), "{other}");
        assert_eq!(in_place, frame(101), "untouched");
    }
    assert_eq!(room.counters(Kind::Video).source_changed, 5);
    assert_eq!(room.streams(Kind::Video)[0].source_changed, 5);
    open_video(&room, &frame(101)).unwrap();
    open_video_of(&room, &frame(102), Some("alice")).unwrap();
    assert_eq!(source_of(&room, 7).as_deref(), Some(&b"alice"[..]));
}

#[test]
fn the_binding_holds_through_epochs_but_not_for_other_streams_or_kinds() {
    let room = member(config(), 1, &Clock::default());
    for epoch in [2, 3] {
        install(&room, epoch).unwrap();
    }
    open_video_of(&room, &video(&room, 7, 2, 100), Some("alice")).unwrap();
    for epoch in [1, 3] {
        let frame = video(&room, 7, epoch, 100);
        assert_eq!(
            open_video_of(&room, &frame, Some("bob")),
            Err(Error::SourceChanged)
        );
        open_video_of(&room, &frame, Some("alice")).unwrap();
    }
    room.retire(2).unwrap();
    let frame = video(&room, 7, 3, 101);
    assert_eq!(
        open_video_of(&room, &frame, Some("bob")),
        Err(Error::SourceChanged)
    );
    // All streams and all kinds by themselves: the KID is what is bound.
    open_video_of(&room, &video(&room, 8, 1, 100), Some("bob")).unwrap();
    let audio = forge(&room, Kind::Audio, kid(7, 1), 100, b"x");
    open(&room.opener(), Kind::Audio, &audio, Some(b"bob")).unwrap();
}

#[test]
fn the_binding_outlives_eviction() {
    let room = member(config().max_streams(Kind::Video, 1), 1, &Clock::default());
    install(&room, 2).unwrap();
    open_video(&room, &video(&room, 7, 1, 100)).unwrap();
    open_video_of(&room, &video(&room, 7, 2, 100), Some("alice")).unwrap();
    for round in 1..5 {
        open_video(&room, &video(&room, 8, 1, 100 + round)).unwrap();
        assert_eq!(streams(&room, Kind::Video), [8]);
        // In either epoch, though only the frame in epoch 2 named the source.
        let epoch = 1 + round % 2;
        let frame = video(&room, 7, epoch, 100 + round);
        let refused = open_video_of(&room, &frame, Some("bob"));
        assert_eq!(refused, Err(Error::SourceChanged));
        assert_eq!(
            streams(&room, Kind::Video),
            [8],
            "refused before it is let in"
        );
        open_video(&room, &frame).unwrap();
        assert_eq!(source_of(&room, 7).as_deref(), Some(&b"alice"[..]));
    }
    // An unbound stream comes back unbound.
    open_video(&room, &video(&room, 8, 1, 200)).unwrap();
    assert_eq!(source_of(&room, 8), None);
}

#[test]
fn the_binding_is_forgotten_with_the_last_memory_of_the_stream() {
    let room = member(config().max_streams(Kind::Video, 1), 1, &Clock::default());
    open_video_of(&room, &video(&room, 7, 1, 100), Some("alice")).unwrap();
    open_video(&room, &video(&room, 8, 1, 100)).unwrap();
    install(&room, 2).unwrap();
    room.retire(1).unwrap();
    open_video_of(&room, &video(&room, 7, 2, 100), Some("bob")).unwrap();
}

#[test]
fn all_openers_of_a_room_share_the_binding() {
    let room = member(config(), 1, &Clock::default());
    let [one, two] = [room.opener(), room.opener()];
    open(&one, Kind::Video, &video(&room, 7, 1, 100), Some(b"alice")).unwrap();
    let frame = video(&room, 7, 1, 101);
    let refused = open(&two, Kind::Video, &frame, Some(b"bob"));
    assert_eq!(refused, Err(Error::SourceChanged));
    open(&two, Kind::Video, &frame, Some(b"alice")).unwrap();
}

#[test]
fn a_source_has_1_to_64_bytes() {
    let room = member(config(), 1, &Clock::default());
    let frame = video(&room, 7, 1, 100);
    let long = [b'x'; MAX_SOURCE_LEN + 1];
    for source in [&[][..], &long] {
        let refused = open(&room.opener(), Kind::Video, &frame, Some(source));
        assert_eq!(refused, Err(Error::InvalidArgument));
    }
    assert_eq!(streams(&room, Kind::Video), [0; 0]);
    let longest = Some(&long[1..]);
    open(&room.opener(), Kind::Video, &frame, longest).unwrap();
    assert_eq!(source_of(&room, 7).as_deref(), longest);
    open(
        &room.opener(),
        Kind::Video,
        &video(&room, 8, 1, 1),
        Some(b"\xFF"),
    )
    .unwrap();
}
