//! The crate against the second implementation: what one seals the other opens,
//! what one refuses the other refuses, and both agree with docs/WIRE.md.
//!
//! What a test chooses comes from a fixed seed; what the crate draws (KIDs, first
//! CTRs) does not.

extern crate alloc;

#[expect(
    dead_code,
    reason = "only tests/wire.rs needs every part of the module"
)]
mod second;

#[path = "second_implementation/codec_form.rs"]
mod codec_form;

use alloc::collections::{BTreeMap, BTreeSet};

use bytes::BytesMut;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, RngExt, SeedableRng};
use roomseal::sframe::{BaseKey, CipherSuite, Header, MlsKid, Receiver, Sender};
use roomseal::{
    AppId, CallId, Error, Form, HEADER_LEN, Kind, Opener, Room, RoomConfig, RoomId, RoomKey,
    RoomSalt, Sealer, max_message_len, max_text_message_len,
};
use second::document::{Case, Document};
use second::{
    Channel, Refusal, from_text, largest_message, largest_text_message, mls_kid, next_base_key,
    next_room_key, number_id, parse_header, room_kid, sealed_length, sframe_open, sframe_seal,
    stream_base_key, text_id, to_text,
};

// From the second implementation's words to the crate's.

fn suite(number: u16) -> CipherSuite {
    CipherSuite::from_id(number).expect("1 to 4")
}

fn kind(number: u8) -> Kind {
    Kind::from_number(number).expect("1 to 3")
}

fn form(number: u8) -> Form {
    Form::from_number(number).expect("0 or 1")
}

fn error(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Malformed => Error::Malformed,
        Refusal::NotSealed => Error::NotSealed,
        Refusal::UnknownKey => Error::UnknownKey,
        Refusal::NotAuthentic => Error::NotAuthentic,
        Refusal::BadText => Error::InvalidText,
        Refusal::BadId => Error::InvalidArgument,
        Refusal::NotOfCodec => Error::CodecMismatch,
        Refusal::TooManyEscapes => Error::TooManyEscapes,
    }
}

/// Calls the constructor that a typed id stands for.
fn typed<T>(
    id: &[u8],
    number: impl FnOnce(u64) -> T,
    text: impl FnOnce(&str) -> roomseal::Result<T>,
) -> T {
    let id = str::from_utf8(id).expect("ids are UTF-8");
    match id.split_at(2) {
        ("n:", digits) => number(digits.parse().expect("64 bits")),
        (_, name) => text(name).expect("1 to 256 bytes"),
    }
}

fn config(channel: &Channel) -> RoomConfig {
    let config = RoomConfig::new(
        typed(&channel.app_id, AppId::number, AppId::text),
        typed(&channel.room_id, RoomId::number, RoomId::text),
    )
    .allow_four_byte_tags()
    .form(kind(channel.kind), form(channel.form))
    .suite(kind(channel.kind), suite(channel.suite));
    match channel.call_id.as_slice() {
        [] => config,
        id => config.call_id(typed(id, CallId::number, CallId::text)),
    }
}

fn install(room: &Room, channel: &Channel) {
    let key = RoomKey::from_bytes(&channel.room_key).expect("16 bytes");
    let salt = RoomSalt::new(&channel.room_salt).expect("up to 64 bytes");
    room.install(channel.epoch, &key, &salt).expect("installs");
    room.activate(channel.epoch).expect("was installed");
}

/// The crate's room for what both ends of a channel know.
fn room(channel: &Channel) -> Room {
    let room = Room::new(config(channel)).expect("good parameters");
    install(&room, channel);
    room
}

fn open(room: &Room, channel: &Channel, metadata: &[u8], frame: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = vec![0xa5; frame.len()];
    let length = room
        .opener()
        .open(kind(channel.kind), frame, metadata, None, &mut out)?;
    out.truncate(length);
    Ok(out)
}

fn seal(sealer: &Sealer, metadata: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let mut out = vec![0; sealer.sealed_len(plaintext.len())];
    let length = sealer.seal(plaintext, metadata, &mut out).expect("seals");
    assert_eq!(length, out.len());
    out
}

// Random rooms and frames.

fn random_bytes(rng: &mut StdRng, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rng.fill_bytes(&mut bytes);
    bytes
}

/// Any magnitude is as likely as any other.
fn random_number(rng: &mut StdRng) -> u64 {
    rng.random::<u64>() >> rng.random_range(0..64)
}

fn random_id(rng: &mut StdRng) -> Vec<u8> {
    if rng.random() {
        return number_id(random_number(rng));
    }
    let letters: Vec<char> = "0123456789abcXYZ-_:/ \u{e9}\u{4f1a}\u{1f3a5}"
        .chars()
        .collect();
    let longest = if rng.random_ratio(1, 20) { 256 } else { 24 };
    let wanted = rng.random_range(1..=longest);
    let mut text = String::new();
    while text.len() < wanted {
        let letter = letters.choose(rng).expect("not empty");
        if text.len() + letter.len_utf8() <= 256 {
            text.push(*letter);
        }
    }
    text_id(&text)
}

