//! The text form of sealed messages: base64url without padding.

/// The bytes that `text` stands for, `None` if it is not exact base64url.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let mut bits = 0_u32;
    let mut have = 0;
    for &c in text {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push(u8::try_from(bits >> have).ok()?);
            bits &= (1 << have) - 1;
        }
    }
    // What is left over are spare bits: fewer than 6, and zero.
    (have < 6 && bits == 0).then_some(out)
}

/// The header of a sealed message in text form: 16 characters for its 12 bytes.
pub(crate) fn header_of_text(text: &[u8]) -> Option<Vec<u8>> {
    decode(text.get(..16)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_text_is_read() {
        assert_eq!(decode(b"").unwrap(), b"");
        assert_eq!(decode(b"_w").unwrap(), [0xff]);
        assert_eq!(decode(b"--__").unwrap(), [0xfb, 0xef, 0xff]);
        assert_eq!(decode(b"aGVsbG8").unwrap(), b"hello");
        for bad in [
            &b"A"[..],
            b"AAAAA",
            b"_x",
            b"aGVsbG8=",
            b"a b",
            b"a+/b",
            b"aGVsbG9",
        ] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }
}
