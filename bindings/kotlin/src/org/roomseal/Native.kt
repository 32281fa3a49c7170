package org.roomseal

/**
 * The functions of jni/roomseal_jni.c. Those that return a Long return a status negated, or a
 * number that is not negative.
 */
internal object Native {
    /** Bits of `arrays`: which buffers are byte arrays and not direct buffers. */
    const val FRAME: Int = 1
    const val METADATA: Int = 2
    const val OUT: Int = 4

    /** Types of handles. */
    const val CONFIG: Int = 0
    const val ROOM: Int = 1
    const val SEALER: Int = 2
    const val OPENER: Int = 3
    const val SFRAME_SENDER: Int = 4
    const val SFRAME_RECEIVER: Int = 5

    /** What `configOption` sets. */
    const val ALLOW_FOUR_BYTE_TAGS: Int = 0
    const val OPEN_ONLY: Int = 1
    const val REFUSE_ON_MEMORY_LOSS: Int = 2
    const val DROP_SUSPECT_KEYS: Int = 3

    /** What `keyToText` writes. */
    const val KEY_HEX: Int = 0
    const val KEY_BASE64: Int = 1
    const val KEY_FINGERPRINT: Int = 2

    init {
        val path = System.getProperty("roomseal.library")
        if (path == null) System.loadLibrary("roomseal_jni") else System.load(path)
        val abi = abiVersion()
        check(abi == Roomseal.ABI_VERSION.toLong()) { "roomseal_jni has binary interface $abi" }
    }

    @JvmStatic external fun abiVersion(): Long

    @JvmStatic external fun versionText(): String

    @JvmStatic external fun statusText(status: Int): String

    @JvmStatic external fun suiteTagLen(suite: Int): Long

    @JvmStatic external fun free(type: Int, handle: Long)

    // Keys: direct buffers of 16 bytes.

    @JvmStatic external fun keyRandom(key: Any): Long

    @JvmStatic external fun keyRatchet(key: Any, epoch: Long, next: Any): Long

    @JvmStatic external fun keyFromText(hex: Boolean, text: ByteArray, key: Any): Long

    @JvmStatic external fun keyToText(what: Int, key: Any, text: ByteArray): Long

    // Configurations.

    @JvmStatic external fun configNew(out: LongArray): Long

    @JvmStatic external fun configIdNumber(config: Long, which: Int, id: Long): Long

    @JvmStatic external fun configIdText(config: Long, which: Int, id: ByteArray): Long

    @JvmStatic external fun configSuite(config: Long, kind: Int, suite: Int): Long

    @JvmStatic external fun configForm(config: Long, kind: Int, form: Int): Long

    @JvmStatic external fun configReplayWindow(config: Long, frames: Int): Long

    @JvmStatic external fun configMaxStreams(config: Long, kind: Int, streams: Int): Long

    @JvmStatic external fun configMaxFrameLen(config: Long, bytes: Int): Long

    @JvmStatic external fun configOption(config: Long, option: Int): Long

    // Rooms.

    @JvmStatic external fun roomNew(config: Long, out: LongArray): Long

    @JvmStatic external fun roomClose(room: Long): Long

    @JvmStatic external fun roomInstall(room: Long, epoch: Long, key: Any, salt: ByteArray?): Long

    @JvmStatic external fun roomActivate(room: Long, epoch: Long): Long

    @JvmStatic external fun roomRetire(room: Long, epoch: Long): Long

    @JvmStatic external fun roomRatchet(room: Long, epoch: Long, out: LongArray): Long

    @JvmStatic external fun roomEpochs(room: Long, out: LongArray): Long

    @JvmStatic external fun roomActiveEpoch(room: Long, out: LongArray): Long

    @JvmStatic external fun roomAcceptClearFrames(room: Long, kind: Int, seconds: Long): Long

    @JvmStatic external fun roomMaxMessageLen(room: Long, limit: Int, text: Boolean): Long

    @JvmStatic external fun roomCounter(room: Long, kind: Int, counter: Int): Long

    @JvmStatic external fun roomLastEpoch(room: Long, kind: Int, out: LongArray): Long

    @JvmStatic external fun roomStreamCount(room: Long, kind: Int): Long

    @JvmStatic external fun roomStreams(room: Long, kind: Int, out: LongArray): Long

    @JvmStatic external fun roomStreamCounter(room: Long, kind: Int, kid: Long, counter: Int): Long

    @JvmStatic external fun roomStreamLastEpoch(room: Long, kind: Int, kid: Long, out: LongArray): Long

    @JvmStatic external fun roomStreamSource(room: Long, kind: Int, kid: Long, out: ByteArray): Long

    // Sealers.

    @JvmStatic external fun sealerNew(room: Long, kind: Int, out: LongArray): Long

