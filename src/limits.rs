//! Every limit of the crate, with its reason.
//!
//! Sources: NIST SP 800-38D; draft-irtf-cfrg-aead-limits; RFC 9605 section 7;
//! RFC 3711 section 3.3.2 and libsrtp for replay windows.

/// No key seals more frames than this. Together with [`MAX_BLOCKS_PER_KEY`] the
/// chance to tell AES-GCM or AES-CTR from random stays below 2^-57, the bound
/// of TLS 1.3 (CA ≤ (blocks + 1)² / 2^129). 2^32 frames are more than a year of
/// 110 frames a second.
pub const MAX_FRAMES_PER_KEY: u64 = 1 << 32;
/// No key seals more blocks of 16 bytes (1 TiB in all), see [`MAX_FRAMES_PER_KEY`].
/// Plain senders count blocks in sixteens, rounded up for each frame.
pub const MAX_BLOCKS_PER_KEY: u64 = 1 << 36;

/// A room's sealer draws a fresh KID after this many frames: the counter starts
/// below 2^23, so it never needs a fourth byte on the wire.
pub const REDRAW_FRAMES: u64 = 1 << 23;
/// A room's sealer draws a fresh KID after this many blocks (256 GiB): the
/// distinguishing chance of one key stays below 2^-60.
pub const REDRAW_BLOCKS: u64 = 1 << 34;
/// A room's counters start at or above this value, so they take 3 bytes from
/// the first frame on.
pub const FIRST_CTR_MIN: u64 = 1 << 16;
/// A room's counters start below this value.
pub const FIRST_CTR_END: u64 = 1 << 23;
/// Draws of the random generator before a sealer gives up because each
/// repeated an earlier one: with 59 bits one repeat is no accident.
pub const MAX_DRAWS: usize = 4;

/// The longest frame by default: a key frame of 8K video with room to spare.
pub const DEFAULT_MAX_FRAME_LEN: usize = 16 << 20;
/// The longest frame that may be configured; far below the cipher's 64 GiB, and
/// every sum of lengths fits 32 bits.
pub const MAX_FRAME_LEN: usize = 1 << 30;

/// Times that a codec-transparent frame is sealed, each with a counter value of
/// its own, before it is given up because it takes too many emulation bytes.
/// Frames below 100 MiB need a second try less than once in 2^40.
pub const CODEC_TRIES: usize = 4;

/// The smallest replay window in frames: libsrtp's lower limit.
pub const MIN_REPLAY_WINDOW: usize = 64;
/// The largest replay window in frames: 4 KiB of bitmap a key, libsrtp's upper limit.
pub const MAX_REPLAY_WINDOW: usize = 32_768;
/// The default replay window: 1,024 frames, 17 seconds at 60 frames a second.
pub const DEFAULT_REPLAY_WINDOW: usize = 1_024;

/// Epochs installed at once: the KID carries 4 bits of the epoch.
pub const MAX_EPOCHS: usize = 16;

/// Audio or video streams remembered by default, each kind: a room of 1,000
/// members who all send.
pub const DEFAULT_MEDIA_STREAMS: usize = 1_024;
/// Message streams remembered by default: everyone may write.
pub const DEFAULT_MESSAGE_STREAMS: usize = 4_096;
/// The most streams of a kind that may be configured: 64 MiB of keys.
pub const MAX_STREAMS: usize = 65_536;
/// Tombstones of audio or video streams, each kind: 16 generations of the streams.
pub const MEDIA_TOMBSTONES: usize = 16_384;
/// Tombstones of message streams: 16 generations of the streams.
pub const MESSAGE_TOMBSTONES: usize = 65_536;

/// Unknown KIDs that may be tried at once, each kind: a room of 4,096 that
/// joins in one moment.
pub const TOKEN_BURST: u64 = 4_096;
/// Unknown KIDs that may be tried a second, each kind: a few milliseconds of
/// work a second for a flood of forged frames.
pub const TOKENS_PER_SECOND: u64 = 4_096;
/// Key buffers kept ready for unknown KIDs, each kind: one a core of a phone.
pub const SPARE_CANDIDATES: usize = 4;

/// Forgeries that a key with 4-byte tags may see: the chance that one succeeded
/// reaches 2^-20.
pub const FAILURES_4_BYTE_TAG: u64 = 1 << 12;
/// Forgeries that a key with 8-byte tags may see: the chance reaches 2^-32.
pub const FAILURES_8_BYTE_TAG: u64 = 1 << 32;
/// Forgeries that a key with 10-byte tags may see: the chance reaches 2^-32.
pub const FAILURES_10_BYTE_TAG: u64 = 1 << 48;

/// The longest source name of an open call: a user or stream id of any host SDK.
pub const MAX_SOURCE_LEN: usize = 64;
/// The longest id given as text, in bytes.
pub const MAX_ID_TEXT_LEN: usize = 256;
/// The longest room salt: a block of SHA-256.
pub const MAX_SALT_LEN: usize = 64;

/// The longest time for which clear frames may be accepted: one day of roll-out
/// at a time.
pub const MAX_CLEAR_FRAMES_SECONDS: u64 = 24 * 60 * 60;