fn random_channel(rng: &mut StdRng) -> Channel {
    let salt = *[0, 1, 16, 63, 64].choose(rng).expect("not empty");
    Channel {
        app_id: random_id(rng),
        room_id: random_id(rng),
        call_id: if rng.random() {
            random_id(rng)
        } else {
            Vec::new()
        },
        room_key: rng.random(),
        room_salt: random_bytes(rng, salt),
        // Leaves room for the epochs that follow.
        epoch: random_number(rng).min(u64::MAX - 100),
        kind: rng.random_range(1..=3),
        form: 0,
        suite: rng.random_range(1..=4),
    }
}

/// The three kinds of one room, each with a suite of its own.
fn random_room(rng: &mut StdRng) -> [Channel; 3] {
    let common = random_channel(rng);
    [1, 2, 3].map(|kind| Channel {
        kind,
        suite: rng.random_range(1..=4),
        ..common.clone()
    })
}

fn random_plaintext(rng: &mut StdRng) -> Vec<u8> {
    let length = match rng.random_range(0..100) {
        0..8 => 0,
        8..50 => rng.random_range(1..=320),
        50..98 => rng.random_range(0..=4_096),
        98 => rng.random_range(4_096..=20_000),
        _ => rng.random_range(20_000..=70_000),
    };
    random_bytes(rng, length)
}

fn random_metadata(rng: &mut StdRng) -> Vec<u8> {
    let length = match rng.random_range(0..4) {
        0 | 1 => 0,
        2 => rng.random_range(1..=64),
        _ => rng.random_range(1..=600),
    };
    random_bytes(rng, length)
}

/// What a run of frames went through, so that nothing is left out unseen.
#[derive(Default)]
struct Seen {
    frames: usize,
    suites_and_kinds: BTreeMap<(u16, u8), usize>,
    id_forms: BTreeSet<(bool, bool, Option<bool>)>,
    salts: BTreeSet<usize>,
    with_metadata: usize,
    empty: usize,
    large: usize,
    calls: BTreeMap<&'static str, usize>,
}

impl Seen {
    fn frame(&mut self, channel: &Channel, call: &'static str, metadata: &[u8], plain: &[u8]) {
        let number = |id: &[u8]| id.starts_with(b"n:");
        let call_id = Some(&channel.call_id).filter(|id| !id.is_empty());
        self.frames += 1;
        *self
            .suites_and_kinds
            .entry((channel.suite, channel.kind))
            .or_default() += 1;
        self.id_forms.insert((
            number(&channel.app_id),
            number(&channel.room_id),
            call_id.map(|id| number(id)),
        ));
        self.salts.insert(channel.room_salt.len());
        self.with_metadata += usize::from(!metadata.is_empty());
        self.empty += usize::from(plain.is_empty());
        self.large += usize::from(plain.len() > 20_000);
        *self.calls.entry(call).or_default() += 1;
    }

    fn assert_everything(&self, frames: usize) {
        assert_eq!(self.frames, frames);
        assert_eq!(self.suites_and_kinds.len(), 4 * 3);
        assert!(self.suites_and_kinds.values().all(|n| *n > frames / 24));
        assert_eq!(
            self.id_forms.len(),
            2 * 2 * 3,
            "number and text, call id or none"
        );
        assert_eq!(self.salts, BTreeSet::from([0, 1, 16, 63, 64]));
        assert!(self.with_metadata > frames / 3);
        assert!(self.empty > frames / 20);
        assert!(self.large > frames / 200);
        assert_eq!(self.calls.len(), 4, "{:?}", self.calls);
        assert!(
            self.calls.values().all(|n| *n > frames / 20),
            "{:?}",
            self.calls
        );
    }
}

const ROOMS: usize = 500;
const EPOCHS_A_ROOM: usize = 4;
const FRAMES_AN_EPOCH: usize = 50;
const FRAMES: usize = ROOMS * EPOCHS_A_ROOM * FRAMES_AN_EPOCH;

/// Moves all kinds of a room to a later epoch, half of the time by the ratchet.
fn next_epoch(rng: &mut StdRng, channels: &mut [Channel; 3], room: &Room) {
    let [
        Channel {
            epoch, room_key, ..
        },
        ..,
    ] = channels[..]
    else {
        unreachable!("there are three kinds");
    };
    let ratchets = rng.random();
    let (next, key) = if ratchets {
        (epoch + 1, next_room_key(&room_key, epoch))
    } else {
        (epoch + rng.random_range(1..=20), rng.random())
    };
    for channel in &mut *channels {
        channel.epoch = next;
        channel.room_key = key;
    }
    if ratchets {
        assert_eq!(room.ratchet(epoch), Ok(next));
        room.activate(next).expect("was installed");
    } else {
        // The place of a lower epoch may be taken: the active one would stand in the way.
        if (next - epoch) % 16 == 0 {
            room.retire(epoch).expect("is installed");
        }
        install(room, &channels[0]);
    }
}

