// Counts checks, from any thread, and makes the rooms of two members.
#ifndef TEST_HPP
#define TEST_HPP

#include "roomseal/room.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#define CHECK(condition) test::check((condition), #condition, __FILE__, __LINE__)
#define EQUAL(got, want) \
    test::equal(static_cast<std::uint64_t>(got), static_cast<std::uint64_t>(want), #got, \
                __FILE__, __LINE__)
#define OK(call) EQUAL((call), ROOMSEAL_OK)

namespace test {

using Bytes = std::vector<std::uint8_t>;

inline std::atomic<unsigned long> passed{0}, failed{0};

inline bool check(bool condition, const char *text, const char *file, int line) {
    if (condition) {
        passed++;
    } else {
        failed++;
        std::fprintf(stderr, "%s:%d: not so: %s\n", file, line, text);
    }
    return condition;
}

inline bool equal(std::uint64_t got, std::uint64_t want, const char *text, const char *file,
                  int line) {
    if (got != want) {
        std::fprintf(stderr, "%s:%d: %llu instead of %llu\n", file, line,
                     static_cast<unsigned long long>(got), static_cast<unsigned long long>(want));
    }
    return check(got == want, text, file, line);
}

/// Prints what was counted; the exit code of the program.
inline int done(const char *name) {
    std::printf("%s: %lu passed, %lu failed\n", name, passed.load(), failed.load());
    return failed != 0 || passed == 0;
}

constexpr const char *key = "000102030405060708090a0b0c0d0e0f";
constexpr const char *other_key = "000102030405060708090a0b0c0d0eff";

inline roomseal::Config config() {
    roomseal::Config made;
    made.app_id(1400000001).room_id("weekly");
    return made;
}

/// A member's room with the key as epoch 1, active.
inline roomseal::Room room(const roomseal::Config &config = test::config(),
                           const char *hex = key) {
    roomseal::Room made(config);
    OK(made.status());
    OK(made.install_hex(1, hex));
    OK(made.activate(1));
    return made;
}

/// A frame that no other length or seed gives.
inline Bytes frame(std::size_t len, unsigned seed = 0) {
    Bytes made(len);
    std::uint32_t x = seed * 2654435761U + static_cast<std::uint32_t>(len) + 1;
    for (auto &byte : made) {
        x = x * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>(x >> 24);
    }
    return made;
}

/// Whether one of up to 16 pieces of `clear`, 8 bytes long and spread over it, stands in
/// `wire`.
inline bool leaks(const std::uint8_t *wire, std::size_t len, const Bytes &clear) {
    const std::string_view in(reinterpret_cast<const char *>(wire), len),
        from(reinterpret_cast<const char *>(clear.data()), clear.size());
    for (std::size_t i = 0; i < 16 && clear.size() >= 8; i++) {
        if (in.find(from.substr((clear.size() - 8) * i / 15, 8)) != in.npos) {
            return true;
        }
    }
    return false;
}

/// Allocations of the whole program, the library's included, since `watch_allocations`.
inline std::atomic<std::uint64_t> allocations{0};

} // namespace test

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TEST_WITH_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define TEST_WITH_ASAN 1
#endif

#ifdef TEST_WITH_ASAN
extern "C" int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void *, std::size_t),
    void (*free_hook)(const volatile void *));

namespace test {
/// Starts counting; false where nothing counts them: only AddressSanitizer sees them all.
inline bool watch_allocations() {
    static const bool watching =
        __sanitizer_install_malloc_and_free_hooks(
            [](const volatile void *, std::size_t) { allocations++; },
            [](const volatile void *) {}) != 0;
    return watching;
}
} // namespace test
#else
namespace test {
inline bool watch_allocations() { return false; }
} // namespace test
#endif

#endif
