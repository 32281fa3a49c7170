//! The one AEAD call of a frame, over as many segments as it takes.
//!
//! Associated data: `header ‖ control ‖ number of units ‖ for each unit: clear
//! length ‖ clear ‖ encrypted length ‖ metadata`, lengths of 4 bytes.

use super::out::copy;
use super::trailer::HEADER_LEN;
use super::units::{Unit, Units, Walk};
use crate::aead::{InOutBuf, Opening, Sealing, Tag};
use crate::sframe::key::FrameKey;
use crate::{Error, Result};

/// Associated data that are gathered before they go to the AEAD: parameter sets
/// and a few slices. The AEAD takes as many at once.
const GATHERED: usize = 256;
/// Bytes of several payloads in one frame that are better copied twice, to be
/// encrypted or decrypted side by side, than taken one by one.
pub(super) const SIDE_BY_SIDE: usize = 8_192;
/// `header ‖ control ‖ number of units`.
const START_LEN: usize = HEADER_LEN + 1 + 4;

/// Where associated data go, piece by piece.
pub(super) trait Sink {
    fn put(&mut self, bytes: &[u8]) -> Result<()>;
}

/// A length on the wire.
pub(super) fn be32(len: usize) -> Result<[u8; 4]> {
    u32::try_from(len)
        .map(u32::to_be_bytes)
        .map_err(|_| Error::TooLarge)
}

/// What a frame's call is made of besides its payload.
pub(super) struct Call<'c> {
    pub(super) key: &'c FrameKey,
    pub(super) ctr: u64,
    pub(super) header: [u8; HEADER_LEN],
    pub(super) control: u8,
    pub(super) metadata: &'c [u8],
}

impl Call<'_> {
    fn put<W: Walk>(&self, units: &Units<W>, frame: &[u8], sink: &mut impl Sink) -> Result<()> {
        sink.put(&self.header)?;
        sink.put(&[self.control])?;
        sink.put(&units.count.to_be_bytes())?;
        units.each(|unit| {
            sink.put(&be32(unit.clear_len())?)?;
            unit.put_clear(frame, sink)?;
            sink.put(&be32(unit.text_len())?)
        })
    }

    /// Bytes of associated data.
    fn aad_len<W: Walk>(&self, units: &Units<W>) -> Result<usize> {
        units
            .aad_len()?
            .checked_add(START_LEN)
            .and_then(|len| len.checked_add(self.metadata.len()))
            .ok_or(Error::TooLarge)
    }

    /// All associated data in one place, which is empty before, if there are few:
    /// for [`Call::seal`] and [`Call::open`].
    #[inline]
    pub(super) fn gather<'g, W: Walk>(
        &self,
        units: &Units<W>,
        frame: &[u8],
        gathered: &'g mut Gathered,
    ) -> Result<Option<&'g [u8]>> {
        if self.aad_len(units)? > GATHERED {
            return Ok(None);
        }
        self.put(units, frame, gathered)?;
        gathered.put(self.metadata)?;
        Ok(Some(gathered.as_bytes()))
    }

    /// Seals in one go.
    pub(super) fn seal(&self, aad: &[u8], payload: InOutBuf<'_, '_, u8>) -> Result<Tag> {
        self.key.encrypt(self.ctr, &[aad], payload)
    }

    /// Opens in one go. The payload is zero if it is not authentic.
    pub(super) fn open(&self, aad: &[u8], payload: InOutBuf<'_, '_, u8>, tag: &[u8]) -> Result<()> {
        self.key.decrypt(self.ctr, &[aad], payload, tag)
    }

    /// Starts sealing in segments.
    pub(super) fn sealing<W: Walk>(&self, units: &Units<W>, frame: &[u8]) -> Result<Sealing<'_>> {
        let aad_len = self.aad_len(units)?;
        let mut run = self.key.sealing(self.ctr, aad_len, units.text_len)?;
        self.put_all(units, frame, |piece| run.aad(piece))?;
        Ok(run)
    }

    /// Starts opening in segments.
    pub(super) fn opening<W: Walk>(&self, units: &Units<W>, frame: &[u8]) -> Result<Opening<'_>> {
        let aad_len = self.aad_len(units)?;
        let mut run = self.key.opening(self.ctr, aad_len, units.text_len)?;
        self.put_all(units, frame, |piece| run.aad(piece))?;
        Ok(run)
    }

    fn put_all<W: Walk>(
        &self,
        units: &Units<W>,
        frame: &[u8],
        to: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut batch = Batch {
            pieces: Gathered::new(),
            to,
        };
        self.put(units, frame, &mut batch)?;
        batch.put(self.metadata)?;
        batch.flush()
    }
}

/// Associated data in one place.
pub(super) struct Gathered {
    bytes: [u8; GATHERED],
    len: usize,
}

impl Gathered {
    #[inline(always)]
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; GATHERED],
            len: 0,
        }
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Sink for Gathered {
    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let end = self.len.checked_add(bytes.len()).ok_or(Error::Internal)?;
        let place = self.bytes.get_mut(self.len..end).ok_or(Error::Internal)?;
        copy(place, bytes);
        self.len = end;
        Ok(())
    }
}

/// Many small pieces, handed on a few at a time.
struct Batch<F> {
    pieces: Gathered,
    to: F,
}

impl<F: FnMut(&[u8]) -> Result<()>> Batch<F> {
    fn flush(&mut self) -> Result<()> {
        (self.to)(self.pieces.as_bytes())?;
        self.pieces.len = 0;
        Ok(())
    }
}

impl<F: FnMut(&[u8]) -> Result<()>> Sink for Batch<F> {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        if self.pieces.len.saturating_add(bytes.len()) > GATHERED {
            self.flush()?;
            if bytes.len() > GATHERED {
                return (self.to)(bytes);
            }
        }
        self.pieces.put(bytes)
    }
}
