package org.roomseal

import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Test

class JavaUseTest {
    @Test
    fun `Java calls it as it calls its own`() {
        assertArrayEquals(bytes(33), JavaUse.roundTrip(bytes(33)))
    }
}
