//! The published answers of RFC 9605, and the answers that its formulas give
//! where it publishes none.

mod vectors;

use roomseal::Error;
use roomseal::sframe::{
    BaseKey, CipherSuite, Header, MAX_HEADER_LEN, MAX_OVERHEAD, MlsKid, Ratchet, RatchetKid,
    Receiver, Sender, peek,
};
use vectors::{Case, cases, hex};

/// KID, CTR and encoded header of appendix C.1.
fn headers() -> Vec<(u64, u64, Vec<u8>)> {
    include_str!("vectors/rfc9605-header.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split(' ');
            let mut word = || words.next().expect("three words");
            let kid = word().parse().expect("a KID");
            let ctr = word().parse().expect("a CTR");
            let encoded = hex(word());
            assert_eq!(words.next(), None, "three words");
            (kid, ctr, encoded)
        })
        .collect()
}

#[test]
fn every_published_header_is_written_and_read() {
    let headers = headers();
    assert_eq!(headers.len(), 289);
    for (kid, ctr, encoded) in &headers {
        let header = Header::new(*kid, *ctr);
        assert_eq!((header.kid(), header.ctr()), (*kid, *ctr));
        assert_eq!(header.encoded_len(), encoded.len());

        let mut out = [0xA5; MAX_HEADER_LEN + 1];
        assert_eq!(header.encode(&mut out), Ok(encoded.len()));
        assert_eq!(out[..encoded.len()], encoded[..]);
        assert!(
            out[encoded.len()..].iter().all(|b| *b == 0xA5),
            "wrote too far"
        );

        assert_eq!(Header::parse(encoded), Ok((header, encoded.len())));
        // What follows the header doesn't matter.
        assert_eq!(Header::parse(&out), Ok((header, encoded.len())));
        assert_eq!(peek(&out), Ok(header));
    }
}

#[test]
fn a_header_that_does_not_fit_is_not_written() {
    for (kid, ctr, encoded) in headers() {
        for room in 0..encoded.len() {
            let mut out = vec![0xA5; room];
            let result = Header::new(kid, ctr).encode(&mut out);
            assert_eq!(result, Err(Error::BufferTooSmall));
            assert_eq!(out, vec![0xA5; room]);
        }
    }
}

#[test]
fn a_header_cut_short_is_malformed() {
    assert_eq!(Header::parse(&[]), Err(Error::Malformed));
    for (_, _, encoded) in headers() {
        for len in 0..encoded.len() {
            assert_eq!(Header::parse(&encoded[..len]), Err(Error::Malformed));
        }
    }
}

/// What section 4.3 says of one value, in the words of the section: `n` bytes
/// are minimal if fewer would not do. `None` if they aren't.
fn minimal(nibble: u8, bytes: &[u8]) -> Option<u64> {
    if nibble < 8 {
        return Some(u64::from(nibble));
    }
    match bytes {
        [0..=7] => None,
        [0, _, ..] => None,
        _ => Some(bytes.iter().fold(0, |v, b| v * 256 + u64::from(*b))),
    }
}

#[test]
fn non_minimal_headers_are_refused_for_every_config_byte() {
    // The first byte of each value decides, and a single byte from 0 to 7.
    const FIRST: [u8; 6] = [0x00, 0x01, 0x07, 0x08, 0x80, 0xFF];
    const REST: [u8; 3] = [0x00, 0x07, 0xFF];
    let (mut accepted, mut refused) = (0, 0);
    for config in 0..=u8::MAX {
        let (kid_bits, ctr_bits) = (config >> 4, config & 15);
        let len = |bits: u8| {
            if bits < 8 { 0 } else { usize::from(bits) - 7 }
        };
        let (kid_len, ctr_len) = (len(kid_bits), len(ctr_bits));
        for (kid_first, ctr_first) in FIRST.iter().flat_map(|k| FIRST.map(|c| (*k, c))) {
            for rest in REST {
                let mut bytes = vec![config];
                let mut value = |first: u8, n: usize| {
                    let mut value = vec![rest; n];
                    if let Some(b) = value.first_mut() {
                        *b = first;
                    }
                    bytes.extend(&value);
                    value
                };
                let kid = minimal(kid_bits, &value(kid_first, kid_len));
                let ctr = minimal(ctr_bits, &value(ctr_first, ctr_len));
                let header_len = bytes.len();
                assert_eq!(header_len, 1 + kid_len + ctr_len);
                let expected = match (kid, ctr) {
                    (Some(kid), Some(ctr)) => Ok((Header::new(kid, ctr), header_len)),
                    _ => Err(Error::Malformed),
                };
                for tail in [0, 1, 16, 40] {
                    bytes.resize(header_len + tail, rest);
                    assert_eq!(Header::parse(&bytes), expected, "{bytes:02x?}");
                }
                for cut in 0..header_len {
                    assert_eq!(Header::parse(&bytes[..cut]), Err(Error::Malformed));
                }
                if let Ok((header, _)) = expected {
                    let mut again = [0; MAX_HEADER_LEN];
                    let n = header.encode(&mut again).expect("it fits");
                    assert_eq!(again[..n], bytes[..header_len], "one value, one encoding");
                    accepted += 1;
                } else {
                    refused += 1;
                }
            }
        }
    }
    // Of the 6 first bytes, 3 are refused in a value of one byte and 1 in a
    // longer one: (8 × 6 + 3 + 7 × 5)² × 3 are minimal.
    assert_eq!(accepted, 86 * 86 * 3);
    assert_eq!(accepted + refused, 256 * 36 * 3);
}

