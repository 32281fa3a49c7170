//! Emulation prevention, ITU-T H.264 and H.265 section 7.4: no `00 00 00`,
//! `00 00 01` or `00 00 02` within a NAL unit, by an added `03`.

use super::{Sound, Unsound};
use crate::simd::reserved_pair;
use crate::{Error, Result};

/// The last byte of every encrypted unit and of every trailer: a NAL unit may
/// not end in a zero byte.
pub(super) const END: u8 = 0x80;
/// What is added behind two zero bytes, before a byte up to itself.
const EMULATION: u8 = 3;
/// Emulation bytes in one frame, at most. Chance asks for one in 4 MiB.
pub(crate) const MAX_ESCAPES: usize = 64;

/// Escapes `out[from..to]`, which lies behind bytes of the same NAL unit, and
/// returns where it ends then. `left` goes down by the bytes added.
///
/// [`Error::TooManyEscapes`] beyond `left`; `out` must have room for that many.
pub(super) fn protect(out: &mut [u8], from: usize, to: usize, left: &mut usize) -> Result<usize> {
    let region = out.get(..to).ok_or(Error::Internal)?;
    match next_escape(region, from.saturating_sub(2)) {
        None => Ok(to),
        Some(first) => protect_from(out, first, to, left),
    }
}

/// The first byte from `from + 2` on that an emulation byte must go before,
/// behind two zero bytes from `from` on.
fn next_escape(region: &[u8], from: usize) -> Option<usize> {
    let third = from + reserved_pair(region.get(from..)?)? + 2;
    (third < region.len()).then_some(third)
}

/// Where there is at least one to add: once in thousands of frames.
#[cold]
fn protect_from(out: &mut [u8], first: usize, to: usize, left: &mut usize) -> Result<usize> {
    let mut places = [0; MAX_ESCAPES];
    let mut count = 0;
    let mut next = Some(first);
    while let Some(place) = next {
        if count == *left {
            return Err(Error::TooManyEscapes);
        }
        *places.get_mut(count).ok_or(Error::TooManyEscapes)? = place;
        count += 1;
        // The added byte ends a row of zero bytes; the next one begins here.
        next = next_escape(out.get(..to).ok_or(Error::Internal)?, place);
    }
    *left -= count;
    let end = to.checked_add(count).ok_or(Error::Internal)?;
    let region = out.get_mut(..end).ok_or(Error::Internal)?;
    // From the last one back, so that each byte moves once.
    let mut tail = to;
    for (index, place) in places.iter().take(count).enumerate().rev() {
        region.copy_within(*place..tail, place + index + 1);
        *region.get_mut(place + index).ok_or(Error::Internal)? = EMULATION;
        tail = *place;
    }
    Ok(end)
}

/// Counts the emulation bytes in `nal[body..]`. [`Unsound`] if anything but
/// [`protect`] made it. `first_pair` is where the first `00 00` before a byte
/// up to 3 stands, or anything before that.
pub(super) fn count(nal: &[u8], body: usize, first_pair: usize) -> Sound<usize> {
    let mut count = 0;
    let mut from = body.saturating_sub(2).max(first_pair);
    while let Some(pair) = reserved_pair(nal.get(from..).unwrap_or_default()) {
        let third = from + pair + 2;
        match (nal.get(third), nal.get(third + 1)) {
            (Some(&EMULATION), Some(0..=EMULATION)) => count += 1,
            _ => return Err(Unsound),
        }
        from = third + 1;
    }
    Ok(count)
}

/// Calls `f` with the pieces of `nal[body..]` between emulation bytes, as a
/// whole `len` bytes.
pub(super) fn pieces(
    nal: &[u8],
    body: usize,
    mut len: usize,
    mut f: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let mut start = body;
    let mut from = body.saturating_sub(2);
    while len > 0 {
        let added = next_escape(nal, from);
        let end = added.unwrap_or(nal.len()).min(start.saturating_add(len));
        let piece = nal.get(start..end).ok_or(Error::Internal)?;
        f(piece)?;
        len -= piece.len();
        let Some(added) = added else {
            break;
        };
        start = added + 1;
        from = start;
    }
    if len == 0 {
        Ok(())
    } else {
        Err(Error::Internal)
    }
}

/// Whether emulation bytes may stand among or right before the last `len` bytes of
/// an escaped text, without them. Hardly ever.
pub(super) fn may_end_escaped(text: &[u8], len: usize) -> bool {
    // The first of them may stand behind two zero bytes.
    let start = text.len().saturating_sub(len + 2);
    reserved_pair(text.get(start..).unwrap_or_default()).is_some()
}

