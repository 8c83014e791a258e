"""twfe.py TOOL DATA.parquet REPS : time y ~ x1..x7 | entity + time, clustered by entity.

Prints one JSON line. Timed in the process after one warm-up, the data being loaded; memory is the
high-water mark of the whole process, after loading and at the end.
"""

import importlib
import json
import os
import statistics
import sys
import time
import warnings

import polars as pl

warnings.filterwarnings("ignore")

TERMS = [f"x{k}" for k in range(1, 8)]
MODEL = f"y ~ {' + '.join(TERMS)} | entity + time"
# A slow tool repeats no further once this many seconds have gone; `n` tells how often it did.
BUDGET = 100


def peak_mb():
    """VmHWM, which starts afresh with the process, as `ru_maxrss` does not."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main(tool, path, reps):
    data = pl.read_parquet(path).to_pandas()
    load = peak_mb()
    package = importlib.import_module(tool)

    def timed():
        begun = time.perf_counter()
        fit = package.feols(MODEL, data, vcov={"CRV1": "entity"})
        coef, se = fit.coef()[TERMS], fit.se()[TERMS]
        return time.perf_counter() - begun, list(map(float, coef)), list(map(float, se))

    first, coef, se = timed()
    times = []
    while len(times) < reps and sum(times) < BUDGET:
        times.append(timed()[0])
    line = {
        "tool": tool,
        "ds": os.path.basename(path).removesuffix(".parquet"),
        "median": statistics.median(times),
        "min": min(times),
        "max": max(times),
        "n": len(times),
        "first": first,
        "load_mb": load,
        "peak_mb": peak_mb(),
        "coef": coef,
        "se": se,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