fn frames() -> Vec<Case> {
    let cases = cases(include_str!("vectors/rfc9605-frames.txt"));
    let suites: Vec<_> = cases.iter().map(|case| case.number("suite")).collect();
    assert_eq!(suites, [1, 2, 3, 4]);
    cases
}

struct Frame {
    suite: CipherSuite,
    kid: u64,
    ctr: u64,
    base_key: BaseKey,
    metadata: Vec<u8>,
    plaintext: Vec<u8>,
    sealed: Vec<u8>,
}

impl Frame {
    fn read(case: &Case) -> Self {
        let suite = u16::try_from(case.number("suite")).expect("16 bits");
        Self {
            suite: CipherSuite::from_id(suite).expect("one of ours"),
            kid: case.number("kid"),
            ctr: case.number("ctr"),
            base_key: BaseKey::new(&case.bytes("base_key")).expect("16 bytes"),
            metadata: case.bytes("metadata"),
            plaintext: case.bytes("plaintext"),
            sealed: case.bytes("frame"),
        }
    }

    fn sender(&self) -> Sender {
        let mut sender = Sender::new(self.suite, self.kid, &self.base_key).expect("a sender");
        sender.skip_to(self.ctr).expect("forward");
        sender
    }

    fn receiver(&self) -> Receiver {
        let receiver = Receiver::new(self.suite);
        receiver.add(self.kid, &self.base_key).expect("a new KID");
        receiver
    }
}

#[test]
fn the_published_frames_are_sealed() {
    for case in &frames() {
        let frame = Frame::read(case);
        let len = frame.sealed.len();

        let sender = frame.sender();
        assert_eq!(sender.next_ctr(), Some(frame.ctr));
        assert_eq!(sender.sealed_len(frame.plaintext.len()), Ok(len));
        let mut out = vec![0xA5; len + 8];
        let sealed = sender.seal(&frame.plaintext, &frame.metadata, &mut out);
        assert_eq!(sealed, Ok(len));
        assert_eq!(out[..len], frame.sealed[..]);
        assert_eq!(out[len..], [0xA5; 8]);
        assert_eq!(sender.next_ctr(), Some(frame.ctr + 1));

        for spare in [0, 1, 20] {
            let header_len = Header::new(frame.kid, frame.ctr).encoded_len();
            let start = header_len + spare;
            let end = start + frame.plaintext.len();
            let mut buf = vec![0xA5; end + frame.suite.tag_len() + spare];
            buf[start..end].copy_from_slice(&frame.plaintext);
            let place = frame
                .sender()
                .seal_in_place(&frame.metadata, &mut buf, start..end)
                .expect("there is room");
            assert_eq!(place, spare..spare + len);
            assert_eq!(buf[place], frame.sealed[..]);
            assert_eq!(buf[..spare], vec![0xA5; spare]);
            assert_eq!(buf[spare + len..], vec![0xA5; spare]);
        }
    }
}

#[test]
fn the_published_frames_are_opened() {
    for case in &frames() {
        let frame = Frame::read(case);
        let len = frame.plaintext.len();
        assert_eq!(peek(&frame.sealed), Ok(Header::new(frame.kid, frame.ctr)));

        let mut out = vec![0xA5; len + 8];
        let receiver = frame.receiver();
        let opened = receiver.open(&frame.sealed, &frame.metadata, &mut out);
        assert_eq!(opened, Ok(len));
        assert_eq!(out[..len], frame.plaintext[..]);
        assert_eq!(out[len..], [0xA5; 8]);
        let again = receiver.open(&frame.sealed, &frame.metadata, &mut out);
        assert_eq!(again, Err(Error::Replay));

        let mut bytes = frame.sealed.clone();
        let place = frame
            .receiver()
            .open_in_place(&frame.metadata, &mut bytes)
            .expect("authentic");
        assert_eq!(bytes[place], frame.plaintext[..]);
    }
}

