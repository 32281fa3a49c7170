// The functions of roomseal.h for C# and other languages of .NET, through P/Invoke. What each does,
// what it takes and what it leaves on failure stands in that header.
//
// Names are the header's. `size_t` is UIntPtr, texts are UTF-8 bytes, arrays are pinned for a call
// and not copied; the calls for frames are there for pointers, too, which callbacks in native code
// hand over. Handles are SafeHandles: they are freed once, when they were disposed of or forgotten
// and the last call in flight has left.
//
// A room that is freed is closed: keep its handle in a field for as long as its sealers and openers
// are at work, or the garbage collector closes it. roomseal_room_close wipes its keys at once.
using System;
using System.Runtime.InteropServices;

namespace Roomseal
{
    /// <summary>What a call says. Anything but OK: drop the frame, and never send it in clear instead.</summary>
    public enum Status : int
    {
        OK = 0,
        NULL_POINTER = 1,
        INVALID_ARGUMENT = 2,
        BUFFER_TOO_SMALL = 3,
        BUFFERS_OVERLAP = 4,
        TOO_LARGE = 5,
        WRONG_KIND = 6,
        UNKNOWN_SUITE = 7,
        UNKNOWN_FORM = 8,
        INVALID_TEXT = 9,
        MALFORMED = 10,
        NOT_SEALED = 11,
        CLEAR_FRAME = 12,
        OWN_FRAME = 13,
        NOT_AUTHENTIC = 14,
        REPLAY = 15,
        TOO_OLD = 16,
        SOURCE_CHANGED = 17,
        CODEC_MISMATCH = 18,
        UNKNOWN_CODEC = 19,
        UNKNOWN_KEY = 20,
        NO_ACTIVE_EPOCH = 21,
        UNKNOWN_EPOCH = 22,
        EPOCH_CONFLICT = 23,
        EPOCH_RETIRED = 24,
        KEY_EXHAUSTED = 25,
        DUPLICATE_KID = 26,
        KEY_SUSPECT = 27,
        FOUR_BYTE_TAGS = 28,
        LAST_EPOCH = 29,
        BUDGET = 30,
        FAILURE_BUDGET = 31,
        MEMORY_LOST = 32,
        TOO_MANY_ESCAPES = 33,
        CLOSED = 40,
        FORKED = 41,
        NO_RANDOM = 42,
        OPEN_ONLY = 43,
        WRONG_FORM = 44,
        INTERNAL = 90,
    }

    public static class Kind
    {
        public const uint AUDIO = 1;
        public const uint VIDEO = 2;
        public const uint MESSAGE = 3;
    }

    public static class Form
    {
        public const uint PLAIN = 0;
        public const uint CODEC = 1;
    }

    public static class Codec
    {
        public const uint OPAQUE = 0;
        public const uint H264 = 1;
        public const uint H265 = 2;
        public const uint VP8 = 3;
        public const uint VP9 = 4;
        public const uint AV1 = 5;
        public const uint OPUS = 6;
        public const uint AAC = 7;
    }

    public static class Suite
    {
        public const uint AES_128_CTR_HMAC_SHA256_80 = 1;
        public const uint AES_128_CTR_HMAC_SHA256_64 = 2;
        public const uint AES_128_CTR_HMAC_SHA256_32 = 3;
        public const uint AES_128_GCM_SHA256_128 = 4;
    }

    public static class Counter
    {
        public const uint SEALED = 1;
        public const uint OPENED = 2;
        public const uint NOT_SEALED = 3;
        public const uint CLEAR_FRAMES = 4;
        public const uint OWN_FRAME = 5;
        public const uint UNKNOWN_KEY = 6;
        public const uint BUDGET = 7;
        public const uint NOT_AUTHENTIC = 8;
        public const uint REPLAY = 9;
        public const uint TOO_OLD = 10;
        public const uint MALFORMED = 11;
        public const uint SOURCE_CHANGED = 12;
        public const uint TOO_LARGE = 13;
        public const uint NEW_STREAM_REFUSED = 14;
        public const uint SUSPECT_REFUSED = 15;
        public const uint STREAMS_EVICTED = 16;
        public const uint MEMORY_LOST = 17;
        public const uint KEY_SUSPECT = 18;
    }

