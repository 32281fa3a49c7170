//! H.264 and H.265 with lengths in place of start codes: what a sender must not
//! take for a byte stream.
//!
//! A length of 256 to 511 begins `00 00 01`, so its last byte reads as the header
//! of a NAL unit, and the slice behind it as a parameter set, say, that stays clear.

use crate::simd::reserved_pair;

/// Bytes of a length. Shorter ones read as a start code only before a NAL unit of
/// one byte.
const LENGTH_LEN: usize = 4;

/// Whether lengths with what they count fill a frame, and no start code begins
/// anywhere else than in a length.
///
/// Hardly any byte stream gets past its first NAL unit here.
pub(super) fn may_be_prefixed(frame: &[u8]) -> bool {
    let mut rest = frame;
    while !rest.is_empty() {
        match split(rest) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    let mut rest = frame;
    while let Some((unit, behind)) = split(rest) {
        // A start code may begin in the unit's last bytes.
        let end = LENGTH_LEN + unit + behind.len().min(2);
        if rest.get(LENGTH_LEN..end).is_none_or(has_start_code) {
            return false;
        }
        rest = behind;
    }
    !frame.is_empty()
}

/// The length of what stands behind the first length, and what follows that.
fn split(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH_LEN>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    match length {
        0 => None,
        _ => Some((length, rest.get(length..)?)),
    }
}

fn has_start_code(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(found) = reserved_pair(rest) {
        rest = rest.get(found..).unwrap_or_default();
        if rest.starts_with(&[0, 0, 1]) {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixed(units: &[&[u8]]) -> Vec<u8> {
        let unit = |unit: &&[u8]| {
            let length = u32::try_from(unit.len()).unwrap();
            [&length.to_be_bytes(), *unit].concat()
        };
        units.iter().flat_map(unit).collect()
    }

    #[test]
    fn lengths_are_found_whatever_they_are() {
        let slice = [0x65; 70_000];
        for len in [1, 2, 255, 256, 300, 511, 512, 65_536, 70_000] {
            assert!(may_be_prefixed(&prefixed(&[&slice[..len]])), "{len}");
            for next in [1, 300, 65_536] {
                let frame = prefixed(&[&slice[..len], &slice[..next], &slice[..len]]);
                assert!(may_be_prefixed(&frame), "{len} {next}");
                // Neither too short nor too long.
                assert!(!may_be_prefixed(&frame[..frame.len() - 1]));
                assert!(!may_be_prefixed(&[&frame[..], &[0x65]].concat()));
                assert!(!may_be_prefixed(&[&frame[..], &[0; 4]].concat()));
            }
        }
        assert!(!may_be_prefixed(&[]));
        assert!(!may_be_prefixed(&[0; 4]));
        assert!(!may_be_prefixed(&[0, 0, 0]));
    }

    #[test]
    fn a_start_code_may_begin_in_a_length_alone() {
        // In each of the four bytes: 256, 1, 65,536 and a unit that begins `01`, and
        // 512 and one that begins `00 01`.
        let mut unit = vec![0x65; 65_536];
        unit[0] = 1;
        assert!(may_be_prefixed(&prefixed(&[&[9; 256], &[9]])));
        assert!(may_be_prefixed(&prefixed(&[&[9, 9], &unit])));
        unit[..2].copy_from_slice(&[0, 1]);
        assert!(may_be_prefixed(&prefixed(&[&[9, 9], &unit[..512]])));
        for at in 0..300 {
            let mut unit = [9; 300];
            let Some(place) = unit.get_mut(at..at + 3) else {
                break;
            };
            place.copy_from_slice(&[0, 0, 1]);
            assert!(!may_be_prefixed(&prefixed(&[&unit])), "{at}");
            assert!(!may_be_prefixed(&prefixed(&[&[9; 7], &unit, &[9]])), "{at}");
        }
        // From one unit into the next length.
        for unit in [&[9, 0][..], &[9, 0, 0]] {
            assert!(!may_be_prefixed(&prefixed(&[unit, &[9; 0x0001_0000]])));
        }
    }
}
