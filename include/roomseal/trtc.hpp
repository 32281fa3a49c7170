// Tencent RTC's custom encryption: a listener for encoded frames that seals what the SDK
// sends and opens what it receives. Take the SDK's headers as they are, and write
//
//     static roomseal::TrtcListener<liteav::ITXLiteAVEncodedDataProcessingListener> listener(room);
//     cloud->callExperimentalAPI(listener.registration_json().c_str());
//
// before entering the room. The SDK keeps the bare pointer: the listener must outlive the
// cloud object that it is registered with. One listener serves one room.
#ifndef ROOMSEAL_TRTC_HPP
#define ROOMSEAL_TRTC_HPP

#include "room.hpp"

#include <string>
#include <type_traits>
#include <vector>

// The host's buffers may throw when they grow. Without exceptions they can't.
#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
#define ROOMSEAL_TRY try
#define ROOMSEAL_CATCH catch (...)
#else
#define ROOMSEAL_TRY if (true)
#define ROOMSEAL_CATCH else
#endif

namespace roomseal {

/// What a host gets in place of a frame that can't be sealed or must not reach the decoder.
/// Nothing, unless the host turns out to dislike empty frames: then, say, a silent packet
/// of its audio codec.
struct TrtcOptions {
    std::vector<std::uint8_t> audio_substitute = {};
    std::vector<std::uint8_t> video_substitute = {};
};

/// `Interface` is the SDK's `liteav::ITXLiteAVEncodedDataProcessingListener`, or a class of
/// the same methods.
///
/// The SDK takes "false" for "send it as it is", so no method ever returns that: a frame
/// that can't be sealed, or doesn't open, is replaced by a substitute and counted. The user
/// id that comes with a frame binds the stream to that user; when it is missing, which the
/// SDK allows, the frame opens unbound. The methods may be called by any number of threads,
/// and allocate nothing; the SDK's buffers may.
template <class Interface> class TrtcListener final : public Interface {
    template <class Class, class Data> static Data argument(bool (Class::*)(Data &));
    using Data = decltype(argument(&Interface::didEncodeVideo));

  public:
    /// `room` is a `roomseal::Room` or a handle of the C interface.
    explicit TrtcListener(const roomseal_room *room, TrtcOptions options = {})
        : sealer_(room, FrameSealer::max_layers), opener_(room), options_(std::move(options)) {}

    TrtcListener(const TrtcListener &) = delete;
    TrtcListener &operator=(const TrtcListener &) = delete;

    bool didEncodeVideo(Data &data) noexcept override {
        return seal(ROOMSEAL_KIND_VIDEO, data, options_.video_substitute);
    }
    bool didEncodeAudio(Data &data) noexcept override {
        return seal(ROOMSEAL_KIND_AUDIO, data, options_.audio_substitute);
    }
    bool willDecodeVideo(Data &data) noexcept override {
        return open(ROOMSEAL_KIND_VIDEO, data, options_.video_substitute);
    }
    bool willDecodeAudio(Data &data) noexcept override {
        return open(ROOMSEAL_KIND_AUDIO, data, options_.audio_substitute);
    }

    /// What has to be given to `callExperimentalAPI`, before entering the room.
    [[nodiscard]] std::string registration_json() { return json(address()); }
    /// The same to take the listener away.
    [[nodiscard]] static std::string removal_json() { return json(0); }

    /// The number in `registration_json`: the address, tag included, as Android's heap gives
    /// it on 64-bit ARM.
    [[nodiscard]] std::uint64_t address() noexcept {
        return std::uint64_t{reinterpret_cast<std::uintptr_t>(static_cast<Interface *>(this))};
    }
    /// Whether the number also survives a reader that takes JSON's numbers for doubles. An
    /// address in tagged heap memory doesn't: keep the listener in static storage.
    [[nodiscard]] bool address_is_exact_as_double() noexcept {
        return address() <= std::uint64_t{1} << 53;
    }
    /// The registration of any address, as an unsigned decimal number.
    [[nodiscard]] static std::string json(std::uint64_t address) {
        return "{\"api\":\"setEncodedDataProcessingListener\",\"params\":{\"listener\":" +
               std::to_string(address) + "}}";
    }

    /// `ROOMSEAL_OK`, or why frames of one or both directions are all replaced.
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
    using Bytes = std::vector<std::uint8_t>;

    bool seal(std::uint32_t kind, Data &data, const Bytes &substitute) noexcept {
        const auto sealed_len = [&](std::size_t len) { return sealer_.sealed_len(kind, len); };
        const auto layer = static_cast<std::size_t>(data.streamType);
        return process(data, sealer_, substitute, sealed_len,
                       [&](const std::uint8_t *in, std::size_t len, std::uint8_t *out,
                           std::size_t cap, std::size_t *out_len) noexcept {
                           return sealer_.seal(kind, layer, in, len, {}, out, cap, out_len);
                       });
    }

    bool open(std::uint32_t kind, Data &data, const Bytes &substitute) noexcept {
        const std::string_view user = detail::source(data.userId);
        return process(data, opener_, substitute, [](std::size_t len) { return len; },
                       [&](const std::uint8_t *in, std::size_t len, std::uint8_t *out,
                           std::size_t cap, std::size_t *out_len) noexcept {
                           return opener_.open(kind, in, len, {}, user, out, cap, out_len);
                       });
    }

    // Sizes the output, then looks where the buffers are, since they move when they grow.
    template <class Half, class Size, class Call>
    static bool process(Data &data, Half &half, const Bytes &substitute, Size size,
                        Call call) noexcept {
        auto *out = data.processedData;
        if (out == nullptr) {
            half.refuse(ROOMSEAL_ERR_NULL_POINTER);
            return true; // there is nothing to write to, but "false" would send it in clear
        }
        const auto *in = data.originData;
        roomseal_status fault = ROOMSEAL_ERR_NULL_POINTER;
        ROOMSEAL_TRY {
            if (in != nullptr) {
                const std::size_t len = in->size();
                const std::size_t cap = size(len);
                fault = ROOMSEAL_ERR_BUFFER_TOO_SMALL;
                out->SetSize(cap);
                std::size_t out_len = 0;
                std::uint8_t *const to = out->data();
                const std::uint8_t *const from = in->cdata();
                if (out->size() == cap && (cap == 0 || to != nullptr)) {
                    fault = ROOMSEAL_OK; // what comes now is counted by the call
                    if (call(from, len, to, cap, &out_len) == ROOMSEAL_OK) {
                        out->SetSize(out_len);
                        return true;
                    }
                }
            }
        }
        ROOMSEAL_CATCH {}
        if (fault != ROOMSEAL_OK) {
            half.refuse(fault);
        }
        replace(*out, substitute);
        return true;
    }

    template <class Buffer> static void replace(Buffer &out, const Bytes &substitute) noexcept {
        ROOMSEAL_TRY {
            out.SetSize(0);
            if (!substitute.empty()) {
                out.SetSize(substitute.size());
            }
            if (out.size() == substitute.size() && out.data() != nullptr && out.size() != 0) {
                std::memcpy(out.data(), substitute.data(), substitute.size());
            }
        }
        ROOMSEAL_CATCH {}
    }

    FrameSealer sealer_;
    FrameOpener opener_;
    const TrtcOptions options_;
};

} // namespace roomseal

#undef ROOMSEAL_TRY
#undef ROOMSEAL_CATCH

#endif // ROOMSEAL_TRTC_HPP
