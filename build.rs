//! Writes `include/roomseal.h` anew under the feature `header`; else does nothing.

#[cfg(feature = "header")]
#[path = "build/header.rs"]
mod header;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "header")]
    write_header();
}

#[cfg(feature = "header")]
fn write_header() {
    use std::path::Path;

    for path in ["build/header.rs", "cbindgen.toml", "src/ffi"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("include/roomseal.h");
    let text = header::header(root);
    if std::fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
        std::fs::write(&path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
}
