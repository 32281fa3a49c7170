/*
 * The C interface of roomseal: end-to-end sealing of encoded audio and video frames and
 * messages with per-room AES-128 keys (SFrame, RFC 9605).
 *
 * Make a configuration with the ids of the application and the room, make a room from it,
 * install and activate the room key. A sealer is one outgoing stream, an opener takes
 * everything that comes in.
 *
 * # Security
 *
 * - A status other than `ROOMSEAL_OK` means: there is nothing to send, or nothing to use.
 *   NEVER SEND THE FRAME IN CLEAR INSTEAD. Where a host's callback takes "false" for "send it
 *   as it is", return an empty frame.
 * - A room key is 16 random bytes that reach members by a way that servers can't read. Whoever
 *   has it can read and write; members are not authenticated against each other. When one
 *   leaves, install a new key. A recording opens for everyone who gets its key later.
 * - Room sealers draw their own random KID, so the same key and ids serve again after a crash
 *   or a rejoin. A plain SFrame sender does not: ONE PAIR OF BASE KEY AND KID, ONE SENDER, ONCE.
 * - A restarted receiver has no memory of what it opened: ratchet, rotate or change the call id
 *   on rejoin, or frames of the same call can be replayed to it.
 * - The library wipes its copies of keys. Wipe yours.
 *
 * # Rules for all functions
 *
 * - Names are `roomseal_<noun>_<verb>`. Handles are opaque. `_new` makes one that you own; its
 *   `_free` takes it back, once, and takes NULL. Rooms, sealers and openers are freed in any order.
 * - Arguments: the handle, inputs, outputs. The length of a buffer stands right after its
 *   pointer; `_cap` is what an output can hold; lengths that come out have a place of their own.
 * - What you pass in is borrowed for the call. Nothing of it is kept, but for copies where a
 *   function says so. The library never hands out memory, but for handles and static texts.
 * - NULL with length 0 is empty. NULL with a length, and NULL for a handle or a single output, is
 *   `ROOMSEAL_ERR_NULL_POINTER`. Lengths above `PTRDIFF_MAX` are `ROOMSEAL_ERR_INVALID_ARGUMENT`.
 * - Buffers that are written share no byte with those that are read, up to their whole capacity:
 *   `ROOMSEAL_ERR_BUFFERS_OVERLAP`. Places for single outputs lie outside all buffers.
 * - All sizes are checked before the first byte is written. Outputs are set on success only;
 *   what failing to open leaves in a buffer stands at each function.
 * - Kinds, forms, suites, counters and statuses are integers: any value may be passed. Texts are
 *   UTF-8 with a length; none has or needs a terminator, but for the static ones.
 * - Every function but `_free` and `roomseal_sframe_sender_skip_to` may be called from any thread
 *   at any time, while others run on the same handle. Those two take a handle that is not
 *   `const`, and need it for themselves.
 * - After `fork()`, sealers made before refuse in the child: make new ones there.
 * - There are no callbacks, no logs and no thread-local state. Should the library ever find a
 *   fault of its own, the call returns `ROOMSEAL_ERR_INTERNAL`.
 *
 * Generated from src/ffi by `cargo build --features header`. Don't edit.
 */
#ifndef ROOMSEAL_H
#define ROOMSEAL_H

#include <stddef.h>
#include <stdint.h>

/* Marks what the library exports. Define ROOMSEAL_DLL to link the DLL on Windows. */
#ifndef ROOMSEAL_API
#if defined(_WIN32) && defined(ROOMSEAL_DLL)
#define ROOMSEAL_API __declspec(dllimport)
#elif !defined(_WIN32) && defined(__GNUC__)
#define ROOMSEAL_API __attribute__((visibility("default")))
#else
#define ROOMSEAL_API
#endif
#endif

/* Lets the compiler warn where a result is ignored. */
#ifndef ROOMSEAL_MUST_USE
#if defined(__GNUC__)
#define ROOMSEAL_MUST_USE __attribute__((warn_unused_result))
#elif defined(_MSC_VER)
#define ROOMSEAL_MUST_USE _Check_return_
#else
#define ROOMSEAL_MUST_USE
#endif
#endif

/**
 * Major version of the library that this header belongs to.
 */
#define ROOMSEAL_VERSION_MAJOR 0

/**
 * Minor version of the library that this header belongs to.
 */
#define ROOMSEAL_VERSION_MINOR 1

/**
 * Patch version of the library that this header belongs to.
 */
#define ROOMSEAL_VERSION_PATCH 0

/**
 * The three in one number that grows with each release: 65,536 * major + 256 * minor + patch.
 */
#define ROOMSEAL_VERSION_NUMBER 256

/**
 * Number of the binary interface. It changes only when something is removed or
 * changed: a program built with this header works with every library of the
 * same number that is not older.
 */
#define ROOMSEAL_ABI_VERSION 1

/**
 * Encoded audio frames.
 */
#define ROOMSEAL_KIND_AUDIO 1

/**
 * Encoded video frames, of any layer or screen share.
 */
#define ROOMSEAL_KIND_VIDEO 2

/**
 * Messages and SEI.
 */
#define ROOMSEAL_KIND_MESSAGE 3

/**
 * The plain form: header, ciphertext, tag, as in RFC 9605.
 */
#define ROOMSEAL_FORM_PLAIN 0

/**
 * The form whose frames are still frames of their codec, with a trailer at the end.
 */
#define ROOMSEAL_FORM_CODEC 1

/**
 * No byte stays clear: for codecs not listed here, and for frames that don't parse.
 */
#define ROOMSEAL_CODEC_OPAQUE 0

/**
 * H.264 with start codes.
 */
#define ROOMSEAL_CODEC_H264 1

/**
 * H.265 with start codes.
 */
#define ROOMSEAL_CODEC_H265 2

/**
 * VP8.
 */
#define ROOMSEAL_CODEC_VP8 3

/**
 * VP9.
 */
#define ROOMSEAL_CODEC_VP9 4

/**
 * AV1, low-overhead OBUs.
 */
#define ROOMSEAL_CODEC_AV1 5

/**
 * Opus.
 */
#define ROOMSEAL_CODEC_OPUS 6

/**
 * AAC without ADTS headers.
 */
#define ROOMSEAL_CODEC_AAC 7

/**
 * RFC 9605 suite 1: AES-128-CTR with HMAC-SHA256 cut to 10 bytes.
 */
#define ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_80 1

/**
 * RFC 9605 suite 2: AES-128-CTR with HMAC-SHA256 cut to 8 bytes. The smallest
 * tag to use without second thoughts: for audio on thin links.
 */
#define ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_64 2

/**
 * RFC 9605 suite 3: AES-128-CTR with HMAC-SHA256 cut to 4 bytes. Forgers succeed
 * within days; see `roomseal_config_allow_four_byte_tags`.
 */
#define ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_32 3

/**
 * RFC 9605 suite 4: AES-128-GCM with its full tag of 16 bytes. The default.
 */
#define ROOMSEAL_SUITE_AES_128_GCM_SHA256_128 4

/**
 * Bytes of the header of every frame that a room seals: the headroom for
 * sealing in place.
 */
#define ROOMSEAL_HEADER_LEN 12

/**
 * Bytes of the longest tag: tailroom that suffices for sealing in place.
 */
#define ROOMSEAL_MAX_TAG_LEN 16

/**
 * The most bytes that sealing adds to a room's frame.
 */
#define ROOMSEAL_MAX_OVERHEAD 28

/**
 * The most bytes of the trailer of a frame of the form `ROOMSEAL_FORM_CODEC`: tailroom that
 * suffices for sealing in place.
 */
#define ROOMSEAL_MAX_TRAILER_LEN 30

/**
 * Bytes of a room key.
 */
#define ROOMSEAL_KEY_LEN 16

/**
 * Characters of a room key in hexadecimal.
 */
#define ROOMSEAL_KEY_HEX_LEN 32

/**
 * Characters of a room key in base64, its padding included.
 */
#define ROOMSEAL_KEY_BASE64_LEN 24

/**
 * Characters of a key's fingerprint.
 */
#define ROOMSEAL_FINGERPRINT_LEN 8

/**
 * Bytes of the longest room salt.
 */
#define ROOMSEAL_MAX_SALT_LEN 64

/**
 * Bytes of the longest id of an application, a room or a call given as text.
 */
#define ROOMSEAL_MAX_ID_LEN 256

/**
 * Bytes of the longest source name.
 */
#define ROOMSEAL_MAX_SOURCE_LEN 64

/**
 * Epochs installed at once, at most.
 */
#define ROOMSEAL_MAX_EPOCHS 16

/**
 * Bytes of the longest SFrame header: headroom that suffices for a plain SFrame
 * sender.
 */
#define ROOMSEAL_SFRAME_MAX_HEADER_LEN 17

/**
 * The most bytes that a plain SFrame sender adds to a frame.
 */
#define ROOMSEAL_SFRAME_MAX_OVERHEAD 33

/**
 * Bytes of a derived SFrame base key.
 */
#define ROOMSEAL_SFRAME_BASE_KEY_LEN 32

/**
 * Bytes of the longest SFrame base key.
 */
#define ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN 1024

/**
 * Frames sealed.
 */
#define ROOMSEAL_COUNTER_SEALED 1

/**
 * Frames opened: authentic, and new.
 */
#define ROOMSEAL_COUNTER_OPENED 2

/**
 * Refused: no header of a room frame.
 */
#define ROOMSEAL_COUNTER_NOT_SEALED 3

/**
 * Refused by `ROOMSEAL_ERR_CLEAR_FRAME`: clear frames that the application takes for now.
 */
#define ROOMSEAL_COUNTER_CLEAR_FRAMES 4

/**
 * Refused: our own frames, reflected.
 */
#define ROOMSEAL_COUNTER_OWN_FRAME 5

/**
 * Refused: no epoch installed for the KID.
 */
#define ROOMSEAL_COUNTER_UNKNOWN_KEY 6

/**
 * Refused: too many unknown KIDs at the moment.
 */
#define ROOMSEAL_COUNTER_BUDGET 7

/**
 * Refused: not authentic. If nothing opens at all, keys or ids differ.
 */
#define ROOMSEAL_COUNTER_NOT_AUTHENTIC 8

/**
 * Refused: opened before.
 */
#define ROOMSEAL_COUNTER_REPLAY 9

/**
 * Refused: before the replay window or a tombstone.
 */
#define ROOMSEAL_COUNTER_TOO_OLD 10

/**
 * Refused: cut short, or a header that no sender makes.
 */
#define ROOMSEAL_COUNTER_MALFORMED 11

/**
 * Refused: the stream belongs to another source.
 */
