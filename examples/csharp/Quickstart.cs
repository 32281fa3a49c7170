// One member seals a video frame, another one opens it: through P/Invoke, with roomseal.dll (or
// libroomseal.so, libroomseal.dylib) beside the program.
using System;
using System.Runtime.InteropServices;
using System.Text;

static class Native
{
    const string Library = "roomseal";
    public const uint KindVideo = 2;
    public const int MaxOverhead = 28;
    // size_t is UIntPtr. Arrays are pinned for the call, not copied.
    [DllImport(Library)] public static extern int roomseal_config_new(out IntPtr config);
    [DllImport(Library)] public static extern void roomseal_config_free(IntPtr config);
    [DllImport(Library)] public static extern int roomseal_config_set_app_id_number(IntPtr config, ulong id);
    [DllImport(Library)] public static extern int roomseal_config_set_room_id_number(IntPtr config, ulong id);
    [DllImport(Library)] public static extern int roomseal_room_new(IntPtr config, out IntPtr room);
    [DllImport(Library)] public static extern void roomseal_room_free(IntPtr room);
    [DllImport(Library)] public static extern int roomseal_room_install_base64(IntPtr room, ulong epoch, byte[] text, UIntPtr textLen, byte[] salt, UIntPtr saltLen);
    [DllImport(Library)] public static extern int roomseal_room_activate(IntPtr room, ulong epoch);
    [DllImport(Library)] public static extern int roomseal_sealer_new(IntPtr room, uint kind, out IntPtr sealer);
    [DllImport(Library)] public static extern void roomseal_sealer_free(IntPtr sealer);
    [DllImport(Library)] public static extern int roomseal_sealer_seal(IntPtr sealer, byte[] frame, UIntPtr frameLen, byte[] metadata, UIntPtr metadataLen, byte[] output, UIntPtr outputCap, out UIntPtr outputLen);
    [DllImport(Library)] public static extern int roomseal_opener_new(IntPtr room, out IntPtr opener);
    [DllImport(Library)] public static extern void roomseal_opener_free(IntPtr opener);
    [DllImport(Library)] public static extern int roomseal_opener_open(IntPtr opener, uint kind, byte[] frame, UIntPtr frameLen, byte[] metadata, UIntPtr metadataLen, byte[] source, UIntPtr sourceLen, byte[] output, UIntPtr outputCap, out UIntPtr outputLen);
    [DllImport(Library)] static extern IntPtr roomseal_status_text(int status);

    // In an application: drop the frame, and never send it in clear instead.
    public static void Check(int status)
    {
        if (status != 0) throw new InvalidOperationException(Marshal.PtrToStringAnsi(roomseal_status_text(status)));
    }
}

static class Quickstart
{
    static IntPtr Join(byte[] key)
    {
        Native.Check(Native.roomseal_config_new(out IntPtr config));
        Native.Check(Native.roomseal_config_set_app_id_number(config, 1400000001));
        Native.Check(Native.roomseal_config_set_room_id_number(config, 42));
        Native.Check(Native.roomseal_room_new(config, out IntPtr room));
        Native.roomseal_config_free(config);
        Native.Check(Native.roomseal_room_install_base64(room, 1, key, (UIntPtr)key.Length, null, UIntPtr.Zero));
        Native.Check(Native.roomseal_room_activate(room, 1));
        return room;
    }

    static void Main()
    {
        // The same for all members; it reaches them by your own secure way.
        byte[] key = Encoding.ASCII.GetBytes("AAECAwQFBgcICQoLDA0ODw=="), alice = Encoding.ASCII.GetBytes("alice");
        IntPtr sending = Join(key), receiving = Join(key);
        Native.Check(Native.roomseal_sealer_new(sending, Native.KindVideo, out IntPtr camera));
        Native.Check(Native.roomseal_opener_new(receiving, out IntPtr opener));

        // In the send callback:
        byte[] frame = Encoding.ASCII.GetBytes("an encoded frame");
        byte[] @sealed = new byte[frame.Length + Native.MaxOverhead];
        Native.Check(Native.roomseal_sealer_seal(camera, frame, (UIntPtr)frame.Length, null, UIntPtr.Zero, @sealed, (UIntPtr)@sealed.Length, out UIntPtr sealedLen));

        // In the receive callback of another member:
        byte[] opened = new byte[@sealed.Length];
        Native.Check(Native.roomseal_opener_open(opener, Native.KindVideo, @sealed, sealedLen, null, UIntPtr.Zero, alice, (UIntPtr)alice.Length, opened, (UIntPtr)opened.Length, out UIntPtr openedLen));
        Console.WriteLine($"{openedLen} bytes, sealed {sealedLen}: {Encoding.ASCII.GetString(opened, 0, (int)openedLen)}");

        Native.roomseal_opener_free(opener);
        Native.roomseal_sealer_free(camera);
        Native.roomseal_room_free(receiving);
        Native.roomseal_room_free(sending);
    }
}
