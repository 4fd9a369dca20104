//! Tops: shirts, sweaters and the like, cut from the body-hugging shell.

use bottega_geometry::{TriMesh, closest_point::ClosestPoint, math};
use bottega_schemas::{
    params::{TopKind, TopParams},
    part::Part,
};
use glam::Vec3;

use super::{
    cloth::{Cloth, vertex_normals},
    collar::{self, Collar},
    drape::Wear,
    fitting::{Edge, Field, Finish, Fitting, Sewing, Worn},
    hang, noise,
    region::{Landmarks, Place, limb_length},
};
use crate::person::SurfacePart;

/// Cut of a top, in the shares and lengths of the fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TopCut {
    sleeve: f32,
    hem_y: f32,
    /// How much higher the hem ends in front, over the lap of who sits, in metres.
    lap_m: f32,
    /// Depth and width of the neckline, in metres; `None` reaches up the neck.
    neckline: Option<[f32; 2]>,
}

impl TopCut {
    pub(crate) fn of(params: &TopParams, marks: &Landmarks) -> Self {
        use TopKind::{LongSleeve, Shirt, Sweater, TShirt, TankTop, Turtleneck};
        let sleeve = match params.kind {
            TShirt => params.sleeve.clamp(0.2, 0.45),
            TankTop => 0.03,
            LongSleeve | Shirt | Turtleneck | Sweater => params.sleeve.clamp(0.72, 0.965),
        };
        let depth_m = params.neckline.clamp(0.0, 1.0);
        let neckline = match params.kind {
            Turtleneck => None,
            Shirt => Some([0.004, 0.010]),
            TankTop => Some([0.02 + 0.05 * depth_m, 0.034]),
            TShirt | LongSleeve => Some([0.055 * depth_m, 0.018 + 0.012 * depth_m]),
            Sweater => Some([0.012 + 0.03 * depth_m, 0.016]),
        };
        Self {
            sleeve,
            hem_y: marks.hem_y(params.hem.clamp(0.0, 1.0)),
            lap_m: 0.11 * marks.trunk_m * math::smoothstep(0.3, 0.8, marks.bent),
            neckline,
        }
    }

    fn neck(&self, marks: &Landmarks, p: &Place) -> f32 {
        match self.neckline {
            Some([depth_m, width_m]) => marks.neckline(p, depth_m, width_m),
            None => marks.neck.y - 0.003 - p.at.y,
        }
    }

    /// Distance above the hem, in metres.
    fn hem(&self, marks: &Landmarks, p: &Place) -> f32 {
        let front = math::smoothstep(-0.01, 0.07, p.at.z - marks.legs[0][0].z);
        marks.above(p, self.hem_y + self.lap_m * front)
    }

    /// Distance from the nearest edge of the garment, positive inside, in metres.
    pub(crate) fn inside(&self, marks: &Landmarks, p: &Place) -> f32 {
        if 0.2 < p.head {
            return -1.0;
        }
        self.neck(marks, p)
            .min(self.hem(marks, p))
            .min(marks.sleeve(p, 0, self.sleeve))
            .min(marks.sleeve(p, 1, self.sleeve))
    }
}

/// Width of the bands at hem, cuffs and neck and how thick the cloth is, in metres.
fn bands(kind: TopKind) -> ([f32; 3], f32) {
    match kind {
        TopKind::TShirt | TopKind::LongSleeve => ([0.022, 0.020, 0.018], 0.0010),
        TopKind::TankTop => ([0.018, 0.012, 0.012], 0.0010),
        TopKind::Shirt => ([0.015, 0.050, 0.0], 0.0009),
        TopKind::Turtleneck => ([0.045, 0.050, 0.0], 0.0022),
        TopKind::Sweater => ([0.055, 0.055, 0.026], 0.0030),
    }
}

