//! AES-128-GCM over a [`Vector`]: counter mode and GHASH in one pass.

use super::counter::{LAST_STEPS, STEPS, State, cipher_block, encrypt};
use super::edge::{Edge, crypt_edge, key_stream};
use super::ghash::{Product, lengths};
use super::tables::{POWERS, Tables};
use super::vector::{Block, Vector};
use core::hint::black_box;

/// Hashes whole blocks.
///
/// # Safety
/// That of [`Vector`]; `data` is valid for reads of `16 * blocks` bytes.
#[inline(always)]
pub(super) unsafe fn hash_blocks<V: Vector>(
    t: *const Tables,
    state: &mut State,
    mut data: *const u8,
    mut blocks: usize,
) {
    // SAFETY: passed on; `n` blocks are read at a time, no more than are left.
    unsafe {
        let mut hash = V::One::load(state.hash.as_ptr());
        while blocks > 0 {
            let n = blocks.min(POWERS);
            let mut sum = Product::<V::One>::zero();
            for i in 0..n {
                let mut x = V::One::load(data.add(16 * i)).reverse();
                if i == 0 {
                    x = x.xor(hash);
                }
                sum.add(x, t, POWERS - n + i);
            }
            hash = sum.reduce();
            data = data.add(16 * n);
            blocks -= n;
        }
        hash.store(state.hash.as_mut_ptr());
    }
}

/// The tag: the hash of what came so far and of the lengths, masked.
///
/// # Safety
/// That of [`Vector`].
#[inline(always)]
pub(super) unsafe fn tag<V: Vector>(
    t: *const Tables,
    state: &State,
    aad_len: usize,
    len: usize,
) -> Block {
    let mut out = [0; 16];
    // SAFETY: passed on; all blocks have 16 bytes.
    unsafe {
        let x = lengths::<V>(aad_len, len).xor(V::One::load(state.hash.as_ptr()));
        let mut sum = Product::<V::One>::zero();
        sum.add(x, t, POWERS - 1);
        let mask = cipher_block(&raw const (*t).round_keys, state.block::<V>(1).reverse());
        mask.xor(sum.reduce().reverse()).store(out.as_mut_ptr());
    }
    out
}

/// `N` vectors at once, the last of them perhaps in part: encrypts or decrypts
/// `len` bytes and adds the ciphertext's products to `sum`. Returns the first
/// block of key stream.
///
/// If it is the `FIRST` batch of a call, the counter starts with the block that
/// masks the tag, and `lead`, a block of associated data, is hashed in its place:
/// neither takes a vector of its own. If not, `lead` is the hash so far.
///
/// # Safety
/// That of [`Vector`]; `from` is valid for reads and `to` for writes of `len`
/// bytes, which with the block before them in a first batch fill more than
/// `N - 1` vectors and no more than `N`; they are the same or disjoint. The
/// powers from `at` on reach for `N` vectors.
#[inline(always)]
unsafe fn batch<V: Vector, const N: usize, const FIRST: bool, const SEAL: bool>(
    t: *const Tables,
    counter: &mut V,
    (from, to, len): (*const u8, *mut u8, usize),
    sum: &mut Product<V>,
    at: usize,
    lead: V::One,
) -> V::One {
    let bytes = 16 * V::BLOCKS;
    let shift = if FIRST { 16 } else { 0 };
    // SAFETY: passed on; all vectors but the last are whole.
    unsafe {
        let step = V::broadcast(&raw const STEPS[V::BLOCKS]);
        let mut b = [*counter; N];
        for b in &mut b {
            *b = counter.reverse();
            *counter = counter.add32(step);
        }
        let b = encrypt::<V, N>(&raw const (*t).round_keys, b);
        for (i, key_stream) in b.into_iter().enumerate() {
            let at = at.wrapping_add(i * V::BLOCKS);
            let (input, mut output);
            if FIRST && i == 0 {
                let now = if N > 1 { bytes - 16 } else { len };
                input = V::load_behind(from, now);
                output = input.xor(key_stream);
                output.store_behind(to, now);
                if SEAL {
                    output = output.keep_behind(now);
                }
            } else {
                let start = i * bytes - shift;
                let left = len.wrapping_sub(start);
                if i + 1 < N || !V::MASKS && left == bytes {
                    input = V::load(from.add(start));
                    output = input.xor(key_stream);
                    output.store(to.add(start));
                } else {
                    input = V::load_partial(from.add(start), left);
                    output = input.xor(key_stream);
                    output.store_partial(to.add(start), left);
                    if SEAL {
                        output = output.keep(left);
                    }
                }
            }
            let mut x = if SEAL { output } else { input }.reverse();
            if i == 0 {
                x = x.xor(V::first(lead));
            }
            sum.add(x, t, at);
        }
        b[0].lowest()
    }
}

