"""What stands in the pages of the boards, read as a browser would read it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from geo import catalogue
from geo.parameters import Parameters
from maps import boards, page
from maps.content import content
from maps.planner import PLANNER
from maps.popup import values_of
from tests.maps.fake_build import HOSTILE, FakeBuild, border_build, town_build


@pytest.fixture(scope="module")
def town() -> FakeBuild:
    return town_build()


@pytest.fixture(scope="module")
def frontier() -> FakeBuild:
    return border_build()


class Reader(HTMLParser):
    """Tags, and the text of each script with an id."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: str | None = None
        self.scripts: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = dict(attrs).get("id") if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[self.inside] = self.scripts.get(self.inside, "") + data

    def handle_endtag(self, _tag: str) -> None:
        self.inside = None


def read(html: str) -> tuple[Reader, dict[str, Any]]:
    reader = Reader()
    reader.feed(html)
    return reader, json.loads(reader.scripts["board-data"])


def render(build: Any, board: str) -> str:
    return page.render(build, board)


def test_every_workspace_has_a_planner_board_and_a_border_a_patrol_board(town: Any, frontier: Any) -> None:
    assert boards.available(town) == ["planner", "problems"]
    assert boards.available(frontier) == ["planner", "patrol", "problems"]


def test_boards_are_named_in_two_languages_and_know_their_layers() -> None:
    assert {one.id for one in boards.BOARDS} == {"planner", "patrol", "problems"}
    for one in boards.BOARDS:
        assert one.title.zh != one.title.en
        assert one.audience.zh
        assert all(theme.layers and theme.title.zh for theme in one.themes)
    with pytest.raises(KeyError, match="known: planner, patrol, problems"):
        boards.board("nonsense")


def test_the_same_build_gives_the_same_bytes(town: Any) -> None:
    assert render(town, "planner") == render(town_build(), "planner")


def test_a_page_holds_nothing_that_asks_the_network(town: Any, frontier: Any) -> None:
    for html in (render(town, "planner"), render(frontier, "planner"), render(frontier, "patrol")):
        reader, _ = read(html)
        for tag, given in reader.tags:
            for name in ("src", "href", "action", "data", "poster", "srcset"):
                value = given.get(name)
                assert value is None or value.startswith(("#", "data:,")), (tag, given)
        assert not re.search(r"url\((?!data:)|@import", re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL))


def test_hostile_names_are_data_and_nothing_else(town: Any) -> None:
    html = render(town, "planner")
    reader, data = read(html)
    names = values_of(data["layers"]["grid-walk"]["columns"]["name"])
    assert tuple(names[: len(HOSTILE)]) == HOSTILE
    assert "49" not in names[0]
    assert "window.hacked" not in "".join(text for id, text in reader.scripts.items() if id != "board-data")
    assert not any(tag == "img" for tag, _ in reader.tags)
    raw = html[html.index('id="board-data"') :].split("</script>")[0]
    assert "<img" not in raw
    assert not re.search(r"\{[{%#]", raw)


def test_hostile_titles_stay_text(town: FakeBuild) -> None:
    title = replace(town.workspace.title, zh="</title><img src=x onerror=hacked()>{{7*7}}")
    report = {**town.report, "title": title.record()}
    hostile = replace(town, workspace=replace(town.workspace, title=title), report=report)
    reader, _ = read(render(hostile, "planner"))
    assert not any(tag == "img" for tag, _ in reader.tags)
    assert "{{7*7}}" in render(hostile, "planner").split("</title>")[0]


def test_the_planner_says_what_it_rests_on(town: Any) -> None:
    _, data = read(render(town, "planner"))
    assert data["notice"] == {"zh": "合成数据", "en": "synthetic data"}
    assert data["as_of"] == "2026-11-20"
    assert data["map_review_number"] == ""
    assert [one["figure"] for one in data["headline"]] == [
        "grid-walk.people_covered",
        "grid-walk.grids_unserved",
        "grid-walk.people_unserved",
        "grid-staffing.vacant",
    ]
    assert data["headline"][0]["beside"] == "grid-walk.straight_line"
    assert [one["id"] for one in data["themes"]] == ["walk", "gap", "bands", "hours", "staffing", "partition"]
    assert data["missing"] == [
        {
            "title": {"zh": "边境巡护", "en": "Border patrol"},
            "reason": {"zh": "需要 border, segments", "en": "needs border, segments"},
        }
    ]
    assert data["sources"][0]["licence"] == "CC0"
    assert data["faults_total"] == 1


def test_every_figure_of_the_report_is_on_the_board(town: Any) -> None:
    _, data = read(render(town, "planner"))
    reported = [figure for made in town.report["layers"] for figure in made["figures"]]
    assert data["figures"] == reported


def test_figures_of_the_boards_own_layers_fill_up(frontier: Any) -> None:
    headline = content(frontier, PLANNER)["headline"]
    assert headline == [{"figure": "border-status.assigned", "beside": None}]


