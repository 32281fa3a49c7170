//! Configurations of rooms.

use super::boundary::{Place, borrow, guard, hand_over, input, take_back, text};
use super::numbers::{form, kind, suite};
use super::status::roomseal_status;
use crate::sframe::CipherSuite;
use crate::{AppId, CallId, Error, Form, Kind, Result, RoomConfig, RoomId};
use core::ffi::c_char;
use std::sync::{Mutex, PoisonError};

/// What a room is made with. All members must agree on the ids and the suites;
/// the rest is each member's own.
#[derive(Debug, Default)]
#[expect(non_camel_case_types, reason = "the name in C")]
pub struct roomseal_config {
    settings: Mutex<Settings>,
}

#[derive(Clone, Debug, Default)]
struct Settings {
    app_id: Option<AppId>,
    room_id: Option<RoomId>,
    call_id: Option<CallId>,
    suites: [Option<CipherSuite>; 3],
    forms: [Option<Form>; 3],
    max_streams: [Option<usize>; 3],
    replay_window: Option<usize>,
    max_frame_len: Option<usize>,
    four_byte_tags: bool,
    open_only: bool,
    refuse_on_memory_loss: bool,
    drop_suspect_keys: bool,
}

impl roomseal_config {
    fn change(&self, f: impl FnOnce(&mut Settings)) {
        f(&mut self.settings.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The configuration for Rust, which checks its ranges when a room is made.
    pub(super) fn build(&self) -> Result<RoomConfig> {
        let settings = self
            .settings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let app_id = settings.app_id.ok_or(Error::InvalidArgument)?;
        let room_id = settings.room_id.ok_or(Error::InvalidArgument)?;
        let mut config = RoomConfig::new(app_id, room_id);
        if let Some(call_id) = settings.call_id {
            config = config.call_id(call_id);
        }
        for (kind, suite) in Kind::ALL.into_iter().zip(settings.suites) {
            if let Some(suite) = suite {
                config = config.suite(kind, suite);
            }
        }
        for (kind, form) in Kind::ALL.into_iter().zip(settings.forms) {
            if let Some(form) = form {
                config = config.form(kind, form);
            }
        }
        for (kind, streams) in Kind::ALL.into_iter().zip(settings.max_streams) {
            if let Some(streams) = streams {
                config = config.max_streams(kind, streams);
            }
        }
        if let Some(frames) = settings.replay_window {
            config = config.replay_window(frames);
        }
        if let Some(bytes) = settings.max_frame_len {
            config = config.max_frame_len(bytes);
        }
        if settings.four_byte_tags {
            config = config.allow_four_byte_tags();
        }
        if settings.open_only {
            config = config.open_only();
        }
        if settings.refuse_on_memory_loss {
            config = config.refuse_new_streams_on_memory_loss();
        }
        if settings.drop_suspect_keys {
            config = config.drop_suspect_keys();
        }
        Ok(config)
    }
}

/// The setting of one kind.
fn set_for<T>(settings: &mut [Option<T>; 3], kind: Kind, value: T) {
    for (this, place) in Kind::ALL.into_iter().zip(settings) {
        if this == kind {
            *place = Some(value);
            return;
        }
    }
}

/// Text of an id. The room's own rules about its length come later.
///
/// # Safety
/// As [`input`].
unsafe fn id_text<'a>(start: *const c_char, len: usize) -> Result<&'a str> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { input(text(start, len)) }?;
    core::str::from_utf8(bytes).map_err(|_| Error::InvalidArgument)
}

/// Makes a configuration with the defaults: suite 4 and plain frames for every kind, a replay
/// window of 1,024 frames, 1,024 streams of audio and of video and 4,096 of
/// messages, frames up to 16 MiB. The ids of the application and of the room
/// have no default: set both.
///
/// - `config_out`: set to a handle that the caller owns and gives to
///   `roomseal_config_free`.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `config_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_new(
    config_out: *mut *mut roomseal_config,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config_out = unsafe { Place::new(config_out) }?;
        config_out.set(hand_over(roomseal_config::default()));
        Ok(())
    })
}