/// Up to [`POWERS`] blocks, the last perhaps in part, in batches; their products
/// go to `sum`. See [`batch`].
///
/// # Safety
/// That of [`batch`].
#[inline(always)]
unsafe fn batches<V: Vector, const SEAL: bool>(
    t: *const Tables,
    mut counter: V,
    (mut from, mut to, mut len): (*const u8, *mut u8, usize),
    sum: &mut Product<V>,
    mut at: usize,
    mut hash: V::One,
) {
    let bytes = 16 * V::BLOCKS;
    // SAFETY: passed on; each batch takes what it counts off.
    unsafe {
        macro_rules! run {
            ($n:literal) => {{
                let now = len.min($n * bytes);
                let data = (from, to, now);
                batch::<V, $n, false, SEAL>(t, &mut counter, data, sum, at, hash);
                now
            }};
        }
        while len > 0 {
            let now = match len.wrapping_add(bytes - 1) / bytes {
                1 => run!(1),
                2 => run!(2),
                3 => run!(3),
                4 => run!(4),
                5 => run!(5),
                6 => run!(6),
                7 => run!(7),
                _ => run!(8),
            };
            hash = V::One::zero();
            from = from.add(now);
            to = to.add(now);
            len = len.wrapping_sub(now);
            at = at.wrapping_add(8 * V::BLOCKS);
        }
    }
}

/// The last block of associated data and all data of a short call; their
/// products go to `sum`. Returns the mask of the tag. See [`batch`].
///
/// # Safety
/// That of [`batch`]; the powers from `at` on reach for all blocks.
#[inline(always)]
unsafe fn short<V: Vector, const SEAL: bool>(
    t: *const Tables,
    state: &State,
    (from, to, len): (*const u8, *mut u8, usize),
    sum: &mut Product<V>,
    at: usize,
    lead: V::One,
) -> V::One {
    let bytes = 16 * V::BLOCKS;
    // SAFETY: passed on; what the first batch leaves goes to the others.
    unsafe {
        let mut counter = state.blocks::<V>(1);
        let now = len.min(8 * bytes - 16);
        macro_rules! run {
            ($n:literal) => {
                batch::<V, $n, true, SEAL>(t, &mut counter, (from, to, now), sum, at, lead)
            };
        }
        let mask = match now.wrapping_add(bytes + 15) / bytes {
            1 => run!(1),
            2 => run!(2),
            3 => run!(3),
            4 => run!(4),
            5 => run!(5),
            6 => run!(6),
            7 => run!(7),
            _ => run!(8),
        };
        if len > now {
            let rest = (from.add(now), to.add(now), len.wrapping_sub(now));
            let at = at.wrapping_add(8 * V::BLOCKS);
            batches::<V, SEAL>(t, counter, rest, sum, at, V::One::zero());
        }
        mask
    }
}

/// A group of ciphertext to be hashed.
#[derive(Clone, Copy)]
enum Hashed<V, const GROUP: usize> {
    Nothing,
    At(*const u8),
    Kept([V; GROUP]),
}

