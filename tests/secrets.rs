//! Keys leave nothing behind: after a room was closed and its handles dropped, no
//! run of a key, of anything it was derived through, or of a round key stands
//! anywhere in the writable memory of the process.
//!
//! A process of its own lives through a call and copies its memory at certain
//! points through a pipe. The test computes the secrets and looks for them, so
//! no copy of its own can be in the way.
#![cfg(target_os = "linux")]

#[path = "secrets/memory.rs"]
mod memory;
#[path = "secrets/needles.rs"]
mod needles;
#[path = "common/process.rs"]
mod process;

use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering::SeqCst};
use needles::{Context, Needles, PLAIN_KID, PLAIN_SUITE, Secret, Stream};
use roomseal::sframe::{BaseKey, CipherSuite, Header, Ratchet, RatchetKid, Receiver, Sender};
use roomseal::{
    AppId, CallId, HEADER_LEN, Kind, Opener, Room, RoomConfig, RoomId, RoomKey, RoomSalt, Sealer,
    peek,
};
use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread;

const HEX_KEY: &str = "ROOMSEAL_TEST_HEX_KEY";
const BASE64_KEY: &str = "ROOMSEAL_TEST_BASE64_KEY";
const SALT: &[u8] = b"a salt that is no secret";
const METADATA: &[u8] = b"metadata";
const SSRC: u32 = 0x1122_3344;
/// Suites of audio, video and messages. Each kind sends after the one before, and
/// what the last one leaves on a stack is not written over.
const MIXED: [CipherSuite; 3] = [
    CipherSuite::Aes128CtrHmacSha256_64,
    CipherSuite::Aes128GcmSha256_128,
    CipherSuite::Aes128CtrHmacSha256_80,
];
const ONLY_GCM: [CipherSuite; 3] = [CipherSuite::Aes128GcmSha256_128; 3];
/// The epoch of the key in hexadecimal, of the one in base64, of the one ratcheted
/// from that, and of a random one.
const EPOCHS: [u64; 4] = [1, 2, 3, 7];
/// Epochs other than this one live on when it is retired.
const RETIRED: u64 = 1;

// ------------------------------------------------------------ the process that is looked into

/// Where the call is. The process is copied at each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
enum Point {
    /// There are room keys, but no room yet.
    Keys = 1,
    /// Everything is in use.
    InCall = 2,
    /// One epoch was retired, and its room key dropped.
    Retired = 3,
    /// One room was closed and one dropped, and all room keys dropped. Sealers
    /// and openers are still there.
    Closed = 4,
    /// All handles were dropped.
    Gone = 5,
}

const POINTS: [Point; 5] = [
    Point::Keys,
    Point::InCall,
    Point::Retired,
    Point::Closed,
    Point::Gone,
];

static REACHED: AtomicUsize = AtomicUsize::new(0);
static COPIED: AtomicUsize = AtomicUsize::new(0);
/// All that [`watch`] must tell: what identifies streams is no secret.
static STREAMS: Mutex<Vec<Stream>> = Mutex::new(Vec::new());
/// An address on the stack of each thread of the call.
static STACKS: Mutex<Vec<u64>> = Mutex::new(Vec::new());
/// The random room key, masked byte by byte.
static MASKED: [AtomicU8; 16] = [const { AtomicU8::new(0) }; 16];
const MASK: u8 = 0x5A;

/// Waits until the memory was copied. Takes next to no stack, so that what calls
/// before have left there stays as it is.
fn stop_at(point: Point) {
    REACHED.store(point as usize, SeqCst);
    wait_for_copy(point);
}

fn wait_for_copy(point: Point) {
    while COPIED.load(SeqCst) < point as usize {
        thread::yield_now();
    }
}

/// Copies this process whenever the call comes to a point.
fn watch() {
    let mut out = std::io::stderr();
    for point in POINTS {
        while REACHED.load(SeqCst) < point as usize {
            thread::sleep(core::time::Duration::from_millis(1));
        }
        let mut head: Vec<u8> = MASKED.iter().map(|byte| byte.load(SeqCst)).collect();
        let mut numbers = Vec::new();
        let stacks = STACKS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        numbers.push(stacks.len() as u64);
        numbers.extend(stacks);
        let streams = STREAMS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        numbers.push(streams.len() as u64);
        for stream in streams {
            let (kind, suite) = (u64::from(stream.kind), u64::from(stream.suite));
            numbers.extend([stream.epoch, kind, suite, stream.kid]);
        }
        head.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
        out.write_all(&head).expect("a pipe that is read");
        memory::send(&mut out).expect("a pipe that is read");
        COPIED.store(point as usize, SeqCst);
    }
}

