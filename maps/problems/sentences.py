"""What is wrong and what to do about it, in sentences for whoever drew or filled in the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from geo.layer import Layer, Title
from maps import words
from maps.problems.naming import Names, joined, measured
from maps.problems.sources import Row, listed, number, text

PIECES = ("gap", "overlap", "spill")  # kinds of finding that are ground, not something about a grid
REASONS = {"far": "distance", "barrier_detour": "barrier", "island": "island"}  # where a verdict says it all
Sentences = tuple[Title, Title]


def _first(keys: Sequence[str]) -> str | None:
    return next((key for key in keys if key in words.book("zh")), None)


def of_partition(layer: Layer, row: Row, names: Names) -> Sentences:
    """Tell of a partition finding, in the words of the planner's card.

    Parameters
    ----------
    layer : Layer
        ``grid-findings``.
    row : mapping
        One of its rows.
    names : Names
        What ids stand for.

    Returns
    -------
    Title, Title
        What is wrong, and what to do.
    """
    kind, cause = text(row, "kind"), text(row, "cause")
    parent = text(row, "parent_id")
    told = {
        "grids": names.all("grids", listed(row, "grid_ids")),
        "parent": _parent(names, parent) if parent else words.title("planner.place"),
        "area": measured(number(row, "area_m2"), "m²"),
        "width": measured(number(row, "width_m"), "m"),
        "detail": text(row, "detail") or words.title("value.missing"),
    }
    said = [f"planner.what_{kind}"] + ([f"planner.why_{cause}"] if cause != "real" or kind in PIECES else [])
    what = [words.title(key, **told) for key in said if _first([key])]
    advice = _first([f"planner.do_{kind}_{cause}", f"planner.do_{cause}", f"planner.do_{kind}"])
    wrong = _sentences(what) if what else _kind(layer, "kind", kind)
    return wrong, words.title(advice, **told) if advice else Title("", "")


def _parent(names: Names, id: str) -> str:
    return names.of("divisions" if id in names.known.get("divisions", {}) else "grids", id)


def _sentences(parts: Sequence[Title]) -> Title:
    return Title("".join(part.zh for part in parts), " ".join(part.en for part in parts))


def _kind(layer: Layer, name: str, code: str) -> Title:
    return layer.field(name).values.get(code, Title(code, code))


def _pair(key: str, **told: object) -> Sentences:
    return words.title(f"sheet.problem_{key}", **told), words.title(f"sheet.problem_{key}_do", **told)


def of_border(layer: Layer, row: Row, names: Names) -> Sentences:
    """Tell of a finding about segments, markers or the border line.

    Parameters
    ----------
    layer : Layer
        ``border-findings``.
    row : mapping
        One of its rows.
    names : Names
        What ids stand for.

    Returns
    -------
    Title, Title
        What is wrong, and what to do.
    """
    reason = text(row, "reason")
    return _pair(
        f"border_{text(row, 'kind')}",
        where=_stretch(row),
        length=measured(number(row, "length_m"), "m"),
        segments=names.all("border-segments", listed(row, "segment_ids")),
        assignment=text(row, "assignment_id"),
        reason=_kind(layer, "reason", reason) if reason else words.title("value.missing"),
    )


def _stretch(row: Row) -> Title:
    start, end = (f"{number(row, name) / 1_000:,.1f}" for name in ("start_m", "end_m"))
    first, last = text(row, "marker_from"), text(row, "marker_to")
    if not first:
        return words.title("sheet.problem_at_km", start=start, end=end)
    key = "at_marker" if first == last or not last else "between"
    return words.title(f"sheet.problem_{key}", first=first, last=last, start=start, end=end)


def of_rule(layer: Layer, row: Row, names: Names) -> Sentences:
    """Tell of a rule of staffing that is broken.

    Parameters
    ----------
    layer : Layer
        ``rule-findings``.
    row : mapping
        One of its rows.
    names : Names
        What ids stand for.

    Returns
    -------
    Title, Title
        What is wrong, and what to do.
    """
    least, most = number(row, "least"), number(row, "most")
    wanted: Title | str = f"{least:.0f}"
    if np.isnan(most):
        wanted = words.title("sheet.problem_wanted_least", least=f"{least:.0f}")
    elif most != least:
        wanted = words.title("sheet.problem_wanted_between", least=f"{least:.0f}", most=f"{most:.0f}")
    layers = {"stations": "stations", "posts": "posts", "segments": "border-segments"}
    return _pair(
        f"rule_{text(row, 'state')}",
        place=names.of(layers.get(text(row, "each"), "grids"), text(row, "target_id")),
        role=_kind(layer, "role", text(row, "role")),
        wanted=wanted,
        count=f"{number(row, 'count'):.0f}",
    )


def of_staffing(_: Layer, row: Row, names: Names) -> Sentences:
    """Tell of a grid without anybody, or without somebody in each role.

    Parameters
    ----------
    _ : Layer
        ``grid-staffing``.
    row : mapping
        One of its rows.
    names : Names
        What ids stand for.

    Returns
    -------
    Title, Title
        What is wrong, and what to do.
    """
    roles = [_role(code) for code in listed(row, "roles_missing")]
    return _pair(
        "staffing_vacant" if text(row, "status") == "vacant" else "staffing_roles",
        grid=names.of("grids", text(row, "grid_id")),
        need=f"{number(row, 'need'):.0f}",
        roles=joined("value.comma", roles),
    )


def _role(code: str) -> Title:
    from geo.grid.duty.rule_layers import ROLE_WORDS

    return ROLE_WORDS.get(code, Title(code, code))


def of_snap(_: Layer, row: Row, names: Names) -> Sentences:
    """Tell of a station, or of people, that did not come onto the streets as they should.

    Parameters
    ----------
    _ : Layer
        ``snap-verdicts``.
    row : mapping
        One of its rows.
    names : Names
        What ids stand for.

    Returns
    -------
    Title, Title
        What is wrong, and what to do.
    """
    verdict = text(row, "verdict")
    reason = text(row, "reason") or {"far": "distance", "barrier_detour": "barrier", "island": "island"}.get(
        verdict, ""
    )
    people = f"{number(row, 'people'):,.0f}"
    subject: Title | str = names.of("stations", text(row, "subject_id"))
    if text(row, "subject") != "station":
        subject = words.title("sheet.problem_snap_people", people=people)
    what = words.title(
        f"sheet.problem_snap_{verdict}",
        subject=subject,
        reason=words.title(f"sheet.problem_snap_why_{reason}"),
        leg=measured(number(row, "leg_m"), "m"),
    )
    return what, words.title(f"sheet.problem_snap_{reason}_do")


def of_people(_: Layer, row: Row, names: Names) -> Sentences:
    """Tell of a grid some of whose people did not come onto the streets.

    Parameters
    ----------
    _ : Layer
        ``grid-walk``.
    row : mapping
        One of its rows.
    names : Names
        What ids stand for.

    Returns
    -------
    Title, Title
        What is wrong, and what to do.
    """
    return _pair(
        "people_off",
        grid=names.of("grids", text(row, "grid_id")),
        people=f"{number(row, 'people'):,.0f}",
        off=f"{number(row, 'people_unsnapped'):,.0f}",
    )


def of_hub(_: Layer, row: Row, names: Names) -> Sentences:
    """Tell of a service point that names no hub, or a wrong one.

    Parameters
    ----------
    _ : Layer
        ``station-hubs``.
    row : mapping
        One of its rows.
    names : Names
        What ids stand for.

    Returns
    -------
    Title, Title
        What is wrong, and what to do.
    """
    station, hub = (names.of("stations", text(row, name)) for name in ("station_id", "hub_id"))
    return _pair(f"hub_{text(row, 'verdict')}", station=station, hub=hub)


def of_clash(_: Layer, row: Row, names: Names) -> Sentences:
    """Tell of a border of one scheme of grids that runs through a grid of another.

    Parameters
    ----------
    _ : Layer
        ``scheme-conflicts``.
    row : mapping
        One of its rows.
    names : Names
        What ids stand for.

    Returns
    -------
    Title, Title
        What is wrong, and what to do.
    """
    return _pair(
        "clash",
        scheme=_scheme(text(row, "scheme")),
        other=_scheme(text(row, "other_scheme")),
        cut=names.of("grids", text(row, "cut_id")),
        grids=names.all("grids", listed(row, "grid_ids")),
        length=measured(number(row, "length_m"), "m"),
    )


def _scheme(code: str) -> Title:
    key = f"sheet.problem_scheme_{code}"
    return words.title(key) if key in words.book("zh") else Title(code, code)


def _by_code(key: str, name: str) -> Callable[[Layer, Row, Names], Sentences]:
    return lambda _layer, row, _names: _pair(f"{key}_{text(row, name)}")


TELLERS: dict[str, Callable[[Layer, Any, Names], Sentences]] = {
    "grid-findings": of_partition,
    "rule-findings": of_rule,
    "grid-staffing": of_staffing,
    "border-findings": of_border,
    "fence-defects": _by_code("defect", "fault"),
    "patrol-credits": _by_code("patrol", "problem"),
    "snap-verdicts": of_snap,
    "grid-walk": of_people,
    "station-hubs": of_hub,
    "scheme-conflicts": of_clash,
}
