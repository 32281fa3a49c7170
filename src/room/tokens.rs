//! The budget for unknown KIDs: a token bucket.

use crate::limits::{TOKEN_BURST, TOKENS_PER_SECOND};
use core::time::Duration;

/// One token, counted in parts that arrive each nanosecond.
const TOKEN: u64 = 1_000_000_000;

/// [`TOKEN_BURST`] tokens at most, [`TOKENS_PER_SECOND`] a second.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    parts: u64,
    last: Duration,
}

impl TokenBucket {
    pub(crate) const fn new(now: Duration) -> Self {
        Self {
            parts: TOKEN_BURST * TOKEN,
            last: now,
        }
    }

    /// Takes a token if there is one.
    pub(crate) fn take(&mut self, now: Duration) -> bool {
        let passed = now.saturating_sub(self.last).as_nanos();
        self.last = self.last.max(now);
        let earned = u64::try_from(passed)
            .unwrap_or(u64::MAX)
            .saturating_mul(TOKENS_PER_SECOND);
        self.parts = self.parts.saturating_add(earned).min(TOKEN_BURST * TOKEN);
        match self.parts.checked_sub(TOKEN) {
            Some(rest) => {
                self.parts = rest;
                true
            }
            None => false,
        }
    }
}
