"""What a dataset made by the tests should hold: labels and raw planes, written beside it."""

import json
import sys
from pathlib import Path

import numpy as np


class Truth:
    """Labels and planes of every row, in order of index."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.dataset = self.folder / "dataset"
        self.shards = sorted(str(path) for path in (self.dataset / "data").glob("*.parquet"))
        self.rows = json.loads((self.folder / "labels.json").read_text(encoding="utf-8"))
        self.width = self.rows[0]["width"]
        self.height = self.rows[0]["height"]

    def plane(self, row, name, dtype, channels=None):
        """A raw plane as the writer had it: rows from the top."""
        values = np.fromfile(self.folder / f"{row}_{name}.bin", dtype=dtype)
        shape = (self.height, self.width) if channels is None else (self.height, self.width, channels)
        return values.reshape(shape)


def truth():
    """The truth in the folder named on the command line."""
    return Truth(sys.argv[1])


def same(found, wanted, what):
    """Fails with the place of the first difference; NaN equals nothing, inf equals inf."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape, f"{what}: shape {found.shape}, wanted {wanted.shape}"
    assert found.dtype == wanted.dtype, f"{what}: {found.dtype}, wanted {wanted.dtype}"
    differs = np.argwhere(found != wanted)
    if len(differs):
        at = tuple(differs[0])
        raise AssertionError(f"{what}: {found[at]} at {at}, wanted {wanted[at]}")


def same_labels(found, wanted, what):
    """Compares two records of plain values; floats of 32 bits compare as such."""
    for name, value in wanted.items():
        other = found[name]
        if isinstance(value, float) and other is not None:
            equal = np.float32(value) == np.float32(other)
        elif isinstance(value, list) and other is not None:
            equal = len(value) == len(other) and all(
                np.float32(a) == np.float32(b) if isinstance(a, float) else a == b
                for a, b in zip(value, other)
            )
        else:
            equal = value == other
        assert equal, f"{what}: {name} is {other!r}, wanted {value!r}"
