/* Two members of a room, in every way in which they can exchange frames. */
#include "test.h"

static const uint32_t KINDS[] = {ROOMSEAL_KIND_AUDIO, ROOMSEAL_KIND_VIDEO, ROOMSEAL_KIND_MESSAGE};
static const size_t LENGTHS[] = {0, 1, 15, 16, 17, 20, 80, 160, 320, 1200, 4096, 65537};
static const uint8_t METADATA[] = "stream 7";

static uint8_t *frame_of(size_t len) {
    uint8_t *frame = guarded(len);
    for (size_t i = 0; i < len; i++) {
        frame[i] = (uint8_t)(i * 7 + len);
    }
    return frame;
}

/* Every kind, suite and length; each buffer is exactly as long as needed. */
static void every_kind_suite_and_length(void) {
    for (uint32_t suite = 1; suite <= 4; suite++) {
        roomseal_config *config = test_config();
        OK(roomseal_config_allow_four_byte_tags(config));
        for (size_t k = 0; k < 3; k++) {
            OK(roomseal_config_set_suite(config, KINDS[k], suite));
        }
        roomseal_room *alice = test_room_with(config, 1, TEST_KEY);
        roomseal_room *bob = test_room_with(config, 1, TEST_KEY);
        roomseal_config_free(config);
        roomseal_opener *opener = test_opener(bob);
        size_t suite_tag = 0;
        OK(roomseal_suite_tag_len(suite, &suite_tag));

        for (size_t k = 0; k < 3; k++) {
            roomseal_sealer *sealer = test_sealer(alice, KINDS[k]);
            size_t tag = 0;
            OK(roomseal_sealer_tag_len(sealer, &tag));
            EQUAL(tag, suite_tag);

            for (size_t l = 0; l < sizeof LENGTHS / sizeof *LENGTHS; l++) {
                size_t len = LENGTHS[l], sealed_len = 0, opened_len = 0, n = 0, off = 0;
                uint8_t *frame = frame_of(len);
                OK(roomseal_sealer_sealed_len(sealer, len, &sealed_len));
                EQUAL(sealed_len, len + ROOMSEAL_HEADER_LEN + tag);
                OK(roomseal_opener_opened_len(opener, KINDS[k], sealed_len, &opened_len));
                EQUAL(opened_len, len);

                /* From input to output. */
                uint8_t *sealed = guarded(sealed_len), *opened = guarded(len);
                OK(roomseal_sealer_seal(sealer, frame, len, METADATA, sizeof METADATA, sealed,
                                        sealed_len, &n));
                EQUAL(n, sealed_len);
                OK(roomseal_opener_open(opener, KINDS[k], sealed, sealed_len, METADATA,
                                        sizeof METADATA, "alice", 5, opened, len, &n));
                EQUAL(n, len);
                CHECK(memcmp(opened, frame, len) == 0);

                /* In place, in the middle of a longer buffer. */
                size_t before = 5, cap = before + sealed_len + 3;
                uint8_t *buf = guarded(cap);
                memcpy(buf + before + ROOMSEAL_HEADER_LEN, frame, len);
                OK(roomseal_sealer_seal_in_place(sealer, METADATA, sizeof METADATA, buf, cap,
                                                 before + ROOMSEAL_HEADER_LEN, len, &off, &n));
                EQUAL(off, before);
                EQUAL(n, sealed_len);
                CHECK(all_are(buf, before, FILL));
                CHECK(all_are(buf + before + sealed_len, 3, FILL));
                OK(roomseal_opener_open_in_place(opener, KINDS[k], METADATA, sizeof METADATA,
                                                 "alice", 5, buf + before, sealed_len, &off, &n));
                EQUAL(off, ROOMSEAL_HEADER_LEN);
                EQUAL(n, len);
                CHECK(memcmp(buf + before + off, frame, len) == 0);
                CHECK(all_are(buf, before, FILL));
                CHECK(all_are(buf + before + sealed_len, 3, FILL));

                guarded_free(frame, len);
                guarded_free(sealed, sealed_len);
                guarded_free(opened, len);
                guarded_free(buf, cap);
            }
            EQUAL(test_counter(alice, KINDS[k], ROOMSEAL_COUNTER_SEALED),
                  2 * sizeof LENGTHS / sizeof *LENGTHS);
            EQUAL(test_counter(bob, KINDS[k], ROOMSEAL_COUNTER_OPENED),
                  2 * sizeof LENGTHS / sizeof *LENGTHS);
            roomseal_sealer_free(sealer);
        }
        roomseal_room_free(alice);
        roomseal_opener_free(opener);
        roomseal_room_free(bob);
    }
}

