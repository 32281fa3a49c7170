//! What happens next, on a clock that jumps from one event to the next.

use core::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::clips::Micros;

/// Events by their time; those of the same moment in the order they were entered.
pub(super) struct Agenda<E> {
    heap: BinaryHeap<Entry<E>>,
    entered: u64,
}

struct Entry<E> {
    at: Micros,
    order: u64,
    event: E,
}

impl<E> Agenda<E> {
    pub(super) const fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            entered: 0,
        }
    }

    pub(super) fn enter(&mut self, at: Micros, event: E) {
        self.heap.push(Entry {
            at,
            order: self.entered,
            event,
        });
        self.entered += 1;
    }

    pub(super) fn next(&mut self) -> Option<(Micros, E)> {
        self.heap.pop().map(|e| (e.at, e.event))
    }
}

impl<E> Entry<E> {
    const fn key(&self) -> (Micros, u64) {
        (self.at, self.order)
    }
}

// The heap gives the greatest first, and the earliest is wanted: reversed.
impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Entry<E> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_first_and_ties_in_order_of_entry() {
        let mut agenda = Agenda::new();
        for (at, name) in [(5, 'c'), (1, 'a'), (5, 'd'), (3, 'b')] {
            agenda.enter(at, name);
        }
        let seen: Vec<_> = core::iter::from_fn(|| agenda.next()).collect();
        assert_eq!(seen, [(1, 'a'), (3, 'b'), (5, 'c'), (5, 'd')]);
    }
}
