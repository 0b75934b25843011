"""The 168 hours of the week as a board tells them: who is covered when, as a whole and grid by grid.

Hours in which the same stations are open have the same numbers, so these are written once a set of open stations.
A grid's shares are whole percents, rounded down, so that a class never holds what is below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.hours.week import WEEK_HOURS
from geo.layer import Layer, Title
from geo.parameters import Parameters
from geo.stations.week import hour_of
from geo.stations.week_layers import DAY_WORDS
from maps import legend, words

GRIDS = "grid-walk"  # whose outlines are coloured by the hour
CENT = 100
NEARLY = 1e-9  # 0.29 × 100 is a hair below 29


def week(
    layers: Mapping[str, Layer], frames: Mapping[str, gpd.GeoDataFrame], parameters: Parameters
) -> dict[str, Any] | None:
    """Gather what the hour of the week changes.

    Parameters
    ----------
    layers : mapping of str to Layer
        By id.
    frames : mapping of str to geopandas.GeoDataFrame
        Their rows.
    parameters : Parameters
        With what they were built.

    Returns
    -------
    dict or None
        ``days`` (their names), ``sets`` (number of the set of open stations in each of the 168 hours, Monday 0:00
        first), ``covered`` (people, one a set; null where it is not told), ``people``, ``asked`` (hour that the
        maps were made for, or null), ``worst`` (hour with the smallest share, the first of several, or null),
        ``unknown_open`` (stations whose hours are unknown count as open), ``grids`` (see :func:`grid_shares`) or
        null. None without the layer ``station-hours`` or without people.
    """
    hours = frames.get("station-hours")
    if hours is None or len(hours) != WEEK_HOURS:
        return None
    days = layers["station-hours"].field("weekday").values
    of_set = hours.drop_duplicates("open_set").sort_values("open_set")
    told = bool(hours["share"].notna().all())
    return {
        "days": {day: title.record() for day, title in days.items()},
        "sets": [int(value) for value in hours["open_set"]],
        "covered": [None if pd.isna(value) else round(float(value)) for value in of_set["people_covered"]],
        "people": round(float(hours["people"].iloc[0])) if told else None,
        "asked": hour_of(parameters),
        "worst": int(hours["share"].argmin()) if told else None,
        "unknown_open": parameters.unknown_hours == "open",
        "grids": grid_shares(layers, frames, parameters),
    }


def moment(at: str) -> Title:
    """Say for which moment of the week maps are made.

    Parameters
    ----------
    at : str
        The parameter: ``"Wed 10:00"`` or ``"any"``.

    Returns
    -------
    Title
        In words.

    Examples
    --------
    >>> moment("Wed 10:00").zh, moment("any").en
    ('周三 10:00', 'any time')
    """
    day, _, hour = at.partition(" ")
    if day.lower() not in DAY_WORDS:
        return words.title("panel.any_time")
    name = DAY_WORDS[day.lower()]
    return Title(f"{name.zh} {hour}", f"{name.en} {hour}")


def grid_shares(
    layers: Mapping[str, Layer], frames: Mapping[str, gpd.GeoDataFrame], parameters: Parameters
) -> dict[str, Any] | None:
    """Write the share of each grid that is covered by each set of open stations.

    Parameters
    ----------
    layers, frames, parameters
        As of :func:`week`.

    Returns
    -------
    dict or None
        ``of`` (different texts: percents joined by commas in the order of the sets, empty = not published) and
        ``at`` (which of them each row of ``grid-walk`` has; -1 = none, fewer than 10 people live there);
        ``legend`` of the share, ``class`` of each percent from 0 to 100. None without one of the layers.
    """
    if not {GRIDS, "grid-hours", "station-hours"} <= set(frames):
        return None
    texts = [",".join(map(percent, shares)) for shares in frames["grid-hours"]["shares"]]
    known = dict(zip(frames["grid-hours"]["grid_id"], texts, strict=True))
    different = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    at = [different[known[id]] if id in known else -1 for id in frames[GRIDS]["grid_id"]]
    percents = gpd.GeoDataFrame({"share": np.arange(CENT + 1) / CENT})
    key, classes = legend.classify(layers["station-hours"], percents, parameters)
    return {"of": [*different], "at": at, "legend": legend.shade(key).record(), "class": classes}


def percent(share: str) -> str:
    """Write a share small.

    Parameters
    ----------
    share : str
        A number from 0 to 1; empty = not published.

    Returns
    -------
    str
        Whole percents, rounded down; 1 for what is not quite nothing.

    Examples
    --------
    >>> [percent(share) for share in ("0", "0.0004", "0.29", "0.7499", "0.9999", "1", "")]
    ['0', '1', '29', '74', '99', '100', '']
    """
    if not share:
        return ""
    value = float(share)
    return str(max(int(value > 0), int(value * CENT + NEARLY)))