#define ROOMSEAL_COUNTER_SOURCE_CHANGED 12

/**
 * Refused: longer than the limit, sealing included.
 */
#define ROOMSEAL_COUNTER_TOO_LARGE 13

/**
 * Refused: new streams in an epoch that is closed to them.
 */
#define ROOMSEAL_COUNTER_NEW_STREAM_REFUSED 14

/**
 * Refused: suspect keys that the application asked to drop.
 */
#define ROOMSEAL_COUNTER_SUSPECT_REFUSED 15

/**
 * Streams that left because there were too many.
 */
#define ROOMSEAL_COUNTER_STREAMS_EVICTED 16

/**
 * Tombstones dropped because there were too many: their streams could be replayed.
 */
#define ROOMSEAL_COUNTER_MEMORY_LOST 17

/**
 * 1 if a stream took more forged frames than its tag length allows, else 0.
 */
#define ROOMSEAL_COUNTER_KEY_SUSPECT 18

/**
 * The highest counter id of this header. Ids go from 1 to here without gaps.
 */
#define ROOMSEAL_COUNTER_LAST 18

/**
 * What a room is made with. All members must agree on the ids and the suites;
 * the rest is each member's own.
 */
typedef struct roomseal_config roomseal_config;

/**
 * What opens the frames of all members of a room. Openers of one room share all memory:
 * a frame opens in one of them, once.
 */
typedef struct roomseal_opener roomseal_opener;

/**
 * A room: its ids, its keys by epoch, and the memory of what was opened.
 */
typedef struct roomseal_room roomseal_room;

/**
 * What seals one outgoing stream: a microphone, a camera, a layer, or messages.
 */
typedef struct roomseal_sealer roomseal_sealer;

/**
 * What opens frames of any sender whose key was added, each frame once.
 */
typedef struct roomseal_sframe_receiver roomseal_sframe_receiver;

/**
 * What seals under one base key and KID, counting frames from 0.
 */
typedef struct roomseal_sframe_sender roomseal_sframe_sender;

/**
 * What a function returns: `ROOMSEAL_OK`, or one of the `ROOMSEAL_ERR_` numbers.
 *
 * Numbers are never changed or used again; new ones may come. Treat every
 * number but 0 as a failure, the unknown ones too. They stand in decades:
 * 1-9 arguments, 10-19 the frame, 20-29 keys, 30-39 limits, 40-49 the state of
 * an object, 90-99 faults of this library.
 */
typedef int32_t roomseal_status;

/**
 * Success.
 */
#define ROOMSEAL_OK 0

/**
 * A required pointer was NULL, or NULL came with a length above zero.
 */
#define ROOMSEAL_ERR_NULL_POINTER 1

/**
 * An argument is out of its documented range.
 */
#define ROOMSEAL_ERR_INVALID_ARGUMENT 2

/**
 * The output, headroom or tailroom is too small. Nothing was written and no counter value
 * was spent.
 */
#define ROOMSEAL_ERR_BUFFER_TOO_SMALL 3

/**
 * Input and output share bytes. Use the in-place call, or disjoint buffers.
 */
#define ROOMSEAL_ERR_BUFFERS_OVERLAP 4

/**
 * The frame is longer than the room's or the cipher suite's limit.
 */
#define ROOMSEAL_ERR_TOO_LARGE 5

/**
 * Not a media kind: audio 1, video 2, message 3; or a call meant for another kind.
 */
#define ROOMSEAL_ERR_WRONG_KIND 6

/**
 * Not a cipher suite of this library: RFC 9605 suites 1 to 4.
 */
#define ROOMSEAL_ERR_UNKNOWN_SUITE 7

/**
 * Not a frame form of this library: plain 0, codec 1.
 */
#define ROOMSEAL_ERR_UNKNOWN_FORM 8

/**
 * Text that is not exact hexadecimal, base64 or base64url as the call asks for.
 */
#define ROOMSEAL_ERR_INVALID_TEXT 9

/**
 * The frame is cut short, or its header is not minimally encoded.
 */
#define ROOMSEAL_ERR_MALFORMED 10

/**
 * The header is not one of a room frame (its KID lacks the top bit).
 */
#define ROOMSEAL_ERR_NOT_SEALED 11

/**
 * The frame is in clear, and the application said that it accepts such frames for now. It
 * was not touched, nothing about it is authentic.
 */
#define ROOMSEAL_ERR_CLEAR_FRAME 12

/**
 * The frame was sealed by this very room object: a server reflected it.
 */
#define ROOMSEAL_ERR_OWN_FRAME 13

/**
 * Authentication failed. One code for every cryptographic failure.
 */
#define ROOMSEAL_ERR_NOT_AUTHENTIC 14

/**
 * This frame was opened before.
 */
#define ROOMSEAL_ERR_REPLAY 15

/**
 * The frame lies before the replay window, or before what a tombstone remembers.
 */
#define ROOMSEAL_ERR_TOO_OLD 16

/**
 * The stream is bound to another source than the one this call names.
 */
#define ROOMSEAL_ERR_SOURCE_CHANGED 17

/**
 * The frame to seal is not one of the codec it was named, or has a unit that can't be
 * sealed. Nothing was written.
 */
#define ROOMSEAL_ERR_CODEC_MISMATCH 18

/**
 * Not a codec of this library: 0 to 7.
 */
#define ROOMSEAL_ERR_UNKNOWN_CODEC 19

/**
 * No key stands behind the frame's KID.
 */
#define ROOMSEAL_ERR_UNKNOWN_KEY 20

/**
 * Nothing can be sealed: no epoch is active.
 */
#define ROOMSEAL_ERR_NO_ACTIVE_EPOCH 21

/**
 * No such epoch is installed.
 */
#define ROOMSEAL_ERR_UNKNOWN_EPOCH 22

/**
 * The epoch is installed with another key or salt, or its place is taken by the active
 * epoch.
 */
#define ROOMSEAL_ERR_EPOCH_CONFLICT 23

/**
 * The epoch was retired or displaced, or is older than one that was.
 */
#define ROOMSEAL_ERR_EPOCH_RETIRED 24

/**
 * The key has sealed all the frames or blocks it may.
 */
#define ROOMSEAL_ERR_KEY_EXHAUSTED 25

/**
 * A key is already installed under this KID.
 */
#define ROOMSEAL_ERR_DUPLICATE_KID 26

/**
 * Too many forged frames under this key; the application asked to stop using it.
 */
#define ROOMSEAL_ERR_KEY_SUSPECT 27

/**
 * Suite 3 has 4-byte tags and needs its explicit opt-in.
 */
#define ROOMSEAL_ERR_FOUR_BYTE_TAGS 28

/**
 * Epoch 2^64 - 1 has no successor.
 */
#define ROOMSEAL_ERR_LAST_EPOCH 29

/**
 * Too many frames with unknown KIDs at the moment. The frame was not touched and may be
 * tried again.
 */
#define ROOMSEAL_ERR_BUDGET 30

/**
 * The epoch took too many forged frames for its tag length; it takes no new streams.
 */
#define ROOMSEAL_ERR_FAILURE_BUDGET 31

/**
 * Replay memory was lost, and the application asked to refuse new streams then.
 */
#define ROOMSEAL_ERR_MEMORY_LOST 32

/**
 * The sealed frame would take too many emulation bytes, four times over: chance does that
 * only to frames far above 100 MiB.
 */
#define ROOMSEAL_ERR_TOO_MANY_ESCAPES 33

/**
 * The room was closed.
 */
#define ROOMSEAL_ERR_CLOSED 40

/**
 * The object was made before a fork, and this is the child process.
 */
#define ROOMSEAL_ERR_FORKED 41

/**
 * The operating system's random generator failed.
 */
#define ROOMSEAL_ERR_NO_RANDOM 42

/**
 * The room was made to open only.
 */
#define ROOMSEAL_ERR_OPEN_ONLY 43

/**
 * The call is not for the frame form of this kind, or not for this codec.
 */
#define ROOMSEAL_ERR_WRONG_FORM 44

/**
 * A fault in this library. Please report it.
 */
#define ROOMSEAL_ERR_INTERNAL 90

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* ---------------------------------------------------------------------------- Version */

/**
 * The major version of the library linked.
 *
 * Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE uint32_t roomseal_version_major(void);

/**
 * The minor version of the library linked.
 *
 * Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE uint32_t roomseal_version_minor(void);

/**
 * The patch version of the library linked.
 *
 * Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE uint32_t roomseal_version_patch(void);

/**
 * The version of the library linked as one number; compare it with
 * `ROOMSEAL_VERSION_NUMBER`.
 *
 * Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE uint32_t roomseal_version_number(void);

/**
 * The version of the library linked as text, such as "0.1.0". The text is
 * static: never free it.
 *
 * Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE const char *roomseal_version_text(void);

/**
 * The number of the binary interface of the library linked. A program checks
 * once that it is its own `ROOMSEAL_ABI_VERSION`.
 *
 * Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE uint32_t roomseal_abi_version(void);

/* ----------------------------------------------------------------------- Status codes */

/**
 * The name of a status: "OK", "NOT_AUTHENTIC" for `ROOMSEAL_ERR_NOT_AUTHENTIC`,
 * and so on; "UNKNOWN" for a number that this library doesn't know.
 *
 * Returns a static text, never NULL: don't free it.
 *
 * Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE const char *roomseal_status_name(int32_t status);

/**
 * A short English sentence about a status, for logs. It holds nothing of the
 * frame, the key or the room.
 *
 * Returns a static text, never NULL: don't free it.
 *
 * Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE const char *roomseal_status_text(int32_t status);

/* --------------------------------------------- Kinds, forms, codecs, suites and sizes */

/**
 * `ROOMSEAL_HEADER_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_header_len(void);

/**
 * `ROOMSEAL_MAX_TAG_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_max_tag_len(void);

/**
 * `ROOMSEAL_MAX_OVERHEAD` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_max_overhead(void);

/**
 * `ROOMSEAL_MAX_TRAILER_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_max_trailer_len(void);

/**
 * `ROOMSEAL_KEY_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_key_len(void);

/**
 * `ROOMSEAL_KEY_HEX_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_key_hex_len(void);

/**
 * `ROOMSEAL_KEY_BASE64_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_key_base64_len(void);

/**
 * `ROOMSEAL_FINGERPRINT_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_fingerprint_len(void);

/**
 * `ROOMSEAL_MAX_SALT_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_max_salt_len(void);

/**
 * `ROOMSEAL_MAX_ID_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_max_id_len(void);

/**
 * `ROOMSEAL_MAX_SOURCE_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_max_source_len(void);

/**
 * `ROOMSEAL_MAX_EPOCHS` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_max_epochs(void);

/**
 * `ROOMSEAL_SFRAME_MAX_HEADER_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_sframe_max_header_len(void);

/**
 * `ROOMSEAL_SFRAME_MAX_OVERHEAD` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_sframe_max_overhead(void);

/**
 * `ROOMSEAL_SFRAME_BASE_KEY_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_sframe_base_key_len(void);

/**
 * `ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN` of the library linked. Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE size_t roomseal_sframe_max_base_key_len(void);

/**
 * Tells the tag length of a cipher suite: 10, 8, 4 or 16 bytes.
 *
 * - `suite`: one of `ROOMSEAL_SUITE_`.
 * - `len_out`: set to the number of bytes.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_SUITE`, `ROOMSEAL_ERR_NULL_POINTER`.
 * On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `len_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_suite_tag_len(uint32_t suite,
                                       size_t *len_out);

/* ----------------------------------------------------------- Room keys outside a room */

