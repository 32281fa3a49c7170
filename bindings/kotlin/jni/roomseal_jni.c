/*
 * The native half of org.roomseal: every function of org.roomseal.Native, over
 * include/roomseal.h. It keeps no state, allocates nothing and attaches no thread.
 *
 * What comes back is the status negated, or a number that is not negative. Handles, KIDs and
 * epochs may have their top bit set, so they come back in a long[]: 64-bit Android tags its
 * pointers there.
 *
 * A buffer is an object, an offset and a length. Bits of `arrays` tell which objects are byte[]
 * and not direct ByteBuffers. The Kotlin half makes sure that offset and length lie within.
 */
#include "roomseal.h"

#include <jni.h>
#include <stdbool.h>

#define NATIVE(name) JNIEXPORT jlong JNICALL Java_org_roomseal_Native_##name

/* Bits of `arrays`, as in Native.kt. */
enum { FRAME = 1, METADATA = 2, OUT = 4 };

/* Handles pass as jlong. */
#define HANDLE(type, handle) ((roomseal_##type *)(uintptr_t)(handle))

static jlong number(roomseal_status status, uint64_t value) {
    return status == ROOMSEAL_OK ? (jlong)value : -(jlong)status;
}

/* Sets an element of a long[] to `value` on success. */
static jlong element(JNIEnv *env, roomseal_status status, jlongArray out, jint at, uint64_t value) {
    if (status == ROOMSEAL_OK) {
        jlong element = (jlong)value;
        (*env)->SetLongArrayRegion(env, out, at, 1, &element);
    }
    return -(jlong)status;
}

static jlong handle_out(JNIEnv *env, roomseal_status status, jlongArray out, const void *handle) {
    return element(env, status, out, 0, (uintptr_t)handle);
}

/* The offset of a frame in its buffer and its length, both below 2^31. */
static jlong place(roomseal_status status, size_t off, size_t len) {
    return number(status, (uint64_t)off << 32 | (uint64_t)len);
}

/* ----------------------------------------------------------------------------- Buffers */

/* Memory of the virtual machine while a call uses it. */
typedef struct {
    jobject object; /* NULL for none */
    bool array;
    uint8_t *base;
} memory;

static memory direct(JNIEnv *env, jobject object, bool array) {
    memory m = {object, array, NULL};
    if (object != NULL && !array) {
        m.base = (*env)->GetDirectBufferAddress(env, object);
    }
    return m;
}

/* From the first pin to the last unpin nothing else of JNI may be called. */
static bool pin(JNIEnv *env, memory *m) {
    if (m->object != NULL && m->array) {
        m->base = (*env)->GetPrimitiveArrayCritical(env, m->object, NULL);
        return m->base != NULL;
    }
    return true;
}

/* `mode`: 0 if it was written, JNI_ABORT if it was read. */
static void unpin(JNIEnv *env, const memory *m, jint mode) {
    if (m->object != NULL && m->array && m->base != NULL) {
        (*env)->ReleasePrimitiveArrayCritical(env, m->object, m->base, mode);
    }
}

static uint8_t *at(const memory *m, jint off) {
    return m->base == NULL ? NULL : m->base + off;
}

/* A frame call: what it reads, what it reads besides, what it writes. */
typedef struct {
    memory frame, metadata, out, source;
} buffers;

static bool take(JNIEnv *env, buffers *b, jint arrays, jobject frame, jobject metadata,
                 jobject out, jobject source) {
    b->frame = direct(env, frame, arrays & FRAME);
    b->metadata = direct(env, metadata, arrays & METADATA);
    b->out = direct(env, out, arrays & OUT);
    b->source = direct(env, source, false);
    if (arrays == 0) {
        return true;
    }
    if (pin(env, &b->frame) && pin(env, &b->metadata) && pin(env, &b->out)) {
        return true;
    }
    /* The virtual machine has thrown an OutOfMemoryError. */
    unpin(env, &b->metadata, JNI_ABORT);
    unpin(env, &b->frame, JNI_ABORT);
    return false;
}

static void give_back(JNIEnv *env, const buffers *b) {
    unpin(env, &b->out, 0);
    unpin(env, &b->metadata, JNI_ABORT);
    unpin(env, &b->frame, JNI_ABORT);
}

#define OUT_OF_MEMORY (-(jlong)ROOMSEAL_ERR_INTERNAL)

/* Small inputs that no frame call takes: copied to the stack. */
enum { MAX_SMALL = ROOMSEAL_SFRAME_MAX_BASE_KEY_LEN };
typedef struct {
    uint8_t bytes[MAX_SMALL + 1];
    size_t len;
} small;

