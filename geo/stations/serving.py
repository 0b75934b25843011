"""Which stations count, which of them are open, and where they step onto the streets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo import units
from geo.crs import LONLAT, Frame
from geo.hours.week import hours_of_week, moment, open_at
from geo.layer import Tables
from geo.parameters import Parameters
from geo.stations.paces import main_speed
from geo.tables.validity import valid_on
from geo.walk.barriers import Barriers
from geo.walk.network import WalkNetwork
from geo.walk.reach import Catchments, Reach, catchments, nearest
from geo.walk.snap import Snapped, snap, standing

STATION_COLUMNS = (
    "station_id",
    "name",
    "category",
    "opening_hours",
    "open",
    "counted",
    "amenities",
    "hub_id",
    "capacity",
    "synthetic",
    "hours_a_day",
    "week",
)
WEEK_SIGNS = np.array(["0", "1", "?"], dtype=object)  # by state of an hour


@dataclass(frozen=True, eq=False)
class Service:
    """The streets, and the stations that serve at the asked moment.

    Parameters
    ----------
    network : WalkNetwork
        The streets.
    barriers : Barriers
        What legs may not cross, in the network's metres.
    stations : geopandas.GeoDataFrame
        Rows of the table ``stations`` that serve, by id.
    at : Snapped
        Where they step onto the streets.
    speed_kmh, budget_s : float
        How fast people walk, and for how long they may.
    """

    network: WalkNetwork
    barriers: Barriers
    stations: gpd.GeoDataFrame
    at: Snapped
    speed_kmh: float
    budget_s: float

    @property
    def _delay_s(self) -> NDArray[np.float64]:
        return np.asarray(self.stations["readiness_minutes"], dtype=float) * units.SECONDS_PER_MINUTE

    def at_speed(self, speed_kmh: float) -> Service:
        """Let people walk at another speed.

        Parameters
        ----------
        speed_kmh : float
            km/h.

        Returns
        -------
        Service
            The same streets and stations.
        """
        return replace(self, speed_kmh=speed_kmh)

    def nearest(self, limit_s: float = units.FAR_S) -> Reach:
        """Find the two nearest stations of every node.

        Parameters
        ----------
        limit_s : float
            Longest walk, seconds; a day unless told.

        Returns
        -------
        Reach
            One value a node.
        """
        return nearest(self.network, self.at, limit_s=limit_s, speed_kmh=self.speed_kmh, delay_s=self._delay_s)

    def catchments(self) -> Catchments:
        """Find every node from which each station is reached within the budget.

        Returns
        -------
        Catchments
            CSR rows by station.
        """
        return catchments(
            self.network, self.at, limit_s=self.budget_s, speed_kmh=self.speed_kmh, delay_s=self._delay_s
        )


def service_of(tables: Tables, parameters: Parameters, stations: gpd.GeoDataFrame | None = None) -> Service:
    """Set up streets, barriers and the stations that serve.

    Parameters
    ----------
    tables : mapping
        ``walk-network``, ``stations`` and, where it is there, ``barriers``.
    parameters : Parameters
        Moment, categories, amenities, speed, budget, snapping limits.
    stations : geopandas.GeoDataFrame or None
        Rows of the table that serve; None = those that count and are open at the asked moment.

    Returns
    -------
    Service
        Without stations where none serves.
    """
    network, barriers = streets_of(tables)
    if stations is None:
        stations = judge_serving(tables["stations"], parameters)
    at = snap_table(network, barriers, stations, parameters)
    return Service(network, barriers, stations, at, main_speed(parameters), budget_s(parameters))


def streets_of(tables: Tables) -> tuple[WalkNetwork, Barriers]:
    """Set up the streets and what ways to them may not cross.

    Parameters
    ----------
    tables : mapping
        ``walk-network`` and, where it is there, ``barriers``.

    Returns
    -------
    tuple of WalkNetwork and Barriers
        In the same metres.
    """
    network: WalkNetwork = tables["walk-network"]
    return network, Barriers.of(tables.get("barriers"), network.frame)


def judge(stations: gpd.GeoDataFrame, parameters: Parameters) -> gpd.GeoDataFrame:
    """Say of each station whether it is open at the asked moment and whether it counts.

    Parameters
    ----------
    stations : geopandas.GeoDataFrame
        Table ``stations``.
    parameters : Parameters
        ``at`` (the first such hour on or after ``as_of``), ``holidays``, and as for :func:`asked_for`.

    Returns
    -------
    geopandas.GeoDataFrame
        The rows by id, with ``open`` (yes, no, unknown) and ``counted`` (it is asked for and exists on the day).
    """
    rows = stations.sort_values("station_id", kind="stable").reset_index(drop=True)
    when = moment(parameters.at, parameters.as_of)
    day = when.date() if when else parameters.as_of
    return rows.assign(
        open=pd.array(open_at(timetable(rows), when, holidays=parameters.holidays), dtype="str"),
        counted=(valid_on(rows, day) & asked_for(rows, parameters)).astype(bool),
    )


def asked_for(rows: pd.DataFrame, parameters: Parameters) -> pd.Series:
    """Tell which stations are of an asked category and hold every asked amenity.

    Parameters
    ----------
    rows : pandas.DataFrame
        With ``category`` and ``amenities``.
    parameters : Parameters
        ``categories`` and ``amenities``; empty = all, whatever they hold. Capitals do not matter.

    Returns
    -------
    pandas.Series of bool
        By the rows' index.
    """
    asked = {amenity.strip().casefold() for amenity in parameters.amenities}
    holds = [asked <= {str(amenity).strip().casefold() for amenity in held} for held in rows["amenities"]]
    of_category = rows["category"].isin(parameters.categories) | (not parameters.categories)
    return of_category & np.array(holds, dtype=bool)


def timetable(rows: pd.DataFrame) -> pd.Series:
    """Choose the hours that each station keeps: a mobile stop its timetable, any other its opening hours.

    Parameters
    ----------
    rows : pandas.DataFrame
        With ``mobile_timetable`` and ``opening_hours``.

    Returns
    -------
    pandas.Series of str
        By the rows' index.
    """
    return rows["mobile_timetable"].where(rows["mobile_timetable"].notna(), rows["opening_hours"])


def judge_serving(stations: gpd.GeoDataFrame, parameters: Parameters) -> gpd.GeoDataFrame:
    """Take the stations that serve: counted, and open.

    Parameters
    ----------
    stations : geopandas.GeoDataFrame
        Table ``stations``.
    parameters : Parameters
        As for :func:`judge`; stations with unknown hours serve where ``unknown_hours`` says ``open``.

    Returns
    -------
    geopandas.GeoDataFrame
        Their rows by id.
    """
    judged = judge(stations, parameters)
    opens = ("yes", "unknown") if parameters.unknown_hours == "open" else ("yes",)
    return judged[judged["counted"] & judged["open"].isin(opens)].reset_index(drop=True)


def stations_table(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``stations``.

    Parameters
    ----------
    tables : mapping
        ``stations``.
    parameters : Parameters
        As for :func:`judge`.

    Returns
    -------
    geopandas.GeoDataFrame
        Every station by id, with what :func:`judge` says, ``hours_a_day`` (open on the day of the week that has
        least of them, exact; missing where the hours are missing or cannot be read) and ``week``: 168 signs,
        Monday 0:00 first, ``1`` open, ``0`` closed, ``?`` not known when the hour begins.
    """
    rows = judge(tables["stations"], parameters)
    week = hours_of_week(timetable(rows), parameters.as_of, holidays=parameters.holidays)
    least = week.minutes.min(axis=1) / units.MINUTES_PER_HOUR
    rows = rows.assign(
        hours_a_day=np.where(week.known, least, np.nan),
        week=pd.array(["".join(WEEK_SIGNS[state]) for state in week.state], dtype="str"),
    )
    return gpd.GeoDataFrame(rows[list(STATION_COLUMNS)], geometry=rows.geometry.to_numpy(), crs=LONLAT)


