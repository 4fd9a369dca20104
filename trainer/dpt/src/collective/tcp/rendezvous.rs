//! How ranks find each other: all come to rank 0, which tells each where the next one waits.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use super::TcpPlan;
use super::message::{Answer, Hello, Neighbor, PROTOCOL, receive, send};
use crate::error::TrainError;

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(20);
/// How long somebody who connects may take to say who it is.
const HELLO_TIME: Duration = Duration::from_secs(5);

/// The sockets to the next rank and to the one before.
pub(super) fn meet(plan: &TcpPlan) -> Result<(TcpStream, TcpStream), TrainError> {
    let TcpPlan { rank, ranks, .. } = *plan;
    if ranks < 2 || rank >= ranks {
        return Err(TrainError::stopped(format!(
            "rank {rank} of {ranks} cannot be in a ring: at least two ranks, counted from 0"
        )));
    }
    let deadline = Instant::now() + plan.gather_time;
    if rank == 0 {
        gather(plan, deadline)
    } else {
        come(plan, deadline)
    }
}

/// Rank 0: waits for all others.
fn gather(plan: &TcpPlan, deadline: Instant) -> Result<(TcpStream, TcpStream), TrainError> {
    let listener = listen(&plan.rendezvous, deadline)?;
    let mut comers: Vec<Option<(TcpStream, SocketAddr)>> = Vec::new();
    comers.resize_with(plan.ranks, || None);
    let mut refused = Vec::new();
    while comers.iter().skip(1).any(Option::is_none) {
        let Some((stream, from)) = accept(&listener, deadline) else {
            let missing: Vec<String> = (1..plan.ranks)
                .filter(|rank| comers[*rank].is_none())
                .map(|rank| rank.to_string())
                .collect();
            let mut reason = format!(
                "of {} ranks, these did not come to {} within {} s: {}",
                plan.ranks,
                plan.rendezvous,
                plan.gather_time.as_secs_f64(),
                missing.join(", ")
            );
            for refusal in &refused {
                reason += &format!("; refused {refusal}");
            }
            dismiss(&comers, &reason);
            return Err(TrainError::stopped(reason));
        };
        let Some(hello) = listen_to::<Hello>(&stream) else {
            refused.push(format!("{from}, which is no rank of bottega"));
            continue;
        };
        let is_double = comers.get(hello.rank).is_some_and(Option::is_some);
        match objection(plan, &hello, is_double) {
            None => {
                let address = SocketAddr::new(from.ip(), hello.port);
                comers[hello.rank] = Some((stream, address));
            }
            Some(reason) => {
                let answer = Answer::Refused {
                    reason: reason.clone(),
                };
                let _ = send(&stream, &answer);
                refused.push(format!("{from}: {reason}"));
            }
        }
    }
    let token = RandomState::new().build_hasher().finish();
    let addresses: Vec<Option<SocketAddr>> = comers
        .iter()
        .map(|comer| comer.as_ref().map(|(_, address)| *address))
        .collect();
    for (rank, comer) in comers.iter().enumerate() {
        if let Some((stream, _)) = comer {
            let next = addresses[(rank + 1) % plan.ranks];
            // Who left meanwhile is missed in the ring.
            let _ = send(stream, &Answer::Welcome { next, token });
        }
    }
    let next = addresses[1].expect("every other rank has come");
    join(plan, &listener, next, token, deadline)
}

/// Any other rank: comes to rank 0.
fn come(plan: &TcpPlan, deadline: Instant) -> Result<(TcpStream, TcpStream), TrainError> {
    let first = reach(plan, deadline)?;
    let gone = |error: std::io::Error| {
        TrainError::stopped(format!(
            "rank 0 at {} ended or did not answer while the ranks gathered: {error}",
            plan.rendezvous
        ))
    };
    // Where rank 0 is reached from is where the others are.
    let here = first.local_addr().map_err(gone)?.ip();
    let listener = listen_at(SocketAddr::new(here, 0))
        .map_err(|error| TrainError::stopped(format!("cannot listen at {here}: {error}")))?;
    let hello = Hello {
        protocol: PROTOCOL,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        run_id: plan.run_id.clone(),
        rank: plan.rank,
        ranks: plan.ranks,
        port: listener.local_addr().map_err(gone)?.port(),
        is_little_endian: cfg!(target_endian = "little"),
    };
    send(&first, &hello).map_err(gone)?;
    // Rank 0 may have begun to wait later than this one.
    first
        .set_read_timeout(Some(plan.gather_time + HELLO_TIME))
        .map_err(gone)?;
    match receive(&first).map_err(gone)? {
        Answer::Welcome { next, token } => {
            let next = match next {
                Some(next) => next,
                None => first.peer_addr().map_err(gone)?,
            };
            let deadline = deadline.max(Instant::now() + HELLO_TIME);
            join(plan, &listener, next, token, deadline)
        }
        Answer::Refused { reason } => Err(TrainError::stopped(format!(
            "rank 0 at {} refuses rank {}: {reason}",
            plan.rendezvous, plan.rank
        ))),
    }
}

