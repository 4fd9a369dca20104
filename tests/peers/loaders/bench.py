"""Loaders side by side: ours from shards and from the cache, PyTorch's DataLoader over files,
WebDataset over tars, Hugging Face datasets over the very shards.

Rounds alternate between all contenders, each in a process of its own; what counts is the median of
processor seconds a sample, children included, since they do not depend on who else is at work.
"""

import argparse
import glob
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = {
    "rgb.png": "image",
    "alpha.png": "alpha",
    "depth.exr": "depth_exr",
    "normal.exr": "normal_exr",
}


def cpu_s():
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total


def shards(dataset):
    return sorted(glob.glob(os.path.join(dataset, "data", "*.parquet")))


def rows(dataset):
    """The files of every row."""
    import pyarrow.parquet as pq

    for shard in shards(dataset):
        for row in pq.read_table(shard, columns=list(COLUMNS.values())).to_pylist():
            yield {
                plane: row[column]["bytes"] if isinstance(row[column], dict) else row[column]
                for plane, column in COLUMNS.items()
            }


def prepare(dataset, work):
    """The same files in a folder and in tars, once."""
    import webdataset as wds

    done = os.path.join(work, "done")
    if os.path.exists(done):
        return
    os.makedirs(os.path.join(work, "files"), exist_ok=True)
    os.makedirs(os.path.join(work, "tars"), exist_ok=True)
    with wds.ShardWriter(os.path.join(work, "tars", "%05d.tar"), maxcount=64, verbose=0) as tars:
        for i, row in enumerate(rows(dataset)):
            for plane, data in row.items():
                with open(os.path.join(work, "files", f"{i:07d}_{plane}"), "wb") as file:
                    file.write(data)
            tars.write({"__key__": f"{i:07d}", **row})
    with open(done, "w") as file:
        file.write("done\n")


def through_torch(dataset, workers, shuffle):
    from torch.utils.data import DataLoader

    # Sample by sample: putting batches together would only cost the peers more.
    return DataLoader(dataset, batch_size=None, num_workers=workers, shuffle=shuffle)


def files_loader(args, decode):
    class Files:
        def __init__(self):
            pattern = os.path.join(args.work, "files", "*_rgb.png")
            self.stems = [path[: -len("rgb.png")] for path in sorted(glob.glob(pattern))]

        def __len__(self):
            return len(self.stems)

        def __getitem__(self, i):
            sample = {}
            for plane, function in decode.items():
                with open(self.stems[i] + plane, "rb") as file:
                    sample[plane] = function(file.read())
            return sample

    return through_torch(Files(), args.workers, True)


def webdataset_loader(args, decode):
    import webdataset as wds

    def decoded(sample):
        return {plane: function(sample[plane]) for plane, function in decode.items()}

    tars = sorted(glob.glob(os.path.join(args.work, "tars", "*.tar")))
    stream = wds.WebDataset(tars, shardshuffle=100, seed=0, empty_check=False)
    return through_torch(stream.shuffle(256).map(decoded), args.workers, False)


def hugging_face_loader(args, decode):
    from datasets import Image, disable_progress_bars, load_dataset

    disable_progress_bars()
    cache = os.path.join(args.work, "hugging_face")
    data = load_dataset(
        "parquet", data_files=shards(args.dataset), split="train",
        columns=list(COLUMNS.values()), cache_dir=cache,
    )
    for column in ("image", "alpha"):
        data = data.cast_column(column, Image(decode=False))

    def decoded(batch):
        out = {}
        for plane, function in decode.items():
            files = batch[COLUMNS[plane]]
            files = [f["bytes"] if isinstance(f, dict) else f for f in files]
            out[plane] = [function(f) for f in files]
        return out

    return through_torch(data.with_transform(decoded), args.workers, True)


PEERS = {
    "files": files_loader,
    "webdataset": webdataset_loader,
    "hugging_face": hugging_face_loader,
}


