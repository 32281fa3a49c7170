//! `roomseal`: shows the library at work on real clips, seals and opens media
//! files, makes keys, and looks at sealed frames.

mod args;
mod call;
mod clips;
mod file;
mod inspect;
mod keygen;
mod table;
mod text;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::args::{Args, Command};

/// A check failed, or a frame has no header.
const NOT_AS_IT_SHOULD_BE: u8 = 1;
/// Bad arguments or a bad file; clap ends with the same number.
const BAD_INPUT: u8 = 2;

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(NOT_AS_IT_SHOULD_BE),
        // Whoever reads our output has had enough: `roomseal call | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "{} {error:#}",
                console::style("error:").for_stderr().red().bold()
            );
            ExitCode::from(BAD_INPUT)
        }
    }
}

fn run(args: Args) -> Result<bool> {
    match args.command {
        Command::Call(args) => {
            let as_json = args.json;
            let settings = args.settings()?;
            let bar = progress_bar(settings.duration);
            let report = call::run(&settings, |now| bar.set_position(now));
            bar.finish_and_clear();
            let report = report?;
            let mut out = io::BufWriter::new(io::stdout().lock());
            if as_json {
                serde_json::to_writer_pretty(&mut out, &call::report::json(&report))?;
                writeln!(out)?;
            } else {
                call::report::print(&report, &mut out)?;
            }
            out.flush()?;
            Ok(report.holds())
        }
        Command::Seal(args) => file::seal(args.settings()?).map(|()| true),
        Command::Open(args) => file::open(args.settings()?),
        Command::Keygen(args) => keygen::run(args.form()).map(|()| true),
        Command::Inspect(args) => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            let all_read = inspect::run(&args.file, args.stream, args.json, &mut out)?;
            out.flush().context("writing the output")?;
            Ok(all_read)
        }
    }
}

/// Simulated time as a bar, if someone is there to watch.
fn progress_bar(duration: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(duration), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("calling  {bar:40}  {percent:>3} %  {elapsed}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause
            .downcast_ref::<serde_json::Error>()
            .and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}
