//! What a call was like, for people and for machines.

mod json;
mod tables;

use std::collections::BTreeMap;

pub(crate) use self::json::json;
pub(crate) use self::tables::print;

use super::books::{Checks, DeedBook, StreamBook, percentile};
use super::frames::Deed;
use super::network::Counts;
use super::outsiders::OutsiderBook;
use super::restart::Rejoin;
use super::settings::{Suites, Timeline};
use super::streams::Stream;
use crate::clips::Micros;

/// Everything a call has to tell.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// Names and frame counts.
    pub(super) clips: Vec<(String, usize)>,
    pub(super) duration: Micros,
    pub(super) seed: u64,
    pub(super) window: usize,
    pub(super) suites: Suites,
    pub(super) timeline: Timeline,
    pub(super) streams: Vec<(Stream, StreamBook)>,
    pub(super) deeds: BTreeMap<Deed, DeedBook>,
    pub(super) network: Counts,
    pub(super) outsiders: Vec<OutsiderBook>,
    pub(super) rejoins: Vec<Rejoin>,
    pub(super) old_frames_opened: u64,
    pub(super) closed_to_new: u64,
    pub(super) checks: Checks,
    /// What one look at the clock costs; it is in every time measured.
    pub(super) clock_ns: u32,
}

impl Report {
    /// Whether every check held, and anything opened at all.
    pub(crate) fn holds(&self) -> bool {
        self.checks.opens.cases > 0 && self.checks.all().iter().all(|c| c.failures == 0)
    }

    fn clip_name(&self, stream: &Stream) -> &str {
        stream
            .clip
            .and_then(|index| self.clips.get(index))
            .map_or("messages", |(name, _)| name)
    }
}

impl StreamBook {
    fn overhead_bytes(&self) -> u64 {
        self.sealed_bytes.saturating_sub(self.plain_bytes)
    }

    /// What sealing adds, in percent of the frames.
    fn overhead_percent(&self) -> f64 {
        ratio(self.overhead_bytes(), self.plain_bytes) * 100.0
    }

    /// What sealing adds while the stream runs.
    fn overhead_kbit_s(&self) -> f64 {
        ratio(self.overhead_bytes() * 8 * 1000, self.micros)
    }

    fn seal_ns(&self, percent: usize) -> u32 {
        percentile(&self.seal_ns, percent)
    }

    fn open_ns(&self, percent: usize) -> u32 {
        percentile(&self.open_ns, percent)
    }
}

/// 0 if there is nothing to relate to.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}
