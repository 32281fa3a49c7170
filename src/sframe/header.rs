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

    /// The highest counter whose header with this KID takes at most `len` bytes.
    pub(crate) const fn last_ctr(kid: u64, len: usize) -> Option<u64> {
        match len.checked_sub(1 + value_len(kid)) {
            None => None,
            Some(0) => Some(INLINE_LIMIT - 1),
            Some(room @ 1..8) => Some((1 << (8 * room)) - 1),
            Some(_) => Some(u64::MAX),
        }
    }

    /// Writes the minimal encoding to the front of `out` and returns its length.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`] if `out` is shorter than [`Header::encoded_len`];
    /// nothing is written.
    #[inline]
    pub fn encode(self, out: &mut [u8]) -> Result<usize> {
        let (kid_len, ctr_len) = (value_len(self.kid), value_len(self.ctr));
        let len = 1 + kid_len + ctr_len;
        let out = out.get_mut(..len).ok_or(Error::BufferTooSmall)?;
        let config = config_bits(self.kid) << 4 | config_bits(self.ctr);
        let kid = in_front(self.kid, kid_len);
        let ctr = in_front(self.ctr, ctr_len);
        let values = u128::from(kid) << 64 | u128::from(ctr) << (64 - 8 * kid_len);
        put(out, u128::from(config) << 120 | values >> 8, self.ctr);
        Ok(len)
    }

    /// Reads the header at the front of `frame`: its values and its length.
    ///
    /// # Errors
    /// [`Error::Malformed`] if `frame` ends within the header, or if a value is
    /// not minimally encoded: RFC 9605 section 4.3 asks that of senders, so
    /// anything else is not from one.
    #[inline]
    pub fn parse(frame: &[u8]) -> Result<(Self, usize)> {
        let (config, rest) = frame.split_first().ok_or(Error::Malformed)?;
        let (kid, rest) = take_value(config >> 4, rest)?;
        let (ctr, rest) = take_value(config & 0xF, rest)?;
        // `rest` is a tail of `frame`, so this never wraps.
        Ok((Self { kid, ctr }, frame.len().wrapping_sub(rest.len())))
    }
}

/// The low `len` bytes of a value, moved to the high end.
const fn in_front(value: u64, len: usize) -> u64 {
    if len == 0 { 0 } else { value << (64 - 8 * len) }
}

/// Writes a header that is the front of 16 bytes, in two stores that may overlap:
/// registers to memory, where a loop over bytes would take longer than the rest.
/// One of 17 bytes ends with the low byte of `ctr`.
#[inline]
fn put(out: &mut [u8], bytes: u128, ctr: u64) {
    let len = out.len();
    #[expect(clippy::cast_possible_truncation, reason = "the low bytes are meant")]
    if let Some((front, [last])) = out.split_first_chunk_mut::<16>() {
        *front = bytes.to_be_bytes();
        *last = ctr as u8;
    } else {
        let at_end = bytes.checked_shr(128 - 8 * len as u32).unwrap_or(0);
        if let Some(front) = out.first_chunk_mut() {
            *front = ((bytes >> 64) as u64).to_be_bytes();
            if let Some(back) = out.last_chunk_mut() {
                *back = (at_end as u64).to_be_bytes();
            }
        } else if let Some(front) = out.first_chunk_mut() {
            *front = ((bytes >> 96) as u32).to_be_bytes();
            if let Some(back) = out.last_chunk_mut() {
                *back = (at_end as u32).to_be_bytes();
            }
        } else {
            for (to, from) in out.iter_mut().zip(bytes.to_be_bytes()) {
                *to = from;
            }
        }
    }
}

/// Reads one value: `bits` from the config byte, the rest from `bytes`.
#[inline]
fn take_value(bits: u8, bytes: &[u8]) -> Result<(u64, &[u8])> {
    let low = bits & 7;
    if bits & 8 == 0 {
        return Ok((u64::from(low), bytes));
    }
    let len = usize::from(low) + 1;
    let (value, rest) = bytes.split_at_checked(len).ok_or(Error::Malformed)?;
    let value = match bytes.first_chunk() {
        // All but the shortest frames: one load.
        Some(eight) => u64::from_be_bytes(*eight) >> (64 - 8 * len),
        None => value.iter().fold(0, |v, b| v << 8 | u64::from(*b)),
    };
    if value_len(value) == len {
        Ok((value, rest))
    } else {
        Err(Error::Malformed)
    }
}
