//! Draws clothes and shoes.

use bottega_schemas::distribution::Choice;
use bottega_schemas::params::{
    BottomKind, BottomParams, FabricParams, GarmentParams, ShoeKind, ShoeParams, TopParams, Weave,
};
use bottega_schemas::scene_spec::{FabricSpec, GarmentSpec, SrgbHex};

use super::color::{self, Lab};
use super::quantiles::Quantiles;
use super::traits::Traits;

/// Least difference in lightness between the two colors of a pattern.
const MIN_CONTRAST: f64 = 14.0;

/// Draws what a person wears.
pub(super) fn draw(spec: &GarmentSpec, traits: &Traits, q: Quantiles) -> GarmentParams {
    let top = *spec.top.of(traits.style).quantile(q.u("garments/top"));
    let cut = &spec.tops[&top];
    let top = TopParams {
        kind: top,
        sleeve: cut.sleeve.quantile(q.u("garments/top/sleeve")) as f32,
        hem: cut.hem.quantile(q.u("garments/top/hem")) as f32,
        neckline: cut.neckline.quantile(q.u("garments/top/neckline")) as f32,
        ease_m: cut.ease_mm.quantile(q.u("garments/top/ease")) as f32,
        fabric: draw_fabric(spec, &cut.fabric, &spec.top_colors, "garments/top", q),
    };
    let bottom = *spec
        .bottom
        .of(traits.style)
        .quantile(q.u("garments/bottom"));
    let cut = &spec.bottoms[&bottom];
    let colors = if bottom == BottomKind::Jeans {
        &spec.denim_colors
    } else {
        &spec.bottom_colors
    };
    let bottom = BottomParams {
        kind: bottom,
        length: cut.length.quantile(q.u("garments/bottom/length")) as f32,
        ease_m: cut.ease_mm.quantile(q.u("garments/bottom/ease")) as f32,
        fabric: draw_fabric(spec, &cut.fabric, colors, "garments/bottom", q),
    };
    GarmentParams {
        top,
        bottom,
        shoes: draw_shoes(spec, traits, q),
        style: traits.style.name().to_owned(),
    }
}

fn draw_shoes(spec: &GarmentSpec, traits: &Traits, q: Quantiles) -> ShoeParams {
    let kind = *spec.shoe.of(traits.style).quantile(q.u("garments/shoes"));
    let upper_colors = match kind {
        ShoeKind::Sneaker => &spec.sneaker_colors,
        ShoeKind::Leather | ShoeKind::Boot => &spec.leather_colors,
    };
    let upper = draw_color(spec, upper_colors, "garments/shoes/color", q);
    let sole = match kind {
        ShoeKind::Sneaker => draw_color(spec, &spec.sole_colors, "garments/shoes/sole", q),
        // Soles of leather shoes are dark, whatever the upper.
        ShoeKind::Leather | ShoeKind::Boot => [12.0, 1.5, 2.5],
    };
    let linear = |lab| color::as_albedo(color::linear_from_lab(lab));
    ShoeParams {
        kind,
        color: linear(upper),
        sole_color: linear(sole),
    }
}

/// Draws a cloth of these colors; denim has its own.
pub(super) fn draw_fabric(
    spec: &GarmentSpec,
    fabric: &FabricSpec,
    colors: &Choice<SrgbHex>,
    prefix: &str,
    q: Quantiles,
) -> FabricParams {
    let u = |name: &str| q.u(&format!("{prefix}/{name}"));
    let weave = *fabric.weave.quantile(u("weave"));
    let colors = if weave == Weave::Denim {
        &spec.denim_colors
    } else {
        colors
    };
    let ground = draw_color(spec, colors, &format!("{prefix}/color"), q);
    let mut second = draw_color(spec, colors, &format!("{prefix}/second color"), q);
    let contrast = second[0] - ground[0];
    if contrast.abs() < MIN_CONTRAST {
        // Toward the side where there is room.
        second[0] = if ground[0] < 50.0 {
            ground[0] + 22.0
        } else {
            ground[0] - 22.0
        };
    }
    let linear = |lab| color::as_albedo(color::linear_from_lab(lab));
    FabricParams {
        color: linear(ground),
        second_color: linear(second),
        pattern: *fabric.pattern.quantile(u("pattern")),
        period_m: fabric.period_mm.quantile(u("period")) as f32,
        weave,
        sheen: fabric.sheen.quantile(u("sheen")) as f32,
        crease_depth_m: fabric.crease_depth_mm.quantile(u("creases")) as f32,
    }
}

/// A color of the palette, moved a little along each axis.
fn draw_color(spec: &GarmentSpec, colors: &Choice<SrgbHex>, name: &str, q: Quantiles) -> Lab {
    let named = color::lab_from_linear(color::linear_from_srgb(*colors.quantile(q.u(name))));
    let step = |axis: &str| spec.color_jitter.quantile(q.u(&format!("{name}/{axis}")));
    let [l, a, b] = named;
    // Blacks and whites of cloth have little chroma to vary.
    let chroma = (libm::sqrt(a * a + b * b) / 20.0).clamp(0.25, 1.0);
    [
        (l + step("l")).clamp(6.0, 94.0),
        a + chroma * step("a"),
        b + chroma * step("b"),
    ]
}
