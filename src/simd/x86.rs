//! Vectors of x86-64: one block a register with AES-NI and PCLMULQDQ, two with
//! VAES and VPCLMULQDQ.

use super::vector::{Block, Vector};
use core::arch::x86_64::{
    __m128i, __m256i, _mm_add_epi32, _mm_aesenc_si128, _mm_aesenclast_si128, _mm_and_si128,
    _mm_clmulepi64_si128, _mm_loadu_si128, _mm_set_epi64x, _mm_setzero_si128, _mm_shuffle_epi8,
    _mm_shuffle_epi32, _mm_storeu_si128, _mm_xor_si128, _mm256_add_epi32, _mm256_aesenc_epi128,
    _mm256_aesenclast_epi128, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_castsi128_si256, _mm256_castsi256_si128, _mm256_clmulepi64_epi128,
    _mm256_extracti128_si256, _mm256_inserti128_si256, _mm256_loadu_si256, _mm256_setzero_si256,
    _mm256_shuffle_epi8, _mm256_shuffle_epi32, _mm256_storeu_si256, _mm256_xor_si256,
    _mm256_zextsi128_si256,
};

/// Control bytes that reverse a block.
static REVERSE: Block = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];

/// A window of 32 bytes that starts `32 - n` bytes in has `n` bytes of ones.
static KEEP: [u8; 64] = {
    let mut mask = [0; 64];
    let mut i = 0;
    while i < 32 {
        mask[i] = 0xFF;
        i += 1;
    }
    mask
};

/// One block in an XMM register.
#[derive(Clone, Copy)]
pub(super) struct Xmm(__m128i);

/// Two blocks in a YMM register.
#[derive(Clone, Copy)]
pub(super) struct Ymm(__m256i);

/// Reads `len` bytes, 1 to 16, by loads that overlap instead of a copy.
///
/// # Safety
/// `from` is valid for reads of `len` bytes.
#[inline(always)]
unsafe fn read_partial(from: *const u8, len: usize) -> (u64, u64) {
    // SAFETY: each read lies within `len` bytes: two of the width that `len`
    // reaches, one at the start and one at the end.
    unsafe {
        if len >= 8 {
            let low = from.cast::<u64>().read_unaligned();
            if len == 8 {
                return (low, 0);
            }
            let high = from.add(len - 8).cast::<u64>().read_unaligned();
            (low, high >> (8 * (16 - len)))
        } else if len >= 4 {
            let low = u64::from(from.cast::<u32>().read_unaligned());
            let high = u64::from(from.add(len - 4).cast::<u32>().read_unaligned());
            (low | high << (8 * (len - 4)), 0)
        } else {
            let first = u64::from(from.read());
            let middle = u64::from(from.add(len / 2).read());
            let last = u64::from(from.add(len - 1).read());
            (
                first | middle << (8 * (len / 2)) | last << (8 * (len - 1)),
                0,
            )
        }
    }
}

/// Writes `len` bytes, 1 to 16, by stores that overlap.
///
/// # Safety
/// `to` is valid for writes of `len` bytes.
#[inline(always)]
unsafe fn write_partial(to: *mut u8, len: usize, low: u64, high: u64) {
    // SAFETY: as in `read_partial`. Bytes written twice get the same value.
    unsafe {
        if len >= 8 {
            if len > 8 {
                let shift = 8 * (len - 8);
                // The last 8 bytes of the 16 - (16 - len) given.
                let last = if shift == 64 {
                    high
                } else {
                    low >> shift | high << (64 - shift)
                };
                to.add(len - 8).cast::<u64>().write_unaligned(last);
            }
            to.cast::<u64>().write_unaligned(low);
        } else if len >= 4 {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the low and the last 4 bytes"
            )]
            {
                to.add(len - 4)
                    .cast::<u32>()
                    .write_unaligned((low >> (8 * (len - 4))) as u32);
                to.cast::<u32>().write_unaligned(low as u32);
            }
        } else {
            let bytes = low.to_le_bytes();
            to.write(bytes[0]);
            to.add(len / 2)
                .write((low >> (8 * (len / 2))).to_le_bytes()[0]);
            to.add(len - 1)
                .write((low >> (8 * (len - 1))).to_le_bytes()[0]);
        }
    }
}

