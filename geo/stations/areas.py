"""Walking times of people summed up by grid and by division, never of fewer than ten people."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import units
from geo.crs import LONLAT
from geo.layer import Parameters, Tables
from geo.place.index import polygonal
from geo.place.tree import lineage
from geo.stations.coverage import in_order, place_walk, timed, walk_to_stations
from geo.stations.homes import PIECE
from geo.stations.serving import service_of
from geo.walk.snap import on_edges
from geo.walk.spread import stubs_in

OTHER = "other"  # the row of people whom no other row may or can show
COUNTS = (
    "people",
    "people_covered",
    "people_covered_2",
    "people_covered_3",
    "people_straight",
    "people_unsnapped",
)
TIMES = ("minutes", "worst_minutes")

Longs = NDArray[np.int64]


def grid_walk(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``grid-walk``: one row a grid.

    The time of a grid is the lower median over its people, those without a way counted as infinite (published as
    missing). A grid without people, or with fewer than ``units.PUBLISHED_PEOPLE_MIN``, has the median over its
    metres of street; without streets none. People outside every grid and in grids of fewer people are summed up in
    one last row ``other`` without geometry, so that sums over the rows count everybody once.

    Parameters
    ----------
    tables : mapping
        ``grids``, ``walk-streets``, ``stations``; ``place-walk`` and ``barriers`` where they are there. Without
        ``place-walk`` the grids' own people are spread over their streets; where they have none either, people are
        missing.
    parameters : Parameters
        As for ``place-walk``.

    Returns
    -------
    geopandas.GeoDataFrame
        By ``grid_id``.
    """
    grids = tables["grids"].sort_values("grid_id", kind="stable").reset_index(drop=True)
    places = _people(tables, grids, parameters)
    if places is None:
        rows = pd.DataFrame({"people": np.full(len(grids), np.nan)})
        rows = rows.reindex(columns=[*COUNTS, *TIMES, "station_id"]).astype({"station_id": "str"})
    else:
        known = pd.Index(grids["grid_id"]).get_indexer(places["grid_id"])
        rows = _published(known, len(grids), places)
    shown = rows["people"].to_numpy(dtype=float)[: len(grids)] > 0
    bare = np.flatnonzero(~shown)
    rows["basis"] = "people"
    rows.loc[bare, "basis"] = "none"
    along = _along_streets(grids.geometry[bare], tables, parameters)
    for column in (*TIMES, "station_id", "basis"):
        rows.loc[bare, column] = along[column].to_numpy()
    rows = rows.assign(share=_share(rows, "people_covered"), straight_share=_share(rows, "people_straight"))
    facts = grids[["grid_id", "name", "division_id"]]
    return _with_other(rows, facts, grids.geometry)


def division_walk(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:  # noqa: ARG001 (Build)
    """Build the layer ``division-walk``: one row an administrative division of any level.

    A person counts in the division of the place and in all divisions above it: by ``parent_id``, else by the
    code's prefix.

    Parameters
    ----------
    tables : mapping
        ``divisions``, ``place-walk``.
    parameters : Parameters
        None of them matters.

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
    lines = {id: lineage(id, parents) for id in places["division_id"].dropna().unique()}
    chain = places["division_id"].map(lines)
    chain = chain.where(chain.notna(), None)
    place = np.repeat(np.arange(len(places)), [len(line) if line else 0 for line in chain])
    flat = [id for line in chain if line for id in line]
    member = ids.get_indexer(pd.Index(flat, dtype="str")) if flat else np.zeros(0, dtype=np.int64)
    rows = _summed(member, len(ids), places.iloc[place])
    few = _few(rows)
    top = np.zeros(len(places), dtype=bool)
    top[place[np.isin(member, np.flatnonzero(pd.isna(above) & ~few))]] = True
    rows = pd.concat([_hidden(rows, few), _remainder(places[~top])], ignore_index=True)
    rows = rows.assign(share=_share(rows, "people_covered"), straight_share=_share(rows, "people_straight"))
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
    made = place_walk({**tables, "population": own}, parameters)
    return made.assign(grid_id=made["place_id"].str.split(PIECE).str[0])


def _published(group: Longs, groups: int, places: pd.DataFrame) -> pd.DataFrame:
    """A row a group, and one for people of no group or of one too small to show."""
    rows = _summed(group, groups, places)
    few = _few(rows)
    alone = (group < 0) | few[np.clip(group, 0, None)] if groups else np.ones(len(group), dtype=bool)
    return pd.concat([_hidden(rows, few), _remainder(places[alone])], ignore_index=True)


def _summed(group: Longs, groups: int, places: pd.DataFrame) -> pd.DataFrame:
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
    walk = timed(group, groups, people, places["seconds"].to_numpy(dtype=float), places["station_id"])
    return pd.concat([rows, walk], axis=1)


def _along_streets(shapes: gpd.GeoSeries, tables: Tables, parameters: Parameters) -> pd.DataFrame:
    """Walking times over the metres of street inside areas."""
    made = pd.DataFrame({"minutes": np.nan, "worst_minutes": np.nan}, index=range(len(shapes)))
    made = made.assign(station_id=pd.Series(None, index=made.index, dtype="str"), basis="none")
    if not len(shapes):
        return made
    service = service_of(tables, parameters)
    stubs = stubs_in(service.network, polygonal(service.network.frame.metres(np.asarray(shapes, dtype=object))))
    walk = walk_to_stations(service, on_edges(service.network, stubs.edge, stubs.along))
    station = pd.Series(walk["station_id"], dtype=object)
    basis = np.where(np.bincount(stubs.area, minlength=len(shapes)) > 0, "streets", "none")
    return timed(stubs.area, len(shapes), stubs.length_m, walk["seconds"], station).assign(basis=basis)


def _few(rows: pd.DataFrame) -> NDArray[np.bool_]:
    people = rows["people"].to_numpy()
    return np.asarray((people > 0) & (people < units.PUBLISHED_PEOPLE_MIN))


def _hidden(rows: pd.DataFrame, few: NDArray[np.bool_]) -> pd.DataFrame:
    hidden = rows.copy()
    hidden.loc[few, [*COUNTS, *TIMES, "station_id"]] = np.nan
    return hidden


def _remainder(places: pd.DataFrame) -> pd.DataFrame:
    """One row for people shown nowhere else, without their times where they are few; no row for nobody."""
    rows = _summed(np.zeros(len(places), dtype=np.int64), 1, places)
    rows.loc[_few(rows), [*TIMES, "station_id"]] = np.nan
    return rows[rows["people"] > 0]


def _share(rows: pd.DataFrame, column: str) -> Any:
    return rows[column] / rows["people"].where(rows["people"] > 0)


def _with_other(rows: pd.DataFrame, facts: pd.DataFrame, shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Facts of the areas beside their figures; a row more than areas is the one of all others."""
    more = len(rows) - len(facts)
    key = facts.columns[0]
    other = pd.DataFrame({key: [OTHER] * more}, dtype="str").reindex(columns=facts.columns)
    named = pd.concat([facts, other.astype(facts.dtypes)], ignore_index=True)
    geometry = np.concatenate([np.asarray(shapes, dtype=object), np.full(more, None)])
    made = pd.concat([named, rows.reset_index(drop=True)], axis=1)
    return gpd.GeoDataFrame(made, geometry=geometry, crs=LONLAT)
