//! What is not authentic is refused, and leaves zeros.

use super::*;

pub(super) fn a_failed_open_leaves_zeros(on: On) {
    let mut rng = StdRng::seed_from_u64(10);
    let (key, oracle) = key_and_oracle(on, &mut rng);
    for len in lengths(on) {
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

/// Of a frame of 200 bytes: nonce, associated data, ciphertext and tag.
pub(super) fn every_flipped_bit_is_refused(on: On) {
    let mut rng = StdRng::seed_from_u64(11);
    let (key, oracle) = key_and_oracle(on, &mut rng);
    let (nonce, aad) = (nonce(&mut rng), bytes(&mut rng, 20));
    let (ciphertext, tag) = oracle.seal(&nonce, &aad, &bytes(&mut rng, 200));
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
    assert_eq!(open(&nonce, &aad, &ciphertext[..199], &tag), refused);
    assert_eq!(open(&nonce, &aad[..19], &ciphertext, &tag), refused);
    let (moved, shorter) = ciphertext.split_at(1);
    let longer = [&aad, moved].concat();
    assert_eq!(open(&nonce, &longer, shorter, &tag), refused);
}

pub(super) fn a_tag_of_another_length_is_refused(on: On) {
    let mut rng = StdRng::seed_from_u64(12);
    let (key, oracle) = key_and_oracle(on, &mut rng);
    let (nonce, plaintext) = (nonce(&mut rng), bytes(&mut rng, 50));
    let (ciphertext, tag) = oracle.seal(&nonce, b"", &plaintext);
    let mut long = tag.clone();
    long.resize(40, 0);
    for len in 0..=40 {
        let mut text = ciphertext.clone();
        let result = key.open(&nonce, &[], text.as_mut_slice().into(), &long[..len]);
        if len == on.0.tag_len() {
            assert_eq!(result, Ok(()));
            assert_eq!(text, plaintext);
        } else {
            assert_eq!(result, Err(Error::NotAuthentic), "{len} bytes of tag");
            assert_eq!(text, [0; 50]);
        }
    }
}
