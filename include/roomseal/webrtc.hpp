// WebRTC's frame encryptor and decryptor, for native WebRTC and its forks. Take their headers
// as they are, and write
//
//     sender->SetFrameEncryptor(rtc::make_ref_counted<
//         roomseal::WebrtcEncryptor<webrtc::FrameEncryptorInterface>>(room));
//     receiver->SetFrameDecryptor(rtc::make_ref_counted<
//         roomseal::WebrtcDecryptor<webrtc::FrameDecryptorInterface>>(room, user_id));
//
// before media flows, one encryptor for each sender and one decryptor for each receiver.
#ifndef ROOMSEAL_WEBRTC_HPP
#define ROOMSEAL_WEBRTC_HPP

#include "room.hpp"

#include <string>
#include <tuple>

namespace roomseal {

namespace detail {

/// The types in a method's signature, whatever a fork calls them.
template <class Method> struct Signature;
template <class R, class Class, class... Args> struct Signature<R (Class::*)(Args...)> {
    using Result = R;
    template <std::size_t I> using Arg = std::tuple_element_t<I, std::tuple<Args...>>;
};

/// WebRTC's media types are numbered alike in all its versions: audio 0, video 1. For the
/// others 0, which is no kind.
template <class MediaType> constexpr std::uint32_t kind_of(MediaType type) noexcept {
    switch (static_cast<int>(type)) {
    case 0:
        return ROOMSEAL_KIND_AUDIO;
    case 1:
        return ROOMSEAL_KIND_VIDEO;
    default:
        return 0;
    }
}

/// An array view's bytes as metadata.
template <class View> std::string_view bytes_of(const View &view) noexcept {
    return {reinterpret_cast<const char *>(view.data()), view.size()};
}

} // namespace detail

/// What both ends must agree on.
struct WebrtcOptions {
    /// Authenticates what WebRTC passes as additional data: for video, the frame's
    /// dependency descriptor. Only where nothing on the way rewrites it: SFUs do.
    bool authenticate_additional_data = false;
};

/// `Interface` is `webrtc::FrameEncryptorInterface`. The reference counting is left to
/// `make_ref_counted`.
///
/// A frame that can't be sealed is an error to WebRTC, which doesn't send it then, and is
/// counted. `Encrypt` may be called by any number of threads, and allocates nothing.
///
/// Frames are plain, unless a codec is named: WebRTC's packetizers look into video, so rooms
/// for it have the form `ROOMSEAL_FORM_CODEC` for video, and the encryptor is told what the
/// sender's codec is. A frame of another one is refused and counted, never sent in clear.
template <class Interface> class WebrtcEncryptor : public Interface {
    using Encrypting = detail::Signature<decltype(&Interface::Encrypt)>;
    using MediaType = typename Encrypting::template Arg<0>;
    using Input = typename Encrypting::template Arg<3>;
    using Output = typename Encrypting::template Arg<4>;

  public:
    /// `room` is a `roomseal::Room` or a handle of the C interface.
    explicit WebrtcEncryptor(const roomseal_room *room, WebrtcOptions options = {}) noexcept
        : sealer_(room), options_(options) {}

    WebrtcEncryptor(const WebrtcEncryptor &) = delete;
    WebrtcEncryptor &operator=(const WebrtcEncryptor &) = delete;

    /// Returns 0, or a `roomseal_status`.
    int Encrypt(MediaType media_type, std::uint32_t /*ssrc*/, Input additional_data, Input frame,
                Output encrypted_frame, std::size_t *bytes_written) override {
        std::size_t len = 0;
        const roomseal_status status = sealer_.seal(
            detail::kind_of(media_type), 0, frame.data(), frame.size(),
            options_.authenticate_additional_data ? detail::bytes_of(additional_data)
                                                  : std::string_view(),
            encrypted_frame.data(), encrypted_frame.size(), &len);
        *bytes_written = len;
        return status;
    }

    std::size_t GetMaxCiphertextByteSize(MediaType media_type, std::size_t frame_size) override {
        return sealer_.max_sealed_len(detail::kind_of(media_type), frame_size);
    }

    /// Names the codec of what comes from now on, `ROOMSEAL_CODEC_`; again whenever the
    /// sender's codec changes, from any thread.
    void set_video_codec(std::uint32_t codec) noexcept {
        sealer_.set_codec(ROOMSEAL_KIND_VIDEO, codec);
    }
    /// The same for audio, which is mostly left plain.
    void set_audio_codec(std::uint32_t codec) noexcept {
        sealer_.set_codec(ROOMSEAL_KIND_AUDIO, codec);
    }

    /// `ROOMSEAL_OK`, or why nothing is ever sealed.
    [[nodiscard]] roomseal_status status() const noexcept { return sealer_.status(); }
    /// What became of the frames.
    [[nodiscard]] Counters counters() const noexcept {
        Counters sum;
        sealer_.add_to(sum);
        return sum;
    }

  private:
    FrameSealer sealer_;
    const WebrtcOptions options_;
};

/// `Interface` is `webrtc::FrameDecryptorInterface`. The reference counting is left to
/// `make_ref_counted`.
///
/// A frame that doesn't open never reaches the decoder, and is counted. WebRTC asks for key
/// frames only while it thinks that the stream can be decrypted: it is told `kRecoverable`
/// where the next frame may well open, and `kFailedToDecrypt` where key or ids seem wrong.
/// Frames explain themselves, so that no SSRC is needed. WebRTC has video opened where it
/// lies; that takes a copy, in a buffer that is kept. `Decrypt` may be called by any number
/// of threads.
template <class Interface> class WebrtcDecryptor : public Interface {
    using Decrypting = detail::Signature<decltype(&Interface::Decrypt)>;
    using MediaType = typename Decrypting::template Arg<0>;
    using Sources = typename Decrypting::template Arg<1>;
    using Input = typename Decrypting::template Arg<3>;
    using Output = typename Decrypting::template Arg<4>;
    using Status = typename Interface::Status;

  public:
    using Result = typename Interface::Result;

    /// `room` is a `roomseal::Room` or a handle of the C interface. `user` is who the
    /// application takes for the sender: streams are bound to it. Leave it empty where one
    /// receiver serves several senders in turn.
    explicit WebrtcDecryptor(const roomseal_room *room, std::string user = {},
                             WebrtcOptions options = {}) noexcept
        : opener_(room), user_(std::move(user)), options_(options) {}

    WebrtcDecryptor(const WebrtcDecryptor &) = delete;
    WebrtcDecryptor &operator=(const WebrtcDecryptor &) = delete;

    Result Decrypt(MediaType media_type, Sources /*csrcs*/, Input additional_data,
                   Input encrypted_frame, Output frame) override {
        std::size_t len = 0;
        const roomseal_status status = opener_.open(
            detail::kind_of(media_type), encrypted_frame.data(), encrypted_frame.size(),
            options_.authenticate_additional_data ? detail::bytes_of(additional_data)
                                                  : std::string_view(),
            user_, frame.data(), frame.size(), &len);
        return Result(result_of(status), len);
    }

    /// Never more than the sealed frame: WebRTC aborts where it is.
    std::size_t GetMaxPlaintextByteSize(MediaType /*media_type*/,
                                        std::size_t encrypted_frame_size) override {
        return encrypted_frame_size;
    }

    /// `ROOMSEAL_OK`, or why nothing is ever opened.
    [[nodiscard]] roomseal_status status() const noexcept { return opener_.status(); }
    /// What became of the frames.
    [[nodiscard]] Counters counters() const noexcept {
        Counters sum;
        opener_.add_to(sum);
        return sum;
    }

  private:
    static Status result_of(roomseal_status status) noexcept {
        switch (status) {
        case ROOMSEAL_OK:
            return Status::kOk;
        case ROOMSEAL_ERR_TOO_LARGE:
        case ROOMSEAL_ERR_MALFORMED:
        case ROOMSEAL_ERR_NOT_SEALED:
        case ROOMSEAL_ERR_OWN_FRAME:
        case ROOMSEAL_ERR_REPLAY:
        case ROOMSEAL_ERR_TOO_OLD:
        case ROOMSEAL_ERR_SOURCE_CHANGED:
        case ROOMSEAL_ERR_BUDGET:
            return Status::kRecoverable;
        default:
            return Status::kFailedToDecrypt;
        }
    }

    FrameOpener opener_;
    const std::string user_;
    const WebrtcOptions options_;
};

} // namespace roomseal

#endif // ROOMSEAL_WEBRTC_HPP
