//! Losses and their gradients against values computed in 64 bits by PyTorch.
#![allow(clippy::unwrap_used, reason = "the panic is the report")]

use std::collections::BTreeMap;
use std::path::Path;

use bottega_schemas::train::LossConfig;
use bottega_trainer::loss::{
    Truth, align, bce, cosine, dice, l1, laplacian, laplacian_levels, losses, multi_scale_gradient,
    normalize_depth, ssi_mse,
};
use bottega_trainer::model::Outputs;
use bottega_trainer::weights::TensorFile;
use tch::{Kind, Tensor};

struct Golden {
    tensors: BTreeMap<String, Tensor>,
    values: serde_json::Value,
}

impl Golden {
    fn open() -> Self {
        tch::set_num_threads(1);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let json = std::fs::read_to_string(folder.join("losses.json")).unwrap();
        Self {
            tensors: TensorFile::read(&folder.join("losses.safetensors"))
                .unwrap()
                .tensors,
            values: serde_json::from_str(&json).unwrap(),
        }
    }

    fn get(&self, name: &str, kind: Kind) -> Tensor {
        self.tensors[name].to_kind(kind)
    }

    fn mask(&self) -> Tensor {
        self.tensors["mask"].to_kind(Kind::Bool)
    }

    fn everywhere(&self) -> Tensor {
        self.mask().ones_like()
    }

    /// Compares the mean of `loss(input)` and its gradient, in 64 and in 32 bits.
    fn check(&self, name: &str, input: &str, loss: impl Fn(&Tensor, Kind) -> Tensor) {
        for (kind, of_value, of_gradient) in [(Kind::Double, 1e-5, 1e-4), (Kind::Float, 2e-4, 1e-3)]
        {
            let x = self.get(input, kind).copy().set_requires_grad(true);
            let value = loss(&x, kind).mean(kind);
            let wanted = self.values[name]["value"].as_f64().unwrap();
            let found = value.double_value(&[]);
            let allowed = of_value * wanted.abs();
            assert!(
                (found - wanted).abs() <= allowed,
                "{name} {kind:?}: {found}, wanted {wanted}"
            );
            value.backward();
            let Some(wanted) = self.tensors.get(&format!("{name}.grad_{input}")) else {
                continue;
            };
            let largest = wanted.abs().max().double_value(&[]);
            let off = (x.grad() - wanted).abs().max().double_value(&[]);
            assert!(
                off <= of_gradient * largest,
                "{name} {kind:?}: gradient {off} of {largest}"
            );
        }
    }

    fn residual(&self, x: &Tensor, kind: Kind, detached: bool) -> Tensor {
        let target = self.get("depth_gt_normalised", kind);
        let mut alignment = align(x, &target, &self.mask());
        if detached {
            alignment = alignment.detach();
        }
        alignment.apply(x) - target
    }
}

#[test]
fn alpha_losses_meet_their_golden_values() {
    let golden = Golden::open();
    let alpha = |kind| golden.get("alpha_gt", kind);
    let all = golden.everywhere();
    let input = "alpha_logit";
    let lap = |z: &Tensor, kind| laplacian(&(z.sigmoid() - alpha(kind)), &all, 4);
    golden.check("bce", input, |z, kind| bce(z, &alpha(kind), &all));
    golden.check("l1", input, |z, kind| l1(&z.sigmoid(), &alpha(kind), &all));
    golden.check("dice_sq", input, |z, kind| {
        dice(&z.sigmoid(), &alpha(kind), &all)
    });
    golden.check("laplacian_L4", input, lap);
    golden.check("alpha_total_wlap1", input, |z, kind| {
        let (p, a) = (z.sigmoid(), alpha(kind));
        bce(z, &a, &all) + l1(&p, &a, &all) + dice(&p, &a, &all) + lap(z, kind)
    });
    for (i, level) in laplacian_levels(&alpha(Kind::Double), 4).iter().enumerate() {
        let wanted = golden.get(&format!("laplacian_L4.gt_level{i}"), Kind::Double);
        let off = (level - wanted).abs().max().double_value(&[]);
        assert!(off < 1e-6, "level {i}: {off}");
    }
}

#[test]
fn normal_losses_meet_their_golden_values() {
    let golden = Golden::open();
    let truth = |kind| golden.get("normal_gt", kind);
    let (mask, alpha) = (golden.mask(), golden.get("alpha_gt", Kind::Double));
    golden.check("normal_cos_binary", "normal_pred", |v, kind| {
        cosine(v, &truth(kind), &mask)
    });
    golden.check("normal_cos_soft", "normal_pred", |v, kind| {
        cosine(v, &truth(kind), &alpha)
    });
}

