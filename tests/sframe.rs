//! Senders and receivers as an application uses them.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use roomseal::Error;
use roomseal::sframe::{BaseKey, CipherSuite, Header, MAX_OVERHEAD, Receiver, Sender, peek};
use std::collections::HashSet;
use std::sync::Barrier;

const SENTINEL: u8 = 0xA5;
const KID: u64 = 0x1234;
/// Where headers grow, and the ends.
const CTRS: [u64; 12] = [
    0,
    7,
    8,
    0xFF,
    0x100,
    0xFFFF,
    0x1_0000,
    0xFF_FFFF,
    0x100_0000,
    1 << 40,
    u64::MAX - 1,
    u64::MAX,
];

fn base_key(seed: u8) -> BaseKey {
    BaseKey::new(&[seed; 16]).expect("16 bytes")
}

fn sender(suite: CipherSuite) -> Sender {
    Sender::new(suite, KID, &base_key(1)).expect("a sender")
}

fn sender_at(suite: CipherSuite, ctr: u64) -> Sender {
    let mut sender = sender(suite);
    sender.skip_to(ctr).expect("forward");
    sender
}

fn receiver(suite: CipherSuite) -> Receiver {
    let receiver = Receiver::new(suite);
    receiver.add(KID, &base_key(1)).expect("a new KID");
    receiver
}

fn seal(sender: &Sender, plaintext: &[u8], metadata: &[u8]) -> Vec<u8> {
    let mut out = vec![0; plaintext.len() + MAX_OVERHEAD];
    let n = sender
        .seal(plaintext, metadata, &mut out)
        .expect("there is room");
    out.truncate(n);
    out
}

fn open(receiver: &Receiver, frame: &[u8], metadata: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = vec![SENTINEL; frame.len()];
    let n = receiver.open(frame, metadata, &mut out)?;
    assert!(out[n..].iter().all(|b| *b == SENTINEL), "wrote too far");
    out.truncate(n);
    Ok(out)
}

fn payload(len: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(len).collect()
}

#[test]
fn every_length_and_header_makes_the_round_trip() {
    for suite in CipherSuite::ALL {
        for ctr in CTRS {
            for len in [0, 1, 15, 16, 17, 80, 1_200] {
                let (plaintext, metadata) = (payload(len), payload(len % 23));
                let sender = sender_at(suite, ctr);
                let header = Header::new(KID, ctr);
                let expected = header.encoded_len() + len + suite.tag_len();
                assert_eq!(sender.sealed_len(len), Ok(expected));
                let frame = seal(&sender, &plaintext, &metadata);
                assert_eq!(frame.len(), expected);
                assert_eq!(peek(&frame), Ok(header));
                let opened = open(&receiver(suite), &frame, &metadata);
                assert_eq!(opened, Ok(plaintext));
            }
        }
    }
}

#[test]
fn in_place_and_out_of_place_are_the_same() {
    for suite in CipherSuite::ALL {
        for ctr in CTRS {
            for len in [0, 1, 16, 333] {
                let plaintext = payload(len);
                let frame = seal(&sender_at(suite, ctr), &plaintext, b"meta");
                let header_len = Header::new(KID, ctr).encoded_len();
                for (before, after) in [(0, 0), (1, 0), (0, 1), (12, 30)] {
                    let start = before + header_len;
                    let mut buf = vec![SENTINEL; before + frame.len() + after];
                    buf[start..start + len].copy_from_slice(&plaintext);
                    let place = sender_at(suite, ctr)
                        .seal_in_place(b"meta", &mut buf, start..start + len)
                        .expect("there is room");
                    assert_eq!(place, before..before + frame.len());
                    assert_eq!(buf[place.clone()], frame[..]);

                    let opened = receiver(suite)
                        .open_in_place(b"meta", &mut buf[place])
                        .expect("authentic");
                    assert_eq!(opened, header_len..header_len + len);
                    assert_eq!(buf[start..start + len], plaintext[..]);
                    assert!(buf[..before].iter().all(|b| *b == SENTINEL));
                    assert!(buf[before + frame.len()..].iter().all(|b| *b == SENTINEL));
                }
            }
        }
    }
}

