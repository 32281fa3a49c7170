// Stands in for WebRTC's header of this name: a receiver that has audio opened into another
// buffer and video where it lies, aborts where more could come out than went in, and stashes
// video frames until the first one opens.
#ifndef STAND_IN_RTP_RECEIVER_INTERFACE_H
#define STAND_IN_RTP_RECEIVER_INTERFACE_H

#include "api/crypto/frame_decryptor_interface.h"

#include <cstdlib>
#include <utility>
#include <vector>

namespace webrtc {

class RtpReceiverInterface : public rtc::RefCountInterface {
  public:
    void SetFrameDecryptor(rtc::scoped_refptr<FrameDecryptorInterface> decryptor) {
        decryptor_ = decryptor;
    }

    void Receive(cricket::MediaType type, std::vector<uint8_t> frame,
                 const std::vector<uint8_t> &additional_data) {
        if (type != cricket::MEDIA_TYPE_VIDEO) {
            std::vector<uint8_t> opened(decryptor_->GetMaxPlaintextByteSize(type, frame.size()));
            const auto result = decryptor_->Decrypt(type, {}, additional_data, frame, opened);
            status = result.status;
            opened.resize(result.IsOk() ? result.bytes_written : 0);
            decoded.push_back(std::move(opened));
            return;
        }
        if (!Inline(frame, additional_data)) {
            if (!first_opened_ && stash_.size() < 24) {
                stash_.push_back(std::move(frame));
            }
            return;
        }
        first_opened_ = true;
        for (auto &stashed : stash_) {
            if (Inline(stashed, additional_data)) {
                decoded.push_back(std::move(stashed));
            }
        }
        stash_.clear();
        decoded.push_back(std::move(frame));
    }

    // What reached the decoder, and what the decryptor said last.
    std::vector<std::vector<uint8_t>> decoded;
    FrameDecryptorInterface::Status status = FrameDecryptorInterface::Status::kUnknown;

  private:
    bool Inline(std::vector<uint8_t> &frame, const std::vector<uint8_t> &additional_data) {
        const size_t most =
            decryptor_->GetMaxPlaintextByteSize(cricket::MEDIA_TYPE_VIDEO, frame.size());
        if (most > frame.size()) {
            std::abort();
        }
        rtc::ArrayView<uint8_t> same(frame.data(), most);
        const auto result =
            decryptor_->Decrypt(cricket::MEDIA_TYPE_VIDEO, {}, additional_data, frame, same);
        status = result.status;
        if (!result.IsOk()) {
            return false;
        }
        if (result.bytes_written > most) {
            std::abort();
        }
        frame.resize(result.bytes_written);
        return true;
    }

    rtc::scoped_refptr<FrameDecryptorInterface> decryptor_;
    std::vector<std::vector<uint8_t>> stash_;
    bool first_opened_ = false;
};

} // namespace webrtc

#endif
