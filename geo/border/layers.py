"""What the border answers: the line, its segments, findings, state, markers and posts."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.border import fields
from geo.border.assignment import findings_of
from geo.border.balance.layers import LAYERS as BALANCE_LAYERS
from geo.border.chainage import parts_in_order
from geo.border.due_layers import LAYERS as DUE_LAYERS
from geo.border.holding import around_markers
from geo.border.idleness import UNASSIGNED
from geo.border.inputs import CREDITED, DAY, HOLDING, declared, held, moment, placed
from geo.border.naming import list_column
from geo.border.patrol_layers import LAYERS as PATROL_LAYERS
from geo.border.points.layers import LAYERS as POINT_LAYERS
from geo.border.posts.layers import LAYERS as REACH_LAYERS
from geo.border.seasons import rule_of
from geo.border.staleness_layers import LAYERS as STALENESS_LAYERS
from geo.border.status import border_stretches, segment_rows
from geo.layer import Figure, Layer, Tables, Title, share
from geo.parameters import Parameters

ON_ELLIPSOID = Title(
    "WGS 84椭球面上逐点累计；同一边界因数据来源不同可差百分之几",
    "Along the WGS 84 ellipsoid from vertex to vertex; sources differ by several percent on the same border",
)
VALID_ON_DAY = Title(
    "该处有管段，且当日对该管段或该处有有效责任",
    "A segment is there, and an assignment to it or to that interval is valid on the day",
)
HELD_OR_NOT = Title("无论是否有人", "Whether or not anybody is assigned")
TWICE = Title(
    "两个管段或两人的区间重叠，且未标为联合",
    "Two segments, or the intervals of two people, that nobody flagged as joint",
)
BY_CREDITED = Title(
    "占可到达边界；按已认定的巡访，申报的按起止界碑之间全程计，偏高",
    "Of the border that people can get to; by credited visits, declared patrols count all the way between their "
    "two markers, which flatters",
)
OF_PARTS = Title(
    "边界线的分段和管段未标为不可到达", "Neither its part of the line nor its segment is said to be inaccessible"
)


def _border(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:  # noqa: ARG001 (Build)
    rows = parts_in_order(tables["border"])
    off = (rows["length_declared_m"] - rows["length_m"]) / rows["length_m"]
    rows = rows.assign(
        sequence=rows["sequence"].astype("int64"),
        length_method=pd.Series(fields.GEODESIC, index=rows.index, dtype="str"),
        length_off=off.where(rows["length_m"] > 0),
    )
    return declared(rows, fields.BORDER)


def _border_segments(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    holdings = held(tables, parameters)
    rows = segment_rows(holdings, tables[CREDITED], moment=moment(parameters), noise_m=parameters.noise_m)
    return declared(rows, fields.SEGMENTS)


def _border_findings(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    return declared(findings_of(held(tables, parameters), noise_m=parameters.noise_m), fields.FINDINGS)


def _border_status(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    holdings = held(tables, parameters)
    rows = border_stretches(
        holdings,
        tables[CREDITED],
        moment=moment(parameters),
        default_days=rule_of(parameters).without_class(parameters.as_of),
    )
    return declared(rows, fields.STATUS)


def _markers(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    places, segments = placed(tables, parameters)
    around = around_markers(segments, places, noise_m=parameters.noise_m)
    at_marker = list_column(segments["segment_id"][near] for near, _ in around)
    return declared(places.assign(segment_ids=at_marker), fields.MARKERS)


def _posts(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    posts = tables["posts"].sort_values("post_id", kind="stable", ignore_index=True)
    own = placed(tables, parameters)[1].groupby("post_id")["length_m"]
    count, length = posts["post_id"].map(own.size()), posts["post_id"].map(own.sum())
    rows = posts.assign(segments=count.fillna(0).astype("int64"), length_m=length.fillna(0.0).astype(float))
    return declared(rows, fields.POSTS)


def _border_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    length, said = frame["length_m"], frame["length_declared_m"]
    known = said.notna()
    off = (said - length)[known].abs()
    sources = "; ".join(sorted(frame["source"].dropna().unique()))
    return (
        Figure(
            "border.length",
            Title("边界线长度", "Length of the border"),
            float(length.sum()),
            "m",
            method=_and(ON_ELLIPSOID, Title(f"来源：{sources}", f"source: {sources}"))
            if sources
            else ON_ELLIPSOID,
        ),
        Figure(
            "border.length_declared",
            Title("申报的边界线长度", "Declared length of the border"),
            float(said[known].sum()) if known.any() else None,
            "m",
            method=Title("申报了长度的分段之和", "Sum of the parts that declare one"),
        ),
        share(
            "border.length_off",
            Title("申报长度偏差", "Declared length off by"),
            float(off.sum()),
            float(length[known].sum()),
            good="low",
            of="m",
            method=Title(
                "各申报分段偏差绝对值之和", "Differences of the parts that declare one, either way, summed"
            ),
        ),
    )


def _and(one: Title, other: Title) -> Title:
    return Title(f"{one.zh}；{other.zh}", f"{one.en}; {other.en}")


def _segment_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    return (
        share(
            "border-segments.assigned",
            Title("有人负责的管段", "Segments that somebody holds"),
            float(frame["assigned"].sum()),
            float(len(frame)),
            of="segments",
            good="high",
            method=Title("全段每一米都有人负责的管段数", "Segments each metre of which somebody holds"),
        ),
    )


def _finding_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    def metres(name: str, kind: str, title: Title, method: Title) -> Figure:
        length = float(frame["length_m"][frame["kind"] == kind].sum())
        return Figure(f"border-findings.{name}", title, length, "m", good="low", method=method)

    return (
        metres("unassigned_m", "unassigned", Title("无人负责的边界", "Border that nobody holds"), VALID_ON_DAY),
        metres("no_segment_m", "no_segment", Title("未划管段的边界", "Border in no segment"), HELD_OR_NOT),
        metres("overlap_m", "overlap", Title("重复负责的边界", "Border assigned twice by mistake"), TWICE),
        Figure(
            "border-findings.overlong",
            Title("过长的管段", "Segments too long for their guards"),
            float((frame["kind"] == "overlong").sum()),
            "segments",
            good="low",
            method=Title(
                "长度超过人数×间隔×速度×每日小时÷2", "Longer than guards × interval × speed × hours a day ÷ 2"
            ),
        ),
    )


def _status_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    length, state, open_ = frame["length_m"], frame["state"], frame["accessible"]

    def part(name: str, title: Title, rows: Any, good: Any, method: Title, of: Any = slice(None)) -> Figure:
        some, whole = float(length[rows].sum()), float(length[of].sum())
        return share(f"border-status.{name}", title, some, whole, of="m", good=good, method=method)

    in_segment = np.array([len(ids) > 0 for ids in frame["segment_ids"]], dtype=bool)
    late, never = open_ & state.isin(["overdue", "critical"]), open_ & (state == "never")
    worst = frame["idle_days"][open_].max()
    return (
        part(
            "assigned",
            Title("有人负责的边界", "Border that somebody holds"),
            state != UNASSIGNED,
            "high",
            VALID_ON_DAY,
        ),
        part(
            "has_segment",
            Title("已划管段的边界", "Border in a segment"),
            in_segment,
            "high",
            HELD_OR_NOT,
        ),
        part("accessible", Title("可到达的边界", "Border that people can get to"), open_, "high", OF_PARTS),
        part("overdue", Title("逾期的边界", "Border overdue or critical"), late, "low", BY_CREDITED, open_),
        part("never", Title("从未巡访的边界", "Border never visited"), never, "low", BY_CREDITED, open_),
        Figure(
            "border-status.worst_idle_days",
            Title("最久未巡访", "Longest without a visit"),
            None if pd.isna(worst) else float(worst),
            "days",
            good="low",
            method=fields.IDLE_DAYS.meaning,
        ),
    )


def _marker_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    placed = float(frame["measure_m"].notna().sum())
    return (
        share(
            "markers.placed",
            Title("有里程的界碑", "Markers with a place on the line"),
            placed,
            float(len(frame)),
            good="high",
        ),
    )


def _post_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    return (
        share(
            "posts.holding",
            Title("负责管段的派出所", "Posts that hold a segment"),
            float((frame["segments"] > 0).sum()),
            float(len(frame)),
            good="high",
        ),
    )


LAYERS = (
    Layer(
        id="border",
        title=Title("边界线", "Border"),
        description=Title(
            "边界线的每一部分及其里程。一行为一部分。",
            "Each part of the border line with its measures. A row is a part.",
        ),
        needs=("border",),
        fields=fields.BORDER,
        build=_border,
        draw="line",
        measure="kind",
        figures=_border_figures,
    ),
    Layer(
        id="border-segments",
        title=Title("边境管段", "Border segments"),
        description=Title(
            "谁负责、能否负担、何时巡访过。一行为一个管段。",
            "Who holds it, whether they can, and when it was visited. A row is a segment.",
        ),
        needs=("border", "segments", CREDITED),
        optional=HOLDING,
        params=(*DAY, "time_zone"),
        fields=fields.SEGMENTS,
        build=_border_segments,
        draw="line",
        measure="state",
        figures=_segment_figures,
    ),
    Layer(
        id="border-findings",
        title=Title("边境责任问题", "Border findings"),
        description=Title(
            "无人负责、重复负责、过长的区段，以及管段和界碑的问题。一行为一个问题。",
            "Stretches that nobody or two hold, long segments, faults of segments and markers. A row is one.",
        ),
        needs=("border", "segments"),
        optional=HOLDING,
        params=DAY,
        fields=fields.FINDINGS,
        build=_border_findings,
        draw="line",
        measure="kind",
        figures=_finding_figures,
    ),
    Layer(
        id="border-status",
        title=Title("边境巡访状态", "State of the border"),
        description=Title(
            "整条边界按管段、可否到达和状态分成的区段，首尾相接。一行为一个区段。",
            "The whole border in stretches of equal segments, access and state, end to end. A row is a stretch.",
        ),
        needs=("border", "segments", CREDITED),
        optional=HOLDING,
        params=(*DAY, "time_zone"),
        fields=fields.STATUS,
        build=_border_status,
        draw="line",
        measure="state",
        figures=_status_figures,
    ),
    Layer(
        id="markers",
        title=Title("界碑", "Boundary markers"),
        description=Title(
            "界碑在边界线上的里程和所在管段。一行为一块界碑。", "Where markers stand along the line. A row is one."
        ),
        needs=("markers", "border"),
        optional=("segments",),
        params=("noise_m",),
        fields=fields.MARKERS,
        build=_markers,
        draw="point",
        figures=_marker_figures,
    ),
    Layer(
        id="posts",
        title=Title("边境哨所", "Border posts"),
        description=Title(
            "边境派出所、警务室和哨所及其管段。一行为一处。",
            "Stations, rooms and sentry posts, and what they hold. A row is one.",
        ),
        needs=("posts",),
        optional=("segments", "border", "markers"),
        params=("noise_m",),
        fields=fields.POSTS,
        build=_posts,
        draw="point",
        measure="kind",
        figures=_post_figures,
    ),
    *PATROL_LAYERS,
    *POINT_LAYERS,
    *REACH_LAYERS,
    *BALANCE_LAYERS,
    *STALENESS_LAYERS,
    *DUE_LAYERS,
)
