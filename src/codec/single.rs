//! Codecs whose frame is one unit: `clear ‖ ciphertext ‖ trailer`.

use super::aad::be32;
use super::out::{Out, copy};
use super::trailer::{self, HEADER_LEN, Trailer};
use super::{Codec, Sound, Unsound};
use crate::aead::InOutBuf;
use crate::sframe::key::FrameKey;
use crate::{Error, Result};
use core::ops::Range;

/// Clear bytes of a VP8 key frame: frame tag, start code and dimensions,
/// RFC 6386 section 9.1.
const VP8_KEY_FRAME: usize = 10;
/// Not set in the first byte of a VP8 key frame.
const VP8_DELTA: u8 = 1;
/// The most clear bytes of a frame of one unit that is treated as such.
pub(super) const MAX_CLEAR: usize = VP8_KEY_FRAME;
/// `header ‖ control ‖ number of units ‖ clear length ‖ clear ‖ encrypted length`.
const MAX_AAD_LEN: usize = HEADER_LEN + 1 + 4 + 4 + MAX_CLEAR + 4;

/// How many bytes at the front of a frame stay clear.
pub(super) fn clear_len(codec: Codec, frame: &[u8]) -> Sound<usize> {
    match (codec, frame.first()) {
        (Codec::Vp8, Some(tag)) if tag & VP8_DELTA == 0 => match frame.len() {
            VP8_KEY_FRAME.. => Ok(VP8_KEY_FRAME),
            _ => Err(Unsound),
        },
        // RFC 6716 section 3.1: the byte that tells mode, bandwidth and length.
        (Codec::Vp8 | Codec::Opus, Some(_)) => Ok(1),
        _ => Ok(0),
    }
}

/// Associated data of a frame of one unit, before the metadata.
pub(super) struct Aad {
    bytes: [u8; MAX_AAD_LEN],
    len: usize,
}

