"""Make two builds of the Saihan sample a quarter apart, for pictures: ``python tools/pair.py FOLDER``.

Between the two a service centre shuts and another opens, forty workers change their grids, and a grid is split.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from api import publishing
from geo.io.samples import copy_sample
from geo.workspace import open_workspace

GRIDS, CODE = "网格", "网格编码"
SHUT, OPENED = "synthetic_s003", (111.701, 40.781)
MOVED = 40
BEFORE, NOW = "as_of = 2026-08-20", "as_of = 2026-11-20"


def main() -> None:
    """Copy the sample, build it, change it, build it again."""
    folder = Path(sys.argv[1])
    if not folder.exists():
        copy_sample("saihan", folder)
        _redate(folder, NOW, BEFORE)
        publishing.build(open_workspace(folder))
    _redate(folder, BEFORE, NOW)
    change(folder)
    publishing.build(open_workspace(folder))


def change(folder: Path) -> None:
    """Change what a quarter changes.

    Parameters
    ----------
    folder : Path
        A copy of the sample.
    """
    _stations(folder / "stations.xlsx")
    _workers(folder / "assignments.csv")
    _split(folder / "grids.gpkg")


def _redate(folder: Path, old: str, new: str) -> None:
    manifest = folder / "workspace.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def _stations(path: Path) -> None:
    sheets = pd.read_excel(path, sheet_name=None, engine="openpyxl", dtype={"编号": str})
    stations = sheets["服务站"]
    new = stations[stations["编号"] == SHUT].assign(编号="synthetic_s900", 名称="模拟·新开党群服务中心")
    new[["经度", "纬度"]] = OPENED
    kept = stations[stations["编号"] != SHUT]
    pd.concat([kept, new]).to_excel(path, sheet_name="服务站", index=False)


def _workers(path: Path) -> None:
    assigned = pd.read_csv(path, dtype=str)
    to_grids = assigned.index[assigned["target_type"] == "grid"] if "target_type" in assigned else assigned.index
    here = to_grids[: 2 * MOVED]
    assigned.loc[here[:MOVED], "target_id"] = assigned.loc[here[MOVED:], "target_id"].to_numpy()
    assigned.to_csv(path, index=False)


def _split(path: Path) -> None:
    grids = gpd.read_file(path, layer=GRIDS)
    widest = grids.geometry.area.idxmax()
    west, south, east, north = grids.geometry[widest].bounds
    half = shapely.box(west, south, (west + east) / 2, north)
    whole = grids.geometry[widest]
    parts = [whole.intersection(half), whole.difference(half)]
    codes = [f"{grids.loc[widest, CODE][:12]}{number}" for number in (901, 902)]
    two = pd.concat([grids.loc[[widest]]] * 2, ignore_index=True).assign(**{CODE: codes})
    two["geometry"] = parts
    changed = gpd.GeoDataFrame(pd.concat([grids.drop(index=widest), two], ignore_index=True), crs=grids.crs)
    changed.to_file(path, layer=GRIDS)


if __name__ == "__main__":
    main()
