"""Streets drawn without junctions are cut where they cross, and nowhere else."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from shapely import LineString

from geo.crs import geodesic_length
from geo.tables.conform import conform
from geo.walk.network import WalkNetwork
from geo.walk.planar import planarise
from geo.walk.streets import walk_streets
from tests import worlds

Way = list[tuple[float, float]]


def drawn(ways: list[Way], **columns: Any) -> gpd.GeoDataFrame:
    """Streets without ids at their ends."""
    lines = worlds.on_ground([LineString(way) for way in ways])
    table = conform(
        "streets",
        gpd.GeoDataFrame(
            {"edge_id": [f"e{i}" for i in range(len(ways))], **columns}, geometry=lines, crs="EPSG:4326"
        ),
    )
    declared = table["length_m"]
    return table.assign(length_m=declared.where(declared.notna(), geodesic_length(table.geometry)))


def parts(made: gpd.GeoDataFrame) -> int:
    """Count the parts of a network that are joined to nothing else."""
    return len(np.unique(WalkNetwork.from_streets(made).component))


def lengths(made: gpd.GeoDataFrame) -> dict[str, float]:
    return dict(zip(made["edge_id"], made["length_m"].round(3), strict=True))


def test_a_crossing_cuts_both_streets() -> None:
    made = planarise(drawn([[(-30, 0), (70, 0)], [(0, -50), (0, 50)]]))
    assert lengths(made) == pytest.approx({"e0/0": 30, "e0/1": 70, "e1/0": 50, "e1/1": 50}, abs=2e-3)
    network = walk_streets(drawn([[(-30, 0), (70, 0)], [(0, -50), (0, 50)]]), planarise=True)
    assert len({*network["u"], *network["v"]}) == 5  # four ends and the crossing
    assert parts(network) == 1


def test_declared_length_rise_and_ends_are_shared_out() -> None:
    made = planarise(
        drawn(
            [[(-30, 0), (70, 0)], [(0, -50), (0, 50)]], length_m=[200.0, None], rise_m=[10.0, None], u=["a", "c"]
        )
    )
    first = made[made["edge_id"].str.startswith("e0")]
    assert first["length_m"].tolist() == pytest.approx([60, 140], abs=1e-3)  # 30 : 70 of 200
    assert first["rise_m"].tolist() == pytest.approx([3, 7], abs=1e-4)
    assert made["u"].fillna("").tolist() == ["a", "", "c", ""]


@pytest.mark.parametrize(
    "columns",
    [{"layer": [0, 1]}, {"bridge": [False, True]}, {"tunnel": [True, False]}, {"layer": [None, -1]}],
)
def test_what_crosses_on_another_level_stays_uncrossed(columns: dict[str, list[Any]]) -> None:
    given_ = drawn([[(-30, 0), (70, 0)], [(0, -50), (0, 50)]], **columns)
    assert planarise(given_)["edge_id"].tolist() == ["e0", "e1"]


def test_two_bridges_on_one_layer_cross_and_no_layer_is_layer_0() -> None:
    ways: list[Way] = [[(-30, 0), (70, 0)], [(0, -50), (0, 50)]]
    assert len(planarise(drawn(ways, layer=[1, 1], bridge=[True, True]))) == 4
    assert len(planarise(drawn(ways, layer=[None, 0]))) == 4


@pytest.mark.parametrize(("gap", "pieces"), [(0.0, 3), (0.009, 3), (-0.009, 4), (0.02, 2)])
def test_a_street_that_ends_on_another_joins_it_within_a_centimetre(gap: float, pieces: int) -> None:
    """The second street ends ``gap`` metres above the first; 0.009 m beyond it, the rest is no street."""
    made = walk_streets(drawn([[(-50, 0), (50, 0)], [(10, 40), (10, gap)]]), planarise=True)
    assert len(made) == min(pieces, 3)
    assert parts(made) == (1 if pieces > 2 else 2)


def test_streets_that_run_over_each_other_stay_parallel() -> None:
    """0…60 and 20…100 share 20…60."""
    made = planarise(drawn([[(0, 0), (60, 0)], [(20, 0), (100, 0)]]))
    assert lengths(made) == pytest.approx({"e0/0": 20, "e0/1": 40, "e1/0": 40, "e1/1": 40}, abs=1e-3)
    same = walk_streets(drawn([[(0, 0), (60, 0)], [(60, 0), (0, 0)]]), planarise=True)
    assert len(same) == 2
    assert len({*same["u"], *same["v"]}) == 2


def test_a_street_meets_another_at_a_bend_and_itself_in_a_loop() -> None:
    bend = planarise(drawn([[(0, 0), (50, 50), (100, 0)], [(50, 50), (50, 90)]]))
    assert bend["edge_id"].tolist() == ["e0/0", "e0/1", "e1"]
    loop = planarise(drawn([[(0, 0), (100, 0), (100, 50), (50, 50), (50, -50)]]))
    assert lengths(loop) == pytest.approx({"e0/0": 50, "e0/1": 200, "e0/2": 50}, abs=2e-3)


def test_streets_that_nothing_cuts_are_the_very_same() -> None:
    given_ = drawn([[(0, 0), (50, 0), (50, 0.004), (90, 3)], [(90, 3), (90, 50)], [(0, 10), (40, 10)]])
    made = planarise(given_)
    assert made.geometry.tolist() == given_.geometry.tolist()
    assert made["edge_id"].tolist() == given_["edge_id"].tolist()


def test_three_streets_through_one_point_make_one_junction() -> None:
    ways: list[Way] = [[(-50, 0), (50, 0)], [(-30, -70), (30, 70)], [(-33, 71), (33, -71)]]
    made = walk_streets(drawn(ways), planarise=True)
    assert len(made) == 6
    assert len({*made["u"], *made["v"]}) == 7


def test_nothing_gives_nothing() -> None:
    assert len(planarise(drawn([])[:0])) == 0


STEP, CORNER = 0.001, (111.0, 41.0)  # degrees: a raster of about 80 by 110 m
CENTIMETRE = 0.01 / 80  # of the raster
places = st.tuples(st.integers(0, 6), st.integers(0, 6))


def folds(way: Way) -> bool:
    """Tell whether a line turns back on itself: GEOS takes such a needle out, a street has both its sides."""
    steps = np.diff(np.array(way), axis=0)
    turn = steps[:-1, 0] * steps[1:, 1] - steps[:-1, 1] * steps[1:, 0]
    return bool(((turn == 0) & ((steps[:-1] * steps[1:]).sum(axis=1) <= 0)).any())


@settings(deadline=None, max_examples=100)
@example(ways=[[(0, 0), (0, 4), (3, 1)], [(1, 3), (2, 2)]])
@example(ways=[[(0, 4), (4, 0)], [(1, 3), (2, 2)]])
@given(st.lists(st.lists(places, min_size=2, max_size=4, unique=True), min_size=1, max_size=6))
def test_cutting_gives_the_nodes_and_the_pieces_of_full_noding(ways: list[Way]) -> None:
    """GEOS nodes what is on one level; crossings on this raster of 80 m lie further apart than a centimetre."""
    paper = [LineString(way) for way in ways if not folds(way)]
    if not paper:
        return
    lines = shapely.transform(np.array(paper), lambda xy: xy * STEP + CORNER)
    table = gpd.GeoDataFrame({"edge_id": [f"e{i}" for i in range(len(lines))]}, geometry=lines, crs="EPSG:4326")
    given_ = conform("streets", table).assign(length_m=geodesic_length(lines))
    made = planarise(given_)
    mine = shapely.transform(np.asarray(made.geometry), lambda xy: (xy - CORNER) / STEP)
    noded = shapely.get_parts(shapely.node(shapely.multilinestrings(paper)))
    corners = shapely.get_coordinates(noded)

    def settled(xy: Any) -> Any:
        """Streets that meet within a centimetre meet in one place of these."""
        apart, nearest = cKDTree(corners).query(xy)
        assert (apart <= CENTIMETRE).all()
        return corners[nearest]

    mine = shapely.transform(mine, settled)
    assert ends_of(mine) == ends_of(noded)
    assert {course(line) for line in mine} == {course(line) for line in noded}
    assert made["length_m"].sum() == pytest.approx(given_["length_m"].sum())
    assert shapely.length(made.geometry).sum() == pytest.approx(shapely.length(lines).sum())


def rounded(line: Any) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(line).round(6) + 0.0]


def ends_of(lines: Any) -> set[tuple[float, float]]:
    return {place for line in lines for place in (rounded(line)[0], rounded(line)[-1])}


def course(line: Any) -> tuple[tuple[float, float], ...]:
    """Name a line's course whichever way it runs, and wherever a ring begins."""
    way = rounded(line)
    if way[0] == way[-1]:
        return tuple(sorted(set(way)))
    return tuple(min(way, way[::-1]))
