// What the host adapters share, for C++17 and later: owners for the handles of
// roomseal.h, and callbacks' halves that seal and open from one buffer of a host
// into another.
//
// Header only. Nothing here throws; it compiles without exceptions and without
// run-time type information. A failure is a `roomseal_status`.
#ifndef ROOMSEAL_ROOM_HPP
#define ROOMSEAL_ROOM_HPP

#include "../roomseal.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>

namespace roomseal {

/// Gives handles back to the library.
struct Free {
    void operator()(roomseal_config *config) const noexcept { roomseal_config_free(config); }
    void operator()(roomseal_room *room) const noexcept { roomseal_room_free(room); }
    void operator()(roomseal_sealer *sealer) const noexcept { roomseal_sealer_free(sealer); }
    void operator()(roomseal_opener *opener) const noexcept { roomseal_opener_free(opener); }
};

/// Owners of handles.
using ConfigHandle = std::unique_ptr<roomseal_config, Free>;
using RoomHandle = std::unique_ptr<roomseal_room, Free>;
using SealerHandle = std::unique_ptr<roomseal_sealer, Free>;
using OpenerHandle = std::unique_ptr<roomseal_opener, Free>;

/// What a room is made with. Setters return the configuration, so that they can be strung
/// together; the first failure is kept and told by `status()` and by a room made with it.
class Config {
  public:
    Config() noexcept {
        roomseal_config *made = nullptr;
        note(roomseal_config_new(&made));
        handle_.reset(made);
    }

    /// The application: TRTC's SDKAppID, Agora's App ID, ZEGO's appID. Numbers and texts differ.
    Config &app_id(std::uint64_t id) noexcept {
        return note(roomseal_config_set_app_id_number(get(), id));
    }
    Config &app_id(std::string_view id) noexcept {
        return note(roomseal_config_set_app_id_text(get(), id.data(), id.size()));
    }
    /// The room or channel. TRTC's numeric room 123 and its string room "123" are two rooms.
    Config &room_id(std::uint64_t id) noexcept {
        return note(roomseal_config_set_room_id_number(get(), id));
    }
    Config &room_id(std::string_view id) noexcept {
        return note(roomseal_config_set_room_id_text(get(), id.data(), id.size()));
    }
    /// The call within the room, if calls under one key are to be kept apart.
    Config &call_id(std::uint64_t id) noexcept {
        return note(roomseal_config_set_call_id_number(get(), id));
    }
    Config &call_id(std::string_view id) noexcept {
        return note(roomseal_config_set_call_id_text(get(), id.data(), id.size()));
    }
    /// The suite of a kind, `ROOMSEAL_SUITE_` of `ROOMSEAL_KIND_`: the same for all members.
    Config &suite(std::uint32_t kind, std::uint32_t suite) noexcept {
        return note(roomseal_config_set_suite(get(), kind, suite));
    }
    /// The opt-in that suite 3 needs.
    Config &allow_four_byte_tags() noexcept {
        return note(roomseal_config_allow_four_byte_tags(get()));
    }
    /// The form of a kind's frames, `ROOMSEAL_FORM_` of `ROOMSEAL_KIND_`: the same for all
    /// members.
    Config &form(std::uint32_t kind, std::uint32_t form) noexcept {
        return note(roomseal_config_set_form(get(), kind, form));
    }
    /// Frames that each incoming stream remembers; this member's own choice.
    Config &replay_window(std::size_t frames) noexcept {
        return note(roomseal_config_set_replay_window(get(), frames));
    }
    /// For a recorder: the room can't seal.
    Config &open_only() noexcept { return note(roomseal_config_set_open_only(get())); }

    /// `ROOMSEAL_OK`, or why the first setter that failed did.
    [[nodiscard]] roomseal_status status() const noexcept { return status_; }
    /// For the settings that have no setter here.
    [[nodiscard]] roomseal_config *get() const noexcept { return handle_.get(); }

  private:
    Config &note(roomseal_status status) noexcept {
        status_ = status_ == ROOMSEAL_OK ? status : status_;
        return *this;
    }

