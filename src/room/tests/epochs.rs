//! Installing, activating, retiring and ratcheting: each rule by itself.

use super::*;

fn empty_room() -> Room {
    Room::with_environment(config(), environment(1, &Clock::default())).unwrap()
}

/// The bytes of a line `field = hex` behind `at` in docs/WIRE.md.
fn known_answer<'d>(case: &'d str, field: &str) -> &'d str {
    case.lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(" = "))
        .unwrap_or_else(|| panic!("no {field}"))
}

#[test]
fn sixteen_epochs_with_distinct_low_bits() {
    let room = empty_room();
    for epoch in (0..16).rev() {
        install(&room, epoch).unwrap();
    }
    assert_eq!(room.epochs(), (0..16).collect::<Vec<_>>());
    // The seventeenth takes the place of one, and the place only of that one.
    install(&room, 19).unwrap();
    let want: Vec<_> = (0..16).filter(|e| *e != 3).chain([19]).collect();
    assert_eq!(room.epochs(), want);
    for epoch in want {
        open_video(&room, &video(&room, 7, epoch, 100)).unwrap();
    }
}

#[test]
fn installing_the_same_again_changes_nothing() {
    let clock = Clock::default();
    let room = member(config(), 1, &clock);
    let sealer = room.sealer(Kind::Video).unwrap();
    let before = peek(&seal(&sealer, b"x").unwrap()).unwrap();
    let frame = video(&room, 7, 1, 100);
    open_video_of(&room, &frame, Some("alice")).unwrap();
    let state = snapshot(&room, Kind::Video);
    let epoch = room.core.epoch_of(kid(0, 1)).unwrap();
    epoch
        .state
        .failures(Kind::Video)
        .store(77, Ordering::Relaxed);

    install(&room, 1).unwrap();

    assert!(Arc::ptr_eq(&epoch, &room.core.epoch_of(kid(0, 1)).unwrap()));
    assert_eq!(snapshot(&room, Kind::Video), state);
    assert_eq!(
        epoch.state.failures(Kind::Video).load(Ordering::Relaxed),
        77
    );
    assert_eq!(room.active_epoch(), Some(1));
    let after = peek(&seal(&sealer, b"x").unwrap()).unwrap();
    assert_eq!((after.kid, after.ctr), (before.kid, before.ctr + 1));
    assert_eq!(open_video(&room, &frame), Err(Error::Replay));
}

#[test]
fn another_key_or_salt_for_an_installed_epoch_is_a_conflict() {
    let room = empty_room();
    let salt = RoomSalt::new(b"salt").unwrap();
    room.install(5, &epoch_key(5), &salt).unwrap();
    let frame = video(&room, 7, 5, 100);
    let others = [
        (epoch_key(6), b"salt".to_vec()),
        (epoch_key(5), b"sal".to_vec()),
        (epoch_key(5), b"salt\0".to_vec()),
        (epoch_key(5), b"Salt".to_vec()),
        (epoch_key(5), Vec::new()),
    ];
    for (key, salt) in &others {
        let salt = RoomSalt::new(salt).unwrap();
        assert_eq!(room.install(5, key, &salt), Err(Error::EpochConflict));
    }
    room.install(5, &epoch_key(5), &salt).unwrap();
    open_video(&room, &frame).unwrap();
}

#[test]
fn an_active_epoch_is_not_displaced() {
    let room = empty_room();
    install(&room, 3).unwrap();
    room.activate(3).unwrap();
    assert_eq!(install(&room, 19), Err(Error::EpochConflict));
    assert_eq!(room.epochs(), [3]);
    open_video(&room, &video(&room, 7, 3, 100)).unwrap();
    // Once another one is active it is.
    install(&room, 4).unwrap();
    room.activate(4).unwrap();
    install(&room, 19).unwrap();
    assert_eq!(room.epochs(), [4, 19]);
}

#[test]
fn a_higher_epoch_is_not_displaced_by_a_lower_one() {
    let room = empty_room();
    install(&room, 35).unwrap();
    assert_eq!(install(&room, 19), Err(Error::EpochConflict));
    assert_eq!(install(&room, 3), Err(Error::EpochConflict));
    assert_eq!(room.epochs(), [35]);
    // Nothing was retired by the refusals.
    install(&room, 2).unwrap();
}