#[test]
fn the_published_frames_are_bound_to_suite_kid_metadata_and_every_bit() {
    let frames: Vec<_> = frames().iter().map(Frame::read).collect();
    for frame in &frames {
        let receiver = frame.receiver();
        let mut out = vec![0xA5; frame.sealed.len()];
        let len = frame.plaintext.len();
        for wrong in [
            &b""[..],
            b"IETF SFrame W",
            b"IETF SFrame WGG",
            b"JETF SFrame WG",
        ] {
            let result = receiver.open(&frame.sealed, wrong, &mut out);
            assert_eq!(result, Err(Error::NotAuthentic));
            assert!(out[..len].iter().all(|b| *b == 0));
            out.fill(0xA5);
        }
        for bit in 0..frame.sealed.len() * 8 {
            let mut forged = frame.sealed.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let error = receiver
                .open(&forged, &frame.metadata, &mut out)
                .expect_err("a bit differs");
            // A changed header may name another KID, or not parse.
            let header = bit / 8 < 5;
            let expected = match error {
                Error::NotAuthentic => true,
                Error::Malformed | Error::UnknownKey => header,
                _ => false,
            };
            assert!(expected, "bit {bit}: {error:?}");
        }
        for other in frames.iter().filter(|other| other.suite != frame.suite) {
            let result = other
                .receiver()
                .open(&frame.sealed, &frame.metadata, &mut out);
            assert_eq!(result, Err(Error::NotAuthentic));
        }
        // All that left no trace.
        let opened = receiver.open(&frame.sealed, &frame.metadata, &mut out);
        assert_eq!(opened, Ok(len));
        assert_eq!(out[..len], frame.plaintext[..]);
    }
}

/// The frame that a base key seals first; equal keys give equal frames.
fn first_frame(suite: CipherSuite, base_key: &BaseKey) -> Vec<u8> {
    let sender = Sender::new(suite, 0x123, base_key).expect("a sender");
    let mut out = [0; MAX_OVERHEAD + 40];
    let n = sender.seal(&[0; 40], b"", &mut out).expect("there is room");
    out[..n].to_vec()
}

fn assert_same_key(derived: &BaseKey, expected: &str) {
    let expected = BaseKey::new(&hex(expected)).expect("32 bytes");
    for suite in CipherSuite::ALL {
        assert_eq!(first_frame(suite, derived), first_frame(suite, &expected));
    }
}

const BASE_KEY: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Section 5.1. The RFC publishes no answers: these were computed from its
/// formula with an HMAC that shares no code with this crate.
const RATCHETED: [&str; 3] = [
    "fb75d8d5782da6c6cbf18ac43eca5da9e47f7e6ac7926a78e486226bd2af0f87",
    "e24577b569963f5222734f2f57c43927c10dd36180e6124cf9f10cd43ab4598e",
    "b791038937f6176e569a04e6ac99e8591d4d969a54ca059dd1405751d7e40059",
];

#[test]
fn the_ratchet_gives_the_computed_keys() {
    let mut key = BaseKey::new(&BASE_KEY).expect("16 bytes");
    let kids = RatchetKid::new(2).expect("R = 2");
    let mut ratchet =
        Ratchet::new(kids, 5, BaseKey::new(&BASE_KEY).expect("16 bytes")).expect("it fits");
    assert_eq!(ratchet.kid(), 5 << 2);
    for (step, expected) in (1..).zip(RATCHETED) {
        key = key.ratchet();
        assert_same_key(&key, expected);
        ratchet.advance().expect("a step is left");
        assert_same_key(ratchet.base_key(), expected);
        assert_eq!(ratchet.kid(), 5 << 2 | step);
        assert_eq!(kids.split(ratchet.kid()), (5, step));
    }
    // Step 4 would have the KID of step 0.
    assert_eq!(ratchet.advance(), Err(Error::KeyExhausted));
    assert_same_key(ratchet.base_key(), RATCHETED[2]);
    assert_eq!(ratchet.kid(), 5 << 2 | 3);
}

