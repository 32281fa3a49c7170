//! Kinds, forms, codecs, suites and sizes. Each size is a macro, and a function for
//! languages without a preprocessor.

use super::boundary::{Place, guard};
use super::status::roomseal_status;
use crate::limits::{MAX_EPOCHS, MAX_ID_TEXT_LEN, MAX_SALT_LEN, MAX_SOURCE_LEN};
use crate::sframe::{CipherSuite, MAX_HEADER_LEN, MAX_TAG_LEN};
use crate::{Codec, Error, Form, HEADER_LEN, Kind, ROOM_KEY_LEN, Result};

/// Encoded audio frames.
pub const ROOMSEAL_KIND_AUDIO: u32 = 1;
/// Encoded video frames, of any layer or screen share.
pub const ROOMSEAL_KIND_VIDEO: u32 = 2;
/// Messages and SEI.
pub const ROOMSEAL_KIND_MESSAGE: u32 = 3;

/// The plain form: header, ciphertext, tag, as in RFC 9605.
pub const ROOMSEAL_FORM_PLAIN: u32 = 0;
/// The form whose frames are still frames of their codec, with a trailer at the end.
pub const ROOMSEAL_FORM_CODEC: u32 = 1;

/// No byte stays clear: for codecs not listed here, and for frames that don't parse.
pub const ROOMSEAL_CODEC_OPAQUE: u32 = 0;
/// H.264 with start codes.
pub const ROOMSEAL_CODEC_H264: u32 = 1;
/// H.265 with start codes.
pub const ROOMSEAL_CODEC_H265: u32 = 2;
/// VP8.
pub const ROOMSEAL_CODEC_VP8: u32 = 3;
/// VP9.
pub const ROOMSEAL_CODEC_VP9: u32 = 4;
/// AV1, low-overhead OBUs.
pub const ROOMSEAL_CODEC_AV1: u32 = 5;
/// Opus.
pub const ROOMSEAL_CODEC_OPUS: u32 = 6;
/// AAC without ADTS headers.
pub const ROOMSEAL_CODEC_AAC: u32 = 7;

/// RFC 9605 suite 1: AES-128-CTR with HMAC-SHA256 cut to 10 bytes.
pub const ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_80: u32 = 1;
/// RFC 9605 suite 2: AES-128-CTR with HMAC-SHA256 cut to 8 bytes. The smallest
/// tag to use without second thoughts: for audio on thin links.
pub const ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_64: u32 = 2;
/// RFC 9605 suite 3: AES-128-CTR with HMAC-SHA256 cut to 4 bytes. Forgers succeed
/// within days; see `roomseal_config_allow_four_byte_tags`.
pub const ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_32: u32 = 3;
/// RFC 9605 suite 4: AES-128-GCM with its full tag of 16 bytes. The default.
pub const ROOMSEAL_SUITE_AES_128_GCM_SHA256_128: u32 = 4;

/// Bytes of the header of every frame that a room seals: the headroom for
/// sealing in place.
pub const ROOMSEAL_HEADER_LEN: usize = 12;
/// Bytes of the longest tag: tailroom that suffices for sealing in place.
pub const ROOMSEAL_MAX_TAG_LEN: usize = 16;
/// The most bytes that sealing adds to a room's frame.
pub const ROOMSEAL_MAX_OVERHEAD: usize = 28;
/// The most bytes of the trailer of a frame of the form `ROOMSEAL_FORM_CODEC`: tailroom that
/// suffices for sealing in place.
pub const ROOMSEAL_MAX_TRAILER_LEN: usize = 30;
/// Bytes of a room key.
pub const ROOMSEAL_KEY_LEN: usize = 16;
/// Characters of a room key in hexadecimal.
pub const ROOMSEAL_KEY_HEX_LEN: usize = 32;
/// Characters of a room key in base64, its padding included.
pub const ROOMSEAL_KEY_BASE64_LEN: usize = 24;
/// Characters of a key's fingerprint.
pub const ROOMSEAL_FINGERPRINT_LEN: usize = 8;
/// Bytes of the longest room salt.
pub const ROOMSEAL_MAX_SALT_LEN: usize = 64;
/// Bytes of the longest id of an application, a room or a call given as text.
pub const ROOMSEAL_MAX_ID_LEN: usize = 256;
/// Bytes of the longest source name.
pub const ROOMSEAL_MAX_SOURCE_LEN: usize = 64;
/// Epochs installed at once, at most.
pub const ROOMSEAL_MAX_EPOCHS: usize = 16;
/// Bytes of the longest SFrame header: headroom that suffices for a plain SFrame
/// sender.
pub const ROOMSEAL_SFRAME_MAX_HEADER_LEN: usize = 17;
/// The most bytes that a plain SFrame sender adds to a frame.
pub const ROOMSEAL_SFRAME_MAX_OVERHEAD: usize = 33;
/// Bytes of a derived SFrame base key.
pub const ROOMSEAL_SFRAME_BASE_KEY_LEN: usize = 32;
/// Bytes of the longest SFrame base key.
pub const ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN: usize = 1024;

