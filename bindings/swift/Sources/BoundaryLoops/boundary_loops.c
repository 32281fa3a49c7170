#include "BoundaryLoops.h"

#if __has_include("roomseal.h")
#include "roomseal.h"
#else
#include <CRoomseal/roomseal.h> /* the framework's */
#endif

size_t boundary_seal(const void *sealer, const uint8_t *frame, size_t frame_len, uint8_t *out,
                     size_t out_cap, size_t frames) {
    size_t done = 0;
    for (size_t i = 0; i < frames; i++) {
        size_t len = 0;
        done += roomseal_sealer_seal(sealer, frame, frame_len, NULL, 0, out + i * out_cap, out_cap,
                                     &len) == ROOMSEAL_OK;
    }
    return done;
}

size_t boundary_open(const void *opener, uint32_t kind, const uint8_t *sealed, size_t sealed_len,
                     uint8_t *out, size_t out_cap, size_t frames) {
    size_t done = 0;
    for (size_t i = 0; i < frames; i++) {
        size_t len = 0;
        done += roomseal_opener_open(opener, kind, sealed + i * sealed_len, sealed_len, NULL, 0,
                                     NULL, 0, out, out_cap, &len) == ROOMSEAL_OK;
    }
    return done;
}
