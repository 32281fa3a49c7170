//! AES-128-GCM in place, key set up once: the cipher alone.

use crate::{Contender, Contenders, Pace, batch, check, plaintexts, plaintexts_of};
use aes_gcm::{AeadInOut, Aes128Gcm, KeyInit};
use roomseal::aead as own;

const KEY: [u8; 16] = [0x42; 16];
/// As long as the header of a room frame.
pub(crate) const AAD: [u8; 12] = [0x0A; 12];
pub(crate) const TAG_LEN: usize = 16;
/// Keys in turn, so that each is cold when it comes: a power of two.
const MANY: usize = 1_024;

/// A key of one library. No call is inlined into the loops that measure it.
pub(crate) trait AeadKey: Sized {
    fn new(key: &[u8; 16]) -> Self;
    fn seal(&self, nonce: [u8; 12], text: &mut [u8]) -> [u8; TAG_LEN];
    fn open(&self, nonce: [u8; 12], text: &mut [u8], tag: &[u8; TAG_LEN]) -> bool;
}

/// A key of this crate, and what runs it.
pub(crate) struct Own(own::Key);

impl Own {
    pub(crate) fn on(engine: own::Engine, key: &[u8; 16]) -> Self {
        let algorithm = own::Algorithm::Gcm;
        Self(own::Key::with_engine(engine, algorithm, key).expect("16 bytes"))
    }
}

impl AeadKey for Own {
    fn new(key: &[u8; 16]) -> Self {
        Self::on(own::Engine::best(), key)
    }

    #[inline(never)]
    fn seal(&self, nonce: [u8; 12], text: &mut [u8]) -> [u8; TAG_LEN] {
        let tag = self.0.seal(&nonce, &[&AAD], text.into());
        let tag = tag.expect("short enough");
        tag.as_bytes().try_into().expect("16 bytes")
    }

    #[inline(never)]
    fn open(&self, nonce: [u8; 12], text: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
        self.0.open(&nonce, &[&AAD], text.into(), tag).is_ok()
    }
}

impl AeadKey for ring::aead::LessSafeKey {
    fn new(key: &[u8; 16]) -> Self {
        let key = ring::aead::UnboundKey::new(&ring::aead::AES_128_GCM, key);
        Self::new(key.expect("16 bytes"))
    }

    #[inline(never)]
    fn seal(&self, nonce: [u8; 12], text: &mut [u8]) -> [u8; TAG_LEN] {
        let nonce = ring::aead::Nonce::assume_unique_for_key(nonce);
        let tag = self
            .seal_in_place_separate_tag(nonce, ring::aead::Aad::from(AAD), text)
            .expect("short enough");
        tag.as_ref().try_into().expect("16 bytes")
    }

    #[inline(never)]
    fn open(&self, nonce: [u8; 12], text: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
        let nonce = ring::aead::Nonce::assume_unique_for_key(nonce);
        let aad = ring::aead::Aad::from(AAD);
        self.open_in_place_separate_tag(nonce, aad, (*tag).into(), text, 0..)
            .is_ok()
    }
}

impl AeadKey for aws_lc_rs::aead::LessSafeKey {
    fn new(key: &[u8; 16]) -> Self {
        let key = aws_lc_rs::aead::UnboundKey::new(&aws_lc_rs::aead::AES_128_GCM, key);
        Self::new(key.expect("16 bytes"))
    }

    #[inline(never)]
    fn seal(&self, nonce: [u8; 12], text: &mut [u8]) -> [u8; TAG_LEN] {
        let nonce = aws_lc_rs::aead::Nonce::assume_unique_for_key(nonce);
        let tag = self
            .seal_in_place_separate_tag(nonce, aws_lc_rs::aead::Aad::from(AAD), text)
            .expect("short enough");
        tag.as_ref().try_into().expect("16 bytes")
    }

    #[inline(never)]
    fn open(&self, nonce: [u8; 12], text: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
        let nonce = aws_lc_rs::aead::Nonce::assume_unique_for_key(nonce);
        let aad = aws_lc_rs::aead::Aad::from(AAD);
        self.open_in_place_separate_tag(nonce, aad, tag, text)
            .is_ok()
    }
}

impl AeadKey for Aes128Gcm {
    fn new(key: &[u8; 16]) -> Self {
        KeyInit::new(key.into())
    }

    #[inline(never)]
    fn seal(&self, nonce: [u8; 12], text: &mut [u8]) -> [u8; TAG_LEN] {
        let tag = self.encrypt_inout_detached(&nonce.into(), &AAD, text.into());
        tag.expect("short enough").into()
    }

    #[inline(never)]
    fn open(&self, nonce: [u8; 12], text: &mut [u8], tag: &[u8; TAG_LEN]) -> bool {
        let tag = &(*tag).into();
        self.decrypt_inout_detached(&nonce.into(), &AAD, text.into(), tag)
            .is_ok()
    }
}

/// A batch of buffers that are sealed and opened where they stand.
struct InPlace<K> {
    name: &'static str,
    is_bar: bool,
    /// Their number is a power of two; each frame takes the next one.
    keys: Vec<K>,
    /// Batches sealed so far.
    count: u64,
    texts: Vec<Vec<u8>>,
    tags: Vec<[u8; TAG_LEN]>,
}

