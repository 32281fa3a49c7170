//! AES-128-GCM of BoringSSL, through its own C functions.

use crate::aead::{AAD, AeadKey, TAG_LEN};
use boring_sys::{
    EVP_AEAD_CTX, EVP_AEAD_CTX_free, EVP_AEAD_CTX_new, EVP_AEAD_CTX_open_gather,
    EVP_AEAD_CTX_seal_scatter, EVP_aead_aes_128_gcm,
};
use core::ptr::{NonNull, null};

/// A key that is set up.
pub(crate) struct Key(NonNull<EVP_AEAD_CTX>);

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: made by `EVP_AEAD_CTX_new` and freed once, here.
        unsafe { EVP_AEAD_CTX_free(self.0.as_ptr()) }
    }
}

impl AeadKey for Key {
    fn new(key: &[u8; 16]) -> Self {
        // SAFETY: the key comes with its length.
        let context =
            unsafe { EVP_AEAD_CTX_new(EVP_aead_aes_128_gcm(), key.as_ptr(), key.len(), TAG_LEN) };
        Self(NonNull::new(context).expect("16 bytes"))
    }

    #[inline(never)]
    fn seal(&self, nonce: [u8; 12], text: &mut [u8]) -> [u8; TAG_LEN] {
        let mut tag = [0; TAG_LEN];
        let mut tag_len = 0;
        let (out, len) = (text.as_mut_ptr(), text.len());
        // SAFETY: the context lives, each pointer comes with the length of its
        // slice; in place is allowed.
        let done = unsafe {
            EVP_AEAD_CTX_seal_scatter(
                self.0.as_ptr(),
                out,
                tag.as_mut_ptr(),
                &raw mut tag_len,
                TAG_LEN,
                nonce.as_ptr(),
                nonce.len(),
                out,
                len,
                null(),
                0,
                AAD.as_ptr(),
                AAD.len(),
            )
        };
        assert_eq!((done, tag_len), (1, TAG_LEN), "short enough");
        tag
    }

    #[inline(never)]
    fn open(&self, nonce: [u8; 12], text: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
        let (out, len) = (text.as_mut_ptr(), text.len());
        // SAFETY: as in `seal`.
        let done = unsafe {
            EVP_AEAD_CTX_open_gather(
                self.0.as_ptr(),
                out,
                nonce.as_ptr(),
                nonce.len(),
                out,
                len,
                tag.as_ptr(),
                TAG_LEN,
                AAD.as_ptr(),
                AAD.len(),
            )
        };
        done == 1
    }
}
