//! What the benches measure: each contender seals and opens the same frames,
//! and shows first that it does so rightly.

mod aead;
#[cfg(feature = "boringssl")]
mod boringssl;
mod c_abi;
mod codec;
mod first;
mod frames;
mod measure;
mod record;
mod report;

pub use aead::{aead, aead_many_keys, segments};
pub use codec::{codec_audio, codec_h264, codec_h265, codec_other_video};
pub use first::{first_frames, set_up};
pub use frames::{apart, room, sframe_ctr_hmac, sframe_gcm};
pub use measure::{Line, bench, median, median_of};
pub use record::{Cell, Machine, Record, Table};
pub use report::Report;

use std::time::{Duration, Instant};

/// Bytes of a frame: Opus at low and at common rates, several of them, an RTP
/// packet, and video frames from small to a large key frame.
pub const SIZES: [usize; 9] = [20, 80, 160, 320, 1_200, 4_096, 16_384, 65_536, 262_144];

/// Frames that are sealed, and then opened, in one sample: many for small
/// frames, so that the clock's own cost vanishes, and few enough for the caches.
pub const fn batch(size: usize) -> usize {
    match 16_384 / size {
        0 => 1,
        n if n > 256 => 256,
        n => n,
    }
}

/// How the frames of a batch follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// At once: the core works on the next frame before one is done, as in a
    /// batch of packets.
    BackToBack,
    /// Each waits until the one before is done, as a frame alone does.
    Serialised,
}

impl Pace {
    /// Both, in the order of the tables.
    pub const BOTH: [Self; 2] = [Self::BackToBack, Self::Serialised];

    /// How tables call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BackToBack => "back to back",
            Self::Serialised => "serialised",
        }
    }

    /// Comes before each frame.
    #[inline(always)]
    pub fn step(self) {
        if self == Self::Serialised {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a fence; every CPU of this architecture has it.
            unsafe {
                core::arch::x86_64::_mm_lfence();
            }
            #[cfg(not(target_arch = "x86_64"))]
            core::sync::atomic::fence(core::sync::atomic::Ordering::SeqCst);
        }
    }
}

/// A layer or a library that seals and opens a batch of frames.
pub trait Contender {
    /// What the tables call it.
    fn name(&self) -> &'static str;

    /// Whether others are compared with it: they are with the fastest of these.
    fn is_bar(&self) -> bool {
        false
    }

    /// Frames of a batch of this size.
    fn frames(&self, size: usize) -> usize {
        batch(size)
    }

    /// The frames of a batch of this size, before they are sealed.
    fn plaintexts(&self, size: usize) -> Vec<Vec<u8>> {
        plaintexts_of(size, self.frames(size))
    }

    /// Seals every frame of the batch, each under a fresh nonce.
    fn seal(&mut self, pace: Pace);

    /// Puts what was sealed where it is opened. Not measured.
    fn receive(&mut self) {}

    /// Opens every frame that was sealed last.
    ///
    /// # Panics
    /// If one is refused.
    fn open(&mut self, pace: Pace);

    /// What was sealed last, header and tag included.
    fn sealed(&self) -> Vec<Vec<u8>>;

    /// What was opened last.
    fn opened(&self) -> Vec<Vec<u8>>;

    /// Whether a frame with one changed bit is refused.
    fn refuses_forgery(&mut self) -> bool;
}

/// The contenders of one layer at one frame size, the one to compare with first.
pub type Contenders = Vec<Box<dyn Contender>>;

/// The frames that everyone seals.
fn plaintexts(size: usize) -> Vec<Vec<u8>> {
    plaintexts_of(size, batch(size))
}

fn plaintexts_of(size: usize, count: usize) -> Vec<Vec<u8>> {
    (0..count)
        .map(|n| (0..=u8::MAX).cycle().skip(n).take(size).collect())
        .collect()
}

/// A contender that doesn't do its work must not be measured.
///
/// # Panics
/// If what it sealed is not sealed, doesn't open to the same bytes, or opens
/// when forged.
fn check(mut contenders: Contenders, size: usize) -> Contenders {
    for contender in &mut contenders {
        let name = contender.name();
        let plaintexts = contender.plaintexts(size);
        let mut before = Vec::new();
        for _ in 0..2 {
            contender.seal(Pace::BackToBack);
            let sealed = contender.sealed();
            assert_eq!(sealed.len(), plaintexts.len(), "{name}: frames");
            for (sealed, plaintext) in sealed.iter().zip(&plaintexts) {
                assert!(sealed.len() > size, "{name}: no tag");
                let shown = sealed.windows(size).any(|part| part == plaintext);
                assert!(!shown, "{name}: the plaintext is in the frame");
            }
            assert_ne!(sealed, before, "{name}: the nonces repeat");
            before = sealed;
            contender.receive();
            contender.open(Pace::BackToBack);
            assert_eq!(contender.opened(), plaintexts, "{name} at {size} bytes");
        }
        assert!(contender.refuses_forgery(), "{name} opens a forgery");
    }
    contenders
}

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From plaintext to frame.
    Seal,
    /// From frame to plaintext.
    Open,
}

impl Direction {
    /// Both, in the order of the tables.
    pub const BOTH: [Self; 2] = [Self::Seal, Self::Open];

    /// How groups and tables call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Open => "open",
        }
    }
}

/// The time of one batch in one direction.
fn time(contender: &mut dyn Contender, direction: Direction, pace: Pace) -> Duration {
    match direction {
        Direction::Seal => {
            let start = Instant::now();
            contender.seal(pace);
            start.elapsed()
        }
        Direction::Open => {
            contender.seal(Pace::BackToBack);
            contender.receive();
            let start = Instant::now();
            contender.open(pace);
            start.elapsed()
        }
    }
}

/// What a batch of no work takes at this pace.
fn time_of_pace(frames: usize, pace: Pace) -> Duration {
    let start = Instant::now();
    for frame in 0..frames {
        pace.step();
        core::hint::black_box(frame);
    }
    start.elapsed()
}
