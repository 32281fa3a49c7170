import CRoomseal

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What seals one outgoing stream: a microphone, a camera, a layer, or messages.
///
/// The calls over raw buffers copy nothing, allocate nothing and take no lock: they are for a
/// host's media threads. Any number of threads may use one sealer at once.
///
/// When a call throws, nothing was written, and nothing may be sent. Besides
/// ``RoomsealError/tooLarge`` and the errors over arguments, sealing throws
/// ``RoomsealError/noActiveEpoch`` and ``RoomsealError/closed`` (there is no key),
/// ``RoomsealError/forked`` (the sealer was made before a fork, and this is the child) and
/// ``RoomsealError/noRandom``.
public final class Sealer: Sendable {
    /// The C handle, for code that speaks to `roomseal.h` itself. It is good for as long as this
    /// object lives; the object frees it.
    nonisolated(unsafe) public let unsafeHandle: OpaquePointer
    /// The room that this seals for. It lives for as long as its sealers.
    public let room: Room
    /// What the frames of this sealer hold.
    public let kind: MediaKind

    init(handle: OpaquePointer, room: Room, kind: MediaKind) {
        unsafeHandle = handle
        self.room = room
        self.kind = kind
    }

    deinit { roomseal_sealer_free(unsafeHandle) }

    /// The handle, while this object is kept alive.
    @inline(__always)
    private func call(_ body: (OpaquePointer) -> roomseal_status) -> roomseal_status {
        withExtendedLifetime(self) { body(unsafeHandle) }
    }

    // MARK: Lengths

    /// Bytes of a tag: the tailroom for sealing in place.
    public var tagLength: Int {
        var length = 0
        return call { roomseal_sealer_tag_len($0, &length) } == ROOMSEAL_OK ? length : 0
    }

    /// The exact length of a sealed frame: a constant more than `frameLength`.
    ///
    /// - Throws: ``RoomsealError/tooLarge`` if no integer holds the sum.
    public func sealedLength(of frameLength: Int) throws(RoomsealError) -> Int {
        var length = 0
        try check(call { roomseal_sealer_sealed_len($0, frameLength, &length) })
        return length
    }

    /// The characters of a message sealed into text.
    ///
    /// - Throws: ``RoomsealError/tooLarge`` if no integer holds the number.
    public func sealedTextLength(of messageLength: Int) throws(RoomsealError) -> Int {
        var length = 0
        try check(call { roomseal_sealer_sealed_text_len($0, messageLength, &length) })
        return length
    }

    /// The key identifier of the newest frame: `nil` before the first one, and after its epoch
    /// was retired. It changes with the epoch and, rarely, by itself.
    public var keyIdentifier: UInt64? {
        var kid: UInt64 = 0
        return call { roomseal_sealer_kid($0, &kid) } == ROOMSEAL_OK ? kid : nil
    }

    // MARK: Sealing

    /// Seals a frame from one buffer into another.
    ///
    /// - Parameters:
    ///   - frame: may be empty.
    ///   - metadata: authenticated, not sent: openers must pass the same bytes.
    ///   - output: takes ``sealedLength(of:)`` bytes; shares none with the inputs.
    /// - Returns: the bytes written.
    public func seal(
        _ frame: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer = .empty,
        into output: UnsafeMutableRawBufferPointer
    ) throws(RoomsealError) -> Int {
        var length = 0
        try check(
            call {
                roomseal_sealer_seal(
                    $0, frame.bytes, frame.count, metadata.bytes, metadata.count, output.bytes,
                    output.count, &length)
            })
        return length
    }

