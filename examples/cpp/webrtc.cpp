// A native WebRTC application whose audio and video frames are sealed.
#include "api/rtp_receiver_interface.h"
#include "api/rtp_sender_interface.h"

#include "roomseal/webrtc.hpp"

#include <cstdio>

// For each sender, before media flows.
void seal(const roomseal::Room &room, webrtc::RtpSenderInterface &sender) {
    sender.SetFrameEncryptor(
        rtc::make_ref_counted<roomseal::WebrtcEncryptor<webrtc::FrameEncryptorInterface>>(room));
}

// For each receiver, when its track arrives. `user` is whose track it is.
void open(const roomseal::Room &room, webrtc::RtpReceiverInterface &receiver, const char *user) {
    receiver.SetFrameDecryptor(
        rtc::make_ref_counted<roomseal::WebrtcDecryptor<webrtc::FrameDecryptorInterface>>(room,
                                                                                         user));
}

int main() {
    // The ids and the key, the same for all members. The key comes by your own secure way.
    const char *key = "AAECAwQFBgcICQoLDA0ODw==";
    roomseal::Config config;
    config.app_id("example.org").room_id("weekly");
    const roomseal::Room alice(config), bob(config); // on two devices
    for (const roomseal::Room *room : {&alice, &bob}) {
        if (room->install_base64(1, key) != ROOMSEAL_OK || room->activate(1) != ROOMSEAL_OK) {
            return 1; // no key, no call
        }
    }

    const auto sender = rtc::make_ref_counted<webrtc::RtpSenderInterface>();
    const auto receiver = rtc::make_ref_counted<webrtc::RtpReceiverInterface>();
    seal(alice, *sender.get());
    open(bob, *receiver.get(), "alice");

    std::vector<std::uint8_t> frame(80, 7), sent; // WebRTC itself does the rest
    const bool done = sender->Send(cricket::MEDIA_TYPE_AUDIO, frame, {}, sent);
    receiver->Receive(cricket::MEDIA_TYPE_AUDIO, sent, {});
    std::printf("%zu bytes, sealed %zu, opened %zu\n", frame.size(), sent.size(),
                receiver->decoded.back().size());
    return !done || receiver->decoded.back() != frame;
}