/* What is too long for any call stays too long. */
static const uint8_t *copy(JNIEnv *env, small *copy, jbyteArray array) {
    jsize len = array == NULL ? 0 : (*env)->GetArrayLength(env, array);
    copy->len = len > MAX_SMALL ? MAX_SMALL + 1 : (size_t)len;
    if (len > 0) {
        (*env)->GetByteArrayRegion(env, array, 0, (jsize)copy->len, (jbyte *)copy->bytes);
    }
    return array == NULL ? NULL : copy->bytes;
}

static void wipe(small *copy) {
    volatile uint8_t *bytes = copy->bytes;
    for (size_t i = 0; i < copy->len; i++) {
        bytes[i] = 0;
    }
}

/* ------------------------------------------------------------------ Version and status */

NATIVE(abiVersion)(JNIEnv *env, jclass self) {
    (void)env, (void)self;
    return roomseal_abi_version();
}

JNIEXPORT jstring JNICALL Java_org_roomseal_Native_versionText(JNIEnv *env, jclass self) {
    (void)self;
    return (*env)->NewStringUTF(env, roomseal_version_text());
}

JNIEXPORT jstring JNICALL Java_org_roomseal_Native_statusText(JNIEnv *env, jclass self,
                                                              jint status) {
    (void)self;
    return (*env)->NewStringUTF(env, roomseal_status_text(status));
}

NATIVE(suiteTagLen)(JNIEnv *env, jclass self, jint suite) {
    (void)env, (void)self;
    size_t len = 0;
    roomseal_status status = roomseal_suite_tag_len((uint32_t)suite, &len);
    return number(status, len);
}

/* -------------------------------------------------------------------------------- Keys */

/* Keys lie in direct buffers of ROOMSEAL_KEY_LEN bytes: nothing moves or copies them. */
static uint8_t *key_at(JNIEnv *env, jobject key) {
    return (*env)->GetDirectBufferAddress(env, key);
}

NATIVE(keyRandom)(JNIEnv *env, jclass self, jobject key) {
    (void)self;
    return -(jlong)roomseal_key_random(key_at(env, key), ROOMSEAL_KEY_LEN);
}

NATIVE(keyRatchet)(JNIEnv *env, jclass self, jobject key, jlong epoch, jobject next) {
    (void)self;
    return -(jlong)roomseal_key_ratchet(key_at(env, key), ROOMSEAL_KEY_LEN, (uint64_t)epoch,
                                        key_at(env, next), ROOMSEAL_KEY_LEN);
}

NATIVE(keyFromText)(JNIEnv *env, jclass self, jboolean hex, jbyteArray text, jobject key) {
    (void)self;
    small in;
    const char *start = (const char *)copy(env, &in, text);
    uint8_t *out = key_at(env, key);
    roomseal_status status = hex ? roomseal_key_from_hex(start, in.len, out, ROOMSEAL_KEY_LEN)
                                 : roomseal_key_from_base64(start, in.len, out, ROOMSEAL_KEY_LEN);
    wipe(&in);
    return -(jlong)status;
}

/* The text of a key or its fingerprint, in ASCII. */
enum { KEY_HEX, KEY_BASE64, KEY_FINGERPRINT };
NATIVE(keyToText)(JNIEnv *env, jclass self, jint what, jobject key, jbyteArray text) {
    (void)self;
    const uint8_t *start = key_at(env, key);
    small out = {.len = MAX_SMALL};
    char *chars = (char *)out.bytes;
    roomseal_status status;
    jsize len;
    if (what == KEY_HEX) {
        status = roomseal_key_to_hex(start, ROOMSEAL_KEY_LEN, chars, MAX_SMALL);
        len = ROOMSEAL_KEY_HEX_LEN;
    } else if (what == KEY_BASE64) {
        status = roomseal_key_to_base64(start, ROOMSEAL_KEY_LEN, chars, MAX_SMALL);
        len = ROOMSEAL_KEY_BASE64_LEN;
    } else {
        status = roomseal_key_fingerprint(start, ROOMSEAL_KEY_LEN, chars, MAX_SMALL);
        len = ROOMSEAL_FINGERPRINT_LEN;
    }
    if (status == ROOMSEAL_OK) {
        (*env)->SetByteArrayRegion(env, text, 0, len, (const jbyte *)out.bytes);
    }
    wipe(&out);
    return -(jlong)status;
}

/* ---------------------------------------------------------------------- Configurations */

NATIVE(configNew)(JNIEnv *env, jclass self, jlongArray out) {
    (void)self;
    roomseal_config *config = NULL;
    roomseal_status status = roomseal_config_new(&config);
    return handle_out(env, status, out, config);
}

