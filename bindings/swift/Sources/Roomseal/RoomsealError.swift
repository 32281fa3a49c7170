import CRoomseal

/// Why nothing was sealed, or nothing opened.
///
/// Whatever the case: there is nothing to send, or nothing to use. **Never send the frame in
/// clear instead.** Where a host's callback takes `false` for "send it as it is", hand it an
/// empty frame.
///
/// The raw values are the numbers of `roomseal.h`. They never change; new ones may come.
public enum RoomsealError: Int32, Error, Sendable, CaseIterable {
    // Arguments.

    /// A required pointer was `NULL`. The wrapper passes none by itself.
    case nullPointer = 1
    /// An argument is out of its documented range.
    case invalidArgument = 2
    /// The output, headroom or tailroom is too small. Nothing was written.
    case bufferTooSmall = 3
    /// Input and output share bytes. Use the in-place call, or disjoint buffers.
    case buffersOverlap = 4
    /// The frame is longer than the room's or the cipher suite's limit.
    case tooLarge = 5
    /// A call meant for another media kind.
    case wrongKind = 6
    /// Not a cipher suite of the library linked.
    case unknownSuite = 7
    /// Not a frame form of the library linked.
    case unknownForm = 8
    /// Text that is not exact hexadecimal, base64 or base64url as the call asks for.
    case invalidText = 9

    // The frame.

    /// The frame is cut short, or its header is not minimally encoded.
    case malformed = 10
    /// Not the header of a room frame.
    case notSealed = 11
    /// The frame is in clear, and the application said that it accepts such frames for now. It
    /// was not touched, nothing about it is authentic.
    case clearFrame = 12
    /// The frame was sealed by this very room object: a server reflected it.
    case ownFrame = 13
    /// Authentication failed. One case for every cryptographic failure.
    case notAuthentic = 14
    /// This frame was opened before.
    case replay = 15
    /// The frame lies before the replay window, or before what is remembered of its stream.
    case tooOld = 16
    /// The stream is bound to another source than the one this call names.
    case sourceChanged = 17
    /// The frame to seal is not one of the codec it was named, or has a unit that can't be sealed.
    /// Nothing was written.
    case codecMismatch = 18
    /// Not a codec of the library linked.
    case unknownCodec = 19

    // Keys.

    /// No key stands behind the frame's key identifier.
    case unknownKey = 20
    /// Nothing can be sealed: no epoch is active.
    case noActiveEpoch = 21
    /// No such epoch is installed.
    case unknownEpoch = 22
    /// The epoch is installed with another key or salt, or its place is taken.
    case epochConflict = 23
    /// The epoch was retired or displaced, or is older than one that was.
    case epochRetired = 24
    /// The key has sealed all the frames or blocks it may.
    case keyExhausted = 25
    /// A key is already installed under this key identifier.
    case duplicateKeyIdentifier = 26
    /// Too many forged frames under this key; the application asked to stop using it.
    case keySuspect = 27
    /// Suite 3 has 4-byte tags and needs its explicit opt-in.
    case fourByteTags = 28
    /// The highest epoch has no successor.
    case lastEpoch = 29

    // Limits.

    /// Too many frames of unknown streams at the moment. The frame was not touched and may be
    /// tried again.
    case budget = 30
    /// The epoch took too many forged frames for its tag length; it takes no new streams.
    case failureBudget = 31
    /// Replay memory was lost, and the application asked to refuse new streams then.
    case memoryLost = 32
    /// The sealed frame would take too many emulation bytes: chance does that only to frames of
    /// hundreds of megabytes.
    case tooManyEscapes = 33

    // The state of an object.

    /// The room was closed.
    case closed = 40
    /// The object was made before a fork, and this is the child process.
    case forked = 41
    /// The operating system's random generator failed.
    case noRandom = 42
    /// The room was made to open only.
    case openOnly = 43
    /// The call is not for the frame form of this kind, or not for this codec.
    case wrongForm = 44

    // Faults.

    /// A fault in the library. Please report it.
    case internalFault = 90

    /// A status that this wrapper doesn't know: the library linked is newer.
    case unknown = -1

    /// The error behind a status of the C interface; `nil` for success.
    public init?(status: Int32) {
        guard status != ROOMSEAL_OK else { return nil }
        self = RoomsealError(rawValue: status) ?? .unknown
    }
}

extension RoomsealError: CustomStringConvertible {
    /// A short English sentence, for logs. It holds nothing of the frame, the key or the room.
    public var description: String { String(cString: roomseal_status_text(rawValue)) }
}

/// Throws what a status other than `ROOMSEAL_OK` stands for.
@inline(__always)
func check(_ status: roomseal_status) throws(RoomsealError) {
    if let error = RoomsealError(status: status) {
        throw error
    }
}
