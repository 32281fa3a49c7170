//! What an application can poll.

use crate::Error;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident),+ $(,)?) => {
        /// Counters of a room for one kind, all since the room was made.
        ///
        /// They are read one by one while calls go on, so sums may be off by the
        /// frames under way.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counters {
            $($(#[doc = $doc])+ pub $name: u64,)+
            /// The highest epoch that an authentic frame was of.
            pub last_epoch: Option<u64>,
            /// Whether a known stream took more forged frames than its tag length
            /// allows; see [`RoomConfig::drop_suspect_keys`](crate::RoomConfig::drop_suspect_keys).
            pub key_suspect: bool,
        }

        /// What was counted outside of streams and sealers: these count their
        /// frames themselves and add them here when they go.
        #[derive(Debug, Default)]
        pub(super) struct Tally {
            $($name: AtomicU64,)+
            /// Means something once a frame was opened.
            last_epoch: AtomicU64,
            key_suspect: AtomicBool,
        }

        impl Tally {
            pub(super) fn read(&self) -> Counters {
                Counters {
                    $($name: self.$name.load(Relaxed),)+
                    last_epoch: None,
                    key_suspect: self.key_suspect.load(Relaxed),
                }
            }
        }
    };
}

counters! {
    /// Frames sealed.
    sealed,
    /// Frames opened: authentic, and new.
    opened,
    /// Refused: no header of a room frame.
    not_sealed,
    /// Refused by [`Error::ClearFrame`]: clear frames that the application takes for now.
    clear_frames,
    /// Refused: our own frames, reflected.
    own_frame,
    /// Refused: no epoch installed for the KID.
    unknown_key,
    /// Refused: too many unknown KIDs at the moment.
    budget,
    /// Refused: not authentic. On a known stream the transport changed the
    /// frame, or someone forges; if nothing opens at all, keys or ids differ.
    not_authentic,
    /// Refused: opened before.
    replay,
    /// Refused: before the replay window or a tombstone.
    too_old,
    /// Refused: cut short, a header that no sender makes, or no text of a message.
    malformed,
    /// Refused: the stream belongs to another source.
    source_changed,
    /// Refused: longer than the limit, sealing included.
    too_large,
    /// Refused: new streams in an epoch that is closed to them by
    /// [`Error::FailureBudget`] or [`Error::MemoryLost`].
    new_stream_refused,
    /// Refused: suspect keys that the application asked to drop.
    suspect_refused,
    /// Streams that left because there were too many.
    streams_evicted,
    /// Tombstones dropped because there were too many: their streams could be replayed.
    memory_lost,
}

impl Tally {
    /// Adds what a sealer that goes has sealed.
    pub(super) fn count_sealed(&self, frames: u64) {
        self.sealed.fetch_add(frames, Relaxed);
    }

    /// A counter was taken, but no frame came of it. The sum with the counters
    /// taken is right, this part of it may be below zero.
    pub(super) fn count_unsealed(&self) {
        self.sealed.fetch_sub(1, Relaxed);
    }

    /// The part of the frames sealed that is counted here.
    pub(super) fn sealed(&self) -> u64 {
        self.sealed.load(Relaxed)
    }

    /// Adds what a stream that goes has opened in an epoch.
    pub(super) fn count_opened(&self, frames: u64, epoch: u64) {
        if frames > 0 {
            self.opened.fetch_add(frames, Relaxed);
            self.last_epoch.fetch_max(epoch, Relaxed);
        }
    }

    /// The part of the frames opened that is counted here, and their highest epoch.
    pub(super) fn opened(&self) -> (u64, Option<u64>) {
        let opened = self.opened.load(Relaxed);
        let epoch = (opened > 0).then(|| self.last_epoch.load(Relaxed));
        (opened, epoch)
    }

    pub(super) fn count_evicted(&self) {
        self.streams_evicted.fetch_add(1, Relaxed);
    }

    pub(super) fn count_memory_lost(&self) {
        self.memory_lost.fetch_add(1, Relaxed);
    }

    pub(super) fn mark_suspect(&self) {
        self.key_suspect.store(true, Relaxed);
    }

    /// Counts a refusal. Misuse and the state of the room have no counter.
    pub(super) fn count_refused(&self, error: Error) {
        let counter = match error {
            Error::NotSealed => &self.not_sealed,
            Error::ClearFrame => &self.clear_frames,
            Error::OwnFrame => &self.own_frame,
            Error::UnknownKey => &self.unknown_key,
            Error::Budget => &self.budget,
            Error::NotAuthentic => &self.not_authentic,
            Error::Replay => &self.replay,
            Error::TooOld => &self.too_old,
            Error::Malformed | Error::InvalidText => &self.malformed,
            Error::SourceChanged => &self.source_changed,
            Error::TooLarge => &self.too_large,
            Error::FailureBudget | Error::MemoryLost => &self.new_stream_refused,
            Error::KeySuspect => &self.suspect_refused,
            _ => return,
        };
        counter.fetch_add(1, Relaxed);
    }
}

/// One incoming stream, as [`Room::streams`](crate::Room::streams) reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamReport {
    /// The KID of the newest authentic epoch.
    pub kid: u64,
    /// The source that the stream is bound to, if a call named one.
    pub source: Option<Vec<u8>>,
    /// The highest epoch that an authentic frame was of.
    pub last_epoch: u64,
    /// Frames opened.
    pub opened: u64,
    /// Frames refused as not authentic.
    pub not_authentic: u64,
    /// Frames refused as replayed.
    pub replay: u64,
    /// Frames refused as too old.
    pub too_old: u64,
    /// Frames refused because the call named another source.
    pub source_changed: u64,
    /// Whether more forged frames came than the tag length allows.
    pub key_suspect: bool,
}
