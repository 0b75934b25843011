"""What is listed on sheets: problems, the patrol list, and their numbers on the map."""

from __future__ import annotations

from typing import Any

import matplotlib
import matplotlib.image
import numpy as np
import pypdfium2
import pytest
import shapely
from pyproj import Geod

from geo.errors import BadParameter
from maps import words
from maps.content import content
from maps.print import lists, output, sheet, sheets
from maps.print.book import Book
from maps.print.fonts import typeface
from maps.print.order import order_sheets
from maps.print.paper import sizes_of
from maps.print.sheet import Question
from maps.problems.board import PROBLEMS
from tests.maps.fake_patrol import patrol_build
from tests.maps.fake_problems import problems_build
from tests.maps.printed import (
    PATROL,
    TOWN,
    book,
    figure,
    map_of,
    placed,
    said,
    texts,
)


def test_the_list_is_numbered_on_the_map() -> None:
    drawn = said(figure(book(TOWN, "planner", "en"), paper="A3"))
    people = TOWN.frame("unserved-areas")["people"]
    assert f"{people[0]:,.0f}" in drawn and f"{people[1]:,.0f}" in drawn
    for number in ("1", "2", "3"):
        assert drawn.count(number) >= 2  # in the list, and in its disc


def test_problems_have_the_numbers_of_their_board_and_all_are_counted() -> None:
    build: Any = problems_build()
    made = Book(content(build, PROBLEMS), PROBLEMS.seen(build), words.book("en"), "en")
    for at, theme in enumerate(made.content["themes"]):
        drawn = said(figure(made, at))
        assert made.say("sheet.total", count=str(made.layer(theme["views"][0]["layer"]).rows)) in drawn
        rows = made.layer(theme["lists"][0]["layer"])
        first = theme["lists"][0]["rows"][0]
        assert str(rows.get(first, "line")) in drawn
        assert any(text and made.value(rows, first, "problem").startswith(text) for text in drawn)


def test_problems_are_told_to_their_ends() -> None:
    build: Any = problems_build()
    made = Book(content(build, PROBLEMS), PROBLEMS.seen(build), words.book("en"), "en")
    for at, theme in enumerate(made.content["themes"]):
        rows = made.layer(theme["lists"][0]["layer"])
        together = "".join(said(figure(made, at, paper="A3"))).replace(" ", "")
        for row in theme["lists"][0]["rows"][:2]:
            assert typeface().clean(made.value(rows, row, "problem")).replace(" ", "") in together


def test_a_small_place_is_shown_with_what_lies_around_it() -> None:
    build: Any = problems_build()
    made = Book(content(build, PROBLEMS), PROBLEMS.seen(build), words.book("en"), "en")
    west, south, east, north = made.content["bounds"]
    high = Geod(ellps="WGS84").line_length([west, west], [south, north])
    for at, theme in enumerate(made.content["themes"]):
        rows = made.layer(theme["views"][0]["layer"])
        rows.shapes[:] = shapely.Point((west + east) / 2, (south + north) / 2).buffer(1e-6)
        left, bottom, right, top = map_of(figure(made, at))[0]
        assert min(right - left, top - bottom) > 0.1 * high


def test_an_area_that_its_number_would_hide_has_it_beside() -> None:
    made = book(TOWN, "planner", "en")
    one = made.content["themes"][0]
    asked = Question(one, one["views"][0], sizes_of("A4"), False, "", "")
    scene = sheet._plan(made, asked, typeface(), portrait=False).scene
    middle = np.array(scene.view.middle)
    wide = scene.view.scale / 1000  # metres in a millimetre
    shapes = np.array([shapely.Point(middle).buffer(radius * wide) for radius in (1.0, 5.0)])

    assert lists._hidden(scene, shapes).tolist() == [True, False]
    on, beside = (lists._number(scene, "1", middle, beside=one).moves for one in (False, True))
    assert on == ((0.0, 0.0), *beside)


def test_the_patrol_list_is_a_table_to_be_signed() -> None:
    (body,) = sheets(PATROL, "patrol", paper="A4", lang="zh", themes=("list",)).values()  # type: ignore[arg-type]
    opened = pypdfium2.PdfDocument(body)
    text = opened[0].get_textpage().get_text_bounded()
    for part in (
        "巡边任务单",
        "巡访时间、签字",
        "带队人：",
        "模拟甲派出所",
        "G003",
        "逾期 13 天",
        "未定派出所",
        "界碑 5",
        "第 1 页，共 1 页",
    ):
        assert part in text
    assert opened[0].get_size() == pytest.approx((210 / 25.4 * 72, 297 / 25.4 * 72), abs=0.01)


def test_nothing_of_the_patrol_list_is_cut() -> None:
    build = patrol_build()
    due = build.frame("due-list")
    row = due.index[due["kind"] == "village"][0]
    name = "模拟某旗第三流动服务停靠点和第二嘎查之间"
    due.loc[row, ["name", "start_m", "end_m", "evidence"]] = [name, 1_252_206.0, 1_252_317.0, "declared"]
    made = book(build, "patrol", "en")
    with matplotlib.rc_context(output.SETTINGS):
        (drawn,) = order_sheets(made, sizes_of("A4"), typeface(), "", "")
    told = said(drawn)
    assert not [text for text in told if text.endswith("…")]
    begun = next(text for text in told if name.startswith(text) and len(text) > 1)
    assert f"{name.removeprefix(begun)} village" in told
    assert "1,252.206–1,252.317" in told
    for one in texts(drawn):
        left, wide, _, _ = placed(one)
        assert left + wide <= 210 - 7 + 0.01, one.get_text()


def test_points_have_no_length_and_markers_are_called_so() -> None:
    made = book(PATROL, "patrol", "en")
    drawn = said(figure(made, paper="A3"))
    assert "marker 5" in drawn
    assert "10 km" in drawn and "0 m" not in drawn
    assert not [text for text in drawn if "(days" in text.lower()]  # the heading says days late already


def test_a_holder_has_sheets_of_their_own() -> None:
    (body,) = sheets(PATROL, "patrol", paper="A4", lang="en", holder="P1").values()  # type: ignore[arg-type]
    opened = pypdfium2.PdfDocument(body)
    told = [page.get_textpage().get_text_bounded() for page in opened]
    assert len(opened) == len(output.themes_of(PATROL, "patrol"))  # type: ignore[arg-type]
    assert "G003" in told[-1] and "G002" not in told[-1]
    made = book(PATROL, "patrol", "en")
    drawn = said(figure(made, holder="P1"))
    state = PATROL.frame("border-status")
    own = state[state["post_id"] == "P1"]["state"].value_counts()
    assert f"{len(state[state['post_id'] == 'P1'])} in all" in drawn
    assert all(str(count) in drawn for count in own)
    fence = [theme["id"] for theme in made.content["themes"]].index("fence")
    for holder, count in (("P0", 2), ("P1", 1), ("", 3)):
        assert f"{count} in all" in said(figure(made, fence, holder=holder))
    (west, _, east, _), _ = map_of(figure(made, fence, holder="P1"))
    own = PATROL.frame("border-fence").geometry.iloc[1]
    wide = Geod(ellps="WGS84").geometry_length(own)
    assert east - west < 1.6 * wide  # their stretch alone fills the map, however long the border is
    with pytest.raises(BadParameter, match="P0, P1"):
        sheets(PATROL, "patrol", holder="nobody")  # type: ignore[arg-type]
