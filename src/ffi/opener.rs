//! Openers: what takes in everything that others seal.

use super::boundary::{
    In, Place, apart, borrow, guard, hand_over, take_back, text, zeros_on_panic,
};
use super::numbers::kind;
use super::room::roomseal_room;
use super::status::roomseal_status;
use crate::{Error, Opener};
use core::ffi::c_char;

/// What opens the frames of all members of a room. Openers of one room share all memory:
/// a frame opens in one of them, once.
#[derive(Debug)]
#[expect(non_camel_case_types, reason = "the name in C")]
pub struct roomseal_opener {
    opener: Opener,
}

/// Makes an opener for all incoming streams of a room. One is enough.
///
/// - `room`: borrowed; the opener may outlive the handle.
/// - `opener_out`: set to a handle that the caller owns and gives to
///   `roomseal_opener_free`.
///
/// Returns `ROOMSEAL_OK`, also for a closed room; `ROOMSEAL_ERR_NULL_POINTER`. On failure
/// nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; `opener_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_opener_new(
    room: *const roomseal_room,
    opener_out: *mut *mut roomseal_opener,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let opener_out = unsafe { Place::new(opener_out) }?;
        let opener = room.room.opener();
        opener_out.set(hand_over(roomseal_opener { opener }));
        Ok(())
    })
}

/// Frees an opener. Before or after its room, as it comes.
///
/// - `opener`: given back; NULL does nothing.
///
/// Threads: nobody may be using the handle, or use it later.
///
/// # Safety
/// `opener` is NULL or a live handle, used by nobody else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_opener_free(opener: *mut roomseal_opener) {
    // SAFETY: the caller's promise.
    unsafe { take_back(opener) };
}

/// Tells how many bytes come out of a sealed frame: exactly for plain frames, at most for
/// frames of the form `ROOMSEAL_FORM_CODEC`.
///
/// - `opener`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `frame_len`: bytes of the sealed frame, as a room made it.
/// - `len_out`: set to the bytes of the opened one.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_MALFORMED` if that is too short for a sealed frame;
/// `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `opener` is NULL or a live handle; `len_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_opener_opened_len(
    opener: *const roomseal_opener,
    kind: u32,
    frame_len: usize,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let opener = unsafe { borrow(opener) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        let len = opener.opener.opened_len(self::kind(kind)?, frame_len);
        len_out.set(len.ok_or(Error::Malformed)?);
        Ok(())
    })
}

/// The bytes of a source argument, if one is named.
fn named(source: In, bytes: &[u8]) -> Option<&[u8]> {
    (!source.0.is_null()).then_some(bytes)
}

/// Opens a frame from one buffer into another.
///
/// - `opener`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `frame`, `frame_len`: read. The sealed frame.
/// - `metadata`, `metadata_len`: read. What the sealer passed; NULL with 0 for none.
/// - `source`, `source_len`: read. The user or stream id that the host gives for the frame,
///   1 to `ROOMSEAL_MAX_SOURCE_LEN` bytes; NULL with 0 if it gives none. The first authentic
///   frame that names a source binds its stream to it.
/// - `out`, `out_cap`: takes the frame, `roomseal_opener_opened_len` bytes; shares none with
///   the inputs.
/// - `out_len`: set to its length.
///
/// Returns `ROOMSEAL_OK`: the frame is authentic, and new. Else there is no frame to use:
/// - `ROOMSEAL_ERR_NOT_SEALED`, `ROOMSEAL_ERR_MALFORMED`, `ROOMSEAL_ERR_TOO_LARGE`: not a
///   frame for us. `ROOMSEAL_ERR_CLEAR_FRAME`: see
///   `roomseal_room_accept_clear_frames_dangerously`.
/// - `ROOMSEAL_ERR_OWN_FRAME`: sealed by this room object; a server reflected it.
/// - `ROOMSEAL_ERR_UNKNOWN_KEY`: no epoch is installed for it.
/// - `ROOMSEAL_ERR_NOT_AUTHENTIC`: forged or changed on the way; or key, ids, kind, suite, form
///   or metadata differ between the two ends.
/// - `ROOMSEAL_ERR_REPLAY`, `ROOMSEAL_ERR_TOO_OLD`: opened before, or too late.
/// - `ROOMSEAL_ERR_SOURCE_CHANGED`: the stream is bound to another source.
/// - `ROOMSEAL_ERR_BUDGET`: many unknown streams just now; may be tried again.
/// - `ROOMSEAL_ERR_FAILURE_BUDGET`, `ROOMSEAL_ERR_MEMORY_LOST`, `ROOMSEAL_ERR_KEY_SUSPECT`:
///   refused for this epoch.
/// - `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT` (lengths of source, or above
///   `PTRDIFF_MAX`), `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
///   `ROOMSEAL_ERR_WRONG_KIND`: the arguments.
/// - `ROOMSEAL_ERR_CLOSED`.
///
/// On `ROOMSEAL_ERR_NOT_AUTHENTIC`, and on refusals found only after the frame proved
/// authentic, `out` is zeros up to the length of the frame, for frames of the form
/// `ROOMSEAL_FORM_CODEC` up to that of the sealed one. On other failures nothing was written.
///
/// Threads: any number at once with one opener.
///
/// # Safety
/// `opener` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_opener_open(
    opener: *const roomseal_opener,
    kind: u32,
    frame: *const u8,
    frame_len: usize,
    metadata: *const u8,
    metadata_len: usize,
    source: *const c_char,
    source_len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let opener = unsafe { borrow(opener) }?;
        let source = text(source, source_len);
        let inputs = [(frame, frame_len), (metadata, metadata_len), source];
        // SAFETY: the caller's promise.
        let ([frame, metadata, name], out) = unsafe { apart(inputs, (out, out_cap)) }?;
        // SAFETY: the caller's promise.
        let out_len = unsafe { Place::new(out_len) }?;
        let (kind, source) = (self::kind(kind)?, named(source, name));
        let open = |out: &mut [u8]| opener.opener.open(kind, frame, metadata, source, out);
        out_len.set(zeros_on_panic(out, open)?);
        Ok(())
    })
}