impl<K: AeadKey> InPlace<K> {
    fn boxed(
        name: &'static str,
        is_bar: bool,
        size: usize,
        keys: usize,
        new: impl Fn(&[u8; 16]) -> K,
    ) -> Box<dyn Contender>
    where
        K: 'static,
    {
        // Each key comes once in a batch, so that it is cold when it comes to open too.
        let texts = plaintexts_of(size, if keys > 1 { keys } else { batch(size) });
        let tags = vec![[0; TAG_LEN]; texts.len()];
        let keys = (0..keys).map(|n| {
            let mut key = KEY;
            key[..8].copy_from_slice(&(n as u64).to_be_bytes());
            new(&key)
        });
        Box::new(Self {
            name,
            is_bar,
            keys: keys.collect(),
            count: 0,
            texts,
            tags,
        })
    }

    fn nonce(&self, frame: usize) -> [u8; 12] {
        let mut nonce = [0; 12];
        let (batch, number) = nonce.split_at_mut(8);
        batch.copy_from_slice(&self.count.to_be_bytes());
        let frame = u32::try_from(frame).expect("a batch is short");
        number.copy_from_slice(&frame.to_be_bytes());
        nonce
    }

    fn key(&self, frame: usize) -> &K {
        let batch = usize::try_from(self.count).expect("fewer than 2^32");
        let turn = batch.wrapping_mul(self.texts.len()).wrapping_add(frame);
        &self.keys[turn & (self.keys.len() - 1)]
    }
}

impl<K: AeadKey> Contender for InPlace<K> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_bar(&self) -> bool {
        self.is_bar
    }

    fn frames(&self, _: usize) -> usize {
        self.texts.len()
    }

    fn seal(&mut self, pace: Pace) {
        self.count += 1;
        for frame in 0..self.texts.len() {
            pace.step();
            let nonce = self.nonce(frame);
            let mut text = core::mem::take(&mut self.texts[frame]);
            self.tags[frame] = self.key(frame).seal(nonce, &mut text);
            self.texts[frame] = text;
        }
    }

    fn open(&mut self, pace: Pace) {
        for frame in 0..self.texts.len() {
            pace.step();
            let nonce = self.nonce(frame);
            let mut text = core::mem::take(&mut self.texts[frame]);
            let authentic = self.key(frame).open(nonce, &mut text, &self.tags[frame]);
            self.texts[frame] = text;
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
        self.seal(Pace::BackToBack);
        let mut text = self.texts[0].clone();
        text[0] ^= 1;
        let nonce = self.nonce(0);
        let refused = !self.key(0).open(nonce, &mut text, &self.tags[0]);
        self.open(Pace::BackToBack);
        refused
    }
}

/// What a table calls this crate on an engine.
pub(crate) fn own_name(engine: own::Engine) -> &'static str {
    match engine.name() {
        "vaes512" => "roomseal vaes512",
        "vaes" => "roomseal vaes",
        "aes_ni" => "roomseal aes_ni",
        "portable" => "roomseal portable",
        _ => "roomseal another engine",
    }
}

fn ciphers(size: usize, keys: usize) -> Contenders {
    use aws_lc_rs::aead as aws;
    use ring::aead as ring;

    let mut contenders = vec![
        InPlace::boxed("ring", true, size, keys, ring::LessSafeKey::new_aead),
        #[cfg(feature = "boringssl")]
        InPlace::boxed(
            "BoringSSL",
            true,
            size,
            keys,
            crate::boringssl::Key::new_aead,
        ),
        InPlace::boxed("aws-lc-rs", false, size, keys, aws::LessSafeKey::new_aead),
        InPlace::boxed("aes-gcm crate", false, size, keys, Aes128Gcm::new_aead),
    ];
    contenders.extend(own::Engine::available().map(|engine| {
        let new = move |key: &[u8; 16]| Own::on(engine, key);
        InPlace::boxed(own_name(engine), false, size, keys, new)
    }));
    let frames = contenders.iter_mut().map(|contender| {
        contender.seal(Pace::BackToBack);
        let sealed = contender.sealed();
        contender.open(Pace::BackToBack);
        sealed
    });
    let frames: Vec<_> = frames.collect();
    assert!(
        frames.iter().all(|f| *f == frames[0]),
        "the ciphers differ at {size} bytes"
    );
    check(contenders, size)
}

/// [`AeadKey::new`] beside libraries' own functions of that name.
trait NewAead: AeadKey {
    fn new_aead(key: &[u8; 16]) -> Self {
        <Self as AeadKey>::new(key)
    }
}

impl<K: AeadKey> NewAead for K {}

/// AES-128-GCM of this crate, on every engine, beside the ciphers of others.
///
/// # Panics
/// If they don't agree in every byte.
#[must_use]
pub fn aead(size: usize) -> Contenders {
    ciphers(size, 1)
}

/// The same with 1,024 keys in turn, which are cold when they come.
///
/// # Panics
/// If they don't agree in every byte.
#[must_use]
pub fn aead_many_keys(size: usize) -> Contenders {
    ciphers(size, MANY)
}

