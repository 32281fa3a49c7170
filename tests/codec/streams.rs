//! Byte streams of NAL units and OBUs, put together and taken apart as plainly
//! as can be.

use roomseal::Codec;

/// NAL units with start codes of four bytes.
pub(crate) fn stream(nals: &[&[u8]]) -> Vec<u8> {
    stream_with(&[0, 0, 0, 1], nals)
}

pub(crate) fn stream_with(code: &[u8], nals: &[&[u8]]) -> Vec<u8> {
    nals.iter().flat_map(|nal| [code, nal].concat()).collect()
}

/// A stream in its parts: what stands before each NAL unit, the unit, and the
/// zero bytes behind the last one.
#[derive(Debug, Default)]
pub(crate) struct Parts<'f> {
    pub(crate) nals: Vec<(&'f [u8], &'f [u8])>,
    pub(crate) tail: &'f [u8],
}

pub(crate) fn parts(frame: &[u8]) -> Parts<'_> {
    let codes: Vec<usize> = (0..frame.len().saturating_sub(2))
        .filter(|at| frame[*at..*at + 3] == [0, 0, 1])
        .collect();
    let mut parts = Parts::default();
    let mut gap = 0;
    for (index, code) in codes.iter().enumerate() {
        let start = code + 3;
        let mut end = codes.get(index + 1).copied().unwrap_or(frame.len());
        while end > start && frame[end - 1] == 0 {
            end -= 1;
        }
        parts.nals.push((&frame[gap..start], &frame[start..end]));
        gap = end;
    }
    parts.tail = &frame[gap..];
    parts
}

/// An OBU without an extension.
pub(crate) fn obu(obu_type: u8, payload: &[u8]) -> Vec<u8> {
    [&[obu_type << 3 | 2], &leb128(payload.len())[..], payload].concat()
}

/// An OBU of a layer.
pub(crate) fn layer_obu(obu_type: u8, temporal: u8, spatial: u8, payload: &[u8]) -> Vec<u8> {
    let header = [obu_type << 3 | 6, temporal << 5 | spatial << 3];
    [&header, &leb128(payload.len())[..], payload].concat()
}

pub(crate) fn leb128(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = u8::try_from(value % 128).expect("below 128");
        value /= 128;
        if value == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// An OBU as it stands in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Obu {
    /// With `obu_has_size_field` set.
    pub(crate) header: Vec<u8>,
    /// None if there is none.
    pub(crate) size: Option<Vec<u8>>,
    pub(crate) payload: Vec<u8>,
}

impl Obu {
    pub(crate) fn obu_type(&self) -> u8 {
        self.header[0] >> 3 & 0xF
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut header = self.header.clone();
        if self.size.is_none() {
            header[0] &= !2;
        }
        let size = self.size.clone().unwrap_or_default();
        [header, size, self.payload.clone()].concat()
    }

    /// With the shortest size.
    pub(crate) fn canonical(&self) -> Self {
        Self {
            size: Some(leb128(self.payload.len())),
            ..self.clone()
        }
    }
}

/// Panics if it can't be taken apart.
pub(crate) fn obus(frame: &[u8]) -> Vec<Obu> {
    let mut obus = Vec::new();
    let mut rest = frame;
    while !rest.is_empty() {
        let header_len = if rest[0] & 4 == 0 { 1 } else { 2 };
        let (header, after) = rest.split_at(header_len);
        let (size, len, after) = if header[0] & 2 == 0 {
            (None, after.len(), after)
        } else {
            let n = 1 + after.iter().take_while(|byte| **byte & 0x80 != 0).count();
            let value = after[..n]
                .iter()
                .enumerate()
                .map(|(at, byte)| usize::from(byte & 0x7F) << (7 * at))
                .sum();
            (Some(after[..n].to_vec()), value, &after[n..])
        };
        let mut header = header.to_vec();
        header[0] |= 2;
        obus.push(Obu {
            header,
            size,
            payload: after[..len].to_vec(),
        });
        rest = &after[len..];
    }
    obus
}

pub(crate) fn join(obus: &[Obu]) -> Vec<u8> {
    obus.iter().flat_map(Obu::bytes).collect()
}

/// What of a frame a transport may not change: all but start codes and zero
/// bytes between NAL units, the length of OBU sizes, and a temporal delimiter at
/// the front.
pub(crate) fn canonical(codec: Codec, frame: &[u8]) -> Vec<Vec<u8>> {
    match codec {
        Codec::H264 | Codec::H265 => parts(frame)
            .nals
            .iter()
            .map(|(_, nal)| nal.to_vec())
            .collect(),
        Codec::Av1 => {
            let mut all = obus(frame);
            if all.first().is_some_and(|obu| obu.bytes() == [0x12, 0]) {
                all.remove(0);
            }
            all.iter().map(|obu| obu.canonical().bytes()).collect()
        }
        _ => vec![frame.to_vec()],
    }
}
