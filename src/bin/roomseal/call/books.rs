//! What happened, counted.

use std::collections::BTreeMap;

use roomseal::Error;

use super::frames::Deed;

/// Refusals by the name of the error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusals(BTreeMap<&'static str, u64>);

impl Refusals {
    pub(super) fn count(&mut self, error: Error) {
        *self.0.entry(error.name()).or_default() += 1;
    }

    pub(crate) fn of(&self, error: Error) -> u64 {
        self.0.get(error.name()).copied().unwrap_or(0)
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// By name, the most frequent first.
    pub(crate) fn by_frequency(&self) -> Vec<(&'static str, u64)> {
        let mut all: Vec<_> = self.0.iter().map(|(&name, &count)| (name, count)).collect();
        all.sort_by_key(|&(name, count)| (core::cmp::Reverse(count), name));
        all
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(&name, &count)| (name, count))
    }
}

/// One stream: what went out of it, and what became of the copies.
#[derive(Clone, Debug, Default)]
pub(crate) struct StreamBook {
    /// Frames sealed, their bytes before and after, and the play time they cover.
    pub(crate) frames: u64,
    pub(crate) plain_bytes: u64,
    pub(crate) sealed_bytes: u64,
    pub(crate) micros: u64,
    /// Copies that the server sent to members, misdeeds included.
    pub(crate) copies: u64,
    /// Copies that the network added.
    pub(crate) duplicated: u64,
    pub(crate) lost: u64,
    /// Copies for a member who was away.
    pub(crate) missed: u64,
    /// Copies that the simulation took back, see `Judge::would_be_misled`.
    pub(crate) withdrawn: u64,
    pub(crate) delivered: u64,
    pub(crate) opened: u64,
    pub(crate) refused: Refusals,
    /// Nanoseconds of each seal and of each successful open call.
    pub(crate) seal_ns: Vec<u32>,
    pub(crate) open_ns: Vec<u32>,
}

/// Copies that met the same fate on their way.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeedBook {
    pub(crate) delivered: u64,
    pub(crate) opened: u64,
    pub(crate) refused: Refusals,
}

/// Something that must hold in every single case.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    /// For machines.
    pub(crate) key: &'static str,
    /// For people: what holds.
    pub(crate) words: &'static str,
    pub(crate) cases: u64,
    pub(crate) failures: u64,
    /// The first few failures, in words.
    pub(crate) examples: Vec<String>,
}

const EXAMPLES: usize = 5;

impl Check {
    pub(super) const fn new(key: &'static str, words: &'static str) -> Self {
        Self {
            key,
            words,
            cases: 0,
            failures: 0,
            examples: Vec::new(),
        }
    }

    pub(super) fn case(&mut self, holds: bool, describe: impl FnOnce() -> String) {
        self.cases += 1;
        if !holds {
            self.failures += 1;
            if self.examples.len() < EXAMPLES {
                self.examples.push(describe());
            }
        }
    }
}

/// All checks of a call.
#[derive(Clone, Debug)]
pub(crate) struct Checks {
    pub(super) nonces: Check,
    pub(super) hidden: Check,
    pub(super) opens: Check,
    pub(super) refuses: Check,
    pub(super) outsiders: Check,
    pub(super) clean: Check,
    pub(super) conserved: Check,
    pub(super) counters: Check,
    pub(super) remedies: Check,
}

impl Checks {
    pub(super) const fn new() -> Self {
        Self {
            nonces: Check::new(
                "nonces_unique",
                "frames sealed, each under a KID and counter of its own",
            ),
            hidden: Check::new(
                "nothing_in_clear",
                "frames of 16 bytes or more, none of them in clear in the sealed frame",
            ),
            opens: Check::new(
                "intact_frames_open",
                "intact frames, the first time, in the window of an installed epoch: opened to the bytes sent",
            ),
            refuses: Check::new(
                "nothing_else_opens",
                "packets corrupted, repeated, reflected, relabelled, too old or without a key: refused, rightly",
            ),
            outsiders: Check::new(
                "outsiders_open_nothing",
                "tries of outsiders without the right key, room, app, call, kind or epoch: refused",
            ),
            clean: Check::new(
                "no_plaintext_released",
                "refusals that left the output buffer untouched or zero",
            ),
            conserved: Check::new(
                "every_copy_accounted_for",
                "streams whose copies are all accounted for: lost, missed, opened or refused",
            ),
            counters: Check::new(
                "counters_agree",
                "counters of the rooms that agree with what was seen from outside",
            ),
            remedies: Check::new(
                "remedies_stop_replays",
                "effects of remedies after a restart: nothing old opened, all live frames did",
            ),
        }
    }

    pub(crate) const fn all(&self) -> [&Check; 9] {
        [
            &self.nonces,
            &self.hidden,
            &self.opens,
            &self.refuses,
            &self.outsiders,
            &self.clean,
            &self.conserved,
            &self.counters,
            &self.remedies,
        ]
    }
}

/// Everything that is counted during a call.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) streams: Vec<StreamBook>,
    pub(super) deeds: BTreeMap<Deed, DeedBook>,
    pub(super) checks: Checks,
    /// Frames from before its crash that a restarted member opened.
    pub(super) old_frames_opened: u64,
    /// Intact frames of new streams in an epoch that short tags had closed to them.
    pub(super) closed_to_new: u64,
}

impl Books {
    pub(super) fn new(streams: usize) -> Self {
        Self {
            streams: vec![StreamBook::default(); streams],
            deeds: BTreeMap::new(),
            checks: Checks::new(),
            old_frames_opened: 0,
            closed_to_new: 0,
        }
    }
}

/// The sample that `percent` of them lie below, 0 if there are none.
pub(crate) fn percentile(samples: &[u32], percent: usize) -> u32 {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_pick_a_sample() {
        assert_eq!(percentile(&[], 50), 0);
        assert_eq!(percentile(&[9], 99), 9);
        assert_eq!(percentile(&[5, 1, 4, 2, 3], 50), 3);
        assert_eq!(percentile(&[5, 1, 4, 2, 3], 100), 5);
    }

    #[test]
    fn refusals_are_sorted_for_people() {
        let mut refusals = Refusals::default();
        for error in [Error::Replay, Error::TooOld, Error::TooOld, Error::Budget] {
            refusals.count(error);
        }
        assert_eq!(
            refusals.by_frequency(),
            [("TOO_OLD", 2), ("BUDGET", 1), ("REPLAY", 1)]
        );
        assert_eq!((refusals.total(), refusals.of(Error::TooOld)), (4, 2));
    }
}
