// Stands in for WebRTC's header of this name: a sender that asks for the size of its buffer
// and sends nothing that isn't encrypted.
#ifndef STAND_IN_RTP_SENDER_INTERFACE_H
#define STAND_IN_RTP_SENDER_INTERFACE_H

#include "api/crypto/frame_encryptor_interface.h"

#include <vector>

namespace webrtc {

class RtpSenderInterface : public rtc::RefCountInterface {
  public:
    void SetFrameEncryptor(rtc::scoped_refptr<FrameEncryptorInterface> encryptor) {
        encryptor_ = encryptor;
    }

    // What is handed to the packetizer; false if nothing is sent.
    bool Send(cricket::MediaType type, const std::vector<uint8_t> &frame,
              const std::vector<uint8_t> &additional_data, std::vector<uint8_t> &sent) {
        sent.assign(encryptor_->GetMaxCiphertextByteSize(type, frame.size()), 0xA5);
        size_t bytes_written = 0;
        if (encryptor_->Encrypt(type, 7, additional_data, frame, sent, &bytes_written) != 0) {
            return false;
        }
        sent.resize(bytes_written);
        return true;
    }

  private:
    rtc::scoped_refptr<FrameEncryptorInterface> encryptor_;
};

} // namespace webrtc

#endif
