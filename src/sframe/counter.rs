//! The frame counter of one sealing key.

use crate::aead::BLOCK_LEN;
use crate::{Error, Result};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What the shortest frame counts for: the tag's block, and one that its payload begins.
const MIN_BLOCKS: u64 = 2;
/// Frames fill at most this many bits of the state.
const MAX_FRAME_BITS: u32 = 32;

/// Hands out each counter value once, from any thread.
///
/// It lives with the key it counts for and can't be set back. Frames and blocks
/// stand in one word, so a value is taken in one step that fails if either limit
/// is met: a refused caller changes nothing, and no race gets past a limit.
/// Where the word is too short to count blocks one by one, every frame's are
/// rounded up to a power of two.
#[derive(Debug)]
pub(crate) struct FrameCounter {
    first: u64,
    /// Units of blocks, then frames in the low `frame_bits`.
    state: AtomicU64,
    frame_bits: u32,
    /// Blocks in a unit, as a power of two.
    unit_bits: u32,
    max_frames: u64,
    max_units: u64,
}

impl FrameCounter {
    /// Limits of more than 2^32 − 1 frames are taken as that many.
    pub(crate) const fn new(first: u64, max_frames: u64, max_blocks: u64) -> Self {
        let most = (1 << MAX_FRAME_BITS) - 1;
        let max_frames = if max_frames < most { max_frames } else { most };
        // At least one, so that no shift is by 64.
        let frame_bits = 64 - (max_frames | 1).leading_zeros();
        let unit_limit = 1 << (64 - frame_bits);
        let mut unit_bits = 0;
        while max_blocks >> unit_bits > unit_limit {
            unit_bits += 1;
        }
        let units = max_blocks >> unit_bits;
        Self {
            first,
            state: AtomicU64::new(0),
            frame_bits,
            unit_bits,
            max_frames,
            max_units: if units < unit_limit {
                units
            } else {
                unit_limit - 1
            },
        }
    }

    /// Takes the counter value for a frame of `len` bytes.
    pub(crate) fn take(&self, len: usize) -> Result<u64> {
        self.take_up_to(len, u64::MAX)
    }

    /// Takes the counter value for a frame of `len` bytes, if it is at most `last`:
    /// else [`Error::BufferTooSmall`], since the header would outgrow its place.
    ///
    /// Orderings are relaxed: the exchange alone makes the values distinct, and
    /// nothing else is published through them.
    #[inline]
    pub(crate) fn take_up_to(&self, len: usize, last: u64) -> Result<u64> {
        let units = self.units((len / BLOCK_LEN) as u64 + MIN_BLOCKS);
        let mut state = self.state.load(Relaxed);
        loop {
            let (ctr, after) = self.step(state, units)?;
            if ctr > last {
                return Err(Error::BufferTooSmall);
            }
            match self
                .state
                .compare_exchange_weak(state, after, Relaxed, Relaxed)
            {
                Ok(_) => return Ok(ctr),
                Err(now) => state = now,
            }
        }
    }

    const fn units(&self, blocks: u64) -> u64 {
        blocks.div_ceil(1 << self.unit_bits)
    }

    /// The value to give in this state, and the state after it.
    #[inline]
    fn step(&self, state: u64, units: u64) -> Result<(u64, u64)> {
        let taken = self.taken_of(state);
        let ctr = self.first.checked_add(taken);
        let used = (state >> self.frame_bits).saturating_add(units);
        match ctr {
            Some(ctr) if taken < self.max_frames && used <= self.max_units => {
                Ok((ctr, used << self.frame_bits | (taken + 1)))
            }
            _ => Err(Error::KeyExhausted),
        }
    }

    const fn taken_of(&self, state: u64) -> u64 {
        state & ((1 << self.frame_bits) - 1)
    }

    /// How many values were taken.
    pub(crate) fn taken(&self) -> u64 {
        self.taken_of(self.state.load(Relaxed))
    }

    /// Goes on as if so many frames and blocks had been sealed.
    #[cfg(test)]
    pub(crate) fn pretend(&self, frames: u64, blocks: u64) {
        let state = self.units(blocks) << self.frame_bits | frames;
        self.state.store(state, Relaxed);
    }

    /// The value that the next call will get, `None` when not even an empty
    /// frame can have one.
    pub(crate) fn next(&self) -> Option<u64> {
        let (ctr, _) = self
            .step(self.state.load(Relaxed), self.units(MIN_BLOCKS))
            .ok()?;
        Some(ctr)
    }

    /// Continues at `value`, forward only.
    pub(crate) fn skip_to(&mut self, value: u64) -> Result<()> {
        let taken = self.taken();
        match self.first.checked_add(taken) {
            Some(next) if value >= next => {
                self.first = value - taken;
                Ok(())
            }
            _ => Err(Error::InvalidArgument),
        }
    }
}
