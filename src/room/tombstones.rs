//! What is left of a stream that had to leave: enough to refuse its past.

use super::epoch::EpochState;
use super::kid::{Kid, StreamId};
use super::kid_map::{KidHash, KidMap};
use std::collections::VecDeque;
use std::sync::Arc;

/// The memory of one KID.
#[derive(Clone, Debug)]
pub(super) struct Tombstone {
    epoch: Arc<EpochState>,
    /// Nothing up to this counter opens again.
    pub(super) highest: u64,
    /// Whom the stream belonged to.
    pub(super) source: Option<Arc<[u8]>>,
    /// Tells this tombstone from an earlier one of the same KID.
    serial: u64,
}

/// Tombstones by KID, the oldest first to go.
#[derive(Debug)]
pub(super) struct Tombstones {
    map: KidMap<Tombstone>,
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
        self.map.get(&kid.bits())
    }

    /// Whom a stream belonged to, in any epoch.
    pub(super) fn source_of(&self, stream: StreamId) -> Option<Arc<[u8]>> {
        (0..16).find_map(|epoch| self.get(Kid::new(stream, epoch))?.source.clone())
    }

    /// Removes the tombstone of a KID whose stream is back.
    pub(super) fn take(&mut self, kid: Kid) -> Option<Tombstone> {
        self.map.remove(&kid.bits())
    }

    /// Adds a tombstone. Returns the epoch of one that had to go for it.
    pub(super) fn add(
        &mut self,
        kid: Kid,
        epoch: &Arc<EpochState>,
        highest: u64,
        source: Option<Arc<[u8]>>,
    ) -> Option<Arc<EpochState>> {
        let serial = self.next_serial;
        self.next_serial = serial.wrapping_add(1);
        self.map.insert(
            kid.bits(),
            Tombstone {
                epoch: Arc::clone(epoch),
                highest,
                source,
                serial,
            },
        );
        self.order.push_back((kid.bits(), serial));
        let lost = if self.map.len() > self.capacity {
            self.drop_oldest()
        } else {
            None
        };
        if self.order.len() > 2 * self.capacity {
            let map = &self.map;
            self.order
                .retain(|(kid, serial)| map.get(kid).is_some_and(|t| t.serial == *serial));
        }
        lost
    }

    fn drop_oldest(&mut self) -> Option<Arc<EpochState>> {
        while let Some((kid, serial)) = self.order.pop_front() {
            if self.map.get(&kid).is_some_and(|t| t.serial == serial) {
                return self.map.remove(&kid).map(|t| t.epoch);
            }
        }
        None
    }

    /// Forgets an epoch that was retired: its frames have no key any more.
    pub(super) fn forget_epoch(&mut self, epoch: u64) {
        self.map.retain(|_, t| t.epoch.number != epoch);
        let map = &self.map;
        self.order.retain(|(kid, _)| map.contains_key(kid));
    }

    pub(super) fn clear(&mut self) {
        self.map.clear();
        self.order.clear();
    }
}
