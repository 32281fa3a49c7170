import CRoomseal

/// Seals plain SFrame (RFC 9605) under one base key and key identifier. Most applications want a
/// ``Room`` instead.
///
/// **One pair of base key and key identifier may be given to one sender, once**, since each counts
/// from where it is told to: two frames under one counter give away what they hold, and the key
/// that authenticates.
public final class SFrameSender: Sendable {
    nonisolated(unsafe) private let handle: OpaquePointer

    /// Makes a sender.
    ///
    /// - Parameters:
    ///   - suite: the cipher suite.
    ///   - keyIdentifier: any number.
    ///   - baseKey: copied. 1 to 1,024 bytes, 16 or more if it is to be worth anything.
    ///   - counter: the counter of the first frame. A sender that must go on after a restart
    ///     stores its counter before using it; better, it takes a new key.
    /// - Throws: ``RoomsealError/invalidArgument`` for other key lengths.
    public init(
        suite: CipherSuite, keyIdentifier: UInt64, baseKey: UnsafeRawBufferPointer,
        startingAt counter: UInt64 = 0
    ) throws(RoomsealError) {
        var made: OpaquePointer?
        try check(
            roomseal_sframe_sender_new(
                suite.rawValue, keyIdentifier, baseKey.bytes, baseKey.count, &made))
        guard let made else { throw .internalFault }
        handle = made
        // Nobody else has the handle yet: skipping needs it alone.
        try check(roomseal_sframe_sender_skip_to(made, counter))
    }

    deinit { roomseal_sframe_sender_free(handle) }

    @inline(__always)
    private func call(_ body: (OpaquePointer) -> roomseal_status) -> roomseal_status {
        withExtendedLifetime(self) { body(handle) }
    }

    /// The key identifier in the header of every frame.
    public var keyIdentifier: UInt64 {
        var kid: UInt64 = 0
        return call { roomseal_sframe_sender_kid($0, &kid) } == ROOMSEAL_OK ? kid : 0
    }

    /// The counter of the next frame; `nil` if there is none.
    public var nextCounter: UInt64? {
        var ctr: UInt64 = 0
        return call { roomseal_sframe_sender_next_ctr($0, &ctr) } == ROOMSEAL_OK ? ctr : nil
    }

    /// Seals a frame from one buffer into another.
    ///
    /// - Parameters:
    ///   - frame: may be empty.
    ///   - metadata: authenticated, not sent.
    ///   - output: ``Roomseal/maximumSFrameOverhead`` bytes more than the frame always suffice;
    ///     shares none with the inputs.
    /// - Returns: the bytes written.
    /// - Throws: ``RoomsealError/keyExhausted``, ``RoomsealError/tooLarge``, and the errors over
    ///   arguments. Nothing was written then, and nothing may be sent.
    public func seal(
        _ frame: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer = .empty,
        into output: UnsafeMutableRawBufferPointer
    ) throws(RoomsealError) -> Int {
        var length = 0
        try check(
            call {
                roomseal_sframe_sender_seal(
                    $0, frame.bytes, frame.count, metadata.bytes, metadata.count, output.bytes,
                    output.count, &length)
            })
        return length
    }

    /// Seals a frame where it stands, as ``Sealer/sealInPlace(_:frame:metadata:)-(UnsafeMutableRawBufferPointer,_,_)``
    /// does. ``Roomseal/maximumSFrameHeaderLength`` bytes before it and
    /// ``Roomseal/maximumTagLength`` bytes after it always suffice.
    public func sealInPlace(
        _ buffer: UnsafeMutableRawBufferPointer, frame: Range<Int>,
        metadata: UnsafeRawBufferPointer = .empty
    ) throws(RoomsealError) -> Range<Int> {
        var offset = 0
        var length = 0
        try check(
            call {
                roomseal_sframe_sender_seal_in_place(
                    $0, metadata.bytes, metadata.count, buffer.bytes, buffer.count,
                    frame.lowerBound, frame.count, &offset, &length)
            })
        return offset..<offset + length
    }

