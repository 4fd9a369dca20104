//! Teeth and gums along the dental arches of the base mesh.
//!
//! The base mesh has a coarse strip for each arch. Its rows give the curve of the arch, the gum
//! line and the biting edge; every tooth is a rounded crown on that curve, with the widths of an
//! adult's permanent teeth. Upper teeth move with the head, lower ones with the jaw.

use bottega_geometry::{TriMesh, math};
use glam::Vec3;

use crate::body::{Body, BodyModel};

/// Rows of one arch strip on the person's left, from the middle backward.
struct Arch {
    /// Where the gum meets the jaw.
    jaw: [u32; 9],
    /// The gum line.
    gum: [u32; 9],
    /// The biting edge.
    edge: [u32; 9],
    /// Mesiodistal widths from the central incisor backward, in millimetres: means of adults as
    /// anatomy textbooks tabulate them.
    widths_mm: [f32; 7],
}

const UPPER: Arch = Arch {
    jaw: [
        15061, 15060, 15062, 15063, 15064, 15065, 15066, 15067, 15068,
    ],
    gum: [
        15079, 15075, 15074, 15073, 15072, 15084, 15083, 15082, 15081,
    ],
    edge: [
        15069, 15086, 15071, 15070, 15085, 15078, 15077, 15076, 15080,
    ],
    widths_mm: [8.5, 6.5, 7.5, 7.0, 7.0, 10.0, 9.5],
};

const LOWER: Arch = Arch {
    jaw: [
        14993, 14992, 14994, 14995, 14996, 14997, 14998, 14999, 15000,
    ],
    gum: [
        15012, 15013, 15014, 15015, 15011, 15016, 15017, 15018, 15009,
    ],
    edge: [
        15010, 15001, 15002, 15003, 15004, 15005, 15006, 15007, 15008,
    ],
    widths_mm: [5.3, 5.9, 6.9, 7.0, 7.1, 11.0, 10.5],
};

/// Albedos by eye, linear Rec. 709.
const ENAMEL: Vec3 = Vec3::new(0.66, 0.60, 0.48);
const ENAMEL_ROOT: Vec3 = Vec3::new(0.58, 0.48, 0.33);
const GUM: Vec3 = Vec3::new(0.45, 0.17, 0.15);

const N_AROUND: u32 = 16;
const N_UP: u32 = 9;
const N_GUM_ALONG: u32 = 48;

/// Both arches as one mesh, with vertex colours.
pub(crate) fn teeth(model: &BodyModel, body: &Body) -> TriMesh {
    let mut mesh = TriMesh::default();
    for arch in [&UPPER, &LOWER] {
        let from = mesh.positions.len();
        let curve = Curve::new(model, body, arch);
        add_gum(&mut mesh, &curve);
        for side in [-1.0, 1.0] {
            add_teeth(&mut mesh, &curve, arch, side);
        }
        // One rigid map for the arch: its middle hangs on one bone.
        let map = model
            .weights
            .blend(arch.gum[0] as usize, &body.posed_from_rest);
        mesh.rest.extend_from_slice(&mesh.positions[from..]);
        for p in &mut mesh.positions[from..] {
            *p = map.transform_point3(*p);
        }
    }
    mesh.normals = normals(&mesh);
    mesh
}

/// The arch at rest, from the last molar on the right over the middle to the left.
struct Curve {
    jaw: Vec<Vec3>,
    gum: Vec<Vec3>,
    edge: Vec<Vec3>,
    /// Length along the gum line at each point, zero in the middle, negative on the right.
    along: Vec<f32>,
}

/// A place on the arch.
struct Frame {
    jaw: Vec3,
    gum: Vec3,
    edge: Vec3,
    /// Along the arch, toward the person's left.
    tangent: Vec3,
    /// Toward the lips.
    outward: Vec3,
    /// How much longer the arch is at the biting edge than at the gum line here.
    spread: f32,
}

