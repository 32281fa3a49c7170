/* After a fork, the child's copies of sealers refuse; new ones work. */
#define _POSIX_C_SOURCE 200809L
#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

enum { LEN = 30, SEALED = LEN + ROOMSEAL_MAX_OVERHEAD };

/* Seals once in each way and says what came of it. */
static bool all_say(const roomseal_sealer *sealer, const roomseal_sealer *texts,
                    roomseal_status want) {
    uint8_t frame[LEN] = {1}, out[SEALED], buf[SEALED];
    char text[4 * SEALED / 3 + 4];
    size_t off = 0, n = 0;
    memset(out, FILL, sizeof out);
    memset(buf, FILL, sizeof buf);
    memset(text, FILL, sizeof text);
    bool right = true;
    right &= STATUS(roomseal_sealer_seal(sealer, frame, LEN, NULL, 0, out, sizeof out, &n), want);
    right &= STATUS(roomseal_sealer_seal_in_place(sealer, NULL, 0, buf, sizeof buf,
                                                  ROOMSEAL_HEADER_LEN, LEN, &off, &n),
                    want);
    right &= STATUS(roomseal_sealer_seal_text(texts, frame, LEN, NULL, 0, text, sizeof text, &n),
                    want);
    if (want != ROOMSEAL_OK) {
        right &= CHECK(n == 0 && off == 0);
        right &= CHECK(all_are(out, sizeof out, FILL) && all_are(buf, sizeof buf, FILL) &&
                       all_are(text, sizeof text, FILL));
    }
    return right;
}

int main(void) {
    roomseal_room *alice = test_room(), *bob = test_room();
    roomseal_sealer *sealer = test_sealer(alice, ROOMSEAL_KIND_VIDEO);
    roomseal_sealer *texts = test_sealer(alice, ROOMSEAL_KIND_MESSAGE);
    roomseal_sealer *unused = test_sealer(alice, ROOMSEAL_KIND_VIDEO);
    roomseal_opener *opener = test_opener(bob);
    CHECK(all_say(sealer, texts, ROOMSEAL_OK));

    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        bool right = all_say(sealer, texts, ROOMSEAL_ERR_FORKED);
        right &= all_say(unused, texts, ROOMSEAL_ERR_FORKED);
        roomseal_sealer *fresh = test_sealer(alice, ROOMSEAL_KIND_VIDEO);
        roomseal_sealer *fresh_texts = test_sealer(alice, ROOMSEAL_KIND_MESSAGE);
        right &= all_say(fresh, fresh_texts, ROOMSEAL_OK);
        uint8_t frame[LEN] = {2}, sealed[SEALED];
        size_t n = 0;
        right &= OK(roomseal_sealer_seal(fresh, frame, LEN, NULL, 0, sealed, sizeof sealed, &n));
        right &= CHECK(write(ends[1], sealed, n) == (ssize_t)n);
        _exit(right ? 0 : 1);
    }

    /* The parent goes on, and opens what the child sealed. */
    CHECK(all_say(sealer, texts, ROOMSEAL_OK));
    uint8_t sealed[SEALED], opened[LEN];
    size_t n = 0;
    CHECK(read(ends[0], sealed, sizeof sealed) == SEALED);
    OK(roomseal_opener_open(opener, ROOMSEAL_KIND_VIDEO, sealed, SEALED, NULL, 0, NULL, 0, opened,
                            LEN, &n));
    CHECK(n == LEN && opened[0] == 2);
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);

    roomseal_opener_free(opener);
    roomseal_sealer_free(sealer);
    roomseal_sealer_free(texts);
    roomseal_sealer_free(unused);
    roomseal_room_free(alice);
    roomseal_room_free(bob);
    return test_done("fork");
}