    ConfigHandle handle_;
    roomseal_status status_ = ROOMSEAL_OK;
};

/// A room. Adapters made with it may outlive it: when it goes it is closed, and they seal
/// and open nothing any more.
class Room {
  public:
    explicit Room(const Config &config) noexcept : status_(config.status()) {
        roomseal_room *made = nullptr;
        if (status_ == ROOMSEAL_OK) {
            status_ = roomseal_room_new(config.get(), &made);
        }
        handle_.reset(made);
    }

    /// `ROOMSEAL_OK`, or why there is no room. Every call then fails, and nothing is sealed.
    [[nodiscard]] roomseal_status status() const noexcept { return status_; }

    /// Installs the key of an epoch: 16 bytes, or its text. See `roomseal_room_install`.
    [[nodiscard]] roomseal_status install(std::uint64_t epoch, const std::uint8_t *key,
                                          std::size_t key_len) const noexcept {
        return roomseal_room_install(get(), epoch, key, key_len, nullptr, 0);
    }
    [[nodiscard]] roomseal_status install_base64(std::uint64_t epoch,
                                                 std::string_view key) const noexcept {
        return roomseal_room_install_base64(get(), epoch, key.data(), key.size(), nullptr, 0);
    }
    [[nodiscard]] roomseal_status install_hex(std::uint64_t epoch,
                                              std::string_view key) const noexcept {
        return roomseal_room_install_hex(get(), epoch, key.data(), key.size(), nullptr, 0);
    }
    /// Makes an installed epoch the one that is sealed under, from the next frame on.
    [[nodiscard]] roomseal_status activate(std::uint64_t epoch) const noexcept {
        return roomseal_room_activate(get(), epoch);
    }
    /// Removes an epoch and wipes its keys.
    [[nodiscard]] roomseal_status retire(std::uint64_t epoch) const noexcept {
        return roomseal_room_retire(get(), epoch);
    }
    /// Wipes all keys, at any time: later frames are neither sealed nor opened.
    void close() const noexcept {
        const roomseal_status without_room = roomseal_room_close(get()); // the one way to fail
        static_cast<void>(without_room);
    }
    /// A counter of the room, `ROOMSEAL_COUNTER_` of `ROOMSEAL_KIND_`; 0 if there is none.
    [[nodiscard]] std::uint64_t counter(std::uint32_t kind, std::uint32_t id) const noexcept {
        std::uint64_t value = 0;
        return roomseal_room_counter(get(), kind, id, &value) == ROOMSEAL_OK ? value : 0;
    }
    /// The handle, for the calls of roomseal.h. It stays this object's.
    [[nodiscard]] const roomseal_room *get() const noexcept { return handle_.get(); }
    /// Adapters take a handle of the C interface or a room of this class.
    operator const roomseal_room *() const noexcept { return get(); }