/// Seals by one of the crate's four calls.
fn seal_somehow(
    rng: &mut StdRng,
    sealer: &Sealer,
    metadata: &[u8],
    plaintext: &[u8],
) -> (&'static str, Vec<u8>) {
    let calls = if sealer.kind() == Kind::Message { 4 } else { 3 };
    match rng.random_range(0..calls) {
        0 => ("apart", seal(sealer, metadata, plaintext)),
        1 => {
            let before = rng.random_range(HEADER_LEN..40);
            let payload = before..before + plaintext.len();
            let mut buffer = vec![0; payload.end + sealer.tag_len() + rng.random_range(0..40)];
            buffer[payload.clone()].copy_from_slice(plaintext);
            let place = sealer.seal_in_place(metadata, &mut buffer, payload);
            ("in place", buffer[place.expect("seals")].to_vec())
        }
        2 => {
            let mut buffer: BytesMut = sealer.frame_buffer(plaintext.len());
            buffer.extend_from_slice(plaintext);
            let sealed = sealer.seal_bytes(metadata, &mut buffer).expect("seals");
            ("bytes", sealed.to_vec())
        }
        _ => {
            let text = sealer.seal_text(plaintext, metadata).expect("seals");
            ("text", from_text(&text).expect("base64url"))
        }
    }
}

#[test]
fn frames_of_the_crate_open_in_the_second_implementation() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut seen = Seen::default();
    for _ in 0..ROOMS {
        let mut channels = random_room(&mut rng);
        let configured = channels[1..]
            .iter()
            .fold(config(&channels[0]), |config, channel| {
                config.suite(kind(channel.kind), suite(channel.suite))
            });
        let room = Room::new(configured).expect("good parameters");
        install(&room, &channels[0]);
        let sealers: Vec<Sealer> = [1, 2, 3, 3, 2, 1]
            .map(|number| room.sealer(kind(number)).expect("the generator works"))
            .into();
        // Of each sealer: its random bits and, in this epoch, its next CTR.
        let mut streams = vec![(None, None); sealers.len()];
        for _ in 0..EPOCHS_A_ROOM {
            for _ in 0..FRAMES_AN_EPOCH {
                let which = rng.random_range(0..sealers.len());
                let sealer = &sealers[which];
                let channel = &channels[usize::from(sealer.kind().number()) - 1];
                let metadata = random_metadata(&mut rng);
                let plaintext = random_plaintext(&mut rng);
                let (call, frame) = seal_somehow(&mut rng, sealer, &metadata, &plaintext);
                assert_eq!(channel.open(&metadata, &frame).as_ref(), Ok(&plaintext));

                // Section 3.3: KID, CTR, and a length that can be known before.
                let (kid, ctr, header_length) = parse_header(&frame).expect("a header");
                assert_eq!((frame[0], header_length), (0xfa, 12));
                assert_eq!(frame.len(), sealed_length(plaintext.len(), channel.suite));
                let random_bits = kid << 1 >> 5;
                assert_eq!(kid, room_kid(random_bits, channel.epoch));
                let (bits, next_ctr) = &mut streams[which];
                assert_eq!(*bits.get_or_insert(random_bits), random_bits);
                match *next_ctr {
                    None => assert!((1 << 16..1 << 23).contains(&ctr)),
                    Some(next) => assert_eq!(ctr, next),
                }
                *next_ctr = Some(ctr + 1);
                seen.frame(channel, call, &metadata, &plaintext);
            }
            next_epoch(&mut rng, &mut channels, &room);
            streams
                .iter_mut()
                .for_each(|(_, next_ctr)| *next_ctr = None);
        }
        let bits: BTreeSet<_> = streams.iter().filter_map(|(bits, _)| *bits).collect();
        let used = streams.iter().filter(|(bits, _)| bits.is_some()).count();
        assert_eq!(bits.len(), used, "each sealer draws its own bits");
    }
    seen.assert_everything(FRAMES);
}

/// Section 6: no pair of random bits and epoch comes back with another counter.
#[test]
fn random_bits_stay_on_the_way_up_only() {
    let mut rng = StdRng::seed_from_u64(8);
    let first = Channel {
        epoch: 40,
        ..random_channel(&mut rng)
    };
    let room = room(&first);
    let sealer = room.sealer(kind(first.kind)).expect("the generator works");
    let mut drawn = BTreeSet::new();
    let mut current = None;
    // Each epoch to seal in, and whether the sealer may keep its bits there.
    let moves = [
        (40, false),
        (41, true),
        (45, true),
        (41, false),
        (45, false),
        (46, true),
    ];
    for (epoch, keeps) in moves
        .into_iter()
        .chain([(40, false), (47, true), (47, true)])
    {
        let channel = Channel {
            epoch,
            ..first.clone()
        };
        install(&room, &channel);
        let frame = seal(&sealer, &[], b"frame");
        assert_eq!(channel.open(&[], &frame), Ok(b"frame".into()));
        let bits = parse_header(&frame).expect("a header").0 << 1 >> 5;
        assert_eq!(current == Some(bits), keeps, "epoch {epoch}");
        assert_eq!(drawn.insert(bits), !keeps, "epoch {epoch}");
        current = Some(bits);
    }
}

