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

/// The functions of the header, without the prefix.
fn functions() -> Vec<String> {
    read("tests/abi/functions.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('(')?.0.rsplit_once(' '))
        .filter_map(|(_, name)| Some(name.strip_prefix("roomseal_")?.to_owned()))
        .collect()
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
fn kotlin_has_every_kind_form_codec_suite_and_counter() {
    let header = header();
    assert_eq!(kotlin_enum("Kind.kt", "Kind"), family(&header, "KIND_"));
    assert_eq!(kotlin_enum("Kind.kt", "Suite"), family(&header, "SUITE_"));
    let mut counters = family(&header, "COUNTER_");
    counters.remove("LAST");
    assert_eq!(kotlin_enum("Kind.kt", "Counter"), counters);
    assert_eq!(kotlin_enum("Kind.kt", "Form"), family(&header, "FORM_"));
    assert_eq!(kotlin_enum("Kind.kt", "Codec"), family(&header, "CODEC_"));
}

#[test]
fn kotlin_has_every_other_number() {
    let in_enums = [
        "ERR_", "KIND_", "SUITE_", "COUNTER_", "CODEC_", "FORM_", "VERSION_",
    ];
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
    // Functions that only repeat a number of the header.
    let sizes: Vec<_> = header().keys().map(|name| name.to_lowercase()).collect();
    let names = functions();
    for name in &names {
        let called = shim.contains(&format!("roomseal_{name}("));
        let excused = NOT_IN_KOTLIN.iter().any(|(n, _)| n == name)
            || (name != "abi_version" && sizes.contains(name));
        assert!(
            called != excused,
            "{name}: called {called}, excused {excused}"
        );
    }
    assert!(names.len() > 100, "only {} functions found", names.len());
}

// ---------------------------------------------------------------- Swift

/// Names that Swift doesn't have in the words of the header.
const SWIFT_NAMES: &[(&str, &str)] = &[
    ("DUPLICATE_KID", "duplicateKeyIdentifier"),
    ("INTERNAL", "internalFault"),
    ("AES_128_CTR_HMAC_SHA256_80", "aes128CtrHmacSha256Tag80"),
    ("AES_128_CTR_HMAC_SHA256_64", "aes128CtrHmacSha256Tag64"),
    ("AES_128_CTR_HMAC_SHA256_32", "aes128CtrHmacSha256Tag32"),
    ("AES_128_GCM_SHA256_128", "aes128Gcm"),
];

/// Numbers of the header that `Roomseal` in Swift has not, each with its reason.
const NOT_IN_SWIFT: &[(&str, &str)] = &[
    ("ABI_VERSION", "the header's own stands in it"),
    ("FINGERPRINT_LEN", "the wrapper makes the text"),
    ("KEY_BASE64_LEN", "the wrapper makes the text"),
    ("KEY_HEX_LEN", "the wrapper makes the text"),
    ("SFRAME_BASE_KEY_LEN", "of functions that are not wrapped"),
    ("SFRAME_MAX_BASE_KEY_LEN", "the library refuses longer ones"),
];

fn swift(file: &str) -> String {
    read(&format!("bindings/swift/Sources/Roomseal/{file}.swift"))
}

/// `NOT_SEALED` as `notSealed`, unless Swift has a name of its own.
fn swift_name(name: &str) -> String {
    if let Some((_, own)) = SWIFT_NAMES.iter().find(|(n, _)| *n == name) {
        return (*own).to_owned();
    }
    let mut camel = String::new();
    for (at, word) in name.split('_').enumerate() {
        let (first, rest) = word.split_at(1);
        camel += &if at == 0 {
            first.to_lowercase()
        } else {
            first.to_owned()
        };
        camel += &rest.to_lowercase();
    }
    camel
}

/// A family of the header in Swift's words.
fn in_swift(header: &Numbers, prefix: &str) -> Numbers {
    let named = family(header, prefix).into_iter();
    named.map(|(name, n)| (swift_name(&name), n)).collect()
}

/// `case name = 1` in an enumeration.
fn swift_enum(file: &str, name: &str) -> Numbers {
    block(&swift(file), &format!("public enum {name}: "))
        .lines()
        .filter_map(|line| line.trim().strip_prefix("case ")?.split_once(" = "))
        .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
        .collect()
}

#[test]
fn swift_has_every_status() {
    let errors = swift_enum("RoomsealError", "RoomsealError");
    assert_eq!(errors, in_swift(&header(), "ERR_"));
    // The one that no library returns; -1 is no number of the header.
    assert!(swift("RoomsealError").contains("case unknown = -1\n"));
}

#[test]
fn swift_has_every_kind_suite_counter_form_and_codec() {
    let header = header();
    assert_eq!(swift_enum("Codec", "FrameForm"), in_swift(&header, "FORM_"));
    assert_eq!(swift_enum("Codec", "Codec"), in_swift(&header, "CODEC_"));
    let of = |name| swift_enum("Names", name);
    assert_eq!(of("MediaKind"), in_swift(&header, "KIND_"));
    assert_eq!(of("CipherSuite"), in_swift(&header, "SUITE_"));
    let mut counters = in_swift(&header, "COUNTER_");
    counters.remove("last");
    assert_eq!(of("Counter"), counters);
}

#[test]
fn swift_has_every_size() {
    let names = swift("Names");
    let constants: Numbers = block(&names, "public enum Roomseal {")
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("public static let ")?
                .split_once(" = ")
        })
        .map(|(name, value)| (name.to_owned(), value.parse().expect("a number")))
        .collect();
    let header = header();
    let sizes: Numbers = header
        .iter()
        .filter(|(name, _)| name.ends_with("_LEN") || name.contains("MAX_"))
        .filter(|(name, _)| !NOT_IN_SWIFT.iter().any(|(n, _)| n == name))
        .map(|(name, value)| {
            let swift = swift_name(name)
                .replace("Len", "Length")
                .replace("maxId", "maximumIdentifier")
                .replace("sframeMax", "maximumSFrame")
                .replace("max", "maximum")
                .replace("maximumimum", "maximum");
            (swift, *value)
        })
        .collect();
    assert_eq!(constants, sizes);
}

