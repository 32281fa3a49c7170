package org.roomseal

import java.nio.ByteBuffer
import java.nio.ReadOnlyBufferException

/** A buffer whose bytes native code can reach: a copy if it is a read-only one on the heap. */
internal fun ByteBuffer.readable(): ByteBuffer {
    if (isDirect || hasArray()) return this
    val copy = ByteBuffer.allocate(remaining()).put(duplicate())
    copy.flip()
    return copy
}

/** Refuses a buffer that can't be written. */
internal fun ByteBuffer.writable(): ByteBuffer {
    if (isReadOnly) throw ReadOnlyBufferException()
    return this
}

/** The object for native code. */
internal fun ByteBuffer.memory(): Any? = if (isDirect) takeIf { it !== NONE } else array()

/** Where index 0 stands in [memory]. */
internal fun ByteBuffer.base(): Int = if (isDirect) 0 else arrayOffset()

/** Where the remaining bytes begin in [memory]. */
internal fun ByteBuffer.start(): Int = base() + position()

/** The bit of `arrays` that tells whether [memory] is an array. */
internal fun ByteBuffer.arrayBit(bit: Int): Int = if (isDirect) 0 else bit

/** All of an array as a buffer; [NONE] stands for no metadata. */
internal fun ByteArray?.buffer(): ByteBuffer = if (this == null) NONE else ByteBuffer.wrap(this)

/** No bytes. */
internal val NONE: ByteBuffer = ByteBuffer.allocateDirect(0)

/** The low half of what a call in place returns. */
internal fun lengthOf(place: Long): Int = place.toInt()

/** The high half. */
internal fun offsetOf(place: Long): Int = (place ushr 32).toInt()
