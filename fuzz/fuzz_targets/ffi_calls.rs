//! Sequences of calls over the C interface with any arguments: NULL, zero and
//! impossible lengths, buffers that overlap or are too tight, handles in any
//! order of freeing.
//!
//! Every buffer is an allocation of exactly the length that the call is told, so
//! the address sanitizer sees one byte too many; leaks are found at the end.
#![no_main]

use arbitrary::{Result, Unstructured};
use core::ffi::{CStr, c_char};
use core::ptr::null_mut;
use libfuzzer_sys::fuzz_target;
use roomseal::ffi::*;
use roomseal_fuzz::{FILL, oracle};

const MAX_CALLS: usize = 100;
const MAX_HANDLES: usize = 6;
const NOT_AUTHENTIC: i32 = 14;
const INTERNAL: i32 = 90;

/// What a call may do to a buffer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Touch {
    Never,
    OnSuccess,
    /// As well, and zeros from the front when a frame is not authentic.
    Opens,
    /// As well, and all zeros then.
    OpensInPlace,
    /// Zeros from the front whenever a text doesn't open.
    OpensText,
}

/// The memory behind one argument.
struct Arg {
    bytes: Box<[u8]>,
    before: Vec<u8>,
    touch: Touch,
    /// The call was told of exactly these bytes.
    whole: bool,
}

/// An argument as C passes it.
#[derive(Clone, Copy)]
struct Buf {
    at: usize,
    start: *mut u8,
    len: usize,
}

impl Buf {
    fn text(self) -> *mut c_char {
        self.start.cast()
    }
}

/// A place for one value.
#[derive(Clone, Copy)]
struct Place<T> {
    at: usize,
    start: *mut T,
}

/// A frame that came out of a seal call.
struct Sealed {
    /// None for plain SFrame.
    kind: Option<u32>,
    /// None for the plain form.
    codec: Option<u32>,
    frame: Vec<u8>,
    plaintext: Vec<u8>,
}

impl Sealed {
    /// Whether `frame` may open to `plaintext`. In H.264 and H.265 zero bytes between
    /// units come and go, in AV1 sizes and the delimiter.
    fn may_be(&self, frame: &[u8], plaintext: &[u8]) -> bool {
        fn others(bytes: &[u8]) -> impl Iterator<Item = &u8> {
            bytes.iter().filter(|byte| **byte != 0)
        }
        match self.codec {
            Some(1 | 2) => others(&self.plaintext).eq(others(plaintext)),
            Some(5) => true,
            _ => self.frame == frame && self.plaintext == plaintext,
        }
    }
}

#[derive(Default)]
struct World {
    configs: Vec<*mut roomseal_config>,
    rooms: Vec<*mut roomseal_room>,
    sealers: Vec<(*mut roomseal_sealer, u32)>,
    openers: Vec<*mut roomseal_opener>,
    senders: Vec<*mut roomseal_sframe_sender>,
    receivers: Vec<*mut roomseal_sframe_receiver>,
    sealed: Vec<Sealed>,
    /// The arguments of the call under way.
    args: Vec<Arg>,
    /// One of them may not be passed: the call must say so.
    bad: bool,
}

/// Calls a function of the interface and judges what it did.
macro_rules! call {
    ($world:ident, $name:ident($($arg:expr),* $(,)?)) => {{
        // SAFETY: handles are live or NULL, buffers have the length that is
        // passed, NULL or a length that must be refused before it is used.
        let status = unsafe { $name($($arg),*) };
        $world.judge(stringify!($name), status)
    }};
}

// --- arguments ---------------------------------------------------------------

impl World {
    fn hold(&mut self, bytes: Vec<u8>, touch: Touch) -> Buf {
        let before = bytes.clone();
        let mut bytes = bytes.into_boxed_slice();
        let buf = Buf {
            at: self.args.len(),
            start: bytes.as_mut_ptr(),
            len: bytes.len(),
        };
        self.args.push(Arg {
            bytes,
            before,
            touch,
            whole: true,
        });
        buf
    }

    /// These bytes; rarely NULL, or a length that nothing can have.
    fn buffer(&mut self, u: &mut Unstructured<'_>, bytes: Vec<u8>, touch: Touch) -> Result<Buf> {
        let mut buf = self.hold(bytes, touch);
        match u.arbitrary::<u8>()? {
            0 => buf.start = null_mut(),
            1 => (buf.start, buf.len) = (null_mut(), 0),
            2 => buf.len = usize::MAX,
            3 => buf.len = isize::MAX as usize + 1,
            _ => {}
        }
        let refused = buf.start.is_null() || buf.len > isize::MAX as usize;
        self.bad |= buf.len != 0 && refused;
        let arg = &mut self.args[buf.at];
        arg.whole = buf.start == arg.bytes.as_mut_ptr() && buf.len == arg.bytes.len();
        Ok(buf)
    }

    fn input(&mut self, u: &mut Unstructured<'_>) -> Result<Buf> {
        let bytes = u.arbitrary::<&[u8]>()?.to_vec();
        self.buffer(u, bytes, Touch::Never)
    }

    /// Mostly exactly so many bytes.
    fn input_of(&mut self, u: &mut Unstructured<'_>, len: usize) -> Result<Buf> {
        let len = if u.ratio(1, 16)? {
            u.int_in_range(0..=80)?
        } else {
            len
        };
        let fill = u.arbitrary()?;
        self.buffer(u, vec![fill; len], Touch::Never)
    }

    /// Room for about so many bytes, or a buffer that is read at the same time.
    fn output(&mut self, u: &mut Unstructured<'_>, need: usize, touch: Touch) -> Result<Buf> {
        let mut buf = match u.arbitrary::<u8>()? {
            0 => self.hold(vec![FILL; need.saturating_sub(1)], touch),
            1 => self.hold(Vec::new(), touch),
            n => self.hold(vec![FILL; need + usize::from(n) % 20], touch),
        };
        match u.arbitrary::<u8>()? {
            0 => {
                self.bad |= buf.len != 0;
                buf.start = null_mut();
            }
            1 => {
                self.bad = true;
                buf.len = usize::MAX;
            }
            2 => {
                let first = &mut self.args[0];
                if first.whole && first.touch == Touch::Never && !first.bytes.is_empty() {
                    buf.start = first.bytes.as_mut_ptr();
                    buf.len = u.int_in_range(1..=first.bytes.len())?;
                    self.bad = true;
                }
            }
            _ => {}
        }
        Ok(buf)
    }

