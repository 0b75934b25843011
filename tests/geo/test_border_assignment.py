"""Whose stretch is this? Hand-made answers, laws against a metre-by-metre oracle, all that can be wrong."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely import LineString, Point

from geo.border.assignment import assignment_findings, segment_status
from geo.border.fields import KIND_WORDS, SEVERITY_WORDS
from geo.border.findings import SEVERITY
from geo.border.holding import cells, hold
from geo.border.intervals import depth, latest, members, runs, snapped, uncovered_runs
from geo.border.layers import LAYERS
from geo.catalogue import missing_tables
from geo.parameters import Parameters
from geo.tables.conform import conform
from tests.asking import ask
from tests.worlds import at_m, hundred_km

DAY = date(2026, 1, 10)
PARAMETERS = Parameters(as_of=DAY)
ASKED = [layer for layer in LAYERS if not missing_tables(layer, hundred_km())]
KM = 1_000  # the laws are tried on one kilometre, metre by metre
metres = st.integers(0, KM)
pairs = st.lists(st.tuples(metres, metres).map(sorted), max_size=12)


def findings(world: dict[str, Any], **changed: Any) -> gpd.GeoDataFrame:
    tables = {**world, **changed}
    return assignment_findings(
        tables["border"],
        tables["segments"],
        tables["assignments"],
        tables["staff"],
        markers=tables["markers"],
        as_of=DAY,
    )


def segments_of(**columns: Any) -> gpd.GeoDataFrame:
    geometry = columns.pop("geometry", None)
    table = pd.DataFrame(columns)
    table["segment_id"] = [f"s{number}" for number in range(len(table))]
    return conform("segments", gpd.GeoDataFrame(table, geometry=geometry or [None] * len(table), crs="EPSG:4326"))


def with_segments(**columns: Any) -> dict[str, Any]:
    """The hundred kilometres with other segments, each of them held by g1."""
    segments = segments_of(**columns)
    held = pd.DataFrame({"staff_id": "g1", "target_type": "segment", "target_id": segments["segment_id"]})
    held["assignment_id"] = held["target_id"]
    return {**hundred_km(), "segments": segments, "assignments": conform("assignments", held)}


def spans(found: gpd.GeoDataFrame, kind: str) -> list[list[float]]:
    rows = found[found["kind"] == kind]
    return (rows[["start_m", "end_m"]].to_numpy() / 1_000).round(6).tolist()  # type: ignore[no-any-return]


def kinds(found: gpd.GeoDataFrame) -> list[str]:
    return sorted(found["kind"])


def test_findings_by_hand() -> None:
    found = findings(hundred_km()).set_index("kind")
    assert sorted(found.index) == [
        "assignment_lost",
        "length_mismatch",
        "marker_shared",
        "marker_unheld",
        "no_segment",
        "overlap",
        "overlong",
        "unassigned",
    ]
    bounds = {kind: (row["start_m"] / 1_000, row["end_m"] / 1_000) for kind, row in found.iterrows()}
    assert bounds["unassigned"] == (
        50,
        80,
    )  # s3, whose guard's time is over, and the hole after it are one stretch
    assert bounds["no_segment"] == (75, 80)
    assert bounds["overlap"] == (25, 30)
    assert bounds["overlong"] == bounds["length_mismatch"] == (80, 100)
    assert found.loc["unassigned", ["length_m", "severity"]].tolist() == [30_000, "fail"]
    assert found.loc["unassigned", "segment_ids"] == ["s2", "s3", "s4"]
    assert found.loc["unassigned", "post_ids"] == ["p2", "p3"]
    assert found.loc["unassigned", ["marker_from", "marker_to"]].tolist() == ["4", "6"]
    assert found.loc["overlap", "segment_ids"] == ["s1", "s2"]
    assert found.loc["marker_shared", ["marker_from", "marker_to"]].tolist() == ["3", "3"]
    assert found.loc["marker_unheld", ["marker_from", "start_m"]].tolist() == ["5", 77_000]
    beside = ["segment_before", "segment_after", "post_before", "post_after"]
    assert found.loc["unassigned", beside].tolist() == ["s2", "s4", "p2", "p3"]
    assert found.loc["no_segment", beside].tolist() == ["s3", "s4", "p2", "p3"]
    assert found.loc["overlap", beside].tolist() == ["s1", "s2", "p1", "p2"]
    assert found.loc["overlong", beside].fillna("").tolist() == ["s3", "", "p2", ""]
    assert found.loc["marker_shared", beside].fillna("").tolist() == ["", "s3", "", "p2"]
    assert found.loc["overlap", "staff_ids"] == ["g1", "g2", "g6"]
    assert found.loc["unassigned", "staff_ids"] == []
    lost = ["assignment_id", "reason", "staff_ids"]
    assert found.loc["assignment_lost", lost].tolist() == ["a5", "unknown_staff", ["g5"]]
    assert found.geometry["overlap"].equals_exact(LineString(at_m(25_000, 30_000)), 1e-8)
    assert found.geometry["marker_shared"].equals_exact(Point(at_m(27_000)[0]), 1e-8)


def test_every_kind_of_finding_has_words_and_a_severity() -> None:
    assert list(SEVERITY) == list(KIND_WORDS)
    assert set(SEVERITY.values()) <= set(SEVERITY_WORDS)


def test_segments_by_hand() -> None:
    world = hundred_km()
    status = segment_status(
        world["border"],
        world["segments"],
        world["assignments"],
        world["visits"],
        staff=world["staff"],
        markers=world["markers"],
        as_of=DAY,
    ).set_index("segment_id")
    assert status["length_m"].to_numpy() == pytest.approx([30_000, 25_000, 25_000, 20_000])
    assert status["guards"].tolist() == [1, 2, 0, 1]  # g5 is not on the staff list, g3's last day was yesterday
    assert status["staff_ids"].tolist() == [["g1"], ["g2", "g6"], [], ["g4"]]
    assert status["assigned"].tolist() == [True, True, False, True]
    assert status["interval_days"].tolist() == [7, 7, 7, 1]
    # n · R · 3.5 km/h · 8 h / 2 = n · R · 14 km
    assert status["allowed_m"].to_numpy() == pytest.approx([98_000, 196_000, np.nan, 14_000], nan_ok=True)
    assert status["overlong"].tolist() == [False, False, False, True]
    assert status["state"].tolist() == ["ok", "never", "unassigned", "ok"]  # 2 of s2's km have never been seen
    assert status["covered_km"].to_numpy() == pytest.approx([30, 15, 0, 20])
    assert status["idle_days"].to_numpy() == pytest.approx([1, 15, 15, 0.5])  # never: since the first visit at all
    assert status.geometry["s2"].equals_exact(LineString(at_m(25_000, 33_000, 50_000)), 1e-8)


def test_figures_by_hand() -> None:
    world = hundred_km()
    figures = {
        figure.id: figure
        for layer in ASKED
        for figure in layer.figures(ask(layer.id, world, PARAMETERS), PARAMETERS)
    }
    assert figures["border.length"].value == pytest.approx(100_000)
    assert figures["border-findings.unassigned_m"].value == pytest.approx(30_000)
    assert figures["border-findings.no_segment_m"].value == pytest.approx(5_000)
    assert figures["border-findings.overlap_m"].value == pytest.approx(5_000)
    assert figures["border-findings.overlong"].value == 1
    assigned = figures["border-status.assigned"]
    assert assigned.numerator == pytest.approx(70_000)
    assert assigned.denominator == pytest.approx(100_000)
    assert figures["border-status.has_segment"].value == pytest.approx(0.95)
    assert figures["border-status.overdue"].value == pytest.approx(0.08)  # 5 km overdue + 3 km critical
    assert figures["border-status.never"].value == pytest.approx(0.02)
    assert figures["border-status.worst_idle_days"].value == pytest.approx(15)
    assert figures["border-segments.assigned"].value == 0.75
    assert figures["posts.holding"].value == 0.75  # p4 holds nothing


def test_posts_and_markers_by_hand() -> None:
    world = hundred_km()
    posts = ask("posts", world, PARAMETERS).set_index("post_id")
    assert posts["segments"].to_dict() == {"p1": 1, "p2": 2, "p3": 1, "p4": 0}
    assert posts["length_m"].to_numpy() == pytest.approx([30_000, 50_000, 20_000, 0])
    markers = ask("markers", world, PARAMETERS).set_index("number")
    assert markers["segment_ids"].to_dict() == {
        "1": ["s1"],
        "2": ["s1", "s2"],
        "3": ["s1", "s2"],
        "4": ["s2", "s3"],
        "5": [],
        "6": ["s4"],
    }
    assert ask("posts", {"posts": world["posts"]}, PARAMETERS)["segments"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("layer", ASKED, ids=lambda layer: layer.id)
def test_rows_in_another_order_give_the_same(layer: Any) -> None:
    world = hundred_km()
    shuffled = {name: table.sample(frac=1, random_state=5) for name, table in world.items()}
    assert_frame_equal(
        pd.DataFrame(ask(layer.id, shuffled, PARAMETERS)), pd.DataFrame(ask(layer.id, world, PARAMETERS))
    )


@pytest.mark.parametrize("layer", [layer for layer in ASKED if not layer.private], ids=lambda layer: layer.id)
def test_needed_tables_are_enough(layer: Any) -> None:
    world = hundred_km()
    made = ask(layer.id, {name: world[name] for name in missing_tables(layer, ())}, PARAMETERS)
    assert len(made) or layer.id == "patrol-visits"  # whatever kind of visits there are
    assert made[layer.key].is_unique


def test_without_assignments_nothing_is_assigned_and_without_staff_everybody_counts() -> None:
    world = hundred_km()
    assert spans(findings(world, assignments=None), "unassigned") == [[0, 100]]
    assert spans(findings(world, staff=world["staff"].iloc[:0]), "unassigned") == [[0, 100]]
    kept = ask("border-segments", {**world, "staff": None}, PARAMETERS)
    assert kept["guards"].tolist() == [2, 2, 0, 1]


def test_assignments_hold_from_their_first_day_until_before_their_last() -> None:
    world = hundred_km()

    def unassigned(day: date) -> float:
        found = assignment_findings(
            world["border"], world["segments"], world["assignments"], None, as_of=day, markers=world["markers"]
        )
        return float(found["length_m"][found["kind"] == "unassigned"].sum())

    # s2 also has g6; s3 has only g3, until 10 January; s1 also has g5
    assert unassigned(date(2026, 1, 9)) == pytest.approx(5_000)
    assert unassigned(date(2026, 1, 10)) == pytest.approx(30_000)
    assert unassigned(date(2026, 1, 11)) == pytest.approx(30_000)


def test_assigned_intervals_hold_what_lies_in_a_segment() -> None:
    world = with_segments(start_m=[0.0], end_m=[60_000.0], border_id=["east"])
    people = pd.DataFrame(
        {
            "assignment_id": ["a", "b", "c"],
            "staff_id": ["g1", "g2", "g2"],
            "target_type": "interval",
            "start_m": [0.0, 20_000.0, 21_000.0],
            "end_m": [30_000.0, 70_000.0, 22_000.0],
        }
    )
    held = findings(world, assignments=conform("assignments", people))
    assert spans(held, "unassigned") == [[60, 100]]  # b's last 10 km are in no segment
    assert spans(held, "no_segment") == [[60, 100]]
    assert spans(held, "overlap") == [[20, 30]]  # g1 and g2; g2 twice is one person
    joint = findings(world, assignments=conform("assignments", people.assign(joint=[True, False, False])))
    assert spans(joint, "overlap") == []
    half = conform("assignments", people.iloc[:1])
    rows = segment_status(world["border"], world["segments"], half, None, as_of=DAY)
    assert rows[["assigned", "guards", "state"]].iloc[0].tolist() == [False, 1, "unassigned"]
    assert spans(findings(world, assignments=half), "unassigned") == [[30, 100]]


def test_what_is_meant_to_overlap_is_not_a_finding() -> None:
    bounds = {"border_id": "east", "start_m": [0.0, 10_000.0, 15_000.0], "end_m": [20_000.0, 100_000.0, 18_000.0]}
    assert spans(findings(with_segments(**bounds)), "overlap") == [[10, 20]]
    one = findings(with_segments(**bounds, joint=[True, False, False]))
    assert spans(one, "overlap") == [[15, 18]]  # the other two still hold it twice
    assert spans(findings(with_segments(**bounds, joint=[True, True, False])), "overlap") == []
    world = with_segments(**bounds)
    world["assignments"]["joint"] = world["assignments"]["target_id"] != "s1"
    assert spans(findings(world), "overlap") == []


def test_touching_segments_neither_overlap_nor_leave_a_gap() -> None:
    world = with_segments(border_id="east", start_m=[0.0, 25_000.0], end_m=[25_000.0, 100_000.0])
    assert kinds(findings(world)) == []
    noisy = with_segments(  # a marker and a written measure, 0.2 mm apart; the border's end, 0.4 m off
        border_id="east", start_m=[0.0, 25_000.0], end_m=[24_999.9998, 100_000.4]
    )
    assert kinds(findings(noisy)) == []
    half_a_metre = findings(with_segments(border_id="east", start_m=[0.0, 25_000.5], end_m=[25_000.0, 100_000.0]))
    assert sorted(half_a_metre["severity"]) == ["info", "info"]
    assert kinds(half_a_metre) == ["no_segment", "unassigned"]


def test_segments_that_have_no_place() -> None:
    world = with_segments(
        border_id=["east", "east", "west", None, None],
        start_m=[50.0, 70.0, 0.0, None, 5.0],
        end_m=[50.0, 60.0, 10.0, None, None],
        start_marker=[None, None, None, "1", None],
        end_marker=[None, None, None, "nobody's", None],
    )
    found = findings(world)
    bad = found[found["kind"] == "bad_interval"]
    assert sorted(ids[0] for ids in bad["segment_ids"]) == ["s0", "s1", "s2", "s3", "s4"]
    by_segment = bad.set_index(bad["segment_ids"].str[0]).geometry
    assert by_segment.geom_type.where(by_segment.notna(), "").to_dict() == {
        "s0": "Point",
        "s1": "LineString",
        "s2": "",
        "s3": "",
        "s4": "",
    }
    assert spans(found, "unassigned") == [[0, 100]]
    rows = ask("border-segments", world, PARAMETERS)
    assert rows["state"].isna().all()
    assert rows["length_m"].isna().all()
    assert not rows["assigned"].any()


def test_segments_beyond_the_border() -> None:
    far = LineString([(100.1, 0.05), (100.2, 0.05)])  # 5.5 km north of it
    near = LineString([(100.2, 0.002), (100.1, -0.002)])  # 220 m off at both ends, drawn backwards
    world = with_segments(
        border_id=["east", "east", None, None],
        start_m=[90_000.0, 100_500.0, None, None],
        end_m=[104_000.0, 101_000.0, None, None],
        geometry=[None, None, far, near],
    )
    found = findings(world)
    outside = found[found["kind"] == "out_of_range"]
    assert sorted(ids[0] for ids in outside["segment_ids"]) == ["s0", "s1", "s2"]
    assert [round(end) for _, end in spans(found, "unassigned")] == [11, 90]
    rows = ask("border-segments", world, PARAMETERS).set_index("segment_id")
    assert rows.loc["s0", ["end_m", "length_m"]].tolist() == [104_000, pytest.approx(10_000)]
    assert rows.loc["s3", "start_m"] == pytest.approx(11_131.949)
    assert rows.loc["s3", "end_m"] == pytest.approx(22_263.898)


@pytest.mark.parametrize(("declared", "off"), [(10_500, False), (10_501, True), (9_500, False), (9_499, True)])
def test_declared_length_may_be_off_by_five_percent(declared: float, off: bool) -> None:
    world = with_segments(
        border_id="east", start_m=[0.0, 10_000.0], end_m=[10_000.0, 100_000.0], length_declared_m=[declared, None]
    )
    assert (kinds(findings(world)) == ["length_mismatch"]) is off


@pytest.mark.parametrize(
    ("mode", "speed", "hours", "days", "overlong"),
    [
        ("foot", None, None, 7.0, True),  # 1 · 7 · 3.5 · 8 / 2 = 98 km
        ("foot", None, None, 7.2, False),  # 100.8 km
        ("horse", None, None, 4.0, False),  # 4 · 6.4 · 8 / 2 = 102.4 km
        ("foot", 5.0, 10.0, 4.0, False),  # 4 · 5 · 10 / 2 = 100 km: just enough
        ("foot", 5.0, 9.9, 4.0, True),
    ],
)
def test_overlong_follows_from_the_work(
    mode: str, speed: float | None, hours: float | None, days: float, overlong: bool
) -> None:
    world = with_segments(
        border_id=["east"],
        start_m=[0.0],
        end_m=[99_999.0],
        mode=[mode],
        speed_kmh=[speed],
        hours_per_day=[hours],
        interval_days=[days],
    )
    assert ("overlong" in kinds(findings(world))) is overlong


def test_required_interval_comes_from_the_segment_then_its_class_then_the_default() -> None:
    world = with_segments(
        border_id="east",
        start_m=[0.0, 1.0, 2.0, 3.0],
        end_m=[10.0, 11.0, 12.0, 13.0],
        interval_days=[3.0, None, None, 0.0],
        **{"class": ["river", "river", None, "unheard of"]},
    )
    asked = Parameters(as_of=DAY, interval_days={"default": 5, "river": 14})
    assert ask("border-segments", world, asked)["interval_days"].tolist() == [3, 14, 5, 5]
    asked = Parameters(as_of=DAY, interval_days={"river": 14})
    assert ask("border-segments", world, asked)["interval_days"].tolist() == [3, 14, 7, 7]


def test_each_border_has_its_own_measures() -> None:
    border = gpd.GeoDataFrame(
        {"border_id": ["a", "b", "c"], "part": "1", "sequence": 1},
        geometry=[LineString(at_m(0, 1_000)), LineString([(100, 1), (100.01, 1)]), None],
        crs="EPSG:4326",
    )
    segments = segments_of(
        border_id=["a", "b", None],
        start_m=[0.0, 0.0, None],
        end_m=[400.0, 2_000.0, None],
        geometry=[None, None, None],
    )
    found = assignment_findings(conform("border", border), segments, None, None, as_of=DAY)
    bare = found[found["kind"] == "no_segment"]
    assert bare["border_id"].tolist() == ["a"]
    assert (bare["start_m"].item(), bare["end_m"].item()) == (400, pytest.approx(1_000))
    assert found["border_id"][found["kind"] == "out_of_range"].tolist() == ["b"]
    assert found["border_id"][found["kind"] == "bad_interval"].isna().tolist() == [True]


def test_two_small_findings_within_a_metre_have_different_ids() -> None:
    world = with_segments(border_id=["east"], start_m=[0.0], end_m=[100_000.0])
    people = pd.DataFrame(
        {
            "assignment_id": ["a", "b", "c"],
            "staff_id": "g1",
            "target_type": "interval",
            "start_m": [0.0, 10.2, 10.4],
            "end_m": [10.1, 10.3, 100_000.0],
        }
    )
    found = findings(world, assignments=conform("assignments", people))
    assert len(spans(found, "unassigned")) == 2
    assert found["finding_id"].is_unique


# --- laws -------------------------------------------------------------------------------------------------------


def slow(bounds: list[list[int]]) -> Any:
    """How many intervals cover each metre, metre by metre."""
    count = np.zeros(KM, dtype=int)
    for start, end in bounds:
        for metre in range(start, end):
            count[metre] += 1
    return count


def arrays_of(bounds: list[list[int]]) -> tuple[Any, Any]:
    return tuple(np.array(bounds, dtype=float).reshape(-1, 2).T)  # type: ignore[return-value]


@given(pairs)
def test_covered_and_uncovered_add_up(bounds: list[list[int]]) -> None:
    start, end = arrays_of(bounds)
    bare = uncovered_runs(start, end, length_m=float(KM))
    mine = np.zeros(KM, dtype=bool)
    for low, high in bare.astype(int):
        mine[low:high] = True
    assert (mine == (slow(bounds) == 0)).all()
    assert (bare[1:, 0] > bare[:-1, 1]).all()  # maximal: two runs never touch


@given(pairs)
def test_cells_know_how_many_which_and_the_last(bounds: list[list[int]]) -> None:
    start, end = arrays_of(bounds)
    breaks = np.arange(KM + 1.0)
    assert (depth(start, end, breaks) == slow(bounds)).all()
    last = np.full(KM, -1)
    inside: list[list[int]] = [[] for _ in range(KM)]
    for number, (low, high) in enumerate(bounds):
        last[low:high] = number
        for metre in range(low, high):
            inside[metre].append(number)
    assert (latest(start, end, breaks) == last).all()
    assert members(start, end, breaks) == [tuple(one) for one in inside]


@given(st.lists(st.booleans(), max_size=30))
def test_runs_are_the_flagged_cells_joined(flags: list[bool]) -> None:
    breaks = np.arange(len(flags) + 1.0)
    found = runs(np.array(flags, dtype=bool), breaks)
    again = [any(low <= cell < high for low, high in found) for cell in range(len(flags))]
    assert again == flags
    assert (found[1:, 0] > found[:-1, 1]).all()


def test_nothing_is_snapped_out_of_the_line() -> None:
    assert snapped(np.array([np.nan, -1.0, 5.0004]), np.array([9.0, 9.0, 5.0002])).tolist()[1:] == [0.0, 5.0002]


holders = st.lists(st.tuples(metres, metres, st.booleans(), st.booleans()), max_size=8)
span = st.tuples(metres, metres).map(sorted)
assigned = st.tuples(st.sampled_from(["g1", "g2", "g3"]), span, st.booleans())


@settings(max_examples=20, deadline=None)
@given(pairs.filter(bool), st.lists(assigned, max_size=8), st.sets(st.integers(0, 11)))
def test_who_holds_each_metre_and_each_segment_metre_by_metre(
    bounds: list[list[int]], intervals: list[tuple[str, list[int], bool]], manned: set[int]
) -> None:
    """Segments with or without somebody of their own, and intervals of people, joint or not."""
    km = gpd.GeoDataFrame(
        {"border_id": ["e"], "part": ["1"], "sequence": [1]}, geometry=[LineString(at_m(0, KM))], crs="EPSG:4326"
    )
    segments = segments_of(start_m=[a for a, _ in bounds], end_m=[b for _, b in bounds])
    own = [{"staff_id": "g0", "target_type": "segment", "target_id": f"s{number}"} for number in sorted(manned)]
    reaching = [
        {"staff_id": who, "target_type": "interval", "start_m": low, "end_m": high, "joint": joint}
        for who, (low, high), joint in intervals
    ]
    table = pd.DataFrame([*own, *reaching, {"staff_id": "g9", "target_type": "grid", "target_id": "x"}])
    table["assignment_id"] = [f"a{number}" for number in range(len(table))]
    table["joint"] = table.get("joint", pd.Series(False, index=table.index)).fillna(False)
    held = hold(conform("border", km), segments, conform("assignments", table), as_of=DAY)

    by_person = {
        who: slow([span for other, span, joint in intervals if other == who and not joint]) > 0
        for who in ("g1", "g2", "g3")
    }
    anybody = slow([span for _, span, _ in intervals]) > 0
    in_segment, twice = slow(bounds) > 0, slow(bounds) > 1
    own_there = slow([bounds[number] for number in manned if number < len(bounds)]) > 0
    cut = cells(held, "e")
    cell = np.searchsorted(cut.breaks, np.arange(KM) + 0.5) - 1
    assert (cut.assigned[cell] == (own_there | (in_segment & anybody))).all()
    assert (cut.doubled[cell] == (twice | (sum(by_person.values()) > 1))).all()
    for number, row in (
        held.segments.set_index("segment_id").sort_index(key=lambda ids: ids.str[1:].astype(int)).iterrows()
    ):
        low, high = bounds[int(str(number)[1:])]
        mine = {who for who, (a, b), _ in intervals if a < high and b > low and a < b and low < high}
        first = {"g0"} if int(str(number)[1:]) in manned else set()
        assert row["staff_ids"] == sorted(mine | first)
        whole = low < high and (bool(first) or (bool(mine) and (~anybody[low:high]).sum() <= 1))
        assert row["assigned"] == whole
