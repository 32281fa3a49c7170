// A member of a Volcengine or BytePlus room whose frames are sealed.
#include "bytertc_video.h"

#include "roomseal/bytedance.hpp"

#include <cstdio>

int main() {
    // The room's ids and key, the same for all members. The key comes by your own secure way.
    const char *key = "AAECAwQFBgcICQoLDA0ODw==";
    static roomseal::Room room(
        roomseal::Config()
            .app_id("6213a8c0")
            .room_id("weekly")
            .suite(ROOMSEAL_KIND_AUDIO, ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_64));
    if (room.install_base64(1, key) != ROOMSEAL_OK || room.activate(1) != ROOMSEAL_OK) {
        return 1; // no key, no call
    }

    static roomseal::ByteDanceEncryptHandler<bytertc::IEncryptHandler> handler(room);
    bytertc::IRTCVideo *video = bytertc::createRTCVideo();
    video->setCustomizeEncryptHandler(&handler); // before joining

    // ... the call ...
    const std::vector<std::uint8_t> sent = video->send(std::vector<std::uint8_t>(80));

    room.close(); // wipes the keys
    const roomseal::Counters counted = handler.counters();
    std::printf("%llu frames sealed, %llu too short\n",
                static_cast<unsigned long long>(counted.sealed),
                static_cast<unsigned long long>(counted.too_large));
    return sent.size() != 100;
}
