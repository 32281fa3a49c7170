//! Sealing of H.264 and H.265.

use super::aad::{Call, Gathered, SIDE_BY_SIDE};
use super::escape::{END, MAX_ESCAPES, protect};
use super::nal::{NalUnit, NalWalk};
use super::out::Out;
use super::single::Aad;
use super::units::{Side, Unit, Units};
use super::{Codec, Sound, Unsound, carrier, lengths, trailer};
use crate::aead::{InOutBuf, Sealing, Tag};
use crate::{Error, Result};

/// A frame to be sealed that is one slice.
#[derive(Clone, Copy)]
pub(super) struct OneSlice<'f> {
    pub(super) codec: Codec,
    pub(super) frame: &'f [u8],
    pub(super) unit: NalUnit,
}

impl OneSlice<'_> {
    pub(super) const fn control(&self) -> u8 {
        trailer::control(self.codec, false)
    }

    /// As [`Plan::seal`].
    pub(super) fn seal(&self, call: &Call<'_>, out: &mut [u8], escapes: usize) -> Result<usize> {
        let NalUnit {
            start, body, end, ..
        } = self.unit;
        let part = |from, to| self.frame.get(from..to).ok_or(Error::Internal);
        let text = part(body, end)?;
        let aad = Aad::new(&call.header, call.control, part(start, body)?, text.len())?;
        let mut out = Out::new(out);
        out.put(part(0, body)?)?;
        let payload = InOutBuf::new(text, out.take(text.len())?).map_err(|_| Error::Internal)?;
        let aad = [aad.as_bytes(), call.metadata];
        let tag = call.key.encrypt(call.ctr, &aad, payload)?;
        let to = out.take(call.key.tag_len() + trailer::TRAILER_REST)?;
        trailer::write(to, tag.as_bytes(), &call.header, call.control)?;
        let protected = protect(out.buf, body, out.len(), &mut escapes.min(MAX_ESCAPES))?;
        out.set_len(protected);
        out.put(part(end, self.frame.len())?)?;
        Ok(out.len())
    }
}

/// A frame to be sealed, taken apart.
#[derive(Clone, Copy)]
pub(super) struct Plan<'p, 'f> {
    codec: Codec,
    frame: &'f [u8],
    units: &'p Units<NalWalk<'f>>,
}

/// The way that such a frame is taken apart.
pub(super) fn walk(codec: Codec, frame: &[u8]) -> Sound<NalWalk<'_>> {
    NalWalk::new(codec, Side::Clear, frame)
}

impl<'p, 'f> Plan<'p, 'f> {
    pub(super) fn new(
        codec: Codec,
        frame: &'f [u8],
        units: &'p mut Units<NalWalk<'f>>,
    ) -> Sound<Self> {
        units.survey()?;
        if lengths::may_be_prefixed(frame) {
            let mut is_in_clear = false;
            let all = units.each(|unit| {
                is_in_clear |= unit.is_longer_and_clear();
                Ok(())
            });
            if is_in_clear || all.is_err() {
                return Err(Unsound);
            }
        }
        Ok(Self {
            codec,
            frame,
            units,
        })
    }

    /// Units that get a byte added.
    pub(super) const fn encrypted(&self) -> usize {
        self.units.encrypted
    }

    /// Whether the trailer needs a unit of its own.
    fn has_carrier(&self) -> bool {
        !self.units.last.is_some_and(|unit| unit.is_encrypted())
    }

    pub(super) fn control(&self) -> u8 {
        trailer::control(self.codec, self.has_carrier())
    }

