//! Frames of every codec, the odd ones above all.

use crate::streams::{layer_obu, obu, stream, stream_with};
use roomseal::Codec;

pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) codec: Codec,
    pub(crate) frame: Vec<u8>,
    /// What it is opened to, if not to itself.
    pub(crate) opened: Option<Vec<u8>>,
    /// Whether sealing adds a unit.
    pub(crate) has_carrier: bool,
}

impl Sample {
    pub(crate) fn opened(&self) -> &[u8] {
        self.opened.as_ref().unwrap_or(&self.frame)
    }
}

fn plain(codec: Codec, name: &'static str, frame: impl Into<Vec<u8>>) -> Sample {
    Sample {
        name,
        codec,
        frame: frame.into(),
        opened: None,
        has_carrier: false,
    }
}

fn carried(codec: Codec, name: &'static str, frame: impl Into<Vec<u8>>) -> Sample {
    Sample {
        has_carrier: true,
        ..plain(codec, name, frame)
    }
}

fn rewritten(name: &'static str, frame: Vec<u8>, opened: Vec<u8>, has_carrier: bool) -> Sample {
    Sample {
        opened: Some(opened),
        has_carrier,
        ..plain(Codec::Av1, name, frame)
    }
}

/// Bytes that are no zeros, so no start codes.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    (0..len)
        .map(|at| u8::try_from(at * 37 % 251 + 4).expect("below 256"))
        .collect()
}

fn nal(header: &[u8], len: usize) -> Vec<u8> {
    [header, &noise(len)].concat()
}

