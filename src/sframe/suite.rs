//! The cipher suites of RFC 9605 section 4.5 that use AES-128.

use crate::aead::Algorithm;
use crate::{Error, Result};

/// A cipher suite. It is agreed upon out of band and never on the wire; the
/// keys depend on it.
///
/// ```
/// use roomseal::sframe::CipherSuite;
/// let suite = CipherSuite::from_id(4)?;
/// assert_eq!(suite.name(), "AES_128_GCM_SHA256_128");
/// assert_eq!(suite.tag_len(), 16);
/// # Ok::<(), roomseal::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
#[non_exhaustive]
pub enum CipherSuite {
    /// Suite 1: AES-128-CTR, HMAC-SHA256 cut to 10 bytes.
    Aes128CtrHmacSha256_80 = 1,
    /// Suite 2: AES-128-CTR, HMAC-SHA256 cut to 8 bytes. The smallest tag to
    /// use without second thoughts: for audio on thin links.
    Aes128CtrHmacSha256_64 = 2,
    /// Suite 3: AES-128-CTR, HMAC-SHA256 cut to 4 bytes. A forger who may send
    /// 10,000 frames a second succeeds within days: rooms take it only by
    /// [`RoomConfig::allow_four_byte_tags`](crate::RoomConfig::allow_four_byte_tags).
    Aes128CtrHmacSha256_32 = 3,
    /// Suite 4: AES-128-GCM with its full tag of 16 bytes. The default.
    Aes128GcmSha256_128 = 4,
}

impl CipherSuite {
    /// Every suite, in the order of the identifiers.
    pub const ALL: [Self; 4] = [
        Self::Aes128CtrHmacSha256_80,
        Self::Aes128CtrHmacSha256_64,
        Self::Aes128CtrHmacSha256_32,
        Self::Aes128GcmSha256_128,
    ];

    /// The suite with this identifier of the IANA registry.
    ///
    /// # Errors
    /// [`Error::UnknownSuite`] for any other than 1 to 4.
    pub fn from_id(id: u16) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|s| s.id() == id)
            .ok_or(Error::UnknownSuite)
    }

    /// The identifier in the IANA registry.
    #[must_use]
    pub const fn id(self) -> u16 {
        match self {
            Self::Aes128CtrHmacSha256_80 => 1,
            Self::Aes128CtrHmacSha256_64 => 2,
            Self::Aes128CtrHmacSha256_32 => 3,
            Self::Aes128GcmSha256_128 => 4,
        }
    }

    /// The name in the IANA registry.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aes128CtrHmacSha256_80 => "AES_128_CTR_HMAC_SHA256_80",
            Self::Aes128CtrHmacSha256_64 => "AES_128_CTR_HMAC_SHA256_64",
            Self::Aes128CtrHmacSha256_32 => "AES_128_CTR_HMAC_SHA256_32",
            Self::Aes128GcmSha256_128 => "AES_128_GCM_SHA256_128",
        }
    }

    /// Bytes of the tag (Nt).
    #[must_use]
    pub const fn tag_len(self) -> usize {
        self.algorithm().tag_len()
    }

    /// Bytes of the key (Nk).
    pub(crate) const fn key_len(self) -> usize {
        self.algorithm().key_len()
    }

    pub(crate) const fn algorithm(self) -> Algorithm {
        match self {
            Self::Aes128CtrHmacSha256_80 => Algorithm::CtrHmac80,
            Self::Aes128CtrHmacSha256_64 => Algorithm::CtrHmac64,
            Self::Aes128CtrHmacSha256_32 => Algorithm::CtrHmac32,
            Self::Aes128GcmSha256_128 => Algorithm::Gcm,
        }
    }
}

impl core::fmt::Display for CipherSuite {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}
