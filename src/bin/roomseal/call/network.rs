//! The way from the server to the members: it loses, delays past others,
//! duplicates and corrupts.

use bytes::{Bytes, BytesMut};

use super::dice::Dice;
use crate::clips::Micros;

/// How often each mishap befalls a packet, as shares of 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    pub(crate) loss: f64,
    pub(crate) reorder: f64,
    pub(crate) duplicate: f64,
    pub(crate) corrupt: f64,
}

/// What the network did, in packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) offered: u64,
    pub(crate) lost: u64,
    pub(crate) reordered: u64,
    pub(crate) duplicated: u64,
    pub(crate) corrupted: u64,
    pub(crate) carried: u64,
}

/// A packet that will arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) at: Micros,
    pub(super) bytes: Bytes,
    /// A second copy that the network made.
    pub(super) extra: bool,
}

/// All links, one to each member.
pub(super) struct Network {
    rates: Rates,
    dice: Dice,
    /// When the last packet in order arrives, for each link.
    links: Vec<Micros>,
    pub(super) counts: Counts,
}

const BASE_DELAY: Micros = 40_000;
const JITTER: Micros = 8_000;
/// A packet that is overtaken comes this much later at most.
const DETOUR: Micros = 200_000;
/// A second copy comes this much later at most.
const ECHO: Micros = 100_000;

impl Network {
    pub(super) fn new(rates: Rates, links: usize, seed: u64) -> Self {
        Self {
            rates,
            dice: Dice::new(seed, "network"),
            links: vec![0; links],
            counts: Counts::default(),
        }
    }

    /// Takes a packet for `link`; gives what arrives of it: none, one or two.
    ///
    /// The same draws are made whatever the bytes are, so that the seed alone
    /// says what happens to which packet.
    pub(super) fn carry(&mut self, now: Micros, link: usize, bytes: &Bytes) -> Vec<Arrival> {
        self.counts.offered += 1;
        let lost = self.dice.roll(self.rates.loss);
        let reordered = self.dice.roll(self.rates.reorder);
        let duplicated = self.dice.roll(self.rates.duplicate);
        let corrupted = self.dice.roll(self.rates.corrupt);
        let delay = BASE_DELAY + self.dice.below(JITTER);
        let detour = self.dice.below(DETOUR);
        let echo = self.dice.below(ECHO);
        if lost {
            self.counts.lost += 1;
            return Vec::new();
        }

        let mut at = now + delay;
        if reordered {
            self.counts.reordered += 1;
            at += detour;
        } else if let Some(last) = self.links.get_mut(link) {
            // A link keeps its order by itself.
            at = at.max(*last + 1);
            *last = at;
        }
        let mut arrivals = Vec::with_capacity(2);
        if duplicated {
            self.counts.duplicated += 1;
            arrivals.push(Arrival {
                at: at + echo,
                bytes: bytes.clone(),
                extra: true,
            });
        }
        let bytes = if corrupted {
            self.counts.corrupted += 1;
            corrupt(&mut self.dice, bytes)
        } else {
            bytes.clone()
        };
        arrivals.push(Arrival {
            at,
            bytes,
            extra: false,
        });
        self.counts.carried += if duplicated { 2 } else { 1 };
        arrivals
    }
}

/// Other bytes, never the same: one bit turned, a byte overwritten, cut short,
/// or with something at the end.
fn corrupt(dice: &mut Dice, bytes: &Bytes) -> Bytes {
    let mut out = BytesMut::from(&bytes[..]);
    // One set of draws, whatever is done with it and however long the packet is.
    let how = dice.below(4);
    let place = dice.index(out.len());
    let noise = u8::try_from(1 + dice.below(255)).unwrap_or(1);
    match (how, out.get_mut(place)) {
        (0, Some(byte)) => *byte ^= 1 << (noise % 8),
        (1, Some(byte)) => *byte ^= noise,
        (2, Some(_)) => out.truncate(place),
        _ => out.resize(out.len() + 1 + usize::from(noise % 16), noise),
    }
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: Rates = Rates {
        loss: 0.1,
        reorder: 0.2,
        duplicate: 0.05,
        corrupt: 0.03,
    };

    fn run(rates: Rates, seed: u64) -> (Network, Vec<Arrival>) {
        let mut network = Network::new(rates, 3, seed);
        let mut arrivals = Vec::new();
        for n in 0..30_000_u64 {
            let bytes = Bytes::copy_from_slice(&n.to_be_bytes());
            arrivals.extend(network.carry(n * 1_000, usize::try_from(n % 3).unwrap(), &bytes));
        }
        (network, arrivals)
    }

    #[test]
    fn no_packet_appears_or_disappears_uncounted() {
        for seed in 0..5 {
            let (network, arrivals) = run(RATES, seed);
            let counts = network.counts;
            assert_eq!(counts.offered, 30_000);
            assert_eq!(
                counts.offered + counts.duplicated,
                counts.carried + counts.lost
            );
            assert_eq!(counts.carried, u64::try_from(arrivals.len()).unwrap());
            let extra = arrivals.iter().filter(|a| a.extra).count();
            assert_eq!(counts.duplicated, u64::try_from(extra).unwrap());
        }
    }

    #[test]
    fn mishaps_come_at_their_rates() {
        let (network, _) = run(RATES, 1);
        let near =
            |count: u64, share: f64, of: u64| (count as f64 / of as f64 - share).abs() < 0.01;
        let counts = network.counts;
        let alive = counts.offered - counts.lost;
        assert!(near(counts.lost, RATES.loss, counts.offered), "{counts:?}");
        assert!(near(counts.reordered, RATES.reorder, alive), "{counts:?}");
        assert!(
            near(counts.duplicated, RATES.duplicate, alive),
            "{counts:?}"
        );
        assert!(near(counts.corrupted, RATES.corrupt, alive), "{counts:?}");
    }

    #[test]
    fn a_kind_network_delivers_everything_once_in_order() {
        let none = Rates {
            loss: 0.0,
            reorder: 0.0,
            duplicate: 0.0,
            corrupt: 0.0,
        };
        let (network, arrivals) = run(none, 1);
        assert_eq!(network.counts.carried, 30_000);
        for link in 0..3 {
            let times: Vec<_> = arrivals
                .iter()
                .skip(link)
                .step_by(3)
                .map(|a| a.at)
                .collect();
            assert!(times.is_sorted_by(|a, b| a < b));
        }
        for (n, arrival) in arrivals.iter().enumerate() {
            assert_eq!(arrival.bytes[..], u64::try_from(n).unwrap().to_be_bytes());
        }
    }

    #[test]
    fn reordering_lets_others_overtake() {
        let (_, arrivals) = run(
            Rates {
                reorder: 0.1,
                ..RATES
            },
            1,
        );
        let mut by_time = arrivals.clone();
        by_time.sort_by_key(|a| a.at);
        assert_ne!(by_time, arrivals);
    }

    #[test]
    fn corruption_always_changes_the_bytes() {
        let mut dice = Dice::new(3, "test");
        let mut shorter = 0;
        for n in 0..2_000 {
            let bytes = Bytes::from(vec![0xaa; n % 40]);
            let bad = corrupt(&mut dice, &bytes);
            assert_ne!(bad, bytes);
            shorter += usize::from(bad.len() < bytes.len());
        }
        assert!(shorter > 100, "{shorter}");
    }

    #[test]
    fn the_seed_decides() {
        let (_, one) = run(RATES, 1);
        assert_eq!(one, run(RATES, 1).1);
        assert_ne!(one, run(RATES, 2).1);
    }
}