#[test]
fn a_retired_number_and_all_below_it_never_come_back() {
    let room = empty_room();
    for epoch in [5, 8, 9] {
        install(&room, epoch).unwrap();
    }
    room.retire(8).unwrap();
    for epoch in [8, 7, 6, 4, 0] {
        assert_eq!(install(&room, epoch), Err(Error::EpochRetired), "{epoch}");
    }
    // What stood below it stays, and may be installed again as it is.
    assert_eq!(room.epochs(), [5, 9]);
    install(&room, 5).unwrap();
    install(&room, 9).unwrap();
    install(&room, 10).unwrap();
    // Another key does not help either.
    let other = room.install(8, &epoch_key(99), &RoomSalt::none());
    assert_eq!(other, Err(Error::EpochRetired));
    room.retire(5).unwrap();
    assert_eq!(install(&room, 5), Err(Error::EpochRetired));
    assert_eq!(
        install(&room, 8),
        Err(Error::EpochRetired),
        "8 is still the mark"
    );
}

#[test]
fn a_displaced_number_and_all_below_it_never_come_back() {
    let room = empty_room();
    install(&room, 3).unwrap();
    install(&room, 20).unwrap();
    install(&room, 19).unwrap();
    assert_eq!(room.epochs(), [19, 20]);
    room.retire(19).unwrap();
    for epoch in [3, 2, 18, 19] {
        assert_eq!(install(&room, epoch), Err(Error::EpochRetired), "{epoch}");
    }
    assert_eq!(room.epochs(), [20]);
}

#[test]
fn senders_use_the_active_epoch_and_receivers_open_any() {
    let clock = Clock::default();
    let (alice, bob) = (member(config(), 1, &clock), member(config(), 2, &clock));
    let sealer = alice.sealer(Kind::Video).unwrap();
    for epoch in [2, 3, 300] {
        install(&alice, epoch).unwrap();
        install(&bob, epoch).unwrap();
    }
    // Bob's active epoch stays 1 all the time.
    for epoch in [1, 3, 2, 300, 1] {
        alice.activate(epoch).unwrap();
        assert_eq!(alice.active_epoch(), Some(epoch));
        let frame = seal(&sealer, b"frame").unwrap();
        assert_eq!(u64::from(peek(&frame).unwrap().epoch_nibble), epoch & 0xF);
        open_video(&bob, &frame).unwrap();
    }
    assert_eq!(bob.counters(Kind::Video).last_epoch, Some(300));
}

#[test]
fn what_is_not_installed_is_neither_activated_nor_retired_nor_ratcheted() {
    let room = empty_room();
    assert_eq!(room.activate(1), Err(Error::UnknownEpoch));
    assert_eq!(room.retire(1), Err(Error::UnknownEpoch));
    assert_eq!(room.ratchet(1), Err(Error::UnknownEpoch));
    install(&room, 1).unwrap();
    // The same place, another number.
    assert_eq!(room.activate(17), Err(Error::UnknownEpoch));
    assert_eq!(room.retire(17), Err(Error::UnknownEpoch));
    assert_eq!(room.ratchet(17), Err(Error::UnknownEpoch));
    assert_eq!(room.active_epoch(), None);
    install(&room, 0).unwrap();
    assert_eq!(room.epochs(), [0, 1], "a refused retirement bars nothing");
}

#[test]
fn without_an_active_epoch_nothing_is_sealed() {
    let room = empty_room();
    let sealer = room.sealer(Kind::Audio).unwrap();
    let mut out = [0xAA; 64];
    assert_eq!(sealer.seal(b"x", &[], &mut out), Err(Error::NoActiveEpoch));
    install(&room, 1).unwrap();
    assert_eq!(sealer.seal(b"x", &[], &mut out), Err(Error::NoActiveEpoch));
    assert_eq!(sealer.kid(), None);
    room.activate(1).unwrap();
    seal(&sealer, b"x").unwrap();
    assert!(sealer.kid().is_some());
    install(&room, 2).unwrap();
    room.retire(1).unwrap();
    assert_eq!(
        room.active_epoch(),
        None,
        "no other epoch is chosen instead"
    );
    assert_eq!(sealer.kid(), None);
    assert_eq!(sealer.seal(b"x", &[], &mut out), Err(Error::NoActiveEpoch));
    assert_eq!(out, [0xAA; 64]);
    assert_eq!(room.counters(Kind::Audio).sealed, 1);
}

