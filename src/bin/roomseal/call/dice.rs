//! The random numbers of the simulation. Keys never come from here.
//!
//! SplitMix64, spelled out: the generators of the `rand` crate may change with
//! its version, and then the same `--seed` would no longer be the same network.

/// A repeatable source of chance.
pub(super) struct Dice {
    state: u64,
}

impl Dice {
    /// Independent dice for each `purpose`, all from one seed.
    pub(super) fn new(seed: u64, purpose: &str) -> Self {
        // FNV-1a: any fixed spreading of the name does.
        let spread = purpose
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        let mut dice = Self {
            state: seed ^ spread,
        };
        dice.state = dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below `end`, or 0 if that is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        // Multiplying up is as even as these dice need to be.
        let wide = u128::from(self.next()) * u128::from(end);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// An index below `len`, or 0 if that is 0.
    pub(super) fn index(&mut self, len: usize) -> usize {
        u64::try_from(len).map_or(0, |len| usize::try_from(self.below(len)).unwrap_or(0))
    }

    /// True with probability `share` (0 to 1).
    pub(super) fn roll(&mut self, share: f64) -> bool {
        const STEPS: u64 = 1 << 53;
        // Both numbers are whole and below 2^53, so exact as floating point.
        (self.below(STEPS) as f64) < share * STEPS as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_for_ever() {
        let mut dice = Dice::new(1, "network");
        let mut other = Dice::new(1, "server");
        let first = [dice.below(1000), dice.below(1000), dice.below(1000)];
        assert_ne!(
            first,
            [other.below(1000), other.below(1000), other.below(1000)]
        );
        assert_eq!(first, PINNED);
    }

    const PINNED: [u64; 3] = [25, 84, 71];

    #[test]
    fn shares_come_out_as_asked() {
        let mut dice = Dice::new(7, "test");
        for share in [0.0, 0.005, 0.3, 1.0] {
            let hits = (0..100_000).filter(|_| dice.roll(share)).count() as f64;
            assert!((hits / 100_000.0 - share).abs() < 0.005, "{share}: {hits}");
        }
        assert!((0..10_000).all(|_| dice.below(3) < 3));
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.index(0), 0);
    }
}
