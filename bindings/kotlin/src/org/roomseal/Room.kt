package org.roomseal

/**
 * A room: its ids, its keys by epoch, and the memory of what was opened.
 *
 * ```kotlin
 * val room = Room(RoomConfig(Id.number(1400000001), Id.number(42)))
 * RoomKey.fromBase64("AAECAwQFBgcICQoLDA0ODw==").use { room.install(1, it) }
 * room.activate(1)
 * val camera = room.sealer(Kind.VIDEO) // one for each outgoing stream
 * val opener = room.opener()           // one for everything that comes in
 * ```
 *
 * Epochs are numbers of 64 bits without a sign. All calls may come from any thread at any time,
 * [close] included.
 *
 * @throws RoomsealException [Status.INVALID_ARGUMENT] for ids or numbers out of their range,
 * [Status.FOUR_BYTE_TAGS] for suite 3 without its opt-in, [Status.NO_RANDOM].
 */
public class Room @Throws(RoomsealException::class) constructor(config: RoomConfig) : AutoCloseable {
    private val handle = config.room()
    private val cleanup = Cleanup(this, handle)

    /**
     * Installs the key of an epoch: its frames open from now on, and it may be activated. Install
     * early, activate later, retire when done. The same epoch and key again change nothing.
     *
     * @param salt the room's salt, up to 64 bytes, the same for all members; none by default.
     * @throws RoomsealException [Status.EPOCH_CONFLICT], [Status.EPOCH_RETIRED],
     * [Status.INVALID_ARGUMENT], [Status.CLOSED], also for a closed key.
     */
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun install(epoch: Long, key: RoomKey, salt: ByteArray? = null) {
        key.withBytes { bytes -> handle.call { Native.roomInstall(it, epoch, bytes, salt) } }
    }

    /**
     * Makes an installed epoch the one that sealers use, at their next frame.
     *
     * @throws RoomsealException [Status.UNKNOWN_EPOCH], [Status.CLOSED].
     */
    @Throws(RoomsealException::class)
    public fun activate(epoch: Long) {
        call { Native.roomActivate(it, epoch) }
    }

    /**
     * Removes an epoch and wipes its keys, as soon as calls under way leave. Its number and all
     * below it are never installed again. Without an active epoch nothing is sealed.
     *
     * @throws RoomsealException [Status.UNKNOWN_EPOCH], [Status.CLOSED].
     */
    @Throws(RoomsealException::class)
    public fun retire(epoch: Long) {
        call { Native.roomRetire(it, epoch) }
    }

    /**
     * Derives the key of the epoch after [epoch] and installs it with the same salt. It is not
     * activated. Members who ratchet alike need no message.
     *
     * @return the number of the epoch installed.
     * @throws RoomsealException [Status.UNKNOWN_EPOCH], [Status.LAST_EPOCH],
     * [Status.EPOCH_CONFLICT], [Status.EPOCH_RETIRED], [Status.CLOSED].
     */
    @Throws(RoomsealException::class)
    public fun ratchet(epoch: Long): Long {
        val out = LongArray(1)
        call { Native.roomRatchet(it, epoch, out) }
        return out[0]
    }

    /** The installed epochs in ascending order. */
    @Throws(RoomsealException::class)
    public fun epochs(): LongArray {
        val out = LongArray(Roomseal.MAX_EPOCHS)
        return out.copyOf(call { Native.roomEpochs(it, out) }.toInt())
    }

    /** The epoch that sealers use, or null if there is none. */
    @Throws(RoomsealException::class)
    public fun activeEpoch(): Long? =
        optional(Status.NO_ACTIVE_EPOCH) { room, out -> Native.roomActiveEpoch(room, out) }

    /**
     * A sealer for a new outgoing stream. It may be made before a key is installed, and follows
     * the active epoch by itself.
     *
     * @throws RoomsealException [Status.NO_RANDOM], [Status.OPEN_ONLY], [Status.CLOSED].
     */
    @Throws(RoomsealException::class)
    public fun sealer(kind: Kind): Sealer =
        Sealer(this, kind, handle(Native.SEALER) { out -> handle.call { Native.sealerNew(it, kind.code, out) } })

    /**
     * An opener for everything that comes in. One is enough.
     *
     * @throws RoomsealException [Status.CLOSED].
     */
    @Throws(RoomsealException::class)
    public fun opener(): Opener =
        Opener(this, handle(Native.OPENER) { out -> handle.call { Native.openerNew(it, out) } })

