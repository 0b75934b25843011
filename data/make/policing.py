"""How the police divide the same ground: station areas, beats, grids; borders follow the others' or not."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from shapely.geometry import Polygon

from bending import Array
from cells import Weighted, relax
from county import PREFIX
from tiling import join_scraps

STATIONS = 9
BEATS = 58
SHIFTED = 0.22  # share of villages of which some ground belongs to the beat next door
WHOLE = 0.42  # share of large grids that are one police grid as they are
STRADDLING = 0.12  # share of police grids that take some ground beyond the large grid they lie in
CUT = 40  # borders of police grids that run through a small grid
CUT_SHARE = (0.3, 0.7)


@dataclass(frozen=True)
class Policing:
    """Whose ground each small grid is.

    Parameters
    ----------
    beat : ndarray of str
        Beat of each small grid, in the order given.
    divisions : geopandas.GeoDataFrame
        County, station areas and beats with Chinese headings.
    grids : geopandas.GeoDataFrame
        ``grid_id, name, division_id, households, people`` and geometry.
    cut : list of tuple of str
        Small grid, and the two police grids whose border runs through it.
    """

    beat: np.ndarray
    divisions: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    cut: list[tuple[str, str, str]]


def policing(small: gpd.GeoDataFrame, towns: pd.Series, county: tuple[str, str], seed: int) -> Policing:
    """Divide the ground once more.

    Parameters
    ----------
    small : geopandas.GeoDataFrame
        Clean small grids: ``grid_id``, ``community``, ``large``, ``division_id``, ``households``, ``people``,
        ``whole`` (with the lake) and geometry.
    towns : pandas.Series
        Names of townships by code.
    county : (str, str)
        Code and name.
    seed : int
        Seed.

    Returns
    -------
    Policing
        Tree and scheme.
    """
    rng = np.random.default_rng(seed)
    faces = small["whole"].to_numpy()
    middle = shapely.get_coordinates(shapely.centroid(small.geometry.to_numpy()))
    weight = small["households"].to_numpy() + 30.0  # empty ground has to be driven through, too
    beat, station_of = _beats(small, faces, middle, weight, rng)
    station = station_of[beat]
    names = _names(small, station, towns)
    station_id = np.array([f"GA{county[0]}{n + 1:02d}" for n in range(STATIONS)])
    order = pd.Series(range(BEATS)).groupby(station_of).cumcount() + 1
    beat_id = np.array([f"{station_id[s]}{n:02d}" for s, n in zip(station_of, order, strict=True)])
    beat_name = [f"{names[s]}第{n}警务区" for s, n in zip(station_of, order, strict=True)]
    table = _tree(
        small, county, (station, station_id, [f"{n}派出所辖区" for n in names]), (beat, beat_id, beat_name)
    )
    grids, cut = _scheme(small, beat, beat_id, beat_name, middle, rng)
    return Policing(beat_id[beat], table, grids, cut)


def _beats(
    small: gpd.GeoDataFrame, faces: np.ndarray, middle: Array, weight: Array, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Beats of whole villages, some ground of some villages gone to the nearer beat; stations of whole beats."""
    village = small["community"].to_numpy()
    mass = np.bincount(village, weight)
    at = np.column_stack([np.bincount(village, weight * middle[:, k]) / mass for k in (0, 1)])
    seeds = relax(Weighted(at, mass), BEATS, rng)
    of_village = cKDTree(seeds).query(at)[1]
    beat = of_village[village]
    for one in np.flatnonzero(rng.random(len(mass)) < SHIFTED):
        mine = np.flatnonzero(village == one)
        beat[mine] = cKDTree(seeds).query(middle[mine])[1]
    beat = join_scraps(faces, beat, np.zeros(BEATS, dtype=int))
    load = np.bincount(beat, weight)
    hub = np.column_stack([np.bincount(beat, weight * middle[:, k]) / load for k in (0, 1)])
    station = cKDTree(relax(Weighted(hub, load), STATIONS, rng)).query(hub)[1]
    areas = gpd.GeoSeries(faces).groupby(beat).agg(lambda f: shapely.coverage_union_all(f.to_numpy()))
    return beat, join_scraps(areas.to_numpy(), station, np.zeros(STATIONS, dtype=int))