    /// <summary>Lengths in bytes, and the number of the binary interface.</summary>
    public static class Size
    {
        public const int ABI_VERSION = 1;
        public const int HEADER_LEN = 12;
        public const int MAX_TAG_LEN = 16;
        public const int MAX_OVERHEAD = 28;
        public const int MAX_TRAILER_LEN = 30;
        public const int KEY_LEN = 16;
        public const int KEY_HEX_LEN = 32;
        public const int KEY_BASE64_LEN = 24;
        public const int FINGERPRINT_LEN = 8;
        public const int MAX_SALT_LEN = 64;
        public const int MAX_ID_LEN = 256;
        public const int MAX_SOURCE_LEN = 64;
        public const int MAX_EPOCHS = 16;
        public const int SFRAME_MAX_HEADER_LEN = 17;
        public const int SFRAME_MAX_OVERHEAD = 33;
        public const int SFRAME_BASE_KEY_LEN = 32;
        public const int SFRAME_MAX_BASE_KEY_LEN = 1024;
    }

    /// <summary>Frees its handle once.</summary>
    public abstract class Handle : SafeHandle
    {
        protected Handle() : base(IntPtr.Zero, true) { }
        public override bool IsInvalid { get { return handle == IntPtr.Zero; } }
    }

    public sealed class ConfigHandle : Handle
    {
        protected override bool ReleaseHandle() { Native.roomseal_config_free(handle); return true; }
    }

    public sealed class RoomHandle : Handle
    {
        protected override bool ReleaseHandle() { Native.roomseal_room_free(handle); return true; }
    }

    public sealed class SealerHandle : Handle
    {
        protected override bool ReleaseHandle() { Native.roomseal_sealer_free(handle); return true; }
    }

    public sealed class OpenerHandle : Handle
    {
        protected override bool ReleaseHandle() { Native.roomseal_opener_free(handle); return true; }
    }

    public sealed class SFrameSenderHandle : Handle
    {
        protected override bool ReleaseHandle() { Native.roomseal_sframe_sender_free(handle); return true; }
    }

    public sealed class SFrameReceiverHandle : Handle
    {
        protected override bool ReleaseHandle() { Native.roomseal_sframe_receiver_free(handle); return true; }
    }

    public static class Native
    {
        const string Library = "roomseal";
        const CallingConvention Cdecl = CallingConvention.Cdecl;

        /// <summary>A text of the library: static, never freed.</summary>
        public static string Text(IntPtr text) { return Marshal.PtrToStringAnsi(text); }

