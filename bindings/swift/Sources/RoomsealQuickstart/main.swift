// One member seals a video frame, another one opens it.
import Roomseal

/// The same for all members; the key reaches them by your own secure way.
func join(_ key: RoomKey) throws -> Room {
    let room = try Room(RoomConfiguration(application: .number(1_400_000_001), room: .number(42)))
    try room.install(key, epoch: 1)
    try room.activate(epoch: 1)
    return room
}

let key = try RoomKey(base64: "AAECAwQFBgcICQoLDA0ODw==")
let alice = try join(key)
let bob = try join(key)
let camera = try alice.makeSealer(for: .video)  // one for each outgoing stream
let opener = try bob.makeOpener()  // one for everything that comes in

// In the send callback. In an application: when this throws, drop the frame, and never send it in
// clear instead.
let sealed = try camera.seal(Array("an encoded frame".utf8))

// In the receive callback of another member:
let opened = try opener.open(sealed, kind: .video, source: "alice")
print("\(opened.count) bytes, sealed \(sealed.count): \(String(decoding: opened, as: UTF8.self))")
