//! Frames of this crate and of the `sframe` crate, an implementation of
//! RFC 9605 that shares only the primitives below with this one, open in each
//! other: every suite, header length and payload class, with metadata.

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use roomseal::Error;
use roomseal::sframe::{BaseKey, CipherSuite, Receiver, Sender};
use sframe::frame::{EncryptedFrameView, MediaFrameView, SingleUseCounter};
use sframe::key::{DecryptionKey, EncryptionKey};

/// Frames of each suite in each direction.
const FRAMES: u32 = 10_000;

fn peer_suite(suite: CipherSuite) -> sframe::CipherSuite {
    match suite {
        CipherSuite::Aes128CtrHmacSha256_80 => sframe::CipherSuite::AesCtr128HmacSha256_80,
        CipherSuite::Aes128CtrHmacSha256_64 => sframe::CipherSuite::AesCtr128HmacSha256_64,
        CipherSuite::Aes128CtrHmacSha256_32 => sframe::CipherSuite::AesCtr128HmacSha256_32,
        CipherSuite::Aes128GcmSha256_128 => sframe::CipherSuite::AesGcm128Sha256,
        other => panic!("{other} is new to this test"),
    }
}

/// A frame and all that both sides agreed upon.
struct Frame {
    base_key: Vec<u8>,
    kid: u64,
    ctr: u64,
    metadata: Vec<u8>,
    plaintext: Vec<u8>,
}

impl Frame {
    fn random(rng: &mut StdRng) -> Self {
        fn bytes(rng: &mut StdRng, len: usize) -> Vec<u8> {
            let mut bytes = vec![0; len];
            rng.fill_bytes(&mut bytes);
            bytes
        }
        // Every bit length, so every header length.
        fn value(rng: &mut StdRng) -> u64 {
            rng.random::<u64>()
                .checked_shr(rng.random_range(0..=64))
                .unwrap_or(0)
        }
        let base_key_len = rng.random_range(1..=64);
        let metadata_len = if rng.random() {
            rng.random_range(1..=100)
        } else {
            0
        };
        let len = match rng.random_range(0..10) {
            0 => 0,
            1..=6 => rng.random_range(1..=320),
            7 | 8 => rng.random_range(321..=2_000),
            _ => rng.random_range(2_001..=8_000),
        };
        Self {
            base_key: bytes(rng, base_key_len),
            kid: value(rng),
            ctr: value(rng),
            metadata: bytes(rng, metadata_len),
            plaintext: bytes(rng, len),
        }
    }

    fn base_key(&self) -> BaseKey {
        BaseKey::new(&self.base_key).expect("1 to 64 bytes")
    }

    fn seal_here(&self, suite: CipherSuite) -> Vec<u8> {
        let mut sender = Sender::new(suite, self.kid, &self.base_key()).expect("a sender");
        sender.skip_to(self.ctr).expect("forward");
        let mut sealed = vec![0; sender.sealed_len(self.plaintext.len()).expect("short")];
        let n = sender
            .seal(&self.plaintext, &self.metadata, &mut sealed)
            .expect("there is room");
        assert_eq!(n, sealed.len());
        sealed
    }

    fn seal_there(&self, suite: CipherSuite) -> Vec<u8> {
        let key = EncryptionKey::derive_from(peer_suite(suite), self.kid, &self.base_key)
            .expect("a peer's key");
        let mut counter = SingleUseCounter::new(self.ctr);
        let mut sealed = Vec::new();
        MediaFrameView::try_with_meta_data(&mut counter, &self.plaintext, &self.metadata)
            .expect("the counter is fresh")
            .encrypt_into(&key, &mut sealed)
            .expect("the peer seals")
            .sframe_cipher_text()
            .to_vec()
    }

    fn open_there(&self, suite: CipherSuite, sealed: &[u8], metadata: &[u8]) -> Option<Vec<u8>> {
        let key = DecryptionKey::derive_from(peer_suite(suite), self.kid, &self.base_key)
            .expect("a peer's key");
        let frame = EncryptedFrameView::try_with_meta_data(sealed, metadata).expect("a header");
        assert_eq!(frame.header().key_id(), self.kid);
        assert_eq!(frame.header().counter(), self.ctr);
        let mut buffer = Vec::new();
        let opened = frame.decrypt_into(&key, &mut buffer).ok()?;
        Some(opened.payload().to_vec())
    }

    fn receiver(&self, suite: CipherSuite) -> Receiver {
        let receiver = Receiver::new(suite);
        receiver.add(self.kid, &self.base_key()).expect("a new KID");
        receiver
    }
}

/// All suites and frames; the first seed of a suite is its number.
fn each_frame(mut test: impl FnMut(CipherSuite, &Frame, u32)) {
    let mut count = 0;
    for suite in CipherSuite::ALL {
        let mut rng = StdRng::seed_from_u64(u64::from(suite.id()));
        for number in 0..FRAMES {
            test(suite, &Frame::random(&mut rng), number);
            count += 1;
        }
    }
    assert_eq!(count, 4 * FRAMES);
}

#[test]
fn what_is_sealed_here_opens_there() {
    each_frame(|suite, frame, number| {
        let sealed = frame.seal_here(suite);
        let opened = frame.open_there(suite, &sealed, &frame.metadata);
        assert_eq!(opened.as_deref(), Some(&frame.plaintext[..]));
        if number.is_multiple_of(16) {
            let wrong = [&frame.metadata[..], b"x"].concat();
            assert_eq!(frame.open_there(suite, &sealed, &wrong), None);
        }
    });
}

#[test]
fn what_is_sealed_there_opens_here() {
    each_frame(|suite, frame, number| {
        let mut sealed = frame.seal_there(suite);
        let receiver = frame.receiver(suite);
        let mut out = vec![0; frame.plaintext.len()];
        if number.is_multiple_of(16) {
            let wrong = [&frame.metadata[..], b"x"].concat();
            let refused = receiver.open(&sealed, &wrong, &mut out);
            assert_eq!(refused, Err(Error::NotAuthentic));
        }
        if number.is_multiple_of(2) {
            let opened = receiver.open(&sealed, &frame.metadata, &mut out);
            assert_eq!(opened, Ok(frame.plaintext.len()));
            assert_eq!(out, frame.plaintext);
        } else {
            let place = receiver
                .open_in_place(&frame.metadata, &mut sealed)
                .expect("authentic");
            assert_eq!(sealed[place], frame.plaintext[..]);
        }
    });
}

#[test]
fn both_seal_the_same_bytes() {
    each_frame(|suite, frame, number| {
        if number.is_multiple_of(4) {
            assert_eq!(frame.seal_here(suite), frame.seal_there(suite));
        }
    });
}
