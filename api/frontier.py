"""Whose stretch is this? Answers about the border from a published build, for the command and the service."""

from __future__ import annotations

from typing import Any

import orjson
import pandas as pd

from geo.border import fields
from geo.border.holder import MARKERS, NEEDS, VISITS, Frontier, frontier_of, holders_at, late_runs
from geo.border.idleness import end_of_day
from geo.errors import BadParameter
from geo.service import Build
from geo.words import Lang, say

BESIDE = ("segment_before", "post_before", "segment_after", "post_after", "marker_from", "marker_to")
FOUND = ("border_id", "start_m", "end_m", "length_m", "severity", "segment_ids", "post_ids", "staff_ids", *BESIDE)
KINDS = ("unassigned", "overlap", "joint")
PLACE = ("border_id", "measure_m", "marker_before", "marker_after")


def opened(build: Build) -> Frontier:
    """Read the layers that say who holds the border.

    Parameters
    ----------
    build : Build
        A published build.

    Returns
    -------
    Frontier
        Ready to be asked.

    Raises
    ------
    LayerUnavailable
        The build does not have one of them.
    """
    known = {layer.id for layer in build.layers() if not layer.private}
    return frontier_of({id: build.frame(id) for id in (*NEEDS, *(known & {MARKERS, VISITS}))})


def moment_of(build: Build) -> pd.Timestamp:
    """Find the moment as of which a build says who is late.

    Parameters
    ----------
    build : Build
        A published build.

    Returns
    -------
    pandas.Timestamp
        The end of its day, UTC.
    """
    return end_of_day(pd.Timestamp(build.report["as_of"]).date(), build.report["time_zone"])


def summary(
    build: Build, frontier: Frontier, km: float | None = None, border_id: str | None = None
) -> dict[str, Any]:
    """Answer the four questions: what is nobody's, what is held twice, what is late, and who holds a kilometre.

    Parameters
    ----------
    build : Build
        A published build.
    frontier : Frontier
        From :func:`opened`.
    km : float or None
        Kilometres along the border; None = do not ask.
    border_id : str or None
        Which border; None = all, and for ``km`` each that is so long.

    Returns
    -------
    dict
        ``workspace as_of``, ``unassigned overlap joint`` (findings with length, neighbours and markers), ``late``
        (maximal stretches) and, with ``km``, ``holders``; lists of records, measures in metres.

    Raises
    ------
    BadParameter
        There is no such border, or none is so long.
    """
    if border_id is not None and border_id not in frontier.lines:
        raise BadParameter(f"no border {border_id!r}; known: {', '.join(frontier.lines)}")
    wanted = list(frontier.lines) if border_id is None else [border_id]
    findings = frontier.findings[frontier.findings["border_id"].isin(wanted)]
    late = late_runs(frontier)
    made: dict[str, Any] = {"workspace": build.workspace.id, "as_of": build.report["as_of"]}
    made |= {kind: records(findings[findings["kind"] == kind][[*FOUND]]) for kind in KINDS}
    made["late"] = records(late[late["border_id"].isin(wanted)])
    if km is not None:
        made["holders"] = [row for id in wanted for row in _held(build, frontier, id, km)]
        if not made["holders"]:
            longest = max((frontier.lines[id].length_m for id in wanted), default=0.0)
            raise BadParameter(f"km must be between 0 and {longest / 1000:.3f}")
    return made


