//! A buffer that fills from the front.

use crate::{Error, Result};

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
    pub(super) fn take(&mut self, len: usize) -> Result<&mut [u8]> {
        let end = self.len.checked_add(len).ok_or(Error::Internal)?;
        let place = self.buf.get_mut(self.len..end).ok_or(Error::Internal)?;
        self.len = end;
        Ok(place)
    }

    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.take(bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }
}