#[test]
fn retiring_removes_every_key_made_from_the_epoch() {
    let clock = Clock::default();
    let room = member(config(), 1, &clock);
    install(&room, 2).unwrap();
    let epoch = Arc::downgrade(&room.core.epoch_of(kid(0, 1)).unwrap());
    let sealer = room.sealer(Kind::Video).unwrap();
    seal(&sealer, b"x").unwrap();
    let frame = video(&room, 7, 1, 100);
    open_video(&room, &frame).unwrap();
    open_video(&room, &video(&room, 7, 2, 100)).unwrap();
    let held = Arc::downgrade(&slot(&room, Kind::Video, kid(7, 1)).unwrap());
    assert_eq!(
        open_video(&room, &broken(&video(&room, 9, 1, 1))),
        Err(Error::NotAuthentic)
    );

    room.retire(1).unwrap();

    assert!(epoch.upgrade().is_none(), "the secret is gone");
    assert!(held.upgrade().is_none(), "the stream's key is gone");
    assert_eq!(sealer.kid(), None, "the sealer's key is gone");
    assert_eq!(room.core.kind(Kind::Video).spare_candidates(), []);
    assert_eq!(open_video(&room, &frame), Err(Error::UnknownKey));
    // The stream is still known in the other epoch.
    open_video(&room, &video(&room, 7, 2, 101)).unwrap();
}

#[test]
fn a_call_under_way_does_not_leave_a_retired_key_behind() {
    let clock = Clock::default();
    let room = Arc::new(member(config(), 1, &clock));
    let other = Arc::clone(&room);
    clock.at_next_look(move || other.retire(1).unwrap());
    let forged = broken(&video(&room, 7, 1, 100));
    assert_eq!(open_video(&room, &forged), Err(Error::NotAuthentic));
    assert_eq!(room.core.kind(Kind::Video).spare_candidates(), []);
}

#[test]
fn a_call_under_way_keeps_a_retired_key_until_it_leaves() {
    let room = member(config(), 1, &Clock::default());
    open_video(&room, &video(&room, 7, 1, 100)).unwrap();
    let held = slot(&room, Kind::Video, kid(7, 1)).unwrap();
    let watch = Arc::downgrade(&held);
    room.retire(1).unwrap();
    assert!(watch.upgrade().is_some(), "the call may finish");
    drop(held);
    assert!(watch.upgrade().is_none(), "and wipes");
}

#[test]
fn closing_wipes_and_says_so_ever_after() {
    let clock = Clock::default();
    let room = member(config(), 1, &clock);
    install(&room, 2).unwrap();
    let epochs = [1, 2].map(|e| Arc::downgrade(&room.core.epoch_of(kid(0, e)).unwrap()));
    let (sealer, opener) = (room.sealer(Kind::Message).unwrap(), room.opener());
    seal(&sealer, b"x").unwrap();
    let frame = forge(&room, Kind::Message, kid(7, 1), 100, b"x");
    let text = sealer.seal_text(b"x", &[]).unwrap();
    open(&opener, Kind::Message, &frame, None).unwrap();

    room.close();
    room.close();

    assert!(epochs.iter().all(|e| e.upgrade().is_none()));
    assert_eq!(sealer.kid(), None);
    assert_eq!(snapshot(&room, Kind::Message).slots, []);
    assert_eq!(streams(&room, Kind::Message), [0; 0]);
    let mut out = [0xAA; 64];
    assert_eq!(sealer.seal(b"x", &[], &mut out), Err(Error::Closed));
    assert_eq!(
        sealer.seal_in_place(&[], &mut out, 12..13),
        Err(Error::Closed)
    );
    assert_eq!(sealer.seal_text(b"x", &[]), Err(Error::Closed));
    assert_eq!(
        opener.open(Kind::Message, &frame, &[], None, &mut out),
        Err(Error::Closed)
    );
    let mut in_place = frame.clone();
    let opened = opener.open_in_place(Kind::Message, &[], None, &mut in_place);
    assert_eq!((opened, in_place), (Err(Error::Closed), frame));
    assert_eq!(opener.open_text(&text, &[], None), Err(Error::Closed));
    assert_eq!(opener.open_text("no text", &[], None), Err(Error::Closed));
    assert_eq!(out, [0xAA; 64]);
    assert_eq!(install(&room, 3), Err(Error::Closed));
    assert_eq!(room.activate(1), Err(Error::Closed));
    assert_eq!(room.retire(1), Err(Error::Closed));
    assert_eq!(room.ratchet(1), Err(Error::Closed));
    assert_eq!(room.sealer(Kind::Audio).unwrap_err(), Error::Closed);
    let clear = room.accept_clear_frames_dangerously(Kind::Audio, Duration::from_secs(1));
    assert_eq!(clear, Err(Error::Closed));
    assert_eq!((room.epochs(), room.active_epoch()), (vec![], None));
}

#[test]
fn dropping_the_room_closes_it_for_its_sealers_and_openers() {
    let room = member(config(), 1, &Clock::default());
    let (sealer, opener) = (room.sealer(Kind::Video).unwrap(), room.opener());
    let frame = video(&room, 7, 1, 100);
    drop(room);
    assert_eq!(seal(&sealer, b"x"), Err(Error::Closed));
    assert_eq!(open(&opener, Kind::Video, &frame, None), Err(Error::Closed));
}

