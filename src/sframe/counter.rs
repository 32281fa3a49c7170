//! The frame counter of one sealing key.

use crate::aead::BLOCK_LEN;
use crate::{Error, Result};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What the shortest frame counts for: the tag's block, and one that its payload begins.
const MIN_BLOCKS: u64 = 2;

/// Hands out each counter value once, from any thread.
///
/// It lives with the key it counts for and can't be set back. Both limits are
/// checked before a value is taken, so a refused caller changes nothing, and
/// once more after, so threads that race past the first check are refused too;
/// the overshoot is one value a thread.
#[derive(Debug)]
pub(crate) struct FrameCounter {
    first: u64,
    taken: AtomicU64,
    blocks: AtomicU64,
    max_frames: u64,
    max_blocks: u64,
}

impl FrameCounter {
    pub(crate) const fn new(first: u64, max_frames: u64, max_blocks: u64) -> Self {
        Self {
            first,
            taken: AtomicU64::new(0),
            blocks: AtomicU64::new(0),
            max_frames,
            max_blocks,
        }
    }

    /// Takes the counter value for a frame of `len` bytes.
    ///
    /// Orderings are relaxed: `fetch_add` alone makes the values distinct, and
    /// nothing else is published through them.
    pub(crate) fn take(&self, len: usize) -> Result<u64> {
        let blocks = (len / BLOCK_LEN) as u64 + MIN_BLOCKS;
        self.check(self.taken.load(Relaxed), self.blocks.load(Relaxed), blocks)?;
        let before = self.blocks.fetch_add(blocks, Relaxed);
        let taken = self.taken.fetch_add(1, Relaxed);
        self.check(taken, before, blocks)?;
        self.first.checked_add(taken).ok_or(Error::KeyExhausted)
    }

    fn check(&self, taken: u64, blocks: u64, more: u64) -> Result<()> {
        let wraps = self.first.checked_add(taken).is_none();
        if wraps || taken >= self.max_frames || blocks.saturating_add(more) > self.max_blocks {
            return Err(Error::KeyExhausted);
        }
        Ok(())
    }

    /// Goes on as if so many frames and blocks had been sealed.
    #[cfg(test)]
    pub(crate) fn pretend(&self, frames: u64, blocks: u64) {
        self.taken.store(frames, Relaxed);
        self.blocks.store(blocks, Relaxed);
    }

    /// The value that the next call will get, `None` when not even an empty
    /// frame can have one.
    pub(crate) fn next(&self) -> Option<u64> {
        let taken = self.taken.load(Relaxed);
        self.check(taken, self.blocks.load(Relaxed), MIN_BLOCKS)
            .ok()?;
        self.first.checked_add(taken)
    }

    /// Continues at `value`, forward only.
    pub(crate) fn skip_to(&mut self, value: u64) -> Result<()> {
        let taken = *self.taken.get_mut();
        match self.first.checked_add(taken) {
            Some(next) if value >= next => {
                self.first = value - taken;
                Ok(())
            }
            _ => Err(Error::InvalidArgument),
        }
    }
}
