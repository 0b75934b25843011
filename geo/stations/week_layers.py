"""What can be asked about the week: the curve of its 168 hours, and what each grid has of them."""

from __future__ import annotations

import geopandas as gpd

from geo.hours.week import WEEK_HOURS, WEEKDAYS
from geo.layer import Field, Figure, Layer, Title, share
from geo.parameters import Parameters
from geo.stations.fields import TEN
from geo.stations.figures import with_amenities
from geo.stations.week import grid_hours, hour_id, hour_of, place_hours, station_hours

WEEK = ("as_of", "holidays", "categories", "amenities", "unknown_hours")
SEARCH = ("budget_minutes", "speed_kmh", "profile", "profiles", "snap_m", "snap_max_m")
HALF = 0.5  # of all people: fewer than this is what a resident would call closed
DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
DAY_WORDS = {day: Title(zh, day.title()) for day, zh in zip(WEEKDAYS, DAYS, strict=True)}
BY_SET = Title(
    "按station-hours的open_set次序；相减会透露1至9人时留空",
    "One for each open_set of station-hours, in its order; empty where it would tell of 1 to 9 people",
)
OF_BEGINNING = Title("以整点开始时为准", "As it is when the hour begins")

PLACE_HOURS = (
    Field("place_id", "string", Title("住处", "Place")),
    Field("people", "number", Title("人口", "People"), unit="people"),
    Field("grid_id", "string", Title("网格", "Grid")),
    Field(
        "week",
        "string",
        Title("一周覆盖", "Covered when"),
        meaning=Title("周一0时起168位：1为覆盖", "168 signs from Monday 0:00: 1 = covered"),
    ),
)
STATION_HOURS = (
    Field("hour_id", "string", Title("时段", "Hour")),
    Field("weekday", "string", Title("星期", "Weekday"), values=DAY_WORDS),
    Field("hour", "integer", Title("钟点", "Hour of the day"), unit="h", meaning=OF_BEGINNING),
    Field(
        "open_set",
        "integer",
        Title("开放组合", "Set of open stations"),
        meaning=Title("编号相同的时段开放的站点相同", "The same stations are open in hours of the same number"),
    ),
    Field("stations_open", "integer", Title("开放站点", "Stations open"), unit="stations"),
    Field("people_covered", "number", Title("覆盖人口", "People covered"), unit="people", meaning=TEN),
    Field("people", "number", Title("人口", "People"), unit="people", meaning=TEN),
    Field("share", "number", Title("覆盖率", "Share covered"), unit="share"),
)
GRID_HOURS = (
    Field("grid_id", "string", Title("网格", "Grid")),
    Field("people", "number", Title("人口", "People"), unit="people", meaning=TEN),
    Field(
        "hours",
        "number",
        Title("每周人均覆盖小时", "Hours a week covered"),
        unit="h",
        meaning=Title("168小时中人均多少小时有开放站点可达", "Of 168, on average over its people"),
    ),
    Field("shares", "list", Title("各开放组合的覆盖率", "Share covered by set of open stations"), meaning=BY_SET),
)


def week_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    """Tell how coverage goes up and down through the week.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer ``station-hours``.
    parameters : Parameters
        ``at``, budget.

    Returns
    -------
    tuple of Figure
        Share covered in the hour that holds the asked moment (none for any), in the worst and the best hour (the
        first of several), over the whole week; hours with fewer than half of the people covered, and with nobody.
    """
    rows = frame.set_index("hour_id").reindex([hour_id(hour) for hour in range(WEEK_HOURS)])
    told = bool(rows["share"].notna().all())
    asked = hour_of(parameters)
    hours = {"worst": int(rows["share"].argmin()), "best": int(rows["share"].argmax())} if told else {}
    hours |= {} if asked is None or not told else {"asked": asked}
    made = [_of_hour(name, hours[name], rows, parameters) for name in ("asked", "worst", "best") if name in hours]
    method = _method(parameters)
    covered, people = float(rows["people_covered"].sum()), float(rows["people"].sum())
    title = Title("一周平均覆盖率", "Covered over the week")
    made.append(share("station-hours.week", title, covered, people, of="person-hours", good="high", method=method))
    for name, title, few in (
        (
            "hours_under_half",
            Title("覆盖不足一半人口的小时", "Hours with fewer than half covered"),
            rows["share"] < HALF,
        ),
        ("hours_none", Title("无人覆盖的小时", "Hours with nobody covered"), rows["share"] == 0),
    ):
        number = float(few.sum())
        made.append(
            Figure(
                f"station-hours.{name}",
                title,
                number if told else None,
                "h",
                number,
                float(WEEK_HOURS),
                method,
                "low",
            )
        )
    return tuple(made)