#[test]
fn a_buffer_one_byte_too_small_is_not_touched_and_spends_nothing() {
    for suite in CipherSuite::ALL {
        for ctr in CTRS {
            for len in [0, 1, 100] {
                let plaintext = payload(len);
                let sender = sender_at(suite, ctr);
                let sealed_len = sender.sealed_len(len).expect("short");
                for short in [sealed_len - 1, sealed_len / 2, 0] {
                    let mut out = vec![SENTINEL; short];
                    let result = sender.seal(&plaintext, b"", &mut out);
                    assert_eq!(result, Err(Error::BufferTooSmall));
                    assert_eq!(out, vec![SENTINEL; short]);
                }

                let header_len = Header::new(KID, ctr).encoded_len();
                // One byte too little before the payload, or behind it.
                for start in [header_len - 1, header_len] {
                    let end = start + len;
                    let size = end + suite.tag_len() - usize::from(start == header_len);
                    let mut buf = vec![SENTINEL; size];
                    let result = sender.seal_in_place(b"", &mut buf, start..end);
                    assert_eq!(result, Err(Error::BufferTooSmall));
                    assert_eq!(buf, vec![SENTINEL; size]);
                }

                assert_eq!(sender.next_ctr(), Some(ctr));
                let mut out = vec![SENTINEL; sealed_len];
                assert_eq!(sender.seal(&plaintext, b"", &mut out), Ok(sealed_len));
                assert_eq!(out, seal(&sender_at(suite, ctr), &plaintext, b""));

                // Opening: refused, not spoilt, and the counter still unseen.
                let receiver = receiver(suite);
                if let Some(short) = len.checked_sub(1) {
                    let mut small = vec![SENTINEL; short];
                    let result = receiver.open(&out, b"", &mut small);
                    assert_eq!(result, Err(Error::BufferTooSmall));
                    assert_eq!(small, vec![SENTINEL; short]);
                }
                let mut exact = vec![SENTINEL; len];
                assert_eq!(receiver.open(&out, b"", &mut exact), Ok(len));
                assert_eq!(exact, plaintext);
            }
        }
    }
}

#[test]
fn a_payload_outside_of_the_buffer_is_refused() {
    for suite in CipherSuite::ALL {
        let sender = sender(suite);
        let mut buf = vec![SENTINEL; 100];
        for (start, end) in [
            (50, 101),
            (101, 101),
            (60, 50),
            (usize::MAX, usize::MAX),
            (50, usize::MAX),
            (usize::MAX, 50),
        ] {
            let result = sender.seal_in_place(b"", &mut buf, start..end);
            assert_eq!(result, Err(Error::InvalidArgument), "{start}..{end}");
        }
        assert_eq!(buf, vec![SENTINEL; 100]);
        assert_eq!(sender.next_ctr(), Some(0));
    }
}

#[test]
fn a_length_that_overflows_is_refused() {
    let sender = sender(CipherSuite::Aes128GcmSha256_128);
    assert_eq!(sender.sealed_len(usize::MAX), Err(Error::TooLarge));
    assert_eq!(sender.sealed_len(usize::MAX - 18), Err(Error::TooLarge));
    // Two bytes of KID, the config byte, the tag.
    assert_eq!(sender.sealed_len(usize::MAX - 19), Ok(usize::MAX));
}

