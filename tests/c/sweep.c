/* Every function with every argument wrong in turn: NULL, lengths of zero and far
   too long, capacities one too small, buffers that overlap, numbers that mean
   nothing. What must be refused is refused with the right status, nothing is
   written then, and no byte behind a buffer is touched: each ends where a page
   begins that can't be. */
#include "test.h"

#include <stdio.h>

enum { MAX_ARGUMENTS = 12, FRAME = 33, SEALED = FRAME + ROOMSEAL_MAX_OVERHEAD };
enum { TEXT = (SEALED * 4 + 2) / 3 };

/* What an argument is. */
enum role {
    NONE,
    HANDLE,   /* not NULL */
    IN,       /* a buffer that is read; its length follows */
    OUT,      /* a buffer that is written; its capacity follows, none to spare */
    IN_PLACE, /* a buffer that is both; its length follows */
    NUMBERS,  /* a list of numbers that is written; its capacity follows */
    PLACE,    /* one value that is written */
    COUNT,    /* the length or capacity of the buffer before it */
    KIND,
    SUITE,
    FORM,
    CODEC,
    COUNTER,
    NUMBER, /* any value */
};

struct argument {
    enum role role;
    uint64_t value;   /* a number, or a handle's address */
    const void *data; /* what an input holds */
    size_t size;      /* bytes of a buffer or place */
};

struct function {
    const char *name;
    roomseal_status (*call)(const uint64_t *a);
    /* Makes arguments with which a call succeeds. */
    void (*prepare)(struct argument *a);
    /* Gives back what a successful call handed out. */
    void (*release)(void *made);
};

/* ------------------------------------------------------------ the world */

static roomseal_config *config, *spare;
static roomseal_room *alice, *bob, *scratch, *transparent;
static roomseal_sealer *audio, *messages, *codecs;
static roomseal_opener *opener;
static roomseal_sframe_sender *sender, *spare_sender;
static roomseal_sframe_receiver *receiver, *spare_receiver;
static uint8_t frame[FRAME], sealed[SEALED], plain[FRAME + ROOMSEAL_SFRAME_MAX_OVERHEAD];
static uint8_t codec_sealed[FRAME + ROOMSEAL_MAX_TRAILER_LEN];
static const uint8_t SLICE[] = {0, 0, 1, 0x41, 0x9a, 0x24};
static char text[TEXT];
static size_t plain_len;
static uint64_t known_kid;
static const char HEX[] = "000102030405060708090a0b0c0d0e0f";
static const char BASE64[] = "AAECAwQFBgcICQoLDA0ODw==";
static const uint8_t META[] = {'m', 'e', 't', 'a'};

static void fresh_sealed(void) {
    size_t n = 0;
    OK(roomseal_sealer_seal(audio, frame, FRAME, META, sizeof META, sealed, SEALED, &n));
}

static void fresh_text(void) {
    size_t n = 0;
    OK(roomseal_sealer_seal_text(messages, frame, FRAME, META, sizeof META, text, TEXT, &n));
}

static void fresh_plain(void) {
    OK(roomseal_sframe_sender_seal(sender, frame, FRAME, META, sizeof META, plain, sizeof plain,
                                   &plain_len));
}

static size_t next_len(void) {
    size_t len = 0;
    OK(roomseal_sframe_sender_sealed_len(sender, FRAME, &len));
    return len;
}

static void fresh_scratch(void) {
    roomseal_room_free(scratch);
    scratch = test_room();
}

static void fresh_spare_sender(void) {
    roomseal_sframe_sender_free(spare_sender);
    OK(roomseal_sframe_sender_new(4, 9, TEST_KEY, sizeof TEST_KEY, &spare_sender));
}

static void fresh_spare_receiver(void) {
    roomseal_sframe_receiver_free(spare_receiver);
    OK(roomseal_sframe_receiver_new(4, 0, &spare_receiver));
    OK(roomseal_sframe_receiver_add(spare_receiver, 9, TEST_KEY, sizeof TEST_KEY));
}

static void make_world(void) {
    config = test_config();
    spare = test_config();
    alice = test_room();
    bob = test_room();
    audio = test_sealer(alice, ROOMSEAL_KIND_AUDIO);
    messages = test_sealer(alice, ROOMSEAL_KIND_MESSAGE);
    OK(roomseal_config_set_form(config, ROOMSEAL_KIND_VIDEO, ROOMSEAL_FORM_CODEC));
    transparent = test_room_with(config, 1, TEST_KEY);
    codecs = test_sealer(transparent, ROOMSEAL_KIND_VIDEO);
    opener = test_opener(bob);
    OK(roomseal_sframe_sender_new(4, 9, TEST_KEY, sizeof TEST_KEY, &sender));
    OK(roomseal_sframe_receiver_new(4, 0, &receiver));
    OK(roomseal_sframe_receiver_add(receiver, 9, TEST_KEY, sizeof TEST_KEY));
    for (size_t i = 0; i < FRAME; i++) {
        frame[i] = (uint8_t)(i + 1);
    }
    /* One known stream. */
    uint8_t out[FRAME];
    size_t n = 0;
    fresh_sealed();
    OK(roomseal_opener_open(opener, ROOMSEAL_KIND_AUDIO, sealed, SEALED, META, sizeof META, "alice",
                            5, out, FRAME, &n));
    OK(roomseal_sealer_kid(audio, &known_kid));
    OK(roomseal_sealer_seal_codec(codecs, ROOMSEAL_CODEC_OPUS, frame, FRAME, NULL, 0, codec_sealed,
                                  sizeof codec_sealed, &n));
}

