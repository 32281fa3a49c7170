//! Every payload length with every length of associated data.

use super::*;

/// Seals and opens in one call, in place and from input to output, and both in
/// segments.
pub(super) fn each_with_each_aad(on: On) {
    let mut rng = StdRng::seed_from_u64(1);
    let both = key_and_oracle(on, &mut rng);
    let mut cases = 0;
    for len in lengths(on) {
        for aad_len in AAD_LENS {
            one_call(on, &both, &mut rng, len, aad_len);
            let segments = rng.random_range(1..=12);
            let place = [Place::In, Place::Out, Place::Mixed][cases % 3];
            segments::matches(on, &both, &mut rng, (len, aad_len), (segments, place));
            cases += 1;
        }
    }
    assert!(cases > 301 * AAD_LENS.len());
}

fn one_call(
    (_, engine): On,
    (key, oracle): &(Key, Box<dyn Oracle>),
    rng: &mut StdRng,
    len: usize,
    aad_len: usize,
) {
    let case = || format!("{}: {len} bytes, {aad_len} of AAD", engine.name());
    let (nonce, aad, plaintext) = (nonce(rng), bytes(rng, aad_len), bytes(rng, len));
    let (ciphertext, tag) = oracle.seal(&nonce, &aad, &plaintext);
    // As a frame has it, header and metadata, and in one piece.
    let (front, back) = aad.split_at(aad_len / 3);
    let aads: &[&[u8]] = if len.is_multiple_of(2) {
        &[front, back]
    } else {
        &[&aad]
    };

    let mut text = Fenced::new(&plaintext);
    let got = key.seal(&nonce, aads, text.inner().into()).expect("sealed");
    assert_eq!(text.checked(), ciphertext, "{}", case());
    assert_eq!(got.as_bytes(), tag, "{}", case());
    let opened = key.open(&nonce, aads, text.inner().into(), &tag);
    assert_eq!(opened, Ok(()), "{}", case());
    assert_eq!(text.checked(), plaintext, "{}", case());

    let mut out = Fenced::new(&vec![SENTINEL; len]);
    let buf = InOutBuf::new(&plaintext, out.inner()).expect("equal lengths");
    let got = key.seal(&nonce, aads, buf).expect("sealed");
    assert_eq!(out.checked(), ciphertext, "{}", case());
    assert_eq!(got.as_bytes(), tag, "{}", case());
    out.inner().fill(SENTINEL);
    let buf = InOutBuf::new(&ciphertext, out.inner()).expect("equal lengths");
    assert_eq!(key.open(&nonce, aads, buf, &tag), Ok(()), "{}", case());
    assert_eq!(out.checked(), plaintext, "{}", case());
}
