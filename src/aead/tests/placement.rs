//! Where buffers lie makes no difference, and nothing beside them is touched.

use super::*;
#[cfg(unix)]
use crate::simd::guarded::Guarded;

/// Below, at and above a block, two, a vector of four, the short path and a group.
const LENS: [usize; 12] = [1, 15, 16, 17, 33, 64, 80, 160, 239, 320, 517, 1_200];

/// A place that starts `offset` bytes behind a multiple of 64.
fn aligned(buffer: &mut [u8], offset: usize, len: usize) -> &mut [u8] {
    let start = buffer.as_ptr().align_offset(64) + offset;
    &mut buffer[start..start + len]
}

pub(super) fn every_alignment(on: On) {
    let mut rng = StdRng::seed_from_u64(30);
    let (key, oracle) = key_and_oracle(on, &mut rng);
    let room = 1_200 + 64 + 64 + 64;
    let (mut input, mut output, mut aads) = (vec![0; room], vec![0; room], vec![0; room]);
    for len in LENS {
        let (nonce, aad, plaintext) = (nonce(&mut rng), bytes(&mut rng, 20), bytes(&mut rng, len));
        let (ciphertext, tag) = oracle.seal(&nonce, &aad, &plaintext);
        for from in 0..64 {
            let input = aligned(&mut input, from, len);
            let aad_place = aligned(&mut aads, (from * 5) % 64, 20);
            aad_place.copy_from_slice(&aad);
            for to in 0..64 {
                output.fill(SENTINEL);
                input.copy_from_slice(&plaintext);
                let out = aligned(&mut output, to, len);
                let buf = InOutBuf::new(input, out).expect("equal lengths");
                let got = key.seal(&nonce, &[aad_place], buf).expect("sealed");
                assert_eq!(got.as_bytes(), tag, "{len} bytes from {from} to {to}");
                assert_eq!(out, ciphertext, "{len} bytes from {from} to {to}");
                out.fill(SENTINEL);
                input.copy_from_slice(&ciphertext);
                let buf = InOutBuf::new(input, out).expect("equal lengths");
                let opened = key.open(&nonce, &[aad_place], buf, &tag);
                assert_eq!(opened, Ok(()), "{len} bytes from {from} to {to}");
                assert_eq!(out, plaintext, "{len} bytes from {from} to {to}");
                out.fill(SENTINEL);
                assert!(output.iter().all(|b| *b == SENTINEL), "wrote elsewhere");
            }
            input.copy_from_slice(&plaintext);
            let got = key.seal(&nonce, &[aad_place], input.into());
            assert_eq!(
                got.expect("sealed").as_bytes(),
                tag,
                "{len} bytes at {from}"
            );
            assert_eq!(input, ciphertext, "{len} bytes at {from}");
            let opened = key.open(&nonce, &[aad_place], input.into(), &tag);
            assert_eq!(opened, Ok(()), "{len} bytes at {from}");
            assert_eq!(input, plaintext, "{len} bytes at {from}");
        }
    }
}

/// Buffers that begin or end where memory does: a byte read or written beside
/// them ends the process.
#[cfg(unix)]
pub(super) fn guard_pages(on: On) {
    let mut rng = StdRng::seed_from_u64(31);
    let (key, oracle) = key_and_oracle(on, &mut rng);
    let mut pages = [(); 3].map(|()| Guarded::new(4_096));
    let [input, output, aads] = &mut pages;
    for len in lengths(on) {
        let aad_len = AAD_LENS[len % AAD_LENS.len()];
        let (nonce, aad, plaintext) = (
            nonce(&mut rng),
            bytes(&mut rng, aad_len),
            bytes(&mut rng, len),
        );
        let (ciphertext, tag) = oracle.seal(&nonce, &aad, &plaintext);
        for (from_end, to_end) in [(false, false), (false, true), (true, false), (true, true)] {
            let input = input.at(from_end, len);
            let output = output.at(to_end, len);
            let aad_place = aads.at(to_end, aad_len);
            aad_place.copy_from_slice(&aad);
            input.copy_from_slice(&plaintext);
            let buf = InOutBuf::new(input, output).expect("equal lengths");
            let got = key.seal(&nonce, &[aad_place], buf).expect("sealed");
            assert_eq!(got.as_bytes(), tag, "{len} bytes");
            assert_eq!(output, ciphertext, "{len} bytes");
            input.fill(SENTINEL);
            let buf = InOutBuf::new(output, input).expect("equal lengths");
            let opened = key.open(&nonce, &[aad_place], buf, &tag);
            assert_eq!(opened, Ok(()), "{len} bytes");
            assert_eq!(input, plaintext, "{len} bytes");
            let opened = key.open(&nonce, &[aad_place], output.into(), &tag);
            assert_eq!(opened, Ok(()), "{len} bytes");
            assert_eq!(output, plaintext, "{len} bytes");
            let got = key.seal(&nonce, &[aad_place], output.into());
            assert_eq!(got.expect("sealed").as_bytes(), tag, "{len} bytes");
            assert_eq!(output, ciphertext, "{len} bytes");

            // In three segments, whatever their lengths.
            let segments = [0..len / 3, len / 3..len / 2, len / 2..len];
            output.fill(SENTINEL);
            let mut sealing = key.sealing(&nonce, aad_len, len).expect("short enough");
            sealing.aad(aad_place).expect("as declared");
            for range in segments.clone() {
                let buf = InOutBuf::new(&input[range.clone()], &mut output[range]);
                let buf = buf.expect("equal lengths");
                sealing.encrypt(buf).expect("as declared");
            }
            let got: Tag = sealing.finish().expect("all went in");
            assert_eq!(got.as_bytes(), tag, "{len} bytes");
            assert_eq!(output, ciphertext, "{len} bytes");
            input.fill(SENTINEL);
            let mut opening = key.opening(&nonce, aad_len, len).expect("short enough");
            opening.aad(aad_place).expect("as declared");
            for range in segments {
                let buf = InOutBuf::new(&output[range.clone()], &mut input[range]);
                let buf = buf.expect("equal lengths");
                opening.decrypt(buf).expect("as declared");
            }
            assert_eq!(opening.finish(&tag), Ok(()), "{len} bytes");
            assert_eq!(input, plaintext, "{len} bytes");
        }
    }
}
