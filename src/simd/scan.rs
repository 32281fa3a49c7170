//! The search for what a NAL unit has only where emulation prevention put it, and
//! what start codes begin with, at vector speed.
//!
//! `00 00` before a byte up to 3 holds, wherever it stands, an even-numbered byte
//! and the one behind it that are `00 00`, `00 01`, `00 02` or `00 03`: one test
//! of a 16-bit word instead of three bytes. One word in 16,384 passes it by chance
//! and is looked at again.

/// Where the first two zero bytes in a row stand that are followed by a byte up to
/// 3, or by the end.
#[inline]
pub(crate) fn reserved_pair(bytes: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx512f") && has!("avx512bw") {
            // SAFETY: the CPU has what it takes.
            return unsafe { avx512::reserved_pair(bytes) };
        }
        // Too short for a vector: no detection either.
        if bytes.len() >= avx2::WIDTH && has!("avx2") {
            // SAFETY: the CPU has AVX2, and there are that many bytes.
            return unsafe { avx2::reserved_pair(bytes) };
        }
    }
    portable(bytes)
}

/// By single zero bytes, which `memchr` finds with the vectors of any CPU.
fn portable(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr(0, &bytes[at..])?;
        match bytes[at + 1..] {
            [0, third, ..] if third > 3 => at += 3,
            [0, ..] => return Some(at),
            [] => return None,
            // The byte behind is none either.
            _ => at += 2,
        }
    }
}

/// Whether a pair begins there.
#[cfg(target_arch = "x86_64")]
#[inline]
fn is_pair(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..), Some([0, 0] | [0, 0, ..=3, ..]))
}

/// The first pair about one of the words that passed, a bit each, of those that
/// begin at `at`.
#[cfg(target_arch = "x86_64")]
#[inline]
fn first_of(bytes: &[u8], at: usize, mut words: u32) -> Option<usize> {
    while words != 0 {
        let word = at + 2 * words.trailing_zeros() as usize;
        // It may be the last two bytes of three.
        if word > 0 && is_pair(bytes, word - 1) {
            return Some(word - 1);
        }
        if is_pair(bytes, word) {
            return Some(word);
        }
        words &= words - 1;
    }
    None
}

