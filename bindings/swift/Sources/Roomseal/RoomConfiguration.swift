import CRoomseal

/// What a room is made with. All members must agree on the ids and the suites; the rest is each
/// member's own.
public struct RoomConfiguration: Sendable, Hashable {
    /// An id of an application, a room or a call. The number 123 and the text "123" are
    /// different ids.
    public enum Identifier: Sendable, Hashable {
        /// Any number.
        case number(UInt64)
        /// 1 to 256 bytes of UTF-8, taken as they are: no case folding, no normalisation.
        case text(String)
    }

    /// The id of the application: TRTC's SDKAppID, Agora's App ID, ZEGO's appID.
    public var application: Identifier
    /// The id of the room or channel.
    public var room: Identifier
    /// The id of the call within the room. It keeps recordings of earlier calls under the same
    /// key from being replayed into this one.
    public var call: Identifier?

    /// The suites of kinds that don't use ``CipherSuite/aes128Gcm``.
    public var suites: [MediaKind: CipherSuite] = [:]
    /// The forms of kinds that aren't ``FrameForm/plain``. Messages can't be of another one.
    public var forms: [MediaKind: FrameForm] = [:]
    /// Lets kinds use suite 3, whose 4-byte tags a forger meets by chance once in 2^32 tries.
    public var allowsFourByteTags = false
    /// Makes a room that only opens, for a recorder: it can't make sealers.
    public var opensOnly = false
    /// Frames remembered for each stream against replay, 64 to 32,768; `nil` for 1,024.
    public var replayWindow: Int?
    /// Streams of a kind remembered at once, 1 to 65,536. Kinds not named have 1,024, messages
    /// 4,096.
    public var maximumStreams: [MediaKind: Int] = [:]
    /// The longest frame, before sealing, that is sealed or opened, 1 to 2^30 bytes; `nil` for
    /// 16 MiB.
    public var maximumFrameLength: Int?
    /// Refuses new streams of an epoch once the last trace of a stream had to be dropped.
    public var refusesNewStreamsOnMemoryLoss = false
    /// Refuses streams after more forged frames than their tag length allows. It hands an
    /// attacker on the wire a way to silence a stream with short tags.
    public var dropsSuspectKeys = false

    /// A configuration with the defaults.
    public init(application: Identifier, room: Identifier, call: Identifier? = nil) {
        self.application = application
        self.room = room
        self.call = call
    }

    /// Lends a C configuration like this one to `body`.
    func withHandle(
        _ body: (OpaquePointer?) -> roomseal_status
    ) throws(RoomsealError) {
        var config: OpaquePointer?
        try check(roomseal_config_new(&config))
        defer { roomseal_config_free(config) }

        try set(
            application, config, roomseal_config_set_app_id_number, roomseal_config_set_app_id_text)
        try set(
            room, config, roomseal_config_set_room_id_number, roomseal_config_set_room_id_text)
        if let call {
            try set(
                call, config, roomseal_config_set_call_id_number, roomseal_config_set_call_id_text)
        }
        for (kind, suite) in suites {
            try check(roomseal_config_set_suite(config, kind.rawValue, suite.rawValue))
        }
        for (kind, form) in forms {
            try check(roomseal_config_set_form(config, kind.rawValue, form.rawValue))
        }
        for (kind, streams) in maximumStreams {
            try check(roomseal_config_set_max_streams(config, kind.rawValue, streams))
        }
        if let replayWindow {
            try check(roomseal_config_set_replay_window(config, replayWindow))
        }
        if let maximumFrameLength {
            try check(roomseal_config_set_max_frame_len(config, maximumFrameLength))
        }
        if allowsFourByteTags {
            try check(roomseal_config_allow_four_byte_tags(config))
        }
        if opensOnly {
            try check(roomseal_config_set_open_only(config))
        }
        if refusesNewStreamsOnMemoryLoss {
            try check(roomseal_config_refuse_new_streams_on_memory_loss(config))
        }
        if dropsSuspectKeys {
            try check(roomseal_config_drop_suspect_keys(config))
        }
        try check(body(config))
    }

    private func set(
        _ id: Identifier, _ config: OpaquePointer?,
        _ number: (OpaquePointer?, UInt64) -> roomseal_status,
        _ text: (OpaquePointer?, UnsafePointer<CChar>?, Int) -> roomseal_status
    ) throws(RoomsealError) {
        switch id {
        case .number(let value): try check(number(config, value))
        case .text(let value): try check(withCharacters(of: value) { text(config, $0, $1) })
        }
    }
}
