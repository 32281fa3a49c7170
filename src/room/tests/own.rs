//! Frames that come back to the room that sealed them, and frames that come to
//! two openers.

use super::*;

#[test]
fn reflected_frames_never_open() {
    let clock = Clock::default();
    let room = member(config(), 1, &clock);
    for epoch in 2..8 {
        install(&room, epoch).unwrap();
    }
    let opener = room.opener();
    let mut numbers = Numbers(9);
    let mut own = Vec::new();
    for _ in 0..40 {
        let kind = numbers.kind();
        let sealer = room.sealer(kind).unwrap();
        for _ in 0..20 {
            // Up and down, so with many redraws; bits of earlier draws count too.
            room.activate(1 + numbers.below(7)).unwrap();
            own.push((kind, seal(&sealer, b"own").unwrap()));
        }
    }
    let kids: HashSet<_> = own.iter().map(|(_, f)| peek(f).unwrap().kid >> 4).collect();
    assert!(kids.len() > 200, "{}", kids.len());
    clock.advance(Duration::from_secs(10));
    for (kind, frame) in &own {
        for other in Kind::ALL {
            let opened = open(&opener, other, frame, None);
            assert_eq!(opened, Err(Error::OwnFrame), "{kind} as {other}");
        }
        // The bits alone tell, before anything is authenticated.
        assert_eq!(
            open(&opener, *kind, &broken(frame), None),
            Err(Error::OwnFrame)
        );
        let mut moved = frame.clone();
        moved[8] ^= 1;
        assert_eq!(open(&opener, *kind, &moved, None), Err(Error::OwnFrame));
        let mut in_place = frame.clone();
        let opened = opener.open_in_place(*kind, &[], Some(b"me"), &mut in_place);
        assert_eq!((opened, &in_place), (Err(Error::OwnFrame), frame));
    }
    for kind in Kind::ALL {
        assert_eq!(room.counters(kind).opened, 0);
        assert!(room.counters(kind).own_frame > 0);
        assert_eq!(streams(&room, kind), [0; 0]);
    }
    // To another member they are good frames.
    let bob = member(config(), 2, &clock);
    for epoch in 2..8 {
        install(&bob, epoch).unwrap();
    }
    for (kind, frame) in &own {
        clock.advance(Duration::from_millis(1));
        assert_eq!(open(&bob.opener(), *kind, frame, None), Ok(b"own".to_vec()));
    }
}

#[test]
fn a_sealer_that_is_gone_is_still_own() {
    let room = member(config(), 1, &Clock::default());
    let sealer = room.sealer(Kind::Video).unwrap();
    let frame = seal(&sealer, b"own").unwrap();
    drop(sealer);
    assert_eq!(open_video(&room, &frame), Err(Error::OwnFrame));
    install(&room, 2).unwrap();
    room.retire(1).unwrap();
    assert_eq!(open_video(&room, &frame), Err(Error::OwnFrame));
}

#[test]
fn a_sealer_does_not_draw_the_bits_of_a_stream_that_is_known() {
    // The generator says what stream 7 of another member has, then something else.
    let clock = Clock::default();
    let draws = [1, 7 << 5, 7 << 5 | 31, 9 << 5, 70_000];
    let next = AtomicU64::new(0);
    let environment = entropy(&clock, move || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        Ok(draws[usize::try_from(at).unwrap()])
    });
    let room = Room::with_environment(config(), environment).unwrap();
    install(&room, 1).unwrap();
    room.activate(1).unwrap();
    let audio = forge(&room, Kind::Audio, kid(7, 1), 100, b"x");
    open(&room.opener(), Kind::Audio, &audio, None).unwrap();
    let sealer = room.sealer(Kind::Video).unwrap();
    let frame = seal(&sealer, b"x").unwrap();
    assert_eq!(peek(&frame).unwrap().kid, kid(9, 1).bits());
    // And the stream goes on.
    let audio = forge(&room, Kind::Audio, kid(7, 1), 101, b"x");
    open(&room.opener(), Kind::Audio, &audio, None).unwrap();
}

#[test]
fn a_frame_opens_in_one_opener_once() {
    let clock = Clock::default();
    let (alice, bob) = (member(config(), 1, &clock), member(config(), 2, &clock));
    let openers = [bob.opener(), bob.opener(), bob.opener()];
    let mut numbers = Numbers(4);
    let sealers = Kind::ALL.map(|kind| alice.sealer(kind).unwrap());
    for _ in 0..3_000 {
        let sealer = &sealers[numbers.index(3)];
        let frame = seal(sealer, b"once").unwrap();
        let first = numbers.index(openers.len());
        open(&openers[first], sealer.kind(), &frame, None).unwrap();
        for opener in openers.iter().chain([&bob.opener()]) {
            let again = open(opener, sealer.kind(), &frame, None);
            assert_eq!(again, Err(Error::Replay));
        }
    }
}

#[test]
fn kinds_do_not_open_each_other() {
    let clock = Clock::default();
    let (alice, bob) = (member(config(), 1, &clock), member(config(), 2, &clock));
    for kind in Kind::ALL {
        let frame = seal(&alice.sealer(kind).unwrap(), b"x").unwrap();
        for other in Kind::ALL.into_iter().filter(|k| *k != kind) {
            let opened = open(&bob.opener(), other, &frame, None);
            assert_eq!(opened, Err(Error::NotAuthentic));
        }
        open(&bob.opener(), kind, &frame, None).unwrap();
    }
}

#[test]
fn a_recorder_opens_but_does_not_seal() {
    let clock = Clock::default();
    let alice = member(config(), 1, &clock);
    let recorder = member(config().open_only(), 2, &clock);
    assert_eq!(recorder.sealer(Kind::Video).unwrap_err(), Error::OpenOnly);
    let frame = seal(&alice.sealer(Kind::Video).unwrap(), b"frame").unwrap();
    open_video(&recorder, &frame).unwrap();
    assert_eq!(open_video(&recorder, &frame), Err(Error::Replay));
}
