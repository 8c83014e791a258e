"""gen.py FOLDER FILE... : write the named data sets, SET.parquet or SET.csv, skipping those that exist.

Every set is drawn from numpy's PCG64 with a seed of its own: the same seed and the same order of
draws give the same numbers on every machine. The text of a number in a CSV file reads back as the
same number.
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


def threshold(seed, entities, periods):
    """The slope of `x` is 0.3 where `q` is at most 0.2, and 0.9 above."""
    rng = np.random.default_rng(seed)
    n = entities * periods
    q = rng.normal(size=n) + np.repeat(rng.normal(size=entities) * 0.5, periods)
    a = np.repeat(rng.normal(size=entities), periods)
    x = rng.normal(size=n) + 0.5 * a
    z = {f"z{k}": rng.normal(size=n) for k in range(1, 5)}
    y = a + np.where(q <= 0.2, 0.3, 0.9) * x + sum(0.2 * v for v in z.values())
    entity, time = np.repeat(np.arange(entities), periods), np.tile(np.arange(periods), entities)
    return frame(entity, time, y + rng.normal(size=n), {"q": q, "x": x, **z})


def matching(seed, rows):
    """A quarter is treated, by six covariates; the effect is one."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 6))
    score = 1 / (1 + np.exp(-(-1.2 + x @ np.array([0.5, -0.4, 0.3, 0.2, 0.1, 0.0]))))
    treat = (rng.random(rows) < score).astype(np.int32)
    y = treat + x @ np.array([1, 0.5, 0.3, 0.2, 0.1, 0.05]) + rng.normal(size=rows)
    return pl.DataFrame({"treat": treat, "y": y, **{f"x{k + 1}": x[:, k] for k in range(6)}})


def selection(seed, rows):
    """Errors correlated by a half; the outcome is missing where it is not selected."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(rows, 4)), rng.normal(size=(rows, 2))
    u = rng.normal(size=rows)
    e = 0.5 * u + np.sqrt(0.75) * rng.normal(size=rows)
    index = 0.2 + x @ np.array([0.5, -0.3, 0.2, 0.1]) + z @ np.array([0.6, -0.4])
    sel = (index + u > 0).astype(np.int32)
    y = pl.Series(1 + x @ np.array([1, 0.5, -0.5, 0.25]) + 2 * e).set(pl.Series(sel == 0), None)
    x = {f"x{k + 1}": x[:, k] for k in range(4)}
    return pl.DataFrame({"sel": sel, "y": y, **x, "z1": z[:, 0], "z2": z[:, 1]})


def provinces(seed, rows):
    """Eighteen lognormal variables to six decimals, one cell in twenty of which is missing."""
    rng = np.random.default_rng(seed)
    row, periods = np.arange(rows), 10
    data = {"province": [f"P{k:06d}" for k in row // periods], "year": 2010 + row % periods}
    for k in range(1, 19):
        values = rng.lognormal(0, 1, size=rows).round(6)
        data[f"v{k}"] = np.where(rng.random(rows) < 0.05, np.nan, values)
    return pl.DataFrame(data).with_columns(pl.col("^v.*$").fill_nan(None))


def indicators(seed, rows):
    """Eighteen indicators, gamma distributed."""
    x = np.random.default_rng(seed).gamma(2.0, 1.0, size=(rows, 18))
    keys = {"entity": np.arange(rows) // 10, "time": np.arange(rows) % 10}
    return pl.DataFrame({**keys, **{f"i{k + 1}": x[:, k] for k in range(18)}})


SETS = {
    "twfe_i_270": lambda: balanced(1, 30, 9),
    "twfe_ii_100k": lambda: balanced(2, 10_000, 10),
    "twfe_iii_1m": lambda: unbalanced(3, 1_000_000, 70_000, 20),
    "twfe_iv_10m": lambda: unbalanced(4, 10_000_000, 700_000, 20),
    "akm_v_1m": lambda: workers(5, 100_000, 10, 10_000, 0.02),
    "thr_31x12": lambda: threshold(6, 31, 12),
    "thr_565x15": lambda: threshold(7, 565, 15),
    "psm_100k": lambda: matching(8, 100_000),
    "psm_1m": lambda: matching(9, 1_000_000),
    "heckman_1m": lambda: selection(10, 1_000_000),
    "heckman_100k": lambda: selection(11, 100_000),
    "entropy_1m_18": lambda: indicators(12, 1_000_000),
    "entropy_100k_18": lambda: indicators(15, 100_000),
    "ingest_1m_20": lambda: provinces(13, 1_000_000),
    "ingest_100k_20": lambda: provinces(14, 100_000),
}

WRITE = {"parquet": pl.DataFrame.write_parquet, "csv": pl.DataFrame.write_csv}

if __name__ == "__main__":
    folder, files = sys.argv[1], sys.argv[2:]
    os.makedirs(folder, exist_ok=True)
    for file in files:
        path = f"{folder}/{file}"
        if not os.path.exists(path):
            print(f"generating {file}", file=sys.stderr, flush=True)
            name, form = file.rsplit(".", 1)
            # Written beside and renamed, so that an interrupted run leaves no half a file.
            WRITE[form](SETS[name](), f"{path}.part")
            os.replace(f"{path}.part", path)
