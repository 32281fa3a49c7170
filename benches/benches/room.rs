//! See the crate `roomseal_benches` and `docs/PERFORMANCE.md`.

use criterion::{Criterion, criterion_group, criterion_main};
use roomseal_benches::{bench, room};

fn layer(criterion: &mut Criterion) {
    bench(criterion, "room", room);
}

criterion_group!(benches, layer);
criterion_main!(benches);
