//! H.264 or H.265, by the headers of a frame's NAL units.

use super::nal::{NalWalk, Nals};
use super::units::{Side, Walk};
use super::{Codec, lengths};

/// NAL units that are looked at: more than stand before the first slice.
const LOOKED_AT: usize = 32;

pub(super) fn annex_b(frame: &[u8]) -> Option<Codec> {
    match (may_be_h264(frame), may_be_h265(frame)) {
        (true, false) => Some(Codec::H264),
        (false, true) => Some(Codec::H265),
        _ => None,
    }
}

fn may_be_h264(frame: &[u8]) -> bool {
    may_be(Codec::H264, frame, |nal| {
        // nal_ref_idc of what can't be referred to, section 7.4.1.
        let is_referred = nal.first().is_some_and(|header| header & 0x60 != 0);
        match nal.first().map(|header| header & 0x1F) {
            Some(6 | 9..=12) => !is_referred,
            Some(5 | 7 | 8) => is_referred,
            _ => true,
        }
    })
}

fn may_be_h265(frame: &[u8]) -> bool {
    may_be(Codec::H265, frame, |nal| {
        let is_base_temporal = nal.get(1) == Some(&1);
        match nal.first().map(|header| header >> 1) {
            // Intra pictures, parameter sets and ends have temporal id 0.
            Some(16..=23 | 32..=34 | 36 | 37) => is_base_temporal,
            Some(10..=15 | 24..=31) => false,
            _ => true,
        }
    })
}

/// Whether the front of a frame comes apart as a codec, and each header is one
/// that its encoders make.
fn may_be(codec: Codec, frame: &[u8], is_usual: impl Fn(&[u8]) -> bool) -> bool {
    let (Ok(mut nals), Ok(mut walk)) = (Nals::new(frame), NalWalk::new(codec, Side::Clear, frame))
    else {
        return false;
    };
    let mut found = 0;
    let mut is_in_clear = false;
    while found < LOOKED_AT {
        match (nals.next(), walk.next()) {
            (Ok(Some(nal)), Ok(Some(unit))) => {
                is_in_clear |= unit.is_longer_and_clear();
                if !frame.get(nal.start..nal.end).is_some_and(&is_usual) {
                    return false;
                }
                found += 1;
            }
            (Ok(None), Ok(None)) => break,
            _ => return false,
        }
    }
    found > 0 && !(is_in_clear && lengths::may_be_prefixed(frame))
}
