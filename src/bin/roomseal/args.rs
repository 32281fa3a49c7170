//! The command line.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueHint};
use roomseal::sframe::CipherSuite;
use roomseal::{AppId, CallId, RoomId};

use crate::call::{Rates, Settings, Suites};
use crate::clips::{self, Clip, SECOND};
use crate::file;
use crate::keygen::Form;

/// Seals and opens encoded media frames with per-room keys (SFrame, RFC 9605)
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
#[command(
    after_help = "Exit status: 0 all is well, 1 a check failed, 2 bad arguments or a bad file."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a call on real clips through a bad network and a worse server
    #[command(long_about = CALL_LONG, after_long_help = CALL_AFTER)]
    Call(Box<CallArgs>),
    /// Seals the frames of a media file, which stays one of its container
    #[command(long_about = SEAL_LONG)]
    Seal(FileArgs),
    /// Opens the frames of a media file that was sealed so
    #[command(after_help = OPEN_AFTER)]
    Open(FileArgs),
    /// Prints a fresh room key from the system's random generator
    Keygen(KeygenArgs),
    /// Prints the headers of sealed frames; needs no key
    Inspect(InspectArgs),
}

const SEAL_LONG: &str = "\
Seals the frames of a media file in the codec form, so that the sealed file stays one of its \
container: H.264 and H.265 as Annex B, VP8, VP9 and AV1 in IVF, Opus in Ogg, AAC in ADTS. All \
frames are sealed as one new stream of the room.";

const OPEN_AFTER: &str = "\
Frames that don't open are left out. AV1 comes out with the shortest sizes and without padding.

Exit status: 0 each frame opened, 1 one did not, 2 bad arguments or a bad file, or none opened.";

const CALL_LONG: &str = "\
Runs a call on real clips through a bad network and a worse server.

Three members send each other the clips' frames and messages, at their natural pace on a simulated \
clock. The network loses, reorders, duplicates and corrupts. The server replays, reflects, holds \
back and relabels frames, and lets outsiders listen. Carol crashes and comes back with the same \
user id and room key; then everyone moves to a new key.

Each frame that arrives intact for the first time, inside the replay window of an installed epoch, \
must open to the very bytes sent, and nothing else may open, ever. The exit status is 1 otherwise.";

const CALL_AFTER: &str = "\
Clips: H.264 and H.265 as Annex B, VP8, VP9 and AV1 in IVF, Opus in Ogg, AAC in ADTS. The content \
says which it is; for Annex B without parameter sets in front the extension does.

JSON, with --json: one object with the keys
  ok                 true if every check held
  seconds, seed, replay_window, form, members, clips[] (name, frames)
  timeline           crash, rejoin, install, activate, retire: seconds
  clock_ns           what reading the clock costs; part of every time below
  streams[]          stream, member, kind, codec, clip, suite, frames, bytes, sealed_bytes,
                     overhead_percent, overhead_kbit_s, copies, duplicated, lost, missed (the
                     receiver was away), withdrawn (taken back by the simulation), delivered,
                     opened, refused{reason: count}, seal_ns_median, seal_ns_p99,
                     open_ns_median, open_ns_p99
  deeds[]            deed (forwarded, duplicated, corrupted, replayed, held_back, reflected,
                     other_kind, other_source), delivered, opened, refused{}
  network            offered, lost, reordered, duplicated, corrupted, carried
  outsiders[]        name, tried, opened, refused{}
  old_frames_opened_after_restart    by carol, from before her crash
  refused_by_failure_budget          new streams that short tags had closed an epoch to
  rejoins[]          remedy (none, ratchet, rotate, new_call_id), replayed, accepted, live,
                     live_opened
  checks[]           name, cases, failures, examples[]
Keys may be added, none is renamed or removed.";

#[derive(Debug, ClapArgs)]
pub(crate) struct CallArgs {
    /// Clips to send; the project's own in tests/media if none is named
    #[arg(value_hint = ValueHint::FilePath)]
    clips: Vec<PathBuf>,

    /// Length of the call in simulated seconds; clips are looped
    #[arg(long, default_value_t = 30, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=3600))]
    seconds: u32,

    /// Decides what happens to which packet; keys are fresh in every run
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,

