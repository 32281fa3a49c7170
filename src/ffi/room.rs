//! Rooms: from first join to last leave, with their keys by epoch.

use super::boundary::{Numbers, Place, borrow, guard, hand_over, input, take_back, text};
use super::config::roomseal_config;
use super::key::key_from_text;
use super::numbers::kind;
use super::status::roomseal_status;
use crate::{Error, Result, Room, RoomKey, RoomSalt};
use core::ffi::c_char;
use core::time::Duration;

/// A room: its ids, its keys by epoch, and the memory of what was opened.
#[derive(Debug)]
#[expect(non_camel_case_types, reason = "the name in C")]
pub struct roomseal_room {
    pub(super) room: Room,
}

/// Makes a room without keys.
///
/// - `config`: borrowed, and may be freed or used again afterwards.
/// - `room_out`: set to a handle that the caller owns and gives to
///   `roomseal_room_free`.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` if the id of the application or
/// of the room is missing, or a number is out of its range;
/// `ROOMSEAL_ERR_FOUR_BYTE_TAGS` for suite 3 without its opt-in; `ROOMSEAL_ERR_WRONG_FORM` for
/// messages of another form than the plain one;
/// `ROOMSEAL_ERR_NO_RANDOM` if the system's generator fails;
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle; `room_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_new(
    config: *const roomseal_config,
    room_out: *mut *mut roomseal_room,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        // SAFETY: the caller's promise.
        let room_out = unsafe { Place::new(room_out) }?;
        let room = Room::new(config.build()?)?;
        room_out.set(hand_over(roomseal_room { room }));
        Ok(())
    })
}

/// Closes a room and frees its handle. Sealers and openers of the room live on, may be
/// freed before or after, and say `ROOMSEAL_ERR_CLOSED` from now on.
///
/// - `room`: given back; NULL does nothing.
///
/// Threads: nobody may be using this handle, or use it later. The room's sealers and
/// openers may be in use.
///
/// # Safety
/// `room` is NULL or a live handle, used by nobody else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_free(room: *mut roomseal_room) {
    // SAFETY: the caller's promise.
    unsafe { take_back(room) };
}

/// Closes a room: wipes its keys, as soon as calls under way leave. Everything called
/// later on it, its sealers and its openers says `ROOMSEAL_ERR_CLOSED`. Closing again
/// does nothing.
///
/// - `room`: borrowed; it still has to be freed.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any, at any time, while other calls run.
///
/// # Safety
/// `room` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_close(room: *const roomseal_room) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        unsafe { borrow(room) }?.room.close();
        Ok(())
    })
}

/// What the three functions below share.
///
/// # Safety
/// As [`borrow`] and [`input`].
unsafe fn install(
    room: *const roomseal_room,
    epoch: u64,
    key: (*const u8, usize),
    salt: (*const u8, usize),
    read: impl FnOnce(&[u8]) -> Result<RoomKey>,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let key = unsafe { input(key) }?;
        // SAFETY: the caller's promise.
        let salt = unsafe { input(salt) }?;
        room.room.install(epoch, &read(key)?, &RoomSalt::new(salt)?)
    })
}

/// Installs the key of an epoch: its frames open from now on, and it may be activated.
/// Install early, activate later, retire when done.
///
/// Up to 16 epochs stand side by side, with distinct low 4 bits: installing one removes
/// an inactive lower one with the same bits. The same epoch with the same key and salt
/// again changes nothing.
///
/// - `room`: borrowed.
/// - `epoch`: its number, the same for all members.
/// - `key`, `key_len`: copied. `ROOMSEAL_KEY_LEN` random bytes; the caller wipes its own.
/// - `salt`, `salt_len`: copied. The room's salt, up to `ROOMSEAL_MAX_SALT_LEN` bytes, the
///   same for all members; NULL with 0 for none.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_EPOCH_CONFLICT` if the epoch has another key or
/// salt, or its place is taken by the active epoch or a higher one;
/// `ROOMSEAL_ERR_EPOCH_RETIRED` if it, or a higher one, was retired or displaced;
/// `ROOMSEAL_ERR_INVALID_ARGUMENT` for other lengths of key or salt;
/// `ROOMSEAL_ERR_CLOSED`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any. Media threads are held up no longer than a pointer swap.
///
/// # Safety
/// `room` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_install(
    room: *const roomseal_room,
    epoch: u64,
    key: *const u8,
    key_len: usize,
    salt: *const u8,
    salt_len: usize,
) -> roomseal_status {
    // SAFETY: the caller's promise.
    unsafe {
        install(
            room,
            epoch,
            (key, key_len),
            (salt, salt_len),
            RoomKey::from_bytes,
        )
    }
}

