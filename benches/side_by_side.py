#!/usr/bin/env python3
"""The example `workload` and its peers in turn, on the same cores: side_by_side.py [--threads N] [--seconds S] [--rounds R]
[--peer NAME=COMMAND]… [WORKLOAD…].

Prints the milliseconds of each case, the least of the rounds' medians, and the most megabytes that each process had. Without a peer it is PyTorch,
by an interpreter that has torch. COMMAND is any other program with the command line of `workload`, `WORKLOAD --threads N --seconds S`, that prints a line of JSON with
`case`, `median_ns` and `peak_rss_mb` for each case.
"""

import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def rows(command, threads):
    """Milliseconds and megabytes by case, as a program of that command line prints them."""
    number = str(threads)
    names = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"]
    cores = sorted(os.sched_getaffinity(0))[:threads]
    pin = lambda: os.sched_setaffinity(0, cores)
    environment = os.environ | dict.fromkeys(names, number)
    done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, preexec_fn=pin, check=True)
    found = map(json.loads, filter(lambda line: line.startswith("{"), done.stdout.splitlines()))
    return {row["case"]: (row["median_ns"] / 1e6, row["peak_rss_mb"]) for row in found if "median_ns" in row}


def figures(rounds):
    """The least time, as others on the machine may slow down a round, and the most memory."""
    times, memory = zip(*rounds)
    return min(times), max(memory)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--seconds", default="1.5")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--peer", action="append", metavar="NAME=COMMAND")
    arguments.add_argument("workloads", nargs="*", default=[f"w{i}" for i in range(1, 11)])
    arguments = arguments.parse_args()
    torch = f"PyTorch={shlex.join([sys.executable, str(HERE / 'peers/workloads.py')])}"
    peers = [peer.partition("=") for peer in arguments.peer or [torch]]
    subprocess.run(["cargo", "build", "--quiet", "--release", "--example", "workload"], cwd=HERE.parent, check=True)
    example = str(HERE.parent / "target/release/examples/workload")
    options = ["--threads", str(arguments.threads), "--seconds", arguments.seconds]
    print(f"{arguments.threads} thread(s), milliseconds")
    print(f"{'case':<30} {'peer':<10} {'ours':>9} {'peer':>9} {'ratio':>6} {'ours, MB':>9} {'peer':>8}")
    for workload in arguments.workloads:
        commands = {"": [example]} | {name: shlex.split(command) for name, _, command in peers}
        measured = {name: {} for name in commands}
        # In turn, so that a machine that gets slower or faster does so for all.
        for name, command in list(commands.items()) * arguments.rounds:
            for case, row in rows([*command, workload, *options], arguments.threads).items():
                measured[name].setdefault(case, []).append(row)
        ours = measured.pop("")
        for name, theirs in measured.items():
            for case, their_rows in theirs.items():
                if found := ours.get(case.removesuffix(", channels last")):
                    (time, memory), (their_time, their_memory) = figures(found), figures(their_rows)
                    label, ratio = f"{workload} {case}", time / their_time
                    print(f"{label:<30} {name:<10} {time:>9.4g} {their_time:>9.4g} {ratio:>6.2f} {memory:>9.0f} {their_memory:>8.0f}", flush=True)


main()
