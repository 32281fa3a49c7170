//! GHASH over a [`Vector`], in the form of POLYVAL (RFC 8452 appendix A): blocks
//! are byte-reversed and the hash key is multiplied by x once, so that a product
//! is reduced by two multiplications with a constant. Products are added before
//! one reduction, and each takes three multiplications after Karatsuba; the sums
//! of the halves of the powers stand ready.

use super::tables::Tables;
use super::vector::{Block, Vector};

/// x^127 + x^126 + x^121 in the low half: what the reduction multiplies with.
static REDUCTION: Block = [0, 0, 0, 0, 0, 0, 0, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0];

/// A product before its reduction: low, middle (with the other two added, unless
/// it is made of four multiplications) and high.
#[derive(Clone, Copy)]
pub(super) struct Product<V> {
    low: V,
    middle: V,
    high: V,
}

impl<V: Vector> Product<V> {
    /// # Safety
    /// That of [`Vector`].
    #[inline(always)]
    pub(super) unsafe fn zero() -> Self {
        // SAFETY: passed on.
        unsafe {
            Self {
                low: V::zero(),
                middle: V::zero(),
                high: V::zero(),
            }
        }
    }

    /// Adds the product of the blocks `x`, reversed, with the powers that
    /// begin at the block `at` of the table.
    ///
    /// # Safety
    /// That of [`Vector`]; `at + V::BLOCKS` stays within it.
    #[inline(always)]
    pub(super) unsafe fn add(&mut self, x: V, t: *const Tables, at: usize) {
        // SAFETY: passed on; the reads lie within the tables.
        unsafe {
            let h = V::load((&raw const (*t).powers).cast::<Block>().add(at).cast());
            self.low = self.low.xor(x.mul_low(h));
            self.high = self.high.xor(x.mul_high(h));
            self.middle = self.middle.xor(if V::FOUR {
                x.mul_cross(h)
            } else {
                let h_sum = V::load((&raw const (*t).half_sums).cast::<Block>().add(at).cast());
                x.xor(x.swap_halves()).mul_low(h_sum)
            });
        }
    }

    /// [`Vector::tie`] of the three sums with vectors at these places.
    ///
    /// # Safety
    /// That of [`Vector`].
    #[inline(always)]
    pub(super) unsafe fn tie<const N: usize>(&mut self, others: &mut [V; N], at: [usize; 3]) {
        let [low, middle, high] = at;
        // SAFETY: passed on.
        unsafe {
            self.low.tie(&mut others[low]);
            self.middle.tie(&mut others[middle]);
            self.high.tie(&mut others[high]);
        }
    }

    /// [`Vector::tie`] of the middle sum.
    ///
    /// # Safety
    /// That of [`Vector`].
    #[inline(always)]
    pub(super) unsafe fn tie_middle(&mut self, middle: &mut V) {
        // SAFETY: passed on.
        unsafe { self.middle.tie(middle) }
    }

    /// The sum over all blocks of the vectors.
    ///
    /// # Safety
    /// That of [`Vector`].
    #[inline(always)]
    pub(super) unsafe fn fold(self) -> Product<V::One> {
        // SAFETY: passed on.
        unsafe {
            let middle = if V::FOUR && !V::One::FOUR {
                self.middle.xor(self.low).xor(self.high)
            } else {
                self.middle
            };
            Product {
                low: self.low.fold(),
                middle: middle.fold(),
                high: self.high.fold(),
            }
        }
    }

    /// # Safety
    /// That of [`Vector`].
    #[inline(always)]
    pub(super) unsafe fn plus(self, other: Self) -> Self {
        // SAFETY: passed on.
        unsafe {
            Self {
                low: self.low.xor(other.low),
                middle: self.middle.xor(other.middle),
                high: self.high.xor(other.high),
            }
        }
    }

    /// The product times x^-128, reduced.
    ///
    /// # Safety
    /// That of [`Vector`].
    #[inline(always)]
    pub(super) unsafe fn reduce(self) -> V {
        // SAFETY: passed on; the constant has 16 bytes.
        unsafe {
            let constant = V::broadcast(&raw const REDUCTION);
            let middle = if V::FOUR {
                self.middle
            } else {
                self.middle.xor(self.low).xor(self.high)
            };
            let middle = middle
                .xor(self.low.swap_halves())
                .xor(self.low.mul_low(constant));
            self.high
                .xor(middle.swap_halves())
                .xor(middle.mul_low(constant))
        }
    }
}

/// The product of two blocks times x^-128, reduced.
///
/// # Safety
/// That of [`Vector`].
#[inline(always)]
pub(super) unsafe fn multiply<V: Vector>(a: V, b: V) -> V {
    // SAFETY: passed on.
    unsafe {
        let low = a.mul_low(b);
        let high = a.mul_high(b);
        let middle = if V::FOUR {
            a.mul_cross(b)
        } else {
            a.xor(a.swap_halves()).mul_low(b.xor(b.swap_halves()))
        };
        Product { low, middle, high }.reduce()
    }
}

/// The block of lengths in bits, byte-reversed.
///
/// # Safety
/// That of [`Vector`].
#[inline(always)]
pub(super) unsafe fn lengths<V: Vector>(aad_len: usize, len: usize) -> V::One {
    // SAFETY: passed on.
    unsafe {
        V::from_halves(
            (len as u64).wrapping_mul(8),
            (aad_len as u64).wrapping_mul(8),
        )
    }
}
