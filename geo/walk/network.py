"""What can be walked: streets as nodes, edges and integer costs.

Ids are for people, positions for machines: nodes and edges are 0…n-1, and an edge keeps its direction u → v.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer

from geo import units
from geo.crs import LONLAT, Floats, Frame, frame_at, frame_of
from geo.errors import BadParameter
from geo.walk.graph import Graph, Ints, chain_costs, components, graph_of, packed_steps
from geo.walk.pace import MOST, Costs, Pace, edge_costs, pace_of
from geo.walk.segments import Course, Segments, segments_of

BOTH, FORWARD, BACKWARD = 0, 1, -1
ONEWAY = {"both": BOTH, "forward": FORWARD, "backward": BACKWARD}
PACES_KEPT = 6
_FIELDS = ("x", "y", "u", "v", "length_m", "factor", "oneway", "rise_m", "edge_id")


class Steps(NamedTuple):
    """From where each node can be walked to, as CSR rows: node ``n`` owns ``start[n]:start[n + 1]``.

    ``neighbour`` is the node one comes from, ``edge`` the edge walked, ``at_v`` whether ``n`` is its end v.
    """

    start: NDArray[np.int64]
    neighbour: Ints
    edge: Ints
    at_v: NDArray[np.bool_]


class Costed(NamedTuple):
    """A network's graph with the costs of one pace: what a search runs on.

    Parameters
    ----------
    edge : Costs
        Of the network's edges.
    total : numpy.ndarray
        int32 (2 c,): of chains from last to first, and from first to last.
    step : numpy.ndarray
        uint64 (steps,): ``cost << 32 | junction``.
    to_first, to_last : numpy.ndarray
        int32 (i,): from inner nodes to the ends of their chains.
    block : float
        What a chain costs on average, at least 1.
    """

    edge: Costs
    total: Ints
    step: NDArray[np.uint64]
    to_first: Ints
    to_last: Ints
    block: float


@dataclass(frozen=True, eq=False)
class WalkNetwork:
    """Streets on foot, in metres of one frame.

    Parameters
    ----------
    frame : Frame
        The metric frame of ``x``, ``y`` and ``line``.
    x, y : numpy.ndarray
        Nodes, metres, shape (n,).
    u, v : numpy.ndarray
        Ends of each edge, int32, shape (m,). Parallel edges and loops are fine.
    length_m, factor : numpy.ndarray
        Metres along the ellipsoid and how many times slower than a level street, shape (m,).
    oneway : numpy.ndarray
        0 both ways, 1 only u → v, -1 only v → u, shape (m,).
    rise_m : numpy.ndarray
        How far v lies above u, metres, shape (m,).
    bent : Course or None
        Where edges run; None = all straight.
    edge_id : numpy.ndarray of str
        What people call each edge, shape (m,).
    """

    frame: Frame
    x: Floats
    y: Floats
    u: Ints
    v: Ints
    length_m: Floats
    factor: Floats
    oneway: NDArray[np.int8]
    rise_m: Floats
    bent: Course | None
    edge_id: NDArray[Any]

    @classmethod
    def from_edges(
        cls,
        x: ArrayLike,
        y: ArrayLike,
        u: ArrayLike,
        v: ArrayLike,
        length_m: ArrayLike,
        *,
        crs: Any,
        oneway: ArrayLike | None = None,
        factor: ArrayLike | None = None,
        height_m: ArrayLike | None = None,
    ) -> WalkNetwork:
        """Make a network of straight edges between given nodes.

        Parameters
        ----------
        x, y : array_like
            Nodes, shape (n,), in ``crs`` with x = easting or longitude. Their order is kept in every result.
        u, v : array_like of int
            Ends of each edge as positions in ``x``, shape (m,).
        length_m : array_like
            Metres, shape (m,), not negative.
        crs : Any
            What pyproj understands.
        oneway : array_like of int or None
            0 both ways, 1 only u → v, -1 only v → u; None = all both ways.
        factor : array_like or None
            How many times slower than a level street of even ground, ≥ 1; None = all 1.
        height_m : array_like or None
            Height of each node, metres, shape (n,), missing = as high as its neighbour; None = level ground.

        Returns
        -------
        WalkNetwork
            In a metric frame centred on the nodes, with its graph and an adult's costs at hand.

        Raises
        ------
        BadParameter
            Arrays differ in length, a node has no place, an end is no node, a length or factor is impossible.
        """
        to_lonlat = Transformer.from_crs(CRS.from_user_input(crs), LONLAT, always_xy=True)
        lon, lat = to_lonlat.transform(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
            raise BadParameter("x, y: a node has no place in this coordinate system")
        frame = frame_of([shapely.box(lon.min(), lat.min(), lon.max(), lat.max())] if len(lon) else [])
        east, north = frame.xy(lon, lat)
        ends = np.asarray(u, dtype=np.int32), np.asarray(v, dtype=np.int32)
        edges = len(ends[0])
        _check(ends, np.asarray(length_m, dtype=float), len(east), factor, oneway)
        rise = np.zeros(1) if height_m is None else _rise(np.asarray(height_m, dtype=float), ends, len(east))
        made = cls(
            frame=frame,
            x=east,
            y=north,
            u=ends[0],
            v=ends[1],
            length_m=np.asarray(length_m, dtype=float),
            factor=np.broadcast_to(np.asarray(1.0 if factor is None else factor, dtype=float), edges),
            oneway=np.broadcast_to(np.asarray(BOTH if oneway is None else oneway, dtype=np.int8), edges),
            rise_m=np.broadcast_to(rise, edges),
            bent=None,
            edge_id=np.arange(edges),
        )
        made.costed(pace_of(limit_s=0.0))  # the graph and an adult's costs are there when a search comes
        return made

    @classmethod
    def from_streets(cls, streets: gpd.GeoDataFrame) -> WalkNetwork:
        """Make a network of walkable pieces of street.

        Parameters
        ----------
        streets : geopandas.GeoDataFrame
            What :func:`geo.walk.streets.walk_streets` gives: ``edge_id``, ``u``, ``v`` (0…n-1), ``length_m``,
            ``factor``, ``oneway``, ``rise_m``; EPSG:4326.

        Returns
        -------
        WalkNetwork
            Edges by ``edge_id``, whatever the order of the rows; empty for no rows.
        """
        streets = streets.sort_values("edge_id", kind="stable")
        frame = frame_of(streets)
        lonlat, edge = shapely.get_coordinates(np.asarray(streets.geometry, dtype=object), return_index=True)
        course = Course(np.searchsorted(edge, np.arange(len(streets) + 1)), *frame.xy(*lonlat.T))
        u, v = (np.asarray(streets[end], dtype=np.int32) for end in ("u", "v"))
        nodes = int(max(u.max(initial=-1), v.max(initial=-1))) + 1
        x, y = np.zeros(nodes), np.zeros(nodes)
        for end, vertex in ((v, course.start[1:] - 1), (u, course.start[:-1])):
            x[end], y[end] = course.x[vertex], course.y[vertex]
        return cls(
            frame=frame,
            x=x,
            y=y,
            u=u,
            v=v,
            length_m=np.asarray(streets["length_m"], dtype=float),
            factor=np.asarray(streets["factor"], dtype=float),
            oneway=np.array([ONEWAY[way] for way in streets["oneway"]], dtype=np.int8),
            rise_m=np.asarray(streets["rise_m"], dtype=float),
            bent=course,
            edge_id=np.asarray(streets["edge_id"], dtype=np.str_),
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> WalkNetwork:
        """Take up a network where :meth:`arrays` laid it down.

        Parameters
        ----------
        arrays : mapping of str to numpy.ndarray
            As that gave them; memory-mapped ones are read where and when they are needed.

        Returns
        -------
        WalkNetwork
            The same, with its graph and its components at hand.
        """
        made = cls(
            frame=frame_at(*(float(degrees) for degrees in arrays["centre"])),
            bent=Course(*(arrays[f"bent.{name}"] for name in Course._fields)) if "bent.x" in arrays else None,
            **{name: arrays[name] for name in _FIELDS},
        )
        made.__dict__["graph"] = Graph(*(arrays[f"graph.{name}"] for name in Graph._fields))
        made.__dict__["component"] = arrays["component"]
        return made

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Lay the network down as arrays, its graph and its components too, so that nobody computes them again.

        Returns
        -------
        dict of str to numpy.ndarray
            By name; none holds objects.
        """
        bent = {} if self.bent is None else {f"bent.{n}": a for n, a in self.bent._asdict().items()}
        return {
            "centre": np.array(self.frame.centre),
            "component": self.component,
            **{name: getattr(self, name) for name in _FIELDS},
            **bent,
            **{f"graph.{name}": array for name, array in self.graph._asdict().items()},
        }

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.x)

    @cached_property
    def graph(self) -> Graph:
        """The network as searches want it."""
        return graph_of(self.x, self.y, self.u, self.v, np.ascontiguousarray(self.oneway))

    @cached_property
    def course(self) -> Course:
        """Where edges run, straight ones too."""
        if self.bent is not None:
            return self.bent
        ends = np.column_stack([self.u, self.v]).ravel()
        return Course(np.arange(0, len(ends) + 1, 2), self.x[ends], self.y[ends])

    @cached_property
    def segments(self) -> Segments:
        """Straight pieces of all edges, with an index."""
        return segments_of(self.course)

    @cached_property
    def line(self) -> NDArray[Any]:
        """Course of each edge from u to v as LineStrings, shape (m,)."""
        start, x, y = self.course
        edge = np.repeat(np.arange(len(self.u)), np.diff(start))
        return np.asarray(shapely.linestrings(x, y, indices=edge), dtype=object)

    @cached_property
    def _costed(self) -> dict[tuple[float, bool], Costed]:
        return {}

    def costed(self, pace: Pace) -> Costed:
        """Give the graph the costs of a pace; the last few are kept.

        Parameters
        ----------
        pace : Pace
            Time or distance.

        Returns
        -------
        Costed
            Costs of edges, chains and steps.
        """
        key = (pace.per_m, pace.in_time)
        if key not in self._costed:
            while len(self._costed) >= PACES_KEPT:
                del self._costed[next(iter(self._costed))]
            self._costed[key] = _costed(self, pace)
        return self._costed[key]

    @cached_property
    def toward(self) -> Steps:
        """From where each node can be walked to: the graph reversed, since people walk to stations."""
        along, against = np.flatnonzero(self.oneway >= 0), np.flatnonzero(self.oneway <= 0)
        node = np.concatenate([self.v[along], self.u[against]])
        order = np.argsort(node, kind="stable")
        start = np.zeros(self.nodes + 1, dtype=np.int64)
        np.cumsum(np.bincount(node, minlength=self.nodes), out=start[1:])
        return Steps(
            start,
            np.concatenate([self.u[along], self.v[against]])[order],
            np.concatenate([along, against])[order].astype(np.int32),
            np.arange(len(node))[order] < len(along),
        )

    @cached_property
    def component(self) -> Ints:
        """Component of each edge: 0 has most metres of street, direction does not matter, shape (m,)."""
        return components(self.u, self.v, self.length_m)

    @cached_property
    def component_m(self) -> Floats:
        """Metres of street in each component."""
        return np.bincount(self.component, weights=self.length_m).astype(float)

    @cached_property
    def island(self) -> NDArray[np.bool_]:
        """Whether each edge belongs to less than ``units.ISLAND_M`` of street, the largest component left out."""
        small = self.component_m < units.ISLAND_M
        return small[self.component] & (self.component > 0)


