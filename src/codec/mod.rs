//! Codec-transparent frames: sealed frames that are still frames of their codec,
//! for hosts that parse or packetize what they carry.
//!
//! Per codec, an allow-list of bytes stays clear and is authenticated; all else is
//! encrypted, or the frame is refused. One AEAD call serves a frame however many
//! units (NAL units, OBUs) it has. What a transport may change without harm is
//! left out of the associated data: the length of start codes, OBU size fields,
//! and an AV1 temporal delimiter at the front.
//!
//! Frames are walked, never gathered: the first few units are remembered, any
//! further ones are walked over again, so no frame needs an allocation. The
//! format to the byte is in `docs/WIRE.md`.

mod aad;
mod av1;
mod bits;
mod carrier;
mod detect;
mod escape;
mod h264;
mod h265;
mod lengths;
mod nal;
mod nal_open;
mod nal_seal;
mod obu;
mod open;
mod out;
mod seal;
mod single;
mod trailer;
mod units;

#[cfg(test)]
mod tests;

pub(crate) use open::Sealed;
pub(crate) use seal::{Keys, max_sealed_len, seal, seal_in_place};
pub(crate) use trailer::{MAX_TRAILER_LEN, TRAILER_REST};

use crate::{Error, Result};

/// The codec of a frame, named by who seals it. Receivers read it from the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Codec {
    /// No byte stays clear: for codecs that are not listed, and for frames that
    /// don't parse as the codec they are meant to be.
    Opaque = 0,
    /// H.264 with start codes. Clear: parameter sets, SEI and the like as a whole,
    /// slices through `pic_parameter_set_id`.
    H264 = 1,
    /// H.265 with start codes. Clear: parameter sets, SEI and the like as a whole,
    /// slices through `slice_pic_parameter_set_id`.
    H265 = 2,
    /// VP8. Clear: 10 bytes of a key frame, 1 byte of any other.
    Vp8 = 3,
    /// VP9. Nothing stays clear.
    Vp9 = 4,
    /// AV1, low-overhead OBUs. Clear: OBU headers and the sequence header.
    Av1 = 5,
    /// Opus. Clear: the first byte.
    Opus = 6,
    /// AAC without ADTS headers. Nothing stays clear.
    Aac = 7,
}

impl Codec {
    /// Every codec, in the order of its number.
    pub const ALL: [Self; 8] = [
        Self::Opaque,
        Self::H264,
        Self::H265,
        Self::Vp8,
        Self::Vp9,
        Self::Av1,
        Self::Opus,
        Self::Aac,
    ];

    /// The codec with this number.
    ///
    /// # Errors
    /// [`Error::UnknownCodec`] above 7.
    pub fn from_number(number: u8) -> Result<Self> {
        Self::ALL
            .get(usize::from(number))
            .copied()
            .ok_or(Error::UnknownCodec)
    }

    /// The codec's number on the wire and in C.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Opaque => 0,
            Self::H264 => 1,
            Self::H265 => 2,
            Self::Vp8 => 3,
            Self::Vp9 => 4,
            Self::Av1 => 5,
            Self::Opus => 6,
            Self::Aac => 7,
        }
    }

    /// Whether frames of this codec can be sealed and opened where they stand.
    /// H.264, H.265 and AV1 can't: their frames change inside.
    #[must_use]
    pub const fn is_in_place(self) -> bool {
        !matches!(self, Self::H264 | Self::H265 | Self::Av1)
    }

    /// Tells H.264 from H.265 by the headers of a frame's NAL units: for hosts
    /// that don't say which one they hand out.
    ///
    /// `None` if it is neither, or could be both, which a frame without a slice
    /// may be. A helper to choose a codec with, best at a key frame with its
    /// parameter sets; never applied by itself.
    ///
    /// ```
    /// use roomseal::Codec;
    /// let idr = [0, 0, 0, 1, 0x65, 0x88, 0x84, 0x21];
    /// assert_eq!(Codec::detect_annex_b(&idr), Some(Codec::H264));
    /// assert_eq!(Codec::detect_annex_b(b"RIFF"), None);
    /// ```
    #[must_use]
    pub fn detect_annex_b(frame: &[u8]) -> Option<Self> {
        detect::annex_b(frame)
    }
}

impl core::fmt::Display for Codec {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(match self {
            Self::Opaque => "opaque",
            Self::H264 => "H.264",
            Self::H265 => "H.265",
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
            Self::Av1 => "AV1",
            Self::Opus => "Opus",
            Self::Aac => "AAC",
        })
    }
}

/// A frame that is not one of its codec. Sealing calls it
/// [`Error::CodecMismatch`], opening [`Error::NotAuthentic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unsound;

type Sound<T> = core::result::Result<T, Unsound>;
