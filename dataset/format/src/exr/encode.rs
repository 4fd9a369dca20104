//! Writes OpenEXR 2: scan lines, increasing y, lossless ZIP of 16 lines, half or float channels.
//!
//! One part gives an ordinary file, several a multi-part file. Layout after the OpenEXR file
//! layout document: magic, version, headers (attributes in one fixed order), chunk offsets,
//! chunks. A chunk holds its lines in order, each line its channels in alphabetical order; its
//! bytes are split into even and odd, then differenced, then deflated, and stored as they were
//! where that does not make them smaller.

use half::f16;

/// Magic number of OpenEXR.
const MAGIC: u32 = 20_000_630;
/// Version 2 of the layout.
const VERSION: u32 = 2;
/// Version flag of a multi-part file.
const MULTI_PART: u32 = 1 << 12;
/// Number of the compression ZIP, which packs 16 lines.
const ZIP: u8 = 3;
/// Lines in a chunk.
const CHUNK_LINES: usize = 16;
/// DEFLATE level, as the reference implementation's default.
const DEFLATE_LEVEL: u8 = 4;

/// The values of a channel.
#[derive(Clone, Debug)]
pub(crate) enum Samples {
    /// Half floats, rounded to nearest.
    Half(Vec<f16>),
    /// Floats.
    Float(Vec<f32>),
}

impl Samples {
    fn type_number(&self) -> u32 {
        match self {
            Self::Half(_) => 1,
            Self::Float(_) => 2,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Half(values) => values.len(),
            Self::Float(values) => values.len(),
        }
    }

    fn push_row(&self, row: std::ops::Range<usize>, out: &mut Vec<u8>) {
        match self {
            Self::Half(values) => out.extend(values[row].iter().flat_map(|v| v.to_le_bytes())),
            Self::Float(values) => out.extend(values[row].iter().flat_map(|v| v.to_le_bytes())),
        }
    }
}

/// A channel of a part.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) name: &'static str,
    pub(crate) samples: Samples,
}

/// A part: channels in alphabetical order, text attributes in the order they are written.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) channels: Vec<Channel>,
    pub(crate) attributes: Vec<(&'static str, String)>,
}

/// Encodes one part as an ordinary file, several as a multi-part file.
pub(crate) fn encode(width: usize, height: usize, parts: &[Part]) -> Vec<u8> {
    for part in parts {
        assert!(
            part.channels.is_sorted_by_key(|c| c.name),
            "channels are alphabetical"
        );
        assert!(
            part.channels
                .iter()
                .all(|c| c.samples.len() == width * height),
            "whole planes"
        );
    }
    let multi_part = parts.len() > 1;
    let mut file = Vec::new();
    file.extend(MAGIC.to_le_bytes());
    file.extend((VERSION | if multi_part { MULTI_PART } else { 0 }).to_le_bytes());
    for part in parts {
        push_header(&mut file, width, height, part, multi_part);
    }
    if multi_part {
        file.push(0);
    }

    let n_chunks = height.div_ceil(CHUNK_LINES);
    let mut table_at = file.len();
    file.resize(file.len() + 8 * n_chunks * parts.len(), 0);
    for (part_idx, part) in parts.iter().enumerate() {
        for chunk in 0..n_chunks {
            let offset = (file.len() as u64).to_le_bytes();
            file[table_at..table_at + 8].copy_from_slice(&offset);
            table_at += 8;
            let first = chunk * CHUNK_LINES;
            let data = chunk_data(part, width, first..height.min(first + CHUNK_LINES));
            if multi_part {
                file.extend((part_idx as u32).to_le_bytes());
            }
            file.extend((first as u32).to_le_bytes());
            file.extend((data.len() as u32).to_le_bytes());
            file.extend(data);
        }
    }
    file
}

fn push_header(file: &mut Vec<u8>, width: usize, height: usize, part: &Part, multi_part: bool) {
    let mut window = vec![0; 8];
    window.extend((width as u32 - 1).to_le_bytes());
    window.extend((height as u32 - 1).to_le_bytes());
    let mut channels = Vec::new();
    for channel in &part.channels {
        channels.extend(channel.name.as_bytes());
        channels.push(0);
        channels.extend(channel.samples.type_number().to_le_bytes());
        // Not perceptually linear, three reserved bytes, sampled at every pixel.
        channels.extend([0; 4]);
        channels.extend(1_u32.to_le_bytes());
        channels.extend(1_u32.to_le_bytes());
    }
    channels.push(0);

    push_attribute(file, "channels", "chlist", &channels);
    push_attribute(file, "compression", "compression", &[ZIP]);
    push_attribute(file, "dataWindow", "box2i", &window);
    push_attribute(file, "displayWindow", "box2i", &window);
    push_attribute(file, "lineOrder", "lineOrder", &[0]);
    push_attribute(file, "pixelAspectRatio", "float", &1_f32.to_le_bytes());
    push_attribute(file, "screenWindowCenter", "v2f", &[0; 8]);
    push_attribute(file, "screenWindowWidth", "float", &1_f32.to_le_bytes());
    if multi_part {
        let n_chunks = height.div_ceil(CHUNK_LINES) as u32;
        push_attribute(file, "chunkCount", "int", &n_chunks.to_le_bytes());
        push_attribute(file, "name", "string", part.name.as_bytes());
        push_attribute(file, "type", "string", b"scanlineimage");
    }
    for (name, text) in &part.attributes {
        push_attribute(file, name, "string", text.as_bytes());
    }
    file.push(0);
}

fn push_attribute(file: &mut Vec<u8>, name: &str, kind: &str, value: &[u8]) {
    assert!(name.len() < 32, "longer names need a version flag");
    file.extend(name.as_bytes());
    file.push(0);
    file.extend(kind.as_bytes());
    file.push(0);
    file.extend((value.len() as u32).to_le_bytes());
    file.extend(value);
}

/// The packed bytes of the given lines.
fn chunk_data(part: &Part, width: usize, lines: std::ops::Range<usize>) -> Vec<u8> {
    let mut raw = Vec::new();
    for y in lines {
        for channel in &part.channels {
            channel
                .samples
                .push_row(y * width..(y + 1) * width, &mut raw);
        }
    }
    let mut split = Vec::with_capacity(raw.len());
    split.extend(raw.iter().step_by(2));
    split.extend(raw.iter().skip(1).step_by(2));
    let mut previous = 0_u8;
    for (i, byte) in split.iter_mut().enumerate() {
        let value: u8 = *byte;
        if i > 0 {
            *byte = value.wrapping_sub(previous).wrapping_add(128);
        }
        previous = value;
    }
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(&split, DEFLATE_LEVEL);
    if packed.len() < raw.len() {
        packed
    } else {
        raw
    }
}