    @JvmStatic external fun sealerKid(sealer: Long, out: LongArray): Long

    @JvmStatic external fun sealerTagLen(sealer: Long): Long

    @JvmStatic external fun sealerSealedLen(sealer: Long, frameLen: Int, text: Boolean): Long

    @JvmStatic external fun sealerSeal(
        sealer: Long, arrays: Int, frame: Any?, frameOff: Int, frameLen: Int,
        metadata: Any?, metadataOff: Int, metadataLen: Int, out: Any?, outOff: Int, outCap: Int,
    ): Long

    @JvmStatic external fun sealerSealInPlace(
        sealer: Long, arrays: Int, metadata: Any?, metadataOff: Int, metadataLen: Int,
        buf: Any?, bufOff: Int, bufCap: Int, frameOff: Int, frameLen: Int,
    ): Long

    @JvmStatic external fun sealerSealText(
        sealer: Long, arrays: Int, message: Any?, messageOff: Int, messageLen: Int,
        metadata: Any?, metadataOff: Int, metadataLen: Int, text: ByteArray,
    ): Long

    @JvmStatic external fun sealerMaxSealedCodecLen(sealer: Long, codec: Int, frameLen: Int): Long

    @JvmStatic external fun sealerSealCodec(
        sealer: Long, codec: Int, arrays: Int, frame: Any?, frameOff: Int, frameLen: Int,
        metadata: Any?, metadataOff: Int, metadataLen: Int, out: Any?, outOff: Int, outCap: Int,
    ): Long

    @JvmStatic external fun sealerSealCodecInPlace(
        sealer: Long, codec: Int, arrays: Int, metadata: Any?, metadataOff: Int, metadataLen: Int,
        buf: Any?, bufOff: Int, bufCap: Int, frameOff: Int, frameLen: Int,
    ): Long

    // Openers.

    @JvmStatic external fun openerNew(room: Long, out: LongArray): Long

    @JvmStatic external fun openerOpenedLen(opener: Long, kind: Int, frameLen: Int): Long

    @JvmStatic external fun openerOpen(
        opener: Long, kind: Int, arrays: Int, frame: Any?, frameOff: Int, frameLen: Int,
        metadata: Any?, metadataOff: Int, metadataLen: Int, source: Any?, sourceLen: Int,
        out: Any?, outOff: Int, outCap: Int,
    ): Long

    @JvmStatic external fun openerOpenInPlace(
        opener: Long, kind: Int, arrays: Int, metadata: Any?, metadataOff: Int, metadataLen: Int,
        source: Any?, sourceLen: Int, frame: Any?, frameOff: Int, frameLen: Int,
    ): Long

    @JvmStatic external fun openerTextCap(textLen: Int): Long

    @JvmStatic external fun openerOpenText(
        opener: Long, arrays: Int, text: ByteArray, metadata: Any?, metadataOff: Int,
        metadataLen: Int, source: Any?, sourceLen: Int, out: ByteArray,
    ): Long

    // Headers.

    @JvmStatic external fun peek(
        form: Int, arrays: Int, frame: Any?, frameOff: Int, frameLen: Int, out: LongArray,
    ): Long

    @JvmStatic external fun codecOf(sealed: Boolean, arrays: Int, frame: Any?, frameOff: Int, frameLen: Int): Long

    // Plain SFrame.

    @JvmStatic external fun sframeKey(forSsrc: Boolean, baseKey: ByteArray, ssrc: Int, out: ByteArray): Long

    @JvmStatic external fun sframeSenderNew(suite: Int, kid: Long, baseKey: ByteArray, out: LongArray): Long

    @JvmStatic external fun sframeSenderSkipTo(sender: Long, ctr: Long): Long

    @JvmStatic external fun sframeSenderNextCtr(sender: Long, out: LongArray): Long

    @JvmStatic external fun sframeSenderSeal(
        sender: Long, arrays: Int, frame: Any?, frameOff: Int, frameLen: Int,
        metadata: Any?, metadataOff: Int, metadataLen: Int, out: Any?, outOff: Int, outCap: Int,
    ): Long

    @JvmStatic external fun sframeReceiverNew(suite: Int, window: Int, out: LongArray): Long

    @JvmStatic external fun sframeReceiverAdd(receiver: Long, kid: Long, baseKey: ByteArray): Long

    @JvmStatic external fun sframeReceiverRemove(receiver: Long, kid: Long): Long

    @JvmStatic external fun sframeReceiverOpen(
        receiver: Long, arrays: Int, frame: Any?, frameOff: Int, frameLen: Int,
        metadata: Any?, metadataOff: Int, metadataLen: Int, out: Any?, outOff: Int, outCap: Int,
    ): Long
}
