//! The C header is made of `src/ffi`, says what the library does, and grows only.

#[path = "../build/header.rs"]
mod generator;

use roomseal::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::read_to_string;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn header() -> String {
    read("include/roomseal.h")
}

// ---------------------------------------------------------------- the header, taken apart

/// One function: its comment, and its prototype without macros.
#[derive(Debug)]
struct Function {
    name: String,
    comment: String,
    result: String,
    /// Type and name of each parameter.
    parameters: Vec<(String, String)>,
}

impl Function {
    /// What a binary depends on.
    fn signature(&self) -> String {
        let types: Vec<_> = self.parameters.iter().map(|(t, _)| t.as_str()).collect();
        format!("{} {}({})", self.result, self.name, types.join(", "))
    }
}

fn functions(header: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, _) in header.match_indices("\nROOMSEAL_API") {
        let before = &header[..at];
        let comment = before.rfind("/**").map_or("", |start| &before[start..]);
        let (prototype, _) = header[at..].split_once(';').expect("an open prototype");
        found.push(function(comment, prototype));
    }
    found
}

fn function(comment: &str, prototype: &str) -> Function {
    let words: Vec<_> = prototype
        .split_whitespace()
        .filter(|word| !matches!(*word, "ROOMSEAL_API" | "ROOMSEAL_MUST_USE"))
        .collect();
    let text = words.join(" ");
    let (head, parameters) = text.split_once('(').expect("no parameters");
    let (result, name) = type_and_name(head);
    let parameters = parameters.strip_suffix(')').expect("an open list");
    Function {
        name,
        comment: comment.to_owned(),
        result,
        parameters: match parameters {
            "void" => Vec::new(),
            list => list.split(", ").map(type_and_name).collect(),
        },
    }
}

fn type_and_name(text: &str) -> (String, String) {
    let at = text.rfind([' ', '*']).expect("no type") + 1;
    let (kind, name) = text.split_at(at);
    (kind.trim().to_owned(), name.to_owned())
}

/// Macros with a number for a value.
fn numbers(header: &str) -> BTreeMap<String, u64> {
    header
        .lines()
        .filter_map(|line| line.strip_prefix("#define "))
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
        .collect()
}

#[test]
fn prototypes_are_taken_apart() {
    let text = "/** a */\nROOMSEAL_API\nROOMSEAL_MUST_USE\nint f(const x *a,\n   size_t n, x **out);\n\
                /** b */\nROOMSEAL_API const char *g(void);\n#define ROOMSEAL_API x\n#define N 7\n";
    let found = functions(text);
    let signatures: Vec<_> = found.iter().map(Function::signature).collect();
    assert_eq!(
        signatures,
        ["int f(const x *, size_t, x **)", "const char * g()"]
    );
    assert_eq!(found[0].comment, "/** a */");
    assert_eq!(numbers(text), BTreeMap::from([("N".to_owned(), 7)]));
}

// ---------------------------------------------------------------- the promises

#[test]
fn the_committed_header_is_made_of_the_sources() {
    let (made, committed) = (generator::header(root()), header());
    for (at, (made, committed)) in made.lines().zip(committed.lines()).enumerate() {
        assert_eq!(
            made,
            committed,
            "line {} has drifted: cargo build --features header",
            at + 1
        );
    }
    assert_eq!(made, committed, "run cargo build --features header");
}

#[test]
fn the_header_is_ascii() {
    // Some compilers read other bytes as the code page of the machine.
    let header = header();
    let odd = header.lines().find(|line| !line.is_ascii());
    assert_eq!(odd, None);
}

#[test]
fn every_status_is_an_error_and_every_error_a_status() {
    let header = numbers(&header());
    let prefix = "ROOMSEAL_ERR_";
    let listed: BTreeMap<_, _> = header
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, *value)))
        .collect();
    let errors: BTreeMap<_, _> = Error::ALL
        .iter()
        .map(|e| (e.name(), u64::try_from(e.status()).expect("positive")))
        .collect();
    assert_eq!(listed, errors);
    assert_eq!(header.get("ROOMSEAL_OK"), Some(&0));
}

#[test]
fn the_version_macros_are_the_package_s() {
    let header = numbers(&header());
    let value = |name: &str| header[&format!("ROOMSEAL_VERSION_{name}")];
    let version = [value("MAJOR"), value("MINOR"), value("PATCH")];
    let text: Vec<_> = version.iter().map(u64::to_string).collect();
    assert_eq!(text.join("."), env!("CARGO_PKG_VERSION"));
    let [major, minor, patch] = version;
    assert_eq!(value("NUMBER"), (major * 256 + minor) * 256 + patch);
}

#[test]
fn every_size_is_a_macro_and_a_function() {
    let header = header();
    let names: BTreeSet<_> = functions(&header).into_iter().map(|f| f.name).collect();
    let sizes: Vec<_> = numbers(&header)
        .into_keys()
        .filter(|n| n.ends_with("_LEN") || n.contains("_MAX_") || n.contains("_VERSION"))
        .collect();
    assert!(sizes.len() >= 19, "{sizes:?}");
    for size in sizes {
        assert!(names.contains(&size.to_lowercase()), "{size}");
    }
}

// ---------------------------------------------------------------- what may only grow

/// The lines of a list that aren't comments.
fn list(path: &str) -> Vec<String> {
    let text = read(path);
    let lines = text
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty());
    lines.map(str::to_owned).collect()
}

