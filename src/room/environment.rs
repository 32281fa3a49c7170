//! The two things a room takes from outside: entropy and time. Tests replace both.

use crate::{Error, Result};
use core::time::Duration;
use rand::TryRng;
use std::time::Instant;

type Entropy = dyn Fn(&mut [u8]) -> Result<()> + Send + Sync;
type Clock = dyn Fn() -> Duration + Send + Sync;

/// Where random bytes and the monotonic time come from.
pub(crate) struct Environment {
    pub(crate) entropy: Box<Entropy>,
    /// Time since any fixed moment; never goes back.
    pub(crate) clock: Box<Clock>,
}

impl Default for Environment {
    fn default() -> Self {
        let start = Instant::now();
        Self {
            entropy: Box::new(os_entropy),
            clock: Box::new(move || start.elapsed()),
        }
    }
}

impl core::fmt::Debug for Environment {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}

impl Environment {
    pub(crate) fn random_u64(&self) -> Result<u64> {
        let mut bytes = [0; 8];
        (self.entropy)(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    pub(crate) fn now(&self) -> Duration {
        (self.clock)()
    }
}

/// Fills `bytes` from the operating system's generator.
pub(super) fn os_entropy(bytes: &mut [u8]) -> Result<()> {
    rand::rngs::SysRng
        .try_fill_bytes(bytes)
        .map_err(|_| Error::NoRandom)
}
