/* Plain SFrame: the frames that RFC 9605 publishes, and two contexts that talk. */
#include "test.h"

#include <stdio.h>

/* RFC 9605, appendix C.3, also in tests/vectors/rfc9605-frames.txt. */
enum { KID = 0x0123, CTR = 0x4567 };
static const char METADATA[] = "IETF SFrame WG";
static const char PLAINTEXT[] = "draft-ietf-sframe-enc";
static const struct {
    uint32_t suite;
    const char *frame;
} VECTORS[] = {
    {1, "9901234567449408b6f490086165b9d6f62b24ae1a59a56486b4ae8ed036b88912e24f11"},
    {2, "99012345673f31438db4d09434e43afa0f8a2f00867a2be085046a9f5cb4f101d607"},
    {3, "990123456717fc8af28a5a695afcfc6c8df6358a17e26b2fcb3bae32e443"},
    {4, "9901234567b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb"},
};

static size_t from_hex(const char *hex, uint8_t *out) {
    size_t len = strlen(hex) / 2;
    for (size_t i = 0; i < len; i++) {
        unsigned byte = 0;
        CHECK(sscanf(hex + 2 * i, "%2x", &byte) == 1);
        out[i] = (uint8_t)byte;
    }
    return len;
}

static roomseal_sframe_sender *sender_of(uint32_t suite, uint64_t kid) {
    roomseal_sframe_sender *sender = NULL;
    uint64_t got = 0;
    OK(roomseal_sframe_sender_new(suite, kid, TEST_KEY, sizeof TEST_KEY, &sender));
    OK(roomseal_sframe_sender_kid(sender, &got));
    EQUAL(got, kid);
    return sender;
}

static roomseal_sframe_receiver *receiver_of(uint32_t suite, uint64_t kid) {
    roomseal_sframe_receiver *receiver = NULL;
    OK(roomseal_sframe_receiver_new(suite, 0, &receiver));
    OK(roomseal_sframe_receiver_add(receiver, kid, TEST_KEY, sizeof TEST_KEY));
    return receiver;
}

