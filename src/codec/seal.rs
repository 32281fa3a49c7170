//! Sealing a frame of any codec.

use super::aad::Call;
use super::escape::MAX_ESCAPES;
use super::single::{self, SealBuffers};
use super::trailer::{self, TRAILER_REST};
use super::units::{Units, Walk};
use super::{Codec, Unsound, av1, carrier, nal_seal};
use crate::limits::CODEC_TRIES;
use crate::sframe::key::FrameKey;
use crate::{Error, Result};
use core::ops::Range;

/// The fewest bytes of a frame that an encrypted NAL unit takes: start code,
/// header, slice header.
const MIN_H264_SLICE: usize = 3 + 1 + 1;
const MIN_H265_SLICE: usize = 3 + 2 + 1;

/// A capacity that is enough for every frame of so many bytes.
pub(crate) const fn max_sealed_len(codec: Codec, len: usize, tag_len: usize) -> usize {
    let units = match codec {
        Codec::H264 => len / MIN_H264_SLICE,
        Codec::H265 => len / MIN_H265_SLICE,
        _ => 0,
    };
    capacity(codec, len, units, tag_len)
}

/// What is asked for a frame with so many encrypted NAL units. In AV1 the room
/// for emulation bytes serves size fields: one may be added and one may grow.
const fn capacity(codec: Codec, len: usize, units: usize, tag_len: usize) -> usize {
    let trailer_len = tag_len + TRAILER_REST;
    let added = match codec.is_in_place() {
        true => trailer_len,
        false => units.saturating_add(MAX_ESCAPES + carrier::MAX_LEN + trailer_len),
    };
    len.saturating_add(added)
}

/// Where keys and counter values come from.
pub(crate) trait Keys {
    /// Calls `seal` with a key and a counter value that was never used before.
    fn with_key<T>(&self, seal: impl FnOnce(&FrameKey, u64) -> Result<T>) -> Result<T>;
}

/// Seals `frame` into the front of `out` and returns the sealed length.
///
/// A counter value is taken once all else is checked, and another one if
/// escaping asks for another try.
///
/// * [`Error::CodecMismatch`], [`Error::BufferTooSmall`], and what `keys` says at
///   first: nothing is written.
/// * [`Error::TooManyEscapes`], and what `keys` says later: the output is zero.
pub(crate) fn seal(
    codec: Codec,
    frame: &[u8],
    metadata: &[u8],
    out: &mut [u8],
    tag_len: usize,
    keys: &impl Keys,
) -> Result<usize> {
    seal_with_escapes(codec, frame, metadata, out, tag_len, keys, MAX_ESCAPES)
}

/// As [`seal`], with a limit of emulation bytes that tests can lower.
pub(super) fn seal_with_escapes(
    codec: Codec,
    frame: &[u8],
    metadata: &[u8],
    out: &mut [u8],
    tag_len: usize,
    keys: &impl Keys,
    escapes: usize,
) -> Result<usize> {
    match codec {
        Codec::H264 | Codec::H265 => {
            let mut walk = nal_seal::walk(codec, frame).map_err(mismatch)?;
            let first = walk.next().map_err(mismatch)?;
            if let Some(unit) = first
                && unit.is_alone()
            {
                let slice = nal_seal::OneSlice { codec, frame, unit };
                let need = capacity(codec, frame.len(), 1, tag_len);
                let out = out.get_mut(..need).ok_or(Error::BufferTooSmall)?;
                return seal_in_tries(keys, out, |key, ctr, out| {
                    let call = call(key, ctr, slice.control(), metadata)?;
                    slice.seal(&call, out, escapes)
                });
            }
            let mut units = Units::new(walk);
            if let Some(first) = first {
                units.push(first).map_err(mismatch)?;
            }
            let plan = nal_seal::Plan::new(codec, frame, &mut units).map_err(mismatch)?;
            let need = capacity(codec, frame.len(), plan.encrypted(), tag_len);
            let out = out.get_mut(..need).ok_or(Error::BufferTooSmall)?;
            seal_in_tries(keys, out, |key, ctr, out| {
                let call = call(key, ctr, plan.control(), metadata)?;
                plan.seal(&call, out, escapes)
            })
        }
        Codec::Av1 => {
            let mut units = Units::new(av1::seal_walk(frame).map_err(mismatch)?);
            let plan = av1::SealPlan::new(frame, &mut units).map_err(mismatch)?;
            let need = capacity(codec, frame.len(), 0, tag_len);
            let out = out.get_mut(..need).ok_or(Error::BufferTooSmall)?;
            keys.with_key(|key, ctr| {
                let call = call(key, ctr, plan.control(), metadata)?;
                let sealed = plan.seal(&call, out);
                key.wipe_traces();
                sealed.inspect_err(|_| out.fill(0))
            })
        }
        _ => {
            let clear_len = single::clear_len(codec, frame).map_err(mismatch)?;
            let len = capacity(codec, frame.len(), 0, tag_len);
            let out = out.get_mut(..len).ok_or(Error::BufferTooSmall)?;
            keys.with_key(|key, ctr| {
                let buffers = SealBuffers::Apart { frame, out };
                single::seal(codec, clear_len, key, ctr, metadata, buffers)
            })?;
            Ok(len)
        }
    }
}

/// Seals with a counter value after the other, until one gives few emulation bytes.
fn seal_in_tries(
    keys: &impl Keys,
    out: &mut [u8],
    mut seal: impl FnMut(&FrameKey, u64, &mut [u8]) -> Result<usize>,
) -> Result<usize> {
    let mut written = false;
    let mut sealed = Err(Error::TooManyEscapes);
    for _ in 0..CODEC_TRIES {
        sealed = keys.with_key(|key, ctr| {
            written = true;
            let sealed = seal(key, ctr, out);
            key.wipe_traces();
            sealed
        });
        if sealed != Err(Error::TooManyEscapes) {
            break;
        }
    }
    if written && sealed.is_err() {
        out.fill(0);
    }
    sealed
}

/// Seals `buf[payload]` where it stands, the trailer right behind it, and returns
/// the sealed frame's place.
///
/// [`Error::WrongForm`] for a codec whose frames change inside;
/// [`Error::InvalidArgument`] if the payload doesn't lie within `buf`;
/// and as [`seal`]. Nothing is written.
pub(crate) fn seal_in_place(
    codec: Codec,
    metadata: &[u8],
    buf: &mut [u8],
    payload: Range<usize>,
    tag_len: usize,
    keys: &impl Keys,
) -> Result<Range<usize>> {
    if !codec.is_in_place() {
        return Err(Error::WrongForm);
    }
    let frame = buf.get(payload.clone()).ok_or(Error::InvalidArgument)?;
    let clear_len = single::clear_len(codec, frame).map_err(mismatch)?;
    let len = capacity(codec, frame.len(), 0, tag_len);
    let place = payload.start..payload.start.saturating_add(len);
    let bytes = buf.get_mut(place.clone()).ok_or(Error::BufferTooSmall)?;
    keys.with_key(|key, ctr| {
        let buffers = SealBuffers::InPlace(bytes);
        single::seal(codec, clear_len, key, ctr, metadata, buffers)
    })?;
    Ok(place)
}

const fn mismatch(_: Unsound) -> Error {
    Error::CodecMismatch
}

#[inline]
fn call<'c>(key: &'c FrameKey, ctr: u64, control: u8, metadata: &'c [u8]) -> Result<Call<'c>> {
    Ok(Call {
        key,
        ctr,
        header: trailer::header(key.kid(), ctr)?,
        control,
        metadata,
    })
}
