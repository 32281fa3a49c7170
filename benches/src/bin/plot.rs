//! Draws what runs of `ratios` recorded: nanoseconds and gigabytes a second
//! against the size of a frame, for this crate and others; and makes the tables
//! of a document anew.
//!
//!     cargo run --release -p roomseal-benches --bin plot -- docs/performance docs/PERFORMANCE.md

use core::ops::Range;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use roomseal_benches::{Cell, Record, Report, Table};
use std::error::Error;
use std::path::{Path, PathBuf};

/// Contenders, their colours, and how wide their lines are.
const SERIES: [(&str, RGBColor, u32); 8] = [
    ("roomseal vaes512", RGBColor(200, 30, 30), 4),
    ("roomseal vaes", RGBColor(230, 120, 30), 4),
    ("roomseal aes_ni", RGBColor(190, 150, 0), 4),
    ("BoringSSL", RGBColor(20, 90, 180), 2),
    ("ring", RGBColor(20, 150, 170), 2),
    ("aws-lc-rs", RGBColor(110, 60, 170), 2),
    ("aes-gcm crate", RGBColor(120, 120, 120), 2),
    ("roomseal portable", RGBColor(60, 60, 60), 2),
];
const SIZE: (u32, u32) = (1_100, 900);
const FONT: &str = "sans-serif";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(folder), Some(document)) = (arguments.next(), arguments.next()) else {
        return Err("which folder holds ratios.json, and which document its tables?".into());
    };
    let read = |name: &str| -> Result<Record, Box<dyn Error>> {
        let text = std::fs::read_to_string(folder.join(name))?;
        Ok(serde_json::from_str(&text)?)
    };
    let report = Report {
        wide: read("ratios.json")?,
        narrow: read("ratios-narrow.json")?,
    };
    let text = report.update(&std::fs::read_to_string(&document)?)?;
    std::fs::write(&document, text)?;
    println!("{}", document.display());
    let record = &report.wide;
    for table in &record.tables {
        if table.title == "AES-128-GCM in place, the cipher alone" {
            let pace = table.pace.replace(' ', "-");
            let path = folder.join(format!("aes-128-gcm-{}-{pace}.svg", table.direction));
            draw(&path, record, table)?;
            println!("{}", path.display());
        }
    }
    Ok(())
}

/// What is drawn of a cell.
#[derive(Clone, Copy)]
enum Quantity {
    Nanos,
    Gigabytes,
}

impl Quantity {
    fn of(self, cell: &Cell) -> f64 {
        match self {
            Self::Nanos => cell.nanos,
            Self::Gigabytes => cell.bytes as f64 / cell.nanos,
        }
    }
}

fn draw(path: &Path, record: &Record, table: &Table) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let machine = &record.machine;
    let heading = format!("{}, medians", table.heading());
    let root = root.titled(&heading, (FONT, 20))?;
    let place = format!(
        "{}; {}; {}; commit {}",
        machine.cpu, machine.system, machine.rustc, machine.commit
    );
    let root = root.titled(&place, (FONT, 12))?;
    let (left, right) = root.split_horizontally(SIZE.0 / 2);
    let all = |quantity: Quantity| table.cells.iter().map(move |cell| quantity.of(cell));
    let most = all(Quantity::Nanos).fold(1.0, f64::max) * 1.5;
    let least = all(Quantity::Nanos).fold(f64::MAX, f64::min) / 1.5;
    let mut chart = ChartBuilder::on(&left)
        .margin(10)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d((16_f64..400_000.0).log_scale(), (least..most).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("bytes of a frame")
        .y_desc("nanoseconds a frame")
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.0}"))
        .light_line_style(WHITE)
        .draw()?;
    for (name, colour, width) in SERIES {
        let line = points(table, name, Quantity::Nanos);
        chart.draw_series(LineSeries::new(line, colour.stroke_width(width)))?;
    }
    let most = all(Quantity::Gigabytes).fold(1.0, f64::max) * 1.05;
    rates(&right, table, 0.0..most)
}

/// The half with the rates, and what the colours mean.
fn rates(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    table: &Table,
    range: Range<f64>,
) -> Result<(), Box<dyn Error>> {
    let vertical: RangedCoordf64 = range.into();
    let mut chart = ChartBuilder::on(area)
        .margin(10)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d((16_f64..400_000.0).log_scale(), vertical)?;
    chart
        .configure_mesh()
        .x_desc("bytes of a frame")
        .y_desc("gigabytes a second")
        .x_label_formatter(&|x| format!("{x:.0}"))
        .light_line_style(WHITE)
        .draw()?;
    for (name, colour, width) in SERIES {
        let line = points(table, name, Quantity::Gigabytes);
        if line.is_empty() {
            continue;
        }
        let style = colour.stroke_width(width);
        chart
            .draw_series(LineSeries::new(line, style))?
            .label(name)
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 20, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    Ok(())
}

fn points(table: &Table, name: &str, quantity: Quantity) -> Vec<(f64, f64)> {
    let cells = table.cells.iter().filter(|cell| cell.name == name);
    cells
        .map(|cell| (cell.bytes as f64, quantity.of(cell)))
        .collect()
}
