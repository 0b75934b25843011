"""What can be asked about the streets: the network itself, and where points step onto it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import units
from geo.crs import LONLAT
from geo.layer import Artifact, Field, Figure, Layer, Tables, Title
from geo.parameters import Parameters
from geo.place.index import named
from geo.walk.barriers import Barriers
from geo.walk.network import WalkNetwork
from geo.walk.snap import snap, standing
from geo.walk.streets import walk_streets

VERDICT_VALUES = {
    "ok": Title("正常", "on a street"),
    "barrier_detour": Title("绕开障碍", "nearest street is behind a barrier"),
    "island": Title("孤立道路", "on streets joined to nothing"),
    "far": Title("离路较远", "far from any street"),
    "unsnapped": Title("未上路网", "not on the streets"),
}
REASON_VALUES = {
    "": Title("无", "none"),
    "barrier": Title("障碍", "a barrier is in the way"),
    "island": Title("孤立道路", "streets joined to nothing are near"),
    "distance": Title("距离", "too far"),
    "no_geometry": Title("无坐标", "no place given"),
}
PEOPLE, STATION = "people", "station"

VERDICT_FIELDS = (
    Field("verdict_id", "string", Title("编号", "Verdict")),
    Field(
        "subject",
        "string",
        Title("对象", "Subject"),
        meaning=Title(
            "每个站点一行；住户只按结论汇总人数", "A row a station; of homes only how many people share a verdict"
        ),
        values={STATION: Title("服务站", "station"), PEOPLE: Title("居民", "people")},
    ),
    Field("subject_id", "string", Title("站点编号", "Station")),
    Field("verdict", "string", Title("结论", "Verdict"), values=VERDICT_VALUES),
    Field(
        "leg_m",
        "number",
        Title("到道路的直线距离", "Straight way to the street"),
        unit="m",
        meaning=Title("按步行速度计入时间", "Walked at walking speed, it counts in the time"),
    ),
    Field("edge_id", "string", Title("路段", "Street")),
    Field("component", "integer", Title("连通分量", "Component")),
    Field("reason", "string", Title("原因", "Reason"), values=REASON_VALUES),
    Field("people", "number", Title("人口", "People"), unit="people"),
)


def snap_verdicts(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``snap-verdicts``.

    Parameters
    ----------
    tables : mapping
        ``walk-network``, ``stations``; ``barriers`` and ``place-walk`` where they are there.
    parameters : Parameters
        ``snap_m``, ``snap_max_m``.

    Returns
    -------
    geopandas.GeoDataFrame
        A row a station, by id; then a row without geometry for each verdict that people's homes got, with the
        people (missing where they are fewer than ``units.PUBLISHED_PEOPLE_MIN``).
    """
    network: WalkNetwork = tables["walk-network"]
    stations = tables["stations"].sort_values("station_id", kind="stable").reset_index(drop=True)
    point = standing(stations.geometry)
    x, y = network.frame.xy(shapely.get_x(point), shapely.get_y(point))
    barriers = Barriers.of(tables.get("barriers"), network.frame)
    at = snap(network, x, y, barriers=barriers, snap_m=parameters.snap_m, snap_max_m=parameters.snap_max_m)
    rows = pd.DataFrame(
        {
            "verdict_id": f"{STATION}:" + stations["station_id"],
            "subject": STATION,
            "subject_id": stations["station_id"],
            "verdict": at.verdict,
            "leg_m": at.leg_m,
            "edge_id": named(network.edge_id, at.edge),
            "component": pd.array(np.where(at.edge >= 0, at.component, 0), dtype="Int64"),
            "reason": at.reason,
            "people": np.nan,
        }
    )
    rows.loc[at.edge < 0, "component"] = pd.NA
    both = pd.concat([rows, _people_by_verdict(tables.get("place-walk"))], ignore_index=True)
    geometry = np.concatenate([np.asarray(stations.geometry, dtype=object), np.full(len(both) - len(rows), None)])
    texts = {field.name: "str" for field in VERDICT_FIELDS if field.kind == "string"}
    return gpd.GeoDataFrame(both.astype({**texts, "component": "Int64"}), geometry=geometry, crs=LONLAT)


def _people_by_verdict(places: gpd.GeoDataFrame | None) -> pd.DataFrame:
    columns = [field.name for field in VERDICT_FIELDS]
    if places is None or not len(places):
        return pd.DataFrame(columns=columns).astype({"people": "float64", "leg_m": "float64"})
    ordered = places[places["part"] != "outside"].sort_values("place_id", kind="stable")
    counts = ordered.groupby("verdict")["people"].sum().reindex(list(VERDICT_VALUES)).dropna().reset_index()
    few = (counts["people"] > 0) & (counts["people"] < units.PUBLISHED_PEOPLE_MIN)
    counts["people"] = counts["people"].mask(few)
    return counts.assign(verdict_id=f"{PEOPLE}:" + counts["verdict"], subject=PEOPLE).reindex(columns=columns)


def _snap_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    people, stations = (frame[frame["subject"] == subject] for subject in (PEOPLE, STATION))
    total = float(people["people"].sum())
    method = Title(
        f"直线步行到最近道路，不得穿越障碍；{parameters.snap_m:g}米内为正常，{parameters.snap_max_m:g}米外不上路网",
        f"Straight way to the nearest street, across no barrier; fine within {parameters.snap_m:g} m, "
        f"not on the streets beyond {parameters.snap_max_m:g} m",
    )
    off = float((stations["verdict"] == "unsnapped").sum())
    made = [
        Figure(
            "snap-verdicts.stations_unsnapped",
            Title("未上路网的站点", "Stations not on the streets"),
            off,
            "stations",
            off,
            float(len(stations)),
            method,
            "low",
        )
    ]
    for verdict, title in VERDICT_VALUES.items():
        count = float(people.loc[people["verdict"] == verdict, "people"].sum())
        if total and (count or verdict in ("ok", "unsnapped")):
            heading = Title(f"居民：{title.zh}", f"People: {title.en}")
            good: Any = "high" if verdict == "ok" else "low"
            made.append(
                Figure(f"snap-verdicts.people_{verdict}", heading, count, "people", count, total, method, good)
            )
    return tuple(made)


ARTIFACTS = (
    Artifact(
        id="walk-network",
        needs=("streets",),
        build=lambda tables, parameters: WalkNetwork.from_streets(
            walk_streets(tables["streets"], planarise=parameters.planarise)
        ),
        load=WalkNetwork.from_arrays,
        params=("planarise",),
    ),
)

LAYERS = (
    Layer(
        id="snap-verdicts",
        title=Title("上路网结论", "Where stations meet the streets"),
        description=Title(
            "每个服务站从哪条路进入、离路多远、为何不能进入；住户只给出各结论的人数。",
            "For each station the street it is entered from, how far that is, or why there is none; of homes only "
            "how many people share a verdict.",
        ),
        needs=("walk-network", "stations"),
        optional=("barriers", "place-walk"),
        fields=VERDICT_FIELDS,
        build=snap_verdicts,
        draw="point",
        params=("snap_m", "snap_max_m"),
        measure="verdict",
        figures=_snap_figures,
        halo_m=units.SNAP_MAX_M,
    ),
)
