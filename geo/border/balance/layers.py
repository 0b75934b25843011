"""What the balance of work answers: the load of each holder, and limits with which all can keep the interval."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.border.balance import fields as bf
from geo.border.balance.ledger import ledger, slackened
from geo.border.balance.redraw import redraw
from geo.border.balance.work import holder_of, loads, work_of
from geo.border.holding import Holdings
from geo.border.inputs import DAY, HOLDING, declared, held
from geo.border.intervals import Flags
from geo.border.markers import nearest_markers
from geo.border.status import pieces
from geo.crs import LONLAT, Floats
from geo.evenness import evenness
from geo.layer import Figure, Good, Layer, Tables, Title, share
from geo.parameters import Parameters

LEAST = Title(
    "各管段不超过可负担长度，次序不变，两端移动之和最小（精确解）；不足时先使最大利用率最小",
    "No segment longer than can be kept, order kept, ends move least (exact); if short, least worst use first",
)
OF_USED = Title(
    "所需工时÷可用工时，总体标准差；无人的不计",
    "Hours needed ÷ hours available, deviation of the population; those without guards are left out",
)
WITHIN = Title("在平均利用率±10%以内；无人的不计", "Within ±10 % of the mean; those without guards are left out")
NOW = Title("", "")
TODAY = Title("（现状）", " today")
PROPOSED = Title("（拟议）", " as proposed")


def _holder_load(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    holdings = held(tables, parameters)
    work = work_of(holdings)
    holder = holder_of(holdings.segments)
    proposal = redraw(holdings, work, to_markers=parameters.limits_at_markers)
    moves = ledger(proposal, holder).set_index("holder")
    rows = loads(holdings, work)
    hours = work["hours_needed"] * (proposal.segments["new_length_m"] / work["open_m"]).where(work["open_m"] > 0)
    needed = rows["holder_id"].map(hours.groupby(holder).sum()).astype(float)
    new_length = proposal.segments["new_length_m"].groupby(holder).sum()
    rows = rows.assign(
        new_length_m=rows["holder_id"].map(new_length).astype(float),
        new_used=(needed / rows["hours_available"]).where(rows["hours_available"] > 0),
        **{field.name: rows["holder_id"].map(moves[field.name]).astype(float) for field in bf.LEDGER},
    )
    rows["post_id"], rows["state"] = rows["post_id"].astype("str"), rows["state"].astype("str")
    return declared(gpd.GeoDataFrame(rows, geometry=_places(rows["post_id"], tables.get("posts"))), bf.LOADS)


def _places(post_id: pd.Series, posts: gpd.GeoDataFrame | None) -> gpd.GeoSeries:
    known = {} if posts is None else dict(zip(posts["post_id"], posts.geometry, strict=True))
    shapes = np.array([*map(known.get, post_id), None], dtype=object)[:-1]
    shapes[shapely.is_empty(shapes)] = None
    return gpd.GeoSeries(shapes, index=post_id.index, crs=LONLAT)


def _segment_proposal(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    holdings = held(tables, parameters)
    work = work_of(holdings)
    proposal = redraw(holdings, work, to_markers=parameters.limits_at_markers)
    segments, told = holdings.segments, proposal.segments
    moves = ledger(proposal, segments["segment_id"]).set_index("holder").reindex(segments["segment_id"])
    before, after, at_markers = _ends(holdings, told, parameters.noise_m)
    rows = told.assign(
        post_id=segments["post_id"],
        start_m=segments["from_m"],
        end_m=segments["to_m"],
        marker_from=before,
        marker_to=after,
        at_markers=at_markers,
        guards=segments["guards"],
        full_time=work["full_time"],
        reach_m=work["reach_m"].where(work["reach_m"] > 0),
        slower_m=slackened(proposal, segments["interval_days"]),
        **{field.name: moves[field.name].to_numpy() for field in bf.LEDGER},
    )
    kept = rows["new_end_m"].where(rows["new_start_m"] < rows["new_end_m"])  # an emptied segment is nowhere
    shapes = pieces(holdings, rows["border_id"], rows["new_start_m"], kept)
    return declared(gpd.GeoDataFrame(rows, geometry=shapes), bf.PROPOSAL)


def _ends(holdings: Holdings, told: pd.DataFrame, noise_m: float) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Markers between which each new stretch lies, and whether both its ends are at one or at the line's end."""
    found = pd.DataFrame({"before": None, "after": None}, index=told.index, dtype="str")
    stakes = pd.Series(False, index=told.index)
    for key, own in told[told["new_start_m"].notna()].groupby("border_id"):
        start, end = own["new_start_m"].to_numpy(), own["new_end_m"].to_numpy()
        before, after = nearest_markers(holdings.markers, key, start + noise_m, end - noise_m)
        found.loc[own.index, "before"], found.loc[own.index, "after"] = before, after
        known = holdings.markers["measure_m"][holdings.markers["border_id"] == key].dropna().to_numpy()
        places = np.unique(np.concatenate([known, [0.0, holdings.lines[str(key)].length_m]]))
        stakes[own.index] = _near(places, start, noise_m) & _near(places, end, noise_m)
    return found["before"], found["after"], stakes


