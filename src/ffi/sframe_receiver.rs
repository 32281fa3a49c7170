//! Plain SFrame receivers: RFC 9605 with keys by KID.

use super::boundary::{Place, apart, borrow, guard, hand_over, input, take_back, zeros_on_panic};
use super::numbers::suite;
use super::status::roomseal_status;
use crate::Error;
use crate::limits::{DEFAULT_REPLAY_WINDOW, MAX_REPLAY_WINDOW, MIN_REPLAY_WINDOW};
use crate::sframe::{BaseKey, CipherSuite, Header, Receiver};

/// What opens frames of any sender whose key was added, each frame once.
#[derive(Debug)]
#[expect(non_camel_case_types, reason = "the name in C")]
pub struct roomseal_sframe_receiver {
    suite: CipherSuite,
    receiver: Receiver,
}

/// Makes a plain SFrame receiver without keys. Most applications want a room instead.
///
/// - `suite`: one of `ROOMSEAL_SUITE_`.
/// - `replay_window`: frames remembered for each KID, 64 to 32,768; 0 for 1,024.
/// - `receiver_out`: set to a handle that the caller owns and gives to
///   `roomseal_sframe_receiver_free`.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_SUITE`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for
/// other windows; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `receiver_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_receiver_new(
    suite: u32,
    replay_window: usize,
    receiver_out: *mut *mut roomseal_sframe_receiver,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let receiver_out = unsafe { Place::new(receiver_out) }?;
        let suite = self::suite(suite)?;
        let window = match replay_window {
            0 => DEFAULT_REPLAY_WINDOW,
            MIN_REPLAY_WINDOW..=MAX_REPLAY_WINDOW => replay_window,
            _ => return Err(Error::InvalidArgument),
        };
        let receiver = Receiver::with_replay_window(suite, window);
        receiver_out.set(hand_over(roomseal_sframe_receiver { suite, receiver }));
        Ok(())
    })
}

/// Frees a receiver and wipes its keys.
///
/// - `receiver`: given back; NULL does nothing.
///
/// Threads: nobody may be using the handle, or use it later.
///
/// # Safety
/// `receiver` is NULL or a live handle, used by nobody else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_receiver_free(receiver: *mut roomseal_sframe_receiver) {
    // SAFETY: the caller's promise.
    unsafe { take_back(receiver) };
}

/// Adds the key of a KID.
///
/// - `receiver`: borrowed.
/// - `kid`: the key identifier.
/// - `base_key`, `base_key_len`: copied. 1 to `ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN` bytes; the
///   caller wipes its own.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_DUPLICATE_KID` if there is a key already, whatever it
/// is: remove it first; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other key lengths;
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any, while frames are opened.
///
/// # Safety
/// `receiver` is NULL or a live handle; `base_key` is NULL or valid for its length.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_receiver_add(
    receiver: *const roomseal_sframe_receiver,
    kid: u64,
    base_key: *const u8,
    base_key_len: usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let receiver = unsafe { borrow(receiver) }?;
        // SAFETY: the caller's promise.
        let base_key = unsafe { input((base_key, base_key_len)) }?;
        receiver.receiver.add(kid, &BaseKey::new(base_key)?)
    })
}

/// Removes the key of a KID. It is wiped when the last call that uses it returns.
///
/// - `receiver`: borrowed.
/// - `kid`: the key identifier.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_KEY` if there is none;
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any, while frames are opened.
///
/// # Safety
/// `receiver` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_receiver_remove(
    receiver: *const roomseal_sframe_receiver,
    kid: u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        unsafe { borrow(receiver) }?.receiver.remove(kid)
    })
}