fn note_stack() {
    let here = 0_u8;
    let mut stacks = STACKS.lock().unwrap_or_else(PoisonError::into_inner);
    stacks.push((&raw const here).addr() as u64);
}

fn note_stream(epoch: u64, kind: Kind, suites: [CipherSuite; 3], frame: &[u8]) {
    let stream = Stream {
        epoch,
        kind: kind.number(),
        suite: suites[usize::from(kind.number()) - 1].id(),
        kid: peek(frame).expect("a frame of a room").kid,
    };
    let mut streams = STREAMS.lock().unwrap_or_else(PoisonError::into_inner);
    if !streams.contains(&stream) {
        streams.push(stream);
    }
}

/// One member's handles.
struct Member {
    suites: [CipherSuite; 3],
    sealers: [Sealer; 3],
    opener: Opener,
}

impl Member {
    fn new(room: &Room, suites: [CipherSuite; 3]) -> Self {
        Self {
            suites,
            sealers: Kind::ALL.map(|kind| room.sealer(kind).expect("an open room")),
            opener: room.opener(),
        }
    }

    /// Sends frames of all kinds and lengths, in all forms, and forged ones.
    fn send(&self, to: &Opener, epoch: u64) {
        let mut sealed = vec![0; 5_100];
        let mut opened = vec![0; 5_100];
        for len in [0, 1, 15, 16, 20, 80, 160, 239, 240, 333, 1_200, 5_000] {
            for sealer in &self.sealers {
                let kind = sealer.kind();
                let plaintext = vec![0x11; len];
                let n = sealer
                    .seal(&plaintext, METADATA, &mut sealed)
                    .expect("an active epoch");
                note_stream(epoch, kind, self.suites, &sealed);
                to.open(kind, &sealed[..n], METADATA, Some(b"user"), &mut opened)
                    .expect("a new frame");
                let payload = HEADER_LEN..HEADER_LEN + len;
                let place = sealer
                    .seal_in_place(&[], &mut sealed, payload)
                    .expect("an active epoch");
                to.open_in_place(kind, &[], None, &mut sealed[place])
                    .expect("a new frame");
                // A forged frame, on a known stream and on an unknown one.
                let n = sealer
                    .seal(&plaintext, METADATA, &mut sealed)
                    .expect("an active epoch");
                sealed[n - 1] ^= 1;
                to.open(kind, &sealed[..n], METADATA, None, &mut opened)
                    .expect_err("a forged frame");
                let names = peek(&sealed).expect("a frame of a room");
                Header::new(names.kid ^ 1 << 20, names.ctr)
                    .encode(&mut sealed)
                    .expect("there is room");
                note_stream(epoch, kind, self.suites, &sealed);
                to.open_in_place(kind, METADATA, None, &mut sealed[..n])
                    .expect_err("a forged frame");
                if kind == Kind::Message {
                    let text = sealer
                        .seal_text(&plaintext, METADATA)
                        .expect("an active epoch");
                    to.open_text(&text, METADATA, None).expect("a new message");
                }
            }
        }
    }
}

fn config(suites: [CipherSuite; 3]) -> RoomConfig {
    let [audio, video, message] = suites;
    RoomConfig::new(
        AppId::number(1_400_000_001),
        RoomId::text("weekly").expect("a short id"),
    )
    .call_id(CallId::text("monday").expect("a short id"))
    .suite(Kind::Audio, audio)
    .suite(Kind::Video, video)
    .suite(Kind::Message, message)
}

/// Both members send to each other in every epoch.
fn call(rooms: [&Room; 2], members: &[Member; 2]) {
    note_stack();
    for epoch in EPOCHS {
        for room in rooms {
            room.activate(epoch).expect("an installed epoch");
        }
        members[0].send(&members[1].opener, epoch);
        members[1].send(&members[0].opener, epoch);
    }
}

