package org.roomseal

import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicLong
import java.util.concurrent.atomic.AtomicReference
import kotlin.concurrent.thread
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class LoadTest {
    private val threads = ManagementFactory.getThreadMXBean() as com.sun.management.ThreadMXBean

    private fun allocated() = threads.getThreadAllocatedBytes(Thread.currentThread().id)

    /** Threads that all start at once; what one of them throws is thrown here. */
    private fun together(count: Int, work: (Int) -> Unit) {
        val failure = AtomicReference<Throwable>()
        val start = CyclicBarrier(count)
        (0 until count).map { n ->
            thread {
                start.await()
                runCatching { work(n) }.onFailure { failure.compareAndSet(null, it) }
            }
        }.forEach { it.join() }
        failure.get()?.let { throw AssertionError("in a thread", it) }
    }

    @Test
    fun `1,000,000 frames through buffers allocate nothing, and memory does not grow`() {
        val alice = room()
        val bob = room()
        val sealer = alice.sealer(Kind.AUDIO)
        val opener = bob.opener()
        val source = Source("alice")
        for (array in listOf(false, true)) {
            fun buffer(size: Int) = if (array) ByteBuffer.allocate(size) else ByteBuffer.allocateDirect(size)
            val frame = buffer(80).put(bytes(80))
            val sealed = buffer(108)
            val opened = buffer(80)
            val place = buffer(108)
            val metadata = buffer(8)
            fun once() {
                frame.clear()
                sealed.clear()
                sealer.seal(frame, sealed, metadata)
                sealed.flip()
                opened.clear()
                check(opener.open(Kind.AUDIO, sealed, opened, source, metadata) === OpenResult.OPENED)
                place.clear()
                place.position(12)
                place.limit(92)
                sealer.sealInPlace(place)
                check(opener.openInPlace(Kind.AUDIO, place, source) === OpenResult.OPENED)
            }
            repeat(50_000) { once() }
            System.gc()
            val resident = resident()
            val allocated = allocated()
            repeat(250_000) { once() }
            val bytes = allocated() - allocated
            // The measuring itself, and the compiler's safepoints, cost a little.
            assertTrue(bytes < 100_000, "$bytes bytes for 500,000 frames")
            System.gc()
            val grown = resident() - resident
            assertTrue(grown < 16 shl 20, "$grown bytes more")
            assertArrayEquals(bytes(80), opened.array(array))
        }
        assertTrue(bob.counter(Kind.AUDIO, Counter.OPENED) >= 1_000_000)
    }

    private fun ByteBuffer.array(array: Boolean): ByteArray = if (array) array() else written()

    @Test
    fun `8 threads seal and open through shared handles`() {
        val alice = room()
        val bob = room(config().replayWindow(32768))
        val shared = alice.sealer(Kind.VIDEO)
        val opener = bob.opener()
        val opened = AtomicLong()
        together(8) { id ->
            val own = alice.sealer(Kind.VIDEO)
            val frame = ByteBuffer.allocateDirect(200)
            val sealed = if (id % 2 == 0) ByteBuffer.allocateDirect(228) else ByteBuffer.allocate(228)
            val out = ByteBuffer.allocateDirect(200)
            repeat(10_000) { n ->
                val want = bytes(200, id + n)
                frame.clear()
                frame.put(want)
                frame.flip()
                sealed.clear()
                (if (n % 2 == 0) shared else own).seal(frame, sealed)
                sealed.flip()
                out.clear()
                check(opener.open(Kind.VIDEO, sealed, out) === OpenResult.OPENED)
                assertArrayEquals(want, out.written())
                opened.incrementAndGet()
                sealed.flip()
                out.clear()
                assertEquals(Status.REPLAY, opener.open(Kind.VIDEO, sealed, out).refusal())
            }
        }
        assertEquals(80_000, opened.get())
        assertEquals(80_000, bob.counter(Kind.VIDEO, Counter.OPENED))
        assertEquals(0, bob.counter(Kind.VIDEO, Counter.NOT_AUTHENTIC))
        assertEquals(9, bob.streams(Kind.VIDEO).size)
    }

    /** Every object is closed by one thread while others use it: never in clear, never a crash. */
    @Test
    fun `close races with media threads`() {
        val sealedFrames = AtomicLong()
        val closedFrames = AtomicLong()
        val refusals = setOf(Status.CLOSED, Status.TOO_OLD)
        repeat(300) { round ->
            val alice = room()
            val bob = room()
            val sealer = alice.sealer(Kind.AUDIO)
            val opener = bob.opener()
            val victims = listOf(alice, bob, sealer, opener)
            together(5) { id ->
                if (id == 0) {
                    Thread.sleep(0, 1000 * (round % 50))
                    for (n in 0 until 4) victims[(round + n) % 4].close()
                    return@together
                }
                val frame = bytes(100, id)
                val sealed = ByteBuffer.allocateDirect(128)
                val out = if (id % 2 == 0) ByteBuffer.allocateDirect(100) else ByteBuffer.allocate(100)
                while (true) {
                    sealed.clear()
                    try {
                        sealer.seal(ByteBuffer.wrap(frame), sealed)
                    } catch (e: RoomsealException) {
                        assertEquals(0, sealed.position())
                        assertEquals(Status.CLOSED, e.status)
                        closedFrames.incrementAndGet()
                        break
                    }
                    sealedFrames.incrementAndGet()
                    sealed.flip()
                    assertEquals(128, sealed.remaining())
                    out.clear()
                    when (val result = opener.open(Kind.AUDIO, sealed, out)) {
                        is OpenResult.Opened -> assertArrayEquals(frame, out.written())
                        is OpenResult.Refused ->
                            // Too old: others may have sealed more than a window meanwhile.
                            assertTrue(result.status in refusals, "$result")
                    }
                }
            }
        }
        assertEquals(300 * 4, closedFrames.get())
        assertTrue(sealedFrames.get() > 300)
    }

    @Test
    fun `a handle is freed once, after the last call`() {
        val sealer = room().sealer(Kind.AUDIO)
        val field = Sealer::class.java.getDeclaredField("handle").also { it.isAccessible = true }
        val handle = field.get(sealer) as Handle
        val during = handle.call {
            sealer.close()
            assertEquals(Int.MIN_VALUE + 1, handle.state.get()) // Closed, not freed: this call.
            refuses(Status.CLOSED) { sealer.seal(KEY) }
            assertEquals(Int.MIN_VALUE + 1, handle.state.get())
            Native.sealerTagLen(it)
        }
        assertEquals(16, during)
        val freed = Int.MIN_VALUE or (1 shl 30)
        assertEquals(freed, handle.state.get())
        assertEquals(-40, handle.call { error("called") })
        sealer.close()
        assertEquals(freed, handle.state.get())
    }

    /** Objects forgotten by the thousands while others are in use and the collector runs. */
    @Test
    fun `a storm of garbage collection`() {
        fun storm(rounds: Int) {
            val bob = room()
            val opener = bob.opener()
            val done = AtomicInteger()
            together(3) { id ->
                if (id == 0) {
                    while (done.get() < 2) System.gc()
                    return@together
                }
                try {
                    repeat(rounds) { n ->
                        // Only the sealer is kept: it keeps its room.
                        val sealer = room().sealer(Kind.AUDIO)
                        room().opener()
                        RoomKey.random()
                        SFrameReceiver(Suite.AES_128_GCM_SHA256_128).add(1, KEY)
                        repeat(5) {
                            val sealed = sealer.seal(bytes(60, n))
                            var result = opener.open(Kind.AUDIO, sealed)
                            while (!result.isOpened && result.refusal() == Status.BUDGET) {
                                Thread.sleep(1)
                                result = opener.open(Kind.AUDIO, sealed)
                            }
                            assertArrayEquals(bytes(60, n), result.getOrNull())
                        }
                    }
                } finally {
                    done.incrementAndGet()
                }
            }
        }
        storm(1000)
        val before = resident()
        storm(3000)
        val grown = resident() - before
        // 12,000 rooms that were not freed would take ten times as much.
        assertTrue(grown < 32 shl 20, "$grown bytes more")
    }

    @Test
    fun `a forgotten room is closed when it was collected`() {
        val pointers = ArrayList<Handle>()
        fun forget() {
            val room = room()
            val field = Room::class.java.getDeclaredField("handle").also { it.isAccessible = true }
            pointers.add(field.get(room) as Handle)
        }
        repeat(10) { forget() }
        val end = System.nanoTime() + 20_000_000_000
        while (pointers.any { it.state.get() == 0 } && System.nanoTime() < end) {
            System.gc()
            Thread.sleep(10)
        }
        assertTrue(pointers.all { it.state.get() < 0 })
        assertNull(Thread.getAllStackTraces().keys.find { it.name == "roomseal-cleanup" && !it.isDaemon })
    }
}
