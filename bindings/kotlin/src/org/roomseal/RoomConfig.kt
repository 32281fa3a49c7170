package org.roomseal

/**
 * An id as the host gives it. A number and the text of its digits are different ids, as they
 * are different rooms at most hosts.
 */
public class Id private constructor(private val number: Long, private val text: String?) {
    internal fun set(config: Long, which: Int) {
        val status =
            if (text == null) Native.configIdNumber(config, which, number)
            else Native.configIdText(config, which, text.toByteArray())
        checked(status)
    }

    public companion object {
        /** A number of 64 bits without a sign. */
        @JvmStatic
        public fun number(id: Long): Id = Id(id, null)

        /** 1 to 256 bytes of UTF-8, taken as they are. */
        @JvmStatic
        public fun text(id: String): Id = Id(0, id)
    }
}

/**
 * What a room is made with. All members must agree on the ids and the suites; the rest is each
 * member's own. Calls can be chained. Values are checked when a room is made of them.
 *
 * Not for several threads at once.
 *
 * @param appId the id of the application: TRTC's SDKAppID, Agora's App ID, ZEGO's appID.
 * @param roomId the id of the room or channel.
 */
public class RoomConfig(private val appId: Id, private val roomId: Id) {
    private val settings = ArrayList<(Long) -> Long>()
    private var callId: Id? = null

    /**
     * The id of the call within the room, which keeps recordings of earlier calls under the same
     * key from being replayed into this one.
     */
    public fun callId(id: Id): RoomConfig = apply { callId = id }

    /** The cipher suite of a kind. All members must agree. */
    public fun suite(kind: Kind, suite: Suite): RoomConfig =
        with { Native.configSuite(it, kind.code, suite.code) }

    /**
     * The form of a kind's frames. All members must agree. Messages are always [Form.PLAIN]: others
     * make a room throw [Status.WRONG_FORM].
     */
    public fun form(kind: Kind, form: Form): RoomConfig =
        with { Native.configForm(it, kind.code, form.code) }

    /**
     * Lets kinds use suite 3, whose 4-byte tags a forger meets by chance once in 2^32 tries.
     * After 4,096 forged frames on unknown KIDs an epoch takes no new streams.
     */
    public fun allowFourByteTags(): RoomConfig = option(Native.ALLOW_FOUR_BYTE_TAGS)

    /** Makes rooms that only open: for a recorder. */
    public fun openOnly(): RoomConfig = option(Native.OPEN_ONLY)

    /** Frames remembered of each stream: 64 to 32,768. The default is 1,024. */
    public fun replayWindow(frames: Int): RoomConfig =
        with { Native.configReplayWindow(it, frames) }

    /** Streams of a kind remembered at once: 1 to 65,536. */
    public fun maxStreams(kind: Kind, streams: Int): RoomConfig =
        with { Native.configMaxStreams(it, kind.code, streams) }

    /** Bytes of the longest frame: 1 to 2^30. The default is 16 MiB. */
    public fun maxFrameLength(bytes: Int): RoomConfig = with { Native.configMaxFrameLen(it, bytes) }

    /**
     * Refuses new streams of an epoch, with [Status.MEMORY_LOST], once the last trace of a stream
     * had to be dropped.
     */
    public fun refuseNewStreamsOnMemoryLoss(): RoomConfig = option(Native.REFUSE_ON_MEMORY_LOSS)

    /**
     * Refuses streams, with [Status.KEY_SUSPECT], after more forged frames than their tag length
     * allows. It hands an attacker on the wire a way to silence a stream with short tags.
     */
    public fun dropSuspectKeys(): RoomConfig = option(Native.DROP_SUSPECT_KEYS)

    private fun option(option: Int) = with { Native.configOption(it, option) }

    private fun with(setting: (Long) -> Long) = apply { settings.add(setting) }

    /** Makes the handle of a room. */
    internal fun room(): Handle {
        val out = LongArray(1)
        checked(Native.configNew(out))
        val config = out[0]
        try {
            appId.set(config, 0)
            roomId.set(config, 1)
            callId?.set(config, 2)
            settings.forEach { checked(it(config)) }
            return handle(Native.ROOM) { Native.roomNew(config, it) }
        } finally {
            Native.free(Native.CONFIG, config)
        }
    }
}
