//! Vectors of several XMM registers: the code of the wider kernels over the
//! instructions of the 128-bit one, so that tools that know no VAES can run it.
//! Built only with `--cfg roomseal_backend="pair"` or `"quad"`.

use super::backend::backend;
use super::vector::{Block, Vector};
use super::x86::Xmm;

/// `N` blocks in as many XMM registers.
#[derive(Clone, Copy)]
pub(super) struct Several<const N: usize>([Xmm; N]);

impl<const N: usize> Several<N> {
    /// # Safety
    /// That of [`Vector`].
    #[inline(always)]
    unsafe fn each(self, other: Self, f: unsafe fn(Xmm, Xmm) -> Xmm) -> Self {
        let mut out = self.0;
        for (a, b) in out.iter_mut().zip(other.0) {
            // SAFETY: passed on.
            *a = unsafe { f(*a, b) };
        }
        Self(out)
    }
}

// SAFETY for all blocks below: the trait's contract gives the CPU features and
// the validity of pointers; block `i` lies `16 * i` bytes on.
impl<const N: usize> Vector for Several<N> {
    type One = Xmm;
    const BLOCKS: usize = N;
    const GROUP: usize = 8;
    // As the vectors stood in for.
    const MANY_REGISTERS: bool = N == 4;
    const FOUR: bool = N == 4;
    const MASKS: bool = N == 4;

    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: the trait's contract.
        Self([unsafe { Xmm::zero() }; N])
    }
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: the trait's contract.
        Self(core::array::from_fn(|i| unsafe {
            Xmm::load(from.add(16 * i))
        }))
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        for (i, block) in self.0.into_iter().enumerate() {
            // SAFETY: the trait's contract.
            unsafe { block.store(to.add(16 * i)) };
        }
    }
    #[inline(always)]
    unsafe fn load_partial(from: *const u8, len: usize) -> Self {
        Self(core::array::from_fn(|i| {
            // SAFETY: the trait's contract; what lies behind `len` is not read.
            unsafe {
                match len.saturating_sub(16 * i) {
                    0 => Xmm::zero(),
                    left => Xmm::load_partial(from.add(16 * i), left.min(16)),
                }
            }
        }))
    }
    #[inline(always)]
    unsafe fn store_partial(self, to: *mut u8, len: usize) {
        for (i, block) in self.0.into_iter().enumerate() {
            let left = len.saturating_sub(16 * i);
            if left > 0 {
                // SAFETY: the trait's contract; nothing behind `len` is written.
                unsafe { block.store_partial(to.add(16 * i), left.min(16)) };
            }
        }
    }
    #[inline(always)]
    unsafe fn keep(self, len: usize) -> Self {
        let mut out = self.0;
        for (i, block) in out.iter_mut().enumerate() {
            // SAFETY: the trait's contract.
            *block = unsafe {
                match len.saturating_sub(16 * i) {
                    0 => Xmm::zero(),
                    left => block.keep(left.min(16)),
                }
            };
        }
        Self(out)
    }
    #[inline(always)]
    unsafe fn broadcast(block: *const Block) -> Self {
        // SAFETY: the trait's contract.
        Self([unsafe { Xmm::broadcast(block) }; N])
    }
    #[inline(always)]
    unsafe fn repeat(block: Xmm) -> Self {
        Self([block; N])
    }
    #[inline(always)]
    unsafe fn from_halves(low: u64, high: u64) -> Xmm {
        // SAFETY: the trait's contract.
        unsafe { Xmm::from_halves(low, high) }
    }
    #[inline(always)]
    unsafe fn first(block: Xmm) -> Self {
        // SAFETY: the trait's contract.
        let mut out = [unsafe { Xmm::zero() }; N];
        out[0] = block;
        Self(out)
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { self.each(other, Xmm::xor) }
    }
    #[inline(always)]
    unsafe fn aes_round(self, round_key: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { self.each(round_key, Xmm::aes_round) }
    }
    #[inline(always)]
    unsafe fn aes_last(self, round_key: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { self.each(round_key, Xmm::aes_last) }
    }
    #[inline(always)]
    unsafe fn reverse(self) -> Self {
        // SAFETY: the trait's contract.
        Self(self.0.map(|block| unsafe { block.reverse() }))
    }
    #[inline(always)]
    unsafe fn add32(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { self.each(other, Xmm::add32) }
    }
    #[inline(always)]
    unsafe fn swap_halves(self) -> Self {
        // SAFETY: the trait's contract.
        Self(self.0.map(|block| unsafe { block.swap_halves() }))
    }
    #[inline(always)]
    unsafe fn mul_low(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { self.each(other, Xmm::mul_low) }
    }
    #[inline(always)]
    unsafe fn mul_high(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { self.each(other, Xmm::mul_high) }
    }
    #[inline(always)]
    unsafe fn fold(self) -> Xmm {
        let mut sum = self.0[0];
        for block in &self.0[1..] {
            // SAFETY: the trait's contract.
            sum = unsafe { sum.xor(*block) };
        }
        sum
    }
    #[inline(always)]
    unsafe fn lowest(self) -> Xmm {
        self.0[0]
    }
}

#[cfg(roomseal_backend = "pair")]
backend!(pair, Several<2>, "avx,aes,pclmulqdq");
#[cfg(roomseal_backend = "quad")]
backend!(quad, Several<4>, "avx,aes,pclmulqdq");
