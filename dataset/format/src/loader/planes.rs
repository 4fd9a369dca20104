//! Which planes of a sample are read.

use bottega_schemas::shard_schema::{ALPHA, DEPTH_EXR, IMAGE, NORMAL_EXR};
use bottega_schemas::{OptionalPlanes, Plane};

/// The planes that a loader reads or a cache holds, in the order picture, coverage, depth,
/// normals, then the optional ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaneSet(Vec<Plane>);

impl Default for PlaneSet {
    fn default() -> Self {
        Self(vec![Plane::Rgb8, Plane::Alpha, Plane::Depth, Plane::Normal])
    }
}

impl PlaneSet {
    /// These planes.
    ///
    /// # Errors
    /// A plane that no shard stores, or none at all.
    pub fn of(planes: &[Plane]) -> Result<Self, String> {
        if let Some(plane) = planes.iter().find(|plane| !is_stored(**plane)) {
            return Err(format!("no shard stores the plane {plane:?}"));
        }
        let all = Self::default().0.into_iter().chain(Plane::OPTIONAL);
        let found: Vec<Plane> = all.filter(|plane| planes.contains(plane)).collect();
        if found.is_empty() {
            return Err("wanted at least one plane".to_owned());
        }
        Ok(Self(found))
    }

    /// Reads names with commas between them: `image`, `alpha`, `depth`, `normal`, and those of
    /// the optional planes.
    ///
    /// # Errors
    /// The first name that is no plane of a shard.
    pub fn parse(names: &str) -> Result<Self, String> {
        let mut planes = Vec::new();
        for name in names
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            match name {
                "image" => planes.push(Plane::Rgb8),
                "alpha" => planes.push(Plane::Alpha),
                "depth" => planes.push(Plane::Depth),
                "normal" => planes.push(Plane::Normal),
                name => planes.extend(OptionalPlanes::parse(name)?.iter()),
            }
        }
        Self::of(&planes)
    }

    /// The planes, in order.
    pub fn iter(&self) -> impl Iterator<Item = Plane> + '_ {
        self.0.iter().copied()
    }

    /// Number of planes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Never: a set has at least one plane.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the plane is among them.
    pub fn contains(&self, plane: Plane) -> bool {
        self.0.contains(&plane)
    }
}

/// Name of a plane in messages and options.
pub(crate) fn plane_name(plane: Plane) -> &'static str {
    match plane {
        Plane::Rgb8 => "image",
        Plane::Alpha => "alpha",
        plane => plane.exr_part(),
    }
}

/// The column of a shard that holds a plane.
pub(crate) fn column_of(plane: Plane) -> &'static str {
    match plane {
        Plane::Rgb8 => IMAGE,
        Plane::Alpha => ALPHA,
        Plane::Depth => DEPTH_EXR,
        Plane::Normal => NORMAL_EXR,
        plane => plane.column(),
    }
}

fn is_stored(plane: Plane) -> bool {
    PlaneSet::default().contains(plane) || Plane::OPTIONAL.contains(&plane)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_named_once_and_sorted() {
        let set = PlaneSet::parse("depth, image,depth,range").unwrap();
        let planes: Vec<Plane> = set.iter().collect();
        assert_eq!(planes, [Plane::Rgb8, Plane::Depth, Plane::Range]);
        assert!(PlaneSet::parse("image,depht").is_err());
        assert!(PlaneSet::parse("").is_err());
        assert!(PlaneSet::of(&[Plane::Motion]).is_err());
    }
}
