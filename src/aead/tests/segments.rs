//! Calls in segments.

use super::*;

/// A call under way in either direction.
pub(super) trait Direction {
    fn aad(&mut self, piece: &[u8]) -> Result<()>;
    fn segment(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()>;
}

impl Direction for Sealing<'_> {
    fn aad(&mut self, piece: &[u8]) -> Result<()> {
        Sealing::aad(self, piece)
    }
    fn segment(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        self.encrypt(segment)
    }
}

impl Direction for Opening<'_> {
    fn aad(&mut self, piece: &[u8]) -> Result<()> {
        Opening::aad(self, piece)
    }
    fn segment(&mut self, segment: InOutBuf<'_, '_, u8>) -> Result<()> {
        self.decrypt(segment)
    }
}

/// Cuts 0..len into `count` pieces, empty ones among them.
fn cuts(rng: &mut StdRng, len: usize, count: usize) -> Vec<core::ops::Range<usize>> {
    let mut points: Vec<_> = (1..count).map(|_| rng.random_range(0..=len)).collect();
    points.push(0);
    points.push(len);
    points.sort_unstable();
    points.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    In,
    Out,
    /// Each segment as chance will have it.
    Mixed,
}

/// Feeds a whole call in pieces cut at random and returns the output.
pub(super) fn feed(
    call: &mut impl Direction,
    rng: &mut StdRng,
    (aad, input): (&[u8], &[u8]),
    (segments, place): (usize, Place),
) -> Fenced {
    let pieces = rng.random_range(1..=4);
    for piece in cuts(rng, aad.len(), pieces) {
        call.aad(&aad[piece]).expect("as declared");
    }
    let mut out = Fenced::new(&vec![SENTINEL; input.len()]);
    for segment in cuts(rng, input.len(), segments) {
        let input = &input[segment.clone()];
        let output = &mut out.inner()[segment];
        let in_place = match place {
            Place::In => true,
            Place::Out => false,
            Place::Mixed => rng.random(),
        };
        let result = if in_place {
            output.copy_from_slice(input);
            call.segment(output.into())
        } else {
            call.segment(InOutBuf::new(input, output).expect("equal lengths"))
        };
        assert_eq!(result, Ok(()));
    }
    out
}

/// Seals and opens in that many segments; tag and bytes are the oracle's.
pub(super) fn matches(
    on: On,
    (key, oracle): &(Key, Box<dyn Oracle>),
    rng: &mut StdRng,
    (len, aad_len): (usize, usize),
    (segments, place): (usize, Place),
) {
    let name = on.1.name();
    let case = format!("{name}: {len} bytes, {aad_len} of AAD, {segments} segments, {place:?}");
    let (nonce, aad, plaintext) = (nonce(rng), bytes(rng, aad_len), bytes(rng, len));
    let (ciphertext, tag) = oracle.seal(&nonce, &aad, &plaintext);

    let mut sealing = key.sealing(&nonce, aad_len, len).expect("short enough");
    let out = feed(&mut sealing, rng, (&aad, &plaintext), (segments, place));
    assert_eq!(out.checked(), ciphertext, "{case}");
    let got: Tag = sealing.finish().expect("all went in");
    assert_eq!(got.as_bytes(), tag, "{case}");

    let mut opening = key.opening(&nonce, aad_len, len).expect("short enough");
    let out = feed(&mut opening, rng, (&aad, &ciphertext), (segments, place));
    assert_eq!(out.checked(), plaintext, "{case}");
    assert_eq!(opening.finish(&tag), Ok(()), "{case}");
}

/// 1 to 200 segments, of which the more the shorter and the more often empty.
pub(super) fn any_number_of_segments(on: On) {
    let mut rng = StdRng::seed_from_u64(4);
    let both = key_and_oracle(on, &mut rng);
    for segments in 1..=200 {
        for place in [Place::In, Place::Out, Place::Mixed] {
            for longest in [64, 600, 6_000] {
                let len = rng.random_range(0..=longest);
                let aad_len = rng.random_range(0..=80);
                matches(on, &both, &mut rng, (len, aad_len), (segments, place));
            }
        }
    }
}
