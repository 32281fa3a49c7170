//! The end of every sealed frame: `tag ‖ header ‖ control ‖ 0x80`.

use super::out::copy;
use super::{Codec, escape};
use crate::aead::MAX_TAG_LEN;
use crate::sframe::Header;
use crate::{Error, Result};

/// Bytes of the header: config byte, 8 bytes of KID, 3 bytes of CTR.
pub(super) const HEADER_LEN: usize = 12;
/// Bytes of the trailer behind the tag.
pub(crate) const TRAILER_REST: usize = HEADER_LEN + 2;
/// Bytes of the longest trailer.
pub(crate) const MAX_TRAILER_LEN: usize = MAX_TAG_LEN + TRAILER_REST;

/// Always set in a control byte, so that it is never touched by escaping.
const CONTROL: u8 = 0x80;
/// Set if a unit was added for the trailer.
const CARRIER: u8 = 0x10;
/// Never set.
const RESERVED: u8 = 0x60;

/// The header of a room frame.
pub(super) fn header(kid: u64, ctr: u64) -> Result<[u8; HEADER_LEN]> {
    let mut bytes = [0; HEADER_LEN];
    let len = Header::new(kid, ctr).encode(&mut bytes)?;
    if len == HEADER_LEN {
        Ok(bytes)
    } else {
        Err(Error::Internal)
    }
}

pub(super) const fn control(codec: Codec, has_carrier: bool) -> u8 {
    CONTROL | if has_carrier { CARRIER } else { 0 } | codec.number()
}

/// Writes the trailer, unescaped, over exactly its length.
pub(super) fn write(
    out: &mut [u8],
    tag: &[u8],
    header: &[u8; HEADER_LEN],
    control: u8,
) -> Result<()> {
    let (tag_out, rest) = out.split_at_mut_checked(tag.len()).ok_or(Error::Internal)?;
    let (header_out, rest) = rest
        .split_at_mut_checked(HEADER_LEN)
        .ok_or(Error::Internal)?;
    let [control_out, end] = rest else {
        return Err(Error::Internal);
    };
    copy(tag_out, tag);
    header_out.copy_from_slice(header);
    *control_out = control;
    *end = escape::END;
    Ok(())
}

/// A trailer as it was found at the end of a frame. Nothing of it is authentic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trailer {
    pub(super) codec: Codec,
    pub(super) has_carrier: bool,
    pub(super) control: u8,
    pub(super) header: Header,
    pub(super) header_bytes: [u8; HEADER_LEN],
    tag: [u8; MAX_TAG_LEN],
    tag_len: usize,
}

impl Trailer {
    /// [`Error::Malformed`] or [`Error::NotSealed`] if there is none.
    #[inline]
    pub(super) fn parse(frame: &[u8], tag_len: usize) -> Result<Self> {
        let (codec, control, before, has_zeros) = parse_control(frame)?;
        let has_carrier = control & CARRIER != 0;
        let is_odd = control & RESERVED != 0
            || has_carrier && codec.is_in_place()
            || has_zeros && !is_escaped(codec);
        if is_odd {
            return Err(Error::Malformed);
        }
        let mut unescaped = [0; MAX_TAG_LEN + HEADER_LEN];
        let bytes = match is_escaped(codec) && escape::may_end_escaped(before, tag_len + HEADER_LEN)
        {
            true => {
                // From the last byte of the header back to the first one of the tag.
                let bytes = unescaped.get_mut(..tag_len + HEADER_LEN);
                let bytes = bytes.ok_or(Error::Internal)?;
                escape::read_back(before, bytes).ok_or(Error::Malformed)?;
                bytes.reverse();
                bytes
            }
            false => before,
        };
        let (bytes, header_bytes) = bytes
            .split_last_chunk::<HEADER_LEN>()
            .ok_or(Error::Malformed)?;
        let (header, header_len) = Header::parse(header_bytes)?;
        let tag_start = bytes.len().checked_sub(tag_len).ok_or(Error::Malformed)?;
        if header_len != HEADER_LEN {
            return Err(Error::Malformed);
        }
        let mut tag = [0; MAX_TAG_LEN];
        let tag_bytes = bytes.get(tag_start..).ok_or(Error::Internal)?;
        copy(tag.get_mut(..tag_len).ok_or(Error::Internal)?, tag_bytes);
        Ok(Self {
            codec,
            has_carrier,
            control,
            header,
            header_bytes: *header_bytes,
            tag,
            tag_len,
        })
    }

