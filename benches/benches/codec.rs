//! Frames that stay frames of their codec, against plain frames of the same room
//! layer, from buffer to buffer. Each result is checked.
//!
//! `cargo bench -p roomseal-benches --bench codec`

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use roomseal::{
    AppId, Codec, Form, Kind, Opener, Room, RoomConfig, RoomId, RoomKey, RoomSalt, Sealer,
};
use std::hint::black_box;

/// Frames in turn, so that the caches see a stream and not one buffer.
const FRAMES: usize = 16;
/// As in the other benches: copies between offsets that are nearly equal are
/// slow on some processors.
const OFFSET: usize = 2_048;
const SIZES: [usize; 7] = [80, 160, 1_200, 4_096, 16_384, 65_536, 262_144];

/// What is measured: the plain form, or a codec.
#[derive(Clone, Copy)]
enum What {
    Plain,
    As(Codec),
}

impl What {
    const ALL: [Self; 8] = [
        Self::Plain,
        Self::As(Codec::Opaque),
        Self::As(Codec::H264),
        Self::As(Codec::H265),
        Self::As(Codec::Vp8),
        Self::As(Codec::Vp9),
        Self::As(Codec::Av1),
        Self::As(Codec::Opus),
    ];

    fn name(self) -> String {
        match self {
            Self::Plain => "plain".to_owned(),
            Self::As(codec) => codec.to_string(),
        }
    }
}

struct Pair {
    what: What,
    _rooms: [Room; 2],
    sealer: Sealer,
    opener: Opener,
}

impl Pair {
    fn new(what: What) -> Self {
        let form = match what {
            What::Plain => Form::Plain,
            What::As(_) => Form::Codec,
        };
        let room = || {
            let config = RoomConfig::new(AppId::number(1), RoomId::number(2));
            let room = Room::new(config.form(Kind::Video, form)).expect("a room");
            let key = RoomKey::from_bytes(&[0x42; 16]).expect("16 bytes");
            room.install(1, &key, &RoomSalt::none()).expect("installed");
            room.activate(1).expect("installed");
            room
        };
        let rooms = [room(), room()];
        Self {
            what,
            sealer: rooms[0].sealer(Kind::Video).expect("a sealer"),
            opener: rooms[1].opener(),
            _rooms: rooms,
        }
    }

    fn capacity(&self, len: usize) -> usize {
        match self.what {
            What::Plain => self.sealer.sealed_len(len),
            What::As(codec) => self.sealer.max_sealed_codec_len(codec, len),
        }
    }

    fn seal(&self, frame: &[u8], out: &mut [u8]) -> usize {
        match self.what {
            What::Plain => self.sealer.seal(frame, &[], out),
            What::As(codec) => self.sealer.seal_codec(codec, frame, &[], out),
        }
        .expect("sealed")
    }

    fn open(&self, sealed: &[u8], out: &mut [u8]) -> usize {
        self.opener
            .open(Kind::Video, sealed, &[], None, out)
            .expect("opened")
    }
}

/// A frame of one slice, one OBU, or noise; of exactly `len` bytes.
fn frame(what: What, len: usize, seed: u64) -> Vec<u8> {
    let front: &[u8] = match what {
        What::As(Codec::H264) => &[0, 0, 0, 1, 0x41, 0x9A],
        What::As(Codec::H265) => &[0, 0, 0, 1, 0x02, 0x01, 0xD0],
        What::As(Codec::Vp8) => &[0x31],
        // One OBU without a size, as RTP carries it: sealing adds the size.
        What::As(Codec::Av1) => &[0x30],
        _ => &[],
    };
    let mut state = seed | 1;
    let mut bytes = front.to_vec();
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // An encoder's emulation prevention leaves no start codes; these bytes
        // have no zeros at all.
        bytes.push(state.to_le_bytes()[3] | 1);
    }
    bytes
}

fn batch(pair: &Pair, len: usize) -> Vec<Vec<u8>> {
    (0..FRAMES as u64)
        .map(|seed| {
            [
                vec![0; OFFSET],
                frame(pair.what, len, 0x9E37_79B9 + seed * 977),
            ]
            .concat()
        })
        .collect()
}

fn codec(criterion: &mut Criterion) {
    for len in SIZES {
        for opens in [false, true] {
            let what_is_done = if opens { "open" } else { "seal" };
            let mut group = criterion.benchmark_group(format!("codec/{what_is_done}/{len}"));
            group.throughput(Throughput::Bytes((FRAMES * len) as u64));
            for what in What::ALL {
                let pair = Pair::new(what);
                let frames = batch(&pair, len);
                let mut sealed = vec![vec![0; OFFSET + pair.capacity(len)]; FRAMES];
                let mut opened = vec![vec![0; len + 8]; FRAMES];
                let mut lens = [0; FRAMES];
                let mut seal = |sealed: &mut [Vec<u8>]| {
                    for ((frame, out), n) in frames.iter().zip(sealed).zip(&mut lens) {
                        *n = pair.seal(&frame[OFFSET..], &mut out[OFFSET..]);
                    }
                    lens
                };
                // Sealed and opened once, and compared.
                let lens = seal(&mut sealed);
                for (((sealed, n), out), frame) in
                    sealed.iter().zip(lens).zip(&mut opened).zip(&frames)
                {
                    let opened_len = pair.open(&sealed[OFFSET..OFFSET + n], out);
                    let is_same = out[..opened_len] == frame[OFFSET..];
                    let is_av1 = matches!(what, What::As(Codec::Av1));
                    assert!(is_same || is_av1 && opened_len > len);
                }
                let id = BenchmarkId::from_parameter(what.name());
                if opens {
                    group.bench_function(id, |bencher| {
                        bencher.iter_custom(|rounds| {
                            let mut time = core::time::Duration::ZERO;
                            for _ in 0..rounds {
                                let lens = seal(&mut sealed);
                                let start = std::time::Instant::now();
                                for ((sealed, n), out) in sealed.iter().zip(lens).zip(&mut opened) {
                                    black_box(pair.open(&sealed[OFFSET..OFFSET + n], out));
                                }
                                time += start.elapsed();
                            }
                            time
                        });
                    });
                } else {
                    group.bench_function(id, |bencher| {
                        bencher.iter(|| black_box(seal(&mut sealed)));
                    });
                }
            }
            group.finish();
        }
    }
}

criterion_group!(benches, codec);
criterion_main!(benches);
