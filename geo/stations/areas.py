"""Walking times of people summed up by grid and by division, never of fewer than ten people."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import LONLAT, Floats
from geo.layer import Tables
from geo.parameters import Parameters
from geo.place.index import polygonal
from geo.place.schemes import once
from geo.place.tree import lineage, memberships
from geo.stations.coverage import in_order, place_walk, slowest_pace, timed, walk_to_stations, worst_of
from geo.stations.homes import PIECE
from geo.stations.paces import speed_band
from geo.stations.privacy import few
from geo.stations.serving import Service, service_of
from geo.tables.conform import conform
from geo.walk.network import WalkNetwork
from geo.walk.snap import on_edges
from geo.walk.spread import stubs_in

OTHER = "other"  # the row of people whom no other row may or can show
ALWAYS, DEPENDS, NEVER = "always", "depends", "never"
COUNTS = (
    "people",
    "people_covered",
    "people_covered_2",
    "people_covered_3",
    "people_straight",
    "people_unsnapped",
)
TIMES = ("minutes", "worst_minutes", "station_id", "worst_street", "verdict")

Longs = NDArray[np.int64]


def grid_walk(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``grid-walk``: one row a grid.

    The time of a grid is the lower median over its people, those without a way counted as infinite (published as
    missing). A grid without people, or with fewer than ``units.PUBLISHED_PEOPLE_MIN``, has the median over its
    metres of street; without streets none. ``verdict`` says whether at least half of them, so the median, are
    within the budget at every speed of the band, at some or at none. The worst address is published as the street
    that it is entered from, at that street's middle. People outside every grid and in grids of fewer people are
    summed up in one last row ``other`` without geometry, so that sums over the rows count everybody once.

    Parameters
    ----------
    tables : mapping
        ``grids``, ``walk-network``, ``stations``; ``place-walk``, ``units`` and ``barriers`` where they are there.
        Without ``place-walk`` the grids' own people are spread over their buildings or streets; where they have
        none either, people are missing.
    parameters : Parameters
        As for ``place-walk``.

    Returns
    -------
    geopandas.GeoDataFrame
        By ``grid_id``.
    """
    grids = once(tables["grids"]).sort_values("grid_id", kind="stable").reset_index(drop=True)
    service, band = service_of(tables, parameters), speed_band(parameters)
    places = _people(tables, grids, parameters)
    if places is None:
        rows = pd.DataFrame({"people": np.full(len(grids), np.nan)}).reindex(columns=[*COUNTS, *TIMES])
        rows = rows.astype({"station_id": "str", "worst_street": "str", "verdict": "str"})
    else:
        known = pd.Index(grids["grid_id"]).get_indexer(places["grid_id"])
        rows = _published(known, len(grids), places, band)
    shown = rows["people"].to_numpy(dtype=float)[: len(grids)] > 0
    bare = np.flatnonzero(~shown)
    rows["basis"] = "people"
    rows.loc[bare, "basis"] = "none"
    along = _along_streets(grids.geometry[bare], service, band)
    for column in (*TIMES, "basis"):
        rows.loc[bare, column] = along[column].to_numpy()
    rows = rows.assign(**_parts(rows))
    rows = rows.assign(**_middle_of(service.network, rows["worst_street"]))
    facts = grids[["grid_id", "name", "division_id"]]
    return _with_other(rows, facts, grids.geometry)


