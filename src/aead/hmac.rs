//! HMAC-SHA256 (RFC 2104) with the key's two blocks hashed once, over the bare
//! compression function: all that depends on the key lies in [`Key`] and
//! [`Run`], and is wiped there.

use sha2::block_api::compress256;
use zeroize::Zeroize;

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;
/// Bytes of the message's length behind its padding.
const LENGTH: usize = 8;

/// FIPS 180-4 section 5.3.3.
const START: [u32; 8] = [
    0x6A09_E667,
    0xBB67_AE85,
    0x3C6E_F372,
    0xA54F_F53A,
    0x510E_527F,
    0x9B05_688C,
    0x1F83_D9AB,
    0x5BE0_CD19,
];

/// The states after the block of the inner and that of the outer key.
pub(super) struct Key {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Drop for Key {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

impl Key {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let after = |pad: u8| {
            let mut block = [pad; BLOCK];
            for (to, from) in block.iter_mut().zip(key) {
                *to ^= from;
            }
            let mut state = START;
            compress256(&mut state, core::slice::from_ref(&block));
            block.zeroize();
            state
        };
        Self {
            inner: after(0x36),
            outer: after(0x5C),
        }
    }

    #[inline]
    pub(super) const fn start(&self) -> Run<'_> {
        Run {
            key: self,
            state: self.inner,
            block: [0; BLOCK],
            filled: 0,
            hashed: BLOCK as u64,
        }
    }
}

/// A message under way.
pub(super) struct Run<'k> {
    key: &'k Key,
    state: [u32; 8],
    block: [u8; BLOCK],
    /// Bytes in `block`, fewer than it holds.
    filled: usize,
    /// Bytes before those in `block`, that of the key included.
    hashed: u64,
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.state.zeroize();
    }
}

impl Run<'_> {
    pub(super) fn update(&mut self, mut data: &[u8]) {
        if self.filled > 0 {
            let now = data.len().min(BLOCK - self.filled);
            let (head, rest) = data.split_at(now);
            self.put(head);
            data = rest;
            if self.filled < BLOCK {
                return;
            }
            self.end_block();
        }
        let (blocks, rest) = data.as_chunks();
        if !blocks.is_empty() {
            compress256(&mut self.state, blocks);
            let bytes = data.len().wrapping_sub(rest.len());
            self.hashed = self.hashed.wrapping_add(bytes as u64);
        }
        self.put(rest);
    }

    /// Adds to the block what it has room for.
    fn put(&mut self, data: &[u8]) {
        if let Some(room) = self.block.get_mut(self.filled..self.filled + data.len()) {
            room.copy_from_slice(data);
        }
        self.filled += data.len();
    }

    fn end_block(&mut self) {
        compress256(&mut self.state, core::slice::from_ref(&self.block));
        self.hashed = self.hashed.wrapping_add(BLOCK as u64);
        self.filled = 0;
    }

    /// FIPS 180-4 section 5.1.1: a one, zeros, and the length in bits.
    fn pad(&mut self) {
        let bits = self.hashed.wrapping_add(self.filled as u64).wrapping_mul(8);
        let (_, room) = self.block.split_at_mut(self.filled);
        room.fill(0);
        if let Some(first) = room.first_mut() {
            *first = 0x80;
        }
        if self.filled >= BLOCK - LENGTH {
            self.end_block();
            self.block = [0; BLOCK];
        }
        let (_, length) = self.block.split_at_mut(BLOCK - LENGTH);
        length.copy_from_slice(&bits.to_be_bytes());
        self.end_block();
    }

    /// The first 16 bytes.
    pub(super) fn finish(mut self) -> [u8; 16] {
        self.pad();
        let inner = self.state;
        self.state = self.key.outer;
        for (to, word) in self.block.chunks_exact_mut(4).zip(inner) {
            to.copy_from_slice(&word.to_be_bytes());
        }
        self.filled = 32;
        // The outer key's block.
        self.hashed = BLOCK as u64;
        self.pad();
        let [a, b, c, d, ..] = self.state.map(u128::from);
        (a << 96 | b << 64 | c << 32 | d).to_be_bytes()
    }
}
