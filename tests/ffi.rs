//! The C interface called from Rust: what it adds to the Rust one. `.ci/c-tests`
//! does more of the same in C, under sanitizers.
#![expect(unsafe_code, reason = "the C interface takes pointers")]

use core::ffi::{CStr, c_char};
use core::ptr::{null, null_mut};
use roomseal::ffi::*;
use roomseal::{Error, Kind, limits};

const KEY: [u8; 16] = *b"0123456789abcdef";
const FILL: u8 = 0xA5;

// ---------------------------------------------------------------- handles as Rust types

macro_rules! owned {
    ($($name:ident, $handle:ident, $free:ident;)+) => {$(
        struct $name(*mut $handle);

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: made by the matching `_new`, and freed here only.
                unsafe { $free(self.0) };
            }
        }
    )+};
}

owned! {
    Config, roomseal_config, roomseal_config_free;
    Room, roomseal_room, roomseal_room_free;
    Sealer, roomseal_sealer, roomseal_sealer_free;
    Opener, roomseal_opener, roomseal_opener_free;
    Sender, roomseal_sframe_sender, roomseal_sframe_sender_free;
    Receiver, roomseal_sframe_receiver, roomseal_sframe_receiver_free;
}

// Host callbacks come from any thread.
const fn shared<T: Send + Sync>() {}
const _: () = {
    shared::<roomseal_config>();
    shared::<roomseal_room>();
    shared::<roomseal_sealer>();
    shared::<roomseal_opener>();
    shared::<roomseal_sframe_sender>();
    shared::<roomseal_sframe_receiver>();
};

fn made<T>(new: impl FnOnce(*mut *mut T) -> roomseal_status) -> *mut T {
    let mut handle = null_mut();
    assert_eq!(new(&raw mut handle), ROOMSEAL_OK);
    assert!(!handle.is_null());
    handle
}

fn config() -> Config {
    // SAFETY: the place is valid.
    let config = Config(made(|out| unsafe { roomseal_config_new(out) }));
    let id = "weekly";
    // SAFETY: a live handle and a text.
    let statuses = unsafe {
        [
            roomseal_config_set_app_id_number(config.0, 1_400_000_001),
            roomseal_config_set_room_id_text(config.0, id.as_ptr().cast(), id.len()),
        ]
    };
    assert_eq!(statuses, [ROOMSEAL_OK; 2]);
    config
}

fn room_of(config: &Config) -> Room {
    // SAFETY: a live handle and a valid place.
    let room = Room(made(|out| unsafe { roomseal_room_new(config.0, out) }));
    // SAFETY: a live handle, and a key of its length.
    let statuses = unsafe {
        [
            roomseal_room_install(room.0, 1, KEY.as_ptr(), KEY.len(), null(), 0),
            roomseal_room_activate(room.0, 1),
        ]
    };
    assert_eq!(statuses, [ROOMSEAL_OK; 2]);
    room
}

fn room() -> Room {
    room_of(&config())
}

fn sealer(room: &Room, kind: u32) -> Sealer {
    // SAFETY: a live handle and a valid place.
    Sealer(made(|out| unsafe {
        roomseal_sealer_new(room.0, kind, out)
    }))
}

fn opener(room: &Room) -> Opener {
    // SAFETY: a live handle and a valid place.
    Opener(made(|out| unsafe { roomseal_opener_new(room.0, out) }))
}

/// Status and length of sealing `frame` into `out`.
fn seal(sealer: &Sealer, frame: &[u8], out: &mut [u8]) -> (roomseal_status, usize) {
    let mut len = usize::MAX;
    // SAFETY: a live handle and slices.
    let status = unsafe {
        roomseal_sealer_seal(
            sealer.0,
            frame.as_ptr(),
            frame.len(),
            null(),
            0,
            out.as_mut_ptr(),
            out.len(),
            &raw mut len,
        )
    };
    (status, len)
}

fn open(opener: &Opener, kind: u32, frame: &[u8], out: &mut [u8]) -> (roomseal_status, usize) {
    let mut len = usize::MAX;
    // SAFETY: a live handle and slices.
    let status = unsafe {
        roomseal_opener_open(
            opener.0,
            kind,
            frame.as_ptr(),
            frame.len(),
            null(),
            0,
            null(),
            0,
            out.as_mut_ptr(),
            out.len(),
            &raw mut len,
        )
    };
    (status, len)
}

