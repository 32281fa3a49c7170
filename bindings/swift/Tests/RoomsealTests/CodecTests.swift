import Foundation
import Roomseal
import XCTest

final class CodecTests: XCTestCase {
    /// Parameter sets and a slice, with start codes.
    private let h264: [UInt8] =
        [0, 0, 0, 1, 0x67, 0x42, 0x00, 0x1E, 0xAB] + [0, 0, 0, 1, 0x68, 0xCE, 0x38, 0x80]
        + [0, 0, 1, 0x65, 0x88, 0x84, 0x21] + [UInt8](repeating: 0x5A, count: 300)

    private func makeCodecRoom() throws -> Room {
        var settings = configuration()
        settings.forms = [.audio: .codec, .video: .codec]
        return try makeRoom(settings)
    }

    func testEveryCodecOpensAsItWas() throws {
        let alice = try makeCodecRoom(), bob = try makeCodecRoom()
        let opener = try bob.makeOpener()
        let frames: [Codec: [UInt8]] = [
            .opaque: [1, 2, 3], .h264: h264,
            .h265: [0, 0, 0, 1, 0x26, 0x01, 0xAF, 0x09] + [UInt8](repeating: 7, count: 90),
            .vp8: [0x11, 0, 0, 1, 2, 3], .vp9: [0x86, 1, 2, 3],
            .av1: [0x12, 0x00, 0x32, 0x04, 1, 2, 3, 4], .opus: [0xFC, 1, 2, 3],
            .aac: [0x21, 1, 2, 3],
        ]
        XCTAssertEqual(Set(frames.keys), Set(Codec.allCases))
        for (codec, frame) in frames {
            let kind: MediaKind = codec == .opus || codec == .aac ? .audio : .video
            let sealer = try alice.makeSealer(for: kind)
            let sealed = try sealer.sealCodec(frame, codec: codec, metadata: [9])
            XCTAssertLessThanOrEqual(
                sealed.count, try sealer.maximumSealedLength(of: frame.count, codec: codec))
            let named = try sealed.withUnsafeBytes { try Codec(ofSealedFrame: $0) }
            XCTAssertEqual(named, codec)
            let header = try FrameHeader(ofRoomFrame: sealed, form: .codec)
            XCTAssertEqual(header.keyIdentifier, sealer.keyIdentifier)
            let opened = try opener.open(sealed, kind: kind, metadata: [9])
            XCTAssertEqual(opened, frame, "\(codec)")
        }
    }

    func testWhatStaysClear() throws {
        let sealer = try makeCodecRoom().makeSealer(for: .video)
        let sealed = try sealer.sealCodec(Data(h264), codec: .h264)
        // The parameter sets and the start of the slice.
        XCTAssertEqual(Array(sealed.prefix(21)), Array(h264.prefix(21)))
        XCTAssertEqual(sealed.last, 0x80)
        XCTAssertFalse(sealed.dropFirst(25).starts(with: h264.dropFirst(25).prefix(100)))
        XCTAssertEqual(try h264.withUnsafeBytes { try Codec.detect(annexB: $0) }, .h264)
    }

    func testRawBuffersAndInPlace() throws {
        let alice = try makeCodecRoom(), bob = try makeCodecRoom()
        let sealer = try alice.makeSealer(for: .audio)
        let opener = try bob.makeOpener()
        var buffer: [UInt8] = [0xFC] + [UInt8](repeating: 3, count: 59)
        buffer += [UInt8](repeating: 0, count: Roomseal.maximumTrailerLength)
        let sealed = try buffer.withUnsafeMutableBytes {
            try sealer.sealCodecInPlace($0, frame: 0..<60, codec: .opus)
        }
        XCTAssertEqual(sealed.lowerBound, 0)
        XCTAssertEqual(sealed.count, try sealer.maximumSealedLength(of: 60, codec: .opus))
        XCTAssertEqual(buffer[0], 0xFC)
        let opened = try buffer.withUnsafeMutableBytes {
            try opener.openInPlace(
                UnsafeMutableRawBufferPointer(rebasing: $0[sealed]), kind: .audio)
        }
        XCTAssertEqual(Array(buffer[opened]), [0xFC] + [UInt8](repeating: 3, count: 59))

        var out = [UInt8](
            repeating: 0, count: try sealer.maximumSealedLength(of: 60, codec: .opus))
        let length = try buffer[..<60].withUnsafeBytes { frame in
            try out.withUnsafeMutableBytes { try sealer.sealCodec(frame, codec: .opus, into: $0) }
        }
        XCTAssertEqual(length, out.count)
        XCTAssertEqual(try opener.open(out, kind: .audio).count, 60)
    }
}
