//! A second implementation of docs/WIRE.md: slow, plain, and without a line of
//! the crate in it. It keeps no state and prepares nothing; every frame is
//! sealed and opened from the room key down. Section numbers are that page's.

pub(crate) mod codec;
pub(crate) mod document;

use aes::Aes128;
use aes::cipher::BlockCipherEncrypt;
use aes_gcm::Aes128Gcm;
use aes_gcm::aead::{Aead, Payload};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Why a frame, a header, an id or a text is refused (sections 7.2, 4.7, 3.2 and
/// 5), or isn't sealed (section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Malformed,
    NotSealed,
    UnknownKey,
    NotAuthentic,
    BadText,
    BadId,
    NotOfCodec,
    TooManyEscapes,
}

// Section 1: notation.

fn hmac_sha256(key: &[u8], pieces: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any key length will do");
    for piece in pieces {
        mac.update(piece);
    }
    mac.finalize().into_bytes().into()
}

fn extract(salt: &[u8], ikm: &[u8]) -> [u8; 32] {
    hmac_sha256(salt, &[ikm])
}

fn expand(prk: &[u8; 32], info: &[u8], length: usize) -> Vec<u8> {
    let mut output = Vec::new();
    let mut previous = Vec::new();
    let mut round = 1_u8;
    while output.len() < length {
        previous = hmac_sha256(prk, &[&previous, info, &[round]]).to_vec();
        output.extend_from_slice(&previous);
        round += 1;
    }
    output.truncate(length);
    output
}

fn lp(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("no field is that long");
    [&length.to_be_bytes(), bytes].concat()
}

// Section 2.1: the header.

/// The config nibble of one number, and the bytes that follow it.
fn shortest(number: u64) -> (u8, Vec<u8>) {
    if let Ok(small @ 0..=7) = u8::try_from(number) {
        return (small, Vec::new());
    }
    let bytes: Vec<u8> = number
        .to_be_bytes()
        .into_iter()
        .skip_while(|byte| *byte == 0)
        .collect();
    let length = u8::try_from(bytes.len()).expect("at most 8");
    (0x8 | (length - 1), bytes)
}

pub(crate) fn header(kid: u64, ctr: u64) -> Vec<u8> {
    let (kid_nibble, kid_bytes) = shortest(kid);
    let (ctr_nibble, ctr_bytes) = shortest(ctr);
    [vec![(kid_nibble << 4) | ctr_nibble], kid_bytes, ctr_bytes].concat()
}

/// KID, CTR and the header's length.
pub(crate) fn parse_header(frame: &[u8]) -> Result<(u64, u64, usize), Refusal> {
    let config = *frame.first().ok_or(Refusal::Malformed)?;
    let mut at = 1;
    let mut number = |nibble: u8| {
        if nibble & 0x8 == 0 {
            return Ok(u64::from(nibble));
        }
        let mut value = 0;
        for _ in 0..=nibble & 0x7 {
            value = (value << 8) | u64::from(*frame.get(at).ok_or(Refusal::Malformed)?);
            at += 1;
        }
        Ok(value)
    };
    let kid = number(config >> 4)?;
    let ctr = number(config & 0xf)?;
    // There is one shortest form, so whatever differs from it is longer.
    if frame[..at] == header(kid, ctr) {
        Ok((kid, ctr, at))
    } else {
        Err(Refusal::Malformed)
    }
}

// Sections 2.2 to 2.6: frames under a base key.

pub(crate) fn tag_length(suite: u16) -> usize {
    match suite {
        1 => 10,
        2 => 8,
        3 => 4,
        4 => 16,
        _ => panic!("there are four suites"),
    }
}

/// `sframe_secret`, `sframe_key` and `sframe_salt`.
pub(crate) fn sframe_keys(base_key: &[u8], kid: u64, suite: u16) -> ([u8; 32], Vec<u8>, Vec<u8>) {
    let secret = extract(b"", base_key);
    let label = |text: &[u8]| [text, &kid.to_be_bytes(), &suite.to_be_bytes()].concat();
    let key_length = if suite == 4 { 16 } else { 48 };
    let key = expand(&secret, &label(b"SFrame 1.0 Secret key "), key_length);
    let salt = expand(&secret, &label(b"SFrame 1.0 Secret salt "), 12);
    (secret, key, salt)
}

pub(crate) fn nonce(salt: &[u8], ctr: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&ctr.to_be_bytes());
    for (byte, salt) in nonce.iter_mut().zip(salt) {
        *byte ^= salt;
    }
    nonce
}

