//! One outgoing stream.

use super::HEADER_LEN;
use super::core::{Core, lock};
use super::kid::{Kid, StreamId};
use super::kind::Kind;
use crate::limits::{FIRST_CTR_END, FIRST_CTR_MIN, REDRAW_BLOCKS, REDRAW_FRAMES};
use crate::os::{self, Wiped};
use crate::sframe::counter::FrameCounter;
use crate::sframe::key::{FrameKey, frame_around};
use crate::{Error, Result};
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Seals one outgoing stream of a room: a microphone, a camera, a layer, or
/// messages. Made by [`Room::sealer`](crate::Room::sealer).
///
/// There is no nonce to think about: each sealer draws a random KID, so its key
/// is its own, and counts its frames. It follows the room's active epoch by
/// itself. Calls work through `&self` from any thread.
#[derive(Debug)]
pub struct Sealer {
    room: Arc<Core>,
    sealer: Arc<SealerCore>,
}

/// The part of a sealer that the room can reach, to wipe it.
#[derive(Debug)]
pub(super) struct SealerCore {
    kind: Kind,
    tag_len: usize,
    /// [`os::fork_generation`] when the sealer was made.
    forks: u64,
    key: RwLock<Option<Arc<SealKey>>>,
    moves: Mutex<Moves>,
}

/// A key with its counter: they come and go together, so a thread that holds
/// one can't count for another.
#[derive(Debug)]
struct SealKey {
    epoch: u64,
    /// The room's generation at which this was the key to use.
    generation: AtomicU64,
    key: Wiped<FrameKey>,
    counter: FrameCounter,
}

/// What decides about the next key.
#[derive(Debug)]
struct Moves {
    id: StreamId,
    /// The highest epoch that a key was made for. A key that sealed nothing
    /// counts too: another thread may be about to use it.
    highest: Option<u64>,
}

impl Sealer {
    pub(super) fn new(room: &Arc<Core>, kind: Kind) -> Result<Self> {
        room.check_open()?;
        if room.config().open_only {
            return Err(Error::OpenOnly);
        }
        if !os::watch_forks() {
            // A fork would go unseen and repeat nonces.
            return Err(Error::Internal);
        }
        let sealer = Arc::new(SealerCore {
            kind,
            tag_len: room.suite(kind).tag_len(),
            forks: os::fork_generation(),
            key: RwLock::new(None),
            moves: Mutex::new(Moves {
                id: room.draw()?,
                highest: None,
            }),
        });
        room.register(&sealer);
        Ok(Self {
            room: Arc::clone(room),
            sealer,
        })
    }

    /// The kind of the stream.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.sealer.kind
    }

    /// The KID of the newest frame; `None` before the first one and after its
    /// epoch was retired. It changes with the epoch and, rarely, by itself.
    #[must_use]
    pub fn kid(&self) -> Option<u64> {
        self.sealer.current().map(|key| key.key.kid())
    }

    /// The exact length of a sealed frame: `len + 12 + tag`, saturating.
    #[must_use]
    pub fn sealed_len(&self, len: usize) -> usize {
        len.saturating_add(HEADER_LEN + self.sealer.tag_len)
    }

    /// Bytes of the tag: the tailroom for sealing in place.
    #[must_use]
    pub fn tag_len(&self) -> usize {
        self.sealer.tag_len
    }

    /// Seals `frame` into the front of `out` and returns the sealed length,
    /// [`Sealer::sealed_len`]. `metadata` is authenticated, not sent: openers
    /// must pass the same bytes, or none on both sides.
    ///
    /// # Errors
    /// Nothing is written, and nothing may be sent:
    /// * [`Error::BufferTooSmall`], [`Error::TooLarge`]: the arguments.
    /// * [`Error::NoActiveEpoch`], [`Error::Closed`]: there is no key.
    /// * [`Error::Forked`]: the sealer was made before a fork.
    /// * [`Error::NoRandom`]: a fresh KID was due and couldn't be drawn.
    pub fn seal(&self, frame: &[u8], metadata: &[u8], out: &mut [u8]) -> Result<usize> {
        if out.len() < self.sealed_len(frame.len()) {
            return Err(Error::BufferTooSmall);
        }
        let (key, ctr) = self.next(frame.len())?;
        let len = key.key.seal(ctr, frame, metadata, out)?;
        self.room.kind(self.sealer.kind).tally.count_sealed();
        Ok(len)
    }

    /// Seals `buf[payload]` where it stands and returns the sealed frame's place:
    /// it begins [`HEADER_LEN`] bytes before the payload and ends
    /// [`Sealer::tag_len`] bytes after.
    ///
    /// # Errors
    /// As [`Sealer::seal`]; [`Error::InvalidArgument`] if the payload doesn't
    /// lie within `buf`. Nothing is written.
    pub fn seal_in_place(
        &self,
        metadata: &[u8],
        buf: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>> {
        frame_around(buf.len(), &payload, HEADER_LEN, self.sealer.tag_len)?;
        let (key, ctr) = self.next(payload.len())?;
        let place = key.key.seal_in_place(ctr, metadata, buf, payload)?;
        self.room.kind(self.sealer.kind).tally.count_sealed();
        Ok(place)
    }

    /// Lets the current key go on as if it had sealed so many frames and blocks.
    #[cfg(test)]
    pub(super) fn pretend_sealed(&self, frames: u64, blocks: u64) {
        let key = self.sealer.current();
        key.expect("a key").counter.pretend(frames, blocks);
    }

    /// The key to use and a counter value of it.
    fn next(&self, len: usize) -> Result<(Arc<SealKey>, u64)> {
        if len > self.room.config().max_frame_len {
            self.room
                .kind(self.sealer.kind)
                .tally
                .count_refused(Error::TooLarge);
            return Err(Error::TooLarge);
        }
        if os::fork_generation() != self.sealer.forks {
            return Err(Error::Forked);
        }
        let mut key = match self.sealer.current() {
            Some(key) if key.generation.load(Ordering::Relaxed) == self.room.generation() => key,
            _ => self.sealer.renew(&self.room, None)?,
        };
        loop {
            match key.counter.take(len) {
                Ok(ctr) => return Ok((key, ctr)),
                // Redrawing gives a key that has all its counters left, unless
                // another thread uses them up meanwhile.
                Err(Error::KeyExhausted) => key = self.sealer.renew(&self.room, Some(&key))?,
                Err(error) => return Err(error),
            }
        }
    }
}

