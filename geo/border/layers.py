"""What the border answers: the line, its segments, findings, state, markers and posts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import units
from geo.border import fields
from geo.border.assignment import findings_of
from geo.border.chainage import chainages, parts_in_order
from geo.border.holding import DEFAULT, Holdings, around_markers, hold, place_segments
from geo.border.idleness import UNASSIGNED, end_of_day
from geo.border.markers import marker_places
from geo.border.naming import list_column
from geo.border.patrols import declared_visits
from geo.border.status import border_stretches, segment_rows
from geo.layer import Field, Figure, Layer, Parameters, Tables, Title, share
from geo.tables.conform import conform

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
CREDITED = Title(
    "按已认定的巡访；申报的按起止界碑之间全程计，偏高",
    "By credited visits; declared patrols count all the way between their two markers, which flatters",
)


def _border(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:  # noqa: ARG001 (Build)
    rows = parts_in_order(tables["border"])
    names = rows["border_id"] + "-" + rows["part"]
    again = names.groupby(names).cumcount()
    rows["part_id"] = names.where(again == 0, names + "~" + (again + 1).astype("str"))
    rows["sequence"] = rows["sequence"].astype("int64")
    return _declared(rows, fields.BORDER)


def _border_segments(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    holdings = _hold(tables, parameters)
    moment = end_of_day(parameters.as_of, parameters.time_zone)
    rows = segment_rows(holdings, _visits(tables, holdings), moment=moment, noise_m=parameters.noise_m)
    return _declared(rows, fields.SEGMENTS)


def _border_findings(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    return _declared(findings_of(_hold(tables, parameters), noise_m=parameters.noise_m), fields.FINDINGS)


def _border_status(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    holdings = _hold(tables, parameters)
    rows = border_stretches(
        holdings,
        _visits(tables, holdings),
        moment=end_of_day(parameters.as_of, parameters.time_zone),
        default_days=parameters.interval_days.get(DEFAULT, units.INTERVAL_DAYS),
    )
    return _declared(rows, fields.STATUS)


def _markers(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    places, placed = _place(tables, parameters)
    around = around_markers(placed, places, noise_m=parameters.noise_m)
    at_marker = list_column(placed["segment_id"][near] for near, _ in around)
    return _declared(places.assign(segment_ids=at_marker), fields.MARKERS)


def _posts(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    posts = tables["posts"].sort_values("post_id", kind="stable", ignore_index=True)
    held = _place(tables, parameters)[1].groupby("post_id")["length_m"]
    count, length = posts["post_id"].map(held.size()), posts["post_id"].map(held.sum())
    rows = posts.assign(segments=count.fillna(0).astype("int64"), length_m=length.fillna(0.0).astype(float))
    return _declared(rows, fields.POSTS)


def _place(tables: Tables, parameters: Parameters) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Markers and segments on the line, whoever holds them; a table that is not there has no row."""
    border, markers, segments = (
        tables[name] if name in tables else conform(name, pd.DataFrame())
        for name in ("border", "markers", "segments")
    )
    lines = chainages(border)
    places = marker_places(markers, lines, noise_m=parameters.noise_m)
    return places, place_segments(segments, lines, places, noise_m=parameters.noise_m)


def _hold(tables: Tables, parameters: Parameters) -> Holdings:
    return hold(
        tables["border"],
        tables["segments"],
        tables.get("assignments"),
        tables.get("staff"),
        tables.get("markers"),
        as_of=parameters.as_of,
        interval_days=parameters.interval_days,
        noise_m=parameters.noise_m,
    )


def _visits(tables: Tables, holdings: Holdings) -> pd.DataFrame | None:
    """Imported visits, and those that declared patrols are credited with."""
    visits, patrols = tables.get("visits"), tables.get("patrols")
    if patrols is None:
        return visits
    declared = declared_visits(patrols, holdings.markers).visits
    return declared if visits is None else pd.concat([visits, declared], ignore_index=True)


def _declared(rows: gpd.GeoDataFrame, declared: Iterable[Field]) -> gpd.GeoDataFrame:
    return rows[[*(field.name for field in declared), "geometry"]]


def _border_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    length = float(frame["length_m"].sum())
    return (
        Figure("border.length", Title("边界线长度", "Length of the border"), length, "m", method=ON_ELLIPSOID),
    )


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
    length, state = frame["length_m"], frame["state"]
    whole = float(length.sum())

    def part(name: str, title: Title, rows: Any, good: Any, method: Title) -> Figure:
        return share(
            f"border-status.{name}", title, float(length[rows].sum()), whole, of="m", good=good, method=method
        )

    in_segment = np.array([len(ids) > 0 for ids in frame["segment_ids"]], dtype=bool)
    late = state.isin(["overdue", "critical"])
    worst = frame["idle_days"].max()
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
        part("overdue", Title("逾期的边界", "Border overdue or critical"), late, "low", CREDITED),
        part("never", Title("从未巡访的边界", "Border never visited"), state == "never", "low", CREDITED),
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


HOLDING = ("markers", "assignments", "staff")
DAY = ("as_of", "interval_days", "noise_m")

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
        needs=("border", "segments"),
        optional=(*HOLDING, "visits", "patrols"),
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
            "整条边界按管段和状态分成的区段，首尾相接。一行为一个区段。",
            "The whole border in stretches of equal segments and state, end to end. A row is a stretch.",
        ),
        needs=("border", "segments"),
        optional=(*HOLDING, "visits", "patrols"),
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
)
