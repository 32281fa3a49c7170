// One member seals a video frame, another one opens it.
import static java.nio.charset.StandardCharsets.UTF_8;

import org.roomseal.*;

public final class Quickstart {
    /** The same for all members; the key reaches them by your own secure way. */
    static Room join() throws RoomsealException {
        Room room = new Room(new RoomConfig(Id.number(1400000001L), Id.number(42)));
        try (RoomKey key = RoomKey.fromBase64("AAECAwQFBgcICQoLDA0ODw==")) {
            room.install(1, key); // epoch 1
        }
        room.activate(1);
        return room;
    }

    public static void main(String[] arguments) throws RoomsealException {
        try (Room alice = join(); Room bob = join()) {
            Sealer camera = alice.sealer(Kind.VIDEO); // one for each outgoing stream
            Opener opener = bob.opener(); // one for everything that comes in

            // In the send callback. In an application: when this throws, drop the frame, and never
            // send it in clear instead.
            byte[] sealed = camera.seal("an encoded frame".getBytes(UTF_8));

            // In the receive callback of another member:
            byte[] opened = opener.open(Kind.VIDEO, sealed, new Source("alice")).getOrNull();
            System.out.println(opened == null ? "dropped"
                    : opened.length + " bytes, sealed " + sealed.length + ": " + new String(opened, UTF_8));
        }
    }
}
