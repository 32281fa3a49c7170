//! Messages: their largest sizes and their text form.

use super::*;

/// Base64url without padding, bit by bit.
fn plain_base64url(bytes: &[u8]) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bit = |i: usize| bytes.get(i / 8).is_some_and(|b| b >> (7 - i % 8) & 1 == 1);
    (0..(bytes.len() * 8).div_ceil(6))
        .map(|i| (0..6).fold(0, |v, j| v << 1 | usize::from(bit(i * 6 + j))))
        .map(|v| char::from(digits[v]))
        .collect()
}

fn room_of(suite: u16, seed: u64) -> Room {
    let suite = CipherSuite::from_id(suite).unwrap();
    let config = config().allow_four_byte_tags().suite(Kind::Message, suite);
    member(config, seed, &Clock::default())
}

#[test]
fn every_length_travels_as_text() {
    for suite in 1..=4 {
        let (alice, bob) = (room_of(suite, 1), room_of(suite, 2));
        let sealer = alice.sealer(Kind::Message).unwrap();
        let mut numbers = Numbers(8);
        for len in 0..=300 {
            let message: Vec<_> = (0..len).map(|_| numbers.next().to_be_bytes()[0]).collect();
            let text = sealer.seal_text(&message, b"cmd 7").unwrap();
            let sealed_len = sealer.sealed_len(len);
            assert_eq!(text.len(), text_len(sealed_len).unwrap());
            assert_eq!(text.len(), (sealed_len * 4).div_ceil(3));
            let opened = bob.opener().open_text(&text, b"cmd 7", Some(b"alice"));
            assert_eq!(opened, Ok(message));
            let again = bob.opener().open_text(&text, b"cmd 7", None);
            assert_eq!(again, Err(Error::Replay));
        }
    }
}

#[test]
fn the_text_is_the_frame_in_base64url() {
    // Twins draw the same, so one's text is the other's frame.
    let (one, two) = (room_of(4, 1), room_of(4, 1));
    let sealers = [&one, &two].map(|room| room.sealer(Kind::Message).unwrap());
    for len in 0..=300 {
        let message = vec![0xFB; len];
        let text = sealers[0].seal_text(&message, &[]).unwrap();
        let frame = seal(&sealers[1], &message).unwrap();
        assert_eq!(text, plain_base64url(&frame));
    }
}

#[test]
fn a_text_has_one_form() {
    let (alice, bob) = (room_of(4, 1), room_of(4, 2));
    let opener = bob.opener();
    for len in 0..9 {
        let message = vec![0xFB; len];
        let frame = seal(&alice.sealer(Kind::Message).unwrap(), &message).unwrap();
        let text = plain_base64url(&frame);
        let refused = |text: &str| {
            let opened = opener.open_text(text, &[], None);
            assert_eq!(opened, Err(Error::InvalidText), "{text}");
        };
        refused(&format!("{text}="));
        refused(&format!("{text}=="));
        refused(&format!("{text}\n"));
        refused(&format!(" {text}"));
        for at in [0, text.len() / 2, text.len() - 1] {
            for other in [
                '+', '/', '=', ' ', '.', '@', '[', '`', '{', ':', '\0', '\x7F', 'é',
            ] {
                let mut chars: Vec<_> = text.chars().collect();
                chars[at] = other;
                refused(&chars.into_iter().collect::<String>());
            }
        }
        // Every setting of the spare bits but zero.
        let spare = [0, 0, 4, 2][text.len() % 4];
        let digits: Vec<_> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            .chars()
            .collect();
        let last = text.chars().last().unwrap();
        let value = digits.iter().position(|d| *d == last).unwrap();
        for bits in 1..1 << spare {
            let changed = digits[value | bits];
            refused(&format!("{}{changed}", &text[..text.len() - 1]));
        }
        // A length that no bytes have.
        let keep = text.len() - (text.len() + 3) % 4;
        refused(&text[..keep]);
        assert_eq!(keep % 4, 1);
        assert_eq!(opener.open_text(&text, &[], None), Ok(message));
    }
    assert!(bob.counters(Kind::Message).malformed > 300);
}

