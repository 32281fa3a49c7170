//! The incoming streams of one kind: their keys, replay windows and sources.
//!
//! The table maps each KID to its slot, so a frame of a known stream takes one
//! look-up under a read lock. Everything that changes the table happens after a
//! frame was authenticated, but for spare slots of known streams, of which
//! there are at most as many as installed epochs.

use super::counters::{StreamReport, Tally};
use super::epoch::EpochState;
use super::kid::{Kid, StreamId};
use super::kid_map::{KidHash, KidMap};
use super::kind::Kind;
use super::tombstones::Tombstones;
use crate::sframe::key::FrameKey;
use crate::sframe::replay::ReplayWindow;
use crate::{Error, Result};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

/// One sender, known by its random bits through all epochs.
#[derive(Debug)]
pub(super) struct Stream {
    id: StreamId,
    /// Set once, by the first authentic frame whose call names a source.
    source: OnceLock<Arc<[u8]>>,
    /// The table's tick at the last authentic frame.
    last_authentic: AtomicU64,
    /// Epoch plus one of the newest authentic frame, 0 for none.
    newest_epoch: AtomicU64,
    opened: AtomicU64,
    not_authentic: AtomicU64,
    replay: AtomicU64,
    too_old: AtomicU64,
    source_changed: AtomicU64,
}

impl Stream {
    fn new(id: StreamId, source: Option<Arc<[u8]>>) -> Self {
        let place = OnceLock::new();
        if let Some(source) = source {
            // The place is new, so it takes the value.
            drop(place.set(source));
        }
        Self {
            id,
            source: place,
            last_authentic: AtomicU64::new(0),
            newest_epoch: AtomicU64::new(0),
            opened: AtomicU64::new(0),
            not_authentic: AtomicU64::new(0),
            replay: AtomicU64::new(0),
            too_old: AtomicU64::new(0),
            source_changed: AtomicU64::new(0),
        }
    }

    /// Whether a call that names this source may have the stream's frames.
    pub(super) fn check_source(&self, source: Option<&[u8]>) -> Result<()> {
        match (self.source.get(), source) {
            (Some(bound), Some(named)) if **bound != *named => Err(Error::SourceChanged),
            _ => Ok(()),
        }
    }

    /// Binds the stream if it isn't yet. Only after authentication.
    fn bind_source(&self, source: Option<&[u8]>) -> Result<()> {
        if let Some(named) = source
            && self.source.get().is_none()
        {
            // A racing thread may have been first: then the check below decides.
            self.source.get_or_init(|| named.into());
        }
        self.check_source(source)
    }

    /// Counts a refusal of a frame of this stream.
    pub(super) fn count_refused(&self, error: Error) {
        let counter = match error {
            Error::NotAuthentic => &self.not_authentic,
            Error::Replay => &self.replay,
            Error::TooOld => &self.too_old,
            Error::SourceChanged => &self.source_changed,
            _ => return,
        };
        counter.fetch_add(1, Relaxed);
    }
}

/// One stream in one epoch.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) kid: Kid,
    pub(super) epoch: Arc<EpochState>,
    pub(super) stream: Arc<Stream>,
    pub(super) key: Box<FrameKey>,
    /// Forged frames so far.
    failures: AtomicU64,
    state: Mutex<SlotState>,
}

#[derive(Debug)]
struct SlotState {
    window: ReplayWindow,
    /// The slot left the table; a call under way may still hold it. Whoever
    /// commits then must ask the table, where the newest memory is.
    detached: bool,
}

/// Why a commit did not happen.
enum Uncommitted {
    Refused(Error),
    Detached,
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, SlotState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this counter may still be opened.
    pub(super) fn check_replay(&self, ctr: u64) -> Result<()> {
        self.state().window.check(ctr)
    }

    fn try_commit(&self, ctr: u64) -> core::result::Result<(), Uncommitted> {
        let mut state = self.state();
        if state.detached {
            return Err(Uncommitted::Detached);
        }
        state.window.commit(ctr).map_err(Uncommitted::Refused)
    }

