/* Frames that stay frames of their codec, from C. */
#include "test.h"

static const uint8_t METADATA[] = "camera 1";
/* Parameter sets and two slices; an end of sequence alone; a frame of AV1. */
static const uint8_t H264[] = {0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1e, 0, 0, 1,    0x68, 0xce, 0x3c, 0x80,
                               0, 0, 1, 0x65, 0x88, 0x84, 0x21, 9, 8, 7, 0, 0, 1, 0x65, 0x42, 0x08, 6};
static const uint8_t H265[] = {0, 0, 0, 1, 0x40, 1, 0x0c, 1, 0, 0, 0, 1, 0x26, 1, 0xaf, 5, 6, 7,
                               0, 0, 1, 0x48, 1};
static const uint8_t AV1[] = {0x12, 0, 0x0a, 3, 1, 2, 3, 0x32, 4, 9, 8, 7, 6};
static const uint8_t VP8[] = {0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1, 5, 5, 5};
static const uint8_t BYTES[] = {0x78, 1, 2, 3, 4, 5, 6, 7, 8};

struct sample {
    uint32_t codec;
    const uint8_t *frame;
    size_t len;
    bool in_place;
};

static const struct sample SAMPLES[] = {
    {ROOMSEAL_CODEC_OPAQUE, BYTES, sizeof BYTES, true},
    {ROOMSEAL_CODEC_H264, H264, sizeof H264, false},
    {ROOMSEAL_CODEC_H265, H265, sizeof H265, false},
    {ROOMSEAL_CODEC_VP8, VP8, sizeof VP8, true},
    {ROOMSEAL_CODEC_VP9, BYTES, sizeof BYTES, true},
    {ROOMSEAL_CODEC_AV1, AV1, sizeof AV1, false},
    {ROOMSEAL_CODEC_OPUS, BYTES, sizeof BYTES, true},
    {ROOMSEAL_CODEC_AAC, BYTES, sizeof BYTES, true},
    {ROOMSEAL_CODEC_OPUS, NULL, 0, true},
    {ROOMSEAL_CODEC_H264, NULL, 0, false},
};
enum { COUNT = sizeof SAMPLES / sizeof *SAMPLES };

static roomseal_room *room_of(uint32_t suite) {
    roomseal_config *config = test_config();
    OK(roomseal_config_allow_four_byte_tags(config));
    OK(roomseal_config_set_suite(config, ROOMSEAL_KIND_VIDEO, suite));
    OK(roomseal_config_set_form(config, ROOMSEAL_KIND_VIDEO, ROOMSEAL_FORM_CODEC));
    roomseal_room *room = test_room_with(config, 1, TEST_KEY);
    roomseal_config_free(config);
    return room;
}

