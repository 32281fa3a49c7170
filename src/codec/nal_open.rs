//! Opening of H.264 and H.265.

use super::aad::{Call, Gathered, SIDE_BY_SIDE};
use super::nal::{NalUnit, NalWalk};
use super::out::Out;
use super::single::Aad;
use super::trailer::Trailer;
use super::units::{Side, Unit, Units};
use super::{Sound, Unsound, escape};
use crate::aead::InOutBuf;
use crate::{Error, Result};

/// A sealed frame that is one slice without emulation bytes of a sealer.
#[derive(Clone, Copy)]
pub(super) struct OneSlice<'f> {
    frame: &'f [u8],
    unit: NalUnit,
}

impl<'f> OneSlice<'f> {
    /// None if the frame, which begins with `first`, is any other.
    pub(super) fn new(frame: &'f [u8], first: Option<NalUnit>) -> Option<Self> {
        let unit = first.filter(|unit| unit.is_alone() && !unit.is_escaped)?;
        Some(Self { frame, unit })
    }

    fn text_end(&self) -> usize {
        self.unit.body + self.unit.text_len()
    }

    pub(super) fn opened_len(&self) -> usize {
        self.text_end() + (self.frame.len() - self.unit.end)
    }

    /// As [`Plan::open`].
    pub(super) fn open(&self, call: &Call<'_>, tag: &[u8], out: &mut [u8]) -> Result<()> {
        let NalUnit {
            start, body, end, ..
        } = self.unit;
        let part = |from, to| self.frame.get(from..to).ok_or(Error::Internal);
        let text = part(body, self.text_end())?;
        let aad = Aad::new(&call.header, call.control, part(start, body)?, text.len())?;
        let mut out = Out::new(out);
        out.put(part(0, body)?)?;
        let payload = InOutBuf::new(text, out.take(text.len())?).map_err(|_| Error::Internal)?;
        let aad = [aad.as_bytes(), call.metadata];
        call.key.decrypt(call.ctr, &aad, payload, tag)?;
        out.put(part(end, self.frame.len())?)
    }
}

/// A sealed frame, taken apart.
#[derive(Clone, Copy)]
pub(super) struct Plan<'p, 'f> {
    frame: &'f [u8],
    units: &'p Units<NalWalk<'f>>,
    /// Whether no emulation byte was added to it.
    is_plain: bool,
    /// What is left out of the opened frame: the carrier with its start code.
    cut: (usize, usize),
}

/// The way that such a frame is taken apart.
pub(super) fn walk<'f>(trailer: &Trailer, frame: &'f [u8]) -> Sound<NalWalk<'f>> {
    let side = Side::Sealed {
        trailer_len: trailer.len(),
        carrier: trailer.has_carrier,
    };
    NalWalk::new(trailer.codec, side, frame)
}

impl<'p, 'f> Plan<'p, 'f> {
    pub(super) fn new(
        trailer: &Trailer,
        frame: &'f [u8],
        units: &'p mut Units<NalWalk<'f>>,
    ) -> Sound<Self> {
        units.survey()?;
        let last_end = units.last.map_or(0, |unit| unit.end);
        let (cut, added) = match (units.done.carrier(), units.encrypted.checked_sub(1)) {
            (Some((start, end)), _) => {
                let mut cut = start.checked_sub(3).ok_or(Unsound)?;
                if cut > last_end && frame.get(cut - 1) == Some(&0) {
                    // The first byte of the sealer's `00 00 00 01`.
                    cut -= 1;
                }
                ((cut, end), units.encrypted)
            }
            (None, Some(others)) => ((frame.len(), frame.len()), others + trailer.len()),
            (None, None) => return Err(Unsound),
        };
        Ok(Self {
            frame,
            is_plain: units.span == units.clear_len + units.text_len + added,
            units,
            cut,
        })
    }