def _near(places: Floats, at: Floats, within: float) -> Flags:
    return np.searchsorted(places, at - within) < np.searchsorted(places, at + within, side="right")


def _even(layer: str, used: pd.Series, of: str, when: str = "", then: Title = NOW) -> tuple[Figure, ...]:
    """The measures of M7 over the hours used."""
    known = evenness(used)

    def one(name: str, title: Title, value: float | None) -> Figure:
        words = Title(title.zh + then.zh, title.en + then.en)
        return Figure(f"{layer}.{name}{when}", words, value, "", good="low", method=OF_USED)

    near = Title("利用率接近平均" + then.zh, "Near the mean in hours used" + then.en)
    return (
        one("variation", Title("利用率变异系数", "Coefficient of variation of hours used"), known.variation),
        one("peak", Title("最大利用率与平均之比", "Greatest hours used to their mean"), known.peak),
        one("gini", Title("利用率基尼系数", "Gini coefficient of hours used"), known.gini),
        share(f"{layer}.near{when}", near, known.near, known.count, good="high", method=WITHIN, of=of),
    )


def _load_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    beyond = frame["state"].isin(["overloaded", "nobody"]).sum()
    needed, available = float(frame["hours_needed"].sum()), float(frame["hours_available"].sum())
    return (
        share(
            "holder-load.beyond",
            Title("不能按间隔巡完的负责方", "Holders who cannot keep the interval"),
            float(beyond),
            float(len(frame)),
            good="low",
            of="holders",
            method=bf.USED.meaning,
        ),
        share(
            "holder-load.used",
            Title("全线工时利用率", "Hours used along the whole border"),
            needed,
            available,
            good="low",
            of="h",
            method=bf.NEEDED,
        ),
        *_even("holder-load", frame["used"], "holders"),
    )


def _proposal_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    def total(name: str, field: str, title: Title, good: Good | None = None, unit: str = "m") -> Figure:
        return Figure(f"segment-proposal.{name}", title, float(frame[field].sum()), unit, good=good, method=LEAST)

    def worst(name: str, field: str, title: Title) -> Figure:
        most = frame[field].max()
        value = None if pd.isna(most) else float(most)
        return Figure(f"segment-proposal.{name}", title, value, "share", good="low", method=bf.USED.meaning)

    changed = frame["change"].isin(["moved", "emptied"]).sum()
    return (
        share(
            "segment-proposal.changed",
            Title("拟调整的管段", "Segments that change"),
            float(changed),
            float(len(frame)),
            good="low",
            of="segments",
            method=LEAST,
        ),
        total("gained_m", "gained_m", Title("换手的边界", "Border that changes hands")),
        total("claimed_m", "claimed_m", Title("有了负责方的边界", "Border that was nobody's and is held then")),
        total("slower_m", "slower_m", Title("间隔变长的边界", "Border kept less often"), "low"),
        total("extra_m", "extra_m", Title("为落在界碑处多移动", "Moved further for markers"), "low"),
        total("guards_missing", "guards_missing", Title("尚缺人数", "Guards missing"), "low", "people"),
        worst("worst_before", "used", Title("现最大利用率", "Greatest hours used today")),
        worst("worst", "new_used", Title("拟议最大利用率", "Greatest hours used as proposed")),
        *_even("segment-proposal", frame["used"], "segments", "_before", TODAY),
        *_even("segment-proposal", frame["new_used"], "segments", "", PROPOSED),
    )


LAYERS = (
    Layer(
        id="holder-load",
        title=Title("负责方工作量", "Load of holders"),
        description=Title(
            "各派出所每日所需与可用的工时，以及拟议调整后的得失。一行为一方。",
            "Hours a day that each post needs and has, and what it gains or loses as proposed. A row is a holder.",
        ),
        needs=("border", "segments"),
        optional=(*HOLDING, "posts"),
        params=(*DAY, "limits_at_markers"),
        fields=bf.LOADS,
        build=_holder_load,
        draw="point",
        measure="state",
        figures=_load_figures,
    ),
    Layer(
        id="segment-proposal",
        title=Title("管段界限调整建议", "Proposed limits of segments"),
        description=Title(
            "使各管段都能按间隔巡完、移动最小的界限；每一米可到达的边界归一个管段。一行为一个管段。",
            "Limits moved least so that all keep the interval, each accessible metre in one. A row is a segment.",
        ),
        needs=("border", "segments"),
        optional=HOLDING,
        params=(*DAY, "limits_at_markers"),
        fields=bf.PROPOSAL,
        build=_segment_proposal,
        draw="line",
        measure="change",
        figures=_proposal_figures,
    ),
)