    /// Seals a frame into a new array.
    public func seal(_ frame: [UInt8], metadata: [UInt8] = []) throws(RoomsealError) -> [UInt8] {
        // The header grows with the counter, and other threads may count meanwhile.
        let capacity = frame.count + Roomseal.maximumSFrameOverhead
        return try makeArray(capacity: capacity) { output, length in
            call {
                roomseal_sframe_sender_seal(
                    $0, frame, frame.count, metadata, metadata.count, output.bytes, output.count,
                    &length)
            }
        }
    }
}

/// Opens plain SFrame (RFC 9605) of any sender whose key was added, each frame once. Most
/// applications want a ``Room`` instead.
///
/// When a call throws there is no frame to use: ``RoomsealError/malformed``,
/// ``RoomsealError/unknownKey``, ``RoomsealError/notAuthentic`` (the output is zeros),
/// ``RoomsealError/replay``, ``RoomsealError/tooOld``, and the errors over arguments.
public final class SFrameReceiver: Sendable {
    nonisolated(unsafe) private let handle: OpaquePointer

    /// Makes a receiver without keys.
    ///
    /// - Parameters:
    ///   - suite: the cipher suite.
    ///   - replayWindow: frames remembered for each key identifier, 64 to 32,768; 0 for 1,024.
    /// - Throws: ``RoomsealError/invalidArgument`` for other windows.
    public init(suite: CipherSuite, replayWindow: Int = 0) throws(RoomsealError) {
        var made: OpaquePointer?
        try check(roomseal_sframe_receiver_new(suite.rawValue, replayWindow, &made))
        guard let made else { throw .internalFault }
        handle = made
    }

    deinit { roomseal_sframe_receiver_free(handle) }

    @inline(__always)
    private func call(_ body: (OpaquePointer) -> roomseal_status) -> roomseal_status {
        withExtendedLifetime(self) { body(handle) }
    }

    /// Adds the key of a key identifier.
    ///
    /// - Throws: ``RoomsealError/duplicateKeyIdentifier`` if there is one already, whatever it
    ///   is; ``RoomsealError/invalidArgument`` for keys that aren't of 1 to 1,024 bytes.
    public func add(
        baseKey: UnsafeRawBufferPointer, keyIdentifier: UInt64
    ) throws(RoomsealError) {
        try check(
            call { roomseal_sframe_receiver_add($0, keyIdentifier, baseKey.bytes, baseKey.count) })
    }

    /// Removes the key of a key identifier and wipes it.
    ///
    /// - Throws: ``RoomsealError/unknownKey`` if there is none.
    public func remove(keyIdentifier: UInt64) throws(RoomsealError) {
        try check(call { roomseal_sframe_receiver_remove($0, keyIdentifier) })
    }

    /// Opens a frame from one buffer into another.
    ///
    /// - Parameters:
    ///   - frame: the sealed frame.
    ///   - metadata: what the sender passed.
    ///   - output: as many bytes as the frame has always suffice; shares none with the inputs.
    /// - Returns: the bytes of the frame.
    public func open(
        _ frame: UnsafeRawBufferPointer, metadata: UnsafeRawBufferPointer = .empty,
        into output: UnsafeMutableRawBufferPointer
    ) throws(RoomsealError) -> Int {
        var length = 0
        try check(
            call {
                roomseal_sframe_receiver_open(
                    $0, frame.bytes, frame.count, metadata.bytes, metadata.count, output.bytes,
                    output.count, &length)
            })
        return length
    }

    /// Opens a frame where it stands.
    ///
    /// - Returns: where the opened frame stands in `frame`.
    public func openInPlace(
        _ frame: UnsafeMutableRawBufferPointer, metadata: UnsafeRawBufferPointer = .empty
    ) throws(RoomsealError) -> Range<Int> {
        var offset = 0
        var length = 0
        try check(
            call {
                roomseal_sframe_receiver_open_in_place(
                    $0, metadata.bytes, metadata.count, frame.bytes, frame.count, &offset,
                    &length)
            })
        return offset..<offset + length
    }

    /// Opens a frame into a new array.
    public func open(_ frame: [UInt8], metadata: [UInt8] = []) throws(RoomsealError) -> [UInt8] {
        try makeArray(capacity: frame.count) { output, length in
            call {
                roomseal_sframe_receiver_open(
                    $0, frame, frame.count, metadata, metadata.count, output.bytes, output.count,
                    &length)
            }
        }
    }
}
