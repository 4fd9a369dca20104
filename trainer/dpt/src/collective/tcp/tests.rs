//! Ranks as threads, over the loopback address.

use std::net::TcpListener;
use std::thread;

use super::message::{Hello, PROTOCOL, receive, send};
use super::*;
use bottega_schemas::train::Wire;

use crate::collective::{Collective as _, Ring};

/// A plan for rank 0 with a port that was free a moment ago.
fn plan(ranks: usize) -> TcpPlan {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    TcpPlan {
        rank: 0,
        ranks,
        rendezvous: port.to_string(),
        run_id: "a run".into(),
        gather_time: Duration::from_secs(60),
        silence_time: Duration::from_secs(60),
    }
}

fn on_ranks<T: Send>(plan: &TcpPlan, run: impl Fn(TcpPlan) -> T + Sync) -> Vec<T> {
    let run = &run;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.ranks)
            .map(|rank| {
                let plan = TcpPlan {
                    rank,
                    ..plan.clone()
                };
                scope.spawn(move || run(plan))
            })
            .collect();
        let threads = threads.into_iter();
        threads.map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn means_of_more_than_the_buffers_of_sockets_hold_are_the_same_on_every_rank() {
    for n in [2, 4] {
        let length = 3_000_001;
        let means = on_ranks(&plan(n), |plan| {
            if plan.rank == 0 {
                // The others try until it is there.
                thread::sleep(Duration::from_millis(150));
            }
            let scale = (plan.rank + 1) as f32;
            let mut ring = Ring::new(TcpLink::connect(&plan).unwrap(), Wire::F32);
            let mut values: Vec<f32> = (0..length).map(|i| scale * i as f32).collect();
            ring.all_reduce_mean(&mut values).unwrap();
            ring.finish().unwrap();
            values
        });
        let scale = (n + 1) as f32 / 2.0;
        for mean in &means {
            let is_right = mean.iter().enumerate().all(|(i, v)| {
                let wanted = scale * i as f32;
                (v - wanted).abs() <= 1e-6 * wanted
            });
            assert!(is_right && mean == &means[0], "{n} ranks");
        }
    }
}

#[test]
fn a_rank_that_does_not_come_is_named_to_all_others() {
    let plan = TcpPlan {
        gather_time: Duration::from_millis(600),
        ..plan(3)
    };
    let messages = on_ranks(&plan, |plan| match plan.rank {
        1 => String::new(),
        _ => TcpLink::connect(&plan).unwrap_err().to_string(),
    });
    for message in [&messages[0], &messages[2]] {
        assert!(
            message.contains("did not come") && message.contains("0.6 s: 1"),
            "{message}"
        );
    }
    let lonely = TcpPlan { rank: 2, ..plan };
    let message = TcpLink::connect(&lonely).unwrap_err().to_string();
    assert!(message.contains("rank 2 cannot reach rank 0"), "{message}");
}

#[test]
fn a_rank_that_ends_or_falls_silent_stops_the_others_with_its_number() {
    let plan = TcpPlan {
        silence_time: Duration::from_millis(700),
        ..plan(3)
    };
    for is_silent in [false, true] {
        let messages = on_ranks(&plan, |plan| {
            let rank = plan.rank;
            let mut ring = Ring::new(TcpLink::connect(&plan).unwrap(), Wire::F32);
            ring.barrier().unwrap();
            if rank == 1 {
                if is_silent {
                    thread::sleep(Duration::from_secs(2));
                }
                return String::new();
            }
            let mut values = vec![1.0; 1 << 20];
            ring.all_reduce_mean(&mut values).unwrap_err().to_string()
        });
        // Rank 2 receives from rank 1, rank 0 sends to it.
        let wanted = if is_silent {
            "rank 1 was silent for 0.7 s"
        } else {
            "rank 1 has ended"
        };
        assert!(messages[2].contains(wanted), "{messages:?}");
        assert!(messages[0].contains("stops because rank"), "{messages:?}");
    }
}

#[test]
fn strangers_are_refused_with_a_reason_and_do_not_keep_the_ranks_from_each_other() {
    let plan = plan(2);
    let hello = Hello {
        protocol: PROTOCOL,
        version: env!("CARGO_PKG_VERSION").into(),
        run_id: "a run".into(),
        rank: 1,
        ranks: 2,
        port: 1,
        is_little_endian: cfg!(target_endian = "little"),
    };
    let strangers = [
        (
            Hello {
                version: "0.0.9".into(),
                ..hello.clone()
            },
            "version 0.0.9",
        ),
        (
            Hello {
                run_id: "mine".into(),
                ..hello.clone()
            },
            "another run (mine)",
        ),
        (
            Hello {
                ranks: 3,
                ..hello.clone()
            },
            "3 ranks",
        ),
        (
            Hello {
                rank: 0,
                ..hello.clone()
            },
            "rank 0 already",
        ),
        (
            Hello {
                is_little_endian: !hello.is_little_endian,
                ..hello
            },
            "order of bytes",
        ),
    ];
    thread::scope(|scope| {
        let first = scope.spawn(|| TcpLink::connect(&plan).map(|_| ()));
        let call = || loop {
            if let Ok(stream) = TcpStream::connect(&plan.rendezvous) {
                return stream;
            }
            thread::sleep(Duration::from_millis(10));
        };
        for (stranger, wanted) in strangers {
            let stream = call();
            send(&stream, &stranger).unwrap();
            let answer: serde_json::Value = receive(&stream).unwrap();
            assert!(answer.to_string().contains(wanted), "{answer}");
        }
        call().write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        drop(call());
        let second = TcpPlan {
            rank: 1,
            ..plan.clone()
        };
        let _link = TcpLink::connect(&second).unwrap();
        first.join().unwrap().unwrap();
    });
}

#[test]
fn an_address_that_is_none_is_refused_at_once() {
    for rank in [0, 1] {
        let plan = TcpPlan {
            rank,
            rendezvous: "no port".into(),
            ..plan(2)
        };
        let message = TcpLink::connect(&plan).unwrap_err().to_string();
        assert!(message.contains("no port"), "{message}");
    }
}
