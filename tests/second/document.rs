//! Reads the known answers out of docs/WIRE.md.

use alloc::collections::{BTreeMap, BTreeSet};
use core::cell::RefCell;

use super::Channel;

/// One case: `[what] name`, then lines of `field = value`.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) what: String,
    pub(crate) name: String,
    fields: BTreeMap<String, String>,
    read: RefCell<BTreeSet<String>>,
}

impl Case {
    /// The text of a field, if the case has it.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.read.borrow_mut().insert(field.to_owned());
        self.fields.get(field).map(String::as_str)
    }

    pub(crate) fn required(&self, field: &str) -> &str {
        self.text(field)
            .unwrap_or_else(|| panic!("{self} has no {field}"))
    }

    pub(crate) fn number(&self, field: &str) -> u64 {
        let text = self.required(field);
        match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => text.parse(),
        }
        .unwrap_or_else(|_| panic!("{self}: {field} is no number"))
    }

    pub(crate) fn bytes(&self, field: &str) -> Vec<u8> {
        from_hex(self.required(field)).unwrap_or_else(|| panic!("{self}: {field} is no hex"))
    }

    pub(crate) fn array<const N: usize>(&self, field: &str) -> [u8; N] {
        let bytes = self.bytes(field);
        bytes
            .try_into()
            .unwrap_or_else(|_| panic!("{self}: {field} must have {N} bytes"))
    }

    pub(crate) fn suite(&self) -> u16 {
        u16::try_from(self.number("suite")).unwrap_or_else(|_| panic!("{self}: no such suite"))
    }

    /// Every field was read: a case can't carry a value that nobody checks.
    pub(crate) fn assert_all_read(&self) {
        let read = self.read.borrow();
        let unread: Vec<_> = self.fields.keys().filter(|f| !read.contains(*f)).collect();
        assert!(unread.is_empty(), "{self}: nobody checks {unread:?}");
    }
}

impl core::fmt::Display for Case {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "[{}] {}", self.what, self.name)
    }
}

/// All cases of docs/WIRE.md, in order.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) cases: Vec<Case>,
}

impl Document {
    /// Takes the code blocks marked `kat`. Other blocks must be marked `text`,
    /// so that a slip in a mark can't hide cases.
    pub(crate) fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/WIRE.md");
        let page = std::fs::read_to_string(path).expect("docs/WIRE.md is part of the project");
        let mut cases: Vec<Case> = Vec::new();
        let mut names = BTreeSet::new();
        let mut block = None;
        for (number, line) in (1..).zip(page.lines()) {
            if let Some(mark) = line.trim_start().strip_prefix("```") {
                block = match block {
                    Some(_) if mark.is_empty() => None,
                    None if mark == "kat" || mark == "text" => Some(mark),
                    _ => panic!("line {number}: unexpected code block mark"),
                };
            } else if block == Some("kat") && !line.is_empty() {
                if let Some((what, name)) = line.strip_prefix('[').and_then(|l| l.split_once("] "))
                {
                    assert!(names.insert(line), "line {number}: {line} stands twice");
                    cases.push(Case {
                        what: what.to_owned(),
                        name: name.to_owned(),
                        fields: BTreeMap::new(),
                        read: RefCell::default(),
                    });
                } else {
                    let (field, value) = line
                        .split_once('=')
                        .unwrap_or_else(|| panic!("line {number}: neither case nor field"));
                    let case = cases.last_mut().expect("a field belongs to a case");
                    let old = case
                        .fields
                        .insert(field.trim().to_owned(), value.trim().to_owned());
                    assert!(old.is_none(), "line {number}: field given twice");
                }
            }
        }
        assert!(block.is_none(), "the last code block is not closed");
        Self { cases }
    }

    pub(crate) fn all<'a>(&'a self, what: &'a str) -> impl Iterator<Item = &'a Case> {
        self.cases.iter().filter(move |case| case.what == what)
    }

    pub(crate) fn named(&self, what: &str, name: &str) -> &Case {
        self.cases
            .iter()
            .find(|case| case.what == what && case.name == name)
            .unwrap_or_else(|| panic!("no [{what}] {name}"))
    }

    /// A field of a case, else of the case it is made from (`of`), else of the
    /// room it is in (`in`).
    pub(crate) fn field<'a>(&'a self, case: &'a Case, field: &str) -> &'a str {
        let from = |what, name| self.field(self.named(what, name), field);
        let frames = if case.what.starts_with("codec") {
            "codec frame"
        } else {
            "frame"
        };
        case.text(field)
            .or_else(|| Some(from(frames, case.text("of")?)))
            .or_else(|| Some(from("room", case.text("in")?)))
            .unwrap_or_else(|| panic!("{case} has no {field}"))
    }

    pub(crate) fn bytes(&self, case: &Case, field: &str) -> Vec<u8> {
        from_hex(self.field(case, field)).unwrap_or_else(|| panic!("{case}: {field} is no hex"))
    }

    /// What both ends know, as a case and the room it is in have it.
    pub(crate) fn channel(&self, case: &Case) -> Channel {
        let text = |field| self.field(case, field).as_bytes().to_vec();
        let number = |field| {
            let number = self.field(case, field).parse::<u64>();
            number.unwrap_or_else(|_| panic!("{case}: {field} is no number"))
        };
        Channel {
            app_id: text("app_id"),
            room_id: text("room_id"),
            call_id: text("call_id"),
            room_key: self.bytes(case, "room_key").try_into().expect("16 bytes"),
            room_salt: self.bytes(case, "room_salt"),
            epoch: number("epoch"),
            kind: u8::try_from(number("kind")).expect("a kind is one byte"),
            form: u8::try_from(number("form")).expect("a form is one byte"),
            suite: u16::try_from(number("suite")).expect("a suite is two bytes"),
        }
    }
}

pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    pairs
        .iter()
        .map(|[high, low]| Some((digit(*high)? << 4) | digit(*low)?))
        .collect()
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
