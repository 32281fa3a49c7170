package org.roomseal

import java.nio.ByteBuffer

/**
 * What came of opening a frame.
 *
 * ```kotlin
 * when (val result = opener.open(Kind.VIDEO, sealed, out, alice)) {
 *     is OpenResult.Opened -> decoder.queue(out)
 *     is OpenResult.Refused -> log.debug("dropped: {}", result.status)
 * }
 * ```
 */
public sealed class OpenResult<out T> {
    /** The frame is authentic, and new. */
    public class Opened<out T> internal constructor(
        /** The bytes, where the call returns any; else they are in the buffer. */
        public val value: T,
    ) : OpenResult<T>() {
        override fun toString(): String = "Opened"
    }

    /** There is no frame to use. After [Status.NOT_AUTHENTIC] the output is zeros. */
    public class Refused internal constructor(
        /** Why. [Status.BUDGET] alone may be tried again. */
        public val status: Status,
    ) : OpenResult<Nothing>() {
        override fun toString(): String = "Refused($status)"
    }

    /** Whether the frame is authentic, and new. */
    public val isOpened: Boolean
        get() = this is Opened

    /** What an opened frame returned, or null if it was refused. */
    public fun getOrNull(): T? = if (this is Opened) value else null

    internal companion object {
        /** For calls that write into a buffer. Made once, so that frames allocate nothing. */
        val OPENED = Opened(Unit)

        private val refused = Status.entries.map { Refused(it) }

        /** Statuses that say something of the frame; the others are the caller's mistakes. */
        private val ofFrame = setOf(
            Status.TOO_LARGE, Status.INVALID_TEXT, Status.MALFORMED, Status.NOT_SEALED,
            Status.CLEAR_FRAME, Status.OWN_FRAME, Status.NOT_AUTHENTIC, Status.REPLAY,
            Status.TOO_OLD, Status.SOURCE_CHANGED, Status.UNKNOWN_KEY, Status.KEY_SUSPECT,
            Status.BUDGET, Status.FAILURE_BUDGET, Status.MEMORY_LOST, Status.CLOSED,
        )

        private val byCode = arrayOfNulls<Refused>(Status.entries.maxOf { it.code } + 1).also { table ->
            refused.forEach { if (it.status in ofFrame) table[it.status.code] = it }
        }

        /** The refusal that a native call returned, or the exception for its status. */
        fun refused(result: Long): Refused =
            byCode.getOrNull((-result).toInt()) ?: throw RoomsealException(Status.of((-result).toInt()))
    }
}

/**
 * The user or stream id that a host gives for incoming frames, made ready once: keep one for each
 * sender. The first authentic frame that names a source binds its stream to it.
 *
 * @param name 1 to 64 bytes of UTF-8; others make open calls throw [Status.INVALID_ARGUMENT].
 */
public class Source(name: String) {
    internal val bytes: ByteBuffer =
        name.toByteArray().let { ByteBuffer.allocateDirect(it.size).put(it) }
}
