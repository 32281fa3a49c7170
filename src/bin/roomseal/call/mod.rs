//! A call: three members with a room object each, real frames, a network that
//! loses and corrupts, and a server that can't be trusted.

mod agenda;
mod books;
mod dice;
mod frames;
mod judge;
mod members;
mod network;
mod outsiders;
mod record;
pub(crate) mod report;
mod restart;
mod server;
mod settings;
mod streams;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use roomseal::{Form, HEADER_LEN, Kind, RoomKey, max_message_len, max_text_message_len};

use self::agenda::Agenda;
use self::books::Books;
use self::frames::{Deed, Packet, Seat, Sent};
use self::members::Visit;
use self::network::Network;
pub(crate) use self::network::Rates;
use self::outsiders::Outsider;
use self::record::Recorder;
use self::report::Report;
use self::restart::Rejoin;
use self::server::Server;
use self::settings::{CALL, CRASHES, EPOCHS, Keys, MEMBER_LAG, MESSAGE_LIMIT, NAMES, Timeline};
pub(crate) use self::settings::{Settings, Suites};
use self::streams::{Feed, Stream};
use crate::clips::{Frame, Micros};

/// This many bytes don't stay the same by chance.
const CLEAR: usize = 16;

enum Event {
    /// A frame leaves an encoder.
    Encoded {
        stream: usize,
        frame: Frame,
    },
    /// A packet leaves the server.
    Leaves(Packet),
    /// A packet arrives.
    Arrives(Packet),
    Crash(Seat),
    Join(Seat),
    Install(Seat),
    Activate(Seat),
    Retire(Seat),
}

/// Runs a call to its end. `progress` is told the simulated time.
pub(crate) fn run(settings: &Settings, progress: impl Fn(Micros)) -> Result<Report> {
    let mut call = Call::new(settings)?;
    while let Some((now, event)) = call.agenda.next() {
        progress(now.min(settings.duration));
        call.now = now;
        call.handle(event)?;
    }
    call.finish()
}

struct Call<'s> {
    settings: &'s Settings,
    timeline: Timeline,
    agenda: Agenda<Event>,
    now: Micros,
    streams: Vec<Stream>,
    feeds: Vec<Feed<'s>>,
    keys: Keys,
    /// Installed epochs and the active one, as the application tells a member who joins.
    current: u64,
    visits: Vec<Option<Visit>>,
    visit_count: u32,
    server: Server,
    network: Network,
    outsiders: Vec<Outsider>,
    recorder: Recorder,
    /// What the server had when a member crashed.
    recorded: Vec<Arc<Sent>>,
    sent: u64,
    nonces: HashSet<(Kind, u64, u64)>,
    books: Books,
}

impl<'s> Call<'s> {
    fn new(settings: &'s Settings) -> Result<Self> {
        let keys: Keys = EPOCHS
            .into_iter()
            .map(|epoch| Ok((epoch, RoomKey::random().context("drawing a room key")?)))
            .collect::<Result<_>>()?;
        let streams = streams::deal(&settings.clips, NAMES.len(), settings.suites.form);
        let suite = settings.suites.message;
        let feeds = streams
            .iter()
            .map(|stream| {
                let limit = if stream.text {
                    max_text_message_len(suite, MESSAGE_LIMIT)
                } else {
                    max_message_len(suite, MESSAGE_LIMIT)
                };
                Feed::new(stream, &settings.clips, settings.seed, limit.unwrap_or(1))
            })
            .collect();
        let mut call = Self {
            settings,
            timeline: Timeline::new(settings.duration),
            agenda: Agenda::new(),
            now: 0,
            outsiders: Outsider::all(&settings.suites, &keys)?,
            keys,
            current: EPOCHS[0],
            visits: NAMES.iter().map(|_| None).collect(),
            visit_count: 0,
            server: Server::new(settings.hostile, NAMES.len(), settings.seed),
            network: Network::new(settings.rates, NAMES.len(), settings.seed),
            recorder: Recorder::new(settings.record.as_deref())?,
            recorded: Vec::new(),
            sent: 0,
            nonces: HashSet::new(),
            books: Books::new(streams.len()),
            streams,
            feeds,
        };
        call.plan();
        Ok(call)
    }

