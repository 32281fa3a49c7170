//! `roomseal inspect`: what a sealed frame tells without a key.

use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use roomseal::{Codec, Error};
use serde_json::{Value, json};

use crate::table::{Align, Table};
use crate::text;

/// Where a frame stands in the file, and what it tells.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    offset: usize,
    len: usize,
    form: &'static str,
    header: Result<Header, Error>,
}

#[derive(Debug, PartialEq, Eq)]
struct Header {
    kid: u64,
    ctr: u64,
    /// Room frames only.
    epoch_nibble: Option<u8>,
    /// Frames that stay frames of their codec only.
    codec: Option<Codec>,
}

/// Prints the headers of the frames in `path`; says whether each had one.
pub(crate) fn run(path: &Path, stream: bool, as_json: bool, out: &mut impl Write) -> Result<bool> {
    let name = || format!("{}", path.display());
    let meta = std::fs::metadata(path).with_context(name)?;
    ensure!(!meta.is_dir(), "{}: is a directory", name());
    let bytes = std::fs::read(path).with_context(name)?;
    ensure!(!bytes.is_empty(), "{}: is empty", name());
    let frames = if stream {
        split(&bytes).with_context(name)?
    } else {
        vec![(0, &bytes[..])]
    };
    let found: Vec<Found> = frames
        .into_iter()
        .map(|(at, frame)| look(at, frame))
        .collect();
    if as_json {
        let all: Vec<Value> = found.iter().map(Found::json).collect();
        serde_json::to_writer_pretty(&mut *out, &json!({ "frames": all }))?;
        writeln!(out)?;
    } else {
        print(&found, out)?;
    }
    Ok(found.iter().all(|f| f.header.is_ok()))
}

/// Frames, each after its length in 4 bytes, big-endian.
fn split(mut rest: &[u8]) -> Result<Vec<(usize, &[u8])>> {
    let whole = rest.len();
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let at = whole - rest.len();
        let Some((len, body)) = rest.split_first_chunk::<4>() else {
            bail!(
                "is cut short: {} of the 4 bytes of a length at byte {at}",
                rest.len()
            );
        };
        let len = usize::try_from(u32::from_be_bytes(*len))?;
        let Some((frame, after)) = body.split_at_checked(len) else {
            bail!(
                "is cut short, or no stream of frames: {} of {len} bytes after the length at \
                 byte {at}",
                body.len()
            );
        };
        frames.push((at + 4, frame));
        rest = after;
    }
    Ok(frames)
}

fn look(offset: usize, frame: &[u8]) -> Found {
    // A sealed frame's first byte has its top bit set; text has not.
    let text = text::decode(frame).filter(|_| !frame.is_empty());
    let (form, bytes) = match &text {
        Some(bytes) => ("text", &bytes[..]),
        None => ("binary", frame),
    };
    // A trailer is longer than anything that stands at an end by chance.
    if let Ok((peek, codec)) = roomseal::peek_codec(bytes) {
        return Found {
            offset,
            len: frame.len(),
            form: "codec",
            header: Ok(Header {
                kid: peek.kid,
                ctr: peek.ctr,
                epoch_nibble: Some(peek.epoch_nibble),
                codec: Some(codec),
            }),
        };
    }
    let header = match roomseal::peek(bytes) {
        Ok(peek) => Ok(Header {
            kid: peek.kid,
            ctr: peek.ctr,
            epoch_nibble: Some(peek.epoch_nibble),
            codec: None,
        }),
        // Not of a room, but perhaps of another RFC 9605 sender.
        Err(Error::NotSealed) => roomseal::sframe::peek(bytes).map(|h| Header {
            kid: h.kid(),
            ctr: h.ctr(),
            epoch_nibble: None,
            codec: None,
        }),
        Err(error) => Err(error),
    };
    Found {
        offset,
        len: frame.len(),
        form,
        header,
    }
}

