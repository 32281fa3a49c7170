// Stands in for Agora's header of this name: the same names, and an engine that hands a few
// packets to its observer while it is in a channel.
#ifndef STAND_IN_IAGORARTCENGINE_H
#define STAND_IN_IAGORARTCENGINE_H

#include <cstddef>
#include <cstdint>

namespace agora {
namespace rtc {

class IPacketObserver {
  public:
    virtual ~IPacketObserver() {}
    struct Packet {
        const unsigned char *buffer = nullptr;
        unsigned int size = 0;
    };
    virtual bool onSendAudioPacket(Packet &packet) = 0;
    virtual bool onSendVideoPacket(Packet &packet) = 0;
    virtual bool onReceiveAudioPacket(Packet &packet) = 0;
    virtual bool onReceiveVideoPacket(Packet &packet) = 0;
};

class IRtcEngine {
  public:
    int registerPacketObserver(IPacketObserver *observer) {
        observer_ = observer;
        return 0;
    }
    int joinChannel(const char *, const char *, const char *, unsigned int) {
        for (unsigned char i = 0; observer_ != nullptr && i < 10; i++) {
            const unsigned char audio[40] = {i};
            IPacketObserver::Packet packet;
            packet.buffer = audio;
            packet.size = sizeof audio;
            observer_->onSendAudioPacket(packet);
        }
        return 0;
    }
    int leaveChannel() { return 0; }

  private:
    IPacketObserver *observer_ = nullptr;
};

} // namespace rtc
} // namespace agora

inline agora::rtc::IRtcEngine *createAgoraRtcEngine() {
    static agora::rtc::IRtcEngine engine;
    return &engine;
}

#endif
