//! Every secret of a room, computed once more from the room key, step by step,
//! with what comes up on the way: HMAC states, intermediate digests, round keys.

use roomseal::sframe::CipherSuite;
use sha2::{Digest, Sha256, block_api::compress256};
use std::collections::HashMap;

/// How many bytes in a row count as a copy.
pub(crate) const RUN: usize = 8;

/// What plain senders are listed under: no epoch.
pub(crate) const PLAIN_EPOCH: u64 = 0;
pub(crate) const PLAIN_KID: u64 = 0x1234;
pub(crate) const PLAIN_SUITE: CipherSuite = CipherSuite::Aes128GcmSha256_128;

/// A stream in one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stream {
    pub(crate) epoch: u64,
    pub(crate) kind: u8,
    pub(crate) suite: u16,
    pub(crate) kid: u64,
}

/// What makes up the info of base keys besides the stream.
pub(crate) struct Context<'c> {
    pub(crate) salt: &'c [u8],
    pub(crate) ids: [&'c [u8]; 3],
}

/// What a run of bytes is a part of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Secret {
    pub(crate) epoch: u64,
    pub(crate) name: String,
}

/// Runs of secret bytes.
#[derive(Default)]
pub(crate) struct Needles {
    /// The epoch that secrets are added for.
    epoch: u64,
    secrets: Vec<Secret>,
    runs: HashMap<[u8; RUN], usize>,
    /// Which first two bytes any run has: most places are passed by this.
    starts: Vec<bool>,
}

impl Needles {
    pub(crate) fn new() -> Self {
        Self {
            starts: vec![false; 1 << 16],
            ..Self::default()
        }
    }

    fn add_bytes(&mut self, name: &str, bytes: &[u8]) {
        let index = self.secrets.len();
        self.secrets.push(Secret {
            epoch: self.epoch,
            name: name.to_owned(),
        });
        for run in bytes.windows(RUN) {
            self.starts[usize::from(u16::from_le_bytes([run[0], run[1]]))] = true;
            let run = run.try_into().expect("a window of this length");
            self.runs.entry(run).or_insert(index);
        }
    }