/// A pair at the very end may be in two words.
#[cfg(target_arch = "x86_64")]
#[inline]
fn at_end(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [front @ .., 0, 0] => Some(front.len()),
        _ => None,
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::{at_end, first_of};
    use core::arch::x86_64::{
        __m512i, _mm512_and_si512, _mm512_loadu_si512, _mm512_mask_loadu_epi8, _mm512_min_epu16,
        _mm512_set1_epi16, _mm512_testn_epi16_mask,
    };

    /// Bytes in a vector.
    const WIDTH: usize = 64;
    /// Vectors that are looked at in one turn of the loop.
    const COUNT: usize = 8;

    /// The bits of a word that are 0 in `00 00` to `00 03`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn mask() -> __m512i {
        _mm512_set1_epi16(i16::from_le_bytes([0xFF, 0xFC]))
    }

    /// # Safety
    /// The CPU has AVX-512 F and BW; `from` is valid for `WIDTH` bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    unsafe fn words(from: *const u8) -> u32 {
        // SAFETY: within the bytes that the caller promises.
        unsafe { _mm512_testn_epi16_mask(_mm512_loadu_si512(from.cast()), mask()) }
    }

    /// The same for `len` bytes, fewer than `WIDTH`.
    ///
    /// # Safety
    /// The CPU has AVX-512 F and BW; `from` is valid for `len` bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    unsafe fn words_of_few(from: *const u8, len: usize) -> u32 {
        let there = (1_u64 << len) - 1;
        // SAFETY: bytes that are masked out are not touched.
        let bytes = unsafe { _mm512_mask_loadu_epi8(_mm512_set1_epi16(-1), there, from.cast()) };
        _mm512_testn_epi16_mask(bytes, mask())
    }

    /// # Safety
    /// The CPU has AVX-512 F and BW.
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) unsafe fn reserved_pair(bytes: &[u8]) -> Option<usize> {
        let start = bytes.as_ptr();
        let len = bytes.len();
        let mut at = 0;
        // SAFETY: each vector ends at `len` or before it.
        unsafe {
            if len >= WIDTH {
                if let Some(place) = first_of(bytes, 0, words(start)) {
                    return Some(place);
                }
                // From here on no vector lies in two lines of the cache: that is what
                // takes time. A pair in both is found about its second byte.
                at = WIDTH - start.addr() % WIDTH;
            }
            while at + COUNT * WIDTH <= len {
                let from = start.add(at);
                let mut all = mask();
                for i in 0..COUNT {
                    let vector = _mm512_loadu_si512(from.add(i * WIDTH).cast());
                    all = _mm512_min_epu16(all, _mm512_and_si512(vector, mask()));
                }
                if _mm512_testn_epi16_mask(all, all) != 0 {
                    for i in 0..COUNT {
                        let found = words(from.add(i * WIDTH));
                        if found != 0
                            && let Some(place) = first_of(bytes, at + i * WIDTH, found)
                        {
                            return Some(place);
                        }
                    }
                }
                at += COUNT * WIDTH;
            }
            while at + WIDTH <= len {
                let found = words(start.add(at));
                if found != 0
                    && let Some(place) = first_of(bytes, at, found)
                {
                    return Some(place);
                }
                at += WIDTH;
            }
            let found = words_of_few(start.add(at), len - at);
            first_of(bytes, at, found).or_else(|| at_end(bytes))
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{at_end, first_of};
    use core::arch::x86_64::{
        __m256i, _mm_movemask_epi8, _mm_packs_epi16, _mm256_and_si256, _mm256_castsi256_si128,
        _mm256_cmpeq_epi16, _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_min_epu16,
        _mm256_movemask_epi8, _mm256_set1_epi16, _mm256_setzero_si256,
    };

    /// Bytes in a vector.
    pub(super) const WIDTH: usize = 32;
    /// Vectors that are looked at in one turn of the loop.
    const COUNT: usize = 8;

    /// A vector, less the bits of a word that are 0 in more than `00 00`.
    ///
    /// # Safety
    /// The CPU has AVX2; `from` is valid for `WIDTH` bytes.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn masked(from: *const u8) -> __m256i {
        let mask = _mm256_set1_epi16(i16::from_le_bytes([0xFF, 0xFC]));
        // SAFETY: within the bytes that the caller promises.
        unsafe { _mm256_and_si256(_mm256_loadu_si256(from.cast()), mask) }
    }

    /// All bits of each word that is 0.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn zeros(words: __m256i) -> __m256i {
        _mm256_cmpeq_epi16(words, _mm256_setzero_si256())
    }

    /// # Safety
    /// The CPU has AVX2; `from` is valid for `WIDTH` bytes.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn words(from: *const u8) -> u32 {
        // SAFETY: passed on.
        let zeros = zeros(unsafe { masked(from) });
        let (low, high) = (
            _mm256_castsi256_si128(zeros),
            _mm256_extracti128_si256::<1>(zeros),
        );
        _mm_movemask_epi8(_mm_packs_epi16(low, high)).cast_unsigned()
    }

    /// # Safety
    /// The CPU has AVX2; there are `WIDTH` bytes or more.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn reserved_pair(bytes: &[u8]) -> Option<usize> {
        let start = bytes.as_ptr();
        let len = bytes.len();
        let mut at = 0;
        // SAFETY: each vector ends at `len` or before it, and the last one begins
        // at 0 or after it.
        unsafe {
            while at + COUNT * WIDTH <= len {
                let from = start.add(at);
                let mut all = masked(from);
                for i in 1..COUNT {
                    all = _mm256_min_epu16(all, masked(from.add(i * WIDTH)));
                }
                if _mm256_movemask_epi8(zeros(all)) != 0 {
                    for i in 0..COUNT {
                        let found = words(from.add(i * WIDTH));
                        if found != 0
                            && let Some(place) = first_of(bytes, at + i * WIDTH, found)
                        {
                            return Some(place);
                        }
                    }
                }
                at += COUNT * WIDTH;
            }
            while at + WIDTH <= len {
                let found = words(start.add(at));
                if found != 0
                    && let Some(place) = first_of(bytes, at, found)
                {
                    return Some(place);
                }
                at += WIDTH;
            }
            // The last ones once more, with what was looked at before.
            at = len - WIDTH;
            let found = words(start.add(at));
            first_of(bytes, at, found).or_else(|| at_end(bytes))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oracle(bytes: &[u8]) -> Option<usize> {
        (0..bytes.len()).find(|at| matches!(bytes[*at..], [0, 0] | [0, 0, ..=3, ..]))
    }

    fn check(bytes: &[u8]) {
        let want = oracle(bytes);
        assert_eq!(reserved_pair(bytes), want, "{} bytes", bytes.len());
        assert_eq!(portable(bytes), want, "{} bytes, portable", bytes.len());
        #[cfg(target_arch = "x86_64")]
        if bytes.len() >= avx2::WIDTH && std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has AVX2, and there are that many bytes.
            let found = unsafe { avx2::reserved_pair(bytes) };
            assert_eq!(found, want, "{} bytes, AVX2", bytes.len());
        }
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
                    for third in 0..5 {
                        bytes[(at + 1).min(len - 1)] = third;
                        bytes[at] = 0;
                        check(&bytes);
                    }
                    bytes[(at + 1).min(len - 1)] = 0xFF;
                    bytes[at - 1] = 0xFF;
                }
                bytes[at] = 0xFF;
            }
        }
    }

    #[test]
    fn every_place_of_long_ones() {
        // Turns of eight vectors, from any alignment.
        let mut bytes = vec![0xFF; 1_300];
        for start in [0, 1, 7, 31, 32, 33, 63] {
            for len in [577, 578, 640, 641, 1_100, 1_200] {
                check(&bytes[start..start + len]);
                for at in 0..=len {
                    let at = start + at;
                    for third in [1, 3, 4] {
                        bytes[at..at + 3].copy_from_slice(&[0, 0, third]);
                        check(&bytes[start..start + len]);
                    }
                    bytes[at..at + 3].fill(0xFF);
                }
            }
        }
    }

    #[test]
    fn single_zero_bytes_are_none() {
        for len in 0..300 {
            for first in 0..2 {
                for other in [1, 3, 4, 0xFF] {
                    let zero = |i| if i % 2 == first { 0 } else { other };
                    let bytes: Vec<u8> = (0..len).map(zero).collect();
                    check(&bytes);
                    check(&bytes[len.min(7)..]);
                }
                let pairs: Vec<u8> = (0..len).map(|i| [0, 0, 4][(i + first) % 3]).collect();
                check(&pairs);
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
