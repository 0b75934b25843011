"""The whole coverage job on an OpenStreetMap extract: from the file to the share of street within 15 minutes.

Run: ``python benchmarks/coverage_job.py EXTRACT.osm.pbf POINTS.parquet``, with points of interest of that extract
(``osm_type``, ``osm_id``, ``name``, point geometry; EPSG:4326). Every point is a station, open or not; asked is
the layer ``walk-coverage``: metres of street from which a station is reached within the bands and the budget.

Each state is a fresh process and says apart how long its imports took. *first of all*: no kernel was ever compiled
(numba's cache is empty). *cold*: a new workspace, kernels compiled. *network cached*: another budget is asked of
that workspace, so the network is there and the answer is not. *asked again*: the same question. *server*: one
process, already running, is asked for a third budget. States are repeated in turn on new workspaces; medians are
printed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from measure import machine, once, seconds, table

LAYER = "walk-coverage"
BUDGETS = {"cold": 15.0, "network cached": 12.0, "asked again": 12.0, "server": 9.0}
WORKSPACE = """schema = 1
id = "coverage"
title = { zh = "覆盖", en = "Coverage" }
time_zone = "UTC"
as_of = 2026-11-20
[parameters]
at = "any"
[tables.streets]
file = "streets.osm.pbf"
[tables.stations]
file = "stations.parquet"
"""


def main() -> None:
    """Measure, print times and the figures they gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("extract", type=Path)
    parser.add_argument("points", type=Path, nargs="?")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(_child(asked.extract, json.loads(asked.child))))
        return
    if asked.points is None:
        parser.error("POINTS.parquet is missing")
    print(machine("osmium", "geopandas"))
    runs: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as base:
        original = Path(base) / "original"
        count = workspace_of(original, asked.extract, asked.points)
        for number in range(asked.repeats):
            kernels = {"NUMBA_CACHE_DIR": str(Path(base) / "kernels")}
            folder = Path(base) / str(number)
            if not number:
                shutil.copytree(original, Path(base) / "first")
                runs["first of all"] = [_fresh(Path(base) / "first", [BUDGETS["cold"]], kernels)]
            shutil.copytree(original, folder)
            for state in ("cold", "network cached", "asked again"):
                runs.setdefault(state, []).append(_fresh(folder, [BUDGETS[state]], kernels))
            runs.setdefault("server", []).append(_fresh(folder, [BUDGETS["cold"], BUDGETS["server"]], kernels))
            shutil.rmtree(folder)
    print(f"\n{count:,} stations\n")
    _show(runs)


def workspace_of(folder: Path, extract: Path, points: Path) -> int:
    """Make a workspace of the extract and its points; give the number of stations."""
    import geopandas as gpd

    folder.mkdir()
    found = gpd.read_parquet(points)
    ids = found["osm_type"].astype(str) + "/" + found["osm_id"].astype(str)
    columns = {"station_id": ids, "category": "other", "name": found["name"]}
    rows = gpd.GeoDataFrame(columns, geometry=found.geometry, crs=found.crs)
    rows.to_parquet(folder / "stations.parquet")
    shutil.copyfile(extract, folder / "streets.osm.pbf")
    (folder / "workspace.toml").write_text(WORKSPACE, encoding="utf-8")
    return len(rows)


def _fresh(folder: Path, budgets: list[float], environment: dict[str, str]) -> dict[str, Any]:
    """Ask in a new process: seconds of imports, of the last question, of the whole process, and what it said."""
    start = time.perf_counter()
    run = subprocess.run(
        [sys.executable, __file__, str(folder), "--child", json.dumps(budgets)],
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    made: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return {**made, "process": time.perf_counter() - start}


def _child(folder: Path, budgets: list[float]) -> dict[str, Any]:
    start = time.perf_counter()
    from geo import service

    imports, job, cpu = time.perf_counter() - start, 0.0, 0.0
    for budget in budgets:
        frame, job, cpu = once(partial(service.ask, folder, LAYER, budget_minutes=budget))
    streets = frame[frame["street_m"] > 0]
    covered = {
        f"{row.minutes:g} min": [row.street_m_covered, row.street_m]
        for row in streets.drop_duplicates("minutes").sort_values("minutes").itertuples()
    }
    return {"imports": imports, "job": job, "cpu": cpu, "covered": covered}


def _show(runs: dict[str, list[dict[str, Any]]]) -> None:
    head = ["", "job", "job CPU", "imports", "whole process", "runs", "answers that differ"]
    rows, known = [], {}
    for state, some in runs.items():
        middle = [
            seconds(statistics.median(run[part] for run in some)) for part in ("job", "cpu", "imports", "process")
        ]
        differ = 0
        for run in some:
            for minutes, metres in run["covered"].items():
                differ += known.setdefault(minutes, metres) != metres
        rows.append([state, *middle, str(len(some)), str(differ)])
    print(table(head, rows))
    print("\nStreet within reach of a station:\n")
    in_order = sorted(known.items(), key=lambda item: float(item[0].split()[0]))
    shares = [[m, f"{a / 1e3:,.1f}", f"{b / 1e3:,.1f}", f"{a / b:.2%}"] for m, (a, b) in in_order]
    print(table(["", "km covered", "km", "share"], shares))


if __name__ == "__main__":
    main()