    fn place<T>(&mut self, u: &mut Unstructured<'_>) -> Result<Place<T>> {
        let held = self.hold(vec![FILL; size_of::<T>()], Touch::OnSuccess);
        let mut start = held.start.cast();
        if u.arbitrary::<u8>()? == 0 {
            start = null_mut();
            self.bad = true;
        }
        Ok(Place { at: held.at, start })
    }

    fn number(&self, place: Place<u64>) -> u64 {
        let bytes = (*self.args[place.at].bytes).try_into();
        u64::from_ne_bytes(bytes.expect("8 bytes"))
    }

    fn len(&self, place: Place<usize>) -> usize {
        let bytes = (*self.args[place.at].bytes).try_into();
        usize::from_ne_bytes(bytes.expect("a length"))
    }

    fn pointer<T>(&self, place: Place<*mut T>) -> *mut T {
        // SAFETY: the call has just written it.
        unsafe { place.start.read_unaligned() }
    }

    /// A handle, sometimes NULL.
    fn pick<T: Copy>(&mut self, u: &mut Unstructured<'_>, pool: &[T], null: T) -> Result<T> {
        if pool.is_empty() || u.arbitrary::<u8>()? < 4 {
            self.bad = true;
            return Ok(null);
        }
        Ok(*u.choose(pool)?)
    }

    fn config(&mut self, u: &mut Unstructured<'_>) -> Result<*mut roomseal_config> {
        self.pick(u, &self.configs.clone(), null_mut())
    }

    fn room(&mut self, u: &mut Unstructured<'_>) -> Result<*mut roomseal_room> {
        self.pick(u, &self.rooms.clone(), null_mut())
    }

    fn sealer(&mut self, u: &mut Unstructured<'_>) -> Result<(*mut roomseal_sealer, u32)> {
        self.pick(u, &self.sealers.clone(), (null_mut(), 0))
    }

    fn opener(&mut self, u: &mut Unstructured<'_>) -> Result<*mut roomseal_opener> {
        self.pick(u, &self.openers.clone(), null_mut())
    }

    fn sender(&mut self, u: &mut Unstructured<'_>) -> Result<*mut roomseal_sframe_sender> {
        self.pick(u, &self.senders.clone(), null_mut())
    }

    fn receiver(&mut self, u: &mut Unstructured<'_>) -> Result<*mut roomseal_sframe_receiver> {
        self.pick(u, &self.receivers.clone(), null_mut())
    }

    fn kind(&mut self, u: &mut Unstructured<'_>) -> Result<u32> {
        let kind = if u.ratio(1, 32)? {
            u.arbitrary()?
        } else {
            u.int_in_range(1..=3)?
        };
        self.bad |= !(1..=3).contains(&kind);
        Ok(kind)
    }

    fn suite(&mut self, u: &mut Unstructured<'_>) -> Result<u32> {
        let suite = if u.ratio(1, 32)? {
            u.arbitrary()?
        } else {
            *u.choose(&[1, 2, 4])?
        };
        self.bad |= !(1..=4).contains(&suite);
        Ok(suite)
    }

    fn epoch(&self, u: &mut Unstructured<'_>) -> Result<u64> {
        if u.ratio(1, 8)? {
            u.arbitrary()
        } else {
            u.int_in_range(0..=20)
        }
    }

    /// A frame that was sealed, perhaps changed, or any bytes.
    fn frame(&mut self, u: &mut Unstructured<'_>, kind: Option<u32>) -> Result<Vec<u8>> {
        let fitting: Vec<_> = self.sealed.iter().filter(|s| s.kind == kind).collect();
        if fitting.is_empty() || u.ratio(1, 8)? {
            return Ok(u.arbitrary::<&[u8]>()?.to_vec());
        }
        let mut frame = u.choose(&fitting)?.frame.clone();
        if u.ratio(1, 8)? {
            let at = u.choose_index(frame.len())?;
            frame[at] ^= u.int_in_range(1..=255)?;
        } else if u.ratio(1, 8)? {
            frame.truncate(u.choose_index(frame.len())?);
        }
        Ok(frame)
    }
}

// --- the verdict -------------------------------------------------------------

impl World {
    fn judge(&mut self, name: &str, status: i32) -> bool {
        assert_ne!(status, INTERNAL, "{name}");
        // SAFETY: the text is static.
        let known = unsafe { CStr::from_ptr(roomseal_status_name(status)) };
        assert_ne!(known, c"UNKNOWN", "{name}: status {status}");
        if self.bad {
            assert!(
                (1..=9).contains(&status),
                "{name}: {known:?}, bad arguments"
            );
        } else {
            assert!(
                !matches!(status, 1 | 4),
                "{name}: {known:?}, fine arguments"
            );
        }
        for arg in &self.args {
            let kept = arg.before == *arg.bytes;
            let zeros = arg.bytes.iter().take_while(|b| **b == 0).count();
            let zeros_then_kept = arg.bytes[zeros..] == arg.before[zeros..];
            let fine = match arg.touch {
                Touch::Never => kept,
                _ if status == 0 => true,
                Touch::OnSuccess => kept,
                Touch::Opens if status == NOT_AUTHENTIC => zeros_then_kept,
                Touch::OpensInPlace if status == NOT_AUTHENTIC => zeros == arg.bytes.len(),
                Touch::OpensText => zeros_then_kept,
                Touch::Opens | Touch::OpensInPlace => kept,
            };
            assert!(fine, "{name}: {known:?} touched a buffer");
        }
        status == 0
    }

