//! What the layout promises, checked over the files themselves.
//!
//! Each rule is a function from a text to the places that break it. Every test
//! feeds its rule a text that breaks it first, so that no rule can go blind
//! unnoticed, then the repository.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Lower layers first. A file names its own layer and those before it.
/// `lib.rs` only re-exports and the tool in `bin` is a crate of its own.
const LAYERS: [&str; 9] = [
    "error", "limits", "os", "simd", "aead", "sframe", "codec", "room", "ffi",
];

/// Where `unsafe` may stand: `src/X.rs` and everything in `src/X/`.
const UNSAFE_LAYERS: [&str; 3] = ["os", "simd", "ffi"];

/// Longer files hold more than one concept.
const MAX_LINES: usize = 600;

/// Crates in the library's own tree on the host, this one included: what an
/// application links and its reviewers read. Raise it only for something worth
/// that.
const MAX_LIBRARY_CRATES: usize = 28;

// ---------------------------------------------------------------- the texts

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program)
        .args(args)
        .current_dir(root())
        .output()
        .unwrap_or_else(|e| panic!("{program} can't be started: {e}"));
    assert!(
        output.status.success(),
        "{program} {args:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("the output is not UTF-8")
}

/// Path from the root, with `/`, and text of every tracked file that is text.
fn tracked() -> Vec<(String, String)> {
    let list = run("git", &["ls-files", "-z", "--cached"]);
    let files: Vec<_> = list
        .split_terminator('\0')
        .filter_map(|path| {
            // Tracked but deleted in the work tree, or not text.
            let text = String::from_utf8(std::fs::read(root().join(path)).ok()?).ok()?;
            (!text.contains('\0')).then(|| (path.to_owned(), text))
        })
        .collect();
    assert!(
        files.iter().any(|(path, _)| path == "src/lib.rs"),
        "git lists no sources"
    );
    files
}

fn sources() -> Vec<(String, String)> {
    let mut files = tracked();
    files.retain(|(path, _)| path.starts_with("src/") && path.ends_with(".rs"));
    files
}

/// Fails with every broken rule of every file.
fn assert_clean(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

// ---------------------------------------------------------------- Rust as tokens

/// A word, a literal with its quotes, `::` or one other character.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Token<'t> {
    line: usize,
    text: &'t str,
}

/// The tokens of a Rust text, without comments.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = token_len(rest, first);
        let (token, after) = rest.split_at(len);
        if !first.is_whitespace() && !token.starts_with("//") && !token.starts_with("/*") {
            found.push(Token { line, text: token });
        }
        line += token.matches('\n').count();
        rest = after;
    }
    found
}

fn token_len(rest: &str, first: char) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_len(rest);
    }
    if rest.starts_with("::") {
        return 2;
    }
    if first == '"' {
        return quoted_len(rest);
    }
    if first == '\'' {
        return quote_len(rest);
    }
    if is_word(first) {
        let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(word);
        if matches!(name, "r" | "br" | "cr") {
            let hashes = after.find(|c| c != '#').unwrap_or(0);
            if after[hashes..].starts_with('"') {
                let end = format!("\"{}", "#".repeat(hashes));
                let body = &after[hashes + 1..];
                let close = body.find(&end).expect("an open raw string");
                return word + hashes + 1 + close + end.len();
            }
        }
        if matches!(name, "b" | "c") && after.starts_with('"') {
            return word + quoted_len(after);
        }
        return word;
    }
    first.len_utf8()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn block_comment_len(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    panic!("an open block comment");
}

/// A string with escapes, from its first quote on.
fn quoted_len(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    panic!("an open string");
}

/// A character literal or a lifetime.
fn quote_len(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    let (_, second) = chars.next().expect("a lone quote at the end");
    if second == '\\' {
        // The escaped character itself may be a quote.
        let close = rest[3..].find('\'').expect("an open character");
        return 3 + close + 1;
    }
    match chars.next() {
        Some((at, '\'')) => at + 1,
        _ => 1 + rest[1..].find(|c| !is_word(c)).unwrap_or(rest.len() - 1),
    }
}

#[test]
fn the_lexer_knows_rust() {
    let text = concat!(
        "/* a /* b */ 'c */ let s: &'static str = \"// \\\" {\"; // unsafe\n",
        "r#\"raw \" { \"# b\"x\\\\\" 'x' '\\'' '\\u{7b}' b'{' r#type crate::y<'a>\n",
    );
    let got: Vec<_> = tokens(text).iter().map(|t| t.text).collect();
    let want = [
        "let",
        "s",
        ":",
        "&",
        "'static",
        "str",
        "=",
        "\"// \\\" {\"",
        ";",
        "r#\"raw \" { \"#",
        "b\"x\\\\\"",
        "'x'",
        "'\\''",
        "'\\u{7b}'",
        "b",
        "'{'",
        "r",
        "#",
        "type",
        "crate",
        "::",
        "y",
        "<",
        "'a",
        ">",
    ];
    assert_eq!(got, want);
    assert_eq!(tokens("\n\n/*\n*/ x")[0], Token { line: 4, text: "x" });
}