/* `which`: 0 the application, 1 the room, 2 the call. */
NATIVE(configIdNumber)(JNIEnv *env, jclass self, jlong config, jint which, jlong id) {
    (void)env, (void)self;
    const roomseal_config *c = HANDLE(config, config);
    return -(jlong)(which == 0   ? roomseal_config_set_app_id_number(c, (uint64_t)id)
                    : which == 1 ? roomseal_config_set_room_id_number(c, (uint64_t)id)
                                 : roomseal_config_set_call_id_number(c, (uint64_t)id));
}

NATIVE(configIdText)(JNIEnv *env, jclass self, jlong config, jint which, jbyteArray id) {
    (void)self;
    const roomseal_config *c = HANDLE(config, config);
    small in;
    const char *text = (const char *)copy(env, &in, id);
    return -(jlong)(which == 0   ? roomseal_config_set_app_id_text(c, text, in.len)
                    : which == 1 ? roomseal_config_set_room_id_text(c, text, in.len)
                                 : roomseal_config_set_call_id_text(c, text, in.len));
}

NATIVE(configSuite)(JNIEnv *env, jclass self, jlong config, jint kind, jint suite) {
    (void)env, (void)self;
    return -(jlong)roomseal_config_set_suite(HANDLE(config, config), (uint32_t)kind,
                                             (uint32_t)suite);
}

NATIVE(configForm)(JNIEnv *env, jclass self, jlong config, jint kind, jint form) {
    (void)env, (void)self;
    return -(jlong)roomseal_config_set_form(HANDLE(config, config), (uint32_t)kind,
                                            (uint32_t)form);
}

NATIVE(configReplayWindow)(JNIEnv *env, jclass self, jlong config, jint frames) {
    (void)env, (void)self;
    return -(jlong)roomseal_config_set_replay_window(HANDLE(config, config), (size_t)frames);
}

NATIVE(configMaxStreams)(JNIEnv *env, jclass self, jlong config, jint kind, jint streams) {
    (void)env, (void)self;
    return -(jlong)roomseal_config_set_max_streams(HANDLE(config, config), (uint32_t)kind,
                                                   (size_t)streams);
}

NATIVE(configMaxFrameLen)(JNIEnv *env, jclass self, jlong config, jint bytes) {
    (void)env, (void)self;
    return -(jlong)roomseal_config_set_max_frame_len(HANDLE(config, config), (size_t)bytes);
}

enum { ALLOW_FOUR_BYTE_TAGS, OPEN_ONLY, REFUSE_ON_MEMORY_LOSS, DROP_SUSPECT_KEYS };
NATIVE(configOption)(JNIEnv *env, jclass self, jlong config, jint option) {
    (void)env, (void)self;
    const roomseal_config *c = HANDLE(config, config);
    roomseal_status status = ROOMSEAL_ERR_INVALID_ARGUMENT;
    switch (option) {
    case ALLOW_FOUR_BYTE_TAGS:
        status = roomseal_config_allow_four_byte_tags(c);
        break;
    case OPEN_ONLY:
        status = roomseal_config_set_open_only(c);
        break;
    case REFUSE_ON_MEMORY_LOSS:
        status = roomseal_config_refuse_new_streams_on_memory_loss(c);
        break;
    case DROP_SUSPECT_KEYS:
        status = roomseal_config_drop_suspect_keys(c);
        break;
    }
    return -(jlong)status;
}

/* ------------------------------------------------------------------------------- Rooms */

enum { CONFIG, ROOM, SEALER, OPENER, SFRAME_SENDER, SFRAME_RECEIVER };
/* Nobody uses the handle: see Handle.kt. */
JNIEXPORT void JNICALL Java_org_roomseal_Native_free(JNIEnv *env, jclass self, jint type,
                                                     jlong handle) {
    (void)env, (void)self;
    switch (type) {
    case CONFIG:
        roomseal_config_free(HANDLE(config, handle));
        break;
    case ROOM:
        roomseal_room_free(HANDLE(room, handle));
        break;
    case SEALER:
        roomseal_sealer_free(HANDLE(sealer, handle));
        break;
    case OPENER:
        roomseal_opener_free(HANDLE(opener, handle));
        break;
    case SFRAME_SENDER:
        roomseal_sframe_sender_free(HANDLE(sframe_sender, handle));
        break;
    case SFRAME_RECEIVER:
        roomseal_sframe_receiver_free(HANDLE(sframe_receiver, handle));
        break;
    }
}

NATIVE(roomNew)(JNIEnv *env, jclass self, jlong config, jlongArray out) {
    (void)self;
    roomseal_room *room = NULL;
    roomseal_status status = roomseal_room_new(HANDLE(config, config), &room);
    return handle_out(env, status, out, room);
}

