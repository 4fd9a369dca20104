//! A ring that puts what many threads finish back in order.
//!
//! Workers take tickets 0, 1, 2, ... and put each result in its place; the reader takes results in
//! the order of the tickets. A ticket is given out only when it is less than `depth` ahead of the
//! reader, so no more than `depth` results wait or are being made: that is the backpressure.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub(super) struct Ring<T> {
    state: Mutex<State<T>>,
    /// Something came, for the reader.
    came: Condvar,
    /// Something went, for the workers.
    went: Condvar,
    depth: usize,
}

#[derive(Debug)]
struct State<T> {
    /// Results by ticket, from `first` on.
    slots: VecDeque<Option<T>>,
    /// Ticket of the first slot: the one that the reader takes next.
    first: u64,
    next_ticket: u64,
    /// Ticket after the last.
    end: u64,
    is_closed: bool,
}

impl<T> Ring<T> {
    /// A ring for the tickets `0..end`.
    pub(super) fn new(depth: usize, end: u64) -> Self {
        Self {
            state: Mutex::new(State {
                slots: VecDeque::with_capacity(depth),
                first: 0,
                next_ticket: 0,
                end,
                is_closed: false,
            }),
            came: Condvar::new(),
            went: Condvar::new(),
            depth: depth.max(1),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing in here can panic halfway through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next ticket, as soon as there is room for its result; `None` when there is no more.
    pub(super) fn ticket(&self) -> Option<u64> {
        let mut state = self.lock();
        loop {
            if state.is_closed || state.next_ticket == state.end {
                return None;
            }
            if state.next_ticket - state.first < self.depth as u64 {
                let ticket = state.next_ticket;
                state.next_ticket += 1;
                state.slots.push_back(None);
                return Some(ticket);
            }
            state = self
                .went
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Puts the result of a ticket in its place.
    pub(super) fn put(&self, ticket: u64, result: T) {
        let mut state = self.lock();
        let place = (ticket - state.first) as usize;
        if let Some(slot) = state.slots.get_mut(place) {
            *slot = Some(result);
        }
        if place == 0 {
            self.came.notify_one();
        }
    }

    /// The result of the next ticket in order, as soon as it is there; `None` after the last.
    pub(super) fn take(&self) -> Option<T> {
        let mut state = self.lock();
        loop {
            if state.is_closed || state.first == state.end {
                return None;
            }
            if let Some(result) = state.slots.front_mut().and_then(Option::take) {
                state.slots.pop_front();
                state.first += 1;
                self.went.notify_one();
                return Some(result);
            }
            state = self
                .came
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Wakes everyone up to stop.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.came.notify_all();
        self.went.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_order_and_never_more_than_the_depth_are_open() {
        for (threads, depth) in [(1, 1), (3, 2), (8, 5), (4, 64)] {
            let ring = Ring::new(depth, 500);
            let (open, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        while let Some(ticket) = ring.ticket() {
                            let n = open.fetch_add(1, Ordering::SeqCst) + 1;
                            most.fetch_max(n, Ordering::SeqCst);
                            // Some take longer, so that results overtake each other.
                            if ticket % 7 == 0 {
                                std::thread::sleep(std::time::Duration::from_micros(200));
                            }
                            ring.put(ticket, ticket);
                        }
                    });
                }
                for wanted in 0..500 {
                    assert_eq!(ring.take(), Some(wanted));
                    open.fetch_sub(1, Ordering::SeqCst);
                }
                assert_eq!(ring.take(), None);
            });
            // One result may be on its way between the ring and the count of this test.
            let most = most.load(Ordering::SeqCst);
            assert!(most <= depth + 1, "{most} open of {depth}");
        }
    }

    #[test]
    fn closing_sends_workers_and_reader_home() {
        let ring = Ring::<u8>::new(2, 100);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        let mut n = 0;
                        while ring.ticket().is_some() {
                            n += 1;
                        }
                        n
                    })
                })
                .collect();
            while ring.lock().next_ticket < 2 {
                std::thread::yield_now();
            }
            ring.close();
            assert_eq!(ring.take(), None);
            let n: usize = workers.into_iter().map(|w| w.join().unwrap()).sum();
            assert_eq!(n, 2, "no ticket beyond the depth");
        });
    }
}
