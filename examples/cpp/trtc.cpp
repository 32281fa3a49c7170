// A member of a TRTC room whose audio and video are sealed.
#include "ITRTCCloud.h"
#include "TXLiteAVEncodedDataProcessingListener.h"

#include "roomseal/trtc.hpp"

#include <cstdio>

int main() {
    // The room's ids and key, the same for all members. The key comes by your own secure way.
    const char *key = "AAECAwQFBgcICQoLDA0ODw==";
    static roomseal::Room room(roomseal::Config().app_id(1400000001).room_id("weekly"));
    if (room.install_base64(1, key) != ROOMSEAL_OK || room.activate(1) != ROOMSEAL_OK) {
        return 1; // no key, no call
    }

    // Static, as the SDK keeps the address; registered before the room is entered.
    static roomseal::TrtcListener<liteav::ITXLiteAVEncodedDataProcessingListener> listener(room);
    liteav::ITRTCCloud *cloud = getTRTCShareInstance();
    cloud->callExperimentalAPI(listener.registration_json().c_str());

    liteav::TRTCParams params;
    params.sdkAppId = 1400000001;
    params.strRoomId = "weekly";
    params.userId = "alice";
    cloud->enterRoom(params, liteav::TRTCAppSceneVideoCall);
    // ... the call ...
    cloud->exitRoom();
    cloud->callExperimentalAPI(listener.removal_json().c_str());
    room.close(); // wipes the keys

    const roomseal::Counters counted = listener.counters();
    std::printf("%llu frames sealed, %llu kept back\n",
                static_cast<unsigned long long>(counted.sealed),
                static_cast<unsigned long long>(counted.seal_failed));
    destroyTRTCShareInstance();
    return counted.sealed == 0;
}
