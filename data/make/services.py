"""Stations, grid workers and unit heads: who is there to serve, and when."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

CENTRES = 137
TOWN_CENTRES = 88
WARM = 14
SPOKES = 23
WORKERS = 1_644
UNIT_HEADS = 9_018
VACANT = 20  # rows of the grids table that nobody serves, the duplicate among them
TWICE = 36  # persons who serve two small grids
HEADINGS = ["编号", "类别", "名称", "开放时间", "设施", "中心站", "容量", "经度", "纬度", "synthetic"]

_CENTRE_HOURS = (
    ("周一至周五 08:30-17:30", 0.40),
    ("08:00-18:00", 0.22),
    ("Mo-Fr 08:30-12:00,14:30-17:30", 0.14),
    ("周一至周日 08:30-20:00", 0.08),
    ("24小时", 0.02),
    ("Mo-Su 09:00-17:00", 0.05),
    ("Mo,We,Fr 14:30-17:30", 0.05),
    ("周二、周四 09:00-12:00", 0.02),
    (None, 0.02),
)
_WARM_HOURS = (
    "24小时",
    "06:00-22:00",
    "Mo-Su 05:30-23:30",
    "06:00-24:00",
    "Mo-Su 07:00-23:00",
    "Mo-Su 18:00-10:00",
)
_WARM_THINGS = ("饮水", "微波炉", "暖气", "风扇", "急救箱", "手机充电", "打气筒", "图书")
_CENTRE_THINGS = ("饮水", "老年食堂", "图书", "儿童活动室", "急救箱", "调解室", "卫生间")
_POST_HOURS = ("08:00-20:00", "09:00-21:00", "Mo-Su 08:30-19:30", "周一至周六 09:00-18:00")


def _mix(options: tuple[tuple[str | None, float], ...], size: int, rng: np.random.Generator) -> list[str | None]:
    share = np.array([s for _, s in options])
    return [options[k][0] for k in rng.choice(len(options), size, p=share / share.sum())]


def _things(options: tuple[str, ...], least: int, rng: np.random.Generator) -> str:
    count = int(rng.integers(least, len(options) + 1))
    return ";".join(options[k] for k in np.sort(rng.choice(len(options), count, replace=False)))


def _heart(mine: gpd.GeoDataFrame, rng: np.random.Generator, pull: float) -> int:
    """Pick a building near the middle of its people (index label), further off the weaker the pull."""
    xy = shapely.get_coordinates(mine.geometry.to_numpy())
    middle = np.average(xy, axis=0, weights=mine["people"])
    distance = np.hypot(*(xy - middle).T)
    return int(mine.index[int(np.argmin(distance + rng.uniform(0.0, pull, len(xy))))])


def _centre_places(homes: gpd.GeoDataFrame, communities: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Choose the communities with a centre: the old town first, new districts and villages by luck."""
    people = homes.groupby("community")["people"].sum()
    middle = homes.dissolve("community").centroid
    core = np.hypot(middle.x - 560_500, middle.y - 4_520_500)
    luck = rng.random(len(communities))
    rank = pd.Series(np.where(core < 4_200, 1.0, 0.0) + luck, index=communities.index)
    built = communities["built"]
    village_rank = luck + 0.25 * (people / people[~built].max()).clip(upper=1)
    chosen = [
        *rank[built].sort_values(ascending=False).index[:TOWN_CENTRES],
        *village_rank[~built].sort_values(ascending=False).index[: CENTRES - TOWN_CENTRES],
    ]
    return communities.loc[sorted(chosen)]


