"""What can be asked about stations: which are open, who walks how long, who is not reached, what each is worth."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd

from geo import units
from geo.layer import Field, Layer, Tables, Title
from geo.parameters import Parameters
from geo.stations import fields, figures, hubs, week_layers
from geo.stations.areas import division_walk, grid_walk
from geo.stations.backup import station_backup, station_catchments
from geo.stations.bands import walk_bands
from geo.stations.coverage import place_walk
from geo.stations.gaps import unserved_areas
from geo.stations.serving import stations_table
from geo.stations.share_figures import coverage_figures
from geo.stations.shares import walk_coverage

HOURS = ("as_of", "at", "categories", "amenities", "holidays")
SERVING = (*HOURS, "unknown_hours")
SPEED = ("speed_kmh", "profile", "profiles")
SPEEDS = (*SPEED, "speed_band")
WALKING = (*SERVING, "budget_minutes", *SPEED, "snap_m", "snap_max_m")
HALO_M = 2_400.0  # twice the budget of an adult: beyond it nothing changes who is reached
CLASSES = 4


def _declared(
    build: Callable[[Tables, Parameters], gpd.GeoDataFrame], declared: tuple[Field, ...]
) -> Callable[[Tables, Parameters], gpd.GeoDataFrame]:
    """Give a builder's rows the declared columns in their order."""

    def made(tables: Tables, parameters: Parameters) -> gpd.GeoDataFrame:
        return build(tables, parameters)[[*(field.name for field in declared), "geometry"]]

    return made


def walking_breaks(parameters: Parameters) -> tuple[float, ...]:
    """Choose the class limits of walking times.

    Parameters
    ----------
    parameters : Parameters
        ``bands``, ``budget_minutes``.

    Returns
    -------
    tuple of float
        Minutes, at most four: the bands, the budget and the long walk; where these are more, the shortest go
        first.

    Examples
    --------
    >>> walking_breaks(Parameters())
    (5.0, 10.0, 15.0, 25.0)
    """
    breaks = {*parameters.bands, parameters.budget_minutes}
    if max(breaks) < units.LONG_WALK_MINUTES:
        breaks.add(units.LONG_WALK_MINUTES)
    spare = sorted(breaks - {parameters.budget_minutes})
    return tuple(sorted([parameters.budget_minutes, *spare[max(0, len(spare) - CLASSES + 1) :]]))


def _budget(parameters: Parameters) -> float:
    return parameters.budget_minutes


def _lost_breaks(parameters: Parameters) -> tuple[float, ...]:  # noqa: ARG001 (Breaks)
    return (0.0, 100.0, 500.0, 1_000.0)


