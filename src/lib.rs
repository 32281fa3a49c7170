//! End-to-end sealing of media frames.
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
mod error;
pub mod limits;
mod os;
mod room;
pub mod sframe;

pub use error::{Error, Result};
pub use room::{
    AppId, CallId, Counters, Form, HEADER_LEN, Kind, MAX_OVERHEAD, Opener, Peek, ROOM_KEY_LEN,
    Room, RoomConfig, RoomId, RoomKey, RoomSalt, Sealer, StreamReport, max_message_len,
    max_text_message_len, peek, text_len,
};
