//! What is sent is a frame of its codec: looked at by code of this test's own,
//! which knows nothing but the codecs' rules.

use crate::pair::{Pair, SUITES};
use crate::samples::{self, Sample};
use crate::streams::{obus, parts};
use roomseal::Codec;

/// Panics if a sealed frame is no frame of its codec, or another one than the
/// frame it was made of.
pub(crate) fn check(codec: Codec, frame: &[u8], has_carrier: bool, sealed: &[u8]) {
    match codec {
        Codec::H264 | Codec::H265 => check_stream(codec, frame, has_carrier, sealed),
        Codec::Av1 => check_obus(frame, has_carrier, sealed),
        Codec::Vp8 => {
            // The bit that says key frame, and what follows it there.
            let clear = match frame.first() {
                None => 0,
                Some(tag) if tag & 1 == 0 => 10,
                Some(_) => 1,
            };
            assert_eq!(sealed[..clear], frame[..clear]);
        }
        Codec::Opus => assert_eq!(sealed.first(), frame.first().or(sealed.first())),
        _ => {}
    }
}

fn check_nal(nal: &[u8]) {
    assert_ne!(nal.last(), Some(&0), "a NAL unit ends in zero");
    for (at, three) in nal.windows(3).enumerate() {
        match three {
            [0, 0, 0..=2] => panic!("{three:x?} within a NAL unit"),
            // Before a byte that asks for it, or at the end.
            [0, 0, 3] => assert!(nal.get(at + 3).is_none_or(|next| *next <= 3)),
            _ => {}
        }
    }
}

fn header_len(codec: Codec) -> usize {
    if codec == Codec::H264 { 1 } else { 2 }
}

fn check_stream(codec: Codec, frame: &[u8], has_carrier: bool, sealed: &[u8]) {
    let (before, mut after) = (parts(frame), parts(sealed));
    for (_, nal) in &after.nals {
        check_nal(nal);
    }
    if has_carrier {
        let (gap, carrier) = after.nals.pop().expect("a carrier");
        assert_eq!(*gap, [before.tail, &[0, 0, 0, 1]].concat());
        let slice = |nal: &&[u8]| codec == Codec::H265 && nal[0] >> 1 < 32;
        let last_slice = before.nals.iter().map(|(_, nal)| *nal).rfind(slice);
        let header: &[u8] = match (codec, last_slice) {
            (Codec::H264, _) => &[0x06],
            (_, None) => &[0x4E, 0x01],
            (_, Some(slice)) => &[0x50, slice[1]],
        };
        assert!(carrier.starts_with(header));
        // One user data message as long as it says, and the stop bit.
        let bits = unescaped(&carrier[header.len()..]);
        assert_eq!(bits[0], 5);
        assert_eq!(usize::from(bits[1]), bits.len() - 3);
        assert_eq!(bits.last(), Some(&0x80));
        assert!(after.tail.is_empty());
    } else {
        assert_eq!(after.tail, before.tail);
    }
    assert_eq!(after.nals.len(), before.nals.len());
    for ((gap, nal), (sealed_gap, sealed_nal)) in before.nals.iter().zip(&after.nals) {
        assert_eq!(gap, sealed_gap, "a start code");
        let len = header_len(codec);
        assert_eq!(nal[..len], sealed_nal[..len], "a NAL unit header");
        let is_slice = match codec {
            Codec::H264 => matches!(nal[0] & 0x1F, 1 | 5),
            _ => nal[0] >> 1 < 32,
        };
        if !is_slice {
            assert_eq!(nal, sealed_nal);
        }
    }
}

fn unescaped(nal: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    let mut zeros = 0;
    for byte in nal {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        out.push(*byte);
    }
    out
}

fn check_obus(opened: &[u8], has_carrier: bool, sealed: &[u8]) {
    let (before, mut after) = (obus(opened), obus(sealed));
    for obu in &after {
        assert_eq!(obu, &obu.canonical(), "a size");
        assert!(!matches!(obu.obu_type(), 8 | 15));
    }
    if has_carrier {
        let carrier = after.pop().expect("a carrier");
        assert_eq!(carrier.header, [0x2A]);
        assert_eq!(carrier.payload[0], 31);
        assert_eq!(carrier.payload.last(), Some(&0x80));
    }
    assert_eq!(after.len(), before.len());
    for (obu, sealed) in before.iter().zip(&after) {
        assert_eq!(obu.header, sealed.header);
        if matches!(obu.obu_type(), 1 | 2) {
            assert_eq!(obu.payload, sealed.payload);
        }
    }
}

/// Nothing of what samples are filled with is to be seen.
fn check_secrecy(sample: &Sample, sealed: &[u8]) {
    let noise = samples::noise(300);
    for window in noise.windows(16) {
        let shows = sealed.windows(16).any(|sealed| sealed == window);
        assert!(!shows, "{}: {}", sample.codec, sample.name);
    }
}

#[test]
fn samples_come_back_from_frames_of_their_codec() {
    for suite in SUITES {
        let pair = Pair::new(suite);
        for sample in samples::all() {
            let Sample { name, codec, .. } = sample;
            let sealed = pair.seal(codec, &sample.frame);
            check(codec, sample.opened(), sample.has_carrier, &sealed);
            check_secrecy(&sample, &sealed);
            let opened = pair.open(&sealed);
            assert_eq!(opened.as_deref(), Ok(sample.opened()), "{codec}: {name}");
            assert_eq!(
                roomseal::peek_codec(&sealed).map(|(_, codec)| codec),
                Ok(codec)
            );
            let n = sealed.len();
            assert_eq!(sealed[n - 1 - trailing_zeros(&sealed)], 0x80);
        }
    }
}

fn trailing_zeros(bytes: &[u8]) -> usize {
    bytes.iter().rev().take_while(|byte| **byte == 0).count()
}
