//! Keys, salts and ids as an application gives them: exact forms, or an error.

use super::*;
use crate::limits::{MAX_ID_TEXT_LEN, MAX_SALT_LEN};

const BYTES: [u8; 16] = [
    0x00, 0x10, 0x83, 0x10, 0x51, 0x87, 0x20, 0x92, 0x8B, 0x30, 0xD3, 0x8F, 0xFB, 0xEF, 0xBE, 0xFF,
];
const HEX: &str = "00108310518720928b30d38ffbefbeff";
const BASE64: &str = "ABCDEFGHIJKLMNOP++++/w==";

#[test]
fn a_key_has_three_forms() {
    let key = RoomKey::from_bytes(&BYTES).unwrap();
    assert_eq!(*key.expose(), BYTES);
    assert_eq!(*key.to_hex(), HEX);
    assert_eq!(*key.to_base64(), BASE64);
    let upper = HEX.to_uppercase();
    for same in [
        RoomKey::from_hex(HEX),
        RoomKey::from_hex(&upper),
        RoomKey::from_base64(BASE64),
    ] {
        assert_eq!(*same.unwrap().expose(), BYTES);
    }
}

#[test]
fn every_key_survives_its_texts() {
    let mut numbers = Numbers(2);
    for _ in 0..20_000 {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&numbers.next().to_be_bytes());
        bytes[8..].copy_from_slice(&numbers.next().to_be_bytes());
        let key = RoomKey::from_bytes(&bytes).unwrap();
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(*key.to_hex(), hex);
        assert_eq!(*RoomKey::from_hex(&hex).unwrap().expose(), bytes);
        let base64 = key.to_base64();
        assert_eq!(*RoomKey::from_base64(&base64).unwrap().expose(), bytes);
    }
}

fn assert_invalid(result: Result<RoomKey>, text: &str) {
    assert_eq!(result.unwrap_err(), Error::InvalidText, "{text:?}");
}

#[test]
fn malformed_hex_is_refused() {
    for len in (0..=70).filter(|n| *n != 32) {
        let text = "a".repeat(len);
        assert_invalid(RoomKey::from_hex(&text), &text);
    }
    for other in (0..=0x7F_u8).filter(|c| !c.is_ascii_hexdigit()) {
        for at in [0, 1, 15, 31] {
            let mut text = HEX.as_bytes().to_vec();
            text[at] = other;
            let text = String::from_utf8(text).unwrap();
            assert_invalid(RoomKey::from_hex(&text), &text);
        }
    }
    let spoiled = [
        format!("0x{}", &HEX[2..]),
        format!("{HEX}\n"),
        format!(" {}", &HEX[1..]),
        format!("{}é", &HEX[2..]),
        format!("{}０", &HEX[3..]),
        format!("{}:{}", &HEX[..16], &HEX[17..]),
        BASE64.to_owned(),
    ];
    for text in spoiled {
        assert_invalid(RoomKey::from_hex(&text), &text);
    }
}

#[test]
fn malformed_base64_is_refused() {
    let digits = &BASE64[..22];
    let spoiled = [
        String::new(),
        "==".to_owned(),
        digits.to_owned(),
        format!("{digits}="),
        format!("{digits}==="),
        format!("{digits}==\n"),
        format!(" {digits}=="),
        format!("{}=a", digits),
        format!("{}a=", digits),
        format!("{}aa", digits),
        format!("{}==", &digits[1..]),
        format!("{digits}A=="),
        format!("{digits}AAAA=="),
        format!("{}= =", &digits),
        format!("{}\n{}==", &digits[..10], &digits[11..]),
        format!("{}é==", &digits[..20]),
        // The padding of 15 and of 17 bytes, and base64 of them.
        "ABCDEFGHIJKLMNOP++++".to_owned(),
        "ABCDEFGHIJKLMNOP++++/w8=".to_owned(),
        HEX.to_owned(),
    ];
    for text in spoiled {
        assert_invalid(RoomKey::from_base64(&text), &text);
    }
    let is_digit = |c: u8| c.is_ascii_alphanumeric() || c == b'+' || c == b'/';
    for other in (0..=0x7F_u8).filter(|c| !is_digit(*c)) {
        for at in [0, 1, 2, 3, 20, 21] {
            let mut text = BASE64.as_bytes().to_vec();
            text[at] = other;
            let text = String::from_utf8(text).unwrap();
            assert_invalid(RoomKey::from_base64(&text), &text);
        }
    }
    // The last digit holds 2 bits of the key; the other 4 must be zero.
    let mut valid = 0;
    for last in (0..=0x7F_u8).filter(|c| is_digit(*c)) {
        let text = format!("{}{}==", &digits[..21], char::from(last));
        match RoomKey::from_base64(&text) {
            Ok(_) => valid += 1,
            Err(error) => assert_eq!(error, Error::InvalidText),
        }
    }
    assert_eq!(valid, 4, "A, Q, g and w");
}

