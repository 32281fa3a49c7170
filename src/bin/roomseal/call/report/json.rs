//! The report for machines. Keys are added, never renamed or removed; `call
//! --help` lists them.

use serde_json::{Map, Value, json};

use super::super::books::Refusals;
use super::super::frames::Deed;
use super::super::settings::NAMES;
use super::{Report, StreamBook, ratio};
use crate::clips::SECOND;

/// One JSON object.
pub(crate) fn json(report: &Report) -> Value {
    json!({
        "ok": report.holds(),
        "seconds": ratio(report.duration, SECOND),
        "seed": report.seed,
        "replay_window": report.window,
        "form": report.suites.form.to_string(),
        "members": NAMES,
        "clips": report.clips.iter().map(|(name, frames)| json!({
            "name": name,
            "frames": frames,
        })).collect::<Vec<_>>(),
        "timeline": {
            "crash": ratio(report.timeline.crash, SECOND),
            "rejoin": ratio(report.timeline.rejoin, SECOND),
            "install": ratio(report.timeline.install, SECOND),
            "activate": ratio(report.timeline.activate, SECOND),
            "retire": ratio(report.timeline.retire, SECOND),
        },
        "clock_ns": report.clock_ns,
        "streams": streams(report),
        "deeds": deeds(report),
        "network": {
            "offered": report.network.offered,
            "lost": report.network.lost,
            "reordered": report.network.reordered,
            "duplicated": report.network.duplicated,
            "corrupted": report.network.corrupted,
            "carried": report.network.carried,
        },
        "outsiders": report.outsiders.iter().map(|o| json!({
            "name": o.key,
            "tried": o.tried,
            "opened": o.opened,
            "refused": refusals(&o.refused),
        })).collect::<Vec<_>>(),
        "old_frames_opened_after_restart": report.old_frames_opened,
        "refused_by_failure_budget": report.closed_to_new,
        "rejoins": report.rejoins.iter().map(|r| json!({
            "remedy": r.key,
            "replayed": r.replayed,
            "accepted": r.accepted,
            "live": r.live,
            "live_opened": r.live_opened,
        })).collect::<Vec<_>>(),
        "checks": report.checks.all().iter().map(|c| json!({
            "name": c.key,
            "cases": c.cases,
            "failures": c.failures,
            "examples": c.examples,
        })).collect::<Vec<_>>(),
    })
}

fn streams(report: &Report) -> Vec<Value> {
    let one = |stream: &super::Stream, book: &StreamBook| {
        json!({
            "stream": stream.number,
            "member": NAMES.get(stream.owner),
            "kind": stream.kind.to_string(),
            "codec": stream.codec,
            "clip": stream.clip.map(|_| report.clip_name(stream)),
            "suite": report.suites.of(stream.kind).id(),
            "frames": book.frames,
            "bytes": book.plain_bytes,
            "sealed_bytes": book.sealed_bytes,
            "overhead_percent": book.overhead_percent(),
            "overhead_kbit_s": book.overhead_kbit_s(),
            "copies": book.copies,
            "duplicated": book.duplicated,
            "lost": book.lost,
            "missed": book.missed,
            "withdrawn": book.withdrawn,
            "delivered": book.delivered,
            "opened": book.opened,
            "refused": refusals(&book.refused),
            "seal_ns_median": book.seal_ns(50),
            "seal_ns_p99": book.seal_ns(99),
            "open_ns_median": book.open_ns(50),
            "open_ns_p99": book.open_ns(99),
        })
    };
    report
        .streams
        .iter()
        .map(|(stream, book)| one(stream, book))
        .collect()
}

fn deeds(report: &Report) -> Vec<Value> {
    Deed::ALL
        .iter()
        .map(|deed| {
            let book = report.deeds.get(deed).cloned().unwrap_or_default();
            json!({
                "deed": deed.key(),
                "delivered": book.delivered,
                "opened": book.opened,
                "refused": refusals(&book.refused),
            })
        })
        .collect()
}

/// By the name of the status code.
fn refusals(refusals: &Refusals) -> Map<String, Value> {
    refusals
        .iter()
        .map(|(name, count)| (name.to_ascii_lowercase(), count.into()))
        .collect()
}
