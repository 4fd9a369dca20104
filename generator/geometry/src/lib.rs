//! Meshes, strands, transforms and the deterministic mathematics they need.
//!
//! Everything is in metres in a right-handed frame with +Y up unless a name says otherwise.
//! Nothing here knows of light, cameras, colour or people.

pub mod closest_point;
pub mod gltf_scene;
pub mod math;
pub mod mesh;
pub mod rotation;
pub mod strands;
pub mod subdivide;

pub use closest_point::{Closest, ClosestPoint};
pub use mesh::{QuadMesh, TriMesh};
pub use strands::StrandSet;
pub use subdivide::Subdivision;
