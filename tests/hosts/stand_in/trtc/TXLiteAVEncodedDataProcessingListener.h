// Stands in for Tencent's header of this name: the same names, and a buffer that is as
// unkind as its documentation allows.
#ifndef STAND_IN_TXLITEAV_H
#define STAND_IN_TXLITEAV_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

namespace liteav {

class TXLiteAVBuffer {
  public:
    TXLiteAVBuffer() = default;
    TXLiteAVBuffer(const std::uint8_t *bytes, std::size_t len) {
        SetSize(len);
        if (len != 0) {
            std::memcpy(bytes_, bytes, len);
        }
    }
    TXLiteAVBuffer(const TXLiteAVBuffer &) = delete;
    TXLiteAVBuffer &operator=(const TXLiteAVBuffer &) = delete;
    ~TXLiteAVBuffer() { delete[] bytes_; }

    std::uint8_t *data() { return bytes_; }
    const std::uint8_t *cdata() const { return bytes_; }
    std::size_t size() const { return size_; }

    // Growing moves the bytes, and every earlier pointer is stale: there is not one byte
    // more than was asked for, and what was there before is freed.
    void SetSize(std::size_t size) {
        if (size > grows_to) {
            if (ignores) {
                return;
            }
#if defined(__cpp_exceptions)
            throw std::bad_alloc();
#endif
        }
        EnsureCapacity(size);
        size_ = size;
    }
    void EnsureCapacity(std::size_t cap) {
        if (cap <= cap_) {
            return;
        }
        auto *moved = new std::uint8_t[cap];
        if (size_ != 0) {
            std::memcpy(moved, bytes_, size_);
        }
        delete[] bytes_;
        bytes_ = moved;
        cap_ = cap;
    }

    // For tests: beyond this size SetSize throws, or does nothing.
    std::size_t grows_to = SIZE_MAX;
    bool ignores = false;

  private:
    std::uint8_t *bytes_ = nullptr;
    std::size_t size_ = 0, cap_ = 0;
};

struct TXLiteAVEncodedData {
    const char *userId;
    int streamType;
    const TXLiteAVBuffer *originData;
    TXLiteAVBuffer *processedData;
};

class ITXLiteAVEncodedDataProcessingListener {
  public:
    virtual ~ITXLiteAVEncodedDataProcessingListener() {}
    virtual bool didEncodeVideo(TXLiteAVEncodedData &) { return false; }
    virtual bool willDecodeVideo(TXLiteAVEncodedData &) { return false; }
    virtual bool didEncodeAudio(TXLiteAVEncodedData &) { return false; }
    virtual bool willDecodeAudio(TXLiteAVEncodedData &) { return false; }
};

} // namespace liteav

#endif
