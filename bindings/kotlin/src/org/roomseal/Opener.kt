package org.roomseal

import java.nio.ByteBuffer

/**
 * What opens the frames of all members of a room. Openers of one room share all memory: a frame
 * opens in one of them, once.
 *
 * Buffers are used as [Sealer] uses them. A frame that doesn't open is an [OpenResult.Refused] and
 * no exception; exceptions are for wrong arguments: [Status.BUFFER_TOO_SMALL],
 * [Status.BUFFERS_OVERLAP], [Status.INVALID_ARGUMENT].
 *
 * All calls may come from any thread at any time, [close] included.
 */
public class Opener internal constructor(
    /** Kept, as a room that is collected closes. */
    private val room: Room,
    private val handle: Handle,
) : AutoCloseable {
    private val cleanup = Cleanup(this, handle)

    /** The room that the streams belong to. */
    public fun room(): Room = room

    /**
     * How many bytes come out of a sealed frame; in [Form.CODEC] the most that may.
     *
     * @throws RoomsealException [Status.MALFORMED] if it is too short for a sealed frame.
     */
    @Throws(RoomsealException::class)
    public fun openedLength(kind: Kind, frameLength: Int): Int =
        checked(handle.call { Native.openerOpenedLen(it, kind.code, frameLength) }).toInt()

    /**
     * Opens what remains in [frame] into [out], which needs [openedLength] bytes and shares none
     * with the inputs. When the frame opened, positions move; when it was refused, they stay.
     *
     * @param source what the host says of the sender, or null if it says nothing.
     * @param metadata what the sealer passed. Its position stays.
     */
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun open(
        kind: Kind, frame: ByteBuffer, out: ByteBuffer, source: Source? = null, metadata: ByteBuffer? = null,
    ): OpenResult<Unit> {
        val input = frame.readable()
        val more = metadata?.readable() ?: NONE
        out.writable()
        val arrays =
            input.arrayBit(Native.FRAME) or more.arrayBit(Native.METADATA) or out.arrayBit(Native.OUT)
        val length = handle.call {
            Native.openerOpen(
                it, kind.code, arrays, input.memory(), input.start(), input.remaining(),
                more.memory(), more.start(), more.remaining(),
                source?.bytes, source?.bytes?.capacity() ?: 0,
                out.memory(), out.start(), out.remaining(),
            )
        }
        if (length < 0) return OpenResult.refused(length)
        frame.position(frame.limit())
        out.position(out.position() + length.toInt())
        return OpenResult.OPENED
    }

    /** Opens an array into a new one. */
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun open(
        kind: Kind, frame: ByteArray, source: Source? = null, metadata: ByteArray? = null,
    ): OpenResult<ByteArray> {
        // The most that may come out: what is no sealed frame must be refused for that.
        val out = ByteBuffer.allocate(frame.size)
        return when (val result = open(kind, ByteBuffer.wrap(frame), out, source, metadata.buffer())) {
            is OpenResult.Opened -> OpenResult.Opened(out.array().copyOf(out.position()))
            is OpenResult.Refused -> result
        }
    }

    /**
     * Opens what remains in [frame] where it stands; position and limit move to the opened bytes.
     * When it was refused they stay, and after [Status.NOT_AUTHENTIC] there are zeros between
     * them.
     *
     * @param source as in [open].
     * @param metadata as in [open]; shares no byte with [frame].
     */
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun openInPlace(
        kind: Kind, frame: ByteBuffer, source: Source? = null, metadata: ByteBuffer? = null,
    ): OpenResult<Unit> {
        val more = metadata?.readable() ?: NONE
        frame.writable()
        val arrays = more.arrayBit(Native.METADATA) or frame.arrayBit(Native.OUT)
        val place = handle.call {
            Native.openerOpenInPlace(
                it, kind.code, arrays, more.memory(), more.start(), more.remaining(),
                source?.bytes, source?.bytes?.capacity() ?: 0,
                frame.memory(), frame.start(), frame.remaining(),
            )
        }
        if (place < 0) return OpenResult.refused(place)
        val position = frame.position() + offsetOf(place)
        frame.limit(position + lengthOf(place))
        frame.position(position)
        return OpenResult.OPENED
    }

    /** Opens a message in text form. */
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun openText(text: String, source: Source? = null, metadata: ByteArray? = null): OpenResult<ByteArray> {
        val chars = text.toByteArray()
        val cap = Native.openerTextCap(chars.size)
        if (cap < 0) return OpenResult.refused(cap)
        val out = ByteArray(cap.toInt())
        val more = metadata.buffer()
        val arrays = Native.FRAME or Native.OUT or more.arrayBit(Native.METADATA)
        val length = handle.call {
            Native.openerOpenText(
                it, arrays, chars, more.memory(), more.start(), more.remaining(),
                source?.bytes, source?.bytes?.capacity() ?: 0, out,
            )
        }
        if (length < 0) return OpenResult.refused(length)
        return OpenResult.Opened(out.copyOf(length.toInt()))
    }

    /** Frees the opener, as soon as calls under way leave. */
    override fun close(): Unit = cleanup.release()
}
