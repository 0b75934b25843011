"""OpenStreetMap extracts: what a straight way off the street may not cross.

Rivers, canals and water, railways, motorways, walls and fences, where they lie on the ground: one walks under what
is on a bridge and over what is in a tunnel, in a culvert or covered. Streams and tramways are stepped over. A wall
or fence that closes a yard and has an open gate in it is passable, since one gets in. Coastlines are not read.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import osmium
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.io.formats import Request
from geo.io.formats.osm import BROKEN, places_of
from geo.io.limits import Limits
from geo.io.raw import Raw, Unreadable
from geo.walk.onfoot import WALLS, Tags, blocks, is_there

RIVERS = frozenset({"river", "canal"})
RAILWAYS = frozenset({"rail", "light_rail", "subway", "narrow_gauge", "funicular"})
MOTORWAYS = frozenset({"motorway", "motorway_link"})
FENCES = frozenset({"fence", "hedge"})
NOT_ON_THE_GROUND = ("bridge", "tunnel", "covered")
WATER = (("natural", "water"), ("waterway", "riverbank"), ("waterway", "dock"), ("landuse", "reservoir"))
ENCLOSING = ("wall", "fence")


def read_barriers(request: Request) -> Raw:
    """Read what may not be crossed.

    Parameters
    ----------
    request : Request
        The file and what is known about it.

    Returns
    -------
    Raw
        One row a way (``w<id>-<part>``; one that the extract's edge cuts has several parts) or a water polygon
        (``a<id>``), of the kinds of the table. Polygons that the extract's edge cuts open are left out; the
        river's middle line remains. An extract without barriers has no rows.
    """
    found = _Found(request.limits)
    entity, keys, tags = osmium.osm, osmium.filter.KeyFilter, osmium.filter.TagFilter
    file = osmium.FileProcessor(str(request.path)).with_areas(tags(*WATER))
    file.with_filter(keys("barrier").enable_for(entity.NODE))
    file.with_filter(keys("waterway", "railway", "highway", "barrier").enable_for(entity.WAY))
    file.with_filter(tags(*WATER).enable_for(entity.AREA))
    file.with_filter(osmium.filter.EntityFilter(entity.NODE | entity.WAY | entity.AREA))
    try:
        for thing in file:
            if thing.is_node():
                found.node(thing)
            elif thing.is_way():
                found.way(thing)
            else:
                found.area(thing)
    except BROKEN as error:
        raise Unreadable("broken_file", reason=str(error)[:200]) from None
    return found.raw()


def kind_of_barrier(tags: Tags) -> str | None:
    """Tell what kind of barrier a way is.

    Parameters
    ----------
    tags : mapping of str to str
        OpenStreetMap tags.

    Returns
    -------
    str or None
        ``river``, ``railway``, ``motorway``, ``wall``, ``fence``; None = one may cross it.

    Examples
    --------
    >>> kind_of_barrier({"railway": "rail"}), kind_of_barrier({"railway": "rail", "tunnel": "yes"})
    ('railway', None)
    """
    if any(is_there(tags, key) for key in NOT_ON_THE_GROUND) or tags.get("location") == "underground":
        return None
    if tags.get("waterway") in RIVERS and tags.get("intermittent") != "yes":
        return "river"
    if tags.get("railway") in RAILWAYS:
        return "railway"
    if tags.get("highway") in MOTORWAYS or (tags.get("highway") and tags.get("motorroad") == "yes"):
        return "motorway"
    barrier = tags.get("barrier")
    return "fence" if barrier in FENCES else "wall" if barrier in WALLS else None


class _Found:
    """What is kept of a file while it passes by."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.rows: list[tuple[str, str, bool]] = []
        self.shapes: list[Any] = []
        self.gates: set[int] = set()
        self.vertices = 0
        self._draw = osmium.geom.WKBFactory().create_multipolygon

    def node(self, node: Any) -> None:
        tags = dict(node.tags)
        if tags["barrier"] not in WALLS and not blocks(tags):
            self.gates.add(node.id)

    def way(self, way: Any) -> None:
        kind = kind_of_barrier(dict(way.tags))
        if kind is None:
            return
        closed = way.is_closed() and kind in ENCLOSING
        passable = closed and any(node.ref in self.gates for node in way.nodes)
        for part, line in enumerate(_runs(np.array(places_of(way), dtype=float).reshape(-1, 2))):
            self._add(f"w{way.id}-{part}", kind, passable, shapely.LineString(line), len(line))

    def area(self, area: Any) -> None:
        if is_there(dict(area.tags), "covered") or area.tags.get("intermittent") == "yes":
            return
        try:
            water = shapely.from_wkb(self._draw(area))
        except RuntimeError:  # no rings: the area could not be put together
            return
        self._add(f"a{area.id}", "river", False, water, int(shapely.get_num_coordinates(water)))

    def _add(self, id: str, kind: str, passable: bool, shape: Any, vertices: int) -> None:
        self.vertices += vertices
        if vertices > self.limits.vertices_feature or self.vertices > self.limits.vertices_file:
            raise Unreadable("file_too_many_vertices", count=self.vertices, limit=self.limits.vertices_file)
        if len(self.rows) >= self.limits.rows:
            raise Unreadable("too_many_rows", count=len(self.rows) + 1, limit=self.limits.rows)
        self.rows.append((id, kind, passable))
        self.shapes.append(shape)

    def raw(self) -> Raw:
        frame = pd.DataFrame(self.rows, columns=["barrier_id", "kind", "passable"])
        geometry = np.empty(len(self.shapes), dtype=object)
        geometry[:] = self.shapes
        return Raw(frame=frame.astype({"passable": bool}), geometry=geometry, crs="OGC:CRS84")


def _runs(xy: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Cut a way where it leaves the extract; what is left of one vertex is no line."""
    inside = np.asarray(np.isfinite(xy).all(axis=1), dtype=bool)
    runs = np.split(xy, np.flatnonzero(inside[1:] != inside[:-1]) + 1)
    return [run for run in runs if np.isfinite(run).all() and len(np.unique(run, axis=0)) > 1]
