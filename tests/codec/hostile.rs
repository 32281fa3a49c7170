//! Rubbish, and sealed frames with something changed: nothing panics, and
//! nothing opens that was not sealed.

use crate::pair::{GCM, META, Pair, SUITES};
use crate::samples::{self, Sample};
use crate::streams::canonical;
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng};
use roomseal::{Codec, Error, Kind};

#[test]
fn any_single_bit_flipped_is_refused() {
    for suite in SUITES {
        for sample in samples::all() {
            if suite != GCM && sample.frame.len() > 200 || sample.frame.len() > 1_000 {
                continue;
            }
            let pair = Pair::new(suite);
            pair.introduce();
            flip_every_bit(&pair, &sample);
        }
    }
}

/// Start codes and OBU sizes apart, where the result may be the same frame.
fn flip_every_bit(pair: &Pair, sample: &Sample) {
    let Sample { name, codec, .. } = *sample;
    let mut sealed = pair.seal(codec, &sample.frame);
    let want = canonical(codec, sample.opened());
    for bit in 0..8 * sealed.len() {
        sealed[bit / 8] ^= 1 << (bit % 8);
        let opened = pair.open(&sealed);
        match &opened {
            Ok(opened) => {
                let may = matches!(codec, Codec::H264 | Codec::H265 | Codec::Av1);
                assert!(may, "{codec}: {name}: bit {bit}");
                assert_eq!(canonical(codec, opened), want, "{codec}: {name}: bit {bit}");
                // Its counter is used up now.
                sealed = pair.seal(codec, &sample.frame);
                continue;
            }
            Err(
                Error::NotAuthentic
                | Error::Malformed
                | Error::NotSealed
                | Error::UnknownKey
                | Error::Budget
                | Error::TooOld
                // Another counter value, that of a frame before.
                | Error::Replay,
            ) => {}
            Err(error) => panic!("{codec}: {name}: bit {bit}: {error}"),
        }
        sealed[bit / 8] ^= 1 << (bit % 8);
    }
    assert_eq!(pair.open(&sealed).as_deref(), Ok(sample.opened()));
}

/// A frame of random bytes, some of them of few values, so that start codes and
/// headers come about.
fn rubbish(random: &mut StdRng) -> Vec<u8> {
    let mut bytes = vec![0; random.random_range(0..120)];
    random.fill_bytes(&mut bytes);
    match random.random_range(0..4) {
        0 => {}
        1 => {
            let usual = [
                0, 0, 0, 1, 3, 0x65, 0x67, 0x41, 0x80, 0x26, 0x40, 0x12, 0x32, 0x0A,
            ];
            for byte in &mut bytes {
                *byte = usual[usize::from(*byte) % usual.len()];
            }
        }
        2 => {
            for byte in &mut bytes {
                if *byte < 96 {
                    *byte %= 4;
                }
            }
            let front = [0, 0, 1, 0x65, 0x88, 0x84];
            bytes.splice(0..0, front);
        }
        _ => {
            // As if there were a trailer.
            let kid = [
                0xFA,
                0x80 | random.random_range(0..0x80),
                1,
                2,
                3,
                4,
                5,
                6,
                7,
                1,
                2,
                3,
            ];
            let control = [0x80 | random.random_range(0..0x20) & 0x17, 0x80];
            bytes.extend_from_slice(&[&kid[..], &control].concat());
        }
    }
    bytes
}