NATIVE(roomClose)(JNIEnv *env, jclass self, jlong room) {
    (void)env, (void)self;
    return -(jlong)roomseal_room_close(HANDLE(room, room));
}

NATIVE(roomInstall)(JNIEnv *env, jclass self, jlong room, jlong epoch, jobject key,
                    jbyteArray salt) {
    (void)self;
    small in;
    const uint8_t *start = copy(env, &in, salt);
    const uint8_t *bytes = key_at(env, key);
    roomseal_status status = roomseal_room_install(HANDLE(room, room), (uint64_t)epoch, bytes,
                                                   ROOMSEAL_KEY_LEN, start, in.len);
    wipe(&in);
    return -(jlong)status;
}

NATIVE(roomActivate)(JNIEnv *env, jclass self, jlong room, jlong epoch) {
    (void)env, (void)self;
    return -(jlong)roomseal_room_activate(HANDLE(room, room), (uint64_t)epoch);
}

NATIVE(roomRetire)(JNIEnv *env, jclass self, jlong room, jlong epoch) {
    (void)env, (void)self;
    return -(jlong)roomseal_room_retire(HANDLE(room, room), (uint64_t)epoch);
}

NATIVE(roomRatchet)(JNIEnv *env, jclass self, jlong room, jlong epoch, jlongArray out) {
    (void)self;
    uint64_t next = 0;
    roomseal_status status = roomseal_room_ratchet(HANDLE(room, room), (uint64_t)epoch, &next);
    return element(env, status, out, 0, next);
}

NATIVE(roomEpochs)(JNIEnv *env, jclass self, jlong room, jlongArray out) {
    (void)self;
    uint64_t epochs[ROOMSEAL_MAX_EPOCHS];
    size_t count = 0;
    roomseal_status status =
        roomseal_room_epochs(HANDLE(room, room), epochs, ROOMSEAL_MAX_EPOCHS, &count);
    for (size_t i = 0; i < count; i++) {
        (void)element(env, status, out, (jint)i, epochs[i]);
    }
    return number(status, count);
}

NATIVE(roomActiveEpoch)(JNIEnv *env, jclass self, jlong room, jlongArray out) {
    (void)self;
    uint64_t epoch = 0;
    roomseal_status status = roomseal_room_active_epoch(HANDLE(room, room), &epoch);
    return element(env, status, out, 0, epoch);
}

NATIVE(roomAcceptClearFrames)(JNIEnv *env, jclass self, jlong room, jint kind, jlong seconds) {
    (void)env, (void)self;
    return -(jlong)roomseal_room_accept_clear_frames_dangerously(
        HANDLE(room, room), (uint32_t)kind, (uint64_t)seconds);
}

NATIVE(roomMaxMessageLen)(JNIEnv *env, jclass self, jlong room, jint limit, jboolean text) {
    (void)env, (void)self;
    size_t len = 0;
    const roomseal_room *r = HANDLE(room, room);
    roomseal_status status = text ? roomseal_room_max_text_message_len(r, (size_t)limit, &len)
                                  : roomseal_room_max_message_len(r, (size_t)limit, &len);
    return number(status, len);
}

/* ---------------------------------------------------------------------------- Counters */

NATIVE(roomCounter)(JNIEnv *env, jclass self, jlong room, jint kind, jint counter) {
    (void)env, (void)self;
    uint64_t value = 0;
    roomseal_status status =
        roomseal_room_counter(HANDLE(room, room), (uint32_t)kind, (uint32_t)counter, &value);
    return number(status, value);
}

NATIVE(roomLastEpoch)(JNIEnv *env, jclass self, jlong room, jint kind, jlongArray out) {
    (void)self;
    uint64_t epoch = 0;
    roomseal_status status = roomseal_room_last_epoch(HANDLE(room, room), (uint32_t)kind, &epoch);
    return element(env, status, out, 0, epoch);
}

NATIVE(roomStreamCount)(JNIEnv *env, jclass self, jlong room, jint kind) {
    (void)env, (void)self;
    size_t count = 0;
    roomseal_status status =
        roomseal_room_stream_count(HANDLE(room, room), (uint32_t)kind, &count);
    return number(status, count);
}

NATIVE(roomStreams)(JNIEnv *env, jclass self, jlong room, jint kind, jlongArray out) {
    (void)self;
    size_t cap = (size_t)(*env)->GetArrayLength(env, out), count = 0;
    jlong *kids = (*env)->GetLongArrayElements(env, out, NULL);
    if (kids == NULL) {
        return OUT_OF_MEMORY;
    }
    roomseal_status status = roomseal_room_streams(HANDLE(room, room), (uint32_t)kind,
                                                   (uint64_t *)kids, cap, &count);
    (*env)->ReleaseLongArrayElements(env, out, kids, 0);
    return number(status, count);
}

