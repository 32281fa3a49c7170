//! Frames that stay frames of their codec, beside plain frames of the same room
//! layer, from buffer to buffer.

use crate::frames::{BASE_KEY, OFFSET, at_offset, reserve};
use crate::{Contender, Contenders, Pace, check};
use roomseal::{
    AppId, Codec, Form, Kind, Opener, Room, RoomConfig, RoomId, RoomKey, RoomSalt, Sealer,
};

/// Frames that are sealed, and then opened, in one sample: as [`crate::batch`], but
/// of 64 KiB and at least four, so that no frame is the first of its kind.
const fn batch(size: usize) -> usize {
    match 65_536 / size {
        n @ 4.. => n,
        _ => 4,
    }
}

/// The frames of a row.
#[derive(Clone, Copy)]
struct Shape {
    name: &'static str,
    /// None is the plain form.
    codec: Option<Codec>,
    /// What stands before the frame's last part: start codes, headers, whole units.
    front: &'static [u8],
    /// What each further part begins with.
    again: &'static [u8],
    /// Equal parts that the bytes behind the front come in.
    parts: usize,
}

/// Parameter sets and an SEI message as x264 and x265 write them before a key
/// frame, then the slice's start code, header, and first bytes.
const H264_KEY: &[u8] = &[
    0, 0, 0, 1, 0x09, 0x10, //
    0, 0, 0, 1, 0x67, 0x64, 0, 0x1F, 0xAC, 0xD9, 0x40, 0x50, 0x05, 0xBB, 0x01, 0x6A, 0x02, 0x02,
    0x02, 0x80, 0, 0, 3, 0, 0x80, 0, 0, 0x1E, 0x47, 0x8C, 0x18, 0xCB, //
    0, 0, 0, 1, 0x68, 0xEB, 0xE3, 0xCB, 0x22, 0xC0, //
    0, 0, 1, 0x06, 5, 4, 0xDC, 0x45, 0xE9, 0xBD, 0x80, //
    0, 0, 1, 0x65, 0x88, 0x84,
];
const H265_KEY: &[u8] = &[
    0, 0, 0, 1, 0x46, 1, 0x50, //
    0, 0, 0, 1, 0x40, 1, 0x0C, 1, 0xFF, 0xFF, 1, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x5D,
    0x95, 0x98, 0x09, //
    0, 0, 0, 1, 0x42, 1, 1, 1, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x5D, 0xA0, 2, 0x80,
    0x80, 0x2D, 0x16, 0x59, 0x59, 0xA4, 0x93, 0x2B, 0xC0, 0x5A, 2, //
    0, 0, 0, 1, 0x44, 1, 0xC1, 0x72, 0xB4, 0x62, 0x40, //
    0, 0, 1, 0x28, 1, 0xAF,
];
/// A temporal delimiter, and a sequence header as libaom writes it.
const AV1_KEY: &[u8] = &[
    0x12, 0, 0x0A, 11, 0, 0, 0, 0x42, 0xAB, 0xBF, 0xC3, 0x70, 0x0B, 0xE0, 0x01,
];

const PLAIN: Shape = Shape::whole("plain", None, &[]);

const H264: [Shape; 4] = [
    PLAIN,
    Shape::whole("H.264", Some(Codec::H264), &[0, 0, 0, 1, 0x41, 0x9A]),
    Shape::whole("H.264 key frame", Some(Codec::H264), H264_KEY),
    Shape::slices("H.264 of 4 slices", Codec::H264, &[0, 0, 0, 1, 0x41, 0x9A]),
];

const H265: [Shape; 4] = [
    PLAIN,
    Shape::whole("H.265", Some(Codec::H265), &[0, 0, 0, 1, 2, 1, 0xD0]),
    Shape::whole("H.265 key frame", Some(Codec::H265), H265_KEY),
    Shape::slices("H.265 of 4 slices", Codec::H265, &[0, 0, 0, 1, 2, 1, 0xD0]),
];

const OTHER_VIDEO: [Shape; 5] = [
    PLAIN,
    Shape::whole("VP8", Some(Codec::Vp8), &[0x31]),
    Shape::whole("VP9", Some(Codec::Vp9), &[0x86]),
    Shape::whole("AV1", Some(Codec::Av1), &[0x12, 0]),
    Shape::whole("AV1 key frame", Some(Codec::Av1), AV1_KEY),
];

