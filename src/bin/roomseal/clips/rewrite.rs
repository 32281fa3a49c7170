//! Media files with other frames in them: what a container says about a frame is
//! kept, but for its length.
//!
//! Everything between two frames is copied as it stands, so a file whose frames
//! are sealed and opened again is the file there was.

use std::borrow::Cow;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use ogg::{PacketReader, PacketWriteEndInfo, PacketWriter};

use super::detect::{self, Container};
use super::{Codec, adts, annexb, ivf, read};

/// Where the frame's length stands, in an IVF frame header that ends at `end`.
const IVF_LENGTH: usize = 12;

/// The length of an ADTS frame, its header included, is a number of 13 bits.
const ADTS_LONGEST: usize = 0x1fff;

/// The file at `path` with `change` done to each of its frames, in order; a frame
/// that `change` makes nothing of is left out.
pub(crate) fn rewrite(
    path: &Path,
    mut change: impl FnMut(Codec, &[u8]) -> Result<Option<Vec<u8>>>,
) -> Result<Vec<u8>> {
    let file = read(path)?;
    let container = detect::container(&file, path)?;
    let track = match container {
        Container::Ogg => return ogg(&file, |frame| change(Codec::Opus, frame)),
        // No time is needed here.
        Container::AnnexB(codec) => annexb::split(&file, codec, 1),
        Container::Ivf => ivf::split(&file),
        Container::Adts => adts::split(&file),
    }?;
    let mut out = Vec::with_capacity(file.len() + file.len() / 4);
    // Splitters hand out slices of the file.
    let start_of = |bytes: &[u8]| bytes.as_ptr().addr() - file.as_ptr().addr();
    // The header of the file stays, whatever becomes of the first frame.
    let mut copied = match (container, track.frames.first()) {
        (Container::Ivf, Some(first)) => start_of(&first.bytes).saturating_sub(IVF_LENGTH),
        _ => 0,
    };
    out.extend_from_slice(file.get(..copied).context("is cut short")?);
    for frame in &track.frames {
        let start = start_of(&frame.bytes);
        let changed = change(track.codec, &frame.bytes)?;
        if let Some(changed) = changed {
            let before = file.get(copied..start).context("frames out of order")?;
            out.extend_from_slice(before);
            set_length(container, &mut out, frame.bytes.len(), changed.len())?;
            out.extend_from_slice(&changed);
        }
        copied = start + frame.bytes.len();
    }
    out.extend_from_slice(file.get(copied..).unwrap_or_default());
    Ok(out)
}

/// Corrects the frame header that `out` ends in.
fn set_length(container: Container, out: &mut [u8], old: usize, new: usize) -> Result<()> {
    match container {
        Container::AnnexB(_) | Container::Ogg => {}
        Container::Ivf => {
            let at = out.len() - IVF_LENGTH;
            let field = out.get_mut(at..at + 4).context("has no frame header")?;
            field.copy_from_slice(&u32::try_from(new)?.to_le_bytes());
        }
        Container::Adts => {
            // A header has 7 bytes, or 9 with a checksum, whose absence its last
            // bit of the second byte tells: so both begin with the sync word.
            let at = [7, 9]
                .into_iter()
                .filter_map(|length| out.len().checked_sub(length))
                .find(|&at| is_adts_header(out.get(at..).unwrap_or_default(), old))
                .context("has no frame header")?;
            let header = out.get_mut(at..).unwrap_or_default();
            let length = header.len() + new;
            ensure!(
                length <= ADTS_LONGEST,
                "a frame of {new} bytes is too long for ADTS"
            );
            if let [_, _, _, high, middle, low, ..] = header {
                let [a, b] = u16::try_from(length)?.to_be_bytes();
                *high = *high & 0xfc | a >> 3;
                *middle = a << 5 | b >> 3;
                *low = *low & 0x1f | b << 5;
            }
        }
    }
    Ok(())
}

/// Whether these are all bytes of the header of an ADTS frame with so many bytes
/// of payload.
fn is_adts_header(header: &[u8], payload: usize) -> bool {
    let [0xff, second, _, high, middle, low, ..] = header else {
        return false;
    };
    let expected = if second & 1 == 0 { 9 } else { 7 };
    let length = u32::from(high & 3) << 11 | u32::from(*middle) << 3 | u32::from(low >> 5);
    second & 0xf6 == 0xf0
        && header.len() == expected
        && usize::try_from(length).is_ok_and(|length| length == header.len() + payload)
}

/// Pages end where they ended, as far as the changed packets fit them.
fn ogg(file: &Bytes, mut change: impl FnMut(&[u8]) -> Result<Option<Vec<u8>>>) -> Result<Vec<u8>> {
    let mut reader = PacketReader::new(Cursor::new(file));
    let mut writer = PacketWriter::new(Vec::new());
    let mut number = 0_u64;
    while let Some(packet) = reader.read_packet()? {
        let info = if packet.last_in_stream() {
            PacketWriteEndInfo::EndStream
        } else if packet.last_in_page() {
            PacketWriteEndInfo::EndPage
        } else {
            PacketWriteEndInfo::NormalPacket
        };
        let (serial, granule) = (packet.stream_serial(), packet.absgp_page());
        // After the two header packets.
        let data = if number < 2 {
            Some(packet.data)
        } else {
            change(&packet.data)?
        };
        number += 1;
        if let Some(data) = data {
            writer.write_packet(Cow::from(data), serial, info, granule)?;
        }
    }
    ensure!(number > 2, "has no frame in it");
    Ok(writer.into_inner())
}
