"""Has every place as many people in a role as a rule says? Each grid one squad, each post two border guards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import LONLAT
from geo.errors import finding_id
from geo.grid.duty.people import on_duty
from geo.parameters import Rule
from geo.place.index import grid_of
from geo.place.rings import Ids
from geo.place.schemes import counts_once, is_large
from geo.tables.ground import LEVELS
from geo.tables.places import PLACES

COLUMNS = [
    "finding_id",
    "rule",
    "each",
    "role",
    "target_id",
    "division_id",
    "count",
    "least",
    "most",
    "state",
    "geometry",
]


def rule_findings(rules: Iterable[Rule], tables: Mapping[str, Any], *, as_of: date) -> gpd.GeoDataFrame:
    """Find the places that have too few or too many people in a role.

    A person counts once at a place, in each role they have there on the day: that of the assignment, else their
    own. At a segment count those assigned to it and those assigned to an interval that reaches into it; at a post
    those based there (``post_id``) in any role they have on the day, but nobody whose assignments are all over.

    Parameters
    ----------
    rules : iterable of Rule
        The rules; one that is said twice counts once.
    tables : mapping
        ``staff`` and ``assignments``; of ``grids stations segments units posts`` those that rules name (a rule
        about a table that is not there finds nothing: a workspace with such a rule does not open);
        ``border-segments``, where they are, for the places of segments; ``divisions``.
    as_of : datetime.date
        The day.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a rule and place that breaks it, in the order of the rules, then by ``target_id``:
        ``finding_id, rule, each, role, target_id, division_id, count, least, most`` (missing = open), ``state``
        (``too_few`` or ``too_many``) and a point in the place (missing where it has none). ``division_id`` is the
        one that the place, or its grid, names, else the lowest administrative one that holds the point.
    """
    duties = on_duty(tables["staff"], tables["assignments"], as_of)
    found = [
        _broken(rule, _places(rule, tables), _people(rule, tables, duties))
        for rule in dict.fromkeys(rules)
        if PLACES[rule.each].table in tables
    ]
    rows = pd.concat([pd.DataFrame(columns=[*COLUMNS, "named"]), *(some for some in found if len(some))])
    rows = rows.reset_index(drop=True)
    point = shapely.point_on_surface(np.asarray(rows["geometry"], dtype=object))
    rows = rows.assign(division_id=_divisions(rows["named"], point, tables.get("divisions")))
    made = gpd.GeoDataFrame(rows[COLUMNS].drop(columns="geometry"), geometry=point, crs=LONLAT)
    return made.astype({"count": "int64", "least": "Int64", "most": "Int64"})


def _places(rule: Rule, tables: Mapping[str, Any]) -> pd.DataFrame:
    """The places that a rule is about, by id: ``target_id``, ``named`` (the division), geometry."""
    place = PLACES[rule.each]
    rows = tables[place.table]
    if rule.each == "grids":
        rows = rows[counts_once(rows)]
    elif rule.each == "large_grids":
        rows = rows[is_large(rows)]
    if rule.kind:
        rows = rows[(rows[place.kind] == rule.kind).to_numpy(dtype=bool)]
    rows = rows.sort_values(place.key)
    named = rows.get("division_id", pd.Series(None, index=rows.index, dtype="str"))
    ground = rows["geometry"]
    if rule.each == "units" and "grids" in tables:
        of_grid = tables["grids"].drop_duplicates("grid_id").set_index("grid_id")["division_id"]
        named = rows["grid_id"].map(of_grid)
    if rule.each == "segments" and "border-segments" in tables:
        ground = rows["segment_id"].map(tables["border-segments"].set_index("segment_id")["geometry"])
    return pd.DataFrame(
        {
            "target_id": rows[place.key].to_numpy(dtype=object),
            "named": named.to_numpy(dtype=object),
            "geometry": np.asarray(ground, dtype=object),
        }
    )


def _people(rule: Rule, tables: Mapping[str, Any], duties: pd.DataFrame) -> pd.Series:
    """How many people each place has in the role, by its id."""
    if rule.each == "posts":
        return _based(rule.has, tables["staff"], tables["assignments"], duties)
    own = duties[(duties["target_type"] == PLACES[rule.each].target_type) & (duties["role"] == rule.has)]
    pairs = own[["target_id", "person"]]
    if rule.each == "segments" and "border-segments" in tables:
        reaching = _reaching(duties[duties["role"] == rule.has], tables["border-segments"])
        pairs = pd.concat([pairs, reaching], ignore_index=True)
    return pairs.drop_duplicates().groupby("target_id").size()


def _reaching(duties: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """People who hold an interval, and the segments it reaches into."""
    held = duties[(duties["target_type"] == "interval") & (duties["start_m"] < duties["end_m"])]
    borders = pd.Index(segments["border_id"].dropna().unique())
    only = borders[0] if len(borders) == 1 else None
    of_held = borders.get_indexer(pd.Index(held["border_id"].fillna(only) if only else held["border_id"]))
    of_segment = borders.get_indexer(pd.Index(segments["border_id"]))
    known, lies = of_held >= 0, (of_segment >= 0) & segments["start_m"].notna().to_numpy()
    held, segments = held[known], segments[lies]
    tree = shapely.STRtree(_strips(held, of_held[known]))
    at, who = tree.query(_strips(segments, of_segment[lies]), predicate="intersects")
    start, end = (np.maximum, "start_m"), (np.minimum, "end_m")
    low, high = (
        choose(segments[name].to_numpy()[at], held[name].to_numpy()[who]) for choose, name in (start, end)
    )
    both = low < high  # not those that only meet at a limit
    return pd.DataFrame(
        {
            "target_id": segments["segment_id"].to_numpy(dtype=object)[at[both]],
            "person": held["person"].to_numpy()[who[both]],
        }
    )


def _strips(rows: pd.DataFrame, border: Ids) -> Any:
    """Stretches of borders as boxes, each border on a floor of its own."""
    return shapely.box(rows["start_m"].to_numpy(), border, rows["end_m"].to_numpy(), border + 0.5)


def _based(role: str, staff: pd.DataFrame, assignments: pd.DataFrame, duties: pd.DataFrame) -> pd.Series:
    """How many people with a role are based at each post."""
    people = staff.drop_duplicates("staff_id").reset_index(drop=True)
    active = np.zeros(len(people), dtype=bool)
    acts = active.copy()
    active[duties["person"]] = True
    acts[duties["person"][(duties["role"] == role).to_numpy(dtype=bool)]] = True
    never = ~people["staff_id"].isin(assignments["staff_id"]).to_numpy()
    there = np.where(active, acts, never & (people["role"] == role).to_numpy(dtype=bool))
    return people["post_id"][there].dropna().value_counts()


def _broken(rule: Rule, places: pd.DataFrame, people: pd.Series) -> pd.DataFrame:
    least, most = rule.bounds
    count = places["target_id"].map(people).fillna(0).astype(np.int64)
    few, many = count < (least or 0), count > (np.inf if most is None else most)
    rows = places.assign(
        rule=rule.text,
        each=rule.each,
        role=rule.has,
        count=count,
        least=least if least is not None else pd.NA,
        most=most if most is not None else pd.NA,
        state=np.where(few, "too_few", "too_many"),
        division_id=None,
    )[few | many]
    return rows.assign(finding_id=[finding_id(rule.text, [one], "", 0.0, 0.0) for one in rows["target_id"]])


def _divisions(named: pd.Series, point: Any, divisions: gpd.GeoDataFrame | None) -> Any:
    """The division that each place names; the lowest one that holds it where it names none."""
    found = named.to_numpy(dtype=object, na_value=None).copy()
    if divisions is None:
        return found
    admin = divisions[divisions["tree"] == "admin"]
    for level in reversed(LEVELS):
        rows = admin[(admin["level"] == level) & admin.geometry.notna()]
        left = np.flatnonzero(pd.isna(found))
        if len(rows) and len(left):
            at = grid_of(rows, point[left], key="division_id")
            found[left[at >= 0]] = rows["division_id"].to_numpy(dtype=object)[at[at >= 0]]
    return found