def stations(homes: gpd.GeoDataFrame, communities: pd.DataFrame, seed: int) -> gpd.GeoDataFrame:
    """Place service centres, warm stations, and a courier hub with its points.

    Parameters
    ----------
    homes : geopandas.GeoDataFrame
        Buildings with ``community``, ``people``; EPSG:4546.
    communities : pandas.DataFrame
        ``name`` (real name with the prefix) and ``built`` by community number.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a station with Chinese headings, EPSG:4546, in the order of their ids.
    """
    rng = np.random.default_rng(seed)
    groups = dict(tuple(homes.groupby("community")))
    places = _centre_places(homes, communities, rng)
    rows = []
    hours = _mix(_CENTRE_HOURS, len(places), rng)
    for k, (community, place) in enumerate(places.iterrows()):
        rows.append(
            {
                "类别": "党群服务中心",
                "名称": f"{_short(place['name'])}党群服务中心",
                "开放时间": hours[k],
                "设施": _things(_CENTRE_THINGS, 2, rng),
                "容量": int(rng.integers(3, 16)) * 10,
                "home": _heart(groups[community], rng, 350.0 if place["built"] else 80.0),
            }
        )
    busy = homes[homes["built"]].groupby("community")["people"].sum()
    share = (busy / busy.sum()).to_numpy()
    warm = np.sort(rng.choice(busy.index.to_numpy(), WARM, replace=False, p=share))
    for k, community in enumerate(warm):
        rows.append(
            {
                "类别": "暖心驿站",
                "名称": f"{_short(communities.loc[community, 'name'])}暖心驿站",
                "开放时间": _WARM_HOURS[k % len(_WARM_HOURS)] if k != WARM - 1 else "09:00-21:00",
                "设施": _things(_WARM_THINGS, 5, rng),
                "容量": int(rng.integers(8, 31)),
                "home": _heart(groups[community], rng, 700.0),
            }
        )
    rows += _couriers(groups, communities, busy, rng)
    table = pd.DataFrame(rows)
    table.insert(0, "编号", [f"synthetic_s{k:03d}" for k in range(1, len(table) + 1)])
    hub = table.loc[table["类别"] == "快递驿站总站", "编号"].iloc[0]
    table["中心站"] = pd.Series(np.where(table["类别"] == "快递服务点", hub, None), dtype=object)
    xy = shapely.get_coordinates(homes.geometry.to_numpy())[table["home"]]
    xy = xy + rng.uniform(-6.0, 6.0, xy.shape)
    out = table.drop(columns="home").assign(synthetic=True)
    return gpd.GeoDataFrame(out, geometry=gpd.points_from_xy(*xy.T, crs=homes.crs))


def _short(name: str) -> str:
    for ending in ("居民委员会", "村民委员会", "居委会"):
        if name.endswith(ending):
            return name.removesuffix(ending) + ("村" if ending == "村民委员会" else "")
    return name


def _couriers(
    groups: dict[int, gpd.GeoDataFrame], communities: pd.DataFrame, busy: pd.Series, rng: np.random.Generator
) -> list[dict[str, object]]:
    """One hub where most people are, points in the communities around it and two far ones."""
    hub = busy.idxmax()
    middle = {k: g.geometry.union_all().centroid for k, g in groups.items()}
    near = sorted(busy.index, key=lambda k: middle[k].distance(middle[hub]) + rng.uniform(0, 4_000.0))
    far = sorted(communities.index[~communities["built"]], key=lambda k: middle[k].distance(middle[hub]))
    spots = [hub, *[k for k in near if k != hub][: SPOKES - 2], far[20], far[60]]
    kinds = ["快递驿站总站", *["快递服务点"] * SPOKES]
    return [
        {
            "类别": kind,
            "名称": f"{_short(communities.loc[k, 'name'])}{kind}",
            "开放时间": _POST_HOURS[int(rng.integers(len(_POST_HOURS)))]
            if kind != "快递驿站总站"
            else "07:00-22:00",
            "设施": "手机充电;饮水" if rng.random() < 0.5 else None,
            "容量": None if kind == "快递服务点" else 60,
            "home": _heart(groups[k], rng, 500.0),
        }
        for kind, k in zip(kinds, spots, strict=True)
    ]


