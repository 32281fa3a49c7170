//! What a room remembers of the streams of one kind, for tests to compare.

use super::{Streams, Tables, Tally, Victim};
use crate::room::kid::StreamId;
use core::sync::atomic::Ordering::Relaxed;
use std::sync::PoisonError;

/// Everything that only authentic frames may move: not the counts of refusals.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::room) struct Snapshot {
    /// The least recently authentic first.
    pub(in crate::room) streams: Vec<StreamState>,
    /// By KID.
    pub(in crate::room) slots: Vec<SlotState>,
    /// KID, highest counter and source, by KID.
    pub(in crate::room) tombstones: Vec<(u64, u64, Option<Vec<u8>>)>,
    pub(in crate::room) tick: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(in crate::room) struct StreamState {
    pub(in crate::room) last_authentic: u64,
    pub(in crate::room) id: u64,
    pub(in crate::room) source: Option<Vec<u8>>,
    pub(in crate::room) newest_epoch: u64,
    pub(in crate::room) opened: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(in crate::room) struct SlotState {
    pub(in crate::room) kid: u64,
    pub(in crate::room) epoch: u64,
    pub(in crate::room) window: String,
    pub(in crate::room) detached: bool,
}

impl Streams {
    fn with_tables<T>(&self, f: impl FnOnce(&mut Tables) -> T) -> T {
        f(&mut self.tables.write().unwrap_or_else(PoisonError::into_inner))
    }

    pub(in crate::room) fn snapshot(&self) -> Snapshot {
        self.with_tables(|tables| {
            let mut streams: Vec<_> = tables
                .streams
                .values()
                .map(|s| StreamState {
                    last_authentic: s.last_authentic.load(Relaxed),
                    id: s.id.bits(),
                    source: s.source.get().map(|s| s.to_vec()),
                    newest_epoch: s.newest_epoch.load(Relaxed),
                    opened: tables.opened(s),
                })
                .collect();
            streams.sort_unstable_by_key(|s| s.last_authentic);
            let mut slots: Vec<_> = tables
                .slots
                .values()
                .map(|slot| SlotState {
                    kid: slot.kid.bits(),
                    epoch: slot.epoch.number,
                    window: format!("{:?}", slot.state().window),
                    detached: slot.state().detached,
                })
                .collect();
            slots.sort_unstable_by_key(|s| s.kid);
            let mut tombstones: Vec<_> = tables
                .tombstones
                .iter()
                .map(|(kid, t)| (kid, t.highest, t.source.as_ref().map(|s| s.to_vec())))
                .collect();
            tombstones.sort_unstable();
            Snapshot {
                streams,
                slots,
                tombstones,
                tick: self.tick.load(Relaxed),
            }
        })
    }

    /// Streams, slots and tombstones, each with the room it has allocated.
    pub(in crate::room) fn sizes(&self) -> [(usize, usize); 3] {
        self.with_tables(|tables| {
            [
                (tables.streams.len(), tables.streams.capacity()),
                (tables.slots.len(), tables.slots.capacity()),
                tables.tombstones.sizes(),
            ]
        })
    }

    /// The stream to leave next, as a call finds it before it takes the table's lock.
    pub(in crate::room) fn find_victim(&self) -> Option<Victim> {
        self.victim()
    }

    /// Makes room for one more stream, as a call does that found `victim` before.
    pub(in crate::room) fn make_room(&self, victim: Option<Victim>, tally: &Tally) {
        self.with_tables(|tables| tables.make_room(&self.rules, victim, tally));
    }

    /// Makes a stream leave now, whether its place is wanted or not.
    pub(in crate::room) fn evict(&self, stream: StreamId, tally: &Tally) {
        self.with_tables(|tables| tables.evict(&self.rules, stream, tally));
    }
}
