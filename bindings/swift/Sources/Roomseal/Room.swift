import CRoomseal

/// A room: its ids, its keys by epoch, and the memory of what was opened.
///
/// ```swift
/// let key = try RoomKey(base64: "AAECAwQFBgcICQoLDA0ODw==")  // reaches members your own way
/// let room = try Room(RoomConfiguration(application: .number(1_400_000_001), room: .text("weekly")))
/// try room.install(key, epoch: 1)
/// try room.activate(epoch: 1)
/// let camera = try room.makeSealer(for: .video)  // one for each outgoing stream
/// let opener = try room.makeOpener()  // one for everything that comes in
/// ```
///
/// Everything here may be called from any thread at any time, ``close()`` included. A room lives
/// until nothing refers to it, and sealers and openers do; call ``close()`` when you leave, so that
/// its keys are wiped then and there.
///
/// ## ZEGO
///
/// ZEGO's SDK asks for the output's length before each call, and takes no other one. Sealing adds
/// a constant, so that is simple, as long as audio and video use suites with tags of one length:
///
/// ```swift
/// final class RoomCrypto: NSObject, ZegoCustomMediaCrypto {
///     private let audio: Sealer, video: Sealer, opener: Opener
///     private let overhead = Int32(Roomseal.headerLength + CipherSuite.aes128Gcm.tagLength)
///
///     init(room: Room) throws {
///         audio = try room.makeSealer(for: .audio)
///         video = try room.makeSealer(for: .video)
///         opener = try room.makeOpener()
///     }
///
///     func getEncryptDstLen(_ srcLen: Int32) -> Int32 { srcLen + overhead }
///     func getDecryptDstLen(_ srcLen: Int32) -> Int32 { max(srcLen - overhead, 0) }
///
///     func onAudioEncryptCallback(
///         _ inBuffer: UnsafePointer<UInt8>, inBufferSize: Int32,
///         outBuffer: UnsafeMutablePointer<UInt8>, outBufferSize: Int32
///     ) -> Int32 {
///         let frame = UnsafeRawBufferPointer(start: inBuffer, count: Int(inBufferSize))
///         let out = UnsafeMutableRawBufferPointer(start: outBuffer, count: Int(outBufferSize))
///         do { return try Int32(audio.seal(frame, into: out)) == outBufferSize ? 0 : -1 }
///         catch { return error.rawValue }  // not zero: the SDK drops the packet
///     }
///
///     func onAudioDecryptCallback(
///         _ inBuffer: UnsafePointer<UInt8>, inBufferSize: Int32,
///         outBuffer: UnsafeMutablePointer<UInt8>, outBufferSize: Int32
///     ) -> Int32 {
///         let frame = UnsafeRawBufferPointer(start: inBuffer, count: Int(inBufferSize))
///         let out = UnsafeMutableRawBufferPointer(start: outBuffer, count: Int(outBufferSize))
///         do { return try Int32(opener.open(frame, kind: .audio, into: out)) == outBufferSize ? 0 : -1 }
///         catch { return error.rawValue }
///     }
///     // … and the same two for video.
/// }
/// ```
///
/// Return one such object for each call of the factory's `createMediaCrypto`.
///
/// ## TRTC
///
/// TRTC's listener is a C++ class, and this package brings one: what is left is a function in an
/// Objective-C++ file that makes it from a room's ``unsafeHandle``, declared in the bridging header.
///
/// ```objc
/// #import <CRoomseal/roomseal/trtc.hpp>
/// #import <TXLiteAVSDK_TRTC/TXLiteAVEncodedDataProcessingListener.h>
///
/// NSString *makeRoomListener(const void *room) {
///     using Listener = roomseal::TrtcListener<liteav::ITXLiteAVEncodedDataProcessingListener>;
///     // The SDK keeps the bare pointer: this has to outlive the cloud object.
///     auto *listener = new Listener(static_cast<const roomseal_room *>(room));
///     return @(listener->registration_json().c_str());
/// }
/// ```
///
/// ```swift
/// // Before entering the room:
/// cloud.callExperimentalAPI(makeRoomListener(UnsafeRawPointer(room.unsafeHandle)))
/// ```
///
/// The SDK takes `false` for "send it as it is". This listener never returns that: what can't be
/// sealed is replaced by an empty frame, and counted.
public final class Room: Sendable {
    /// The C handle, for code that speaks to `roomseal.h` itself, such as a C++ adapter. It is
    /// good for as long as this object lives; the object frees it.
    nonisolated(unsafe) public let unsafeHandle: OpaquePointer

    /// Makes a room without keys.
    ///
    /// - Throws: ``RoomsealError/invalidArgument`` if an id or a number is out of its range;
    ///   ``RoomsealError/fourByteTags`` for suite 3 without its opt-in;
    ///   ``RoomsealError/noRandom`` if the system's generator fails.
    public init(_ configuration: RoomConfiguration) throws(RoomsealError) {
        var made: OpaquePointer?
        try configuration.withHandle { roomseal_room_new($0, &made) }
        guard let made else { throw .internalFault }
        unsafeHandle = made
    }

