//! The operations that the kernels are made of.

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
}
