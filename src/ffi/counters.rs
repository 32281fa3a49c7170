//! Counters of a room and of its incoming streams.

use super::boundary::{Numbers, Place, apart, borrow, guard, text_out};
use super::numbers::kind;
use super::room::roomseal_room;
use super::status::roomseal_status;
use crate::{Counters, Error, Result, StreamReport};
use core::ffi::{CStr, c_char};

/// Frames sealed.
pub const ROOMSEAL_COUNTER_SEALED: u32 = 1;
/// Frames opened: authentic, and new.
pub const ROOMSEAL_COUNTER_OPENED: u32 = 2;
/// Refused: no header of a room frame.
pub const ROOMSEAL_COUNTER_NOT_SEALED: u32 = 3;
/// Refused by `ROOMSEAL_ERR_CLEAR_FRAME`: clear frames that the application takes for now.
pub const ROOMSEAL_COUNTER_CLEAR_FRAMES: u32 = 4;
/// Refused: our own frames, reflected.
pub const ROOMSEAL_COUNTER_OWN_FRAME: u32 = 5;
/// Refused: no epoch installed for the KID.
pub const ROOMSEAL_COUNTER_UNKNOWN_KEY: u32 = 6;
/// Refused: too many unknown KIDs at the moment.
pub const ROOMSEAL_COUNTER_BUDGET: u32 = 7;
/// Refused: not authentic. If nothing opens at all, keys or ids differ.
pub const ROOMSEAL_COUNTER_NOT_AUTHENTIC: u32 = 8;
/// Refused: opened before.
pub const ROOMSEAL_COUNTER_REPLAY: u32 = 9;
/// Refused: before the replay window or a tombstone.
pub const ROOMSEAL_COUNTER_TOO_OLD: u32 = 10;
/// Refused: cut short, or a header that no sender makes.
pub const ROOMSEAL_COUNTER_MALFORMED: u32 = 11;
/// Refused: the stream belongs to another source.
pub const ROOMSEAL_COUNTER_SOURCE_CHANGED: u32 = 12;
/// Refused: longer than the limit, sealing included.
pub const ROOMSEAL_COUNTER_TOO_LARGE: u32 = 13;
/// Refused: new streams in an epoch that is closed to them.
pub const ROOMSEAL_COUNTER_NEW_STREAM_REFUSED: u32 = 14;
/// Refused: suspect keys that the application asked to drop.
pub const ROOMSEAL_COUNTER_SUSPECT_REFUSED: u32 = 15;
/// Streams that left because there were too many.
pub const ROOMSEAL_COUNTER_STREAMS_EVICTED: u32 = 16;
/// Tombstones dropped because there were too many: their streams could be replayed.
pub const ROOMSEAL_COUNTER_MEMORY_LOST: u32 = 17;
/// 1 if a stream took more forged frames than its tag length allows, else 0.
pub const ROOMSEAL_COUNTER_KEY_SUSPECT: u32 = 18;
/// The highest counter id of this header. Ids go from 1 to here without gaps.
pub const ROOMSEAL_COUNTER_LAST: u32 = 18;

/// Name, value in a room, and value in a stream where it has one, in the order of ids.
type Row = (
    &'static CStr,
    fn(&Counters) -> u64,
    Option<fn(&StreamReport) -> u64>,
);

const ROWS: &[Row] = &[
    (c"sealed", |c| c.sealed, None),
    (c"opened", |c| c.opened, Some(|s| s.opened)),
    (c"not_sealed", |c| c.not_sealed, None),
    (c"clear_frames", |c| c.clear_frames, None),
    (c"own_frame", |c| c.own_frame, None),
    (c"unknown_key", |c| c.unknown_key, None),
    (c"budget", |c| c.budget, None),
    (
        c"not_authentic",
        |c| c.not_authentic,
        Some(|s| s.not_authentic),
    ),
    (c"replay", |c| c.replay, Some(|s| s.replay)),
    (c"too_old", |c| c.too_old, Some(|s| s.too_old)),
    (c"malformed", |c| c.malformed, None),
    (
        c"source_changed",
        |c| c.source_changed,
        Some(|s| s.source_changed),
    ),
    (c"too_large", |c| c.too_large, None),
    (c"new_stream_refused", |c| c.new_stream_refused, None),
    (c"suspect_refused", |c| c.suspect_refused, None),
    (c"streams_evicted", |c| c.streams_evicted, None),
    (c"memory_lost", |c| c.memory_lost, None),
    (
        c"key_suspect",
        |c| c.key_suspect.into(),
        Some(|s| s.key_suspect.into()),
    ),
];

const _: () = assert!(
    ROWS.len() == ROOMSEAL_COUNTER_LAST as usize,
    "ids count from 1 without gaps"
);

fn row(counter: u32) -> Option<&'static Row> {
    ROWS.get(usize::try_from(counter).ok()?.checked_sub(1)?)
}

