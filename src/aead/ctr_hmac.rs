//! AES-128-CTR with HMAC-SHA256, the compound AEAD of RFC 9605 section 4.5.1.

use super::{BLOCK_LEN, Engine, InOutBuf, MAX_TAG_LEN, NONCE_LEN, hmac};
use crate::{Error, Result, simd};
use aes::Aes128;
use core::iter::once;
use ctr::cipher::{InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper, StreamCipherSeek};
use ctr::{CtrCore, flavors};
use zeroize::Zeroize;

/// Round keys, and HMAC with the blocks of its inner and outer key done.
pub(super) struct Key {
    cipher: Cipher,
    hmac: hmac::Key,
    /// Whether calls leave nothing of the key on the stack below them.
    traceless: bool,
}

enum Cipher {
    Portable(Aes128),
    Simd(simd::CounterKey),
}

impl Cipher {
    /// Encrypts or decrypts what stands `position` bytes into the payload. The
    /// block counter starts at 0, unlike in GCM.
    fn apply(
        &self,
        nonce: &[u8; NONCE_LEN],
        position: usize,
        data: InOutBuf<'_, '_, u8>,
    ) -> Result<()> {
        match self {
            Self::Simd(key) => {
                key.apply(nonce, position, data);
                Ok(())
            }
            Self::Portable(aes) => {
                type Core<'k> = CtrCore<&'k Aes128, flavors::Ctr32BE>;
                let mut initial = [0; BLOCK_LEN];
                let (head, _) = initial.split_at_mut(NONCE_LEN);
                head.copy_from_slice(nonce);
                let core = Core::inner_iv_init(aes, &initial.into());
                let mut counter = StreamCipherCoreWrapper::from_core(core);
                counter.try_seek(position).map_err(|_| Error::TooLarge)?;
                counter
                    .try_apply_keystream_inout(data)
                    .map_err(|_| Error::TooLarge)
            }
        }
    }
}

impl Key {
    /// `key` = encryption key (16) ‖ authentication key (32).
    pub(super) fn new(engine: Engine, key: &[u8; 48]) -> Self {
        let mut enc_key = [0; 16];
        let mut auth_key = [0; 32];
        let (first, second) = key.split_at(enc_key.len());
        enc_key.copy_from_slice(first);
        auth_key.copy_from_slice(second);
        let cipher = match engine.backend() {
            Some(backend) => Cipher::Simd(simd::CounterKey::new(backend, &enc_key)),
            None => Cipher::Portable(Aes128::new(&enc_key.into())),
        };
        let hmac = hmac::Key::new(&auth_key);
        enc_key.zeroize();
        auth_key.zeroize();
        // Only optimised builds keep to registers; `.ci/asm` looks at theirs.
        let traceless = matches!(cipher, Cipher::Simd(_))
            && simd::hashes_in_registers()
            && !cfg!(debug_assertions);
        Self {
            cipher,
            hmac,
            traceless,
        }
    }

    pub(super) const fn leaves_traces(&self) -> bool {
        !self.traceless
    }

    /// HMAC over the three lengths, which are known before the data, and the nonce.
    #[inline]
    fn mac(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad_len: usize,
        payload_len: usize,
        tag_len: usize,
    ) -> hmac::Run<'_> {
        let mut start = [0; 3 * 8 + NONCE_LEN];
        let (lengths, tail) = start.split_at_mut(3 * 8);
        let numbers = [aad_len, payload_len, tag_len];
        for (to, number) in lengths.chunks_exact_mut(8).zip(numbers) {
            to.copy_from_slice(&(number as u64).to_be_bytes());
        }
        tail.copy_from_slice(nonce);
        let mut mac = self.hmac.start();
        mac.update(&start);
        mac
    }

    /// Seals in one call.
    pub(super) fn seal(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[&[u8]],
        mut data: InOutBuf<'_, '_, u8>,
        tag_len: usize,
    ) -> Result<[u8; MAX_TAG_LEN]> {
        self.cipher.apply(nonce, 0, data.reborrow())?;
        Ok(self.tag(nonce, aad, data.get_out(), tag_len))
    }

    /// Opens in one call: decrypts only what `is_authentic` says yes to.
    pub(super) fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[&[u8]],
        data: InOutBuf<'_, '_, u8>,
        tag_len: usize,
        is_authentic: impl FnOnce([u8; MAX_TAG_LEN]) -> Result<()>,
    ) -> Result<()> {
        is_authentic(self.tag(nonce, aad, data.get_in(), tag_len))?;
        self.cipher.apply(nonce, 0, data)
    }

    fn tag(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[&[u8]],
        text: &[u8],
        tag_len: usize,
    ) -> [u8; MAX_TAG_LEN] {
        let aad_len = aad.iter().map(|piece| piece.len()).sum();
        let mut mac = self.mac(nonce, aad_len, text.len(), tag_len);
        for piece in aad.iter().copied().chain(once(text)) {
            mac.update(piece);
        }
        mac.finish()
    }

    pub(super) fn start(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad_len: usize,
        payload_len: usize,
        tag_len: usize,
    ) -> Run<'_> {
        Run {
            cipher: &self.cipher,
            nonce: *nonce,
            position: 0,
            mac: self.mac(nonce, aad_len, payload_len, tag_len),
        }
    }
}

#[cfg(test)]
impl Key {
    /// Counter mode alone, from any place of a payload on.
    pub(super) fn apply_at(
        &self,
        nonce: &[u8; NONCE_LEN],
        position: usize,
        data: &mut [u8],
    ) -> Result<()> {
        self.cipher.apply(nonce, position, data.into())
    }
}

/// One seal or open call in segments.
pub(super) struct Run<'k> {
    cipher: &'k Cipher,
    nonce: [u8; NONCE_LEN],
    /// Bytes of payload that went in.
    position: usize,
    mac: hmac::Run<'k>,
}

impl Run<'_> {
    pub(super) fn aad(&mut self, piece: &[u8]) {
        self.mac.update(piece);
    }

    pub(super) fn encrypt(&mut self, mut segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        self.apply(segment.reborrow())?;
        self.mac.update(segment.get_out());
        Ok(())
    }

    pub(super) fn decrypt(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        self.mac.update(segment.get_in());
        self.apply(segment)
    }

    fn apply(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        let start = self.position;
        self.position = start.wrapping_add(segment.len());
        self.cipher.apply(&self.nonce, start, segment)
    }

    /// The first 16 bytes of the HMAC; tags are shorter still.
    pub(super) fn finish(self) -> [u8; MAX_TAG_LEN] {
        self.mac.finish()
    }
}