/// Frees a configuration. Rooms made with it stay as they are.
///
/// - `config`: given back; NULL does nothing.
///
/// Threads: nobody may be using the handle, or use it later.
///
/// # Safety
/// `config` is NULL or a live handle, used by nobody else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_free(config: *mut roomseal_config) {
    // SAFETY: the caller's promise.
    unsafe { take_back(config) };
}

/// Sets the id of the application (TRTC's SDKAppID, Agora's App ID, ZEGO's appID), as a number. It replaces one set before.
///
/// - `config`: borrowed.
/// - `id`: any number. 123 and the text "123" are different ids.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_set_app_id_number(
    config: *const roomseal_config,
    id: u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        config.change(|settings| settings.app_id = Some(AppId::number(id)));
        Ok(())
    })
}

/// Sets the id of the application (TRTC's SDKAppID, Agora's App ID, ZEGO's appID), as text. It replaces one set before.
///
/// - `config`: borrowed.
/// - `id`, `id_len`: copied. 1 to 256 bytes of UTF-8, taken as they are: no case
///   folding, no normalisation, no terminator.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other lengths and for
/// what is not UTF-8; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle; `id` is NULL or valid for `id_len` bytes.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_set_app_id_text(
    config: *const roomseal_config,
    id: *const c_char,
    id_len: usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        // SAFETY: the caller's promise.
        let id = AppId::text(unsafe { id_text(id, id_len) }?)?;
        config.change(|settings| settings.app_id = Some(id));
        Ok(())
    })
}

/// Sets the id of the room or channel, as a number. It replaces one set before.
///
/// - `config`: borrowed.
/// - `id`: any number. 123 and the text "123" are different ids.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_set_room_id_number(
    config: *const roomseal_config,
    id: u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        config.change(|settings| settings.room_id = Some(RoomId::number(id)));
        Ok(())
    })
}

/// Sets the id of the room or channel, as text. It replaces one set before.
///
/// - `config`: borrowed.
/// - `id`, `id_len`: copied. 1 to 256 bytes of UTF-8, taken as they are: no case
///   folding, no normalisation, no terminator.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other lengths and for
/// what is not UTF-8; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle; `id` is NULL or valid for `id_len` bytes.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_set_room_id_text(
    config: *const roomseal_config,
    id: *const c_char,
    id_len: usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        // SAFETY: the caller's promise.
        let id = RoomId::text(unsafe { id_text(id, id_len) }?)?;
        config.change(|settings| settings.room_id = Some(id));
        Ok(())
    })
}

/// Sets the optional id of the call within the room, which keeps recordings of
/// earlier calls under the same key from being replayed into this one, as a number. It replaces one set before.
///
/// - `config`: borrowed.
/// - `id`: any number. 123 and the text "123" are different ids.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_set_call_id_number(
    config: *const roomseal_config,
    id: u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        config.change(|settings| settings.call_id = Some(CallId::number(id)));
        Ok(())
    })
}

/// Sets the optional id of the call within the room, which keeps recordings of
/// earlier calls under the same key from being replayed into this one, as text. It replaces one set before.
///
/// - `config`: borrowed.
/// - `id`, `id_len`: copied. 1 to 256 bytes of UTF-8, taken as they are: no case
///   folding, no normalisation, no terminator.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other lengths and for
/// what is not UTF-8; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle; `id` is NULL or valid for `id_len` bytes.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_set_call_id_text(
    config: *const roomseal_config,
    id: *const c_char,
    id_len: usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        // SAFETY: the caller's promise.
        let id = CallId::text(unsafe { id_text(id, id_len) }?)?;
        config.change(|settings| settings.call_id = Some(id));
        Ok(())
    })
}

