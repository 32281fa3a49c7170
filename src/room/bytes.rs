//! The `bytes` crate's buffers: `BytesMut` in, `Bytes` out, nothing copied.

use super::{HEADER_LEN, Kind, Opener, Sealer};
use crate::{Error, Result};
use ::bytes::{Buf, Bytes, BytesMut};

impl Sealer {
    /// An empty buffer for a frame of up to `len` bytes: [`HEADER_LEN`] bytes of
    /// headroom, and capacity for the frame and the tag. Append the frame and
    /// call [`Sealer::seal_bytes`].
    #[must_use]
    pub fn frame_buffer(&self, len: usize) -> BytesMut {
        let mut buffer = BytesMut::with_capacity(self.sealed_len(len));
        buffer.resize(HEADER_LEN, 0);
        buffer
    }

    /// Seals the frame that stands in `buffer` behind [`HEADER_LEN`] bytes of
    /// headroom, where it stands. `buffer` is empty afterwards and keeps what
    /// capacity is left; on an error it is as before, but for spare capacity.
    ///
    /// ```
    /// # use roomseal::*;
    /// # fn main() -> Result<()> {
    /// # let room = Room::new(RoomConfig::new(AppId::number(1), RoomId::number(2)))?;
    /// # room.install(1, &RoomKey::random()?, &RoomSalt::none())?;
    /// # room.activate(1)?;
    /// let sealer = room.sealer(Kind::Audio)?;
    /// let mut buffer = sealer.frame_buffer(80);
    /// buffer.extend_from_slice(&[1; 80]);
    /// let sealed = sealer.seal_bytes(&[], &mut buffer)?;
    /// assert_eq!(sealed.len(), sealer.sealed_len(80));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Sealer::seal_in_place`]; [`Error::BufferTooSmall`] without the headroom.
    pub fn seal_bytes(&self, metadata: &[u8], buffer: &mut BytesMut) -> Result<Bytes> {
        let end = buffer.len();
        if end < HEADER_LEN {
            return Err(Error::BufferTooSmall);
        }
        buffer.resize(end + self.tag_len(), 0);
        match self.seal_in_place(metadata, buffer, HEADER_LEN..end) {
            Ok(_) => Ok(buffer.split().freeze()),
            Err(error) => {
                buffer.truncate(end);
                Err(error)
            }
        }
    }
}

impl Opener {
    /// Opens the frame that fills `buffer`, where it stands. `buffer` is empty
    /// afterwards; on an error its bytes are as [`Opener::open_in_place`] says.
    ///
    /// # Errors
    /// As [`Opener::open`].
    pub fn open_bytes(
        &self,
        kind: Kind,
        metadata: &[u8],
        source: Option<&[u8]>,
        buffer: &mut BytesMut,
    ) -> Result<Bytes> {
        let place = self.open_in_place(kind, metadata, source, buffer)?;
        let mut plaintext = buffer.split().freeze();
        plaintext.truncate(place.end);
        plaintext.advance(place.start);
        Ok(plaintext)
    }
}
