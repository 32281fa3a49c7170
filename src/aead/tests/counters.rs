//! Counter blocks around the overflow of each byte of the counter: of the portable
//! engine's AES-GCM (that of the kernels is in `simd::tests`), and of counter mode
//! alone on every engine.

use super::super::{ctr_hmac, portable};
use super::*;
use crate::simd::tests::{AAD, KEY, NONCE, OVERFLOWS, oracle};

#[test]
fn the_portable_counter_overflows_byte_by_byte() {
    // More than the blocks that RustCrypto's AES takes at once, and a part of one.
    let plaintext: Vec<u8> = (0..=250).cycle().take(40 * 16 + 7).collect();
    let key = portable::Key::new(&KEY);
    for overflow in OVERFLOWS {
        for before in 0..=42 {
            let counter = overflow.wrapping_sub(before);
            for len in [20, 160, plaintext.len()] {
                let plaintext = &plaintext[..len];
                let (ciphertext, tag) = oracle(counter, plaintext);
                // In one segment, and in two of which the first ends within a block.
                for cut in [0, len / 3] {
                    let case = || format!("{len} bytes from {counter}, cut at {cut}");
                    let mut text = vec![0; len];
                    let mut run = key.start_from(&NONCE, counter);
                    run.aad(AAD);
                    for range in [0..cut, cut..len] {
                        let buf = InOutBuf::new(&plaintext[range.clone()], &mut text[range]);
                        let buf = buf.expect("equal lengths");
                        assert_eq!(run.encrypt(buf), Ok(()), "{}", case());
                    }
                    assert_eq!((&text, run.finish()), (&ciphertext, tag), "{}", case());
                    let mut run = key.start_from(&NONCE, counter);
                    run.aad(AAD);
                    for range in [0..cut, cut..len] {
                        let segment = (&mut text[range]).into();
                        assert_eq!(run.decrypt(segment), Ok(()), "{}", case());
                    }
                    assert_eq!((&text[..], run.finish()), (plaintext, tag), "{}", case());
                }
            }
        }
    }
}

#[test]
fn counter_mode_overflows_byte_by_byte() {
    let mut key = [0; 48];
    key[..16].copy_from_slice(&KEY);
    let aes = Aes128::new(&KEY.into());
    // The key stream of 160 blocks around each overflow. The longest payload ends a
    // block before the last one.
    let longest = MAX_PAYLOAD_LEN / 16;
    for (overflow, behind) in [(1_u64 << 8, 80), (1 << 16, 80), (1 << 24, 80), (longest, 0)] {
        let Ok(start) = usize::try_from((overflow - 80) * 16) else {
            continue; // No payload of a 32-bit machine comes there.
        };
        let stream = (overflow - 80..overflow + behind).flat_map(|counter| {
            let mut block = [0; BLOCK_LEN];
            block[..NONCE_LEN].copy_from_slice(&NONCE);
            let counter = u32::try_from(counter).expect("below the last overflow");
            block[NONCE_LEN..].copy_from_slice(&counter.to_be_bytes());
            let mut block = block.into();
            aes.encrypt_block(&mut block);
            <[u8; BLOCK_LEN]>::from(block)
        });
        let stream: Vec<u8> = stream.collect();
        for engine in Engine::available() {
            let key = ctr_hmac::Key::new(engine, &key);
            for skip in (0..=70 * 16).step_by(7) {
                for len in [20, 160, 300, stream.len()] {
                    let want = &stream[skip..stream.len().min(skip + len)];
                    let mut text = vec![0; want.len()];
                    let applied = key.apply_at(&NONCE, start + skip, &mut text);
                    let case = || format!("{}: {len} bytes from {start} + {skip}", engine.name());
                    assert_eq!(applied, Ok(()), "{}", case());
                    assert_eq!(text, want, "{}", case());
                }
            }
        }
    }
}
