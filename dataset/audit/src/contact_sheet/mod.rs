//! Contact sheets: samples side by side with all their planes and a label each.
//!
//! A sheet is for looking, never for measuring: depth carries a colour bar with its unit, and
//! what has no surface is dark grey.

mod canvas;
mod font;
mod panels;
mod plane_colors;
mod sample;

pub(crate) use self::panels::DEPTH_RAMP;
pub use self::plane_colors::ShownPlane;
pub(crate) use self::plane_colors::color_of;
pub(crate) use self::sample::png_of;

use self::canvas::{Canvas, line_height_px};
use self::panels::{DepthRange, N_PANELS, depth_color, panel_color};

const PANEL_HEIGHT_PX: usize = 288;
const GAP_PX: usize = 4;
const MARGIN_PX: usize = 12;
const TEXT_SCALE: usize = 2;
const BAR_WIDTH_PX: usize = 8;
const PAPER: [u8; 3] = [0x10; 3];
const INK: [u8; 3] = [0xe8; 3];
const FAINT_INK: [u8; 3] = [0xa0; 3];

/// What a sheet shows of one sample. All planes have `width * height` pixels, rows from the top.
#[derive(Clone, Debug)]
pub struct SheetSample {
    /// Lines of the label.
    pub label: Vec<String>,
    /// Width, in pixels.
    pub width: usize,
    /// Height, in pixels.
    pub height: usize,
    /// 8-bit sRGB, three bytes a pixel.
    pub rgb: Vec<u8>,
    /// Coverage, 0 to 255.
    pub alpha: Vec<u8>,
    /// Depth, in metres; +inf is no surface.
    pub depth_m: Vec<f32>,
    /// Normal in camera space; zero is no surface.
    pub normal: Vec<[f32; 3]>,
    /// Further planes, in rows below.
    pub more: Vec<ShownPlane>,
}

/// An 8-bit sRGB picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Width, in pixels.
    pub width: u32,
    /// Height, in pixels.
    pub height: u32,
    /// Three bytes a pixel, rows from the top.
    pub rgb: Vec<u8>,
}

/// Draws the samples in rows; two stand side by side where there are more than three.
pub fn draw_sheet(samples: &[SheetSample]) -> Sheet {
    let n_columns = if samples.len() > 3 { 2 } else { 1 };
    let n_rows = samples.len().div_ceil(n_columns).max(1);
    let tile_width = samples.iter().map(tile_width_px).max().unwrap_or(1);
    let n_lines = samples
        .iter()
        .map(|sample| sample.label.len())
        .max()
        .unwrap_or(0);
    let label_height = n_lines * line_height_px(TEXT_SCALE) + GAP_PX;
    let n_panel_rows = samples.iter().map(n_panel_rows).max().unwrap_or(1);
    let tile_height = n_panel_rows * (PANEL_HEIGHT_PX + GAP_PX) + label_height;

    let mut canvas = Canvas::new(
        MARGIN_PX + n_columns * (tile_width + MARGIN_PX),
        MARGIN_PX + n_rows * (tile_height + MARGIN_PX),
        PAPER,
    );
    for (idx, sample) in samples.iter().enumerate() {
        let x = MARGIN_PX + idx % n_columns * (tile_width + MARGIN_PX);
        let y = MARGIN_PX + idx / n_columns * (tile_height + MARGIN_PX);
        draw_tile(&mut canvas, [x, y], sample);
    }
    Sheet {
        width: canvas.width as u32,
        height: canvas.height as u32,
        rgb: canvas.rgb,
    }
}

fn draw_tile(canvas: &mut Canvas, at: [usize; 2], sample: &SheetSample) {
    let n_px = sample.width * sample.height;
    assert!(n_px > 0, "a sample without pixels cannot be shown");
    assert!(
        sample.rgb.len() == 3 * n_px
            && sample.alpha.len() == n_px
            && sample.depth_m.len() == n_px
            && sample.normal.len() == n_px
            && sample.more.iter().all(|plane| plane.rgb.len() == 3 * n_px),
        "all planes of a sample have its size",
    );
    let size = [panel_width_px(sample), PANEL_HEIGHT_PX];
    let range = DepthRange::of(&sample.depth_m);
    for panel in 0..N_PANELS + sample.more.len() {
        let x0 = at[0] + panel % N_PANELS * (size[0] + GAP_PX);
        let y0 = at[1] + panel / N_PANELS * (size[1] + GAP_PX);
        for y in 0..size[1] {
            for x in 0..size[0] {
                let color = panel_color(sample, panel, [x, y], size, range);
                canvas.dot(x0 + x, y0 + y, color);
            }
        }
        if let Some(plane) = panel.checked_sub(N_PANELS) {
            let name = sample.more[plane].name;
            canvas.text([x0 + 2, y0 + 2], name, 1, size[0].saturating_sub(2), INK);
        }
    }
    if let Some(range) = range {
        let right = at[0] + 2 * (size[0] + GAP_PX) + size[0];
        draw_depth_bar(canvas, right, at[1], size[0], range);
    }
    let mut y = at[1] + n_panel_rows(sample) * (PANEL_HEIGHT_PX + GAP_PX) + GAP_PX;
    for (line_idx, line) in sample.label.iter().enumerate() {
        let ink = if line_idx == 0 { INK } else { FAINT_INK };
        canvas.text([at[0], y], line, TEXT_SCALE, tile_width_px(sample), ink);
        y += line_height_px(TEXT_SCALE);
    }
}

