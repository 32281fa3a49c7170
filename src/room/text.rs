//! Hexadecimal, base64 and base64url, exact and without guessing.
//!
//! Digits are found by comparing with each range, not by a table, so that no
//! memory address depends on a key.

use crate::{Error, Result};

/// Base64's last two digits: 62 and 63.
#[derive(Clone, Copy)]
pub(crate) enum Alphabet {
    /// `+` and `/`, RFC 4648 section 4.
    Standard,
    /// `-` and `_`, RFC 4648 section 5.
    Url,
}

impl Alphabet {
    const fn last_two(self) -> (u8, u8) {
        match self {
            Self::Standard => (b'+', b'/'),
            Self::Url => (b'-', b'_'),
        }
    }
}

/// Bytes of base64 text without padding for `len` bytes.
pub(crate) const fn base64_len(len: usize) -> Option<usize> {
    let rest = match len % 3 {
        0 => 0,
        1 => 2,
        _ => 3,
    };
    match (len / 3).checked_mul(4) {
        Some(full) => full.checked_add(rest),
        None => None,
    }
}

/// Bytes that base64 text of `len` characters without padding stands for.
pub(crate) const fn base64_decoded_len(len: usize) -> Result<usize> {
    let rest = match len % 4 {
        0 => 0,
        2 => 1,
        3 => 2,
        _ => return Err(Error::InvalidText),
    };
    Ok(len / 4 * 3 + rest)
}

/// The six-bit value of a digit; above 63 if it is none.
fn digit_value(c: u8, alphabet: Alphabet) -> u8 {
    let (d62, d63) = alphabet.last_two();
    let mut value = 0xFF_u8;
    // Every comparison is made for every character.
    let mut pick = |hit: bool, v: u8| {
        let mask = u8::from(hit).wrapping_neg();
        value = value & !mask | v & mask;
    };
    pick(c.is_ascii_uppercase(), c.wrapping_sub(b'A'));
    pick(
        c.is_ascii_lowercase(),
        c.wrapping_sub(b'a').wrapping_add(26),
    );
    pick(c.is_ascii_digit(), c.wrapping_sub(b'0').wrapping_add(52));
    pick(c == d62, 62);
    pick(c == d63, 63);
    value
}

/// The digit of a six-bit value: the range of capitals, moved on by the distance
/// to each range that the value lies behind. No branch and no table, and the same
/// for many values at once.
#[inline]
const fn digit(value: u8, alphabet: Alphabet) -> u8 {
    let (d62, d63) = alphabet.last_two();
    // All ones if the value is above the end of a range; both are below 128.
    const fn above(value: u8, end: u8) -> u8 {
        (end.wrapping_sub(value) >> 7).wrapping_neg()
    }
    let value = value & 63;
    b'A'.wrapping_add(value)
        .wrapping_add(above(value, 25) & (b'a' - 26 - b'A'))
        .wrapping_add(above(value, 51) & b'0'.wrapping_sub(52).wrapping_sub(b'a' - 26))
        .wrapping_add(above(value, 61) & d62.wrapping_sub(62).wrapping_sub(b'0'.wrapping_sub(52)))
        .wrapping_add(above(value, 62) & d63.wrapping_sub(d62).wrapping_sub(1))
}

/// The text of four times three bytes.
#[inline]
pub(crate) fn base64_encode_block(bytes: [u8; 12], alphabet: Alphabet) -> [u8; 16] {
    let mut text = [0; 16];
    let (quads, _) = text.as_chunks_mut::<4>();
    let (triples, _) = bytes.as_chunks::<3>();
    for (quad, [a, b, c]) in quads.iter_mut().zip(triples) {
        *quad = [a >> 2, a << 4 | b >> 4, b << 2 | c >> 6, *c];
    }
    text.map(|value| digit(value, alphabet))
}

/// Writes the text of `bytes` to `out`, of exactly [`base64_len`].
pub(crate) fn base64_encode(bytes: impl Iterator<Item = u8>, alphabet: Alphabet, out: &mut [u8]) {
    let mut out = out.iter_mut();
    let mut put = |bits: u32| {
        if let Some(place) = out.next() {
            *place = digit(bits.to_le_bytes()[0], alphabet);
        }
    };
    let mut bits = 0_u32;
    let mut have = 0_u32;
    for byte in bytes {
        bits = bits << 8 & 0xFFFF | u32::from(byte);
        have += 8;
        while have >= 6 {
            have -= 6;
            put(bits >> have);
        }
    }
    if have > 0 {
        put(bits << (6 - have));
    }
}

/// Reads text without padding into `out`, of exactly [`base64_decoded_len`].
/// Other characters and non-zero spare bits are refused; `out` then holds rubbish.
pub(crate) fn base64_decode(text: &[u8], alphabet: Alphabet, out: &mut [u8]) -> Result<()> {
    let mut out = out.iter_mut();
    let mut bits = 0_u32;
    let mut have = 0_u32;
    let mut bad = 0_u8;
    for c in text {
        let value = digit_value(*c, alphabet);
        bad |= value & 0xC0;
        bits = bits << 6 & 0xFFFF | u32::from(value & 63);
        have += 6;
        if have >= 8 {
            have -= 8;
            if let Some(place) = out.next() {
                *place = (bits >> have).to_le_bytes()[0];
            }
        }
    }
    let spare = bits & ((1 << have) - 1);
    if bad != 0 || spare != 0 || have >= 6 {
        Err(Error::InvalidText)
    } else {
        Ok(())
    }
}

/// Reads exactly `out.len() * 2` hexadecimal digits of either case.
pub(crate) fn hex_decode(text: &[u8], out: &mut [u8]) -> Result<()> {
    if text.len() != out.len() * 2 {
        return Err(Error::InvalidText);
    }
    let mut bad = false;
    for (to, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        let mut byte = 0_u8;
        for c in pair {
            let lower = c | 0x20;
            let decimal = c.is_ascii_digit();
            let letter = (b'a'..=b'f').contains(&lower);
            bad |= !(decimal | letter);
            let value = u8::from(decimal).wrapping_neg() & c.wrapping_sub(b'0')
                | u8::from(letter).wrapping_neg() & lower.wrapping_sub(b'a').wrapping_add(10);
            byte = byte << 4 | value & 0xF;
        }
        *to = byte;
    }
    if bad { Err(Error::InvalidText) } else { Ok(()) }
}
