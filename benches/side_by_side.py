#!/usr/bin/env python3
"""The example `workload` and PyTorch in turn, on the same cores: side_by_side.py [--threads N] [--seconds S] [WORKLOAD…].

To be run by an interpreter that has torch. Prints the median milliseconds of each case, and the most megabytes that each process had.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def run(command, threads):
    number = str(threads)
    environment = os.environ | {"OMP_NUM_THREADS": number, "MKL_NUM_THREADS": number, "RAYON_NUM_THREADS": number}
    cores = sorted(os.sched_getaffinity(0))[:threads]
    pin = lambda: os.sched_setaffinity(0, cores)
    done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, preexec_fn=pin, check=True)
    return done.stdout.splitlines()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--seconds", default="1.5")
    arguments.add_argument("workloads", nargs="*", default=[f"w{i}" for i in range(1, 11)])
    arguments = arguments.parse_args()
    subprocess.run(["cargo", "build", "--quiet", "--release", "--example", "workload"], cwd=HERE.parent, check=True)
    options = ["--threads", str(arguments.threads), "--seconds", arguments.seconds]
    print(f"{arguments.threads} thread(s), milliseconds")
    print(f"{'case':<30} {'ours':>9} {'PyTorch':>9} {'ratio':>6} {'ours, MB':>9} {'PyTorch':>8}")
    for workload in arguments.workloads:
        ours = {}
        example = [str(HERE.parent / "target/release/examples/workload"), workload, *options]
        for row in map(json.loads, run(example, arguments.threads)):
            ours[row["case"]] = (row["median_ns"] / 1e6, row["peak_rss_mb"])
        peer = [sys.executable, str(HERE / "peers/workloads.py"), *options, workload]
        for row in run(peer, arguments.threads):
            _, case, theirs, memory = row.split("\t")
            time, megabytes = ours[case.removesuffix(", channels last")]
            name = f"{workload} {case}"
            print(f"{name:<30} {time:>9.4g} {float(theirs):>9.4g} {time / float(theirs):>6.2f} {megabytes:>9.0f} {memory:>8}", flush=True)


main()
