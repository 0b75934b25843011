"""Crediting patrols: ten million fixes on a border of 4,200 km, and what methods make of six difficult tracks.

Run: ``python benchmarks/credit.py [--fixes N …] [--vertices N …]``.

Patrols on foot (out and back for eight hours at 4 km/h) and by car (three hours at 25 km/h) start anywhere on the
border, with a fix every 10 to 60 seconds, 5 m of noise on each axis and up to 25 m to the side; an eighth of each
leads away from the line (half a kilometre), and one patrol in ten never comes near. Timed is the whole public
call (as for cars), from a GeoDataFrame of fixes in order (by patrol, then time) or in none, to visits: cleaning,
crediting, the account of refused steps. Peak memory is what a fresh process grows above the tables.

The six tracks are those of the tests (``tests/tracks.py``), with a known truth, beside the two methods in use:
a 50 m buffer around the track cut with the line, and stretches between the nearest places of neighbouring fixes.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import os
import statistics
import subprocess
import sys
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from borders import long_border, scattered
from geo.border.chainage import Chainage
from geo.border.tracks import credit
from geo.tables.conform import conform
from measure import MALLOC, interleaved, machine, peak_of, seconds, status, table
from tests.tracks import ADVERSARIAL, buffered_m, nearest_m
from tests.tracks import table as tracks_of

SECONDS = {"foot": (8 * 3600.0, 4 / 3.6), "vehicle": (3 * 3600.0, 25 / 3.6)}
EVERY_S = (10.0, 15.0, 30.0, 60.0)
NOISE_M, ASIDE_M, AWAY_M, FAR_M = 5.0, 25.0, 500.0, 3_000.0
START_US = pd.Timestamp("2026-06-01T00:00:00Z").value // 1_000
GIB = 2.0**30
MODE = "vehicle"  # nobody is too fast
SEEDS = (1, 2, 3, 4, 5)
PLACES = POINTS, COLUMNS = "points", "columns"


def patrols_of(fixes: int, line: Chainage, *, seed: int = 2) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Make the tables ``tracks`` (by patrol and time) and ``patrols``, of about so many fixes."""
    rng = np.random.default_rng(seed)
    each = [int(lasts / every) for lasts, _ in SECONDS.values() for every in EVERY_S]
    kinds = rng.integers(0, len(each), max(1, round(fixes / float(np.mean(each)))))
    counts = np.array(each)[kinds]
    patrol = np.repeat(np.arange(len(counts)), counts)
    order = np.arange(len(patrol)) - np.repeat(np.cumsum(counts) - counts, counts)
    lasts, speed = (np.array([pair[at] for pair in SECONDS.values()])[kinds // len(EVERY_S)] for at in (0, 1))
    time = order * np.array(EVERY_S)[kinds % len(EVERY_S)][patrol]
    half = (lasts / 2)[patrol]
    reach = lasts * speed / 2
    begin = rng.uniform(0, line.length_m - reach)
    lonlat = line.point_at(begin[patrol] + (half - np.abs(time - half)) * speed[patrol])
    away = np.where((order * 8 // counts[patrol]) == 5, AWAY_M, 0.0)
    away += np.where(rng.random(len(counts)) < 0.1, FAR_M, 0.0)[patrol]
    aside = ASIDE_M * np.sin(2 * np.pi * (time / 1_800 + rng.random(len(counts))[patrol]))
    lonlat[:, 1] += (aside + away) / 111_200.0
    lonlat = scattered(lonlat, NOISE_M, rng)
    hours = rng.integers(0, 365 * 24, len(counts)) * 3_600
    start = START_US + hours * 1_000_000
    ids = pd.array([f"patrol-{at:06d}" for at in range(len(counts))], dtype="string")
    tracks = gpd.GeoDataFrame(
        {
            "patrol_id": ids.take(patrol),
            "time": _moments(start[patrol] + (time * 1_000_000).astype(np.int64)),
            "sequence": order,
        },
        geometry=shapely.points(lonlat),
        crs="EPSG:4326",
    )
    patrols = pd.DataFrame(
        {
            "patrol_id": ids,
            "evidence": "gps",
            "mode": np.array(list(SECONDS))[kinds // len(EVERY_S)],
            "start_time": _moments(start),
            "end_time": _moments(start + (lasts * 1_000_000).astype(np.int64)),
        }
    )
    return conform("tracks", tracks), conform("patrols", patrols)


def _moments(microseconds: Any) -> Any:
    return pd.Series(np.asarray(microseconds).astype("datetime64[us]")).dt.tz_localize("UTC")


def main() -> None:
    """Measure speed, memory and accuracy."""
    asked = _asked()
    if asked.child:
        print(json.dumps(_peak(asked.child, asked.vertices[0], asked.places)))
        return
    print(machine("shapely", "geopandas"))
    warm_up()
    for vertices in asked.vertices:
        _speed(vertices, asked)
    print("\n## Six tracks\n")
    print(table(*accuracy()))


def warm_up() -> None:
    """Compile the kernels."""
    line = long_border(200)
    credit(patrols_of(2_000, line)[0], line, mode=MODE)


def _asked() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fixes", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--vertices", type=int, nargs="*", default=[21_000, 100_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--patience", type=float, default=180.0, help="seconds for the runs of one candidate")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--places", choices=PLACES, help=argparse.SUPPRESS)
    return parser.parse_args()


def _speed(vertices: int, asked: Any) -> None:
    """The whole call at each size, in turns, the largest in no order too."""
    line = long_border(vertices)
    worlds = {f"{fixes:,} fixes, in order": patrols_of(fixes, line)[0] for fixes in asked.fixes}
    last = list(worlds.values())[-1]
    worlds[f"{asked.fixes[-1]:,} fixes, in no order"] = last.sample(frac=1, random_state=1)
    worlds[f"{asked.fixes[-1]:,} fixes, places in columns"] = in_columns(last)
    jobs = {name: (lambda tracks=tracks: credit(tracks, line, mode=MODE)) for name, tracks in worlds.items()}
    times = interleaved(jobs, repeats=asked.repeats, patience_s=asked.patience)
    each = {name: times[name].median / len(tracks) for name, tracks in worlds.items()}
    rows = []
    for name, tracks in worlds.items():
        made = credit(tracks, line, mode=MODE)
        rows.append(
            [
                name,
                f"{tracks['patrol_id'].nunique():,}",
                seconds(times[name].median),
                seconds(times[name].median_cpu),
                str(len(times[name].wall)),
                f"{each[name] * 1e9:,.0f}",
                f"{each[name] / next(iter(each.values())):.2f}",
                f"{len(made.visits):,}",
                f"{(made.visits['end_m'] - made.visits['start_m']).sum() / 1e3:,.0f}",
            ]
        )
    head = ["", "patrols", "median", "CPU", "runs", "ns a fix", "ratio", "visits", "km credited"]
    print(f"\n## {line.length_m / 1e3:,.0f} km, {vertices:,} vertices\n\n{table(head, rows)}\n")
    for fixes, places in itertools.product(asked.fixes, PLACES):
        command = [
            sys.executable,
            __file__,
            "--child",
            str(fixes),
            "--vertices",
            str(vertices),
            "--places",
            places,
        ]
        run = subprocess.run(command, env={**os.environ, **MALLOC}, check=True, capture_output=True)
        held, grown = json.loads(run.stdout.splitlines()[-1])
        print(
            f"{fixes:,} fixes, places as {places}: the table holds {held / GIB:.2f} GiB, "
            f"crediting takes {grown / GIB:.2f} GiB more"
        )


def in_columns(tracks: gpd.GeoDataFrame) -> pd.DataFrame:
    """The same fixes with columns ``lon`` and ``lat`` instead of points."""
    plain = pd.DataFrame(tracks.drop(columns="geometry"))
    return plain.assign(lon=tracks.geometry.x.to_numpy(), lat=tracks.geometry.y.to_numpy())


def _peak(fixes: int, vertices: int, places: str) -> tuple[int, int]:
    """Bytes that the table takes, and how far crediting grows above it; imports and compiling are done before."""
    warm_up()
    line = long_border(vertices)
    before = status("VmRSS")
    tracks: Any = patrols_of(fixes, line)[0]
    if places == COLUMNS:
        tracks = in_columns(tracks)
    gc.collect()
    held = status("VmRSS") - before
    return held, peak_of(lambda: credit(tracks, line, mode=MODE))[1] or 0


def accuracy() -> tuple[list[str], list[list[str]]]:
    """Kilometres of the six tracks: the truth, ours, and what is done instead; the mean of some seeds."""
    rows = []
    for name, make in ADVERSARIAL.items():
        found = []
        for seed in SEEDS:
            line, walk = make(seed)
            visits = credit(tracks_of({"p": walk}), line, mode=walk.mode).visits
            ours = float((visits["end_m"] - visits["start_m"]).sum())
            found.append([walk.true_length_m, ours, buffered_m(line, walk), nearest_m(line, walk)])
        worst = max(abs(ours - true) for true, ours, *_ in found)
        means = [statistics.mean(column) for column in zip(*found, strict=True)]
        rows.append([name, *(f"{mean / 1e3:,.3f}" for mean in means), f"{worst / 1e3:.3f}"])
    return ["", "true, km", "gridwalk", "50 m buffer", "nearest places", "gridwalk errs at most"], rows


if __name__ == "__main__":
    main()
