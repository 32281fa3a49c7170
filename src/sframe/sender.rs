//! Sealing under one key and KID.

use super::counter::FrameCounter;
use super::key::FrameKey;
use super::{BaseKey, CipherSuite, Header};
use crate::limits::{MAX_BLOCKS_PER_KEY, MAX_FRAMES_PER_KEY};
use crate::os::{self, Wiped};
use crate::{Error, Result};
use core::ops::Range;

/// Seals frames under one base key and KID, each with the next counter.
///
/// RFC 9605 leaves one duty to the application: **a pair of base key and KID
/// may be given to one `Sender`, once**, since every `Sender` counts from 0. A
/// sender that must go on after a restart stores the counter before using it
/// and calls [`Sender::skip_to`]; better, it takes a new key. A
/// [`Room`](crate::Room) has no such duty.
///
/// Calls work through `&self` from any thread. After a fork only the parent
/// seals: the child would count the same values once more.
#[derive(Debug)]
pub struct Sender {
    key: Wiped<FrameKey>,
    counter: FrameCounter,
    /// [`os::fork_generation`] when the sender was made.
    forks: u64,
}

impl Sender {
    /// Prepares the key of `kid`. The first frame has the counter 0.
    ///
    /// # Errors
    /// [`Error::Internal`] only.
    pub fn new(suite: CipherSuite, kid: u64, base_key: &BaseKey) -> Result<Self> {
        if !os::watch_forks() {
            // A fork would go unseen and repeat nonces.
            return Err(Error::Internal);
        }
        Ok(Self {
            forks: os::fork_generation(),
            key: FrameKey::derive(suite, kid, base_key.as_bytes())?,
            counter: FrameCounter::new(0, MAX_FRAMES_PER_KEY, MAX_BLOCKS_PER_KEY),
        })
    }

    /// The KID in the header of every frame.
    #[must_use]
    pub fn kid(&self) -> u64 {
        self.key.kid()
    }

    /// The counter of the next frame; `None` when the key is exhausted.
    #[must_use]
    pub fn next_ctr(&self) -> Option<u64> {
        self.counter.next()
    }

    /// Continues at `ctr`, which may not lie below [`Sender::next_ctr`].
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a step back; nothing changes.
    pub fn skip_to(&mut self, ctr: u64) -> Result<()> {
        self.counter.skip_to(ctr)
    }

    /// The exact length of the next frame around `len` bytes of plaintext. The
    /// header grows with the counter, so with several threads allow for
    /// [`MAX_OVERHEAD`](super::MAX_OVERHEAD).
    ///
    /// # Errors
    /// [`Error::KeyExhausted`]; [`Error::TooLarge`] if the sum overflows.
    pub fn sealed_len(&self, len: usize) -> Result<usize> {
        self.key
            .sealed_len(self.next_ctr().ok_or(Error::KeyExhausted)?, len)
    }

    /// Seals `plaintext` into the front of `out` and returns the frame's length.
    /// `metadata` is authenticated, not sent: the receiver must know it.
    ///
    /// # Errors
    /// [`Error::BufferTooSmall`], [`Error::TooLarge`], [`Error::KeyExhausted`], or
    /// [`Error::Forked`] in the child of a fork; nothing is written.
    pub fn seal(&self, plaintext: &[u8], metadata: &[u8], out: &mut [u8]) -> Result<usize> {
        let room = out.len().checked_sub(plaintext.len());
        let header_room = room.and_then(|room| room.checked_sub(self.key.tag_len()));
        let ctr = self.take_ctr(plaintext.len(), header_room)?;
        self.key.seal(ctr, plaintext, metadata, out)
    }

    /// Seals `buf[payload]` where it stands and returns the frame's place: the
    /// header goes right before the payload, the tag right after.
    /// [`MAX_HEADER_LEN`](super::MAX_HEADER_LEN) bytes of headroom and
    /// [`MAX_TAG_LEN`](super::MAX_TAG_LEN) of tailroom always do.
    ///
    /// # Errors
    /// As [`Sender::seal`]; [`Error::InvalidArgument`] if the payload doesn't
    /// lie within `buf`. Nothing is written.
    pub fn seal_in_place(
        &self,
        metadata: &[u8],
        buf: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>> {
        if payload.start > payload.end || payload.end > buf.len() {
            return Err(Error::InvalidArgument);
        }
        let tail_room = buf.len() - payload.end;
        let header_room = (tail_room >= self.key.tag_len()).then_some(payload.start);
        let ctr = self.take_ctr(payload.len(), header_room)?;
        self.key.seal_in_place(ctr, metadata, buf, payload)
    }

    /// Takes a counter value whose header fits `header_room` bytes, so that none
    /// is spent on a frame that doesn't fit. `None` if not even the rest fits.
    fn take_ctr(&self, len: usize, header_room: Option<usize>) -> Result<u64> {
        if os::fork_generation() != self.forks {
            return Err(Error::Forked);
        }
        match header_room.and_then(|room| Header::last_ctr(self.kid(), room)) {
            Some(last) => self.counter.take_up_to(len, last),
            None if self.next_ctr().is_none() => Err(Error::KeyExhausted),
            None => Err(Error::BufferTooSmall),
        }
    }
}
