// The encryption handler of ByteDance's RTC SDKs (Volcengine, BytePlus): seals what the SDK
// sends and opens what it receives. Take the SDK's headers as they are, and write
//
//     roomseal::ByteDanceEncryptHandler<bytertc::IEncryptHandler> handler(room);
//     engine->setCustomizeEncryptHandler(&handler);
//
// before joining the room. The handler must outlive its registration.
#ifndef ROOMSEAL_BYTEDANCE_HPP
#define ROOMSEAL_BYTEDANCE_HPP

#include "room.hpp"

namespace roomseal {

/// Sizes of the host's contract.
struct ByteDanceOptions {
    /// The kind whose keys and suite all frames get: the SDK doesn't tell audio from video.
    std::uint32_t kind = ROOMSEAL_KIND_AUDIO;
    /// The host discards what is longer than this share of its input.
    std::uint32_t max_percent = 180;
};

/// `Interface` is the SDK's `bytertc::IEncryptHandler`, or a class of the same methods.
///
/// A frame that can't be sealed, doesn't open, or would be longer than the host takes once
/// sealed, is discarded (0 bytes) and counted; `too_large` counts the last ones. Sealing adds
/// 16 bytes with suite 3 and 20 with suite 2, so at 180 % the shortest frames that get
/// through have 20 and 25 bytes.
template <class Interface> class ByteDanceEncryptHandler final : public Interface {
  public:
    /// `room` is a `roomseal::Room` or a handle of the C interface.
    explicit ByteDanceEncryptHandler(const roomseal_room *room,
                                     ByteDanceOptions options = {}) noexcept
        : sealer_(room), opener_(room), options_(options) {}

    ByteDanceEncryptHandler(const ByteDanceEncryptHandler &) = delete;
    ByteDanceEncryptHandler &operator=(const ByteDanceEncryptHandler &) = delete;

    unsigned int onEncryptData(const unsigned char *data, unsigned int length, unsigned char *buf,
                               unsigned int buf_len) noexcept override {
        const std::uint64_t sealed_len = sealer_.sealed_len(options_.kind, length);
        if (sealed_len * 100 > std::uint64_t{length} * options_.max_percent) {
            sealer_.refuse(ROOMSEAL_ERR_TOO_LARGE);
            return 0;
        }
        std::size_t len = 0;
        const auto status = sealer_.seal(options_.kind, 0, data, length, {}, buf, buf_len, &len);
        return status == ROOMSEAL_OK ? static_cast<unsigned int>(len) : 0;
    }

    unsigned int onDecryptData(const unsigned char *data, unsigned int length, unsigned char *buf,
                               unsigned int buf_len) noexcept override {
        std::size_t len = 0;
        const auto status =
            opener_.open(options_.kind, data, length, {}, {}, buf, buf_len, &len);
        return status == ROOMSEAL_OK ? static_cast<unsigned int>(len) : 0;
    }

    /// `ROOMSEAL_OK`, or why frames of one or both directions are all discarded.
    [[nodiscard]] roomseal_status status() const noexcept {
        return opener_.status() == ROOMSEAL_OK ? sealer_.status() : opener_.status();
    }
    /// What became of the frames.
    [[nodiscard]] Counters counters() const noexcept {
        Counters sum;
        sealer_.add_to(sum);
        opener_.add_to(sum);
        return sum;
    }

  private:
    FrameSealer sealer_;
    FrameOpener opener_;
    const ByteDanceOptions options_;
};

} // namespace roomseal

#endif // ROOMSEAL_BYTEDANCE_HPP