// ---------------------------------------------------------------- layers

/// The modules that lead to a file of `src`: `src/sframe/key.rs` is `sframe`, `key`.
fn module_path(path: &str) -> Vec<&str> {
    let inner = path
        .strip_prefix("src/")
        .and_then(|p| p.strip_suffix(".rs"))
        .expect("not a source");
    let mut parts: Vec<_> = inner.split('/').collect();
    if matches!(parts.last(), Some(&("mod" | "lib"))) {
        parts.pop();
    }
    parts
}

/// What the crate root calls each of its modules and re-exports, with its layer.
fn root_names(lib: &str) -> BTreeMap<String, String> {
    let tokens = tokens(lib);
    let mut names: BTreeMap<_, _> = LAYERS
        .iter()
        .map(|l| ((*l).to_owned(), (*l).to_owned()))
        .collect();
    for (at, token) in tokens.iter().enumerate() {
        if token.text == "use" {
            let layer = tokens[at + 1].text;
            for leaf in leaves(&tokens[at + 1..]) {
                let before = names.insert(leaf.to_owned(), layer.to_owned());
                assert!(
                    before.is_none_or(|b| b == layer),
                    "two things named {leaf} in lib.rs"
                );
            }
        }
    }
    names
}

/// The names that a `use` brings in: words with no `::` behind them.
fn leaves<'t>(tokens: &[Token<'t>]) -> Vec<&'t str> {
    let statement = tokens.split(|t| t.text == ";").next().unwrap_or_default();
    let mut found: Vec<&str> = Vec::new();
    for (at, token) in statement.iter().enumerate() {
        let next = statement.get(at + 1).map_or(";", |t| t.text);
        if token.text.starts_with(is_word) && matches!(next, ";" | "," | "}") {
            found.push(token.text);
        }
    }
    found
}

/// What a file names at the crate root by `crate::` or `super::`, with its line.
fn names_at_root<'t>(path: &'t str, tokens: &[Token<'t>]) -> Vec<Token<'t>> {
    let file = module_path(path);
    let text = |at: usize| tokens.get(at).map_or("", |t| t.text);
    // One entry a brace: whether it opened a module.
    let mut braces = Vec::new();
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        match text(at) {
            "{" => braces.push(at >= 2 && text(at - 2) == "mod"),
            "}" => drop(braces.pop()),
            "crate" if text(at + 1) == "::" => found.extend(heads(&tokens[at + 2..])),
            "super" if at == 0 || text(at - 1) != "::" => {
                let inline = braces.iter().filter(|b| **b).count();
                let mut ups = 0;
                let mut next = at;
                while text(next) == "super" && text(next + 1) == "::" {
                    ups += 1;
                    next += 2;
                }
                if ups >= file.len() + inline && ups > 0 {
                    found.extend(heads(&tokens[next..]));
                }
            }
            _ => {}
        }
    }
    found
}

/// The first word of a path, or of each path of a group.
fn heads<'t>(tokens: &[Token<'t>]) -> Vec<Token<'t>> {
    if tokens.first().is_none_or(|t| t.text != "{") {
        return tokens.first().copied().into_iter().collect();
    }
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut first = false;
    for token in tokens {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ if depth == 1 && first && token.text != "," => found.push(*token),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        first = depth == 1 && matches!(token.text, "{" | ",");
    }
    found
}

/// Where a file of `src` names a layer behind its own.
fn layer_faults(path: &str, text: &str, root: &BTreeMap<String, String>) -> Vec<String> {
    let rank = |layer: &str| LAYERS.iter().position(|l| *l == layer);
    let own = module_path(path).first().copied().unwrap_or_default();
    if path == "src/lib.rs" || own == "bin" {
        return Vec::new();
    }
    let Some(own_rank) = rank(own) else {
        return vec![format!("{path}: `{own}` is no layer")];
    };
    names_at_root(path, &tokens(text))
        .into_iter()
        .filter(|name| {
            let layer = root.get(name.text).and_then(|layer| rank(layer));
            layer.is_none_or(|rank| rank > own_rank)
        })
        .map(|name| format!("{path}:{}: {own} names {}", name.line, name.text))
        .collect()
}

