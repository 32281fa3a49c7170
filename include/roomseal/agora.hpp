// Agora's packet observer: seals what the SDK sends and opens what it receives, packet by
// packet. Take the SDK's headers as they are, and write
//
//     roomseal::AgoraPacketObserver<agora::rtc::IPacketObserver> observer(room);
//     engine->registerPacketObserver(&observer);
//
// before joining the channel, in a room made with `roomseal::agora_config`. The observer must
// outlive its registration. One observer serves one room.
#ifndef ROOMSEAL_AGORA_HPP
#define ROOMSEAL_AGORA_HPP

#include "room.hpp"

#include <thread>

namespace roomseal {

/// Packets come many to a frame, and late ones long after: each incoming stream remembers
/// this many of them, some 48 seconds of video at 3 Mbit/s.
constexpr std::size_t agora_replay_window = 16384;

/// A configuration with Agora's replay window. The ids are still to be set.
inline Config agora_config() noexcept {
    Config config;
    config.replay_window(agora_replay_window);
    return config;
}

/// Sizes of Agora's contract.
struct AgoraOptions {
    /// The longest sealed packet that is sent; the SDK vouches for no longer ones.
    std::size_t max_packet_len = 1200;
};

/// `Interface` is the SDK's `agora::rtc::IPacketObserver`, or a class of the same methods.
///
/// A packet that can't be sealed, doesn't open, or would be longer than the limit once
/// sealed, is dropped ("false") and counted. Others are swapped for buffers of the observer,
/// which stay as they are until the same thread calls the same method again: of the threads
/// that call one method, the latest `slots` have buffers of their own. Nothing is allocated.
/// The SDK names no user here, so streams are not bound to users.
template <class Interface> class AgoraPacketObserver final : public Interface {
  public:
    using Packet = typename Interface::Packet;

    /// Bytes of each buffer: the least that the SDK accepts.
    static constexpr std::size_t buffer_len = 2048;
    /// Buffers of each method. The SDK asks for one; the others are for threads.
    static constexpr std::size_t slots = 8;

    /// `room` is a `roomseal::Room` or a handle of the C interface.
    explicit AgoraPacketObserver(const roomseal_room *room, AgoraOptions options = {}) noexcept
        : sealer_(room), opener_(room),
          max_packet_len_(options.max_packet_len < buffer_len ? options.max_packet_len
                                                              : buffer_len) {}

    AgoraPacketObserver(const AgoraPacketObserver &) = delete;
    AgoraPacketObserver &operator=(const AgoraPacketObserver &) = delete;

    bool onSendAudioPacket(Packet &packet) noexcept override {
        return seal(ROOMSEAL_KIND_AUDIO, packet, sent_audio_);
    }
    bool onSendVideoPacket(Packet &packet) noexcept override {
        return seal(ROOMSEAL_KIND_VIDEO, packet, sent_video_);
    }
    bool onReceiveAudioPacket(Packet &packet) noexcept override {
        return open(ROOMSEAL_KIND_AUDIO, packet, received_audio_);
    }
    bool onReceiveVideoPacket(Packet &packet) noexcept override {
        return open(ROOMSEAL_KIND_VIDEO, packet, received_video_);
    }

    /// `ROOMSEAL_OK`, or why packets of one or both directions are all dropped.
    [[nodiscard]] roomseal_status status() const noexcept {
        return opener_.status() == ROOMSEAL_OK ? sealer_.status() : opener_.status();
    }
    /// What became of the packets. `too_large` counts those above the limit.
    [[nodiscard]] Counters counters() const noexcept {
        Counters sum;
        sealer_.add_to(sum);
        opener_.add_to(sum);
        return sum;
    }

  private:
    struct Slot {
        std::atomic<bool> busy{false};
        std::atomic<std::thread::id> owner{};
        std::atomic<std::uint64_t> last_use{0};
        std::array<unsigned char, buffer_len> bytes{};
    };

    // A buffer for each thread that calls a method. A slot is busy while a call writes to
    // it, so that no two threads ever write to one at once.
    class Slots {
      public:
        Slot *take() noexcept {
            const std::thread::id me = std::this_thread::get_id();
            const std::uint64_t now = uses_.fetch_add(1, std::memory_order_relaxed) + 1;
            for (Slot &slot : all_) {
                if (slot.owner.load(std::memory_order_relaxed) == me && lock(slot)) {
                    if (slot.owner.load(std::memory_order_relaxed) == me) {
                        slot.last_use.store(now, std::memory_order_relaxed);
                        return &slot;
                    }
                    give_back(slot); // somebody was faster
                }
            }
            for (std::size_t tries = 0; tries < slots; tries++) {
                Slot *oldest = nullptr;
                for (Slot &slot : all_) {
                    if (!slot.busy.load(std::memory_order_relaxed) &&
                        (oldest == nullptr || slot.last_use.load(std::memory_order_relaxed) <
                                                  oldest->last_use.load(std::memory_order_relaxed))) {
                        oldest = &slot;
                    }
                }
                if (oldest != nullptr && lock(*oldest)) {
                    oldest->owner.store(me, std::memory_order_relaxed);
                    oldest->last_use.store(now, std::memory_order_relaxed);
                    return oldest;
                }
            }
            return nullptr;
        }
        static void give_back(Slot &slot) noexcept {
            slot.busy.store(false, std::memory_order_release);
        }

      private:
        static bool lock(Slot &slot) noexcept {
            return !slot.busy.exchange(true, std::memory_order_acquire);
        }

        std::array<Slot, slots> all_;
        std::atomic<std::uint64_t> uses_{0};
    };

    bool seal(std::uint32_t kind, Packet &packet, Slots &mine) noexcept {
        // The sum can't overflow where it matters: a length of 0 stands for that, too.
        const std::size_t sealed_len = sealer_.sealed_len(kind, packet.size);
        if (sealer_.status() == ROOMSEAL_OK && (sealed_len == 0 || sealed_len > max_packet_len_)) {
            sealer_.refuse(ROOMSEAL_ERR_TOO_LARGE);
            return false;
        }
        return swap(packet, mine, sealer_, [&](std::uint8_t *out, std::size_t *out_len) noexcept {
            return sealer_.seal(kind, 0, packet.buffer, packet.size, {}, out, buffer_len, out_len);
        });
    }

    bool open(std::uint32_t kind, Packet &packet, Slots &mine) noexcept {
        if (packet.size > buffer_len) {
            opener_.refuse(ROOMSEAL_ERR_TOO_LARGE);
            return false;
        }
        return swap(packet, mine, opener_, [&](std::uint8_t *out, std::size_t *out_len) noexcept {
            return opener_.open(kind, packet.buffer, packet.size, {}, {}, out, buffer_len,
                                out_len);
        });
    }

    template <class Half, class Call>
    static bool swap(Packet &packet, Slots &mine, Half &half, Call call) noexcept {
        Slot *const slot = mine.take();
        if (slot == nullptr) {
            half.refuse(ROOMSEAL_ERR_BUFFER_TOO_SMALL);
            return false;
        }
        std::size_t len = 0;
        const bool done = call(slot->bytes.data(), &len) == ROOMSEAL_OK;
        if (done) {
            packet.buffer = slot->bytes.data();
            packet.size = static_cast<decltype(packet.size)>(len);
        }
        Slots::give_back(*slot);
        return done;
    }

    FrameSealer sealer_;
    FrameOpener opener_;
    const std::size_t max_packet_len_;
    Slots sent_audio_, sent_video_, received_audio_, received_video_;
};

} // namespace roomseal

#endif // ROOMSEAL_AGORA_HPP
