//! Whole calls, and that their checks notice what is wrong.

use std::path::Path;

use roomseal::sframe::CipherSuite;

use super::*;
use crate::clips::{Clip, SECOND};

const KIND: Rates = Rates {
    loss: 0.0,
    reorder: 0.0,
    duplicate: 0.0,
    corrupt: 0.0,
};
const BAD: Rates = Rates {
    loss: 0.1,
    reorder: 0.2,
    duplicate: 0.1,
    corrupt: 0.1,
};

const SUITES: Suites = Suites {
    audio: CipherSuite::Aes128CtrHmacSha256_64,
    video: CipherSuite::Aes128GcmSha256_128,
    message: CipherSuite::Aes128CtrHmacSha256_80,
    form: Form::Plain,
};

fn settings(rates: Rates, hostile: f64) -> Settings {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media");
    let clip = |name: &str| Clip::load(&dir.join(name), 25.0).unwrap();
    Settings {
        clips: vec![clip("bunny-360p.h265"), clip("bunny-opus.ogg")],
        duration: 10 * SECOND,
        seed: 1,
        rates,
        hostile,
        window: 64,
        suites: SUITES,
        record: None,
    }
}

#[test]
fn a_kind_call_opens_every_frame_twice() {
    let report = run(&settings(KIND, 0.0), |_| {}).unwrap();
    assert!(report.holds());
    for (stream, book) in &report.streams {
        assert!(book.frames > 0);
        assert_eq!(book.copies, 2 * book.frames);
        assert_eq!(
            (book.duplicated, book.lost, book.refused.total()),
            (0, 0, 0)
        );
        assert_eq!(book.opened + book.missed, book.copies);
        // Carol misses what comes while she is away, and sends nothing herself.
        assert_eq!(book.missed > 0, stream.owner != CRASHES, "{stream:?}");
        let rate = match stream.kind {
            Kind::Audio => 50,
            Kind::Video => 25,
            Kind::Message => 2,
        };
        let seconds = if stream.owner == CRASHES { 9 } else { 10 };
        assert!(
            book.frames.abs_diff(rate * seconds) <= 1,
            "{stream:?}: {}",
            book.frames
        );
    }
    assert_eq!(report.old_frames_opened, 0);
}

#[test]
fn a_bad_call_meets_every_deed_and_holds() {
    let report = run(&settings(BAD, 0.1), |_| {}).unwrap();
    assert!(report.holds(), "{:#?}", report.checks);
    for deed in Deed::ALL {
        let book = report.deeds.get(&deed).unwrap();
        assert!(book.delivered > 10, "{deed:?}");
        assert_eq!(
            book.opened + book.refused.total(),
            book.delivered,
            "{deed:?}"
        );
        if matches!(deed, Deed::Altered | Deed::OtherKind | Deed::OtherSource) {
            assert_eq!(book.opened, 0, "{deed:?}");
        }
    }
    assert!(report.checks.all().iter().all(|c| c.cases > 0));
    assert!(
        report.rejoins[0].accepted > 0,
        "without a remedy, old frames open"
    );
    assert!(report.old_frames_opened > 0);
}

#[test]
fn the_seed_decides_what_the_network_does() {
    let counts = |seed| {
        let settings = Settings {
            seed,
            ..settings(BAD, 0.1)
        };
        run(&settings, |_| {}).unwrap().network
    };
    assert_eq!(counts(5), counts(5));
    assert_ne!(counts(5), counts(6));
}

/// A member's visit, a frame sealed by another, and books with one stream.
fn fixture() -> (Visit, Sent, Books) {
    let key = RoomKey::random().unwrap();
    let stream = Stream {
        number: 0,
        owner: 0,
        kind: Kind::Audio,
        text: false,
        codec: String::new(),
        sealed_as: None,
        clip: None,
    };
    let join = |number| {
        let streams = [(0, Kind::Audio)].into_iter();
        let mut visit = Visit::join(number, 0, SUITES.room(CALL).unwrap(), 64, streams).unwrap();
        visit.install(1, &key).unwrap();
        visit.activate(1).unwrap();
        visit
    };
    let (mut sender, receiver) = (join(0), join(1));
    let sealed = sender.seal(&stream, b"frame", &[]).unwrap();
    let sent = Sent {
        number: 0,
        at: 0,
        stream: 0,
        sender: 0,
        visit: 0,
        kind: Kind::Audio,
        text: false,
        epoch: 1,
        kid: sealed.kid,
        ctr: sealed.ctr,
        plain: Bytes::from_static(b"frame"),
        sealed: sealed.bytes.into(),
    };
    (receiver, sent, Books::new(1))
}

fn receive(receiver: &mut Visit, packet: &Packet, books: &mut Books) {
    receiver.receive(packet, &NAMES, books);
}

#[test]
fn a_false_plaintext_is_noticed() {
    let (mut receiver, sent, mut books) = fixture();
    let truth = Arc::new(Sent {
        plain: Bytes::from_static(b"other"),
        ..sent
    });
    receive(
        &mut receiver,
        &Packet::new(&truth, 1, Deed::Forwarded),
        &mut books,
    );
    assert_eq!(
        (books.checks.opens.cases, books.checks.opens.failures),
        (1, 1)
    );
    assert!(books.checks.opens.examples[0].contains("other bytes"));
}

#[test]
fn a_frame_that_opens_though_it_must_not_is_noticed() {
    let (mut receiver, sent, mut books) = fixture();
    // The truth says that the bytes were altered, but they are authentic.
    let truth = Arc::new(Sent {
        sealed: Bytes::from_static(b"altered"),
        ..sent.clone()
    });
    let packet = Packet {
        bytes: sent.sealed.clone(),
        ..Packet::new(&truth, 1, Deed::Forwarded)
    };
    receive(&mut receiver, &packet, &mut books);
    assert_eq!(
        (books.checks.refuses.cases, books.checks.refuses.failures),
        (1, 1)
    );
}

#[test]
fn a_refused_frame_that_must_open_is_noticed_and_so_is_a_wrong_reason() {
    let (mut receiver, sent, mut books) = fixture();
    let honest = Arc::new(sent);
    receive(
        &mut receiver,
        &Packet::new(&honest, 1, Deed::Forwarded),
        &mut books,
    );
    assert_eq!(books.checks.opens.failures, 0);
    // The truth says that this is another frame, but it is a replay.
    let other = Arc::new(Sent {
        number: 1,
        ..(*honest).clone()
    });
    receive(
        &mut receiver,
        &Packet::new(&other, 1, Deed::Forwarded),
        &mut books,
    );
    assert_eq!(books.checks.opens.failures, 1);
    // The truth says that the receiver sealed it.
    let own = Arc::new(Sent {
        visit: 1,
        ..(*honest).clone()
    });
    receive(
        &mut receiver,
        &Packet::new(&own, 1, Deed::Reflected),
        &mut books,
    );
    assert_eq!(books.checks.refuses.failures, 1);
    assert!(books.checks.refuses.examples[0].contains("REPLAY"));
}

#[test]
fn counters_that_disagree_are_noticed() {
    let (mut receiver, sent, mut books) = fixture();
    receive(
        &mut receiver,
        &Packet::new(&Arc::new(sent), 1, Deed::Forwarded),
        &mut books,
    );
    let mut check = books.checks.counters.clone();
    receiver.forget_what_was_seen();
    receiver.leave(&mut check);
    assert_eq!(check.failures, 1, "{check:?}");
}
