package org.roomseal

import java.nio.ByteBuffer
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What docs/PLATFORMS.md shows. */
class Crypto(private val sealer: Sealer, private val opener: Opener, private val user: Source) {
    fun encryptedLength(length: Int): Int = sealer.sealedLength(length)
    fun decryptedLength(length: Int): Int = maxOf(length - Roomseal.HEADER_LEN - sealer.tagLength, 0)

    /** 0, or another number: the SDK drops the frame. */
    fun encrypt(input: ByteBuffer, output: ByteBuffer): Int = try {
        sealer.seal(input, output)
        0
    } catch (e: RoomsealException) {
        e.status.code
    }

    fun decrypt(input: ByteBuffer, output: ByteBuffer): Int =
        when (val result = opener.open(sealer.kind, input, output, user)) {
            is OpenResult.Opened -> 0
            is OpenResult.Refused -> result.status.code
        }
}

class HostTest {
    @Test
    fun `a host that asks for lengths beforehand`() {
        val alice = room()
        val bob = room()
        val sending = Crypto(alice.sealer(Kind.VIDEO), alice.opener(), Source("bob"))
        val receiving = Crypto(bob.sealer(Kind.VIDEO), bob.opener(), Source("alice"))
        val sealed = ByteBuffer.allocateDirect(sending.encryptedLength(500))
        assertEquals(0, sending.encrypt(direct(bytes(500)), sealed))
        assertEquals(sealed.capacity(), sealed.position())
        sealed.flip()
        val out = ByteBuffer.allocateDirect(receiving.decryptedLength(sealed.remaining()))
        assertEquals(0, receiving.decrypt(sealed.duplicate(), out))
        assertArrayEquals(bytes(500), out.written())
        out.clear()
        assertEquals(Status.REPLAY.code, receiving.decrypt(sealed, out))
        alice.close()
        sealed.clear()
        assertEquals(Status.CLOSED.code, sending.encrypt(direct(bytes(500)), sealed))
    }

    @Test
    fun `the document shows this very class`() {
        val source = repository("bindings/kotlin/tests/HostTest.kt").readText()
        val shown = "class Crypto" + source.substringAfter("\nclass Crypto").substringBefore("\nclass HostTest")
        assertTrue(repository("docs/PLATFORMS.md").readText().contains("```kotlin\n" + shown.trimEnd() + "\n```"))
    }
}
