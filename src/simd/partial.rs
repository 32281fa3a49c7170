//! Parts of a block, read and written without a copy.

/// A window of 32 bytes that starts `32 - n` bytes in has `n` bytes of ones.
pub(super) static KEEP: [u8; 64] = {
    let mut mask = [0; 64];
    let mut i = 0;
    while i < 32 {
        mask[i] = 0xFF;
        i += 1;
    }
    mask
};

/// Reads `len` bytes, 1 to 16, by loads that overlap instead of a copy.
///
/// # Safety
/// `from` is valid for reads of `len` bytes.
#[inline(always)]
pub(super) unsafe fn read_partial(from: *const u8, len: usize) -> (u64, u64) {
    // SAFETY: each read lies within `len` bytes: two of the width that `len`
    // reaches, one at the start and one at the end.
    unsafe {
        if len >= 8 {
            let low = from.cast::<u64>().read_unaligned();
            if len == 8 {
                return (low, 0);
            }
            let high = from.add(len - 8).cast::<u64>().read_unaligned();
            (low, high >> (8 * (16 - len)))
        } else if len >= 4 {
            let low = u64::from(from.cast::<u32>().read_unaligned());
            let high = u64::from(from.add(len - 4).cast::<u32>().read_unaligned());
            (low | high << (8 * (len - 4)), 0)
        } else {
            let first = u64::from(from.read());
            let middle = u64::from(from.add(len / 2).read());
            let last = u64::from(from.add(len - 1).read());
            (
                first | middle << (8 * (len / 2)) | last << (8 * (len - 1)),
                0,
            )
        }
    }
}

/// Writes `len` bytes, 1 to 16, by stores that overlap.
///
/// # Safety
/// `to` is valid for writes of `len` bytes.
#[inline(always)]
pub(super) unsafe fn write_partial(to: *mut u8, len: usize, low: u64, high: u64) {
    // SAFETY: as in `read_partial`. Bytes written twice get the same value.
    unsafe {
        if len >= 8 {
            if len > 8 {
                let shift = 8 * (len - 8);
                // The last 8 bytes of the 16 - (16 - len) given.
                let last = if shift == 64 {
                    high
                } else {
                    low >> shift | high << (64 - shift)
                };
                to.add(len - 8).cast::<u64>().write_unaligned(last);
            }
            to.cast::<u64>().write_unaligned(low);
        } else if len >= 4 {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the low and the last 4 bytes"
            )]
            {
                to.add(len - 4)
                    .cast::<u32>()
                    .write_unaligned((low >> (8 * (len - 4))) as u32);
                to.cast::<u32>().write_unaligned(low as u32);
            }
        } else {
            let bytes = low.to_le_bytes();
            to.write(bytes[0]);
            to.add(len / 2)
                .write((low >> (8 * (len / 2))).to_le_bytes()[0]);
            to.add(len - 1)
                .write((low >> (8 * (len - 1))).to_le_bytes()[0]);
        }
    }
}
