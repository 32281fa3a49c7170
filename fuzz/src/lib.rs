//! Shared by the fuzz targets: channels whose keys both implementations know,
//! and buffers that show what a call did to them.

extern crate alloc;

use arbitrary::Arbitrary;
use roomseal::sframe::CipherSuite;
use roomseal::{AppId, CallId, Error, Kind, Room, RoomConfig, RoomId, RoomKey, RoomSalt};

/// Written from docs/WIRE.md, without a line of the crate.
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../../tests/second/mod.rs"]
mod second_implementation;

pub mod oracle;

/// What buffers hold before a call.
pub const FILL: u8 = 0xA5;

/// A suite whose tags no fuzzer meets by chance.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Suite {
    CtrHmac80,
    CtrHmac64,
    Gcm,
}

impl From<Suite> for CipherSuite {
    fn from(suite: Suite) -> Self {
        match suite {
            Suite::CtrHmac80 => Self::Aes128CtrHmacSha256_80,
            Suite::CtrHmac64 => Self::Aes128CtrHmacSha256_64,
            Suite::Gcm => Self::Aes128GcmSha256_128,
        }
    }
}

/// A kind to draw.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnyKind {
    Audio,
    Video,
    Message,
}

impl From<AnyKind> for Kind {
    fn from(kind: AnyKind) -> Self {
        match kind {
            AnyKind::Audio => Self::Audio,
            AnyKind::Video => Self::Video,
            AnyKind::Message => Self::Message,
        }
    }
}

/// The room that every target joins.
pub fn config(suite: CipherSuite) -> RoomConfig {
    let room_id = RoomId::text("fuzz").expect("a fine id");
    Kind::ALL.into_iter().fold(
        RoomConfig::new(AppId::number(7), room_id).call_id(CallId::number(1)),
        |config, kind| config.suite(kind, suite),
    )
}

/// The key of an epoch.
pub fn room_key(epoch: u64) -> [u8; 16] {
    u128::from(epoch).to_be_bytes()
}

/// Joins the room with some epochs installed.
pub fn join(config: RoomConfig, epochs: &[u64]) -> Room {
    let room = Room::new(config).expect("a fine configuration");
    for epoch in epochs {
        install(&room, *epoch);
    }
    room
}

/// Installs an epoch.
pub fn install(room: &Room, epoch: u64) {
    let key = RoomKey::from_bytes(&room_key(epoch)).expect("16 bytes");
    room.install(epoch, &key, &RoomSalt::none())
        .expect("a fine epoch");
}

/// A buffer of `len` bytes that nothing was written to yet.
pub fn fresh(len: usize) -> Vec<u8> {
    vec![FILL; len]
}

/// Asserts that a call wrote nothing.
pub fn assert_untouched(buf: &[u8]) {
    assert!(
        buf.iter().all(|b| *b == FILL),
        "a call wrote where it may not"
    );
}

/// Asserts what an open call may have done to its output: a failed AEAD leaves
/// zeros up to the plaintext's length, everything else nothing.
pub fn assert_output(result: Result<usize, Error>, out: &[u8], payload_len: Option<usize>) {
    let written = match (result, payload_len) {
        (Ok(len), payload_len) => {
            assert_eq!(Some(len), payload_len, "the wrong length");
            len
        }
        (Err(Error::NotAuthentic), Some(len)) => {
            assert!(out[..len].iter().all(|b| *b == 0), "bytes are left");
            len
        }
        (Err(Error::NotAuthentic), None) => panic!("not authentic, but not a frame either"),
        (Err(_), _) => 0,
    };
    assert_untouched(&out[written..]);
}