/* Buffers that touch but don't overlap are apart. */
static void neighbours_are_apart(void) {
    roomseal_room *alice = test_room(), *bob = test_room();
    roomseal_sealer *sealer = test_sealer(alice, ROOMSEAL_KIND_AUDIO);
    roomseal_opener *opener = test_opener(bob);
    uint8_t *all = guarded(10 + 38 + 10);
    size_t n = 0;
    memset(all, 1, 10);
    memset(all + 48, 2, 10);
    OK(roomseal_sealer_seal(sealer, all, 10, all + 48, 10, all + 10, 38, &n));
    CHECK(all_are(all, 10, 1));
    CHECK(all_are(all + 48, 10, 2));
    OK(roomseal_opener_open(opener, ROOMSEAL_KIND_AUDIO, all + 10, 38, all + 48, 10, NULL, 0, all,
                            10, &n));
    CHECK(all_are(all, 10, 1));
    guarded_free(all, 58);
    roomseal_sealer_free(sealer);
    roomseal_opener_free(opener);
    roomseal_room_free(alice);
    roomseal_room_free(bob);
}

static void text_messages(void) {
    roomseal_room *alice = test_room(), *bob = test_room();
    roomseal_sealer *sealer = test_sealer(alice, ROOMSEAL_KIND_MESSAGE);
    roomseal_opener *opener = test_opener(bob);
    for (size_t len = 0; len < 70; len++) {
        size_t text_len = 0, cap = 0, n = 0, m = 0;
        uint8_t *message = frame_of(len);
        OK(roomseal_sealer_sealed_text_len(sealer, len, &text_len));
        char *text = (char *)guarded(text_len);
        OK(roomseal_sealer_seal_text(sealer, message, len, NULL, 0, text, text_len, &n));
        EQUAL(n, text_len);
        for (size_t i = 0; i < n; i++) {
            CHECK(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
                         text[i]) != NULL);
        }
        OK(roomseal_opener_text_cap(text_len, &cap));
        EQUAL(cap, len + ROOMSEAL_MAX_OVERHEAD);
        uint8_t *opened = guarded(cap);
        OK(roomseal_opener_open_text(opener, text, text_len, NULL, 0, "alice", 5, opened, cap, &m));
        EQUAL(m, len);
        CHECK(memcmp(opened, message, len) == 0);
        CHECK(all_are(opened + len, cap - len, 0));
        guarded_free(message, len);
        guarded_free((uint8_t *)text, text_len);
        guarded_free(opened, cap);
    }
    /* What fits a host's limits. */
    size_t n = 0;
    OK(roomseal_room_max_message_len(alice, 1000, &n));
    EQUAL(n, 972);
    OK(roomseal_room_max_text_message_len(alice, 1000, &n));
    EQUAL(n, 722);
    roomseal_sealer_free(sealer);
    roomseal_opener_free(opener);
    roomseal_room_free(alice);
    roomseal_room_free(bob);
}

/* Sends one frame from a sealer to an opener. */
static roomseal_status send(const roomseal_sealer *sealer, const roomseal_opener *opener,
                            const char *source) {
    uint8_t frame[40], sealed[40 + ROOMSEAL_MAX_OVERHEAD], opened[40];
    size_t n = 0, m = 0;
    memset(frame, 9, sizeof frame);
    memset(opened, FILL, sizeof opened);
    OK(roomseal_sealer_seal(sealer, frame, sizeof frame, NULL, 0, sealed, sizeof sealed, &n));
    roomseal_status status =
        roomseal_opener_open(opener, ROOMSEAL_KIND_AUDIO, sealed, n, NULL, 0, source,
                             source ? strlen(source) : 0, opened, sizeof opened, &m);
    if (status == ROOMSEAL_OK) {
        EQUAL(m, sizeof frame);
        CHECK(memcmp(opened, frame, sizeof frame) == 0);
    } else {
        EQUAL(m, 0);
        CHECK(all_are(opened, sizeof opened, status == ROOMSEAL_ERR_NOT_AUTHENTIC ? 0 : FILL));
    }
    return status;
}

/* A member crashes and comes back with the same ids and key: everything opens,
   and its KID is another. */