/* From input to output, each buffer exactly as long as it must be. */
static void apart(const roomseal_sealer *sealer, const roomseal_opener *opener,
                  const struct sample *s) {
    size_t max = 0, n = 0, at_most = 0;
    uint32_t codec = 99, nibble = 0;
    uint64_t kid = 0, ctr = 0, own = 0;
    OK(roomseal_sealer_max_sealed_codec_len(sealer, s->codec, s->len, &max));
    uint8_t *sealed = guarded(max), *opened = guarded(s->len);
    OK(roomseal_sealer_seal_codec(sealer, s->codec, s->frame, s->len, METADATA, sizeof METADATA,
                                  sealed, max, &n));
    CHECK(n <= max && n > s->len);
    CHECK(sealed[n - 1] == 0x80);
    if (s->in_place) {
        EQUAL(n, max);
    }
    OK(roomseal_peek_codec(sealed, n, &codec));
    EQUAL(codec, s->codec);
    OK(roomseal_peek(ROOMSEAL_FORM_CODEC, sealed, n, &kid, &ctr, &nibble));
    OK(roomseal_sealer_kid(sealer, &own));
    EQUAL(kid, own);
    EQUAL(nibble, 1);
    OK(roomseal_opener_opened_len(opener, ROOMSEAL_KIND_VIDEO, n, &at_most));
    CHECK(at_most >= s->len);
    if (s->len > 0) {
        STATUS(roomseal_opener_open(opener, ROOMSEAL_KIND_VIDEO, sealed, n, METADATA,
                                    sizeof METADATA, NULL, 0, opened, s->len - 1, &n),
               ROOMSEAL_ERR_BUFFER_TOO_SMALL);
        CHECK(all_are(opened, s->len, FILL));
    }
    OK(roomseal_opener_open(opener, ROOMSEAL_KIND_VIDEO, sealed, n, METADATA, sizeof METADATA, NULL,
                            0, opened, s->len, &n));
    EQUAL(n, s->len);
    CHECK(s->len == 0 || memcmp(opened, s->frame, s->len) == 0);

    /* Changed on the way: zeros, and counted. */
    OK(roomseal_sealer_seal_codec(sealer, s->codec, s->frame, s->len, METADATA, sizeof METADATA,
                                  sealed, max, &n));
    sealed[n - 18] ^= 0x40;
    uint8_t *wide = guarded(n);
    size_t len = 7;
    STATUS(roomseal_opener_open(opener, ROOMSEAL_KIND_VIDEO, sealed, n, METADATA, sizeof METADATA,
                                NULL, 0, wide, n, &len),
           ROOMSEAL_ERR_NOT_AUTHENTIC);
    CHECK(all_are(wide, n, 0));
    EQUAL(len, 7);
}

static void in_place(const roomseal_sealer *sealer, const roomseal_opener *opener,
                     const struct sample *s) {
    size_t max = 0, off = 0, n = 0;
    OK(roomseal_sealer_max_sealed_codec_len(sealer, s->codec, s->len, &max));
    const size_t before = 3, cap = before + max;
    uint8_t *buf = guarded(cap);
    if (s->len > 0) {
        memcpy(buf + before, s->frame, s->len);
    }
    const roomseal_status want = s->in_place ? ROOMSEAL_OK : ROOMSEAL_ERR_WRONG_FORM;
    STATUS(roomseal_sealer_seal_codec_in_place(sealer, s->codec, METADATA, sizeof METADATA, buf, cap,
                                               before, s->len, &off, &n),
           want);
    CHECK(all_are(buf, before, FILL));
    if (!s->in_place) {
        return;
    }
    CHECK(max - s->len <= ROOMSEAL_MAX_TRAILER_LEN);
    EQUAL(off, before);
    EQUAL(n, max);
    OK(roomseal_opener_open_in_place(opener, ROOMSEAL_KIND_VIDEO, METADATA, sizeof METADATA, NULL, 0,
                                     buf + off, n, &off, &n));
    EQUAL(off, 0);
    EQUAL(n, s->len);
    CHECK(s->len == 0 || memcmp(buf + before, s->frame, s->len) == 0);
    /* One byte of tailroom less. */
    STATUS(roomseal_sealer_seal_codec_in_place(sealer, s->codec, METADATA, sizeof METADATA, buf,
                                               cap - 1, before, s->len, &off, &n),
           ROOMSEAL_ERR_BUFFER_TOO_SMALL);
}

static void every_codec(void) {
    for (uint32_t suite = 1; suite <= 4; suite++) {
        roomseal_room *alice = room_of(suite), *bob = room_of(suite);
        roomseal_sealer *sealer = test_sealer(alice, ROOMSEAL_KIND_VIDEO);
        roomseal_opener *opener = test_opener(bob);
        for (size_t i = 0; i < COUNT; i++) {
            apart(sealer, opener, &SAMPLES[i]);
            in_place(sealer, opener, &SAMPLES[i]);
        }
        EQUAL(test_counter(bob, ROOMSEAL_KIND_VIDEO, ROOMSEAL_COUNTER_NOT_AUTHENTIC), COUNT);
        roomseal_sealer_free(sealer);
        roomseal_opener_free(opener);
        roomseal_room_free(alice);
        roomseal_room_free(bob);
    }
}

