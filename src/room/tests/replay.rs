//! The memory of what was opened, against a model of plain sets; evicted streams.

use super::*;
use crate::limits::{DEFAULT_MEDIA_STREAMS, MEDIA_TOMBSTONES};
use crate::os::Wiped;
use crate::sframe::key::FrameKey;
use std::collections::{BTreeMap, BTreeSet, HashMap};

const WINDOW: u64 = 64;
const PLACES: usize = 6;

/// A stream in an epoch.
type Key = (u64, u64);

#[derive(Default)]
struct ModelSlot {
    /// Highest counter opened, or barred by a tombstone.
    top: Option<u64>,
    /// Counters up to this one are barred.
    barred: Option<u64>,
    opened: BTreeSet<u64>,
}

/// What the room should do, in sets and lists.
#[derive(Default)]
struct Model {
    /// The least recently authentic first.
    streams: Vec<u64>,
    slots: BTreeMap<Key, ModelSlot>,
    tombstones: BTreeMap<Key, u64>,
    evicted: u64,
}

impl Model {
    fn add_slot(&mut self, key: Key) {
        let barred = self.tombstones.remove(&key);
        let slot = ModelSlot {
            top: barred,
            barred,
            ..ModelSlot::default()
        };
        self.slots.insert(key, slot);
    }

    fn evict(&mut self, stream: u64) {
        self.evicted += 1;
        let (gone, left) = ::core::mem::take(&mut self.slots)
            .into_iter()
            .partition(|((s, _), _)| *s == stream);
        self.slots = left;
        let gone: BTreeMap<Key, ModelSlot> = gone;
        let tombstones = gone
            .iter()
            .filter_map(|(key, slot)| Some((*key, slot.top?)));
        self.tombstones.extend(tombstones);
    }

    fn open(&mut self, key: Key, ctr: u64, authentic: bool) -> Result<()> {
        let (stream, _) = key;
        let known = self.streams.contains(&stream);
        if known && !self.slots.contains_key(&key) {
            self.add_slot(key);
        }
        if !known
            && self
                .tombstones
                .get(&key)
                .is_some_and(|highest| ctr <= *highest)
        {
            return Err(Error::TooOld);
        }
        if let Some(ModelSlot {
            top: Some(top),
            barred,
            opened,
        }) = self.slots.get(&key)
        {
            if *barred >= Some(ctr) || top.checked_sub(ctr) >= Some(WINDOW) {
                return Err(Error::TooOld);
            }
            if opened.contains(&ctr) {
                return Err(Error::Replay);
            }
        }
        if !authentic {
            return Err(Error::NotAuthentic);
        }
        if !known {
            self.add_slot(key);
            if self.streams.len() == PLACES {
                let oldest = self.streams.remove(0);
                self.evict(oldest);
            }
        }
        self.streams.retain(|s| *s != stream);
        self.streams.push(stream);
        let slot = self.slots.get_mut(&key).unwrap();
        slot.top = slot.top.max(Some(ctr));
        slot.opened.insert(ctr);
        let floor = slot.top.unwrap().saturating_sub(WINDOW);
        slot.opened = slot.opened.split_off(&floor);
        Ok(())
    }

    fn retire(&mut self, epoch: u64) {
        self.slots.retain(|(_, e), _| *e != epoch);
        self.tombstones.retain(|(_, e), _| *e != epoch);
    }
}

/// What senders have: a key and a next counter for each stream and epoch.
struct Sender {
    key: Wiped<FrameKey>,
    next: u64,
}

/// Compares the room with the model, frame by frame.
struct Comparison {
    clock: Clock,
    room: Room,
    model: Model,
    senders: HashMap<Key, Sender>,
    /// Every counter that opened, for ever.
    accepted: HashSet<(u64, u64, u64)>,
    answers: BTreeMap<String, u64>,
}

impl Comparison {
    fn new() -> Self {
        let clock = Clock::default();
        let config = config()
            .max_streams(Kind::Video, PLACES)
            .replay_window(usize::try_from(WINDOW).unwrap());
        Self {
            room: member(config, 1, &clock),
            clock,
            model: Model::default(),
            senders: HashMap::new(),
            accepted: HashSet::new(),
            answers: BTreeMap::new(),
        }
    }

