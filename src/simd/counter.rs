//! AES-128 in counter mode over a [`Vector`].

use super::tables::Tables;
use super::vector::{Block, Vector};
use zeroize::Zeroize;

/// The number of each block in a vector, in its lowest byte.
static PLACES: [Block; 4] = {
    let mut places = [[0; 16]; 4];
    places[1][0] = 1;
    places[2][0] = 2;
    places[3][0] = 3;
    places
};
/// Block counters to add, by number.
pub(super) static STEPS: [Block; 33] = {
    let mut steps = [[0; 16]; 33];
    let mut i = 0;
    while i < 33 {
        #[expect(clippy::cast_possible_truncation, reason = "at most 32")]
        {
            steps[i][0] = i as u8;
        }
        i += 1;
    }
    steps
};
/// The same in the last byte, where it counts as the lowest of a counter block.
pub(super) static LAST_STEPS: [Block; 33] = {
    let mut steps = STEPS;
    let mut i = 0;
    while i < 33 {
        steps[i][15] = steps[i][0];
        steps[i][0] = 0;
        i += 1;
    }
    steps
};

/// AES-128 on all blocks of `N` vectors.
///
/// # Safety
/// That of [`Vector`].
#[inline(always)]
pub(super) unsafe fn encrypt<V: Vector, const N: usize>(
    t: *const Tables,
    mut blocks: [V; N],
) -> [V; N] {
    // SAFETY: passed on; round keys 0 to 10 are read.
    unsafe {
        let keys = (&raw const (*t).round_keys).cast::<Block>();
        let first = V::broadcast(keys);
        for b in &mut blocks {
            *b = b.xor(first);
        }
        for round in 1..10 {
            let key = V::broadcast(keys.add(round));
            for b in &mut blocks {
                *b = b.aes_round(key);
            }
        }
        let last = V::broadcast(keys.add(10));
        for b in &mut blocks {
            *b = b.aes_last(last);
        }
        blocks
    }
}

/// Counter and hash of a call under way.
pub(super) struct State {
    /// The nonce as the high 96 bits of a byte-reversed counter block.
    nonce_high: u64,
    nonce_low: u32,
    /// The counter of the next block of data.
    pub(super) counter: u32,
    /// The hash so far, byte-reversed.
    pub(super) hash: Block,
}

impl Zeroize for State {
    fn zeroize(&mut self) {
        self.hash.zeroize();
    }
}

impl State {
    /// SP 800-38D section 7.1: the block with the counter 1 masks the tag, data
    /// start at 2.
    #[inline(always)]
    pub(super) fn new(nonce: &[u8; 12]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = *nonce;
        Self {
            nonce_high: u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            nonce_low: u32::from_be_bytes([i, j, k, l]),
            counter: 2,
            hash: [0; 16],
        }
    }

    /// A call whose data start at another counter block, to reach those that take
    /// a payload of gigabytes.
    #[cfg(test)]
    pub(super) fn starting_at(nonce: &[u8; 12], counter: u32) -> Self {
        Self {
            counter,
            ..Self::new(nonce)
        }
    }

    #[inline(always)]
    pub(super) fn advance(&mut self, blocks: usize) {
        // GCM's counter wraps at 2^32; the length limit keeps calls below.
        #[expect(clippy::cast_possible_truncation, reason = "counts modulo 2^32")]
        {
            self.counter = self.counter.wrapping_add(blocks as u32);
        }
    }

    /// A counter block, byte-reversed.
    ///
    /// # Safety
    /// That of [`Vector`].
    #[inline(always)]
    pub(super) unsafe fn block<V: Vector>(&self, counter: u32) -> V::One {
        let low = u64::from(self.nonce_low) << 32 | u64::from(counter);
        // SAFETY: passed on.
        unsafe { V::from_halves(low, self.nonce_high) }
    }

    /// Counter blocks from `counter` on, byte-reversed.
    ///
    /// # Safety
    /// That of [`Vector`].
    #[inline(always)]
    pub(super) unsafe fn blocks<V: Vector>(&self, counter: u32) -> V {
        // SAFETY: passed on; there are as many places as blocks in any vector.
        unsafe { V::repeat(self.block::<V>(counter)).add32(V::load(PLACES.as_ptr().cast())) }
    }
}

/// The block cipher on one block: the mask of the tag, or key stream.
///
/// # Safety
/// That of [`Vector`].
#[inline(always)]
pub(super) unsafe fn cipher_block<V: Vector>(t: *const Tables, block: V) -> V {
    // SAFETY: passed on.
    unsafe {
        let [out] = encrypt::<V, 1>(t, [block]);
        out
    }
}