def _names(small: gpd.GeoDataFrame, station: np.ndarray, towns: pd.Series) -> list[str]:
    """Name a station after the township it has most of; a second one there is numbered."""
    town = small["division_id"].str[:9].to_numpy()
    most = [pd.Series(town[station == s]).mode().iloc[0] for s in range(STATIONS)]
    names: list[str] = []
    for code in most:
        name = PREFIX + towns[code].removesuffix("镇").removesuffix("乡")
        again = sum(one.startswith(name) for one in names)
        names.append(f"{name}{again + 1}" if again else name)
    return names


def _tree(
    small: gpd.GeoDataFrame,
    county: tuple[str, str],
    stations: tuple[np.ndarray, np.ndarray, list[str]],
    beats: tuple[np.ndarray, np.ndarray, list[str]],
) -> gpd.GeoDataFrame:
    """Three levels, each the exact union of the one below."""
    code, name = county
    station, station_id, station_name = stations
    beat, beat_id, beat_name = beats
    whole = gpd.GeoSeries(small["whole"].to_numpy(), crs=small.crs)
    of_beat = whole.groupby(beat).agg(lambda f: shapely.coverage_union_all(f.to_numpy()))
    of_station = whole.groupby(station).agg(lambda f: shapely.coverage_union_all(f.to_numpy()))
    top = f"GA{code}"
    rows = [(top, f"{PREFIX}{name}公安局", "旗县区", None, shapely.coverage_union_all(whole.to_numpy()))]
    rows += [
        (id, title, "街道乡镇", top, of_station[k])
        for k, (id, title) in enumerate(zip(station_id, station_name, strict=True))
    ]
    rows += sorted(
        (id, title, "社区村", id[:-2], of_beat[k])
        for k, (id, title) in enumerate(zip(beat_id, beat_name, strict=True))
    )
    table = pd.DataFrame(rows, columns=["行政区划代码", "名称", "级别", "上级代码", "geometry"])
    return gpd.GeoDataFrame(table.assign(体系="公安", synthetic=True), geometry="geometry", crs=small.crs)


def _scheme(
    small: gpd.GeoDataFrame,
    beat: np.ndarray,
    beat_id: np.ndarray,
    beat_name: list[str],
    middle: Array,
    rng: np.random.Generator,
) -> tuple[gpd.GeoDataFrame, list[tuple[str, str, str]]]:
    """Grids of the police, and the small grids that their borders run through."""
    faces = small.geometry.to_numpy()
    group = _groups(small["large"].to_numpy(), beat, middle, rng)
    group = _straddling(group, beat, faces, middle, rng)
    _, group = np.unique(join_scraps(faces, group, _first(group, beat)), return_inverse=True)
    of_beat = _first(group, beat)
    table = gpd.GeoDataFrame(
        {
            "beat": of_beat,
            "households": np.bincount(group, small["households"]),
            "people": np.bincount(group, small["people"]),
        },
        geometry=[shapely.coverage_union_all(faces[group == k]) for k in range(len(of_beat))],
        crs=small.crs,
    )
    at = table.centroid
    table["sweep"] = at.x - 1.4 * at.y
    serial = table.sort_values("sweep").groupby("beat").cumcount() + 1
    table["division_id"] = beat_id[of_beat]
    table["grid_id"] = table["division_id"] + serial.astype(str).str.zfill(2)
    table["name"] = [f"{beat_name[b]}{n:02d}警格" for b, n in zip(of_beat, serial.sort_index(), strict=True)]
    cut = _cut(table, small, group, rng)
    kept = ["grid_id", "name", "division_id", "households", "people", "geometry"]
    return table.sort_values("grid_id")[kept].astype({"households": int, "people": int}), cut


def _first(group: np.ndarray, beat: np.ndarray) -> np.ndarray:
    """Beat of each group."""
    return pd.Series(beat).groupby(group).first().reindex(range(group.max() + 1)).fillna(-1).astype(int).to_numpy()


