"""Do two schemes of grids divide the ground alike? What corresponds, which borders conflict, what could be one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import LONLAT, frame_of
from geo.errors import finding_id
from geo.grid.findings import METRES_PER_DEGREE, texts
from geo.grid.stacked.borders import cuts
from geo.grid.stacked.ground import in_metres, overlay
from geo.grid.stacked.people import NOBODY, differing_households, households_of, inhabitants
from geo.place.index import named, polygonal
from geo.place.rings import Floats, Ids
from geo.tables.conform import PANDAS_DTYPES
from geo.units import SCHEME_MATCH, SLIVER_M

TEXT = PANDAS_DTYPES["string"]
PAIR = ("left_scheme", "left_id", "right_scheme", "right_id")
COLUMNS = (
    "pair_id",
    *PAIR,
    "area_m2",
    "left_share",
    "right_share",
    "iou",
    "households",
    "people",
    "basis",
    "best",
    "left_area_m2",
    "right_area_m2",
)
CONFLICTING = ("conflict_id", "scheme", "other_scheme", "grid_ids", "cut_id", "length_m", "households")
MATCHED = (
    "match_id",
    "rank",
    *PAIR,
    "iou",
    "area_m2",
    "households",
    "differing_m2",
    "differing_households",
)
TYING_DIGITS = 4  # of an intersection over union: two that agree so far tie, whatever frame they are drawn in


def correspondence(
    left: gpd.GeoDataFrame,
    right: gpd.GeoDataFrame,
    *,
    key: str = "grid_id",
    population: gpd.GeoDataFrame | None = None,
    sliver_m: float = SLIVER_M,
) -> gpd.GeoDataFrame:
    """Say which grids of two schemes lie on the same ground, and how much of it.

    With A and B the ground of two grids, and S what of A ∩ B is no sliver: left share |S| / |A|, right share
    |S| / |B|, intersection over union |S| / (|A| + |B| − |S|) (Jaccard 1901). S are the connected pieces at least
    ``sliver_m`` wide (largest inscribed circle), and those that are more than half of A or of B.

    Parameters
    ----------
    left, right : geopandas.GeoDataFrame
        Grids of one scheme each: the column ``key`` and geometry, EPSG:4326; ``households``, ``people`` and
        ``scheme`` where known. A missing or empty polygon holds nothing, an invalid one what it holds once made
        valid.
    key : str
        Column with their ids, each once a scheme.
    population : geopandas.GeoDataFrame or None
        Where people live: each counts once, in the grid with the lowest id of each scheme (an area at a point
        inside it). A count is missing where it is, or differs from that of one of the grids by, 1 to 9 people.
        Without the table the grids' own counts are spread evenly over them, and the two schemes' answers averaged.
    sliver_m : float
        Narrower pieces are slips of digitising.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a pair that shares ground: ``pair_id, left_scheme, left_id, right_scheme, right_id, area_m2,
        left_share, right_share, iou, households, people, basis, best, left_area_m2, right_area_m2, geometry`` (the
        shared ground). ``best``: each is the other's best match (largest ``iou``; the lowest id of several).
        Besides, one row a grid with ground in no grid of the other scheme, and one for a grid that shares none:
        the other id, share and ``iou`` are missing, and the row tells of that ground. Over the rows of a grid
        ``area_m2`` adds up to its area less slivers (more, where grids of the other scheme overlap). By left, then
        right id; what only the right has comes last.
    """
    frame = frame_of(left, right)
    one, other = (in_metres(np.asarray(side.geometry), frame) for side in (left, right))
    at, of, ground = _rows(one, other, sliver_m)
    areas = tuple(np.append(shapely.area(side), np.nan) for side in (one, other))
    area = np.nan_to_num(shapely.area(ground))
    iou = (area / (areas[0][at] + areas[1][of] - area)).clip(max=1.0)
    shares = (area / areas[0][at]).clip(max=1.0), (area / areas[1][of]).clip(max=1.0)
    ids = tuple(texts(side[key]) for side in (left, right))
    rows = pd.DataFrame(
        {
            "left_scheme": _scheme(left),
            "left_id": named(ids[0], at),
            "right_scheme": _scheme(right),
            "right_id": named(ids[1], of),
            "area_m2": area.round(2),
            "left_share": shares[0],
            "right_share": shares[1],
            "iou": iou,
            "best": _best(at, of, iou, *ids),
            "left_area_m2": areas[0][at].round(2),
            "right_area_m2": areas[1][of].round(2),
            "geometry": frame.lonlat(ground),
        }
    ).astype(dict.fromkeys(PAIR, TEXT))
    lived = inhabitants(left, right, at, of, shares, key=key, population=population)
    rows = rows.assign(pair_id=pair_ids(rows, PAIR[:2], PAIR[2:]), **lived).astype({"basis": TEXT})
    made = gpd.GeoDataFrame(rows[[*COLUMNS, "geometry"]], geometry="geometry", crs=LONLAT)
    return made.sort_values(["left_id", "right_id"], ignore_index=True)


def _rows(left: Any, right: Any, sliver_m: float) -> tuple[Ids, Ids, Any]:
    """List the two grids of each row, -1 = none, and its ground."""
    shared = overlay(left, right, sliver_m=sliver_m)
    only_left = _with_own_row(left, shared.left, shared.left_alone)
    only_right = _with_own_row(right, shared.right, shared.right_alone)
    at = np.concatenate([shared.left, only_left, np.full(len(only_right), NOBODY)])
    of = np.concatenate([shared.right, np.full(len(only_left), NOBODY), only_right])
    return at, of, np.concatenate([shared.ground, shared.left_alone[only_left], shared.right_alone[only_right]])


def _with_own_row(polygons: Any, paired: Ids, alone: Any) -> Ids:
    """Find polygons with ground of their own, and those that would have no row at all."""
    with_pair = np.isin(np.arange(len(polygons)), paired)
    return np.flatnonzero(~shapely.is_missing(polygons) & (~with_pair | ~shapely.is_missing(alone)))


def _scheme(grids: gpd.GeoDataFrame) -> Any:
    """Name the scheme of grids, the first of several."""
    return grids["scheme"].min() if "scheme" in grids and len(grids) else None


def _best(at: Ids, of: Ids, iou: Floats, left_ids: Any, right_ids: Any) -> Any:
    """Mark pairs of which each is the other's best match."""
    near = np.where(np.isnan(iou), -1.0, np.round(iou, TYING_DIGITS))
    chosen = np.ones(len(at), dtype=bool)
    for mine, other, ids in ((at, of, right_ids), (of, at, left_ids)):
        order = np.lexsort((np.append(np.argsort(np.argsort(ids, kind="stable")), -1)[other], -near, mine))
        first = np.ones(len(order), dtype=bool)
        first[1:] = mine[order][1:] != mine[order][:-1]
        best = np.zeros(len(order), dtype=bool)
        best[order[first]] = True
        chosen &= best
    return chosen & (at != NOBODY) & (of != NOBODY)


