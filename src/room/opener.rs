//! All incoming streams of a room.

use super::core::{Core, KindState};
use super::kid::Kid;
use super::kind::{Form, Kind};
use super::streams::{Lookup, Slot};
use super::text::base64_decoded_len;
use super::wire::{Buffers, Transparent, Wire};
use super::{HEADER_LEN, MAX_OVERHEAD};
use crate::codec::{self, Codec, Sealed, TRAILER_REST};
use crate::limits::MAX_SOURCE_LEN;
use crate::sframe::key::Layout;
use crate::sframe::{Header, MAX_HEADER_LEN};
use crate::{Error, Result};
use core::ops::Range;
use core::sync::atomic::Ordering;
use std::sync::Arc;

/// Opens the frames of all members. Made by [`Room::opener`](crate::Room::opener).
///
/// A frame explains itself: no sender id is needed. A call may name a *source*,
/// the user or stream id that the host gives for the frame: the first authentic
/// frame that names one binds its stream to it, and later frames of the stream
/// under another name are refused. Calls work through `&self` from any thread.
///
/// What happens to the buffers on an error, the same for every call:
/// * [`Error::NotAuthentic`], and any refusal found only after the frame proved
///   authentic (two threads with the same frame, say): the output is all zero,
///   up to the length of the plaintext, in the codec form up to that of the sealed
///   frame; in place, the whole frame.
/// * Everything else: no byte is touched.
#[derive(Debug)]
pub struct Opener {
    room: Arc<Core>,
}

/// One call's arguments besides the buffers.
struct Request<'r> {
    kind: Kind,
    metadata: &'r [u8],
    source: Option<&'r [u8]>,
}

impl Opener {
    pub(super) fn new(room: &Arc<Core>) -> Self {
        Self {
            room: Arc::clone(room),
        }
    }

    /// Bytes of plaintext in a sealed frame of `len` bytes that a room made;
    /// `None` if that is too short for one. Exact for plain frames; frames of the
    /// codec form are at most so long.
    #[must_use]
    pub fn opened_len(&self, kind: Kind, len: usize) -> Option<usize> {
        let tag_len = self.room.suite(kind).tag_len();
        match self.room.form(kind) {
            Form::Plain => len.checked_sub(HEADER_LEN + tag_len),
            Form::Codec => (len >= tag_len + TRAILER_REST).then_some(len),
        }
    }

