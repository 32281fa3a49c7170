//! See the crate `roomseal_benches` and `docs/PERFORMANCE.md`.

use criterion::{Criterion, criterion_group, criterion_main};
use roomseal_benches::{aead, bench};

fn layer(criterion: &mut Criterion) {
    bench(criterion, "aead", aead);
}

criterion_group!(benches, layer);
criterion_main!(benches);