static void published_frames(void) {
    const uint8_t *metadata = (const uint8_t *)METADATA;
    const size_t metadata_len = sizeof METADATA - 1, len = sizeof PLAINTEXT - 1;
    for (size_t v = 0; v < sizeof VECTORS / sizeof *VECTORS; v++) {
        uint8_t want[80];
        size_t frame_len = from_hex(VECTORS[v].frame, want), n = 0, off = 0;

        /* Sealed from input to output. */
        roomseal_sframe_sender *sender = sender_of(VECTORS[v].suite, KID);
        OK(roomseal_sframe_sender_skip_to(sender, CTR));
        OK(roomseal_sframe_sender_sealed_len(sender, len, &n));
        EQUAL(n, frame_len);
        uint8_t *frame = guarded(frame_len);
        OK(roomseal_sframe_sender_seal(sender, (const uint8_t *)PLAINTEXT, len, metadata,
                                       metadata_len, frame, frame_len, &n));
        EQUAL(n, frame_len);
        CHECK(memcmp(frame, want, frame_len) == 0);
        uint64_t kid = 0, ctr = 0;
        OK(roomseal_sframe_peek(frame, n, &kid, &ctr));
        EQUAL(kid, KID);
        EQUAL(ctr, CTR);
        OK(roomseal_sframe_sender_next_ctr(sender, &ctr));
        EQUAL(ctr, CTR + 1);
        STATUS(roomseal_sframe_sender_skip_to(sender, CTR), ROOMSEAL_ERR_INVALID_ARGUMENT);
        roomseal_sframe_sender_free(sender);

        /* Sealed in place. */
        sender = sender_of(VECTORS[v].suite, KID);
        OK(roomseal_sframe_sender_skip_to(sender, CTR));
        size_t cap = ROOMSEAL_SFRAME_MAX_HEADER_LEN + len + ROOMSEAL_MAX_TAG_LEN;
        uint8_t *buf = guarded(cap);
        memcpy(buf + ROOMSEAL_SFRAME_MAX_HEADER_LEN, PLAINTEXT, len);
        OK(roomseal_sframe_sender_seal_in_place(sender, metadata, metadata_len, buf, cap,
                                                ROOMSEAL_SFRAME_MAX_HEADER_LEN, len, &off, &n));
        EQUAL(n, frame_len);
        CHECK(memcmp(buf + off, want, frame_len) == 0);
        CHECK(all_are(buf, off, FILL));
        CHECK(all_are(buf + off + n, cap - off - n, FILL));
        roomseal_sframe_sender_free(sender);

        /* Opened both ways: each receiver opens a frame once. */
        roomseal_sframe_receiver *receiver = receiver_of(VECTORS[v].suite, KID);
        OK(roomseal_sframe_receiver_opened_len(receiver, want, frame_len, &n));
        EQUAL(n, len);
        uint8_t *opened = guarded(len);
        OK(roomseal_sframe_receiver_open(receiver, want, frame_len, metadata, metadata_len, opened,
                                         len, &n));
        EQUAL(n, len);
        CHECK(memcmp(opened, PLAINTEXT, len) == 0);
        STATUS(roomseal_sframe_receiver_open_in_place(receiver, metadata, metadata_len, frame,
                                                      frame_len, &off, &n),
               ROOMSEAL_ERR_REPLAY);
        CHECK(memcmp(frame, want, frame_len) == 0);
        roomseal_sframe_receiver_free(receiver);

        receiver = receiver_of(VECTORS[v].suite, KID);
        OK(roomseal_sframe_receiver_open_in_place(receiver, metadata, metadata_len, frame,
                                                  frame_len, &off, &n));
        EQUAL(n, len);
        CHECK(memcmp(frame + off, PLAINTEXT, len) == 0);

        /* One bit of it changed: zeros. */
        OK(roomseal_sframe_receiver_remove(receiver, KID));
        STATUS(roomseal_sframe_receiver_remove(receiver, KID), ROOMSEAL_ERR_UNKNOWN_KEY);
        OK(roomseal_sframe_receiver_add(receiver, KID, TEST_KEY, sizeof TEST_KEY));
        STATUS(roomseal_sframe_receiver_add(receiver, KID, TEST_KEY, sizeof TEST_KEY),
               ROOMSEAL_ERR_DUPLICATE_KID);
        for (size_t bit = 8 * 5; bit < 8 * frame_len; bit++) {
            memcpy(frame, want, frame_len);
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
            memset(opened, FILL, len);
            n = 77;
            STATUS(roomseal_sframe_receiver_open(receiver, frame, frame_len, metadata,
                                                 metadata_len, opened, len, &n),
                   ROOMSEAL_ERR_NOT_AUTHENTIC);
            EQUAL(n, 77);
            CHECK(all_are(opened, len, 0));
            STATUS(roomseal_sframe_receiver_open_in_place(receiver, metadata, metadata_len, frame,
                                                          frame_len, &off, &n),
                   ROOMSEAL_ERR_NOT_AUTHENTIC);
            CHECK(all_are(frame, frame_len, 0));
        }
        roomseal_sframe_receiver_free(receiver);
        guarded_free(frame, frame_len);
        guarded_free(opened, len);
        guarded_free(buf, cap);
    }
}

/* RFC 9605, appendix C.1. */
static void published_headers(void) {
    FILE *file = fopen("tests/vectors/rfc9605-header.txt", "r");
    char line[128], hex[64];
    unsigned long long kid = 0, ctr = 0;
    unsigned count = 0;
    if (!CHECK(file != NULL)) {
        return;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%llu %llu %63s", &kid, &ctr, hex) == 3) {
            uint8_t header[32];
            uint64_t got_kid = 0, got_ctr = 0;
            OK(roomseal_sframe_peek(header, from_hex(hex, header), &got_kid, &got_ctr));
            EQUAL(got_kid, kid);
            EQUAL(got_ctr, ctr);
            count++;
        }
    }
    fclose(file);
    EQUAL(count, 289);
}

