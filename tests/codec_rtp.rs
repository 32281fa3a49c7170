//! Sealed frames of the codec form through RTP and back, by the payload formats
//! of an independent crate (`rtc-rtp`): what it packetizes and puts together
//! again still opens.
//!
//! The crate takes apart and puts together all six formats, but for one thing: of
//! H.265 it hands out the units and fragments, and these are joined here.

#[path = "common/clips.rs"]
mod clips;
#[path = "common/member.rs"]
mod member;

use std::collections::BTreeMap;

use bytes::Bytes;
use clips::{access_units, byte_stream, ivf, nal_units, ogg};
use member::{config, join};
use roomseal::sframe::CipherSuite;
use roomseal::{Codec, Error, Form, Kind, Opener, Room, Sealer};
use rtc_rtp::codec::av1::{Av1Depacketizer, Av1Payloader};
use rtc_rtp::codec::h264::{H264Packet, H264Payloader};
use rtc_rtp::codec::h265::{H265Packet, H265Payload, HevcPayloader};
use rtc_rtp::codec::opus::{OpusPacket, OpusPayloader};
use rtc_rtp::codec::vp8::{Vp8Packet, Vp8Payloader};
use rtc_rtp::codec::vp9::{Vp9Packet, Vp9Payloader};
use rtc_rtp::packetizer::{Depacketizer, Payloader};

/// What is left of 1,200 bytes behind the RTP header.
const MTU: usize = 1_200 - 12;

/// Two members of one room.
struct Call {
    sender: Room,
    receiver: Room,
}

impl Call {
    fn new(suite: CipherSuite) -> Self {
        let member = || {
            let config = config([suite; 3]);
            let config = config
                .form(Kind::Audio, Form::Codec)
                .form(Kind::Video, Form::Codec);
            join(config, &[3])
        };
        Self {
            sender: member(),
            receiver: member(),
        }
    }
}

fn seal(sealer: &Sealer, codec: Codec, frame: &[u8]) -> Bytes {
    let mut out = vec![0; sealer.max_sealed_codec_len(codec, frame.len())];
    let length = sealer.seal_codec(codec, frame, b"meta", &mut out);
    out.truncate(length.expect("seals"));
    out.into()
}

fn open(opener: &Opener, kind: Kind, frame: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = vec![0; frame.len()];
    let length = opener.open(kind, frame, b"meta", None, &mut out)?;
    out.truncate(length);
    Ok(out)
}

/// Makes a frame of its payloads.
type Join = Box<dyn FnMut(&[Bytes]) -> Vec<u8>>;

/// One payload format both ways.
struct Format {
    payloader: Box<dyn Payloader>,
    join: Join,
    /// Names what is special about a payload.
    name: fn(&Bytes) -> &'static str,
}

/// Appends what the crate makes of one payload after the other.
fn in_a_row<D: Depacketizer + 'static>(mut depacketizer: D) -> Join {
    Box::new(move |payloads| {
        let pieces = payloads
            .iter()
            .map(|payload| depacketizer.depacketize(payload).expect("takes it apart"));
        pieces.collect::<Vec<_>>().concat()
    })
}

fn join_h265(payloads: &[Bytes]) -> Vec<u8> {
    let mut frame = Vec::new();
    for payload in payloads {
        let mut packet = H265Packet::default();
        let _raw = packet.depacketize(payload).expect("takes it apart");
        match packet.payload() {
            H265Payload::H265SingleNALUnitPacket(unit) => {
                let header = unit.payload_header().0.to_be_bytes();
                let unit = [&header[..], &unit.payload()].concat();
                frame.extend(byte_stream([&unit[..]]));
            }
            H265Payload::H265AggregationPacket(packet) => {
                let first = packet.first_unit().expect("two or more").nal_unit();
                let others = packet.other_units().iter().map(|unit| unit.nal_unit());
                for unit in [first].into_iter().chain(others) {
                    frame.extend(byte_stream([&unit[..]]));
                }
            }
            H265Payload::H265FragmentationUnitPacket(fragment) => {
                if fragment.fu_header().s() {
                    let [high, low] = fragment.payload_header().0.to_be_bytes();
                    let number = fragment.fu_header().fu_type();
                    frame.extend([0, 0, 0, 1, high & 0x81 | number << 1, low]);
                }
                frame.extend(fragment.payload());
            }
            other => panic!("nobody sends these: {other:?}"),
        }
    }
    frame
}