#[test]
fn a_sender_counts_up_and_skips_forward_only() {
    let mut sender = sender(CipherSuite::Aes128GcmSha256_128);
    assert_eq!(sender.kid(), KID);
    for ctr in 0..300 {
        assert_eq!(sender.next_ctr(), Some(ctr));
        assert_eq!(peek(&seal(&sender, b"x", b"")), Ok(Header::new(KID, ctr)));
    }
    for back in [0, 1, 299] {
        assert_eq!(sender.skip_to(back), Err(Error::InvalidArgument));
        assert_eq!(sender.next_ctr(), Some(300));
    }
    assert_eq!(sender.skip_to(300), Ok(()));
    assert_eq!(sender.skip_to(5_000), Ok(()));
    assert_eq!(peek(&seal(&sender, b"x", b"")), Ok(Header::new(KID, 5_000)));
    assert_eq!(sender.next_ctr(), Some(5_001));
}

#[test]
fn the_last_counter_is_the_last() {
    for suite in CipherSuite::ALL {
        let sender = sender_at(suite, u64::MAX);
        let frame = seal(&sender, b"last", b"");
        assert_eq!(peek(&frame), Ok(Header::new(KID, u64::MAX)));
        for _ in 0..100 {
            assert_eq!(sender.next_ctr(), None);
            assert_eq!(sender.sealed_len(4), Err(Error::KeyExhausted));
            let mut buf = [SENTINEL; 64];
            let result = sender.seal(b"more", b"", &mut buf);
            assert_eq!(result, Err(Error::KeyExhausted));
            let result = sender.seal_in_place(b"", &mut buf, 20..24);
            assert_eq!(result, Err(Error::KeyExhausted));
            assert_eq!(buf, [SENTINEL; 64]);
        }
        let receiver = receiver(suite);
        assert_eq!(open(&receiver, &frame, b""), Ok(b"last".to_vec()));
        assert_eq!(open(&receiver, &frame, b""), Err(Error::Replay));
        let before = seal(&sender_at(suite, u64::MAX - 1), b"before", b"");
        assert_eq!(open(&receiver, &before, b""), Ok(b"before".to_vec()));
    }
}

