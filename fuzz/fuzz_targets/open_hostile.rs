//! A hostile wire: nothing opens that was not sealed, in the same place, with
//! the same metadata, and once; and refused frames leave buffers as documented.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use roomseal::sframe::{BaseKey, CipherSuite, Receiver};
use roomseal::{Error, Kind, Opener, Room};
use roomseal_fuzz::oracle;
use roomseal_fuzz::{AnyKind, FILL, Suite, assert_output, assert_untouched, config, fresh, join};

/// Installed in the room: one with the top nibble, one with another.
const EPOCHS: [u64; 2] = [0x1F, 0x20];
const MAX_FRAME_LEN: usize = 300;
const MAX_STEPS: usize = 64;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    suite: Suite,
    /// Plain SFrame, or a room.
    plain: bool,
    steps: Vec<Step<'a>>,
}

#[derive(Arbitrary, Debug)]
struct Step<'a> {
    kind: AnyKind,
    source: Option<u8>,
    metadata: &'a [u8],
    /// How much of the output is missing or left over.
    room: i8,
    /// Messages only: the frame comes as text.
    as_text: bool,
    frame: Frame<'a>,
}

#[derive(Arbitrary, Debug)]
enum Frame<'a> {
    Raw(&'a [u8]),
    Text(&'a str),
    /// A frame of a stream, as sealed or changed on the way.
    Sealed {
        stream: u8,
        newer: bool,
        ctr: u64,
        plaintext: &'a [u8],
        change: Change<'a>,
    },
    /// One of the frames sealed before.
    Again(u8, Change<'a>),
    Retire(bool),
}

#[derive(Arbitrary, Debug)]
enum Change<'a> {
    Nothing,
    Flip(u16, u8),
    Cut(u8),
    Append(&'a [u8]),
    /// Another header before the same ciphertext.
    Header(u64, u64),
}

impl Change<'_> {
    fn apply(&self, frame: &mut Vec<u8>) {
        match self {
            Self::Nothing => {}
            Self::Flip(at, bit) => {
                let at = usize::from(*at) % frame.len();
                frame[at] ^= 1 << (bit % 8);
            }
            Self::Cut(n) => frame.truncate(frame.len().saturating_sub(usize::from(*n))),
            Self::Append(more) => frame.extend_from_slice(more),
            Self::Header(kid, ctr) => {
                if let Some((_, _, len)) = oracle::parse_header(frame) {
                    frame.splice(..len, oracle::header(*kid, *ctr));
                }
            }
        }
    }
}

/// Two receivers with the same past: one opens from input to output, the other
/// in place.
enum Ends {
    Plain([Receiver; 2]),
    Room([(Room, Opener); 2]),
}

struct Call<'c> {
    kind: Kind,
    metadata: &'c [u8],
    source: Option<&'c [u8]>,
}

impl Ends {
    fn new(suite: CipherSuite, plain: bool) -> Self {
        if plain {
            return Self::Plain([0, 1].map(|_| {
                let receiver = Receiver::new(suite);
                for kid in 0..4 {
                    let key = BaseKey::new(&base_key(kid)).expect("a fine key");
                    receiver.add(plain_kid(kid), &key).expect("a fine KID");
                }
                receiver
            }));
        }
        Self::Room([0, 1].map(|_| {
            let room = join(config(suite).max_frame_len(MAX_FRAME_LEN), &EPOCHS);
            let opener = room.opener();
            (room, opener)
        }))
    }

    fn open(&self, call: &Call<'_>, frame: &[u8], out: &mut [u8]) -> Result<usize, Error> {
        match self {
            Self::Plain([receiver, _]) => receiver.open(frame, call.metadata, out),
            Self::Room([(_, opener), _]) => {
                opener.open(call.kind, frame, call.metadata, call.source, out)
            }
        }
    }

    fn open_in_place(&self, call: &Call<'_>, frame: &mut [u8]) -> Result<Vec<u8>, Error> {
        let place = match self {
            Self::Plain([_, receiver]) => receiver.open_in_place(call.metadata, frame),
            Self::Room([_, (_, opener)]) => {
                opener.open_in_place(call.kind, call.metadata, call.source, frame)
            }
        };
        place.map(|place| frame[place].to_vec())
    }
}

fn plain_kid(stream: u8) -> u64 {
    // One that stands in the config byte and longer ones.
    u64::from(stream) << (stream * 20)
}

fn base_key(stream: u8) -> [u8; 17] {
    [stream; 17]
}

/// A frame that somebody sealed.
struct Sealed {
    kind: Option<Kind>,
    metadata: Vec<u8>,
    frame: Vec<u8>,
    plaintext: Vec<u8>,
    opened: bool,
}

