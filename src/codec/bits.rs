//! The first few fields of a NAL unit, bit by bit.

use super::{Sound, Unsound};

/// A code of this many leading zero bits has no value that fits 32 bits.
const MAX_LEADING_ZEROS: u32 = 31;

/// Each byte of a word is 1.
const ONES: u64 = u64::MAX / 0xFF;

/// Reads bits of a NAL unit and steps over emulation bytes, no further than the
/// bits asked for need.
#[derive(Debug)]
pub(super) struct Bits<'n> {
    nal: &'n [u8],
    /// The next byte to take bits from.
    next: usize,
    byte: u8,
    left: u32,
}

impl<'n> Bits<'n> {
    /// From the byte behind the NAL unit header on.
    pub(super) const fn new(nal: &'n [u8], header_len: usize) -> Self {
        Self {
            nal,
            next: header_len,
            byte: 0,
            left: 0,
        }
    }

    /// Bytes of the NAL unit through the one that holds the last bit read.
    pub(super) const fn bytes_read(&self) -> usize {
        self.next
    }

    pub(super) fn bit(&mut self) -> Sound<bool> {
        if self.left == 0 {
            self.byte = self.take_byte().ok_or(Unsound)?;
            self.left = 8;
        }
        self.left -= 1;
        Ok(self.byte >> self.left & 1 == 1)
    }

    fn take_byte(&mut self) -> Option<u8> {
        let mut byte = *self.nal.get(self.next)?;
        let before = self.next.checked_sub(2).map(|at| (at, self.next));
        if byte == 3 && before.is_some_and(|(at, end)| self.nal.get(at..end) == Some(&[0, 0])) {
            self.next += 1;
            byte = *self.nal.get(self.next)?;
        }
        self.next += 1;
        Some(byte)
    }

    /// Steps over so many bits and so many codes, if the next 8 bytes hold them all and no
    /// zero byte: then none is an emulation byte, as headers don't end in a zero
    /// byte. Else nothing is done.
    pub(super) fn skip(&mut self, bits: u32, codes: usize) -> Option<()> {
        let ahead = self.nal.get(self.next..)?.first_chunk()?;
        let word = u64::from_be_bytes(*ahead);
        let has_zero = word.wrapping_sub(ONES) & !word & ONES << 7 != 0;
        if has_zero || self.left != 0 {
            return None;
        }
        let mut read = bits;
        for _ in 0..codes {
            let zeros = word.checked_shl(read)?.leading_zeros();
            read += 2 * zeros + 1;
        }
        if read > u64::BITS {
            return None;
        }
        self.next += usize::try_from(read.div_ceil(8)).ok()?;
        Some(())
    }

    /// An unsigned Exp-Golomb code, `ue(v)`.
    pub(super) fn ue(&mut self) -> Sound<u32> {
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if zeros > MAX_LEADING_ZEROS {
                return Err(Unsound);
            }
        }
        let mut value = 1_u32;
        for _ in 0..zeros {
            value = value << 1 | u32::from(self.bit()?);
        }
        Ok(value - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipping_comes_out_where_reading_does() {
        use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng};
        let mut random = StdRng::seed_from_u64(0xB175);
        let mut skipped = 0;
        for _ in 0..100_000 {
            let mut nal = vec![0; random.random_range(1..14)];
            random.fill_bytes(&mut nal);
            // Long codes, and zero bytes.
            let bits = random.random_range(0..=8);
            nal.iter_mut()
                .for_each(|byte| *byte = byte.wrapping_shr(bits));
            nal[0] |= 1;
            let (flags, codes) = (random.random_range(0..3), random.random_range(0..4));
            let mut read = Bits::new(&nal, 1);
            let mut all = || {
                for _ in 0..flags {
                    read.bit()?;
                }
                (0..codes).try_for_each(|_| read.ue().map(drop))
            };
            let is_sound = all().is_ok();
            let mut skip = Bits::new(&nal, 1);
            match skip.skip(flags, codes) {
                Some(()) => {
                    assert!(is_sound, "{nal:x?}");
                    assert_eq!(skip.bytes_read(), read.bytes_read(), "{nal:x?}");
                    skipped += 1;
                }
                None => assert_eq!(skip.bytes_read(), 1),
            }
        }
        assert!(skipped > 10_000, "{skipped}");
    }

    #[test]
    fn codes_have_their_values() {
        // 1, 010, 011, 00100, 1 and padding.
        let mut bits = Bits::new(&[0x65, 0b1010_0110, 0b0100_1000], 1);
        let values: Vec<_> = (0..5).map(|_| bits.ue()).collect();
        assert_eq!(values, [Ok(0), Ok(1), Ok(2), Ok(3), Ok(0)]);
        assert_eq!(bits.bytes_read(), 3);
        assert_eq!(bits.ue(), Err(Unsound));
    }

    #[test]
    fn the_longest_code_has_31_leading_zeros() {
        let code = |zeros: usize| {
            let mut bytes = vec![0x65];
            let mut text = "0".repeat(zeros) + &"1".repeat(zeros + 1);
            text += &"0".repeat((8 - text.len() % 8) % 8);
            let mut zero_bytes = 0;
            for at in (0..text.len()).step_by(8) {
                let byte = u8::from_str_radix(&text[at..at + 8], 2).unwrap();
                if zero_bytes >= 2 && byte <= 3 {
                    bytes.push(3);
                    zero_bytes = 0;
                }
                zero_bytes = if byte == 0 { zero_bytes + 1 } else { 0 };
                bytes.push(byte);
            }
            bytes
        };
        let longest = code(31);
        assert_eq!(longest[..6], [0x65, 0, 0, 3, 0, 1]);
        let mut bits = Bits::new(&longest, 1);
        assert_eq!(bits.ue(), Ok(u32::MAX - 1));
        assert_eq!(bits.bytes_read(), longest.len());
        assert_eq!(Bits::new(&code(32), 1).ue(), Err(Unsound));
        assert_eq!(Bits::new(&[0x65, 0, 0, 0, 0, 0], 1).ue(), Err(Unsound));
    }

    #[test]
    fn an_emulation_byte_is_stepped_over_only_when_a_bit_behind_it_is_needed() {
        // 16 zero bits, then the bits behind the emulation byte.
        let nal = [0x41, 0, 0, 3, 0b0000_0011, 0xFF, 0xFF, 0xFF];
        let mut bits = Bits::new(&nal, 1);
        for _ in 0..16 {
            assert_eq!(bits.bit(), Ok(false));
        }
        assert_eq!(bits.bytes_read(), 3);
        assert_eq!(bits.bit(), Ok(false));
        assert_eq!(bits.bytes_read(), 5);
        // Not behind two zeros.
        let mut bits = Bits::new(&[0x41, 0, 3, 0xFF], 1);
        for _ in 0..9 {
            bits.bit().unwrap();
        }
        assert_eq!(bits.bytes_read(), 3);
        // Behind one emulation byte there is no other.
        let mut bits = Bits::new(&[0x41, 0, 0, 3, 3, 0xFF], 1);
        for _ in 0..17 {
            bits.bit().unwrap();
        }
        assert_eq!(bits.bytes_read(), 5);
    }
}
