//! SFrame base keys and KIDs: the ratchet, keys for RTP streams, KIDs for MLS.

use super::boundary::{Out, Place, apart, guard};
use super::numbers::ROOMSEAL_SFRAME_BASE_KEY_LEN;
use super::status::roomseal_status;
use crate::Error;
use crate::sframe::{BaseKey, MlsKid, RatchetKid};

/// What the two functions below share.
///
/// # Safety
/// As [`apart`].
unsafe fn derive(
    key: (*const u8, usize),
    out: Out,
    derive: impl FnOnce(&BaseKey) -> BaseKey,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let ([key], out) = unsafe { apart([key], out) }?;
        let out = out
            .get_mut(..ROOMSEAL_SFRAME_BASE_KEY_LEN)
            .ok_or(Error::BufferTooSmall)?;
        let derived = derive(&BaseKey::new(key)?);
        let derived = derived.as_bytes();
        if derived.len() != out.len() {
            return Err(Error::Internal);
        }
        out.copy_from_slice(derived);
        Ok(())
    })
}

/// Derives the next base key of the ratchet of RFC 9605 section 5.1. There is no way back
/// from it.
///
/// - `base_key`, `base_key_len`: copied. 1 to `ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN` bytes.
/// - `key_out`, `key_cap`: takes the `ROOMSEAL_SFRAME_BASE_KEY_LEN` bytes; shares none with
///   `base_key`. The caller wipes them when done.
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
pub unsafe extern "C" fn roomseal_sframe_key_ratchet(
    base_key: *const u8,
    base_key_len: usize,
    key_out: *mut u8,
    key_cap: usize,
) -> roomseal_status {
    // SAFETY: the caller's promise.
    unsafe {
        derive(
            (base_key, base_key_len),
            (key_out, key_cap),
            BaseKey::ratchet,
        )
    }
}

/// Derives the base key of one RTP stream, as draft-ietf-avtcore-rtp-sframe does: all
/// streams of a sender then share a KID and have keys and counters of their own.
///
/// - `base_key`, `base_key_len`: copied. 1 to `ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN` bytes.
/// - `ssrc`: the SSRC of the stream.
/// - `key_out`, `key_cap`: takes the `ROOMSEAL_SFRAME_BASE_KEY_LEN` bytes; shares none with
///   `base_key`. The caller wipes them when done.
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
pub unsafe extern "C" fn roomseal_sframe_key_for_ssrc(
    base_key: *const u8,
    base_key_len: usize,
    ssrc: u32,
    key_out: *mut u8,
    key_cap: usize,
) -> roomseal_status {
    let for_ssrc = |key: &BaseKey| key.for_ssrc(ssrc);
    // SAFETY: the caller's promise.
    unsafe { derive((base_key, base_key_len), (key_out, key_cap), for_ssrc) }
}

/// Makes the KID of a step of the ratchet, RFC 9605 section 5.1: the key generation, then the
/// low bits of the step.
///
/// - `step_bits`: R, 1 to 32: the bits of a KID that count steps.
/// - `generation`: the key generation; it must fit into 64 - R bits.
/// - `step`: the step, counted from 0.
/// - `kid_out`: set to the KID.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT`; `ROOMSEAL_ERR_NULL_POINTER`. On
/// failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `kid_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_ratchet_kid(
    step_bits: u32,
    generation: u64,
    step: u64,
    kid_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let kid_out = unsafe { Place::new(kid_out) }?;
        kid_out.set(RatchetKid::new(step_bits)?.kid(generation, step)?);
        Ok(())
    })
}

/// Splits a KID as `roomseal_sframe_ratchet_kid` makes it.
///
/// - `step_bits`: R, 1 to 32.
/// - `kid`: the KID.
/// - `generation_out`: set to the key generation.
/// - `step_out`: set to the step modulo 2^R.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT`; `ROOMSEAL_ERR_NULL_POINTER`. On
/// failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// The outputs are NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_ratchet_kid_split(
    step_bits: u32,
    kid: u64,
    generation_out: *mut u64,
    step_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let generation_out = unsafe { Place::new(generation_out) }?;
        // SAFETY: the caller's promise.
        let step_out = unsafe { Place::new(step_out) }?;
        let (generation, step) = RatchetKid::new(step_bits)?.split(kid);
        generation_out.set(generation);
        step_out.set(step);
        Ok(())
    })
}

/// Makes the KID of a sender in an MLS epoch, RFC 9605 section 5.2: context, sender index, low
/// bits of the epoch.
///
/// - `epoch_bits`: E, 1 to 16: the bits of a KID for the epoch.
/// - `group_size`: members of the group, 1 to 2^32.
/// - `context`: tells several streams of one sender apart; 0 where there is one.
/// - `sender_index`: the sender's leaf index.
/// - `epoch`: the MLS epoch.
/// - `kid_out`: set to the KID.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` if something is out of its range or
/// doesn't fit; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `kid_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_mls_kid(
    epoch_bits: u32,
    group_size: u64,
    context: u64,
    sender_index: u64,
    epoch: u64,
    kid_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let kid_out = unsafe { Place::new(kid_out) }?;
        let layout = MlsKid::new(epoch_bits, group_size)?;
        kid_out.set(layout.kid(context, sender_index, epoch)?);
        Ok(())
    })
}

/// Splits a KID as `roomseal_sframe_mls_kid` makes it.
///
/// - `epoch_bits`, `group_size`: as there.
/// - `kid`: the KID.
/// - `context_out`: set to the context.
/// - `sender_index_out`: set to the sender's leaf index.
/// - `epoch_out`: set to the MLS epoch modulo 2^E.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT`; `ROOMSEAL_ERR_NULL_POINTER`. On
/// failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// The outputs are NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_mls_kid_split(
    epoch_bits: u32,
    group_size: u64,
    kid: u64,
    context_out: *mut u64,
    sender_index_out: *mut u64,
    epoch_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let context_out = unsafe { Place::new(context_out) }?;
        // SAFETY: the caller's promise.
        let sender_index_out = unsafe { Place::new(sender_index_out) }?;
        // SAFETY: the caller's promise.
        let epoch_out = unsafe { Place::new(epoch_out) }?;
        let (context, sender_index, epoch) = MlsKid::new(epoch_bits, group_size)?.split(kid);
        context_out.set(context);
        sender_index_out.set(sender_index);
        epoch_out.set(epoch);
        Ok(())
    })
}