/// The highest counter id that the library linked knows; `ROOMSEAL_COUNTER_LAST` is the
/// one of this header. Ids go from 1 to here without gaps.
///
/// Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_counter_last() -> u32 {
    ROOMSEAL_COUNTER_LAST
}

/// The name of a counter, such as "not_authentic"; "unknown" for an id that this library
/// doesn't know.
///
/// Returns a static text, never NULL: don't free it.
///
/// Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_counter_name(counter: u32) -> *const c_char {
    row(counter).map_or(c"unknown", |(name, ..)| name).as_ptr()
}

/// Reads one counter of a room, counted since the room was made.
///
/// - `room`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `counter`: one of `ROOMSEAL_COUNTER_`.
/// - `value_out`: set to the count.
///
/// Returns `ROOMSEAL_OK`, also for a closed room; `ROOMSEAL_ERR_WRONG_KIND`;
/// `ROOMSEAL_ERR_INVALID_ARGUMENT` for an id that this library doesn't know;
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any. Counters are read one by one while calls go on.
///
/// # Safety
/// `room` is NULL or a live handle; `value_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_counter(
    room: *const roomseal_room,
    kind: u32,
    counter: u32,
    value_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let value_out = unsafe { Place::new(value_out) }?;
        let kind = self::kind(kind)?;
        let (_, read, _) = row(counter).ok_or(Error::InvalidArgument)?;
        value_out.set(read(&room.room.counters(kind)));
        Ok(())
    })
}

/// Tells the highest epoch that an authentic frame of a kind was of.
///
/// - `room`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `epoch_out`: set to its number.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_EPOCH` if nothing was opened yet;
/// `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; `epoch_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_last_epoch(
    room: *const roomseal_room,
    kind: u32,
    epoch_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let epoch_out = unsafe { Place::new(epoch_out) }?;
        let counters = room.room.counters(self::kind(kind)?);
        epoch_out.set(counters.last_epoch.ok_or(Error::UnknownEpoch)?);
        Ok(())
    })
}

/// Tells how many incoming streams of a kind are known: what
/// `roomseal_room_streams` would list at this moment.
///
/// - `room`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `count_out`: set to the number of streams.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_NULL_POINTER`. On
/// failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; `count_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_stream_count(
    room: *const roomseal_room,
    kind: u32,
    count_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let count_out = unsafe { Place::new(count_out) }?;
        count_out.set(room.room.streams(self::kind(kind)?).len());
        Ok(())
    })
}

/// Lists the incoming streams of a kind that something authentic came of, each by the KID
/// of its newest epoch, in no order.
///
/// - `room`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `kids_out`, `kids_cap`: takes the KIDs; the capacity counts numbers, not bytes.
/// - `count_out`: set to how many there are.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_BUFFER_TOO_SMALL`; `ROOMSEAL_ERR_WRONG_KIND`,
/// `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure nothing is
/// written.
///
/// Threads: any. Streams may come between counting and listing them: leave some room.
///
/// # Safety
/// `room` is NULL or a live handle; `kids_out` is NULL or valid for `kids_cap` numbers;
/// `count_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_streams(
    room: *const roomseal_room,
    kind: u32,
    kids_out: *mut u64,
    kids_cap: usize,
    count_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let kids_out = unsafe { Numbers::new(kids_out, kids_cap) }?;
        // SAFETY: the caller's promise.
        let count_out = unsafe { Place::new(count_out) }?;
        let streams = room.room.streams(self::kind(kind)?);
        let kids: Vec<u64> = streams.iter().map(|stream| stream.kid).collect();
        kids_out.set(&kids)?;
        count_out.set(kids.len());
        Ok(())
    })
}

fn stream(room: &roomseal_room, kind: u32, kid: u64) -> Result<StreamReport> {
    room.room
        .stream(self::kind(kind)?, kid)
        .ok_or(Error::UnknownKey)
}

/// Reads one counter of an incoming stream.
///
/// - `room`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `kid`: the KID of any of the stream's frames.
/// - `counter`: `ROOMSEAL_COUNTER_OPENED`, `ROOMSEAL_COUNTER_NOT_AUTHENTIC`,
///   `ROOMSEAL_COUNTER_REPLAY`, `ROOMSEAL_COUNTER_TOO_OLD`,
///   `ROOMSEAL_COUNTER_SOURCE_CHANGED` or `ROOMSEAL_COUNTER_KEY_SUSPECT`.
/// - `value_out`: set to the count.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_KEY` if there is no such stream;
/// `ROOMSEAL_ERR_INVALID_ARGUMENT` for another counter; `ROOMSEAL_ERR_WRONG_KIND`,
/// `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; `value_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_stream_counter(
    room: *const roomseal_room,
    kind: u32,
    kid: u64,
    counter: u32,
    value_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let value_out = unsafe { Place::new(value_out) }?;
        let (_, _, read) = row(counter).ok_or(Error::InvalidArgument)?;
        let read = read.ok_or(Error::InvalidArgument)?;
        value_out.set(read(&stream(room, kind, kid)?));
        Ok(())
    })
}