/**
 * Makes a room key with the operating system's random generator.
 *
 * - `key_out`, `key_cap`: takes the `ROOMSEAL_KEY_LEN` bytes. The caller wipes
 *   them when done.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_BUFFER_TOO_SMALL`,
 * `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT`;
 * `ROOMSEAL_ERR_NO_RANDOM` if the generator fails. On failure nothing is written.
 *
 * Threads: any.
 *
 * # Safety
 * `key_out` is NULL or valid for `key_cap` bytes.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_key_random(uint8_t *key_out,
                                    size_t key_cap);

/**
 * Derives the key of the epoch after `epoch`, as `roomseal_room_ratchet` does. Who
 * has only the new key can't go back: give it to members who join late.
 *
 * - `key`, `key_len`: copied. `ROOMSEAL_KEY_LEN` bytes, the key of `epoch`.
 * - `epoch`: its number; it is part of the derivation.
 * - `key_out`, `key_cap`: takes the `ROOMSEAL_KEY_LEN` bytes; shares none with `key`.
 *   The caller wipes them when done.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_LAST_EPOCH` for epoch 2^64 - 1;
 * `ROOMSEAL_ERR_INVALID_ARGUMENT` for other key lengths;
 * `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is written.
 *
 * Threads: any.
 *
 * # Safety
 * Pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_key_ratchet(const uint8_t *key,
                                     size_t key_len,
                                     uint64_t epoch,
                                     uint8_t *key_out,
                                     size_t key_cap);

/**
 * Writes eight hexadecimal digits that tell keys apart in logs and on screens and
 * tell nothing about them.
 *
 * - `key`, `key_len`: copied. `ROOMSEAL_KEY_LEN` bytes.
 * - `text_out`, `text_cap`: takes the `ROOMSEAL_FINGERPRINT_LEN` characters, without
 *   a terminator.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other key lengths;
 * `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is written.
 *
 * Threads: any.
 *
 * # Safety
 * Pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_key_fingerprint(const uint8_t *key,
                                         size_t key_len,
                                         char *text_out,
                                         size_t text_cap);

/**
 * Writes a key as hexadecimal text, in lower case.
 *
 * - `key`, `key_len`: copied. `ROOMSEAL_KEY_LEN` bytes.
 * - `text_out`, `text_cap`: takes the `ROOMSEAL_KEY_HEX_LEN` characters, without a
 *   terminator. The caller wipes them when done.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other key lengths;
 * `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is written.
 *
 * Threads: any.
 *
 * # Safety
 * Pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_key_to_hex(const uint8_t *key,
                                    size_t key_len,
                                    char *text_out,
                                    size_t text_cap);

/**
 * Writes a key as base64 text, with its padding.
 *
 * - `key`, `key_len`: copied. `ROOMSEAL_KEY_LEN` bytes.
 * - `text_out`, `text_cap`: takes the `ROOMSEAL_KEY_BASE64_LEN` characters, without a
 *   terminator. The caller wipes them when done.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other key lengths;
 * `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is written.
 *
 * Threads: any.
 *
 * # Safety
 * Pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_key_to_base64(const uint8_t *key,
                                       size_t key_len,
                                       char *text_out,
                                       size_t text_cap);

/**
 * Reads a key from exactly 32 hexadecimal digits of either case, as
 * `openssl rand -hex 16` prints them.
 *
 * - `text`, `text_len`: read. `ROOMSEAL_KEY_HEX_LEN` characters, nothing around them.
 * - `key_out`, `key_cap`: takes the `ROOMSEAL_KEY_LEN` bytes. The caller wipes them
 *   when done.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_TEXT` for any other text;
 * `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
 * `ROOMSEAL_ERR_INVALID_ARGUMENT`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is
 * written.
 *
 * Threads: any.
 *
 * # Safety
 * Pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_key_from_hex(const char *text,
                                      size_t text_len,
                                      uint8_t *key_out,
                                      size_t key_cap);

/**
 * Reads a key from exactly 24 characters of base64 with its padding, as
 * `openssl rand -base64 16` prints them.
 *
 * - `text`, `text_len`: read. `ROOMSEAL_KEY_BASE64_LEN` characters, nothing around
 *   them; base64url, missing padding and non-zero spare bits are refused.
 * - `key_out`, `key_cap`: takes the `ROOMSEAL_KEY_LEN` bytes. The caller wipes them
 *   when done.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_TEXT` for any other text;
 * `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
 * `ROOMSEAL_ERR_INVALID_ARGUMENT`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is
 * written.
 *
 * Threads: any.
 *
 * # Safety
 * Pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_key_from_base64(const char *text,
                                         size_t text_len,
                                         uint8_t *key_out,
                                         size_t key_cap);

/* ------------------------------------------------------------ Configurations of rooms */

/**
 * Makes a configuration with the defaults: suite 4 and plain frames for every kind, a replay
 * window of 1,024 frames, 1,024 streams of audio and of video and 4,096 of
 * messages, frames up to 16 MiB. The ids of the application and of the room
 * have no default: set both.
 *
 * - `config_out`: set to a handle that the caller owns and gives to
 *   `roomseal_config_free`.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `config_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_new(roomseal_config **config_out);

/**
 * Frees a configuration. Rooms made with it stay as they are.
 *
 * - `config`: given back; NULL does nothing.
 *
 * Threads: nobody may be using the handle, or use it later.
 *
 * # Safety
 * `config` is NULL or a live handle, used by nobody else.
 */
ROOMSEAL_API void roomseal_config_free(roomseal_config *config);

/**
 * Sets the id of the application (TRTC's SDKAppID, Agora's App ID, ZEGO's appID), as a number. It replaces one set before.
 *
 * - `config`: borrowed.
 * - `id`: any number. 123 and the text "123" are different ids.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_set_app_id_number(const roomseal_config *config,
                                                  uint64_t id);

/**
 * Sets the id of the application (TRTC's SDKAppID, Agora's App ID, ZEGO's appID), as text. It replaces one set before.
 *
 * - `config`: borrowed.
 * - `id`, `id_len`: copied. 1 to 256 bytes of UTF-8, taken as they are: no case
 *   folding, no normalisation, no terminator.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other lengths and for
 * what is not UTF-8; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle; `id` is NULL or valid for `id_len` bytes.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_set_app_id_text(const roomseal_config *config,
                                                const char *id,
                                                size_t id_len);

/**
 * Sets the id of the room or channel, as a number. It replaces one set before.
 *
 * - `config`: borrowed.
 * - `id`: any number. 123 and the text "123" are different ids.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_set_room_id_number(const roomseal_config *config,
                                                   uint64_t id);

/**
 * Sets the id of the room or channel, as text. It replaces one set before.
 *
 * - `config`: borrowed.
 * - `id`, `id_len`: copied. 1 to 256 bytes of UTF-8, taken as they are: no case
 *   folding, no normalisation, no terminator.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other lengths and for
 * what is not UTF-8; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle; `id` is NULL or valid for `id_len` bytes.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_set_room_id_text(const roomseal_config *config,
                                                 const char *id,
                                                 size_t id_len);

/**
 * Sets the optional id of the call within the room, which keeps recordings of
 * earlier calls under the same key from being replayed into this one, as a number. It replaces one set before.
 *
 * - `config`: borrowed.
 * - `id`: any number. 123 and the text "123" are different ids.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_set_call_id_number(const roomseal_config *config,
                                                   uint64_t id);

/**
 * Sets the optional id of the call within the room, which keeps recordings of
 * earlier calls under the same key from being replayed into this one, as text. It replaces one set before.
 *
 * - `config`: borrowed.
 * - `id`, `id_len`: copied. 1 to 256 bytes of UTF-8, taken as they are: no case
 *   folding, no normalisation, no terminator.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other lengths and for
 * what is not UTF-8; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle; `id` is NULL or valid for `id_len` bytes.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_set_call_id_text(const roomseal_config *config,
                                                 const char *id,
                                                 size_t id_len);

/**
 * Sets the cipher suite of a kind. All members must agree. Suite 2 saves 8 bytes
 * a frame against the default, which matters for audio.
 *
 * - `config`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `suite`: one of `ROOMSEAL_SUITE_`. Suite 3 also needs
 *   `roomseal_config_allow_four_byte_tags`.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_UNKNOWN_SUITE`,
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_set_suite(const roomseal_config *config,
                                          uint32_t kind,
                                          uint32_t suite);

/**
 * Sets the form of a kind's frames: plain by default; or frames that stay frames of their
 * codec, for audio and video in hosts that parse or packetize what they carry. All members
 * must agree: frames of the other form never open.
 *
 * - `config`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`. A room for messages of another form than the plain one
 *   can't be made.
 * - `form`: one of `ROOMSEAL_FORM_`.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_UNKNOWN_FORM`,
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_set_form(const roomseal_config *config,
                                         uint32_t kind,
                                         uint32_t form);

/**
 * Lets kinds use suite 3, whose 4-byte tags a forger meets by chance once in 2^32
 * tries. After 4,096 forged frames on unknown KIDs an epoch takes no new streams,
 * which an attacker can bring about at will.
 *
 * - `config`: borrowed.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_allow_four_byte_tags(const roomseal_config *config);

/**
 * Makes rooms that only open: for a recorder. They can't make sealers.
 *
 * - `config`: borrowed.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_set_open_only(const roomseal_config *config);

/**
 * Sets the replay window of each stream.
 *
 * - `config`: borrowed.
 * - `frames`: 64 to 32,768, rounded up to a multiple of 64; checked when a room is
 *   made.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_set_replay_window(const roomseal_config *config,
                                                  size_t frames);

/**
 * Sets how many streams of a kind are remembered at once. When one more comes, the
 * least recently authentic one leaves.
 *
 * - `config`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `streams`: 1 to 65,536; checked when a room is made.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_NULL_POINTER`.
 * On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_set_max_streams(const roomseal_config *config,
                                                uint32_t kind,
                                                size_t streams);

/**
 * Sets the longest frame, before sealing, that is sealed or opened.
 *
 * - `config`: borrowed.
 * - `bytes`: 1 to 2^30; checked when a room is made.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_set_max_frame_len(const roomseal_config *config,
                                                  size_t bytes);

/**
 * Refuses new streams of an epoch, with `ROOMSEAL_ERR_MEMORY_LOST`, once the last
 * trace of a stream had to be dropped: its past could otherwise be replayed as a
 * new stream.
 *
 * - `config`: borrowed.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_refuse_new_streams_on_memory_loss(const roomseal_config *config);

/**
 * Refuses streams, with `ROOMSEAL_ERR_KEY_SUSPECT`, after more forged frames than
 * their tag length allows. Off by default, as it hands an attacker on the wire a
 * way to silence a stream with short tags.
 *
 * - `config`: borrowed.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_config_drop_suspect_keys(const roomseal_config *config);

/* ------------------------------------------------------------------------------ Rooms */

