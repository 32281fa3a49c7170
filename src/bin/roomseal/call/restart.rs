//! What a receiver that restarts would accept of frames recorded before, without
//! and with each remedy.
//!
//! A new room object has no memory of what an earlier one opened. Under the same
//! key, epoch and call, recorded frames are new to it; that is a stated limit,
//! and the application decides on the remedy.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use roomseal::{Codec, Form, Kind, MAX_OVERHEAD, MAX_TRAILER_LEN, Room, RoomKey, RoomSalt};

use super::books::Check;
use super::frames::{Seat, Sent};
use super::members::{Request, open};
use super::settings::{CALL, EPOCHS, Keys, Suites};

/// What came of one way to rejoin.
#[derive(Clone, Debug)]
pub(crate) struct Rejoin {
    pub(crate) key: &'static str,
    pub(crate) words: &'static str,
    pub(crate) is_remedy: bool,
    pub(crate) replayed: u64,
    pub(crate) accepted: u64,
    /// Frames that another member sealed after the remedy, and those that opened.
    pub(crate) live: u64,
    pub(crate) live_opened: u64,
}

/// Frames sealed live to see that the remedy leaves a working room.
const LIVE: u64 = 50;

/// Replays what the server `recorded` (in the first epoch) to receivers that
/// rejoin in each way.
pub(super) fn compare(
    suites: &Suites,
    keys: &Keys,
    recorded: &[Arc<Sent>],
    names: &[&str],
    away: Seat,
    check: &mut Check,
) -> Result<Vec<Rejoin>> {
    let before = EPOCHS[0];
    let key = keys.get(&before).context("the first key")?;
    let ratcheted = key.ratchet(before)?;
    let fresh = RoomKey::random()?;
    let ways = [
        ("none", "same key, epoch and call", CALL, before, key),
        (
            "ratchet",
            "ratchet to the next epoch",
            CALL,
            before + 1,
            &ratcheted,
        ),
        (
            "rotate",
            "fresh key in the next epoch",
            CALL,
            before + 1,
            &fresh,
        ),
        (
            "new_call_id",
            "new call id, same key",
            "the same call, continued",
            before,
            key,
        ),
    ];
    let mut rows = Vec::new();
    for (name, words, call, epoch, key) in ways {
        let join = || -> Result<Room> {
            let room = Room::new(suites.room(call)?)?;
            room.install(epoch, key, &RoomSalt::none())?;
            room.activate(epoch)?;
            Ok(room)
        };
        let receiver = join()?;
        let opener = receiver.opener();
        let mut row = Rejoin {
            key: name,
            words,
            is_remedy: name != "none",
            replayed: 0,
            accepted: 0,
            live: 0,
            live_opened: 0,
        };
        for sent in recorded.iter().filter(|s| s.sender != away) {
            let name = names.get(sent.sender).copied().unwrap_or_default();
            let request = Request::new(sent.kind, sent.text, &sent.sealed, name);
            let attempt = open(&opener, &request, true);
            row.replayed += 1;
            row.accepted += u64::from(attempt.result.is_ok());
        }
        let sender = join()?;
        let sealer = sender.sealer(Kind::Audio)?;
        for n in 0..LIVE {
            let plain = n.to_be_bytes();
            let mut sealed = vec![0; plain.len() + MAX_OVERHEAD.max(MAX_TRAILER_LEN)];
            let len = match suites.form {
                Form::Codec => sealer.seal_codec(Codec::Opus, &plain, &[], &mut sealed)?,
                _ => sealer.seal(&plain, &[], &mut sealed)?,
            };
            let sealed = sealed.get(..len).unwrap_or_default();
            let request = Request::new(Kind::Audio, false, sealed, "someone");
            let attempt = open(&opener, &request, true);
            row.live += 1;
            row.live_opened += u64::from(attempt.result.as_deref() == Ok(&plain[..]));
        }
        if row.is_remedy {
            check.case(row.accepted == 0, || {
                format!("{words}: {} replays opened", row.accepted)
            });
            check.case(row.live_opened == row.live, || {
                format!(
                    "{words}: {} of {} live frames opened",
                    row.live_opened, row.live
                )
            });
        }
        rows.push(row);
    }
    Ok(rows)
}
