//! Status codes: what almost every function returns.

use crate::Error;
use core::ffi::{CStr, c_char};

/// What a function returns: `ROOMSEAL_OK`, or one of the `ROOMSEAL_ERR_` numbers.
///
/// Numbers are never changed or used again; new ones may come. Treat every
/// number but 0 as a failure, the unknown ones too. They stand in decades:
/// 1-9 arguments, 10-19 the frame, 20-29 keys, 30-39 limits, 40-49 the state of
/// an object, 90-99 faults of this library.
#[expect(non_camel_case_types, reason = "the name in C")]
pub type roomseal_status = i32;

/// Success.
pub const ROOMSEAL_OK: roomseal_status = 0;
/// A required pointer was NULL, or NULL came with a length above zero.
pub const ROOMSEAL_ERR_NULL_POINTER: roomseal_status = 1;
/// An argument is out of its documented range.
pub const ROOMSEAL_ERR_INVALID_ARGUMENT: roomseal_status = 2;
/// The output, headroom or tailroom is too small. Nothing was written and no counter value
/// was spent.
pub const ROOMSEAL_ERR_BUFFER_TOO_SMALL: roomseal_status = 3;
/// Input and output share bytes. Use the in-place call, or disjoint buffers.
pub const ROOMSEAL_ERR_BUFFERS_OVERLAP: roomseal_status = 4;
/// The frame is longer than the room's or the cipher suite's limit.
pub const ROOMSEAL_ERR_TOO_LARGE: roomseal_status = 5;
/// Not a media kind: audio 1, video 2, message 3; or a call meant for another kind.
pub const ROOMSEAL_ERR_WRONG_KIND: roomseal_status = 6;
/// Not a cipher suite of this library: RFC 9605 suites 1 to 4.
pub const ROOMSEAL_ERR_UNKNOWN_SUITE: roomseal_status = 7;
/// Not a frame form of this library: plain 0, codec 1.
pub const ROOMSEAL_ERR_UNKNOWN_FORM: roomseal_status = 8;
/// Text that is not exact hexadecimal, base64 or base64url as the call asks for.
pub const ROOMSEAL_ERR_INVALID_TEXT: roomseal_status = 9;
/// The frame is cut short, or its header is not minimally encoded.
pub const ROOMSEAL_ERR_MALFORMED: roomseal_status = 10;
/// The header is not one of a room frame (its KID lacks the top bit).
pub const ROOMSEAL_ERR_NOT_SEALED: roomseal_status = 11;
/// The frame is in clear, and the application said that it accepts such frames for now. It
/// was not touched, nothing about it is authentic.
pub const ROOMSEAL_ERR_CLEAR_FRAME: roomseal_status = 12;
/// The frame was sealed by this very room object: a server reflected it.
pub const ROOMSEAL_ERR_OWN_FRAME: roomseal_status = 13;
/// Authentication failed. One code for every cryptographic failure.
pub const ROOMSEAL_ERR_NOT_AUTHENTIC: roomseal_status = 14;
/// This frame was opened before.
pub const ROOMSEAL_ERR_REPLAY: roomseal_status = 15;
/// The frame lies before the replay window, or before what a tombstone remembers.
pub const ROOMSEAL_ERR_TOO_OLD: roomseal_status = 16;
/// The stream is bound to another source than the one this call names.
pub const ROOMSEAL_ERR_SOURCE_CHANGED: roomseal_status = 17;
/// The frame to seal is not one of the codec it was named, or has a unit that can't be
/// sealed. Nothing was written.
pub const ROOMSEAL_ERR_CODEC_MISMATCH: roomseal_status = 18;
/// Not a codec of this library: 0 to 7.
pub const ROOMSEAL_ERR_UNKNOWN_CODEC: roomseal_status = 19;
/// No key stands behind the frame's KID.
pub const ROOMSEAL_ERR_UNKNOWN_KEY: roomseal_status = 20;
/// Nothing can be sealed: no epoch is active.
pub const ROOMSEAL_ERR_NO_ACTIVE_EPOCH: roomseal_status = 21;
/// No such epoch is installed.
pub const ROOMSEAL_ERR_UNKNOWN_EPOCH: roomseal_status = 22;
/// The epoch is installed with another key or salt, or its place is taken by the active
/// epoch.
pub const ROOMSEAL_ERR_EPOCH_CONFLICT: roomseal_status = 23;
/// The epoch was retired or displaced, or is older than one that was.
pub const ROOMSEAL_ERR_EPOCH_RETIRED: roomseal_status = 24;
/// The key has sealed all the frames or blocks it may.
pub const ROOMSEAL_ERR_KEY_EXHAUSTED: roomseal_status = 25;
/// A key is already installed under this KID.
pub const ROOMSEAL_ERR_DUPLICATE_KID: roomseal_status = 26;
/// Too many forged frames under this key; the application asked to stop using it.
pub const ROOMSEAL_ERR_KEY_SUSPECT: roomseal_status = 27;
/// Suite 3 has 4-byte tags and needs its explicit opt-in.
pub const ROOMSEAL_ERR_FOUR_BYTE_TAGS: roomseal_status = 28;
/// Epoch 2^64 - 1 has no successor.
pub const ROOMSEAL_ERR_LAST_EPOCH: roomseal_status = 29;
/// Too many frames with unknown KIDs at the moment. The frame was not touched and may be
/// tried again.
pub const ROOMSEAL_ERR_BUDGET: roomseal_status = 30;
/// The epoch took too many forged frames for its tag length; it takes no new streams.
pub const ROOMSEAL_ERR_FAILURE_BUDGET: roomseal_status = 31;
/// Replay memory was lost, and the application asked to refuse new streams then.
pub const ROOMSEAL_ERR_MEMORY_LOST: roomseal_status = 32;
/// The sealed frame would take too many emulation bytes, four times over: chance does that
/// only to frames far above 100 MiB.
pub const ROOMSEAL_ERR_TOO_MANY_ESCAPES: roomseal_status = 33;
/// The room was closed.
pub const ROOMSEAL_ERR_CLOSED: roomseal_status = 40;
/// The object was made before a fork, and this is the child process.
pub const ROOMSEAL_ERR_FORKED: roomseal_status = 41;
/// The operating system's random generator failed.
pub const ROOMSEAL_ERR_NO_RANDOM: roomseal_status = 42;
/// The room was made to open only.
pub const ROOMSEAL_ERR_OPEN_ONLY: roomseal_status = 43;
/// The call is not for the frame form of this kind, or not for this codec.
pub const ROOMSEAL_ERR_WRONG_FORM: roomseal_status = 44;
/// A fault in this library. Please report it.
pub const ROOMSEAL_ERR_INTERNAL: roomseal_status = 90;

