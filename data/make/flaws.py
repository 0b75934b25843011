"""Every fault that the findings know, put into the banner's clean grids once and written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon

from faults import record, shared_edge

PARTS = 6  # a straight edge is cut into so many parts, of which a fault takes the inner ones
DEPTH_M = {"gap": 260.0, "overlap": 210.0, "sliver": 2.6, "noise": 0.6, "inlet": 240.0, "spill": 230.0}
LEAST_EDGE_M = 700.0
CONTAINED_M = 260.0
UNKNOWN = "150927103299"  # no village has this code
# households of grids that are out of their band
ODD_SIZES = {"urban": (236, 6), "rural": (174, 1), "pastoral": (71,)}


@dataclass
class Flawed:
    """Grids being spoilt, and what has been done to them.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        ``grid_id, division_id, parent_grid_id, community, kind, households, people`` and geometry; clean at first.
    faults, structure : list of dict
        Pieces of ground held wrongly; grids wrong by themselves.
    taken : set of int
        Communities that already have a fault.
    """

    grids: gpd.GeoDataFrame
    faults: list[dict[str, Any]] = field(default_factory=list)
    structure: list[dict[str, Any]] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)

    def shape(self, row: int) -> Polygon:
        """Geometry of a grid."""
        return self.grids.geometry.iloc[row]

    def reshape(self, row: int, shape: Any) -> None:
        """Give a grid another geometry."""
        shapes = self.grids.geometry.to_numpy().copy()
        shapes[row] = shape
        self.grids = self.grids.set_geometry(gpd.GeoSeries(shapes, index=self.grids.index, crs=self.grids.crs))

    def id(self, row: int) -> str:
        """Id of a grid."""
        return str(self.grids["grid_id"].iloc[row])

    def parent(self, row: int) -> str:
        """Village of a grid."""
        return str(self.grids["division_id"].iloc[row])

    def note(self, kind: str, cause: str, rows: list[int], parent: str, piece: Polygon, **more: Any) -> None:
        """Write a piece of ground down."""
        ids = sorted(self.id(row) for row in rows)
        self.faults.append(record(kind, cause, ids, parent, piece, self.grids.crs, **more))


def flawed(clean: gpd.GeoDataFrame, outline: Polygon, seed: int) -> Flawed:
    """Spoil clean grids.

    Parameters
    ----------
    clean : geopandas.GeoDataFrame
        2,923 rows, index 0…n-1.
    outline : Polygon
        The banner.
    seed : int
        Where the faults go: each in a village of its own, none next to another.

    Returns
    -------
    Flawed
        2,924 rows by id, with ``home`` (the village they really lie in), and what is wrong with them.
    """
    made = Flawed(clean.assign(home=clean["division_id"]))
    rng = np.random.default_rng(seed)
    villages = clean.dissolve("community", method="coverage")
    close = shapely.STRtree(villages.geometry.to_numpy())
    order = iter(rng.permutation(villages.index[villages["kind"] != "urban"].to_numpy()))

    def place(attempt: Callable[[Flawed, int], bool]) -> None:
        for community in order:
            near = set(close.query(villages.geometry[community], predicate="intersects").tolist())
            if not near & made.taken and attempt(made, int(community)):
                made.taken.add(int(community))
                return
        raise ValueError("no village is left for a fault")

    for name in ("gap", "overlap", "sliver", "noise"):
        place(lambda all_, community, name=name: _between(all_, community, name))
    for name in ("inlet", "spill"):
        place(lambda all_, community, name=name: _at_the_edge(all_, community, name))
    place(_two_parts)
    place(lambda all_, community: _corner(all_, community, outline))
    place(_twice)
    place(_inside)
    place(_orphan)
    place(_short_code)
    _odd_sizes(made, rng)
    missing = {fault["missing_grid_id"] for fault in made.faults if "missing_grid_id" in fault}
    kept = made.grids[~made.grids["grid_id"].isin(missing)]
    made.grids = kept.sort_values("grid_id", kind="stable").reset_index(drop=True)
    return made


def _slice(made: Flawed, a: int, b: int, depth_m: float) -> Polygon | None:
    """Outline a piece of a along its edge with b; None where that is not one long straight edge with room beside.

    The edge gets corners in both grids, and the piece as many on its other side: straight pieces bend on their
    way to longitude and latitude, long ones more.
    """
    edge = shared_edge(made.shape(a), made.shape(b), least=2)
    if edge is None or edge.length < LEAST_EDGE_M or len(edge.coords) > 2:
        return None
    steps = np.linspace(0.0, 1.0, PARTS + 1)[:, None]
    start, end = np.asarray(edge.coords)
    points = np.round(start + (end - start) * steps, 3)
    into, beside = (shapely.snap(made.shape(row), shapely.multipoints(points), 0.002) for row in (a, b))
    base, across = points[1:-1], np.array([start[1] - end[1], end[0] - start[0]]) / edge.length
    for side in (depth_m, -depth_m):
        piece = Polygon([*base, *np.round(base[::-1] + side * across, 3)])
        if into.contains(piece.representative_point()) and into.covers(piece):
            made.reshape(a, into)
            made.reshape(b, beside)
            return piece
    return None


def _edges(made: Flawed, community: int, *, within: bool) -> list[tuple[int, int]]:
    """Pairs of neighbours, the first in the community and the second too or not; longest edges first."""
    shapes = made.grids.geometry.to_numpy()
    home = made.grids["community"].to_numpy()
    mine = np.flatnonzero(home == community)
    left, right = shapely.STRtree(shapes).query(shapes[mine], predicate="touches")
    left = mine[left]
    fits = (home[right] == community) & (left < right) if within else home[right] != community
    left, right = left[fits], right[fits]
    length = shapely.length(shapely.intersection(shapely.boundary(shapes[left]), shapely.boundary(shapes[right])))
    return [(int(left[k]), int(right[k])) for k in np.argsort(-length, kind="stable")]


def _between(made: Flawed, community: int, name: str) -> bool:
    """A gap, overlap, sliver or noise between two grids of a village."""
    for a, b in _edges(made, community, within=True):
        piece = _slice(made, a, b, DEPTH_M[name])
        if piece is None:
            continue
        if name == "overlap":
            changed = b
            made.reshape(b, shapely.union(made.shape(b), piece))
        else:
            changed = a
            made.reshape(a, shapely.difference(made.shape(a), piece))
        kind, cause = ("overlap", "real") if name == "overlap" else ("gap", {"gap": "real"}.get(name, name))
        made.note(kind, cause, [a, b], made.parent(a), piece, changed=made.id(changed))
        return True
    return False


def _at_the_edge(made: Flawed, community: int, name: str) -> bool:
    """An inlet at the village's edge, or a spill over it."""
    for a, b in _edges(made, community, within=False):
        piece = _slice(made, *((a, b) if name == "inlet" else (b, a)), DEPTH_M[name])
        if piece is None:
            continue
        if name == "inlet":
            made.reshape(a, shapely.difference(made.shape(a), piece))
            made.note("gap", "inlet", [a], made.parent(a), piece, changed=made.id(a))
            return True
        made.reshape(a, shapely.union(made.shape(a), piece))
        made.note("spill", "real", [a], made.parent(a), piece, changed=made.id(a), over=made.id(b))
        _wrong(made, "outside", a, area_m2=round(piece.area, 1))
        return True
    return False