static void rejoin(void) {
    roomseal_room *bob = test_room();
    roomseal_opener *opener = test_opener(bob);
    uint64_t kids[20];
    for (size_t life = 0; life < 20; life++) {
        roomseal_room *alice = test_room();
        roomseal_sealer *sealer = test_sealer(alice, ROOMSEAL_KIND_AUDIO);
        STATUS(roomseal_sealer_kid(sealer, &kids[life]), ROOMSEAL_ERR_UNKNOWN_KEY);
        for (int i = 0; i < 3; i++) {
            OK(send(sealer, opener, "alice"));
        }
        OK(roomseal_sealer_kid(sealer, &kids[life]));
        for (size_t earlier = 0; earlier < life; earlier++) {
            CHECK(kids[earlier] != kids[life]);
        }
        /* The other order of freeing than elsewhere. */
        roomseal_room_free(alice);
        roomseal_sealer_free(sealer);
    }

    size_t count = 0;
    uint64_t listed[20];
    OK(roomseal_room_stream_count(bob, ROOMSEAL_KIND_AUDIO, &count));
    EQUAL(count, 20);
    STATUS(roomseal_room_streams(bob, ROOMSEAL_KIND_AUDIO, listed, 19, &count),
           ROOMSEAL_ERR_BUFFER_TOO_SMALL);
    OK(roomseal_room_streams(bob, ROOMSEAL_KIND_AUDIO, listed, 20, &count));
    EQUAL(count, 20);
    for (size_t i = 0; i < 20; i++) {
        bool found = false;
        for (size_t j = 0; j < 20; j++) {
            found |= listed[j] == kids[i];
        }
        CHECK(found);
        uint64_t value = 0;
        char source[ROOMSEAL_MAX_SOURCE_LEN];
        size_t len = 0;
        OK(roomseal_room_stream_counter(bob, ROOMSEAL_KIND_AUDIO, kids[i],
                                        ROOMSEAL_COUNTER_OPENED, &value));
        EQUAL(value, 3);
        OK(roomseal_room_stream_last_epoch(bob, ROOMSEAL_KIND_AUDIO, kids[i], &value));
        EQUAL(value, 1);
        OK(roomseal_room_stream_source(bob, ROOMSEAL_KIND_AUDIO, kids[i], source, 5, &len));
        EQUAL(len, 5);
        CHECK(memcmp(source, "alice", 5) == 0);
        STATUS(roomseal_room_stream_counter(bob, ROOMSEAL_KIND_AUDIO, kids[i],
                                            ROOMSEAL_COUNTER_SEALED, &value),
               ROOMSEAL_ERR_INVALID_ARGUMENT);
    }
    roomseal_room_free(bob);
    roomseal_opener_free(opener);
}

