package org.roomseal

import java.nio.ByteBuffer
import java.util.EnumSet
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class StatusTest {
    private val seen: EnumSet<Status> = EnumSet.noneOf(Status::class.java)

    private fun thrown(status: Status, call: () -> Unit) {
        refuses(status, call)
        seen.add(status)
    }

    private fun refused(status: Status, result: OpenResult<*>) {
        assertEquals(status, result.refusal())
        assertNull(result.getOrNull())
        seen.add(status)
    }

    private fun flip(frame: ByteArray) = frame.clone().also { it[it.size - 1] = (it.last().toInt() xor 1).toByte() }

    @Test
    fun `every status that Kotlin can bring about`() {
        arguments()
        frames()
        keys()
        states()
        forgeries()
        flood()
        lostMemory()
        // A class library that checks its arguments passes no NULL and no unknown kind, suite, form
        // or codec; a failing generator, a fault of the library and chance's worst day with frames
        // above 100 MiB are not for it to bring about.
        val left = EnumSet.complementOf(seen)
        assertEquals(
            EnumSet.of(
                Status.NULL_POINTER, Status.UNKNOWN_SUITE, Status.UNKNOWN_FORM, Status.UNKNOWN_CODEC,
                Status.TOO_MANY_ESCAPES, Status.NO_RANDOM, Status.INTERNAL,
            ),
            left,
        )
    }

    @Test
    fun `statuses that the class library can't pass come through all the same`() {
        val out = LongArray(3)
        assertEquals(-1L, Native.roomNew(0, out))
        assertEquals(-7L, Native.suiteTagLen(5))
        assertEquals(-19L, Native.sealerMaxSealedCodecLen(pointer(room().sealer(Kind.VIDEO)), 8, 1))
        assertEquals(-8L, Native.peek(99, Native.FRAME, KEY, 0, 16, out))
        assertEquals(-6L, Native.sealerNew(pointer(room()), 4, out))
        assertEquals(Status.INTERNAL, Status.of(12345))
        assertEquals(Status.INTERNAL, Status.of(-1))
        for (status in Status.entries) {
            assertEquals(status, Status.of(status.code))
            assertTrue(status.text.length > 5)
        }
    }

    private fun arguments() {
        val sealer = room().sealer(Kind.AUDIO)
        thrown(Status.INVALID_ARGUMENT) { Room(RoomConfig(Id.text(""), Id.number(1))) }
        thrown(Status.INVALID_ARGUMENT) { Room(RoomConfig(Id.text("a".repeat(257)), Id.number(1))) }
        thrown(Status.INVALID_ARGUMENT) { Room(config().replayWindow(32769)) }
        thrown(Status.INVALID_ARGUMENT) { Room(config().replayWindow(-1)) }
        thrown(Status.INVALID_ARGUMENT) { Room(config().maxStreams(Kind.AUDIO, 0)) }
        thrown(Status.INVALID_ARGUMENT) { room().install(1, RoomKey.of(KEY), ByteArray(65)) }
        thrown(Status.INVALID_ARGUMENT) { room().maxMessageLength(27) }
        thrown(Status.INVALID_ARGUMENT) { room().acceptClearFramesDangerously(Kind.AUDIO, 86401) }
        thrown(Status.INVALID_ARGUMENT) {
            room().opener().open(Kind.AUDIO, sealer.seal(KEY), Source("x".repeat(65)))
        }
        thrown(Status.BUFFER_TOO_SMALL) { sealer.seal(direct(KEY), ByteBuffer.allocateDirect(43)) }
        thrown(Status.BUFFER_TOO_SMALL) { sealer.sealInPlace(ByteBuffer.allocate(16)) }
        // (Of an array the virtual machine may hand out two copies, which is as good.)
        val both = ByteBuffer.allocateDirect(100)
        thrown(Status.BUFFERS_OVERLAP) { sealer.seal(both.duplicate().also { it.limit(16) }, both) }
        thrown(Status.WRONG_KIND) { sealer.sealText(KEY) }
        thrown(Status.WRONG_FORM) { sealer.sealCodec(Codec.OPUS, direct(KEY), ByteBuffer.allocate(100)) }
        val ofCodec = room(config().form(Kind.VIDEO, Form.CODEC)).sealer(Kind.VIDEO)
        thrown(Status.CODEC_MISMATCH) { ofCodec.sealCodec(Codec.H264, direct(KEY), ByteBuffer.allocate(200)) }
        thrown(Status.INVALID_TEXT) { RoomKey.fromHex("0g0102030405060708090a0b0c0d0e0f") }
        thrown(Status.MALFORMED) { Roomseal.peek(ByteBuffer.allocate(0)) }
        thrown(Status.MALFORMED) { room().opener().openedLength(Kind.AUDIO, 27) }
        thrown(Status.NOT_SEALED) { Roomseal.peek(ByteBuffer.wrap(KEY)) }
        val small = room(config().maxFrameLength(7)).sealer(Kind.AUDIO)
        thrown(Status.TOO_LARGE) { small.seal(ByteArray(8)) }
        thrown(Status.TOO_LARGE) { small.sealedLength(Int.MAX_VALUE) }
        thrown(Status.TOO_LARGE) { small.sealedTextLength(Int.MAX_VALUE) }
    }

    private fun frames() {
        val alice = room()
        val bob = room()
        val sealer = alice.sealer(Kind.AUDIO)
        val opener = bob.opener()
        val source = Source("alice")
        var sealed = sealer.seal(KEY)
        refused(Status.OWN_FRAME, alice.opener().open(Kind.AUDIO, sealed, source))
        refused(Status.NOT_AUTHENTIC, opener.open(Kind.VIDEO, sealed, source))
        assertTrue(opener.open(Kind.AUDIO, sealed, source).isOpened)
        refused(Status.REPLAY, opener.open(Kind.AUDIO, sealed, source))
        sealed = sealer.seal(KEY)
        refused(Status.SOURCE_CHANGED, opener.open(Kind.AUDIO, sealed, Source("mallory")))
        assertTrue(opener.open(Kind.AUDIO, sealed).isOpened)
        val early = sealer.seal(KEY)
        repeat(1024) { sealed = sealer.seal(KEY) }
        assertTrue(opener.open(Kind.AUDIO, sealed).isOpened)
        refused(Status.TOO_OLD, opener.open(Kind.AUDIO, early, source))

        val clear = ByteArray(44) { 1 }
        refused(Status.NOT_SEALED, opener.open(Kind.AUDIO, clear))
        bob.acceptClearFramesDangerously(Kind.AUDIO, 86400)
        refused(Status.CLEAR_FRAME, opener.open(Kind.AUDIO, clear))
        assertTrue(clear.all { it == 1.toByte() })
        assertEquals(1, bob.counter(Kind.AUDIO, Counter.CLEAR_FRAMES))
        refused(Status.MALFORMED, opener.open(Kind.VIDEO, ByteArray(0)))
    }

    private fun keys() {
        val alice = room()
        val bob = room()
        val sealer = alice.sealer(Kind.AUDIO)
        RoomKey.random().use { alice.install(2, it) }
        alice.activate(2)
        refused(Status.UNKNOWN_KEY, bob.opener().open(Kind.AUDIO, sealer.seal(KEY)))
        thrown(Status.UNKNOWN_EPOCH) { alice.activate(3) }
        thrown(Status.EPOCH_CONFLICT) { alice.install(2, RoomKey.of(KEY)) }
        alice.retire(2)
        thrown(Status.NO_ACTIVE_EPOCH) { sealer.seal(KEY) }
        thrown(Status.EPOCH_RETIRED) { alice.install(2, RoomKey.of(KEY)) }
        bob.install(-1, RoomKey.of(KEY))
        thrown(Status.LAST_EPOCH) { bob.ratchet(-1) }
        thrown(Status.UNKNOWN_KEY) { bob.streamCounter(Kind.AUDIO, 1, Counter.OPENED) }

        val suite = Suite.AES_128_GCM_SHA256_128
        val sender = SFrameSender(suite, 1, KEY, -1)
        sender.seal(direct(KEY), ByteBuffer.allocate(100))
        thrown(Status.KEY_EXHAUSTED) { sender.seal(direct(KEY), ByteBuffer.allocate(100)) }
        val receiver = SFrameReceiver(suite, 64)
        receiver.add(1, KEY)
        thrown(Status.DUPLICATE_KID) { receiver.add(1, KEY) }
    }

    private fun states() {
        val sealer = room().sealer(Kind.AUDIO)
        assertEquals(Status.FORKED.code.toLong(), TestNative.sealInChild(pointer(sealer)))
        seen.add(Status.FORKED)
        assertEquals(44, sealer.seal(KEY).size)
        thrown(Status.OPEN_ONLY) { room(config().openOnly()).sealer(Kind.AUDIO) }
        thrown(Status.FOUR_BYTE_TAGS) { Room(config().suite(Kind.AUDIO, Suite.AES_128_CTR_HMAC_SHA256_32)) }
        sealer.room().close()
        thrown(Status.CLOSED) { sealer.seal(KEY) }
    }

    /** 4-byte tags: 4,096 forged frames close an epoch to new streams, and make a key suspect. */
    private fun forgeries() {
        val config = config().allowFourByteTags().suite(Kind.AUDIO, Suite.AES_128_CTR_HMAC_SHA256_32)
        val alice = room(config)
        val bob = room(config.dropSuspectKeys())
        val opener = bob.opener()
        val known = alice.sealer(Kind.AUDIO)
        assertTrue(opener.open(Kind.AUDIO, known.seal(KEY)).isOpened)
        var sealed = known.seal(KEY)
        repeat(4096) { refused(Status.NOT_AUTHENTIC, opener.open(Kind.AUDIO, flip(sealed))) }
        refused(Status.KEY_SUSPECT, opener.open(Kind.AUDIO, sealed))
        assertEquals(1, bob.streamCounter(Kind.AUDIO, known.kid()!!, Counter.KEY_SUSPECT))

        sealed = alice.sealer(Kind.AUDIO).seal(KEY)
        var forged = 0
        while (forged < 4096) {
            val status = opener.open(Kind.AUDIO, flip(sealed)).refusal()
            if (status == Status.BUDGET) {
                Thread.sleep(1) // Tokens come back with time.
            } else {
                assertEquals(Status.NOT_AUTHENTIC, status)
                forged++
            }
        }
        refused(Status.FAILURE_BUDGET, opener.open(Kind.AUDIO, sealed))
    }

    /** Made-up streams are refused without work after the first thousands. */
    private fun flood() {
        val opener = room().opener()
        val frame = ByteArray(44)
        byteArrayOf(0xfa.toByte(), 0x80.toByte(), 0, 0, 0, 0, 0, 0, 1, 1, 0, 0).copyInto(frame)
        val out = ByteBuffer.allocateDirect(44)
        for (stream in 0 until 1_000_000) {
            ByteBuffer.wrap(frame).putInt(4, stream shl 8).put(8, 1)
            out.clear()
            val result = opener.open(Kind.AUDIO, ByteBuffer.wrap(frame), out)
            if (result.refusal() == Status.BUDGET) return refused(Status.BUDGET, result)
        }
    }

    /** More streams than a room remembers, even by their tombstones. */
    private fun lostMemory() {
        val bob = room(config().maxStreams(Kind.AUDIO, 1).refuseNewStreamsOnMemoryLoss())
        val alice = room()
        val opener = bob.opener()
        for (stream in 0 until 20_000) {
            val sealed = alice.sealer(Kind.AUDIO).use { it.seal(KEY) }
            var result = opener.open(Kind.AUDIO, sealed)
            while (!result.isOpened && result.refusal() == Status.BUDGET) {
                Thread.sleep(1)
                result = opener.open(Kind.AUDIO, sealed)
            }
            if (!result.isOpened) return refused(Status.MEMORY_LOST, result)
        }
    }
}