static void free_world(void) {
    roomseal_config_free(config);
    roomseal_config_free(spare);
    roomseal_room_free(alice);
    roomseal_room_free(bob);
    roomseal_room_free(scratch);
    roomseal_room_free(transparent);
    roomseal_sealer_free(audio);
    roomseal_sealer_free(messages);
    roomseal_sealer_free(codecs);
    roomseal_opener_free(opener);
    roomseal_sframe_sender_free(sender);
    roomseal_sframe_sender_free(spare_sender);
    roomseal_sframe_receiver_free(receiver);
    roomseal_sframe_receiver_free(spare_receiver);
}

/* ------------------------------------------------------------ the functions */

static struct argument handle(const void *pointer) {
    return (struct argument){HANDLE, (uint64_t)(uintptr_t)pointer, NULL, 0};
}
static struct argument of(enum role role, uint64_t value) {
    return (struct argument){role, value, NULL, 0};
}
static struct argument in(const void *data, size_t size) {
    return (struct argument){IN, 0, data, size};
}
static struct argument in_place(const void *data, size_t size) {
    return (struct argument){IN_PLACE, 0, data, size};
}
static struct argument sized(enum role role, size_t size) {
    return (struct argument){role, 0, NULL, size};
}
static struct argument count(void) {
    return (struct argument){COUNT, 0, NULL, 0};
}

/* For each function: how it is called with an array of numbers for arguments, and
   arguments with which it succeeds. */
#define CALL(function, ...) \
    static roomseal_status call_##function(const uint64_t *a) { \
        return roomseal_##function(__VA_ARGS__); \
    }
#define PREPARE(function) static void prepare_##function(struct argument *a)
#define ARGUMENTS(...) \
    do { \
        const struct argument all[] = {__VA_ARGS__}; \
        memcpy(a, all, sizeof all); \
    } while (0)
#define P(i) ((void *)(uintptr_t)a[i])
#define Z(i) ((size_t)a[i])
#define W(i) ((uint32_t)a[i])

/* Numbers, configurations, keys. */
CALL(suite_tag_len, W(0), P(1))
PREPARE(suite_tag_len) {
    ARGUMENTS(of(SUITE, 4), sized(PLACE, sizeof(size_t)));
}

CALL(config_new, P(0))
PREPARE(config_new) {
    ARGUMENTS(sized(PLACE, sizeof(void *)));
}

CALL(config_set_app_id_number, P(0), a[1])
PREPARE(config_set_app_id_number) {
    ARGUMENTS(handle(spare), of(NUMBER, 7));
}

CALL(config_set_app_id_text, P(0), P(1), Z(2))
PREPARE(config_set_app_id_text) {
    ARGUMENTS(handle(spare), in("weekly", 6), count());
}

CALL(config_set_room_id_number, P(0), a[1])
PREPARE(config_set_room_id_number) {
    ARGUMENTS(handle(spare), of(NUMBER, 7));
}

CALL(config_set_room_id_text, P(0), P(1), Z(2))
PREPARE(config_set_room_id_text) {
    ARGUMENTS(handle(spare), in("weekly", 6), count());
}

CALL(config_set_call_id_number, P(0), a[1])
PREPARE(config_set_call_id_number) {
    ARGUMENTS(handle(spare), of(NUMBER, 7));
}

CALL(config_set_call_id_text, P(0), P(1), Z(2))
PREPARE(config_set_call_id_text) {
    ARGUMENTS(handle(spare), in("weekly", 6), count());
}

CALL(config_set_suite, P(0), W(1), W(2))
PREPARE(config_set_suite) {
    ARGUMENTS(handle(spare), of(KIND, ROOMSEAL_KIND_AUDIO), of(SUITE, 4));
}

CALL(config_set_form, P(0), W(1), W(2))
PREPARE(config_set_form) {
    ARGUMENTS(handle(spare), of(KIND, ROOMSEAL_KIND_AUDIO), of(FORM, ROOMSEAL_FORM_PLAIN));
}

CALL(config_allow_four_byte_tags, P(0))
PREPARE(config_allow_four_byte_tags) {
    ARGUMENTS(handle(spare));
}

CALL(config_set_open_only, P(0))
PREPARE(config_set_open_only) {
    ARGUMENTS(handle(spare));
}

CALL(config_set_replay_window, P(0), Z(1))
PREPARE(config_set_replay_window) {
    ARGUMENTS(handle(spare), of(NUMBER, 128));
}

CALL(config_set_max_streams, P(0), W(1), Z(2))
PREPARE(config_set_max_streams) {
    ARGUMENTS(handle(spare), of(KIND, ROOMSEAL_KIND_AUDIO), of(NUMBER, 9));
}

CALL(config_set_max_frame_len, P(0), Z(1))
PREPARE(config_set_max_frame_len) {
    ARGUMENTS(handle(spare), of(NUMBER, 9999));
}

CALL(config_refuse_new_streams_on_memory_loss, P(0))
PREPARE(config_refuse_new_streams_on_memory_loss) {
    ARGUMENTS(handle(spare));
}

CALL(config_drop_suspect_keys, P(0))
PREPARE(config_drop_suspect_keys) {
    ARGUMENTS(handle(spare));
}

CALL(key_random, P(0), Z(1))
PREPARE(key_random) {
    ARGUMENTS(sized(OUT, ROOMSEAL_KEY_LEN), count());
}

CALL(key_ratchet, P(0), Z(1), a[2], P(3), Z(4))
PREPARE(key_ratchet) {
    ARGUMENTS(in(TEST_KEY, sizeof TEST_KEY), count(), of(NUMBER, 3), sized(OUT, ROOMSEAL_KEY_LEN),
              count());
}

CALL(key_fingerprint, P(0), Z(1), P(2), Z(3))
PREPARE(key_fingerprint) {
    ARGUMENTS(in(TEST_KEY, sizeof TEST_KEY), count(), sized(OUT, ROOMSEAL_FINGERPRINT_LEN),
              count());
}

