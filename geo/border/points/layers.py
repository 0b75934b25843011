"""What is to be visited besides stretches of border, and how its fences stand."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.border.chainage import Lines, chainages
from geo.border.inputs import CREDITED, declared, moment, placed, table_of
from geo.border.markers import nearest_markers
from geo.border.naming import list_column, with_ids
from geo.border.placing import beside, cut_on, place_intervals
from geo.border.points import fields as own
from geo.border.points.fences import (
    BARE,
    MISSING,
    OF_MARKERS,
    OPEN,
    UNKNOWN,
    days_to_mend,
    fence_stretches,
    in_window,
    known_defects,
    place_defects,
)
from geo.border.points.visited import FENCE, MARKER, PARAMETERS, first_known, judged, visited_points
from geo.layer import Figure, Layer, Tables, Title, share
from geo.parameters import Parameters

LATE = ("overdue", "critical", "never")
PLACED = ("as_of", "time_zone", "noise_m")
IN_TIME = Title(
    "有间隔要求的之中，当日未逾期的；经过其所在里程也算走访",
    "Of those with a required interval; passing their place along the border counts as a visit",
)
BEST_FENCE = Title(
    "重叠处取最好的一道；破损的仍算有围栏",
    "Where fences overlap the best one counts; a broken fence is a fence",
)


def _visited_points(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    rows = visited_points(tables, parameters)
    rows = judged(rows[rows["kind"] != FENCE].reset_index(drop=True), tables[CREDITED], moment(parameters))
    rows["point_id"] = rows["kind"] + "-" + rows["target_id"]
    return declared(rows.rename(columns={"start_m": "measure_m"}), own.VISITED)


def _fence_spans(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    _, spans, defects = _on_the_line(tables, parameters)
    rows = visited_points(tables, parameters)
    rows = judged(rows[rows["kind"] == FENCE].reset_index(drop=True), tables[CREDITED], moment(parameters))
    rows = rows.assign(
        **{name: spans[name] for name in ("fence_id", "kind", "built_on", "length_m")},
        condition=spans["condition"].fillna(UNKNOWN),
        fault=spans["fault"].mask(spans["fault"] == "").astype("str"),
    )
    oldest: list[list[float]] = [[] for _ in range(len(spans))]
    still = defects[(defects["state"] == OPEN) & ~defects["kind"].isin(OF_MARKERS)]
    for days, fences in zip(still["days_open"], _beside(spans, still, parameters), strict=True):
        for row in fences:
            oldest[row].append(days)
    rows["open_defects"] = np.array([len(days) for days in oldest], dtype=np.int64)
    rows["oldest_defect_days"] = np.array([max(days, default=np.nan) for days in oldest], dtype=float)
    return declared(rows, own.SPANS)


def _border_fence(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    lines, spans, defects = _on_the_line(tables, parameters)
    segments = placed(tables, parameters)[1]
    rows = fence_stretches(spans, lines)
    at = _beside(segments, rows, parameters)
    ids, posts = (segments[name].to_numpy(dtype=object) for name in ("segment_id", "post_id"))
    fences = spans["fence_id"].to_numpy(dtype=object)
    still = defects[(defects["state"] == OPEN) & ~defects["kind"].isin(OF_MARKERS)]
    begun = np.zeros(len(rows), dtype=np.int64)
    for key, stretches in rows.groupby("border_id").groups.items():
        starts = rows["start_m"][stretches].to_numpy()
        here = still["from_m"][(still["border_id"] == key) & still["from_m"].notna()].to_numpy()
        np.add.at(begun, np.asarray(stretches)[np.searchsorted(starts, here, side="right") - 1], 1)
    rows = rows.assign(
        fence_ids=list_column(fences[near] for near in rows["fences"]),
        segment_ids=list_column(ids[near] for near in at),
        post_ids=list_column(sorted({post for post in posts[near] if pd.notna(post)}) for near in at),
        open_defects=begun,
    )
    rows = with_ids(rows, "stretch_id", pd.Series("fence", index=rows.index), rows["fence_ids"])
    shapes = cut_on(lines, rows["border_id"], rows["start_m"], rows["end_m"])
    return declared(gpd.GeoDataFrame(rows, geometry=shapes), own.ALONG)


def _fence_defects(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    lines, spans, rows = _on_the_line(tables, parameters)
    places, segments = placed(tables, parameters)
    of_fence = ~rows["kind"].isin(OF_MARKERS)
    fences = [near if yes else [] for near, yes in zip(_beside(spans, rows, parameters), of_fence, strict=True)]
    at = _beside(segments, rows, parameters)
    ids, posts = (segments[name].to_numpy(dtype=object) for name in ("segment_id", "post_id"))
    names, keepers = (spans[name].to_numpy(dtype=object) for name in ("fence_id", "post_id"))
    post_id = [first_known([*keepers[on], *posts[near]]) for on, near in zip(fences, at, strict=True)]
    rows = rows.assign(
        length_m=rows["to_m"] - rows["from_m"],
        fence_ids=list_column(names[near] for near in fences),
        segment_ids=list_column(ids[near] for near in at),
        post_id=pd.Series(post_id, dtype="str"),
        fault=rows["fault"].mask(rows["fault"] == "").astype("str"),
    )
    rows["marker_from"], rows["marker_to"] = _between(places, rows, parameters.noise_m)
    shapes = cut_on(lines, rows["border_id"], rows["from_m"], rows["to_m"])
    return declared(gpd.GeoDataFrame(rows, geometry=shapes), own.DEFECTS)


def _on_the_line(tables: Tables, parameters: Parameters) -> tuple[Lines, pd.DataFrame, pd.DataFrame]:
    """Borders, fences placed on them, and the defects known on the day."""
    lines = chainages(tables["border"])
    places = placed(tables, parameters)[0]
    noise = parameters.noise_m
    spans = place_intervals(table_of(tables, "fences"), "fence_id", lines, places, noise_m=noise)
    defects = place_defects(table_of(tables, "defects"), lines, places, noise_m=noise)
    return lines, spans, known_defects(defects, moment(parameters))


def _beside(stretches: pd.DataFrame, rows: pd.DataFrame, parameters: Parameters) -> list[list[int]]:
    start, end = ("from_m", "to_m") if "from_m" in rows else ("start_m", "end_m")
    return beside(stretches, rows["border_id"], rows[start], rows[end], noise_m=parameters.noise_m)


def _between(places: gpd.GeoDataFrame, rows: pd.DataFrame, noise_m: float) -> tuple[pd.Series, pd.Series]:
    """Markers before and after; a place at a marker lies between this marker and itself."""
    names = pd.DataFrame(None, index=rows.index, columns=["before", "after"], dtype="str")
    on = rows[rows["from_m"].notna()]
    for key, index in on.groupby("border_id").groups.items():
        low, high = on["from_m"][index].to_numpy(), on["to_m"][index].to_numpy()
        names.loc[index, "before"], names.loc[index, "after"] = nearest_markers(
            places, key, low + noise_m, high - noise_m
        )
    return names["before"], names["after"]


def _point_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    asked = frame["state"].notna()
    markers = asked & (frame["kind"] == MARKER)
    villages = asked & (frame["kind"] == "village")
    late = frame["state"].isin(LATE)
    return (
        share(
            "visited-points.markers_in_time",
            Title("按期走访的界碑", "Markers visited within their interval"),
            float((markers & ~late).sum()),
            float(markers.sum()),
            of="markers",
            good="high",
            method=IN_TIME,
        ),
        share(
            "visited-points.villages_overdue",
            Title("逾期未走访的嘎查村", "Villages overdue for a visit"),
            float((villages & late).sum()),
            float(villages.sum()),
            of="villages",
            good="low",
            method=IN_TIME,
        ),
        Figure(
            "visited-points.overdue",
            Title("逾期未走访的对象", "Places overdue for a visit"),
            float((asked & late).sum()),
            "places",
            good="low",
            method=IN_TIME,
        ),
    )


def _span_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    asked = frame["state"].notna()
    late = frame["state"].isin(LATE)
    return (
        share(
            "fence-spans.overdue",
            Title("逾期未巡查的围栏", "Fence overdue for a visit"),
            float(frame["length_m"][asked & late].sum()),
            float(frame["length_m"][asked].sum()),
            of="m",
            good="low",
            method=Title(
                "有间隔要求的围栏段之中，按其最久未巡查处", "Spans with an interval, by their stalest metre"
            ),
        ),
    )


def _along_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    length, condition = frame["length_m"], frame["condition"]

    def part(name: str, title: Title, codes: Any, good: Any) -> Figure:
        metres = float(length[condition.isin(codes)].sum())
        return share(
            f"border-fence.{name}", title, metres, float(length.sum()), of="m", good=good, method=BEST_FENCE
        )

    standing = [code for code in own.CONDITION_WORDS if code not in (MISSING, BARE)]
    return (
        part("fenced", Title("有围栏的边界", "Border with a fence"), standing, "high"),
        part("good", Title("围栏完好的边界", "Border with a good fence"), ["good"], "high"),
        part("worn", Title("围栏老化的边界", "Border with a worn fence"), ["worn"], "low"),
        part("broken", Title("围栏破损的边界", "Border with a broken fence"), ["broken"], "low"),
    )


def _defect_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    still = frame["state"] == OPEN
    oldest = frame["days_open"][still].max()
    recent = in_window(frame, moment(parameters) - pd.Timedelta(days=parameters.window_days))
    mended = float((recent["state"] != OPEN).sum())
    window = parameters.window_days
    method = Title(
        f"近{window:g}天内曾未修复的缺陷，至今未修复的按仍未修复计，偏高",
        f"Of defects open at some time in the last {window:g} days, open ones counted as still open: errs high",
    )
    return (
        Figure(
            "fence-defects.open", Title("未修复缺陷", "Open defects"), float(still.sum()), "defects", good="low"
        ),
        Figure(
            "fence-defects.oldest_days",
            Title("最久未修复", "Oldest open defect"),
            None if pd.isna(oldest) else float(oldest),
            "days",
            good="low",
        ),
        share(
            "fence-defects.mended",
            Title("已修复的缺陷", "Defects mended"),
            mended,
            float(len(recent)),
            of="defects",
            good="high",
            method=method,
        ),
        *(
            Figure(
                f"fence-defects.{name}_days_to_mend",
                title,
                days_to_mend(recent, quantile),
                "days",
                good="low",
                method=method,
            )
            for name, title, quantile in (
                ("median", Title("修复天数中位数", "Median days to mend"), 0.5),
                ("p90", Title("修复天数第90百分位", "Days within which 90 % are mended"), 0.9),
            )
        ),
    )


LAYERS = (
    Layer(
        id="visited-points",
        title=Title("走访对象状态", "Places to be visited"),
        description=Title(
            "界碑、嘎查村、停靠点等最近何时走访过，是否按期。一行为一处。",
            "When markers, villages and stops were last visited, and whether in time. A row is one.",
        ),
        needs=("border", "markers", CREDITED),
        optional=("targets", "segments"),
        params=PARAMETERS,
        fields=own.VISITED,
        build=_visited_points,
        draw="point",
        measure="state",
        figures=_point_figures,
    ),
    Layer(
        id="fence-spans",
        title=Title("围栏段", "Fence spans"),
        description=Title(
            "每段围栏的状况、未修复缺陷和最近巡查。一行为一段围栏。",
            "Condition, open defects and last visit of each span of fence. A row is a span.",
        ),
        needs=("border", "fences", CREDITED),
        optional=("defects", "segments", "markers"),
        params=PARAMETERS,
        fields=own.SPANS,
        build=_fence_spans,
        draw="line",
        measure="condition",
        figures=_span_figures,
    ),
    Layer(
        id="border-fence",
        title=Title("边界围栏状况", "Fence along the border"),
        description=Title(
            "整条边界按围栏分成的区段，首尾相接，无围栏处也在内。一行为一个区段。",
            "The whole border in stretches of equal fences, end to end, bare ones included. A row is a stretch.",
        ),
        needs=("border", "fences"),
        optional=("defects", "segments", "markers"),
        params=PLACED,
        fields=own.ALONG,
        build=_border_fence,
        draw="line",
        measure="condition",
        figures=_along_figures,
    ),
    Layer(
        id="fence-defects",
        title=Title("围栏与界碑缺陷", "Defects of fence and markers"),
        description=Title(
            "当日已发现的缺陷，在哪里，多久，是否修复。一行为一处缺陷。",
            "Defects known on the day: where, for how long, mended or not. A row is one.",
        ),
        needs=("border", "defects"),
        optional=("fences", "segments", "markers"),
        params=(*PLACED, "window_days"),
        fields=own.DEFECTS,
        build=_fence_defects,
        draw="line",
        measure="state",
        figures=_defect_figures,
    ),
)
