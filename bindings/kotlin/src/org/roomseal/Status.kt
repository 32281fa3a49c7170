package org.roomseal

/**
 * Why a call was refused. Names and numbers are those of the C interface without `ROOMSEAL_ERR_`;
 * they are never changed, and new ones may come.
 */
public enum class Status(
    /** The number in the C interface. */
    public val code: Int,
) {
    /** A required pointer was NULL. Never from this class library. */
    NULL_POINTER(1),

    /** An argument is out of its documented range. */
    INVALID_ARGUMENT(2),

    /** The output, headroom or tailroom is too small. Nothing was written. */
    BUFFER_TOO_SMALL(3),

    /** Input and output share bytes. Use the call in place, or disjoint buffers. */
    BUFFERS_OVERLAP(4),

    /** The frame is longer than the limit. */
    TOO_LARGE(5),

    /** A call meant for another kind. */
    WRONG_KIND(6),

    /** Not a cipher suite of this library. */
    UNKNOWN_SUITE(7),

    /** Not a frame form that this library can make. */
    UNKNOWN_FORM(8),

    /** Text that is not exact hexadecimal, base64 or base64url as the call asks for. */
    INVALID_TEXT(9),

    /** The frame is cut short, or its header is not minimally encoded. */
    MALFORMED(10),

    /** The header is not one of a room frame. */
    NOT_SEALED(11),

    /**
     * The frame is in clear, and the application said that it accepts such frames for now
     * ([Room.acceptClearFramesDangerously]). It was not touched; nothing about it is authentic.
     */
    CLEAR_FRAME(12),

    /** The frame was sealed by this very room object: a server reflected it. */
    OWN_FRAME(13),

    /** Forged or changed; or key, ids, kind, suite or metadata differ between the two ends. */
    NOT_AUTHENTIC(14),

    /** This frame was opened before. */
    REPLAY(15),

    /** The frame lies before the replay window. */
    TOO_OLD(16),

    /** The stream is bound to another source than the one this call names. */
    SOURCE_CHANGED(17),

    /** The frame to seal doesn't parse as its codec, or has a unit that can't be sealed. */
    CODEC_MISMATCH(18),

    /** Not a codec of this library. */
    UNKNOWN_CODEC(19),

    /** No key stands behind the frame's KID. */
    UNKNOWN_KEY(20),

    /** Nothing can be sealed: no epoch is active. */
    NO_ACTIVE_EPOCH(21),

    /** No such epoch is installed. */
    UNKNOWN_EPOCH(22),

    /** The epoch is installed with another key or salt, or its place is taken. */
    EPOCH_CONFLICT(23),

    /** The epoch, or a higher one, was retired or displaced. */
    EPOCH_RETIRED(24),

    /** The key has sealed all the frames or blocks it may. */
    KEY_EXHAUSTED(25),

    /** A key is already installed under this KID. */
    DUPLICATE_KID(26),

    /** Too many forged frames under this key; the application asked to stop using it. */
    KEY_SUSPECT(27),

    /** Suite 3 has 4-byte tags and needs its explicit opt-in. */
    FOUR_BYTE_TAGS(28),

    /** Epoch 2^64 - 1 has no successor. */
    LAST_EPOCH(29),

    /** Many unknown streams just now. The frame was not touched and may be tried again. */
    BUDGET(30),

    /** The epoch took too many forged frames for its tag length; it takes no new streams. */
    FAILURE_BUDGET(31),

    /** Replay memory was lost, and the application asked to refuse new streams then. */
    MEMORY_LOST(32),

    /** The sealed frame would take too many emulation bytes. */
    TOO_MANY_ESCAPES(33),

    /** The object or its room was closed. */
    CLOSED(40),

    /** The object was made before a fork, and this is the child process. */
    FORKED(41),

    /** The operating system's random generator failed. */
    NO_RANDOM(42),

    /** The room was made to open only. */
    OPEN_ONLY(43),

    /** The call does not fit the frame form of the kind, or the codec. */
    WRONG_FORM(44),

    /** A fault in the library. Please report it. */
    INTERNAL(90),
    ;

    /** A short English sentence for logs. It holds nothing of a frame, a key or a room. */
    public val text: String
        get() = Native.statusText(code)

    public companion object {
        private val byCode = arrayOfNulls<Status>(entries.maxOf { it.code } + 1).also { table ->
            entries.forEach { table[it.code] = it }
        }

        /** The status of a number; [INTERNAL] for one that this class library doesn't know. */
        @JvmStatic
        public fun of(code: Int): Status = byCode.getOrNull(code) ?: INTERNAL
    }
}

/**
 * A call was refused because of its arguments or the state of an object.
 *
 * From a sealing call it means that there is nothing to send. **Never send the frame in clear
 * instead.** Frames that don't open are no exception but an [OpenResult.Refused].
 */
public class RoomsealException(
    /** Why. */
    public val status: Status,
) : Exception(status.name + ": " + status.text)