#[test]
fn a_layer_names_only_layers_before_it() {
    let lib = "pub mod sframe; pub use error::{Error, Result}; pub use room::{Room, key::RoomKey};";
    let names = root_names(lib);
    let faults = |path, text| layer_faults(path, text, &names).len();
    for (path, text, count) in [
        ("src/sframe/key.rs", "use crate::room::Room;", 1),
        (
            "src/sframe/key.rs",
            "use crate::{Error, room, Room, RoomKey};",
            3,
        ),
        (
            "src/sframe/key.rs",
            "use crate::{aead::{self, Key}, ffi};",
            1,
        ),
        (
            "src/sframe/key.rs",
            "fn f() -> crate::Room { super::super::room::f() }",
            2,
        ),
        ("src/sframe/key.rs", "use crate::*;", 1),
        ("src/sframe/mod.rs", "use super::ffi;", 1),
        ("src/os.rs", "mod tests { use super::super::aead; }", 1),
        (
            "src/error.rs",
            "macro_rules! m { () => { $crate::limits::X } }",
            1,
        ),
        ("src/misc.rs", "", 1),
        (
            "src/room/ring.rs",
            "use crate::{Error, sframe::key, codec, limits::X};",
            0,
        ),
        (
            "src/room/ring.rs",
            "// crate::ffi\nuse super::ffi; mod t { use super::super::Ring; }",
            0,
        ),
        (
            "src/os.rs",
            "mod tests { use super::*; use super::super::limits; }",
            0,
        ),
        ("src/bin/roomseal/main.rs", "use crate::room;", 0),
    ] {
        assert_eq!(faults(path, text), count, "{path}: {text}");
    }

    let sources = sources();
    let (_, lib) = sources
        .iter()
        .find(|(p, _)| p == "src/lib.rs")
        .expect("no lib.rs");
    let names = root_names(lib);
    let broken: Vec<_> = sources
        .iter()
        .flat_map(|(path, text)| layer_faults(path, text, &names))
        .collect();
    assert_clean(&broken);
}

// ---------------------------------------------------------------- unsafe

fn may_be_unsafe(path: &str) -> bool {
    UNSAFE_LAYERS.contains(&module_path(path).first().copied().unwrap_or_default())
}

/// Where `unsafe` stands in a file that may not have it, and where a block or
/// an implementation of a file that may has no reason right above.
fn unsafe_faults(path: &str, text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let mut faults = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.text != "unsafe" {
            continue;
        }
        let next = tokens.get(at + 1).map_or("", |t| t.text);
        if !may_be_unsafe(path) {
            faults.push(format!("{path}:{}: unsafe", token.line));
        } else if matches!(next, "{" | "impl") && !is_explained(&lines[..token.line]) {
            faults.push(format!("{path}:{}: unsafe without SAFETY", token.line));
        }
    }
    faults
}

/// Whether the statement that the last of these lines belongs to has its
/// reason right above it.
fn is_explained(lines: &[&str]) -> bool {
    let (last, above) = lines.split_last().expect("no lines");
    if last.contains("// SAFETY:") {
        return true;
    }
    let mut in_comment = false;
    for line in above.iter().rev() {
        if line.starts_with("//") {
            if line.contains("SAFETY:") {
                return true;
            }
            in_comment = true;
        } else if in_comment || line.is_empty() || line.ends_with([';', '{', '}', ',']) {
            return false;
        }
        // Anything else is the same statement, begun on an earlier line.
    }
    false
}

#[test]
fn unsafe_stands_in_three_places_and_says_why() {
    for (path, text, count) in [
        ("src/room/ring.rs", "fn f() { unsafe { g() } }", 1),
        ("src/aead/gcm.rs", "pub unsafe fn f() {}", 1),
        (
            "src/os.rs",
            "fn f() {\n    // harmless\n    unsafe { g() }\n}",
            1,
        ),
        (
            "src/os.rs",
            "// SAFETY: no.\nfn f() {\n    unsafe { g() }\n}",
            1,
        ),
        (
            "src/os.rs",
            "// SAFETY: one.\nunsafe { g() };\nunsafe { g() };",
            1,
        ),
        ("src/ffi/mod.rs", "unsafe impl Send for X {}", 1),
        (
            "src/simd/x86.rs",
            "// SAFETY: checked by the token.\n// Twice.\nlet x =\n    unsafe { g() };",
            0,
        ),
        ("src/ffi/mod.rs", "pub unsafe extern \"C\" fn f() {}", 0),
        (
            "src/room/ring.rs",
            "// unsafe\nlet unsafe_code = \"unsafe\";",
            0,
        ),
    ] {
        assert_eq!(unsafe_faults(path, text).len(), count, "{path}: {text}");
    }

    let broken: Vec<_> = sources()
        .iter()
        .flat_map(|(path, text)| unsafe_faults(path, text))
        .collect();
    assert_clean(&broken);
}

