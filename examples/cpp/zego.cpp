// A member of a ZEGO room whose audio and video packets are sealed. ZEGO asks for lengths
// beforehand and takes exactly as many bytes, which plain room frames serve. Audio and video
// need the same suite, as one function tells the length for both.
#include "ZegoCustomMediaCrypto.h"

#include "roomseal/room.hpp"

#include <cstdio>

// One object for each stream and direction.
class Crypto final : public zego::IZegoCustomMediaCrypto {
  public:
    Crypto(const roomseal_room *room, const char *stream)
        : sealer_(room), opener_(room), stream_(stream) {}

    int getEncryptDstLen(int len) override {
        return int(sealer_.sealed_len(ROOMSEAL_KIND_AUDIO, std::size_t(len)));
    }
    int getDecryptDstLen(int len) override {
        return int(opener_.opened_len(ROOMSEAL_KIND_AUDIO, std::size_t(len)));
    }
    int onAudioEncryptCallback(const unsigned char *in, int len, unsigned char *out,
                               int cap) override {
        return seal(ROOMSEAL_KIND_AUDIO, in, len, out, cap);
    }
    int onVideoEncryptCallback(const unsigned char *in, int len, unsigned char *out,
                               int cap) override {
        return seal(ROOMSEAL_KIND_VIDEO, in, len, out, cap);
    }
    int onAudioDecryptCallback(const unsigned char *in, int len, unsigned char *out,
                               int cap) override {
        return open(ROOMSEAL_KIND_AUDIO, in, len, out, cap);
    }
    int onVideoDecryptCallback(const unsigned char *in, int len, unsigned char *out,
                               int cap) override {
        return open(ROOMSEAL_KIND_VIDEO, in, len, out, cap);
    }

  private:
    int seal(std::uint32_t kind, const unsigned char *in, int len, unsigned char *out, int cap) {
        std::size_t written = 0;
        return sealer_.seal(kind, 0, in, std::size_t(len), {}, out, std::size_t(cap), &written);
    }
    int open(std::uint32_t kind, const unsigned char *in, int len, unsigned char *out, int cap) {
        std::size_t written = 0;
        return opener_.open(kind, in, std::size_t(len), {}, stream_, out, std::size_t(cap),
                            &written);
    }

    roomseal::FrameSealer sealer_;
    roomseal::FrameOpener opener_;
    const std::string stream_; // streams are bound to it
};

class Factory final : public zego::IZegoCustomMediaCryptoFactory {
  public:
    explicit Factory(const roomseal_room *room) : room_(room) {}
    zego::IZegoCustomMediaCrypto *createMediaCrypto(const char *stream, bool) override {
        return new Crypto(room_, stream);
    }
    void destroyMediaCrypto(zego::IZegoCustomMediaCrypto *crypto) override { delete crypto; }

  private:
    const roomseal_room *room_;
};

int main() {
    // The room's ids and key, the same for all members. The key comes by your own secure way.
    const char *key = "AAECAwQFBgcICQoLDA0ODw==";
    roomseal::Config config;
    config.app_id(1739272706).room_id("weekly");
    const roomseal::Room alice(config), bob(config); // on two devices
    for (const roomseal::Room *room : {&alice, &bob}) {
        if (room->install_base64(1, key) != ROOMSEAL_OK || room->activate(1) != ROOMSEAL_OK) {
            return 1; // no key, no call
        }
    }

    Factory ours(alice), theirs(bob);
    zego::Stream published(ours, "alice-main", true), played(theirs, "alice-main", false);
    std::vector<std::uint8_t> packet(80, 7), sent, got; // the SDK does the rest
    const bool done = published.send(false, packet, sent) && played.receive(false, sent, got);
    std::printf("%zu bytes, sealed %zu, opened %zu\n", packet.size(), sent.size(), got.size());
    return !done || got != packet;
}
