//! Prints what each layer costs beside others, as Markdown tables: the median
//! time of a frame, and in brackets the median over interleaved rounds of its
//! ratio to the fastest line that is compared with.
//!
//!     cargo run --release -p roomseal-benches --bin ratios -- --help

use clap::Parser;
use core::time::Duration;
use roomseal_benches::{
    Cell, Contenders, Direction, Machine, Pace, Record, SIZES, Table, aead, aead_many_keys, apart,
    codec_audio, codec_h264, codec_h265, codec_other_video, first_frames, median_of, room,
    segments, set_up, sframe_ctr_hmac, sframe_gcm,
};
use std::path::PathBuf;

/// What sealing and opening frames costs beside others.
#[derive(Parser)]
struct Arguments {
    /// Seconds for each table and size.
    #[arg(long, default_value_t = 0.3)]
    seconds: f64,
    /// Only tables whose heading contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Only frames of this many bytes.
    #[arg(long)]
    size: Vec<usize>,
    /// Where to write everything as JSON too.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Keep these names only.
    #[arg(long)]
    names: Vec<String>,
}

/// A title, its contenders, the sizes, the directions, and both paces or one.
struct Layer {
    title: &'static str,
    contenders: fn(usize) -> Contenders,
    sizes: &'static [usize],
    directions: &'static [Option<Direction>],
    paces: &'static [Pace],
}

const BOTH: &[Option<Direction>] = &[Some(Direction::Seal), Some(Direction::Open)];

const CODEC_SIZES: [usize; 4] = [1_200, 4_096, 16_384, 65_536];

const LAYERS: [Layer; 13] = [
    Layer {
        title: "AES-128-GCM in place, the cipher alone",
        contenders: aead,
        sizes: &SIZES,
        directions: BOTH,
        paces: &Pace::BOTH,
    },
    Layer {
        title: "AES-128-GCM in place, 1,024 keys in turn",
        contenders: aead_many_keys,
        sizes: &[20, 80, 160, 320, 1_200],
        directions: BOTH,
        paces: &Pace::BOTH,
    },
    Layer {
        title: "AES-128-GCM in segments",
        contenders: segments,
        sizes: &[1_200, 4_096, 16_384, 65_536],
        directions: BOTH,
        paces: &Pace::BOTH,
    },
    Layer {
        title: "Key set-up for AES-128-GCM",
        contenders: set_up,
        sizes: &[80],
        directions: &[None],
        paces: &Pace::BOTH,
    },
    Layer {
        title: "First frame of a new stream",
        contenders: first_frames,
        sizes: &[80],
        directions: &[None],
        paces: &Pace::BOTH,
    },
    Layer {
        title: "SFrame, suite 4 (AES-128-GCM)",
        contenders: sframe_gcm,
        sizes: &SIZES,
        directions: BOTH,
        paces: &Pace::BOTH,
    },
    Layer {
        title: "SFrame, suite 2 (AES-128-CTR, HMAC-SHA256)",
        contenders: sframe_ctr_hmac,
        sizes: &SIZES,
        directions: BOTH,
        paces: &[Pace::BackToBack],
    },
    Layer {
        title: "Room frames, suite 4 (AES-128-GCM)",
        contenders: room,
        sizes: &SIZES,
        directions: BOTH,
        paces: &Pace::BOTH,
    },
    Layer {
        title: "Room frames from buffer to buffer beside the kernel alone",
        contenders: apart,
        sizes: &SIZES,
        directions: BOTH,
        paces: &Pace::BOTH,
    },
    Layer {
        title: "The codec form by the plain one, H.264",
        contenders: codec_h264,
        sizes: &CODEC_SIZES,
        directions: BOTH,
        paces: &Pace::BOTH,
    },
    Layer {
        title: "The codec form by the plain one, H.265",
        contenders: codec_h265,
        sizes: &CODEC_SIZES,
        directions: BOTH,
        paces: &Pace::BOTH,
    },
    Layer {
        title: "The codec form by the plain one, VP8, VP9 and AV1",
        contenders: codec_other_video,
        sizes: &CODEC_SIZES,
        directions: BOTH,
        paces: &Pace::BOTH,
    },
    Layer {
        title: "The codec form by the plain one, audio and opaque",
        contenders: codec_audio,
        sizes: &CODEC_SIZES,
        directions: BOTH,
        paces: &Pace::BOTH,
    },
];

fn main() {
    let arguments = Arguments::parse();
    let Ok(duration) = Duration::try_from_secs_f64(arguments.seconds) else {
        eprintln!("--seconds: out of range");
        std::process::exit(2);
    };
    let mut record = Record {
        machine: Machine::this(),
        tables: Vec::new(),
    };
    for layer in &LAYERS {
        for pace in layer.paces {
            for direction in layer.directions {
                let mut table = Table::new(layer.title, *direction, *pace);
                if !table.heading().contains(&arguments.only) {
                    continue;
                }
                let wanted =
                    |size: &&usize| arguments.size.is_empty() || arguments.size.contains(size);
                for size in layer.sizes.iter().filter(wanted) {
                    let mut contenders = (layer.contenders)(*size);
                    contenders.retain(|contender| {
                        let names = &arguments.names;
                        names.is_empty() || names.iter().any(|n| n == contender.name())
                    });
                    // Work without a direction is done where others open.
                    let direction = direction.unwrap_or(Direction::Open);
                    let lines = median_of(contenders, *size, direction, *pace, duration);
                    let cells = lines.iter().map(|line| Cell::new(*size, line));
                    table.cells.extend(cells);
                }
                println!("{}", table.markdown());
                record.tables.push(table);
            }
        }
    }
    if let Some(path) = arguments.json {
        let text = serde_json::to_string_pretty(&record).expect("numbers and text");
        if let Err(error) = std::fs::write(&path, text + "\n") {
            eprintln!("{}: {error}", path.display());
            std::process::exit(1);
        }
    }
}
