//! Sheets by which looks are judged: materials, lamps, and how pictures are developed.
//!
//! `cargo run --release -p bottega_render --example swatches -- materials|lights|film OUT.png [SPP]`

mod film;
mod lights;
mod materials;
mod picture;

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
    image::save_buffer(out, &picture.rgb8, width, height, image::ColorType::Rgb8)?;
    Ok(())
}