/* What opens from input to output alone. */
static void not_in_place(void) {
    roomseal_room *alice = room_of(4), *bob = room_of(4);
    roomseal_sealer *sealer = test_sealer(alice, ROOMSEAL_KIND_VIDEO);
    roomseal_opener *opener = test_opener(bob);
    uint8_t sealed[300], copy[300];
    size_t n = 0, off = 0, len = 0;
    OK(roomseal_sealer_seal_codec(sealer, ROOMSEAL_CODEC_H264, H264, sizeof H264, NULL, 0, sealed,
                                  sizeof sealed, &n));
    memcpy(copy, sealed, n);
    STATUS(roomseal_opener_open_in_place(opener, ROOMSEAL_KIND_VIDEO, NULL, 0, NULL, 0, sealed, n,
                                         &off, &len),
           ROOMSEAL_ERR_WRONG_FORM);
    CHECK(memcmp(copy, sealed, n) == 0);
    /* The start code, the parameter sets and the slice headers are clear. */
    CHECK(memcmp(sealed, H264, 21) == 0);
    roomseal_sealer_free(sealer);
    roomseal_opener_free(opener);
    roomseal_room_free(alice);
    roomseal_room_free(bob);
}

static void detection(void) {
    uint32_t codec = 99;
    OK(roomseal_codec_detect_annex_b(H264, sizeof H264, &codec));
    EQUAL(codec, ROOMSEAL_CODEC_H264);
    OK(roomseal_codec_detect_annex_b(H265, sizeof H265, &codec));
    EQUAL(codec, ROOMSEAL_CODEC_H265);
    STATUS(roomseal_codec_detect_annex_b(AV1, sizeof AV1, &codec), ROOMSEAL_ERR_CODEC_MISMATCH);
    STATUS(roomseal_codec_detect_annex_b(NULL, 0, &codec), ROOMSEAL_ERR_CODEC_MISMATCH);
    EQUAL(codec, ROOMSEAL_CODEC_H265);
    STATUS(roomseal_peek_codec(H264, sizeof H264, &codec), ROOMSEAL_ERR_NOT_SEALED);
    EQUAL(roomseal_max_trailer_len(), ROOMSEAL_MAX_TRAILER_LEN);
}

static void wrong_calls(void) {
    roomseal_config *config = test_config();
    OK(roomseal_config_set_form(config, ROOMSEAL_KIND_MESSAGE, ROOMSEAL_FORM_CODEC));
    roomseal_room *room = NULL;
    STATUS(roomseal_room_new(config, &room), ROOMSEAL_ERR_WRONG_FORM);
    CHECK(room == NULL);
    roomseal_config_free(config);

    room = room_of(4);
    roomseal_sealer *video = test_sealer(room, ROOMSEAL_KIND_VIDEO);
    roomseal_sealer *audio = test_sealer(room, ROOMSEAL_KIND_AUDIO);
    uint8_t out[100];
    memset(out, FILL, sizeof out);
    size_t n = 7;
    STATUS(roomseal_sealer_seal(video, BYTES, 9, NULL, 0, out, 100, &n), ROOMSEAL_ERR_WRONG_FORM);
    STATUS(roomseal_sealer_seal_codec(audio, ROOMSEAL_CODEC_OPUS, BYTES, 9, NULL, 0, out, 100, &n),
           ROOMSEAL_ERR_WRONG_FORM);
    STATUS(roomseal_sealer_seal_codec(video, ROOMSEAL_CODEC_H264, BYTES, 9, NULL, 0, out, 100, &n),
           ROOMSEAL_ERR_CODEC_MISMATCH);
    STATUS(roomseal_sealer_max_sealed_codec_len(video, ROOMSEAL_CODEC_H264, SIZE_MAX - 9, &n),
           ROOMSEAL_ERR_TOO_LARGE);
    CHECK(all_are(out, sizeof out, FILL));
    EQUAL(n, 7);
    roomseal_sealer_free(video);
    roomseal_sealer_free(audio);
    roomseal_room_free(room);
}

int main(void) {
    every_codec();
    not_in_place();
    detection();
    wrong_calls();
    return test_done("codec");
}
