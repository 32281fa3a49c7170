/* Every status that C can bring about. */
#define _POSIX_C_SOURCE 200809L
#include "test.h"

#include <time.h>
#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

enum { LEN = 8, SEALED = LEN + ROOMSEAL_MAX_OVERHEAD, HIGHEST = 100 };
enum { AUDIO = ROOMSEAL_KIND_AUDIO, MESSAGE = ROOMSEAL_KIND_MESSAGE };

static bool seen[HIGHEST + 1];

/* Checks a status, and remembers that it was seen. */
#define SEEN(call, want) (seen[want] |= STATUS(call, want))

static uint8_t sealed[SEALED], opened[SEALED];
static size_t n, off;

static void seal(const roomseal_sealer *sealer) {
    OK(roomseal_sealer_seal(sealer, TEST_KEY, LEN, NULL, 0, sealed, SEALED, &n));
}

static roomseal_status open_from(const roomseal_opener *opener, uint32_t kind,
                                 const char *source) {
    return roomseal_opener_open(opener, kind, sealed, n, NULL, 0, source,
                                source ? strlen(source) : 0, opened, SEALED, &off);
}

static void pause_ms(long ms) {
    struct timespec time = {0, ms * 1000000};
    nanosleep(&time, NULL);
}

static void arguments(void) {
    roomseal_room *alice = test_room(), *bob = test_room();
    roomseal_sealer *sealer = test_sealer(alice, AUDIO);
    roomseal_opener *opener = test_opener(bob);
    uint64_t kid = 0, ctr = 0;
    uint32_t nibble = 0;
    SEEN(roomseal_room_close(NULL), ROOMSEAL_ERR_NULL_POINTER);
    SEEN(roomseal_sealer_seal(sealer, TEST_KEY, SIZE_MAX, NULL, 0, sealed, SEALED, &n),
         ROOMSEAL_ERR_INVALID_ARGUMENT);
    SEEN(roomseal_sealer_seal(sealer, TEST_KEY, LEN, NULL, 0, sealed, SEALED - 1, &n),
         ROOMSEAL_ERR_BUFFER_TOO_SMALL);
    SEEN(roomseal_sealer_seal(sealer, sealed, LEN, NULL, 0, sealed, SEALED, &n),
         ROOMSEAL_ERR_BUFFERS_OVERLAP);
    SEEN(roomseal_sealer_sealed_len(sealer, SIZE_MAX, &n), ROOMSEAL_ERR_TOO_LARGE);
    SEEN(roomseal_sealer_seal_text(sealer, TEST_KEY, LEN, NULL, 0, (char *)sealed, SEALED, &n),
         ROOMSEAL_ERR_WRONG_KIND);
    SEEN(roomseal_suite_tag_len(5, &n), ROOMSEAL_ERR_UNKNOWN_SUITE);
    SEEN(roomseal_peek(2, sealed, SEALED, &kid, &ctr, &nibble), ROOMSEAL_ERR_UNKNOWN_FORM);
    SEEN(roomseal_key_from_hex("0g0102030405060708090a0b0c0d0e0f", 32, opened, SEALED),
         ROOMSEAL_ERR_INVALID_TEXT);
    SEEN(roomseal_peek(0, sealed, 0, &kid, &ctr, &nibble), ROOMSEAL_ERR_MALFORMED);
    SEEN(roomseal_peek(0, TEST_KEY, 16, &kid, &ctr, &nibble), ROOMSEAL_ERR_NOT_SEALED);
    roomseal_sealer_free(sealer);
    roomseal_opener_free(opener);
    roomseal_room_free(alice);
    roomseal_room_free(bob);
}

