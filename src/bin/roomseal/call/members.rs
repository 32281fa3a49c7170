//! A member's visit to the room: from join to leave, or to a crash.

use core::time::Duration;
use std::collections::HashMap;
use std::thread::sleep;
use std::time::Instant;

use anyhow::{Context as _, Result};
use roomseal::{Error, Kind, Opener, Room, RoomConfig, RoomKey, RoomSalt, Sealer};

use super::books::{Books, Check, Refusals};
use super::frames::{Deed, Packet};
use super::judge::{Judge, Verdict};
use super::streams::Stream;
use crate::clips::Micros;
use crate::text::header_of_text;

/// What output buffers hold before an open call; a refusal must leave this or zeros.
const UNTOUCHED: u8 = 0xa5;

/// One room object and what belongs to it.
pub(super) struct Visit {
    pub(super) number: u32,
    room: Room,
    opener: Opener,
    sealers: HashMap<usize, Sealer>,
    judge: Judge,
    seen: Seen,
}

/// What this visit did, counted from outside, by kind.
#[derive(Default)]
struct Seen {
    sealed: HashMap<Kind, u64>,
    opened: HashMap<Kind, u64>,
    refused: HashMap<Kind, Refusals>,
}

/// A frame just sealed.
pub(super) struct Sealed {
    pub(super) bytes: Vec<u8>,
    pub(super) kid: u64,
    pub(super) ctr: u64,
    pub(super) ns: u32,
}

impl Visit {
    /// Joins with fresh sealers for `streams`. Without keys yet. An earlier visit
    /// of the member, if any, `crashed` then.
    pub(super) fn join(
        number: u32,
        crashed: Micros,
        config: RoomConfig,
        window: usize,
        streams: impl Iterator<Item = (usize, Kind)>,
    ) -> Result<Self> {
        let room = Room::new(config.replay_window(window)).context("joining the room")?;
        let opener = room.opener();
        let sealers = streams
            .map(|(stream, kind)| Ok((stream, room.sealer(kind)?)))
            .collect::<Result<_>>()?;
        let judge = Judge::new(number, crashed, window);
        Ok(Self {
            number,
            room,
            opener,
            sealers,
            judge,
            seen: Seen::default(),
        })
    }

    pub(super) fn install(&mut self, epoch: u64, key: &RoomKey) -> Result<()> {
        self.room
            .install(epoch, key, &RoomSalt::none())
            .context("installing a key")?;
        self.judge.install(epoch);
        Ok(())
    }

    pub(super) fn activate(&self, epoch: u64) -> Result<()> {
        self.room.activate(epoch).context("activating an epoch")
    }

    pub(super) fn retire(&mut self, epoch: u64) -> Result<()> {
        self.room.retire(epoch).context("retiring an epoch")?;
        self.judge.retire(epoch);
        Ok(())
    }

    pub(super) fn active_epoch(&self) -> Option<u64> {
        self.room.active_epoch()
    }

    /// Seals a frame of one of this member's streams.
    pub(super) fn seal(
        &mut self,
        stream: &Stream,
        plain: &[u8],
        metadata: &[u8],
    ) -> Result<Sealed> {
        let sealer = self
            .sealers
            .get(&stream.number)
            .context("no sealer for this stream")?;
        let (bytes, ns) = if stream.text {
            let start = Instant::now();
            let text = sealer.seal_text(plain, metadata);
            let ns = nanos(start);
            (text.context("sealing a text message")?.into_bytes(), ns)
        } else if let Some(codec) = stream.sealed_as {
            let mut out = vec![0; sealer.max_sealed_codec_len(codec, plain.len())];
            let start = Instant::now();
            let len = sealer.seal_codec(codec, plain, metadata, &mut out);
            let ns = nanos(start);
            out.truncate(len.context("sealing a frame")?);
            (out, ns)
        } else {
            let mut out = vec![0; sealer.sealed_len(plain.len())];
            let start = Instant::now();
            let len = sealer.seal(plain, metadata, &mut out);
            let ns = nanos(start);
            out.truncate(len.context("sealing a frame")?);
            (out, ns)
        };
        *self.seen.sealed.entry(stream.kind).or_default() += 1;
        let peek = if stream.sealed_as.is_some() {
            roomseal::peek_codec(&bytes).map(|(peek, _)| peek)
        } else if stream.text {
            let header = header_of_text(&bytes).context("a text message without a header")?;
            roomseal::peek(&header)
        } else {
            roomseal::peek(bytes.get(..roomseal::HEADER_LEN).unwrap_or_default())
        };
        let peek = peek.context("reading back a header")?;
        Ok(Sealed {
            bytes,
            kid: peek.kid,
            ctr: peek.ctr,
            ns,
        })
    }

