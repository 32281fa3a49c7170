//! A flood of forged frames beside good streams, on a clock of the test's.

use super::*;
use crate::limits::{FAILURES_4_BYTE_TAG, TOKEN_BURST, TOKENS_PER_SECOND};

const SECOND: u64 = 1_000_000_000;
/// A part of a second, and the forged frames in it: 100,000 a second.
const PART: u64 = SECOND / 100;
const FORGED_A_PART: usize = 1_000;
/// From one of 60 frames a second to the next, and how much that varies: no
/// camera and no network keep a beat with the token bucket.
const BETWEEN_GOOD: u64 = SECOND / 60;
const JITTER: u64 = SECOND / 1_000;

/// A receiver under attack, a member it knows and one who joins.
struct Scene {
    clock: Clock,
    now: u64,
    room: Room,
    opener: Opener,
    /// Their rooms stay open as long as this.
    members: [(Room, Sealer); 2],
    /// When the next frame of each is due.
    due: [u64; 2],
    /// How many of them the receiver knows.
    known: usize,
    /// Frames of members that opened.
    opened: u64,
    numbers: Numbers,
    forged: Vec<u8>,
    /// Every forged KID names the installed epoch: the others cost a look-up only.
    aimed: bool,
}

impl Scene {
    fn new(suite: u16, seed: u64) -> Self {
        let suite = CipherSuite::from_id(suite).unwrap();
        let member = |seed, clock: &Clock| {
            let config = config().allow_four_byte_tags();
            member(config.suite(Kind::Video, suite), seed, clock)
        };
        let clock = Clock::default();
        let room = member(3 * seed, &clock);
        let mut numbers = Numbers(seed);
        let mut scene = Self {
            opener: room.opener(),
            now: 0,
            members: [1, 2].map(|i| {
                let room = member(3 * seed + i, &Clock::default());
                let sealer = room.sealer(Kind::Video).unwrap();
                (room, sealer)
            }),
            due: [numbers.below(BETWEEN_GOOD); 2],
            known: 1,
            opened: 0,
            forged: random_frame(&mut numbers, kid(0, 1), 60),
            aimed: seed.is_multiple_of(2),
            clock,
            room,
            numbers,
        };
        scene.send(0).unwrap();
        scene
    }

    fn set_time(&mut self, now: u64) {
        let now = now.max(self.now);
        self.clock.advance(Duration::from_nanos(now - self.now));
        self.now = now;
    }

    fn forge(&mut self) -> Error {
        let kid = 1 << 63 | self.numbers.next();
        let kid = if self.aimed { kid & !0xF | 1 } else { kid };
        self.forged[1..9].copy_from_slice(&kid.to_be_bytes());
        let mut out = [0; 64];
        let opened = self
            .opener
            .open(Kind::Video, &self.forged, &[], None, &mut out);
        opened.expect_err("forged")
    }

    fn send(&mut self, member: usize) -> Result<()> {
        let frame = seal(&self.members[member].1, b"frame").unwrap();
        open(&self.opener, Kind::Video, &frame, None)?;
        self.opened += 1;
        Ok(())
    }

    /// Forges for `time`, a multiple of [`PART`], at random moments: a flood of
    /// many sources has no beat. Known members send and lose nothing; the other
    /// one sends if it `joins`, until a frame opens. Returns how long that took.
    fn flood(&mut self, time: u64, joins: bool) -> Option<u64> {
        let start = self.now;
        if joins {
            self.due[1] = start + self.numbers.below(BETWEEN_GOOD);
        }
        for part in 0..time / PART {
            let from = start + part * PART;
            let mut moments = [(); FORGED_A_PART].map(|()| from + self.numbers.below(PART));
            moments.sort_unstable();
            for moment in moments {
                if self.send_until(moment, joins) {
                    return Some(self.now - start);
                }
                self.set_time(moment);
                self.forge();
            }
        }
        self.set_time(start + time);
        None
    }

    /// Sends what is due up to a moment. Returns whether a member joined.
    fn send_until(&mut self, moment: u64, joins: bool) -> bool {
        for member in 0..self.known + usize::from(joins) {
            while self.due[member] <= moment {
                self.set_time(self.due[member]);
                self.due[member] += BETWEEN_GOOD - JITTER / 2 + self.numbers.below(JITTER);
                match self.send(member) {
                    Ok(()) if member == self.known => {
                        self.known += 1;
                        return true;
                    }
                    Ok(()) => {}
                    Err(Error::Budget | Error::FailureBudget) if member == self.known => {}
                    Err(lost) => panic!("{lost:?} of member {member} at {}", self.now),
                }
            }
        }
        false
    }
}