CALL(key_to_hex, P(0), Z(1), P(2), Z(3))
PREPARE(key_to_hex) {
    ARGUMENTS(in(TEST_KEY, sizeof TEST_KEY), count(), sized(OUT, ROOMSEAL_KEY_HEX_LEN), count());
}

CALL(key_to_base64, P(0), Z(1), P(2), Z(3))
PREPARE(key_to_base64) {
    ARGUMENTS(in(TEST_KEY, sizeof TEST_KEY), count(), sized(OUT, ROOMSEAL_KEY_BASE64_LEN),
              count());
}

CALL(key_from_hex, P(0), Z(1), P(2), Z(3))
PREPARE(key_from_hex) {
    ARGUMENTS(in(HEX, 32), count(), sized(OUT, ROOMSEAL_KEY_LEN), count());
}

CALL(key_from_base64, P(0), Z(1), P(2), Z(3))
PREPARE(key_from_base64) {
    ARGUMENTS(in(BASE64, 24), count(), sized(OUT, ROOMSEAL_KEY_LEN), count());
}

/* Rooms. */
CALL(room_new, P(0), P(1))
PREPARE(room_new) {
    ARGUMENTS(handle(config), sized(PLACE, sizeof(void *)));
}

CALL(room_close, P(0))
PREPARE(room_close) {
    fresh_scratch();
    ARGUMENTS(handle(scratch));
}

CALL(room_install, P(0), a[1], P(2), Z(3), P(4), Z(5))
PREPARE(room_install) {
    fresh_scratch();
    ARGUMENTS(handle(scratch), of(NUMBER, 1), in(TEST_KEY, sizeof TEST_KEY), count(), in(NULL, 0),
              count());
}

CALL(room_install_hex, P(0), a[1], P(2), Z(3), P(4), Z(5))
PREPARE(room_install_hex) {
    fresh_scratch();
    ARGUMENTS(handle(scratch), of(NUMBER, 1), in(HEX, 32), count(), in(NULL, 0), count());
}

CALL(room_install_base64, P(0), a[1], P(2), Z(3), P(4), Z(5))
PREPARE(room_install_base64) {
    fresh_scratch();
    ARGUMENTS(handle(scratch), of(NUMBER, 2), in(BASE64, 24), count(), in("salt", 4), count());
}

CALL(room_activate, P(0), a[1])
PREPARE(room_activate) {
    fresh_scratch();
    ARGUMENTS(handle(scratch), of(NUMBER, 1));
}

CALL(room_retire, P(0), a[1])
PREPARE(room_retire) {
    fresh_scratch();
    ARGUMENTS(handle(scratch), of(NUMBER, 1));
}

CALL(room_ratchet, P(0), a[1], P(2))
PREPARE(room_ratchet) {
    fresh_scratch();
    ARGUMENTS(handle(scratch), of(NUMBER, 1), sized(PLACE, sizeof(uint64_t)));
}

CALL(room_epochs, P(0), P(1), Z(2), P(3))
PREPARE(room_epochs) {
    fresh_scratch();
    ARGUMENTS(handle(scratch), sized(NUMBERS, 1 * sizeof(uint64_t)), count(),
              sized(PLACE, sizeof(size_t)));
}

CALL(room_active_epoch, P(0), P(1))
PREPARE(room_active_epoch) {
    fresh_scratch();
    ARGUMENTS(handle(scratch), sized(PLACE, sizeof(uint64_t)));
}

CALL(room_accept_clear_frames_dangerously, P(0), W(1), a[2])
PREPARE(room_accept_clear_frames_dangerously) {
    fresh_scratch();
    ARGUMENTS(handle(scratch), of(KIND, ROOMSEAL_KIND_AUDIO), of(NUMBER, 5));
}

CALL(room_max_message_len, P(0), Z(1), P(2))
PREPARE(room_max_message_len) {
    ARGUMENTS(handle(alice), of(NUMBER, 1000), sized(PLACE, sizeof(size_t)));
}

CALL(room_max_text_message_len, P(0), Z(1), P(2))
PREPARE(room_max_text_message_len) {
    ARGUMENTS(handle(alice), of(NUMBER, 1000), sized(PLACE, sizeof(size_t)));
}

CALL(room_counter, P(0), W(1), W(2), P(3))
PREPARE(room_counter) {
    ARGUMENTS(handle(bob), of(KIND, ROOMSEAL_KIND_AUDIO), of(COUNTER, ROOMSEAL_COUNTER_OPENED),
              sized(PLACE, sizeof(uint64_t)));
}

CALL(room_last_epoch, P(0), W(1), P(2))
PREPARE(room_last_epoch) {
    ARGUMENTS(handle(bob), of(KIND, ROOMSEAL_KIND_AUDIO), sized(PLACE, sizeof(uint64_t)));
}

CALL(room_stream_count, P(0), W(1), P(2))
PREPARE(room_stream_count) {
    ARGUMENTS(handle(bob), of(KIND, ROOMSEAL_KIND_AUDIO), sized(PLACE, sizeof(size_t)));
}

CALL(room_streams, P(0), W(1), P(2), Z(3), P(4))
PREPARE(room_streams) {
    ARGUMENTS(handle(bob), of(KIND, ROOMSEAL_KIND_AUDIO), sized(NUMBERS, 1 * sizeof(uint64_t)),
              count(), sized(PLACE, sizeof(size_t)));
}

CALL(room_stream_counter, P(0), W(1), a[2], W(3), P(4))
PREPARE(room_stream_counter) {
    ARGUMENTS(handle(bob), of(KIND, ROOMSEAL_KIND_AUDIO), of(NUMBER, known_kid),
              of(COUNTER, ROOMSEAL_COUNTER_OPENED), sized(PLACE, sizeof(uint64_t)));
}