def run_peer(args):
    """One contender, one pass; prints what it took."""
    sys.path.insert(0, HERE)
    import decoders

    peer, kind = args.run.split("/")
    decode = decoders.OPENCV if kind == "opencv" else decoders.by_names(json.loads(args.mix))
    loader = PEERS[peer](args, decode)
    start, start_cpu, n = time.perf_counter(), cpu_s(), 0
    for _ in range(args.passes):
        for sample in loader:
            n += 1
            assert sample["depth.exr"].shape[0] > 0
    # Workers have ended with the iterator, so their seconds are in.
    print(json.dumps({"samples": n, "elapsed_s": time.perf_counter() - start,
                      "cpu_s": cpu_s() - start_cpu}))


def run_ours(args, threads, cache):
    """Ours, as a process: opening the dataset counts, too."""
    command = [args.bottega, "load", args.dataset, "--epochs", str(args.passes),
               "--threads", str(threads), "--json"]
    if cache:
        command += ["--cache", args.cache]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    report = json.loads(out)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"samples": report["samples"], "elapsed_s": report["elapsed_s"], "cpu_s": cpu,
            "planes": report["planes"], "read_s": report["read_s"]}


def run_child(args, name, workers, mix):
    command = [sys.executable, os.path.abspath(__file__), "--run", name, "--dataset", args.dataset,
               "--work", args.work, "--workers", str(workers), "--passes", str(args.passes),
               "--mix", json.dumps(mix)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(out.strip().splitlines()[-1])


def memory_gb_per_s():
    """Bandwidth of copying 64 MB, read and written, one thread, processor time."""
    import numpy as np

    source = np.ones(64 << 20, np.uint8)
    target = np.empty_like(source)
    best = float("inf")
    for _ in range(10):
        start = time.process_time()
        np.copyto(target, source)
        best = min(best, time.process_time() - start)
    return 2 * source.nbytes / best * 1e-9


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--work", required=True, help="folder for files and tars")
    parser.add_argument("--cache", help="a cache that `bottega cache` made")
    parser.add_argument("--bottega", default="target/release/bottega")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--only", help="peers, with commas between")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--mix", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.run:
        return run_peer(args)

    sys.path.insert(0, HERE)
    import decoders

    prepare(args.dataset, args.work)
    some = [row for row, _ in zip(rows(args.dataset), range(24))]
    decoders.check(some[:4])
    mix, table = decoders.best_mix(some)
    mix = {plane: function.__name__ for plane, function in mix.items()}
    for plane, times in table.items():
        print(plane, {name: f"{ms:.2f} ms" for name, ms in times.items()})
    print(f"memory: {memory_gb_per_s():.1f} GB/s copied by one thread")

    contenders = {"ours, shards": lambda: run_ours(args, args.workers, False)}
    if args.cache:
        contenders["ours, cache"] = lambda: run_ours(args, args.workers, True)
    peers = args.only.split(",") if args.only else list(PEERS)
    for peer in peers:
        for kind in ("mix", "opencv"):
            if kind == "opencv" and peer != "files":
                continue
            # Within the process, and in workers: the better one counts.
            for workers in sorted({0, args.workers} if args.workers == 1 else {args.workers}):
                name = f"{peer}, {kind}, {workers} workers"
                run = lambda peer=peer, kind=kind, workers=workers: run_child(
                    args, f"{peer}/{kind}", workers, mix)
                contenders[name] = run
    results = {name: [] for name in contenders}
    for _ in range(args.rounds):
        for name, run in contenders.items():
            results[name].append(run())
    best = None
    for name, runs in results.items():
        cpu = statistics.median(1e3 * run["cpu_s"] / run["samples"] for run in runs)
        rate = statistics.median(run["samples"] / run["elapsed_s"] for run in runs)
        results[name] = (cpu, rate, runs)
        if not name.startswith("ours"):
            best = min(best or cpu, cpu)
    print(f"{'':36} {'CPU ms':>8} {'samples/s':>10} {'best peer / this':>17}")
    for name, (cpu, rate, runs) in results.items():
        print(f"{name:36} {cpu:8.2f} {rate:10.1f} {best / cpu:17.2f}")
        if name.startswith("ours"):
            last = runs[-1]
            planes = ", ".join(
                f"{p['plane']} {p['decode_ms']:.2f} ms ({p['mb_per_s']:.0f} MB/s)"
                for p in last["planes"])
            print(f"    reading {1e3 * last['read_s'] / last['samples']:.2f} ms, {planes}")


if __name__ == "__main__":
    main()
