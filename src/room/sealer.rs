//! One outgoing stream.

use super::HEADER_LEN;
use super::core::{Core, lock};
use super::counters::Tally;
use super::kid::{Kid, StreamId};
use super::kind::{Form, Kind};
use crate::codec::{self, Codec};
use crate::limits::{FIRST_CTR_END, FIRST_CTR_MIN, REDRAW_BLOCKS, REDRAW_FRAMES};
use crate::os::{self, Wiped};
use crate::sframe::counter::FrameCounter;
use crate::sframe::key::{FrameKey, SHORT_FRAME, frame_around};
use crate::{Error, Result};
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

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
    form: Form,
    tag_len: usize,
    /// [`os::fork_generation`] when the sealer was made.
    forks: u64,
    /// A call that seals a short frame holds this lock meanwhile: whoever changes
    /// the key waits for it, which takes less than counting holders would.
    key: RwLock<Option<Arc<SealKey>>>,
    /// Frames sealed with keys that are gone; changes under the lock of `key`.
    past: AtomicU64,
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

/// The keys of a sealer for a frame of so many bytes.
struct KeysFor<'s> {
    sealer: &'s Sealer,
    len: usize,
}

impl codec::Keys for KeysFor<'_> {
    fn with_key<T>(&self, seal: impl FnOnce(&FrameKey, u64) -> Result<T>) -> Result<T> {
        self.sealer.with_key(self.len, seal)
    }
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
            form: room.form(kind),
            tag_len: room.suite(kind).tag_len(),
            forks: os::fork_generation(),
            key: RwLock::new(None),
            past: AtomicU64::new(0),
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

    /// The exact length of a sealed plain frame: `len + 12 + tag`, saturating.
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
    /// * [`Error::WrongForm`]: the kind's frames are those of
    ///   [`Sealer::seal_codec`].
    pub fn seal(&self, frame: &[u8], metadata: &[u8], out: &mut [u8]) -> Result<usize> {
        self.check_form(Form::Plain)?;
        let len = self.sealed_len(frame.len());
        let out = out.get_mut(..len).ok_or(Error::BufferTooSmall)?;
        self.with_key(frame.len(), |key, ctr| {
            key.seal_frame(ctr, frame, metadata, out)
        })?;
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
        self.check_form(Form::Plain)?;
        let place = frame_around(buf.len(), &payload, HEADER_LEN, self.sealer.tag_len)?;
        let frame = buf.get_mut(place.clone()).ok_or(Error::BufferTooSmall)?;
        self.with_key(payload.len(), |key, ctr| {
            key.seal_frame_in_place(ctr, metadata, frame)
        })?;
        Ok(place)
    }

    /// Bytes of the trailer in the codec form, `tag + 14`: the tailroom for
    /// [`Sealer::seal_codec_in_place`].
    #[must_use]
    pub fn trailer_len(&self) -> usize {
        self.sealer.tag_len + codec::TRAILER_REST
    }

    /// A capacity that is enough for every frame of `len` bytes sealed by
    /// [`Sealer::seal_codec`], saturating. Exact for codecs that are sealed in
    /// place ([`Codec::is_in_place`]): `len + tag + 14`.
    #[must_use]
    pub fn max_sealed_codec_len(&self, codec: Codec, len: usize) -> usize {
        codec::max_sealed_len(codec, len, self.sealer.tag_len)
    }

    /// Seals `frame` into the front of `out` as a frame that is still one of
    /// `codec`, and returns the sealed length. The codec may differ from one
    /// frame to the next; receivers read it from the frame.
    ///
    /// H.264 and H.265 are byte streams with start codes, AV1 is OBUs in the
    /// low-overhead format, of one temporal unit. `out` must have
    /// [`Sealer::max_sealed_codec_len`] bytes: a little less may do. What lies behind
    /// the sealed frame among them may be written to as well.
    ///
    /// ```
    /// use roomseal::{AppId, Codec, Form, Kind, Room, RoomConfig, RoomId, RoomKey, RoomSalt};
    ///
    /// # fn main() -> Result<(), roomseal::Error> {
    /// let config = RoomConfig::new(AppId::number(1), RoomId::number(2)).form(Kind::Video, Form::Codec);
    /// let room = Room::new(config)?;
    /// room.install(1, &RoomKey::random()?, &RoomSalt::none())?;
    /// room.activate(1)?;
    ///
    /// let camera = room.sealer(Kind::Video)?;
    /// let frame = [0, 0, 0, 1, 0x41, 0x9a, 0x24, 0x6c, 0x41, 0x0f];
    /// let mut sealed = vec![0; camera.max_sealed_codec_len(Codec::H264, frame.len())];
    /// let n = camera.seal_codec(Codec::H264, &frame, &[], &mut sealed)?;
    /// assert_eq!(sealed[..6], frame[..6]); // start code, header and slice header
    /// assert_eq!(sealed[n - 1], 0x80);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Nothing may be sent, and with one exception nothing is written:
    /// * [`Error::CodecMismatch`]: the frame doesn't parse as its codec, or has a
    ///   unit that can't be sealed. [`Codec::Opaque`] takes any bytes.
    /// * [`Error::WrongForm`]: the kind's frames are those of [`Sealer::seal`].
    /// * [`Error::TooManyEscapes`]: of frames of hundreds of MiB. The output is
    ///   zero.
    /// * The others of [`Sealer::seal`].
    pub fn seal_codec(
        &self,
        codec: Codec,
        frame: &[u8],
        metadata: &[u8],
        out: &mut [u8],
    ) -> Result<usize> {
        self.check_form(Form::Codec)?;
        let keys = KeysFor {
            sealer: self,
            len: frame.len(),
        };
        codec::seal(codec, frame, metadata, out, self.sealer.tag_len, &keys)
    }

    /// Seals `buf[payload]` where it stands, as [`Sealer::seal_codec`] does, and
    /// returns the sealed frame's place: it begins where the payload began and
    /// ends [`Sealer::trailer_len`] bytes after it.
    ///
    /// # Errors
    /// As [`Sealer::seal_codec`]; [`Error::WrongForm`] also for H.264, H.265 and
    /// AV1, which can't be sealed in place; [`Error::InvalidArgument`] if the
    /// payload doesn't lie within `buf`. Nothing is written.
    pub fn seal_codec_in_place(
        &self,
        codec: Codec,
        metadata: &[u8],
        buf: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>> {
        self.check_form(Form::Codec)?;
        let keys = KeysFor {
            sealer: self,
            len: payload.len(),
        };
        codec::seal_in_place(codec, metadata, buf, payload, self.sealer.tag_len, &keys)
    }

    fn check_form(&self, form: Form) -> Result<()> {
        if self.sealer.form == form {
            Ok(())
        } else {
            Err(Error::WrongForm)
        }
    }

    /// Lets the current key go on as if it had sealed so many frames and blocks.
    #[cfg(test)]
    pub(super) fn pretend_sealed(&self, frames: u64, blocks: u64) {
        let key = self.sealer.current();
        key.expect("a key").counter.pretend(frames, blocks);
    }

    /// Calls `seal` with the key to use and a counter value of it, which makes
    /// one sealed frame unless it fails.
    #[inline]
    fn with_key<T>(&self, len: usize, seal: impl FnOnce(&FrameKey, u64) -> Result<T>) -> Result<T> {
        if len > self.room.config().max_frame_len {
            self.tally().count_refused(Error::TooLarge);
            return Err(Error::TooLarge);
        }
        if os::fork_generation() != self.sealer.forks {
            return Err(Error::Forked);
        }
        loop {
            let exhausted = {
                let place = self.sealer.read_key();
                match place.as_ref() {
                    Some(key) if key.is_of(self.room.generation()) => match key.counter.take(len) {
                        Ok(ctr) if len <= SHORT_FRAME => return self.tally_of(seal(&key.key, ctr)),
                        Ok(ctr) => {
                            let key = Arc::clone(key);
                            drop(place);
                            return self.tally_of(seal(&key.key, ctr));
                        }
                        Err(Error::KeyExhausted) => Some(Arc::clone(key)),
                        Err(error) => return Err(error),
                    },
                    _ => None,
                }
            };
            // The new key has all its counters left, unless other threads use
            // them up meanwhile.
            self.sealer.renew(&self.room, exhausted.as_ref())?;
        }
    }

    /// Frames count as sealed when they take their counter.
    #[inline]
    fn tally_of<T>(&self, sealed: Result<T>) -> Result<T> {
        sealed.inspect_err(|_| self.tally().count_unsealed())
    }

    fn tally(&self) -> &Tally {
        &self.room.kind(self.sealer.kind).tally
    }
}

