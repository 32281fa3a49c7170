/* A million frames in each direction take no memory that they don't give back. */
#define _DEFAULT_SOURCE
#include "test.h"

#include <stdio.h>
#ifdef _WIN32
#define PSAPI_VERSION 2 /* needs no library of its own */
#include <windows.h>
/* Needs windows.h. */
#include <psapi.h>
#elif defined(__linux__)
#include <unistd.h>
#endif

enum { LEN = 80, SEALED = LEN + ROOMSEAL_MAX_OVERHEAD, FRAMES = 1000000, WARM_UP = 50000 };

/* Bytes of this process in memory; 0 where nobody tells. */
static size_t resident(void) {
#ifdef _WIN32
    PROCESS_MEMORY_COUNTERS counters;
    CHECK(GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters));
    return counters.WorkingSetSize;
#elif defined(__linux__)
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%*u %lu", &pages) == 1);
    if (file != NULL) {
        fclose(file);
    }
    return pages * (size_t)sysconf(_SC_PAGESIZE);
#else
    return 0;
#endif
}

/* By turns in place and from input to output; of all that may be wrong, the number. */
static unsigned long run(const roomseal_sealer *sealer, const roomseal_opener *opener,
                         unsigned frames) {
    unsigned long wrong = 0;
    uint8_t frame[LEN], sealed[SEALED], opened[LEN];
    memset(frame, 7, LEN);
    for (unsigned i = 0; i < frames; i++) {
        size_t n = 0, off = 0, len = 0;
        roomseal_status status;
        frame[0] = (uint8_t)i;
        if (i % 2) {
            status = roomseal_sealer_seal(sealer, frame, LEN, NULL, 0, sealed, SEALED, &n);
            wrong += status != ROOMSEAL_OK;
            status = roomseal_opener_open(opener, ROOMSEAL_KIND_AUDIO, sealed, n, NULL, 0, "alice",
                                          5, opened, LEN, &len);
            wrong += status != ROOMSEAL_OK || memcmp(opened, frame, LEN) != 0;
        } else {
            memcpy(sealed + ROOMSEAL_HEADER_LEN, frame, LEN);
            status = roomseal_sealer_seal_in_place(sealer, NULL, 0, sealed, SEALED,
                                                   ROOMSEAL_HEADER_LEN, LEN, &off, &n);
            wrong += status != ROOMSEAL_OK || off != 0;
            status = roomseal_opener_open_in_place(opener, ROOMSEAL_KIND_AUDIO, NULL, 0, "alice", 5,
                                                   sealed, n, &off, &len);
            wrong += status != ROOMSEAL_OK || memcmp(sealed + off, frame, LEN) != 0;
        }
        wrong += n != SEALED || len != LEN;
    }
    return wrong;
}

int main(void) {
    roomseal_room *alice = test_room(), *bob = test_room();
    roomseal_sealer *sealer = test_sealer(alice, ROOMSEAL_KIND_AUDIO);
    roomseal_opener *opener = test_opener(bob);
    EQUAL(run(sealer, opener, WARM_UP), 0);
    const size_t before = resident();
    EQUAL(run(sealer, opener, FRAMES), 0);
    const size_t after = resident();
    /* A byte a frame would be a million. */
    CHECK(after < before + 500000);
    EQUAL(test_counter(bob, ROOMSEAL_KIND_AUDIO, ROOMSEAL_COUNTER_OPENED), FRAMES + WARM_UP);
    roomseal_sealer_free(sealer);
    roomseal_opener_free(opener);
    roomseal_room_free(alice);
    roomseal_room_free(bob);
    return test_done("memory");
}
