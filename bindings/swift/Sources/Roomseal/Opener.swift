import CRoomseal

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What opens the frames of all members of a room, each frame once.
///
/// The calls over raw buffers copy nothing and allocate nothing, but for a new stream's state:
/// they are for a host's media threads. Any number of threads may use one opener at once.
///
/// A call that returns gives a frame that is authentic, and new. When it throws, there is no frame
/// to use; after ``RoomsealError/notAuthentic`` the output is zeros. `source` is the user or
/// stream id that the host gives for the frame, up to ``Roomseal/maximumSourceLength`` bytes: the
/// first authentic frame that names one binds its stream to it.
///
/// Besides the errors over arguments, opening throws ``RoomsealError/notSealed``,
/// ``RoomsealError/malformed``, ``RoomsealError/tooLarge``, ``RoomsealError/clearFrame``,
/// ``RoomsealError/ownFrame``, ``RoomsealError/unknownKey``, ``RoomsealError/notAuthentic``,
/// ``RoomsealError/replay``, ``RoomsealError/tooOld``, ``RoomsealError/sourceChanged``,
/// ``RoomsealError/budget``, ``RoomsealError/failureBudget``, ``RoomsealError/memoryLost``,
/// ``RoomsealError/keySuspect`` and ``RoomsealError/closed``.
public final class Opener: Sendable {
    /// The C handle, for code that speaks to `roomseal.h` itself. It is good for as long as this
    /// object lives; the object frees it.
    nonisolated(unsafe) public let unsafeHandle: OpaquePointer

    /// The room that this opens for. It lives for as long as its openers.
    public let room: Room

    init(handle: OpaquePointer, room: Room) {
        unsafeHandle = handle
        self.room = room
    }

    deinit { roomseal_opener_free(unsafeHandle) }

    /// The handle, while this object is kept alive.
    @inline(__always)
    private func call(_ body: (OpaquePointer) -> roomseal_status) -> roomseal_status {
        withExtendedLifetime(self) { body(unsafeHandle) }
    }

    // MARK: Lengths

    /// How many bytes come out of a sealed frame of this length.
    ///
    /// - Throws: ``RoomsealError/malformed`` if that is too short for a sealed frame.
    public func openedLength(of sealedLength: Int, kind: MediaKind) throws(RoomsealError) -> Int {
        var length = 0
        try check(call { roomseal_opener_opened_len($0, kind.rawValue, sealedLength, &length) })
        return length
    }

    // MARK: Opening

    /// Opens a frame from one buffer into another.
    ///
    /// - Parameters:
    ///   - frame: the sealed frame.
    ///   - kind: what it holds.
    ///   - metadata: what the sealer passed.
    ///   - source: the user or stream id that the host gives for the frame.
    ///   - output: takes ``openedLength(of:kind:)`` bytes; shares none with the inputs.
    /// - Returns: the bytes of the frame.
    public func open(
        _ frame: UnsafeRawBufferPointer, kind: MediaKind,
        metadata: UnsafeRawBufferPointer = .empty, source: String? = nil,
        into output: UnsafeMutableRawBufferPointer
    ) throws(RoomsealError) -> Int {
        var length = 0
        try check(
            withCharacters(of: source) { source, sourceLength in
                call {
                    roomseal_opener_open(
                        $0, kind.rawValue, frame.bytes, frame.count, metadata.bytes,
                        metadata.count, source, sourceLength, output.bytes, output.count, &length)
                }
            })
        return length
    }

    /// Opens a frame where it stands.
    ///
    /// - Parameters:
    ///   - frame: the sealed frame, read and written.
    ///   - kind: what it holds.
    ///   - metadata: what the sealer passed; shares no byte with `frame`.
    ///   - source: the user or stream id that the host gives for the frame.
    /// - Returns: where the opened frame stands in `frame`.
    public func openInPlace(
        _ frame: UnsafeMutableRawBufferPointer, kind: MediaKind,
        metadata: UnsafeRawBufferPointer = .empty, source: String? = nil
    ) throws(RoomsealError) -> Range<Int> {
        var offset = 0
        var length = 0
        try check(
            withCharacters(of: source) { source, sourceLength in
                call {
                    roomseal_opener_open_in_place(
                        $0, kind.rawValue, metadata.bytes, metadata.count, source, sourceLength,
                        frame.bytes, frame.count, &offset, &length)
                }
            })
        return offset..<offset + length
    }