/// The layer of plain SFrame, from first to last.
fn call_with_plain_keys(base_key: &[u8]) {
    note_stack();
    let base_key = BaseKey::new(base_key).expect("16 bytes");
    let kids = RatchetKid::new(8).expect("8 bits");
    let mut ratchet = Ratchet::new(kids, PLAIN_KID >> 8, base_key).expect("a small generation");
    while ratchet.kid() != PLAIN_KID & !0xFF | 1 {
        ratchet.advance().expect("not the last step");
    }
    let base_key = ratchet.base_key().for_ssrc(SSRC);
    let sender = Sender::new(PLAIN_SUITE, PLAIN_KID, &base_key).expect("a sender");
    let receiver = Receiver::new(PLAIN_SUITE);
    receiver.add(PLAIN_KID, &base_key).expect("a new KID");
    let mut frame = [0; 300];
    for len in [0, 20, 250] {
        let place = sender
            .seal_in_place(METADATA, &mut frame, 20..20 + len)
            .expect("a fresh key");
        receiver
            .open_in_place(METADATA, &mut frame[place])
            .expect("a new frame");
    }
}

/// What an application does from first join to last leave.
fn live(leak: Leak, suites: [CipherSuite; 3]) {
    let read = |name| std::env::var(name).expect("the first process sets it");
    let salt = RoomSalt::new(SALT).expect("a short salt");
    let from_hex = RoomKey::from_hex(&read(HEX_KEY)).expect("32 digits");
    let from_base64 = RoomKey::from_base64(&read(BASE64_KEY)).expect("24 characters");
    let random = RoomKey::random().expect("a system with entropy");
    for (masked, byte) in MASKED.iter().zip(random.expose()) {
        masked.store(byte ^ MASK, SeqCst);
    }
    drop(random.to_hex());
    drop(random.to_base64());
    drop(format!("{random:?} {}", random.fingerprint()));
    // A late joiner gets this one.
    drop(from_base64.ratchet(2).expect("not the last epoch"));
    call_with_plain_keys(random.expose());
    stop_at(Point::Keys);

    let rooms = [(); 2].map(|()| {
        let room = Room::new(config(suites)).expect("a valid configuration");
        room.install(1, &from_hex, &salt).expect("a new epoch");
        room.install(2, &from_base64, &salt).expect("a new epoch");
        room.ratchet(2).expect("an installed epoch");
        room.install(7, &random, &salt).expect("a new epoch");
        room
    });
    let [mine, theirs] = rooms.map(Arc::new);
    let members = Arc::new([Member::new(&mine, suites), Member::new(&theirs, suites)]);
    // On a stack that is left behind, on one that goes on, and on this one.
    let talk = || {
        let (mine, theirs, members) =
            (Arc::clone(&mine), Arc::clone(&theirs), Arc::clone(&members));
        move || call([&mine, &theirs], &members)
    };
    thread::spawn(talk()).join().expect("the call works");
    let talked = Arc::new(Barrier::new(2));
    let lasting = {
        let (talk, talked) = (talk(), Arc::clone(&talked));
        thread::spawn(move || {
            talk();
            drop(talk);
            talked.wait();
            wait_for_copy(Point::Gone);
        })
    };
    talked.wait();
    talk()();
    stop_at(Point::InCall);

    mine.retire(RETIRED).expect("an installed epoch");
    theirs.retire(RETIRED).expect("an installed epoch");
    drop(from_hex);
    stop_at(Point::Retired);

    let kept_room = (leak == Leak::Room).then(|| Arc::clone(&theirs));
    let kept_key = (leak == Leak::Key).then_some(from_base64);
    mine.close();
    drop(theirs);
    drop(random);
    stop_at(Point::Closed);

    drop(members);
    drop(mine);
    stop_at(Point::Gone);
    drop((kept_key, kept_room));
    lasting.join().expect("it only waits");
}

/// What is kept, to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leak {
    Nothing,
    Key,
    Room,
}

// ------------------------------------------------------------ the process that looks

/// What was found at one point, and how often in which region. The stacks of the
/// call's threads are one.
type Found = BTreeMap<(Secret, String), usize>;

fn read_number(from: &mut impl Read) -> u64 {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes).expect("the process lives");
    u64::from_le_bytes(bytes)
}

/// All secrets of the call.
fn needles(keys: [[u8; 16]; 3], streams: &[Stream]) -> Needles {
    let [from_hex, from_base64, random] = keys;
    let mut needles = Needles::new();
    let mut secrets = BTreeMap::new();
    secrets.insert(1, needles.add_epoch(1, &from_hex));
    let second = needles.add_epoch(2, &from_base64);
    secrets.insert(2, second);
    let ratcheted = needles.next_room_key(2, &second);
    secrets.insert(3, needles.add_epoch(3, &ratcheted));
    secrets.insert(7, needles.add_epoch(7, &random));
    let random = RoomKey::from_bytes(&random).expect("16 bytes");
    needles.add_text(7, "room key in hexadecimal", &random.to_hex());
    needles.add_text(7, "room key in base64", &random.to_base64());
    needles.add_plain(random.expose(), SSRC);
    let context = Context {
        salt: SALT,
        ids: [b"n:1400000001", b"s:weekly", b"s:monday"],
    };
    for stream in streams {
        needles.add_stream(&secrets[&stream.epoch], &context, *stream);
    }
    needles
}

