"""Who reaches an open station in each of the 168 hours of the week?

The hours of a week have far fewer different sets of open stations than 168. Every home's stations are searched
once, whatever their hours; a home is covered in the sets that any of its stations belongs to, which is one bitwise
or of whole words.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import units
from geo.crs import LONLAT, Floats
from geo.hours.week import OPEN, UNKNOWN, WEEK_HOURS, WEEKDAYS, days_of_week, hours_of_week, moment
from geo.layer import Tables
from geo.parameters import Parameters
from geo.place.schemes import once
from geo.stations.areas import OTHER
from geo.stations.coverage import in_order
from geo.stations.homes import homes_of
from geo.stations.privacy import telling
from geo.stations.serving import asked_for, service_of, timetable
from geo.tables.validity import valid_on
from geo.walk.reach import sources_at

HOURS_A_DAY = 24
WORD = 64  # bits

Longs = NDArray[np.int64]
Bits = NDArray[np.bool_]
Words = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class OpenSets:
    """Which stations are open together, and when.

    Parameters
    ----------
    stations : geopandas.GeoDataFrame
        Rows of the table ``stations`` that are asked for, by id, whatever their hours.
    member : numpy.ndarray
        bool (stations, sets): the station is open in the set.
    of_hour : numpy.ndarray
        int64 (168,): set of each hour, Monday 0:00 first. Sets are numbered as they come in the week.
    """

    stations: gpd.GeoDataFrame
    member: Bits
    of_hour: Longs


def open_sets(stations: gpd.GeoDataFrame, parameters: Parameters) -> OpenSets:
    """Find the different sets of stations that are open in the hours of the week.

    Parameters
    ----------
    stations : geopandas.GeoDataFrame
        Table ``stations``.
    parameters : Parameters
        ``as_of`` (the week is the seven days from it on, see :func:`geo.hours.week.hours_of_week`),
        ``holidays``, ``unknown_hours``, ``categories``, ``amenities``.

    Returns
    -------
    OpenSets
        A station is open in an hour when it is open as the hour begins and exists on that day.
    """
    rows = (
        stations[asked_for(stations, parameters)].sort_values("station_id", kind="stable").reset_index(drop=True)
    )
    state = hours_of_week(timetable(rows), parameters.as_of, holidays=parameters.holidays).state
    serves = (state == OPEN) | ((state == UNKNOWN) & (parameters.unknown_hours == "open"))
    exists = np.column_stack([valid_on(rows, day) for day in days_of_week(parameters.as_of)])
    serves &= np.repeat(exists.astype(bool), HOURS_A_DAY, axis=1)
    of_hour, _ = pd.factorize(np.array([column.tobytes() for column in serves.T], dtype=object))
    first = np.unique(of_hour, return_index=True)[1]
    return OpenSets(rows, serves[:, first], of_hour.astype(np.int64))


def place_hours(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``place-hours``: one row an address.

    Parameters
    ----------
    tables : mapping
        ``walk-network``, ``stations``, ``population``, ``place-walk``; ``units`` and ``barriers`` where they are
        there.
    parameters : Parameters
        As for ``place-walk``; the asked moment does not matter.

    Returns
    -------
    geopandas.GeoDataFrame
        The rows of ``place-walk`` that count, by ``place_id``, without geometry: ``people``, ``grid_id`` and
        ``week``, 168 signs, Monday 0:00 first: ``1`` where a station that is open in that hour is within the
        budget at the row's own speed.
    """
    places = in_order(tables["place-walk"])
    sets = open_sets(tables["stations"], parameters)
    service = service_of(tables, parameters, sets.stations)
    homes = homes_of(tables["population"], service, parameters, tables.get("units"))
    at = homes.at.rows(pd.Index(homes.rows["place_id"]).get_indexer(places["place_id"]))
    speed_kmh = places["speed_kmh"].to_numpy(dtype=float)
    words = np.zeros((len(places), _words(sets.member.shape[1])), dtype=np.uint64)
    for speed in np.unique(speed_kmh):
        some = np.flatnonzero(speed_kmh == speed)
        there = service.at_speed(speed)
        words[some] = covered_sets(sets.member, *sources_at(there.network, there.catchments(), at.rows(some)))
    code, first = _alike(words)
    weeks = unpacked(words[first], sets.member.shape[1])[:, sets.of_hour]
    signs = np.array(["".join(np.where(week, "1", "0")) for week in weeks], dtype=object)
    rows = pd.DataFrame(places[["place_id", "people", "grid_id"]]).assign(week=pd.array(signs[code], dtype="str"))
    return gpd.GeoDataFrame(rows, geometry=np.full(len(rows), None), crs=LONLAT)