/// Opens by one of the crate's four calls.
fn open_somehow(
    rng: &mut StdRng,
    opener: &Opener,
    channel: &Channel,
    source: Option<&[u8]>,
    metadata: &[u8],
    frame: &[u8],
) -> (&'static str, Result<Vec<u8>, Error>) {
    let kind = kind(channel.kind);
    let calls = if kind == Kind::Message { 4 } else { 3 };
    match rng.random_range(0..calls) {
        0 => {
            let mut out = vec![0; frame.len()];
            let length = opener.open(kind, frame, metadata, source, &mut out);
            ("apart", length.map(|length| out[..length].to_vec()))
        }
        1 => {
            let mut frame = frame.to_vec();
            let place = opener.open_in_place(kind, metadata, source, &mut frame);
            ("in place", place.map(|place| frame[place].to_vec()))
        }
        2 => {
            let mut frame = BytesMut::from(frame);
            let opened = opener.open_bytes(kind, metadata, source, &mut frame);
            ("bytes", opened.map(|bytes| bytes.to_vec()))
        }
        _ => ("text", opener.open_text(&to_text(frame), metadata, source)),
    }
}

#[test]
fn frames_of_the_second_implementation_open_in_the_crate() {
    let mut rng = StdRng::seed_from_u64(2);
    let mut seen = Seen::default();
    let mut header_lengths = BTreeSet::new();
    for _ in 0..ROOMS {
        let mut channels = random_room(&mut rng);
        let configured = channels[1..]
            .iter()
            .fold(config(&channels[0]), |config, channel| {
                config.suite(kind(channel.kind), suite(channel.suite))
            });
        let room = Room::new(configured).expect("good parameters");
        install(&room, &channels[0]);
        let opener = room.opener();
        let streams: [u64; 6] = rng.random();
        for _ in 0..EPOCHS_A_ROOM {
            // Receivers take CTRs of every length, whatever senders do.
            let mut next_ctrs = [(); 6].map(|()| random_number(&mut rng).min(u64::MAX - 1_000));
            let mut frames = Vec::new();
            for _ in 0..FRAMES_AN_EPOCH {
                let which = rng.random_range(0..streams.len());
                let channel = &channels[which % 3];
                let ctr = next_ctrs[which];
                next_ctrs[which] += rng.random_range(1..=4);
                let kid = room_kid(streams[which] >> 5, channel.epoch);
                let metadata = random_metadata(&mut rng);
                let plaintext = random_plaintext(&mut rng);
                let frame = channel.seal(kid, ctr, &metadata, &plaintext);
                frames.push((which, metadata, plaintext, frame));
            }
            // In any order: the window is wider than an epoch's CTRs here.
            frames.shuffle(&mut rng);
            for (which, metadata, plaintext, frame) in frames {
                let channel = &channels[which % 3];
                let name = [b'a'; 6][..=which].to_vec();
                let source = rng.random::<bool>().then_some(name.as_slice());
                let (call, opened) =
                    open_somehow(&mut rng, &opener, channel, source, &metadata, &frame);
                assert_eq!(opened.as_ref(), Ok(&plaintext));
                let again = open_somehow(&mut rng, &opener, channel, source, &metadata, &frame);
                assert_eq!(again.1, Err(Error::Replay));
                let (_, _, header_length) = parse_header(&frame).expect("a header");
                header_lengths.insert(header_length);
                seen.frame(channel, call, &metadata, &plaintext);
            }
            next_epoch(&mut rng, &mut channels, &room);
        }
        let opened: u64 = Kind::ALL
            .map(|kind| room.counters(kind).opened)
            .iter()
            .sum();
        assert_eq!(opened, (EPOCHS_A_ROOM * FRAMES_AN_EPOCH) as u64);
    }
    seen.assert_everything(FRAMES);
    assert_eq!(header_lengths, (9..=17).collect());
}

/// One change of what an end believes, and how its frames are refused then.
fn differences(rng: &mut StdRng, channel: &Channel) -> Vec<(&'static str, Channel, Refusal)> {
    let mut all = Vec::new();
    let mut add = |what, refusal, change: &dyn Fn(&mut Channel)| {
        let mut changed = channel.clone();
        change(&mut changed);
        assert_ne!(&changed, channel, "{what}");
        all.push((what, changed, refusal));
    };
    let other_id = loop {
        let id = random_id(rng);
        if ![&channel.app_id, &channel.room_id, &channel.call_id].contains(&&id) {
            break id;
        }
    };
    let retyped = |id: &[u8]| match id.split_at(2) {
        (b"n:", digits) => [b"s:", digits].concat(),
        (_, _) => number_id(0),
    };
    let byte = rng.random_range(0..16);
    let bit = 1 << rng.random_range(0..8);
    let denied = Refusal::NotAuthentic;
    add("app id", denied, &|c| c.app_id.clone_from(&other_id));
    add("type of the app id", denied, &|c| {
        c.app_id = retyped(&c.app_id);
    });
    add("room id", denied, &|c| c.room_id.clone_from(&other_id));
    add("type of the room id", denied, &|c| {
        c.room_id = retyped(&c.room_id);
    });
    add("call id", denied, &|c| c.call_id.clone_from(&other_id));
    if !channel.call_id.is_empty() {
        add("no call id", denied, &|c| c.call_id.clear());
        add("type of the call id", denied, &|c| {
            c.call_id = retyped(&c.call_id);
        });
    }
    if channel.app_id != channel.room_id {
        add("app and room swapped", denied, &|c| {
            core::mem::swap(&mut c.app_id, &mut c.room_id);
        });
    }
    add("room key", denied, &|c| c.room_key[byte] ^= bit);
    if channel.room_salt.len() < 64 {
        add("longer salt", denied, &|c| c.room_salt.push(0));
    }
    if !channel.room_salt.is_empty() {
        add("no salt", denied, &|c| c.room_salt.clear());
        add("salt", denied, &|c| c.room_salt[0] ^= bit);
    }
    add("next epoch", Refusal::UnknownKey, &|c| c.epoch += 1);
    add("epoch 16 later", denied, &|c| c.epoch += 16);
    add("kind", denied, &|c| c.kind = c.kind % 3 + 1);
    add("other kind", denied, &|c| c.kind = (c.kind + 1) % 3 + 1);
    add("form", denied, &|c| c.form = 1);
    for step in 0..3 {
        add("suite", denied, &|c| c.suite = (c.suite + step) % 4 + 1);
    }
    all
}