    pub(super) fn opened_len(&self) -> usize {
        let (cut, behind) = self.cut;
        let added = self.units.span - self.units.clear_len - self.units.text_len;
        self.frame.len() - added - (behind - cut)
    }

    /// Calls `f` with the ciphertext of an encrypted unit, between emulation bytes.
    fn each_piece(&self, unit: &NalUnit, mut f: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let nal = self.frame.get(unit.start..unit.end);
        let nal = nal.ok_or(Error::Internal)?;
        let (body, len) = (unit.clear_len(), unit.text_len());
        if unit.is_escaped {
            return escape::pieces(nal, body, len, f);
        }
        f(nal.get(body..body + len).ok_or(Error::Internal)?)
    }

    /// Decrypts all payloads side by side at the end of `out`, which has the opened
    /// frame's length, and returns where they begin. What is put together at the
    /// front never reaches the ones that are still to be brought there.
    fn decrypt_all(
        &self,
        call: &Call<'_>,
        aad: &[u8],
        tag: &[u8],
        out: &mut [u8],
    ) -> Result<usize> {
        let start = out.len().checked_sub(self.units.text_len);
        let start = start.ok_or(Error::Internal)?;
        let place = out.get_mut(start..).ok_or(Error::Internal)?;
        let mut all = Out::new(place);
        self.units.each(|unit| match unit.is_encrypted() {
            true => self.each_piece(unit, |piece| all.put(piece)),
            false => Ok(()),
        })?;
        call.open(aad, place.into(), tag)?;
        Ok(start)
    }

    /// Opens into `out`, which has exactly [`Plan::opened_len`]. What it leaves
    /// there after an error is not authentic.
    pub(super) fn open(&self, call: &Call<'_>, tag: &[u8], out: &mut [u8]) -> Result<()> {
        let is_one = self.units.encrypted <= 1 && self.is_plain;
        let mut gathered = Gathered::new();
        let aad = match is_one || self.units.text_len <= SIDE_BY_SIDE {
            true => call.gather(self.units, self.frame, &mut gathered)?,
            false => None,
        };
        let mut run = None;
        let mut is_authentic = false;
        // Where the next payload stands decrypted already.
        let mut decrypted = None;
        match aad {
            Some(aad) if self.units.encrypted == 0 => {
                call.open(aad, InOutBuf::from(&mut [][..]), tag)?;
                is_authentic = true;
            }
            Some(_) if is_one => {}
            Some(aad) => {
                decrypted = Some(self.decrypt_all(call, aad, tag, out)?);
                is_authentic = true;
            }
            None => run = Some(call.opening(self.units, self.frame)?),
        }
        let mut out = Out::new(out);
        let mut done = 0;
        self.units.each(|unit| {
            // What stands between units, and clear bytes.
            out.put(self.frame.get(done..unit.body).ok_or(Error::Internal)?)?;
            done = unit.end;
            if !unit.is_encrypted() {
                return Ok(());
            }
            if let Some(place) = &mut decrypted {
                out.bring(*place, unit.text_len())?;
                *place += unit.text_len();
                return Ok(());
            }
            self.each_piece(unit, |piece| {
                let to = out.take(piece.len())?;
                let payload = InOutBuf::new(piece, to).map_err(|_| Error::Internal)?;
                match (&mut run, aad) {
                    (Some(run), _) => run.decrypt(payload),
                    (None, Some(aad)) if !is_authentic => {
                        call.open(aad, payload, tag)?;
                        is_authentic = true;
                        Ok(())
                    }
                    _ => Err(Error::Internal),
                }
            })
        })?;
        let (cut, behind) = self.cut;
        out.put(self.frame.get(done..cut).ok_or(Error::Internal)?)?;
        out.put(self.frame.get(behind..).ok_or(Error::Internal)?)?;
        match run {
            Some(run) => run.finish(tag),
            None if is_authentic => Ok(()),
            None => Err(Error::Internal),
        }
    }
}