/// Opens a frame where it stands.
///
/// - `opener`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `metadata`, `metadata_len`, `source`, `source_len`: read. As in `roomseal_opener_open`;
///   they share no byte with `frame`.
/// - `frame`, `frame_len`: the sealed frame, read and written.
/// - `off_out`, `len_out`: set to where the opened frame stands in `frame`.
///
/// Returns what `roomseal_opener_open` returns, and `ROOMSEAL_ERR_WRONG_FORM` for H.264, H.265
/// and AV1 frames of the form `ROOMSEAL_FORM_CODEC`, which can't be opened in place. On `ROOMSEAL_ERR_NOT_AUTHENTIC`, and on
/// refusals found only after the frame proved authentic, all of `frame` is zeros. On other
/// failures nothing was written.
///
/// Threads: any number at once with one opener.
///
/// # Safety
/// `opener` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_opener_open_in_place(
    opener: *const roomseal_opener,
    kind: u32,
    metadata: *const u8,
    metadata_len: usize,
    source: *const c_char,
    source_len: usize,
    frame: *mut u8,
    frame_len: usize,
    off_out: *mut usize,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let opener = unsafe { borrow(opener) }?;
        let source = text(source, source_len);
        let inputs = [(metadata, metadata_len), source];
        // SAFETY: the caller's promise.
        let ([metadata, name], frame) = unsafe { apart(inputs, (frame, frame_len)) }?;
        // SAFETY: the caller's promise.
        let off_out = unsafe { Place::new(off_out) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        let (kind, source) = (self::kind(kind)?, named(source, name));
        let open = |frame: &mut [u8]| opener.opener.open_in_place(kind, metadata, source, frame);
        let place = zeros_on_panic(frame, open)?;
        off_out.set(place.start);
        len_out.set(place.len());
        Ok(())
    })
}

/// Tells what `roomseal_opener_open_text` needs as its output's capacity: the bytes that
/// text stands for. The message itself is shorter.
///
/// - `text_len`: characters of the sealed text.
/// - `cap_out`: set to the number of bytes.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_TEXT` if no text has this length;
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `cap_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_opener_text_cap(
    text_len: usize,
    cap_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let cap_out = unsafe { Place::new(cap_out) }?;
        cap_out.set(crate::text_decoded_len(text_len)?);
        Ok(())
    })
}

/// Opens a message in text form.
///
/// - `opener`: borrowed.
/// - `text`, `text_len`: read. Base64url without padding, nothing around it.
/// - `metadata`, `metadata_len`, `source`, `source_len`: read. As in `roomseal_opener_open`.
/// - `out`, `out_cap`: takes the message; needs `roomseal_opener_text_cap` bytes, of which
///   those behind the message become zeros. Shares none with the inputs.
/// - `out_len`: set to the length of the message.
///
/// Returns what `roomseal_opener_open` returns for `ROOMSEAL_KIND_MESSAGE`, and
/// `ROOMSEAL_ERR_INVALID_TEXT` for padding, other characters and non-zero spare bits. What is
/// refused by its length or by other arguments leaves `out` as it was; on other failures it is
/// zeros up to `roomseal_opener_text_cap`.
///
/// Threads: any number at once with one opener.
///
/// # Safety
/// `opener` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_opener_open_text(
    opener: *const roomseal_opener,
    text: *const c_char,
    text_len: usize,
    metadata: *const u8,
    metadata_len: usize,
    source: *const c_char,
    source_len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let opener = unsafe { borrow(opener) }?;
        let source = self::text(source, source_len);
        let inputs = [self::text(text, text_len), (metadata, metadata_len), source];
        // SAFETY: the caller's promise.
        let ([text, metadata, name], out) = unsafe { apart(inputs, (out, out_cap)) }?;
        // SAFETY: the caller's promise.
        let out_len = unsafe { Place::new(out_len) }?;
        let source = named(source, name);
        let open = |out: &mut [u8]| opener.opener.open_text_into(text, metadata, source, out);
        out_len.set(zeros_on_panic(out, open)?);
        Ok(())
    })
}