#[test]
fn every_single_difference_is_refused_by_both() {
    let mut rng = StdRng::seed_from_u64(3);
    let mut tried = BTreeMap::new();
    for round in 0..600_u16 {
        let channel = Channel {
            suite: round % 4 + 1,
            kind: u8::try_from(round % 3 + 1).expect("small"),
            ..random_channel(&mut rng)
        };
        let room = room(&channel);
        let sealer = room
            .sealer(kind(channel.kind))
            .expect("the generator works");
        let metadata = random_metadata(&mut rng);
        let length = rng.random_range(32..200);
        let plaintext = random_bytes(&mut rng, length);
        let ours = seal(&sealer, &metadata, &plaintext);
        assert_eq!(channel.open(&metadata, &ours).as_ref(), Ok(&plaintext));
        // The bit after the top one set, so that the KID without its top bit is minimal.
        let kid = room_kid(rng.random::<u64>() >> 5 | 1 << 58, channel.epoch);

        for (what, changed, refusal) in differences(&mut rng, &channel) {
            let refused = changed.open(&metadata, &ours);
            assert_eq!(refused, Err(refusal), "{what}: {channel:?}");
            let kid = room_kid(rng.random::<u64>() >> 5, changed.epoch);
            let theirs = changed.seal(kid, 70_000, &metadata, &plaintext);
            // The crate is told the kind that it believes in.
            let refused = open(&room, &channel, &metadata, &theirs);
            assert_eq!(refused, Err(error(refusal)), "{what}: {channel:?}");
            *tried.entry(what).or_insert(0) += 1;
        }

        let theirs = channel.seal(kid, 70_000, &metadata, &plaintext);
        let mut longer = metadata.clone();
        longer.push(0);
        let shorter = metadata.split_last().map(|(_, rest)| rest.to_vec());
        for wrong in [Some(longer), shorter].into_iter().flatten() {
            assert_eq!(channel.open(&wrong, &ours), Err(Refusal::NotAuthentic));
            let refused = open(&room, &channel, &wrong, &theirs);
            assert_eq!(refused, Err(Error::NotAuthentic));
            *tried.entry("metadata").or_insert(0) += 1;
        }
        for bit in 0..64 {
            let mut other = theirs.clone();
            other[1 + 7 - bit / 8] ^= 1 << (bit % 8);
            assert_eq!(parse_header(&other).map(|h| h.0), Ok(kid ^ (1 << bit)));
            let refusal = match bit {
                0..4 => Refusal::UnknownKey,
                63 => Refusal::NotSealed,
                _ => Refusal::NotAuthentic,
            };
            assert_eq!(channel.open(&metadata, &other), Err(refusal), "bit {bit}");
            let refused = open(&room, &channel, &metadata, &other);
            assert_eq!(refused, Err(error(refusal)), "bit {bit}");
            *tried.entry("kid").or_insert(0) += 1;
        }
        // None of all that harmed the frame itself.
        let opened = open(&room, &channel, &metadata, &theirs);
        assert_eq!(opened.as_ref(), Ok(&plaintext));
    }
    assert_eq!(tried.len(), 20, "{tried:?}");
    assert!(tried.values().all(|n| *n >= 100), "{tried:?}");
}

