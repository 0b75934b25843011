"""Faults of known area, put into random partitions: the findings are exactly those, whatever else is done.

Crooked cells of about 100 m stand in nine communities of 3 × 3. At most one fault is put into each community, so
that what is expected can be written down; its neighbours, its area and its cause follow from how it was made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

from geo.grid.partition import partition_findings, partition_health
from geo.grid.repair import propose_repair
from tests.worlds import TOWN, communities_of, grids_of

SIDE, BLOCK = 9, 3
CELL = 100.0


@dataclass
class World:
    """Cells in metres by name, the community of each, and what should be found."""

    cells: dict[str, Any]
    of: dict[str, str]
    parents: dict[str, Any]
    expected: list[tuple[str, str, str, float, tuple[str, ...]]]

    def frames(self, order: list[int] | None = None) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Make tables, rows in some order."""
        grids = grids_of(dict(self.cells))
        grids = grids.assign(division_id=[self.of[one] for one in self.cells], grid_id=list(self.cells))
        if order is not None:
            grids = grids.iloc[order]
        return grids.reset_index(drop=True), communities_of(self.parents)


def crooked(seed: int) -> World:
    """Corners moved by up to 15 m, three more vertices along each edge."""
    rng = np.random.default_rng(seed)
    at = np.stack(np.meshgrid(np.arange(SIDE + 1.0), np.arange(SIDE + 1.0)), axis=-1) * CELL
    at += rng.uniform(-15, 15, at.shape)
    t = np.linspace(0, 1, 5)[:, None]

    def line(a: Any, b: Any) -> Any:
        off = rng.uniform(-3, 3, (5, 2))
        off[[0, -1]] = 0
        return a * (1 - t) + b * t + off

    east = {(y, x): line(at[y, x], at[y, x + 1]) for y in range(SIDE + 1) for x in range(SIDE)}
    north = {(y, x): line(at[y, x], at[y + 1, x]) for y in range(SIDE) for x in range(SIDE + 1)}
    cells, of = {}, {}
    for y in range(SIDE):
        for x in range(SIDE):
            ring = [east[y, x][:-1], north[y, x + 1][:-1], east[y + 1, x][::-1][:-1], north[y, x][::-1]]
            name = f"c{y}{x}"
            cells[name] = Polygon(np.concatenate(ring))
            of[name] = f"1501050{y // BLOCK + 1:02d}{x // BLOCK + 1:03d}"
    parents = {
        one: shapely.coverage_union_all([cells[name] for name in cells if of[name] == one])
        for one in sorted(set(of.values()))
    }
    return World(cells, of, parents, [])


def centre(world: World, y: int, x: int) -> tuple[str, Any]:
    """Name the middle cell of a community, and say where its middle is."""
    name = f"c{y * BLOCK + 1}{x * BLOCK + 1}"
    return name, np.asarray(world.cells[name].centroid.coords[0])


def hole(width: float, height: float, cause: str) -> Callable[[World, int, int], None]:
    """Cut a rectangle out of the middle cell."""

    def put(world: World, y: int, x: int) -> None:
        name, at = centre(world, y, x)
        half = np.array([width, height]) / 2
        bite = box(*(at - half), *(at + half))
        world.cells[name] = world.cells[name] - bite
        world.expected.append(("gap", cause, world.of[name], width * height, (name,)))

    return put


def overlap(world: World, y: int, x: int) -> None:
    """Let the middle cell reach into its eastern neighbour, over the middle of their edge."""
    name, _ = centre(world, y, x)
    other = f"c{name[1]}{int(name[2]) + 1}"
    edge = shapely.line_merge(world.cells[name].boundary & world.cells[other].boundary)
    reach = edge.interpolate(0.5, normalized=True).buffer(14, cap_style="square")
    area = (reach & world.cells[other]).area
    world.cells[name] = world.cells[name] | reach
    world.expected.append(("overlap", "real", world.of[name], area, (name, other)))


def missing(world: World, y: int, x: int) -> None:
    """Take the middle cell out; around the gap stand the four that share an edge with it."""
    name, _ = centre(world, y, x)
    cell = world.cells.pop(name)
    row, column = int(name[1]), int(name[2])
    about = tuple(f"c{row + r}{column + c}" for r, c in ((-1, 0), (0, -1), (0, 1), (1, 0)))
    world.expected.append(("gap", "missing_grid", world.of[name], cell.area, about))