const AUDIO: [Shape; 4] = [
    PLAIN,
    Shape::whole("Opus", Some(Codec::Opus), &[0x78]),
    Shape::whole("AAC", Some(Codec::Aac), &[0x21]),
    Shape::whole("opaque", Some(Codec::Opaque), &[]),
];

impl Shape {
    const fn whole(name: &'static str, codec: Option<Codec>, front: &'static [u8]) -> Self {
        Self {
            name,
            codec,
            front,
            again: front,
            parts: 1,
        }
    }

    const fn slices(name: &'static str, codec: Codec, front: &'static [u8]) -> Self {
        Self {
            parts: 4,
            ..Self::whole(name, Some(codec), front)
        }
    }

    /// A frame of exactly `size` bytes. What an encoder would compress is random;
    /// in H.264 and H.265 it has the emulation bytes that an encoder puts in.
    fn frame(&self, size: usize, seed: u64) -> Vec<u8> {
        let mut noise = Noise(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut frame = Vec::with_capacity(size);
        for part in 0..self.parts {
            frame.extend_from_slice(if part == 0 { self.front } else { self.again });
            let end = size * (part + 1) / self.parts;
            match self.codec {
                Some(Codec::H264 | Codec::H265) => noise.fill_escaped(&mut frame, end),
                Some(Codec::Av1) => {
                    frame.push(0x32);
                    noise.fill_sized(&mut frame, end);
                }
                _ => noise.fill(&mut frame, end),
            }
        }
        frame
    }
}

/// Random bytes, the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.to_le_bytes()[3]
    }

    fn fill(&mut self, frame: &mut Vec<u8>, end: usize) {
        while frame.len() < end {
            frame.push(self.next());
        }
    }

    fn fill_escaped(&mut self, frame: &mut Vec<u8>, end: usize) {
        while frame.len() + 1 < end {
            let byte = self.next();
            match frame[..] {
                [.., 0, 0] if byte <= 3 => frame.push(3),
                _ => frame.push(byte),
            }
        }
        frame.push(0x80);
    }

    /// A size in LEB128 and that many bytes, to the end.
    fn fill_sized(&mut self, frame: &mut Vec<u8>, end: usize) {
        let rest = end - frame.len();
        let size_len = (1..5)
            .find(|n| rest - n < 1 << (7 * n))
            .expect("below 2^28");
        let mut size = rest - size_len;
        for n in (0..size_len).rev() {
            let more = if n > 0 { 0x80 } else { 0 };
            frame.push(size.to_le_bytes()[0] & 0x7F | more);
            size >>= 7;
        }
        self.fill(frame, end);
    }
}

/// A batch of frames of one shape.
struct Batch {
    shape: Shape,
    sealer: Sealer,
    opener: Opener,
    /// Dropping a room closes it.
    _rooms: [Room; 2],
    plaintexts: Vec<Vec<u8>>,
    /// The same, each from [`OFFSET`] on.
    inputs: Vec<Vec<u8>>,
    sealed: Vec<Vec<u8>>,
    sealed_lens: Vec<usize>,
    /// Each from [`OFFSET`] on.
    received: Vec<Vec<u8>>,
    opened: Vec<Vec<u8>>,
}

impl Batch {
    fn new(shape: Shape, size: usize) -> Self {
        let form = match shape.codec {
            None => Form::Plain,
            Some(_) => Form::Codec,
        };
        let room = || {
            let config = RoomConfig::new(AppId::number(1), RoomId::number(2));
            let room = Room::new(config.form(Kind::Video, form)).expect("a room");
            let key = RoomKey::from_bytes(&BASE_KEY).expect("16 bytes");
            room.install(1, &key, &RoomSalt::none()).expect("installed");
            room.activate(1).expect("installed");
            room
        };
        let rooms = [room(), room()];
        let plaintexts: Vec<_> = (1..=batch(size) as u64)
            .map(|seed| shape.frame(size, seed))
            .collect();
        let count = plaintexts.len();
        Self {
            shape,
            sealer: rooms[0].sealer(Kind::Video).expect("a sealer"),
            opener: rooms[1].opener(),
            _rooms: rooms,
            inputs: plaintexts.iter().map(|frame| at_offset(frame)).collect(),
            sealed: vec![Vec::new(); count],
            sealed_lens: vec![0; count],
            received: vec![Vec::new(); count],
            opened: vec![Vec::new(); count],
            plaintexts,
        }
    }