    /// Opens `frame` into the front of `out` and returns the plaintext's length.
    /// `source` is 1 to 64 bytes, or `None` if the host doesn't say.
    ///
    /// # Errors
    /// * [`Error::NotSealed`], [`Error::Malformed`], [`Error::ClearFrame`],
    ///   [`Error::TooLarge`]: not a frame for us.
    /// * [`Error::OwnFrame`]: sealed by this room object.
    /// * [`Error::UnknownKey`]: no epoch is installed for it.
    /// * [`Error::NotAuthentic`]: forged or changed on the way, or keys, ids,
    ///   kind, form, suite or metadata differ between sender and receiver.
    /// * [`Error::Replay`], [`Error::TooOld`]: opened before, or too late.
    /// * [`Error::SourceChanged`]: the stream is bound to another source.
    /// * [`Error::Budget`]: try again later; [`Error::FailureBudget`],
    ///   [`Error::MemoryLost`], [`Error::KeySuspect`]: refused for this epoch.
    /// * [`Error::BufferTooSmall`], [`Error::InvalidArgument`]: the arguments.
    /// * [`Error::Closed`].
    ///
    /// In the codec form a frame that can't be taken apart is not authentic if
    /// its stream is known: someone on the way changed it.
    pub fn open(
        &self,
        kind: Kind,
        frame: &[u8],
        metadata: &[u8],
        source: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<usize> {
        let request = Request {
            kind,
            metadata,
            source,
        };
        self.run(&request, Buffers::Apart { frame, out })
            .map(|place| place.len())
    }

    /// Opens `frame` where it stands and returns the plaintext's place in it.
    ///
    /// # Errors
    /// As [`Opener::open`]; [`Error::WrongForm`] for H.264, H.265 and AV1 frames of
    /// the codec form, which can't be opened in place.
    pub fn open_in_place(
        &self,
        kind: Kind,
        metadata: &[u8],
        source: Option<&[u8]>,
        frame: &mut [u8],
    ) -> Result<Range<usize>> {
        self.run(
            &Request {
                kind,
                metadata,
                source,
            },
            Buffers::InPlace(frame),
        )
    }

    #[inline(always)]
    fn run(&self, request: &Request<'_>, mut buffers: Buffers<'_>) -> Result<Range<usize>> {
        self.check_call(request.source)?;
        let state = self.room.kind(request.kind);
        let opened = match self.room.form(request.kind) {
            Form::Plain => self
                .parse(request.kind, buffers.frame())
                .and_then(|(layout, kid)| {
                    self.open_frame(state, request, &layout, kid, &mut buffers)?;
                    Ok(layout.place())
                }),
            Form::Codec => self.run_codec(state, request, &mut buffers),
        };
        opened.map_err(|error| self.refuse(state, error))
    }

    /// Counts a refusal, and tells a key that went with its room from one that was never there.
    #[cold]
    fn refuse(&self, state: &KindState, error: Error) -> Error {
        let error = match error {
            Error::UnknownKey => self.room.absent(error),
            error => error,
        };
        state.tally.count_refused(error);
        error
    }

    #[inline(never)]
    fn run_codec(
        &self,
        state: &KindState,
        request: &Request<'_>,
        buffers: &mut Buffers<'_>,
    ) -> Result<Range<usize>> {
        let frame = buffers.frame();
        let sealed = self.parse_codec(request.kind, frame)?;
        let kid = Kid::parse(sealed.header().kid())?;
        let wire = Transparent::new(&sealed, frame.len());
        self.open_frame(state, request, &wire, kid, buffers)?;
        Ok(wire.place())
    }

    /// What is refused without looking at the frame.
    pub(super) fn check_call(&self, source: Option<&[u8]>) -> Result<()> {
        self.room.check_open()?;
        match source {
            Some(s) if s.is_empty() || s.len() > MAX_SOURCE_LEN => Err(Error::InvalidArgument),
            _ => Ok(()),
        }
    }

    fn open_frame(
        &self,
        state: &KindState,
        request: &Request<'_>,
        wire: &impl Wire,
        kid: Kid,
        buffers: &mut Buffers<'_>,
    ) -> Result<()> {
        wire.check(buffers)?;
        // What changes the table waits for a short frame to be opened.
        if wire.is_short()
            && let Some(opened) = state.streams.with_slot(kid, |slot| {
                self.open_known(state, slot, true, request, wire, buffers)
            })
        {
            return opened;
        }
        let slot = match state.streams.find(kid) {
            Lookup::Known(slot) => Some(slot),
            _ if self.room.is_own(kid.stream()) => return Err(Error::OwnFrame),
            Lookup::KnownStream => self.spare_slot(state, request.kind, kid)?,
            Lookup::Unknown => None,
        };
        match slot {
            Some(slot) => self.open_known(state, &slot, false, request, wire, buffers),
            None => self.open_unknown(state, kid, request, wire, buffers),
        }
    }

    /// The trailer and the top bit.
    #[inline(always)]
    fn parse_codec(&self, kind: Kind, frame: &[u8]) -> Result<Sealed> {
        let max = self.room.config().max_frame_len;
        let tag_len = self.room.suite(kind).tag_len();
        // That of the codec whose frames grow most.
        if frame.len() > codec::max_sealed_len(Codec::H264, max, tag_len) {
            return Err(Error::TooLarge);
        }
        let unsealed = |error| match self.room.accepts_clear_frames(kind) {
            true => Error::ClearFrame,
            false => error,
        };
        let sealed = Sealed::parse(frame, tag_len).map_err(unsealed)?;
        Kid::parse(sealed.header().kid()).map_err(unsealed)?;
        // An opened frame is never longer than the sealed one.
        if frame.len() > max && sealed.opened_len(frame).is_some_and(|len| len > max) {
            return Err(Error::TooLarge);
        }
        Ok(sealed)
    }

    /// Header, lengths and the top bit; nothing else is looked at yet.
    #[inline(always)]
    fn parse(&self, kind: Kind, frame: &[u8]) -> Result<(Layout, Kid)> {
        // Checked on the whole frame first, so that no rubbish of any size is read.
        self.check_len(frame.len())?;
        let max = self.room.config().max_frame_len;
        if self.room.accepts_clear_frames(kind) && !has_room_header(frame) {
            return Err(Error::ClearFrame);
        }
        let (header, header_len) = Header::parse(frame)?;
        // A header without the top bit tells more than a frame too short for its tag.
        let kid = Kid::parse(header.kid())?;
        let tag_len = self.room.suite(kind).tag_len();
        let layout = Layout::new(header, header_len, frame.len(), tag_len)?;
        if layout.payload_len() > max {
            Err(Error::TooLarge)
        } else {
            Ok((layout, kid))
        }
    }

    /// No frame that may be opened is longer, whatever its header.
    fn check_len(&self, len: usize) -> Result<()> {
        let max = self.room.config().max_frame_len;
        if len > max.saturating_add(MAX_OVERHEAD + MAX_HEADER_LEN) {
            Err(Error::TooLarge)
        } else {
            Ok(())
        }
    }

    /// A known stream in an epoch it has no key for yet: costs no token.
    fn spare_slot(&self, state: &KindState, kind: Kind, kid: Kid) -> Result<Option<Arc<Slot>>> {
        let epoch = self.room.epoch_of(kid)?;
        let key = epoch.frame_key(self.room.suite(kind), kind, kid)?;
        state.streams.add_spare(kid, &epoch.state, key)
    }

    /// A frame of a slot, which stays in the table meanwhile if `in_table`.
    #[inline]
    fn open_known(
        &self,
        state: &KindState,
        slot: &Slot,
        in_table: bool,
        request: &Request<'_>,
        wire: &impl Wire,
        buffers: &mut Buffers<'_>,
    ) -> Result<()> {
        let budget = self.room.failure_budget(request.kind);
        if self.room.config().drop_suspect_keys && slot.is_suspect(budget) {
            return Err(Error::KeySuspect);
        }
        let ctr = wire.ctr();
        let (metadata, source) = (request.metadata, request.source);
        // Held from check to commit if the frame is short.
        let mut held = Some(slot.state());
        let before = slot.stream.check_source(source).and_then(|()| match &held {
            Some(held) => held.check_replay(ctr),
            None => Err(Error::Internal),
        });
        if !in_table {
            held = None;
        }
        if let Err(error) = before.and_then(|()| wire.open(buffers, &slot.key, metadata)) {
            drop(held);
            self.count_refused(state, slot, error, budget);
            return Err(error);
        }
        let committed = match held {
            Some(mut held) => match state.streams.commit(slot, &mut held, ctr, source) {
                // It can't leave the table now.
                Ok(false) => Err(Error::Internal),
                other => other.map(drop),
            },
            None => self.commit(request.kind, slot, ctr, source),
        };
        committed.inspect_err(|_| wire.wipe(buffers))
    }

    /// Counts a refusal of a frame of a known stream.
    #[cold]
    fn count_refused(&self, state: &KindState, slot: &Slot, error: Error, budget: Option<u64>) {
        slot.stream.count_refused(error);
        if error == Error::NotAuthentic {
            let failures = slot.count_failure();
            if budget.is_some_and(|budget| failures >= budget) {
                state.tally.mark_suspect();
            }
        }
    }

    /// Commits an authentic frame of a known stream.
    pub(super) fn commit(
        &self,
        kind: Kind,
        slot: &Slot,
        ctr: u64,
        source: Option<&[u8]>,
    ) -> Result<()> {
        let state = self.room.kind(kind);
        if state.streams.commit(slot, &mut slot.state(), ctr, source)? {
            return Ok(());
        }
        // The stream had to leave while this call was under way. Its memory is in
        // the table now, so the frame comes in as a first one does.
        let epoch = self.room.epoch_of(slot.kid)?;
        if !Arc::ptr_eq(&epoch.state, &slot.epoch) {
            return Err(Error::UnknownKey);
        }
        let key = epoch.frame_key(self.room.suite(kind), kind, slot.kid)?;
        state
            .streams
            .admit(slot.kid, &epoch.state, key, ctr, source, &state.tally)
    }

    #[cold]
    fn open_unknown(
        &self,
        state: &KindState,
        kid: Kid,
        request: &Request<'_>,
        wire: &impl Wire,
        buffers: &mut Buffers<'_>,
    ) -> Result<()> {
        let kind = request.kind;
        let ctr = wire.ctr();
        let epoch = self.room.epoch_of(kid)?;
        let failures = epoch.state.failures(kind);
        let budget = self.room.failure_budget(kind);
        if budget.is_some_and(|budget| failures.load(Ordering::Relaxed) >= budget) {
            return Err(Error::FailureBudget);
        }
        state
            .streams
            .check_newcomer(kid, &epoch.state, ctr, request.source)?;
        wire.check_whole(buffers)?;
        self.room.take_token(kind)?;
        let key = self.room.candidate(&epoch, kind, kid)?;
        if let Err(error) = wire.open(buffers, &key, request.metadata) {
            if error == Error::NotAuthentic {
                failures.fetch_add(1, Ordering::Relaxed);
            }
            self.room.keep_candidate(&epoch, kind, key);
            return Err(error);
        }
        state
            .streams
            .admit(kid, &epoch.state, key, ctr, request.source, &state.tally)
            .inspect_err(|_| wire.wipe(buffers))
    }

    /// What is refused of sealed text before it is decoded: work and memory stay
    /// bounded by the frame limit. Returns the length of what it stands for.
    pub(super) fn check_text(&self, text_len: usize, source: Option<&[u8]>) -> Result<usize> {
        self.check_call(source)?;
        let len = base64_decoded_len(text_len).map_err(|error| self.refuse_text(error))?;
        self.check_len(len).inspect_err(|error| {
            let state = self.room.kind(Kind::Message);
            state.tally.count_refused(*error);
        })?;
        Ok(len)
    }

    /// Refuses what came in a message's place and isn't even one in text form.
    pub(super) fn refuse_text(&self, error: Error) -> Error {
        if let Err(closed) = self.room.check_open() {
            return closed;
        }
        let error = match self.room.accepts_clear_frames(Kind::Message) {
            true => Error::ClearFrame,
            false => error,
        };
        self.room.kind(Kind::Message).tally.count_refused(error);
        error
    }
}

/// Whether a frame begins with the header that rooms write: extended KID of 8
/// bytes with its top bit, CTR of 3 bytes.
fn has_room_header(frame: &[u8]) -> bool {
    frame.len() >= HEADER_LEN && matches!(frame, [0xFA, 0x80..=0xFF, ..])
}