/**
 * Makes a room without keys.
 *
 * - `config`: borrowed, and may be freed or used again afterwards.
 * - `room_out`: set to a handle that the caller owns and gives to
 *   `roomseal_room_free`.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` if the id of the application or
 * of the room is missing, or a number is out of its range;
 * `ROOMSEAL_ERR_FOUR_BYTE_TAGS` for suite 3 without its opt-in; `ROOMSEAL_ERR_WRONG_FORM` for
 * messages of another form than the plain one;
 * `ROOMSEAL_ERR_NO_RANDOM` if the system's generator fails;
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `config` is NULL or a live handle; `room_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_new(const roomseal_config *config,
                                  roomseal_room **room_out);

/**
 * Closes a room and frees its handle. Sealers and openers of the room live on, may be
 * freed before or after, and say `ROOMSEAL_ERR_CLOSED` from now on.
 *
 * - `room`: given back; NULL does nothing.
 *
 * Threads: nobody may be using this handle, or use it later. The room's sealers and
 * openers may be in use.
 *
 * # Safety
 * `room` is NULL or a live handle, used by nobody else.
 */
ROOMSEAL_API void roomseal_room_free(roomseal_room *room);

/**
 * Closes a room: wipes its keys, as soon as calls under way leave. Everything called
 * later on it, its sealers and its openers says `ROOMSEAL_ERR_CLOSED`. Closing again
 * does nothing.
 *
 * - `room`: borrowed; it still has to be freed.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any, at any time, while other calls run.
 *
 * # Safety
 * `room` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_close(const roomseal_room *room);

/**
 * Installs the key of an epoch: its frames open from now on, and it may be activated.
 * Install early, activate later, retire when done.
 *
 * Up to 16 epochs stand side by side, with distinct low 4 bits: installing one removes
 * an inactive lower one with the same bits. The same epoch with the same key and salt
 * again changes nothing.
 *
 * - `room`: borrowed.
 * - `epoch`: its number, the same for all members.
 * - `key`, `key_len`: copied. `ROOMSEAL_KEY_LEN` random bytes; the caller wipes its own.
 * - `salt`, `salt_len`: copied. The room's salt, up to `ROOMSEAL_MAX_SALT_LEN` bytes, the
 *   same for all members; NULL with 0 for none.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_EPOCH_CONFLICT` if the epoch has another key or
 * salt, or its place is taken by the active epoch or a higher one;
 * `ROOMSEAL_ERR_EPOCH_RETIRED` if it, or a higher one, was retired or displaced;
 * `ROOMSEAL_ERR_INVALID_ARGUMENT` for other lengths of key or salt;
 * `ROOMSEAL_ERR_CLOSED`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any. Media threads are held up no longer than a pointer swap.
 *
 * # Safety
 * `room` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_install(const roomseal_room *room,
                                      uint64_t epoch,
                                      const uint8_t *key,
                                      size_t key_len,
                                      const uint8_t *salt,
                                      size_t salt_len);

/**
 * Installs the key of an epoch given in hexadecimal, as `roomseal_room_install` does.
 *
 * - `room`: borrowed.
 * - `epoch`: its number, the same for all members.
 * - `text`, `text_len`: read. Exactly `ROOMSEAL_KEY_HEX_LEN` digits, nothing around them.
 * - `salt`, `salt_len`: copied; NULL with 0 for none.
 *
 * Returns what `roomseal_room_install` returns, and `ROOMSEAL_ERR_INVALID_TEXT` for any
 * other text. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_install_hex(const roomseal_room *room,
                                          uint64_t epoch,
                                          const char *text,
                                          size_t text_len,
                                          const uint8_t *salt,
                                          size_t salt_len);

/**
 * Installs the key of an epoch given in base64, as `roomseal_room_install` does.
 *
 * - `room`: borrowed.
 * - `epoch`: its number, the same for all members.
 * - `text`, `text_len`: read. Exactly `ROOMSEAL_KEY_BASE64_LEN` characters, padding
 *   included, nothing around them.
 * - `salt`, `salt_len`: copied; NULL with 0 for none.
 *
 * Returns what `roomseal_room_install` returns, and `ROOMSEAL_ERR_INVALID_TEXT` for any
 * other text. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_install_base64(const roomseal_room *room,
                                             uint64_t epoch,
                                             const char *text,
                                             size_t text_len,
                                             const uint8_t *salt,
                                             size_t salt_len);

/**
 * Makes an installed epoch the one that sealers use, at their next frame.
 *
 * - `room`: borrowed.
 * - `epoch`: an installed epoch.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_EPOCH`, `ROOMSEAL_ERR_CLOSED`,
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_activate(const roomseal_room *room,
                                       uint64_t epoch);

/**
 * Removes an epoch and wipes its keys, as soon as calls under way leave. Its number and
 * all below it are never installed again. Without an active epoch nothing is sealed.
 *
 * - `room`: borrowed.
 * - `epoch`: an installed epoch.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_EPOCH`, `ROOMSEAL_ERR_CLOSED`,
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_retire(const roomseal_room *room,
                                     uint64_t epoch);

/**
 * Derives the key of the epoch after `epoch` and installs it with the same salt. It is
 * not activated. Members who ratchet alike need no message; a late joiner who is given
 * only the new key (`roomseal_key_ratchet`) can't read the past.
 *
 * - `room`: borrowed.
 * - `epoch`: an installed epoch.
 * - `next_out`: set to the number of the epoch installed.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_EPOCH`; `ROOMSEAL_ERR_LAST_EPOCH` for
 * epoch 2^64 - 1; `ROOMSEAL_ERR_EPOCH_CONFLICT`, `ROOMSEAL_ERR_EPOCH_RETIRED`,
 * `ROOMSEAL_ERR_CLOSED`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; `next_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_ratchet(const roomseal_room *room,
                                      uint64_t epoch,
                                      uint64_t *next_out);

/**
 * Lists the installed epochs, the active one among them, in ascending order.
 *
 * - `room`: borrowed.
 * - `epochs_out`, `epochs_cap`: takes the numbers; the capacity counts numbers, not bytes.
 *   `ROOMSEAL_MAX_EPOCHS` always suffices.
 * - `count_out`: set to how many there are.
 *
 * Returns `ROOMSEAL_OK`, also for a closed room, which has none;
 * `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_NULL_POINTER`,
 * `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure nothing is written.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; `epochs_out` is NULL or valid for `epochs_cap` numbers;
 * `count_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_epochs(const roomseal_room *room,
                                     uint64_t *epochs_out,
                                     size_t epochs_cap,
                                     size_t *count_out);

/**
 * Tells the epoch that sealers use.
 *
 * - `room`: borrowed.
 * - `epoch_out`: set to its number.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NO_ACTIVE_EPOCH`, also for a closed room;
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; `epoch_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_active_epoch(const roomseal_room *room,
                                           uint64_t *epoch_out);

/**
 * GIVES UP THE PROTECTION OF A KIND FOR A WHILE, for the roll-out of encryption to
 * members who send in clear.
 *
 * Opening a frame that is not sealed then says `ROOMSEAL_ERR_CLEAR_FRAME` instead of
 * `ROOMSEAL_ERR_NOT_SEALED` or `ROOMSEAL_ERR_MALFORMED`, and the application may use its
 * input as it is. Servers can inject such frames. Nothing is ever sent in clear.
 *
 * - `room`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `seconds`: from now on, up to 86,400 (24 hours); 0 ends it.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for more seconds;
 * `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_CLOSED`, `ROOMSEAL_ERR_NULL_POINTER`. On
 * failure nothing changes.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_accept_clear_frames_dangerously(const roomseal_room *room,
                                                              uint32_t kind,
                                                              uint64_t seconds);

/**
 * Tells the longest message that fits a host's limit when sealed.
 *
 * - `room`: borrowed.
 * - `limit`: the host's limit in bytes, such as 1,000.
 * - `len_out`: set to the message's bytes.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` if not even an empty message
 * fits; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; `len_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_max_message_len(const roomseal_room *room,
                                              size_t limit,
                                              size_t *len_out);

/**
 * Tells the longest message that fits a host's limit when sealed in text form.
 *
 * - `room`: borrowed.
 * - `limit`: the host's limit in characters.
 * - `len_out`: set to the message's bytes.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` if not even an empty message
 * fits; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; `len_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_max_text_message_len(const roomseal_room *room,
                                                   size_t limit,
                                                   size_t *len_out);

/* ------------------------------------- Counters of a room and of its incoming streams */

/**
 * The highest counter id that the library linked knows; `ROOMSEAL_COUNTER_LAST` is the
 * one of this header. Ids go from 1 to here without gaps.
 *
 * Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE uint32_t roomseal_counter_last(void);

/**
 * The name of a counter, such as "not_authentic"; "unknown" for an id that this library
 * doesn't know.
 *
 * Returns a static text, never NULL: don't free it.
 *
 * Threads: any.
 */
ROOMSEAL_API ROOMSEAL_MUST_USE const char *roomseal_counter_name(uint32_t counter);

