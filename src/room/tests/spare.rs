//! The tokens for unknown KIDs, and the KIDs that need none: those of a known
//! stream in another installed epoch.

use super::*;
use crate::limits::{TOKEN_BURST, TOKENS_PER_SECOND};

/// A room with a known stream 7 in epoch 1, epoch 2 beside it, and no token left.
fn drained(clock: &Clock) -> (Room, Numbers) {
    let room = member(config(), 1, clock);
    install(&room, 2).unwrap();
    open_video(&room, &video(&room, 7, 1, 100)).unwrap();
    let mut numbers = Numbers(5);
    drain_tokens(&room, Kind::Video, &mut numbers);
    (room, numbers)
}

#[test]
fn tokens_are_a_burst_and_a_rate_for_each_kind() {
    let clock = Clock::default();
    let room = member(config(), 1, &clock);
    let mut numbers = Numbers(5);
    for kind in Kind::ALL {
        assert_eq!(drain_tokens(&room, kind, &mut numbers), TOKEN_BURST);
    }
    clock.advance(Duration::from_secs(1) / 2);
    assert_eq!(
        drain_tokens(&room, Kind::Video, &mut numbers),
        TOKENS_PER_SECOND / 2
    );
    // One token takes 1/4,096 of a second, 244,140.625 ns.
    clock.advance(Duration::from_nanos(244_140));
    assert_eq!(drain_tokens(&room, Kind::Video, &mut numbers), 0);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(drain_tokens(&room, Kind::Video, &mut numbers), 1);
    // They don't pile up above the burst.
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(drain_tokens(&room, Kind::Video, &mut numbers), TOKEN_BURST);
    assert_eq!(drain_tokens(&room, Kind::Audio, &mut numbers), TOKEN_BURST);
}

#[test]
fn a_frame_refused_for_lack_of_tokens_is_untouched_and_opens_later() {
    let clock = Clock::default();
    let (room, _) = drained(&clock);
    let frame = video(&room, 8, 1, 100);
    let mut in_place = frame.clone();
    let mut out = [0xAA; 64];
    let opener = room.opener();
    let opened = opener.open_in_place(Kind::Video, &[], None, &mut in_place);
    assert_eq!(opened, Err(Error::Budget));
    let opened = opener.open(Kind::Video, &frame, &[], None, &mut out);
    assert_eq!(opened, Err(Error::Budget));
    assert_eq!((in_place, out), (frame.clone(), [0xAA; 64]));
    clock.advance(Duration::from_millis(1));
    open_video(&room, &frame).unwrap();
}

#[test]
fn what_is_refused_before_takes_no_token() {
    let clock = Clock::default();
    let (room, mut numbers) = drained(&clock);
    clock.advance(Duration::from_secs(1));
    let opener = room.opener();
    let sealer = room.sealer(Kind::Video).unwrap();
    let own = seal(&sealer, b"x").unwrap();
    let evicted = video(&room, 8, 1, 100);
    open_video(&room, &evicted).unwrap();
    let state = room.core.kind(Kind::Video);
    state.streams.evict(kid(8, 1).stream(), &state.tally);
    let mut short = [0; 4];
    for _ in 0..10_000 {
        let unknown = random_frame(&mut numbers, kid(9, 1), 40);
        let small = opener.open(Kind::Video, &unknown, &[], None, &mut short);
        assert_eq!(small, Err(Error::BufferTooSmall));
        let no_epoch = random_frame(&mut numbers, kid(9, 3), 40);
        let refused = [
            (own.clone(), Error::OwnFrame),
            (no_epoch, Error::UnknownKey),
            (evicted.clone(), Error::TooOld),
            (unknown[..20].to_vec(), Error::Malformed),
        ];
        for (frame, error) in refused {
            assert_eq!(open_video(&room, &frame), Err(error));
        }
    }
    // The first frame of stream 8 took one.
    let left = drain_tokens(&room, Kind::Video, &mut numbers);
    assert_eq!(left, TOKENS_PER_SECOND - 1);
}

#[test]
fn a_known_streams_kid_in_another_epoch_costs_no_token() {
    let clock = Clock::default();
    let (room, _) = drained(&clock);
    assert_eq!(
        open_video(&room, &video(&room, 8, 2, 100)),
        Err(Error::Budget)
    );
    open_video(&room, &video(&room, 7, 2, 100)).unwrap();
    open_video(&room, &video(&room, 7, 2, 101)).unwrap();
    open_video(&room, &video(&room, 7, 1, 101)).unwrap();
    assert_eq!(streams(&room, Kind::Video), [7]);
    assert_eq!(room.counters(Kind::Video).last_epoch, Some(2));
}

