"""What got better and what worse between two builds: by hand, by laws, and against a slow oracle."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from shapely.geometry import box

from geo import catalogue
from geo.comparison import SILENT, compare_figures, compare_rows, differing, order_of, step_of
from geo.layer import Field, Layer, Title
from geo.parameters import Parameters
from tests.worlds import two_quarters

WALK = catalogue.layer("grid-walk")
STAFFING = catalogue.layer("grid-staffing")
OPPOSITE = {
    "better": "worse",
    "worse": "better",
    "new": "gone",
    "gone": "new",
    "same": "same",
    "changed": "changed",
}
UNORDERED = {  # coded measures that say what a thing is, not how good
    "repair-ledger": "which rule",
    "grid-repair": "what a proposal does",
    "rule-findings": "each is a finding",
    "deputy-proposal": "why there",
    "stations": "what kind",
    "station-catchments": "what kind",
    "border": "what kind",
    "border-findings": "each is a finding",
    "posts": "what kind",
    "patrol-visits": "how it is known",
    "segment-proposal": "what a proposal does",
}


def compared(
    before: gpd.GeoDataFrame | None = None, after: gpd.GeoDataFrame | None = None, layer: Layer = WALK
) -> pd.DataFrame:
    then, now = two_quarters()
    return compare_rows(layer, then if before is None else before, now if after is None else after).set_index(
        "key"
    )


def test_rows_by_hand() -> None:
    made = compared()
    assert made["change"].to_dict() == {
        "a": "better",
        "b": "worse",
        "c": "same",
        "d": "better",
        "e": "changed",
        "f": "gone",
        "g": "new",
    }
    assert made.loc[["a", "b", "c"], "delta"].tolist() == [-3.0, 4.0, 0.0]
    assert made.loc["d", "delta"] == -math.inf
    assert made.loc[["e", "f", "g"], "delta"].isna().all()
    assert made.loc[["a", "b", "f", "g"], "weight"].tolist() == [100.0, 50.0, 40.0, 60.0]
    # 3 min × 100 people, 4 × 50, the same, 0.1 min × 10 (20 min is the longest way there is), the others × 1
    assert made["score"].to_dict() == pytest.approx(
        {"a": 300, "b": 200, "c": 0, "d": 1, "e": 30, "f": 40, "g": 60}
    )
    assert not made["moved"].any()


def test_a_way_that_is_lost_is_as_long_as_the_longest() -> None:
    then, now = two_quarters()
    made = compared(then, now.assign(minutes=[math.inf, 14.0, 8.0, 20.0, 9.0, 6.0]))
    assert made.loc["a", ["change", "delta"]].tolist() == ["worse", math.inf]
    assert made.loc["a", "score"] == pytest.approx((20 - 10) * 100)


def test_six_seconds_more_are_a_difference() -> None:
    then, now = two_quarters()
    made = compared(then, now.assign(minutes=[10.1, 9.9, 8.0999, math.inf, 9.0, 6.0]))
    assert made.loc[["a", "b", "c", "d", "e"], "change"].tolist() == ["worse", "better", "same", "same", "same"]


def test_high_may_be_good_and_nothing_may_be() -> None:
    high, neither = (compared(layer=replace(WALK, good=good)) for good in ("high", None))
    assert high.loc[["a", "b", "d"], "change"].tolist() == ["worse", "better", "worse"]
    assert neither.loc[["a", "b", "c"], "change"].tolist() == ["changed", "changed", "same"]


def test_codes_are_compared_by_their_order() -> None:
    then, now = (frame.head(5) for frame in two_quarters())
    then = then.assign(status=["vacant", "met", "met", "short", None], households=[100, 200, 300, 50, 10])
    now = now.assign(status=["met", "vacant", "surplus", "short", "met"], households=[100, 200, 300, 50, 10])
    made = compared(then, now, STAFFING)
    assert made["change"].tolist() == ["better", "worse", "changed", "same", "changed"]
    assert made["delta"].tolist()[:4] == [-2.0, 2.0, 0.0, 0.0]  # steps: met 0, short 1, vacant 2
    assert made["score"].tolist() == [200.0, 400.0, 300.0, 0.0, 10.0]


@pytest.mark.parametrize(
    "layer",
    [one for one in catalogue.LAYERS if not one.private and one.measure and one.field(one.measure).values],
    ids=lambda layer: layer.id,
)
def test_every_coded_measure_has_an_order_or_none_is_meant(layer: Layer) -> None:
    codes = layer.field(layer.measure or "").values
    order = order_of(codes)
    assert (order is None) == (layer.id in UNORDERED)
    assert order is None or set(order) == set(codes) - SILENT


def test_a_layer_without_measure_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="no measure"):
        compared(layer=replace(WALK, measure=None))


def test_nothing_before_is_all_new_and_nothing_now_all_gone() -> None:
    then, now = two_quarters()
    assert set(compared(then.head(0), now)["change"]) == {"new"}
    assert set(compared(then, now.head(0))["change"]) == {"gone"}
    assert len(compared(then.head(0), now.head(0))) == 0


def test_a_column_that_an_older_gridwalk_did_not_have_is_missing() -> None:
    then, now = two_quarters()
    made = compared(then.drop(columns=["minutes", "people"]), now)
    assert made.loc[["a", "b"], "change"].tolist() == ["changed", "changed"]
    assert made.loc["f", "weight"] != made.loc["f", "weight"]
    assert made.loc["f", "score"] == 0


def test_only_a_shape_that_moved_has_moved() -> None:
    then, now = (frame.head(4) for frame in two_quarters())
    x, y = 111.0, 43.0
    then = then.set_geometry([box(x, y, x + 1, y + 1)] * 4, crs=4326)
    vertex = shapely.Polygon(
        [(x, y), (x + 0.4, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]
    )  # one more, on its edge
    turned = shapely.Polygon([(x + 1, y + 1), (x, y + 1), (x, y), (x + 1, y)])
    shapes = [vertex, turned, box(x, y, x + 1.00001, y + 1), None]
    made = compared(then, now.set_geometry(shapes, crs=4326))
    assert made["moved"].tolist() == [False, False, True, True]
    assert made.loc["c", "change"] == "same"


values = st.one_of(st.none(), st.just(math.inf), st.floats(0, 100), st.integers(0, 9).map(float))
world = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(values, st.one_of(st.none(), st.integers(0, 99))))


def frame_of(rows: dict[str, tuple[float | None, int | None]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "grid_id": pd.array(list(rows), dtype="string"),
            "minutes": np.array([np.nan if row[0] is None else row[0] for row in rows.values()], dtype=float),
            "people": pd.array([row[1] for row in rows.values()], dtype="Int64"),
        },
        geometry=[box(at, 0, at + 1, 1) for at in range(len(rows))],
        crs="EPSG:4326",
    )


def plainly(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    """Row by row, slow and obvious."""
    made = {}
    for key in {*before, *after}:
        if key not in after:
            made[key] = "gone"
        elif key not in before:
            made[key] = "new"
        else:
            one, other = before[key][0], after[key][0]
            if one == other:
                made[key] = "same"
            elif one is None or other is None:
                made[key] = "changed"
            elif abs(other - one) < 0.1 * (1 - 1e-9):
                made[key] = "same"
            else:
                made[key] = "better" if other < one else "worse"
    return made


@settings(deadline=None, max_examples=40)
@given(world, world)
def test_each_row_is_as_a_person_would_say(before: dict[str, Any], after: dict[str, Any]) -> None:
    made = compared(frame_of(before), frame_of(after))
    assert made["change"].to_dict() == plainly(before, after)
    assert (made["score"] >= 0).all()
    assert np.isfinite(made["score"]).all()


@settings(deadline=None, max_examples=40)
@given(world)
def test_compared_with_itself_all_is_the_same(rows: dict[str, Any]) -> None:
    made = compared(frame_of(rows), frame_of(rows))
    assert set(made["change"]) <= {"same"}
    assert not made["moved"].any()
    assert (made["score"] == 0).all()


@settings(deadline=None, max_examples=40)
@given(world, world)
def test_looking_back_turns_better_into_worse(before: dict[str, Any], after: dict[str, Any]) -> None:
    one, other = compared(frame_of(before), frame_of(after)), compared(frame_of(after), frame_of(before))
    assert one["change"].map(OPPOSITE).to_dict() == other["change"].to_dict()
    assert np.array_equal(one["delta"], -other["delta"], equal_nan=True)
    assert one["moved"].tolist() == other["moved"].tolist()


@settings(deadline=None, max_examples=40)
@given(world, world, st.randoms())
def test_the_order_of_rows_does_not_matter(before: dict[str, Any], after: dict[str, Any], chance: Any) -> None:
    one, other = frame_of(before), frame_of(after)
    mixed = [frame.iloc[chance.sample(range(len(frame)), len(frame))] for frame in (one, other)]
    pd.testing.assert_frame_equal(compared(one, other), compared(*mixed))


def figure(
    id: str, value: float | None, unit: str = "share", good: str | None = "high", **more: Any
) -> dict[str, Any]:
    title = {"zh": id, "en": id}
    return {
        "id": id,
        "title": title,
        "value": value,
        "unit": unit,
        "of": "people",
        "good": good,
        "method": None,
        **more,
    }


def report(*figures: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    layers: dict[str, list[dict[str, Any]]] = {}
    for one in figures:
        layers.setdefault(one["id"].partition(".")[0], []).append(one)
    known = {**Parameters().model_dump(mode="json"), **parameters}
    return {"parameters": known, "layers": [{"id": id, "figures": some} for id, some in layers.items()]}


def changes(before: dict[str, Any], after: dict[str, Any], **depends: Any) -> dict[str, tuple[str, list[str]]]:
    made = compare_figures(before, after, depends or None)
    return {one["id"]: (one["change"], one["why"]) for one in made}


def test_figures_by_hand() -> None:
    before = report(
        figure("w.covered", 0.70),
        figure("w.people", 300, "people", "low"),
        figure("w.old", 1),
        figure("w.lost", 2),
    )
    after = report(
        figure("w.covered", 0.75),
        figure("w.people", 320, "people", "low"),
        figure("w.lost", None),
        figure("w.now", 3),
    )
    made = {one["id"]: one for one in compare_figures(before, after)}
    assert list(made) == ["w.covered", "w.people", "w.lost", "w.now", "w.old"]
    assert [one["change"] for one in made.values()] == ["better", "worse", "gone", "new", "gone"]
    assert made["w.covered"]["delta"] == pytest.approx(0.05)
    assert made["w.people"]["delta"] == 20
    assert made["w.lost"]["delta"] is None


def test_less_than_what_is_published_is_the_same_and_what_nobody_judges_is_changed() -> None:
    before = report(
        figure("w.a", 0.70000), figure("w.e", 0.9998), figure("w.b", 5, "areas", None), figure("w.c", None)
    )
    after = report(
        figure("w.a", 0.70090), figure("w.e", 1.0), figure("w.b", 6, "areas", None), figure("w.c", None)
    )
    assert [change for change, _ in changes(before, after).values()] == ["same", "better", "changed", "same"]


def test_other_parameters_make_their_figures_incomparable_and_only_those() -> None:
    before = report(figure("w.covered", 0.7), figure("s.vacant", 3, "grids", "low"), budget_minutes=15.0)
    after = report(figure("w.covered", 0.5), figure("s.vacant", 2, "grids", "low"), budget_minutes=10.0)
    depends = {"w": {"budget_minutes", "as_of"}, "s": {"households_per_worker", "as_of"}}
    assert changes(before, after, **depends) == {
        "w.covered": ("incomparable", ["budget_minutes"]),
        "s.vacant": ("better", []),
    }
    assert changes(before, after)["s.vacant"] == ("incomparable", ["budget_minutes"])  # depends on who knows what


def test_the_day_is_what_a_comparison_is_about() -> None:
    before, after = report(figure("w.a", 1), as_of="2026-08-20"), report(figure("w.a", 2), as_of="2026-11-20")
    assert changes(before, after)["w.a"] == ("better", [])


def test_another_unit_or_another_way_to_count_is_another_figure() -> None:
    straight, paths = (
        {"zh": text, "en": text} for text in ("within 15 min, straight", "within 15 min, by streets")
    )
    later = {"zh": "x", "en": "within 10 min, straight"}
    before = report(figure("w.a", 1, method=straight), figure("w.b", 1), figure("w.c", 1, method=straight))
    after = report(figure("w.a", 2, method=paths), figure("w.b", 2, of="homes"), figure("w.c", 2, method=later))
    assert changes(before, after) == {
        "w.a": ("incomparable", ["method"]),
        "w.b": ("incomparable", ["unit"]),
        "w.c": ("better", []),  # numbers in its words come from data and parameters
    }


def test_a_parameter_that_an_older_report_lacks_was_at_its_default() -> None:
    now = Parameters().model_dump(mode="json")
    then = {name: value for name, value in now.items() if name != "repair_by"}
    assert differing(then, now) == ()
    assert differing(then, {**now, "repair_by": "households"}) == ("repair_by",)
    assert differing(then, {**now, "repair_by": "households"}, {"bands"}) == ()


shares = st.one_of(st.none(), st.floats(0, 1))


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(st.sampled_from("abcd"), shares), st.dictionaries(st.sampled_from("abcd"), shares))
def test_figures_looked_at_backwards(before: dict[str, Any], after: dict[str, Any]) -> None:
    one, other = (report(*(figure(f"w.{id}", value) for id, value in some.items())) for some in (before, after))
    there, back = compare_figures(one, other), compare_figures(other, one)
    assert {each["id"]: OPPOSITE[each["change"]] for each in there} == {
        each["id"]: each["change"] for each in back
    }
    assert all(each["change"] == "same" for each in compare_figures(one, one))


def test_whole_numbers_are_published_whole() -> None:
    counted = Field("people", "integer", Title("人", "People"), unit="people")
    assert step_of(counted.unit, counted.kind) == 1
    layer = replace(WALK, measure="people", fields=(*WALK.fields[:1], counted))
    then, now = two_quarters()
    assert compared(then, now, layer).loc[["a", "b"], "change"].tolist() == ["worse", "same"]
