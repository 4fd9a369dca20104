//! Each block against values of independent implementations: timm's transformer, DPT's own code.

use std::collections::BTreeMap;
use std::path::Path;

use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use bottega_schemas::{ModelConfig, ModelSize, Seed, Task};

use super::decoder::Fusion;
use super::encoder::Encoder;
use super::reassemble::Reassemble;
use super::{DptResizer, initialize};
use crate::weights::{TensorFile, assign};

fn golden(name: &str) -> BTreeMap<String, Tensor> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let file = folder.join(format!("{name}.safetensors"));
    TensorFile::read(&file).expect("a golden file").tensors
}

fn off(found: &Tensor, wanted: &Tensor) -> f64 {
    assert_eq!(found.size(), wanted.size());
    (found - wanted).abs().max().double_value(&[])
}

/// Loads `weights` (golden name, our name) into the variables.
fn load(variables: &VarStore, golden: &BTreeMap<String, Tensor>, names: &[(&str, &str)]) {
    let named = names.iter().flat_map(|(theirs, ours)| {
        ["weight", "bias"].map(|part| {
            let tensor = golden.get(&format!("w.{theirs}.{part}"));
            (format!("{ours}.{part}"), tensor)
        })
    });
    let present = named.filter_map(|(name, tensor)| Some((name, tensor?.shallow_clone())));
    let report = assign(variables, &present.collect(), "");
    assert!(
        report.unexpected.is_empty() && report.misfits.is_empty(),
        "{report}"
    );
}

fn blocks_config() -> ModelConfig {
    ModelConfig {
        encoder_px: 48,
        token_width: 24,
        features: [8, 8, 8, 20],
        decoder_width: 12,
        ..ModelConfig::of_size(ModelSize::Tiny, &[Task::Depth])
    }
}

#[test]
fn the_encoder_is_timms() {
    tch::set_num_threads(1);
    let config = ModelConfig {
        encoder_px: 96,
        token_width: 48,
        blocks: 2,
        attention_heads: 3,
        ..ModelConfig::of_size(ModelSize::Tiny, &[Task::Depth])
    };
    let variables = VarStore::new(Device::Cpu);
    let encoder = Encoder::new(&variables.root(), &config);
    let report = assign(&variables, &golden("vit_small_timm_weights"), "");
    assert!(
        report.missing.is_empty() && report.misfits.is_empty(),
        "{report}"
    );
    assert_eq!(
        report.unexpected,
        ["head.bias", "head.weight", "norm.bias", "norm.weight"]
    );
    let io = golden("vit_small_timm_io");
    let taps = encoder.forward(&io["input"], Kind::Float);
    assert_eq!(taps.len(), 2);
    for (tap, name) in taps.iter().zip(["block0.out", "block1.out"]) {
        let off = off(tap, &io[name]);
        assert!(off < 1e-5, "{name}: {off}");
    }
}

#[test]
fn tokens_become_pictures_as_in_dpt() {
    tch::set_num_threads(1);
    let io = golden("dpt_blocks");
    for (level, wanted) in [(0, "io.reassemble1.out"), (3, "io.reassemble4.out")] {
        let config = ModelConfig {
            decoder_width: blocks_config().features[level],
            ..blocks_config()
        };
        let variables = VarStore::new(Device::Cpu);
        let reassemble = Reassemble::new(&variables.root(), &config, level);
        let theirs = format!("act_postprocess{}", level + 1);
        let (project, resample) = (format!("{theirs}.3"), format!("{theirs}.4"));
        let ours = |name: &str| format!("{name}.{level}");
        let names = [
            (
                "readout.project.0",
                &*format!("{}.project", ours("readout")),
            ),
            (&project, &ours("project")),
            (&resample, &ours("resample")),
        ];
        load(&variables, &io, &names);
        // The convolution after it passes every channel on as it is.
        let mut to_decoder = variables.variables()[&format!("layer_rn.{level}.weight")].detach();
        for channel in 0..config.decoder_width as i64 {
            let _ = to_decoder
                .get(channel)
                .get(channel)
                .get(1)
                .get(1)
                .fill_(1.0);
        }
        let _ = to_decoder.requires_grad_(false);
        let found = reassemble.forward(&io["io.readout.in"], Kind::Float);
        let off = off(&found, &io[wanted]);
        assert!(off < 1e-5, "{wanted}: {off}");
    }
}

#[test]
fn without_a_resizer_a_level_is_dpts() {
    tch::set_num_threads(1);
    let io = golden("dpt_blocks");
    let config = blocks_config();
    let variables = VarStore::new(Device::Cpu);
    let fusion = Fusion::new(&variables.root(), &config);
    let names = [
        ("refinenet.resConfUnit1.conv1", "rcu_enc.conv1"),
        ("refinenet.resConfUnit1.conv2", "rcu_enc.conv2"),
        ("refinenet.resConfUnit2.conv1", "rcu_dec.conv1"),
        ("refinenet.resConfUnit2.conv2", "rcu_dec.conv2"),
    ];
    load(&variables, &io, &names);
    // Resizer channels come first; DPT has none.
    let theirs = &io["w.refinenet.out_conv.weight"];
    let none = Tensor::zeros(
        [12, config.resizer_width as i64, 1, 1],
        (Kind::Float, Device::Cpu),
    );
    let out_conv = BTreeMap::from([
        (
            "out_conv.weight".to_owned(),
            Tensor::cat(&[&none, theirs], 1),
        ),
        (
            "out_conv.bias".to_owned(),
            io["w.refinenet.out_conv.bias"].shallow_clone(),
        ),
    ]);
    assert_eq!(assign(&variables, &out_conv, "out_conv").loaded, 2);
    let resized = Tensor::rand(
        [2, config.resizer_width as i64, 12, 10],
        (Kind::Float, Device::Cpu),
    );
    let (skip, previous) = (&io["io.fusion.skip"], &io["io.fusion.prev"]);
    let found = fusion.forward(skip, Some(previous), &resized);
    let off = off(&found, &io["io.fusion.out"]);
    assert!(off < 1e-5, "{off}");
}

/// Without normalisation in the decoder, first values decide whether losses see anything.
#[test]
fn no_level_begins_much_larger_than_the_picture() {
    tch::set_num_threads(1);
    for size in [ModelSize::Tiny, ModelSize::Small] {
        let config = ModelConfig {
            encoder_px: 96,
            ..ModelConfig::of_size(size, &Task::ALL)
        };
        let model = DptResizer::new(&config, Device::Cpu, Kind::Float);
        initialize(&model, Seed(3));
        let picture = Tensor::rand([1, 3, 12, 10], (Kind::Float, Device::Cpu));
        let picture = picture.upsample_bilinear2d([96, 80], false, None, None);
        let mut seen = BTreeMap::new();
        let outputs = tch::no_grad(|| model.forward_probed(&picture, &mut seen));
        let stdev = |x: &Tensor| x.std(true).double_value(&[]);
        for (name, value) in seen.iter().filter(|(name, _)| !name.contains("tokens")) {
            let stdev = stdev(value);
            assert!((0.02..2.5).contains(&stdev), "{size:?} {name}: {stdev}");
        }
        let [depth, normal, alpha] = [outputs.depth, outputs.normal, outputs.alpha_logit]
            .map(|values| stdev(&values.expect("a head")));
        assert!((0.05..3.0).contains(&depth), "{size:?}: {depth}");
        assert!((0.05..3.0).contains(&normal), "{size:?}: {normal}");
        assert!(alpha < 0.3, "{size:?}: {alpha}");
    }
}