impl Found {
    fn json(&self) -> Value {
        match &self.header {
            Ok(header) => json!({
                "offset": self.offset,
                "length": self.len,
                "form": self.form,
                // As text: JSON readers lose the low bits of such numbers.
                "kid": format!("{:016x}", header.kid),
                "ctr": header.ctr,
                "epoch_nibble": header.epoch_nibble,
                "codec": header.codec.map(|codec| codec.to_string()),
            }),
            Err(error) => json!({
                "offset": self.offset,
                "length": self.len,
                "form": self.form,
                "error": error.name().to_ascii_lowercase(),
            }),
        }
    }
}

fn print(found: &[Found], out: &mut impl Write) -> Result<()> {
    let mut table = Table::new(&[
        ("offset", Align::Right),
        ("length", Align::Right),
        ("form", Align::Left),
        ("KID", Align::Left),
        ("CTR", Align::Right),
        ("epoch mod 16", Align::Right),
        ("", Align::Left),
    ]);
    for frame in found {
        let mut row = vec![
            frame.offset.to_string(),
            frame.len.to_string(),
            frame.form.to_owned(),
        ];
        row.extend(match &frame.header {
            Ok(h) => [
                format!("{:016x}", h.kid),
                h.ctr.to_string(),
                h.epoch_nibble
                    .map_or_else(|| "-".to_owned(), |n| n.to_string()),
                match (h.epoch_nibble, h.codec) {
                    (_, Some(codec)) => codec.to_string(),
                    (Some(_), None) => String::new(),
                    (None, None) => "no room frame".to_owned(),
                },
            ],
            Err(error) => [
                String::new(),
                String::new(),
                String::new(),
                error.to_string(),
            ],
        });
        table.row(row);
    }
    table.print(out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: [u8; 13] = [0xfa, 0x80, 0, 0, 0, 0, 0, 0x12, 0x35, 1, 0, 0, 7];

    #[test]
    fn frames_tell_what_they_are() {
        let found = look(4, &FRAME);
        let header = Header {
            kid: 0x8000_0000_0000_1235,
            ctr: 0x1_0000,
            epoch_nibble: Some(5),
            codec: None,
        };
        assert_eq!(
            found,
            Found {
                offset: 4,
                len: 13,
                form: "binary",
                header: Ok(header)
            }
        );
        // The same in text form.
        let found = look(0, b"-oAAAAAAABI1AQAABw");
        assert_eq!(found.form, "text");
        assert_eq!(found.header.unwrap().ctr, 0x1_0000);
        // A frame of RFC 9605 with KID 5 and CTR 3.
        let found = look(0, &[0x53, 1, 2]);
        assert_eq!(
            found.header,
            Ok(Header {
                kid: 5,
                ctr: 3,
                epoch_nibble: None,
                codec: None,
            })
        );
        // One that stays a frame of its codec, with its trailer at the end.
        let frame = [&[0x31, 7, 7][..], &[9; 16], &FRAME[..12], &[0x83, 0x80]].concat();
        let found = look(0, &frame);
        assert_eq!(found.form, "codec");
        assert_eq!(found.header.map(|h| h.codec), Ok(Some(Codec::Vp8)));
        assert_eq!(look(0, &FRAME[..5]).header, Err(Error::Malformed));
        assert_eq!(look(0, b"").header, Err(Error::Malformed));
    }

    #[test]
    fn streams_are_split_exactly() {
        let mut file = Vec::new();
        for frame in [&b"one"[..], b"", b"three"] {
            file.extend_from_slice(&u32::try_from(frame.len()).unwrap().to_be_bytes());
            file.extend_from_slice(frame);
        }
        assert_eq!(
            split(&file).unwrap(),
            [(4, &b"one"[..]), (11, b""), (15, b"three")]
        );
        let ends = [7, 11, file.len()];
        for len in 1..=file.len() {
            assert_eq!(split(&file[..len]).is_ok(), ends.contains(&len), "{len}");
        }
    }
}
