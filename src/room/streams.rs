//! The incoming streams of one kind: their keys, replay windows and sources.
//!
//! The table maps each KID to its slot, so a frame of a known stream takes one
//! look-up under a read lock. Everything that changes the table happens after a
//! frame was authenticated, but for spare slots of known streams, of which
//! there are at most as many as installed epochs.

use super::counters::{StreamReport, Tally};
use super::epoch::EpochState;
use super::kid::{Kid, StreamId};
use super::kind::Kind;
use super::tombstones::{Tombstone, Tombstones};
use crate::os::Wiped;
use crate::sframe::key::FrameKey;
use crate::sframe::kid_map::{KidHash, KidMap};
use crate::sframe::replay::ReplayWindow;
use crate::{Error, Result};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

#[cfg(test)]
#[path = "tests/snapshot.rs"]
pub(super) mod snapshot;

/// One sender, known by its random bits through all epochs.
pub(super) struct Stream {
    id: StreamId,
    /// Set once, by the first authentic frame whose call names a source.
    source: OnceLock<Arc<[u8]>>,
    /// The table's tick at the last authentic frame.
    last_authentic: AtomicU64,
    /// The highest epoch of an authentic frame, if any was opened.
    newest_epoch: AtomicU64,
    /// Frames opened in epochs whose slot is gone.
    past: AtomicU64,
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
            past: AtomicU64::new(0),
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
pub(super) struct Slot {
    pub(super) kid: Kid,
    pub(super) epoch: Arc<EpochState>,
    pub(super) stream: Arc<Stream>,
    pub(super) key: Wiped<FrameKey>,
    /// Forged frames so far.
    failures: AtomicU64,
    state: Mutex<SlotState>,
}

/// What authentic frames change of a slot.
pub(super) struct SlotState {
    window: ReplayWindow,
    opened: u64,
    /// The slot left the table; a call under way may still hold it. Whoever
    /// commits then must ask the table, where the newest memory is.
    detached: bool,
}

impl Slot {
    #[inline]
    pub(super) fn state(&self) -> MutexGuard<'_, SlotState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> u64 {
        self.state().opened
    }

    /// The slot leaves the table. Returns the highest counter opened, and adds
    /// to the sums what the slot has counted.
    fn detach(&self, tally: &Tally) -> Option<u64> {
        let mut state = self.state();
        state.detached = true;
        let opened = core::mem::take(&mut state.opened);
        self.stream.past.fetch_add(opened, Relaxed);
        tally.count_opened(opened, self.epoch.number);
        state.window.highest()
    }

    /// Counts a forged frame; returns the count.
    pub(super) fn count_failure(&self) -> u64 {
        self.failures.fetch_add(1, Relaxed).saturating_add(1)
    }

    /// Whether as many forged frames came as `budget` allows.
    pub(super) fn is_suspect(&self, budget: Option<u64>) -> bool {
        budget.is_some_and(|budget| self.failures.load(Relaxed) >= budget)
    }
}

