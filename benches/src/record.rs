//! What a run measured, and where: as text, and as JSON for the plot.

use crate::{Direction, Line, Pace};
use core::fmt::Write;
use serde::{Deserialize, Serialize};
use std::process::Command;

/// The machine and the tools of a run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Machine {
    /// The processor, by its name, family and model.
    pub cpu: String,
    /// The operating system's kernel.
    pub system: String,
    /// What `rustc -V` says.
    pub rustc: String,
    /// The commit that the working tree was at.
    pub commit: String,
    /// Seconds since 1970.
    pub time: u64,
    /// Processes that ran or waited, on average over the last minute, five and
    /// fifteen, before the run.
    #[serde(default)]
    pub load: String,
}

/// What a command prints, on one line.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.unwrap_or_default().trim().to_owned()
}

impl Machine {
    /// This one.
    #[must_use]
    pub fn this() -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let field = |name: &str| {
            let line = info.lines().find(|line| {
                let key = line.split(':').next().unwrap_or_default();
                key.trim() == name
            });
            let value = line.and_then(|line| line.split(':').nth(1));
            value.unwrap_or("unknown").trim().to_owned()
        };
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self {
            cpu: format!(
                "{}, family {}, model {}",
                field("model name"),
                field("cpu family"),
                field("model")
            ),
            system: output("uname", &["-sr"]),
            rustc: output("rustc", &["-V"]),
            commit: output("git", &["describe", "--always", "--dirty"]),
            time: time.map_or(0, |time| time.as_secs()),
            load: load.split(' ').take(3).collect::<Vec<_>>().join(", "),
        }
    }
}

/// One contender at one frame size.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// The contender.
    pub name: String,
    /// Bytes of a frame.
    pub bytes: usize,
    /// Nanoseconds a frame: the median of all rounds.
    pub nanos: f64,
    /// Nanoseconds a frame: a tenth of all rounds were faster.
    pub nanos_p10: f64,
    /// Its time by that of the fastest contender that others are compared with:
    /// the median of all rounds.
    pub ratio: f64,
    /// Rounds measured.
    pub rounds: usize,
}

impl Cell {
    /// From what was measured.
    #[must_use]
    pub fn new(bytes: usize, line: &Line) -> Self {
        Self {
            name: line.name.to_owned(),
            bytes,
            nanos: line.nanos,
            nanos_p10: line.nanos_p10,
            ratio: line.ratio,
            rounds: line.rounds,
        }
    }
}

/// One table: contenders by sizes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Table {
    /// What was measured.
    pub title: String,
    /// `seal`, `open`, or empty.
    pub direction: String,
    /// How the frames followed each other.
    pub pace: String,
    /// Size by size.
    pub cells: Vec<Cell>,
}

impl Table {
    /// Without cells.
    #[must_use]
    pub fn new(title: &str, direction: Option<Direction>, pace: Pace) -> Self {
        Self {
            title: title.to_owned(),
            direction: direction.map_or("", Direction::name).to_owned(),
            pace: pace.name().to_owned(),
            cells: Vec::new(),
        }
    }

    /// Title, direction and pace.
    #[must_use]
    pub fn heading(&self) -> String {
        let parts = [&self.title, &self.direction, &self.pace];
        let parts = parts.iter().filter(|part| !part.is_empty());
        parts
            .map(|part| part.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Contenders in the order of the first size.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for cell in &self.cells {
            if !names.contains(&cell.name.as_str()) {
                names.push(&cell.name);
            }
        }
        names
    }

    /// As Markdown: nanoseconds, and the ratio in brackets.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut sizes: Vec<_> = self.cells.iter().map(|cell| cell.bytes).collect();
        sizes.dedup();
        let mut text = format!("**{}**\n\n| ns a frame of … bytes |", self.heading());
        let heads = sizes.iter().map(|size| format!(" {size} |"));
        text.extend(heads);
        text.push_str("\n|---|");
        text.extend(sizes.iter().map(|_| "--:|"));
        for name in self.names() {
            write!(text, "\n| {name} |").expect("memory");
            for cell in self.cells.iter().filter(|cell| cell.name == name) {
                write!(text, " {:.0} ({:.2}) |", cell.nanos, cell.ratio).expect("memory");
            }
        }
        text.push('\n');
        text
    }
}

/// A whole run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// Where it was.
    pub machine: Machine,
    /// What it found.
    pub tables: Vec<Table>,
}
