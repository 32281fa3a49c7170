/* One member seals a video frame, another one opens it. */
#include "roomseal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In an application: drop the frame, and never send it in clear instead. */
static void check(roomseal_status status) {
    if (status != ROOMSEAL_OK) {
        fprintf(stderr, "roomseal: %s\n", roomseal_status_text(status));
        exit(1);
    }
}

static roomseal_room *join(const char *key) {
    roomseal_config *config;
    roomseal_room *room;
    check(roomseal_config_new(&config));
    check(roomseal_config_set_app_id_number(config, 1400000001));
    check(roomseal_config_set_room_id_number(config, 42));
    check(roomseal_room_new(config, &room));
    roomseal_config_free(config);
    check(roomseal_room_install_base64(room, 1, key, strlen(key), NULL, 0)); /* epoch 1 */
    check(roomseal_room_activate(room, 1));
    return room;
}

int main(void) {
    /* The same for all members; it reaches them by your own secure way. */
    const char *key = "AAECAwQFBgcICQoLDA0ODw==";
    roomseal_room *alice = join(key), *bob = join(key);
    roomseal_sealer *camera; /* one for each outgoing stream */
    roomseal_opener *opener; /* one for everything that comes in */
    check(roomseal_sealer_new(alice, ROOMSEAL_KIND_VIDEO, &camera));
    check(roomseal_opener_new(bob, &opener));

    /* In the send callback: */
    const uint8_t frame[] = "an encoded frame";
    uint8_t sealed[sizeof frame + ROOMSEAL_MAX_OVERHEAD];
    size_t sealed_len;
    check(roomseal_sealer_seal(camera, frame, sizeof frame, NULL, 0, sealed, sizeof sealed,
                               &sealed_len));

    /* In the receive callback of another member: */
    uint8_t opened[sizeof sealed];
    size_t opened_len;
    check(roomseal_opener_open(opener, ROOMSEAL_KIND_VIDEO, sealed, sealed_len, NULL, 0,
                               "alice", 5, opened, sizeof opened, &opened_len));
    printf("%zu bytes, sealed %zu: %s\n", opened_len, sealed_len, (const char *)opened);

    roomseal_opener_free(opener);
    roomseal_sealer_free(camera);
    roomseal_room_free(bob);
    roomseal_room_free(alice);
    return 0;
}