#[test]
fn shifted_boundaries_give_different_keys() {
    let base = Channel {
        app_id: text_id("x"),
        room_id: text_id("x"),
        call_id: Vec::new(),
        room_key: [7; 16],
        room_salt: Vec::new(),
        epoch: 5,
        kind: 2,
        form: 0,
        suite: 4,
    };
    let ids = |app: &str, room: &str, call: &str| Channel {
        app_id: text_id(app),
        room_id: text_id(room),
        call_id: if call.is_empty() {
            Vec::new()
        } else {
            text_id(call)
        },
        ..base.clone()
    };
    let channels = [
        ids("ab", "c", ""),
        ids("a", "bc", ""),
        ids("abc", "c", ""),
        ids("a", "b", "c"),
        ids("a", "bs:c", ""),
        ids("as:b", "c", ""),
        ids("ab", "c", "d"),
        ids("ab", "cd", ""),
        ids("a", "bc", "d"),
        ids("a", "b", "cd"),
        Channel {
            app_id: number_id(1),
            room_id: number_id(23),
            ..base.clone()
        },
        Channel {
            app_id: number_id(12),
            room_id: number_id(3),
            ..base.clone()
        },
        Channel {
            app_id: text_id("1"),
            room_id: text_id("23"),
            ..base.clone()
        },
        Channel {
            room_id: number_id(123),
            ..base.clone()
        },
        Channel {
            room_id: text_id("123"),
            ..base.clone()
        },
        Channel {
            room_id: text_id("n:123"),
            ..base.clone()
        },
        // A salt that ends like the length and the start of the id behind it.
        Channel {
            room_salt: b"s:x".to_vec(),
            ..base.clone()
        },
        Channel {
            room_salt: b"\0\x03s:x".to_vec(),
            ..base.clone()
        },
        Channel {
            call_id: text_id("x"),
            ..base
        },
    ];
    let rooms: Vec<Room> = channels.iter().map(room).collect();
    let kid = room_kid(0x0123_4567_89ab_cdef, 5);
    let keys: BTreeSet<_> = channels
        .iter()
        .map(|channel| channel.base_key(kid))
        .collect();
    assert_eq!(keys.len(), channels.len());
    for (sent, (from, sender)) in channels.iter().zip(&rooms).enumerate() {
        let sealer = sender.sealer(Kind::Video).expect("the generator works");
        let ours = seal(&sealer, &[], b"frame");
        let theirs = from.seal(kid, 70_000 + sent as u64, &[], b"frame");
        for (opened, (to, receiver)) in channels.iter().zip(&rooms).enumerate() {
            let (second, crates) = (to.open(&[], &ours), open(receiver, to, &[], &theirs));
            if sent == opened {
                assert_eq!((second, crates), (Ok(b"frame".into()), Ok(b"frame".into())));
            } else {
                assert_eq!(second, Err(Refusal::NotAuthentic), "{from:?} {to:?}");
                assert_eq!(crates, Err(Error::NotAuthentic), "{from:?} {to:?}");
            }
        }
    }
}

/// Both take or refuse the same bytes, and say the same reason.
#[test]
fn both_judge_damaged_frames_and_rubbish_alike() {
    let mut rng = StdRng::seed_from_u64(4);
    let mut reasons = BTreeMap::new();
    for round in 0..40_u16 {
        let channel = Channel {
            suite: round % 4 + 1,
            ..random_channel(&mut rng)
        };
        // More unknown KIDs than one room tries at once, and more forgeries than
        // 4-byte tags allow: a room for every part.
        let mut judge = |room: &Room, frame: &[u8]| {
            let crates = open(room, &channel, b"meta", frame);
            let second = channel.open(b"meta", frame).map_err(error);
            assert_eq!(crates, second, "{frame:02x?}");
            let reason = second.err().map_or("OPENED", Error::name);
            *reasons.entry(reason).or_insert(0) += 1;
        };
        let kid = room_kid(rng.random::<u64>() >> 5, channel.epoch);
        let ctr = random_number(&mut rng);
        let length = rng.random_range(0..40);
        let frame = channel.seal(kid, ctr, b"meta", &random_bytes(&mut rng, length));
        let tried = room(&channel);
        for bit in 0..frame.len() * 8 {
            let mut damaged = frame.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            judge(&tried, &damaged);
        }
        for length in 0..frame.len() {
            judge(&tried, &frame[..length]);
            judge(&tried, &frame[length..][1..]);
        }
        for place in 0..=frame.len() {
            let (before, after) = frame.split_at(place);
            judge(&tried, &[before, &[0], after].concat());
        }
        judge(&tried, &frame);
        let tried = room(&channel);
        for _ in 0..2_000 {
            let length = rng.random_range(0..48);
            let mut rubbish = random_bytes(&mut rng, length);
            // Half of it looks more like a room's frame than chance allows.
            if let [config, ..] = rubbish.as_mut_slice()
                && rng.random()
            {
                *config |= 0xf0;
            }
            judge(&tried, &rubbish);
        }
    }
    let expected = [
        "MALFORMED",
        "NOT_AUTHENTIC",
        "NOT_SEALED",
        "OPENED",
        "UNKNOWN_KEY",
    ];
    assert!(reasons.keys().eq(&expected), "{reasons:?}");
    assert!(reasons.values().all(|n| *n >= 40), "{reasons:?}");
}