def _of_hour(name: str, hour: int, rows: gpd.GeoDataFrame, parameters: Parameters) -> Figure:
    row, day = rows.iloc[hour], DAY_WORDS[WEEKDAYS[hour // 24]]
    clock = f"{hour % 24}:00"
    words = {
        "asked": Title(f"所问时段覆盖率（{day.zh}{clock}）", f"Covered in the asked hour ({day.en} {clock})"),
        "worst": Title(f"最差时段覆盖率（{day.zh}{clock}）", f"Covered in the worst hour ({day.en} {clock})"),
        "best": Title(f"最好时段覆盖率（{day.zh}{clock}）", f"Covered in the best hour ({day.en} {clock})"),
    }
    return share(
        f"station-hours.{name}",
        words[name],
        float(row["people_covered"]),
        float(row["people"]),
        of="people",
        good="high",
        method=_method(parameters),
    )


def _method(parameters: Parameters) -> Title:
    asked = with_amenities(parameters)
    return Title(
        f"自{parameters.as_of}起七天，以每小时开始时开放的站点为准，步行{parameters.budget_minutes:g}分钟以内{asked.zh}",
        f"The seven days from {parameters.as_of}, by the stations open when each hour begins, at most "
        f"{parameters.budget_minutes:g} min on foot{asked.en}",
    )


LAYERS = (
    Layer(
        id="place-hours",
        title=Title("每户一周覆盖", "Everybody's week"),
        description=Title(
            "每个住处在一周168小时中何时有开放站点可达；只供汇总，不公布。",
            "In which hours of the week each home has an open station in reach; for sums, never published.",
        ),
        needs=("walk-network", "stations", "population", "place-walk"),
        optional=("units", "barriers"),
        fields=PLACE_HOURS,
        build=place_hours,
        draw="none",
        params=(*WEEK, *SEARCH),
        private=True,
    ),
    Layer(
        id="station-hours",
        title=Title("一周各小时覆盖", "The week, hour by hour"),
        description=Title(
            "一周168小时，每小时开放多少站点、步行可达多少人口。",
            "For each of the 168 hours of the week: how many stations are open and how many people reach one.",
        ),
        needs=("stations", "place-hours"),
        fields=STATION_HOURS,
        build=station_hours,
        draw="none",
        params=WEEK,
        measure="share",
        good="high",
        breaks=lambda _: (0.25, 0.5, 0.75),
        figures=week_figures,
    ),
    Layer(
        id="grid-hours",
        title=Title("网格一周覆盖", "Each grid's week"),
        description=Title(
            "每个网格在各开放组合下的覆盖率，及每周人均覆盖小时；最后一行other为网格外及不足10人网格的人口合计。",
            "For each grid the share covered by each set of open stations, and the hours a week a person is "
            "covered; a last row 'other' sums up people outside every grid and in grids of fewer than 10.",
        ),
        needs=("grids", "stations", "place-hours"),
        fields=GRID_HOURS,
        build=grid_hours,
        draw="none",
        params=(*WEEK, "at"),
        measure="hours",
        good="high",
        breaks=lambda _: (42.0, 84.0, 126.0),
    ),
)