// SAFETY for all blocks below: the trait's contract gives the CPU features and
// the validity of pointers; unaligned loads and stores need nothing else.
impl Vector for Xmm {
    type One = Self;
    const BLOCKS: usize = 1;
    const GROUP: usize = 8;

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
}

impl Vector for Ymm {
    type One = Xmm;
    const BLOCKS: usize = 2;
    const GROUP: usize = 8;

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
}

/// The kernels over one vector type, each compiled with its CPU features.
macro_rules! backend {
    ($name:ident, $vector:ty, $features:literal) => {
        pub(super) mod $name {
            use super::*;
            use crate::simd::kernel::{self, State};
            use crate::simd::tables::{self, Tables};
            use crate::simd::vector::{Block, Vector};

            const GROUP: usize = <$vector as Vector>::GROUP;

            /// # Safety
            /// The CPU has the features.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn set_up(t: &mut Tables, key: &Block) {
                // SAFETY: passed on.
                unsafe { tables::set_up::<Xmm>(t, key) }
            }

            /// # Safety
            /// The CPU has the features; `data` is valid for `16 * blocks` bytes.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn hash(
                t: &Tables,
                state: &mut State,
                data: *const u8,
                blocks: usize,
            ) {
                // SAFETY: passed on.
                unsafe { kernel::hash_blocks::<$vector>(t, state, data, blocks) }
            }

            /// # Safety
            /// The CPU has the features; the pointers are valid for `len` bytes, the
            /// same or disjoint; `len` is a multiple of 16.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn encrypt_blocks(
                t: &Tables,
                state: &mut State,
                from: *const u8,
                to: *mut u8,
                len: usize,
            ) {
                // SAFETY: passed on.
                unsafe { kernel::crypt_blocks::<$vector, GROUP, true>(t, state, from, to, len) }
            }

            /// # Safety
            /// As `encrypt_blocks`.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn decrypt_blocks(
                t: &Tables,
                state: &mut State,
                from: *const u8,
                to: *mut u8,
                len: usize,
            ) {
                // SAFETY: passed on.
                unsafe { kernel::crypt_blocks::<$vector, GROUP, false>(t, state, from, to, len) }
            }

            /// # Safety
            /// The CPU has the features.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn key_stream(t: &Tables, state: &mut State) -> Block {
                // SAFETY: passed on.
                unsafe { kernel::key_stream::<$vector>(t, state) }
            }

            /// # Safety
            /// The CPU has the features.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn tag(
                t: &Tables,
                state: &State,
                aad_len: usize,
                len: usize,
            ) -> Block {
                // SAFETY: passed on.
                unsafe { kernel::tag::<$vector>(t, state, aad_len, len) }
            }

            /// # Safety
            /// The CPU has the features; the pointers are valid for the bytes they
            /// come with, those of `data` the same or disjoint.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn seal(
                t: &Tables,
                state: State,
                aad: (*const u8, usize, usize),
                data: (*const u8, *mut u8, usize),
            ) -> Block {
                // SAFETY: passed on.
                unsafe { kernel::whole::<$vector, GROUP, true>(t, state, aad, data) }
            }

            /// # Safety
            /// As `seal`.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn decrypt(
                t: &Tables,
                state: State,
                aad: (*const u8, usize, usize),
                data: (*const u8, *mut u8, usize),
            ) -> Block {
                // SAFETY: passed on.
                unsafe { kernel::whole::<$vector, GROUP, false>(t, state, aad, data) }
            }
        }
    };
}

backend!(aes_ni, Xmm, "avx,aes,pclmulqdq");
backend!(vaes, Ymm, "avx2,vaes,vpclmulqdq,aes,pclmulqdq");
