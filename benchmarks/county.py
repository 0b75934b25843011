"""A synthetic county as a workspace: divided ground with names, people and the workers who serve it.

Run: ``python benchmarks/county.py FOLDER GRIDS [VERTICES]`` writes a workspace that ``gridwalk build`` takes:
about so many grids of :mod:`divided` (each with about so many coordinates, 21 by default), their communities, two
or three townships and the county, and a worker for four grids of five.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from divided import INNER, divided

WORKSPACE = """schema = 1
id = "{id}"
title = {{ zh = "模拟县（{grids} 个网格）", en = "Made-up county of {grids} grids" }}
time_zone = "Asia/Shanghai"
as_of = 2026-11-20

[parameters]
households_per_worker = 400

[roles]
urban = ["grid_worker"]

[tables.divisions]
file = "divisions.parquet"

[tables.grids]
file = "grids.parquet"

[tables.staff]
file = "staff.csv"

[tables.assignments]
file = "assignments.csv"
"""


def write(folder: Path, grids: int, *, inner: int = INNER) -> int:
    """Write the workspace; the number of grids that it really has."""
    made = divided(grids, inner=inner)
    folder.mkdir(parents=True, exist_ok=True)
    ground = made.grids.assign(kind="urban", name=[f"第{n + 1}网格" for n in range(len(made.grids))])
    ground.to_parquet(folder / "grids.parquet")
    _levels(made.parents).to_parquet(folder / "divisions.parquet")
    served = made.grids.loc[np.arange(len(made.grids)) % 5 != 0, "grid_id"]
    staff = [f"w{n:06d}" for n in range(len(served))]
    pd.DataFrame({"staff_id": staff, "role": "grid_worker", "fte": 1.0}).to_csv(folder / "staff.csv", index=False)
    roles = {"staff_id": staff, "target_type": "grid", "target_id": served, "role": "grid_worker"}
    pd.DataFrame(roles).to_csv(folder / "assignments.csv", index=False)
    text = WORKSPACE.format(id=folder.name, grids=f"{len(ground):,}")
    (folder / "workspace.toml").write_text(text, encoding="utf-8")
    return len(ground)


def _levels(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Communities with names, and above them their townships and the county."""
    named = communities.assign(name=[f"第{n + 1}社区" for n in range(len(communities))])
    townships = named.dissolve("parent_id", as_index=False)[["parent_id", "geometry"]]
    townships = townships.rename(columns={"parent_id": "division_id"})
    names = [f"第{n + 1}镇" for n in range(len(townships))]
    townships = townships.assign(name=names, level="township", parent_id="150105", tree="admin")
    about = {"division_id": "150105", "name": "模拟县", "level": "county", "parent_id": None, "tree": "admin"}
    county = gpd.GeoDataFrame(
        {name: [value] for name, value in about.items()},
        geometry=[shapely.union_all(townships.geometry)],
        crs=communities.crs,
    )
    return gpd.GeoDataFrame(pd.concat([named, townships, county], ignore_index=True), crs=communities.crs)


def main() -> None:
    """Write one workspace."""
    folder, grids, *vertices = sys.argv[1:]
    inner = (int(vertices[0]) - 5) // 4 if vertices else INNER
    sys.stdout.write(f"{folder}: {write(Path(folder), int(grids), inner=inner):,} grids\n")


if __name__ == "__main__":
    main()
