//! Room keys outside a room: making, ratcheting, and their text forms.

use super::boundary::{Out, apart, guard, text, text_out};
use super::status::roomseal_status;
use crate::{Error, Result, RoomKey};
use core::ffi::c_char;

/// Writes all of `bytes` to the front of `out`, or nothing.
fn put(out: &mut [u8], bytes: &[u8]) -> Result<()> {
    let place = out.get_mut(..bytes.len()).ok_or(Error::BufferTooSmall)?;
    place.copy_from_slice(bytes);
    Ok(())
}

/// A key from its text form. Text that is not ASCII is no text form.
pub(super) fn key_from_text(text: &[u8], read: fn(&str) -> Result<RoomKey>) -> Result<RoomKey> {
    read(core::str::from_utf8(text).map_err(|_| Error::InvalidText)?)
}

/// What the functions below share: from a key to something made of it.
///
/// # Safety
/// As [`apart`].
unsafe fn from_key(
    key: (*const u8, usize),
    out: Out,
    make: impl FnOnce(&RoomKey, &mut [u8]) -> Result<()>,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let ([key], out) = unsafe { apart([key], out) }?;
        make(&RoomKey::from_bytes(key)?, out)
    })
}

/// Makes a room key with the operating system's random generator.
///
/// - `key_out`, `key_cap`: takes the `ROOMSEAL_KEY_LEN` bytes. The caller wipes
///   them when done.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_BUFFER_TOO_SMALL`,
/// `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT`;
/// `ROOMSEAL_ERR_NO_RANDOM` if the generator fails. On failure nothing is written.
///
/// Threads: any.
///
/// # Safety
/// `key_out` is NULL or valid for `key_cap` bytes.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_key_random(key_out: *mut u8, key_cap: usize) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let ([], key_out) = unsafe { apart([], (key_out, key_cap)) }?;
        put(key_out, RoomKey::random()?.expose())
    })
}

/// Derives the key of the epoch after `epoch`, as `roomseal_room_ratchet` does. Who
/// has only the new key can't go back: give it to members who join late.
///
/// - `key`, `key_len`: copied. `ROOMSEAL_KEY_LEN` bytes, the key of `epoch`.
/// - `epoch`: its number; it is part of the derivation.
/// - `key_out`, `key_cap`: takes the `ROOMSEAL_KEY_LEN` bytes; shares none with `key`.
///   The caller wipes them when done.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_LAST_EPOCH` for epoch 2^64 - 1;
/// `ROOMSEAL_ERR_INVALID_ARGUMENT` for other key lengths;
/// `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is written.
///
/// Threads: any.
///
/// # Safety
/// Pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_key_ratchet(
    key: *const u8,
    key_len: usize,
    epoch: u64,
    key_out: *mut u8,
    key_cap: usize,
) -> roomseal_status {
    let make = |key: &RoomKey, out: &mut [u8]| put(out, key.ratchet(epoch)?.expose());
    // SAFETY: the caller's promise.
    unsafe { from_key((key, key_len), (key_out, key_cap), make) }
}

/// Writes eight hexadecimal digits that tell keys apart in logs and on screens and
/// tell nothing about them.
///
/// - `key`, `key_len`: copied. `ROOMSEAL_KEY_LEN` bytes.
/// - `text_out`, `text_cap`: takes the `ROOMSEAL_FINGERPRINT_LEN` characters, without
///   a terminator.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other key lengths;
/// `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is written.
///
/// Threads: any.
///
/// # Safety
/// Pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_key_fingerprint(
    key: *const u8,
    key_len: usize,
    text_out: *mut c_char,
    text_cap: usize,
) -> roomseal_status {
    let make = |key: &RoomKey, out: &mut [u8]| put(out, key.fingerprint().as_bytes());
    // SAFETY: the caller's promise.
    unsafe { from_key((key, key_len), self::text_out(text_out, text_cap), make) }
}

/// Writes a key as hexadecimal text, in lower case.
///
/// - `key`, `key_len`: copied. `ROOMSEAL_KEY_LEN` bytes.
/// - `text_out`, `text_cap`: takes the `ROOMSEAL_KEY_HEX_LEN` characters, without a
///   terminator. The caller wipes them when done.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other key lengths;
/// `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is written.
///
/// Threads: any.
///
/// # Safety
/// Pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_key_to_hex(
    key: *const u8,
    key_len: usize,
    text_out: *mut c_char,
    text_cap: usize,
) -> roomseal_status {
    let make = |key: &RoomKey, out: &mut [u8]| put(out, key.to_hex().as_bytes());
    // SAFETY: the caller's promise.
    unsafe { from_key((key, key_len), self::text_out(text_out, text_cap), make) }
}

/// Writes a key as base64 text, with its padding.
///
/// - `key`, `key_len`: copied. `ROOMSEAL_KEY_LEN` bytes.
/// - `text_out`, `text_cap`: takes the `ROOMSEAL_KEY_BASE64_LEN` characters, without a
///   terminator. The caller wipes them when done.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other key lengths;
/// `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is written.
///
/// Threads: any.
///
/// # Safety
/// Pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_key_to_base64(
    key: *const u8,
    key_len: usize,
    text_out: *mut c_char,
    text_cap: usize,
) -> roomseal_status {
    let make = |key: &RoomKey, out: &mut [u8]| put(out, key.to_base64().as_bytes());
    // SAFETY: the caller's promise.
    unsafe { from_key((key, key_len), self::text_out(text_out, text_cap), make) }
}

/// Reads a key from exactly 32 hexadecimal digits of either case, as
/// `openssl rand -hex 16` prints them.
///
/// - `text`, `text_len`: read. `ROOMSEAL_KEY_HEX_LEN` characters, nothing around them.
/// - `key_out`, `key_cap`: takes the `ROOMSEAL_KEY_LEN` bytes. The caller wipes them
///   when done.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_TEXT` for any other text;
/// `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
/// `ROOMSEAL_ERR_INVALID_ARGUMENT`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is
/// written.
///
/// Threads: any.
///
/// # Safety
/// Pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_key_from_hex(
    text: *const c_char,
    text_len: usize,
    key_out: *mut u8,
    key_cap: usize,
) -> roomseal_status {
    guard(|| {
        let text = self::text(text, text_len);
        // SAFETY: the caller's promise.
        let ([text], key_out) = unsafe { apart([text], (key_out, key_cap)) }?;
        put(key_out, key_from_text(text, RoomKey::from_hex)?.expose())
    })
}

/// Reads a key from exactly 24 characters of base64 with its padding, as
/// `openssl rand -base64 16` prints them.
///
/// - `text`, `text_len`: read. `ROOMSEAL_KEY_BASE64_LEN` characters, nothing around
///   them; base64url, missing padding and non-zero spare bits are refused.
/// - `key_out`, `key_cap`: takes the `ROOMSEAL_KEY_LEN` bytes. The caller wipes them
///   when done.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_TEXT` for any other text;
/// `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
/// `ROOMSEAL_ERR_INVALID_ARGUMENT`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is
/// written.
///
/// Threads: any.
///
/// # Safety
/// Pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_key_from_base64(
    text: *const c_char,
    text_len: usize,
    key_out: *mut u8,
    key_cap: usize,
) -> roomseal_status {
    guard(|| {
        let text = self::text(text, text_len);
        // SAFETY: the caller's promise.
        let ([text], key_out) = unsafe { apart([text], (key_out, key_cap)) }?;
        put(key_out, key_from_text(text, RoomKey::from_base64)?.expose())
    })
}
