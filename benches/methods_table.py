"""methods_table.py RESULTS.jsonl : tabulate the works of `bench methods` as Markdown.

A line is what our examples and `methods.py` print, or {"work", "ds", "tool", "failed": why}. Several
lines of one tool at one work are rounds: the median shown is the median of their medians, the bracket
spans all of them. Fails if a number of ours is not the peer's.
"""

import json
import statistics
import sys

from table import largest, machine

OURS = "panelproof"
NAMES = {
    "threshold grid": "threshold, grid of 300, 1000 draws",
    "threshold all": "threshold, all values, 300 draws",
    "matching": "1:1 matching on a logit score",
    "heckman": "Heckman, two steps",
    "wild": "wild cluster bootstrap, 9999 draws",
    "random effects": "random effects, clustered",
}
TOOLS = {
    "statspai": "StatsPAI",
    "refit": "refit per candidate (numpy)",
}
SHOWN = {
    "threshold grid": ["γ", "F"],
    "threshold all": ["γ", "F"],
    "matching": ["ATT", "se"],
    "heckman": ["λ", "se(λ)"],
    "wild": ["t"],
    "random effects": ["β1", "largest θ"],
}
# What our median may be as a share of the peer's, and in seconds.
AIMS = {
    ("threshold grid", "pyxthreg"): 1 / 20,
    ("threshold grid", "refit"): 1 / 1000,
    ("matching", "statspai"): 1 / 10,
    ("heckman", "statspai"): 1 / 3,
    ("wild", "pyfixest"): 1 / 20,
    ("random effects", "linearmodels"): 1 / 10,
}
SECONDS = {"threshold all": 1.0}
# Two programs that compute the same number differ by no more, relative to it.
TOLERANCE = 1e-7
# Probabilities come from draws of their own.
DRAWN = {"p"}
PACKAGES = ["pyxthreg", "StatsPAI", "pyfixest", "wildboottest", "linearmodels", "numpy"]


def summary(rounds):
    """One row of numbers from the rounds of one tool at one work, or why there is none."""
    if any("failed" in r for r in rounds):
        return {"failed": next(r["failed"] for r in rounds if "failed" in r)}
    # A time that stands for more draws than were made.
    by = rounds[0].get("scaled", 1)
    return {
        "median": by * statistics.median(r["median"] for r in rounds),
        "min": by * min(r["min"] for r in rounds),
        "max": by * max(r["max"] for r in rounds),
        "n": sum(r["n"] for r in rounds),
        "draws": rounds[0].get("draws"),
        "numbers": rounds[0]["numbers"],
    }


def time(row):
    text = f"{row['median']:.3g} [{row['min']:.3g}–{row['max']:.3g}], n = {row['n']}"
    return text if row["draws"] is None else f"{text}, scaled from {row['draws']} draws"


def share(aim):
    return f"≤ 1/{1 / aim:.0f}"


def ours(work, row):
    aim = SECONDS.get(work)
    reached = "" if aim is None else f"{'yes' if row['median'] < aim else '**no**'}: < {aim:.0f} s"
    shown = ", ".join(f"{name} {row['numbers'][name]:.6g}" for name in SHOWN[work])
    return [time(row), "", reached, shown]


def beside(work, tool, row, own):
    """A peer's cells, and whether its numbers are ours."""
    names = [name for name in row["numbers"] if name in own["numbers"] and name not in DRAWN]
    gap = largest([own["numbers"][name] for name in names], [row["numbers"][name] for name in names])
    ratio = own["median"] / row["median"]
    aim = AIMS.get((work, tool))
    reached = "" if aim is None else f"{'yes' if ratio <= aim else '**no**'}: {share(aim)}"
    span = names if len(names) <= 2 else [names[0], "…", names[-1]]
    agreement = f"{', '.join(span)} within {gap:.0e}"
    return [time(row), f"1/{1 / ratio:,.0f}" if ratio < 0.1 else f"{ratio:.2f}", reached, agreement], bool(names) and gap <= TOLERANCE


def table(lines):
    """The table, and whether everything in it agrees."""
    groups = {}
    for line in lines:
        groups.setdefault((line["work"], line["ds"], line["tool"]), []).append(line)
    rows = {key: summary(rounds) for key, rounds in groups.items()}
    head = ["work", "data", "tool", "median s [min–max]", "ours takes", "aim", "numbers"]
    body, agree = [], True
    for (work, ds, tool), row in rows.items():
        own = rows[work, ds, OURS]
        if "failed" in row:
            cells = [row["failed"], "", "", ""]
        elif tool == OURS:
            cells = ours(work, row)
        elif "failed" in own:
            cells = [time(row), "", "", ""]
        else:
            cells, same = beside(work, tool, row, own)
            agree &= same
        body.append([NAMES[work], ds, TOOLS.get(tool, tool), *cells])
    rule = ["---", "---", "---", "--:", "--:", "---", "---"]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *body]), agree


if __name__ == "__main__":
    with open(sys.argv[1]) as results:
        text, agree = table([json.loads(line) for line in results])
    print(f"{machine(PACKAGES)}\n\n{text}")
    if not agree:
        sys.exit(f"numbers differ by more than {TOLERANCE:.0e}")