static void frames(void) {
    roomseal_room *alice = test_room(), *bob = test_room();
    roomseal_sealer *sealer = test_sealer(alice, AUDIO);
    roomseal_opener *opener = test_opener(bob), *own = test_opener(alice);

    seal(sealer);
    SEEN(open_from(own, AUDIO, "alice"), ROOMSEAL_ERR_OWN_FRAME);
    SEEN(open_from(opener, ROOMSEAL_KIND_VIDEO, "alice"), ROOMSEAL_ERR_NOT_AUTHENTIC);
    OK(open_from(opener, AUDIO, "alice"));
    SEEN(open_from(opener, AUDIO, "alice"), ROOMSEAL_ERR_REPLAY);
    seal(sealer);
    SEEN(open_from(opener, AUDIO, "mallory"), ROOMSEAL_ERR_SOURCE_CHANGED);
    OK(open_from(opener, AUDIO, NULL));

    /* 1,024 later ones push the first one out of the window. */
    uint8_t early[SEALED];
    seal(sealer);
    memcpy(early, sealed, SEALED);
    for (int i = 0; i < 1024; i++) {
        seal(sealer);
    }
    OK(open_from(opener, AUDIO, "alice"));
    memcpy(sealed, early, SEALED);
    SEEN(open_from(opener, AUDIO, "alice"), ROOMSEAL_ERR_TOO_OLD);

    /* Clear frames, asked for and not. */
    memset(sealed, 1, SEALED);
    SEEN(open_from(opener, AUDIO, NULL), ROOMSEAL_ERR_NOT_SEALED);
    OK(roomseal_room_accept_clear_frames_dangerously(bob, AUDIO, 86400));
    SEEN(open_from(opener, AUDIO, NULL), ROOMSEAL_ERR_CLEAR_FRAME);
    CHECK(all_are(sealed, SEALED, 1));
    STATUS(open_from(opener, MESSAGE, NULL), ROOMSEAL_ERR_NOT_SEALED);
    OK(roomseal_room_accept_clear_frames_dangerously(bob, AUDIO, 0));
    STATUS(open_from(opener, AUDIO, NULL), ROOMSEAL_ERR_NOT_SEALED);
    STATUS(roomseal_room_accept_clear_frames_dangerously(bob, AUDIO, 86401),
           ROOMSEAL_ERR_INVALID_ARGUMENT);
    EQUAL(test_counter(bob, AUDIO, ROOMSEAL_COUNTER_CLEAR_FRAMES), 1);

    roomseal_sealer_free(sealer);
    roomseal_opener_free(opener);
    roomseal_opener_free(own);
    roomseal_room_free(alice);
    roomseal_room_free(bob);
}

static void keys(void) {
    roomseal_room *alice = test_room(), *bob = test_room();
    roomseal_sealer *sealer = test_sealer(alice, AUDIO);
    roomseal_opener *opener = test_opener(bob);
    uint8_t other[ROOMSEAL_KEY_LEN] = {9};
    uint64_t next = 0;

    OK(roomseal_room_install(alice, 2, other, sizeof other, NULL, 0));
    OK(roomseal_room_activate(alice, 2));
    seal(sealer);
    SEEN(open_from(opener, AUDIO, NULL), ROOMSEAL_ERR_UNKNOWN_KEY);
    SEEN(roomseal_room_activate(alice, 3), ROOMSEAL_ERR_UNKNOWN_EPOCH);
    SEEN(roomseal_room_install(alice, 2, TEST_KEY, sizeof TEST_KEY, NULL, 0),
         ROOMSEAL_ERR_EPOCH_CONFLICT);
    OK(roomseal_room_retire(alice, 2));
    SEEN(roomseal_sealer_seal(sealer, TEST_KEY, LEN, NULL, 0, sealed, SEALED, &n),
         ROOMSEAL_ERR_NO_ACTIVE_EPOCH);
    SEEN(roomseal_room_install(alice, 2, other, sizeof other, NULL, 0),
         ROOMSEAL_ERR_EPOCH_RETIRED);
    OK(roomseal_room_install(bob, UINT64_MAX, other, sizeof other, NULL, 0));
    SEEN(roomseal_room_ratchet(bob, UINT64_MAX, &next), ROOMSEAL_ERR_LAST_EPOCH);

    roomseal_sframe_sender *sender = NULL;
    OK(roomseal_sframe_sender_new(4, 1, TEST_KEY, sizeof TEST_KEY, &sender));
    OK(roomseal_sframe_sender_skip_to(sender, UINT64_MAX));
    uint8_t frame[LEN + ROOMSEAL_SFRAME_MAX_OVERHEAD];
    OK(roomseal_sframe_sender_seal(sender, TEST_KEY, LEN, NULL, 0, frame, sizeof frame, &n));
    SEEN(roomseal_sframe_sender_seal(sender, TEST_KEY, LEN, NULL, 0, frame, sizeof frame, &n),
         ROOMSEAL_ERR_KEY_EXHAUSTED);
    roomseal_sframe_sender_free(sender);
    roomseal_sframe_receiver *receiver = NULL;
    OK(roomseal_sframe_receiver_new(4, 64, &receiver));
    OK(roomseal_sframe_receiver_add(receiver, 1, TEST_KEY, sizeof TEST_KEY));
    SEEN(roomseal_sframe_receiver_add(receiver, 1, TEST_KEY, sizeof TEST_KEY),
         ROOMSEAL_ERR_DUPLICATE_KID);
    roomseal_sframe_receiver_free(receiver);

    roomseal_sealer_free(sealer);
    roomseal_opener_free(opener);
    roomseal_room_free(alice);
    roomseal_room_free(bob);
}

