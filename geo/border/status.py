"""What state is each stretch of the border in: held, and visited in time?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.border.fields import SEGMENTS
from geo.border.holding import Cells, Holdings, cells
from geo.border.idleness import TIME, UNASSIGNED, bands, credited, idle_days, observed_from, staleness, stalest
from geo.border.intervals import Flags, Ints
from geo.border.naming import list_column, with_ids
from geo.border.placing import cut_on
from geo.crs import Array, Floats


@dataclass(frozen=True, eq=False)
class Ground:
    """One border cut at every bound of whatever holds or visits it.

    Parameters
    ----------
    breaks : numpy.ndarray
        Measures, metres, shape (cells + 1,).
    held : Cells
        Who holds it.
    holder : numpy.ndarray
        Which cell of ``held`` each cell lies in, int64, shape (cells,).
    seen, evidence : numpy.ndarray
        As in :class:`Staleness`, shape (cells,).
    """

    breaks: Floats
    held: Cells
    holder: Ints
    seen: Array
    evidence: Array

    @property
    def accessible(self) -> Flags:
        """Whether people can get to each cell."""
        return self.held.accessible[self.holder]

    @property
    def assigned(self) -> Flags:
        """Whether somebody is assigned to each cell."""
        return self.held.assigned[self.holder]

    @cached_property
    def segments(self) -> Ints:
        """Number cells by the segments that cover them: the same segments, the same number."""
        numbers: dict[tuple[int, ...], int] = {}
        number = [numbers.setdefault(rows, len(numbers)) for rows in self.held.segments]
        return np.array(number, dtype=np.int64)[self.holder]

    def stretches(self, *marks: Array) -> tuple[Ints, Ints, Ints]:
        """Join neighbouring cells that have the same segments and equal marks.

        Parameters
        ----------
        *marks : numpy.ndarray
            What else tells stretches apart, shape (cells,).

        Returns
        -------
        tuple of numpy.ndarray
            First cell of each maximal stretch and the one after its last, shape (stretches,); and the stretch of
            each cell, shape (cells,).
        """
        moved = np.ones(len(self.holder), dtype=bool)
        moved[1:] = np.any([mark[1:] != mark[:-1] for mark in (self.segments, *marks)], axis=0)
        first = np.flatnonzero(moved)
        return first, np.append(first[1:], len(moved))[: len(first)], np.cumsum(moved) - 1


def ground(holdings: Holdings, visits: pd.DataFrame, border_id: str) -> Ground:
    """Lay the visits of a border over what holds it.

    Parameters
    ----------
    holdings : Holdings
        What holds it.
    visits : pandas.DataFrame
        From :func:`credited`.
    border_id : str
        The border.

    Returns
    -------
    Ground
        From 0 to the length without gap.
    """
    held = cells(holdings, border_id)
    stale = staleness(visits, border_id, holdings.lines[border_id].length_m, alone=len(holdings.lines) == 1)
    breaks = np.union1d(held.breaks, stale.breaks)
    holder = np.searchsorted(held.breaks, breaks[:-1], side="right") - 1
    visit = np.searchsorted(stale.breaks, breaks[:-1], side="right") - 1
    return Ground(breaks, held, holder, stale.seen[visit], stale.evidence[visit])


def shortest(held: Cells, required: Floats, default_days: float) -> Floats:
    """Find the interval that counts in each cell of what is held: the shortest of its segments.

    Parameters
    ----------
    held : Cells
        Who holds a border.
    required : numpy.ndarray
        Required interval of each row of ``Holdings.segments``, days.
    default_days : float
        Required where no segment is, days.

    Returns
    -------
    numpy.ndarray
        Days, shape (cells of ``held``,).
    """
    return np.array([min((required[row] for row in rows), default=default_days) for rows in held.segments])


NO_FLAGS = np.zeros(0, dtype=bool)
NOWHERE = Ground(
    np.zeros(1),
    Cells(np.zeros(1), [], NO_FLAGS, NO_FLAGS, NO_FLAGS, NO_FLAGS),
    np.zeros(0, dtype=np.int64),
    np.zeros(0, dtype="datetime64[us]"),
    np.zeros(0, dtype=object),
)


def border_stretches(
    holdings: Holdings, visits: pd.DataFrame | None, *, moment: pd.Timestamp, default_days: float
) -> gpd.GeoDataFrame:
    """Divide the border into maximal stretches of equal segments, access and state.

    Parameters
    ----------
    holdings : Holdings
        What holds the border.
    visits : pandas.DataFrame or None
        The ``visits`` table.
    moment : pandas.Timestamp
        As of when.
    default_days : float
        Required interval where no segment says one, days.

    Returns
    -------
    geopandas.GeoDataFrame
        Fields of the layer ``border-status`` by border and measure; the stretches of a border add up to it
        exactly. ``state`` is ``unassigned`` where nobody is assigned, else the band of M6 under the shortest
        interval of the segments there; ``post_id`` is that of the first that has one. Time, idleness and evidence
        are those of the stalest metre of the stretch; what was never visited counts as idle since the first
        visit known of any border.
    """
    rows = credited(visits, moment)
    since = idle_days(np.array([observed_from(rows)]), moment)[0]
    lands = {key: ground(holdings, rows, key) for key in holdings.lines} or {"": NOWHERE}
    made = [_stretches(land, holdings, key, moment, default_days) for key, land in lands.items()]
    frame = pd.concat(made, ignore_index=True)
    frame["idle_days"] = frame["idle_days"].fillna(since)
    frame = with_ids(frame, "stretch_id", pd.Series("stretch", index=frame.index), frame["segment_ids"])
    return gpd.GeoDataFrame(frame, geometry=pieces(holdings, frame["border_id"], frame["start_m"], frame["end_m"]))


def pieces(holdings: Holdings, border_id: pd.Series, start_m: pd.Series, end_m: pd.Series) -> gpd.GeoSeries:
    """Cut stretches of several borders.

    Parameters
    ----------
    holdings : Holdings
        With the lines.
    border_id : pandas.Series
        Border of each stretch; missing or not known = no geometry.
    start_m, end_m : pandas.Series
        Bounds, metres, same index.

    Returns
    -------
    geopandas.GeoSeries
        As :func:`geo.border.placing.cut_on`, same index.
    """
    return cut_on(holdings.lines, border_id, start_m, end_m).set_axis(border_id.index)


def segment_rows(
    holdings: Holdings, visits: pd.DataFrame | None, *, moment: pd.Timestamp, noise_m: float
) -> gpd.GeoDataFrame:
    """Say for each segment who holds it, whether they can, and how stale its stalest metre is.

    Parameters
    ----------
    holdings : Holdings
        What holds the border.
    visits : pandas.DataFrame or None
        The ``visits`` table.
    moment : pandas.Timestamp
        As of when.
    noise_m : float
        Staler places that are no longer than this together do not count, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        Fields of the layer ``border-segments`` by ``segment_id``. ``state`` is ``unassigned`` where a segment
        is not wholly assigned, else the band of its stalest metre that people can get to (missing where they
        can get to none); ``covered_km`` are kilometres visited within its interval, of ``accessible_m``. People
        whose interval reaches into a segment are among its guards, so ``allowed_m`` errs high where they hold
        only a part of it. A segment without a place has no geometry, state or length.
    """
    rows = credited(visits, moment)
    since = idle_days(np.array([observed_from(rows)]), moment)[0]
    found = _unknown(len(holdings.segments))
    for key in holdings.lines:
        land = ground(holdings, rows, key)
        idle, width = idle_days(land.seen, moment), np.diff(land.breaks)
        here = holdings.segments["from_m"].notna() & (holdings.segments["border_id"] == key)
        for row in holdings.segments[here].itertuples():
            low, high = np.searchsorted(land.breaks, [row.from_m, row.to_m])
            inside = np.arange(low, high)
            open_ = inside[land.accessible[inside]]
            judged = open_ if len(open_) else inside
            cell = judged[stalest(idle[judged], width[judged], noise_m=noise_m)]
            band = bands(idle[[cell]], np.array([row.interval_days]))[0] if len(open_) else None
            found["state"][row.Index] = band if row.assigned else UNASSIGNED
            found["accessible_m"][row.Index] = width[open_].sum()
            found["covered_km"][row.Index] = width[open_[idle[open_] <= row.interval_days]].sum() / 1000.0
            found["last_visit"][row.Index] = land.seen[cell]
            found["idle_days"][row.Index] = since if np.isnan(idle[cell]) else idle[cell]
            found["evidence"][row.Index] = land.evidence[cell]
    idleness = pd.DataFrame(found).astype({"state": "str", "evidence": "str"})
    idleness["last_visit"] = idleness["last_visit"].dt.tz_localize("UTC").astype(TIME)
    frame = holdings.segments.join(idleness)
    shapes = pieces(holdings, frame["border_id"], frame["from_m"], frame["to_m"])
    return gpd.GeoDataFrame(frame[[field.name for field in SEGMENTS]], geometry=shapes)


def _unknown(length: int) -> dict[str, Array]:
    return {
        "state": np.full(length, None, dtype=object),
        "last_visit": np.full(length, "NaT", dtype="datetime64[us]"),
        "idle_days": np.full(length, np.nan),
        "evidence": np.full(length, None, dtype=object),
        "covered_km": np.full(length, np.nan),
        "accessible_m": np.full(length, np.nan),
    }


def _stretches(
    land: Ground, holdings: Holdings, border_id: str, moment: pd.Timestamp, default_days: float
) -> pd.DataFrame:
    interval = shortest(land.held, holdings.segments["interval_days"].to_numpy(), default_days)[land.holder]
    idle = idle_days(land.seen, moment)
    state = np.where(land.assigned, bands(idle, interval), UNASSIGNED)
    first, after, stretch = land.stretches(state, land.accessible)
    oldest = np.lexsort((np.arange(len(state)), -np.nan_to_num(idle, nan=np.inf), stretch))[first]
    return pd.DataFrame(
        {
            **holders(holdings, land, first, border_id),
            "start_m": land.breaks[first],
            "end_m": land.breaks[after],
            "length_m": land.breaks[after] - land.breaks[first],
            "accessible": land.accessible[first],
            "state": pd.Series(state[first], dtype="str"),
            "last_visit": pd.Series(land.seen[oldest]).dt.tz_localize("UTC").astype(TIME),
            "idle_days": idle[oldest],
            "interval_days": interval[first],
            "evidence": pd.Series(land.evidence[oldest], dtype="str"),
        }
    )


def holders(holdings: Holdings, land: Ground, at: Ints, border_id: str) -> dict[str, pd.Series]:
    """Say who holds some cells of a border.

    Parameters
    ----------
    holdings : Holdings
        What holds it.
    land : Ground
        From :func:`ground`.
    at : numpy.ndarray
        Cells, int64, shape (n,).
    border_id : str
        The border.

    Returns
    -------
    dict of str to pandas.Series
        ``border_id``, ``segment_ids`` (a list each) and ``post_id`` (of the first of these segments that has one;
        missing without), index 0…n-1.
    """
    ids, posts = holdings.segments["segment_id"].tolist(), holdings.segments["post_id"].tolist()
    rows = [land.held.segments[cell] for cell in land.holder[at]]
    of_first = [next((posts[row] for row in here if not pd.isna(posts[row])), None) for here in rows]
    return {
        "border_id": pd.Series(border_id, index=range(len(rows)), dtype="str"),
        "segment_ids": list_column([ids[row] for row in here] for here in rows),
        "post_id": pd.Series(of_first, dtype="str"),
    }
