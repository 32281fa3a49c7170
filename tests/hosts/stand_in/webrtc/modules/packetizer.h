// Stands in for WebRTC's packetizers and depacketizers: what they look for in a frame before
// they cut it into packets, and what they make of it at the other end. Written from RFC 6184
// (H.264), RFC 7741 (VP8) and the AV1 specification.
#ifndef STAND_IN_PACKETIZER_H
#define STAND_IN_PACKETIZER_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stand_in {

using Bytes = std::vector<std::uint8_t>;

// H.264: NAL units between start codes, each sent for itself; at the other end all get start
// codes of 4 bytes. False for what has none, or a unit that is cut wrongly.
inline bool through_h264(const Bytes &frame, Bytes &arrived) {
    std::vector<Bytes> units;
    std::size_t at = 0;
    bool inside = false;
    while (at < frame.size()) {
        const bool start = at + 2 < frame.size() && frame[at] == 0 && frame[at + 1] == 0 &&
                           frame[at + 2] == 1;
        if (start) {
            units.emplace_back();
            inside = true;
            at += 3;
            continue;
        }
        if (inside) {
            units.back().push_back(frame[at]);
        } else if (frame[at] != 0) {
            return false;
        }
        at++;
    }
    arrived.clear();
    for (auto &unit : units) {
        while (!unit.empty() && unit.back() == 0) {
            unit.pop_back(); // the first byte of a longer start code
        }
        if (unit.empty() || (unit[0] & 0x80) != 0) {
            return false;
        }
        arrived.insert(arrived.end(), {0, 0, 0, 1});
        arrived.insert(arrived.end(), unit.begin(), unit.end());
    }
    return !units.empty();
}

// Types of the units, carriers apart.
inline std::vector<int> types_of_h264(const Bytes &frame) {
    std::vector<int> types;
    for (std::size_t at = 0; at + 3 < frame.size(); at++) {
        if (frame[at] == 0 && frame[at + 1] == 0 && frame[at + 2] == 1 &&
            (frame[at + 3] & 31) != 6) {
            types.push_back(frame[at + 3] & 31);
        }
    }
    return types;
}

// VP8: the first bit tells key frames, which have a start code and a size to be read. Returns
// the width of a key frame, 0 for others, -1 for what is no frame.
inline int width_of_vp8(const Bytes &frame) {
    if (frame.empty()) {
        return -1;
    }
    if ((frame[0] & 1) != 0) {
        return 0;
    }
    if (frame.size() < 10 || frame[3] != 0x9D || frame[4] != 0x01 || frame[5] != 0x2A) {
        return -1;
    }
    return (frame[6] | frame[7] << 8) & 0x3FFF;
}

} // namespace stand_in

#endif