CALL(room_stream_last_epoch, P(0), W(1), a[2], P(3))
PREPARE(room_stream_last_epoch) {
    ARGUMENTS(handle(bob), of(KIND, ROOMSEAL_KIND_AUDIO), of(NUMBER, known_kid),
              sized(PLACE, sizeof(uint64_t)));
}

CALL(room_stream_source, P(0), W(1), a[2], P(3), Z(4), P(5))
PREPARE(room_stream_source) {
    ARGUMENTS(handle(bob), of(KIND, ROOMSEAL_KIND_AUDIO), of(NUMBER, known_kid), sized(OUT, 5),
              count(), sized(PLACE, sizeof(size_t)));
}

/* Sealers, openers, headers. */
CALL(sealer_new, P(0), W(1), P(2))
PREPARE(sealer_new) {
    ARGUMENTS(handle(alice), of(KIND, ROOMSEAL_KIND_AUDIO), sized(PLACE, sizeof(void *)));
}

CALL(sealer_kid, P(0), P(1))
PREPARE(sealer_kid) {
    ARGUMENTS(handle(audio), sized(PLACE, sizeof(uint64_t)));
}

CALL(sealer_tag_len, P(0), P(1))
PREPARE(sealer_tag_len) {
    ARGUMENTS(handle(audio), sized(PLACE, sizeof(size_t)));
}

CALL(sealer_sealed_len, P(0), Z(1), P(2))
PREPARE(sealer_sealed_len) {
    ARGUMENTS(handle(audio), of(NUMBER, FRAME), sized(PLACE, sizeof(size_t)));
}

CALL(sealer_seal, P(0), P(1), Z(2), P(3), Z(4), P(5), Z(6), P(7))
PREPARE(sealer_seal) {
    ARGUMENTS(handle(audio), in(frame, FRAME), count(), in("meta", 4), count(),
              sized(OUT, SEALED), count(), sized(PLACE, sizeof(size_t)));
}

CALL(sealer_seal_in_place, P(0), P(1), Z(2), P(3), Z(4), Z(5), Z(6), P(7), P(8))
PREPARE(sealer_seal_in_place) {
    ARGUMENTS(handle(audio), in("meta", 4), count(), sized(OUT, SEALED), count(),
              of(NUMBER, ROOMSEAL_HEADER_LEN), of(NUMBER, FRAME), sized(PLACE, sizeof(size_t)),
              sized(PLACE, sizeof(size_t)));
}

CALL(sealer_max_sealed_codec_len, P(0), W(1), Z(2), P(3))
PREPARE(sealer_max_sealed_codec_len) {
    ARGUMENTS(handle(codecs), of(CODEC, ROOMSEAL_CODEC_H265), of(NUMBER, FRAME),
              sized(PLACE, sizeof(size_t)));
}

CALL(sealer_seal_codec, P(0), W(1), P(2), Z(3), P(4), Z(5), P(6), Z(7), P(8))
PREPARE(sealer_seal_codec) {
    ARGUMENTS(handle(codecs), of(CODEC, ROOMSEAL_CODEC_OPUS), in(frame, FRAME), count(),
              in("meta", 4), count(), sized(OUT, FRAME + ROOMSEAL_MAX_TRAILER_LEN), count(),
              sized(PLACE, sizeof(size_t)));
}

CALL(sealer_seal_codec_in_place, P(0), W(1), P(2), Z(3), P(4), Z(5), Z(6), Z(7), P(8), P(9))
PREPARE(sealer_seal_codec_in_place) {
    ARGUMENTS(handle(codecs), of(CODEC, ROOMSEAL_CODEC_OPUS), in("meta", 4), count(),
              sized(OUT, FRAME + ROOMSEAL_MAX_TRAILER_LEN), count(), of(NUMBER, 0),
              of(NUMBER, FRAME), sized(PLACE, sizeof(size_t)), sized(PLACE, sizeof(size_t)));
}

CALL(codec_detect_annex_b, P(0), Z(1), P(2))
PREPARE(codec_detect_annex_b) {
    ARGUMENTS(in(SLICE, sizeof SLICE), count(), sized(PLACE, sizeof(uint32_t)));
}

CALL(peek_codec, P(0), Z(1), P(2))
PREPARE(peek_codec) {
    ARGUMENTS(in(codec_sealed, sizeof codec_sealed), count(), sized(PLACE, sizeof(uint32_t)));
}

CALL(sealer_sealed_text_len, P(0), Z(1), P(2))
PREPARE(sealer_sealed_text_len) {
    ARGUMENTS(handle(messages), of(NUMBER, FRAME), sized(PLACE, sizeof(size_t)));
}

CALL(sealer_seal_text, P(0), P(1), Z(2), P(3), Z(4), P(5), Z(6), P(7))
PREPARE(sealer_seal_text) {
    ARGUMENTS(handle(messages), in(frame, FRAME), count(), in("meta", 4), count(),
              sized(OUT, TEXT), count(), sized(PLACE, sizeof(size_t)));
}

CALL(opener_new, P(0), P(1))
PREPARE(opener_new) {
    ARGUMENTS(handle(bob), sized(PLACE, sizeof(void *)));
}

CALL(opener_opened_len, P(0), W(1), Z(2), P(3))
PREPARE(opener_opened_len) {
    ARGUMENTS(handle(opener), of(KIND, ROOMSEAL_KIND_AUDIO), of(NUMBER, SEALED),
              sized(PLACE, sizeof(size_t)));
}

CALL(opener_open, P(0), W(1), P(2), Z(3), P(4), Z(5), P(6), Z(7), P(8), Z(9), P(10))
PREPARE(opener_open) {
    fresh_sealed();
    ARGUMENTS(handle(opener), of(KIND, ROOMSEAL_KIND_AUDIO), in(sealed, SEALED), count(),
              in("meta", 4), count(), in("alice", 5), count(), sized(OUT, FRAME), count(),
              sized(PLACE, sizeof(size_t)));
}