    fn detach(&self) -> Option<u64> {
        let mut state = self.state();
        state.detached = true;
        state.window.highest()
    }

    /// Counts a forged frame; returns the count.
    pub(super) fn count_failure(&self) -> u64 {
        self.failures.fetch_add(1, Relaxed).saturating_add(1)
    }

    /// Whether more forged frames came than `budget` allows.
    pub(super) fn is_suspect(&self, budget: Option<u64>) -> bool {
        budget.is_some_and(|budget| self.failures.load(Relaxed) >= budget)
    }
}

/// What the table knows of a KID.
pub(super) enum Lookup {
    /// The slot of the KID.
    Known(Arc<Slot>),
    /// No slot, but a stream with these random bits.
    KnownStream,
    Unknown,
}

#[derive(Debug)]
struct Tables {
    kind: Kind,
    slots: KidMap<Arc<Slot>>,
    streams: KidMap<Arc<Stream>>,
    tombstones: Tombstones,
}

/// All incoming streams of one kind of a room.
#[derive(Debug)]
pub(super) struct Streams {
    tables: RwLock<Tables>,
    /// Counts authentic frames, to order streams by the last one.
    tick: AtomicU64,
    max_streams: usize,
    window: usize,
}

impl Streams {
    pub(super) fn new(
        kind: Kind,
        max_streams: usize,
        tombstones: usize,
        window: usize,
        hash: KidHash,
    ) -> Self {
        Self {
            tables: RwLock::new(Tables {
                kind,
                slots: KidMap::with_hasher(hash),
                streams: KidMap::with_hasher(hash),
                tombstones: Tombstones::new(tombstones, hash),
            }),
            tick: AtomicU64::new(1),
            max_streams: max_streams.max(1),
            window,
        }
    }

    #[inline]
    pub(super) fn find(&self, kid: Kid) -> Lookup {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        match tables.slots.get(&kid.bits()) {
            Some(slot) => Lookup::Known(Arc::clone(slot)),
            None if tables.streams.contains_key(&kid.stream().bits()) => Lookup::KnownStream,
            None => Lookup::Unknown,
        }
    }

    pub(super) fn knows(&self, stream: StreamId) -> bool {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.streams.contains_key(&stream.bits())
    }

