//! H.264 and H.265 byte streams (Annex B), split into access units.
//!
//! Parser crates hand out NAL units without their start codes and want whole
//! parameter sets and slice headers. A sealed frame is the access unit's bytes
//! as they stand, and one bit of each slice tells where a picture begins, so
//! the few lines here serve better.
//!
//! A stream cut off inside its last NAL unit can't be told from a shorter one
//! without decoding it: its last frame is shorter then, and that is all.

use anyhow::{Result, bail, ensure};
use bytes::Bytes;

use super::{Codec, Frame, Micros, Track};

/// How a NAL unit bears on the border between two access units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// The first slice of a picture.
    FirstSlice,
    /// Another slice of the same picture.
    Slice,
    /// After a slice, it opens the next access unit (delimiters, parameter sets, SEI).
    Opens,
    /// Belongs to the access unit it stands in.
    Follows,
}

/// Splits `stream`. Annex B carries no time: frames come `interval` apart.
pub(super) fn split(stream: &Bytes, codec: Codec, interval: Micros) -> Result<Track> {
    let mut frames = Vec::new();
    let mut push = |begin: usize, end: usize| -> Result<()> {
        let at = u64::try_from(frames.len())? * interval;
        frames.push(Frame {
            at,
            bytes: stream.slice(begin..end),
        });
        Ok(())
    };

    // The access unit that is being gathered begins here; the first one with
    // whatever zero bytes lead the stream, so that no byte is left out.
    let mut begin = 0;
    let mut has_slice = false;
    for (code, nal) in nal_units(stream) {
        let Some(role) = role(codec, nal) else {
            bail!(
                "is cut short or damaged: no NAL unit header after the start code at byte {code}"
            );
        };
        if has_slice && matches!(role, Role::Opens | Role::FirstSlice) {
            push(begin, code)?;
            begin = code;
            has_slice = false;
        }
        match role {
            Role::FirstSlice => has_slice = true,
            Role::Slice => ensure!(
                has_slice,
                "is damaged: the slice at byte {code} has no first slice of its picture before it"
            ),
            Role::Opens | Role::Follows => {}
        }
    }
    ensure!(
        has_slice,
        "is cut short: it ends in headers, with no picture after them"
    );
    push(begin, stream.len())?;

    let duration = interval * u64::try_from(frames.len())?;
    Ok(Track {
        codec,
        frames,
        duration,
    })
}

/// Each NAL unit: where its start code begins, and all bytes after that code.
fn nal_units(stream: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    stream
        .windows(3)
        .enumerate()
        .filter(|(_, w)| *w == [0, 0, 1])
        .map(|(at, _)| {
            // One zero byte before the three is part of the code.
            let long = at
                .checked_sub(1)
                .filter(|&before| stream.get(before) == Some(&0));
            (long.unwrap_or(at), stream.get(at + 3..).unwrap_or_default())
        })
}

/// `None` if there is no legal header.
fn role(codec: Codec, nal: &[u8]) -> Option<Role> {
    let header = *nal.first().filter(|&b| b & 0x80 == 0)?;
    if codec == Codec::H264 {
        return Some(match header & 0x1f {
            // `first_mb_in_slice`, of which 0 is the one that begins with a set bit.
            // Nobody sends slices out of order or redundant ones any more.
            1 | 2 | 5 => first_bit(*nal.get(1)?),
            3 | 4 => Role::Slice,
            6 if is_carrier(nal) => Role::Follows,
            6..=9 | 14..=18 => Role::Opens,
            _ => Role::Follows,
        });
    }
    let second = *nal.get(1)?;
    let layer = (header & 1) << 5 | second >> 3;
    Some(match header >> 1 & 0x3f {
        _ if layer > 0 => Role::Follows,
        // `first_slice_segment_in_pic_flag`
        0..=31 => first_bit(*nal.get(2)?),
        32..=35 | 39 | 41..=44 | 48..=55 => Role::Opens,
        _ => Role::Follows,
    })
}

