//! Real clips, frame by frame: what is opened is what was sealed, bit for bit.

use crate::pair::{Pair, SUITES};
use crate::shape;
use crate::streams::parts;
use roomseal::Codec;
use std::path::Path;

pub(crate) fn read(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/media")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Access units: a new one begins with the first unit behind a slice that is
/// no slice of the same picture.
pub(crate) fn access_units(stream: &[u8], codec: Codec) -> Vec<Vec<u8>> {
    let mut units: Vec<Vec<u8>> = Vec::new();
    let mut has_slice = true;
    for (gap, nal) in parts(stream).nals {
        let (is_slice, first_bit) = match codec {
            Codec::H264 => (matches!(nal[0] & 0x1F, 1..=5), nal[1] & 0x80 != 0),
            _ => (nal[0] >> 1 < 32, nal[2] & 0x80 != 0),
        };
        if has_slice && (!is_slice || first_bit) {
            units.push(Vec::new());
            has_slice = false;
        }
        has_slice |= is_slice;
        let unit = units.last_mut().expect("begun");
        unit.extend_from_slice(gap);
        unit.extend_from_slice(nal);
    }
    units
}

/// IVF: a header of 32 bytes, then frames with a header of 12.
fn ivf(file: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut rest = &file[32..];
    while let Some((head, after)) = rest.split_at_checked(12) {
        let len = u32::from_le_bytes(head[..4].try_into().expect("4 bytes"));
        let (frame, after) = after.split_at(usize::try_from(len).expect("short"));
        frames.push(frame.to_vec());
        rest = after;
    }
    frames
}

/// Packets of an Ogg stream.
fn ogg(file: &[u8]) -> Vec<Vec<u8>> {
    let mut packets = vec![Vec::new()];
    let mut rest = file;
    while !rest.is_empty() {
        assert_eq!(&rest[..4], b"OggS");
        let count = usize::from(rest[26]);
        let (lacing, mut body) = rest[27..].split_at(count);
        for len in lacing {
            let (piece, after) = body.split_at(usize::from(*len));
            packets.last_mut().expect("begun").extend_from_slice(piece);
            if *len < 255 {
                packets.push(Vec::new());
            }
            body = after;
        }
        rest = body;
    }
    packets.pop();
    // The first two are headers.
    packets.split_off(2)
}

/// AAC frames without their ADTS headers.
fn adts(file: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut rest = file;
    while !rest.is_empty() {
        let header_len = if rest[1] & 1 == 0 { 9 } else { 7 };
        let len =
            usize::from(rest[3] & 3) << 11 | usize::from(rest[4]) << 3 | usize::from(rest[5]) >> 5;
        frames.push(rest[header_len..len].to_vec());
        rest = &rest[len..];
    }
    frames
}

#[test]
fn every_clip_comes_back_bit_for_bit() {
    let h264 = read("bunny-360p.h264");
    let slices = read("bunny-360p-4slices.h264");
    let h265 = read("bunny-360p.h265");
    for (codec, stream) in [
        (Codec::H264, &h264),
        (Codec::H264, &slices),
        (Codec::H265, &h265),
    ] {
        assert_eq!(access_units(stream, codec).concat(), *stream);
    }
    let clips = [
        (Codec::H264, access_units(&h264, Codec::H264), 75),
        (Codec::H264, access_units(&slices, Codec::H264), 75),
        (Codec::H265, access_units(&h265, Codec::H265), 75),
        (Codec::Vp8, ivf(&read("bunny-360p-vp8.ivf")), 75),
        (Codec::Vp9, ivf(&read("bunny-360p-vp9.ivf")), 75),
        (Codec::Av1, ivf(&read("bunny-360p-av1.ivf")), 75),
        (Codec::Opus, ogg(&read("bunny-opus.ogg")), 151),
        (Codec::Aac, adts(&read("bunny-aac.adts")), 142),
    ];
    for suite in SUITES {
        let pair = Pair::new(suite);
        for (codec, frames, count) in &clips {
            assert_eq!(frames.len(), *count, "{codec}");
            for (at, frame) in frames.iter().enumerate() {
                let sealed = pair.seal(*codec, frame);
                shape::check(*codec, frame, sealed_with_carrier(*codec, &sealed), &sealed);
                assert!(sealed != *frame);
                let opened = pair.open(&sealed);
                assert!(opened.as_deref() == Ok(frame), "{codec}: frame {at}");
            }
        }
    }
}

fn sealed_with_carrier(codec: Codec, sealed: &[u8]) -> bool {
    !codec.is_in_place() && sealed[sealed.len() - 2] & 0x10 != 0
}

#[test]
fn the_codec_of_every_key_frame_is_found() {
    for (codec, name) in [
        (Codec::H264, "bunny-360p.h264"),
        (Codec::H264, "bunny-360p-4slices.h264"),
        (Codec::H265, "bunny-360p.h265"),
    ] {
        for frame in access_units(&read(name), codec) {
            assert_eq!(Codec::detect_annex_b(&frame), Some(codec), "{name}");
        }
    }
    for name in [
        "bunny-360p-vp8.ivf",
        "bunny-360p-vp9.ivf",
        "bunny-360p-av1.ivf",
    ] {
        for frame in ivf(&read(name)) {
            assert_eq!(Codec::detect_annex_b(&frame), None, "{name}");
        }
    }
}
