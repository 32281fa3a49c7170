//! What a receiver must make of a packet, worked out from the truth and not
//! from the library under test.

use std::collections::{HashMap, HashSet};

use roomseal::Error;

use super::frames::{Packet, Seat};
use crate::clips::Micros;

/// The memory of one room object, as the documents say it must be.
pub(super) struct Judge {
    visit: u32,
    /// When the member's room object before this one was lost, 0 if there was none.
    crashed: Micros,
    window: u64,
    epochs: HashSet<u64>,
    opened: HashSet<u64>,
    /// The highest counter opened of each KID.
    highest: HashMap<u64, u64>,
    /// The source that each stream was first opened from.
    sources: HashMap<u64, Seat>,
}

/// What must happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It opens to the very bytes sent.
    Opens,
    /// It is refused, for this reason.
    Refused(Fault),
}

/// Why a packet must not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Altered,
    OtherKind,
    Own,
    NoKey,
    OtherSource,
    OpenedBefore,
    TooOld,
}

impl Judge {
    pub(super) fn new(visit: u32, crashed: Micros, window: usize) -> Self {
        Self {
            visit,
            crashed,
            // The room rounds up to whole words.
            window: u64::try_from(window.next_multiple_of(64)).unwrap_or(u64::MAX),
            epochs: HashSet::new(),
            opened: HashSet::new(),
            highest: HashMap::new(),
            sources: HashMap::new(),
        }
    }

    pub(super) fn install(&mut self, epoch: u64) {
        self.epochs.insert(epoch);
    }

    pub(super) fn retire(&mut self, epoch: u64) {
        self.epochs.remove(&epoch);
    }

    /// What must happen to a packet now. Changes nothing.
    pub(super) fn judge(&self, packet: &Packet) -> Verdict {
        let sent = &packet.sent;
        Verdict::Refused(if packet.is_altered() {
            Fault::Altered
        } else if packet.kind != sent.kind {
            Fault::OtherKind
        } else if sent.visit == self.visit {
            Fault::Own
        } else if !self.epochs.contains(&sent.epoch) {
            Fault::NoKey
        } else if !self.source_fits(packet) {
            Fault::OtherSource
        } else if self.opened.contains(&sent.number) {
            Fault::OpenedBefore
        } else if self
            .highest
            .get(&sent.kid)
            .is_some_and(|h| h.saturating_sub(sent.ctr) >= self.window)
        {
            Fault::TooOld
        } else {
            return Verdict::Opens;
        })
    }

    /// Remembers a packet that opened.
    pub(super) fn opened(&mut self, packet: &Packet) {
        let sent = &packet.sent;
        self.opened.insert(sent.number);
        let highest = self.highest.entry(sent.kid).or_insert(sent.ctr);
        *highest = sent.ctr.max(*highest);
        self.sources
            .entry(stream(sent.kid))
            .or_insert(packet.source);
    }

    /// Whether a first frame with a false source would bind its stream to that.
    ///
    /// The library trusts the first source that it hears, as it must: nothing
    /// in the room's keys says who a member is. An application that knows its
    /// members puts them into the metadata instead, as the messages here do.
    pub(super) fn would_be_misled(&self, packet: &Packet) -> bool {
        !is_message(packet)
            && packet.source != packet.sent.sender
            && !self.sources.contains_key(&stream(packet.sent.kid))
    }

    /// Whether the frame was sealed before the member crashed: it may have opened
    /// then, and no memory of that is left.
    pub(super) fn is_before_the_crash(&self, packet: &Packet) -> bool {
        packet.sent.at < self.crashed
    }

    fn source_fits(&self, packet: &Packet) -> bool {
        if is_message(packet) {
            return packet.source == packet.sent.sender;
        }
        self.sources
            .get(&stream(packet.sent.kid))
            .is_none_or(|bound| *bound == packet.source)
    }
}

fn is_message(packet: &Packet) -> bool {
    packet.sent.kind == roomseal::Kind::Message
}

/// A KID without its epoch: the stream.
const fn stream(kid: u64) -> u64 {
    kid >> 4
}

