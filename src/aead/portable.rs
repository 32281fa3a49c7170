//! AES-128-GCM over RustCrypto's AES and GHASH: for every CPU.

use super::{BLOCK_LEN, InOutBuf, NONCE_LEN};
use crate::{Error, Result};
use aes::Aes128;
use ctr::cipher::{
    BlockCipherEncrypt, InnerIvInit, KeyInit, StreamCipher, StreamCipherCore,
    StreamCipherCoreWrapper, array::Array,
};
use ctr::{CtrCore, flavors};
use ghash::{GHash, universal_hash::UniversalHash};
use zeroize::Zeroize;

type Counter<'k> = StreamCipherCoreWrapper<CounterCore<'k>>;

type CounterCore<'k> = CtrCore<&'k Aes128, flavors::Ctr32BE>;

/// SP 800-38D section 7.1: J0 = nonce ‖ 1 masks the tag, data start at 2.
fn first_block(nonce: &[u8; NONCE_LEN]) -> [u8; BLOCK_LEN] {
    let mut block = [0; BLOCK_LEN];
    let (head, tail) = block.split_at_mut(NONCE_LEN);
    head.copy_from_slice(nonce);
    tail.copy_from_slice(&1_u32.to_be_bytes());
    block
}

/// The last block of the hash: lengths in bits.
fn lengths(aad_len: u64, len: u64) -> [u8; BLOCK_LEN] {
    let mut block = [0; BLOCK_LEN];
    let (head, tail) = block.split_at_mut(8);
    head.copy_from_slice(&aad_len.wrapping_mul(8).to_be_bytes());
    tail.copy_from_slice(&len.wrapping_mul(8).to_be_bytes());
    block
}

/// The hash under its mask.
#[inline(always)]
fn masked(hash: [u8; BLOCK_LEN], mask: [u8; BLOCK_LEN]) -> [u8; BLOCK_LEN] {
    (u128::from_ne_bytes(hash) ^ u128::from_ne_bytes(mask)).to_ne_bytes()
}

/// Round keys and powers of the hash key.
pub(super) struct Key {
    aes: Aes128,
    ghash: GHash,
}

impl Key {
    pub(super) fn new(key: &[u8; 16]) -> Self {
        let aes = Aes128::new(key.into());
        let mut h = Array::default();
        aes.encrypt_block(&mut h);
        let ghash = GHash::new(&h);
        h.as_mut_slice().zeroize();
        Self { aes, ghash }
    }

    /// Seals in one call: without the state that segments need.
    pub(super) fn seal(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[&[u8]],
        mut data: InOutBuf<'_, '_, u8>,
    ) -> [u8; BLOCK_LEN] {
        let (counter, mask) = self.counter(nonce);
        counter.apply_keystream_partial(data.reborrow());
        self.tag(mask, aad, data.get_out())
    }

    /// Opens in one call: decrypts only what `is_authentic` says yes to.
    pub(super) fn open(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[&[u8]],
        data: InOutBuf<'_, '_, u8>,
        is_authentic: impl FnOnce([u8; BLOCK_LEN]) -> Result<()>,
    ) -> Result<()> {
        let (counter, mask) = self.counter(nonce);
        is_authentic(self.tag(mask, aad, data.get_in()))?;
        counter.apply_keystream_partial(data);
        Ok(())
    }

    /// The counter of the first block of data, and the mask of the tag.
    #[inline(always)]
    fn counter(&self, nonce: &[u8; NONCE_LEN]) -> (CounterCore<'_>, [u8; BLOCK_LEN]) {
        let mut core = CtrCore::inner_iv_init(&self.aes, &first_block(nonce).into());
        let mut mask = Array::default();
        core.write_keystream_block(&mut mask);
        (core, mask.into())
    }

    #[inline(always)]
    fn tag(&self, mask: [u8; BLOCK_LEN], aad: &[&[u8]], text: &[u8]) -> [u8; BLOCK_LEN] {
        let ([aad] | [aad, []]) = aad else {
            return self.tag_of_pieces(mask, aad, text);
        };
        let mut ghash = self.ghash.clone();
        ghash.update_padded(aad);
        ghash.update_padded(text);
        let lengths = lengths(aad.len() as u64, text.len() as u64);
        ghash.update(&[lengths.into()]);
        masked(ghash.finalize().into(), mask)
    }

