//! `roomseal keygen`: a fresh room key.

use std::io::{self, Write as _};

use anyhow::{Context as _, Result};
use roomseal::RoomKey;

/// The text form of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Hex,
    Base64,
}

/// Prints a key and nothing else.
pub(crate) fn run(form: Form) -> Result<()> {
    let key = RoomKey::random().context("drawing a room key")?;
    let text = match form {
        Form::Hex => key.to_hex(),
        Form::Base64 => key.to_base64(),
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{}", text.as_str())?;
    out.flush()?;
    Ok(())
}