fn sealed(sealer: &Sealer, frame: &[u8]) -> Vec<u8> {
    let mut out = vec![0; frame.len() + ROOMSEAL_MAX_OVERHEAD];
    let (status, len) = seal(sealer, frame, &mut out);
    assert_eq!(status, ROOMSEAL_OK);
    out.truncate(len);
    out
}

fn bytes(len: usize) -> Vec<u8> {
    (0_u8..=255).cycle().skip(len % 251).take(len).collect()
}

// ---------------------------------------------------------------- what goes round

#[test]
fn frames_of_each_kind_go_round_and_in_any_order_of_freeing() {
    for (at, kind) in Kind::ALL.into_iter().enumerate() {
        let kind = u32::from(kind.number());
        let (alice, bob) = (room(), room());
        let (sealer, opener) = (sealer(&alice, kind), opener(&bob));
        for len in [0, 1, 80, 1_200, 70_000] {
            let frame = bytes(len);
            let sealed = sealed(&sealer, &frame);
            assert_eq!(sealed.len(), len + ROOMSEAL_MAX_OVERHEAD);

            let mut out = vec![FILL; len];
            assert_eq!(
                open(&opener, kind, &sealed, &mut out),
                (ROOMSEAL_OK, len),
                "{kind} {len}"
            );
            assert_eq!(out, frame);
            out.fill(FILL);
            let replayed = open(&opener, kind, &sealed, &mut out);
            assert_eq!(replayed, (ROOMSEAL_ERR_REPLAY, usize::MAX));
            assert!(out.iter().all(|b| *b == FILL), "a replay touches nothing");
        }
        match at {
            0 => {
                drop(alice);
                drop(sealer);
                drop(opener);
                drop(bob);
            }
            1 => {
                drop(bob);
                drop(alice);
                drop(opener);
                drop(sealer);
            }
            _ => {
                drop(opener);
                drop(sealer);
                drop(bob);
                drop(alice);
            }
        }
    }
}

#[test]
fn freeing_a_room_closes_what_was_made_of_it() {
    let alice = room();
    let (sealer, opener) = (sealer(&alice, 1), opener(&alice));
    let frame = sealed(&sealer, b"before");
    drop(alice);
    let mut out = [FILL; 64];
    assert_eq!(seal(&sealer, b"after", &mut out).0, ROOMSEAL_ERR_CLOSED);
    assert_eq!(open(&opener, 1, &frame, &mut out).0, ROOMSEAL_ERR_CLOSED);
    assert_eq!(out, [FILL; 64]);
}

#[test]
fn the_c_interface_and_the_rust_one_are_the_same_room() {
    use roomseal::{AppId, RoomConfig, RoomId, RoomKey, RoomSalt};
    let config = RoomConfig::new(
        AppId::number(1_400_000_001),
        RoomId::text("weekly").expect("an id"),
    );
    let rust = roomseal::Room::new(config).expect("a room");
    let key = RoomKey::from_bytes(&KEY).expect("a key");
    rust.install(1, &key, &RoomSalt::none()).expect("installed");
    rust.activate(1).expect("active");
    let c = room();

    let mut out = [0; 5];
    let frame = sealed(&sealer(&c, 2), b"hello");
    let opened = rust
        .opener()
        .open(Kind::Video, &frame, &[], None, &mut out)
        .expect("opens");
    assert_eq!((opened, &out), (5, b"hello"));

    let sealer = rust.sealer(Kind::Audio).expect("a sealer");
    let mut frame = vec![0; sealer.sealed_len(5)];
    sealer.seal(b"world", &[], &mut frame).expect("seals");
    assert_eq!(open(&opener(&c), 1, &frame, &mut out), (ROOMSEAL_OK, 5));
    assert_eq!(&out, b"world");
}

// ---------------------------------------------------------------- buffers

