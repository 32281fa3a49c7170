//! Opus in Ogg (RFC 7845): one packet a frame, after two header packets.

use std::io::{Cursor, ErrorKind};

use anyhow::{Context as _, Result, anyhow, ensure};
use bytes::Bytes;
use ogg::{OggReadError, PacketReader};

use super::{Codec, Frame, Micros, Track};

pub(super) fn split(file: &Bytes) -> Result<Track> {
    let mut reader = PacketReader::new(Cursor::new(file));
    let mut next = || reader.read_packet().map_err(explain);

    let id = next()?.context("is cut short: no packet in it")?;
    ensure!(
        id.data.starts_with(b"OpusHead"),
        "is an Ogg file, but its first stream is not Opus"
    );
    let serial = id.stream_serial();
    let tags = next()?.context("is cut short after its first packet")?;
    ensure!(
        tags.stream_serial() == serial && tags.data.starts_with(b"OpusTags"),
        "has no OpusTags packet where it must stand"
    );

    let mut frames = Vec::new();
    let mut at = 0;
    let mut ended = tags.last_in_stream();
    while let Some(packet) = next()? {
        ensure!(
            packet.stream_serial() == serial,
            "has more than one stream in it"
        );
        ended = packet.last_in_stream();
        let duration = duration(&packet.data).context("has an empty or illegal Opus packet")?;
        frames.push(Frame {
            at,
            bytes: packet.data.into(),
        });
        at += duration;
    }
    ensure!(
        ended,
        "is cut short: the last page of the stream is missing"
    );
    Ok(Track {
        codec: Codec::Opus,
        frames,
        duration: at,
    })
}

/// The play time of an Opus packet, from its first byte or two (RFC 6716, section 3.1).
fn duration(packet: &[u8]) -> Option<Micros> {
    let toc = *packet.first()?;
    let frame = match toc >> 3 {
        config @ 0..12 => [10_000, 20_000, 40_000, 60_000][usize::from(config % 4)],
        config @ 12..16 => [10_000, 20_000][usize::from(config % 2)],
        config => [2_500, 5_000, 10_000, 20_000][usize::from(config % 4)],
    };
    let count = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => Micros::from(packet.get(1)? & 0x3f),
    };
    (count > 0).then_some(frame * count)
}

fn explain(error: OggReadError) -> anyhow::Error {
    match error {
        OggReadError::ReadError(e) if e.kind() == ErrorKind::UnexpectedEof => {
            anyhow!("is cut short inside an Ogg page")
        }
        OggReadError::HashMismatch(..) => anyhow!("is damaged: the checksum of a page is wrong"),
        other => anyhow!("is damaged: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIP: &[u8] = include_bytes!("../../../../tests/media/bunny-opus.ogg");

    #[test]
    fn durations_follow_the_table() {
        assert_eq!(duration(&[0x00]), Some(10_000));
        assert_eq!(duration(&[3 << 3]), Some(60_000));
        assert_eq!(duration(&[13 << 3]), Some(20_000));
        assert_eq!(duration(&[16 << 3]), Some(2_500));
        assert_eq!(duration(&[31 << 3 | 1]), Some(40_000));
        assert_eq!(duration(&[31 << 3 | 3, 0x80 | 6]), Some(120_000));
        assert_eq!(duration(&[31 << 3 | 3, 0]), None);
        assert_eq!(duration(&[31 << 3 | 3]), None);
        assert_eq!(duration(&[]), None);
    }

    #[test]
    fn every_cut_is_noticed() {
        for len in (4..CLIP.len()).step_by(7).chain([CLIP.len() - 1]) {
            let cut = Bytes::from_static(&CLIP[..len]);
            assert!(split(&cut).is_err(), "{len}");
        }
    }

    #[test]
    fn every_damaged_page_is_noticed() {
        for at in (0..CLIP.len()).step_by(211) {
            let mut bad = CLIP.to_vec();
            bad[at] ^= 0x10;
            assert!(split(&bad.into()).is_err(), "{at}");
        }
    }
}