/// `ROOMSEAL_HEADER_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_header_len() -> usize {
    ROOMSEAL_HEADER_LEN
}

/// `ROOMSEAL_MAX_TAG_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_max_tag_len() -> usize {
    ROOMSEAL_MAX_TAG_LEN
}

/// `ROOMSEAL_MAX_OVERHEAD` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_max_overhead() -> usize {
    ROOMSEAL_MAX_OVERHEAD
}

/// `ROOMSEAL_MAX_TRAILER_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_max_trailer_len() -> usize {
    ROOMSEAL_MAX_TRAILER_LEN
}

/// `ROOMSEAL_KEY_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_key_len() -> usize {
    ROOMSEAL_KEY_LEN
}

/// `ROOMSEAL_KEY_HEX_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_key_hex_len() -> usize {
    ROOMSEAL_KEY_HEX_LEN
}

/// `ROOMSEAL_KEY_BASE64_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_key_base64_len() -> usize {
    ROOMSEAL_KEY_BASE64_LEN
}

/// `ROOMSEAL_FINGERPRINT_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_fingerprint_len() -> usize {
    ROOMSEAL_FINGERPRINT_LEN
}

/// `ROOMSEAL_MAX_SALT_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_max_salt_len() -> usize {
    ROOMSEAL_MAX_SALT_LEN
}

/// `ROOMSEAL_MAX_ID_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_max_id_len() -> usize {
    ROOMSEAL_MAX_ID_LEN
}

/// `ROOMSEAL_MAX_SOURCE_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_max_source_len() -> usize {
    ROOMSEAL_MAX_SOURCE_LEN
}

/// `ROOMSEAL_MAX_EPOCHS` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_max_epochs() -> usize {
    ROOMSEAL_MAX_EPOCHS
}

/// `ROOMSEAL_SFRAME_MAX_HEADER_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_sframe_max_header_len() -> usize {
    ROOMSEAL_SFRAME_MAX_HEADER_LEN
}

/// `ROOMSEAL_SFRAME_MAX_OVERHEAD` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_sframe_max_overhead() -> usize {
    ROOMSEAL_SFRAME_MAX_OVERHEAD
}

/// `ROOMSEAL_SFRAME_BASE_KEY_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_sframe_base_key_len() -> usize {
    ROOMSEAL_SFRAME_BASE_KEY_LEN
}

/// `ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN` of the library linked. Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn roomseal_sframe_max_base_key_len() -> usize {
    ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN
}

/// Tells the tag length of a cipher suite: 10, 8, 4 or 16 bytes.
///
/// - `suite`: one of `ROOMSEAL_SUITE_`.
/// - `len_out`: set to the number of bytes.
///
/// Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_SUITE`, `ROOMSEAL_ERR_NULL_POINTER`.
/// On failure nothing is set.
///
/// Threads: any.
///
/// # Safety
/// `len_out` is NULL or valid.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn roomseal_suite_tag_len(
    suite: u32,
    len_out: *mut usize,
) -> roomseal_status {
    guard(|| {
        // SAFETY: the caller's promise.
        let len_out = unsafe { Place::new(len_out) }?;
        len_out.set(self::suite(suite)?.tag_len());
        Ok(())
    })
}