/// Starts a process and looks for its secrets at each point.
fn look_into(test: &str, role: &str, hidden: &str) -> [Found; POINTS.len()] {
    let mut keys = [[0; 16]; 3];
    let given = [(); 2].map(|()| RoomKey::random().expect("a system with entropy"));
    for (to, from) in keys.iter_mut().zip(&given) {
        *to = *from.expose();
    }
    let mut process = process::again(test, role)
        .env(HEX_KEY, given[0].to_hex().as_str())
        .env(BASE64_KEY, given[1].to_base64().as_str())
        .env("ROOMSEAL_HIDE_BACKENDS", hidden)
        .spawn()
        .expect("a process can be started");
    let mut pipe = BufReader::new(process.stderr.take().expect("standard error is a pipe"));
    let mut streams = Vec::new();
    let mut stacks = Vec::new();
    let copies = POINTS.map(|_| {
        pipe.read_exact(&mut keys[2]).expect("the process lives");
        keys[2].iter_mut().for_each(|byte| *byte ^= MASK);
        stacks = (0..read_number(&mut pipe))
            .map(|_| read_number(&mut pipe))
            .collect();
        streams = (0..read_number(&mut pipe))
            .map(|_| {
                let [epoch, kind, suite, kid] = [(); 4].map(|()| read_number(&mut pipe));
                Stream {
                    epoch,
                    kind: u8::try_from(kind).expect("a kind"),
                    suite: u16::try_from(suite).expect("a suite"),
                    kid,
                }
            })
            .collect();
        memory::receive(&mut pipe).expect("the process lives")
    });
    let status = process.wait().expect("it was started here");
    assert!(status.success(), "{status}");
    // Both members send three kinds in four epochs on three threads; each stream
    // has a forged twin.
    assert!(streams.len() >= 2 * 3 * 4 * 2, "{}", streams.len());

    let needles = needles(keys, &streams);
    copies.map(|regions| {
        let bytes: usize = regions.iter().map(|r| r.bytes.len()).sum();
        assert!(bytes > 100_000, "only {bytes} bytes of memory");
        let mut found = Found::new();
        for region in regions {
            let place = if stacks.iter().any(|stack| region.contains(*stack)) {
                STACK
            } else {
                region.name.as_str()
            };
            for (_, secret) in needles.find(&region.bytes) {
                let place = (secret.clone(), place.to_owned());
                *found.entry(place).or_default() += 1;
            }
        }
        found
    })
}

const STACK: &str = "a stack";

fn list(found: &Found) -> String {
    let lines: Vec<_> = found
        .iter()
        .map(|((secret, place), times)| {
            let Secret { epoch, name } = secret;
            format!("epoch {epoch}, {name}: {times} times in {place:?}")
        })
        .collect();
    lines.join("\n")
}

/// All backends of our own kernels, so that the portable engine is left.
const ALL_BACKENDS: &str = "vaes512,vaes,aes_ni,aarch64_aes";

/// Removes what may stay: AES-GCM, by our kernels and by the portable engine, keeps
/// round keys and powers of the hash key on the stack of a thread that seals and
/// opens, until its next frame takes their place. The portable engine's lie where
/// objects are built later that are moved to the heap, gaps included. Whatever else
/// makes or uses keys leaves nothing anywhere.
fn without_gcm(mut found: Found, hidden: &str) -> Found {
    // Release builds don't read the variable: they run on the best kernel.
    let portable = hidden == ALL_BACKENDS && cfg!(debug_assertions);
    found.retain(|(secret, place), _| {
        let gcm = secret.name.contains("suite 4: ") || secret.name.starts_with("plain: ");
        // The first round key is the key.
        let in_use = [": power ", ": hash key", ": round key ", ": SFrame key"]
            .iter()
            .any(|part| secret.name.contains(part));
        !(gcm && in_use && (place == STACK || portable))
    });
    found
}

fn assert_nothing(found: Found, hidden: &str, when: &str) {
    let found = without_gcm(found, hidden);
    assert!(found.is_empty(), "{when}:\n{}", list(&found));
}