/// Encrypts or decrypts one group of the bulk loop. Between the rounds it hashes
/// a group of ciphertext on top of `hash`. Returns the products and the output.
///
/// # Safety
/// That of [`Vector`]; `from` is valid for reads and `to` for writes of a group,
/// and they are the same or disjoint; what is `hashed` at a place is valid for
/// reads of a group.
#[inline(always)]
unsafe fn group<V: Vector, const GROUP: usize>(
    t: *const Tables,
    (counter, low): (&mut V, &mut usize),
    (from, to): (*const u8, *mut u8),
    hashed: Hashed<V, GROUP>,
    hash: V::One,
) -> (Product<V>, [V; GROUP]) {
    let bytes = 16 * V::BLOCKS;
    let at = POWERS - GROUP * V::BLOCKS;
    // SAFETY: passed on; a group has at most as many blocks as there are steps.
    unsafe {
        let keys = (&raw const (*t).round_keys).cast::<Block>();
        let first = V::broadcast(keys);
        let mut b = [*counter; GROUP];
        let step = GROUP * V::BLOCKS;
        let next = low.wrapping_add(step);
        *low = next % 256;
        if next <= 256 {
            // No counter of the group carries out of its lowest byte, so they are
            // counted as they stand in the blocks, and none needs to be reversed.
            let start = counter.reverse();
            for (i, b) in b.iter_mut().enumerate() {
                *b = start.add32(V::broadcast(&raw const LAST_STEPS[i * V::BLOCKS]));
            }
        } else {
            for (i, b) in b.iter_mut().enumerate() {
                *b = counter.add32(V::broadcast(&raw const STEPS[i * V::BLOCKS]));
                *b = b.reverse();
            }
        }
        *counter = counter.add32(V::broadcast(&raw const STEPS[step]));
        for b in &mut b {
            *b = b.xor(first);
        }
        let mut sum = Product::<V>::zero();
        // Not a loop, which the compiler may choose not to unroll.
        macro_rules! round {
            ($round:literal) => {{
                let key = V::broadcast(keys.add($round));
                for b in &mut b {
                    *b = b.aes_round(key);
                }
                let i = $round - 1;
                let x = match hashed {
                    Hashed::At(from) if i < GROUP => Some(V::load(from.add(i * bytes))),
                    Hashed::Kept(x) if i < GROUP => Some(x[i]),
                    _ => None,
                };
                if let Some(x) = x {
                    let mut x = x.reverse();
                    if i == 0 {
                        x = x.xor(V::first(hash));
                    }
                    // Few registers leave the compiler the rest of the order.
                    b[if V::MANY_REGISTERS { i } else { 0 }].tie(&mut x);
                    sum.add(x, t, at + i * V::BLOCKS);
                    if V::MANY_REGISTERS {
                        if i % 2 == 1 {
                            sum.tie(&mut b, [1, 4, 6]);
                        } else {
                            sum.tie_middle(&mut b[2]);
                        }
                    }
                }
            }};
        }
        round!(1);
        round!(2);
        round!(3);
        round!(4);
        round!(5);
        round!(6);
        round!(7);
        round!(8);
        round!(9);
        let last = V::broadcast(keys.add(10));
        for (i, b) in b.iter_mut().enumerate() {
            let text = V::load(from.add(i * bytes));
            *b = b.aes_last(last.xor(text));
            b.store(to.add(i * bytes));
        }
        (sum, b)
    }
}

