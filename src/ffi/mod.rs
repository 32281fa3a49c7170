//! The C interface of roomseal: end-to-end sealing of encoded audio and video frames and
//! messages with per-room AES-128 keys (SFrame, RFC 9605).
//!
//! Make a configuration with the ids of the application and the room, make a room from it,
//! install and activate the room key. A sealer is one outgoing stream, an opener takes
//! everything that comes in.
//!
//! # Security
//!
//! - A status other than `ROOMSEAL_OK` means: there is nothing to send, or nothing to use.
//!   NEVER SEND THE FRAME IN CLEAR INSTEAD. Where a host's callback takes "false" for "send it
//!   as it is", return an empty frame.
//! - A room key is 16 random bytes that reach members by a way that servers can't read. Whoever
//!   has it can read and write; members are not authenticated against each other. When one
//!   leaves, install a new key. A recording opens for everyone who gets its key later.
//! - Room sealers draw their own random KID, so the same key and ids serve again after a crash
//!   or a rejoin. A plain SFrame sender does not: ONE PAIR OF BASE KEY AND KID, ONE SENDER, ONCE.
//! - A restarted receiver has no memory of what it opened: ratchet, rotate or change the call id
//!   on rejoin, or frames of the same call can be replayed to it.
//! - The library wipes its copies of keys. Wipe yours.
//!
//! # Rules for all functions
//!
//! - Names are `roomseal_<noun>_<verb>`. Handles are opaque. `_new` makes one that you own; its
//!   `_free` takes it back, once, and takes NULL. Rooms, sealers and openers are freed in any order.
//! - Arguments: the handle, inputs, outputs. The length of a buffer stands right after its
//!   pointer; `_cap` is what an output can hold; lengths that come out have a place of their own.
//! - What you pass in is borrowed for the call. Nothing of it is kept, but for copies where a
//!   function says so. The library never hands out memory, but for handles and static texts.
//! - NULL with length 0 is empty. NULL with a length, and NULL for a handle or a single output, is
//!   `ROOMSEAL_ERR_NULL_POINTER`. Lengths above `PTRDIFF_MAX` are `ROOMSEAL_ERR_INVALID_ARGUMENT`.
//! - Buffers that are written share no byte with those that are read, up to their whole capacity:
//!   `ROOMSEAL_ERR_BUFFERS_OVERLAP`. Places for single outputs lie outside all buffers.
//! - All sizes are checked before the first byte is written. Outputs are set on success only;
//!   what failing to open leaves in a buffer stands at each function.
//! - Kinds, forms, suites, counters and statuses are integers: any value may be passed. Texts are
//!   UTF-8 with a length; none has or needs a terminator, but for the static ones.
//! - Every function but `_free` and `roomseal_sframe_sender_skip_to` may be called from any thread
//!   at any time, while others run on the same handle. Those two take a handle that is not
//!   `const`, and need it for themselves.
//! - After `fork()`, sealers made before refuse in the child: make new ones there.
//! - There are no callbacks, no logs and no thread-local state. Should the library ever find a
//!   fault of its own, the call returns `ROOMSEAL_ERR_INTERNAL`.
#![expect(
    unsafe_code,
    reason = "C passes pointers; `boundary` checks all that can be checked"
)]

mod boundary;
mod codec;
mod config;
mod counters;
mod key;
mod numbers;
mod opener;
mod peek;
mod room;
mod sealer;
mod sframe_key;
mod sframe_receiver;
mod sframe_sender;
mod status;
mod version;

pub use codec::*;
pub use config::*;
pub use counters::*;
pub use key::*;
pub use numbers::*;
pub use opener::*;
pub use peek::*;
pub use room::*;
pub use sealer::*;
pub use sframe_key::*;
pub use sframe_receiver::*;
pub use sframe_sender::*;
pub use status::*;
pub use version::*;