NATIVE(roomStreamCounter)(JNIEnv *env, jclass self, jlong room, jint kind, jlong kid,
                          jint counter) {
    (void)env, (void)self;
    uint64_t value = 0;
    roomseal_status status = roomseal_room_stream_counter(
        HANDLE(room, room), (uint32_t)kind, (uint64_t)kid, (uint32_t)counter, &value);
    return number(status, value);
}

NATIVE(roomStreamLastEpoch)(JNIEnv *env, jclass self, jlong room, jint kind, jlong kid,
                            jlongArray out) {
    (void)self;
    uint64_t epoch = 0;
    roomseal_status status = roomseal_room_stream_last_epoch(HANDLE(room, room), (uint32_t)kind,
                                                             (uint64_t)kid, &epoch);
    return element(env, status, out, 0, epoch);
}

NATIVE(roomStreamSource)(JNIEnv *env, jclass self, jlong room, jint kind, jlong kid,
                         jbyteArray out) {
    (void)self;
    char source[ROOMSEAL_MAX_SOURCE_LEN];
    size_t len = 0;
    roomseal_status status = roomseal_room_stream_source(
        HANDLE(room, room), (uint32_t)kind, (uint64_t)kid, source, sizeof source, &len);
    if (status == ROOMSEAL_OK && len > 0) {
        (*env)->SetByteArrayRegion(env, out, 0, (jsize)len, (const jbyte *)source);
    }
    return number(status, len);
}

/* ----------------------------------------------------------------------------- Sealers */

NATIVE(sealerNew)(JNIEnv *env, jclass self, jlong room, jint kind, jlongArray out) {
    (void)self;
    roomseal_sealer *sealer = NULL;
    roomseal_status status = roomseal_sealer_new(HANDLE(room, room), (uint32_t)kind, &sealer);
    return handle_out(env, status, out, sealer);
}

NATIVE(sealerKid)(JNIEnv *env, jclass self, jlong sealer, jlongArray out) {
    (void)self;
    uint64_t kid = 0;
    roomseal_status status = roomseal_sealer_kid(HANDLE(sealer, sealer), &kid);
    return element(env, status, out, 0, kid);
}

NATIVE(sealerTagLen)(JNIEnv *env, jclass self, jlong sealer) {
    (void)env, (void)self;
    size_t len = 0;
    roomseal_status status = roomseal_sealer_tag_len(HANDLE(sealer, sealer), &len);
    return number(status, len);
}

NATIVE(sealerSealedLen)(JNIEnv *env, jclass self, jlong sealer, jint frame_len, jboolean text) {
    (void)env, (void)self;
    size_t len = 0;
    const roomseal_sealer *s = HANDLE(sealer, sealer);
    roomseal_status status = text ? roomseal_sealer_sealed_text_len(s, (size_t)frame_len, &len)
                                  : roomseal_sealer_sealed_len(s, (size_t)frame_len, &len);
    return number(status, len);
}

NATIVE(sealerSeal)(JNIEnv *env, jclass self, jlong sealer, jint arrays, jobject frame,
                   jint frame_off, jint frame_len, jobject metadata, jint metadata_off,
                   jint metadata_len, jobject out, jint out_off, jint out_cap) {
    (void)self;
    buffers b;
    size_t len = 0;
    if (!take(env, &b, arrays, frame, metadata, out, NULL)) {
        return OUT_OF_MEMORY;
    }
    roomseal_status status = roomseal_sealer_seal(
        HANDLE(sealer, sealer), at(&b.frame, frame_off), (size_t)frame_len,
        at(&b.metadata, metadata_off), (size_t)metadata_len, at(&b.out, out_off), (size_t)out_cap,
        &len);
    if (arrays != 0) {
        give_back(env, &b);
    }
    return number(status, len);
}

/* `buf` is all of a buffer, whose beginning is `buf_off` in its array. */
NATIVE(sealerSealInPlace)(JNIEnv *env, jclass self, jlong sealer, jint arrays, jobject metadata,
                          jint metadata_off, jint metadata_len, jobject buf, jint buf_off,
                          jint buf_cap, jint frame_off, jint frame_len) {
    (void)self;
    buffers b;
    size_t off = 0, len = 0;
    if (!take(env, &b, arrays, NULL, metadata, buf, NULL)) {
        return OUT_OF_MEMORY;
    }
    roomseal_status status = roomseal_sealer_seal_in_place(
        HANDLE(sealer, sealer), at(&b.metadata, metadata_off), (size_t)metadata_len,
        at(&b.out, buf_off), (size_t)buf_cap, (size_t)frame_off, (size_t)frame_len, &off, &len);
    if (arrays != 0) {
        give_back(env, &b);
    }
    return place(status, off, len);
}

