"""Rules about people and places: who counts, where a rule is broken, and rules that cannot be right."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geo import catalogue
from geo.errors import DataFault
from geo.grid.duty.rules import rule_findings
from geo.parameters import Parameters, Rule
from geo.tables.conform import conform
from geo.workspace import open_workspace
from tests.duty import duties, staff_of, together
from tests.worlds import COMMUNITY, TOWN, four_grids, hundred_km

DAY = date(2026, 11, 20)
GONE = {"valid_to": "2026-11-20"}
LAYER = catalogue.layer("rule-findings")
MANIFEST = 'schema = 1\nid = "w"\ntitle = { zh = "甲", en = "A" }\nas_of = 2026-01-10\n'


def rule(each: str, has: str, count: str, kind: str = "") -> Rule:
    return Rule.model_validate({"each": each, "has": has, "count": count, "kind": kind})


def town(**more: Any) -> dict[str, Any]:
    grids, divisions = four_grids()
    return {"grids": grids, "divisions": divisions, "staff": staff_of(), "assignments": duties(), **more}


def broken(rules: list[Rule], tables: dict[str, Any], day: date = DAY) -> list[tuple[Any, ...]]:
    """What the rules find: place, count, state."""
    rows = rule_findings(rules, tables, as_of=day)
    return list(zip(rows["target_id"], rows["count"], rows["state"], strict=True))


def test_each_grid_has_exactly_one_squad() -> None:
    """Of four urban and pastoral grids::

    001 urban     s1, twice on the list           1   as the rule says
    002 urban     s1, and v1 who acts as a squad  2   too many
    003 urban     s2, until that day              0   too few
    004 pastoral  nobody                          no rule for it
    """
    grids, _ = four_grids()
    tables = town(
        grids=grids.assign(kind=["urban", "urban", "urban", "pastoral"]),
        staff=staff_of(s1="squad", s2="squad", v1="volunteer"),
        assignments=duties(
            ("s1", "001"),
            ("s1", "001", {"role": "squad"}),
            ("s1", "002"),
            ("v1", "002", {"role": "squad"}),
            ("s2", "003", GONE),
            ("nobody", "003"),
        ),
    )
    found = rule_findings([rule("grids", "squad", "1..1", "urban")], tables, as_of=DAY)
    assert found["target_id"].tolist() == [COMMUNITY + "002", COMMUNITY + "003"]
    assert found["count"].tolist() == [2, 0]
    assert found["state"].tolist() == ["too_many", "too_few"]
    assert found["rule"].tolist() == ["grids[urban] squad 1..1"] * 2
    assert (found["least"].tolist(), found["most"].tolist()) == ([1, 1], [1, 1])
    assert found["division_id"].tolist() == [COMMUNITY] * 2
    assert shapely.covers(grids.geometry.iloc[[1, 2]].to_numpy(), found.geometry.to_numpy()).all()


def test_a_role_that_somebody_acts_out_of_is_not_theirs_there() -> None:
    tables = town(staff=staff_of(s1="squad"), assignments=duties(("s1", "001", {"role": "volunteer"})))
    assert broken([rule("grids", "squad", "..0")], tables) == []
    assert [row[0] for row in broken([rule("grids", "volunteer", "..0")], tables)] == [COMMUNITY + "001"]


def test_a_role_that_nobody_has_is_missing_everywhere() -> None:
    tables = town(staff=staff_of(w1="grid_worker"), assignments=duties(("w1", "001")))
    assert [row[1:] for row in broken([rule("grids", "squad", "1..")], tables)] == [(0, "too_few")] * 4


def test_each_large_grid_has_a_deputy_and_small_ones_need_none() -> None:
    """001 and 002 lie in the large grid A, the rest in B; a police grid lies over all of them."""
    grids, _ = four_grids()
    small = grids.assign(parent_grid_id=["A", "A", "B", "B"])
    large = grids.iloc[[0, 2, 1]].assign(grid_id=["A", "B", "P"], kind=None, scheme=["large", "large", "police"])
    tables = town(
        grids=conform("grids", pd.concat([small, large], ignore_index=True)),
        staff=staff_of(d1="deputy", d2="deputy"),
        assignments=together(
            duties(("d1", "001")).replace(COMMUNITY + "001", "A"),
            duties(("d2", "001")).replace(COMMUNITY + "001", "P"),
        ),
    )
    assert broken([rule("large_grids", "deputy", "1..")], tables) == [("B", 0, "too_few")]
    assert len(broken([rule("grids", "deputy", "1..")], tables)) == 4


def test_each_centre_has_a_mediator() -> None:
    """A warm station needs none; the centre's community is the one it stands in."""
    stations = conform(
        "stations",
        gpd.GeoDataFrame(
            {"station_id": ["c1", "c2", "w1"], "category": ["service_centre", "service_centre", "warm"]},
            geometry=TOWN.lonlat(shapely.points([[50, 50], [150, 50], [900, 50]])),
            crs="EPSG:4326",
        ),
    )
    tables = town(
        stations=stations, staff=staff_of(m="volunteer"), assignments=duties(("m", "c1"), target="station")
    )
    rules = [rule("stations", "volunteer", "1..", "service_centre"), rule("stations", "squad", "1..", "warm")]
    found = rule_findings(rules, tables, as_of=DAY)
    assert found["target_id"].tolist() == ["c2", "w1"]
    assert found["division_id"].fillna("").tolist() == [COMMUNITY, ""]