  private:
    RoomHandle handle_;
    roomseal_status status_;
};

/// What an adapter has done since it was made. Every frame that a host hands over for
/// sending counts as `sealed` or `seal_failed`, every one that it has received as `opened`,
/// `open_failed` or `passed_clear`; the others say more about failures.
struct Counters {
    /// Frames sealed.
    std::uint64_t sealed = 0;
    /// Frames that could not be sealed, and were kept back. `last_seal_failure` says why.
    std::uint64_t seal_failed = 0;
    /// Frames opened: authentic, and new.
    std::uint64_t opened = 0;
    /// Frames kept from the decoder. The room's counters tell the reasons apart.
    std::uint64_t open_failed = 0;
    /// Clear frames let in because `roomseal_room_accept_clear_frames_dangerously` says so.
    std::uint64_t passed_clear = 0;
    /// Of those that failed: longer than the host or the room takes.
    std::uint64_t too_large = 0;
    /// Of those that failed: the host gave no buffer, or one that is too small.
    std::uint64_t no_buffer = 0;
    /// The newest failure of each direction, for `roomseal_status_name`.
    roomseal_status last_seal_failure = ROOMSEAL_OK;
    roomseal_status last_open_failure = ROOMSEAL_OK;
};

namespace detail {

/// Whether two ranges share a byte.
inline bool overlap(const std::uint8_t *a, std::size_t a_len, const std::uint8_t *b,
                    std::size_t b_len) noexcept {
    const std::less<const std::uint8_t *> before;
    return a_len != 0 && b_len != 0 && before(a, b + b_len) && before(b, a + a_len);
}

/// A user id as a source: nothing for none. Of ids that are too long one byte more than a
/// source may have, which the library then refuses: a cut id could be somebody else's.
inline std::string_view source(const char *id) noexcept {
    if (id == nullptr) {
        return {};
    }
    const void *end = std::memchr(id, 0, ROOMSEAL_MAX_SOURCE_LEN + 1);
    return {id, end == nullptr
                    ? std::size_t{ROOMSEAL_MAX_SOURCE_LEN + 1}
                    : static_cast<std::size_t>(static_cast<const char *>(end) - id)};
}

/// A count that any thread may raise.
using Count = std::atomic<std::uint64_t>;

inline void increment(Count &count) noexcept { count.fetch_add(1, std::memory_order_relaxed); }
inline std::uint64_t read(const Count &count) noexcept {
    return count.load(std::memory_order_relaxed);
}

/// Failures of one direction.
class Failures {
  public:
    roomseal_status note(roomseal_status status) noexcept {
        increment(all_);
        if (status == ROOMSEAL_ERR_TOO_LARGE) {
            increment(too_large_);
        } else if (status == ROOMSEAL_ERR_BUFFER_TOO_SMALL ||
                   status == ROOMSEAL_ERR_NULL_POINTER) {
            increment(no_buffer_);
        }
        last_.store(status, std::memory_order_relaxed);
        return status;
    }
    void add_to(std::uint64_t &all, Counters &sum, roomseal_status &last) const noexcept {
        all += read(all_);
        sum.too_large += read(too_large_);
        sum.no_buffer += read(no_buffer_);
        last = last_.load(std::memory_order_relaxed);
    }

  private:
    Count all_{0}, too_large_{0}, no_buffer_{0};
    std::atomic<roomseal_status> last_{ROOMSEAL_OK};
};

/// A copy of an input for hosts whose output lies over it. Grows to the longest frame and
/// stays: after the first frames nothing is allocated.
class Scratch {
  public:
    /// Calls `use` with a copy of the bytes, one thread at a time.
    template <class Use>
    roomseal_status with_copy(const std::uint8_t *bytes, std::size_t len, Use use) noexcept {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (len > cap_) {
            const std::size_t cap = len + len / 2;
            std::unique_ptr<std::uint8_t[]> grown(new (std::nothrow) std::uint8_t[cap]);
            if (grown == nullptr) {
                return ROOMSEAL_ERR_BUFFER_TOO_SMALL;
            }
            bytes_ = std::move(grown);
            cap_ = cap;
        }
        std::memcpy(bytes_.get(), bytes, len);
        return use(static_cast<const std::uint8_t *>(bytes_.get()));
    }

  private:
    std::mutex mutex_;
    std::unique_ptr<std::uint8_t[]> bytes_;
    std::size_t cap_ = 0;
};

} // namespace detail

/// The sending half of a callback: seals audio and video from a buffer of the host into
/// another one. Any number of threads at once. Input and output may be the same memory.
class FrameSealer {
  public:
    /// The most layers of video: a camera in two sizes, and a screen.
    static constexpr std::size_t max_layers = 3;

    /// `layers`: video streams that the host keeps apart, each with a sealer of its own.
    explicit FrameSealer(const roomseal_room *room, std::size_t layers = 1) noexcept {
        make(room, ROOMSEAL_KIND_AUDIO, audio_);
        for (std::size_t i = 0; i < layers && i < max_layers; i++) {
            make(room, ROOMSEAL_KIND_VIDEO, video_[i]);
        }
    }

    /// `ROOMSEAL_OK`, or why nothing will ever be sealed: the room is closed, or opens only,
    /// or there is no room, or no random generator.
    [[nodiscard]] roomseal_status status() const noexcept { return status_; }

    /// The exact length of a sealed frame of plain form; 0 if there is none.
    [[nodiscard]] std::size_t sealed_len(std::uint32_t kind, std::size_t frame_len) const noexcept {
        std::size_t len = 0;
        const roomseal_sealer *sealer = find(kind, 0);
        return sealer != nullptr &&
                       roomseal_sealer_sealed_len(sealer, frame_len, &len) == ROOMSEAL_OK
                   ? len
                   : 0;
    }

