"""What the planner's board holds about findings, repair, large grids and schemes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from geo import catalogue
from maps import words
from maps.content import content
from maps.page import render
from maps.patrol import PATROL
from maps.planner import PLANNER
from maps.popup import values_of
from tests.maps.fake_build import FakeBuild
from tests.maps.fake_grids import SLIVER, grids_build, without


@pytest.fixture(scope="module")
def build() -> FakeBuild:
    return grids_build()


@pytest.fixture(scope="module")
def data(build: Any) -> dict[str, Any]:
    return content(build, PLANNER)


def lists(data: dict[str, Any]) -> dict[str, Any]:
    return {one["id"]: one for theme in data["themes"] for one in theme["lists"]}


def test_findings_are_listed_worst_first_those_without_ground_too(build: FakeBuild, data: dict[str, Any]) -> None:
    made = lists(data)["findings"]
    order = build.frame("grid-findings")["finding_id"].iloc[made["rows"]].tolist()
    assert order == ["g1", "z1", "o1", "e1", SLIVER, "n1"]  # of equal severity the largest; unknown size last
    assert made["filters"] == ["kind", "cause", "severity"]  # all are of one level
    assert made["stepped"]


def test_a_sliver_keeps_its_width(data: dict[str, Any]) -> None:
    """Two metres are two steps of the map's own scale, and one is lost by rounding; in fine steps they are 24."""
    layer = data["layers"]["grid-findings"]
    shape = data["shapes"][layer["shape_of"][4]]
    assert layer["small"]
    assert shape[0][0].startswith("*")
    assert layer["shape_of"][2] == -1
    assert not data["layers"]["divisions"]["small"]


def test_grids_are_written_in_the_order_of_the_layers_about_them(data: dict[str, Any]) -> None:
    layer = data["layers"]["grids"]
    assert layer["columns"]["grid_id"] == {"like": "grid-walk", "rows": 40, "then": ["D1", "D2", "G1"]}
    assert layer["shape_of"]["like"] == "grid-walk"
    assert [values_of(layer["columns"]["scheme"])[at] for at in (0, 39, 40, 42)] == [
        "main",
        "main",
        "large",
        "police",
    ]


def test_toggles_draw_one_scheme(data: dict[str, Any], build: FakeBuild) -> None:
    toggles = {one["id"]: one for one in data["toggles"]}
    assert toggles["grid_edges"]["keep"] == ("scheme", ("main",))
    assert toggles["large_edges"]["keep"] == ("scheme", ("large",))
    assert toggles["repair"]["layer"] == "grid-repair"
    assert not toggles["repair"]["on"]
    layer, frame = build.made["grids"]
    alike = FakeBuild(build.workspace, build.report, {**build.made, "grids": (layer, frame.assign(scheme="main"))})
    assert "large_edges" not in {one["id"] for one in content(alike, PLANNER)["toggles"]}  # type: ignore[arg-type]


def test_a_theme_of_layers_without_rows_is_not_there(build: FakeBuild) -> None:
    bare: Any = without(build, "districts", "grid-health")
    data = content(bare, PLANNER)
    assert not {"districts", "schemes", "partition"} & {one["id"] for one in data["themes"]}
    said = {one["title"]["en"] for one in data["missing"]}
    assert "Partition faults" in said
    assert not said & {"Large grids, proposed", "Grid schemes"}  # few have them: nothing is said


def test_only_grids_that_change_are_told_of(data: dict[str, Any]) -> None:
    layer = data["layers"]["district-proposal"]
    assert layer["rows"] == 10
    assert set(layer["columns"]) == {"grid_id", "district_id", "today_id", "households"}


def test_nobody_reads_who_looks_after_a_large_grid(build: Any) -> None:
    assert "secret" not in render(build, "planner")


def test_levels_of_several_trees_are_views_of_their_own(build: FakeBuild) -> None:
    layer, frame = build.made["grid-health"]
    real = catalogue.layer("grid-health")
    tree = next(field for field in real.fields if field.name == "tree")
    many = type(layer)(**{**{n: getattr(layer, n) for n in layer.__slots__}, "fields": (*layer.fields, tree)})
    doubled: Any = FakeBuild(
        build.workspace,
        build.report,
        {**build.made, "grid-health": (many, frame.assign(tree=["admin"] * 6 + ["police"] * (len(frame) - 6)))},
    )
    views = next(one for one in content(doubled, PLANNER)["themes"] if one["id"] == "partition")["views"]
    assert [(view["level"], view["tree"], view["title"]["zh"]) for view in views] == [
        ("community", "admin", "社区"),
        ("county", "admin", "旗县区"),
        ("community", "police", "社区（公安）"),
    ]


def test_every_kind_of_finding_is_explained_in_both_languages() -> None:
    layer = catalogue.layer("grid-findings")
    for lang in ("zh", "en"):
        book = words.book(lang)
        for kind in layer.field("kind").values:
            assert f"planner.what_{kind}" in book
            assert f"planner.do_{kind}" in book
        for cause in layer.field("cause").values:
            assert f"planner.why_{cause}" in book


def test_what_explains_findings_is_on_the_planners_board_alone(build: Any, data: dict[str, Any]) -> None:
    assert "planner.what_gap" in data["words"]["zh"]
    assert "planner.what_gap" not in content(build, PATROL)["words"]["zh"]


def test_the_page_is_plain_json(data: dict[str, Any]) -> None:
    assert json.loads(json.dumps(data))["board"] == "planner"
