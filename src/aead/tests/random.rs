//! Lengths, keys and places by chance.

use super::*;

/// Payloads of up to `longest` bytes. All of a case is cut out of one pool of random
/// bytes, which costs less than drawing them.
fn cases(on: On, seed: u64, cases: usize, longest: usize) {
    let mut rng = StdRng::seed_from_u64(seed);
    let pool = bytes(&mut rng, longest + 4_096);
    let mut both = key_and_oracle(on, &mut rng);
    for case in 0..cases {
        if case.is_multiple_of(64) {
            both = key_and_oracle(on, &mut rng);
        }
        let (key, oracle) = &both;
        let nonce = nonce(&mut rng);
        let len = rng.random_range(0..=longest);
        let start = rng.random_range(0..=pool.len() - len);
        let plaintext = &pool[start..start + len];
        let aad_len = rng.random_range(0..=300);
        let start = rng.random_range(0..=pool.len() - aad_len);
        let aad = &pool[start..start + aad_len];
        let (ciphertext, tag) = oracle.seal(&nonce, aad, plaintext);
        let what = || format!("{}, seed {seed}, case {case}: {len} bytes", on.1.name());

        let segments = rng.random_range(1..=20);
        match case % 4 {
            0 => {
                let mut text = Fenced::new(plaintext);
                let got = key.seal(&nonce, &[aad], text.inner().into());
                assert_eq!(got.expect("sealed").as_bytes(), tag, "{}", what());
                assert!(text.checked() == ciphertext, "{}", what());
                let opened = key.open(&nonce, &[aad], text.inner().into(), &tag);
                assert_eq!(opened, Ok(()), "{}", what());
                assert!(text.checked() == plaintext, "{}", what());
            }
            1 => {
                let mut sealing = key.sealing(&nonce, aad_len, len).expect("short enough");
                let pieces = (segments, Place::Mixed);
                let out = feed(&mut sealing, &mut rng, (aad, plaintext), pieces);
                assert!(out.checked() == ciphertext, "{}", what());
                let got = sealing.finish().expect("all went in");
                assert_eq!(got.as_bytes(), tag, "{}", what());
            }
            2 => {
                let mut opening = key.opening(&nonce, aad_len, len).expect("short enough");
                let pieces = (segments, Place::Mixed);
                let out = feed(&mut opening, &mut rng, (aad, &ciphertext), pieces);
                assert!(out.checked() == plaintext, "{}", what());
                assert_eq!(opening.finish(&tag), Ok(()), "{}", what());
            }
            _ => {
                let mut out = Fenced::new(&vec![SENTINEL; len]);
                let buf = InOutBuf::new(plaintext, out.inner()).expect("equal lengths");
                let got = key.seal(&nonce, &[aad], buf).expect("sealed");
                assert_eq!(got.as_bytes(), tag, "{}", what());
                assert!(out.checked() == ciphertext, "{}", what());
                out.inner().fill(SENTINEL);
                let buf = InOutBuf::new(&ciphertext, out.inner()).expect("equal lengths");
                assert_eq!(key.open(&nonce, &[aad], buf, &tag), Ok(()), "{}", what());
                assert!(out.checked() == plaintext, "{}", what());
            }
        }
    }
}

pub(super) fn some(on: On) {
    cases(on, 20, 1_000, 1 << 16);
    cases(on, 21, 2, 1 << 24);
}

pub(super) fn a_million(on: On) {
    cases(on, 22, 1_000_000, 1 << 16);
}

pub(super) fn long_ones(on: On) {
    cases(on, 23, 200, 1 << 24);
}

/// The counter's third byte overflows within the payload.
pub(super) fn beyond_2_to_the_24_blocks(on: On) {
    let mut rng = StdRng::seed_from_u64(24);
    let (key, oracle) = key_and_oracle(on, &mut rng);
    let (nonce, aad) = (nonce(&mut rng), bytes(&mut rng, 12));
    let mut text = bytes(&mut rng, (16 << 24) + 777);
    let (ciphertext, tag) = oracle.seal(&nonce, &aad, &text);
    let got = key.seal(&nonce, &[&aad], text.as_mut_slice().into());
    assert_eq!(got.expect("sealed").as_bytes(), tag);
    assert!(text == ciphertext);
    let opened = key.open(&nonce, &[&aad], text.as_mut_slice().into(), &tag);
    assert_eq!(opened, Ok(()));
    let mut again = StdRng::seed_from_u64(24);
    let (_, _, _) = (
        key_and_oracle(on, &mut again),
        super::nonce(&mut again),
        bytes(&mut again, 12),
    );
    assert!(text == bytes(&mut again, text.len()));
}
