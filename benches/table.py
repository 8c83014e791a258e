"""table.py RESULTS.jsonl : tabulate runs as Markdown, each tool beside fereg on the same data.

A line is what `twfe` and `twfe.py` print, or {"tool", "ds", "failed": why}. Several lines of one
tool on one data set are rounds: the median shown is the median of their medians, the bracket spans
all of them.
"""

import json
import os
import statistics
import subprocess
import sys
from importlib.metadata import version

REFERENCE = "fereg"
HEAD = [
    "data",
    "tool",
    "median s [min–max]",
    f"× {REFERENCE}",
    "peak MB (loaded)",
    "coef differs by",
    "se differs by",
]


def largest(ours, theirs):
    """The largest relative difference of any element."""
    return max(abs(a - b) / abs(b) for a, b in zip(ours, theirs, strict=True))


def summary(rounds):
    """One row of numbers from the rounds of one tool on one data set, or why there is none."""
    done = [r for r in rounds if "failed" not in r]
    if len(done) < len(rounds):
        return {"failed": next(r["failed"] for r in rounds if "failed" in r)}
    return {
        "median": statistics.median(r["median"] for r in done),
        "min": min(r["min"] for r in done),
        "max": max(r["max"] for r in done),
        "fits": sum(r["n"] for r in done),
        "load": max(r["load_mb"] for r in done),
        "peak": max(r["peak_mb"] for r in done),
        "coef": done[0]["coef"],
        "se": done[0]["se"],
    }


def cells(ds, tool, row, reference):
    if "failed" in row:
        return [ds, tool, row["failed"], "", "", "", ""]
    time = f"{row['median']:.3g} [{row['min']:.3g}–{row['max']:.3g}], n = {row['fits']}"
    memory = f"{row['peak']:.0f} ({row['load']:.0f})"
    if reference is None or "failed" in reference:
        return [ds, tool, time, "", memory, "", ""]
    ratio = f"{row['median'] / reference['median']:.2f}"
    differences = [f"{largest(row[key], reference[key]):.0e}" for key in ("coef", "se")]
    return [ds, tool, time, ratio, memory, *differences]


def table(lines):
    groups = {}
    for line in lines:
        groups.setdefault((line["ds"], line["tool"]), []).append(line)
    rows = {key: summary(rounds) for key, rounds in groups.items()}
    body = [cells(*key, row, rows.get((key[0], REFERENCE))) for key, row in rows.items()]
    rule = ["---", "---", *["--:"] * (len(HEAD) - 2)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [HEAD, rule, *body])


def machine(names):
    """Cores, compiler, and the versions of these packages."""
    with open("/proc/cpuinfo") as info:
        models = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True)
    packages = ", ".join(f"{name} {version(name)}" for name in names)
    cpu = models[0] if models else "unknown CPU"
    return "\n".join([
        f"{os.cpu_count()} cores, {cpu}; {rustc.stdout.split(' (')[0]};",
        f"Python {sys.version.split()[0]}, {packages}.",
    ])


if __name__ == "__main__":
    with open(sys.argv[1]) as results:
        lines = [json.loads(line) for line in results]
    print(f"{machine(['fereg', 'pyfixest', 'numpy'])}\n\n{table(lines)}")