pub(super) fn kind(number: u32) -> Result<Kind> {
    Kind::from_number(number.try_into().map_err(|_| Error::WrongKind)?)
}

pub(super) fn form(number: u32) -> Result<Form> {
    Form::from_number(number.try_into().map_err(|_| Error::UnknownForm)?)
}

pub(super) fn codec(number: u32) -> Result<Codec> {
    Codec::from_number(number.try_into().map_err(|_| Error::UnknownCodec)?)
}

pub(super) fn suite(number: u32) -> Result<CipherSuite> {
    CipherSuite::from_id(number.try_into().map_err(|_| Error::UnknownSuite)?)
}

const _: () = {
    assert!(ROOMSEAL_HEADER_LEN == HEADER_LEN, "as in Rust");
    assert!(ROOMSEAL_MAX_TAG_LEN == MAX_TAG_LEN, "as in Rust");
    assert!(ROOMSEAL_MAX_OVERHEAD == crate::MAX_OVERHEAD, "as in Rust");
    assert!(
        ROOMSEAL_MAX_TRAILER_LEN == crate::MAX_TRAILER_LEN,
        "as in Rust"
    );
    assert!(ROOMSEAL_KEY_LEN == ROOM_KEY_LEN, "as in Rust");
    assert!(
        ROOMSEAL_KEY_HEX_LEN == 2 * ROOM_KEY_LEN,
        "two digits a byte"
    );
    assert!(
        ROOMSEAL_KEY_BASE64_LEN == ROOM_KEY_LEN.div_ceil(3) * 4,
        "four digits for three bytes"
    );
    assert!(ROOMSEAL_MAX_SALT_LEN == MAX_SALT_LEN, "as in Rust");
    assert!(ROOMSEAL_MAX_ID_LEN == MAX_ID_TEXT_LEN, "as in Rust");
    assert!(ROOMSEAL_MAX_SOURCE_LEN == MAX_SOURCE_LEN, "as in Rust");
    assert!(ROOMSEAL_MAX_EPOCHS == MAX_EPOCHS, "as in Rust");
    assert!(
        ROOMSEAL_SFRAME_MAX_HEADER_LEN == MAX_HEADER_LEN,
        "as in Rust"
    );
    assert!(
        ROOMSEAL_SFRAME_MAX_OVERHEAD == crate::sframe::MAX_OVERHEAD,
        "as in Rust"
    );
    assert!(
        ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_80
            == CipherSuite::Aes128CtrHmacSha256_80.id() as u32
            && ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_64
                == CipherSuite::Aes128CtrHmacSha256_64.id() as u32
            && ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_32
                == CipherSuite::Aes128CtrHmacSha256_32.id() as u32
            && ROOMSEAL_SUITE_AES_128_GCM_SHA256_128
                == CipherSuite::Aes128GcmSha256_128.id() as u32,
        "as in Rust"
    );
    assert!(
        ROOMSEAL_KIND_AUDIO == Kind::Audio.number() as u32
            && ROOMSEAL_KIND_VIDEO == Kind::Video.number() as u32
            && ROOMSEAL_KIND_MESSAGE == Kind::Message.number() as u32
            && ROOMSEAL_FORM_PLAIN == Form::Plain.number() as u32
            && ROOMSEAL_FORM_CODEC == Form::Codec.number() as u32,
        "as in Rust"
    );
    assert!(
        ROOMSEAL_CODEC_OPAQUE == Codec::Opaque.number() as u32
            && ROOMSEAL_CODEC_H264 == Codec::H264.number() as u32
            && ROOMSEAL_CODEC_H265 == Codec::H265.number() as u32
            && ROOMSEAL_CODEC_VP8 == Codec::Vp8.number() as u32
            && ROOMSEAL_CODEC_VP9 == Codec::Vp9.number() as u32
            && ROOMSEAL_CODEC_AV1 == Codec::Av1.number() as u32
            && ROOMSEAL_CODEC_OPUS == Codec::Opus.number() as u32
            && ROOMSEAL_CODEC_AAC == Codec::Aac.number() as u32,
        "as in Rust"
    );
};