#[test]
fn sixteen_threads_never_share_a_counter() {
    const FRAMES: usize = 500;
    let suite = CipherSuite::Aes128GcmSha256_128;
    let sender = sender(suite);
    let start = Barrier::new(16);
    let frames: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16_u8)
            .map(|id| {
                let (sender, start) = (&sender, &start);
                scope.spawn(move || {
                    start.wait();
                    let plaintext = [id; 40];
                    (0..FRAMES)
                        .map(|_| seal(sender, &plaintext, b""))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    let ctrs: HashSet<u64> = frames
        .iter()
        .map(|frame| peek(frame).expect("a header").ctr())
        .collect();
    assert_eq!(ctrs.len(), 16 * FRAMES);
    assert_eq!(sender.next_ctr(), Some(16 * FRAMES as u64));
    // And each is a whole frame of one thread.
    let receiver = Receiver::with_replay_window(suite, 32_768);
    receiver.add(KID, &base_key(1)).expect("a new KID");
    for frame in &frames {
        let opened = open(&receiver, frame, b"").expect("authentic");
        assert_eq!(opened, [opened[0]; 40]);
    }
}

#[test]
fn threads_spend_no_counter_on_frames_that_do_not_fit() {
    // The header takes a byte more from the ninth frame on: that one's room is
    // missing, whoever comes to it first.
    for in_place in [false, true] {
        let sender = sender(CipherSuite::Aes128GcmSha256_128);
        let barrier = Barrier::new(4);
        let run = || {
            barrier.wait();
            let mut buf = [0; 3 + 5 + 16];
            let mut try_once = || match in_place {
                true => sender.seal_in_place(&[], &mut buf, 3..8).map(drop),
                false => sender.seal(b"12345", &[], &mut buf).map(drop),
            };
            (0..1_000)
                .filter(|_| try_once() != Err(Error::BufferTooSmall))
                .count()
        };
        let sealed: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
            threads
                .into_iter()
                .map(|t| t.join().expect("no panic"))
                .sum()
        });
        assert_eq!((sealed, sender.next_ctr()), (8, Some(8)));
        let mut longer = [0; 4 + 5 + 16];
        assert_eq!(sender.seal(b"12345", &[], &mut longer), Ok(longer.len()));
    }
}

#[test]
fn keys_come_and_go_by_kid() {
    let suite = CipherSuite::Aes128CtrHmacSha256_80;
    let receiver = Receiver::new(suite);
    let mine = Sender::new(suite, 1, &base_key(1)).expect("a sender");
    let yours = Sender::new(suite, u64::MAX, &base_key(2)).expect("a sender");
    let frames = [seal(&mine, b"mine", b""), seal(&yours, b"yours", b"")];
    assert_eq!(open(&receiver, &frames[0], b""), Err(Error::UnknownKey));
    assert_eq!(receiver.remove(1), Err(Error::UnknownKey));

    receiver.add(1, &base_key(1)).expect("a new KID");
    receiver.add(u64::MAX, &base_key(2)).expect("a new KID");
    for (kid, key) in [(1, 1), (1, 2), (u64::MAX, 2)] {
        let again = receiver.add(kid, &base_key(key));
        assert_eq!(again, Err(Error::DuplicateKid));
    }
    assert_eq!(open(&receiver, &frames[0], b""), Ok(b"mine".to_vec()));
    // The refused addition left key and replay window as they were.
    assert_eq!(receiver.add(1, &base_key(1)), Err(Error::DuplicateKid));
    assert_eq!(open(&receiver, &frames[0], b""), Err(Error::Replay));

    assert_eq!(receiver.remove(1), Ok(()));
    assert_eq!(receiver.remove(1), Err(Error::UnknownKey));
    let next = seal(&mine, b"next", b"");
    assert_eq!(open(&receiver, &next, b""), Err(Error::UnknownKey));
    assert_eq!(open(&receiver, &frames[1], b""), Ok(b"yours".to_vec()));

    // Another key may take the KID; frames of the first are no longer authentic.
    receiver.add(1, &base_key(3)).expect("the place is free");
    assert_eq!(open(&receiver, &next, b""), Err(Error::NotAuthentic));
    let third = Sender::new(suite, 1, &base_key(3)).expect("a sender");
    let frame = seal(&third, b"third", b"");
    assert_eq!(open(&receiver, &frame, b""), Ok(b"third".to_vec()));
}

#[test]
fn what_is_refused_before_the_cipher_is_not_touched() {
    for suite in CipherSuite::ALL {
        let sender = sender_at(suite, 3_000);
        let receiver = receiver(suite);
        let old = seal(&sender_at(suite, 1_976), b"old", b"");
        let frame = seal(&sender, b"frame", b"");
        assert_eq!(open(&receiver, &frame, b""), Ok(b"frame".to_vec()));
        let other = Sender::new(suite, KID + 1, &base_key(1)).expect("a sender");
        let unknown = seal(&other, b"unknown", b"");
        let mut cases = vec![
            (frame.clone(), Error::Replay),
            (old, Error::TooOld),
            (unknown, Error::UnknownKey),
        ];
        // Too short for header and tag; a tag alone is an empty frame.
        let tag_and_header = frame.len() - b"frame".len();
        cases.extend((0..tag_and_header).map(|len| (frame[..len].to_vec(), Error::Malformed)));
        for (bytes, error) in cases {
            let mut out = vec![SENTINEL; 64];
            assert_eq!(receiver.open(&bytes, b"", &mut out), Err(error));
            assert_eq!(out, vec![SENTINEL; 64]);
            let mut same = bytes.clone();
            assert_eq!(receiver.open_in_place(b"", &mut same), Err(error));
            assert_eq!(same, bytes);
        }
    }
}

#[test]
fn a_forged_frame_leaves_zeros() {
    for suite in CipherSuite::ALL {
        for len in 0..=64 {
            let frame = seal(&sender(suite), &payload(len), b"meta");
            let mut forged = frame.clone();
            *forged.last_mut().expect("a tag") ^= 1;
            let receiver = receiver(suite);

            let mut out = vec![SENTINEL; len + 9];
            let result = receiver.open(&forged, b"meta", &mut out);
            assert_eq!(result, Err(Error::NotAuthentic));
            assert!(out[..len].iter().all(|b| *b == 0));
            assert!(out[len..].iter().all(|b| *b == SENTINEL));

            let result = receiver.open_in_place(b"meta", &mut forged);
            assert_eq!(result, Err(Error::NotAuthentic));
            assert!(forged.iter().all(|b| *b == 0));

            assert_eq!(open(&receiver, &frame, b"meta"), Ok(payload(len)));
        }
    }
}

#[test]
fn a_thousand_forged_frames_do_not_move_the_window() {
    let mut rng = StdRng::seed_from_u64(7);
    for suite in CipherSuite::ALL {
        let receiver = receiver(suite);
        let sender = sender(suite);
        let frames: Vec<_> = (0..1_024).map(|_| seal(&sender, &[9; 30], b"")).collect();
        assert!(open(&receiver, &frames[0], b"").is_ok());
        assert!(open(&receiver, &frames[1_023], b"").is_ok());
        for n in 0..1_000 {
            // Counters in the window, right behind it, and as far as they go.
            let ctr = match n % 4 {
                0 => rng.random_range(1..1_023),
                1 => 1_024 + n,
                2 => rng.random::<u64>() | 1 << 40,
                _ => u64::MAX,
            };
            let mut forged = [0; 60];
            let header_len = Header::new(KID, ctr).encode(&mut forged).expect("it fits");
            rng.fill_bytes(&mut forged[header_len..]);
            let result = if rng.random() {
                open(&receiver, &forged, b"").map(drop)
            } else {
                receiver.open_in_place(b"", &mut forged).map(drop)
            };
            assert_eq!(result, Err(Error::NotAuthentic));
        }
        for (ctr, frame) in frames.iter().enumerate() {
            let expected = if ctr == 0 || ctr == 1_023 {
                Err(Error::Replay)
            } else {
                Ok(vec![9; 30])
            };
            assert_eq!(open(&receiver, frame, b""), expected);
        }
    }
}

#[test]
fn the_replay_window_has_the_size_asked_for() {
    let suite = CipherSuite::Aes128CtrHmacSha256_64;
    for (asked, size) in [
        (0, 64),
        (64, 64),
        (65, 128),
        (1_024, 1_024),
        (32_768, 32_768),
        (usize::MAX, 32_768),
    ] {
        let receiver = Receiver::with_replay_window(suite, asked);
        receiver.add(KID, &base_key(1)).expect("a new KID");
        let highest = 100_000;
        let at = |ctr| open(&receiver, &seal(&sender_at(suite, ctr), b"x", b""), b"");
        assert!(at(highest).is_ok());
        assert_eq!(at(highest - size), Err(Error::TooOld));
        assert!(at(highest - size + 1).is_ok());
        assert_eq!(at(highest - size + 1), Err(Error::Replay));
        assert!(at(highest + 1).is_ok());
        assert_eq!(at(highest - size + 1), Err(Error::TooOld));
        assert_eq!(at(highest), Err(Error::Replay));
    }
    // Each KID has a window of its own.
    let receiver = receiver(suite);
    receiver.add(KID + 1, &base_key(1)).expect("a new KID");
    let other = Sender::new(suite, KID + 1, &base_key(1)).expect("a sender");
    assert!(open(&receiver, &seal(&sender_at(suite, 1 << 30), b"x", b""), b"").is_ok());
    assert!(open(&receiver, &seal(&other, b"x", b""), b"").is_ok());
}

#[test]
fn of_threads_with_the_same_frame_one_opens_it() {
    const THREADS: usize = 8;
    // Long enough that several threads are at it at the same time.
    const LEN: usize = 256 << 10;
    let suite = CipherSuite::Aes128GcmSha256_128;
    let (sender, receiver) = (sender(suite), receiver(suite));
    for _ in 0..50 {
        let frame = seal(&sender, &[9; LEN], b"");
        let opened = AtomicUsize::new(0);
        let start = Barrier::new(THREADS);
        let open = |in_place: bool| {
            // The frame, or sentinels; after the call, what the caller sees.
            let mut bytes = if in_place {
                frame.clone()
            } else {
                vec![SENTINEL; LEN]
            };
            let before = bytes.clone();
            start.wait();
            let result = if in_place {
                receiver.open_in_place(b"", &mut bytes)
            } else {
                receiver.open(&frame, b"", &mut bytes).map(|len| 0..len)
            };
            match result {
                Ok(place) => {
                    assert_eq!(place.len(), LEN);
                    assert!(bytes[place].iter().all(|b| *b == 9));
                    opened.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => {
                    assert_eq!(error, Error::Replay);
                    // Refused at once; or opened, too late, and wiped.
                    assert!(bytes == before || bytes.iter().all(|b| *b == 0));
                }
            }
        };
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let open = &open;
                scope.spawn(move || open(thread % 2 == 0));
            }
        });
        assert_eq!(opened.into_inner(), 1);
    }
}

