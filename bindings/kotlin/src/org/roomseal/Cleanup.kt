package org.roomseal

import java.lang.ref.PhantomReference
import java.lang.ref.ReferenceQueue
import java.util.Collections
import java.util.concurrent.ConcurrentHashMap
import kotlin.concurrent.thread

/**
 * Releases a resource when its owner was collected without having been closed. (What
 * java.lang.ref.Cleaner does; Android has that from API 33 on only.)
 */
internal class Cleanup(owner: Any, private val resource: Resource) :
    PhantomReference<Any>(owner, queue) {
    init {
        waiting.add(this)
    }

    /** Releases now. */
    fun release() {
        waiting.remove(this)
        clear()
        resource.release()
    }

    private companion object {
        val queue = ReferenceQueue<Any>()

        /** References must be reachable themselves to be queued. */
        val waiting: MutableSet<Cleanup> = Collections.newSetFromMap(ConcurrentHashMap())

        init {
            thread(name = "roomseal-cleanup", isDaemon = true) {
                while (true) (queue.remove() as Cleanup).release()
            }
        }
    }
}