/// The name of a status: "OK", "NOT_AUTHENTIC" for `ROOMSEAL_ERR_NOT_AUTHENTIC`,
/// and so on; "UNKNOWN" for a number that this library doesn't know.
///
/// Returns a static text, never NULL: don't free it.
///
/// Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_status_name(status: i32) -> *const c_char {
    name(status).as_ptr()
}

/// A short English sentence about a status, for logs. It holds nothing of the
/// frame, the key or the room.
///
/// Returns a static text, never NULL: don't free it.
///
/// Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_status_text(status: i32) -> *const c_char {
    let text = match status {
        ROOMSEAL_OK => c"success",
        _ => Error::from_status(status)
            .map_or(c"unknown status, to be taken for a failure", |e| e.c_text()),
    };
    text.as_ptr()
}

const fn name(status: roomseal_status) -> &'static CStr {
    match status {
        ROOMSEAL_OK => c"OK",
        ROOMSEAL_ERR_NULL_POINTER => c"NULL_POINTER",
        ROOMSEAL_ERR_INVALID_ARGUMENT => c"INVALID_ARGUMENT",
        ROOMSEAL_ERR_BUFFER_TOO_SMALL => c"BUFFER_TOO_SMALL",
        ROOMSEAL_ERR_BUFFERS_OVERLAP => c"BUFFERS_OVERLAP",
        ROOMSEAL_ERR_TOO_LARGE => c"TOO_LARGE",
        ROOMSEAL_ERR_WRONG_KIND => c"WRONG_KIND",
        ROOMSEAL_ERR_UNKNOWN_SUITE => c"UNKNOWN_SUITE",
        ROOMSEAL_ERR_UNKNOWN_FORM => c"UNKNOWN_FORM",
        ROOMSEAL_ERR_INVALID_TEXT => c"INVALID_TEXT",
        ROOMSEAL_ERR_MALFORMED => c"MALFORMED",
        ROOMSEAL_ERR_NOT_SEALED => c"NOT_SEALED",
        ROOMSEAL_ERR_CLEAR_FRAME => c"CLEAR_FRAME",
        ROOMSEAL_ERR_OWN_FRAME => c"OWN_FRAME",
        ROOMSEAL_ERR_NOT_AUTHENTIC => c"NOT_AUTHENTIC",
        ROOMSEAL_ERR_REPLAY => c"REPLAY",
        ROOMSEAL_ERR_TOO_OLD => c"TOO_OLD",
        ROOMSEAL_ERR_SOURCE_CHANGED => c"SOURCE_CHANGED",
        ROOMSEAL_ERR_CODEC_MISMATCH => c"CODEC_MISMATCH",
        ROOMSEAL_ERR_UNKNOWN_CODEC => c"UNKNOWN_CODEC",
        ROOMSEAL_ERR_UNKNOWN_KEY => c"UNKNOWN_KEY",
        ROOMSEAL_ERR_NO_ACTIVE_EPOCH => c"NO_ACTIVE_EPOCH",
        ROOMSEAL_ERR_UNKNOWN_EPOCH => c"UNKNOWN_EPOCH",
        ROOMSEAL_ERR_EPOCH_CONFLICT => c"EPOCH_CONFLICT",
        ROOMSEAL_ERR_EPOCH_RETIRED => c"EPOCH_RETIRED",
        ROOMSEAL_ERR_KEY_EXHAUSTED => c"KEY_EXHAUSTED",
        ROOMSEAL_ERR_DUPLICATE_KID => c"DUPLICATE_KID",
        ROOMSEAL_ERR_KEY_SUSPECT => c"KEY_SUSPECT",
        ROOMSEAL_ERR_FOUR_BYTE_TAGS => c"FOUR_BYTE_TAGS",
        ROOMSEAL_ERR_LAST_EPOCH => c"LAST_EPOCH",
        ROOMSEAL_ERR_BUDGET => c"BUDGET",
        ROOMSEAL_ERR_FAILURE_BUDGET => c"FAILURE_BUDGET",
        ROOMSEAL_ERR_MEMORY_LOST => c"MEMORY_LOST",
        ROOMSEAL_ERR_TOO_MANY_ESCAPES => c"TOO_MANY_ESCAPES",
        ROOMSEAL_ERR_CLOSED => c"CLOSED",
        ROOMSEAL_ERR_FORKED => c"FORKED",
        ROOMSEAL_ERR_NO_RANDOM => c"NO_RANDOM",
        ROOMSEAL_ERR_OPEN_ONLY => c"OPEN_ONLY",
        ROOMSEAL_ERR_WRONG_FORM => c"WRONG_FORM",
        ROOMSEAL_ERR_INTERNAL => c"INTERNAL",
        _ => c"UNKNOWN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_number_name_and_text() {
        for error in Error::ALL {
            assert_eq!(name(error.status()).to_str(), Ok(error.name()));
            assert_eq!(error.c_text().to_str(), Ok(error.to_string().as_str()));
            assert!(!error.c_text().is_empty(), "{error:?} has no text");
        }
    }

    #[test]
    fn every_number_has_a_name() {
        let known = |s: i32| s == ROOMSEAL_OK || Error::from_status(s).is_some();
        for status in (-300..300).chain([i32::MIN, i32::MAX]) {
            assert_eq!(name(status) != c"UNKNOWN", known(status), "{status}");
        }
    }
}