def place(build: Build, frontier: Frontier, border_id: str, km: float) -> dict[str, Any] | None:
    """Answer who holds a kilometre as a GeoJSON feature.

    Parameters
    ----------
    build : Build
        A published build.
    frontier : Frontier
        From :func:`opened`.
    border_id : str
        A border of the build.
    km : float
        Kilometres along it.

    Returns
    -------
    dict or None
        A point with the markers around it and ``holders``: a record for each segment that holds it, with its
        post, people and state; None beyond the ends of the border.
    """
    rows = _held(build, frontier, border_id, km)
    if not rows:
        return None
    shared = {name: rows[0][name] for name in PLACE}
    holders = [{name: value for name, value in row.items() if name not in (*PLACE, "lon", "lat")} for row in rows]
    return {
        "type": "Feature",
        "id": f"{border_id}@{rows[0]['measure_m']:.3f}",
        "geometry": {"type": "Point", "coordinates": [rows[0]["lon"], rows[0]["lat"]]},
        "properties": {**shared, "as_of": build.report["as_of"], "holders": holders},
    }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn rows into plain values.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any rows without geometry.

    Returns
    -------
    list of dict
        Numbers to a millimetre, times as RFC 3339 in UTC, missing = None.
    """
    text = frame.to_json(orient="records", date_format="iso", date_unit="s", double_precision=3)
    made: list[dict[str, Any]] = orjson.loads(text)
    return made


def lines_of(answer: dict[str, Any], lang: Lang) -> list[str]:
    """Write an answer for people.

    Parameters
    ----------
    answer : dict
        From :func:`summary`.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    list of str
        Lines to print.
    """
    lines = []
    for kind in KINDS:
        lines.append(_headed(getattr(fields.KIND_WORDS[kind], lang), answer[kind], lang))
        lines += [f"  {_span(row)}  {_between(row, lang)}" for row in answer[kind]]
    lines.append(_headed(say("cli.border_late", lang, as_of=answer["as_of"]), answer["late"], lang))
    lines += [f"  {_span(row)}  {_state(row, lang)}  {', '.join(row['segment_ids'])}" for row in answer["late"]]
    for row in answer.get("holders", ()):
        lines += ["", *_holder(row, lang)]
    return lines


def _held(build: Build, frontier: Frontier, border_id: str, km: float) -> list[dict[str, Any]]:
    rows = holders_at(frontier, border_id, [km * 1000.0], moment=moment_of(build))
    made = records(rows.drop(columns="geometry"))
    places = zip(rows.geometry.x, rows.geometry.y, strict=True)
    return [{**row, "lon": round(x, 7), "lat": round(y, 7)} for row, (x, y) in zip(made, places, strict=True)]


def _headed(title: str, rows: list[dict[str, Any]], lang: Lang) -> str:
    km = sum(row["length_m"] for row in rows) / 1000
    return say("cli.border_sum", lang, title=title, count=len(rows), km=f"{km:.1f}")


def _span(row: dict[str, Any]) -> str:
    return f"{row['border_id']} km {row['start_m'] / 1000:.3f}-{row['end_m'] / 1000:.3f}"


def _between(row: dict[str, Any], lang: Lang) -> str:
    values = {name: row[name] or "-" for name in BESIDE}
    return say("cli.border_between", lang, segments=", ".join(row["segment_ids"]) or "-", **values)


def _state(row: dict[str, Any], lang: Lang) -> str:
    days = "" if row["idle_days"] is None else say("cli.border_days", lang, days=f"{row['idle_days']:.1f}")
    return f"{getattr(fields.STATE_WORDS[row['state']], lang)}{days}"


def _holder(row: dict[str, Any], lang: Lang) -> list[str]:
    evidence = row["evidence"] and getattr(fields.EVIDENCE_WORDS[row["evidence"]], lang)
    values = {
        "border_id": row["border_id"],
        "km": f"{row['measure_m'] / 1000:.3f}",
        "lon": row["lon"],
        "lat": row["lat"],
        "marker_before": row["marker_before"] or "-",
        "marker_after": row["marker_after"] or "-",
        "segment": row["segment_id"] or say("cli.border_none", lang),
        "post": row["post_id"] or "-",
        "staff": ", ".join(row["staff_ids"] or ()) or "-",
        "roles": ", ".join(row["roles"] or ()) or "-",
        "state": _state(row, lang),
        "last_visit": row["last_visit"] or "-",
        "evidence": evidence or "-",
        "interval": f"{row['interval_days']:g}",
    }
    return say("cli.border_holder", lang, **values).split("\n")


def missing(build: Build) -> tuple[str, ...]:
    """Name the layers that a build lacks to answer.

    Parameters
    ----------
    build : Build
        A published build.

    Returns
    -------
    tuple of str
        Layer ids; empty = it can.
    """
    known = {layer.id for layer in build.layers()}
    return tuple(id for id in NEEDS if id not in known)
