"""The numbers people quote about stations and walking; each says how it was made and which way it errs."""

from __future__ import annotations

import geopandas as gpd

from geo import units
from geo.layer import Figure, Title, share
from geo.parameters import Parameters
from geo.stations.areas import OTHER
from geo.stations.gaps import SCATTERED
from geo.stations.paces import main_speed


def station_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    """Count stations by whether they are open.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer ``stations``.
    parameters : Parameters
        ``at``, ``unknown_hours``.

    Returns
    -------
    tuple of Figure
        Open ones, those that are open for ``units.OPEN_HOURS`` every day of the week, missing hours, hours that
        cannot be read, all among those that count.
    """
    counted = frame[frame["counted"]]
    unknown = counted["open"] == "unknown"
    given = counted["opening_hours"].notna()
    treated = {
        "open": Title("按开放计", "they count as open"),
        "closed": Title("按关闭计", "they count as closed"),
    }
    method = treated[parameters.unknown_hours]
    asked, hours = with_amenities(parameters), units.OPEN_HOURS
    made = [
        share(
            "stations.open",
            Title(f"{parameters.at} 开放的站点", f"Stations open at {parameters.at}"),
            float((counted["open"] == "yes").sum()),
            float(len(counted)),
            of="stations",
            good="high",
            method=Title(f"在计入的站点之中{asked.zh}", f"Of the stations that count{asked.en}"),
        ),
        share(
            "stations.open_long",
            Title(f"每天开放{hours:g}小时以上的站点", f"Stations open at least {hours:g} hours a day"),
            float((counted["hours_a_day"] >= hours).sum()),
            float(len(counted)),
            of="stations",
            good="high",
            method=Title(
                f"自{parameters.as_of}起七天每天都如此，精确到分钟；开放时间不明者不算{asked.zh}",
                f"On each of the seven days from {parameters.as_of}, to the minute; not where hours are unknown"
                f"{asked.en}",
            ),
        ),
    ]
    for name, title, rows in (
        ("hours_missing", Title("开放时间缺失的站点", "Stations without opening hours"), unknown & ~given),
        ("hours_unread", Title("开放时间读不懂的站点", "Stations with hours that say nothing"), unknown & given),
    ):
        number = float(rows.sum())
        made.append(
            Figure(f"stations.{name}", title, number, "stations", number, float(len(counted)), method, "low")
        )
    return tuple(made)


def with_amenities(parameters: Parameters) -> Title:
    """Say which amenities were asked for, as the end of a sentence.

    Parameters
    ----------
    parameters : Parameters
        ``amenities``.

    Returns
    -------
    Title
        Empty where none was.

    Examples
    --------
    >>> with_amenities(Parameters(amenities=("微波炉", "heater"))).en
    ', those with 微波炉, heater only'
    """
    names = parameters.amenities
    if not names:
        return Title("", "")
    return Title(f"，仅计有{'、'.join(names)}的站点", f", those with {', '.join(names)} only")


def grid_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    """Sum up everybody's walk, and count the grids where somebody is not reached.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer ``grid-walk``: its rows count everybody once.
    parameters : Parameters
        Budget and speed.

    Returns
    -------
    tuple of Figure
        The first is the share of people covered.
    """
    grids = frame[(frame["grid_id"] != OTHER) & (frame["people"] > 0)]
    short = float((grids["people_covered"] < grids["people"]).sum())
    elsewhere = float(frame.loc[frame["grid_id"] == OTHER, "people"].sum())
    everybody = float(frame["people"].sum())
    known = bool(frame["people"].notna().any())
    return (
        *_coverage("grid-walk", frame, parameters),
        Figure(
            "grid-walk.grids_unserved",
            Title("有人未覆盖的网格", "Grids with people not covered"),
            short if known else None,
            "grids",
            short,
            float(len(grids)),
            Title("在有人居住的网格之中", "Of the grids where anybody lives"),
            "low",
        ),
        Figure(
            "grid-walk.people_elsewhere",
            Title("网格外及不足10人网格的人口", "People outside every grid or in grids of fewer than 10"),
            elsewhere if known else None,
            "people",
            elsewhere,
            everybody,
            Title("计入总数", "Part of all totals"),
        ),
    )


def division_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    """Sum up everybody's walk over the topmost divisions.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer ``division-walk``.
    parameters : Parameters
        Budget and speed.

    Returns
    -------
    tuple of Figure
        As for grids.
    """
    roots = frame[frame["parent_id"].isna()]
    return _coverage("division-walk", roots, parameters)


