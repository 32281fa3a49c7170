//! A member who sends and one who receives, in the codec form.

use crate::member::{config, join};
use roomseal::sframe::CipherSuite;
use roomseal::{Codec, Error, Form, Kind, Opener, Result, Room, Sealer};

pub(crate) const GCM: CipherSuite = CipherSuite::Aes128GcmSha256_128;
pub(crate) const SUITES: [CipherSuite; 4] = [
    GCM,
    CipherSuite::Aes128CtrHmacSha256_80,
    CipherSuite::Aes128CtrHmacSha256_64,
    CipherSuite::Aes128CtrHmacSha256_32,
];

pub(crate) const META: &[u8] = b"metadata";

pub(crate) struct Pair {
    _alice: Room,
    pub(crate) bob: Room,
    pub(crate) sealer: Sealer,
    pub(crate) opener: Opener,
}

/// A room whose audio and video are of the codec form.
pub(crate) fn room(suite: CipherSuite) -> Room {
    let config = config([suite, suite, GCM])
        .form(Kind::Audio, Form::Codec)
        .form(Kind::Video, Form::Codec);
    join(config, &[1])
}

impl Pair {
    pub(crate) fn new(suite: CipherSuite) -> Self {
        let (alice, bob) = (room(suite), room(suite));
        Self {
            sealer: alice.sealer(Kind::Video).expect("a sealer"),
            opener: bob.opener(),
            _alice: alice,
            bob,
        }
    }

    pub(crate) fn try_seal(&self, codec: Codec, frame: &[u8]) -> Result<Vec<u8>> {
        let capacity = self.sealer.max_sealed_codec_len(codec, frame.len());
        let mut out = vec![0xEE; capacity + 9];
        let sealed = self.sealer.seal_codec(codec, frame, META, &mut out);
        if sealed.is_err() {
            assert!(out.iter().all(|byte| *byte == 0xEE), "written");
        }
        let len = sealed?;
        assert!(out[capacity..].iter().all(|byte| *byte == 0xEE));
        out.truncate(len);
        Ok(out)
    }

    pub(crate) fn seal(&self, codec: Codec, frame: &[u8]) -> Vec<u8> {
        self.try_seal(codec, frame)
            .unwrap_or_else(|error| panic!("{codec}, {} bytes: {error}", frame.len()))
    }

    pub(crate) fn open(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        let mut out = vec![0xEE; sealed.len()];
        let opened = self.opener.open(Kind::Video, sealed, META, None, &mut out);
        match opened {
            Ok(len) => {
                assert!(out[len..].iter().all(|byte| *byte == 0xEE));
                out.truncate(len);
                Ok(out)
            }
            Err(error) => {
                let left = if error == Error::NotAuthentic {
                    0
                } else {
                    0xEE
                };
                assert!(out.iter().all(|byte| *byte == left), "{error}");
                Err(error)
            }
        }
    }

    pub(crate) fn not_authentic(&self) -> u64 {
        self.bob.counters(Kind::Video).not_authentic
    }

    /// Makes the stream known to the receiver.
    pub(crate) fn introduce(&self) {
        let sealed = self.seal(Codec::Opaque, b"first");
        assert_eq!(self.open(&sealed).as_deref(), Ok(&b"first"[..]));
    }
}
