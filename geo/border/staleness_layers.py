"""The layer that says how stale the border is, and how well it was covered in a window."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from geo.border import fields
from geo.border.coverage import WHOSE
from geo.border.idleness import EVIDENCE
from geo.border.inputs import CREDITED, DAY, HOLDING, declared, held, moment
from geo.border.points import visited
from geo.border.seasons import rule_of
from geo.border.staleness_rows import ALL, BORDER, KINDS, SEPARATE, staleness_rows
from geo.layer import Field, Figure, Good, Layer, Tables, Title, share
from geo.parameters import Parameters

KIND_WORDS = dict(
    zip(
        KINDS,
        (
            Title("全部边界", "All borders"),
            Title("边界", "Border"),
            Title("管段", "Segment"),
            Title("未划管段", "In no segment"),
        ),
        strict=True,
    )
)
OPEN = Title("只计可到达的部分", "Of accessible ground alone")
IN_WINDOW = Title(
    "期内巡访过的可到达边界所占比例；同一次巡逻只算一次",
    "Share of accessible border visited in the window; visits of one patrol are one",
)
SHARES = {
    "covered": Title("期内巡访", "Covered"),
    "covered_twice": Title("期内两次以上", "Covered twice"),
    "covered_thrice": Title("期内三次以上", "Covered three times"),
    "gps": Title("有轨迹", "By GPS track"),
    "scan": Title("有扫码", "By code"),
    "declared": Title("有申报", "Declared"),
    "best_scan": Title("最强为扫码", "By code at best"),
    "best_declared": Title("只有申报", "Declared only"),
    "own": Title("本段人员", "By its own holder"),
    "joint": Title("联合巡逻", "By a joint patrol"),
    "other": Title("其他人员", "By others"),
}
SINCE_RECORD = Title(
    "从未巡访的自有记录以来计，至少如此",
    "What was never visited counts from the first visit on record, at least so long",
)
OVER_TIME = Title(
    "期内未巡访时间的平均：全部间隔平方和÷2倍期长，首尾未完的间隔也计；有记录以前不计",
    "Mean over the window: Σ g² / 2T over all gaps, the first and the open one included; not before records begin",
)
LATE = Title("逾期的可到达边界", "Accessible border overdue")
NEVER = Title("从未巡访的可到达边界", "Accessible border never visited")
BANDS = Title("无论是否有人负责", "Whether or not anybody holds it")
STALENESS = (
    Field("staleness_id", "string", Title("编号", "Row")),
    Field("kind", "string", Title("范围", "Of what"), values=KIND_WORDS),
    fields.SEGMENT_IDS,
    fields.POST_ID,
    fields.BORDER_ID,
    fields.START,
    fields.END,
    fields.LENGTH,
    Field("accessible_m", "number", Title("可到达长度", "Accessible length"), unit="m"),
    Field("mean_idle_days", "number", Title("平均未巡访", "Mean idleness"), unit="days", meaning=SINCE_RECORD),
    Field("p50_idle_days", "number", Title("未巡访中位数", "Median idleness"), unit="days", meaning=OPEN),
    Field("p95_idle_days", "number", Title("未巡访95分位", "95 % idle at most"), unit="days", meaning=OPEN),
    Field("worst_idle_days", "number", Title("最久未巡访", "Longest without a visit"), unit="days", meaning=OPEN),
    Field("worst_border_id", "string", Title("最久处边界", "Border of the stalest")),
    Field("worst_start_m", "number", Title("最久处起", "Stalest from"), unit="m"),
    Field("worst_end_m", "number", Title("最久处止", "Stalest to"), unit="m"),
    Field("marker_from", "string", Title("最久处起碑", "Stalest from marker")),
    Field("marker_to", "string", Title("最久处止碑", "Stalest to marker")),
    Field("never_m", "number", Title("从未巡访", "Never visited"), unit="m"),
    Field("overdue_m", "number", Title("逾期", "Overdue"), unit="m"),
    Field(
        "severity_km_days",
        "number",
        Title("逾期程度", "Severity"),
        unit="km·days",
        meaning=Title("∫max(0, 未巡访−间隔)dm", "∫ max(0, idleness − interval) dm"),
    ),
    Field(
        "window_mean_days",
        "number",
        Title("期内平均未巡访", "Mean idleness over the window"),
        unit="days",
        meaning=OVER_TIME,
    ),
    Field(
        "regularity_days",
        "number",
        Title("间隔均方根", "Root mean square gap"),
        unit="days",
        meaning=Title(
            "√(Σg²/n)，按长度平均；越均匀越小", "√(Σ g²/n), mean over its length; even visits make it small"
        ),
    ),
    Field("window_worst_days", "number", Title("期内最长间隔", "Widest gap"), unit="days"),
    Field("visits", "number", Title("期内平均次数", "Visits of a metre"), meaning=IN_WINDOW),
    *(Field(name, "number", title, unit="share", meaning=IN_WINDOW) for name, title in SHARES.items()),
    Field("markers", "integer", Title("界碑数", "Markers")),
    Field("markers_visited", "integer", Title("期内到过的界碑", "Markers visited")),
)


def _border_staleness(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    points = visited.visited_points(tables, parameters)
    rows = staleness_rows(
        held(tables, parameters),
        tables[CREDITED],
        points[points["kind"] == visited.MARKER],
        moment=moment(parameters),
        window_days=parameters.window_days,
        default_days=rule_of(parameters).without_class(parameters.as_of),
        noise_m=parameters.noise_m,
    )
    return declared(rows, STALENESS)


def _staleness_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    whole = frame[frame["kind"] == (ALL if (frame["kind"] == ALL).any() else BORDER)]
    if not len(whole):
        return ()
    row = whole.iloc[0]
    days = f"{parameters.window_days:g}"
    window = Title(f"{days}天内；{IN_WINDOW.zh}", f"In {days} days. {IN_WINDOW.en}")

    def part(name: str, title: Title, metres: float, method: Title, good: Good) -> Figure:
        of = float(row["accessible_m"])
        return share(f"border-staleness.{name}", title, metres, of, of="m", good=good, method=method)

    def number(name: str, method: Title) -> Figure:
        field = next(field for field in STALENESS if field.name == name)
        value = None if pd.isna(row[name]) else float(row[name])
        return Figure(f"border-staleness.{name}", field.title, value, field.unit, good="low", method=method)

    def covered(name: str) -> Figure:
        metres = float(row[name] * row["accessible_m"]) if row["accessible_m"] > 0 else 0.0
        return part(name, SHARES[name], metres, window, "low" if name == "best_declared" else "high")

    return (
        *(covered(name) for name in (*SEPARATE, *EVIDENCE, "best_declared", *WHOSE)),
        share(
            "border-staleness.markers_visited",
            Title("期内到过的界碑", "Markers visited"),
            float(row["markers_visited"]),
            float(row["markers"]),
            of="markers",
            good="high",
            method=Title(f"{days}天内", f"In {days} days"),
        ),
        *(number(name, SINCE_RECORD) for name in ("mean_idle_days", "p50_idle_days", "p95_idle_days")),
        number("worst_idle_days", _place(row)),
        number("window_mean_days", OVER_TIME),
        part("overdue", LATE, float(row["overdue_m"]), BANDS, "low"),
        part("never", NEVER, float(row["never_m"]), BANDS, "low"),
        number("severity_km_days", BANDS),
    )


def _place(row: Any) -> Title:
    """Say where the stalest metres are."""
    if pd.isna(row["worst_start_m"]):
        return SINCE_RECORD
    span = f"{row['worst_border_id']} km {row['worst_start_m'] / 1000:,.3f}–{row['worst_end_m'] / 1000:,.3f}"
    ends = ["…" if pd.isna(row[name]) else row[name] for name in ("marker_from", "marker_to")]
    return Title(f"{span}，{ends[0]}—{ends[1]}号界碑", f"{span}, markers {ends[0]}–{ends[1]}")


def _breaks(parameters: Parameters) -> tuple[float, ...]:  # noqa: ARG001 (Breaks)
    return (0.25, 0.5, 0.75, 0.95)


LAYERS = (
    Layer(
        id="border-staleness",
        title=Title("边境巡访覆盖", "Coverage and staleness of the border"),
        description=Title(
            "每条边界、每个管段和每处未划管段的边界：当日有多久未巡访，期内巡访了多少。",
            "Each border, segment and stretch in no segment: how stale it is, how much was visited in a window.",
        ),
        needs=("border", "segments", CREDITED),
        optional=tuple(dict.fromkeys((*HOLDING, *visited.USED))),
        params=tuple(dict.fromkeys((*DAY, "time_zone", "window_days", *visited.PARAMETERS))),
        fields=STALENESS,
        build=_border_staleness,
        draw="line",
        measure="covered",
        good="high",
        breaks=_breaks,
        figures=_staleness_figures,
    ),
)
