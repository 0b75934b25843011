"""What the inner-mongolia sample promises, checked on its files alone (nothing of ``geo`` is used)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

HERE = Path(__file__).parents[1] / "data" / "boundaries" / "inner-mongolia"
GEODESIC = Geod(ellps="WGS84")
AS_OF = pd.Timestamp("2026-11-20", tz="Asia/Shanghai")


@cache
def divisions() -> Any:
    return gpd.read_parquet(HERE / "divisions.parquet")


@cache
def table(name: str) -> Any:
    text = {"start_marker": str, "end_marker": str}
    return pd.read_csv(HERE / f"{name}.csv", encoding="utf-8-sig", dtype=text)


@cache
def planted() -> dict[str, Any]:
    return tomllib.loads((HERE / "planted.toml").read_text(encoding="utf-8"))


@cache
def markers() -> Any:
    return gpd.read_file(HERE / "markers.fgb").sort_values("measure_m", ignore_index=True)


@cache
def line() -> tuple[Any, Any]:
    """Vertices of the border in order and the metres to each."""
    parts = gpd.read_parquet(HERE / "border.parquet").sort_values("sequence")
    assert parts["border_id"].tolist() == ["nm", "nm"]
    first, second = (shapely.get_coordinates(part) for part in parts.geometry)
    assert (first[-1] == second[0]).all()  # they meet at the trijunction
    xy = np.vstack([first, second[1:]])
    _, _, step = GEODESIC.inv(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1])
    return xy, np.concatenate([[0.0], np.cumsum(step)])


def noted(kind: str) -> list[tuple[float, float]]:
    return [(f["start_m"], f["end_m"]) for f in planted()["fault"] if f["kind"] == kind]


def test_region_leagues_and_banners_tile_each_other() -> None:
    by_level = dict(tuple(divisions().groupby("level")))
    assert {level: len(rows) for level, rows in by_level.items()} == {"region": 1, "league": 12, "county": 103}
    for level in ("league", "county"):
        assert shapely.coverage_is_valid(by_level[level].geometry.to_numpy())
    region = by_level["region"].geometry.iloc[0]
    assert shapely.coverage_union_all(by_level["county"].geometry.to_numpy()).equals(region)


def test_outlines_and_names_are_15938_places_each_once() -> None:
    codes = pd.read_parquet(HERE / "codes.parquet")
    long = divisions()["adcode"].str.replace("0000$|00$", "", regex=True)
    every = pd.concat([long, codes["code"]])
    assert len(every) == 15_938
    assert every.is_unique
    assert every.str.len().value_counts().to_dict() == {12: 14_592, 9: 1_225, 6: 108, 4: 12, 2: 1}
    parent = every.str.len().map({2: 0, 4: 2, 6: 4, 9: 6, 12: 9})
    parents = {code[:n] for code, n in zip(every, parent, strict=True)} - {""}
    assert parents <= set(every)


def test_the_border_runs_from_west_to_east_for_4054_km() -> None:
    xy, metres = line()
    assert metres[-1] == pytest.approx(4_054_185, abs=1.0)
    assert metres[-1] == pytest.approx(planted()["border"]["length_m"], abs=0.1)
    assert xy[0, 0] < 97.2
    assert xy[-1, 0] > 121.4
    region = divisions().loc[divisions()["level"] == "region", "geometry"].iloc[0]
    assert shapely.distance(region.boundary, shapely.points(xy)).max() < 1e-9


def test_segments_leave_exactly_the_noted_gaps_and_overlaps() -> None:
    cut = table("segments").sort_values("start_m", ignore_index=True)
    _, metres = line()
    step = (cut["start_m"].shift(-1) - cut["end_m"]).iloc[:-1]
    start, end = cut["end_m"].iloc[:-1], cut["start_m"].shift(-1).iloc[:-1]
    gaps = list(zip(start[step > 0], end[step > 0], strict=True))
    twice = list(zip(end[step < 0], start[step < 0], strict=True))
    assert sorted(gaps) == sorted(noted("gap"))
    assert sorted(twice) == sorted(noted("overlap") + noted("joint"))
    assert cut["start_m"].iloc[0] == 0.0
    assert cut["end_m"].iloc[-1] == pytest.approx(metres[-1], abs=1e-6)
    assert (cut["end_m"] - cut["start_m"]).between(1_000.0, 25_000.0).all()
    joint = {id for f in planted()["fault"] if f["kind"] == "joint" for id in f["segment_ids"]}
    assert set(cut.loc[cut["joint"], "segment_id"]) == joint


def test_declared_lengths_are_true_but_for_the_noted() -> None:
    cut = table("segments").dropna(subset="length_declared_m")
    off = (cut["length_declared_m"] / (cut["end_m"] - cut["start_m"]) - 1).abs()
    false = {id for f in planted()["fault"] if f["kind"] == "declared_length" for id in f["segment_ids"]}
    assert set(cut.loc[off > 0.05, "segment_id"]) == false
    assert len(cut) > 40


def test_markers_stand_on_the_line_in_order_at_every_end_of_a_segment() -> None:
    xy, metres = line()
    places = markers()["measure_m"].to_numpy()
    assert markers()["number"].astype(int).tolist() == list(range(1, len(places) + 1))
    assert (np.diff(places) > 2_000.0).all()
    assert np.diff(places).max() < 15_000.0
    expected = np.column_stack([np.interp(places, metres, xy[:, axis]) for axis in (0, 1)])
    found = shapely.get_coordinates(markers().geometry.to_numpy())
    _, _, off = GEODESIC.inv(*expected.T, *found.T)
    assert np.abs(off).max() < 0.1
    changed = {f["segment_ids"][0] for f in planted()["fault"] if f["kind"] in ("gap", "overlap", "joint")}
    ends = table("segments").loc[~table("segments")["segment_id"].isin(changed), "end_m"]
    assert ends.isin(places).all()


def test_posts_lie_in_their_banner_and_hold_every_segment() -> None:
    posts = gpd.read_file(f"zip://{HERE / 'posts.zip'}")  # the table inside is GBK
    banners = divisions().set_index("adcode").geometry
    home = banners.loc[posts["所属区划"]].reset_index(drop=True)
    assert home.contains(posts.geometry).all()
    stations = posts.loc[posts["类型"] == "边境派出所", "编号"]
    assert set(table("segments")["post_id"]) <= set(stations)
    assert posts["编号"].str.startswith("synthetic_").all()
    assert posts["名称"].str.startswith("模拟·").all()


def test_people_are_assigned_to_all_segments_but_the_noted() -> None:
    given, cut = table("assignments"), table("segments")
    active = given[given["valid_to"].isna()]
    assert set(cut["segment_id"]) - set(active["target_id"]) == set(planted()["segments"]["unassigned"])
    assert set(given["target_id"]) <= set(cut["segment_id"])
    assert set(given["staff_id"]) == set(table("staff")["staff_id"])
    assert set(table("staff")["role"]) == {"border_guard", "auxiliary_police", "joint_defence"}


def test_overlong_segments_are_too_much_for_their_one_guard() -> None:
    cut = table("segments").set_index("segment_id")
    guards = table("assignments").groupby("target_id").size().reindex(cut.index).fillna(0)
    one = cut[cut["speed_kmh"].notna()]
    # shuttling, one person walks R·v·h/2 = 1 d x 3.5 km/h x 8 h / 2 = 14 km
    assert (one["interval_days"] * one["speed_kmh"] * one["hours_per_day"] / 2 == 14.0).all()
    assert (one["end_m"] - one["start_m"] > 14_000.0).all()
    assert (guards[one.index] == 1).all()
    assert set(one.index) == set(planted()["segments"]["overlong"])


def test_patrols_fall_in_the_sixty_days_before_and_name_known_markers() -> None:
    walks = table("patrols")
    began, ended = (pd.to_datetime(walks[name]) for name in ("start_time", "end_time"))
    assert (began < ended).all()
    assert began.min() > AS_OF - pd.Timedelta(days=61)
    assert ended.max() < AS_OF + pd.Timedelta(days=1)
    declared = walks[walks["evidence"] == "declared"]
    known = set(markers()["number"].astype(str))
    assert set(declared["start_marker"]) | set(declared["end_marker"]) <= known
    assert (declared["start_marker"] != declared["end_marker"]).all()
    visits = pd.read_parquet(HERE / "visits.parquet")
    assert set(visits["patrol_id"]) == set(walks.loc[walks["evidence"] == "gps", "patrol_id"])
    assert (visits["start_m"] < visits["end_m"]).all()
    assert len(walks) == planted()["patrols"]["patrols"]


def test_most_segments_were_visited_in_time_some_late_some_never() -> None:
    walks, measure = table("patrols"), markers().set_index(markers()["number"].astype(str))["measure_m"]
    declared = walks[walks["evidence"] == "declared"]
    ends = np.sort([declared["start_marker"].map(measure), declared["end_marker"].map(measure)], axis=0)
    visits = pd.read_parquet(HERE / "visits.parquet")
    low = np.concatenate([ends[0], visits["start_m"]])
    high = np.concatenate([ends[1], visits["end_m"]])
    seen = pd.concat([pd.to_datetime(declared["end_time"]), visits["end_time"]], ignore_index=True)
    shares = []
    for segment in table("segments").itertuples():
        middle = (segment.start_m + segment.end_m) / 2
        last = seen[(low <= middle) & (high >= middle)].max()
        assert pd.isna(last) == (segment.segment_id in planted()["segments"]["never"])
        elapsed = pd.Timedelta("NaT") if pd.isna(last) else AS_OF + pd.Timedelta(days=1) - last
        shares.append(elapsed / pd.Timedelta(days=segment.interval_days))
    idle = pd.Series(shares)
    assert 0.6 < (idle <= 1.0).mean() < 0.9
    assert (idle > 1.0).sum() >= 15
    assert (idle > 2.0).sum() >= 3
    assert 2 <= idle.isna().sum() <= 12


def test_everything_invented_says_so() -> None:
    for name in ("segments", "staff", "assignments", "patrols"):
        assert table(name)["synthetic"].all()
        assert table(name).iloc[:, 0].str.startswith("synthetic_").all()
    assert markers()["synthetic"].all()
    assert pd.read_parquet(HERE / "visits.parquet")["synthetic"].all()
