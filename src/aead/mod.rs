//! AES-128-GCM and AES-128-CTR-HMAC-SHA256 with everything that depends on the
//! key prepared once.
//!
//! A frame is one AEAD call over any number of segments: start with a nonce
//! and the lengths to come, feed the associated data in any number of pieces,
//! then the payload in segments of any byte length, each from input to output
//! or in place, and finish with the tag. [`Key::seal`] and [`Key::open`] are the
//! thin single-buffer case.
//!
//! This layer trusts its caller with nonces. It is public only under the
//! feature `hazmat`, for benches and fuzzing.
//!
//! Sources: NIST SP 800-38D (GCM), RFC 9605 section 4.5.1 (CTR with HMAC).

mod ctr_hmac;
mod gcm;
mod hmac;
mod portable;
#[cfg(test)]
pub(crate) mod tests;

pub use ctr::cipher::inout::InOutBuf;
pub use gcm::Engine;

use crate::os::CALL_STACK;
use crate::simd::marks::declassified;
use crate::{Error, Result};
use core::hint::black_box;
use ctutils::CtEq;
use zeroize::zeroize_stack;

/// Bytes of a nonce.
pub const NONCE_LEN: usize = 12;
/// Bytes of the longest tag.
pub const MAX_TAG_LEN: usize = 16;
/// Bytes of a cipher block.
pub const BLOCK_LEN: usize = 16;
/// The longest payload of one call: SP 800-38D allows 2^39 − 256 bits. The
/// counter mode of RFC 9605 section 4.5.1 would allow a little more; one limit
/// serves both.
pub const MAX_PAYLOAD_LEN: u64 = (1 << 36) - 32;

/// An AEAD algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// AES-128-CTR with HMAC-SHA256 and a tag cut to 10 bytes. 48-byte key.
    CtrHmac80,
    /// AES-128-CTR with HMAC-SHA256 and a tag cut to 8 bytes. 48-byte key.
    CtrHmac64,
    /// AES-128-CTR with HMAC-SHA256 and a tag cut to 4 bytes. 48-byte key.
    CtrHmac32,
    /// AES-128-GCM with a 16-byte tag. 16-byte key.
    Gcm,
}

impl Algorithm {
    /// Bytes of the key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Gcm => 16,
            _ => 48,
        }
    }

    /// Bytes of the tag.
    #[must_use]
    pub const fn tag_len(self) -> usize {
        match self {
            Self::CtrHmac80 => 10,
            Self::CtrHmac64 => 8,
            Self::CtrHmac32 => 4,
            Self::Gcm => 16,
        }
    }
}

/// An authentication tag, of the algorithm's length.
#[derive(Clone, Copy)]
pub struct Tag {
    bytes: [u8; MAX_TAG_LEN],
    len: usize,
}

impl Tag {
    const fn new(bytes: [u8; MAX_TAG_LEN], len: usize) -> Self {
        Self { bytes, len }
    }

    /// Writes the tag to a place of its length.
    #[inline]
    pub(crate) fn write(&self, out: &mut [u8]) {
        if self.len == MAX_TAG_LEN
            && let Ok(out) = <&mut [u8; MAX_TAG_LEN]>::try_from(&mut *out)
        {
            *out = self.bytes;
        } else {
            for (to, from) in out.iter_mut().zip(self.as_bytes()) {
                *to = *from;
            }
        }
    }

    /// Compares all bytes before it decides.
    #[inline]
    fn check(&self, tag: &[u8]) -> Result<()> {
        let same = match <&[u8; MAX_TAG_LEN]>::try_from(tag) {
            Ok(tag) if self.len == MAX_TAG_LEN => {
                let difference = u128::from_ne_bytes(self.bytes) ^ u128::from_ne_bytes(*tag);
                // Hidden, so that the comparison can't be taken apart.
                black_box(difference) == 0
            }
            _ => self.as_bytes().ct_eq(tag).into(),
        };
        if declassified(same) {
            Ok(())
        } else {
            Err(Error::NotAuthentic)
        }
    }

    /// The tag's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl core::fmt::Debug for Tag {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Tag").field(&self.as_bytes()).finish()
    }
}

/// A key, ready for use: round keys, hash key, HMAC inner and outer states.
///
/// Not `Clone`; wiped when dropped. Sealing and opening work through `&self`
/// from any thread.
pub struct Key {
    algorithm: Algorithm,
    cipher: Cipher,
}

#[expect(
    clippy::large_enum_variant,
    reason = "a key stays in its owner's heap place"
)]
enum Cipher {
    Gcm(gcm::Key),
    CtrHmac(ctr_hmac::Key),
}

impl core::fmt::Debug for Key {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Key")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl Key {
    /// Prepares a key of [`Algorithm::key_len`] bytes.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for any other length.
    pub fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self> {
        Self::with_engine(Engine::best(), algorithm, key)
    }

