//! AV1: a row of OBUs in the low-overhead format, AV1 specification section 5.

use super::aad::Sink;
use super::carrier::{OBU_HEADER, OBU_METADATA_TYPE};
use super::units::{Side, Unit, Walk};
use super::{Sound, Unsound};
use crate::{Error, Result};

const FORBIDDEN: u8 = 0x80;
const HAS_EXTENSION: u8 = 0x04;
const HAS_SIZE: u8 = 0x02;

const SEQUENCE_HEADER: u8 = 1;
const TEMPORAL_DELIMITER: u8 = 2;
const TILE_LIST: u8 = 8;
const PADDING: u8 = 15;

/// A temporal delimiter with its size of 0: it starts a temporal unit, is not
/// authenticated, and may come and go at the front of a frame.
pub(super) const DELIMITER: [u8; 2] = [TEMPORAL_DELIMITER << 3 | HAS_SIZE, 0];

/// The most bytes of a size, section 4.10.5, whose value must fit 32 bits.
const MAX_SIZE_LEN: usize = 8;

/// A size in as few bytes as hold it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    bytes: [u8; MAX_SIZE_LEN],
    len: usize,
}

impl Size {
    pub(super) fn new(mut value: usize) -> Self {
        let mut size = Self {
            bytes: [0; MAX_SIZE_LEN],
            len: 0,
        };
        for byte in &mut size.bytes {
            size.len += 1;
            *byte = value.to_le_bytes()[0] & 0x7F;
            value >>= 7;
            if value == 0 {
                break;
            }
            *byte |= 0x80;
        }
        size
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// Reads a size at the front of `bytes`: its value and its length there.
fn parse_size(bytes: &[u8]) -> Sound<(usize, usize)> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(MAX_SIZE_LEN).enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            let value = u32::try_from(value).map_err(|_| Unsound)?;
            return Ok((usize::try_from(value).map_err(|_| Unsound)?, index + 1));
        }
    }
    Err(Unsound)
}

/// An OBU by its place in the frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Obu {
    /// With `obu_has_size_field` set, and the extension if it has one.
    header: [u8; 2],
    header_len: usize,
    start: usize,
    pub(super) payload: usize,
    pub(super) end: usize,
    /// Of the payload, what is encrypted.
    text_len: usize,
    is_encrypted: bool,
    pub(super) is_last: bool,
}

impl Obu {
    /// Takes apart the OBU at `start`.
    fn parse(frame: &[u8], start: usize) -> Sound<(u8, Self)> {
        let bytes = frame.get(start..).ok_or(Unsound)?;
        let first = *bytes.first().ok_or(Unsound)?;
        if first & FORBIDDEN != 0 {
            return Err(Unsound);
        }
        let mut obu = Self {
            header: [first | HAS_SIZE, 0],
            header_len: 1,
            start,
            ..Self::NONE
        };
        if first & HAS_EXTENSION != 0 {
            let [_, extension] = &mut obu.header;
            *extension = *bytes.get(1).ok_or(Unsound)?;
            obu.header_len = 2;
        }
        let rest = bytes.get(obu.header_len..).ok_or(Unsound)?;
        let (len, size_len) = match first & HAS_SIZE {
            0 => (rest.len(), 0),
            _ => parse_size(rest)?,
        };
        obu.payload = start + obu.header_len + size_len;
        obu.end = obu.payload.checked_add(len).ok_or(Unsound)?;
        if obu.end > frame.len() {
            return Err(Unsound);
        }
        obu.is_last = obu.end == frame.len();
        Ok((first >> 3 & 0xF, obu))
    }

    pub(super) fn header(&self) -> &[u8] {
        self.header.get(..self.header_len).unwrap_or_default()
    }

    const fn payload_len(&self) -> usize {
        self.end.saturating_sub(self.payload)
    }

    /// Bytes of it when it is opened: with the shortest size.
    pub(super) fn opened_len(&self) -> usize {
        let payload = match self.is_encrypted {
            true => self.text_len,
            false => self.payload_len(),
        };
        self.header_len + Size::new(payload).as_bytes().len() + payload
    }
}