static void object_states(void) {
    roomseal_config *config = test_config();
    OK(roomseal_config_set_max_frame_len(config, LEN - 1));
    roomseal_room *small = test_room_with(config, 1, TEST_KEY);
    roomseal_sealer *sealer = test_sealer(small, AUDIO);
    SEEN(roomseal_sealer_seal(sealer, TEST_KEY, LEN, NULL, 0, sealed, SEALED, &n),
         ROOMSEAL_ERR_TOO_LARGE);
    EQUAL(test_counter(small, AUDIO, ROOMSEAL_COUNTER_TOO_LARGE), 1);

#ifdef _WIN32
    seen[ROOMSEAL_ERR_FORKED] = true; /* There is nothing like it. */
#else
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        _exit(STATUS(roomseal_sealer_seal(sealer, TEST_KEY, 1, NULL, 0, sealed, SEALED, &n),
                     ROOMSEAL_ERR_FORKED)
                  ? 0
                  : 1);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    seen[ROOMSEAL_ERR_FORKED] |= CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
#endif

    OK(roomseal_room_close(small));
    SEEN(roomseal_sealer_seal(sealer, TEST_KEY, 1, NULL, 0, sealed, SEALED, &n),
         ROOMSEAL_ERR_CLOSED);
    roomseal_sealer_free(sealer);
    roomseal_room_free(small);

    OK(roomseal_config_set_open_only(config));
    roomseal_room *recorder = test_room_with(config, 1, TEST_KEY);
    SEEN(roomseal_sealer_new(recorder, AUDIO, &sealer), ROOMSEAL_ERR_OPEN_ONLY);
    roomseal_room_free(recorder);

    roomseal_room *room = NULL;
    OK(roomseal_config_set_suite(config, AUDIO, 3));
    SEEN(roomseal_room_new(config, &room), ROOMSEAL_ERR_FOUR_BYTE_TAGS);
    CHECK(room == NULL);
    roomseal_config_free(config);

    /* Ids and numbers are looked at when a room is made. */
    OK(roomseal_config_new(&config));
    STATUS(roomseal_room_new(config, &room), ROOMSEAL_ERR_INVALID_ARGUMENT);
    OK(roomseal_config_set_app_id_text(config, "app", 3));
    STATUS(roomseal_room_new(config, &room), ROOMSEAL_ERR_INVALID_ARGUMENT);
    OK(roomseal_config_set_room_id_number(config, 1));
    OK(roomseal_config_set_call_id_number(config, 1));
    OK(roomseal_config_set_replay_window(config, 32769));
    STATUS(roomseal_room_new(config, &room), ROOMSEAL_ERR_INVALID_ARGUMENT);
    OK(roomseal_config_set_replay_window(config, 64));
    OK(roomseal_config_set_max_streams(config, AUDIO, 0));
    STATUS(roomseal_room_new(config, &room), ROOMSEAL_ERR_INVALID_ARGUMENT);
    OK(roomseal_config_set_max_streams(config, AUDIO, 1));
    OK(roomseal_room_new(config, &room));
    roomseal_room_free(room);
    STATUS(roomseal_config_set_app_id_text(config, "\xff", 1), ROOMSEAL_ERR_INVALID_ARGUMENT);
    roomseal_config_free(config);
}

