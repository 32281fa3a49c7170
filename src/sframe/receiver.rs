//! Opening under any number of keys by KID.

use super::key::{FrameKey, Layout};
use super::replay::ReplayWindow;
use super::{BaseKey, CipherSuite};
use crate::limits::DEFAULT_REPLAY_WINDOW;
use crate::os::Wiped;
use crate::{Error, Result};
use core::ops::Range;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Opens frames of any sender whose key was added, and each frame once.
///
/// A KID names exactly one key; nothing is tried. Calls work through `&self`
/// from any thread, and keys may come and go meanwhile.
#[derive(Debug)]
pub struct Receiver {
    suite: CipherSuite,
    window: usize,
    keys: RwLock<HashMap<u64, Arc<Entry>>>,
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
            keys: RwLock::default(),
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
            std::collections::hash_map::Entry::Occupied(_) => Err(Error::DuplicateKid),
            std::collections::hash_map::Entry::Vacant(place) => {
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
        let (layout, entry) = self.find(frame)?;
        let len = layout.payload_len();
        let out = out.get_mut(..len).ok_or(Error::BufferTooSmall)?;
        entry.key.open(&layout.split(frame)?, metadata, out)?;
        entry.commit(&layout).inspect_err(|_| out.fill(0))?;
        Ok(len)
    }

    /// Opens `frame` where it stands and returns the plaintext's place in it.
    ///
    /// # Errors
    /// As [`Receiver::open`], with the whole frame in the output's place.
    pub fn open_in_place(&self, metadata: &[u8], frame: &mut [u8]) -> Result<Range<usize>> {
        let (layout, entry) = self.find(frame)?;
        let place = entry.key.open_in_place(&layout, metadata, frame)?;
        entry.commit(&layout).inspect_err(|_| frame.fill(0))?;
        Ok(place)
    }

    /// Parse, find the key, look at the replay window; no byte is touched.
    fn find(&self, frame: &[u8]) -> Result<(Layout, Arc<Entry>)> {
        let layout = Layout::parse(frame, self.suite.tag_len())?;
        let entry = {
            let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
            keys.get(&layout.header.kid())
                .cloned()
                .ok_or(Error::UnknownKey)?
        };
        entry.window().check(layout.header.ctr())?;
        Ok((layout, entry))
    }
}

impl Entry {
    fn window(&self) -> std::sync::MutexGuard<'_, ReplayWindow> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit(&self, layout: &Layout) -> Result<()> {
        self.window().commit(layout.header.ctr())
    }
}