LAYERS = (
    Layer(
        id="place-walk",
        title=Title("每户步行时间", "Everybody's walk"),
        description=Title(
            "每个住处到最近和次近开放站点的步行时间；只供汇总，不公布。",
            "The walk from each home to the nearest and second-nearest open station; for sums, never published.",
        ),
        needs=("walk-network", "stations", "population"),
        optional=("grids", "divisions", "units", "barriers"),
        fields=fields.PLACE_WALK,
        build=_declared(place_walk, fields.PLACE_WALK),
        draw="point",
        params=(*WALKING, "speed_band", "study_area"),
        private=True,
        halo_m=HALO_M,
    ),
    Layer(
        id="grid-walk",
        title=Title("网格步行时间", "Walking time by grid"),
        description=Title(
            "每个网格到最近开放站点的步行时间（人口中位数）和覆盖人口；最后一行other为网格外及不足10人网格的人口合计。",
            "For each grid the walk to the nearest open station (median over its people) and who is covered; a "
            "last row 'other' sums up people outside every grid and in grids of fewer than 10.",
        ),
        needs=("grids", "walk-network", "stations"),
        optional=("place-walk", "divisions", "units", "barriers"),
        fields=fields.GRID_WALK,
        build=_declared(grid_walk, fields.GRID_WALK),
        draw="area",
        params=(*WALKING, "speed_band", "study_area"),
        measure="minutes",
        good="low",
        breaks=walking_breaks,
        limit=_budget,
        figures=figures.grid_figures,
        halo_m=HALO_M,
    ),
    Layer(
        id="division-walk",
        title=Title("区划步行时间", "Walking time by division"),
        description=Title(
            "每级区划的步行时间（人口中位数）和覆盖人口；最后一行other为不属于所列区划的人口合计。",
            "For divisions of every level the walk (median over their people) and who is covered; a last row "
            "'other' sums up people of no division listed.",
        ),
        needs=("divisions", "place-walk"),
        fields=fields.DIVISION_WALK,
        build=_declared(division_walk, fields.DIVISION_WALK),
        draw="area",
        params=SPEEDS,
        measure="minutes",
        good="low",
        breaks=walking_breaks,
        limit=_budget,
        figures=figures.division_figures,
        halo_m=HALO_M,
    ),
    Layer(
        id="walk-coverage",
        title=Title("分人群分步速覆盖", "Coverage by group, speed and time"),
        description=Title(
            "全部、每个区划和网格在各时限、各步速下的覆盖人口；不足10人的地方不列出。",
            "For the whole, each division and each grid: people covered within each time and at each speed; "
            "places of fewer than 10 people are not listed.",
        ),
        needs=("walk-network", "stations"),
        optional=("place-walk", "divisions", "grids", "barriers"),
        fields=fields.COVERAGE,
        build=_declared(walk_coverage, fields.COVERAGE),
        draw="none",
        params=(*WALKING, "bands", "speed_band", "study_area"),
        figures=coverage_figures,
        halo_m=HALO_M,
    ),
    Layer(
        id="unserved-areas",
        title=Title("未覆盖片区", "Unserved areas"),
        description=Title(
            "时限内走不到任何开放站点的居住片区，按人口排名；最后一行scattered为零散住处合计。",
            "Where people live whom no open station reaches in time, most people first; a last row 'scattered' "
            "sums up places of fewer than 10 people.",
        ),
        needs=("place-walk",),
        optional=("barriers",),
        fields=fields.UNSERVED,
        build=_declared(unserved_areas, fields.UNSERVED),
        draw="area",
        params=("budget_minutes",),
        measure="minutes",
        good="low",
        breaks=walking_breaks,
        limit=_budget,
        figures=figures.unserved_figures,
        halo_m=HALO_M,
    ),
    Layer(
        id="stations",
        title=Title("服务站", "Stations"),
        description=Title(
            "每个服务站的类别、设施、开放时间，以及所问时刻是否开放、是否计入。",
            "Each station's category, amenities and hours, and whether it is open at the asked hour and counts.",
        ),
        needs=("stations",),
        fields=fields.STATIONS,
        build=stations_table,
        draw="point",
        params=HOURS,
        measure="category",
        figures=figures.station_figures,
    ),
    Layer(
        id="station-catchments",
        title=Title("站点服务范围", "Station catchments"),
        description=Title(
            "时限内能沿路网走到该站点的范围，遇河流、铁路、围墙断开；覆盖人口不由此图计算。",
            "The ground from which a station is reached in time along the streets, cut by rivers, railways and "
            "walls; people are not counted by it.",
        ),
        needs=("walk-network", "stations"),
        optional=("place-walk", "barriers"),
        fields=fields.CATCHMENTS,
        build=_declared(station_catchments, fields.CATCHMENTS),
        draw="area",
        params=WALKING,
        measure="category",
        halo_m=HALO_M,
    ),
    Layer(
        id="walk-bands",
        title=Title("步行时间圈", "Walking bands"),
        description=Title(
            "5、10、15分钟内能沿路网走到任一开放站点的范围，遇河流、铁路、围墙断开，大圈含小圈；人口逐户计算。",
            "The ground from which any open station is reached within 5, 10, 15 minutes along the streets, cut by "
            "rivers, railways and walls, each band with the shorter ones inside; people are counted home by home.",
        ),
        needs=("walk-network", "stations"),
        optional=("place-walk", "barriers"),
        fields=fields.WALK_BANDS,
        build=_declared(walk_bands, fields.WALK_BANDS),
        draw="area",
        params=(*WALKING, "bands"),
        measure="minutes",
        good="low",
        breaks=walking_breaks,
        limit=_budget,
        halo_m=HALO_M,
    ),
    Layer(
        id="station-backup",
        title=Title("站点后备", "Station backup"),
        description=Title(
            "逐个关闭站点时，谁失去服务，谁还有别的站点。",
            "With each station shut in turn: who loses service, and who has another.",
        ),
        needs=("stations", "place-walk"),
        fields=fields.BACKUP,
        build=_declared(station_backup, fields.BACKUP),
        draw="point",
        params=SERVING,
        measure="people_lost",
        good="low",
        breaks=_lost_breaks,
        figures=figures.backup_figures,
        halo_m=HALO_M,
    ),
    *week_layers.LAYERS,
    *hubs.LAYERS,
)