def _costed(network: WalkNetwork, pace: Pace) -> Costed:
    graph, cost = network.graph, edge_costs(network, pace)
    chains = graph.chain_start, graph.chain_edge, graph.chain_against, graph.chain_way
    total, to_first, to_last = chain_costs(*chains, *cost)
    block = float(total[total < MOST].mean()) if (total < MOST).any() else 0.0
    return Costed(cost, total, packed_steps(graph.before, graph.way, total), to_first, to_last, max(1.0, block))


def _rise(height_m: Floats, ends: tuple[Ints, Ints], nodes: int) -> Floats:
    if height_m.shape != (nodes,):
        raise BadParameter(f"height_m: one value a node ({nodes})")
    return np.nan_to_num(height_m[ends[1]] - height_m[ends[0]])


def _check(
    ends: tuple[Ints, Ints], length_m: Floats, nodes: int, factor: ArrayLike | None, oneway: ArrayLike | None
) -> None:
    given = [end for end in (*ends, length_m, factor, oneway) if end is not None]
    if len({np.shape(array) for array in given}) > 1:
        raise BadParameter("u, v, length_m, oneway and factor: one value an edge each")
    if any(((end < 0) | (end >= nodes)).any() for end in ends):
        raise BadParameter(f"u, v: an end is not one of the {nodes} nodes")
    if not (np.isfinite(length_m) & (length_m >= 0)).all():
        raise BadParameter("length_m: a length is missing, infinite or negative")
    if factor is not None and not (np.asarray(factor, dtype=float) >= 1).all():
        raise BadParameter("factor: a street cannot be faster than level ground (factor below 1)")
    if oneway is not None and not np.isin(np.asarray(oneway), (BOTH, FORWARD, BACKWARD)).all():
        raise BadParameter("oneway: 0 both ways, 1 only u to v, -1 only v to u")