/**
 * Reads one counter of a room, counted since the room was made.
 *
 * - `room`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `counter`: one of `ROOMSEAL_COUNTER_`.
 * - `value_out`: set to the count.
 *
 * Returns `ROOMSEAL_OK`, also for a closed room; `ROOMSEAL_ERR_WRONG_KIND`;
 * `ROOMSEAL_ERR_INVALID_ARGUMENT` for an id that this library doesn't know;
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any. Counters are read one by one while calls go on.
 *
 * # Safety
 * `room` is NULL or a live handle; `value_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_counter(const roomseal_room *room,
                                      uint32_t kind,
                                      uint32_t counter,
                                      uint64_t *value_out);

/**
 * Tells the highest epoch that an authentic frame of a kind was of.
 *
 * - `room`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `epoch_out`: set to its number.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_EPOCH` if nothing was opened yet;
 * `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; `epoch_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_last_epoch(const roomseal_room *room,
                                         uint32_t kind,
                                         uint64_t *epoch_out);

/**
 * Tells how many incoming streams of a kind are known: what
 * `roomseal_room_streams` would list at this moment.
 *
 * - `room`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `count_out`: set to the number of streams.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_NULL_POINTER`. On
 * failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; `count_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_stream_count(const roomseal_room *room,
                                           uint32_t kind,
                                           size_t *count_out);

/**
 * Lists the incoming streams of a kind that something authentic came of, each by the KID
 * of its newest epoch, in no order.
 *
 * - `room`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `kids_out`, `kids_cap`: takes the KIDs; the capacity counts numbers, not bytes.
 * - `count_out`: set to how many there are.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_BUFFER_TOO_SMALL`; `ROOMSEAL_ERR_WRONG_KIND`,
 * `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure nothing is
 * written.
 *
 * Threads: any. Streams may come between counting and listing them: leave some room.
 *
 * # Safety
 * `room` is NULL or a live handle; `kids_out` is NULL or valid for `kids_cap` numbers;
 * `count_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_streams(const roomseal_room *room,
                                      uint32_t kind,
                                      uint64_t *kids_out,
                                      size_t kids_cap,
                                      size_t *count_out);

/**
 * Reads one counter of an incoming stream.
 *
 * - `room`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `kid`: the KID of any of the stream's frames.
 * - `counter`: `ROOMSEAL_COUNTER_OPENED`, `ROOMSEAL_COUNTER_NOT_AUTHENTIC`,
 *   `ROOMSEAL_COUNTER_REPLAY`, `ROOMSEAL_COUNTER_TOO_OLD`,
 *   `ROOMSEAL_COUNTER_SOURCE_CHANGED` or `ROOMSEAL_COUNTER_KEY_SUSPECT`.
 * - `value_out`: set to the count.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_KEY` if there is no such stream;
 * `ROOMSEAL_ERR_INVALID_ARGUMENT` for another counter; `ROOMSEAL_ERR_WRONG_KIND`,
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; `value_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_stream_counter(const roomseal_room *room,
                                             uint32_t kind,
                                             uint64_t kid,
                                             uint32_t counter,
                                             uint64_t *value_out);

/**
 * Tells the highest epoch that an authentic frame of an incoming stream was of.
 *
 * - `room`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `kid`: the KID of any of the stream's frames.
 * - `epoch_out`: set to its number.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_KEY` if there is no such stream;
 * `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; `epoch_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_stream_last_epoch(const roomseal_room *room,
                                                uint32_t kind,
                                                uint64_t kid,
                                                uint64_t *epoch_out);

/**
 * Copies the name of the source that an incoming stream is bound to.
 *
 * - `room`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `kid`: the KID of any of the stream's frames.
 * - `source_out`, `source_cap`: takes the bytes, without a terminator.
 *   `ROOMSEAL_MAX_SOURCE_LEN` always suffices.
 * - `source_len_out`: set to their number; 0 if no open call named a source yet.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_KEY` if there is no such stream;
 * `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_WRONG_KIND`,
 * `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure nothing is
 * written.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; `source_out` is NULL or valid for `source_cap` bytes;
 * `source_len_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_room_stream_source(const roomseal_room *room,
                                            uint32_t kind,
                                            uint64_t kid,
                                            char *source_out,
                                            size_t source_cap,
                                            size_t *source_len_out);

/* ---------------------------------------------------------------------------- Sealers */

/**
 * Makes a sealer for a new outgoing stream. It may be made before a key is installed,
 * and follows the room's active epoch by itself.
 *
 * - `room`: borrowed; the sealer may outlive the handle.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `sealer_out`: set to a handle that the caller owns and gives to
 *   `roomseal_sealer_free`.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NO_RANDOM`: no generator, no sealer;
 * `ROOMSEAL_ERR_OPEN_ONLY`, `ROOMSEAL_ERR_CLOSED`, `ROOMSEAL_ERR_WRONG_KIND`,
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; `sealer_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sealer_new(const roomseal_room *room,
                                    uint32_t kind,
                                    roomseal_sealer **sealer_out);

/**
 * Frees a sealer and wipes its key. Before or after its room, as it comes.
 *
 * - `sealer`: given back; NULL does nothing.
 *
 * Threads: nobody may be using the handle, or use it later.
 *
 * # Safety
 * `sealer` is NULL or a live handle, used by nobody else.
 */
ROOMSEAL_API void roomseal_sealer_free(roomseal_sealer *sealer);

/**
 * Tells the KID of a sealer's newest frame. It changes with the epoch and, rarely, by
 * itself.
 *
 * - `sealer`: borrowed.
 * - `kid_out`: set to the KID.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_KEY` before the first frame and after its
 * epoch was retired; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `sealer` is NULL or a live handle; `kid_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sealer_kid(const roomseal_sealer *sealer,
                                    uint64_t *kid_out);

/**
 * Tells the bytes of a sealer's tag: the tailroom for sealing in place.
 *
 * - `sealer`: borrowed.
 * - `len_out`: set to the number of bytes.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `sealer` is NULL or a live handle; `len_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sealer_tag_len(const roomseal_sealer *sealer,
                                        size_t *len_out);

/**
 * Tells the exact length of a sealed plain frame:
 * `frame_len + ROOMSEAL_HEADER_LEN + tag`.
 *
 * - `sealer`: borrowed.
 * - `frame_len`: bytes of the frame.
 * - `len_out`: set to the bytes of the sealed frame.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_TOO_LARGE` if no `size_t` holds the sum;
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `sealer` is NULL or a live handle; `len_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sealer_sealed_len(const roomseal_sealer *sealer,
                                           size_t frame_len,
                                           size_t *len_out);

/**
 * Seals a frame from one buffer into another.
 *
 * - `sealer`: borrowed.
 * - `frame`, `frame_len`: read. NULL with 0 is an empty frame.
 * - `metadata`, `metadata_len`: read. Authenticated, not sent: openers must pass the same
 *   bytes. NULL with 0 for none.
 * - `out`, `out_cap`: takes `roomseal_sealer_sealed_len` bytes; shares none with the inputs.
 * - `out_len`: set to the bytes of the sealed frame.
 *
 * Returns `ROOMSEAL_OK`. Everything else means that nothing was written and nothing may be
 * sent:
 * - `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT` (a length above
 *   `PTRDIFF_MAX`), `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
 *   `ROOMSEAL_ERR_TOO_LARGE`: the arguments.
 * - `ROOMSEAL_ERR_NO_ACTIVE_EPOCH`, `ROOMSEAL_ERR_CLOSED`: there is no key.
 * - `ROOMSEAL_ERR_FORKED`: the sealer was made before a fork, and this is the child.
 * - `ROOMSEAL_ERR_NO_RANDOM`: a fresh KID was due and couldn't be drawn.
 * - `ROOMSEAL_ERR_WRONG_FORM`: the kind's frames are those of `roomseal_sealer_seal_codec`.
 *
 * Threads: any number at once with one sealer.
 *
 * # Safety
 * `sealer` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sealer_seal(const roomseal_sealer *sealer,
                                     const uint8_t *frame,
                                     size_t frame_len,
                                     const uint8_t *metadata,
                                     size_t metadata_len,
                                     uint8_t *out,
                                     size_t out_cap,
                                     size_t *out_len);

/**
 * Seals a frame where it stands: the header goes right before it, the tag right after.
 *
 * - `sealer`: borrowed.
 * - `metadata`, `metadata_len`: read. As in `roomseal_sealer_seal`; shares no byte with
 *   `buf`.
 * - `buf`, `buf_cap`: the buffer around the frame.
 * - `frame_off`, `frame_len`: where the frame stands in `buf`: `ROOMSEAL_HEADER_LEN` bytes
 *   or more from its beginning, `roomseal_sealer_tag_len` bytes or more from its end.
 * - `off_out`, `len_out`: set to where the sealed frame stands in `buf`.
 *
 * Returns what `roomseal_sealer_seal` returns: `ROOMSEAL_ERR_INVALID_ARGUMENT` also if the
 * frame doesn't lie within `buf`, `ROOMSEAL_ERR_BUFFER_TOO_SMALL` if there is too little
 * room before or after it. On failure nothing was written, and nothing may be sent.
 *
 * Threads: any number at once with one sealer.
 *
 * # Safety
 * `sealer` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sealer_seal_in_place(const roomseal_sealer *sealer,
                                              const uint8_t *metadata,
                                              size_t metadata_len,
                                              uint8_t *buf,
                                              size_t buf_cap,
                                              size_t frame_off,
                                              size_t frame_len,
                                              size_t *off_out,
                                              size_t *len_out);

/**
 * Tells the characters of a message sealed into text.
 *
 * - `sealer`: borrowed.
 * - `message_len`: bytes of the message.
 * - `len_out`: set to the number of characters.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_TOO_LARGE` if no `size_t` holds the number;
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `sealer` is NULL or a live handle; `len_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sealer_sealed_text_len(const roomseal_sealer *sealer,
                                                size_t message_len,
                                                size_t *len_out);

/**
 * Seals a message into text: base64url without padding, for hosts that take strings only.
 *
 * - `sealer`: borrowed; of kind `ROOMSEAL_KIND_MESSAGE`.
 * - `message`, `message_len`: read. NULL with 0 is an empty message.
 * - `metadata`, `metadata_len`: read. As in `roomseal_sealer_seal`.
 * - `text_out`, `text_cap`: takes `roomseal_sealer_sealed_text_len` characters, without a
 *   terminator; shares none with the inputs.
 * - `text_len_out`: set to their number.
 *
 * Returns what `roomseal_sealer_seal` returns, and `ROOMSEAL_ERR_WRONG_KIND` for a sealer
 * of another kind. On failure nothing was written, and nothing may be sent.
 *
 * Threads: any number at once with one sealer.
 *
 * # Safety
 * `sealer` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sealer_seal_text(const roomseal_sealer *sealer,
                                          const uint8_t *message,
                                          size_t message_len,
                                          const uint8_t *metadata,
                                          size_t metadata_len,
                                          char *text_out,
                                          size_t text_cap,
                                          size_t *text_len_out);

/* --------------------------------------------- Frames that stay frames of their codec */