    /// Opens a packet, compares with what must happen, and writes it down.
    pub(super) fn receive(&mut self, packet: &Packet, names: &[&str], books: &mut Books) {
        let sent = &packet.sent;
        let Some(book) = books.streams.get_mut(sent.stream) else {
            return;
        };
        let deed = if packet.is_altered() {
            Deed::Altered
        } else {
            packet.deed
        };
        if self.judge.would_be_misled(packet) {
            book.withdrawn += 1;
            return;
        }
        book.delivered += 1;
        let deeds = books.deeds.entry(deed).or_default();
        deeds.delivered += 1;

        let verdict = self.judge.judge(packet);
        let name = names.get(packet.source).copied().unwrap_or_default();
        let kind = packet.kind;
        let request = Request::new(kind, sent.text, &packet.bytes, name);
        let attempt = open(&self.opener, &request, true);
        let describe = |what: &str| {
            format!(
                "{:.3} s, frame {} of stream {}, {}: {what}",
                sent.at as f64 / 1e6,
                sent.number,
                sent.stream,
                deed.words()
            )
        };
        match attempt.result {
            Ok(plain) => {
                book.opened += 1;
                deeds.opened += 1;
                *self.seen.opened.entry(kind).or_default() += 1;
                book.open_ns.push(attempt.ns);
                match verdict {
                    Verdict::Opens => {
                        let same = plain == sent.plain;
                        books
                            .checks
                            .opens
                            .case(same, || describe("opened to other bytes"));
                    }
                    Verdict::Refused(fault) => books
                        .checks
                        .refuses
                        .case(false, || describe(&format!("opened, though {fault:?}"))),
                }
                if self.judge.is_before_the_crash(packet) {
                    books.old_frames_opened += 1;
                }
                self.judge.opened(packet);
            }
            Err(error) => {
                book.refused.count(error);
                deeds.refused.count(error);
                self.seen.refused.entry(kind).or_default().count(error);
                match verdict {
                    // A documented limit of short tags, which enough forgeries bring about.
                    Verdict::Opens if error == Error::FailureBudget => books.closed_to_new += 1,
                    Verdict::Opens => books
                        .checks
                        .opens
                        .case(false, || describe(&format!("refused: {}", error.name()))),
                    Verdict::Refused(fault) => {
                        let fits = fault.fits(error, sent.kind == Kind::Message);
                        books.checks.refuses.case(fits, || {
                            describe(&format!("{fault:?}, yet refused as {}", error.name()))
                        });
                    }
                }
                books
                    .checks
                    .clean
                    .case(attempt.clean, || describe("bytes in the output"));
            }
        }
    }

    #[cfg(test)]
    pub(super) fn forget_what_was_seen(&mut self) {
        self.seen = Seen::default();
    }

