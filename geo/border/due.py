"""What must be visited next, by when, and by whom (M6)?

A metre is late when it has been idle for longer than the interval that is required on the day. Moments at which it
becomes late are exact: they follow from the last visit, and from the first days of seasons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.border.chainage import SNAP_M
from geo.border.holding import Holdings
from geo.border.idleness import DAY_S, TIME, bands, credited, end_of_day, observed_from
from geo.border.intervals import Flags
from geo.border.markers import nearest_markers
from geo.border.naming import with_ids
from geo.border.seasons import ONE_DAY, Rule
from geo.border.status import NOWHERE, Ground, ground, holders, pieces, shortest
from geo.crs import LONLAT, Array, Floats

STRETCH = "stretch"
DUE, NEVER = "due", "never"
LISTED = (DUE, "overdue", "critical", NEVER)  # mildest first
JUDGED = ("state", "due_s", "interval_days", "urgency")


@dataclass(frozen=True, eq=False)
class Clock:
    """The moment asked, how far ahead, and the times at which other intervals come into force.

    Parameters
    ----------
    moment : pandas.Timestamp
        As of when, UTC.
    ahead_s : float
        How far ahead to look, seconds.
    days : tuple of datetime.date
        A day of each period in which the same seasons are on, in order.
    begins : numpy.ndarray
        When each period begins, seconds from the moment, shape (periods,); the first has always been.
    """

    moment: pd.Timestamp
    ahead_s: float
    days: tuple[date, ...]
    begins: Floats

    @property
    def now(self) -> int:
        """The period of the day that ends at, or holds, the moment."""
        return int(np.searchsorted(self.begins, 0.0, side="left")) - 1

    def seconds(self, seen: Array) -> Floats:
        """Tell times in seconds from the moment.

        Parameters
        ----------
        seen : numpy.ndarray
            datetime64[us] in UTC, shape (n,).

        Returns
        -------
        numpy.ndarray
            Shape (n,); NaN for NaT.
        """
        return np.asarray((seen - self.moment.tz_localize(None).to_datetime64()) / np.timedelta64(1, "us") / 1e6)

    def times(self, seconds: Floats) -> pd.Series:
        """Tell seconds from the moment as times.

        Parameters
        ----------
        seconds : numpy.ndarray
            Shape (n,).

        Returns
        -------
        pandas.Series
            UTC, to the microsecond; NaT for NaN.
        """
        microseconds = pd.Series(np.round(seconds * 1e6)).astype("Int64").astype("timedelta64[us]")
        return (microseconds + self.moment).astype(TIME)


def clock_of(rule: Rule, since: Any, moment: pd.Timestamp, *, due_hours: float, time_zone: str) -> Clock:
    """Find the periods of equal rules from the first visit to the end of what is looked at.

    Parameters
    ----------
    rule : Rule
        What is required when.
    since : numpy.datetime64
        The first visit, UTC; NaT without.
    moment : pandas.Timestamp
        As of when, UTC.
    due_hours : float
        How far ahead to look, hours.
    time_zone : str
        IANA name: where days begin.

    Returns
    -------
    Clock
        With at least one period.
    """
    first = moment if np.isnat(since) else min(pd.Timestamp(since, tz="UTC"), moment)
    opening = first.tz_convert(time_zone).date() - ONE_DAY
    changes = rule.changes(opening, (moment + pd.Timedelta(hours=due_hours)).tz_convert(time_zone).date())
    begins = [(end_of_day(day - ONE_DAY, time_zone) - moment).total_seconds() for day in changes]
    return Clock(moment, due_hours * 3600.0, (opening, *changes), np.array([-np.inf, *begins]))


def due_moments(last: Floats, required: Floats, clock: Clock) -> tuple[Floats, Flags]:
    """Find when each of some things fell due, or will.

    Parameters
    ----------
    last : numpy.ndarray
        When it was last visited, seconds from the moment, shape (n,); NaN = not known.
    required : numpy.ndarray
        Required interval in each period, days, shape (periods, n); NaN = none.
    clock : Clock
        The moment and the periods.

    Returns
    -------
    tuple of numpy.ndarray
        Seconds from the moment, shape (n,): where it is late, the time since which it has been late without a
        break; else the first time from the moment on at which it becomes late (infinite where it does not in any
        period). NaN without last visit or interval. And whether it is late now: idle for longer than required.
    """
    limit = last + required * DAY_S  # late from here on, were that period to last for ever
    now, begins = clock.now, clock.begins
    late = limit[now] < 0
    due = np.full(len(last), np.nan)
    ends = np.append(begins[1:], np.inf)
    due[~np.isnan(limit[now]) & ~late] = np.inf
    for period in range(len(begins) - 1, now - 1, -1):
        begun = np.maximum(limit[period], max(begins[period], 0.0))
        due = np.where(~late & (begun < ends[period]), begun, due)
    due = np.where(late, np.maximum(limit[now], begins[now]), due)
    for period in range(now, 0, -1):
        unbroken = late & (due == begins[period]) & (limit[period - 1] < begins[period])
        due = np.where(unbroken, np.maximum(limit[period - 1], begins[period - 1]), due)
    return due, late


def due_stretches(
    holdings: Holdings, visits: pd.DataFrame | None, rule: Rule, clock: Clock, *, noise_m: float
) -> Any:
    """List the stretches of border that are late or fall due.

    Parameters
    ----------
    holdings : Holdings
        What holds the border.
    visits : pandas.DataFrame or None
        The ``visits`` table.
    rule : Rule
        What is required when.
    clock : Clock
        From :func:`clock_of`.
    noise_m : float
        Stretches that are no longer than this are left out, metres.

    Returns
    -------
    pandas.DataFrame
        By border and measure, ``target_id name border_id start_m end_m length_m segment_ids post_id guards state
        last_visit evidence interval_days due_at late_days urgency``: maximal stretches of accessible ground of
        equal segments and state. Times, evidence and interval are those of the metre that is due first; what was
        never visited counts from the first visit on record, and is listed even where nothing is on record.
        ``guards`` are the different people of the segments. ``urgency`` is idle time over required interval.
    """
    rows = credited(visits, clock.moment)
    since = observed_from(rows)
    segments = holdings.segments
    required = [rule.required(segments["own_days"], segments["class"], day) for day in clock.days]
    none = [rule.without_class(day) for day in clock.days]
    lands = {key: ground(holdings, rows, key) for key in holdings.lines} or {"": NOWHERE}
    made = []
    for key, land in lands.items():
        days = np.stack([shortest(land.held, *one) for one in zip(required, none, strict=True)])[:, land.holder]
        found = judge(land.seen, since, days, clock)
        made.append(_joined(holdings, land, found, key, noise_m))
    return pd.concat(made, ignore_index=True)


def judge(seen: Array, since: Any, required: Floats, clock: Clock) -> pd.DataFrame:
    """Say what is late or falls due, since or until when.

    Parameters
    ----------
    seen : numpy.ndarray
        Last visits, datetime64[us] in UTC, shape (n,); NaT = never.
    since : numpy.datetime64
        The first visit on record; NaT without.
    required : numpy.ndarray
        Days, shape (periods, n); NaN = never due.
    clock : Clock
        The moment and the periods.

    Returns
    -------
    pandas.DataFrame
        ``listed`` (late now, due within the time looked ahead, or never visited), ``state`` (one of
        :data:`LISTED`; what is not late yet is ``due``), ``due_s`` (seconds from the moment), ``interval_days``
        (now, or when it falls due), ``urgency``; index 0…n-1.
    """
    never = np.isnat(seen)
    last = clock.seconds(np.where(never, since, seen))
    due, late = due_moments(last, required, clock)
    interval = required[clock.now]
    at_due = np.searchsorted(clock.begins, due, side="right") - 1
    soon = ~late & (due <= clock.ahead_s)
    interval = np.where(soon, required[np.where(soon, at_due, 0), np.arange(len(last))], interval)
    band = bands(np.where(never, np.nan, -last / DAY_S), interval)
    state = np.where(late | never, band, DUE)
    return pd.DataFrame(
        {
            "listed": (late | soon | never) & ~np.isnan(interval),
            "state": state,
            "due_s": np.where(np.isfinite(due), due, np.nan),
            "interval_days": interval,
            "urgency": np.nan_to_num(-last / DAY_S / interval, nan=0.0),
        }
    )


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Put what is most urgent first.

    Parameters
    ----------
    rows : pandas.DataFrame
        With ``state urgency border_id start_m kind target_id``.

    Returns
    -------
    pandas.DataFrame
        By state (never, critical, overdue, due), then idle time over interval, then border, measure, kind and
        target; with ``rank`` 1…n, index 0…n-1.
    """
    severity = rows["state"].map({state: -place for place, state in enumerate(LISTED)})
    order = rows.assign(_severity=severity, _urgency=-rows["urgency"]).sort_values(
        ["_severity", "_urgency", "border_id", "start_m", "kind", "target_id"], kind="stable", ignore_index=True
    )
    return order.drop(columns=["_severity", "_urgency"]).assign(rank=np.arange(1, len(rows) + 1))


