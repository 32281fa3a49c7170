//! Codec-transparent frames: the crate against the second implementation.

use alloc::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use roomseal::{Codec, Error, Kind, Opener, Room, Sealer};

use super::second::codec::{AAC, AV1, H264, H265, OPAQUE, OPUS, VP8, VP9, units};
use super::second::document::{Case, Document};
use super::second::{Channel, Refusal, parse_header, room_kid};
use super::{config, error, install, kind, random_bytes, random_channel, random_metadata, suite};

const CODECS: [u8; 8] = [OPAQUE, H264, H265, VP8, VP9, AV1, OPUS, AAC];

fn codec(number: u8) -> Codec {
    Codec::from_number(number).expect("0 to 7")
}

/// The audio and the video channel of one room.
fn random_room(rng: &mut StdRng) -> ([Channel; 2], Room) {
    let common = random_channel(rng);
    let channels = [1, 2].map(|kind| Channel {
        kind,
        form: 1,
        suite: rng.random_range(1..=4),
        ..common.clone()
    });
    (channels.clone(), room(&channels))
}

fn room(channels: &[Channel; 2]) -> Room {
    let config = config(&channels[0])
        .form(Kind::Video, roomseal::Form::Codec)
        .suite(Kind::Video, suite(channels[1].suite));
    let room = Room::new(config).expect("good parameters");
    install(&room, &channels[0]);
    room
}

fn channel_of(channels: &[Channel; 2], codec: u8) -> &Channel {
    &channels[usize::from(codec < OPUS && codec != OPAQUE)]
}

// Random frames of each codec, most of them well-formed.

fn chance(rng: &mut StdRng, percent: u32) -> bool {
    rng.random_ratio(percent, 100)
}

fn random_length(rng: &mut StdRng) -> usize {
    match rng.random_range(0..200) {
        0..20 => 0,
        20..100 => rng.random_range(0..40),
        100..198 => rng.random_range(0..1_500),
        _ => rng.random_range(1_500..40_000),
    }
}

/// Bytes of which many are 00 to 03, as payloads full of start codes have.
fn low_bytes(rng: &mut StdRng, length: usize) -> Vec<u8> {
    let bytes = [0, 0, 0, 0, 0, 1, 2, 3, 3, 0x80, 0xff];
    (0..length)
        .map(|_| *bytes.choose(rng).expect("not empty"))
        .collect()
}

fn payload(rng: &mut StdRng) -> Vec<u8> {
    let length = random_length(rng);
    if chance(rng, 30) {
        low_bytes(rng, length.min(400))
    } else {
        random_bytes(rng, length)
    }
}

/// What an encoder does to a NAL unit's payload.
fn with_emulation_prevention(payload: &[u8]) -> Vec<u8> {
    let mut output: Vec<u8> = Vec::new();
    for byte in payload {
        if *byte <= 3 && output.ends_with(&[0, 0]) {
            output.push(3);
        }
        output.push(*byte);
    }
    output
}

/// Bits of a slice header, with whatever follows it.
fn slice_payload(rng: &mut StdRng, codec: u8, is_wrong: bool) -> Vec<u8> {
    let mut bits: Vec<u8> = Vec::new();
    let flags = if codec == H265 {
        rng.random_range(1..=2)
    } else {
        0
    };
    bits.extend((0..flags).map(|_| rng.random_range(0..=1_u8)));
    for _ in 0..if codec == H264 { 3 } else { 1 } {
        let zeros = match rng.random_range(0..20) {
            _ if is_wrong => rng.random_range(32..40),
            0 => rng.random_range(0..32),
            _ => rng.random_range(0..12),
        };
        let zero = rng.random();
        bits.extend((0..zeros).map(|_| 0));
        bits.push(1);
        bits.extend((0..zeros).map(|_| if zero { 0 } else { rng.random_range(0..=1) }));
    }
    while !bits.len().is_multiple_of(8) {
        bits.push(rng.random_range(0..=1));
    }
    let (bytes, _) = bits.as_chunks::<8>();
    let mut bytes: Vec<u8> = bytes
        .iter()
        .map(|byte| byte.iter().fold(0, |value, bit| value << 1 | bit))
        .collect();
    if !chance(rng, 10) {
        bytes.extend(payload(rng));
    }
    bytes
}