    /// The bytes of an output up to a length; behind it, nothing was written.
    fn written(&self, out: Buf, len: usize, more: usize) -> Vec<u8> {
        let bytes = &self.args[out.at].bytes;
        let rest = &bytes[len + more..];
        assert!(rest.iter().all(|b| *b == FILL), "a call wrote too much");
        bytes[..len].to_vec()
    }

    fn remember(&mut self, kind: Option<u32>, frame: Vec<u8>, plaintext: Vec<u8>) {
        self.remember_as(kind, None, frame, plaintext);
    }

    fn remember_as(
        &mut self,
        kind: Option<u32>,
        codec: Option<u32>,
        frame: Vec<u8>,
        plaintext: Vec<u8>,
    ) {
        let sealed = Sealed {
            kind,
            codec,
            frame,
            plaintext,
        };
        if self.sealed.len() < 16 {
            self.sealed.push(sealed);
        }
    }

    /// What opened is what somebody sealed.
    fn recognise(&self, kind: Option<u32>, frame: &[u8], plaintext: &[u8]) {
        let known = self
            .sealed
            .iter()
            .any(|s| s.kind == kind && s.may_be(frame, plaintext));
        // Frames beyond those remembered are never passed to an opener.
        assert!(known, "opened, but never sealed");
    }
}

// --- the calls ---------------------------------------------------------------

