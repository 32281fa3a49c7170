//! The header parser on any bytes: it agrees with the second implementation,
//! and there is one encoding of everything it takes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use roomseal::Error;
use roomseal::sframe::{self, Header, MlsKid, RatchetKid};
use roomseal_fuzz::{assert_untouched, fresh, oracle};

fuzz_target!(|data: &[u8]| {
    let parsed = Header::parse(data);
    assert_eq!(sframe::peek(data), parsed.map(|(header, _)| header));
    assert_eq!(
        parsed.ok().map(|(h, len)| (h.kid(), h.ctr(), len)),
        oracle::parse_header(data)
    );
    match parsed {
        Ok((header, len)) => {
            encode(header, &data[..len]);
            room_peek(data, header);
        }
        Err(error) => {
            assert_eq!(error, Error::Malformed);
            assert_eq!(roomseal::peek(data), Err(Error::Malformed));
        }
    }
    if let Some((kid, ctr)) = data.split_first_chunk::<8>().and_then(|(kid, rest)| {
        let ctr = rest.first_chunk::<8>()?;
        Some((u64::from_le_bytes(*kid), u64::from_le_bytes(*ctr)))
    }) {
        let want = oracle::header(kid, ctr);
        let header = Header::new(kid, ctr);
        encode(header, &want);
        assert_eq!(Header::parse(&want), Ok((header, want.len())));
        layouts(kid, ctr);
    }
});

/// Encodes to exactly these bytes, into no less than their length.
fn encode(header: Header, want: &[u8]) {
    assert_eq!(header.encoded_len(), want.len());
    let mut out = fresh(want.len() + 1);
    assert_eq!(header.encode(&mut out), Ok(want.len()));
    assert_eq!(out[..want.len()], *want);
    assert_untouched(&out[want.len()..]);

    let mut short = fresh(want.len() - 1);
    assert_eq!(header.encode(&mut short), Err(Error::BufferTooSmall));
    assert_untouched(&short);
}

fn room_peek(data: &[u8], header: Header) {
    match roomseal::peek(data) {
        Ok(peek) => {
            assert!(header.kid() >> 63 == 1, "not a room's KID");
            assert_eq!((peek.kid, peek.ctr), (header.kid(), header.ctr()));
            assert_eq!(u64::from(peek.epoch_nibble), header.kid() % 16);
        }
        Err(error) => {
            assert_eq!(error, Error::NotSealed);
            assert!(header.kid() >> 63 == 0, "a room's KID");
        }
    }
}

/// KIDs with fields: splitting and joining are each other's inverse.
fn layouts(kid: u64, bits: u64) {
    let low = u32::try_from(bits % 64).expect("below 64");
    match RatchetKid::new(low) {
        Ok(layout) => {
            let (generation, step) = layout.split(kid);
            assert_eq!(layout.kid(generation, step), Ok(kid));
        }
        Err(error) => {
            assert_eq!(error, Error::InvalidArgument);
            assert!(!(1..=32).contains(&low), "a step count refused");
        }
    }
    if let Ok(layout) = MlsKid::new(low, bits >> 6) {
        let (context, sender, epoch) = layout.split(kid);
        assert_eq!(layout.kid(context, sender, epoch), Ok(kid));
    }
}
