//! KIDs for keys from MLS, RFC 9605 section 5.2.

use crate::{Error, Result};

/// The layout `KID = context ‖ sender index (S bits) ‖ epoch mod 2^E`.
///
/// The base key of an epoch is `MLS-Exporter("SFrame 1.0 Base Key", "", Nk)`
/// with [`MlsKid::EXPORTER_LABEL`], one for all members; the KID separates
/// senders. When an epoch begins whose low E bits were used before, receivers
/// must remove the older epoch's keys.
///
/// ```
/// use roomseal::sframe::MlsKid;
/// let layout = MlsKid::new(4, 64)?; // E = 4, up to 64 members: S = 6
/// assert_eq!(layout.kid(0, 7, 14)?, 0x7e);
/// assert_eq!(layout.split(0x7e), (0, 7, 14));
/// # Ok::<(), roomseal::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MlsKid {
    epoch_bits: u32,
    sender_bits: u32,
}

impl MlsKid {
    /// The label for the MLS exporter, with an empty context.
    pub const EXPORTER_LABEL: &'static str = "SFrame 1.0 Base Key";

    /// E bits of epoch (1 to 16), and the smallest S with `group_size` ≤ 2^S.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for other values of E, an empty group or one
    /// above 2^32 members.
    pub fn new(epoch_bits: u32, group_size: u64) -> Result<Self> {
        if !(1..=16).contains(&epoch_bits) || group_size == 0 || group_size > 1 << 32 {
            return Err(Error::InvalidArgument);
        }
        let sender_bits = 64 - (group_size - 1).leading_zeros();
        Ok(Self {
            epoch_bits,
            sender_bits,
        })
    }

    /// The KID of a sender in an epoch; `context` tells several streams of one
    /// sender apart, 0 where there is one.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the index or the context doesn't fit.
    pub fn kid(self, context: u64, sender_index: u64, epoch: u64) -> Result<u64> {
        let low = self.epoch_bits + self.sender_bits;
        if sender_index >> self.sender_bits != 0 || context >> (64 - low) != 0 {
            return Err(Error::InvalidArgument);
        }
        Ok(context << low | sender_index << self.epoch_bits | epoch & self.epoch_mask())
    }

    /// Context, sender index and epoch modulo 2^E of a KID.
    #[must_use]
    pub const fn split(self, kid: u64) -> (u64, u64, u64) {
        let sender = kid >> self.epoch_bits & ((1 << self.sender_bits) - 1);
        (
            kid >> (self.epoch_bits + self.sender_bits),
            sender,
            kid & self.epoch_mask(),
        )
    }

    const fn epoch_mask(self) -> u64 {
        (1 << self.epoch_bits) - 1
    }
}