#[test]
fn depth_losses_meet_their_golden_values() {
    let golden = Golden::open();
    let (mask, input) = (golden.mask(), "depth_pred");
    let mse = |x: &Tensor, kind| ssi_mse(&golden.residual(x, kind, false), &mask);
    let gradient = |x: &Tensor, kind| multi_scale_gradient(&golden.residual(x, kind, false), &mask);
    golden.check("ssi_mse", input, mse);
    golden.check("ms_gradient_through_align", input, gradient);
    golden.check("ms_gradient_detached_align", input, |x, kind| {
        multi_scale_gradient(&golden.residual(x, kind, true), &mask)
    });
    golden.check("depth_total_wgrad0.5", input, |x, kind| {
        mse(x, kind) + gradient(x, kind) * 0.5
    });
    let nothing = mask.zeros_like();
    golden.check("depth_total_empty_mask", input, |x, kind| {
        let target = normalize_depth(&golden.get("depth_gt", kind), &nothing);
        let residual = align(x, &target, &nothing).apply(x) - target;
        ssi_mse(&residual, &nothing) + multi_scale_gradient(&residual, &nothing) * 0.5
    });
}

#[test]
fn scale_and_shift_and_the_normalised_depth_are_those_of_the_golden_files() {
    let golden = Golden::open();
    let (kind, mask) = (Kind::Double, golden.mask());
    let x = golden.get("depth_pred", kind);
    for (target, name) in [("depth_gt_normalised", "ssi"), ("depth_gt", "ssi_cm")] {
        let found = align(&x, &golden.get(target, kind), &mask);
        for (found, part) in [(found.scale, "scale"), (found.shift, "shift")] {
            let wanted = golden.get(&format!("{name}.{part}"), kind);
            let off = ((found.flatten(0, -1) - &wanted) / wanted)
                .abs()
                .max()
                .double_value(&[]);
            assert!(off < 1e-5, "{name}.{part}: {off}");
        }
    }
    let found = normalize_depth(&golden.get("depth_gt", kind), &mask);
    let wanted = golden.get("depth_gt_normalised", kind) * mask.to_kind(kind);
    let off = (found - wanted).abs().max().double_value(&[]);
    assert!(off < 1e-6, "{off}");
}

/// The batch as the training loop sees it, with depth of +inf and with padding.
#[test]
fn what_does_not_count_changes_neither_loss_nor_gradient() {
    let golden = Golden::open();
    let kind = Kind::Float;
    let (alpha, normal) = (golden.get("alpha_gt", kind), golden.get("normal_gt", kind));
    let mask = golden.mask();
    let valid = mask.ones_like();
    let _ = valid.slice(3, 30, None, 1).fill_(0);
    let foreground = mask.logical_and(&valid);
    let depth = golden
        .get("depth_gt", kind)
        .masked_fill(&foreground.logical_not(), f64::INFINITY);
    let run = |noise: f64| {
        let disturbed = |x: Tensor, counts: &Tensor| {
            let x = &x + x.ones_like() * noise * counts.logical_not().to_kind(kind);
            x.set_requires_grad(true)
        };
        let outputs = Outputs {
            depth: Some(disturbed(golden.get("depth_pred", kind), &foreground)),
            normal: Some(disturbed(golden.get("normal_pred", kind), &foreground)),
            alpha_logit: Some(disturbed(golden.get("alpha_logit", kind), &valid)),
        };
        let truth = Truth {
            depth_m: &depth,
            normal: &normal,
            alpha: &alpha,
            valid: &valid,
            foreground: &foreground,
        };
        let found = losses(&outputs, &truth, &LossConfig::default());
        found.total.backward();
        assert_eq!(found.first_not_finite(), None);
        let gradients = [&outputs.depth, &outputs.normal, &outputs.alpha_logit]
            .map(|output| output.as_ref().unwrap().grad());
        (found.total.double_value(&[]), gradients)
    };
    let (value, gradients) = run(0.0);
    let (disturbed, of_disturbed) = run(5.0);
    assert!(
        (value - disturbed).abs() < 1e-5 * value,
        "{value} {disturbed}"
    );
    for ((a, b), counts) in
        gradients
            .iter()
            .zip(&of_disturbed)
            .zip([&foreground, &foreground, &valid])
    {
        let largest = a.abs().max().double_value(&[]);
        assert!(largest > 0.0 && largest.is_finite());
        assert!((a - b).abs().max().double_value(&[]) < 1e-4 * largest);
        let outside = a * counts.logical_not().to_kind(kind);
        assert_eq!(outside.abs().max().double_value(&[]), 0.0);
    }
}

#[test]
fn a_loss_that_is_no_number_names_its_part_and_picture() {
    let golden = Golden::open();
    let kind = Kind::Float;
    let prediction = golden.get("normal_pred", kind);
    let _ = prediction.get(1).get(0).fill_(f64::NAN);
    let outputs = Outputs {
        normal: Some(prediction),
        ..Outputs::default()
    };
    let (depth, alpha) = (golden.get("depth_gt", kind), golden.get("alpha_gt", kind));
    let truth = Truth {
        depth_m: &depth,
        normal: &golden.get("normal_gt", kind),
        alpha: &alpha,
        valid: &golden.everywhere(),
        foreground: &golden.mask(),
    };
    let found = losses(&outputs, &truth, &LossConfig::default());
    assert_eq!(found.first_not_finite(), Some(("normal/cosine", 1)));
}
