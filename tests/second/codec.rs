//! Codec-transparent frames, section 4 of docs/WIRE.md, in the same manner: a
//! frame is copied from list to list, one byte after the other.

use super::{Channel, Refusal, aead_open, aead_seal, header, nonce, parse_header, sframe_keys};

/// The codec ids of section 4.1.
pub(crate) const OPAQUE: u8 = 0;
pub(crate) const H264: u8 = 1;
pub(crate) const H265: u8 = 2;
pub(crate) const VP8: u8 = 3;
pub(crate) const VP9: u8 = 4;
pub(crate) const AV1: u8 = 5;
pub(crate) const OPUS: u8 = 6;
pub(crate) const AAC: u8 = 7;

const CARRIER: u8 = 0x10;

// Section 4.1: units.

/// In a sealed frame `encrypted` is the ciphertext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) clear: Vec<u8>,
    pub(crate) encrypted: Vec<u8>,
}

fn unit(bytes: &[u8], clear: usize) -> Unit {
    let (clear, encrypted) = bytes.split_at(clear);
    Unit {
        clear: clear.to_vec(),
        encrypted: encrypted.to_vec(),
    }
}

/// The frame as its only unit: codecs 0, 3, 4, 6 and 7.
fn whole(codec: u8, frame: &[u8]) -> Result<Unit, Refusal> {
    let clear = match (codec, frame.first()) {
        (VP8, Some(first)) if first & 1 == 0 => 10,
        (VP8 | OPUS, Some(_)) => 1,
        (OPAQUE | VP8 | VP9 | OPUS | AAC, _) => 0,
        _ => panic!("codec {codec} has units of its own"),
    };
    if frame.len() < clear {
        return Err(Refusal::NotOfCodec);
    }
    Ok(unit(frame, clear))
}

// Section 4.2: the trailer.

#[derive(Clone, Debug, PartialEq, Eq)]
struct Trailer {
    tag: Vec<u8>,
    header: Vec<u8>,
    control: u8,
}

impl Trailer {
    fn bytes(&self) -> Vec<u8> {
        [&self.tag[..], &self.header, &[self.control, 0x80]].concat()
    }

    fn length(suite: u16) -> usize {
        super::tag_length(suite) + 12 + 2
    }

    /// Takes the trailer off the end of `bytes`.
    fn split(bytes: &[u8], suite: u16) -> Result<(Vec<u8>, Self), Refusal> {
        let before = bytes
            .len()
            .checked_sub(Self::length(suite))
            .ok_or(Refusal::Malformed)?;
        let (before, trailer) = bytes.split_at(before);
        let (tag, rest) = trailer.split_at(super::tag_length(suite));
        let trailer = Self {
            tag: tag.to_vec(),
            header: rest[..12].to_vec(),
            control: rest[12],
        };
        Ok((before.to_vec(), trailer))
    }
}

/// The frame without zero bytes at its end, and `control`.
fn control(frame: &[u8]) -> Result<(&[u8], u8), Refusal> {
    if frame.is_empty() {
        return Err(Refusal::Malformed);
    }
    let body = less_zeros(frame);
    let control = match body {
        [.., control, 0x80] => *control,
        [0x80] => return Err(Refusal::Malformed),
        _ => return Err(Refusal::NotSealed),
    };
    if control & 0x80 == 0 {
        return Err(Refusal::NotSealed);
    }
    let codec = control & 0x0f;
    let bad_bits = control & 0x60 != 0 || codec > 7;
    let bad_carrier = control & CARRIER != 0 && !matches!(codec, H264 | H265 | AV1);
    let bad_zeros = body.len() < frame.len() && !matches!(codec, H264 | H265);
    if bad_bits || bad_carrier || bad_zeros {
        return Err(Refusal::Malformed);
    }
    Ok((body, control))
}

fn less_zeros(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().rposition(|byte| *byte != 0);
    &bytes[..length.map_or(0, |last| last + 1)]
}

// Section 4.3: one AEAD call.

pub(crate) fn aad(header: &[u8], control: u8, units: &[Unit], metadata: &[u8]) -> Vec<u8> {
    let be4 = |length: usize| u32::try_from(length).expect("32 bits").to_be_bytes();
    let mut aad = [header, &[control]].concat();
    aad.extend(be4(units.len()));
    for unit in units {
        aad.extend(be4(unit.clear.len()));
        aad.extend(&unit.clear);
        aad.extend(be4(unit.encrypted.len()));
    }
    aad.extend(metadata);
    aad
}