    /// What tombstones say of a frame on an unknown KID.
    pub(super) fn check_tombstones(&self, kid: Kid, ctr: u64, source: Option<&[u8]>) -> Result<()> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        if tables.tombstones.get(kid).is_some_and(|t| ctr <= t.highest) {
            return Err(Error::TooOld);
        }
        match (tables.tombstones.source_of(kid.stream()), source) {
            (Some(bound), Some(named)) if *bound != *named => Err(Error::SourceChanged),
            _ => Ok(()),
        }
    }

    /// Gives a known stream a slot for another epoch. `None` if the stream or
    /// the epoch left meanwhile.
    pub(super) fn add_spare(
        &self,
        kid: Kid,
        epoch: &Arc<EpochState>,
        key: Box<FrameKey>,
    ) -> Option<Arc<Slot>> {
        let window = ReplayWindow::new(self.window);
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = tables.slots.get(&kid.bits()) {
            return Some(Arc::clone(slot));
        }
        let stream = Arc::clone(tables.streams.get(&kid.stream().bits())?);
        if epoch.is_retired() {
            return None;
        }
        let slot = tables.new_slot(kid, epoch, stream, key, window);
        Some(slot)
    }

    /// Commits an authentic frame of a slot: moves the replay window, binds the
    /// source, counts. An error means that the plaintext must be wiped.
    pub(super) fn commit(
        &self,
        slot: &Arc<Slot>,
        ctr: u64,
        source: Option<&[u8]>,
        tally: &Tally,
    ) -> Result<()> {
        match slot.try_commit(ctr) {
            Ok(()) => self.settle(slot, source),
            Err(Uncommitted::Refused(error)) => {
                slot.stream.count_refused(error);
                Err(error)
            }
            Err(Uncommitted::Detached) => self.bring_back(slot, ctr, source, tally),
        }
    }

    /// Commits the first authentic frame of a KID that nothing was known of.
    pub(super) fn admit(
        &self,
        kid: Kid,
        epoch: &Arc<EpochState>,
        key: Box<FrameKey>,
        ctr: u64,
        source: Option<&[u8]>,
        tally: &Tally,
    ) -> Result<()> {
        let window = ReplayWindow::new(self.window);
        let victim = self.victim();
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        let slot = match tables.slots.get(&kid.bits()) {
            // Another thread opened a first frame of the stream meanwhile.
            Some(slot) => Arc::clone(slot),
            None => {
                if epoch.is_retired() {
                    return Err(Error::UnknownKey);
                }
                if tables.tombstones.get(kid).is_some_and(|t| ctr <= t.highest) {
                    return Err(Error::TooOld);
                }
                let stream = tables.stream(kid.stream(), victim, self.max_streams, tally);
                tables.new_slot(kid, epoch, stream, key, window)
            }
        };
        // Still under the table's lock, so the slot is in the table.
        match slot.try_commit(ctr) {
            Ok(()) => self.settle(&slot, source),
            Err(Uncommitted::Refused(error)) => {
                slot.stream.count_refused(error);
                Err(error)
            }
            Err(Uncommitted::Detached) => Err(Error::Internal),
        }
    }

    /// Commits a frame whose slot left the table while the call was under way.
    fn bring_back(
        &self,
        slot: &Arc<Slot>,
        ctr: u64,
        source: Option<&[u8]>,
        tally: &Tally,
    ) -> Result<()> {
        let victim = self.victim();
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        if slot.epoch.is_retired() {
            return Err(Error::UnknownKey);
        }
        let there = match tables.slots.get(&slot.kid.bits()) {
            Some(there) => Arc::clone(there),
            None => {
                let memory = tables.tombstones.take(slot.kid);
                let id = slot.kid.stream().bits();
                if !tables.streams.contains_key(&id) {
                    tables.make_room(victim, self.max_streams, tally);
                    tables.streams.insert(id, Arc::clone(&slot.stream));
                }
                {
                    let mut state = slot.state();
                    // The slot's own window is the newest memory, unless the KID
                    // came and went once more.
                    if let Some(memory) = memory
                        && state.window.highest().is_none_or(|h| h < memory.highest)
                    {
                        state.window.reset(Some(memory.highest));
                    }
                    state.detached = false;
                }
                tables.slots.insert(slot.kid.bits(), Arc::clone(slot));
                Arc::clone(slot)
            }
        };
        match there.try_commit(ctr) {
            Ok(()) => self.settle(&there, source),
            Err(Uncommitted::Refused(error)) => {
                there.stream.count_refused(error);
                Err(error)
            }
            Err(Uncommitted::Detached) => Err(Error::Internal),
        }
    }

    /// After the window took a frame: everything else that follows from it.
    fn settle(&self, slot: &Slot, source: Option<&[u8]>) -> Result<()> {
        let stream = &slot.stream;
        stream
            .last_authentic
            .store(self.tick.fetch_add(1, Relaxed), Relaxed);
        stream
            .bind_source(source)
            .inspect_err(|error| stream.count_refused(*error))?;
        let mark = slot.epoch.number.saturating_add(1);
        if stream.newest_epoch.load(Relaxed) < mark {
            stream.newest_epoch.fetch_max(mark, Relaxed);
        }
        stream.opened.fetch_add(1, Relaxed);
        Ok(())
    }

    /// The least recently authentic stream, if the table is full. Found under a
    /// read lock, so that streams at work are not held up.
    fn victim(&self) -> Option<StreamId> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        if tables.streams.len() < self.max_streams {
            None
        } else {
            tables.oldest()
        }
    }

    /// Removes all keys of an epoch that was retired. Its streams stay known.
    pub(super) fn forget_epoch(&self, epoch: u64) {
        let mut gone = Vec::new();
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.slots.retain(|_, slot| {
            let keep = slot.epoch.number != epoch;
            if !keep {
                slot.detach();
                gone.push(Arc::clone(slot));
            }
            keep
        });
        tables.tombstones.forget_epoch(epoch);
        drop(tables);
        // The keys are wiped here, outside the lock.
        drop(gone);
    }

    /// Removes everything.
    pub(super) fn clear(&self) {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        for slot in tables.slots.values() {
            slot.detach();
        }
        tables.slots.clear();
        tables.streams.clear();
        tables.tombstones.clear();
    }

    pub(super) fn reports(&self, budget: Option<u64>) -> Vec<StreamReport> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        let report = |stream: &Stream| {
            let last_epoch = stream.newest_epoch.load(Relaxed).checked_sub(1)?;
            let slots = (0..16).filter_map(|e| tables.slots.get(&Kid::new(stream.id, e).bits()));
            Some(StreamReport {
                kid: Kid::new(stream.id, last_epoch).bits(),
                source: stream.source.get().map(|s| s.to_vec()),
                last_epoch,
                opened: stream.opened.load(Relaxed),
                not_authentic: stream.not_authentic.load(Relaxed),
                replay: stream.replay.load(Relaxed),
                too_old: stream.too_old.load(Relaxed),
                source_changed: stream.source_changed.load(Relaxed),
                key_suspect: slots.into_iter().any(|slot| slot.is_suspect(budget)),
            })
        };
        tables
            .streams
            .values()
            .filter_map(|stream| report(stream))
            .collect()
    }
}