def due_list(
    holdings: Holdings,
    visits: pd.DataFrame | None,
    rule: Rule,
    clock: Clock,
    *,
    noise_m: float,
    points: gpd.GeoDataFrame | None = None,
    points_required: Callable[[date], Floats] | None = None,
) -> gpd.GeoDataFrame:
    """List everything that is late or falls due: stretches of border, markers, villages, stops and fences.

    Parameters
    ----------
    holdings, visits, rule, clock, noise_m
        As of :func:`due_stretches`.
    points : geopandas.GeoDataFrame or None
        From :func:`geo.border.visited.visited_points`.
    points_required : callable or None
        What is required of each point on a day, days; NaN = never due.

    Returns
    -------
    geopandas.GeoDataFrame
        Fields of the layer ``due-list`` by ``rank``, unique ``due_id``.
    """
    stretches = due_stretches(holdings, visits, rule, clock, noise_m=noise_m)
    stretches["geometry"] = pieces(
        holdings, stretches["border_id"], stretches["start_m"], stretches["end_m"]
    ).to_numpy()
    both = [stretches]
    if points is not None and points_required is not None:
        required = np.stack([points_required(day) for day in clock.days])
        both.append(_due_points(points, observed_from(credited(visits, clock.moment)), required, clock))
    rows = ranked(pd.concat(both, ignore_index=True))
    rows["due_at"] = clock.times(rows["due_s"].to_numpy())
    rows["late_days"] = (0.0 - rows["due_s"]) / DAY_S
    rows["marker_from"], rows["marker_to"] = _between(holdings, rows)
    members = rows["segment_ids"].where(rows["kind"] == STRETCH, rows["target_id"].map(lambda target: [target]))
    return gpd.GeoDataFrame(with_ids(rows, "due_id", rows["kind"], members), geometry="geometry", crs=LONLAT)


