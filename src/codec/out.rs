//! A buffer that fills from the front.

use crate::{Error, Result};

/// Fills `to` with `from`, which is as long. What is short goes without a call:
/// most of what stands between payloads is.
#[inline(always)]
pub(super) fn copy(to: &mut [u8], from: &[u8]) {
    fn by_ends<const N: usize>(to: &mut [u8], from: &[u8]) -> Option<()> {
        *to.first_chunk_mut::<N>()? = *from.first_chunk::<N>()?;
        *to.last_chunk_mut::<N>()? = *from.last_chunk::<N>()?;
        Some(())
    }
    let copied = match from.len() {
        33.. => None,
        16.. => by_ends::<16>(to, from),
        8.. => by_ends::<8>(to, from),
        4.. => by_ends::<4>(to, from),
        2.. => by_ends::<2>(to, from),
        _ => by_ends::<1>(to, from).or(Some(())),
    };
    if copied.is_none() {
        to.copy_from_slice(from);
    }
}

/// The buffer, and how much of it is filled. Whoever makes one has checked that
/// everything fits.
#[derive(Debug)]
pub(super) struct Out<'o> {
    pub(super) buf: &'o mut [u8],
    len: usize,
}

impl<'o> Out<'o> {
    pub(super) const fn new(buf: &'o mut [u8]) -> Self {
        Self { buf, len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Says that the buffer is filled up to here, after work on it.
    pub(super) const fn set_len(&mut self, len: usize) {
        self.len = len;
    }

    /// The next bytes, to be filled.
    #[inline]
    pub(super) fn take(&mut self, len: usize) -> Result<&mut [u8]> {
        let end = self.len.checked_add(len).ok_or(Error::Internal)?;
        let place = self.buf.get_mut(self.len..end).ok_or(Error::Internal)?;
        self.len = end;
        Ok(place)
    }

    /// Fills the next bytes with some that stand further back, or here already.
    pub(super) fn bring(&mut self, from: usize, len: usize) -> Result<()> {
        let end = self.len.checked_add(len).ok_or(Error::Internal)?;
        let from_end = from.checked_add(len).ok_or(Error::Internal)?;
        if from < self.len || from_end > self.buf.len() {
            return Err(Error::Internal);
        }
        self.buf.copy_within(from..from_end, self.len);
        self.len = end;
        Ok(())
    }

    #[inline]
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        copy(self.take(bytes.len())?, bytes);
        Ok(())
    }
}