def test_rows_and_shapes_agree(town: Any) -> None:
    _, data = read(render(town, "planner"))
    for id, layer in data["layers"].items():
        shape_of = layer["shape_of"]
        whole = data["layers"][shape_of["like"]]["shape_of"] if "like" in shape_of else shape_of
        assert layer["rows"] == len(town.frame(id)) <= len(whole)
        assert max(whole) < len(data["shapes"])
        for name, column in layer["columns"].items():
            told = column if "all" in column or "like" in column else values_of(column)
            assert isinstance(told, dict) or len(told) == layer["rows"], (id, name)
        if "class" in layer:
            assert len(layer["class"]) == layer["rows"]
            assert max(layer["class"]) < len(layer["legend"]["classes"])
    for part in ("shape_of", "inside"):  # one shape for both themes
        assert data["layers"]["grid-staffing"][part] == {"like": "grid-walk"}
    assert data["layers"]["grid-staffing"]["columns"]["name"] == {"like": "grid-walk"}  # and one name


def test_lists_begin_with_the_worst(town: Any) -> None:
    _, data = read(render(town, "planner"))
    lists = {one["id"]: one for theme in data["themes"] for one in theme["lists"]}
    assert lists["unserved"]["columns"] == ["rank", "people", "extra_minutes", "station_id"]
    short = town.frame("grid-staffing").iloc[lists["staffing"]["rows"]]
    assert set(short["status"]) <= {"vacant", "short"}
    assert short["deficit"].is_monotonic_decreasing
    severity = town.frame("grid-findings").iloc[lists["findings"]["rows"]]["severity"].tolist()
    assert severity == ["fail", "warning", "info"]


def test_each_level_is_a_view_and_the_finest_comes_first(town: Any) -> None:
    _, data = read(render(town, "planner"))
    partition = next(theme for theme in data["themes"] if theme["id"] == "partition")
    assert [view["level"] for view in partition["views"]] == ["community", "county"]
    assert [view["title"]["en"] for view in partition["views"]] == ["Community", "County"]


def test_a_theme_colours_a_layer_by_another_of_its_numbers(town: Any) -> None:
    _, data = read(render(town, "planner"))
    layer = data["layers"]["grid-walk"]
    gap = layer["colourings"]["gap"]
    assert (layer["measure"], gap["measure"]) == ("minutes", "people_unserved")
    assert [one["label"]["en"] for one in gap["legend"]["classes"]] == [
        "None",
        "0–50",
        "50–200",
        "200–500",
        "> 500",
    ]
    assert (gap["legend"]["limit_after"], gap["legend"]["limit"]["en"]) == (0, "0 people")
    unserved = town.frame("grid-walk")["people_unserved"]
    assert gap["class"] == [sum(value > limit for limit in (0, 50, 200, 500)) for value in unserved]
    assert layer["class"] != gap["class"]


def test_a_colouring_has_limits_of_its_own_for_each_layer() -> None:
    theme = next(one for one in PLANNER.themes if one.id == "gap")
    assert theme.colouring
    for id in theme.layers:
        dressed = theme.colouring.of(catalogue.layer(id))
        assert dressed.measure == "people_unserved"
        assert dressed.breaks and dressed.limit
        breaks = dressed.breaks(Parameters())
        assert len(breaks) <= 4
        assert dressed.limit(Parameters()) in breaks
    assert theme.colouring.of(catalogue.layer("division-walk")).title == catalogue.layer("division-walk").title
    with pytest.raises(KeyError):
        theme.colouring.of(catalogue.layer("stations"))


def test_hubs_are_those_that_others_name(town: Any) -> None:
    _, data = read(render(town, "planner"))
    assert data["layers"]["stations"]["hubs"] == [0, 1]  # a courier hub, and the hub of the spokes


def test_the_patrol_list_begins_with_what_is_most_overdue(frontier: Any) -> None:
    _, data = read(render(frontier, "patrol"))
    assert data["work"]["layer"] == "border-status"
    states = frontier.frame("border-status")["state"].iloc[data["work"]["rows"]].tolist()
    assert list(dict.fromkeys(states)) == ["critical", "overdue", "never", "unassigned", "due", "ok"]
    assert data["layers"]["border-status"]["spans"][0] == ["1", "5"]  # 10 km, a marker every 2.5 km


def test_a_workspace_without_anything_to_colour_still_opens(town: FakeBuild) -> None:
    only = {id: town.made[id] for id in ("divisions", "background")}
    bare = replace(
        town,
        made=only,
        report={**town.report, "layers": [one for one in town.report["layers"] if one["id"] in only]},
    )
    _, data = read(render(bare, "planner"))
    assert data["themes"] == []
    assert len(data["missing"]) == sum(not theme.extra for theme in PLANNER.themes)
    assert data["week"] is None


def test_a_district_of_1220_grids_fits_into_one_mailable_file() -> None:
    assert len(render(town_build(1_220), "planner").encode()) < 1_200_000


def test_data_survives_its_embedding() -> None:
    for text in (*HOSTILE, "{", "{{{", "{{%", "<!--", "\\u003c", "\u2028", '"', "{#"):
        made = page.embedded("x", {"name": text, text: [text]})
        assert json.loads(made[made.index(">") + 1 : -len("</script>")]) == {"name": text, text: [text]}