#[test]
fn text_into_a_buffer_of_the_callers() {
    let (alice, bob) = (room_of(4, 1), room_of(4, 2));
    let sealer = alice.sealer(Kind::Message).unwrap();
    let opener = bob.opener();
    let mut out = [0xAA; 100];
    let need = text_len(sealer.sealed_len(5)).unwrap();
    let short = sealer.seal_text_into(b"hello", &[], &mut out[..need - 1]);
    assert_eq!(short, Err(Error::BufferTooSmall));
    assert_eq!(out, [0xAA; 100], "nothing is written");
    let len = sealer.seal_text_into(b"hello", &[], &mut out).unwrap();
    assert_eq!((len, out[len]), (need, 0xAA));
    let text = out[..len].to_vec();

    let mut small = [0xAA; 32];
    let refused = opener.open_text_into(&text, &[], None, &mut small);
    assert_eq!((refused, small), (Err(Error::BufferTooSmall), [0xAA; 32]));
    let mut into = [0xAA; 64];
    let refused = opener.open_text_into(&text, b"other", None, &mut into);
    assert_eq!(refused, Err(Error::NotAuthentic));
    assert_eq!((&into[..33], into[33]), (&[0; 33][..], 0xAA));
    let mut into = [0xAA; 64];
    let opened = opener.open_text_into(&text, &[], None, &mut into);
    assert_eq!(opened, Ok(5));
    assert_eq!((&into[..5], &into[5..33]), (&b"hello"[..], &[0; 28][..]));
    assert_eq!(into[33], 0xAA);
    let mut into = [0xAA; 64];
    let refused = opener.open_text_into(b"!!!!", &[], None, &mut into);
    assert_eq!(refused, Err(Error::InvalidText));
    assert_eq!((&into[..3], into[3]), (&[0; 3][..], 0xAA));
}

#[test]
fn only_messages_have_a_text_form() {
    let room = room_of(4, 1);
    for kind in [Kind::Audio, Kind::Video] {
        let sealer = room.sealer(kind).unwrap();
        assert_eq!(sealer.seal_text(b"x", &[]), Err(Error::WrongKind));
        let mut out = [0xAA; 64];
        let refused = sealer.seal_text_into(b"x", &[], &mut out);
        assert_eq!((refused, out), (Err(Error::WrongKind), [0xAA; 64]));
        assert_eq!(room.counters(kind).sealed, 0);
    }
}

#[test]
fn the_largest_message_fits_its_limit_and_one_byte_more_does_not() {
    for suite in 1..=4 {
        let room = room_of(suite, 1);
        let sealer = room.sealer(Kind::Message).unwrap();
        let id = CipherSuite::from_id(suite).unwrap();
        for limit in 0..1_100 {
            let bytes = room.max_message_len(limit);
            assert_eq!(bytes, max_message_len(id, limit));
            match bytes {
                Some(len) => assert_eq!(sealer.sealed_len(len), limit),
                None => assert!(sealer.sealed_len(0) > limit),
            }
            let text = |len| text_len(sealer.sealed_len(len)).unwrap();
            let chars = room.max_text_message_len(limit);
            assert_eq!(chars, max_text_message_len(id, limit));
            match chars {
                Some(len) => assert!(text(len) <= limit && text(len + 1) > limit),
                None => assert!(text(0) > limit),
            }
        }
        // TRTC's limit.
        let len = room.max_message_len(1_000).unwrap();
        assert_eq!(seal(&sealer, &vec![1; len]).unwrap().len(), 1_000);
        let len = room.max_text_message_len(1_000).unwrap();
        let text = sealer.seal_text(&vec![1; len], &[]).unwrap();
        assert!(text.len() <= 1_000 && text.len() > 998);
    }
    assert_eq!(text_len(usize::MAX), None);
    let most = max_text_message_len(CipherSuite::Aes128GcmSha256_128, usize::MAX);
    assert_eq!(most, Some(usize::MAX / 4 * 3 + 2 - 28));
}