impl SlotState {
    /// Whether this counter may still be opened.
    pub(super) fn check_replay(&self, ctr: u64) -> Result<()> {
        self.window.check(ctr)
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

/// What bounds the streams of one kind, and whom they refuse.
pub(super) struct Rules {
    pub(super) kind: Kind,
    pub(super) max_streams: usize,
    pub(super) tombstones: usize,
    pub(super) window: usize,
    pub(super) refuse_on_memory_loss: bool,
    /// Forged frames after which a KID is refused, if the application wants that.
    pub(super) dead_at: Option<u64>,
}

struct Tables {
    slots: KidMap<Arc<Slot>>,
    streams: KidMap<Arc<Stream>>,
    tombstones: Tombstones,
}

/// The least recently authentic stream, and its tick when it was found.
type Victim = (StreamId, u64);

/// All incoming streams of one kind of a room.
pub(super) struct Streams {
    rules: Rules,
    tables: RwLock<Tables>,
    /// Counts authentic frames, to order streams by the last one.
    tick: AtomicU64,
}

impl Streams {
    pub(super) fn new(rules: Rules, hash: KidHash) -> Self {
        Self {
            tables: RwLock::new(Tables {
                slots: KidMap::with_hasher(hash),
                streams: KidMap::with_hasher(hash),
                tombstones: Tombstones::new(rules.tombstones, hash),
            }),
            rules,
            // Streams start at 0, behind which no tick may be.
            tick: AtomicU64::new(2),
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

    /// Calls `f` with the slot of a KID, which stays in the table meanwhile.
    #[inline]
    pub(super) fn with_slot<T>(&self, kid: Kid, f: impl FnOnce(&Slot) -> T) -> Option<T> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.slots.get(&kid.bits()).map(|slot| f(slot))
    }

    pub(super) fn knows(&self, stream: StreamId) -> bool {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.streams.contains_key(&stream.bits())
    }

    /// Whether a frame of an unknown KID may be tried.
    pub(super) fn check_newcomer(
        &self,
        kid: Kid,
        epoch: &EpochState,
        ctr: u64,
        source: Option<&[u8]>,
    ) -> Result<()> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.check_newcomer(&self.rules, kid, epoch, ctr, source)
    }

    /// Gives a known stream a slot for another epoch. `None` if the stream left
    /// meanwhile.
    pub(super) fn add_spare(
        &self,
        kid: Kid,
        epoch: &Arc<EpochState>,
        key: Wiped<FrameKey>,
    ) -> Result<Option<Arc<Slot>>> {
        let window = ReplayWindow::new(self.rules.window);
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = tables.slots.get(&kid.bits()) {
            return Ok(Some(Arc::clone(slot)));
        }
        let Some(stream) = tables.streams.get(&kid.stream().bits()).cloned() else {
            return Ok(None);
        };
        tables.check_new_slot(&self.rules, kid, epoch)?;
        let tombstone = tables.tombstones.take(kid);
        let slot = tables.new_slot(kid, epoch, stream, key, window, tombstone);
        Ok(Some(slot))
    }

    /// Commits an authentic frame of a slot, whose state is given: moves the
    /// replay window, binds the source, counts. `false` if the slot left the
    /// table while the call was under way: then nothing is committed, and the
    /// table must be asked again. An error means that the plaintext must be wiped.
    #[inline]
    pub(super) fn commit(
        &self,
        slot: &Slot,
        state: &mut SlotState,
        ctr: u64,
        source: Option<&[u8]>,
    ) -> Result<bool> {
        if state.detached {
            return Ok(false);
        }
        state
            .window
            .commit(ctr)
            .and_then(|()| {
                self.mark_authentic(&slot.stream);
                slot.stream.bind_source(source)
            })
            .inspect_err(|error| slot.stream.count_refused(*error))?;
        let epoch = slot.epoch.number;
        if slot.stream.newest_epoch.load(Relaxed) < epoch {
            slot.stream.newest_epoch.fetch_max(epoch, Relaxed);
        }
        state.opened = state.opened.wrapping_add(1);
        Ok(true)
    }

    /// Puts a stream behind all others in the order in which they leave.
    #[inline]
    fn mark_authentic(&self, stream: &Stream) {
        let last = stream.last_authentic.load(Relaxed);
        // The one that was the last before is it still, without a write that all
        // streams would share.
        if last.wrapping_add(1) != self.tick.load(Relaxed) {
            let tick = self.tick.fetch_add(1, Relaxed);
            stream.last_authentic.store(tick, Relaxed);
        }
    }

    /// Commits an authentic frame of a KID that has no slot: its first one, or
    /// one whose slot left the table while the call was under way.
    pub(super) fn admit(
        &self,
        kid: Kid,
        epoch: &Arc<EpochState>,
        key: Wiped<FrameKey>,
        ctr: u64,
        source: Option<&[u8]>,
        tally: &Tally,
    ) -> Result<()> {
        let window = ReplayWindow::new(self.rules.window);
        let victim = self.victim();
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        // First of all: a slot that is there may be of the epoch that came into
        // this one's place, with the same KID.
        if epoch.is_retired() {
            return Err(Error::UnknownKey);
        }
        let slot = match tables.slots.get(&kid.bits()) {
            // Another thread opened a first frame of the stream meanwhile.
            Some(slot) => Arc::clone(slot),
            None => {
                tables.check_newcomer(&self.rules, kid, epoch, ctr, source)?;
                let bound = tables.tombstones.source_of(kid.stream());
                // Taken before another stream leaves: that one's tombstone may
                // push out the oldest, which this one may be.
                let tombstone = tables.tombstones.take(kid);
                let stream = tables.stream(&self.rules, kid.stream(), bound, victim, tally);
                tables.new_slot(kid, epoch, stream, key, window, tombstone)
            }
        };
        // Still under the table's lock, so the slot is in the table.
        match self.commit(&slot, &mut slot.state(), ctr, source)? {
            true => Ok(()),
            false => Err(Error::Internal),
        }
    }

    /// The least recently authentic stream, if the table is full. Found under a
    /// read lock, so that streams at work are not held up.
    fn victim(&self) -> Option<Victim> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        if tables.streams.len() < self.rules.max_streams {
            None
        } else {
            tables.oldest()
        }
    }

    /// Removes all keys of an epoch that was retired. Its streams stay known.
    pub(super) fn forget_epoch(&self, epoch: u64, tally: &Tally) {
        let mut gone = Vec::new();
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.slots.retain(|_, slot| {
            let keep = slot.epoch.number != epoch;
            if !keep {
                slot.detach(tally);
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
    pub(super) fn clear(&self, tally: &Tally) {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        for slot in tables.slots.values() {
            slot.detach(tally);
        }
        tables.slots.clear();
        tables.streams.clear();
        tables.tombstones.clear();
    }

    /// Frames opened, those of `tally` among them, and their highest epoch.
    pub(super) fn opened(&self, tally: &Tally) -> (u64, Option<u64>) {
        // No slot leaves meanwhile, so none is counted twice, and none not at all.
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables
            .slots
            .values()
            .map(|slot| (slot.opened(), slot.epoch.number))
            .filter(|(opened, _)| *opened > 0)
            .fold(tally.opened(), |(sum, last), (opened, epoch)| {
                (sum.wrapping_add(opened), last.max(Some(epoch)))
            })
    }

    pub(super) fn reports(&self, budget: Option<u64>) -> Vec<StreamReport> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        let streams = tables.streams.values();
        streams.filter_map(|s| tables.report(s, budget)).collect()
    }

    pub(super) fn report(&self, id: StreamId, budget: Option<u64>) -> Option<StreamReport> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.report(tables.streams.get(&id.bits())?, budget)
    }
}

impl Tables {
    /// The slots of a stream.
    fn slots_of(&self, stream: &Stream) -> impl Iterator<Item = &Arc<Slot>> {
        (0..16).filter_map(|epoch| self.slots.get(&Kid::new(stream.id, epoch).bits()))
    }

    /// Frames opened of a stream.
    fn opened(&self, stream: &Stream) -> u64 {
        let now = self.slots_of(stream).map(|slot| slot.opened());
        now.fold(stream.past.load(Relaxed), u64::wrapping_add)
    }

    /// `None` if nothing authentic came of the stream yet.
    fn report(&self, stream: &Stream, budget: Option<u64>) -> Option<StreamReport> {
        let opened = self.opened(stream);
        if opened == 0 {
            return None;
        }
        let last_epoch = stream.newest_epoch.load(Relaxed);
        Some(StreamReport {
            kid: Kid::new(stream.id, last_epoch).bits(),
            source: stream.source.get().map(|s| s.to_vec()),
            last_epoch,
            opened,
            not_authentic: stream.not_authentic.load(Relaxed),
            replay: stream.replay.load(Relaxed),
            too_old: stream.too_old.load(Relaxed),
            source_changed: stream.source_changed.load(Relaxed),
            key_suspect: self.slots_of(stream).any(|slot| slot.is_suspect(budget)),
        })
    }

    /// Whether a frame of a KID without a slot may open, by what is left of
    /// streams that were here.
    fn check_newcomer(
        &self,
        rules: &Rules,
        kid: Kid,
        epoch: &EpochState,
        ctr: u64,
        source: Option<&[u8]>,
    ) -> Result<()> {
        if let Some(tombstone) = self.tombstones.get(kid) {
            if rules.dead_at.is_some_and(|n| tombstone.failures >= n) {
                return Err(Error::KeySuspect);
            }
            if ctr <= tombstone.highest {
                return Err(Error::TooOld);
            }
        }
        match (self.tombstones.source_of(kid.stream()), source) {
            (Some(bound), Some(named)) if *bound != *named => return Err(Error::SourceChanged),
            _ => {}
        }
        self.check_new_slot(rules, kid, epoch)
    }

    /// Whether an epoch takes a KID that it has no slot for.
    fn check_new_slot(&self, rules: &Rules, kid: Kid, epoch: &EpochState) -> Result<()> {
        if epoch.is_retired() {
            return Err(Error::UnknownKey);
        }
        // A KID that left its tombstone isn't new, and its past stays closed.
        let lost = epoch.memory_lost(rules.kind).load(Relaxed);
        if rules.refuse_on_memory_loss && lost && self.tombstones.get(kid).is_none() {
            return Err(Error::MemoryLost);
        }
        Ok(())
    }

    fn new_slot(
        &mut self,
        kid: Kid,
        epoch: &Arc<EpochState>,
        stream: Arc<Stream>,
        key: Wiped<FrameKey>,
        mut window: ReplayWindow,
        tombstone: Option<Tombstone>,
    ) -> Arc<Slot> {
        window.reset(tombstone.as_ref().map(|t| t.highest));
        let slot = Arc::new(Slot {
            kid,
            epoch: Arc::clone(epoch),
            stream,
            key,
            failures: AtomicU64::new(tombstone.map_or(0, |t| t.failures)),
            state: Mutex::new(SlotState {
                window,
                opened: 0,
                detached: false,
            }),
        });
        self.slots.insert(kid.bits(), Arc::clone(&slot));
        slot
    }

    /// The stream with these random bits, made if need be.
    fn stream(
        &mut self,
        rules: &Rules,
        id: StreamId,
        source: Option<Arc<[u8]>>,
        victim: Option<Victim>,
        tally: &Tally,
    ) -> Arc<Stream> {
        if let Some(stream) = self.streams.get(&id.bits()) {
            return Arc::clone(stream);
        }
        let stream = Arc::new(Stream::new(id, source));
        self.make_room(rules, victim, tally);
        self.streams.insert(id.bits(), Arc::clone(&stream));
        stream
    }

    fn make_room(&mut self, rules: &Rules, mut victim: Option<Victim>, tally: &Tally) {
        while self.streams.len() >= rules.max_streams {
            // Found before the lock was taken; it may have been authentic since.
            let still = victim.take().filter(|(id, tick)| {
                let stream = self.streams.get(&id.bits());
                stream.is_some_and(|s| s.last_authentic.load(Relaxed) == *tick)
            });
            let Some((id, _)) = still.or_else(|| self.oldest()) else {
                return;
            };
            self.evict(rules, id, tally);
        }
    }

    fn oldest(&self) -> Option<Victim> {
        self.streams
            .values()
            .map(|s| (s.id, s.last_authentic.load(Relaxed)))
            .min_by_key(|(_, tick)| *tick)
    }

    fn evict(&mut self, rules: &Rules, id: StreamId, tally: &Tally) {
        let Some(stream) = self.streams.remove(&id.bits()) else {
            return;
        };
        tally.count_evicted();
        for epoch in 0..16 {
            let kid = Kid::new(id, epoch);
            let Some(slot) = self.slots.remove(&kid.bits()) else {
                continue;
            };
            let Some(highest) = slot.detach(tally) else {
                continue;
            };
            let tombstone = Tombstone {
                epoch: Arc::clone(&slot.epoch),
                highest,
                failures: slot.failures.load(Relaxed),
                source: stream.source.get().cloned(),
            };
            if let Some(lost) = self.tombstones.add(kid, tombstone) {
                tally.count_memory_lost();
                lost.memory_lost(rules.kind).store(true, Relaxed);
            }
        }
    }
}
