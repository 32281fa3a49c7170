//! The clips of the project, against what ffprobe 5.1 says of them.

use sha2::{Digest as _, Sha256};

use super::*;

struct Known {
    file: &'static str,
    codec: Codec,
    /// `ffprobe -count_packets -show_entries stream=nb_read_packets`
    frames: usize,
    /// `ffprobe -show_entries packet=size`, the first four and the last. For AAC
    /// these are with the 7-byte header.
    sizes: [usize; 5],
    /// `ffmpeg -c copy -f hash -hash sha256 -`: all frames one after the other
    /// (`-bsf:a aac_adtstoasc` for AAC).
    sha256: &'static str,
}

const KNOWN: [Known; 8] = [
    Known {
        file: "bunny-360p.h264",
        codec: Codec::H264,
        frames: 75,
        sizes: [28260, 131, 207, 185, 436],
        sha256: "0f76193d2d7f90d54e5da4c7de5efce5dc42469dcca756fd9149c9744897cabf",
    },
    Known {
        file: "bunny-360p-4slices.h264",
        codec: Codec::H264,
        frames: 75,
        sizes: [28240, 490, 290, 160, 255],
        sha256: "22f8335531e6fac73d3238bf41134ac230efe20fdbdc525dd17c5eb0d96835e0",
    },
    Known {
        file: "bunny-360p.h265",
        codec: Codec::H265,
        frames: 75,
        // ffprobe says 25787 and 91: it leaves the first zero byte of a four-byte
        // start code with the unit before, where the standard's syntax (B.2.1)
        // has it with the unit it begins.
        sizes: [25787 - 1, 552, 253, 144, 91 + 1],
        sha256: "5360c21e132827b3ce96c61b66c979a0562ea9fed257a7c97dddb72796533b03",
    },
    Known {
        file: "bunny-360p-vp8.ivf",
        codec: Codec::Vp8,
        frames: 75,
        sizes: [81603, 111, 480, 486, 2212],
        sha256: "9948eb82e0cf228644dcd36312dd19e32881ef692b7cb551c68dd7bd2c53308c",
    },
    Known {
        file: "bunny-360p-vp9.ivf",
        codec: Codec::Vp9,
        frames: 75,
        sizes: [57505, 824, 428, 533, 1660],
        sha256: "eb34b9371bf1d5686803927d1cd0538536acfbbf46f8f23ecdbf9199f15687eb",
    },
    Known {
        file: "bunny-360p-av1.ivf",
        codec: Codec::Av1,
        frames: 75,
        sizes: [36462, 10781, 5, 311, 5],
        sha256: "1953ced9145458e221e346c3e90a69769b5f53512fad88f4dde7eb644235d94c",
    },
    Known {
        file: "bunny-opus.ogg",
        codec: Codec::Opus,
        frames: 151,
        sizes: [75, 83, 73, 79, 155],
        sha256: "24a5a371299ee45530a5039af000245c89adcd2ebb198ee75dd98fc2a2b60ad0",
    },
    Known {
        file: "bunny-aac.adts",
        codec: Codec::Aac,
        frames: 142,
        sizes: [43 - 7, 304 - 7, 230 - 7, 209 - 7, 161 - 7],
        sha256: "c4ad8b45e5e288b361960b761834fa7f95124cd5ba8cb4dbda157f76c09d0520",
    },
];

fn load(file: &str) -> Clip {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/media")
        .join(file);
    Clip::load(&path, 25.0).unwrap()
}

#[test]
fn frames_are_those_that_ffprobe_finds() {
    for known in KNOWN {
        let clip = load(known.file);
        let file = known.file;
        assert_eq!(clip.name, file);
        assert_eq!(clip.codec, known.codec, "{file}");
        assert_eq!(clip.frame_count(), known.frames, "{file}");
        let sizes: Vec<usize> = clip.frames.iter().map(|f| f.bytes.len()).collect();
        assert_eq!(sizes[..4], known.sizes[..4], "{file}");
        assert_eq!(sizes.last(), known.sizes.last(), "{file}");

        let mut hash = Sha256::new();
        for frame in &clip.frames {
            hash.update(&frame.bytes);
        }
        let hex: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, known.sha256, "{file}");
    }
}

#[test]
fn every_clip_of_the_project_is_known() {
    let mut found: Vec<String> = default_paths()
        .unwrap()
        .iter()
        .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let mut known: Vec<&str> = KNOWN.iter().map(|k| k.file).collect();
    found.sort();
    known.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn frames_come_at_their_natural_pace() {
    for known in KNOWN {
        let clip = load(known.file);
        let (interval, slack) = match known.codec.kind() {
            // 1,024 samples at 48 kHz, 20 ms packets, 25 frames a second.
            Kind::Audio if known.codec == Codec::Aac => (21_333, 1),
            Kind::Audio => (20_000, 0),
            _ => (40_000, 0),
        };
        for pair in clip.frames.windows(2) {
            let step = pair[1].at - pair[0].at;
            assert!(
                (interval..=interval + slack).contains(&step),
                "{}: {step}",
                known.file
            );
        }
        assert_eq!(clip.frames[0].at, 0);
        let count = u64::try_from(clip.frame_count()).unwrap();
        assert!(
            clip.duration.abs_diff(interval * count) <= slack * count,
            "{}",
            known.file
        );
    }
}

#[test]
fn a_looped_clip_goes_on_where_it_ended() {
    let clip = load("bunny-360p.h264");
    let looped: Vec<Frame> = clip.looped().take(160).collect();
    assert_eq!(looped[75].bytes, clip.frames[0].bytes);
    assert_eq!(looped[75].at, 3 * SECOND);
    assert_eq!(looped[159].at, 159 * 40_000);
    assert_eq!(looped[159].bytes, clip.frames[9].bytes);
}

#[test]
fn ticks_are_exact_and_refuse_what_does_not_fit() {
    assert_eq!(ticks(1024, 48_000).unwrap(), 21_333);
    assert_eq!(ticks(u64::MAX, SECOND).unwrap(), u64::MAX);
    assert!(ticks(u64::MAX, SECOND - 1).is_err());
    assert!(ticks(1, 0).is_err());
    assert_eq!(interval(25.0).unwrap(), 40_000);
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
        assert!(interval(bad).is_err(), "{bad}");
    }
}
