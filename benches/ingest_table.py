"""ingest_table.py RESULTS.jsonl : tabulate `bench ingest` or `bench index` as Markdown.

Lines and rounds are those of `methods_table.py`. Fails if a number of ours is not the peer's.
"""

import json
import statistics
import sys

from table import machine

OURS = "panelproof"
# What our median may be as a share of a peer's.
AIM = 0.5
# Sums of a million cells, added in another order.
TOLERANCE = 1e-10
HEAD = ["data", "tool", "median s [min–max]", "ours takes", "aim", "peak MB", "numbers differ by"]


def gap(ours, theirs):
    """The largest relative difference of numbers that go by one name."""
    return max(abs(ours[name] - theirs[name]) / abs(theirs[name]) for name in theirs)


def summary(rounds):
    failed = [r["failed"] for r in rounds if "failed" in r]
    if failed:
        return {"failed": failed[0]}
    return {
        "median": statistics.median(r["median"] for r in rounds),
        "min": min(r["min"] for r in rounds),
        "max": max(r["max"] for r in rounds),
        "n": sum(r["n"] for r in rounds),
        "peak": max(r["peak_mb"] for r in rounds),
        "numbers": rounds[0]["numbers"],
    }


def cells(tool, row, own):
    """The cells of a tool, and whether its numbers are ours."""
    if "failed" in row:
        return [row["failed"], "", "", "", ""], True
    time = f"{row['median']:.3g} [{row['min']:.3g}–{row['max']:.3g}], n = {row['n']}"
    peak = f"{row['peak']:.0f}"
    if tool == OURS or "failed" in own:
        return [time, "", "", peak, ""], True
    ratio, differ = own["median"] / row["median"], gap(own["numbers"], row["numbers"])
    aim = f"{'yes' if ratio <= AIM else '**no**'}: ≤ {AIM}"
    return [time, f"{ratio:.2f}", aim, peak, f"{differ:.0e}"], differ <= TOLERANCE


def table(lines):
    groups = {}
    for line in lines:
        groups.setdefault((line["ds"], line["tool"]), []).append(line)
    rows = {key: summary(rounds) for key, rounds in groups.items()}
    body, agree = [], True
    for (ds, tool), row in rows.items():
        own, same = cells(tool, row, rows[ds, OURS])
        body.append([ds, tool, *own])
        agree &= same
    rule = ["---", "---", "--:", "--:", "---", "--:", "--:"]
    return "\n".join(f"| {' | '.join(row)} |" for row in [HEAD, rule, *body]), agree


if __name__ == "__main__":
    with open(sys.argv[1]) as results:
        text, agree = table([json.loads(line) for line in results])
    print(f"{machine(['polars', 'pandas', 'numpy'])}\n\n{text}")
    if not agree:
        sys.exit(f"numbers differ by more than {TOLERANCE:.0e}")
