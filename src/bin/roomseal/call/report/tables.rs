//! The report for people: plain text of at most 120 columns.

use core::fmt::Display;
use std::io::{self, Write};

use console::style;
use roomseal::{Error, Kind};

use super::super::books::{Check, Refusals};
use super::super::frames::Deed;
use super::super::settings::NAMES;
use super::{Report, ratio};
use crate::clips::{Micros, SECOND};
use crate::table::{Align, Table};

/// Writes the whole report.
pub(crate) fn print(report: &Report, out: &mut impl Write) -> io::Result<()> {
    introduction(report, out)?;
    sealing(report, out)?;
    arrivals(report, out)?;
    deeds(report, out)?;
    outsiders(report, out)?;
    rejoins(report, out)?;
    checks(report, out)
}

fn heading(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{}", style(text).bold())
}

fn introduction(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let time = |at: Micros| format!("{:6.2} s", ratio(at, SECOND));
    let when = report.timeline;
    writeln!(
        out,
        "{}: a call of {} s with {} streams, of {} and of messages. Seed {}.",
        NAMES.join(", "),
        ratio(report.duration, SECOND),
        report.streams.len(),
        count(report.clips.len(), "clip"),
        report.seed,
    )?;
    let suites: Vec<String> = Kind::ALL
        .iter()
        .map(|&kind| format!("{kind} {}", report.suites.of(kind).name()))
        .collect();
    writeln!(out, "Suites: {}.", suites.join(", "))?;
    writeln!(out, "Form of audio and video: {}.", report.suites.form)?;
    writeln!(out, "{}  carol crashes", time(when.crash))?;
    writeln!(
        out,
        "{}  carol is back: same user id, same room key, new room object",
        time(when.rejoin)
    )?;
    writeln!(
        out,
        "{}  everyone installs the key of epoch 2",
        time(when.install)
    )?;
    writeln!(out, "{}  everyone seals in epoch 2", time(when.activate))?;
    writeln!(out, "{}  everyone retires epoch 1", time(when.retire))
}

fn sealing(report: &Report, out: &mut impl Write) -> io::Result<()> {
    heading(out, "What sealing costs")?;
    let mut table = Table::new(&[
        ("#", Align::Right),
        ("member", Align::Left),
        ("codec", Align::Left),
        ("clip", Align::Left),
        ("frames", Align::Right),
        ("bytes", Align::Right),
        ("added %", Align::Right),
        ("+kbit/s", Align::Right),
        ("ns to seal", Align::Right),
        ("ns to open", Align::Right),
    ]);
    for (stream, book) in &report.streams {
        table.row(vec![
            stream.number.to_string(),
            NAMES
                .get(stream.owner)
                .copied()
                .unwrap_or_default()
                .to_owned(),
            stream.codec.clone(),
            report.clip_name(stream).to_owned(),
            book.frames.to_string(),
            book.plain_bytes.to_string(),
            format!("{:.2}", book.overhead_percent()),
            format!("{:.2}", book.overhead_kbit_s()),
            book.seal_ns(50).to_string(),
            book.open_ns(50).to_string(),
        ]);
    }
    table.print(out)?;
    writeln!(
        out,
        "Times are medians of one call, the {} ns of reading the clock included.",
        report.clock_ns
    )
}

fn arrivals(report: &Report, out: &mut impl Write) -> io::Result<()> {
    heading(out, "What came of each stream, in copies")?;
    /// Reasons with a column of their own; the rest share the last one.
    const COLUMNS: [(&str, &[Error]); 7] = [
        ("forged", &[Error::NotAuthentic]),
        ("replay", &[Error::Replay]),
        ("too old", &[Error::TooOld]),
        ("own", &[Error::OwnFrame]),
        ("no key", &[Error::UnknownKey]),
        ("source", &[Error::SourceChanged]),
        (
            "broken",
            &[Error::Malformed, Error::NotSealed, Error::InvalidText],
        ),
    ];
    let mut head = vec![
        ("#", Align::Right),
        ("member", Align::Left),
        ("codec", Align::Left),
        ("copies", Align::Right),
        ("lost", Align::Right),
        ("away", Align::Right),
        ("opened", Align::Right),
        ("refused", Align::Right),
    ];
    head.extend(COLUMNS.iter().map(|(name, _)| (*name, Align::Right)));
    head.push(("other", Align::Right));
    let mut table = Table::new(&head);
    for (stream, book) in &report.streams {
        let reasons: Vec<u64> = COLUMNS
            .iter()
            .map(|(_, errors)| errors.iter().map(|&e| book.refused.of(e)).sum())
            .collect();
        let other = book.refused.total() - reasons.iter().sum::<u64>();
        let mut row = vec![
            stream.number.to_string(),
            NAMES
                .get(stream.owner)
                .copied()
                .unwrap_or_default()
                .to_owned(),
            stream.codec.clone(),
            (book.copies + book.duplicated - book.withdrawn).to_string(),
            book.lost.to_string(),
            book.missed.to_string(),
            book.opened.to_string(),
            book.refused.total().to_string(),
        ];
        row.extend(reasons.iter().map(u64::to_string));
        row.push(other.to_string());
        table.row(row);
    }
    table.print(out)?;
    writeln!(
        out,
        "A copy for each other member, and those that server and network added. Away: the receiver\n\
         had crashed. Forged: not authentic. Broken: malformed, or no header of a room."
    )
}

