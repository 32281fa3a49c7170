//! A frame of either form on its way through an open call, and the buffers it
//! goes through.

use crate::codec::{self, Sealed};
use crate::sframe::key::{FrameKey, Layout, SHORT_FRAME};
use crate::{Error, Result};
use core::cell::Cell;
use core::ops::Range;

/// Where a frame comes from and its plaintext goes to.
pub(super) enum Buffers<'b> {
    Apart { frame: &'b [u8], out: &'b mut [u8] },
    InPlace(&'b mut [u8]),
}

impl Buffers<'_> {
    #[inline]
    pub(super) fn frame(&self) -> &[u8] {
        match self {
            Self::Apart { frame, .. } => frame,
            Self::InPlace(frame) => frame,
        }
    }

    /// Makes zero what a call may have written: `len` bytes of the output, or the
    /// whole frame.
    fn wipe(&mut self, len: usize) {
        match self {
            Self::Apart { out, .. } => {
                let len = len.min(out.len());
                if let Some(out) = out.get_mut(..len) {
                    out.fill(0);
                }
            }
            Self::InPlace(frame) => frame.fill(0),
        }
    }
}

/// A frame as its header or trailer tells.
pub(super) trait Wire {
    fn ctr(&self) -> u64;
    /// Whether it is opened with a lock of its stream held.
    fn is_short(&self) -> bool;
    /// Whether the buffers do for it, as far as its ends tell.
    fn check(&self, buffers: &Buffers<'_>) -> Result<()>;
    /// Whether it can be taken apart, and the buffers do for it: what opening it
    /// finds out too, but only with a key.
    fn check_whole(&self, buffers: &Buffers<'_>) -> Result<()>;
    /// On an error but [`Error::BufferTooSmall`] the output is zero.
    fn open(&self, buffers: &mut Buffers<'_>, key: &FrameKey, metadata: &[u8]) -> Result<()>;
    /// Where the plaintext stands in the output or the frame, once it is opened.
    fn place(&self) -> Range<usize>;
    /// Makes zero what [`Wire::open`] wrote.
    fn wipe(&self, buffers: &mut Buffers<'_>);
}

impl Wire for Layout {
    #[inline]
    fn ctr(&self) -> u64 {
        self.header.ctr()
    }

    #[inline]
    fn is_short(&self) -> bool {
        self.payload_len() <= SHORT_FRAME
    }

    #[inline]
    fn check(&self, buffers: &Buffers<'_>) -> Result<()> {
        match buffers {
            Buffers::Apart { out, .. } if out.len() < self.payload_len() => {
                Err(Error::BufferTooSmall)
            }
            _ => Ok(()),
        }
    }

    fn check_whole(&self, _: &Buffers<'_>) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn open(&self, buffers: &mut Buffers<'_>, key: &FrameKey, metadata: &[u8]) -> Result<()> {
        match buffers {
            Buffers::Apart { frame, out } => {
                let out = out.get_mut(..self.payload_len());
                key.open(self, metadata, frame, out.ok_or(Error::BufferTooSmall)?)
            }
            Buffers::InPlace(frame) => key.open_in_place(self, metadata, frame),
        }
    }

    #[inline]
    fn place(&self) -> Range<usize> {
        self.payload()
    }

    fn wipe(&self, buffers: &mut Buffers<'_>) {
        buffers.wipe(self.payload_len());
    }
}

/// A frame that stays a frame of its codec.
pub(super) struct Transparent<'s> {
    sealed: &'s Sealed,
    frame_len: usize,
    /// Set by opening it.
    opened_len: Cell<usize>,
}

impl<'s> Transparent<'s> {
    pub(super) const fn new(sealed: &'s Sealed, frame_len: usize) -> Self {
        Self {
            sealed,
            frame_len,
            opened_len: Cell::new(0),
        }
    }
}

impl Wire for Transparent<'_> {
    fn ctr(&self) -> u64 {
        self.sealed.header().ctr()
    }

    fn is_short(&self) -> bool {
        self.frame_len <= SHORT_FRAME + codec::MAX_TRAILER_LEN
    }

    fn check(&self, buffers: &Buffers<'_>) -> Result<()> {
        match buffers {
            Buffers::InPlace(_) if !self.sealed.codec().is_in_place() => Err(Error::WrongForm),
            _ => Ok(()),
        }
    }

    fn check_whole(&self, buffers: &Buffers<'_>) -> Result<()> {
        let len = self.sealed.opened_len(buffers.frame());
        let len = len.ok_or(Error::Malformed)?;
        match buffers {
            Buffers::Apart { out, .. } if out.len() < len => Err(Error::BufferTooSmall),
            _ => Ok(()),
        }
    }

    fn open(&self, buffers: &mut Buffers<'_>, key: &FrameKey, metadata: &[u8]) -> Result<()> {
        let len = match buffers {
            Buffers::Apart { frame, out } => self.sealed.open(key, frame, metadata, out)?,
            Buffers::InPlace(frame) => self.sealed.open_in_place(key, metadata, frame)?.end,
        };
        self.opened_len.set(len);
        Ok(())
    }

    fn place(&self) -> Range<usize> {
        0..self.opened_len.get()
    }

    fn wipe(&self, buffers: &mut Buffers<'_>) {
        buffers.wipe(self.frame_len);
    }
}
