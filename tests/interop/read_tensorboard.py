"""Reads an event file by the format's own rules, and with TensorBoard where it is installed:
read_tensorboard.py FOLDER, which holds the event files and truth.json."""

import json
import pathlib
import struct
import sys

FOLDER = pathlib.Path(sys.argv[1])
TRUTH = json.loads((FOLDER / "truth.json").read_text())

TABLE = []
for crc in range(256):
    for _ in range(8):
        crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    TABLE.append(crc)


def masked_crc(data):
    """CRC-32C as TFRecord files store it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    """The bytes of every record; both checksums of each must hold."""
    while data:
        length, length_crc = struct.unpack("<QI", data[:12])
        body, (crc,) = data[12:12 + length], struct.unpack("<I", data[12 + length:16 + length])
        assert masked_crc(data[:8]) == length_crc and masked_crc(body) == crc, "a checksum is wrong"
        yield body
        data = data[16 + length:]


def fields(message):
    """Number and value of every field of a protocol buffer."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        kind = key & 7
        if kind == 0:
            value = varint()
        else:
            size = {1: 8, 5: 4}.get(kind) or varint()
            value = message[at:at + size]
            at += size
        yield key >> 3, value


scalars, images, texts = {}, {}, {}
names = sorted(path for path in FOLDER.iterdir() if "tfevents" in path.name)
for path in names:
    events = [dict(fields(record)) for record in records(path.read_bytes())]
    assert events[0][3] == b"brain.Event:2", events[0]
    for event in events[1:]:
        step = event.get(2, 0)
        assert struct.unpack("<d", event[1])[0] == TRUTH["wall_time"]
        if dict(fields(event.get(7, b""))).get(1) == 1:
            # A restart: what stands from here on is void.
            for kept in (scalars, images, texts):
                for steps in kept.values():
                    for void in [s for s in steps if s >= step]:
                        del steps[void]
        for _, value in fields(event.get(5, b"")):
            value = dict(fields(value))
            tag = value[1].decode()
            if 2 in value:
                scalars.setdefault(tag, {})[step] = struct.unpack("<f", value[2])[0]
            elif 4 in value:
                images.setdefault(tag, {})[step] = dict(fields(value[4]))
            else:
                assert dict(fields(dict(fields(value[9]))[1]))[1] == b"text"
                texts.setdefault(tag, {})[step] = dict(fields(value[8]))[8].decode()


def same(found, wanted):
    assert found.keys() == wanted.keys(), (found.keys(), wanted.keys())
    for tag, steps in wanted.items():
        steps = {int(step): value for step, value in steps.items()}
        assert found[tag].keys() == steps.keys(), (tag, found[tag], steps)
        assert all(abs(found[tag][s] - v) <= 1e-6 * abs(v) for s, v in steps.items()), tag


same(scalars, TRUTH["scalars"])
assert texts == {TRUTH["text_tag"]: {0: TRUTH["text"]}}, texts
((tag, steps),) = images.items()
(image,) = steps.values()
assert tag == TRUTH["image_tag"] and image[2] == TRUTH["width"] and image[1] == TRUTH["height"]
assert image[4].startswith(b"\x89PNG"), image[4][:8]

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    print("the event files are whole; TensorBoard itself is not installed")
    sys.exit()
everything = EventAccumulator(str(FOLDER), size_guidance={"scalars": 0, "images": 0, "tensors": 0})
everything.Reload()
found = {tag: {e.step: e.value for e in everything.Scalars(tag)} for tag in everything.Tags()["scalars"]}
same(found, TRUTH["scalars"])
assert everything.Tags()["images"] == [TRUTH["image_tag"]]
(image,) = everything.Images(TRUTH["image_tag"])
assert (image.width, image.height) == (TRUTH["width"], TRUTH["height"])
(text,) = everything.Tensors(TRUTH["text_tag"])
assert text.tensor_proto.string_val[0].decode() == TRUTH["text"]
print("TensorBoard reads the event files")