/// Whether this SEI message carries the trailer of a sealed frame
/// (docs/WIRE.md, section 4.4): it stands behind the slices, where others don't.
fn is_carrier(nal: &[u8]) -> bool {
    const UUID: [u8; 16] = [
        0x7c, 0x3e, 0x9d, 0x52, 0xb8, 0xa4, 0x4f, 0x61, 0x9e, 0x27, 0xd5, 0xc0, 0x8f, 0x4b, 0xa3,
        0x16,
    ];
    nal.first_chunk::<2>() == Some(&[0x06, 0x05])
        && nal.get(3..).is_some_and(|rest| rest.starts_with(&UUID))
}

const fn first_bit(byte: u8) -> Role {
    if byte & 0x80 == 0 {
        Role::Slice
    } else {
        Role::FirstSlice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lens(stream: &[u8], codec: Codec) -> Result<Vec<usize>> {
        let track = split(&Bytes::copy_from_slice(stream), codec, 40_000)?;
        let joined: Vec<u8> = track.frames.iter().flat_map(|f| f.bytes.to_vec()).collect();
        assert_eq!(joined, stream);
        Ok(track.frames.iter().map(|f| f.bytes.len()).collect())
    }

    #[test]
    fn h264_units_begin_at_headers_or_at_first_slices() {
        let stream = [
            0, 0, 0, 0, 0, 1, 0x67, 0x42, // zero bytes, parameter set
            0, 0, 1, 0x65, 0x88, 7, // first slice
            0, 0, 1, 0x65, 0x40, 7, // second slice
            0, 0, 1, 0x0c, 0xff, // filler: stays
            0, 0, 0, 1, 0x41, 0x9a, 0, // a picture without a header, and a zero byte after it
            0, 0, 0, 1, 0x09, 0xf0, // delimiter
            0, 0, 1, 0x41, 0x9a,
        ];
        assert_eq!(lens(&stream, Codec::H264).unwrap(), [25, 7, 11]);
    }

    #[test]
    fn a_carrier_belongs_to_the_slices_before_it() {
        let slice = [0, 0, 1, 0x41, 0x9a];
        let mut carrier = vec![0, 0, 0, 1, 0x06, 0x05, 0x2d];
        carrier.extend(0x7c3e_9d52_b8a4_4f61_9e27_d5c0_8f4b_a316_u128.to_be_bytes());
        carrier.extend([0x91, 0x80]);
        let stream = [&slice[..], &carrier, &slice].concat();
        assert_eq!(lens(&stream, Codec::H264).unwrap(), [30, 5]);
        carrier[8] ^= 1;
        let stream = [&slice[..], &carrier, &slice].concat();
        assert_eq!(lens(&stream, Codec::H264).unwrap(), [5, 30]);
    }

    #[test]
    fn h265_units_begin_at_headers_or_at_first_slices() {
        let stream = [
            0, 0, 0, 1, 0x40, 0x01, 0x0c, // video parameter set
            0, 0, 1, 0x26, 0x01, 0xaf, // first slice
            0, 0, 1, 0x26, 0x01, 0x2f, // second slice
            0, 0, 1, 0x50, 0x01, 5, // suffix SEI: stays
            0, 0, 1, 0x27, 0x09, 0xaf, // layer 33: stays
            0, 0, 1, 0x02, 0x01, 0xd0, // next picture
            0, 0, 1, 0x4e, 0x01, 5, // prefix SEI: opens
            0, 0, 1, 0x02, 0x01, 0xd0,
        ];
        assert_eq!(lens(&stream, Codec::H265).unwrap(), [31, 6, 12]);
    }

    #[test]
    fn a_cut_stream_is_named() {
        let say = |stream: &[u8]| lens(stream, Codec::H264).unwrap_err().to_string();
        assert!(say(&[0, 0, 1, 0x67, 0x42]).contains("no picture"));
        assert!(say(&[0, 0, 1, 0x65, 0x88, 0, 0, 1]).contains("no NAL unit header"));
        assert!(say(&[0, 0, 1, 0x65]).contains("no NAL unit header"));
        assert!(say(&[0, 0, 1, 0x65, 0x40]).contains("no first slice"));
        assert!(say(&[0, 0, 1, 0xe5, 0x88]).contains("no NAL unit header"));
    }
}
