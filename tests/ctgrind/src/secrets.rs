//! The calls, and what is secret in them.

use crate::marks::request::{defined, undefined};
use core::hint::black_box;
use roomseal::aead::{Algorithm, Engine, InOutBuf, Key};
use roomseal::sframe::{BaseKey, CipherSuite, Receiver, Sender};
use roomseal::{AppId, Error, Kind, Room, RoomConfig, RoomId, RoomKey, RoomSalt};

/// Empty, within a block, the short path, its end, the loop, a part of a block.
const LENS: [usize; 14] = [
    0, 1, 15, 16, 20, 33, 80, 160, 239, 320, 700, 1_200, 4_096, 5_003,
];

/// Bytes that valgrind takes for secret.
fn secret(len: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..=250).cycle().skip(len).take(len).collect();
    undefined(&mut bytes);
    black_box(bytes)
}

/// What is on the wire is no secret any more.
fn published(bytes: &[u8]) -> &[u8] {
    defined(bytes);
    black_box(bytes)
}

/// Branches on a secret, to show that it would be reported.
pub(crate) fn leak() {
    let bytes = secret(16);
    let key = Key::new(Algorithm::Gcm, &bytes).expect("16 bytes");
    let mut text = secret(1);
    let tag = key.seal(&[0; 12], &[], text.as_mut_slice().into());
    if black_box(tag.expect("sealed").as_bytes()[0]) & 1 == 1 {
        println!("odd");
    }
}

/// The number of seal and open calls made.
pub(crate) fn every_layer() -> usize {
    let engines = Engine::available().map(aead).sum::<usize>();
    engines + sframe() + room()
}

fn aead(engine: Engine) -> usize {
    let algorithms = [
        Algorithm::CtrHmac80,
        Algorithm::CtrHmac64,
        Algorithm::CtrHmac32,
        Algorithm::Gcm,
    ];
    let mut calls = 0;
    for algorithm in algorithms {
        let key = Key::with_engine(engine, algorithm, &secret(algorithm.key_len()));
        let key = key.expect("the right length");
        for len in LENS {
            for aad in [&[][..], &[7; 12], &[7; 100]] {
                calls += one_call(&key, len, aad) + segments(&key, len, aad);
            }
        }
    }
    calls
}

fn one_call(key: &Key, len: usize, aad: &[u8]) -> usize {
    let nonce = [9; 12];
    let plaintext = secret(len);
    let mut sealed = vec![0; len];
    let buf = InOutBuf::new(&plaintext, &mut sealed).expect("equal lengths");
    let tag = key.seal(&nonce, &[aad], buf).expect("sealed");
    let mut in_place = plaintext.clone();
    let again = key.seal(&nonce, &[aad], in_place.as_mut_slice().into());
    let again = again.expect("sealed");
    // Ciphertext and tag alone are published, so this comparison is no leak.
    assert_eq!(published(&sealed), published(&in_place));
    let (tag, again) = (published(tag.as_bytes()), published(again.as_bytes()));
    assert_eq!(tag, again);

    let mut opened = vec![0; len];
    let buf = InOutBuf::new(&sealed, &mut opened).expect("equal lengths");
    assert_eq!(key.open(&nonce, &[aad], buf, tag), Ok(()));
    let mut forged = tag.to_vec();
    forged[0] ^= 1;
    let refused = key.open(&nonce, &[aad], in_place.as_mut_slice().into(), &forged);
    assert_eq!(refused, Err(Error::NotAuthentic));
    // Only now may anybody look at plaintext.
    assert_eq!(published(&opened), published(&plaintext));
    assert!(published(&in_place).iter().all(|b| *b == 0));
    4
}

fn segments(key: &Key, len: usize, aad: &[u8]) -> usize {
    let nonce = [8; 12];
    let plaintext = secret(len);
    let mut text = plaintext.clone();
    let mut sealing = key.sealing(&nonce, aad.len(), len).expect("short enough");
    sealing.aad(aad).expect("as declared");
    for piece in text.chunks_mut(len / 3 + 1) {
        sealing.encrypt(piece.into()).expect("as declared");
    }
    let tag = sealing.finish().expect("all went in");
    published(tag.as_bytes());
    published(&text);
    let mut opening = key.opening(&nonce, aad.len(), len).expect("short enough");
    opening.aad(aad).expect("as declared");
    for piece in text.chunks_mut(len / 2 + 1) {
        opening.decrypt(piece.into()).expect("as declared");
    }
    assert_eq!(opening.finish(tag.as_bytes()), Ok(()));
    assert_eq!(published(&text), published(&plaintext));
    2
}

fn sframe() -> usize {
    let suites = [
        CipherSuite::Aes128CtrHmacSha256_80,
        CipherSuite::Aes128CtrHmacSha256_64,
        CipherSuite::Aes128CtrHmacSha256_32,
        CipherSuite::Aes128GcmSha256_128,
    ];
    for suite in suites {
        let base_key = BaseKey::new(&secret(32)).expect("long enough").ratchet();
        let sender = Sender::new(suite, 5, &base_key).expect("a sender");
        let receiver = Receiver::new(suite);
        receiver.add(5, &base_key).expect("the first key");
        for len in LENS {
            let plaintext = secret(len);
            let mut sealed = vec![0; sender.sealed_len(len).expect("short enough")];
            let written = sender.seal(&plaintext, b"metadata", &mut sealed);
            let sealed = published(&sealed[..written.expect("sealed")]);
            let mut out = vec![0; sealed.len()];
            let written = receiver.open(sealed, b"metadata", &mut out);
            let opened = &out[..written.expect("authentic")];
            assert_eq!(published(opened), published(&plaintext));
        }
    }
    suites.len() * LENS.len() * 2
}

fn room() -> usize {
    let (bytes, salt) = (secret(16), secret(16));
    let [alice, bob] = [(), ()].map(|()| {
        let config = RoomConfig::new(AppId::number(1), RoomId::number(2));
        let room = Room::new(config).expect("a room");
        let key = RoomKey::from_bytes(&bytes).expect("16 bytes");
        let salt = RoomSalt::new(&salt).expect("short enough");
        room.install(1, &key, &salt).expect("a new epoch");
        room.activate(1).expect("installed");
        room
    });
    let mut calls = 0;
    for kind in [Kind::Audio, Kind::Video, Kind::Message] {
        let (sealer, opener) = (alice.sealer(kind).expect("a sealer"), bob.opener());
        for (i, len) in LENS.into_iter().enumerate() {
            if kind == Kind::Video && i == 7 {
                for room in [&alice, &bob] {
                    let next = room.ratchet(1).expect("a new epoch");
                    room.activate(next).expect("installed");
                }
            }
            let plaintext = secret(len);
            let mut sealed = vec![0; sealer.sealed_len(len)];
            let written = sealer.seal(&plaintext, &[], &mut sealed).expect("sealed");
            let sealed = published(&sealed[..written]);
            let mut out = vec![0; sealed.len()];
            let mut forged = sealed.to_vec();
            forged[written - 1] ^= 1;
            let refused = opener.open(kind, &forged, &[], None, &mut out);
            assert_eq!(refused, Err(Error::NotAuthentic));
            let written = opener.open(kind, sealed, &[], None, &mut out);
            let opened = &out[..written.expect("authentic")];
            assert_eq!(published(opened), published(&plaintext));
            calls += 3;
        }
    }
    calls
}
