//! Tests of the layer that need its insides: escapes by the dozen, a limit of
//! them that is met, counter values that are spent.

use super::seal::{Keys, max_sealed_len, seal, seal_with_escapes};
use super::{Codec, Sealed};
use crate::limits::CODEC_TRIES;
use crate::sframe::CipherSuite;
use crate::sframe::key::FrameKey;
use crate::{Error, Result};
use core::cell::Cell;
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng};

const KID: u64 = 0x8123_4567_89AB_CDE5;
const FIRST_CTR: u64 = 0x01_0000;
const SUITES: [CipherSuite; 3] = [
    CipherSuite::Aes128GcmSha256_128,
    CipherSuite::Aes128CtrHmacSha256_80,
    CipherSuite::Aes128CtrHmacSha256_32,
];

/// One key and its counter.
struct Pair {
    key: crate::os::Wiped<FrameKey>,
    ctr: Cell<u64>,
    /// The key goes after so many counter values.
    last_ctr: u64,
}

impl Keys for Pair {
    fn with_key<T>(&self, seal: impl FnOnce(&FrameKey, u64) -> Result<T>) -> Result<T> {
        if self.ctr.get() == self.last_ctr {
            return Err(Error::Closed);
        }
        self.ctr.set(self.ctr.get() + 1);
        seal(&self.key, self.ctr.get())
    }
}

impl Pair {
    fn new(suite: CipherSuite) -> Self {
        Self {
            key: FrameKey::derive(suite, KID, b"a base key").unwrap(),
            ctr: Cell::new(FIRST_CTR),
            last_ctr: 0xFF_FFFF,
        }
    }

    fn seal_with(&self, codec: Codec, frame: &[u8], escapes: usize) -> Result<Vec<u8>> {
        let tag_len = self.key.tag_len();
        let mut out = vec![0xEE; max_sealed_len(codec, frame.len(), tag_len)];
        let sealed = seal_with_escapes(codec, frame, b"meta", &mut out, tag_len, self, escapes);
        if sealed.is_err() {
            // As far as it may have been written.
            assert!(out[..frame.len()].iter().all(|byte| *byte == 0));
        }
        out.truncate(sealed?);
        Ok(out)
    }

    fn open(&self, sealed: &[u8], out: &mut Vec<u8>) -> Result<usize> {
        let parsed = Sealed::parse(sealed, self.key.tag_len())?;
        let len = parsed.opened_len(sealed).unwrap_or(sealed.len());
        assert!(len <= sealed.len());
        out.clear();
        out.resize(len, 0xEE);
        let opened = parsed.open(&self.key, sealed, b"meta", out);
        if opened.is_err() {
            assert!(out.iter().all(|byte| *byte == 0));
        }
        opened
    }

    /// Seals, opens, and returns the sealed frame.
    fn round_trip(&self, codec: Codec, frame: &[u8]) -> Vec<u8> {
        let sealed = self.seal_with(codec, frame, 64).unwrap();
        let mut out = Vec::new();
        assert_eq!(self.open(&sealed, &mut out), Ok(frame.len()), "{codec}");
        assert!(out == frame, "{codec}: {frame:x?}, opened {out:x?}");
        sealed
    }
}

/// A slice whose clear bytes end in two zero bytes: one ciphertext in 64 begins
/// with an escape.
const ZEROS_BEFORE_TEXT: [u8; 6] = [0x41, 0xC0, 0x00, 0x10, 0x00, 0x00];
/// The same in H.265.
const ZEROS_BEFORE_TEXT_H265: [u8; 7] = [0x02, 0x01, 0x80, 0x00, 0x10, 0x00, 0x00];

fn stream(nals: &[&[u8]]) -> Vec<u8> {
    nals.iter()
        .flat_map(|nal| [&[0, 0, 0, 1][..], nal].concat())
        .collect()
}

/// Emulation bytes of a sealed stream behind its clear bytes.
fn escapes(sealed: &[u8]) -> usize {
    sealed
        .windows(3)
        .filter(|three| *three == [0, 0, 3])
        .count()
}

#[test]
fn escapes_at_every_place_are_taken_back() {
    let mut random = StdRng::seed_from_u64(1);
    for suite in SUITES {
        let pair = Pair::new(suite);
        let mut seen = 0;
        for round in 0..4_000 {
            let mut text = vec![0; round % 40];
            random.fill_bytes(&mut text);
            let (codec, clear): (_, &[u8]) = match round % 2 {
                0 => (Codec::H264, &ZEROS_BEFORE_TEXT),
                _ => (Codec::H265, &ZEROS_BEFORE_TEXT_H265),
            };
            // A zero byte at the end would be none of the unit's.
            let nal = [clear, &text, &[0x80]].concat();
            if nal.windows(3).any(|three| three == [0, 0, 1]) {
                continue;
            }
            let sealed = pair.round_trip(codec, &stream(&[&nal, &nal, &nal]));
            seen += escapes(&sealed);
        }
        // 4,000 frames, three chances in 64 each.
        assert!((100..300).contains(&seen), "{seen}");
    }
}

