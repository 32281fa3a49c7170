//! Typed ids of applications, rooms and calls.
//!
//! A numeric room 123 and a room called "123" are different rooms in host SDKs,
//! so the type is part of the id: `n:` and the number in decimal, or `s:` and
//! the text as it is.

use crate::limits::MAX_ID_TEXT_LEN;
use crate::{Error, Result};

macro_rules! id {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// An id that is a number in the host's API.
            #[must_use]
            pub fn number(number: u64) -> Self {
                Self(format!("n:{number}").into())
            }

            /// An id that is a string in the host's API: 1 to 256 bytes, taken
            /// as they are. No case folding, no Unicode normalisation: all members
            /// must pass the same bytes.
            ///
            /// # Errors
            /// [`Error::InvalidArgument`] for other lengths.
            pub fn text(text: &str) -> Result<Self> {
                if text.is_empty() || text.len() > MAX_ID_TEXT_LEN {
                    return Err(Error::InvalidArgument);
                }
                Ok(Self(format!("s:{text}").into()))
            }

            pub(crate) fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }
        }
    };
}

id! {
    /// The application: TRTC's `SDKAppID`, Agora's App ID, ZEGO's `appID`.
    ///
    /// ```
    /// # use roomseal::AppId;
    /// assert_ne!(AppId::number(123), AppId::text("123")?);
    /// # Ok::<(), roomseal::Error>(())
    /// ```
    AppId
}
id! {
    /// The room or channel, as number or text, whichever the host's API takes.
    RoomId
}
id! {
    /// One call within a room. It separates calls under one static key, so that
    /// recordings of an earlier call can't be replayed into this one.
    CallId
}