/// A ramp along the right edge of the depth panel, its ends labelled in metres.
fn draw_depth_bar(
    canvas: &mut Canvas,
    right: usize,
    top: usize,
    panel_width: usize,
    range: DepthRange,
) {
    let left = right - BAR_WIDTH_PX.min(panel_width);
    for y in 0..PANEL_HEIGHT_PX {
        let color = depth_color(y as f32 / (PANEL_HEIGHT_PX - 1) as f32);
        canvas.fill([left, top + y], [right - left, 1], color);
    }
    let far_y = top + PANEL_HEIGHT_PX - line_height_px(1);
    for (value_m, y) in [(range.near_m, top + 2), (range.far_m, far_y)] {
        let text = format!("{value_m:.2} m");
        let text_width = (text.len() * 6).min(panel_width);
        let x = left.saturating_sub(text_width + 2);
        canvas.text([x, y], &text, 1, text_width, INK);
    }
}

fn n_panel_rows(sample: &SheetSample) -> usize {
    (N_PANELS + sample.more.len()).div_ceil(N_PANELS)
}

fn panel_width_px(sample: &SheetSample) -> usize {
    (sample.width * PANEL_HEIGHT_PX / sample.height.max(1)).max(1)
}

fn tile_width_px(sample: &SheetSample) -> usize {
    N_PANELS * panel_width_px(sample) + (N_PANELS - 1) * GAP_PX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ball(width: usize, height: usize) -> SheetSample {
        let n_px = width * height;
        let mut sample = SheetSample {
            label: vec!["ball-0000000 face".to_owned(), "2 m away".to_owned()],
            width,
            height,
            rgb: [40, 90, 160].repeat(n_px),
            alpha: vec![0; n_px],
            depth_m: vec![f32::INFINITY; n_px],
            normal: vec![[0.0; 3]; n_px],
            more: Vec::new(),
        };
        let radius = 0.4 * width as f32;
        for px in 0..n_px {
            let x = ((px % width) as f32 + 0.5 - 0.5 * width as f32) / radius;
            let y = (0.5 * height as f32 - (px / width) as f32 - 0.5) / radius;
            let z2 = 1.0 - x * x - y * y;
            if z2 > 0.0 {
                sample.rgb[3 * px..3 * px + 3].copy_from_slice(&[220, 60, 40]);
                sample.alpha[px] = 255;
                sample.depth_m[px] = 2.0 - z2.sqrt();
                sample.normal[px] = [x, y, z2.sqrt()];
            }
        }
        sample
    }

    fn color_at(sheet: &Sheet, x: usize, y: usize) -> [u8; 3] {
        let at = 3 * (y * sheet.width as usize + x);
        [sheet.rgb[at], sheet.rgb[at + 1], sheet.rgb[at + 2]]
    }

    #[test]
    fn each_plane_is_shown_in_its_panel() {
        let sheet = draw_sheet(&[ball(96, 128)]);
        let width = 96 * PANEL_HEIGHT_PX / 128;
        let center = |panel: usize| {
            let x = MARGIN_PX + panel * (width + GAP_PX) + width / 2;
            color_at(&sheet, x, MARGIN_PX + PANEL_HEIGHT_PX / 2)
        };
        assert_eq!(center(0), [220, 60, 40]);
        assert_eq!(
            center(1),
            [220, 60, 40],
            "covered: the picture hides the checkerboard"
        );
        assert_eq!(center(2), depth_color(0.0), "the nearest point");
        let [x, y, z] = center(3);
        assert!(
            x.abs_diff(128) < 4 && y.abs_diff(128) < 4 && z > 250,
            "{x} {y} {z}"
        );
        let corner = color_at(&sheet, MARGIN_PX + width + GAP_PX, MARGIN_PX);
        assert!(corner == [0x66; 3] || corner == [0x99; 3], "{corner:?}");
    }

    #[test]
    fn further_planes_stand_below() {
        let plain = draw_sheet(&[ball(96, 128)]);
        let mut more = ball(96, 128);
        more.more = vec![ShownPlane {
            name: "albedo",
            rgb: [10, 200, 30].repeat(96 * 128),
        }];
        let sheet = draw_sheet(&[more]);
        assert_eq!(sheet.width, plain.width);
        assert_eq!(
            sheet.height,
            plain.height + (PANEL_HEIGHT_PX + GAP_PX) as u32
        );
        let y = MARGIN_PX + PANEL_HEIGHT_PX + GAP_PX + PANEL_HEIGHT_PX / 2;
        assert_eq!(color_at(&sheet, MARGIN_PX + 100, y), [10, 200, 30]);
    }

    #[test]
    fn samples_stand_in_rows() {
        let tall = draw_sheet(&vec![ball(24, 32); 3]);
        let wide = draw_sheet(&vec![ball(24, 32); 4]);
        assert!(wide.width > 2 * (tall.width - 2 * MARGIN_PX as u32));
        assert!(wide.height < tall.height);
        assert_eq!(wide.rgb.len(), 3 * (wide.width * wide.height) as usize);
    }

    #[test]
    fn a_sample_without_a_surface_is_shown() {
        let mut empty = ball(8, 8);
        empty.depth_m.fill(f32::INFINITY);
        empty.normal.fill([0.0; 3]);
        assert!(draw_sheet(&[empty]).width > 0);
        assert!(draw_sheet(&[]).width > 0);
    }

    /// Left in the temporary folder for a look when `BOTTEGA_SHEET` names a file.
    #[test]
    fn a_sheet_is_the_same_each_time() {
        let sheet = draw_sheet(&vec![ball(96, 128); 5]);
        assert_eq!(sheet, draw_sheet(&vec![ball(96, 128); 5]));
        if let Some(path) = std::env::var_os("BOTTEGA_SHEET") {
            image::save_buffer(
                path,
                &sheet.rgb,
                sheet.width,
                sheet.height,
                image::ColorType::Rgb8,
            )
            .unwrap();
        }
    }
}