    fn plan(&mut self) {
        let Timeline {
            crash,
            rejoin,
            install,
            activate,
            retire,
        } = self.timeline;
        for seat in 0..NAMES.len() {
            let lag = MEMBER_LAG * Micros::try_from(seat).unwrap_or(0);
            self.agenda.enter(0, Event::Join(seat));
            self.agenda.enter(install + lag, Event::Install(seat));
            self.agenda.enter(activate + lag, Event::Activate(seat));
            self.agenda.enter(retire + lag, Event::Retire(seat));
        }
        self.agenda.enter(crash, Event::Crash(CRASHES));
        self.agenda.enter(rejoin, Event::Join(CRASHES));
        for stream in 0..self.streams.len() {
            self.next_frame(stream);
        }
    }

    /// Enters the next frame of a stream, if it still belongs to the call, and
    /// says how far off it is.
    fn next_frame(&mut self, stream: usize) -> Micros {
        let Some(frame) = self.feeds.get_mut(stream).and_then(Feed::next) else {
            return 0;
        };
        let interval = frame.at.saturating_sub(self.now);
        if frame.at < self.settings.duration {
            self.agenda
                .enter(frame.at, Event::Encoded { stream, frame });
        }
        interval
    }

    fn handle(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Encoded { stream, frame } => {
                let interval = self.next_frame(stream);
                self.seal(stream, &frame, interval)
            }
            Event::Leaves(packet) => {
                self.carry(&packet);
                Ok(())
            }
            Event::Arrives(packet) => {
                self.deliver(&packet);
                Ok(())
            }
            Event::Join(seat) => self.join(seat),
            Event::Crash(seat) => {
                self.recorded = self.server.recorded();
                self.leave(seat);
                Ok(())
            }
            Event::Install(seat) => self.with(seat, |visit, keys| {
                visit.install(EPOCHS[1], keys.get(&EPOCHS[1]).context("the next key")?)
            }),
            Event::Activate(seat) => {
                self.current = EPOCHS[1];
                self.with(seat, |visit, _| visit.activate(EPOCHS[1]))
            }
            Event::Retire(seat) => self.with(seat, |visit, _| visit.retire(EPOCHS[0])),
        }
    }

    /// Does something with a member who is in the room.
    fn with(
        &mut self,
        seat: Seat,
        act: impl FnOnce(&mut Visit, &Keys) -> Result<()>,
    ) -> Result<()> {
        match self.visits.get_mut(seat) {
            Some(Some(visit)) => act(visit, &self.keys),
            _ => Ok(()),
        }
    }

    fn join(&mut self, seat: Seat) -> Result<()> {
        let own = self
            .streams
            .iter()
            .filter(|s| s.owner == seat)
            .map(|s| (s.number, s.kind));
        let crashed = if self.now > 0 { self.timeline.crash } else { 0 };
        let mut visit = Visit::join(
            self.visit_count,
            crashed,
            self.settings.suites.room(CALL)?,
            self.settings.window,
            own,
        )?;
        self.visit_count += 1;
        let key = self.keys.get(&self.current).context("the current key")?;
        visit.install(self.current, key)?;
        visit.activate(self.current)?;
        if let Some(place) = self.visits.get_mut(seat) {
            *place = Some(visit);
        }
        Ok(())
    }

    fn leave(&mut self, seat: Seat) {
        if let Some(visit) = self.visits.get_mut(seat).and_then(Option::take) {
            visit.leave(&mut self.books.checks.counters);
        }
    }

    /// A member seals a frame and sends it to the server.
    fn seal(&mut self, stream: usize, frame: &Frame, interval: Micros) -> Result<()> {
        let Some(stream) = self.streams.get(stream) else {
            return Ok(());
        };
        let Some(Some(visit)) = self.visits.get_mut(stream.owner) else {
            return Ok(());
        };
        let metadata = match stream.kind {
            Kind::Message => NAMES
                .get(stream.owner)
                .copied()
                .unwrap_or_default()
                .as_bytes(),
            Kind::Audio | Kind::Video => &[],
        };
        let sealed = visit.seal(stream, &frame.bytes, metadata)?;
        let sent = Arc::new(Sent {
            number: self.sent,
            at: self.now,
            stream: stream.number,
            sender: stream.owner,
            visit: visit.number,
            kind: stream.kind,
            text: stream.text,
            epoch: visit.active_epoch().context("no active epoch")?,
            kid: sealed.kid,
            ctr: sealed.ctr,
            plain: frame.bytes.clone(),
            sealed: Bytes::from(sealed.bytes),
        });
        self.sent += 1;
        if let Some(book) = self.books.streams.get_mut(stream.number) {
            book.frames += 1;
            book.micros += interval;
            book.plain_bytes += u64::try_from(sent.plain.len())?;
            book.sealed_bytes += u64::try_from(sent.sealed.len())?;
            book.seal_ns.push(sealed.ns);
        }
        self.check_sealed(&sent);
        self.recorder.write(&sent.sealed)?;
        let name = NAMES.get(sent.sender).copied().unwrap_or_default();
        for outsider in &mut self.outsiders {
            outsider.listen(&sent, name, &mut self.books.checks);
        }
        for (later, packet) in self.server.relay(&sent) {
            self.agenda.enter(self.now + later, Event::Leaves(packet));
        }
        Ok(())
    }

    /// What can be seen of a sealed frame without opening it.
    fn check_sealed(&mut self, sent: &Sent) {
        let describe = || format!("frame {} of stream {}", sent.number, sent.stream);
        let fresh = self.nonces.insert((sent.kind, sent.kid, sent.ctr));
        self.books.checks.nonces.case(fresh, describe);
        // In text form nothing stands where it stood.
        if !sent.text && sent.plain.len() >= CLEAR {
            let is_codec = sent.kind != Kind::Message && self.settings.suites.form == Form::Codec;
            let hidden = if is_codec {
                // What codecs leave clear stands in front.
                let end = sent.plain.len() - CLEAR;
                let end = sent.plain.get(end..).unwrap_or_default();
                sent.sealed.windows(CLEAR).all(|sealed| sealed != end)
            } else {
                let sealed = sent.sealed.get(HEADER_LEN..).unwrap_or_default();
                sent.plain
                    .chunks_exact(CLEAR)
                    .zip(sealed.chunks_exact(CLEAR))
                    .all(|(plain, sealed)| plain != sealed)
            };
            self.books.checks.hidden.case(hidden, describe);
        }
    }

    /// The network takes a packet from the server.
    fn carry(&mut self, packet: &Packet) {
        let arrivals = self.network.carry(self.now, packet.to, &packet.bytes);
        let Some(book) = self.books.streams.get_mut(packet.sent.stream) else {
            return;
        };
        book.copies += 1;
        book.lost += u64::from(arrivals.is_empty());
        for arrival in arrivals {
            book.duplicated += u64::from(arrival.extra);
            let deed = if arrival.extra && packet.deed == Deed::Forwarded {
                Deed::Duplicated
            } else {
                packet.deed
            };
            let packet = Packet {
                bytes: arrival.bytes,
                deed,
                ..packet.clone()
            };
            self.agenda.enter(arrival.at, Event::Arrives(packet));
        }
    }

    fn deliver(&mut self, packet: &Packet) {
        match self.visits.get_mut(packet.to) {
            Some(Some(visit)) => visit.receive(packet, &NAMES, &mut self.books),
            _ => {
                if let Some(book) = self.books.streams.get_mut(packet.sent.stream) {
                    book.missed += 1;
                }
            }
        }
    }

    fn finish(mut self) -> Result<Report> {
        for seat in 0..NAMES.len() {
            self.leave(seat);
        }
        for (number, book) in self.books.streams.iter().enumerate() {
            let accounted = book.lost + book.missed + book.withdrawn + book.delivered;
            let answered = book.opened + book.refused.total();
            let holds = book.copies + book.duplicated == accounted && book.delivered == answered;
            self.books.checks.conserved.case(holds, || {
                format!(
                    "stream {number}: {} + {} copies, {accounted} accounted for; {} delivered, \
                     {answered} opened or refused",
                    book.copies, book.duplicated, book.delivered
                )
            });
        }
        let rejoins: Vec<Rejoin> = restart::compare(
            &self.settings.suites,
            &self.keys,
            &self.recorded,
            &NAMES,
            CRASHES,
            &mut self.books.checks.remedies,
        )?;
        self.recorder.finish()?;
        Ok(Report {
            clips: self
                .settings
                .clips
                .iter()
                .map(|c| (c.name.clone(), c.frame_count()))
                .collect(),
            duration: self.settings.duration,
            seed: self.settings.seed,
            window: self.settings.window,
            suites: self.settings.suites,
            timeline: self.timeline,
            streams: self.streams.into_iter().zip(self.books.streams).collect(),
            deeds: self.books.deeds,
            network: self.network.counts,
            outsiders: self
                .outsiders
                .into_iter()
                .map(Outsider::into_book)
                .collect(),
            rejoins,
            old_frames_opened: self.books.old_frames_opened,
            closed_to_new: self.books.closed_to_new,
            checks: self.books.checks,
            clock_ns: members::clock_ns(),
        })
    }
}
