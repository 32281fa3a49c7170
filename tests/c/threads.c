/* Threads seal and open through shared handles while another one rotates keys
   and closes the rooms; and while rooms are closed again and again. */
#define _POSIX_C_SOURCE 200809L
#include "test.h"

#include <pthread.h>
#include <time.h>
#ifdef __cplusplus
#include <atomic>
using std::atomic_fetch_add;
using std::atomic_ulong;
#else
#include <stdatomic.h>
#endif

enum { WORKERS = 8, EPOCHS = 60, CLOSINGS = 60, LEN = 100, SEALED = LEN + ROOMSEAL_MAX_OVERHEAD };

static roomseal_room *alice, *bob;
static roomseal_sealer *shared;
static roomseal_opener *opener;
static atomic_ulong opened_frames, refused_frames, wrong;

static void note(bool right) {
    if (!right) {
        atomic_fetch_add(&wrong, 1);
    }
}

/* What a frame may meet while keys come and go. Of the shared sealer, more frames
   than a replay window holds may pass while this thread waits for its turn. */
static bool may_happen(roomseal_status status, const roomseal_sealer *sealer) {
    return status == ROOMSEAL_ERR_NO_ACTIVE_EPOCH || status == ROOMSEAL_ERR_UNKNOWN_KEY ||
           status == ROOMSEAL_ERR_CLOSED ||
           (status == ROOMSEAL_ERR_TOO_OLD && sealer == shared);
}

/* Frames through the shared sealer and one of its own, in turn; each must open
   once, as it was, or be refused for a reason that rotation gives. */
static void *work(void *argument) {
    const uint8_t id = (uint8_t)(uintptr_t)argument;
    roomseal_sealer *own = NULL;
    note(roomseal_sealer_new(alice, ROOMSEAL_KIND_AUDIO, &own) == ROOMSEAL_OK);
    for (unsigned round = 0;; round++) {
        const roomseal_sealer *sealer = round % 2 ? shared : own;
        uint8_t frame[LEN], sealed[SEALED], again[SEALED];
        uint8_t buf[SEALED];
        size_t n = 0, off = 0, len = 0;
        memset(frame, id ^ (uint8_t)round, LEN);
        roomseal_status status;
        if (round % 3) {
            status = roomseal_sealer_seal(sealer, frame, LEN, &id, 1, sealed, SEALED, &n);
        } else {
            memcpy(sealed + ROOMSEAL_HEADER_LEN, frame, LEN);
            status = roomseal_sealer_seal_in_place(sealer, &id, 1, sealed, SEALED,
                                                   ROOMSEAL_HEADER_LEN, LEN, &off, &n);
            note(off == 0);
        }
        if (status == ROOMSEAL_ERR_CLOSED) {
            break;
        }
        if (status != ROOMSEAL_OK) {
            note(may_happen(status, sealer));
            continue;
        }
        note(n == SEALED);
        memcpy(again, sealed, SEALED);
        status = roomseal_opener_open(opener, ROOMSEAL_KIND_AUDIO, sealed, n, &id, 1, NULL, 0, buf,
                                      LEN, &len);
        if (status == ROOMSEAL_OK) {
            atomic_fetch_add(&opened_frames, 1);
            note(len == LEN && memcmp(buf, frame, LEN) == 0);
            /* A second time is a replay, unless its key went meanwhile. */
            status = roomseal_opener_open_in_place(opener, ROOMSEAL_KIND_AUDIO, &id, 1, NULL, 0,
                                                   again, SEALED, &off, &len);
            note(status == ROOMSEAL_ERR_REPLAY || may_happen(status, sealer));
        } else {
            atomic_fetch_add(&refused_frames, 1);
            note(may_happen(status, sealer));
        }
    }
    roomseal_sealer_free(own);
    return NULL;
}

/* Reads what an application may poll. */
static void *poll_counters(void *nothing) {
    uint64_t last = 0;
    roomseal_status status;
    do {
        uint64_t value = 0, kids[64];
        size_t count = 0;
        note(roomseal_room_counter(bob, ROOMSEAL_KIND_AUDIO, ROOMSEAL_COUNTER_OPENED, &value) ==
             ROOMSEAL_OK);
        note(value >= last);
        last = value;
        status = roomseal_room_streams(bob, ROOMSEAL_KIND_AUDIO, kids, 64, &count);
        note(status == ROOMSEAL_OK || status == ROOMSEAL_ERR_BUFFER_TOO_SMALL);
        status = roomseal_room_retire(bob, 0); /* never installed */
        note(status == ROOMSEAL_ERR_UNKNOWN_EPOCH || status == ROOMSEAL_ERR_CLOSED);
    } while (status != ROOMSEAL_ERR_CLOSED);
    return nothing;
}

