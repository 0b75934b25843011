"""What the inner-mongolia sample promises about fences, defects and places to be visited.

First checked on its files alone (nothing of ``geo`` is used), then that the layers say the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo import catalogue
from geo.engine.local import Engine
from geo.layer import Layer

HERE = Path(__file__).parents[1] / "data" / "boundaries" / "inner-mongolia"
NOW = pd.Timestamp("2026-11-21")  # local: the end of the as-of day
DAY = pd.Timedelta(days=1)
SampleOf = Callable[[Layer], Engine]


@cache
def table(name: str) -> Any:
    text = dict.fromkeys(("起碑", "止碑", "界碑号", "所属区划"), str)
    times = {"fences": [], "targets": [], "defects": ["发现时间", "修复时间"], "target_visits": ["时间"]}[name]
    return pd.read_csv(HERE / f"{name}.csv", encoding="utf-8-sig", dtype=text, parse_dates=times)


@cache
def planted() -> dict[str, Any]:
    return dict(tomllib.loads((HERE / "planted.toml").read_text(encoding="utf-8"))["duties"])


@cache
def markers() -> pd.Series:
    rows = gpd.read_file(HERE / "markers.fgb")
    return pd.Series(rows["measure_m"].to_numpy(), index=rows["number"].astype(str))


def fence_bounds() -> Any:
    fences, at = table("fences"), markers()
    start = fences["起点里程"].fillna(fences["起碑"].map(at))
    return fences.assign(start_m=start, end_m=fences["止点里程"].fillna(fences["止碑"].map(at)))


def test_fences_lie_end_to_end_and_say_in_one_way_where() -> None:
    fences = fence_bounds()
    assert (fences["起点里程"].notna() ^ fences["起碑"].notna()).all()
    assert 0.3 < fences["起碑"].notna().mean() < 0.7
    in_order = fences.sort_values("start_m")
    assert (in_order["start_m"] < in_order["end_m"]).all()
    assert (in_order["end_m"].iloc[:-1].to_numpy() <= in_order["start_m"].iloc[1:].to_numpy()).all()
    length = (fences["end_m"] - fences["start_m"]).groupby(fences["围栏状况"]).sum()
    for code, word in {"good": "完好", "worn": "老化", "broken": "破损", "missing": "缺失"}.items():
        assert length[word] == pytest.approx(planted()["fence_m"][code], abs=0.1)
    assert fences.loc[fences["围栏状况"] == "破损", "围栏编号"].tolist() == planted()["fences_broken"]


def test_every_broken_fence_has_an_open_gap_and_one_defect_is_old() -> None:
    fences, defects = fence_bounds(), table("defects")
    still = defects[defects["修复时间"].isna()]
    assert len(still) == planted()["defects_open"]
    for fence in fences[fences["围栏状况"] == "破损"].itertuples():
        gaps = still[still["里程"].between(fence.start_m, fence.end_m) & (still["缺陷类型"] == "缺口")]
        assert len(gaps) == 1
        assert gaps["止点里程"].iloc[0] <= fence.end_m
    days = (NOW - still["发现时间"]) / DAY
    oldest = still["缺陷编号"][days.idxmax()]
    assert oldest == planted()["oldest_defect"]
    assert np.ceil(days.max()) == planted()["oldest_defect_days"]
    assert days[days < days.max()].max() < 60
    ended = defects.dropna(subset="修复时间")
    assert (ended["发现时间"] < ended["修复时间"]).all()
    assert defects["发现时间"].max() < NOW
    ways = defects[["里程", "界碑号", "经度"]].notna().sum(axis=1)
    assert (ways == 1).all()


def test_villages_are_late_or_unseen_as_noted() -> None:
    targets, visits = table("targets"), table("target_visits")
    villages = targets[targets["对象类型"] == "嘎查村"]
    idle = (NOW - villages["对象编号"].map(visits.groupby("对象编号")["时间"].max())) / DAY
    assert villages["对象编号"][idle > villages["走访间隔"]].tolist() == planted()["villages_overdue"]
    assert villages["对象编号"][idle.isna()].tolist() == planted()["villages_never"]
    assert (idle > 2 * villages["走访间隔"]).any()
    assert visits["时间"].min() > NOW - 61 * DAY
    assert visits["时间"].max() < NOW


def test_targets_lie_in_their_banner_and_visits_name_what_is_there() -> None:
    targets, visits = table("targets"), table("target_visits")
    outlines = gpd.read_parquet(HERE / "divisions.parquet").set_index("adcode").geometry
    homes = outlines.loc[targets["所属区划"]].to_numpy()
    assert shapely.contains_xy(homes, targets["经度"], targets["纬度"]).all()
    known = dict(zip(targets["对象编号"], targets["对象类型"], strict=True))
    stones = gpd.read_file(HERE / "markers.fgb")["marker_id"]
    known |= dict.fromkeys(stones, "界碑")
    assert (visits["对象编号"].map(known) == visits["对象类型"]).all()
    stops = targets[targets["对象类型"] == "停靠点"]
    assert stops["停靠时间"].notna().all()
    counts = [len(table(name)) for name in ("fences", "defects", "targets", "target_visits")]
    assert counts == [planted()[name] for name in ("fences", "defects", "targets", "target_visits")]


def test_everything_invented_says_so() -> None:
    for name in ("fences", "defects", "targets", "target_visits"):
        assert (table(name)["模拟"] == 1).all()
        assert table(name).iloc[:, 0].str.startswith("synthetic_").all()
    assert table("targets")["名称"].str.startswith("模拟·").all()


def answer(sample_of: SampleOf, id: str) -> tuple[Any, dict[str, Any]]:
    layer = catalogue.layer(id)
    engine = sample_of(layer)
    frame = engine.frame(layer)
    return frame, {figure.id: figure for figure in layer.figures(frame, engine.parameters)}


def test_the_layers_find_the_late_villages(sample_of: SampleOf) -> None:
    rows, figures = answer(sample_of, "visited-points")
    villages = rows[rows["kind"] == "village"].set_index("target_id")["state"]
    assert sorted(villages.index[villages.isin(["overdue", "critical"])]) == planted()["villages_overdue"]
    assert sorted(villages.index[villages == "never"]) == planted()["villages_never"]
    late = figures["visited-points.villages_overdue"]
    assert late.numerator == len(planted()["villages_overdue"]) + len(planted()["villages_never"])
    assert 0.5 < figures["visited-points.markers_in_time"].value < 1.0


def test_the_layers_find_the_broken_fences_and_the_old_defect(sample_of: SampleOf) -> None:
    spans, _ = answer(sample_of, "fence-spans")
    broken = spans[spans["condition"] == "broken"]
    assert broken["fence_id"].tolist() == planted()["fences_broken"]
    assert (broken["open_defects"] >= 1).all()
    assert spans["fault"].isna().all()
    along, figures = answer(sample_of, "border-fence")
    metres = along.groupby("condition")["length_m"].sum()
    for code, length in planted()["fence_m"].items():
        assert metres[code] == pytest.approx(length, abs=1.0)
    fenced = sum(length for code, length in planted()["fence_m"].items() if code != "missing")
    assert figures["border-fence.fenced"].value == pytest.approx(fenced / 4_054_185, abs=1e-6)
    defects, told = answer(sample_of, "fence-defects")
    assert told["fence-defects.open"].value == planted()["defects_open"]
    still = defects[defects["state"] == "open"]
    assert defects["defect_id"][still["days_open"].idxmax()] == planted()["oldest_defect"]
    assert defects["fault"].isna().all()
    assert told["fence-defects.median_days_to_mend"].value is not None