fn deeds(report: &Report, out: &mut impl Write) -> io::Result<()> {
    heading(out, "What came of copies that were ...")?;
    let mut table = Table::new(&[
        ("", Align::Left),
        ("arrived", Align::Right),
        ("opened", Align::Right),
        ("refused", Align::Right),
        ("why", Align::Left),
    ]);
    for deed in Deed::ALL {
        let Some(book) = report.deeds.get(&deed) else {
            continue;
        };
        table.row(vec![
            deed.words().to_owned(),
            book.delivered.to_string(),
            book.opened.to_string(),
            book.refused.total().to_string(),
            reasons(&book.refused),
        ]);
    }
    table.print(out)
}

fn outsiders(report: &Report, out: &mut impl Write) -> io::Result<()> {
    heading(out, "What outsiders got, who see every sealed frame")?;
    let mut table = Table::new(&[
        ("someone who ...", Align::Left),
        ("tried", Align::Right),
        ("opened", Align::Right),
        ("refused", Align::Left),
    ]);
    for outsider in &report.outsiders {
        table.row(vec![
            outsider.words.to_owned(),
            outsider.tried.to_string(),
            outsider.opened.to_string(),
            reasons(&outsider.refused),
        ]);
    }
    table.print(out)
}

fn rejoins(report: &Report, out: &mut impl Write) -> io::Result<()> {
    heading(
        out,
        "What a restarted receiver accepts of frames recorded before its crash",
    )?;
    let mut table = Table::new(&[
        ("it rejoins with ...", Align::Left),
        ("replayed", Align::Right),
        ("accepted", Align::Right),
        ("live frames opened", Align::Right),
    ]);
    for row in &report.rejoins {
        table.row(vec![
            row.words.to_owned(),
            row.replayed.to_string(),
            row.accepted.to_string(),
            format!("{} of {}", row.live_opened, row.live),
        ]);
    }
    table.print(out)?;
    writeln!(
        out,
        "A new room object can't know what an earlier one opened: in this call, without a remedy,\n\
         carol opened {} from before her crash. Where that matters, ratchet, rotate or name\n\
         a new call on rejoin.",
        count(report.old_frames_opened, "frame")
    )?;
    if report.closed_to_new > 0 {
        writeln!(
            out,
            "Of new streams, {} refused: with 4-byte tags, an epoch closes to new\n\
             streams after 4,096 forged frames.",
            count(report.closed_to_new, "intact frame")
        )?;
    }
    Ok(())
}

fn checks(report: &Report, out: &mut impl Write) -> io::Result<()> {
    heading(out, "Checks")?;
    for check in report.checks.all() {
        let mark = match (check.failures, check.cases) {
            (0, 0) => style("none  ").yellow(),
            (0, _) => style("ok    ").green(),
            _ => style("FAILED").red().bold(),
        };
        writeln!(out, "{mark}  {:>7}  {}", check.cases, check.words)?;
        details(check, out)?;
    }
    let verdict = if report.holds() {
        style("Every check held.").green()
    } else if report.checks.opens.cases == 0 {
        style("No frame arrived intact, so this call shows nothing.").red()
    } else {
        style("The call was not as promised, see above.").red()
    };
    writeln!(out, "\n{}", verdict.bold())
}

fn details(check: &Check, out: &mut impl Write) -> io::Result<()> {
    if check.failures > 0 {
        writeln!(
            out,
            "                 {} failed, among them:",
            check.failures
        )?;
    }
    for example in &check.examples {
        writeln!(out, "                 {example}")?;
    }
    Ok(())
}

/// "1 clip", "2 clips".
fn count(n: impl Display, what: &str) -> String {
    let n = n.to_string();
    let plural = if n == "1" { "" } else { "s" };
    format!("{n} {what}{plural}")
}

fn reasons(refusals: &Refusals) -> String {
    let parts: Vec<String> = refusals
        .by_frequency()
        .into_iter()
        .map(|(name, count)| format!("{} {count}", name.to_ascii_lowercase().replace('_', " ")))
        .collect();
    parts.join(", ")
}
