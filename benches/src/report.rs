//! The sections of `docs/PERFORMANCE.md` that come from recorded runs.

use crate::{Record, Table};
use core::fmt::Write;

/// What a section of the document stands between.
const BEGIN: &str = "<!-- from the recorded runs: ";
const END: &str = "<!-- end -->";

const CIPHER: &str = "AES-128-GCM in place, the cipher alone";
const MANY_KEYS: &str = "AES-128-GCM in place, 1,024 keys in turn";
const SEGMENTS: &str = "AES-128-GCM in segments";
const SET_UP: &str = "Key set-up for AES-128-GCM";
const FIRST: &str = "First frame of a new stream";
const SFRAME: &str = "SFrame, suite 4 (AES-128-GCM)";
const CTR_HMAC: &str = "SFrame, suite 2 (AES-128-CTR, HMAC-SHA256)";
const ROOM: &str = "Room frames, suite 4 (AES-128-GCM)";
const APART: &str = "Room frames from buffer to buffer beside the kernel alone";
/// What the titles of the codec form's tables begin with.
const CODEC: &str = "The codec form by the plain";

/// A run with everything, and one in which peers see neither AVX-512 nor VAES.
#[derive(Debug)]
pub struct Report {
    /// Of `ratios.json`.
    pub wide: Record,
    /// Of `ratios-narrow.json`.
    pub narrow: Record,
}

impl Report {
    /// The document with its sections made anew.
    ///
    /// # Errors
    /// If a section has no end, or a name that isn't known, or if there is none.
    pub fn update(&self, document: &str) -> Result<String, String> {
        let mut made = String::new();
        let mut rest = document;
        while let Some(start) = rest.find(BEGIN) {
            let (before, after) = rest.split_at(start + BEGIN.len());
            let (name, after) = after.split_once(" -->").ok_or("a section without a name")?;
            let (_, behind) = after.split_once(END).ok_or("a section without an end")?;
            let section = self.section(name)?;
            write!(made, "{before}{name} -->\n\n{}\n\n{END}", section.trim())
                .map_err(|error| error.to_string())?;
            rest = behind;
        }
        if made.is_empty() {
            return Err(format!("no section begins with {BEGIN:?}"));
        }
        Ok(made + rest)
    }

    fn section(&self, name: &str) -> Result<String, String> {
        let back_to_back = |record: &Record, titles: &[&str]| {
            let tables = titles.iter().flat_map(|title| {
                let tables = record.tables.iter();
                tables.filter(move |t| t.title.starts_with(title) && t.pace == "back to back")
            });
            join(tables)
        };
        Ok(match name {
            "runs" => self.runs(),
            "bars" => bars(self.cases()),
            "codec bars" => bars(codec_cases(&self.wide).map(|bar| (&self.wide, bar))),
            "cipher" => join(self.wide.tables.iter().filter(|t| t.title == CIPHER)),
            "narrow" => back_to_back(&self.narrow, &[CIPHER]),
            "keys" => back_to_back(&self.wide, &[MANY_KEYS, SEGMENTS, SET_UP, FIRST]),
            "frames" => back_to_back(&self.wide, &[SFRAME, CTR_HMAC, ROOM, APART]),
            "codec" => back_to_back(&self.wide, &[CODEC]),
            _ => return Err(format!("no section is called {name}")),
        })
    }

    /// When and where the runs were.
    fn runs(&self) -> String {
        let machines = [&self.wide.machine, &self.narrow.machine];
        let mut text = "| | all | peers without AVX-512 and VAES |\n|---|---|---|".to_owned();
        let mut row = |name: &str, values: [String; 2]| {
            text.extend(["\n| ", name, " | ", &values[0], " | ", &values[1], " |"]);
        };
        row("at", machines.map(|m| date(m.time)));
        row("commit", machines.map(|m| format!("`{}`", m.commit)));
        row("processor", machines.map(|m| m.cpu.clone()));
        row("system", machines.map(|m| m.system.clone()));
        row("compiler", machines.map(|m| m.rustc.clone()));
        row("load before it", machines.map(|m| m.load.clone()));
        text
    }

