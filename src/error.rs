//! Everything that can go wrong, as one small enum whose numbers are the C
//! status codes.

/// Shorthand for results of this crate.
pub type Result<T> = core::result::Result<T, Error>;

macro_rules! errors {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $text:literal;)+) => {
        /// Why a call was refused.
        ///
        /// Each variant has a stable number, the status code of the C interface
        /// ([`Error::status`]). Numbers stand in decades by theme and are never
        /// reused: 1–9 arguments, 10–19 the frame, 20–29 keys, 30–39 limits,
        /// 40–49 the state of an object, 90–99 faults of this library.
        ///
        /// No variant carries data, so no error text can leak a key or a payload.
        ///
        /// ```
        /// use roomseal::Error;
        /// assert_eq!(Error::NotAuthentic.status(), 14);
        /// assert_eq!(Error::NotAuthentic.name(), "NOT_AUTHENTIC");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(i32)]
        pub enum Error {
            $($(#[doc = $doc])+ $name = $code,)+
        }

        impl Error {
            /// Every error, in the order of its status code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The status code of the C interface. Never 0.
            #[must_use]
            pub const fn status(self) -> i32 {
                match self { $(Self::$name => $code,)+ }
            }

            const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The text for C.
            pub(crate) const fn c_text(self) -> &'static core::ffi::CStr {
                let text = match self { $(Self::$name => concat!($text, "\0"),)+ };
                match core::ffi::CStr::from_bytes_with_nul(text.as_bytes()) {
                    Ok(text) => text,
                    Err(_) => c"",
                }
            }
        }
    };
}

errors! {
    /// A required pointer was NULL, or NULL came with a length above zero. Only from C.
    NullPointer = 1, "a required pointer is NULL";
    /// An argument is out of its documented range.
    InvalidArgument = 2, "an argument is out of its range";
    /// The output, headroom or tailroom is too small. Nothing was written and
    /// no counter value was spent.
    BufferTooSmall = 3, "the output buffer is too small";
    /// Input and output share bytes. Use the in-place call, or disjoint buffers. Only from C.
    BuffersOverlap = 4, "input and output buffers overlap";
    /// The frame is longer than the room's or the cipher suite's limit.
    TooLarge = 5, "the frame is longer than the limit";
    /// Not a media kind: audio 1, video 2, message 3; or a call meant for another kind.
    WrongKind = 6, "no such media kind, or not one this call serves";
    /// Not a cipher suite of this library: RFC 9605 suites 1 to 4.
    UnknownSuite = 7, "no such cipher suite";
    /// Not a frame form of this library: plain 0, codec 1.
    UnknownForm = 8, "no such frame form";
    /// Text that is not exact hexadecimal, base64 or base64url as the call asks for.
    InvalidText = 9, "the text is not in the exact form required";

    /// The frame is cut short, or its header is not minimally encoded.
    Malformed = 10, "the frame is malformed";
    /// The header is not one of a room frame (its KID lacks the top bit).
    NotSealed = 11, "the frame is not sealed";
    /// The frame is in clear, and the application said that it accepts such
    /// frames for now. It was not touched, nothing about it is authentic.
    ClearFrame = 12, "the frame is in clear and the clear-frames exception is on";
    /// The frame was sealed by this very room object: a server reflected it.
    OwnFrame = 13, "the frame is one of our own";
    /// Authentication failed. One code for every cryptographic failure.
    NotAuthentic = 14, "the frame is not authentic";
    /// This frame was opened before.
    Replay = 15, "the frame was opened before";
    /// The frame lies before the replay window, or before what a tombstone remembers.
    TooOld = 16, "the frame is older than the replay window";
    /// The stream is bound to another source than the one this call names.
    SourceChanged = 17, "the stream belongs to another source";

    /// The frame to seal is not one of the codec it was named, or has a unit that
    /// can't be sealed. Nothing was written.
    CodecMismatch = 18, "the frame does not parse as its codec";
    /// Not a codec of this library: 0 to 7.
    UnknownCodec = 19, "no such codec";

    /// No key stands behind the frame's KID.
    UnknownKey = 20, "no key for this frame";
    /// Nothing can be sealed: no epoch is active.
    NoActiveEpoch = 21, "no epoch is active";
    /// No such epoch is installed.
    UnknownEpoch = 22, "no such epoch is installed";
    /// The epoch is installed with another key or salt, or its place is taken by the active epoch.
    EpochConflict = 23, "the epoch conflicts with an installed one";
    /// The epoch was retired or displaced, or is older than one that was.
    EpochRetired = 24, "the epoch was retired";
    /// The key has sealed all the frames or blocks it may.
    KeyExhausted = 25, "the key is exhausted";
    /// A key is already installed under this KID.
    DuplicateKid = 26, "a key with this KID is installed already";
    /// Too many forged frames under this key; the application asked to stop using it.
    KeySuspect = 27, "too many forged frames under this key";
    /// Suite 3 has 4-byte tags and needs its explicit opt-in.
    FourByteTags = 28, "suite 3 needs its opt-in";
    /// Epoch 2^64 − 1 has no successor.
    LastEpoch = 29, "the last epoch can't be ratcheted";

    /// Too many frames with unknown KIDs at the moment. The frame was not
    /// touched and may be tried again.
    Budget = 30, "too many unknown streams at the moment";
    /// The epoch took too many forged frames for its tag length; it takes no new streams.
    FailureBudget = 31, "too many forged frames: the epoch takes no new streams";
    /// Replay memory was lost, and the application asked to refuse new streams then.
    MemoryLost = 32, "replay memory was lost: the epoch takes no new streams";
    /// The sealed frame would take too many emulation bytes, four times over:
    /// chance does that only to frames far above 100 MiB.
    TooManyEscapes = 33, "the frame takes too many emulation bytes";

    /// The room was closed.
    Closed = 40, "the room is closed";
    /// The object was made before a fork, and this is the child process.
    Forked = 41, "made before a fork: make a new one in the child";
    /// The operating system's random generator failed.
    NoRandom = 42, "the random generator failed";
    /// The room was made to open only.
    OpenOnly = 43, "the room only opens";
    /// The call is not for the frame form of this kind, or not for this codec.
    WrongForm = 44, "the call does not fit the frame form or the codec";

    /// A fault in this library. Please report it.
    Internal = 90, "internal error, please report it";
}

