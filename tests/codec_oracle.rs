//! Sealed H.264, H.265 and AV1 as independent parsers read them: the same units and
//! types, no start code or size made or lost, and the carrier is what it should be.

#[path = "common/clips.rs"]
#[expect(dead_code, reason = "no audio is read here")]
mod clips;
#[path = "common/member.rs"]
mod member;

use clips::{access_units, byte_stream, ivf, nal_units};
use cros_codecs::codec::av1::parser::{ObuAction, ObuType, ParsedObu, Parser as Av1};
use cros_codecs::codec::h265::parser::{Nalu, NaluType, Parser as H265};
use h264_reader::annexb::AnnexBReader;
use h264_reader::nal::sei::user_data_unregistered::UserDataUnregistered;
use h264_reader::nal::sei::{HeaderType, SeiReader};
use h264_reader::nal::{Nal as _, RefNal, UnitType};
use h264_reader::push::NalInterest;
use h264_reader::rbsp::{BitRead as _, decode_nal};
use member::{config, join};
use roomseal::sframe::CipherSuite;
use roomseal::{Codec, Form, Kind, Room, Sealer};

fn room() -> Room {
    let config = config([CipherSuite::Aes128GcmSha256_128; 3]);
    join(config.form(Kind::Video, Form::Codec), &[3])
}

fn seal(sealer: &Sealer, frame: &[u8]) -> Vec<u8> {
    seal_as(Codec::H264, sealer, frame)
}

fn seal_as(codec: Codec, sealer: &Sealer, frame: &[u8]) -> Vec<u8> {
    let mut out = vec![0; sealer.max_sealed_codec_len(codec, frame.len())];
    let length = sealer.seal_codec(codec, frame, &[], &mut out);
    out.truncate(length.expect("seals"));
    out
}

/// The NAL units that the parser finds.
fn found(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut units = Vec::new();
    let mut reader = AnnexBReader::accumulate(|nal: RefNal<'_>| {
        if nal.is_complete() {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut nal.reader(), &mut bytes).expect("in memory");
            units.push(bytes);
        }
        NalInterest::Buffer
    });
    // In pieces, as a network hands them over.
    for piece in stream.chunks(977) {
        reader.push(piece);
    }
    reader.reset();
    drop(reader);
    units
}

fn unit_type(nal: &[u8]) -> UnitType {
    let nal = RefNal::new(nal, &[], true);
    nal.header().expect("a NAL unit header").nal_unit_type()
}

/// `first_mb_in_slice`, `slice_type` and `pic_parameter_set_id`.
fn start_of_slice(nal: &[u8]) -> [u32; 3] {
    let nal = RefNal::new(nal, &[], true);
    let mut bits = nal.rbsp_bits();
    ["first_mb_in_slice", "slice_type", "pic_parameter_set_id"]
        .map(|name| bits.read_ue(name).expect("a slice header"))
}

#[test]
fn sealed_streams_have_the_units_of_the_clip() {
    for name in ["bunny-360p.h264", "bunny-360p-4slices.h264"] {
        let frames = access_units(name);
        let room = room();
        let sealer = room.sealer(Kind::Video).expect("the generator works");
        let sealed: Vec<u8> = frames
            .iter()
            .flat_map(|frame| seal(&sealer, frame))
            .collect();
        let (before, after) = (found(&frames.concat()), found(&sealed));
        assert_eq!(before.len(), after.len(), "{name}");
        let mut slices = 0;
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(unit_type(before), unit_type(after), "{name}");
            // Fails where zero bytes stand that must not stand inside a unit.
            let payload = decode_nal(after).expect("nothing but emulation prevention");
            match unit_type(after) {
                UnitType::SliceLayerWithoutPartitioningIdr
                | UnitType::SliceLayerWithoutPartitioningNonIdr => {
                    slices += 1;
                    assert_eq!(start_of_slice(before), start_of_slice(after), "{name}");
                    assert_ne!(before, after, "{name}");
                    assert_eq!(payload.last(), Some(&0x80), "{name}");
                }
                _ => assert_eq!(before, after, "{name}"),
            }
        }
        let expected = if name.contains("4slices") { 4 * 75 } else { 75 };
        assert_eq!(slices, expected, "{name}");
    }
}

#[test]
fn a_carrier_is_user_data_in_an_sei_message() {
    let room = room();
    let sealer = room.sealer(Kind::Video).expect("the generator works");
    let key_frame = access_units("bunny-360p.h264").swap_remove(0);
    let sets = nal_units(&key_frame)
        .into_iter()
        .filter(|unit| matches!(unit[0] & 0x1f, 7 | 8));
    let sets = byte_stream(sets);
    for _ in 0..20 {
        let units = found(&seal(&sealer, &sets));
        let types: Vec<_> = units.iter().map(|unit| unit_type(unit)).collect();
        assert_eq!(
            types,
            [
                UnitType::SeqParameterSet,
                UnitType::PicParameterSet,
                UnitType::SEI
            ]
        );
        let nal = RefNal::new(&units[2], &[], true);
        let mut scratch = Vec::new();
        let mut reader = SeiReader::from_rbsp_bytes(nal.rbsp_bytes(), &mut scratch);
        let message = reader.next().expect("well-formed").expect("a message");
        assert_eq!(message.payload_type, HeaderType::UserDataUnregistered);
        let data = UserDataUnregistered::read(&message).expect("a UUID");
        assert_eq!(
            u128::from_be_bytes(data.uuid()),
            0x7c3e_9d52_b8a4_4f61_9e27_d5c0_8f4b_a316
        );
        assert_eq!(data.payload().len(), 16 + 12 + 1);
        assert!(reader.next().expect("ends well").is_none());
    }
}

