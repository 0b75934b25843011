"""What staffing finds in the banner sample is what was planted there."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo.grid.staffing import parts_of
from geo.service import Build

PLANTED = Path(__file__).parents[1] / "data" / "boundaries" / "chayouzhong" / "planted.toml"
BROKEN = {  # of each rule: what is written down of places with too few, and with too many
    "grids[urban] squad 1..1": ("without_squad", "with_two_squads"),
    "large_grids deputy 1..2": ("large_without_deputy", "large_with_three_deputies"),
    "units[building] building_head 1..1": ("without_building_head", None),
    "units[centre_household] unit_head 1..": ("without_unit_head", None),
}


@pytest.fixture(scope="module")
def planted() -> dict[str, Any]:
    noted: dict[str, Any] = tomllib.loads(PLANTED.read_text(encoding="utf-8"))["staffing"]
    return noted


def test_vacant_and_short_grids_are_found(built: Callable[[str], Build], planted: dict[str, Any]) -> None:
    rows = built("chayouzhong").frame("grid-staffing")
    assert len(rows) == 184 + len(planted["in_no_large_grid"])  # neither other small grids nor those of the police
    found = {status: set(of["grid_id"]) for status, of in rows.groupby("status")}
    assert found["vacant"] == {*planted["vacant_grid_ids"], *planted["in_no_large_grid"]}
    assert found["short"] == set(planted["short_grid_ids"])


def test_the_worker_of_two_large_grids_is_half_in_each(
    built: Callable[[str], Build], planted: dict[str, Any]
) -> None:
    """All others are whole in one."""
    rows = built("chayouzhong").frame("grid-staffing").set_index("grid_id")
    assert sorted(rows.index[rows["workers"] % 1 == 0.5]) == planted["shared_grid_ids"]
    assert (rows["workers"] % 0.5 == 0).all()


def test_broken_rules_are_found(built: Callable[[str], Build], planted: dict[str, Any]) -> None:
    rows = built("chayouzhong").frame("rule-findings")
    for rule, names in BROKEN.items():
        for state, name in zip(("too_few", "too_many"), names, strict=True):
            found = rows["target_id"][(rows["rule"] == rule) & (rows["state"] == state)]
            assert set(found) == set(planted[name] if name else ())
    assert set(rows["rule"]) == set(BROKEN)


def test_units_without_a_head_are_found(built: Callable[[str], Build], planted: dict[str, Any]) -> None:
    rows = built("chayouzhong").frame("unit-heads")
    bare = len(planted["without_building_head"]) + len(planted["without_unit_head"])
    assert (rows["units"].sum(), rows["headed"].sum()) == (planted["units"], planted["units"] - bare)


def test_every_worker_counts_once_at_every_level(built: Callable[[str], Build], planted: dict[str, Any]) -> None:
    """483 of the 495 are still there; both trees and all levels that lack no grid say so."""
    made = built("chayouzhong")
    rows, grids = made.frame("division-staffing"), made.frame("grid-staffing")
    by_level = rows.groupby(["tree", "level"])["workers"].sum()
    active = planted["grid_workers"] - planted["workers_left"]
    for level in ("region", "league", "county", "township"):
        assert by_level["admin", level] == pytest.approx(active, abs=1e-7)
    for level in ("county", "township", "community"):
        assert by_level["police", level] == pytest.approx(active, abs=1e-7)
    assert parts_of(rows["workers"][rows["level"] == "township"]).sum() == 2 * parts_of(grids["workers"]).sum()
    assert rows["coverage"].dropna().between(0, 1).all()
    assert {"large_grid", "community"} <= set(rows["level"])
