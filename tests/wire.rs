//! Every known answer and every refusal printed in docs/WIRE.md, recomputed by
//! the second implementation, so that the page can't say what isn't so.

extern crate alloc;

mod second;

use alloc::collections::{BTreeMap, BTreeSet};

use second::codec::{aad, units};
use second::document::{Case, Document, to_hex};
use second::{
    Refusal, aead_seal, check_id, epoch_secret, from_text, header, largest_message,
    largest_text_message, mls_kid, next_base_key, next_room_key, nonce, number_id, parse_header,
    room_kid, sealed_length, sframe_keys, sframe_open, sframe_seal, stream_base_key, text_id,
    to_text,
};

/// How many cases of each sort the page has. A case that is lost, or that the
/// reader skips, fails here.
const CASES: [(&str, usize); 24] = [
    ("aead", 3),
    ("base_key", 20),
    ("codec error", 64),
    ("codec frame", 86),
    ("codec refused", 107),
    ("codec transport", 15),
    ("epoch_secret", 3),
    ("frame", 24),
    ("header", 18),
    ("id", 6),
    ("kid", 4),
    ("largest", 8),
    ("mls_kid", 9),
    ("next_base_key", 1),
    ("next_room_key", 5),
    ("plain", 4),
    ("refused", 56),
    ("refused header", 15),
    ("refused id", 14),
    ("refused text", 12),
    ("room", 13),
    ("sframe_keys", 8),
    ("stream_base_key", 1),
    ("too many escapes", 1),
];

/// Collects what differs, so that one run shows all of it.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn text(&mut self, case: &Case, field: &str, computed: &str) {
        let printed = case.required(field);
        if printed != computed {
            self.0.push(format!(
                "{case}\n  {field} = {printed}\n  computed: {computed}"
            ));
        }
    }

    fn bytes(&mut self, case: &Case, field: &str, computed: &[u8]) {
        self.text(case, field, &to_hex(computed));
    }

    fn number(&mut self, case: &Case, field: &str, computed: usize) {
        self.text(case, field, &computed.to_string());
    }

    fn kid(&mut self, case: &Case, field: &str, computed: u64) {
        self.text(case, field, &format!("{computed:#x}"));
    }

    fn opened(&mut self, case: &Case, opened: Result<&[u8], Refusal>, plaintext: &[u8]) {
        if opened != Ok(plaintext) {
            self.0.push(format!("{case}\n  opens to {opened:?}"));
        }
    }
}

fn words(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Malformed => "malformed",
        Refusal::NotSealed => "not sealed",
        Refusal::UnknownKey => "unknown key",
        Refusal::NotAuthentic => "not authentic",
        Refusal::BadText => "bad text",
        Refusal::BadId => "bad id",
        Refusal::NotOfCodec => "not of its codec",
        Refusal::TooManyEscapes => "too many escapes",
    }
}

fn length(case: &Case, field: &str) -> usize {
    usize::try_from(case.number(field)).expect("a length fits")
}