    /// Packets that the network loses
    #[arg(long, default_value_t = 2.0, value_name = "PERCENT", value_parser = percent)]
    loss: f64,

    /// Packets that others overtake
    #[arg(long, default_value_t = 5.0, value_name = "PERCENT", value_parser = percent)]
    reorder: f64,

    /// Packets that arrive twice
    #[arg(long, default_value_t = 1.0, value_name = "PERCENT", value_parser = percent)]
    duplicate: f64,

    /// Packets whose bytes change on the way
    #[arg(long, default_value_t = 0.5, value_name = "PERCENT", value_parser = percent)]
    corrupt: f64,

    /// Frames that the server replays, and as many that it reflects, holds back, and relabels
    #[arg(long, default_value_t = 2.0, value_name = "PERCENT", value_parser = percent)]
    hostile: f64,

    /// Replay window in frames
    #[arg(long, default_value_t = 256, value_name = "FRAMES", value_parser = clap::value_parser!(u32).range(64..=32_768))]
    window: u32,

    /// Frames a second of H.264 and H.265 files, which carry no time
    #[arg(long, default_value_t = 25.0, value_name = "RATE")]
    fps: f64,

    /// Cipher suite for audio: 1, 2, 3 (CTR with 10-, 8-, 4-byte tags) or 4 (GCM)
    #[arg(long, default_value = "2", value_name = "SUITE", value_parser = suite)]
    audio_suite: CipherSuite,

    /// Cipher suite for video
    #[arg(long, default_value = "4", value_name = "SUITE", value_parser = suite)]
    video_suite: CipherSuite,

    /// Cipher suite for messages
    #[arg(long, default_value = "4", value_name = "SUITE", value_parser = suite)]
    message_suite: CipherSuite,

    /// Form of audio and video frames: plain, or codec for frames that stay frames of their codec
    #[arg(long, default_value = "plain", value_name = "FORM", value_parser = form)]
    form: roomseal::Form,

    /// Writes the sealed frames as the server gets them, for `inspect --stream`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    record: Option<PathBuf>,

    /// Prints one JSON object instead of text; its keys are in --help
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct FileArgs {
    /// The media file
    #[arg(value_hint = ValueHint::FilePath)]
    input: PathBuf,

    /// Where the result goes
    #[arg(value_hint = ValueHint::FilePath)]
    output: PathBuf,

    /// A file with the room key in it, as `roomseal keygen` prints it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    key: PathBuf,

    /// The application: n: and a number, or s: and a text
    #[arg(long, value_name = "ID")]
    app: String,

    /// The room: n: and a number, or s: and a text
    #[arg(long, value_name = "ID")]
    room: String,

    /// The call, if the members name one: n: and a number, or s: and a text
    #[arg(long, value_name = "ID")]
    call: Option<String>,

    /// The room salt, in hexadecimal digits
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "HEX"
    )]
    salt: String,

    /// The epoch that the key is of
    #[arg(long, default_value_t = 0, value_name = "N")]
    epoch: u64,

    /// The cipher suite
    #[arg(long, default_value = "4", value_name = "SUITE", value_parser = suite)]
    suite: CipherSuite,
}

