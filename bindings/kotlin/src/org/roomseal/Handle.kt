package org.roomseal

import java.util.concurrent.atomic.AtomicInteger

/** What must be given back once, by `close()` or after its owner was collected. */
internal interface Resource {
    fun release()
}

/**
 * A handle of the native library. It is freed once: when it was closed and the last call in
 * flight has left. So `close()` may race with calls on any thread, and a collected owner can't
 * take the handle from under a call that outlives it.
 */
internal class Handle(private val type: Int, val pointer: Long) : Resource {
    /** Calls in flight, CLOSED, FREED. */
    val state: AtomicInteger = AtomicInteger()

    /** Runs a call, or says that the handle is closed. */
    inline fun call(block: (Long) -> Long): Long {
        if (state.incrementAndGet() < 0) {
            leave()
            return -Status.CLOSED.code.toLong()
        }
        try {
            return block(pointer)
        } finally {
            leave()
        }
    }

    fun leave() {
        if (state.decrementAndGet() == CLOSED) free()
    }

    override fun release() {
        while (true) {
            val value = state.get()
            if (value < 0) return
            if (state.compareAndSet(value, value or CLOSED)) {
                if (value == 0) free()
                return
            }
        }
    }

    /** A late caller may have come and be leaving too: one of the two gets here first. */
    private fun free() {
        if (state.compareAndSet(CLOSED, CLOSED or FREED)) Native.free(type, pointer)
    }

    private companion object {
        const val CLOSED = Int.MIN_VALUE
        const val FREED = 1 shl 30
    }
}

/** Makes a handle by a native call that puts its pointer into an array. */
internal inline fun handle(type: Int, make: (LongArray) -> Long): Handle {
    val out = LongArray(1)
    checked(make(out))
    return Handle(type, out[0])
}

/** The number that a native call returned, or the exception for its status. */
internal fun checked(result: Long): Long {
    if (result < 0) throw RoomsealException(Status.of((-result).toInt()))
    return result
}