/// Cuts `bytes` into pieces as long as the units' encrypted parts.
fn cut(bytes: &[u8], units: &[Unit]) -> Vec<Unit> {
    let mut rest = bytes;
    let cut = units.iter().map(|unit| {
        let (piece, behind) = rest.split_at(unit.encrypted.len());
        rest = behind;
        Unit {
            clear: unit.clear.clone(),
            encrypted: piece.to_vec(),
        }
    });
    cut.collect()
}

/// What a frame is sealed with.
struct With<'a> {
    channel: &'a Channel,
    kid: u64,
    ctr: u64,
    metadata: &'a [u8],
}

impl With<'_> {
    fn seal(&self, control: u8, units: &[Unit]) -> (Vec<Unit>, Trailer) {
        let suite = self.channel.suite;
        let (_, key, salt) = sframe_keys(&self.channel.base_key(self.kid), self.kid, suite);
        let header = header(self.kid, self.ctr);
        assert_eq!(header.len(), 12, "senders draw such KIDs and CTRs only");
        let aad = aad(&header, control, units, self.metadata);
        let plaintext: Vec<u8> = units.iter().flat_map(|u| u.encrypted.clone()).collect();
        let sealed = aead_seal(suite, &key, &nonce(&salt, self.ctr), &aad, &plaintext);
        let (ciphertext, tag) = sealed.split_at(plaintext.len());
        let trailer = Trailer {
            tag: tag.to_vec(),
            header,
            control,
        };
        (cut(ciphertext, units), trailer)
    }
}

fn open_units(
    channel: &Channel,
    metadata: &[u8],
    trailer: &Trailer,
    units: &[Unit],
) -> Result<Vec<Unit>, Refusal> {
    let (kid, ctr, length) = parse_header(&trailer.header)?;
    if length != 12 {
        return Err(Refusal::Malformed);
    }
    if kid < 1 << 63 {
        return Err(Refusal::NotSealed);
    }
    if kid % 16 != channel.epoch % 16 {
        return Err(Refusal::UnknownKey);
    }
    let (_, key, salt) = sframe_keys(&channel.base_key(kid), kid, channel.suite);
    let aad = aad(&trailer.header, trailer.control, units, metadata);
    let ciphertext: Vec<u8> = units.iter().flat_map(|u| u.encrypted.clone()).collect();
    let sealed = [ciphertext, trailer.tag.clone()].concat();
    let plaintext = aead_open(channel.suite, &key, &nonce(&salt, ctr), &aad, &sealed)?;
    Ok(cut(&plaintext, units))
}

// Section 4.4: H.264 and H.265.

/// A NAL unit and what stands between it and the one before it.
#[derive(Clone, Debug)]
struct Nal {
    between: Vec<u8>,
    bytes: Vec<u8>,
}

/// The NAL units, and the zero bytes behind the last one.
fn take_nals_apart(frame: &[u8]) -> Result<(Vec<Nal>, Vec<u8>), Refusal> {
    let starts: Vec<usize> = (0..frame.len())
        .filter(|at| frame[*at..].starts_with(&[0, 0, 1]))
        .collect();
    let before = &frame[..*starts.first().unwrap_or(&frame.len())];
    let has_none = starts.is_empty() && !frame.is_empty();
    if has_none || !less_zeros(before).is_empty() {
        return Err(Refusal::NotOfCodec);
    }
    let ends = starts.iter().skip(1).copied().chain([frame.len()]);
    let mut nals = Vec::new();
    let mut zeros = before.to_vec();
    for (start, end) in starts.iter().zip(ends) {
        let content = &frame[start + 3..end];
        let bytes = less_zeros(content).to_vec();
        if bytes.is_empty() {
            return Err(Refusal::NotOfCodec);
        }
        let between = [&zeros[..], &[0, 0, 1]].concat();
        zeros = content[bytes.len()..].to_vec();
        nals.push(Nal { between, bytes });
    }
    Ok((nals, zeros))
}