impl SealerCore {
    #[inline]
    fn current(&self) -> Option<Arc<SealKey>> {
        self.key
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Makes the key for the room's active epoch the current one, if it isn't,
    /// or replaces an exhausted key.
    fn renew(&self, room: &Core, exhausted: Option<&Arc<SealKey>>) -> Result<Arc<SealKey>> {
        let mut moves = lock(&self.moves);
        loop {
            // None when the epoch was retired meanwhile: another one may be active.
            if let Some(key) = self.try_renew(room, &mut moves, exhausted)? {
                return Ok(key);
            }
        }
    }

    fn try_renew(
        &self,
        room: &Core,
        moves: &mut Moves,
        exhausted: Option<&Arc<SealKey>>,
    ) -> Result<Option<Arc<SealKey>>> {
        // The generation first: if the ring changes in between, the next frame
        // comes back here.
        let generation = room.generation();
        let epoch = room.active()?;
        if let Some(key) = self.current()
            && key.epoch == epoch.number()
            && exhausted.is_none_or(|old| !Arc::ptr_eq(old, &key))
        {
            key.generation.store(generation, Ordering::Relaxed);
            return Ok(Some(key));
        }
        // Keep the random bits only on the way to an epoch above all earlier
        // ones: then (random bits, epoch) is new, and so is the key.
        if moves
            .highest
            .is_some_and(|highest| epoch.number() <= highest)
        {
            moves.id = room.draw()?;
        }
        let start =
            FIRST_CTR_MIN + room.environment().random_u64()? % (FIRST_CTR_END - FIRST_CTR_MIN);
        moves.highest = moves.highest.max(Some(epoch.number()));
        let kid = Kid::new(moves.id, epoch.number());
        let key = Arc::new(SealKey {
            epoch: epoch.number(),
            generation: AtomicU64::new(generation),
            key: epoch.frame_key(room.suite(self.kind), self.kind, kid)?,
            counter: FrameCounter::new(start, REDRAW_FRAMES, REDRAW_BLOCKS),
        });
        let old = {
            let mut place = self.key.write().unwrap_or_else(PoisonError::into_inner);
            // Retiring marks the epoch first, then takes its keys under this lock.
            if epoch.state.is_retired() {
                return Ok(None);
            }
            place.replace(Arc::clone(&key))
        };
        drop(old);
        Ok(Some(key))
    }

    /// Lets go of the key of an epoch that was retired.
    pub(super) fn forget_epoch(&self, epoch: u64) {
        let old = {
            let mut place = self.key.write().unwrap_or_else(PoisonError::into_inner);
            place.take_if(|key| key.epoch == epoch)
        };
        drop(old);
    }
}