/**
 * Tells a capacity that is enough for every frame of so many bytes that
 * `roomseal_sealer_seal_codec` seals. For VP8, VP9, Opus, AAC and opaque frames it is the
 * exact length of the sealed frame, and what it is above `frame_len` is the tailroom for
 * sealing in place: at most `ROOMSEAL_MAX_TRAILER_LEN`.
 *
 * - `sealer`: borrowed.
 * - `codec`: one of `ROOMSEAL_CODEC_`.
 * - `frame_len`: bytes of the frame.
 * - `len_out`: set to the number of bytes.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_TOO_LARGE` if no `size_t` holds the sum;
 * `ROOMSEAL_ERR_UNKNOWN_CODEC`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `sealer` is NULL or a live handle; `len_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sealer_max_sealed_codec_len(const roomseal_sealer *sealer,
                                                     uint32_t codec,
                                                     size_t frame_len,
                                                     size_t *len_out);

/**
 * Seals a frame from one buffer into another, as a frame that is still one of its codec.
 * The kind is of the form `ROOMSEAL_FORM_CODEC`. The codec may differ from one frame to the
 * next; receivers read it from the frame.
 *
 * - `sealer`: borrowed.
 * - `codec`: one of `ROOMSEAL_CODEC_`.
 * - `frame`, `frame_len`: read. H.264 and H.265: with start codes, not with lengths. AV1:
 *   OBUs of one temporal unit or layer. NULL with 0 is an empty frame.
 * - `metadata`, `metadata_len`: read. Authenticated, not sent: openers must pass the same
 *   bytes. NULL with 0 for none.
 * - `out`, `out_cap`: takes `roomseal_sealer_max_sealed_codec_len` bytes, and may use all
 *   of them; shares none with the inputs.
 * - `out_len`: set to the bytes of the sealed frame.
 *
 * Returns `ROOMSEAL_OK`. Everything else means that nothing may be sent, and, but for
 * `ROOMSEAL_ERR_TOO_MANY_ESCAPES`, that nothing was written:
 * - `ROOMSEAL_ERR_CODEC_MISMATCH`: the frame doesn't parse as its codec, or has a unit that
 *   can't be sealed. `ROOMSEAL_CODEC_OPAQUE` takes any bytes.
 * - `ROOMSEAL_ERR_WRONG_FORM`: the kind's frames are those of `roomseal_sealer_seal`.
 * - `ROOMSEAL_ERR_TOO_MANY_ESCAPES`: of frames of hundreds of megabytes. `out` is zeros.
 * - `ROOMSEAL_ERR_UNKNOWN_CODEC`, `ROOMSEAL_ERR_NULL_POINTER`, and the others of
 *   `roomseal_sealer_seal`.
 *
 * Threads: any number at once with one sealer.
 *
 * # Safety
 * `sealer` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sealer_seal_codec(const roomseal_sealer *sealer,
                                           uint32_t codec,
                                           const uint8_t *frame,
                                           size_t frame_len,
                                           const uint8_t *metadata,
                                           size_t metadata_len,
                                           uint8_t *out,
                                           size_t out_cap,
                                           size_t *out_len);

/**
 * Seals a VP8, VP9, Opus, AAC or opaque frame where it stands, as
 * `roomseal_sealer_seal_codec` does: the sealed frame begins where the frame begins, and is
 * longer by its trailer.
 *
 * - `sealer`: borrowed.
 * - `codec`: one of `ROOMSEAL_CODEC_`, but H.264, H.265 and AV1.
 * - `metadata`, `metadata_len`: read. As in `roomseal_sealer_seal_codec`; shares no byte with
 *   `buf`.
 * - `buf`, `buf_cap`: the buffer around the frame.
 * - `frame_off`, `frame_len`: where the frame stands in `buf`: the trailer's length, at most
 *   `ROOMSEAL_MAX_TRAILER_LEN`, or more from its end. No headroom is needed.
 * - `off_out`, `len_out`: set to where the sealed frame stands in `buf`.
 *
 * Returns what `roomseal_sealer_seal_codec` returns: `ROOMSEAL_ERR_WRONG_FORM` also for the
 * codecs that can't be sealed in place, `ROOMSEAL_ERR_INVALID_ARGUMENT` also if the frame
 * doesn't lie within `buf`, `ROOMSEAL_ERR_BUFFER_TOO_SMALL` if there is too little room behind
 * it. On failure nothing was written, and nothing may be sent.
 *
 * Threads: any number at once with one sealer.
 *
 * # Safety
 * `sealer` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sealer_seal_codec_in_place(const roomseal_sealer *sealer,
                                                    uint32_t codec,
                                                    const uint8_t *metadata,
                                                    size_t metadata_len,
                                                    uint8_t *buf,
                                                    size_t buf_cap,
                                                    size_t frame_off,
                                                    size_t frame_len,
                                                    size_t *off_out,
                                                    size_t *len_out);

/**
 * Tells H.264 from H.265 by the headers of a frame's NAL units: for hosts that don't say
 * which one they hand out. Best at a key frame with its parameter sets; never applied by
 * the library itself.
 *
 * - `frame`, `frame_len`: read. With start codes.
 * - `codec_out`: set to `ROOMSEAL_CODEC_H264` or `ROOMSEAL_CODEC_H265`.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_CODEC_MISMATCH` if it is neither or could be both;
 * `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * Pointers are NULL or valid, `frame` for `frame_len` bytes.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_codec_detect_annex_b(const uint8_t *frame,
                                              size_t frame_len,
                                              uint32_t *codec_out);

/**
 * Reads the codec of a sealed frame of the form `ROOMSEAL_FORM_CODEC`. Needs no key, and
 * tells nothing that is authentic.
 *
 * - `frame`, `frame_len`: read. The whole sealed frame.
 * - `codec_out`: set to one of `ROOMSEAL_CODEC_`.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_MALFORMED`, `ROOMSEAL_ERR_NOT_SEALED` if there is no
 * trailer of a room frame at its end; `ROOMSEAL_ERR_NULL_POINTER`,
 * `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * Pointers are NULL or valid, `frame` for `frame_len` bytes.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_peek_codec(const uint8_t *frame,
                                    size_t frame_len,
                                    uint32_t *codec_out);

/* ---------------------------------------------------------------------------- Openers */

/**
 * Makes an opener for all incoming streams of a room. One is enough.
 *
 * - `room`: borrowed; the opener may outlive the handle.
 * - `opener_out`: set to a handle that the caller owns and gives to
 *   `roomseal_opener_free`.
 *
 * Returns `ROOMSEAL_OK`, also for a closed room; `ROOMSEAL_ERR_NULL_POINTER`. On failure
 * nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `room` is NULL or a live handle; `opener_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_opener_new(const roomseal_room *room,
                                    roomseal_opener **opener_out);

/**
 * Frees an opener. Before or after its room, as it comes.
 *
 * - `opener`: given back; NULL does nothing.
 *
 * Threads: nobody may be using the handle, or use it later.
 *
 * # Safety
 * `opener` is NULL or a live handle, used by nobody else.
 */
ROOMSEAL_API void roomseal_opener_free(roomseal_opener *opener);

/**
 * Tells how many bytes come out of a sealed frame: exactly for plain frames, at most for
 * frames of the form `ROOMSEAL_FORM_CODEC`.
 *
 * - `opener`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `frame_len`: bytes of the sealed frame, as a room made it.
 * - `len_out`: set to the bytes of the opened one.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_MALFORMED` if that is too short for a sealed frame;
 * `ROOMSEAL_ERR_WRONG_KIND`, `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `opener` is NULL or a live handle; `len_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_opener_opened_len(const roomseal_opener *opener,
                                           uint32_t kind,
                                           size_t frame_len,
                                           size_t *len_out);

/**
 * Opens a frame from one buffer into another.
 *
 * - `opener`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `frame`, `frame_len`: read. The sealed frame.
 * - `metadata`, `metadata_len`: read. What the sealer passed; NULL with 0 for none.
 * - `source`, `source_len`: read. The user or stream id that the host gives for the frame,
 *   1 to `ROOMSEAL_MAX_SOURCE_LEN` bytes; NULL with 0 if it gives none. The first authentic
 *   frame that names a source binds its stream to it.
 * - `out`, `out_cap`: takes the frame, `roomseal_opener_opened_len` bytes; shares none with
 *   the inputs.
 * - `out_len`: set to its length.
 *
 * Returns `ROOMSEAL_OK`: the frame is authentic, and new. Else there is no frame to use:
 * - `ROOMSEAL_ERR_NOT_SEALED`, `ROOMSEAL_ERR_MALFORMED`, `ROOMSEAL_ERR_TOO_LARGE`: not a
 *   frame for us. `ROOMSEAL_ERR_CLEAR_FRAME`: see
 *   `roomseal_room_accept_clear_frames_dangerously`.
 * - `ROOMSEAL_ERR_OWN_FRAME`: sealed by this room object; a server reflected it.
 * - `ROOMSEAL_ERR_UNKNOWN_KEY`: no epoch is installed for it.
 * - `ROOMSEAL_ERR_NOT_AUTHENTIC`: forged or changed on the way; or key, ids, kind, suite, form
 *   or metadata differ between the two ends.
 * - `ROOMSEAL_ERR_REPLAY`, `ROOMSEAL_ERR_TOO_OLD`: opened before, or too late.
 * - `ROOMSEAL_ERR_SOURCE_CHANGED`: the stream is bound to another source.
 * - `ROOMSEAL_ERR_BUDGET`: many unknown streams just now; may be tried again.
 * - `ROOMSEAL_ERR_FAILURE_BUDGET`, `ROOMSEAL_ERR_MEMORY_LOST`, `ROOMSEAL_ERR_KEY_SUSPECT`:
 *   refused for this epoch.
 * - `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT` (lengths of source, or above
 *   `PTRDIFF_MAX`), `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
 *   `ROOMSEAL_ERR_WRONG_KIND`: the arguments.
 * - `ROOMSEAL_ERR_CLOSED`.
 *
 * On `ROOMSEAL_ERR_NOT_AUTHENTIC`, and on refusals found only after the frame proved
 * authentic, `out` is zeros up to the length of the frame, for frames of the form
 * `ROOMSEAL_FORM_CODEC` up to that of the sealed one. On other failures nothing was written.
 *
 * Threads: any number at once with one opener.
 *
 * # Safety
 * `opener` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_opener_open(const roomseal_opener *opener,
                                     uint32_t kind,
                                     const uint8_t *frame,
                                     size_t frame_len,
                                     const uint8_t *metadata,
                                     size_t metadata_len,
                                     const char *source,
                                     size_t source_len,
                                     uint8_t *out,
                                     size_t out_cap,
                                     size_t *out_len);

/**
 * Opens a frame where it stands.
 *
 * - `opener`: borrowed.
 * - `kind`: one of `ROOMSEAL_KIND_`.
 * - `metadata`, `metadata_len`, `source`, `source_len`: read. As in `roomseal_opener_open`;
 *   they share no byte with `frame`.
 * - `frame`, `frame_len`: the sealed frame, read and written.
 * - `off_out`, `len_out`: set to where the opened frame stands in `frame`.
 *
 * Returns what `roomseal_opener_open` returns, and `ROOMSEAL_ERR_WRONG_FORM` for H.264, H.265
 * and AV1 frames of the form `ROOMSEAL_FORM_CODEC`, which can't be opened in place. On `ROOMSEAL_ERR_NOT_AUTHENTIC`, and on
 * refusals found only after the frame proved authentic, all of `frame` is zeros. On other
 * failures nothing was written.
 *
 * Threads: any number at once with one opener.
 *
 * # Safety
 * `opener` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_opener_open_in_place(const roomseal_opener *opener,
                                              uint32_t kind,
                                              const uint8_t *metadata,
                                              size_t metadata_len,
                                              const char *source,
                                              size_t source_len,
                                              uint8_t *frame,
                                              size_t frame_len,
                                              size_t *off_out,
                                              size_t *len_out);

/**
 * Tells what `roomseal_opener_open_text` needs as its output's capacity: the bytes that
 * text stands for. The message itself is shorter.
 *
 * - `text_len`: characters of the sealed text.
 * - `cap_out`: set to the number of bytes.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_TEXT` if no text has this length;
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `cap_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_opener_text_cap(size_t text_len,
                                         size_t *cap_out);

/**
 * Opens a message in text form.
 *
 * - `opener`: borrowed.
 * - `text`, `text_len`: read. Base64url without padding, nothing around it.
 * - `metadata`, `metadata_len`, `source`, `source_len`: read. As in `roomseal_opener_open`.
 * - `out`, `out_cap`: takes the message; needs `roomseal_opener_text_cap` bytes, of which
 *   those behind the message become zeros. Shares none with the inputs.
 * - `out_len`: set to the length of the message.
 *
 * Returns what `roomseal_opener_open` returns for `ROOMSEAL_KIND_MESSAGE`, and
 * `ROOMSEAL_ERR_INVALID_TEXT` for padding, other characters and non-zero spare bits. What is
 * refused by its length or by other arguments leaves `out` as it was; on other failures it is
 * zeros up to `roomseal_opener_text_cap`.
 *
 * Threads: any number at once with one opener.
 *
 * # Safety
 * `opener` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_opener_open_text(const roomseal_opener *opener,
                                          const char *text,
                                          size_t text_len,
                                          const uint8_t *metadata,
                                          size_t metadata_len,
                                          const char *source,
                                          size_t source_len,
                                          uint8_t *out,
                                          size_t out_cap,
                                          size_t *out_len);

/* -------------------------------------------------------- Headers, read without a key */