fn check(page: &Document, case: &Case, differences: &mut Differences) {
    match case.what.as_str() {
        "aead" => {
            let (suite, key, aad) = (case.suite(), case.bytes("key"), case.bytes("aad"));
            let sealed = aead_seal(suite, &key, &case.array("nonce"), &aad, &case.bytes("pt"));
            differences.bytes(case, "sealed", &sealed);
        }
        "base_key" => {
            let base_key = page.channel(case).base_key(case.number("kid"));
            differences.bytes(case, "base_key", &base_key);
        }
        "codec error" => {
            // Any channel and CTR: such a frame meets no key.
            let channel = page.channel(page.named("codec frame", "h264 slice"));
            let kid = room_kid(1, channel.epoch);
            let sealed =
                channel.seal_codec(codec(case), kid, 70_000, b"", &case.bytes("plaintext"));
            assert_eq!(sealed, Err(Refusal::NotOfCodec), "{case}");
        }
        "codec frame" => check_codec_frame(page, case, differences),
        "codec refused" => {
            let original = page.named("codec frame", case.required("of"));
            assert_ne!(case.bytes("frame"), original.bytes("frame"), "{case}");
            let metadata = page.bytes(case, "metadata");
            let refusal = page
                .channel(case)
                .open_codec(&metadata, &case.bytes("frame"))
                .expect_err("must be refused");
            differences.text(case, "why", words(refusal));
        }
        "codec transport" => {
            let original = page.named("codec frame", case.required("of"));
            assert_ne!(case.bytes("frame"), original.bytes("frame"), "{case}");
            let metadata = page.bytes(case, "metadata");
            let opened = page
                .channel(case)
                .open_codec(&metadata, &case.bytes("frame"));
            differences.bytes(case, "opened", &opened.expect("opens"));
        }
        "epoch_secret" => {
            let secret = epoch_secret(&case.array("room_key"));
            differences.bytes(case, "epoch_secret", &secret);
        }
        "frame" => check_frame(page, case, differences),
        "header" => {
            let (kid, ctr) = (case.number("kid"), case.number("ctr"));
            let encoded = header(kid, ctr);
            differences.bytes(case, "header", &encoded);
            assert_eq!(parse_header(&encoded), Ok((kid, ctr, encoded.len())));
        }
        "id" => {
            let id = match (case.text("number"), case.text("text")) {
                (Some(_), None) => number_id(case.number("number")),
                (None, Some(text)) => text_id(text),
                _ => panic!("{case}: either number or text"),
            };
            differences.bytes(case, "id", &id);
            assert_eq!(check_id(&id), Ok(()), "{case}");
        }
        "kid" => {
            let kid = room_kid(case.number("random"), case.number("epoch"));
            differences.kid(case, "kid", kid);
        }
        "largest" => {
            let (limit, suite) = (length(case, "limit"), case.suite());
            let print = |largest: Option<usize>| largest.map_or("none".into(), |l| l.to_string());
            differences.text(case, "bytes", &print(largest_message(limit, suite)));
            differences.text(case, "text", &print(largest_text_message(limit, suite)));
        }
        "mls_kid" => {
            let bits = |field| u32::try_from(case.number(field)).expect("few bits");
            let (e, s) = (bits("E"), bits("S"));
            let number = |field| case.number(field);
            let kid = mls_kid(e, s, number("context"), number("sender"), number("epoch"));
            differences.kid(case, "kid", kid);
        }
        "next_base_key" => {
            let next = next_base_key(&case.bytes("base_key"));
            differences.bytes(case, "next", &next);
        }
        "next_room_key" => {
            let next = next_room_key(&case.array("room_key"), case.number("epoch"));
            differences.bytes(case, "next", &next);
        }
        "plain" => {
            let (suite, kid, ctr) = (case.suite(), case.number("kid"), case.number("ctr"));
            let (base_key, metadata) = (case.bytes("base_key"), case.bytes("metadata"));
            let plaintext = case.bytes("plaintext");
            let frame = sframe_seal(&base_key, suite, kid, ctr, &metadata, &plaintext);
            differences.bytes(case, "frame", &frame);
            let opened = sframe_open(|_| Ok(base_key), suite, &metadata, &frame);
            differences.opened(case, opened.as_deref().map_err(|e| *e), &plaintext);
        }
        "refused" => check_refused(page, case, differences),
        "refused header" => {
            let refusal = parse_header(&case.bytes("header")).expect_err("must be refused");
            assert_eq!(refusal, Refusal::Malformed, "{case}");
        }
        "refused id" => {
            assert_eq!(check_id(&case.bytes("id")), Err(Refusal::BadId), "{case}");
        }
        "refused text" => {
            let text = from_text(case.required("text"));
            assert_eq!(text, Err(Refusal::BadText), "{case}");
        }
        "room" => {
            // Rooms are only what other cases stand on; no case leaves one out.
            for id in ["app_id", "room_id"] {
                assert_eq!(check_id(case.required(id).as_bytes()), Ok(()), "{case}");
            }
        }
        "sframe_keys" => {
            let (base_key, kid) = (case.bytes("base_key"), case.number("kid"));
            let (secret, key, salt) = sframe_keys(&base_key, kid, case.suite());
            differences.bytes(case, "sframe_secret", &secret);
            differences.bytes(case, "sframe_key", &key);
            differences.bytes(case, "sframe_salt", &salt);
        }
        "stream_base_key" => {
            let ssrc = u32::try_from(case.number("ssrc")).expect("an SSRC has 32 bits");
            let key = stream_base_key(&case.bytes("base_key"), ssrc);
            differences.bytes(case, "next", &key);
        }
        "too many escapes" => {
            let (kid, ctr) = (case.number("kid"), case.number("ctr"));
            let (metadata, plaintext) = (case.bytes("metadata"), case.bytes("plaintext"));
            let channel = page.channel(case);
            let sealed = channel.seal_codec(codec(case), kid, ctr, &metadata, &plaintext);
            assert_eq!(sealed, Err(Refusal::TooManyEscapes), "{case}");
            // Under the next CTR its ciphertext is like any other.
            let sealed = channel.seal_codec(codec(case), kid, ctr + 1, &metadata, &plaintext);
            let opened = channel.open_codec(&metadata, &sealed.expect("seals"));
            assert_eq!(opened, Ok(plaintext), "{case}");
        }
        _ => panic!("{case}: nobody knows how to check this"),
    }
}

fn codec(case: &Case) -> u8 {
    u8::try_from(case.number("codec")).expect("a codec is one byte")
}

