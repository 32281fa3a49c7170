//! Frames that stay frames of their codec: for hosts that parse or packetize them.

use super::boundary::{Place, apart, borrow, guard, input};
use super::numbers::codec;
use super::sealer::roomseal_sealer;
use super::status::roomseal_status;
use crate::{Codec, Error};

/// Tells a capacity that is enough for every frame of so many bytes that
/// `roomseal_sealer_seal_codec` seals. For VP8, VP9, Opus, AAC and opaque frames it is the
/// exact length of the sealed frame, and what it is above `frame_len` is the tailroom for
/// sealing in place: at most `ROOMSEAL_MAX_TRAILER_LEN`.
///
/// - `sealer`: borrowed.
/// - `codec`: one of `ROOMSEAL_CODEC_`.
/// - `frame_len`: bytes of the frame.
/// - `len_out`: set to the number of bytes.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_TOO_LARGE` if no `size_t` holds the sum;
/// `ROOMSEAL_ERR_UNKNOWN_CODEC`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `sealer` is NULL or a live handle; `len_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sealer_max_sealed_codec_len(
    sealer: *const roomseal_sealer,
    codec: u32,
    frame_len: usize,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let sealer = unsafe { borrow(sealer) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        let sealer = &sealer.sealer;
        match sealer.max_sealed_codec_len(self::codec(codec)?, frame_len) {
            usize::MAX => Err(Error::TooLarge),
            len => {
                len_out.set(len);
                Ok(())
            }
        }
    })
}

/// Seals a frame from one buffer into another, as a frame that is still one of its codec.
/// The kind is of the form `ROOMSEAL_FORM_CODEC`. The codec may differ from one frame to the
/// next; receivers read it from the frame.
///
/// - `sealer`: borrowed.
/// - `codec`: one of `ROOMSEAL_CODEC_`.
/// - `frame`, `frame_len`: read. H.264 and H.265: with start codes, not with lengths. AV1:
///   OBUs of one temporal unit or layer. NULL with 0 is an empty frame.
/// - `metadata`, `metadata_len`: read. Authenticated, not sent: openers must pass the same
///   bytes. NULL with 0 for none.
/// - `out`, `out_cap`: takes `roomseal_sealer_max_sealed_codec_len` bytes, and may use all
///   of them; shares none with the inputs.
/// - `out_len`: set to the bytes of the sealed frame.
///
/// Returns `ROOMSEAL_OK`. Everything else means that nothing may be sent, and, but for
/// `ROOMSEAL_ERR_TOO_MANY_ESCAPES`, that nothing was written:
/// - `ROOMSEAL_ERR_CODEC_MISMATCH`: the frame doesn't parse as its codec, or has a unit that
///   can't be sealed. `ROOMSEAL_CODEC_OPAQUE` takes any bytes.
/// - `ROOMSEAL_ERR_WRONG_FORM`: the kind's frames are those of `roomseal_sealer_seal`.
/// - `ROOMSEAL_ERR_TOO_MANY_ESCAPES`: of frames of hundreds of megabytes. `out` is zeros.
/// - `ROOMSEAL_ERR_UNKNOWN_CODEC`, `ROOMSEAL_ERR_NULL_POINTER`, and the others of
///   `roomseal_sealer_seal`.
///
/// Threads: any number at once with one sealer.
///
/// # Safety
/// `sealer` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sealer_seal_codec(
    sealer: *const roomseal_sealer,
    codec: u32,
    frame: *const u8,
    frame_len: usize,
    metadata: *const u8,
    metadata_len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let sealer = unsafe { borrow(sealer) }?;
        let inputs = [(frame, frame_len), (metadata, metadata_len)];
        // SAFETY: the caller's promise.
        let ([frame, metadata], out) = unsafe { apart(inputs, (out, out_cap)) }?;
        // SAFETY: the caller's promise.
        let out_len = unsafe { Place::new(out_len) }?;
        let codec = self::codec(codec)?;
        out_len.set(sealer.sealer.seal_codec(codec, frame, metadata, out)?);
        Ok(())
    })
}

