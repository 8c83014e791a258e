"""Timing a function of a Python package in this process, for one line of JSON."""

import json
import os
import statistics
import time

# A slow tool repeats no further once this many seconds have gone; `n` tells how often it did.
BUDGET = 100


def peak_mb():
    """VmHWM, which starts afresh with the process, as `ru_maxrss` does not."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def measure(tool, path, reps, run, **fields):
    """Calls `run` once to warm up and `reps` times on the clock, and prints the line.

    `run` gives a function that makes a dictionary of what was found: making it is not timed.
    """

    def timed():
        begun = time.perf_counter()
        found = run()
        return time.perf_counter() - begun, found

    load = peak_mb()
    first, found = timed()
    times = []
    while len(times) < reps and sum(times) < BUDGET:
        times.append(timed()[0])
    line = {
        "tool": tool,
        "ds": os.path.basename(path).rsplit(".", 1)[0],
        "median": statistics.median(times),
        "min": min(times),
        "max": max(times),
        "n": len(times),
        "first": first,
        "load_mb": load,
        "peak_mb": peak_mb(),
        **fields,
        **found(),
    }
    print(json.dumps(line))