fn check_codec_frame(page: &Document, case: &Case, differences: &mut Differences) {
    let (channel, codec) = (page.channel(case), codec(case));
    let (kid, ctr) = (case.number("kid"), case.number("ctr"));
    let (metadata, plaintext) = (case.bytes("metadata"), case.bytes("plaintext"));
    let units = units(codec, &plaintext).expect("a frame of its codec");
    let frame = channel.seal_codec(codec, kid, ctr, &metadata, &plaintext);
    let frame = frame.expect("seals");
    differences.bytes(case, "frame", &frame);
    differences.number(case, "length", frame.len());

    let lengths = units
        .iter()
        .map(|unit| format!("{}+{}", unit.clear.len(), unit.encrypted.len()));
    let lengths: Vec<_> = lengths.collect();
    differences.text(case, "units", &lengths.join(" "));
    let end = frame.iter().rposition(|byte| *byte != 0);
    let control = frame[end.expect("a trailer") - 1];
    assert_eq!(control & 0xef, 0x80 | codec, "{case}");
    let aad = aad(&header(kid, ctr), control, &units, &metadata);
    differences.bytes(case, "aad", &aad);

    let opened = channel.open_codec(&metadata, &frame);
    let expected = match case.text("opened") {
        Some(_) => case.bytes("opened"),
        None => plaintext,
    };
    differences.opened(case, opened.as_deref().map_err(|e| *e), &expected);
}

fn check_frame(page: &Document, case: &Case, differences: &mut Differences) {
    let channel = page.channel(case);
    let (kid, ctr) = (case.number("kid"), case.number("ctr"));
    let (metadata, plaintext) = (case.bytes("metadata"), case.bytes("plaintext"));
    let frame = channel.seal(kid, ctr, &metadata, &plaintext);
    differences.bytes(case, "frame", &frame);
    if case.text("nonce").is_some() {
        let (_, _, salt) = sframe_keys(&channel.base_key(kid), kid, channel.suite);
        differences.bytes(case, "nonce", &nonce(&salt, ctr));
    }
    if case.text("text").is_some() {
        let text = to_text(&frame);
        differences.text(case, "text", &text);
        assert_eq!(from_text(&text).as_ref(), Ok(&frame), "{case}");
    }
    // Senders of rooms choose CTRs of 3 bytes, receivers take all.
    if (1 << 16..1 << 24).contains(&ctr) {
        differences.number(
            case,
            "length",
            sealed_length(plaintext.len(), channel.suite),
        );
    }
    assert_eq!(case.number("length"), frame.len() as u64, "{case}");
    let opened = channel.open(&metadata, &frame);
    differences.opened(case, opened.as_deref().map_err(|e| *e), &plaintext);
}

fn check_refused(page: &Document, case: &Case, differences: &mut Differences) {
    let original = page.named("frame", case.required("of"));
    let changed = single_change(page, case, original);
    let (channel, metadata) = (page.channel(case), page.bytes(case, "metadata"));
    let refusal = channel
        .open(&metadata, &page.bytes(case, "frame"))
        .expect_err("must be refused");
    differences.text(case, "why", words(refusal));
    // The difference from the original is the only reason.
    let original_channel = page.channel(original);
    assert_eq!(
        channel == original_channel,
        changed == "frame" || changed == "metadata"
    );
}

/// The field in which a refused case differs from the frame it is made of.
fn single_change(page: &Document, case: &Case, original: &Case) -> &'static str {
    const CHANGES: [&str; 11] = [
        "app_id",
        "room_id",
        "call_id",
        "room_key",
        "room_salt",
        "epoch",
        "kind",
        "form",
        "suite",
        "metadata",
        "frame",
    ];
    let changes: Vec<_> = CHANGES
        .into_iter()
        .filter(|field| case.text(field).is_some())
        .collect();
    let [change] = changes[..] else {
        panic!("{case}: exactly one change, not {changes:?}");
    };
    assert_ne!(
        page.field(case, change),
        page.field(original, change),
        "{case}"
    );
    change
}

#[test]
fn every_answer_in_wire_md_is_what_the_second_implementation_computes() {
    let page = Document::read();
    let mut counts = BTreeMap::new();
    let mut differences = Differences::default();
    for case in &page.cases {
        *counts.entry(case.what.as_str()).or_insert(0) += 1;
        check(&page, case, &mut differences);
    }
    for case in &page.cases {
        case.assert_all_read();
    }
    let differences = differences.0.join("\n");
    assert!(
        differences.is_empty(),
        "docs/WIRE.md differs:\n{differences}"
    );
    assert_eq!(counts, BTreeMap::from(CASES));
}

/// No two keys or frames that should differ agree by a slip in their inputs.
#[test]
fn different_inputs_give_different_keys_and_frames() {
    let page = Document::read();
    for (what, field) in [
        ("base_key", "base_key"),
        ("frame", "frame"),
        ("codec frame", "frame"),
    ] {
        let answers: Vec<_> = page.all(what).map(|case| case.required(field)).collect();
        let distinct: BTreeSet<_> = answers.iter().collect();
        assert_eq!(distinct.len(), answers.len(), "{what}");
    }
}
