//! What a caller may ask for.

use super::*;

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

pub(super) fn a_call_takes_what_was_declared_and_in_order(on: On) {
    let mut rng = StdRng::seed_from_u64(14);
    let (key, oracle) = key_and_oracle(on, &mut rng);
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