    /**
     * GIVES UP THE PROTECTION OF A KIND FOR A WHILE, for the roll-out of encryption to members
     * who send in clear. Opening a frame that is not sealed then gives [Status.CLEAR_FRAME], and
     * the application may use its input as it is. Servers can inject such frames.
     *
     * @param seconds from now on, up to 86,400; 0 ends it.
     * @throws RoomsealException [Status.INVALID_ARGUMENT], [Status.CLOSED].
     */
    @Throws(RoomsealException::class)
    public fun acceptClearFramesDangerously(kind: Kind, seconds: Long) {
        call { Native.roomAcceptClearFrames(it, kind.code, seconds) }
    }

    /**
     * Bytes of the longest message that fits a host's limit when sealed.
     *
     * @throws RoomsealException [Status.INVALID_ARGUMENT] if not even an empty message fits.
     */
    @Throws(RoomsealException::class)
    public fun maxMessageLength(limit: Int): Int =
        call { Native.roomMaxMessageLen(it, limit, false) }.toInt()

    /** As [maxMessageLength], for [Sealer.sealText] and a limit in characters. */
    @Throws(RoomsealException::class)
    public fun maxTextMessageLength(limit: Int): Int =
        call { Native.roomMaxMessageLen(it, limit, true) }.toInt()

    /** A counter of the room, counted since the room was made. */
    @Throws(RoomsealException::class)
    public fun counter(kind: Kind, counter: Counter): Long =
        call { Native.roomCounter(it, kind.code, counter.code) }

    /** The highest epoch that an authentic frame of a kind was of, or null before the first. */
    @Throws(RoomsealException::class)
    public fun lastEpoch(kind: Kind): Long? =
        optional(Status.UNKNOWN_EPOCH) { room, out -> Native.roomLastEpoch(room, kind.code, out) }

    /** The incoming streams of a kind that something authentic came of, by KID, in no order. */
    @Throws(RoomsealException::class)
    public fun streams(kind: Kind): LongArray {
        while (true) {
            // Some may come between counting and listing them.
            val out = LongArray(call { Native.roomStreamCount(it, kind.code) }.toInt() + 8)
            val count = handle.call { Native.roomStreams(it, kind.code, out) }
            if (count != -Status.BUFFER_TOO_SMALL.code.toLong()) return out.copyOf(checked(count).toInt())
        }
    }

    /**
     * A counter of an incoming stream, named by the KID of any of its frames: OPENED,
     * NOT_AUTHENTIC, REPLAY, TOO_OLD, SOURCE_CHANGED or KEY_SUSPECT.
     *
     * @throws RoomsealException [Status.UNKNOWN_KEY] if there is no such stream,
     * [Status.INVALID_ARGUMENT] for another counter.
     */
    @Throws(RoomsealException::class)
    public fun streamCounter(kind: Kind, kid: Long, counter: Counter): Long =
        call { Native.roomStreamCounter(it, kind.code, kid, counter.code) }

    /**
     * The highest epoch that an authentic frame of an incoming stream was of.
     *
     * @throws RoomsealException [Status.UNKNOWN_KEY] if there is no such stream.
     */
    @Throws(RoomsealException::class)
    public fun streamLastEpoch(kind: Kind, kid: Long): Long {
        val out = LongArray(1)
        call { Native.roomStreamLastEpoch(it, kind.code, kid, out) }
        return out[0]
    }

    /**
     * The source that an incoming stream is bound to, or null if no open call named one yet.
     *
     * @throws RoomsealException [Status.UNKNOWN_KEY] if there is no such stream.
     */
    @Throws(RoomsealException::class)
    public fun streamSource(kind: Kind, kid: Long): String? {
        val out = ByteArray(Roomseal.MAX_SOURCE_LEN)
        val length = call { Native.roomStreamSource(it, kind.code, kid, out) }.toInt()
        return if (length == 0) null else String(out, 0, length, Charsets.UTF_8)
    }

    /**
     * Wipes the room's keys, as soon as calls under way leave. Everything called later on it, its
     * sealers and its openers says [Status.CLOSED]. Safe at any time on any thread.
     */
    override fun close() {
        handle.call { Native.roomClose(it) }
        cleanup.release()
    }

    private inline fun call(block: (Long) -> Long): Long = checked(handle.call(block))

    private inline fun optional(none: Status, block: (Long, LongArray) -> Long): Long? {
        val out = LongArray(1)
        val status = handle.call { block(it, out) }
        if (status == -none.code.toLong()) return null
        checked(status)
        return out[0]
    }
}
