//! Code of others that says what must come out.

use super::*;
use aes_gcm::{AeadInOut, Aes128Gcm};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What the algorithm must give, by code of others: ciphertext and tag.
pub(super) trait Oracle {
    fn seal(&self, nonce: &[u8; NONCE_LEN], aad: &[u8], plaintext: &[u8]) -> (Vec<u8>, Vec<u8>);
}

pub(super) struct GcmOracle(Aes128Gcm);

impl GcmOracle {
    pub(super) fn new(key: &[u8]) -> Self {
        Self(Aes128Gcm::new_from_slice(key).expect("16 bytes"))
    }
}

impl Oracle for GcmOracle {
    fn seal(&self, nonce: &[u8; NONCE_LEN], aad: &[u8], plaintext: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut text = plaintext.to_vec();
        let tag = self
            .0
            .encrypt_inout_detached(nonce.into(), aad, text.as_mut_slice().into())
            .expect("short enough");
        (text, tag.to_vec())
    }
}

/// RFC 9605 section 4.5.1 one block and one message at a time.
pub(super) struct CtrHmacOracle {
    aes: Aes128,
    auth_key: Vec<u8>,
    tag_len: usize,
}

impl CtrHmacOracle {
    pub(super) fn new(key: &[u8], tag_len: usize) -> Self {
        let (enc_key, auth_key) = key.split_at(16);
        Self {
            aes: Aes128::new_from_slice(enc_key).expect("16 bytes"),
            auth_key: auth_key.to_vec(),
            tag_len,
        }
    }
}

impl Oracle for CtrHmacOracle {
    fn seal(&self, nonce: &[u8; NONCE_LEN], aad: &[u8], plaintext: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut text = plaintext.to_vec();
        for (count, chunk) in (0_u32..).zip(text.chunks_mut(BLOCK_LEN)) {
            let mut block = [0; BLOCK_LEN];
            block[..NONCE_LEN].copy_from_slice(nonce);
            block[NONCE_LEN..].copy_from_slice(&count.to_be_bytes());
            let mut block = block.into();
            self.aes.encrypt_block(&mut block);
            for (to, from) in chunk.iter_mut().zip(block) {
                *to ^= from;
            }
        }
        let len = |n: usize| u64::try_from(n).expect("64 bits").to_be_bytes();
        let message = [
            &len(aad.len())[..],
            &len(text.len()),
            &len(self.tag_len),
            nonce,
            aad,
            &text,
        ]
        .concat();
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.auth_key).expect("any length");
        mac.update(&message);
        let mut tag = mac.finalize().into_bytes().to_vec();
        tag.truncate(self.tag_len);
        (text, tag)
    }
}
