package org.roomseal

import java.nio.ByteBuffer

/**
 * A room key: 16 bytes outside the heap, where no collector copies them. [close] wipes them; if
 * it is forgotten, they are wiped when the object was collected.
 *
 * Strings and arrays that a key came from, or was written to, are the application's to forget.
 */
public class RoomKey private constructor() : AutoCloseable {
    private val memory = KeyMemory()
    private val cleanup = Cleanup(this, memory)

    /** Characters that tell keys apart in logs and tell nothing about them. */
    @Throws(RoomsealException::class)
    public fun fingerprint(): String = text(Native.KEY_FINGERPRINT, Roomseal.FINGERPRINT_LEN)

    /** The key as 32 hexadecimal digits in lower case. */
    @Throws(RoomsealException::class)
    public fun toHex(): String = text(Native.KEY_HEX, Roomseal.KEY_HEX_LEN)

    /** The key as 24 characters of base64, padding included. */
    @Throws(RoomsealException::class)
    public fun toBase64(): String = text(Native.KEY_BASE64, Roomseal.KEY_BASE64_LEN)

    /** A copy of the 16 bytes, for the application to wipe. */
    @Throws(RoomsealException::class)
    public fun copyBytes(): ByteArray {
        val bytes = ByteArray(Roomseal.KEY_LEN)
        memory.use { it.duplicate().get(bytes) }
        return bytes
    }

    /**
     * Derives the key of the epoch after [epoch], as [Room.ratchet] does: give it to members who
     * join late. There is no way back from it.
     */
    @Throws(RoomsealException::class)
    public fun ratchet(epoch: Long): RoomKey {
        val next = RoomKey()
        return next.filled { out -> withBytes { Native.keyRatchet(it, epoch, out) } }
    }

    /** Wipes the key. Later calls throw [Status.CLOSED]. */
    override fun close(): Unit = cleanup.release()

    /** Never the key. */
    override fun toString(): String = "RoomKey(redacted)"

    internal inline fun withBytes(crossinline block: (ByteBuffer) -> Long): Long = checked(memory.use { block(it) })

    private fun text(what: Int, length: Int): String {
        val text = ByteArray(length)
        withBytes { Native.keyToText(what, it, text) }
        val string = String(text, Charsets.US_ASCII)
        text.fill(0)
        return string
    }

    private inline fun filled(crossinline fill: (ByteBuffer) -> Long): RoomKey {
        try {
            withBytes(fill)
            return this
        } catch (e: RoomsealException) {
            close()
            throw e
        }
    }

    public companion object {
        /** A new key of the operating system's random generator. */
        @JvmStatic
        @Throws(RoomsealException::class)
        public fun random(): RoomKey = RoomKey().filled { Native.keyRandom(it) }

        /** A key of exactly 16 bytes. They are copied: wipe yours. */
        @JvmStatic
        @Throws(RoomsealException::class)
        public fun of(bytes: ByteArray): RoomKey {
            if (bytes.size != Roomseal.KEY_LEN) throw RoomsealException(Status.INVALID_ARGUMENT)
            return RoomKey().filled { it.duplicate().put(bytes); 0L }
        }

        /** A key of exactly 32 hexadecimal digits, as `openssl rand -hex 16` prints them. */
        @JvmStatic
        @Throws(RoomsealException::class)
        public fun fromHex(text: String): RoomKey = fromText(true, text)

        /** A key of exactly 24 characters of base64, as `openssl rand -base64 16` prints them. */
        @JvmStatic
        @Throws(RoomsealException::class)
        public fun fromBase64(text: String): RoomKey = fromText(false, text)

        private fun fromText(hex: Boolean, text: String): RoomKey {
            val bytes = text.toByteArray()
            try {
                return RoomKey().filled { Native.keyFromText(hex, bytes, it) }
            } finally {
                bytes.fill(0)
            }
        }
    }
}

/** The bytes of a key until they are wiped. Not for the frame path: calls wait for each other. */
internal class KeyMemory : Resource {
    private var bytes: ByteBuffer? = ByteBuffer.allocateDirect(Roomseal.KEY_LEN)

    @Synchronized
    fun <T> use(block: (ByteBuffer) -> T): T =
        block(bytes ?: throw RoomsealException(Status.CLOSED))

    @Synchronized
    override fun release() {
        bytes?.let { for (i in 0 until it.capacity()) it.put(i, 0) }
        bytes = null
    }
}