// ---------------------------------------------------------------- size

fn length_faults(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    let long = (lines > MAX_LINES).then(|| format!("{path}: {lines} lines"));
    long.into_iter().collect()
}

#[test]
fn no_source_is_too_long() {
    assert_eq!(
        length_faults("src/a.rs", &"\n".repeat(MAX_LINES + 1)).len(),
        1
    );
    assert_eq!(length_faults("src/a.rs", &"\n".repeat(MAX_LINES)).len(), 0);

    let broken: Vec<_> = sources()
        .iter()
        .flat_map(|(path, text)| length_faults(path, text))
        .collect();
    assert_clean(&broken);
}

// ---------------------------------------------------------------- tests

/// Where a test is skipped without a reason. In an attribute list of
/// `cfg_attr` too.
fn ignore_faults(path: &str, text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let text = |at: usize| tokens.get(at).map_or("", |t| t.text);
    (1..tokens.len())
        .filter(|at| text(*at) == "ignore" && matches!(text(at - 1), "[" | ","))
        .filter(|at| text(at + 1) != "=" || text(at + 2).trim_matches(['"', ' ']).is_empty())
        .map(|at| format!("{path}:{}: ignore without a reason", tokens[at].line))
        .collect()
}

#[test]
fn a_skipped_test_says_why() {
    for (text, count) in [
        ("#[ignore] fn f() {}", 1),
        ("#[ignore = \" \"] fn f() {}", 1),
        ("#[cfg_attr(windows, ignore)] fn f() {}", 1),
        ("#[ignore = \"takes an hour\"] fn f() {}", 0),
        ("#[cfg_attr(windows, ignore = \"no fork\")] fn f() {}", 0),
        ("// #[ignore]\nfn ignore() {}", 0),
    ] {
        assert_eq!(ignore_faults("tests/x.rs", text).len(), count, "{text}");
    }

    let broken: Vec<_> = tracked()
        .iter()
        .filter(|(path, _)| path.ends_with(".rs"))
        .flat_map(|(path, text)| ignore_faults(path, text))
        .collect();
    assert_clean(&broken);
}

// ---------------------------------------------------------------- places

/// Where a text names a folder of one machine or the host of a package
/// registry: neither means anything to who reads it elsewhere.
fn place_faults(path: &str, text: &str) -> Vec<String> {
    // In two parts each, or this file would break its own rule.
    let places = [
        ["/wo", "rk/"],
        ["/tm", "p/"],
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["../sha", "red"],
        ["index.crates", ".io"],
        ["static.crates", ".io"],
        ["pypi", ".org"],
        ["pythonhosted", ".org"],
        ["registry.npm", "js.org"],
        ["deb.deb", "ian.org"],
        ["proxy.gol", "ang.org"],
    ]
    .map(|parts| parts.concat());
    text.lines()
        .enumerate()
        .filter(|(_, line)| places.iter().any(|place| line.contains(place.as_str())))
        .map(|(at, line)| format!("{path}:{}: {}", at + 1, line.trim()))
        .collect()
}

#[test]
fn no_text_names_a_place_of_one_machine() {
    for parts in [
        "see /ho|me/me/notes",
        "see https://pypi|.org/simple",
        "cd /tm|p/x",
    ] {
        let text = parts.replace('|', "");
        assert_eq!(place_faults("README.md", &text).len(), 1, "{text}");
    }
    assert_eq!(
        place_faults("README.md", "our work/home, on crates.io").len(),
        0
    );

    let broken: Vec<_> = tracked()
        .iter()
        .flat_map(|(path, text)| place_faults(path, text))
        .collect();
    assert_clean(&broken);
}

// ---------------------------------------------------------------- dependencies

/// The crates of a `cargo tree --prefix none`, each once.
fn crates(tree: &str) -> Vec<&str> {
    let mut found: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split(" (").next())
        .filter(|line| !line.is_empty())
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[test]
fn the_library_brings_few_crates() {
    let sample =
        "roomseal v0.1.0 (here)\naes v0.9.4\ncipher v0.5.2\nctr v0.10.1\ncipher v0.5.2 (*)\n";
    assert_eq!(crates(sample).len(), 4);

    let tree = run(
        env!("CARGO"),
        &[
            "tree",
            "--package=roomseal",
            "--edges=normal",
            "--no-default-features",
            "--prefix=none",
            "--locked",
            "--offline",
        ],
    );
    let crates = crates(&tree);
    assert!(
        crates.iter().any(|c| c.starts_with("zeroize ")),
        "the tree is not this library's: {crates:?}"
    );
    assert!(
        crates.len() <= MAX_LIBRARY_CRATES,
        "{} crates: {crates:?}",
        crates.len()
    );
}