#[test]
fn escapes_of_long_frames_are_taken_back() {
    let mut random = StdRng::seed_from_u64(2);
    let pair = Pair::new(SUITES[0]);
    let mut seen = 0;
    for round in 0..32 {
        let mut text = vec![0; 1 << 20];
        random.fill_bytes(&mut text);
        // The encoder's own patterns are none of the ciphertext's.
        text.truncate(text.len() - round);
        for at in 0..text.len() - 3 {
            if text[at..at + 3] == [0, 0, 1] {
                text[at + 2] = 3;
            }
        }
        text.push(0x80);
        let half = text.len() / 2;
        let first = [&[0x65, 0x88, 0x84], &text[..half], &[0x80]].concat();
        let second = [&[0x65, 0x88, 0x84], &text[half..]].concat();
        let sealed = pair.round_trip(Codec::H264, &stream(&[&first, &second]));
        seen += escapes(&sealed);
    }
    // One in 4 MiB.
    assert!(seen > 0, "no escape in 32 MiB");
}

#[test]
fn a_frame_with_too_many_escapes_is_sealed_again_and_given_up_after_4_tries() {
    let pair = Pair::new(SUITES[0]);
    let nal = [&ZEROS_BEFORE_TEXT[..], &[7; 9]].concat();
    // 40 units: about every second try finds one that wants an escape.
    let frame = stream(&vec![&nal[..]; 40]);
    let tries = u64::try_from(CODEC_TRIES).unwrap();
    let mut used = [0; 5];
    let mut refused = 0;
    for _ in 0..2_000 {
        let before = pair.ctr.get();
        match pair.seal_with(Codec::H264, &frame, 0) {
            Ok(sealed) => {
                let mut out = Vec::new();
                assert_eq!(pair.open(&sealed, &mut out), Ok(frame.len()));
                assert_eq!(out, frame);
                assert_eq!(escapes(&sealed), escapes(&frame));
                let header = Sealed::parse(&sealed, 16).unwrap().header();
                assert_eq!(header.ctr(), pair.ctr.get(), "the last one taken");
            }
            Err(error) => {
                assert_eq!(error, Error::TooManyEscapes);
                assert_eq!(pair.ctr.get() - before, tries);
                refused += 1;
            }
        }
        used[usize::try_from(pair.ctr.get() - before).unwrap()] += 1;
    }
    assert_eq!(used[0], 0);
    assert!(used[1..].iter().all(|count| *count > 20), "{used:?}");
    assert!(refused > 20);
}

#[test]
fn a_key_that_ends_between_two_tries_leaves_zeros() {
    let pair = Pair {
        last_ctr: FIRST_CTR + 1,
        ..Pair::new(SUITES[0])
    };
    let nal = [&ZEROS_BEFORE_TEXT[..], &[7; 9]].concat();
    let frame = stream(&vec![&nal[..]; 200]);
    let sealed = pair.seal_with(Codec::H264, &frame, 0);
    assert_eq!(sealed, Err(Error::Closed));
    assert_eq!(pair.ctr.get(), FIRST_CTR + 1);
}

#[test]
fn nothing_is_written_and_no_counter_spent_before_all_is_checked() {
    let pair = Pair::new(SUITES[0]);
    let nal = [0x41, 0x9A, 1, 2, 3];
    let frame = stream(&[&nal, &nal, &[0x06, 5, 1]]);
    // Two units, 64 escapes, a trailer of 30 and a carrier of up to 24.
    let need = frame.len() + 2 + 64 + 24 + 30;
    for (frame, cap, want) in [
        (&frame[..], need, None),
        (&frame, need - 1, Some(Error::BufferTooSmall)),
        (&frame, 0, Some(Error::BufferTooSmall)),
        (&frame[1..], need, None),
        (&frame[3..], 400, Some(Error::CodecMismatch)),
        (&[0, 0, 1, 0x62, 0xFF], 400, Some(Error::CodecMismatch)),
    ] {
        let mut out = vec![0xEE; cap];
        let before = pair.ctr.get();
        let sealed = seal(Codec::H264, frame, &[], &mut out, 16, &pair);
        assert_eq!(sealed.err(), want);
        if want.is_some() {
            assert_eq!(pair.ctr.get(), before);
            assert!(out.iter().all(|byte| *byte == 0xEE));
        }
    }
}

#[test]
fn frames_of_any_number_of_units_are_walked_over() {
    let mut random = StdRng::seed_from_u64(3);
    let pair = Pair::new(SUITES[0]);
    for count in (0..40).chain([200, 1_000]) {
        let mut h264 = Vec::new();
        let mut av1 = Vec::new();
        for _ in 0..count {
            let text: Vec<u8> = (0..random.random_range(1..60))
                .map(|_| random.random_range(4..=255))
                .collect();
            let header: &[u8] = match random.random_range(0..3) {
                0 => &[0x41, 0x9A],
                1 => &[0x65, 0x88, 0x84],
                _ => &[0x06],
            };
            h264.extend_from_slice(&stream(&[&[header, &text].concat()]));
            let obu_type = [0x32, 0x22, 0x0A][random.random_range(0..3)];
            let len = u8::try_from(text.len()).unwrap();
            av1.extend_from_slice(&[&[obu_type, len], &text[..]].concat());
        }
        pair.round_trip(Codec::H264, &h264);
        pair.round_trip(Codec::Av1, &av1);
    }
}

#[test]
fn no_length_is_short_for_what_it_is_asked_for() {
    // Units as short as they come: start code, header, slice header.
    for (codec, nal) in [
        (Codec::H264, &[0, 0, 1, 0x41, 0xFF][..]),
        (Codec::H265, &[0, 0, 1, 0x02, 0x01, 0xFF]),
    ] {
        let pair = Pair::new(SUITES[0]);
        for count in 1..60 {
            let frame = nal.repeat(count);
            let sealed = pair.round_trip(codec, &frame);
            // All but the last one grow by a byte.
            assert_eq!(
                sealed.len() - escapes(&sealed),
                frame.len() + count - 1 + 30
            );
        }
    }
}