NATIVE(sealerSealText)(JNIEnv *env, jclass self, jlong sealer, jint arrays, jobject message,
                       jint message_off, jint message_len, jobject metadata, jint metadata_off,
                       jint metadata_len, jbyteArray text) {
    (void)self;
    buffers b;
    size_t len = 0, cap = (size_t)(*env)->GetArrayLength(env, text);
    if (!take(env, &b, arrays, message, metadata, text, NULL)) {
        return OUT_OF_MEMORY;
    }
    roomseal_status status = roomseal_sealer_seal_text(
        HANDLE(sealer, sealer), at(&b.frame, message_off), (size_t)message_len,
        at(&b.metadata, metadata_off), (size_t)metadata_len, (char *)at(&b.out, 0), cap, &len);
    give_back(env, &b);
    return number(status, len);
}

NATIVE(sealerMaxSealedCodecLen)(JNIEnv *env, jclass self, jlong sealer, jint codec,
                                jint frame_len) {
    (void)env, (void)self;
    size_t len = 0;
    roomseal_status status = roomseal_sealer_max_sealed_codec_len(
        HANDLE(sealer, sealer), (uint32_t)codec, (size_t)frame_len, &len);
    return number(status, len);
}

NATIVE(sealerSealCodec)(JNIEnv *env, jclass self, jlong sealer, jint codec, jint arrays,
                        jobject frame, jint frame_off, jint frame_len, jobject metadata,
                        jint metadata_off, jint metadata_len, jobject out, jint out_off,
                        jint out_cap) {
    (void)self;
    buffers b;
    size_t len = 0;
    if (!take(env, &b, arrays, frame, metadata, out, NULL)) {
        return OUT_OF_MEMORY;
    }
    roomseal_status status = roomseal_sealer_seal_codec(
        HANDLE(sealer, sealer), (uint32_t)codec, at(&b.frame, frame_off), (size_t)frame_len,
        at(&b.metadata, metadata_off), (size_t)metadata_len, at(&b.out, out_off), (size_t)out_cap,
        &len);
    if (arrays != 0) {
        give_back(env, &b);
    }
    return number(status, len);
}

NATIVE(sealerSealCodecInPlace)(JNIEnv *env, jclass self, jlong sealer, jint codec, jint arrays,
                               jobject metadata, jint metadata_off, jint metadata_len,
                               jobject buf, jint buf_off, jint buf_cap, jint frame_off,
                               jint frame_len) {
    (void)self;
    buffers b;
    size_t off = 0, len = 0;
    if (!take(env, &b, arrays, NULL, metadata, buf, NULL)) {
        return OUT_OF_MEMORY;
    }
    roomseal_status status = roomseal_sealer_seal_codec_in_place(
        HANDLE(sealer, sealer), (uint32_t)codec, at(&b.metadata, metadata_off),
        (size_t)metadata_len, at(&b.out, buf_off), (size_t)buf_cap, (size_t)frame_off,
        (size_t)frame_len, &off, &len);
    if (arrays != 0) {
        give_back(env, &b);
    }
    return place(status, off, len);
}

/* ----------------------------------------------------------------------------- Openers */

NATIVE(openerNew)(JNIEnv *env, jclass self, jlong room, jlongArray out) {
    (void)self;
    roomseal_opener *opener = NULL;
    roomseal_status status = roomseal_opener_new(HANDLE(room, room), &opener);
    return handle_out(env, status, out, opener);
}

NATIVE(openerOpenedLen)(JNIEnv *env, jclass self, jlong opener, jint kind, jint frame_len) {
    (void)env, (void)self;
    size_t len = 0;
    roomseal_status status = roomseal_opener_opened_len(HANDLE(opener, opener), (uint32_t)kind,
                                                        (size_t)frame_len, &len);
    return number(status, len);
}

NATIVE(openerOpen)(JNIEnv *env, jclass self, jlong opener, jint kind, jint arrays, jobject frame,
                   jint frame_off, jint frame_len, jobject metadata, jint metadata_off,
                   jint metadata_len, jobject source, jint source_len, jobject out, jint out_off,
                   jint out_cap) {
    (void)self;
    buffers b;
    size_t len = 0;
    if (!take(env, &b, arrays, frame, metadata, out, source)) {
        return OUT_OF_MEMORY;
    }
    roomseal_status status = roomseal_opener_open(
        HANDLE(opener, opener), (uint32_t)kind, at(&b.frame, frame_off), (size_t)frame_len,
        at(&b.metadata, metadata_off), (size_t)metadata_len, (const char *)at(&b.source, 0),
        (size_t)source_len, at(&b.out, out_off), (size_t)out_cap, &len);
    if (arrays != 0) {
        give_back(env, &b);
    }
    return number(status, len);
}

