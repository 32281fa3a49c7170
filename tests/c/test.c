#define _DEFAULT_SOURCE
#include "test.h"

#include <inttypes.h>
#include <stdio.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

static unsigned long passed, failed;

bool test_check(bool condition, const char *text, const char *file, int line) {
    if (condition) {
        passed++;
    } else {
        failed++;
        fprintf(stderr, "%s:%d: not so: %s\n", file, line, text);
    }
    return condition;
}

bool test_equal(uint64_t got, uint64_t want, const char *text, const char *file, int line) {
    if (got != want) {
        fprintf(stderr, "%s:%d: %" PRIu64 " instead of %" PRIu64 "\n", file, line, got, want);
    }
    return test_check(got == want, text, file, line);
}

bool test_status(roomseal_status got, roomseal_status want, const char *text, const char *file,
                 int line) {
    if (got != want) {
        fprintf(stderr, "%s:%d: %s instead of %s\n", file, line, roomseal_status_name(got),
                roomseal_status_name(want));
    }
    return test_check(got == want, text, file, line);
}

int test_done(const char *name) {
    printf("%s: %lu passed, %lu failed\n", name, passed, failed);
    return failed != 0 || passed == 0;
}

static void need(bool condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "the test itself can't go on: %s\n", what);
        abort();
    }
}

/* Pages: how large, some of them, one that can't be touched, all given back. */
#ifdef _WIN32
static size_t page(void) {
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return info.dwPageSize;
}

static uint8_t *map(size_t len) {
    return (uint8_t *)VirtualAlloc(NULL, len, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

static bool protect(uint8_t *start) {
    DWORD before;
    return VirtualProtect(start, page(), PAGE_NOACCESS, &before);
}

static bool unmap(uint8_t *start, size_t len) {
    (void)len;
    return VirtualFree(start, 0, MEM_RELEASE);
}
#else
static size_t page(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

static uint8_t *map(size_t len) {
    void *start = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return start == MAP_FAILED ? NULL : (uint8_t *)start;
}

static bool protect(uint8_t *start) {
    return mprotect(start, page(), PROT_NONE) == 0;
}

static bool unmap(uint8_t *start, size_t len) {
    return munmap(start, len) == 0;
}
#endif

/* Bytes of the mapping in front of the page that guards it. */
static size_t before_guard(size_t len) {
    return (len / page() + 1) * page();
}

uint8_t *guarded(size_t len) {
    size_t before = before_guard(len);
    uint8_t *start = map(before + page());
    need(start != NULL, "pages");
    need(protect(start + before), "a guard");
    memset(start, FILL, before);
    return start + before - len;
}

void guarded_free(uint8_t *start, size_t len) {
    size_t before = before_guard(len);
    need(unmap(start + len - before, before + page()), "giving pages back");
}

bool all_are(const void *start, size_t len, uint8_t value) {
    const uint8_t *bytes = (const uint8_t *)start;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

const uint8_t TEST_KEY[ROOMSEAL_KEY_LEN] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

roomseal_config *test_config(void) {
    roomseal_config *config = NULL;
    OK(roomseal_config_new(&config));
    OK(roomseal_config_set_app_id_number(config, 1400000001));
    OK(roomseal_config_set_room_id_text(config, "weekly", 6));
    return config;
}

roomseal_room *test_room_with(const roomseal_config *config, uint64_t epoch, const uint8_t *key) {
    roomseal_room *room = NULL;
    OK(roomseal_room_new(config, &room));
    OK(roomseal_room_install(room, epoch, key, ROOMSEAL_KEY_LEN, NULL, 0));
    OK(roomseal_room_activate(room, epoch));
    return room;
}

roomseal_room *test_room(void) {
    roomseal_config *config = test_config();
    roomseal_room *room = test_room_with(config, 1, TEST_KEY);
    roomseal_config_free(config);
    return room;
}

roomseal_sealer *test_sealer(const roomseal_room *room, uint32_t kind) {
    roomseal_sealer *sealer = NULL;
    OK(roomseal_sealer_new(room, kind, &sealer));
    return sealer;
}

roomseal_opener *test_opener(const roomseal_room *room) {
    roomseal_opener *opener = NULL;
    OK(roomseal_opener_new(room, &opener));
    return opener;
}

uint64_t test_counter(const roomseal_room *room, uint32_t kind, uint32_t counter) {
    uint64_t value = UINT64_MAX;
    OK(roomseal_room_counter(room, kind, counter, &value));
    return value;
}
