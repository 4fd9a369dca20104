"""The same model in PyTorch (timm's encoder, the other blocks as docs/training.md has them) and in
`bottega_trainer`, forward and training step, in turns on the same threads.

    pip install torch==2.11.0 timm==1.0.31
    cargo bench -p bottega_trainer --bench step --no-run        # prints the program's path
    python trainer/dpt/benches/against_pytorch.py PROGRAM --size small --picture 256x256

Prints medians over rounds and their ratio. On a GPU both run in bfloat16 (PyTorch by autocast).
"""

import argparse
import json
import statistics
import subprocess
import time

import timm
import torch
import torch.nn.functional as F
from torch import nn

SIZES = {
    "small": ("vit_small_patch16_384", 384, (2, 5, 8, 11), (48, 96, 192, 384)),
    "base": ("vit_base_patch16_384", 768, (2, 5, 8, 11), (96, 192, 384, 768)),
    "large": ("vit_large_patch16_384", 1024, (5, 11, 17, 23), (256, 512, 1024, 1024)),
}
DECODER, RESIZER = 256, 128


def up(x, size):
    return F.interpolate(x, size=size, mode="bilinear", align_corners=True)


class Unit(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(DECODER, DECODER, 3, padding=1)
        self.conv2 = nn.Conv2d(DECODER, DECODER, 3, padding=1)

    def forward(self, y):
        return y + self.conv2(F.relu(self.conv1(F.relu(y))))


class ResizerBlock(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(RESIZER, RESIZER, 3, stride, 1)
        self.conv2 = nn.Conv2d(RESIZER, RESIZER, 3, padding=1)
        self.shortcut = nn.Conv2d(RESIZER, RESIZER, 1, stride)

    def forward(self, y):
        return F.relu(self.conv2(F.relu(self.conv1(y))) + self.shortcut(y))


class Fusion(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.dec = Unit(), Unit()
        self.out = nn.Conv2d(RESIZER + DECODER, DECODER, 1)

    def forward(self, e, coarser, r):
        y = self.enc(e)
        if coarser is not None:
            y = coarser + up(y, coarser.shape[2:])
        return self.out(torch.cat([r, up(self.dec(y), r.shape[2:])], 1))


class Head(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(DECODER, DECODER // 2, 3, padding=1)
        self.conv2 = nn.Conv2d(DECODER // 2, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, channels, 1)

    def forward(self, y, size):
        return self.conv3(F.relu(self.conv2(up(self.conv1(y), size))))


class Model(nn.Module):
    def __init__(self, size):
        super().__init__()
        name, width, self.hooks, features = SIZES[size]
        self.encoder = timm.create_model(name, pretrained=False)
        self.readout = nn.ModuleList(nn.Linear(2 * width, width) for _ in features)
        self.project = nn.ModuleList(nn.Conv2d(width, f, 1) for f in features)
        a, b, _, d = features
        self.resample = nn.ModuleList([
            nn.ConvTranspose2d(a, a, 4, 4), nn.ConvTranspose2d(b, b, 2, 2),
            nn.Identity(), nn.Conv2d(d, d, 3, 2, 1),
        ])
        self.reduce = nn.ModuleList(nn.Conv2d(f, DECODER, 3, padding=1, bias=False) for f in features)
        self.stem = nn.Conv2d(3, RESIZER, 3, 2, 1)
        self.blocks = nn.ModuleList(ResizerBlock(s) for s in (1, 2, 2, 2))
        self.fusion = nn.ModuleList(Fusion() for _ in features)
        self.heads = nn.ModuleList(Head(c) for c in (1, 3, 1))

    def forward(self, pictures):
        x = (pictures - 0.5) / 0.5
        small = F.interpolate(x, size=(384, 384), mode="bilinear")
        vit = self.encoder
        t = vit._pos_embed(vit.patch_embed(small))
        encoded = []
        for i, block in enumerate(vit.blocks):
            t = block(t)
            if i in self.hooks:
                level = len(encoded)
                patches = t[:, 1:]
                joined = torch.cat([patches, t[:, :1].expand_as(patches)], -1)
                y = F.gelu(self.readout[level](joined)).transpose(1, 2).unflatten(2, (24, 24))
                encoded.append(self.reduce[level](self.resample[level](self.project[level](y))))
        resized, y = [], F.relu(self.stem(x))
        for block in self.blocks:
            y = block(y)
            resized.append(y)
        d = None
        for level in (3, 2, 1, 0):
            d = self.fusion[level](encoded[level], d, resized[level])
        return [head(d, pictures.shape[2:]) for head in self.heads]


def losses(outputs, truth):
    """The losses of `bottega_trainer::loss`, written for speed alone."""
    depth, normal, logit = outputs
    d, n, a = truth
    m = (a > 0.5).float()
    count = m.sum((1, 2, 3), keepdim=True)
    flat = d.masked_fill(a <= 0.5, float("inf")).flatten(1).sort(1).values
    middle = ((count.flatten(1) - 1) / 2).floor().long()
    off = (d - flat.gather(1, middle).view(-1, 1, 1, 1)) * m
    target = off / (off.abs().sum((1, 2, 3), keepdim=True) / count)
    mx = (depth * m).sum((1, 2, 3), keepdim=True) / count
    my = target.sum((1, 2, 3), keepdim=True) / count
    x = (depth - mx) * m
    scale = (x * (target - my)).sum((1, 2, 3), keepdim=True) / x.square().sum((1, 2, 3), keepdim=True)
    r = scale * depth + my - scale * mx - target
    total = ((r.square() * m).sum((1, 2, 3)) / count.flatten()).mean()
    for step in (1, 2, 4, 8):
        q, w = r[:, :, ::step, ::step], m[:, :, ::step, ::step]
        g = ((q[:, :, 1:] - q[:, :, :-1]).abs() * w[:, :, 1:] * w[:, :, :-1]).sum((1, 2, 3))
        g = g + ((q[..., 1:] - q[..., :-1]).abs() * w[..., 1:] * w[..., :-1]).sum((1, 2, 3))
        total = total + 0.5 * (g / w.sum((1, 2, 3))).mean()
    cosine = (normal * n).sum(1, keepdim=True) / normal.square().sum(1, keepdim=True).clamp_min(1e-12).sqrt()
    total = total + (((1 - cosine) * m).sum((1, 2, 3)) / m.sum((1, 2, 3))).mean()
    p = logit.sigmoid()
    total = total + F.binary_cross_entropy_with_logits(logit, a) + (p - a).abs().mean()
    sums = lambda v: v.sum((1, 2, 3))
    total = total + (1 - (2 * sums(p * a) + 1) / (sums(p * p) + sums(a * a) + 1)).mean()
    k = torch.tensor([1.0, 4, 6, 4, 1], device=p.device) / 16
    row, column = k.view(1, 1, 5, 1), k.view(1, 1, 1, 5)
    blur = lambda v: F.conv2d(F.conv2d(F.pad(v, (2, 2, 2, 2), "reflect"), row), column)
    g = p - a
    for level in range(5):
        coarse = blur(g)[:, :, ::2, ::2]
        spread = torch.zeros_like(g)
        spread[:, :, ::2, ::2] = coarse
        total = total + 2**level * (g - 4 * blur(spread)).abs().mean()
        g = coarse
    return total


def measure_torch(args, rounds):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    model = Model(args.size).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-4, weight_decay=0.05)
    width, height = map(int, args.picture.split("x"))
    shape = lambda c: (args.batch, c, height, width)
    pictures = torch.rand(shape(3), device=device)
    truth = (
        torch.rand(shape(1), device=device) + 1,
        torch.randn(shape(3), device=device),
        torch.rand(shape(1), device=device),
    )
    wait = torch.cuda.synchronize if device == "cuda" else (lambda: None)
    cast = lambda: torch.autocast(device, torch.bfloat16, enabled=device == "cuda")
    forward, training = [], []
    for i in range(rounds + 1):
        start = time.perf_counter()
        with torch.no_grad(), cast():
            model(pictures)
        wait()
        forward_s = time.perf_counter() - start
        start = time.perf_counter()
        optimizer.zero_grad()
        with cast():
            outputs = model(pictures)
        losses([o.float() for o in outputs], truth).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        wait()
        if i:
            forward.append(forward_s)
            training.append(time.perf_counter() - start)
    return {"forward_s": forward, "training_s": training}


def measure_ours(args, rounds):
    command = [args.program, args.size, args.picture, str(args.batch), str(args.threads), str(rounds)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="the built bench `step`")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--picture", default="256x256")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    found = {"pytorch": [], "bottega": []}
    for _ in range(args.turns):
        found["pytorch"].append(measure_torch(args, args.rounds))
        found["bottega"].append(measure_ours(args, args.rounds))
    for key in ("forward_s", "training_s"):
        per = {
            who: statistics.median(s for run in runs for s in run[key]) / args.batch
            for who, runs in found.items()
        }
        ratio = per["pytorch"] / per["bottega"]
        print(f"{key[:-2]:9} per image: PyTorch {per['pytorch']:.3f} s, bottega {per['bottega']:.3f} s, "
              f"ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
