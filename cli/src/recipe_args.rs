//! Options that say how a recipe is read: shared by every command that renders one.

use anyhow::{Context as _, Result};

use bottega_schemas::scene_spec::{Denoiser, Quality, QualityPreset, SceneSpec};

/// How a recipe is read.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct RecipeArgs {
    /// Seed of the dataset, 0 to 2^63-1, in place of the recipe's
    #[arg(long, allow_negative_numbers = true, value_name = "S")]
    seed: Option<u64>,

    /// Profile of people, a shipped name or a file, in place of the recipe's
    #[arg(long, value_name = "NAME|FILE")]
    profile: Option<String>,

    /// Size of the pictures in pixels, in place of the recipe's
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    size: Option<[u32; 2]>,

    /// Preset of the renderer, in place of the recipe's
    #[arg(long, value_name = "PRESET", value_parser = parse_quality,
          help = "Preset of the renderer, in place of the recipe's: draft, standard or reference")]
    quality: Option<Quality>,

    /// Light paths a pixel, in place of the preset's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65536))]
    spp: Option<u32>,

    /// Stop at this error, in place of the preset's; `--spp` is then the most
    #[arg(long, value_name = "E", value_parser = parse_error)]
    error: Option<f32>,

    /// How noise is taken out of pictures, in place of the preset's
    #[arg(long, value_name = "NAME", value_parser = parse_denoiser,
          help = "How noise is taken out of pictures, in place of the preset's: none, built-in or \
                  oidn (Open Image Denoise 2, in builds with the feature `oidn`)")]
    denoiser: Option<Denoiser>,
}

impl RecipeArgs {
    /// Reads the recipe `source`, a file or a shipped name.
    pub(crate) fn read(&self, source: &str) -> Result<(SceneSpec, QualityPreset)> {
        let mut spec = SceneSpec::load_with(source, self.profile.as_deref())?;
        if let Some(seed) = self.seed {
            spec = spec.with_seed(seed)?;
        }
        if let Some(size) = self.size {
            spec = spec.with_resolution(size)?;
        }
        let mut preset = spec.preset(self.quality).clone();
        if let Some(spp) = self.spp {
            preset.spp = spp;
        }
        preset.error = self.error.or(preset.error);
        preset.denoiser = self.denoiser.unwrap_or(preset.denoiser);
        Ok((spec, preset))
    }
}

pub(crate) fn parse_size(text: &str) -> Result<[u32; 2]> {
    let (width, height) = text.split_once(['x', 'X']).context("wanted WIDTHxHEIGHT")?;
    let side = |part: &str| {
        part.parse()
            .with_context(|| format!("wanted pixels, found {part:?}"))
    };
    Ok([side(width)?, side(height)?])
}

/// An error at which to stop: relative squared noise, before denoising.
pub(crate) fn parse_error(text: &str) -> Result<f32, String> {
    let error: Option<f32> = text.parse().ok();
    error
        .filter(|error| (1e-6..=1.0).contains(error))
        .ok_or_else(|| "wanted a number from 1e-6 to 1".to_owned())
}

pub(crate) fn parse_quality(text: &str) -> Result<Quality, String> {
    [Quality::Draft, Quality::Standard, Quality::Reference]
        .into_iter()
        .find(|quality| quality.name() == text)
        .ok_or_else(|| "wanted draft, standard or reference".to_owned())
}

pub(crate) fn parse_denoiser(text: &str) -> Result<Denoiser, String> {
    Denoiser::from_name(text).ok_or_else(|| "wanted none, built-in or oidn".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_presets_are_read() {
        assert_eq!(parse_size("384x512").unwrap(), [384, 512]);
        assert!(parse_size("384").is_err() && parse_size("axb").is_err());
        assert_eq!(parse_quality("draft"), Ok(Quality::Draft));
        assert!(parse_quality("fine").is_err());
        assert_eq!(parse_denoiser("built-in"), Ok(Denoiser::BuiltIn));
        assert!(parse_denoiser("better").is_err());
        assert_eq!(parse_error("0.02"), Ok(0.02));
        assert!(parse_error("0").is_err() && parse_error("small").is_err());
    }
}
