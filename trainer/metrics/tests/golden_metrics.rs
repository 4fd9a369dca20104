//! Every metric against values computed once by independent numerical packages.

use bottega_metrics::{
    depth_metrics, matting_metrics, normal_metrics, trimap as made_trimap, trimap_metrics,
};
use safetensors::SafeTensors;
use serde_json::Value;

const TENSORS: &[u8] = include_bytes!("golden/metrics.safetensors");
const VALUES: &str = include_str!("golden/metrics.json");
const WIDTH: usize = 40;
const PIXELS: usize = 48 * WIDTH;

fn values() -> Value {
    serde_json::from_str(VALUES).expect("the golden file is JSON")
}

fn f32s(name: &str) -> Vec<f32> {
    let file = SafeTensors::deserialize(TENSORS).expect("the golden file is safetensors");
    let bytes = file
        .tensor(name)
        .expect("the tensor is there")
        .data()
        .to_vec();
    bytes
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect()
}

fn u8s(name: &str) -> Vec<u8> {
    let file = SafeTensors::deserialize(TENSORS).expect("the golden file is safetensors");
    file.tensor(name)
        .expect("the tensor is there")
        .data()
        .to_vec()
}

fn image<T>(all: &[T], image_idx: usize) -> &[T] {
    let size = all.len() / 2;
    &all[image_idx * size..][..size]
}

fn close(found: f64, golden: &Value, what: &str) {
    let golden = golden
        .as_f64()
        .unwrap_or_else(|| panic!("{what} is a number"));
    let tolerance = 1e-5 * golden.abs().max(1e-3);
    assert!(
        (found - golden).abs() <= tolerance,
        "{what}: found {found}, golden {golden}"
    );
}

#[test]
fn depth_metrics_equal_the_golden_values() {
    let (predicted, truth) = (f32s("depth_pred"), f32s("depth_gt"));
    let mask: Vec<bool> = u8s("mask").iter().map(|m| *m != 0).collect();
    for i in 0..2 {
        let m = depth_metrics(image(&predicted, i), image(&truth, i), image(&mask, i))
            .expect("the mask is set");
        let golden = &values()["depth"][i];
        close(m.alignment.scale, &golden["scale"], "scale");
        close(m.alignment.shift, &golden["shift"], "shift");
        close(m.rmse, &golden["rmse"], "rmse");
        close(m.abs_rel, &golden["abs_rel"], "abs_rel");
        close(m.delta1, &golden["delta1"], "delta1");
        close(m.delta1_105, &golden["delta1_105"], "delta1_105");
        close(m.rmse_log, &golden["rmse_log"], "rmse_log");
        assert_eq!(m.n as u64, golden["n"].as_u64().expect("n is a count"));
    }
}

#[test]
fn normal_metrics_equal_the_golden_values() {
    let mask: Vec<bool> = u8s("mask").iter().map(|m| *m != 0).collect();
    let interleave = |planar: &[f32]| -> Vec<[f32; 3]> {
        (0..PIXELS)
            .map(|i| [planar[i], planar[PIXELS + i], planar[2 * PIXELS + i]])
            .collect()
    };
    let (predicted, truth) = (f32s("normal_pred"), f32s("normal_gt"));
    for i in 0..2 {
        let m = normal_metrics(
            &interleave(image(&predicted, i)),
            &interleave(image(&truth, i)),
            image(&mask, i),
        )
        .expect("the mask is set");
        let golden = &values()["normal"][i];
        close(m.mean_deg, &golden["mean"], "mean");
        close(m.median_deg, &golden["median"], "median");
        close(m.rmse_deg, &golden["rmse"], "rmse");
        close(m.pct_5, &golden["pct_5"], "pct_5");
        close(m.pct_11_25, &golden["pct_11_25"], "pct_11_25");
        close(m.pct_22_5, &golden["pct_22_5"], "pct_22_5");
        close(m.pct_30, &golden["pct_30"], "pct_30");
    }
}

#[test]
fn matting_metrics_equal_the_golden_values() {
    let (predicted, truth, trimap) = (f32s("alpha_pred"), f32s("alpha_gt"), u8s("trimap"));
    for i in 0..2 {
        let (p, t) = (image(&predicted, i), image(&truth, i));
        let golden = &values()["matting"][i];
        let m = matting_metrics(p, t, WIDTH).expect("the image is not empty");
        close(m.sad, &golden["sad"], "sad");
        close(m.mse, &golden["mse"], "mse");
        close(m.mad, &golden["mad"], "mad");
        close(m.grad, &golden["grad"], "grad");
        close(m.conn, &golden["conn"], "conn");
        assert_eq!(made_trimap(t, WIDTH, 2), image(&trimap, i));
        let m = trimap_metrics(p, t, image(&trimap, i), WIDTH).expect("the image is not empty");
        close(m.sad, &golden["sad_trimap"], "sad_trimap");
        close(m.mse, &golden["mse_trimap"], "mse_trimap");
        close(m.grad, &golden["grad_trimap"], "grad_trimap");
        close(m.conn, &golden["conn_trimap"], "conn_trimap");
        assert_eq!(
            m.n as u64,
            golden["unknown_pixels"].as_u64().expect("a count")
        );
    }
}
