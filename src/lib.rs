//! End-to-end sealing of media frames.
pub mod error;
pub use error::{Error, Result};
