import CRoomseal

/// What a frame holds. Each kind has keys, counters and limits of its own.
public enum MediaKind: UInt32, Sendable, CaseIterable {
    /// Encoded audio frames.
    case audio = 1
    /// Encoded video frames, of any layer or screen share.
    case video = 2
    /// Messages and SEI.
    case message = 3
}

/// A cipher suite of RFC 9605. All members of a room must agree on it, kind by kind.
public enum CipherSuite: UInt32, Sendable, CaseIterable {
    /// Tags of 10 bytes.
    case aes128CtrHmacSha256Tag80 = 1
    /// Tags of 8 bytes: the smallest to use without second thoughts, for audio on thin links.
    case aes128CtrHmacSha256Tag64 = 2
    /// Tags of 4 bytes: forgers succeed within days. Needs
    /// ``RoomConfiguration/allowsFourByteTags``.
    case aes128CtrHmacSha256Tag32 = 3
    /// Tags of 16 bytes. The default.
    case aes128Gcm = 4

    /// Bytes of the suite's tag.
    public var tagLength: Int {
        var length = 0
        let status = roomseal_suite_tag_len(rawValue, &length)
        precondition(status == ROOMSEAL_OK, "the library linked lacks a suite of RFC 9605")
        return length
    }
}

/// What a room counts, kind by kind, since it was made.
public enum Counter: UInt32, Sendable, CaseIterable {
    /// Frames sealed.
    case sealed = 1
    /// Frames opened: authentic, and new.
    case opened = 2
    /// Refused: no header of a room frame.
    case notSealed = 3
    /// Refused as clear frames, which the application takes for now.
    case clearFrames = 4
    /// Refused: our own frames, reflected.
    case ownFrame = 5
    /// Refused: no epoch installed for the frame.
    case unknownKey = 6
    /// Refused: too many unknown streams at the moment.
    case budget = 7
    /// Refused: not authentic. If nothing opens at all, keys or ids differ.
    case notAuthentic = 8
    /// Refused: opened before.
    case replay = 9
    /// Refused: too late.
    case tooOld = 10
    /// Refused: cut short, or a header that no sender makes.
    case malformed = 11
    /// Refused: the stream belongs to another source.
    case sourceChanged = 12
    /// Refused: longer than the limit.
    case tooLarge = 13
    /// Refused: new streams in an epoch that is closed to them.
    case newStreamRefused = 14
    /// Refused: suspect keys that the application asked to drop.
    case suspectRefused = 15
    /// Streams that left because there were too many.
    case streamsEvicted = 16
    /// Traces of streams dropped because there were too many: they could be replayed.
    case memoryLost = 17
    /// 1 if a stream took more forged frames than its tag length allows, else 0.
    case keySuspect = 18
}

extension Counter: CustomStringConvertible {
    /// A name for logs, such as "not_authentic".
    public var description: String { String(cString: roomseal_counter_name(rawValue)) }
}

/// Sizes and versions that `roomseal.h` fixes.
public enum Roomseal {
    /// Bytes of the header of every frame that a room seals: the headroom for sealing in place.
    public static let headerLength = 12
    /// Bytes of the longest tag: tailroom that suffices for sealing in place.
    public static let maximumTagLength = 16
    /// The most bytes that sealing adds to a room's frame.
    public static let maximumOverhead = 28
    /// The most bytes of the trailer of a frame that stays one of its codec: tailroom that
    /// suffices for sealing in place.
    public static let maximumTrailerLength = 30
    /// Bytes of a room key.
    public static let keyLength = 16
    /// Bytes of the longest room salt.
    public static let maximumSaltLength = 64
    /// Bytes of the longest id of an application, a room or a call given as text.
    public static let maximumIdentifierLength = 256
    /// Bytes of the longest source name.
    public static let maximumSourceLength = 64
    /// Epochs installed at once, at most.
    public static let maximumEpochs = 16
    /// Bytes of the longest plain SFrame header.
    public static let maximumSFrameHeaderLength = 17
    /// The most bytes that a plain SFrame sender adds to a frame.
    public static let maximumSFrameOverhead = 33

    /// The version of the library linked, such as "0.1.0".
    public static var libraryVersion: String { String(cString: roomseal_version_text()) }

    /// Whether the library linked has the binary interface that this wrapper was written for.
    /// Look at it once if the library is a shared one.
    public static var isLibraryCompatible: Bool {
        roomseal_abi_version() == UInt32(ROOMSEAL_ABI_VERSION)
    }
}
