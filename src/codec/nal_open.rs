//! Opening of H.264 and H.265.

use super::aad::Call;
use super::nal::NalWalk;
use super::out::Out;
use super::trailer::Trailer;
use super::units::{Side, Unit, Units};
use super::{Sound, Unsound, escape};
use crate::{Error, Result};

/// A sealed frame, taken apart.
pub(super) struct Plan<'f> {
    frame: &'f [u8],
    units: Units<NalWalk<'f>>,
    /// Whether no emulation byte was added to it.
    is_plain: bool,
    /// What is left out of the opened frame: the carrier with its start code.
    cut: (usize, usize),
}

impl<'f> Plan<'f> {
    pub(super) fn new(trailer: &Trailer, frame: &'f [u8]) -> Sound<Self> {
        let side = Side::Sealed {
            trailer_len: trailer.len(),
            carrier: trailer.has_carrier,
        };
        let units = Units::survey(NalWalk::new(trailer.codec, side, frame)?)?;
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

    /// Opens into `out`, which has exactly [`Plan::opened_len`]. What it leaves
    /// there after an error is not authentic.
    pub(super) fn open(&self, call: &Call<'_>, tag: &[u8], out: &mut [u8]) -> Result<()> {
        let is_whole = self.units.encrypted <= 1 && self.is_plain;
        let mut run = call.opening(&self.units, self.frame, is_whole, tag)?;
        let mut out = Out::new(out);
        let mut done = 0;
        self.units.each(|unit| {
            // What stands between units, and clear bytes.
            out.put(self.frame.get(done..unit.body).ok_or(Error::Internal)?)?;
            done = unit.end;
            let nal = self.frame.get(unit.start..unit.end);
            escape::pieces(
                nal.ok_or(Error::Internal)?,
                unit.clear_len(),
                unit.text_len(),
                |piece| run.decrypt(piece, out.take(piece.len())?),
            )
        })?;
        let (cut, behind) = self.cut;
        out.put(self.frame.get(done..cut).ok_or(Error::Internal)?)?;
        out.put(self.frame.get(behind..).ok_or(Error::Internal)?)?;
        run.finish()
    }
}