/// AES-128 in counter mode, the counter from 0, one block after the other.
fn counter_mode(key: &[u8], nonce: &[u8; 12], text: &[u8]) -> Vec<u8> {
    let aes = <Aes128 as KeyInit>::new_from_slice(key).expect("16 bytes");
    let mut output = Vec::with_capacity(text.len());
    for (counter, block) in (0_u32..).zip(text.chunks(16)) {
        let mut stream = [0; 16];
        stream[..12].copy_from_slice(nonce);
        stream[12..].copy_from_slice(&counter.to_be_bytes());
        aes.encrypt_block((&mut stream).into());
        output.extend(block.iter().zip(stream).map(|(byte, key)| byte ^ key));
    }
    output
}

fn counter_mode_tag(
    key: &[u8],
    length: usize,
    nonce: &[u8; 12],
    aad: &[u8],
    ciphertext: &[u8],
) -> Vec<u8> {
    let be8 = |length: usize| u64::try_from(length).expect("64 bits").to_be_bytes();
    let lengths = [be8(aad.len()), be8(ciphertext.len()), be8(length)].concat();
    hmac_sha256(key, &[&lengths, nonce, aad, ciphertext])[..length].to_vec()
}

/// Ciphertext and tag.
pub(crate) fn aead_seal(
    suite: u16,
    key: &[u8],
    nonce: &[u8; 12],
    aad: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    if suite == 4 {
        let gcm = Aes128Gcm::new_from_slice(key).expect("16 bytes");
        let message = Payload {
            msg: plaintext,
            aad,
        };
        return gcm.encrypt(nonce.into(), message).expect("short enough");
    }
    let ciphertext = counter_mode(&key[..16], nonce, plaintext);
    let tag = counter_mode_tag(&key[16..], tag_length(suite), nonce, aad, &ciphertext);
    [ciphertext, tag].concat()
}

fn aead_open(
    suite: u16,
    key: &[u8],
    nonce: &[u8; 12],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, Refusal> {
    if suite == 4 {
        let gcm = Aes128Gcm::new_from_slice(key).expect("16 bytes");
        let message = Payload { msg: sealed, aad };
        return gcm
            .decrypt(nonce.into(), message)
            .map_err(|_| Refusal::NotAuthentic);
    }
    let (ciphertext, tag) = sealed.split_at(sealed.len() - tag_length(suite));
    if tag != counter_mode_tag(&key[16..], tag.len(), nonce, aad, ciphertext) {
        return Err(Refusal::NotAuthentic);
    }
    Ok(counter_mode(&key[..16], nonce, ciphertext))
}

pub(crate) fn sframe_seal(
    base_key: &[u8],
    suite: u16,
    kid: u64,
    ctr: u64,
    metadata: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    let (_, key, salt) = sframe_keys(base_key, kid, suite);
    let header = header(kid, ctr);
    let aad = [&header, metadata].concat();
    let sealed = aead_seal(suite, &key, &nonce(&salt, ctr), &aad, plaintext);
    [header, sealed].concat()
}

/// Opens a frame whose KID's base key `base_key_of` knows.
pub(crate) fn sframe_open(
    base_key_of: impl FnOnce(u64) -> Result<Vec<u8>, Refusal>,
    suite: u16,
    metadata: &[u8],
    frame: &[u8],
) -> Result<Vec<u8>, Refusal> {
    let (kid, ctr, header_length) = parse_header(frame)?;
    let (header, sealed) = frame.split_at(header_length);
    if sealed.len() < tag_length(suite) {
        return Err(Refusal::Malformed);
    }
    let (_, key, salt) = sframe_keys(&base_key_of(kid)?, kid, suite);
    let aad = [header, metadata].concat();
    aead_open(suite, &key, &nonce(&salt, ctr), &aad, sealed)
}

// Section 2.7.

pub(crate) fn next_base_key(base_key: &[u8]) -> Vec<u8> {
    expand(&extract(b"", base_key), b"SFrame 1.0 Ratchet", 32)
}

pub(crate) fn stream_base_key(base_key: &[u8], ssrc: u32) -> Vec<u8> {
    let secret = extract(&ssrc.to_be_bytes(), base_key);
    expand(&secret, b"SFrame 1.0 RTP Stream", 32)
}

pub(crate) fn mls_kid(
    epoch_bits: u32,
    sender_bits: u32,
    context: u64,
    sender: u64,
    epoch: u64,
) -> u64 {
    (context << (sender_bits + epoch_bits)) + (sender << epoch_bits) + epoch % 2_u64.pow(epoch_bits)
}

// Section 3: the room.

pub(crate) fn number_id(number: u64) -> Vec<u8> {
    format!("n:{number}").into_bytes()
}

pub(crate) fn text_id(text: &str) -> Vec<u8> {
    format!("s:{text}").into_bytes()
}

/// Whether these bytes are a typed id.
pub(crate) fn check_id(id: &[u8]) -> Result<(), Refusal> {
    let text = str::from_utf8(id).map_err(|_| Refusal::BadId)?;
    let good = match (text.strip_prefix("n:"), text.strip_prefix("s:")) {
        (Some(digits), _) => digits
            .parse::<u64>()
            .is_ok_and(|number| number.to_string() == digits),
        (_, Some(text)) => (1..=256).contains(&text.len()),
        _ => false,
    };
    if good { Ok(()) } else { Err(Refusal::BadId) }
}

pub(crate) fn room_kid(random_bits: u64, epoch: u64) -> u64 {
    assert!(random_bits < 1 << 59, "59 random bits");
    (1 << 63) | (random_bits << 4) | (epoch % 16)
}

pub(crate) fn epoch_secret(room_key: &[u8; 16]) -> [u8; 32] {
    extract(b"roomseal 1 epoch", room_key)
}

pub(crate) fn next_room_key(room_key: &[u8; 16], epoch: u64) -> [u8; 16] {
    let next = epoch
        .checked_add(1)
        .expect("the last epoch has no next one");
    let info = [&b"roomseal 1 next room key"[..], &next.to_be_bytes()].concat();
    let key = expand(&epoch_secret(room_key), &info, 16);
    key.try_into().expect("16 bytes")
}

/// Everything that both ends of a channel know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Channel {
    pub(crate) app_id: Vec<u8>,
    pub(crate) room_id: Vec<u8>,
    pub(crate) call_id: Vec<u8>,
    pub(crate) room_key: [u8; 16],
    pub(crate) room_salt: Vec<u8>,
    pub(crate) epoch: u64,
    pub(crate) kind: u8,
    pub(crate) form: u8,
    pub(crate) suite: u16,
}

