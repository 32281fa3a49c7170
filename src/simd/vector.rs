//! The operations that the kernels are made of.

use zeroize::Zeroize;

/// A cipher block.
pub(super) type Block = [u8; 16];

/// A vector of one or more cipher blocks.
///
/// The kernels are written once over this trait; each backend's types are its
/// instances. Every method is inlined into a function that enables the CPU
/// features of the type.
///
/// # Safety
///
/// Every method needs the CPU features of the implementing type; a kernel gets
/// their proof as a token. Pointers must be valid for the bytes that each
/// method names; none needs an alignment.
pub(super) trait Vector: Copy {
    /// A vector of one block on the same machine.
    type One: Vector<One = Self::One>;
    /// Cipher blocks in a vector.
    const BLOCKS: usize;
    /// Vectors in a group of the bulk loop: as many as hide the latency of a
    /// cipher round and fit the registers.
    const GROUP: usize;
    /// Whether there are registers for another group beside a group.
    const MANY_REGISTERS: bool = false;
    /// Whether a product takes four multiplications, which is faster where they
    /// have an execution port of their own, and not three after Karatsuba.
    const FOUR: bool = false;
    /// Whether reads and writes in part cost no more than whole ones.
    const MASKS: bool = false;

    /// An order for the compiler, which would gather all multiplications in one place
    /// and all cipher rounds in another: what was computed of either stays before this
    /// place, what is computed of either later behind it. No instruction.
    #[inline(always)]
    unsafe fn tie(&mut self, _: &mut Self) {}

    /// All zero.
    unsafe fn zero() -> Self;
    /// Reads `16 * BLOCKS` bytes.
    unsafe fn load(from: *const u8) -> Self;
    /// Writes `16 * BLOCKS` bytes.
    unsafe fn store(self, to: *mut u8);
    /// Reads `len` bytes, 1 to `16 * BLOCKS`, and fills up with zeros.
    unsafe fn load_partial(from: *const u8, len: usize) -> Self;
    /// Writes the first `len` bytes, 1 to `16 * BLOCKS`.
    unsafe fn store_partial(self, to: *mut u8, len: usize);
    /// The first `len` bytes, 1 to `16 * BLOCKS`, the rest zero.
    unsafe fn keep(self, len: usize) -> Self;
    /// One block in every place.
    unsafe fn broadcast(block: *const Block) -> Self;
    /// One block in every place.
    unsafe fn repeat(block: Self::One) -> Self;
    /// One block of these halves.
    unsafe fn from_halves(low: u64, high: u64) -> Self::One;
    /// One block in the first place, zeros elsewhere.
    unsafe fn first(block: Self::One) -> Self;
    /// `self ^ other`.
    unsafe fn xor(self, other: Self) -> Self;
    /// One full AES round, round key last.
    unsafe fn aes_round(self, round_key: Self) -> Self;
    /// The last AES round, round key last.
    unsafe fn aes_last(self, round_key: Self) -> Self;
    /// The bytes of each block in reverse order.
    unsafe fn reverse(self) -> Self;
    /// Adds to the low 32 bits of each block, in little-endian order.
    unsafe fn add32(self, other: Self) -> Self;
    /// The 64-bit halves of each block exchanged.
    unsafe fn swap_halves(self) -> Self;
    /// Carry-less product of the low halves of each block.
    unsafe fn mul_low(self, other: Self) -> Self;
    /// Carry-less product of the high halves of each block.
    unsafe fn mul_high(self, other: Self) -> Self;
    /// Exclusive or of all blocks.
    unsafe fn fold(self) -> Self::One;
    /// The block in the first place.
    unsafe fn lowest(self) -> Self::One;

    /// Sum of the carry-less products of the low halves with the high ones.
    #[inline(always)]
    unsafe fn mul_cross(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe {
            let other = other.swap_halves();
            self.mul_low(other).xor(self.mul_high(other))
        }
    }

    /// The round key after this one, by FIPS 197 section 5.2, for one block.
    #[inline(always)]
    unsafe fn next_round_key(self, constant: u8) -> Self::One {
        let mut before = [0; 16];
        let mut same = [0; 16];
        let mut next = [0; 16];
        // SAFETY: the trait's contract; all places have 16 bytes.
        unsafe {
            self.lowest().store(before.as_mut_ptr());
            for column in same.chunks_exact_mut(4) {
                column.copy_from_slice(&before[12..]);
            }
            // `SubWord` is a last round over a block whose columns are all the same,
            // where `ShiftRows` changes nothing: no table.
            Self::One::load(same.as_ptr())
                .aes_last(Self::One::zero())
                .store(same.as_mut_ptr());
            let word = |block: &Block, i: usize| {
                let [a, b, c, d] = [0, 1, 2, 3].map(|j| block[4 * i + j]);
                u32::from_le_bytes([a, b, c, d])
            };
            let mut w = word(&same, 0).rotate_right(8) ^ u32::from(constant);
            for (i, column) in next.chunks_exact_mut(4).enumerate() {
                w ^= word(&before, i);
                column.copy_from_slice(&w.to_le_bytes());
            }
            let key = Self::One::load(next.as_ptr());
            w.zeroize();
            before.zeroize();
            same.zeroize();
            next.zeroize();
            key
        }
    }

    /// One block of the first `len` bytes, 1 to 16, the rest zero.
    #[inline(always)]
    unsafe fn load_block(from: *const u8, len: usize) -> Self::One {
        // SAFETY: the trait's contract.
        unsafe { Self::One::load_partial(from, len) }
    }

    /// Reads `len` bytes, 0 to `16 * (BLOCKS - 1)`, behind a block of zeros, and
    /// fills up with zeros. The default is right, not fast.
    #[inline(always)]
    unsafe fn load_behind(from: *const u8, len: usize) -> Self {
        let mut place = [0; 64];
        // SAFETY: the trait's contract; `place` is longer than any vector.
        unsafe {
            core::ptr::copy_nonoverlapping(from, place.as_mut_ptr().add(16), len);
            Self::load(place.as_ptr())
        }
    }

    /// Writes the first `len` bytes, 0 to `16 * (BLOCKS - 1)`, behind the first block.
    #[inline(always)]
    unsafe fn store_behind(self, to: *mut u8, len: usize) {
        let mut place = [0; 64];
        // SAFETY: the trait's contract; `place` is longer than any vector.
        unsafe {
            self.store(place.as_mut_ptr());
            core::ptr::copy_nonoverlapping(place.as_ptr().add(16), to, len);
        }
    }

    /// The first `len` bytes, 0 to `16 * (BLOCKS - 1)`, behind the first block, the
    /// rest zero, and so the first block too.
    #[inline(always)]
    unsafe fn keep_behind(self, len: usize) -> Self {
        let mut place = [0; 64];
        let mut kept = [0; 64];
        // SAFETY: the trait's contract; both places are longer than any vector.
        unsafe {
            self.store(place.as_mut_ptr());
            kept[16..16 + len].copy_from_slice(&place[16..16 + len]);
            Self::load(kept.as_ptr())
        }
    }
}
