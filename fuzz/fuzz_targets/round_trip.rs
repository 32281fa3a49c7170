//! What is sealed in any layout opens in any other, byte for byte as the second
//! implementation has it, and no byte outside of the frame is touched.
#![no_main]

use arbitrary::Arbitrary;
use bytes::BytesMut;
use core::ops::Range;
use libfuzzer_sys::fuzz_target;
use roomseal::sframe::{BaseKey, CipherSuite, Header, Receiver, Sender};
use roomseal::{Error, HEADER_LEN, Kind, Sealer};
use roomseal_fuzz::{AnyKind, FILL, Suite, assert_untouched, config, fresh, join, oracle};

const EPOCH: u64 = 3;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    suite: Suite,
    base_key: &'a [u8],
    kid: u64,
    ctr: u64,
    kind: AnyKind,
    metadata: &'a [u8],
    frames: Vec<Frame<'a>>,
}

#[derive(Arbitrary, Debug)]
struct Frame<'a> {
    plaintext: &'a [u8],
    head: u8,
    tail: u8,
    opening: Opening,
    /// A range that may be no place for a payload at all.
    range: (u8, u8),
}

#[derive(Arbitrary, Debug)]
enum Opening {
    Apart,
    InPlace,
    Bytes,
    Text,
}

fuzz_target!(|input: Input<'_>| {
    let suite = input.suite.into();
    if let Ok(base_key) = BaseKey::new(input.base_key) {
        plain(&input, suite, &base_key);
    }
    rooms(&input, suite);
});

fn plain(input: &Input<'_>, suite: CipherSuite, base_key: &BaseKey) {
    let kid = input.kid;
    // The same counters in two senders: one seals apart, the other in place.
    let [apart, in_place] = [0, 1].map(|_| {
        let mut sender = Sender::new(suite, kid, base_key).expect("a fine sender");
        sender.skip_to(input.ctr).expect("forward");
        sender
    });
    let receiver = Receiver::new(suite);
    receiver.add(kid, base_key).expect("the first key");
    for frame in input.frames.iter().take(16) {
        let Some(ctr) = apart.next_ctr() else {
            let mut out = fresh(frame.plaintext.len() + 33);
            let refused = apart.seal(frame.plaintext, input.metadata, &mut out);
            assert_eq!(refused, Err(Error::KeyExhausted));
            assert_untouched(&out);
            return;
        };
        let want = oracle::seal_plain(
            input.base_key,
            suite,
            kid,
            ctr,
            input.metadata,
            frame.plaintext,
        );
        assert_eq!(apart.sealed_len(frame.plaintext.len()), Ok(want.len()));

        let mut short = fresh(want.len() - 1);
        let refused = apart.seal(frame.plaintext, input.metadata, &mut short);
        assert_eq!(refused, Err(Error::BufferTooSmall));
        assert_untouched(&short);
        assert_eq!(
            apart.next_ctr(),
            Some(ctr),
            "a counter was spent for nothing"
        );

        let mut out = fresh(want.len() + usize::from(frame.tail));
        let len = apart
            .seal(frame.plaintext, input.metadata, &mut out)
            .expect("it fits");
        assert_eq!(out[..len], want);
        assert_untouched(&out[len..]);

        let header_len = Header::new(kid, ctr).encoded_len();
        let seal = |buf: &mut [u8], payload: Range<usize>| {
            in_place.seal_in_place(input.metadata, buf, payload)
        };
        bad_range(frame, header_len, suite.tag_len(), &seal);
        assert_eq!(
            in_place.next_ctr(),
            Some(ctr),
            "a counter was spent for nothing"
        );
        let sealed = sealed_in_place(frame, header_len, suite.tag_len(), seal);
        assert_eq!(sealed, want);

        let mut out = fresh(want.len());
        let opened = match frame.opening {
            Opening::Apart | Opening::Text => {
                let len = receiver.open(&want, input.metadata, &mut out);
                out[..len.expect("it is authentic")].to_vec()
            }
            Opening::InPlace | Opening::Bytes => {
                out.copy_from_slice(&want);
                let place = receiver.open_in_place(input.metadata, &mut out);
                out[place.expect("it is authentic")].to_vec()
            }
        };
        assert_eq!(opened, frame.plaintext);
    }
}