fn random_frames(count: usize) {
    let mut random = StdRng::seed_from_u64(0xC0DEC);
    let pairs = SUITES.map(Pair::new);
    let mut taken = 0;
    for round in 0..count {
        let pair = &pairs[round % pairs.len()];
        let frame = rubbish(&mut random);
        for codec in Codec::ALL {
            match pair.try_seal(codec, &frame) {
                Ok(sealed) => {
                    let opened = pair.open(&sealed).expect("what was sealed opens");
                    if codec == Codec::Av1 {
                        // Sealed once more it is the same.
                        let again = pair.seal(codec, &opened);
                        assert_eq!(pair.open(&again).as_ref(), Ok(&opened));
                    } else {
                        assert_eq!(opened, frame, "{codec}");
                    }
                    taken += usize::from(!codec.is_in_place());
                }
                Err(error) => assert_eq!(error, Error::CodecMismatch),
            }
        }
        let opened = pair.open(&frame);
        assert!(opened.is_err(), "{frame:x?} opened");
        let mut in_place = frame.clone();
        let opened = pair
            .opener
            .open_in_place(Kind::Video, META, None, &mut in_place);
        assert!(opened.is_err(), "{frame:x?} opened");
        // What is found by the headers comes apart, too.
        let found = Codec::detect_annex_b(&frame);
        assert!(found.is_none_or(|codec| pair.try_seal(codec, &frame).is_ok()));
    }
    assert!(taken > count / 50, "only {taken} frames came apart");
}

fn mutate(random: &mut StdRng, bytes: &mut Vec<u8>) {
    for _ in 0..random.random_range(1..4) {
        let at = random.random_range(0..=bytes.len());
        match random.random_range(0..6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
            1 if at < bytes.len() => bytes[at] = [0, 1, 3, 0x80, 0xFF][random.random_range(0..5)],
            2 if at < bytes.len() => drop(bytes.remove(at)),
            3 => bytes.insert(at, [0, 0, 1, 3, 0x80][random.random_range(0..5)]),
            4 => {
                let end = random.random_range(at..=bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let pieces: [&[u8]; 6] = [
                    &[0, 0, 0, 1],
                    &[0, 0, 1, 9, 0xF0],
                    &[0, 0, 3],
                    &[0x12, 0],
                    &[0x7A, 1, 0],
                    &[0],
                ];
                bytes.splice(at..at, pieces[random.random_range(0..6)].iter().copied());
            }
        }
    }
}

fn mutated_frames(count: usize) {
    let mut random = StdRng::seed_from_u64(0x0BAD);
    let samples: Vec<_> = samples::all()
        .into_iter()
        .filter(|sample| sample.frame.len() < 600)
        .collect();
    let mut pair = Pair::new(GCM);
    let mut opened_same = 0;
    for round in 0..count {
        if round % 4_096 == 0 {
            // New streams have a budget.
            pair = Pair::new(SUITES[round / 4_096 % 2]);
            pair.introduce();
        }
        let sample = &samples[random.random_range(0..samples.len())];
        let sealed = pair.seal(sample.codec, &sample.frame);
        let mut changed = sealed.clone();
        mutate(&mut random, &mut changed);
        if let Ok(opened) = pair.open(&changed) {
            assert_eq!(
                canonical(sample.codec, &opened),
                canonical(sample.codec, sample.opened()),
                "{}: {}",
                sample.codec,
                sample.name
            );
            opened_same += usize::from(changed != sealed);
        }
        // And as what is to be sealed.
        let frame = changed;
        if let Ok(sealed) = pair.try_seal(sample.codec, &frame) {
            let opened = pair.open(&sealed).expect("what was sealed opens");
            if sample.codec != Codec::Av1 {
                assert_eq!(opened, frame);
            }
        }
    }
    assert!(opened_same > 0, "no start code was ever changed");
}

#[test]
fn random_frames_neither_panic_nor_open() {
    random_frames(10_000);
}

#[test]
fn mutated_frames_open_to_nothing_else() {
    mutated_frames(20_000);
}

#[test]
#[ignore = "takes minutes: cargo test --release --test codec -- --ignored million"]
fn a_million_random_frames_neither_panic_nor_open() {
    random_frames(1_000_000);
}

#[test]
#[ignore = "takes minutes: cargo test --release --test codec -- --ignored million"]
fn a_million_mutated_frames_open_to_nothing_else() {
    mutated_frames(1_000_000);
}
