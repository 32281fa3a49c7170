//! Opening a frame of any codec: what it is, it says itself.

use super::aad::Call;
use super::trailer::Trailer;
use super::units::{Units, Walk};
use super::{Codec, Sound, av1, nal_open, single};
use crate::sframe::Header;
use crate::sframe::key::FrameKey;
use crate::{Error, Result};
use core::ops::Range;

/// The end of a sealed frame, read without a key. Nothing of it is authentic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sealed(Trailer);

impl Sealed {
    /// Reads the trailer of a frame.
    ///
    /// [`Error::Malformed`] or [`Error::NotSealed`] if there is none.
    #[inline]
    pub(crate) fn parse(frame: &[u8], tag_len: usize) -> Result<Self> {
        Trailer::parse(frame, tag_len).map(Self)
    }

    pub(crate) const fn header(&self) -> Header {
        self.0.header
    }

    pub(crate) const fn codec(&self) -> Codec {
        self.0.codec
    }

    /// Bytes of the frame when it is opened. `None` if it can't be taken apart.
    pub(crate) fn opened_len(&self, frame: &[u8]) -> Option<usize> {
        match self.0.codec {
            Codec::H264 | Codec::H265 => {
                let mut walk = nal_open::walk(&self.0, frame).ok()?;
                let first = walk.next().ok()?;
                if let Some(slice) = nal_open::OneSlice::new(frame, first) {
                    return Some(slice.opened_len());
                }
                let mut units = Units::new(walk);
                if let Some(first) = first {
                    units.push(first).ok()?;
                }
                let plan = nal_open::Plan::new(&self.0, frame, &mut units).ok()?;
                Some(plan.opened_len())
            }
            Codec::Av1 => {
                let mut units = Units::new(av1::open_walk(&self.0, frame).ok()?);
                let plan = av1::OpenPlan::new(frame, &mut units).ok()?;
                Some(plan.opened_len())
            }
            _ => {
                let plan = single::Plan::new(&self.0, frame).ok()?;
                Some(plan.opened_len())
            }
        }
    }

    /// Opens the frame that this was read from into the front of `out`, and
    /// returns the plaintext's length.
    ///
    /// * [`Error::BufferTooSmall`]: nothing is written.
    /// * [`Error::NotAuthentic`], also if the frame can't be taken apart: the
    ///   output is zero up to the sealed frame's length.
    pub(crate) fn open(
        &self,
        key: &FrameKey,
        frame: &[u8],
        metadata: &[u8],
        out: &mut [u8],
    ) -> Result<usize> {
        let opened = self.open_inner(key, frame, metadata, out);
        key.wipe_traces();
        if opened.is_err_and(|error| error != Error::BufferTooSmall) {
            wipe(frame.len(), out);
        }
        opened
    }

    #[inline(never)]
    fn open_inner(
        &self,
        key: &FrameKey,
        frame: &[u8],
        metadata: &[u8],
        out: &mut [u8],
    ) -> Result<usize> {
        let trailer = &self.0;
        let call = Call {
            key,
            ctr: trailer.header.ctr(),
            header: trailer.header_bytes,
            control: trailer.control,
            metadata,
        };
        match trailer.codec {
            Codec::H264 | Codec::H265 => {
                let mut walk = authentic(nal_open::walk(trailer, frame))?;
                let first = authentic(walk.next())?;
                if let Some(slice) = nal_open::OneSlice::new(frame, first) {
                    let len = slice.opened_len();
                    let out = out.get_mut(..len).ok_or(Error::BufferTooSmall)?;
                    slice.open(&call, trailer.tag(), out)?;
                    return Ok(len);
                }
                let mut units = Units::new(walk);
                if let Some(first) = first {
                    authentic(units.push(first))?;
                }
                let plan = authentic(nal_open::Plan::new(trailer, frame, &mut units))?;
                let len = plan.opened_len();
                let out = out.get_mut(..len).ok_or(Error::BufferTooSmall)?;
                plan.open(&call, trailer.tag(), out)?;
                Ok(len)
            }
            Codec::Av1 => {
                let mut units = Units::new(authentic(av1::open_walk(trailer, frame))?);
                let plan = authentic(av1::OpenPlan::new(frame, &mut units))?;
                let len = plan.opened_len();
                let out = out.get_mut(..len).ok_or(Error::BufferTooSmall)?;
                plan.open(&call, trailer.tag(), out)?;
                Ok(len)
            }
            _ => {
                let plan = authentic(single::Plan::new(trailer, frame))?;
                let len = plan.opened_len();
                let out = out.get_mut(..len).ok_or(Error::BufferTooSmall)?;
                plan.open(trailer, key, frame, metadata, out)?;
                Ok(len)
            }
        }
    }

    /// Opens the frame that this was read from where it stands, and returns the
    /// plaintext's place.
    ///
    /// * [`Error::WrongForm`] for a codec whose frames change inside: nothing is
    ///   written.
    /// * [`Error::NotAuthentic`]: the frame is zero.
    pub(crate) fn open_in_place(
        &self,
        key: &FrameKey,
        metadata: &[u8],
        frame: &mut [u8],
    ) -> Result<Range<usize>> {
        let trailer = &self.0;
        if !trailer.codec.is_in_place() {
            return Err(Error::WrongForm);
        }
        authentic(single::Plan::new(trailer, frame))
            .and_then(|plan| plan.open_in_place(trailer, key, frame, metadata))
            .inspect_err(|_| frame.fill(0))
    }
}

/// Makes the output of a frame of `frame_len` bytes zero.
fn wipe(frame_len: usize, out: &mut [u8]) {
    let len = frame_len.min(out.len());
    if let Some(out) = out.get_mut(..len) {
        out.fill(0);
    }
}

fn authentic<T>(plan: Sound<T>) -> Result<T> {
    plan.map_err(|_| Error::NotAuthentic)
}
