//! Sealed H.264 as an independent parser reads it: the same units and types, no
//! start code made or lost, and the carrier is an SEI message.

#[path = "common/clips.rs"]
#[expect(dead_code, reason = "only H.264 is read here")]
mod clips;
#[path = "common/member.rs"]
mod member;

use clips::{access_units, byte_stream, nal_units};
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
    let mut out = vec![0; sealer.max_sealed_codec_len(Codec::H264, frame.len())];
    let length = sealer.seal_codec(Codec::H264, frame, &[], &mut out);
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
