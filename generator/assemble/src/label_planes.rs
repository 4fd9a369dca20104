//! Label planes that a dataset asks for: which are traced, and how they are stored.

use std::collections::BTreeMap;

use bottega_format::PlaneValues;
use bottega_render::accel::Accel;
use bottega_render::label::{
    self, CoveragePlanes, GlassPlanes, LabelPlanes, LabelRequest, SurfacePlanes, render_labels_with,
};
use bottega_render::scene::{Film, Scene};
use bottega_schemas::{GlassLabels, HairNormals, LabelSpec, OptionalPlanes, Part, Plane};
use glam::Vec3;

/// Part numbers from here on belong to the surroundings.
const FIRST_SURROUNDING: u8 = Part::Ground as u8;

/// What labels a sample gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LabelOrder {
    /// Planes besides those that every sample has.
    pub planes: OptionalPlanes,
    /// What the normals of hair are.
    pub hair_normals: HairNormals,
    /// What labels do at glass.
    pub glass: GlassLabels,
}

impl LabelOrder {
    /// What a recipe asks for, and `more` planes; the part numbers are always among them.
    pub fn new(spec: &LabelSpec, more: OptionalPlanes) -> Self {
        let planes = spec.planes.iter().copied().chain(more.iter());
        Self {
            planes: planes.fold(OptionalPlanes::of(&[Plane::PartId]), OptionalPlanes::with),
            hair_normals: spec.hair_normals,
            glass: spec.glass,
        }
    }

    /// Whether the labels that come with every picture are all.
    fn is_usual(&self) -> bool {
        let usual = Self {
            planes: self.planes,
            ..Self::default()
        };
        let more = self.planes.iter();
        *self == usual && more.into_iter().all(|plane| plane == Plane::PartId)
    }

    pub(crate) fn request(&self, rays: u32) -> LabelRequest {
        let surface = [
            Plane::NormalGeometric,
            Plane::Albedo,
            Plane::Position,
            Plane::Uv,
            Plane::InstanceId,
        ];
        let coverage = [
            Plane::DepthMedian,
            Plane::NormalMean,
            Plane::NormalLength,
            Plane::DepthMin,
            Plane::DepthMax,
            Plane::DepthDeviation,
            Plane::HairMask,
        ];
        LabelRequest {
            rays,
            glass: match self.glass {
                GlassLabels::Through => label::GlassLabels::Through,
                GlassLabels::Surface => label::GlassLabels::Surface,
            },
            hair_normals: match self.hair_normals {
                HairNormals::Fiber => label::HairNormals::Fiber,
                HairNormals::Proxy => label::HairNormals::Proxy,
            },
            surface: self.planes.meets(&surface),
            coverage: self.planes.meets(&coverage),
            glass_planes: self
                .planes
                .meets(&[Plane::Glass, Plane::GlassDepth, Plane::GlassNormal]),
            other_hair_normals: self.planes.contains(match self.hair_normals {
                HairNormals::Fiber => Plane::NormalProxy,
                HairNormals::Proxy => Plane::NormalFiber,
            }),
            layers: (self.layer_groups())
                .flat_map(|group| layer_parts()[group].clone())
                .collect(),
            whole_layers: self.planes.meets(&Plane::LAYERS.map(|[_, whole]| whole)),
        }
    }

    /// Which groups of layers are asked for, as in [`Plane::LAYERS`].
    fn layer_groups(&self) -> impl Iterator<Item = usize> + '_ {
        (0..Plane::LAYERS.len()).filter(|&group| self.planes.meets(&Plane::LAYERS[group]))
    }

    /// The values of a plane of layers.
    fn layers(&self, plane: Plane, labels: &LabelPlanes) -> Option<PlaneValues> {
        let first =
            4 * (self.layer_groups()).position(|group| Plane::LAYERS[group].contains(&plane))?;
        let is_whole = Plane::LAYERS.iter().any(|[_, whole]| *whole == plane);
        let planes: Vec<&Vec<f32>> = (labels.layers.get(first..first + 4)?.iter())
            .map(|layer| {
                if is_whole {
                    layer.whole.as_ref()
                } else {
                    Some(&layer.visible)
                }
            })
            .collect::<Option<_>>()?;
        let [r, g, b, a] = planes[..] else {
            return None;
        };
        let pixels = (0..r.len()).map(|px| [r[px], g[px], b[px], a[px]]);
        Some(PlaneValues::Layers(pixels.collect()))
    }

    /// Traces what is asked for besides the labels of `film`, and puts the labels of `film` under
    /// the rules of the order.
    pub(crate) fn trace(
        &self,
        scene: &Scene,
        accel: &Accel,
        rays: u32,
        film: &mut Film,
    ) -> BTreeMap<Plane, PlaneValues> {
        let mut values = BTreeMap::new();
        if !self.is_usual() {
            let labels = render_labels_with(scene, accel, &self.request(rays));
            film.alpha.clone_from(&labels.alpha);
            film.depth_m.clone_from(&labels.depth_m);
            film.range_m.clone_from(&labels.range_m);
            film.normal.clone_from(&labels.normal);
            film.part.clone_from(&labels.part);
            for plane in self.planes.iter() {
                values.extend(self.values(plane, &labels).map(|values| (plane, values)));
            }
        }
        values
    }

    /// The values of one plane.
    fn values(&self, plane: Plane, labels: &LabelPlanes) -> Option<PlaneValues> {
        let (surface, coverage) = (labels.surface.as_ref(), labels.coverage.as_ref());
        let glass = labels.glass.as_ref();
        let value = match plane {
            Plane::Range => PlaneValues::Scalar(labels.range_m.clone()),
            Plane::DepthMedian => scalar(coverage, |c: &CoveragePlanes| &c.depth_median_m)?,
            Plane::DepthMin => scalar(coverage, |c: &CoveragePlanes| &c.depth_min_m)?,
            Plane::DepthMax => scalar(coverage, |c: &CoveragePlanes| &c.depth_max_m)?,
            Plane::DepthDeviation => scalar(coverage, |c: &CoveragePlanes| &c.depth_deviation_m)?,
            Plane::NormalLength => scalar(coverage, |c: &CoveragePlanes| &c.normal_length)?,
            Plane::NormalMean => vector(&coverage?.normal_mean),
            Plane::HairMask => {
                let hair = coverage?
                    .hair
                    .iter()
                    .map(|&hair| if hair { 255 } else { 0 });
                PlaneValues::Byte(hair.collect())
            }
            layers if layers.is_layers() => self.layers(layers, labels)?,
            Plane::Glass => scalar(glass, |g: &GlassPlanes| &g.coverage)?,
            Plane::GlassDepth => scalar(glass, |g: &GlassPlanes| &g.depth_m)?,
            Plane::GlassNormal => vector(&glass?.normal),
            Plane::NormalFiber if self.hair_normals == HairNormals::Fiber => vector(&labels.normal),
            Plane::NormalProxy if self.hair_normals == HairNormals::Proxy => vector(&labels.normal),
            Plane::NormalFiber | Plane::NormalProxy => vector(labels.other_normal.as_ref()?),
            Plane::NormalGeometric => vector(&surface?.normal_geometric),
            Plane::Albedo => vector(&surface?.albedo),
            Plane::Position => vector(&surface?.position_world),
            Plane::Uv => uv(surface?),
            Plane::InstanceId => {
                let instance = surface?.instance.iter().map(|&number| number as f32);
                PlaneValues::Scalar(instance.collect())
            }
            _ => return None,
        };
        Some(value)
    }
}

