//! The unit that is added for the trailer when the last one of a frame is clear:
//! an SEI message of user data in H.264 and H.265, metadata for private use in AV1.

use super::{Sound, Unsound, escape};

/// The start code before a NAL unit that is added.
pub(super) const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// `user_data_unregistered`.
const USER_DATA: u8 = 5;
/// Names the user data as a trailer. Drawn once; no byte is below 4, so none of
/// it is ever escaped.
const UUID: [u8; 16] = [
    0x7C, 0x3E, 0x9D, 0x52, 0xB8, 0xA4, 0x4F, 0x61, 0x9E, 0x27, 0xD5, 0xC0, 0x8F, 0x4B, 0xA3, 0x16,
];
/// Bytes before the trailer, of the longest header.
const MAX_NAL_PREFIX: usize = 2 + 2 + UUID.len();

/// The most bytes that a carrier takes besides its trailer.
pub(super) const MAX_LEN: usize = START_CODE.len() + MAX_NAL_PREFIX;

/// A metadata OBU with a size field and without an extension.
pub(super) const OBU_HEADER: u8 = 0x2A;
/// The first metadata type that the AV1 specification leaves to applications and
/// that nobody registered is 6; this is the last one.
pub(super) const OBU_METADATA_TYPE: u8 = 31;

/// The NAL unit header of a carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NalHeader {
    bytes: [u8; 2],
    len: usize,
}

/// What stands between the start code and the trailer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefix {
    bytes: [u8; MAX_NAL_PREFIX],
    len: usize,
}

impl Prefix {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl NalHeader {
    /// SEI.
    pub(super) const H264: Self = Self {
        bytes: [0x06, 0],
        len: 1,
    };
    /// Prefix SEI of the base layer.
    pub(super) const H265_PREFIX: Self = Self {
        bytes: [39 << 1, 1],
        len: 2,
    };

    /// Suffix SEI with the layer and temporal id of a slice's header.
    pub(super) const fn h265_suffix(second: u8) -> Self {
        Self {
            bytes: [40 << 1, second],
            len: 2,
        }
    }

    pub(super) fn prefix(self, trailer_len: usize) -> Prefix {
        // The trailer's last byte is not the user data's: it ends the bits.
        let size = (UUID.len() + trailer_len - 1).to_le_bytes();
        let message = [USER_DATA, size.first().copied().unwrap_or_default()];
        let header = self.bytes.iter().take(self.len);
        let mut prefix = Prefix {
            bytes: [0; MAX_NAL_PREFIX],
            len: self.len + message.len() + UUID.len(),
        };
        let bytes = header.chain(&message).chain(&UUID);
        for (to, from) in prefix.bytes.iter_mut().zip(bytes) {
            *to = *from;
        }
        prefix
    }

    /// Whether a NAL unit is a carrier and nothing else. The trailer itself was
    /// read before.
    pub(super) fn check(self, nal: &[u8], trailer_len: usize) -> Sound<()> {
        let prefix = self.prefix(trailer_len);
        let text = nal.strip_prefix(prefix.as_bytes()).ok_or(Unsound)?;
        let escapes = escape::count(nal, prefix.len, prefix.len)?;
        if text.len() == escapes + trailer_len {
            Ok(())
        } else {
            Err(Unsound)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uuid_is_never_escaped() {
        assert!(UUID.iter().all(|byte| *byte > 3));
    }

    #[test]
    fn a_carrier_is_one_message_of_its_size() {
        for (header, want) in [
            (NalHeader::H264, &[0x06, 5, 45][..]),
            (NalHeader::H265_PREFIX, &[0x4E, 1, 5, 45]),
            (NalHeader::h265_suffix(3), &[0x50, 3, 5, 45]),
        ] {
            let prefix = header.prefix(30);
            assert_eq!(prefix.as_bytes(), [want, &UUID].concat());
            let nal = [prefix.as_bytes(), &[0x99; 30]].concat();
            assert_eq!(header.check(&nal, 30), Ok(()));
            assert_eq!(header.check(&nal, 29), Err(Unsound));
            assert_eq!(header.check(&nal[1..], 30), Err(Unsound));
            assert_eq!(header.check(&nal[..nal.len() - 1], 30), Err(Unsound));
            for bit in 0..prefix.len * 8 {
                let mut nal = nal.clone();
                nal[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(header.check(&nal, 30), Err(Unsound), "bit {bit}");
            }
        }
        assert_eq!(MAX_LEN, 24);
    }
}