/// Tells how many bytes come out of a frame. `frame_len` itself always suffices as capacity.
///
/// - `receiver`: borrowed.
/// - `frame`, `frame_len`: read. The sealed frame.
/// - `len_out`: set to the bytes of the opened one.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_MALFORMED` if the frame is cut short or its header not
/// minimally encoded; `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure
/// nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `receiver` is NULL or a live handle; `frame` is NULL or valid for its length; `len_out` is
/// NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_receiver_opened_len(
    receiver: *const roomseal_sframe_receiver,
    frame: *const u8,
    frame_len: usize,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let receiver = unsafe { borrow(receiver) }?;
        // SAFETY: the caller's promise.
        let frame = unsafe { input((frame, frame_len)) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        let (_, header_len) = Header::parse(frame)?;
        let len = frame
            .len()
            .checked_sub(header_len + receiver.suite.tag_len());
        len_out.set(len.ok_or(Error::Malformed)?);
        Ok(())
    })
}

/// Opens a frame from one buffer into another.
///
/// - `receiver`: borrowed.
/// - `frame`, `frame_len`: read. The sealed frame.
/// - `metadata`, `metadata_len`: read. What the sender passed; NULL with 0 for none.
/// - `out`, `out_cap`: takes the frame, `roomseal_sframe_receiver_opened_len` bytes; shares
///   none with the inputs.
/// - `out_len`: set to its length.
///
/// Returns `ROOMSEAL_OK`: the frame is authentic, and new. Else there is no frame to use:
/// `ROOMSEAL_ERR_MALFORMED`, `ROOMSEAL_ERR_UNKNOWN_KEY`, `ROOMSEAL_ERR_NOT_AUTHENTIC`,
/// `ROOMSEAL_ERR_REPLAY`, `ROOMSEAL_ERR_TOO_OLD`; `ROOMSEAL_ERR_NULL_POINTER`,
/// `ROOMSEAL_ERR_INVALID_ARGUMENT` (a length above `PTRDIFF_MAX`),
/// `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`: the arguments.
///
/// On `ROOMSEAL_ERR_NOT_AUTHENTIC`, and on `ROOMSEAL_ERR_REPLAY` when another thread opened the
/// same frame meanwhile, `out` is zeros up to the length of the frame. On other failures
/// nothing was written.
///
/// Threads: any number at once with one receiver.
///
/// # Safety
/// `receiver` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_receiver_open(
    receiver: *const roomseal_sframe_receiver,
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
        let receiver = unsafe { borrow(receiver) }?;
        let inputs = [(frame, frame_len), (metadata, metadata_len)];
        // SAFETY: the caller's promise.
        let ([frame, metadata], out) = unsafe { apart(inputs, (out, out_cap)) }?;
        // SAFETY: the caller's promise.
        let out_len = unsafe { Place::new(out_len) }?;
        let open = |out: &mut [u8]| receiver.receiver.open(frame, metadata, out);
        out_len.set(zeros_on_panic(out, open)?);
        Ok(())
    })
}

/// Opens a frame where it stands.
///
/// - `receiver`: borrowed.
/// - `metadata`, `metadata_len`: read. What the sender passed; NULL with 0 for none. Shares
///   no byte with `frame`.
/// - `frame`, `frame_len`: the sealed frame, read and written.
/// - `off_out`, `len_out`: set to where the opened frame stands in `frame`.
///
/// Returns what `roomseal_sframe_receiver_open` returns. On `ROOMSEAL_ERR_NOT_AUTHENTIC`, and on
/// `ROOMSEAL_ERR_REPLAY` when another thread opened the same frame meanwhile, all of `frame`
/// is zeros. On other failures nothing was written.
///
/// Threads: any number at once with one receiver.
///
/// # Safety
/// `receiver` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_sframe_receiver_open_in_place(
    receiver: *const roomseal_sframe_receiver,
    metadata: *const u8,
    metadata_len: usize,
    frame: *mut u8,
    frame_len: usize,
    off_out: *mut usize,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let receiver = unsafe { borrow(receiver) }?;
        // SAFETY: the caller's promise.
        let ([metadata], frame) = unsafe { apart([(metadata, metadata_len)], (frame, frame_len)) }?;
        // SAFETY: the caller's promise.
        let off_out = unsafe { Place::new(off_out) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        let open = |frame: &mut [u8]| receiver.receiver.open_in_place(metadata, frame);
        let place = zeros_on_panic(frame, open)?;
        off_out.set(place.start);
        len_out.set(place.len());
        Ok(())
    })
}
