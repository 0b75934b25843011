"""What the reach of posts answers: how soon help is there, and which posts nobody backs up."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo import units
from geo.border.chainage import chainages
from geo.border.inputs import declared, placed, table_of
from geo.border.posts import fields
from geo.border.posts.overland import Obstacles
from geo.border.posts.reach import MODE, Arrivals, arrivals
from geo.border.posts.response import ALL, backup, responses, stretches, timed
from geo.border.posts.roads import road_pieces
from geo.border.posts.sampling import timed_cells
from geo.crs import LONLAT, Floats
from geo.hours.week import moment, open_at
from geo.layer import Figure, Layer, Tables, Title, share
from geo.parameters import Parameters
from geo.walk.snap import standing

CELLS = "reach-cells"  # the private layer of short pieces of border
LAND = ("roads", "barriers", "excluded")  # optional tables of whatever asks how soon a post is there
ASKED = ("as_of", "at", "holidays", "unknown_hours", "response_minutes")
PLANNED = Title(
    "所问时刻开放的哨所；按出动方式沿公路或越野，含准备时间；每条路线都可行，故偏慢",
    "Posts open at the asked hour, over roads or across the land by their mode, readiness included; each way can "
    "be gone, a faster one may exist: errs high",
)
ALONE = Title("可到达的边界中，时限内只有一处哨所到达", "Accessible border where one post alone is there in time")


def judge_open(posts: gpd.GeoDataFrame, parameters: Parameters) -> NDArray[np.bool_]:
    """Tell which posts answer at the asked hour.

    Parameters
    ----------
    posts : geopandas.GeoDataFrame
        The ``posts`` table. Missing hours mean always; hours that cannot be read are judged by ``unknown_hours``.
    parameters : Parameters
        ``at``, ``as_of``, ``holidays``, ``unknown_hours``.

    Returns
    -------
    numpy.ndarray
        bool, one a row.
    """
    when = moment(parameters.at, parameters.as_of)
    state = open_at(posts["opening_hours"], when, holidays=parameters.holidays)
    said = (state == "yes") | ((state == "unknown") & (parameters.unknown_hours == "open"))
    return np.asarray(said | posts["opening_hours"].isna().to_numpy(), dtype=bool)


def _answering(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    posts = tables["posts"].sort_values("post_id", kind="stable", ignore_index=True)
    there = posts.geometry.notna() & ~posts.geometry.is_empty
    return posts[judge_open(posts, parameters) & there.to_numpy()].reset_index(drop=True)


def _arrivals(
    tables: Tables, parameters: Parameters, lonlat: Floats, on_bank: NDArray[np.bool_]
) -> tuple[gpd.GeoDataFrame, Arrivals]:
    posts = _answering(tables, parameters)
    found = arrivals(
        posts,
        road_pieces(tables.get("roads")),
        Obstacles.of(tables.get("barriers"), tables.get("excluded")),
        lonlat,
        on_bank,
        within_s=parameters.response_minutes * units.SECONDS_PER_MINUTE,
    )
    return posts, found


def _reach_cells(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    segments = placed(tables, parameters)[1]
    lines = chainages(tables["border"])
    cells = timed_cells(tables["border"], lines, segments, step_m=parameters.reach_step_m)
    lonlat = cells[["lon", "lat"]].to_numpy(dtype=float)
    posts, found = _arrivals(tables, parameters, lonlat, cells["on_bank"].to_numpy(dtype=bool))
    rows = timed(cells, found, posts["post_id"].to_numpy(dtype=object))
    number = rows.groupby("border_id").cumcount().astype("str")
    rows = rows.assign(cell_id=rows["border_id"] + "/" + number)
    shape = gpd.GeoSeries([None] * len(rows), index=rows.index, crs=LONLAT)
    return declared(gpd.GeoDataFrame(rows, geometry=shape), fields.CELLS)


def _breaks(parameters: Parameters) -> tuple[float, ...]:
    return tuple(parameters.response_minutes * part for part in (0.25, 0.5, 1.0, 2.0))


def _post_reach(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    places, _ = placed({name: tables[name] for name in tables if name != "segments"}, parameters)
    rows = stretches(tables[CELLS], chainages(tables["border"]), places, breaks=_breaks(parameters))
    return declared(rows, fields.REACH)


def _post_backup(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    posts = tables["posts"].sort_values("post_id", kind="stable", ignore_index=True)
    rows = posts.assign(open=judge_open(posts, parameters))
    rows = rows.merge(backup(tables[CELLS], posts["post_id"].tolist()), on="post_id", how="left")
    return declared(gpd.GeoDataFrame(rows, geometry=posts.geometry.to_numpy(), crs=LONLAT), fields.BACKUP)


def _post_response(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    places, _ = placed({name: tables[name] for name in tables if name != "segments"}, parameters)
    rows = responses(tables[CELLS], places)
    mode = _answering(tables, parameters)["mode"].fillna(MODE)
    slowest = mode.map(units.PATROL_SPEEDS_KMH).min()
    half = parameters.reach_step_m / 2 / units.metres_per_second(1.0) / units.SECONDS_PER_MINUTE
    people, within = _people(tables, parameters)
    whole = rows["response_id"] == ALL
    rows = rows.assign(
        error_minutes=half / slowest,
        people=np.where(whole, people, np.nan),
        people_within=np.where(whole, within, np.nan),
    )
    return declared(rows, fields.RESPONSE)


def _people(tables: Tables, parameters: Parameters) -> tuple[float, float]:
    """People, and those a post reaches in time; the latter missing where it would tell of few."""
    if "population" not in tables:
        return np.nan, np.nan
    rows = table_of(tables, "population")
    rows = rows[rows.geometry.notna() & ~rows.geometry.is_empty]
    people = rows["people"].fillna(0).to_numpy(dtype=float)
    lonlat = shapely.get_coordinates(standing(rows.geometry)).reshape(-1, 2)
    _, found = _arrivals(tables, parameters, lonlat, np.zeros(len(rows), dtype=bool))
    within = float(people[found.within > 0].sum())
    few = any(0 < some < units.PUBLISHED_PEOPLE_MIN for some in (within, people.sum() - within))
    return float(people.sum()), np.nan if few else within


def _backup_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    answering = float(frame["open"].sum())
    holes = float(frame["opens_hole"].sum())
    return (
        Figure(
            "post-backup.holes",
            Title("关闭后出现空缺的哨所", "Posts whose loss opens a hole"),
            holes,
            "posts",
            holes,
            answering,
            ALONE,
            "low",
        ),
        Figure(
            "post-backup.alone_m",
            Title("只有一处哨所及时到达的边界", "Border that one post alone reaches in time"),
            float(frame["lost_m"].sum()),
            "m",
            method=ALONE,
            good="low",
        ),
    )


def _response_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    if not len(frame):
        return ()
    row: Any = frame[frame["response_id"] == ALL].iloc[0]
    limit = parameters.response_minutes

    def within(k: int) -> Figure:
        title = Title(
            f"{limit:g}分钟内有{k}处以上哨所到达的边界", f"Border with at least {k} posts there in {limit:g} min"
        )
        return share(
            f"post-response.within_{k}",
            title,
            float(row[f"within_{k}_m"]),
            float(row["length_m"]),
            good="high",
            method=PLANNED,
            of="m",
        )

    def minutes(name: str, title: Title) -> Figure:
        value = None if pd.isna(row[name]) else float(row[name])
        return Figure(f"post-response.{name}", title, value, "min", method=PLANNED, good="low")

    shares = tuple(within(k) for k in (1, 2, 3))
    times = (
        minutes("median_minutes", Title("哨所到达边界（中位）", "A post is there: median")),
        minutes("p90_minutes", Title("哨所到达边界（九成）", "A post is there: 90 %")),
        minutes("worst_minutes", Title("哨所到达边界（最慢处）", "A post is there: worst place")),
        minutes("second_median_minutes", Title("第二处哨所到达（中位）", "A second post is there: median")),
    )
    never = Figure(
        "post-response.never_m",
        Title("一天内无哨所到达的边界", "Border that no post reaches in a day"),
        float(row["never_m"]),
        "m",
        method=PLANNED,
        good="low",
    )
    if pd.isna(row["people"]) or pd.isna(row["people_within"]):
        return (*shares, *times, never)
    people = share(
        "post-response.people",
        Title(f"{limit:g}分钟内哨所到达的人口", f"People whom a post reaches in {limit:g} min"),
        float(row["people_within"]),
        float(row["people"]),
        good="high",
        method=PLANNED,
        of="people",
    )
    return (*shares, *times, never, people)


LAYERS = (
    Layer(
        id=CELLS,
        title=Title("边界小段到达时间", "Times of short pieces of border"),
        description=Title(
            "边界切成小段，按中点计时；只供汇总，不公布。一行为一小段。",
            "The border in short pieces, each timed at its middle; for other layers, never published.",
        ),
        needs=("border", "posts"),
        optional=("segments", "markers", *LAND),
        params=(*ASKED, "reach_step_m", "noise_m"),
        fields=fields.CELLS,
        build=_reach_cells,
        draw="none",
        private=True,
    ),
    Layer(
        id="post-reach",
        title=Title("哨所到达时间", "Reach of posts"),
        description=Title(
            "哪处哨所最先、其次到达，各需多久。一行为一个区段，首尾相接。",
            "Which post is there first, which second, and when. A row is a stretch; they lie end to end.",
        ),
        needs=("border", "posts", CELLS),
        optional=("markers",),
        params=("response_minutes", "noise_m"),
        fields=fields.REACH,
        build=_post_reach,
        draw="line",
        measure="minutes",
        good="low",
        breaks=_breaks,
        limit=lambda parameters: parameters.response_minutes,
    ),
    Layer(
        id="post-backup",
        title=Title("哨所互为后备", "What is lost without a post"),
        description=Title(
            "逐一关闭哨所：多少边界失去及时到达。一行为一处哨所。",
            "Each post is shut in turn: how much border is no longer reached in time. A row is a post.",
        ),
        needs=("posts", CELLS),
        params=ASKED,
        fields=fields.BACKUP,
        build=_post_backup,
        draw="point",
        measure="lost_m",
        good="low",
        breaks=lambda _: (0.0, 5_000.0, 10_000.0, 20_000.0),
        figures=_backup_figures,
    ),
    Layer(
        id="post-response",
        title=Title("边境响应时间", "Planned response along the border"),
        description=Title(
            "全部边界和每条边界的到达时间及最慢处。第一行为全部，其后一行为一条边界。",
            "How soon help is there and the worst place: first of all borders together, then a row a border.",
        ),
        needs=("border", "posts", CELLS),
        optional=("markers", "population", *LAND),
        params=(*ASKED, "reach_step_m", "noise_m"),
        fields=fields.RESPONSE,
        build=_post_response,
        draw="point",
        measure="worst_minutes",
        good="low",
        breaks=_breaks,
        limit=lambda parameters: parameters.response_minutes,
        figures=_response_figures,
    ),
)
