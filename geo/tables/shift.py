"""Does a table look shifted against the divisions, as points copied from consumer maps are?

GCJ-02 and BD-09 move a place by 300 to 700 m and say so nowhere. A table is compared with the divisions as it is
and with each shift undone; and, in case the divisions are the ones that are shifted, with each shift applied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.datum import CHINA, FORWARD, Shifted, wgs84_from
from geo.errors import Fault
from geo.tables import TABLES

SAMPLE = 10_000
EDGE_SAMPLE = 2_000
EDGE_DEG = 5e-5  # about 5 m: a vertex this near to a division's edge was drawn on it
FEW = 5  # fewer places that speak for a shift prove nothing
EDGE_SHARE = 0.05  # of the vertices, at least, when a layer was drawn along the divisions' edges
CLEAR = 4.0  # how many times better a shifted reading must fit
OWN_PLACE = {"posts": ("division_id", "divisions"), "units": ("grid_id", "grids")}  # rows that name their polygon

Places = NDArray[np.float64]
Move = Callable[[Places], Places]


@dataclass(frozen=True, slots=True)
class Guess:
    """One way in which a table and the divisions may lie to each other.

    Parameters
    ----------
    datum : {"gcj02", "bd09"} or None
        The suspected datum; None = both are right.
    blames_divisions : bool
        True = the divisions are in that datum, not the table.
    move : callable
        Lon/lat of the table, shape (n, 2) → where they lie if this is so.
    """

    datum: Shifted | None
    blames_divisions: bool
    move: Move


def _undo(datum: Shifted) -> Move:
    return lambda xy: np.column_stack(wgs84_from(datum, xy[:, 0], xy[:, 1]))


def _apply(datum: Shifted) -> Move:
    return lambda xy: np.column_stack(FORWARD[datum](xy[:, 0], xy[:, 1]))


AS_IT_IS = Guess(None, False, lambda xy: xy)
SHIFTED = (
    *(Guess(datum, False, _undo(datum)) for datum in FORWARD),
    *(Guess(datum, True, _apply(datum)) for datum in FORWARD),
)


class _Polygons:
    """The polygons that a table is compared with."""

    def __init__(self, geometry: NDArray[Any]) -> None:
        self.shapes = geometry[~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)]
        shapely.prepare(self.shapes)

    @cached_property
    def edges(self) -> shapely.STRtree:
        """Every edge by itself: long rings would be measured from end to end for each place."""
        coords, owner = shapely.get_coordinates(shapely.boundary(self.shapes), return_index=True)
        same = owner[1:] == owner[:-1]
        return shapely.STRtree(shapely.linestrings(np.stack([coords[:-1][same], coords[1:][same]], axis=1)))

    def outside(self, xy: Places) -> int:
        """Count the places that lie in none of the polygons."""
        tree = shapely.STRtree(shapely.points(xy))
        return len(xy) - len(np.unique(tree.query(self.shapes, predicate="intersects")[1]))

    def on_edges(self, xy: Places) -> int:
        """Count the places that lie on an edge."""
        return len(np.unique(self.edges.query(shapely.points(xy), predicate="dwithin", distance=EDGE_DEG)[0]))


def check_shift(tables: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Warn of tables that lie as if their datum were GCJ-02 or BD-09.

    Parameters
    ----------
    tables : mapping of str to GeoDataFrame
        As :func:`geo.tables.conform.conform` gives them; ``divisions`` with polygons are the reference, or the
        grids for units, which name theirs.

    Returns
    -------
    tuple of Fault
        For each table with geometry at most one: a warning that names the suspected datum, or a note that it
        cannot be told (no divisions, or both readings fit). Places outside of China are not asked about.
    """
    divisions = tables.get("divisions")
    reference = _Polygons(np.asarray(divisions.geometry)) if divisions is not None else None
    faults: dict[tuple[str, str], Fault] = {}
    for name, frame in tables.items():
        if name in ("divisions", "background") or not TABLES[name].shapes:
            continue
        geometry = np.asarray(frame.geometry)
        xy = _sample(shapely.get_coordinates(geometry[~shapely.is_missing(geometry)]))
        if len(xy) and _in_china(xy).all():
            fault = _judge(name, xy, _by_own_place(name, tables), reference)
            if fault is not None:
                faults.setdefault((fault.table, fault.code), fault)
    return tuple(faults.values())


