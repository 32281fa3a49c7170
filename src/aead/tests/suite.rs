//! The same tests on every backend, each in a module of its name.

use super::*;

/// Runs a test on an engine, or says that this build and CPU have none of it.
fn on_engine(algorithm: Algorithm, name: &str, test: fn(On)) {
    match Engine::available().find(|engine| engine.name() == name) {
        Some(engine) => test((algorithm, engine)),
        None => eprintln!("skipped: no engine {name} here"),
    }
}

macro_rules! suites {
    ($($name:ident: $run:expr),* $(,)?) => {
        $(mod $name {
            use super::*;

            fn on(test: fn(On)) {
                ($run)(test);
            }

            #[test]
            fn each_length_with_each_aad_is_the_oracles() {
                on(lengths::each_with_each_aad);
            }

            #[test]
            fn any_number_of_segments_is_the_oracles() {
                on(segments::any_number_of_segments);
            }

            #[test]
            fn random_cases_are_the_oracles() {
                on(random::some);
            }

            #[test]
            #[ignore = "minutes; cargo test --release --lib suite -- --ignored"]
            fn a_million_random_cases_are_the_oracles() {
                on(random::a_million);
            }

            #[test]
            #[ignore = "minutes; cargo test --release --lib suite -- --ignored"]
            fn long_random_cases_are_the_oracles() {
                on(random::long_ones);
            }

            #[test]
            #[ignore = "takes 512 MiB; cargo test --release --lib suite -- --ignored"]
            fn more_than_2_to_the_24_blocks_are_the_oracles() {
                on(random::beyond_2_to_the_24_blocks);
            }

            #[test]
            fn every_alignment_gives_the_same() {
                on(placement::every_alignment);
            }

            #[cfg(unix)]
            #[test]
            fn guard_pages_are_not_touched() {
                on(placement::guard_pages);
            }

            #[test]
            fn a_failed_open_leaves_zeros() {
                on(forgeries::a_failed_open_leaves_zeros);
            }

            #[test]
            fn every_flipped_bit_is_refused() {
                on(forgeries::every_flipped_bit_is_refused);
            }

            #[test]
            fn a_tag_of_another_length_is_refused() {
                on(forgeries::a_tag_of_another_length_is_refused);
            }

            #[test]
            fn a_call_takes_what_was_declared_and_in_order() {
                on(interface::a_call_takes_what_was_declared_and_in_order);
            }
        })*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

suites! {
    portable: |test| on_engine(Algorithm::Gcm, "portable", test),
    aes_ni: |test| on_engine(Algorithm::Gcm, "aes_ni", test),
    vaes: |test| on_engine(Algorithm::Gcm, "vaes", test),
    vaes512: |test| on_engine(Algorithm::Gcm, "vaes512", test),
    pair: |test| on_engine(Algorithm::Gcm, "pair", test),
    quad: |test| on_engine(Algorithm::Gcm, "quad", test),
    aarch64_aes: |test| on_engine(Algorithm::Gcm, "aarch64_aes", test),
    ctr_hmac_80: |test| on_engine(Algorithm::CtrHmac80, "portable", test),
    ctr_hmac_64: |test| on_engine(Algorithm::CtrHmac64, "portable", test),
    ctr_hmac_32: |test| on_engine(Algorithm::CtrHmac32, "portable", test),
    ctr_hmac_aes_ni: |test| on_engine(Algorithm::CtrHmac80, "aes_ni", test),
    ctr_hmac_vaes: |test| on_engine(Algorithm::CtrHmac80, "vaes", test),
    ctr_hmac_vaes512: |test| on_engine(Algorithm::CtrHmac80, "vaes512", test),
    ctr_hmac_pair: |test| on_engine(Algorithm::CtrHmac80, "pair", test),
    ctr_hmac_quad: |test| on_engine(Algorithm::CtrHmac80, "quad", test),
    ctr_hmac_aarch64_aes: |test| on_engine(Algorithm::CtrHmac80, "aarch64_aes", test),
}

#[test]
fn every_engine_has_its_suite() {
    for engine in Engine::available() {
        let name = engine.name();
        assert!(NAMES.contains(&name), "{name}");
        let counter_mode = format!("ctr_hmac_{name}");
        let has_one = NAMES.contains(&counter_mode.as_str());
        assert!(has_one || engine == Engine::PORTABLE, "{counter_mode}");
    }
}

/// What keys are made for here. `ROOMSEAL_EXPECT_ENGINE` says what it must be, where
/// a run is meant to show that one path works.
#[test]
fn the_engine_is_the_expected_one() {
    let names: Vec<_> = Engine::available().map(Engine::name).collect();
    eprintln!("engines: {}", names.join(", "));
    assert_eq!(names.last(), Some(&"portable"));
    if let Ok(expected) = std::env::var("ROOMSEAL_EXPECT_ENGINE") {
        assert_eq!(Engine::best().name(), expected);
    }
}