/**
 * Reads the header of a sealed room frame. Needs no key, and tells nothing that is
 * authentic.
 *
 * - `form`: the form of the frame, one of `ROOMSEAL_FORM_`.
 * - `frame`, `frame_len`: read. The sealed frame, or, of a plain one, its first
 *   `ROOMSEAL_HEADER_LEN` bytes.
 * - `kid_out`: set to the key identifier.
 * - `ctr_out`: set to the frame counter.
 * - `epoch_nibble_out`: set to the low 4 bits of the epoch.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_MALFORMED` if there is no minimally encoded header;
 * `ROOMSEAL_ERR_NOT_SEALED` if the KID is not one of a room frame, or if there is no trailer;
 * `ROOMSEAL_ERR_UNKNOWN_FORM`, `ROOMSEAL_ERR_NULL_POINTER`,
 * `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * Pointers are NULL or valid, `frame` for `frame_len` bytes.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_peek(uint32_t form,
                              const uint8_t *frame,
                              size_t frame_len,
                              uint64_t *kid_out,
                              uint64_t *ctr_out,
                              uint32_t *epoch_nibble_out);

/**
 * Reads the header of any SFrame frame. Needs no key, and tells nothing that is authentic.
 *
 * - `frame`, `frame_len`: read. The frame, or its first `ROOMSEAL_SFRAME_MAX_HEADER_LEN`
 *   bytes.
 * - `kid_out`: set to the key identifier.
 * - `ctr_out`: set to the frame counter.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_MALFORMED` if the header is cut short or not
 * minimally encoded; `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT`. On
 * failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * Pointers are NULL or valid, `frame` for `frame_len` bytes.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_peek(const uint8_t *frame,
                                     size_t frame_len,
                                     uint64_t *kid_out,
                                     uint64_t *ctr_out);

/* ---------------------------------------------------------- SFrame base keys and KIDs */

/**
 * Derives the next base key of the ratchet of RFC 9605 section 5.1. There is no way back
 * from it.
 *
 * - `base_key`, `base_key_len`: copied. 1 to `ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN` bytes.
 * - `key_out`, `key_cap`: takes the `ROOMSEAL_SFRAME_BASE_KEY_LEN` bytes; shares none with
 *   `base_key`. The caller wipes them when done.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other key lengths;
 * `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is written.
 *
 * Threads: any.
 *
 * # Safety
 * Pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_key_ratchet(const uint8_t *base_key,
                                            size_t base_key_len,
                                            uint8_t *key_out,
                                            size_t key_cap);

/**
 * Derives the base key of one RTP stream, as draft-ietf-avtcore-rtp-sframe does: all
 * streams of a sender then share a KID and have keys and counters of their own.
 *
 * - `base_key`, `base_key_len`: copied. 1 to `ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN` bytes.
 * - `ssrc`: the SSRC of the stream.
 * - `key_out`, `key_cap`: takes the `ROOMSEAL_SFRAME_BASE_KEY_LEN` bytes; shares none with
 *   `base_key`. The caller wipes them when done.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other key lengths;
 * `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is written.
 *
 * Threads: any.
 *
 * # Safety
 * Pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_key_for_ssrc(const uint8_t *base_key,
                                             size_t base_key_len,
                                             uint32_t ssrc,
                                             uint8_t *key_out,
                                             size_t key_cap);

/**
 * Makes the KID of a step of the ratchet, RFC 9605 section 5.1: the key generation, then the
 * low bits of the step.
 *
 * - `step_bits`: R, 1 to 32: the bits of a KID that count steps.
 * - `generation`: the key generation; it must fit into 64 - R bits.
 * - `step`: the step, counted from 0.
 * - `kid_out`: set to the KID.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT`; `ROOMSEAL_ERR_NULL_POINTER`. On
 * failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `kid_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_ratchet_kid(uint32_t step_bits,
                                            uint64_t generation,
                                            uint64_t step,
                                            uint64_t *kid_out);

/**
 * Splits a KID as `roomseal_sframe_ratchet_kid` makes it.
 *
 * - `step_bits`: R, 1 to 32.
 * - `kid`: the KID.
 * - `generation_out`: set to the key generation.
 * - `step_out`: set to the step modulo 2^R.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT`; `ROOMSEAL_ERR_NULL_POINTER`. On
 * failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * The outputs are NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_ratchet_kid_split(uint32_t step_bits,
                                                  uint64_t kid,
                                                  uint64_t *generation_out,
                                                  uint64_t *step_out);

/**
 * Makes the KID of a sender in an MLS epoch, RFC 9605 section 5.2: context, sender index, low
 * bits of the epoch.
 *
 * - `epoch_bits`: E, 1 to 16: the bits of a KID for the epoch.
 * - `group_size`: members of the group, 1 to 2^32.
 * - `context`: tells several streams of one sender apart; 0 where there is one.
 * - `sender_index`: the sender's leaf index.
 * - `epoch`: the MLS epoch.
 * - `kid_out`: set to the KID.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` if something is out of its range or
 * doesn't fit; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `kid_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_mls_kid(uint32_t epoch_bits,
                                        uint64_t group_size,
                                        uint64_t context,
                                        uint64_t sender_index,
                                        uint64_t epoch,
                                        uint64_t *kid_out);

/**
 * Splits a KID as `roomseal_sframe_mls_kid` makes it.
 *
 * - `epoch_bits`, `group_size`: as there.
 * - `kid`: the KID.
 * - `context_out`: set to the context.
 * - `sender_index_out`: set to the sender's leaf index.
 * - `epoch_out`: set to the MLS epoch modulo 2^E.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT`; `ROOMSEAL_ERR_NULL_POINTER`. On
 * failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * The outputs are NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_mls_kid_split(uint32_t epoch_bits,
                                              uint64_t group_size,
                                              uint64_t kid,
                                              uint64_t *context_out,
                                              uint64_t *sender_index_out,
                                              uint64_t *epoch_out);

/* --------------------------------------------------------------- Plain SFrame senders */

/**
 * Makes a plain SFrame sender. Most applications want a room instead.
 *
 * ONE PAIR OF BASE KEY AND KID MAY BE GIVEN TO ONE SENDER, ONCE, since each counts from 0:
 * two frames under one counter give away what they hold, and the key that authenticates. A
 * sender that must go on after a restart stores its counter before using it and calls
 * `roomseal_sframe_sender_skip_to`; better, it takes a new key.
 *
 * - `suite`: one of `ROOMSEAL_SUITE_`.
 * - `kid`: the key identifier, any number.
 * - `base_key`, `base_key_len`: copied. 1 to `ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN` bytes, 16 or
 *   more if it is to be worth anything; the caller wipes its own.
 * - `sender_out`: set to a handle that the caller owns and gives to
 *   `roomseal_sframe_sender_free`.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_SUITE`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for
 * other key lengths; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `base_key` is NULL or valid for its length; `sender_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_sender_new(uint32_t suite,
                                           uint64_t kid,
                                           const uint8_t *base_key,
                                           size_t base_key_len,
                                           roomseal_sframe_sender **sender_out);

/**
 * Frees a sender and wipes its key.
 *
 * - `sender`: given back; NULL does nothing.
 *
 * Threads: nobody may be using the handle, or use it later.
 *
 * # Safety
 * `sender` is NULL or a live handle, used by nobody else.
 */
ROOMSEAL_API void roomseal_sframe_sender_free(roomseal_sframe_sender *sender);

