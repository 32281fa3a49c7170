// One member seals a video frame, another one opens it.
import org.roomseal.*

/** The same for all members; the key reaches them by your own secure way. */
fun join(): Room {
    val room = Room(RoomConfig(Id.number(1400000001), Id.number(42)))
    RoomKey.fromBase64("AAECAwQFBgcICQoLDA0ODw==").use { room.install(1, it) } // epoch 1
    room.activate(1)
    return room
}

fun main() {
    val alice = join()
    val bob = join()
    val camera = alice.sealer(Kind.VIDEO) // one for each outgoing stream
    val opener = bob.opener() // one for everything that comes in

    // In the send callback. In an application: when this throws, drop the frame, and never send it
    // in clear instead.
    val sealed = camera.seal("an encoded frame".toByteArray())

    // In the receive callback of another member:
    when (val result = opener.open(Kind.VIDEO, sealed, Source("alice"))) {
        is OpenResult.Opened -> println("${result.value.size} bytes, sealed ${sealed.size}: ${String(result.value)}")
        is OpenResult.Refused -> println("dropped: ${result.status}")
    }
    listOf(alice, bob).forEach { it.close() } // wipes the keys
}
