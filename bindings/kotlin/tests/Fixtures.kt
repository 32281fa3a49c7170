package org.roomseal

import java.io.File
import java.nio.ByteBuffer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.fail

/** The native functions of roomseal_jni_test.c. */
internal object TestNative {
    /** Nanoseconds that this thread has run for. */
    @JvmStatic external fun now(): Long

    @JvmStatic external fun sealLoop(sealer: Long, frames: Int, length: Int): Long

    @JvmStatic external fun openLoop(opener: Long, frames: ByteBuffer, count: Int, length: Int): Long

    @JvmStatic external fun sealInChild(sealer: Long): Long
}

internal val KEY = ByteArray(16) { it.toByte() }

internal fun config() = RoomConfig(Id.number(1400000001), Id.text("weekly"))

internal fun room(
    config: RoomConfig = config(), epoch: Long = 1, key: ByteArray = KEY, salt: ByteArray? = null,
): Room {
    val room = Room(config)
    RoomKey.of(key).use { room.install(epoch, it, salt) }
    room.activate(epoch)
    return room
}

internal fun bytes(length: Int, first: Int = 1) = ByteArray(length) { (it * 7 + first).toByte() }

internal fun direct(bytes: ByteArray): ByteBuffer =
    ByteBuffer.allocateDirect(bytes.size).put(bytes).also { it.flip() }

/** What stands before the position, and then nothing is left to read. */
internal fun ByteBuffer.written(): ByteArray {
    val copy = duplicate()
    copy.flip()
    return ByteArray(copy.remaining()).also { copy.get(it) }
}

internal fun ByteBuffer.rest(): ByteArray = ByteArray(remaining()).also { duplicate().get(it) }

/** Expects an exception of a status. */
internal fun refuses(status: Status, call: () -> Unit) {
    assertEquals(status, assertThrows(RoomsealException::class.java, call).status)
}

internal fun OpenResult<*>.refusal(): Status = when (this) {
    is OpenResult.Refused -> status
    is OpenResult.Opened -> fail("opened")
}

/** The pointer within an object that owns a handle. */
internal fun pointer(owner: Any): Long {
    val field = owner.javaClass.getDeclaredField("handle")
    field.isAccessible = true
    return (field.get(owner) as Handle).pointer
}

/** Bytes of memory that this process occupies. */
internal fun resident(): Long =
    File("/proc/self/statm").readText().split(' ')[1].toLong() * 4096

internal fun fromHex(text: String) =
    ByteArray(text.length / 2) { text.substring(2 * it, 2 * it + 2).toInt(16).toByte() }

/** A file of the repository, whose root the runner names. */
internal fun repository(path: String) = File(System.getProperty("roomseal.repository"), path)
