//! AES-128-CTR with HMAC-SHA256, the compound AEAD of RFC 9605 section 4.5.1.

use super::{BLOCK_LEN, InOutBuf, MAX_TAG_LEN, NONCE_LEN};
use crate::{Error, Result};
use aes::Aes128;
use ctr::cipher::{InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper};
use ctr::{CtrCore, flavors};
use hmac::{Hmac, Mac};
use sha2::Sha256;

type Counter<'k> = StreamCipherCoreWrapper<CtrCore<&'k Aes128, flavors::Ctr32BE>>;

/// Round keys, and HMAC with the blocks of its inner and outer key done.
pub(super) struct Key {
    aes: Aes128,
    hmac: Hmac<Sha256>,
}

impl Key {
    /// `key` = encryption key (16) ‖ authentication key (32).
    pub(super) fn new(key: &[u8; 48]) -> Self {
        let (enc_key, auth_key) = key.split_at(16);
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        for (to, from) in block.iter_mut().zip(auth_key) {
            // HMAC fills a key shorter than a block up with zeros.
            *to = *from;
        }
        let hmac = Hmac::new(&block);
        zeroize::Zeroize::zeroize(block.as_mut_slice());
        let mut first = aes::cipher::Key::<Aes128>::default();
        for (to, from) in first.iter_mut().zip(enc_key) {
            *to = *from;
        }
        let aes = Aes128::new(&first);
        zeroize::Zeroize::zeroize(first.as_mut_slice());
        Self { aes, hmac }
    }

    pub(super) fn start(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad_len: usize,
        payload_len: usize,
        tag_len: usize,
    ) -> Run<'_> {
        // The block counter starts at 0, unlike in GCM.
        let mut initial = [0; BLOCK_LEN];
        let (head, _) = initial.split_at_mut(NONCE_LEN);
        head.copy_from_slice(nonce);
        let counter = Counter::from_core(CtrCore::inner_iv_init(&self.aes, &initial.into()));
        let mut hmac = self.hmac.clone();
        // The three lengths come first, so they are known before the data.
        let mut start = [0; 3 * 8 + NONCE_LEN];
        let lengths = [aad_len as u64, payload_len as u64, tag_len as u64];
        for (to, from) in start
            .iter_mut()
            .zip(lengths.iter().flat_map(|n| n.to_be_bytes()).chain(*nonce))
        {
            *to = from;
        }
        hmac.update(&start);
        Run { counter, hmac }
    }
}

/// One seal or open call.
pub(super) struct Run<'k> {
    counter: Counter<'k>,
    hmac: Hmac<Sha256>,
}

impl Run<'_> {
    pub(super) fn aad(&mut self, piece: &[u8]) {
        self.hmac.update(piece);
    }

    pub(super) fn encrypt(&mut self, mut segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        self.counter
            .try_apply_keystream_inout(segment.reborrow())
            .map_err(|_| Error::TooLarge)?;
        self.hmac.update(segment.get_out());
        Ok(())
    }

    pub(super) fn decrypt(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        self.hmac.update(segment.get_in());
        self.counter
            .try_apply_keystream_inout(segment)
            .map_err(|_| Error::TooLarge)
    }

    /// The first 16 bytes of the HMAC; tags are shorter still.
    pub(super) fn finish(self) -> [u8; MAX_TAG_LEN] {
        let full: [u8; 32] = self.hmac.finalize().into_bytes().into();
        let mut front = [0; MAX_TAG_LEN];
        front.copy_from_slice(full.split_at(MAX_TAG_LEN).0);
        front
    }
}
