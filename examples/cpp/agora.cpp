// A member of an Agora channel whose audio and video packets are sealed.
#include "IAgoraRtcEngine.h"

#include "roomseal/agora.hpp"

#include <cstdio>

int main() {
    // The channel's ids and key, the same for all members. The key comes by your own secure way.
    const char *app = "2f9c1e", *channel = "weekly", *key = "AAECAwQFBgcICQoLDA0ODw==";
    const std::uint32_t suite = ROOMSEAL_SUITE_AES_128_CTR_HMAC_SHA256_64; // short packets
    static roomseal::Room room(roomseal::agora_config()
                                   .app_id(app)
                                   .room_id(channel)
                                   .suite(ROOMSEAL_KIND_AUDIO, suite)
                                   .suite(ROOMSEAL_KIND_VIDEO, suite));
    if (room.install_base64(1, key) != ROOMSEAL_OK || room.activate(1) != ROOMSEAL_OK) {
        return 1; // no key, no call
    }

    static roomseal::AgoraPacketObserver<agora::rtc::IPacketObserver> observer(room);
    agora::rtc::IRtcEngine *engine = createAgoraRtcEngine();
    engine->registerPacketObserver(&observer); // before joining

    engine->joinChannel(nullptr, channel, nullptr, 0);
    // ... the call ...
    engine->leaveChannel();
    engine->registerPacketObserver(nullptr);
    room.close(); // wipes the keys

    const roomseal::Counters counted = observer.counters();
    std::printf("%llu packets sealed, %llu dropped, %llu of them too large\n",
                static_cast<unsigned long long>(counted.sealed),
                static_cast<unsigned long long>(counted.seal_failed),
                static_cast<unsigned long long>(counted.too_large));
    return counted.sealed == 0;
}