    deinit { roomseal_room_free(unsafeHandle) }

    /// The handle, while this object is kept alive.
    @inline(__always)
    private func call(_ body: (OpaquePointer) -> roomseal_status) throws(RoomsealError) {
        try check(withExtendedLifetime(self) { body(unsafeHandle) })
    }

    /// Closes the room: wipes its keys, as soon as calls under way leave. Everything called later
    /// on it, its sealers and its openers throws ``RoomsealError/closed``. Closing again does
    /// nothing.
    public func close() {
        withExtendedLifetime(self) { _ = roomseal_room_close(unsafeHandle) }
    }

    // MARK: Keys

    /// Installs the key of an epoch: its frames open from now on, and it may be activated.
    /// Install early, activate later, retire when done.
    ///
    /// Up to 16 epochs stand side by side, with distinct low 4 bits: installing one removes an
    /// inactive lower one with the same bits.
    ///
    /// - Parameters:
    ///   - key: copied.
    ///   - epoch: its number, the same for all members.
    ///   - salt: up to 64 bytes, the same for all members.
    /// - Throws: ``RoomsealError/epochConflict``, ``RoomsealError/epochRetired``,
    ///   ``RoomsealError/invalidArgument`` for a longer salt, ``RoomsealError/closed``.
    public func install(_ key: RoomKey, epoch: UInt64, salt: [UInt8] = []) throws(RoomsealError) {
        try call { room in
            key.withUnsafeBytes {
                roomseal_room_install(room, epoch, $0.bytes, $0.count, salt, salt.count)
            }
        }
    }

    /// Makes an installed epoch the one that sealers use, at their next frame.
    ///
    /// - Throws: ``RoomsealError/unknownEpoch``, ``RoomsealError/closed``.
    public func activate(epoch: UInt64) throws(RoomsealError) {
        try call { roomseal_room_activate($0, epoch) }
    }

    /// Removes an epoch and wipes its keys. Its number and all below it are never installed
    /// again.
    ///
    /// - Throws: ``RoomsealError/unknownEpoch``, ``RoomsealError/closed``.
    public func retire(epoch: UInt64) throws(RoomsealError) {
        try call { roomseal_room_retire($0, epoch) }
    }

    /// Derives the key of the epoch after `epoch` and installs it with the same salt, without
    /// activating it. Members who ratchet alike need no message.
    ///
    /// - Returns: the epoch installed.
    /// - Throws: ``RoomsealError/unknownEpoch``, ``RoomsealError/lastEpoch``,
    ///   ``RoomsealError/epochConflict``, ``RoomsealError/epochRetired``,
    ///   ``RoomsealError/closed``.
    @discardableResult
    public func ratchet(from epoch: UInt64) throws(RoomsealError) -> UInt64 {
        var next: UInt64 = 0
        try call { roomseal_room_ratchet($0, epoch, &next) }
        return next
    }

    /// The installed epochs, in ascending order. A closed room has none.
    public var epochs: [UInt64] {
        list { numbers, capacity, count in
            roomseal_room_epochs(unsafeHandle, numbers, capacity, count)
        }
    }

    /// The epoch that sealers use.
    public var activeEpoch: UInt64? {
        optional { roomseal_room_active_epoch($0, $1) }
    }

    // MARK: Streams

    /// Makes a sealer for a new outgoing stream. It may be made before a key is installed, and
    /// follows the active epoch by itself.
    ///
    /// - Throws: ``RoomsealError/noRandom``: no generator, no sealer;
    ///   ``RoomsealError/openOnly``, ``RoomsealError/closed``.
    public func makeSealer(for kind: MediaKind) throws(RoomsealError) -> Sealer {
        var made: OpaquePointer?
        try call { roomseal_sealer_new($0, kind.rawValue, &made) }
        guard let made else { throw .internalFault }
        return Sealer(handle: made, room: self, kind: kind)
    }

    /// Makes an opener for all incoming streams of the room. One is enough; several share all
    /// memory.
    public func makeOpener() throws(RoomsealError) -> Opener {
        var made: OpaquePointer?
        try call { roomseal_opener_new($0, &made) }
        guard let made else { throw .internalFault }
        return Opener(handle: made, room: self)
    }

    /// **Gives up the protection of a kind for a while**, for the roll-out of encryption to
    /// members who send in clear.
    ///
    /// Opening a frame that is not sealed then throws ``RoomsealError/clearFrame``, and the
    /// application may use its input as it is. Servers can inject such frames. Nothing is ever
    /// sent in clear.
    ///
    /// - Parameters:
    ///   - kind: the kind given up.
    ///   - seconds: from now on, up to 86,400 (24 hours); 0 ends it.
    /// - Throws: ``RoomsealError/invalidArgument`` for more seconds, ``RoomsealError/closed``.
    public func acceptClearFramesDangerously(
        of kind: MediaKind, forSeconds seconds: UInt64
    ) throws(RoomsealError) {
        try call { roomseal_room_accept_clear_frames_dangerously($0, kind.rawValue, seconds) }
    }

