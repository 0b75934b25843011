"""How soon a post is there: by hand, by law, and by a slow search over dense points."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from geo import units
from geo.border.posts import reach
from geo.border.posts.crossing import buckets_of, crossed
from geo.border.posts.layers import LAYERS
from geo.border.posts.overland import Obstacles, earth_xyz, leave_road, over_ground
from geo.border.posts.reach import Arrivals, arrivals
from geo.border.posts.roads import Roads, road_pieces
from geo.crs import GEODESIC, Floats
from geo.layer import Figure
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests import worlds

ASKED = Parameters(as_of="2026-11-20", reach_step_m=1_000.0, response_minutes=24.0)
BUILD = {layer.id: layer for layer in LAYERS}
Place = tuple[float, float]
ROUNDED_S = 0.5  # times of pieces of road are whole centiseconds, and each post cuts its roads in more pieces
LIMIT_MINUTES = 61.7  # no speed and no distance below gives it


def timed(
    posts: gpd.GeoDataFrame,
    places: list[Place],
    *,
    roads: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    lakes: gpd.GeoDataFrame | None = None,
    on_bank: bool = False,
    within_minutes: float = LIMIT_MINUTES,
) -> Arrivals:
    lonlat = np.array(worlds.beside_m(*places))
    bank = np.full(len(lonlat), on_bank)
    ways = road_pieces(roads), Obstacles.of(barriers, lakes)
    return arrivals(posts, *ways, lonlat, bank, within_s=within_minutes * 60)


def minutes(found: Arrivals) -> list[float]:
    return [float(seconds) / 60 for seconds in found.seconds]


def built(tables: Mapping[str, Any], asked: Parameters = ASKED) -> dict[str, Any]:
    made = dict(tables)
    for id, layer in BUILD.items():
        made[id] = layer.build(made, asked)
    return made


def figures(made: Mapping[str, Any], asked: Parameters = ASKED) -> dict[str, Figure]:
    return {one.id: one for id, layer in BUILD.items() for one in layer.figures(made[id], asked)}


def wall(*ends: Place, kind: str = "fence", passable: bool = False) -> gpd.GeoDataFrame:
    rows = {"barrier_id": ["w"], "kind": kind, "passable": passable}
    line = LineString(worlds.beside_m(*ends))
    return conform("barriers", gpd.GeoDataFrame(rows, geometry=[line], crs="EPSG:4326"))


def lake(west: float, south: float, east: float, north: float, kind: str = "lake") -> gpd.GeoDataFrame:
    low, high = worlds.beside_m((west, south), (east, north))
    rows = {"excluded_id": ["l"], "kind": kind}
    return conform("excluded", gpd.GeoDataFrame(rows, geometry=[box(*low, *high)], crs="EPSG:4326"))


# --- by hand ----------------------------------------------------------------------------------------------------


def test_a_car_leaves_the_road_at_the_best_place() -> None:
    world = worlds.one_road()
    found = timed(world["posts"], [(0, 0), (4_000, 0), (20_000, 0)], roads=world["roads"])
    assert minutes(found) == pytest.approx([14.4, 22.08, 15.0], abs=2e-3)
    assert found.first.tolist() == [0, 0, 1]
    assert found.second.tolist() == [1, 1, 0]
    straight = float(np.hypot(10, 20)) / 25 * 60
    assert found.second_seconds[1:] / 60 == pytest.approx([3 + np.hypot(16, 0.7) / 3.5 * 60, straight], abs=2e-2)
    assert found.within.tolist() == [1, 1, 2]


def test_without_roads_it_is_straight() -> None:
    world = worlds.one_road()
    found = timed(world["posts"], [(4_000, 0)])
    assert minutes(found) == pytest.approx([np.hypot(10, 4) / 25 * 60], abs=2e-3)


def test_a_one_way_road_is_driven_its_way_only() -> None:
    world = worlds.one_road()
    car = world["posts"][world["posts"]["post_id"] == "car"].reset_index(drop=True)
    forward, against = (world["roads"].assign(oneway=way) for way in ("forward", "backward"))
    assert minutes(timed(car, [(0, 0)], roads=forward)) == pytest.approx([14.4], abs=2e-3)
    assert minutes(timed(car, [(0, 0)], roads=against)) == pytest.approx([24.0], abs=2e-3)  # 10 km of land


def test_an_expressway_is_left_at_junctions_only() -> None:
    car = worlds.posts_of({"car": (0, 10_000)})
    roads = worlds.roads_of(
        {"on": [(0, 10_000), (0, 9_000)], "fast": [(0, 9_000), (0, -9_000)]}, highway=["primary", "motorway"]
    )
    # 1 km at 60, and from the junction straight on: the expressway's other end is 9 km beyond
    straight = 1 / 60 + min(9 / 25, 18 / 100 + 9 / 25)
    assert minutes(timed(car, [(0, 0)], roads=roads)) == pytest.approx([straight * 60], abs=2e-3)
    primary = roads.assign(highway="primary")
    assert minutes(timed(car, [(0, 0)], roads=primary)) == pytest.approx([10.0], abs=2e-3)


def test_on_foot_a_road_is_no_faster() -> None:
    posts = worlds.posts_of({"walker": (0, 7_000), "rider": (0, 6_400)}, mode=["foot", "horse"])
    road = worlds.roads_of({"road": [(0, 10_000), (0, 0)]}, highway="motorway_link")
    found = timed(posts, [(0, 0)], roads=road)
    assert (found.first.tolist(), found.second.tolist()) == ([1], [0])
    assert [found.seconds[0] / 60, found.second_seconds[0] / 60] == pytest.approx([60.0, 120.0], abs=1e-2)


def test_a_declared_length_and_a_class_make_the_time_of_a_road() -> None:
    car = worlds.posts_of({"car": (0, 10_000)}, mode="motorcycle")
    road = worlds.roads_of({"road": [(0, 10_000), (0, 0)]}, highway="trunk_link", length_m=16_000.0)
    assert minutes(timed(car, [(0, 0)], roads=road)) == pytest.approx([16 / 80 * 60], abs=2e-3)


def test_roads_cross_barriers_and_the_land_does_not() -> None:
    car = worlds.posts_of({"car": (0, 10_000)})
    bridge = worlds.roads_of({"bridge": [(3_000, 6_000), (3_000, 4_000)]}, speed_kmh=25.0)
    river = wall((-90_000, 5_000), (90_000, 5_000), kind="river")
    assert minutes(timed(car, [(0, 0)], barriers=river)) == [np.inf]
    by_bridge = (np.hypot(3, 4) + 2 + np.hypot(3, 4)) / 25 * 60
    assert minutes(timed(car, [(0, 0)], roads=bridge, barriers=river)) == pytest.approx([by_bridge], abs=2e-3)
    ford = river.assign(passable=True)
    assert minutes(timed(car, [(0, 0)], roads=bridge, barriers=ford)) == pytest.approx([24.0], abs=2e-3)


def test_lakes_are_driven_around_by_road_and_reserves_are_not_lakes() -> None:
    car = worlds.posts_of({"car": (0, 10_000)})
    water = lake(-2_000, 3_000, 2_000, 7_000)
    assert minutes(timed(car, [(0, 0)], lakes=water)) == [np.inf]
    assert minutes(timed(car, [(0, 0)], lakes=lake(-2_000, 3_000, 2_000, 7_000, kind="reserve"))) == pytest.approx(
        [24.0], abs=2e-3
    )
    around = worlds.roads_of({"shore": [(0, 10_000), (5_000, 5_000), (0, 0)]}, speed_kmh=50.0)
    by_shore = 2 * np.hypot(5, 5) / 50 * 60
    assert minutes(timed(car, [(0, 0)], roads=around, lakes=water)) == pytest.approx([by_shore], abs=1e-2)


def test_a_river_border_is_reached_on_its_bank() -> None:
    car = worlds.posts_of({"car": (0, 10_000)})
    river = wall((-90_000, 300), (90_000, 300), kind="river")  # drawn 300 m before the line
    fence = wall((-90_000, 300), (90_000, 300))
    assert minutes(timed(car, [(0, 0)], barriers=river)) == [np.inf]
    assert minutes(timed(car, [(0, 0)], barriers=river, on_bank=True)) == pytest.approx([24.0], abs=2e-3)
    assert minutes(timed(car, [(0, 0)], barriers=fence, on_bank=True)) == [np.inf]
    inland = wall((-90_000, 3_000), (90_000, 3_000), kind="river")  # not the border's own
    assert minutes(timed(car, [(0, 0)], barriers=inland, on_bank=True)) == [np.inf]
    middle = lake(-5_000, -5_000, 5_000, 5_000)  # the border runs through it
    assert minutes(timed(car, [(0, 0)], lakes=middle, on_bank=True)) == pytest.approx([24.0], abs=2e-3)


def test_three_posts_and_what_each_alone_reaches() -> None:
    made = built(worlds.three_posts())
    backup = made["post-backup"].set_index("post_id")
    assert backup["open"].to_dict() == {"a": True, "b": True, "c": True, "late": False}
    km = (backup[["first_m", "lost_m"]] / 1_000).round(6)
    assert km.loc["a"].tolist() == [20, 20]
    assert km.loc["b"].tolist() == [12, 4]
    assert km.loc["c"].tolist() == [18, 4]
    assert km.loc["late"].tolist() == [0, 0]
    assert backup.loc["a", "minutes_after"] == pytest.approx(29.5 / 25 * 60, abs=2e-3)
    assert backup.loc["a", "measure_m"] == pytest.approx(500)
    assert np.isnan(backup.loc["late", "minutes_after"])
    found = figures(made)
    holes = found["post-backup.holes"]
    assert (holes.value, holes.denominator) == (3, 3)
    assert found["post-backup.alone_m"].value == pytest.approx(28_000)


def test_three_posts_in_figures() -> None:
    made = built(worlds.three_posts())
    found = {id.partition(".")[2]: one for id, one in figures(made).items()}
    for k, km in ((1, 44), (2, 16), (3, 0)):
        share = found[f"within_{k}"]
        assert (share.numerator, share.denominator) == pytest.approx((km * 1_000, 50_000))
    expected = {"median_minutes": 13.2, "p90_minutes": 25.2, "worst_minutes": 37.2, "never_m": 0}
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, abs=2e-3)
    assert "people" not in found
    whole = made["post-response"].iloc[0]
    assert whole["measure_m"] == pytest.approx(49_500)
    assert whole["post_id"] == "c"
    assert whole["error_minutes"] == pytest.approx(1.2)
    assert whole.geometry.distance(Point(worlds.at_m(49_500)[0])) < 1e-9
    assert made["post-response"]["scope_id"].tolist()[1:] == ["b"]


def test_three_posts_as_stretches() -> None:
    made = built(worlds.three_posts())["post-reach"]
    assert made["length_m"].sum() == pytest.approx(50_000)
    assert (made["start_m"].to_numpy()[1:] == made["end_m"].to_numpy()[:-1]).all()
    by_post = made.groupby("post_id")["length_m"].sum() / 1_000
    assert by_post.to_dict() == pytest.approx({"a": 20, "b": 12, "c": 18})
    # classes 6, 12, 24, 48 min: pieces at 0.5-4.5 km (1.2-10.8 min) cross 6 min at 2.5 km
    at_home = made[(made["start_m"] >= 8_000 - 1) & (made["end_m"] <= 12_000 + 1)]
    assert at_home["minutes"].tolist() == pytest.approx([3.6], abs=2e-3)  # 1.5 km at the worst
    assert at_home["median_minutes"].tolist() == pytest.approx([1.2], abs=2e-3)
    last = made.iloc[-1]
    assert (last["post_id"], last["second_post_id"], last["posts_within"]) == ("c", "b", 0)
    assert last["second_minutes"] == pytest.approx(19.5 / 25 * 60, abs=2e-3)


def test_a_post_counts_only_while_it_is_open() -> None:
    late = ASKED.model_copy(update={"at": "Wed 22:30"})
    made = built(worlds.three_posts(), late)
    assert made["post-backup"]["open"].all()
    assert figures(made, late)["post-response.worst_minutes"].value == pytest.approx(9.5 / 25 * 60, abs=2e-3)
    words = worlds.three_posts()
    words["posts"] = words["posts"].assign(opening_hours=[None, None, None, "请来电"])
    shut = ASKED.model_copy(update={"unknown_hours": "closed"})
    assert built(words)["post-backup"]["open"].sum() == 4
    assert built(words, shut)["post-backup"]["open"].sum() == 3


def test_border_that_nobody_gets_to_is_in_no_share() -> None:
    world = worlds.three_posts()
    world["border"] = conform(
        "border",
        gpd.GeoDataFrame(
            {"border_id": "b", "part": ["1", "2"], "sequence": [1, 2], "accessible": [True, False]},
            geometry=[LineString(worlds.at_m(0, 44_000)), LineString(worlds.at_m(44_000, 50_000))],
            crs="EPSG:4326",
        ),
    )
    made = built(world)
    assert figures(made)["post-response.within_1"].value == pytest.approx(1.0)
    assert made["post-reach"]["length_m"].sum() == pytest.approx(50_000)
    assert made["post-backup"].set_index("post_id").loc["c", "first_m"] == pytest.approx(12_000)


def test_pieces_end_where_segments_do() -> None:
    world = worlds.three_posts()
    rows = {"segment_id": ["s"], "border_id": "b", "start_m": [12_345.0], "end_m": [20_100.0]}
    world["segments"] = conform("segments", gpd.GeoDataFrame(rows, geometry=[None], crs="EPSG:4326"))
    made = built(world)["post-reach"]
    own = made[[len(ids) > 0 for ids in made["segment_ids"]]]
    assert (own["start_m"].min(), own["end_m"].max()) == (12_345.0, 20_100.0)
    assert own["length_m"].sum() == pytest.approx(7_755.0)


@pytest.mark.parametrize(("far", "told"), [(4, None), (40, 60 / 100)])
def test_people_are_counted_and_few_are_not_told(far: int, told: float | None) -> None:
    world = worlds.three_posts()
    homes = {"place_id": ["near", "far"], "people": [60, far]}
    points = [Point(worlds.beside_m(at)[0]) for at in ((10_000, 5_000), (10_000, 50_000))]
    world["population"] = conform("population", gpd.GeoDataFrame(homes, geometry=points, crs="EPSG:4326"))
    found = figures(built(world))
    assert (found["post-response.people"].value if told else None) == told
    assert ("post-response.people" in found) == (told is not None)


def test_without_anybody_nobody_comes() -> None:
    world = worlds.three_posts()
    world["posts"] = world["posts"].iloc[:0]
    made = built(world)
    assert made["post-reach"]["minutes"].isna().all()
    found = figures(made)
    assert found["post-response.never_m"].value == pytest.approx(50_000)
    assert found["post-response.median_minutes"].value is None
    assert not len(made["post-backup"])


# --- by law -----------------------------------------------------------------------------------------------------

metres = st.integers(-12_000, 12_000)
place = st.tuples(metres, metres)
post = st.tuples(place, st.sampled_from(["vehicle", "motorcycle", "horse", "foot"]), st.integers(0, 20))
grid = st.tuples(st.integers(-3, 3), st.integers(-3, 3)).map(lambda at: (at[0] * 3_000.0, at[1] * 3_000.0))
road = st.tuples(
    st.lists(grid, min_size=2, max_size=4, unique=True),
    st.integers(10, 110),
    st.sampled_from(["both", "forward", "backward"]),
)
several_posts = st.lists(post, min_size=1, max_size=5)
several_roads = st.lists(road, max_size=4)
several_places = st.lists(place, min_size=1, max_size=4)
Post = tuple[Place, str, int]
Road = tuple[list[Place], int, str]


def posts_table(posts: list[Post]) -> gpd.GeoDataFrame:
    at = {f"p{number}": one[0] for number, one in enumerate(posts)}
    return worlds.posts_of(at, mode=[one[1] for one in posts], readiness_minutes=[float(one[2]) for one in posts])


def roads_table(roads: list[Road]) -> gpd.GeoDataFrame:
    ways = {f"r{number}": one[0] for number, one in enumerate(roads)}
    return worlds.roads_of(ways, speed_kmh=[float(one[1]) for one in roads], oneway=[one[2] for one in roads])


@settings(max_examples=25, deadline=None)
@given(several_posts, post, several_roads, several_places)
def test_one_more_post_is_never_slower(posts: list[Post], more: Post, roads: list[Road], to: list[Place]) -> None:
    few, many = (timed(posts_table(some), to, roads=roads_table(roads)) for some in (posts, [*posts, more]))
    assert (many.seconds <= few.seconds + ROUNDED_S).all()
    assert (many.second_seconds <= few.second_seconds + ROUNDED_S).all()
    assert (many.within >= few.within).all()
    mine = many.first == len(posts)
    assert many.second_seconds[mine] == pytest.approx(few.seconds[mine], abs=ROUNDED_S)  # shut again: the second


@settings(max_examples=25, deadline=None)
@given(several_posts, several_roads, several_places, st.integers(1, 60))
def test_a_faster_road_is_never_slower(posts: list[Post], roads: list[Road], to: list[Place], faster: int) -> None:
    table = roads_table(roads)
    slow = timed(posts_table(posts), to, roads=table)
    fast = timed(posts_table(posts), to, roads=table.assign(speed_kmh=table["speed_kmh"] + faster))
    none = timed(posts_table(posts), to)
    assert (fast.seconds <= slow.seconds + ROUNDED_S).all()
    assert (slow.seconds <= none.seconds).all()


@settings(max_examples=25, deadline=None)
@given(several_posts, st.floats(-60, 60), st.floats(42, 53), st.floats(0, 4), st.floats(-3, 3))
def test_without_roads_it_is_the_geodesic_at_the_speed_of_the_mode(
    posts: list[Post], lon: float, lat: float, east: float, north: float
) -> None:
    table = posts_table(posts).set_geometry(gpd.points_from_xy([lon] * len(posts), [lat] * len(posts)), crs=4326)
    metres_away = GEODESIC.inv(lon, lat, lon + east, lat + north)[2]
    nothing = road_pieces(None), Obstacles.of(None, None)
    there = np.array([[lon + east, lat + north]])
    found = arrivals(table, *nothing, there, np.zeros(1, dtype=bool), within_s=3_600.0)
    each = [60 * ready + metres_away * 3.6 / units.PATROL_SPEEDS_KMH[mode] for _, mode, ready in posts]
    best = min(each)
    assert found.seconds[0] == (pytest.approx(best, rel=1e-5, abs=0.01) if best < units.FAR_S * 0.9999 else np.inf)


@settings(max_examples=25, deadline=None)
@given(several_posts, several_roads, place, place)
def test_places_between_two_that_are_timed_differ_by_the_way_at_most(
    posts: list[Post], roads: list[Road], one: Place, other: Place
) -> None:
    found = timed(posts_table(posts), [one, other], roads=roads_table(roads))
    slowest = min(units.PATROL_SPEEDS_KMH[mode] for _, mode, _ in posts)
    ends = earth_xyz(np.array(worlds.beside_m(one, other)))
    way = over_ground(np.sqrt(((ends[0] - ends[1]) ** 2).sum()))
    assert abs(np.diff(found.seconds)[0]) <= way * 3.6 / slowest + ROUNDED_S


@settings(max_examples=20, deadline=None)
@given(several_posts, several_roads, several_places, place, place)
def test_a_barrier_is_never_faster(
    posts: list[Post], roads: list[Road], to: list[Place], one_end: Place, other_end: Place
) -> None:
    how: dict[str, Any] = {"roads": roads_table(roads), "barriers": wall(one_end, other_end)}
    free, walled = timed(posts_table(posts), to, roads=how["roads"]), timed(posts_table(posts), to, **how)
    assert (walled.seconds >= free.seconds).all()
    assert (walled.second_seconds >= free.second_seconds).all()
    each = np.sort(np.column_stack([timed(posts_table([one]), to, **how).seconds for one in posts]), axis=1)
    assert walled.seconds == pytest.approx(each[:, 0], abs=ROUNDED_S)  # whoever else is asked
    second = each[:, 1] if len(posts) > 1 else np.full(len(to), np.inf)
    assert walled.second_seconds == pytest.approx(second, abs=ROUNDED_S)
    assert (walled.within == np.minimum((each <= LIMIT_MINUTES * 60).sum(axis=1), reach.RANKS)).all()


# --- by a slow search -------------------------------------------------------------------------------------------

STEP_M = 25.0


def slow_seconds(post: Post, roads: list[Road], to: list[Place]) -> Floats:
    """One post: straight to each point of every road, along the roads, straight on; or straight all the way."""
    at, mode, ready = post
    land = 3.6 / units.PATROL_SPEEDS_KMH[mode]
    driven = mode in reach.DRIVEN
    nodes: dict[Any, int] = {}
    points: dict[int, Place] = {}
    edges: dict[int, list[tuple[int, float]]] = {}
    for number, (course, kmh, oneway) in enumerate(roads):
        pace = 3.6 / kmh if driven else land
        # roads meet at their vertices only: one may pass over another
        keys = [(at if vertex else (number, step)) for step, (at, vertex) in enumerate(_dense(course))]
        ids = [nodes.setdefault(key, len(nodes)) for key in keys]
        points.update(zip(ids, (at for at, _ in _dense(course)), strict=True))
        for a, b in pairwise(ids):
            seconds = float(np.hypot(*np.subtract(points[a], points[b]))) * pace
            if oneway != "backward":
                edges.setdefault(a, []).append((b, seconds))
            if oneway != "forward":
                edges.setdefault(b, []).append((a, seconds))
    places = np.array([points[node] for node in range(len(nodes))]).reshape(-1, 2)
    reached = _settled(ready * 60 + np.hypot(*(places - at).T) * land, edges)
    last = [np.min(reached + np.hypot(*(places - one).T) * land, initial=np.inf) for one in to]
    straight = [ready * 60 + np.hypot(one[0] - at[0], one[1] - at[1]) * land for one in to]
    return np.minimum(last, straight)


def _settled(reached: Floats, edges: Mapping[int, list[tuple[int, float]]]) -> Floats:
    """Dijkstra (1959) from what is reached already."""
    queue = [(seconds, node) for node, seconds in enumerate(reached)]
    heapq.heapify(queue)
    while queue:
        seconds, node = heapq.heappop(queue)
        for after, cost in edges.get(node, []) if seconds <= reached[node] else []:
            if seconds + cost < reached[after]:
                reached[after] = seconds + cost
                heapq.heappush(queue, (seconds + cost, after))
    return reached


def _dense(course: list[Place]) -> list[tuple[Place, bool]]:
    """Points along a road, and whether they are its vertices."""
    points: list[tuple[Place, bool]] = [(course[0], True)]
    for (x, y), (to_x, to_y) in pairwise(course):
        many = int(np.ceil(np.hypot(to_x - x, to_y - y) / STEP_M))
        points += [((x + (to_x - x) * k / many, y + (to_y - y) * k / many), False) for k in range(1, many)]
        points.append(((to_x, to_y), True))
    return points


@settings(max_examples=25, deadline=None)
@given(several_posts, several_roads, several_places)
def test_as_a_slow_search_over_dense_points_finds(posts: list[Post], roads: list[Road], to: list[Place]) -> None:
    found = timed(posts_table(posts), to, roads=roads_table(roads))
    each = np.sort(np.column_stack([slow_seconds(one, roads, to) for one in posts]), axis=1)
    assert found.seconds == pytest.approx(each[:, 0], rel=3e-4, abs=1.0)  # the plane is not the ellipsoid
    if len(posts) > 1:
        assert found.second_seconds == pytest.approx(each[:, 1], rel=3e-4, abs=1.0)
    sure = (np.abs(each - LIMIT_MINUTES * 60) > 3).all(axis=1)
    assert (found.within == np.minimum((each <= LIMIT_MINUTES * 60).sum(axis=1), reach.RANKS))[sure].all()


def test_looking_at_few_roads_first_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    ends = rng.uniform(-60_000, 60_000, (150, 2, 2))
    roads = worlds.roads_of(
        {f"r{number}": [tuple(a), tuple(b)] for number, (a, b) in enumerate(ends)},
        speed_kmh=rng.uniform(30, 110, 150),
    )
    posts = posts_table([((x, y), "vehicle", 0) for x, y in rng.uniform(-60_000, 60_000, (9, 2))])
    to = [(x, y) for x, y in rng.uniform(-60_000, 60_000, (60, 2))]
    few = timed(posts, to, roads=roads)
    monkeypatch.setattr(reach, "PIECES_FIRST", 1_000_000)
    every = timed(posts, to, roads=roads)
    for name in ("first", "second", "seconds", "second_seconds", "within"):
        assert getattr(few, name).tolist() == getattr(every, name).tolist()
    monkeypatch.setattr(reach, "BLOCK", 50)  # place by place
    monkeypatch.setattr(reach, "PIECES_FIRST", 1)
    assert timed(posts, to, roads=roads).seconds.tolist() == every.seconds.tolist()


def test_judging_few_ways_first_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    ends = rng.uniform(-40_000, 40_000, (60, 2, 2))
    roads = worlds.roads_of({f"r{number}": [tuple(a), tuple(b)] for number, (a, b) in enumerate(ends)})
    posts = posts_table([((x, y), "vehicle", 0) for x, y in rng.uniform(-40_000, 40_000, (6, 2))])
    to = [(x, y) for x, y in rng.uniform(-40_000, 40_000, (40, 2))]
    middle, way = rng.uniform(-40_000, 40_000, (80, 2)), rng.uniform(-8_000, 8_000, (80, 2))
    walls = gpd.GeoDataFrame(
        {"barrier_id": [f"w{number}" for number in range(80)], "kind": "fence"},
        geometry=[LineString(worlds.beside_m(at - half, at + half)) for at, half in zip(middle, way, strict=True)],
        crs="EPSG:4326",
    )
    how: dict[str, Any] = {"roads": roads, "barriers": conform("barriers", walls)}
    few = timed(posts, to, **how)
    assert (few.seconds > timed(posts, to, roads=roads).seconds + 60).sum() > 5
    monkeypatch.setattr(reach, "_fastest", lambda seconds, _: np.nonzero(np.isfinite(seconds)))
    every = timed(posts, to, **how)
    for name in ("first", "second", "seconds", "second_seconds", "within"):
        assert getattr(few, name).tolist() == getattr(every, name).tolist()


# --- roads ------------------------------------------------------------------------------------------------------


def test_roads_meet_at_vertices_and_keep_their_length() -> None:
    table = worlds.roads_of(
        {"long": [(0, 0), (7_000, 0), (7_000, 100)], "side": [(7_000, 0), (8_900, 0)], "none": [(5, 5), (5, 5)]},
        length_m=[10_650.0, None, None],
    )
    pieces = road_pieces(table)
    assert len(pieces.u) == 4 + 1 + 1  # 7 km in pieces of at most 2 km
    assert len(np.unique([pieces.u, pieces.v])) == 7
    assert pieces.straight_m.max() <= units.ROAD_PIECE_M
    assert np.bincount([*pieces.u, *pieces.v]).max() == 3  # the junction
    assert pieces.length_m.sum() == pytest.approx(10_650 + 1_900, abs=0.1)


def test_cutting_roads_keeps_them() -> None:
    pieces = road_pieces(worlds.roads_of({"a": [(0, 0), (1_500, 0)], "b": [(1_500, 0), (1_500, 1_000)]}))
    made, node = pieces.cut(np.array([1, 0, 0, 0, 1]), np.array([0.5, 0.2, 0.8, 0.2, 1.0]))
    assert len(made.u) == 2 + 3
    assert made.length_m.sum() == pytest.approx(pieces.length_m.sum())
    assert (made.lonlat[: len(pieces.lonlat)] == pieces.lonlat).all()
    assert node[1] == node[3]
    east = made.lonlat[node, 0] - pieces.lonlat[:, 0].min()
    assert (east * worlds.EQUATOR_M)[[1, 2]] == pytest.approx([300, 1_200], abs=0.1)
    ends = _degrees(made)
    assert ends.sum() == 2 * len(made.u)
    assert (ends > 0).all()


def _degrees(roads: Roads) -> Any:
    return np.bincount(np.concatenate([roads.u, roads.v]), minlength=len(roads.lonlat))


def test_leaving_a_road_that_is_slower_than_the_land_is_done_at_once() -> None:
    end, other, at = np.array([[0.0, 0, 0]]), np.array([[1_000.0, 0, 0]]), np.array([[800.0, 300, 0]])
    for pace in (0.2, 0.1, np.inf):
        part, seconds = leave_road(end, other, at, np.array([pace]), 0.1)
        assert part.tolist() == [0.0]
        assert seconds == pytest.approx([np.hypot(800, 300) * 0.1])


def test_obstacles_with_rims_and_parts() -> None:
    ring = Polygon(worlds.beside_m((0, 0), (1_000, 0), (1_000, 1_000), (0, 1_000)))
    rows = {"barrier_id": ["r"], "kind": "river", "passable": False}
    obstacles = Obstacles.of(conform("barriers", gpd.GeoDataFrame(rows, geometry=[ring], crs=4326)), None)
    start = np.array(worlds.beside_m((-500, 500), (-500, 500), (500, 500)))
    end = np.array(worlds.beside_m((500, 500), (-500, 900), (600, 600)))
    none = np.zeros(0, dtype=np.int64)
    assert obstacles.cross(start, end, np.arange(3), none).tolist() == [True, False, False]
    on_rim = np.array(worlds.beside_m((0, 500), (-500, 900), (600, 600)))
    assert obstacles.cross(start, on_rim, np.arange(3), none).tolist() == [False, False, False]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.sampled_from([1.0, 5.0, 100.0]))
def test_ways_cross_what_shapely_says(seed: int, lines: int, grid_m: float) -> None:
    rng = np.random.default_rng(seed)  # on a grid, so that many only touch
    ends = np.round(rng.uniform(-100, 100, (lines, 4)) / grid_m) * grid_m
    ways = np.round(rng.uniform(-120, 120, (30, 4)) / grid_m) * grid_m
    ends, ways = (some[(some[:, :2] != some[:, 2:]).any(axis=1)] for some in (ends, ways))  # shapely has no dots
    assume(len(ends))
    owner, place = rng.integers(0, 3, len(ends)), rng.integers(0, 3, len(ways))
    ignored = np.unique(rng.integers(0, 9, 3))
    found = crossed(buckets_of(ends, owner), ways, place, 3, ignored)
    meet = shapely.intersects(*np.broadcast_arrays(_lines(ways)[:, None], _lines(ends)[None]))
    counts = ~np.isin(place[:, None] * 3 + owner[None], ignored)
    assert found.tolist() == (meet & counts).any(axis=1).tolist()


def _lines(ends: Floats) -> Any:
    return shapely.linestrings(ends.reshape(-1, 2, 2))
