import Foundation
import XCTest

@testable import Roomseal

final class KeyTests: XCTestCase {
    func testTextsAndBytesMakeTheSameKey() throws {
        let hex = "000102030405060708090a0b0c0d0e0f"
        let base64 = "AAECAwQFBgcICQoLDA0ODw=="
        let keys = [
            try RoomKey(bytes: testKey), try RoomKey(bytes: Data(testKey)),
            try testKey.withUnsafeBytes { try RoomKey(bytes: $0) }, try RoomKey(hex: hex),
            try RoomKey(hex: hex.uppercased()), try RoomKey(base64: base64),
        ]
        for key in keys {
            XCTAssertEqual(key.withUnsafeBytes { Array($0) }, testKey)
            XCTAssertEqual(try key.makeHexText(), hex)
            XCTAssertEqual(try key.makeBase64Text(), base64)
            XCTAssertEqual(key.fingerprint.count, 8)
            XCTAssertEqual(key.fingerprint, keys[0].fingerprint)
        }
    }

    func testOtherLengthsAndTextsAreRefused() {
        XCTAssertEqual(thrown { _ = try RoomKey(bytes: [UInt8](0..<15)) }, .invalidArgument)
        XCTAssertEqual(thrown { _ = try RoomKey(bytes: Data(0..<17)) }, .invalidArgument)
        XCTAssertEqual(
            thrown { _ = try RoomKey(bytes: UnsafeRawBufferPointer.empty) }, .invalidArgument)
        XCTAssertEqual(thrown { _ = try RoomKey(hex: "") }, .invalidText)
        XCTAssertEqual(
            thrown { _ = try RoomKey(hex: "0g0102030405060708090a0b0c0d0e0f") }, .invalidText)
        XCTAssertEqual(
            thrown { _ = try RoomKey(base64: "AAECAwQFBgcICQoLDA0ODw") }, .invalidText)
    }

    func testRandomKeysDiffer() throws {
        let one = try RoomKey.random(), other = try RoomKey.random()
        XCTAssertNotEqual(try one.makeHexText(), try other.makeHexText())
        XCTAssertNotEqual(one.fingerprint, other.fingerprint)
    }

    func testNothingShowsTheKey() throws {
        let key = try RoomKey(hex: "deadbeef0405060708090a0b0c0d0e0f")
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            XCTAssertTrue(text.contains(key.fingerprint), text)
            XCTAssertFalse(text.lowercased().contains("deadbeef"), text)
            XCTAssertFalse(text.contains("222, 173"), text)
        }
        XCTAssertTrue(Mirror(reflecting: key).children.isEmpty)
    }

    func testWipingLeavesZeros() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 16)
        defer { memory.deallocate() }
        memory.copyBytes(from: testKey)
        wipe(memory)
        XCTAssertTrue(memory.allSatisfy { $0 == 0 })
        wipe(UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }

    func testARatchetedKeyIsTheOneThatARoomDerives() throws {
        let alice = try makeRoom()
        XCTAssertEqual(try alice.ratchet(from: 1), 2)
        try alice.activate(epoch: 2)
        let late = try Room(configuration())
        try late.install(try RoomKey(bytes: testKey).ratcheted(from: 1), epoch: 2)
        let sealed = try alice.makeSealer(for: .audio).seal([1, 2, 3])
        XCTAssertEqual(try late.makeOpener().open(sealed, kind: .audio), [1, 2, 3])
        XCTAssertEqual(
            thrown { _ = try RoomKey(bytes: testKey).ratcheted(from: .max) }, .lastEpoch)
    }
}
