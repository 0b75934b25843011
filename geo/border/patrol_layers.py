"""What patrols earned: their visits, and an account of every fix and step that did not count."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.border import fields
from geo.border.chainage import chainages
from geo.border.crediting import CREDITED as CREDITED_STEPS
from geo.border.crediting import DROPPED, REFUSED, REORDERED, USED, track_entries
from geo.border.fields import EVIDENCE_FIELD, EVIDENCE_WORDS, MODE_WORDS
from geo.border.fixes import REASONS as FIX_REASONS
from geo.border.inputs import CREDITED, declared, placed, table_of
from geo.border.markers import nearest_markers
from geo.border.naming import list_column
from geo.border.patrols import declared_visits
from geo.border.tracks import REASONS as STEP_REASONS
from geo.border.visits import every_visit
from geo.crs import LONLAT
from geo.layer import Field, Figure, Layer, Tables, Title, share
from geo.parameters import Parameters

ENTRIES = "track-entries"
FIX_WORDS = dict(
    zip(
        FIX_REASONS,
        (
            Title("无坐标", "No place"),
            Title("无时间", "No time"),
            Title("重复", "Duplicate"),
            Title("同时异地", "Same time elsewhere"),
            Title("巡逻时间之外", "Outside the patrol's times"),
            Title("飞点", "Spike"),
            Title("时钟跳变", "Clock jump"),
        ),
        strict=True,
    )
)
STEP_WORDS = dict(
    zip(
        STEP_REASONS,
        (
            Title("离线过远", "Off the line"),
            Title("间隔过长", "Too long out of sight"),
            Title("过快", "Too fast"),
            Title("抄近路", "A shortcut"),
            Title("方向不符", "Across the line"),
        ),
        strict=True,
    )
)
PROBLEM_WORDS = {
    "no_marker": Title("未写界碑", "No marker named"),
    "unknown_marker": Title("界碑不明", "Marker not known"),
    "no_length": Title("起止相同", "The same marker twice"),
    "time_order": Title("时间颠倒", "Ends before it starts"),
    "no_track": Title("没有轨迹", "No track"),
}
PATROL_ID = Field("patrol_id", "string", Title("巡逻编号", "Patrol"))
BEGAN = Field("start_time", "date-time", Title("开始", "Began"))
ENDED = Field("end_time", "date-time", Title("结束", "Ended"))

ENTRY = (
    Field("entry_id", "string", Title("编号", "Entry")),
    Field("entry", "string", Title("类别", "Entry is of")),
    PATROL_ID,
    fields.BORDER_ID,
    fields.START,
    fields.END,
    BEGAN,
    ENDED,
    Field("reason", "string", Title("原因", "Reason"), values={**FIX_WORDS, **STEP_WORDS}),
    Field("count", "integer", Title("个数", "Number")),
    fields.LENGTH,
)
PATROL_VISITS = (
    Field("visit_id", "string", Title("记录编号", "Visit")),
    PATROL_ID,
    fields.BORDER_ID,
    fields.START,
    fields.END,
    fields.LENGTH,
    Field("marker_from", "string", Title("起碑", "From marker")),
    Field("marker_to", "string", Title("止碑", "To marker")),
    fields.SEGMENT_IDS,
    BEGAN,
    ENDED,
    EVIDENCE_FIELD,
    fields.POST_ID,
    Field("joint", "boolean", Title("联合", "Joint")),
    fields.SYNTHETIC,
)
PATROL_CREDITS = (
    PATROL_ID,
    Field("evidence", "string", Title("依据", "Evidence"), values=EVIDENCE_WORDS),
    Field("mode", "string", Title("方式", "Mode"), values=MODE_WORDS),
    fields.POST_ID,
    BEGAN,
    ENDED,
    Field(
        "credited_km",
        "number",
        Title("认定里程", "Credited"),
        unit="km",
        meaning=Title("边界线上至少走过一次的长度", "Length of border that it covered at least once"),
    ),
    Field(
        "problem",
        "string",
        Title("未认定原因", "Why nothing counts"),
        values=PROBLEM_WORDS,
        meaning=Title("申报有误，或轨迹缺失；其余为空", "Of a faulty declaration or a missing track; else empty"),
    ),
    Field("fixes", "integer", Title("定位点", "Fixes read")),
    Field("used", "integer", Title("已用定位点", "Fixes used")),
    *(
        Field(f"dropped_{reason}", "integer", Title(f"剔除：{words.zh}", f"Left out: {words.en.lower()}"))
        for reason, words in FIX_WORDS.items()
    ),
    Field(
        "reordered",
        "integer",
        Title("调整次序", "Put in order"),
        meaning=Title("已用，未剔除", "Used, not left out"),
    ),
    Field(
        "steps", "integer", Title("步数", "Steps"), meaning=Title("相邻两点之间为一步", "From one fix to the next")
    ),
    Field("credited_steps", "integer", Title("认定步数", "Steps credited")),
    *(
        Field(f"refused_{reason}", "integer", Title(f"不计：{words.zh}", f"Refused: {words.en.lower()}"))
        for reason, words in STEP_WORDS.items()
    ),
    Field("walked_km", "number", Title("行走里程", "Walked"), unit="km"),
    Field("refused_km", "number", Title("不计里程", "Walked, not credited"), unit="km"),
    fields.SYNTHETIC,
)


def _entries(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    rows = track_entries(
        tables["tracks"],
        tables.get("patrols"),
        placed(tables, parameters)[1],
        chainages(tables["border"]),
        tolerance_m=parameters.patrol_tolerance_m,
        max_step_s=parameters.patrol_step_s,
    )
    return declared(_bare(rows), ENTRY)


def _credited_visits(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    places = placed(tables, parameters)[0]
    rows = every_visit(tables.get("visits"), tables.get("patrols"), tables.get(ENTRIES), places)
    return declared(_bare(rows), fields.VISITS)


def _patrol_visits(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    places, segments = placed(tables, parameters)
    lines = chainages(tables["border"])
    rows = pd.DataFrame(tables[CREDITED].drop(columns="geometry"))
    if len(lines) == 1:
        rows["border_id"] = rows["border_id"].fillna(next(iter(lines)))
    rows = rows[rows["border_id"].isin(list(lines)) & (rows["start_m"] != rows["end_m"]) & rows["end_m"].notna()]
    rows = rows.dropna(subset=["start_m"]).sort_values("visit_id", kind="stable", ignore_index=True)
    bounds = rows[["start_m", "end_m"]]
    rows = rows.assign(start_m=bounds.min(axis=1), end_m=bounds.max(axis=1))
    rows["length_m"] = rows["end_m"] - rows["start_m"]
    shapes = np.full(len(rows), None, dtype=object)
    names = pd.DataFrame(None, index=rows.index, columns=["marker_from", "marker_to"], dtype="str")
    ids: list[list[str]] = [[] for _ in range(len(rows))]
    for key, at in rows.groupby("border_id").indices.items():
        start, end = rows["start_m"].to_numpy()[at], rows["end_m"].to_numpy()[at]
        shapes[at] = lines[key].cut(start, end)
        names.loc[at, "marker_from"], names.loc[at, "marker_to"] = nearest_markers(places, key, start, end)
        own = segments[(segments["border_id"] == key) & segments["from_m"].notna()]
        low, high, id = (own[name].to_numpy() for name in ("from_m", "to_m", "segment_id"))
        for row, one, other in zip(at, start, end, strict=True):
            ids[row] = id[(low < other) & (high > one)].tolist()
    rows = rows.assign(segment_ids=list_column(ids), **names)
    return declared(gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(shapes, crs=LONLAT)), PATROL_VISITS)


def _patrol_credits(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    patrols = table_of(tables, "patrols").drop(columns="geometry", errors="ignore")
    entries = pd.DataFrame(tables[ENTRIES]) if ENTRIES in tables else pd.DataFrame(columns=[f.name for f in ENTRY])
    tracked = pd.DataFrame({"patrol_id": entries["patrol_id"].unique()}, dtype="str")
    rows = patrols.merge(tracked, on="patrol_id", how="outer").sort_values("patrol_id", ignore_index=True)
    rows = rows.assign(
        evidence=rows["evidence"].fillna("gps"),
        mode=rows["mode"].fillna("foot"),
        synthetic=rows["synthetic"].eq(True),
    )
    known = rows["patrol_id"]

    def total(entry: str, column: str, reason: str | None = None) -> pd.Series:
        own = entries[(entries["entry"] == entry) & (reason is None or entries["reason"] == reason)]
        return known.map(own.groupby("patrol_id")[column].sum()).fillna(0).astype(float)

    def count(entry: str, reason: str | None = None) -> pd.Series:
        return total(entry, "count", reason).astype("int64")

    lost = declared_visits(patrols, placed(tables, parameters)[0]).refused.set_index("patrol_id")["reason"]
    problem = known.map(lost)
    problem = problem.mask((rows["evidence"] == "gps") & ~known.isin(tracked["patrol_id"]), "no_track")
    earned = _covered_km(tables[CREDITED])
    rows = rows.assign(
        credited_km=known.map(earned).fillna(0.0).astype(float),
        problem=problem.where(~known.isin(earned.index)).astype("str"),
        fixes=count(USED) + count(DROPPED),
        used=count(USED),
        **{f"dropped_{reason}": count(DROPPED, reason) for reason in FIX_REASONS},
        reordered=count(REORDERED),
        steps=count(CREDITED_STEPS) + count(REFUSED),
        credited_steps=count(CREDITED_STEPS),
        **{f"refused_{reason}": count(REFUSED, reason) for reason in STEP_REASONS},
        walked_km=(total(CREDITED_STEPS, "length_m") + total(REFUSED, "length_m")) / 1000.0,
        refused_km=total(REFUSED, "length_m") / 1000.0,
    )
    return declared(_bare(rows), PATROL_CREDITS)


def _covered_km(visits: pd.DataFrame) -> pd.Series:
    """Kilometres that the visits of each patrol cover, each once."""
    bounds = visits[["start_m", "end_m"]]
    rows = pd.DataFrame(visits[["patrol_id", "border_id"]]).assign(low=bounds.min(axis=1), high=bounds.max(axis=1))
    rows = rows.dropna(subset=["patrol_id", "low", "high"])
    keys = ["patrol_id", "border_id"]
    rows = rows.sort_values([*keys, "low"], kind="stable", ignore_index=True)
    reached = rows.groupby(keys, dropna=False)["high"].cummax()
    before = reached.groupby([rows[key] for key in keys], dropna=False).shift()
    new = (rows["high"] - np.fmax(rows["low"], before.fillna(-np.inf))).clip(lower=0.0)
    return new.groupby(rows["patrol_id"]).sum() / 1000.0


def _bare(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries([None] * len(rows), index=rows.index, crs=LONLAT))


def _credit_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001
    walked, refused = float(frame["walked_km"].sum()), float(frame["refused_km"].sum())
    fixes = float(frame["fixes"].sum())
    return (
        share(
            "patrol-credits.walked",
            Title("轨迹认定里程", "Walked on the line, by track"),
            (walked - refused) * 1000.0,
            walked * 1000.0,
            of="m",
            good="high",
            method=Title(
                "相邻两点之间的距离；不计的按原因分列",
                "Between neighbouring fixes; the refused are listed by reason",
            ),
        ),
        share(
            "patrol-credits.fixes_used",
            Title("已用定位点", "Fixes used"),
            float(frame["used"].sum()),
            fixes,
            of="fixes",
            good="high",
            method=Title("其余按原因剔除并计数", "The others are left out, counted by reason"),
        ),
        Figure(
            "patrol-credits.nothing",
            Title("未认定的巡逻", "Patrols that nothing counts of"),
            float((frame["credited_km"] == 0).sum()),
            "patrols",
            good="low",
        ),
    )


LAYERS = (
    Layer(
        id=ENTRIES,
        title=Title("轨迹认定明细", "Account of tracks"),
        description=Title(
            "每条轨迹认定的区段，以及每个定位点和每一步的去向；不公布。一行为一笔。",
            "What each track earned and what became of its fixes and steps; never published. A row is an entry.",
        ),
        needs=("border", "tracks"),
        optional=("patrols", "segments", "markers"),
        params=("noise_m", "patrol_tolerance_m", "patrol_step_s"),
        fields=ENTRY,
        build=_entries,
        draw="none",
        private=True,
    ),
    Layer(
        id=CREDITED,
        title=Title("已认定的巡访", "Credited visits"),
        description=Title(
            "每次计入的巡访，不论依据；只供汇总，不公布。一行为一次。",
            "Every visit that counts, whatever its evidence; for other layers, never published. A row is one.",
        ),
        needs=("border",),
        optional=("visits", "patrols", "markers", ENTRIES),
        params=("noise_m",),
        fields=fields.VISITS,
        build=_credited_visits,
        draw="none",
        private=True,
    ),
    Layer(
        id="patrol-visits",
        title=Title("巡逻认定区段", "What patrols covered"),
        description=Title(
            "每次巡逻认定的边界区段、时间和依据；不含轨迹和人员。一行为一段。",
            "Stretches of border credited to patrols, when and on what evidence; no track, nobody. A row is one.",
        ),
        needs=("border", CREDITED),
        optional=("markers", "segments"),
        params=("noise_m",),
        fields=PATROL_VISITS,
        build=_patrol_visits,
        draw="line",
        measure="evidence",
    ),
    Layer(
        id="patrol-credits",
        title=Title("巡逻认定情况", "Account of patrols"),
        description=Title(
            "每次巡逻读入、剔除、认定和不计的定位点与步数及原因。一行为一次巡逻。",
            "Of each patrol, the fixes and steps read, left out, credited and refused, by reason. A row is one.",
        ),
        needs=("border", "patrols", CREDITED),
        optional=("markers", "segments", ENTRIES),
        params=("noise_m",),
        fields=PATROL_CREDITS,
        build=_patrol_credits,
        draw="none",
        figures=_credit_figures,
    ),
)