static void pause_ms(long ms) {
    struct timespec time = {0, ms * 1000000};
    nanosleep(&time, NULL);
}

/* New streams all the time, until either room says that it is closed. Closing has one
   name: no key is missing, no frame is too old or not authentic because of it. */
static void *until_closed(void *argument) {
    const uint8_t id = (uint8_t)(uintptr_t)argument;
    roomseal_sealer *sealer = NULL;
    roomseal_status status = ROOMSEAL_OK;
    for (unsigned turn = 0; status == ROOMSEAL_OK; turn++) {
        uint8_t frame[LEN], sealed[SEALED];
        size_t n = 0;
        if (turn % 4 == 0) {
            roomseal_sealer_free(sealer);
            sealer = NULL;
            status = roomseal_sealer_new(alice, ROOMSEAL_KIND_VIDEO, &sealer);
            if (status != ROOMSEAL_OK) {
                break;
            }
        }
        memset(frame, id, LEN);
        status = roomseal_sealer_seal(sealer, frame, LEN, NULL, 0, sealed, SEALED, &n);
        if (status == ROOMSEAL_OK) {
            status = roomseal_opener_open(opener, ROOMSEAL_KIND_VIDEO, sealed, n, NULL, 0, NULL, 0,
                                          frame, LEN, &n);
            atomic_fetch_add(&opened_frames, status == ROOMSEAL_OK);
        }
        if (status == ROOMSEAL_ERR_BUDGET) {
            status = ROOMSEAL_OK; /* so many new streams in a moment */
        }
    }
    note(status == ROOMSEAL_ERR_CLOSED);
    roomseal_sealer_free(sealer);
    return NULL;
}

static void closing(unsigned round) {
    alice = test_room();
    bob = test_room();
    opener = test_opener(bob);
    opened_frames = 0;
    pthread_t workers[WORKERS];
    for (uintptr_t i = 0; i < WORKERS; i++) {
        CHECK(pthread_create(&workers[i], NULL, until_closed, (void *)(i + 1)) == 0);
    }
    while (opened_frames < 20 * round) {
        pause_ms(0);
    }
    OK(roomseal_room_close(round % 2 ? alice : bob));
    for (size_t i = 0; i < WORKERS; i++) {
        CHECK(pthread_join(workers[i], NULL) == 0);
    }
    EQUAL(test_counter(bob, ROOMSEAL_KIND_VIDEO, ROOMSEAL_COUNTER_UNKNOWN_KEY), 0);
    EQUAL(test_counter(bob, ROOMSEAL_KIND_VIDEO, ROOMSEAL_COUNTER_NOT_AUTHENTIC), 0);
    roomseal_opener_free(opener);
    roomseal_room_free(bob);
    roomseal_room_free(alice);
}

int main(void) {
    alice = test_room();
    bob = test_room();
    shared = test_sealer(alice, ROOMSEAL_KIND_AUDIO);
    opener = test_opener(bob);
    pthread_t workers[WORKERS], poller;
    for (uintptr_t i = 0; i < WORKERS; i++) {
        CHECK(pthread_create(&workers[i], NULL, work, (void *)(i + 1)) == 0);
    }
    CHECK(pthread_create(&poller, NULL, poll_counters, NULL) == 0);

    for (uint64_t epoch = 2; epoch < EPOCHS; epoch++) {
        uint64_t next = 0;
        OK(roomseal_room_ratchet(bob, epoch - 1, &next));
        OK(roomseal_room_ratchet(alice, epoch - 1, &next));
        EQUAL(next, epoch);
        OK(roomseal_room_activate(alice, epoch));
        pause_ms(5);
        OK(roomseal_room_retire(alice, epoch - 1));
        OK(roomseal_room_retire(bob, epoch - 1));
    }
    OK(roomseal_room_close(bob));
    pause_ms(5);
    OK(roomseal_room_close(alice));
    for (size_t i = 0; i < WORKERS; i++) {
        CHECK(pthread_join(workers[i], NULL) == 0);
    }
    CHECK(pthread_join(poller, NULL) == 0);

    EQUAL(wrong, 0);
    CHECK(opened_frames > 1000);
    CHECK(refused_frames > 0); /* those after bob's closing at least */
    CHECK(opened_frames == test_counter(bob, ROOMSEAL_KIND_AUDIO, ROOMSEAL_COUNTER_OPENED));
    EQUAL(test_counter(bob, ROOMSEAL_KIND_AUDIO, ROOMSEAL_COUNTER_NOT_AUTHENTIC), 0);
    roomseal_room_free(bob);
    roomseal_sealer_free(shared);
    roomseal_opener_free(opener);
    roomseal_room_free(alice);

    for (unsigned round = 0; round < CLOSINGS; round++) {
        closing(round);
    }
    EQUAL(wrong, 0);
    return test_done("threads");
}