impl Drop for Sealer {
    fn drop(&mut self) {
        self.room.let_go(&self.sealer);
    }
}

impl SealKey {
    #[inline]
    fn is_of(&self, generation: u64) -> bool {
        self.generation.load(Ordering::Relaxed) == generation
    }
}

impl SealerCore {
    #[inline]
    fn read_key(&self) -> RwLockReadGuard<'_, Option<Arc<SealKey>>> {
        self.key.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> Option<Arc<SealKey>> {
        self.read_key().clone()
    }

    /// Frames sealed so far.
    pub(super) fn sealed(&self) -> u64 {
        let place = self.read_key();
        let now = place.as_ref().map_or(0, |key| key.counter.taken());
        self.past.load(Ordering::Relaxed).wrapping_add(now)
    }

    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Changes the key, if `change` says so, and keeps count of what the old one
    /// sealed. Nobody takes counters of it any more when it comes out.
    fn change_key(
        &self,
        change: impl FnOnce(&mut Option<Arc<SealKey>>) -> Option<Arc<SealKey>>,
    ) -> Option<Arc<SealKey>> {
        let mut place = self.key.write().unwrap_or_else(PoisonError::into_inner);
        let old = change(&mut place);
        if let Some(old) = &old {
            self.past.fetch_add(old.counter.taken(), Ordering::Relaxed);
        }
        old
    }