/* Keys come, are activated, and go. */
static void rotation(void) {
    roomseal_room *alice = test_room(), *bob = test_room();
    roomseal_sealer *sealer = test_sealer(alice, ROOMSEAL_KIND_AUDIO);
    roomseal_opener *opener = test_opener(bob);
    uint8_t key[ROOMSEAL_KEY_LEN], next[ROOMSEAL_KEY_LEN];
    uint64_t epochs[ROOMSEAL_MAX_EPOCHS], value = 0;
    size_t count = 0;
    OK(send(sealer, opener, "alice"));
    STATUS(roomseal_room_last_epoch(alice, ROOMSEAL_KIND_AUDIO, &value),
           ROOMSEAL_ERR_UNKNOWN_EPOCH);

    OK(roomseal_key_random(key, sizeof key));
    CHECK(!all_are(key, sizeof key, key[0]));
    OK(roomseal_room_install(alice, 2, key, sizeof key, (const uint8_t *)"salt", 4));
    OK(roomseal_room_activate(alice, 2));
    STATUS(send(sealer, opener, "alice"), ROOMSEAL_ERR_UNKNOWN_KEY);
    OK(roomseal_room_install(bob, 2, key, sizeof key, (const uint8_t *)"salt", 4));
    OK(send(sealer, opener, "alice"));
    OK(roomseal_room_epochs(bob, epochs, ROOMSEAL_MAX_EPOCHS, &count));
    EQUAL(count, 2);
    EQUAL(epochs[0], 1);
    EQUAL(epochs[1], 2);
    STATUS(roomseal_room_epochs(bob, epochs, 1, &count), ROOMSEAL_ERR_BUFFER_TOO_SMALL);
    OK(roomseal_room_active_epoch(bob, &value));
    EQUAL(value, 1);
    OK(roomseal_room_last_epoch(bob, ROOMSEAL_KIND_AUDIO, &value));
    EQUAL(value, 2);

    /* Both ratchet alike; a late joiner gets only the newest key. */
    OK(roomseal_room_ratchet(alice, 2, &value));
    EQUAL(value, 3);
    OK(roomseal_room_activate(alice, 3));
    OK(roomseal_room_ratchet(bob, 2, &value));
    OK(send(sealer, opener, "alice"));
    OK(roomseal_key_ratchet(key, sizeof key, 2, next, sizeof next));
    roomseal_config *config = test_config();
    roomseal_room *carol = NULL;
    OK(roomseal_room_new(config, &carol));
    roomseal_config_free(config);
    OK(roomseal_room_install(carol, 3, next, sizeof next, (const uint8_t *)"salt", 4));
    roomseal_opener *carols = test_opener(carol);
    OK(send(sealer, carols, "alice"));

    /* Another key, another salt, another room or call: nothing opens. */
    roomseal_room *stranger = NULL;
    config = test_config();
    OK(roomseal_room_new(config, &stranger));
    OK(roomseal_room_install(stranger, 3, next, sizeof next, NULL, 0));
    roomseal_opener *strangers = test_opener(stranger);
    STATUS(send(sealer, strangers, NULL), ROOMSEAL_ERR_NOT_AUTHENTIC);
    roomseal_opener_free(strangers);
    roomseal_room_free(stranger);
    OK(roomseal_config_set_call_id_text(config, "other", 5));
    OK(roomseal_room_new(config, &stranger));
    OK(roomseal_room_install(stranger, 3, next, sizeof next, (const uint8_t *)"salt", 4));
    strangers = test_opener(stranger);
    STATUS(send(sealer, strangers, NULL), ROOMSEAL_ERR_NOT_AUTHENTIC);
    EQUAL(test_counter(stranger, ROOMSEAL_KIND_AUDIO, ROOMSEAL_COUNTER_NOT_AUTHENTIC), 1);
    roomseal_opener_free(strangers);
    roomseal_room_free(stranger);
    roomseal_config_free(config);

    OK(roomseal_room_retire(bob, 3));
    STATUS(send(sealer, opener, "alice"), ROOMSEAL_ERR_UNKNOWN_KEY);
    OK(roomseal_room_close(bob));
    OK(roomseal_room_close(bob));
    STATUS(send(sealer, opener, "alice"), ROOMSEAL_ERR_CLOSED);
    OK(roomseal_room_epochs(bob, NULL, 0, &count));
    EQUAL(count, 0);

    roomseal_opener_free(carols);
    roomseal_room_free(carol);
    roomseal_opener_free(opener);
    roomseal_room_free(bob);
    roomseal_sealer_free(sealer);
    roomseal_room_free(alice);
}

static void keys_as_text(void) {
    uint8_t key[ROOMSEAL_KEY_LEN];
    char hex[ROOMSEAL_KEY_HEX_LEN], base64[ROOMSEAL_KEY_BASE64_LEN];
    char fingerprint[ROOMSEAL_FINGERPRINT_LEN], other[ROOMSEAL_FINGERPRINT_LEN];
    OK(roomseal_key_to_hex(TEST_KEY, sizeof TEST_KEY, hex, sizeof hex));
    CHECK(memcmp(hex, "000102030405060708090a0b0c0d0e0f", sizeof hex) == 0);
    OK(roomseal_key_from_hex("000102030405060708090A0B0C0D0E0F", 32, key, sizeof key));
    CHECK(memcmp(key, TEST_KEY, sizeof key) == 0);
    OK(roomseal_key_to_base64(TEST_KEY, sizeof TEST_KEY, base64, sizeof base64));
    CHECK(memcmp(base64, "AAECAwQFBgcICQoLDA0ODw==", sizeof base64) == 0);
    memset(key, 0, sizeof key);
    OK(roomseal_key_from_base64(base64, sizeof base64, key, sizeof key));
    CHECK(memcmp(key, TEST_KEY, sizeof key) == 0);
    OK(roomseal_key_fingerprint(key, sizeof key, fingerprint, sizeof fingerprint));
    key[0] ^= 1;
    OK(roomseal_key_fingerprint(key, sizeof key, other, sizeof other));
    CHECK(memcmp(fingerprint, other, sizeof other) != 0);

    /* The same key in three forms makes the same epoch. */
    roomseal_room *room = test_room();
    OK(roomseal_room_install_hex(room, 1, hex, sizeof hex, NULL, 0));
    OK(roomseal_room_install_base64(room, 1, base64, sizeof base64, NULL, 0));
    STATUS(roomseal_room_install(room, 1, key, sizeof key, NULL, 0), ROOMSEAL_ERR_EPOCH_CONFLICT);
    roomseal_room_free(room);
}

