//! A finished person: surfaces, strands and what was measured on them.

use bottega_geometry::{StrandSet, TriMesh};
use bottega_schemas::part::Part;
use glam::Vec3;

use crate::marks::Marks;

/// One surface with one look.
#[derive(Clone, Debug)]
pub struct SurfacePart {
    /// What it is.
    pub part: Part,
    /// Which of several surfaces of that part, for the choice of material (`sole`, `rib`, ...);
    /// empty for the main one.
    pub variant: &'static str,
    /// Geometry, posed.
    pub mesh: TriMesh,
}

/// One set of strands.
#[derive(Clone, Debug)]
pub struct StrandPart {
    /// What it is.
    pub part: Part,
    /// Geometry, posed. Palette 0 is pigmented hair, 1 grey hair, 2 hair of a second colour, of
    /// [`Part::Down`] hair with next to no pigment.
    pub strands: StrandSet,
}

/// Points and directions on the posed person, for cameras, meters and labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Anatomy {
    /// Centre of the head (midway between the ears), in metres.
    pub head_center: Vec3,
    /// Top of the skull without hair, in metres.
    pub vertex: Vec3,
    /// Tip of the chin, in metres.
    pub chin: Vec3,
    /// Centres of the left and right eyeball, in metres.
    pub eye_centers: [Vec3; 2],
    /// Unit direction in which the face looks.
    pub face_forward: Vec3,
    /// Unit direction from the neck to the crown.
    pub face_up: Vec3,
    /// Unit direction in which the chest faces.
    pub chest_forward: Vec3,
    /// Midpoint of the hip joints, in metres.
    pub hip_center: Vec3,
    /// Lowest and highest corner of the box around everything posed, hair and clothes included.
    pub bounds: [Vec3; 2],
}

/// What the finished body measures, as opposed to what was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Stature barefoot in the rest pose, in metres.
    pub stature_m: f32,
    /// Volume of the body, in cubic metres.
    pub volume_m3: f32,
    /// Body-mass index from volume x 1010 kg/m3, in kg/m2.
    pub bmi: f32,
}

/// A finished person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Skin, eyes, teeth, clothes, shoes and what the person sits on.
    pub surfaces: Vec<SurfacePart>,
    /// Hair of all kinds.
    pub strands: Vec<StrandPart>,
    /// Points for cameras and labels.
    pub anatomy: Anatomy,
    /// Joints and landmarks.
    pub marks: Marks,
    /// Measurements.
    pub measured: Measured,
}
