//! `bottega model-info`, as a program reads it.

mod common;

use common::{bottega, run};

#[test]
fn models_are_listed_for_programs_with_what_their_cards_say() {
    let told = run(bottega().args(["model-info", "--json"]));
    told.expect_done();
    let document: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    let models = document["models"].as_array().unwrap();
    let names: Vec<&str> = models.iter().map(|m| m["name"].as_str().unwrap()).collect();
    let expected = [
        "small",
        "base",
        "large",
        "multitask_base",
        "multitask_large",
    ];
    assert_eq!(names, expected);
    for (name, macs_g) in [
        ("base", 172.4),
        ("large", 331.5),
        ("multitask_large", 389.9),
    ] {
        let model = models.iter().find(|m| m["name"] == name).unwrap();
        assert!((model["macs_g"].as_f64().unwrap() - macs_g).abs() <= 0.05);
        assert!(model["params"].as_u64().unwrap() > 100_000_000);
        assert!(model["mib"].as_f64().unwrap() > 400.0);
    }
}
