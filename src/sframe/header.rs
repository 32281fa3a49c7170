//! The SFrame header, RFC 9605 section 4.3.
//!
//! One config byte `X KKK Y CCC`, then the KID if X is set and the CTR if Y is
//! set, big-endian. A value from 0 to 7 stands in the config byte itself.

use crate::{Error, Result};

/// Bytes of the longest header: config byte, 8 bytes of KID, 8 bytes of CTR.
pub const MAX_HEADER_LEN: usize = 17;

/// Values below this stand in the config byte.
const INLINE_LIMIT: u64 = 8;

/// KID and CTR of a frame.
///
/// ```
/// use roomseal::sframe::Header;
/// let header = Header::new(0x123, 0x4567);
/// let mut bytes = [0; 17];
/// let n = header.encode(&mut bytes)?;
/// assert_eq!(bytes[..n], [0x99, 0x01, 0x23, 0x45, 0x67]);
/// assert_eq!(Header::parse(&bytes[..n])?, (header, n));
/// # Ok::<(), roomseal::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    kid: u64,
    ctr: u64,
}

/// Reads the header of a sealed frame. Needs no key, and tells nothing that is
/// authentic.
///
/// # Errors
/// [`Error::Malformed`] if the header is cut short or not minimally encoded.
pub fn peek(frame: &[u8]) -> Result<Header> {
    Header::parse(frame).map(|(header, _)| header)
}

/// Bytes that a value takes behind the config byte.
const fn value_len(value: u64) -> usize {
    if value < INLINE_LIMIT {
        0
    } else {
        8 - value.leading_zeros() as usize / 8
    }
}

/// The four bits of a value in the config byte.
const fn config_bits(value: u64) -> u8 {
    match value_len(value) {
        // The low three bits are the value.
        0 => value.to_le_bytes()[0],
        n => 0x8 | (n - 1).to_le_bytes()[0],
    }
}

impl Header {
    /// A header with these values. Any are valid.
    #[must_use]
    pub const fn new(kid: u64, ctr: u64) -> Self {
        Self { kid, ctr }
    }

    /// The key identifier.
    #[must_use]
    pub const fn kid(self) -> u64 {
        self.kid
    }

    /// The frame counter.
    #[must_use]
    pub const fn ctr(self) -> u64 {
        self.ctr
    }

    /// Bytes of the encoded header, 1 to [`MAX_HEADER_LEN`].
    #[must_use]
    pub const fn encoded_len(self) -> usize {
        1 + value_len(self.kid) + value_len(self.ctr)
    }

    /// Writes the minimal encoding to the front of `out` and returns its length.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`] if `out` is shorter than [`Header::encoded_len`];
    /// nothing is written.
    pub fn encode(self, out: &mut [u8]) -> Result<usize> {
        let len = self.encoded_len();
        let (config, rest) = out
            .get_mut(..len)
            .and_then(<[u8]>::split_first_mut)
            .ok_or(Error::BufferTooSmall)?;
        *config = config_bits(self.kid) << 4 | config_bits(self.ctr);
        let (kid, ctr) = rest.split_at_mut(value_len(self.kid));
        put_be(kid, self.kid);
        put_be(ctr, self.ctr);
        Ok(len)
    }

    /// Reads the header at the front of `frame`: its values and its length.
    ///
    /// # Errors
    /// [`Error::Malformed`] if `frame` ends within the header, or if a value is
    /// not minimally encoded: RFC 9605 section 4.3 asks that of senders, so
    /// anything else is not from one.
    pub fn parse(frame: &[u8]) -> Result<(Self, usize)> {
        let (config, rest) = frame.split_first().ok_or(Error::Malformed)?;
        let (kid, rest) = take_value(config >> 4, rest)?;
        let (ctr, rest) = take_value(config & 0xF, rest)?;
        // `rest` is a tail of `frame`, so this never wraps.
        Ok((Self { kid, ctr }, frame.len().wrapping_sub(rest.len())))
    }
}

fn put_be(out: &mut [u8], value: u64) {
    for (to, from) in out.iter_mut().rev().zip(value.to_le_bytes()) {
        *to = from;
    }
}

/// Reads one value: `bits` from the config byte, the rest from `bytes`.
fn take_value(bits: u8, bytes: &[u8]) -> Result<(u64, &[u8])> {
    let low = bits & 7;
    if bits & 8 == 0 {
        return Ok((u64::from(low), bytes));
    }
    let (value, rest) = bytes
        .split_at_checked(usize::from(low) + 1)
        .ok_or(Error::Malformed)?;
    let value = value.iter().fold(0, |v, b| v << 8 | u64::from(*b));
    if value_len(value) == usize::from(low) + 1 {
        Ok((value, rest))
    } else {
        Err(Error::Malformed)
    }
}
