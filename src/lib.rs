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
mod aead;
pub mod error;
pub mod limits;
pub mod sframe;
pub use error::{Error, Result};
