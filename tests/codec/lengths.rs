//! Frames with lengths in place of start codes: none of them leaves a slice in
//! clear. And byte streams that look like them aren't refused.

use crate::clips::{access_units, read};
use crate::pair::{GCM, Pair};
use crate::samples::noise;
use crate::streams::{parts, stream_with};
use roomseal::{Codec, Error};

/// Bytes in a row that would show a slice.
const SHOWN: usize = 24;

fn prefixed(nals: &[&[u8]]) -> Vec<u8> {
    let unit = |nal: &&[u8]| {
        let length = u32::try_from(nal.len()).expect("short");
        [&length.to_be_bytes(), *nal].concat()
    };
    nals.iter().flat_map(unit).collect()
}

/// Whether the frame was sealed. If so, no slice shows.
fn is_sealed_without_a_slice(pair: &Pair, codec: Codec, nals: &[&[u8]]) -> bool {
    let frame = prefixed(nals);
    let sealed = match pair.try_seal(codec, &frame) {
        Ok(sealed) => sealed,
        Err(error) => {
            assert_eq!(error, Error::CodecMismatch);
            return false;
        }
    };
    for slice in nals.iter().filter(|nal| nal.len() > SHOWN) {
        let shown = &slice[slice.len() - SHOWN..];
        let shows = sealed.windows(SHOWN).any(|part| part == shown);
        assert!(!shows, "{codec}: {} bytes in clear", slice.len());
    }
    assert_eq!(pair.open(&sealed), Ok(frame));
    true
}

#[test]
fn a_slice_of_any_length_is_refused_or_encrypted() {
    let pair = Pair::new(GCM);
    pair.introduce();
    for (codec, header) in [
        (Codec::H264, &[0x65, 0x88, 0x84][..]),
        (Codec::H264, &[0x41, 0x9A]),
        (Codec::H265, &[0x26, 0x01, 0xAF]),
        // Its first byte does for the second one of a header.
        (Codec::H265, &[0x02, 0x01, 0xD0]),
    ] {
        let slice = [header, &noise(600)].concat();
        let mut sealed = 0;
        for len in (1..600).filter(|len| *len > header.len() + SHOWN) {
            sealed += usize::from(is_sealed_without_a_slice(&pair, codec, &[&slice[..len]]));
            for behind in [1, 200, 262, 263, 300, 321, 330] {
                let nals = [&slice[..len], &slice[..behind], &slice[..len]];
                is_sealed_without_a_slice(&pair, codec, &nals);
                // Behind an end of sequence, which is the same in both formats.
                is_sealed_without_a_slice(&pair, codec, &[&[0x0A], &slice[..len]]);
            }
        }
        // A few lengths read as a slice.
        assert!(sealed < 80, "{codec}: {sealed}");
    }
}

#[test]
fn clips_with_lengths_are_refused() {
    let pair = Pair::new(GCM);
    pair.introduce();
    let clips = [
        ("bunny-360p.h264", Codec::H264),
        ("bunny-360p-4slices.h264", Codec::H264),
        ("bunny-360p.h265", Codec::H265),
    ];
    for (name, codec) in clips {
        let frames = access_units(&read(name), codec);
        assert!(frames.len() > 10, "{name}");
        for frame in frames {
            let parts = parts(&frame);
            let nals: Vec<&[u8]> = parts.nals.iter().map(|(_, nal)| *nal).collect();
            is_sealed_without_a_slice(&pair, codec, &nals);
            // As it is, and with start codes of 3 bytes, it is no such frame.
            pair.seal(codec, &frame);
            pair.seal(codec, &stream_with(&[0, 0, 1], &nals));
        }
    }
}

#[test]
fn byte_streams_that_fit_by_chance_are_sealed() {
    let pair = Pair::new(GCM);
    pair.introduce();
    let slice = [&[0x41, 0x9A][..], &noise(600)].concat();
    let delimiter = [0x09, 0x10];
    // As many bytes in all as the first unit's header would say.
    for first in [&delimiter[..], &[0x0A], &[0x06, 5, 1, 7, 0x80]] {
        let total = 4 + 256 + usize::from(first[0]);
        let rest = total - (3 + first.len()) - 3;
        let frame = stream_with(&[0, 0, 1], &[first, &slice[..rest]]);
        assert_eq!(frame.len(), total);
        let sealed = pair.seal(Codec::H264, &frame);
        assert_eq!(pair.open(&sealed), Ok(frame));
    }
    // Start codes that say their units' lengths.
    for units in [&[&[0x0A][..]][..], &[&[0x0A], &[0x0B]], &[&[0x0B]]] {
        let frame = stream_with(&[0, 0, 0, 1], units);
        let sealed = pair.seal(Codec::H264, &frame);
        assert_eq!(pair.open(&sealed), Ok(frame));
    }
    // The one that is refused, and the way out.
    let sei = [&[0x06, 5, 0xFF, 3][..], &noise(258), &[0x80]].concat();
    assert_eq!(sei.len(), 263);
    let frame = stream_with(&[0, 0, 1], &[&sei]);
    assert_eq!(
        pair.try_seal(Codec::H264, &frame),
        Err(Error::CodecMismatch)
    );
    pair.seal(Codec::H264, &stream_with(&[0, 0, 0, 1], &[&sei]));
}
