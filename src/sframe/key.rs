//! The key of one KID: derivation, nonce, and the sealing and opening of a frame.
//! RFC 9605 section 4.4.

use super::{CipherSuite, Header, MAX_HEADER_LEN};
use crate::aead::{self, InOutBuf, NONCE_LEN};
use crate::os::{CALL_STACK, SETUP_STACK, Wiped};
use crate::{Error, Result};
use core::ops::Range;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing, zeroize_stack};

/// Payloads up to this many bytes are sealed and opened with a lock of their
/// stream held: about a microsecond, in which nobody else wants it. Longer ones
/// are worth the steps that go without.
pub(crate) const SHORT_FRAME: usize = 4_096;

/// Key, salt and KID, ready to seal or open.
pub(crate) struct FrameKey {
    kid: u64,
    tag_len: usize,
    salt: Salt,
    aead: aead::Key,
}

/// The salt of nonces as two big-endian numbers, of 8 and of 4 bytes.
///
/// The kernels read nonces in these pieces, and reading what was just written in
/// others takes longer than making a nonce.
struct Salt(u64, u32);

impl Drop for FrameKey {
    fn drop(&mut self) {
        self.salt.0.zeroize();
        self.salt.1.zeroize();
    }
}

impl core::fmt::Debug for FrameKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FrameKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl FrameKey {
    /// Section 4.4.2: key and salt from the base key, the KID and the suite.
    ///
    /// The key is made in a heap allocation that it never leaves.
    pub(crate) fn derive(suite: CipherSuite, kid: u64, base_key: &[u8]) -> Result<Wiped<Self>> {
        let key = Self::derive_unwiped(suite, kid, base_key);
        zeroize_stack::<SETUP_STACK>();
        key
    }

    /// As [`FrameKey::derive`], for a caller that wipes the stack by itself.
    #[inline(never)]
    pub(crate) fn derive_unwiped(
        suite: CipherSuite,
        kid: u64,
        base_key: &[u8],
    ) -> Result<Wiped<Self>> {
        Ok(Wiped::new(Self::new(suite, kid, base_key)?))
    }

    /// Takes the place of the key in `self`, which is wiped. The caller wipes the stack.
    #[inline(never)]
    pub(crate) fn replace_unwiped(
        &mut self,
        suite: CipherSuite,
        kid: u64,
        base_key: &[u8],
    ) -> Result<()> {
        *self = Self::new(suite, kid, base_key)?;
        Ok(())
    }

    #[inline(always)]
    fn new(suite: CipherSuite, kid: u64, base_key: &[u8]) -> Result<Self> {
        let secret = Hkdf::<Sha256>::new(None, base_key);
        let expand = |label: &[u8], out: &mut [u8]| {
            secret
                .expand_multi_info(&[label, &kid.to_be_bytes(), &suite.id().to_be_bytes()], out)
                .map_err(|_| Error::Internal)
        };
        let mut key = Zeroizing::new([0_u8; 48]);
        let key = key.get_mut(..suite.key_len()).ok_or(Error::Internal)?;
        expand(b"SFrame 1.0 Secret key ", key)?;
        let mut salt = Zeroizing::new([0; NONCE_LEN]);
        expand(b"SFrame 1.0 Secret salt ", salt.as_mut_slice())?;
        let [a, b, c, d, e, f, g, h, i, j, k, l] = *salt;
        let salt = Salt(
            u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            u32::from_be_bytes([i, j, k, l]),
        );
        Ok(Self {
            kid,
            tag_len: suite.tag_len(),
            salt,
            aead: aead::Key::new(suite.algorithm(), key)?,
        })
    }

    pub(crate) const fn kid(&self) -> u64 {
        self.kid
    }

    pub(crate) const fn tag_len(&self) -> usize {
        self.tag_len
    }

    /// Bytes of the frame with this counter around a payload of `len` bytes.
    pub(crate) fn sealed_len(&self, ctr: u64, len: usize) -> Result<usize> {
        len.checked_add(Header::new(self.kid, ctr).encoded_len() + self.tag_len)
            .ok_or(Error::TooLarge)
    }

    /// Section 4.4.3: the salt with the counter added without carry.
    #[inline]
    fn nonce(&self, ctr: u64) -> [u8; NONCE_LEN] {
        let mut nonce = [0; NONCE_LEN];
        let (high, low) = nonce.split_at_mut(8);
        #[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
        let low_ctr = ctr as u32;
        high.copy_from_slice(&(self.salt.0 ^ ctr >> 32).to_be_bytes());
        low.copy_from_slice(&(self.salt.1 ^ low_ctr).to_be_bytes());
        nonce
    }