    #[inline(never)]
    fn tag_of_pieces(&self, mask: [u8; BLOCK_LEN], aad: &[&[u8]], text: &[u8]) -> [u8; BLOCK_LEN] {
        let mut hash = BlockHash::new(&self.ghash);
        aad.iter().for_each(|piece| hash.update(piece));
        hash.pad();
        hash.ghash.update_padded(text);
        let aad_len: usize = aad.iter().map(|piece| piece.len()).sum();
        let lengths = lengths(aad_len as u64, text.len() as u64);
        hash.ghash.update(&[lengths.into()]);
        masked(hash.ghash.finalize().into(), mask)
    }

    pub(super) fn start(&self, nonce: &[u8; NONCE_LEN]) -> Run<'_> {
        let core = CtrCore::inner_iv_init(&self.aes, &first_block(nonce).into());
        let mut counter = Counter::from_core(core);
        let mut mask = [0; BLOCK_LEN];
        counter.apply_keystream(&mut mask);
        Run {
            counter,
            mask,
            hash: BlockHash::new(&self.ghash),
            aad_len: 0,
            payload_len: 0,
        }
    }
}

#[cfg(test)]
impl Key {
    /// A call whose data start at another counter block, to reach those that take
    /// a payload of gigabytes.
    pub(super) fn start_from(&self, nonce: &[u8; NONCE_LEN], counter: u32) -> Run<'_> {
        let mut block = first_block(nonce);
        let (_, tail) = block.split_at_mut(NONCE_LEN);
        tail.copy_from_slice(&counter.to_be_bytes());
        let core = CtrCore::inner_iv_init(&self.aes, &block.into());
        Run {
            counter: Counter::from_core(core),
            ..self.start(nonce)
        }
    }
}

/// One seal or open call.
pub(super) struct Run<'k> {
    counter: Counter<'k>,
    mask: [u8; BLOCK_LEN],
    hash: BlockHash,
    aad_len: u64,
    payload_len: u64,
}

impl Run<'_> {
    pub(super) fn aad(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        self.aad_len = self.aad_len.wrapping_add(piece.len() as u64);
    }

    pub(super) fn encrypt(&mut self, mut segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        self.begin_segment(segment.len());
        self.counter
            .try_apply_keystream_inout(segment.reborrow())
            .map_err(|_| Error::TooLarge)?;
        self.hash.update(segment.get_out());
        Ok(())
    }

    pub(super) fn decrypt(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        self.begin_segment(segment.len());
        self.hash.update(segment.get_in());
        self.counter
            .try_apply_keystream_inout(segment)
            .map_err(|_| Error::TooLarge)
    }

    fn begin_segment(&mut self, len: usize) {
        if self.payload_len == 0 {
            // Ends the associated data; nothing to do from the second segment on.
            self.hash.pad();
        }
        self.payload_len = self.payload_len.wrapping_add(len as u64);
    }

    pub(super) fn finish(mut self) -> [u8; BLOCK_LEN] {
        self.hash.pad();
        self.hash.update(&lengths(self.aad_len, self.payload_len));
        let mut tag: [u8; BLOCK_LEN] = self.hash.ghash.finalize().into();
        for (t, m) in tag.iter_mut().zip(self.mask) {
            *t ^= m;
        }
        self.mask.zeroize();
        tag
    }
}

/// GHASH over pieces of any length.
struct BlockHash {
    ghash: GHash,
    partial: [u8; BLOCK_LEN],
    filled: usize,
}

impl BlockHash {
    fn new(key: &GHash) -> Self {
        Self {
            ghash: key.clone(),
            partial: [0; BLOCK_LEN],
            filled: 0,
        }
    }

    fn update(&mut self, mut data: &[u8]) {
        if self.filled > 0 {
            let room = self.partial.get_mut(self.filled..).unwrap_or_default();
            let n = room.len().min(data.len());
            let (now, later) = data.split_at(n);
            for (to, from) in room.iter_mut().zip(now) {
                *to = *from;
            }
            self.filled += n;
            data = later;
            if self.filled < BLOCK_LEN {
                return;
            }
            self.pad();
        }
        let (blocks, rest) = Array::slice_as_chunks(data);
        self.ghash.update(blocks);
        for (to, from) in self.partial.iter_mut().zip(rest) {
            *to = *from;
        }
        self.filled = rest.len();
    }

    /// Hashes what is left, filled up with zeros.
    fn pad(&mut self) {
        if self.filled > 0 {
            if let Some(unused) = self.partial.get_mut(self.filled..) {
                unused.fill(0);
            }
            self.ghash
                .update(core::slice::from_ref(&self.partial.into()));
            self.filled = 0;
        }
    }
}
