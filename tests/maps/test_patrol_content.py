"""What the page of the patrol board holds: the list of work, no person, nothing of the other board."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from geo.service import Build
from maps.page import render
from tests.maps.fake_build import border_build, town_build
from tests.maps.fake_patrol import DUE, patrol_build


def data(html: str) -> dict[str, Any]:
    text = html.split('<script id="board-data" type="application/json">')[1].split("</script>")[0]
    return dict(json.loads(text))


def values(layer: dict[str, Any], name: str) -> list[Any]:
    column = layer["columns"][name]
    if "all" in column:
        return [column["all"]] * layer["rows"]
    return [column["of"][at] for at in column["at"]] if "at" in column else list(column["list"])


@pytest.fixture(scope="module")
def html() -> str:
    build: Any = patrol_build()
    return render(build, "patrol")


def test_the_work_is_the_due_list_by_rank(html: str) -> None:
    page = data(html)
    assert page["work"]["layer"] == "due-list"
    names = values(page["layers"]["due-list"], "name")
    assert [names[row] for row in page["work"]["rows"]] == [row[1] for row in DUE]


def test_without_a_due_list_the_work_is_the_border_most_urgent_first() -> None:
    build: Any = patrol_build("due-list")
    page = data(render(build, "patrol"))
    assert page["work"]["layer"] == "border-status"
    assert page["work"]["rows"][:2] == [3, 9]  # both critical, as late and as long


def test_nobody_is_named(html: str) -> None:
    assert "staff_ids" not in html
    assert "U-0001" not in html
    assert data(html)["layers"]["border-segments"]["columns"]["guards"] == {"all": 2}


def test_wide_layers_are_told_in_part(html: str) -> None:
    assert "median_minutes" not in data(html)["layers"]["post-reach"]["columns"]


def test_a_board_holds_scripts_and_words_of_its_own_alone(html: str) -> None:
    build: Any = town_build()
    planner = render(build, "planner")
    for mark, there in (("gridwalk.gpx =", html), ("gridwalk.week =", planner)):
        assert (mark in html) is (there is html)
        assert (mark in planner) is (there is planner)
    assert not [key for key in data(planner)["words"]["zh"] if key.startswith("patrol.")]
    assert "patrol.gpx" in data(html)["words"]["en"]


def test_every_word_that_a_script_says_is_there(html: str) -> None:
    said = set(re.findall(r'(?:say|data-(?:word|label|hint)=)\(?"([a-z]+\.\w+)"', html))
    assert len(said) > 40
    words = data(html)["words"]["zh"]
    assert [
        word for word in said if not any(known.startswith(word) for known in words)
    ] == []  # "patrol.card_" + name


def test_themes_are_those_that_the_build_can_show() -> None:
    whole: Any = patrol_build()
    bare: Any = border_build()
    assert [theme["id"] for theme in data(render(whole, "patrol"))["themes"]] == [
        "state",
        "reach",
        "places",
        "fence",
    ]
    assert [theme["id"] for theme in data(render(bare, "patrol"))["themes"]] == ["state"]


@pytest.mark.parametrize("board", ["patrol", "planner"])
def test_the_boards_of_a_region_go_to_a_phone(built: Callable[[str], Build], board: str) -> None:
    assert (built("inner-mongolia").out / "boards" / f"{board}.html").stat().st_size < 1_200_000