impl Tables {
    fn new_slot(
        &mut self,
        kid: Kid,
        epoch: &Arc<EpochState>,
        stream: Arc<Stream>,
        key: Box<FrameKey>,
        mut window: ReplayWindow,
    ) -> Arc<Slot> {
        window.reset(self.tombstones.take(kid).map(|t| t.highest));
        let slot = Arc::new(Slot {
            kid,
            epoch: Arc::clone(epoch),
            stream,
            key,
            failures: AtomicU64::new(0),
            state: Mutex::new(SlotState {
                window,
                detached: false,
            }),
        });
        self.slots.insert(kid.bits(), Arc::clone(&slot));
        slot
    }

    /// The stream with these random bits, made if need be.
    fn stream(
        &mut self,
        id: StreamId,
        victim: Option<StreamId>,
        max: usize,
        tally: &Tally,
    ) -> Arc<Stream> {
        if let Some(stream) = self.streams.get(&id.bits()) {
            return Arc::clone(stream);
        }
        let stream = Arc::new(Stream::new(id, self.tombstones.source_of(id)));
        self.make_room(victim, max, tally);
        self.streams.insert(id.bits(), Arc::clone(&stream));
        stream
    }

    fn make_room(&mut self, mut victim: Option<StreamId>, max: usize, tally: &Tally) {
        while self.streams.len() >= max {
            let Some(id) = victim.take().or_else(|| self.oldest()) else {
                return;
            };
            self.evict(id, tally);
        }
    }

    fn oldest(&self) -> Option<StreamId> {
        let oldest = self
            .streams
            .values()
            .min_by_key(|s| s.last_authentic.load(Relaxed));
        oldest.map(|s| s.id)
    }

    fn evict(&mut self, id: StreamId, tally: &Tally) {
        let Some(stream) = self.streams.remove(&id.bits()) else {
            return;
        };
        tally.count_evicted();
        for epoch in 0..16 {
            let kid = Kid::new(id, epoch);
            let Some(slot) = self.slots.remove(&kid.bits()) else {
                continue;
            };
            let Some(highest) = slot.detach() else {
                continue;
            };
            let source = stream.source.get().cloned();
            let lost = self.tombstones.add(kid, &slot.epoch, highest, source);
            if let Some(lost) = lost {
                tally.count_memory_lost();
                lost.memory_lost(self.kind).store(true, Relaxed);
            }
        }
    }
}
