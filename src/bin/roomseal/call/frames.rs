//! What goes through a call: sealed frames, and copies of them on their way.

use std::sync::Arc;

use bytes::Bytes;
use roomseal::Kind;

use crate::clips::Micros;

/// A member's place in the room, the same after a crash.
pub(super) type Seat = usize;

/// A frame as its sender sealed it: the truth, which receivers never see.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) number: u64,
    pub(super) at: Micros,
    pub(super) stream: usize,
    pub(super) sender: Seat,
    /// The room object that sealed it.
    pub(super) visit: u32,
    pub(super) kind: Kind,
    /// In text form, as some message APIs want it.
    pub(super) text: bool,
    pub(super) epoch: u64,
    pub(super) kid: u64,
    pub(super) ctr: u64,
    pub(super) plain: Bytes,
    pub(super) sealed: Bytes,
}

/// One copy for one member, with what the server says about it.
#[derive(Clone, Debug)]
pub(super) struct Packet {
    pub(super) sent: Arc<Sent>,
    pub(super) to: Seat,
    pub(super) deed: Deed,
    pub(super) kind: Kind,
    pub(super) source: Seat,
    pub(super) bytes: Bytes,
}

impl Packet {
    /// An honest copy.
    pub(super) fn new(sent: &Arc<Sent>, to: Seat, deed: Deed) -> Self {
        Self {
            sent: Arc::clone(sent),
            to,
            deed,
            kind: sent.kind,
            source: sent.sender,
            bytes: sent.sealed.clone(),
        }
    }

    pub(super) fn is_altered(&self) -> bool {
        self.bytes != self.sent.sealed
    }
}

/// What was done to a copy on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deed {
    /// The server sent it on.
    Forwarded,
    /// The network made another copy of it.
    Duplicated,
    /// The network changed its bytes.
    Altered,
    /// The server sent it again, later.
    Replayed,
    /// The server kept it back for seconds.
    HeldBack,
    /// The server sent it back to its sender.
    Reflected,
    /// The server named another kind.
    OtherKind,
    /// The server named another member as its source.
    OtherSource,
}

impl Deed {
    pub(crate) const ALL: [Self; 8] = [
        Self::Forwarded,
        Self::Duplicated,
        Self::Altered,
        Self::Replayed,
        Self::HeldBack,
        Self::Reflected,
        Self::OtherKind,
        Self::OtherSource,
    ];

    /// For people.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Forwarded => "sent on as it was",
            Self::Duplicated => "duplicated by the network",
            Self::Altered => "corrupted by the network",
            Self::Replayed => "replayed by the server",
            Self::HeldBack => "held back for seconds",
            Self::Reflected => "reflected to its sender",
            Self::OtherKind => "passed off as another kind",
            Self::OtherSource => "passed off as another member's",
        }
    }

    /// For machines.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Forwarded => "forwarded",
            Self::Duplicated => "duplicated",
            Self::Altered => "corrupted",
            Self::Replayed => "replayed",
            Self::HeldBack => "held_back",
            Self::Reflected => "reflected",
            Self::OtherKind => "other_kind",
            Self::OtherSource => "other_source",
        }
    }
}