def test_each_post_has_two_border_guards() -> None:
    """People based at it, as what they are on the day::

    p1  a; b, a volunteer who guards 001 today; c, whose last assignment is over       2 guards
    p2  d; e, a guard who only volunteers today; f, an auxiliary policeman             1
    p3  nobody, but g guards a grid and is based nowhere                               0
    """
    staff = staff_of(
        a=("border_guard", 1.0, "p1"),
        b=("volunteer", 0.0, "p1"),
        c=("border_guard", 1.0, "p1"),
        d=("border_guard", 1.0, "p2"),
        e=("border_guard", 1.0, "p2"),
        f=("auxiliary_police", 1.0, "p2"),
        g="border_guard",
    )
    table = duties(
        ("b", "001", {"role": "border_guard"}),
        ("c", "001", GONE),
        ("e", "001", {"role": "volunteer"}),
        ("g", "001"),
    )
    posts = hundred_km()["posts"].iloc[:3]
    tables = town(staff=staff, assignments=table, posts=posts)
    assert broken([rule("posts", "border_guard", "2..")], tables) == [("p2", 1, "too_few"), ("p3", 0, "too_few")]
    assert broken([rule("posts", "border_guard", "1..", "yurt")], tables) == []


def test_each_building_has_one_head() -> None:
    units = conform(
        "units",
        gpd.GeoDataFrame(
            {"unit_id": ["u1", "u2"], "kind": ["building", "unit"], "grid_id": COMMUNITY + "001"},
            geometry=[None, None],
            crs="EPSG:4326",
        ),
    )
    tables = town(units=units, staff=staff_of(h="building_head"), assignments=duties(("h", "u2"), target="unit"))
    found = rule_findings([rule("units", "building_head", "1..1")], tables, as_of=DAY)
    assert found["target_id"].tolist() == ["u1"]
    assert found["division_id"].tolist() == [COMMUNITY]  # that of its grid
    assert found.geometry.isna().all()


def test_each_segment_has_a_guard_who_may_hold_an_interval() -> None:
    """Segments 0-30, 25-50, 50-75 and 80-100 km: g4 is assigned to s4, x holds km 20-25: of s1 only."""
    world = hundred_km()
    ground = gpd.GeoDataFrame(
        {
            "segment_id": ["s1", "s2", "s3", "s4"],
            "border_id": "east",
            "start_m": [0.0, 25_000.0, 50_000.0, 80_000.0],
            "end_m": [30_000.0, 50_000.0, 75_000.0, 100_000.0],
        },
        geometry=shapely.linestrings([[[100 + k, 0], [100.5 + k, 0]] for k in range(4)]),
        crs="EPSG:4326",
    )
    tables = {
        "staff": staff_of(g4="border_guard", x="border_guard"),
        "assignments": together(
            duties(("g4", "s4"), target="segment"),
            duties(("x", "", {"start_m": 20_000.0, "end_m": 25_000.0}), target="interval"),
        ),
        "segments": world["segments"].assign(**{"class": ["border_river", None, None, None]}),
        "border-segments": ground,
    }
    everywhere = rule("segments", "border_guard", "1..")
    assert [row[0] for row in broken([everywhere], tables)] == ["s2", "s3"]
    assert broken([rule("segments", "border_guard", "2..", "border_river")], tables) == [("s1", 1, "too_few")]
    places = rule_findings([everywhere], tables, as_of=DAY).geometry
    assert (shapely.distance(places.to_numpy(), ground.geometry.iloc[[1, 2]].to_numpy()) == 0).all()
    plain = {name: table for name, table in tables.items() if name != "border-segments"}
    assert [row[0] for row in broken([everywhere], plain)] == ["s1", "s2", "s3"]  # whose km 20 is it?


