//! Sealing and opening of AV1.

use super::aad::{Call, Gathered};
use super::carrier::{OBU_HEADER, OBU_METADATA_TYPE};
use super::obu::{DELIMITER, ObuWalk, Size};
use super::out::Out;
use super::trailer::{self, Trailer};
use super::units::{Side, Unit, Units};
use super::{Codec, Sound, Unsound};
use crate::aead::InOutBuf;
use crate::{Error, Result};

/// The way that a frame to be sealed is taken apart.
pub(super) fn seal_walk(frame: &[u8]) -> Sound<ObuWalk<'_>> {
    ObuWalk::new(Side::Clear, frame)
}

/// The way that a sealed frame is taken apart.
pub(super) fn open_walk<'f>(trailer: &Trailer, frame: &'f [u8]) -> Sound<ObuWalk<'f>> {
    let side = Side::Sealed {
        trailer_len: trailer.len(),
        carrier: trailer.has_carrier,
    };
    ObuWalk::new(side, frame)
}

/// A frame to be sealed, taken apart.
#[derive(Clone, Copy)]
pub(super) struct SealPlan<'p, 'f> {
    frame: &'f [u8],
    units: &'p Units<ObuWalk<'f>>,
}

impl<'p, 'f> SealPlan<'p, 'f> {
    pub(super) fn new(frame: &'f [u8], units: &'p mut Units<ObuWalk<'f>>) -> Sound<Self> {
        units.survey()?;
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
        let mut gathered = Gathered::new();
        let aad = match self.units.encrypted {
            0 | 1 => call.gather(self.units, self.frame, &mut gathered)?,
            _ => None,
        };
        let mut tag = None;
        let mut run = match aad {
            Some(_) => None,
            None => Some(call.sealing(self.units, self.frame)?),
        };
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
            if !obu.is_encrypted() {
                return out.put(payload);
            }
            let to = out.take(payload.len())?;
            let payload = InOutBuf::new(payload, to).map_err(|_| Error::Internal)?;
            match (&mut run, aad) {
                (Some(run), _) => run.encrypt(payload)?,
                // Once a counter, whatever the units.
                (None, Some(aad)) if tag.is_none() => tag = Some(call.seal(aad, payload)?),
                _ => return Err(Error::Internal),
            }
            Ok(())
        })?;
        if has_carrier {
            out.put(&[OBU_HEADER])?;
            out.put(Size::new(1 + trailer_len).as_bytes())?;
            out.put(&[OBU_METADATA_TYPE])?;
        }
        let tag = match (run, tag, aad) {
            (Some(run), ..) => run.finish()?,
            (None, Some(tag), _) => tag,
            // Nothing is encrypted, all is authenticated.
            (None, None, Some(aad)) => call.seal(aad, InOutBuf::from(&mut [][..]))?,
            (None, None, None) => return Err(Error::Internal),
        };
        let to = out.take(trailer_len)?;
        trailer::write(to, tag.as_bytes(), &call.header, call.control)?;
        Ok(out.len())
    }
}

/// A sealed frame, taken apart.
#[derive(Clone, Copy)]
pub(super) struct OpenPlan<'p, 'f> {
    frame: &'f [u8],
    units: &'p Units<ObuWalk<'f>>,
}

impl<'p, 'f> OpenPlan<'p, 'f> {
    pub(super) fn new(frame: &'f [u8], units: &'p mut Units<ObuWalk<'f>>) -> Sound<Self> {
        units.survey()?;
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
        let mut gathered = Gathered::new();
        let aad = match self.units.encrypted {
            0 | 1 => call.gather(self.units, self.frame, &mut gathered)?,
            _ => None,
        };
        let mut run = None;
        let mut is_authentic = false;
        match aad {
            Some(aad) if self.units.encrypted == 0 => {
                call.open(aad, InOutBuf::from(&mut [][..]), tag)?;
                is_authentic = true;
            }
            Some(_) => {}
            None => run = Some(call.opening(self.units, self.frame)?),
        }
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
            let to = out.take(text.len())?;
            let payload = InOutBuf::new(text, to).map_err(|_| Error::Internal)?;
            match (&mut run, aad) {
                (Some(run), _) => run.decrypt(payload),
                (None, Some(aad)) if !is_authentic => {
                    call.open(aad, payload, tag)?;
                    is_authentic = true;
                    Ok(())
                }
                _ => Err(Error::Internal),
            }
        })?;
        match run {
            Some(run) => run.finish(tag),
            None if is_authentic => Ok(()),
            None => Err(Error::Internal),
        }
    }
}