    /// Bytes, and the same as words of the other byte order, as in hash states.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) {
        self.add_bytes(name, bytes);
        let swapped: Vec<u8> = bytes
            .chunks_exact(4)
            .flat_map(|word| word.iter().rev().copied())
            .collect();
        self.add_bytes(&format!("{name}, as words"), &swapped);
    }

    /// Text, as it is.
    pub(crate) fn add_text(&mut self, epoch: u64, name: &str, text: &str) {
        self.epoch = epoch;
        self.add_bytes(name, text.as_bytes());
    }

    /// Places of `memory` where a run stands; runs that overlap count once.
    pub(crate) fn find(&self, memory: &[u8]) -> Vec<(usize, &Secret)> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(run) = memory.get(from..).and_then(<[u8]>::first_chunk::<RUN>) {
            let start = usize::from(u16::from_le_bytes([run[0], run[1]]));
            if self.starts[start]
                && let Some(index) = self.runs.get(run)
            {
                found.push((from, &self.secrets[*index]));
                from += RUN;
            } else {
                from += 1;
            }
        }
        found
    }

    /// HMAC-SHA256. A secret key is a secret in every form that HMAC gives it,
    /// and so is the inner digest of secret data under a public key.
    fn hmac(&mut self, name: &str, key: &[u8], key_is_secret: bool, data: &[u8]) -> [u8; 32] {
        let mut states = [0x36, 0x5C].map(|pad| {
            let mut block = [pad; 64];
            for (to, from) in block.iter_mut().zip(key) {
                *to ^= from;
            }
            let mut state = INITIAL;
            compress256(&mut state, &[block]);
            if key_is_secret {
                self.add(&format!("{name}: key with pad"), &block[..key.len()]);
                let bytes: Vec<u8> = state.iter().flat_map(|word| word.to_ne_bytes()).collect();
                self.add(&format!("{name}: state after the key"), &bytes);
            }
            state
        });
        let inner = finish(&mut states[0], data);
        if !key_is_secret {
            self.add(&format!("{name}: inner digest"), &inner);
        }
        finish(&mut states[1], &inner)
    }

    /// HKDF-Expand.
    fn expand(&mut self, name: &str, secret: &[u8; 32], info: &[u8], len: usize) -> Vec<u8> {
        let mut out: Vec<u8> = Vec::new();
        let mut last = Vec::new();
        for counter in 1_u8.. {
            if out.len() >= len {
                break;
            }
            last = self
                .hmac(name, secret, true, &[&last, info, &[counter]].concat())
                .to_vec();
            out.extend_from_slice(&last);
        }
        out.truncate(len);
        out
    }

    /// A room key with its epoch secret, which it returns.
    pub(crate) fn add_epoch(&mut self, epoch: u64, room_key: &[u8; 16]) -> [u8; 32] {
        self.epoch = epoch;
        self.add("room key", room_key);
        let secret = self.hmac("epoch secret", b"roomseal 1 epoch", false, room_key);
        self.add("epoch secret", &secret);
        secret
    }

    /// The room key after this epoch.
    pub(crate) fn next_room_key(&mut self, epoch: u64, secret: &[u8; 32]) -> [u8; 16] {
        self.epoch = epoch;
        let info = [&b"roomseal 1 next room key"[..], &(epoch + 1).to_be_bytes()].concat();
        let key = self.expand("epoch secret", secret, &info, 16);
        key.try_into().expect("16 bytes")
    }

    /// All keys of a stream.
    pub(crate) fn add_stream(&mut self, secret: &[u8; 32], context: &Context<'_>, stream: Stream) {
        let Stream {
            epoch,
            kind,
            suite,
            kid,
        } = stream;
        self.epoch = epoch;
        let name = format!("kind {kind} suite {suite}");
        let lp = |bytes: &[u8]| {
            let len = u16::try_from(bytes.len()).expect("a short field");
            [&len.to_be_bytes()[..], bytes].concat()
        };
        let [app, room, call] = context.ids.map(lp);
        let info = [
            b"roomseal 1 base key".to_vec(),
            lp(context.salt),
            app,
            room,
            call,
            epoch.to_be_bytes().to_vec(),
            vec![kind, 0],
            kid.to_be_bytes().to_vec(),
        ]
        .concat();
        let base_key = self.expand("epoch secret", secret, &info, 32);
        self.add(&format!("{name}: base key"), &base_key);
        self.add_frame_key(&name, &base_key, kid, suite);
    }

    /// The keys of a plain sender of [`PLAIN_SUITE`] and [`PLAIN_KID`], whose base
    /// key is ratcheted once from this one and then made that of an SSRC.
    pub(crate) fn add_plain(&mut self, base_key: &[u8], ssrc: u32) {
        self.epoch = PLAIN_EPOCH;
        let ratchet = self.hmac("ratchet", &[0; 32], false, base_key);
        self.add("ratchet", &ratchet);
        let base_key = self.expand("ratchet", &ratchet, b"SFrame 1.0 Ratchet", 32);
        self.add("ratcheted base key", &base_key);
        let secret = self.hmac("SSRC", &ssrc.to_be_bytes(), false, &base_key);
        self.add("SSRC", &secret);
        let base_key = self.expand("SSRC", &secret, b"SFrame 1.0 RTP Stream", 32);
        self.add("SSRC base key", &base_key);
        self.add_frame_key("plain", &base_key, PLAIN_KID, PLAIN_SUITE.id());
    }

    fn add_frame_key(&mut self, name: &str, base_key: &[u8], kid: u64, suite: u16) {
        let what = format!("{name}: SFrame secret");
        let secret = self.hmac(&what, &[0; 32], false, base_key);
        self.add(&what, &secret);
        let label = [
            &b"SFrame 1.0 Secret key "[..],
            &kid.to_be_bytes(),
            &suite.to_be_bytes(),
        ]
        .concat();
        let key_len = if suite == 4 { 16 } else { 48 };
        let key = self.expand(&what, &secret, &label, key_len);
        self.add(&format!("{name}: SFrame key"), &key);
        let (cipher_key, auth_key) = key.split_at(16);
        let cipher_key: [u8; 16] = cipher_key.try_into().expect("16 bytes");
        for (round, key) in round_keys(cipher_key).iter().enumerate() {
            self.add(&format!("{name}: round key {round}"), key);
        }
        if auth_key.is_empty() {
            self.add_powers(name, encrypt_zero(cipher_key));
        } else {
            self.hmac(&format!("{name}: HMAC"), auth_key, true, &[]);
        }
    }

    /// The hash key of GCM and its powers, as they are and in the form of
    /// POLYVAL, in which multiplications are made (RFC 8452 appendix A).
    fn add_powers(&mut self, name: &str, hash_key: [u8; 16]) {
        self.add(&format!("{name}: hash key"), &hash_key);
        let first = times_x(u128::from_be_bytes(hash_key));
        let mut power = first;
        for exponent in 1..=POWERS {
            let what = format!("{name}: power {exponent}");
            self.add_bytes(&what, &power.to_le_bytes());
            self.add_bytes(&what, &power.to_be_bytes());
            // Both halves of this one are the sum that Karatsuba takes.
            self.add_bytes(&what, &(power ^ power.rotate_left(64)).to_le_bytes());
            power = multiply(power, first);
        }
    }
}

/// The initial state of SHA-256.
const INITIAL: [u32; 8] = [
    0x6A09_E667,
    0xBB67_AE85,
    0x3C6E_F372,
    0xA54F_F53A,
    0x510E_527F,
    0x9B05_688C,
    0x1F83_D9AB,
    0x5BE0_CD19,
];

/// The digest of one block that went into `state`, and `data`.
fn finish(state: &mut [u32; 8], data: &[u8]) -> [u8; 32] {
    let bits = (64 + data.len() as u64) * 8;
    let mut padded = [data, &[0x80]].concat();
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend_from_slice(&bits.to_be_bytes());
    let (blocks, _) = padded.as_chunks::<64>();
    compress256(state, blocks);
    let bytes: Vec<u8> = state.iter().flat_map(|word| word.to_be_bytes()).collect();
    bytes.try_into().expect("32 bytes")
}

