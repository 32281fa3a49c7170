//! Opening under any number of keys by KID.

use super::key::{FrameKey, Layout, SHORT_FRAME};
use super::kid_map::{KidHash, KidMap};
use super::replay::ReplayWindow;
use super::{BaseKey, CipherSuite};
use crate::limits::DEFAULT_REPLAY_WINDOW;
use crate::os::Wiped;
use crate::{Error, Result};
use core::ops::Range;
use std::collections::hash_map;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

/// Opens frames of any sender whose key was added, and each frame once.
///
/// A KID names exactly one key; nothing is tried. Calls work through `&self`
/// from any thread, and keys may come and go meanwhile.
#[derive(Debug)]
pub struct Receiver {
    suite: CipherSuite,
    window: usize,
    keys: RwLock<KidMap<Arc<Entry>>>,
}

#[derive(Debug)]
struct Entry {
    key: Wiped<FrameKey>,
    window: Mutex<ReplayWindow>,
}

impl Receiver {
    /// A receiver without keys, with a replay window of 1,024 frames a KID.
    #[must_use]
    pub fn new(suite: CipherSuite) -> Self {
        Self::with_replay_window(suite, DEFAULT_REPLAY_WINDOW)
    }

    /// A receiver with a replay window of `frames` a KID, clamped to 64–32,768.
    #[must_use]
    pub fn with_replay_window(suite: CipherSuite, frames: usize) -> Self {
        Self {
            suite,
            window: frames,
            keys: RwLock::new(KidMap::with_hasher(KidHash::of_the_standard_library())),
        }
    }

    /// Adds the key of a KID.
    ///
    /// # Errors
    /// [`Error::DuplicateKid`] if there is one already, whatever its key: its
    /// replay window is not to be lost by accident. Remove it first.
    pub fn add(&self, kid: u64, base_key: &BaseKey) -> Result<()> {
        let entry = Arc::new(Entry {
            key: FrameKey::derive(self.suite, kid, base_key.as_bytes())?,
            window: Mutex::new(ReplayWindow::new(self.window)),
        });
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        match keys.entry(kid) {
            hash_map::Entry::Occupied(_) => Err(Error::DuplicateKid),
            hash_map::Entry::Vacant(place) => {
                place.insert(entry);
                Ok(())
            }
        }
    }

    /// Removes the key of a KID; it is wiped when the last call that uses it
    /// returns.
    ///
    /// # Errors
    /// [`Error::UnknownKey`] if there is none.
    pub fn remove(&self, kid: u64) -> Result<()> {
        let removed = self
            .keys
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&kid);
        removed.map(drop).ok_or(Error::UnknownKey)
    }

    /// Opens `frame` into the front of `out` and returns the plaintext's length.
    ///
    /// # Errors
    /// * [`Error::Malformed`], [`Error::UnknownKey`], [`Error::Replay`],
    ///   [`Error::TooOld`], [`Error::BufferTooSmall`]: nothing is written.
    /// * [`Error::NotAuthentic`], and [`Error::Replay`] when another thread
    ///   opened the same frame meanwhile: `out` is zero up to the plaintext's length.
    pub fn open(&self, frame: &[u8], metadata: &[u8], out: &mut [u8]) -> Result<usize> {
        let layout = Layout::parse(frame, self.suite.tag_len())?;
        let len = layout.payload_len();
        self.with_entry(&layout, |call| {
            let out = out.get_mut(..len).ok_or(Error::BufferTooSmall)?;
            call.entry.key.open(&layout, metadata, frame, out)?;
            call.commit().inspect_err(|_| out.fill(0))
        })?;
        Ok(len)
    }

    /// Opens `frame` where it stands and returns the plaintext's place in it.
    ///
    /// # Errors
    /// As [`Receiver::open`], with the whole frame in the output's place.
    pub fn open_in_place(&self, metadata: &[u8], frame: &mut [u8]) -> Result<Range<usize>> {
        let layout = Layout::parse(frame, self.suite.tag_len())?;
        self.with_entry(&layout, |call| {
            call.entry.key.open_in_place(&layout, metadata, frame)?;
            call.commit().inspect_err(|_| frame.fill(0))
        })?;
        Ok(layout.payload())
    }

    /// Finds the key, looks at the replay window, and calls `open`, all without
    /// a byte touched before. Whoever removes a key waits for short frames.
    #[inline]
    fn with_entry(&self, layout: &Layout, open: impl FnOnce(Call<'_>) -> Result<()>) -> Result<()> {
        let keys = self.read_keys();
        let entry = keys.get(&layout.header.kid()).ok_or(Error::UnknownKey)?;
        let ctr = layout.header.ctr();
        let window = entry.window();
        window.check(ctr)?;
        if layout.payload_len() <= SHORT_FRAME {
            let window = Some(window);
            return open(Call { entry, ctr, window });
        }
        drop(window);
        let entry = Arc::clone(entry);
        drop(keys);
        open(Call {
            entry: &entry,
            ctr,
            window: None,
        })
    }

    fn read_keys(&self) -> RwLockReadGuard<'_, KidMap<Arc<Entry>>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open call whose frame may be opened, as far as the window knows.
struct Call<'c> {
    entry: &'c Entry,
    ctr: u64,
    /// Held from check to commit if the frame is short.
    window: Option<MutexGuard<'c, ReplayWindow>>,
}

impl Call<'_> {
    /// Marks the frame, which is authentic, as opened.
    #[inline]
    fn commit(self) -> Result<()> {
        match self.window {
            Some(mut window) => window.commit(self.ctr),
            None => self.entry.window().commit(self.ctr),
        }
    }
}

impl Entry {
    #[inline]
    fn window(&self) -> MutexGuard<'_, ReplayWindow> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
