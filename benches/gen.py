"""gen.py FOLDER SET... : write the named data sets as FOLDER/SET.parquet, skipping those that exist.

Every set holds `entity`, `time`, `y`, `x1`..`x7`, drawn from numpy's PCG64 with a seed of its own:
the same seed and the same order of draws give the same numbers on every machine.
"""

import os
import sys

import numpy as np
import polars as pl

BETA = np.array([0.5, -0.3, 0.2, 0.1, -0.15, 0.05, 0.0])


def panel(rng, entity, time):
    """Correlated effects and errors whose scale differs between entities."""
    a = rng.normal(size=entity.max() + 1)
    d = rng.normal(size=time.max() + 1) * 0.5
    x, y = regressors(rng, a[entity], d[time])
    scale = np.exp(0.3 * rng.normal(size=len(a)))
    return frame(entity, time, y + scale[entity] * rng.normal(size=len(y)), x)


def regressors(rng, a, d):
    """Regressors that lean on both effects, and the response before its error."""
    x, y = {}, a + d
    for k, beta in enumerate(BETA, start=1):
        x[f"x{k}"] = rng.normal(size=len(y)) + 0.5 * a + 0.3 * d
        y = y + beta * x[f"x{k}"]
    return x, y


def frame(entity, time, y, x):
    identifiers = {"entity": entity.astype(np.int32), "time": time.astype(np.int32)}
    return pl.DataFrame({**identifiers, "y": y, **x})


def balanced(seed, entities, periods):
    rng = np.random.default_rng(seed)
    entity = np.repeat(np.arange(entities), periods)
    return panel(rng, entity, np.tile(np.arange(periods), entities))


def unbalanced(seed, rows, entities, periods):
    """`rows` cells of the balanced panel, chosen without replacement."""
    rng = np.random.default_rng(seed)
    kept = np.sort(rng.choice(entities * periods, size=rows, replace=False))
    return panel(rng, kept // periods, kept % periods)


def workers(seed, workers, periods, firms, moving):
    """Weakly connected workers and firms: firms lie on a ring, and movers go to a neighbour."""
    rng = np.random.default_rng(seed)
    worker = np.repeat(np.arange(workers), periods)
    at = rng.integers(0, firms, size=workers)
    firm = np.empty((workers, periods), dtype=np.int64)
    for t in range(periods):
        if t > 0:
            moves = rng.random(workers) < moving
            step = rng.integers(1, 3, size=workers)
            step = step * np.where(rng.random(workers) < 0.5, 1, -1)
            at = np.where(moves, (at + step) % firms, at)
        firm[:, t] = at
    firm = firm.reshape(-1)
    a, d = rng.normal(size=workers), rng.normal(size=firms)
    x, y = regressors(rng, a[worker], d[firm])
    return frame(worker, firm, y + rng.normal(size=len(y)), x)


SETS = {
    "twfe_i_270": lambda: balanced(1, 30, 9),
    "twfe_ii_100k": lambda: balanced(2, 10_000, 10),
    "twfe_iii_1m": lambda: unbalanced(3, 1_000_000, 70_000, 20),
    "twfe_iv_10m": lambda: unbalanced(4, 10_000_000, 700_000, 20),
    "akm_v_1m": lambda: workers(5, 100_000, 10, 10_000, 0.02),
}

if __name__ == "__main__":
    folder, names = sys.argv[1], sys.argv[2:]
    os.makedirs(folder, exist_ok=True)
    for name in names:
        path = f"{folder}/{name}.parquet"
        if not os.path.exists(path):
            print(f"generating {name}", file=sys.stderr, flush=True)
            # Written beside and renamed, so that an interrupted run leaves no half a file.
            SETS[name]().write_parquet(f"{path}.part")
            os.replace(f"{path}.part", path)