def covered_sets(member: Bits, indptr: Longs, source: Longs) -> Words:
    """Find the sets in which homes are covered: those that any of their stations belongs to.

    Parameters
    ----------
    member : numpy.ndarray
        bool (stations, sets).
    indptr, source : numpy.ndarray
        CSR by home: stations within reach.

    Returns
    -------
    numpy.ndarray
        uint64 (homes, words): a bit a set, see :func:`unpacked`.

    Examples
    --------
    >>> member = np.array([[True, False, False], [False, False, True]])
    >>> unpacked(covered_sets(member, np.array([0, 2, 2]), np.array([0, 1])), 3).tolist()
    [[True, False, True], [False, False, False]]
    """
    padded = np.zeros((len(member), _words(member.shape[1]) * WORD), dtype=bool)
    padded[:, : member.shape[1]] = member
    mask = np.ascontiguousarray(np.packbits(padded, axis=1, bitorder="little")).view(np.uint64)
    some = np.flatnonzero(np.diff(indptr))
    words = np.zeros((len(indptr) - 1, mask.shape[1]), dtype=np.uint64)
    if len(some):
        for word in range(mask.shape[1]):  # one at a time: a long list of stations is held once, not once a word
            words[some, word] = np.bitwise_or.reduceat(mask[source, word], indptr[some])
    return words


def unpacked(words: Words, sets: int) -> Bits:
    """Turn words into one truth a set.

    Parameters
    ----------
    words : numpy.ndarray
        uint64 (n, words), as :func:`covered_sets` gives them.
    sets : int
        How many sets there are.

    Returns
    -------
    numpy.ndarray
        bool (n, sets).
    """
    bits = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=1, bitorder="little")
    return bits[:, :sets].astype(bool)


