//! Who meets where, and what the call is to be like.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use roomseal::sframe::CipherSuite;
use roomseal::{AppId, CallId, Form, Kind, RoomConfig, RoomId, RoomKey};

use super::frames::Seat;
use super::network::Rates;
use crate::clips::{Clip, Micros};

/// The members, by seat.
pub(super) const NAMES: [&str; 3] = ["alice", "bob", "carol"];
/// Who crashes.
pub(super) const CRASHES: Seat = 2;
/// The application, the room and the call.
pub(super) const APP: u64 = 1_400_000_001;
pub(super) const ROOM: u64 = 4242;
pub(super) const CALL: &str = "today";
/// The epochs before and after the rotation.
pub(super) const EPOCHS: [u64; 2] = [1, 2];
/// TRTC's limit for a custom message, in bytes or characters.
pub(super) const MESSAGE_LIMIT: usize = 1000;
/// Members do the same thing this much after one another.
pub(super) const MEMBER_LAG: Micros = 40_000;

/// Room keys by epoch.
pub(super) type Keys = BTreeMap<u64, RoomKey>;

/// The cipher suite of each kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suites {
    pub(crate) audio: CipherSuite,
    pub(crate) video: CipherSuite,
    pub(crate) message: CipherSuite,
    /// The form of audio and video; messages are plain.
    pub(crate) form: Form,
}

impl Suites {
    pub(crate) const fn of(&self, kind: Kind) -> CipherSuite {
        match kind {
            Kind::Audio => self.audio,
            Kind::Video => self.video,
            Kind::Message => self.message,
        }
    }

    /// The members' room, in the call of this name.
    pub(super) fn room(&self, call: &str) -> Result<RoomConfig> {
        let config = RoomConfig::new(AppId::number(APP), RoomId::number(ROOM));
        Ok(self.apply(config.call_id(CallId::text(call)?)))
    }

    pub(super) fn apply(&self, config: RoomConfig) -> RoomConfig {
        // Naming suite 3 on the command line is the opt-in that it needs.
        let short = Kind::ALL
            .iter()
            .any(|&k| self.of(k) == CipherSuite::Aes128CtrHmacSha256_32);
        let config = if short {
            config.allow_four_byte_tags()
        } else {
            config
        };
        Kind::ALL
            .into_iter()
            .fold(config, |config, kind| config.suite(kind, self.of(kind)))
            .form(Kind::Audio, self.form)
            .form(Kind::Video, self.form)
    }
}

/// What the call is to be like.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) clips: Vec<Clip>,
    pub(crate) duration: Micros,
    pub(crate) seed: u64,
    pub(crate) rates: Rates,
    /// The share of frames that each misdeed of the server befalls.
    pub(crate) hostile: f64,
    /// The replay window, in frames.
    pub(crate) window: usize,
    pub(crate) suites: Suites,
    /// Where to write the sealed frames as the server gets them.
    pub(crate) record: Option<PathBuf>,
}

/// When things happen, in a call of some length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeline {
    pub(super) crash: Micros,
    pub(super) rejoin: Micros,
    pub(super) install: Micros,
    pub(super) activate: Micros,
    pub(super) retire: Micros,
}

impl Timeline {
    pub(super) const fn new(duration: Micros) -> Self {
        let percent = duration / 100;
        Self {
            crash: percent * 30,
            rejoin: percent * 40,
            install: percent * 55,
            activate: percent * 62,
            retire: percent * 75,
        }
    }
}
