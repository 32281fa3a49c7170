//! What a room is made with.

use super::ids::{AppId, CallId, RoomId};
use super::kind::{Form, Kind, PerKind};
use crate::limits::{
    DEFAULT_MAX_FRAME_LEN, DEFAULT_MEDIA_STREAMS, DEFAULT_MESSAGE_STREAMS, DEFAULT_REPLAY_WINDOW,
    MAX_FRAME_LEN, MAX_REPLAY_WINDOW, MAX_STREAMS, MIN_REPLAY_WINDOW,
};
use crate::sframe::CipherSuite;
use crate::{Error, Result};

/// The parameters of a [`Room`](crate::Room). All members must agree on the
/// ids and the suites; the rest is each member's own.
///
/// ```
/// use roomseal::{AppId, Kind, Room, RoomConfig, RoomId};
/// use roomseal::sframe::CipherSuite;
///
/// let config = RoomConfig::new(AppId::number(1_400_000_001), RoomId::text("weekly")?)
///     .suite(Kind::Audio, CipherSuite::Aes128CtrHmacSha256_64);
/// let room = Room::new(config)?;
/// # let _ = room;
/// # Ok::<(), roomseal::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a configuration does nothing until Room::new takes it"]
pub struct RoomConfig {
    pub(super) app_id: AppId,
    pub(super) room_id: RoomId,
    pub(super) call_id: Option<CallId>,
    pub(super) suites: PerKind<CipherSuite>,
    pub(super) forms: PerKind<Form>,
    pub(super) four_byte_tags: bool,
    pub(super) open_only: bool,
    pub(super) replay_window: usize,
    pub(super) max_streams: PerKind<usize>,
    pub(super) max_frame_len: usize,
    pub(super) refuse_on_memory_loss: bool,
    pub(super) drop_suspect_keys: bool,
}

impl RoomConfig {
    /// The defaults: suite 4 and plain frames for every kind, a replay window of 1,024 frames,
    /// 1,024 streams of audio and of video and 4,096 of messages, frames up to
    /// 16 MiB.
    pub fn new(app_id: AppId, room_id: RoomId) -> Self {
        Self {
            app_id,
            room_id,
            call_id: None,
            suites: PerKind::new(|_| CipherSuite::Aes128GcmSha256_128),
            forms: PerKind::new(|_| Form::Plain),
            four_byte_tags: false,
            open_only: false,
            replay_window: DEFAULT_REPLAY_WINDOW,
            max_streams: PerKind::new(|kind| match kind {
                Kind::Message => DEFAULT_MESSAGE_STREAMS,
                _ => DEFAULT_MEDIA_STREAMS,
            }),
            max_frame_len: DEFAULT_MAX_FRAME_LEN,
            refuse_on_memory_loss: false,
            drop_suspect_keys: false,
        }
    }

    /// Names the call, so that frames of another call of this room under the
    /// same room key don't open. All members must name the same.
    pub fn call_id(mut self, call_id: CallId) -> Self {
        self.call_id = Some(call_id);
        self
    }

    /// Sets the cipher suite of a kind. Suite 2 saves 8 bytes a frame against
    /// the default, which matters for audio; all members must agree.
    pub fn suite(mut self, kind: Kind, suite: CipherSuite) -> Self {
        *self.suites.get_mut(kind) = suite;
        self
    }

    /// Sets the form of a kind's frames: plain by default, or frames that stay
    /// frames of their codec, for audio and video. All members must agree; the
    /// form is part of the key, so frames of the other one never open.
    pub fn form(mut self, kind: Kind, form: Form) -> Self {
        *self.forms.get_mut(kind) = form;
        self
    }

    /// Lets kinds use suite 3, whose 4-byte tags a forger meets by chance once
    /// in 2^32 tries. After 4,096 forged frames on unknown KIDs an epoch takes
    /// no new streams, which an attacker can bring about at will.
    pub fn allow_four_byte_tags(mut self) -> Self {
        self.four_byte_tags = true;
        self
    }

    /// Makes a room that only opens: for a recorder. It draws no KID and can't seal.
    pub fn open_only(mut self) -> Self {
        self.open_only = true;
        self
    }

    /// Sets the replay window in frames, 64 to 32,768, rounded up to a multiple of 64.
    pub fn replay_window(mut self, frames: usize) -> Self {
        self.replay_window = frames;
        self
    }

    /// Sets how many streams of a kind are remembered at once, 1 to 65,536. When
    /// one more comes, the least recently authentic one leaves.
    pub fn max_streams(mut self, kind: Kind, streams: usize) -> Self {
        *self.max_streams.get_mut(kind) = streams;
        self
    }

    /// Sets the longest payload to seal or open, 1 byte to 1 GiB.
    pub fn max_frame_len(mut self, bytes: usize) -> Self {
        self.max_frame_len = bytes;
        self
    }

    /// Refuses streams that are new to an epoch, with [`Error::MemoryLost`], once
    /// the last trace of one had to be dropped there: an evicted stream's past
    /// could otherwise be replayed as a new stream.
    pub fn refuse_new_streams_on_memory_loss(mut self) -> Self {
        self.refuse_on_memory_loss = true;
        self
    }

    /// Refuses streams, with [`Error::KeySuspect`], after more forged frames
    /// than their tag length allows. Off by default, since it hands an attacker
    /// on the wire a way to silence a stream with short tags.
    pub fn drop_suspect_keys(mut self) -> Self {
        self.drop_suspect_keys = true;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let ranges = (MIN_REPLAY_WINDOW..=MAX_REPLAY_WINDOW).contains(&self.replay_window)
            && (1..=MAX_FRAME_LEN).contains(&self.max_frame_len)
            && self
                .max_streams
                .iter()
                .all(|n| (1..=MAX_STREAMS).contains(n));
        if !ranges {
            return Err(Error::InvalidArgument);
        }
        if *self.forms.get(Kind::Message) != Form::Plain {
            return Err(Error::WrongForm);
        }
        let four = self
            .suites
            .iter()
            .any(|s| *s == CipherSuite::Aes128CtrHmacSha256_32);
        if four && !self.four_byte_tags {
            Err(Error::FourByteTags)
        } else {
            Ok(())
        }
    }
}