fn rooms(input: &Input<'_>, suite: CipherSuite) {
    let kind = Kind::from(input.kind);
    let [alice, bob] = [0, 1].map(|_| join(config(suite), &[EPOCH]));
    let (sealer, opener) = (alice.sealer(kind).expect("a sealer"), bob.opener());
    let mut none = fresh(100);
    assert_eq!(sealer.seal(&[], &[], &mut none), Err(Error::NoActiveEpoch));
    assert_untouched(&none);
    alice.activate(EPOCH).expect("it is installed");
    let second = oracle::Room::new(suite, kind, EPOCH);
    let mut last = None;

    for frame in input.frames.iter().take(16) {
        let sealed = seal_somehow(&sealer, frame, input.metadata);
        assert_eq!(
            sealed.len(),
            oracle::sealed_len(frame.plaintext.len(), suite)
        );
        assert_eq!(sealed.len(), sealer.sealed_len(frame.plaintext.len()));
        let peek = roomseal::peek(&sealed).expect("a room's frame");
        assert_eq!(Some(peek.kid), sealer.kid());
        assert!(last.is_none_or(|(kid, ctr)| kid != peek.kid || ctr < peek.ctr));
        last = Some((peek.kid, peek.ctr));
        let theirs = second.open(input.metadata, &sealed);
        assert_eq!(theirs.as_deref(), Some(frame.plaintext));

        let reflected = alice
            .opener()
            .open(kind, &sealed, input.metadata, None, &mut none);
        assert!(matches!(
            reflected,
            Err(Error::OwnFrame | Error::BufferTooSmall)
        ));
        assert_untouched(&none);

        let mut out = fresh(sealed.len());
        let opened = match frame.opening {
            Opening::Text if kind == Kind::Message => {
                let text = oracle::to_text(&sealed);
                opener
                    .open_text(&text, input.metadata, None)
                    .expect("it is authentic")
            }
            Opening::Apart | Opening::Text => {
                let len = opener.open(kind, &sealed, input.metadata, None, &mut out);
                out[..len.expect("it is authentic")].to_vec()
            }
            Opening::InPlace => {
                out.copy_from_slice(&sealed);
                let place = opener.open_in_place(kind, input.metadata, None, &mut out);
                out[place.expect("it is authentic")].to_vec()
            }
            Opening::Bytes => {
                let mut buffer = BytesMut::from(&sealed[..]);
                let opened = opener.open_bytes(kind, input.metadata, None, &mut buffer);
                assert!(buffer.is_empty(), "bytes are left behind");
                opened.expect("it is authentic").to_vec()
            }
        };
        assert_eq!(opened, frame.plaintext);
    }
}

fn seal_somehow(sealer: &Sealer, frame: &Frame<'_>, metadata: &[u8]) -> Vec<u8> {
    match frame.opening {
        Opening::Apart => {
            let mut out = fresh(sealer.sealed_len(frame.plaintext.len()) + usize::from(frame.tail));
            let len = sealer.seal(frame.plaintext, metadata, &mut out);
            let len = len.expect("it fits");
            assert_untouched(&out[len..]);
            out.truncate(len);
            out
        }
        Opening::Text if sealer.kind() == Kind::Message => {
            let text = sealer.seal_text(frame.plaintext, metadata);
            let text = text.expect("it fits");
            let mut sealed = vec![0; text.len()];
            let len = decode(&text, &mut sealed);
            sealed.truncate(len);
            assert_eq!(oracle::to_text(&sealed), text);
            sealed
        }
        Opening::InPlace | Opening::Text => {
            let seal = |buf: &mut [u8], payload: Range<usize>| {
                sealer.seal_in_place(metadata, buf, payload)
            };
            bad_range(frame, HEADER_LEN, sealer.tag_len(), &seal);
            sealed_in_place(frame, HEADER_LEN, sealer.tag_len(), seal)
        }
        Opening::Bytes => {
            let mut buffer = sealer.frame_buffer(usize::from(frame.head));
            buffer.extend_from_slice(frame.plaintext);
            let sealed = sealer.seal_bytes(metadata, &mut buffer).expect("it fits");
            sealed.to_vec()
        }
    }
}

/// base64url as a reader would do it who trusts the text.
fn decode(text: &str, out: &mut [u8]) -> usize {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut held, mut len) = (0_u32, 0, 0);
    for c in text.bytes() {
        let value = digits.iter().position(|d| *d == c).expect("a digit");
        bits = bits << 6 | u32::try_from(value).expect("below 64");
        held += 6;
        if held >= 8 {
            held -= 8;
            out[len] = u8::try_from(bits >> held & 0xFF).expect("a byte");
            len += 1;
        }
    }
    len
}

/// Seals with room for the frame and more around it, and returns the frame.
fn sealed_in_place(
    frame: &Frame<'_>,
    header_len: usize,
    tag_len: usize,
    seal: impl Fn(&mut [u8], Range<usize>) -> Result<Range<usize>, Error>,
) -> Vec<u8> {
    let start = usize::from(frame.head) + header_len;
    let payload = start..start + frame.plaintext.len();
    let mut buf = fresh(payload.end + tag_len + usize::from(frame.tail));
    buf[payload.clone()].copy_from_slice(frame.plaintext);
    let place = seal(&mut buf, payload.clone()).expect("it fits");
    assert_eq!(place, start - header_len..payload.end + tag_len);
    assert_untouched(&buf[..place.start]);
    assert_untouched(&buf[place.end..]);
    buf[place].to_vec()
}

/// Tries a payload that may not lie in the buffer, or leave no room around it,
/// unless it would be sealed.
fn bad_range(
    frame: &Frame<'_>,
    header_len: usize,
    tag_len: usize,
    seal: &impl Fn(&mut [u8], Range<usize>) -> Result<Range<usize>, Error>,
) {
    let (start, end) = (usize::from(frame.range.0), usize::from(frame.range.1));
    let mut buf = fresh(usize::from(frame.tail));
    let inside = start <= end && end <= buf.len();
    if inside && start >= header_len && buf.len() - end >= tag_len {
        return;
    }
    let refused = seal(&mut buf, start..end);
    let want = if inside {
        Error::BufferTooSmall
    } else {
        Error::InvalidArgument
    };
    assert_eq!(refused, Err(want));
    assert!(buf.iter().all(|b| *b == FILL), "a refused call wrote");
}
