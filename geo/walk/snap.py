"""Onto which street does a point step, where along it, and how far is that?

A point is projected onto its nearest edge, which is split there in thought; the straight leg is walked at walking
speed. A leg that meets a barrier is refused and the next edge tried; a few metres of street that are joined to
nothing are passed over while a real network is near.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import units
from geo.crs import Floats
from geo.walk.barriers import Barriers
from geo.walk.graph import Ints
from geo.walk.network import WalkNetwork
from geo.walk.segments import Segments, place_on

VERDICTS = ("ok", "barrier_detour", "island", "far", "unsnapped")
REASONS = ("", "barrier", "island", "distance", "no_geometry")
SQUARES_M = (20.0, 50.0, 150.0)  # half a side: most points are nearer to a street than these
CHUNK = 1_024  # points whose candidates are held at once
_NEAR_ENOUGH = 1e-9


@dataclass(frozen=True, eq=False)
class Snapped:
    """Where points step onto the streets; one value a point.

    Parameters
    ----------
    x, y : numpy.ndarray
        The points, metres in the network's frame; NaN without geometry.
    edge : numpy.ndarray
        int32; -1 = unsnapped.
    along : numpy.ndarray
        Where on the edge, as a fraction of its length from u; NaN when unsnapped.
    leg_m : numpy.ndarray
        Straight metres to there; NaN when unsnapped.
    component : numpy.ndarray
        int32; -1 = unsnapped.
    verdict, reason : numpy.ndarray of str
        One of ``VERDICTS`` and of ``REASONS``: *far* (beyond ``snap_m``), *barrier_detour* (a nearer edge lies
        behind a barrier), *island* (nothing but an island is near), *unsnapped* (and why); for *ok*, the reason
        ``island`` says that a nearer island was passed over.
    """

    x: Floats
    y: Floats
    edge: Ints
    along: Floats
    leg_m: Floats
    component: Ints
    verdict: NDArray[Any]
    reason: NDArray[Any]

    def rows(self, which: NDArray[Any]) -> Snapped:
        """Take some of the points.

        Parameters
        ----------
        which : numpy.ndarray
            Positions, or a mask.

        Returns
        -------
        Snapped
            These, in that order.
        """
        return Snapped(**{name: getattr(self, name)[which] for name in Snapped.__dataclass_fields__})


class _Pairs(NamedTuple):
    """Candidates: which point, which edge, where along it, how far, and the foot of the leg."""

    point: NDArray[np.int64]
    edge: Ints
    along: Floats
    leg_m: Floats
    foot: Floats

    def rows(self, which: NDArray[Any]) -> _Pairs:
        return _Pairs(*(np.asarray(column)[which] for column in self))


def snap(
    network: WalkNetwork,
    x: Floats,
    y: Floats,
    *,
    barriers: Barriers | None = None,
    snap_m: float = units.SNAP_M,
    snap_max_m: float = units.SNAP_MAX_M,
) -> Snapped:
    """Snap points to edges.

    Tried in this order: real streets within ``snap_m``, islands within it, real streets within ``snap_max_m``,
    islands within that; in each the nearest whose leg meets no barrier, ties to the lower edge. An island has less
    than ``units.ISLAND_M`` of street and is not the largest component.

    Parameters
    ----------
    network : WalkNetwork
        The streets.
    x, y : numpy.ndarray
        Metres in the network's frame, shape (n,); NaN = no geometry.
    barriers : Barriers or None
        In the same frame.
    snap_m, snap_max_m : float
        Metres, both inclusive.

    Returns
    -------
    Snapped
        One value a point, in their order.
    """
    xy = np.column_stack([x, y]).astype(float)
    made = _nowhere(xy)
    if not len(network.u) or not len(xy):
        return made
    segments, barriers = network.segments, barriers or Barriers(np.zeros(0, object), np.zeros(0, object))
    todo = np.flatnonzero(np.isfinite(xy).all(axis=1))
    first = _nearest(segments, xy, todo, snap_max_m)
    good = ~network.island[first.edge] & ~_refused(first, xy, barriers)
    _settle(made, network, first.rows(good), snap_m)
    in_reach = first.point[~good]
    for radius in (snap_m, snap_max_m):
        for start in range(0, len(in_reach), CHUNK):
            near = _within(segments, xy, in_reach[start : start + CHUNK], radius)
            _choose(made, network, near, _refused(near, xy, barriers), snap_m)
        in_reach = in_reach[made.edge[in_reach] < 0]
    return made


def standing(geometry: Any) -> NDArray[Any]:
    """Find the place that stands for each geometry.

    Parameters
    ----------
    geometry : array of geometry
        Shape (n,).

    Returns
    -------
    numpy.ndarray of Point
        Points as they are, representative points of all else; missing for missing.
    """
    made = np.array(geometry, dtype=object)
    other = shapely.get_type_id(made) > 0
    made[other] = shapely.point_on_surface(made[other])
    return made


def on_edges(network: WalkNetwork, edge: Ints, along: Floats) -> Snapped:
    """Put points onto edges where they are known to be.

    Parameters
    ----------
    network : WalkNetwork
        The streets.
    edge, along : numpy.ndarray
        Which edge, and where on it as a fraction from u, shape (n,).

    Returns
    -------
    Snapped
        With legs of 0 m and the verdict *ok*.
    """
    made = _nowhere(np.column_stack(place_on(network.course, edge, along)))
    pairs = _Pairs(np.arange(len(edge)), edge, along, np.zeros(len(edge)), np.zeros((len(edge), 2)))
    _settle(made, network, pairs, np.inf)
    return made


def _nowhere(xy: Floats) -> Snapped:
    n = len(xy)
    missing = ~np.isfinite(xy).all(axis=1)
    return Snapped(
        x=xy[:, 0].copy(),
        y=xy[:, 1].copy(),
        edge=np.full(n, -1, np.int32),
        along=np.full(n, np.nan),
        leg_m=np.full(n, np.nan),
        component=np.full(n, -1, np.int32),
        verdict=np.full(n, "unsnapped", dtype="<U14"),
        reason=np.where(missing, "no_geometry", "distance").astype("<U14"),
    )


def _project(segments: Segments, xy: Floats, point: NDArray[np.int64], segment: NDArray[np.int64]) -> _Pairs:
    """Pairs of points and segments as candidates."""
    a, way = segments.a[segment], segments.b[segment] - segments.a[segment]
    square = (way**2).sum(axis=1)
    t = ((xy[point] - a) * way).sum(axis=1) / np.where(square > 0, square, 1.0)
    t = np.clip(t, 0.0, 1.0)
    foot = np.where((t == 1.0)[:, None], segments.b[segment], a + t[:, None] * way)
    leg = np.hypot(*(xy[point] - foot).T)
    along = np.clip(segments.start[segment] + t * segments.part[segment], 0.0, 1.0)
    return _Pairs(point, segments.edge[segment], along, leg, foot)


def _nearest(segments: Segments, xy: Floats, todo: NDArray[np.int64], radius: float) -> _Pairs:
    """The nearest edge of each point that has one, in widening squares: most find theirs in the first."""
    found: list[_Pairs] = []
    for wide in (*(square for square in SQUARES_M if square < radius), radius):
        x, y = xy[todo].T
        near = segments.tree.query(shapely.box(x - wide, y - wide, x + wide, y + wide))
        pairs = _project(segments, xy, todo[near[0]], near[1])
        found.append(_first(pairs.rows(pairs.leg_m <= wide)))
        todo = np.setdiff1d(todo, found[-1].point, assume_unique=True)
    return _Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _first(pairs: _Pairs) -> _Pairs:
    """The nearest candidate of each point, ties to the lower edge; pairs come point by point."""
    if not len(pairs.point):
        return pairs
    new = np.diff(pairs.point, prepend=-1) != 0
    start, group = np.flatnonzero(new), np.cumsum(new) - 1
    level = pairs.leg_m == np.minimum.reduceat(pairs.leg_m, start)[group]
    edge = np.where(level, pairs.edge, np.iinfo(np.int32).max)
    chosen = np.flatnonzero(level & (pairs.edge == np.minimum.reduceat(edge, start)[group]))
    return pairs.rows(chosen[np.unique(group[chosen], return_index=True)[1]])


def _within(segments: Segments, xy: Floats, todo: NDArray[np.int64], radius: float) -> _Pairs:
    """Edges within a radius of each point, by point, then distance, then edge; each at its nearest place only."""
    near = segments.tree.query(shapely.points(xy[todo]), predicate="dwithin", distance=radius)
    found = _project(segments, xy, todo[near[0]], near[1])
    order = np.lexsort((found.leg_m, found.edge, found.point))
    point, edge = found.point[order], found.edge[order]
    once = np.ones(len(order), dtype=bool)
    once[1:] = (point[1:] != point[:-1]) | (edge[1:] != edge[:-1])
    kept = found.rows(order[once])
    return kept.rows(np.lexsort((kept.edge, kept.leg_m, kept.point)))


def _refused(pairs: _Pairs, xy: Floats, barriers: Barriers) -> NDArray[np.bool_]:
    """Whether legs meet a barrier before their last centimetre, where a street may run along one."""
    if not len(barriers.line):
        return np.zeros(len(pairs.point), dtype=bool)
    here = xy[pairs.point]
    short = np.minimum(1.0, units.STREET_SNAP_M / np.maximum(pairs.leg_m, units.STREET_SNAP_M))[:, None]
    stop = pairs.foot + (here - pairs.foot) * short
    return (pairs.leg_m > units.STREET_SNAP_M) & barriers.crossed(
        shapely.linestrings(np.stack([here, stop], axis=1))
    )


def _choose(
    made: Snapped,
    network: WalkNetwork,
    near: _Pairs,
    refused: NDArray[np.bool_],
    snap_m: float,
) -> None:
    """Settle each point of ``near`` that has an acceptable candidate; say of the others what stood in the way."""
    made.reason[near.point[refused]] = "barrier"
    fine, island = np.flatnonzero(~refused), network.island[near.edge]
    by_preference = fine[np.lexsort((near.edge[fine], near.leg_m[fine], island[fine], near.point[fine]))]
    chosen = by_preference[np.unique(near.point[by_preference], return_index=True)[1]]
    best = near.rows(chosen)
    _settle(made, network, best, snap_m)
    leg_of = np.full(len(made.edge), -np.inf)
    leg_of[best.point] = best.leg_m
    nearer = near.leg_m < leg_of[near.point] - _NEAR_ENOUGH
    passed, behind = np.unique(near.point[nearer & ~refused]), np.unique(near.point[nearer & refused])
    made.reason[passed] = "island"
    made.reason[behind] = "barrier"
    detour = behind[made.verdict[behind] != "far"]
    made.verdict[detour] = "barrier_detour"
    alone = best.point[island[chosen] & (made.verdict[best.point] == "ok")]
    made.verdict[alone] = made.reason[alone] = "island"


def _settle(made: Snapped, network: WalkNetwork, chosen: _Pairs, snap_m: float) -> None:
    at = chosen.point
    made.edge[at] = chosen.edge
    made.along[at] = chosen.along
    made.leg_m[at] = chosen.leg_m
    made.component[at] = network.component[chosen.edge]
    far = chosen.leg_m > snap_m + _NEAR_ENOUGH
    made.verdict[at] = np.where(far, "far", "ok")
    made.reason[at] = np.where(far, "distance", "")