    /// Seals `plaintext` into the front of `out` and returns the frame's length.
    #[inline(always)]
    pub(crate) fn seal(
        &self,
        ctr: u64,
        plaintext: &[u8],
        metadata: &[u8],
        out: &mut [u8],
    ) -> Result<usize> {
        let len = self.sealed_len(ctr, plaintext.len())?;
        let frame = out.get_mut(..len).ok_or(Error::BufferTooSmall)?;
        self.seal_frame(ctr, plaintext, metadata, frame)?;
        Ok(len)
    }

    /// Seals `plaintext` into `frame`, which has the length for it.
    ///
    /// Here and below, functions on the frame path return nothing but an error:
    /// that fits a register, while a larger result goes through memory in pieces
    /// that the processor has to wait for.
    pub(crate) fn seal_frame(
        &self,
        ctr: u64,
        plaintext: &[u8],
        metadata: &[u8],
        frame: &mut [u8],
    ) -> Result<()> {
        let header_len = Header::new(self.kid, ctr).encode(frame)?;
        let (header, rest) = frame.split_at_mut(header_len);
        let (ciphertext, tag) = rest
            .split_at_mut_checked(plaintext.len())
            .ok_or(Error::BufferTooSmall)?;
        let payload = InOutBuf::new(plaintext, ciphertext).map_err(|_| Error::Internal)?;
        self.seal_parts(ctr, header, metadata, payload, tag)
    }

    /// Seals `buf[payload]` where it stands, the header right before it and the
    /// tag right after, and returns the frame's place in `buf`.
    #[inline(always)]
    pub(crate) fn seal_in_place(
        &self,
        ctr: u64,
        metadata: &[u8],
        buf: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>> {
        let header_len = Header::new(self.kid, ctr).encoded_len();
        let place = frame_around(buf.len(), &payload, header_len, self.tag_len)?;
        let frame = buf.get_mut(place.clone()).ok_or(Error::BufferTooSmall)?;
        self.seal_frame_in_place(ctr, metadata, frame)?;
        Ok(place)
    }

    /// Seals a frame whose payload stands in its place between header and tag.
    pub(crate) fn seal_frame_in_place(
        &self,
        ctr: u64,
        metadata: &[u8],
        frame: &mut [u8],
    ) -> Result<()> {
        let header_len = Header::new(self.kid, ctr).encode(frame)?;
        let (header, rest) = frame.split_at_mut(header_len);
        let text_len = rest.len().checked_sub(self.tag_len);
        let (text, tag) = text_len
            .and_then(|len| rest.split_at_mut_checked(len))
            .ok_or(Error::BufferTooSmall)?;
        self.seal_parts(ctr, header, metadata, text.into(), tag)
    }

    /// AAD = header ‖ metadata, section 4.4.3.
    #[inline]
    fn seal_parts(
        &self,
        ctr: u64,
        header: &[u8],
        metadata: &[u8],
        payload: InOutBuf<'_, '_, u8>,
        tag_out: &mut [u8],
    ) -> Result<()> {
        if tag_out.len() != self.tag_len {
            return Err(Error::BufferTooSmall);
        }
        let aad = [header, metadata];
        self.aead
            .seal(&self.nonce(ctr), &aad, payload)?
            .write(tag_out);
        Ok(())
    }

    /// Encrypts `payload` in one call, for frames laid out elsewhere.
    #[inline]
    pub(crate) fn encrypt(
        &self,
        ctr: u64,
        aad: &[&[u8]],
        payload: InOutBuf<'_, '_, u8>,
    ) -> Result<aead::Tag> {
        self.aead.seal(&self.nonce(ctr), aad, payload)
    }

    /// Decrypts `payload` in one call, for frames laid out elsewhere.
    /// On [`Error::NotAuthentic`] the output is zero.
    #[inline]
    pub(crate) fn decrypt(
        &self,
        ctr: u64,
        aad: &[&[u8]],
        payload: InOutBuf<'_, '_, u8>,
        tag: &[u8],
    ) -> Result<()> {
        self.aead.open(&self.nonce(ctr), aad, payload, tag)
    }

    /// Starts to encrypt in segments.
    pub(crate) fn sealing(
        &self,
        ctr: u64,
        aad_len: usize,
        payload_len: usize,
    ) -> Result<aead::Sealing<'_>> {
        self.aead.sealing(&self.nonce(ctr), aad_len, payload_len)
    }

