// Stands in for WebRTC's header of this name.
#ifndef STAND_IN_FRAME_DECRYPTOR_INTERFACE_H
#define STAND_IN_FRAME_DECRYPTOR_INTERFACE_H

#include "api/stand_in.h"

#include <vector>

namespace webrtc {

class FrameDecryptorInterface : public rtc::RefCountInterface {
  public:
    enum class Status { kOk, kRecoverable, kFailedToDecrypt, kUnknown };
    struct Result {
        Result(Status result, size_t written) : status(result), bytes_written(written) {}
        bool IsOk() const { return status == Status::kOk; }
        const Status status;
        const size_t bytes_written;
    };
    ~FrameDecryptorInterface() override {}
    virtual Result Decrypt(cricket::MediaType media_type, const std::vector<uint32_t> &csrcs,
                           rtc::ArrayView<const uint8_t> additional_data,
                           rtc::ArrayView<const uint8_t> encrypted_frame,
                           rtc::ArrayView<uint8_t> frame) = 0;
    virtual size_t GetMaxPlaintextByteSize(cricket::MediaType media_type,
                                           size_t encrypted_frame_size) = 0;
};

} // namespace webrtc

#endif