def duplicate(world: World, y: int, x: int) -> None:
    """Enter the middle cell twice."""
    name, _ = centre(world, y, x)
    world.cells[name + "b"] = world.cells[name]
    world.of[name + "b"] = world.of[name]
    world.expected.append(("overlap", "duplicate", world.of[name], world.cells[name].area, (name, name + "b")))


def contained(world: World, y: int, x: int) -> None:
    """Put a small grid into the middle cell."""
    name, at = centre(world, y, x)
    world.cells[name + "b"] = box(*(at - 9), *(at + 9))
    world.of[name + "b"] = world.of[name]
    world.expected.append(("overlap", "contained", world.of[name], 18.0**2, (name, name + "b")))


def spill(world: World, y: int, x: int) -> None:
    """Let the middle cell of the eastern side reach over the community's edge, onto others' ground or nobody's."""
    middle, _ = centre(world, y, x)
    name = f"c{middle[1]}{int(middle[2]) + 1}"
    own = world.parents[world.of[name]]
    east = world.cells[name].boundary & own.boundary
    reach = shapely.line_merge(east).interpolate(0.5, normalized=True).buffer(12, cap_style="square")
    world.cells[name] = world.cells[name] | (reach - own) | (reach & world.cells[name])
    world.expected.append(("spill", "real", world.of[name], (reach - own).area, (name,)))


def inlet(world: World, y: int, x: int) -> None:
    """Bite into the eastern side from beyond the community's edge."""
    middle, _ = centre(world, y, x)
    name = f"c{middle[1]}{int(middle[2]) + 1}"
    east = shapely.line_merge(world.cells[name].boundary & world.parents[world.of[name]].boundary)
    bite = east.interpolate(0.5, normalized=True).buffer(12, cap_style="square")
    area = (bite & world.cells[name]).area
    world.cells[name] = world.cells[name] - bite
    world.expected.append(("gap", "inlet", world.of[name], area, (name,)))


def clean(world: World, y: int, x: int) -> None:
    """Leave a community as it is."""


FAULTS: dict[str, Callable[[World, int, int], None]] = {
    "clean": clean,
    "real gap": hole(24, 18, "real"),
    "sliver": hole(40, 3, "sliver"),
    "noise": hole(40, 0.6, "noise"),
    "overlap": overlap,
    "missing": missing,
    "duplicate": duplicate,
    "contained": contained,
    "spill": spill,
    "inlet": inlet,
}
SEVERITY = {"noise": "info", "sliver": "warning"}


def check(
    found: gpd.GeoDataFrame, expected: list[tuple[str, str, str, float, tuple[str, ...]]], wobble_m2: float = 0.0
) -> None:
    seen = sorted(
        zip(found["kind"], found["cause"], found["parent_id"], map(tuple, found["grid_ids"]), strict=True)
    )
    assert seen == sorted((kind, cause, parent, tuple(sorted(ids))) for kind, cause, parent, _, ids in expected)
    areas = {(kind, parent): area for kind, _, parent, area, _ in expected}
    for row in found.itertuples():
        assert row.area_m2 == pytest.approx(areas[row.kind, row.parent_id], rel=1e-3, abs=wobble_m2)
        assert row.severity == SEVERITY.get(row.cause, "fail")


plans = st.lists(st.sampled_from(sorted(FAULTS)), min_size=9, max_size=9)


