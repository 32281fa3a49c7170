//! What a room's handles share.

use super::config::RoomConfig;
use super::counters::{Counters, StreamReport, Tally};
use super::environment::Environment;
use super::epoch::{Epoch, Place, Ring, push_lp};
use super::key::{RoomKey, RoomSalt};
use super::kid::{Kid, StreamId};
use super::kind::{Form, Kind, PerKind};
use super::sealer::SealerCore;
use super::streams::{Rules, Streams};
use super::tokens::TokenBucket;
use crate::limits::{
    FAILURES_4_BYTE_TAG, FAILURES_8_BYTE_TAG, FAILURES_10_BYTE_TAG, MAX_CLEAR_FRAMES_SECONDS,
    MAX_DRAWS, MEDIA_TOMBSTONES, MESSAGE_TOMBSTONES, SPARE_CANDIDATES,
};
use crate::os::Wiped;
use crate::sframe::CipherSuite;
use crate::sframe::key::FrameKey;
use crate::sframe::kid_map::{KidHash, KidSet};
use crate::{Error, Result};
use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while it holds a lock; a poisoned one would still be whole,
    // as every change under a lock is complete before the next can fail.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) struct Core {
    config: RoomConfig,
    environment: Environment,
    /// lp(app id) ‖ lp(room id) ‖ lp(call id).
    context: Box<[u8]>,
    closed: AtomicBool,
    /// Raised whenever sealers must look at the ring again.
    generation: AtomicU64,
    /// One change of the ring at a time; media threads take `ring` alone.
    changes: Mutex<()>,
    ring: RwLock<Ring>,
    /// The random bits that sealers of this room ever drew.
    own: RwLock<KidSet>,
    sealers: Mutex<Vec<Weak<SealerCore>>>,
    kinds: PerKind<KindState>,
}

impl fmt::Debug for Core {
    /// Neither ids nor sources: a log of a room names nobody.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("epochs", &self.epochs())
            .field("active_epoch", &self.active_epoch())
            .finish_non_exhaustive()
    }
}

/// What a room knows of one kind.
pub(super) struct KindState {
    pub(super) streams: Streams,
    pub(super) tally: Tally,
    tokens: Mutex<TokenBucket>,
    /// Keys for the next unknown KIDs, so that forged frames allocate nothing.
    candidates: Mutex<Vec<Wiped<FrameKey>>>,
    /// Milliseconds of the clock until which clear frames are accepted; 0 for no.
    clear_until: AtomicU64,
}

#[cfg(test)]
impl KindState {
    /// Where the buffers for unknown KIDs lie.
    pub(super) fn spare_candidates(&self) -> Vec<*const FrameKey> {
        let candidates = lock(&self.candidates);
        candidates.iter().map(|key| &raw const **key).collect()
    }
}

impl Core {
    pub(super) fn new(config: RoomConfig, environment: Environment) -> Result<Self> {
        config.check()?;
        let mut context = Vec::new();
        push_lp(&mut context, config.app_id.as_bytes());
        push_lp(&mut context, config.room_id.as_bytes());
        push_lp(
            &mut context,
            config.call_id.as_ref().map_or(&[], |id| id.as_bytes()),
        );
        let hash = KidHash::new(environment.random_u64()?);
        let now = environment.now();
        let kinds = PerKind::new(|kind| KindState {
            streams: Streams::new(
                Rules {
                    kind,
                    max_streams: *config.max_streams.get(kind),
                    tombstones: match kind {
                        Kind::Message => MESSAGE_TOMBSTONES,
                        _ => MEDIA_TOMBSTONES,
                    },
                    window: config.replay_window,
                    refuse_on_memory_loss: config.refuse_on_memory_loss,
                    dead_at: failure_budget(*config.suites.get(kind))
                        .filter(|_| config.drop_suspect_keys),
                },
                hash,
            ),
            tally: Tally::default(),
            tokens: Mutex::new(TokenBucket::new(now)),
            candidates: Mutex::new(Vec::with_capacity(SPARE_CANDIDATES)),
            clear_until: AtomicU64::new(0),
        });
        Ok(Self {
            config,
            environment,
            context: context.into(),
            closed: AtomicBool::new(false),
            generation: AtomicU64::new(1),
            changes: Mutex::new(()),
            ring: RwLock::default(),
            own: RwLock::new(KidSet::with_hasher(hash)),
            sealers: Mutex::default(),
            kinds,
        })
    }

    pub(super) fn config(&self) -> &RoomConfig {
        &self.config
    }

    pub(super) fn environment(&self) -> &Environment {
        &self.environment
    }

    pub(super) fn suite(&self, kind: Kind) -> CipherSuite {
        *self.config.suites.get(kind)
    }

    #[inline]
    pub(super) fn form(&self, kind: Kind) -> Form {
        *self.config.forms.get(kind)
    }

    pub(super) fn kind(&self, kind: Kind) -> &KindState {
        self.kinds.get(kind)
    }