def _wrong(made: Flawed, kind: str, row: int, **more: Any) -> None:
    made.structure.append({"kind": kind, "grid_ids": [made.id(row)], "division_id": made.parent(row), **more})


def _two_parts(made: Flawed, community: int) -> bool:
    """A grid that holds a piece of another, which it does not touch; nothing is missing and nothing held twice."""
    mine = np.flatnonzero(made.grids["community"].to_numpy() == community)
    for b, c in _edges(made, community, within=True):
        far = [k for k in mine if not made.shape(k).intersects(shapely.union(made.shape(b), made.shape(c)))]
        piece = _slice(made, b, c, DEPTH_M["gap"]) if far else None
        if piece is None:
            continue
        owner = int(far[0])
        made.reshape(b, shapely.difference(made.shape(b), piece))
        made.reshape(owner, shapely.MultiPolygon([made.shape(owner), piece]))
        _wrong(made, "multipart", owner, area_m2=round(piece.area, 1))
        return True
    return False


def _corner(made: Flawed, community: int, outline: Polygon) -> bool:
    """A grid on the banner's outline is missing."""
    mine = made.grids.index[made.grids["community"] == community]
    area = made.grids.area[mine]
    edge = made.grids.geometry[mine].intersection(outline.boundary).length
    fits = mine[(edge > LEAST_EDGE_M) & (area > 0.8 * area.median())]
    if not len(fits):
        return False
    lost = int(fits[np.argmax(edge[fits])])
    hole = made.shape(lost)
    near = [int(k) for k in mine if k != lost and shared_edge(made.shape(k), hole, least=2) is not None]
    made.note("gap", "missing_grid", near, made.parent(lost), hole, missing_grid_id=made.id(lost))
    return True


