//! The ring without a network: ranks are threads, links are channels.

use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

struct ChannelLink {
    rank: usize,
    ranks: usize,
    next: Sender<Vec<u8>>,
    before: Receiver<Vec<u8>>,
}

impl Link for ChannelLink {
    fn rank(&self) -> usize {
        self.rank
    }

    fn ranks(&self) -> usize {
        self.ranks
    }

    fn name(&self) -> &'static str {
        "channel"
    }

    fn exchange(&mut self, sent: &[u8], received: &mut [u8]) -> Result<(), TrainError> {
        let gone = |_| TrainError::stopped("a neighbour is gone");
        if !sent.is_empty() {
            self.next.send(sent.to_vec()).map_err(|_| gone(()))?;
        }
        if !received.is_empty() {
            let bytes = self.before.recv().map_err(|_| gone(()))?;
            received.copy_from_slice(&bytes);
        }
        Ok(())
    }
}

/// What each rank returns, in the order of the ranks.
fn on_ranks<T: Send>(
    n: usize,
    wire: Wire,
    run: impl Fn(&mut Ring<ChannelLink>) -> T + Sync,
) -> Vec<T> {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..n).map(|_| channel()).unzip();
    let mut links: Vec<ChannelLink> = Vec::new();
    for (rank, before) in receivers.into_iter().enumerate() {
        // Channel i leads to rank i.
        let next = senders[(rank + 1) % n].clone();
        links.push(ChannelLink {
            rank,
            ranks: n,
            next,
            before,
        });
    }
    drop(senders);
    std::thread::scope(|scope| {
        let threads: Vec<_> = links
            .into_iter()
            .map(|link| scope.spawn(|| run(&mut Ring::new(link, wire))))
            .collect();
        let threads = threads.into_iter();
        threads.map(|thread| thread.join().unwrap()).collect()
    })
}

/// Values that add up differently in another order.
fn values(rank: usize, length: usize) -> Vec<f32> {
    let value = |i: usize| {
        let turned = (i as u32 ^ (rank as u32) << 20).wrapping_mul(2_654_435_761);
        (turned as f32 / 2e9 - 1.0) * if turned.is_multiple_of(3) { 1e-3 } else { 10.0 }
    };
    (0..length).map(value).collect()
}

#[test]
fn every_rank_gets_the_same_bits_which_are_those_of_the_documented_order() {
    for (n, length) in [
        (2, 1001),
        (3, 7),
        (4, 4096),
        (5, 3),
        (4, BUCKET + 5),
        (2, 0),
    ] {
        let means = on_ranks(n, Wire::F32, |ring| {
            let mut own = values(ring.rank(), length);
            ring.all_reduce_mean(&mut own).unwrap();
            own
        });
        let all: Vec<Vec<f32>> = (0..n).map(|rank| values(rank, length)).collect();
        let mut wanted = vec![0.0_f32; length];
        for start in (0..length).step_by(BUCKET) {
            let bucket = BUCKET.min(length - start);
            for chunk in 0..n {
                for i in bucket * chunk / n..bucket * (chunk + 1) / n {
                    let ranks = (0..n).map(|k| (chunk + k) % n);
                    let sum = ranks
                        .map(|rank| all[rank][start + i])
                        .reduce(|sum, own| own + sum);
                    wanted[start + i] = sum.unwrap() / n as f32;
                }
            }
        }
        for mean in &means {
            assert!(mean == &wanted, "{n} ranks, {length} values");
        }
    }
}

#[test]
fn sixteen_bits_cost_a_little_precision_and_are_the_same_everywhere() {
    let (n, length) = (4, 999);
    let means = on_ranks(n, Wire::Bf16, |ring| {
        let mut own = values(ring.rank(), length);
        ring.all_reduce_mean(&mut own).unwrap();
        own
    });
    assert!(means.iter().all(|mean| mean == &means[0]));
    let all: Vec<Vec<f32>> = (0..n).map(|rank| values(rank, length)).collect();
    for (i, mean) in means[0].iter().enumerate() {
        let exact = all.iter().map(|v| f64::from(v[i])).sum::<f64>() / n as f64;
        let size = all.iter().map(|v| f64::from(v[i].abs())).sum::<f64>() / n as f64;
        // Rounded to 8 bits four times at most.
        assert!(
            (f64::from(*mean) - exact).abs() <= 4.0 * size / 256.0,
            "{i}: {mean} {exact}"
        );
    }
}

#[test]
fn a_broadcast_brings_the_values_of_its_root() {
    for (n, root, length) in [
        (2, 0, 5),
        (3, 2, 2 * SEGMENT + 17),
        (4, 1, SEGMENT),
        (2, 1, 0),
    ] {
        let got = on_ranks(n, Wire::F32, |ring| {
            let mut own = values(ring.rank(), length);
            ring.broadcast(&mut own, root).unwrap();
            own
        });
        let wanted = values(root, length);
        assert!(
            got.iter().all(|own| own == &wanted),
            "{n} ranks, root {root}"
        );
    }
}

#[test]
fn numbers_are_gathered_in_the_order_of_the_ranks_and_one_yes_is_enough() {
    let got = on_ranks(4, Wire::F32, |ring| {
        let rank = ring.rank();
        let own: Vec<f64> = (0..rank).map(|i| (10 * rank + i) as f64).collect();
        let gathered = ring.all_gather(&own).unwrap();
        let flags = [ring.any(rank == 2).unwrap(), ring.any(false).unwrap()];
        ring.finish().unwrap();
        (gathered, flags)
    });
    let wanted = vec![vec![], vec![10.0], vec![20.0, 21.0], vec![30.0, 31.0, 32.0]];
    assert!(
        got.iter()
            .all(|(gathered, flags)| *gathered == wanted && *flags == [true, false])
    );
}

#[test]
fn ranks_that_are_out_of_step_are_told_so() {
    let errors = on_ranks(2, Wire::F32, |ring| {
        let mut own = vec![1.0; 10 + ring.rank()];
        ring.all_reduce_mean(&mut own).unwrap_err().to_string()
    });
    assert!(
        errors[0].contains("rank 0 averages 10 values, rank 1 averages 11"),
        "{errors:?}"
    );
    let errors = on_ranks(2, Wire::F32, |ring| {
        if ring.rank() == 0 {
            ring.barrier().unwrap_err().to_string()
        } else {
            ring.broadcast(&mut [0.0; 3], 1).unwrap_err().to_string()
        }
    });
    assert!(
        errors[0].contains("gathers numbers, rank 1 takes 3 values of rank 1"),
        "{errors:?}"
    );
}
