//! A process that forks: what was made before seals in the parent alone.
#![cfg(unix)]
#![expect(unsafe_code, reason = "fork is an unsafe call")]

#[path = "common/member.rs"]
mod member;
#[path = "common/process.rs"]
mod process;

use roomseal::sframe::{BaseKey, CipherSuite, Sender};
use roomseal::{Error, HEADER_LEN, Kind, Room, Sealer, peek};
use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::FromRawFd;

const SUITES: [CipherSuite; 3] = [
    CipherSuite::Aes128CtrHmacSha256_64,
    CipherSuite::Aes128GcmSha256_128,
    CipherSuite::Aes128CtrHmacSha256_32,
];
const PLAINTEXT: &[u8] = b"a frame";
const METADATA: &[u8] = b"fork";
/// Frames of each sealer, before and after each fork.
const FRAMES: usize = 50;
/// Kind and length stand before each frame.
const RECORD_HEADER: usize = 2;

// ------------------------------------------------------------ forking

/// Runs `child` in a forked process, `meanwhile` here, and returns what `child`
/// returned there.
///
/// The process has one test only, so that no other thread is inside the
/// allocator or a room while it forks.
fn fork(child: impl FnOnce() -> Vec<u8>, meanwhile: impl FnOnce()) -> Vec<u8> {
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for both descriptors.
    assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0, "no pipe");
    // SAFETY: both descriptors are new and owned by nobody else.
    let [mut reader, mut writer] = ends.map(|end| unsafe { File::from_raw_fd(end) });
    // SAFETY: no other thread of this process holds a lock that the child needs:
    // they all wait for this test to end.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "no fork");
    if pid == 0 {
        // A panic must not run the test harness's code a second time.
        let done = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
            writer.write_all(&child()).expect("a pipe that is read");
        }));
        // SAFETY: it ends this process at once, which owns nothing outside.
        unsafe { libc::_exit(i32::from(done.is_err())) };
    }
    drop(writer);
    meanwhile();
    let mut written = Vec::new();
    reader.read_to_end(&mut written).expect("a readable pipe");
    let mut status = 0;
    // SAFETY: `status` lives through the call, and the child was forked above.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    assert_eq!(status, 0, "the child failed");
    written
}

// ------------------------------------------------------------ sealing

fn sealers(room: &Room) -> Vec<Sealer> {
    Kind::ALL
        .map(|kind| room.sealer(kind).expect("a joined room"))
        .into()
}

/// Seals [`FRAMES`] frames with each sealer.
fn seal(sealers: &[Sealer], records: &mut Vec<u8>) {
    for _ in 0..FRAMES {
        for sealer in sealers {
            let mut frame = vec![0; sealer.sealed_len(PLAINTEXT.len())];
            sealer
                .seal(PLAINTEXT, METADATA, &mut frame)
                .expect("a sealer of this process");
            records.push(sealer.kind().number());
            records.push(u8::try_from(frame.len()).expect("a short frame"));
            records.extend_from_slice(&frame);
        }
    }
}

/// Every way to seal says [`Error::Forked`] and writes nothing.
fn assert_refuses(sealers: &[Sealer]) {
    for sealer in sealers {
        let mut out = [0xEE; 100];
        let refused = sealer.seal(PLAINTEXT, METADATA, &mut out);
        assert_eq!(refused, Err(Error::Forked));
        let refused = sealer.seal_in_place(METADATA, &mut out, HEADER_LEN..40);
        assert_eq!(refused, Err(Error::Forked));
        assert_eq!(out, [0xEE; 100], "something was written");
        let mut buffer = sealer.frame_buffer(PLAINTEXT.len());
        buffer.extend_from_slice(PLAINTEXT);
        let refused = sealer.seal_bytes(METADATA, &mut buffer);
        assert_eq!(refused.err(), Some(Error::Forked));
        if sealer.kind() == Kind::Message {
            let refused = sealer.seal_text(PLAINTEXT, METADATA);
            assert_eq!(refused, Err(Error::Forked));
        }
    }
}

/// Opens all frames in a room of their own, and counts them.
fn open_all(mut records: &[u8]) -> usize {
    let room = member::join(member::config(SUITES), &[1, 2]);
    let mut seen = HashSet::new();
    let mut out = [0; 100];
    while let Some((header, rest)) = records.split_at_checked(RECORD_HEADER) {
        let (frame, rest) = rest.split_at(usize::from(header[1]));
        records = rest;
        let kind = Kind::from_number(header[0]).expect("a kind");
        let names = peek(frame).expect("a frame of a room");
        assert!(
            seen.insert((kind, names.kid, names.ctr)),
            "{kind} {names:?} came twice"
        );
        let opened = room.opener().open(kind, frame, METADATA, None, &mut out);
        assert_eq!(opened, Ok(PLAINTEXT.len()));
        assert_eq!(&out[..PLAINTEXT.len()], PLAINTEXT);
    }
    seen.len()
}

