/*
 * The shim as it is, and what tests need beside it: loops over the C interface, to compare with,
 * and a fork.
 */
#define _POSIX_C_SOURCE 200809L
#include "../jni/roomseal_jni.c"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEST(name) JNIEXPORT jlong JNICALL Java_org_roomseal_TestNative_##name

/* Of this thread alone: other programs don't count. */
static jlong nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (jlong)now.tv_sec * 1000000000 + now.tv_nsec;
}

TEST(now)(JNIEnv *env, jclass self) {
    (void)env, (void)self;
    return nanoseconds();
}

/* Seals `frames` frames of `len` bytes. Returns the time it took, or a status negated. */
TEST(sealLoop)(JNIEnv *env, jclass self, jlong sealer, jint frames, jint len) {
    (void)env, (void)self;
    uint8_t frame[4096] = {1}, sealed[4096 + ROOMSEAL_MAX_OVERHEAD];
    size_t n = 0;
    jlong start = nanoseconds();
    for (jint i = 0; i < frames; i++) {
        roomseal_status status = roomseal_sealer_seal(HANDLE(sealer, sealer), frame, (size_t)len,
                                                      NULL, 0, sealed, sizeof sealed, &n);
        if (status != ROOMSEAL_OK) {
            return -status;
        }
    }
    return nanoseconds() - start;
}

/* Opens frames that stand one after the other, each of `len` bytes, in a direct buffer. */
TEST(openLoop)(JNIEnv *env, jclass self, jlong opener, jobject frames, jint count, jint len) {
    (void)self;
    const uint8_t *sealed = (*env)->GetDirectBufferAddress(env, frames);
    uint8_t opened[4096];
    size_t n = 0;
    jlong start = nanoseconds();
    for (jint i = 0; i < count; i++) {
        roomseal_status status =
            roomseal_opener_open(HANDLE(opener, opener), ROOMSEAL_KIND_AUDIO,
                                 sealed + (size_t)i * (size_t)len, (size_t)len, NULL, 0, NULL, 0,
                                 opened, sizeof opened, &n);
        if (status != ROOMSEAL_OK) {
            return -status;
        }
    }
    return nanoseconds() - start;
}

/* What sealing says in a child process. Nothing of the virtual machine may be used there. */
TEST(sealInChild)(JNIEnv *env, jclass self, jlong sealer) {
    (void)env, (void)self;
    pid_t child = fork();
    if (child == 0) {
        uint8_t frame[8] = {0}, sealed[8 + ROOMSEAL_MAX_OVERHEAD];
        size_t n = 0;
        _exit(roomseal_sealer_seal(HANDLE(sealer, sealer), frame, sizeof frame, NULL, 0, sealed,
                                   sizeof sealed, &n));
    }
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        return -1;
    }
    return WEXITSTATUS(status);
}
