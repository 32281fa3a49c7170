//! Every engine that this CPU has on the same call: ciphertext, tag and what a forgery
//! leaves behind are those of the `aes-gcm` crate, in one call and in any segments, in
//! place and from input to output, wherever the buffers lie.
#![no_main]

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes128Gcm, KeyInit};
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use roomseal::Error;
use roomseal::aead::{Algorithm, Engine, InOutBuf, Key};
use roomseal_fuzz::{FILL, assert_untouched};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    key: [u8; 16],
    nonce: [u8; 12],
    /// Repeats the payload, to reach the bulk loops.
    times: u8,
    /// Bytes before input and output.
    offsets: (u8, u8),
    /// Lengths of segments, and whether each is in place.
    segments: Vec<(u16, bool)>,
    /// A bit of ciphertext or tag.
    flip: u32,
    aad: &'a [u8],
    payload: &'a [u8],
}

/// Bytes at an offset of a larger place, and what lies around them.
struct Placed {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Placed {
    fn new(offset: u8, content: &[u8]) -> Self {
        let start = usize::from(offset);
        let mut bytes = vec![FILL; start];
        bytes.extend_from_slice(content);
        let end = bytes.len();
        bytes.resize(end + 64, FILL);
        Self { bytes, start, end }
    }

    fn get(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.end]
    }

    fn checked(&self) -> &[u8] {
        assert_untouched(&self.bytes[..self.start]);
        assert_untouched(&self.bytes[self.end..]);
        &self.bytes[self.start..self.end]
    }
}

fuzz_target!(|input: Input<'_>| {
    let plaintext = input.payload.repeat(usize::from(input.times % 16) + 1);
    let mut ciphertext = plaintext.clone();
    let oracle = Aes128Gcm::new(&input.key.into());
    let tag: [u8; 16] = oracle
        .encrypt_inout_detached(
            &input.nonce.into(),
            input.aad,
            ciphertext.as_mut_slice().into(),
        )
        .expect("short enough")
        .into();
    for engine in Engine::available() {
        let key = Key::with_engine(engine, Algorithm::Gcm, &input.key).expect("16 bytes");
        one_call(&input, &key, (&plaintext, &ciphertext, &tag));
        in_segments(&input, &key, (&plaintext, &ciphertext, &tag));
        forged(&input, &key, (&ciphertext, &tag));
    }
});

fn one_call(input: &Input<'_>, key: &Key, (plaintext, ciphertext, tag): (&[u8], &[u8], &[u8; 16])) {
    let (from, to) = input.offsets;
    let (front, back) = input.aad.split_at(input.aad.len() / 2);
    let mut text = Placed::new(from, plaintext);
    let got = key.seal(&input.nonce, &[front, back], text.get().into());
    assert_eq!(got.expect("sealed").as_bytes(), tag);
    assert_eq!(text.checked(), ciphertext);
    let mut out = Placed::new(to, &vec![FILL; plaintext.len()]);
    let buf = InOutBuf::new(text.checked(), out.get()).expect("equal lengths");
    assert_eq!(key.open(&input.nonce, &[input.aad], buf, tag), Ok(()));
    assert_eq!(out.checked(), plaintext);
    let buf = InOutBuf::new(plaintext, text.get()).expect("equal lengths");
    let got = key.seal(&input.nonce, &[input.aad], buf);
    assert_eq!(got.expect("sealed").as_bytes(), tag);
    assert_eq!(text.checked(), ciphertext);
}

fn in_segments(
    input: &Input<'_>,
    key: &Key,
    (plaintext, ciphertext, tag): (&[u8], &[u8], &[u8; 16]),
) {
    let (len, aad_len) = (plaintext.len(), input.aad.len());
    let mut sealing = key
        .sealing(&input.nonce, aad_len, len)
        .expect("short enough");
    let mut opening = key
        .opening(&input.nonce, aad_len, len)
        .expect("short enough");
    for piece in input
        .aad
        .chunks(usize::from(input.offsets.0) % aad_len.max(1) + 1)
    {
        sealing.aad(piece).expect("as declared");
        opening.aad(piece).expect("as declared");
    }
    let mut sealed = Placed::new(input.offsets.1, &vec![FILL; len]);
    let mut opened = Placed::new(input.offsets.0, &vec![FILL; len]);
    let mut start = 0;
    // What the list leaves over is one more segment.
    for (now, in_place) in input.segments.iter().copied().chain([(u16::MAX, false)]) {
        let range = start..len.min(start + usize::from(now));
        start = range.end;
        let (from, to) = (&plaintext[range.clone()], &mut sealed.get()[range.clone()]);
        if in_place {
            to.copy_from_slice(from);
            sealing.encrypt(to.into()).expect("as declared");
        } else {
            let buf = InOutBuf::new(from, to).expect("equal lengths");
            sealing.encrypt(buf).expect("as declared");
        }
        let (from, to) = (&ciphertext[range.clone()], &mut opened.get()[range]);
        if in_place {
            let buf = InOutBuf::new(from, to).expect("equal lengths");
            opening.decrypt(buf).expect("as declared");
        } else {
            to.copy_from_slice(from);
            opening.decrypt(to.into()).expect("as declared");
        }
    }
    assert_eq!(start, len, "inputs are shorter than this");
    assert_eq!(sealing.finish().expect("all went in").as_bytes(), tag);
    assert_eq!(sealed.checked(), ciphertext);
    assert_eq!(opening.finish(tag), Ok(()));
    assert_eq!(opened.checked(), plaintext);
}

fn forged(input: &Input<'_>, key: &Key, (ciphertext, tag): (&[u8], &[u8; 16])) {
    let mut forged = [ciphertext, tag].concat();
    let bits = u32::try_from(forged.len() * 8).expect("short");
    let bit = usize::try_from(input.flip % bits).expect("short");
    forged[bit / 8] ^= 1 << (bit % 8);
    let (text, tag) = forged.split_at(ciphertext.len());
    let mut out = Placed::new(input.offsets.1, &vec![FILL; text.len()]);
    let buf = InOutBuf::new(text, out.get()).expect("equal lengths");
    let refused = key.open(&input.nonce, &[input.aad], buf, tag);
    assert_eq!(refused, Err(Error::NotAuthentic));
    assert!(out.checked().iter().all(|b| *b == 0), "plaintext is left");
}
