//! AES-128-GCM in place, key set up once: the cipher alone.

use crate::{Contender, Contenders, check, plaintexts};
use aes_gcm::{AeadInOut, Aes128Gcm, KeyInit};
use roomseal::aead as own;

const KEY: [u8; 16] = [0x42; 16];
/// As long as the header of a room frame.
const AAD: [u8; 12] = [0x0A; 12];
const TAG_LEN: usize = 16;

/// A key of one library.
trait AeadKey {
    fn seal(&self, nonce: [u8; 12], text: &mut [u8]) -> [u8; TAG_LEN];
    fn open(&self, nonce: [u8; 12], text: &mut [u8], tag: &[u8; TAG_LEN]) -> bool;
}

impl AeadKey for own::Key {
    fn seal(&self, nonce: [u8; 12], text: &mut [u8]) -> [u8; TAG_LEN] {
        let tag = own::Key::seal(self, &nonce, &[&AAD], text.into()).expect("short enough");
        tag.as_bytes().try_into().expect("16 bytes")
    }

    fn open(&self, nonce: [u8; 12], text: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
        own::Key::open(self, &nonce, &[&AAD], text.into(), tag).is_ok()
    }
}

impl AeadKey for ring::aead::LessSafeKey {
    fn seal(&self, nonce: [u8; 12], text: &mut [u8]) -> [u8; TAG_LEN] {
        let nonce = ring::aead::Nonce::assume_unique_for_key(nonce);
        let tag = self
            .seal_in_place_separate_tag(nonce, ring::aead::Aad::from(AAD), text)
            .expect("short enough");
        tag.as_ref().try_into().expect("16 bytes")
    }

    fn open(&self, nonce: [u8; 12], text: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
        let nonce = ring::aead::Nonce::assume_unique_for_key(nonce);
        let aad = ring::aead::Aad::from(AAD);
        self.open_in_place_separate_tag(nonce, aad, (*tag).into(), text, 0..)
            .is_ok()
    }
}

impl AeadKey for aws_lc_rs::aead::LessSafeKey {
    fn seal(&self, nonce: [u8; 12], text: &mut [u8]) -> [u8; TAG_LEN] {
        let nonce = aws_lc_rs::aead::Nonce::assume_unique_for_key(nonce);
        let tag = self
            .seal_in_place_separate_tag(nonce, aws_lc_rs::aead::Aad::from(AAD), text)
            .expect("short enough");
        tag.as_ref().try_into().expect("16 bytes")
    }

    fn open(&self, nonce: [u8; 12], text: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
        let nonce = aws_lc_rs::aead::Nonce::assume_unique_for_key(nonce);
        let aad = aws_lc_rs::aead::Aad::from(AAD);
        self.open_in_place_separate_tag(nonce, aad, tag, text)
            .is_ok()
    }
}

impl AeadKey for Aes128Gcm {
    fn seal(&self, nonce: [u8; 12], text: &mut [u8]) -> [u8; TAG_LEN] {
        let tag = self.encrypt_inout_detached(&nonce.into(), &AAD, text.into());
        tag.expect("short enough").into()
    }

    fn open(&self, nonce: [u8; 12], text: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
        let tag = &(*tag).into();
        self.decrypt_inout_detached(&nonce.into(), &AAD, text.into(), tag)
            .is_ok()
    }
}

/// A batch of buffers that are sealed and opened where they stand.
struct InPlace<K> {
    name: &'static str,
    key: K,
    /// Batches sealed so far.
    count: u64,
    texts: Vec<Vec<u8>>,
    tags: Vec<[u8; TAG_LEN]>,
}

impl<K: AeadKey> InPlace<K> {
    fn new(name: &'static str, key: K, size: usize) -> Self {
        let texts = plaintexts(size);
        let tags = vec![[0; TAG_LEN]; texts.len()];
        Self {
            name,
            key,
            count: 0,
            texts,
            tags,
        }
    }

    fn nonce(&self, frame: usize) -> [u8; 12] {
        let mut nonce = [0; 12];
        let (batch, number) = nonce.split_at_mut(8);
        batch.copy_from_slice(&self.count.to_be_bytes());
        let frame = u32::try_from(frame).expect("a batch is short");
        number.copy_from_slice(&frame.to_be_bytes());
        nonce
    }
}

impl<K: AeadKey> Contender for InPlace<K> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn seal(&mut self) {
        self.count += 1;
        for frame in 0..self.texts.len() {
            let nonce = self.nonce(frame);
            self.tags[frame] = self.key.seal(nonce, &mut self.texts[frame]);
        }
    }

    fn open(&mut self) {
        for frame in 0..self.texts.len() {
            let nonce = self.nonce(frame);
            let authentic = self
                .key
                .open(nonce, &mut self.texts[frame], &self.tags[frame]);
            assert!(authentic, "{} refuses its own frame", self.name);
        }
    }

    fn sealed(&self) -> Vec<Vec<u8>> {
        let frames = self.texts.iter().zip(&self.tags);
        frames
            .map(|(text, tag)| [text, &tag[..]].concat())
            .collect()
    }

    fn opened(&self) -> Vec<Vec<u8>> {
        self.texts.clone()
    }

    fn refuses_forgery(&mut self) -> bool {
        self.seal();
        let mut text = self.texts[0].clone();
        text[0] ^= 1;
        let refused = !self.key.open(self.nonce(0), &mut text, &self.tags[0]);
        self.open();
        refused
    }
}

/// AES-128-GCM of this crate beside the ciphers of others.
///
/// # Panics
/// If they don't agree in every byte.
#[must_use]
pub fn aead(size: usize) -> Contenders {
    use aws_lc_rs::aead as aws;
    use ring::aead as ring;

    let ring_key = ring::UnboundKey::new(&ring::AES_128_GCM, &KEY).expect("16 bytes");
    let aws_key = aws::UnboundKey::new(&aws::AES_128_GCM, &KEY).expect("16 bytes");
    let own_key = own::Key::new(own::Algorithm::Gcm, &KEY).expect("16 bytes");
    let mut contenders: Contenders = vec![
        Box::new(InPlace::new("ring", ring::LessSafeKey::new(ring_key), size)),
        Box::new(InPlace::new(
            "aws-lc-rs",
            aws::LessSafeKey::new(aws_key),
            size,
        )),
        Box::new(InPlace::new(
            "aes-gcm crate",
            Aes128Gcm::new(&KEY.into()),
            size,
        )),
        Box::new(InPlace::new("roomseal", own_key, size)),
    ];
    let frames = contenders.iter_mut().map(|contender| {
        contender.seal();
        let sealed = contender.sealed();
        contender.open();
        sealed
    });
    let frames: Vec<_> = frames.collect();
    assert!(
        frames.iter().all(|f| *f == frames[0]),
        "the ciphers differ at {size} bytes"
    );
    check(contenders, size)
}

/// The line to compare whole frames with: ring's cipher alone.
pub(crate) fn ring_alone(size: usize) -> Box<dyn Contender> {
    use ring::aead as ring;
    let key = ring::UnboundKey::new(&ring::AES_128_GCM, &KEY).expect("16 bytes");
    Box::new(InPlace::new(
        "ring, cipher alone",
        ring::LessSafeKey::new(key),
        size,
    ))
}
