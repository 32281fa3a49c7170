//! Everything that depends on the key: round keys and powers of the hash key.

use super::counter::encrypt;
use super::ghash::multiply;
use super::vector::{Block, Vector};
use zeroize::Zeroize;

/// Powers of the hash key: enough for a frame of 480 bytes with its associated
/// data and lengths in one go, and for a group of the widest vectors.
pub(super) const POWERS: usize = 32;
/// Zero blocks behind the powers, so that a vector that begins with the last one
/// can be read whole; a fourth keeps what follows aligned.
const PAD: usize = 4;

/// Round keys of AES-128, in the order of encryption.
#[repr(C, align(64))]
pub(super) struct RoundKeys(pub(super) [Block; 11]);

impl Zeroize for RoundKeys {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl RoundKeys {
    pub(super) const ZERO: Self = Self([[0; 16]; 11]);
}

/// Everything that depends on the key.
#[repr(C, align(64))]
pub(super) struct Tables {
    /// H^32 … H^1, then zeros.
    pub(super) powers: [Block; POWERS + PAD],
    /// In the low half: the sum of the halves of the power.
    pub(super) half_sums: [Block; POWERS + PAD],
    pub(super) round_keys: RoundKeys,
}

impl Zeroize for Tables {
    fn zeroize(&mut self) {
        self.round_keys.zeroize();
        self.powers.zeroize();
        self.half_sums.zeroize();
    }
}

impl Tables {
    pub(super) const ZERO: Self = Self {
        round_keys: RoundKeys::ZERO,
        powers: [[0; 16]; POWERS + PAD],
        half_sums: [[0; 16]; POWERS + PAD],
    };
}

/// x^7 … x^0 of the round constants of AES-128, FIPS 197 section 5.2.
const ROUND_CONSTANTS: [u8; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 0x1B, 0x36];

/// Fills the tables for a key.
///
/// # Safety
/// That of [`Vector`]; `t` is valid for writes.
#[inline(always)]
pub(super) unsafe fn set_up<V: Vector<One = V>>(t: &mut Tables, key: &Block) {
    // SAFETY: passed on; all pointers are into arrays of whole blocks.
    unsafe {
        expand_key::<V>(&mut t.round_keys, key);
        let mut h = [0; 16];
        let zero = V::zero();
        encrypt::<V, 1>(&raw const t.round_keys, [zero])[0]
            .reverse()
            .store(h.as_mut_ptr());
        // Times x: shift left by one, and reduce without a branch.
        let mut value = u128::from_le_bytes(h);
        let carry = (value >> 127).wrapping_neg();
        value = value << 1 ^ carry & 0xC200_0000_0000_0000_0000_0000_0000_0001;
        h = value.to_le_bytes();
        let h1 = V::load(h.as_ptr());
        h.zeroize();
        value.zeroize();
        let h2 = multiply(h1, h1);
        let h3 = multiply(h2, h1);
        let h4 = multiply(h2, h2);
        // Four chains side by side.
        let mut last = [h1, h2, h3, h4];
        let mut power = 1;
        while power <= POWERS {
            for p in last {
                let at = POWERS - power;
                p.store(t.powers.as_mut_ptr().add(at).cast());
                p.xor(p.swap_halves())
                    .store(t.half_sums.as_mut_ptr().add(at).cast());
                power += 1;
            }
            for p in &mut last {
                *p = multiply(*p, h4);
            }
        }
    }
}

/// FIPS 197 section 5.2.
///
/// # Safety
/// That of [`Vector`]; `V` has one block.
#[inline(always)]
pub(super) unsafe fn expand_key<V: Vector<One = V>>(keys: &mut RoundKeys, key: &Block) {
    // SAFETY: passed on; the pointers are to whole blocks.
    unsafe {
        let mut round_key = V::load(key.as_ptr());
        for (place, constant) in keys.0.iter_mut().zip(ROUND_CONSTANTS) {
            round_key.store(place.as_mut_ptr());
            round_key = round_key.next_round_key(constant);
        }
        round_key.store(keys.0[10].as_mut_ptr());
    }
}