/// Whole groups of the bulk loop; returns the bytes done.
///
/// # Safety
/// That of [`Vector`]; `from` is valid for reads and `to` for writes of `len`
/// bytes, and they are the same or disjoint. `GROUP` is `V::GROUP`.
#[inline(always)]
unsafe fn groups<V: Vector, const GROUP: usize, const SEAL: bool>(
    t: *const Tables,
    state: &mut State,
    mut from: *const u8,
    mut to: *mut u8,
    len: usize,
) -> usize {
    let bytes = GROUP * 16 * V::BLOCKS;
    let count = len / bytes;
    if count == 0 {
        return 0;
    }
    // SAFETY: passed on; each round of the loop takes one whole group. In
    // sealing, what is hashed is the group of ciphertext written the round before.
    unsafe {
        let mut counter = state.blocks::<V>(state.counter);
        let mut low = usize::from(state.counter.to_le_bytes()[0]);
        let mut hash = V::One::load(state.hash.as_ptr());
        let mut left = count;
        let mut kept = [V::zero(); GROUP];
        if SEAL {
            let places = (from, to);
            let counters = (&mut counter, &mut low);
            (_, kept) = group(t, counters, places, Hashed::Nothing, hash);
            from = from.add(bytes);
            to = to.add(bytes);
            left -= 1;
        }
        while left > 0 {
            // Round keys and powers would be hoisted out of the loop and then spilled;
            // hiding where they are keeps them operands in memory.
            let hidden = black_box(t);
            let hashed = match (SEAL, V::MANY_REGISTERS) {
                (true, true) => Hashed::Kept(kept),
                (true, false) => Hashed::At(to.cast_const().sub(bytes)),
                (false, _) => Hashed::At(from),
            };
            let counters = (&mut counter, &mut low);
            let (sum, output) = group(hidden, counters, (from, to), hashed, hash);
            kept = output;
            hash = sum.reduce().fold();
            from = from.add(bytes);
            to = to.add(bytes);
            left -= 1;
        }
        if SEAL {
            let mut sum = Product::<V>::zero();
            for (i, x) in kept.into_iter().enumerate() {
                let mut x = x.reverse();
                if i == 0 {
                    x = x.xor(V::first(hash));
                }
                sum.add(x, t, POWERS - (GROUP - i) * V::BLOCKS);
            }
            hash = sum.reduce().fold();
        }
        hash.store(state.hash.as_mut_ptr());
    }
    state.advance(count.wrapping_mul(GROUP * V::BLOCKS));
    count.wrapping_mul(bytes)
}

/// Encrypts or decrypts whole blocks in the middle of a call.
///
/// # Safety
/// That of [`groups`]; `len` is a multiple of 16.
#[inline(always)]
unsafe fn crypt_blocks<V: Vector, const GROUP: usize, const SEAL: bool>(
    t: *const Tables,
    state: &mut State,
    from: *const u8,
    to: *mut u8,
    len: usize,
) {
    // SAFETY: passed on; less than a group is left for the batches, and a group
    // has no more blocks than there are powers.
    unsafe {
        let done = groups::<V, GROUP, SEAL>(t, state, from, to, len);
        let left = len.wrapping_sub(done);
        if left > 0 {
            let hash = V::One::load(state.hash.as_ptr());
            let mut sum = Product::<V>::zero();
            let rest = (from.add(done), to.add(done), left);
            let counter = state.blocks(state.counter);
            batches::<V, SEAL>(
                t,
                counter,
                rest,
                &mut sum,
                POWERS.wrapping_sub(left / 16),
                hash,
            );
            sum.fold().reduce().store(state.hash.as_mut_ptr());
            state.advance(left / 16);
        }
    }
}

/// A segment: what ends the block that the one before left, whole blocks, and
/// the part of a block that is left then.
///
/// # Safety
/// That of [`groups`].
#[inline(always)]
pub(super) unsafe fn segment<V: Vector, const GROUP: usize, const SEAL: bool>(
    t: *const Tables,
    (state, edge): (&mut State, &mut Edge),
    (mut from, mut to, mut len): (*const u8, *mut u8, usize),
) {
    // SAFETY: passed on; each step takes what it counts off.
    unsafe {
        if edge.filled > 0 {
            let now = len.min(16_usize.wrapping_sub(edge.filled));
            crypt_edge::<V, SEAL>(edge, from, to, now);
            if edge.filled < 16 {
                return;
            }
            let x = V::One::load(edge.text.as_ptr()).reverse();
            let mut sum = Product::<V::One>::zero();
            sum.add(x.xor(V::One::load(state.hash.as_ptr())), t, POWERS - 1);
            sum.reduce().store(state.hash.as_mut_ptr());
            edge.text = [0; 32];
            edge.filled = 0;
            from = from.add(now);
            to = to.add(now);
            len = len.wrapping_sub(now);
        }
        let rest = len % 16;
        let whole = len.wrapping_sub(rest);
        crypt_blocks::<V, GROUP, SEAL>(t, state, from, to, whole);
        if rest > 0 {
            key_stream::<V>(t, state, edge);
            crypt_edge::<V, SEAL>(edge, from.add(whole), to.add(whole), rest);
        }
    }
}

