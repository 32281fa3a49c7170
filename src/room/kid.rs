//! The KID of room frames: `1 ‖ random (59 bits) ‖ epoch mod 16 (4 bits)`.

use crate::Codec;
use crate::codec::Sealed;
use crate::sframe::{Header, peek as peek_header};
use crate::{Error, Result};

/// Set in every KID of a room frame, so a KID always takes 8 bytes.
const TOP: u64 = 1 << 63;

/// A KID with the top bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kid(u64);

/// The 59 random bits of a sealer: what a stream is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct StreamId(u64);

impl StreamId {
    /// The high 59 bits of 64 random ones.
    pub(super) const fn from_random(random: u64) -> Self {
        Self(random >> 5)
    }

    pub(super) const fn bits(self) -> u64 {
        self.0
    }
}

impl Kid {
    pub(super) const fn new(stream: StreamId, epoch: u64) -> Self {
        Self(TOP | stream.0 << 4 | epoch & 0xF)
    }

    /// [`Error::NotSealed`] without the top bit.
    pub(super) const fn parse(kid: u64) -> Result<Self> {
        if kid & TOP == 0 {
            Err(Error::NotSealed)
        } else {
            Ok(Self(kid))
        }
    }

    pub(super) const fn bits(self) -> u64 {
        self.0
    }

    pub(super) const fn stream(self) -> StreamId {
        StreamId((self.0 & !TOP) >> 4)
    }

    /// The low nibble of the epoch.
    pub(super) const fn nibble(self) -> u8 {
        self.0.to_le_bytes()[0] & 0xF
    }
}

/// What the header of a sealed room frame tells without a key, and before
/// anything about it is authentic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peek {
    /// The key identifier.
    pub kid: u64,
    /// The frame counter.
    pub ctr: u64,
    /// The low 4 bits of the epoch.
    pub epoch_nibble: u8,
}

/// Reads the header of a plain sealed room frame. Needs no key.
///
/// # Errors
/// [`Error::Malformed`] if there is no minimally encoded header;
/// [`Error::NotSealed`] if the KID is not one of a room frame.
///
/// ```
/// # fn main() -> Result<(), roomseal::Error> {
/// let header = [0xfa, 0x80, 0, 0, 0, 0, 0, 0x12, 0x35, 1, 0, 0];
/// let peek = roomseal::peek(&header)?;
/// assert_eq!((peek.kid, peek.ctr, peek.epoch_nibble), (0x8000_0000_0000_1235, 0x1_0000, 5));
/// # Ok(())
/// # }
/// ```
pub fn peek(frame: &[u8]) -> Result<Peek> {
    Peek::new(peek_header(frame)?)
}

/// Reads the trailer of a sealed room frame of the form that stays a frame of its
/// codec. Needs no key, and the whole frame.
///
/// # Errors
/// [`Error::Malformed`] if there is no trailer with a minimally encoded header;
/// [`Error::NotSealed`] if nothing at the end looks like one, or if the KID is not
/// one of a room frame.
///
/// ```
/// # fn main() -> Result<(), roomseal::Error> {
/// let header = [0xfa, 0x80, 0, 0, 0, 0, 0, 0x12, 0x35, 1, 0, 0];
/// let frame = [&[0x78][..], &[0; 16], &header, &[0x86, 0x80]].concat();
/// let (peek, codec) = roomseal::peek_codec(&frame)?;
/// assert_eq!((peek.kid, codec), (0x8000_0000_0000_1235, roomseal::Codec::Opus));
/// # Ok(())
/// # }
/// ```
pub fn peek_codec(frame: &[u8]) -> Result<(Peek, Codec)> {
    // The tag's length is not needed to find the header behind it.
    let sealed = Sealed::parse(frame, 0)?;
    Ok((Peek::new(sealed.header())?, sealed.codec()))
}

impl Peek {
    fn new(header: Header) -> Result<Self> {
        let kid = Kid::parse(header.kid())?;
        Ok(Self {
            kid: kid.bits(),
            ctr: header.ctr(),
            epoch_nibble: kid.nibble(),
        })
    }
}