/* 4-byte tags: 4,096 forged frames close an epoch to new streams, and make a
   known stream's key suspect. */
static void forgeries(void) {
    roomseal_config *config = test_config();
    OK(roomseal_config_allow_four_byte_tags(config));
    OK(roomseal_config_set_suite(config, AUDIO, 3));
    roomseal_room *alice = test_room_with(config, 1, TEST_KEY);
    OK(roomseal_config_drop_suspect_keys(config));
    roomseal_room *bob = test_room_with(config, 1, TEST_KEY);
    roomseal_config_free(config);
    roomseal_sealer *known = test_sealer(alice, AUDIO), *late = test_sealer(alice, AUDIO);
    roomseal_opener *opener = test_opener(bob);
    seal(known);
    OK(open_from(opener, AUDIO, NULL));
    uint64_t kid = 0, suspect = 0;
    OK(roomseal_sealer_kid(known, &kid));

    seal(known);
    sealed[n - 1] ^= 1;
    for (int i = 0; i < 4096; i++) {
        STATUS(open_from(opener, AUDIO, NULL), ROOMSEAL_ERR_NOT_AUTHENTIC);
    }
    sealed[n - 1] ^= 1;
    SEEN(open_from(opener, AUDIO, NULL), ROOMSEAL_ERR_KEY_SUSPECT);
    OK(roomseal_room_stream_counter(bob, AUDIO, kid, ROOMSEAL_COUNTER_KEY_SUSPECT, &suspect));
    EQUAL(suspect, 1);
    EQUAL(test_counter(bob, AUDIO, ROOMSEAL_COUNTER_KEY_SUSPECT), 1);

    seal(late);
    sealed[n - 1] ^= 1;
    for (int i = 0; i < 4096;) {
        roomseal_status status = open_from(opener, AUDIO, NULL);
        if (status == ROOMSEAL_ERR_BUDGET) {
            pause_ms(1); /* tokens come back with time */
            continue;
        }
        STATUS(status, ROOMSEAL_ERR_NOT_AUTHENTIC);
        i++;
    }
    sealed[n - 1] ^= 1;
    SEEN(open_from(opener, AUDIO, NULL), ROOMSEAL_ERR_FAILURE_BUDGET);

    roomseal_sealer_free(known);
    roomseal_sealer_free(late);
    roomseal_opener_free(opener);
    roomseal_room_free(alice);
    roomseal_room_free(bob);
}

/* A flood of made-up streams, refused without work after the first thousands. */
static void flood(void) {
    roomseal_room *bob = test_room();
    roomseal_opener *opener = test_opener(bob);
    uint8_t flood[SEALED] = {0xfa, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0};
    uint8_t before[SEALED];
    roomseal_status status = ROOMSEAL_ERR_NOT_AUTHENTIC;
    unsigned long frames = 0;
    memset(opened, FILL, SEALED);
    for (; status == ROOMSEAL_ERR_NOT_AUTHENTIC && frames < 1000000; frames++) {
        /* The low bits name the epoch, those above the stream. */
        flood[6] = (uint8_t)(frames >> 8);
        flood[7] = (uint8_t)frames;
        flood[5] = (uint8_t)(frames >> 16);
        memcpy(before, flood, SEALED);
        status = roomseal_opener_open(opener, AUDIO, flood, SEALED, NULL, 0, NULL, 0, opened, LEN,
                                      &off);
    }
    SEEN(status, ROOMSEAL_ERR_BUDGET);
    CHECK(frames > 4096);
    CHECK(memcmp(flood, before, SEALED) == 0);
    EQUAL(test_counter(bob, AUDIO, ROOMSEAL_COUNTER_BUDGET), 1);
    pause_ms(20);
    STATUS(roomseal_opener_open_in_place(opener, AUDIO, NULL, 0, NULL, 0, flood, SEALED, &off, &n),
           ROOMSEAL_ERR_NOT_AUTHENTIC);
    CHECK(all_are(flood, SEALED, 0));
    roomseal_opener_free(opener);
    roomseal_room_free(bob);
}

