import Foundation
import Roomseal
import XCTest

/// The frames that RFC 9605 publishes in appendix C.3, for the AES-128 suites.
final class SFrameTests: XCTestCase {
    private let keyIdentifier: UInt64 = 0x0123
    private let counter: UInt64 = 0x4567
    private let metadata = Array("IETF SFrame WG".utf8)
    private let plaintext = Array("draft-ietf-sframe-enc".utf8)
    private let frames: [(CipherSuite, String)] = [
        (
            .aes128CtrHmacSha256Tag80,
            "9901234567449408b6f490086165b9d6f62b24ae1a59a56486b4ae8ed036b88912e24f11"
        ),
        (
            .aes128CtrHmacSha256Tag64,
            "99012345673f31438db4d09434e43afa0f8a2f00867a2be085046a9f5cb4f101d607"
        ),
        (.aes128CtrHmacSha256Tag32, "990123456717fc8af28a5a695afcfc6c8df6358a17e26b2fcb3bae32e443"),
        (
            .aes128Gcm,
            "9901234567b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb"
        ),
    ]

    private func makeSender(_ suite: CipherSuite, at counter: UInt64 = 0) throws -> SFrameSender {
        try testKey.withUnsafeBytes {
            try SFrameSender(
                suite: suite, keyIdentifier: keyIdentifier, baseKey: $0, startingAt: counter)
        }
    }

    private func makeReceiver(_ suite: CipherSuite) throws -> SFrameReceiver {
        let receiver = try SFrameReceiver(suite: suite)
        try testKey.withUnsafeBytes {
            try receiver.add(baseKey: $0, keyIdentifier: keyIdentifier)
        }
        return receiver
    }

    func testPublishedFrames() throws {
        XCTAssertEqual(frames.map(\.0), CipherSuite.allCases)
        for (suite, hex) in frames {
            let want = bytes(hex: hex)
            let sender = try makeSender(suite, at: counter)
            XCTAssertEqual(sender.keyIdentifier, keyIdentifier)
            XCTAssertEqual(try sender.seal(plaintext, metadata: metadata), want)
            XCTAssertEqual(sender.nextCounter, counter + 1)
            let header = try FrameHeader(ofSFrame: want)
            XCTAssertEqual(header.keyIdentifier, keyIdentifier)
            XCTAssertEqual(header.counter, counter)
            XCTAssertNil(header.epochLowBits)

            let room = Roomseal.maximumSFrameHeaderLength
            var buffer = [UInt8](repeating: 0, count: room)
            buffer += plaintext + [UInt8](repeating: 0, count: Roomseal.maximumTagLength)
            let second = try makeSender(suite, at: counter)
            let at = try metadata.withUnsafeBytes { metadata in
                try buffer.withUnsafeMutableBytes {
                    try second.sealInPlace(
                        $0, frame: room..<room + plaintext.count, metadata: metadata)
                }
            }
            XCTAssertEqual(Array(buffer[at]), want)

            XCTAssertEqual(try makeReceiver(suite).open(want, metadata: metadata), plaintext)
            let receiver = try makeReceiver(suite)
            var frame = want
            let opened = try metadata.withUnsafeBytes { metadata in
                try frame.withUnsafeMutableBytes {
                    try receiver.openInPlace($0, metadata: metadata)
                }
            }
            XCTAssertEqual(Array(frame[opened]), plaintext)
            XCTAssertEqual(
                thrown { _ = try receiver.open(want, metadata: metadata) }, .replay)
        }
    }

    /// Appendix C.1. The package of `.ci/apple` has no such file.
    func testPublishedHeaders() throws {
        var repository = URL(fileURLWithPath: #filePath)
        for _ in 0..<5 {
            repository.deleteLastPathComponent()
        }
        let vectors = repository.appendingPathComponent("tests/vectors/rfc9605-header.txt")
        guard let text = try? String(contentsOf: vectors, encoding: .utf8) else {
            throw XCTSkip("\(vectors.path) is not there")
        }
        var count = 0
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            let header = try FrameHeader(ofSFrame: bytes(hex: String(words[2])))
            XCTAssertEqual(header.keyIdentifier, UInt64(words[0]))
            XCTAssertEqual(header.counter, UInt64(words[1]))
            count += 1
        }
        XCTAssertEqual(count, 289)
    }

    func testRawBuffers() throws {
        let sender = try makeSender(.aes128Gcm)
        let receiver = try makeReceiver(.aes128Gcm)
        var sealed = [UInt8](repeating: 0, count: plaintext.count + Roomseal.maximumSFrameOverhead)
        let length = try plaintext.withUnsafeBytes { frame in
            try sealed.withUnsafeMutableBytes { try sender.seal(frame, into: $0) }
        }
        var opened = [UInt8](repeating: 0, count: length)
        let openedLength = try sealed[..<length].withUnsafeBytes { frame in
            try opened.withUnsafeMutableBytes { try receiver.open(frame, into: $0) }
        }
        XCTAssertEqual(Array(opened[..<openedLength]), plaintext)
        try receiver.remove(keyIdentifier: keyIdentifier)
        XCTAssertEqual(
            thrown { try receiver.remove(keyIdentifier: keyIdentifier) }, .unknownKey)
    }
}