CALL(opener_open_in_place, P(0), W(1), P(2), Z(3), P(4), Z(5), P(6), Z(7), P(8), P(9))
PREPARE(opener_open_in_place) {
    fresh_sealed();
    ARGUMENTS(handle(opener), of(KIND, ROOMSEAL_KIND_AUDIO), in("meta", 4), count(),
              in("alice", 5), count(), in_place(sealed, SEALED), count(),
              sized(PLACE, sizeof(size_t)), sized(PLACE, sizeof(size_t)));
}

CALL(opener_text_cap, Z(0), P(1))
PREPARE(opener_text_cap) {
    ARGUMENTS(of(NUMBER, TEXT), sized(PLACE, sizeof(size_t)));
}

CALL(opener_open_text, P(0), P(1), Z(2), P(3), Z(4), P(5), Z(6), P(7), Z(8), P(9))
PREPARE(opener_open_text) {
    fresh_text();
    ARGUMENTS(handle(opener), in(text, TEXT), count(), in("meta", 4), count(), in("alice", 5),
              count(), sized(OUT, SEALED), count(), sized(PLACE, sizeof(size_t)));
}

CALL(peek, W(0), P(1), Z(2), P(3), P(4), P(5))
PREPARE(peek) {
    fresh_sealed();
    ARGUMENTS(of(FORM, 0), in(sealed, ROOMSEAL_HEADER_LEN), count(),
              sized(PLACE, sizeof(uint64_t)), sized(PLACE, sizeof(uint64_t)),
              sized(PLACE, sizeof(uint32_t)));
}

CALL(sframe_peek, P(0), Z(1), P(2), P(3))
PREPARE(sframe_peek) {
    fresh_sealed();
    ARGUMENTS(in(sealed, ROOMSEAL_HEADER_LEN), count(), sized(PLACE, sizeof(uint64_t)),
              sized(PLACE, sizeof(uint64_t)));
}

/* Plain SFrame. */
CALL(sframe_key_ratchet, P(0), Z(1), P(2), Z(3))
PREPARE(sframe_key_ratchet) {
    ARGUMENTS(in(TEST_KEY, sizeof TEST_KEY), count(), sized(OUT, ROOMSEAL_SFRAME_BASE_KEY_LEN),
              count());
}

CALL(sframe_key_for_ssrc, P(0), Z(1), W(2), P(3), Z(4))
PREPARE(sframe_key_for_ssrc) {
    ARGUMENTS(in(TEST_KEY, sizeof TEST_KEY), count(), of(NUMBER, 7),
              sized(OUT, ROOMSEAL_SFRAME_BASE_KEY_LEN), count());
}

CALL(sframe_ratchet_kid, W(0), a[1], a[2], P(3))
PREPARE(sframe_ratchet_kid) {
    ARGUMENTS(of(NUMBER, 8), of(NUMBER, 1), of(NUMBER, 2), sized(PLACE, sizeof(uint64_t)));
}

CALL(sframe_ratchet_kid_split, W(0), a[1], P(2), P(3))
PREPARE(sframe_ratchet_kid_split) {
    ARGUMENTS(of(NUMBER, 8), of(NUMBER, 77), sized(PLACE, sizeof(uint64_t)),
              sized(PLACE, sizeof(uint64_t)));
}

CALL(sframe_mls_kid, W(0), a[1], a[2], a[3], a[4], P(5))
PREPARE(sframe_mls_kid) {
    ARGUMENTS(of(NUMBER, 4), of(NUMBER, 64), of(NUMBER, 0), of(NUMBER, 7), of(NUMBER, 14),
              sized(PLACE, sizeof(uint64_t)));
}

CALL(sframe_mls_kid_split, W(0), a[1], a[2], P(3), P(4), P(5))
PREPARE(sframe_mls_kid_split) {
    ARGUMENTS(of(NUMBER, 4), of(NUMBER, 64), of(NUMBER, 77), sized(PLACE, sizeof(uint64_t)),
              sized(PLACE, sizeof(uint64_t)), sized(PLACE, sizeof(uint64_t)));
}

CALL(sframe_sender_new, W(0), a[1], P(2), Z(3), P(4))
PREPARE(sframe_sender_new) {
    ARGUMENTS(of(SUITE, 4), of(NUMBER, 9), in(TEST_KEY, sizeof TEST_KEY), count(),
              sized(PLACE, sizeof(void *)));
}

CALL(sframe_sender_kid, P(0), P(1))
PREPARE(sframe_sender_kid) {
    ARGUMENTS(handle(sender), sized(PLACE, sizeof(uint64_t)));
}

CALL(sframe_sender_skip_to, P(0), a[1])
PREPARE(sframe_sender_skip_to) {
    fresh_spare_sender();
    ARGUMENTS(handle(spare_sender), of(NUMBER, 0));
}

CALL(sframe_sender_next_ctr, P(0), P(1))
PREPARE(sframe_sender_next_ctr) {
    ARGUMENTS(handle(sender), sized(PLACE, sizeof(uint64_t)));
}

CALL(sframe_sender_sealed_len, P(0), Z(1), P(2))
PREPARE(sframe_sender_sealed_len) {
    ARGUMENTS(handle(sender), of(NUMBER, FRAME), sized(PLACE, sizeof(size_t)));
}

CALL(sframe_sender_seal, P(0), P(1), Z(2), P(3), Z(4), P(5), Z(6), P(7))
PREPARE(sframe_sender_seal) {
    ARGUMENTS(handle(sender), in(frame, FRAME), count(), in("meta", 4), count(),
              sized(OUT, next_len()), count(), sized(PLACE, sizeof(size_t)));
}

