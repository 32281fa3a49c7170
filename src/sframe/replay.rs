//! The replay window of one key: which counters were opened.

use crate::limits::{MAX_REPLAY_WINDOW, MIN_REPLAY_WINDOW};
use crate::{Error, Result};

/// A bitmap over the last `size` counters below the highest one opened.
///
/// A bit at `ctr` modulo the bits there are, a power of two, stands for `ctr`.
/// Moving forward clears the bits that are passed, at most all of them.
#[derive(Debug)]
pub(crate) struct ReplayWindow {
    bits: Box<[u64]>,
    size: u64,
    /// Counters below this one are too old; those from here on are in the bitmap.
    /// Wider than a counter, as the highest counter has a successor here.
    floor: u128,
    /// One more than the highest counter opened, 0 if there is none.
    next: u128,
}

impl ReplayWindow {
    /// A window of `size` frames, rounded up to a multiple of 64 within
    /// [`MIN_REPLAY_WINDOW`] and [`MAX_REPLAY_WINDOW`].
    pub(crate) fn new(size: usize) -> Self {
        let words = size
            .clamp(MIN_REPLAY_WINDOW, MAX_REPLAY_WINDOW)
            .div_ceil(64);
        Self {
            bits: vec![0; words.next_power_of_two()].into(),
            size: words as u64 * 64,
            floor: 0,
            next: 0,
        }
    }

    /// Forgets everything; counters up to `highest` are too old from now on.
    pub(crate) fn reset(&mut self, highest: Option<u64>) {
        self.bits.fill(0);
        self.floor = 0;
        self.next = 0;
        if let Some(highest) = highest {
            self.next = u128::from(highest) + 1;
            self.floor = self.next;
        }
    }

    /// The highest counter opened or barred.
    pub(crate) fn highest(&self) -> Option<u64> {
        self.next.checked_sub(1).and_then(|n| u64::try_from(n).ok())
    }

    /// Whether a frame with this counter may be opened. Changes nothing.
    #[inline]
    pub(crate) fn check(&self, ctr: u64) -> Result<()> {
        let wide = u128::from(ctr);
        if wide >= self.next {
            return Ok(());
        }
        let oldest = self.next.saturating_sub(u128::from(self.size));
        if wide < oldest || wide < self.floor {
            return Err(Error::TooOld);
        }
        let (word, bit) = self.place(ctr);
        if self.bits.get(word).is_some_and(|w| w & bit == 0) {
            Ok(())
        } else {
            Err(Error::Replay)
        }
    }

    /// Marks an authentic frame's counter as opened.
    ///
    /// # Errors
    /// As [`ReplayWindow::check`], when another thread came first; nothing changes.
    #[inline]
    pub(crate) fn commit(&mut self, ctr: u64) -> Result<()> {
        self.check(ctr)?;
        let wide = u128::from(ctr);
        if wide >= self.next {
            if wide - self.next >= u128::from(self.size) {
                self.bits.fill(0);
            } else {
                self.clear(ctr);
            }
            self.next = wide + 1;
        }
        let (word, bit) = self.place(ctr);
        if let Some(w) = self.bits.get_mut(word) {
            *w |= bit;
        }
        Ok(())
    }

    /// Clears the bits from the next counter up to `last`, fewer than there are.
    #[inline]
    fn clear(&mut self, last: u64) {
        // At most `last`, as the caller saw.
        let mut at = u64::try_from(self.next).unwrap_or(last);
        loop {
            let first = at % 64;
            let count = (last - at).min(63 - first) + 1;
            let (word, _) = self.place(at);
            if let Some(w) = self.bits.get_mut(word) {
                *w &= !(u64::MAX >> (64 - count) << first);
            }
            if last - at < count {
                return;
            }
            at += count;
        }
    }

    /// The word and the bit in it that stand for a counter.
    #[inline]
    fn place(&self, ctr: u64) -> (usize, u64) {
        let last = self.bits.len().wrapping_sub(1) as u64;
        // No more than a usize that came from one.
        let word = usize::try_from((ctr / 64) & last).unwrap_or(0);
        (word, 1 << (ctr % 64))
    }
}