/// Sets the cipher suite of a kind. All members must agree. Suite 2 saves 8 bytes
/// a frame against the default, which matters for audio.
///
/// - `config`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `suite`: one of `ROOMSEAL_SUITE_`. Suite 3 also needs
///   `roomseal_config_allow_four_byte_tags`.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_UNKNOWN_SUITE`,
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_set_suite(
    config: *const roomseal_config,
    kind: u32,
    suite: u32,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        let (kind, suite) = (self::kind(kind)?, self::suite(suite)?);
        config.change(|settings| set_for(&mut settings.suites, kind, suite));
        Ok(())
    })
}

/// Sets the form of a kind's frames: plain by default; or frames that stay frames of their
/// codec, for audio and video in hosts that parse or packetize what they carry. All members
/// must agree: frames of the other form never open.
///
/// - `config`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`. A room for messages of another form than the plain one
///   can't be made.
/// - `form`: one of `ROOMSEAL_FORM_`.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_UNKNOWN_FORM`,
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_set_form(
    config: *const roomseal_config,
    kind: u32,
    form: u32,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        let (kind, form) = (self::kind(kind)?, self::form(form)?);
        config.change(|settings| set_for(&mut settings.forms, kind, form));
        Ok(())
    })
}

/// Lets kinds use suite 3, whose 4-byte tags a forger meets by chance once in 2^32
/// tries. After 4,096 forged frames on unknown KIDs an epoch takes no new streams,
/// which an attacker can bring about at will.
///
/// - `config`: borrowed.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_allow_four_byte_tags(
    config: *const roomseal_config,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        config.change(|settings| settings.four_byte_tags = true);
        Ok(())
    })
}

/// Makes rooms that only open: for a recorder. They can't make sealers.
///
/// - `config`: borrowed.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_set_open_only(
    config: *const roomseal_config,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        config.change(|settings| settings.open_only = true);
        Ok(())
    })
}

/// Sets the replay window of each stream.
///
/// - `config`: borrowed.
/// - `frames`: 64 to 32,768, rounded up to a multiple of 64; checked when a room is
///   made.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_set_replay_window(
    config: *const roomseal_config,
    frames: usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        config.change(|settings| settings.replay_window = Some(frames));
        Ok(())
    })
}

/// Sets how many streams of a kind are remembered at once. When one more comes, the
/// least recently authentic one leaves.
///
/// - `config`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `streams`: 1 to 65,536; checked when a room is made.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_NULL_POINTER`.
/// On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_set_max_streams(
    config: *const roomseal_config,
    kind: u32,
    streams: usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        let kind = self::kind(kind)?;
        config.change(|settings| set_for(&mut settings.max_streams, kind, streams));
        Ok(())
    })
}

/// Sets the longest frame, before sealing, that is sealed or opened.
///
/// - `config`: borrowed.
/// - `bytes`: 1 to 2^30; checked when a room is made.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_set_max_frame_len(
    config: *const roomseal_config,
    bytes: usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        config.change(|settings| settings.max_frame_len = Some(bytes));
        Ok(())
    })
}

/// Refuses new streams of an epoch, with `ROOMSEAL_ERR_MEMORY_LOST`, once the last
/// trace of a stream had to be dropped: its past could otherwise be replayed as a
/// new stream.
///
/// - `config`: borrowed.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_refuse_new_streams_on_memory_loss(
    config: *const roomseal_config,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        config.change(|settings| settings.refuse_on_memory_loss = true);
        Ok(())
    })
}

/// Refuses streams, with `ROOMSEAL_ERR_KEY_SUSPECT`, after more forged frames than
/// their tag length allows. Off by default, as it hands an attacker on the wire a
/// way to silence a stream with short tags.
///
/// - `config`: borrowed.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
///
/// Threads: any.
///
/// # Safety
/// `config` is NULL or a live handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_config_drop_suspect_keys(
    config: *const roomseal_config,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let config = unsafe { borrow(config) }?;
        config.change(|settings| settings.drop_suspect_keys = true);
        Ok(())
    })
}