/// Tells the highest epoch that an authentic frame of an incoming stream was of.
///
/// - `room`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `kid`: the KID of any of the stream's frames.
/// - `epoch_out`: set to its number.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_KEY` if there is no such stream;
/// `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; `epoch_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_stream_last_epoch(
    room: *const roomseal_room,
    kind: u32,
    kid: u64,
    epoch_out: *mut u64,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let epoch_out = unsafe { Place::new(epoch_out) }?;
        epoch_out.set(stream(room, kind, kid)?.last_epoch);
        Ok(())
    })
}

/// Copies the name of the source that an incoming stream is bound to.
///
/// - `room`: borrowed.
/// - `kind`: one of `ROOMSEAL_KIND_`.
/// - `kid`: the KID of any of the stream's frames.
/// - `source_out`, `source_cap`: takes the bytes, without a terminator.
///   `ROOMSEAL_MAX_SOURCE_LEN` always suffices.
/// - `source_len_out`: set to their number; 0 if no open call named a source yet.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_KEY` if there is no such stream;
/// `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_WRONG_KIND`,
/// `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure nothing is
/// written.
///
/// Threads: any.
///
/// # Safety
/// `room` is NULL or a live handle; `source_out` is NULL or valid for `source_cap` bytes;
/// `source_len_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_room_stream_source(
    room: *const roomseal_room,
    kind: u32,
    kid: u64,
    source_out: *mut c_char,
    source_cap: usize,
    source_len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let room = unsafe { borrow(room) }?;
        // SAFETY: the caller's promise.
        let ([], source_out) = unsafe { apart([], text_out(source_out, source_cap)) }?;
        // SAFETY: the caller's promise.
        let source_len_out = unsafe { Place::new(source_len_out) }?;
        let source = stream(room, kind, kid)?.source.unwrap_or_default();
        source_out
            .get_mut(..source.len())
            .ok_or(Error::BufferTooSmall)?
            .copy_from_slice(&source);
        source_len_out.set(source.len());
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counters in the order of their ids. Without `..`, so a new field
    /// doesn't compile until it has a place here.
    fn fields(counters: &mut Counters) -> [(u32, &mut u64); 17] {
        let Counters {
            sealed,
            opened,
            not_sealed,
            clear_frames,
            own_frame,
            unknown_key,
            budget,
            not_authentic,
            replay,
            too_old,
            malformed,
            source_changed,
            too_large,
            new_stream_refused,
            suspect_refused,
            streams_evicted,
            memory_lost,
            last_epoch: _,
            key_suspect: _,
        } = counters;
        [
            (ROOMSEAL_COUNTER_SEALED, sealed),
            (ROOMSEAL_COUNTER_OPENED, opened),
            (ROOMSEAL_COUNTER_NOT_SEALED, not_sealed),
            (ROOMSEAL_COUNTER_CLEAR_FRAMES, clear_frames),
            (ROOMSEAL_COUNTER_OWN_FRAME, own_frame),
            (ROOMSEAL_COUNTER_UNKNOWN_KEY, unknown_key),
            (ROOMSEAL_COUNTER_BUDGET, budget),
            (ROOMSEAL_COUNTER_NOT_AUTHENTIC, not_authentic),
            (ROOMSEAL_COUNTER_REPLAY, replay),
            (ROOMSEAL_COUNTER_TOO_OLD, too_old),
            (ROOMSEAL_COUNTER_MALFORMED, malformed),
            (ROOMSEAL_COUNTER_SOURCE_CHANGED, source_changed),
            (ROOMSEAL_COUNTER_TOO_LARGE, too_large),
            (ROOMSEAL_COUNTER_NEW_STREAM_REFUSED, new_stream_refused),
            (ROOMSEAL_COUNTER_SUSPECT_REFUSED, suspect_refused),
            (ROOMSEAL_COUNTER_STREAMS_EVICTED, streams_evicted),
            (ROOMSEAL_COUNTER_MEMORY_LOST, memory_lost),
        ]
    }

    #[test]
    fn every_counter_has_its_id_and_name() {
        for at in 0..17 {
            let mut counters = Counters::default();
            let (id, field) = fields(&mut counters).into_iter().nth(at).unwrap();
            *field = 7;
            let (name, ..) = row(id).unwrap();
            // Counters are printed by the names of their fields.
            let shown = format!(" {}: 7,", name.to_str().unwrap());
            assert!(format!("{counters:?}").contains(&shown), "{shown}");
            for other in 1..=ROOMSEAL_COUNTER_LAST {
                let (_, read, _) = row(other).unwrap();
                assert_eq!(read(&counters), if other == id { 7 } else { 0 });
            }
        }
        let counters = Counters {
            key_suspect: true,
            ..Counters::default()
        };
        let (_, read, _) = row(ROOMSEAL_COUNTER_KEY_SUSPECT).unwrap();
        assert_eq!(read(&counters), 1);
        assert!(row(0).is_none() && row(ROOMSEAL_COUNTER_LAST + 1).is_none());
    }
}
