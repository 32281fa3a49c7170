import Foundation
import Roomseal
import XCTest

final class RoomTests: XCTestCase {
    func testTwoMembersWithArrays() throws {
        let alice = try makeRoom(), bob = try makeRoom()
        let opener = try bob.makeOpener()
        for kind in MediaKind.allCases {
            let sealer = try alice.makeSealer(for: kind)
            XCTAssertEqual(sealer.kind, kind)
            XCTAssertNil(sealer.keyIdentifier)
            for length in [0, 1, 20, 80, 1_200, 70_000] {
                let frame = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
                let metadata = [UInt8](repeating: 9, count: length % 7)
                let sealed = try sealer.seal(frame, metadata: metadata)
                XCTAssertEqual(sealed.count, length + Roomseal.maximumOverhead)
                XCTAssertEqual(sealed.count, try sealer.sealedLength(of: length))
                XCTAssertEqual(try opener.openedLength(of: sealed.count, kind: kind), length)
                let header = try FrameHeader(ofRoomFrame: sealed)
                XCTAssertEqual(header.keyIdentifier, sealer.keyIdentifier)
                XCTAssertEqual(header.epochLowBits, 1)
                let opened = try opener.open(
                    sealed, kind: kind, metadata: metadata, source: "alice")
                XCTAssertEqual(opened, frame)
            }
            let stream = try XCTUnwrap(sealer.keyIdentifier)
            XCTAssertEqual(bob.streams(of: kind), [stream])
            XCTAssertEqual(bob.source(of: stream, kind: kind), "alice")
            XCTAssertEqual(bob.lastEpoch(for: kind), 1)
            XCTAssertEqual(bob.lastEpoch(for: kind, stream: stream), 1)
            XCTAssertEqual(bob.count(of: .opened, for: kind, stream: stream), 6)
            XCTAssertNil(bob.count(of: .sealed, for: kind, stream: stream))
            XCTAssertNil(bob.count(of: .opened, for: kind, stream: stream ^ 16))
            XCTAssertNil(bob.source(of: stream ^ 16, kind: kind))
            XCTAssertEqual(alice.counts(for: kind).filter { $0.value != 0 }, [.sealed: 6])
            XCTAssertEqual(bob.counts(for: kind).filter { $0.value != 0 }, [.opened: 6])
        }
    }

    func testDataAndItsSlices() throws {
        let alice = try makeRoom(), bob = try makeRoom()
        let sealer = try alice.makeSealer(for: .video)
        let opener = try bob.makeOpener()
        let whole = Data((0..<100).map { UInt8($0) })
        let frame = whole[40..<60]
        let sealed = try sealer.seal(frame, metadata: Data([7]))
        XCTAssertEqual(sealed.count, 48)
        XCTAssertEqual(
            thrown { _ = try opener.open(sealed, kind: .video) }, .notAuthentic)
        XCTAssertEqual(try opener.open(sealed, kind: .video, metadata: Data([7])), frame)

        // In place, in a slice whose indices don't begin at 0.
        var room = Data(repeating: 0, count: 10) + whole
        var slice = room[10...]
        let at = try sealer.sealInPlace(&slice, frame: 50..<70)
        XCTAssertEqual(at, 50 - Roomseal.headerLength..<70 + sealer.tagLength)
        XCTAssertEqual(slice[..<at.lowerBound], room[10..<at.lowerBound])
        var received = slice[at]
        let opened = try opener.openInPlace(&received, kind: .video)
        XCTAssertEqual(received[opened], whole[40..<60])
        room.removeAll()
        XCTAssertEqual(
            thrown { _ = try sealer.sealInPlace(&room, frame: 0..<0) }, .bufferTooSmall)
    }

