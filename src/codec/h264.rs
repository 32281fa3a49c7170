//! NAL units of H.264, ITU-T H.264 section 7.3.

use super::bits::Bits;
use super::nal::Part;
use super::{Sound, Unsound};

/// Bytes of a NAL unit header.
const HEADER_LEN: usize = 1;

/// How much of a NAL unit stays clear.
pub(super) fn part(nal: &[u8]) -> Sound<Part> {
    let header = *nal.first().ok_or(Unsound)?;
    if header & 0x80 != 0 {
        // forbidden_zero_bit
        return Err(Unsound);
    }
    match header & 0x1F {
        1 | 5 => {
            let mut bits = Bits::new(nal, HEADER_LEN);
            if bits.skip(0, 3).is_none() {
                slice_header(&mut bits)?;
            }
            Ok(Part::Slice(bits.bytes_read()))
        }
        // SEI, parameter sets, delimiter, ends, filler.
        6..=12 => Ok(Part::Whole),
        // Data partitions, extensions, and what nobody has defined.
        _ => Err(Unsound),
    }
}

/// `first_mb_in_slice`, `slice_type` and `pic_parameter_set_id`.
pub(super) fn slice_header(bits: &mut Bits<'_>) -> Sound<[u32; 3]> {
    Ok([bits.ue()?, bits.ue()?, bits.ue()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_clear_through_the_parameter_set_id() {
        // first_mb 0 (1), slice_type 7 (0001000), pps 0 (1): 9 bits.
        assert_eq!(part(&[0x65, 0x88, 0x84, 0x21]), Ok(Part::Slice(3)));
        // slice_type 5 (00110), pps 0: 7 bits.
        assert_eq!(part(&[0x41, 0x9A, 0x24]), Ok(Part::Slice(2)));
        // Nothing left to encrypt.
        assert_eq!(part(&[0x41, 0x9A]), Ok(Part::Slice(2)));
        assert_eq!(part(&[0x65, 0x88]), Err(Unsound));
        assert_eq!(part(&[0x65]), Err(Unsound));
        assert_eq!(part(&[]), Err(Unsound));
    }

    #[test]
    fn other_types_are_on_the_list_or_refused() {
        for nal_type in 0..32_u8 {
            let header = 0x60 | nal_type;
            let want = match nal_type {
                1 | 5 => Ok(Part::Slice(2)),
                6..=12 => Ok(Part::Whole),
                _ => Err(Unsound),
            };
            assert_eq!(part(&[header, 0xFF, 0xFF]), want, "type {nal_type}");
            assert_eq!(part(&[0x80 | header, 0xFF, 0xFF]), Err(Unsound));
        }
        assert_eq!(part(&[0x0A]), Ok(Part::Whole));
    }
}