#[test]
fn every_overlap_is_refused_and_nothing_else() {
    let (alice, bob) = (room(), room());
    let (sealer, opener) = (sealer(&alice, 1), opener(&bob));
    let (mut refused, mut done) = (0, 0);
    for len in 0..32_usize {
        let need = len + ROOMSEAL_MAX_OVERHEAD;
        for input in 0..129_usize {
            let output = 64_usize;
            let mut arena = vec![FILL; 64 + 129 + 64];
            let before = arena.clone();
            let start = arena.as_mut_ptr();
            let mut out_len = usize::MAX;
            // SAFETY: both places lie in the arena, which nothing else uses.
            let status = unsafe {
                roomseal_sealer_seal(
                    sealer.0,
                    start.add(input).cast_const(),
                    len,
                    null(),
                    0,
                    start.add(output),
                    need,
                    &raw mut out_len,
                )
            };
            let shares = len > 0 && input < output + need && output < input + len;
            if shares {
                assert_eq!(status, ROOMSEAL_ERR_BUFFERS_OVERLAP, "{len} at {input}");
                assert_eq!(arena, before);
                refused += 1;
                continue;
            }
            assert_eq!(status, ROOMSEAL_OK, "{len} at {input}");
            let (head, tail) = (&arena[..output], &arena[output + need..]);
            assert!(head.iter().chain(tail).all(|b| *b == FILL));
            let frame = arena[output..output + need].to_vec();

            // And open it so that the same two places overlap or don't.
            let mut out_len = usize::MAX;
            let (from, to) = (output, input);
            let start = arena.as_mut_ptr();
            // SAFETY: both places lie in the arena, which nothing else uses.
            let status = unsafe {
                roomseal_opener_open(
                    opener.0,
                    1,
                    start.add(from).cast_const(),
                    need,
                    null(),
                    0,
                    null(),
                    0,
                    start.add(to),
                    len,
                    &raw mut out_len,
                )
            };
            assert_eq!((status, out_len), (ROOMSEAL_OK, len));
            assert_eq!(arena[from..from + need], frame);
            done += 1;
        }
    }
    assert!(refused > 1_000 && done > 1_000, "{refused} and {done}");
}

#[test]
fn alignment_does_not_matter() {
    let suite = ROOMSEAL_SUITE_AES_128_GCM_SHA256_128;
    for len in (0..40).chain([63, 64, 65, 127, 128, 129, 255, 1_200]) {
        let frame = bytes(len);
        let mut first = None;
        for offset in 0..64 {
            // A new sender each time: the same counter, so the same frame.
            // SAFETY: a key of its length and a valid place.
            let sender = Sender(made(|out| unsafe {
                roomseal_sframe_sender_new(suite, 7, KEY.as_ptr(), KEY.len(), out)
            }));
            let mut input = vec![0; offset + len];
            input[offset..].copy_from_slice(&frame);
            let mut metadata = vec![0; 63 - offset];
            metadata.extend_from_slice(b"metadata");
            let mut output = vec![FILL; 2 * offset % 64 + len + ROOMSEAL_SFRAME_MAX_OVERHEAD];
            let output = &mut output[2 * offset % 64..];
            let mut out_len = 0;
            // SAFETY: a live handle, and slices by their lengths.
            let status = unsafe {
                roomseal_sframe_sender_seal(
                    sender.0,
                    input[offset..].as_ptr(),
                    len,
                    metadata[63 - offset..].as_ptr(),
                    8,
                    output.as_mut_ptr(),
                    output.len(),
                    &raw mut out_len,
                )
            };
            assert_eq!(status, ROOMSEAL_OK);
            let sealed = output[..out_len].to_vec();
            assert!(output[out_len..].iter().all(|b| *b == FILL));
            assert_eq!(
                first.get_or_insert(sealed.clone()),
                &sealed,
                "{len} at {offset}"
            );

            // SAFETY: a valid place.
            let receiver = Receiver(made(|out| unsafe {
                roomseal_sframe_receiver_new(suite, 0, out)
            }));
            let mut frame_in_place = vec![0; offset];
            frame_in_place.extend_from_slice(&sealed);
            let (mut off, mut n) = (0, 0);
            // SAFETY: a live handle, a key of its length, slices by their lengths.
            let statuses = unsafe {
                [
                    roomseal_sframe_receiver_add(receiver.0, 7, KEY.as_ptr(), KEY.len()),
                    roomseal_sframe_receiver_open_in_place(
                        receiver.0,
                        metadata[63 - offset..].as_ptr(),
                        8,
                        frame_in_place[offset..].as_mut_ptr(),
                        sealed.len(),
                        &raw mut off,
                        &raw mut n,
                    ),
                ]
            };
            assert_eq!(statuses, [ROOMSEAL_OK; 2]);
            assert_eq!(frame_in_place[offset + off..][..n], frame);
        }
    }
}

