"""Checks an exported model and runs it on prepared pictures.

The folder given holds `model.onnx` and `input.bin`: pictures of the model's size, one after the
other, float, as the model takes them. Written beside them: `output_<i>.bin`, the output of that
position for each picture, and `model.json` with what the file says of itself.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

folder = Path(sys.argv[1])
path = str(folder / "model.onnx")

# Types and shapes are inferred, and compared with those that the file names.
onnx.checker.check_model(path, full_check=True)
model = onnx.load(path)


def dims(value):
    return [axis.dim_value for axis in value.type.tensor_type.shape.dim]


described = {
    "ir_version": model.ir_version,
    "opset": {entry.domain: entry.version for entry in model.opset_import},
    "inputs": {value.name: dims(value) for value in model.graph.input},
    "outputs": [[value.name, dims(value)] for value in model.graph.output],
    "metadata": {entry.key: entry.value for entry in model.metadata_props},
    "nodes": len(model.graph.node),
}
(folder / "model.json").write_text(json.dumps(described))

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
source = session.get_inputs()[0]
pictures = np.fromfile(folder / "input.bin", np.float32).reshape(-1, *source.shape[1:])
runs = [session.run(None, {source.name: picture[None]}) for picture in pictures]
for i, (name, shape) in enumerate(described["outputs"]):
    values = [run[i] for run in runs]
    assert all(list(value.shape) == shape for value in values), name
    np.concatenate([value.ravel() for value in values]).astype("<f4").tofile(
        folder / f"output_{i}.bin"
    )
