"""When was each marker, village, stop and fence last visited, and how often must it be (M6)?

Something was visited when a visit names it, or when a credited visit of the border passed it: at the place of a
marker, or of another thing that stands within the tolerance of the line; over each metre of a fence.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.border.chainage import Lines, chainages, locate_on
from geo.border.idleness import (
    EVIDENCE,
    TIME,
    bands,
    credited,
    idle_days,
    observed_from,
    over,
    staleness,
    stalest,
)
from geo.border.inputs import CREDITED, moment, placed, table_of
from geo.border.intervals import Ints, latest
from geo.border.naming import list_column
from geo.border.placing import beside, cut_on, place_intervals
from geo.border.seasons import DEFAULT, Rule
from geo.crs import LONLAT, Array, Floats
from geo.layer import Tables
from geo.parameters import Parameters
from geo.tables.frontier import TARGET_KINDS

MARKER, FENCE = "marker", "fence"
KINDS = (MARKER, *TARGET_KINDS, FENCE)
NEEDED = ("border", CREDITED)
USED = ("markers", "targets", "fences", "segments")
TYPES = {
    "kind": "str",
    "target_id": "str",
    "name": "str",
    "border_id": "str",
    "start_m": float,
    "end_m": float,
    "offset_m": float,
    "post_id": "str",
    "mobile_timetable": "str",
    "own_days": float,
    "on_line": bool,
    "synthetic": bool,
    "geometry": object,
}
PARAMETERS = ("as_of", "time_zone", "interval_days", "seasons", "noise_m", "patrol_tolerance_m")


def visited_points(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """List everything besides stretches of border that is to be visited, with its last visit.

    Parameters
    ----------
    tables : mapping of str to frame
        :data:`NEEDED`, and :data:`USED` as far as they are there.
    parameters : Parameters
        With :data:`PARAMETERS`.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a marker, target and fence, by ``kind`` (in the order of :data:`KINDS`) and ``target_id``, index
        0…n-1:

        - ``kind target_id name border_id``; the name of a marker is its number, of what has none its id.
        - ``start_m end_m``: of a marker its measure twice, of a target that of the nearest place on the line, of a
          fence the ends of its part on the line; missing without a place. ``offset_m``: metres off the line (0 for
          a fence).
        - ``post_id``: its own, else that of the first segment there (of a target only within the tolerance).
          ``segment_ids``: the segments there.
        - ``interval_days``: required on the day; the first that says something: a season that names the kind, its
          own interval, that of its kind. Missing = it is never due. ``own_days``: its own.
        - ``last_visit evidence``: the later of a visit that names it and one that passed it, of equally late ones
          the stronger; of a fence the one that passed its stalest metre (no more than the noise is staler).
        - ``mobile_timetable synthetic``: as given, and geometry: of a fence its part of the line, else its own
          point.
    """
    places, segments = placed(tables, parameters)
    lines = chainages(tables["border"])
    parts = (
        _markers(table_of(tables, "markers"), places),
        _targets(table_of(tables, "targets"), lines, parameters.patrol_tolerance_m),
        _fences(table_of(tables, "fences"), lines, places, parameters.noise_m),
    )
    rows = pd.concat([pd.DataFrame(part).reindex(columns=list(TYPES)) for part in parts], ignore_index=True)
    rows = rows.astype(TYPES)
    seen, evidence = last_visits(rows, tables[CREDITED], lines, moment(parameters), noise_m=parameters.noise_m)
    at = beside(segments, rows["border_id"], rows["start_m"], rows["end_m"], noise_m=parameters.noise_m)
    ids, posts = (segments[name].to_numpy(dtype=object) for name in ("segment_id", "post_id"))
    held_by = pd.Series([first_known(posts[near]) for near in at], dtype="str", index=rows.index)
    rows["post_id"] = rows["post_id"].fillna(held_by.where(rows["on_line"]))
    rows["segment_ids"] = list_column(ids[near] for near in at)
    rows["interval_days"] = required_on(rows, parameters, parameters.as_of)
    rows["last_visit"] = pd.Series(seen).dt.tz_localize("UTC").astype(TIME)
    rows["evidence"] = pd.Series(evidence, dtype="str")
    return gpd.GeoDataFrame(rows.drop(columns="on_line"), geometry="geometry", crs=LONLAT)


def last_visits(
    rows: pd.DataFrame, visits: pd.DataFrame | None, lines: Lines, moment: pd.Timestamp, *, noise_m: float
) -> tuple[Array, Array]:
    """Find the last visit of each of some things.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``kind target_id border_id start_m end_m on_line``, index 0…n-1; what is not on the line is visited only by
        visits that name it.
    visits : pandas.DataFrame or None
        The ``visits`` table.
    lines : mapping of str to Chainage
        The borders.
    moment : pandas.Timestamp
        As of when; a visit that ends at it counts.
    noise_m : float
        How far from a place a visit may end and still have passed it; staler metres of a fence that are no longer
        than this together do not count.

    Returns
    -------
    tuple of numpy.ndarray
        Times, datetime64[us] in UTC, NaT = never; and evidence, None = never; shape (n,). Of equally late visits
        the strongest evidence.
    """
    found = over(visits, moment)
    stretches = credited(visits, moment)
    seen, evidence = _named(rows, found)
    alone = len(lines) == 1
    low, high = rows["start_m"].to_numpy(), rows["end_m"].to_numpy()
    for key, line in lines.items():
        here = (rows["border_id"] == key) & rows["on_line"]
        spots, spans = np.flatnonzero(here & (low == high)), np.flatnonzero(here & (low < high))
        mine = (found["border_id"] == key) | (alone & found["border_id"].isna())
        last = _passed(low[spots], found[mine & found["start_m"].notna()], noise_m)
        _later(seen, evidence, spots, *last)
        cells = staleness(stretches, key, line.length_m, alone=alone)
        idle = idle_days(cells.seen, moment)
        for row in spans:
            start, end = low[row], high[row]
            first = int(np.searchsorted(cells.breaks, start, side="right")) - 1
            after = int(np.searchsorted(cells.breaks, end))
            width = np.diff(np.clip(cells.breaks[first : after + 1], start, end))
            cell = first + stalest(idle[first:after], width, noise_m=noise_m)
            _later(seen, evidence, np.array([row]), cells.seen[[cell]], cells.evidence[[cell]])
    return seen, evidence


def required_on(rows: pd.DataFrame, parameters: Parameters, day: date) -> Floats:
    """Say what interval is required of some things on a day.

    As of segments by class, the kind being the class, but a ``default`` is meant for stretches of border alone.

    Parameters
    ----------
    rows : pandas.DataFrame
        From :func:`visited_points`.
    parameters : Parameters
        With ``interval_days`` and ``seasons``.
    day : datetime.date
        The day.

    Returns
    -------
    numpy.ndarray
        Days, shape (n,); NaN = it is never due.
    """
    none = {DEFAULT: np.nan}
    seasons = [
        season.model_copy(update={"interval_days": season.interval_days | none}) for season in parameters.seasons
    ]
    return Rule(parameters.interval_days | none, seasons).required(rows["own_days"], rows["kind"], day)


def judged(rows: gpd.GeoDataFrame, visits: pd.DataFrame | None, moment: pd.Timestamp) -> gpd.GeoDataFrame:
    """Judge the last visits of some things against what is required (M6).

    Parameters
    ----------
    rows : geopandas.GeoDataFrame
        From :func:`visited_points`.
    visits : pandas.DataFrame or None
        The ``visits`` table: what was never visited has been idle since its first visit at least.
    moment : pandas.Timestamp
        As of when.

    Returns
    -------
    geopandas.GeoDataFrame
        The rows with ``state`` (missing without a required interval) and ``idle_days`` (missing for what was never
        visited where there is no visit at all).
    """
    idle = idle_days(rows["last_visit"].dt.tz_localize(None).to_numpy(dtype="datetime64[us]"), moment)
    state = pd.Series(bands(idle, rows["interval_days"].to_numpy()), index=rows.index, dtype="str")
    since = idle_days(np.array([observed_from(over(visits, moment))]), moment)[0]
    return rows.assign(
        state=state.where(rows["interval_days"].notna()), idle_days=np.where(np.isnan(idle), since, idle)
    )


def _named(rows: pd.DataFrame, found: pd.DataFrame) -> tuple[Array, Array]:
    """Last visit that names each thing by its kind and id."""
    last = found.drop_duplicates(["target_type", "target_id"], keep="last").set_index(["target_type", "target_id"])
    last = last[last.index.get_level_values("target_id").notna()]
    at = last.index.get_indexer(pd.MultiIndex.from_frame(rows[["kind", "target_id"]]))
    return _taken(last, at)


def _passed(measure_m: Floats, found: pd.DataFrame, noise_m: float) -> tuple[Array, Array]:
    """Last visit that passed each place of one border; the places, in order, are the cells to be covered."""
    order = np.argsort(measure_m, kind="stable")
    first = np.searchsorted(measure_m[order], found["start_m"].to_numpy() - noise_m, side="left")
    after = np.searchsorted(measure_m[order], found["end_m"].to_numpy() + noise_m, side="right")
    at = np.full(len(measure_m), -1)
    at[order] = latest(first.astype(float), after.astype(float), np.arange(len(measure_m) + 1.0))
    return _taken(found, at)


def _taken(found: pd.DataFrame, at: Ints) -> tuple[Array, Array]:
    """Time and evidence of the visits at some positions, -1 = none."""
    seen = found["seen"].dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    seen = np.append(seen, np.datetime64("NaT", "us"))
    evidence = np.append(found["evidence"].to_numpy(dtype=object), np.array([None], dtype=object))
    return seen[at], evidence[at]


def _later(seen: Array, evidence: Array, at: Ints, other: Array, proof: Array) -> None:
    """Put in place what is later than what is there, or equally late and stronger."""
    stronger = _strength(proof) > _strength(evidence[at])
    better = (other > seen[at]) | (~np.isnat(other) & np.isnat(seen[at])) | ((other == seen[at]) & stronger)
    seen[at[better]], evidence[at[better]] = other[better], proof[better]


def _strength(evidence: Array) -> Ints:
    return np.array([-EVIDENCE.index(one) if one in EVIDENCE else -len(EVIDENCE) for one in evidence], dtype=int)


def _markers(markers: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> pd.DataFrame:
    own = markers.sort_values("marker_id", kind="stable", ignore_index=True)
    return places.assign(
        kind=MARKER,
        target_id=places["marker_id"],
        name=places["number"],
        start_m=places["measure_m"],
        end_m=places["measure_m"],
        on_line=places["measure_m"].notna(),
        own_days=own["interval_days"],
        synthetic=own["synthetic"],
    )


def _targets(targets: gpd.GeoDataFrame, lines: Lines, tolerance_m: float) -> pd.DataFrame:
    rows = targets.assign(_rank=targets["kind"].map({kind: rank for rank, kind in enumerate(TARGET_KINDS)}))
    rows = rows.sort_values(["_rank", "target_id"], kind="stable", ignore_index=True)
    shapes = rows.geometry.to_numpy()
    lonlat = np.stack([shapely.get_x(shapes), shapely.get_y(shapes)], axis=1)
    border_id, measure, offset = locate_on(lines, rows["border_id"], lonlat)
    return rows.assign(
        border_id=pd.Series(border_id, dtype="str").fillna(rows["border_id"]),
        start_m=measure,
        end_m=measure,
        offset_m=offset,
        on_line=offset <= tolerance_m,
        own_days=rows["interval_days"],
        name=rows["name"].fillna(rows["target_id"]),
    )


def _fences(fences: gpd.GeoDataFrame, lines: Lines, places: gpd.GeoDataFrame, noise_m: float) -> pd.DataFrame:
    rows = place_intervals(fences, "fence_id", lines, places, noise_m=noise_m)
    return rows.assign(
        kind=FENCE,
        target_id=rows["fence_id"],
        name=rows["fence_id"],
        start_m=rows["from_m"],
        end_m=rows["to_m"],
        offset_m=rows["from_m"] * 0.0,
        on_line=rows["from_m"].notna(),
        own_days=rows["interval_days"],
        geometry=cut_on(lines, rows["border_id"], rows["from_m"], rows["to_m"]),
    )


def first_known(values: Iterable[Any]) -> Any:
    """Take the first of some values that is not missing.

    Parameters
    ----------
    values : iterable
        Of any kind.

    Returns
    -------
    object
        None without one.
    """
    return next((value for value in values if not pd.isna(value)), None)
