//! Forms, codecs and calls that go together, and those that don't.

use crate::member::{config, join};
use crate::pair::{GCM, META, Pair, SUITES, room};
use crate::samples::{self, noise};
use crate::streams::stream;
use core::time::Duration;
use roomseal::{Codec, Error, Form, Kind, MAX_TRAILER_LEN, Room};

#[test]
fn what_can_be_sealed_in_place_is_the_same_there() {
    for suite in SUITES {
        let pair = Pair::new(suite);
        for sample in samples::all() {
            let (codec, frame) = (sample.codec, &sample.frame);
            let trailer_len = pair.sealer.trailer_len();
            assert_eq!(trailer_len, suite.tag_len() + 14);
            // Some bytes before, and exactly the room needed behind.
            let mut buf = [&[0xEE; 5][..], frame, &vec![0xEE; trailer_len]].concat();
            let payload = 5..5 + frame.len();
            let before = buf.clone();
            let sealed = pair
                .sealer
                .seal_codec_in_place(codec, META, &mut buf, payload.clone());
            if !codec.is_in_place() {
                assert_eq!(sealed, Err(Error::WrongForm));
                assert_eq!(buf, before);
                continue;
            }
            let place = sealed.expect("room for the trailer");
            assert_eq!(place, 5..buf.len());
            assert_eq!(buf[..5], [0xEE; 5]);
            assert_eq!(
                pair.sealer.max_sealed_codec_len(codec, frame.len()),
                place.len()
            );
            let mut bytes = buf[place].to_vec();
            assert_eq!(pair.open(&bytes).as_deref(), Ok(&frame[..]));

            // One byte less behind.
            let mut short = before[..before.len() - 1].to_vec();
            let sealed = pair
                .sealer
                .seal_codec_in_place(codec, META, &mut short, payload);
            assert_eq!(sealed, Err(Error::BufferTooSmall));
            assert_eq!(short, before[..before.len() - 1]);
            let beyond = before.len() - 1..before.len() + 1;
            let sealed = pair
                .sealer
                .seal_codec_in_place(codec, META, &mut short, beyond);
            assert_eq!(sealed, Err(Error::InvalidArgument));

            // The other end, where it stands.
            bytes = pair.seal(codec, frame);
            let opened = pair
                .opener
                .open_in_place(Kind::Video, META, None, &mut bytes);
            assert_eq!(opened, Ok(0..frame.len()));
            assert_eq!(bytes[..frame.len()], frame[..]);
            // A counter value of its own, or it were a replay.
            let mut forged = pair.seal(codec, frame);
            forged[frame.len()] ^= 1;
            let opened = pair
                .opener
                .open_in_place(Kind::Video, META, None, &mut forged);
            assert_eq!(opened, Err(Error::NotAuthentic));
            assert!(forged.iter().all(|byte| *byte == 0));
        }
    }
}

#[test]
fn what_changes_inside_is_not_opened_in_place() {
    let pair = Pair::new(GCM);
    for sample in samples::all() {
        if sample.codec.is_in_place() {
            continue;
        }
        let sealed = pair.seal(sample.codec, &sample.frame);
        let mut frame = sealed.clone();
        let opened = pair
            .opener
            .open_in_place(Kind::Video, META, None, &mut frame);
        assert_eq!(opened, Err(Error::WrongForm));
        assert_eq!(frame, sealed);
        // Nothing was spent: it still opens.
        assert!(pair.open(&sealed).is_ok());
    }
}

#[test]
fn the_codec_may_change_from_frame_to_frame() {
    let pair = Pair::new(GCM);
    for _ in 0..3 {
        for sample in samples::one_each() {
            let sealed = pair.seal(sample.codec, &sample.frame);
            assert_eq!(pair.open(&sealed).as_deref(), Ok(sample.opened()));
        }
    }
    let reports = pair.bob.streams(Kind::Video);
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].opened, 3 * 8);
}

#[test]
fn frames_of_the_other_form_never_open() {
    let plain = || join(config([GCM; 3]), &[1]);
    let (bob, codec_bob) = (plain(), room(GCM));
    let alice = plain();
    let plain_sealer = alice.sealer(Kind::Video).expect("a sealer");
    let pair = Pair::new(GCM);
    let mut out = [0xEE; 500];
    for len in 0..200 {
        let mut sealed = vec![0; plain_sealer.sealed_len(len)];
        plain_sealer
            .seal(&noise(len), META, &mut sealed)
            .expect("sealed");
        let opened = codec_bob
            .opener()
            .open(Kind::Video, &sealed, META, None, &mut out);
        assert!(matches!(
            opened,
            Err(Error::NotSealed | Error::Malformed | Error::NotAuthentic | Error::UnknownKey)
        ));
    }
    for sample in samples::all() {
        let sealed = pair.seal(sample.codec, &sample.frame);
        let len = sealed.len();
        let opened = bob
            .opener()
            .open(Kind::Video, &sealed, META, None, &mut vec![0; len]);
        assert!(matches!(
            opened,
            Err(Error::NotSealed | Error::Malformed | Error::NotAuthentic | Error::UnknownKey)
        ));
    }
    assert_eq!(bob.counters(Kind::Video).opened, 0);
    assert_eq!(codec_bob.counters(Kind::Video).opened, 0);
}

