//! Draws samples with the real human model, pose prior and environments.

use bottega_assemble::assets::AssetStore;
use bottega_assemble::draw::{DrawSources, draw_params};
use bottega_people::Measured;
use bottega_schemas::SceneSpec;

fn sources() -> (AssetStore, DrawSources) {
    let assets = AssetStore::embedded().expect("the embedded pack is sound");
    let model = assets
        .body_model()
        .expect("the embedded pack holds the human model");
    let sources =
        DrawSources::new(model, assets.environments()).expect("the shipped prior is whole");
    (assets, sources)
}

#[test]
fn drawn_bodies_measure_what_their_labels_say() {
    let (assets, sources) = sources();
    let model = assets.body_model().unwrap();
    for profile in ["balanced", "census"] {
        let spec = SceneSpec::load_with("synthhuman", Some(profile)).unwrap();
        for index in 0..12 {
            let params = draw_params(&spec, &sources.context(), index).unwrap();
            let shape = &params.person.shape;
            let weights = model.resolve_weights(shape, &Default::default()).unwrap();
            let measured = Measured::of(&model, &model.morph(&weights));
            assert!((measured.stature_m - params.person.stature_m).abs() < 1e-4);
            assert!((measured.bmi - params.person.bmi).abs() < 1e-3);
            assert!((14.0..=46.0).contains(&params.person.bmi));
            for unit in params.face.units.keys() {
                assert!(
                    model
                        .target_names
                        .contains_key(&format!("faceunits/{unit}")),
                    "{unit}"
                );
            }
            for (bone, rotation) in &params.pose.bones {
                assert!(model.bone(bone).is_ok(), "{bone}");
                let length = rotation.iter().map(|v| v * v).sum::<f32>();
                assert!((length - 1.0).abs() < 1e-3, "{bone} {rotation:?}");
            }
            assert!(assets.environment(&params.lighting.environment_id).is_ok());
        }
    }
}

#[test]
fn drawing_is_the_same_in_any_order() {
    let (_, sources) = sources();
    let spec = SceneSpec::load("synthhuman").unwrap();
    let draw = |index| draw_params(&spec, &sources.context(), index).unwrap();
    let forward: Vec<_> = (0..4).map(draw).collect();
    let backward: Vec<_> = (0..4).rev().map(draw).collect();
    assert!(forward.iter().eq(backward.iter().rev()));
}
