"""Who is covered, by group, walking speed and time: one long table of places and cases.

Covered is no fixed property of a place: it flips at the edge. Each row tells it for one place and one case:
everybody at their own speed within 5, 10 or 15 minutes, everybody at one and the same speed, one group at its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import units
from geo.crs import LONLAT, Floats
from geo.layer import Tables
from geo.parameters import Parameters
from geo.place.index import polygonal
from geo.place.schemes import once
from geo.place.tree import lineage, memberships
from geo.stations.coverage import in_order
from geo.stations.paces import EVERYBODY, GROUPS, asked_speeds, speed_band
from geo.stations.privacy import few, never_one_alone, telling
from geo.stations.serving import service_of
from geo.stations.study import OUTSIDE, RIM, study_area
from geo.walk.reach import nearest_at
from geo.walk.snap import on_edges
from geo.walk.spread import stubs_everywhere, stubs_in

WHOLE, GRID = "all", "grid"
OWN = np.nan  # the speed of who walks at their own
COST_A_MINUTE = units.SECONDS_PER_MINUTE * 100  # centiseconds, as the search counts
STREET = ("street_m", "street_m_covered")


class Case(NamedTuple):
    """Who walks, at which speed, for at most how many minutes."""

    who: str
    speed_kmh: float
    minutes: float


class Places(NamedTuple):
    """Places to tell of, and the pairs of address and place: who counts where."""

    id: Any
    level: Any
    parent: Any
    address: NDArray[np.int64]
    member: NDArray[np.int64]


def walk_coverage(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``walk-coverage``: one row a place and a case.

    The whole comes first (``all``), then divisions, then grids; of each everybody within the budget, at the ends
    of the band of speeds, within each band of minutes and at each profile's speed, then each group that there is.

    Parameters
    ----------
    tables : mapping
        ``walk-network``, ``stations``; ``place-walk``, ``divisions``, ``grids``, ``barriers`` where they are
        there.
    parameters : Parameters
        Budget, bands, speeds, study area.

    Returns
    -------
    geopandas.GeoDataFrame
        Without geometry. The whole also has the metres of street in the study area that lie within the minutes,
        and a row each for people beyond the study area (counted nowhere else) and for people at an edge of it
        beyond which no street is known. Places of fewer than ``units.PUBLISHED_PEOPLE_MIN`` people have no rows; a
        number is empty where it would, beside the place's others, tell of fewer
        (:func:`geo.stations.privacy.telling`), and in a second place where it would follow from its siblings.
    """
    rows = _streets(tables, parameters)
    walked = tables.get("place-walk")
    if walked is not None and len(walked):
        places = in_order(walked)
        whole = _told(places, _everywhere(places), parameters, secret=False)
        apart = (_apart(walked[walked["part"] == who], who, parameters) for who in (OUTSIDE, RIM))
        told = [_told(places, some, parameters) for some in _places(tables, places)]
        whole = whole.merge(rows[["minutes", *STREET]].assign(who=EVERYBODY, speed_kmh=OWN), "left")
        rows = pd.concat([whole, *apart, *told], ignore_index=True)
    speed = rows["speed_kmh"].map("{:g}".format, na_action="ignore").astype("str").fillna("own")
    minutes = rows["minutes"].map("{:g}".format).astype("str")
    key = rows["place_id"] + ":" + rows["who"] + ":" + speed + ":" + minutes
    made = rows.assign(coverage_id=key, share=rows["people_covered"] / rows["people"].where(rows["people"] > 0))
    texts = dict.fromkeys(("coverage_id", "place_id", "level", "who"), "str")
    return gpd.GeoDataFrame(made.astype(texts), geometry=np.full(len(made), None), crs=LONLAT)


def cases_of(parameters: Parameters) -> list[Case]:
    """List what is asked of everybody, the most important first.

    Parameters
    ----------
    parameters : Parameters
        Budget, bands, speeds.

    Returns
    -------
    list of Case
        The budget, the slow and the fast end of the band, other minutes, other speeds; each once.

    Examples
    --------
    >>> [(case.speed_kmh, case.minutes) for case in cases_of(Parameters())][1:]
    [(3.6, 15.0), (5.1, 15.0), (nan, 5.0), (nan, 10.0), (4.0, 15.0), (4.8, 15.0)]
    """
    budget, band = parameters.budget_minutes, speed_band(parameters)
    speeds = [*band, *(speed for speed in asked_speeds(parameters) if speed not in band)]
    minutes = [Case(EVERYBODY, OWN, some) for some in sorted({*parameters.bands} - {budget})]
    at_speed = [Case(EVERYBODY, speed, budget) for speed in speeds]
    return [Case(EVERYBODY, OWN, budget), *at_speed[:2], *minutes, *at_speed[2:]]


def _covered(places: pd.DataFrame, case: Case) -> NDArray[np.bool_]:
    """Which addresses a case covers, whoever lives there."""
    if np.isnan(case.speed_kmh):
        cost = np.rint(places["seconds"].to_numpy(dtype=float) * 100)
        return np.asarray(cost <= round(case.minutes * COST_A_MINUTE))
    return np.asarray(places["pace_kmh"] <= case.speed_kmh, dtype=bool)


