//! Headers, read without a key.

use super::boundary::{Place, guard, input};
use super::numbers::form;
use super::status::roomseal_status;
use crate::Form;

/// Reads the header of a sealed room frame. Needs no key, and tells nothing that is
/// authentic.
///
/// - `form`: the form of the frame, one of `ROOMSEAL_FORM_`.
/// - `frame`, `frame_len`: read. The sealed frame, or, of a plain one, its first
///   `ROOMSEAL_HEADER_LEN` bytes.
/// - `kid_out`: set to the key identifier.
/// - `ctr_out`: set to the frame counter.
/// - `epoch_nibble_out`: set to the low 4 bits of the epoch.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_MALFORMED` if there is no minimally encoded header;
/// `ROOMSEAL_ERR_NOT_SEALED` if the KID is not one of a room frame, or if there is no trailer;
/// `ROOMSEAL_ERR_UNKNOWN_FORM`, `ROOMSEAL_ERR_NULL_POINTER`,
/// `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// Pointers are NULL or valid, `frame` for `frame_len` bytes.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_peek(
    form: u32,
    frame: *const u8,
    frame_len: usize,
    kid_out: *mut u64,
    ctr_out: *mut u64,
    epoch_nibble_out: *mut u32,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let frame = unsafe { input((frame, frame_len)) }?;
        // SAFETY: the caller's promise.
        let kid_out = unsafe { Place::new(kid_out) }?;
        // SAFETY: the caller's promise.
        let ctr_out = unsafe { Place::new(ctr_out) }?;
        // SAFETY: the caller's promise.
        let epoch_nibble_out = unsafe { Place::new(epoch_nibble_out) }?;
        let peek = match self::form(form)? {
            Form::Plain => crate::peek(frame)?,
            Form::Codec => crate::peek_codec(frame)?.0,
        };
        kid_out.set(peek.kid);
        ctr_out.set(peek.ctr);
        epoch_nibble_out.set(peek.epoch_nibble.into());
        Ok(())
    })
}

/// Reads the header of any SFrame frame. Needs no key, and tells nothing that is authentic.
///
/// - `frame`, `frame_len`: read. The frame, or its first `ROOMSEAL_SFRAME_MAX_HEADER_LEN`
///   bytes.
/// - `kid_out`: set to the key identifier.
/// - `ctr_out`: set to the frame counter.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_MALFORMED` if the header is cut short or not
/// minimally encoded; `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT`. On
/// failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// Pointers are NULL or valid, `frame` for `frame_len` bytes.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_peek(
    frame: *const u8,
    frame_len: usize,
    kid_out: *mut u64,
    ctr_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let frame = unsafe { input((frame, frame_len)) }?;
        // SAFETY: the caller's promise.
        let kid_out = unsafe { Place::new(kid_out) }?;
        // SAFETY: the caller's promise.
        let ctr_out = unsafe { Place::new(ctr_out) }?;
        let header = crate::sframe::peek(frame)?;
        kid_out.set(header.kid());
        ctr_out.set(header.ctr());
        Ok(())
    })
}
