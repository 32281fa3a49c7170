//! The clips of tests/media as lists of frames, read in the simplest way that
//! does for these eight files.

use std::path::Path;

pub(crate) fn read(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media");
    std::fs::read(folder.join(name)).expect("the clips are part of the project")
}

/// The frames of a clip in an IVF file.
pub(crate) fn ivf(name: &str) -> Vec<Vec<u8>> {
    let file = read(name);
    let mut rest = &file[32..];
    let mut frames = Vec::new();
    while let Some((length, _)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_le_bytes(*length)).expect("fits");
        frames.push(rest[12..12 + length].to_vec());
        rest = &rest[12 + length..];
    }
    frames
}

/// The packets of an Opus clip, its two header packets left out.
pub(crate) fn ogg(name: &str) -> Vec<Vec<u8>> {
    let file = read(name);
    let mut rest = &file[..];
    let mut packets = vec![Vec::new()];
    while !rest.is_empty() {
        let segments = usize::from(rest[26]);
        let (sizes, mut body) = rest[27..].split_at(segments);
        for size in sizes {
            let (piece, behind) = body.split_at(usize::from(*size));
            packets.last_mut().expect("not empty").extend(piece);
            if *size < 255 {
                packets.push(Vec::new());
            }
            body = behind;
        }
        rest = body;
    }
    packets.truncate(packets.len() - 1);
    packets.split_off(2)
}

/// The NAL units of a byte stream, without the zero bytes behind them.
pub(crate) fn nal_units(stream: &[u8]) -> Vec<&[u8]> {
    let starts: Vec<usize> = (0..stream.len())
        .filter(|at| stream[*at..].starts_with(&[0, 0, 1]))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([stream.len()]);
    let units = starts.iter().zip(ends).map(|(start, end)| {
        let unit = &stream[start + 3..end];
        let last = unit.iter().rposition(|byte| *byte != 0);
        &unit[..last.map_or(0, |last| last + 1)]
    });
    units.collect()
}

/// NAL units as a byte stream again, with start codes of 4 bytes.
pub(crate) fn byte_stream<'a>(units: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let coded = units.into_iter().map(|unit| [&[0, 0, 0, 1], unit].concat());
    coded.collect::<Vec<_>>().concat()
}

/// The access units of an H.264 or H.265 clip, with start codes of 4 bytes.
pub(crate) fn access_units(name: &str) -> Vec<Vec<u8>> {
    let file = read(name);
    let is_h264 = name.ends_with("264");
    let mut frames: Vec<Vec<u8>> = vec![Vec::new()];
    let mut has_slice = false;
    for unit in nal_units(&file) {
        let (is_slice, is_first) = if is_h264 {
            (matches!(unit[0] & 0x1f, 1 | 5), unit[1] & 0x80 != 0)
        } else {
            (unit[0] >> 1 & 0x3f < 32, unit[2] & 0x80 != 0)
        };
        // Nothing stands behind the slices of a picture in these clips.
        if has_slice && (!is_slice || is_first) {
            frames.push(Vec::new());
            has_slice = false;
        }
        has_slice |= is_slice;
        let frame = frames.last_mut().expect("not empty");
        frame.extend(byte_stream([unit]));
    }
    frames
}
