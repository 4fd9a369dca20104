"""Mean colours of regions of pictures of one bench scene, side by side.

The first picture is ours: its parts (first hits) say which pixels are what.
"""

import sys

import numpy as np
import OpenEXR


def read(path):
    """Parts of an EXR file by name, as arrays."""
    file = OpenEXR.File(path)
    return {part.name(): {**part.channels} for part in file.parts}


def picture(parts):
    """The R, G, B of the first part."""
    channels = next(iter(parts.values()))
    for name in ("RGB", "RGBA"):
        if name in channels:
            return np.array(channels[name].pixels[:, :, :3], np.float64)
    return np.stack([np.array(channels[c].pixels, np.float64) for c in "RGB"], axis=2)


def main():
    ours = read(sys.argv[1])
    pictures = [picture(ours), *(picture(read(path)) for path in sys.argv[2:])]
    part = np.array(ours["part_id"]["Y"].pixels)
    alpha = next(iter(ours.values()))
    print(f"{'region':>10} {'pixels':>7}  " + "  ".join(sys.argv[1:]))
    # Only pixels that show one part all around: edges are antialiased differently.
    for number in np.unique(part):
        mask = part == number
        core = mask.copy()
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                core &= np.roll(mask, (dy, dx), (0, 1))
        core = core if 200 < core.sum() else mask
        if core.sum() < 50:
            continue
        means = [image[core].mean(axis=0) for image in pictures]
        ratios = "  ".join(str(np.round(mean / means[0], 3)) for mean in means[1:])
        print(f"{int(number):>10} {core.sum():>7}  {np.round(means[0], 4)}  {ratios}")


main()