/// Functions of the header that Swift has no use for, each with its reason.
const NOT_CALLED_BY_SWIFT: &[(&str, &str)] = &[
    ("counter_last", "an enumeration knows its last"),
    ("room_install_base64", "RoomKey reads keys"),
    ("room_install_hex", "RoomKey reads keys"),
    ("sframe_key_for_ssrc", "key schedules are the application's"),
    ("sframe_key_ratchet", "key schedules are the application's"),
    ("sframe_mls_kid", "arithmetic"),
    ("sframe_mls_kid_split", "arithmetic"),
    ("sframe_ratchet_kid", "arithmetic"),
    ("sframe_ratchet_kid_split", "arithmetic"),
    ("sframe_receiver_opened_len", "the frame's length suffices"),
    ("sframe_sender_sealed_len", "a constant suffices"),
    ("status_name", "an enumeration knows its names"),
    ("version_major", "version_text says it"),
    ("version_minor", "version_text says it"),
    ("version_number", "version_text says it"),
    ("version_patch", "version_text says it"),
];

#[test]
fn swift_calls_every_function_or_says_why_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bindings/swift/Sources/Roomseal");
    let sources: String = folder
        .read_dir()
        .expect("no sources")
        .map(|entry| entry.expect("unreadable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "swift"))
        .map(|path| read_to_string(path).expect("unreadable"))
        .collect();
    let calls = |name: &str| {
        let full = format!("roomseal_{name}");
        sources.match_indices(&full).any(|(at, _)| {
            let next = sources[at + full.len()..].chars().next();
            next.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_')
        })
    };
    let sizes: Vec<_> = header().keys().map(|name| name.to_lowercase()).collect();
    let names = functions();
    for name in &names {
        let called = calls(name);
        let excused = NOT_CALLED_BY_SWIFT.iter().any(|(n, _)| n == name)
            || (name != "abi_version" && sizes.contains(name));
        assert!(
            called != excused,
            "{name}: called {called}, excused {excused}"
        );
    }
    assert!(names.len() > 100, "only {} functions found", names.len());
}

#[test]
fn the_swift_page_shows_the_example_that_is_run() {
    let page = read("docs/PLATFORMS.md");
    let example = read("bindings/swift/Sources/RoomsealQuickstart/main.swift");
    assert!(page.contains(&format!("```swift\n{example}```\n")));
}

// ---------------------------------------------------------------- C#

const CSHARP: &str = "bindings/csharp/Roomseal.cs";

/// `NAME = 1` in a class or enumeration of C#.
fn csharp_numbers(declared: &str) -> Numbers {
    let text = read(CSHARP);
    let (_, after) = text
        .split_once(&format!("public {declared}\n    {{\n"))
        .unwrap_or_else(|| panic!("no {declared}"));
    let block = after.split("\n    }").next().expect("a piece");
    let numbers: Numbers = block
        .lines()
        .filter_map(|line| {
            line.trim()
                .trim_end_matches([',', ';'])
                .rsplit_once(" = ")
                .map(|(name, value)| (name.rsplit(' ').next().expect("a name"), value))
        })
        .map(|(name, value)| (name.to_owned(), value.parse().expect("a number")))
        .collect();
    assert!(!numbers.is_empty(), "{declared} is empty");
    numbers
}

#[test]
fn c_sharp_has_every_number() {
    let header = header();
    let mut statuses = family(&header, "ERR_");
    statuses.insert("OK".into(), 0);
    assert_eq!(csharp_numbers("enum Status : int"), statuses);
    let families = [
        ("Kind", "KIND_"),
        ("Form", "FORM_"),
        ("Codec", "CODEC_"),
        ("Suite", "SUITE_"),
        ("Counter", "COUNTER_"),
    ];
    let of = |class| csharp_numbers(&format!("static class {class}"));
    for (class, prefix) in families {
        let mut numbers = family(&header, prefix);
        if class == "Counter" {
            numbers.remove("LAST");
        }
        assert_eq!(of(class), numbers, "{class}");
    }
    let mut others = header;
    others.retain(|name, _| {
        let elsewhere = ["ERR_", "VERSION_"].into_iter();
        let mut elsewhere = elsewhere.chain(families.map(|(_, prefix)| prefix));
        name != "OK" && !elsewhere.any(|prefix| name.starts_with(prefix))
    });
    assert_eq!(of("Size"), others);
}

/// A parameter's type in C#, of its type in C and that of the one behind it: a length or a
/// capacity tells an array from a place for one number.
fn csharp_type(of_c: &str, next: &str) -> String {
    let base = of_c
        .trim_start_matches("const ")
        .trim_end_matches([' ', '*']);
    let stars = of_c.matches('*').count();
    if let Some(handle) = base.strip_prefix("roomseal_") {
        let words = handle.split('_').map(|word| match word {
            "sframe" => "SFrame".to_owned(),
            word => word[..1].to_uppercase() + &word[1..],
        });
        let class = words.collect::<String>() + "Handle";
        return if stars == 2 {
            format!("out {class}")
        } else {
            class
        };
    }
    let number = match base {
        "uint64_t" => "ulong",
        "uint32_t" => "uint",
        "size_t" => "UIntPtr",
        "int32_t" => "Status",
        "uint8_t" | "char" => "byte",
        other => panic!("{other}?"),
    };
    match (stars, next) {
        (0, _) => number.to_owned(),
        (_, "size_t") if base != "size_t" => format!("{number}[]"),
        _ => format!("out {number}"),
    }
}

#[test]
fn c_sharp_declares_every_function_as_the_header_does() {
    let text = read(CSHARP);
    let declared: Vec<(&str, Vec<&str>)> = text
        .lines()
        .filter_map(|line| line.split_once(" static extern ")?.1.strip_suffix(");"))
        .filter_map(|line| line.split_once('('))
        .map(|(name, arguments)| {
            let types = arguments.split(", ").filter(|a| !a.is_empty());
            let types = types.map(|a| a.rsplit_once(' ').expect("type and name").0);
            (name, types.collect())
        })
        .collect();
    let list = read("tests/abi/functions.txt");
    let mut expected = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let (function, arguments) = line.split_once('(').expect("a function");
        let arguments: Vec<_> = arguments
            .trim_end_matches(')')
            .split(", ")
            .filter(|a| !a.is_empty())
            .collect();
        let (result, name) = function.rsplit_once(' ').expect("result and name");
        let result = match result {
            "roomseal_status" => "Status",
            "const char *" => "IntPtr",
            "size_t" => "UIntPtr",
            "uint32_t" => "uint",
            other => other,
        };
        let types: Vec<_> = arguments
            .iter()
            .zip(arguments.iter().skip(1).chain([&""]))
            .map(|(of_c, next)| match name.ends_with("_free") {
                true => "IntPtr".to_owned(),
                false => csharp_type(of_c, next),
            })
            .collect();
        expected.push((format!("{result} {name}"), types));
    }
    assert!(expected.len() > 100, "only {} found", expected.len());
    for (function, types) in &expected {
        let as_expected = |(name, found): &&(&str, Vec<&str>)| {
            // Frames may be pointers, too.
            let same = |(found, wanted): (&&str, &String)| {
                found == wanted || (*found == "IntPtr" && wanted == "byte[]")
            };
            name == function && found.len() == types.len() && found.iter().zip(types).all(same)
        };
        assert!(
            declared.iter().any(|d| d.0 == function && d.1 == *types),
            "{function}: {types:?}"
        );
        let all = declared.iter().filter(|(name, _)| name == function);
        assert_eq!(
            declared.iter().filter(as_expected).count(),
            all.count(),
            "{function}"
        );
    }
    let known = |name: &str| expected.iter().any(|(function, _)| function == name);
    assert!(declared.iter().all(|(name, _)| known(name)));
}