def _joined(holdings: Holdings, land: Ground, found: pd.DataFrame, border_id: str, noise_m: float) -> pd.DataFrame:
    """Join the listed cells of one border; the metre that is due first speaks for its stretch."""
    listed = found["listed"].to_numpy() & land.accessible
    first, after, stretch = land.stretches(np.where(listed, found["state"], ""))
    length = land.breaks[after] - land.breaks[first]
    due = found["due_s"].fillna(-np.inf)
    earliest = np.lexsort((np.arange(len(listed)), due, stretch))[first]
    kept = listed[first] & (length > noise_m)
    first, at = first[kept], earliest[kept]
    held = holders(holdings, land, first, border_id)
    start, end = land.breaks[first], land.breaks[after[kept]]
    people = holdings.segments["staff_ids"].tolist()
    guards = [len({one for row in land.held.segments[cell] for one in people[row]}) for cell in land.holder[first]]
    called = [
        "+".join(ids) if ids else f"km {begun / 1000:.1f}-{done / 1000:.1f}"
        for ids, begun, done in zip(held["segment_ids"], start, end, strict=True)
    ]
    return pd.DataFrame(
        {
            **held,
            "kind": pd.Series(STRETCH, index=range(len(at)), dtype="str"),
            "target_id": pd.Series([ids[0] if ids else None for ids in held["segment_ids"]], dtype="str"),
            "name": pd.Series(called, dtype="str"),
            "start_m": start,
            "end_m": end,
            "length_m": end - start,
            "guards": pd.array(guards, dtype="Int64"),
            "last_visit": pd.Series(land.seen[at]).dt.tz_localize("UTC").astype(TIME),
            "evidence": pd.Series(land.evidence[at], dtype="str"),
            **found.loc[at, list(JUDGED)].reset_index(drop=True),
        }
    ).astype({"state": "str"})


def _due_points(points: gpd.GeoDataFrame, since: Any, required: Floats, clock: Clock) -> pd.DataFrame:
    seen = points["last_visit"].dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    found = judge(seen, since, required, clock)
    rows = pd.DataFrame(points).drop(columns="interval_days").join(found[list(JUDGED)].set_axis(points.index))
    rows = rows.assign(
        length_m=(rows["end_m"] - rows["start_m"]).fillna(0.0),
        guards=pd.array([pd.NA] * len(rows), dtype="Int64"),
        state=rows["state"].astype("str"),
    )
    return rows[found["listed"].to_numpy()]


def _between(holdings: Holdings, rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Markers between which each row lies; missing off the line."""
    found = np.full((2, len(rows)), None, dtype=object)
    for key in holdings.lines:
        here = ((rows["border_id"] == key) & rows["start_m"].notna()).to_numpy()
        start, end = (rows.loc[here, name].to_numpy(dtype=float) for name in ("start_m", "end_m"))
        found[:, here] = nearest_markers(holdings.markers, key, start + SNAP_M, end - SNAP_M)
    return pd.Series(found[0], index=rows.index, dtype="str"), pd.Series(found[1], index=rows.index, dtype="str")