/// The parts of each layer, by the groups of [`Plane::LAYERS`]: first skin, hair, clothes and all
/// other worn things, where eyes and the inside of the mouth count as skin; then what these consist of.
pub fn layer_parts() -> [[Vec<u8>; 4]; 4] {
    let numbers = |parts: &[Part]| -> Vec<u8> { parts.iter().map(|part| *part as u8).collect() };
    let skin = [
        numbers(&[Part::Skin]),
        numbers(&[Part::Eye, Part::Cornea]),
        numbers(&[Part::Teeth, Part::Tongue, Part::Mouth]),
        Vec::new(),
    ];
    let hair = [Part::Hair, Part::Brow, Part::Lash, Part::Beard].map(|part| vec![part as u8]);
    let worn = [
        numbers(&[Part::Glasses, Part::Lens]),
        numbers(&[Part::Headwear]),
        numbers(&[Part::Facewear]),
        numbers(&[Part::Earring]),
    ];
    let clothes = numbers(&[Part::Top, Part::Bottom, Part::Shoe]);
    let known = [skin.concat(), hair.concat(), clothes];
    let is_other = |number: &u8| known.iter().all(|layer| !layer.contains(number));
    let others = (1..FIRST_SURROUNDING).filter(is_other).collect();
    let [of_skin, of_hair, clothes] = known;
    [[of_skin, of_hair, clothes, others], skin, hair, worn]
}

fn scalar<T>(planes: Option<&T>, of: impl Fn(&T) -> &Vec<f32>) -> Option<PlaneValues> {
    planes.map(|planes| PlaneValues::Scalar(of(planes).clone()))
}

fn vector(values: &[Vec3]) -> PlaneValues {
    PlaneValues::Vector(values.iter().map(Vec3::to_array).collect())
}

fn uv(surface: &SurfacePlanes) -> PlaneValues {
    let pixels = surface.uv.iter().zip(&surface.has_uv);
    let pixels = pixels.map(|(uv, &is_there)| match is_there {
        true => [uv.x, uv.y, 1.0],
        false => [0.0; 3],
    });
    PlaneValues::Vector(pixels.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_the_person_is_in_one_layer() {
        for number in 1..FIRST_SURROUNDING {
            let [layers, ..] = layer_parts();
            let n = layers.iter().filter(|layer| layer.contains(&number));
            assert_eq!(n.count(), 1, "part {number}");
        }
        let [whole, parts @ ..] = layer_parts();
        assert!(whole.iter().flatten().all(|number| *number < 100));
        for (layer, parts) in [0, 1, 3].into_iter().zip(parts) {
            let mut numbers = parts.concat();
            numbers.sort_unstable();
            let known = |number: &u8| whole[layer].contains(number);
            assert!(numbers.iter().all(known), "{numbers:?}");
            numbers.dedup();
            assert_eq!(numbers.len(), parts.concat().len());
        }
    }

    #[test]
    fn only_what_is_asked_for_is_traced() {
        let usual = LabelOrder::new(&LabelSpec::default(), OptionalPlanes::default());
        assert!(usual.is_usual());
        assert_eq!(usual.request(64), LabelRequest::new(64));
        let more = LabelOrder::new(
            &LabelSpec {
                planes: vec![Plane::DepthMedian],
                ..LabelSpec::default()
            },
            OptionalPlanes::of(&[Plane::LayersVisible]),
        );
        let request = more.request(64);
        assert!(!more.is_usual() && request.coverage && !request.surface);
        assert!(request.layers.len() == 4 && !request.whole_layers);
    }
}
