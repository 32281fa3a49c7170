//! Messages: how much fits a host's limit, and the text form for hosts that
//! take strings only.

use super::text::{
    Alphabet, base64_decode, base64_decoded_len, base64_encode, base64_encode_block, base64_len,
};
use super::{HEADER_LEN, Kind, Opener, Sealer};
use crate::sframe::CipherSuite;
use crate::{Error, Result};
use zeroize::Zeroize;

/// The longest message that fits `limit` bytes when sealed with `suite`.
/// `None` if not even an empty one does.
///
/// ```
/// use roomseal::{max_message_len, sframe::CipherSuite};
/// // TRTC's sendCustomCmdMsg takes 1,000 bytes.
/// assert_eq!(max_message_len(CipherSuite::Aes128GcmSha256_128, 1_000), Some(972));
/// ```
#[must_use]
pub const fn max_message_len(suite: CipherSuite, limit: usize) -> Option<usize> {
    limit.checked_sub(HEADER_LEN + suite.tag_len())
}

/// The longest message that fits `limit` characters when sealed with `suite` in
/// text form. `None` if not even an empty one does.
///
/// ```
/// use roomseal::{max_text_message_len, sframe::CipherSuite};
/// assert_eq!(max_text_message_len(CipherSuite::Aes128GcmSha256_128, 1_000), Some(722));
/// ```
#[must_use]
pub const fn max_text_message_len(suite: CipherSuite, limit: usize) -> Option<usize> {
    // 4 characters carry 3 bytes, 3 carry 2, 2 carry 1, 1 carries none.
    let bytes = limit / 4 * 3 + (limit % 4).saturating_sub(1);
    max_message_len(suite, bytes)
}

/// Characters of the text form of a sealed message of `sealed_len` bytes:
/// base64url without padding. `None` if the sum overflows.
#[must_use]
pub const fn text_len(sealed_len: usize) -> Option<usize> {
    base64_len(sealed_len)
}

/// Bytes that sealed text of `text_len` characters stands for: what
/// [`Opener::open_text_into`] needs as its output.
///
/// ```
/// use roomseal::{Error, text_decoded_len, text_len};
/// assert_eq!(text_len(728), Some(971));
/// assert_eq!(text_decoded_len(971), Ok(728));
/// assert_eq!(text_decoded_len(973), Err(Error::InvalidText));
/// ```
///
/// # Errors
/// [`Error::InvalidText`] if no text has this length.
pub const fn text_decoded_len(text_len: usize) -> Result<usize> {
    base64_decoded_len(text_len)
}

impl Sealer {
    /// Seals a message into text: base64url without padding, written to the
    /// front of `out`. Returns the number of characters, [`text_len`] of
    /// [`Sealer::sealed_len`].
    ///
    /// # Errors
    /// [`Error::WrongKind`] unless the sealer is one of messages; else as
    /// [`Sealer::seal`].
    pub fn seal_text_into(&self, message: &[u8], metadata: &[u8], out: &mut [u8]) -> Result<usize> {
        if self.kind() != Kind::Message {
            return Err(Error::WrongKind);
        }
        let sealed_len = self.sealed_len(message.len());
        let len = text_len(sealed_len).ok_or(Error::TooLarge)?;
        let out = out.get_mut(..len).ok_or(Error::BufferTooSmall)?;
        // The sealed bytes stand at the end of the text's place. Writing it from
        // the front never overtakes reading them: of n bytes left, at least n
        // characters are still to be written.
        let at = len - sealed_len;
        let sealed = out.get_mut(at..).ok_or(Error::Internal)?;
        self.seal(message, metadata, sealed)?;
        widen_base64(out, at);
        Ok(len)
    }

    /// Seals a message into text, as [`Sealer::seal_text_into`] does.
    ///
    /// ```
    /// # use roomseal::*;
    /// # fn main() -> Result<()> {
    /// # let key = RoomKey::random()?;
    /// # let join = || -> Result<Room> {
    /// #     let room = Room::new(RoomConfig::new(AppId::number(1), RoomId::number(2)))?;
    /// #     room.install(1, &key, &RoomSalt::none())?;
    /// #     room.activate(1)?;
    /// #     Ok(room)
    /// # };
    /// # let (alice, bob) = (join()?, join()?);
    /// let text = alice.sealer(Kind::Message)?.seal_text(b"hello", b"cmd 7")?;
    /// assert_eq!(bob.opener().open_text(&text, b"cmd 7", None)?, b"hello");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Sealer::seal_text_into`].
    pub fn seal_text(&self, message: &[u8], metadata: &[u8]) -> Result<String> {
        let len = text_len(self.sealed_len(message.len())).ok_or(Error::TooLarge)?;
        let mut text = vec![0; len];
        self.seal_text_into(message, metadata, &mut text)?;
        String::from_utf8(text).map_err(|_| Error::Internal)
    }
}

impl Opener {
    /// Opens a message in text form into the front of `out` and returns its
    /// length. `out` must have room for the sealed bytes, [`text_decoded_len`]; the
    /// message's own length is less by the overhead.
    ///
    /// # Errors
    /// [`Error::InvalidText`] for padding, other characters and non-zero spare
    /// bits, or [`Error::ClearFrame`] while clear messages are accepted; else as
    /// [`Opener::open`]. What is refused by its length or the other arguments
    /// leaves `out` untouched; every other error leaves [`text_decoded_len`] bytes
    /// of it all zero.
    pub fn open_text_into(
        &self,
        text: &[u8],
        metadata: &[u8],
        source: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<usize> {
        let len = self.check_text(text.len(), source)?;
        let sealed = out.get_mut(..len).ok_or(Error::BufferTooSmall)?;
        let opened = base64_decode(text, Alphabet::Url, sealed)
            .map_err(|error| self.refuse_text(error))
            .and_then(|()| self.open_in_place(Kind::Message, metadata, source, sealed));
        match opened {
            Ok(place) => {
                let len = place.len();
                sealed.copy_within(place, 0);
                if let Some(rest) = sealed.get_mut(len..) {
                    rest.zeroize();
                }
                Ok(len)
            }
            Err(error) => {
                sealed.zeroize();
                Err(error)
            }
        }
    }

    /// Opens a message in text form.
    ///
    /// # Errors
    /// As [`Opener::open_text_into`].
    pub fn open_text(&self, text: &str, metadata: &[u8], source: Option<&[u8]>) -> Result<Vec<u8>> {
        let len = self.check_text(text.len(), source)?;
        let mut message = vec![0; len];
        let len = self.open_text_into(text.as_bytes(), metadata, source, &mut message)?;
        message.truncate(len);
        Ok(message)
    }
}

/// Turns the bytes of `buf[at..]` into text that fills `buf`.
fn widen_base64(buf: &mut [u8], at: usize) {
    const BLOCK: usize = 12;
    let (mut from, mut to) = (at, 0);
    // A copy of each block is read before its text is written.
    while let Some(bytes) = buf.get(from..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        let text = base64_encode_block(*bytes, Alphabet::Url);
        if let Some(place) = buf.get_mut(to..).and_then(<[u8]>::first_chunk_mut) {
            *place = text;
        }
        from += BLOCK;
        to += text.len();
    }
    let mut rest = [0; BLOCK];
    let left = buf.get(from..).unwrap_or_default();
    let len = left.len();
    for (to, byte) in rest.iter_mut().zip(left) {
        *to = *byte;
    }
    let text = buf.get_mut(to..).unwrap_or_default();
    base64_encode(rest.into_iter().take(len), Alphabet::Url, text);
}