impl Channel {
    pub(crate) fn base_key(&self, kid: u64) -> Vec<u8> {
        let info = [
            b"roomseal 1 base key".to_vec(),
            lp(&self.room_salt),
            lp(&self.app_id),
            lp(&self.room_id),
            lp(&self.call_id),
            self.epoch.to_be_bytes().to_vec(),
            vec![self.kind, self.form],
            kid.to_be_bytes().to_vec(),
        ]
        .concat();
        expand(&epoch_secret(&self.room_key), &info, 32)
    }

    pub(crate) fn seal(&self, kid: u64, ctr: u64, metadata: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let base_key = self.base_key(kid);
        sframe_seal(&base_key, self.suite, kid, ctr, metadata, plaintext)
    }

    pub(crate) fn open(&self, metadata: &[u8], frame: &[u8]) -> Result<Vec<u8>, Refusal> {
        let (kid, _, _) = parse_header(frame)?;
        if kid < 1 << 63 {
            return Err(Refusal::NotSealed);
        }
        let base_key_of = |kid: u64| {
            if kid % 16 == self.epoch % 16 {
                Ok(self.base_key(kid))
            } else {
                Err(Refusal::UnknownKey)
            }
        };
        sframe_open(base_key_of, self.suite, metadata, frame)
    }
}

/// The length of a room frame as senders make it.
pub(crate) fn sealed_length(plaintext: usize, suite: u16) -> usize {
    plaintext + 12 + tag_length(suite)
}

// Section 5: messages as text.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(crate) fn to_text(frame: &[u8]) -> String {
    let bits: Vec<u8> = frame
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| (byte >> bit) & 1))
        .collect();
    bits.chunks(6)
        .map(|six| {
            let value = (0..6).fold(0, |value, bit| (value << 1) | six.get(bit).unwrap_or(&0));
            char::from(ALPHABET[usize::from(value)])
        })
        .collect()
}

pub(crate) fn from_text(text: &str) -> Result<Vec<u8>, Refusal> {
    let mut bits = Vec::new();
    for character in text.bytes() {
        let value = (0_u8..)
            .zip(ALPHABET)
            .find_map(|(value, letter)| (*letter == character).then_some(value))
            .ok_or(Refusal::BadText)?;
        bits.extend((0..6).rev().map(|bit| (value >> bit) & 1));
    }
    let (bytes, spare) = bits.as_chunks::<8>();
    if spare.len() >= 6 || spare.contains(&1) {
        return Err(Refusal::BadText);
    }
    Ok(bytes
        .iter()
        .map(|byte| byte.iter().fold(0, |value, bit| (value << 1) | bit))
        .collect())
}

/// The largest message whose frame fits a limit in bytes.
pub(crate) fn largest_message(limit: usize, suite: u16) -> Option<usize> {
    limit.checked_sub(12 + tag_length(suite))
}

/// The largest message whose text fits a limit in characters.
pub(crate) fn largest_text_message(limit: usize, suite: u16) -> Option<usize> {
    largest_message(3 * limit / 4, suite)
}
