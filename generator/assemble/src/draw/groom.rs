//! Draws hair: cut, length, loss, brows, beard.

use bottega_schemas::labels::HairTexture;
use bottega_schemas::params::{
    BeardParams, BrowParams, GroomParams, HairCut, HairStyle, HairType, ScalpHairParams,
};
use bottega_schemas::scene_spec::{GroomSpec, HairLengthSpec, LengthClass, Style};

use super::hair_color;
use super::quantiles::Quantiles;
use super::traits::Traits;

/// Beyond this severity nobody with pattern baldness has long hair.
const SEVERE: f64 = 0.4;

/// Hair loss of one person.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Loss {
    /// Pattern baldness rather than diffuse thinning or none.
    balding: bool,
    /// 0 to 1.
    severity: f64,
}

/// Draws all hair of a person.
pub(super) fn draw(spec: &GroomSpec, traits: &Traits, q: Quantiles) -> GroomParams {
    let loss = draw_loss(spec, traits, q);
    let scalp = draw_scalp(spec, traits, loss, q);
    GroomParams {
        color: hair_color::draw(&spec.color, traits, scalp.is_some(), q),
        scalp,
        brows: BrowParams {
            density: spec.brows.density.quantile(q.u("groom/brows/density")) as f32,
            length_m: spec.brows.length_mm.quantile(q.u("groom/brows/length")) as f32,
            thickness: spec
                .brows
                .thickness
                .of(traits.style)
                .quantile(q.u("groom/brows/thickness")) as f32,
        },
        beard: draw_beard(spec, traits, q),
    }
}

fn draw_loss(spec: &GroomSpec, traits: &Traits, q: Quantiles) -> Loss {
    let knots = if traits.masculine {
        &spec.loss.balding
    } else {
        &spec.loss.thinning
    };
    let has = q.happens("groom/loss", knots.at(f64::from(traits.age_years)));
    let severity = spec.loss.severity.quantile(q.u("groom/loss/severity"));
    Loss {
        balding: has && traits.masculine,
        severity: if has { severity } else { 0.0 },
    }
}

fn draw_scalp(
    spec: &GroomSpec,
    traits: &Traits,
    loss: Loss,
    q: Quantiles,
) -> Option<ScalpHairParams> {
    let shaved = if loss.balding {
        &spec.loss.shaved_share_balding
    } else {
        &spec.loss.shaved_share
    };
    if q.happens("groom/shaved", shaved.get()) {
        return None;
    }
    let types = traits.texture.types();
    let type_idx = (q.u("groom/type") * types.len() as f64) as usize;
    let hair_type = types[type_idx.min(types.len() - 1)];
    let class = draw_length_class(&spec.length, traits.style, loss, q);
    let cut = draw_cut(&spec.length, class, hair_type, q);
    let (hairline, thinning) = if loss.balding {
        (-(0.2 + 0.8 * loss.severity), 0.15 + 0.8 * loss.severity)
    } else {
        let hairline = spec.loss.hairline.quantile(q.u("groom/hairline"));
        (
            hairline,
            if loss.severity > 0.0 {
                0.1 + 0.5 * loss.severity
            } else {
                0.0
            },
        )
    };
    let style = draw_style(&spec.length, cut, hair_type, q);
    let [least_m, most_m] = style.length_range_m();
    let length_m = draw_length(&spec.length, cut, traits.texture, q) as f32;
    Some(ScalpHairParams {
        cut,
        style: Some(style),
        hair_type,
        length_m: length_m.clamp(least_m, most_m),
        parting: spec.parting.quantile(q.u("groom/parting")) as f32,
        volume: spec.volume.quantile(q.u("groom/volume")) as f32,
        clump: spec.clump.quantile(q.u("groom/clump")) as f32,
        frizz: spec.frizz[&traits.texture].quantile(q.u("groom/frizz")) as f32,
        hairline: hairline as f32,
        thinning: thinning as f32,
    })
}

fn draw_length_class(spec: &HairLengthSpec, style: Style, loss: Loss, q: Quantiles) -> LengthClass {
    let choice = spec
        .everyone
        .blend(spec.by_style.of(style), spec.style_weight.get());
    let short = |class: &LengthClass| matches!(class, LengthClass::Buzz | LengthClass::Short);
    let u = q.u("groom/length class");
    if loss.balding && loss.severity > SEVERE {
        return choice
            .restrict(short)
            .map_or(LengthClass::Buzz, |choice| *choice.quantile(u));
    }
    *choice.quantile(u)
}

/// A cut of this length that this hair can take: rounded coils need types 3C to 4C.
fn draw_cut(
    spec: &HairLengthSpec,
    class: LengthClass,
    hair_type: HairType,
    q: Quantiles,
) -> HairCut {
    let coiled = hair_type >= HairType::T3C;
    let afro = coiled && q.happens("groom/afro", spec.afro_share.get());
    let side_part = q.happens("groom/side part", spec.side_part_share.get());
    let bun = q.happens("groom/bun", spec.bun_share.get());
    match class {
        LengthClass::Buzz => HairCut::Buzz,
        // Tight coils do not lie to one side.
        LengthClass::Short if side_part && !coiled => HairCut::SidePart,
        LengthClass::Short => HairCut::Crop,
        LengthClass::Medium | LengthClass::Long if afro => HairCut::Afro,
        LengthClass::Medium => HairCut::Bob,
        LengthClass::Long => HairCut::Long,
        LengthClass::Tied if bun => HairCut::Bun,
        LengthClass::Tied => HairCut::Ponytail,
    }
}

/// A variety of the cut that this hair takes.
fn draw_style(spec: &HairLengthSpec, cut: HairCut, hair_type: HairType, q: Quantiles) -> HairStyle {
    let suits = |style: &HairStyle| style.cut() == cut && style.suits(hair_type);
    let choice = spec
        .styles
        .get(&cut)
        .and_then(|choice| choice.restrict(suits));
    choice.map_or_else(
        || HairStyle::plain(cut),
        |choice| *choice.quantile(q.u("groom/style")),
    )
}

/// Length along the strand, in metres.
fn draw_length(spec: &HairLengthSpec, cut: HairCut, texture: HairTexture, q: Quantiles) -> f64 {
    let length_m = spec.length_mm[&cut].quantile(q.u("groom/length"));
    let hangs = matches!(
        cut,
        HairCut::Bob | HairCut::Long | HairCut::Ponytail | HairCut::Bun
    );
    if hangs {
        length_m * spec.curl_factor[&texture].get()
    } else {
        length_m
    }
}

/// A beard, for those of masculine style, and of neutral style with a masculine body.
fn draw_beard(spec: &GroomSpec, traits: &Traits, q: Quantiles) -> Option<BeardParams> {
    let can = match traits.style {
        Style::Masculine => true,
        Style::Neutral => traits.masculine,
        Style::Feminine => false,
    };
    let wears = q.happens(
        "groom/beard",
        spec.beard.wear.at(f64::from(traits.age_years)),
    );
    if !(can && wears) {
        return None;
    }
    let style = *spec.beard.style.quantile(q.u("groom/beard/style"));
    Some(BeardParams {
        style,
        length_m: spec.beard.length_mm[&style].quantile(q.u("groom/beard/length")) as f32,
        density: spec.beard.density.quantile(q.u("groom/beard/density")) as f32,
    })
}