#[test]
fn ratchet_kids_hold_generation_and_step() {
    assert_eq!(RatchetKid::new(0), Err(Error::InvalidArgument));
    assert_eq!(RatchetKid::new(33), Err(Error::InvalidArgument));
    for bits in 1..=32 {
        let kids = RatchetKid::new(bits).expect("1 to 32");
        let last = u64::MAX >> bits;
        for generation in [0, 1, last] {
            for step in [
                0,
                1,
                2,
                (1 << bits) - 1,
                1 << bits,
                (1 << bits) + 1,
                u64::MAX,
            ] {
                let kid = kids.kid(generation, step).expect("it fits");
                assert_eq!(kid, (generation << bits) + step % (1 << bits));
                assert_eq!(kids.split(kid), (generation, step % (1 << bits)));
            }
        }
        assert_eq!(kids.kid(last + 1, 0), Err(Error::InvalidArgument));
        assert_eq!(kids.kid(u64::MAX, 0), Err(Error::InvalidArgument));
        let key = BaseKey::new(&BASE_KEY).expect("16 bytes");
        assert!(Ratchet::new(kids, last + 1, key).is_err());
    }
}

#[test]
fn a_stream_key_is_the_computed_one() {
    // draft-ietf-avtcore-rtp-sframe publishes no answers either.
    let key = BaseKey::new(&BASE_KEY).expect("16 bytes");
    assert_same_key(
        &key.for_ssrc(0x1234_5678),
        "f309f118aecdacfbc165cc080022b297100bbb55e483b002d762000a0faa684d",
    );
    let suite = CipherSuite::Aes128GcmSha256_128;
    let other = first_frame(suite, &key.for_ssrc(0x1234_5679));
    assert_ne!(other, first_frame(suite, &key.for_ssrc(0x1234_5678)));
    assert_ne!(other, first_frame(suite, &key));
}

#[test]
fn mls_kids_are_those_of_the_published_example() {
    // The example of section 5.2: E = 4, S = 6; epoch, sender index, context, KID.
    const EXAMPLE: [(u64, u64, u64, u64); 9] = [
        (14, 3, 0, 0x3e),
        (14, 7, 0, 0x7e),
        (14, 20, 0, 0x14e),
        (15, 3, 0, 0x3f),
        (15, 5, 0, 0x5f),
        (16, 2, 2, 0x820),
        (16, 2, 3, 0xc20),
        (17, 33, 0, 0x211),
        (17, 51, 0, 0x331),
    ];
    // The smallest S with a group of 33 to 64 members is 6.
    for group_size in 33..=64 {
        let layout = MlsKid::new(4, group_size).expect("it fits");
        for (epoch, sender, context, kid) in EXAMPLE {
            assert_eq!(layout.kid(context, sender, epoch), Ok(kid));
            assert_eq!(layout.split(kid), (context, sender, epoch % 16));
        }
        assert_eq!(layout.kid(0, 63, 0), Ok(63 << 4));
        assert_eq!(layout.kid(0, 64, 0), Err(Error::InvalidArgument));
        let last = u64::MAX >> 10;
        assert_eq!(layout.kid(last, 63, 15), Ok(u64::MAX));
        assert_eq!(layout.kid(last + 1, 0, 0), Err(Error::InvalidArgument));
    }
    assert_eq!(MlsKid::EXPORTER_LABEL, "SFrame 1.0 Base Key");
}

#[test]
fn mls_layouts_have_limits() {
    for (bits, size) in [(0, 10), (17, 10), (4, 0), (4, (1 << 32) + 1), (4, u64::MAX)] {
        assert_eq!(MlsKid::new(bits, size), Err(Error::InvalidArgument));
    }
    // One member needs no bits, 2^32 members 32.
    let alone = MlsKid::new(1, 1).expect("it fits");
    assert_eq!(alone.kid(0, 0, 3), Ok(1));
    assert_eq!(alone.kid(0, 1, 0), Err(Error::InvalidArgument));
    assert_eq!(alone.split(u64::MAX), (u64::MAX >> 1, 0, 1));
    let crowd = MlsKid::new(16, 1 << 32).expect("it fits");
    assert_eq!(crowd.kid(0xFFFF, 0xFFFF_FFFF, 0xFFFF), Ok(u64::MAX));
    assert_eq!(crowd.kid(0x1_0000, 0, 0), Err(Error::InvalidArgument));
    assert_eq!(crowd.split(u64::MAX), (0xFFFF, 0xFFFF_FFFF, 0xFFFF));
    for (size, bits) in [(2, 1), (3, 2), (4, 2), (5, 3), (64, 6), (65, 7)] {
        let layout = MlsKid::new(4, size).expect("it fits");
        assert_eq!(layout.kid(1, 0, 0), Ok(1 << (4 + bits)));
    }
}
