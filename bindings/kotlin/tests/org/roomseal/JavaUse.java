package org.roomseal;

import java.nio.ByteBuffer;

/** What an application in Java writes; JavaUseTest runs it. */
public final class JavaUse {
    private JavaUse() {}

    public static byte[] roundTrip(byte[] frame) throws RoomsealException {
        RoomConfig config = new RoomConfig(Id.number(1400000001L), Id.text("weekly")).callId(Id.number(1));
        try (Room alice = new Room(config);
                Room bob = new Room(config);
                RoomKey key = RoomKey.fromBase64("AAECAwQFBgcICQoLDA0ODw==")) {
            alice.install(1, key);
            alice.activate(1);
            bob.install(1, key);
            try (Sealer camera = alice.sealer(Kind.VIDEO);
                    Opener opener = bob.opener()) {
                ByteBuffer sealed = ByteBuffer.allocateDirect(camera.sealedLength(frame.length));
                camera.seal(ByteBuffer.wrap(frame), sealed);
                sealed.flip();
                ByteBuffer opened = ByteBuffer.allocate(frame.length);
                OpenResult<?> result = opener.open(Kind.VIDEO, sealed, opened, new Source("alice"));
                if (result instanceof OpenResult.Refused) {
                    throw new RoomsealException(((OpenResult.Refused) result).getStatus());
                }
                byte[] again = opener.open(Kind.VIDEO, camera.seal(frame)).getOrNull();
                return opened.position() == frame.length ? again : null;
            }
        }
    }
}