def snap_table(
    network: WalkNetwork, barriers: Barriers, points: gpd.GeoDataFrame, parameters: Parameters
) -> Snapped:
    """Snap the points of a table to the streets.

    Parameters
    ----------
    network : WalkNetwork
        The streets.
    barriers : Barriers
        In the network's metres.
    points : geopandas.GeoDataFrame
        EPSG:4326; other shapes stand at their representative point.
    parameters : Parameters
        ``snap_m`` and ``snap_max_m``.

    Returns
    -------
    Snapped
        One value a row.
    """
    x, y = point_metres(network.frame, points)
    return snap(network, x, y, barriers=barriers, snap_m=parameters.snap_m, snap_max_m=parameters.snap_max_m)


def point_metres(frame: Frame, rows: gpd.GeoDataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Place rows in a metric frame.

    Parameters
    ----------
    frame : Frame
        The frame.
    rows : geopandas.GeoDataFrame
        EPSG:4326.

    Returns
    -------
    tuple of numpy.ndarray
        x and y of their representative points, metres; NaN without geometry.
    """
    point = standing(rows.geometry)
    return frame.xy(shapely.get_x(point), shapely.get_y(point))


def budget_s(parameters: Parameters) -> float:
    """Turn the budget into seconds.

    Parameters
    ----------
    parameters : Parameters
        With ``budget_minutes``.

    Returns
    -------
    float
        Seconds.
    """
    return parameters.budget_minutes * units.SECONDS_PER_MINUTE