// ------------------------------------------------------------ AES-128, FIPS 197

fn times_two(a: u8) -> u8 {
    (a << 1) ^ ((a >> 7) * 0x1B)
}

/// The S-box: the inverse in GF(2^8), then the affine map.
fn sub(byte: u8) -> u8 {
    let times = |mut a: u8, mut b: u8| {
        let mut product = 0;
        while b != 0 {
            product ^= a * (b & 1);
            a = times_two(a);
            b >>= 1;
        }
        product
    };
    // byte^254
    let inverse = (0..7).fold((1, byte), |(result, power), _| {
        let square = times(power, power);
        (times(result, square), square)
    });
    let i = inverse.0;
    i ^ i.rotate_left(1) ^ i.rotate_left(2) ^ i.rotate_left(3) ^ i.rotate_left(4) ^ 0x63
}

fn round_keys(key: [u8; 16]) -> [[u8; 16]; 11] {
    let mut keys = [key; 11];
    let mut constant = 1;
    for round in 1..11 {
        let before = keys[round - 1];
        let mut word = [13, 14, 15, 12].map(|i| sub(before[i]));
        word[0] ^= constant;
        constant = times_two(constant);
        for i in 0..16 {
            word[i % 4] ^= before[i];
            keys[round][i] = word[i % 4];
        }
    }
    keys
}

fn encrypt_zero(key: [u8; 16]) -> [u8; 16] {
    use aes::cipher::{BlockCipherEncrypt, KeyInit};
    let mut block = [0; 16];
    aes::Aes128::new(&key.into()).encrypt_block((&mut block).into());
    block
}

// ------------------------------------------------------------ POLYVAL, RFC 8452

/// How many powers of the hash key a kernel may keep.
const POWERS: usize = 24;

fn times_x(a: u128) -> u128 {
    (a << 1) ^ ((a >> 127) * 0xC200_0000_0000_0000_0000_0000_0000_0001)
}

/// The product times x^-128.
fn multiply(a: u128, b: u128) -> u128 {
    (0..128).fold(0, |sum: u128, i| {
        let sum = sum ^ (a * ((b >> i) & 1));
        // Times x^-1.
        (sum >> 1) ^ ((sum & 1) * 0xE100_0000_0000_0000_0000_0000_0000_0000)
    })
}

#[test]
fn the_secrets_are_the_published_ones() {
    // FIPS 197 appendix A.1.
    let key = 0x2b7e_1516_28ae_d2a6_abf7_1588_09cf_4f3c_u128.to_be_bytes();
    let last = 0xd014_f9a8_c9ee_2589_e13f_0cc8_b663_0ca6_u128.to_be_bytes();
    assert_eq!(round_keys(key)[10], last);
    // RFC 8452 section 7: the dot product of two elements.
    let element = |hex: u128| u128::from_le_bytes(hex.to_be_bytes());
    let a = element(0x66e9_4bd4_ef8a_2c3b_884c_fa59_ca34_2b2e);
    let b = element(0xff00_0000_0000_0000_0000_0000_0000_0000);
    let product = element(0xebe5_6340_1e7e_91ea_3ad6_426b_8140_c394);
    assert_eq!(multiply(a, b), product);
    // Against the HMAC and HKDF that the library uses.
    use hmac::{Hmac, KeyInit, Mac};
    let mut needles = Needles::new();
    let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("any length");
    mac.update(b"data");
    let mine = needles.hmac("test", &[7; 32], true, b"data");
    assert_eq!(mac.finalize().into_bytes()[..], mine);
    let mut out = [0; 48];
    hkdf::Hkdf::<Sha256>::from_prk(&[9; 32])
        .expect("long enough")
        .expand(b"info", &mut out)
        .expect("short enough");
    assert_eq!(needles.expand("test", &[9; 32], b"info", 48), out);
    assert_ne!(Sha256::digest(b"data")[..], mine);
}

#[test]
fn a_run_of_a_secret_is_found_anywhere() {
    let mut needles = Needles::new();
    let secret = needles.add_epoch(3, &[0xA7; 16]);
    let mut memory = vec![0; 1_000];
    assert!(needles.find(&memory).is_empty());
    memory[501..509].copy_from_slice(&secret[20..28]);
    memory[600..604].copy_from_slice(&[secret[3], secret[2], secret[1], secret[0]]);
    memory[604..608].copy_from_slice(&[secret[7], secret[6], secret[5], secret[4]]);
    memory[992..].copy_from_slice(&[0xA7; 8]);
    let found: Vec<_> = needles
        .find(&memory)
        .into_iter()
        .map(|(at, secret)| (at, secret.epoch, secret.name.as_str()))
        .collect();
    let expected = [
        (501, 3, "epoch secret"),
        (600, 3, "epoch secret, as words"),
        (992, 3, "room key"),
    ];
    assert_eq!(found, expected);
}