def pair_ids(rows: pd.DataFrame, left: Sequence[str], right: Sequence[str]) -> list[str]:
    """Name pairs so that the same pair has the same name in every run, row order and direction.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row a pair.
    left, right : sequence of str
        Columns that say which the one is, and which the other; may be missing.

    Returns
    -------
    list of str
        Twelve hexadecimal digits each.
    """
    sides = [zip(*(texts(rows[name]) for name in names), strict=True) for names in (left, right)]
    return [finding_id("pair", map("|".join, pair), "", 0.0, 0.0) for pair in zip(*sides, strict=True)]


def conflicting_borders(
    left: gpd.GeoDataFrame,
    right: gpd.GeoDataFrame,
    *,
    key: str = "grid_id",
    population: gpd.GeoDataFrame | None = None,
    sliver_m: float = SLIVER_M,
) -> gpd.GeoDataFrame:
    """Find where a border of one scheme runs through the inside of a grid of the other.

    Inside is what lies further than ``sliver_m`` from every border of the other scheme: two drawings of one border
    a few metres apart are no conflict, and of a border that cuts a grid from edge to edge the first and last
    ``sliver_m`` do not count. Neither is a border between two grids that both lie within the grid it runs through
    (nothing of them is further than ``sliver_m`` outside): it only divides that further. Stretches no longer than
    ``sliver_m`` are left out.

    Parameters
    ----------
    left, right, key, population, sliver_m
        As in :func:`correspondence`.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a stretch, of borders of both schemes: ``conflict_id, scheme`` (whose border it is),
        ``other_scheme, grid_ids`` (between which two grids it lies; one at the rim of the scheme), ``cut_id``
        (grid of the other scheme that it cuts), ``length_m`` (along the ellipsoid), ``households`` (of the grid
        that is cut; missing where unknown or counted from fewer than 10 people) and ``geometry``. Longest first
        (to 1 m), then by id.
    """
    frame = frame_of(left, right)
    ground = [polygonal(np.asarray(side.geometry)) for side in (left, right)]
    found = []
    for mine, theirs, own, others in ((left, right, *ground), (right, left, *ground[::-1])):
        rows = cuts(own, others, frame, tolerance_m=sliver_m)
        ids, cut = texts(mine[key]), rows["cut"].to_numpy()
        pairs = zip(ids[rows["one"]], ids[rows["other"]], strict=True)
        found.append(
            rows.assign(
                scheme=_scheme(mine),
                other_scheme=_scheme(theirs),
                grid_ids=[sorted({*pair}) for pair in pairs],
                cut_id=texts(theirs[key])[cut],
                households=households_of(theirs, key=key, population=population).take(cut).to_numpy(),
            )
        )
    return longest_first(_conflicts(pd.concat(found, ignore_index=True)))


