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

/// The code blocks of a language in a document.
fn code_blocks<'a>(document: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("\n```{language}\n");
    document
        .split(&fence)
        .skip(1)
        .map(|after| after.split("```").next().expect("a first part"))
        .collect()
}

#[test]
fn the_hosts_page_shows_the_cpp_examples_that_are_compiled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("docs/HOSTS.md")).expect("the document");
    let examples: Vec<String> = fs::read_dir(root.join("examples/cpp"))
        .expect("a folder")
        .map(|entry| fs::read_to_string(entry.expect("an entry").path()).expect("a text"))
        .collect();
    let blocks = code_blocks(&document, "cpp");
    assert_eq!(blocks.len(), examples.len(), "one for each example");
    for block in blocks {
        assert!(
            examples.iter().any(|e| e.contains(block)),
            "no example has these lines:\n{block}"
        );
    }
}

#[test]
fn every_counter_that_the_hosts_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("docs/HOSTS.md")).expect("the document");
    let adapters = fs::read_to_string(root.join("include/roomseal/room.hpp")).expect("a header");
    let header = fs::read_to_string(root.join("include/roomseal.h")).expect("a header");
    let table = document
        .split("| symptom | cause | what tells |\n")
        .nth(1)
        .expect("the table");
    let rows: Vec<&str> = table
        .lines()
        .skip(1)
        .take_while(|l| l.starts_with('|'))
        .collect();
    assert!(rows.len() >= 15, "only {} rows", rows.len());
    let mut named = 0;
    for row in rows {
        let told = row
            .trim_end_matches('|')
            .rsplit('|')
            .next()
            .expect("a column");
        for name in told.split('`').skip(1).step_by(2) {
            let known = if name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
                header.contains(&format!("#define ROOMSEAL_ERR_{name} "))
            } else {
                let counter = format!("#define ROOMSEAL_COUNTER_{} ", name.to_uppercase());
                header.contains(&counter) || adapters.contains(&format!(" {name} = "))
            };
            assert!(known, "{name} is no counter and no status");
            named += 1;
        }
    }
    assert!(named >= 20, "only {named} names");
}

#[test]
fn every_link_of_the_hosts_page_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let document = fs::read_to_string(root.join("HOSTS.md")).expect("the document");
    let titles: Vec<String> = document
        .lines()
        .filter(|line| line.starts_with("## "))
        .map(|line| line[3..].to_lowercase().replace(' ', "-").replace(',', ""))
        .collect();
    let mut links = 0;
    for after in document.split("](").skip(1) {
        let link = after.split(')').next().expect("a first part");
        let found = link.strip_prefix('#').map_or_else(
            || root.join(link).exists(),
            |anchor| titles.iter().any(|t| t == anchor),
        );
        assert!(found, "{link} leads nowhere");
        links += 1;
    }
    assert!(links >= 10, "only {links} links");
}
