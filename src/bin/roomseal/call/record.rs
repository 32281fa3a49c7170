//! Sealed frames in a file, as the server gets them: each after its length in
//! 4 bytes, big-endian. `roomseal inspect --stream` reads them.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// Writes frames, or nothing if no file was asked for.
pub(super) struct Recorder {
    out: Option<(BufWriter<File>, PathBuf)>,
}

impl Recorder {
    pub(super) fn new(path: Option<&Path>) -> Result<Self> {
        let open = |path: &Path| {
            let file = File::create(path).with_context(|| format!("{}", path.display()))?;
            anyhow::Ok((BufWriter::new(file), path.to_owned()))
        };
        Ok(Self {
            out: path.map(open).transpose()?,
        })
    }

    pub(super) fn write(&mut self, frame: &[u8]) -> Result<()> {
        if let Some((out, path)) = &mut self.out {
            let len = u32::try_from(frame.len())?.to_be_bytes();
            out.write_all(&len)
                .and_then(|()| out.write_all(frame))
                .with_context(|| format!("{}", path.display()))?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<()> {
        match self.out {
            Some((mut out, path)) => out.flush().with_context(|| format!("{}", path.display())),
            None => Ok(()),
        }
    }
}
