"""Which small grids would make balanced large ones, and which deputy would look after each?"""

from __future__ import annotations

import hashlib

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import LONLAT
from geo.grid.deputies import assign_deputies
from geo.grid.district_fields import DEPUTIES, DISTRICTS, PROPOSAL
from geo.grid.districts import ROUNDING
from geo.grid.fields import declared
from geo.grid.proposed import bases, dissolved, proposal
from geo.layer import Figure, Layer, Tables, Title, share
from geo.parameters import Parameters
from geo.tables.validity import valid_on

NO_NUMBER = Title(
    "没有大网格：网格未填大网格，也未设参数 large_grids",
    "There are none: grids name no large grid, and the parameter large_grids is 0",
)
OF_PARENT = Title(
    "与所属区划内大网格平均户数相比；户数未知或不足10人的网格按0户计",
    "Beside the mean of the large grids of its division; grids whose households are not known or may not be told "
    "count 0",
)
COMPACT = Title("4πA/p²，圆为1", "4πA/p², 1 for a circle")


def _proposal(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    rows = proposal(
        tables["grids"],
        large_grids=parameters.large_grids,
        tolerance=parameters.district_tolerance,
        moves=parameters.district_moves,
        locked=parameters.locked_grids,
        divisions=tables.get("divisions"),
        population=tables.get("population"),
    )
    return declared(rows, PROPOSAL)


def _assigned(tables: Tables, districts: gpd.GeoDataFrame, parameters: Parameters) -> gpd.GeoDataFrame:
    """Assign the deputies there are, with where each is based."""
    based = bases(tables["staff"], tables.get("posts"), tables.get("divisions"))
    made = assign_deputies(based, districts, most=parameters.deputy_grids)
    at = pd.Index(based["staff_id"]).get_indexer(made["staff_id"])
    rest = based.drop(columns="staff_id").iloc[at].reset_index(drop=True)
    return gpd.GeoDataFrame(pd.concat([made, rest], axis=1), geometry="geometry", crs=LONLAT)


def _districts(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    rows = dissolved(tables["district-proposal"])
    deputies: dict[str, list[str]] = {}
    if "staff" in tables:
        made = _assigned(tables, rows, parameters)
        deputies = made.groupby("district_id")["staff_id"].agg(sorted).to_dict()
    listed = [deputies.get(one, []) for one in rows["district_id"]]
    return declared(rows.assign(deputy_ids=pd.Series(listed, index=rows.index, dtype="object")), DISTRICTS)


def _deputies(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    made = _assigned(tables, tables["districts"], parameters)
    had = _today(tables, parameters)
    today = [had.get(one, []) for one in made["staff_id"]]
    keys = zip(made["district_id"], made["staff_id"], strict=True)
    rows = made.assign(
        assignment_id=pd.Series([_named(*key) for key in keys], index=made.index, dtype="str"),
        today_ids=pd.Series(today, index=made.index, dtype="object"),
        changed=np.array(
            [place not in old for place, old in zip(made["district_id"], today, strict=True)], dtype=bool
        ),
        distance_m=made["distance_m"].round(),
    )
    return declared(rows, DEPUTIES)


def _named(district: str, deputy: str) -> str:
    return hashlib.blake2b(f"{district}|{deputy}".encode(), digest_size=6).hexdigest()


def _today(tables: Tables, parameters: Parameters) -> dict[str, list[str]]:
    """List the grids that each person is assigned to today as a deputy."""
    if "assignments" not in tables:
        return {}
    rows = tables["assignments"]
    deputy = rows["role"].isna() | (rows["role"] == "deputy")
    rows = rows[valid_on(rows, parameters.as_of) & (rows["target_type"] == "grid") & deputy]
    listed = rows.dropna(subset="target_id").groupby("staff_id")["target_id"].agg(lambda ids: sorted(set(ids)))
    return {str(one): list(ids) for one, ids in listed.items()}


def _worst(id: str, title: Title, off: pd.Series) -> Figure:
    known = off.dropna().abs()
    method = OF_PARENT if len(off) else NO_NUMBER
    return Figure(id, title, float(known.max()) if len(known) else None, "share", good="low", method=method)


def _mean(id: str, title: Title, values: pd.Series) -> Figure:
    known = values.dropna()
    return Figure(id, title, float(known.mean()) if len(known) else None, "", good="high", method=COMPACT)


def _within(id: str, title: Title, off: pd.Series, tolerance: float) -> Figure:
    inside = int((off.fillna(0.0).abs() <= tolerance + ROUNDING).sum())
    return share(id, title, inside, len(off), of="large_grids", good="high", method=OF_PARENT)


def _proposal_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    new = frame.drop_duplicates("district_id")
    old = frame[frame["today_id"].notna()].drop_duplicates("today_id")
    tolerance = parameters.district_tolerance
    load = frame["households"].astype("Float64").fillna(0.0).astype(float)
    return (
        _within(
            "district-proposal.within",
            Title("户数均衡的大网格", "Large grids in balance"),
            new["off_mean"],
            tolerance,
        ),
        _within(
            "district-proposal.within_today",
            Title("户数均衡的大网格（现状）", "Large grids in balance today"),
            old["today_off_mean"],
            tolerance,
        ),
        _worst("district-proposal.worst", Title("最大偏差", "Furthest off the mean"), new["off_mean"]),
        _worst(
            "district-proposal.worst_today",
            Title("最大偏差（现状）", "Furthest off the mean today"),
            old["today_off_mean"],
        ),
        _mean("district-proposal.compactness", Title("平均紧凑度", "Mean compactness"), new["compactness"]),
        _mean(
            "district-proposal.compactness_today",
            Title("平均紧凑度（现状）", "Mean compactness today"),
            old["today_compactness"],
        ),
        share(
            "district-proposal.moved",
            Title("更换大网格的户数", "Households that change large grids"),
            float(load[frame["moved"].astype(bool)].sum()),
            float(load.sum()),
            of="households",
            good="low",
        ),
    )


def _district_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    return (
        Figure("districts.count", Title("大网格", "Large grids"), len(frame) or None, "large_grids"),
        _within(
            "districts.within",
            Title("户数均衡的大网格", "Large grids in balance"),
            frame["off_mean"],
            parameters.district_tolerance,
        ),
        _worst("districts.worst", Title("最大偏差", "Furthest off the mean"), frame["off_mean"]),
        _mean("districts.compactness", Title("平均紧凑度", "Mean compactness"), frame["compactness"]),
        share(
            "districts.served",
            Title("有代表委员联系的大网格", "Large grids with a deputy"),
            int((frame["deputy_ids"].map(len) > 0).sum()),
            len(frame),
            of="large_grids",
            good="high",
        ),
    )


def _deputy_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001 (Figures)
    known = frame["distance_m"].dropna()
    return (
        Figure("deputy-proposal.count", Title("联系安排", "Assignments"), len(frame) or None, "assignments"),
        Figure(
            "deputy-proposal.distance",
            Title("平均距离", "Mean distance"),
            float(known.mean()) if len(known) else None,
            "m",
            good="low",
            method=Title("驻地到大网格内一点的直线距离", "Straight from where they are based to a point inside"),
        ),
        share(
            "deputy-proposal.changed",
            Title("与现状不同的安排", "Assignments that differ from today's"),
            int(frame["changed"].sum()),
            len(frame),
            of="assignments",
            good="low",
        ),
    )


LAYERS = (
    Layer(
        id="district-proposal",
        title=Title("大网格划分建议", "Proposed grouping of grids"),
        description=Title(
            "每行一个小网格：建议划入的大网格与现状。大网格连片、不跨区划（取每个区划平均至少有两个大网格的最低一级），户数均衡。",
            "One row a small grid: the large grid that it is proposed for, beside today's. They are connected and "
            "balanced by households, and cross no division of the lowest level at which each has two on average.",
        ),
        needs=("grids",),
        optional=("divisions", "population"),
        params=("large_grids", "district_tolerance", "district_moves", "locked_grids"),
        fields=PROPOSAL,
        build=_proposal,
        draw="area",
        measure="state",
        figures=_proposal_figures,
    ),
    Layer(
        id="districts",
        title=Title("建议的大网格", "Proposed large grids"),
        description=Title(
            "每行一个建议的大网格：户数、与平均数之差、紧凑度、联系的代表委员。",
            "One row a proposed large grid: households, how far off the mean, compactness, and its deputies.",
        ),
        needs=("district-proposal",),
        optional=("staff", "posts", "divisions"),
        params=("deputy_grids",),
        fields=DISTRICTS,
        build=_districts,
        draw="area",
        measure="state",
        figures=_district_figures,
    ),
    Layer(
        id="deputy-proposal",
        title=Title("代表委员联系建议", "Proposed assignment of deputies"),
        description=Title(
            "每行一项安排：哪位代表委员联系哪个大网格，就近且每个大网格至少一位（人数足够时）。位置为其驻地。",
            "One row an assignment of a deputy to a large grid: the nearest, and one at least where they suffice. "
            "The point is where the deputy is based.",
        ),
        needs=("districts", "staff"),
        optional=("posts", "divisions", "assignments"),
        params=("deputy_grids", "as_of"),
        fields=DEPUTIES,
        build=_deputies,
        draw="point",
        measure="basis",
        figures=_deputy_figures,
    ),
)
