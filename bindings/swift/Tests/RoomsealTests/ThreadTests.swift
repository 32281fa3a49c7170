import Foundation
import Roomseal
import XCTest

#if canImport(Glibc)
import Glibc
#endif

private let threads = 8

final class ThreadTests: XCTestCase {
    func testEightThreadsSealAndOpen() throws {
        let alice = try makeRoom(), bob = try makeRoom()
        let sealer = try alice.makeSealer(for: .video)
        let opener = try bob.makeOpener()
        let tally = Tally()
        let frames = 2_000
        onThreads(threads) { index in
            let frame = [UInt8](repeating: UInt8(index), count: 100 + index)
            for _ in 0..<frames {
                do throws(RoomsealError) {
                    let sealed = try sealer.seal(frame)
                    let opened = try opener.open(sealed, kind: .video, source: "alice")
                    tally.add(opened == frame ? "same" : "other")
                } catch {
                    // A thread that was held up for a thousand frames of the others.
                    tally.add(error == .tooOld ? "late" : error.description)
                }
            }
        }
        XCTAssertTrue(tally.names.isSubset(of: ["same", "late"]), "\(tally.names)")
        XCTAssertEqual(tally["same"] + tally["late"], threads * frames)
        XCTAssertGreaterThan(tally["same"], threads * frames / 2)
        XCTAssertEqual(alice.count(of: .sealed, for: .video), UInt64(threads * frames))
        XCTAssertEqual(bob.count(of: .opened, for: .video), UInt64(tally["same"]))
        XCTAssertEqual(bob.streams(of: .video).count, 1)
    }

    func testClosingWhileInUse() throws {
        for round in 0..<20 {
            let alice = try makeRoom(), bob = try makeRoom()
            let tally = Tally()
            let sealers = try (0..<threads).map { _ in try alice.makeSealer(for: .audio) }
            let opener = try bob.makeOpener()
            onThreads(threads + 1) { index in
                if index == threads {
                    while tally["opened"] < 50 {
                        Thread.sleep(forTimeInterval: 0.000_1)
                    }
                    // Whichever end goes first, both say so.
                    (round % 2 == 0 ? alice : bob).close()
                    return
                }
                while true {
                    do throws(RoomsealError) {
                        let sealed = try sealers[index].seal([1, 2, 3])
                        let opened = try opener.open(sealed, kind: .audio)
                        tally.add(opened == [1, 2, 3] ? "opened" : "other")
                    } catch {
                        return tally.add(error.description)
                    }
                }
            }
            XCTAssertEqual(tally[RoomsealError.closed.description], threads, "\(tally.names)")
            XCTAssertEqual(tally.names, ["opened", RoomsealError.closed.description])
        }
    }

    func testTheLastReferenceMayGoOnAnyThread() throws {
        // What frees a handle is the last reference, and a call under way holds one.
        for _ in 0..<200 {
            let room = try makeRoom()
            let sealer = try room.makeSealer(for: .audio)
            onThreads(3) { index in
                if index == 0 {
                    room.close()
                } else {
                    _ = try? sealer.seal([1])
                    _ = try? room.makeSealer(for: .video).seal([2])
                }
            }
        }
    }

    #if os(Linux)
    /// Pages in memory, of /proc.
    private func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = try XCTUnwrap(Int(text.split(separator: " ")[1]))
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    func testAMillionFramesTakeNoMemory() throws {
        let alice = try makeRoom(), bob = try makeRoom()
        let sealer = try alice.makeSealer(for: .audio)
        let opener = try bob.makeOpener()
        var sealed = [UInt8](repeating: 0, count: 80 + Roomseal.maximumOverhead)
        let frame = Roomseal.headerLength..<Roomseal.headerLength + 80
        func run(_ frames: Int) throws {
            for number in 0..<frames {
                // By turns in place, and with arrays of their own.
                if number % 4 == 0 {
                    let copy = try sealer.seal([UInt8](sealed[frame]))
                    XCTAssertEqual(try opener.open(copy, kind: .audio, source: "alice").count, 80)
                } else {
                    let at = try sealed.withUnsafeMutableBytes {
                        try sealer.sealInPlace($0, frame: frame)
                    }
                    let opened = try sealed.withUnsafeMutableBytes {
                        try opener.openInPlace(
                            UnsafeMutableRawBufferPointer(rebasing: $0[at]), kind: .audio,
                            source: "alice")
                    }
                    XCTAssertEqual(opened, frame)
                }
            }
        }
        try run(50_000)
        let before = try residentBytes()
        try run(1_000_000)
        let growth = try residentBytes() - before
        // A byte a frame would be a million.
        XCTAssertLessThan(growth, 500_000)
        XCTAssertEqual(bob.count(of: .opened, for: .audio), 1_050_000)
    }
    #endif
}