fn format(codec: Codec) -> Format {
    let whole = |_: &Bytes| "a part of the frame";
    match codec {
        Codec::H264 => Format {
            payloader: Box::new(H264Payloader::default()),
            join: in_a_row(H264Packet::default()),
            name: |payload| match payload[0] & 0x1f {
                24 => "STAP-A",
                28 => "FU-A",
                _ => "single",
            },
        },
        Codec::H265 => Format {
            payloader: Box::new(HevcPayloader),
            join: Box::new(join_h265),
            name: |payload| match payload[0] >> 1 & 0x3f {
                48 => "aggregation",
                49 => "fragment",
                _ => "single",
            },
        },
        Codec::Av1 => Format {
            payloader: Box::new(Av1Payloader::default()),
            join: in_a_row(Av1Depacketizer::new()),
            name: |payload| match payload[0] {
                first if first & 0xc0 != 0 => "fragment",
                first if first & 0x30 != 0x10 => "aggregation",
                _ => "single",
            },
        },
        Codec::Vp8 => Format {
            payloader: Box::new(Vp8Payloader::default()),
            join: in_a_row(Vp8Packet::default()),
            name: whole,
        },
        Codec::Vp9 => Format {
            payloader: Box::new(Vp9Payloader::default()),
            join: in_a_row(Vp9Packet::default()),
            name: whole,
        },
        Codec::Opus => Format {
            payloader: Box::new(OpusPayloader),
            join: in_a_row(OpusPacket),
            name: whole,
        },
        other => panic!("{other:?} has no payload format here"),
    }
}

/// The frame as it comes out: start codes of 4 bytes, no temporal delimiter.
fn carried(codec: Codec, frame: &[u8]) -> Vec<u8> {
    match codec {
        Codec::H264 | Codec::H265 => byte_stream(nal_units(frame)),
        Codec::Av1 => frame.strip_prefix(&[0x12, 0]).unwrap_or(frame).to_vec(),
        _ => frame.to_vec(),
    }
}

/// Sends the frames through RTP; counts the payloads by name.
fn send(codec: Codec, frames: &[Vec<u8>]) -> BTreeMap<&'static str, usize> {
    let kind = if codec == Codec::Opus {
        Kind::Audio
    } else {
        Kind::Video
    };
    let mut seen = BTreeMap::new();
    let suites = [
        CipherSuite::Aes128GcmSha256_128,
        CipherSuite::Aes128CtrHmacSha256_80,
        CipherSuite::Aes128CtrHmacSha256_64,
        CipherSuite::Aes128CtrHmacSha256_32,
    ];
    for suite in suites {
        let call = Call::new(suite);
        let sealer = call.sender.sealer(kind).expect("the generator works");
        let opener = call.receiver.opener();
        let mut format = format(codec);
        for frame in frames {
            let sealed = seal(&sealer, codec, frame);
            let payloads = format.payloader.payload(MTU, &sealed).expect("fits RTP");
            assert!(payloads.iter().all(|payload| payload.len() <= MTU));
            for payload in &payloads {
                *seen.entry((format.name)(payload)).or_default() += 1;
            }
            let arrived = (format.join)(&payloads);
            let opened = open(&opener, kind, &arrived);
            assert_eq!(opened, Ok(carried(codec, frame)), "{codec:?} {suite:?}");
        }
        let opened = call.receiver.counters(kind).opened;
        assert_eq!(opened, frames.len() as u64);
    }
    seen
}

fn assert_seen(seen: &BTreeMap<&'static str, usize>, names: &[&'static str]) {
    assert!(seen.keys().eq(names), "{seen:?}");
}