/* The header grows with the counter; the buffer is exact each time. */
static void every_header_length(void) {
    roomseal_sframe_sender *sender = sender_of(4, 5);
    roomseal_sframe_receiver *receiver = receiver_of(4, 5);
    const uint64_t ctrs[] = {0, 7, 8, 255, 256, 65535, 65536, (uint64_t)1 << 56, UINT64_MAX};
    const size_t headers[] = {1, 1, 2, 2, 3, 3, 4, 9, 9};
    for (size_t i = 0; i < sizeof ctrs / sizeof *ctrs; i++) {
        size_t len = 0, n = 0, m = 0;
        OK(roomseal_sframe_sender_skip_to(sender, ctrs[i]));
        OK(roomseal_sframe_sender_sealed_len(sender, 3, &len));
        EQUAL(len, headers[i] + 3 + 16);
        uint8_t *frame = guarded(len), *opened = guarded(3);
        STATUS(roomseal_sframe_sender_seal(sender, (const uint8_t *)"abc", 3, NULL, 0, frame,
                                           len - 1, &n),
               ROOMSEAL_ERR_BUFFER_TOO_SMALL);
        CHECK(all_are(frame, len, FILL));
        OK(roomseal_sframe_sender_seal(sender, (const uint8_t *)"abc", 3, NULL, 0, frame, len, &n));
        EQUAL(n, len);
        OK(roomseal_sframe_receiver_open(receiver, frame, n, NULL, 0, opened, 3, &m));
        CHECK(m == 3 && memcmp(opened, "abc", 3) == 0);
        guarded_free(frame, len);
        guarded_free(opened, 3);
    }
    uint64_t ctr = 0;
    size_t len = 0;
    STATUS(roomseal_sframe_sender_next_ctr(sender, &ctr), ROOMSEAL_ERR_KEY_EXHAUSTED);
    STATUS(roomseal_sframe_sender_sealed_len(sender, 3, &len), ROOMSEAL_ERR_KEY_EXHAUSTED);
    roomseal_sframe_sender_free(sender);
    roomseal_sframe_receiver_free(receiver);
}

static void keys_and_kids(void) {
    uint8_t once[ROOMSEAL_SFRAME_BASE_KEY_LEN], again[ROOMSEAL_SFRAME_BASE_KEY_LEN];
    uint8_t ssrc[ROOMSEAL_SFRAME_BASE_KEY_LEN];
    uint64_t kid = 0, a = 0, b = 0, c = 0;
    OK(roomseal_sframe_key_ratchet(TEST_KEY, sizeof TEST_KEY, once, sizeof once));
    OK(roomseal_sframe_key_ratchet(TEST_KEY, sizeof TEST_KEY, again, sizeof again));
    CHECK(memcmp(once, again, sizeof once) == 0);
    OK(roomseal_sframe_key_ratchet(once, sizeof once, again, sizeof again));
    CHECK(memcmp(once, again, sizeof once) != 0);
    OK(roomseal_sframe_key_for_ssrc(TEST_KEY, sizeof TEST_KEY, 7, ssrc, sizeof ssrc));
    OK(roomseal_sframe_key_for_ssrc(TEST_KEY, sizeof TEST_KEY, 8, again, sizeof again));
    CHECK(memcmp(ssrc, again, sizeof ssrc) != 0);
    CHECK(memcmp(ssrc, once, sizeof ssrc) != 0);

    OK(roomseal_sframe_ratchet_kid(8, 1, 2, &kid));
    EQUAL(kid, 0x102);
    OK(roomseal_sframe_ratchet_kid_split(8, kid, &a, &b));
    CHECK(a == 1 && b == 2);
    STATUS(roomseal_sframe_ratchet_kid(33, 1, 2, &kid), ROOMSEAL_ERR_INVALID_ARGUMENT);
    STATUS(roomseal_sframe_ratchet_kid_split(0, 1, &a, &b), ROOMSEAL_ERR_INVALID_ARGUMENT);
    OK(roomseal_sframe_mls_kid(4, 64, 0, 7, 14, &kid));
    EQUAL(kid, 0x7e);
    OK(roomseal_sframe_mls_kid_split(4, 64, kid, &a, &b, &c));
    CHECK(a == 0 && b == 7 && c == 14);
    STATUS(roomseal_sframe_mls_kid(4, 64, 0, 64, 14, &kid), ROOMSEAL_ERR_INVALID_ARGUMENT);
    STATUS(roomseal_sframe_mls_kid_split(17, 64, 1, &a, &b, &c), ROOMSEAL_ERR_INVALID_ARGUMENT);
}

int main(void) {
    published_frames();
    published_headers();
    every_header_length();
    keys_and_kids();
    return test_done("sframe");
}
