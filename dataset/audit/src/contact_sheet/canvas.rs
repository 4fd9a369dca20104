//! A picture to draw on: rectangles, dots and text.

use super::font::{GLYPH_HEIGHT, GLYPH_WIDTH, glyph};

/// An 8-bit sRGB picture.
#[derive(Clone, Debug)]
pub(super) struct Canvas {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) rgb: Vec<u8>,
}

impl Canvas {
    /// A picture of one colour.
    pub(super) fn new(width: usize, height: usize, color: [u8; 3]) -> Self {
        Self {
            width,
            height,
            rgb: color.repeat(width * height),
        }
    }

    /// Colours one pixel; outside the picture nothing happens.
    pub(super) fn dot(&mut self, x: usize, y: usize, color: [u8; 3]) {
        if x < self.width && y < self.height {
            let at = 3 * (y * self.width + x);
            self.rgb[at..at + 3].copy_from_slice(&color);
        }
    }

    /// Fills the rectangle of `size` (width, height) whose first pixel is `at`.
    pub(super) fn fill(&mut self, at: [usize; 2], size: [usize; 2], color: [u8; 3]) {
        for y in at[1]..at[1] + size[1] {
            for x in at[0]..at[0] + size[0] {
                self.dot(x, y, color);
            }
        }
    }

    /// Writes a line of text; each dot of the font is `scale` pixels wide. Text that would pass
    /// `width_px` is cut.
    pub(super) fn text(
        &mut self,
        at: [usize; 2],
        text: &str,
        scale: usize,
        width_px: usize,
        color: [u8; 3],
    ) {
        let advance = (GLYPH_WIDTH + 1) * scale;
        for (column, character) in text.chars().take(width_px / advance).enumerate() {
            for (row, bits) in glyph(character).into_iter().enumerate() {
                for bit in (0..GLYPH_WIDTH).filter(|bit| bits >> (GLYPH_WIDTH - 1 - bit) & 1 == 1) {
                    let corner = [at[0] + column * advance + bit * scale, at[1] + row * scale];
                    self.fill(corner, [scale, scale], color);
                }
            }
        }
    }
}

/// Height of a line of text with its leading, in pixels.
pub(super) const fn line_height_px(scale: usize) -> usize {
    (GLYPH_HEIGHT + 3) * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_drawn_and_cut_at_the_width() {
        let white = [255; 3];
        let mut canvas = Canvas::new(40, 10, [0; 3]);
        canvas.text([0, 0], "III", 1, 13, white);
        let lit: Vec<usize> = (0..40).filter(|x| canvas.rgb[3 * x] == 255).collect();
        assert_eq!(lit, [1, 2, 3, 7, 8, 9], "two letters fit in 13 pixels");
    }

    #[test]
    fn drawing_outside_the_picture_is_harmless() {
        let mut canvas = Canvas::new(4, 4, [0; 3]);
        canvas.fill([2, 2], [9, 9], [9; 3]);
        canvas.text([0, 0], "W", 3, 100, [9; 3]);
        assert_eq!(canvas.rgb.len(), 48);
    }
}
