// Hosts that hand over an input and an output buffer, against stand-ins: ZEGO, which takes
// exactly the length that was announced, and ByteDance, which discards what grows too much.
#include "roomseal/bytedance.hpp"
#include "roomseal/room.hpp"

#include "ZegoCustomMediaCrypto.h"
#include "bytertc_video.h"
#include "test.hpp"

using namespace test;

namespace {

// What an application writes for ZEGO; also in examples/cpp/zego.cpp.
class Crypto final : public zego::IZegoCustomMediaCrypto {
  public:
    Crypto(const roomseal_room *room, std::string stream)
        : sealer(room), opener(room), stream_(std::move(stream)) {}

    int getEncryptDstLen(int len) override {
        return static_cast<int>(
            sealer.sealed_len(ROOMSEAL_KIND_AUDIO, static_cast<std::size_t>(len)));
    }
    int getDecryptDstLen(int len) override {
        return static_cast<int>(
            opener.opened_len(ROOMSEAL_KIND_AUDIO, static_cast<std::size_t>(len)));
    }
    int onAudioEncryptCallback(const unsigned char *in, int len, unsigned char *out,
                               int room) override {
        return seal(ROOMSEAL_KIND_AUDIO, in, len, out, room);
    }
    int onVideoEncryptCallback(const unsigned char *in, int len, unsigned char *out,
                               int room) override {
        return seal(ROOMSEAL_KIND_VIDEO, in, len, out, room);
    }
    int onAudioDecryptCallback(const unsigned char *in, int len, unsigned char *out,
                               int room) override {
        return open(ROOMSEAL_KIND_AUDIO, in, len, out, room);
    }
    int onVideoDecryptCallback(const unsigned char *in, int len, unsigned char *out,
                               int room) override {
        return open(ROOMSEAL_KIND_VIDEO, in, len, out, room);
    }

    roomseal::FrameSealer sealer;
    roomseal::FrameOpener opener;

  private:
    int seal(std::uint32_t kind, const unsigned char *in, int len, unsigned char *out, int room) {
        std::size_t written = 0;
        return sealer.seal(kind, 0, in, static_cast<std::size_t>(len), {}, out,
                           static_cast<std::size_t>(room), &written);
    }
    int open(std::uint32_t kind, const unsigned char *in, int len, unsigned char *out, int room) {
        std::size_t written = 0;
        return opener.open(kind, in, static_cast<std::size_t>(len), {}, stream_, out,
                           static_cast<std::size_t>(room), &written);
    }
    const std::string stream_;
};

class Factory final : public zego::IZegoCustomMediaCryptoFactory {
  public:
    explicit Factory(const roomseal_room *room) : room_(room) {}
    zego::IZegoCustomMediaCrypto *createMediaCrypto(const char *stream, bool) override {
        return latest = new Crypto(room_, stream);
    }
    void destroyMediaCrypto(zego::IZegoCustomMediaCrypto *crypto) override { delete crypto; }
    Crypto *latest = nullptr;

