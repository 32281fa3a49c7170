//! Measuring with criterion, and in interleaved rounds.

use crate::{Contenders, Direction, Pace, SIZES, batch, time, time_of_pace};
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
                            .map(|_| time(&mut **contender, direction, Pace::BackToBack))
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
    /// Nanoseconds a frame that a tenth of all rounds fell below: what it takes
    /// while nothing else runs.
    pub nanos_p10: f64,
    /// Its time by that of the fastest bar in the same round, the median of all
    /// rounds. If there is no bar, the first contender is it.
    pub ratio: f64,
    /// Rounds measured.
    pub rounds: usize,
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

/// The number that a tenth of them lie below.
fn tenth(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 10]
}

/// Measures all contenders in turn, round by round for `duration`, in an
/// order that changes, so that whatever slows the machine meets all. The cost of
/// the pace itself is taken off.
#[must_use]
pub fn median_of(
    mut contenders: Contenders,
    size: usize,
    direction: Direction,
    pace: Pace,
    duration: Duration,
) -> Vec<Line> {
    const MIN_ROUNDS: usize = 31;
    let count = contenders.len();
    let in_batch = contenders.first().map_or(1, |first| first.frames(size));
    let nanos_of = |took: Duration| took.as_secs_f64() * 1e9 / in_batch as f64;
    let mut nanos = vec![Vec::new(); count];
    let mut paces = Vec::new();
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
            let took = time(&mut *contenders[at], direction, pace);
            nanos[at].push(nanos_of(took));
        }
        paces.push(nanos_of(time_of_pace(in_batch, pace)));
        round += 1;
    }
    if pace != Pace::BackToBack {
        let cost = median(paces);
        nanos.iter_mut().flatten().for_each(|n| *n -= cost);
    }
    let ratio = |nanos: &[f64], bar: &[f64]| {
        let ratios = nanos.iter().zip(bar).map(|(n, b)| n / b);
        median(ratios.collect())
    };
    let any_bar = contenders.iter().any(|contender| contender.is_bar());
    let bars: Vec<usize> = (0..count)
        .filter(|at| {
            if any_bar {
                contenders[*at].is_bar()
            } else {
                *at == 0
            }
        })
        .collect();
    contenders
        .iter()
        .zip(&nanos)
        .map(|(contender, own)| Line {
            name: contender.name(),
            ratio: bars
                .iter()
                .map(|bar| ratio(own, &nanos[*bar]))
                .fold(0.0, f64::max),
            nanos: median(own.clone()),
            nanos_p10: tenth(own.clone()),
            rounds: round,
        })
        .collect()
}