/// Installs the key of an epoch given in hexadecimal, as `roomseal_room_install` does.
///
/// - `room`: borrowed.
/// - `epoch`: its number, the same for all members.
/// - `text`, `text_len`: read. Exactly `ROOMSEAL_KEY_HEX_LEN` digits, nothing around them.
/// - `salt`, `salt_len`: copied; NULL with 0 for none.
///
/// Returns what `roomseal_room_install` returns, and `ROOMSEAL_ERR_INVALID_TEXT` for any
/// other text. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_install_hex(
    room: *const roomseal_room,
    epoch: u64,
    text: *const c_char,
    text_len: usize,
    salt: *const u8,
    salt_len: usize,
) -> roomseal_status {
    let (key, salt) = (self::text(text, text_len), (salt, salt_len));
    // SAFETY: the caller's promise.
    unsafe {
        install(room, epoch, key, salt, |text| {
            key_from_text(text, RoomKey::from_hex)
        })
    }
}

/// Installs the key of an epoch given in base64, as `roomseal_room_install` does.
///
/// - `room`: borrowed.
/// - `epoch`: its number, the same for all members.
/// - `text`, `text_len`: read. Exactly `ROOMSEAL_KEY_BASE64_LEN` characters, padding
///   included, nothing around them.
/// - `salt`, `salt_len`: copied; NULL with 0 for none.
///
/// Returns what `roomseal_room_install` returns, and `ROOMSEAL_ERR_INVALID_TEXT` for any
/// other text. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; other pointers are NULL or valid for their lengths.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_install_base64(
    room: *const roomseal_room,
    epoch: u64,
    text: *const c_char,
    text_len: usize,
    salt: *const u8,
    salt_len: usize,
) -> roomseal_status {
    let (key, salt) = (self::text(text, text_len), (salt, salt_len));
    // SAFETY: the caller's promise.
    unsafe {
        install(room, epoch, key, salt, |text| {
            key_from_text(text, RoomKey::from_base64)
        })
    }
}

/// Makes an installed epoch the one that sealers use, at their next frame.
///
/// - `room`: borrowed.
/// - `epoch`: an installed epoch.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_EPOCH`, `ROOMSEAL_ERR_CLOSED`,
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_activate(
    room: *const roomseal_room,
    epoch: u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        unsafe { borrow(room) }?.room.activate(epoch)
    })
}

/// Removes an epoch and wipes its keys, as soon as calls under way leave. Its number and
/// all below it are never installed again. Without an active epoch nothing is sealed.
///
/// - `room`: borrowed.
/// - `epoch`: an installed epoch.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_EPOCH`, `ROOMSEAL_ERR_CLOSED`,
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_retire(
    room: *const roomseal_room,
    epoch: u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        unsafe { borrow(room) }?.room.retire(epoch)
    })
}