    fn text(&self, unit: &NalUnit) -> Result<&'f [u8]> {
        self.frame.get(unit.body..unit.end).ok_or(Error::Internal)
    }

    /// Encrypts all payloads side by side at the end of `out`, and returns where
    /// they begin, and the tag. What is put together at the front never reaches the ones that
    /// are still to be brought there: the room for all that is added lies between.
    fn encrypt_all(&self, call: &Call<'_>, aad: &[u8], out: &mut [u8]) -> Result<(usize, Tag)> {
        let start = out.len().checked_sub(self.units.text_len);
        let start = start.ok_or(Error::Internal)?;
        let place = out.get_mut(start..).ok_or(Error::Internal)?;
        let mut all = Out::new(place);
        self.units.each(|unit| match unit.is_encrypted() {
            true => all.put(self.text(unit)?),
            false => Ok(()),
        })?;
        Ok((start, call.seal(aad, place.into())?))
    }

    /// Seals into `out`, which has room for [`super::seal::max_sealed_len`].
    #[inline(never)]
    pub(super) fn seal(&self, call: &Call<'_>, out: &mut [u8], escapes: usize) -> Result<usize> {
        let is_one = self.units.encrypted <= 1;
        let mut gathered = Gathered::new();
        let aad = match is_one || self.units.text_len <= SIDE_BY_SIDE {
            true => call.gather(self.units, self.frame, &mut gathered)?,
            false => None,
        };
        let mut tag = None;
        let mut run = None;
        // Where the next payload stands encrypted already.
        let mut encrypted = None;
        match aad {
            Some(_) if is_one => {}
            Some(aad) => {
                let (place, all_tag) = self.encrypt_all(call, aad, out)?;
                (encrypted, tag) = (Some(place), Some(all_tag));
            }
            None => run = Some(call.sealing(self.units, self.frame)?),
        }
        let finish = |run: Option<Sealing<'_>>, tag: Option<Tag>| match (run, tag, aad) {
            (Some(run), ..) => run.finish(),
            (None, Some(tag), _) => Ok(tag),
            // Nothing is encrypted, all is authenticated.
            (None, None, Some(aad)) => call.seal(aad, InOutBuf::from(&mut [][..])),
            (None, None, None) => Err(Error::Internal),
        };
        let trailer_len = call.key.tag_len() + trailer::TRAILER_REST;
        let mut left = escapes.min(MAX_ESCAPES);
        let mut out = Out::new(out);
        let mut done = 0;
        self.units.each(|unit| {
            // What stands between units, and clear bytes.
            out.put(self.frame.get(done..unit.body).ok_or(Error::Internal)?)?;
            done = unit.end;
            if !unit.is_encrypted() {
                return Ok(());
            }
            let body = out.len();
            let text = self.text(unit)?;
            if let Some(place) = &mut encrypted {
                out.bring(*place, text.len())?;
                *place += text.len();
            } else {
                let to = out.take(text.len())?;
                let payload = InOutBuf::new(text, to).map_err(|_| Error::Internal)?;
                match (&mut run, aad) {
                    (Some(run), _) => run.encrypt(payload)?,
                    // Once a counter, whatever the units.
                    (None, Some(aad)) if tag.is_none() => tag = Some(call.seal(aad, payload)?),
                    _ => return Err(Error::Internal),
                }
            }
            if unit.is_last {
                let tag = finish(run.take(), tag)?;
                let to = out.take(trailer_len)?;
                trailer::write(to, tag.as_bytes(), &call.header, call.control)?;
            } else {
                out.put(&[END])?;
            }
            let end = protect(out.buf, body, out.len(), &mut left)?;
            out.set_len(end);
            Ok(())
        })?;
        out.put(self.frame.get(done..).ok_or(Error::Internal)?)?;
        if self.has_carrier() {
            let header = self.units.done.carrier_header();
            out.put(&carrier::START_CODE)?;
            out.put(header.prefix(trailer_len).as_bytes())?;
            let body = out.len();
            let tag = finish(run, tag)?;
            let to = out.take(trailer_len)?;
            trailer::write(to, tag.as_bytes(), &call.header, call.control)?;
            let end = protect(out.buf, body, out.len(), &mut left)?;
            out.set_len(end);
        }
        Ok(out.len())
    }
}