impl Aad {
    pub(super) fn new(
        header: &[u8; HEADER_LEN],
        control: u8,
        clear: &[u8],
        text_len: usize,
    ) -> Result<Self> {
        let mut bytes = [0; MAX_AAD_LEN];
        let mut aad = Out::new(&mut bytes);
        aad.put(header)?;
        aad.put(&[control])?;
        aad.put(&1_u32.to_be_bytes())?;
        aad.put(&be32(clear.len())?)?;
        aad.put(clear)?;
        aad.put(&be32(text_len)?)?;
        let len = aad.len();
        Ok(Self { bytes, len })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// Where a frame that is being sealed comes from and goes to.
pub(super) enum SealBuffers<'b> {
    Apart {
        frame: &'b [u8],
        out: &'b mut [u8],
    },
    /// The frame, and room for the trailer behind it.
    InPlace(&'b mut [u8]),
}

/// Seals a frame with `clear_len` clear bytes. All lengths were checked.
pub(super) fn seal(
    codec: Codec,
    clear_len: usize,
    key: &FrameKey,
    ctr: u64,
    metadata: &[u8],
    buffers: SealBuffers<'_>,
) -> Result<()> {
    let trailer_len = key.tag_len() + trailer::TRAILER_REST;
    let header = trailer::header(key.kid(), ctr)?;
    let control = trailer::control(codec, false);
    let (tag, end) = match buffers {
        SealBuffers::Apart { frame, out } => {
            let (clear, text) = split(frame, clear_len)?;
            let (clear_out, rest) = split_mut(out, clear_len)?;
            let (text_out, end) = split_mut(rest, text.len())?;
            let aad = Aad::new(&header, control, clear, text.len())?;
            copy(clear_out, clear);
            let payload = InOutBuf::new(text, text_out).map_err(|_| Error::Internal)?;
            (key.encrypt(ctr, &[aad.as_bytes(), metadata], payload)?, end)
        }
        SealBuffers::InPlace(bytes) => {
            let frame_len = bytes.len().checked_sub(trailer_len);
            let (frame, end) = split_mut(bytes, frame_len.ok_or(Error::Internal)?)?;
            let (clear, text) = split_mut(frame, clear_len)?;
            let aad = Aad::new(&header, control, clear, text.len())?;
            (
                key.encrypt(ctr, &[aad.as_bytes(), metadata], text.into())?,
                end,
            )
        }
    };
    trailer::write(end, tag.as_bytes(), &header, control)
}

/// A sealed frame, taken apart.
pub(super) struct Plan {
    clear_len: usize,
    text_len: usize,
}

impl Plan {
    pub(super) fn new(trailer: &Trailer, frame: &[u8]) -> Sound<Self> {
        let len = frame.len().checked_sub(trailer.len()).ok_or(Unsound)?;
        let body = frame.get(..len).ok_or(Unsound)?;
        let clear_len = clear_len(trailer.codec, body)?;
        Ok(Self {
            clear_len,
            text_len: len.checked_sub(clear_len).ok_or(Unsound)?,
        })
    }

    pub(super) const fn opened_len(&self) -> usize {
        self.clear_len.saturating_add(self.text_len)
    }

    /// Opens into `out`, which has exactly [`Plan::opened_len`]. What it leaves
    /// there after an error is not authentic.
    pub(super) fn open(
        &self,
        trailer: &Trailer,
        key: &FrameKey,
        frame: &[u8],
        metadata: &[u8],
        out: &mut [u8],
    ) -> Result<()> {
        let (clear, rest) = split(frame, self.clear_len)?;
        let (text, _) = split(rest, self.text_len)?;
        let (clear_out, text_out) = split_mut(out, self.clear_len)?;
        let aad = Aad::new(&trailer.header_bytes, trailer.control, clear, text.len())?;
        copy(clear_out, clear);
        let payload = InOutBuf::new(text, text_out).map_err(|_| Error::Internal)?;
        let aad = [aad.as_bytes(), metadata];
        key.decrypt(trailer.header.ctr(), &aad, payload, trailer.tag())
    }

    /// Opens where the frame stands. What it leaves there after an error is not
    /// authentic.
    pub(super) fn open_in_place(
        &self,
        trailer: &Trailer,
        key: &FrameKey,
        frame: &mut [u8],
        metadata: &[u8],
    ) -> Result<Range<usize>> {
        let (clear, rest) = split_mut(frame, self.clear_len)?;
        let (text, _) = split_mut(rest, self.text_len)?;
        let aad = Aad::new(&trailer.header_bytes, trailer.control, clear, text.len())?;
        let aad = [aad.as_bytes(), metadata];
        key.decrypt(trailer.header.ctr(), &aad, text.into(), trailer.tag())?;
        Ok(0..self.opened_len())
    }
}

fn split(bytes: &[u8], at: usize) -> Result<(&[u8], &[u8])> {
    bytes.split_at_checked(at).ok_or(Error::Internal)
}

fn split_mut(bytes: &mut [u8], at: usize) -> Result<(&mut [u8], &mut [u8])> {
    bytes.split_at_mut_checked(at).ok_or(Error::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_bytes_are_those_of_the_list() {
        let key_frame = [0x10; 10];
        for (codec, frame, want) in [
            (Codec::Vp8, &key_frame[..], Ok(10)),
            (Codec::Vp8, &key_frame[..9], Err(Unsound)),
            (Codec::Vp8, &[0][..], Err(Unsound)),
            (Codec::Vp8, &[1][..], Ok(1)),
            (Codec::Vp8, &[0x11; 40][..], Ok(1)),
            (Codec::Vp8, &[][..], Ok(0)),
            (Codec::Opus, &[][..], Ok(0)),
            (Codec::Opus, &[0][..], Ok(1)),
            (Codec::Opus, &[0; 20][..], Ok(1)),
            (Codec::Vp9, &[0; 20][..], Ok(0)),
            (Codec::Aac, &[0; 20][..], Ok(0)),
            (Codec::Opaque, &[0; 20][..], Ok(0)),
        ] {
            assert_eq!(clear_len(codec, frame), want, "{codec} {}", frame.len());
        }
    }
}