    /// The longest message that fits a host's limit in bytes when sealed.
    ///
    /// - Throws: ``RoomsealError/invalidArgument`` if not even an empty message fits.
    public func maximumMessageLength(within limit: Int) throws(RoomsealError) -> Int {
        var length = 0
        try call { roomseal_room_max_message_len($0, limit, &length) }
        return length
    }

    /// The longest message that fits a host's limit in characters when sealed into text.
    ///
    /// - Throws: ``RoomsealError/invalidArgument`` if not even an empty message fits.
    public func maximumTextMessageLength(within limit: Int) throws(RoomsealError) -> Int {
        var length = 0
        try call { roomseal_room_max_text_message_len($0, limit, &length) }
        return length
    }

    // MARK: Counters

    /// One counter of a kind, counted since the room was made; 0 if the library linked is too
    /// old to know it.
    public func count(of counter: Counter, for kind: MediaKind) -> UInt64 {
        optional { roomseal_room_counter($0, kind.rawValue, counter.rawValue, $1) } ?? 0
    }

    /// All counters of a kind. They are read one by one while calls go on.
    public func counts(for kind: MediaKind) -> [Counter: UInt64] {
        var counts: [Counter: UInt64] = [:]
        for counter in Counter.allCases {
            counts[counter] = count(of: counter, for: kind)
        }
        return counts
    }

    /// The highest epoch that an authentic frame of a kind was of.
    public func lastEpoch(for kind: MediaKind) -> UInt64? {
        optional { roomseal_room_last_epoch($0, kind.rawValue, $1) }
    }

    /// The incoming streams of a kind that something authentic came of, each by the key
    /// identifier of its newest epoch, in no order.
    public func streams(of kind: MediaKind) -> [UInt64] {
        list(extra: {
            var count = 0
            return roomseal_room_stream_count(unsafeHandle, kind.rawValue, &count) == ROOMSEAL_OK
                ? count : 0
        }) { numbers, capacity, count in
            roomseal_room_streams(unsafeHandle, kind.rawValue, numbers, capacity, count)
        }
    }

    /// One counter of an incoming stream: ``Counter/opened``, ``Counter/notAuthentic``,
    /// ``Counter/replay``, ``Counter/tooOld``, ``Counter/sourceChanged`` or
    /// ``Counter/keySuspect``.
    ///
    /// - Returns: `nil` if there is no such stream, or for another counter.
    public func count(of counter: Counter, for kind: MediaKind, stream: UInt64) -> UInt64? {
        optional {
            roomseal_room_stream_counter($0, kind.rawValue, stream, counter.rawValue, $1)
        }
    }

    /// The highest epoch that an authentic frame of an incoming stream was of.
    public func lastEpoch(for kind: MediaKind, stream: UInt64) -> UInt64? {
        optional { roomseal_room_stream_last_epoch($0, kind.rawValue, stream, $1) }
    }

    /// The source that an incoming stream is bound to: `nil` if no open call named one yet, or
    /// there is no such stream.
    public func source(of stream: UInt64, kind: MediaKind) -> String? {
        let text = try? makeText(capacity: Roomseal.maximumSourceLength) { output, length in
            withExtendedLifetime(self) {
                roomseal_room_stream_source(
                    unsafeHandle, kind.rawValue, stream, output.characters, output.count, &length)
            }
        }
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A number, or `nil` where the call says that there is none.
    private func optional(
        _ read: (OpaquePointer, UnsafeMutablePointer<UInt64>) -> roomseal_status
    ) -> UInt64? {
        var value: UInt64 = 0
        let status = withExtendedLifetime(self) { read(unsafeHandle, &value) }
        return status == ROOMSEAL_OK ? value : nil
    }

    /// A list of numbers that may grow while it is read.
    private func list(
        extra: () -> Int = { 0 },
        _ read: (UnsafeMutablePointer<UInt64>?, Int, UnsafeMutablePointer<Int>) -> roomseal_status
    ) -> [UInt64] {
        withExtendedLifetime(self) {
            while true {
                var status = ROOMSEAL_OK
                let capacity = extra() + Roomseal.maximumEpochs
                let numbers = [UInt64](unsafeUninitializedCapacity: capacity) { buffer, count in
                    var found = 0
                    status = read(buffer.baseAddress, buffer.count, &found)
                    count = status == ROOMSEAL_OK ? found : 0
                }
                if status != ROOMSEAL_ERR_BUFFER_TOO_SMALL {
                    return numbers
                }
            }
        }
    }
}