impl FileArgs {
    pub(crate) fn settings(self) -> Result<file::Settings> {
        let call = match &self.call {
            Some(id) => Some(typed(id, CallId::number, CallId::text).context("--call")?),
            None => None,
        };
        Ok(file::Settings {
            app: typed(&self.app, AppId::number, AppId::text).context("--app")?,
            room: typed(&self.room, RoomId::number, RoomId::text).context("--room")?,
            call,
            salt: hex(&self.salt).context("--salt must be pairs of hexadecimal digits")?,
            input: self.input,
            output: self.output,
            key: self.key,
            epoch: self.epoch,
            suite: self.suite,
        })
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct KeygenArgs {
    /// As 32 hexadecimal digits (the default)
    #[arg(long, conflicts_with = "base64")]
    hex: bool,
    /// As 24 characters of base64, with padding
    #[arg(long)]
    base64: bool,
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Exit status: 0 each frame has a header, 1 one has none, 2 bad arguments or a bad file."
)]
pub(crate) struct InspectArgs {
    /// One sealed frame, in binary or text form
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// FILE holds many frames, each after its length in 4 bytes, big-endian (see `call --record`)
    #[arg(long)]
    pub(crate) stream: bool,
    /// Prints JSON: frames[] with offset, length, form, and kid, ctr, epoch_nibble, codec or error
    #[arg(long)]
    pub(crate) json: bool,
}

impl CallArgs {
    /// Loads the clips and gathers the rest.
    pub(crate) fn settings(self) -> Result<Settings> {
        let paths = if self.clips.is_empty() {
            clips::default_paths()?
        } else {
            self.clips
        };
        let clips = paths
            .iter()
            .map(|p| Clip::load(p, self.fps))
            .collect::<Result<Vec<_>>>()?;
        ensure!(
            self.loss < 100.0,
            "--loss 100 lets nothing through, so there is no call"
        );
        Ok(Settings {
            clips,
            duration: u64::from(self.seconds) * SECOND,
            seed: self.seed,
            rates: Rates {
                loss: self.loss / 100.0,
                reorder: self.reorder / 100.0,
                duplicate: self.duplicate / 100.0,
                corrupt: self.corrupt / 100.0,
            },
            hostile: self.hostile / 100.0,
            window: usize::try_from(self.window).context("window")?,
            suites: Suites {
                audio: self.audio_suite,
                video: self.video_suite,
                message: self.message_suite,
                form: self.form,
            },
            record: self.record,
        })
    }
}

impl KeygenArgs {
    pub(crate) const fn form(&self) -> Form {
        if self.base64 { Form::Base64 } else { Form::Hex }
    }
}

/// A typed id as docs/WIRE.md writes it: a number and a text that print alike
/// are different ids.
fn typed<T>(
    id: &str,
    number: impl FnOnce(u64) -> T,
    text: impl FnOnce(&str) -> roomseal::Result<T>,
) -> Result<T> {
    if let Some(digits) = id.strip_prefix("n:") {
        let value: u64 = digits.parse()?;
        ensure!(value.to_string() == digits, "{id} is not in plain decimal");
        return Ok(number(value));
    }
    let name = id.strip_prefix("s:");
    Ok(text(name.context("must begin with n: or s:")?)?)
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let bytes = pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(*high)? << 4 | digit(*low)?).ok());
    bytes.collect::<Option<_>>().filter(|_| rest.is_empty())
}

fn percent(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=100.0).contains(&value) => Ok(value),
        _ => Err("must be a number from 0 to 100".to_owned()),
    }
}

fn suite(text: &str) -> Result<CipherSuite, String> {
    text.parse()
        .ok()
        .and_then(|id| CipherSuite::from_id(id).ok())
        .ok_or_else(|| "must be 1, 2, 3 or 4".to_owned())
}

fn form(text: &str) -> Result<roomseal::Form, String> {
    [roomseal::Form::Plain, roomseal::Form::Codec]
        .into_iter()
        .find(|form| form.to_string() == text)
        .ok_or_else(|| "must be plain or codec".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn ids_say_their_type_and_salts_are_pairs_of_digits() {
        let id = |text| {
            typed(
                text,
                |number| number.to_string(),
                |text| Ok(text.to_owned()),
            )
        };
        assert_eq!(id("n:123").unwrap(), "123");
        assert_eq!(id("s:n:123").unwrap(), "n:123");
        for bad in ["123", "", "n:", "n:0123", "n:+1", "n:-1", "x:1", "S:a"] {
            assert!(id(bad).is_err(), "{bad}");
        }
        assert_eq!(hex("00fF"), Some(vec![0, 255]));
        assert_eq!(hex(""), Some(vec![]));
        for bad in ["0", "0g", "0x", "000", "é"] {
            assert_eq!(hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn percentages_and_suites_are_checked() {
        assert_eq!(percent("0.5"), Ok(0.5));
        for bad in ["-1", "101", "NaN", "inf", "x", ""] {
            assert!(percent(bad).is_err(), "{bad}");
        }
        assert_eq!(suite("2"), Ok(CipherSuite::Aes128CtrHmacSha256_64));
        for bad in ["0", "5", "-1", "gcm", "65536"] {
            assert!(suite(bad).is_err(), "{bad}");
        }
        assert_eq!(form("codec"), Ok(roomseal::Form::Codec));
        assert!(form("Codec").is_err());
    }
}