    func testRawBuffersAndArraysInPlace() throws {
        let alice = try makeRoom(), bob = try makeRoom()
        let sealer = try alice.makeSealer(for: .audio)
        let opener = try bob.makeOpener()
        var buffer = [UInt8](repeating: 5, count: 80 + Roomseal.maximumOverhead)
        let range = Roomseal.headerLength..<Roomseal.headerLength + 80

        let sealed = try buffer.withUnsafeMutableBytes {
            try sealer.sealInPlace($0, frame: range)
        }
        XCTAssertEqual(sealed, 0..<buffer.count)
        let opened = try buffer.withUnsafeMutableBytes {
            try opener.openInPlace($0, kind: .audio, source: "alice")
        }
        XCTAssertEqual(opened, range)
        XCTAssertEqual(buffer[opened], [UInt8](repeating: 5, count: 80)[...])

        let again = try sealer.sealInPlace(&buffer, frame: range)
        XCTAssertEqual(again, 0..<buffer.count)
        XCTAssertEqual(try opener.openInPlace(&buffer, kind: .audio), range)
        XCTAssertEqual(buffer[range], [UInt8](repeating: 5, count: 80)[...])

        var out = [UInt8](repeating: 0xA5, count: 40)
        let written = try [1, 2, 3].withUnsafeBytes { (_: UnsafeRawBufferPointer) in
            try [UInt8]([1, 2, 3]).withUnsafeBytes { frame in
                try out.withUnsafeMutableBytes { try sealer.seal(frame, into: $0) }
            }
        }
        XCTAssertEqual(written, 31)
        XCTAssertEqual(out[31...], [UInt8](repeating: 0xA5, count: 9)[...])
        var plain = [UInt8](repeating: 0xA5, count: 4)
        let length = try out[..<31].withUnsafeBytes { frame in
            try plain.withUnsafeMutableBytes { try opener.open(frame, kind: .audio, into: $0) }
        }
        XCTAssertEqual(length, 3)
        XCTAssertEqual(plain, [1, 2, 3, 0xA5])
    }

    func testAForgedFrameLeavesZeros() throws {
        let alice = try makeRoom(), bob = try makeRoom()
        var sealed = try alice.makeSealer(for: .audio).seal([UInt8](repeating: 7, count: 50))
        sealed[30] ^= 1
        let opener = try bob.makeOpener()
        XCTAssertEqual(thrown { _ = try opener.openInPlace(&sealed, kind: .audio) }, .notAuthentic)
        XCTAssertTrue(sealed.allSatisfy { $0 == 0 })
    }

    func testMessagesAsText() throws {
        let alice = try makeRoom(), bob = try makeRoom()
        let sealer = try alice.makeSealer(for: .message)
        let opener = try bob.makeOpener()
        let longest = try alice.maximumTextMessageLength(within: 1_000)
        let text = try sealer.sealText([UInt8](repeating: 1, count: longest))
        XCTAssertLessThanOrEqual(text.utf8.count, 1_000)
        XCTAssertEqual(text.utf8.count, try sealer.sealedTextLength(of: longest))
        XCTAssertEqual(try opener.openText(text), [UInt8](repeating: 1, count: longest))
        let hello = try sealer.sealText("héllo", metadata: [1])
        XCTAssertEqual(
            String(decoding: try opener.openText(hello, metadata: [1]), as: UTF8.self), "héllo")
        XCTAssertEqual(try alice.maximumMessageLength(within: 1_000), 972)
        XCTAssertEqual(thrown { _ = try opener.openText(text + "=") }, .invalidText)
        XCTAssertEqual(thrown { _ = try alice.maximumMessageLength(within: 27) }, .invalidArgument)
    }

