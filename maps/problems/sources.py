"""Where problems come from: layers by topic, which of their rows are problems, how grave, and of which table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Row = Mapping[str, Any]

FAULTS = "data-faults"
THEMES: dict[str, tuple[str, ...]] = {
    "faults": (FAULTS,),
    "tiling": ("grid-findings",),
    "duties": ("rule-findings", "grid-staffing"),
    "stretches": ("border-findings", "fence-defects", "patrol-credits"),
    "unsnapped": ("snap-verdicts", "grid-walk", "station-hubs"),
    "clashes": ("scheme-conflicts",),
}
SEVERITIES = ("fail", "warning", "info")
DIVISIONS = frozenset({"region", "league", "county", "township", "community"})
OF_BORDER = {  # whose file is to be mended; all others are about segments
    "unassigned": "assignments",
    "assignment_lost": "assignments",
    "marker_unheld": "markers",
    "marker_shared": "markers",
    "part_gap": "border",
    "part_turned": "border",
    "part_duplicate": "border",
}
WRONG_HUBS = ("no_hub", "unknown_hub", "wrong_hub")  # a hub that is only far is no fault of the file


@dataclass(frozen=True, slots=True)
class Source:
    """One layer whose rows may be problems.

    Parameters
    ----------
    is_problem : callable
        Tells of a row whether it is one.
    kind : callable
        Code of what sort it is.
    severity : callable
        ``fail``, ``warning`` or ``info``.
    table : callable
        Table in whose file it is to be mended.
    ids : callable
        Ids of what it is about, as that file has them.
    checked : tuple of str
        Tables whose rows were looked at.
    kinds : str
        Field of the layer whose values name the codes of ``kind``; empty = they are in the words.
    of : callable or None
        Table whose ids ``ids`` gives; None = ``table``. What a table of assignments lacks is told by the id of a
        grid, not of an assignment.
    """

    is_problem: Callable[[Row], bool]
    kind: Callable[[Row], str]
    severity: Callable[[Row], str]
    table: Callable[[Row], str]
    ids: Callable[[Row], list[str]]
    checked: tuple[str, ...]
    kinds: str = ""
    of: Callable[[Row], str] | None = None


def text(row: Row, name: str) -> str:
    """Read a text of a row.

    Parameters
    ----------
    row : mapping
        Values by field.
    name : str
        Field; one that the layer does not have counts as missing.

    Returns
    -------
    str
        Empty where it is missing.
    """
    value = row.get(name)
    return value if isinstance(value, str) else ""


def listed(row: Row, name: str) -> list[str]:
    """Read a list of ids of a row.

    Parameters
    ----------
    row : mapping
        Values by field.
    name : str
        Field; one that the layer does not have counts as empty.

    Returns
    -------
    list of str
        As they are.
    """
    value: Any = row.get(name)
    return [str(one) for one in value] if isinstance(value, list | tuple | np.ndarray) else []


def number(row: Row, name: str) -> float:
    """Read a number of a row.

    Parameters
    ----------
    row : mapping
        Values by field.
    name : str
        Field.

    Returns
    -------
    float
        NaN where it is missing.
    """
    try:
        return float(row.get(name, "nan"))
    except (TypeError, ValueError):  # None, and the NA of whole numbers
        return float("nan")


def _one(name: str) -> Callable[[Row], list[str]]:
    return lambda row: [text(row, name)] if text(row, name) else []


def _always(code: str) -> Callable[[Row], str]:
    return lambda _: code


def _any(_: Row) -> bool:
    return True


def _of_border(row: Row) -> list[str]:
    kind = text(row, "kind")
    if kind in ("marker_unheld", "marker_shared"):
        return [text(row, "marker_from")]
    if kind == "assignment_lost":
        return [text(row, "assignment_id")]
    return listed(row, "part_ids") or listed(row, "segment_ids")


def _staffing(row: Row) -> str:
    return "vacant" if text(row, "status") == "vacant" else "roles"


def _off_streets(row: Row) -> bool:
    return text(row, "verdict") != "ok" and (text(row, "subject") == "station" or number(row, "people") > 0)


SOURCES: dict[str, Source] = {
    "grid-findings": Source(
        _any,
        lambda row: text(row, "kind"),
        lambda row: text(row, "severity"),
        lambda row: "divisions" if text(row, "level") in DIVISIONS else "grids",
        lambda row: listed(row, "grid_ids"),
        ("grids", "divisions"),
        "kind",
    ),
    "rule-findings": Source(
        _any,
        lambda row: text(row, "state"),
        lambda row: "warning" if text(row, "state") == "too_many" else "fail",
        _always("assignments"),
        _one("target_id"),
        ("assignments",),
        "state",
        of=lambda row: "grids" if text(row, "each") in ("", "large_grids") else text(row, "each"),
    ),
    "grid-staffing": Source(
        lambda row: (
            text(row, "status") == "vacant"
            or (text(row, "status") != "not_needed" and bool(listed(row, "roles_missing")))
        ),
        _staffing,
        lambda row: "fail" if _staffing(row) == "vacant" else "warning",
        _always("assignments"),
        _one("grid_id"),
        ("grids", "assignments"),
        of=_always("grids"),
    ),
    "border-findings": Source(
        _any,
        lambda row: text(row, "kind"),
        lambda row: text(row, "severity"),
        lambda row: OF_BORDER.get(text(row, "kind"), "segments"),
        _of_border,
        ("segments", "assignments", "markers"),
        "kind",
        of=lambda row: (
            "segments" if text(row, "kind") == "unassigned" else OF_BORDER.get(text(row, "kind"), "segments")
        ),
    ),
    "fence-defects": Source(
        lambda row: bool(text(row, "fault")),
        lambda row: text(row, "fault"),
        _always("fail"),
        _always("defects"),
        _one("defect_id"),
        ("defects",),
        "fault",
    ),
    "patrol-credits": Source(
        lambda row: bool(text(row, "problem")),
        lambda row: text(row, "problem"),
        _always("fail"),
        _always("patrols"),
        _one("patrol_id"),
        ("patrols",),
        "problem",
    ),
    "snap-verdicts": Source(
        lambda row: (
            text(row, "verdict") != "ok" and (text(row, "subject") == "station" or number(row, "people") > 0)
        ),
        lambda row: text(row, "verdict"),
        lambda row: "fail" if text(row, "verdict") == "unsnapped" else "warning",
        lambda row: "stations" if text(row, "subject") == "station" else "population",
        _one("subject_id"),
        ("stations", "population"),
        "verdict",
    ),
    "grid-walk": Source(
        lambda row: number(row, "people_unsnapped") > 0,
        _always("people"),
        _always("warning"),
        _always("population"),
        _one("grid_id"),
        ("population",),
        of=_always("grids"),
    ),
    "station-hubs": Source(
        lambda row: text(row, "verdict") in WRONG_HUBS,
        lambda row: text(row, "verdict"),
        _always("fail"),
        _always("stations"),
        _one("station_id"),
        ("stations",),
        "verdict",
    ),
    "scheme-conflicts": Source(
        _any,
        _always("cut"),
        _always("warning"),
        _always("grids"),
        lambda row: [*listed(row, "grid_ids"), text(row, "cut_id")],
        ("grids",),
    ),
}
