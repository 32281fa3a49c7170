//! Vectors of x86-64: one block a register with AES-NI and PCLMULQDQ, two with
//! VAES and VPCLMULQDQ, four with these and AVX-512.

use super::backend::backend;
use super::partial::{KEEP, read_partial, write_partial};
use super::vector::{Block, Vector};
use core::arch::x86_64::{
    __m128i, __m256i, __m512i, _mm_add_epi32, _mm_aesenc_si128, _mm_aesenclast_si128,
    _mm_and_si128, _mm_clmulepi64_si128, _mm_loadu_si128, _mm_maskz_loadu_epi8, _mm_set_epi64x,
    _mm_set1_epi32, _mm_setzero_si128, _mm_shuffle_epi8, _mm_shuffle_epi32, _mm_slli_si128,
    _mm_storeu_si128, _mm_xor_si128, _mm256_add_epi32, _mm256_aesenc_epi128,
    _mm256_aesenclast_epi128, _mm256_and_si256, _mm256_andnot_si256, _mm256_broadcastsi128_si256,
    _mm256_castsi128_si256, _mm256_castsi256_si128, _mm256_clmulepi64_epi128,
    _mm256_extracti128_si256, _mm256_inserti128_si256, _mm256_loadu_si256, _mm256_setzero_si256,
    _mm256_shuffle_epi8, _mm256_shuffle_epi32, _mm256_storeu_si256, _mm256_xor_si256,
    _mm256_zextsi128_si256, _mm512_add_epi32, _mm512_aesenc_epi128, _mm512_aesenclast_epi128,
    _mm512_broadcast_i32x4, _mm512_castsi512_si128, _mm512_castsi512_si256,
    _mm512_clmulepi64_epi128, _mm512_extracti64x4_epi64, _mm512_loadu_si512,
    _mm512_mask_storeu_epi8, _mm512_maskz_loadu_epi8, _mm512_maskz_mov_epi8, _mm512_setzero_si512,
    _mm512_shuffle_epi8, _mm512_shuffle_epi32, _mm512_storeu_si512, _mm512_xor_si512,
    _mm512_zextsi128_si512,
};

/// Control bytes that reverse a block.
static REVERSE: Block = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];

/// Control bytes that put the last column, rotated by a byte, in each column.
static ROTATED: Block = [
    13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12,
];

/// One block in an XMM register.
#[derive(Clone, Copy)]
pub(super) struct Xmm(__m128i);

/// Two blocks in a YMM register.
#[derive(Clone, Copy)]
pub(super) struct Ymm(__m256i);

/// Four blocks in a ZMM register.
#[derive(Clone, Copy)]
pub(super) struct Zmm(__m512i);

// SAFETY for all blocks below: the trait's contract gives the CPU features and
// the validity of pointers; unaligned loads and stores need nothing else.
impl Vector for Xmm {
    type One = Self;
    const BLOCKS: usize = 1;
    const GROUP: usize = 8;

