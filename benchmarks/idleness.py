"""How idle was each metre of the border over a year? Beside what numpy and linref offer.

Run: ``python benchmarks/idleness.py [--visits N] [--length M]``.

Visits are 2-25 km long, anywhere, at any second of the year. Candidates:

- gridwalk: from the ``visits`` table to idleness, regularity, widest gap and separate visits of every metre, cut
  where a visit begins or ends (`credited` and `windowed`: the whole public call).
- numpy cells: visits in the order of their time, one after the other, on cells of 100 m; each sums squared gaps,
  and keeps the last visit and the widest gap, of the cells whose middle it covers. What a user would write.
- linref: ``overlay`` of cells of 1 km with the visits, which is coverage alone: no gaps, no times.

Answers are held against each other at the middles of the cells, where the two must be equal, and at some metres
against the visits there, one by one; linref's against the visits that reach into each of its cells.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from geo.border.idleness import DAY_S, credited
from geo.border.windowed import Windowed, windowed
from geo.tables.conform import conform
from measure import installed, interleaved, machine, seconds, table

OURS, CELLS, LINREF = "gridwalk, exact", "numpy, cells of 100 m", "linref overlay, cells of 1 km, coverage alone"
CELL_M, LINREF_CELL_M = 100.0, 1_000.0
YEAR_S = 365 * 86_400
UNTIL = pd.Timestamp("2026-11-20T16:00Z")
SINCE = UNTIL - pd.Timedelta(seconds=YEAR_S)


def visits_of(count: int, length_m: float) -> Any:
    """Make a year of visits."""
    rng = np.random.default_rng(1)
    start = np.round(rng.uniform(0, length_m, count), 3)
    return conform(
        "visits",
        pd.DataFrame(
            {
                "visit_id": [f"v{number}" for number in range(count)],
                "patrol_id": [f"t{number}" for number in range(count)],
                "border_id": "b",
                "start_m": start,
                "end_m": np.minimum(np.round(start + rng.uniform(2_000, 25_000, count), 3), length_m),
                "end_time": UNTIL - pd.to_timedelta(rng.integers(0, YEAR_S, count), unit="s"),
                "evidence": rng.choice(["gps", "scan", "declared"], count),
            }
        ),
    )


def exact(visits: Any, length_m: float) -> Windowed:
    """Ours: the whole call, from the table."""
    return windowed(credited(visits, UNTIL), "b", length_m, since=SINCE, until=UNTIL)


def by_cells(visits: Any, length_m: float) -> tuple[Any, Any, Any]:
    """Mean idleness, widest gap (days) and visits of every cell, at its middle."""
    rows = visits.sort_values("end_time")
    time = (rows["end_time"] - SINCE).dt.total_seconds().to_numpy()
    first = np.ceil(rows["start_m"].to_numpy() / CELL_M - 0.5).astype(int)
    after = np.ceil(rows["end_m"].to_numpy() / CELL_M - 0.5).astype(int)
    cells = int(length_m / CELL_M)
    last, squares, widest = np.zeros(cells), np.zeros(cells), np.zeros(cells)
    count = np.zeros(cells, dtype=int)
    for at, begun, done in zip(time, first, after, strict=True):
        gap = at - last[begun:done]
        squares[begun:done] += gap * gap
        np.maximum(widest[begun:done], gap, out=widest[begun:done])
        last[begun:done] = at
        count[begun:done] += 1
    gap = YEAR_S - last
    return (squares + gap * gap) / 2 / YEAR_S / DAY_S, np.maximum(widest, gap) / DAY_S, count


def overlaid(visits: Any, length_m: float) -> Any:
    """Metres of each visit in each cell, as a sparse matrix."""
    from linref.events.base import EventsData

    edges = np.arange(0.0, length_m + 1, LINREF_CELL_M)
    cells = EventsData(begs=edges[:-1], ends=edges[1:])
    return cells.overlay(EventsData(begs=visits["start_m"].to_numpy(), ends=visits["end_m"].to_numpy()))


def main() -> None:
    """Time all candidates in turns, and hold their answers against each other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=int, default=200_000)
    parser.add_argument("--length", type=float, default=4_200_000.0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds for the runs of one candidate")
    asked = parser.parse_args()
    visits = visits_of(asked.visits, asked.length)
    jobs: dict[str, Callable[[], Any]] = {
        OURS: lambda: exact(visits, asked.length),
        CELLS: lambda: by_cells(visits, asked.length),
    }
    packages = ["pandas"]
    if installed("linref"):
        jobs[LINREF] = lambda: overlaid(visits, asked.length)
        packages.append("linref")
    else:
        print("linref is not installed: left out")
    print(machine(*packages))
    ours, cells = exact(visits, asked.length), by_cells(visits, asked.length)
    _agreement(visits, ours, cells)
    if LINREF in jobs:
        _coverage(visits, overlaid(visits, asked.length))
    times = interleaved(jobs, repeats=asked.repeats, patience_s=asked.patience)
    head = ["", "median", "CPU", "runs", "ratio"]
    rows = [
        [
            name,
            seconds(times[name].median),
            seconds(times[name].median_cpu),
            str(len(times[name].wall)),
            f"{times[name].median / times[OURS].median:,.1f}",
        ]
        for name in jobs
    ]
    print(
        f"\n{asked.visits:,} visits, {asked.length / 1000:,.0f} km, a year, {len(ours.mean_days):,} exact cells\n"
    )
    print(table(head, rows))


def _agreement(visits: Any, ours: Windowed, cells: tuple[Any, Any, Any]) -> None:
    """Compare at the middles of the cells, and at some metres with the visits there."""
    mean, widest, count = cells
    at = np.searchsorted(ours.breaks, (np.arange(len(mean)) + 0.5) * CELL_M, side="right") - 1
    apart = [np.abs(ours.mean_days[at] - mean).max(), np.abs(ours.worst_days[at] - widest).max()]
    print(
        f"\nat {len(mean):,} middles of cells: mean idleness differs by at most {apart[0]:.1e} days, widest gap by"
    )
    print(f"{apart[1]:.1e} days, visits in {int((ours.visits[at] != count).sum())} cells")
    start, end = visits["start_m"].to_numpy(), visits["end_m"].to_numpy()
    time = (visits["end_time"] - SINCE).dt.total_seconds().to_numpy()
    worst = 0.0
    for metre in np.random.default_rng(2).uniform(0, ours.breaks[-1], 500):
        here = np.unique(time[(start <= metre) & (metre < end)])
        gaps = np.diff(np.concatenate([[0.0], here, [YEAR_S]]))
        told = ours.mean_days[np.searchsorted(ours.breaks, metre, side="right") - 1]
        worst = max(worst, abs(told - (gaps**2).sum() / 2 / YEAR_S / DAY_S))
    print(f"at 500 metres, visit by visit: at most {worst:.1e} days")
    whole = np.average(ours.mean_days, weights=np.diff(ours.breaks))
    print(f"mean of the border: exact {whole:.6f} days, cells {mean.mean():.6f}")


def _coverage(visits: Any, overlay: Any) -> None:
    """Count the visits that reach into each of linref's cells."""
    first = np.floor(visits["start_m"].to_numpy() / LINREF_CELL_M).astype(int)
    after = np.ceil(visits["end_m"].to_numpy() / LINREF_CELL_M).astype(int)
    change = np.bincount(first, minlength=overlay.shape[0] + 1) - np.bincount(
        after, minlength=overlay.shape[0] + 1
    )
    differ = int((np.cumsum(change)[:-1] != np.diff(overlay.tocsr().indptr)).sum())
    print(f"linref: visits that reach into a cell differ in {differ} cells")


if __name__ == "__main__":
    main()
