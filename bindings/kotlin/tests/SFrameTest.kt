package org.roomseal

import java.nio.ByteBuffer
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class SFrameTest {
    /** Blocks of `name = value`. */
    private val vectors = repository("tests/vectors/rfc9605-frames.txt").readText().split("\n\n")
        .map { block ->
            block.lines().filter { '=' in it && !it.startsWith("#") }
                .associate { it.substringBefore(" =") to it.substringAfter("= ") }
        }.filter { it.isNotEmpty() }

    @Test
    fun `the frames of RFC 9605`() {
        assertEquals(4, vectors.size)
        for (vector in vectors) {
            fun hex(name: String) = fromHex(vector.getValue(name))
            val suite = Suite.entries.single { it.code == vector.getValue("suite").toInt() }
            val kid = vector.getValue("kid").toLong()
            val ctr = vector.getValue("ctr").toLong()
            val plaintext = hex("plaintext")
            val want = hex("frame")

            val out = ByteBuffer.allocateDirect(plaintext.size + Roomseal.SFRAME_MAX_OVERHEAD)
            SFrameSender(suite, kid, hex("base_key"), ctr).use { sender ->
                assertEquals(ctr, sender.nextCounter())
                sender.seal(direct(plaintext), out, direct(hex("metadata")))
                assertEquals(ctr + 1, sender.nextCounter())
            }
            assertArrayEquals(want, out.written())

            val header = SFrame.peek(ByteBuffer.wrap(want))
            assertEquals(kid, header.kid)
            assertEquals(ctr, header.counter)

            SFrameReceiver(suite).use { receiver ->
                receiver.add(kid, hex("base_key"))
                val metadata = ByteBuffer.wrap(hex("metadata"))
                val opened = ByteBuffer.allocate(want.size)
                assertTrue(receiver.open(ByteBuffer.wrap(want), opened, metadata).isOpened)
                assertArrayEquals(plaintext, opened.written())
                assertEquals(Status.REPLAY, receiver.open(ByteBuffer.wrap(want), opened, metadata).refusal())
                receiver.remove(kid)
                receiver.add(kid, hex("base_key"))
                for (bit in 8 * 5 until 8 * want.size) {
                    val forged = want.clone()
                    forged[bit / 8] = (forged[bit / 8].toInt() xor (1 shl bit % 8)).toByte()
                    opened.clear()
                    assertEquals(
                        Status.NOT_AUTHENTIC,
                        receiver.open(ByteBuffer.wrap(forged), opened, metadata).refusal(),
                    )
                    assertEquals(0, opened.position())
                    assertTrue(opened.array().take(plaintext.size).all { it == 0.toByte() })
                }
            }
        }
    }

    @Test
    fun `the headers of RFC 9605`() {
        val cases = repository("tests/vectors/rfc9605-header.txt").readLines().filter { it.isNotEmpty() && it[0] != '#' }
        assertEquals(289, cases.size)
        for (case in cases) {
            val (kid, ctr, encoded) = case.split(' ')
            val header = SFrame.peek(ByteBuffer.wrap(fromHex(encoded)))
            assertEquals(kid.toULong().toLong(), header.kid)
            assertEquals(ctr.toULong().toLong(), header.counter)
        }
    }

    @Test
    fun `derived keys differ and have their length`() {
        val keys = listOf(
            SFrame.ratchet(KEY), SFrame.ratchet(SFrame.ratchet(KEY)),
            SFrame.keyForSsrc(KEY, 7), SFrame.keyForSsrc(KEY, 8),
        )
        assertTrue(keys.all { it.size == Roomseal.SFRAME_BASE_KEY_LEN })
        assertEquals(4, keys.map { it.toList() }.toSet().size)
        assertArrayEquals(keys[0], SFrame.ratchet(KEY))
        refuses(Status.INVALID_ARGUMENT) { SFrame.ratchet(ByteArray(Roomseal.SFRAME_MAX_BASE_KEY_LEN + 1)) }
        refuses(Status.INVALID_ARGUMENT) { SFrame.ratchet(ByteArray(100_000)) }
        refuses(Status.INVALID_ARGUMENT) { SFrame.ratchet(ByteArray(0)) }
    }

    @Test
    fun `closed senders and receivers say so`() {
        val sender = SFrameSender(Suite.AES_128_GCM_SHA256_128, 1, KEY).also { it.close() }
        val receiver = SFrameReceiver(Suite.AES_128_GCM_SHA256_128).also { it.close() }
        refuses(Status.CLOSED) { sender.seal(direct(KEY), ByteBuffer.allocate(100)) }
        refuses(Status.CLOSED) { receiver.add(1, KEY) }
        assertEquals(Status.CLOSED, receiver.open(direct(KEY), ByteBuffer.allocate(100)).refusal())
        assertFalse(receiver.open(direct(KEY), ByteBuffer.allocate(100)).isOpened)
    }
}
