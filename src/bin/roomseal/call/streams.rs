//! Who sends what: clips in a loop, and messages.

use bytes::Bytes;
use roomseal::{Form, Kind};

use super::dice::Dice;
use super::frames::Seat;
use crate::clips::{Clip, Frame, Micros, SECOND};

/// One outgoing stream of a member.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) number: usize,
    pub(crate) owner: Seat,
    pub(crate) kind: Kind,
    /// Messages that go as text.
    pub(crate) text: bool,
    /// The codec, or what a message is.
    pub(crate) codec: String,
    /// What its frames are sealed as, in the codec form.
    pub(crate) sealed_as: Option<roomseal::Codec>,
    /// Which clip it plays, if it plays one.
    pub(crate) clip: Option<usize>,
}

/// Streams start this much after one another, so that they don't beat in step.
const STAGGER: Micros = 2_700;
/// Time between two messages of a member.
const MESSAGE_INTERVAL: Micros = SECOND / 2;

/// Deals the clips out to the members: each sends at least one of every kind
/// there is, and each clip is sent by someone. Each writes messages, the last
/// member in text form.
pub(super) fn deal(clips: &[Clip], seats: usize, form: Form) -> Vec<Stream> {
    let mut streams = Vec::new();
    for kind in [Kind::Video, Kind::Audio] {
        let of_kind: Vec<usize> = (0..)
            .zip(clips)
            .filter(|(_, clip)| clip.codec.kind() == kind)
            .map(|(index, _)| index)
            .collect();
        if of_kind.is_empty() {
            continue;
        }
        for (turn, &clip) in of_kind
            .iter()
            .cycle()
            .take(of_kind.len().max(seats))
            .enumerate()
        {
            streams.push(Stream {
                number: 0,
                owner: turn % seats,
                kind,
                text: false,
                codec: clips
                    .get(clip)
                    .map(|c| c.codec.to_string())
                    .unwrap_or_default(),
                sealed_as: clips
                    .get(clip)
                    .filter(|_| form == Form::Codec)
                    .map(|c| c.codec.sealed_as()),
                clip: Some(clip),
            });
        }
    }
    for owner in 0..seats {
        let text = owner + 1 == seats;
        let codec = if text { "text" } else { "binary" }.to_owned();
        streams.push(Stream {
            number: 0,
            owner,
            kind: Kind::Message,
            text,
            codec,
            sealed_as: None,
            clip: None,
        });
    }
    streams.sort_by_key(|s| s.owner);
    for (number, stream) in streams.iter_mut().enumerate() {
        stream.number = number;
    }
    streams
}

/// The frames of a stream, one after the other, without end.
pub(super) enum Feed<'c> {
    Clip {
        start: Micros,
        frames: Box<dyn Iterator<Item = Frame> + 'c>,
    },
    Messages {
        next: Micros,
        dice: Dice,
        limit: usize,
    },
}

impl<'c> Feed<'c> {
    pub(super) fn new(stream: &Stream, clips: &'c [Clip], seed: u64, limit: usize) -> Self {
        let start = STAGGER * Micros::try_from(stream.number).unwrap_or(0);
        match stream.clip.and_then(|index| clips.get(index)) {
            Some(clip) => Self::Clip {
                start,
                frames: Box::new(clip.looped()),
            },
            None => Self::Messages {
                next: start,
                dice: Dice::new(seed, &format!("messages {}", stream.number)),
                limit,
            },
        }
    }

    pub(super) fn next(&mut self) -> Option<Frame> {
        match self {
            Self::Clip { start, frames } => frames.next().map(|f| Frame {
                at: *start + f.at,
                bytes: f.bytes,
            }),
            Self::Messages { next, dice, limit } => {
                let at = *next;
                *next += MESSAGE_INTERVAL;
                let len = 1 + dice.index(*limit);
                let letters = (0..len).map(|_| b'a' + u8::try_from(dice.below(26)).unwrap_or(0));
                Some(Frame {
                    at,
                    bytes: Bytes::from_iter(letters),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn clips(names: &[&str]) -> Vec<Clip> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media");
        names
            .iter()
            .map(|n| Clip::load(&dir.join(n), 25.0).unwrap())
            .collect()
    }

    #[test]
    fn every_member_sends_every_kind_and_every_clip_is_sent() {
        let four = [
            "bunny-360p.h264",
            "bunny-360p.h265",
            "bunny-360p-vp8.ivf",
            "bunny-360p-vp9.ivf",
        ];
        let clips = clips(&[&four[..], &["bunny-opus.ogg"]].concat());
        let streams = deal(&clips, 3, Form::Plain);
        assert_eq!(streams.len(), 4 + 3 + 3);
        for owner in 0..3 {
            for kind in Kind::ALL {
                assert!(streams.iter().any(|s| s.owner == owner && s.kind == kind));
            }
        }
        for clip in 0..clips.len() {
            assert!(streams.iter().any(|s| s.clip == Some(clip)));
        }
        assert!((0..).zip(&streams).all(|(n, s)| s.number == n));
    }

    #[test]
    fn one_kind_of_clip_is_enough() {
        let streams = deal(&clips(&["bunny-opus.ogg"]), 3, Form::Plain);
        assert_eq!(streams.len(), 3 + 3);
        assert!(streams.iter().all(|s| s.kind != Kind::Video));
    }

    #[test]
    fn messages_fit_their_limit_and_keep_time() {
        let stream = deal(&[], 1, Form::Plain).remove(0);
        let mut feed = Feed::new(&stream, &[], 1, 50);
        let frames: Vec<Frame> = (0..500).filter_map(|_| feed.next()).collect();
        assert!(frames.iter().all(|f| (1..=50).contains(&f.bytes.len())));
        assert!(frames.iter().any(|f| f.bytes.len() == 50));
        assert!(
            frames
                .windows(2)
                .all(|p| p[1].at - p[0].at == MESSAGE_INTERVAL)
        );
    }
}
