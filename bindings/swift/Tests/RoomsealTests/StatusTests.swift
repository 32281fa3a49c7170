import CRoomseal
import ForkedChild
import Foundation
import Roomseal
import XCTest

/// Every status that can be brought about from outside is, and arrives as its own error.
final class StatusTests: XCTestCase {
    private var seen: Set<RoomsealError> = []

    /// Checks what a call throws, and remembers it.
    private func expect(
        _ error: RoomsealError, line: UInt = #line, _ body: () throws -> Void
    ) {
        XCTAssertEqual(thrown(body), error, line: line)
        seen.insert(error)
    }

    private let frame = [UInt8](repeating: 3, count: 8)

    func testEveryStatus() throws {
        try arguments()
        try frames()
        try keys()
        try objectStates()
        try forgeries()
        try flood()
        try lostMemory()

        // The wrapper passes no NULL; a failing generator, a fault of the library, and frames
        // that escape their escapes are not to be brought about from here.
        let unreachable: Set<RoomsealError> = [
            .nullPointer, .noRandom, .internalFault, .unknown, .tooManyEscapes,
        ]
        XCTAssertEqual(seen.union(unreachable), Set(RoomsealError.allCases))
        XCTAssertTrue(seen.isDisjoint(with: unreachable))
    }

    func testNumbersAndNames() {
        XCTAssertNil(RoomsealError(status: ROOMSEAL_OK))
        XCTAssertEqual(RoomsealError(status: roomseal_room_close(nil)), .nullPointer)
        XCTAssertEqual(RoomsealError(status: 12_345), .unknown)
        for status in Int32(1)...100 {
            let known = String(cString: roomseal_status_name(status)) != "UNKNOWN"
            XCTAssertEqual(RoomsealError(status: status) != .unknown, known, "status \(status)")
        }
        XCTAssertEqual(
            RoomsealError.notAuthentic.description,
            String(cString: roomseal_status_text(ROOMSEAL_ERR_NOT_AUTHENTIC)))
        XCTAssertEqual(Counter.allCases.count, Int(roomseal_counter_last()))
        XCTAssertEqual(Counter.notAuthentic.description, "not_authentic")
    }

    private func arguments() throws {
        let alice = try makeRoom()
        let sealer = try alice.makeSealer(for: .audio)
        expect(.invalidArgument) { _ = try Room(RoomConfiguration(application: .text(""), room: .number(1))) }
        expect(.bufferTooSmall) {
            var out = [UInt8](repeating: 0, count: 8 + Roomseal.maximumOverhead - 1)
            _ = try frame.withUnsafeBytes { frame in
                try out.withUnsafeMutableBytes { try sealer.seal(frame, into: $0) }
            }
        }
        expect(.buffersOverlap) {
            var out = [UInt8](repeating: 0, count: 50)
            _ = try out.withUnsafeMutableBytes {
                try sealer.seal(UnsafeRawBufferPointer(rebasing: $0[..<8]), into: $0)
            }
        }
        expect(.tooLarge) { _ = try sealer.sealedLength(of: -1) }
        expect(.wrongKind) { _ = try sealer.sealText(frame) }
        // Suites and forms are enumerations in Swift: only C can name wrong ones.
        var length = 0
        expect(.unknownSuite) {
            try RoomsealError(status: roomseal_suite_tag_len(5, &length)).map { throw $0 }
        }
        var kid: UInt64 = 0, ctr: UInt64 = 0, low: UInt32 = 0
        expect(.unknownForm) {
            try RoomsealError(status: roomseal_peek(99, frame, frame.count, &kid, &ctr, &low)).map {
                throw $0
            }
        }
        expect(.unknownCodec) {
            try RoomsealError(
                status: roomseal_sealer_max_sealed_codec_len(sealer.unsafeHandle, 8, 1, &length)
            ).map { throw $0 }
        }
        var settings = configuration()
        settings.forms = [.audio: .codec]
        let parsing = try makeRoom(settings).makeSealer(for: .audio)
        expect(.codecMismatch) { _ = try parsing.sealCodec([1, 2, 3], codec: .h264) }
        expect(.wrongForm) { _ = try parsing.seal(frame) }
        expect(.wrongForm) { _ = try sealer.sealCodec(frame, codec: .opus) }
        expect(.invalidText) { _ = try RoomKey(hex: "zz") }
        expect(.malformed) { _ = try FrameHeader(ofRoomFrame: []) }
        expect(.notSealed) { _ = try FrameHeader(ofRoomFrame: testKey) }
    }

