//! Version: of this header (macros) and of the library linked (functions).

use core::ffi::{CStr, c_char};

/// Major version of the library that this header belongs to.
pub const ROOMSEAL_VERSION_MAJOR: u32 = 0;
/// Minor version of the library that this header belongs to.
pub const ROOMSEAL_VERSION_MINOR: u32 = 1;
/// Patch version of the library that this header belongs to.
pub const ROOMSEAL_VERSION_PATCH: u32 = 0;
/// The three in one number that grows with each release: 65,536 * major + 256 * minor + patch.
pub const ROOMSEAL_VERSION_NUMBER: u32 = 256;
/// Number of the binary interface. It changes only when something is removed or
/// changed: a program built with this header works with every library of the
/// same number that is not older.
pub const ROOMSEAL_ABI_VERSION: u32 = 1;

/// The major version of the library linked.
///
/// Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_version_major() -> u32 {
    ROOMSEAL_VERSION_MAJOR
}

/// The minor version of the library linked.
///
/// Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_version_minor() -> u32 {
    ROOMSEAL_VERSION_MINOR
}

/// The patch version of the library linked.
///
/// Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_version_patch() -> u32 {
    ROOMSEAL_VERSION_PATCH
}

/// The version of the library linked as one number; compare it with
/// `ROOMSEAL_VERSION_NUMBER`.
///
/// Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_version_number() -> u32 {
    ROOMSEAL_VERSION_NUMBER
}

/// The version of the library linked as text, such as "0.1.0". The text is
/// static: never free it.
///
/// Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_version_text() -> *const c_char {
    VERSION.as_ptr()
}

/// The number of the binary interface of the library linked. A program checks
/// once that it is its own `ROOMSEAL_ABI_VERSION`.
///
/// Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_abi_version() -> u32 {
    ROOMSEAL_ABI_VERSION
}

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(text) => text,
        Err(_) => c"",
    };

const _: () = assert!(
    ROOMSEAL_VERSION_NUMBER
        == ROOMSEAL_VERSION_MAJOR << 16 | ROOMSEAL_VERSION_MINOR << 8 | ROOMSEAL_VERSION_PATCH
        && ROOMSEAL_VERSION_MINOR < 256
        && ROOMSEAL_VERSION_PATCH < 256,
    "the packed version is made of the others"
);