/// The NAL unit's type, if the unit may be in a frame at all.
fn nal_type(codec: u8, nal: &[u8]) -> Result<u8, Refusal> {
    let first = nal[0];
    let number = if codec == H264 {
        first & 0x1f
    } else {
        let second = *nal.get(1).ok_or(Refusal::NotOfCodec)?;
        let layer = (first & 1) << 5 | second >> 3;
        let temporal_id_plus1 = second & 7;
        if layer != 0 || temporal_id_plus1 == 0 {
            return Err(Refusal::NotOfCodec);
        }
        first >> 1 & 0x3f
    };
    let known = match codec {
        H264 => matches!(number, 1 | 5 | 6..=12),
        _ => number <= 40,
    };
    if known && first & 0x80 == 0 {
        Ok(number)
    } else {
        Err(Refusal::NotOfCodec)
    }
}

fn is_slice(codec: u8, number: u8) -> bool {
    match codec {
        H264 => matches!(number, 1 | 5),
        _ => number <= 31,
    }
}

/// Reads a slice header bit by bit, stepping over emulation prevention.
struct SliceHeader<'a> {
    nal: &'a [u8],
    /// Bytes read so far, whole or in part.
    read: usize,
    zeros: usize,
    /// Bits of the last byte that weren't read.
    bits: u32,
}

impl SliceHeader<'_> {
    fn bit(&mut self) -> Result<u32, Refusal> {
        if self.bits == 0 {
            if self.zeros >= 2 && self.nal.get(self.read) == Some(&3) {
                self.read += 1;
                self.zeros = 0;
            }
            let byte = self.nal.get(self.read).ok_or(Refusal::NotOfCodec)?;
            self.zeros = if *byte == 0 { self.zeros + 1 } else { 0 };
            self.read += 1;
            self.bits = 8;
        }
        self.bits -= 1;
        Ok(u32::from(self.nal[self.read - 1]) >> self.bits & 1)
    }

    fn exp_golomb(&mut self) -> Result<(), Refusal> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
        }
        if zeros >= 32 {
            return Err(Refusal::NotOfCodec);
        }
        for _ in 0..zeros {
            let _value = self.bit()?;
        }
        Ok(())
    }
}

/// How many bytes of a NAL unit are clear.
fn clear_of_nal(codec: u8, nal: &[u8]) -> Result<usize, Refusal> {
    let number = nal_type(codec, nal)?;
    if !is_slice(codec, number) {
        return Ok(nal.len());
    }
    let mut header = SliceHeader {
        nal,
        read: if codec == H264 { 1 } else { 2 },
        zeros: 0,
        bits: 0,
    };
    if codec == H264 {
        header.exp_golomb()?;
        header.exp_golomb()?;
    } else {
        let _first_slice_segment = header.bit()?;
        if (16..=23).contains(&number) {
            let _no_output_of_prior_pics = header.bit()?;
        }
    }
    header.exp_golomb()?;
    Ok(header.read)
}

fn escape(clear: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut zeros = clear.len() - less_zeros(clear).len();
    let mut output = Vec::new();
    for byte in bytes {
        if zeros >= 2 && *byte <= 3 {
            output.push(3);
            zeros = 0;
        }
        output.push(*byte);
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
    }
    output
}

fn unescape(clear: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut zeros = clear.len() - less_zeros(clear).len();
    let mut output = Vec::new();
    for byte in bytes {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        output.push(*byte);
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
    }
    if escape(clear, &output) == bytes {
        Ok(output)
    } else {
        Err(Refusal::Malformed)
    }
}

const UUID: [u8; 16] = [
    0x7c, 0x3e, 0x9d, 0x52, 0xb8, 0xa4, 0x4f, 0x61, 0x9e, 0x27, 0xd5, 0xc0, 0x8f, 0x4b, 0xa3, 0x16,
];

/// A carrier without its start code and without the trailer, behind `nals`.
fn start_of_carrier(codec: u8, suite: u16, nals: &[Nal]) -> Vec<u8> {
    let slice = nals
        .iter()
        .rev()
        .find(|nal| nal_type(codec, &nal.bytes).is_ok_and(|number| is_slice(codec, number)));
    let header = match (codec, slice) {
        (H264, _) => vec![0x06],
        (_, Some(slice)) => vec![0x50, slice.bytes[1]],
        (_, None) => vec![0x4e, 0x01],
    };
    let size = u8::try_from(super::tag_length(suite) + 29).expect("below 46");
    [&header[..], &[5, size], &UUID].concat()
}

