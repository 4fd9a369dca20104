//! Colour of hair: from pigments or a dye to the absorption of the fibre.
//!
//! Coefficients are per radius of the fibre, as the renderer takes them, so that thicker strands
//! that stand for several hairs keep their colour.

use bottega_geometry::math;
use bottega_schemas::params::HairColorParams;
use glam::Vec3;

/// Absorption of one unit of eumelanin, Rec. 709.
const EUMELANIN: Vec3 = Vec3::new(0.419, 0.697, 1.37);
/// Absorption of one unit of pheomelanin, Rec. 709.
const PHEOMELANIN: Vec3 = Vec3::new(0.187, 0.4, 1.05);
/// Eumelanin left in grey hair.
const GREY_EUMELANIN: f32 = 0.05;

/// Absorption of natural hair with these pigment concentrations.
pub fn absorption_of_pigments(eumelanin: f32, pheomelanin: f32) -> Vec3 {
    EUMELANIN * eumelanin.max(0.0) + PHEOMELANIN * pheomelanin.max(0.0)
}

/// Absorption with which many fibres of azimuthal roughness `beta_n` show the linear Rec. 709
/// colour `color` (Chiang et al. 2016, fit for multiple scattering).
pub fn absorption_of_color(color: Vec3, beta_n: f32) -> Vec3 {
    let fit = scattering_fit(beta_n);
    let channel = |c: f32| {
        let x = math::ln(c.clamp(1e-4, 0.999)) / fit;
        x * x
    };
    Vec3::new(channel(color.x), channel(color.y), channel(color.z))
}

/// The colour that many fibres of this absorption show; the inverse of [`absorption_of_color`].
pub fn color_of_absorption(sigma_a: Vec3, beta_n: f32) -> Vec3 {
    let fit = scattering_fit(beta_n);
    Vec3::from_array(
        sigma_a
            .to_array()
            .map(|a| math::exp(-fit * a.max(0.0).sqrt())),
    )
}

/// The polynomial of the fit for multiple scattering.
fn scattering_fit(beta_n: f32) -> f32 {
    let b = beta_n.clamp(0.01, 1.0);
    5.969 + b * (-0.215 + b * (2.532 + b * (-10.73 + b * (5.574 + b * 0.245))))
}

/// Absorption of palette 0 (pigmented or dyed), 1 (grey) and 2 (the second colour, or the first
/// again) of the strands.
///
/// A dye covers grey hair, which takes it a little lighter.
pub fn absorptions(color: &HairColorParams, beta_n: f32) -> [Vec3; 3] {
    let dyed = |dye: [f32; 3]| absorption_of_color(Vec3::from_array(dye), beta_n);
    let [first, grey] = match color.dye.map(dyed) {
        Some(first) => [first, 0.8 * first],
        None => [
            absorption_of_pigments(color.eumelanin, color.pheomelanin),
            absorption_of_pigments(GREY_EUMELANIN, 0.0),
        ],
    };
    let second = color.second.as_ref().map(|second| dyed(second.dye));
    [first, grey, second.unwrap_or(first)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use bottega_schemas::params::HairColorLabel;

    #[test]
    fn more_pigment_absorbs_more_and_pheomelanin_leaves_red() {
        let dark = absorption_of_pigments(4.0, 0.0);
        let blond = absorption_of_pigments(0.3, 0.0);
        assert!(blond.cmplt(dark).all(), "{blond} {dark}");
        let red = absorption_of_pigments(0.3, 1.5);
        assert!(blond.z / blond.x < red.z / red.x, "{red}");
    }

    #[test]
    fn dye_inverts_the_fit_for_multiple_scattering() {
        let color = Vec3::new(0.7, 0.2, 0.05);
        let sigma_a = absorption_of_color(color, 0.3);
        // The fit reads C = exp(-sqrt(sigma_a) p(beta_n)).
        let p =
            5.969 - 0.215 * 0.3 + 2.532 * 0.09 - 10.73 * 0.027 + 5.574 * 0.0081 + 0.245 * 0.00243;
        for k in 0..3 {
            let back = math::exp(-sigma_a[k].sqrt() * p);
            assert!((back - color[k]).abs() < 1e-4, "{back} {color}");
        }
    }

    #[test]
    fn dye_replaces_pigments_in_both_palettes() {
        let mut color = HairColorParams {
            label: HairColorLabel::Dyed,
            eumelanin: 8.0,
            pheomelanin: 0.0,
            grey_fraction: 0.3,
            dye: None,
            second: None,
        };
        let natural = absorptions(&color, 0.3);
        assert!(
            natural[1].max_element() < 0.1 && 3.0 < natural[0].x,
            "{natural:?}"
        );
        color.dye = Some([0.1, 0.2, 0.7]);
        let dyed = absorptions(&color, 0.3);
        assert!(
            dyed[0].z < dyed[0].x && dyed[1].cmplt(dyed[0]).all(),
            "{dyed:?}"
        );
    }
}
