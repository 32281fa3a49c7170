package org.roomseal

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

/** The codec of a frame that stays a frame of its codec. */
public enum class Codec(
    /** The number on the wire and in the C interface. */
    public val code: Int,
) {
    /** No byte stays clear: for codecs not listed here, and for frames that don't parse. */
    OPAQUE(0),

    /** H.264 with start codes. */
    H264(1),

    /** H.265 with start codes. */
    H265(2),

    /** VP8. */
    VP8(3),

    /** VP9. */
    VP9(4),

    /** AV1, low-overhead OBUs. */
    AV1(5),

    /** Opus. */
    OPUS(6),

    /** AAC without ADTS headers. */
    AAC(7),
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
