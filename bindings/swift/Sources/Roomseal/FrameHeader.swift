import CRoomseal

/// The header of a sealed frame, read without a key. Nothing about it is authentic.
public struct FrameHeader: Sendable, Hashable {
    /// Tells the stream and its epoch apart.
    public let keyIdentifier: UInt64
    /// The number of the frame under its key.
    public let counter: UInt64
    /// The low 4 bits of the epoch; `nil` for plain SFrame.
    public let epochLowBits: UInt8?

    /// Reads the header of a room's frame.
    ///
    /// - Parameters:
    ///   - frame: the sealed frame; of a plain one its first ``Roomseal/headerLength`` bytes are
    ///     enough.
    ///   - form: the form of the frame.
    /// - Throws: ``RoomsealError/malformed`` if there is no minimally encoded header;
    ///   ``RoomsealError/notSealed`` if it isn't one of a room frame.
    public init(
        ofRoomFrame frame: UnsafeRawBufferPointer, form: FrameForm = .plain
    ) throws(RoomsealError) {
        var kid: UInt64 = 0
        var ctr: UInt64 = 0
        var low: UInt32 = 0
        try check(
            roomseal_peek(form.rawValue, frame.bytes, frame.count, &kid, &ctr, &low))
        keyIdentifier = kid
        counter = ctr
        epochLowBits = UInt8(truncatingIfNeeded: low)
    }

    /// Reads the header of a room's frame; see
    /// ``init(ofRoomFrame:form:)-(UnsafeRawBufferPointer,_)``.
    public init(ofRoomFrame frame: [UInt8], form: FrameForm = .plain) throws(RoomsealError) {
        let read = frame.withUnsafeBytes { frame in
            Result { () throws(RoomsealError) in 
                try FrameHeader(ofRoomFrame: frame, form: form)
            }
        }
        self = try read.get()
    }

    /// Reads the header of any SFrame frame.
    ///
    /// - Parameter frame: the frame, or its first ``Roomseal/maximumSFrameHeaderLength`` bytes.
    /// - Throws: ``RoomsealError/malformed`` if the header is cut short or not minimally encoded.
    public init(ofSFrame frame: [UInt8]) throws(RoomsealError) {
        var kid: UInt64 = 0
        var ctr: UInt64 = 0
        try check(roomseal_sframe_peek(frame, frame.count, &kid, &ctr))
        keyIdentifier = kid
        counter = ctr
        epochLowBits = nil
    }
}
