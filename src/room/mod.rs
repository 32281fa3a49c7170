//! Rooms: keys by epoch, sealers that need no signalling, openers that need no
//! sender id.

mod bytes;
mod config;
mod core;
mod counters;
mod environment;
mod epoch;
mod ids;
mod key;
mod kid;
mod kind;
mod message;
mod opener;
mod sealer;
mod streams;
mod text;
mod tokens;
mod tombstones;
mod wire;

#[cfg(test)]
mod tests;

pub use self::config::RoomConfig;
pub use self::counters::{Counters, StreamReport};
pub use self::ids::{AppId, CallId, RoomId};
pub use self::key::{ROOM_KEY_LEN, RoomKey, RoomSalt};
pub use self::kid::{Peek, peek, peek_codec};
pub use self::kind::{Form, Kind};
pub use self::message::{max_message_len, max_text_message_len, text_decoded_len, text_len};
pub use self::opener::Opener;
pub use self::sealer::Sealer;

use self::core::Core;
use crate::{Error, Result};
use ::core::time::Duration;
use std::sync::Arc;

/// Bytes of the header of every frame that a room seals: config byte, 8 bytes of
/// KID, 3 bytes of CTR.
pub const HEADER_LEN: usize = 12;
/// The most bytes that sealing adds to a room's frame: [`HEADER_LEN`] and the
/// tag of AES-GCM.
pub const MAX_OVERHEAD: usize = HEADER_LEN + crate::sframe::MAX_TAG_LEN;

/// The most bytes of the trailer of a frame in the codec form: the tag of AES-GCM,
/// the header and two bytes more.
pub const MAX_TRAILER_LEN: usize = crate::codec::MAX_TRAILER_LEN;

/// A room from first join to last leave: its ids, its keys by epoch, and the
/// memory of what was opened.
///
/// ```
/// use roomseal::{AppId, Kind, Room, RoomConfig, RoomId, RoomKey, RoomSalt};
///
/// # fn main() -> Result<(), roomseal::Error> {
/// let key = RoomKey::random()?; // reaches the other members by your own way
/// let join = || -> Result<Room, roomseal::Error> {
///     let room = Room::new(RoomConfig::new(AppId::number(1_400_000_001), RoomId::number(42)))?;
///     room.install(1, &key, &RoomSalt::none())?;
///     room.activate(1)?;
///     Ok(room)
/// };
/// let (alice, bob) = (join()?, join()?);
///
/// let camera = alice.sealer(Kind::Video)?;
/// let mut sealed = vec![0; camera.sealed_len(5)];
/// let n = camera.seal(b"frame", &[], &mut sealed)?;
///
/// let mut frame = vec![0; n];
/// let n = bob.opener().open(Kind::Video, &sealed, &[], Some(b"alice"), &mut frame)?;
/// assert_eq!(&frame[..n], b"frame");
/// # Ok(())
/// # }
/// ```
///
/// All methods take `&self` and may be called from any thread at any time.
/// Dropping the room closes it.
#[derive(Debug)]
pub struct Room {
    core: Arc<Core>,
}

impl Room {
    /// Makes a room without keys.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the configuration is out of its ranges,
    /// [`Error::FourByteTags`] for suite 3 without its opt-in,
    /// [`Error::WrongForm`] for messages of another form than the plain one,
    /// [`Error::NoRandom`] if the system's generator fails.
    pub fn new(config: RoomConfig) -> Result<Self> {
        Self::with_environment(config, environment::Environment::default())
    }

    fn with_environment(config: RoomConfig, environment: environment::Environment) -> Result<Self> {
        Ok(Self {
            core: Arc::new(Core::new(config, environment)?),
        })
    }

    /// Installs the key of an epoch: its frames open from now on, and it may be
    /// activated. Install early, activate later, retire when done.
    ///
    /// Up to 16 epochs stand side by side, with distinct low 4 bits: installing
    /// one removes an inactive lower one with the same bits. The same epoch with
    /// the same key and salt again changes nothing.
    ///
    /// # Errors
    /// [`Error::EpochConflict`] if the epoch has another key or salt, or its
    /// place is taken by the active epoch or a higher one;
    /// [`Error::EpochRetired`] if it, or a higher one, was retired or displaced;
    /// [`Error::Closed`]. Nothing changes.
    pub fn install(&self, epoch: u64, key: &RoomKey, salt: &RoomSalt) -> Result<()> {
        self.core.install(epoch, key, salt.copy())
    }

    /// Makes an installed epoch the one that sealers use, at their next frame.
    ///
    /// # Errors
    /// [`Error::UnknownEpoch`], [`Error::Closed`].
    pub fn activate(&self, epoch: u64) -> Result<()> {
        self.core.activate(epoch)
    }

    /// Removes an epoch and wipes its keys, as soon as calls under way leave.
    /// Its number and all below it are never installed again. Without an active
    /// epoch nothing is sealed.
    ///
    /// # Errors
    /// [`Error::UnknownEpoch`], [`Error::Closed`].
    pub fn retire(&self, epoch: u64) -> Result<()> {
        self.core.retire(epoch)
    }