def matches(
    pairs: gpd.GeoDataFrame,
    left: gpd.GeoDataFrame,
    right: gpd.GeoDataFrame,
    *,
    least: float = SCHEME_MATCH,
    key: str = "grid_id",
    population: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """List grids of two schemes that could be one, best first.

    Parameters
    ----------
    pairs : geopandas.GeoDataFrame
        What :func:`correspondence` gave for them.
    left, right, key, population
        As given there.
    least : float
        Intersection over union that makes two grids one, 0–1.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a pair of grids that are each other's best match with ``iou`` ≥ ``least``: ``match_id, rank`` (1 =
        largest ``iou``; of several the one with more households, then the lower ids), ``left_scheme, left_id,
        right_scheme, right_id, iou, area_m2`` and ``households`` (on the ground they share), ``differing_m2`` and
        ``differing_households`` (in one of the two but not in both; missing where unknown or counted from fewer
        than 10 people) and ``geometry`` (both together).
    """
    rows = pairs[pairs["best"] & (pairs["iou"] >= least)].reset_index(drop=True)
    at, of = _positions(left[key], rows["left_id"]), _positions(right[key], rows["right_id"])
    shares = rows["left_share"].to_numpy(), rows["right_share"].to_numpy()
    ground = polygonal(np.asarray(left.geometry)[at]), polygonal(np.asarray(right.geometry)[of])
    made = rows.assign(
        match_id=rows["pair_id"],
        differing_m2=(rows["left_area_m2"] + rows["right_area_m2"] - 2 * rows["area_m2"]).clip(lower=0).round(2),
        differing_households=differing_households(left, right, at, of, shares, key=key, population=population),
    )
    return ranked(made.set_geometry(shapely.union(*ground), crs=LONLAT))


def _positions(ids: pd.Series, asked: pd.Series) -> Ids:
    return np.asarray(pd.Index(texts(ids)).get_indexer(texts(asked)), dtype=np.int64)


def ranked(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put grids that could be one in order and number them.

    Parameters
    ----------
    rows : geopandas.GeoDataFrame
        As :func:`matches` gives them, of any number of schemes.

    Returns
    -------
    geopandas.GeoDataFrame
        ``rank`` 1…n; index 0…n-1.
    """
    order = pd.DataFrame(
        {
            "iou": -rows["iou"].round(TYING_DIGITS),
            "households": -rows["households"].astype("Float64").fillna(-1.0),
            **{name: texts(rows[name]) for name in PAIR},
        }
    )
    made = rows.iloc[order.reset_index(drop=True).sort_values(list(order)).index]
    return made.assign(rank=np.arange(1, len(made) + 1, dtype=np.int64))[[*MATCHED, "geometry"]].reset_index(
        drop=True
    )


def _conflicts(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Name stretches and type their columns."""
    middle = shapely.centroid(np.asarray(rows["geometry"], dtype=object))
    x, y = shapely.get_x(middle), shapely.get_y(middle)
    east, north = x * METRES_PER_DEGREE * np.cos(np.radians(y)), y * METRES_PER_DEGREE
    schemes = texts(rows["scheme"]), texts(rows["other_scheme"])
    places = zip(*schemes, rows["grid_ids"], rows["cut_id"], east, north, strict=True)
    made = rows.assign(
        conflict_id=[
            finding_id(f"conflict {scheme}", [*ids, cut], other, e, n) for scheme, other, ids, cut, e, n in places
        ],
        length_m=rows["length_m"].round(2),
    ).astype({**dict.fromkeys(("conflict_id", "scheme", "other_scheme", "cut_id"), TEXT), "households": "Int64"})
    return gpd.GeoDataFrame(made[[*CONFLICTING, "geometry"]], geometry="geometry", crs=LONLAT)


def longest_first(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put conflicts in order.

    Parameters
    ----------
    rows : geopandas.GeoDataFrame
        As :func:`conflicting_borders` gives them, of any number of schemes.

    Returns
    -------
    geopandas.GeoDataFrame
        Longest first (to 1 m), then by id; index 0…n-1.
    """
    order = np.lexsort((texts(rows["conflict_id"]), -rows["length_m"].round()))
    return rows.iloc[order].reset_index(drop=True)
