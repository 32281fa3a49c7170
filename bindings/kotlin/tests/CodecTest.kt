package org.roomseal

import java.nio.ByteBuffer
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class CodecTest {
    private val slice = fromHex("000000016588840abc12345678")
    private val config = config().form(Kind.VIDEO, Form.CODEC).form(Kind.AUDIO, Form.CODEC)

    private fun sample(codec: Codec): ByteArray = when (codec) {
        Codec.H264 -> fromHex("00000001674200") + slice
        Codec.H265 -> fromHex("000001" + "0201d0" + "0b5566778899aabb")
        Codec.VP8 -> fromHex("3042009d012a40012c01") + bytes(50)
        Codec.AV1 -> fromHex("1200" + "3206" + "100011223344")
        Codec.OPUS -> fromHex("fc") + bytes(60)
        else -> bytes(70)
    }

    @Test
    fun `every codec is sealed and opened`() {
        val alice = room(config)
        val opener = room(config).opener()
        for (codec in Codec.entries) {
            val sealer = alice.sealer(if (codec == Codec.OPUS || codec == Codec.AAC) Kind.AUDIO else Kind.VIDEO)
            val frame = sample(codec)
            for (array in listOf(false, true)) {
                val size = sealer.maxSealedCodecLength(codec, frame.size)
                val sealed = if (array) ByteBuffer.allocate(size) else ByteBuffer.allocateDirect(size)
                sealer.sealCodec(codec, direct(frame), sealed, direct(KEY))
                sealed.flip()
                assertEquals(codec, Codec.peek(sealed))
                assertEquals(sealer.kid(), Roomseal.peek(sealed, Form.CODEC).kid)
                val out = ByteBuffer.allocate(size)
                assertTrue(opener.open(sealer.kind, sealed, out, null, direct(KEY)).isOpened)
                assertArrayEquals(frame, out.written())
            }
        }
    }

    @Test
    fun `in place, where the codec allows it`() {
        val alice = room(config)
        val opener = room(config).opener()
        val sealer = alice.sealer(Kind.VIDEO)
        for (codec in listOf(Codec.OPAQUE, Codec.VP8, Codec.VP9)) {
            val frame = sample(codec)
            val buffer = ByteBuffer.allocateDirect(frame.size + 40)
            buffer.put(frame).flip()
            sealer.sealCodecInPlace(codec, buffer)
            assertEquals(0, buffer.position())
            assertEquals(frame.size + sealer.tagLength + 14, buffer.remaining())
            assertTrue(opener.openInPlace(Kind.VIDEO, buffer).isOpened)
            assertArrayEquals(frame, buffer.rest())
        }
        refuses(Status.WRONG_FORM) {
            sealer.sealCodecInPlace(Codec.H264, ByteBuffer.allocate(99).also { it.put(slice).flip() })
        }
    }

    @Test
    fun `codecs are told apart by their NAL units`() {
        assertEquals(Codec.H264, Codec.detectAnnexB(direct(sample(Codec.H264))))
        assertNull(Codec.detectAnnexB(direct(KEY)))
        refuses(Status.MALFORMED) { Codec.peek(ByteBuffer.allocate(0)) }
    }

    @Test
    fun `the wrong form is refused`() {
        val plain = room().sealer(Kind.VIDEO)
        refuses(Status.WRONG_FORM) { plain.sealCodec(Codec.OPAQUE, direct(KEY), ByteBuffer.allocate(200)) }
        refuses(Status.WRONG_FORM) { room(config).sealer(Kind.VIDEO).seal(KEY) }
        refuses(Status.WRONG_FORM) { Room(config().form(Kind.MESSAGE, Form.CODEC)) }
        refuses(Status.CODEC_MISMATCH) {
            room(config).sealer(Kind.VIDEO).sealCodec(Codec.H264, direct(KEY), ByteBuffer.allocate(200))
        }
    }
}
