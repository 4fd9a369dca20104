//! Another background behind the person, through soft coverage.
//!
//! A pixel of coverage a shows `a F + (1 - a) B`. F is not known where 0 < a < 1, so it is
//! estimated from the colors around (Forte, "Approximate Fast Foreground Colour Estimation", 2021):
//! local means of F and B weighed by a and 1 - a, and the share of what they leave unexplained that
//! falls to F. Pixels that the person covers wholly stay as they are, so the old background is gone
//! from hair without touching what truth speaks of.
//!
//! Of the other picture only the background is used: where its person stands, colors flow in from
//! around (pull and push over a pyramid), since a second, unlabelled person would teach that some
//! people are background.

use super::super::frame::Frame;
use super::super::resample::{Window, resize};
use super::draws::Draws;

/// Probability that a new background is of one color.
pub(super) const ONE_COLOR: f64 = 0.3;

/// Width of the means around a pixel, in pixels.
const AROUND_PX: usize = 8;

/// Replaces the background by that of another frame.
pub(super) fn replace(frame: &mut Frame, other: &Frame, draws: Draws) {
    let to = (frame.width, frame.height);
    let mut colors = cover(&without_person(other), (other.width, other.height), to);
    if draws.happens("background/flip", 0.5) {
        colors.chunks_exact_mut(to.0).for_each(<[_]>::reverse);
    }
    composite(frame, |at| {
        let [r, g, b, _] = colors[at];
        [r, g, b]
    });
}

/// Replaces the background by one color.
pub(super) fn replace_by_color(frame: &mut Frame, draws: Draws) {
    let color = ["red", "green", "blue"].map(|name| {
        let name = format!("background/{name}");
        draws.unit(&name) as f32
    });
    composite(frame, |_| color);
}

/// Puts the person before new colors.
fn composite(frame: &mut Frame, color_at: impl Fn(usize) -> [f32; 3]) {
    let size = (frame.width, frame.height);
    let split: Vec<[f32; 8]> = (frame.rgb.iter().zip(&frame.alpha))
        .map(|(&[r, g, b], &a)| {
            let c = 1.0 - a;
            [a * r, a * g, a * b, a, c * r, c * g, c * b, c]
        })
        .collect();
    let small = (size.0.div_ceil(AROUND_PX), size.1.div_ceil(AROUND_PX));
    let means = resize(&split, size, small, Window::whole(size, small));
    let means = resize(&means, small, size, Window::whole(small, size));
    let pixels = frame.rgb.iter_mut().zip(&frame.alpha).zip(&means);
    for (at, ((rgb, &a), mean)) in pixels.enumerate() {
        if a >= 1.0 {
            continue;
        }
        let new = color_at(at);
        if a <= 0.0 {
            *rgb = new;
            continue;
        }
        for k in 0..3 {
            let front = mean[k] / mean[3].max(1e-4);
            let back = mean[4 + k] / mean[7].max(1e-4);
            let unexplained = rgb[k] - a * front - (1.0 - a) * back;
            let front = (front + a * unexplained).clamp(0.0, 1.0);
            rgb[k] = a * front + (1.0 - a) * new[k];
        }
    }
}

/// Resizes a picture so that it covers a size, the middle kept.
fn cover(colors: &[[f32; 4]], from: (usize, usize), to: (usize, usize)) -> Vec<[f32; 4]> {
    let scale = (from.0 as f64 / to.0 as f64).min(from.1 as f64 / to.1 as f64);
    let window = Window {
        origin: [
            0.5 * (from.0 as f64 - scale * to.0 as f64),
            0.5 * (from.1 as f64 - scale * to.1 as f64),
        ],
        scale: [scale; 2],
    };
    let mut out = resize(colors, from, to, window);
    for value in out.as_flattened_mut() {
        *value = value.clamp(0.0, 1.0);
    }
    out
}

/// The colors of a frame where it shows its background; colors from around elsewhere.
fn without_person(frame: &Frame) -> Vec<[f32; 4]> {
    let mut size = (frame.width, frame.height);
    let known = |(&[r, g, b], &a): (&[f32; 3], &f32)| match a {
        0.0 => [r, g, b, 1.0],
        _ => [0.0; 4],
    };
    let mut levels = vec![(
        size,
        frame.rgb.iter().zip(&frame.alpha).map(known).collect(),
    )];
    // Pull: colors times what is known of them, ever smaller.
    while size.0.max(size.1) > 1 {
        let small = (size.0.div_ceil(2), size.1.div_ceil(2));
        let (_, last): &(_, Vec<[f32; 4]>) = levels.last().expect("there is a first level");
        let next = resize(last, size, small, Window::whole(size, small));
        levels.push((small, next));
        size = small;
    }
    // Push: what is not known comes from the next smaller level.
    let (mut size, mut colors) = levels.pop().expect("there is a first level");
    for pixel in &mut colors {
        let [r, g, b, w] = *pixel;
        // All person: grey.
        *pixel = match w > 0.0 {
            true => [r / w, g / w, b / w, 1.0],
            false => [0.5, 0.5, 0.5, 1.0],
        };
    }
    while let Some((larger, mut level)) = levels.pop() {
        let below = resize(&colors, size, larger, Window::whole(size, larger));
        for (pixel, below) in level.iter_mut().zip(&below) {
            let unknown = 1.0 - pixel[3];
            *pixel = std::array::from_fn(|k| pixel[k] + unknown * below[k]);
        }
        (size, colors) = (larger, level);
    }
    colors
}
