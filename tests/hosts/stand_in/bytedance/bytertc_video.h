// Stands in for ByteDance's headers: the handler's names, and an engine that discards what
// its documentation says it discards.
#ifndef STAND_IN_BYTERTC_VIDEO_H
#define STAND_IN_BYTERTC_VIDEO_H

#include <cstdint>
#include <vector>

namespace bytertc {

class IEncryptHandler {
  public:
    virtual ~IEncryptHandler() {}
    virtual unsigned int onEncryptData(const unsigned char *data, unsigned int length,
                                       unsigned char *buf, unsigned int buf_len) = 0;
    virtual unsigned int onDecryptData(const unsigned char *data, unsigned int length,
                                       unsigned char *buf, unsigned int buf_len) = 0;
};

class IRTCVideo {
  public:
    int setCustomizeEncryptHandler(IEncryptHandler *handler) {
        handler_ = handler;
        return 0;
    }

    // What goes on the wire, or nothing. There is room for exactly what the host takes.
    std::vector<std::uint8_t> send(const std::vector<std::uint8_t> &frame) {
        return checked(frame, [&](unsigned char *buf, unsigned int cap) {
            return handler_->onEncryptData(frame.data(), static_cast<unsigned int>(frame.size()),
                                           buf, cap);
        });
    }
    std::vector<std::uint8_t> receive(const std::vector<std::uint8_t> &frame) {
        return checked(frame, [&](unsigned char *buf, unsigned int cap) {
            return handler_->onDecryptData(frame.data(), static_cast<unsigned int>(frame.size()),
                                           buf, cap);
        });
    }

  private:
    template <class Call>
    std::vector<std::uint8_t> checked(const std::vector<std::uint8_t> &frame, Call call) {
        const std::size_t most = frame.size() * 180 / 100;
        std::vector<std::uint8_t> out(most == 0 ? 1 : most);
        const unsigned int len = call(out.data(), static_cast<unsigned int>(out.size()));
        out.resize(len <= most ? len : 0);
        return out;
    }

    IEncryptHandler *handler_ = nullptr;
};

inline IRTCVideo *createRTCVideo() {
    static IRTCVideo video;
    return &video;
}

} // namespace bytertc

#endif
