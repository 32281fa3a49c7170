import Foundation
import Roomseal
import XCTest

/// What ZEGO's SDK declares, as far as its pages show it; the decrypting half stands by symmetry.
private protocol ZegoCustomMediaCrypto {
    func getEncryptDstLen(_ srcLen: Int32) -> Int32
    func getDecryptDstLen(_ srcLen: Int32) -> Int32
    func onAudioEncryptCallback(
        _ inBuffer: UnsafePointer<UInt8>, inBufferSize: Int32,
        outBuffer: UnsafeMutablePointer<UInt8>, outBufferSize: Int32
    ) -> Int32
    func onAudioDecryptCallback(
        _ inBuffer: UnsafePointer<UInt8>, inBufferSize: Int32,
        outBuffer: UnsafeMutablePointer<UInt8>, outBufferSize: Int32
    ) -> Int32
}

/// The adapter that the documentation of `Room` shows.
private final class RoomCrypto: NSObject, ZegoCustomMediaCrypto {
    private let audio: Sealer, video: Sealer, opener: Opener
    private let overhead = Int32(Roomseal.headerLength + CipherSuite.aes128Gcm.tagLength)

    init(room: Room) throws {
        audio = try room.makeSealer(for: .audio)
        video = try room.makeSealer(for: .video)
        opener = try room.makeOpener()
    }

    func getEncryptDstLen(_ srcLen: Int32) -> Int32 { srcLen + overhead }
    func getDecryptDstLen(_ srcLen: Int32) -> Int32 { max(srcLen - overhead, 0) }

    func onAudioEncryptCallback(
        _ inBuffer: UnsafePointer<UInt8>, inBufferSize: Int32,
        outBuffer: UnsafeMutablePointer<UInt8>, outBufferSize: Int32
    ) -> Int32 {
        let frame = UnsafeRawBufferPointer(start: inBuffer, count: Int(inBufferSize))
        let out = UnsafeMutableRawBufferPointer(start: outBuffer, count: Int(outBufferSize))
        do { return try Int32(audio.seal(frame, into: out)) == outBufferSize ? 0 : -1 }
        catch { return error.rawValue }
    }

    func onAudioDecryptCallback(
        _ inBuffer: UnsafePointer<UInt8>, inBufferSize: Int32,
        outBuffer: UnsafeMutablePointer<UInt8>, outBufferSize: Int32
    ) -> Int32 {
        let frame = UnsafeRawBufferPointer(start: inBuffer, count: Int(inBufferSize))
        let out = UnsafeMutableRawBufferPointer(start: outBuffer, count: Int(outBufferSize))
        do { return try Int32(opener.open(frame, kind: .audio, into: out)) == outBufferSize ? 0 : -1 }
        catch { return error.rawValue }
    }
}

final class HostTests: XCTestCase {
    func testAHostThatTakesNoLengthBack() throws {
        let sender = try RoomCrypto(room: try makeRoom())
        let receiver = try RoomCrypto(room: try makeRoom())
        for length in [0, 1, 77, 1_100] {
            let packet = [UInt8](repeating: 9, count: length)
            var sealed = [UInt8](
                repeating: 0, count: Int(sender.getEncryptDstLen(Int32(length))))
            let sealedCount = Int32(sealed.count)
            XCTAssertEqual(
                sender.onAudioEncryptCallback(
                    packet, inBufferSize: Int32(length), outBuffer: &sealed,
                    outBufferSize: sealedCount), 0)
            // The host's own buffers are never of no bytes.
            var opened = [UInt8](repeating: 0, count: length + 1)
            XCTAssertEqual(Int(receiver.getDecryptDstLen(sealedCount)), length)
            XCTAssertEqual(
                receiver.onAudioDecryptCallback(
                    sealed, inBufferSize: sealedCount, outBuffer: &opened,
                    outBufferSize: Int32(length)), 0)
            XCTAssertEqual(opened, packet + [0])
            XCTAssertEqual(
                receiver.onAudioDecryptCallback(
                    sealed, inBufferSize: sealedCount, outBuffer: &opened,
                    outBufferSize: Int32(length)), RoomsealError.replay.rawValue)
        }
        XCTAssertEqual(receiver.getDecryptDstLen(3), 0)
    }
}
