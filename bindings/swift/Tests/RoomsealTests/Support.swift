import Roomseal
import XCTest

/// The key 0, 1, … 15 of all rooms here.
let testKey: [UInt8] = Array(0..<16)

func configuration() -> RoomConfiguration {
    RoomConfiguration(application: .number(1_400_000_001), room: .text("weekly"))
}

/// A room with the test key as epoch 1, active.
func makeRoom(
    _ configuration: RoomConfiguration = configuration(), key: [UInt8] = testKey
) throws -> Room {
    let room = try Room(configuration)
    try room.install(try RoomKey(bytes: key), epoch: 1)
    try room.activate(epoch: 1)
    return room
}

/// What a call throws; `nil` if it returns.
func thrown(_ body: () throws -> Void) -> RoomsealError? {
    do {
        try body()
        return nil
    } catch {
        return error as? RoomsealError
    }
}

func bytes(hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
}

/// A number that threads add to.
final class Tally: @unchecked Sendable {
    private let lock = NSLock()
    private var counts: [String: Int] = [:]

    func add(_ name: String, _ number: Int = 1) {
        lock.withLock { counts[name, default: 0] += number }
    }

    subscript(name: String) -> Int { lock.withLock { counts[name] ?? 0 } }
    var names: Set<String> { lock.withLock { Set(counts.keys) } }
}

/// Runs `body` on as many threads at once, and waits for all.
func onThreads(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let done = DispatchGroup()
    for index in 0..<number {
        done.enter()
        let thread = Thread {
            body(index)
            done.leave()
        }
        thread.start()
    }
    done.wait()
}