/// Derives the key of the epoch after `epoch` and installs it with the same salt. It is
/// not activated. Members who ratchet alike need no message; a late joiner who is given
/// only the new key (`roomseal_key_ratchet`) can't read the past.
///
/// - `room`: borrowed.
/// - `epoch`: an installed epoch.
/// - `next_out`: set to the number of the epoch installed.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_EPOCH`; `ROOMSEAL_ERR_LAST_EPOCH` for
/// epoch 2^64 - 1; `ROOMSEAL_ERR_EPOCH_CONFLICT`, `ROOMSEAL_ERR_EPOCH_RETIRED`,
/// `ROOMSEAL_ERR_CLOSED`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; `next_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_ratchet(
    room: *const roomseal_room,
    epoch: u64,
    next_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let next_out = unsafe { Place::new(next_out) }?;
        next_out.set(room.room.ratchet(epoch)?);
        Ok(())
    })
}

/// Lists the installed epochs, the active one among them, in ascending order.
///
/// - `room`: borrowed.
/// - `epochs_out`, `epochs_cap`: takes the numbers; the capacity counts numbers, not bytes.
///   `ROOMSEAL_MAX_EPOCHS` always suffices.
/// - `count_out`: set to how many there are.
///
/// Returns `ROOMSEAL_OK`, also for a closed room, which has none;
/// `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_NULL_POINTER`,
/// `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure nothing is written.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; `epochs_out` is NULL or valid for `epochs_cap` numbers;
/// `count_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_epochs(
    room: *const roomseal_room,
    epochs_out: *mut u64,
    epochs_cap: usize,
    count_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let epochs_out = unsafe { Numbers::new(epochs_out, epochs_cap) }?;
        // SAFETY: the caller's promise.
        let count_out = unsafe { Place::new(count_out) }?;
        let epochs = room.room.epochs();
        epochs_out.set(&epochs)?;
        count_out.set(epochs.len());
        Ok(())
    })
}

/// Tells the epoch that sealers use.
///
/// - `room`: borrowed.
/// - `epoch_out`: set to its number.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NO_ACTIVE_EPOCH`, also for a closed room;
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; `epoch_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_active_epoch(
    room: *const roomseal_room,
    epoch_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let epoch_out = unsafe { Place::new(epoch_out) }?;
        epoch_out.set(room.room.active_epoch().ok_or(Error::NoActiveEpoch)?);
        Ok(())
    })
}

/// GIVES UP THE PROTECTION OF A KIND FOR A WHILE, for the roll-out of encryption to
/// members who send in clear.
///
/// Opening a frame that is not sealed then says `ROOMSEAL_ERR_CLEAR_FRAME` instead of
/// `ROOMSEAL_ERR_NOT_SEALED` or `ROOMSEAL_ERR_MALFORMED`, and the application may use its
/// input as it is. Servers can inject such frames. Nothing is ever sent in clear.
///
/// - `room`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `seconds`: from now on, up to 86,400 (24 hours); 0 ends it.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for more seconds;
/// `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_CLOSED`, `ROOMSEAL_ERR_NULL_POINTER`. On
/// failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_accept_clear_frames_dangerously(
    room: *const roomseal_room,
    kind: u32,
    seconds: u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        room.room
            .accept_clear_frames_dangerously(self::kind(kind)?, Duration::from_secs(seconds))
    })
}

/// Tells the longest message that fits a host's limit when sealed.
///
/// - `room`: borrowed.
/// - `limit`: the host's limit in bytes, such as 1,000.
/// - `len_out`: set to the message's bytes.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` if not even an empty message
/// fits; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; `len_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_max_message_len(
    room: *const roomseal_room,
    limit: usize,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        len_out.set(
            room.room
                .max_message_len(limit)
                .ok_or(Error::InvalidArgument)?,
        );
        Ok(())
    })
}

/// Tells the longest message that fits a host's limit when sealed in text form.
///
/// - `room`: borrowed.
/// - `limit`: the host's limit in characters.
/// - `len_out`: set to the message's bytes.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` if not even an empty message
/// fits; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; `len_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_max_text_message_len(
    room: *const roomseal_room,
    limit: usize,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        len_out.set(
            room.room
                .max_text_message_len(limit)
                .ok_or(Error::InvalidArgument)?,
        );
        Ok(())
    })
}