impl Error {
    /// The name of the status code, as in `ROOMSEAL_ERR_…`, without the prefix.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NullPointer => "NULL_POINTER",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::BufferTooSmall => "BUFFER_TOO_SMALL",
            Self::BuffersOverlap => "BUFFERS_OVERLAP",
            Self::TooLarge => "TOO_LARGE",
            Self::WrongKind => "WRONG_KIND",
            Self::UnknownSuite => "UNKNOWN_SUITE",
            Self::UnknownForm => "UNKNOWN_FORM",
            Self::InvalidText => "INVALID_TEXT",
            Self::Malformed => "MALFORMED",
            Self::NotSealed => "NOT_SEALED",
            Self::ClearFrame => "CLEAR_FRAME",
            Self::OwnFrame => "OWN_FRAME",
            Self::NotAuthentic => "NOT_AUTHENTIC",
            Self::Replay => "REPLAY",
            Self::TooOld => "TOO_OLD",
            Self::SourceChanged => "SOURCE_CHANGED",
            Self::CodecMismatch => "CODEC_MISMATCH",
            Self::UnknownCodec => "UNKNOWN_CODEC",
            Self::UnknownKey => "UNKNOWN_KEY",
            Self::NoActiveEpoch => "NO_ACTIVE_EPOCH",
            Self::UnknownEpoch => "UNKNOWN_EPOCH",
            Self::EpochConflict => "EPOCH_CONFLICT",
            Self::EpochRetired => "EPOCH_RETIRED",
            Self::KeyExhausted => "KEY_EXHAUSTED",
            Self::DuplicateKid => "DUPLICATE_KID",
            Self::KeySuspect => "KEY_SUSPECT",
            Self::FourByteTags => "FOUR_BYTE_TAGS",
            Self::LastEpoch => "LAST_EPOCH",
            Self::Budget => "BUDGET",
            Self::FailureBudget => "FAILURE_BUDGET",
            Self::MemoryLost => "MEMORY_LOST",
            Self::TooManyEscapes => "TOO_MANY_ESCAPES",
            Self::Closed => "CLOSED",
            Self::Forked => "FORKED",
            Self::NoRandom => "NO_RANDOM",
            Self::OpenOnly => "OPEN_ONLY",
            Self::WrongForm => "WRONG_FORM",
            Self::Internal => "INTERNAL",
        }
    }

    /// The error with this status code, if there is one.
    #[must_use]
    pub fn from_status(status: i32) -> Option<Self> {
        Self::ALL.iter().copied().find(|e| e.status() == status)
    }
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for Error {}