#[test]
fn the_ratchet_gives_the_documented_keys() {
    let document = include_str!("../../../docs/WIRE.md");
    let cases: Vec<_> = document.split("[next_room_key] ").skip(1).collect();
    assert_eq!(cases.len(), 5, "docs/WIRE.md has other answers");
    for case in cases {
        let key = RoomKey::from_hex(known_answer(case, "room_key")).unwrap();
        let epoch = known_answer(case, "epoch").parse().unwrap();
        let next = known_answer(case, "next");
        assert_eq!(*key.ratchet(epoch).unwrap().to_hex(), next);
        // A room derives the same, its frames open with the documented key.
        let room = empty_room();
        let salt = RoomSalt::new(b"carried over").unwrap();
        room.install(epoch, &key, &salt).unwrap();
        assert_eq!(room.ratchet(epoch), Ok(epoch + 1));
        assert_eq!(room.active_epoch(), None, "installed, not activated");
        let late = empty_room();
        let next = RoomKey::from_hex(next).unwrap();
        late.install(epoch + 1, &next, &salt).unwrap();
        open_video(&late, &video(&room, 7, epoch + 1, 100)).unwrap();
        // The late joiner can't read the past.
        let past = video(&room, 7, epoch, 100);
        assert_eq!(open_video(&late, &past), Err(Error::UnknownKey));
    }
}

#[test]
fn the_ratchet_ends_at_the_last_epoch_and_follows_the_rules_of_installing() {
    let room = empty_room();
    install(&room, u64::MAX).unwrap();
    assert_eq!(room.ratchet(u64::MAX), Err(Error::LastEpoch));
    assert_eq!(
        epoch_key(1).ratchet(u64::MAX).unwrap_err(),
        Error::LastEpoch
    );
    let room = empty_room();
    install(&room, 4).unwrap();
    assert_eq!((room.ratchet(4), room.ratchet(4)), (Ok(5), Ok(5)));
    assert_eq!(room.ratchet(5), Ok(6));
    room.retire(5).unwrap();
    assert_eq!(room.ratchet(4), Err(Error::EpochRetired));
    install(&room, 9).unwrap();
    install(&room, 8).unwrap();
    assert_eq!(
        room.ratchet(8),
        Err(Error::EpochConflict),
        "9 has another key"
    );
}

#[test]
fn the_last_epoch_is_an_epoch_like_any_other() {
    let room = empty_room();
    install(&room, u64::MAX).unwrap();
    install(&room, 0).unwrap();
    room.activate(u64::MAX).unwrap();
    let sealer = room.sealer(Kind::Video).unwrap();
    assert_eq!(
        peek(&seal(&sealer, b"x").unwrap()).unwrap().epoch_nibble,
        15
    );
    open_video(&room, &video(&room, 7, 0, 100)).unwrap();
    assert_eq!(room.counters(Kind::Video).last_epoch, Some(0));
    assert_eq!(room.streams(Kind::Video)[0].last_epoch, 0);
    open_video(&room, &video(&room, 7, u64::MAX, 100)).unwrap();
    assert_eq!(room.counters(Kind::Video).last_epoch, Some(u64::MAX));
    let report = &room.streams(Kind::Video)[0];
    assert_eq!(report.last_epoch, u64::MAX);
    assert_eq!(report.kid, kid(7, u64::MAX).bits());
    room.retire(u64::MAX).unwrap();
    assert_eq!(
        install(&room, 1),
        Err(Error::EpochRetired),
        "nothing is left"
    );
}

#[test]
fn a_log_of_a_room_names_nobody_and_no_key() {
    let clock = Clock::default();
    let config = RoomConfig::new(AppId::number(77_777), RoomId::text("weekly").unwrap());
    let room = member(config.call_id(CallId::text("tuesday").unwrap()), 1, &clock);
    let frame = video(&room, 7, 1, 100);
    open_video_of(&room, &frame, Some("alice")).unwrap();
    let sealer = room.sealer(Kind::Video).unwrap();
    seal(&sealer, b"x").unwrap();
    let log = format!("{room:?} {sealer:?} {:?} {:?}", room.opener(), epoch_key(1));
    let key = epoch_key(1).to_hex().to_string();
    for secret in [
        "alice",
        "97, 108, 105",
        "weekly",
        "77777",
        "tuesday",
        &key,
        "90, 90, 90",
    ] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    assert!(log.contains("epochs: [1], active_epoch: Some(1)"), "{log}");
}
