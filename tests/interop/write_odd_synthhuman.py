"""Writes folders of the SynthHuman layout as people keep them: other kinds of PNG and EXR, files that
are none of the layout, archives beside loose files, folders by kind.

    python write_odd_synthhuman.py FOLDER

`plain` holds what OpenCV writes, `odd` the same samples in other codes, `axes` the same with normals in
channels named after their axes, `wrong` a sample of which one plane has another size.
"""

import os
import shutil
import sys
import zipfile
from pathlib import Path

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"

import cv2
import numpy as np
import OpenEXR
from PIL import Image

from write_synthhuman import HEIGHT, WIDTH, ball, write

COUNT = 9
root = Path(sys.argv[1])
plain, odd, axes, wrong = (root / name for name in ["plain", "odd", "axes", "wrong"])
for folder in [plain, odd, axes, wrong]:
    folder.mkdir(parents=True)


def exr(path, channels, compression=OpenEXR.ZIP_COMPRESSION):
    header = {"compression": compression, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, channels) as file:
        file.write(str(path))


for index in range(COUNT):
    write(plain, index, half=False)
for folder in [odd, axes]:
    for path in plain.iterdir():
        shutil.copy(path, folder)
write(wrong, 0, half=False)
assert cv2.imwrite(str(wrong / "alpha_0000000.png"), np.full((HEIGHT, WIDTH + 1), 255, np.uint8))

# Coverage of 16 bits, in three equal channels, in the fourth channel, beside a grey.
alphas = [ball(index)[1] for index in range(COUNT)]
assert cv2.imwrite(str(odd / "alpha_0000000.png"), alphas[0].astype(np.uint16) * 257)
assert cv2.imwrite(str(odd / "alpha_0000001.png"), np.stack([alphas[1]] * 3, -1))
Image.fromarray(np.dstack([np.full((HEIGHT, WIDTH, 3), 7, np.uint8), alphas[2]]), "RGBA").save(odd / "alpha_0000002.png")
Image.fromarray(np.dstack([np.full((HEIGHT, WIDTH), 7, np.uint8), alphas[3]]), "LA").save(odd / "alpha_0000003.png")
# Pictures with a fourth channel, and of 16 bits.
rgb = ball(0)[0][:, :, ::-1]
Image.fromarray(np.dstack([rgb, alphas[0]]), "RGBA").save(odd / "rgb_0000000.png")
assert cv2.imwrite(str(odd / "rgb_0000001.png"), ball(1)[0].astype(np.uint16) * 257)
# Depth in other channels, in other codes.
for index, name in [(2, "Z"), (3, "R"), (4, "V"), (5, "depth.Z")]:
    exr(odd / f"depth_{index:07}.exr", {name: ball(index)[2]}, OpenEXR.ZIPS_COMPRESSION)
exr(odd / "depth_0000006.exr", {"Y": ball(6)[2]}, OpenEXR.PIZ_COMPRESSION)
exr(odd / "depth_0000007.exr", {"Y": ball(7)[2]}, OpenEXR.RLE_COMPRESSION)
# A camera in other digits and on one line.
(odd / "cam_0000004.txt").write_text("6.025e1 0 24\t0 60.25 3.2e+01 0 0 1.000000\r\n")
# What lies about.
for name in ["rgb_12.png", "rgb_0000000 (1).png", ".DS_Store", "RGB_0000000.PNG", "depth_0000001.exr.part", "notes.txt"]:
    (odd / name).write_bytes(b"not a sample")
# By kind and by framing, and an archive in a folder.
(odd / "images/faces").mkdir(parents=True)
shutil.move(odd / "rgb_0000005.png", odd / "images/faces")
(odd / "more").mkdir()
with zipfile.ZipFile(odd / "more/SynthHuman_0001.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("SynthHuman/", "")
    archive.writestr("__MACOSX/SynthHuman/._rgb_0000008.png", b"not a sample")
    for path in sorted(odd.glob("*_0000008.*")):
        archive.write(path, f"SynthHuman/{path.name}")
        path.unlink()

for index in range(COUNT):
    normal = ball(index)[3]
    exr(axes / f"normal_{index:07}.exr", dict(zip("XYZ", np.moveaxis(normal, -1, 0).copy())))