    /// Leaves the room, or crashes: compares the room's counters for the last time.
    pub(super) fn leave(self, check: &mut Check) {
        for kind in Kind::ALL {
            let counters = self.room.counters(kind);
            let refused = self.seen.refused.get(&kind).cloned().unwrap_or_default();
            let seen = |map: &HashMap<Kind, u64>| map.get(&kind).copied().unwrap_or(0);
            for (what, counted, seen) in [
                ("sealed", counters.sealed, seen(&self.seen.sealed)),
                ("opened", counters.opened, seen(&self.seen.opened)),
                ("own_frame", counters.own_frame, refused.of(Error::OwnFrame)),
                (
                    "unknown_key",
                    counters.unknown_key,
                    refused.of(Error::UnknownKey),
                ),
                (
                    "not_authentic",
                    counters.not_authentic,
                    refused.of(Error::NotAuthentic),
                ),
                ("replay", counters.replay, refused.of(Error::Replay)),
                ("too_old", counters.too_old, refused.of(Error::TooOld)),
                (
                    "malformed",
                    counters.malformed,
                    refused.of(Error::Malformed) + refused.of(Error::InvalidText),
                ),
                (
                    "not_sealed",
                    counters.not_sealed,
                    refused.of(Error::NotSealed),
                ),
                (
                    "source_changed",
                    counters.source_changed,
                    refused.of(Error::SourceChanged),
                ),
            ] {
                check.case(counted == seen, || {
                    format!(
                        "visit {}, {kind}, {what}: {counted}, seen {seen}",
                        self.number
                    )
                });
            }
        }
    }
}

/// What came of opening a frame.
pub(super) struct Attempt {
    pub(super) result: Result<Vec<u8>, Error>,
    pub(super) ns: u32,
    /// On a refusal: whether the output holds nothing but what it held before, or zeros.
    pub(super) clean: bool,
}

/// What an open call is asked.
pub(super) struct Request<'r> {
    pub(super) kind: Kind,
    /// In text form.
    pub(super) text: bool,
    pub(super) bytes: &'r [u8],
    pub(super) metadata: &'r [u8],
    pub(super) source: Option<&'r [u8]>,
}

impl<'r> Request<'r> {
    /// As a host asks that says the frame is of this kind and of the member `name`.
    ///
    /// Media are bound to their source by the library. Messages carry the sender's
    /// name as metadata, which an application can do that makes both ends.
    pub(super) fn new(kind: Kind, text: bool, bytes: &'r [u8], name: &'r str) -> Self {
        let (metadata, source) = match kind {
            Kind::Message => (name.as_bytes(), None),
            Kind::Audio | Kind::Video => (&[][..], Some(name.as_bytes())),
        };
        let text = text && kind == Kind::Message;
        Self {
            kind,
            text,
            bytes,
            metadata,
            source,
        }
    }
}

/// Opens a frame. Simulated time flies, and the library's budget for unknown
/// streams runs on real time: whoever is `patient` tries again when it is used
/// up, as the error says.
pub(super) fn open(opener: &Opener, request: &Request<'_>, patient: bool) -> Attempt {
    let Request {
        kind,
        text,
        bytes,
        metadata,
        source,
    } = *request;
    let mut out = vec![UNTOUCHED; bytes.len()];
    let mut patience = if patient { 5_000 } else { 0 };
    loop {
        let start = Instant::now();
        let result = if text {
            opener.open_text_into(bytes, metadata, source, &mut out)
        } else {
            opener.open(kind, bytes, metadata, source, &mut out)
        };
        let ns = nanos(start);
        if result == Err(Error::Budget) && patience > 0 {
            patience -= 1;
            sleep(Duration::from_millis(1));
            continue;
        }
        let clean = out.iter().all(|&b| b == UNTOUCHED || b == 0);
        let result = result.map(|len| {
            out.truncate(len);
            out
        });
        return Attempt { result, ns, clean };
    }
}

fn nanos(start: Instant) -> u32 {
    u32::try_from(start.elapsed().as_nanos()).unwrap_or(u32::MAX)
}

/// What reading the clock costs: the least that a measurement can show.
pub(super) fn clock_ns() -> u32 {
    let samples: Vec<u32> = (0..1001).map(|_| nanos(Instant::now())).collect();
    super::books::percentile(&samples, 50)
}