/// The line to compare whole frames with: ring's cipher alone.
pub(crate) fn ring_alone(size: usize) -> Box<dyn Contender> {
    let new = ring::aead::LessSafeKey::new_aead;
    InPlace::boxed("ring, cipher alone", true, size, 1, new)
}

/// A frame as one segment, or as several whose ends divide its bytes in this way.
struct Segments {
    name: &'static str,
    key: own::Key,
    /// Where segments end, in sixteenths and bytes more or less.
    ends: &'static [(usize, isize)],
    count: u64,
    texts: Vec<Vec<u8>>,
    tags: Vec<own::Tag>,
}

impl Segments {
    fn boxed(
        name: &'static str,
        size: usize,
        ends: &'static [(usize, isize)],
    ) -> Box<dyn Contender> {
        let key = own::Key::new(own::Algorithm::Gcm, &KEY).expect("16 bytes");
        let texts = plaintexts(size);
        Box::new(Self {
            name,
            key,
            ends,
            count: 0,
            texts,
            tags: Vec::new(),
        })
    }

    fn nonce(&self, frame: usize) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&self.count.to_be_bytes());
        nonce[11] = u8::try_from(frame).expect("a batch is short");
        nonce
    }

    /// Where the segments of `len` bytes end.
    fn ends(&self, len: usize) -> impl Iterator<Item = usize> {
        let end = move |(part, more): &(usize, isize)| {
            (len * part / 16)
                .checked_add_signed(*more)
                .expect("within a frame")
        };
        self.ends.iter().map(end).chain([len])
    }
}

impl Contender for Segments {
    fn name(&self) -> &'static str {
        self.name
    }

    fn seal(&mut self, pace: Pace) {
        self.count += 1;
        let mut texts = core::mem::take(&mut self.texts);
        self.tags.clear();
        for (frame, text) in texts.iter_mut().enumerate() {
            pace.step();
            let nonce = self.nonce(frame);
            let tag = if self.ends.is_empty() {
                self.key.seal(&nonce, &[&AAD], text.as_mut_slice().into())
            } else {
                let mut call = self
                    .key
                    .sealing(&nonce, AAD.len(), text.len())
                    .expect("short enough");
                call.aad(&AAD).expect("as declared");
                let mut start = 0;
                for end in self.ends(text.len()) {
                    let segment = &mut text[start..end];
                    call.encrypt(segment.into()).expect("as declared");
                    start = end;
                }
                call.finish()
            };
            self.tags.push(tag.expect("as declared"));
        }
        self.texts = texts;
    }

    fn open(&mut self, pace: Pace) {
        let mut texts = core::mem::take(&mut self.texts);
        for (frame, text) in texts.iter_mut().enumerate() {
            pace.step();
            let nonce = self.nonce(frame);
            let tag = self.tags[frame].as_bytes();
            let opened = if self.ends.is_empty() {
                let text = text.as_mut_slice().into();
                self.key.open(&nonce, &[&AAD], text, tag)
            } else {
                let mut call = self
                    .key
                    .opening(&nonce, AAD.len(), text.len())
                    .expect("short enough");
                call.aad(&AAD).expect("as declared");
                let mut start = 0;
                for end in self.ends(text.len()) {
                    let segment = &mut text[start..end];
                    call.decrypt(segment.into()).expect("as declared");
                    start = end;
                }
                call.finish(tag)
            };
            assert_eq!(opened, Ok(()), "{} refuses its own frame", self.name);
        }
        self.texts = texts;
    }

    fn sealed(&self) -> Vec<Vec<u8>> {
        let frames = self.texts.iter().zip(&self.tags);
        frames
            .map(|(text, tag)| [text, tag.as_bytes()].concat())
            .collect()
    }

    fn opened(&self) -> Vec<Vec<u8>> {
        self.texts.clone()
    }

    fn refuses_forgery(&mut self) -> bool {
        self.seal(Pace::BackToBack);
        let mut call = self.key.opening(&self.nonce(0), 0, 1).expect("short");
        call.decrypt((&mut [0][..]).into()).expect("as declared");
        let refused = call.finish(self.tags[0].as_bytes()).is_err();
        self.open(Pace::BackToBack);
        refused
    }
}

/// One call over a frame beside four segments of it, on and off block ends.
///
/// # Panics
/// If they don't agree in every byte.
#[must_use]
pub fn segments(size: usize) -> Contenders {
    let mut contenders = vec![
        Segments::boxed("one segment", size, &[]),
        Segments::boxed("4 equal segments", size, &[(4, 0), (8, 0), (12, 0)]),
        Segments::boxed("4 uneven segments", size, &[(1, 3), (7, -5), (14, 7)]),
    ];
    let frames = contenders.iter_mut().map(|contender| {
        contender.seal(Pace::BackToBack);
        let sealed = contender.sealed();
        contender.open(Pace::BackToBack);
        sealed
    });
    let frames: Vec<_> = frames.collect();
    assert!(frames.iter().all(|f| *f == frames[0]), "segments differ");
    check(contenders, size)
}
