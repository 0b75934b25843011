"""Synthetic divided ground: every candidate gets the same grids, parents, faults and points.

Grids are cells of a lattice with crooked edges: corners are moved, and each edge has four more vertices beside the
straight line, the same for both neighbours; 21 coordinates a grid. Blocks of 8 × 8 grids are a parent each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

CELL_DEG = 0.004  # about 340 m × 440 m at 40° N
BLOCK = 8  # grids along the side of a parent
INNER = 4  # vertices inside each edge
JITTER = 0.25  # of a cell, of corners
WAVE = 0.06  # of a cell, of the vertices inside edges
WEST, SOUTH = 105.0, 40.0
FAULTY = 0.005
KINDS = {
    "gap": 0.7,
    "overlap": 1.3,
    "missing": 0.0,
    "sliver": 0.995,
}  # how far two vertices are pushed from the middle


@dataclass(frozen=True)
class Divided:
    """Grids that tile their parents, but for planted faults: ``kind``, ``grid_id`` and the ground concerned."""

    grids: gpd.GeoDataFrame
    parents: gpd.GeoDataFrame
    faults: gpd.GeoDataFrame


def side_of(grids: int) -> int:
    """Whole parents along a side, about as many grids as asked."""
    return max(1, round(grids**0.5 / BLOCK)) * BLOCK


def divided(grids: int, *, faulty: float = FAULTY, inner: int = INNER, seed: int = 20_261_121) -> Divided:
    """Make about so many grids (whole parents), a share of them faulty, each fault in a parent's inside.

    ``inner`` vertices stand within each edge: a grid has ``4 * inner + 5`` coordinates.
    """
    side = side_of(grids)
    rng = np.random.default_rng(seed)
    lines = _crooked(side, inner, rng)
    cells = _cells(side, *lines)
    row, column = np.divmod(np.arange(side * side), side)
    parent = row // BLOCK * (side // BLOCK) + column // BLOCK
    ids = np.array([f"150105{p // 999 + 1:03d}{p % 999 + 1:03d}" for p in range(int(parent.max()) + 1)])
    serial = row % BLOCK * BLOCK + column % BLOCK + 1
    grid_id = np.array([f"{ids[p]}{s:03d}" for p, s in zip(parent, serial, strict=True)])
    above = shapely.coverage_union_all(cells[np.argsort(parent, kind="stable")].reshape(len(ids), -1), axis=1)
    faults = _plant(cells, grid_id, row, column, round(faulty * side * side), rng)
    kept = ~shapely.is_missing(cells)
    made = gpd.GeoDataFrame(
        {
            "grid_id": grid_id[kept],
            "division_id": ids[parent[kept]],
            "households": rng.integers(100, 700, int(kept.sum())),
            "people": rng.integers(200, 2_000, int(kept.sum())),
        },
        geometry=cells[kept],
        crs="EPSG:4326",
    )
    parents = gpd.GeoDataFrame(
        {
            "division_id": ids,
            "name": ids,
            "level": "community",
            "parent_id": [one[:9] for one in ids],
            "tree": "admin",
        },
        geometry=above,
        crs="EPSG:4326",
    )
    return Divided(made, parents, faults)


def _crooked(side: int, inner: int, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the edges east and north from each corner, start to end: arrays (side+1, side+1, inner+2, 2)."""
    at = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0), indexing="xy"), axis=-1)
    corner = at + rng.uniform(-JITTER, JITTER, at.shape)
    t = np.linspace(0, 1, inner + 2)[None, None, :, None]

    def edges(step: tuple[int, int]) -> NDArray[np.float64]:
        after = np.roll(corner, (-step[0], -step[1]), axis=(0, 1))
        wave = rng.uniform(-WAVE, WAVE, (*corner.shape[:2], inner + 2, 2))
        wave[:, :, [0, -1]] = 0
        line = corner[:, :, None] * (1 - t) + after[:, :, None] * t + wave
        line[:, :, 0], line[:, :, -1] = corner, after
        return np.asarray(line)

    east, north = edges((0, 1)), edges((1, 0))
    return east * CELL_DEG + [WEST, SOUTH], north * CELL_DEG + [WEST, SOUTH]


def _cells(side: int, east: Any, north: Any) -> Any:
    south = east[:side, :side]
    right = north[:side, 1:]
    top = east[1:, :side][:, :, ::-1]
    left = north[:side, :side][:, :, ::-1]
    ring = np.concatenate([south[:, :, :-1], right[:, :, :-1], top[:, :, :-1], left], axis=2)
    return shapely.polygons(ring.reshape(side * side, -1, 2))


def _plant(
    cells: Any, grid_id: Any, row: Any, column: Any, count: int, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Damage grids inside parents, none next to another: gaps and slivers along an edge, overlaps, lost grids."""
    inner = (row % BLOCK % 3 == 1) & (column % BLOCK % 3 == 1)
    chosen = rng.permutation(np.flatnonzero(inner))[:count]
    kind = np.array(list(KINDS))[np.arange(len(chosen)) % len(KINDS)]
    before, after = cells[chosen], cells[chosen].copy()
    for n, push in enumerate(KINDS.values()):
        these = np.flatnonzero(np.arange(len(chosen)) % len(KINDS) == n)
        for at in these:
            xy = shapely.get_coordinates(after[at])
            middle = xy[:-1].mean(axis=0)
            xy[2:4] = middle + (xy[2:4] - middle) * push
            after[at] = shapely.polygons(xy) if push else None
    cells[chosen] = after
    ground = np.where(shapely.is_missing(after), before, shapely.symmetric_difference(before, after))
    return gpd.GeoDataFrame({"kind": kind, "grid_id": grid_id[chosen]}, geometry=ground, crs="EPSG:4326")
