//! Byte streams of NAL units, ITU-T H.264 and H.265 annex B: taking apart what
//! an encoder made and what a transport delivers.

use super::aad::Sink;
use super::units::{Side, Unit, Walk};
use super::{Codec, Sound, Unsound, carrier, escape, h264, h265, single};
use crate::simd::reserved_pair;
use crate::{Error, Result};

/// How much of a NAL unit stays clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// A slice: so many bytes at its front.
    Slice(usize),
}

/// One NAL unit by its place in the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nal {
    pub(super) start: usize,
    /// Behind its last byte that is not zero.
    pub(super) end: usize,
    /// No `00 00` stands before here that a byte up to 3 follows.
    pub(super) first_pair: usize,
    /// Whether no other NAL unit follows.
    pub(super) is_last: bool,
}

/// The NAL units of a byte stream.
#[derive(Clone, Debug)]
pub(super) struct Nals<'f> {
    frame: &'f [u8],
    /// Behind the next start code; none at the end.
    next: Option<usize>,
}

impl<'f> Nals<'f> {
    /// An empty frame has none. Anything else begins with zero bytes and a start
    /// code, or it is [`Unsound`].
    pub(super) fn new(frame: &'f [u8]) -> Sound<Self> {
        let next = match frame.iter().position(|byte| *byte != 0) {
            None if frame.is_empty() => None,
            Some(zeros @ 2..) if frame.get(zeros) == Some(&1) => Some(zeros + 1),
            _ => return Err(Unsound),
        };
        Ok(Self { frame, next })
    }

    #[inline]
    pub(super) fn next(&mut self) -> Sound<Option<Nal>> {
        let Some(start) = self.next else {
            return Ok(None);
        };
        let mut first_pair = None;
        let mut at = start;
        let (end, next) = loop {
            let rest = self.frame.get(at..).unwrap_or_default();
            let Some(pair) = reserved_pair(rest).map(|found| at + found) else {
                // At most one zero byte ends the frame.
                let end = match rest.last() {
                    Some(0) => self.frame.len() - 1,
                    _ => self.frame.len(),
                };
                break (end, None);
            };
            let run = self.frame.get(pair..).unwrap_or_default();
            let Some(zeros) = run.iter().position(|byte| *byte != 0) else {
                break (pair, None);
            };
            if run.get(zeros) == Some(&1) {
                break (pair, Some(pair + zeros + 1));
            }
            first_pair = first_pair.or(Some(pair));
            at = pair + zeros;
        };
        if end <= start {
            return Err(Unsound);
        }
        self.next = next;
        Ok(Some(Nal {
            start,
            end,
            first_pair: first_pair.unwrap_or(end),
            is_last: next.is_none(),
        }))
    }
}

/// A NAL unit, the carrier apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct NalUnit {
    pub(super) start: usize,
    /// Behind the clear bytes.
    pub(super) body: usize,
    pub(super) end: usize,
    text_len: usize,
    is_encrypted: bool,
    /// Whether the unit was found with emulation bytes of a sealer in it.
    pub(super) is_escaped: bool,
    pub(super) is_last: bool,
}

impl NalUnit {
    /// Whether a frame that begins with this unit is one slice and nothing else, as
    /// most frames are.
    pub(super) fn is_alone(&self) -> bool {
        self.is_last && self.is_encrypted && self.clear_len() <= single::MAX_CLEAR
    }

    /// Whether it is clear as a whole, and not a header alone.
    pub(super) const fn is_longer_and_clear(&self) -> bool {
        !self.is_encrypted && self.end - self.start > 1
    }
}

impl Unit for NalUnit {
    const NONE: Self = Self {
        start: 0,
        body: 0,
        end: 0,
        text_len: 0,
        is_encrypted: false,
        is_escaped: false,
        is_last: false,
    };

    fn clear_len(&self) -> usize {
        self.body.saturating_sub(self.start)
    }

    fn text_len(&self) -> usize {
        self.text_len
    }

    fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    fn span(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    fn put_clear(&self, frame: &[u8], sink: &mut impl Sink) -> Result<()> {
        sink.put(frame.get(self.start..self.body).ok_or(Error::Internal)?)
    }
}

/// The units of a byte stream, one by one.
#[derive(Clone, Debug)]
pub(super) struct NalWalk<'f> {
    codec: Codec,
    side: Side,
    nals: Nals<'f>,
    /// The last byte of the last slice's NAL unit header, or 0.
    slice_header: u8,
    /// Where the carrier's NAL unit stands.
    carrier: Option<(usize, usize)>,
}

impl<'f> NalWalk<'f> {
    /// `frame` without the zero bytes behind a trailer.
    pub(super) fn new(codec: Codec, side: Side, frame: &'f [u8]) -> Sound<Self> {
        Ok(Self {
            codec,
            side,
            nals: Nals::new(frame)?,
            slice_header: 0,
            carrier: None,
        })
    }

    /// The carrier's NAL unit header that belongs behind the units so far.
    pub(super) const fn carrier_header(&self) -> carrier::NalHeader {
        match (self.codec, self.slice_header) {
            (Codec::H265, 0) => carrier::NalHeader::H265_PREFIX,
            (Codec::H265, second) => carrier::NalHeader::h265_suffix(second),
            _ => carrier::NalHeader::H264,
        }
    }

    /// Where the carrier stands, once all units were walked over.
    pub(super) const fn carrier(&self) -> Option<(usize, usize)> {
        self.carrier
    }

    fn part(&mut self, nal: &[u8]) -> Sound<Part> {
        if self.codec != Codec::H265 {
            return h264::part(nal);
        }
        let part = h265::part(nal)?;
        if let Part::Slice(_) = part {
            self.slice_header = nal.get(1).copied().unwrap_or_default();
        }
        Ok(part)
    }
}

impl Walk for NalWalk<'_> {
    type Unit = NalUnit;

    #[inline]
    fn next(&mut self) -> Sound<Option<NalUnit>> {
        let Some(nal) = self.nals.next()? else {
            return Ok(None);
        };
        let bytes = self.nals.frame.get(nal.start..nal.end).ok_or(Unsound)?;
        if let Side::Sealed {
            trailer_len,
            carrier: true,
        } = self.side
            && nal.is_last
        {
            self.carrier_header().check(bytes, trailer_len)?;
            self.carrier = Some((nal.start, nal.end));
            return Ok(None);
        }
        let clear_len = match self.part(bytes)? {
            Part::Slice(len) => len,
            Part::Whole => {
                if nal.is_last && matches!(self.side, Side::Sealed { .. }) {
                    return Err(Unsound);
                }
                return Ok(Some(NalUnit {
                    start: nal.start,
                    body: nal.end,
                    end: nal.end,
                    text_len: 0,
                    is_encrypted: false,
                    is_escaped: false,
                    is_last: nal.is_last,
                }));
            }
        };
        let body = nal.start + clear_len;
        let mut unit = NalUnit {
            start: nal.start,
            body,
            end: nal.end,
            text_len: nal.end - body,
            is_encrypted: true,
            is_escaped: false,
            is_last: nal.is_last,
        };
        if let Side::Sealed { trailer_len, .. } = self.side {
            let added = if nal.is_last { trailer_len } else { 1 };
            let escapes = escape::count(bytes, clear_len, nal.first_pair - nal.start)?;
            if bytes.last() != Some(&escape::END) {
                return Err(Unsound);
            }
            unit.is_escaped = escapes > 0;
            unit.text_len = unit
                .text_len
                .checked_sub(escapes)
                .and_then(|len| len.checked_sub(added))
                .ok_or(Unsound)?;
        }
        Ok(Some(unit))
    }
}
