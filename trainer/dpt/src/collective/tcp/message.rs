//! What ranks say to each other before they form the ring: JSON after its length (u32,
//! little-endian).

use std::io::{Error, ErrorKind, Read, Write};
use std::net::SocketAddr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Longest message; a stranger who sends something else is not given memory.
const LONGEST: u32 = 1 << 20;

/// Raised when what ranks say changes.
pub(super) const PROTOCOL: u32 = 1;

/// What a rank says when it comes to rank 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hello {
    /// [`PROTOCOL`], and version of the program.
    pub(super) protocol: u32,
    pub(super) version: String,
    pub(super) run_id: String,
    pub(super) rank: usize,
    pub(super) ranks: usize,
    /// Port on which it awaits the rank before.
    pub(super) port: u16,
    /// Numbers travel as they lie in memory.
    pub(super) is_little_endian: bool,
}

/// What rank 0 answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// All have come.
    Welcome {
        /// Where the next rank waits; `None` for rank 0, whose address is known.
        next: Option<SocketAddr>,
        /// What neighbours show each other.
        token: u64,
    },
    /// The ring is not formed, or not with this rank.
    Refused {
        /// Why, in a sentence.
        reason: String,
    },
}

/// What a rank says to the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Neighbor {
    pub(super) token: u64,
    pub(super) rank: usize,
}

pub(super) fn send(mut to: impl Write, message: &impl Serialize) -> std::io::Result<()> {
    let text = serde_json::to_vec(message).expect("messages are plain data");
    let mut bytes = (text.len() as u32).to_le_bytes().to_vec();
    bytes.extend(text);
    to.write_all(&bytes)
}

pub(super) fn receive<T: DeserializeOwned>(mut from: impl Read) -> std::io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > LONGEST {
        return Err(Error::new(ErrorKind::InvalidData, "not a rank of bottega"));
    }
    let mut text = vec![0; length as usize];
    from.read_exact(&mut text)?;
    serde_json::from_slice(&text).map_err(|error| Error::new(ErrorKind::InvalidData, error))
}