#[test]
fn a_capacity_too_small_writes_nothing_and_spends_no_counter() {
    let (alice, bob) = (room(), room());
    let (sealer, opener) = (sealer(&alice, 2), opener(&bob));
    let ctr = |frame: &[u8]| roomseal::peek(frame).expect("a header").ctr;
    let first = ctr(&sealed(&sealer, b""));
    for (len, want) in (0..100).zip(first + 1..) {
        let frame = bytes(len);
        for cap in 0..len + ROOMSEAL_MAX_OVERHEAD {
            let mut out = vec![FILL; cap];
            let refused = seal(&sealer, &frame, &mut out);
            assert_eq!(refused, (ROOMSEAL_ERR_BUFFER_TOO_SMALL, usize::MAX));
            assert!(out.iter().all(|b| *b == FILL), "{len} into {cap}");
        }
        let sealed = sealed(&sealer, &frame);
        assert_eq!(ctr(&sealed), want);
        for cap in 0..len {
            let mut out = vec![FILL; cap];
            let refused = open(&opener, 2, &sealed, &mut out);
            assert_eq!(refused, (ROOMSEAL_ERR_BUFFER_TOO_SMALL, usize::MAX));
            assert!(out.iter().all(|b| *b == FILL), "{len} into {cap}");
        }
        let mut out = vec![FILL; len];
        assert_eq!(open(&opener, 2, &sealed, &mut out), (ROOMSEAL_OK, len));
    }
}

#[test]
fn every_prefix_of_a_frame_is_refused() {
    let (alice, bob) = (room(), room());
    let (sealer, opener) = (sealer(&alice, 1), opener(&bob));
    let frame = sealed(&sealer, &bytes(100));
    let mut out = [FILL; 100];
    let (status, _) = open(&opener, 1, &frame, &mut out);
    assert_eq!(status, ROOMSEAL_OK);
    let frame = sealed(&sealer, &bytes(100));
    for len in 0..frame.len() {
        out.fill(FILL);
        let (status, out_len) = open(&opener, 1, &frame[..len], &mut out);
        let want = match len {
            0..ROOMSEAL_MAX_OVERHEAD => ROOMSEAL_ERR_MALFORMED,
            _ => ROOMSEAL_ERR_NOT_AUTHENTIC,
        };
        assert_eq!((status, out_len), (want, usize::MAX), "{len}");
        let zeros = len.saturating_sub(ROOMSEAL_MAX_OVERHEAD);
        assert!(out[..zeros].iter().all(|b| *b == 0), "{len}");
        assert!(out[zeros..].iter().all(|b| *b == FILL), "{len}");
    }
}

