// The frame encryptor and decryptor for WebRTC against a stand-in for its senders and
// receivers.
#include "roomseal/webrtc.hpp"

#include "api/rtp_receiver_interface.h"
#include "api/rtp_sender_interface.h"
#include "modules/packetizer.h"
#include "test.hpp"

#include <chrono>
#include <initializer_list>
#include <thread>

using namespace test;

using Encryptor = roomseal::WebrtcEncryptor<webrtc::FrameEncryptorInterface>;
using Decryptor = roomseal::WebrtcDecryptor<webrtc::FrameDecryptorInterface>;
using Status = webrtc::FrameDecryptorInterface::Status;
using cricket::MEDIA_TYPE_AUDIO;
using cricket::MEDIA_TYPE_DATA;
using cricket::MEDIA_TYPE_VIDEO;

namespace {

// A sender with an encryptor of a room.
struct Sender {
    explicit Sender(const roomseal_room *room, roomseal::WebrtcOptions options = {})
        : encryptor(rtc::make_ref_counted<Encryptor>(room, options)) {
        sender->SetFrameEncryptor(encryptor);
    }
    bool send(cricket::MediaType type, const Bytes &frame, const Bytes &additional_data = {}) {
        return sender->Send(type, frame, additional_data, sent);
    }
    rtc::scoped_refptr<Encryptor> encryptor;
    rtc::scoped_refptr<webrtc::RtpSenderInterface> sender =
        rtc::make_ref_counted<webrtc::RtpSenderInterface>();
    Bytes sent;
};

// A receiver with a decryptor of a room.
struct Receiver {
    explicit Receiver(const roomseal_room *room, const std::string &user = {},
                      roomseal::WebrtcOptions options = {})
        : decryptor(rtc::make_ref_counted<Decryptor>(room, user, options)) {
        receiver->SetFrameDecryptor(decryptor);
    }
    // What was decoded of it, after what was stashed before.
    Bytes receive(cricket::MediaType type, const Bytes &sent, const Bytes &additional_data = {}) {
        const std::size_t before = receiver->decoded.size();
        receiver->Receive(type, sent, additional_data);
        return receiver->decoded.size() == before ? Bytes{} : receiver->decoded.back();
    }
    Status status() const { return receiver->status; }
    rtc::scoped_refptr<Decryptor> decryptor;
    rtc::scoped_refptr<webrtc::RtpReceiverInterface> receiver =
        rtc::make_ref_counted<webrtc::RtpReceiverInterface>();
};

void frames_arrive() {
    const auto ours = room(), theirs = room();
    Sender alice(ours);
    Receiver bob(theirs, "alice");
    OK(alice.encryptor->status());
    OK(bob.decryptor->status());
    for (const auto type : {MEDIA_TYPE_AUDIO, MEDIA_TYPE_VIDEO}) {
        for (const std::size_t len : {0U, 1U, 2U, 11U, 12U, 40U, 1200U, 70000U, 3U}) {
            const Bytes clear = frame(len);
            CHECK(alice.send(type, clear));
            EQUAL(alice.sent.size(), len + 28);
            EQUAL(alice.encryptor->GetMaxCiphertextByteSize(type, len), len + 28);
            CHECK(!leaks(alice.sent.data(), alice.sent.size(), clear));
            CHECK(bob.receive(type, alice.sent) == clear);
            CHECK(bob.status() == Status::kOk);
        }
    }
    EQUAL(alice.encryptor->counters().sealed, 18);
    EQUAL(bob.decryptor->counters().opened, 18);
    EQUAL(bob.receiver->decoded.size(), 18);
}

void failures() {
    const auto ours = room(), theirs = room(), theirs_too = room();
    Sender alice(ours);
    Receiver bob(theirs, "alice"), carol(theirs_too), reflected(ours);
    const auto expect = [&](Receiver &receiver, const Bytes &sent, Status status,
                            roomseal_status failure) {
        const Bytes got = receiver.receive(MEDIA_TYPE_VIDEO, sent);
        CHECK(got.empty());
        CHECK(receiver.status() == status);
        EQUAL(receiver.decryptor->counters().last_open_failure, failure);
    };
    CHECK(alice.send(MEDIA_TYPE_VIDEO, frame(500)));
    const Bytes first = alice.sent;
    CHECK(bob.receive(MEDIA_TYPE_VIDEO, first) == frame(500));
    expect(bob, first, Status::kRecoverable, ROOMSEAL_ERR_REPLAY);
    expect(reflected, first, Status::kRecoverable, ROOMSEAL_ERR_OWN_FRAME);
    expect(bob, frame(3), Status::kRecoverable, ROOMSEAL_ERR_MALFORMED);
    expect(bob, {}, Status::kRecoverable, ROOMSEAL_ERR_MALFORMED);
    expect(bob, Bytes(100, 0), Status::kRecoverable, ROOMSEAL_ERR_NOT_SEALED);
    CHECK(alice.send(MEDIA_TYPE_VIDEO, frame(500)));
    Bytes forged = alice.sent;
    forged[100] ^= 1;
    expect(bob, forged, Status::kFailedToDecrypt, ROOMSEAL_ERR_NOT_AUTHENTIC);
    CHECK(bob.receive(MEDIA_TYPE_VIDEO, alice.sent) == frame(500)); // it recovers
    CHECK(bob.status() == Status::kOk);
    // The stream is alice's; bob's second receiver thinks it is somebody else's.
    Receiver wrong_user(theirs, "mallory");
    CHECK(alice.send(MEDIA_TYPE_VIDEO, frame(500)));
    expect(wrong_user, alice.sent, Status::kRecoverable, ROOMSEAL_ERR_SOURCE_CHANGED);
    // A wrong kind, and kinds that aren't sealed here.
    CHECK(alice.send(MEDIA_TYPE_AUDIO, frame(500)));
    expect(carol, alice.sent, Status::kFailedToDecrypt, ROOMSEAL_ERR_NOT_AUTHENTIC);
    CHECK(!alice.send(MEDIA_TYPE_DATA, frame(500)));
    EQUAL(alice.encryptor->counters().last_seal_failure, ROOMSEAL_ERR_WRONG_KIND);
    EQUAL(alice.encryptor->GetMaxCiphertextByteSize(MEDIA_TYPE_DATA, 500), 0);
    CHECK(carol.receive(MEDIA_TYPE_DATA, first).empty());
    EQUAL(carol.decryptor->counters().last_open_failure, ROOMSEAL_ERR_WRONG_KIND);

    // A buffer that is smaller than was asked for.
    Bytes small(527);
    std::size_t written = 7;
    CHECK(alice.encryptor->Encrypt(MEDIA_TYPE_VIDEO, 7, {}, first, small, &written) != 0);
    EQUAL(written, 0);
    EQUAL(alice.encryptor->counters().no_buffer, 1);
    // One that is larger.
    Bytes large(1000, 0xA5);
    const Bytes clear = frame(500);
    OK(alice.encryptor->Encrypt(MEDIA_TYPE_VIDEO, 7, {}, clear, large, &written));
    EQUAL(written, 528);
    large.resize(written);
    CHECK(carol.receive(MEDIA_TYPE_VIDEO, large) == clear);

    // No key, no room.
    OK(ours.retire(1));
    CHECK(!alice.send(MEDIA_TYPE_VIDEO, frame(500)));
    EQUAL(alice.encryptor->counters().last_seal_failure, ROOMSEAL_ERR_NO_ACTIVE_EPOCH);
    theirs.close();
    expect(bob, large, Status::kFailedToDecrypt, ROOMSEAL_ERR_CLOSED);
    const roomseal::Room none{roomseal::Config()};
    Sender without(none);
    Receiver nobody(none);
    EQUAL(without.encryptor->status(), ROOMSEAL_ERR_NULL_POINTER);
    CHECK(!without.send(MEDIA_TYPE_AUDIO, frame(50)));
    expect(nobody, large, Status::kFailedToDecrypt, ROOMSEAL_ERR_NULL_POINTER);
}

// Frames that come before their key are stashed by WebRTC as they are, and open once it
// is there.
void keys_that_come_late() {
    const auto ours = room();
    roomseal::Room theirs{config()};
    Sender alice(ours);
    Receiver bob(theirs, "alice");
    for (unsigned i = 0; i < 5; i++) {
        CHECK(alice.send(MEDIA_TYPE_VIDEO, frame(300, i)));
        CHECK(bob.receive(MEDIA_TYPE_VIDEO, alice.sent).empty());
        CHECK(bob.status() == Status::kFailedToDecrypt);
        EQUAL(bob.decryptor->counters().last_open_failure, ROOMSEAL_ERR_UNKNOWN_KEY);
    }
    OK(theirs.install_hex(1, key));
    CHECK(alice.send(MEDIA_TYPE_VIDEO, frame(300, 5)));
    CHECK(bob.receive(MEDIA_TYPE_VIDEO, alice.sent) == frame(300, 5));
    CHECK(bob.status() == Status::kOk);
    EQUAL(bob.receiver->decoded.size(), 6);
    for (unsigned i = 0; i < 5; i++) {
        CHECK(bob.receiver->decoded[i] == frame(300, i));
    }
}

roomseal::Config codec_config() {
    auto made = config();
    made.form(ROOMSEAL_KIND_VIDEO, ROOMSEAL_FORM_CODEC);
    return made;
}

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes &part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

// Bytes of a slice that make no start code.
Bytes payload(std::size_t len, unsigned seed) {
    Bytes made = frame(len, seed);
    for (auto &byte : made) {
        byte |= 1;
    }
    return made;
}

// A key frame of two slices with its parameter sets, and a delta frame.
Bytes h264(bool key, unsigned seed) {
    const Bytes start = {0, 0, 0, 1}, sps = {0x67, 0x42, 0xC0, 0x1E, 0xD9},
                pps = {0x68, 0xCB, 0x83, 0xCB, 0x20};
    const Bytes idr = {0x65, 0x88, 0x80}, second = {0x65, 0x04, 0x22, 0x3F}, delta = {0x41, 0x9A, 0x21};
    return key ? joined({start, sps, start, pps, start, idr, payload(900, seed), start, second,
                         payload(700, seed + 1)})
               : joined({start, delta, payload(400, seed)});
}

Bytes vp8(bool key, unsigned seed) {
    return key ? joined({{0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01},
                         frame(800, seed)})
               : joined({{0x11, 0x02, 0x00}, frame(300, seed)});
}

void frames_of_their_codec_pass_packetizers() {
    const auto ours = room(codec_config()), theirs = room(codec_config());
    Sender alice(ours);
    Receiver bob(theirs, "alice");
    // Plain frames don't fit such a room, and are not sent.
    CHECK(!alice.send(MEDIA_TYPE_VIDEO, h264(true, 1)));
    EQUAL(alice.encryptor->counters().last_seal_failure, ROOMSEAL_ERR_WRONG_FORM);
    CHECK(alice.send(MEDIA_TYPE_AUDIO, frame(80)));
    CHECK(bob.receive(MEDIA_TYPE_AUDIO, alice.sent) == frame(80)); // audio is plain

    alice.encryptor->set_video_codec(ROOMSEAL_CODEC_H264);
    Bytes arrived;
    for (unsigned i = 0; i < 200; i++) {
        const Bytes clear = h264(i % 10 == 0, i);
        CHECK(alice.send(MEDIA_TYPE_VIDEO, clear));
        CHECK(!leaks(alice.sent.data() + 60, alice.sent.size() - 60,
                     Bytes(clear.begin() + 60, clear.end())));
        CHECK(stand_in::types_of_h264(alice.sent) == stand_in::types_of_h264(clear));
        CHECK(stand_in::through_h264(alice.sent, arrived));
        CHECK(bob.receive(MEDIA_TYPE_VIDEO, arrived) == clear);
    }
    // The codec changes; the receiver needn't know. What has the wrong name is not sent.
    CHECK(!alice.send(MEDIA_TYPE_VIDEO, vp8(true, 7)));
    EQUAL(alice.encryptor->counters().last_seal_failure, ROOMSEAL_ERR_CODEC_MISMATCH);
    alice.encryptor->set_video_codec(ROOMSEAL_CODEC_VP8);
    for (unsigned i = 0; i < 50; i++) {
        const Bytes clear = vp8(i % 10 == 0, i);
        CHECK(alice.send(MEDIA_TYPE_VIDEO, clear));
        EQUAL(stand_in::width_of_vp8(alice.sent), i % 10 == 0 ? 640 : 0);
        CHECK(bob.receive(MEDIA_TYPE_VIDEO, alice.sent) == clear);
    }
    alice.encryptor->set_video_codec(ROOMSEAL_CODEC_OPAQUE);
    CHECK(alice.send(MEDIA_TYPE_VIDEO, frame(500)));
    CHECK(bob.receive(MEDIA_TYPE_VIDEO, alice.sent) == frame(500));
    alice.encryptor->set_video_codec(99);
    CHECK(!alice.send(MEDIA_TYPE_VIDEO, frame(500)));
    EQUAL(alice.encryptor->counters().last_seal_failure, ROOMSEAL_ERR_UNKNOWN_CODEC);
    EQUAL(alice.encryptor->counters().seal_failed, 3);
    EQUAL(bob.decryptor->counters().opened, 252);

    // Plain rooms and those of the codec form don't understand each other.
    const auto plain_room = room();
    Sender plain(plain_room);
    Receiver plain_bob(plain_room);
    CHECK(plain.send(MEDIA_TYPE_VIDEO, h264(true, 1)));
    CHECK(!stand_in::through_h264(plain.sent, arrived)); // why the form is there
    CHECK(bob.receive(MEDIA_TYPE_VIDEO, plain.sent).empty());
    plain.encryptor->set_video_codec(ROOMSEAL_CODEC_H264);
    CHECK(!plain.send(MEDIA_TYPE_VIDEO, h264(true, 1)));
    EQUAL(plain.encryptor->counters().last_seal_failure, ROOMSEAL_ERR_WRONG_FORM);
    alice.encryptor->set_video_codec(ROOMSEAL_CODEC_H264);
    CHECK(alice.send(MEDIA_TYPE_VIDEO, h264(true, 1)));
    CHECK(plain_bob.receive(MEDIA_TYPE_VIDEO, alice.sent).empty());
}

// The codec changes between the question for the size and the sealing: the size suffices.
void a_codec_that_changes_mid_frame() {
    const auto ours = room(codec_config()), theirs = room(codec_config());
    Sender alice(ours);
    Receiver bob(theirs);
    const std::uint32_t codecs[] = {ROOMSEAL_CODEC_OPAQUE, ROOMSEAL_CODEC_VP8,
                                    ROOMSEAL_CODEC_VP9,    ROOMSEAL_CODEC_H264,
                                    ROOMSEAL_CODEC_OPUS,   ROOMSEAL_CODEC_AAC};
    for (const std::uint32_t before : codecs) {
        for (const std::uint32_t after : codecs) {
            const Bytes clear = after == ROOMSEAL_CODEC_H264 ? h264(true, 3) : vp8(true, 3);
            alice.encryptor->set_video_codec(before);
            Bytes sent(alice.encryptor->GetMaxCiphertextByteSize(MEDIA_TYPE_VIDEO, clear.size()));
            alice.encryptor->set_video_codec(after);
            std::size_t written = 0;
            OK(alice.encryptor->Encrypt(MEDIA_TYPE_VIDEO, 7, {}, clear, sent, &written));
            sent.resize(written);
            CHECK(bob.receive(MEDIA_TYPE_VIDEO, sent) == clear);
        }
    }
    std::atomic<bool> stop{false};
    std::thread changes([&] {
        for (unsigned i = 0; !stop; i++) {
            alice.encryptor->set_video_codec(i % 2 ? ROOMSEAL_CODEC_VP8 : ROOMSEAL_CODEC_VP9);
        }
    });
    for (unsigned i = 0; i < 2000; i++) {
        const Bytes clear = vp8(i % 10 == 0, i);
        CHECK(alice.send(MEDIA_TYPE_VIDEO, clear));
        CHECK(bob.receive(MEDIA_TYPE_VIDEO, alice.sent) == clear);
    }
    stop = true;
    changes.join();
}

void additional_data() {
    const auto ours = room(), theirs = room();
    roomseal::WebrtcOptions bound;
    bound.authenticate_additional_data = true;
    Sender alice(ours, bound), loose(ours);
    Receiver bob(theirs, "", bound), loose_bob(theirs);
    const Bytes descriptor = {1, 2, 3}, rewritten = {1, 2, 4};
    CHECK(alice.send(MEDIA_TYPE_VIDEO, frame(90), descriptor));
    CHECK(bob.receive(MEDIA_TYPE_VIDEO, alice.sent, rewritten).empty());
    CHECK(bob.status() == Status::kFailedToDecrypt);
    CHECK(bob.receive(MEDIA_TYPE_VIDEO, alice.sent, descriptor) == frame(90));
    CHECK(alice.send(MEDIA_TYPE_AUDIO, frame(90))); // none: a view of nothing
    CHECK(bob.receive(MEDIA_TYPE_AUDIO, alice.sent) == frame(90));
    CHECK(loose.send(MEDIA_TYPE_VIDEO, frame(90), descriptor));
    CHECK(loose_bob.receive(MEDIA_TYPE_VIDEO, loose.sent, rewritten) == frame(90));
}

void roll_out() {
    const auto theirs = room();
    Receiver bob(theirs);
    OK(roomseal_room_accept_clear_frames_dangerously(theirs, ROOMSEAL_KIND_VIDEO, 60));
    CHECK(bob.receive(MEDIA_TYPE_VIDEO, frame(700)) == frame(700));
    CHECK(bob.receive(MEDIA_TYPE_AUDIO, frame(700)).empty());
    EQUAL(bob.decryptor->counters().passed_clear, 1);
}

void nothing_is_allocated() {
    const auto ours = room(), theirs = room();
    auto encryptor = rtc::make_ref_counted<Encryptor>(ours);
    auto decryptor = rtc::make_ref_counted<Decryptor>(theirs);
    const Bytes clear = frame(1000);
    Bytes wire(1028);
    const std::vector<uint32_t> sources;
    const auto frames = [&](int count) {
        for (int i = 0; i < count; i++) {
            std::size_t written = 0;
            OK(encryptor->Encrypt(MEDIA_TYPE_VIDEO, 7, {}, clear, wire, &written));
            const auto result =
                decryptor->Decrypt(MEDIA_TYPE_VIDEO, sources, {}, wire, wire); // in place
            CHECK(result.IsOk() && result.bytes_written == 1000);
        }
    };
    frames(2); // the stream, and the buffer
    watch_allocations();
    const std::uint64_t before = allocations;
    frames(1000);
    EQUAL(allocations, before);
}

// One encryptor and one decryptor called by several threads, and rooms closed under them.
void threads() {
    const auto ours = room(), theirs = room();
    auto encryptor = rtc::make_ref_counted<Encryptor>(ours);
    auto decryptor = rtc::make_ref_counted<Decryptor>(theirs);
    std::atomic<std::uint64_t> sent{0}, wrong{0}, arrived{0};
    const auto stream = [&](unsigned seed) {
        const std::vector<uint32_t> sources;
        for (unsigned i = 0;; i++) {
            const Bytes clear = frame(20 + (i * 37) % 900, seed + i);
            const auto type = i % 3 ? MEDIA_TYPE_VIDEO : MEDIA_TYPE_AUDIO;
            Bytes wire(encryptor->GetMaxCiphertextByteSize(type, clear.size()));
            std::size_t written = 0;
            sent++;
            const int status = encryptor->Encrypt(type, 7, {}, clear, wire, &written);
            if (status == ROOMSEAL_ERR_CLOSED) {
                break;
            }
            wrong += status != ROOMSEAL_OK || leaks(wire.data(), wire.size(), clear);
            const auto result = decryptor->Decrypt(type, sources, {}, wire, wire);
            if (result.IsOk()) {
                arrived++;
                wire.resize(result.bytes_written);
                wrong += wire != clear;
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
    const auto a = encryptor->counters(), b = decryptor->counters();
    EQUAL(a.sealed + a.seal_failed, sent);
    EQUAL(b.opened, arrived);
    EQUAL(b.opened + b.open_failed, a.sealed);
}

} // namespace

int main() {
    frames_arrive();
    failures();
    keys_that_come_late();
    frames_of_their_codec_pass_packetizers();
    a_codec_that_changes_mid_frame();
    additional_data();
    roll_out();
    nothing_is_allocated();
    threads();
    return done("hosts/webrtc");
}
