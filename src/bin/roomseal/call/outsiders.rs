//! Those who get every sealed frame and must open none.

use anyhow::Result;
use roomseal::{AppId, CallId, Opener, Room, RoomConfig, RoomId, RoomKey, RoomSalt};

use super::books::{Checks, Refusals};
use super::frames::Sent;
use super::members::open;
use super::settings::{APP, CALL, EPOCHS, Keys, ROOM, Suites};

/// What an outsider tried.
#[derive(Clone, Debug)]
pub(crate) struct OutsiderBook {
    /// For people.
    pub(crate) words: &'static str,
    /// For machines.
    pub(crate) key: &'static str,
    pub(crate) tried: u64,
    pub(crate) opened: u64,
    pub(crate) refused: Refusals,
}

/// One of them.
pub(super) struct Outsider {
    book: OutsiderBook,
    /// The one epoch whose frames it may open after all: it was a member then.
    member_in: Option<u64>,
    /// Keeps the keys alive.
    _room: Room,
    opener: Opener,
}

/// How an outsider's room differs from the one it listens to.
enum Differs {
    NoKey,
    OtherKey,
    OtherRoom,
    RoomAsText,
    OtherApp,
    OtherCall,
    OnlyEpoch(u64),
}

impl Outsider {
    pub(super) fn all(suites: &Suites, keys: &Keys) -> Result<Vec<Self>> {
        [
            ("no_key", "has no key", Differs::NoKey),
            ("other_key", "has another key", Differs::OtherKey),
            (
                "other_room",
                "has the key, in another room",
                Differs::OtherRoom,
            ),
            (
                "room_as_text",
                "has the key, room number as text",
                Differs::RoomAsText,
            ),
            (
                "other_app",
                "has the key, in another app",
                Differs::OtherApp,
            ),
            (
                "other_call",
                "has the key, in another call",
                Differs::OtherCall,
            ),
            (
                "left_early",
                "left before the rotation",
                Differs::OnlyEpoch(EPOCHS[0]),
            ),
            (
                "joined_late",
                "joined after the rotation",
                Differs::OnlyEpoch(EPOCHS[1]),
            ),
        ]
        .into_iter()
        .map(|(key, words, differs)| Self::new(key, words, &differs, suites, keys))
        .collect()
    }

    fn new(
        key: &'static str,
        words: &'static str,
        differs: &Differs,
        suites: &Suites,
        keys: &Keys,
    ) -> Result<Self> {
        let app = AppId::number(if matches!(differs, Differs::OtherApp) {
            APP + 1
        } else {
            APP
        });
        let room_id = match differs {
            Differs::OtherRoom => RoomId::number(ROOM + 1),
            Differs::RoomAsText => RoomId::text(&ROOM.to_string())?,
            _ => RoomId::number(ROOM),
        };
        let call = match differs {
            Differs::OtherCall => CallId::text("yesterday")?,
            _ => CallId::text(CALL)?,
        };
        let room =
            Room::new(suites.apply(RoomConfig::new(app, room_id).call_id(call).open_only()))?;
        for (&epoch, room_key) in keys {
            let other;
            let room_key = match differs {
                Differs::NoKey => continue,
                Differs::OnlyEpoch(only) if *only != epoch => continue,
                Differs::OtherKey => {
                    other = RoomKey::random()?;
                    &other
                }
                _ => room_key,
            };
            room.install(epoch, room_key, &RoomSalt::none())?;
        }
        let member_in = match differs {
            Differs::OnlyEpoch(only) => Some(*only),
            _ => None,
        };
        let opener = room.opener();
        let book = OutsiderBook {
            words,
            key,
            tried: 0,
            opened: 0,
            refused: Refusals::default(),
        };
        Ok(Self {
            book,
            member_in,
            _room: room,
            opener,
        })
    }

    /// Listens in on a frame.
    pub(super) fn listen(&mut self, sent: &Sent, name: &str, checks: &mut Checks) {
        if self.member_in == Some(sent.epoch) {
            return;
        }
        self.book.tried += 1;
        // Not patient: whoever is over the budget is refused, and that is as good.
        let attempt = open(
            &self.opener,
            sent.kind,
            sent.text,
            &sent.sealed,
            name.as_bytes(),
            false,
        );
        let describe = || format!("outsider who {}: frame {}", self.book.words, sent.number);
        checks.outsiders.case(attempt.result.is_err(), describe);
        match attempt.result {
            Ok(_) => self.book.opened += 1,
            Err(error) => {
                checks.clean.case(attempt.clean, describe);
                self.book.refused.count(error);
            }
        }
    }

    pub(super) fn into_book(self) -> OutsiderBook {
        self.book
    }
}
