//! What kind of file is it? The content says; the extension only where it can't.

use std::path::Path;

use anyhow::{Result, bail};

use super::Codec;

/// A container that can be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    AnnexB(Codec),
    Ivf,
    Ogg,
    Adts,
}

const CAN_READ: &str = "H.264 and H.265 (Annex B), VP8, VP9 and AV1 (IVF), Opus (Ogg), AAC (ADTS)";

/// Files that people have, and that need unpacking first.
const FOREIGN: [(usize, &[u8], &str); 7] = [
    (4, b"ftyp", "an MP4 or QuickTime file"),
    (0, &[0x1a, 0x45, 0xdf, 0xa3], "a Matroska or WebM file"),
    (0, b"FLV", "an FLV file"),
    (0, b"RIFF", "a WAV or AVI file"),
    (0, b"ID3", "an MP3 or tagged AAC file"),
    (0, b"fLaC", "a FLAC file"),
    (0, b"%PDF", "a PDF document"),
];

pub(super) fn container(bytes: &[u8], path: &Path) -> Result<Container> {
    if bytes.starts_with(b"DKIF") {
        return Ok(Container::Ivf);
    }
    if bytes.starts_with(b"OggS") {
        return Ok(Container::Ogg);
    }
    // The 12-bit sync word, and layer 0, which tells it from MP3.
    if let [0xff, second, ..] = bytes
        && second & 0xf6 == 0xf0
    {
        return Ok(Container::Adts);
    }
    if let Some(nal) = first_nal(bytes) {
        return Ok(Container::AnnexB(match h26x(nal) {
            Some(codec) => codec,
            None => by_extension(path)?,
        }));
    }
    for (at, magic, what) in FOREIGN {
        if bytes.get(at..).is_some_and(|b| b.starts_with(magic)) {
            bail!("is {what}, which must be unpacked first; this tool reads {CAN_READ}");
        }
    }
    bail!("is none of the formats this tool reads: {CAN_READ}");
}

/// What follows the first start code, if nothing but zero bytes stands before it.
fn first_nal(bytes: &[u8]) -> Option<&[u8]> {
    let zeros = bytes.iter().take_while(|&&b| b == 0).count();
    match bytes.get(zeros..)? {
        [1, nal @ ..] if zeros >= 2 => Some(nal),
        _ => None,
    }
}

/// The codec, if the stream begins as it should: with a delimiter or a parameter set.
///
/// The four H.265 units have NAL headers that are not legal in H.264 (types 0, 2
/// and 4 never start a stream, a type 6 has `nal_ref_idc` 0), and the other way
/// round the second byte can't be an H.265 one with layer 0 and temporal id 0.
fn h26x(nal: &[u8]) -> Option<Codec> {
    match nal {
        // Video, sequence and picture parameter sets, and the delimiter.
        [0x40 | 0x42 | 0x44 | 0x46, 0x01, ..] => Some(Codec::H265),
        // The delimiter, the parameter sets, and SEI.
        [0x09 | 0x67 | 0x47 | 0x27 | 0x68 | 0x48 | 0x28 | 0x06, ..] => Some(Codec::H264),
        _ => None,
    }
}

fn by_extension(path: &Path) -> Result<Codec> {
    let extension = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or("")
        .to_ascii_lowercase();
    match extension.as_str() {
        "h264" | "264" | "avc" => Ok(Codec::H264),
        "h265" | "265" | "hevc" => Ok(Codec::H265),
        _ => bail!(
            "has Annex B start codes, but does not begin with a parameter set; \
             call it .h264 or .h265 to say which it is"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(bytes: &[u8], name: &str) -> Result<Container> {
        container(bytes, Path::new(name))
    }

    #[test]
    fn content_goes_before_the_extension() {
        let h265 = [0, 0, 0, 1, 0x40, 1, 0x0c];
        assert_eq!(
            detect(&h265, "a.h264").unwrap(),
            Container::AnnexB(Codec::H265)
        );
        let h264 = [0, 0, 1, 0x67, 0x42, 0xc0];
        assert_eq!(
            detect(&h264, "a.h265").unwrap(),
            Container::AnnexB(Codec::H264)
        );
        assert_eq!(detect(b"DKIF", "a.ogg").unwrap(), Container::Ivf);
        assert_eq!(detect(b"OggS", "a.ivf").unwrap(), Container::Ogg);
        assert_eq!(detect(&[0xff, 0xf1, 0x4d], "a").unwrap(), Container::Adts);
    }

    #[test]
    fn the_extension_decides_where_content_cannot() {
        let slice = [0, 0, 1, 0x41, 0x9a, 0x24];
        assert_eq!(
            detect(&slice, "a.264").unwrap(),
            Container::AnnexB(Codec::H264)
        );
        assert_eq!(
            detect(&slice, "a.HEVC").unwrap(),
            Container::AnnexB(Codec::H265)
        );
        let error = detect(&slice, "a.bin").unwrap_err().to_string();
        assert!(error.contains(".h264 or .h265"), "{error}");
    }

    #[test]
    fn everything_else_is_refused_by_name() {
        let mp4 = detect(b"\0\0\0\x20ftypisom", "a.mp4")
            .unwrap_err()
            .to_string();
        assert!(mp4.contains("MP4"), "{mp4}");
        // MP3 has the sync word too, but another layer.
        let mp3 = detect(&[0xff, 0xfb, 0x90, 0x64], "a.aac")
            .unwrap_err()
            .to_string();
        assert!(mp3.contains("none of the formats"), "{mp3}");
        for bytes in [&b""[..], b"\0", b"\0\0", b"\0\0\0\0", b"hello", b"\0\x01"] {
            assert!(detect(bytes, "a.h264").is_err(), "{bytes:?}");
        }
    }
}
