//! Runs every layer under valgrind with keys and plaintext marked as undefined:
//! valgrind reports each branch and each address that depends on them, through
//! every value derived from them. `.ci/valgrind` builds and runs it.
//!
//! ```text
//! roomseal-ctgrind ENGINE      what keys must be made for, so that a run can't
//!                              show another path than it is meant to
//! roomseal-ctgrind ENGINE leak one branch on a secret, which must be reported
//! ```

#[expect(dead_code, reason = "the library uses the rest")]
#[path = "../../../src/simd/marks.rs"]
mod marks;

#[cfg(roomseal_ctgrind)]
mod secrets;

#[cfg(roomseal_ctgrind)]
fn main() {
    let mut args = std::env::args().skip(1);
    let engine = args.next().expect("the engine's name");
    let best = roomseal::aead::Engine::best().name();
    assert_eq!(best, engine, "keys are made for another engine");
    assert!(marks::request::is_watched(), "valgrind does not run this");
    match args.next().as_deref() {
        Some("leak") => secrets::leak(),
        Some(other) => panic!("what is {other}?"),
        None => println!("{best}: {} calls watched", secrets::every_layer()),
    }
}

#[cfg(not(roomseal_ctgrind))]
fn main() {
    eprintln!("Built without --cfg roomseal_ctgrind, nothing can be marked: see .ci/valgrind");
    std::process::exit(2);
}
