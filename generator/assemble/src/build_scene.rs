//! A finished person, a light and a camera intent -> everything the tracer sees.

use std::collections::BTreeMap;

use bottega_geometry::TriMesh;
use bottega_people::Person;
use bottega_people::groom::color::{absorption_of_pigments, absorptions};
use bottega_render::scene::{
    CameraMotion, Environment, Label, Material, MeshObject, Scene, StrandObject,
};
use bottega_schemas::params::{FilmParams, SceneParams};
use bottega_schemas::part::Part;
use glam::{Vec2, Vec3};

use crate::materials::surface_material;
use crate::place_camera::{PlacedCamera, place_camera};

/// Half the side of the ground that takes shadows, in metres.
const GROUND_HALF_SIZE_M: f32 = 60.0;

/// Every how many vertices of a surface one point enters the placing of the camera.
const FRAMING_STRIDE: usize = 37;

/// A scene ready to trace, and the camera facts that become labels.
#[derive(Clone, Debug)]
pub struct BuiltScene {
    /// What the tracer sees.
    pub scene: Scene,
    /// The camera with its distance and blur.
    pub placed: PlacedCamera,
}

/// Puts the person on the ground under the environment and before the camera.
///
/// The environment's background blur is set from the lens.
pub fn build_scene(
    person: Person,
    params: &SceneParams,
    mut environment: Environment,
) -> BuiltScene {
    let points = framing_points(&person);
    let mut placed = place_camera(&params.camera, params.framing, &person.anatomy, &points);
    placed.camera.motion = camera_motion(&params.film);
    environment.background_blur_rad = placed.background_blur_rad;

    let mut materials = MaterialTable::default();
    let mut meshes = Vec::new();
    for surface in person.surfaces {
        let material = materials.add(surface_material(&surface, params));
        let label = label_of(surface.part);
        meshes.push(MeshObject {
            mesh: surface.mesh,
            material,
            label,
        });
    }
    let ground = materials.add(Material::Backdrop);
    meshes.push(MeshObject {
        mesh: ground_mesh(),
        material: ground,
        label: label_of(Part::Ground),
    });

    let mut strands = Vec::new();
    for part in person.strands {
        let palette = hair_palette(part.part, params)
            .map(|m| materials.add(m))
            .to_vec();
        let label = label_of(part.part);
        strands.push(StrandObject {
            strands: part.strands,
            materials: palette,
            label,
        });
    }
    let scene = Scene {
        meshes,
        strands,
        materials: materials.list,
        environment,
        lights: Vec::new(),
        camera: placed.camera,
    };
    BuiltScene { scene, placed }
}

/// What the camera does while its shutter is open. Without a time it does nothing.
fn camera_motion(film: &FilmParams) -> CameraMotion {
    let (Some(shutter_s), Some(motion)) = (film.shutter_s, film.camera_motion) else {
        return CameraMotion::NONE;
    };
    CameraMotion {
        shift_m: Vec3::from(motion.velocity_m_s) * shutter_s,
        turn_rad: Vec3::from(motion.turn_rad_s) * shutter_s,
    }
}

/// Materials in order of first use, each once.
#[derive(Default)]
struct MaterialTable {
    list: Vec<Material>,
}

impl MaterialTable {
    fn add(&mut self, material: Material) -> u32 {
        let known = self.list.iter().position(|m| *m == material);
        known.unwrap_or_else(|| {
            self.list.push(material);
            self.list.len() - 1
        }) as u32
    }
}

/// What the label planes say of a part.
fn label_of(part: Part) -> Label {
    Label {
        part: part as u8,
        subject: !matches!(part, Part::Ground | Part::Seat),
        see_through: matches!(part, Part::Lens | Part::Down),
    }
}

/// Fibre materials of palette 0 (pigmented), 1 (grey) and 2 (second colour; of down, hair without
/// pigment).
fn hair_palette(part: Part, params: &SceneParams) -> [Material; 3] {
    // Lashes and brows are darker than the scalp hair of fair people, and are never dyed here.
    let darken = match part {
        Part::Lash => 2.2,
        Part::Brow => 1.5,
        _ => 1.0,
    };
    let beta_m = 0.3;
    let beta_n = 0.35;
    let fiber = |sigma_a: Vec3| Material::Hair {
        sigma_a,
        beta_m,
        beta_n,
        tilt_rad: 2.5_f32.to_radians(),
        ior: 1.55,
    };
    let color = &params.groom.color;
    if part == Part::Down {
        // Never dyed, and lighter than the hair of the head.
        let natural = absorption_of_pigments(color.eumelanin, color.pheomelanin);
        let [_, grey, _] = absorptions(color, beta_n);
        return [0.6 * natural, grey, 0.2 * natural].map(fiber);
    }
    absorptions(color, beta_n).map(|sigma_a| fiber(sigma_a * darken))
}

fn ground_mesh() -> TriMesh {
    let s = GROUND_HALF_SIZE_M;
    let corners = [[-s, s], [s, s], [s, -s], [-s, -s]];
    TriMesh {
        positions: corners
            .iter()
            .map(|[x, z]| Vec3::new(*x, 0.0, *z))
            .collect(),
        normals: vec![Vec3::Y; 4],
        uvs: corners.iter().map(|[x, z]| Vec2::new(*x, *z)).collect(),
        rest: corners
            .iter()
            .map(|[x, z]| Vec3::new(*x, 0.0, *z))
            .collect(),
        colors: Vec::new(),
        gloss: Vec::new(),
        triangles: vec![[0, 1, 2], [0, 2, 3]],
    }
}

/// Points of everything that belongs to the person, thinned for the placing of the camera.
fn framing_points(person: &Person) -> Vec<Vec3> {
    let mut points = Vec::new();
    for surface in person.surfaces.iter().filter(|s| label_of(s.part).subject) {
        points.extend(surface.mesh.positions.iter().step_by(FRAMING_STRIDE));
    }
    for part in person.strands.iter().filter(|s| s.part != Part::Down) {
        points.extend(part.strands.points.iter().step_by(FRAMING_STRIDE));
    }
    points
}

/// Number of objects per part, for logs and tests.
pub fn count_parts(scene: &Scene) -> BTreeMap<u8, usize> {
    let mut counts = BTreeMap::new();
    for label in scene
        .meshes
        .iter()
        .map(|m| m.label)
        .chain(scene.strands.iter().map(|s| s.label))
    {
        *counts.entry(label.part).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_look_through_lenses_and_down_and_through_nothing_else() {
        for part in Part::ALL {
            let is_clear = [Part::Lens, Part::Down].contains(&part);
            assert_eq!(label_of(part).see_through, is_clear, "{part:?}");
        }
        for worn in [
            Part::Glasses,
            Part::Lens,
            Part::Headwear,
            Part::Facewear,
            Part::Earring,
        ] {
            assert!(label_of(worn).subject, "what is worn belongs to the person");
        }
    }
}
