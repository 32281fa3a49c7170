/* The loops of the bench in C: what calling through Swift is compared with. */
#ifndef BOUNDARY_LOOPS_H
#define BOUNDARY_LOOPS_H

#include <stddef.h>
#include <stdint.h>

/* Seal `frames` frames; open as many, which stand one after the other at `sealed`. The handles
   are those of roomseal.h. Return how many calls succeeded. */
size_t boundary_seal(const void *sealer, const uint8_t *frame, size_t frame_len, uint8_t *out,
                     size_t out_cap, size_t frames);
size_t boundary_open(const void *opener, uint32_t kind, const uint8_t *sealed, size_t sealed_len,
                     uint8_t *out, size_t out_cap, size_t frames);

#endif
