"""Who serves the banner: grid workers, deputies of three levels, squads and heads of buildings. All invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from tiling import shares

WORKERS = 495
HOUSEHOLDS_EACH = 500  # that a worker is to look after
TWO_NEEDED = 550  # households of large grids that surely need two
ODD = 4  # large grids that never had a worker; that lost their two on LAST_DAY; that lost one of two
LAST_DAY = "2026-09-30"
FIRST_DAY = "2025-03-01"
DEPUTIES = {"county": 30, "township": 66, "village": 140}
NO_DEPUTY = 6  # large grids without
THREE_DEPUTIES = 2
NO_SQUAD, TWO_SQUADS = 5, 3  # urban small grids
BUILDINGS_EACH = 3
NO_HEAD = 21  # buildings
CENTRES = 96  # pastoral grids with a centre household
NO_CENTRE_HEAD = 4


@dataclass
class Crew:
    """People, what they are assigned to, and what was left open on purpose.

    Parameters
    ----------
    staff, given : list of dict
        Rows of ``staff`` and ``assignments``.
    noted : dict
        For ``planted.toml``.
    """

    staff: list[dict[str, Any]] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)
    noted: dict[str, Any] = field(default_factory=dict)

    def hire(self, letter: str, role: str, division_id: str | None = None) -> str:
        """Add a person, or a squad."""
        number = sum(row["role"] == role for row in self.staff) + 1
        id = f"synthetic_{letter}{number:03d}"
        fte = 1 if role == "grid_worker" else 0
        self.staff.append({"staff_id": id, "role": role, "fte": fte, "division_id": division_id})
        return id

    def assign(self, staff_id: str, kind: str, target_id: str, valid_to: str | None = None) -> None:
        """Add an assignment."""
        row = {"staff_id": staff_id, "target_type": kind, "target_id": target_id}
        self.given.append({**row, "valid_from": FIRST_DAY, "valid_to": valid_to})


def crew(small: gpd.GeoDataFrame, large: gpd.GeoDataFrame, units: pd.DataFrame, seed: int) -> Crew:
    """Hire everybody.

    Parameters
    ----------
    small : geopandas.GeoDataFrame
        Published small grids: ``grid_id``, ``parent_grid_id``, ``home`` (the village they really lie in),
        ``kind``, ``households`` and geometry.
    large : geopandas.GeoDataFrame
        Large grids: ``grid_id``, ``division_id``, ``households``.
    units : pandas.DataFrame
        Result of :func:`units`.
    seed : int
        Seed.

    Returns
    -------
    Crew
        Everybody.
    """
    rng = np.random.default_rng(seed)
    made = Crew()
    _workers(made, large, small, rng)
    _deputies(made, large, rng)
    _squads(made, small, rng)
    _heads(made, units, rng)
    return made


def _workers(made: Crew, large: gpd.GeoDataFrame, small: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
    """Workers of large grids by households: some never had any, some lost theirs, some lost one of two."""
    rows = large.sort_values("grid_id")
    ids, need = rows["grid_id"].tolist(), rows["households"].to_numpy(dtype=float)
    odd = rng.choice(np.flatnonzero((need > TWO_NEEDED) & (need <= 2 * HOUSEHOLDS_EACH)), 3 * ODD, replace=False)
    never, gone, short = (set(some.tolist()) for some in np.split(odd, 3))
    rooms = np.zeros(len(ids), dtype=np.int64)
    rooms[[*gone, *short]] = 2
    usual = np.setdiff1d(np.arange(len(ids)), odd)
    rooms[usual] = shares(need[usual], WORKERS - rooms.sum(), 1)
    who = [
        [made.hire("w", "grid_worker", home) for _ in range(room)]
        for home, room in zip(rows["division_id"], rooms.tolist(), strict=True)
    ]
    for k, (id, here) in enumerate(zip(ids, who, strict=True)):
        left = 2 if k in gone else 1 if k in short else 0
        for one, worker in enumerate(here):
            made.assign(worker, "grid", id, LAST_DAY if one < left else None)
    helped = min(short)
    helper = min(usual, key=lambda k: (abs(k - helped), k))
    made.assign(who[helper][0], "grid", ids[helped])
    made.noted |= {
        "grid_workers": WORKERS,
        "workers_left": 3 * ODD,
        "vacant_grid_ids": sorted(ids[k] for k in (*never, *gone)),
        "short_grid_ids": sorted(ids[k] for k in short),
        "shared_worker": who[helper][0],
        "shared_grid_ids": sorted([ids[helper], ids[helped]]),
        "in_no_large_grid": sorted(small.loc[~small["parent_grid_id"].isin(ids), "grid_id"]),
    }


def _deputies(made: Crew, large: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
    """Deputies of the village in their own large grid; those of townships and the banner wherever."""
    ids = large["grid_id"].to_numpy()
    bare = set(rng.choice(ids, NO_DEPUTY, replace=False).tolist())
    open_ = [id for id in ids if id not in bare]
    own = [open_[k] for k in np.sort(rng.choice(len(open_), DEPUTIES["village"], replace=False))]
    village = dict(zip(large["grid_id"], large["division_id"], strict=True))
    places = [("village", village[id], id) for id in own]
    without = [id for id in open_ if id not in set(own)]
    more = rng.permutation(own)[: DEPUTIES["township"] + DEPUTIES["county"] - len(without)]
    rest = rng.permutation([*without, *more])
    towns = sorted({code[:9] for code in large["division_id"]})
    based = [towns[k] for k in rng.integers(len(towns), size=DEPUTIES["township"])]
    bases = [("township", code) for code in sorted(based)] + [("county", towns[0][:6])] * DEPUTIES["county"]
    places += [(level, code, id) for (level, code), id in zip(bases, rest.tolist(), strict=True)]
    third = more.tolist()[:THREE_DEPUTIES]
    for _, code, id in places:
        made.assign(made.hire("d", "deputy", code), "grid", id)
    for id in third:  # one of the banner's own looks after two
        made.assign(made.staff[-1 - third.index(id)]["staff_id"], "grid", id)
    made.noted |= {
        "deputies": sum(DEPUTIES.values()),
        **{f"deputies_{level}": count for level, count in DEPUTIES.items()},
        "large_without_deputy": sorted(bare),
        "large_with_three_deputies": sorted(third),
    }


def _squads(made: Crew, small: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
    """A squad for each urban small grid but a few; two for a few others."""
    town = np.sort(small.loc[small["kind"] == "urban", "grid_id"].to_numpy())
    odd = rng.choice(town, NO_SQUAD + TWO_SQUADS, replace=False)
    bare, twice = set(odd[:NO_SQUAD].tolist()), set(odd[NO_SQUAD:].tolist())
    homes = dict(zip(small["grid_id"], small["home"], strict=True))
    for id in town.tolist():
        for _ in range(0 if id in bare else 2 if id in twice else 1):
            made.assign(made.hire("q", "squad", homes[id]), "grid", id)
    made.noted |= {"without_squad": sorted(bare), "with_two_squads": sorted(twice)}


def _heads(made: Crew, units: pd.DataFrame, rng: np.random.Generator) -> None:
    """A head for each building and centre household but a few."""
    sorts = (("楼栋", "building_head", "b", NO_HEAD), ("中心户", "unit_head", "h", NO_CENTRE_HEAD))
    for kind, role, letter, bare in sorts:
        ids = units.loc[units["类型"] == kind, "楼栋号"].to_numpy()
        open_ = set(rng.choice(ids, bare, replace=False).tolist())
        for id in ids.tolist():
            if id not in open_:
                made.assign(made.hire(letter, role), "unit", id)
        made.noted[f"{role}s"] = len(ids) - bare
        made.noted[f"without_{role}"] = sorted(open_)


def units(small: gpd.GeoDataFrame, seed: int) -> gpd.GeoDataFrame:
    """Put buildings into the town's grids, and centre households into gachas.

    Parameters
    ----------
    small : geopandas.GeoDataFrame
        Published small grids.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        Chinese headings; points. Buildings share out the households of their grid.
    """
    rng = np.random.default_rng(seed)
    town = small[(small["kind"] == "urban") & (small["households"] >= BUILDINGS_EACH)].sort_values("grid_id")
    rows: list[tuple[str, str, int, int, Any]] = []
    for grid in town.itertuples():
        share = shares(rng.uniform(0.6, 1.4, BUILDINGS_EACH), int(grid.households), 1)
        for households, point in zip(share.tolist(), _spots(grid.geometry, BUILDINGS_EACH, rng), strict=True):
            rows.append(("楼栋", grid.grid_id, households, round(2.4 * households), point))
    herds = small[(small["kind"] == "pastoral") & (small["households"] > 0)].sort_values("grid_id")
    for k in np.sort(rng.choice(len(herds), CENTRES, replace=False)).tolist():
        grid = herds.iloc[k]
        point = _spots(grid.geometry, 1, rng)[0]
        rows.append(("中心户", grid["grid_id"], 1, 3, point))
    table = pd.DataFrame(rows, columns=["类型", "网格编码", "户数", "人口", "geometry"])
    table.insert(0, "楼栋号", [f"synthetic_u{k:04d}" for k in range(1, len(table) + 1)])
    return gpd.GeoDataFrame(table, geometry="geometry", crs=small.crs)


def _spots(area: Any, count: int, rng: np.random.Generator) -> Any:
    """Random places inside, off the edge."""
    core = area.buffer(-0.1 * np.sqrt(area.area))
    core = area if core.is_empty else core
    west, south, east, north = core.bounds
    xy = rng.uniform((west, south), (east, north), (400, 2))
    return shapely.points(xy[shapely.contains_xy(core, xy[:, 0], xy[:, 1])][:count])