fn assert_grown(path: &str, now: &BTreeSet<String>) {
    let listed = list(path);
    let set: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(set.len(), listed.len(), "{path} has a line twice");
    let gone: Vec<_> = set.difference(now).collect();
    assert!(
        gone.is_empty(),
        "programs built with an older header need these: raise ROOMSEAL_ABI_VERSION, and begin \
         {path} anew: {gone:#?}"
    );
    let new: Vec<_> = now.difference(&set).collect();
    assert!(new.is_empty(), "add to the end of {path}: {new:#?}");
}

#[test]
fn functions_only_grow() {
    let functions = functions(&header());
    let now: BTreeSet<_> = functions.iter().map(Function::signature).collect();
    assert_eq!(now.len(), functions.len());
    assert_grown("tests/abi/functions.txt", &now);
}

#[test]
fn numbers_only_grow() {
    let now = numbers(&header())
        .into_iter()
        // Those that change with each release.
        .filter(|(name, _)| {
            !name.starts_with("ROOMSEAL_VERSION_") && name != "ROOMSEAL_COUNTER_LAST"
        })
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    assert_grown("tests/abi/numbers.txt", &now);
}

// ---------------------------------------------------------------- comments and sources

/// What a function's comment fails to say.
fn unsaid(function: &Function) -> Vec<String> {
    let words = function.comment.split_whitespace().filter(|w| *w != "*");
    let comment = words.collect::<Vec<_>>().join(" ");
    let says = |text: &str| comment.contains(text);
    let mut unsaid = Vec::new();
    let mut need = |fine: bool, what: &str| {
        if !fine {
            unsaid.push(format!("{}: {what}", function.name));
        }
    };
    need(says("Threads: "), "threads");
    for (kind, name) in &function.parameters {
        if name != "status" && name != "counter" || function.parameters.len() > 1 {
            need(says(&format!("`{name}`")), name);
        }
        need(!kind.contains('*') || says("# Safety"), "safety");
    }
    if function.result == "roomseal_status" {
        need(says("Returns "), "what it returns");
        need(
            says("ROOMSEAL_ERR_NULL_POINTER") || says("Returns what `"),
            "NULL",
        );
        need(
            says("On failure") || says("other failures") || says("nothing was written"),
            "what a failure leaves",
        );
    }
    unsaid
}

#[test]
fn every_function_says_what_it_does() {
    let bare = function(
        "/** Nothing. */",
        "ROOMSEAL_API roomseal_status f(const x *a)",
    );
    assert_eq!(unsaid(&bare).len(), 6, "{:?}", unsaid(&bare));

    let functions = functions(&header());
    assert!(functions.len() > 80, "{}", functions.len());
    let unsaid: Vec<_> = functions.iter().flat_map(unsaid).collect();
    assert!(unsaid.is_empty(), "{unsaid:#?}");
}

#[test]
fn what_is_made_can_be_freed() {
    let functions = functions(&header());
    let names: BTreeSet<_> = functions.iter().map(|f| f.name.as_str()).collect();
    let made: Vec<_> = names
        .iter()
        .filter_map(|n| n.strip_suffix("_new"))
        .collect();
    assert_eq!(made.len(), 6, "{made:?}");
    for noun in made {
        assert!(names.contains(format!("{noun}_free").as_str()), "{noun}");
    }
    // A handle that isn't const is one that is given back, or one case that says so.
    for f in &functions {
        let Some((kind, _)) = f.parameters.first() else {
            continue;
        };
        let own = kind.starts_with("roomseal_") && kind.matches('*').count() == 1;
        let may = f.name.ends_with("_free") || f.name == "roomseal_sframe_sender_skip_to";
        assert_eq!(own, may, "{}", f.name);
    }
}

/// The body of each exported function that returns a status, by name.
fn exported(source: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for part in source.split("#[unsafe(no_mangle)]").skip(1) {
        let (_, named) = part.split_once("fn ").expect("no function");
        let (name, rest) = named.split_once('(').expect("no parameters");
        let (head, _) = rest.split_once('{').expect("no body");
        let body = rest.split_once("\n}").map_or(rest, |(body, _)| body);
        if head.contains("-> roomseal_status") {
            found.push((name, body));
        }
    }
    found
}

#[test]
fn every_body_is_guarded_against_panics() {
    let one = "#[unsafe(no_mangle)]\npub fn f(x: u8) -> roomseal_status {\n    g()\n}\nguard(";
    assert_eq!(
        exported(one),
        [("f", "x: u8) -> roomseal_status {\n    g()")]
    );

    // What calls `guard` for several functions.
    let helpers = ["from_key(", "install(", "derive("];
    let mut count = 0;
    for entry in root().join("src/ffi").read_dir().expect("no src/ffi") {
        let path = entry.expect("unreadable").path();
        let source = read_to_string(&path).expect("unreadable");
        for (name, body) in exported(&source) {
            let guarded = body.contains("    guard(|| {")
                || helpers.iter().any(|h| {
                    body.contains(&format!("unsafe {{ {h}"))
                        || body.contains(&format!("unsafe {{\n        {h}"))
                });
            assert!(guarded, "{name} in {}", path.display());
            count += 1;
        }
    }
    let statuses = functions(&header());
    let statuses = statuses.iter().filter(|f| f.result == "roomseal_status");
    assert_eq!(count, statuses.count(), "not all are in the header");
}