    /// Starts to decrypt in segments.
    pub(crate) fn opening(
        &self,
        ctr: u64,
        aad_len: usize,
        payload_len: usize,
    ) -> Result<aead::Opening<'_>> {
        self.aead.opening(&self.nonce(ctr), aad_len, payload_len)
    }

    /// Wipes what a call in segments may have left on the stack. The call is made
    /// in a function that is not inlined into this one's caller.
    pub(crate) fn wipe_traces(&self) {
        if self.aead.leaves_traces() {
            zeroize_stack::<CALL_STACK>();
        }
    }

    /// Opens `frame`, split as `layout` says, into `out`, which is as long as its
    /// payload. On [`Error::NotAuthentic`] the output is zero.
    #[inline]
    pub(crate) fn open(
        &self,
        layout: &Layout,
        metadata: &[u8],
        frame: &[u8],
        out: &mut [u8],
    ) -> Result<()> {
        let (header, rest) = frame
            .split_at_checked(layout.header_len)
            .ok_or(Error::Internal)?;
        let (ciphertext, tag) = rest
            .split_at_checked(layout.payload_len)
            .ok_or(Error::Internal)?;
        let payload = InOutBuf::new(ciphertext, out).map_err(|_| Error::Internal)?;
        let nonce = self.nonce(layout.header.ctr());
        self.aead.open(&nonce, &[header, metadata], payload, tag)
    }

    /// Opens `frame`, split as `layout` says, where it stands.
    /// On [`Error::NotAuthentic`] the whole frame is zero.
    #[inline]
    pub(crate) fn open_in_place(
        &self,
        layout: &Layout,
        metadata: &[u8],
        frame: &mut [u8],
    ) -> Result<()> {
        let (header, rest) = frame
            .split_at_mut_checked(layout.header_len)
            .ok_or(Error::Internal)?;
        let (payload, tag) = rest
            .split_at_mut_checked(layout.payload_len)
            .ok_or(Error::Internal)?;
        let nonce = self.nonce(layout.header.ctr());
        let result = self
            .aead
            .open(&nonce, &[header, metadata], payload.into(), tag);
        if let Err(error) = result {
            frame.zeroize();
            return Err(error);
        }
        Ok(())
    }
}

/// Where a frame lies around its payload, if there is room for it.
pub(crate) fn frame_around(
    buf_len: usize,
    payload: &Range<usize>,
    header_len: usize,
    tag_len: usize,
) -> Result<Range<usize>> {
    if payload.start > payload.end || payload.end > buf_len {
        return Err(Error::InvalidArgument);
    }
    let start = payload
        .start
        .checked_sub(header_len)
        .ok_or(Error::BufferTooSmall)?;
    let end = payload
        .end
        .checked_add(tag_len)
        .ok_or(Error::BufferTooSmall)?;
    if end > buf_len {
        Err(Error::BufferTooSmall)
    } else {
        Ok(start..end)
    }
}

/// Header, payload and tag of a frame by length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) header: Header,
    header_len: usize,
    payload_len: usize,
}

impl Layout {
    /// Splits a frame. [`Error::Malformed`] if it is too short for its header
    /// and a tag.
    pub(crate) fn parse(frame: &[u8], tag_len: usize) -> Result<Self> {
        let (header, header_len) = Header::parse(frame)?;
        Self::new(header, header_len, frame.len(), tag_len)
    }

    /// Splits a frame of `frame_len` bytes whose header was parsed.
    #[inline]
    pub(crate) fn new(
        header: Header,
        header_len: usize,
        frame_len: usize,
        tag_len: usize,
    ) -> Result<Self> {
        debug_assert!(
            header_len <= MAX_HEADER_LEN,
            "parse returned an impossible length"
        );
        let payload_len = frame_len
            .checked_sub(header_len)
            .and_then(|rest| rest.checked_sub(tag_len))
            .ok_or(Error::Malformed)?;
        Ok(Self {
            header,
            header_len,
            payload_len,
        })
    }

    pub(crate) const fn payload_len(&self) -> usize {
        self.payload_len
    }

    /// The payload's place in the frame; both sums are within the frame's length.
    pub(crate) const fn payload(&self) -> Range<usize> {
        self.header_len..self.header_len.wrapping_add(self.payload_len)
    }
}
