/* Counts checks, and hands out buffers that fault one byte behind their end. These
   programs are C and, but for sweep.c, C++ as well. */
#ifndef TEST_H
#define TEST_H

#include "roomseal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Checks on; a failed one is printed and counted. */
#define CHECK(condition) test_check((condition), #condition, __FILE__, __LINE__)
#define EQUAL(got, want) \
    test_equal((uint64_t)(got), (uint64_t)(want), #got, __FILE__, __LINE__)
#define STATUS(call, want) test_status((call), (want), #call, __FILE__, __LINE__)
#define OK(call) STATUS(call, ROOMSEAL_OK)

bool test_check(bool condition, const char *text, const char *file, int line);
bool test_equal(uint64_t got, uint64_t want, const char *text, const char *file, int line);
bool test_status(roomseal_status got, roomseal_status want, const char *text, const char *file,
                 int line);

/* Prints what was counted; the exit code of the program. */
int test_done(const char *name);

/* Exactly `len` bytes, filled with FILL: a page that can't be touched follows.
   Kept until the program ends unless given back to guarded_free. */
enum { FILL = 0xA5 };
uint8_t *guarded(size_t len);
void guarded_free(uint8_t *start, size_t len);
/* Whether all bytes are `value`. */
bool all_are(const void *start, size_t len, uint8_t value);

/* A room of application 1400000001 and room "weekly" with the key 0, 1, … 15 as
   epoch 1, active. */
extern const uint8_t TEST_KEY[ROOMSEAL_KEY_LEN];
roomseal_config *test_config(void);
roomseal_room *test_room(void);
roomseal_room *test_room_with(const roomseal_config *config, uint64_t epoch, const uint8_t *key);
roomseal_sealer *test_sealer(const roomseal_room *room, uint32_t kind);
roomseal_opener *test_opener(const roomseal_room *room);
/* A counter of a room. */
uint64_t test_counter(const roomseal_room *room, uint32_t kind, uint32_t counter);

#endif
