//! See the crate `roomseal_benches` and `docs/PERFORMANCE.md`.

use criterion::{Criterion, criterion_group, criterion_main};
use roomseal_benches::{bench, sframe_ctr_hmac, sframe_gcm};

fn layer(criterion: &mut Criterion) {
    bench(criterion, "sframe, suite 4", sframe_gcm);
    bench(criterion, "sframe, suite 2", sframe_ctr_hmac);
}

criterion_group!(benches, layer);
criterion_main!(benches);