    /// Derives the key of the epoch after `epoch`, installs it with the same
    /// salt, and returns its number. Members who ratchet alike need no message;
    /// a late joiner who is given only the new key ([`RoomKey::ratchet`]) can't
    /// read the past, nor can the past be replayed to it.
    ///
    /// # Errors
    /// [`Error::UnknownEpoch`], [`Error::LastEpoch`], and those of [`Room::install`].
    pub fn ratchet(&self, epoch: u64) -> Result<u64> {
        self.core.ratchet(epoch)
    }

    /// The installed epochs, the active one among them, in ascending order.
    #[must_use]
    pub fn epochs(&self) -> Vec<u64> {
        self.core.epochs()
    }

    /// The epoch that sealers use.
    #[must_use]
    pub fn active_epoch(&self) -> Option<u64> {
        self.core.active_epoch()
    }

    /// A new outgoing stream of a kind: one for the microphone, one for each
    /// camera or layer, one for messages. It may be made before a key is installed.
    ///
    /// # Errors
    /// [`Error::NoRandom`]: no generator, no sealer. [`Error::OpenOnly`],
    /// [`Error::Closed`].
    pub fn sealer(&self, kind: Kind) -> Result<Sealer> {
        Sealer::new(&self.core, kind)
    }

    /// What opens all incoming streams of the room. Openers of one room share
    /// all memory: a frame opens in one of them, once.
    #[must_use]
    pub fn opener(&self) -> Opener {
        Opener::new(&self.core)
    }

    /// **Gives up the protection of a kind for a while**, for the roll-out of
    /// encryption to members who send in clear.
    ///
    /// Opening a frame that is not sealed then says [`Error::ClearFrame`]
    /// instead of [`Error::NotSealed`] or [`Error::Malformed`], and the
    /// application may use its input as it is. Servers can inject such frames.
    /// As long as it lasts, sealed frames are told by the 12-byte header that
    /// rooms write. Nothing is ever *sent* in clear. A duration of zero ends it.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] above 24 hours, [`Error::Closed`].
    pub fn accept_clear_frames_dangerously(&self, kind: Kind, duration: Duration) -> Result<()> {
        self.core.accept_clear_frames(kind, duration)
    }

    /// The counters of a kind.
    #[must_use]
    pub fn counters(&self, kind: Kind) -> Counters {
        self.core.counters(kind)
    }

    /// The incoming streams of a kind that something authentic came of, in no order.
    #[must_use]
    pub fn streams(&self, kind: Kind) -> Vec<StreamReport> {
        self.core.stream_reports(kind)
    }

    /// The incoming stream that a KID belongs to, whichever epoch the KID is of.
    /// `None` if nothing authentic came of it.
    ///
    /// ```
    /// # use roomseal::*;
    /// # fn main() -> Result<()> {
    /// # let key = RoomKey::random()?;
    /// # let join = || -> Result<Room> {
    /// #     let room = Room::new(RoomConfig::new(AppId::number(1), RoomId::number(2)))?;
    /// #     room.install(1, &key, &RoomSalt::none())?;
    /// #     room.activate(1)?;
    /// #     Ok(room)
    /// # };
    /// # let (alice, bob) = (join()?, join()?);
    /// # let microphone = alice.sealer(Kind::Audio)?;
    /// # let mut sealed = vec![0; microphone.sealed_len(5)];
    /// # microphone.seal(b"frame", &[], &mut sealed)?;
    /// let kid = peek(&sealed)?.kid;
    /// assert_eq!(bob.stream(Kind::Audio, kid), None);
    /// bob.opener().open(Kind::Audio, &sealed, &[], Some(b"alice"), &mut [0; 5])?;
    /// let stream = bob.stream(Kind::Audio, kid).expect("its first frame was opened");
    /// assert_eq!((stream.kid, stream.opened), (kid, 1));
    /// assert_eq!(stream.source.as_deref(), Some(&b"alice"[..]));
    /// assert_eq!(bob.stream(Kind::Video, kid), None);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn stream(&self, kind: Kind, kid: u64) -> Option<StreamReport> {
        self.core.stream_report(kind, kid)
    }

    /// The longest message that fits `limit` bytes when sealed.
    /// `None` if not even an empty one does.
    #[must_use]
    pub fn max_message_len(&self, limit: usize) -> Option<usize> {
        max_message_len(self.core.suite(Kind::Message), limit)
    }

    /// The longest message that fits `limit` characters in sealed text form.
    /// `None` if not even an empty one does.
    #[must_use]
    pub fn max_text_message_len(&self, limit: usize) -> Option<usize> {
        max_text_message_len(self.core.suite(Kind::Message), limit)
    }

    /// Wipes all keys, as soon as calls under way leave. Everything that is
    /// called later, here or on sealers and openers, says [`Error::Closed`].
    /// Closing again does nothing.
    pub fn close(&self) {
        self.core.close();
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.close();
    }
}

// Host callbacks come from any thread.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<Room>();
    shared::<Sealer>();
    shared::<Opener>();
    shared::<Error>();
};
