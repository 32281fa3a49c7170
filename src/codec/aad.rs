//! The one AEAD call of a frame, over as many segments as it takes.
//!
//! Associated data: `header ‖ control ‖ number of units ‖ for each unit: clear
//! length ‖ clear ‖ encrypted length ‖ metadata`, lengths of 4 bytes.

use super::trailer::HEADER_LEN;
use super::units::{Unit, Units, Walk};
use crate::aead::{InOutBuf, Opening, Sealing, Tag};
use crate::sframe::key::FrameKey;
use crate::{Error, Result};

/// Associated data that are gathered before they go to the AEAD.
const GATHERED: usize = 256;
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

    /// Bytes of associated data before the metadata.
    fn aad_len<W: Walk>(units: &Units<W>) -> Result<usize> {
        units
            .aad_len()?
            .checked_add(START_LEN)
            .ok_or(Error::TooLarge)
    }

    /// Associated data of a frame that is short of them, for a call in one go.
    fn gather<W: Walk>(&self, units: &Units<W>, frame: &[u8]) -> Result<Gathered> {
        let mut gathered = Gathered {
            bytes: [0; GATHERED],
            len: 0,
        };
        self.put(units, frame, &mut gathered)?;
        Ok(gathered)
    }

    /// Starts sealing a frame whose units are known.
    pub(super) fn sealing<'c, W: Walk>(
        &'c self,
        units: &Units<W>,
        frame: &[u8],
    ) -> Result<SealRun<'c>> {
        let aad_len = Self::aad_len(units)?;
        if units.encrypted <= 1 && aad_len <= GATHERED {
            return Ok(SealRun::Once {
                call: self,
                aad: self.gather(units, frame)?,
                tag: None,
            });
        }
        let total = aad_len
            .checked_add(self.metadata.len())
            .ok_or(Error::TooLarge)?;
        let mut run = self.key.sealing(self.ctr, total, units.text_len)?;
        let mut batch = Batch::new(|piece: &[u8]| run.aad(piece));
        self.put(units, frame, &mut batch)?;
        batch.put(self.metadata)?;
        batch.flush()?;
        Ok(SealRun::Segments(run))
    }

    /// Starts opening a frame whose units are known. `is_whole` says that the
    /// ciphertext stands in one piece, or is none.
    pub(super) fn opening<'c, W: Walk>(
        &'c self,
        units: &Units<W>,
        frame: &[u8],
        is_whole: bool,
        tag: &'c [u8],
    ) -> Result<OpenRun<'c>> {
        let aad_len = Self::aad_len(units)?;
        if is_whole && aad_len <= GATHERED {
            return Ok(OpenRun::Once {
                call: self,
                aad: self.gather(units, frame)?,
                tag,
                result: None,
            });
        }
        let total = aad_len
            .checked_add(self.metadata.len())
            .ok_or(Error::TooLarge)?;
        let mut run = self.key.opening(self.ctr, total, units.text_len)?;
        let mut batch = Batch::new(|piece: &[u8]| run.aad(piece));
        self.put(units, frame, &mut batch)?;
        batch.put(self.metadata)?;
        batch.flush()?;
        Ok(OpenRun::Segments { run, tag })
    }
}

/// Associated data in one place.
pub(super) struct Gathered {
    bytes: [u8; GATHERED],
    len: usize,
}

impl Gathered {
    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Sink for Gathered {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let end = self.len.checked_add(bytes.len()).ok_or(Error::Internal)?;
        let place = self.bytes.get_mut(self.len..end).ok_or(Error::Internal)?;
        place.copy_from_slice(bytes);
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
    fn new(to: F) -> Self {
        let pieces = Gathered {
            bytes: [0; GATHERED],
            len: 0,
        };
        Self { pieces, to }
    }

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

/// A frame that is being sealed.
pub(super) enum SealRun<'c> {
    /// At most one encrypted unit: the AEAD's single-buffer call.
    Once {
        call: &'c Call<'c>,
        aad: Gathered,
        tag: Option<Tag>,
    },
    Segments(Sealing<'c>),
}

impl SealRun<'_> {
    /// Encrypts what comes next, from input to output of the same length.
    pub(super) fn encrypt(&mut self, from: &[u8], to: &mut [u8]) -> Result<()> {
        let segment = InOutBuf::new(from, to).map_err(|_| Error::Internal)?;
        match self {
            Self::Once { tag: Some(_), .. } => Err(Error::Internal),
            Self::Once { call, aad, tag } => {
                *tag = Some(call.seal(aad, segment)?);
                Ok(())
            }
            Self::Segments(run) => run.encrypt(segment),
        }
    }

    pub(super) fn finish(self) -> Result<Tag> {
        match self {
            Self::Once { tag: Some(tag), .. } => Ok(tag),
            // Nothing is encrypted, all is authenticated.
            Self::Once { call, aad, .. } => call.seal(&aad, InOutBuf::from(&mut [][..])),
            Self::Segments(run) => run.finish(),
        }
    }
}

impl Call<'_> {
    fn seal(&self, aad: &Gathered, payload: InOutBuf<'_, '_, u8>) -> Result<Tag> {
        self.key
            .encrypt(self.ctr, &[aad.as_bytes(), self.metadata], payload)
    }

    fn open(&self, aad: &Gathered, payload: InOutBuf<'_, '_, u8>, tag: &[u8]) -> Result<()> {
        self.key
            .decrypt(self.ctr, &[aad.as_bytes(), self.metadata], payload, tag)
    }
}

/// A frame that is being opened. What it has put out is **not authentic** before
/// [`OpenRun::finish`] says so.
pub(super) enum OpenRun<'c> {
    /// All ciphertext in one piece: the AEAD's single-buffer call.
    Once {
        call: &'c Call<'c>,
        aad: Gathered,
        tag: &'c [u8],
        result: Option<Result<()>>,
    },
    Segments {
        run: Opening<'c>,
        tag: &'c [u8],
    },
}

impl OpenRun<'_> {
    /// Decrypts what comes next, from input to output of the same length.
    pub(super) fn decrypt(&mut self, from: &[u8], to: &mut [u8]) -> Result<()> {
        let segment = InOutBuf::new(from, to).map_err(|_| Error::Internal)?;
        match self {
            Self::Once {
                result: Some(_), ..
            } => Err(Error::Internal),
            Self::Once {
                call,
                aad,
                tag,
                result,
            } => {
                *result = Some(call.open(aad, segment, tag));
                Ok(())
            }
            Self::Segments { run, .. } => run.decrypt(segment),
        }
    }

    pub(super) fn finish(self) -> Result<()> {
        match self {
            Self::Once {
                result: Some(result),
                ..
            } => result,
            // Nothing is encrypted, all is authenticated.
            Self::Once { call, aad, tag, .. } => call.open(&aad, InOutBuf::from(&mut [][..]), tag),
            Self::Segments { run, tag } => run.finish(tag),
        }
    }
}
