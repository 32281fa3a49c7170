//! AAC in ADTS: the raw frames, without the 7- or 9-byte headers.

use adts_reader::{AdtsHeader, AdtsHeaderError};
use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;

use super::{Codec, Frame, Track, ticks};

/// Samples in one AAC block.
const BLOCK: u64 = 1024;

pub(super) fn split(file: &Bytes) -> Result<Track> {
    let mut frames = Vec::new();
    let mut rate = None;
    let mut samples = 0;
    let mut at_byte = 0;
    while let Some(rest) = file.get(at_byte..).filter(|r| !r.is_empty()) {
        let header = match AdtsHeader::from_bytes(rest) {
            Ok(header) => header,
            Err(AdtsHeaderError::NotEnoughData { .. }) => {
                bail!("is cut short inside the frame header at byte {at_byte}")
            }
            Err(AdtsHeaderError::BadSyncWord(_)) => {
                bail!("is damaged: no ADTS frame begins at byte {at_byte}")
            }
            Err(other) => bail!("is damaged at byte {at_byte}: {other:?}"),
        };
        let hertz = header
            .sampling_frequency()
            .freq()
            .map(u64::from)
            .with_context(|| format!("has no sampling rate at byte {at_byte}"))?;
        ensure!(
            *rate.get_or_insert(hertz) == hertz,
            "changes its sampling rate at byte {at_byte}"
        );
        let Ok(payload) = header.payload() else {
            bail!(
                "is cut short: the frame at byte {at_byte} has {} of its {} bytes",
                rest.len(),
                header.frame_length()
            );
        };
        if !payload.is_empty() {
            frames.push(Frame {
                at: ticks(samples, hertz)?,
                bytes: file.slice_ref(payload),
            });
        }
        samples += BLOCK * u64::from(header.number_of_raw_data_blocks_in_frame());
        at_byte += usize::from(header.frame_length());
    }
    let duration = ticks(samples, rate.context("has no frame in it")?)?;
    Ok(Track {
        codec: Codec::Aac,
        frames,
        duration,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIP: &[u8] = include_bytes!("../../../../tests/media/bunny-aac.adts");

    #[test]
    fn every_cut_inside_a_frame_is_noticed() {
        let mut ends = vec![];
        let mut at = 0;
        while at < CLIP.len() {
            at += usize::from(AdtsHeader::from_bytes(&CLIP[at..]).unwrap().frame_length());
            ends.push(at);
        }
        for len in 1..2_000 {
            let cut = Bytes::from_static(&CLIP[..len]);
            assert_eq!(split(&cut).is_ok(), ends.contains(&len), "{len}");
        }
    }

    #[test]
    fn garbage_after_a_frame_is_noticed() {
        let mut bad = CLIP.to_vec();
        bad.extend_from_slice(b"no sync word");
        let error = split(&bad.into()).unwrap_err().to_string();
        assert!(
            error.contains("no ADTS frame begins at byte 24132"),
            "{error}"
        );
    }
}
