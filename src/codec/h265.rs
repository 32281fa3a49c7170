//! NAL units of H.265, ITU-T H.265 section 7.3.

use super::bits::Bits;
use super::nal::Part;
use super::{Sound, Unsound};

/// Bytes of a NAL unit header.
const HEADER_LEN: usize = 2;

/// How much of a NAL unit stays clear.
pub(super) fn part(nal: &[u8]) -> Sound<Part> {
    let (header, layer_and_temporal_id) = match nal {
        [first, second, ..] => (*first, *second),
        _ => return Err(Unsound),
    };
    // forbidden_zero_bit, and the top bit of nuh_layer_id.
    let is_base = header & 0x81 == 0 && layer_and_temporal_id & 0xF8 == 0;
    if !is_base || layer_and_temporal_id & 7 == 0 {
        return Err(Unsound);
    }
    let nal_type = header >> 1;
    match nal_type {
        0..=31 => {
            let mut bits = Bits::new(nal, HEADER_LEN);
            let flags = if is_irap(nal_type) { 2 } else { 1 };
            if bits.skip(flags, 1).is_none() {
                slice_header(nal_type, &mut bits)?;
            }
            Ok(Part::Slice(bits.bytes_read()))
        }
        // Parameter sets, delimiter, ends, filler, SEI.
        32..=40 => Ok(Part::Whole),
        _ => Err(Unsound),
    }
}

/// Pictures to start at, whose slices have one more flag.
const fn is_irap(nal_type: u8) -> bool {
    matches!(nal_type, 16..=23)
}

/// `first_slice_segment_in_pic_flag` and `slice_pic_parameter_set_id`.
pub(super) fn slice_header(nal_type: u8, bits: &mut Bits<'_>) -> Sound<(bool, u32)> {
    let first = bits.bit()?;
    if is_irap(nal_type) {
        let _no_output_of_prior_pics_flag = bits.bit()?;
    }
    Ok((first, bits.ue()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_clear_through_the_parameter_set_id() {
        // IDR_W_RADL: first 1, no_output 0, pps 0 (1).
        assert_eq!(part(&[0x26, 0x01, 0xAF, 0x12]), Ok(Part::Slice(3)));
        // The same bits without the flag: first 1, pps 1 (010).
        assert_eq!(part(&[0x02, 0x01, 0xAF, 0x12]), Ok(Part::Slice(3)));
        // pps 63: 6 leading zeros, 13 bits.
        assert_eq!(part(&[0x02, 0x01, 0x81, 0x00, 0x12]), Ok(Part::Slice(4)));
        assert_eq!(part(&[0x02, 0x01, 0x81]), Err(Unsound));
        assert_eq!(part(&[0x02, 0x01]), Err(Unsound));
        assert_eq!(part(&[0x02]), Err(Unsound));
    }

    #[test]
    fn the_flag_of_irap_pictures_is_theirs_alone() {
        for nal_type in 0..32_u8 {
            // 1, then either the code 1, or the flag 1 and the code of 63.
            let nal = [nal_type << 1, 1, 0b1100_0000, 0b1000_0000, 0];
            let (want, want_id) = match nal_type {
                16..=23 => (4, 63),
                _ => (3, 0),
            };
            let id = slice_header(nal_type, &mut Bits::new(&nal, 2));
            assert_eq!(id, Ok((true, want_id)), "type {nal_type}");
            assert_eq!(part(&nal), Ok(Part::Slice(want)), "type {nal_type}");
        }
    }

    #[test]
    fn other_types_and_layers_are_on_the_list_or_refused() {
        for nal_type in 0..64_u8 {
            let want = match nal_type {
                0..=31 => Ok(Part::Slice(3)),
                32..=40 => Ok(Part::Whole),
                _ => Err(Unsound),
            };
            let part = |first: u8, second: u8| part(&[first, second, 0xFF, 0xFF]);
            assert_eq!(part(nal_type << 1, 1), want, "type {nal_type}");
            assert_eq!(part(nal_type << 1, 7), want, "type {nal_type}");
            for (first, second) in [(0x80, 1), (0x01, 1), (0, 0x09), (0, 0x81), (0, 0)] {
                assert_eq!(part(nal_type << 1 | first, second), Err(Unsound));
            }
        }
        // An end of sequence is a header alone.
        assert_eq!(part(&[36 << 1, 1]), Ok(Part::Whole));
    }
}