impl World {
    /// A room on each side, so that calls get further than their arguments.
    fn furnish(&mut self) {
        let mut config = null_mut();
        // SAFETY: all pointers are valid.
        unsafe {
            assert_eq!(roomseal_config_new(&raw mut config), 0);
            assert_eq!(roomseal_config_set_app_id_number(config, 7), 0);
            assert_eq!(roomseal_config_set_room_id_number(config, 8), 0);
            for _ in 0..2 {
                let mut room = null_mut();
                assert_eq!(roomseal_room_new(config, &raw mut room), 0);
                let key = [3_u8; 16];
                let none = core::ptr::null();
                assert_eq!(roomseal_room_install(room, 1, key.as_ptr(), 16, none, 0), 0);
                assert_eq!(roomseal_room_activate(room, 1), 0);
                self.rooms.push(room);
            }
            for kind in 1..=3 {
                let mut sealer = null_mut();
                assert_eq!(roomseal_sealer_new(self.rooms[0], kind, &raw mut sealer), 0);
                self.sealers.push((sealer, kind));
            }
            let mut opener = null_mut();
            assert_eq!(roomseal_opener_new(self.rooms[1], &raw mut opener), 0);
            self.openers.push(opener);
            // The same members in rooms whose video is of the codec form.
            assert_eq!(roomseal_config_set_form(config, 2, 1), 0);
            for _ in 0..2 {
                let mut room = null_mut();
                assert_eq!(roomseal_room_new(config, &raw mut room), 0);
                let key = [3_u8; 16];
                let none = core::ptr::null();
                assert_eq!(roomseal_room_install(room, 1, key.as_ptr(), 16, none, 0), 0);
                assert_eq!(roomseal_room_activate(room, 1), 0);
                self.rooms.push(room);
            }
            let mut sealer = null_mut();
            assert_eq!(roomseal_sealer_new(self.rooms[2], 2, &raw mut sealer), 0);
            self.sealers.push((sealer, 2));
            let mut opener = null_mut();
            assert_eq!(roomseal_opener_new(self.rooms[3], &raw mut opener), 0);
            self.openers.push(opener);
        }
        self.configs.push(config);
    }

    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        self.args.clear();
        self.bad = false;
        match u.int_in_range(0..=10)? {
            0 => self.make_or_free(u),
            1 => self.configure(u),
            2 => self.manage(u),
            3 => self.ask(u),
            4 => self.keys(u),
            5 => self.seal(u),
            6 => self.open(u),
            7 => self.plain(u),
            8 => self.text(u),
            9 => self.seal_codec(u),
            _ => self.without_handles(u),
        }
    }

    fn make_or_free(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=11)? {
            0 if self.configs.len() < MAX_HANDLES => {
                let place = self.place(u)?;
                if call!(self, roomseal_config_new(place.start)) {
                    self.configs.push(self.pointer(place));
                }
            }
            1 if self.rooms.len() < MAX_HANDLES => {
                let (config, place) = (self.config(u)?, self.place(u)?);
                if call!(self, roomseal_room_new(config, place.start)) {
                    self.rooms.push(self.pointer(place));
                }
            }
            2 if self.sealers.len() < MAX_HANDLES => {
                let (room, kind, place) = (self.room(u)?, self.kind(u)?, self.place(u)?);
                if call!(self, roomseal_sealer_new(room, kind, place.start)) {
                    self.sealers.push((self.pointer(place), kind));
                }
            }
            3 if self.openers.len() < MAX_HANDLES => {
                let (room, place) = (self.room(u)?, self.place(u)?);
                if call!(self, roomseal_opener_new(room, place.start)) {
                    self.openers.push(self.pointer(place));
                }
            }
            4 if self.senders.len() < MAX_HANDLES => {
                let (suite, kid) = (self.suite(u)?, u.int_in_range(0..=20)?);
                let (key, place) = (self.input_of(u, 16)?, self.place(u)?);
                if call!(
                    self,
                    roomseal_sframe_sender_new(suite, kid, key.start, key.len, place.start)
                ) {
                    self.senders.push(self.pointer(place));
                }
            }
            5 if self.receivers.len() < MAX_HANDLES => {
                let (suite, window) = (self.suite(u)?, u.arbitrary()?);
                let place = self.place(u)?;
                if call!(
                    self,
                    roomseal_sframe_receiver_new(suite, window, place.start)
                ) {
                    self.receivers.push(self.pointer(place));
                }
            }
            // SAFETY, for all that follow: what leaves its pool is live, and used
            // by nobody any more.
            6 => drop_one(u, &mut self.configs, |h| unsafe { roomseal_config_free(h) })?,
            7 => drop_one(u, &mut self.rooms, |h| unsafe { roomseal_room_free(h) })?,
            8 => drop_one(u, &mut self.sealers, |(h, _)| unsafe {
                roomseal_sealer_free(h);
            })?,
            9 => drop_one(u, &mut self.openers, |h| unsafe { roomseal_opener_free(h) })?,
            10 => drop_one(u, &mut self.senders, |h| unsafe {
                roomseal_sframe_sender_free(h);
            })?,
            _ => drop_one(u, &mut self.receivers, |h| unsafe {
                roomseal_sframe_receiver_free(h);
            })?,
        }
        Ok(())
    }

    fn configure(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let config = self.config(u)?;
        match u.int_in_range(0..=13)? {
            0 => call!(
                self,
                roomseal_config_set_app_id_number(config, u.arbitrary()?)
            ),
            1 => call!(
                self,
                roomseal_config_set_room_id_number(config, u.arbitrary()?)
            ),
            2 => call!(
                self,
                roomseal_config_set_call_id_number(config, u.arbitrary()?)
            ),
            3 => {
                let id = self.input(u)?;
                call!(
                    self,
                    roomseal_config_set_app_id_text(config, id.text(), id.len)
                )
            }
            4 => {
                let id = self.input(u)?;
                call!(
                    self,
                    roomseal_config_set_room_id_text(config, id.text(), id.len)
                )
            }
            5 => {
                let id = self.input(u)?;
                call!(
                    self,
                    roomseal_config_set_call_id_text(config, id.text(), id.len)
                )
            }
            6 => {
                let (kind, suite) = (self.kind(u)?, self.suite(u)?);
                call!(self, roomseal_config_set_suite(config, kind, suite))
            }
            7 => call!(self, roomseal_config_allow_four_byte_tags(config)),
            8 => call!(self, roomseal_config_set_open_only(config)),
            9 => call!(
                self,
                roomseal_config_set_replay_window(config, u.arbitrary()?)
            ),
            10 => {
                let kind = self.kind(u)?;
                call!(
                    self,
                    roomseal_config_set_max_streams(config, kind, u.arbitrary()?)
                )
            }
            11 => call!(
                self,
                roomseal_config_set_max_frame_len(config, u.arbitrary()?)
            ),
            12 => call!(
                self,
                roomseal_config_refuse_new_streams_on_memory_loss(config)
            ),
            _ => call!(self, roomseal_config_drop_suspect_keys(config)),
        };
        Ok(())
    }

    fn manage(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (room, epoch) = (self.room(u)?, self.epoch(u)?);
        match u.int_in_range(0..=9)? {
            0..=2 => {
                let (key, salt) = (self.input_of(u, 16)?, self.input_of(u, 0)?);
                call!(
                    self,
                    roomseal_room_install(room, epoch, key.start, key.len, salt.start, salt.len)
                );
            }
            3 => {
                let (key, salt) = (self.input(u)?, self.input_of(u, 0)?);
                call!(
                    self,
                    roomseal_room_install_hex(
                        room,
                        epoch,
                        key.text(),
                        key.len,
                        salt.start,
                        salt.len
                    )
                );
            }
            4 => {
                let (key, salt) = (self.input(u)?, self.input_of(u, 0)?);
                call!(
                    self,
                    roomseal_room_install_base64(
                        room,
                        epoch,
                        key.text(),
                        key.len,
                        salt.start,
                        salt.len
                    )
                );
            }
            5 => {
                call!(self, roomseal_room_activate(room, epoch));
            }
            6 => {
                call!(self, roomseal_room_retire(room, epoch));
            }
            7 => {
                let next = self.place(u)?;
                if call!(self, roomseal_room_ratchet(room, epoch, next.start)) {
                    assert_eq!(self.number(next), epoch + 1);
                }
            }
            8 => {
                let kind = self.kind(u)?;
                let seconds = u.int_in_range(0..=90_000)?;
                call!(
                    self,
                    roomseal_room_accept_clear_frames_dangerously(room, kind, seconds)
                );
            }
            _ => {
                if u.ratio(1, 4)? {
                    call!(self, roomseal_room_close(room));
                }
            }
        }
        Ok(())
    }

    fn ask(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let room = self.room(u)?;
        match u.int_in_range(0..=10)? {
            0 => {
                let out = self.numbers(u)?;
                let count = self.place(u)?;
                if call!(
                    self,
                    roomseal_room_epochs(room, out.start.cast(), out.len, count.start)
                ) {
                    self.written(out, self.len(count) * 8, 0);
                }
            }
            1 => {
                let place = self.place(u)?;
                call!(self, roomseal_room_active_epoch(room, place.start));
            }
            2 => {
                let (kind, counter) = (self.kind(u)?, u.int_in_range(0..=20)?);
                let place = self.place(u)?;
                call!(
                    self,
                    roomseal_room_counter(room, kind, counter, place.start)
                );
            }
            3 => {
                let (kind, place) = (self.kind(u)?, self.place(u)?);
                call!(self, roomseal_room_last_epoch(room, kind, place.start));
            }
            4 => {
                let place = self.place(u)?;
                call!(
                    self,
                    roomseal_room_max_message_len(room, u.arbitrary()?, place.start)
                );
            }
            5 => {
                let place = self.place(u)?;
                call!(
                    self,
                    roomseal_room_max_text_message_len(room, u.arbitrary()?, place.start)
                );
            }
            6 => {
                let (kind, place) = (self.kind(u)?, self.place(u)?);
                call!(self, roomseal_room_stream_count(room, kind, place.start));
            }
            7 => {
                let (kind, out) = (self.kind(u)?, self.numbers(u)?);
                let count = self.place(u)?;
                if call!(
                    self,
                    roomseal_room_streams(room, kind, out.start.cast(), out.len, count.start)
                ) {
                    self.written(out, self.len(count) * 8, 0);
                }
            }
            8 => {
                let (kind, kid) = (self.kind(u)?, self.kid(u)?);
                let (counter, place) = (u.int_in_range(0..=20)?, self.place(u)?);
                call!(
                    self,
                    roomseal_room_stream_counter(room, kind, kid, counter, place.start)
                );
            }
            9 => {
                let (kind, kid) = (self.kind(u)?, self.kid(u)?);
                let place = self.place(u)?;
                call!(
                    self,
                    roomseal_room_stream_last_epoch(room, kind, kid, place.start)
                );
            }
            _ => {
                let (kind, kid) = (self.kind(u)?, self.kid(u)?);
                let (out, len) = (self.output(u, 64, Touch::OnSuccess)?, self.place(u)?);
                if call!(
                    self,
                    roomseal_room_stream_source(room, kind, kid, out.text(), out.len, len.start)
                ) {
                    self.written(out, self.len(len), 0);
                }
            }
        }
        Ok(())
    }

    /// Room for a few numbers; its length counts numbers.
    fn numbers(&mut self, u: &mut Unstructured<'_>) -> Result<Buf> {
        let count = u.int_in_range(0..=16_usize)?;
        let mut buf = self.hold(vec![FILL; count * 8], Touch::OnSuccess);
        buf.len = count;
        if u.arbitrary::<u8>()? == 0 {
            buf.start = null_mut();
            self.bad |= count != 0;
        } else if u.arbitrary::<u8>()? == 0 {
            buf.len = *u.choose(&[usize::MAX, usize::MAX / 8, usize::MAX / 8 + 1])?;
            self.bad = true;
        }
        Ok(buf)
    }

    /// The KID of a frame sealed before, or any.
    fn kid(&self, u: &mut Unstructured<'_>) -> Result<u64> {
        let known = self.sealed.iter().filter(|s| s.kind.is_some());
        let kids: Vec<_> = known
            .filter_map(|s| oracle::parse_header(&s.frame))
            .map(|(kid, ..)| kid)
            .collect();
        if kids.is_empty() {
            u.arbitrary()
        } else {
            u.choose(&kids).copied()
        }
    }

    fn keys(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let text = u.arbitrary::<bool>()?;
        let (key, need) = match u.int_in_range(0..=1)? {
            0 => (self.input(u)?, 32),
            _ => (self.input_of(u, 16)?, 32),
        };
        let out = self.output(u, need, Touch::OnSuccess)?;
        let (from, to) = (key.start.cast_const(), out.start);
        let (n, cap) = (key.len, out.len);
        let (done, len) = match (u.int_in_range(0..=3)?, text) {
            (0, true) => (
                call!(self, roomseal_key_from_hex(key.text(), n, to, cap)),
                16,
            ),
            (1, true) => (
                call!(self, roomseal_key_from_base64(key.text(), n, to, cap)),
                16,
            ),
            (2, true) => (
                call!(self, roomseal_sframe_key_ratchet(from, n, to, cap)),
                32,
            ),
            (_, true) => {
                let ssrc = u.arbitrary()?;
                (
                    call!(self, roomseal_sframe_key_for_ssrc(from, n, ssrc, to, cap)),
                    32,
                )
            }
            (0, _) => (
                call!(self, roomseal_key_fingerprint(from, n, out.text(), cap)),
                8,
            ),
            (1, _) => (
                call!(self, roomseal_key_to_hex(from, n, out.text(), cap)),
                32,
            ),
            (2, _) => (
                call!(self, roomseal_key_to_base64(from, n, out.text(), cap)),
                24,
            ),
            _ => {
                let epoch = self.epoch(u)?;
                (
                    call!(self, roomseal_key_ratchet(from, n, epoch, to, cap)),
                    16,
                )
            }
        };
        if done {
            self.written(out, len, 0);
        }
        Ok(())
    }

    fn seal(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (sealer, kind) = self.sealer(u)?;
        match u.int_in_range(0..=3)? {
            0 => {
                let frame = self.input(u)?;
                let metadata = self.input_of(u, 0)?;
                let plaintext = self.args[frame.at].before.clone();
                let need = plaintext.len() + 28;
                let (out, len) = (self.output(u, need, Touch::OnSuccess)?, self.place(u)?);
                if call!(
                    self,
                    roomseal_sealer_seal(
                        sealer,
                        frame.start,
                        frame.len,
                        metadata.start,
                        metadata.len,
                        out.start,
                        out.len,
                        len.start
                    )
                ) {
                    let sealed = self.written(out, self.len(len), 0);
                    let plaintext = plaintext[..frame.len].to_vec();
                    if metadata.len == 0 {
                        self.remember(Some(kind), sealed, plaintext);
                    }
                }
            }
            1 => {
                let metadata = self.input_of(u, 0)?;
                let (buf, off, len) = self.around(u)?;
                let (off_out, len_out) = (self.place(u)?, self.place(u)?);
                if call!(
                    self,
                    roomseal_sealer_seal_in_place(
                        sealer,
                        metadata.start,
                        metadata.len,
                        buf.start,
                        buf.len,
                        off,
                        len,
                        off_out.start,
                        len_out.start
                    )
                ) {
                    let (plaintext, sealed) = self.sealed_around(buf, off, len, off_out, len_out);
                    if metadata.len == 0 {
                        self.remember(Some(kind), sealed, plaintext);
                    }
                }
            }
            2 => {
                let (len, place) = (u.arbitrary()?, self.place(u)?);
                if u.arbitrary()? {
                    call!(self, roomseal_sealer_sealed_len(sealer, len, place.start));
                } else {
                    call!(
                        self,
                        roomseal_sealer_sealed_text_len(sealer, len, place.start)
                    );
                }
            }
            _ => {
                if u.arbitrary()? {
                    let place = self.place(u)?;
                    call!(self, roomseal_sealer_kid(sealer, place.start));
                } else {
                    let place = self.place(u)?;
                    call!(self, roomseal_sealer_tag_len(sealer, place.start));
                }
            }
        }
        Ok(())
    }

    /// A codec, and bytes that may be a frame of it.
    fn codec_frame(&mut self, u: &mut Unstructured<'_>) -> Result<(u32, Vec<u8>)> {
        let codec = if u.ratio(1, 32)? {
            u.arbitrary()?
        } else {
            u.int_in_range(0..=7)?
        };
        let mut frame = Vec::new();
        for _ in 0..u.int_in_range(0..=3)? {
            let text = u.arbitrary::<&[u8]>()?;
            let front: &[u8] = match codec {
                1 => u.choose(&[
                    &[0, 0, 0, 1, 0x41, 0x9A][..],
                    &[0, 0, 1, 0x65, 0x88, 0x84],
                    &[0, 0, 1, 0x06, 5],
                    &[0, 0, 1, 6],
                    &[0, 0, 0, 1, 0x0A],
                ])?,
                2 => u.choose(&[
                    &[0, 0, 0, 1, 2, 1, 0xD0][..],
                    &[0, 0, 1, 0x26, 1, 0xAF],
                    &[0, 0, 1, 0x4E, 1, 5],
                    &[0, 0, 1, 0x40],
                ])?,
                5 => u.choose(&[&[0x12, 0][..], &[0x32], &[0x0A], &[0x30], &[0x7A]])?,
                _ => &[],
            };
            frame.extend_from_slice(front);
            if codec == 5 && front.len() == 1 && front[0] & 2 != 0 {
                frame.push(u8::try_from(text.len() % 128).expect("below 128"));
                frame.extend_from_slice(&text[..text.len() % 128]);
            } else if front != [0x12, 0] {
                frame.extend_from_slice(text);
            }
        }
        Ok((codec, frame))
    }

    fn seal_codec(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (sealer, kind) = self.sealer(u)?;
        match u.int_in_range(0..=5)? {
            0..=2 => {
                let (codec, bytes) = self.codec_frame(u)?;
                // More than any frame of these takes.
                let need = 2 * bytes.len() + 140;
                let frame = self.buffer(u, bytes, Touch::Never)?;
                let plaintext = self.args[frame.at].before.clone();
                let metadata = self.input_of(u, 0)?;
                let (out, len) = (self.output(u, need, Touch::OnSuccess)?, self.place(u)?);
                if call!(
                    self,
                    roomseal_sealer_seal_codec(
                        sealer,
                        codec,
                        frame.start,
                        frame.len,
                        metadata.start,
                        metadata.len,
                        out.start,
                        out.len,
                        len.start
                    )
                ) {
                    let sealed = self.args[out.at].bytes[..self.len(len)].to_vec();
                    let mut told = 0;
                    // SAFETY: both are valid.
                    let status = unsafe {
                        roomseal_peek_codec(sealed.as_ptr(), sealed.len(), &raw mut told)
                    };
                    assert_eq!((status, told), (0, codec));
                    if metadata.len == 0 {
                        let plaintext = plaintext[..frame.len].to_vec();
                        self.remember_as(Some(kind), Some(codec), sealed, plaintext);
                    }
                }
            }
            3 => {
                let codec = u.int_in_range(0..=8)?;
                let metadata = self.input_of(u, 0)?;
                let (buf, off, len) = self.around(u)?;
                let (off_out, len_out) = (self.place(u)?, self.place(u)?);
                if call!(
                    self,
                    roomseal_sealer_seal_codec_in_place(
                        sealer,
                        codec,
                        metadata.start,
                        metadata.len,
                        buf.start,
                        buf.len,
                        off,
                        len,
                        off_out.start,
                        len_out.start
                    )
                ) {
                    let (plaintext, sealed) = self.sealed_around(buf, off, len, off_out, len_out);
                    if metadata.len == 0 {
                        self.remember_as(Some(kind), Some(codec), sealed, plaintext);
                    }
                }
            }
            4 => {
                let (codec, len) = (u.int_in_range(0..=8)?, u.arbitrary()?);
                let place = self.place(u)?;
                call!(
                    self,
                    roomseal_sealer_max_sealed_codec_len(sealer, codec, len, place.start)
                );
            }
            _ => {
                // Neither takes a handle.
                self.bad = false;
                let bytes = match u.arbitrary()? {
                    true => self.codec_frame(u)?.1,
                    false => self.frame(u, Some(2))?,
                };
                let frame = self.buffer(u, bytes, Touch::Never)?;
                let place = self.place(u)?;
                if u.arbitrary()? {
                    call!(
                        self,
                        roomseal_codec_detect_annex_b(frame.start, frame.len, place.start)
                    );
                } else {
                    call!(
                        self,
                        roomseal_peek_codec(frame.start, frame.len, place.start)
                    );
                }
            }
        }
        Ok(())
    }

    /// A buffer with a payload somewhere in it, or said to be.
    fn around(&mut self, u: &mut Unstructured<'_>) -> Result<(Buf, usize, usize)> {
        let len = u.int_in_range(0..=40)?;
        let buf = self.buffer(u, vec![FILL; len + 60], Touch::OnSuccess)?;
        let off = u.int_in_range(0..=40)?;
        Ok(match u.arbitrary::<u8>()? {
            0 => (buf, usize::MAX - len, len),
            1 => (buf, off, usize::MAX),
            _ => (buf, off, len),
        })
    }

    /// Plaintext and frame after sealing in place.
    fn sealed_around(
        &self,
        buf: Buf,
        off: usize,
        len: usize,
        off_out: Place<usize>,
        len_out: Place<usize>,
    ) -> (Vec<u8>, Vec<u8>) {
        let arg = &self.args[buf.at];
        let (start, end) = (self.len(off_out), self.len(off_out) + self.len(len_out));
        assert_eq!(arg.bytes[..start], arg.before[..start]);
        assert_eq!(arg.bytes[end..], arg.before[end..]);
        (
            arg.before[off..off + len].to_vec(),
            arg.bytes[start..end].to_vec(),
        )
    }

    fn open(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (opener, kind) = (self.opener(u)?, self.kind(u)?);
        let bytes = self.frame(u, Some(kind))?;
        let metadata_len = usize::from(u.ratio(1, 16)?);
        match u.int_in_range(0..=4)? {
            0..=1 => {
                let need = bytes.len().saturating_sub(20);
                let frame = self.buffer(u, bytes.clone(), Touch::Never)?;
                let metadata = self.input_of(u, metadata_len)?;
                let source = self.input_of(u, 0)?;
                let (out, len) = (self.output(u, need, Touch::Opens)?, self.place(u)?);
                if call!(
                    self,
                    roomseal_opener_open(
                        opener,
                        kind,
                        frame.start,
                        frame.len,
                        metadata.start,
                        metadata.len,
                        source.text(),
                        source.len,
                        out.start,
                        out.len,
                        len.start
                    )
                ) {
                    let opened = self.written(out, self.len(len), 0);
                    self.recognise(Some(kind), &bytes[..frame.len], &opened);
                }
            }
            2..=3 => {
                let metadata = self.input_of(u, metadata_len)?;
                let source = self.input_of(u, 0)?;
                let frame = self.buffer(u, bytes.clone(), Touch::OpensInPlace)?;
                let (off, len) = (self.place(u)?, self.place(u)?);
                if call!(
                    self,
                    roomseal_opener_open_in_place(
                        opener,
                        kind,
                        metadata.start,
                        metadata.len,
                        source.text(),
                        source.len,
                        frame.start,
                        frame.len,
                        off.start,
                        len.start
                    )
                ) {
                    let start = self.len(off);
                    let opened = &self.args[frame.at].bytes[start..start + self.len(len)];
                    self.recognise(Some(kind), &bytes, opened);
                }
            }
            _ => {
                let (len, place) = (u.arbitrary()?, self.place(u)?);
                call!(
                    self,
                    roomseal_opener_opened_len(opener, kind, len, place.start)
                );
            }
        }
        Ok(())
    }

    fn text(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        if u.arbitrary()? {
            let (sealer, kind) = self.sealer(u)?;
            let message = self.input(u)?;
            let metadata = self.input_of(u, 0)?;
            let need = (self.args[message.at].before.len() + 28) * 4 / 3 + 1;
            let (out, len) = (self.output(u, need, Touch::OnSuccess)?, self.place(u)?);
            if call!(
                self,
                roomseal_sealer_seal_text(
                    sealer,
                    message.start,
                    message.len,
                    metadata.start,
                    metadata.len,
                    out.text(),
                    out.len,
                    len.start
                )
            ) {
                assert_eq!(kind, 3, "only messages have a text form");
                self.written(out, self.len(len), 0);
            }
            return Ok(());
        }
        let opener = self.opener(u)?;
        let bytes = self.frame(u, Some(3))?;
        let text = oracle::to_text(&bytes).into_bytes();
        let text = self.buffer(u, text, Touch::Never)?;
        let metadata = self.input_of(u, 0)?;
        let source = self.input_of(u, 0)?;
        let out = self.output(u, bytes.len(), Touch::OpensText)?;
        let len = self.place(u)?;
        if call!(
            self,
            roomseal_opener_open_text(
                opener,
                text.text(),
                text.len,
                metadata.start,
                metadata.len,
                source.text(),
                source.len,
                out.start,
                out.len,
                len.start
            )
        ) {
            let message = self.written(out, self.len(len), bytes.len() - self.len(len));
            self.recognise(Some(3), &bytes, &message);
        }
        Ok(())
    }

    fn plain(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=7)? {
            0..=1 => {
                let sender = self.sender(u)?;
                let frame = self.input(u)?;
                let metadata = self.input_of(u, 0)?;
                let plaintext = self.args[frame.at].before.clone();
                let need = plaintext.len() + 33;
                let (out, len) = (self.output(u, need, Touch::OnSuccess)?, self.place(u)?);
                if call!(
                    self,
                    roomseal_sframe_sender_seal(
                        sender,
                        frame.start,
                        frame.len,
                        metadata.start,
                        metadata.len,
                        out.start,
                        out.len,
                        len.start
                    )
                ) {
                    let sealed = self.written(out, self.len(len), 0);
                    let plaintext = plaintext[..frame.len].to_vec();
                    self.remember(None, sealed, plaintext);
                }
            }
            2 => {
                let sender = self.sender(u)?;
                let metadata = self.input_of(u, 0)?;
                let (buf, off, len) = self.around(u)?;
                let (off_out, len_out) = (self.place(u)?, self.place(u)?);
                if call!(
                    self,
                    roomseal_sframe_sender_seal_in_place(
                        sender,
                        metadata.start,
                        metadata.len,
                        buf.start,
                        buf.len,
                        off,
                        len,
                        off_out.start,
                        len_out.start
                    )
                ) {
                    let (plaintext, sealed) = self.sealed_around(buf, off, len, off_out, len_out);
                    self.remember(None, sealed, plaintext);
                }
            }
            3 => {
                let sender = self.sender(u)?;
                match u.int_in_range(0..=3)? {
                    0 => call!(self, roomseal_sframe_sender_skip_to(sender, u.arbitrary()?)),
                    1 => {
                        let place = self.place(u)?;
                        call!(self, roomseal_sframe_sender_next_ctr(sender, place.start))
                    }
                    2 => {
                        let place = self.place(u)?;
                        call!(self, roomseal_sframe_sender_kid(sender, place.start))
                    }
                    _ => {
                        let (len, place) = (u.arbitrary()?, self.place(u)?);
                        call!(
                            self,
                            roomseal_sframe_sender_sealed_len(sender, len, place.start)
                        )
                    }
                };
            }
            4 => {
                let (receiver, kid) = (self.receiver(u)?, u.int_in_range(0..=20)?);
                if u.ratio(1, 4)? {
                    call!(self, roomseal_sframe_receiver_remove(receiver, kid));
                } else {
                    let key = self.input_of(u, 16)?;
                    call!(
                        self,
                        roomseal_sframe_receiver_add(receiver, kid, key.start, key.len)
                    );
                }
            }
            5 => {
                let receiver = self.receiver(u)?;
                let bytes = self.frame(u, None)?;
                let frame = self.buffer(u, bytes, Touch::Never)?;
                let place = self.place(u)?;
                call!(
                    self,
                    roomseal_sframe_receiver_opened_len(
                        receiver,
                        frame.start,
                        frame.len,
                        place.start
                    )
                );
            }
            6 => {
                let receiver = self.receiver(u)?;
                let bytes = self.frame(u, None)?;
                let frame = self.buffer(u, bytes.clone(), Touch::Never)?;
                let metadata = self.input_of(u, 0)?;
                let need = bytes.len().saturating_sub(9);
                let (out, len) = (self.output(u, need, Touch::Opens)?, self.place(u)?);
                if call!(
                    self,
                    roomseal_sframe_receiver_open(
                        receiver,
                        frame.start,
                        frame.len,
                        metadata.start,
                        metadata.len,
                        out.start,
                        out.len,
                        len.start
                    )
                ) {
                    let opened = self.written(out, self.len(len), 0);
                    self.recognise(None, &bytes, &opened);
                }
            }
            _ => {
                let receiver = self.receiver(u)?;
                let bytes = self.frame(u, None)?;
                let metadata = self.input_of(u, 0)?;
                let frame = self.buffer(u, bytes.clone(), Touch::OpensInPlace)?;
                let (off, len) = (self.place(u)?, self.place(u)?);
                if call!(
                    self,
                    roomseal_sframe_receiver_open_in_place(
                        receiver,
                        metadata.start,
                        metadata.len,
                        frame.start,
                        frame.len,
                        off.start,
                        len.start
                    )
                ) {
                    let start = self.len(off);
                    let opened = &self.args[frame.at].bytes[start..start + self.len(len)];
                    self.recognise(None, &bytes, opened);
                }
            }
        }
        Ok(())
    }

    fn without_handles(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=8)? {
            0 => {
                let out = self.output(u, 16, Touch::OnSuccess)?;
                if call!(self, roomseal_key_random(out.start, out.len)) {
                    self.written(out, 16, 0);
                }
            }
            1 => {
                let bytes = self.frame(u, Some(2))?;
                let frame = self.buffer(u, bytes, Touch::Never)?;
                let form = *u.choose(&[0, 0, 0, 0, 1, 1, 2])?;
                self.bad |= form > 1;
                let (kid, ctr) = (self.place(u)?, self.place(u)?);
                let nibble = self.place(u)?;
                call!(
                    self,
                    roomseal_peek(
                        form,
                        frame.start,
                        frame.len,
                        kid.start,
                        ctr.start,
                        nibble.start
                    )
                );
            }
            2 => {
                let frame = self.input(u)?;
                let (kid, ctr) = (self.place(u)?, self.place(u)?);
                call!(
                    self,
                    roomseal_sframe_peek(frame.start, frame.len, kid.start, ctr.start)
                );
            }
            3 => {
                let place = self.place(u)?;
                let (bits, generation, step) = u.arbitrary()?;
                call!(
                    self,
                    roomseal_sframe_ratchet_kid(bits, generation, step, place.start)
                );
            }
            4 => {
                let (generation, step) = (self.place(u)?, self.place(u)?);
                let (bits, kid) = (u.int_in_range(0..=40)?, u.arbitrary()?);
                call!(
                    self,
                    roomseal_sframe_ratchet_kid_split(bits, kid, generation.start, step.start)
                );
            }
            5 => {
                let place = self.place(u)?;
                let (bits, size) = (u.int_in_range(0..=20)?, u.arbitrary()?);
                let (context, sender, epoch) = u.arbitrary()?;
                call!(
                    self,
                    roomseal_sframe_mls_kid(bits, size, context, sender, epoch, place.start)
                );
            }
            6 => {
                let (context, sender) = (self.place(u)?, self.place(u)?);
                let epoch = self.place(u)?;
                let (bits, size, kid) = (u.int_in_range(0..=20)?, u.arbitrary()?, u.arbitrary()?);
                call!(
                    self,
                    roomseal_sframe_mls_kid_split(
                        bits,
                        size,
                        kid,
                        context.start,
                        sender.start,
                        epoch.start
                    )
                );
            }
            7 => {
                let place = self.place(u)?;
                let suite = self.suite(u)?;
                call!(self, roomseal_suite_tag_len(suite, place.start));
            }
            _ => {
                let place = self.place(u)?;
                call!(self, roomseal_opener_text_cap(u.arbitrary()?, place.start));
            }
        }
        Ok(())
    }

    /// Gives everything back, rooms before or after what was made from them.
    fn free(self, rooms_first: bool) {
        // SAFETY: each handle is live, and used by nobody any more.
        unsafe {
            if rooms_first {
                self.rooms.iter().for_each(|h| roomseal_room_free(*h));
            }
            self.sealers.iter().for_each(|h| roomseal_sealer_free(h.0));
            self.openers.iter().for_each(|h| roomseal_opener_free(*h));
            self.senders
                .iter()
                .for_each(|h| roomseal_sframe_sender_free(*h));
            self.receivers
                .iter()
                .for_each(|h| roomseal_sframe_receiver_free(*h));
            self.configs.iter().for_each(|h| roomseal_config_free(*h));
            if !rooms_first {
                self.rooms.iter().for_each(|h| roomseal_room_free(*h));
            }
        }
    }
}

/// Takes one out of a pool and frees it.
fn drop_one<T>(u: &mut Unstructured<'_>, pool: &mut Vec<T>, free: impl FnOnce(T)) -> Result<()> {
    if !pool.is_empty() {
        let at = u.choose_index(pool.len())?;
        free(pool.swap_remove(at));
    }
    Ok(())
}

fuzz_target!(|data: &[u8]| {
    let mut u = Unstructured::new(data);
    let mut world = World::default();
    if u.arbitrary().unwrap_or(true) {
        world.furnish();
    }
    for _ in 0..MAX_CALLS {
        if u.is_empty() || world.step(&mut u).is_err() {
            break;
        }
    }
    world.free(u.arbitrary().unwrap_or_default());
});
