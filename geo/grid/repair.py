"""How could the ground be divided rightly? A proposal that mends gaps, overlaps and spills, and its ledger."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import frame_of
from geo.errors import BadParameter
from geo.grid.findings import texts, worst_first
from geo.grid.mending.cells import beyond, cells_of, found, held
from geo.grid.mending.cutting import Cut, cut
from geo.grid.mending.ledger import entries, ledger_of, measured
from geo.grid.mending.moves import BY, NARROW, NOBODY, By, cut_off, filled, settled
from geo.grid.mending.outline import Outline, drawn, summed
from geo.grid.mending.site import Site, site_of
from geo.place.index import polygonal
from geo.place.rings import Floats, Ids

MULTIPOLYGON = 6
SURVEYS = 5  # two where a narrow gap goes on beyond its finding; one is the rule


def propose_repair(
    grids: gpd.GeoDataFrame,
    parents: gpd.GeoDataFrame,
    findings: gpd.GeoDataFrame,
    *,
    excluded: gpd.GeoDataFrame | None = None,
    by: By = "edge",
    population: gpd.GeoDataFrame | None = None,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Propose polygons that tile the parents, and say what each grid gains and loses.

    The parents' edges are locked: what lies beyond is cut off. Of several grids on one spot one keeps it
    (:func:`geo.grid.mending.moves.settled`). What nobody holds goes, piece by piece, to a neighbour of the same
    parent (:func:`geo.grid.mending.moves.filled`); excluded ground may stay a hole. Afterwards every place is in
    exactly one grid (:func:`geo.grid.partition.partition_findings` finds nothing), but for gaps that no grid of
    their parent touches.

    Parameters
    ----------
    grids, parents, excluded : geopandas.GeoDataFrame
        As given to :func:`geo.grid.partition.partition_findings`; the older of two grids is known by a date in
        ``valid_from`` or ``x_valid_from``, where there is such a column.
    findings : geopandas.GeoDataFrame
        What it returned; findings of other kinds than gap, overlap and spill are passed over, and so are those of
        which the grids show nothing.
    by : {"edge", "households"}
        Which neighbour gets a gap: the one with the longest shared edge, or with the fewest households.
    population : geopandas.GeoDataFrame or None
        Where people live; without it what a grid loses is estimated from its own counts by area.

    Returns
    -------
    tuple of geopandas.GeoDataFrame
        The grids, row for row as given but for their geometry: the very objects given where nothing changes; made
        valid where they were not; missing for one that gave up all its ground. Where a neighbour gets a corner, a
        grid gets it into its edge. And the ledger, one row a finding, grid and other side: ``entry_id, finding_id,
        kind, grid_id, change`` (``gains``, ``loses``; missing when nothing can be done), ``area_m2, households,
        people`` (missing where nobody knows, and for 1 to 9 people of ``population``), ``other_id`` (whom it goes
        to), ``rule``, and the piece; worst finding first. A grid's area changes by its gains less its losses.
    """
    if by not in BY:
        raise BadParameter(f"by: {by!r} is not one of {', '.join(BY)}")
    findings = worst_first(findings)
    given = np.asarray(grids.geometry)
    ground = polygonal(given)
    site, cuts, faults = _surveyed(grids, ground, parents, findings, excluded)
    moves = _moves(site, cuts, faults, by)
    made = np.where(shapely.is_missing(ground), given, ground)  # the very objects given, where they are valid
    mended, changed = _mended(cuts, moves, len(site.rows))
    made[site.rows[changed]] = _typed(mended[changed], given[site.rows[changed]])
    area = np.zeros(len(grids))
    area[site.rows] = measured(site.ground, site.frame)
    entry = entries(moves, cuts).pipe(_of_rows, site.rows)
    ledger = ledger_of(pd.concat([entry, _hopeless(site)]), findings, grids, area, site.frame, population)
    return grids.assign(**{grids.geometry.name: gpd.GeoSeries(made, index=grids.index, crs=grids.crs)}), ledger


