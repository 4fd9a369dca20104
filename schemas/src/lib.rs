//! Every type that crosses a file or a process.

pub mod framing;
pub mod params;
pub mod part;
pub mod seed;

pub use framing::Framing;
pub use params::SceneParams;
pub use part::Part;
pub use seed::Seed;