/**
 * Tells the KID in the header of every frame of a sender.
 *
 * - `sender`: borrowed.
 * - `kid_out`: set to the KID.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `sender` is NULL or a live handle; `kid_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_sender_kid(const roomseal_sframe_sender *sender,
                                           uint64_t *kid_out);

/**
 * Continues a sender at a higher counter.
 *
 * - `sender`: borrowed, and changed.
 * - `ctr`: the counter of the next frame, not below `roomseal_sframe_sender_next_ctr`.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for a step back;
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: nobody else may be using the sender meanwhile.
 *
 * # Safety
 * `sender` is NULL or a live handle, used by nobody else meanwhile.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_sender_skip_to(roomseal_sframe_sender *sender,
                                               uint64_t ctr);

/**
 * Tells the counter of a sender's next frame.
 *
 * - `sender`: borrowed.
 * - `ctr_out`: set to the counter.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_KEY_EXHAUSTED` if there is no next frame;
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `sender` is NULL or a live handle; `ctr_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_sender_next_ctr(const roomseal_sframe_sender *sender,
                                                uint64_t *ctr_out);

/**
 * Tells the exact length of a sender's next frame. The header grows with the counter: if
 * several threads seal, allow for `ROOMSEAL_SFRAME_MAX_OVERHEAD` instead.
 *
 * - `sender`: borrowed.
 * - `frame_len`: bytes of the frame.
 * - `len_out`: set to the bytes of the sealed frame.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_KEY_EXHAUSTED`; `ROOMSEAL_ERR_TOO_LARGE` if no
 * `size_t` holds the sum; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `sender` is NULL or a live handle; `len_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_sender_sealed_len(const roomseal_sframe_sender *sender,
                                                  size_t frame_len,
                                                  size_t *len_out);

/**
 * Seals a frame from one buffer into another, under the sender's next counter.
 *
 * - `sender`: borrowed.
 * - `frame`, `frame_len`: read. NULL with 0 is an empty frame.
 * - `metadata`, `metadata_len`: read. Authenticated, not sent: the receiver must know it.
 *   NULL with 0 for none.
 * - `out`, `out_cap`: takes `roomseal_sframe_sender_sealed_len` bytes; shares none with the
 *   inputs. `frame_len + ROOMSEAL_SFRAME_MAX_OVERHEAD` always suffices.
 * - `out_len`: set to the bytes of the sealed frame.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_KEY_EXHAUSTED`; `ROOMSEAL_ERR_NULL_POINTER`,
 * `ROOMSEAL_ERR_INVALID_ARGUMENT` (a length above `PTRDIFF_MAX`),
 * `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`,
 * `ROOMSEAL_ERR_TOO_LARGE`. On failure nothing was written, and nothing may be sent.
 *
 * Threads: any number at once with one sender.
 *
 * # Safety
 * `sender` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_sender_seal(const roomseal_sframe_sender *sender,
                                            const uint8_t *frame,
                                            size_t frame_len,
                                            const uint8_t *metadata,
                                            size_t metadata_len,
                                            uint8_t *out,
                                            size_t out_cap,
                                            size_t *out_len);

/**
 * Seals a frame where it stands, under the sender's next counter: the header goes right
 * before it, the tag right after.
 *
 * - `sender`: borrowed.
 * - `metadata`, `metadata_len`: read. As in `roomseal_sframe_sender_seal`; shares no byte
 *   with `buf`.
 * - `buf`, `buf_cap`: the buffer around the frame.
 * - `frame_off`, `frame_len`: where the frame stands in `buf`.
 *   `ROOMSEAL_SFRAME_MAX_HEADER_LEN` bytes before it and `ROOMSEAL_MAX_TAG_LEN` bytes after
 *   it always suffice.
 * - `off_out`, `len_out`: set to where the sealed frame stands in `buf`.
 *
 * Returns what `roomseal_sframe_sender_seal` returns: `ROOMSEAL_ERR_INVALID_ARGUMENT` also
 * if the frame doesn't lie within `buf`, `ROOMSEAL_ERR_BUFFER_TOO_SMALL` if there is too
 * little room before or after it. On failure nothing was written, and nothing may be sent.
 *
 * Threads: any number at once with one sender.
 *
 * # Safety
 * `sender` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_sender_seal_in_place(const roomseal_sframe_sender *sender,
                                                     const uint8_t *metadata,
                                                     size_t metadata_len,
                                                     uint8_t *buf,
                                                     size_t buf_cap,
                                                     size_t frame_off,
                                                     size_t frame_len,
                                                     size_t *off_out,
                                                     size_t *len_out);

/* ------------------------------------------------------------- Plain SFrame receivers */

/**
 * Makes a plain SFrame receiver without keys. Most applications want a room instead.
 *
 * - `suite`: one of `ROOMSEAL_SUITE_`.
 * - `replay_window`: frames remembered for each KID, 64 to 32,768; 0 for 1,024.
 * - `receiver_out`: set to a handle that the caller owns and gives to
 *   `roomseal_sframe_receiver_free`.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_SUITE`; `ROOMSEAL_ERR_INVALID_ARGUMENT` for
 * other windows; `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `receiver_out` is NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_receiver_new(uint32_t suite,
                                             size_t replay_window,
                                             roomseal_sframe_receiver **receiver_out);

/**
 * Frees a receiver and wipes its keys.
 *
 * - `receiver`: given back; NULL does nothing.
 *
 * Threads: nobody may be using the handle, or use it later.
 *
 * # Safety
 * `receiver` is NULL or a live handle, used by nobody else.
 */
ROOMSEAL_API void roomseal_sframe_receiver_free(roomseal_sframe_receiver *receiver);

/**
 * Adds the key of a KID.
 *
 * - `receiver`: borrowed.
 * - `kid`: the key identifier.
 * - `base_key`, `base_key_len`: copied. 1 to `ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN` bytes; the
 *   caller wipes its own.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_DUPLICATE_KID` if there is a key already, whatever it
 * is: remove it first; `ROOMSEAL_ERR_INVALID_ARGUMENT` for other key lengths;
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any, while frames are opened.
 *
 * # Safety
 * `receiver` is NULL or a live handle; `base_key` is NULL or valid for its length.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_receiver_add(const roomseal_sframe_receiver *receiver,
                                             uint64_t kid,
                                             const uint8_t *base_key,
                                             size_t base_key_len);

/**
 * Removes the key of a KID. It is wiped when the last call that uses it returns.
 *
 * - `receiver`: borrowed.
 * - `kid`: the key identifier.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_UNKNOWN_KEY` if there is none;
 * `ROOMSEAL_ERR_NULL_POINTER`. On failure nothing changes.
 *
 * Threads: any, while frames are opened.
 *
 * # Safety
 * `receiver` is NULL or a live handle.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_receiver_remove(const roomseal_sframe_receiver *receiver,
                                                uint64_t kid);

/**
 * Tells how many bytes come out of a frame. `frame_len` itself always suffices as capacity.
 *
 * - `receiver`: borrowed.
 * - `frame`, `frame_len`: read. The sealed frame.
 * - `len_out`: set to the bytes of the opened one.
 *
 * Returns `ROOMSEAL_OK`; `ROOMSEAL_ERR_MALFORMED` if the frame is cut short or its header not
 * minimally encoded; `ROOMSEAL_ERR_NULL_POINTER`, `ROOMSEAL_ERR_INVALID_ARGUMENT`. On failure
 * nothing is set.
 *
 * Threads: any.
 *
 * # Safety
 * `receiver` is NULL or a live handle; `frame` is NULL or valid for its length; `len_out` is
 * NULL or valid.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_receiver_opened_len(const roomseal_sframe_receiver *receiver,
                                                    const uint8_t *frame,
                                                    size_t frame_len,
                                                    size_t *len_out);

/**
 * Opens a frame from one buffer into another.
 *
 * - `receiver`: borrowed.
 * - `frame`, `frame_len`: read. The sealed frame.
 * - `metadata`, `metadata_len`: read. What the sender passed; NULL with 0 for none.
 * - `out`, `out_cap`: takes the frame, `roomseal_sframe_receiver_opened_len` bytes; shares
 *   none with the inputs.
 * - `out_len`: set to its length.
 *
 * Returns `ROOMSEAL_OK`: the frame is authentic, and new. Else there is no frame to use:
 * `ROOMSEAL_ERR_MALFORMED`, `ROOMSEAL_ERR_UNKNOWN_KEY`, `ROOMSEAL_ERR_NOT_AUTHENTIC`,
 * `ROOMSEAL_ERR_REPLAY`, `ROOMSEAL_ERR_TOO_OLD`; `ROOMSEAL_ERR_NULL_POINTER`,
 * `ROOMSEAL_ERR_INVALID_ARGUMENT` (a length above `PTRDIFF_MAX`),
 * `ROOMSEAL_ERR_BUFFER_TOO_SMALL`, `ROOMSEAL_ERR_BUFFERS_OVERLAP`: the arguments.
 *
 * On `ROOMSEAL_ERR_NOT_AUTHENTIC`, and on `ROOMSEAL_ERR_REPLAY` when another thread opened the
 * same frame meanwhile, `out` is zeros up to the length of the frame. On other failures
 * nothing was written.
 *
 * Threads: any number at once with one receiver.
 *
 * # Safety
 * `receiver` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_receiver_open(const roomseal_sframe_receiver *receiver,
                                              const uint8_t *frame,
                                              size_t frame_len,
                                              const uint8_t *metadata,
                                              size_t metadata_len,
                                              uint8_t *out,
                                              size_t out_cap,
                                              size_t *out_len);

/**
 * Opens a frame where it stands.
 *
 * - `receiver`: borrowed.
 * - `metadata`, `metadata_len`: read. What the sender passed; NULL with 0 for none. Shares
 *   no byte with `frame`.
 * - `frame`, `frame_len`: the sealed frame, read and written.
 * - `off_out`, `len_out`: set to where the opened frame stands in `frame`.
 *
 * Returns what `roomseal_sframe_receiver_open` returns. On `ROOMSEAL_ERR_NOT_AUTHENTIC`, and on
 * `ROOMSEAL_ERR_REPLAY` when another thread opened the same frame meanwhile, all of `frame`
 * is zeros. On other failures nothing was written.
 *
 * Threads: any number at once with one receiver.
 *
 * # Safety
 * `receiver` is NULL or a live handle; other pointers are NULL or valid for their lengths.
 */
ROOMSEAL_API
ROOMSEAL_MUST_USE
roomseal_status roomseal_sframe_receiver_open_in_place(const roomseal_sframe_receiver *receiver,
                                                       const uint8_t *metadata,
                                                       size_t metadata_len,
                                                       uint8_t *frame,
                                                       size_t frame_len,
                                                       size_t *off_out,
                                                       size_t *len_out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* ROOMSEAL_H */