    private func frames() throws {
        let alice = try makeRoom(), bob = try makeRoom()
        let sealer = try alice.makeSealer(for: .audio)
        let opener = try bob.makeOpener(), own = try alice.makeOpener()
        let first = try sealer.seal(frame)
        expect(.ownFrame) { _ = try own.open(first, kind: .audio) }
        expect(.notAuthentic) { _ = try opener.open(first, kind: .video) }
        XCTAssertEqual(try opener.open(first, kind: .audio, source: "alice"), frame)
        expect(.replay) { _ = try opener.open(first, kind: .audio, source: "alice") }
        let second = try sealer.seal(frame)
        expect(.sourceChanged) { _ = try opener.open(second, kind: .audio, source: "mallory") }

        // 1,024 later ones push it out of the window.
        for _ in 0..<1_023 {
            _ = try sealer.seal(frame)
        }
        XCTAssertNoThrow(try opener.open(try sealer.seal(frame), kind: .audio))
        expect(.tooOld) { _ = try opener.open(second, kind: .audio) }

        let clear = [UInt8](repeating: 1, count: 40)
        expect(.notSealed) { _ = try opener.open(clear, kind: .audio) }
        try bob.acceptClearFramesDangerously(of: .audio, forSeconds: 86_400)
        expect(.clearFrame) { _ = try opener.open(clear, kind: .audio) }
        try bob.acceptClearFramesDangerously(of: .audio, forSeconds: 0)
        expect(.notSealed) { _ = try opener.open(clear, kind: .audio) }
        expect(.invalidArgument) {
            try bob.acceptClearFramesDangerously(of: .audio, forSeconds: 86_401)
        }
        XCTAssertEqual(bob.count(of: .clearFrames, for: .audio), 1)
    }

    private func keys() throws {
        let alice = try makeRoom(), bob = try makeRoom()
        let sealer = try alice.makeSealer(for: .audio)
        let opener = try bob.makeOpener()
        let other = try RoomKey.random()
        try alice.install(other, epoch: 2)
        try alice.activate(epoch: 2)
        let sealed = try sealer.seal(frame)
        expect(.unknownKey) { _ = try opener.open(sealed, kind: .audio) }
        expect(.unknownEpoch) { try alice.activate(epoch: 3) }
        expect(.epochConflict) { try alice.install(try RoomKey.random(), epoch: 2) }
        try alice.retire(epoch: 2)
        expect(.noActiveEpoch) { _ = try sealer.seal(frame) }
        expect(.epochRetired) { try alice.install(other, epoch: 2) }
        expect(.lastEpoch) { _ = try other.ratcheted(from: .max) }

        try testKey.withUnsafeBytes { key in
            let sender = try SFrameSender(
                suite: .aes128Gcm, keyIdentifier: 1, baseKey: key, startingAt: .max)
            XCTAssertNoThrow(try sender.seal(frame))
            XCTAssertNil(sender.nextCounter)
            expect(.keyExhausted) { _ = try sender.seal(frame) }
            let receiver = try SFrameReceiver(suite: .aes128Gcm, replayWindow: 64)
            try receiver.add(baseKey: key, keyIdentifier: 1)
            expect(.duplicateKeyIdentifier) { try receiver.add(baseKey: key, keyIdentifier: 1) }
        }
    }

