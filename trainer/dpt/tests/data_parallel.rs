//! Ranks that share a batch make the steps of one process with the whole batch.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests fail as their tests would"
)]

mod parallel;

use std::net::TcpListener;
use std::time::Duration;

use bottega_schemas::train::Wire;
use bottega_trainer::collective::{Alone, Collective as _, Ring, TcpLink, TcpPlan};

use parallel::{difference, train};

fn over_tcp(ranks: usize, wire: Wire) -> Vec<Vec<f32>> {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let rendezvous = free.local_addr().unwrap().to_string();
    drop(free);
    let run = |rank| {
        let plan = TcpPlan {
            rank,
            ranks,
            rendezvous: rendezvous.clone(),
            run_id: "data parallel".into(),
            gather_time: Duration::from_secs(120),
            silence_time: Duration::from_secs(120),
        };
        let mut ring = Ring::new(TcpLink::connect(&plan).unwrap(), wire);
        let weights = train(&mut ring).unwrap();
        ring.finish().unwrap();
        weights
    };
    std::thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> = (0..ranks)
            .map(|rank| scope.spawn(move || run(rank)))
            .collect();
        let threads = threads.into_iter();
        threads.map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn two_and_four_ranks_make_the_steps_of_one_process() {
    let alone = train(&mut Alone).unwrap();
    for ranks in [2, 4] {
        let together = over_tcp(ranks, Wire::F32);
        for weights in &together {
            let difference = difference(weights, &alone);
            assert!(difference < 1e-5, "{ranks} ranks: {difference}");
            assert!(
                weights == &together[0],
                "{ranks} ranks differ from each other"
            );
        }
        let again = over_tcp(ranks, Wire::F32);
        assert!(again == together, "{ranks} ranks are not the same twice");
        println!("{ranks} ranks: {:e}", difference(&together[0], &alone));
    }
}

#[test]
fn gradients_in_sixteen_bits_stay_near_and_keep_the_ranks_together() {
    let alone = train(&mut Alone).unwrap();
    let together = over_tcp(2, Wire::Bf16);
    assert!(together[0] == together[1], "the ranks went apart");
    let difference = difference(&together[0], &alone);
    assert!(difference > 0.0 && difference < 2e-3, "{difference}");
}