NATIVE(openerOpenInPlace)(JNIEnv *env, jclass self, jlong opener, jint kind, jint arrays,
                          jobject metadata, jint metadata_off, jint metadata_len, jobject source,
                          jint source_len, jobject frame, jint frame_off, jint frame_len) {
    (void)self;
    buffers b;
    size_t off = 0, len = 0;
    if (!take(env, &b, arrays, NULL, metadata, frame, source)) {
        return OUT_OF_MEMORY;
    }
    roomseal_status status = roomseal_opener_open_in_place(
        HANDLE(opener, opener), (uint32_t)kind, at(&b.metadata, metadata_off),
        (size_t)metadata_len, (const char *)at(&b.source, 0), (size_t)source_len,
        at(&b.out, frame_off), (size_t)frame_len, &off, &len);
    if (arrays != 0) {
        give_back(env, &b);
    }
    return place(status, off, len);
}

NATIVE(openerTextCap)(JNIEnv *env, jclass self, jint text_len) {
    (void)env, (void)self;
    size_t cap = 0;
    roomseal_status status = roomseal_opener_text_cap((size_t)text_len, &cap);
    return number(status, cap);
}

NATIVE(openerOpenText)(JNIEnv *env, jclass self, jlong opener, jint arrays, jbyteArray text,
                       jobject metadata, jint metadata_off, jint metadata_len, jobject source,
                       jint source_len, jbyteArray out) {
    (void)self;
    buffers b;
    size_t len = 0;
    size_t text_len = (size_t)(*env)->GetArrayLength(env, text);
    size_t cap = (size_t)(*env)->GetArrayLength(env, out);
    if (!take(env, &b, arrays, text, metadata, out, source)) {
        return OUT_OF_MEMORY;
    }
    roomseal_status status = roomseal_opener_open_text(
        HANDLE(opener, opener), (const char *)at(&b.frame, 0), text_len,
        at(&b.metadata, metadata_off), (size_t)metadata_len, (const char *)at(&b.source, 0),
        (size_t)source_len, at(&b.out, 0), cap, &len);
    give_back(env, &b);
    return number(status, len);
}

/* ----------------------------------------------------------------------------- Headers */

/* `form` below 0: any SFrame frame. Sets KID, CTR and, in a room's frame, the epoch nibble. */
NATIVE(peek)(JNIEnv *env, jclass self, jint form, jint arrays, jobject frame, jint frame_off,
             jint frame_len, jlongArray out) {
    (void)self;
    buffers b;
    uint64_t kid = 0, ctr = 0;
    uint32_t nibble = 0;
    if (!take(env, &b, arrays, frame, NULL, NULL, NULL)) {
        return OUT_OF_MEMORY;
    }
    const uint8_t *start = at(&b.frame, frame_off);
    roomseal_status status =
        form < 0 ? roomseal_sframe_peek(start, (size_t)frame_len, &kid, &ctr)
                 : roomseal_peek((uint32_t)form, start, (size_t)frame_len, &kid, &ctr, &nibble);
    give_back(env, &b);
    (void)element(env, status, out, 0, kid);
    (void)element(env, status, out, 1, ctr);
    return element(env, status, out, 2, nibble);
}

/* The codec of a sealed frame of the codec form, or of a clear one by its NAL unit headers. */
NATIVE(codecOf)(JNIEnv *env, jclass self, jboolean sealed, jint arrays, jobject frame,
                jint frame_off, jint frame_len) {
    (void)self;
    buffers b;
    uint32_t codec = 0;
    if (!take(env, &b, arrays, frame, NULL, NULL, NULL)) {
        return OUT_OF_MEMORY;
    }
    const uint8_t *start = at(&b.frame, frame_off);
    roomseal_status status = sealed
                                 ? roomseal_peek_codec(start, (size_t)frame_len, &codec)
                                 : roomseal_codec_detect_annex_b(start, (size_t)frame_len, &codec);
    give_back(env, &b);
    return number(status, codec);
}

/* ------------------------------------------------------------------------ Plain SFrame */

