"""Does every point of 1 + N have its hub, and how far is the way to it?

Couriers' stations are set up as one full hub in the trade district and N service points around it. The way is
measured along the streets, from door to door, whatever the hours.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo import units
from geo.crs import GEODESIC, LONLAT, Floats
from geo.layer import Field, Figure, Layer, Tables, Title, share
from geo.parameters import Parameters
from geo.stations.fields import CATEGORY, NAME, STATION
from geo.stations.serving import snap_table, streets_of
from geo.tables.validity import valid_on
from geo.walk.reach import nearest, nearest_at
from geo.walk.snap import standing

HUB_OF = {"courier_point": "courier_hub"}  # what category of hub a category cannot do without
OK, NO_HUB, UNKNOWN_HUB, WRONG_HUB, FAR, UNREACHABLE = (
    "ok",
    "no_hub",
    "unknown_hub",
    "wrong_hub",
    "far",
    "unreachable",
)
VERDICTS = {
    OK: Title("正常", "Within reach of its hub"),
    NO_HUB: Title("未指定中心站", "Names no hub"),
    UNKNOWN_HUB: Title("中心站不存在", "Its hub is not there"),
    WRONG_HUB: Title("所指不是中心站", "What it names is no hub"),
    FAR: Title("离中心站过远", "Too far from its hub"),
    UNREACHABLE: Title("到中心站走不通", "No way on foot to its hub"),
}


def station_hubs(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
    """Build the layer ``station-hubs``: one row a station that names a hub or needs one.

    Parameters
    ----------
    tables : mapping
        ``walk-network``, ``stations``; ``barriers`` where they are there.
    parameters : Parameters
        ``as_of`` (stations that do not exist on the day are neither points nor hubs), ``hub_m``, snapping limits.

    Returns
    -------
    geopandas.GeoDataFrame
        By ``station_id``, with the first verdict that fits: ``no_hub`` (a courier point that names none),
        ``unknown_hub`` (it names none that exists), ``wrong_hub`` (itself, or for a courier point another category
        than courier hub), ``unreachable``, ``far`` (more than ``hub_m`` along the streets), ``ok``; and the metres
        to its hub along the streets and as the crow flies, missing where there is no hub or no way. A hub that
        names itself is no point.
    """
    rows = tables["stations"][valid_on(tables["stations"], parameters.as_of)]
    rows = rows.sort_values("station_id", kind="stable").reset_index(drop=True)
    hub = pd.Index(rows["station_id"]).get_indexer(rows["hub_id"].where(rows["hub_id"].notna(), ""))
    itself = hub == np.arange(len(rows))
    needs = rows["category"].map(HUB_OF)
    spoke = (rows["hub_id"].notna() | needs.notna()) & ~(itself & rows["category"].isin(HUB_OF.values()))
    at = np.flatnonzero(spoke)
    there = np.where(itself, -1, hub)[at]
    walk_m, straight_m = _between(rows, at, there, tables, parameters)
    wrong = itself[at] | (needs.notna() & (needs.to_numpy() != rows["category"].to_numpy()[hub]))[at].to_numpy()
    verdict = np.select(
        [rows["hub_id"].isna()[at], hub[at] < 0, wrong, np.isnan(walk_m), walk_m > parameters.hub_m],
        [NO_HUB, UNKNOWN_HUB, WRONG_HUB, UNREACHABLE, FAR],
        OK,
    )
    made = rows.loc[at, ["station_id", "name", "category", "hub_id"]].assign(
        verdict=pd.array(verdict, dtype="str"), walk_m=walk_m, straight_m=straight_m
    )
    return gpd.GeoDataFrame(made.reset_index(drop=True), geometry=rows.geometry.to_numpy()[at], crs=LONLAT)


def hub_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    """Count the points that have a hub they can walk to.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer ``station-hubs``.
    parameters : Parameters
        ``hub_m``.

    Returns
    -------
    tuple of Figure
        Points within ``hub_m`` of their hub, those without one, those too far, of all.
    """
    many, metres = float(len(frame)), parameters.hub_m
    method = Title(
        f"沿步行路网不超过{metres:g}米，两端到道路的距离计入，不论开放时间",
        f"At most {metres:g} m along the streets, the way to the street at both ends included, whatever the hours",
    )
    within = float((frame["verdict"] == OK).sum())
    without = float(frame["verdict"].isin([NO_HUB, UNKNOWN_HUB, WRONG_HUB]).sum())
    title = Title("有中心站可达的服务点", "Points within reach of their hub")
    return (
        share("station-hubs.within", title, within, many, of="stations", good="high", method=method),
        *(
            Figure(f"station-hubs.{name}", words, number, "stations", number, many, method, "low")
            for name, words, number in (
                ("without", Title("没有中心站的服务点", "Points without a hub"), without),
                (
                    "far",
                    Title("离中心站过远或走不通", "Too far from their hub, or no way"),
                    many - within - without,
                ),
            )
        ),
    )


def _between(
    rows: gpd.GeoDataFrame, at: NDArray[np.intp], hub: NDArray[np.intp], tables: Tables, parameters: Parameters
) -> tuple[Floats, Floats]:
    """Metres between points and their hubs along the streets and straight; each hub is searched once."""
    walk_m, straight_m = np.full(len(at), np.nan), np.full(len(at), np.nan)
    network, barriers = streets_of(tables)
    snapped = snap_table(network, barriers, rows, parameters)
    for one in np.unique(hub[hub >= 0]):
        mine = np.flatnonzero(hub == one)
        reach = nearest(network, snapped.rows(np.array([one])), limit_m=units.FAR_M)
        walk = nearest_at(network, reach, snapped.rows(at[mine]))
        walk_m[mine] = np.where(walk.owner >= 0, walk.cost / reach.sources.pace.per_m, np.nan)
    known = np.flatnonzero(hub >= 0)
    point = standing(rows.geometry)
    x, y = shapely.get_x(point), shapely.get_y(point)
    here, there = at[known], hub[known]
    straight_m[known] = GEODESIC.inv(x[here], y[here], x[there], y[there])[2]
    return walk_m, straight_m


FIELDS = (
    STATION,
    NAME,
    CATEGORY,
    Field("hub_id", "string", Title("中心站", "Hub")),
    Field("verdict", "string", Title("结论", "Verdict"), values=VERDICTS),
    Field(
        "walk_m",
        "number",
        Title("到中心站路程", "Way to its hub"),
        unit="m",
        meaning=Title("沿步行路网", "Along the streets on foot"),
    ),
    Field("straight_m", "number", Title("到中心站直线距离", "Straight line to its hub"), unit="m"),
)
LAYERS = (
    Layer(
        id="station-hubs",
        title=Title("中心站与服务点", "Hubs and their points"),
        description=Title(
            "1+N：每个服务点是否有中心站，沿路网离它多远。",
            "1 + N: whether each service point has its hub, and how far along the streets it is.",
        ),
        needs=("walk-network", "stations"),
        optional=("barriers",),
        fields=FIELDS,
        build=station_hubs,
        draw="point",
        params=("as_of", "hub_m", "snap_m", "snap_max_m"),
        measure="verdict",
        figures=hub_figures,
        halo_m=units.HUB_M,
    ),
)
