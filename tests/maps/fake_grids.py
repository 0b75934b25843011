"""A finished build about grids: findings of every sort, and their repair, as the layers themselves have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import Polygon, box

from geo import catalogue
from geo.layer import Layer
from tests.maps.fake_build import FakeBuild, report, town_build

DEGREE_M = 111_320.0
SLIVER = "s2m"  # two metres wide, three long: 4 × 7 pixels of the closest map
LIST = "grids"


def rows(id: str, values: dict[str, Any], shapes: Sequence[Polygon | None]) -> tuple[Layer, gpd.GeoDataFrame]:
    """Rows of a real layer; fields that are not given are missing."""
    made = catalogue.layer(id)
    frame = gpd.GeoDataFrame(values, geometry=[*shapes], crs="EPSG:4326")
    whole = frame.reindex(columns=[*(field.name for field in made.fields), "geometry"])
    for field in made.fields:
        if field.kind == "integer":
            whole[field.name] = whole[field.name].astype("Int64")
        elif field.kind == "string":
            whole[field.name] = whole[field.name].astype("str")
        elif field.kind == "list" and field.name not in values:
            whole[field.name] = [[] for _ in range(len(whole))]
    return made, whole


def all_grids(town: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    """The town's grids, two large ones, and one of the police; the other schemes first."""
    others = {
        "grid_id": ["D1", "D2", "G1"],
        "name": ["大一", "大二", "警一"],
        "scheme": ["large", "large", "police"],
    }
    west, south, east, north = town.total_bounds
    middle = (west + east) / 2
    halves = [box(west, south, middle, north), box(middle, south, east, north)]
    values = {
        "grid_id": [*others["grid_id"], *town["grid_id"]],
        "name": [*others["name"], *town["name"]],
        "scheme": [*others["scheme"], *["main"] * len(town)],
        "division_id": [None, None, None, *town["division_id"]],
        "households": [0, 0, 0, *town["people"].astype(int)],
    }
    return rows(LIST, values, [*halves, halves[0], *town.geometry])


def findings(town: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    """Worst first: a missing grid, an overlap, a grid without an outline, one too large; a sliver; noise."""
    ids = town["grid_id"].tolist()
    at = town.geometry.iloc[5].representative_point()
    wide, high = 2 / DEGREE_M / np.cos(np.radians(at.y)), 3 / DEGREE_M
    sliver = box(at.x, at.y, at.x + wide, at.y + high)
    values = {
        "finding_id": ["g1", "o1", "e1", "z1", SLIVER, "n1"],
        "kind": ["gap", "overlap", "empty", "size", "gap", "spill"],
        "cause": ["missing_grid", "duplicate", "real", "households", "sliver", "noise"],
        "severity": ["fail", "fail", "fail", "fail", "warning", "info"],
        "level": "grid",
        "parent_id": [
            "150105001002",
            "150105001003",
            "150105001004",
            "150105001005",
            "150105001005",
            "150105001009",
        ],
        "grid_ids": [[ids[1]], ids[3:5], [ids[7]], [ids[8]], ids[5:7], [ids[9]]],
        "area_m2": [231_927.4, 9_230.0, np.nan, 20_000.0, 6.0, 0.4],
        "width_m": [474.1, 38.0, np.nan, 90.0, 2.0, 0.3],
        "households": [438, 35, None, None, 0, None],
        "people": [918, 72, None, None, 0, None],
        "detail": [None, None, None, "174 (4–120)", None, None],
    }
    shapes = [town.geometry.iloc[2], town.geometry.iloc[3], None, town.geometry.iloc[8], sliver]
    return rows("grid-findings", values, [*shapes, town.geometry.iloc[9].buffer(-0.0004)])


def ledger(town: gpd.GeoDataFrame, found: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    """The overlap goes to one of its two, the sliver to a neighbour; the missing grid waits for somebody."""
    ids = town["grid_id"].tolist()
    shape = found.set_index("finding_id").geometry
    values = {
        "entry_id": ["l1", "l2", "l3"],
        "finding_id": ["o1", SLIVER, "g1"],
        "kind": ["overlap", "gap", "gap"],
        "grid_id": [ids[4], ids[6], None],
        "change": ["loses", "gains", None],
        "area_m2": [9_230.0, 6.0, 231_927.4],
        "households": [35, 0, None],
        "other_id": [ids[3], None, None],
        "rule": ["larger", "longest_edge", "no_neighbour"],
    }
    return rows("repair-ledger", values, [shape["o1"], shape[SLIVER], shape["g1"]])


def repair(town: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    """Two grids change."""
    changed = town.iloc[[4, 6]]
    values = {
        "grid_id": changed["grid_id"].tolist(),
        "change": ["loses", "gains"],
        "finding_ids": [["o1"], [SLIVER]],
    }
    return rows("grid-repair", values, [*shapely.buffer(changed.geometry.to_numpy(), 0.0002)])


def districts(town: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    """Three proposed large grids: one over, one in balance, one under; nobody is to read who looks after them."""
    west, south, east, north = town.total_bounds
    third = (east - west) / 3
    values = {
        "district_id": ["D1", "D2", "D3"],
        "households": [520, 500, 480],
        "off_mean": [0.04, 0.0, -0.04],
        "state": ["over", "within", "under"],
        "deputy_ids": [["secret-1"], [], ["secret-2"]],
    }
    shapes = [box(west + third * i, south, west + third * (i + 1), north) for i in range(3)]
    return rows("districts", values, shapes)


def proposal(town: gpd.GeoDataFrame) -> tuple[Layer, gpd.GeoDataFrame]:
    """Every fourth grid changes its large grid."""
    moved = np.arange(len(town)) % 4 == 0
    values = {
        "grid_id": town["grid_id"].tolist(),
        "name": town["name"].tolist(),
        "district_id": "D2",
        "today_id": np.where(moved, "D1", "D2").tolist(),
        "moved": moved,
        "households": town["people"].astype(int).tolist(),
    }
    return rows("district-proposal", values, town.geometry.tolist())


def grids_build(count: int = 40) -> FakeBuild:
    """A town with findings, repair and a proposal of large grids beside what :func:`town_build` has."""
    base = town_build(count)
    town = base.frame("grid-walk")
    found = findings(town)
    more = (all_grids(town), found, ledger(town, found[1]), repair(town), districts(town), proposal(town))
    made = {**base.made, **{one.id: (one, frame) for one, frame in more}}
    figures = [figure for layer in base.report["layers"] for figure in layer["figures"]]
    return replace(base, made=made, report=report(base.workspace, made, figures))


def without(build: FakeBuild, *ids: str) -> FakeBuild:
    """The same build, some of its layers without a row."""
    made = {id: (one, frame.iloc[:0] if id in ids else frame) for id, (one, frame) in build.made.items()}
    return replace(build, made=made, report=report(build.workspace, made, []))