NATIVE(sframeKey)(JNIEnv *env, jclass self, jboolean for_ssrc, jbyteArray base_key, jint ssrc,
                  jbyteArray out) {
    (void)self;
    small in, key = {.len = ROOMSEAL_SFRAME_BASE_KEY_LEN};
    const uint8_t *start = copy(env, &in, base_key);
    roomseal_status status =
        for_ssrc ? roomseal_sframe_key_for_ssrc(start, in.len, (uint32_t)ssrc, key.bytes, key.len)
                 : roomseal_sframe_key_ratchet(start, in.len, key.bytes, key.len);
    if (status == ROOMSEAL_OK) {
        (*env)->SetByteArrayRegion(env, out, 0, (jsize)key.len, (const jbyte *)key.bytes);
    }
    wipe(&key);
    wipe(&in);
    return -(jlong)status;
}

NATIVE(sframeSenderNew)(JNIEnv *env, jclass self, jint suite, jlong kid, jbyteArray base_key,
                        jlongArray out) {
    (void)self;
    roomseal_sframe_sender *sender = NULL;
    small in;
    const uint8_t *start = copy(env, &in, base_key);
    roomseal_status status =
        roomseal_sframe_sender_new((uint32_t)suite, (uint64_t)kid, start, in.len, &sender);
    wipe(&in);
    return handle_out(env, status, out, sender);
}

NATIVE(sframeSenderSkipTo)(JNIEnv *env, jclass self, jlong sender, jlong ctr) {
    (void)env, (void)self;
    return -(jlong)roomseal_sframe_sender_skip_to(HANDLE(sframe_sender, sender), (uint64_t)ctr);
}

NATIVE(sframeSenderNextCtr)(JNIEnv *env, jclass self, jlong sender, jlongArray out) {
    (void)self;
    uint64_t ctr = 0;
    roomseal_status status = roomseal_sframe_sender_next_ctr(HANDLE(sframe_sender, sender), &ctr);
    return element(env, status, out, 0, ctr);
}

NATIVE(sframeSenderSeal)(JNIEnv *env, jclass self, jlong sender, jint arrays, jobject frame,
                         jint frame_off, jint frame_len, jobject metadata, jint metadata_off,
                         jint metadata_len, jobject out, jint out_off, jint out_cap) {
    (void)self;
    buffers b;
    size_t len = 0;
    if (!take(env, &b, arrays, frame, metadata, out, NULL)) {
        return OUT_OF_MEMORY;
    }
    roomseal_status status = roomseal_sframe_sender_seal(
        HANDLE(sframe_sender, sender), at(&b.frame, frame_off), (size_t)frame_len,
        at(&b.metadata, metadata_off), (size_t)metadata_len, at(&b.out, out_off), (size_t)out_cap,
        &len);
    give_back(env, &b);
    return number(status, len);
}

NATIVE(sframeReceiverNew)(JNIEnv *env, jclass self, jint suite, jint window, jlongArray out) {
    (void)self;
    roomseal_sframe_receiver *receiver = NULL;
    roomseal_status status =
        roomseal_sframe_receiver_new((uint32_t)suite, (size_t)window, &receiver);
    return handle_out(env, status, out, receiver);
}

NATIVE(sframeReceiverAdd)(JNIEnv *env, jclass self, jlong receiver, jlong kid,
                          jbyteArray base_key) {
    (void)self;
    small in;
    const uint8_t *start = copy(env, &in, base_key);
    roomseal_status status = roomseal_sframe_receiver_add(HANDLE(sframe_receiver, receiver),
                                                          (uint64_t)kid, start, in.len);
    wipe(&in);
    return -(jlong)status;
}

NATIVE(sframeReceiverRemove)(JNIEnv *env, jclass self, jlong receiver, jlong kid) {
    (void)env, (void)self;
    return -(jlong)roomseal_sframe_receiver_remove(HANDLE(sframe_receiver, receiver),
                                                   (uint64_t)kid);
}

NATIVE(sframeReceiverOpen)(JNIEnv *env, jclass self, jlong receiver, jint arrays, jobject frame,
                           jint frame_off, jint frame_len, jobject metadata, jint metadata_off,
                           jint metadata_len, jobject out, jint out_off, jint out_cap) {
    (void)self;
    buffers b;
    size_t len = 0;
    if (!take(env, &b, arrays, frame, metadata, out, NULL)) {
        return OUT_OF_MEMORY;
    }
    roomseal_status status = roomseal_sframe_receiver_open(
        HANDLE(sframe_receiver, receiver), at(&b.frame, frame_off), (size_t)frame_len,
        at(&b.metadata, metadata_off), (size_t)metadata_len, at(&b.out, out_off), (size_t)out_cap,
        &len);
    give_back(env, &b);
    return number(status, len);
}
