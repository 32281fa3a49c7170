//! Those who get every sealed frame and must open none.

use anyhow::Result;
use roomseal::{AppId, CallId, Kind, Opener, Room, RoomConfig, RoomId, RoomKey, RoomSalt};

use super::books::{Checks, Refusals};
use super::frames::Sent;
use super::members::{Request, open};
use super::settings::{APP, CALL, EPOCHS, Keys, ROOM, Suites};
use crate::text;

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
    differs: Differs,
    /// Keeps the keys alive.
    _room: Room,
    opener: Opener,
}

/// How an outsider's room differs from the one it listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Differs {
    NoKey,
    OtherKey,
    OtherRoom,
    RoomAsText,
    OtherApp,
    OtherCall,
    OtherKind,
    OnlyEpoch(u64),
}

/// All of them, named for machines and for people.
const ALL: [(&str, &str, Differs); 9] = [
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
        "other_kind",
        "has the key, mixes up the kinds",
        Differs::OtherKind,
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
];

impl Outsider {
    pub(super) fn all(suites: &Suites, keys: &Keys) -> Result<Vec<Self>> {
        ALL.into_iter()
            .map(|(key, words, differs)| {
                let book = OutsiderBook {
                    words,
                    key,
                    tried: 0,
                    opened: 0,
                    refused: Refusals::default(),
                };
                let room = differs.room(suites, keys)?;
                let opener = room.opener();
                Ok(Self {
                    book,
                    differs,
                    _room: room,
                    opener,
                })
            })
            .collect()
    }

    /// Listens in on a frame.
    pub(super) fn listen(&mut self, sent: &Sent, name: &str, checks: &mut Checks) {
        if self.differs == Differs::OnlyEpoch(sent.epoch) {
            // It was a member then.
            return;
        }
        let mut request = Request::new(sent.kind, sent.text, &sent.sealed, name);
        let decoded;
        if self.differs == Differs::OtherKind {
            // All else is right, so that the kind alone makes the difference.
            request.kind = next_kind(sent.kind);
            if sent.text {
                decoded = text::decode(&sent.sealed).unwrap_or_default();
                request.text = false;
                request.bytes = &decoded;
            }
        }
        self.book.tried += 1;
        // Not patient: whoever is over the budget is refused, and that is as good.
        let attempt = open(&self.opener, &request, false);
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

impl Differs {
    /// The room that the outsider is in.
    fn room(self, suites: &Suites, keys: &Keys) -> Result<Room> {
        let app = if self == Self::OtherApp { APP + 1 } else { APP };
        let room = match self {
            Self::OtherRoom => RoomId::number(ROOM + 1),
            Self::RoomAsText => RoomId::text(&ROOM.to_string())?,
            _ => RoomId::number(ROOM),
        };
        let call = if self == Self::OtherCall {
            "yesterday"
        } else {
            CALL
        };
        let suites = match self {
            // Each kind's frames are opened as the next one, in their own suite.
            Self::OtherKind => &Suites {
                audio: suites.message,
                video: suites.audio,
                message: suites.video,
                form: suites.form,
            },
            _ => suites,
        };
        let config = RoomConfig::new(AppId::number(app), room).call_id(CallId::text(call)?);
        let room = Room::new(suites.apply(config.open_only()))?;
        for (&epoch, key) in keys {
            match self {
                Self::NoKey => {}
                Self::OnlyEpoch(only) if only != epoch => {}
                Self::OtherKey => room.install(epoch, &RoomKey::random()?, &RoomSalt::none())?,
                _ => room.install(epoch, key, &RoomSalt::none())?,
            }
        }
        Ok(room)
    }
}

const fn next_kind(kind: Kind) -> Kind {
    match kind {
        Kind::Audio => Kind::Video,
        Kind::Video => Kind::Message,
        Kind::Message => Kind::Audio,
    }
}
