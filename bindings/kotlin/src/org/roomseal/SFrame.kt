package org.roomseal

import java.nio.ByteBuffer

/** RFC 9605 without rooms, for peers that speak plain SFrame. Most applications want a [Room]. */
public object SFrame {
    /**
     * Reads the header of any SFrame frame without a key. The position of [frame] stays.
     *
     * @throws RoomsealException [Status.MALFORMED].
     */
    @JvmStatic
    @Throws(RoomsealException::class)
    public fun peek(frame: ByteBuffer): Header = Roomseal.header(-1, frame)

    /** The next base key of the ratchet of RFC 9605 section 5.1. */
    @JvmStatic
    @Throws(RoomsealException::class)
    public fun ratchet(baseKey: ByteArray): ByteArray = key(false, baseKey, 0)

    /** The base key of one RTP stream, as draft-ietf-avtcore-rtp-sframe derives it. */
    @JvmStatic
    @Throws(RoomsealException::class)
    public fun keyForSsrc(baseKey: ByteArray, ssrc: Int): ByteArray = key(true, baseKey, ssrc)

    private fun key(forSsrc: Boolean, baseKey: ByteArray, ssrc: Int): ByteArray {
        val out = ByteArray(Roomseal.SFRAME_BASE_KEY_LEN)
        checked(Native.sframeKey(forSsrc, baseKey, ssrc, out))
        return out
    }
}

/**
 * What seals under one base key and KID, counting frames from 0.
 *
 * ONE PAIR OF BASE KEY AND KID MAY BE GIVEN TO ONE SENDER, ONCE: two frames under one counter give
 * away what they hold, and the key that authenticates. A sender that must go on after a restart
 * stores its counter before using it and names it here; better, it takes a new key.
 *
 * Buffers are used as [Sealer] uses them. All calls may come from any thread.
 *
 * @param baseKey copied: 1 to 1,024 bytes, 16 or more if it is to be worth anything. Wipe yours.
 * @param firstCounter the counter of the first frame.
 */
public class SFrameSender @JvmOverloads @Throws(RoomsealException::class) constructor(
    suite: Suite, kid: Long, baseKey: ByteArray, firstCounter: Long = 0,
) : AutoCloseable {
    private val handle =
        handle(Native.SFRAME_SENDER) { Native.sframeSenderNew(suite.code, kid, baseKey, it) }
    private val cleanup = Cleanup(this, handle)

    init {
        // Nobody else has the handle yet.
        if (firstCounter != 0L) checked(handle.call { Native.sframeSenderSkipTo(it, firstCounter) })
    }

    /**
     * The counter of the next frame.
     *
     * @throws RoomsealException [Status.KEY_EXHAUSTED] if there is no next frame.
     */
    @Throws(RoomsealException::class)
    public fun nextCounter(): Long {
        val out = LongArray(1)
        checked(handle.call { Native.sframeSenderNextCtr(it, out) })
        return out[0]
    }

    /**
     * Seals what remains in [frame] into [out]; [Roomseal.SFRAME_MAX_OVERHEAD] bytes more than
     * the frame always suffice.
     *
     * @throws RoomsealException and nothing may be sent: [Status.KEY_EXHAUSTED],
     * [Status.BUFFER_TOO_SMALL], [Status.BUFFERS_OVERLAP], [Status.TOO_LARGE], [Status.CLOSED].
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
                Native.sframeSenderSeal(
                    it, arrays, input.memory(), input.start(), input.remaining(),
                    more.memory(), more.start(), more.remaining(),
                    out.memory(), out.start(), out.remaining(),
                )
            },
        )
        frame.position(frame.limit())
        out.position(out.position() + length.toInt())
    }

    /** Frees the sender, as soon as calls under way leave, and wipes its key. */
    override fun close(): Unit = cleanup.release()
}

/**
 * What opens frames of any sender whose key was added, each frame once.
 *
 * Buffers are used as [Sealer] uses them. All calls may come from any thread.
 *
 * @param replayWindow frames remembered for each KID, 64 to 32,768; 0 for 1,024.
 */
public class SFrameReceiver @JvmOverloads @Throws(RoomsealException::class) constructor(
    suite: Suite, replayWindow: Int = 0,
) : AutoCloseable {
    private val handle =
        handle(Native.SFRAME_RECEIVER) { Native.sframeReceiverNew(suite.code, replayWindow, it) }
    private val cleanup = Cleanup(this, handle)

    /**
     * Adds the key of a KID.
     *
     * @throws RoomsealException [Status.DUPLICATE_KID] if there is a key already.
     */
    @Throws(RoomsealException::class)
    public fun add(kid: Long, baseKey: ByteArray) {
        checked(handle.call { Native.sframeReceiverAdd(it, kid, baseKey) })
    }

    /**
     * Removes the key of a KID, and wipes it.
     *
     * @throws RoomsealException [Status.UNKNOWN_KEY] if there is none.
     */
    @Throws(RoomsealException::class)
    public fun remove(kid: Long) {
        checked(handle.call { Native.sframeReceiverRemove(it, kid) })
    }

    /** Opens what remains in [frame] into [out]. Room for the length of [frame] always suffices. */
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun open(frame: ByteBuffer, out: ByteBuffer, metadata: ByteBuffer? = null): OpenResult<Unit> {
        val input = frame.readable()
        val more = metadata?.readable() ?: NONE
        out.writable()
        val arrays =
            input.arrayBit(Native.FRAME) or more.arrayBit(Native.METADATA) or out.arrayBit(Native.OUT)
        val length = handle.call {
            Native.sframeReceiverOpen(
                it, arrays, input.memory(), input.start(), input.remaining(),
                more.memory(), more.start(), more.remaining(),
                out.memory(), out.start(), out.remaining(),
            )
        }
        if (length < 0) return OpenResult.refused(length)
        frame.position(frame.limit())
        out.position(out.position() + length.toInt())
        return OpenResult.OPENED
    }

    /** Frees the receiver, as soon as calls under way leave, and wipes its keys. */
    override fun close(): Unit = cleanup.release()
}