#[test]
fn plain_sframe_agrees_both_ways() {
    let mut rng = StdRng::seed_from_u64(5);
    for round in 0..20_000_u16 {
        let number = round % 4 + 1;
        let (kid, ctr) = (random_number(&mut rng), random_number(&mut rng));
        let length = rng.random_range(1..=64);
        let mut key_bytes = random_bytes(&mut rng, length);
        let mut key = BaseKey::new(&key_bytes).expect("1 to 1,024 bytes");
        match round % 3 {
            0 => {}
            1 => {
                key_bytes = next_base_key(&key_bytes);
                key = key.ratchet();
            }
            _ => {
                let ssrc = rng.random();
                key_bytes = stream_base_key(&key_bytes, ssrc);
                key = key.for_ssrc(ssrc);
            }
        }
        let metadata = random_metadata(&mut rng);
        let length = rng.random_range(0..100);
        let plaintext = random_bytes(&mut rng, length);
        let frame = sframe_seal(&key_bytes, number, kid, ctr, &metadata, &plaintext);

        let mut sender = Sender::new(suite(number), kid, &key).expect("derives");
        sender.skip_to(ctr).expect("forward");
        let mut out = vec![0; sender.sealed_len(plaintext.len()).expect("short")];
        let length = sender.seal(&plaintext, &metadata, &mut out).expect("seals");
        assert_eq!(out[..length], frame);

        let receiver = Receiver::new(suite(number));
        receiver.add(kid, &key).expect("new");
        let mut out = vec![0; frame.len()];
        let length = receiver.open(&frame, &metadata, &mut out).expect("opens");
        assert_eq!(out[..length], plaintext);
        let opened = sframe_open(|_| Ok(key_bytes), number, &metadata, &frame);
        assert_eq!(opened, Ok(plaintext));
    }
}

#[test]
fn mls_kids_agree() {
    let mut rng = StdRng::seed_from_u64(6);
    for _ in 0..10_000 {
        let epoch_bits = rng.random_range(1..=16);
        let group = random_number(&mut rng).clamp(1, 1 << 32);
        let sender_bits = group.next_power_of_two().ilog2();
        let layout = MlsKid::new(epoch_bits, group).expect("in range");
        let (sender, epoch) = (rng.random_range(0..group), random_number(&mut rng));
        let context = random_number(&mut rng) >> (epoch_bits + sender_bits);
        assert_eq!(
            layout.kid(context, sender, epoch),
            Ok(mls_kid(epoch_bits, sender_bits, context, sender, epoch)),
        );
    }
}

#[test]
fn message_limits_and_next_keys_agree() {
    let mut rng = StdRng::seed_from_u64(7);
    for number in 1..=4 {
        for limit in 0..3_000 {
            let (bytes, text) = (
                largest_message(limit, number),
                largest_text_message(limit, number),
            );
            assert_eq!(max_message_len(suite(number), limit), bytes);
            assert_eq!(max_text_message_len(suite(number), limit), text);
        }
    }
    for _ in 0..1_000 {
        let key: [u8; 16] = rng.random();
        let epoch = random_number(&mut rng).min(u64::MAX - 1);
        let ours = RoomKey::from_bytes(&key).expect("16 bytes").ratchet(epoch);
        assert_eq!(
            ours.expect("not the last").expose(),
            &next_room_key(&key, epoch)
        );
    }
}

// The crate against the page itself.

#[test]
fn the_crate_agrees_with_every_case_of_wire_md() {
    let page = Document::read();
    let mut checked = BTreeMap::new();
    for case in &page.cases {
        if check_crate(&page, case) {
            *checked.entry(case.what.as_str()).or_insert(0) += 1;
        }
    }
    for what in [
        "header",
        "refused header",
        "refused",
        "frame",
        "plain",
        "refused text",
        "codec error",
        "codec frame",
        "codec refused",
        "codec transport",
    ] {
        assert_eq!(checked.get(what), Some(&page.all(what).count()), "{what}");
    }
    let more = [
        "next_room_key",
        "next_base_key",
        "stream_base_key",
        "mls_kid",
        "largest",
    ];
    for what in more {
        assert_eq!(checked.get(what), Some(&page.all(what).count()), "{what}");
    }
    // An id that isn't typed can't be passed to the crate at all; the two wrong
    // lengths can.
    assert_eq!(checked.get("refused id"), Some(&2));
    assert_eq!(checked.get("id"), Some(&page.all("id").count()));
}