/* Forms, codecs, and calls that don't go with them. */
static void forms(void) {
    roomseal_config *config = test_config();
    SEEN(roomseal_config_set_form(config, AUDIO, 2), ROOMSEAL_ERR_UNKNOWN_FORM);
    OK(roomseal_config_set_form(config, AUDIO, ROOMSEAL_FORM_CODEC));
    roomseal_room *alice = test_room_with(config, 1, TEST_KEY);
    roomseal_config_free(config);
    roomseal_sealer *sealer = test_sealer(alice, AUDIO);
    uint8_t out[200], frame[9] = {0};
    SEEN(roomseal_sealer_seal(sealer, frame, 9, NULL, 0, out, 200, &n), ROOMSEAL_ERR_WRONG_FORM);
    SEEN(roomseal_sealer_seal_codec(sealer, 8, frame, 9, NULL, 0, out, 200, &n),
         ROOMSEAL_ERR_UNKNOWN_CODEC);
    SEEN(roomseal_sealer_seal_codec(sealer, ROOMSEAL_CODEC_VP8, frame, 9, NULL, 0, out, 200, &n),
         ROOMSEAL_ERR_CODEC_MISMATCH);
    roomseal_sealer_free(sealer);
    roomseal_room_free(alice);
}

/* More streams than a room remembers, even by their tombstones. */
static void lost_memory(void) {
    roomseal_config *config = test_config();
    OK(roomseal_config_set_max_streams(config, AUDIO, 1));
    OK(roomseal_config_refuse_new_streams_on_memory_loss(config));
    roomseal_room *bob = test_room_with(config, 1, TEST_KEY);
    roomseal_config_free(config);
    roomseal_room *alice = test_room();
    roomseal_opener *opener = test_opener(bob);
    roomseal_status status = ROOMSEAL_OK;
    unsigned streams = 0;
    while (status == ROOMSEAL_OK && streams < 20000) {
        roomseal_sealer *sealer = test_sealer(alice, AUDIO);
        seal(sealer);
        roomseal_sealer_free(sealer);
        while ((status = open_from(opener, AUDIO, NULL)) == ROOMSEAL_ERR_BUDGET) {
            pause_ms(1);
        }
        streams += status == ROOMSEAL_OK;
    }
    SEEN(status, ROOMSEAL_ERR_MEMORY_LOST);
    /* One stream, 16,384 tombstones, and the one that was one too many. */
    EQUAL(streams, 1 + 16384 + 1);
    EQUAL(test_counter(bob, AUDIO, ROOMSEAL_COUNTER_MEMORY_LOST), 1);
    roomseal_opener_free(opener);
    roomseal_room_free(alice);
    roomseal_room_free(bob);
}

int main(void) {
    arguments();
    frames();
    keys();
    object_states();
    forgeries();
    flood();
    forms();
    lost_memory();
    /* A failing generator, a fault of the library, and what takes frames of hundreds of
       megabytes and bad luck are not for C to bring about. */
    CHECK(!seen[ROOMSEAL_ERR_NO_RANDOM] && !seen[ROOMSEAL_ERR_INTERNAL]);
    CHECK(!seen[ROOMSEAL_ERR_TOO_MANY_ESCAPES]);
    for (int32_t status = 1; status <= HIGHEST; status++) {
        if (strcmp(roomseal_status_name(status), "UNKNOWN") != 0 && !seen[status]) {
            STATUS(status, status == ROOMSEAL_ERR_NO_RANDOM || status == ROOMSEAL_ERR_INTERNAL ||
                                   status == ROOMSEAL_ERR_TOO_MANY_ESCAPES
                               ? status
                               : ROOMSEAL_OK);
        }
    }
    return test_done("status");
}
