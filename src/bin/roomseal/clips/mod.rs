//! Clips: media files, split into the frames that an encoder would hand to the
//! sealer one by one.

mod adts;
mod annexb;
mod detect;
mod ivf;
mod ogg;
mod rewrite;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use roomseal::Kind;

use self::detect::Container;
pub(crate) use self::rewrite::rewrite;

/// Simulated time, in microseconds.
pub(crate) type Micros = u64;

/// One second.
pub(crate) const SECOND: Micros = 1_000_000;

/// A file longer than this is no clip for a short call, and would only fill memory.
const MAX_FILE_LEN: u64 = 1 << 30;

/// The codec of a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    H264,
    H265,
    Vp8,
    Vp9,
    Av1,
    Opus,
    Aac,
}

impl Codec {
    /// What its frames are to the library.
    pub(crate) const fn sealed_as(self) -> roomseal::Codec {
        match self {
            Self::H264 => roomseal::Codec::H264,
            Self::H265 => roomseal::Codec::H265,
            Self::Vp8 => roomseal::Codec::Vp8,
            Self::Vp9 => roomseal::Codec::Vp9,
            Self::Av1 => roomseal::Codec::Av1,
            Self::Opus => roomseal::Codec::Opus,
            // Its frames come with their ADTS headers here.
            Self::Aac => roomseal::Codec::Opaque,
        }
    }

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::H264 | Self::H265 | Self::Vp8 | Self::Vp9 | Self::Av1 => Kind::Video,
            Self::Opus | Self::Aac => Kind::Audio,
        }
    }

    /// The same, where AAC frames come without their ADTS headers.
    pub(crate) const fn sealed_raw_as(self) -> roomseal::Codec {
        match self {
            Self::Aac => roomseal::Codec::Aac,
            other => other.sealed_as(),
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::H264 => "H.264",
            Self::H265 => "H.265",
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
            Self::Av1 => "AV1",
            Self::Opus => "Opus",
            Self::Aac => "AAC",
        })
    }
}

/// One encoded frame and the moment it leaves the encoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) at: Micros,
    pub(crate) bytes: Bytes,
}

/// What a splitter makes of a file.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) codec: Codec,
    /// At least one frame, none of them empty, times ascending from 0.
    pub(crate) frames: Vec<Frame>,
    /// When the first frame comes again if the clip is looped.
    pub(crate) duration: Micros,
}

/// A named track.
#[derive(Debug)]
pub(crate) struct Clip {
    pub(crate) name: String,
    pub(crate) codec: Codec,
    frames: Vec<Frame>,
    duration: Micros,
}

impl Clip {
    /// Reads and splits `path`. `fps` is for formats that carry no time.
    pub(crate) fn load(path: &Path, fps: f64) -> Result<Self> {
        let bytes = read(path).with_context(|| format!("{}", path.display()))?;
        let track = split(path, &bytes, fps).with_context(|| format!("{}", path.display()))?;
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        Ok(Self {
            name,
            codec: track.codec,
            frames: track.frames,
            duration: track.duration,
        })
    }

    /// The clip played in a loop without end.
    pub(crate) fn looped(&self) -> impl Iterator<Item = Frame> + '_ {
        (0..).flat_map(move |round: u64| {
            self.frames.iter().map(move |f| Frame {
                at: round * self.duration + f.at,
                bytes: f.bytes.clone(),
            })
        })
    }

    pub(crate) const fn frame_count(&self) -> usize {
        self.frames.len()
    }
}

/// The clips of the project, in the order of their names.
pub(crate) fn default_paths() -> Result<Vec<PathBuf>> {
    // Where the sources lay when this was built; elsewhere, where they may lie now.
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media");
    let here = Path::new("tests").join("media");
    let dir = if built.is_dir() { built } else { here };
    let entries = std::fs::read_dir(&dir).with_context(|| {
        format!(
            "no clip named, and there are none in {}: name some",
            dir.display()
        )
    })?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("{}", dir.display()))?.path();
        if path.is_file() && path.extension().is_some_and(|e| e != "md") {
            paths.push(path);
        }
    }
    ensure!(
        !paths.is_empty(),
        "no clip named, and there are none in {}",
        dir.display()
    );
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<Bytes> {
    let meta = std::fs::metadata(path)?;
    ensure!(
        !meta.is_dir(),
        "is a directory: name the clips in it one by one"
    );
    // A device or a pipe may never end.
    ensure!(meta.is_file(), "is not a regular file");
    ensure!(meta.len() > 0, "is empty");
    ensure!(
        meta.len() <= MAX_FILE_LEN,
        "is longer than {MAX_FILE_LEN} bytes"
    );
    Ok(std::fs::read(path)?.into())
}

fn split(path: &Path, bytes: &Bytes, fps: f64) -> Result<Track> {
    let track = match detect::container(bytes, path)? {
        Container::AnnexB(codec) => annexb::split(bytes, codec, interval(fps)?),
        Container::Ivf => ivf::split(bytes),
        Container::Ogg => ogg::split(bytes),
        Container::Adts => adts::split(bytes),
    }?;
    if track.frames.is_empty() {
        bail!("has no frame in it");
    }
    Ok(track)
}

/// The time between two frames at `fps` frames a second.
fn interval(fps: f64) -> Result<Micros> {
    ensure!(
        (0.1..=1000.0).contains(&fps),
        "{fps} frames a second is outside 0.1 to 1000"
    );
    Ok(core::time::Duration::from_secs_f64(1.0 / fps)
        .as_micros()
        .try_into()?)
}

/// `count` units of `1 / rate` seconds, as microseconds.
fn ticks(count: u64, rate: u64) -> Result<Micros> {
    ensure!(rate > 0, "has a time scale of 0");
    let micros = u128::from(count) * u128::from(SECOND) / u128::from(rate);
    Micros::try_from(micros).context("has a timestamp out of range")
}

#[cfg(test)]
mod tests;
