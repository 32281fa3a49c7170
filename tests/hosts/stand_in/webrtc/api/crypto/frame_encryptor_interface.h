// Stands in for WebRTC's header of this name.
#ifndef STAND_IN_FRAME_ENCRYPTOR_INTERFACE_H
#define STAND_IN_FRAME_ENCRYPTOR_INTERFACE_H

#include "api/stand_in.h"

namespace webrtc {

class FrameEncryptorInterface : public rtc::RefCountInterface {
  public:
    ~FrameEncryptorInterface() override {}
    virtual int Encrypt(cricket::MediaType media_type, uint32_t ssrc,
                        rtc::ArrayView<const uint8_t> additional_data,
                        rtc::ArrayView<const uint8_t> frame,
                        rtc::ArrayView<uint8_t> encrypted_frame, size_t *bytes_written) = 0;
    virtual size_t GetMaxCiphertextByteSize(cricket::MediaType media_type, size_t frame_size) = 0;
};

} // namespace webrtc

#endif