    /// Prepares a key for an engine.
    ///
    /// # Errors
    /// As [`Key::new`].
    pub fn with_engine(engine: Engine, algorithm: Algorithm, key: &[u8]) -> Result<Self> {
        let cipher = match algorithm {
            Algorithm::Gcm => {
                let key = key.try_into().map_err(|_| Error::InvalidArgument)?;
                Cipher::Gcm(gcm::Key::new(engine, key))
            }
            _ => {
                let key = key.try_into().map_err(|_| Error::InvalidArgument)?;
                Cipher::CtrHmac(ctr_hmac::Key::new(engine, key))
            }
        };
        Ok(Self { algorithm, cipher })
    }

    /// Whether calls in segments leave traces of the key on the stack below them,
    /// to be wiped by who made them: the libraries' ciphers do, and HMAC, whose state
    /// is moved with the call.
    pub(crate) const fn leaves_traces(&self) -> bool {
        !matches!(self.cipher, Cipher::Gcm(gcm::Key::Simd(_)))
    }

    /// Starts sealing a payload of `payload_len` bytes with `aad_len` bytes of
    /// associated data. A nonce may serve one call for the life of the key.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above [`MAX_PAYLOAD_LEN`].
    pub fn sealing(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad_len: usize,
        payload_len: usize,
    ) -> Result<Sealing<'_>> {
        Ok(Sealing(self.start(nonce, aad_len, payload_len)?))
    }

    /// Starts opening a payload of `payload_len` bytes with `aad_len` bytes of
    /// associated data.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above [`MAX_PAYLOAD_LEN`].
    pub fn opening(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad_len: usize,
        payload_len: usize,
    ) -> Result<Opening<'_>> {
        Ok(Opening(self.start(nonce, aad_len, payload_len)?))
    }

    fn start(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad_len: usize,
        payload_len: usize,
    ) -> Result<Call<'_>> {
        check_len(payload_len)?;
        let run = match &self.cipher {
            Cipher::Gcm(key) => Run::Gcm(key.start(nonce)),
            Cipher::CtrHmac(key) => {
                Run::CtrHmac(key.start(nonce, aad_len, payload_len, self.algorithm.tag_len()))
            }
        };
        Ok(Call {
            run,
            tag_len: self.algorithm.tag_len(),
            aad_left: aad_len,
            payload_left: payload_len,
        })
    }

    /// Seals one buffer: plaintext in, ciphertext out, and the tag.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above [`MAX_PAYLOAD_LEN`]; nothing is written.
    pub fn seal(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[&[u8]],
        payload: InOutBuf<'_, '_, u8>,
    ) -> Result<Tag> {
        check_aad_len(aad)?;
        check_len(payload.len())?;
        let key = match &self.cipher {
            Cipher::Gcm(gcm::Key::Simd(key)) => {
                return Ok(Tag::new(key.seal(nonce, aad, payload), MAX_TAG_LEN));
            }
            Cipher::Gcm(gcm::Key::Portable(key)) => {
                return Ok(Tag::new(key.seal(nonce, aad, payload), MAX_TAG_LEN));
            }
            Cipher::CtrHmac(key) => key,
        };
        let tag_len = self.algorithm.tag_len();
        let tag = seal_ctr_hmac(key, nonce, aad, payload, tag_len);
        if key.leaves_traces() {
            zeroize_stack::<CALL_STACK>();
        }
        Ok(Tag::new(tag?, tag_len))
    }

    /// Opens one buffer: ciphertext in, plaintext out.
    ///
    /// # Errors
    /// [`Error::NotAuthentic`]: the output is all zero.
    /// [`Error::TooLarge`] above [`MAX_PAYLOAD_LEN`]; nothing is written.
    pub fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[&[u8]],
        mut payload: InOutBuf<'_, '_, u8>,
        tag: &[u8],
    ) -> Result<()> {
        check_aad_len(aad)?;
        check_len(payload.len())?;
        let tag_len = self.algorithm.tag_len();
        let is_authentic = |expected| Tag::new(expected, tag_len).check(tag);
        let text = payload.reborrow();
        let result = match &self.cipher {
            Cipher::Gcm(gcm::Key::Simd(key)) => is_authentic(key.decrypt(nonce, aad, text)),
            Cipher::Gcm(gcm::Key::Portable(key)) => key.open(nonce, aad, text, is_authentic),
            Cipher::CtrHmac(key) => {
                let result = open_ctr_hmac(key, nonce, aad, text, tag_len, is_authentic);
                if key.leaves_traces() {
                    zeroize_stack::<CALL_STACK>();
                }
                result
            }
        };
        result.inspect_err(|_| payload.get_out().fill(0))
    }
}