    /// Names the codec of the frames of a kind from now on, `ROOMSEAL_CODEC_`: for rooms
    /// whose frames of this kind are of the form `ROOMSEAL_FORM_CODEC`. At any time, from any
    /// thread.
    void set_codec(std::uint32_t kind, std::uint32_t codec) noexcept {
        codec_of(kind).store(codec, std::memory_order_relaxed);
    }

    /// A length that suffices for a sealed frame of the kind, whatever codec is named until
    /// it is sealed. For plain frames it is the exact one. 0 if there is none.
    [[nodiscard]] std::size_t max_sealed_len(std::uint32_t kind,
                                             std::size_t frame_len) const noexcept {
        if (codec_of(kind).load(std::memory_order_relaxed) != plain) {
            std::size_t most = 0;
            for (std::uint32_t codec = 0; codec <= ROOMSEAL_CODEC_AAC; codec++) {
                std::size_t len = 0;
                const roomseal_sealer *sealer = find(kind, 0);
                if (sealer != nullptr && roomseal_sealer_max_sealed_codec_len(
                                             sealer, codec, frame_len, &len) == ROOMSEAL_OK) {
                    most = len > most ? len : most;
                }
            }
            return most;
        }
        return sealed_len(kind, frame_len);
    }

    /// Seals and counts a frame. `metadata` is authenticated and not sent. On failure there
    /// is nothing to send.
    [[nodiscard]] roomseal_status seal(std::uint32_t kind, std::size_t layer,
                                       const std::uint8_t *frame, std::size_t frame_len,
                                       std::string_view metadata, std::uint8_t *out,
                                       std::size_t out_cap, std::size_t *out_len) noexcept {
        const roomseal_sealer *sealer = find(kind, layer);
        if (sealer == nullptr) {
            return refuse(status_ == ROOMSEAL_OK ? ROOMSEAL_ERR_WRONG_KIND : status_);
        }
        const auto *aad = reinterpret_cast<const std::uint8_t *>(metadata.data());
        const std::uint32_t codec = codec_of(kind).load(std::memory_order_relaxed);
        const auto call = [&](const std::uint8_t *from) noexcept {
            if (codec != plain) {
                return roomseal_sealer_seal_codec(sealer, codec, from, frame_len, aad,
                                                  metadata.size(), out, out_cap, out_len);
            }
            return roomseal_sealer_seal(sealer, from, frame_len, aad, metadata.size(), out,
                                        out_cap, out_len);
        };
        const roomseal_status status = detail::overlap(frame, frame_len, out, out_cap)
                                           ? scratch_.with_copy(frame, frame_len, call)
                                           : call(frame);
        if (status != ROOMSEAL_OK) {
            return refuse(status);
        }
        detail::increment(sealed_);
        return status;
    }

    /// Counts a frame that the caller kept back for a reason of its own, and returns it.
    roomseal_status refuse(roomseal_status reason) noexcept { return failures_.note(reason); }

    /// Adds what was counted to `sum`.
    void add_to(Counters &sum) const noexcept {
        sum.sealed += detail::read(sealed_);
        failures_.add_to(sum.seal_failed, sum, sum.last_seal_failure);
    }

  private:
    void make(const roomseal_room *room, std::uint32_t kind, SealerHandle &sealer) noexcept {
        roomseal_sealer *made = nullptr;
        const roomseal_status status = roomseal_sealer_new(room, kind, &made);
        status_ = status_ == ROOMSEAL_OK ? status : status_;
        sealer.reset(made);
    }
    [[nodiscard]] const roomseal_sealer *find(std::uint32_t kind,
                                              std::size_t layer) const noexcept {
        switch (kind) {
        case ROOMSEAL_KIND_AUDIO:
            return audio_.get();
        case ROOMSEAL_KIND_VIDEO: // the first one for layers that nobody announced
            return layer < max_layers && video_[layer] ? video_[layer].get() : video_[0].get();
        default:
            return nullptr;
        }
    }

    // No codec was named: frames are plain.
    static constexpr std::uint32_t plain = UINT32_MAX;
    [[nodiscard]] std::atomic<std::uint32_t> &codec_of(std::uint32_t kind) noexcept {
        return kind == ROOMSEAL_KIND_AUDIO ? audio_codec_ : video_codec_;
    }
    [[nodiscard]] const std::atomic<std::uint32_t> &codec_of(std::uint32_t kind) const noexcept {
        return kind == ROOMSEAL_KIND_AUDIO ? audio_codec_ : video_codec_;
    }

