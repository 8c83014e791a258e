"""twfe.py TOOL DATA.parquet REPS : time y ~ x1..x7 | entity + time, clustered by entity.

Prints one JSON line. Timed in the process after one warm-up, the data being loaded; memory is the
high-water mark of the whole process, after loading and at the end.
"""

import importlib
import sys
import warnings

import polars as pl

from timing import measure

warnings.filterwarnings("ignore")

TERMS = [f"x{k}" for k in range(1, 8)]
MODEL = f"y ~ {' + '.join(TERMS)} | entity + time"


def main(tool, path, reps):
    data = pl.read_parquet(path).to_pandas()
    package = importlib.import_module(tool)

    def run():
        fit = package.feols(MODEL, data, vcov={"CRV1": "entity"})
        coef, se = list(map(float, fit.coef()[TERMS])), list(map(float, fit.se()[TERMS]))
        return lambda: {"coef": coef, "se": se}

    measure(tool, path, reps, run)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
