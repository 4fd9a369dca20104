//! Sheets by which looks are judged: materials, lamps, and how pictures are developed.
//!
//! `cargo run --release -p bottega_render --example swatches -- materials|lights|film OUT.ppm [SPP]`

mod film;
mod lights;
mod materials;
mod picture;

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (sheet, out) = match &arguments[..] {
        [sheet, out, ..] => (sheet.as_str(), out),
        _ => return Err("wanted materials, lights or film, and a file to write".into()),
    };
    let spp = arguments.get(2).map_or(Ok(64), |text| text.parse())?;
    let picture = match sheet {
        "materials" => materials::sheet(spp)?,
        "lights" => lights::sheet(spp)?,
        "film" => film::sheet(spp)?,
        other => return Err(format!("there is no sheet {other:?}").into()),
    };
    let [width, height] = picture.size_px;
    let mut file = std::fs::File::create(out)?;
    write!(file, "P6\n{width} {height}\n255\n")?;
    file.write_all(&picture.rgb8)?;
    Ok(())
}
