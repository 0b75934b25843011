"""What a board holds of an earlier build: only what differs, in the board's own rows, with old shapes."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from typing import Any

import numpy as np
import orjson
import pytest
import shapely

from geo.comparison import CHANGES
from geo.service import Build
from maps import palette
from maps.boards import board
from maps.content import content
from maps.page import render
from tests.maps.fake_build import town_build
from tests.maps.fake_changes import BEFORE, BETTER, GONE, NEW, WIDER, WORSE, two_builds
from tests.maps.test_palette import APART, delta_e, lab, nearest


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    before, now = two_builds()
    return told(now, before)


def told(now: Any, before: Any) -> dict[str, Any]:
    return content(now, board("planner"), before)


def code_of(changes: dict[str, Any], row: int) -> str:
    return str(CHANGES[changes["change"][changes["rows"].index(row)]])


def test_the_rows_that_changed_and_no_others(page: dict[str, Any]) -> None:
    walk = page["changes"]["layers"]["grid-walk"]
    assert {row: code_of(walk, row) for row in walk["rows"]} == {
        BETTER: "better",
        WORSE: "worse",
        NEW: "new",
        WIDER: "same",
    }
    assert walk["before"][walk["rows"].index(WORSE)] == 2
    assert walk["was"][walk["rows"].index(WORSE)] == 0  # up to 5 minutes, the best class
    assert walk["was"][walk["rows"].index(NEW)] == -1
    assert walk["before"][walk["rows"].index(NEW)] is None


def test_the_heaviest_change_comes_first(page: dict[str, Any]) -> None:
    _, now = two_builds()
    people = now.frame("grid-walk")["people"]
    rows = page["changes"]["layers"]["grid-walk"]["rows"]
    size = {WORSE: 20 * people[WORSE], BETTER: 5 * people[BETTER], NEW: people[NEW], WIDER: 0}
    assert rows == sorted(size, key=lambda row: -size[row])


def test_what_is_gone_is_told_with_its_old_shape(page: dict[str, Any]) -> None:
    walk = page["changes"]["layers"]["grid-walk"]
    gone = walk["gone"]
    assert gone["rows"] == 1
    assert gone["columns"] == {"grid_id": [GONE], "name": ["模拟旧网格"], "people": [55]}
    assert (gone["before"], gone["was"]) == ([30], [4])
    assert page["shapes"][gone["shape_of"][0]]
    moved = [row for row, at in zip(walk["rows"], walk["shape_of"], strict=True) if at >= 0]
    assert moved == [WIDER]


def test_layers_that_did_not_change_are_not_there(page: dict[str, Any]) -> None:
    layers = page["changes"]["layers"]
    assert layers["grid-staffing"]["change"] == [CHANGES.index("worse")]
    assert {id for id, one in layers.items() if one["rows"] or one["gone"]["rows"]} >= {
        "grid-walk",
        "grid-staffing",
    }
    assert "grid-health" not in layers


def test_figures_that_differ(page: dict[str, Any]) -> None:
    assert page["changes"]["figures"] == {
        "grid-walk.people_covered": {"change": "better", "before": 0.7},
        "grid-staffing.vacant": {"change": "worse", "before": 8},
    }
    assert page["changes"]["against"] == {
        "version": BEFORE,
        "as_of": "2026-08-20",
        "published": "2026-08-21T03:00:00+00:00",
    }
    assert page["changes"]["differ"] == []


def test_without_an_earlier_build_nothing_is_there() -> None:
    town: Any = town_build()
    page = render(town, "planner")
    data = content(town, board("planner"))
    assert data["changes"] is None
    assert not any(key.startswith("changes.") for key in data["words"]["zh"])
    assert "gridwalk.changes =" not in page
    before, now = two_builds()
    fake: Any = now
    assert "gridwalk.changes =" in render(fake, "planner", against=before)  # type: ignore[arg-type]


def test_other_boards_do_not_compare() -> None:
    before, now = two_builds()
    fake: Any = now
    assert content(fake, board("patrol"), before)["changes"] is None  # type: ignore[arg-type]


def test_other_parameters_are_named_and_their_layers_left_out() -> None:
    before, now = two_builds(budget_minutes=10.0)
    layer, frame = now.made["grid-walk"]
    asked = {**now.made, "grid-walk": (replace(layer, params=("budget_minutes",)), frame)}
    page = told(replace(now, made=asked), before)
    assert page["changes"]["differ"] == [{"name": "budget_minutes", "before": 10.0, "after": 15.0}]
    assert page["changes"]["layers"]["grid-walk"] == {"differ": ("budget_minutes",)}
    assert page["changes"]["layers"]["grid-staffing"]["rows"]
    assert page["changes"]["figures"]["grid-walk.people_covered"]["change"] == "incomparable"


def test_the_same_pair_gives_the_same_bytes() -> None:
    before, now = two_builds()
    fake: Any = now
    pages = {render(fake, "planner", against=before) for _ in range(2)}  # type: ignore[arg-type]
    assert len(pages) == 1


def test_a_comparison_is_small(page: dict[str, Any]) -> None:
    assert len(orjson.dumps(page["changes"])) < 8_000


def test_many_old_shapes_are_not_drawn() -> None:
    before, now = two_builds()
    layer, frame = before.made["grid-walk"]
    rough = shapely.segmentize(shapely.buffer(frame.geometry.to_numpy(), 0.0007), 0.00002)
    assert shapely.get_num_coordinates(rough).sum() > 30_000
    heavy = replace(before, made={**before.made, "grid-walk": (layer, frame.set_geometry(list(rough), crs=4326))})
    walk = told(now, heavy)["changes"]["layers"]["grid-walk"]
    assert any(at < 0 for at in walk["shape_of"])
    assert len(walk["rows"]) >= len(now.frame("grid-walk")) - 1


def test_changes_can_be_told_apart_by_everybody() -> None:
    assert nearest((*palette.CHANGES.values(), palette.MISSING)) >= APART
    toned = [
        {palette.blend(palette.CHANGES[code], tone) for tone in palette.CHANGE_TONES}
        for code in ("better", "worse")
    ]
    others = {
        *(colour for code, colour in palette.CHANGES.items() if code not in ("better", "worse")),
        palette.MISSING,
    }
    groups = [*toned, *({colour} for colour in others)]
    for sight in ("normal", "protan", "deutan", "tritan"):
        seen = [[lab(colour, sight) for colour in group] for group in groups]
        assert min(delta_e(a, b) for one, other in combinations(seen, 2) for a, b in product(one, other)) >= APART


def test_every_code_has_a_colour_a_sign_and_a_word(page: dict[str, Any]) -> None:
    assert set(palette.CHANGES) == set(CHANGES)
    classes = page["changes"]["classes"]
    assert len({one["letter"]["en"] for one in classes}) == len(CHANGES)
    assert [bool(one["dash"]) for one in classes] == [code == "gone" for code in CHANGES]
    assert np.all([one["label"]["zh"] for one in classes])


@pytest.mark.parametrize("name", ["grid-walk", "grid-staffing"])
def test_a_layer_that_the_earlier_build_did_not_have(name: str) -> None:
    before, now = two_builds()
    without = {**before.report, "layers": [one for one in before.report["layers"] if one["id"] != name]}
    page = told(now, replace(before, report=without))
    assert page["changes"]["layers"][name] == {"absent": True}


def test_builds_have_what_a_board_asks_of_them() -> None:
    assert {"version", "report", "published", "frame"} <= set(dir(Build)) | set(Build.__dataclass_fields__)