#[test]
fn null_and_lengths_without_end() {
    let (alice, bob) = (room(), room());
    let (sealer, opener) = (sealer(&alice, 1), opener(&bob));
    let frame = sealed(&sealer, b"frame");
    let some = frame.as_ptr();
    let (mut out, mut len) = ([FILL; 64], 0);
    let place = &raw mut len;
    let start = out.as_mut_ptr();
    const MOST: usize = isize::MAX.unsigned_abs();
    // What each argument is in turn: NULL, or a length.
    let lengths = [MOST + 1, usize::MAX - 15, usize::MAX];
    for bad in lengths {
        for (want, null_too) in [
            (ROOMSEAL_ERR_INVALID_ARGUMENT, false),
            (ROOMSEAL_ERR_NULL_POINTER, true),
        ] {
            let from = if null_too { null() } else { some };
            let to = if null_too { null_mut() } else { start };
            // SAFETY: live handles; what isn't valid is refused before use.
            let statuses = unsafe {
                [
                    roomseal_sealer_seal(sealer.0, from, bad, null(), 0, start, 64, place),
                    roomseal_sealer_seal(sealer.0, some, 5, from, bad, start, 64, place),
                    roomseal_sealer_seal(sealer.0, some, 5, null(), 0, to, bad, place),
                    roomseal_sealer_seal_in_place(
                        sealer.0, from, bad, start, 64, 12, 5, place, place,
                    ),
                    roomseal_sealer_seal_in_place(
                        sealer.0,
                        null(),
                        0,
                        to,
                        bad,
                        12,
                        5,
                        place,
                        place,
                    ),
                    roomseal_opener_open(
                        opener.0,
                        1,
                        from,
                        bad,
                        null(),
                        0,
                        null(),
                        0,
                        start,
                        64,
                        place,
                    ),
                    roomseal_opener_open_in_place(
                        opener.0,
                        1,
                        null(),
                        0,
                        null(),
                        0,
                        to,
                        bad,
                        place,
                        place,
                    ),
                    roomseal_opener_open_text(
                        opener.0,
                        from.cast(),
                        bad,
                        null(),
                        0,
                        null(),
                        0,
                        start,
                        64,
                        place,
                    ),
                    roomseal_room_install(alice.0, 2, from, bad, null(), 0),
                    roomseal_room_install(alice.0, 2, KEY.as_ptr(), 16, from, bad),
                ]
            };
            assert_eq!(statuses, [want; 10], "{bad}");
        }
    }
    // SAFETY: NULL for handles and places.
    let statuses = unsafe {
        [
            roomseal_config_new(null_mut()),
            roomseal_room_new(null(), null_mut()),
            roomseal_room_close(null()),
            roomseal_sealer_new(alice.0, 1, null_mut()),
            roomseal_sealer_new(null(), 1, null_mut()),
            roomseal_opener_new(null(), null_mut()),
            roomseal_sealer_seal(null(), some, 5, null(), 0, start, 64, place),
            roomseal_sealer_seal(sealer.0, some, 5, null(), 0, start, 64, null_mut()),
            roomseal_sframe_sender_skip_to(null_mut(), 5),
            roomseal_room_counter(alice.0, 1, 1, null_mut()),
        ]
    };
    assert_eq!(statuses, [ROOMSEAL_ERR_NULL_POINTER; 10]);
    assert_eq!((out, len), ([FILL; 64], 0));
    // No counter was spent either: the next frame has the next one.
    let next = sealed(&sealer, b"frame");
    let ctr = |frame: &[u8]| roomseal::peek(frame).expect("a header").ctr;
    assert_eq!(ctr(&next), ctr(&frame) + 1);
}

#[test]
fn sources_and_text_are_looked_at_before_anything_is_written() {
    let (alice, bob) = (room(), room());
    let (sealer, opener) = (sealer(&alice, 3), opener(&bob));
    let mut text = [0; 200];
    let mut text_len = 0;
    // SAFETY: a live handle and slices.
    let status = unsafe {
        roomseal_sealer_seal_text(
            sealer.0,
            b"hello".as_ptr(),
            5,
            null(),
            0,
            text.as_mut_ptr().cast::<c_char>(),
            text.len(),
            &raw mut text_len,
        )
    };
    assert_eq!((status, text_len), (ROOMSEAL_OK, 44));
    let name = [b'a'; 65];
    let open = |source: *const u8, source_len, out: &mut [u8; 33]| {
        let mut len = usize::MAX;
        // SAFETY: a live handle, and pointers valid for their lengths.
        let status = unsafe {
            roomseal_opener_open_text(
                opener.0,
                text.as_ptr().cast::<c_char>(),
                text_len,
                null(),
                0,
                source.cast::<c_char>(),
                source_len,
                out.as_mut_ptr(),
                out.len(),
                &raw mut len,
            )
        };
        (status, len)
    };
    let mut out = [FILL; 33];
    // Not NULL, but of no length; and one byte too long.
    for len in [0, 65] {
        let refused = open(name.as_ptr(), len, &mut out);
        assert_eq!(refused, (ROOMSEAL_ERR_INVALID_ARGUMENT, usize::MAX));
        assert_eq!(out, [FILL; 33]);
    }
    assert_eq!(open(name.as_ptr(), 64, &mut out), (ROOMSEAL_OK, 5));
    assert_eq!(&out[..5], b"hello");
    assert_eq!(out[5..], [0; 28]);
}