class Faults(NamedTuple):
    """Faces that are held wrongly.

    Parameters
    ----------
    cells : pandas.DataFrame
        As :func:`geo.grid.mending.cells.found` gives them.
    holding : pandas.DataFrame
        Who holds each face.
    size : numpy.ndarray
        Area of each face, m².
    """

    cells: pd.DataFrame
    holding: pd.DataFrame
    size: Floats


def _surveyed(
    grids: gpd.GeoDataFrame,
    ground: Any,
    parents: gpd.GeoDataFrame,
    findings: gpd.GeoDataFrame,
    excluded: gpd.GeoDataFrame | None,
) -> tuple[Site, Cut, Faults]:
    """Cut the ground at the findings; where it is held wrongly beyond them (they end at 2 mm), look there, too.

    So is ground that lies on a lake in part.
    """
    more = np.empty(0, dtype=object)
    for _ in range(SURVEYS):
        site = site_of(grids, ground, parents, findings, excluded, more)
        cuts = cut(np.concatenate([site.ground, site.parents, site.excluded]), site.zone)
        count = len(site.rows)
        polygons, above, lakes = np.split(cuts.polygons, [count, count + len(site.parents)])
        marks, holding = held(cuts.faces, polygons, site.parent_of)
        size = measured(cuts.faces, site.frame)
        wrong = cells_of(holding, marks, above, lakes)
        cells = found(wrong[wrong["dry"]].reset_index(drop=True), cuts, marks, site.pieces, size)
        faces = cuts.faces[np.union1d(cells["face"], wrong["face"][~wrong["dry"]])]
        faces = faces[beyond(faces, np.concatenate([site.zone, site.excluded]))]
        if not len(faces):
            break
        more = np.concatenate([more, faces])
    return site, cuts, Faults(cells, holding, size)


def _moves(site: Site, cuts: Cut, faults: Faults, by: By) -> pd.DataFrame:
    """Decide for each face that is held wrongly: first who loses it, then who gets what nobody holds."""
    cells, holding, size = faults
    ground = site.frame.metres(cuts.polygons[: len(site.rows)])
    area = np.nan_to_num(shapely.area(ground))
    taken = pd.concat(
        [cut_off(cells, holding, size, area), settled(cells, holding, size, area, site.grids, ground)],
        ignore_index=True,
    )
    left = _after(cuts, taken, len(site.rows))
    cause = site.pieces["cause"].to_numpy(dtype=object)
    given = filled(cells, cuts, left, site.parent_of, site.grids, cause, by)
    moves = pd.concat([taken, given], ignore_index=True)
    return moves.assign(finding=site.pieces["finding"].to_numpy()[moves["finding"]])


def _after(cuts: Cut, moves: pd.DataFrame, count: int) -> Outline:
    """Go round the grids after some moves."""
    before = cuts.outline.of(np.arange(count))
    lost, gained = (moves[moves["change"] == one] for one in ("loses", "gains"))
    mine = [cuts.rims.given_to(rows["face"].to_numpy(), rows["grid"].to_numpy()) for rows in (lost, gained)]
    return summed(before, mine[0].turned(), mine[1])


def _mended(cuts: Cut, moves: pd.DataFrame, count: int) -> tuple[Any, Ids]:
    """Draw the grids after all moves: polygons, and the positions of those that are not what they were."""
    moved = np.zeros(count, dtype=bool)
    moved[moves["grid"][moves["grid"] != NOBODY]] = True
    made = cuts.polygons[:count].copy()
    made[moved] = drawn(cuts.xy, _after(cuts, moves, count).of(np.flatnonzero(moved)), count)[moved]
    return made, np.flatnonzero(moved | cuts.altered[:count])


def _typed(made: Any, given: Any) -> Any:
    """Keep multipolygons multipolygons."""
    several = shapely.get_type_id(given) == MULTIPOLYGON
    single = several & (shapely.get_type_id(made) != MULTIPOLYGON) & ~shapely.is_missing(made)
    if single.any():
        made = made.copy()
        made[single] = shapely.multipolygons(made[single][:, None])
    return made


