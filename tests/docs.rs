//! What the documents name exists.

use std::fs;
use std::path::{Path, PathBuf};

/// The names of all functions in the Rust files below a folder.
fn functions(folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path: PathBuf = entry.expect("an entry").path();
        if path.is_dir() {
            functions(&path, names);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).expect("a text");
            for after in text.split("fn ").skip(1) {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                names.extend(end.map(|end| after[..end].to_owned()));
            }
        }
    }
}

/// What stands in backticks in the last column of tables headed "shown by".
fn named_tests(document: &str) -> Vec<&str> {
    let mut in_table = false;
    let mut names = Vec::new();
    for line in document.lines() {
        if !line.starts_with('|') {
            in_table = false;
        } else if line.contains("| shown by |") {
            in_table = true;
        } else if in_table {
            let shown_by = line
                .trim_end_matches('|')
                .rsplit('|')
                .next()
                .expect("a column");
            let quoted = shown_by.split('`').skip(1).step_by(2);
            names.extend(quoted.filter(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
        }
    }
    names
}

#[test]
fn every_test_that_the_security_model_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("docs/SECURITY.md")).expect("the document");
    let named = named_tests(&document);
    assert!(named.len() >= 40, "only {} names found", named.len());
    let mut known = Vec::new();
    functions(&root.join("src"), &mut known);
    functions(&root.join("tests"), &mut known);
    let missing: Vec<_> = named
        .iter()
        .filter(|n| !known.iter().any(|k| k == *n))
        .collect();
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}

#[test]
fn a_name_that_is_no_test_would_be_found() {
    let document = "| promise | shown by |\n|---|---|\n| x | `no_such_test_anywhere`, `/path` |\n";
    assert_eq!(named_tests(document), ["no_such_test_anywhere"]);
}

#[test]
fn the_readme_shows_the_c_example_that_is_compiled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("the document");
    let example = fs::read_to_string(root.join("examples/c/quickstart.c")).expect("the example");
    assert!(readme.contains(&format!("```c\n{example}```\n")));
}
