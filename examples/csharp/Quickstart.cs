// One member seals a video frame, another one opens it: with bindings/csharp/Roomseal.cs, and with
// roomseal.dll (or libroomseal.so, libroomseal.dylib) beside the program.
using System;
using System.Text;
using Roomseal;
using static Roomseal.Native;

static class Quickstart
{
    // In an application: drop the frame, and never send it in clear instead.
    static void Check(Status status)
    {
        if (status != Status.OK) throw new InvalidOperationException(Text(roomseal_status_text(status)));
    }

    static UIntPtr Length(byte[] bytes) { return (UIntPtr)bytes.Length; }

    static RoomHandle Join(byte[] key)
    {
        Check(roomseal_config_new(out ConfigHandle config));
        Check(roomseal_config_set_app_id_number(config, 1400000001));
        Check(roomseal_config_set_room_id_number(config, 42));
        Check(roomseal_room_new(config, out RoomHandle room));
        Check(roomseal_room_install_base64(room, 1, key, Length(key), null, UIntPtr.Zero)); // epoch 1
        Check(roomseal_room_activate(room, 1));
        return room;
    }

    static void Main()
    {
        // The same for all members; it reaches them by your own secure way.
        byte[] key = Encoding.UTF8.GetBytes("AAECAwQFBgcICQoLDA0ODw==");
        using (RoomHandle alice = Join(key), bob = Join(key))
        {
            Check(roomseal_sealer_new(alice, Kind.VIDEO, out SealerHandle camera)); // one for each outgoing stream
            Check(roomseal_opener_new(bob, out OpenerHandle opener)); // one for everything that comes in

            // In the send callback:
            byte[] frame = Encoding.UTF8.GetBytes("an encoded frame"), made = new byte[frame.Length + Size.MAX_OVERHEAD];
            Check(roomseal_sealer_seal(camera, frame, Length(frame), null, UIntPtr.Zero, made, Length(made), out UIntPtr sent));

            // In the receive callback of another member:
            byte[] user = Encoding.UTF8.GetBytes("alice"), opened = new byte[(int)sent];
            Check(roomseal_opener_open(opener, Kind.VIDEO, made, sent, null, UIntPtr.Zero, user, Length(user), opened, Length(opened), out UIntPtr length));
            Console.WriteLine("{0} bytes, sealed {1}: {2}", length, sent, Encoding.UTF8.GetString(opened, 0, (int)length));
        }
    }
}