static void peeking(void) {
    roomseal_room *room = test_room();
    roomseal_sealer *sealer = test_sealer(room, ROOMSEAL_KIND_VIDEO);
    uint8_t sealed[4 + ROOMSEAL_MAX_OVERHEAD];
    uint64_t kid = 0, ctr = 0, same_kid = 0, same_ctr = 0, last = 0;
    uint32_t nibble = 99;
    size_t n = 0;
    for (int i = 0; i < 3; i++) {
        OK(roomseal_sealer_seal(sealer, (const uint8_t *)"abcd", 4, NULL, 0, sealed, sizeof sealed,
                                &n));
        OK(roomseal_peek(ROOMSEAL_FORM_PLAIN, sealed, n, &kid, &ctr, &nibble));
        OK(roomseal_sealer_kid(sealer, &same_kid));
        EQUAL(kid, same_kid);
        EQUAL(nibble, 1);
        CHECK(kid >> 63 == 1);
        CHECK(i == 0 || ctr == last + 1);
        last = ctr;
        OK(roomseal_sframe_peek(sealed, n, &same_kid, &same_ctr));
        EQUAL(kid, same_kid);
        EQUAL(ctr, same_ctr);
    }
    roomseal_sealer_free(sealer);
    roomseal_room_free(room);
}

static void numbers_and_names(void) {
    EQUAL(roomseal_version_major(), ROOMSEAL_VERSION_MAJOR);
    EQUAL(roomseal_version_minor(), ROOMSEAL_VERSION_MINOR);
    EQUAL(roomseal_version_patch(), ROOMSEAL_VERSION_PATCH);
    EQUAL(roomseal_version_number(), ROOMSEAL_VERSION_NUMBER);
    EQUAL(roomseal_abi_version(), ROOMSEAL_ABI_VERSION);
    CHECK(strlen(roomseal_version_text()) >= 5);
    EQUAL(roomseal_header_len(), ROOMSEAL_HEADER_LEN);
    EQUAL(roomseal_max_tag_len(), ROOMSEAL_MAX_TAG_LEN);
    EQUAL(roomseal_max_overhead(), ROOMSEAL_MAX_OVERHEAD);
    EQUAL(roomseal_key_len(), ROOMSEAL_KEY_LEN);
    EQUAL(roomseal_key_hex_len(), ROOMSEAL_KEY_HEX_LEN);
    EQUAL(roomseal_key_base64_len(), ROOMSEAL_KEY_BASE64_LEN);
    EQUAL(roomseal_fingerprint_len(), ROOMSEAL_FINGERPRINT_LEN);
    EQUAL(roomseal_max_salt_len(), ROOMSEAL_MAX_SALT_LEN);
    EQUAL(roomseal_max_id_len(), ROOMSEAL_MAX_ID_LEN);
    EQUAL(roomseal_max_source_len(), ROOMSEAL_MAX_SOURCE_LEN);
    EQUAL(roomseal_max_epochs(), ROOMSEAL_MAX_EPOCHS);
    EQUAL(roomseal_sframe_max_header_len(), ROOMSEAL_SFRAME_MAX_HEADER_LEN);
    EQUAL(roomseal_sframe_max_overhead(), ROOMSEAL_SFRAME_MAX_OVERHEAD);
    EQUAL(roomseal_sframe_base_key_len(), ROOMSEAL_SFRAME_BASE_KEY_LEN);
    EQUAL(roomseal_sframe_max_base_key_len(), ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN);
    CHECK(strcmp(roomseal_status_name(ROOMSEAL_OK), "OK") == 0);
    CHECK(strcmp(roomseal_status_name(ROOMSEAL_ERR_NOT_AUTHENTIC), "NOT_AUTHENTIC") == 0);
    CHECK(strcmp(roomseal_status_name(INT32_MIN), "UNKNOWN") == 0);
    for (int32_t status = -200; status < 200; status++) {
        CHECK(strlen(roomseal_status_name(status)) > 1);
        CHECK(strlen(roomseal_status_text(status)) > 6);
    }
    EQUAL(roomseal_counter_last(), ROOMSEAL_COUNTER_LAST);
    CHECK(strcmp(roomseal_counter_name(ROOMSEAL_COUNTER_REPLAY), "replay") == 0);
    CHECK(strcmp(roomseal_counter_name(0), "unknown") == 0);
    CHECK(strcmp(roomseal_counter_name(UINT32_MAX), "unknown") == 0);
}

int main(void) {
    every_kind_suite_and_length();
    neighbours_are_apart();
    text_messages();
    rejoin();
    rotation();
    keys_as_text();
    peeking();
    numbers_and_names();
    return test_done("rooms");
}
