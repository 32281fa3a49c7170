//! Base keys, and what the application derives from them: the ratchet of
//! RFC 9605 section 5.1 and the per-SSRC keys of draft-ietf-avtcore-rtp-sframe.

use crate::os::SETUP_STACK;
use crate::{Error, Result};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroizing, zeroize_stack};

/// Bytes of the output of the suites' hash (Nh).
const HASH_LEN: usize = 32;
/// RFC 9605 sets no limit; this is what a caller could ever mean.
const MAX_BASE_KEY_LEN: usize = 1024;

/// Key material behind one KID or one sender. Wiped when dropped, not `Clone`,
/// never printed.
pub struct BaseKey(Zeroizing<Box<[u8]>>);

impl core::fmt::Debug for BaseKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("BaseKey").finish_non_exhaustive()
    }
}

impl BaseKey {
    /// Copies key material of 1 to 1,024 bytes; 16 or more if it is to be worth
    /// anything. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for other lengths.
    pub fn new(bytes: &[u8]) -> Result<Self> {
        if bytes.is_empty() || bytes.len() > MAX_BASE_KEY_LEN {
            return Err(Error::InvalidArgument);
        }
        Ok(Self(Zeroizing::new(bytes.into())))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The next key of the ratchet, RFC 9605 section 5.1:
    /// `Expand(Extract("", base key), "SFrame 1.0 Ratchet", 32)`.
    ///
    /// ```
    /// use roomseal::sframe::BaseKey;
    /// let first = BaseKey::new(&[7; 16])?;
    /// let second = first.ratchet();
    /// drop(first); // the past is safe once the old key is gone
    /// # let _ = second;
    /// # Ok::<(), roomseal::Error>(())
    /// ```
    #[must_use]
    pub fn ratchet(&self) -> Self {
        self.derive(&[], b"SFrame 1.0 Ratchet")
    }

    /// The base key of one RTP stream, draft-ietf-avtcore-rtp-sframe:
    /// `Expand(Extract(SSRC as 4 bytes, base key), "SFrame 1.0 RTP Stream", 32)`.
    /// All streams of a sender then share a KID and have keys and counters of their own.
    #[must_use]
    pub fn for_ssrc(&self, ssrc: u32) -> Self {
        self.derive(&ssrc.to_be_bytes(), b"SFrame 1.0 RTP Stream")
    }

    fn derive(&self, salt: &[u8], label: &[u8]) -> Self {
        let key = self.derive_inner(salt, label);
        zeroize_stack::<SETUP_STACK>();
        key
    }

    #[inline(never)]
    fn derive_inner(&self, salt: &[u8], label: &[u8]) -> Self {
        let mut out = Zeroizing::new(vec![0; HASH_LEN].into_boxed_slice());
        // Fails only above 255 hash lengths.
        if Hkdf::<Sha256>::new(Some(salt), &self.0)
            .expand(label, &mut out)
            .is_err()
        {
            out.fill(0);
        }
        Self(out)
    }
}

/// KIDs of the ratchet, RFC 9605 section 5.1:
/// `KID = (generation << R) + (step mod 2^R)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RatchetKid {
    step_bits: u32,
}

impl RatchetKid {
    /// R, the bits of a KID that count ratchet steps: 1 to 32, chosen by the
    /// application and known to receivers. At most 2^R steps can be told apart.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for other values.
    pub fn new(step_bits: u32) -> Result<Self> {
        if (1..=32).contains(&step_bits) {
            Ok(Self { step_bits })
        } else {
            Err(Error::InvalidArgument)
        }
    }

    /// The KID of a step of a key generation.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the generation doesn't fit into 64 − R bits.
    pub fn kid(self, generation: u64, step: u64) -> Result<u64> {
        if generation >> (64 - self.step_bits) != 0 {
            return Err(Error::InvalidArgument);
        }
        Ok(generation << self.step_bits | step & self.mask())
    }

    /// Key generation and step modulo 2^R of a KID.
    #[must_use]
    pub const fn split(self, kid: u64) -> (u64, u64) {
        (kid >> self.step_bits, kid & self.mask())
    }

    const fn mask(self) -> u64 {
        (1 << self.step_bits) - 1
    }
}

/// A base key that moves forward, with its KID: RFC 9605 section 5.1.
///
/// ```
/// use roomseal::sframe::{BaseKey, CipherSuite, Ratchet, RatchetKid, Sender};
/// let kids = RatchetKid::new(8)?;
/// let mut ratchet = Ratchet::new(kids, 1, BaseKey::new(&[7; 16])?)?;
/// assert_eq!(ratchet.kid(), 0x100);
/// ratchet.advance()?; // a member joined
/// assert_eq!(ratchet.kid(), 0x101);
/// let sender = Sender::new(CipherSuite::Aes128GcmSha256_128, ratchet.kid(), ratchet.base_key())?;
/// # let _ = sender;
/// # Ok::<(), roomseal::Error>(())
/// ```
#[derive(Debug)]
pub struct Ratchet {
    kids: RatchetKid,
    generation: u64,
    step: u64,
    key: BaseKey,
}

impl Ratchet {
    /// Step 0 of a key generation.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the generation doesn't fit.
    pub fn new(kids: RatchetKid, generation: u64, key: BaseKey) -> Result<Self> {
        kids.kid(generation, 0)?;
        Ok(Self {
            kids,
            generation,
            step: 0,
            key,
        })
    }

    /// Goes one step forward and wipes the key it leaves. There is no way back.
    ///
    /// # Errors
    /// [`Error::KeyExhausted`] after 2^R − 1 steps: the next one would repeat a
    /// KID with another key, so a new key generation is due. Nothing changes.
    pub fn advance(&mut self) -> Result<()> {
        let next = self.step.saturating_add(1);
        if next > self.kids.mask() {
            return Err(Error::KeyExhausted);
        }
        self.key = self.key.ratchet();
        self.step = next;
        Ok(())
    }

    /// The KID of the current step.
    #[must_use]
    pub const fn kid(&self) -> u64 {
        self.generation << self.kids.step_bits | self.step
    }

    /// The base key of the current step.
    #[must_use]
    pub const fn base_key(&self) -> &BaseKey {
        &self.key
    }
}