/// A call of its own, below which the stack can be wiped.
#[inline(never)]
fn seal_ctr_hmac(
    key: &ctr_hmac::Key,
    nonce: &[u8; NONCE_LEN],
    aad: &[&[u8]],
    payload: InOutBuf<'_, '_, u8>,
    tag_len: usize,
) -> Result<[u8; MAX_TAG_LEN]> {
    key.seal(nonce, aad, payload, tag_len)
}

/// As [`seal_ctr_hmac`].
#[inline(never)]
fn open_ctr_hmac(
    key: &ctr_hmac::Key,
    nonce: &[u8; NONCE_LEN],
    aad: &[&[u8]],
    payload: InOutBuf<'_, '_, u8>,
    tag_len: usize,
    is_authentic: impl FnOnce([u8; MAX_TAG_LEN]) -> Result<()>,
) -> Result<()> {
    key.open(nonce, aad, payload, tag_len, is_authentic)
}

fn check_len(payload_len: usize) -> Result<()> {
    if payload_len as u64 > MAX_PAYLOAD_LEN {
        Err(Error::TooLarge)
    } else {
        Ok(())
    }
}

/// That the lengths of the pieces can be added.
fn check_aad_len(pieces: &[&[u8]]) -> Result<()> {
    let len = pieces
        .iter()
        .try_fold(0_usize, |n, p| n.checked_add(p.len()));
    len.map(drop).ok_or(Error::TooLarge)
}

enum Run<'k> {
    Gcm(gcm::Run<'k>),
    CtrHmac(ctr_hmac::Run<'k>),
}

struct Call<'k> {
    run: Run<'k>,
    tag_len: usize,
    aad_left: usize,
    payload_left: usize,
}

impl Call<'_> {
    fn aad(&mut self, piece: &[u8]) -> Result<()> {
        self.aad_left = self
            .aad_left
            .checked_sub(piece.len())
            .ok_or(Error::InvalidArgument)?;
        match &mut self.run {
            Run::Gcm(run) => run.aad(piece),
            Run::CtrHmac(run) => run.aad(piece),
        }
        Ok(())
    }

    fn segment(&mut self, len: usize) -> Result<()> {
        // Associated data comes first, in both algorithms.
        if self.aad_left != 0 {
            return Err(Error::InvalidArgument);
        }
        self.payload_left = self
            .payload_left
            .checked_sub(len)
            .ok_or(Error::InvalidArgument)?;
        Ok(())
    }

    fn finish(self) -> Result<Tag> {
        if self.aad_left != 0 || self.payload_left != 0 {
            return Err(Error::InvalidArgument);
        }
        Ok(match self.run {
            Run::Gcm(run) => Tag::new(run.finish(), self.tag_len),
            Run::CtrHmac(run) => Tag::new(run.finish(), self.tag_len),
        })
    }
}

/// A seal call under way.
#[must_use = "an unfinished call has no tag"]
pub struct Sealing<'k>(Call<'k>);

impl Sealing<'_> {
    /// Adds associated data. All of it comes before the first segment.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] beyond the length declared at the start.
    pub fn aad(&mut self, piece: &[u8]) -> Result<()> {
        self.0.aad(piece)
    }

    /// Encrypts the next segment.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] beyond the length declared at the start, or
    /// before all associated data came; nothing is written.
    pub fn encrypt(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        self.0.segment(segment.len())?;
        match &mut self.0.run {
            Run::Gcm(run) => run.encrypt(segment),
            Run::CtrHmac(run) => run.encrypt(segment),
        }
    }

    /// The tag of all that went in.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if less went in than was declared.
    pub fn finish(self) -> Result<Tag> {
        self.0.finish()
    }
}

impl core::fmt::Debug for Sealing<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Sealing").finish_non_exhaustive()
    }
}

/// An open call under way. What it has written so far is **not authentic**
/// until [`Opening::finish`] says so; on an error the caller wipes it.
#[must_use = "nothing is authentic before finish"]
pub struct Opening<'k>(Call<'k>);

impl Opening<'_> {
    /// Adds associated data. All of it comes before the first segment.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] beyond the length declared at the start.
    pub fn aad(&mut self, piece: &[u8]) -> Result<()> {
        self.0.aad(piece)
    }

    /// Decrypts the next segment.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] beyond the length declared at the start, or
    /// before all associated data came; nothing is written.
    pub fn decrypt(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        self.0.segment(segment.len())?;
        match &mut self.0.run {
            Run::Gcm(run) => run.decrypt(segment),
            Run::CtrHmac(run) => run.decrypt(segment),
        }
    }

    /// Compares the tag without a branch on its bytes.
    ///
    /// # Errors
    /// [`Error::NotAuthentic`] if it differs or has another length;
    /// [`Error::InvalidArgument`] if less went in than was declared.
    pub fn finish(self, tag: &[u8]) -> Result<()> {
        self.0.finish()?.check(tag)
    }
}

impl core::fmt::Debug for Opening<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Opening").finish_non_exhaustive()
    }
}