fn nal_unit(rng: &mut StdRng, codec: u8, is_wrong: bool) -> Vec<u8> {
    let is_slice = chance(rng, 65);
    let number: u8 = match (codec, is_slice, is_wrong && !is_slice) {
        (H264, _, true) => rng.random_range(13..32),
        (H264, true, _) => *[1, 5].choose(rng).expect("not empty"),
        (H264, false, _) => rng.random_range(6..=12),
        (_, _, true) => rng.random_range(41..64),
        (_, true, _) => rng.random_range(0..32),
        (_, false, _) => rng.random_range(32..=40),
    };
    let header = if codec == H264 {
        vec![rng.random_range(0..4_u8) << 5 | number]
    } else {
        vec![number << 1, rng.random_range(1..8)]
    };
    let payload = if is_slice {
        slice_payload(rng, codec, is_wrong)
    } else {
        payload(rng)
    };
    let payload = if chance(rng, 85) {
        with_emulation_prevention(&payload)
    } else {
        // No encoder writes this, but a start code in it only makes another unit.
        payload
    };
    [header, payload].concat()
}

fn byte_stream(rng: &mut StdRng, codec: u8) -> Vec<u8> {
    let count = match rng.random_range(0..100) {
        0..3 => 0,
        3..45 => 1,
        45..98 => rng.random_range(2..7),
        _ => 200,
    };
    let mut frame = Vec::new();
    let wrong = chance(rng, 4).then(|| rng.random_range(0..=count));
    for place in 0..count {
        let zeros = *[0, 1, 1, 1, 1, 5].choose(rng).expect("not empty");
        frame.extend(vec![0; zeros]);
        frame.extend([0, 0, 1]);
        let mut unit = nal_unit(rng, codec, wrong == Some(place));
        if count == 200 {
            // Short and sound, as one that isn't spoils the frame.
            unit = with_emulation_prevention(&unit);
            unit.truncate(40);
            unit.push(0x80);
        }
        frame.extend(unit);
    }
    if chance(rng, 10) {
        frame.extend(vec![0; rng.random_range(1..4)]);
    }
    if chance(rng, 1) {
        frame.insert(0, rng.random());
    }
    frame
}

fn leb128(rng: &mut StdRng, number: usize) -> Vec<u8> {
    let mut rest = number;
    let mut bytes = Vec::new();
    while rest >= 0x80 {
        bytes.push(u8::try_from(rest & 0x7f).expect("seven bits") | 0x80);
        rest >>= 7;
    }
    bytes.push(u8::try_from(rest).expect("seven bits"));
    if chance(rng, 15) {
        // Up to nine bytes, which is one too many.
        for _ in 0..rng.random_range(1..8) {
            *bytes.last_mut().expect("not empty") |= 0x80;
            bytes.push(0);
        }
    }
    bytes
}

fn obus(rng: &mut StdRng) -> Vec<u8> {
    let mut frame = Vec::new();
    if chance(rng, 70) {
        frame.extend([0x12, 0]);
    }
    let count = rng.random_range(0..5);
    for place in 0..count {
        let number: u8 = match rng.random_range(0..100) {
            0..15 => 1,
            15..85 => rng.random_range(3..=7),
            85..98 => *[8, 15].choose(rng).expect("not empty"),
            98 => 2,
            _ => rng.random_range(9..15),
        };
        let extension = chance(rng, 20);
        let sized = place + 1 < count || chance(rng, 80);
        let reserved = u8::from(chance(rng, 5));
        let payload = payload(rng);
        frame.push(number << 3 | u8::from(extension) << 2 | u8::from(sized) << 1 | reserved);
        if extension {
            frame.push(rng.random());
        }
        if sized {
            frame.extend(leb128(rng, payload.len()));
        }
        frame.extend(payload);
    }
    if chance(rng, 1) {
        frame.pop();
    }
    frame
}

fn random_frame(rng: &mut StdRng, codec: u8) -> Vec<u8> {
    match codec {
        H264 | H265 => byte_stream(rng, codec),
        AV1 => obus(rng),
        _ => payload(rng),
    }
}