def _told(places: pd.DataFrame, some: Places, parameters: Parameters, *, secret: bool = True) -> pd.DataFrame:
    """Rows of places that are big enough to tell of."""
    cases, count = cases_of(parameters), len(some.id)
    people = places["people"].to_numpy(dtype=float)[some.address]

    def summed(member: NDArray[np.bool_]) -> Floats:
        return np.bincount(some.member, weights=people * member[some.address], minlength=count).astype(float)

    everybody = summed(np.ones(len(places), dtype=bool))
    numbers = np.column_stack([everybody, *(summed(_covered(places, case)) for case in cases)])
    kept = (everybody > 0) & ~(few(everybody) & secret)
    family = pd.factorize(some.parent, use_na_sentinel=False)[0]
    if secret:
        hidden = telling(numbers, 2)
        hidden[kept] = never_one_alone(hidden[kept], family[kept], everybody[kept])
        numbers = np.where(hidden, np.nan, numbers)
    blocks = [_block(some, case, everybody, numbers[:, column + 1], kept) for column, case in enumerate(cases)]
    for who in GROUPS:
        member = (places["group"] == who).to_numpy(dtype=bool)
        case = Case(who, OWN, parameters.budget_minutes)
        theirs, reached = summed(member), summed(member & _covered(places, case))
        if secret:
            told_apart = np.column_stack([theirs, reached, theirs - reached, everybody - theirs])
            rest = numbers[:, 1] - reached
            reached = np.where(few(told_apart).any(axis=1) | few(rest), np.nan, reached)
            theirs = np.where(few(theirs) | few(everybody - theirs), np.nan, theirs)
        blocks.append(_block(some, case, theirs, reached, kept & (theirs != 0)))
    rows = pd.concat(blocks)
    return rows.sort_index(kind="stable")


def _block(some: Places, case: Case, people: Floats, covered: Floats, kept: NDArray[np.bool_]) -> pd.DataFrame:
    """One case at all places that are told of."""
    numbers = {"people": people, "people_covered": covered}
    return pd.DataFrame({"place_id": some.id, "level": some.level, **case._asdict(), **numbers})[kept]


def _apart(places: pd.DataFrame, who: str, parameters: Parameters) -> pd.DataFrame:
    """One row for people whom no division tells apart; empty of numbers where they are few."""
    rows = _told(places, _everywhere(places), parameters, secret=False).iloc[:1].assign(who=who)
    rows.loc[few(rows["people"]), ["people", "people_covered"]] = np.nan
    return rows


def _everywhere(places: pd.DataFrame) -> Places:
    address = np.arange(len(places))
    return Places([WHOLE], WHOLE, np.zeros(1), address, np.zeros(len(places), dtype=np.int64))


def _places(tables: Tables, places: pd.DataFrame) -> Iterator[Places]:
    """Divisions, then grids."""
    divisions = tables.get("divisions")
    if divisions is not None and len(divisions):
        ours = divisions[divisions["tree"] == "admin"].sort_values("division_id", kind="stable")
        ids = pd.Index(ours["division_id"])
        parents = dict(zip(ids, ours["parent_id"], strict=True))
        above = np.array([next(iter(lineage(id, parents)[1:]), None) for id in ids], dtype=object)
        yield Places(ids, ours["level"], above, *memberships(places["division_id"], ids, parents))
    grids = tables.get("grids")
    if grids is not None and len(grids):
        ours = once(grids).sort_values("grid_id", kind="stable")
        member = pd.Index(ours["grid_id"]).get_indexer(places["grid_id"])
        address = np.flatnonzero(member >= 0)
        yield Places(ours["grid_id"].array, GRID, ours["division_id"], address, member[address])


def _streets(tables: Tables, parameters: Parameters) -> pd.DataFrame:
    """Rows of the whole without people: street of the study area within each time; none without streets."""
    service = service_of(tables, parameters)
    network, ground = service.network, study_area(tables, parameters)
    stubs = (
        stubs_everywhere(network)
        if ground is None
        else stubs_in(network, polygonal([network.frame.metres(ground)]))
    )
    minutes = [case.minutes for case in cases_of(parameters) if np.isnan(case.speed_kmh)]
    search = service.nearest(max(minutes) * units.SECONDS_PER_MINUTE)
    cost = nearest_at(network, search, on_edges(network, stubs.edge, stubs.along)).cost
    metres = [float(stubs.length_m[cost <= round(some * COST_A_MINUTE)].sum()) for some in minutes]
    facts = {"place_id": WHOLE, "level": WHOLE, "who": EVERYBODY, "speed_kmh": OWN, "minutes": minutes}
    known = {"people": np.nan, "people_covered": np.nan, "street_m": float(stubs.length_m.sum())}
    rows = pd.DataFrame({**facts, **known, "street_m_covered": metres})
    return rows[rows["street_m"] > 0]