/// How long joining took in some runs with seeds of their own, in order.
fn joining(suite: u16, runs: u64) -> Vec<Duration> {
    let join = |run| {
        let mut scene = Scene::new(suite, u64::from(suite) << 32 | run);
        // The flood is there first and has used up the burst.
        assert_eq!(scene.flood(SECOND / 10, false), None);
        let joined = scene.flood(5 * SECOND, true);
        joined.unwrap_or_else(|| panic!("suite {suite}, run {run}: not within 5 s"))
    };
    let mut times: Vec<_> = (0..runs).map(join).map(Duration::from_nanos).collect();
    times.sort_unstable();
    times
}

#[test]
fn a_joiner_opens_within_5_seconds_of_a_flood() {
    for suite in [1, 2, 4] {
        let times = joining(suite, 25);
        // If they were let in at once, the flood would be none.
        assert!(times[24] > Duration::from_millis(300), "{times:?}");
    }
}

#[test]
#[ignore = "a thousand runs for each of three suites: minutes"]
fn a_joiner_opens_within_5_seconds_of_a_flood_in_each_of_1000_runs() {
    for suite in [1, 2, 4] {
        let times = joining(suite, 1_000);
        let of = |part: usize| times[part * 999 / 100];
        println!(
            "suite {suite}: half of 1,000 joined after {:?}, 90 % after {:?}, all after {:?}",
            of(50),
            of(90),
            of(100)
        );
    }
}

#[test]
fn a_flood_takes_nothing_from_good_streams_and_makes_nothing_grow() {
    for (suite, seed) in [(1, 100), (2, 101), (4, 102), (4, 103)] {
        let mut scene = Scene::new(suite, seed);
        let sizes = |scene: &Scene| scene.room.core.kind(Kind::Video).streams.sizes();
        let buffers = |scene: &Scene| scene.room.core.kind(Kind::Video).spare_candidates();
        scene.flood(SECOND, false);
        let (size, spare) = (sizes(&scene), buffers(&scene));
        scene.flood(2 * SECOND, false);

        let after = scene.room.counters(Kind::Video);
        assert_eq!(size.map(|(len, _)| len), [1, 1, 0]);
        assert_eq!(sizes(&scene), size, "nor what is allocated");
        assert_eq!(
            (spare.len(), buffers(&scene)),
            (1, spare),
            "one buffer for all"
        );
        // As many derivations as tokens, whatever the flood.
        let tokens = TOKEN_BURST + 3 * TOKENS_PER_SECOND;
        let tried = after.not_authentic;
        assert!(tried <= tokens && tried > tokens - 100, "{tried}");

        // One more joins, and from then on loses nothing either.
        scene.flood(5 * SECOND, true).expect("joined");
        scene.flood(2 * SECOND, false);
        let counters = scene.room.counters(Kind::Video);
        assert_eq!(counters.opened, scene.opened);
        assert!(counters.opened > 410, "{counters:?}");
        assert_eq!(sizes(&scene).map(|(len, _)| len), [2, 2, 0]);
        assert_eq!(buffers(&scene).len(), 1);
        let lost = counters.replay + counters.too_old + counters.streams_evicted;
        assert_eq!(lost, 0);
    }
}

#[test]
fn suite_3_closes_to_newcomers_at_its_budget_and_known_streams_go_on() {
    let mut scene = Scene::new(3, 200);
    // The burst alone is as much as the budget.
    assert_eq!(scene.flood(SECOND / 10, false), None);
    assert_eq!(scene.flood(5 * SECOND, true), None, "nobody joins any more");
    let counters = scene.room.counters(Kind::Video);
    assert_eq!(counters.not_authentic, FAILURES_4_BYTE_TAG);
    assert_eq!(scene.send(1), Err(Error::FailureBudget));
    assert_eq!(counters.opened, scene.opened);
    assert!(counters.opened > 290, "the known stream lost nothing");
    // It moves on to the next epoch, which takes newcomers until it closes as well.
    install(&scene.room, 2).unwrap();
    for (room, sealer) in &scene.members {
        install(room, 2).unwrap();
        room.activate(2).unwrap();
        assert!(sealer.kid().is_some());
    }
    scene.set_time(scene.now + SECOND);
    scene.send(0).unwrap();
    scene.send(1).unwrap();
    assert!(!counters.key_suspect, "no known KID was forged");
}
