"""What does `gridwalk repair` hand to a person?"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import box
from typer.testing import CliRunner, Result

from api.cli import app
from geo.grid.partition import partition_findings

RUN = CliRunner()
MANIFEST = """
schema = 1
id = "block"
title = { zh = "街区", en = "Block" }
time_zone = "Asia/Shanghai"
as_of = 2026-11-20

[tables.divisions]
file = "divisions.geojson"

[tables.grids]
file = "grids.geojson"
"""
STEP = 0.002


def cell(column: int, row: int, wide: float = 1.0) -> object:
    west, south = 111.7 + column * STEP, 40.8 + row * STEP
    return box(west, south, west + wide * STEP, south + STEP)


@pytest.fixture
def block(tmp_path: Path) -> Path:
    """Four grids: the first reaches a quarter into the second (its edge gets the corner of the third), the last is
    missing."""
    rows = gpd.GeoDataFrame(
        {
            "grid_id": [f"15010500100100{n}" for n in (1, 2, 3)],
            "division_id": "150105001001",
            "households": [300, 200, None],
            "grid_no": ["a", "b", "c"],
        },
        geometry=[cell(0, 0, 1.25), cell(1, 0), cell(0, 1)],
        crs="EPSG:4326",
    )
    rows.to_file(tmp_path / "grids.geojson")
    above = gpd.GeoDataFrame(
        {"division_id": ["150105001001"], "name": "Block", "level": "community"},
        geometry=[box(111.7, 40.8, 111.7 + 2 * STEP, 40.8 + 2 * STEP)],
        crs="EPSG:4326",
    )
    above.to_file(tmp_path / "divisions.geojson")
    (tmp_path / "workspace.toml").write_text(MANIFEST, encoding="utf-8")
    return tmp_path


def repaired(folder: Path, to: Path, lang: str = "en") -> Result:
    return RUN.invoke(app, ["repair", str(folder), "--to", str(to)], env={"GRIDWALK_LANG": lang})


def test_all_grids_come_back_whole_with_their_columns_and_a_ledger(block: Path) -> None:
    before = (block / "grids.geojson").read_bytes()
    result = repaired(block, block / "proposal")
    assert result.exit_code == 0, result.output
    assert "3 of 3 grids get another outline; 0 gaps stay." in result.output.replace("\n", "")
    assert (block / "grids.geojson").read_bytes() == before
    grids = gpd.read_file(block / "proposal" / "block-grids-repaired.gpkg")
    assert grids["grid_id"].tolist() == [f"15010500100100{n}" for n in (1, 2, 3)]
    assert grids["x_grid_no"].tolist() == ["a", "b", "c"]
    assert grids["households"].tolist()[:2] == [300, 200]
    assert pd.isna(grids["households"].iloc[2])
    assert shapely.area(grids.geometry).sum() == pytest.approx(4 * STEP**2)
    parents = gpd.read_file(block / "divisions.geojson").assign(parent_id=None)
    assert len(partition_findings(grids, parents)) == 0
    ledger = pd.read_csv(block / "proposal" / "block-repair-ledger.csv", dtype=str)
    assert len(ledger) == 2


def test_it_writes_over_nothing(block: Path) -> None:
    assert repaired(block, block / "proposal").exit_code == 0
    first = (block / "proposal" / "block-grids-repaired.gpkg").read_bytes()
    again = repaired(block, block / "proposal", "zh")
    assert again.exit_code == 1
    assert "不会覆盖" in again.output.replace("\n", "")
    assert (block / "proposal" / "block-grids-repaired.gpkg").read_bytes() == first


def test_a_workspace_without_grids_says_what_it_needs(block: Path) -> None:
    (block / "workspace.toml").write_text(MANIFEST.partition("[tables.grids]")[0], encoding="utf-8")
    result = repaired(block, block / "proposal")
    assert result.exit_code == 1
    assert "needs grids" in result.output
    assert not (block / "proposal").exists()
