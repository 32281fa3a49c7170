//! Sealers: one for each outgoing stream.

use super::boundary::{Place, apart, borrow, guard, hand_over, take_back, text_out};
use super::numbers::kind;
use super::room::roomseal_room;
use super::status::roomseal_status;
use crate::{Error, Result, Sealer, text_len};
use core::ffi::c_char;

/// What seals one outgoing stream: a microphone, a camera, a layer, or messages.
#[derive(Debug)]
#[expect(non_camel_case_types, reason = "the name in C")]
pub struct roomseal_sealer {
    pub(super) sealer: Sealer,
}

impl roomseal_sealer {
    fn sealed_len(&self, len: usize) -> Result<usize> {
        len.checked_add(self.sealer.sealed_len(0))
            .ok_or(Error::TooLarge)
    }
}

/// Makes a sealer for a new outgoing stream. It may be made before a key is installed,
/// and follows the room's active epoch by itself.
///
/// - `room`: borrowed; the sealer may outlive the handle.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `sealer_out`: set to a handle that the caller owns and gives to
///   `roomseal_sealer_free`.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NO_RANDOM`: no generator, no sealer;
/// `ROOMSEAL_ERR_OPEN_ONLY`, `ROOMSEAL_ERR_CLOSED`, `ROOMSEAL_ERR_WRONG_KIND`,
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; `sealer_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sealer_new(
    room: *const roomseal_room,
    kind: u32,
    sealer_out: *mut *mut roomseal_sealer,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let sealer_out = unsafe { Place::new(sealer_out) }?;
        let sealer = room.room.sealer(self::kind(kind)?)?;
        sealer_out.set(hand_over(roomseal_sealer { sealer }));
        Ok(())
    })
}

/// Frees a sealer and wipes its key. Before or after its room, as it comes.
///
/// - `sealer`: given back; NULL does nothing.
///
/// Threads: nobody may be using the handle, or use it later.
///
/// # Safety
/// `sealer` is NULL or a live handle, used by nobody else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sealer_free(sealer: *mut roomseal_sealer) {
    // SAFETY: the caller's promise.
    unsafe { take_back(sealer) };
}

/// Tells the KID of a sealer's newest frame. It changes with the epoch and, rarely, by
/// itself.
///
/// - `sealer`: borrowed.
/// - `kid_out`: set to the KID.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_KEY` before the first frame and after its
/// epoch was retired; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `sealer` is NULL or a live handle; `kid_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sealer_kid(
    sealer: *const roomseal_sealer,
    kid_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let sealer = unsafe { borrow(sealer) }?;
        // SAFETY: the caller's promise.
        let kid_out = unsafe { Place::new(kid_out) }?;
        kid_out.set(sealer.sealer.kid().ok_or(Error::UnknownKey)?);
        Ok(())
    })
}

/// Tells the bytes of a sealer's tag: the tailroom for sealing in place.
///
/// - `sealer`: borrowed.
/// - `len_out`: set to the number of bytes.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `sealer` is NULL or a live handle; `len_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sealer_tag_len(
    sealer: *const roomseal_sealer,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let sealer = unsafe { borrow(sealer) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        len_out.set(sealer.sealer.tag_len());
        Ok(())
    })
}

/// Tells the exact length of a sealed plain frame:
/// `frame_len + ROOMSEAL_HEADER_LEN + tag`.
///
/// - `sealer`: borrowed.
/// - `frame_len`: bytes of the frame.
/// - `len_out`: set to the bytes of the sealed frame.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_TOO_LARGE` if no `size_t` holds the sum;
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `sealer` is NULL or a live handle; `len_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sealer_sealed_len(
    sealer: *const roomseal_sealer,
    frame_len: usize,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let sealer = unsafe { borrow(sealer) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        len_out.set(sealer.sealed_len(frame_len)?);
        Ok(())
    })
}

/// Seals a frame from one buffer into another.
///
/// - `sealer`: borrowed.
/// - `frame`, `frame_len`: read. NULL with 0 is an empty frame.
/// - `metadata`, `metadata_len`: read. Authenticated, not sent: openers must pass the same
///   bytes. NULL with 0 for none.
/// - `out`, `out_cap`: takes `roomseal_sealer_sealed_len` bytes; shares none with the inputs.
/// - `out_len`: set to the bytes of the sealed frame.
///
/// Returns `ROOMSEAL_OK`. Everything else means that nothing was written and nothing may be
/// sent:
/// - `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT` (a length above
///   `PTRDIFF_MAX`), `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
///   `ROOMSEAL_ERR_TOO_LARGE`: the arguments.
/// - `ROOMSEAL_ERR_NO_ACTIVE_EPOCH`, `ROOMSEAL_ERR_CLOSED`: there is no key.
/// - `ROOMSEAL_ERR_FORKED`: the sealer was made before a fork, and this is the child.
/// - `ROOMSEAL_ERR_NO_RANDOM`: a fresh KID was due and couldn't be drawn.
/// - `ROOMSEAL_ERR_WRONG_FORM`: the kind's frames are those of `roomseal_sealer_seal_codec`.
///
/// Threads: any number at once with one sealer.
///
/// # Safety
/// `sealer` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sealer_seal(
    sealer: *const roomseal_sealer,
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
        out_len.set(sealer.sealer.seal(frame, metadata, out)?);
        Ok(())
    })
}