/// Whether the case says something that the crate's public calls can show.
fn check_crate(page: &Document, case: &Case) -> bool {
    let number = |field| case.number(field);
    match case.what.as_str() {
        "header" => {
            let header = Header::new(number("kid"), number("ctr"));
            let mut out = [0; 17];
            let length = header.encode(&mut out).expect("17 bytes do");
            assert_eq!(out[..length], case.bytes("header"), "{case}");
            assert_eq!(
                Header::parse(&out[..length]),
                Ok((header, length)),
                "{case}"
            );
        }
        "refused header" => {
            let parsed = Header::parse(&case.bytes("header"));
            assert_eq!(parsed, Err(Error::Malformed), "{case}");
        }
        "frame" => {
            let (channel, metadata) = (page.channel(case), case.bytes("metadata"));
            let frame = case.bytes("frame");
            let opened = open(&room(&channel), &channel, &metadata, &frame);
            assert_eq!(opened, Ok(case.bytes("plaintext")), "{case}");
            if let Some(text) = case.text("text") {
                let opened = room(&channel).opener().open_text(text, &metadata, None);
                assert_eq!(opened, Ok(case.bytes("plaintext")), "{case}");
            }
        }
        "refused" => check_crate_refuses(page, case),
        "plain" => {
            let (suite, kid) = (suite(case.suite()), number("kid"));
            let (metadata, plaintext) = (case.bytes("metadata"), case.bytes("plaintext"));
            let key = BaseKey::new(&case.bytes("base_key")).expect("not empty");
            let mut sender = Sender::new(suite, kid, &key).expect("derives");
            sender.skip_to(number("ctr")).expect("forward");
            let mut out = [0; 100];
            let length = sender.seal(&plaintext, &metadata, &mut out).expect("seals");
            assert_eq!(out[..length], case.bytes("frame"), "{case}");
        }
        "refused text" => {
            let channel = page.channel(page.named("frame", "message of 5 bytes"));
            let text = case.text("text").expect("a text");
            let opened = room(&channel).opener().open_text(text, &[], None);
            assert_eq!(opened, Err(Error::InvalidText), "{case}");
        }
        "next_room_key" => {
            let key = RoomKey::from_bytes(&case.bytes("room_key")).expect("16 bytes");
            let next = key.ratchet(number("epoch")).expect("not the last");
            assert_eq!(next.expose(), &case.array("next"), "{case}");
        }
        // Base keys don't leave the crate, but what they seal does.
        "next_base_key" | "stream_base_key" => {
            let key = BaseKey::new(&case.bytes("base_key")).expect("not empty");
            let next = match case.what.as_str() {
                "next_base_key" => key.ratchet(),
                _ => key.for_ssrc(u32::try_from(number("ssrc")).expect("32 bits")),
            };
            let sender = Sender::new(suite(4), 9, &next).expect("derives");
            let mut out = [0; 100];
            let length = sender.seal(b"frame", &[], &mut out).expect("seals");
            let expected = sframe_seal(&case.bytes("next"), 4, 9, 0, &[], b"frame");
            assert_eq!(out[..length], expected, "{case}");
        }
        "mls_kid" => {
            let epoch_bits = u32::try_from(number("E")).expect("few bits");
            let layout = MlsKid::new(epoch_bits, 1 << number("S")).expect("in range");
            let kid = layout.kid(number("context"), number("sender"), number("epoch"));
            assert_eq!(kid, Ok(number("kid")), "{case}");
        }
        "largest" => {
            let limit = usize::try_from(number("limit")).expect("fits");
            let suite = suite(case.suite());
            let print = |largest: Option<usize>| largest.map_or("none".into(), |l| l.to_string());
            let bytes = print(max_message_len(suite, limit));
            let text = print(max_text_message_len(suite, limit));
            assert_eq!(case.text("bytes"), Some(bytes.as_str()), "{case}");
            assert_eq!(case.text("text"), Some(text.as_str()), "{case}");
        }
        "id" => {
            // Ids show in the keys only: a frame sealed for the id's bytes opens.
            let channel = Channel {
                room_id: case.bytes("id"),
                ..page.channel(page.named("frame", "suite 4"))
            };
            let id = match case.text("text") {
                Some(text) => RoomId::text(text).expect("1 to 256 bytes"),
                None => RoomId::number(number("number")),
            };
            let app = typed(&channel.app_id, AppId::number, AppId::text);
            let call = typed(&channel.call_id, CallId::number, CallId::text);
            let room = Room::new(RoomConfig::new(app, id).call_id(call)).expect("good parameters");
            install(&room, &channel);
            let frame = channel.seal(room_kid(1, channel.epoch), 70_000, &[], b"frame");
            assert_eq!(
                open(&room, &channel, &[], &frame),
                Ok(b"frame".into()),
                "{case}"
            );
        }
        "refused id" => {
            let id = case.bytes("id");
            let Some(text) = id.strip_prefix(b"s:").and_then(|t| str::from_utf8(t).ok()) else {
                return false;
            };
            assert_eq!(AppId::text(text), Err(Error::InvalidArgument), "{case}");
            assert_eq!(RoomId::text(text), Err(Error::InvalidArgument), "{case}");
            assert_eq!(CallId::text(text), Err(Error::InvalidArgument), "{case}");
        }
        _ => return codec_form::check_crate(page, case),
    }
    true
}

fn check_crate_refuses(page: &Document, case: &Case) {
    let why = match case.text("why") {
        Some("malformed") => Error::Malformed,
        Some("not sealed") => Error::NotSealed,
        Some("unknown key") => Error::UnknownKey,
        Some("not authentic") => Error::NotAuthentic,
        other => panic!("{case}: {other:?}"),
    };
    let (mut channel, metadata) = (page.channel(case), page.bytes(case, "metadata"));
    let mut frame = page.bytes(case, "frame");
    if channel.form == 1 {
        // In the crate the form decides the layout as well: so the frame is under
        // the key of the other form instead.
        let original = page.named("frame", case.text("of").expect("an original"));
        let (kid, ctr) = (original.number("kid"), original.number("ctr"));
        frame = channel.seal(kid, ctr, &metadata, &original.bytes("plaintext"));
        channel.form = 0;
    }
    let opened = open(&room(&channel), &channel, &metadata, &frame);
    assert_eq!(opened, Err(why), "{case}");
}