/// Where the lengths stand, if there is nothing but lengths with their bytes.
fn places_of_lengths(frame: &[u8]) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    let mut next = 0;
    while next != frame.len() {
        let length: [u8; 4] = frame.get(next..next + 4)?.try_into().ok()?;
        let length = u32::from_be_bytes(length) as usize;
        if length == 0 || length > frame.len() {
            return None;
        }
        places.push(next);
        next += 4 + length;
        if next > frame.len() {
            return None;
        }
    }
    Some(places)
}

fn may_have_lengths(codec: u8, frame: &[u8], nals: &[Nal]) -> bool {
    let Some(places) = places_of_lengths(frame) else {
        return false;
    };
    let all_in_lengths = (0..frame.len())
        .filter(|at| frame[*at..].starts_with(&[0, 0, 1]))
        .all(|at| places.iter().any(|place| (*place..place + 4).contains(&at)));
    let any_clear = nals.iter().any(|nal| {
        let number = nal_type(codec, &nal.bytes);
        nal.bytes.len() > 1 && !number.is_ok_and(|number| is_slice(codec, number))
    });
    all_in_lengths && any_clear
}

fn seal_nals(with: &With<'_>, codec: u8, frame: &[u8]) -> Result<Vec<u8>, Refusal> {
    let (nals, zeros) = take_nals_apart(frame)?;
    if may_have_lengths(codec, frame, &nals) {
        return Err(Refusal::NotOfCodec);
    }
    let mut units = Vec::new();
    let mut encrypted = Vec::new();
    for nal in &nals {
        units.push(unit(&nal.bytes, clear_of_nal(codec, &nal.bytes)?));
        encrypted.push(is_slice(codec, nal_type(codec, &nal.bytes)?));
    }
    let carrier = encrypted.last() != Some(&true);
    let control = 0x80 | if carrier { CARRIER } else { 0 } | codec;
    let (sealed, trailer) = with.seal(control, &units);

    let mut output = Vec::new();
    let mut escapes = 0;
    let mut put_escaped = |output: &mut Vec<u8>, clear: &[u8], bytes: &[u8]| {
        let escaped = escape(clear, bytes);
        escapes += escaped.len() - bytes.len();
        output.extend(clear);
        output.extend(escaped);
    };
    for (place, (nal, unit)) in nals.iter().zip(&sealed).enumerate() {
        output.extend(&nal.between);
        let is_last = place + 1 == nals.len();
        if !encrypted[place] {
            output.extend(&unit.clear);
        } else if is_last {
            let end = [unit.encrypted.clone(), trailer.bytes()].concat();
            put_escaped(&mut output, &unit.clear, &end);
        } else {
            let end = [&unit.encrypted[..], &[0x80]].concat();
            put_escaped(&mut output, &unit.clear, &end);
        }
    }
    output.extend(zeros);
    if carrier {
        output.extend([0, 0, 0, 1]);
        let start = start_of_carrier(codec, with.channel.suite, &nals);
        put_escaped(&mut output, &start, &trailer.bytes());
    }
    if escapes > 64 {
        return Err(Refusal::TooManyEscapes);
    }
    Ok(output)
}

fn open_nals(
    channel: &Channel,
    metadata: &[u8],
    frame: &[u8],
    control: u8,
) -> Result<Vec<u8>, Refusal> {
    let codec = control & 0x0f;
    let (mut nals, mut zeros) = take_nals_apart(frame)?;
    let mut trailer = None;
    if control & CARRIER != 0 {
        let carrier = nals.pop().ok_or(Refusal::Malformed)?;
        let start = start_of_carrier(codec, channel.suite, &nals);
        let end = carrier.bytes.strip_prefix(&start[..]);
        let end = unescape(&start, end.ok_or(Refusal::Malformed)?)?;
        let (before, its_trailer) = Trailer::split(&end, channel.suite)?;
        if !before.is_empty() {
            return Err(Refusal::Malformed);
        }
        trailer = Some(its_trailer);
        let mut before = carrier.between;
        before.truncate(before.len() - 3);
        let _one_more = before.pop();
        zeros = [before, zeros].concat();
    }
    let mut units = Vec::new();
    for (place, nal) in nals.iter().enumerate() {
        let clear = clear_of_nal(codec, &nal.bytes)?;
        let mut unit = unit(&nal.bytes, clear);
        if is_slice(codec, nal_type(codec, &nal.bytes)?) {
            let end = unescape(&unit.clear, &unit.encrypted)?;
            if place + 1 == nals.len() && trailer.is_none() {
                let (ciphertext, its_trailer) = Trailer::split(&end, channel.suite)?;
                unit.encrypted = ciphertext;
                trailer = Some(its_trailer);
            } else {
                let ciphertext = end.strip_suffix(&[0x80]).ok_or(Refusal::Malformed)?;
                unit.encrypted = ciphertext.to_vec();
            }
        }
        units.push(unit);
    }
    let trailer = trailer.ok_or(Refusal::Malformed)?;
    let opened = open_units(channel, metadata, &trailer, &units)?;
    let mut output = Vec::new();
    for (nal, unit) in nals.iter().zip(opened) {
        output.extend(&nal.between);
        output.extend(unit.clear);
        output.extend(unit.encrypted);
    }
    output.extend(zeros);
    Ok(output)
}