def division_walk(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``division-walk``: one row an administrative division of any level.

    A person counts in the division of the place and in all divisions above it: by ``parent_id``, else by the
    code's prefix.

    Parameters
    ----------
    tables : mapping
        ``divisions``, ``place-walk``.
    parameters : Parameters
        The speeds.

    Returns
    -------
    geopandas.GeoDataFrame
        By ``division_id``; a division of fewer than ``units.PUBLISHED_PEOPLE_MIN`` people says nothing about them;
        people of no division shown are summed up in a last row ``other``.
    """
    divisions = tables["divisions"]
    divisions = divisions[divisions["tree"] == "admin"].sort_values("division_id", kind="stable")
    divisions = divisions.reset_index(drop=True)
    places = in_order(tables["place-walk"])
    ids = pd.Index(divisions["division_id"])
    parents = dict(zip(ids, divisions["parent_id"], strict=True))
    above = pd.array([next(iter(lineage(id, parents)[1:]), None) for id in ids], dtype="str")
    place, member = memberships(places["division_id"], ids, parents)
    band = speed_band(parameters)
    rows = _summed(member, len(ids), places.iloc[place].reset_index(drop=True), band)
    hidden = few(rows["people"])
    top = np.zeros(len(places), dtype=bool)
    top[place[np.isin(member, np.flatnonzero(pd.isna(above) & ~hidden))]] = True
    rows = pd.concat([_hidden(rows, hidden), _remainder(places[~top], band)], ignore_index=True)
    rows = rows.assign(**_parts(rows))
    facts = divisions[["division_id", "name", "level"]].assign(parent_id=above)
    return _with_other(rows, facts, divisions.geometry)


def _people(tables: Tables, grids: gpd.GeoDataFrame, parameters: Parameters) -> pd.DataFrame | None:
    """Rows of ``place-walk``, made from the grids' own people where there is no population."""
    places = tables.get("place-walk")
    if places is not None:
        return in_order(places)
    if not grids["people"].notna().any():
        return None
    own = grids[grids["people"].notna()].rename(columns={"grid_id": "place_id"})
    population = conform("population", own[["place_id", "people", "households", "geometry"]])
    made = in_order(place_walk({**tables, "population": population}, parameters))
    return made.assign(grid_id=made["place_id"].str.split(PIECE).str[0])


def _published(group: Longs, groups: int, places: pd.DataFrame, band: tuple[float, float]) -> pd.DataFrame:
    """A row a group, and one for people of no group or of one too small to show."""
    rows = _summed(group, groups, places, band)
    hidden = few(rows["people"])
    alone = (group < 0) | hidden[np.clip(group, 0, None)] if groups else np.ones(len(group), dtype=bool)
    return pd.concat([_hidden(rows, hidden), _remainder(places[alone], band)], ignore_index=True)


def _summed(group: Longs, groups: int, places: pd.DataFrame, band: tuple[float, float]) -> pd.DataFrame:
    """People of each group: how many, how many reached, how long they walk, and to where most of them."""
    people, reached = places["people"].to_numpy(dtype=float), places["stations_reached"].to_numpy()
    of_group = {
        "people": True,
        "people_covered": reached >= 1,
        "people_covered_2": reached >= 2,
        "people_covered_3": reached >= 3,
        "people_straight": places["straight_covered"].to_numpy(dtype=bool),
        "people_unsnapped": places["verdict"].to_numpy() == "unsnapped",
    }
    inside = group >= 0
    rows = pd.DataFrame(
        {
            name: np.bincount(group[inside], weights=(people * member)[inside], minlength=groups)
            for name, member in of_group.items()
        }
    )
    seconds = places["seconds"].to_numpy(dtype=float)
    walk = timed(group, groups, people, seconds, places["station_id"])
    worst = worst_of(group, groups, people, seconds)
    return pd.concat([rows, walk], axis=1).assign(
        worst_street=_picked(places["edge_id"].to_numpy(dtype=object), worst),
        verdict=_verdict(group, groups, people, places["pace_kmh"].to_numpy(dtype=float), band),
    )


def _along_streets(shapes: gpd.GeoSeries, service: Service, band: tuple[float, float]) -> pd.DataFrame:
    """Walking times over the metres of street inside areas."""
    network = service.network
    stubs = stubs_in(network, polygonal(network.frame.metres(np.asarray(shapes, dtype=object))))
    at = on_edges(network, stubs.edge, stubs.along)
    walk, count = walk_to_stations(service, at), len(shapes)
    seconds = walk["seconds"].to_numpy(dtype=float)
    worst = worst_of(stubs.area, count, stubs.length_m, seconds)
    return timed(stubs.area, count, stubs.length_m, seconds, walk["station_id"]).assign(
        worst_street=_picked(network.edge_id[stubs.edge], worst),
        verdict=_verdict(stubs.area, count, stubs.length_m, slowest_pace(service, at, band), band),
        basis=np.where(np.bincount(stubs.area, minlength=count) > 0, "streets", "none"),
    )


def _verdict(group: Longs, groups: int, weight: Floats, pace_kmh: Floats, band: tuple[float, float]) -> Any:
    """Whether at least half of a group is within the budget at every speed of the band, at some, at none."""
    inside = group >= 0
    slow, fast, everybody = (
        np.bincount(group[inside], weights=(weight * member)[inside], minlength=groups)
        for member in (pace_kmh <= band[0], pace_kmh <= band[1], True)
    )
    codes = np.select([slow * 2 >= everybody, fast * 2 >= everybody], [ALWAYS, DEPENDS], NEVER)
    return pd.Series(codes, dtype="str").where(everybody > 0).array


def _picked(ids: NDArray[Any], at: Longs) -> Any:
    return pd.array([None if k < 0 else ids[k] for k in at], dtype="str")


def _middle_of(network: WalkNetwork, edge_id: pd.Series) -> dict[str, Floats]:
    """Lon and lat of the middle of streets."""
    at = pd.Index(network.edge_id).get_indexer(edge_id.to_numpy(dtype=object))
    known = (at >= 0) & edge_id.notna().to_numpy()
    middle = np.full(len(at), None, dtype=object)
    middle[known] = shapely.line_interpolate_point(network.line[at[known]], 0.5, normalized=True)
    place = network.frame.lonlat(middle)
    return {"worst_lon": shapely.get_x(place), "worst_lat": shapely.get_y(place)}


def _hidden(rows: pd.DataFrame, hidden: NDArray[np.bool_]) -> pd.DataFrame:
    made = rows.copy()
    made.loc[hidden, [*COUNTS, *TIMES]] = np.nan
    return made


def _remainder(places: pd.DataFrame, band: tuple[float, float]) -> pd.DataFrame:
    """One row for people shown nowhere else, without their times where they are few; no row for nobody."""
    rows = _summed(np.zeros(len(places), dtype=np.int64), 1, places, band)
    rows.loc[few(rows["people"]), list(TIMES)] = np.nan
    return rows[rows["people"] > 0]


def _parts(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """How many people are left out, and shares of all; missing where the people are, shares also of nobody."""
    people = rows["people"].where(rows["people"] > 0)
    return {
        "people_unserved": rows["people"] - rows["people_covered"],
        "share": rows["people_covered"] / people,
        "straight_share": rows["people_straight"] / people,
    }


def _with_other(rows: pd.DataFrame, facts: pd.DataFrame, shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Facts of the areas beside their figures; a row more than areas is the one of all others."""
    more = len(rows) - len(facts)
    key = facts.columns[0]
    other = pd.DataFrame({key: [OTHER] * more}, dtype="str").reindex(columns=facts.columns)
    named = pd.concat([facts, other.astype(facts.dtypes)], ignore_index=True)
    geometry = np.concatenate([np.asarray(shapes, dtype=object), np.full(more, None)])
    made = pd.concat([named, rows.reset_index(drop=True)], axis=1)
    return gpd.GeoDataFrame(made, geometry=geometry, crs=LONLAT)