    fn offer(&mut self, key: Key, pick: impl FnOnce(&mut u64) -> u64, authentic: bool) {
        let (stream, epoch) = key;
        let kid = kid(stream, epoch);
        let sender = self.senders.entry(key).or_insert_with(|| Sender {
            key: {
                let epoch = self.room.core.epoch_of(kid).unwrap();
                let suite = self.room.core.suite(Kind::Video);
                epoch.frame_key(suite, Kind::Video, kid).unwrap()
            },
            next: 1_000,
        });
        let ctr = pick(&mut sender.next);
        let mut frame = [0; 64];
        let len = sender.key.seal(ctr, b"frame", &[], &mut frame).unwrap();
        frame[len - 1] ^= u8::from(!authentic);
        // Tokens are no part of the model.
        self.clock.advance(Duration::from_millis(1));
        let expected = self.model.open(key, ctr, authentic);
        let mut out = [0; 64];
        let opener = self.room.opener();
        let got = opener.open(Kind::Video, &frame[..len], &[], None, &mut out);
        assert_eq!(got.map(drop), expected, "{key:?} {ctr}");
        if got.is_ok() {
            assert!(
                self.accepted.insert((stream, epoch, ctr)),
                "twice: {key:?} {ctr}"
            );
        }
        *self.answers.entry(format!("{expected:?}")).or_default() += 1;
    }

    /// Order of leaving, slots and tombstones: exactly the model's.
    fn compare(&self) {
        let state = snapshot(&self.room, Kind::Video);
        let streams: Vec<_> = state.streams.iter().map(|s| s.id).collect();
        assert_eq!(streams, self.model.streams);
        let name = |key: &Key| kid(key.0, key.1).bits();
        let mut slots: Vec<_> = self.model.slots.keys().map(name).collect();
        slots.sort_unstable();
        let got: Vec<_> = state.slots.iter().map(|s| s.kid).collect();
        assert_eq!(got, slots);
        let tombstones = self.model.tombstones.iter();
        let mut tombstones: Vec<_> = tombstones.map(|(key, top)| (name(key), *top)).collect();
        tombstones.sort_unstable();
        let got: Vec<_> = state
            .tombstones
            .iter()
            .map(|(k, top, _)| (*k, *top))
            .collect();
        assert_eq!(got, tombstones);
        let counters = self.room.counters(Kind::Video);
        assert_eq!(counters.streams_evicted, self.model.evicted);
        assert_eq!(counters.memory_lost, 0);
    }

    fn retire(&mut self, epoch: u64) {
        self.room.retire(epoch).unwrap();
        self.model.retire(epoch);
        self.senders.retain(|(_, e), _| *e != epoch);
        // No frame of a retired epoch has a key, so none needs remembering.
        self.accepted.retain(|(_, e, _)| *e != epoch);
    }
}

fn compare_with_model(steps: u64, seed: u64) {
    let mut it = Comparison::new();
    let mut numbers = Numbers(seed);
    let mut newest = 1;
    for step in 0..steps {
        if step % 1_000 == 0 {
            it.compare();
        }
        if numbers.below(2_000) == 0 {
            newest += 1 + numbers.below(3);
            install(&it.room, newest).unwrap();
            // At most 12 wide, so never two of one nibble.
            for epoch in it.room.epochs() {
                if epoch + 9 < newest || numbers.below(8) == 0 && epoch != newest {
                    it.retire(epoch);
                }
            }
        }
        let epochs = it.room.epochs();
        // Mostly in the newest epoch, and among a few streams, but for bursts.
        let epoch = match numbers.below(4) {
            0 => epochs[numbers.index(epochs.len())],
            _ => newest,
        };
        let crowd = if step / 5_000 % 2 == 0 { 8 } else { 40 };
        let stream = numbers.below(crowd).min(numbers.below(crowd));
        let choice = numbers.below(100);
        let back = numbers.below(2 * WINDOW);
        let authentic = numbers.below(10) > 0;
        let pick = |next: &mut u64| match choice {
            // The next one, one behind, one far ahead, and the very last ones.
            0..50 => {
                *next += 1;
                *next - 1
            }
            50..95 => next.saturating_sub(back),
            95..99 => {
                *next += back * 3;
                *next
            }
            _ if authentic => next.saturating_sub(1),
            _ => u64::MAX - back,
        };
        it.offer((stream, epoch), pick, authentic);
    }
    it.compare();
    let answers = &it.answers;
    for answer in ["Ok(())", "Err(Replay)", "Err(TooOld)", "Err(NotAuthentic)"] {
        assert!(answers[answer] > steps / 50, "{answers:?}");
    }
    assert!(it.model.evicted > steps / 100, "{}", it.model.evicted);
    assert!(newest > steps / 3_000, "{newest}");
}

