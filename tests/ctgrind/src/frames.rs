//! Seals or opens some frames and does nothing else, for tools that count
//! instructions: the difference between two runs is what a frame takes.
//!
//! ```text
//! roomseal-frames ENGINE seal|open LENGTH FRAMES
//! ```

use roomseal::aead::{Algorithm, Engine, Key};

fn main() {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let [engine, call, len, frames] = &args[..] else {
        panic!("ENGINE seal|open LENGTH FRAMES");
    };
    let engine = Engine::available().find(|e| e.name() == engine);
    let engine = engine.expect("an engine of this build and CPU");
    let key = Key::with_engine(engine, Algorithm::Gcm, &[1; 16]).expect("16 bytes");
    let mut text = vec![2; len.parse().expect("a length")];
    let (nonce, aad) = ([3; 12], [4; 12]);
    let plain = text.clone();
    let tag = key.seal(&nonce, &[&aad], text.as_mut_slice().into());
    let tag = tag.expect("sealed");
    let sealed = text.clone();
    for _ in 0..frames.parse().expect("a number") {
        match call.as_str() {
            "seal" => {
                text.copy_from_slice(&plain);
                let again = key.seal(&nonce, &[&aad], text.as_mut_slice().into());
                assert_eq!(again.expect("sealed").as_bytes(), tag.as_bytes());
            }
            "open" => {
                text.copy_from_slice(&sealed);
                let opened = key.open(&nonce, &[&aad], text.as_mut_slice().into(), tag.as_bytes());
                assert_eq!(opened, Ok(()));
            }
            other => panic!("what is {other}?"),
        }
    }
}
