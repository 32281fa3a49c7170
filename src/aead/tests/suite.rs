//! The same tests on every backend, each in a module of its name.

use super::*;

/// Runs a test on an engine, or says that this build and CPU have none of it.
fn on_engine(name: &str, test: fn(On)) {
    match Engine::available().find(|engine| engine.name() == name) {
        Some(engine) => test((Algorithm::Gcm, engine)),
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
    portable: |test| on_engine("portable", test),
    aes_ni: |test| on_engine("aes_ni", test),
    vaes: |test| on_engine("vaes", test),
    vaes512: |test| on_engine("vaes512", test),
    pair: |test| on_engine("pair", test),
    quad: |test| on_engine("quad", test),
    aarch64_aes: |test| on_engine("aarch64_aes", test),
    ctr_hmac_80: |test: fn(On)| test((Algorithm::CtrHmac80, Engine::PORTABLE)),
    ctr_hmac_64: |test: fn(On)| test((Algorithm::CtrHmac64, Engine::PORTABLE)),
    ctr_hmac_32: |test: fn(On)| test((Algorithm::CtrHmac32, Engine::PORTABLE)),
}

#[test]
fn every_engine_has_its_suite() {
    for engine in Engine::available() {
        assert!(NAMES.contains(&engine.name()), "{}", engine.name());
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
