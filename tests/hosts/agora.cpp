// The packet observer for Agora against a stand-in for its SDK.
#include "roomseal/agora.hpp"

#include "IAgoraRtcEngine.h"
#include "test.hpp"

#include <chrono>
#include <deque>
#include <thread>

using namespace test;

using Interface = agora::rtc::IPacketObserver;
using Packet = Interface::Packet;
using Observer = roomseal::AgoraPacketObserver<Interface>;
using Method = bool (Interface::*)(Packet &);

namespace {

constexpr Method send_video = &Interface::onSendVideoPacket;
constexpr Method send_audio = &Interface::onSendAudioPacket;
constexpr Method receive_video = &Interface::onReceiveVideoPacket;
constexpr Method receive_audio = &Interface::onReceiveAudioPacket;

Packet packet(const Bytes &bytes) {
    Packet made;
    made.buffer = bytes.data();
    made.size = static_cast<unsigned int>(bytes.size());
    return made;
}

// What the SDK goes on with; `dropped` if it drops the packet.
struct Result {
    bool dropped;
    Bytes bytes;
};

Result call(Interface &observer, Method method, const Bytes &bytes) {
    Packet packet = ::packet(bytes);
    if (!(observer.*method)(packet)) {
        return {true, {}};
    }
    CHECK(packet.buffer != bytes.data()); // swapped
    return {false, Bytes(packet.buffer, packet.buffer + packet.size)};
}

roomseal::Config agora_config() {
    roomseal::Config made = roomseal::agora_config();
    made.app_id("2f9c1e").room_id("weekly");
    return made;
}

void packets_arrive() {
    const auto ours = room(agora_config()), theirs = room(agora_config());
    Observer alice(ours), bob(theirs);
    OK(alice.status());
    for (std::size_t len = 0; len <= 1172; len += 4) {
        const Bytes clear = frame(len);
        const auto sent = call(alice, send_video, clear);
        CHECK(!sent.dropped);
        EQUAL(sent.bytes.size(), len + 28);
        CHECK(!leaks(sent.bytes.data(), sent.bytes.size(), clear));
        CHECK(call(bob, receive_video, sent.bytes).bytes == clear);
        CHECK(call(bob, receive_audio, call(alice, send_audio, clear).bytes).bytes == clear);
        // Video is no audio.
        CHECK(call(bob, receive_audio, call(alice, send_video, clear).bytes).dropped);
    }
    EQUAL(alice.counters().sealed, 3 * 294);
    EQUAL(bob.counters().opened, 2 * 294);
    EQUAL(bob.counters().open_failed, 294);
}

void buffers_are_the_observers() {
    const auto ours = room(agora_config());
    Observer alice(ours);
    // What the contract asks for: the buffer stays until the next packet of its method, and
    // has 2,048 bytes that can be touched.
    static_assert(Observer::buffer_len >= 2048, "the least that the SDK accepts");
    const Bytes clear = frame(100);
    Packet first = packet(clear);
    CHECK(alice.onSendAudioPacket(first));
    const Bytes seen(first.buffer, first.buffer + first.size);
    unsigned touched = 0;
    for (std::size_t i = 0; i < 2048; i++) {
        touched += first.buffer[i];
    }
    CHECK(touched != 0);
    for (int i = 0; i < 20; i++) {
        call(alice, send_video, frame(1000));
        call(alice, receive_audio, frame(1000));
        call(alice, receive_video, frame(1000));
    }
    CHECK(Bytes(first.buffer, first.buffer + first.size) == seen);
    // Other threads that call the method meanwhile have buffers of their own; the one that
    // comes when all are given out takes the oldest.
    std::vector<std::thread> others;
    std::atomic<std::size_t> called{0};
    for (std::size_t i = 1; i <= Observer::slots; i++) {
        others.emplace_back([&, i] {
            while (called + 1 != i) { // one after the other
                std::this_thread::yield();
            }
            const Bytes longer = frame(1000);
            Packet other = packet(longer);
            CHECK(alice.onSendAudioPacket(other));
            EQUAL(other.buffer == first.buffer, i == Observer::slots);
            CHECK((Bytes(first.buffer, first.buffer + first.size) == seen) ==
                  (i != Observer::slots));
            called++;
            while (called != Observer::slots) { // so that no two have the same id
                std::this_thread::yield();
            }
        });
    }
    for (auto &other : others) {
        other.join();
    }
}

void packets_too_large_are_dropped() {
    struct {
        std::uint32_t suite;
        std::size_t longest;
    } const suites[] = {{ROOMSEAL_SUITE_AES_128_GCM_SHA256_128, 1172},
                        {ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_80, 1178},
                        {ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_64, 1180},
                        {ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_32, 1184}};
    for (const auto &suite : suites) {
        const auto config = [&] {
            auto made = agora_config();
            made.allow_four_byte_tags()
                .suite(ROOMSEAL_KIND_VIDEO, suite.suite)
                .suite(ROOMSEAL_KIND_AUDIO, suite.suite);
            return made;
        };
        const auto ours = room(config()), theirs = room(config());
        Observer alice(ours), bob(theirs);
        const auto sent = call(alice, send_video, frame(suite.longest));
        EQUAL(sent.bytes.size(), 1200);
        CHECK(call(bob, receive_video, sent.bytes).bytes == frame(suite.longest));
        CHECK(call(alice, send_video, frame(suite.longest + 1)).dropped);
        CHECK(call(alice, send_audio, frame(1200)).dropped);
        CHECK(call(alice, send_audio, frame(9000)).dropped);
        EQUAL(alice.counters().sealed, 1);
        EQUAL(alice.counters().seal_failed, 3);
        EQUAL(alice.counters().too_large, 3);
        EQUAL(alice.counters().last_seal_failure, ROOMSEAL_ERR_TOO_LARGE);
    }
    // A higher limit ends at the buffers; received packets end there, too.
    roomseal::AgoraOptions high;
    high.max_packet_len = 100000;
    const auto ours = room(agora_config()), theirs = room(agora_config());
    Observer alice(ours, high), bob(theirs);
    const auto sent = call(alice, send_video, frame(2020));
    EQUAL(sent.bytes.size(), 2048);
    CHECK(call(bob, receive_video, sent.bytes).bytes == frame(2020));
    CHECK(call(alice, send_video, frame(2021)).dropped);
    CHECK(call(bob, receive_video, frame(2049)).dropped);
    EQUAL(bob.counters().too_large, 1);
    // The host writes no limit for sizes: the largest must not wrap around.
    const Bytes few = frame(8);
    Packet endless = packet(few);
    endless.size = 0xFFFFFFFF;
    CHECK(!alice.onSendVideoPacket(endless));
    CHECK(!alice.onReceiveVideoPacket(endless));
}

void failures_drop() {
    const auto ours = room(agora_config()), theirs = room(agora_config(), other_key);
    Observer alice(ours), stranger(theirs);
    const Bytes sealed = call(alice, send_audio, frame(80)).bytes;
    CHECK(call(stranger, receive_audio, sealed).dropped);
    EQUAL(stranger.counters().last_open_failure, ROOMSEAL_ERR_NOT_AUTHENTIC);
    CHECK(call(stranger, receive_audio, frame(80)).dropped);
    CHECK(call(stranger, receive_audio, {}).dropped);
    Packet missing;
    missing.size = 10;
    CHECK(!alice.onSendAudioPacket(missing));
    EQUAL(alice.counters().no_buffer, 1);
    CHECK(!stranger.onReceiveAudioPacket(missing));
    OK(ours.retire(1));
    CHECK(call(alice, send_audio, frame(80)).dropped);
    EQUAL(alice.counters().last_seal_failure, ROOMSEAL_ERR_NO_ACTIVE_EPOCH);
    ours.close();
    CHECK(call(alice, send_audio, frame(80)).dropped);
    CHECK(call(alice, receive_audio, sealed).dropped);
    EQUAL(alice.counters().last_open_failure, ROOMSEAL_ERR_CLOSED);
    EQUAL(alice.counters().seal_failed, 3);

    const roomseal::Room none{roomseal::Config()};
    Observer without(none);
    EQUAL(without.status(), ROOMSEAL_ERR_NULL_POINTER);
    CHECK(call(without, send_video, frame(80)).dropped);
    CHECK(call(without, send_video, frame(8000)).dropped);
    CHECK(call(without, receive_video, frame(80)).dropped);

    // A roll-out.
    const auto open = room(agora_config());
    Observer bob(open);
    OK(roomseal_room_accept_clear_frames_dangerously(open, ROOMSEAL_KIND_VIDEO, 60));
    CHECK(call(bob, receive_video, frame(900)).bytes == frame(900));
    CHECK(call(bob, receive_audio, frame(900)).dropped);
    EQUAL(bob.counters().passed_clear, 1);
}

// Packets that come late: up to 16,384 of the same stream may have come before.
void late_packets_open() {
    const auto wide = room(agora_config());
    auto narrow_config = config();
    narrow_config.app_id("2f9c1e");
    const auto ours = room(agora_config()), narrow = room(narrow_config);
    Observer alice(ours), bob(wide), default_window(narrow);
    std::deque<Bytes> late;
    for (int i = 0; i < 5; i++) {
        late.push_back(call(alice, send_video, frame(30, 7)).bytes);
    }
    for (std::size_t i = 0; i < roomseal::agora_replay_window - 1; i++) {
        const Bytes sent = call(alice, send_video, frame(30)).bytes;
        CHECK(!call(bob, receive_video, sent).dropped);
        CHECK(!call(default_window, receive_video, sent).dropped);
    }
    // The last of the late ones is as late as a packet may be.
    CHECK(call(bob, receive_video, late.back()).bytes == frame(30, 7));
    CHECK(call(bob, receive_video, late.front()).dropped);
    EQUAL(bob.counters().last_open_failure, ROOMSEAL_ERR_TOO_OLD);
    CHECK(call(default_window, receive_video, late.back()).dropped);
    EQUAL(default_window.counters().last_open_failure, ROOMSEAL_ERR_TOO_OLD);
}

void nothing_is_allocated() {
    const auto ours = room(agora_config()), theirs = room(agora_config());
    Observer alice(ours), bob(theirs);
    const Bytes clear = frame(1000);
    const auto packets = [&](int count) {
        for (int i = 0; i < count; i++) {
            Packet packet = ::packet(clear);
            CHECK(alice.onSendVideoPacket(packet));
            CHECK(bob.onReceiveVideoPacket(packet)); // from one observer's buffer to the other's
        }
    };
    packets(2);
    watch_allocations();
    const std::uint64_t before = allocations;
    packets(1000);
    EQUAL(allocations, before);
}

// One method called by several threads at once, which the contract doesn't promise but
// doesn't rule out; each looks at its packet at once, as a sender does.
void threads() {
    const auto ours = room(agora_config()), theirs = room(agora_config());
    Observer alice(ours), bob(theirs);
    std::atomic<std::uint64_t> sent{0}, wrong{0}, arrived{0};
    const auto stream = [&](unsigned seed) {
        for (unsigned i = 0;; i++) {
            const Bytes clear = frame(20 + (i * 37) % 900, seed + i);
            Packet packet = ::packet(clear);
            sent++;
            if (!alice.onSendVideoPacket(packet)) {
                if (alice.counters().last_seal_failure == ROOMSEAL_ERR_CLOSED) {
                    break;
                }
                continue;
            }
            const Bytes wire(packet.buffer, packet.buffer + packet.size);
            wrong += leaks(wire.data(), wire.size(), clear);
            packet = ::packet(wire);
            if (bob.onReceiveVideoPacket(packet)) {
                arrived++;
                wrong += Bytes(packet.buffer, packet.buffer + packet.size) != clear;
            }
        }
    };
    std::vector<std::thread> workers;
    for (unsigned i = 0; i < 3; i++) {
        workers.emplace_back(stream, i << 20);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ours.close();
    for (auto &worker : workers) {
        worker.join();
    }
    EQUAL(wrong, 0);
    CHECK(arrived > 100);
    EQUAL(alice.counters().sealed + alice.counters().seal_failed, sent);
    EQUAL(bob.counters().opened, arrived);
    EQUAL(bob.counters().opened + bob.counters().open_failed, alice.counters().sealed);
}

} // namespace

int main() {
    packets_arrive();
    buffers_are_the_observers();
    packets_too_large_are_dropped();
    failures_drop();
    late_packets_open();
    nothing_is_allocated();
    threads();
    return done("hosts/agora");
}