  private:
    const roomseal_room *room_;
};

void zego_takes_exact_lengths() {
    const std::uint32_t suites[] = {ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_80,
                                    ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_64,
                                    ROOMSEAL_SUITE_AES_128_GCM_SHA256_128};
    for (const std::uint32_t suite : suites) {
        std::size_t tag = 0;
        OK(roomseal_suite_tag_len(suite, &tag));
        const auto with_suite = [&] {
            auto made = config();
            made.suite(ROOMSEAL_KIND_AUDIO, suite).suite(ROOMSEAL_KIND_VIDEO, suite);
            return made;
        };
        const auto ours = room(with_suite()), theirs = room(with_suite()),
                   strangers = room(with_suite(), other_key);
        Factory alices(ours), bobs(theirs), strange(strangers);
        zego::Stream publish(alices, "s1", true), play(bobs, "s1", false),
            moved(bobs, "s2", false), stranger(strange, "s1", false);
        Bytes sent, got;
        for (std::size_t len = 0; len < 400; len++) {
            for (const bool video : {false, true}) {
                const Bytes clear = frame(len);
                CHECK(publish.send(video, clear, sent));
                EQUAL(sent.size(), len + 12 + tag);
                CHECK(!leaks(sent.data(), sent.size(), clear));
                CHECK(!stranger.receive(video, sent, got));
                CHECK(got == Bytes(len, 0)); // not authentic: zeros
                CHECK(play.receive(video, sent, got));
                CHECK(got == clear); // every byte of the announced length was written
            }
        }
        // The stream is s1's; a server shows it as s2.
        CHECK(publish.send(false, frame(50), sent));
        CHECK(!moved.receive(false, sent, got));
        roomseal::Counters counters;
        bobs.latest->opener.add_to(counters);
        EQUAL(counters.last_open_failure, ROOMSEAL_ERR_SOURCE_CHANGED);
        // Too short for a sealed packet.
        CHECK(!play.receive(false, frame(12 + tag - 1), got));
        EQUAL(got.size(), 0);
        // No key: nothing is written, and the host is told.
        OK(ours.retire(1));
        CHECK(!publish.send(true, frame(50), sent));
        CHECK(sent == Bytes(50 + 12 + tag, 0xA5));
    }
}

void bytedance_takes_180_percent() {
    struct {
        std::uint32_t suite;
        std::size_t shortest, overhead;
    } const suites[] = {{ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_32, 20, 16},
                        {ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_64, 25, 20},
                        {ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_80, 28, 22},
                        {ROOMSEAL_SUITE_AES_128_GCM_SHA256_128, 35, 28}};
    for (const auto &suite : suites) {
        const auto with_suite = [&] {
            auto made = config();
            made.allow_four_byte_tags().suite(ROOMSEAL_KIND_AUDIO, suite.suite);
            return made;
        };
        const auto ours = room(with_suite()), theirs = room(with_suite());
        roomseal::ByteDanceEncryptHandler<bytertc::IEncryptHandler> alice(ours), bob(theirs);
        bytertc::IRTCVideo sender, receiver;
        sender.setCustomizeEncryptHandler(&alice);
        receiver.setCustomizeEncryptHandler(&bob);
        for (std::size_t len = 0; len < 200; len++) {
            const Bytes clear = frame(len), sent = sender.send(clear);
            if (len < suite.shortest) {
                CHECK(sent.empty());
                continue;
            }
            EQUAL(sent.size(), len + suite.overhead);
            CHECK(receiver.receive(sent) == clear);
        }
        EQUAL(alice.counters().too_large, suite.shortest);
        EQUAL(alice.counters().seal_failed, suite.shortest);
        EQUAL(alice.counters().sealed, 200 - suite.shortest);
        EQUAL(bob.counters().opened, 200 - suite.shortest);
        CHECK(receiver.receive(frame(100)).empty());
        EQUAL(bob.counters().open_failed, 1);

        // A host that takes less: at 120 %, 16 bytes need 80.
        roomseal::ByteDanceOptions strict;
        strict.max_percent = 120;
        roomseal::ByteDanceEncryptHandler<bytertc::IEncryptHandler> carol(ours, strict);
        sender.setCustomizeEncryptHandler(&carol);
        CHECK(sender.send(frame(5 * suite.overhead - 1)).empty());
        EQUAL(sender.send(frame(5 * suite.overhead)).size(), 6 * suite.overhead);

        ours.close();
        CHECK(sender.send(frame(150)).empty());
        EQUAL(carol.counters().last_seal_failure, ROOMSEAL_ERR_CLOSED);
    }
    const roomseal::Room none{roomseal::Config()};
    roomseal::ByteDanceEncryptHandler<bytertc::IEncryptHandler> without(none);
    EQUAL(without.status(), ROOMSEAL_ERR_NULL_POINTER);
    bytertc::IRTCVideo nobody;
    nobody.setCustomizeEncryptHandler(&without);
    CHECK(nobody.send(frame(100)).empty());
    CHECK(nobody.receive(frame(100)).empty());
}

// Buffers that share some bytes or all: what lies where never matters.
void any_overlap() {
    const auto ours = room(), theirs = room();
    roomseal::FrameSealer alice(ours);
    roomseal::FrameOpener bob(theirs);
    constexpr std::size_t len = 100, middle = 200;
    const Bytes clear = frame(len);
    for (std::size_t at = 0; at <= 2 * middle; at += 4) {
        Bytes memory(600, 0);
        std::memcpy(memory.data() + middle, clear.data(), len);
        std::size_t sealed = 0, opened = 0;
        OK(alice.seal(ROOMSEAL_KIND_VIDEO, 0, memory.data() + middle, len, {}, memory.data() + at,
                      len + 28, &sealed));
        EQUAL(sealed, len + 28);
        OK(bob.open(ROOMSEAL_KIND_VIDEO, memory.data() + at, sealed, {}, {},
                    memory.data() + middle, sealed, &opened));
        CHECK(opened == len && std::memcmp(memory.data() + middle, clear.data(), len) == 0);
    }
}

} // namespace

int main() {
    zego_takes_exact_lengths();
    bytedance_takes_180_percent();
    any_overlap();
    return done("hosts/buffers");
}