/// Runs `test` in a process whose only test it is.
fn alone(name: &str, test: impl FnOnce()) {
    if process::role().is_some() {
        return test();
    }
    let output = process::again(name, "alone").output();
    let output = output.expect("a process can be started");
    assert!(
        output.status.success(),
        "{}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

// ------------------------------------------------------------ tests

#[test]
fn parent_child_and_grandchild_share_no_nonce() {
    alone("parent_child_and_grandchild_share_no_nonce", || {
        let room = member::join(member::config(SUITES), &[1, 2]);
        let used = sealers(&room);
        let unused = sealers(&room);
        let mut records = Vec::new();
        seal(&used, &mut records);

        let child = || {
            assert_refuses(&used);
            assert_refuses(&unused);
            // Moving to another epoch doesn't revive them.
            room.activate(2).expect("an installed epoch");
            assert_refuses(&used);
            assert_refuses(&unused);
            let own = sealers(&room);
            let mut records = Vec::new();
            seal(&own, &mut records);
            let grandchild = || {
                assert_refuses(&used);
                assert_refuses(&own);
                let mut records = Vec::new();
                seal(&sealers(&room), &mut records);
                records
            };
            let mut more = Vec::new();
            let theirs = fork(grandchild, || seal(&own, &mut more));
            records.extend(more);
            records.extend(theirs);
            records
        };
        let mut meanwhile = Vec::new();
        let theirs = fork(child, || {
            seal(&used, &mut meanwhile);
            seal(&unused, &mut meanwhile);
        });
        records.extend(meanwhile);
        records.extend(theirs);
        seal(&used, &mut records);
        // Before the fork 1, meanwhile 2, child 1 and 1, grandchild 1, after it 1.
        assert_eq!(open_all(&records), 7 * FRAMES * Kind::ALL.len());
    });
}

#[test]
fn a_sealer_of_one_child_is_none_of_its_brother() {
    alone("a_sealer_of_one_child_is_none_of_its_brother", || {
        let room = member::join(member::config(SUITES), &[1]);
        let child = || {
            let mut records = Vec::new();
            seal(&sealers(&room), &mut records);
            records
        };
        // No sealer was ever made here, and the children have the same memory.
        let mut records = fork(child, || ());
        records.extend(fork(child, || ()));
        assert_eq!(open_all(&records), 2 * FRAMES * Kind::ALL.len());
    });
}

#[test]
fn frames_open_in_the_child_too() {
    alone("frames_open_in_the_child_too", || {
        let mine = member::join(member::config(SUITES), &[1]);
        let theirs = member::join(member::config(SUITES), &[1]);
        let sealer = theirs.sealer(Kind::Video).expect("a joined room");
        let frames: Vec<_> = (0..4)
            .map(|_| {
                let mut frame = vec![0; sealer.sealed_len(PLAINTEXT.len())];
                sealer
                    .seal(PLAINTEXT, METADATA, &mut frame)
                    .expect("a joined room");
                frame
            })
            .collect();
        let open = |i: usize| {
            let mut out = [0; 100];
            mine.opener()
                .open(Kind::Video, &frames[i], METADATA, None, &mut out)
        };
        assert_eq!(open(0), Ok(PLAINTEXT.len()));
        let child = || {
            assert_eq!(open(0), Err(Error::Replay));
            assert_eq!(open(1), Ok(PLAINTEXT.len()));
            Vec::new()
        };
        fork(child, || assert_eq!(open(2), Ok(PLAINTEXT.len())));
        // The child had a memory of its own.
        assert_eq!(open(1), Ok(PLAINTEXT.len()));
        assert_eq!(open(3), Ok(PLAINTEXT.len()));
    });
}

#[test]
fn a_plain_sender_refuses_in_the_child_too() {
    alone("a_plain_sender_refuses_in_the_child_too", || {
        let key = BaseKey::new(&[7; 16]).expect("16 bytes");
        let sender = Sender::new(SUITES[1], 5, &key).expect("a sender");
        let mut out = [0xEE; 100];
        sender.seal(PLAINTEXT, METADATA, &mut out).expect("a frame");
        let child = || {
            let mut out = [0xEE; 100];
            let refused = sender.seal(PLAINTEXT, METADATA, &mut out);
            assert_eq!(refused, Err(Error::Forked));
            let refused = sender.seal_in_place(METADATA, &mut out, 20..40);
            assert_eq!(refused, Err(Error::Forked));
            assert_eq!(out, [0xEE; 100], "something was written");
            // A key that the parent has not: its counter starts anew.
            let key = BaseKey::new(&[8; 16]).expect("16 bytes");
            let sender = Sender::new(SUITES[1], 5, &key).expect("a sender");
            sender.seal(PLAINTEXT, METADATA, &mut out).expect("a frame");
            Vec::new()
        };
        fork(child, || ());
        sender.seal(PLAINTEXT, METADATA, &mut out).expect("a frame");
        assert_eq!(sender.next_ctr(), Some(2));
    });
}
