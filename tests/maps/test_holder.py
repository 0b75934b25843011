"""What the file of one holder may tell, and what not: by hand, by a slow rule, and on the sample."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.service import Build
from maps import holder
from maps.narrowed import KEYS, Narrowed, ids_in, narrowed
from tests.maps.fake_frontier import frontier, line, points, stretches
from tests.maps.test_patrol_content import data

Rows = tuple[tuple[str, str, int, int, str], ...]


def of(id: str, frames: dict[str, gpd.GeoDataFrame] | None = None) -> Narrowed:
    frames = frontier() if frames is None else frames
    one = holder.find(frames, id)
    made = narrowed(frames, one.posts, one.segments)
    assert made is not None
    return made


def test_own_ground_and_the_neighbours_on_either_side() -> None:
    made = of("PB")  # B and C; A meets B, D comes after the 2 km that are nobody's
    assert made.frames["border-segments"]["segment_id"].tolist() == ["A", "B", "C", "D"]
    assert made.frames["border-status"]["start_m"].tolist() == [0, 10_000, 20_000, 30_000, 32_000]
    assert made.others["border-segments"] == ["A", "D"]
    assert made.others["border-status"] == [f"stretch_id-n-{km}" for km in (0, 30, 32)]
    assert made.frames["border-fence"]["start_m"].tolist() == [0, 10_000, 20_000, 32_000]  # known by measure alone
    assert made.others["border-fence"] == ["stretch_id-n-0", "stretch_id-n-32"]
    assert "staff" not in made.frames


def test_work_findings_and_defects_are_their_own_alone() -> None:
    made = of("PB").frames
    assert made["due-list"]["due_id"].tolist() == ["due_id0", "due_id3"]  # nobody's, but on their ground
    assert made["fence-defects"]["defect_id"].tolist() == ["defect_id0", "defect_id3"]
    assert made["border-findings"]["finding_id"].tolist() == ["gap"]


def test_points_of_the_neighbours_are_there_and_told_apart() -> None:
    made = of("PB")
    assert made.frames["visited-points"]["point_id"].tolist() == ["point_id0", "point_id1", "point_id3"]
    assert made.others["visited-points"] == ["point_id1"]
    assert made.frames["markers"]["marker_id"].tolist() == ["marker_id0", "marker_id1", "marker_id3"]


def test_posts_are_theirs_their_neighbours_those_that_help_and_those_that_hold_nothing_near() -> None:
    made = of("PB").frames
    assert made["posts"]["post_id"].tolist() == ["PA", "PB", "PC", "PD", "Y"]  # PD comes second to B; Z is far
    assert made["holder-load"]["post_id"].tolist() == ["PB"]
    assert made["post-backup"]["post_id"].tolist() == ["PB"]
    assert of("PA").frames["posts"]["post_id"].tolist() == ["PA", "PB", "Y"]


def test_ids_of_whoever_is_not_there_are_missing() -> None:
    made = of("PA").frames  # A; its neighbour is B
    reach = made["post-reach"]
    assert reach["post_id"].tolist() == ["PA", "PB"]
    assert reach["second_post_id"].isna().tolist() == [False, True]  # PB comes second to A; PD to B
    gap = of("PC").frames["border-findings"]
    assert gap["segment_ids"].tolist() == [["C", "D"]]
    assert gap["post_ids"].tolist() == [["PB", "PC"]]
    assert gap["post_after"].tolist() == ["PC"]


def test_the_ground_is_cut_to_the_surroundings() -> None:
    made = of("PB")
    west, south, east, north = made.around
    own_west, own_south, own_east, own_north = made.bounds
    # own: 20 km along the parallel, and the post 0.05° south of it; around: 10 km and half of 20 km more
    assert own_east - own_west == pytest.approx(20 / 81.3)
    assert [own_south - south, north - own_north] == pytest.approx([20_000 / 111_195] * 2, rel=0.01)
    assert west < own_west
    assert east > own_east
    ground = shapely.box(*made.around)
    for id in ("divisions", "background"):
        shapes = made.frames[id].geometry.dropna()
        assert len(shapes)
        assert all(ground.buffer(1e-9).covers(shape) for shape in shapes)
    assert made.frames["background"]["name"].dropna().tolist() == ["近镇"]
    assert made.frames["divisions"].geometry.isna().tolist() == [False, False, False, True]


def test_who_only_visits_sees_the_segments_they_visit() -> None:
    frames = frontier()
    for id in ("due-list", "visited-points"):
        frames[id]["post_id"] = frames[id]["post_id"].replace("PA", "Y")
    made = of("Y", frames)
    assert made.frames["border-segments"]["segment_id"].tolist() == ["A"]
    assert made.others["border-segments"] == ["A"]
    assert made.frames["due-list"]["due_id"].tolist() == ["due_id1"]
    for id in ("due-list", "visited-points"):
        frames[id]["segment_ids"] = [[] for _ in range(4)]
    assert of("Y", frames).frames["border-segments"]["segment_id"].tolist() == ["A"]  # the nearest on the map


def test_nothing_on_the_map_is_nothing() -> None:
    frames = {"border-segments": frontier()["border-segments"].assign(geometry=None)}
    assert narrowed(frames, frozenset({"PB"}), frozenset({"B", "C"})) is None


@pytest.mark.parametrize(
    ("id", "posts", "segments"),
    [
        ("PB", {"PB"}, {"B", "C"}),
        ("乙所", {"PB"}, {"B", "C"}),
        ("150924", {"PB", "PC", "PD"}, {"B", "C", "D", "E"}),
        ("15", {"PA", "PB", "PC", "PD", "PX"}, {"A", "B", "C", "D", "E", "X"}),
        ("C", set(), {"C"}),
        ("U3", set(), {"B", "C"}),
    ],
)
def test_a_team_is_what_the_tables_know(id: str, posts: set[str], segments: set[str]) -> None:
    one = holder.find(frontier(), id)
    assert set(one.posts) == posts
    assert set(one.segments) == segments
    assert "U3" not in str(one.title)  # who somebody is stays at the station


@pytest.mark.parametrize(
    ("id", "near"), [("PBB", "PB (乙所)"), ("丙", "PC (丙所)"), ("15092", "150923"), ("U", "")]
)
def test_nobody_is_told_who_is_like_it(id: str, near: str) -> None:
    with pytest.raises(holder.UnknownHolder) as raised:
        holder.find(frontier(), id)
    text = str(raised.value)
    assert id in text
    assert near in text
    assert "编号" in text
    assert "nobody of id" in text
    assert not re.search(r"U\d", text)


def test_holders_are_those_who_hold_something() -> None:
    assert holder.holders(frontier()) == ("PA", "PB", "PC", "PD", "PX")


layouts = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 6), st.sampled_from("PQRS")), min_size=2, max_size=9
)


@settings(deadline=None, max_examples=60)
@given(layouts, st.sampled_from("PQRS"), st.booleans())
def test_nobody_beyond_the_neighbours(layout: list[tuple[int, int, str]], asked: str, double: bool) -> None:
    rows: list[tuple[str, str, int, int, str]] = []
    end = 0
    for number, (gap, length, post) in enumerate(layout):
        start = end + gap - (1 if double and number else 0)  # some are held twice
        end = start + length
        rows.append((f"G{number}", "n", start, end, post))
    frames = {id: stretches(KEYS[id], tuple(rows)) for id in ("border-status", "border-staleness", "post-reach")}
    frames["border-segments"] = stretches("segment_id", tuple(rows)).assign(segment_id=[row[0] for row in rows])
    mine = {id for id, *_, post in rows if post == asked}
    if not mine:
        return
    made = narrowed(frames, frozenset({asked}), frozenset(mine))
    assert made
    allowed = mine | _neighbours_by_walking(tuple(rows), mine)
    for frame in made.frames.values():
        named = {id for ids in frame.get("segment_ids", ()) for id in ids_in(ids)}
        assert named <= allowed
        assert mine <= named | set(frame.get("segment_id", ()))
    assert set(made.frames["border-segments"]["segment_id"]) == allowed


def _neighbours_by_walking(rows: Rows, mine: set[str]) -> set[str]:
    """From each own segment kilometre by kilometre outwards, until somebody else holds one."""
    holders = {km: {id for id, _, start, end, _ in rows if start <= km < end} for km in range(-10, 100)}
    found = set()
    for id, _, start, end, _ in rows:
        if id not in mine:
            continue
        found |= {other for km in range(start, end) for other in holders[km]}
        for walk in (range(end, 100), range(start - 1, -11, -1)):
            met = [holders[km] for km in walk if holders[km]]
            found |= met[0] if met else set()
    return found - mine


@given(st.text(min_size=1, max_size=120))
def test_any_id_makes_a_file_name(id: str) -> None:
    name = holder.file_name("border", id)
    assert re.fullmatch(r"border-patrol-[\w-]*\.html", name)
    assert len(name.encode()) < 255 or not id.isascii()


def test_two_ids_make_two_file_names() -> None:
    names = {holder.file_name("b", id) for id in ("../x", "..\\x", "x", "x ", "</x>", "{{x}}")}
    assert len(names) == 6


# ---- the sample ----


@pytest.fixture(scope="module")
def border(built: Callable[[str], Build]) -> Build:
    return built("inner-mongolia")


@pytest.fixture(scope="module")
def frames(border: Build) -> dict[str, gpd.GeoDataFrame]:
    return holder.read(border)


def _largest(frames: dict[str, gpd.GeoDataFrame]) -> str:
    """Who has the most rows, of work and of segments."""
    counts = pd.concat([frames[id]["post_id"] for id in ("due-list", "border-segments")]).value_counts()
    return str(counts.index[0])


def test_the_largest_file_of_the_sample_fits(border: Build, frames: dict[str, gpd.GeoDataFrame]) -> None:
    html = holder.page(border, frames, holder.find(frames, _largest(frames)))
    assert len(html.encode()) < holder.LIMIT
    with pytest.raises(holder.NoFile, match="limit 500,000"):
        holder.page(border, frames, holder.find(frames, "15"))


@pytest.mark.parametrize("id", ["synthetic_p067", "synthetic_g090", "152923"])
def test_a_file_of_the_sample_names_nobody_else(
    border: Build, frames: dict[str, gpd.GeoDataFrame], id: str
) -> None:
    one = holder.find(frames, id)
    page = data(holder.page(border, frames, one))
    text = json.dumps(page, ensure_ascii=False)
    cut = frames["border-segments"].sort_values("start_m").reset_index(drop=True)
    own = cut.index[cut["segment_id"].isin(one.segments)]
    beside = {at + step for at in own for step in (-1, 1)} & set(cut.index)
    known = set(cut["segment_id"].iloc[sorted({*own, *beside})])
    overlapping = {  # the sample holds some stretches twice
        id
        for at in own
        for id in cut["segment_id"][(cut["start_m"] < cut["end_m"][at]) & (cut["end_m"] > cut["start_m"][at])]
    }
    assert set(re.findall(r"synthetic_g\d+", text)) <= known | overlapping
    assert not re.findall(r"synthetic_u\d+", text)
    reach = frames["post-reach"]
    ours = reach[reach["segment_ids"].map(lambda ids: bool(one.segments & set(ids)))]
    helping = set(ours["post_id"]) | set(ours["second_post_id"])
    holding = set(cut["post_id"][cut["segment_id"].isin(known | overlapping)]) | one.posts | helping
    bare = set(frames["posts"]["post_id"]) - set(cut["post_id"])  # hold nothing
    assert set(re.findall(r"synthetic_p\d+", text)) <= holding | bare
    assert page["faults"] == []
    assert page["bounds"] == pytest.approx(_of_own(frames, one), abs=1e-6)


def _of_own(frames: dict[str, gpd.GeoDataFrame], one: holder.Holder) -> list[float]:
    boxes = []
    for id in ("border-segments", "due-list", "visited-points", "posts"):
        frame = frames[id]
        if id == "border-segments":
            mine = frame["segment_id"].isin(one.segments)
        elif id == "posts":
            mine = frame["post_id"].isin(one.posts)
        else:
            here = frame["segment_ids"].map(lambda ids: bool(one.segments & set(ids)))
            mine = frame["post_id"].isin(one.posts) | (here & frame["post_id"].isna()) if one.posts else here
        if frame[mine].geometry.notna().any():
            boxes.append(frame[mine].total_bounds)
    table = pd.DataFrame(boxes)
    return [*table[[0, 1]].min(), *table[[2, 3]].max()]


def test_the_world_is_as_drawn() -> None:
    assert line("n", 0, 10).length * 81.3 == pytest.approx(10)
    assert len(points("x")) == 4