/// Reads the last bytes of an escaped text, the last one first, without its
/// emulation bytes. `None` if it is too short.
pub(super) fn read_back(text: &[u8], out: &mut [u8]) -> Option<()> {
    let mut rest = text;
    for to in out {
        if let [.., 0, 0, EMULATION] = rest {
            rest = rest.split_last()?.1;
        }
        let (last, before) = rest.split_last()?;
        *to = *last;
        rest = before;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng};

    /// Emulation prevention byte by byte, as the specification words it.
    fn oracle(clear: &[u8], text: &[u8]) -> Vec<u8> {
        let mut out = clear.to_vec();
        let mut zeros = clear.iter().rev().take_while(|byte| **byte == 0).count();
        for &byte in text {
            if zeros >= 2 && byte <= 3 {
                out.push(3);
                zeros = 0;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            out.push(byte);
        }
        out
    }

    fn check(clear: &[u8], text: &[u8]) {
        let want = oracle(clear, text);
        let added = want.len() - clear.len() - text.len();
        let mut out = vec![0xEE; clear.len() + text.len() + MAX_ESCAPES];
        let raw = clear.len() + text.len();
        out[..clear.len()].copy_from_slice(clear);
        out[clear.len()..raw].copy_from_slice(text);
        let before = out.clone();
        let mut left = MAX_ESCAPES;
        let end = protect(&mut out, clear.len(), raw, &mut left);
        if added > MAX_ESCAPES {
            assert_eq!(end, Err(Error::TooManyEscapes));
            assert_eq!(out, before);
            return;
        }
        assert_eq!(end, Ok(want.len()));
        assert_eq!(left, MAX_ESCAPES - added);
        assert_eq!(out[..want.len()], want);
        assert_eq!(out[want.len()..], before[want.len()..]);
        // One fewer is not enough, as many are.
        if added > 0 {
            let mut short = before.clone();
            let end = protect(&mut short, clear.len(), raw, &mut (added - 1));
            assert_eq!(end, Err(Error::TooManyEscapes));
            let end = protect(&mut short, clear.len(), raw, &mut { added });
            assert_eq!(end, Ok(want.len()));
        }

        // The way back, with an end as every unit has.
        let mut nal = oracle(clear, &[text, &[END]].concat());
        let first_pair = reserved_pair(&nal).unwrap_or(nal.len());
        for hint in [0, first_pair.min(clear.len()), first_pair] {
            assert_eq!(count(&nal, clear.len(), hint), Ok(added));
        }
        for len in 0..=text.len().min(40) {
            let len = text.len() - len;
            let mut joined = Vec::new();
            pieces(&nal, clear.len(), len, |piece| {
                joined.extend_from_slice(piece);
                Ok(())
            })
            .unwrap();
            assert_eq!(joined, text[..len]);
        }
        nal.pop();
        let mut back = vec![0; text.len()];
        read_back(&nal, &mut back).unwrap();
        back.reverse();
        assert_eq!(back, text);
        let mut more = vec![0; nal.len() + 1];
        assert_eq!(read_back(&nal, &mut more), None);
    }

    #[test]
    fn patterns_of_start_codes_come_back() {
        let patterns: [&[u8]; 9] = [
            &[0],
            &[0, 0, 1],
            &[0, 0, 3],
            &[0, 0, 2],
            &[0, 0, 3, 0],
            &[0, 0, 3, 1],
            &[0, 3],
            &[3],
            &[0, 0, 4],
        ];
        for clear in [&[0x41][..], &[0x41, 0], &[0x41, 0, 0], &[0x41, 0, 0, 0]] {
            for pattern in patterns {
                for len in 0..180 {
                    let text: Vec<u8> = pattern.iter().copied().cycle().take(len).collect();
                    check(clear, &text);
                }
            }
        }
    }

    #[test]
    fn random_bytes_near_zero_come_back() {
        let mut random = StdRng::seed_from_u64(0xE5C);
        for _ in 0..20_000 {
            let range = [2_u8, 4, 5, 6, 255][random.random_range(0..5)];
            let mut bytes = vec![0; random.random_range(2..200)];
            random.fill_bytes(&mut bytes);
            for byte in &mut bytes {
                *byte %= range;
            }
            let clear = random.random_range(1..bytes.len().min(6));
            bytes[0] = 0x41;
            check(&bytes[..clear], &bytes[clear..]);
        }
    }

    #[test]
    fn what_no_sender_makes_is_refused() {
        let count = |text: &[u8]| count(text, 1, 0);
        for bad in [
            &[0x41, 0, 0, 0, 0x80][..],
            &[0x41, 0, 0, 1, 0x80],
            &[0x41, 0, 0, 2, 0x80],
            // An emulation byte that nothing asks for.
            &[0x41, 0, 0, 3, 0x80],
            &[0x41, 0, 0, 3, 4, 0x80],
            &[0x41, 0, 0, 3],
            &[0x41, 0, 0],
            // Zero bytes that begin in the clear ones.
            &[0x00, 0, 1, 0x80],
        ] {
            assert_eq!(count(bad), Err(Unsound), "{bad:x?}");
        }
        for (good, escapes) in [
            (&[0x41, 0, 0, 4, 0x80][..], 0),
            (&[0x41, 0, 0, 3, 3, 0x80], 1),
            (&[0x41, 0, 0, 3, 0, 0, 3, 0, 0x80], 2),
            (&[0x41, 0, 3, 0x80], 0),
        ] {
            assert_eq!(count(good), Ok(escapes), "{good:x?}");
        }
    }
}