// Section 4.5: AV1.

/// An OBU in canonical form: header and extension, then the payload.
#[derive(Clone, Debug)]
struct Obu {
    header: Vec<u8>,
    payload: Vec<u8>,
}

impl Obu {
    fn number(&self) -> u8 {
        self.header[0] >> 3 & 0xf
    }

    fn is_encrypted(&self) -> bool {
        (3..=7).contains(&self.number())
    }

    /// As it is written, with `payload` for its payload.
    fn with(&self, payload: &[u8]) -> Vec<u8> {
        [&self.header[..], &leb128(payload.len()), payload].concat()
    }
}

fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).expect("seven bits");
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// The number and how many bytes it takes.
fn parse_leb128(bytes: &[u8]) -> Result<(usize, usize), Refusal> {
    let mut number = 0_u64;
    for (place, byte) in bytes.iter().take(8).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            let number = u32::try_from(number).map_err(|_| Refusal::NotOfCodec)?;
            return Ok((usize::try_from(number).expect("fits"), place + 1));
        }
    }
    Err(Refusal::NotOfCodec)
}

/// Whether the frame begins with a temporal delimiter, and the other OBUs.
fn take_obus_apart(frame: &[u8]) -> Result<(bool, Vec<Obu>), Refusal> {
    let mut delimiter = false;
    let mut obus = Vec::new();
    let mut rest = frame;
    while let Some(first) = rest.first() {
        let has_extension = first & 0x04 != 0;
        let has_size = first & 0x02 != 0;
        let header_length = if has_extension { 2 } else { 1 };
        if first & 0x80 != 0 || rest.len() < header_length {
            return Err(Refusal::NotOfCodec);
        }
        let (header, behind) = rest.split_at(header_length);
        let (size, size_length) = if has_size {
            parse_leb128(behind)?
        } else {
            (behind.len(), 0)
        };
        let payload = behind[size_length..].get(..size);
        let payload = payload.ok_or(Refusal::NotOfCodec)?.to_vec();
        let is_first = rest.len() == frame.len();
        rest = &behind[size_length + size..];
        let mut header = header.to_vec();
        header[0] |= 0x02;
        let obu = Obu { header, payload };
        match obu.number() {
            2 => {
                if !is_first || obu.header != [0x12] || !obu.payload.is_empty() {
                    return Err(Refusal::NotOfCodec);
                }
                delimiter = true;
            }
            1 | 3..=8 | 15 => obus.push(obu),
            _ => return Err(Refusal::NotOfCodec),
        }
    }
    Ok((delimiter, obus))
}

fn unit_of_obu(obu: &Obu) -> Unit {
    let bytes = [&obu.header[..], &obu.payload].concat();
    if obu.is_encrypted() {
        unit(&bytes, obu.header.len())
    } else {
        unit(&bytes, bytes.len())
    }
}

fn seal_obus(with: &With<'_>, frame: &[u8]) -> Result<Vec<u8>, Refusal> {
    let (delimiter, mut obus) = take_obus_apart(frame)?;
    obus.retain(|obu| !matches!(obu.number(), 8 | 15));
    let units: Vec<Unit> = obus.iter().map(unit_of_obu).collect();
    let carrier = !obus.last().is_some_and(Obu::is_encrypted);
    let control = 0x80 | if carrier { CARRIER } else { 0 } | AV1;
    let (sealed, trailer) = with.seal(control, &units);
    let mut output = if delimiter { vec![0x12, 0] } else { Vec::new() };
    for (place, (obu, unit)) in obus.iter().zip(sealed).enumerate() {
        if !obu.is_encrypted() {
            output.extend(obu.with(&obu.payload));
        } else if place + 1 == obus.len() {
            output.extend(obu.with(&[unit.encrypted, trailer.bytes()].concat()));
        } else {
            output.extend(obu.with(&unit.encrypted));
        }
    }
    if carrier {
        let obu = Obu {
            header: vec![0x2a],
            payload: [vec![31], trailer.bytes()].concat(),
        };
        output.extend(obu.with(&obu.payload));
    }
    Ok(output)
}

