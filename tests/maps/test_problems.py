"""The board of data problems: which rows are problems, in which order, of which file, and what is said of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geo import catalogue
from geo.layer import Title
from geo.words import LANGS
from geo.words import keys as messages
from geo.workspace import Source
from maps import boards, page, words
from maps.content import content
from maps.problems import faults, naming, places, sentences, view
from maps.problems.board import PROBLEMS
from maps.problems.sources import FAULTS, SOURCES, THEMES
from tests.maps.fake_build import HOSTILE
from tests.maps.fake_problems import NASTY_FILE, clean_build, frontier_build, problems_build


@pytest.fixture(scope="module")
def town() -> Any:
    return problems_build()


@pytest.fixture(scope="module")
def seen(town: Any) -> Any:
    return PROBLEMS.seen(town)


def told(build: Any, id: str) -> list[dict[str, Any]]:
    """Rows of a layer with codes as people read them (in English)."""
    layer = next(one for one in build.layers() if one.id == id)
    titles = {field.name: field.values for field in layer.fields}
    records = build.frame(id).drop(columns="geometry").to_dict("records")
    names = ("severity", "sort", "file", "table", "problem", "remedy")
    return [{**row, **{name: titles[name][row[name]].en for name in names}} for row in records]


def test_every_workspace_has_the_board(town: Any) -> None:
    assert "problems" in boards.available(town)
    clean: Any = clean_build()
    assert "problems" in boards.available(clean)
    assert boards.address_of("grid-findings") == ("planner", "theme=partition&pick=grid-findings:")


def test_only_what_is_wrong_is_listed_and_numbered_through_by_file(seen: Any) -> None:
    rows = [
        row
        for ids in THEMES.values()
        for id in ids
        if id in {one.id for one in seen.layers()}
        for row in told(seen, id)
    ]
    rows.sort(key=lambda row: row["line"])
    assert [row["line"] for row in rows] == list(range(1, len(rows) + 1))
    files = [row["file"] for row in rows]
    assert list(dict.fromkeys(files)) == [  # most to be mended first
        "a.csv; b.csv",
        "grids.gpkg",
        "stations.xlsx",
        NASTY_FILE,
        "population",  # no table of the report is called so
        "units.csv",
    ]
    for file in set(files):
        grave = [
            ["To be mended", "To be checked", "For information"].index(row["severity"])
            for row in rows
            if row["file"] == file
        ]
        assert grave == sorted(grave)
    assert {row["subject_id"] for row in told(seen, "snap-verdicts") if row["subject"] == "station"} == {
        "S001",
        "S002",
    }
    assert {row["status"] for row in told(seen, "grid-staffing")} == {"vacant"}


def test_sentences_name_what_is_wrong_and_what_to_do(seen: Any, town: Any) -> None:
    by_id = {row["finding_id"]: row for row in told(seen, "grid-findings")}
    assert " all hold this ground (9,230 m²). The outlines are almost the same: " in by_id["o1"]["problem"]
    assert by_id["o1"]["remedy"] == "Compare the codes and keep one of them."
    assert by_id["g1"]["problem"].startswith("0.23 km² of ")
    rules = {row["finding_id"]: row for row in told(seen, "rule-findings")}
    grid = town.frame("grids").set_index("grid_id")["name"]
    name = grid[rules["r1"]["target_id"]]
    assert rules["r1"]["problem"] == f"{name} should have at least 1 in the role Grid worker and has 0."
    assert (rules["r1"]["severity"], rules["r2"]["severity"]) == ("To be mended", "To be checked")
    assert " 1–2 in the role Deputy and has 3." in rules["r2"]["problem"]
    snaps = {row["verdict_id"]: row for row in told(seen, "snap-verdicts")}
    assert "(no coordinates)" in snaps["station:S001"]["problem"]
    assert snaps["station:S001"]["remedy"] == "Add its coordinates."
    assert snaps["station:S002"]["problem"] == "Too far from the next street (413 m): 3号党群服务中心."
    assert snaps["people:far"]["problem"] == "Too far from the next street (—): 31 people."


def test_the_border_is_told_by_markers() -> None:
    found = told(PROBLEMS.seen(frontier_build()), "border-findings")  # type: ignore[arg-type]
    lost = next(row for row in found if row["finding_id"] == "u")
    assert lost["problem"].endswith("nobody is responsible for 10 km.")
    assert lost["problem"].startswith("Marker 21 ")
    assert [(row["table"], row["ids"]) for row in found] == [("assignments", []), ("markers", ["23"])]


def test_a_fault_is_where_it_says_or_where_its_row_is(seen: Any, town: Any) -> None:
    rows = {row["code"]: row for row in told(seen, FAULTS)}
    assert (rows["geometry_invalid"]["lon"], rows["geometry_invalid"]["lat"]) == ("111.700000", "40.800000")
    about = rows["reference_unknown"]
    grid = town.frame("grids").set_index("grid_id").geometry[about["grid_id"]]
    assert grid.covers(shapely.Point(float(about["lon"]), float(about["lat"])))
    assert not isinstance(rows["encoding_used"]["lon"], str)
    ids = seen.frame(FAULTS)["fault_id"]
    assert ids.is_unique  # two are alike
    assert sorted(ids) == sorted(PROBLEMS.seen(problems_build()).frame(FAULTS)["fault_id"])  # type: ignore[arg-type]


def test_near_is_the_grid_or_else_the_nearest_division() -> None:
    grids = gpd.GeoDataFrame(
        {"grid_id": ["a", "b"], "name": ["Ost 1", None], "scheme": "main"},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
        crs="EPSG:4326",
    )
    divisions = gpd.GeoDataFrame(
        {"division_id": ["1", "2"], "name": ["Osten", "Westen"], "level": "community"},
        geometry=[shapely.box(0, 0, 2, 1), shapely.box(-3, 0, -1, 1)],
        crs="EPSG:4326",
    )
    points = shapely.points([[0.5, 0.5], [1.5, 0.5], [-0.9, 0.5]])
    everywhere = [*points, None]
    named = places.named(places.points_on(everywhere), grids, divisions)
    assert named == ["Ost 1", "Osten b", "Westen", ""]  # "Ost 1" begins as its division does
    assert places.degrees(places.points_on(everywhere))[2:] == [("-0.900000", "0.500000"), ("", "")]
    assert places.named(places.points_on(everywhere), None, None) == [""] * 4


def test_measures_read_as_on_the_boards() -> None:
    assert [naming.measured(value, "m").en for value in (2.04, 413.0, 22_792.6)] == ["2 m", "413 m", "22.8 km"]
    assert [naming.measured(value, "m²").en for value in (9_230.4, 231_927.0, 54_000_000.0)] == [
        "9,230 m²",
        "0.23 km²",
        "54 km²",
    ]
    assert naming.measured(float("nan"), "m") == words.title("value.missing")


def test_every_code_has_its_words() -> None:
    for code in faults.SORT_OF:
        assert f"fault.{code}" in messages("en"), code
    for sort in (*faults.SORTS, faults.REST):
        assert words.title(f"sheet.problem_sort_{sort}").zh

    def codes(layer: str, field: str) -> list[str]:
        return list(catalogue.layer(layer).field(field).values)

    pairs = [f"border_{code}" for code in codes("border-findings", "kind")]
    pairs += [f"rule_{code}" for code in codes("rule-findings", "state")]
    pairs += [f"defect_{code}" for code in codes("fence-defects", "fault")]
    pairs += [f"patrol_{code}" for code in codes("patrol-credits", "problem")]
    pairs += [f"hub_{code}" for code in ("no_hub", "unknown_hub", "wrong_hub")]
    keys = [key for pair in pairs for key in (pair, f"{pair}_do")]
    keys += [f"snap_{code}" for code in codes("snap-verdicts", "verdict") if code != "ok"]
    keys += [key for code in codes("snap-verdicts", "reason") for key in (f"snap_why_{code}", f"snap_{code}_do")]
    for lang in LANGS:
        assert [key for key in keys if f"sheet.problem_{key}" not in words.book(lang)] == []
    assert set(sentences.TELLERS) == set(SOURCES)
    assert {id for ids in THEMES.values() for id in ids} == {FAULTS, *SOURCES}
    for id in SOURCES:
        assert catalogue.layer(id)


def test_what_is_clean_is_said_with_how_much_was_looked_at() -> None:
    data = content(clean_build(), PROBLEMS)  # type: ignore[arg-type]
    assert data["themes"] == []
    reasons = {one["title"]["en"]: one["reason"]["en"] for one in data["missing"]}
    assert reasons["Faults in files"] == "10 rows checked, no problem found"
    assert reasons["Partition of grids"] == "10 rows checked, no problem found"
    figures = {one["id"]: one["value"] for one in data["figures"]}
    assert (figures["problems.fail"], figures["problems.warning"], figures["problems.rows"]) == (0, 0, 1.0)


def test_the_least_grave_are_left_out_and_that_is_said(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Any = PROBLEMS.seen(town)
    every = sum(len(frame) for _, frame in whole.made.values())
    monkeypatch.setattr(view, "LISTED", 3)
    cut: Any = PROBLEMS.seen(town)
    kept = [one for _, frame in cut.made.values() for one in frame["severity"]]
    assert kept == ["fail"] * 3
    figures = {one["id"]: one for made in cut.report["layers"] for one in made["figures"]}
    assert figures["problems.listed"]["numerator"] == 3
    assert figures["problems.listed"]["denominator"] == every


def test_hostile_files_rows_and_cells_are_data_and_nothing_else(town: Any) -> None:
    html = page.render(town, "problems")
    raw = html[html.index('id="board-data"') :].split("</script>")[0]
    data = json.loads(raw.partition(">")[2])
    fields = {field["name"]: field for field in data["layers"][FAULTS]["fields"]}
    assert NASTY_FILE in {one["zh"] for one in fields["file"]["values"].values()}
    assert any(HOSTILE[2] in one["zh"] for one in fields["problem"]["values"].values())
    assert "<img" not in raw
    assert "secret" not in html  # who looks after a large grid
    assert Title("", "") not in fields["problem"]["values"].values()


def test_the_page_has_the_words_it_says_and_no_others(town: Any) -> None:
    keys = content(town, PROBLEMS)["words"]["zh"]
    assert "problems.paper_title" in keys
    assert not [key for key in keys if key.startswith(("sheet.", "planner.", "patrol."))]


GIVEN = Source(file="表.csv", columns={"capacity": "容量"}, lon="经度", lat="纬度")


@pytest.mark.parametrize(
    ("column", "zh", "en"),
    [
        ("capacity", "容量", "容量"),  # as the file has it
        ("geometry", "经度、纬度", "经度, 纬度"),
        ("category", "类别（category）", "category"),  # as such files usually have it
        ("any thing", "any thing", "any thing"),
    ],
)
def test_a_column_is_called_as_in_the_file(column: str, zh: str, en: str) -> None:
    record = {"file": "表.csv", "table": "stations", "column": column}
    assert faults.heading(record, (GIVEN,)) == Title(zh, en)


def test_a_column_of_an_unknown_file_is_called_something() -> None:
    assert faults.heading({"file": "x", "table": "nothing", "column": None}, ()) is None
    assert faults.heading({"file": "x", "table": "grids", "column": "geometry"}, ()) == Title("图形", "geometry")
    assert faults.heading({"file": "x", "table": "nothing", "column": "a"}, ()) == Title("a", "a")


def test_a_row_without_an_id_is_told_by_its_number(town: Any) -> None:
    record = {**town.report["faults"][0], "row": 4}
    build = replace(town, report={**town.report, "faults": [record, {**record, "row": "4"}]})
    rows = PROBLEMS.seen(build).frame(FAULTS)
    assert rows["of"].tolist() == [view.LINE, "grids"]
    assert rows["ids"].tolist() == [["4"], ["4"]]


def test_a_stretch_without_anybody_names_the_segments_that_it_lies_in() -> None:
    segments = gpd.GeoDataFrame({"segment_id": ["a", "b", "c"], "start_m": [0.0, 10, 20], "end_m": [10.0, 20, 30]})
    found = gpd.GeoDataFrame(
        {
            "kind": ["unassigned", "no_segment", "unassigned"],
            "start_m": [10.0, 30, 5],
            "end_m": [20.0, 40, 12],
            "segment_ids": [["a", "b", "c"], ["c"], ["a", "b"]],
        }
    )
    assert places.within_segments(found, segments)["segment_ids"].tolist() == [["b"], ["c"], ["a", "b"]]
    assert places.within_segments(found, None) is found
    assert len(places.within_segments(found.iloc[:0], segments)) == 0