    fn open_one(&self, frame: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        reserve(out, frame.len());
        self.opener.open(Kind::Video, frame, &[], None, out).ok()
    }
}

impl Contender for Batch {
    fn name(&self) -> &'static str {
        self.shape.name
    }

    fn plaintexts(&self, size: usize) -> Vec<Vec<u8>> {
        assert!(self.plaintexts.iter().all(|frame| frame.len() == size));
        self.plaintexts.clone()
    }

    fn frames(&self, size: usize) -> usize {
        batch(size)
    }

    fn seal(&mut self, pace: Pace) {
        let frames = self.sealed.iter_mut().zip(&mut self.sealed_lens);
        for (input, (sealed, sealed_len)) in self.inputs.iter().zip(frames) {
            pace.step();
            let frame = &input[OFFSET..];
            let made = match self.shape.codec {
                None => {
                    reserve(sealed, frame.len() + roomseal::MAX_OVERHEAD);
                    self.sealer.seal(frame, &[], sealed)
                }
                Some(codec) => {
                    reserve(sealed, self.sealer.max_sealed_codec_len(codec, frame.len()));
                    self.sealer.seal_codec(codec, frame, &[], sealed)
                }
            };
            *sealed_len = made.expect("there is room");
        }
    }

    fn receive(&mut self) {
        let frames = self.sealed.iter().zip(&self.sealed_lens);
        for ((sealed, len), received) in frames.zip(&mut self.received) {
            received.resize(OFFSET + len, 0);
            received[OFFSET..].copy_from_slice(&sealed[..*len]);
        }
    }

    fn open(&mut self, pace: Pace) {
        let mut opened = core::mem::take(&mut self.opened);
        let frames = self.received.iter().zip(&self.plaintexts);
        for ((received, plaintext), out) in frames.zip(&mut opened) {
            pace.step();
            let len = self.open_one(&received[OFFSET..], out);
            let name = self.shape.name;
            assert_eq!(len, Some(plaintext.len()), "{name}: its own frame");
        }
        self.opened = opened;
    }

    fn sealed(&self) -> Vec<Vec<u8>> {
        let frames = self.sealed.iter().zip(&self.sealed_lens);
        frames
            .map(|(sealed, len)| sealed[..*len].to_vec())
            .collect()
    }

    fn opened(&self) -> Vec<Vec<u8>> {
        let frames = self.opened.iter().zip(&self.plaintexts);
        frames
            .map(|(opened, plaintext)| opened[..plaintext.len()].to_vec())
            .collect()
    }

    fn refuses_forgery(&mut self) -> bool {
        self.seal(Pace::BackToBack);
        let mut frame = self.sealed()[0].clone();
        let middle = frame.len() / 2;
        frame[middle] ^= 0x40;
        self.open_one(&frame, &mut Vec::new()).is_none()
    }
}

fn contenders(shapes: &[Shape], size: usize) -> Contenders {
    let batches = shapes.iter().map(|shape| Batch::new(*shape, size));
    check(batches.map(|batch| Box::new(batch) as _).collect(), size)
}

/// H.264 beside the plain form of the room.
#[must_use]
pub fn codec_h264(size: usize) -> Contenders {
    contenders(&H264, size)
}

/// H.265 beside the plain form of the room.
#[must_use]
pub fn codec_h265(size: usize) -> Contenders {
    contenders(&H265, size)
}

/// VP8, VP9 and AV1 beside the plain form of the room.
#[must_use]
pub fn codec_other_video(size: usize) -> Contenders {
    contenders(&OTHER_VIDEO, size)
}

/// Audio, and what is opaque, beside the plain form of the room.
#[must_use]
pub fn codec_audio(size: usize) -> Contenders {
    contenders(&AUDIO, size)
}
