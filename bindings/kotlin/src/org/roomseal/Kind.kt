package org.roomseal

import java.nio.ByteBuffer

/** What a frame carries. It is part of every key: a frame of one kind never opens as another. */
public enum class Kind(
    /** The number in the C interface. */
    public val code: Int,
) {
    /** Encoded audio frames. */
    AUDIO(1),

    /** Encoded video frames, of any layer or screen share. */
    VIDEO(2),

    /** Messages and SEI. */
    MESSAGE(3),
}

/** How a sealed frame looks. It is part of every key, and set for each kind at both ends. */
public enum class Form(
    /** The number in the C interface. */
    public val code: Int,
) {
    /** Header, ciphertext, tag, as in RFC 9605. The default. */
    PLAIN(0),

    /** Frames that are still frames of their codec, for hosts that parse or packetize them. */
    CODEC(1),
}

/** The codec of a frame in [Form.CODEC]. Who seals names it; who opens reads it from the frame. */
public enum class Codec(
    /** The number in the C interface. */
    public val code: Int,
) {
    /** No byte stays clear: for other codecs, and for frames that don't parse as theirs. */
    OPAQUE(0),

    /** H.264 with start codes. */
    H264(1),

    /** H.265 with start codes. */
    H265(2),

    /** VP8. */
    VP8(3),

    /** VP9. */
    VP9(4),

    /** AV1, OBUs in the low-overhead format. */
    AV1(5),

    /** Opus. */
    OPUS(6),

    /** AAC, raw. */
    AAC(7),
    ;

    public companion object {
        /**
         * H.264 or H.265 by the headers of a clear frame's NAL units; null if they don't tell.
         * A helper for hosts that don't name the codec. The position of [frame] stays.
         */
        @JvmStatic
        public fun detectAnnexB(frame: ByteBuffer): Codec? = codec(false, frame)

        /**
         * The codec of a sealed frame, read without a key; nothing about it is authentic. The
         * position of [frame] stays.
         *
         * @throws RoomsealException [Status.MALFORMED] or [Status.NOT_SEALED].
         */
        @JvmStatic
        @Throws(RoomsealException::class)
        public fun peek(frame: ByteBuffer): Codec = codec(true, frame)!!

        private fun codec(sealed: Boolean, frame: ByteBuffer): Codec? {
            val bytes = frame.readable()
            val arrays = bytes.arrayBit(Native.FRAME)
            val code = Native.codecOf(sealed, arrays, bytes.memory(), bytes.start(), bytes.remaining())
            if (code < 0 && !sealed) return null
            return entries[checked(code).toInt()]
        }
    }
}

/** Cipher suites 1 to 4 of RFC 9605. */
public enum class Suite(
    /** The number in RFC 9605 and in the C interface. */
    public val code: Int,
) {
    /** AES-128-CTR with HMAC-SHA256 cut to 10 bytes. */
    AES_128_CTR_HMAC_SHA256_80(1),

    /** AES-128-CTR with HMAC-SHA256 cut to 8 bytes: for audio on thin links. */
    AES_128_CTR_HMAC_SHA256_64(2),

    /** AES-128-CTR with HMAC-SHA256 cut to 4 bytes. See [RoomConfig.allowFourByteTags]. */
    AES_128_CTR_HMAC_SHA256_32(3),

    /** AES-128-GCM with its full tag of 16 bytes. The default. */
    AES_128_GCM_SHA256_128(4),
    ;

    /** Bytes of the tag. */
    public val tagLength: Int
        get() = checked(Native.suiteTagLen(code)).toInt()
}

/** What a room counts, for each kind. */
public enum class Counter(
    /** The number in the C interface. */
    public val code: Int,
) {
    /** Frames sealed. */
    SEALED(1),

    /** Frames opened: authentic, and new. */
    OPENED(2),

    /** Refused: no header of a room frame. */
    NOT_SEALED(3),

    /** Refused with [Status.CLEAR_FRAME]. */
    CLEAR_FRAMES(4),

    /** Refused: our own frames, reflected. */
    OWN_FRAME(5),

    /** Refused: no epoch installed for the KID. */
    UNKNOWN_KEY(6),

    /** Refused: too many unknown KIDs at the moment. */
    BUDGET(7),

    /** Refused: not authentic. If nothing opens at all, keys or ids differ. */
    NOT_AUTHENTIC(8),

    /** Refused: opened before. */
    REPLAY(9),

    /** Refused: before the replay window or a tombstone. */
    TOO_OLD(10),

    /** Refused: cut short, or a header that no sender makes. */
    MALFORMED(11),

    /** Refused: the stream belongs to another source. */
    SOURCE_CHANGED(12),

    /** Refused: longer than the limit, sealing included. */
    TOO_LARGE(13),

    /** Refused: new streams in an epoch that is closed to them. */
    NEW_STREAM_REFUSED(14),

    /** Refused: suspect keys that the application asked to drop. */
    SUSPECT_REFUSED(15),

    /** Streams that left because there were too many. */
    STREAMS_EVICTED(16),

    /** Tombstones dropped because there were too many: their streams could be replayed. */
    MEMORY_LOST(17),

    /** 1 if a stream took more forged frames than its tag length allows, else 0. */
    KEY_SUSPECT(18),
}