    private func objectStates() throws {
        var settings = configuration()
        settings.maximumFrameLength = 7
        let small = try makeRoom(settings)
        let sealer = try small.makeSealer(for: .audio)
        expect(.tooLarge) { _ = try sealer.seal(frame) }

        // The child has one thread, so nothing but the call itself runs in it.
        let child = in_forked_child(
            { context in
                guard let context else { return 255 }
                let sealer = Unmanaged<Sealer>.fromOpaque(context).takeUnretainedValue()
                let error = thrown { _ = try sealer.seal([1]) }
                return error?.rawValue ?? 0
            }, Unmanaged.passUnretained(sealer).toOpaque())
        XCTAssertEqual(child, RoomsealError.forked.rawValue)
        seen.insert(.forked)

        small.close()
        expect(.closed) { _ = try sealer.seal([1]) }

        settings.opensOnly = true
        let recorder = try makeRoom(settings)
        expect(.openOnly) { _ = try recorder.makeSealer(for: .audio) }
        settings.suites[.audio] = .aes128CtrHmacSha256Tag32
        expect(.fourByteTags) { _ = try Room(settings) }
        settings.allowsFourByteTags = true
        XCTAssertNoThrow(try Room(settings))
        settings.replayWindow = 32_769
        expect(.invalidArgument) { _ = try Room(settings) }
    }

    /// 4-byte tags: 4,096 forged frames make a known stream's key suspect, and close an epoch to
    /// new streams.
    private func forgeries() throws {
        var settings = configuration()
        settings.allowsFourByteTags = true
        settings.suites = [.audio: .aes128CtrHmacSha256Tag32]
        let alice = try makeRoom(settings)
        settings.dropsSuspectKeys = true
        let bob = try makeRoom(settings)
        let known = try alice.makeSealer(for: .audio), late = try alice.makeSealer(for: .audio)
        let opener = try bob.makeOpener()
        XCTAssertNoThrow(try opener.open(try known.seal(frame), kind: .audio))

        let honest = try known.seal(frame)
        try forge(honest, opener)
        expect(.keySuspect) { _ = try opener.open(honest, kind: .audio) }
        XCTAssertEqual(bob.count(of: .keySuspect, for: .audio), 1)

        let new = try late.seal(frame)
        try forge(new, opener)
        expect(.failureBudget) { _ = try opener.open(new, kind: .audio) }
    }

    private func forge(_ honest: [UInt8], _ opener: Opener) throws {
        var forged = honest
        forged[forged.count - 1] ^= 1
        var refused = 0
        while refused < 4_096 {
            switch thrown({ _ = try opener.open(forged, kind: .audio) }) {
            case .notAuthentic: refused += 1
            case .budget: Thread.sleep(forTimeInterval: 0.001)  // it comes back with time
            case let other:
                return XCTFail("\(String(describing: other))")
            }
        }
    }

    /// A flood of made-up streams, refused without work after the first thousands.
    private func flood() throws {
        let bob = try makeRoom()
        let opener = try bob.makeOpener()
        var made: [UInt8] = [0xFA, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0]
        made += [UInt8](repeating: 0, count: 24)
        var error: RoomsealError? = .notAuthentic
        var frames = 0
        while error == .notAuthentic && frames < 1_000_000 {
            made[5] = UInt8(truncatingIfNeeded: frames >> 16)
            made[6] = UInt8(truncatingIfNeeded: frames >> 8)
            made[7] = UInt8(truncatingIfNeeded: frames)
            error = thrown { _ = try opener.open(made, kind: .audio) }
            frames += 1
        }
        XCTAssertEqual(error, .budget)
        XCTAssertGreaterThan(frames, 4_096)
        seen.insert(.budget)
    }

    /// More streams than a room remembers, even by their traces.
    private func lostMemory() throws {
        var settings = configuration()
        settings.maximumStreams = [.audio: 1]
        settings.refusesNewStreamsOnMemoryLoss = true
        let bob = try makeRoom(settings)
        let alice = try makeRoom()
        let opener = try bob.makeOpener()
        var error: RoomsealError?
        var streams = 0
        while error == nil && streams < 20_000 {
            let sealed = try alice.makeSealer(for: .audio).seal(frame)
            repeat {
                error = thrown { _ = try opener.open(sealed, kind: .audio) }
                if error == .budget {
                    Thread.sleep(forTimeInterval: 0.001)
                }
            } while error == .budget
            streams += error == nil ? 1 : 0
        }
        XCTAssertEqual(error, .memoryLost)
        seen.insert(.memoryLost)
        XCTAssertEqual(bob.count(of: .memoryLost, for: .audio), 1)
    }
}
