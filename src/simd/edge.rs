//! Parts of a block between the segments of a call.

use super::counter::{State, cipher_block};
use super::tables::Tables;
use super::vector::Vector;
use zeroize::Zeroize;

/// A block that is not whole yet: of associated data, or of ciphertext with its
/// key stream. Bytes behind the first 16 are room for reads and writes that start
/// within them.
pub(super) struct Edge {
    /// Zero from `filled` on.
    pub(super) text: [u8; 32],
    key_stream: [u8; 32],
    /// Bytes in the block, below 16 between calls.
    pub(super) filled: usize,
}

impl Edge {
    pub(super) const EMPTY: Self = Self {
        text: [0; 32],
        key_stream: [0; 32],
        filled: 0,
    };
}

impl Zeroize for Edge {
    fn zeroize(&mut self) {
        self.key_stream.zeroize();
    }
}

/// The next block of key stream, for an edge.
///
/// # Safety
/// That of [`Vector`].
#[inline(always)]
pub(super) unsafe fn key_stream<V: Vector>(t: *const Tables, state: &mut State, edge: &mut Edge) {
    // SAFETY: passed on; the counter and the key stream have 16 bytes.
    unsafe {
        let counter = state.block::<V>(state.counter).reverse();
        cipher_block(&raw const (*t).round_keys, counter).store(edge.key_stream.as_mut_ptr());
    }
    state.advance(1);
}

/// Encrypts or decrypts bytes within one block.
///
/// # Safety
/// That of [`Vector`]; `from` is valid for reads and `to` for writes of `len`
/// bytes, 1 to 16 with those that are there, and they are the same or disjoint.
#[inline(always)]
pub(super) unsafe fn crypt_edge<V: Vector, const SEAL: bool>(
    edge: &mut Edge,
    from: *const u8,
    to: *mut u8,
    len: usize,
) {
    // SAFETY: passed on; the edge has 16 bytes from `filled` on.
    unsafe {
        let key_stream = V::One::load(edge.key_stream.as_ptr().add(edge.filled));
        let input = V::load_block(from, len);
        let output = input.xor(key_stream);
        output.store_partial(to, len);
        let text = if SEAL { output.keep(len) } else { input };
        text.store(edge.text.as_mut_ptr().add(edge.filled));
    }
    edge.filled = edge.filled.wrapping_add(len);
}