def station_hours(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``station-hours``: one row an hour of the week.

    Parameters
    ----------
    tables : mapping
        ``stations``, ``place-hours``.
    parameters : Parameters
        As for :func:`open_sets`.

    Returns
    -------
    geopandas.GeoDataFrame
        168 rows from Monday 0:00, without geometry: the number of the set of open stations, how many they are, and
        the people who reach one of them in time, of all. Nothing is said of fewer than
        ``units.PUBLISHED_PEOPLE_MIN`` people; no row without people.
    """
    places, sets = (
        tables["place-hours"].sort_values("place_id", kind="stable"),
        open_sets(tables["stations"], parameters),
    )
    people = places["people"].to_numpy(dtype=float)
    covered = _sums(places["week"], people, np.zeros(len(places), dtype=np.int64), 1)[0]
    everybody = float(people.sum())
    told = everybody >= units.PUBLISHED_PEOPLE_MIN
    hour = np.arange(WEEK_HOURS if len(places) else 0)
    rows = pd.DataFrame(
        {
            "hour_id": pd.array([hour_id(int(k)) for k in hour], dtype="str"),
            "weekday": pd.array([WEEKDAYS[k // HOURS_A_DAY] for k in hour], dtype="str"),
            "hour": hour % HOURS_A_DAY,
            "open_set": sets.of_hour[hour],
            "stations_open": sets.member.sum(axis=0)[sets.of_hour[hour]],
            "people_covered": covered[hour] if told else np.full(len(hour), np.nan),
            "people": np.full(len(hour), everybody if told else np.nan),
        }
    )
    rows["share"] = rows["people_covered"] / rows["people"]
    return gpd.GeoDataFrame(rows, geometry=np.full(len(rows), None), crs=LONLAT)


def grid_hours(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``grid-hours``: one row a grid.

    Parameters
    ----------
    tables : mapping
        ``grids``, ``stations``, ``place-hours``.
    parameters : Parameters
        As for :func:`open_sets`, and ``at``, whose share ``grid-walk`` tells.

    Returns
    -------
    geopandas.GeoDataFrame
        By ``grid_id``, without geometry, grids where at least ``units.PUBLISHED_PEOPLE_MIN`` people live and a
        last row ``other`` of people outside these: ``people``; ``shares`` covered, one for each set of open
        stations in the order of ``station-hours.open_set``, empty where it would tell of fewer people beside the
        others; ``hours`` a week that a person is covered, on average, missing where a share is empty.
    """
    places, sets = (
        tables["place-hours"].sort_values("place_id", kind="stable"),
        open_sets(tables["stations"], parameters),
    )
    ids = pd.Index(once(tables["grids"])["grid_id"].sort_values(kind="stable"))
    people = places["people"].to_numpy(dtype=float)
    grid = ids.get_indexer(places["grid_id"])
    count = np.bincount(grid[grid >= 0], weights=people[grid >= 0], minlength=len(ids))
    shown = np.flatnonzero(count >= units.PUBLISHED_PEOPLE_MIN)
    row = np.full(len(ids) + 1, len(shown))  # -1, nowhere, is the last
    row[shown] = np.arange(len(shown))
    covered = _sums(places["week"], people, row[grid], len(shown) + 1)
    everybody: Floats = np.bincount(row[grid], weights=people, minlength=len(shown) + 1).astype(float)
    first = np.unique(sets.of_hour, return_index=True)[1]
    hidden = _telling(everybody, covered[:, first], _asked_set(sets, parameters))
    share = covered[:, first] / np.where(everybody > 0, everybody, np.nan)[:, None]
    times = np.bincount(sets.of_hour, minlength=len(first))
    rows = pd.DataFrame(
        {
            "grid_id": pd.array([*ids[shown], OTHER], dtype="str"),
            "people": everybody,
            "hours": np.where(hidden.any(axis=1), np.nan, share @ times),
            "shares": pd.Series([_written(*one) for one in zip(share, hidden, strict=True)], dtype=object),
        }
    )
    rows = rows[everybody >= units.PUBLISHED_PEOPLE_MIN].reset_index(drop=True)
    return gpd.GeoDataFrame(rows, geometry=np.full(len(rows), None), crs=LONLAT)


def hour_id(hour: int) -> str:
    """Name an hour of the week.

    Parameters
    ----------
    hour : int
        0 = Monday 0:00 … 167.

    Returns
    -------
    str
        As ``at`` begins.

    Examples
    --------
    >>> hour_id(58)
    'Wed 10'
    """
    return f"{WEEKDAYS[hour // HOURS_A_DAY].title()} {hour % HOURS_A_DAY:02d}"


def hour_of(parameters: Parameters) -> int | None:
    """Find the hour of the week that holds the asked moment.

    Parameters
    ----------
    parameters : Parameters
        ``at``.

    Returns
    -------
    int or None
        0 = Monday 0:00 … 167; None = any.
    """
    when = moment(parameters.at, parameters.as_of)
    return None if when is None else when.weekday() * HOURS_A_DAY + when.hour


def _words(sets: int) -> int:
    return max(1, -(-sets // WORD))


def _alike(words: Words) -> tuple[Longs, Longs]:
    """Number rows that are alike, and one row of each number."""
    code = np.zeros(len(words), dtype=np.int64)
    for column in words.T:
        part, values = pd.factorize(column)
        code = pd.factorize(code * len(values) + part)[0]
    return code, np.unique(code, return_index=True)[1]


def _sums(week: pd.Series, people: Floats, group: Longs, groups: int) -> Floats:
    """People of each group covered in each hour, (groups, 168)."""
    code, signs = pd.factorize(week)
    pair, which = pd.factorize(group * len(signs) + code)
    weight = np.bincount(pair, weights=people, minlength=len(which))
    covered = np.array([list(sign) for sign in signs], dtype="U1").reshape(-1, WEEK_HOURS) == "1"
    sums = np.zeros((groups, WEEK_HOURS))
    np.add.at(sums, which // max(1, len(signs)), weight[:, None] * covered[which % max(1, len(signs))])
    return sums


def _asked_set(sets: OpenSets, parameters: Parameters) -> int:
    hour = hour_of(parameters)
    return 0 if hour is None else int(sets.of_hour[hour])


def _telling(people: Floats, covered: Floats, asked: int) -> Bits:
    """What must stay empty; the asked set first, since ``grid-walk`` tells it anyway."""
    order = np.argsort(np.arange(covered.shape[1]) != asked, kind="stable")
    hidden = np.zeros(covered.shape, dtype=bool)
    hidden[:, order] = telling(np.column_stack([people, covered[:, order]]), 2)[:, 1:]
    return hidden


def _written(share: Floats, hidden: Bits) -> list[str]:
    return ["" if gone else f"{value:.6g}" for value, gone in zip(share, hidden, strict=True)]
