//! The units of a frame, surveyed once: the first few are remembered, any more
//! are walked over again. So a frame of any number of units takes a fixed amount
//! of memory and a fixed number of passes.

use super::aad::Sink;
use super::{Sound, Unsound};
use crate::{Error, Result};

/// Units that are remembered: parameter sets, SEI and a few slices. To clear their
/// places takes time that every frame pays.
const REMEMBERED: usize = 8;

/// What a frame is taken for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    /// What an encoder made.
    Clear,
    /// What a sealer made: the last unit ends with so many bytes of trailer, and
    /// is a carrier if so said.
    Sealed { trailer_len: usize, carrier: bool },
}

/// What part of a frame is clear, and what is encrypted.
pub(super) trait Unit: Copy {
    /// Anything: the place of a unit to come.
    const NONE: Self;

    /// Clear bytes in canonical form.
    fn clear_len(&self) -> usize;
    /// Encrypted bytes, without anything added to them.
    fn text_len(&self) -> usize;
    /// Whether it is of a type that is encrypted, even if that is of no bytes.
    fn is_encrypted(&self) -> bool;
    /// Bytes that it takes in the frame it was found in.
    fn span(&self) -> usize;
    /// The clear bytes in canonical form.
    fn put_clear(&self, frame: &[u8], sink: &mut impl Sink) -> Result<()>;
}

/// Something that takes a frame apart, unit by unit. The same bytes always come
/// apart in the same way.
pub(super) trait Walk: Clone {
    type Unit: Unit;

    fn next(&mut self) -> Sound<Option<Self::Unit>>;
}

/// A frame that was walked over to its end, once [`Units::survey`] did so. It is
/// large, and stays where it was made.
#[derive(Debug)]
pub(super) struct Units<W: Walk> {
    pub(super) count: u32,
    /// Units that are encrypted.
    pub(super) encrypted: usize,
    /// Encrypted bytes of all units.
    pub(super) text_len: usize,
    /// Clear bytes of all units.
    pub(super) clear_len: usize,
    /// Bytes that all units take in the frame.
    pub(super) span: usize,
    /// The last unit, if there is one.
    pub(super) last: Option<W::Unit>,
    /// The walk at its end.
    pub(super) done: W,
    remembered: [W::Unit; REMEMBERED],
    /// The walk behind the units that are remembered.
    rest: W,
}

impl<W: Walk> Units<W> {
    #[inline(always)]
    pub(super) fn new(walk: W) -> Self {
        Self {
            count: 0,
            encrypted: 0,
            text_len: 0,
            clear_len: 0,
            span: 0,
            last: None,
            remembered: [W::Unit::NONE; REMEMBERED],
            rest: walk.clone(),
            done: walk,
        }
    }

    /// Walks over the frame, to its end or to where it is [`Unsound`].
    #[inline]
    pub(super) fn survey(&mut self) -> Sound<()> {
        while let Some(unit) = self.done.next()? {
            self.push(unit)?;
        }
        Ok(())
    }

    /// Takes a unit that the walk has just come by.
    #[inline]
    pub(super) fn push(&mut self, unit: W::Unit) -> Sound<()> {
        let index = usize::try_from(self.count).map_err(|_| Unsound)?;
        if let Some(place) = self.remembered.get_mut(index) {
            *place = unit;
            if index == REMEMBERED - 1 {
                self.rest = self.done.clone();
            }
        }
        self.count = self.count.checked_add(1).ok_or(Unsound)?;
        self.encrypted += usize::from(unit.is_encrypted());
        self.text_len += unit.text_len();
        self.clear_len += unit.clear_len();
        self.span += unit.span();
        self.last = Some(unit);
        Ok(())
    }

    /// Bytes of associated data that the units make: two lengths each, and what
    /// is clear.
    pub(super) fn aad_len(&self) -> Result<usize> {
        usize::try_from(self.count)
            .ok()
            .and_then(|count| count.checked_mul(8))
            .and_then(|lengths| lengths.checked_add(self.clear_len))
            .ok_or(Error::TooLarge)
    }

    /// Calls `f` with each unit in order.
    #[inline]
    pub(super) fn each(&self, mut f: impl FnMut(&W::Unit) -> Result<()>) -> Result<()> {
        let count = usize::try_from(self.count).map_err(|_| Error::Internal)?;
        for unit in self.remembered.iter().take(count) {
            f(unit)?;
        }
        if count <= REMEMBERED {
            return Ok(());
        }
        let mut walk = self.rest.clone();
        for _ in REMEMBERED..count {
            // It was walked over before, with success.
            let unit = walk.next().map_err(|_| Error::Internal)?;
            f(&unit.ok_or(Error::Internal)?)?;
        }
        Ok(())
    }
}