def _sample(xy: Places) -> Places:
    step = max(1, len(xy) // SAMPLE)
    order = np.lexsort((xy[:, 1], xy[:, 0]))  # by place, not by row: shuffled rows give the same answer
    return xy[order][::step]


def _in_china(xy: Places) -> NDArray[np.bool_]:
    west, south, east, north = CHINA
    x, y = xy.T
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def _judge(name: str, xy: Places, own: Guess | None, reference: _Polygons | None) -> Fault | None:
    if own is None and (reference is None or not len(reference.shapes)):
        return Fault("shift_no_reference", name, level="info")
    found = own
    if found is None and reference is not None and "Polygon" in TABLES[name].shapes:
        found = _by_edges(xy, reference)
    if found is None and reference is not None:
        found = _by_outside(xy, reference)
    if found is None:
        return Fault("shift_unknown", name, level="info")
    if found.datum is None:
        return None
    target = OWN_PLACE[name][1] if own is not None else "divisions"
    blamed, other = (target, name) if found.blames_divisions else (name, target)
    return Fault("layer_shifted", blamed, level="warning", values={"datum": found.datum, "other": other})


def _by_own_place(name: str, tables: Mapping[str, Any]) -> Guess | None:
    """Compare how many places lie outside of the very polygon that their row names."""
    column, target = OWN_PLACE.get(name, ("", ""))
    if target not in tables:
        return None
    keys = tables[target][TABLES[target].key]
    polygon_of = dict(zip(keys, np.asarray(tables[target].geometry), strict=True))
    frame = tables[name]
    pairs = [
        (point, polygon_of.get(key))
        for point, key in zip(np.asarray(frame.geometry), frame[column], strict=True)
        if point is not None and polygon_of.get(key) is not None
    ]
    pairs = pairs[:: max(1, len(pairs) // SAMPLE)]
    if not pairs:
        return None
    xy = shapely.get_coordinates(shapely.point_on_surface(np.array([point for point, _ in pairs], dtype=object)))
    own = np.array([polygon for _, polygon in pairs], dtype=object)
    lost = {guess: int((~shapely.intersects_xy(own, *guess.move(xy).T)).sum()) for guess in (AS_IT_IS, *SHIFTED)}
    return _clearest(lost)


def _by_edges(xy: Places, reference: _Polygons) -> Guess | None:
    """Compare how many vertices lie on the polygons' edges; None when few do under any reading."""
    xy = xy[:: max(1, len(xy) // EDGE_SAMPLE)]
    hits = {guess: reference.on_edges(guess.move(xy)) for guess in (AS_IT_IS, *SHIFTED)}
    here, best = hits[AS_IT_IS], max(SHIFTED, key=lambda guess: hits[guess])
    if max(hits.values()) < max(FEW, EDGE_SHARE * len(xy)):
        return None
    if hits[best] >= CLEAR * max(here, 1):
        return best
    return AS_IT_IS if here >= CLEAR * max(hits[best], 1) else None


def _by_outside(xy: Places, reference: _Polygons) -> Guess | None:
    """Compare how many places lie outside of all polygons."""
    return _clearest({guess: reference.outside(guess.move(xy)) for guess in (AS_IT_IS, *SHIFTED)})


def _clearest(lost: Mapping[Guess, int]) -> Guess | None:
    """Choose the reading that loses far fewer places than the other; None when they differ too little."""
    here, best = lost[AS_IT_IS], min(SHIFTED, key=lambda guess: lost[guess])
    if here - lost[best] >= FEW and here >= CLEAR * max(lost[best], 1):
        return best
    return AS_IT_IS if lost[best] - here >= FEW and lost[best] >= CLEAR * max(here, 1) else None
