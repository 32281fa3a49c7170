package org.roomseal

import java.nio.ByteBuffer

/** Sizes, versions, and what can be read without a key. */
public object Roomseal {
    /** Number of the binary interface that this class library is made for. */
    public const val ABI_VERSION: Int = 1

    /** Bytes of the header of every frame that a room seals: the headroom for sealing in place. */
    public const val HEADER_LEN: Int = 12

    /** Bytes of the longest tag: tailroom that suffices for sealing in place. */
    public const val MAX_TAG_LEN: Int = 16

    /** The most bytes that sealing adds to a room's frame. */
    public const val MAX_OVERHEAD: Int = 28

    /** The most bytes that sealing in place adds in [Form.CODEC], all of them behind the frame. */
    public const val MAX_TRAILER_LEN: Int = 30

    /** Bytes of a room key. */
    public const val KEY_LEN: Int = 16

    /** Characters of a room key in hexadecimal. */
    public const val KEY_HEX_LEN: Int = 32

    /** Characters of a room key in base64, its padding included. */
    public const val KEY_BASE64_LEN: Int = 24

    /** Characters of a key's fingerprint. */
    public const val FINGERPRINT_LEN: Int = 8

    /** Bytes of the longest room salt. */
    public const val MAX_SALT_LEN: Int = 64

    /** Bytes of the longest id given as text. */
    public const val MAX_ID_LEN: Int = 256

    /** Bytes of the longest source name. */
    public const val MAX_SOURCE_LEN: Int = 64

    /** Epochs installed at once, at most. */
    public const val MAX_EPOCHS: Int = 16

    /** Bytes of the longest SFrame header. */
    public const val SFRAME_MAX_HEADER_LEN: Int = 17

    /** The most bytes that a plain SFrame sender adds to a frame. */
    public const val SFRAME_MAX_OVERHEAD: Int = 33

    /** Bytes of a derived SFrame base key. */
    public const val SFRAME_BASE_KEY_LEN: Int = 32

    /** Bytes of the longest SFrame base key. */
    public const val SFRAME_MAX_BASE_KEY_LEN: Int = 1024

    /** The version of the native library, such as "0.1.0". */
    @JvmStatic
    public fun version(): String = Native.versionText()

    /**
     * Reads the header of a sealed room frame. It needs no key, and tells nothing that is
     * authentic. The position of [frame] stays.
     *
     * @throws RoomsealException [Status.MALFORMED] or [Status.NOT_SEALED].
     */
    @JvmStatic
    @JvmOverloads
    @Throws(RoomsealException::class)
    public fun peek(frame: ByteBuffer, form: Form = Form.PLAIN): Header = header(form.code, frame)

    internal fun header(form: Int, frame: ByteBuffer): Header {
        val bytes = frame.readable()
        val out = LongArray(3)
        val arrays = bytes.arrayBit(Native.FRAME)
        checked(Native.peek(form, arrays, bytes.memory(), bytes.start(), bytes.remaining(), out))
        return Header(out[0], out[1], out[2].toInt())
    }
}

/** The header of a frame, read without a key. */
public class Header internal constructor(
    /** The key identifier: 64 bits, to be printed without a sign. */
    public val kid: Long,
    /** The frame counter: 64 bits without a sign. */
    public val counter: Long,
    /** The low 4 bits of the epoch of a room's frame. */
    public val epochNibble: Int,
) {
    override fun toString(): String = "Header(kid=${java.lang.Long.toHexString(kid)}, counter=$counter)"
}
