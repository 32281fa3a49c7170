//! Sealing of H.264 and H.265.

use super::aad::Call;
use super::escape::{END, MAX_ESCAPES, protect};
use super::nal::NalWalk;
use super::out::Out;
use super::units::{Side, Unit, Units};
use super::{Codec, Sound, carrier, trailer};
use crate::{Error, Result};

/// A frame to be sealed, taken apart.
pub(super) struct Plan<'f> {
    codec: Codec,
    frame: &'f [u8],
    units: Units<NalWalk<'f>>,
}

impl<'f> Plan<'f> {
    pub(super) fn new(codec: Codec, frame: &'f [u8]) -> Sound<Self> {
        let units = Units::survey(NalWalk::new(codec, Side::Clear, frame)?)?;
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

    /// Seals into `out`, which has room for [`super::seal::max_sealed_len`].
    #[inline(never)]
    pub(super) fn seal(&self, call: &Call<'_>, out: &mut [u8], escapes: usize) -> Result<usize> {
        let mut run = Some(call.sealing(&self.units, self.frame)?);
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
            let text = self.frame.get(unit.body..unit.end).ok_or(Error::Internal)?;
            let to = out.take(text.len())?;
            run.as_mut().ok_or(Error::Internal)?.encrypt(text, to)?;
            if unit.is_last {
                let tag = run.take().ok_or(Error::Internal)?.finish()?;
                let tag = tag.as_bytes();
                let to = out.take(call.key.tag_len() + trailer::TRAILER_REST)?;
                trailer::write(to, tag, &call.header, call.control)?;
            } else {
                out.put(&[END])?;
            }
            let end = protect(out.buf, body, out.len(), &mut left)?;
            out.set_len(end);
            Ok(())
        })?;
        out.put(self.frame.get(done..).ok_or(Error::Internal)?)?;
        if let Some(run) = run {
            let trailer_len = call.key.tag_len() + trailer::TRAILER_REST;
            let header = self.units.done.carrier_header();
            out.put(&carrier::START_CODE)?;
            out.put(header.prefix(trailer_len).as_bytes())?;
            let body = out.len();
            let tag = run.finish()?;
            let to = out.take(trailer_len)?;
            trailer::write(to, tag.as_bytes(), &call.header, call.control)?;
            let end = protect(out.buf, body, out.len(), &mut left)?;
            out.set_len(end);
        }
        Ok(out.len())
    }
}
