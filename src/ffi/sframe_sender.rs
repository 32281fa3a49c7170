//! Plain SFrame senders: RFC 9605 with keys and KIDs of the application's own.

use super::boundary::{Place, apart, borrow, borrow_mut, guard, hand_over, input, take_back};
use super::numbers::suite;
use super::status::roomseal_status;
use crate::Error;
use crate::sframe::{BaseKey, Sender};

/// What seals under one base key and KID, counting frames from 0.
#[derive(Debug)]
#[expect(non_camel_case_types, reason = "the name in C")]
pub struct roomseal_sframe_sender {
    sender: Sender,
}

/// Makes a plain SFrame sender. Most applications want a room instead.
///
/// ONE PAIR OF BASE KEY AND KID MAY BE GIVEN TO ONE SENDER, ONCE, since each counts from 0:
/// two frames under one counter give away what they hold, and the key that authenticates. A
/// sender that must go on after a restart stores its counter before using it and calls
/// `roomseal_sframe_sender_skip_to`; better, it takes a new key.
///
/// - `suite`: one of `ROOMSEAL_SUITE_`.
/// - `kid`: the key identifier, any number.
/// - `base_key`, `base_key_len`: copied. 1 to `ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN` bytes, 16 or
///   more if it is to be worth anything; the caller wipes its own.
/// - `sender_out`: set to a handle that the caller owns and gives to
///   `roomseal_sframe_sender_free`.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_SUITE`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for
/// other key lengths; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `base_key` is NULL or valid for its length; `sender_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_sender_new(
    suite: u32,
    kid: u64,
    base_key: *const u8,
    base_key_len: usize,
    sender_out: *mut *mut roomseal_sframe_sender,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let base_key = unsafe { input((base_key, base_key_len)) }?;
        // SAFETY: the caller's promise.
        let sender_out = unsafe { Place::new(sender_out) }?;
        let sender = Sender::new(self::suite(suite)?, kid, &BaseKey::new(base_key)?)?;
        sender_out.set(hand_over(roomseal_sframe_sender { sender }));
        Ok(())
    })
}

/// Frees a sender and wipes its key.
///
/// - `sender`: given back; NULL does nothing.
///
/// Threads: nobody may be using the handle, or use it later.
///
/// # Safety
/// `sender` is NULL or a live handle, used by nobody else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_sender_free(sender: *mut roomseal_sframe_sender) {
    // SAFETY: the caller's promise.
    unsafe { take_back(sender) };
}

/// Tells the KID in the header of every frame of a sender.
///
/// - `sender`: borrowed.
/// - `kid_out`: set to the KID.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `sender` is NULL or a live handle; `kid_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_sender_kid(
    sender: *const roomseal_sframe_sender,
    kid_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let sender = unsafe { borrow(sender) }?;
        // SAFETY: the caller's promise.
        let kid_out = unsafe { Place::new(kid_out) }?;
        kid_out.set(sender.sender.kid());
        Ok(())
    })
}

/// Continues a sender at a higher counter.
///
/// - `sender`: borrowed, and changed.
/// - `ctr`: the counter of the next frame, not below `roomseal_sframe_sender_next_ctr`.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for a step back;
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: nobody else may be using the sender meanwhile.
///
/// # Safety
/// `sender` is NULL or a live handle, used by nobody else meanwhile.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_sender_skip_to(
    sender: *mut roomseal_sframe_sender,
    ctr: u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        unsafe { borrow_mut(sender) }?.sender.skip_to(ctr)
    })
}

