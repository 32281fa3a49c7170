import CRoomseal

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension UnsafeRawBufferPointer {
    /// No bytes.
    public static var empty: UnsafeRawBufferPointer { .init(start: nil, count: 0) }

    @inline(__always)
    var bytes: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }

    @inline(__always)
    var characters: UnsafePointer<CChar>? { baseAddress?.assumingMemoryBound(to: CChar.self) }
}

extension UnsafeMutableRawBufferPointer {
    @inline(__always)
    var bytes: UnsafeMutablePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }

    @inline(__always)
    var characters: UnsafeMutablePointer<CChar>? { baseAddress?.assumingMemoryBound(to: CChar.self) }
}

/// Lends the UTF-8 of a text to `body`; no text is `NULL` with length 0.
@inline(__always)
func withCharacters<Result>(
    of text: String?, _ body: (UnsafePointer<CChar>?, Int) -> Result
) -> Result {
    guard var text else { return body(nil, 0) }
    return text.withUTF8 { utf8 in
        let raw = UnsafeRawBufferPointer(utf8)
        return body(raw.characters, raw.count)
    }
}

/// What writes a result into a buffer, sets its length and returns a status.
typealias Fill = (UnsafeMutableRawBufferPointer, inout Int) -> roomseal_status

/// An array of what `fill` writes.
@inline(__always)
func makeArray(capacity: Int, _ fill: Fill) throws(RoomsealError) -> [UInt8] {
    var status = ROOMSEAL_OK
    let array = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        var length = 0
        status = fill(UnsafeMutableRawBufferPointer(buffer), &length)
        count = status == ROOMSEAL_OK ? length : 0
    }
    try check(status)
    return array
}

/// A `Data` of what `fill` writes.
@inline(__always)
func makeData(capacity: Int, _ fill: Fill) throws(RoomsealError) -> Data {
    var length = 0
    var data = Data(count: capacity)
    try check(data.withUnsafeMutableBytes { fill($0, &length) })
    data.count = length
    return data
}

/// A text of what `fill` writes.
@inline(__always)
func makeText(capacity: Int, _ fill: Fill) throws(RoomsealError) -> String {
    String(decoding: try makeArray(capacity: capacity, fill), as: UTF8.self)
}
