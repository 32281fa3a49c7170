//! Room keys and salts.

use super::text::{Alphabet, base64_decode, base64_encode, hex_decode};
use crate::limits::MAX_SALT_LEN;
use crate::{Error, Result};
use ctutils::CtEq;
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of a room key.
pub const ROOM_KEY_LEN: usize = 16;
/// Characters of a room key in base64: 22 digits and `==`.
const KEY_BASE64_LEN: usize = 24;

/// The 16-byte key of one epoch of a room.
///
/// All members have it, and whoever has it can read and write: it must be
/// random, and reach members by a way that servers can't read. It stands in one
/// heap place, is never `Clone`, wiped when dropped and never printed.
pub struct RoomKey(Box<Zeroizing<[u8; ROOM_KEY_LEN]>>);

impl core::fmt::Debug for RoomKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("RoomKey")
            .field(&format_args!("{}", self.fingerprint()))
            .finish()
    }
}

impl RoomKey {
    /// Copies a key. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] unless there are exactly 16 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::fill(|key| {
            if bytes.len() != key.len() {
                return Err(Error::InvalidArgument);
            }
            key.copy_from_slice(bytes);
            Ok(())
        })
    }

    /// Reads exactly 32 hexadecimal digits, as `openssl rand -hex 16` prints them.
    ///
    /// # Errors
    /// [`Error::InvalidText`] for anything else, white space included.
    pub fn from_hex(text: &str) -> Result<Self> {
        Self::fill(|key| hex_decode(text.as_bytes(), key))
    }

    /// Reads exactly 24 characters of base64 with its padding, as
    /// `openssl rand -base64 16` prints them.
    ///
    /// # Errors
    /// [`Error::InvalidText`] for anything else: base64url, missing padding,
    /// spare bits, white space.
    pub fn from_base64(text: &str) -> Result<Self> {
        let digits = text.strip_suffix("==").ok_or(Error::InvalidText)?;
        if text.len() != KEY_BASE64_LEN {
            return Err(Error::InvalidText);
        }
        Self::fill(|key| base64_decode(digits.as_bytes(), Alphabet::Standard, key))
    }

    /// A fresh key from the operating system's generator.
    ///
    /// # Errors
    /// [`Error::NoRandom`] if it fails.
    pub fn random() -> Result<Self> {
        Self::fill(super::environment::os_entropy)
    }

    /// The key of the next epoch: `Expand(epoch secret, "roomseal 1 next room
    /// key" ‖ epoch + 1, 16)`. Whoever has only the new key can't go back.
    ///
    /// # Errors
    /// [`Error::LastEpoch`] for epoch 2^64 − 1.
    pub fn ratchet(&self, epoch: u64) -> Result<Self> {
        let secret = super::epoch::EpochSecret::extract(self);
        secret.next_room_key(epoch)
    }

    /// The key's bytes, to hand them to a new member. The copy is the caller's
    /// to wipe.
    #[must_use]
    pub fn expose(&self) -> &[u8; ROOM_KEY_LEN] {
        &self.0
    }

    /// The key as 32 hexadecimal digits. Wiped when dropped.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(2 * ROOM_KEY_LEN));
        for half in self.0.iter().flat_map(|b| [b >> 4, b & 0xF]) {
            // Arithmetic instead of a table: no address depends on the key.
            let letter = u8::from(half > 9).wrapping_neg() & (b'a' - b'0' - 10);
            text.push(char::from(half.wrapping_add(b'0').wrapping_add(letter)));
        }
        text
    }

    /// The key as 24 characters of base64. Wiped when dropped.
    #[must_use]
    pub fn to_base64(&self) -> Zeroizing<String> {
        let mut digits = Zeroizing::new([b'='; KEY_BASE64_LEN]);
        let (front, _padding) = digits.split_at_mut(KEY_BASE64_LEN - 2);
        base64_encode(self.0.iter().copied(), Alphabet::Standard, front);
        Zeroizing::new(digits.iter().copied().map(char::from).collect())
    }

    /// Eight hexadecimal digits that tell keys apart in logs and on screens and
    /// tell nothing about them: a hash under a label of its own.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::new()
            .chain_update(b"roomseal 1 fingerprint")
            .chain_update(self.0.as_slice())
            .finalize();
        digest.iter().take(4).map(|b| format!("{b:02x}")).collect()
    }

    /// Makes a key in the heap place where it stays.
    fn fill(fill: impl FnOnce(&mut [u8]) -> Result<()>) -> Result<Self> {
        let mut key = Self(Box::new(Zeroizing::new([0; ROOM_KEY_LEN])));
        fill(key.0.as_mut_slice())?;
        Ok(key)
    }

    pub(super) fn expand_from(secret: &Hkdf<Sha256>, info: &[&[u8]]) -> Result<Self> {
        Self::fill(|key| {
            secret
                .expand_multi_info(info, key)
                .map_err(|_| Error::Internal)
        })
    }
}

/// The optional salt of a room, 0 to 64 bytes, the same for all members.
///
/// It need not be secret, and adds nothing to a random key. It carries over
/// when the room key is ratcheted.
#[derive(Default)]
pub struct RoomSalt(Zeroizing<Vec<u8>>);

impl RoomSalt {
    /// No salt.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Copies a salt.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] above 64 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_SALT_LEN {
            return Err(Error::InvalidArgument);
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn equals(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }

    pub(super) fn copy(&self) -> Self {
        Self(Zeroizing::new(self.0.to_vec()))
    }
}

impl core::fmt::Debug for RoomSalt {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RoomSalt")
            .field("len", &self.0.len())
            .finish_non_exhaustive()
    }
}