/// Seals a frame where it stands: the header goes right before it, the tag right after.
///
/// - `sealer`: borrowed.
/// - `metadata`, `metadata_len`: read. As in `roomseal_sealer_seal`; shares no byte with
///   `buf`.
/// - `buf`, `buf_cap`: the buffer around the frame.
/// - `frame_off`, `frame_len`: where the frame stands in `buf`: `ROOMSEAL_HEADER_LEN` bytes
///   or more from its beginning, `roomseal_sealer_tag_len` bytes or more from its end.
/// - `off_out`, `len_out`: set to where the sealed frame stands in `buf`.
///
/// Returns what `roomseal_sealer_seal` returns: `ROOMSEAL_ERR_INVALID_ARGUMENT` also if the
/// frame doesn't lie within `buf`, `ROOMSEAL_ERR_BUFFER_TOO_SMALL` if there is too little
/// room before or after it. On failure nothing was written, and nothing may be sent.
///
/// Threads: any number at once with one sealer.
///
/// # Safety
/// `sealer` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sealer_seal_in_place(
    sealer: *const roomseal_sealer,
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
        let frame_end = frame_off
            .checked_add(frame_len)
            .ok_or(Error::InvalidArgument)?;
        let place = sealer
            .sealer
            .seal_in_place(metadata, buf, frame_off..frame_end)?;
        off_out.set(place.start);
        len_out.set(place.len());
        Ok(())
    })
}

/// Tells the characters of a message sealed into text.
///
/// - `sealer`: borrowed.
/// - `message_len`: bytes of the message.
/// - `len_out`: set to the number of characters.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_TOO_LARGE` if no `size_t` holds the number;
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `sealer` is NULL or a live handle; `len_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sealer_sealed_text_len(
    sealer: *const roomseal_sealer,
    message_len: usize,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let sealer = unsafe { borrow(sealer) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        let sealed_len = sealer.sealed_len(message_len)?;
        len_out.set(text_len(sealed_len).ok_or(Error::TooLarge)?);
        Ok(())
    })
}

/// Seals a message into text: base64url without padding, for hosts that take strings only.
///
/// - `sealer`: borrowed; of kind `ROOMSEAL_KIND_MESSAGE`.
/// - `message`, `message_len`: read. NULL with 0 is an empty message.
/// - `metadata`, `metadata_len`: read. As in `roomseal_sealer_seal`.
/// - `text_out`, `text_cap`: takes `roomseal_sealer_sealed_text_len` characters, without a
///   terminator; shares none with the inputs.
/// - `text_len_out`: set to their number.
///
/// Returns what `roomseal_sealer_seal` returns, and `ROOMSEAL_ERR_WRONG_KIND` for a sealer
/// of another kind. On failure nothing was written, and nothing may be sent.
///
/// Threads: any number at once with one sealer.
///
/// # Safety
/// `sealer` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sealer_seal_text(
    sealer: *const roomseal_sealer,
    message: *const u8,
    message_len: usize,
    metadata: *const u8,
    metadata_len: usize,
    text_out: *mut c_char,
    text_cap: usize,
    text_len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let sealer = unsafe { borrow(sealer) }?;
        let inputs = [(message, message_len), (metadata, metadata_len)];
        let out = self::text_out(text_out, text_cap);
        // SAFETY: the caller's promise.
        let ([message, metadata], out) = unsafe { apart(inputs, out) }?;
        // SAFETY: the caller's promise.
        let text_len_out = unsafe { Place::new(text_len_out) }?;
        text_len_out.set(sealer.sealer.seal_text_into(message, metadata, out)?);
        Ok(())
    })
}