    fn cases(&self) -> Vec<(&Record, Bar)> {
        let (wide, narrow) = (&self.wide, &self.narrow);
        let mut cases = Vec::new();
        let kernels = [
            (
                wide,
                "AVX-512 kernel",
                "roomseal vaes512",
                "by the faster of ring and BoringSSL",
            ),
            (
                narrow,
                "256-bit kernel",
                "roomseal vaes",
                "the same without AVX-512",
            ),
        ];
        let limits = [
            (20, 0.50),
            (80, 0.50),
            (160, 0.60),
            (320, 0.60),
            (1_200, 0.85),
            (4_096, 0.95),
            (16_384, 1.00),
            (65_536, 1.00),
            (262_144, 1.00),
        ];
        for (record, kernel, name, by) in kernels {
            for (bytes, limit) in limits {
                let case = format!("{kernel}, {} bytes, {by}", thousands(bytes));
                cases.push((record, Bar::new(case, CIPHER, bytes, name, limit)));
            }
        }
        let mut add = |record, bar| cases.push((record, bar));
        let case = "128-bit kernel, 16,384 bytes, by aws-lc-rs without VAES";
        let bar = Bar::new(case, CIPHER, 16_384, "roomseal aes_ni", 1.05);
        add(narrow, bar.by("aws-lc-rs"));
        let case = "1,024 keys in turn, 80 bytes, by the faster of ring and BoringSSL";
        add(
            wide,
            Bar::new(case, MANY_KEYS, 80, "roomseal vaes512", 1.00),
        );
        for name in ["4 equal segments", "4 uneven segments"] {
            let case = format!("{name} in 16,384 bytes, by one");
            add(wide, Bar::new(case, SEGMENTS, 16_384, name, 1.10));
        }
        for bytes in [20, 80, 320, 1_200, 16_384, 262_144] {
            let case = format!("portable, {} bytes, by the aes-gcm crate", thousands(bytes));
            let bar = Bar::new(case, CIPHER, bytes, "roomseal portable", 1.03);
            add(wide, bar.by("aes-gcm crate"));
        }
        let case = "SFrame, 80 bytes, by the sframe crate";
        let bar = Bar::new(case, SFRAME, 80, "roomseal sframe", 0.25);
        add(wide, bar.by("sframe crate"));
        for (how, through_c, rust) in [
            (
                "in place",
                "roomseal C ABI in place",
                "roomseal room in place",
            ),
            ("from buffer to buffer", "roomseal C ABI", "roomseal room"),
        ] {
            let case = format!("room through C, {how}, 80 bytes, by ring's bare cipher");
            add(wide, Bar::new(case, ROOM, 80, through_c, 1.00));
            let case = format!("room through C, {how}, 80 bytes, by the same from Rust");
            add(wide, Bar::new(case, ROOM, 80, through_c, 1.10).by(rust));
        }
        let case = "room, from buffer to buffer, 16,384 bytes, by the bare kernel";
        add(wide, Bar::new(case, APART, 16_384, "roomseal room", 1.03));
        let case =
            "first frame of a new stream opened, by ring's key set-up, back to back and serialised";
        let name = "roomseal room, first frame opened";
        add(wide, Bar::new(case, FIRST, 80, name, 15.00));
        cases
    }
}

/// Bars and what was measured.
fn bars<'r>(cases: impl IntoIterator<Item = (&'r Record, Bar)>) -> String {
    let mut text = "| case | bar | seal / open back to back, seal / open serialised | met |\n\
                    |---|--:|---|---|"
        .to_owned();
    for (record, bar) in cases {
        let measured = bar.measured(record);
        let within = measured.iter().filter(|m| **m <= bar.limit).count();
        let met = match within {
            _ if measured.is_empty() => "not recorded",
            0 => "no",
            n if n == measured.len() => "yes",
            _ => "in part",
        };
        let numbers: Vec<_> = measured.iter().map(|m| format!("{m:.2}")).collect();
        let (case, limit) = (&bar.case, bar.limit);
        let row = format!(
            "\n| {case} | {limit:.2} | {} | {met} |",
            numbers.join(" / ")
        );
        text.push_str(&row);
    }
    text
}