CALL(sframe_sender_seal_in_place, P(0), P(1), Z(2), P(3), Z(4), Z(5), Z(6), P(7), P(8))
PREPARE(sframe_sender_seal_in_place) {
    ARGUMENTS(handle(sender), in("meta", 4), count(), sized(OUT, next_len()), count(),
              of(NUMBER, next_len() - FRAME - 16), of(NUMBER, FRAME),
              sized(PLACE, sizeof(size_t)), sized(PLACE, sizeof(size_t)));
}

CALL(sframe_receiver_new, W(0), Z(1), P(2))
PREPARE(sframe_receiver_new) {
    ARGUMENTS(of(SUITE, 4), of(NUMBER, 64), sized(PLACE, sizeof(void *)));
}

CALL(sframe_receiver_add, P(0), a[1], P(2), Z(3))
PREPARE(sframe_receiver_add) {
    fresh_spare_receiver();
    ARGUMENTS(handle(spare_receiver), of(NUMBER, 10), in(TEST_KEY, sizeof TEST_KEY), count());
}

CALL(sframe_receiver_remove, P(0), a[1])
PREPARE(sframe_receiver_remove) {
    fresh_spare_receiver();
    ARGUMENTS(handle(spare_receiver), of(NUMBER, 9));
}

CALL(sframe_receiver_opened_len, P(0), P(1), Z(2), P(3))
PREPARE(sframe_receiver_opened_len) {
    fresh_plain();
    ARGUMENTS(handle(receiver), in(plain, plain_len), count(), sized(PLACE, sizeof(size_t)));
}

CALL(sframe_receiver_open, P(0), P(1), Z(2), P(3), Z(4), P(5), Z(6), P(7))
PREPARE(sframe_receiver_open) {
    fresh_plain();
    ARGUMENTS(handle(receiver), in(plain, plain_len), count(), in("meta", 4), count(),
              sized(OUT, FRAME), count(), sized(PLACE, sizeof(size_t)));
}

CALL(sframe_receiver_open_in_place, P(0), P(1), Z(2), P(3), Z(4), P(5), P(6))
PREPARE(sframe_receiver_open_in_place) {
    fresh_plain();
    ARGUMENTS(handle(receiver), in("meta", 4), count(), in_place(plain, plain_len), count(),
              sized(PLACE, sizeof(size_t)), sized(PLACE, sizeof(size_t)));
}

static void release_config(void *made) {
    roomseal_config_free(made);
}
static void release_opener(void *made) {
    roomseal_opener_free(made);
}
static void release_room(void *made) {
    roomseal_room_free(made);
}
static void release_sealer(void *made) {
    roomseal_sealer_free(made);
}
static void release_sframe_receiver(void *made) {
    roomseal_sframe_receiver_free(made);
}
static void release_sframe_sender(void *made) {
    roomseal_sframe_sender_free(made);
}