/// The very bytes of one form, as the other would have them: the keys differ.
#[test]
fn the_form_is_part_of_the_key() {
    let config = || config([GCM; 3]);
    let alice = join(config(), &[1]);
    let bob = join(config().form(Kind::Video, Form::Codec), &[1]);
    let sealer = alice.sealer(Kind::Video).expect("a sealer");
    let mut sealed = vec![0; sealer.sealed_len(0)];
    sealer.seal(&[], META, &mut sealed).expect("sealed");
    // header ‖ tag becomes tag ‖ header ‖ control ‖ 80.
    let (header, tag) = sealed.split_at(12);
    let codec_form = [tag, header, &[0x80, 0x80]].concat();
    let opened = bob
        .opener()
        .open(Kind::Video, &codec_form, META, None, &mut [0; 64]);
    assert_eq!(opened, Err(Error::NotAuthentic));
}

#[test]
fn calls_are_for_their_form() {
    let plain = join(config([GCM; 3]), &[1]);
    let codec = room(GCM);
    let mut buf = [0xEE; 300];
    for (room, kind, is_codec) in [
        (&plain, Kind::Video, false),
        (&plain, Kind::Audio, false),
        (&codec, Kind::Video, true),
        (&codec, Kind::Audio, true),
        (&codec, Kind::Message, false),
    ] {
        let sealer = room.sealer(kind).expect("a sealer");
        let wrong = match is_codec {
            true => [
                sealer.seal(b"x", META, &mut buf).map(drop),
                sealer.seal_in_place(META, &mut buf, 50..60).map(drop),
            ],
            false => [
                sealer
                    .seal_codec(Codec::Opus, b"x", META, &mut buf)
                    .map(drop),
                sealer
                    .seal_codec_in_place(Codec::Opus, META, &mut buf, 50..60)
                    .map(drop),
            ],
        };
        assert_eq!(wrong, [Err(Error::WrongForm); 2]);
        assert_eq!(buf, [0xEE; 300]);
        assert_eq!(room.counters(kind).sealed, 0);
        assert_eq!(sealer.kid(), None);
    }
    let message = config([GCM; 3]).form(Kind::Message, Form::Codec);
    assert_eq!(Room::new(message).err(), Some(Error::WrongForm));
}

#[test]
fn clear_frames_are_told_by_their_end() {
    let pair = Pair::new(GCM);
    let sealed: Vec<_> = samples::all()
        .iter()
        .map(|sample| pair.seal(sample.codec, &sample.frame))
        .collect();
    let hour = Duration::from_secs(3_600);
    for until in [Duration::ZERO, hour] {
        pair.bob
            .accept_clear_frames_dangerously(Kind::Video, until)
            .expect("an hour");
        for sample in samples::all() {
            let want = match (until.is_zero(), sample.frame.is_empty()) {
                (false, _) => Error::ClearFrame,
                (true, true) => Error::Malformed,
                (true, false) => Error::NotSealed,
            };
            let opened = pair.open(&sample.frame);
            match opened {
                Err(error) if error == want => {}
                // Some frames happen to end as if they had a trailer.
                Err(Error::Malformed) if until.is_zero() => {}
                other => panic!("{}: {other:?}", sample.name),
            }
        }
    }
    // What looks sealed never passes for a clear frame.
    for sealed in &sealed {
        let mut forged = sealed.clone();
        let end = forged
            .iter()
            .rposition(|byte| *byte != 0)
            .expect("a trailer");
        forged[end - 15] ^= 0x40;
        let error = pair.open(&forged).expect_err("forged");
        assert!(
            matches!(error, Error::NotAuthentic | Error::Malformed),
            "{error}"
        );
        assert!(pair.open(sealed).is_ok());
    }
}

#[test]
fn capacities_are_enough_and_checked_before_anything_is_written() {
    for suite in SUITES {
        let pair = Pair::new(suite);
        for sample in samples::all() {
            let (codec, frame) = (sample.codec, &sample.frame);
            let max = pair.sealer.max_sealed_codec_len(codec, frame.len());
            let mut spent = 0;
            let mut fitted = None;
            for capacity in 0..=max {
                let mut out = vec![0xEE; capacity];
                match pair.sealer.seal_codec(codec, frame, META, &mut out) {
                    Ok(len) => {
                        assert!(len <= capacity);
                        fitted = fitted.or(Some(capacity));
                        spent += 1;
                    }
                    Err(error) => {
                        assert_eq!(error, Error::BufferTooSmall);
                        assert_eq!(fitted, None, "less was enough");
                        assert!(out.iter().all(|byte| *byte == 0xEE));
                    }
                }
            }
            let fitted = fitted.expect("the maximum is enough");
            assert_eq!(spent, max - fitted + 1);
            if codec.is_in_place() {
                assert_eq!(fitted, frame.len() + suite.tag_len() + 14);
            }
            // The other way, down to the exact length.
            let sealed = pair.seal(codec, frame);
            for capacity in 0..=sample.opened().len() {
                let mut out = vec![0xEE; capacity];
                let opened = pair.opener.open(Kind::Video, &sealed, META, None, &mut out);
                if capacity < sample.opened().len() {
                    assert_eq!(opened, Err(Error::BufferTooSmall));
                    assert!(out.iter().all(|byte| *byte == 0xEE));
                } else {
                    assert_eq!(opened, Ok(capacity));
                    assert_eq!(out, sample.opened());
                }
            }
            let most = pair.opener.opened_len(Kind::Video, sealed.len());
            assert!(most.is_some_and(|most| most >= sample.opened().len()));
        }
        let trailer = suite.tag_len() + 14;
        assert!(trailer <= MAX_TRAILER_LEN);
        assert_eq!(pair.opener.opened_len(Kind::Video, trailer - 1), None);
    }
}

