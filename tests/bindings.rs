//! The bindings have the header's numbers: none is missing, none is another.

use std::collections::BTreeMap;
use std::fs::read_to_string;
use std::path::Path;

type Numbers = BTreeMap<String, u64>;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Macros with a number for a value, without their common prefix.
fn header() -> Numbers {
    let text = read("include/roomseal.h");
    let numbers: Numbers = text
        .lines()
        .filter_map(|line| line.strip_prefix("#define ROOMSEAL_"))
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
        .collect();
    assert!(numbers.len() > 80, "only {} found", numbers.len());
    numbers
}

/// Those that begin with a prefix, without it.
fn family(header: &Numbers, prefix: &str) -> Numbers {
    let strip =
        |(name, value): (&String, &u64)| Some((name.strip_prefix(prefix)?.to_owned(), *value));
    header.iter().filter_map(strip).collect()
}

/// What follows `start` up to its closing brace at the beginning of a line.
fn block<'a>(text: &'a str, start: &str) -> &'a str {
    let (_, after) = text
        .split_once(start)
        .unwrap_or_else(|| panic!("no {start}"));
    after.split("\n}").next().expect("a piece")
}

// ---------------------------------------------------------------- Kotlin

/// `NAME(1),` in an enum class.
fn kotlin_enum(file: &str, name: &str) -> Numbers {
    let text = read(&format!("bindings/kotlin/src/org/roomseal/{file}"));
    block(&text, &format!("public enum class {name}("))
        .lines()
        .filter_map(|line| line.trim().strip_suffix("),")?.split_once('('))
        .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
        .collect()
}

/// `const val NAME: Int = 1`.
fn kotlin_constants(file: &str) -> Numbers {
    read(&format!("bindings/kotlin/src/org/roomseal/{file}"))
        .lines()
        .filter_map(|line| line.trim().strip_prefix("public const val "))
        .filter_map(|line| line.split_once(": Int = "))
        .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
        .collect()
}

#[test]
fn kotlin_has_every_status() {
    let header = family(&header(), "ERR_");
    assert_eq!(kotlin_enum("Status.kt", "Status"), header);
}

#[test]
fn kotlin_has_every_kind_suite_counter_and_codec() {
    let header = header();
    assert_eq!(kotlin_enum("Kind.kt", "Kind"), family(&header, "KIND_"));
    assert_eq!(kotlin_enum("Kind.kt", "Suite"), family(&header, "SUITE_"));
    let mut counters = family(&header, "COUNTER_");
    counters.remove("LAST");
    assert_eq!(kotlin_enum("Kind.kt", "Counter"), counters);
    let codecs = family(&header, "CODEC_");
    if !codecs.is_empty() {
        assert_eq!(kotlin_enum("Kind.kt", "Codec"), codecs);
    }
}

#[test]
fn kotlin_has_every_other_number() {
    let in_enums = ["ERR_", "KIND_", "SUITE_", "COUNTER_", "CODEC_", "VERSION_"];
    let mut header = header();
    header.retain(|name, _| name != "OK" && !in_enums.iter().any(|p| name.starts_with(p)));
    assert_eq!(kotlin_constants("Roomseal.kt"), header);
}

/// Functions of the header that Kotlin has no use for, each with its reason.
const NOT_IN_KOTLIN: &[(&str, &str)] = &[
    ("counter_last", "an enum knows its last"),
    ("counter_name", "an enum knows its names"),
    ("status_name", "an enum knows its names"),
    ("version_major", "version_text says it"),
    ("version_minor", "version_text says it"),
    ("version_patch", "version_text says it"),
    ("version_number", "version_text says it"),
    ("room_install_hex", "RoomKey reads keys"),
    ("room_install_base64", "RoomKey reads keys"),
    ("sframe_mls_kid", "arithmetic"),
    ("sframe_mls_kid_split", "arithmetic"),
    ("sframe_ratchet_kid", "arithmetic"),
    ("sframe_ratchet_kid_split", "arithmetic"),
    ("sframe_sender_kid", "who made the sender knows it"),
    ("sframe_sender_sealed_len", "SFRAME_MAX_OVERHEAD suffices"),
    ("sframe_sender_seal_in_place", "rooms seal in place"),
    ("sframe_receiver_open_in_place", "rooms open in place"),
    ("sframe_receiver_opened_len", "the frame's length suffices"),
];

#[test]
fn the_shim_calls_every_function_or_says_why_not() {
    let shim = read("bindings/kotlin/jni/roomseal_jni.c");
    let functions = read("tests/abi/functions.txt");
    let names = functions
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            line.split_once("roomseal_")
                .filter(|(t, _)| !t.contains('('))
        })
        .filter_map(|(_, rest)| rest.split_once('('))
        .map(|(name, _)| name.trim_start_matches("status roomseal_"));
    // Functions that only repeat a number of the header.
    let sizes: Vec<_> = header().keys().map(|name| name.to_lowercase()).collect();
    let mut count = 0;
    for name in names {
        count += 1;
        let called = shim.contains(&format!("roomseal_{name}("));
        let excused = NOT_IN_KOTLIN.iter().any(|(n, _)| *n == name)
            || (name != "abi_version" && sizes.iter().any(|s| s == name));
        assert!(
            called != excused,
            "{name}: called {called}, excused {excused}"
        );
    }
    assert!(count > 100, "only {count} functions found");
}

// ---------------------------------------------------------------- C#

#[test]
fn the_numbers_of_the_c_sharp_example_are_the_header_s() {
    let text = read("examples/csharp/Quickstart.cs");
    let header = header();
    let constants: Vec<_> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("public const "))
        .filter_map(|line| line.strip_suffix(';')?.split_once(" = "))
        .collect();
    assert!(constants.len() >= 2);
    for (declared, value) in constants {
        let camel = declared.rsplit(' ').next().expect("a name");
        let mut name = String::new();
        for c in camel.chars() {
            if c.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(c.to_ascii_uppercase());
        }
        assert_eq!(
            header.get(&name).map(u64::to_string).as_deref(),
            Some(value),
            "{name}"
        );
    }
}

#[test]
fn the_functions_of_the_c_sharp_example_take_as_many_arguments() {
    let functions = read("tests/abi/functions.txt");
    let text = read("examples/csharp/Quickstart.cs");
    let imports: Vec<_> = text
        .lines()
        .filter(|line| line.contains("[DllImport"))
        .filter_map(|line| line.split_once(" roomseal_")?.1.split_once('('))
        .collect();
    assert!(imports.len() >= 10);
    for (name, arguments) in imports {
        let line = functions
            .lines()
            .find(|line| line.contains(&format!(" roomseal_{name}(")))
            .unwrap_or_else(|| panic!("{name} is not in the header"));
        let count = |text: &str| text.matches(',').count();
        assert_eq!(count(arguments), count(line), "{name}");
    }
}
