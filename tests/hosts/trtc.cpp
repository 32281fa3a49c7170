// The listener for Tencent RTC against a stand-in for its SDK.
#include "roomseal/trtc.hpp"

#include "ITRTCCloud.h"
#include "test.hpp"

#include <chrono>
#include <thread>

using namespace test;

using Interface = liteav::ITXLiteAVEncodedDataProcessingListener;
using Listener = roomseal::TrtcListener<Interface>;
using liteav::TXLiteAVBuffer;
using liteav::TXLiteAVEncodedData;
using Method = bool (Interface::*)(TXLiteAVEncodedData &);

namespace {

// What one callback left, as the SDK goes on with it.
struct Result {
    bool processed;
    Bytes bytes;
};

// Calls a method of a listener. The output starts with a copy of the input: should nothing
// be done with it, the frame is there in clear.
Result call(Interface &listener, Method method, const Bytes &frame, const char *user = nullptr,
            int stream = 0, std::size_t grows_to = SIZE_MAX, bool ignores = false) {
    TXLiteAVBuffer in(frame.data(), frame.size()), out(frame.data(), frame.size());
    out.grows_to = grows_to;
    out.ignores = ignores;
    TXLiteAVEncodedData data{user, stream, &in, &out};
    const bool processed = (listener.*method)(data);
    CHECK(in.size() == frame.size());
    CHECK(frame.empty() || std::memcmp(in.cdata(), frame.data(), frame.size()) == 0);
    return {processed, Bytes(out.cdata(), out.cdata() + out.size())};
}

constexpr Method encode_video = &Interface::didEncodeVideo;
constexpr Method encode_audio = &Interface::didEncodeAudio;
constexpr Method decode_video = &Interface::willDecodeVideo;
constexpr Method decode_audio = &Interface::willDecodeAudio;

// Whether a frame was replaced by `substitute`, and not passed through.
bool replaced(const Result &result, const Bytes &substitute = {}) {
    return result.processed && result.bytes == substitute;
}

void registration() {
    const auto ours = room();
    static Listener listener(ours);
    liteav::ITRTCCloud cloud;
    cloud.callExperimentalAPI(listener.registration_json().c_str());
    CHECK(cloud.listener == static_cast<Interface *>(&listener));
    cloud.callExperimentalAPI(Listener::removal_json().c_str());
    CHECK(cloud.listener == nullptr);
    // Too late once in the room.
    cloud.enterRoom({}, liteav::TRTCAppSceneVideoCall);
    cloud.callExperimentalAPI(listener.registration_json().c_str());
    CHECK(cloud.listener == nullptr);
    cloud.exitRoom();

    // As Android's heap gives it: the top byte is a tag, the number is above 2^63.
    CHECK(Listener::json(0xB400007FDEADBEEF) ==
          "{\"api\":\"setEncodedDataProcessingListener\","
          "\"params\":{\"listener\":12970367476023803631}}");
    cloud.callExperimentalAPI(Listener::json(0xB400007FDEADBEEF).c_str());
    EQUAL(reinterpret_cast<std::uintptr_t>(cloud.listener), 0xB400007FDEADBEEF);
    CHECK(Listener::removal_json() == Listener::json(0));
    // Static storage on this machine: below 2^53.
    EQUAL(listener.address(), reinterpret_cast<std::uintptr_t>(static_cast<Interface *>(&listener)));
    CHECK(listener.address_is_exact_as_double());
}

void frames_arrive() {
    const auto ours = room(), theirs = room();
    Listener alice(ours), bob(theirs);
    OK(alice.status());
    struct {
        Method encode, decode;
        int stream;
    } const streams[] = {{encode_audio, decode_audio, 0}, {encode_video, decode_video, 0},
                         {encode_video, decode_video, 1}, {encode_video, decode_video, 2},
                         {encode_video, decode_video, 77}, {encode_video, decode_video, -1}};
    std::uint64_t frames = 0;
    for (const auto &stream : streams) {
        for (const std::size_t len : {0U, 1U, 2U, 40U, 160U, 1200U, 70000U, 3U}) {
            const Bytes clear = frame(len, static_cast<unsigned>(frames));
            const Result sent = call(alice, stream.encode, clear, nullptr, stream.stream);
            CHECK(sent.processed);
            EQUAL(sent.bytes.size(), len + 28);
            CHECK(!leaks(sent.bytes.data(), sent.bytes.size(), clear));
            // The user id comes late.
            const char *user = frames % 8 < 3 ? nullptr : "alice";
            const Result got = call(bob, stream.decode, sent.bytes, user, stream.stream);
            CHECK(got.processed);
            CHECK(got.bytes == clear);
            frames++;
        }
    }
    EQUAL(alice.counters().sealed, frames);
    EQUAL(alice.counters().seal_failed, 0);
    EQUAL(bob.counters().opened, frames);
    EQUAL(bob.counters().open_failed, 0);
    // One stream each for the microphone, the camera in two sizes, and the screen.
    std::size_t streams_of_video = 0;
    OK(roomseal_room_stream_count(theirs, ROOMSEAL_KIND_VIDEO, &streams_of_video));
    EQUAL(streams_of_video, 3);
}

void one_buffer_for_both() {
    const auto ours = room(), theirs = room();
    Listener alice(ours), bob(theirs);
    for (const std::size_t len : {0U, 1U, 160U, 5000U}) {
        const Bytes clear = frame(len);
        TXLiteAVBuffer buffer(clear.data(), len);
        TXLiteAVEncodedData data{nullptr, 0, &buffer, &buffer};
        CHECK(alice.didEncodeVideo(data));
        EQUAL(buffer.size(), len + 28);
        CHECK(!leaks(buffer.cdata(), buffer.size(), clear));
        CHECK(bob.willDecodeVideo(data));
        CHECK(Bytes(buffer.cdata(), buffer.cdata() + buffer.size()) == clear);
    }
}

void nothing_leaves_in_clear() {
    const Bytes clear = frame(300);
    const Bytes silence = {0xF8, 0xFF, 0xFE}, black = {0, 0, 1};
    for (const bool substitutes : {false, true}) {
        roomseal::TrtcOptions options;
        if (substitutes) {
            options = {silence, black};
        }
        const auto ours = room(), theirs = room(config(), other_key);
        Listener alice(ours, options), stranger(theirs, options);
        const Bytes sealed = call(alice, encode_audio, clear).bytes;

        // A wrong key; then noise, clear frames, and frames cut short or empty.
        CHECK(replaced(call(stranger, decode_audio, sealed), options.audio_substitute));
        EQUAL(stranger.counters().last_open_failure, ROOMSEAL_ERR_NOT_AUTHENTIC);
        CHECK(replaced(call(stranger, decode_video, clear), options.video_substitute));
        CHECK(replaced(call(stranger, decode_audio, frame(3)), options.audio_substitute));
        CHECK(replaced(call(stranger, decode_audio, {}), options.audio_substitute));
        EQUAL(stranger.counters().open_failed, 4);

        // A buffer that can't grow, with and without telling.
        CHECK(replaced(call(alice, encode_video, clear, nullptr, 0, 300),
                       options.video_substitute));
        CHECK(replaced(call(alice, encode_video, clear, nullptr, 0, 300, true),
                       options.video_substitute));
        EQUAL(alice.counters().seal_failed, 2);
        EQUAL(alice.counters().no_buffer, 2);
        EQUAL(alice.counters().last_seal_failure, ROOMSEAL_ERR_BUFFER_TOO_SMALL);

        // No key any more, and no room.
        OK(ours.retire(1));
        CHECK(replaced(call(alice, encode_video, clear), options.video_substitute));
        EQUAL(alice.counters().last_seal_failure, ROOMSEAL_ERR_NO_ACTIVE_EPOCH);
        CHECK(replaced(call(alice, decode_audio, sealed), options.audio_substitute));
        ours.close();
        CHECK(replaced(call(alice, encode_audio, clear), options.audio_substitute));
        EQUAL(alice.counters().last_seal_failure, ROOMSEAL_ERR_CLOSED);
        EQUAL(alice.counters().sealed, 1);
        EQUAL(alice.counters().seal_failed, 4);
    }

    // A room that could not be made, one that is closed, and one that only opens.
    const roomseal::Room none{roomseal::Config()};
    EQUAL(none.status(), ROOMSEAL_ERR_INVALID_ARGUMENT);
    Listener without(none);
    EQUAL(without.status(), ROOMSEAL_ERR_NULL_POINTER);
    CHECK(replaced(call(without, encode_video, clear)));
    CHECK(replaced(call(without, decode_video, clear)));
    const auto closed = room();
    closed.close();
    Listener late(closed);
    EQUAL(late.status(), ROOMSEAL_ERR_CLOSED);
    CHECK(replaced(call(late, encode_audio, clear)));
    EQUAL(late.counters().last_seal_failure, ROOMSEAL_ERR_CLOSED);
    const auto ours = room(), recording = room(config().open_only());
    Listener alice(ours), recorder(recording);
    EQUAL(recorder.status(), ROOMSEAL_ERR_OPEN_ONLY);
    CHECK(replaced(call(recorder, encode_audio, clear)));
    CHECK(call(recorder, decode_audio, call(alice, encode_audio, clear).bytes).bytes == clear);
}

void missing_buffers() {
    const auto ours = room();
    Listener alice(ours);
    const Bytes clear = frame(50);
    TXLiteAVBuffer in(clear.data(), clear.size()), out;
    TXLiteAVEncodedData no_output{nullptr, 0, &in, nullptr}, no_input{nullptr, 0, nullptr, &out},
        nothing{nullptr, 0, nullptr, nullptr};
    for (auto *data : {&no_output, &no_input, &nothing}) {
        CHECK(alice.didEncodeVideo(*data)); // "false" would mean: send it in clear
        CHECK(alice.didEncodeAudio(*data));
        CHECK(alice.willDecodeVideo(*data));
        CHECK(alice.willDecodeAudio(*data));
    }
    EQUAL(out.size(), 0);
    EQUAL(alice.counters().seal_failed, 6);
    EQUAL(alice.counters().open_failed, 6);
    EQUAL(alice.counters().no_buffer, 12);
    EQUAL(alice.counters().last_open_failure, ROOMSEAL_ERR_NULL_POINTER);
}

void streams_belong_to_users() {
    const auto ours = room(), theirs = room();
    Listener alice(ours), bob(theirs);
    const auto next = [&] { return call(alice, encode_audio, frame(60)).bytes; };
    CHECK(call(bob, decode_audio, next(), "alice").bytes == frame(60));
    CHECK(replaced(call(bob, decode_audio, next(), "mallory")));
    EQUAL(bob.counters().last_open_failure, ROOMSEAL_ERR_SOURCE_CHANGED);
    CHECK(call(bob, decode_audio, next(), nullptr).bytes == frame(60));
    CHECK(call(bob, decode_audio, next(), "").bytes == frame(60));
    CHECK(call(bob, decode_audio, next(), "alice").bytes == frame(60));
    // 64 bytes are the longest id; a longer one is refused, never cut.
    const std::string longest(64, 'x'), too_long(65, 'x');
    const auto carols = room();
    Listener carol(carols);
    const auto carols_next = [&] { return call(carol, encode_audio, frame(60)).bytes; };
    CHECK(call(bob, decode_audio, carols_next(), longest.c_str()).bytes == frame(60));
    CHECK(replaced(call(bob, decode_audio, carols_next(), too_long.c_str())));
    EQUAL(bob.counters().last_open_failure, ROOMSEAL_ERR_INVALID_ARGUMENT);
    // A server reflects a frame, or repeats one.
    CHECK(replaced(call(alice, decode_audio, next(), "alice")));
    EQUAL(alice.counters().last_open_failure, ROOMSEAL_ERR_OWN_FRAME);
    const Bytes twice = next();
    CHECK(call(bob, decode_audio, twice, "alice").bytes == frame(60));
    CHECK(replaced(call(bob, decode_audio, twice, "alice")));
    EQUAL(bob.counters().last_open_failure, ROOMSEAL_ERR_REPLAY);
    EQUAL(bob.counters().opened + bob.counters().open_failed, 9);
}

void roll_out() {
    const auto theirs = room();
    Listener bob(theirs);
    OK(roomseal_room_accept_clear_frames_dangerously(theirs, ROOMSEAL_KIND_AUDIO, 60));
    for (const std::size_t len : {0U, 1U, 30U, 400U}) {
        CHECK(call(bob, decode_audio, frame(len), "old").bytes == frame(len));
        CHECK(replaced(call(bob, decode_video, frame(len), "old"))); // only audio was named
    }
    EQUAL(bob.counters().passed_clear, 4);
    EQUAL(bob.counters().opened, 0);
    OK(roomseal_room_accept_clear_frames_dangerously(theirs, ROOMSEAL_KIND_AUDIO, 0));
    CHECK(replaced(call(bob, decode_audio, frame(30), "old")));
}

void nothing_is_allocated() {
    const auto ours = room(), theirs = room();
    Listener alice(ours), bob(theirs);
    const Bytes clear = frame(1000);
    TXLiteAVBuffer in(clear.data(), clear.size()), wire, out;
    wire.EnsureCapacity(2000);
    out.EnsureCapacity(2000);
    TXLiteAVEncodedData send{nullptr, 0, &in, &wire}, receive{"alice", 0, &wire, &out};
    const auto frames = [&](int count) {
        for (int i = 0; i < count; i++) {
            CHECK(alice.didEncodeVideo(send));
            CHECK(bob.willDecodeVideo(receive));
        }
    };
    frames(2); // the stream is made
    const bool watching = watch_allocations();
    const std::uint64_t before = allocations;
    frames(1000);
    EQUAL(allocations, before);
    if (watching) { // the counter does count
        delete new int(1);
        CHECK(allocations > before);
    }
    EQUAL(bob.counters().opened, 1002);
}

// Two members whose encoders and decoders all run at once, with keys that come and go, until
// the rooms are closed under them.
void threads() {
    auto ours = room(), theirs = room();
    Listener alice(ours), bob(theirs);
    std::atomic<std::uint64_t> sent{0}, wrong{0}, arrived{0};
    const auto stream = [&](Method encode, Method decode, int type, unsigned seed) {
        for (unsigned i = 0;; i++) {
            const Bytes clear = frame(20 + (i * 37) % 900, seed + i);
            TXLiteAVBuffer in(clear.data(), clear.size()), wire(clear.data(), clear.size()), out;
            TXLiteAVEncodedData data{nullptr, type, &in, &wire};
            wrong += !(alice.*encode)(data);
            sent++;
            wrong += leaks(wire.cdata(), wire.size(), clear);
            TXLiteAVEncodedData received{i % 2 ? "alice" : nullptr, type, &wire, &out};
            wrong += !(bob.*decode)(received);
            if (out.size() != 0) {
                arrived++;
                wrong += Bytes(out.cdata(), out.cdata() + out.size()) != clear;
            }
            if (wire.size() == 0 && alice.counters().last_seal_failure == ROOMSEAL_ERR_CLOSED) {
                break;
            }
        }
    };
    std::vector<std::thread> workers;
    workers.emplace_back(stream, encode_audio, decode_audio, 0, 1U << 20);
    workers.emplace_back(stream, encode_video, decode_video, 0, 2U << 20);
    workers.emplace_back(stream, encode_video, decode_video, 1, 3U << 20);
    workers.emplace_back(stream, encode_video, decode_video, 2, 4U << 20);
    workers.emplace_back(stream, encode_video, decode_video, 0, 5U << 20); // shares a sealer
    for (std::uint64_t epoch = 1; epoch < 40; epoch++) {
        std::uint64_t next = 0;
        OK(roomseal_room_ratchet(theirs, epoch, &next));
        OK(roomseal_room_ratchet(ours, epoch, &next));
        OK(ours.activate(next));
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        OK(ours.retire(epoch));
        OK(theirs.retire(epoch));
    }
    theirs.close();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ours.close();
    for (auto &worker : workers) {
        worker.join();
    }
    EQUAL(wrong, 0);
    CHECK(arrived > 1000);
    const auto a = alice.counters(), b = bob.counters();
    EQUAL(a.sealed + a.seal_failed, sent);
    EQUAL(b.opened + b.open_failed, sent);
    EQUAL(b.opened, arrived);
    CHECK(a.seal_failed >= workers.size());
    EQUAL(b.opened, theirs.counter(ROOMSEAL_KIND_AUDIO, ROOMSEAL_COUNTER_OPENED) +
                        theirs.counter(ROOMSEAL_KIND_VIDEO, ROOMSEAL_COUNTER_OPENED));
}

} // namespace

int main() {
    registration();
    frames_arrive();
    one_buffer_for_both();
    nothing_leaves_in_clear();
    missing_buffers();
    streams_belong_to_users();
    roll_out();
    nothing_is_allocated();
    threads();
    return done("hosts/trtc");
}