#[test]
fn text_longer_than_any_frame_is_not_decoded() {
    let config = config();
    // SAFETY: a live handle.
    let status = unsafe { roomseal_config_set_max_frame_len(config.0, 100) };
    assert_eq!(status, ROOMSEAL_OK);
    let bob = room_of(&config);
    let opener = opener(&bob);
    let text = [b'A'; 400];
    let (mut out, mut len) = ([FILL; 300], usize::MAX);
    // SAFETY: a live handle and slices.
    let status = unsafe {
        roomseal_opener_open_text(
            opener.0,
            text.as_ptr().cast::<c_char>(),
            text.len(),
            null(),
            0,
            null(),
            0,
            out.as_mut_ptr(),
            out.len(),
            &raw mut len,
        )
    };
    assert_eq!((status, len), (ROOMSEAL_ERR_TOO_LARGE, usize::MAX));
    assert_eq!(out, [FILL; 300]);
    assert_eq!(counter(&bob, 3, ROOMSEAL_COUNTER_TOO_LARGE), 1);
}

// ---------------------------------------------------------------- numbers and names

fn counter(room: &Room, kind: u32, counter: u32) -> u64 {
    let mut value = u64::MAX;
    // SAFETY: a live handle and a valid place.
    let status = unsafe { roomseal_room_counter(room.0, kind, counter, &raw mut value) };
    assert_eq!(status, ROOMSEAL_OK);
    value
}

fn text(text: *const c_char) -> &'static str {
    // SAFETY: the functions below return static texts.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().expect("UTF-8")
}

#[test]
fn every_number_has_a_name() {
    assert_eq!(text(roomseal_status_name(0)), "OK");
    assert_eq!(text(roomseal_status_name(-7)), "UNKNOWN");
    for error in Error::ALL {
        assert_eq!(text(roomseal_status_name(error.status())), error.name());
        assert_eq!(
            text(roomseal_status_text(error.status())),
            error.to_string()
        );
    }
    assert_eq!(text(roomseal_version_text()), env!("CARGO_PKG_VERSION"));
    assert_eq!(text(roomseal_counter_name(0)), "unknown");
    let names: std::collections::BTreeSet<_> = (1..=roomseal_counter_last())
        .map(|id| text(roomseal_counter_name(id)))
        .collect();
    assert_eq!(names.len(), 18);
}

#[test]
fn the_largest_lists_fit_the_sizes_given() {
    let alice = room();
    for epoch in 2..=16_u8 {
        let key = [epoch; 16];
        // SAFETY: a live handle and a key.
        let status =
            unsafe { roomseal_room_install(alice.0, epoch.into(), key.as_ptr(), 16, null(), 0) };
        assert_eq!(status, ROOMSEAL_OK);
    }
    let (mut epochs, mut count) = ([0; ROOMSEAL_MAX_EPOCHS], 0);
    // SAFETY: a live handle and a list.
    let status =
        unsafe { roomseal_room_epochs(alice.0, epochs.as_mut_ptr(), epochs.len(), &raw mut count) };
    assert_eq!((status, count), (ROOMSEAL_OK, limits::MAX_EPOCHS));
    assert!(epochs.iter().copied().eq(1..=16));
}

/// What peers do that don't keep to C's rules of alignment.
#[test]
fn places_need_no_alignment() {
    let alice = room();
    let mut bytes = [FILL; 33];
    for offset in 0..8 {
        let place = bytes[offset..].as_mut_ptr();
        // SAFETY: eight bytes and more are valid from there on; alignment is not asked for.
        let status = unsafe { roomseal_room_active_epoch(alice.0, place.cast()) };
        assert_eq!(status, ROOMSEAL_OK);
        assert_eq!(bytes[offset..offset + 8], 1_u64.to_ne_bytes());
        let place = bytes[offset..].as_mut_ptr();
        let mut count = 0;
        // SAFETY: the same.
        let status = unsafe { roomseal_room_epochs(alice.0, place.cast(), 3, &raw mut count) };
        assert_eq!((status, count), (ROOMSEAL_OK, 1));
    }
}