#define F(function) {"roomseal_" #function, call_##function, prepare_##function, NULL}
#define MAKES(noun, function) \
    {"roomseal_" #function, call_##function, prepare_##function, release_##noun}
static const struct function FUNCTIONS[] = {
    F(suite_tag_len),
    MAKES(config, config_new),
    F(config_set_app_id_number),
    F(config_set_app_id_text),
    F(config_set_room_id_number),
    F(config_set_room_id_text),
    F(config_set_call_id_number),
    F(config_set_call_id_text),
    F(config_set_suite),
    F(config_set_form),
    F(config_allow_four_byte_tags),
    F(config_set_open_only),
    F(config_set_replay_window),
    F(config_set_max_streams),
    F(config_set_max_frame_len),
    F(config_refuse_new_streams_on_memory_loss),
    F(config_drop_suspect_keys),
    F(key_random),
    F(key_ratchet),
    F(key_fingerprint),
    F(key_to_hex),
    F(key_to_base64),
    F(key_from_hex),
    F(key_from_base64),
    MAKES(room, room_new),
    F(room_close),
    F(room_install),
    F(room_install_hex),
    F(room_install_base64),
    F(room_activate),
    F(room_retire),
    F(room_ratchet),
    F(room_epochs),
    F(room_active_epoch),
    F(room_accept_clear_frames_dangerously),
    F(room_max_message_len),
    F(room_max_text_message_len),
    F(room_counter),
    F(room_last_epoch),
    F(room_stream_count),
    F(room_streams),
    F(room_stream_counter),
    F(room_stream_last_epoch),
    F(room_stream_source),
    MAKES(sealer, sealer_new),
    F(sealer_kid),
    F(sealer_tag_len),
    F(sealer_sealed_len),
    F(sealer_seal),
    F(sealer_seal_in_place),
    F(sealer_max_sealed_codec_len),
    F(sealer_seal_codec),
    F(sealer_seal_codec_in_place),
    F(codec_detect_annex_b),
    F(peek_codec),
    F(sealer_sealed_text_len),
    F(sealer_seal_text),
    MAKES(opener, opener_new),
    F(opener_opened_len),
    F(opener_open),
    F(opener_open_in_place),
    F(opener_text_cap),
    F(opener_open_text),
    F(peek),
    F(sframe_peek),
    F(sframe_key_ratchet),
    F(sframe_key_for_ssrc),
    F(sframe_ratchet_kid),
    F(sframe_ratchet_kid_split),
    F(sframe_mls_kid),
    F(sframe_mls_kid_split),
    MAKES(sframe_sender, sframe_sender_new),
    F(sframe_sender_kid),
    F(sframe_sender_skip_to),
    F(sframe_sender_next_ctr),
    F(sframe_sender_sealed_len),
    F(sframe_sender_seal),
    F(sframe_sender_seal_in_place),
    MAKES(sframe_receiver, sframe_receiver_new),
    F(sframe_receiver_add),
    F(sframe_receiver_remove),
    F(sframe_receiver_opened_len),
    F(sframe_receiver_open),
    F(sframe_receiver_open_in_place),
};

/* ------------------------------------------------------------ the cases */

/* Arguments in the flesh. */
struct live {
    const struct function *function;
    struct argument all[MAX_ARGUMENTS];
    uint64_t values[MAX_ARGUMENTS];
    uint8_t *buffers[MAX_ARGUMENTS];
};

static unsigned long cases;

static bool is_buffer(enum role role) {
    return role == IN || role == OUT || role == IN_PLACE || role == NUMBERS || role == PLACE;
}

static struct live begin(const struct function *function) {
    struct live live = {function, {{NONE, 0, NULL, 0}}, {0}, {NULL}};
    function->prepare(live.all);
    for (size_t i = 0; i < MAX_ARGUMENTS; i++) {
        const struct argument *argument = &live.all[i];
        live.values[i] = argument->value;
        if (is_buffer(argument->role) && argument->size > 0) {
            live.buffers[i] = guarded(argument->size);
            if (argument->data != NULL) {
                memcpy(live.buffers[i], argument->data, argument->size);
            }
            live.values[i] = (uint64_t)(uintptr_t)live.buffers[i];
        } else if (argument->role == COUNT) {
            size_t size = live.all[i - 1].size;
            live.values[i] = live.all[i - 1].role == NUMBERS ? size / sizeof(uint64_t) : size;
        }
    }
    return live;
}

/* Whether a call left in a buffer what it may leave there. */
static bool is_left_well(const struct live *live, size_t i, roomseal_status status) {
    const struct argument *argument = &live->all[i];
    const uint8_t *bytes = live->buffers[i];
    const bool text = live->function->call == call_opener_open_text;
    size_t zeros = 0;
    if (status == ROOMSEAL_ERR_NOT_AUTHENTIC || (text && status >= ROOMSEAL_ERR_INVALID_TEXT)) {
        while (zeros < argument->size && bytes[zeros] == 0) {
            zeros++;
        }
    }
    switch (argument->role) {
    case IN:
        return memcmp(bytes, argument->data, argument->size) == 0;
    case IN_PLACE:
        return status == ROOMSEAL_OK || zeros == argument->size ||
               memcmp(bytes, argument->data, argument->size) == 0;
    case OUT:
        return status == ROOMSEAL_OK || all_are(bytes + zeros, argument->size - zeros, FILL);
    default:
        return (status == ROOMSEAL_OK) != all_are(bytes, argument->size, FILL);
    }
}

/* Any status; any but OK. */
enum { ANY = -1, REFUSED = -2 };

static void end(struct live *live, const char *what, size_t at, int32_t want) {
    cases++;
    roomseal_status status = live->function->call(live->values);
    bool right = want == ANY ? true : want == REFUSED ? status != ROOMSEAL_OK : status == want;
    if (!CHECK(right)) {
        fprintf(stderr, "%s, argument %zu, %s: %s\n", live->function->name, at, what,
                roomseal_status_name(status));
    }
    for (size_t i = 0; i < MAX_ARGUMENTS; i++) {
        if (live->buffers[i] == NULL) {
            continue;
        }
        if (!CHECK(is_left_well(live, i, status))) {
            fprintf(stderr, "%s, argument %zu, %s: %s has left argument %zu changed\n",
                    live->function->name, at, what, roomseal_status_name(status), i);
        }
        if (status == ROOMSEAL_OK && live->function->release && live->all[i].role == PLACE) {
            void *made = NULL;
            memcpy(&made, live->buffers[i], sizeof made);
            live->function->release(made);
        }
        guarded_free(live->buffers[i], live->all[i].size);
    }
}

/* One argument is `value`. */
static void with(const struct function *function, const char *what, size_t at, uint64_t value,
                 int32_t want) {
    struct live live = begin(function);
    live.values[at] = value;
    end(&live, what, at, want);
}

/* A buffer is at `start`, or where it is if that is KEEP, and said to hold `len`. */
static const uint64_t KEEP = 1;
static void with_buffer(const struct function *function, const char *what, size_t at,
                        uint64_t start, uint64_t len, int32_t want) {
    struct live live = begin(function);
    if (start != KEEP) {
        live.values[at] = start;
    }
    live.values[at + 1] = len;
    end(&live, what, at, want);
}

static void wrong_pointers_and_lengths(const struct function *f, size_t at, enum role role,
                                       uint64_t len) {
    const uint64_t unit = role == NUMBERS ? sizeof(uint64_t) : 1;
    const uint64_t too_long = (uint64_t)PTRDIFF_MAX / unit + 1;
    with_buffer(f, "NULL with a length", at, 0, len > 0 ? len : 1, ROOMSEAL_ERR_NULL_POINTER);
    if (unit == 1) {
        with_buffer(f, "NULL with the longest length", at, 0, SIZE_MAX, ROOMSEAL_ERR_NULL_POINTER);
    }
    if (len > 0) {
        const int32_t want = ROOMSEAL_ERR_INVALID_ARGUMENT;
        with_buffer(f, "SIZE_MAX", at, KEEP, SIZE_MAX, want);
        with_buffer(f, "SIZE_MAX - 15", at, KEEP, SIZE_MAX - 15, want);
        with_buffer(f, "PTRDIFF_MAX + 1", at, KEEP, too_long, want);
        with_buffer(f, "past the end of all memory", at, UINTPTR_MAX - 3, 5, want);
    }
}

static void overlaps(const struct function *f, size_t at) {
    for (size_t other = 0; other < MAX_ARGUMENTS; other++) {
        for (int where = 0; where < 4; where++) {
            struct live live = begin(f);
            if (live.all[other].role != IN || live.buffers[other] == NULL) {
                where = 4;
            }
            const uint64_t start = live.values[other], len = live.all[other].size;
            const uint64_t own = live.all[at].size;
            /* The same start; the first byte on the other's last; the last byte on
               the other's first; all but one byte shared. */
            const uint64_t starts[] = {start, start + len - 1, start - own + 1, start + 1, 0};
            live.values[at] = where < 4 ? starts[where] : live.values[at];
            bool apart = where == 4 || (where == 3 && len == 1);
            end(&live, "overlaps", at, apart ? ROOMSEAL_OK : ROOMSEAL_ERR_BUFFERS_OVERLAP);
        }
    }
}

static void sweep(const struct function *f) {
    static const uint64_t NUMBERS_TO_TRY[] = {0, 1, UINT32_MAX, (uint64_t)1 << 63, UINT64_MAX};
    static const uint32_t NO_KINDS[] = {0, 4, 255, 257, 65537, UINT32_MAX};
    static const uint32_t NO_SUITES[] = {0, 5, 260, 65540, UINT32_MAX};
    static const uint32_t NO_FORMS[] = {2, 3, 256, 65536, UINT32_MAX};
    static const uint32_t NO_CODECS[] = {8, 255, 256, 65541, UINT32_MAX};
    static const uint32_t NO_COUNTERS[] = {0, ROOMSEAL_COUNTER_LAST + 1, 258, UINT32_MAX};
    struct live live = begin(f);
    struct argument all[MAX_ARGUMENTS];
    uint64_t values[MAX_ARGUMENTS];
    memcpy(all, live.all, sizeof all);
    memcpy(values, live.values, sizeof values);
    end(&live, "all right", 0, ROOMSEAL_OK);

    for (size_t i = 0; i < MAX_ARGUMENTS; i++) {
        const uint64_t len = i + 1 < MAX_ARGUMENTS ? values[i + 1] : 0;
        switch (all[i].role) {
        case HANDLE:
        case PLACE:
            with(f, "NULL", i, 0, ROOMSEAL_ERR_NULL_POINTER);
            break;
        case IN:
            wrong_pointers_and_lengths(f, i, IN, len);
            with_buffer(f, "empty", i, KEEP, 0, ANY);
            with_buffer(f, "NULL and empty", i, 0, 0, ANY);
            if (len > 0) {
                with_buffer(f, "one byte less", i, KEEP, len - 1, ANY);
            }
            break;
        case IN_PLACE:
            wrong_pointers_and_lengths(f, i, IN_PLACE, len);
            with_buffer(f, "empty", i, KEEP, 0, REFUSED);
            with_buffer(f, "NULL and empty", i, 0, 0, REFUSED);
            overlaps(f, i);
            break;
        case OUT:
            wrong_pointers_and_lengths(f, i, OUT, len);
            with_buffer(f, "one byte too few", i, KEEP, len - 1, ROOMSEAL_ERR_BUFFER_TOO_SMALL);
            with_buffer(f, "no room", i, KEEP, 0, REFUSED);
            with_buffer(f, "NULL and no room", i, 0, 0, REFUSED);
            overlaps(f, i);
            break;
        case NUMBERS:
            wrong_pointers_and_lengths(f, i, NUMBERS, len);
            with_buffer(f, "one too few", i, KEEP, len - 1, ROOMSEAL_ERR_BUFFER_TOO_SMALL);
            with_buffer(f, "NULL and no room", i, 0, 0, ROOMSEAL_ERR_BUFFER_TOO_SMALL);
            break;
        case KIND:
            for (size_t n = 0; n < sizeof NO_KINDS / sizeof *NO_KINDS; n++) {
                with(f, "no kind", i, NO_KINDS[n], ROOMSEAL_ERR_WRONG_KIND);
            }
            break;
        case SUITE:
            for (size_t n = 0; n < sizeof NO_SUITES / sizeof *NO_SUITES; n++) {
                with(f, "no suite", i, NO_SUITES[n], ROOMSEAL_ERR_UNKNOWN_SUITE);
            }
            break;
        case CODEC:
            for (size_t n = 0; n < sizeof NO_CODECS / sizeof *NO_CODECS; n++) {
                with(f, "no codec", i, NO_CODECS[n], ROOMSEAL_ERR_UNKNOWN_CODEC);
            }
            break;
        case FORM:
            for (size_t n = 0; n < sizeof NO_FORMS / sizeof *NO_FORMS; n++) {
                with(f, "no form", i, NO_FORMS[n], ROOMSEAL_ERR_UNKNOWN_FORM);
            }
            break;
        case COUNTER:
            for (size_t n = 0; n < sizeof NO_COUNTERS / sizeof *NO_COUNTERS; n++) {
                with(f, "no counter", i, NO_COUNTERS[n], ROOMSEAL_ERR_INVALID_ARGUMENT);
            }
            break;
        case NUMBER:
            for (size_t n = 0; n < sizeof NUMBERS_TO_TRY / sizeof *NUMBERS_TO_TRY; n++) {
                with(f, "any number", i, NUMBERS_TO_TRY[n], ANY);
            }
            break;
        case COUNT:
        case NONE:
            break;
        }
    }
    live = begin(f);
    end(&live, "all right again", 0, ROOMSEAL_OK);
}

int main(void) {
    make_world();
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++) {
        sweep(&FUNCTIONS[i]);
    }
    free_world();
    /* What frees takes NULL. */
    roomseal_config_free(NULL);
    roomseal_room_free(NULL);
    roomseal_sealer_free(NULL);
    roomseal_opener_free(NULL);
    roomseal_sframe_sender_free(NULL);
    roomseal_sframe_receiver_free(NULL);
    fprintf(stderr, "%lu calls\n", cases);
    CHECK(cases >= 1000);
    return test_done("sweep");
}