fuzz_target!(|input: Input<'_>| {
    let suite = input.suite.into();
    let ends = Ends::new(suite, input.plain);
    let mut sealed: Vec<Sealed> = Vec::new();
    // Each counter of a key opens one frame, whatever a broken sender does.
    let mut counters: Vec<(Option<Kind>, u64, u64)> = Vec::new();

    for step in input.steps.iter().take(MAX_STEPS) {
        let kind = Kind::from(step.kind);
        let source = step.source.map(|s| [s % 3; 2]);
        let call = Call {
            kind,
            metadata: step.metadata,
            source: source.as_ref().map(<[u8; 2]>::as_slice),
        };
        let channel = (!input.plain).then_some(kind);
        let frame = match &step.frame {
            Frame::Raw(bytes) => bytes.to_vec(),
            Frame::Text(text) => {
                open_text(&ends, &call, text, &sealed);
                continue;
            }
            Frame::Sealed {
                stream,
                newer,
                ctr,
                plaintext,
                change,
            } => {
                let stream = stream % 4;
                let mut frame = if input.plain {
                    let (key, kid) = (base_key(stream), plain_kid(stream));
                    oracle::seal_plain(&key, suite, kid, *ctr, step.metadata, plaintext)
                } else {
                    let epoch = EPOCHS[usize::from(*newer)];
                    let kid = oracle::room_kid(stream.into(), epoch);
                    let room = oracle::Room::new(suite, kind, epoch);
                    room.seal(kid, *ctr, step.metadata, plaintext)
                };
                sealed.push(Sealed {
                    kind: channel,
                    metadata: step.metadata.to_vec(),
                    frame: frame.clone(),
                    plaintext: plaintext.to_vec(),
                    opened: false,
                });
                change.apply(&mut frame);
                frame
            }
            Frame::Again(at, change) => {
                let Some(again) = sealed.get(usize::from(*at) % sealed.len().max(1)) else {
                    continue;
                };
                let mut frame = again.frame.clone();
                change.apply(&mut frame);
                frame
            }
            Frame::Retire(newer) => {
                retire(&ends, EPOCHS[usize::from(*newer)]);
                continue;
            }
        };

        let opened = if step.as_text && channel == Some(Kind::Message) {
            open_text_and_in_place(&ends, &call, &frame)
        } else {
            open_both(&ends, &call, &frame, suite, step.room)
        };
        let Some(plaintext) = opened else {
            continue;
        };
        let (kid, ctr, _) = oracle::parse_header(&frame).expect("opened, but no frame");
        assert!(
            !counters.contains(&(channel, kid, ctr)),
            "a counter opened twice"
        );
        counters.push((channel, kid, ctr));
        let origin = sealed
            .iter_mut()
            .find(|s| {
                s.kind == channel
                    && s.metadata == step.metadata
                    && s.frame == frame
                    && s.plaintext == plaintext
            })
            .expect("opened, but never sealed");
        assert!(!origin.opened, "opened twice");
        origin.opened = true;
    }
});

/// Opens in both ways, into too little room before if the step says so.
/// Returns the plaintext if the frame opened.
fn open_both(
    ends: &Ends,
    call: &Call<'_>,
    frame: &[u8],
    suite: CipherSuite,
    room: i8,
) -> Option<Vec<u8>> {
    let payload_len = oracle::parse_header(frame)
        .and_then(|(_, _, len)| (frame.len() - len).checked_sub(suite.tag_len()));
    let exact = payload_len.unwrap_or_default();
    if let Some(short) = exact.checked_sub(usize::from(room.unsigned_abs()))
        && room < 0
    {
        let mut out = fresh(short);
        let error = ends
            .open(call, frame, &mut out)
            .expect_err("opened into nothing");
        assert_ne!(error, Error::NotAuthentic, "decrypted into too little room");
        assert_untouched(&out);
    }
    let mut out = fresh(exact + usize::from(room.max(0).unsigned_abs()));
    let result = ends.open(call, frame, &mut out);
    assert_output(result, &out, payload_len);

    open_in_place(ends, call, frame, result.map(|len| out[..len].to_vec()))
}

/// Opens the frame's text form, and the frame in place.
fn open_text_and_in_place(ends: &Ends, call: &Call<'_>, frame: &[u8]) -> Option<Vec<u8>> {
    let Ends::Room([(_, opener), _]) = ends else {
        return None;
    };
    let mut out = fresh(frame.len() + 1);
    let text = oracle::to_text(frame);
    let result = opener.open_text_into(text.as_bytes(), call.metadata, call.source, &mut out);
    let kept = result.unwrap_or_default();
    // What its length alone refuses is not even decoded.
    let untouched = result == Err(Error::TooLarge) && out.iter().all(|b| *b == FILL);
    assert!(
        untouched || out[kept..frame.len()].iter().all(|b| *b == 0),
        "sealed bytes are left"
    );
    assert_untouched(&out[frame.len()..]);
    open_in_place(ends, call, frame, result.map(|len| out[..len].to_vec()))
}

/// Opens in place what came out as `opened` another way, and returns that.
fn open_in_place(
    ends: &Ends,
    call: &Call<'_>,
    frame: &[u8],
    opened: Result<Vec<u8>, Error>,
) -> Option<Vec<u8>> {
    let mut buf = frame.to_vec();
    assert_eq!(
        ends.open_in_place(call, &mut buf),
        opened,
        "the two ways differ"
    );
    match opened {
        Ok(_) => {}
        Err(Error::NotAuthentic) => {
            assert!(buf.iter().all(|b| *b == 0), "bytes are left in place");
        }
        Err(_) => assert_eq!(buf, frame, "a refused frame was touched"),
    }
    opened.ok()
}

/// Text from the wire that nobody sealed; one that somebody sealed would count
/// as its frame, so those are left out.
fn open_text(ends: &Ends, call: &Call<'_>, text: &str, sealed: &[Sealed]) {
    let Ends::Room([(_, opener), _]) = ends else {
        return;
    };
    if sealed.iter().any(|s| oracle::to_text(&s.frame) == text) {
        return;
    }
    let mut out = fresh(text.len());
    let result = opener.open_text_into(text.as_bytes(), call.metadata, call.source, &mut out);
    result.expect_err("opened, but never sealed");
    assert!(out.iter().all(|b| *b == 0 || *b == FILL), "bytes are left");
}

fn retire(ends: &Ends, epoch: u64) {
    if let Ends::Room(rooms) = ends {
        for (room, _) in rooms {
            if let Err(error) = room.retire(epoch) {
                assert_eq!(error, Error::UnknownEpoch);
            }
        }
    }
}
