"""index.py TOOL DATA.parquet REPS : time an entropy index of 18 indicators.

Min-max, 0.0001 added, p = z/Σz, weights by 1 − entropy, and the weighted sum of every row. Prints one
JSON line; the data are in memory when the clock starts.
"""

import sys

import numpy as np
import polars as pl

from timing import measure

COLUMNS = [f"i{k}" for k in range(1, 19)]
SHIFT = 1e-4


def weights(entropy):
    d = 1 - np.asarray(entropy)
    return d / d.sum()


def found(w, scores):
    numbers = {f"w{k}": float(weight) for k, weight in enumerate(w, start=1)}
    return lambda: {"numbers": {**numbers, "mean score": float(scores.mean())}}


def by_polars(path):
    data = pl.read_parquet(path, columns=COLUMNS)

    def shifted(name):
        column = pl.col(name)
        return (column - column.min()) / (column.max() - column.min()) + SHIFT

    def entropy(name):
        share = pl.col(name) / pl.col(name).sum()
        return -(share * share.log()).sum() / np.log(data.height)

    def run():
        z = data.select([shifted(name).alias(name) for name in COLUMNS])
        w = weights(z.select([entropy(name).alias(name) for name in COLUMNS]).row(0))
        terms = [pl.col(name) * w[k] for k, name in enumerate(COLUMNS)]
        return found(w, z.select(pl.sum_horizontal(terms).alias("score"))["score"])

    return run


def by_pandas(path):
    data = pl.read_parquet(path, columns=COLUMNS).to_pandas()

    def run():
        z = (data - data.min()) / (data.max() - data.min()) + SHIFT
        p = z / z.sum()
        w = weights(-(p * np.log(p)).sum() / np.log(len(data)))
        return found(w, (z * w).sum(axis=1))

    return run


def by_numpy(path):
    data = np.ascontiguousarray(pl.read_parquet(path, columns=COLUMNS).to_numpy())

    def run():
        low = data.min(0)
        z = (data - low) / (data.max(0) - low) + SHIFT
        p = z / z.sum(0)
        w = weights(-(p * np.log(p)).sum(0) / np.log(len(data)))
        return found(w, z @ w)

    return run


TOOLS = {"polars": by_polars, "pandas": by_pandas, "numpy": by_numpy}

if __name__ == "__main__":
    tool, path, reps = sys.argv[1], sys.argv[2], int(sys.argv[3])
    measure(tool, path, reps, TOOLS[tool](path))
