"""What can be walked: streets as nodes, edges and integer costs.

Ids are for people, positions for machines: nodes and edges are 0…n-1, and an edge keeps its direction u → v.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo import units
from geo.crs import LONLAT, Floats, Frame, frame_of
from geo.errors import BadParameter

Ints = NDArray[np.int32]
BOTH, FORWARD, BACKWARD = 0, 1, -1
ONEWAY = {"both": BOTH, "forward": FORWARD, "backward": BACKWARD}
UNREACHED = np.int32(2**31 - 1)


class Steps(NamedTuple):
    """From where each node can be walked to, as CSR rows: node ``n`` owns ``start[n]:start[n + 1]``.

    ``neighbour`` is the node one comes from, ``edge`` the edge walked, ``at_v`` whether ``n`` is its end v.
    """

    start: NDArray[np.int64]
    neighbour: Ints
    edge: Ints
    at_v: NDArray[np.bool_]


class Pace(NamedTuple):
    """How metres become integer costs, and how many of them are allowed.

    In time: centiseconds, an edge's factor counts. In distance: centimetres, it does not.
    """

    per_m: float
    limit: int
    in_time: bool
    seconds_per_unit: float


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
    line : numpy.ndarray of LineString
        Course of each edge from u to v, shape (m,).
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
    line: NDArray[Any]
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
            How many times slower than a level street, ≥ 1; None = all 1.

        Returns
        -------
        WalkNetwork
            In a metric frame centred on the nodes.

        Raises
        ------
        BadParameter
            Arrays differ in length, an end is no node, or a length or factor is impossible.
        """
        to_lonlat = Transformer.from_crs(CRS.from_user_input(crs), LONLAT, always_xy=True)
        lon, lat = to_lonlat.transform(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        frame = frame_of(shapely.points(lon, lat))
        east, north = frame.xy(lon, lat)
        ends = np.asarray(u, dtype=np.int32), np.asarray(v, dtype=np.int32)
        shape = ends[0].shape
        _check(ends, np.asarray(length_m, dtype=float), len(east), factor, oneway)
        ways = np.stack([np.column_stack([east[end], north[end]]) for end in ends], axis=1)
        return cls(
            frame=frame,
            x=east,
            y=north,
            u=ends[0],
            v=ends[1],
            length_m=np.asarray(length_m, dtype=float),
            factor=np.ones(shape) if factor is None else np.asarray(factor, dtype=float),
            oneway=np.zeros(shape, np.int8) if oneway is None else np.asarray(oneway, dtype=np.int8),
            line=np.asarray(shapely.linestrings(ways), dtype=object),
            edge_id=np.arange(len(ends[0])).astype(str).astype(object),
        )

    @classmethod
    def from_streets(cls, streets: gpd.GeoDataFrame) -> WalkNetwork:
        """Make a network of the rows of the layer ``walk-streets``.

        Parameters
        ----------
        streets : geopandas.GeoDataFrame
            With ``edge_id``, ``u``, ``v`` (0…n-1), ``length_m``, ``factor``, ``oneway``; EPSG:4326.

        Returns
        -------
        WalkNetwork
            Edges by ``edge_id``, whatever the order of the rows; empty for no rows.
        """
        streets = streets.sort_values("edge_id", kind="stable")
        frame = frame_of(streets)
        line = np.asarray(frame.metres(np.asarray(streets.geometry, dtype=object)))
        u, v = (np.asarray(streets[end], dtype=np.int32) for end in ("u", "v"))
        nodes = int(max(u.max(initial=-1), v.max(initial=-1))) + 1
        xy = np.zeros((nodes, 2))
        for end, place in ((v, -1), (u, 0)):
            xy[end] = shapely.get_coordinates(shapely.get_point(line, place)) if len(line) else xy[end]
        return cls(
            frame=frame,
            x=xy[:, 0].copy(),
            y=xy[:, 1].copy(),
            u=u,
            v=v,
            length_m=np.asarray(streets["length_m"], dtype=float),
            factor=np.asarray(streets["factor"], dtype=float),
            oneway=np.array([ONEWAY[way] for way in streets["oneway"]], dtype=np.int8),
            line=line,
            edge_id=streets["edge_id"].to_numpy(dtype=object),
        )

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.x)

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


def pace_of(
    *,
    limit_s: float | None = None,
    limit_m: float | None = None,
    profile: str = "adult",
    speed_kmh: float | None = None,
) -> Pace:
    """Choose the costs of a search: by time or by distance.

    Parameters
    ----------
    limit_s, limit_m : float or None
        Exactly one: how long, or how far, one may walk.
    profile : {"adult", "old", "child", "winter"}
        Whose speed; a name in ``units.SPEEDS_KMH``.
    speed_kmh : float or None
        Speed, km/h, instead of the profile's.

    Returns
    -------
    Pace
        Costs are whole centiseconds, or whole centimetres.

    Raises
    ------
    BadParameter
        Not exactly one limit, an unknown profile, or a speed that is not positive.

    Examples
    --------
    >>> pace_of(limit_s=900, speed_kmh=4.8).per_m
    75.0
    >>> pace_of(limit_m=1200).limit
    120000
    """
    if (limit_s is None) == (limit_m is None):
        raise BadParameter("give exactly one of limit_s and limit_m")
    if speed_kmh is None and profile not in units.SPEEDS_KMH:
        raise BadParameter(f"no profile {profile!r}; known: {', '.join(units.SPEEDS_KMH)}")
    speed = units.SPEEDS_KMH[profile] if speed_kmh is None else speed_kmh
    if not speed > 0:
        raise BadParameter(f"speed_kmh: {speed} is not a speed")
    if limit_m is not None:
        return Pace(100.0, round(limit_m * 100), False, 0.036 / speed)
    return Pace(360.0 / speed, round((limit_s or 0.0) * 100), True, 0.01)


def edge_costs(network: WalkNetwork, pace: Pace) -> Ints:
    """Round what each edge costs, once, before any search.

    Parameters
    ----------
    network : WalkNetwork
        The network.
    pace : Pace
        Time or distance.

    Returns
    -------
    numpy.ndarray
        int32, shape (m,).
    """
    factor = network.factor if pace.in_time else 1.0
    return np.rint(network.length_m * factor * pace.per_m).astype(np.int32)


def components(u: Ints, v: Ints, length_m: Floats) -> Ints:
    """Label what hangs together.

    Parameters
    ----------
    u, v : numpy.ndarray
        Ends of each edge, shape (m,).
    length_m : numpy.ndarray
        Metres, shape (m,).

    Returns
    -------
    numpy.ndarray
        int32, shape (m,): 0 is the component with most metres; ties by lowest node.

    Examples
    --------
    >>> components(np.array([0, 2, 3]), np.array([1, 3, 4]), np.array([10.0, 20.0, 30.0])).tolist()
    [1, 0, 0]
    """
    if not len(u):
        return np.zeros(0, dtype=np.int32)
    nodes = int(max(u.max(), v.max())) + 1
    label = connected_components(coo_array((np.ones(len(u)), (u, v)), shape=(nodes, nodes)), directed=False)[1]
    _, first, code = np.unique(label[u], return_index=True, return_inverse=True)
    metres = np.bincount(code, weights=length_m)
    lowest = np.full(len(metres), nodes)
    np.minimum.at(lowest, code, np.minimum(u, v))
    rank = np.empty(len(metres), dtype=np.int32)
    rank[np.lexsort((lowest, -metres))] = np.arange(len(first), dtype=np.int32)
    return rank[code]


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
