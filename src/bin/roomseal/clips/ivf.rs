//! IVF: a 32-byte header, then frames with a 12-byte header each.
//!
//! The `ivf` crate has a reader too, but it allocates whatever length a damaged
//! frame header claims (up to 4 GiB) before it reads, and reports the end of the
//! file and a file cut short as the same error. Over a slice both are simple.

use anyhow::{Context as _, Result, bail, ensure};
use bytes::{Buf as _, Bytes};

use super::{Codec, Frame, Track, ticks};

const FILE_HEADER: usize = 32;
const FRAME_HEADER: usize = 12;

pub(super) fn split(file: &Bytes) -> Result<Track> {
    ensure!(
        file.len() >= FILE_HEADER,
        "is cut short inside the IVF header"
    );
    let mut header = file.slice(4..FILE_HEADER);
    let version = header.get_u16_le();
    ensure!(version == 0, "has IVF version {version}; only 0 is known");
    let header_len = usize::from(header.get_u16_le());
    ensure!(
        header_len >= FILE_HEADER,
        "has an IVF header of {header_len} bytes, not 32"
    );
    let mut fourcc = [0; 4];
    header.copy_to_slice(&mut fourcc);
    let codec = match &fourcc {
        b"VP80" => Codec::Vp8,
        b"VP90" => Codec::Vp9,
        b"AV01" => Codec::Av1,
        other => bail!("carries {}, not VP8, VP9 or AV1", other.escape_ascii()),
    };
    header.advance(4); // width and height
    let rate = u64::from(header.get_u32_le());
    let scale = u64::from(header.get_u32_le());
    ensure!(scale > 0, "has a time scale of 0");
    // The frame count that follows is left aside: writers that stream leave it 0
    // and some old ones put the duration there.

    let mut rest = file.slice(header_len.min(file.len())..);
    let mut frames: Vec<Frame> = Vec::new();
    let mut first_pts = None;
    while rest.has_remaining() {
        let at_byte = file.len() - rest.len();
        ensure!(
            rest.len() >= FRAME_HEADER,
            "is cut short: {} of the 12 bytes of a frame header at byte {at_byte}",
            rest.len()
        );
        let len = usize::try_from(rest.get_u32_le())?;
        let pts = rest.get_u64_le();
        ensure!(
            rest.len() >= len,
            "is cut short: the frame at byte {at_byte} has {} of its {len} bytes",
            rest.len()
        );
        let bytes = rest.split_to(len);
        if bytes.is_empty() {
            // How an encoder records that it dropped the frame: nothing is sent.
            continue;
        }
        let since = pts
            .checked_sub(*first_pts.get_or_insert(pts))
            .with_context(|| format!("goes back in time at byte {at_byte}"))?;
        let at = ticks(
            since
                .checked_mul(scale)
                .context("has a timestamp out of range")?,
            rate,
        )?;
        ensure!(
            frames.last().is_none_or(|f| f.at <= at),
            "goes back in time at byte {at_byte}"
        );
        frames.push(Frame { at, bytes });
    }
    let last = frames.last().map_or(0, |f| f.at);
    Ok(Track {
        codec,
        frames,
        duration: last + ticks(scale, rate)?.max(1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(fourcc: &[u8; 4], rate: u32, frames: &[(u64, &[u8])]) -> Vec<u8> {
        let mut out = b"DKIF\0\0\x20\0".to_vec();
        out.extend_from_slice(fourcc);
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&rate.to_le_bytes());
        out.extend_from_slice(&1_u32.to_le_bytes());
        out.extend_from_slice(&[0; 8]);
        for (pts, bytes) in frames {
            out.extend_from_slice(&u32::try_from(bytes.len()).unwrap().to_le_bytes());
            out.extend_from_slice(&pts.to_le_bytes());
            out.extend_from_slice(bytes);
        }
        out
    }

    #[test]
    fn times_come_from_the_timestamps_and_empty_frames_are_skipped() {
        let bytes = file(b"VP90", 50, &[(10, b"one"), (11, b""), (13, b"two")]);
        let track = split(&bytes.into()).unwrap();
        assert_eq!(track.codec, Codec::Vp9);
        let seen: Vec<_> = track.frames.iter().map(|f| (f.at, &f.bytes[..])).collect();
        assert_eq!(seen, [(0, &b"one"[..]), (60_000, b"two")]);
        assert_eq!(track.duration, 80_000);
    }

    #[test]
    fn every_cut_inside_a_frame_is_noticed() {
        let whole = file(b"VP80", 25, &[(0, b"one"), (1, b"two")]);
        let frame_ends = [32, 32 + 15, whole.len()];
        for len in 4..whole.len() {
            let result = split(&Bytes::copy_from_slice(&whole[..len]));
            assert_eq!(result.is_ok(), frame_ends.contains(&len), "{len}");
        }
    }

    #[test]
    fn damaged_headers_are_named() {
        let say = |bytes: Vec<u8>| split(&bytes.into()).unwrap_err().to_string();
        assert!(say(file(b"H264", 25, &[])).contains("carries H264"));
        assert!(say(file(b"VP80", 0, &[(0, b"x")])).contains("time scale"));
        assert!(say(file(b"VP80", 25, &[(5, b"x"), (4, b"y")])).contains("back in time"));
        assert!(say(file(b"VP80", 25, &[(0, b"x"), (u64::MAX, b"y")])).contains("out of range"));
        let mut huge = file(b"VP80", 25, &[(0, b"x")]);
        huge[32..36].fill(0xff);
        assert!(say(huge).contains("1 of its 4294967295 bytes"));
    }
}