#[test]
fn the_frame_limit_is_the_opened_frame_s() {
    let limit = 300;
    let limited = || {
        let config = config([GCM; 3]).form(Kind::Video, Form::Codec);
        join(config.max_frame_len(limit), &[1])
    };
    let (alice, bob) = (limited(), limited());
    let wide = Pair::new(GCM);
    let sealer = alice.sealer(Kind::Video).expect("a sealer");
    let slices: Vec<u8> = stream(&vec![&[0x41, 0x9A, 7, 8][..]; 30]);
    for len in [limit - 1, limit, limit + 1] {
        let frames = [
            (Codec::Opus, noise(len)),
            (
                Codec::H264,
                [&slices, &noise(len - slices.len())[..]].concat(),
            ),
            (Codec::Av1, [&[0x30][..], &noise(len - 1)].concat()),
        ];
        for (codec, frame) in frames {
            let mut out = vec![0; sealer.max_sealed_codec_len(codec, len)];
            let sealed = sealer.seal_codec(codec, &frame, META, &mut out);
            assert_eq!(sealed.is_ok(), len <= limit, "{codec} {len}");
            if len > limit {
                assert_eq!(sealed, Err(Error::TooLarge));
            }
            let sealed = wide.seal(codec, &frame);
            let opened = bob
                .opener()
                .open(Kind::Video, &sealed, META, None, &mut vec![0; 900]);
            // With a size, an AV1 frame is opened to two bytes more.
            let opened_len = if codec == Codec::Av1 { len + 2 } else { len };
            if opened_len <= limit {
                assert_eq!(opened, Ok(opened_len), "{codec}");
            } else {
                assert_eq!(opened, Err(Error::TooLarge), "{codec}");
            }
        }
    }
    assert!(bob.counters(Kind::Video).too_large > 0);
    let huge = vec![0x80; 4 * limit];
    let opened = bob
        .opener()
        .open(Kind::Video, &huge, META, None, &mut [0; 9]);
    assert_eq!(opened, Err(Error::TooLarge));
}

#[test]
fn metadata_are_authenticated() {
    let pair = Pair::new(GCM);
    for sample in samples::all() {
        let sealed = pair.seal(sample.codec, &sample.frame);
        let mut out = vec![0; sealed.len()];
        for metadata in [&b""[..], b"metadata ", b"metadat"] {
            let opened = pair
                .opener
                .open(Kind::Video, &sealed, metadata, None, &mut out);
            assert_eq!(opened, Err(Error::NotAuthentic));
        }
        assert!(pair.open(&sealed).is_ok());
        // Once.
        let mut again = vec![0xEE; sealed.len()];
        let opened = pair
            .opener
            .open(Kind::Video, &sealed, META, None, &mut again);
        assert_eq!(opened, Err(Error::Replay));
        assert!(again.iter().all(|byte| *byte == 0xEE));
    }
}

#[test]
fn a_sealer_s_own_frames_are_refused() {
    let room = room(GCM);
    let sealer = room.sealer(Kind::Video).expect("a sealer");
    for sample in samples::one_each() {
        let mut out = vec![0; sealer.max_sealed_codec_len(sample.codec, sample.frame.len())];
        let len = sealer
            .seal_codec(sample.codec, &sample.frame, META, &mut out)
            .expect("sealed");
        let opened = room
            .opener()
            .open(Kind::Video, &out[..len], META, None, &mut vec![0; len]);
        assert_eq!(opened, Err(Error::OwnFrame));
    }
}

#[test]
fn annex_b_is_told_apart() {
    for sample in samples::all() {
        let found = Codec::detect_annex_b(&sample.frame);
        match sample.codec {
            Codec::H264 | Codec::H265 if sample.frame.len() > 60 => {
                assert_eq!(found, Some(sample.codec), "{}", sample.name);
            }
            Codec::H264 | Codec::H265 => assert!(
                found.is_none_or(|found| found == sample.codec),
                "{}",
                sample.name
            ),
            _ => assert_eq!(found, None, "{}: {}", sample.codec, sample.name),
        }
    }
    for nothing in [&b""[..], &[0; 40], &[0, 0, 1], &[0, 0, 0, 1, 0xFF, 0xFF]] {
        assert_eq!(Codec::detect_annex_b(nothing), None);
    }
}
