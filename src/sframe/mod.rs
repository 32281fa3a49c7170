//! SFrame, RFC 9605, for the AES-128 cipher suites 1 to 4.
//!
//! `header ‖ ciphertext ‖ tag`, authenticated together with the application's
//! metadata. A [`Sender`] seals under one key and KID; a [`Receiver`] opens
//! under any number of them. Keys come from the application: directly, by the
//! ratchet of section 5.1 ([`Ratchet`]), from MLS by section 5.2 ([`MlsKid`]) or
//! one for each RTP stream ([`BaseKey::for_ssrc`]).
//!
//! Most applications want a [`Room`](crate::Room) instead, which needs no
//! signalling of KIDs.
//!
//! ```
//! use roomseal::sframe::{BaseKey, CipherSuite, Receiver, Sender};
//!
//! # fn main() -> Result<(), roomseal::Error> {
//! let suite = CipherSuite::Aes128GcmSha256_128;
//! let base_key = BaseKey::new(b"from the key exchange")?;
//!
//! let sender = Sender::new(suite, 7, &base_key)?;
//! let mut sealed = vec![0; sender.sealed_len(5)?];
//! let n = sender.seal(b"frame", b"metadata", &mut sealed)?;
//!
//! let receiver = Receiver::new(suite);
//! receiver.add(7, &base_key)?;
//! let mut frame = vec![0; n];
//! let n = receiver.open(&sealed, b"metadata", &mut frame)?;
//! assert_eq!(&frame[..n], b"frame");
//! # Ok(())
//! # }
//! ```

mod base_key;
pub(crate) mod counter;
mod header;
pub(crate) mod key;
pub(crate) mod kid_map;
mod mls;
pub(crate) mod receiver;
pub(crate) mod replay;
mod sender;
mod suite;
#[cfg(test)]
mod tests;

pub use base_key::{BaseKey, Ratchet, RatchetKid};
pub use header::{Header, MAX_HEADER_LEN, peek};
pub use mls::MlsKid;
pub use receiver::Receiver;
pub use sender::Sender;
pub use suite::CipherSuite;

/// Bytes of the longest tag, that of AES-GCM.
pub const MAX_TAG_LEN: usize = crate::aead::MAX_TAG_LEN;
/// The most bytes that sealing adds to a frame: [`MAX_HEADER_LEN`] + [`MAX_TAG_LEN`].
pub const MAX_OVERHEAD: usize = MAX_HEADER_LEN + MAX_TAG_LEN;