    /// Wipes the key and tells how many frames were sealed, once.
    pub(super) fn end(&self) -> u64 {
        drop(self.change_key(Option::take));
        self.past.swap(0, Ordering::Relaxed)
    }

    /// Makes the key for the room's active epoch the current one, if it isn't,
    /// or replaces an exhausted key.
    #[cold]
    fn renew(&self, room: &Core, exhausted: Option<&Arc<SealKey>>) -> Result<()> {
        let mut moves = lock(&self.moves);
        // Not when the epoch was retired meanwhile: another one may be active.
        while !self.try_renew(room, &mut moves, exhausted)? {}
        Ok(())
    }

    fn try_renew(
        &self,
        room: &Core,
        moves: &mut Moves,
        exhausted: Option<&Arc<SealKey>>,
    ) -> Result<bool> {
        // The generation first: if the ring changes in between, the next frame
        // comes back here.
        let generation = room.generation();
        let epoch = room.active()?;
        if let Some(key) = self.current()
            && key.epoch == epoch.number()
            && exhausted.is_none_or(|old| !Arc::ptr_eq(old, &key))
        {
            key.generation.store(generation, Ordering::Relaxed);
            return Ok(true);
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
        let mut placed = false;
        let old = self.change_key(|place| {
            // Retiring marks the epoch first, then takes its keys under this lock.
            placed = !epoch.state.is_retired();
            if placed { place.replace(key) } else { None }
        });
        drop(old);
        Ok(placed)
    }

    /// Lets go of the key of an epoch that was retired.
    pub(super) fn forget_epoch(&self, epoch: u64) {
        drop(self.change_key(|place| place.take_if(|key| key.epoch == epoch)));
    }
}