        [DllImport(Library, CallingConvention = Cdecl)] public static extern uint roomseal_version_major();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern uint roomseal_version_minor();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern uint roomseal_version_patch();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern uint roomseal_version_number();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern IntPtr roomseal_version_text();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern uint roomseal_abi_version();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern IntPtr roomseal_status_name(Status status);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern IntPtr roomseal_status_text(Status status);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_header_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_max_tag_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_max_overhead();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_max_trailer_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_key_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_key_hex_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_key_base64_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_fingerprint_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_max_salt_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_max_id_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_max_source_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_max_epochs();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_sframe_max_header_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_sframe_max_overhead();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_sframe_base_key_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern UIntPtr roomseal_sframe_max_base_key_len();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_suite_tag_len(uint suite, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_key_random(byte[] key, UIntPtr keyCap);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_key_ratchet(byte[] key, UIntPtr keyLen, ulong epoch, byte[] next, UIntPtr nextCap);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_key_fingerprint(byte[] key, UIntPtr keyLen, byte[] text, UIntPtr textCap);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_key_to_hex(byte[] key, UIntPtr keyLen, byte[] text, UIntPtr textCap);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_key_to_base64(byte[] key, UIntPtr keyLen, byte[] text, UIntPtr textCap);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_key_from_hex(byte[] text, UIntPtr textLen, byte[] key, UIntPtr keyCap);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_key_from_base64(byte[] text, UIntPtr textLen, byte[] key, UIntPtr keyCap);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_new(out ConfigHandle config);
        [DllImport(Library, CallingConvention = Cdecl)] internal static extern void roomseal_config_free(IntPtr config);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_set_app_id_number(ConfigHandle config, ulong id);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_set_app_id_text(ConfigHandle config, byte[] id, UIntPtr idLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_set_room_id_number(ConfigHandle config, ulong id);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_set_room_id_text(ConfigHandle config, byte[] id, UIntPtr idLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_set_call_id_number(ConfigHandle config, ulong id);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_set_call_id_text(ConfigHandle config, byte[] id, UIntPtr idLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_set_suite(ConfigHandle config, uint kind, uint suite);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_set_form(ConfigHandle config, uint kind, uint form);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_allow_four_byte_tags(ConfigHandle config);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_set_open_only(ConfigHandle config);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_set_replay_window(ConfigHandle config, UIntPtr frames);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_set_max_streams(ConfigHandle config, uint kind, UIntPtr streams);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_set_max_frame_len(ConfigHandle config, UIntPtr bytes);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_refuse_new_streams_on_memory_loss(ConfigHandle config);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_config_drop_suspect_keys(ConfigHandle config);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_new(ConfigHandle config, out RoomHandle room);
        [DllImport(Library, CallingConvention = Cdecl)] internal static extern void roomseal_room_free(IntPtr room);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_close(RoomHandle room);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_install(RoomHandle room, ulong epoch, byte[] key, UIntPtr keyLen, byte[] salt, UIntPtr saltLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_install_hex(RoomHandle room, ulong epoch, byte[] text, UIntPtr textLen, byte[] salt, UIntPtr saltLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_install_base64(RoomHandle room, ulong epoch, byte[] text, UIntPtr textLen, byte[] salt, UIntPtr saltLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_activate(RoomHandle room, ulong epoch);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_retire(RoomHandle room, ulong epoch);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_ratchet(RoomHandle room, ulong epoch, out ulong next);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_epochs(RoomHandle room, ulong[] epochs, UIntPtr epochsCap, out UIntPtr count);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_active_epoch(RoomHandle room, out ulong epoch);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_accept_clear_frames_dangerously(RoomHandle room, uint kind, ulong seconds);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_max_message_len(RoomHandle room, UIntPtr limit, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_max_text_message_len(RoomHandle room, UIntPtr limit, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern uint roomseal_counter_last();
        [DllImport(Library, CallingConvention = Cdecl)] public static extern IntPtr roomseal_counter_name(uint counter);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_counter(RoomHandle room, uint kind, uint counter, out ulong value);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_last_epoch(RoomHandle room, uint kind, out ulong epoch);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_stream_count(RoomHandle room, uint kind, out UIntPtr count);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_streams(RoomHandle room, uint kind, ulong[] kids, UIntPtr kidsCap, out UIntPtr count);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_stream_counter(RoomHandle room, uint kind, ulong kid, uint counter, out ulong value);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_stream_last_epoch(RoomHandle room, uint kind, ulong kid, out ulong epoch);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_room_stream_source(RoomHandle room, uint kind, ulong kid, byte[] source, UIntPtr sourceCap, out UIntPtr sourceLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_new(RoomHandle room, uint kind, out SealerHandle sealer);
        [DllImport(Library, CallingConvention = Cdecl)] internal static extern void roomseal_sealer_free(IntPtr sealer);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_kid(SealerHandle sealer, out ulong kid);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_tag_len(SealerHandle sealer, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_sealed_len(SealerHandle sealer, UIntPtr frameLen, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_seal(SealerHandle sealer, byte[] frame, UIntPtr frameLen, byte[] metadata, UIntPtr metadataLen, byte[] output, UIntPtr outCap, out UIntPtr outLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_seal(SealerHandle sealer, IntPtr frame, UIntPtr frameLen, byte[] metadata, UIntPtr metadataLen, IntPtr output, UIntPtr outCap, out UIntPtr outLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_seal_in_place(SealerHandle sealer, byte[] metadata, UIntPtr metadataLen, byte[] buf, UIntPtr bufCap, UIntPtr frameOff, UIntPtr frameLen, out UIntPtr off, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_seal_in_place(SealerHandle sealer, byte[] metadata, UIntPtr metadataLen, IntPtr buf, UIntPtr bufCap, UIntPtr frameOff, UIntPtr frameLen, out UIntPtr off, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_sealed_text_len(SealerHandle sealer, UIntPtr messageLen, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_seal_text(SealerHandle sealer, byte[] message, UIntPtr messageLen, byte[] metadata, UIntPtr metadataLen, byte[] text, UIntPtr textCap, out UIntPtr textLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_max_sealed_codec_len(SealerHandle sealer, uint codec, UIntPtr frameLen, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_seal_codec(SealerHandle sealer, uint codec, byte[] frame, UIntPtr frameLen, byte[] metadata, UIntPtr metadataLen, byte[] output, UIntPtr outCap, out UIntPtr outLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_seal_codec(SealerHandle sealer, uint codec, IntPtr frame, UIntPtr frameLen, byte[] metadata, UIntPtr metadataLen, IntPtr output, UIntPtr outCap, out UIntPtr outLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_seal_codec_in_place(SealerHandle sealer, uint codec, byte[] metadata, UIntPtr metadataLen, byte[] buf, UIntPtr bufCap, UIntPtr frameOff, UIntPtr frameLen, out UIntPtr off, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sealer_seal_codec_in_place(SealerHandle sealer, uint codec, byte[] metadata, UIntPtr metadataLen, IntPtr buf, UIntPtr bufCap, UIntPtr frameOff, UIntPtr frameLen, out UIntPtr off, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_codec_detect_annex_b(byte[] frame, UIntPtr frameLen, out uint codec);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_peek_codec(byte[] frame, UIntPtr frameLen, out uint codec);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_opener_new(RoomHandle room, out OpenerHandle opener);
        [DllImport(Library, CallingConvention = Cdecl)] internal static extern void roomseal_opener_free(IntPtr opener);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_opener_opened_len(OpenerHandle opener, uint kind, UIntPtr frameLen, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_opener_open(OpenerHandle opener, uint kind, byte[] frame, UIntPtr frameLen, byte[] metadata, UIntPtr metadataLen, byte[] source, UIntPtr sourceLen, byte[] output, UIntPtr outCap, out UIntPtr outLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_opener_open(OpenerHandle opener, uint kind, IntPtr frame, UIntPtr frameLen, byte[] metadata, UIntPtr metadataLen, byte[] source, UIntPtr sourceLen, IntPtr output, UIntPtr outCap, out UIntPtr outLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_opener_open_in_place(OpenerHandle opener, uint kind, byte[] metadata, UIntPtr metadataLen, byte[] source, UIntPtr sourceLen, byte[] frame, UIntPtr frameLen, out UIntPtr off, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_opener_open_in_place(OpenerHandle opener, uint kind, byte[] metadata, UIntPtr metadataLen, byte[] source, UIntPtr sourceLen, IntPtr frame, UIntPtr frameLen, out UIntPtr off, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_opener_text_cap(UIntPtr textLen, out UIntPtr cap);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_opener_open_text(OpenerHandle opener, byte[] text, UIntPtr textLen, byte[] metadata, UIntPtr metadataLen, byte[] source, UIntPtr sourceLen, byte[] output, UIntPtr outCap, out UIntPtr outLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_peek(uint form, byte[] frame, UIntPtr frameLen, out ulong kid, out ulong ctr, out uint epochNibble);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_peek(byte[] frame, UIntPtr frameLen, out ulong kid, out ulong ctr);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_key_ratchet(byte[] baseKey, UIntPtr baseKeyLen, byte[] key, UIntPtr keyCap);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_key_for_ssrc(byte[] baseKey, UIntPtr baseKeyLen, uint ssrc, byte[] key, UIntPtr keyCap);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_ratchet_kid(uint stepBits, ulong generation, ulong step, out ulong kid);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_ratchet_kid_split(uint stepBits, ulong kid, out ulong generation, out ulong step);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_mls_kid(uint epochBits, ulong groupSize, ulong context, ulong senderIndex, ulong epoch, out ulong kid);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_mls_kid_split(uint epochBits, ulong groupSize, ulong kid, out ulong context, out ulong senderIndex, out ulong epoch);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_sender_new(uint suite, ulong kid, byte[] baseKey, UIntPtr baseKeyLen, out SFrameSenderHandle sender);
        [DllImport(Library, CallingConvention = Cdecl)] internal static extern void roomseal_sframe_sender_free(IntPtr sender);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_sender_kid(SFrameSenderHandle sender, out ulong kid);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_sender_skip_to(SFrameSenderHandle sender, ulong ctr);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_sender_next_ctr(SFrameSenderHandle sender, out ulong ctr);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_sender_sealed_len(SFrameSenderHandle sender, UIntPtr frameLen, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_sender_seal(SFrameSenderHandle sender, byte[] frame, UIntPtr frameLen, byte[] metadata, UIntPtr metadataLen, byte[] output, UIntPtr outCap, out UIntPtr outLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_sender_seal_in_place(SFrameSenderHandle sender, byte[] metadata, UIntPtr metadataLen, byte[] buf, UIntPtr bufCap, UIntPtr frameOff, UIntPtr frameLen, out UIntPtr off, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_receiver_new(uint suite, UIntPtr replayWindow, out SFrameReceiverHandle receiver);
        [DllImport(Library, CallingConvention = Cdecl)] internal static extern void roomseal_sframe_receiver_free(IntPtr receiver);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_receiver_add(SFrameReceiverHandle receiver, ulong kid, byte[] baseKey, UIntPtr baseKeyLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_receiver_remove(SFrameReceiverHandle receiver, ulong kid);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_receiver_opened_len(SFrameReceiverHandle receiver, byte[] frame, UIntPtr frameLen, out UIntPtr len);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_receiver_open(SFrameReceiverHandle receiver, byte[] frame, UIntPtr frameLen, byte[] metadata, UIntPtr metadataLen, byte[] output, UIntPtr outCap, out UIntPtr outLen);
        [DllImport(Library, CallingConvention = Cdecl)] public static extern Status roomseal_sframe_receiver_open_in_place(SFrameReceiverHandle receiver, byte[] metadata, UIntPtr metadataLen, byte[] frame, UIntPtr frameLen, out UIntPtr off, out UIntPtr len);
    }
}
