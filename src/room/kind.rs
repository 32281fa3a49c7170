//! Media kinds and frame forms: both are part of every key.

use crate::{Error, Result};

/// What a stream carries. Each kind has keys of its own, so a frame of one kind
/// never opens as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the kinds are part of the wire format"
)]
pub enum Kind {
    /// Encoded audio frames.
    Audio = 1,
    /// Encoded video frames, of any layer or screen share.
    Video = 2,
    /// Messages and SEI.
    Message = 3,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Audio, Self::Video, Self::Message];

    /// The kind with this number.
    ///
    /// # Errors
    /// [`Error::WrongKind`] for any other than 1, 2 and 3.
    pub fn from_number(number: u8) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|k| k.number() == number)
            .ok_or(Error::WrongKind)
    }

    /// The kind's number in the key derivation and in C.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Audio => 1,
            Self::Video => 2,
            Self::Message => 3,
        }
    }
}

impl core::fmt::Display for Kind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Message => "message",
        })
    }
}

/// How a sealed frame is laid out. It is set for each kind at both ends, never
/// guessed, and part of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Form {
    /// `header ‖ ciphertext ‖ tag`, RFC 9605. For hosts that carry bytes.
    Plain = 0,
    /// A frame that is still one of its codec, its trailer at the end: for hosts
    /// that parse or packetize what they carry. See
    /// [`Sealer::seal_codec`](crate::Sealer::seal_codec).
    Codec = 1,
}

impl Form {
    /// The form with this number.
    ///
    /// # Errors
    /// [`Error::UnknownForm`] for any other than 0 and 1.
    pub fn from_number(number: u8) -> Result<Self> {
        [Self::Plain, Self::Codec]
            .into_iter()
            .find(|form| form.number() == number)
            .ok_or(Error::UnknownForm)
    }

    /// The form's number in the key derivation and in C.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Plain => 0,
            Self::Codec => 1,
        }
    }
}

impl core::fmt::Display for Form {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(match self {
            Self::Plain => "plain",
            Self::Codec => "codec",
        })
    }
}

/// One value for each kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PerKind<T> {
    audio: T,
    video: T,
    message: T,
}

impl<T> PerKind<T> {
    pub(crate) fn new(mut make: impl FnMut(Kind) -> T) -> Self {
        Self {
            audio: make(Kind::Audio),
            video: make(Kind::Video),
            message: make(Kind::Message),
        }
    }

    #[inline]
    pub(crate) const fn get(&self, kind: Kind) -> &T {
        match kind {
            Kind::Audio => &self.audio,
            Kind::Video => &self.video,
            Kind::Message => &self.message,
        }
    }

    pub(crate) const fn get_mut(&mut self, kind: Kind) -> &mut T {
        match kind {
            Kind::Audio => &mut self.audio,
            Kind::Video => &mut self.video,
            Kind::Message => &mut self.message,
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        [&self.audio, &self.video, &self.message].into_iter()
    }
}