def unserved_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001 (Figures)
    """Count the areas, and the people in and beside them.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer ``unserved-areas``.
    parameters : Parameters
        Not looked at.

    Returns
    -------
    tuple of Figure
        Areas, people in them, people in areas too small to show.
    """
    shown = frame["area_id"] != SCATTERED
    low = units.PUBLISHED_PEOPLE_MIN
    everybody = float(frame["people"].sum())
    inside, beside = float(frame.loc[shown, "people"].sum()), float(frame.loc[~shown, "people"].sum())
    method = Title(
        f"未覆盖的住处相距{units.NEIGHBOURS_M:g}米以内、无障碍相隔者为一片；不足{low}人的片不列出",
        f"Homes not covered, each within {units.NEIGHBOURS_M:g} m of the next with no barrier between; "
        f"areas of fewer than {low} people are not listed",
    )
    return (
        Figure(
            "unserved-areas.areas",
            Title("未覆盖片区", "Unserved areas"),
            float(shown.sum()),
            "areas",
            method=method,
            good="low",
        ),
        Figure(
            "unserved-areas.people",
            Title("片区内未覆盖人口", "People in them"),
            inside,
            "people",
            inside,
            everybody,
            method,
            "low",
        ),
        Figure(
            "unserved-areas.people_scattered",
            Title("零散未覆盖人口", "People not covered elsewhere"),
            beside,
            "people",
            beside,
            everybody,
            method,
            "low",
        ),
    )


def backup_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:  # noqa: ARG001 (Figures)
    """Count the stations that nobody else backs up.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer ``station-backup``.
    parameters : Parameters
        Not looked at.

    Returns
    -------
    tuple of Figure
        Sole stations of all that serve.
    """
    sole = float(frame["sole"].sum())
    method = Title("关闭后有人失去服务的站点", "Stations whose closing leaves somebody without one")
    return (
        Figure(
            "station-backup.sole",
            Title("不可替代的站点", "Stations that nobody else backs up"),
            sole,
            "stations",
            sole,
            float(len(frame)),
            method,
            "low",
        ),
    )


def on_foot(parameters: Parameters, minutes: float, zh: str, en: str) -> Title:
    """Say how people were found to be covered, and which way that errs.

    Parameters
    ----------
    parameters : Parameters
        ``amenities``.
    minutes : float
        How long they may walk.
    zh, en : str
        How fast they do.

    Returns
    -------
    Title
        The method of a figure.
    """
    asked = with_amenities(parameters)
    return Title(
        f"每户沿步行路网到最近开放站点不超过{minutes:g}分钟（{zh}）{asked.zh}；未上路网者不算覆盖；院内小路缺失时偏低",
        f"Each home's walk along the streets to the nearest open station within {minutes:g} min {en}{asked.en}; "
        "homes not on the streets are not covered; paths missing from the data make it too low",
    )


def _coverage(layer: str, frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    budget, speed = parameters.budget_minutes, main_speed(parameters)
    network = on_foot(parameters, budget, f"{speed:g}公里/小时", f"at {speed:g} km/h")
    straight = Title(
        f"直线距离不超过{budget * speed / 60 * 1000:,.0f}米，不计道路与障碍，偏高",
        f"Within {budget * speed / 60 * 1000:,.0f} m as the crow flies, streets and barriers ignored: too high",
    )
    people = frame["people"]
    everybody, known = float(people.sum()), bool(people.notna().any())
    near = float((frame["straight_share"] * people).sum())
    covered, unsnapped = float(frame["people_covered"].sum()), float(frame["people_unsnapped"].sum())
    titles = {
        "people_covered": (Title("覆盖人口", "People covered"), covered, network),
        "straight_line": (Title("直线覆盖人口", "People covered by straight line"), round(near, 6), straight),
        "two_stations": (
            Title("两站以上覆盖", "Two stations or more"),
            float(frame["people_covered_2"].sum()),
            network,
        ),
        "three_stations": (
            Title("三站以上覆盖", "Three stations or more"),
            float(frame["people_covered_3"].sum()),
            network,
        ),
    }
    shares = tuple(
        share(f"{layer}.{name}", title, some, everybody, of="people", good="high", method=method)
        for name, (title, some, method) in titles.items()
    )
    left = everybody - covered
    counts = {
        "people_unserved": (Title("未覆盖人口", "People not covered"), left, network),
        "people_unsnapped": (
            Title("未上路网人口", "People not on the streets"),
            unsnapped,
            Title("计入分母，不算覆盖", "In the denominator, not covered"),
        ),
    }
    return shares + tuple(
        Figure(f"{layer}.{name}", title, some if known else None, "people", some, everybody, method, "low")
        for name, (title, some, method) in counts.items()
    )