/// Makes a top over what is worn below.
pub(crate) fn make(
    fitting: &Fitting<'_>,
    params: &TopParams,
    shell: &Cloth,
    under: &[(&ClosestPoint, f32)],
) -> Worn {
    let marks = fitting.marks;
    let cut = TopCut::of(params, marks);
    let ([hem_m, cuff_m, neck_m], thickness_m) = bands(params.kind);
    let knit = matches!(params.kind, TopKind::Sweater | TopKind::Turtleneck);

    let rules: [(Field<'_>, f32); 4] = [
        (&|p| cut.neck(marks, p), neck_m),
        (&|p| cut.hem(marks, p), hem_m),
        (&|p| marks.sleeve(p, 0, cut.sleeve), cuff_m),
        (&|p| marks.sleeve(p, 1, cut.sleeve), cuff_m),
    ];
    let edges = rules.map(|(inside, band_m)| Edge { inside, band_m });
    let shell = hang::tail(marks, shell, cut.hem_y);
    let mut cloth = fitting.rough(&shell, &edges);
    ease(fitting, params, &cut, knit, &mut cloth);
    let how = Wear {
        gap_m: 0.0035 + thickness_m,
        n_smooth: if knit { 40 } else { 26 },
        folds: if knit { 0.6 } else { 1.0 },
        fold_m: if knit { 0.055 } else { 0.034 },
    };
    let main = Finish {
        variant: "",
        raise_m: 0.0,
        thickness_m,
    };
    let rib = Finish {
        variant: "rib",
        raise_m: if knit { 0.0012 } else { 0.0006 },
        thickness_m: 1.5 * thickness_m,
    };
    let placket = Finish {
        variant: "placket",
        raise_m: 0.0009,
        thickness_m: 1.6 * thickness_m,
    };
    let in_front = |p: &Place| {
        if 0.0 < p.at.z {
            0.016 - p.at.x.abs()
        } else {
            -1.0
        }
    };
    let shirt = params.kind == TopKind::Shirt;
    let panel: Option<(Field<'_>, Finish)> = shirt.then_some((&in_front, placket));
    let sewing = Sewing {
        edges: &edges,
        panel,
        finish: [main, rib],
    };
    let mut worn = fitting.make(Part::Top, cloth, how, under, &sewing);
    let kind = match params.kind {
        TopKind::Shirt => Some(Collar::Shirt),
        TopKind::Turtleneck => Some(Collar::Roll),
        _ => None,
    };
    if let Some(kind) = kind {
        let made = collar::make(fitting, kind, &worn.cloth, &worn.outer);
        worn.surfaces.extend(made);
    }
    if shirt {
        worn.surfaces.push(buttons(fitting, &worn.cloth, cut.hem_y));
    }
    worn
}

/// Distance of buttons down the front, in metres.
const BUTTON_STEP_M: f32 = 0.088;

/// Buttons down the front, small discs on the placket.
fn buttons(fitting: &Fitting<'_>, cloth: &Cloth, hem_y: f32) -> SurfacePart {
    let normals = vertex_normals(&cloth.worn, &cloth.triangles);
    let mut mesh = TriMesh::default();
    let mut y = fitting.marks.neck.y - 0.075;
    while hem_y + 0.05 < y {
        // The vertex on the middle of the front that is nearest in height.
        let off = |v: usize| {
            let p = cloth.anchor[v];
            if p.z < 0.0 {
                f32::MAX
            } else {
                p.x.abs() + (p.y - y).abs()
            }
        };
        let nearest = (0..cloth.len()).min_by(|&a, &b| off(a).total_cmp(&off(b)));
        if let Some(v) = nearest.filter(|&v| off(v) < 0.02) {
            let rest = Vec3::new(0.0, y, cloth.anchor[v].z);
            disc(
                &mut mesh,
                cloth.worn[v] + normals[v] * 0.001,
                normals[v],
                rest,
            );
        }
        y -= BUTTON_STEP_M;
    }
    SurfacePart {
        part: Part::Top,
        variant: "button",
        mesh,
    }
}

/// A button: a low closed drum with a bevelled edge.
fn disc(mesh: &mut TriMesh, center: Vec3, normal: Vec3, rest: Vec3) {
    const N: u32 = 16;
    let (t, b) = math::orthonormal_basis(normal);
    let first = mesh.positions.len() as u32;
    let profile = [
        (0.0, 0.0024),
        (0.0042, 0.0024),
        (0.0054, 0.0014),
        (0.0052, -0.0012),
        (0.0, -0.0012),
    ];
    for (radius_m, height_m) in profile {
        for k in 0..N {
            let (sin, cos) = math::sin_cos(std::f32::consts::TAU * k as f32 / N as f32);
            let out = (t * cos + b * sin) * radius_m;
            mesh.positions.push(center + out + normal * height_m);
            mesh.normals
                .push((out * 60.0 + normal * height_m * 300.0).normalize_or(normal));
            mesh.rest.push(rest);
            mesh.uvs.push(glam::Vec2::new(rest.x, rest.y));
        }
    }
    for ring in 0..profile.len() as u32 - 1 {
        for k in 0..N {
            let next = (k + 1) % N;
            let (a, b) = (first + ring * N + k, first + ring * N + next);
            let (c, d) = (a + N, b + N);
            if 0.0 < profile[ring as usize + 1].0 {
                mesh.triangles.push([a, c, d]);
            }
            if 0.0 < profile[ring as usize].0 {
                mesh.triangles.push([a, d, b]);
            }
        }
    }
}

/// Moves the cloth off the body at rest: loose away from the shoulders, with soft folds.
fn ease(fitting: &Fitting<'_>, params: &TopParams, cut: &TopCut, knit: bool, cloth: &mut Cloth) {
    let marks = fitting.marks;
    let places = marks.places(cloth);
    let normals = vertex_normals(&cloth.rest, &cloth.triangles);
    let base_m = if knit { 0.003 } else { 0.0 };
    for v in 0..cloth.len() {
        let p = &places[v];
        let h = (p.at.y - marks.hip_y) / marks.trunk_m;
        let trunk = 0.15 + 0.85 * (1.0 - math::smoothstep(0.6, 0.95, h));
        let mut looseness = trunk;
        for side in 0..2 {
            let t = marks.arm_m(p, side) / limb_length(marks.arms[side]);
            let to_cuff = (cut.sleeve - t).max(0.0);
            // Short sleeves widen to their hem, long ones close at the wrist.
            let arm = if cut.sleeve < 0.55 {
                0.15 + 0.95 * math::smoothstep(0.0, cut.sleeve, t)
            } else {
                0.2 + (0.15 + 0.4 * math::smoothstep(0.02, 0.14, to_cuff))
                    * math::smoothstep(0.0, 0.25, t)
            };
            looseness += (arm - trunk) * p.arm[side];
        }
        let folds = noise::value(p.at * Vec3::new(16.0, 9.0, 16.0), fitting.seed ^ 0x51)
            + 0.5 * noise::value(p.at * Vec3::new(34.0, 20.0, 34.0), fitting.seed ^ 0x52);
        let fold_m = folds * looseness * (0.0014 + 0.16 * params.ease_m).min(0.005);
        cloth.rest[v] += normals[v] * (base_m + params.ease_m * looseness + fold_m);
    }
    let loose = math::smoothstep(0.004, 0.03, params.ease_m + base_m);
    hang::hang(marks, &places, loose, cloth);
}