def _one_more(made: Flawed, row: int, shape: Polygon, households: int) -> int:
    """Add a grid to the village of another; its row."""
    parent = made.parent(row)
    serial = int(made.grids.loc[made.grids["division_id"] == parent, "grid_id"].str[-3:].max()) + 1
    new = made.grids.iloc[[row]].assign(grid_id=f"{parent}{serial:03d}", households=households)
    new["name"] = new["short"] + f"{serial:02d}网格"
    new["people"] = round(2.4 * households)
    new = new.set_geometry([shape], crs=made.grids.crs)
    made.grids = pd.concat([made.grids, new], ignore_index=True)
    return len(made.grids) - 1


def _middle(made: Flawed, community: int) -> int:
    mine = made.grids.index[made.grids["community"] == community]
    return int(mine[len(mine) // 2])


def _twice(made: Flawed, community: int) -> bool:
    """A grid under two ids."""
    row = _middle(made, community)
    copy = _one_more(made, row, made.shape(row), int(made.grids["households"].iloc[row]))
    made.note("overlap", "duplicate", [row, copy], made.parent(row), made.shape(row), extra_grid_id=made.id(copy))
    return True


def _inside(made: Flawed, community: int) -> bool:
    """A small grid drawn within another."""
    row = _middle(made, community)
    turn = np.linspace(0.0, 2 * np.pi, 6, endpoint=False)
    heart = np.asarray(shapely.maximum_inscribed_circle(made.shape(row)).coords[0])
    hexagon = Polygon(np.round(heart + CONTAINED_M * np.column_stack([np.cos(turn), np.sin(turn)]), 3))
    if not made.shape(row).contains(hexagon):
        return False
    extra = _one_more(made, row, hexagon, 9)
    made.note("overlap", "contained", [row, extra], made.parent(row), hexagon, extra_grid_id=made.id(extra))
    return True


def _renamed(made: Flawed, row: int, **values: str) -> None:
    for name, value in values.items():
        made.grids.loc[made.grids.index[row], name] = value


def _orphan(made: Flawed, community: int) -> bool:
    """A grid whose village nobody knows, nor its large grid: as if the village had been given up."""
    row = _middle(made, community)
    was = made.parent(row)
    _renamed(made, row, division_id=UNKNOWN, grid_id=f"{UNKNOWN}001", parent_grid_id=f"{UNKNOWN}D1")
    made.structure.append(
        {"kind": "orphan", "grid_ids": [made.id(row)], "division_id": was, "detail": f"{UNKNOWN}D1"}
    )
    return True


def _short_code(made: Flawed, community: int) -> bool:
    """A code that lost its last digit but one."""
    row = _middle(made, community)
    _renamed(made, row, grid_id=made.id(row)[:-2] + made.id(row)[-1])
    _wrong(made, "code", row, cause="malformed")
    return True


def _odd_sizes(made: Flawed, rng: np.random.Generator) -> None:
    """Grids with far more or fewer households than their kind should have, off the other faults."""
    free = ~made.grids["community"].isin(made.taken)
    for kind, sizes in ODD_SIZES.items():
        rows = np.sort(rng.choice(np.flatnonzero(free & (made.grids["kind"] == kind)), len(sizes), replace=False))
        for row, households in zip(rows.tolist(), sizes, strict=True):
            made.grids.loc[made.grids.index[row], ["households", "people"]] = (households, round(2.4 * households))
            _wrong(made, "size", row, cause="households", households=households)
