//! The search for two zero bytes in a row, which start codes and emulation
//! prevention begin with, at vector speed.

/// Where the first two zero bytes in a row stand.
#[inline]
pub(crate) fn zero_pair(bytes: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    {
        // Too short for a vector: no detection either.
        if bytes.len() >= x86::MIN_LEN && std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has AVX2, and there are that many bytes.
            return unsafe { x86::zero_pair(bytes) };
        }
    }
    portable(bytes)
}

/// By single zero bytes, which `memchr` finds with the vectors of any CPU.
fn portable(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr(0, &bytes[at..])?;
        if *bytes.get(at + 1)? == 0 {
            return Some(at);
        }
        // The byte behind is none either.
        at += 2;
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use core::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8,
        _mm256_or_si256, _mm256_setzero_si256,
    };

    /// Bytes in a vector.
    const WIDTH: usize = 32;
    /// Bytes that are looked at in one turn of the loop.
    const STRIDE: usize = 4 * WIDTH;
    /// A vector, and the byte behind it.
    pub(super) const MIN_LEN: usize = WIDTH + 1;

    /// Each byte or-ed with the one behind it: zero where two zero bytes begin.
    ///
    /// # Safety
    /// The CPU has AVX2; `from` is valid for `WIDTH + 1` bytes.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn pairs(from: *const u8) -> __m256i {
        // SAFETY: within the bytes that the caller promises.
        unsafe {
            _mm256_or_si256(
                _mm256_loadu_si256(from.cast()),
                _mm256_loadu_si256(from.add(1).cast()),
            )
        }
    }

    /// One bit for each zero byte.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn zeros(bytes: __m256i) -> u32 {
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_setzero_si256())).cast_unsigned()
    }

    /// # Safety
    /// The CPU has AVX2; there are [`MIN_LEN`] bytes or more.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn zero_pair(bytes: &[u8]) -> Option<usize> {
        let start = bytes.as_ptr();
        let len = bytes.len();
        let mut at = 0;
        // SAFETY: each vector begins `WIDTH + 1` bytes or more before the end.
        unsafe {
            while at + STRIDE < len {
                let from = start.add(at);
                let [a, b, c, d] = [
                    pairs(from),
                    pairs(from.add(WIDTH)),
                    pairs(from.add(2 * WIDTH)),
                    pairs(from.add(3 * WIDTH)),
                ];
                let least = _mm256_min_epu8(_mm256_min_epu8(a, b), _mm256_min_epu8(c, d));
                if zeros(least) != 0 {
                    let low = u64::from(zeros(a)) | u64::from(zeros(b)) << WIDTH;
                    let high = u64::from(zeros(c)) | u64::from(zeros(d)) << WIDTH;
                    let bits = u128::from(low) | u128::from(high) << (2 * WIDTH);
                    return Some(at + bits.trailing_zeros() as usize);
                }
                at += STRIDE;
            }
            while at + WIDTH < len {
                let bits = zeros(pairs(start.add(at)));
                if bits != 0 {
                    return Some(at + bits.trailing_zeros() as usize);
                }
                at += WIDTH;
            }
            // The last ones once more, with what was looked at before.
            at = len - MIN_LEN;
            let bits = zeros(pairs(start.add(at)));
            (bits != 0).then(|| at + bits.trailing_zeros() as usize)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oracle(bytes: &[u8]) -> Option<usize> {
        bytes.windows(2).position(|pair| pair == [0, 0])
    }

    fn check(bytes: &[u8]) {
        let want = oracle(bytes);
        assert_eq!(zero_pair(bytes), want, "{} bytes", bytes.len());
        assert_eq!(portable(bytes), want, "{} bytes, portable", bytes.len());
    }

    #[test]
    fn every_place_of_every_length() {
        for len in 0..300 {
            // At the very end of an allocation, for valgrind and sanitizers.
            let mut bytes = vec![0xFF; len];
            check(&bytes);
            for at in 0..len {
                bytes[at] = 0;
                check(&bytes);
                if at > 0 {
                    bytes[at - 1] = 0;
                    check(&bytes);
                    bytes[at - 1] = 0xFF;
                }
                bytes[at] = 0xFF;
            }
        }
    }

    #[test]
    fn single_zero_bytes_are_none() {
        for len in 0..300 {
            for first in 0..2 {
                let bytes: Vec<u8> = (0..len).map(|i| u8::from(i % 2 == first)).collect();
                check(&bytes);
                check(&bytes[len.min(7)..]);
            }
            check(&vec![0; len]);
        }
    }

    #[test]
    fn bytes_full_of_zeros_at_random() {
        use rand::{Rng as _, SeedableRng as _};
        let mut random = rand::rngs::StdRng::seed_from_u64(0x5CA9);
        let mut bytes = [0; 600];
        for round in 0..4_000 {
            random.fill_bytes(&mut bytes);
            // From half of them zero to hardly any.
            let keep = 1_u8.checked_shl(round % 8).unwrap_or(0);
            for byte in &mut bytes {
                if *byte % 128 < 64 / keep.max(1) {
                    *byte = 0;
                }
            }
            let start = (round as usize * 7) % 64;
            check(&bytes[start..600 - start]);
        }
    }
}