/// What both sides agree to come out: AV1 in its shortest form.
fn opened_as(channel: &Channel, codec: u8, frame: &[u8]) -> Vec<u8> {
    if codec == AV1 {
        let kid = room_kid(0, channel.epoch);
        let sealed = channel.seal_codec(AV1, kid, 1 << 16, &[], frame);
        channel
            .open_codec(&[], &sealed.expect("seals"))
            .expect("opens")
    } else {
        frame.to_vec()
    }
}

// Both ways.

/// KID and CTR of a sealed frame, read from its end: what lies before the
/// header stands there with or without escapes.
fn kid_and_ctr(frame: &[u8]) -> (u64, u64) {
    let end = frame.iter().rposition(|byte| *byte != 0).expect("80");
    let mut header = Vec::new();
    let mut rest = &frame[..end - 1];
    while header.len() < 12 {
        let (last, before) = rest.split_last().expect("a header");
        if *last != 3 || !before.ends_with(&[0, 0]) || frame[end - 1] & 0xf > 2 {
            header.insert(0, *last);
        }
        rest = before;
    }
    let (kid, ctr, length) = parse_header(&header).expect("a header");
    assert_eq!(length, 12);
    (kid, ctr)
}

fn seal(rng: &mut StdRng, sealer: &Sealer, number: u8, metadata: &[u8], frame: &[u8]) -> Sealed {
    let codec = codec(number);
    let in_place = !matches!(number, H264 | H265 | AV1) && rng.random();
    if in_place {
        let before = rng.random_range(0..30);
        let payload = before..before + frame.len();
        let mut buffer = vec![0xa5; payload.end + 30 + rng.random_range(0..20)];
        buffer[payload.clone()].copy_from_slice(frame);
        let place = sealer.seal_codec_in_place(codec, metadata, &mut buffer, payload)?;
        return Ok(("in place", buffer[place].to_vec()));
    }
    let mut out = vec![0xa5; sealer.max_sealed_codec_len(codec, frame.len())];
    let length = sealer.seal_codec(codec, frame, metadata, &mut out)?;
    Ok(("apart", out[..length].to_vec()))
}

