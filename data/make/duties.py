"""What else there is to look after along the border: fences, their defects, villages and stops. All invented."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.random import Generator

from frontier import Line, inland
from watch import AGES, NOW, WINDOW_DAYS

KINDS = {"mesh": "网围栏", "barbed_wire": "刺丝围栏"}
CONDITIONS = {"good": "完好", "worn": "老化", "broken": "破损", "missing": "缺失"}
DEFECTS = {
    "wire": "断丝",
    "post": "立柱损坏",
    "gate": "门损坏",
    "gap": "缺口",
    "washed_out": "冲毁",
    "marker_dirty": "界碑污损",
}
SEVERITIES = ("轻微", "较重", "严重")
FENCED = {"grassland": 0.75, "desert": 0.45, "border_river": 0.0}  # share of segments; a river needs no fence
FENCE_DAYS = 15.0
OLD_DAYS, MENDED_WITHIN = 95, 25.0
# kind: word in the sheet, name, how many, metres from the line, days between visits
TARGETS = {
    "village": ("嘎查村", "嘎查", 96, (2_000.0, 14_000.0), 15.0),
    "stop": ("停靠点", "流动服务停靠点", 28, (2_000.0, 14_000.0), 7.0),
    "well": ("水井", "水井", 14, (300.0, 2_500.0), None),
    "checkpoint": ("卡点", "卡点", 8, (400.0, 1_500.0), 3.0),
}
TIMETABLES = ("周一 9:00-11:00", "周二 9:00-11:00", "周三 14:00-16:00", "周四 10:00-12:00", "周五 9:00-11:00")
SCANNED_MARKERS = 40
STILL = 1_000.0  # days that it takes: open


@dataclass(frozen=True)
class Duties:
    """The tables with the headings of their files, and what was put in on purpose.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        By file name without ending.
    noted : list of (str, dict)
        Sections of ``planted.toml``.
    """

    tables: dict[str, pd.DataFrame]
    noted: list[tuple[str, dict[str, Any]]]


def duties(
    line: Line,
    cut: pd.DataFrame,
    marks: pd.DataFrame,
    never: list[str],
    banners: gpd.GeoDataFrame,
    rng: Generator,
) -> Duties:
    """Invent fences, defects, places to be visited and visits to them.

    Parameters
    ----------
    line : Line
        The border.
    cut : pandas.DataFrame
        Clean segments with ``post_id``, ``class``, ``adcode`` and ``banner``.
    marks : pandas.DataFrame
        Markers: ``marker_id``, ``number``, ``measure_m``.
    never : list of str
        Segments that nobody patrols: nothing is scanned there.
    banners : geopandas.GeoDataFrame
        ``adcode`` and outline: a target lies in the banner it belongs to.
    rng : numpy.random.Generator
        Everything.

    Returns
    -------
    Duties
        One village overdue, one never visited, one broken fence with a gap in it and one defect found 95 days ago
        are there whatever the dice say; what else they gave is noted too.
    """
    spans = _fences(cut, marks, rng)
    broken = spans[spans["condition"] == "broken"]
    events = _defects(line, spans, marks, rng)
    targets = _targets(line, cut, banners, rng)
    seen = _visits(targets, cut, marks, never, rng)
    length = (spans["end_m"] - spans["start_m"]).groupby(spans["condition"]).sum().round(1)
    counts = {"fences": len(spans), "defects": len(events), "targets": len(targets), "target_visits": len(seen)}
    return Duties(
        {
            "fences": _fence_sheet(spans),
            "defects": _defect_sheet(events),
            "targets": _target_sheet(targets),
            "target_visits": _visit_sheet(seen),
        },
        [
            (
                "[duties]",
                {
                    **counts,
                    **_late(targets, seen),
                    "fences_broken": list(broken["fence_id"]),
                    "defects_open": int(events["mended"].isna().sum()),
                    "oldest_defect": events["defect_id"].iloc[0],
                    "oldest_defect_days": OLD_DAYS,
                },
            ),
            ("[duties.fence_m]", {code: float(length[code]) for code in CONDITIONS}),
        ],
    )


def _fences(cut: pd.DataFrame, marks: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    """One or two spans in most segments away from the river, no two at one metre."""
    number = dict(zip(marks["measure_m"], marks["number"], strict=True))
    middles = marks["measure_m"].to_numpy()
    rows: list[dict[str, Any]] = []
    for segment in cut[rng.random(len(cut)) < cut["class"].map(FENCED)].itertuples():
        inside = middles[(middles > segment.start_m) & (middles < segment.end_m)]
        bounds = [segment.start_m, *inside, segment.end_m]
        if rng.random() < 0.3:
            bounds[-1] = round(segment.end_m - rng.uniform(500.0, 4_000.0), -1)
        for start, end in pairwise(bounds):
            rows.append(
                {
                    "start_m": start,
                    "end_m": end,
                    "by_marker": start in number and end in number and rng.random() < 0.5,
                    "start_marker": number.get(start),
                    "end_marker": number.get(end),
                    "post_id": segment.post_id,
                    "segment_id": segment.segment_id,
                    "condition": rng.choice(list(CONDITIONS), p=[0.66, 0.24, 0.06, 0.04]),
                    "kind": "barbed_wire" if segment[cut.columns.get_loc("class") + 1] == "desert" else "mesh",
                    "built_on": f"{int(rng.integers(2004, 2023))}-{int(rng.integers(5, 11)):02d}-01",
                }
            )
    spans = pd.DataFrame(rows)
    spans.loc[len(spans) // 2, "condition"] = "broken"
    spans.insert(0, "fence_id", [f"synthetic_f{k:03d}" for k in range(1, len(spans) + 1)])
    return spans


def _defects(line: Line, spans: pd.DataFrame, marks: pd.DataFrame, rng: Generator) -> pd.DataFrame:
    """A defect in every second span, a gap in every broken one, dirty markers, and the old one."""
    rows: list[dict[str, Any]] = []

    def event(kind: str, days: int, open_for: float, **place: Any) -> None:
        found = _at_work(days, rng)
        mended = found + pd.Timedelta(days=round(open_for), minutes=int(rng.integers(30, 300)))
        severity = SEVERITIES[int(rng.choice(3, p=[0.5, 0.35, 0.15]))]
        rows.append({"kind": kind, "severity": severity, "found": found, "mended": mended, **place})

    for span in spans[spans["condition"] != "missing"].itertuples():
        spot = round(float(rng.uniform(span.start_m + 100.0, span.end_m - 400.0)))
        if span.condition == "broken":
            event("gap", int(rng.integers(3, 24)), STILL, start_m=spot, end_m=spot + int(rng.integers(20, 300)))
        elif rng.random() < 0.5:
            kind = str(rng.choice(["wire", "post", "gate", "washed_out"], p=[0.45, 0.3, 0.1, 0.15]))
            seen = line.at(np.array([spot]))[0] if rng.random() < 0.3 else None
            place = {"start_m": spot} if seen is None else {"lon": seen[0], "lat": seen[1]}
            event(kind, int(rng.integers(1, 60)), min(rng.exponential(9.0), MENDED_WITHIN), **place)
    for mark in np.sort(rng.choice(marks["number"], 16, replace=False).astype(int)):
        event("marker_dirty", int(rng.integers(1, 50)), rng.uniform(1.0, 20.0), marker=str(mark))
    good = spans[spans["condition"] == "good"].iloc[7]
    event("wire", OLD_DAYS, STILL, start_m=round((good["start_m"] + good["end_m"]) / 2))
    events = pd.DataFrame(rows).sort_values("found", kind="stable", ignore_index=True)
    events["mended"] = events["mended"].where(events["mended"] < NOW)
    events.insert(0, "defect_id", [f"synthetic_d{k:03d}" for k in range(1, len(events) + 1)])
    return events


def _targets(line: Line, cut: pd.DataFrame, banners: gpd.GeoDataFrame, rng: Generator) -> pd.DataFrame:
    """Villages, stops, wells and checkpoints inland of random places of the border."""
    home = dict(zip(banners["adcode"], banners.geometry, strict=True))
    rows: list[dict[str, Any]] = []
    for kind, (word, name, count, (near, far), interval) in TARGETS.items():
        for row in np.sort(rng.integers(len(cut), size=count)):
            segment = cut.iloc[row]
            spot = rng.uniform(segment["start_m"], segment["end_m"])
            rows.append(
                {
                    "kind": kind,
                    "banner": segment["banner"],
                    "word": word,
                    "called": name,
                    "post_id": segment["post_id"],
                    "division_id": segment["adcode"],
                    "interval_days": interval,
                    "timetable": TIMETABLES[int(rng.integers(5))] if kind == "stop" else None,
                    "point": inland(line, spot, rng.uniform(near, far), home[segment["adcode"]]),
                }
            )
    targets = pd.DataFrame(rows)
    serial = targets.groupby(["banner", "kind"]).cumcount() + 1
    targets["name"] = "模拟·" + targets["banner"] + "第" + serial.astype(str) + targets["called"]
    targets.insert(0, "target_id", [f"synthetic_k{k:03d}" for k in range(1, len(targets) + 1)])
    return targets


def _visits(
    targets: pd.DataFrame, cut: pd.DataFrame, marks: pd.DataFrame, never: list[str], rng: Generator
) -> pd.DataFrame:
    """Visits of sixty days that name what they visited: targets, and some markers whose codes were scanned."""
    rows: list[tuple[str, str, pd.Timestamp, str]] = []
    villages = targets.index[targets["kind"] == "village"]
    for target in targets.itertuples():
        interval = 20.0 if pd.isna(target.interval_days) else target.interval_days
        low, high, _ = AGES[int(rng.choice(len(AGES), p=[share for *_, share in AGES]))]
        share = np.inf if low is None else rng.uniform(low, high)
        days = interval * {villages[5]: 2.6, villages[40]: np.inf}.get(target.Index, share)
        while days < WINDOW_DAYS:
            proof = "扫码" if rng.random() < 0.4 else "填报"
            rows.append((target.word, target.target_id, _at_work(days, rng), proof))
            days += interval * rng.uniform(0.5, 0.95)
    walked = np.zeros(len(marks), dtype=bool)
    for segment in cut[~cut["segment_id"].isin(never)].itertuples():
        walked |= marks["measure_m"].between(segment.start_m, segment.end_m).to_numpy()
    chosen = np.sort(rng.choice(np.flatnonzero(walked), SCANNED_MARKERS, replace=False))
    rows += [("界碑", id, _at_work(rng.uniform(1.0, 30.0), rng), "扫码") for id in marks["marker_id"].iloc[chosen]]
    seen = pd.DataFrame(rows, columns=["word", "target_id", "time", "proof"])
    return seen.sort_values(["time", "target_id"], kind="stable", ignore_index=True)


def _late(targets: pd.DataFrame, seen: pd.DataFrame) -> dict[str, list[str]]:
    """Villages whose last visit is longer ago than their interval as the as-of day ends, or that have none."""
    villages = targets[targets["kind"] == "village"]
    days = (NOW - villages["target_id"].map(seen.groupby("target_id")["time"].max())) / pd.Timedelta(days=1)
    return {
        "villages_overdue": list(villages["target_id"][days > villages["interval_days"]]),
        "villages_never": list(villages["target_id"][days.isna()]),
    }


def _at_work(days: float, rng: Generator) -> pd.Timestamp:
    """A time between eight and six, so many days before the end of the as-of day."""
    day = (NOW - pd.Timedelta(days=max(days, 1.0))).normalize()
    return day + pd.Timedelta(minutes=int(rng.integers(8 * 60, 18 * 60)))


def _written(times: pd.Series) -> pd.Series:
    return times.dt.strftime("%Y-%m-%d %H:%M")


def _visit_sheet(seen: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "记录编号": [f"synthetic_w{k:04d}" for k in range(1, len(seen) + 1)],
            "对象类型": seen["word"],
            "对象编号": seen["target_id"],
            "时间": _written(seen["time"]),
            "依据": seen["proof"],
            "模拟": 1,
        }
    )


def _fence_sheet(spans: pd.DataFrame) -> pd.DataFrame:
    marked = spans["by_marker"].astype(bool)
    return pd.DataFrame(
        {
            "围栏编号": spans["fence_id"],
            "起点里程": spans["start_m"].where(~marked),
            "止点里程": spans["end_m"].where(~marked),
            "起碑": spans["start_marker"].where(marked),
            "止碑": spans["end_marker"].where(marked),
            "派出所编号": spans["post_id"],
            "围栏状况": spans["condition"].map(CONDITIONS),
            "围栏类型": spans["kind"].map(KINDS),
            "修建日期": spans["built_on"],
            "巡查间隔": FENCE_DAYS,
            "模拟": 1,
        }
    )


def _defect_sheet(events: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "缺陷编号": events["defect_id"],
            "里程": events["start_m"],
            "止点里程": events["end_m"],
            "界碑号": events["marker"],
            "经度": events["lon"].round(6),
            "纬度": events["lat"].round(6),
            "缺陷类型": events["kind"].map(DEFECTS),
            "严重程度": events["severity"],
            "发现时间": _written(events["found"]),
            "修复时间": _written(events["mended"]),
            "模拟": 1,
        }
    )


def _target_sheet(targets: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "对象编号": targets["target_id"],
            "对象类型": targets["word"],
            "名称": targets["name"],
            "派出所编号": targets["post_id"],
            "所属区划": targets["division_id"],
            "走访间隔": targets["interval_days"],
            "停靠时间": targets["timetable"],
            "经度": [round(point.x, 6) for point in targets["point"]],
            "纬度": [round(point.y, 6) for point in targets["point"]],
            "模拟": 1,
        }
    )