#[test]
fn keys_may_be_removed_while_frames_are_opened() {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let (sender, receiver) = (sender(suite), receiver(suite));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Until both answers were seen.
            let (mut opened, mut refused) = (0, 0);
            while opened < 1_000 || refused < 10 {
                match open(&receiver, &seal(&sender, b"frame", b""), b"") {
                    Ok(bytes) => {
                        assert_eq!(bytes, b"frame");
                        opened += 1;
                    }
                    Err(error) => {
                        assert_eq!(error, Error::UnknownKey);
                        refused += 1;
                    }
                }
            }
            done.store(true, Ordering::Relaxed);
        });
        while !done.load(Ordering::Relaxed) {
            receiver.remove(KID).expect("it is there");
            receiver.add(KID, &base_key(1)).expect("the place is free");
        }
    });
}

#[test]
fn base_keys_have_a_length() {
    for len in [0, 1_025, 4_096] {
        let key = BaseKey::new(&vec![0; len]);
        assert_eq!(key.map(drop), Err(Error::InvalidArgument));
    }
    for len in [1, 16, 32, 64, 65, 1_024] {
        assert!(BaseKey::new(&vec![0; len]).is_ok());
    }
}

#[test]
fn suites_have_their_registered_numbers() {
    const REGISTERED: [(u16, &str, usize); 4] = [
        (1, "AES_128_CTR_HMAC_SHA256_80", 10),
        (2, "AES_128_CTR_HMAC_SHA256_64", 8),
        (3, "AES_128_CTR_HMAC_SHA256_32", 4),
        (4, "AES_128_GCM_SHA256_128", 16),
    ];
    for (suite, (id, name, tag_len)) in CipherSuite::ALL.into_iter().zip(REGISTERED) {
        assert_eq!(
            (suite.id(), suite.name(), suite.tag_len()),
            (id, name, tag_len)
        );
        assert_eq!(suite.to_string(), name);
        assert_eq!(CipherSuite::from_id(id), Ok(suite));
    }
    for id in (5..=u16::MAX).chain([0]) {
        assert_eq!(CipherSuite::from_id(id), Err(Error::UnknownSuite));
    }
}

#[test]
fn debug_output_shows_no_key() {
    let suite = CipherSuite::Aes128GcmSha256_128;
    let key = BaseKey::new(&[0xAB; 16]).expect("16 bytes");
    let sender = Sender::new(suite, KID, &key).expect("a sender");
    let receiver = Receiver::new(suite);
    receiver.add(KID, &key).expect("a new KID");
    assert_eq!(format!("{key:?}"), "BaseKey { .. }");
    for text in [format!("{sender:?}"), format!("{receiver:?}")] {
        assert!(text.contains("FrameKey { kid: 4660, .. }"), "{text}");
        // 0xAB, as Debug prints bytes.
        assert!(!text.contains("171"), "{text}");
    }
}