impl Unit for Obu {
    const NONE: Self = Self {
        header: [0; 2],
        header_len: 0,
        start: 0,
        payload: 0,
        end: 0,
        text_len: 0,
        is_encrypted: false,
        is_last: false,
    };

    fn clear_len(&self) -> usize {
        match self.is_encrypted {
            true => self.header_len,
            false => self.header_len + self.payload_len(),
        }
    }

    fn text_len(&self) -> usize {
        self.text_len
    }

    fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    fn span(&self) -> usize {
        self.opened_len()
    }

    fn put_clear(&self, frame: &[u8], sink: &mut impl Sink) -> Result<()> {
        sink.put(self.header())?;
        match self.is_encrypted {
            true => Ok(()),
            false => sink.put(frame.get(self.payload..self.end).ok_or(Error::Internal)?),
        }
    }
}

/// The units of an AV1 frame, one by one.
#[derive(Clone, Debug)]
pub(super) struct ObuWalk<'f> {
    frame: &'f [u8],
    side: Side,
    next: usize,
    /// Whether a temporal delimiter stands at the front.
    has_delimiter: bool,
    /// Where the carrier begins.
    carrier: Option<usize>,
}

impl<'f> ObuWalk<'f> {
    pub(super) fn new(side: Side, frame: &'f [u8]) -> Sound<Self> {
        let mut walk = Self {
            frame,
            side,
            next: 0,
            has_delimiter: false,
            carrier: None,
        };
        if let Some(first) = frame.first()
            && first >> 3 & 0xF == TEMPORAL_DELIMITER
        {
            let (_, obu) = Obu::parse(frame, 0)?;
            if obu.header() != [DELIMITER[0]] || obu.payload_len() > 0 {
                return Err(Unsound);
            }
            walk.has_delimiter = true;
            walk.next = obu.end;
        }
        Ok(walk)
    }

    pub(super) const fn has_delimiter(&self) -> bool {
        self.has_delimiter
    }

    /// Whether the carrier was found, once all units were walked over.
    pub(super) const fn has_carrier(&self) -> bool {
        self.carrier.is_some()
    }

    fn check_carrier(&self, obu: &Obu, trailer_len: usize) -> Sound<()> {
        let payload = self.frame.get(obu.payload..obu.end).ok_or(Unsound)?;
        let is_carrier = obu.header() == [OBU_HEADER]
            && payload.first() == Some(&OBU_METADATA_TYPE)
            && payload.len() == 1 + trailer_len;
        if is_carrier { Ok(()) } else { Err(Unsound) }
    }
}