#[test]
fn the_room_remembers_as_plain_sets_do() {
    compare_with_model(300_000, 1);
}

#[test]
#[ignore = "ten million frames: a minute or two"]
fn the_room_remembers_as_plain_sets_do_for_ten_million_frames() {
    compare_with_model(10_000_000, 2);
}

#[test]
fn recorded_frames_of_evicted_streams_open_never_and_evict_nobody() {
    const EVICTED: u64 = 2_000;
    let clock = Clock::default();
    let room = member(config(), 1, &clock);
    let tick = || clock.advance(Duration::from_millis(1));
    let recorded: Vec<_> = (0..EVICTED)
        .flat_map(|stream| (0..5).map(move |i| (stream, 100 + i)))
        .map(|(stream, ctr)| video(&room, stream, 1, ctr))
        .collect();
    assert_eq!(recorded.len(), 10_000);
    for frame in &recorded {
        tick();
        open_video(&room, frame).unwrap();
    }
    let live: Vec<_> = (0..DEFAULT_MEDIA_STREAMS as u64)
        .map(|i| 5_000 + i)
        .collect();
    for stream in &live {
        tick();
        open_video(&room, &video(&room, *stream, 1, 100)).unwrap();
    }
    let before = snapshot(&room, Kind::Video);
    assert_eq!(streams(&room, Kind::Video), live);
    assert_eq!(before.tombstones.len() as u64, EVICTED);
    let mut numbers = Numbers(3);
    for _ in 0..3 {
        for i in 0..recorded.len() {
            let frame = match i % 2 {
                0 => &recorded[i],
                _ => &recorded[numbers.index(recorded.len())],
            };
            assert_eq!(open_video(&room, frame), Err(Error::TooOld));
        }
    }
    assert_eq!(snapshot(&room, Kind::Video), before);
    assert_eq!(room.counters(Kind::Video).streams_evicted, EVICTED);
    // Frames that were lost before the eviction are gone as well; newer ones open.
    assert_eq!(
        open_video(&room, &video(&room, 7, 1, 50)),
        Err(Error::TooOld)
    );
    open_video(&room, &video(&room, 7, 1, 105)).unwrap();
    assert_eq!(streams(&room, Kind::Video), [&live[1..], &[7]].concat());
}

#[test]
fn streams_that_come_and_go_for_ever_take_no_more_memory() {
    let clock = Clock::default();
    let room = member(config().max_streams(Kind::Video, 1), 1, &clock);
    let sizes = || room.core.kind(Kind::Video).streams.sizes();
    for round in 0..80_000 {
        clock.advance(Duration::from_millis(1));
        open_video(&room, &video(&room, round % 3, 1, 100 + round)).unwrap();
    }
    assert_eq!(room.counters(Kind::Video).streams_evicted, 79_999);
    assert_eq!(sizes().map(|(len, _)| len), [1, 1, 2]);
    // The list of tombstones in order is tidied before it is twice as long as full.
    let [(_, streams), (_, slots), (_, tombstones)] = sizes();
    assert!(streams < 10 && slots < 10, "{streams} {slots}");
    assert!(tombstones <= 4 * MEDIA_TOMBSTONES, "{tombstones}");
}