    func testSuitesIdsAndSalts() throws {
        var settings = configuration()
        settings.call = .number(7)
        settings.suites = [.audio: .aes128CtrHmacSha256Tag64]
        settings.replayWindow = 64
        settings.maximumStreams = [.audio: 2]
        settings.maximumFrameLength = 1_000
        let salt: [UInt8] = [1, 2, 3]
        let rooms = try (0..<2).map { _ in
            let room = try Room(settings)
            try room.install(try RoomKey(bytes: testKey), epoch: 5, salt: salt)
            try room.activate(epoch: 5)
            return room
        }
        let sealer = try rooms[0].makeSealer(for: .audio)
        XCTAssertEqual(sealer.tagLength, 8)
        XCTAssertEqual(CipherSuite.aes128CtrHmacSha256Tag64.tagLength, 8)
        let sealed = try sealer.seal([1])
        XCTAssertEqual(sealed.count, 21)
        let opener = try rooms[1].makeOpener()
        XCTAssertEqual(try opener.open(sealed, kind: .audio), [1])
        XCTAssertEqual(thrown { _ = try sealer.seal([UInt8](repeating: 0, count: 1_001)) }, .tooLarge)

        // Another call, another room, another application, no salt: nothing opens.
        var others = [settings, settings, settings]
        others[0].call = .text("7")
        others[1].room = .text("weekly ")
        others[2].application = .text("1400000001")
        let next = try sealer.seal([2])
        for other in others {
            let room = try Room(other)
            try room.install(try RoomKey(bytes: testKey), epoch: 5, salt: salt)
            let opener = try room.makeOpener()
            XCTAssertEqual(thrown { _ = try opener.open(next, kind: .audio) }, .notAuthentic)
        }
        let unsalted = try Room(settings)
        try unsalted.install(try RoomKey(bytes: testKey), epoch: 5)
        let unsaltedOpener = try unsalted.makeOpener()
        XCTAssertEqual(thrown { _ = try unsaltedOpener.open(next, kind: .audio) }, .notAuthentic)
        XCTAssertEqual(try opener.open(next, kind: .audio), [2])
    }

    func testWrongKeyAndRejoin() throws {
        let alice = try makeRoom(), bob = try makeRoom()
        let mallory = try makeRoom(key: Array(1...16))
        let opener = try bob.makeOpener()
        let sealer = try alice.makeSealer(for: .video)
        let sealed = try sealer.seal([1, 2, 3])
        let stranger = try mallory.makeOpener()
        XCTAssertEqual(thrown { _ = try stranger.open(sealed, kind: .video) }, .notAuthentic)
        XCTAssertEqual(try opener.open(sealed, kind: .video, source: "alice"), [1, 2, 3])

        // Alice crashes and rejoins with the same key, ids and user id.
        alice.close()
        XCTAssertEqual(thrown { _ = try sealer.seal([4]) }, .closed)
        let again = try makeRoom()
        let fresh = try again.makeSealer(for: .video)
        let first = try fresh.seal([5])
        XCTAssertEqual(try opener.open(first, kind: .video, source: "alice"), [5])
        XCTAssertNotEqual(
            try FrameHeader(ofRoomFrame: first).keyIdentifier,
            try FrameHeader(ofRoomFrame: sealed).keyIdentifier)

        // A new key: who lacks it reads nothing, who has it goes on.
        let next = try RoomKey.random()
        for room in [again, bob] {
            try room.install(next, epoch: 2)
        }
        try again.activate(epoch: 2)
        XCTAssertEqual(again.epochs, [1, 2])
        XCTAssertEqual(again.activeEpoch, 2)
        let rotated = try fresh.seal([6])
        XCTAssertEqual(thrown { _ = try stranger.open(rotated, kind: .video) }, .unknownKey)
        XCTAssertEqual(try opener.open(rotated, kind: .video, source: "alice"), [6])
        try bob.retire(epoch: 1)
        XCTAssertEqual(bob.epochs, [2])
        XCTAssertNil(bob.activeEpoch)
    }

    func testSealersAndOpenersKeepTheirRoom() throws {
        weak var gone: Room?
        do {
            let sealer = try makeRoom().makeSealer(for: .audio)
            let opener = try makeRoom().makeOpener()
            gone = sealer.room
            XCTAssertEqual(try opener.open(try sealer.seal([1]), kind: .audio), [1])
            sealer.room.close()
            XCTAssertEqual(thrown { _ = try sealer.seal([1]) }, .closed)
            XCTAssertEqual(sealer.room.epochs, [])
        }
        XCTAssertNil(gone)
    }

    func testTheLibraryIsTheOneOfTheHeader() {
        XCTAssertTrue(Roomseal.isLibraryCompatible)
        XCTAssertEqual(Roomseal.libraryVersion.split(separator: ".").count, 3)
    }
}