impl Curve {
    fn new(model: &BodyModel, body: &Body, arch: &Arch) -> Self {
        let row = |left: &[u32; 9]| -> Vec<Vec3> {
            let right = left[1..]
                .iter()
                .rev()
                .map(|&v| u32::from(model.mirror[v as usize]));
            let whole = right.chain(left.iter().copied());
            whole.map(|v| body.rest[v as usize]).collect()
        };
        let gum = row(&arch.gum);
        let middle = gum.len() / 2;
        let mut along = vec![0.0; gum.len()];
        for i in middle + 1..gum.len() {
            along[i] = along[i - 1] + gum[i].distance(gum[i - 1]);
        }
        for i in (0..middle).rev() {
            along[i] = along[i + 1] - gum[i].distance(gum[i + 1]);
        }
        Self {
            jaw: row(&arch.jaw),
            edge: row(&arch.edge),
            gum,
            along,
        }
    }

    /// The place at length `s` along the arch, smooth (Catmull-Rom) between the given points.
    fn at(&self, s: f32) -> Frame {
        let n = self.along.len();
        let upper = self.along.partition_point(|&a| a < s).clamp(1, n - 1);
        let (a, b) = (self.along[upper - 1], self.along[upper]);
        let t = ((s - a) / (b - a)).clamp(0.0, 1.0);
        let around = [
            upper.saturating_sub(2),
            upper - 1,
            upper,
            (upper + 1).min(n - 1),
        ];
        let value = |row: &[Vec3]| catmull_rom(around.map(|i| row[i]), t);
        let slope = |row: &[Vec3]| {
            let [before, after] =
                [t - 0.05, t + 0.05].map(|t| catmull_rom(around.map(|i| row[i]), t));
            after - before
        };
        let (gum, edge) = (value(&self.gum), value(&self.edge));
        let (along_gum, along_edge) = (slope(&self.gum), slope(&self.edge));
        let spread = along_edge.length() / along_gum.length().max(1e-9);
        let tangent = along_gum.normalize_or(Vec3::X);
        let up = (gum - edge).normalize_or(Vec3::Y);
        let side = tangent.cross(up);
        // Toward the lips is away from the middle of the arch.
        let inside = 0.5 * (self.gum[0] + self.gum[n - 1]);
        let outward = side.normalize_or(Vec3::Z) * (gum - inside).dot(side).signum();
        Frame {
            jaw: value(&self.jaw),
            gum,
            edge,
            tangent,
            outward,
            spread: spread.clamp(0.8, 1.5),
        }
    }
}

fn catmull_rom([p0, p1, p2, p3]: [Vec3; 4], t: f32) -> Vec3 {
    0.5 * (2.0 * p1
        + (p2 - p0) * t
        + (2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3) * (t * t)
        + (3.0 * p1 - p0 - 3.0 * p2 + p3) * (t * t * t))
}

/// The crowns on one side.
fn add_teeth(mesh: &mut TriMesh, curve: &Curve, arch: &Arch, side: f32) {
    let n = curve.along.len();
    let total_mm: f32 = arch.widths_mm.iter().sum();
    let half_length = if side < 0.0 {
        -curve.along[0]
    } else {
        curve.along[n - 1]
    };
    let scale = half_length / total_mm;
    let mut start = 0.0;
    for (tooth, width_mm) in arch.widths_mm.iter().enumerate() {
        let width = width_mm * scale;
        let frame = curve.at(side * (start + 0.5 * width));
        start += width;
        // Incisors are chisels, canines points, the rest blocks.
        let (depth_gum, depth_edge, bite) = match tooth {
            0 | 1 => (0.8, 0.22, 0.0),
            2 => (0.95, 0.35, 0.12),
            _ => (1.15, 0.9, -0.12),
        };
        add_crown(mesh, &frame, width, [depth_gum, depth_edge, bite]);
    }
}