/// An emulation-protected text full of a pattern.
fn protected(header: &[u8], pattern: &[u8], len: usize) -> Vec<u8> {
    let mut nal = header.to_vec();
    let mut zeros = 0;
    for byte in pattern.iter().cycle().take(len) {
        if zeros == 2 && *byte <= 3 {
            nal.push(3);
            zeros = 0;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        nal.push(*byte);
    }
    nal.push(0x80);
    nal
}

pub(crate) const SPS: &[u8] = &[0x67, 0x42, 0xC0, 0x1E, 0xD9, 0x00, 0xA0, 0x47];
pub(crate) const PPS: &[u8] = &[0x68, 0xCE, 0x3C, 0x80];
/// With an emulation byte of its own.
pub(crate) const SEI: &[u8] = &[0x06, 0x05, 0x04, 0x00, 0x00, 0x03, 0x01, 0x77, 0x80];
pub(crate) const AUD: &[u8] = &[0x09, 0xF0];
const IDR: &[u8] = &[0x65, 0x88, 0x84];
const P: &[u8] = &[0x41, 0x9A];

fn h264() -> Vec<Sample> {
    let idr = nal(IDR, 300);
    let p = nal(P, 90);
    let c = Codec::H264;
    let many: Vec<Vec<u8>> = (0..200).map(|at| nal(P, at % 50)).collect();
    let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    let mixed = [
        &stream(&[AUD, SPS])[..],
        &stream_with(&[0, 0, 1], &[PPS, SEI]),
        &stream_with(&[0, 0, 0, 0, 0, 1], &[&idr]),
        &stream_with(&[0, 0, 1], &[&p]),
    ]
    .concat();
    vec![
        plain(c, "key frame", stream(&[AUD, SPS, PPS, SEI, &idr])),
        plain(c, "3- and 4-byte start codes", mixed),
        plain(c, "delta frame", stream(&[&p])),
        plain(c, "slices", stream(&[&p, &p, &p, &p])),
        plain(c, "200 slices", stream(&many)),
        plain(c, "200 slices, short codes", stream_with(&[0, 0, 1], &many)),
        plain(c, "nothing left to encrypt", stream(&[P, IDR, P])),
        plain(
            c,
            "zero bytes behind",
            [&stream(&[&p])[..], &[0; 5]].concat(),
        ),
        plain(
            c,
            "one zero byte behind",
            [&stream(&[&p])[..], &[0]].concat(),
        ),
        plain(
            c,
            "zero bytes in a slice",
            stream(&[&protected(P, &[0], 200), &protected(P, &[0, 0, 1], 200)]),
        ),
        plain(
            c,
            "emulation bytes",
            stream(&[&protected(IDR, &[0, 0, 3], 99)]),
        ),
        plain(
            c,
            "cabac_zero_words",
            stream(&[&[&p[..], &[0, 0, 3, 0, 0, 3]].concat()]),
        ),
        plain(
            c,
            "a byte behind zeros",
            stream(&[&[0x41, 0xC0, 0, 0x10, 0, 0, 9]]),
        ),
        plain(
            c,
            "emulation in the header",
            stream(&[&[0x41, 0x80, 0, 0, 3, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]]),
        ),
        carried(c, "empty", []),
        carried(c, "parameter sets alone", stream(&[SPS, PPS])),
        carried(c, "delimiter alone", stream(&[AUD])),
        carried(c, "SEI behind slices", stream(&[&p, SEI])),
        carried(
            c,
            "filler behind slices",
            stream(&[&p, &[0x0C, 0xFF, 0xFF, 0x80]]),
        ),
        carried(c, "end of sequence", stream(&[&idr, &[0x0A]])),
        carried(c, "end of stream", stream(&[&p, &[0x0A], &[0x0B]])),
        carried(
            c,
            "zero bytes behind a clear unit",
            [&stream(&[&p, SEI])[..], &[0; 3]].concat(),
        ),
        carried(
            c,
            "SEI that ends in zeros",
            stream(&[&p, &[0x06, 5, 1, 0, 0, 3]]),
        ),
    ]
}

fn h265() -> Vec<Sample> {
    let c = Codec::H265;
    let vps: &[u8] = &[0x40, 0x01, 0x0C, 0x01, 0xFF];
    let sps: &[u8] = &[0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90];
    let pps: &[u8] = &[0x44, 0x01, 0xC1, 0x72];
    let aud: &[u8] = &[0x46, 0x01, 0x50];
    let prefix: &[u8] = &[0x4E, 0x01, 0x05, 0x01, 0x44, 0x80];
    let suffix: &[u8] = &[0x50, 0x01, 0x84, 0x01, 0x44, 0x80];
    let idr = nal(&[0x26, 0x01, 0xAF], 300);
    let cra = nal(&[0x2A, 0x01, 0xA0], 33);
    let trail = nal(&[0x02, 0x01, 0xD0], 80);
    // Temporal id 2.
    let tsa = nal(&[0x04, 0x03, 0xD0], 60);
    let many: Vec<Vec<u8>> = (0..200)
        .map(|at| nal(&[0x02, 0x01, 0x50], at % 50))
        .collect();
    let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    vec![
        plain(c, "key frame", stream(&[aud, vps, sps, pps, prefix, &idr])),
        plain(c, "delta frame", stream_with(&[0, 0, 1], &[&trail])),
        plain(c, "slices", stream(&[&cra, &cra, &trail, &tsa])),
        plain(c, "200 slices", stream(&many)),
        plain(c, "nothing left to encrypt", stream(&[&[0x26, 0x01, 0xAF]])),
        plain(
            c,
            "zero bytes behind",
            [&stream(&[&tsa])[..], &[0; 2]].concat(),
        ),
        plain(
            c,
            "zero bytes in a slice",
            stream(&[&protected(&[0x02, 0x01, 0xD0], &[0, 0, 2], 150)]),
        ),
        plain(
            c,
            "reserved slice types",
            stream(&[&nal(&[22 << 1, 1, 0xA0], 9), &nal(&[31 << 1, 1, 0xC0], 9)]),
        ),
        carried(c, "empty", []),
        carried(c, "parameter sets alone", stream(&[vps, sps, pps])),
        carried(c, "suffix SEI", stream(&[&trail, suffix])),
        carried(
            c,
            "suffix SEI of a layer",
            stream(&[&tsa, &[0x50, 0x03, 0x84, 0x80]]),
        ),
        carried(
            c,
            "end of sequence",
            stream(&[&idr, &[0x48, 0x01], &[0x4A, 0x01]]),
        ),
        carried(c, "filler", stream(&[&idr, &[0x4C, 0x01, 0xFF, 0x80]])),
    ]
}

fn av1() -> Vec<Sample> {
    let c = Codec::Av1;
    let td: &[u8] = &[0x12, 0];
    let seq = obu(1, &[0x00, 0x00, 0x00, 0x02, 0xAF, 0xFF, 0x9B]);
    let frame = obu(6, &noise(300));
    let header = obu(3, &noise(20));
    let tiles = [obu(4, &noise(100)), obu(4, &noise(200))].concat();
    let metadata = obu(5, &[4, 1, 2, 3, 0x80]);
    let layers = [
        layer_obu(3, 1, 0, &noise(9)),
        layer_obu(4, 1, 0, &noise(70)),
        layer_obu(6, 1, 1, &noise(150)),
        layer_obu(6, 1, 2, &noise(127)),
    ]
    .concat();
    let many: Vec<u8> = (0..200).flat_map(|at| obu(4, &noise(at))).collect();
    vec![
        plain(c, "temporal unit", [td, &seq, &frame].concat()),
        plain(c, "frame", frame.clone()),
        plain(
            c,
            "frame header and tile groups",
            [&header[..], &tiles].concat(),
        ),
        plain(c, "metadata", [td, &metadata, &frame].concat()),
        plain(c, "spatial layers", [td, &layers].concat()),
        plain(c, "200 tile groups", [td, &header, &many].concat()),
        plain(c, "redundant frame header", obu(7, &noise(4))),
        plain(c, "nothing to encrypt", [td, &obu(6, &[])].concat()),
        plain(c, "payload of zeros", obu(6, &[0; 99])),
        plain(c, "reserved bit", [&[0x33, 2][..], &[7, 8]].concat()),
        carried(c, "empty", []),
        carried(c, "temporal delimiter alone", td),
        carried(c, "sequence header alone", seq.clone()),
        carried(c, "sequence header last", [td, &frame, &seq].concat()),
        rewritten(
            "no size on the last",
            [&seq[..], &[0x30], &noise(300)].concat(),
            [&seq[..], &frame].concat(),
            false,
        ),
        rewritten("delimiter without size", vec![0x10], td.to_vec(), true),
        rewritten(
            "long sizes",
            [&[0x12, 0x80, 0, 0x32, 0x83, 0x80, 0x80, 0][..], &[7, 8, 9]].concat(),
            [td, &[0x32, 3, 7, 8, 9]].concat(),
            false,
        ),
        rewritten(
            "padding and tile lists",
            [
                td,
                &obu(15, &noise(9)),
                &frame,
                &obu(8, &noise(5)),
                &obu(15, &[]),
            ]
            .concat(),
            [td, &frame].concat(),
            false,
        ),
        rewritten("padding alone", obu(15, &noise(40)), vec![], true),
        rewritten(
            "padding behind a clear unit",
            [&seq[..], &obu(15, &noise(3))].concat(),
            seq,
            true,
        ),
    ]
}

fn others() -> Vec<Sample> {
    let key_frame = [
        &[0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01][..],
        &noise(99),
    ];
    let vp9 = noise(140);
    // Two frames and their index.
    let superframe = [&vp9[..], &vp9, &[0xC9, 140, 0, 140, 0, 0xC9]].concat();
    let red = [&[0x80 | 111, 0, 0, 20, 111][..], &noise(80)].concat();
    vec![
        plain(Codec::Vp8, "key frame", key_frame.concat()),
        plain(Codec::Vp8, "key frame of a header alone", key_frame[0]),
        plain(
            Codec::Vp8,
            "delta frame",
            [&[0x31][..], &noise(60)].concat(),
        ),
        plain(Codec::Vp8, "one byte", [0x31]),
        plain(Codec::Vp8, "empty", []),
        plain(Codec::Vp9, "frame", vp9),
        plain(Codec::Vp9, "superframe", superframe),
        plain(Codec::Vp9, "one byte", [0x82]),
        plain(Codec::Vp9, "empty", []),
        plain(Codec::Opus, "frame", [&[0x78][..], &noise(79)].concat()),
        plain(Codec::Opus, "DTX", [0x78]),
        plain(Codec::Opus, "silence", [0xF8, 0xFF, 0xFE]),
        plain(Codec::Opus, "RED", red.clone()),
        plain(Codec::Opus, "empty", []),
        plain(Codec::Aac, "frame", noise(160)),
        plain(Codec::Aac, "empty", []),
        plain(Codec::Opaque, "RED", red),
        plain(Codec::Opaque, "no frame of any codec", [0; 77]),
        plain(Codec::Opaque, "empty", []),
    ]
}

/// Every sample.
pub(crate) fn all() -> Vec<Sample> {
    [h264(), h265(), av1(), others()]
        .into_iter()
        .flatten()
        .collect()
}

/// One long sample for each codec.
pub(crate) fn one_each() -> Vec<Sample> {
    let mut seen = Vec::new();
    let mut samples = all();
    samples.retain(|sample| {
        let is_new = !seen.contains(&sample.codec);
        seen.push(sample.codec);
        is_new
    });
    assert_eq!(samples.len(), Codec::ALL.len());
    samples
}