#[test]
fn the_least_recently_authentic_stream_leaves_first() {
    let clock = Clock::default();
    let room = member(config().max_streams(Kind::Video, 4), 1, &clock);
    install(&room, 2).unwrap();
    for stream in 1..=4 {
        open_video(&room, &video(&room, stream, 1, 100)).unwrap();
    }
    // A frame behind, in another epoch, for a source: all are signs of life.
    open_video(&room, &video(&room, 1, 1, 90)).unwrap();
    open_video(&room, &video(&room, 2, 2, 5)).unwrap();
    // Replayed, too old, forged, of another source: none is.
    open_video_of(&room, &video(&room, 3, 1, 101), Some("carol")).unwrap();
    assert_eq!(streams(&room, Kind::Video), [4, 1, 2, 3]);
    open_video(&room, &video(&room, 4, 1, 5_000)).unwrap();
    let frame = video(&room, 1, 1, 100);
    assert_eq!(open_video(&room, &frame), Err(Error::Replay));
    let frame = broken(&video(&room, 1, 1, 101));
    assert_eq!(open_video(&room, &frame), Err(Error::NotAuthentic));
    let frame = broken(&video(&room, 1, 2, 101));
    assert_eq!(
        open_video(&room, &frame),
        Err(Error::NotAuthentic),
        "a spare slot"
    );
    let frame = video(&room, 3, 1, 102);
    assert_eq!(
        open_video_of(&room, &frame, Some("dave")),
        Err(Error::SourceChanged)
    );
    assert_eq!(streams(&room, Kind::Video), [1, 2, 3, 4]);
    for (newcomer, left) in [(5, [2, 3, 4, 5]), (6, [3, 4, 5, 6]), (1, [4, 5, 6, 1])] {
        open_video(&room, &video(&room, newcomer, 1, 1_000)).unwrap();
        assert_eq!(streams(&room, Kind::Video), left);
    }
    // Kinds have places of their own.
    let audio = forge(&room, Kind::Audio, kid(9, 1), 100, b"x");
    open(&room.opener(), Kind::Audio, &audio, None).unwrap();
    assert_eq!(streams(&room, Kind::Video), [4, 5, 6, 1]);
}

#[test]
fn default_places_are_1024_for_media_and_4096_for_messages() {
    for (kind, places) in [
        (Kind::Audio, 1_024),
        (Kind::Video, 1_024),
        (Kind::Message, 4_096),
    ] {
        let clock = Clock::default();
        let room = member(config(), 1, &clock);
        for stream in 0..places + 3 {
            clock.advance(Duration::from_millis(1));
            let frame = forge(&room, kind, kid(stream, 1), 100, b"x");
            open(&room.opener(), kind, &frame, None).unwrap();
        }
        assert_eq!(streams(&room, kind), (3..places + 3).collect::<Vec<_>>());
        assert_eq!(room.counters(kind).streams_evicted, 3);
        assert_eq!(room.streams(kind).len() as u64, places);
    }
}

#[test]
fn windows_have_the_size_that_was_set() {
    for (set, size) in [(64, 64), (65, 128), (1_024, 1_024), (32_768, 32_768)] {
        let room = member(config().replay_window(set), 1, &Clock::default());
        let top = 1 << 20;
        open_video(&room, &video(&room, 7, 1, top)).unwrap();
        open_video(&room, &video(&room, 7, 1, top - size + 1)).unwrap();
        let old = video(&room, 7, 1, top - size);
        assert_eq!(open_video(&room, &old), Err(Error::TooOld));
        let again = video(&room, 7, 1, top - size + 1);
        assert_eq!(open_video(&room, &again), Err(Error::Replay));
    }
}

#[test]
fn any_minimal_counter_opens_up_to_the_last() {
    let room = member(config(), 1, &Clock::default());
    for ctr in [0, 7, 8, 255, 256, 1 << 24, 1 << 40, u64::MAX - 1, u64::MAX] {
        let frame = video(&room, 7, 1, ctr);
        open_video(&room, &frame).unwrap();
        assert_eq!(open_video(&room, &frame), Err(Error::Replay), "{ctr}");
    }
    // Evicted at the last counter, nothing is left to open.
    let state = room.core.kind(Kind::Video);
    state.streams.evict(kid(7, 1).stream(), &state.tally);
    for ctr in [0, 1 << 30, u64::MAX - 1, u64::MAX] {
        assert_eq!(
            open_video(&room, &video(&room, 7, 1, ctr)),
            Err(Error::TooOld)
        );
    }
}