def _of_rows(entry: pd.DataFrame, rows: Ids) -> pd.DataFrame:
    """Name grids by their row positions."""
    positions = np.append(rows, NOBODY)
    return entry.assign(grid=positions[entry["grid"]], other=positions[entry["other"]])


def _hopeless(site: Site) -> pd.DataFrame:
    """Say which gaps stay since their parent has no grid at all."""
    rows = site.pieces[(site.pieces["parent"] == NOBODY) & (site.pieces["kind"] == "gap")]
    return rows[["finding", "kind", "geometry"]].assign(
        grid=NOBODY, change=None, other=NOBODY, rule="no_neighbour"
    )


def changed_grids(
    grids: gpd.GeoDataFrame, proposed: gpd.GeoDataFrame, ledger: gpd.GeoDataFrame, findings: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """List the grids that a proposal changes, before and after.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        As given to :func:`propose_repair`; ``households`` where known.
    proposed, ledger : geopandas.GeoDataFrame
        What it returned.
    findings : geopandas.GeoDataFrame
        As given to it.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a grid, in their order: ``grid_id, change`` (``gains``, ``loses``, ``both``, ``reshaped``: it only
        got corners of neighbours into its edge, or was made valid), ``area_m2, area_before_m2, gained_m2, lost_m2,
        households`` (missing where it or any ground moved has an unknown number; noise and slivers of which it is
        unknown count as none), ``households_before, finding_ids`` and the proposed polygon.
    """
    before, after = np.asarray(grids.geometry), np.asarray(proposed.geometry)
    rows = np.array([old is not new for old, new in zip(before, after, strict=True)], dtype=bool)
    frame = frame_of(grids)
    narrow = findings["finding_id"][findings["cause"].isin(NARROW)]
    entry = pd.DataFrame(ledger[["finding_id", "grid_id", "change", "area_m2", "households"]]).assign(
        known=ledger["households"].where(~ledger["finding_id"].isin(narrow), ledger["households"].fillna(0)),
    )
    sign = entry["change"].map({"gains": 1, "loses": -1})
    entry["net"] = entry["known"].astype("Float64") * sign.astype("Float64")
    entry["gained_m2"], entry["lost_m2"] = (entry["area_m2"].where(sign == one, 0.0) for one in (1, -1))
    by_grid = entry.dropna(subset="change").groupby("grid_id")
    ids = pd.Index(texts(grids["grid_id"])[rows])
    sums = by_grid[["gained_m2", "lost_m2"]].sum().reindex(ids, fill_value=0.0)
    moved = by_grid["net"].agg(lambda net: net.sum(skipna=False)).reindex(ids, fill_value=0)
    own = grids["households"] if "households" in grids else pd.Series(pd.NA, index=grids.index)
    own = own.astype("Float64")[rows].to_numpy(dtype=float, na_value=np.nan)
    gained, lost = (sums[name].to_numpy() for name in ("gained_m2", "lost_m2"))
    households = np.clip(own + moved.to_numpy(dtype=float, na_value=np.nan), 0, None)
    size = measured(after[rows], frame)
    named = by_grid["finding_id"].agg(lambda some: sorted(set(some)))
    made = pd.DataFrame(
        {
            "grid_id": ids.to_numpy(),
            "change": np.select(
                [(gained > 0) & (lost > 0), gained > 0, lost > 0], ["both", "gains", "loses"], "reshaped"
            ),
            "area_m2": size.round(2),
            "area_before_m2": measured(polygonal(before[rows]), frame).round(2),
            "gained_m2": gained.round(2),
            "lost_m2": lost.round(2),
            "households": pd.array(np.where(size > 0, households, 0.0 * own).round(), dtype="Int64"),
            "households_before": pd.array(own.round(), dtype="Int64"),
            "finding_ids": [named.get(one, []) for one in ids],
        }
    )
    return gpd.GeoDataFrame(made, geometry=after[rows], crs=grids.crs)