/// Connects with the next rank and awaits the one before.
fn join(
    plan: &TcpPlan,
    listener: &TcpListener,
    next: SocketAddr,
    token: u64,
    deadline: Instant,
) -> Result<(TcpStream, TcpStream), TrainError> {
    let TcpPlan { rank, ranks, .. } = *plan;
    let (after, before) = ((rank + 1) % ranks, (rank + ranks - 1) % ranks);
    let unreachable = |error: std::io::Error| {
        TrainError::stopped(format!(
            "rank {rank} cannot reach rank {after} at {next}: {error}; the machines must reach each \
             other on any port"
        ))
    };
    let to_next = TcpStream::connect_timeout(&next, left(deadline)).map_err(unreachable)?;
    send(&to_next, &Neighbor { token, rank }).map_err(unreachable)?;
    while let Some((stream, _)) = accept(listener, deadline) {
        let neighbor = listen_to::<Neighbor>(&stream);
        if neighbor.is_some_and(|it| it.token == token && it.rank == before) {
            return Ok((to_next, stream));
        }
    }
    Err(TrainError::stopped(format!(
        "rank {before} came to the rendezvous but does not reach rank {rank}; the machines must \
         reach each other on any port"
    )))
}

/// Why a rank cannot take part.
fn objection(plan: &TcpPlan, hello: &Hello, is_double: bool) -> Option<String> {
    let version = env!("CARGO_PKG_VERSION");
    if hello.protocol != PROTOCOL || hello.version != version {
        return Some(format!(
            "it is version {} (protocol {}), this is {version} (protocol {PROTOCOL})",
            hello.version, hello.protocol
        ));
    }
    if hello.is_little_endian != cfg!(target_endian = "little") {
        return Some("its machine has another order of bytes".to_owned());
    }
    if hello.run_id != plan.run_id {
        return Some(format!(
            "it trains another run ({}), this is {}",
            hello.run_id, plan.run_id
        ));
    }
    if hello.ranks != plan.ranks {
        return Some(format!(
            "it counts {} ranks, this one {}",
            hello.ranks, plan.ranks
        ));
    }
    if is_double || hello.rank == 0 || hello.rank >= plan.ranks {
        return Some(format!("there is a rank {} already", hello.rank));
    }
    None
}

fn dismiss(comers: &[Option<(TcpStream, SocketAddr)>], reason: &str) {
    let answer = Answer::Refused {
        reason: reason.to_owned(),
    };
    for (stream, _) in comers.iter().flatten() {
        let _ = send(stream, &answer);
    }
}

/// Listens at `host:port`; a port that the last run has just left is tried again.
fn listen(rendezvous: &str, deadline: Instant) -> Result<TcpListener, TrainError> {
    let refused = |error: std::io::Error| {
        TrainError::stopped(format!(
            "rank 0 cannot listen at {rendezvous}: {error}; the rendezvous is `host:port` with an \
             address of the machine of rank 0 and a free port"
        ))
    };
    loop {
        let error = match addresses(rendezvous) {
            Ok(addresses) => match addresses.into_iter().map(listen_at).reduce(Result::or) {
                Some(Ok(listener)) => return Ok(listener),
                Some(Err(error)) => error,
                None => ErrorKind::AddrNotAvailable.into(),
            },
            Err(error) => error,
        };
        if error.kind() != ErrorKind::AddrInUse || Instant::now() > deadline {
            return Err(refused(error));
        }
        std::thread::sleep(PAUSE);
    }
}

fn listen_at(address: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Connects with rank 0, which may start later.
fn reach(plan: &TcpPlan, deadline: Instant) -> Result<TcpStream, TrainError> {
    loop {
        let mut error: std::io::Error = ErrorKind::AddrNotAvailable.into();
        match addresses(&plan.rendezvous) {
            Ok(addresses) => {
                for address in addresses {
                    match TcpStream::connect_timeout(&address, left(deadline)) {
                        Ok(stream) => return Ok(stream),
                        Err(refusal) => error = refusal,
                    }
                }
            }
            Err(refusal) => error = refusal,
        }
        // A text that is no address will not become one.
        if error.kind() == ErrorKind::InvalidInput || Instant::now() > deadline {
            return Err(TrainError::stopped(format!(
                "rank {} cannot reach rank 0 at {} within {} s: {error}; start all ranks with the \
                 same rendezvous",
                plan.rank,
                plan.rendezvous,
                plan.gather_time.as_secs_f64()
            )));
        }
        std::thread::sleep(PAUSE);
    }
}

fn addresses(rendezvous: &str) -> std::io::Result<Vec<SocketAddr>> {
    let mut addresses: Vec<SocketAddr> = rendezvous.to_socket_addrs()?.collect();
    // A name may have both kinds; ranks must choose alike.
    addresses.sort_by_key(|address| matches!(address.ip(), IpAddr::V6(_)));
    Ok(addresses)
}

/// The next that connects; `None` when time is up.
fn accept(listener: &TcpListener, deadline: Instant) -> Option<(TcpStream, SocketAddr)> {
    loop {
        if let Ok((stream, from)) = listener.accept()
            && stream.set_nonblocking(false).is_ok()
        {
            return Some((stream, from));
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::sleep(PAUSE);
    }
}

/// What somebody says who has just connected; `None` for noise and silence.
fn listen_to<T: serde::de::DeserializeOwned>(stream: &TcpStream) -> Option<T> {
    stream.set_read_timeout(Some(HELLO_TIME)).ok()?;
    receive(stream).ok()
}

/// Time until a deadline, never none.
fn left(deadline: Instant) -> Duration {
    deadline
        .saturating_duration_since(Instant::now())
        .max(PAUSE)
}
