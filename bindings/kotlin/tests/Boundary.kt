package org.roomseal

import java.nio.ByteBuffer
import java.util.Locale

/** Frames of a round. More would leave the replay window only if they were out of order. */
private const val FRAMES = 20_000
private const val ROUNDS = 41
private const val LENGTH = 80

/** What calls from Kotlin with direct buffers cost beside a loop in C, in one process. */
fun main() {
    val sealer = room().sealer(Kind.AUDIO)
    val size = sealer.sealedLength(LENGTH)
    val alice = room().sealer(Kind.AUDIO)
    val inKotlin = room().opener()
    val inC = room().opener()
    val frame = direct(bytes(LENGTH))
    val out = ByteBuffer.allocateDirect(size)
    val sealed = ByteBuffer.allocateDirect(FRAMES * size)
    val opened = ByteBuffer.allocateDirect(LENGTH)

    fun sealInKotlin(): Long {
        val start = TestNative.now()
        repeat(FRAMES) {
            frame.position(0)
            out.position(0)
            sealer.seal(frame, out)
        }
        return TestNative.now() - start
    }

    fun openInKotlin(): Long {
        sealed.clear()
        val start = TestNative.now()
        repeat(FRAMES) {
            sealed.limit(sealed.position() + size)
            opened.position(0)
            check(inKotlin.open(Kind.AUDIO, sealed, opened) === OpenResult.OPENED)
        }
        return TestNative.now() - start
    }

    val times = Array(4) { LongArray(ROUNDS) }
    val warmUp = 10
    for (round in -warmUp until ROUNDS) {
        sealed.clear()
        repeat(FRAMES) {
            frame.position(0)
            alice.seal(frame, sealed)
        }
        val measured = arrayOf(
            { checked(TestNative.sealLoop(pointer(sealer), FRAMES, LENGTH)) },
            { sealInKotlin() },
            { checked(TestNative.openLoop(pointer(inC), sealed, FRAMES, size)) },
            { openInKotlin() },
        )
        // The order changes, so that none always follows the same one.
        for (n in 0..3) {
            val which = (n + round + warmUp) % 4
            val time = measured[which]()
            if (round >= 0) times[which][round] = time
        }
    }
    val median = times.map { it.sorted()[ROUNDS / 2].toDouble() / FRAMES }
    println("| ns a frame of $LENGTH bytes | seal | open |\n|---|--:|--:|")
    fun line(name: String, seal: Double, open: Double, format: String) =
        println(String.format(Locale.ROOT, "| %s | $format | $format |", name, seal, open))
    line("C", median[0], median[2], "%.0f")
    line("Kotlin, direct buffers", median[1], median[3], "%.0f")
    val ratios = listOf(median[1] / median[0], median[3] / median[2])
    line("ratio", ratios[0], ratios[1], "%.2f")
    check(ratios.all { it <= 2.5 }) { "above 2.5 times C" }
}