fn open_obus(
    channel: &Channel,
    metadata: &[u8],
    frame: &[u8],
    control: u8,
) -> Result<Vec<u8>, Refusal> {
    let (delimiter, mut obus) = take_obus_apart(frame)?;
    if obus.iter().any(|obu| matches!(obu.number(), 8 | 15)) {
        return Err(Refusal::Malformed);
    }
    let last = obus.last_mut().ok_or(Refusal::Malformed)?;
    if !last.is_encrypted() {
        return Err(Refusal::Malformed);
    }
    let (before, trailer) = Trailer::split(&last.payload, channel.suite)?;
    if control & CARRIER == 0 {
        last.payload = before;
    } else if last.header == [0x2a] && before == [31] {
        let _carrier = obus.pop();
    } else {
        return Err(Refusal::Malformed);
    }
    let units: Vec<Unit> = obus.iter().map(unit_of_obu).collect();
    let opened = open_units(channel, metadata, &trailer, &units)?;
    let mut output = if delimiter { vec![0x12, 0] } else { Vec::new() };
    for (obu, unit) in obus.iter().zip(opened) {
        let payload = if obu.is_encrypted() {
            &unit.encrypted
        } else {
            &obu.payload
        };
        output.extend(obu.with(payload));
    }
    Ok(output)
}

// All codecs.

/// The units of a frame, as sections 4.4 and 4.5 count them.
/// As a sender takes a frame apart.
pub(crate) fn units(codec: u8, frame: &[u8]) -> Result<Vec<Unit>, Refusal> {
    match codec {
        H264 | H265 => {
            let (nals, _) = take_nals_apart(frame)?;
            if may_have_lengths(codec, frame, &nals) {
                return Err(Refusal::NotOfCodec);
            }
            nals.iter()
                .map(|nal| Ok(unit(&nal.bytes, clear_of_nal(codec, &nal.bytes)?)))
                .collect()
        }
        AV1 => {
            let (_, mut obus) = take_obus_apart(frame)?;
            obus.retain(|obu| !matches!(obu.number(), 8 | 15));
            Ok(obus.iter().map(unit_of_obu).collect())
        }
        _ => Ok(vec![whole(codec, frame)?]),
    }
}

impl Channel {
    /// Seals under this one CTR.
    pub(crate) fn seal_codec(
        &self,
        codec: u8,
        kid: u64,
        ctr: u64,
        metadata: &[u8],
        frame: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let with = With {
            channel: self,
            kid,
            ctr,
            metadata,
        };
        match codec {
            H264 | H265 => seal_nals(&with, codec, frame),
            AV1 => seal_obus(&with, frame),
            _ => {
                let (sealed, trailer) = with.seal(0x80 | codec, &[whole(codec, frame)?]);
                let [unit] = &sealed[..] else {
                    unreachable!("one unit went in");
                };
                Ok([&unit.clear[..], &unit.encrypted, &trailer.bytes()].concat())
            }
        }
    }

    pub(crate) fn open_codec(&self, metadata: &[u8], frame: &[u8]) -> Result<Vec<u8>, Refusal> {
        let (body, control) = control(frame)?;
        let opened = match control & 0x0f {
            H264 | H265 => open_nals(self, metadata, frame, control),
            AV1 => open_obus(self, metadata, frame, control),
            codec => {
                let (before, trailer) = Trailer::split(body, self.suite)?;
                let unit = whole(codec, &before).map_err(|_| Refusal::Malformed)?;
                let opened = open_units(self, metadata, &trailer, &[unit])?;
                Ok(opened
                    .into_iter()
                    .flat_map(|unit| [unit.clear, unit.encrypted].concat())
                    .collect())
            }
        };
        // What isn't of its codec is a sealed frame out of shape.
        opened.map_err(|refusal| match refusal {
            Refusal::NotOfCodec => Refusal::Malformed,
            other => other,
        })
    }
}
