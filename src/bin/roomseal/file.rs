//! `roomseal seal` and `roomseal open`: the frames of a media file, in the codec
//! form, so that the sealed file is still one of its container.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use roomseal::sframe::CipherSuite;
use roomseal::{AppId, CallId, Error, Form, Kind, Room, RoomConfig, RoomId, RoomKey, RoomSalt};

use crate::clips::{self, Codec};

/// What both ends know.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) input: PathBuf,
    pub(crate) output: PathBuf,
    /// A file with the key in it: a command line is no place for secrets.
    pub(crate) key: PathBuf,
    pub(crate) salt: Vec<u8>,
    pub(crate) app: AppId,
    pub(crate) room: RoomId,
    pub(crate) call: Option<CallId>,
    pub(crate) epoch: u64,
    pub(crate) suite: CipherSuite,
}

impl Settings {
    /// The room, its key installed.
    fn room(self) -> Result<(Room, Files)> {
        let mut config = RoomConfig::new(self.app, self.room);
        if let Some(call) = self.call {
            config = config.call_id(call);
        }
        if self.suite == CipherSuite::Aes128CtrHmacSha256_32 {
            config = config.allow_four_byte_tags();
        }
        for kind in [Kind::Audio, Kind::Video] {
            config = config.suite(kind, self.suite).form(kind, Form::Codec);
        }
        let room = Room::new(config)?;
        let salt = RoomSalt::new(&self.salt).context("the salt")?;
        room.install(self.epoch, &read_key(&self.key)?, &salt)?;
        let files = Files {
            input: self.input,
            output: self.output,
        };
        Ok((room, files))
    }
}

struct Files {
    input: PathBuf,
    output: PathBuf,
}

impl Files {
    /// The input with `change` done to its frames.
    fn rewritten(
        &self,
        change: impl FnMut(Codec, &[u8]) -> Result<Option<Vec<u8>>>,
    ) -> Result<Vec<u8>> {
        clips::rewrite(&self.input, change).with_context(|| self.input.display().to_string())
    }

    fn write(&self, bytes: &[u8]) -> Result<()> {
        std::fs::write(&self.output, bytes)
            .with_context(|| format!("writing {}", self.output.display()))
    }
}

fn read_key(path: &Path) -> Result<RoomKey> {
    let text = std::fs::read_to_string(path).map(zeroize::Zeroizing::new);
    let text = text.with_context(|| format!("{}", path.display()))?;
    RoomKey::from_hex(text.trim_end()).with_context(|| {
        format!(
            "{}: is no key as `roomseal keygen` prints it",
            path.display()
        )
    })
}

/// Seals each frame of the input; prints what it did.
pub(crate) fn seal(settings: Settings) -> Result<()> {
    let epoch = settings.epoch;
    let (room, files) = settings.room()?;
    room.activate(epoch)?;
    let sealers = [room.sealer(Kind::Audio)?, room.sealer(Kind::Video)?];
    let mut frames = 0_u64;
    let mut grown = 0;
    let sealed = files.rewritten(|codec, frame| {
        let [audio, video] = &sealers;
        let sealer = if codec.kind() == Kind::Audio {
            audio
        } else {
            video
        };
        let mut sealed = vec![0; sealer.max_sealed_codec_len(codec.sealed_raw_as(), frame.len())];
        let length = sealer
            .seal_codec(codec.sealed_raw_as(), frame, &[], &mut sealed)
            .with_context(|| format!("frame {frames}"))?;
        sealed.truncate(length);
        frames += 1;
        grown += length - frame.len();
        Ok(Some(sealed))
    })?;
    files.write(&sealed)?;
    println!("{frames} frames sealed, {grown} bytes more");
    Ok(())
}

/// Opens each frame of the input and leaves out those that don't; prints how
/// many, and says whether all did.
pub(crate) fn open(settings: Settings) -> Result<bool> {
    let (room, files) = settings.room()?;
    let opener = room.opener();
    let mut opened = 0_u64;
    let mut refused: Vec<(Error, u64)> = Vec::new();
    let bytes = files.rewritten(|codec, frame| {
        let mut out = vec![0; frame.len()];
        match opener.open(codec.kind(), frame, &[], None, &mut out) {
            Ok(length) => {
                out.truncate(length);
                opened += 1;
                Ok(Some(out))
            }
            Err(error) => {
                match refused.iter_mut().find(|(seen, _)| *seen == error) {
                    Some((_, count)) => *count += 1,
                    None => refused.push((error, 1)),
                }
                Ok(None)
            }
        }
    })?;
    let reasons = refused
        .iter()
        .map(|(error, count)| format!("{count} left out: {error}"))
        .collect::<Vec<_>>()
        .join("\n");
    // An empty file might be taken for an empty recording.
    ensure!(opened > 0, "no frame opened; {reasons}");
    files.write(&bytes)?;
    println!("{opened} frames opened");
    if !refused.is_empty() {
        println!("{reasons}");
    }
    Ok(refused.is_empty())
}
