"""The parts of a sheet one by one: scale, north, graticule, labels, lines of text, fonts, the code."""

from __future__ import annotations

import math

import numpy as np
import pytest
import segno
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Proj

from geo.errors import BadParameter
from maps.print import NoFont, fonts
from maps.print.code import modules
from maps.print.fonts import OWN, Typeface, shortened, typeface, wrapped
from maps.print.labels import Label, Room
from maps.print.paper import sizes_of
from maps.print.projection import View, bar_length, fitted, graticule, north, round_scale, seen
from maps.print.shapes import area_paths, middles

RECT = (100.0, 10.0, 300.0, 200.0)  # of a map, millimetres
BANNER = np.array([shapely.box(111.6, 40.75, 111.8, 40.9)])
REGION = np.array([shapely.box(97.2, 37.4, 126.1, 53.4)])
TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x9FA5, categories=("L", "N", "P", "Zs")), max_size=60
)


@pytest.fixture(scope="module")
def face() -> Typeface:
    return typeface()


@given(st.floats(1.0, 1e8))
def test_scale_has_two_figures_and_is_hardly_smaller_than_it_could_be(least: float) -> None:
    scale = round_scale(least)
    assert least * (1 - 1e-9) <= scale <= max(least * 1.1, least + 1) * (1 + 1e-9)
    assert len(str(scale).rstrip("0")) <= 2


@given(st.integers(100, 10**8), st.floats(10, 80))
def test_scale_bar_is_round_and_at_least_two_fifths_of_the_room(scale: int, most: float) -> None:
    length = bar_length(scale, most)
    assert f"{length:.0e}"[0] in "125"
    assert 0.4 * most - 1e-6 <= length * 1000 / scale <= most + 1e-6


def test_a_millimetre_of_the_map_is_as_many_metres_as_the_scale_says() -> None:
    view = fitted(BANNER, RECT)
    (lon0, lat0), (lon1, lat1) = view.lonlat(200, 110), view.lonlat(250, 110)
    metres = Geod(ellps="WGS84").inv(lon0, lat0, lon1, lat1)[2]
    assert metres == pytest.approx(50 * view.scale / 1000, rel=1e-4)


def test_all_of_the_ground_is_on_the_map_and_fills_it() -> None:
    view = fitted(BANNER, RECT)
    west, south, east, north_ = shapely.total_bounds(view.frame.metres(BANNER))
    left, bottom, right, top = view.box
    assert left < west and bottom < south and right > east and top > north_
    assert max((east - west) / (right - left), (north_ - south) / (top - bottom)) > 0.85


def test_nothing_is_shown_as_a_place_of_its_own() -> None:
    assert fitted(np.array([None, shapely.Point()], dtype=object), RECT).scale > 0


@pytest.mark.parametrize("place", [(110.0, 20.0), (390.0, 200.0), (250.0, 110.0)])
def test_the_arrow_follows_the_meridian_of_its_place(place: tuple[float, float]) -> None:
    view = fitted(REGION, RECT)
    lon, lat = view.lonlat(*place)
    factors = Proj(view.frame.crs).get_factors(lon, lat)
    assert north(view, *place) == pytest.approx(-factors.meridian_convergence, abs=0.01)


def test_the_arrow_of_a_wide_map_is_turned_at_its_edges_and_upright_in_its_middle() -> None:
    view = fitted(REGION, RECT)
    across = view.rect[0] + view.rect[2]
    assert north(view, across - 5, 110) < -5 < 5 < north(view, view.rect[0] + 5, 110)
    middle = view.mm(np.array([[0.0, 0.0]]))[0]  # where the frame has its centre
    assert north(view, *middle) == pytest.approx(0, abs=1e-3)


def test_lines_of_the_graticule_are_where_they_say() -> None:
    view = fitted(REGION, RECT)
    lines = graticule(view)
    assert sum(one.upright for one in lines) >= 2 <= sum(not one.upright for one in lines)
    for one in lines:
        places = view.frame.lonlat(one.line)
        degrees = shapely.get_coordinates(places)[:, 0 if one.upright else 1]
        assert np.abs(degrees - one.degrees).max() < 0.1  # the cut at the edge runs along a chord
        assert shapely.box(*view.box).buffer(1).covers(one.line)


def test_what_a_map_shows_holds_its_corners() -> None:
    view: View = fitted(BANNER, RECT)
    west, south, east, north_ = seen(view)
    assert west < 111.6 < 111.8 < east and south < 40.75 < 40.9 < north_


boxes = st.tuples(st.floats(0, 100), st.floats(0, 100), st.floats(1, 30), st.floats(1, 30))


@given(st.lists(boxes, max_size=25))
def test_no_two_labels_meet_and_none_leaves_the_map(given_: list[tuple[float, float, float, float]]) -> None:
    room = Room((0.0, 0.0, 100.0, 100.0))
    written: list[tuple[float, float, float, float]] = []

    def writer(width: float, height: float) -> Label:
        def write(x: float, y: float) -> None:
            written.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))

        return Label((0, 0), width, height, write)

    labels = [
        Label((x, y), width, height, writer(width, height).write, ((0.0, 0.0), (5.0, 5.0)))
        for x, y, width, height in given_
    ]
    count = room.place(labels)
    assert count == len(written) == len(room.taken)
    for at, one in enumerate(written):
        assert one[0] >= 0 and one[1] >= 0 and one[2] <= 100 and one[3] <= 100
        for other in written[at + 1 :]:
            assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]


