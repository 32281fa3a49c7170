// Everything that an application does, from C#, over the library's functions as .NET calls them.
//
//   tests.exe REPOSITORY
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Roomseal;
using static Roomseal.Native;

static class Tests
{
    static int passed, failed;
    static string repository;
    static readonly byte[] Key = Enumerable.Range(0, Size.KEY_LEN).Select(i => (byte)i).ToArray();
    static readonly byte[] None = new byte[0];
    const byte Fill = 0xA5;
    // A room that nobody refers to is collected, and closed by that: those of a test stay until its end.
    static readonly List<RoomHandle> rooms = new List<RoomHandle>();

    static int Main(string[] arguments)
    {
        repository = arguments[0];
        Action[] tests = {
            TheLibraryIsTheOneThatThisIsMadeFor, PublishedHeaders, PublishedFrames, TwoMembers, TextMessages,
            FramesOfTheirCodec, PointersOfNativeCode, EveryStatus, WrongKeys, Rejoin, EpochsComeAndGo, EightThreads,
            ClosingWhileInUse, DisposingWhileInUse, AMillionFramesTakeNoMemory,
        };
        foreach (Action test in tests)
        {
            var watch = Stopwatch.StartNew();
            try
            {
                test();
            }
            catch (Exception e)
            {
                Check(false, e.ToString());
            }
            rooms.Clear();
            Console.WriteLine("{0} ms: {1}", watch.ElapsedMilliseconds, test.Method.Name);
        }
        Console.WriteLine("{0} passed, {1} failed", passed, failed);
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    // ---- what tests are made of

    static void Check(bool condition, string text)
    {
        if (condition)
        {
            Interlocked.Increment(ref passed);
            return;
        }
        Interlocked.Increment(ref failed);
        Console.WriteLine("FAILED: " + text + Environment.NewLine + new StackTrace(1, true));
    }

    static void Equal<T>(T got, T want) { Check(EqualityComparer<T>.Default.Equals(got, want), got + " instead of " + want); }
    static void Same(byte[] got, byte[] want) { Check(got.SequenceEqual(want), Hex(got) + " instead of " + Hex(want)); }
    static void Ok(Status status) { Equal(status, Status.OK); }
    static string Hex(byte[] bytes) { return BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant(); }
    static UIntPtr N(int length) { return (UIntPtr)(uint)length; }
    static byte[] Utf8(string text) { return Encoding.UTF8.GetBytes(text); }

    static byte[] FromHex(string text)
    {
        return Enumerable.Range(0, text.Length / 2)
            .Select(i => byte.Parse(text.Substring(2 * i, 2), NumberStyles.HexNumber)).ToArray();
    }

    static byte[] Frame(int length, int seed) { return Enumerable.Range(0, length).Select(i => (byte)(i * 7 + seed)).ToArray(); }

    static ConfigHandle Config(ulong roomId = 42)
    {
        Ok(roomseal_config_new(out ConfigHandle config));
        Ok(roomseal_config_set_app_id_number(config, 1400000001));
        Ok(roomseal_config_set_room_id_number(config, roomId));
        return config;
    }

    static RoomHandle Room(ConfigHandle config = null, ulong epoch = 1, byte[] key = null)
    {
        Ok(roomseal_room_new(config ?? Config(), out RoomHandle room));
        Ok(roomseal_room_install(room, epoch, key ?? Key, N(Size.KEY_LEN), null, N(0)));
        Ok(roomseal_room_activate(room, epoch));
        rooms.Add(room);
        return room;
    }

    static SealerHandle Sealer(RoomHandle room, uint kind)
    {
        Ok(roomseal_sealer_new(room, kind, out SealerHandle sealer));
        return sealer;
    }

    static OpenerHandle Opener(RoomHandle room)
    {
        Ok(roomseal_opener_new(room, out OpenerHandle opener));
        return opener;
    }

    static Status TrySeal(SealerHandle sealer, byte[] frame, out byte[] made, byte[] metadata = null)
    {
        var buffer = new byte[frame.Length + Size.MAX_OVERHEAD];
        Status status = roomseal_sealer_seal(sealer, frame, N(frame.Length), metadata, N((metadata ?? None).Length),
            buffer, N(buffer.Length), out UIntPtr length);
        made = status == Status.OK ? buffer.Take((int)length).ToArray() : null;
        return status;
    }

    static byte[] Seal(SealerHandle sealer, byte[] frame, byte[] metadata = null)
    {
        Ok(TrySeal(sealer, frame, out byte[] made, metadata));
        return made;
    }

    static Status TryOpen(OpenerHandle opener, uint kind, byte[] made, out byte[] frame, string source = null, byte[] metadata = null)
    {
        byte[] name = source == null ? null : Utf8(source);
        byte[] buffer = Enumerable.Repeat(Fill, made.Length).ToArray();
        Status status = roomseal_opener_open(opener, kind, made, N(made.Length), metadata, N((metadata ?? None).Length),
            name, N((name ?? None).Length), buffer, N(buffer.Length), out UIntPtr length);
        frame = status == Status.OK ? buffer.Take((int)length).ToArray() : null;
        // Zeros where the plaintext would be, if it was refused after it was looked at; else nothing is touched.
        int zeros = buffer.TakeWhile(b => b == 0).Count();
        bool may = status == Status.NOT_AUTHENTIC || status == Status.CLOSED || zeros == 0;
        Check(status == Status.OK || (may && buffer.Skip(zeros).All(b => b == Fill)), status + " left something");
        return status;
    }

    static void Opens(OpenerHandle opener, uint kind, byte[] made, byte[] want, string source = null, byte[] metadata = null)
    {
        Ok(TryOpen(opener, kind, made, out byte[] frame, source, metadata));
        Same(frame ?? None, want);
    }

    static ulong Count(RoomHandle room, uint kind, uint counter)
    {
        Ok(roomseal_room_counter(room, kind, counter, out ulong value));
        return value;
    }

    // Threads that all start at once; what one of them throws fails the test.
    static void Together(int count, Action<int> work)
    {
        var start = new Barrier(count);
        var threads = Enumerable.Range(0, count).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                work(index);
            }
            catch (Exception e)
            {
                Check(false, e.ToString());
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
    }

    // ---- tests

    static void TheLibraryIsTheOneThatThisIsMadeFor()
    {
        Equal(roomseal_abi_version(), (uint)Size.ABI_VERSION);
        Equal(Text(roomseal_version_text()).Split('.').Length, 3);
        Equal((int)roomseal_header_len(), Size.HEADER_LEN);
        Equal((int)roomseal_max_overhead(), Size.MAX_OVERHEAD);
        Equal((int)roomseal_max_trailer_len(), Size.MAX_TRAILER_LEN);
        foreach (Status status in Enum.GetValues(typeof(Status)))
        {
            Equal(Text(roomseal_status_name(status)), status.ToString());
            Check(Text(roomseal_status_text(status)).Length > 3, status + " says nothing");
        }
    }

    static void PublishedHeaders()
    {
        int count = 0;
        foreach (string line in File.ReadLines(Path.Combine(repository, "tests/vectors/rfc9605-header.txt")))
        {
            if (line.StartsWith("#") || line == "") continue;
            string[] words = line.Split(' ');
            byte[] header = FromHex(words[2]);
            Ok(roomseal_sframe_peek(header, N(header.Length), out ulong kid, out ulong ctr));
            Equal(kid, ulong.Parse(words[0]));
            Equal(ctr, ulong.Parse(words[1]));
            count++;
        }
        Equal(count, 289);
    }

    static void PublishedFrames()
    {
        string text = File.ReadAllText(Path.Combine(repository, "tests/vectors/rfc9605-frames.txt"));
        int count = 0;
        foreach (string block in text.Split(new[] { "\n\n" }, StringSplitOptions.RemoveEmptyEntries))
        {
            var values = block.Split('\n').Where(line => line.Contains(" = ") && line[0] != '#')
                .ToDictionary(line => line.Substring(0, line.IndexOf(' ')), line => line.Substring(line.IndexOf(" = ") + 3));
            if (values.Count == 0) continue;
            uint suite = uint.Parse(values["suite"]);
            ulong kid = ulong.Parse(values["kid"]);
            byte[] key = FromHex(values["base_key"]), metadata = FromHex(values["metadata"]);
            byte[] plain = FromHex(values["plaintext"]), want = FromHex(values["frame"]);

            Ok(roomseal_sframe_sender_new(suite, kid, key, N(key.Length), out SFrameSenderHandle sender));
            Ok(roomseal_sframe_sender_skip_to(sender, ulong.Parse(values["ctr"])));
            Ok(roomseal_sframe_sender_sealed_len(sender, N(plain.Length), out UIntPtr length));
            var made = new byte[(int)length];
            Ok(roomseal_sframe_sender_seal(sender, plain, N(plain.Length), metadata, N(metadata.Length), made, length, out length));
            Equal((int)length, made.Length);
            Same(made, want);

            Ok(roomseal_sframe_receiver_new(suite, N(0), out SFrameReceiverHandle receiver));
            Ok(roomseal_sframe_receiver_add(receiver, kid, key, N(key.Length)));
            var opened = new byte[plain.Length];
            made[made.Length - 1] ^= 1;
            Equal(roomseal_sframe_receiver_open(receiver, made, N(made.Length), metadata, N(metadata.Length), opened, N(opened.Length), out length),
                Status.NOT_AUTHENTIC);
            Ok(roomseal_sframe_receiver_open(receiver, want, N(want.Length), metadata, N(metadata.Length), opened, N(opened.Length), out length));
            Equal((int)length, plain.Length);
            Same(opened, plain);
            count++;
        }
        Equal(count, 4);
    }

    static void TwoMembers()
    {
        foreach (uint kind in new[] { Kind.AUDIO, Kind.VIDEO, Kind.MESSAGE })
        {
            foreach (uint suite in new[] { 1u, 2u, 3u, 4u })
            {
                ConfigHandle config = Config();
                Ok(roomseal_config_allow_four_byte_tags(config));
                Ok(roomseal_config_set_suite(config, kind, suite));
                RoomHandle alice = Room(config), bob = Room(config);
                SealerHandle sealer = Sealer(alice, kind);
                OpenerHandle opener = Opener(bob);
                Ok(roomseal_suite_tag_len(suite, out UIntPtr tag));
                foreach (int length in new[] { 0, 1, 20, 80, 1200, 100000 })
                {
                    byte[] frame = Frame(length, (int)suite), metadata = Utf8("camera 1");
                    byte[] made = Seal(sealer, frame, metadata);
                    Equal(made.Length, length + Size.HEADER_LEN + (int)tag);
                    Equal(TryOpen(opener, kind, made, out _, "alice"), Status.NOT_AUTHENTIC);
                    Opens(opener, kind, made, frame, "alice", metadata);
                    Equal(TryOpen(opener, kind, made, out _, "alice", metadata), Status.REPLAY);

                    // In place.
                    var buffer = new byte[length + Size.MAX_OVERHEAD + 5];
                    frame.CopyTo(buffer, Size.HEADER_LEN + 5);
                    Ok(roomseal_sealer_seal_in_place(sealer, null, N(0), buffer, N(buffer.Length), N(Size.HEADER_LEN + 5), N(length),
                        out UIntPtr at, out UIntPtr sealedLength));
                    Equal((int)at, 5);
                    made = buffer.Skip(5).Take((int)sealedLength).ToArray();
                    Ok(roomseal_opener_open_in_place(opener, kind, null, N(0), null, N(0), made, N(made.Length), out at, out sealedLength));
                    Same(made.Skip((int)at).Take((int)sealedLength).ToArray(), frame);
                }
                Equal(Count(bob, kind, Counter.OPENED), 12UL);
                Equal(Count(bob, kind, Counter.REPLAY), 6UL);
            }
        }
    }

    static void TextMessages()
    {
        RoomHandle alice = Room(), bob = Room();
        SealerHandle sealer = Sealer(alice, Kind.MESSAGE);
        OpenerHandle opener = Opener(bob);
        byte[] message = Utf8("Grüße an alle");
        Ok(roomseal_sealer_sealed_text_len(sealer, N(message.Length), out UIntPtr length));
        var text = new byte[(int)length];
        Ok(roomseal_sealer_seal_text(sealer, message, N(message.Length), null, N(0), text, length, out length));
        Check(Encoding.ASCII.GetString(text).All(c => char.IsLetterOrDigit(c) || c == '-' || c == '_'), "not base64url");
        Ok(roomseal_opener_text_cap(length, out UIntPtr cap));
        var opened = new byte[(int)cap];
        Ok(roomseal_opener_open_text(opener, text, length, null, N(0), Utf8("alice"), N(5), opened, cap, out length));
        Same(opened.Take((int)length).ToArray(), message);
    }

    static void FramesOfTheirCodec()
    {
        ConfigHandle config = Config();
        Ok(roomseal_config_set_form(config, Kind.VIDEO, Form.CODEC));
        RoomHandle alice = Room(config), bob = Room(config);
        SealerHandle sealer = Sealer(alice, Kind.VIDEO);
        OpenerHandle opener = Opener(bob);
        byte[] frame = FromHex("000000016742c01e00000168ce3c800000016588842109080700000165420806");
        Ok(roomseal_codec_detect_annex_b(frame, N(frame.Length), out uint codec));
        Equal(codec, Codec.H264);
        Ok(roomseal_sealer_max_sealed_codec_len(sealer, codec, N(frame.Length), out UIntPtr length));
        var made = new byte[(int)length];
        Ok(roomseal_sealer_seal_codec(sealer, codec, frame, N(frame.Length), null, N(0), made, length, out length));
        made = made.Take((int)length).ToArray();
        Same(made.Take(15).ToArray(), frame.Take(15).ToArray()); // the parameter sets
        Ok(roomseal_peek_codec(made, N(made.Length), out codec));
        Equal(codec, Codec.H264);
        Opens(opener, Kind.VIDEO, made, frame, "alice");
    }

    // What callbacks in native code hand over, and no array.
    static void PointersOfNativeCode()
    {
        RoomHandle alice = Room(), bob = Room();
        SealerHandle sealer = Sealer(alice, Kind.AUDIO);
        OpenerHandle opener = Opener(bob);
        byte[] frame = Frame(80, 1), opened = new byte[80];
        IntPtr from = Marshal.AllocHGlobal(80), to = Marshal.AllocHGlobal(80 + Size.MAX_OVERHEAD);
        Marshal.Copy(frame, 0, from, 80);
        Ok(roomseal_sealer_seal(sealer, from, N(80), null, N(0), to, N(108), out UIntPtr length));
        Ok(roomseal_opener_open(opener, Kind.AUDIO, to, length, null, N(0), null, N(0), from, N(80), out length));
        Marshal.Copy(from, opened, 0, (int)length);
        Same(opened, frame);
        Marshal.Copy(frame, 0, to + Size.HEADER_LEN, 80);
        Ok(roomseal_sealer_seal_in_place(sealer, null, N(0), to, N(108), N(Size.HEADER_LEN), N(80), out UIntPtr at, out length));
        Ok(roomseal_opener_open_in_place(opener, Kind.AUDIO, null, N(0), null, N(0), to + (int)at, length, out at, out length));
        Marshal.Copy(to + (int)at, opened, 0, (int)length);
        Same(opened, frame);
        Marshal.FreeHGlobal(from);
        Marshal.FreeHGlobal(to);
    }

    // ---- every status that C# can bring about

    static readonly HashSet<Status> seen = new HashSet<Status> { Status.OK };

    static void Seen(Status got, Status want)
    {
        Equal(got, want);
        if (got == want) seen.Add(got);
    }

    static void EveryStatus()
    {
        Arguments();
        Frames();
        Keys();
        States();
        Forgeries();
        Flood();
        LostMemory();
        // Programs of .NET don't fork. A failing generator, a fault of the library, and what takes frames of
        // hundreds of megabytes and bad luck are not for them to bring about.
        Status[] left = { Status.TOO_MANY_ESCAPES, Status.FORKED, Status.NO_RANDOM, Status.INTERNAL };
        foreach (Status status in Enum.GetValues(typeof(Status))) Check(seen.Contains(status) != left.Contains(status), "seen: " + status);
    }

    static void Arguments()
    {
        RoomHandle alice = Room();
        SealerHandle sealer = Sealer(alice, Kind.AUDIO);
        byte[] frame = Frame(8, 0), made = new byte[64];
        Seen(roomseal_sealer_seal(sealer, (byte[])null, N(1), null, N(0), made, N(64), out _), Status.NULL_POINTER);
        Seen(roomseal_sealer_seal(sealer, frame, UIntPtr.Zero - 1, null, N(0), made, N(64), out _), Status.INVALID_ARGUMENT);
        Seen(roomseal_sealer_seal(sealer, frame, N(8), null, N(0), made, N(35), out _), Status.BUFFER_TOO_SMALL);
        Seen(roomseal_sealer_seal(sealer, made, N(8), null, N(0), made, N(64), out _), Status.BUFFERS_OVERLAP);
        Seen(roomseal_sealer_sealed_len(sealer, UIntPtr.Zero - 1, out _), Status.TOO_LARGE);
        Seen(roomseal_sealer_seal_text(sealer, frame, N(8), null, N(0), made, N(64), out _), Status.WRONG_KIND);
        Seen(roomseal_suite_tag_len(5, out _), Status.UNKNOWN_SUITE);
        Seen(roomseal_peek(2, made, N(64), out _, out _, out _), Status.UNKNOWN_FORM);
        Seen(roomseal_key_from_hex(Utf8("0g0102030405060708090a0b0c0d0e0f"), N(32), made, N(64)), Status.INVALID_TEXT);
        Seen(roomseal_peek(0, made, N(0), out _, out _, out _), Status.MALFORMED);
        Seen(roomseal_peek(0, Key, N(16), out _, out _, out _), Status.NOT_SEALED);
    }

    static void Frames()
    {
        RoomHandle alice = Room(), bob = Room();
        SealerHandle sealer = Sealer(alice, Kind.AUDIO);
        OpenerHandle opener = Opener(bob);
        byte[] made = Seal(sealer, Key);
        Seen(TryOpen(Opener(alice), Kind.AUDIO, made, out _), Status.OWN_FRAME);
        Seen(TryOpen(opener, Kind.VIDEO, made, out _), Status.NOT_AUTHENTIC);
        Opens(opener, Kind.AUDIO, made, Key, "alice");
        Seen(TryOpen(opener, Kind.AUDIO, made, out _, "alice"), Status.REPLAY);
        Seen(TryOpen(opener, Kind.AUDIO, Seal(sealer, Key), out _, "mallory"), Status.SOURCE_CHANGED);
        // 1,024 later ones push the first one out of the window.
        byte[] early = Seal(sealer, Key);
        for (int i = 0; i < 1024; i++) made = Seal(sealer, Key);
        Opens(opener, Kind.AUDIO, made, Key);
        Seen(TryOpen(opener, Kind.AUDIO, early, out _), Status.TOO_OLD);
        Ok(roomseal_room_accept_clear_frames_dangerously(bob, Kind.AUDIO, 60));
        Seen(TryOpen(opener, Kind.AUDIO, Key, out _), Status.CLEAR_FRAME);

        ConfigHandle config = Config();
        Ok(roomseal_config_set_form(config, Kind.AUDIO, Form.CODEC));
        SealerHandle codecs = Sealer(Room(config), Kind.AUDIO);
        var output = new byte[200];
        Seen(TrySeal(codecs, Key, out _), Status.WRONG_FORM);
        Seen(roomseal_sealer_seal_codec(codecs, 8, Key, N(16), null, N(0), output, N(200), out _), Status.UNKNOWN_CODEC);
        Seen(roomseal_sealer_seal_codec(codecs, Codec.H264, Key, N(16), null, N(0), output, N(200), out _), Status.CODEC_MISMATCH);
    }

    static void Keys()
    {
        RoomHandle alice = Room(), bob = Room();
        SealerHandle sealer = Sealer(alice, Kind.AUDIO);
        byte[] other = Frame(16, 9), made = new byte[200];
        Ok(roomseal_room_install(alice, 2, other, N(16), null, N(0)));
        Ok(roomseal_room_activate(alice, 2));
        Seen(TryOpen(Opener(bob), Kind.AUDIO, Seal(sealer, Key), out _), Status.UNKNOWN_KEY);
        Seen(roomseal_room_activate(alice, 3), Status.UNKNOWN_EPOCH);
        Seen(roomseal_room_install(alice, 2, Key, N(16), null, N(0)), Status.EPOCH_CONFLICT);
        Ok(roomseal_room_retire(alice, 2));
        Seen(TrySeal(sealer, Key, out _), Status.NO_ACTIVE_EPOCH);
        Seen(roomseal_room_install(alice, 2, other, N(16), null, N(0)), Status.EPOCH_RETIRED);
        Ok(roomseal_room_install(bob, ulong.MaxValue, other, N(16), null, N(0)));
        Seen(roomseal_room_ratchet(bob, ulong.MaxValue, out _), Status.LAST_EPOCH);

        Ok(roomseal_sframe_sender_new(4, 1, Key, N(16), out SFrameSenderHandle sender));
        Ok(roomseal_sframe_sender_skip_to(sender, ulong.MaxValue));
        Ok(roomseal_sframe_sender_seal(sender, Key, N(16), null, N(0), made, N(200), out _));
        Seen(roomseal_sframe_sender_seal(sender, Key, N(16), null, N(0), made, N(200), out _), Status.KEY_EXHAUSTED);
        Ok(roomseal_sframe_receiver_new(4, N(64), out SFrameReceiverHandle receiver));
        Ok(roomseal_sframe_receiver_add(receiver, 1, Key, N(16)));
        Seen(roomseal_sframe_receiver_add(receiver, 1, Key, N(16)), Status.DUPLICATE_KID);
    }

    static void States()
    {
        RoomHandle room = Room();
        SealerHandle sealer = Sealer(room, Kind.AUDIO);
        Ok(roomseal_room_close(room));
        Seen(TrySeal(sealer, Key, out _), Status.CLOSED);
        ConfigHandle config = Config();
        Ok(roomseal_config_set_open_only(config));
        Seen(roomseal_sealer_new(Room(config), Kind.AUDIO, out SealerHandle none), Status.OPEN_ONLY);
        Check(none == null || none.IsInvalid, "a sealer of a recorder");
        Ok(roomseal_config_set_suite(config, Kind.AUDIO, 3));
        Seen(roomseal_room_new(config, out _), Status.FOUR_BYTE_TAGS);
    }

    // 4-byte tags: 4,096 forged frames close an epoch to new streams, and make a known stream's key suspect.
    static void Forgeries()
    {
        ConfigHandle config = Config();
        Ok(roomseal_config_allow_four_byte_tags(config));
        Ok(roomseal_config_set_suite(config, Kind.AUDIO, 3));
        RoomHandle alice = Room(config);
        Ok(roomseal_config_drop_suspect_keys(config));
        RoomHandle bob = Room(config);
        OpenerHandle opener = Opener(bob);
        SealerHandle known = Sealer(alice, Kind.AUDIO);
        Opens(opener, Kind.AUDIO, Seal(known, Key), Key);
        foreach (bool late in new[] { false, true })
        {
            byte[] made = Seal(late ? Sealer(alice, Kind.AUDIO) : known, Key), forged = (byte[])made.Clone();
            forged[forged.Length - 1] ^= 1;
            for (int i = 0; i < 4096;)
            {
                Status status = TryOpen(opener, Kind.AUDIO, forged, out _);
                if (status == Status.BUDGET) Thread.Sleep(1); // tokens come back with time
                else if (status == Status.NOT_AUTHENTIC) i++;
                else throw new InvalidOperationException(status.ToString());
            }
            Seen(TryOpen(opener, Kind.AUDIO, made, out _), late ? Status.FAILURE_BUDGET : Status.KEY_SUSPECT);
        }
    }

    // A flood of made-up streams, refused without work after the first thousands.
    static void Flood()
    {
        OpenerHandle opener = Opener(Room());
        byte[] made = FromHex("fa8000000000000001010000" + new string('0', 48));
        Status status = Status.NOT_AUTHENTIC;
        for (int i = 0; i < 1000000 && status == Status.NOT_AUTHENTIC; i++)
        {
            made[5] = (byte)(i >> 16);
            made[6] = (byte)(i >> 8);
            made[7] = (byte)i;
            status = TryOpen(opener, Kind.AUDIO, made, out _);
        }
        Seen(status, Status.BUDGET);
    }

    // More streams than a room remembers, even by their tombstones.
    static void LostMemory()
    {
        ConfigHandle config = Config();
        Ok(roomseal_config_set_max_streams(config, Kind.AUDIO, N(1)));
        Ok(roomseal_config_refuse_new_streams_on_memory_loss(config));
        RoomHandle alice = Room(), bob = Room(config);
        OpenerHandle opener = Opener(bob);
        Status status = Status.OK;
        for (int streams = 0; streams < 20000 && status == Status.OK; streams++)
        {
            byte[] made;
            using (SealerHandle sealer = Sealer(alice, Kind.AUDIO)) made = Seal(sealer, Key);
            while ((status = TryOpen(opener, Kind.AUDIO, made, out _)) == Status.BUDGET) Thread.Sleep(1);
        }
        Seen(status, Status.MEMORY_LOST);
    }

    // ---- members that differ, come and go

    static void WrongKeys()
    {
        SealerHandle sealer = Sealer(Room(), Kind.VIDEO);
        RoomHandle[] others = { Room(key: Frame(16, 3)), Room(Config(43)) };
        foreach (RoomHandle other in others)
        {
            Equal(TryOpen(Opener(other), Kind.VIDEO, Seal(sealer, Key), out _), Status.NOT_AUTHENTIC);
            Equal(Count(other, Kind.VIDEO, Counter.NOT_AUTHENTIC), 1UL);
            Equal(Count(other, Kind.VIDEO, Counter.OPENED), 0UL);
        }
        Equal(TryOpen(Opener(Room(epoch: 2)), Kind.VIDEO, Seal(sealer, Key), out _), Status.UNKNOWN_KEY);
    }

    // A member crashes and comes back with the same ids and key: everything opens, and its KID is another.
    static void Rejoin()
    {
        RoomHandle bob = Room();
        OpenerHandle opener = Opener(bob);
        var kids = new HashSet<ulong>();
        for (int life = 0; life < 20; life++)
        {
            using (RoomHandle alice = Room())
            using (SealerHandle sealer = Sealer(alice, Kind.AUDIO))
            {
                for (int i = 0; i < 3; i++) Opens(opener, Kind.AUDIO, Seal(sealer, Key), Key, "alice");
                Ok(roomseal_sealer_kid(sealer, out ulong kid));
                Check(kids.Add(kid), "a KID came again");
            }
        }
        var listed = new ulong[20];
        Ok(roomseal_room_streams(bob, Kind.AUDIO, listed, N(20), out UIntPtr count));
        Equal((int)count, 20);
        Check(kids.SetEquals(listed), "other streams");
        foreach (ulong kid in kids)
        {
            var source = new byte[Size.MAX_SOURCE_LEN];
            Ok(roomseal_room_stream_source(bob, Kind.AUDIO, kid, source, N(source.Length), out UIntPtr length));
            Equal(Encoding.UTF8.GetString(source, 0, (int)length), "alice");
            Ok(roomseal_room_stream_counter(bob, Kind.AUDIO, kid, Counter.OPENED, out ulong opened));
            Equal(opened, 3UL);
        }
    }

    static void EpochsComeAndGo()
    {
        RoomHandle alice = Room(), bob = Room();
        SealerHandle sealer = Sealer(alice, Kind.VIDEO);
        OpenerHandle opener = Opener(bob);
        for (ulong epoch = 1; epoch < 40; epoch++)
        {
            Opens(opener, Kind.VIDEO, Seal(sealer, Key), Key, "alice");
            foreach (RoomHandle room in new[] { bob, alice })
            {
                Ok(roomseal_room_ratchet(room, epoch, out ulong next));
                Equal(next, epoch + 1);
            }
            byte[] underWay = Seal(sealer, Key);
            Ok(roomseal_room_activate(alice, epoch + 1));
            Opens(opener, Kind.VIDEO, underWay, Key, "alice");
            Ok(roomseal_room_retire(alice, epoch));
            Ok(roomseal_room_retire(bob, epoch));
        }
        var epochs = new ulong[Size.MAX_EPOCHS];
        Ok(roomseal_room_epochs(bob, epochs, N(epochs.Length), out UIntPtr count));
        Equal((int)count, 1);
        Equal(epochs[0], 40UL);
        Equal(Count(bob, Kind.VIDEO, Counter.OPENED), 78UL);
    }

    // ---- threads and memory

    static void EightThreads()
    {
        const int Threads = 8, Frames = 5000;
        ConfigHandle config = Config();
        Ok(roomseal_config_set_replay_window(config, N(32768)));
        RoomHandle alice = Room(), bob = Room(config);
        SealerHandle shared = Sealer(alice, Kind.VIDEO);
        OpenerHandle opener = Opener(bob);
        int wrong = 0;
        Together(Threads, id =>
        {
            SealerHandle own = Sealer(alice, Kind.VIDEO);
            byte[] frame = Frame(200, id), made = new byte[228], opened = new byte[200];
            for (int i = 0; i < Frames; i++)
            {
                frame[0] = (byte)i;
                Status sealing = roomseal_sealer_seal(i % 2 == 0 ? shared : own, frame, N(200), null, N(0), made, N(228), out UIntPtr length);
                Status opening = roomseal_opener_open(opener, Kind.VIDEO, made, length, null, N(0), null, N(0), opened, N(200), out UIntPtr n);
                Status again = roomseal_opener_open(opener, Kind.VIDEO, made, length, null, N(0), null, N(0), opened, N(200), out _);
                if (sealing != Status.OK || opening != Status.OK || (int)n != 200 || !opened.SequenceEqual(frame) || again != Status.REPLAY)
                    Interlocked.Increment(ref wrong);
            }
        });
        Equal(wrong, 0);
        Equal(Count(bob, Kind.VIDEO, Counter.OPENED), (ulong)(Threads * Frames));
        Ok(roomseal_room_stream_count(bob, Kind.VIDEO, out UIntPtr streams));
        Equal((int)streams, Threads + 1);
    }

    // Threads that seal and open until something else than OK comes, which is noted.
    static void UntilClosed(RoomHandle alice, RoomHandle bob, Action stop, Action<Status> note)
    {
        const int Threads = 8;
        OpenerHandle opener = Opener(bob);
        SealerHandle[] sealers = Enumerable.Range(0, Threads).Select(_ => Sealer(alice, Kind.AUDIO)).ToArray();
        int frames = 0;
        Together(Threads + 1, id =>
        {
            if (id == Threads)
            {
                while (Volatile.Read(ref frames) < 100) Thread.Sleep(1);
                stop();
                return;
            }
            Status status = Status.OK;
            while (status == Status.OK)
            {
                status = TrySeal(sealers[id], Key, out byte[] made);
                if (status == Status.OK) status = TryOpen(opener, Kind.AUDIO, made, out byte[] opened);
                Interlocked.Increment(ref frames);
            }
            note(status);
        });
    }

    static void ClosingWhileInUse()
    {
        for (int round = 0; round < 20; round++)
        {
            RoomHandle alice = Room(), bob = Room();
            UntilClosed(alice, bob, () => Ok(roomseal_room_close(round % 2 == 0 ? alice : bob)), status => Equal(status, Status.CLOSED));
        }
    }

    // The last call in flight frees: the runtime holds a handle while a call runs.
    static void DisposingWhileInUse()
    {
        for (int round = 0; round < 20; round++)
        {
            RoomHandle alice = Room();
            SealerHandle sealer = Sealer(alice, Kind.AUDIO);
            int disposed = 0, frames = 0;
            Together(8, id =>
            {
                if (id == 0)
                {
                    while (Volatile.Read(ref frames) < 100) Thread.Sleep(1);
                    sealer.Dispose();
                    return;
                }
                try
                {
                    while (TrySeal(sealer, Key, out _) == Status.OK) Interlocked.Increment(ref frames);
                }
                catch (ObjectDisposedException)
                {
                    Interlocked.Increment(ref disposed);
                }
            });
            Equal(disposed, 7);
            Check(sealer.IsClosed, "not freed");
            // Disposing of the room closes it.
            SealerHandle other = Sealer(alice, Kind.AUDIO);
            alice.Dispose();
            Equal(TrySeal(other, Key, out _), Status.CLOSED);
        }
    }

    // Pages in memory, of /proc.
    static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (!File.Exists("/proc/self/statm"))
        {
            using (Process process = Process.GetCurrentProcess()) return process.WorkingSet64;
        }
        return long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1]) * Environment.SystemPageSize;
    }

    static void AMillionFramesTakeNoMemory()
    {
        RoomHandle alice = Room(), bob = Room();
        SealerHandle sealer = Sealer(alice, Kind.AUDIO);
        OpenerHandle opener = Opener(bob);
        byte[] frame = Frame(80, 0), made = new byte[108], opened = new byte[80], source = Utf8("alice");
        int wrong = 0;
        Action<int> run = frames =>
        {
            for (int i = 0; i < frames; i++)
            {
                frame[0] = (byte)i;
                Status status = roomseal_sealer_seal(sealer, frame, N(80), null, N(0), made, N(108), out UIntPtr length);
                if (status == Status.OK)
                    status = roomseal_opener_open(opener, Kind.AUDIO, made, length, null, N(0), source, N(5), opened, N(80), out length);
                if (status != Status.OK || (int)length != 80 || opened[0] != (byte)i) wrong++;
            }
        };
        run(100000);
        long before = Resident(), managed = GC.GetTotalMemory(true);
        run(1000000);
        long grown = Resident() - before;
        Equal(wrong, 0);
        // A byte a frame would be a million.
        Check(grown < 900000, grown + " bytes more in memory");
        Check(GC.GetTotalMemory(true) - managed < 100000, "managed memory grows");
        Equal(Count(bob, Kind.AUDIO, Counter.OPENED), 1100000UL);
    }
}
