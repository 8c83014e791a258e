"""methods.py TOOL WORK DATA.csv REPS : time a Python package at a piece of work.

Prints one JSON line. Timed in the process after one warm-up, which compiles what the package
compiles; the data are a pandas frame in memory by then, in the shape that the package asks for.
"""

import contextlib
import io
import sys
import warnings

import numpy as np
import polars as pl

from timing import measure

warnings.filterwarnings("ignore")

TRIM, GRID, DRAWS = 0.05, 300, 1000
REGRESSORS = [f"x{k}" for k in range(1, 8)]


def pyxthreg(data, work):
    from pyxthreg import ThresholdPanel

    model = ThresholdPanel(
        data.to_pandas(),
        dep="y",
        rx=["x"],
        qx="q",
        indep=["z1", "z2", "z3", "z4"],
        entity_col="entity",
        time_col="time",
    )

    # It draws a bar, and prints.
    sink = io.StringIO()

    def run():
        with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
            model.fit(thnum=1, trim=TRIM, grid=GRID, bs=DRAWS, nobslog=True)
        return found

    def found():
        # It scales by NT − T where Hansen scales by n (T − 1).
        n, periods, rows = (model.results[key] for key in ("N", "T", "n_obs"))
        f = float(model.results["boot_results"][0]["F_stat"]) * n * (periods - 1) / (rows - periods)
        return {"numbers": {"γ": float(model.results["thresholds"][0]), "F": f}}

    return run, {}


def refit(data, work):
    """A regression for every candidate, in every draw: what Stata's xthreg does, in numpy.

    The search runs on the data and on a few draws, and its time is scaled to all of them.
    """
    n, periods = data["entity"].n_unique(), data["time"].n_unique()
    rows = n * periods
    draws, of = (20, DRAWS) if work == "threshold grid" else (0, 300)

    def within(columns):
        cells = columns.reshape(n, periods, -1)
        return (cells - cells.mean(axis=1, keepdims=True)).reshape(rows, -1)

    q, x = data["q"].to_numpy(), data["x"].to_numpy()
    y = within(data["y"].to_numpy())[:, 0]
    controls = within(data.select("z1", "z2", "z3", "z4").to_numpy())
    linear = np.column_stack([controls, within(x)])

    def candidates():
        ordered, out = np.sort(q), int(TRIM * rows)
        values = np.unique(ordered[out : rows - out])
        if work == "threshold all" or len(values) <= GRID:
            return values
        return values[np.unique(np.round(np.linspace(0, len(values) - 1, GRID)).astype(int))]

    def residuals(design, response):
        return response - design @ np.linalg.solve(design.T @ design, design.T @ response)

    def search(response):
        best = (np.inf, None, None)
        for value in values:
            low = np.where(q <= value, x, 0.0)
            design = np.column_stack([controls, within(np.column_stack([low, x - low]))])
            e = residuals(design, response)
            best = min(best, (e @ e, value, e), key=lambda it: it[0])
        return best

    def f_statistic(response):
        e = residuals(linear, response)
        after, value, left = search(response)
        return (e @ e / after - 1) * n * (periods - 1), value, left

    values = candidates()

    def run():
        rng = np.random.default_rng(1)
        f, value, e = f_statistic(y)
        for _ in range(draws):
            drawn = e.reshape(n, periods)[rng.integers(0, n, n)].reshape(-1)
            f_statistic(drawn)
        return lambda: {"numbers": {"γ": float(value), "F": float(f)}}

    return run, {"scaled": (of + 1) / (draws + 1), "draws": draws}


def psmatch2(data, work):
    import statspai

    frame = data.to_pandas()
    covariates = [f"x{k}" for k in range(1, 7)]

    def run():
        match = statspai.psmatch2(
            frame, treat="treat", covariates=covariates, outcome="y", neighbor=1, ps_model="logit"
        )
        numbers = {"ATT": float(match.att), "se": float(match.se)}
        return lambda: {"numbers": numbers}

    return run, {}


def heckman(data, work):
    import statspai

    frame = data.to_pandas()
    x = ["x1", "x2", "x3", "x4"]

    def run():
        fit = statspai.heckman(
            frame, y="y", x=x, select="sel", z=[*x, "z1", "z2"], method="twostep"
        )
        slopes = {f"β{k}": float(fit.params[name]) for k, name in enumerate(x, start=1)}
        found = {"λ": fit.model_info["lambda_coef"], "se(λ)": fit.model_info["lambda_se"]}
        return lambda: {"numbers": {**found, **slopes}}

    return run, {}


def wildboottest(data, work):
    import pyfixest

    model = f"y ~ {' + '.join(REGRESSORS)} | entity + time"
    # The fit is not timed, though ours is.
    fit = pyfixest.feols(model, data.to_pandas(), vcov={"CRV1": "entity"})

    def run():
        test = fit.wildboottest(param="x1", cluster="entity", reps=9999, seed=1)
        return lambda: {"numbers": {"t": float(test["t value"]), "p": float(test["Pr(>|t|)"])}}

    return run, {}


def random_effects(data, work):
    from linearmodels.panel import RandomEffects

    frame = data.with_columns(constant=pl.lit(1.0)).to_pandas().set_index(["entity", "time"])

    def run():
        model = RandomEffects(frame["y"], frame[["constant", *REGRESSORS]])
        fit = model.fit(cov_type="clustered", cluster_entity=True)
        slopes, errors = fit.params[REGRESSORS], fit.std_errors[REGRESSORS]

        def found():
            theta = fit.theta.to_numpy()
            numbers = {"least θ": float(theta.min()), "largest θ": float(theta.max())}
            for k in range(1, 8):
                numbers[f"β{k}"], numbers[f"se(β{k})"] = slopes[f"x{k}"], errors[f"x{k}"]
            return {"numbers": numbers}

        return found

    return run, {}


PEERS = {
    ("pyxthreg", "threshold grid"): pyxthreg,
    ("refit", "threshold grid"): refit,
    ("refit", "threshold all"): refit,
    ("statspai", "matching"): psmatch2,
    ("statspai", "heckman"): heckman,
    ("pyfixest", "wild"): wildboottest,
    ("linearmodels", "random effects"): random_effects,
}

if __name__ == "__main__":
    tool, work, path, reps = sys.argv[1:]
    run, fields = PEERS[tool, work](pl.read_csv(path), work)
    measure(tool, path, int(reps), run, work=work, **fields)
