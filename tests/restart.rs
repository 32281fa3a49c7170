//! Users crash and rejoin: many processes with the same ids and room keys, each
//! killed at a random moment and started again, while one receiver lives on.

#[path = "common/member.rs"]
mod member;
#[path = "common/process.rs"]
mod process;

use core::time::Duration;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use roomseal::sframe::CipherSuite;
use roomseal::{HEADER_LEN, Kind, Opener, Room, Sealer, peek};
use std::collections::HashSet;
use std::io::{Read, Write};
use std::process::Child;

const SUITES: [CipherSuite; 3] = [
    CipherSuite::Aes128CtrHmacSha256_64,
    CipherSuite::Aes128GcmSha256_128,
    CipherSuite::Aes128CtrHmacSha256_80,
];
const EPOCHS: [u64; 3] = [7, 8, 9];
const METADATA: &[u8] = b"restart";
/// Processes alive at the same time: two devices of one user.
const DEVICES: usize = 2;
/// More than a pipe takes at once, so that a kill can cut a frame short.
const MAX_PAYLOAD: usize = 20_000;
/// Kind and length stand before each frame.
const RECORD_HEADER: usize = 5;

fn member() -> Room {
    member::join(member::config(SUITES), &EPOCHS)
}

/// What a process seals as its frame number `number`.
fn payload(number: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![number.to_le_bytes()[0]; len];
    for (to, from) in bytes.iter_mut().zip(number.to_be_bytes()) {
        *to = from;
    }
    bytes
}

// ------------------------------------------------------------ the process that is killed

/// Joins, then seals and writes frames of all kinds until it is killed.
fn stream_out() {
    let mut rng = StdRng::try_from_rng(&mut rand::rngs::SysRng).expect("a system with entropy");
    let room = member();
    let mut sealers: Vec<Sealer> = Vec::new();
    let mut out = std::io::stderr();
    for number in 0.. {
        // Streams come and go, and the active epoch changes, also back.
        if rng.random_ratio(1, 50) || sealers.is_empty() {
            sealers.truncate(5);
            for kind in Kind::ALL {
                sealers.push(room.sealer(kind).expect("a joined room"));
            }
        }
        if rng.random_ratio(1, 40) {
            let epoch = EPOCHS[rng.random_range(0..EPOCHS.len())];
            room.activate(epoch).expect("an installed epoch");
        }
        let sealer = &sealers[rng.random_range(0..sealers.len())];
        let most = if rng.random_ratio(1, 8) {
            MAX_PAYLOAD
        } else {
            1_500
        };
        let plaintext = payload(number, rng.random_range(0..most));
        let record = record(sealer, &plaintext, rng.random());
        // The pipe breaks when the other process is gone.
        if out.write_all(&record).is_err() {
            return;
        }
    }
}

fn record(sealer: &Sealer, plaintext: &[u8], in_place: bool) -> Vec<u8> {
    let len = sealer.sealed_len(plaintext.len());
    let mut record = vec![0; RECORD_HEADER + len];
    record[0] = sealer.kind().number();
    record[1..RECORD_HEADER].copy_from_slice(&u32::try_from(len).expect("short").to_be_bytes());
    let frame = &mut record[RECORD_HEADER..];
    if in_place {
        let payload = HEADER_LEN..HEADER_LEN + plaintext.len();
        frame[payload.clone()].copy_from_slice(plaintext);
        sealer
            .seal_in_place(METADATA, frame, payload)
            .expect("an active epoch");
    } else {
        sealer
            .seal(plaintext, METADATA, frame)
            .expect("an active epoch");
    }
    record
}

// ------------------------------------------------------------ the receiver

/// Takes what a process writes, kills it at a random moment and takes the rest.
fn read_and_kill(mut process: Child, mut rng: StdRng) -> Vec<u8> {
    let mut pipe = process.stderr.take().expect("standard error is a pipe");
    let mut written = Vec::new();
    if rng.random_ratio(1, 8) {
        // While it starts and joins.
        std::thread::sleep(Duration::from_micros(rng.random_range(0..20_000)));
    } else {
        let amount = rng.random_range(1..400_000);
        let read = pipe.by_ref().take(amount).read_to_end(&mut written);
        assert_eq!(
            read.expect("a readable pipe"),
            usize::try_from(amount).expect("small"),
            "a process ended by itself: {}",
            String::from_utf8_lossy(&written)
        );
        if rng.random() {
            // It fills the pipe meanwhile and waits in the middle of a frame.
            std::thread::sleep(Duration::from_micros(rng.random_range(0..5_000)));
        }
    }
    process.kill().expect("it lives");
    let status = process.wait().expect("it was started here");
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(9),
        "{status}"
    );
    assert!(!status.success(), "{status}");
    pipe.read_to_end(&mut written).expect("a readable pipe");
    written
}

