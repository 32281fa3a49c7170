//! Vectors of AArch64: one block a register with the AES and PMULL instructions.
//!
//! AESE takes its round key first, x86's AESENC last. A round here is written in
//! x86's order over a zero key; the compiler merges each addition of a round key
//! into the AESE behind it, and `.ci/arm` counts that it did.

use super::backend::backend;
use super::partial::{KEEP, read_partial, write_partial};
use super::vector::{Block, Vector};
use core::arch::aarch64::{
    uint8x16_t, vaddq_u32, vaeseq_u8, vaesmcq_u8, vandq_u8, vcombine_u64, vcreate_u64, vdupq_n_u8,
    veorq_u8, vextq_u8, vgetq_lane_u64, vld1q_u8, vmull_high_p64, vmull_p64, vqtbl1q_u8,
    vreinterpretq_p64_u8, vreinterpretq_u8_p128, vreinterpretq_u8_u32, vreinterpretq_u8_u64,
    vreinterpretq_u32_u8, vreinterpretq_u64_u8, vst1q_u8,
};

/// The places that a reversed block takes its bytes from.
static REVERSE: Block = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];

/// One block in a NEON register.
#[derive(Clone, Copy)]
pub(super) struct Neon(uint8x16_t);

// SAFETY for all blocks below: the trait's contract gives the CPU features and
// the validity of pointers; loads and stores of bytes need no alignment.
impl Vector for Neon {
    type One = Self;
    const BLOCKS: usize = 1;
    const GROUP: usize = 8;

    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { vdupq_n_u8(0) })
    }
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { vld1q_u8(from) })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        // SAFETY: the trait's contract.
        unsafe { vst1q_u8(to, self.0) }
    }
    #[inline(always)]
    unsafe fn load_partial(from: *const u8, len: usize) -> Self {
        // SAFETY: the trait's contract.
        unsafe {
            let (low, high) = read_partial(from, len);
            Self::from_halves(low, high)
        }
    }
    #[inline(always)]
    unsafe fn store_partial(self, to: *mut u8, len: usize) {
        // SAFETY: the trait's contract.
        unsafe {
            let halves = vreinterpretq_u64_u8(self.0);
            let (low, high) = (vgetq_lane_u64::<0>(halves), vgetq_lane_u64::<1>(halves));
            write_partial(to, len, low, high);
        }
    }
    #[inline(always)]
    unsafe fn keep(self, len: usize) -> Self {
        // SAFETY: `len` is at most 16, so the window lies within the table.
        unsafe {
            let mask = vld1q_u8(KEEP.as_ptr().add(32 - len));
            Self(vandq_u8(self.0, mask))
        }
    }
    #[inline(always)]
    unsafe fn broadcast(block: *const Block) -> Self {
        // SAFETY: the trait's contract.
        unsafe { Self::load(block.cast()) }
    }
    #[inline(always)]
    unsafe fn repeat(block: Self) -> Self {
        block
    }
    #[inline(always)]
    unsafe fn from_halves(low: u64, high: u64) -> Self {
        // SAFETY: the trait's contract.
        unsafe {
            let both = vcombine_u64(vcreate_u64(low), vcreate_u64(high));
            Self(vreinterpretq_u8_u64(both))
        }
    }
    #[inline(always)]
    unsafe fn first(block: Self) -> Self {
        block
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { veorq_u8(self.0, other.0) })
    }
    #[inline]
    #[target_feature(enable = "neon,aes")]
    unsafe fn aes_round(self, round_key: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { Self(vaesmcq_u8(vaeseq_u8(self.0, Self::zero().0))).xor(round_key) }
    }
    #[inline]
    #[target_feature(enable = "neon,aes")]
    unsafe fn aes_last(self, round_key: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe { Self(vaeseq_u8(self.0, Self::zero().0)).xor(round_key) }
    }
    #[inline(always)]
    unsafe fn reverse(self) -> Self {
        // SAFETY: the trait's contract; the control has 16 bytes.
        unsafe { Self(vqtbl1q_u8(self.0, vld1q_u8(REVERSE.as_ptr()))) }
    }
    #[inline(always)]
    unsafe fn add32(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe {
            let sum = vaddq_u32(vreinterpretq_u32_u8(self.0), vreinterpretq_u32_u8(other.0));
            Self(vreinterpretq_u8_u32(sum))
        }
    }
    #[inline(always)]
    unsafe fn swap_halves(self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { vextq_u8::<8>(self.0, self.0) })
    }
    #[inline]
    #[target_feature(enable = "neon,aes")]
    unsafe fn mul_low(self, other: Self) -> Self {
        let (a, b) = (vreinterpretq_u64_u8(self.0), vreinterpretq_u64_u8(other.0));
        let product = vmull_p64(vgetq_lane_u64::<0>(a), vgetq_lane_u64::<0>(b));
        Self(vreinterpretq_u8_p128(product))
    }
    #[inline]
    #[target_feature(enable = "neon,aes")]
    unsafe fn mul_high(self, other: Self) -> Self {
        let (a, b) = (vreinterpretq_p64_u8(self.0), vreinterpretq_p64_u8(other.0));
        Self(vreinterpretq_u8_p128(vmull_high_p64(a, b)))
    }
    #[inline(always)]
    unsafe fn fold(self) -> Self {
        self
    }
    #[inline(always)]
    unsafe fn lowest(self) -> Self {
        self
    }
}

backend!(aarch64_aes, Neon, "neon,aes");
