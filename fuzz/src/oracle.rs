//! The second implementation, for the room that every target joins.

use crate::second_implementation as second;
use roomseal::Kind;
use roomseal::sframe::CipherSuite;

/// The header of a KID and a CTR.
pub fn header(kid: u64, ctr: u64) -> Vec<u8> {
    second::header(kid, ctr)
}

/// KID, CTR and length of a header, if it is one.
pub fn parse_header(frame: &[u8]) -> Option<(u64, u64, usize)> {
    second::parse_header(frame).ok()
}

/// A plain SFrame frame.
pub fn seal_plain(
    base_key: &[u8],
    suite: CipherSuite,
    kid: u64,
    ctr: u64,
    metadata: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    second::sframe_seal(base_key, suite.id(), kid, ctr, metadata, plaintext)
}

/// The length of a room's frame.
pub fn sealed_len(plaintext: usize, suite: CipherSuite) -> usize {
    second::sealed_length(plaintext, suite.id())
}

/// The text form of a frame.
pub fn to_text(frame: &[u8]) -> String {
    second::to_text(frame)
}

/// The KID of a stream of a room in an epoch.
pub fn room_kid(stream: u64, epoch: u64) -> u64 {
    second::room_kid(stream, epoch)
}

/// One kind of the room in one epoch.
#[derive(Debug)]
pub struct Room(second::Channel);

impl Room {
    /// The channel that [`crate::config`] and [`crate::room_key`] give.
    pub fn new(suite: CipherSuite, kind: Kind, epoch: u64) -> Self {
        Self(second::Channel {
            app_id: second::number_id(7),
            room_id: second::text_id("fuzz"),
            call_id: second::number_id(1),
            room_key: crate::room_key(epoch),
            room_salt: Vec::new(),
            epoch,
            kind: kind.number(),
            form: 0,
            suite: suite.id(),
        })
    }

    /// The base key of a KID.
    pub fn base_key(&self, kid: u64) -> Vec<u8> {
        self.0.base_key(kid)
    }

    /// A frame of the room.
    pub fn seal(&self, kid: u64, ctr: u64, metadata: &[u8], plaintext: &[u8]) -> Vec<u8> {
        self.0.seal(kid, ctr, metadata, plaintext)
    }

    /// What the frame holds, if it is authentic.
    pub fn open(&self, metadata: &[u8], frame: &[u8]) -> Option<Vec<u8>> {
        self.0.open(metadata, frame).ok()
    }
}