/// Tells the counter of a sender's next frame.
///
/// - `sender`: borrowed.
/// - `ctr_out`: set to the counter.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_KEY_EXHAUSTED` if there is no next frame;
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `sender` is NULL or a live handle; `ctr_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_sender_next_ctr(
    sender: *const roomseal_sframe_sender,
    ctr_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let sender = unsafe { borrow(sender) }?;
        // SAFETY: the caller's promise.
        let ctr_out = unsafe { Place::new(ctr_out) }?;
        ctr_out.set(sender.sender.next_ctr().ok_or(Error::KeyExhausted)?);
        Ok(())
    })
}

/// Tells the exact length of a sender's next frame. The header grows with the counter: if
/// several threads seal, allow for `ROOMSEAL_SFRAME_MAX_OVERHEAD` instead.
///
/// - `sender`: borrowed.
/// - `frame_len`: bytes of the frame.
/// - `len_out`: set to the bytes of the sealed frame.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_KEY_EXHAUSTED`; `ROOMSEAL_ERR_TOO_LARGE` if no
/// `size_t` holds the sum; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `sender` is NULL or a live handle; `len_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_sender_sealed_len(
    sender: *const roomseal_sframe_sender,
    frame_len: usize,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let sender = unsafe { borrow(sender) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        len_out.set(sender.sender.sealed_len(frame_len)?);
        Ok(())
    })
}

/// Seals a frame from one buffer into another, under the sender's next counter.
///
/// - `sender`: borrowed.
/// - `frame`, `frame_len`: read. NULL with 0 is an empty frame.
/// - `metadata`, `metadata_len`: read. Authenticated, not sent: the receiver must know it.
///   NULL with 0 for none.
/// - `out`, `out_cap`: takes `roomseal_sframe_sender_sealed_len` bytes; shares none with the
///   inputs. `frame_len + ROOMSEAL_SFRAME_MAX_OVERHEAD` always suffices.
/// - `out_len`: set to the bytes of the sealed frame.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_KEY_EXHAUSTED`; `ROOMSEAL_ERR_NULL_POINTER`,
/// `ROOMSEAL_ERR_INVALID_ARGUMENT` (a length above `PTRDIFF_MAX`),
/// `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
/// `ROOMSEAL_ERR_TOO_LARGE`. On failure nothing was written, and nothing may be sent.
///
/// Threads: any number at once with one sender.
///
/// # Safety
/// `sender` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_sender_seal(
    sender: *const roomseal_sframe_sender,
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
        let sender = unsafe { borrow(sender) }?;
        let inputs = [(frame, frame_len), (metadata, metadata_len)];
        // SAFETY: the caller's promise.
        let ([frame, metadata], out) = unsafe { apart(inputs, (out, out_cap)) }?;
        // SAFETY: the caller's promise.
        let out_len = unsafe { Place::new(out_len) }?;
        out_len.set(sender.sender.seal(frame, metadata, out)?);
        Ok(())
    })
}

/// Seals a frame where it stands, under the sender's next counter: the header goes right
/// before it, the tag right after.
///
/// - `sender`: borrowed.
/// - `metadata`, `metadata_len`: read. As in `roomseal_sframe_sender_seal`; shares no byte
///   with `buf`.
/// - `buf`, `buf_cap`: the buffer around the frame.
/// - `frame_off`, `frame_len`: where the frame stands in `buf`.
///   `ROOMSEAL_SFRAME_MAX_HEADER_LEN` bytes before it and `ROOMSEAL_MAX_TAG_LEN` bytes after
///   it always suffice.
/// - `off_out`, `len_out`: set to where the sealed frame stands in `buf`.
///
/// Returns what `roomseal_sframe_sender_seal` returns: `ROOMSEAL_ERR_INVALID_ARGUMENT` also
/// if the frame doesn't lie within `buf`, `ROOMSEAL_ERR_BUFFER_TOO_SMALL` if there is too
/// little room before or after it. On failure nothing was written, and nothing may be sent.
///
/// Threads: any number at once with one sender.
///
/// # Safety
/// `sender` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_sender_seal_in_place(
    sender: *const roomseal_sframe_sender,
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
        let sender = unsafe { borrow(sender) }?;
        // SAFETY: the caller's promise.
        let ([metadata], buf) = unsafe { apart([(metadata, metadata_len)], (buf, buf_cap)) }?;
        // SAFETY: the caller's promise.
        let off_out = unsafe { Place::new(off_out) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        let frame_end = frame_off
            .checked_add(frame_len)
            .ok_or(Error::InvalidArgument)?;
        let place = sender
            .sender
            .seal_in_place(metadata, buf, frame_off..frame_end)?;
        off_out.set(place.start);
        len_out.set(place.len());
        Ok(())
    })
}
