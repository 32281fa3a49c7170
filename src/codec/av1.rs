//! Sealing and opening of AV1.

use super::aad::Call;
use super::carrier::{OBU_HEADER, OBU_METADATA_TYPE};
use super::obu::{DELIMITER, ObuWalk, Size};
use super::out::Out;
use super::trailer::{self, Trailer};
use super::units::{Side, Unit, Units};
use super::{Codec, Sound, Unsound};
use crate::{Error, Result};

/// A frame to be sealed, taken apart.
pub(super) struct SealPlan<'f> {
    frame: &'f [u8],
    units: Units<ObuWalk<'f>>,
}

impl<'f> SealPlan<'f> {
    pub(super) fn new(frame: &'f [u8]) -> Sound<Self> {
        let units = Units::survey(ObuWalk::new(Side::Clear, frame)?)?;
        Ok(Self { frame, units })
    }

    /// Whether the trailer needs an OBU of its own.
    fn has_carrier(&self) -> bool {
        !self.units.last.is_some_and(|obu| obu.is_encrypted())
    }

    pub(super) fn control(&self) -> u8 {
        trailer::control(Codec::Av1, self.has_carrier())
    }

    /// Seals into `out`, which has room for [`super::seal::max_sealed_len`].
    #[inline(never)]
    pub(super) fn seal(&self, call: &Call<'_>, out: &mut [u8]) -> Result<usize> {
        let trailer_len = call.key.tag_len() + trailer::TRAILER_REST;
        let has_carrier = self.has_carrier();
        let last_end = self.units.last.map_or(0, |obu| obu.end);
        let mut run = call.sealing(&self.units, self.frame)?;
        let mut out = Out::new(out);
        if self.units.done.has_delimiter() {
            out.put(&DELIMITER)?;
        }
        self.units.each(|obu| {
            let payload = self
                .frame
                .get(obu.payload..obu.end)
                .ok_or(Error::Internal)?;
            let added = match obu.end == last_end && !has_carrier {
                true => trailer_len,
                false => 0,
            };
            out.put(obu.header())?;
            out.put(Size::new(payload.len() + added).as_bytes())?;
            if obu.is_encrypted() {
                run.encrypt(payload, out.take(payload.len())?)
            } else {
                out.put(payload)
            }
        })?;
        if has_carrier {
            out.put(&[OBU_HEADER])?;
            out.put(Size::new(1 + trailer_len).as_bytes())?;
            out.put(&[OBU_METADATA_TYPE])?;
        }
        let tag = run.finish()?;
        let to = out.take(trailer_len)?;
        trailer::write(to, tag.as_bytes(), &call.header, call.control)?;
        Ok(out.len())
    }
}

/// A sealed frame, taken apart.
pub(super) struct OpenPlan<'f> {
    frame: &'f [u8],
    units: Units<ObuWalk<'f>>,
}

impl<'f> OpenPlan<'f> {
    pub(super) fn new(trailer: &Trailer, frame: &'f [u8]) -> Sound<Self> {
        let side = Side::Sealed {
            trailer_len: trailer.len(),
            carrier: trailer.has_carrier,
        };
        let units = Units::survey(ObuWalk::new(side, frame)?)?;
        if units.done.has_carrier() || units.encrypted > 0 {
            Ok(Self { frame, units })
        } else {
            Err(Unsound)
        }
    }

    pub(super) fn opened_len(&self) -> usize {
        let delimiter = match self.units.done.has_delimiter() {
            true => DELIMITER.len(),
            false => 0,
        };
        delimiter + self.units.span
    }

    /// Opens into `out`, which has exactly [`OpenPlan::opened_len`]. What it
    /// leaves there after an error is not authentic.
    pub(super) fn open(&self, call: &Call<'_>, tag: &[u8], out: &mut [u8]) -> Result<()> {
        let is_whole = self.units.encrypted <= 1;
        let mut run = call.opening(&self.units, self.frame, is_whole, tag)?;
        let mut out = Out::new(out);
        if self.units.done.has_delimiter() {
            out.put(&DELIMITER)?;
        }
        self.units.each(|obu| {
            out.put(obu.header())?;
            let payload = self
                .frame
                .get(obu.payload..obu.end)
                .ok_or(Error::Internal)?;
            if !obu.is_encrypted() {
                out.put(Size::new(payload.len()).as_bytes())?;
                return out.put(payload);
            }
            let text = payload.get(..obu.text_len()).ok_or(Error::Internal)?;
            out.put(Size::new(text.len()).as_bytes())?;
            run.decrypt(text, out.take(text.len())?)
        })?;
        run.finish()
    }
}