fn add_crown(
    mesh: &mut TriMesh,
    frame: &Frame,
    width: f32,
    [depth_gum, depth_edge, bite]: [f32; 3],
) {
    let first = mesh.positions.len() as u32;
    let down = frame.edge - frame.gum;
    // From a little under the gum to the biting edge.
    for i in 0..=N_UP {
        let t = i as f32 / N_UP as f32;
        let v = math::lerp(-0.18, 1.0 + bite, t);
        let round = (1.0 - math::pow(t, 9.0) * 0.45).max(0.0);
        // Narrower at the neck; from the middle on each touches the next.
        let touching = math::lerp(1.0, frame.spread, v.clamp(0.0, 1.0));
        let half_width =
            0.5 * width * touching * math::lerp(0.82, 1.0, math::smoothstep(-0.1, 0.55, v)) * round;
        let half_depth =
            0.5 * width.min(0.009) * math::lerp(depth_gum, depth_edge, v.clamp(0.0, 1.0));
        let belly = 0.0006 * (1.0 - (2.0 * v - 0.8) * (2.0 * v - 0.8)).max(0.0);
        let center = frame.gum + down * v + frame.outward * (belly - half_depth);
        for j in 0..N_AROUND {
            let angle_rad = j as f32 / N_AROUND as f32 * std::f32::consts::TAU;
            let (sin, cos) = math::sin_cos(angle_rad);
            // A superellipse: flatter faces than a circle has.
            let square = |x: f32| x.signum() * math::pow(x.abs(), 0.65);
            mesh.positions.push(
                center
                    + frame.tangent * (half_width * square(cos))
                    + frame.outward * (half_depth * square(sin)),
            );
            mesh.colors
                .push(ENAMEL_ROOT.lerp(ENAMEL, math::smoothstep(-0.1, 0.5, v)));
        }
    }
    let tip = mesh.positions.len() as u32;
    let ring = &mesh.positions[(tip - N_AROUND) as usize..];
    let middle = ring.iter().sum::<Vec3>() / N_AROUND as f32;
    mesh.positions.push(middle + down * 0.015);
    mesh.colors.push(ENAMEL);
    // The frame is left-handed where tangent x outward points along the crown.
    let flip = 0.0 < frame.tangent.cross(frame.outward).dot(down);
    let mut push = |[a, b, c]: [u32; 3]| {
        mesh.triangles
            .push(if flip { [a, b, c] } else { [a, c, b] });
    };
    for i in 0..N_UP {
        for j in 0..N_AROUND {
            let next = (j + 1) % N_AROUND;
            let [a, b] = [j, next].map(|k| first + i * N_AROUND + k);
            let [c, d] = [a + N_AROUND, b + N_AROUND];
            push([a, b, d]);
            push([a, d, c]);
        }
    }
    for j in 0..N_AROUND {
        let last = first + N_UP * N_AROUND;
        push([last + j, last + (j + 1) % N_AROUND, tip]);
    }
}

/// The gum: a band over the necks of the teeth, from the lips' side to the tongue's.
fn add_gum(mesh: &mut TriMesh, curve: &Curve) {
    const ACROSS: u32 = 7;
    let first = mesh.positions.len() as u32;
    let n = curve.along.len();
    let (start, end) = (curve.along[0], curve.along[n - 1]);
    let mut flip = false;
    for i in 0..=N_GUM_ALONG {
        let frame = curve.at(math::lerp(start, end, i as f32 / N_GUM_ALONG as f32));
        let down = frame.edge - frame.gum;
        let at = |v: f32, outward_m: f32| frame.gum + down * v + frame.outward * outward_m;
        let jaw = frame.jaw + frame.outward * 0.0004;
        mesh.positions.extend([
            jaw,
            jaw.lerp(at(0.0, 0.0009), 0.5),
            at(-0.03, 0.0010),
            at(0.06, -0.0006),
            at(0.06, -0.0062),
            at(-0.05, -0.0075),
            at(-0.9, -0.0090),
        ]);
        mesh.colors.extend([GUM; ACROSS as usize]);
        flip = frame.tangent.cross(down).dot(frame.outward) < 0.0;
    }
    for i in 0..N_GUM_ALONG {
        for j in 0..ACROSS - 1 {
            let a = first + i * ACROSS + j;
            let [b, c, d] = [a + ACROSS, a + ACROSS + 1, a + 1];
            let quads = [[a, b, c], [a, c, d]];
            mesh.triangles
                .extend(quads.map(|[a, b, c]| if flip { [a, c, b] } else { [a, b, c] }));
        }
    }
}

fn normals(mesh: &TriMesh) -> Vec<Vec3> {
    let mut normals = vec![Vec3::ZERO; mesh.positions.len()];
    for &triangle in &mesh.triangles {
        let [a, b, c] = triangle.map(|v| mesh.positions[v as usize]);
        let normal = (b - a).cross(c - a);
        triangle.iter().for_each(|&v| normals[v as usize] += normal);
    }
    normals.iter().map(|n| n.normalize_or(Vec3::Z)).collect()
}