def test_a_rule_said_twice_counts_once_and_an_absent_table_has_no_places() -> None:
    rules = [rule("grids", "squad", "1.."), rule("grids", "squad", "1.."), rule("posts", "squad", "1..")]
    assert len(broken(rules, town())) == 4


def test_figures_by_hand() -> None:
    """Two workers on 001 are one too many, on 002 to 004 there is nobody."""
    parameters = Parameters(as_of=DAY, rules=(rule("grids", "grid_worker", "1..1"),))
    tables = town(staff=staff_of(a="grid_worker", b="grid_worker"), assignments=duties(("a", "001"), ("b", "001")))
    figures = LAYER.figures(LAYER.build(tables, parameters), parameters)
    assert {figure.id: figure.value for figure in figures} == {
        "rule-findings.too_few": 3,
        "rule-findings.too_many": 1,
    }


pairs = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.sampled_from([None, "squad", "volunteer"]), st.booleans()),
    max_size=15,
)


@settings(max_examples=20, deadline=None)
@given(pairs, st.integers(0, 2), st.integers(0, 3), st.integers(0, 9))
def test_same_as_counting_on_fingers(
    rows: list[tuple[int, int, str | None, bool]], least: int, more: int, seed: int
) -> None:
    roles = ["squad", "volunteer", "grid_worker", "squad", "squad", "deputy"]
    staff = staff_of(**{f"p{n}": role for n, role in enumerate(roles)})
    table = duties(*((f"p{w}", f"00{g + 1}", {"role": r, **(GONE if over else {})}) for w, g, r, over in rows))
    most = least + more
    there: dict[str, set[int]] = {f"{COMMUNITY}00{n}": set() for n in range(1, 5)}
    for who, grid, role, over in rows:
        if not over and (role or roles[who]) == "squad":
            there[f"{COMMUNITY}00{grid + 1}"].add(who)
    slow = [
        (grid, len(people), "too_few" if len(people) < least else "too_many")
        for grid, people in there.items()
        if not least <= len(people) <= most
    ]
    tables = town(staff=staff, assignments=table)
    asked = [rule("grids", "squad", f"{least}..{most}")]
    assert broken(asked, tables) == slow
    shuffled = {name: rows.sample(frac=1, random_state=seed) for name, rows in tables.items()}
    assert_frame_equal(
        pd.DataFrame(rule_findings(asked, tables, as_of=DAY)),
        pd.DataFrame(rule_findings(asked, shuffled, as_of=DAY)),
    )


def opened(folder: Path, text: str) -> Any:
    (folder / "g.csv").write_text("a")
    (folder / "workspace.toml").write_text(MANIFEST + text + '[tables.grids]\nfile = "g.csv"\n', encoding="utf-8")
    return open_workspace(folder)


def a_rule(**keys: str) -> str:
    said = {"each": "grids", "has": "squad", "count": "1..1", **keys}
    return "[[rules]]\n" + "".join(f'{key} = "{value}"\n' for key, value in said.items())


def test_every_rule_that_cannot_be_right_is_told_at_once(tmp_path: Path) -> None:
    text = (
        '[roles]\nurbane = ["grid_worker"]\nurban = ["gridworker"]\n'
        + a_rule(has="squadron")
        + a_rule(kind="city")
        + a_rule(count="3..2")
        + a_rule(count="..")
        + a_rule(count="0..")
        + a_rule(each="stations", has="volunteer")
        + a_rule(count="..0", kind="border")
    )
    with pytest.raises(DataFault) as caught:
        opened(tmp_path, text)
    assert {fault.column: fault.code for fault in caught.value.faults} == {
        "roles.urbane": "rule_kind",
        "roles.urban": "rule_role",
        "rules.1.has": "rule_role",
        "rules.2.kind": "rule_kind",
        "rules.3.count": "rule_impossible",
        "rules.4.count": "rule_unbreakable",
        "rules.5.count": "rule_unbreakable",
        "rules.6.each": "rule_without_table",
    }
    said = {fault.column: fault for fault in caught.value.faults}
    assert said["rules.2.kind"].problem() == "grids are of no kind city"
    assert said["rules.2.kind"].remedy("zh") == "可用的类型：urban, pastoral, border, rural"
    assert said["rules.6.each"].remedy() == "add [tables.stations], or take the rule out"


def test_rules_that_can_be_right_are_taken(tmp_path: Path) -> None:
    rules = opened(tmp_path, a_rule(each="large_grids", has="deputy", count="1..3") + a_rule(kind="urban"))
    assert [one.text for one in rules.parameters.rules] == ["large_grids deputy 1..3", "grids[urban] squad 1..1"]
    assert [one.bounds for one in rules.parameters.rules] == [(1, 3), (1, 1)]
