// Stands in for ZEGO's custom media encryption, with the names of its class pages: one
// object for each stream and direction, and an output whose length is asked for beforehand
// and never told afterwards.
#ifndef STAND_IN_ZEGO_H
#define STAND_IN_ZEGO_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace zego {

class IZegoCustomMediaCrypto {
  public:
    virtual ~IZegoCustomMediaCrypto() {}
    virtual int getEncryptDstLen(int srcLen) = 0;
    virtual int getDecryptDstLen(int srcLen) = 0;
    // 0 is success. Exactly the announced length is taken from `out`.
    virtual int onAudioEncryptCallback(const unsigned char *in, int inSize, unsigned char *out,
                                       int outSize) = 0;
    virtual int onVideoEncryptCallback(const unsigned char *in, int inSize, unsigned char *out,
                                       int outSize) = 0;
    virtual int onAudioDecryptCallback(const unsigned char *in, int inSize, unsigned char *out,
                                       int outSize) = 0;
    virtual int onVideoDecryptCallback(const unsigned char *in, int inSize, unsigned char *out,
                                       int outSize) = 0;
};

class IZegoCustomMediaCryptoFactory {
  public:
    virtual ~IZegoCustomMediaCryptoFactory() {}
    virtual IZegoCustomMediaCrypto *createMediaCrypto(const char *streamID, bool isEncrypt) = 0;
    virtual void destroyMediaCrypto(IZegoCustomMediaCrypto *crypto) = 0;
};

// One stream, from its publisher to a player.
class Stream {
  public:
    Stream(IZegoCustomMediaCryptoFactory &factory, const std::string &id, bool encrypt)
        : factory_(factory), crypto_(factory.createMediaCrypto(id.c_str(), encrypt)) {}
    ~Stream() { factory_.destroyMediaCrypto(crypto_); }
    Stream(const Stream &) = delete;
    Stream &operator=(const Stream &) = delete;

    // Whether `out` is what the host goes on with; else it drops the packet.
    bool send(bool video, const std::vector<std::uint8_t> &in, std::vector<std::uint8_t> &out) {
        const int len = static_cast<int>(in.size());
        out.assign(size(crypto_->getEncryptDstLen(len)), 0xA5);
        const int room = static_cast<int>(out.size());
        return 0 == (video ? crypto_->onVideoEncryptCallback(in.data(), len, out.data(), room)
                           : crypto_->onAudioEncryptCallback(in.data(), len, out.data(), room));
    }
    bool receive(bool video, const std::vector<std::uint8_t> &in, std::vector<std::uint8_t> &out) {
        const int len = static_cast<int>(in.size());
        out.assign(size(crypto_->getDecryptDstLen(len)), 0xA5);
        const int room = static_cast<int>(out.size());
        return 0 == (video ? crypto_->onVideoDecryptCallback(in.data(), len, out.data(), room)
                           : crypto_->onAudioDecryptCallback(in.data(), len, out.data(), room));
    }

  private:
    static std::size_t size(int len) { return len < 0 ? 0 : static_cast<std::size_t>(len); }

    IZegoCustomMediaCryptoFactory &factory_;
    IZegoCustomMediaCrypto *crypto_;
};

} // namespace zego

#endif
