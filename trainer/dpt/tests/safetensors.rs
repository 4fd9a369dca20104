//! Files of weights come back as they were, with the same bytes each time, and broken ones are
//! refused with what is wrong.
#![allow(clippy::unwrap_used, reason = "the panic is the report")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use bottega_schemas::Task;
use bottega_trainer::export::DepthSign;
use bottega_trainer::weights::{
    NamedTensor, NamedTensors, SafetensorsFile, Tensors, write_safetensors,
};

use common::{card, tiny_weights};

fn write(path: &Path, tensors: &NamedTensors) -> u64 {
    let metadata = card(&Task::ALL, DepthSign::Nearer).metadata();
    write_safetensors(path, tensors, &metadata).unwrap()
}

#[test]
fn tensors_and_metadata_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let weights = tiny_weights();
    let length = write(&path, &weights);
    assert_eq!(length, std::fs::metadata(&path).unwrap().len());
    let file = SafetensorsFile::open(&path).unwrap();
    assert_eq!(
        file.names(),
        weights.keys().cloned().collect::<Vec<String>>()
    );
    for (name, NamedTensor { shape, values }) in &weights {
        assert_eq!(&file.shape(name).unwrap(), shape);
        assert_eq!(&*file.values(name).unwrap(), values.as_slice());
    }
    let metadata = file.metadata();
    assert_eq!(metadata["format"], "pt");
    assert_eq!(metadata["depth_sign"], "-1");
    assert_eq!(metadata["step"], "12");
    assert_eq!(metadata["dataset_hash"], "0123abcd");
    assert_eq!(metadata["normalization"], "rgb in 0..1, (x - 0.5) / 0.5");
}

#[test]
fn the_crate_that_others_use_reads_the_file_aligned() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write(&path, &tiny_weights());
    let bytes = std::fs::read(&path).unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap());
    assert_eq!(header % 8, 0);
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.len(), 162);
}

#[test]
fn the_bytes_are_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["a", "b"].map(|name| {
        let path = folder.path().join(name);
        write(&path, &tiny_weights());
        std::fs::read(path).unwrap()
    });
    assert!(files[0] == files[1]);
}

#[test]
fn broken_files_are_refused_with_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write(&path, &tiny_weights());
    let whole = std::fs::read(&path).unwrap();
    for length in [0, 7, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let error = SafetensorsFile::open(&path).unwrap_err().to_string();
        assert!(
            error.contains("model.safetensors") && error.contains("cut short"),
            "{error}"
        );
    }
    let error = SafetensorsFile::open(&folder.path().join("missing")).unwrap_err();
    assert!(error.to_string().contains("missing"), "{error}");
}

#[test]
fn tensors_of_another_type_are_refused_by_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half.safetensors");
    let header = br#"{"norm.bias":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}} "#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header);
    bytes.extend([0; 4]);
    std::fs::write(&path, bytes).unwrap();
    let file = SafetensorsFile::open(&path).unwrap();
    let error = file.values("norm.bias").unwrap_err().to_string();
    assert!(
        error.contains("norm.bias") && error.contains("F16"),
        "{error}"
    );
    assert!(file.values("norm.weight").is_err());
}

#[test]
fn what_fails_leaves_the_earlier_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write(&path, &tiny_weights());
    let before = std::fs::read(&path).unwrap();
    let mut broken = tiny_weights();
    broken.get_mut("encoder.pos_embed").unwrap().values.pop();
    let error = write_safetensors(&path, &broken, &BTreeMap::new()).unwrap_err();
    assert!(error.to_string().contains("encoder.pos_embed"), "{error}");
    assert!(std::fs::read(&path).unwrap() == before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