    #[inline]
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    #[inline]
    pub(super) fn check_open(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) {
            Err(Error::Closed)
        } else {
            Ok(())
        }
    }

    // --- epochs ------------------------------------------------------------

    pub(super) fn install(&self, number: u64, key: &RoomKey, salt: RoomSalt) -> Result<()> {
        // All derivation happens before a lock that media threads take.
        let epoch = Epoch::new(number, key, salt, &self.context, self.config.forms);
        let _changes = lock(&self.changes);
        self.check_open()?;
        let place = self.read_ring(|ring| ring.place(&epoch))?;
        match place {
            Place::Same => return Ok(()),
            Place::Displacing(other) => self.remove_epoch(other)?,
            Place::Free => {}
        }
        self.change_ring(|ring| ring.insert(Arc::new(epoch)));
        Ok(())
    }

    pub(super) fn activate(&self, number: u64) -> Result<()> {
        let _changes = lock(&self.changes);
        self.check_open()?;
        self.change_ring(|ring| ring.activate(number))?;
        self.generation.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    pub(super) fn retire(&self, number: u64) -> Result<()> {
        let _changes = lock(&self.changes);
        self.check_open()?;
        self.remove_epoch(number)
    }

    pub(super) fn ratchet(&self, number: u64) -> Result<u64> {
        self.check_open()?;
        let epoch = self.read_ring(|ring| ring.get(number).cloned());
        let epoch = epoch.ok_or_else(|| self.absent(Error::UnknownEpoch))?;
        let (next, key, salt) = epoch.next()?;
        self.install(next, &key, salt)?;
        Ok(next)
    }

    /// Takes an epoch and all keys made from it out. `changes` is held.
    fn remove_epoch(&self, number: u64) -> Result<()> {
        let epoch = self.change_ring(|ring| ring.remove(number))?;
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.each_sealer(|sealer| sealer.forget_epoch(number));
        for kind in Kind::ALL {
            let state = self.kind(kind);
            state.streams.forget_epoch(number, &state.tally);
            drop(core::mem::take(&mut *lock(&state.candidates)));
        }
        // The last holder wipes; this one does so outside every lock but `changes`.
        drop(epoch);
        Ok(())
    }

    pub(super) fn close(&self) {
        let _changes = lock(&self.changes);
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        for number in self.epochs() {
            // It is installed, and nobody else changes the ring now.
            let _removed = self.remove_epoch(number);
        }
        self.generation.fetch_add(1, Ordering::AcqRel);
        for state in self.kinds.iter() {
            state.streams.clear(&state.tally);
        }
        let mut sealers = lock(&self.sealers);
        for sealer in sealers.drain(..).filter_map(|s| s.upgrade()) {
            self.count_ended(&sealer);
        }
        drop(sealers);
        self.own
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn read_ring<T>(&self, f: impl FnOnce(&Ring) -> T) -> T {
        f(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change_ring<T>(&self, f: impl FnOnce(&mut Ring) -> T) -> T {
        f(&mut self.ring.write().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn epochs(&self) -> Vec<u64> {
        let mut numbers: Vec<u64> = self.read_ring(|ring| ring.numbers().collect());
        numbers.sort_unstable();
        numbers
    }

    pub(super) fn active_epoch(&self) -> Option<u64> {
        self.read_ring(|ring| ring.active().map(|e| e.number()))
    }

    /// The epoch to seal in.
    pub(super) fn active(&self) -> Result<Arc<Epoch>> {
        self.read_ring(|ring| ring.active().cloned())
            .ok_or_else(|| self.absent(Error::NoActiveEpoch))
    }

    /// The epoch that a KID's low bits name.
    pub(super) fn epoch_of(&self, kid: Kid) -> Result<Arc<Epoch>> {
        self.read_ring(|ring| ring.by_nibble(kid.nibble()).cloned())
            .ok_or_else(|| self.absent(Error::UnknownKey))
    }

    /// Why there is no epoch, or not any more: closing says so before it takes them out.
    #[cold]
    pub(super) fn absent(&self, error: Error) -> Error {
        self.check_open().err().unwrap_or(error)
    }

    // --- sealers -----------------------------------------------------------

    /// Draws the random bits of a sealer, never twice the same.
    pub(super) fn draw(&self) -> Result<StreamId> {
        for _ in 0..MAX_DRAWS {
            let id = StreamId::from_random(self.environment.random_u64()?);
            if Kind::ALL
                .into_iter()
                .any(|kind| self.kind(kind).streams.knows(id))
            {
                continue;
            }
            if self
                .own
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(id.bits())
            {
                return Ok(id);
            }
        }
        // A generator that repeats itself is as bad as none.
        Err(Error::NoRandom)
    }

    pub(super) fn is_own(&self, id: StreamId) -> bool {
        self.own
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&id.bits())
    }

    pub(super) fn register(&self, sealer: &Arc<SealerCore>) {
        let mut sealers = lock(&self.sealers);
        if sealers.len() == sealers.capacity() {
            // Only when it would grow, so this is a constant cost a sealer.
            sealers.retain(|s| s.strong_count() > 0);
        }
        sealers.push(Arc::downgrade(sealer));
    }

    /// The handle of a sealer is dropped.
    pub(super) fn let_go(&self, sealer: &SealerCore) {
        // Whoever adds up the counts holds this lock, so none goes missing.
        let _sealers = lock(&self.sealers);
        self.count_ended(sealer);
    }

    fn count_ended(&self, sealer: &SealerCore) {
        let tally = &self.kind(sealer.kind()).tally;
        tally.count_sealed(sealer.end());
    }

    fn each_sealer(&self, f: impl Fn(&SealerCore)) {
        let sealers: Vec<_> = lock(&self.sealers)
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        sealers.iter().for_each(|sealer| f(sealer));
    }

    // --- opening -----------------------------------------------------------

    /// Takes one of the tokens for unknown KIDs.
    pub(super) fn take_token(&self, kind: Kind) -> Result<()> {
        let now = self.environment.now();
        if lock(&self.kind(kind).tokens).take(now) {
            Ok(())
        } else {
            Err(Error::Budget)
        }
    }

    /// Forged frames after which a key of this kind is suspect.
    pub(super) fn failure_budget(&self, kind: Kind) -> Option<u64> {
        failure_budget(self.suite(kind))
    }

    /// The key of an unknown KID, in a buffer kept for that.
    pub(super) fn candidate(&self, epoch: &Epoch, kind: Kind, kid: Kid) -> Result<Wiped<FrameKey>> {
        let suite = self.suite(kind);
        let spare = lock(&self.kind(kind).candidates).pop();
        match spare {
            Some(mut key) => {
                epoch.replace_frame_key(&mut key, suite, kind, kid)?;
                Ok(key)
            }
            None => epoch.frame_key(suite, kind, kid),
        }
    }

    /// Keeps the buffer of a candidate that came to nothing.
    pub(super) fn keep_candidate(&self, epoch: &Epoch, kind: Kind, key: Wiped<FrameKey>) {
        let mut spare = lock(&self.kind(kind).candidates);
        // Retiring empties the buffers after it marked the epoch, under this lock.
        if spare.len() < SPARE_CANDIDATES && !epoch.state.is_retired() {
            spare.push(key);
        }
    }

    // --- clear frames and counters ------------------------------------------

    pub(super) fn accept_clear_frames(&self, kind: Kind, duration: Duration) -> Result<()> {
        self.check_open()?;
        if duration > Duration::from_secs(MAX_CLEAR_FRAMES_SECONDS) {
            return Err(Error::InvalidArgument);
        }
        let until = match duration.is_zero() {
            true => 0,
            false => millis(self.environment.now().saturating_add(duration)),
        };
        self.kind(kind).clear_until.store(until, Ordering::Relaxed);
        Ok(())
    }

    /// Whether clear frames of a kind are accepted now. One load while they aren't.
    #[inline]
    pub(super) fn accepts_clear_frames(&self, kind: Kind) -> bool {
        let until = self.kind(kind).clear_until.load(Ordering::Relaxed);
        until != 0 && millis(self.environment.now()) < until
    }

    pub(super) fn counters(&self, kind: Kind) -> Counters {
        let state = self.kind(kind);
        let sealed = || {
            let sealers = lock(&self.sealers);
            let live = sealers.iter().filter_map(Weak::upgrade);
            let live = live.filter(|s| s.kind() == kind).map(|s| s.sealed());
            live.fold(state.tally.sealed(), u64::wrapping_add)
        };
        let mut counters = state.tally.read();
        counters.sealed = sealed();
        (counters.opened, counters.last_epoch) = state.streams.opened(&state.tally);
        counters
    }

    pub(super) fn stream_reports(&self, kind: Kind) -> Vec<StreamReport> {
        self.kind(kind).streams.reports(self.failure_budget(kind))
    }

    pub(super) fn stream_report(&self, kind: Kind, kid: u64) -> Option<StreamReport> {
        let stream = Kid::parse(kid).ok()?.stream();
        self.kind(kind)
            .streams
            .report(stream, self.failure_budget(kind))
    }
}

/// `None` for 16-byte tags, where no number of tries helps.
fn failure_budget(suite: CipherSuite) -> Option<u64> {
    match suite {
        CipherSuite::Aes128CtrHmacSha256_32 => Some(FAILURES_4_BYTE_TAG),
        CipherSuite::Aes128CtrHmacSha256_64 => Some(FAILURES_8_BYTE_TAG),
        CipherSuite::Aes128CtrHmacSha256_80 => Some(FAILURES_10_BYTE_TAG),
        CipherSuite::Aes128GcmSha256_128 => None,
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