type Sealed = Result<(&'static str, Vec<u8>), Error>;

fn open(
    rng: &mut StdRng,
    opener: &Opener,
    channel: &Channel,
    metadata: &[u8],
    frame: &[u8],
) -> Sealed {
    let kind = kind(channel.kind);
    let number = frame
        .iter()
        .rposition(|byte| *byte != 0)
        .and_then(|end| frame.get(end.checked_sub(1)?))
        .map_or(0, |control| control & 0x0f);
    if !matches!(number, H264 | H265 | AV1) && rng.random() {
        let mut frame = frame.to_vec();
        let place = opener.open_in_place(kind, metadata, None, &mut frame)?;
        return Ok(("in place", frame[place].to_vec()));
    }
    let mut out = vec![0xa5; frame.len()];
    let length = opener.open(kind, frame, metadata, None, &mut out)?;
    out.truncate(length);
    Ok(("apart", out))
}

/// What a run went through, so that nothing is left out unseen.
#[derive(Default)]
struct Seen(BTreeMap<(&'static str, u8), usize>);

impl Seen {
    fn note(&mut self, what: &'static str, codec: u8) {
        *self.0.entry((what, codec)).or_default() += 1;
    }

    fn frame(&mut self, call: &'static str, codec: u8, plaintext: &[u8], sealed: &[u8]) {
        self.note(call, codec);
        let units = units(codec, plaintext).expect("it was sealed");
        let end = sealed.iter().rposition(|byte| *byte != 0).expect("80");
        let marks = [
            ("empty", plaintext.is_empty()),
            ("no unit", units.is_empty()),
            ("several units", units.len() > 1),
            ("200 units", units.len() >= 200),
            ("carrier", sealed[end - 1] & 0x10 != 0),
            ("zeros at the end", end + 1 < sealed.len()),
            (
                "nothing encrypted",
                units.iter().all(|unit| unit.encrypted.is_empty()),
            ),
            ("large", sealed.len() > 8_000),
        ];
        for (what, is) in marks {
            if is {
                self.note(what, codec);
            }
        }
    }

    fn assert_everything(&self, frames: usize) {
        let least = |what, codecs: &[u8], least: usize| {
            for codec in codecs {
                let seen = self.0.get(&(what, *codec)).copied().unwrap_or(0);
                assert!(seen >= least, "{what}, codec {codec}: {seen} of {frames}");
            }
        };
        let streams = [H264, H265];
        let parsed = [H264, H265, AV1];
        let simple = [OPAQUE, VP8, VP9, OPUS, AAC];
        least("apart", &CODECS, frames / 30);
        least("in place", &simple, frames / 40);
        least("empty", &CODECS, frames / 2_000);
        least("several units", &parsed, frames / 40);
        least("no unit", &parsed, frames / 2_000);
        least("carrier", &parsed, frames / 100);
        least("200 units", &streams, frames / 1_000);
        least("zeros at the end", &streams, frames / 200);
        least("nothing encrypted", &CODECS, frames / 500);
        least("large", &CODECS, frames / 4_000);
        least("doesn't parse", &[H264, H265, VP8, AV1], frames / 2_000);
    }
}

/// Each round has a room of its own, with two sealers of each kind.
const FRAMES_A_ROOM: usize = 200;

fn frames_of_the_crate(frames: usize, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut seen = Seen::default();
    for _ in 0..frames / FRAMES_A_ROOM {
        let (channels, room) = random_room(&mut rng);
        let sealers = [Kind::Audio, Kind::Video, Kind::Audio, Kind::Video]
            .map(|kind| room.sealer(kind).expect("the generator works"));
        for _ in 0..FRAMES_A_ROOM {
            // The codec changes in mid-stream.
            let number = *CODECS.choose(&mut rng).expect("not empty");
            let channel = channel_of(&channels, number);
            let sealer = &sealers[usize::from(channel.kind) - 1 + 2 * rng.random_range(0..2)];
            let metadata = random_metadata(&mut rng);
            let plaintext = random_frame(&mut rng, number);
            let sealed = seal(&mut rng, sealer, number, &metadata, &plaintext);
            if units(number, &plaintext).is_err() {
                assert_eq!(
                    sealed,
                    Err(Error::CodecMismatch),
                    "{number} {plaintext:02x?}"
                );
                seen.note("doesn't parse", number);
                continue;
            }
            let (call, sealed) = sealed.unwrap_or_else(|e| panic!("{e}: {plaintext:02x?}"));
            let (kid, ctr) = kid_and_ctr(&sealed);
            let expected = channel.seal_codec(number, kid, ctr, &metadata, &plaintext);
            assert_eq!(Ok(&sealed), expected.as_ref(), "{number} {plaintext:02x?}");
            let opened = channel.open_codec(&metadata, &sealed);
            assert_eq!(opened, Ok(opened_as(channel, number, &plaintext)));
            seen.frame(call, number, &plaintext, &sealed);
        }
    }
    seen.assert_everything(frames);
}

fn frames_of_the_second_implementation(frames: usize, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut seen = Seen::default();
    for _ in 0..frames / FRAMES_A_ROOM {
        let (channels, room) = random_room(&mut rng);
        let opener = room.opener();
        let kids = [(); 4].map(|()| room_kid(rng.random::<u64>() >> 5, channels[0].epoch));
        let mut ctr = rng.random_range(1 << 16..1 << 23);
        for _ in 0..FRAMES_A_ROOM {
            let number = *CODECS.choose(&mut rng).expect("not empty");
            let channel = channel_of(&channels, number);
            let kid = *kids.choose(&mut rng).expect("not empty");
            ctr += 1;
            let metadata = random_metadata(&mut rng);
            let plaintext = random_frame(&mut rng, number);
            let Ok(sealed) = channel.seal_codec(number, kid, ctr, &metadata, &plaintext) else {
                seen.note("doesn't parse", number);
                continue;
            };
            let (call, opened) = open(&mut rng, &opener, channel, &metadata, &sealed)
                .unwrap_or_else(|e| panic!("{e}: codec {number} {sealed:02x?}"));
            assert_eq!(opened, opened_as(channel, number, &plaintext));
            let again = open(&mut rng, &opener, channel, &metadata, &sealed);
            assert_eq!(again, Err(Error::Replay));
            seen.frame(call, number, &plaintext, &sealed);
        }
    }
    seen.assert_everything(frames);
}

#[test]
fn codec_frames_of_the_crate_open_in_the_second_implementation() {
    frames_of_the_crate(10_000, 21);
}

#[test]
fn codec_frames_of_the_second_implementation_open_in_the_crate() {
    frames_of_the_second_implementation(10_000, 22);
}

#[test]
#[ignore = "ten times as long; cargo test --test second_implementation -- --ignored"]
fn a_hundred_thousand_codec_frames_each_way() {
    frames_of_the_crate(100_000, 23);
    frames_of_the_second_implementation(100_000, 24);
}

// What may happen on the way.

/// Changes a sealed frame as a transport may.
fn transported(rng: &mut StdRng, number: u8, sealed: &[u8]) -> Vec<u8> {
    if number == AV1 {
        let (delimiter, rest) = match sealed.strip_prefix(&[0x12, 0]) {
            Some(rest) => (true, rest),
            None => (false, sealed),
        };
        let mut output = if delimiter ^ chance(rng, 50) {
            vec![0x12, 0]
        } else {
            Vec::new()
        };
        let mut rest = rest;
        while let [header, ..] = rest {
            let header_length = if header & 4 != 0 { 2 } else { 1 };
            let (header, behind) = rest.split_at(header_length);
            let size_length = behind.iter().position(|byte| byte & 0x80 == 0);
            let (size, behind) = behind.split_at(size_length.expect("a size") + 1);
            let size = size
                .iter()
                .rev()
                .fold(0, |number, byte| number << 7 | usize::from(byte & 0x7f));
            let (payload, behind) = behind.split_at(size);
            output.extend(header);
            if behind.is_empty() && chance(rng, 50) {
                let at = output.len() - header_length;
                output[at] &= !2;
            } else {
                loop {
                    let size = leb128(rng, size);
                    if size.len() <= 8 {
                        output.extend(size);
                        break;
                    }
                }
            }
            output.extend(payload);
            rest = behind;
        }
        return output;
    }
    let starts: Vec<usize> = (0..sealed.len())
        .filter(|at| sealed[*at..].starts_with(&[0, 0, 1]))
        .collect();
    let ends = starts[1..].iter().copied().chain([sealed.len()]);
    let mut output = vec![0; rng.random_range(0..3)];
    for (start, end) in starts.iter().zip(ends) {
        let unit = &sealed[start + 3..end];
        let length = unit.iter().rposition(|byte| *byte != 0).expect("a header") + 1;
        output.extend([0, 0, 1]);
        output.extend(&unit[..length]);
        output.extend(vec![0; rng.random_range(0..3)]);
    }
    output
}

#[test]
fn what_a_transport_may_do_comes_out_alike() {
    let mut rng = StdRng::seed_from_u64(25);
    let mut changed = 0;
    for _ in 0..40 {
        let (channels, room) = random_room(&mut rng);
        let opener = room.opener();
        let kid = room_kid(rng.random::<u64>() >> 5, channels[0].epoch);
        for round in 0..50 {
            let number = *[H264, H265, AV1].choose(&mut rng).expect("not empty");
            let channel = channel_of(&channels, number);
            let plaintext = random_frame(&mut rng, number);
            let Ok(sealed) = channel.seal_codec(number, kid, 70_000 + round, b"", &plaintext)
            else {
                continue;
            };
            let carried = transported(&mut rng, number, &sealed);
            changed += usize::from(carried != sealed);
            let second = channel.open_codec(b"", &carried).expect("opens");
            if !plaintext.is_empty() {
                assert_eq!(units(number, &second), units(number, &plaintext));
            }
            let crates = open(&mut rng, &opener, channel, b"", &carried);
            assert_eq!(
                crates.map(|(_, opened)| opened),
                Ok(second),
                "{carried:02x?}"
            );
        }
    }
    assert!(changed > 1_500, "{changed}");
}

/// One change that no transport may make, or none at all but by chance.
fn damaged(rng: &mut StdRng, sealed: &[u8]) -> Vec<u8> {
    let mut frame = sealed.to_vec();
    // Nothing left to change if all was cut off before.
    if frame.is_empty() {
        return vec![rng.random()];
    }
    let place = rng.random_range(0..frame.len());
    match rng.random_range(0..8) {
        0..4 => frame[place] ^= 1 << rng.random_range(0..8),
        4 => {
            frame.remove(place);
        }
        5 => frame.insert(place, *[0, 1, 3, 0x80].choose(rng).expect("not empty")),
        6 => frame.truncate(place),
        _ => {
            let other = rng.random_range(place..=frame.len());
            let piece = frame[place..other].to_vec();
            frame.splice(place..place, piece);
        }
    }
    frame
}

/// Both take or refuse the same bytes. Why may differ where section 4.7 leaves
/// it open: of several faults either may be named.
#[test]
fn both_judge_damaged_codec_frames_alike() {
    let mut rng = StdRng::seed_from_u64(26);
    let mut outcomes = BTreeMap::new();
    for _ in 0..600 {
        let (channels, _) = random_room(&mut rng);
        let number = *CODECS.choose(&mut rng).expect("not empty");
        let channel = channel_of(&channels, number);
        let kid = room_kid(rng.random::<u64>() >> 5, channel.epoch);
        let mut plaintext = random_frame(&mut rng, number);
        plaintext.truncate(400);
        let Ok(sealed) = channel.seal_codec(number, kid, 70_000, b"meta", &plaintext) else {
            continue;
        };
        let (known, unknown) = (room(&channels), room(&channels));
        let first = channel.seal_codec(OPAQUE, kid, 69_999, b"", b"");
        let first = first.expect("any frame is opaque");
        assert!(open(&mut rng, &known.opener(), channel, b"", &first).is_ok());
        for _ in 0..60 {
            let mut frame = damaged(&mut rng, &sealed);
            if chance(&mut rng, 20) {
                frame = damaged(&mut rng, &frame);
            }
            let second = channel.open_codec(b"meta", &frame);
            // A room of its own for what opens, as it opens but once.
            let fresh = room(&channels);
            for room in [&known, &unknown] {
                let room = if second.is_ok() { &fresh } else { room };
                let crates = open(&mut rng, &room.opener(), channel, b"meta", &frame);
                let crates = crates.map(|(_, opened)| opened);
                match (&second, &crates) {
                    (Ok(second), Ok(crates)) => assert_eq!(second, crates),
                    (Ok(_), Err(Error::Replay)) => {}
                    (Err(Refusal::NotSealed), Err(Error::NotSealed))
                    | (Err(Refusal::UnknownKey), Err(Error::UnknownKey)) => {}
                    (
                        Err(
                            Refusal::Malformed
                            | Refusal::NotAuthentic
                            | Refusal::UnknownKey
                            | Refusal::NotSealed,
                        ),
                        Err(
                            Error::Malformed
                            | Error::NotAuthentic
                            | Error::UnknownKey
                            | Error::NotSealed
                            | Error::TooOld,
                        ),
                    ) => *outcomes.entry("another reason").or_insert(0) += 1,
                    _ => panic!("{second:?}, but {crates:?}: {frame:02x?} of {sealed:02x?}"),
                }
                let outcome = crates.err().map_or("OPENED", Error::name);
                *outcomes.entry(outcome).or_insert(0) += 1;
            }
        }
    }
    for outcome in ["MALFORMED", "NOT_AUTHENTIC", "NOT_SEALED", "OPENED"] {
        let seen = outcomes.get(outcome).copied().unwrap_or(0);
        assert!(seen >= 100, "{outcome}: {outcomes:?}");
    }
}

// Frames that need too many escapes.

/// What to XOR to a plaintext under this CTR.
fn keystream(channel: &Channel, kid: u64, ctr: u64, length: usize) -> Vec<u8> {
    channel.seal(kid, ctr, &[], &vec![0; length])[12..][..length].to_vec()
}

/// A frame whose ciphertext holds 140 zero bytes under each of so many CTRs
/// from `next` on, in places of their own.
fn needs_escapes(channel: &Channel, kid: u64, next: u64, ctrs: u64) -> Vec<u8> {
    let mut slice = vec![0, 0, 0, 1, 0x41, 0xe2];
    for (place, ctr) in (0..ctrs).zip(next..) {
        let from = usize::try_from(place).expect("a few") * 140;
        slice.extend(&keystream(channel, kid, ctr, from + 140)[from..]);
    }
    slice.push(0x80);
    slice
}

#[test]
fn a_frame_that_needs_too_many_escapes_takes_the_next_ctr() {
    let mut rng = StdRng::seed_from_u64(27);
    let mut sealed_at = BTreeMap::new();
    for round in 0..40 {
        let (channels, room) = random_room(&mut rng);
        let channel = &channels[1];
        let sealer = room.sealer(Kind::Video).expect("the generator works");
        let mut out = vec![0; 4_000];
        let length = sealer.seal_codec(Codec::Vp9, b"frame", &[], &mut out);
        let (kid, ctr) = kid_and_ctr(&out[..length.expect("seals")]);
        let ctrs = round % 5;
        let plaintext = needs_escapes(channel, kid, ctr + 1, ctrs);
        for tried in 0..ctrs {
            let second = channel.seal_codec(H264, kid, ctr + 1 + tried, &[], &plaintext);
            assert_eq!(second, Err(Refusal::TooManyEscapes));
        }
        out.fill(0xa5);
        let capacity = sealer.max_sealed_codec_len(Codec::H264, plaintext.len());
        let sealed = sealer.seal_codec(Codec::H264, &plaintext, &[], &mut out[..capacity]);
        if ctrs == 4 {
            assert_eq!(sealed, Err(Error::TooManyEscapes));
            assert!(out[..capacity].iter().all(|byte| matches!(byte, 0 | 0xa5)));
            // The four CTRs are spent.
            let next = sealer.seal_codec(Codec::Vp9, b"frame", &[], &mut out);
            let next = kid_and_ctr(&out[..next.expect("seals")]);
            assert_eq!(next, (kid, ctr + 5));
        } else {
            let sealed = &out[..sealed.expect("seals")];
            assert_eq!(kid_and_ctr(sealed), (kid, ctr + 1 + ctrs));
            let second = channel.seal_codec(H264, kid, ctr + 1 + ctrs, &[], &plaintext);
            assert_eq!(second.as_deref(), Ok(sealed));
            assert_eq!(channel.open_codec(&[], sealed).as_ref(), Ok(&plaintext));
        }
        *sealed_at.entry(ctrs).or_insert(0) += 1;
    }
    assert_eq!(sealed_at.len(), 5);
}

// The crate against the page.

/// Whether the case is one of the codec form, and the crate agrees with it.
pub(super) fn check_crate(page: &Document, case: &Case) -> bool {
    if !case.what.starts_with("codec") {
        return false;
    }
    if case.what == "codec error" {
        let (_, room) = random_room(&mut StdRng::seed_from_u64(28));
        let sealer = room.sealer(Kind::Video).expect("the generator works");
        let number = u8::try_from(case.number("codec")).expect("a byte");
        let mut out = vec![0xa5; 200];
        let sealed = sealer.seal_codec(codec(number), &case.bytes("plaintext"), &[], &mut out);
        assert_eq!(sealed, Err(Error::CodecMismatch), "{case}");
        assert_eq!(out, [0xa5; 200], "{case}");
        return true;
    }
    let channel = page.channel(case);
    let (metadata, frame) = (page.bytes(case, "metadata"), case.bytes("frame"));
    let channels = [1, 2].map(|kind| Channel {
        kind,
        ..channel.clone()
    });
    let room = room(&channels);
    let mut rng = StdRng::seed_from_u64(29);
    let opened = open(&mut rng, &room.opener(), &channel, &metadata, &frame);
    let opened = opened.map(|(_, opened)| opened);
    match case.what.as_str() {
        "codec refused" => {
            let why = match case.required("why") {
                "malformed" => Refusal::Malformed,
                "not sealed" => Refusal::NotSealed,
                "unknown key" => Refusal::UnknownKey,
                "not authentic" => Refusal::NotAuthentic,
                other => panic!("{case}: {other}"),
            };
            assert_eq!(opened, Err(error(why)), "{case}");
        }
        _ => {
            let field = case.text("opened").map_or("plaintext", |_| "opened");
            assert_eq!(opened, Ok(case.bytes(field)), "{case}");
        }
    }
    true
}
