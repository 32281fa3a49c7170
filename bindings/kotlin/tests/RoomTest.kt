package org.roomseal

import java.nio.ByteBuffer
import java.nio.ReadOnlyBufferException
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class RoomTest {
    /** The memory that a host may hand over, with bytes before and behind the frame. */
    private fun buffers(size: Int): List<ByteBuffer> = listOf(
        ByteBuffer.allocateDirect(size),
        ByteBuffer.allocate(size),
        ByteBuffer.wrap(ByteArray(size + 9), 4, size).slice(),
        ByteBuffer.allocateDirect(size + 9).also { it.position(5) }.slice().also { it.limit(size) }.slice(),
    )

    private val metadata = listOf(null, direct(KEY), ByteBuffer.wrap(KEY), ByteBuffer.wrap(KEY).asReadOnlyBuffer())

    @Test
    fun `two members, every kind, suite and memory`() {
        for (suite in Suite.entries) {
            for (kind in Kind.entries) {
                val config = config().allowFourByteTags().suite(kind, suite)
                val alice = room(config)
                val bob = room(config)
                val sealer = alice.sealer(kind)
                val opener = bob.opener()
                assertEquals(suite.tagLength, sealer.tagLength)
                val source = Source("alice")
                for (length in listOf(0, 1, 80, 1200)) {
                    val frame = bytes(length)
                    val size = sealer.sealedLength(length)
                    assertEquals(length + 12 + suite.tagLength, size)
                    assertEquals(length, opener.openedLength(kind, size))
                    for (input in buffers(length + 3)) for (out in buffers(size)) for (more in metadata) {
                        input.clear()
                        input.position(3)
                        input.duplicate().put(frame)
                        out.clear()
                        sealer.seal(input, out, more)
                        assertEquals(input.limit(), input.position())
                        assertEquals(size, out.position())
                        out.flip()
                        assertEquals(sealer.kid(), Roomseal.peek(out).kid)
                        assertEquals(1, Roomseal.peek(out).epochNibble)

                        val copy = ByteBuffer.wrap(out.rest())
                        input.position(3)
                        assertSame(OpenResult.OPENED, opener.open(kind, out, input, source, more))
                        assertEquals(3 + length, input.position())
                        assertFalse(out.hasRemaining())
                        input.position(3)
                        assertArrayEquals(frame, input.rest())
                        assertEquals(Status.REPLAY, opener.open(kind, copy, input, source, more).refusal())
                        assertEquals(3, input.position())
                        assertEquals(0, copy.position())
                        assertEquals(0, more?.position() ?: 0)
                    }
                    for (buffer in buffers(12 + length + 20)) for (more in metadata) {
                        buffer.position(12)
                        buffer.limit(12 + length)
                        buffer.duplicate().put(frame)
                        sealer.sealInPlace(buffer, more)
                        assertEquals(0, buffer.position())
                        assertEquals(size, buffer.remaining())
                        assertTrue(opener.openInPlace(kind, buffer, source, more).isOpened)
                        assertArrayEquals(frame, buffer.rest())
                        assertEquals(12, buffer.position())
                    }
                }
                assertEquals("alice", bob.streamSource(kind, bob.streams(kind).single()))
                listOf(sealer, opener, alice, bob).forEach { it.close() }
            }
        }
    }

    @Test
    fun `arrays and texts`() {
        val alice = room()
        val bob = room()
        val opener = bob.opener()
        val sealer = alice.sealer(Kind.MESSAGE)
        val sealed = sealer.seal(bytes(100), KEY)
        assertNull(opener.open(Kind.MESSAGE, sealed).getOrNull())
        assertArrayEquals(bytes(100), opener.open(Kind.MESSAGE, sealed, null, KEY).getOrNull())

        val longest = alice.maxTextMessageLength(1000)
        val text = sealer.sealText(bytes(longest), KEY)
        assertTrue(text.length in 997..1000 && text.length == sealer.sealedTextLength(longest))
        assertEquals(1000, sealer.seal(bytes(alice.maxMessageLength(1000))).size)
        assertArrayEquals(bytes(longest), opener.openText(text, Source("alice"), KEY).getOrNull())
        assertEquals(Status.REPLAY, opener.openText(text, null, KEY).refusal())
        for (bad in listOf("é" + text.drop(1), "$text=", text.dropLast(1) + "+", "A")) {
            assertEquals(Status.INVALID_TEXT, opener.openText(bad, null, KEY).refusal())
        }
        refuses(Status.WRONG_KIND) { alice.sealer(Kind.AUDIO).sealText(KEY) }
    }

    @Test
    fun `read-only buffers are read and not written`() {
        val alice = room()
        val opener = room().opener()
        val sealer = alice.sealer(Kind.AUDIO)
        for (frame in listOf(direct(KEY).asReadOnlyBuffer(), ByteBuffer.wrap(KEY).asReadOnlyBuffer())) {
            val out = ByteBuffer.allocate(100)
            assertThrows(ReadOnlyBufferException::class.java) { sealer.seal(frame, out.asReadOnlyBuffer()) }
            assertThrows(ReadOnlyBufferException::class.java) { sealer.sealInPlace(frame) }
            assertThrows(ReadOnlyBufferException::class.java) { opener.openInPlace(Kind.AUDIO, frame) }
            sealer.seal(frame, out)
            assertFalse(frame.hasRemaining())
            out.flip()
            val opened = ByteBuffer.allocateDirect(16)
            assertTrue(opener.open(Kind.AUDIO, out.asReadOnlyBuffer(), opened).isOpened)
            assertArrayEquals(KEY, opened.written())
        }
    }

    @Test
    fun `a wrong key, room, application, call or kind opens nothing, and leaves zeros`() {
        val sealed = room().sealer(Kind.VIDEO).seal(bytes(50))
        val strangers = listOf(
            room(key = ByteArray(16)),
            room(salt = byteArrayOf(1)),
            room(RoomConfig(Id.number(1400000001), Id.text("daily"))),
            room(RoomConfig(Id.text("1400000001"), Id.text("weekly"))),
            room(config().callId(Id.number(1))),
        )
        for (stranger in strangers) {
            val opener = stranger.opener()
            val out = ByteBuffer.allocate(60)
            out.array().fill(7)
            assertEquals(Status.NOT_AUTHENTIC, opener.open(Kind.VIDEO, direct(sealed), out).refusal())
            assertTrue(out.array().take(50).all { it == 0.toByte() } && out.position() == 0)
            val place = direct(sealed)
            assertEquals(Status.NOT_AUTHENTIC, opener.openInPlace(Kind.VIDEO, place).refusal())
            assertTrue(place.rest().all { it == 0.toByte() })
            assertEquals(2, stranger.counter(Kind.VIDEO, Counter.NOT_AUTHENTIC))
            assertEquals(Status.UNKNOWN_KEY, room(epoch = 2).opener().open(Kind.VIDEO, sealed).refusal())
        }
        assertEquals(Status.NOT_AUTHENTIC, room().opener().open(Kind.AUDIO, sealed).refusal())
    }

    @Test
    fun `a member that crashed rejoins with the same key, and nothing is lost`() {
        val bob = room()
        val opener = bob.opener()
        val alice = Source("alice")
        val kids = HashSet<Long>()
        repeat(3) {
            val again = room()
            val sealer = again.sealer(Kind.AUDIO)
            repeat(10) { n ->
                assertArrayEquals(bytes(n), opener.open(Kind.AUDIO, sealer.seal(bytes(n)), alice).getOrNull())
            }
            kids.add(sealer.kid()!!)
            val stream = sealer.kid()!!
            assertEquals("alice", bob.streamSource(Kind.AUDIO, stream))
            assertEquals(10, bob.streamCounter(Kind.AUDIO, stream, Counter.OPENED))
            assertEquals(1, bob.streamLastEpoch(Kind.AUDIO, stream))
        }
        assertEquals(kids, bob.streams(Kind.AUDIO).toSet())
        assertEquals(3, kids.size)
    }

    @Test
    fun `epochs are installed, activated, ratcheted and retired`() {
        val alice = Room(config())
        val bob = Room(config())
        assertNull(alice.activeEpoch())
        assertNull(bob.lastEpoch(Kind.AUDIO))
        RoomKey.random().use { key ->
            listOf(alice, bob).forEach { it.install(7, key, byteArrayOf(9)) }
            RoomKey.fromHex(key.toHex()).use { alice.install(7, it, byteArrayOf(9)) }
            key.ratchet(7).use { next ->
                assertNotEquals(key.fingerprint(), next.fingerprint())
                assertEquals(8, alice.ratchet(7))
                alice.install(8, next, byteArrayOf(9))
                bob.install(8, next, byteArrayOf(9))
            }
        }
        alice.activate(8)
        assertEquals(8, alice.activeEpoch())
        assertArrayEquals(longArrayOf(7, 8), bob.epochs())
        val sealer = alice.sealer(Kind.AUDIO)
        assertNull(sealer.kid())
        assertTrue(bob.opener().open(Kind.AUDIO, sealer.seal(KEY)).isOpened)
        assertEquals(8, bob.lastEpoch(Kind.AUDIO))
        alice.retire(8)
        assertNull(sealer.kid())
        assertNull(alice.activeEpoch())
    }

    @Test
    fun `keys are read, written and wiped`() {
        val key = RoomKey.fromBase64("AAECAwQFBgcICQoLDA0ODw==")
        assertArrayEquals(KEY, key.copyBytes())
        assertEquals("000102030405060708090a0b0c0d0e0f", key.toHex())
        assertEquals("AAECAwQFBgcICQoLDA0ODw==", key.toBase64())
        assertEquals(Roomseal.FINGERPRINT_LEN, key.fingerprint().length)
        assertEquals("RoomKey(redacted)", key.toString())
        for (bad in listOf("", "AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODx==", "é", "A".repeat(5000))) {
            refuses(Status.INVALID_TEXT) { RoomKey.fromBase64(bad) }
            refuses(Status.INVALID_TEXT) { RoomKey.fromHex(bad) }
        }
        refuses(Status.INVALID_ARGUMENT) { RoomKey.of(ByteArray(15)) }

        val memory = KeyMemory()
        val bytes = memory.use { it.put(0, 5); it }
        memory.release()
        memory.release()
        assertEquals(0, bytes.get(0).toInt())

        key.close()
        key.close()
        refuses(Status.CLOSED) { key.toHex() }
        refuses(Status.CLOSED) { room().install(2, key) }
    }

    @Test
    fun `everything closed says so`() {
        val alice = room()
        val sealer = alice.sealer(Kind.AUDIO)
        val opener = alice.opener()
        val other = alice.sealer(Kind.AUDIO).also { it.close() }
        refuses(Status.CLOSED) { other.seal(KEY) }
        val sealed = room().sealer(Kind.AUDIO).seal(KEY)
        alice.close()
        alice.close()
        refuses(Status.CLOSED) { sealer.seal(KEY) }
        refuses(Status.CLOSED) { sealer.sealInPlace(ByteBuffer.allocate(100).also { it.position(20).limit(50) }) }
        assertEquals(Status.CLOSED, opener.open(Kind.AUDIO, sealed).refusal())
        opener.close()
        assertEquals(Status.CLOSED, opener.open(Kind.AUDIO, sealed).refusal())
        assertEquals(Status.CLOSED, opener.openInPlace(Kind.AUDIO, direct(sealed)).refusal())
        refuses(Status.CLOSED) { alice.sealer(Kind.AUDIO) }
        refuses(Status.CLOSED) { alice.opener() }
        refuses(Status.CLOSED) { alice.epochs() }
        refuses(Status.CLOSED) { alice.ratchet(1) }
    }

    @Test
    fun `the library is the one that this is made for`() {
        assertEquals("0.1.0", Roomseal.version())
    }
}