#[test]
fn keys_have_16_bytes_and_salts_at_most_64() {
    for len in (0..64).filter(|n| *n != 16) {
        let refused = RoomKey::from_bytes(&vec![1; len]);
        assert_eq!(refused.unwrap_err(), Error::InvalidArgument);
    }
    for len in 0..=MAX_SALT_LEN {
        RoomSalt::new(&vec![1; len]).unwrap();
    }
    for len in [MAX_SALT_LEN + 1, 1_000] {
        let refused = RoomSalt::new(&vec![1; len]);
        assert_eq!(refused.unwrap_err(), Error::InvalidArgument);
    }
}

#[test]
fn random_keys_differ_and_print_as_fingerprints() {
    let keys: Vec<_> = (0..1_000).map(|_| RoomKey::random().unwrap()).collect();
    let hex: HashSet<_> = keys.iter().map(|k| k.to_hex().to_string()).collect();
    assert_eq!(hex.len(), keys.len());
    for key in &keys {
        let print = format!("{key:?}");
        assert_eq!(print, format!("RoomKey({})", key.fingerprint()));
        assert_eq!(key.fingerprint().len(), 8);
        assert!(!key.to_hex().contains(&key.fingerprint()));
    }
    let salt = format!("{:?}", RoomSalt::new(b"pepper").unwrap());
    assert_eq!(salt, "RoomSalt { len: 6, .. }");
}

#[test]
fn ids_are_typed_and_bounded() {
    let bytes = |id: RoomId| id.as_bytes().to_vec();
    assert_eq!(bytes(RoomId::number(0)), b"n:0");
    assert_eq!(bytes(RoomId::number(u64::MAX)), b"n:18446744073709551615");
    assert_eq!(bytes(RoomId::text("123").unwrap()), b"s:123");
    assert_eq!(bytes(RoomId::text("n:123").unwrap()), b"s:n:123");
    assert_eq!(bytes(RoomId::text("é").unwrap()), "s:é".as_bytes());
    let longest = "é".repeat(MAX_ID_TEXT_LEN / 2);
    for good in ["x", " ", "\0", &longest] {
        RoomId::text(good).unwrap();
    }
    for bad in ["", &format!("{longest}x")] {
        assert_eq!(RoomId::text(bad), Err(Error::InvalidArgument));
        assert_eq!(AppId::text(bad), Err(Error::InvalidArgument));
        assert_eq!(CallId::text(bad), Err(Error::InvalidArgument));
    }
}

#[test]
fn everything_that_members_share_separates_them() {
    let clock = Clock::default();
    let text = |s: &str| RoomId::text(s).unwrap();
    let call = |s: &str| CallId::text(s).unwrap();
    let app = AppId::number(123);
    let rooms = [
        RoomConfig::new(app.clone(), RoomId::number(123)),
        RoomConfig::new(app.clone(), text("123")),
        RoomConfig::new(AppId::text("123").unwrap(), RoomId::number(123)),
        RoomConfig::new(AppId::number(124), RoomId::number(123)),
        RoomConfig::new(app.clone(), RoomId::number(123)).call_id(CallId::number(1)),
        RoomConfig::new(app.clone(), RoomId::number(123)).call_id(call("1")),
        RoomConfig::new(app.clone(), text("ab")).call_id(call("c")),
        RoomConfig::new(app.clone(), text("a")).call_id(call("bc")),
        RoomConfig::new(app, text("abc")),
    ];
    let count = rooms.len();
    let rooms: Vec<_> = rooms.into_iter().map(|c| member(c, 1, &clock)).collect();
    let mut opened = 0;
    for (i, sender) in rooms.iter().enumerate() {
        let frame = video(sender, 7, 1, 100 + i as u64);
        for (j, receiver) in rooms.iter().enumerate() {
            match open_video(receiver, &frame) {
                Ok(()) if i == j => opened += 1,
                Err(Error::NotAuthentic) if i != j => {}
                other => panic!("{i} {j} {other:?}"),
            }
        }
    }
    assert_eq!(opened, count);
    // The salt as well.
    let salted = |salt: &[u8]| {
        let room = Room::with_environment(config(), environment(1, &clock)).unwrap();
        let salt = RoomSalt::new(salt).unwrap();
        room.install(1, &epoch_key(1), &salt).unwrap();
        room
    };
    let frame = video(&salted(b"salt"), 7, 1, 100);
    open_video(&salted(b"salt"), &frame).unwrap();
    for other in [&b""[..], b"sal", b"salt\0", b"Salt"] {
        assert_eq!(open_video(&salted(other), &frame), Err(Error::NotAuthentic));
    }
}

#[test]
fn configurations_out_of_range_make_no_room() {
    let good = [
        config().replay_window(64),
        config().replay_window(32_768),
        config().max_streams(Kind::Audio, 1),
        config().max_streams(Kind::Message, 65_536),
        config().max_frame_len(1),
        config().max_frame_len(1 << 30),
    ];
    for config in good {
        Room::new(config).unwrap();
    }
    let bad = [
        config().replay_window(63),
        config().replay_window(0),
        config().replay_window(32_769),
        config().max_streams(Kind::Audio, 0),
        config().max_streams(Kind::Video, 65_537),
        config().max_streams(Kind::Message, usize::MAX),
        config().max_frame_len(0),
        config().max_frame_len((1 << 30) + 1),
        config().max_frame_len(usize::MAX),
    ];
    for config in bad {
        assert_eq!(Room::new(config).unwrap_err(), Error::InvalidArgument);
    }
}