/// Seals a VP8, VP9, Opus, AAC or opaque frame where it stands, as
/// `roomseal_sealer_seal_codec` does: the sealed frame begins where the frame begins, and is
/// longer by its trailer.
///
/// - `sealer`: borrowed.
/// - `codec`: one of `ROOMSEAL_CODEC_`, but H.264, H.265 and AV1.
/// - `metadata`, `metadata_len`: read. As in `roomseal_sealer_seal_codec`; shares no byte with
///   `buf`.
/// - `buf`, `buf_cap`: the buffer around the frame.
/// - `frame_off`, `frame_len`: where the frame stands in `buf`: the trailer's length, at most
///   `ROOMSEAL_MAX_TRAILER_LEN`, or more from its end. No headroom is needed.
/// - `off_out`, `len_out`: set to where the sealed frame stands in `buf`.
///
/// Returns what `roomseal_sealer_seal_codec` returns: `ROOMSEAL_ERR_WRONG_FORM` also for the
/// codecs that can't be sealed in place, `ROOMSEAL_ERR_INVALID_ARGUMENT` also if the frame
/// doesn't lie within `buf`, `ROOMSEAL_ERR_BUFFER_TOO_SMALL` if there is too little room behind
/// it. On failure nothing was written, and nothing may be sent.
///
/// Threads: any number at once with one sealer.
///
/// # Safety
/// `sealer` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sealer_seal_codec_in_place(
    sealer: *const roomseal_sealer,
    codec: u32,
    metadata: *const u8,
    metadata_len: usize,
    buf: *mut u8,
    buf_cap: usize,
    frame_off: usize,
    frame_len: usize,
    off_out: *mut usize,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let sealer = unsafe { borrow(sealer) }?;
        // SAFETY: the caller's promise.
        let ([metadata], buf) = unsafe { apart([(metadata, metadata_len)], (buf, buf_cap)) }?;
        // SAFETY: the caller's promise.
        let off_out = unsafe { Place::new(off_out) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        let codec = self::codec(codec)?;
        let frame_end = frame_off
            .checked_add(frame_len)
            .ok_or(Error::InvalidArgument)?;
        let frame = frame_off..frame_end;
        let place = sealer
            .sealer
            .seal_codec_in_place(codec, metadata, buf, frame)?;
        off_out.set(place.start);
        len_out.set(place.len());
        Ok(())
    })
}

/// Tells H.264 from H.265 by the headers of a frame's NAL units: for hosts that don't say
/// which one they hand out. Best at a key frame with its parameter sets; never applied by
/// the library itself.
///
/// - `frame`, `frame_len`: read. With start codes.
/// - `codec_out`: set to `ROOMSEAL_CODEC_H264` or `ROOMSEAL_CODEC_H265`.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_CODEC_MISMATCH` if it is neither or could be both;
/// `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// Pointers are NULL or valid, `frame` for `frame_len` bytes.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_codec_detect_annex_b(
    frame: *const u8,
    frame_len: usize,
    codec_out: *mut u32,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let frame = unsafe { input((frame, frame_len)) }?;
        // SAFETY: the caller's promise.
        let codec_out = unsafe { Place::new(codec_out) }?;
        let codec = Codec::detect_annex_b(frame).ok_or(Error::CodecMismatch)?;
        codec_out.set(codec.number().into());
        Ok(())
    })
}

/// Reads the codec of a sealed frame of the form `ROOMSEAL_FORM_CODEC`. Needs no key, and
/// tells nothing that is authentic.
///
/// - `frame`, `frame_len`: read. The whole sealed frame.
/// - `codec_out`: set to one of `ROOMSEAL_CODEC_`.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_MALFORMED`, `ROOMSEAL_ERR_NOT_SEALED` if there is no
/// trailer of a room frame at its end; `ROOMSEAL_ERR_NULL_POINTER`,
/// `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// Pointers are NULL or valid, `frame` for `frame_len` bytes.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_peek_codec(
    frame: *const u8,
    frame_len: usize,
    codec_out: *mut u32,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let frame = unsafe { input((frame, frame_len)) }?;
        // SAFETY: the caller's promise.
        let codec_out = unsafe { Place::new(codec_out) }?;
        let (_, codec) = crate::peek_codec(frame)?;
        codec_out.set(codec.number().into());
        Ok(())
    })
}
