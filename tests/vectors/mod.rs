//! Reads the vector files of this directory.

/// One block of `name = value` lines.
#[derive(Debug)]
pub(crate) struct Case(Vec<(&'static str, &'static str)>);

/// The blocks of a file, in order. Panics on any line that is neither a
/// comment, nor empty, nor `name = value`, so that no case gets lost silently.
pub(crate) fn cases(file: &'static str) -> Vec<Case> {
    let mut cases = vec![Case(Vec::new())];
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        if line.is_empty() {
            cases.push(Case(Vec::new()));
        } else {
            let pair = line.split_once(" = ").expect("name = value");
            cases.last_mut().expect("one stands there").0.push(pair);
        }
    }
    cases.retain(|case| !case.0.is_empty());
    cases
}

impl Case {
    fn value(&self, name: &str) -> &'static str {
        let mut found = self.0.iter().filter(|(n, _)| *n == name);
        let value = found.next().expect("the case has this name").1;
        assert!(found.next().is_none(), "{name} stands there twice");
        value
    }

    /// A decimal number.
    pub(crate) fn number(&self, name: &str) -> u64 {
        self.value(name).parse().expect("a decimal number")
    }

    /// Bytes in hexadecimal.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        hex(self.value(name))
    }
}

/// Bytes from hexadecimal digits.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "half a byte in {text}");
    let digits = text.as_bytes().chunks_exact(2);
    digits
        .map(|pair| {
            let pair = str::from_utf8(pair).expect("ASCII");
            u8::from_str_radix(pair, 16).expect("hexadecimal")
        })
        .collect()
}