/// A whole call: associated data, data and tag. Short ones take one aggregated
/// multiplication with one reduction.
///
/// `aad` points to the last `aad_left` bytes of the associated data; what comes
/// before them is whole blocks and hashed already.
///
/// # Safety
/// That of [`groups`]; `aad` is valid for reads of `aad_left` bytes, which are
/// fewer than 16 times `POWERS`.
#[inline(always)]
pub(super) unsafe fn whole<V: Vector, const GROUP: usize, const SEAL: bool>(
    t: *const Tables,
    mut state: State,
    (mut aad, mut aad_left, aad_len): (*const u8, usize, usize),
    (from, to, len): (*const u8, *mut u8, usize),
) -> Block {
    let mut out = [0; 16];
    let blocks = len.div_ceil(16);
    // SAFETY: passed on; at most `POWERS` blocks are summed up, the last of them
    // the lengths with H^1.
    unsafe {
        let mut ends = Product::<V::One>::zero();
        let mut sum = Product::<V>::zero();
        let lengths = lengths::<V>(aad_len, len);
        let aad_blocks = aad_left.div_ceil(16).max(1);
        let mask = if aad_left == aad_len && blocks < POWERS - aad_blocks {
            let mut at = (POWERS - 1).wrapping_sub(aad_blocks.wrapping_add(blocks));
            while aad_left > 16 {
                ends.add(V::One::load(aad).reverse(), t, at);
                at = at.wrapping_add(1);
                aad = aad.add(16);
                aad_left = aad_left.wrapping_sub(16);
            }
            let lead = if aad_left > 0 {
                V::load_block(aad, aad_left).reverse()
            } else {
                V::One::zero()
            };
            ends.add(lengths, t, POWERS - 1);
            short::<V, SEAL>(t, &state, (from, to, len), &mut sum, at, lead)
        } else {
            let mask = cipher_block(&raw const (*t).round_keys, state.block::<V>(1).reverse());
            let mut hash = V::One::load(state.hash.as_ptr());
            if aad_left > 0 {
                let mut at = POWERS.wrapping_sub(aad_left.div_ceil(16));
                while aad_left > 0 {
                    let now = aad_left.min(16);
                    ends.add(V::load_block(aad, now).reverse().xor(hash), t, at);
                    hash = V::One::zero();
                    at = at.wrapping_add(1);
                    aad = aad.add(now);
                    aad_left = aad_left.wrapping_sub(now);
                }
                hash = ends.reduce();
                ends = Product::zero();
                hash.store(state.hash.as_mut_ptr());
            }
            let done = groups::<V, GROUP, SEAL>(t, &mut state, from, to, len);
            let left = len.wrapping_sub(done);
            hash = V::One::load(state.hash.as_ptr());
            if left > 0 {
                let rest = (from.add(done), to.add(done), left);
                let counter = state.blocks(state.counter);
                // The widest vectors may leave as many blocks as there are powers.
                let full = left.div_ceil(16) == POWERS;
                let at = POWERS.wrapping_sub(left.div_ceil(16) + usize::from(!full));
                batches::<V, SEAL>(t, counter, rest, &mut sum, at, hash);
                hash = V::One::zero();
                if full {
                    hash = sum.fold().reduce();
                    sum = Product::zero();
                }
            }
            ends.add(lengths.xor(hash), t, POWERS - 1);
            mask
        };
        let hash = sum.fold().plus(ends).reduce();
        mask.xor(hash.reverse()).store(out.as_mut_ptr());
    }
    out
}