    SealerHandle audio_;
    std::array<SealerHandle, max_layers> video_;
    std::atomic<std::uint32_t> audio_codec_{plain}, video_codec_{plain};
    roomseal_status status_ = ROOMSEAL_OK;
    detail::Scratch scratch_;
    detail::Count sealed_{0};
    detail::Failures failures_;
};

/// The receiving half of a callback: opens audio and video from a buffer of the host into
/// another one. Any number of threads at once. Input and output may be the same memory.
class FrameOpener {
  public:
    explicit FrameOpener(const roomseal_room *room) noexcept {
        roomseal_opener *made = nullptr;
        status_ = roomseal_opener_new(room, &made);
        opener_.reset(made);
    }

    /// `ROOMSEAL_OK`, or why nothing will ever be opened: there is no room.
    [[nodiscard]] roomseal_status status() const noexcept { return status_; }

    /// The exact length of what opens out of a sealed frame of plain form; 0 if that is too
    /// short for one.
    [[nodiscard]] std::size_t opened_len(std::uint32_t kind, std::size_t frame_len) const noexcept {
        std::size_t len = 0;
        return opener_ &&
                       roomseal_opener_opened_len(opener_.get(), kind, frame_len, &len) ==
                           ROOMSEAL_OK
                   ? len
                   : 0;
    }

    /// Opens and counts a frame; `frame_len` bytes always suffice for the output. `source`
    /// is the user or stream that the host names, or empty. On failure there is nothing to
    /// use. While the room accepts clear frames, one is copied to the output as it is.
    [[nodiscard]] roomseal_status open(std::uint32_t kind, const std::uint8_t *frame,
                                       std::size_t frame_len, std::string_view metadata,
                                       std::string_view source, std::uint8_t *out,
                                       std::size_t out_cap, std::size_t *out_len) noexcept {
        if (!opener_) {
            return refuse(status_);
        }
        const auto call = [&](const std::uint8_t *from) noexcept {
            return roomseal_opener_open(opener_.get(), kind, from, frame_len,
                                        reinterpret_cast<const std::uint8_t *>(metadata.data()),
                                        metadata.size(), source.empty() ? nullptr : source.data(),
                                        source.size(), out, out_cap, out_len);
        };
        const roomseal_status status = detail::overlap(frame, frame_len, out, out_cap)
                                           ? scratch_.with_copy(frame, frame_len, call)
                                           : call(frame);
        if (status == ROOMSEAL_ERR_CLEAR_FRAME) {
            return pass_clear(frame, frame_len, out, out_cap, out_len);
        }
        if (status != ROOMSEAL_OK) {
            return refuse(status);
        }
        detail::increment(opened_);
        return status;
    }

    /// Counts a frame that the caller refused for a reason of its own, and returns it.
    roomseal_status refuse(roomseal_status reason) noexcept { return failures_.note(reason); }

    /// Adds what was counted to `sum`.
    void add_to(Counters &sum) const noexcept {
        sum.opened += detail::read(opened_);
        sum.passed_clear += detail::read(passed_clear_);
        failures_.add_to(sum.open_failed, sum, sum.last_open_failure);
    }

  private:
    roomseal_status pass_clear(const std::uint8_t *frame, std::size_t frame_len, std::uint8_t *out,
                               std::size_t out_cap, std::size_t *out_len) noexcept {
        if (out_cap < frame_len) {
            return refuse(ROOMSEAL_ERR_BUFFER_TOO_SMALL);
        }
        if (frame_len != 0) {
            std::memmove(out, frame, frame_len);
        }
        *out_len = frame_len;
        detail::increment(passed_clear_);
        return ROOMSEAL_OK;
    }

    OpenerHandle opener_;
    roomseal_status status_ = ROOMSEAL_OK;
    detail::Scratch scratch_;
    detail::Count opened_{0}, passed_clear_{0};
    detail::Failures failures_;
};

} // namespace roomseal

#endif // ROOMSEAL_ROOM_HPP
