//! What is left of a stream that had to leave: enough to refuse its past.

use super::epoch::EpochState;
use super::kid::{Kid, StreamId};
use crate::sframe::kid_map::{KidHash, KidMap};
use std::collections::VecDeque;
use std::sync::Arc;

/// The memory of one KID.
pub(super) struct Tombstone {
    pub(super) epoch: Arc<EpochState>,
    /// Nothing up to this counter opens again.
    pub(super) highest: u64,
    /// Forged frames under the KID.
    pub(super) failures: u64,
    /// Whom the stream belonged to.
    pub(super) source: Option<Arc<[u8]>>,
}

struct Entry {
    tombstone: Tombstone,
    /// Tells this tombstone from an earlier one of the same KID.
    serial: u64,
}

/// Tombstones by KID, the oldest first to go.
pub(super) struct Tombstones {
    map: KidMap<Entry>,
    /// KIDs in the order they came; entries whose serial is gone are stale.
    order: VecDeque<(u64, u64)>,
    next_serial: u64,
    capacity: usize,
}

impl Tombstones {
    pub(super) fn new(capacity: usize, hash: KidHash) -> Self {
        Self {
            map: KidMap::with_hasher(hash),
            order: VecDeque::new(),
            next_serial: 0,
            capacity: capacity.max(1),
        }
    }

    pub(super) fn get(&self, kid: Kid) -> Option<&Tombstone> {
        self.map.get(&kid.bits()).map(|e| &e.tombstone)
    }

    /// Whom a stream belonged to, in any epoch.
    pub(super) fn source_of(&self, stream: StreamId) -> Option<Arc<[u8]>> {
        (0..16).find_map(|epoch| self.get(Kid::new(stream, epoch))?.source.clone())
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Tombstone)> {
        self.map.iter().map(|(kid, entry)| (*kid, &entry.tombstone))
    }

    /// Tombstones, and the room allocated for them.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize) {
        (
            self.map.len(),
            self.map.capacity().max(self.order.capacity()),
        )
    }

    /// Removes the tombstone of a KID whose stream is back.
    pub(super) fn take(&mut self, kid: Kid) -> Option<Tombstone> {
        self.map.remove(&kid.bits()).map(|e| e.tombstone)
    }

    /// Adds a tombstone. Returns the epoch of one that had to go for it.
    pub(super) fn add(&mut self, kid: Kid, tombstone: Tombstone) -> Option<Arc<EpochState>> {
        let serial = self.next_serial;
        self.next_serial = serial.wrapping_add(1);
        self.map.insert(kid.bits(), Entry { tombstone, serial });
        self.order.push_back((kid.bits(), serial));
        let lost = if self.map.len() > self.capacity {
            self.drop_oldest()
        } else {
            None
        };
        if self.order.len() > 2 * self.capacity {
            let map = &self.map;
            self.order
                .retain(|(kid, serial)| map.get(kid).is_some_and(|e| e.serial == *serial));
        }
        lost
    }

    fn drop_oldest(&mut self) -> Option<Arc<EpochState>> {
        while let Some((kid, serial)) = self.order.pop_front() {
            if self.map.get(&kid).is_some_and(|e| e.serial == serial) {
                return self.map.remove(&kid).map(|e| e.tombstone.epoch);
            }
        }
        None
    }

    /// Forgets an epoch that was retired: its frames have no key any more.
    pub(super) fn forget_epoch(&mut self, epoch: u64) {
        self.map.retain(|_, e| e.tombstone.epoch.number != epoch);
        let map = &self.map;
        self.order.retain(|(kid, _)| map.contains_key(kid));
    }

    pub(super) fn clear(&mut self) {
        self.map.clear();
        self.order.clear();
    }
}