    #[inline(always)]
    unsafe fn tie(&mut self, other: &mut Self) {
        // SAFETY: the trait's contract.
        unsafe { tie_xmm(&mut self.0, &mut other.0) }
    }
    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm_setzero_si128() })
    }
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm_loadu_si128(from.cast()) })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        // SAFETY: the trait's contract.
        unsafe { _mm_storeu_si128(to.cast(), self.0) }
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
        let mut block = [0_u64; 2];
        // SAFETY: the trait's contract; `block` has 16 bytes.
        unsafe {
            _mm_storeu_si128(block.as_mut_ptr().cast(), self.0);
            write_partial(to, len, block[0], block[1]);
        }
    }
    #[inline(always)]
    unsafe fn keep(self, len: usize) -> Self {
        // SAFETY: `len` is at most 16, so the window lies within the table.
        unsafe {
            let mask = _mm_loadu_si128(KEEP.as_ptr().add(32 - len).cast());
            Self(_mm_and_si128(self.0, mask))
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
        Self(unsafe { _mm_set_epi64x(high.cast_signed(), low.cast_signed()) })
    }
    #[inline(always)]
    unsafe fn first(block: Self) -> Self {
        block
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm_xor_si128(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn aes_round(self, round_key: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm_aesenc_si128(self.0, round_key.0) })
    }
    #[inline(always)]
    unsafe fn aes_last(self, round_key: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm_aesenclast_si128(self.0, round_key.0) })
    }
    #[inline(always)]
    unsafe fn reverse(self) -> Self {
        // SAFETY: the trait's contract; the control has 16 bytes.
        unsafe {
            Self(_mm_shuffle_epi8(
                self.0,
                _mm_loadu_si128(REVERSE.as_ptr().cast()),
            ))
        }
    }
    #[inline(always)]
    unsafe fn add32(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm_add_epi32(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn swap_halves(self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm_shuffle_epi32::<0x4E>(self.0) })
    }
    #[inline(always)]
    unsafe fn mul_low(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm_clmulepi64_si128::<0x00>(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn mul_high(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm_clmulepi64_si128::<0x11>(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn fold(self) -> Self {
        self
    }
    #[inline(always)]
    unsafe fn lowest(self) -> Self {
        self
    }
    #[inline(always)]
    unsafe fn next_round_key(self, constant: u8) -> Self {
        // SAFETY: the trait's contract; the control has 16 bytes.
        unsafe {
            // The last column, rotated, in each column: `ShiftRows` changes nothing.
            let control = _mm_loadu_si128(ROTATED.as_ptr().cast());
            let word = _mm_shuffle_epi8(self.0, control);
            let word = _mm_aesenclast_si128(word, _mm_set1_epi32(i32::from(constant)));
            let sum = _mm_xor_si128(self.0, _mm_slli_si128::<4>(self.0));
            let sum = _mm_xor_si128(sum, _mm_slli_si128::<8>(sum));
            Self(_mm_xor_si128(sum, word))
        }
    }
    #[inline(always)]
    unsafe fn load_behind(_: *const u8, _: usize) -> Self {
        // SAFETY: the trait's contract.
        unsafe { Self::zero() }
    }
    #[inline(always)]
    unsafe fn store_behind(self, _: *mut u8, _: usize) {}
    #[inline(always)]
    unsafe fn keep_behind(self, _: usize) -> Self {
        // SAFETY: the trait's contract.
        unsafe { Self::zero() }
    }
}

impl Vector for Ymm {
    type One = Xmm;
    const BLOCKS: usize = 2;
    const GROUP: usize = 8;

    #[inline(always)]
    unsafe fn tie(&mut self, other: &mut Self) {
        // SAFETY: the trait's contract.
        unsafe { tie_ymm(&mut self.0, &mut other.0) }
    }
    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm256_setzero_si256() })
    }
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm256_loadu_si256(from.cast()) })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        // SAFETY: the trait's contract.
        unsafe { _mm256_storeu_si256(to.cast(), self.0) }
    }
    #[inline(always)]
    unsafe fn load_partial(from: *const u8, len: usize) -> Self {
        // SAFETY: the trait's contract; beyond 16 bytes the rest lies behind them.
        unsafe {
            if len > 16 {
                let low = Xmm::load(from);
                let high = Xmm::load_partial(from.add(16), len - 16);
                Self(_mm256_inserti128_si256::<1>(
                    _mm256_castsi128_si256(low.0),
                    high.0,
                ))
            } else {
                Self::first(Xmm::load_partial(from, len))
            }
        }
    }
    #[inline(always)]
    unsafe fn store_partial(self, to: *mut u8, len: usize) {
        // SAFETY: the trait's contract; beyond 16 bytes the rest lies behind them.
        unsafe {
            let low = Xmm(_mm256_castsi256_si128(self.0));
            if len > 16 {
                low.store(to);
                Xmm(_mm256_extracti128_si256::<1>(self.0)).store_partial(to.add(16), len - 16);
            } else {
                low.store_partial(to, len);
            }
        }
    }
    #[inline(always)]
    unsafe fn keep(self, len: usize) -> Self {
        // SAFETY: `len` is at most 32, so the window lies within the table.
        unsafe {
            let mask = _mm256_loadu_si256(KEEP.as_ptr().add(32 - len).cast());
            Self(_mm256_and_si256(self.0, mask))
        }
    }
    #[inline(always)]
    unsafe fn broadcast(block: *const Block) -> Self {
        // SAFETY: the trait's contract.
        unsafe { Self(_mm256_broadcastsi128_si256(_mm_loadu_si128(block.cast()))) }
    }
    #[inline(always)]
    unsafe fn repeat(block: Xmm) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm256_broadcastsi128_si256(block.0) })
    }
    #[inline(always)]
    unsafe fn from_halves(low: u64, high: u64) -> Xmm {
        // SAFETY: the trait's contract.
        Xmm(unsafe { _mm_set_epi64x(high.cast_signed(), low.cast_signed()) })
    }
    #[inline(always)]
    unsafe fn first(block: Xmm) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm256_zextsi128_si256(block.0) })
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm256_xor_si256(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn aes_round(self, round_key: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm256_aesenc_epi128(self.0, round_key.0) })
    }
    #[inline(always)]
    unsafe fn aes_last(self, round_key: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm256_aesenclast_epi128(self.0, round_key.0) })
    }
    #[inline(always)]
    unsafe fn reverse(self) -> Self {
        // SAFETY: the trait's contract; the control has 16 bytes.
        unsafe {
            let control = _mm256_broadcastsi128_si256(_mm_loadu_si128(REVERSE.as_ptr().cast()));
            Self(_mm256_shuffle_epi8(self.0, control))
        }
    }
    #[inline(always)]
    unsafe fn add32(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm256_add_epi32(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn swap_halves(self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm256_shuffle_epi32::<0x4E>(self.0) })
    }
    #[inline(always)]
    unsafe fn mul_low(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm256_clmulepi64_epi128::<0x00>(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn mul_high(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm256_clmulepi64_epi128::<0x11>(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn fold(self) -> Xmm {
        // SAFETY: the trait's contract.
        unsafe {
            let low = Xmm(_mm256_castsi256_si128(self.0));
            low.xor(Xmm(_mm256_extracti128_si256::<1>(self.0)))
        }
    }
    #[inline(always)]
    unsafe fn lowest(self) -> Xmm {
        // SAFETY: the trait's contract.
        Xmm(unsafe { _mm256_castsi256_si128(self.0) })
    }
    #[inline(always)]
    unsafe fn load_behind(from: *const u8, len: usize) -> Self {
        // SAFETY: the trait's contract.
        unsafe {
            let block = match len {
                0 => Xmm::zero(),
                16 => Xmm::load(from),
                _ => Xmm::load_partial(from, len),
            };
            Self(_mm256_inserti128_si256::<1>(
                _mm256_setzero_si256(),
                block.0,
            ))
        }
    }
    #[inline(always)]
    unsafe fn store_behind(self, to: *mut u8, len: usize) {
        // SAFETY: the trait's contract.
        unsafe {
            let block = Xmm(_mm256_extracti128_si256::<1>(self.0));
            match len {
                0 => {}
                16 => block.store(to),
                _ => block.store_partial(to, len),
            }
        }
    }
    #[inline(always)]
    unsafe fn keep_behind(self, len: usize) -> Self {
        // SAFETY: `len` is at most 16, so the windows lie within the table.
        unsafe {
            let first = _mm256_loadu_si256(KEEP.as_ptr().add(16).cast());
            let mask = _mm256_loadu_si256(KEEP.as_ptr().add(16 - len).cast());
            Self(_mm256_andnot_si256(first, _mm256_and_si256(self.0, mask)))
        }
    }
}

/// Bits for the first `len` bytes, 1 to 64.
#[inline(always)]
const fn first_bytes(len: usize) -> u64 {
    u64::MAX >> (64 - len)
}

/// Bits for `len` bytes, 0 to 48, behind the first block.
#[inline(always)]
const fn bytes_behind(len: usize) -> u64 {
    ((1 << len) - 1) << 16
}

// Bytes that a mask leaves out are neither read nor written, wherever they are.
impl Vector for Zmm {
    type One = Xmm;
    const BLOCKS: usize = 4;
    const GROUP: usize = 8;
    const MANY_REGISTERS: bool = true;
    const FOUR: bool = true;
    const MASKS: bool = true;

    #[inline(always)]
    unsafe fn tie(&mut self, other: &mut Self) {
        // SAFETY: the trait's contract.
        unsafe { tie_zmm(&mut self.0, &mut other.0) }
    }
    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_setzero_si512() })
    }
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_loadu_si512(from.cast()) })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        // SAFETY: the trait's contract.
        unsafe { _mm512_storeu_si512(to.cast(), self.0) }
    }
    #[inline(always)]
    unsafe fn load_partial(from: *const u8, len: usize) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_maskz_loadu_epi8(first_bytes(len), from.cast()) })
    }
    #[inline(always)]
    unsafe fn store_partial(self, to: *mut u8, len: usize) {
        // SAFETY: the trait's contract.
        unsafe { _mm512_mask_storeu_epi8(to.cast(), first_bytes(len), self.0) }
    }
    #[inline(always)]
    unsafe fn keep(self, len: usize) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_maskz_mov_epi8(first_bytes(len), self.0) })
    }
    #[inline(always)]
    unsafe fn broadcast(block: *const Block) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_broadcast_i32x4(_mm_loadu_si128(block.cast())) })
    }
    #[inline(always)]
    unsafe fn repeat(block: Xmm) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_broadcast_i32x4(block.0) })
    }
    #[inline(always)]
    unsafe fn from_halves(low: u64, high: u64) -> Xmm {
        // SAFETY: the trait's contract.
        unsafe { Xmm::from_halves(low, high) }
    }
    #[inline(always)]
    unsafe fn first(block: Xmm) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_zextsi128_si512(block.0) })
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_xor_si512(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn aes_round(self, round_key: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_aesenc_epi128(self.0, round_key.0) })
    }
    #[inline(always)]
    unsafe fn aes_last(self, round_key: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_aesenclast_epi128(self.0, round_key.0) })
    }
    #[inline(always)]
    unsafe fn reverse(self) -> Self {
        // SAFETY: the trait's contract; the control has 16 bytes.
        unsafe {
            let control = _mm512_broadcast_i32x4(_mm_loadu_si128(REVERSE.as_ptr().cast()));
            Self(_mm512_shuffle_epi8(self.0, control))
        }
    }
    #[inline(always)]
    unsafe fn add32(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_add_epi32(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn swap_halves(self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_shuffle_epi32::<0x4E>(self.0) })
    }
    #[inline(always)]
    unsafe fn mul_low(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_clmulepi64_epi128::<0x00>(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn mul_high(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_clmulepi64_epi128::<0x11>(self.0, other.0) })
    }
    #[inline(always)]
    unsafe fn mul_cross(self, other: Self) -> Self {
        // SAFETY: the trait's contract.
        unsafe {
            let a = _mm512_clmulepi64_epi128::<0x01>(self.0, other.0);
            let b = _mm512_clmulepi64_epi128::<0x10>(self.0, other.0);
            Self(_mm512_xor_si512(a, b))
        }
    }
    #[inline(always)]
    unsafe fn fold(self) -> Xmm {
        // SAFETY: the trait's contract.
        unsafe {
            let low = Ymm(_mm512_castsi512_si256(self.0));
            low.xor(Ymm(_mm512_extracti64x4_epi64::<1>(self.0))).fold()
        }
    }
    #[inline(always)]
    unsafe fn lowest(self) -> Xmm {
        // SAFETY: the trait's contract.
        Xmm(unsafe { _mm512_castsi512_si128(self.0) })
    }
    #[inline(always)]
    unsafe fn load_block(from: *const u8, len: usize) -> Xmm {
        // SAFETY: the trait's contract; `len` is at most 16.
        Xmm(unsafe { _mm_maskz_loadu_epi8(0xFFFF >> (16 - len), from.cast()) })
    }
    #[inline(always)]
    unsafe fn load_behind(from: *const u8, len: usize) -> Self {
        let from = from.wrapping_sub(16).cast();
        // SAFETY: the trait's contract; the block before `from` is masked.
        Self(unsafe { _mm512_maskz_loadu_epi8(bytes_behind(len), from) })
    }
    #[inline(always)]
    unsafe fn store_behind(self, to: *mut u8, len: usize) {
        let to = to.wrapping_sub(16).cast();
        // SAFETY: the trait's contract; the block before `to` is masked.
        unsafe { _mm512_mask_storeu_epi8(to, bytes_behind(len), self.0) }
    }
    #[inline(always)]
    unsafe fn keep_behind(self, len: usize) -> Self {
        // SAFETY: the trait's contract.
        Self(unsafe { _mm512_maskz_mov_epi8(bytes_behind(len), self.0) })
    }
}

/// [`Vector::tie`]: an empty text that says to change both.
macro_rules! tie {
    ($name:ident, $register:ty, $class:ident, $feature:literal) => {
        #[inline]
        #[target_feature(enable = $feature)]
        unsafe fn $name(a: &mut $register, b: &mut $register) {
            // SAFETY: no instruction.
            unsafe {
                core::arch::asm!(
                    "/* {0} {1} */",
                    inout($class) * a,
                    inout($class) * b,
                    options(pure, nomem, nostack, preserves_flags)
                );
            }
        }
    };
}

tie!(tie_xmm, __m128i, xmm_reg, "avx");
tie!(tie_ymm, __m256i, ymm_reg, "avx");
tie!(tie_zmm, __m512i, zmm_reg, "avx512f");

backend!(aes_ni, Xmm, "avx,aes,pclmulqdq");
backend!(vaes, Ymm, "avx2,vaes,vpclmulqdq,aes,pclmulqdq");
// In short frames the latency of each instruction counts, not how much it does.
backend!(
    vaes512,
    Zmm,
    "avx512f,avx512bw,avx512vl,avx512dq,avx2,vaes,vpclmulqdq,aes,pclmulqdq",
    Ymm,
    112
);