#[test]
fn a_spare_key_is_derived_once_authentic_or_not() {
    let clock = Clock::default();
    let (room, mut numbers) = drained(&clock);
    assert!(slot(&room, Kind::Video, kid(7, 2)).is_none());
    let forged = random_frame(&mut numbers, kid(7, 2), 40);
    assert_eq!(open_video(&room, &forged), Err(Error::NotAuthentic));
    let spare = slot(&room, Kind::Video, kid(7, 2)).expect("kept though forged");
    for _ in 0..1_000 {
        let forged = random_frame(&mut numbers, kid(7, 2), 40);
        assert_eq!(open_video(&room, &forged), Err(Error::NotAuthentic));
    }
    open_video(&room, &video(&room, 7, 2, 100)).unwrap();
    let same = slot(&room, Kind::Video, kid(7, 2)).unwrap();
    assert!(Arc::ptr_eq(&spare, &same), "the key that was made first");
    assert_eq!(
        open_video(&room, &video(&room, 7, 2, 100)),
        Err(Error::Replay)
    );
}

#[test]
fn there_are_as_many_spare_slots_as_installed_epochs() {
    let clock = Clock::default();
    let (room, mut numbers) = drained(&clock);
    for epoch in [3, 4] {
        install(&room, epoch).unwrap();
    }
    for epoch in 0..16 {
        let forged = random_frame(&mut numbers, kid(7, epoch), 40);
        let want = match epoch {
            1..=4 => Error::NotAuthentic,
            _ => Error::UnknownKey,
        };
        assert_eq!(open_video(&room, &forged), Err(want), "{epoch}");
    }
    assert_eq!(snapshot(&room, Kind::Video).slots.len(), 4);
    // Other kinds don't know the stream.
    let audio = forge(&room, Kind::Audio, kid(7, 3), 100, b"x");
    drain_tokens(&room, Kind::Audio, &mut numbers);
    assert_eq!(
        open(&room.opener(), Kind::Audio, &audio, None),
        Err(Error::Budget)
    );
}

#[test]
fn forged_frames_on_spare_kids_do_not_move_the_stream() {
    let clock = Clock::default();
    let (room, mut numbers) = drained(&clock);
    clock.advance(Duration::from_secs(1));
    open_video(&room, &video(&room, 8, 1, 100)).unwrap();
    let before = snapshot(&room, Kind::Video);
    for _ in 0..100 {
        let forged = random_frame(&mut numbers, kid(7, 2), 40);
        assert_eq!(open_video(&room, &forged), Err(Error::NotAuthentic));
    }
    let after = snapshot(&room, Kind::Video);
    assert_eq!(
        after.streams, before.streams,
        "7 is still the next to leave"
    );
    assert_eq!(after.slots.len(), before.slots.len() + 1);
    assert_eq!(after.tick, before.tick);
}

#[test]
fn a_spare_slot_remembers_what_a_tombstone_said() {
    let clock = Clock::default();
    let room = member(config().max_streams(Kind::Video, 1), 1, &clock);
    install(&room, 2).unwrap();
    let old = video(&room, 7, 2, 100);
    open_video(&room, &old).unwrap();
    open_video(&room, &video(&room, 8, 1, 100)).unwrap();
    assert_eq!(snapshot(&room, Kind::Video).tombstones.len(), 1);
    // Back in epoch 1; its KID in epoch 2 is a spare one now.
    open_video(&room, &video(&room, 7, 1, 100)).unwrap();
    assert_eq!(open_video(&room, &old), Err(Error::TooOld));
    assert_eq!(
        open_video(&room, &video(&room, 7, 2, 99)),
        Err(Error::TooOld)
    );
    // Away and back once more, though nothing was opened in epoch 2 meanwhile.
    open_video(&room, &video(&room, 8, 1, 101)).unwrap();
    assert_eq!(open_video(&room, &old), Err(Error::TooOld));
    open_video(&room, &video(&room, 7, 2, 101)).unwrap();
}

#[test]
fn a_spare_slot_goes_with_its_stream_and_with_its_epoch() {
    let clock = Clock::default();
    let room = member(config().max_streams(Kind::Video, 1), 1, &clock);
    let mut numbers = Numbers(5);
    install(&room, 2).unwrap();
    open_video(&room, &video(&room, 7, 1, 100)).unwrap();
    let forged = random_frame(&mut numbers, kid(7, 2), 40);
    assert_eq!(open_video(&room, &forged), Err(Error::NotAuthentic));
    room.retire(2).unwrap();
    assert_eq!(snapshot(&room, Kind::Video).slots.len(), 1);
    install(&room, 3).unwrap();
    let forged = random_frame(&mut numbers, kid(7, 3), 40);
    assert_eq!(open_video(&room, &forged), Err(Error::NotAuthentic));
    open_video(&room, &video(&room, 8, 1, 100)).unwrap();
    let state = snapshot(&room, Kind::Video);
    assert_eq!(state.slots.len(), 1);
    assert_eq!(
        state.tombstones.len(),
        1,
        "nothing was opened under the spare KID"
    );
    // The streams of a retired epoch stay known: the next epoch costs no token.
    drain_tokens(&room, Kind::Video, &mut numbers);
    room.retire(1).unwrap();
    assert_eq!(snapshot(&room, Kind::Video).slots, []);
    open_video(&room, &video(&room, 8, 3, 100)).unwrap();
    assert_eq!(
        open_video(&room, &video(&room, 9, 3, 100)),
        Err(Error::Budget)
    );
}
