//! Frames of the codec form: whatever is sealed opens to the same frame, whatever
//! was not sealed never opens, and nothing panics.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use roomseal::sframe::CipherSuite;
use roomseal::{
    AppId, Codec, Error, Form, Kind, Room, RoomConfig, RoomId, RoomKey, RoomSalt, peek_codec,
};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    short_tags: bool,
    codec: u8,
    frame: &'a [u8],
    metadata: &'a [u8],
    /// Changes to the sealed frame: where, and what to.
    changes: Vec<(u16, Change<'a>)>,
}

#[derive(Arbitrary, Debug)]
enum Change<'a> {
    Flip(u8),
    Remove,
    Insert(&'a [u8]),
    StartCode,
    Zero,
}

impl Change<'_> {
    fn apply(&self, at: u16, frame: &mut Vec<u8>) {
        let at = usize::from(at) % (frame.len() + 1);
        match self {
            Self::Flip(bit) if at < frame.len() => frame[at] ^= 1 << (bit % 8),
            Self::Remove if at < frame.len() => drop(frame.remove(at)),
            Self::Insert(bytes) => drop(frame.splice(at..at, bytes.iter().copied())),
            Self::StartCode => drop(frame.splice(at..at, [0, 0, 1])),
            Self::Zero => frame.insert(at, 0),
            Self::Flip(_) | Self::Remove => {}
        }
    }
}

fn room(short_tags: bool) -> Room {
    let suite = match short_tags {
        true => CipherSuite::Aes128CtrHmacSha256_64,
        false => CipherSuite::Aes128GcmSha256_128,
    };
    let config = RoomConfig::new(AppId::number(1), RoomId::number(2))
        .form(Kind::Video, Form::Codec)
        .suite(Kind::Video, suite);
    let room = Room::new(config).expect("a room");
    let key = RoomKey::from_bytes(&[7; 16]).expect("16 bytes");
    room.install(1, &key, &RoomSalt::none()).expect("new");
    room.activate(1).expect("installed");
    room
}

fuzz_target!(|input: Input<'_>| {
    let (alice, bob) = (room(input.short_tags), room(input.short_tags));
    let sealer = alice.sealer(Kind::Video).expect("a sealer");
    let opener = bob.opener();
    let codec = Codec::ALL[usize::from(input.codec) % Codec::ALL.len()];
    let open = |frame: &[u8]| {
        let mut out = vec![0xEE; frame.len()];
        let opened = opener.open(Kind::Video, frame, input.metadata, None, &mut out);
        match opened {
            Ok(len) => out.truncate(len),
            Err(Error::NotAuthentic) => assert!(out.iter().all(|byte| *byte == 0)),
            Err(_) => assert!(out.iter().all(|byte| *byte == 0xEE)),
        }
        opened.map(|_| out)
    };

    // Nobody sealed it.
    assert!(open(input.frame).is_err(), "opened");
    let mut in_place = input.frame.to_vec();
    let opened = opener.open_in_place(Kind::Video, input.metadata, None, &mut in_place);
    assert!(opened.is_err(), "opened");
    let _ = Codec::detect_annex_b(input.frame);

    let mut sealed = vec![0xEE; sealer.max_sealed_codec_len(codec, input.frame.len())];
    let len = match sealer.seal_codec(codec, input.frame, input.metadata, &mut sealed) {
        Ok(len) => len,
        Err(error) => {
            assert_eq!(error, Error::CodecMismatch);
            assert!(sealed.iter().all(|byte| *byte == 0xEE));
            return;
        }
    };
    sealed.truncate(len);
    assert_eq!(peek_codec(&sealed).map(|(_, codec)| codec), Ok(codec));
    let opened = open(&sealed).expect("what was sealed opens");
    if codec != Codec::Av1 {
        assert_eq!(opened, input.frame);
    }
    assert_eq!(open(&sealed), Err(Error::Replay));

    // Changed on the way: refused, or the same units.
    let again = sealer
        .seal_codec(codec, input.frame, input.metadata, {
            sealed.resize(sealer.max_sealed_codec_len(codec, input.frame.len()), 0);
            &mut sealed
        })
        .expect("once more");
    sealed.truncate(again);
    for (at, change) in &input.changes {
        change.apply(*at, &mut sealed);
    }
    if let Ok(other) = open(&sealed) {
        if codec.is_in_place() {
            assert_eq!(other, input.frame);
        } else {
            // Zero bytes between units and sizes apart: what comes out is what
            // was sealed, so it seals and opens once more.
            assert!(other.len() <= sealed.len());
        }
    }
});