#[test]
fn h264() {
    for name in ["bunny-360p.h264", "bunny-360p-4slices.h264"] {
        let seen = send(Codec::H264, &access_units(name));
        assert_seen(&seen, &["FU-A", "STAP-A", "single"]);
    }
}

#[test]
fn h265() {
    let seen = send(Codec::H265, &access_units("bunny-360p.h265"));
    assert_seen(&seen, &["aggregation", "fragment", "single"]);
}

#[test]
fn vp8() {
    let frames = ivf("bunny-360p-vp8.ivf");
    let seen = send(Codec::Vp8, &frames);
    assert!(seen["a part of the frame"] > 4 * frames.len());
}

#[test]
fn vp9() {
    let frames = ivf("bunny-360p-vp9.ivf");
    let seen = send(Codec::Vp9, &frames);
    assert!(seen["a part of the frame"] > 4 * frames.len());
}

#[test]
fn av1() {
    let seen = send(Codec::Av1, &ivf("bunny-360p-av1.ivf"));
    assert_seen(&seen, &["aggregation", "fragment", "single"]);
}

#[test]
fn opus() {
    let frames = ogg("bunny-opus.ogg");
    assert_eq!(frames.len(), 151);
    let seen = send(Codec::Opus, &frames);
    assert_eq!(seen["a part of the frame"], 4 * frames.len());
}

/// Frames whose trailer travels in a unit of its own.
#[test]
fn carriers() {
    let h264 = access_units("bunny-360p.h264").swap_remove(0);
    let sets: Vec<_> = nal_units(&h264)
        .into_iter()
        .filter(|unit| matches!(unit[0] & 0x1f, 7 | 8))
        .collect();
    assert_eq!(sets.len(), 2);
    let sei = [
        0x06, 5, 17, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 0x80,
    ];
    let behind = [&h264[..], &byte_stream([&sei[..]])].concat();
    let seen = send(Codec::H264, &[byte_stream(sets), behind]);
    assert_seen(&seen, &["FU-A", "STAP-A", "single"]);

    let h265 = access_units("bunny-360p.h265").swap_remove(0);
    let sets = nal_units(&h265)
        .into_iter()
        .filter(|unit| matches!(unit[0] >> 1, 32..=34));
    let suffix = [0x50, 0x01, 132, 1, 0xaa, 0x80];
    let behind = [&h265[..], &byte_stream([&suffix[..]])].concat();
    let seen = send(Codec::H265, &[byte_stream(sets), behind]);
    assert_seen(&seen, &["aggregation", "fragment"]);

    let av1 = ivf("bunny-360p-av1.ivf").swap_remove(0);
    assert_eq!(av1[..3], [0x12, 0, 0x0a]);
    let header = av1[..4 + usize::from(av1[3])].to_vec();
    let seen = send(Codec::Av1, &[header]);
    assert_seen(&seen, &["aggregation"]);
}

/// This packetizer drops access unit delimiters and filler data. A receiver then
/// refuses the frame, and counts that it is not authentic on a stream it knows.
#[test]
fn what_a_packetizer_drops_is_noticed() {
    let call = Call::new(CipherSuite::Aes128GcmSha256_128);
    let sealer = call
        .sender
        .sealer(Kind::Video)
        .expect("the generator works");
    let opener = call.receiver.opener();
    let slice = access_units("bunny-360p.h264").swap_remove(1);
    let delimited = [&byte_stream([&[0x09, 0xf0][..]])[..], &slice].concat();
    let mut format = format(Codec::H264);
    let mut carry = |frame: &[u8]| {
        let sealed = seal(&sealer, Codec::H264, frame);
        let payloads = format.payloader.payload(MTU, &sealed).expect("fits RTP");
        open(&opener, Kind::Video, &(format.join)(&payloads))
    };
    assert_eq!(carry(&slice), Ok(carried(Codec::H264, &slice)));
    assert_eq!(carry(&delimited), Err(Error::NotAuthentic));
    assert_eq!(carry(&slice), Ok(carried(Codec::H264, &slice)));
    let counters = call.receiver.counters(Kind::Video);
    assert_eq!((counters.opened, counters.not_authentic), (2, 1));
}
