//! The server in the middle: it sends frames on, and does what else it likes.

use std::collections::VecDeque;
use std::sync::Arc;

use roomseal::Kind;

use super::dice::Dice;
use super::frames::{Deed, Packet, Seat, Sent};
use crate::clips::{Micros, SECOND};

/// Frames the server remembers for replays: half a minute of the default call.
const MEMORY: usize = 8192;
/// The longest time for which a frame is held back.
const HOLD: Micros = 8 * SECOND;

pub(super) struct Server {
    dice: Dice,
    /// The share of frames that each misdeed befalls.
    hostile: f64,
    seats: usize,
    memory: VecDeque<Arc<Sent>>,
}

impl Server {
    pub(super) fn new(hostile: f64, seats: usize, seed: u64) -> Self {
        Self {
            dice: Dice::new(seed, "server"),
            hostile,
            seats,
            memory: VecDeque::new(),
        }
    }

    /// Everything recorded, oldest first.
    pub(super) fn recorded(&self) -> Vec<Arc<Sent>> {
        self.memory.iter().cloned().collect()
    }

    /// Takes a frame from its sender; gives what leaves the server, and how much later.
    pub(super) fn relay(&mut self, sent: &Arc<Sent>) -> Vec<(Micros, Packet)> {
        if self.memory.len() == MEMORY {
            self.memory.pop_front();
        }
        self.memory.push_back(Arc::clone(sent));

        let mut out = Vec::new();
        for to in self.others(sent.sender) {
            if self.dice.roll(self.hostile) {
                out.push((self.dice.below(HOLD), Packet::new(sent, to, Deed::HeldBack)));
            } else {
                out.push((0, Packet::new(sent, to, Deed::Forwarded)));
            }
        }
        if self.dice.roll(self.hostile)
            && let Some(old) = self.memory.get(self.dice.index(self.memory.len()))
        {
            let old = Arc::clone(old);
            let to = self.any_other(old.sender);
            out.push((0, Packet::new(&old, to, Deed::Replayed)));
        }
        if self.dice.roll(self.hostile) {
            out.push((0, Packet::new(sent, sent.sender, Deed::Reflected)));
        }
        if self.dice.roll(self.hostile) {
            let to = self.any_other(sent.sender);
            let kind = self.other_kind(sent.kind);
            out.push((
                0,
                Packet {
                    kind,
                    ..Packet::new(sent, to, Deed::OtherKind)
                },
            ));
        }
        if self.dice.roll(self.hostile) {
            let to = self.any_other(sent.sender);
            let source = self.any_other(sent.sender);
            out.push((
                0,
                Packet {
                    source,
                    ..Packet::new(sent, to, Deed::OtherSource)
                },
            ));
        }
        out
    }

    fn others(&self, seat: Seat) -> impl Iterator<Item = Seat> + use<> {
        (0..self.seats).filter(move |&other| other != seat)
    }

    fn any_other(&mut self, seat: Seat) -> Seat {
        (seat + 1 + self.dice.index(self.seats - 1)) % self.seats
    }

    fn other_kind(&mut self, kind: Kind) -> Kind {
        let others: Vec<Kind> = Kind::ALL.into_iter().filter(|&k| k != kind).collect();
        others
            .get(self.dice.index(others.len()))
            .copied()
            .unwrap_or(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn sent(number: u64) -> Arc<Sent> {
        Arc::new(Sent {
            number,
            at: number,
            stream: 0,
            sender: usize::try_from(number % 3).unwrap(),
            visit: 0,
            kind: Kind::Video,
            text: false,
            epoch: 1,
            kid: 0,
            ctr: number,
            plain: Bytes::new(),
            sealed: Bytes::copy_from_slice(&number.to_be_bytes()),
        })
    }

    #[test]
    fn an_honest_server_only_sends_on() {
        let mut server = Server::new(0.0, 3, 1);
        for number in 0..100 {
            let out = server.relay(&sent(number));
            let seats: Vec<Seat> = out.iter().map(|(_, p)| p.to).collect();
            assert_eq!(
                seats,
                server
                    .others(usize::try_from(number % 3).unwrap())
                    .collect::<Vec<_>>()
            );
            assert!(
                out.iter()
                    .all(|(later, p)| *later == 0 && p.deed == Deed::Forwarded)
            );
        }
        assert_eq!(server.recorded().len(), 100);
    }

    #[test]
    fn misdeeds_are_what_they_are_called() {
        let mut server = Server::new(0.5, 3, 1);
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..10_000 {
            for (later, packet) in server.relay(&sent(number)) {
                seen.insert(packet.deed);
                let Packet {
                    sent,
                    to,
                    kind,
                    source,
                    ..
                } = &packet;
                assert!(!packet.is_altered());
                assert_eq!(later > 0, packet.deed == Deed::HeldBack && later > 0);
                assert_eq!(*to == sent.sender, packet.deed == Deed::Reflected);
                assert_eq!(*kind != sent.kind, packet.deed == Deed::OtherKind);
                assert_eq!(*source != sent.sender, packet.deed == Deed::OtherSource);
            }
        }
        assert_eq!(seen.len(), Deed::ALL.len() - 2, "all but the network's two");
        assert_eq!(server.recorded().len(), MEMORY);
        assert_eq!(
            server.recorded()[0].number,
            10_000 - u64::try_from(MEMORY).unwrap()
        );
    }
}