def workers(grids: pd.DataFrame, vacant_also: list[str], seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give grid workers to grids: most one or two, some persons two grids, some grids nobody.

    Parameters
    ----------
    grids : pandas.DataFrame
        ``grid_id``, ``households``, ``built``: every row of the published table.
    vacant_also : list of str
        Ids that stay without anybody (the duplicate).
    seed : int
        Seed.

    Returns
    -------
    (pandas.DataFrame, pandas.DataFrame)
        staff and assignments with the contract's headings; the assignments of the vacated grids have ended.
    """
    rng = np.random.default_rng(seed)
    ids = grids.loc[~grids["grid_id"].isin(vacant_also)]
    empty = np.sort(rng.choice(len(ids), VACANT - len(vacant_also), replace=False))
    left = ids.iloc[empty]
    served = ids.drop(ids.index[empty])
    small = served[~served["built"]].index.to_numpy()
    pairs = np.array(rng.choice(len(small) - 1, TWICE * 3, replace=False))
    taken: set[int] = set()
    doubles = []
    for k in pairs:  # neighbours in the list are neighbours on the ground
        if len(doubles) < TWICE and not {k, k + 1} & taken and small[k + 1] - small[k] == 1:
            doubles.append((small[k], small[k + 1]))
            taken |= {k, k + 1}
    if len(doubles) != TWICE:
        raise ValueError(f"only {len(doubles)} pairs of small grids found")
    shared = {g for pair in doubles for g in pair}
    singles = [g for g in served.index if g not in shared]
    extra = WORKERS - len(singles) - TWICE
    seats = np.repeat(np.array(singles), 2)  # nowhere more than three
    weight = served.loc[seats, "households"].to_numpy(dtype=float) ** 2.5
    more = rng.choice(seats, extra, replace=False, p=weight / weight.sum())
    posts = [*doubles, *((g,) for g in sorted([*singles, *more]))]
    posts.sort()
    staff = pd.DataFrame({"staff_id": [f"synthetic_w{k:04d}" for k in range(1, len(posts) + 1)]})
    rows = [(who, ids.loc[g, "grid_id"]) for who, post in zip(staff["staff_id"], posts, strict=True) for g in post]
    began = rng.integers(0, 2_000, len(rows))
    start = (pd.Timestamp("2021-03-01") + pd.to_timedelta(began, unit="D")).strftime("%Y-%m-%d")
    given = pd.DataFrame(rows, columns=["staff_id", "target_id"]).assign(valid_from=start, valid_to=None)
    gone = pd.DataFrame(
        {
            "staff_id": rng.choice(staff["staff_id"].to_numpy(), len(left), replace=False),
            "target_id": left["grid_id"].to_numpy(),
            "valid_from": "2021-03-01",
            "valid_to": "2026-10-01",
        }
    )
    given = pd.concat([given, gone.iloc[:12]], ignore_index=True)
    given = given.assign(target_type="grid", role="grid_worker")
    return staff.assign(role="grid_worker", fte=1.0), given


def heads(
    homes: gpd.GeoDataFrame, grid_id: pd.Series, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, gpd.GeoDataFrame]:
    """Name the largest buildings units and give each its head.

    Parameters
    ----------
    homes : geopandas.GeoDataFrame
        Buildings with ``grid``, ``households``, ``people``.
    grid_id : pandas.Series
        Id of each grid by row.
    seed : int
        Seed.

    Returns
    -------
    (pandas.DataFrame, pandas.DataFrame, geopandas.GeoDataFrame)
        staff, assignments, units (Chinese headings).
    """
    rng = np.random.default_rng(seed)
    chosen = homes.sort_values("households", ascending=False, kind="stable").head(UNIT_HEADS).sort_index()
    serial = chosen.groupby("grid").cumcount() + 1
    mine = grid_id.loc[chosen["grid"]].to_numpy()
    unit = mine + "-" + serial.astype(str).str.zfill(3).to_numpy()
    staff_id = np.array([f"synthetic_h{k:04d}" for k in range(1, len(chosen) + 1)])
    units = gpd.GeoDataFrame(
        {
            "楼栋号": unit,
            "类型": np.where(rng.random(len(chosen)) < 0.45, "楼栋", "单元"),
            "网格编码": mine,
            "户数": chosen["households"].to_numpy(),
            "人口": chosen["people"].to_numpy(),
            "synthetic": True,
        },
        geometry=chosen.geometry.to_numpy(),
        crs=homes.crs,
    )
    staff = pd.DataFrame({"staff_id": staff_id, "role": "unit_head", "fte": 0.0})
    given = pd.DataFrame(
        {
            "staff_id": staff_id,
            "target_id": unit,
            "valid_from": "2025-01-01",
            "valid_to": None,
            "target_type": "unit",
            "role": "unit_head",
        }
    )
    return staff, given, units
