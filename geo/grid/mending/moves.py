"""Who gives ground up, and who gets it: the decisions of a repair."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
import shapely

from geo.crs import geodesic_steps
from geo.grid.mending.cutting import Cut
from geo.grid.mending.outline import Outline, summed
from geo.place.rings import Floats, Ids
from geo.units import CHILD_OUTSIDE_SHARE, DUPLICATE_IOU

By = Literal["edge", "households"]
BY = get_args(By)
NARROW = ("noise", "sliver")  # nobody lives there: they go by their edge whoever has fewest households
COLUMNS = ["face", "kind", "finding", "grid", "change", "other", "rule"]
NOBODY = -1


def cut_off(cells: pd.DataFrame, holding: pd.DataFrame, size: Floats, area: Floats) -> pd.DataFrame:
    """Take from grids what lies outside their parent.

    Parameters
    ----------
    cells : pandas.DataFrame
        ``face, parent, kind, finding``.
    holding : pandas.DataFrame
        ``face, grid, parent``.
    size, area : numpy.ndarray
        Area of each face and of each grid, m².

    Returns
    -------
    pandas.DataFrame
        Moves: ``face, finding, grid, change, other`` (-1: nobody gets it) and ``rule``: ``inside_parent``; where
        more than half of a grid lies outside, ``wrong_parent``: then its code is likelier wrong than its ground.
    """
    rows = cells[cells["kind"] == "spill"].merge(holding, on=["face", "parent"])
    lost = np.bincount(rows["grid"], weights=size[rows["face"]], minlength=len(area))
    astray = (lost > area / 2)[rows["grid"]]
    rule = np.where(astray, "wrong_parent", "inside_parent")
    return rows.assign(change="loses", other=NOBODY, rule=rule)[COLUMNS]


def settled(
    cells: pd.DataFrame, holding: pd.DataFrame, size: Floats, area: Floats, grids: pd.DataFrame, ground: Any
) -> pd.DataFrame:
    """Leave ground that several grids hold to one of them.

    The older grid keeps it where grids have dates, else the larger (to 1 m²), else the one with the lowest id. A
    grid that would be left with nothing comes before others, the smallest first (it lies within another, or upon
    several), unless it is the twin of one that keeps the ground.

    Parameters
    ----------
    cells : pandas.DataFrame
        ``face, parent, kind, finding``.
    holding : pandas.DataFrame
        ``face, grid, parent``.
    size, area : numpy.ndarray
        Area of each face and of each grid, m².
    grids : pandas.DataFrame
        ``grid_id`` and ``since`` (missing = unknown: younger than any) of each grid.
    ground : array of Polygon or MultiPolygon
        The grids, in metres.

    Returns
    -------
    pandas.DataFrame
        Moves, one a grid that gives a face up; ``rule``: ``only_ground``, ``older``, ``larger`` or ``lowest_id``,
        by what the one that keeps it differs from this one.
    """
    rows = cells[cells["kind"] == "overlap"].merge(holding, on=["face", "parent"])
    keys = pd.DataFrame({"last": 0.0, "since": grids["since"], "area": -area.round(), "id": grids["grid_id"]})
    first = _losers(rows, keys)
    lost = np.bincount(first["grid"], weights=size[first["face"]], minlength=len(area))
    twin = np.zeros(len(area), dtype=bool)
    pair = first[["grid", "other"]].drop_duplicates()
    twin[pair["grid"][_twins(ground[pair["grid"]], ground[pair["other"]])]] = True
    gone = (lost > 0) & (area - lost <= CHILD_OUTSIDE_SHARE * area) & ~twin
    keys["last"] = np.where(gone, -1 / np.maximum(area.round(), 1.0), 0.0)
    made = _losers(rows, keys)
    mine, theirs = keys.iloc[made["grid"]], keys.iloc[made["other"]]
    differ = [mine[name].to_numpy() != theirs[name].to_numpy() for name in ("last", "since", "area")]
    differ[1] &= mine["since"].notna().to_numpy() | theirs["since"].notna().to_numpy()
    rule = np.select(differ, ["only_ground", "older", "larger"], "lowest_id")
    return made.assign(change="loses", rule=rule)[COLUMNS]


def _losers(rows: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """Name, for each grid that does not keep a face, the one that does: the first by the keys."""
    order = keys.sort_values(list(keys.columns), na_position="last", kind="stable").index.to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    ranked = rows.assign(rank=rank[rows["grid"]])
    best = ranked.groupby(["face", "parent"])["rank"].transform("min").to_numpy(dtype=np.int64)
    made = ranked.assign(other=order[best] if len(order) else best)
    return made[made["grid"] != made["other"]].reset_index(drop=True)


def _twins(left: Any, right: Any) -> Any:
    shared = shapely.area(shapely.intersection(left, right))
    return shared >= DUPLICATE_IOU * (shapely.area(left) + shapely.area(right) - shared)


def filled(
    cells: pd.DataFrame, cut: Cut, left: Outline, parent_of: Ids, grids: pd.DataFrame, cause: Any, by: By
) -> pd.DataFrame:
    """Give ground that nobody holds to a neighbour of the same parent.

    Parameters
    ----------
    cells : pandas.DataFrame
        ``face, parent, kind, finding, piece``.
    cut : Cut
        The ground.
    left : Outline
        Of the grids, after all that was taken from them.
    parent_of : numpy.ndarray
        Parent of each grid, -1 = none that is looked at.
    grids : pandas.DataFrame
        ``grid_id`` and ``households`` of each grid.
    cause : numpy.ndarray
        Cause of each finding.
    by : {"edge", "households"}
        To the neighbour with the longest shared edge (to 1 cm), or to the one with fewest households (those
        unknown last; then by edge), which evens out the load. Ties go to the lowest id.

    Returns
    -------
    pandas.DataFrame
        Moves, one a face; ``rule``: ``missing_grid`` where the gap is as large as a grid, else ``longest_edge`` or
        ``fewest_households``; ``no_neighbour`` where no grid of the parent shares an edge with the piece: it stays
        (``grid`` is -1).
    """
    gaps = cells[cells["kind"] == "gap"]
    beside = _beside(gaps, cut, left, parent_of)
    main = gaps.groupby("piece")["finding"].min()
    narrow = pd.Series(np.isin(cause, NARROW))[main[beside["piece"]]].to_numpy(dtype=bool)
    few = grids["households"].to_numpy()[beside["grid"]]
    ranked = beside.assign(
        few=np.where(narrow | (by == "edge"), 0.0, few),
        cm=-(beside["shared_m"] * 100).round(),
        id=grids["grid_id"].to_numpy()[beside["grid"]],
    ).sort_values(["few", "cm", "id", "grid"], na_position="last")
    chosen = ranked.drop_duplicates("piece").set_index("piece")["grid"]
    grid = gaps["piece"].map(chosen).fillna(NOBODY).astype(np.int64)
    why = cause[gaps["finding"]]
    usual = "longest_edge" if by == "edge" else np.where(np.isin(why, NARROW), "longest_edge", "fewest_households")
    rule = np.select([grid == NOBODY, why == "missing_grid"], ["no_neighbour", "missing_grid"], usual)
    change = np.array(["gains", None], dtype=object)[(grid == NOBODY).to_numpy(dtype=int)]
    return gaps.assign(grid=grid, change=change, other=NOBODY, rule=rule)[COLUMNS]


def _beside(gaps: pd.DataFrame, cut: Cut, left: Outline, parent_of: Ids) -> pd.DataFrame:
    """Measure the edge that each piece shares with each grid of its parent: ``piece, grid, shared_m``."""
    rim = summed(cut.rims.given_to(gaps["face"].to_numpy(), gaps["piece"].to_numpy()))
    parent = gaps.drop_duplicates("piece").set_index("piece")["parent"]
    mine = pd.DataFrame({"piece": rim.owner, "end": rim.start, "start": rim.end})
    mine["parent"] = mine["piece"].map(parent)
    theirs = pd.DataFrame(
        {"grid": left.owner, "start": left.start, "end": left.end, "parent": parent_of[left.owner]}
    )
    both = mine.merge(theirs, on=["start", "end", "parent"])
    both["shared_m"] = geodesic_steps(cut.xy[both["start"]], cut.xy[both["end"]])
    return both.groupby(["piece", "grid"], as_index=False)["shared_m"].sum()
