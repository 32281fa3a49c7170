import CRoomseal

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes zeros that no compiler leaves out, as it may with other stores before a deallocation.
func wipe(_ memory: UnsafeMutableRawBufferPointer) {
    guard let start = memory.baseAddress else { return }
    #if canImport(Darwin)
    _ = memset_s(start, memory.count, 0, memory.count)
    #else
    explicit_bzero(start, memory.count)
    #endif
}

/// The key of a room: 16 random bytes that reach members by a way that servers can't read.
///
/// The bytes stand in one place of their own, are wiped when the last reference goes, and show up
/// in no description, mirror or error. What they were made from, and texts made of them, are
/// yours to get rid of.
public final class RoomKey: Sendable {
    nonisolated(unsafe) private let storage: UnsafeMutableRawBufferPointer

    private init(filling fill: (UnsafeMutableRawBufferPointer) -> roomseal_status)
        throws(RoomsealError)
    {
        storage = .allocate(byteCount: Roomseal.keyLength, alignment: 16)
        storage.initializeMemory(as: UInt8.self, repeating: 0)
        try check(fill(storage))
    }

    deinit {
        wipe(storage)
        storage.deallocate()
    }

    /// A key from the operating system's random generator.
    ///
    /// - Throws: ``RoomsealError/noRandom`` if the generator fails.
    public static func random() throws(RoomsealError) -> RoomKey {
        try RoomKey { roomseal_key_random($0.bytes, $0.count) }
    }

    /// Copies a key.
    ///
    /// - Parameter bytes: exactly 16 bytes.
    /// - Throws: ``RoomsealError/invalidArgument`` for any other number.
    public convenience init(bytes: UnsafeRawBufferPointer) throws(RoomsealError) {
        guard bytes.count == Roomseal.keyLength else { throw .invalidArgument }
        try self.init {
            $0.copyMemory(from: bytes)
            return ROOMSEAL_OK
        }
    }

    /// Copies a key; see ``init(bytes:)-(UnsafeRawBufferPointer)``.
    public convenience init(bytes: [UInt8]) throws(RoomsealError) {
        guard bytes.count == Roomseal.keyLength else { throw .invalidArgument }
        try self.init {
            $0.copyBytes(from: bytes)
            return ROOMSEAL_OK
        }
    }

    /// Copies a key; see ``init(bytes:)-(UnsafeRawBufferPointer)``.
    public convenience init(bytes: Data) throws(RoomsealError) {
        guard bytes.count == Roomseal.keyLength else { throw .invalidArgument }
        try self.init {
            $0.copyBytes(from: bytes)
            return ROOMSEAL_OK
        }
    }

    /// A key from exactly 32 hexadecimal digits, as `openssl rand -hex 16` prints them.
    ///
    /// - Throws: ``RoomsealError/invalidText`` for any other text.
    public convenience init(hex: String) throws(RoomsealError) {
        try self.init { key in
            withCharacters(of: hex) { roomseal_key_from_hex($0, $1, key.bytes, key.count) }
        }
    }

    /// A key from exactly 24 characters of base64, its padding included, as
    /// `openssl rand -base64 16` prints them.
    ///
    /// - Throws: ``RoomsealError/invalidText`` for any other text.
    public convenience init(base64: String) throws(RoomsealError) {
        try self.init { key in
            withCharacters(of: base64) { roomseal_key_from_base64($0, $1, key.bytes, key.count) }
        }
    }

    /// The key of the epoch after this one, as ``Room/ratchet(from:)`` derives it. Who has only
    /// the new key can't go back: give it to members who join late.
    ///
    /// - Parameter epoch: the epoch that this key is of.
    /// - Throws: ``RoomsealError/lastEpoch`` for the highest epoch.
    public func ratcheted(from epoch: UInt64) throws(RoomsealError) -> RoomKey {
        try RoomKey { next in
            withUnsafeBytes {
                roomseal_key_ratchet($0.bytes, $0.count, epoch, next.bytes, next.count)
            }
        }
    }

    /// Lends the 16 bytes to `body`, for no longer than the call.
    public func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try withExtendedLifetime(self) { try body(UnsafeRawBufferPointer(storage)) }
    }

    /// Eight hexadecimal digits that tell keys apart in logs and on screens and tell nothing
    /// about them.
    public var fingerprint: String {
        let text = try? text(of: Int(ROOMSEAL_FINGERPRINT_LEN), roomseal_key_fingerprint)
        return text ?? ""
    }

    /// The key in hexadecimal. Swift can't wipe a `String`: use it for as short as you can.
    public func makeHexText() throws(RoomsealError) -> String {
        try text(of: Int(ROOMSEAL_KEY_HEX_LEN), roomseal_key_to_hex)
    }

    /// The key in base64. Swift can't wipe a `String`: use it for as short as you can.
    public func makeBase64Text() throws(RoomsealError) -> String {
        try text(of: Int(ROOMSEAL_KEY_BASE64_LEN), roomseal_key_to_base64)
    }

    private func text(
        of length: Int,
        _ write: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<CChar>?, Int) -> roomseal_status
    ) throws(RoomsealError) -> String {
        try makeText(capacity: length) { output, count in
            count = length
            return withUnsafeBytes { write($0.bytes, $0.count, output.characters, output.count) }
        }
    }
}

extension RoomKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The fingerprint, and nothing of the key.
    public var description: String { "RoomKey(\(fingerprint))" }
    /// The fingerprint, and nothing of the key.
    public var debugDescription: String { description }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