    pub(super) fn tag(&self) -> &[u8] {
        self.tag.get(..self.tag_len).unwrap_or_default()
    }

    /// Bytes of the trailer, unescaped.
    pub(super) const fn len(&self) -> usize {
        self.tag_len + TRAILER_REST
    }
}

/// Whether the trailer is a part of a NAL unit.
const fn is_escaped(codec: Codec) -> bool {
    matches!(codec, Codec::H264 | Codec::H265)
}

/// Codec, control byte, what stands before it, and whether zero bytes follow the
/// trailer.
#[inline]
fn parse_control(frame: &[u8]) -> Result<(Codec, u8, &[u8], bool)> {
    if frame.is_empty() {
        return Err(Error::Malformed);
    }
    let zeros = match frame {
        [.., escape::END] => 0,
        _ => frame.iter().rev().take_while(|byte| **byte == 0).count(),
    };
    let trimmed = frame.get(..frame.len() - zeros).unwrap_or_default();
    match trimmed {
        [before @ .., control, escape::END] if control & CONTROL != 0 => {
            let codec = Codec::from_number(control & 0xF).map_err(|_| Error::Malformed)?;
            Ok((codec, *control, before, zeros > 0))
        }
        [escape::END] => Err(Error::Malformed),
        _ => Err(Error::NotSealed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KID: u64 = 0x8000_0000_0000_0005;

    fn sample(codec: Codec, has_carrier: bool) -> Vec<u8> {
        let mut out = vec![0; 16 + TRAILER_REST];
        let header = header(KID, 0x01_0000).unwrap();
        let tag: Vec<u8> = (100..116).collect();
        write(&mut out, &tag, &header, control(codec, has_carrier)).unwrap();
        out
    }

    #[test]
    fn what_was_written_is_read() {
        for codec in Codec::ALL.into_iter().filter(|codec| !is_escaped(*codec)) {
            for has_carrier in [false, true] {
                let frame = [b"before".to_vec(), sample(codec, has_carrier)].concat();
                let trailer = Trailer::parse(&frame, 16);
                if has_carrier && codec != Codec::Av1 {
                    assert_eq!(trailer.unwrap_err(), Error::Malformed);
                    continue;
                }
                let trailer = trailer.unwrap();
                assert_eq!(trailer.codec, codec);
                assert_eq!(trailer.has_carrier, has_carrier);
                assert_eq!(trailer.header, Header::new(KID, 0x01_0000));
                assert_eq!(trailer.tag(), (100..116).collect::<Vec<u8>>());
                assert_eq!(trailer.len(), 30);
            }
        }
    }

    #[test]
    fn what_is_none_is_named() {
        let parse = |frame: &[u8]| Trailer::parse(frame, 16).map(|t| t.codec);
        let good = sample(Codec::Opus, false);
        assert_eq!(parse(&good), Ok(Codec::Opus));
        assert_eq!(parse(&[]), Err(Error::Malformed));
        assert_eq!(parse(&[0x80]), Err(Error::Malformed));
        assert_eq!(parse(&[0x80, 0]), Err(Error::Malformed));
        assert_eq!(parse(&[0]), Err(Error::NotSealed));
        assert_eq!(parse(&good[1..]), Err(Error::Malformed));
        let n = good.len();
        let with = |at: usize, byte: u8| {
            let mut frame = good.clone();
            frame[at] = byte;
            parse(&frame)
        };
        assert_eq!(with(n - 1, 0x81), Err(Error::NotSealed));
        assert_eq!(with(n - 2, 0x06), Err(Error::NotSealed));
        assert_eq!(with(n - 2, 0xC6), Err(Error::Malformed));
        assert_eq!(with(n - 2, 0xA6), Err(Error::Malformed));
        assert_eq!(with(n - 2, 0x96), Err(Error::Malformed));
        for id in 8..16 {
            assert_eq!(with(n - 2, 0x80 | id), Err(Error::Malformed));
        }
        // Not minimal, or not 12 bytes.
        assert_eq!(with(n - 5, 0), Err(Error::Malformed));
        assert_eq!(with(n - 14, 0xF9), Err(Error::Malformed));
        assert_eq!(with(n - 14, 0xFB), Err(Error::Malformed));
        let behind = [&good[..], &[0]].concat();
        assert_eq!(parse(&behind), Err(Error::Malformed));
    }
}
