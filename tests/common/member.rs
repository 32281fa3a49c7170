//! Members of one room.

use roomseal::sframe::CipherSuite;
use roomseal::{AppId, Kind, Room, RoomConfig, RoomId, RoomKey, RoomSalt};

/// The room key of an epoch. No digit of its hexadecimal form is decimal.
pub(crate) fn key(epoch: u64) -> RoomKey {
    let mut bytes = [0xAB; 16];
    bytes[0] = 0xC0 | epoch.to_le_bytes()[0];
    RoomKey::from_bytes(&bytes).expect("16 bytes")
}

/// A room with a suite of its own for each kind, and short tags allowed.
pub(crate) fn config(suites: [CipherSuite; 3]) -> RoomConfig {
    let ids = RoomConfig::new(
        AppId::number(1_400_000_001),
        RoomId::text("weekly").expect("a short id"),
    );
    let [audio, video, message] = suites;
    ids.suite(Kind::Audio, audio)
        .suite(Kind::Video, video)
        .suite(Kind::Message, message)
        .allow_four_byte_tags()
}

/// Joins with the epochs given; the first one is active.
pub(crate) fn join(config: RoomConfig, epochs: &[u64]) -> Room {
    let room = Room::new(config).expect("a valid configuration");
    for epoch in epochs {
        room.install(*epoch, &key(*epoch), &RoomSalt::none())
            .expect("a new epoch");
    }
    if let Some(first) = epochs.first() {
        room.activate(*first).expect("an installed epoch");
    }
    room
}
