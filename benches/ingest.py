"""ingest.py TOOL DATA.csv REPS : time reading, winsorizing and interpolating a panel.

All 18 variables are clipped at their first and last percentile, the rows are sorted, and missing
values between two observed ones of a province lie on the line through them. Prints one JSON line;
the file is read in every run.
"""

import sys

from timing import measure

VARIABLES = [f"v{k}" for k in range(1, 19)]


def polars_eager(path):
    import polars as pl

    def clipped(name):
        column = pl.col(name)
        return column.clip(column.quantile(0.01, "linear"), column.quantile(0.99, "linear"))

    data = pl.read_csv(path).with_columns([clipped(name) for name in VARIABLES])
    data = data.sort("province", "year")
    data = data.with_columns([pl.col(name).interpolate().over("province") for name in VARIABLES])

    def found():
        sums = {f"Σ{name}": float(data[name].sum()) for name in VARIABLES}
        missing = int(data.null_count().select(VARIABLES).sum_horizontal()[0])
        return {"numbers": {**sums, "missing": missing}}

    return found


def pandas_vectorised(path):
    import numpy as np
    import pandas as pd

    data = pd.read_csv(path)
    ends = data[VARIABLES].quantile([0.01, 0.99])
    data[VARIABLES] = data[VARIABLES].clip(ends.loc[0.01], ends.loc[0.99], axis=1)
    data = data.sort_values(["province", "year"])
    # `groupby(…).transform(interpolate)` takes minutes: interpolate whole columns instead, and
    # leave out the runs that cross from one province to the next.
    group = data["province"].ne(data["province"].shift()).cumsum().to_numpy()
    row = np.arange(len(data))
    for name in VARIABLES:
        values = data[name].to_numpy().copy()
        known = ~np.isnan(values)
        line = np.interp(row, row[known], values[known])
        before = np.maximum.accumulate(np.where(known, row, -1))
        after = np.minimum.accumulate(np.where(known, row, len(row))[::-1])[::-1]
        inside = (before >= 0) & (after < len(row))
        inside &= group[np.clip(before, 0, None)] == group
        inside &= group[np.clip(after, 0, len(row) - 1)] == group
        fill = ~known & inside
        values[fill] = line[fill]
        data[name] = values

    def found():
        sums = {f"Σ{name}": float(data[name].sum()) for name in VARIABLES}
        return {"numbers": {**sums, "missing": int(data[VARIABLES].isna().sum().sum())}}

    return found


TOOLS = {"polars": polars_eager, "pandas": pandas_vectorised}

if __name__ == "__main__":
    tool, path, reps = sys.argv[1:]
    measure(tool, path, int(reps), lambda: TOOLS[tool](path), work="ingest")