    /// Opens a frame into a new array.
    public func open(
        _ frame: [UInt8], kind: MediaKind, metadata: [UInt8] = [], source: String? = nil
    ) throws(RoomsealError) -> [UInt8] {
        try makeArray(capacity: frame.count) { output, length in
            withCharacters(of: source) { source, sourceLength in
                call {
                    roomseal_opener_open(
                        $0, kind.rawValue, frame, frame.count, metadata, metadata.count, source,
                        sourceLength, output.bytes, output.count, &length)
                }
            }
        }
    }

    /// Opens a frame into a new `Data`.
    public func open(
        _ frame: Data, kind: MediaKind, metadata: Data = Data(), source: String? = nil
    ) throws(RoomsealError) -> Data {
        try makeData(capacity: frame.count) { output, length in
            frame.withUnsafeBytes { frame in
                metadata.withUnsafeBytes { metadata in
                    withCharacters(of: source) { source, sourceLength in
                        call {
                            roomseal_opener_open(
                                $0, kind.rawValue, frame.bytes, frame.count, metadata.bytes,
                                metadata.count, source, sourceLength, output.bytes, output.count,
                                &length)
                        }
                    }
                }
            }
        }
    }

    /// Opens a frame where it stands in an array; see ``openInPlace(_:kind:metadata:source:)-(UnsafeMutableRawBufferPointer,_,_,_)``.
    public func openInPlace(
        _ frame: inout [UInt8], kind: MediaKind, metadata: [UInt8] = [], source: String? = nil
    ) throws(RoomsealError) -> Range<Int> {
        var offset = 0
        var length = 0
        let count = frame.count
        try check(
            withCharacters(of: source) { source, sourceLength in
                call {
                    roomseal_opener_open_in_place(
                        $0, kind.rawValue, metadata, metadata.count, source, sourceLength, &frame,
                        count, &offset, &length)
                }
            })
        return offset..<offset + length
    }

    /// Opens a frame where it stands in a `Data`; see
    /// ``openInPlace(_:kind:metadata:source:)-(UnsafeMutableRawBufferPointer,_,_,_)``.
    ///
    /// - Returns: the indices of the opened frame.
    public func openInPlace(
        _ frame: inout Data, kind: MediaKind, metadata: Data = Data(), source: String? = nil
    ) throws(RoomsealError) -> Range<Data.Index> {
        let start = frame.startIndex
        var offset = 0
        var length = 0
        try check(
            frame.withUnsafeMutableBytes { frame in
                metadata.withUnsafeBytes { metadata in
                    withCharacters(of: source) { source, sourceLength in
                        call {
                            roomseal_opener_open_in_place(
                                $0, kind.rawValue, metadata.bytes, metadata.count, source,
                                sourceLength, frame.bytes, frame.count, &offset, &length)
                        }
                    }
                }
            })
        return start + offset..<start + offset + length
    }

    // MARK: Messages as text

    /// Opens a message in text form.
    ///
    /// - Throws: ``RoomsealError/invalidText`` for padding, other characters and non-zero spare
    ///   bits, and what opening a frame of kind ``MediaKind/message`` throws.
    public func openText(
        _ text: String, metadata: [UInt8] = [], source: String? = nil
    ) throws(RoomsealError) -> [UInt8] {
        var capacity = 0
        try check(roomseal_opener_text_cap(text.utf8.count, &capacity))
        return try makeArray(capacity: capacity) { output, length in
            withCharacters(of: text) { text, textLength in
                withCharacters(of: source) { source, sourceLength in
                    call {
                        roomseal_opener_open_text(
                            $0, text, textLength, metadata, metadata.count, source, sourceLength,
                            output.bytes, output.count, &length)
                    }
                }
            }
        }
    }
}
