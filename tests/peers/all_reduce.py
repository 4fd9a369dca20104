"""The mean over two ranks of PyTorch's own engine for CPUs (Gloo), for the section "Means over
ranks" of docs/benchmarks.md: all_reduce.py [MILLIONS] [REPEATS]."""

import os
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

RANKS = 2


def run(rank, millions, repeats):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29431")
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=RANKS)
    values = torch.empty(int(millions * 1e6))
    for repeat in range(repeats):
        values.fill_(float(rank))
        dist.barrier()
        start = time.perf_counter()
        dist.all_reduce(values)
        values /= RANKS
        seconds = time.perf_counter() - start
        assert bool((values == 0.5).all())
        if rank == 0:
            print(f"repeat {repeat + 1}: {RANKS} ranks over gloo, {len(values)} values: {seconds:.3f} s")
    dist.destroy_process_group()


if __name__ == "__main__":
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 345.0
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    mp.spawn(run, args=(millions, repeats), nprocs=RANKS)
