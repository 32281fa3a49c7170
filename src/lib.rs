//! End-to-end sealing of encoded audio and video frames and messages with
//! per-room AES-128 keys: SFrame ([RFC 9605]) for the custom-encryption hooks of
//! real-time-communication SDKs.
//!
//! Most applications need four types: a [`Room`] holds the ids and keys, a
//! [`Sealer`] is one outgoing stream, an [`Opener`] takes everything that comes
//! in, and a [`RoomKey`] is what members share. Nonces, KIDs and counters are
//! the library's affair: each sealer draws a random KID, so a user may crash and
//! rejoin with the same ids and key. Plain SFrame with keys and KIDs of your own
//! is in [`sframe`].
//!
//! ```
//! use roomseal::{AppId, Kind, Room, RoomConfig, RoomId, RoomKey, RoomSalt};
//!
//! # fn main() -> Result<(), roomseal::Error> {
//! let room = Room::new(RoomConfig::new(AppId::number(1_400_000_001), RoomId::number(42)))?;
//! room.install(1, &RoomKey::random()?, &RoomSalt::none())?;
//! room.activate(1)?;
//!
//! let microphone = room.sealer(Kind::Audio)?;
//! let frame = [0x78; 80];
//! let mut sealed = vec![0; microphone.sealed_len(frame.len())];
//! microphone.seal(&frame, &[], &mut sealed)?;
//! # Ok(())
//! # }
//! ```
//!
//! Failures are closed ones: without a key nothing is sealed, a frame that is
//! not authentic leaves zeros, and whatever an attacker sends costs bounded work
//! and memory. Every limit stands in [`limits`] with its reason. The security
//! model with its honest limits is in the README and `docs/SECURITY.md`, the wire
//! format in `docs/WIRE.md`.
//!
//! # Threads
//!
//! [`Room`], [`Sealer`], [`Opener`], [`sframe::Sender`] and [`sframe::Receiver`] are
//! `Send + Sync` and work through `&self` from any thread, while keys come and
//! go. No call waits for I/O, and none allocates on the frame path once a
//! stream is known.
//!
//! # Features
//!
//! None is on by default. `cli` builds the command-line tool, `header`
//! regenerates the C header, and `hazmat` makes the AEAD layer public for benches
//! and fuzzing.
//!
//! [RFC 9605]: https://www.rfc-editor.org/rfc/rfc9605
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::todo,
        clippy::indexing_slicing,
        clippy::dbg_macro,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

#[cfg(feature = "hazmat")]
pub mod aead;
#[cfg(not(feature = "hazmat"))]
#[expect(unreachable_pub, reason = "public under the feature hazmat")]
mod aead;
mod codec;
mod error;
pub mod ffi;
pub mod limits;
mod os;
mod room;
pub mod sframe;
mod simd;

pub use codec::Codec;
pub use error::{Error, Result};
pub use room::{
    AppId, CallId, Counters, Form, HEADER_LEN, Kind, MAX_OVERHEAD, MAX_TRAILER_LEN, Opener, Peek,
    ROOM_KEY_LEN, Room, RoomConfig, RoomId, RoomKey, RoomSalt, Sealer, StreamReport,
    max_message_len, max_text_message_len, peek, peek_codec, text_decoded_len, text_len,
};

/// The README's Rust examples, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
