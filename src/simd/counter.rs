//! AES-128 in counter mode over a [`Vector`].

use super::tables::RoundKeys;
use super::vector::{Block, Vector};
use core::hint::black_box;
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
    keys: *const RoundKeys,
    mut blocks: [V; N],
) -> [V; N] {
    // SAFETY: passed on; round keys 0 to 10 are read.
    unsafe {
        let keys = keys.cast::<Block>();
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

    /// A call whose data start at another counter block: part of one, or in tests what
    /// takes a payload of gigabytes to reach.
    #[inline(always)]
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
pub(super) unsafe fn cipher_block<V: Vector>(keys: *const RoundKeys, block: V) -> V {
    // SAFETY: passed on.
    unsafe {
        let [out] = encrypt::<V, 1>(keys, [block]);
        out
    }
}

/// `N` vectors of counter mode alone, the last of them perhaps in part.
///
/// # Safety
/// That of [`Vector`]; `from` is valid for reads and `to` for writes of `len`
/// bytes, more than `N - 1` vectors and no more than `N`; they are the same or
/// disjoint.
#[inline(always)]
unsafe fn add_key_stream<V: Vector, const N: usize>(
    keys: *const RoundKeys,
    counter: &mut V,
    (from, to, len): (*const u8, *mut u8, usize),
) {
    let bytes = 16 * V::BLOCKS;
    // SAFETY: passed on; all vectors but the last are whole.
    unsafe {
        let step = V::broadcast(&raw const STEPS[V::BLOCKS]);
        let mut b = [*counter; N];
        for b in &mut b {
            *b = counter.reverse();
            *counter = counter.add32(step);
        }
        for (i, key_stream) in encrypt::<V, N>(keys, b).into_iter().enumerate() {
            let start = i * bytes;
            let left = len.wrapping_sub(start);
            if i + 1 < N || left == bytes {
                let text = V::load(from.add(start)).xor(key_stream);
                text.store(to.add(start));
            } else {
                let text = V::load_partial(from.add(start), left).xor(key_stream);
                text.store_partial(to.add(start), left);
            }
        }
    }
}

/// Counter mode alone, from the byte `skip` of the block at `state`'s counter on.
///
/// # Safety
/// That of [`Vector`]; `from` is valid for reads and `to` for writes of `len`
/// bytes, and they are the same or disjoint; `skip` is below 16.
#[inline(always)]
pub(super) unsafe fn apply<V: Vector>(
    keys: *const RoundKeys,
    state: &State,
    (mut from, mut to, mut len): (*const u8, *mut u8, usize),
    skip: usize,
) {
    let bytes = 16 * V::BLOCKS;
    let mut first = state.counter;
    // SAFETY: passed on; each step takes what it counts off. The key stream has 16
    // bytes from any of its first block on.
    unsafe {
        if skip > 0 && len > 0 {
            let mut key_stream = [0; 32];
            let now = len.min(16_usize.wrapping_sub(skip));
            let block = cipher_block(keys, state.block::<V>(first).reverse());
            block.store(key_stream.as_mut_ptr());
            let text = V::load_block(from, now);
            text.xor(V::One::load(key_stream.as_ptr().add(skip)))
                .store_partial(to, now);
            key_stream.zeroize();
            from = from.add(now);
            to = to.add(now);
            len = len.wrapping_sub(now);
            first = first.wrapping_add(1);
        }
        let mut counter = state.blocks::<V>(first);
        macro_rules! run {
            ($keys:ident, $n:literal) => {{
                let now = len.min($n * bytes);
                add_key_stream::<V, $n>($keys, &mut counter, (from, to, now));
                now
            }};
        }
        while len > 0 {
            // Hidden once a round: round keys kept over the loop would be spilled.
            let keys = black_box(keys);
            let now = match len.wrapping_add(bytes - 1) / bytes {
                1 => run!(keys, 1),
                2 => run!(keys, 2),
                3 => run!(keys, 3),
                4 => run!(keys, 4),
                5 => run!(keys, 5),
                6 => run!(keys, 6),
                7 => run!(keys, 7),
                _ => run!(keys, 8),
            };
            from = from.add(now);
            to = to.add(now);
            len = len.wrapping_sub(now);
        }
    }
}