/// The epochs of which something with this name was found.
fn epochs_of(found: &Found, name: &str) -> Vec<u64> {
    let mut epochs: Vec<_> = found
        .keys()
        .filter(|(secret, _)| secret.name.starts_with(name))
        .map(|(secret, _)| secret.epoch)
        .collect();
    epochs.dedup();
    epochs
}

/// Runs in a process of its own what [`look_into`] looks into.
fn run(leak: Leak, suites: [CipherSuite; 3]) {
    let live = thread::spawn(move || live(leak, suites));
    watch();
    live.join().expect("the call works");
}

/// What is alive must be found: then the search is no blind one.
fn assert_found_in_call(found: &Found, suites: [CipherSuite; 3]) {
    // The one that was ratcheted went as soon as its epoch was installed.
    assert_eq!(epochs_of(found, "room key"), [1, 2, 7], "{}", list(found));
    assert_eq!(epochs_of(found, "epoch secret"), EPOCHS);
    for (kind, suite) in Kind::ALL.iter().zip(suites) {
        let name = format!("kind {} suite {}: ", kind.number(), suite.id());
        let assert_found = |part: &str| {
            let name = format!("{name}{part}");
            assert_eq!(epochs_of(found, &name), EPOCHS, "{name}");
        };
        if suite != CipherSuite::Aes128GcmSha256_128 {
            assert_found("HMAC: state after the key");
        }
        // Without these instructions round keys stand in bit slices.
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("aes") {
            (1..=10).for_each(|round| assert_found(&format!("round key {round}")));
            if suite == CipherSuite::Aes128GcmSha256_128 {
                assert_found("power 1");
            }
        }
    }
}

fn assert_nothing_is_left(test: &str, suites: [CipherSuite; 3], engines: &[&str]) {
    // Release builds don't read this: they run on the best kernel each time.
    for hidden in engines {
        println!("without {hidden:?}");
        let [keys, in_call, retired, closed, gone] = look_into(test, "call", hidden);
        assert_eq!(epochs_of(&keys, "room key"), [1, 2, 7], "{}", list(&keys));
        assert_found_in_call(&in_call, suites);

        // Nothing comes of making keys but keys.
        let mut more = keys;
        more.retain(|(secret, _), _| secret.name != "room key");
        assert_nothing(more, hidden, "keys");
        assert_eq!(epochs_of(&retired, "epoch secret"), EPOCHS[1..]);
        let mut of_retired = retired;
        of_retired.retain(|(secret, _), _| secret.epoch == RETIRED);
        assert_nothing(of_retired, hidden, "retired");
        assert_nothing(closed, hidden, "closed");
        assert_nothing(gone, hidden, "gone");
    }
}

#[test]
fn nothing_is_left_of_mixed_suites() {
    if process::role().is_some() {
        return run(Leak::Nothing, MIXED);
    }
    let engines = ["", "vaes512", "vaes512,vaes", ALL_BACKENDS];
    assert_nothing_is_left("nothing_is_left_of_mixed_suites", MIXED, &engines);
}

#[test]
fn nothing_is_left_of_the_default_suite() {
    if process::role().is_some() {
        return run(Leak::Nothing, ONLY_GCM);
    }
    let engines = ["", ALL_BACKENDS];
    assert_nothing_is_left("nothing_is_left_of_the_default_suite", ONLY_GCM, &engines);
}

#[test]
fn a_key_that_is_kept_is_found() {
    if process::role().is_some() {
        return run(Leak::Key, MIXED);
    }
    let [_, _, _, closed, gone] = look_into("a_key_that_is_kept_is_found", "call", "");
    for found in [closed, gone].map(|found| without_gcm(found, "")) {
        let secrets: Vec<_> = found
            .keys()
            .map(|(s, _)| (s.epoch, s.name.as_str()))
            .collect();
        assert_eq!(secrets, [(2, "room key")]);
    }
}

#[test]
fn a_room_that_is_kept_is_found() {
    if process::role().is_some() {
        return run(Leak::Room, MIXED);
    }
    let [_, _, _, closed, gone] = look_into("a_room_that_is_kept_is_found", "call", "");
    for found in [closed, gone] {
        assert_eq!(epochs_of(&found, "epoch secret"), EPOCHS[1..]);
        let state = "kind 3 suite 1: HMAC: state";
        assert_eq!(epochs_of(&found, state), EPOCHS[1..]);
    }
}