/// The codec form's rows by the first one of their table, the plain form.
fn codec_cases(record: &Record) -> impl Iterator<Item = Bar> {
    let first = record.tables.iter().filter(|table| {
        let kind = (table.direction.as_str(), table.pace.as_str());
        table.title.starts_with(CODEC) && kind == ("seal", "back to back")
    });
    first.flat_map(|table| {
        let names = table.names();
        let plain = names.first().copied().unwrap_or_default();
        let cells = table.cells.iter().filter(move |cell| cell.name != plain);
        cells.filter_map(move |cell| {
            let limit = match (is_escaped(&cell.name), cell.bytes) {
                (true, 4_096) => 1.40,
                (true, 16_384) => 1.25,
                (false, 4_096 | 16_384) => 1.10,
                _ => return None,
            };
            let (name, bytes) = (&cell.name, cell.bytes);
            let case = format!("{name}, {} bytes, by the plain form", thousands(bytes));
            Some(Bar::new(case, &table.title, bytes, name, limit).by(plain))
        })
    })
}

/// Whether sealed frames take emulation prevention.
fn is_escaped(codec: &str) -> bool {
    codec.starts_with("H.264") || codec.starts_with("H.265")
}

/// A bar that this crate sets itself.
struct Bar {
    case: String,
    title: String,
    bytes: usize,
    name: String,
    /// The contender that it is compared with, if not the table's own bar.
    by: Option<String>,
    limit: f64,
}

impl Bar {
    fn new(case: impl Into<String>, title: &str, bytes: usize, name: &str, limit: f64) -> Self {
        Self {
            case: case.into(),
            title: title.to_owned(),
            bytes,
            name: name.to_owned(),
            by: None,
            limit,
        }
    }

    fn by(self, name: &str) -> Self {
        let by = Some(name.to_owned());
        Self { by, ..self }
    }

    /// Ratios to two digits, by pace and direction.
    fn measured(&self, record: &Record) -> Vec<f64> {
        let mut ratios = Vec::new();
        for pace in ["back to back", "serialised"] {
            for direction in ["seal", "open", ""] {
                let table = record.tables.iter().find(|table| {
                    table.title == self.title && table.direction == direction && table.pace == pace
                });
                ratios.extend(table.and_then(|table| self.ratio(table)));
            }
        }
        ratios
    }

    fn ratio(&self, table: &Table) -> Option<f64> {
        let ratio = |name: &str| {
            let mut cells = table.cells.iter();
            let cell = cells.find(|cell| cell.name == name && cell.bytes == self.bytes);
            cell.map(|cell| cell.ratio)
        };
        let own = ratio(&self.name)?;
        let by = match &self.by {
            Some(name) => ratio(name)?,
            None => 1.0,
        };
        Some((own / by * 100.0).round() / 100.0)
    }
}

fn join<'t>(tables: impl Iterator<Item = &'t Table>) -> String {
    let tables: Vec<_> = tables.map(Table::markdown).collect();
    if tables.is_empty() {
        return "Not recorded.".to_owned();
    }
    tables.join("\n")
}

/// With a comma for each three digits.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Day and minute of a time in seconds since 1970, UTC.
fn date(time: u64) -> String {
    let (mut day, second) = (time / 86_400, time % 86_400);
    let mut year = 1970;
    let is_leap = |y: u64| y.is_multiple_of(4) && (!y.is_multiple_of(100) || y.is_multiple_of(400));
    while day >= 365 + u64::from(is_leap(year)) {
        day -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!("{year}-{month:02}-{:02} {hour:02}:{minute:02} UTC", day + 1)
}