def built(seed: int, plan: list[str]) -> World:
    world = crooked(seed)
    for n, name in enumerate(plan):
        FAULTS[name](world, *divmod(n, 3))
    return world


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), plans, st.randoms(use_true_random=False))
def test_the_findings_are_exactly_what_was_put_in(seed: int, plan: list[str], random: Any) -> None:
    world = built(seed, plan)
    order = list(range(len(world.cells)))
    random.shuffle(order)
    grids, parents = world.frames(order)
    found = partition_findings(grids, parents)
    check(found, world.expected)
    health = partition_health(grids, parents, found).set_index("parent_id")
    for parent, area in ((one, world.parents[one].area) for one in world.parents):
        mine = {
            kind: sum(e[3] for e in world.expected if (e[0], e[2]) == (kind, parent))
            for kind in ("gap", "overlap")
        }
        assert health.loc[parent, "covered"] == pytest.approx(
            1 - mine["gap"] / area, abs=5e-6
        )  # half a m²: the rim is snapped
        causes = {e[1] for e in world.expected if e[2] == parent}
        grade = "FAIL" if causes - {"sliver", "noise"} else "WARN" if "sliver" in causes else "PASS"
        assert health.loc[parent, "grade"] == grade


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), plans)
def test_what_was_put_in_is_mended(seed: int, plan: list[str]) -> None:
    """Afterwards every community is covered once; each grid's area changes by what the ledger says."""
    world = built(seed, plan)
    grids, parents = world.frames()
    mended, ledger = propose_repair(grids, parents, partition_findings(grids, parents))
    assert len(partition_findings(mended, parents)) == 0
    health = partition_health(mended, parents, partition_findings(mended, parents))
    assert set(health["covered"]) == {1.0}
    assert health[["overlap_area_m2", "spill_area_m2"]].to_numpy().sum() == 0
    sign = ledger["change"].map({"gains": 1.0, "loses": -1.0}).astype(float)
    moved = (sign * ledger["area_m2"]).groupby(ledger["grid_id"]).sum().reindex(grids["grid_id"], fill_value=0.0)
    before, after = (np.nan_to_num(areas(one)) for one in (grids, mended))
    assert after - before == pytest.approx(moved.to_numpy(), abs=2.0)  # crooked rims of 500 m, drawn anew to 3 mm
    assert mended.drop(columns="geometry").equals(grids.drop(columns="geometry"))


def areas(grids: gpd.GeoDataFrame) -> Any:
    return shapely.area(TOWN.metres(np.asarray(grids.geometry)))


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"clean"}))
def test_every_kind_of_fault_in_the_middle_of_clean_ground(fault: str) -> None:
    world = built(7, ["clean"] * 4 + [fault] + ["clean"] * 4)
    found = partition_findings(*world.frames())
    check(found, world.expected)
    assert len(found) == 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), plans, st.sets(st.integers(0, SIDE**2 - 1)))
def test_vertices_that_only_one_neighbour_has_change_nothing(seed: int, plan: list[str], dense: set[int]) -> None:
    """Points put along the straight edges of some grids: T-junctions for their neighbours and parents."""
    world = built(seed, plan)
    grids, parents = world.frames()
    ground = np.asarray(grids.geometry).copy()
    rows = [row for row in sorted(dense) if row < len(ground)]
    ground[rows] = shapely.segmentize(ground[rows], 1e-4)
    check(partition_findings(grids.set_geometry(gpd.GeoSeries(ground, crs=grids.crs)), parents), world.expected)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), plans)
def test_ground_turned_round_and_drawn_backwards_is_the_same_ground(seed: int, plan: list[str]) -> None:
    """Rings run the other way and begin elsewhere; single polygons are wrapped as collections of one."""
    world = built(seed, plan)
    grids, parents = world.frames()
    ground = [shapely.multipolygons([shapely.reverse(shapely.normalize(one))]) for one in grids.geometry]
    again = partition_findings(grids.set_geometry(gpd.GeoSeries(ground, crs=grids.crs)), parents)
    found = partition_findings(grids, parents)
    columns = ["finding_id", "kind", "cause", "area_m2", "parent_id", "neighbour_id"]
    pd.testing.assert_frame_equal(pd.DataFrame(again[columns]), pd.DataFrame(found[columns]))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), plans, st.floats(1e-10, 4e-9))
def test_a_wobble_below_a_millimetre_changes_nothing(seed: int, plan: list[str], degrees: float) -> None:
    """No edge is exactly the neighbour's any more; still only the planted faults are found."""
    world = built(seed, plan)
    grids, parents = world.frames()
    rng = np.random.default_rng(seed)
    ground = np.array([_wobbled(one, degrees, rng) for one in grids.geometry], dtype=object)
    found = partition_findings(grids.set_geometry(gpd.GeoSeries(ground, crs=grids.crs)), parents)
    check(found, world.expected, wobble_m2=0.2)  # 400 m of outline, half a millimetre


def _wobbled(polygon: Any, degrees: float, rng: np.random.Generator) -> Any:
    rings = []
    for ring in (polygon.exterior, *polygon.interiors):
        xy = shapely.get_coordinates(ring) + rng.uniform(-degrees, degrees, (len(ring.coords), 2))
        xy[-1] = xy[0]
        rings.append(xy)
    return Polygon(rings[0], rings[1:])
