//! Maps by KID or stream id.
//!
//! Keys come from the network, so the hash has a secret seed; they are 64 bits
//! already, so one multiplication does. Rooms draw the seed from their own
//! generator: the standard library's can panic where there is none.

use core::hash::{BuildHasher, Hasher};
use std::collections::{HashMap, HashSet};

pub(crate) type KidMap<V> = HashMap<u64, V, KidHash>;
pub(crate) type KidSet = HashSet<u64, KidHash>;

/// The seed of a room's maps.
#[derive(Clone, Copy)]
pub(crate) struct KidHash(u64);

impl core::fmt::Debug for KidHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("KidHash").finish_non_exhaustive()
    }
}

impl KidHash {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A seed of the standard library's, which it draws once a thread.
    pub(crate) fn of_the_standard_library() -> Self {
        Self(std::hash::RandomState::new().hash_one(0_u64))
    }
}

impl BuildHasher for KidHash {
    type Hasher = KidHasher;

    fn build_hasher(&self) -> KidHasher {
        KidHasher(self.0)
    }
}

pub(crate) struct KidHasher(u64);

impl Hasher for KidHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    /// Multiplies to 128 bits and folds, so every input bit reaches every output bit.
    #[inline]
    fn write_u64(&mut self, value: u64) {
        // An odd constant without structure: 2^64 divided by the golden ratio.
        let product =
            u128::from(self.0 ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        let [low, high] = [product, product >> 64]
            .map(|half| u64::try_from(half & u128::from(u64::MAX)).unwrap_or_default());
        self.0 = low ^ high;
    }
}