impl Walk for ObuWalk<'_> {
    type Unit = Obu;

    #[inline]
    fn next(&mut self) -> Sound<Option<Obu>> {
        while self.next < self.frame.len() {
            let (obu_type, mut obu) = Obu::parse(self.frame, self.next)?;
            self.next = obu.end;
            let is_last = self.next == self.frame.len();
            match self.side {
                Side::Sealed {
                    trailer_len,
                    carrier: true,
                } if is_last => {
                    self.check_carrier(&obu, trailer_len)?;
                    self.carrier = Some(obu.start);
                    return Ok(None);
                }
                _ => {}
            }
            match obu_type {
                3..=7 => {
                    obu.is_encrypted = true;
                    obu.text_len = obu.payload_len();
                    if let Side::Sealed { trailer_len, .. } = self.side
                        && is_last
                    {
                        obu.text_len = obu.text_len.checked_sub(trailer_len).ok_or(Unsound)?;
                    }
                }
                SEQUENCE_HEADER => {
                    if is_last && matches!(self.side, Side::Sealed { .. }) {
                        return Err(Unsound);
                    }
                }
                TILE_LIST | PADDING if matches!(self.side, Side::Clear) => continue,
                _ => return Err(Unsound),
            }
            return Ok(Some(obu));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_any_length_and_written_in_the_shortest() {
        for (value, bytes) in [
            (0, &[0][..]),
            (127, &[0x7F]),
            (128, &[0x80, 1]),
            (16_383, &[0xFF, 0x7F]),
            (16_384, &[0x80, 0x80, 1]),
            (u32::MAX as usize, &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        ] {
            assert_eq!(Size::new(value).as_bytes(), bytes);
            assert_eq!(parse_size(bytes), Ok((value, bytes.len())));
            // Longer, up to 8 bytes.
            let mut longer = bytes.to_vec();
            while longer.len() < 8 {
                *longer.last_mut().unwrap() |= 0x80;
                longer.push(0);
                assert_eq!(parse_size(&longer), Ok((value, longer.len())));
            }
            *longer.last_mut().unwrap() |= 0x80;
            longer.push(0);
            assert_eq!(parse_size(&longer), Err(Unsound));
            assert_eq!(parse_size(&bytes[..bytes.len() - 1]), Err(Unsound));
        }
        // 2^32.
        assert_eq!(parse_size(&[0x80, 0x80, 0x80, 0x80, 0x10]), Err(Unsound));
        let most = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
        assert_eq!(parse_size(&most), Err(Unsound));
    }

    fn walk(side: Side, frame: &[u8]) -> Sound<Vec<(usize, usize)>> {
        let mut walk = ObuWalk::new(side, frame)?;
        let mut units = Vec::new();
        while let Some(obu) = walk.next()? {
            units.push((obu.clear_len(), obu.text_len()));
        }
        Ok(units)
    }

    #[test]
    fn types_are_on_the_list_or_refused() {
        for obu_type in 0..16_u8 {
            let obu = [obu_type << 3 | 2, 1, 0xAA];
            let want = match obu_type {
                1 => Ok(vec![(2, 0)]),
                3..=7 => Ok(vec![(1, 1)]),
                8 | 15 => Ok(vec![]),
                _ => Err(Unsound),
            };
            assert_eq!(walk(Side::Clear, &obu), want, "type {obu_type}");
            let forbidden = [0x80 | obu[0], 1, 0xAA];
            assert_eq!(walk(Side::Clear, &forbidden), Err(Unsound));
        }
    }

    #[test]
    fn a_temporal_delimiter_is_the_first_obu_and_empty() {
        let walk = |frame: &[u8]| walk(Side::Clear, frame);
        assert_eq!(walk(&[0x12, 0]), Ok(vec![]));
        assert_eq!(walk(&[0x12, 0x80, 0]), Ok(vec![]));
        assert_eq!(walk(&[0x10]), Ok(vec![]));
        assert_eq!(walk(&[0x12, 0, 0x32, 1, 7]), Ok(vec![(1, 1)]));
        for bad in [
            &[0x12, 1, 0][..],
            &[0x10, 0],
            &[0x13, 0],
            &[0x16, 0, 0],
            &[0x12, 0, 0x12, 0],
            &[0x32, 1, 7, 0x12, 0],
            &[0x7A, 0, 0x12, 0],
        ] {
            assert_eq!(walk(bad), Err(Unsound), "{bad:x?}");
        }
    }

    #[test]
    fn the_last_obu_may_lack_its_size() {
        let walk = |frame: &[u8]| walk(Side::Clear, frame);
        assert_eq!(
            walk(&[0x32, 2, 1, 2, 0x30, 3, 4, 5]),
            Ok(vec![(1, 2), (1, 3)])
        );
        assert_eq!(walk(&[0x34, 0x28, 3, 4, 5]), Ok(vec![(2, 3)]));
        assert_eq!(walk(&[0x30]), Ok(vec![(1, 0)]));
        assert_eq!(walk(&[]), Ok(vec![]));
        // Cut short.
        for bad in [
            &[0x32][..],
            &[0x32, 2, 1],
            &[0x34],
            &[0x36, 0x28],
            &[0x32, 0x80],
        ] {
            assert_eq!(walk(bad), Err(Unsound), "{bad:x?}");
        }
    }
}