    /// Seals a frame where it stands: the header goes right before it, the tag right after.
    ///
    /// - Parameters:
    ///   - buffer: the buffer around the frame.
    ///   - frame: where the frame stands in it: ``Roomseal/headerLength`` bytes or more from its
    ///     beginning, ``tagLength`` bytes or more from its end.
    ///   - metadata: authenticated, not sent; shares no byte with `buffer`.
    /// - Returns: where the sealed frame stands.
    public func sealInPlace(
        _ buffer: UnsafeMutableRawBufferPointer, frame: Range<Int>,
        metadata: UnsafeRawBufferPointer = .empty
    ) throws(RoomsealError) -> Range<Int> {
        var offset = 0
        var length = 0
        try check(
            call {
                roomseal_sealer_seal_in_place(
                    $0, metadata.bytes, metadata.count, buffer.bytes, buffer.count,
                    frame.lowerBound, frame.count, &offset, &length)
            })
        return offset..<offset + length
    }

    /// Seals a frame into a new array.
    public func seal(_ frame: [UInt8], metadata: [UInt8] = []) throws(RoomsealError) -> [UInt8] {
        try makeArray(capacity: try sealedLength(of: frame.count)) { output, length in
            call {
                roomseal_sealer_seal(
                    $0, frame, frame.count, metadata, metadata.count, output.bytes, output.count,
                    &length)
            }
        }
    }

    /// Seals a frame into a new `Data`.
    public func seal(_ frame: Data, metadata: Data = Data()) throws(RoomsealError) -> Data {
        try makeData(capacity: try sealedLength(of: frame.count)) { output, length in
            frame.withUnsafeBytes { frame in
                metadata.withUnsafeBytes { metadata in
                    call {
                        roomseal_sealer_seal(
                            $0, frame.bytes, frame.count, metadata.bytes, metadata.count,
                            output.bytes, output.count, &length)
                    }
                }
            }
        }
    }

    /// Seals a frame where it stands in an array; see ``sealInPlace(_:frame:metadata:)-(UnsafeMutableRawBufferPointer,_,_)``.
    public func sealInPlace(
        _ buffer: inout [UInt8], frame: Range<Int>, metadata: [UInt8] = []
    ) throws(RoomsealError) -> Range<Int> {
        var offset = 0
        var length = 0
        let capacity = buffer.count
        try check(
            call {
                roomseal_sealer_seal_in_place(
                    $0, metadata, metadata.count, &buffer, capacity, frame.lowerBound, frame.count,
                    &offset, &length)
            })
        return offset..<offset + length
    }

    /// Seals a frame where it stands in a `Data`, by its indices; see
    /// ``sealInPlace(_:frame:metadata:)-(UnsafeMutableRawBufferPointer,_,_)``.
    public func sealInPlace(
        _ buffer: inout Data, frame: Range<Data.Index>, metadata: Data = Data()
    ) throws(RoomsealError) -> Range<Data.Index> {
        let start = buffer.startIndex
        var offset = 0
        var length = 0
        try check(
            buffer.withUnsafeMutableBytes { buffer in
                metadata.withUnsafeBytes { metadata in
                    call {
                        roomseal_sealer_seal_in_place(
                            $0, metadata.bytes, metadata.count, buffer.bytes, buffer.count,
                            frame.lowerBound - start, frame.count, &offset, &length)
                    }
                }
            })
        return start + offset..<start + offset + length
    }

    // MARK: Messages as text

    /// Seals a message into text: base64url without padding, for hosts that take strings only.
    ///
    /// - Throws: ``RoomsealError/wrongKind`` for a sealer that isn't of kind
    ///   ``MediaKind/message``.
    public func sealText(
        _ message: [UInt8], metadata: [UInt8] = []
    ) throws(RoomsealError) -> String {
        try makeText(capacity: try sealedTextLength(of: message.count)) { output, length in
            call {
                roomseal_sealer_seal_text(
                    $0, message, message.count, metadata, metadata.count, output.characters,
                    output.count, &length)
            }
        }
    }

    /// Seals the UTF-8 of a message into text.
    public func sealText(
        _ message: String, metadata: [UInt8] = []
    ) throws(RoomsealError) -> String {
        try sealText(Array(message.utf8), metadata: metadata)
    }
}