def test_the_first_label_takes_the_place_and_the_next_moves_aside() -> None:
    stood: list[tuple[str, float, float]] = []
    moves = ((0.0, 0.0), (12.0, 0.0))

    def label(name: str, moves: tuple[tuple[float, float], ...]) -> Label:
        return Label((50.0, 50.0), 10.0, 4.0, lambda x, y: stood.append((name, x, y)), moves)

    assert Room((0.0, 0.0, 100.0, 100.0)).place([label("a", moves), label("b", moves), label("c", moves)]) == 2
    assert stood == [("a", 50.0, 50.0), ("b", 62.0, 50.0)]


@given(TEXT, st.floats(8, 60))
def test_lines_hold_all_of_a_text_and_none_is_too_wide(text: str, width: float) -> None:
    own = Typeface(frozenset({OWN}))
    try:
        clean = own.clean(text)
        own.families(clean)
    except NoFont:
        return
    lines = wrapped(own, clean, 8, width)
    assert "".join(lines).replace(" ", "") == clean.replace(" ", "")
    assert all(own.width(line, 8) <= width or len(line) == 1 for line in lines)


def test_chinese_lines_do_not_begin_with_a_stop_and_numbers_stay_whole(face: Typeface) -> None:
    text = "每户沿步行路网到最近开放站点，不超过15分钟。"
    for width in range(10, 70, 3):
        lines = wrapped(face, text, 8, width)
        assert not [line for line in lines if line[0] in "，。"]
        assert any("15" in line for line in lines)


def test_a_line_that_is_too_long_ends_with_dots(face: Typeface) -> None:
    assert shortened(face, "Sample town", 8, 100) == "Sample town"
    short = shortened(face, "Sample town", 8, 10)
    assert short.endswith("…") and face.width(short, 8) <= 10


@given(st.text("ab 模拟，", max_size=60), st.floats(8.0, 40.0), st.integers(1, 4))
def test_of_few_lines_the_last_says_that_there_is_more(text: str, width: float, most: int) -> None:
    made = typeface()
    clean = made.clean(text)
    all_lines, some = wrapped(made, clean, 9.0, width), wrapped(made, clean, 9.0, width, most=most)
    assert len(some) <= most
    assert some == all_lines if len(all_lines) <= most else some[:-1] == all_lines[: most - 1]
    assert (bool(some) and some[-1].endswith("…")) == (len(all_lines) > most)


def test_the_simplified_face_of_a_collection_is_chosen(face: Typeface) -> None:
    families = face.families("直骨角")  # drawn otherwise in Japanese
    assert families[0].endswith((" SC", " CN", " GB")) or families[0] not in {"Noto Sans CJK JP", OWN}


def test_a_rare_character_is_looked_for_in_every_font() -> None:
    lean = Typeface(frozenset({OWN, *fonts.installed()}))
    assert lean.families("𠮷")  # beyond the first 65,536 characters


def test_without_a_chinese_font_the_message_says_what_to_install() -> None:
    own = Typeface(frozenset({OWN}))
    assert own.families("Grids, 1:50,000 é ≤ °") == [OWN]
    with pytest.raises(NoFont, match="fonts-noto-cjk") as caught:
        own.families("赛罕 grids")
    assert "请安装中文字体" in str(caught.value) and "赛 (U+8D5B)" in str(caught.value)
    assert "Microsoft YaHei" in str(caught.value) and "PingFang" in str(caught.value)


def test_a_machine_without_any_font_says_so_too() -> None:
    with pytest.raises(NoFont):
        Typeface(frozenset()).families("A")


def test_what_cannot_be_seen_is_not_printed(face: Typeface) -> None:
    assert face.clean("a\nb\tc\u200b\u202ed  e") == "a b cd e"
    assert face.clean("x\ue000y\ud800") == "x\ufffdy\ufffd"  # private use, half a pair


def test_the_code_is_the_one_that_the_standard_makes() -> None:
    text = "https://grids.example/d/boards/planner#theme=walk&lang=zh&version=0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    made = np.array(modules(text))
    expected = np.array([list(row) for row in segno.make(text, error="m", micro=False).matrix])
    assert (made[4:-4, 4:-4] == expected).all()
    assert made[:4].sum() == made[-4:].sum() == made[:, :4].sum() == made[:, -4:].sum() == 0


def test_holes_of_areas_stay_open() -> None:
    ring = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    two = shapely.MultiPolygon([shapely.box(20, 0, 21, 1), shapely.box(22, 0, 23, 1)])
    paths = dict(area_paths(np.array([ring, None, shapely.LineString([(0, 0), (1, 1)]), two], dtype=object)))
    assert sorted(paths) == [0, 3]
    assert paths[0].contains_point((1, 1))
    signed = [shapely.Polygon(np.asarray(part)).exterior.is_ccw for part in paths[0].to_polygons()]
    assert sorted(signed) == [False, True]
    assert len(paths[3].to_polygons()) == 2


def test_a_number_stands_on_its_line() -> None:
    line = shapely.MultiLineString([[(0, 0), (1, 0)], [(5, 0), (9, 0)]])
    at = middles(np.array([line, None, shapely.Point(3, 4)], dtype=object))
    assert at[0].tolist() == [7.0, 0.0] and np.isnan(at[1]).all() and at[2].tolist() == [3.0, 4.0]


@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_papers_are_those_of_the_standard_and_no_text_is_below_seven_points(paper: str) -> None:
    sizes = sizes_of(paper)
    area = {"A3": 1 / 8, "A4": 1 / 16}[paper]
    assert sizes.short * sizes.long / 1e6 == pytest.approx(area, rel=3e-3)
    assert sizes.long / sizes.short == pytest.approx(math.sqrt(2), rel=2e-3)
    assert min(sizes.small, sizes.body, sizes.head, sizes.title) >= 7
    assert 200 <= sizes.dpi <= 300


def test_no_other_paper() -> None:
    with pytest.raises(BadParameter, match="A3, A4"):
        sizes_of("Letter")