def _groups(large: np.ndarray, beat: np.ndarray, middle: Array, rng: np.random.Generator) -> np.ndarray:
    """What a beat has of a large grid: one police grid as it is, or a few."""
    group = np.zeros(len(large), dtype=int)
    number = 0
    for _, rows in pd.Series(range(len(large))).groupby([beat, large]):
        mine = rows.to_numpy()
        count = 1 if rng.random() < WHOLE else min(int(rng.integers(2, 5)), len(mine) // 3)
        part = np.zeros(len(mine), dtype=int)
        if count > 1:
            seeds = relax(Weighted(middle[mine], np.ones(len(mine))), count, rng, rounds=8)
            part = cKDTree(seeds).query(middle[mine])[1]
        group[mine] = number + part
        number += max(1, count)
    return group


def _straddling(
    group: np.ndarray, beat: np.ndarray, faces: np.ndarray, middle: Array, rng: np.random.Generator
) -> np.ndarray:
    """Let some groups take the grid next door that lies nearest, of another group in the same beat."""
    out = group.copy()
    size = np.bincount(group)
    left, right = shapely.STRtree(faces).query(faces, predicate="touches")
    for one in np.flatnonzero(rng.random(len(size)) < STRADDLING):
        mine = (out[left] == one) & (out[right] != one) & (beat[left] == beat[right]) & (size[out[right]] > 2)
        if mine.any():
            heart = middle[out == one].mean(axis=0)
            near = right[mine]
            taken = near[np.argmin(np.hypot(*(middle[near] - heart).T))]
            size[out[taken]] -= 1
            out[taken] = one
    return out


def _cut(
    table: gpd.GeoDataFrame, small: gpd.GeoDataFrame, group: np.ndarray, rng: np.random.Generator
) -> list[tuple[str, str, str]]:
    """Give the nearer half of a small grid to the police grid next door, of the same beat; geometry is changed."""
    shapes = table.geometry.to_numpy().copy()
    faces = small.geometry.to_numpy()
    beat = table["beat"].to_numpy()
    left, right = shapely.STRtree(faces).query(faces, predicate="touches")
    across = (group[left] != group[right]) & (beat[group[left]] == beat[group[right]])
    pairs = rng.permutation(np.column_stack([left, right])[across])
    done: set[int] = set()
    cut = []
    for cell, beyond in pairs:
        giver, taker = group[cell], group[beyond]
        if len(cut) == CUT or {giver, taker} & done:
            continue
        piece = _half(faces[cell], shapes[taker])
        rest = None if piece is None else shapely.difference(shapes[giver], piece)
        if piece is None or rest.geom_type != "Polygon":
            continue
        share = piece.area / faces[cell].area
        for name in ("households", "people"):
            moved = round(share * float(small[name].iloc[cell]))
            table.loc[giver, name] -= moved
            table.loc[taker, name] += moved
        shapes[giver], shapes[taker] = rest, shapely.union(shapes[taker], piece)
        done |= {giver, taker}
        cut.append((small["grid_id"].iloc[cell], table["grid_id"].iloc[giver], table["grid_id"].iloc[taker]))
    table.geometry = gpd.GeoSeries(shapes, index=table.index, crs=table.crs)
    return sorted(cut)


def _half(cell: Polygon, taker: Polygon) -> Polygon | None:
    """Cut a cell from corner to corner, a fair part of it along its neighbour; None where that fails."""
    ring = list(cell.exterior.coords)[:-1]
    best = None
    for i in range(len(ring)):
        for j in range(i + 2, len(ring) + i - 1):
            piece = Polygon([ring[k % len(ring)] for k in range(i, j + 1)])
            share = piece.area / cell.area
            if not piece.is_valid or not cell.covers(piece) or not CUT_SHARE[0] < share < CUT_SHARE[1]:
                continue
            along = float(shapely.length(shapely.intersection(piece.boundary, taker.boundary)))
            if along > 1.0 and (best is None or along > best[0]):
                best = (along, piece)
    return None if best is None else best[1]
