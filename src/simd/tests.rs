//! Counter blocks around the overflow of each byte of the counter, the last of
//! which no frame reaches (the longest ends at the block 2^32 - 1): by a counter
//! that starts just below. The portable engine has the same in `aead::tests::counters`.

use super::{Backend, Key, State};
use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use ctr::cipher::inout::InOutBuf;
use ghash::GHash;
use ghash::universal_hash::UniversalHash;

pub(crate) const KEY: [u8; 16] = *b"counter overflow";
pub(crate) const NONCE: [u8; 12] = [0xFF; 12];
pub(crate) const AAD: &[u8] = b"header and a little metadata";
/// Where each byte of a counter overflows.
pub(crate) const OVERFLOWS: [u32; 4] = [1 << 8, 1 << 16, 1 << 24, 0];

/// SP 800-38D one block at a time, data starting at any counter block.
pub(crate) fn oracle(counter: u32, plaintext: &[u8]) -> (Vec<u8>, [u8; 16]) {
    let aes = Aes128::new(&KEY.into());
    let encrypt = |block: [u8; 16]| {
        let mut block = block.into();
        aes.encrypt_block(&mut block);
        <[u8; 16]>::from(block)
    };
    let block = |counter: u32| {
        let mut block = [0; 16];
        block[..12].copy_from_slice(&NONCE);
        block[12..].copy_from_slice(&counter.to_be_bytes());
        encrypt(block)
    };
    let mut text = plaintext.to_vec();
    for (i, chunk) in (0..).zip(text.chunks_mut(16)) {
        // SP 800-38D section 6.2: the counter wraps, the nonce is left alone.
        for (to, from) in chunk.iter_mut().zip(block(counter.wrapping_add(i))) {
            *to ^= from;
        }
    }
    let mut hash = GHash::new(&encrypt([0; 16]).into());
    hash.update_padded(AAD);
    hash.update_padded(&text);
    let bits = |n: usize| (8 * u64::try_from(n).expect("64 bits")).to_be_bytes();
    hash.update_padded(&[bits(AAD.len()), bits(text.len())].concat());
    let mut tag = <[u8; 16]>::from(hash.finalize());
    for (to, from) in tag.iter_mut().zip(block(1)) {
        *to ^= from;
    }
    (text, tag)
}

#[test]
fn the_counter_overflows_byte_by_byte() {
    // More than two groups of the widest kernel, and a part of a block.
    let plaintext: Vec<u8> = (0..=250).cycle().take(90 * 16 + 7).collect();
    for overflow in OVERFLOWS {
        for before in 0..=70 {
            let counter = overflow.wrapping_sub(before);
            for len in [20, 80, 160, 320, 16 * 40 + 9, plaintext.len()] {
                let plaintext = &plaintext[..len];
                let (ciphertext, tag) = oracle(counter, plaintext);
                for backend in Backend::available() {
                    let case = || format!("{}: {len} bytes from {counter}", backend.name());
                    let key = Key::new(backend, &KEY);
                    let state = || State::starting_at(&NONCE, counter);

                    // A whole call in one starts at block 2, so these are in segments:
                    // one, and two of which the first ends within a block.
                    let mut text = vec![0; len];
                    let mut run = key.start_from(state());
                    run.aad(AAD);
                    let buf = InOutBuf::new(plaintext, text.as_mut_slice());
                    run.encrypt(buf.expect("equal lengths"));
                    assert_eq!((&text, run.finish()), (&ciphertext, tag), "{}", case());
                    let mut run = key.start_from(state());
                    run.aad(AAD);
                    run.decrypt(text.as_mut_slice().into());
                    assert_eq!((&text[..], run.finish()), (plaintext, tag), "{}", case());

                    let mut run = key.start_from(state());
                    run.aad(AAD);
                    let (first, rest) = plaintext.split_at(len / 3);
                    let (to_first, to_rest) = text.split_at_mut(len / 3);
                    for (from, to) in [(first, to_first), (rest, to_rest)] {
                        run.encrypt(InOutBuf::new(from, to).expect("equal lengths"));
                    }
                    assert_eq!((&text, run.finish()), (&ciphertext, tag), "{}", case());
                    let mut run = key.start_from(state());
                    run.aad(AAD);
                    let (first, rest) = text.split_at_mut(len / 3);
                    run.decrypt(first.into());
                    run.decrypt(rest.into());
                    assert_eq!((&text[..], run.finish()), (plaintext, tag), "{}", case());
                }
            }
        }
    }
}
