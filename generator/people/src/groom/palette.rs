//! Which strands of the scalp are grey, and which have a second colour, from where on.
//!
//! Places of roots are template decimetres, as in [`super::cut`].

use bottega_geometry::math;
use bottega_schemas::params::SecondColorPlace;
use glam::Vec3;

/// Palette of hair of the second colour; 0 is pigmented hair, 1 grey hair.
pub(crate) const SECOND: u8 = 2;
/// Share of the locks that are streaks.
const STREAKS: f32 = 0.3;
/// Share of the strands of such a lock that took the colour.
const TAKEN: f32 = 0.85;

/// Whether a strand is grey when `share` of all are; `u` in `[0, 1)` is the strand's own number.
pub(crate) fn is_grey(root_dm: Vec3, share: f32, u: f32) -> bool {
    // Temples turn grey first.
    let temple =
        math::smoothstep(0.45, 0.7, root_dm.x.abs()) * math::smoothstep(8.0, 7.6, root_dm.y);
    u < share * (1.0 + 0.6 * (1.0 - share) * (temple - 0.3))
}

/// The point of a strand from which it has the second colour, `n_points` for none; the numbers in
/// `[0, 1)` are the strand's own and that of its lock.
pub(crate) fn second_color_from(
    place: SecondColorPlace,
    root_dm: Vec3,
    n_points: usize,
    [own, lock]: [f32; 2],
) -> usize {
    let dyed = match place {
        SecondColorPlace::Tips => {
            let joint = math::lerp(0.4, 0.7, own) * n_points as f32;
            return (joint as usize).clamp(1, n_points - 1);
        }
        SecondColorPlace::Streaks => lock < STREAKS && own < TAKEN,
        SecondColorPlace::Under => root_dm.y < 7.62 + 0.02 * own,
        SecondColorPlace::Front => 0.85 < root_dm.z && (0.1..0.42).contains(&root_dm.x.abs()),
        SecondColorPlace::Half => 0.0 < root_dm.x,
    };
    if dyed { 0 } else { n_points }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_takes_some_strands_and_leaves_others() {
        let top = Vec3::new(0.2, 8.3, 1.0);
        let nape = Vec3::new(-0.3, 7.0, -0.2);
        for place in [
            SecondColorPlace::Streaks,
            SecondColorPlace::Under,
            SecondColorPlace::Front,
            SecondColorPlace::Half,
        ] {
            let dyed = [[0.5, 0.1], [0.5, 0.9]]
                .into_iter()
                .flat_map(|u| [top, nape].map(|root| second_color_from(place, root, 20, u)));
            let dyed: Vec<usize> = dyed.collect();
            assert!(dyed.contains(&0) && dyed.contains(&20), "{place:?}");
        }
        let joint = second_color_from(SecondColorPlace::Tips, top, 20, [0.5, 0.5]);
        assert!((8..14).contains(&joint));
    }

    #[test]
    fn temples_are_grey_first() {
        let (temple, crown) = (Vec3::new(0.75, 7.5, 0.8), Vec3::new(0.0, 8.4, 0.0));
        let share = |root: Vec3| {
            let n = (0..1000).filter(|i| is_grey(root, 0.3, *i as f32 / 1000.0));
            n.count() as f32 / 1000.0
        };
        assert!(share(crown) < 0.3 && 0.35 < share(temple));
        assert!(!is_grey(crown, 0.0, 0.0));
    }
}