/// Type, layer, temporal id and bytes of the NAL units that the parser finds.
fn found_h265(stream: &[u8]) -> Vec<(NaluType, [u8; 2], Vec<u8>)> {
    let mut units = Vec::new();
    let mut cursor = std::io::Cursor::new(stream);
    while let Ok(nal) = Nalu::next(&mut cursor) {
        let ids = [nal.header.nuh_layer_id, nal.header.nuh_temporal_id_plus1];
        let bytes = &stream[nal.offset..nal.offset + nal.size];
        units.push((nal.header.type_, ids, bytes.to_vec()));
    }
    units
}

#[test]
fn sealed_h265_has_the_units_of_the_clip() {
    let room = room();
    let sealer = room.sealer(Kind::Video).expect("the generator works");
    let frames = access_units("bunny-360p.h265");
    assert_eq!(frames.len(), 75);
    let mut changed = 0;
    for frame in &frames {
        let sealed = seal_as(Codec::H265, &sealer, frame);
        let (before, after) = (found_h265(frame), found_h265(&sealed));
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            assert_eq!((before.0, before.1), (after.0, after.1));
            let is_slice = before.0 as u32 <= 31;
            assert_eq!(before.2 != after.2, is_slice, "{:?}", before.0);
            changed += usize::from(is_slice);
        }
    }
    assert_eq!(changed, 75);

    // Parameter sets alone: they parse as before, and the carrier is a prefix SEI.
    let sets = nal_units(&frames[0])
        .into_iter()
        .filter(|unit| matches!(unit[0] >> 1, 32..=34));
    let sets = byte_stream(sets);
    let sealed = seal_as(Codec::H265, &sealer, &sets);
    let types: Vec<_> = found_h265(&sealed).into_iter().map(|unit| unit.0).collect();
    assert_eq!(
        types,
        [
            NaluType::VpsNut,
            NaluType::SpsNut,
            NaluType::PpsNut,
            NaluType::PrefixSeiNut
        ]
    );
    let mut parser = H265::default();
    let mut cursor = std::io::Cursor::new(&sealed[..]);
    let mut next = || Nalu::next(&mut cursor).expect("a NAL unit");
    parser.parse_vps(&next()).expect("a VPS");
    let sps = parser.parse_sps(&next()).expect("an SPS");
    assert_eq!((sps.width(), sps.height()), (640, 360));
    parser.parse_pps(&next()).expect("a PPS");
}

/// The OBUs of a frame: the type, and the picture's size from a sequence header.
fn found_av1(parser: &mut Av1, mut frame: &[u8]) -> Vec<(ObuType, Option<[u16; 2]>)> {
    let mut units = Vec::new();
    while !frame.is_empty() {
        match parser.read_obu(frame).expect("an OBU") {
            ObuAction::Process(obu) => {
                frame = &frame[obu.bytes_used..];
                let obu_type = obu.header.obu_type;
                let size = match obu_type {
                    ObuType::SequenceHeader => match parser.parse_obu(obu) {
                        Ok(ParsedObu::SequenceHeader(header)) => Some([
                            header.max_frame_width_minus_1 + 1,
                            header.max_frame_height_minus_1 + 1,
                        ]),
                        other => panic!("{:?}", other.err()),
                    },
                    _ => None,
                };
                units.push((obu_type, size));
            }
            ObuAction::Drop(_) => panic!("an OBU of another layer"),
        }
    }
    units
}

#[test]
fn sealed_av1_has_the_obus_of_the_clip() {
    let room = room();
    let sealer = room.sealer(Kind::Video).expect("the generator works");
    let frames = ivf("bunny-360p-av1.ivf");
    assert_eq!(frames.len(), 75);
    let mut sizes = 0;
    let (mut before, mut after) = (Av1::default(), Av1::default());
    for frame in &frames {
        let sealed = seal_as(Codec::Av1, &sealer, frame);
        assert_ne!(sealed[..frame.len()], frame[..]);
        let obus = found_av1(&mut after, &sealed);
        assert_eq!(found_av1(&mut before, frame), obus);
        sizes += obus.iter().filter_map(|obu| obu.1).count();
        assert!(
            obus.iter()
                .all(|(_, size)| size.is_none_or(|s| s == [640, 360]))
        );
    }
    assert_ne!(sizes, 0);

    // A delimiter alone: the carrier is of metadata.
    let alone = [0x12, 0];
    let types: Vec<_> = found_av1(&mut after, &seal_as(Codec::Av1, &sealer, &alone))
        .into_iter()
        .map(|obu| obu.0)
        .collect();
    assert_eq!(types, [ObuType::TemporalDelimiter, ObuType::Metadata]);
}
