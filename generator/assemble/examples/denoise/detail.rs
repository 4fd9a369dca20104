//! What a picture keeps of fine detail, by what it shows.
//!
//! Detail is the Laplacian of the displayed brightness. What is kept is its regression on that of
//! the converged picture: 1 is all, and noise, which is like nothing, does not count. What is
//! wrong is the energy of the difference over that of the detail itself.

use bottega_render::denoise::Noisy;
use bottega_render::label::LabelPlanes;
use bottega_render::tone::{ToneCurve, quantize};
use bottega_schemas::part::Part;
use glam::Vec3;

/// Whether a pixel lies in a region.
type Belongs = fn(&At<'_>) -> bool;

/// Name of each region and what it needs.
pub(crate) const REGIONS: [(&str, Belongs); 4] = [
    ("single hairs", |at| at.is_single_hair()),
    ("hair", |at| at.is_hair()),
    ("skin", |at| at.is_skin()),
    ("cloth", |at| at.is_cloth()),
];

/// A pixel of the labels.
pub(crate) struct At<'a> {
    labels: &'a LabelPlanes,
    x: usize,
    y: usize,
    side: usize,
}

impl At<'_> {
    fn alpha(&self) -> f32 {
        self.labels.alpha[self.y * self.side + self.x]
    }

    /// Parts within `reach` pixels.
    fn around(&self, reach: usize) -> impl Iterator<Item = u8> {
        let (x, y) = (self.x, self.y);
        let end = |at: usize| (at + reach + 1).min(self.side);
        let columns = x.saturating_sub(reach)..end(x);
        (y.saturating_sub(reach)..end(y)).flat_map(move |row| {
            columns
                .clone()
                .map(move |column| self.labels.part[row * self.side + column])
        })
    }

    fn is_single_hair(&self) -> bool {
        (0.02..0.85).contains(&self.alpha()) && self.around(3).any(is_fiber)
    }

    fn is_hair(&self) -> bool {
        0.99 < self.alpha() && self.around(0).all(is_fiber)
    }

    fn is_skin(&self) -> bool {
        self.around(2).all(|part| part == Part::Skin as u8)
    }

    fn is_cloth(&self) -> bool {
        let garments = Part::Top as u8..=Part::Shoe as u8;
        self.around(1).all(|part| garments.contains(&part))
    }
}

fn is_fiber(part: u8) -> bool {
    (Part::Hair as u8..=Part::Beard as u8).contains(&part)
}

/// Which pixels belong to which region.
pub(crate) struct Regions {
    side: usize,
    pixels: [Vec<usize>; REGIONS.len()],
}

/// Sums of products of Laplacians over a region.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Detail {
    own: f64,
    common: f64,
    truth: f64,
}

impl Detail {
    pub(crate) fn add(&mut self, other: &Self) {
        self.own += other.own;
        self.common += other.common;
        self.truth += other.truth;
    }

    /// Share of the detail that the picture keeps, and the energy of what is wrong over that of
    /// the detail.
    pub(crate) fn kept_and_wrong(&self) -> [f64; 2] {
        [self.common, self.own - 2.0 * self.common + self.truth].map(|sum| sum / self.truth)
    }
}

impl Regions {
    pub(crate) fn new(labels: &LabelPlanes, side: usize) -> Self {
        // The outermost pixels have no Laplacian.
        let inner = 1..side - 1;
        let pixels = REGIONS.map(|(_, belongs)| {
            (inner.clone())
                .flat_map(|y| inner.clone().map(move |x| (x, y)))
                .filter(|&(x, y)| belongs(&At { labels, x, y, side }))
                .map(|(x, y)| y * side + x)
                .collect()
        });
        Self { side, pixels }
    }

    /// Detail of the picture in each region.
    pub(crate) fn detail(&self, picture: &[Vec3], converged: &Noisy) -> [Detail; REGIONS.len()] {
        let shown = brightness(picture);
        let truth = converged.halves.each_ref().map(|h| brightness(&h.color));
        self.pixels.each_ref().map(|pixels| {
            let mut sum = Detail::default();
            for &i in pixels {
                let [p, a, b] =
                    [&shown, &truth[0], &truth[1]].map(|plane| laplacian(plane, i, self.side));
                sum.own += p * p;
                sum.common += 0.5 * p * (a + b);
                // The noise of the halves is independent and drops out of their product.
                sum.truth += a * b;
            }
            sum
        })
    }
}

/// Displayed brightness, from 0 to 255.
fn brightness(picture: &[Vec3]) -> Vec<f64> {
    let curve = ToneCurve::default();
    (picture.iter())
        .map(|&linear| {
            let [r, g, b] = quantize(curve.apply(linear)).map(f64::from);
            0.2126 * r + 0.7152 * g + 0.0722 * b
        })
        .collect()
}

fn laplacian(plane: &[f64], i: usize, side: usize) -> f64 {
    4.0 * plane[i] - plane[i - 1] - plane[i + 1] - plane[i - side] - plane[i + side]
}
