//! Makes the C header from `src/ffi`. Used by the build script under the feature
//! `header`, and by `tests/header.rs`, which compares the result with the
//! committed one.

use core::fmt::Write as _;
use std::fs::read_to_string;
use std::path::Path;

/// The files of `src/ffi` whose items the header has, in its order.
const FILES: &[&str] = &[
    "version",
    "status",
    "numbers",
    "key",
    "config",
    "room",
    "counters",
    "sealer",
    "codec",
    "opener",
    "peek",
    "sframe_key",
    "sframe_sender",
    "sframe_receiver",
];

/// The text of `include/roomseal.h`, from the package's folder.
pub(crate) fn header(root: &Path) -> String {
    let folder = root.join("src/ffi");
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml"))
        .unwrap_or_else(|e| panic!("cbindgen.toml: {e}"));
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in FILES {
        builder = builder.with_src(folder.join(file).with_extension("rs"));
    }
    let mut written = Vec::new();
    builder
        .generate()
        .unwrap_or_else(|e| panic!("cbindgen: {e}"))
        .write(&mut written);
    let mut items = String::from_utf8(written).expect("cbindgen wrote no UTF-8");

    for file in FILES {
        let source = read(&folder.join(file).with_extension("rs"));
        if let Some(name) = first_function(&source) {
            let title = about(&source);
            let title = title.split([':', '.']).next().unwrap_or_default();
            insert_heading(&mut items, name, title);
        }
    }
    let top = comment(&about(&read(&folder.join("mod.rs"))));
    format!("{top}\n{}\n", items.trim())
}

fn read(path: &Path) -> String {
    read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The text that a file has to say about itself.
fn about(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let lines: Vec<_> = lines.map(|l| l.strip_prefix(' ').unwrap_or(l)).collect();
    lines.join("\n")
}

fn comment(text: &str) -> String {
    let mut out = String::from("/*\n");
    for line in text.lines() {
        writeln!(out, "{}", format!(" * {line}").trim_end()).expect("a string takes all");
    }
    out + " *\n * Generated from src/ffi by `cargo build --features header`. Don't edit.\n */"
}

/// The name of the first exported function of a file.
fn first_function(source: &str) -> Option<&str> {
    let (_, after) = source.split_once("#[unsafe(no_mangle)]")?;
    let (_, after) = after.split_once("fn ")?;
    after.split(['(', '<']).next()
}

/// Puts a heading before the comment of a function.
fn insert_heading(items: &mut String, function: &str, title: &str) {
    let declared = items
        .find(&format!(" {function}("))
        .or_else(|| items.find(&format!("*{function}(")))
        .unwrap_or_else(|| panic!("{function} is not in the header"));
    let before = items.get(..declared).expect("a boundary");
    let at = before.rfind("/**").expect("a function without a comment");
    let line = "-".repeat(90 - title.len() - 7);
    items.insert_str(at, &format!("/* {line} {title} */\n\n"));
}
