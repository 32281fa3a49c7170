//! Prints what each layer costs beside others, as Markdown tables: the median
//! time of a frame, and in brackets the median over interleaved rounds of its
//! ratio to the first row.
//!
//!     cargo run --release -p roomseal-benches --bin ratios [SECONDS [TITLE]]
//!
//! SECONDS is the time for each size and direction, 0.5 if it is not given;
//! TITLE is a part of the titles of the tables to print, all if it is not given.

use core::time::Duration;
use roomseal_benches::{
    Contenders, Direction, Line, SIZES, aead, median_of, room, sframe_ctr_hmac, sframe_gcm,
};

type Layer = (&'static str, fn(usize) -> Contenders);

const LAYERS: [Layer; 4] = [
    ("AES-128-GCM in place, the cipher alone", aead),
    ("SFrame, suite 4 (AES-128-GCM)", sframe_gcm),
    (
        "SFrame, suite 2 (AES-128-CTR, HMAC-SHA256)",
        sframe_ctr_hmac,
    ),
    ("Room frames, suite 4 (AES-128-GCM)", room),
];

fn main() {
    let seconds = match std::env::args().nth(1) {
        None => 0.5,
        Some(text) => match text.parse() {
            Ok(seconds) => seconds,
            Err(error) => {
                eprintln!("SECONDS: {error}");
                std::process::exit(2);
            }
        },
    };
    let Ok(duration) = Duration::try_from_secs_f64(seconds) else {
        eprintln!("SECONDS: out of range");
        std::process::exit(2);
    };
    let wanted = std::env::args().nth(2).unwrap_or_default();
    for (title, contenders) in LAYERS {
        for direction in Direction::BOTH {
            let title = format!("{title}: {}", direction.name());
            if !title.contains(&wanted) {
                continue;
            }
            let columns: Vec<Vec<Line>> = SIZES
                .iter()
                .map(|size| median_of(contenders(*size), *size, direction, duration))
                .collect();
            print(&title, &columns);
        }
    }
}

fn print(title: &str, columns: &[Vec<Line>]) {
    println!("**{title}**\n");
    let sizes: Vec<_> = SIZES.iter().map(ToString::to_string).collect();
    println!("| ns a frame of … bytes | {} |", sizes.join(" | "));
    println!("|---|{}", "--:|".repeat(SIZES.len()));
    let rows = columns.first().map_or(0, Vec::len);
    for row in 0..rows {
        let cells: Vec<_> = columns
            .iter()
            .map(|column| {
                let line = &column[row];
                format!("{:.0} ({:.2})", line.nanos, line.ratio)
            })
            .collect();
        println!("| {} | {} |", columns[0][row].name, cells.join(" | "));
    }
    println!();
}
