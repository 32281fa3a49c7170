// What the Swift wrapper adds to a call: the same frames through Swift's raw buffers and through
// loops in C, in one process. In each round both seal and open one batch, and the order changes
// from round to round; the table has medians, which say more than means on a busy machine.
//
//     swift run -c release RoomsealBench [rounds]
import BoundaryLoops
import Dispatch
import Roomseal

/// Nanoseconds a frame of the two contenders.
struct Times {
    var c = 0.0
    var swift = 0.0
}

struct Contest {
    let batch = 512
    let frame = [UInt8](repeating: 7, count: 80)
    let sealer: Sealer
    let opener: Opener
    let length: Int
    let sealed: UnsafeMutableRawBufferPointer
    let opened: UnsafeMutableRawBufferPointer

    init() throws {
        sealer = try Contest.join().makeSealer(for: .audio)
        opener = try Contest.join().makeOpener()
        length = try sealer.sealedLength(of: frame.count)
        sealed = .allocate(byteCount: batch * length, alignment: 64)
        opened = .allocate(byteCount: length, alignment: 64)
        sealed.initializeMemory(as: UInt8.self, repeating: 0)
        opened.initializeMemory(as: UInt8.self, repeating: 0)
    }

    private static func join() throws -> Room {
        let room = try Room(RoomConfiguration(application: .number(1), room: .number(1)))
        try room.install(try RoomKey(bytes: Array(0..<16)), epoch: 1)
        try room.activate(epoch: 1)
        return room
    }

    private func slot(_ index: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: sealed[index * length..<(index + 1) * length])
    }

    private func sealInSwift() throws -> Int {
        try frame.withUnsafeBytes { frame in
            for index in 0..<batch {
                _ = try sealer.seal(frame, into: slot(index))
            }
            return batch
        }
    }

    private func openInSwift() throws -> Int {
        for index in 0..<batch {
            _ = try opener.open(UnsafeRawBufferPointer(slot(index)), kind: .audio, into: opened)
        }
        return batch
    }

    private func sealInC() -> Int {
        boundary_seal(
            UnsafeRawPointer(sealer.unsafeHandle), frame, frame.count,
            sealed.baseAddress?.assumingMemoryBound(to: UInt8.self), length, batch)
    }

    private func openInC() -> Int {
        boundary_open(
            UnsafeRawPointer(opener.unsafeHandle), MediaKind.audio.rawValue,
            sealed.baseAddress?.assumingMemoryBound(to: UInt8.self), length,
            opened.baseAddress?.assumingMemoryBound(to: UInt8.self), length, batch)
    }

    private func time(_ body: () throws -> Int) rethrows -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        let done = try body()
        let elapsed = DispatchTime.now().uptimeNanoseconds - start
        precondition(done == batch, "only \(done) of \(batch) calls succeeded")
        return Double(elapsed) / Double(batch)
    }

    /// One batch each, sealed and opened.
    func round(swiftFirst: Bool) throws -> (seal: Times, open: Times) {
        var seal = Times()
        var open = Times()
        for swift in [swiftFirst, !swiftFirst] {
            if swift {
                seal.swift = try time(sealInSwift)
                open.swift = try time(openInSwift)
            } else {
                seal.c = time(sealInC)
                open.c = time(openInC)
            }
        }
        return (seal, open)
    }
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// Two decimals, without Foundation's formats.
func rounded(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let fraction = String(hundredths % 100)
    return "\(hundredths / 100).\(fraction.count == 1 ? "0" : "")\(fraction)"
}

let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000
guard rounds > 0 else { fatalError("the number of rounds is above zero") }
let contest = try Contest()
var sealing: [Times] = []
var opening: [Times] = []
for number in 0..<rounds {
    let times = try contest.round(swiftFirst: number % 2 == 0)
    sealing.append(times.seal)
    opening.append(times.open)
}
print("| 80-byte audio frames | C, ns a frame | Swift | Swift / C |")
print("|---|--:|--:|--:|")
for (name, times) in [("seal", sealing), ("open", opening)] {
    let c = Int(median(times.map(\.c)).rounded())
    let swift = Int(median(times.map(\.swift)).rounded())
    print("| \(name) | \(c) | \(swift) | \(rounded(median(times.map { $0.swift / $0.c }))) |")
}
