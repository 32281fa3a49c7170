// The header in C++17: names, linkage, and a call.
#include "roomseal.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <type_traits>

static_assert(std::is_same<roomseal_status, std::int32_t>::value, "a status has 32 bits");
static_assert(ROOMSEAL_VERSION_NUMBER ==
                  ROOMSEAL_VERSION_MAJOR * 65536 + ROOMSEAL_VERSION_MINOR * 256 +
                      ROOMSEAL_VERSION_PATCH,
              "the packed version");

struct Free {
    void operator()(roomseal_config *config) const { roomseal_config_free(config); }
};

int main() {
    roomseal_config *made = nullptr;
    const bool ok = roomseal_config_new(&made) == ROOMSEAL_OK && made != nullptr &&
                    roomseal_abi_version() == ROOMSEAL_ABI_VERSION;
    const std::unique_ptr<roomseal_config, Free> config(made);
    std::printf("header.cpp: %d passed, %d failed\n", ok ? 1 : 0, ok ? 0 : 1);
    return ok ? 0 : 1;
}
