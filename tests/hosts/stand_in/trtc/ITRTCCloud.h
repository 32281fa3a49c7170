// Stands in for Tencent's header of this name: a cloud that registers a listener the way the
// SDK does, and sends a few frames through it when it leaves the room.
#ifndef STAND_IN_ITRTCCLOUD_H
#define STAND_IN_ITRTCCLOUD_H

#include "TXLiteAVEncodedDataProcessingListener.h"

#include <string>

namespace liteav {

struct TRTCParams {
    std::uint32_t sdkAppId = 0;
    const char *userId = nullptr;
    const char *userSig = nullptr;
    std::uint32_t roomId = 0;
    const char *strRoomId = nullptr;
};

enum TRTCAppScene { TRTCAppSceneVideoCall = 0 };

class ITRTCCloud {
  public:
    // Takes exactly one call, with an unsigned decimal number; anything else is ignored,
    // as the SDK ignores what it doesn't know.
    const char *callExperimentalAPI(const char *json) {
        const std::string text(json), before = "{\"api\":\"setEncodedDataProcessingListener\","
                                               "\"params\":{\"listener\":",
                                      after = "}}";
        if (entered_ || text.size() <= before.size() + after.size() ||
            text.compare(0, before.size(), before) != 0 ||
            text.compare(text.size() - after.size(), after.size(), after) != 0) {
            return "";
        }
        std::uint64_t address = 0;
        for (std::size_t i = before.size(); i < text.size() - after.size(); i++) {
            if (text[i] < '0' || text[i] > '9') {
                return "";
            }
            address = address * 10 + static_cast<std::uint64_t>(text[i] - '0');
        }
        listener = reinterpret_cast<ITXLiteAVEncodedDataProcessingListener *>(
            static_cast<std::uintptr_t>(address));
        return "";
    }

    void enterRoom(const TRTCParams &, TRTCAppScene) { entered_ = true; }

    void exitRoom() {
        for (std::uint8_t i = 0; entered_ && listener != nullptr && i < 10; i++) {
            const std::uint8_t frame[40] = {i};
            TXLiteAVBuffer in(frame, sizeof frame), out;
            TXLiteAVEncodedData data{nullptr, 0, &in, &out};
            listener->didEncodeAudio(data);
        }
        entered_ = false;
    }

    ITXLiteAVEncodedDataProcessingListener *listener = nullptr;

  private:
    bool entered_ = false;
};

} // namespace liteav

inline liteav::ITRTCCloud *getTRTCShareInstance() {
    static liteav::ITRTCCloud cloud;
    return &cloud;
}
inline void destroyTRTCShareInstance() {}

#endif
