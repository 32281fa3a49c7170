//! Measuring with criterion, and in interleaved rounds.

use crate::{Contenders, Direction, SIZES, batch, time};
use core::time::Duration;
use criterion::{BenchmarkId, Criterion, Throughput};
use std::time::Instant;

/// One criterion group for each direction, one line for each size and contender.
pub fn bench(criterion: &mut Criterion, layer: &str, contenders: fn(usize) -> Contenders) {
    for direction in Direction::BOTH {
        let mut group = criterion.benchmark_group(format!("{layer}/{}", direction.name()));
        // There are many lines; each is short, and a sample is many frames anyway.
        group.warm_up_time(Duration::from_millis(300));
        group.measurement_time(Duration::from_secs(1));
        group.sample_size(30);
        for size in SIZES {
            group.throughput(Throughput::Bytes(size as u64));
            for contender in &mut contenders(size) {
                let id = BenchmarkId::new(contender.name(), size);
                group.bench_function(id, |bencher| {
                    bencher.iter_custom(|frames| {
                        let in_batch = batch(size) as u64;
                        let batches = frames.div_ceil(in_batch);
                        let total: Duration = (0..batches)
                            .map(|_| time(&mut **contender, direction))
                            .sum();
                        // Whole batches ran; criterion asked for `frames`.
                        let ran = (batches * in_batch) as f64;
                        total.mul_f64(frames as f64 / ran)
                    });
                });
            }
        }
    }
}

/// What one contender took.
#[derive(Debug)]
pub struct Line {
    /// Its name.
    pub name: &'static str,
    /// Nanoseconds a frame, the median of all rounds.
    pub nanos: f64,
    /// Its time by that of the first contender in the same round, the median
    /// of all rounds.
    pub ratio: f64,
}

/// The middle one of some numbers.
///
/// # Panics
/// If there are none.
#[must_use]
pub fn median(mut numbers: Vec<f64>) -> f64 {
    assert!(!numbers.is_empty(), "no number has no median");
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    if numbers.len().is_multiple_of(2) {
        f64::midpoint(numbers[half - 1], numbers[half])
    } else {
        numbers[half]
    }
}

/// Measures all contenders in turn, round by round for `duration`, in an
/// order that changes, so that whatever slows the machine meets all.
#[must_use]
pub fn median_of(
    mut contenders: Contenders,
    size: usize,
    direction: Direction,
    duration: Duration,
) -> Vec<Line> {
    const MIN_ROUNDS: usize = 31;
    let count = contenders.len();
    let in_batch = batch(size) as f64;
    let mut nanos = vec![Vec::new(); count];
    let start = Instant::now();
    let mut round = 0;
    while round < MIN_ROUNDS || start.elapsed() < duration {
        for turn in 0..count {
            // Nobody always comes after the same one.
            let turn = if round % 2 == 0 {
                turn
            } else {
                count - 1 - turn
            };
            let at = (round / 2 + turn) % count;
            let took = time(&mut *contenders[at], direction);
            nanos[at].push(took.as_secs_f64() * 1e9 / in_batch);
        }
        round += 1;
    }
    let first = nanos[0].clone();
    contenders
        .iter()
        .zip(nanos)
        .map(|(contender, nanos)| Line {
            name: contender.name(),
            ratio: median(nanos.iter().zip(&first).map(|(n, f)| n / f).collect()),
            nanos: median(nanos),
        })
        .collect()
}