/// Everything the receiver keeps.
struct Receiver {
    opener: Opener,
    /// Kind, KID and CTR of every frame that ever came.
    seen: HashSet<(u8, u64, u64)>,
    kids: HashSet<u64>,
    cut_short: usize,
}

impl Receiver {
    /// Opens the complete frames of one process.
    fn take(&mut self, mut written: &[u8]) {
        let mut out = [0; MAX_PAYLOAD];
        let mut last = None;
        while let Some((kind, frame, rest)) = split_record(written) {
            written = rest;
            let header = peek(frame).expect("a frame of a room");
            assert!(
                self.seen.insert((kind.number(), header.kid, header.ctr)),
                "{kind} {header:?} came twice"
            );
            self.kids.insert(header.kid);
            let len = self
                .opener
                .open(kind, frame, METADATA, None, &mut out)
                .unwrap_or_else(|e| panic!("{kind} {header:?} was lost: {e}"));
            let plaintext = &out[..len];
            let number = last.map_or(0, |n: u64| n + 1);
            assert_eq!(plaintext, payload(number, len), "frame {number}");
            last = Some(number);
        }
        self.cut_short += usize::from(!written.is_empty());
    }
}

/// The first complete frame, and what comes behind it.
fn split_record(written: &[u8]) -> Option<(Kind, &[u8], &[u8])> {
    let (header, rest) = written.split_at_checked(RECORD_HEADER)?;
    let kind = Kind::from_number(header[0]).unwrap_or_else(|e| {
        panic!(
            "not a record: {e}: {}",
            String::from_utf8_lossy(written.get(..2_000).unwrap_or(written))
        )
    });
    let len = u32::from_be_bytes(header[1..].try_into().expect("4 bytes"));
    let (frame, rest) = rest.split_at_checked(usize::try_from(len).expect("short"))?;
    Some((kind, frame, rest))
}

fn crash_and_rejoin(test: &str, processes: usize) {
    if process::role().is_some() {
        return stream_out();
    }
    let room = member();
    let mut receiver = Receiver {
        opener: room.opener(),
        seen: HashSet::new(),
        kids: HashSet::new(),
        cut_short: 0,
    };
    let mut rng = StdRng::try_from_rng(&mut rand::rngs::SysRng).expect("a system with entropy");
    for _ in 0..processes / DEVICES {
        let devices: Vec<_> = (0..DEVICES)
            .map(|_| {
                let process = process::again(test, "stream out").spawn();
                let process = process.expect("a process can be started");
                let rng = StdRng::from_rng(&mut rng);
                std::thread::spawn(move || read_and_kill(process, rng))
            })
            .collect();
        for device in devices {
            receiver.take(&device.join().expect("a process that was killed"));
        }
    }
    let counted: u64 = Kind::ALL
        .map(|kind| room.counters(kind).opened)
        .iter()
        .sum();
    assert_eq!(counted, receiver.seen.len() as u64, "frames were lost");
    println!(
        "{processes} processes: {} frames under {} KIDs, {} cut short",
        receiver.seen.len(),
        receiver.kids.len(),
        receiver.cut_short
    );
    // The test is worth something only if most processes came to seal.
    assert!(receiver.seen.len() > processes * 10, "hardly any frames");
    assert!(receiver.kids.len() > processes * 3, "hardly any streams");
    if processes >= 1_000 {
        assert!(receiver.cut_short > 0, "no frame was cut short");
    }
}

#[test]
fn no_nonce_comes_twice_and_no_frame_is_lost() {
    crash_and_rejoin("no_nonce_comes_twice_and_no_frame_is_lost", 20);
}

#[test]
#[ignore = "slow: the same with 1,000 processes"]
fn no_nonce_comes_twice_in_a_thousand_processes() {
    crash_and_rejoin("no_nonce_comes_twice_in_a_thousand_processes", 1_000);
}
