package org.roomseal

import java.nio.ByteBuffer

/**
 * What seals one outgoing stream: a microphone, a camera, a layer, or messages.
 *
 * Buffers follow the conventions of `java.nio`: what remains between position and limit is the
 * frame, and positions move on success only. Direct buffers are not copied; buffers over arrays
 * are used where they stand while the collector waits. No call allocates, but for those that
 * return an array or a string.
 *
 * Every call throws a [RoomsealException] if there is nothing to send: **never send the frame in
 * clear instead**. It is [Status.NO_ACTIVE_EPOCH] or [Status.CLOSED] when there is no key,
 * [Status.FORKED] in a child process, [Status.NO_RANDOM] when a fresh KID was due and couldn't be
 * drawn, [Status.TOO_LARGE], [Status.BUFFER_TOO_SMALL] or [Status.BUFFERS_OVERLAP] for buffers.
 *
 * All calls may come from any thread at any time, [close] included.
 */
public class Sealer internal constructor(
    /** Kept, as a room that is collected closes. */
    private val room: Room,
    /** The kind of the stream. */
    public val kind: Kind,
    private val handle: Handle,
) : AutoCloseable {
    private val cleanup = Cleanup(this, handle)

    /** Bytes of the tag: the tailroom for sealing in place. */
    public val tagLength: Int = checked(handle.call { Native.sealerTagLen(it) }).toInt()

    /** The room that the stream belongs to. */
    public fun room(): Room = room

    /**
     * The exact length of a sealed frame: `frameLength + HEADER_LEN + tagLength`.
     *
     * @throws RoomsealException [Status.TOO_LARGE] if no buffer holds it.
     */
    @Throws(RoomsealException::class)
    public fun sealedLength(frameLength: Int): Int =
        int(frameLength.toLong() + Roomseal.HEADER_LEN + tagLength)

    /**
     * The KID of the newest frame, or null before the first one and after its epoch was retired.
     * It changes with the epoch and, rarely, by itself.
     */
    @Throws(RoomsealException::class)
    public fun kid(): Long? {
        val out = LongArray(1)
        val status = handle.call { Native.sealerKid(it, out) }
        if (status == -Status.UNKNOWN_KEY.code.toLong()) return null
        checked(status)
        return out[0]
    }

    /**
     * Seals what remains in [frame] into [out], which needs [sealedLength] bytes and shares none
     * with the inputs.
     *
     * @param metadata authenticated, not sent: openers must pass the same bytes. Its position
     * stays.
     */
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun seal(frame: ByteBuffer, out: ByteBuffer, metadata: ByteBuffer? = null) {
        val input = frame.readable()
        val more = metadata?.readable() ?: NONE
        out.writable()
        val arrays =
            input.arrayBit(Native.FRAME) or more.arrayBit(Native.METADATA) or out.arrayBit(Native.OUT)
        val length = checked(
            handle.call {
                Native.sealerSeal(
                    it, arrays, input.memory(), input.start(), input.remaining(),
                    more.memory(), more.start(), more.remaining(),
                    out.memory(), out.start(), out.remaining(),
                )
            },
        )
        frame.position(frame.limit())
        out.position(out.position() + length.toInt())
    }

    /** Seals an array into a new one. */
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun seal(frame: ByteArray, metadata: ByteArray? = null): ByteArray {
        val out = ByteArray(sealedLength(frame.size))
        seal(ByteBuffer.wrap(frame), ByteBuffer.wrap(out), metadata.buffer())
        return out
    }

    /**
     * Seals what remains in [buffer] where it stands: the header goes right before its position,
     * the tag right after its limit, and both move there. It takes
     * [Roomseal.HEADER_LEN] bytes before the position and [tagLength] bytes between limit and
     * capacity.
     *
     * @param metadata as in [seal]; shares no byte with [buffer].
     */
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun sealInPlace(buffer: ByteBuffer, metadata: ByteBuffer? = null) {
        val more = metadata?.readable() ?: NONE
        buffer.writable()
        val arrays = more.arrayBit(Native.METADATA) or buffer.arrayBit(Native.OUT)
        val place = checked(
            handle.call {
                Native.sealerSealInPlace(
                    it, arrays, more.memory(), more.start(), more.remaining(), buffer.memory(),
                    buffer.base(), buffer.capacity(), buffer.position(), buffer.remaining(),
                )
            },
        )
        buffer.limit(offsetOf(place) + lengthOf(place))
        buffer.position(offsetOf(place))
    }

    /**
     * Bytes that are enough for a frame that [sealCodec] seals.
     *
     * @throws RoomsealException [Status.TOO_LARGE] if no buffer holds them.
     */
    @Throws(RoomsealException::class)
    public fun maxSealedCodecLength(codec: Codec, frameLength: Int): Int =
        int(checked(handle.call { Native.sealerMaxSealedCodecLen(it, codec.code, frameLength) }))

    /**
     * Seals what remains in [frame] into [out] as a frame that is still one of [codec], as [seal]
     * does. [out] needs [maxSealedCodecLength] bytes. For kinds of [Form.CODEC]; others throw
     * [Status.WRONG_FORM].
     *
     * @throws RoomsealException [Status.CODEC_MISMATCH] for a frame that doesn't parse as its
     * codec; [Codec.OPAQUE] takes any bytes. [Status.TOO_MANY_ESCAPES]. Those of [seal].
     */
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun sealCodec(codec: Codec, frame: ByteBuffer, out: ByteBuffer, metadata: ByteBuffer? = null) {
        val input = frame.readable()
        val more = metadata?.readable() ?: NONE
        out.writable()
        val arrays =
            input.arrayBit(Native.FRAME) or more.arrayBit(Native.METADATA) or out.arrayBit(Native.OUT)
        val length = checked(
            handle.call {
                Native.sealerSealCodec(
                    it, codec.code, arrays, input.memory(), input.start(), input.remaining(),
                    more.memory(), more.start(), more.remaining(),
                    out.memory(), out.start(), out.remaining(),
                )
            },
        )
        frame.position(frame.limit())
        out.position(out.position() + length.toInt())
    }

    /**
     * Seals what remains in [buffer] where it stands, as [sealCodec] does: it begins where it
     * began, and its limit moves by [tagLength] + 14 bytes, which capacity must leave. Not for
     * H.264, H.265 and AV1, which throw [Status.WRONG_FORM].
     */
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun sealCodecInPlace(codec: Codec, buffer: ByteBuffer, metadata: ByteBuffer? = null) {
        val more = metadata?.readable() ?: NONE
        buffer.writable()
        val arrays = more.arrayBit(Native.METADATA) or buffer.arrayBit(Native.OUT)
        val place = checked(
            handle.call {
                Native.sealerSealCodecInPlace(
                    it, codec.code, arrays, more.memory(), more.start(), more.remaining(),
                    buffer.memory(), buffer.base(), buffer.capacity(), buffer.position(),
                    buffer.remaining(),
                )
            },
        )
        buffer.limit(offsetOf(place) + lengthOf(place))
        buffer.position(offsetOf(place))
    }

    /** The characters of a message sealed into text. */
    @Throws(RoomsealException::class)
    public fun sealedTextLength(messageLength: Int): Int =
        int(checked(handle.call { Native.sealerSealedLen(it, messageLength, true) }))

    private fun int(length: Long): Int {
        if (length > Int.MAX_VALUE) throw RoomsealException(Status.TOO_LARGE)
        return length.toInt()
    }

    /**
     * Seals a message into text, base64url without padding, for hosts that take strings only.
     * For sealers of [Kind.MESSAGE]; others throw [Status.WRONG_KIND].
     */
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun sealText(message: ByteArray, metadata: ByteArray? = null): String {
        val text = ByteArray(sealedTextLength(message.size))
        val more = metadata.buffer()
        val arrays = Native.FRAME or Native.OUT or more.arrayBit(Native.METADATA)
        val length = checked(
            handle.call {
                Native.sealerSealText(
                    it, arrays, message, 0, message.size,
                    more.memory(), more.start(), more.remaining(), text,
                )
            },
        )
        return String(text, 0, length.toInt(), Charsets.US_ASCII)
    }

    /** Frees the sealer, as soon as calls under way leave, and wipes its key. */
    override fun close(): Unit = cleanup.release()
}
