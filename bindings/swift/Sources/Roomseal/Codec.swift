import CRoomseal

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The form of a kind's frames. All members must agree: frames of the other form never open.
public enum FrameForm: UInt32, Sendable, CaseIterable {
    /// Header, ciphertext, tag, as in RFC 9605. The default.
    case plain = 0
    /// Frames that stay frames of their codec, for audio and video in hosts that parse or
    /// packetize what they carry.
    case codec = 1
}

/// What a frame of the form ``FrameForm/codec`` is encoded with.
public enum Codec: UInt32, Sendable, CaseIterable {
    /// Any bytes; nothing of them stays clear.
    case opaque = 0
    /// H.264 with start codes.
    case h264 = 1
    /// H.265 with start codes.
    case h265 = 2
    /// VP8.
    case vp8 = 3
    /// VP9.
    case vp9 = 4
    /// AV1: the OBUs of one temporal unit or layer.
    case av1 = 5
    /// Opus.
    case opus = 6
    /// AAC without ADTS headers.
    case aac = 7

    /// Tells H.264 from H.265 by the headers of a frame's NAL units: for hosts that don't say
    /// which one they hand out. Best at a key frame with its parameter sets.
    ///
    /// - Throws: ``RoomsealError/codecMismatch`` if it is neither or could be both.
    public static func detect(annexB frame: UnsafeRawBufferPointer) throws(RoomsealError) -> Codec {
        var number: UInt32 = 0
        try check(roomseal_codec_detect_annex_b(frame.bytes, frame.count, &number))
        guard let codec = Codec(rawValue: number) else { throw .unknownCodec }
        return codec
    }

    /// Reads the codec of a whole sealed frame of the form ``FrameForm/codec``, without a key.
    /// Nothing about it is authentic.
    ///
    /// - Throws: ``RoomsealError/malformed`` or ``RoomsealError/notSealed`` if there is no
    ///   trailer of a room frame at its end.
    public init(ofSealedFrame frame: UnsafeRawBufferPointer) throws(RoomsealError) {
        var number: UInt32 = 0
        try check(roomseal_peek_codec(frame.bytes, frame.count, &number))
        guard let codec = Codec(rawValue: number) else { throw .unknownCodec }
        self = codec
    }
}

/// Frames that stay frames of their codec. The kind is of the form ``FrameForm/codec``; the codec
/// may differ from one frame to the next, and openers read it from the frame.
///
/// Besides what ``Sealer`` lists, these calls throw ``RoomsealError/codecMismatch`` if the frame
/// doesn't parse as its codec or has a unit that can't be sealed, ``RoomsealError/wrongForm`` if
/// the kind's frames are plain ones, and ``RoomsealError/tooManyEscapes`` for some frames of
/// hundreds of megabytes. Nothing may be sent then.
extension Sealer {
    @inline(__always)
    private func call(_ body: (OpaquePointer) -> roomseal_status) -> roomseal_status {
        withExtendedLifetime(self) { body(unsafeHandle) }
    }

    /// A capacity that is enough for every frame of so many bytes; the exact length for all
    /// codecs but H.264, H.265 and AV1.
    ///
    /// - Throws: ``RoomsealError/tooLarge`` if no integer holds it.
    public func maximumSealedLength(
        of frameLength: Int, codec: Codec
    ) throws(RoomsealError) -> Int {
        var length = 0
        try check(
            call {
                roomseal_sealer_max_sealed_codec_len($0, codec.rawValue, frameLength, &length)
            })
        return length
    }

    /// Seals a frame from one buffer into another, as a frame that is still one of its codec.
    ///
    /// - Parameters:
    ///   - frame: H.264 and H.265: with start codes, not with lengths.
    ///   - codec: what it is encoded with.
    ///   - metadata: authenticated, not sent: openers must pass the same bytes.
    ///   - output: takes ``maximumSealedLength(of:codec:)`` bytes; shares none with the inputs.
    /// - Returns: the bytes written.
    public func sealCodec(
        _ frame: UnsafeRawBufferPointer, codec: Codec, metadata: UnsafeRawBufferPointer = .empty,
        into output: UnsafeMutableRawBufferPointer
    ) throws(RoomsealError) -> Int {
        var length = 0
        try check(
            call {
                roomseal_sealer_seal_codec(
                    $0, codec.rawValue, frame.bytes, frame.count, metadata.bytes, metadata.count,
                    output.bytes, output.count, &length)
            })
        return length
    }

    /// Seals a frame where it stands, which begins where it began and grows by a trailer.
    ///
    /// - Parameters:
    ///   - buffer: the buffer around the frame.
    ///   - frame: where the frame stands in it: ``Roomseal/maximumTrailerLength`` bytes or more
    ///     from its end. No headroom is needed.
    ///   - codec: any but H.264, H.265 and AV1, which go from one buffer to another.
    ///   - metadata: authenticated, not sent; shares no byte with `buffer`.
    /// - Returns: where the sealed frame stands.
    public func sealCodecInPlace(
        _ buffer: UnsafeMutableRawBufferPointer, frame: Range<Int>, codec: Codec,
        metadata: UnsafeRawBufferPointer = .empty
    ) throws(RoomsealError) -> Range<Int> {
        var offset = 0
        var length = 0
        try check(
            call {
                roomseal_sealer_seal_codec_in_place(
                    $0, codec.rawValue, metadata.bytes, metadata.count, buffer.bytes,
                    buffer.count, frame.lowerBound, frame.count, &offset, &length)
            })
        return offset..<offset + length
    }

    /// Seals a frame into a new array, as a frame that is still one of its codec.
    public func sealCodec(
        _ frame: [UInt8], codec: Codec, metadata: [UInt8] = []
    ) throws(RoomsealError) -> [UInt8] {
        let capacity = try maximumSealedLength(of: frame.count, codec: codec)
        return try makeArray(capacity: capacity) { output, length in
            call {
                roomseal_sealer_seal_codec(
                    $0, codec.rawValue, frame, frame.count, metadata, metadata.count, output.bytes,
                    output.count, &length)
            }
        }
    }

    /// Seals a frame into a new `Data`, as a frame that is still one of its codec.
    public func sealCodec(
        _ frame: Data, codec: Codec, metadata: Data = Data()
    ) throws(RoomsealError) -> Data {
        let capacity = try maximumSealedLength(of: frame.count, codec: codec)
        return try makeData(capacity: capacity) { output, length in
            frame.withUnsafeBytes { frame in
                metadata.withUnsafeBytes { metadata in
                    call {
                        roomseal_sealer_seal_codec(
                            $0, codec.rawValue, frame.bytes, frame.count, metadata.bytes,
                            metadata.count, output.bytes, output.count, &length)
                    }
                }
            }
        }
    }
}