impl Fault {
    /// Whether `error` is a right answer to a packet with this fault.
    ///
    /// Altered bytes can look like anything; a frame of another kind or another
    /// sender is known by its tag or its KID alone.
    pub(super) const fn fits(self, error: Error, is_message: bool) -> bool {
        match self {
            Self::Altered => !matches!(
                error,
                Error::Internal | Error::Closed | Error::InvalidArgument | Error::BufferTooSmall
            ),
            Self::OtherKind => matches!(
                error,
                Error::NotAuthentic
                    | Error::NotSealed
                    | Error::Malformed
                    | Error::InvalidText
                    | Error::UnknownKey
                    | Error::Budget
                    | Error::FailureBudget
            ),
            Self::Own => matches!(error, Error::OwnFrame),
            Self::NoKey => matches!(error, Error::UnknownKey),
            // Metadata that differ look like any forgery; but a replay is seen first.
            Self::OtherSource if is_message => {
                matches!(
                    error,
                    Error::NotAuthentic | Error::Replay | Error::TooOld | Error::Budget
                )
            }
            Self::OtherSource => matches!(error, Error::SourceChanged),
            Self::OpenedBefore => matches!(error, Error::Replay | Error::TooOld),
            Self::TooOld => matches!(error, Error::TooOld),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use roomseal::Kind;

    use super::super::frames::{Deed, Sent};
    use super::*;

    fn packet(number: u64, ctr: u64, epoch: u64) -> Packet {
        let sent = Arc::new(Sent {
            number,
            at: 100,
            stream: 0,
            sender: 1,
            visit: 7,
            kind: Kind::Audio,
            text: false,
            epoch,
            kid: 0x8000_0000_0000_0010 | epoch,
            ctr,
            plain: Bytes::from_static(b"plain"),
            sealed: Bytes::from_static(b"sealed"),
        });
        Packet::new(&sent, 0, Deed::Forwarded)
    }

    fn refused(fault: Fault) -> Verdict {
        Verdict::Refused(fault)
    }

    #[test]
    fn a_frame_opens_once_in_its_window_and_epoch() {
        let mut judge = Judge::new(1, 0, 64);
        let first = packet(1, 1000, 1);
        assert_eq!(judge.judge(&first), refused(Fault::NoKey));
        judge.install(1);
        assert_eq!(judge.judge(&first), Verdict::Opens);
        judge.opened(&first);
        assert_eq!(judge.judge(&first), refused(Fault::OpenedBefore));
        assert_eq!(judge.judge(&packet(2, 1000 - 63, 1)), Verdict::Opens);
        assert_eq!(
            judge.judge(&packet(3, 1000 - 64, 1)),
            refused(Fault::TooOld)
        );
        // Another epoch is another KID with a window of its own.
        judge.install(2);
        assert_eq!(judge.judge(&packet(4, 5, 2)), Verdict::Opens);
        judge.retire(1);
        assert_eq!(judge.judge(&packet(5, 1001, 1)), refused(Fault::NoKey));
    }

    #[test]
    fn labels_and_bytes_must_be_the_senders() {
        let mut judge = Judge::new(1, 0, 64);
        judge.install(1);
        let honest = packet(1, 10, 1);
        let other_kind = Packet {
            kind: Kind::Video,
            ..honest.clone()
        };
        assert_eq!(judge.judge(&other_kind), refused(Fault::OtherKind));
        let altered = Packet {
            bytes: Bytes::from_static(b"sealeD"),
            ..honest.clone()
        };
        assert_eq!(judge.judge(&altered), refused(Fault::Altered));
        let posing = Packet {
            source: 2,
            ..honest.clone()
        };
        assert!(judge.would_be_misled(&posing));
        judge.opened(&honest);
        assert!(!judge.would_be_misled(&posing));
        assert_eq!(judge.judge(&posing), refused(Fault::OtherSource));
        assert_eq!(Judge::new(7, 0, 64).judge(&honest), refused(Fault::Own));
    }

    #[test]
    fn the_time_of_the_crash_decides_what_is_before_it() {
        assert!(Judge::new(1, 101, 64).is_before_the_crash(&packet(1, 1, 1)));
        assert!(!Judge::new(1, 100, 64).is_before_the_crash(&packet(1, 1, 1)));
    }
}
