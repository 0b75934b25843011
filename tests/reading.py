"""Small workspaces for the tests of reading: made, and read in this process, which is quick."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson
from shapely import box

from geo.io.importer import Reading, _gather, _job, _Run
from geo.io.limits import Limits
from geo.io.reading import read_job
from geo.workspace import MANIFEST, Workspace, open_workspace

HEAD = 'schema = 1\nid = "w"\ntitle = { zh = "甲", en = "A" }\nas_of = 2026-01-10\n'
CELL_M = 100.0


def manifest(folder: Path, tables: str, head: str = HEAD) -> Workspace:
    """Write a manifest and open it."""
    (folder / MANIFEST).write_text(head + tables, encoding="utf-8")
    return open_workspace(folder)


def read_here(workspace: Workspace, limits: Limits | None = None) -> Reading:
    """Read all tables in this process."""
    folder = workspace.root / "read"
    scratch = workspace.root / "scratch"
    scratch.mkdir(exist_ok=True)
    run = _Run()
    names = list(workspace.sources)
    job = _job(workspace, names, folder, scratch, limits or Limits())
    read_job(job, start=lambda *_: None, done=run.done.append)
    return _gather(names, folder, run)


def read_one(
    folder: Path, table: str, content: bytes | str | Mapping[str, Any], name: str = "t.csv", more: str = ""
) -> Reading:
    """Write one file, declare it as a table and read it."""
    if not isinstance(content, (bytes, str)):
        content = orjson.dumps(content)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_here(manifest(folder, f'[tables.{table}]\nfile = "{name}"\n{more}\n'))


def codes(reading: Reading, level: str = "error") -> list[str]:
    """List the codes of the faults of one level."""
    return [fault.code for fault in reading.faults if fault.level == level]


def feature(geometry: Mapping[str, Any] | None, **properties: Any) -> dict[str, Any]:
    """Make a GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    """Make a GeoJSON feature collection."""
    return {"type": "FeatureCollection", "features": list(features), **members}


def four_grids(crs: str = "EPSG:4546") -> gpd.GeoDataFrame:
    """Four grids of 100 m in a row, at 111°E 40.8°N, with Chinese headings and 10, 20, 30, 40 households."""
    east, north = 500_000.0, 4_518_000.0
    cells = [box(east + i * CELL_M, north, east + (i + 1) * CELL_M, north + CELL_M) for i in range(4)]
    frame = gpd.GeoDataFrame(
        {
            "网格编码": [f"15010500100100{i}" for i in range(1, 5)],
            "网格名称": ["东一", "东二", "东三", "东四"],
            "户数": [10, 20, 30, 40],
        },
        geometry=cells,
        crs="EPSG:4546",
    )
    return frame.to_crs(crs)
