"""How soon is help there along the border, and what is lost when a post is shut?

All questions are answered from the same short pieces of border (M8, M9): each has the time at its middle.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo import units
from geo.border.chainage import Lines
from geo.border.markers import nearest_markers
from geo.border.naming import with_ids
from geo.border.posts.reach import Arrivals
from geo.crs import LONLAT, Array, Floats

ALL = "all"
BACKED_UP = (1, 2, 3)  # k-coverage of M9
Ints = NDArray[np.int64]


def timed(cells: pd.DataFrame, found: Arrivals, post_id: Array) -> pd.DataFrame:
    """Write down who is at each piece of border, and when.

    Parameters
    ----------
    cells : pandas.DataFrame
        From :func:`geo.border.posts.sampling.timed_cells`.
    found : Arrivals
        At their middles.
    post_id : numpy.ndarray
        Ids by position.

    Returns
    -------
    pandas.DataFrame
        The cells with ``post_id seconds second_post_id second_seconds`` (missing where nobody comes) and
        ``posts_within``, how many are there within the limit.
    """
    names = np.array([*post_id, None], dtype=object)
    return cells.assign(
        post_id=pd.Series(names[found.first], dtype="str"),
        seconds=np.where(np.isfinite(found.seconds), found.seconds, np.nan),
        second_post_id=pd.Series(names[found.second], dtype="str"),
        second_seconds=np.where(np.isfinite(found.second_seconds), found.second_seconds, np.nan),
        posts_within=found.within.astype(np.int64),
    )


def stretches(
    cells: pd.DataFrame, lines: Lines, places: gpd.GeoDataFrame, *, breaks: Sequence[float]
) -> gpd.GeoDataFrame:
    """Join neighbouring pieces that have the same posts, segments and class of time.

    Parameters
    ----------
    cells : pandas.DataFrame
        From :func:`timed`.
    lines : mapping of str to Chainage
        The borders.
    places : geopandas.GeoDataFrame
        From :func:`geo.border.markers.marker_places`.
    breaks : sequence of float
        Class limits of the first post's time, minutes, each belonging to the class below.

    Returns
    -------
    geopandas.GeoDataFrame
        Fields of the layer ``post-reach`` by border and measure; the stretches of a border add up to it. Times are
        the worst of a stretch (missing where nobody comes to a part of it, which is a stretch of its own), and
        the median over its metres.
    """
    cells = _in_order(cells)
    minutes = cells["seconds"] / units.SECONDS_PER_MINUTE
    posts = cells["posts_within"]
    band = np.digitize(minutes, breaks, right=True)
    segments = cells["segment_ids"].map(tuple)
    same = [cells["border_id"], cells["post_id"], cells["second_post_id"], cells["accessible"], segments, posts]
    codes = np.column_stack([band, minutes.isna(), *(pd.factorize(column)[0] for column in same)])
    moved = np.concatenate([np.ones(min(len(codes), 1), dtype=bool), (codes[1:] != codes[:-1]).any(axis=1)])
    group = np.cumsum(moved) - 1
    first = np.flatnonzero(moved)
    last = np.append(first[1:], len(cells))[: len(first)] - 1
    length = (cells["end_m"] - cells["start_m"]).to_numpy(dtype=float)
    rows = cells.iloc[first].reset_index(drop=True)
    rows["end_m"] = cells["end_m"].to_numpy()[last]
    rows = rows.assign(
        length_m=rows["end_m"] - rows["start_m"],
        minutes=minutes.groupby(group).max().to_numpy(),
        median_minutes=weighted_quantile(group, minutes.to_numpy(), length, 0.5, len(first)),
        second_minutes=(cells["second_seconds"] / units.SECONDS_PER_MINUTE).groupby(group).max().to_numpy(),
    )
    rows = with_markers(rows, places)
    rows = with_ids(rows, "stretch_id", pd.Series("reach", index=rows.index), rows["segment_ids"])
    shape = np.full(len(rows), None, dtype=object)
    for key, index in rows.groupby("border_id").indices.items():
        shape[index] = lines[key].cut(rows["start_m"].to_numpy()[index], rows["end_m"].to_numpy()[index])
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(shape, index=rows.index, crs=LONLAT))


def with_markers(rows: pd.DataFrame, places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Name the markers around stretches of several borders.

    Parameters
    ----------
    rows : pandas.DataFrame
        With ``border_id start_m end_m``, index 0…n-1.
    places : geopandas.GeoDataFrame
        From :func:`geo.border.markers.marker_places`.

    Returns
    -------
    pandas.DataFrame
        The rows with ``marker_from`` and ``marker_to``, missing where there is none.
    """
    before, after = (np.full(len(rows), None, dtype=object) for _ in range(2))
    for key, index in rows.groupby("border_id").indices.items():
        start, end = (rows[name].to_numpy(dtype=float)[index] for name in ("start_m", "end_m"))
        before[index], after[index] = nearest_markers(places, key, start, end)
    return rows.assign(marker_from=pd.Series(before, dtype="str"), marker_to=pd.Series(after, dtype="str"))


def backup(cells: pd.DataFrame, post_id: Sequence[str]) -> pd.DataFrame:
    """Say what is lost when a post is shut, for each in turn; nothing is searched again.

    Parameters
    ----------
    cells : pandas.DataFrame
        From :func:`timed`; those that are not accessible do not count.
    post_id : sequence of str
        Posts.

    Returns
    -------
    pandas.DataFrame
        A row a post, in the order given: metres for which it is the first (``first_m``), those of them that it
        alone reaches in time and that are a hole without it (``lost_m``); the worst time of the metres it is
        first for, as it is and without it (minutes, missing where it is first for none; without it also where
        nobody else comes), and where that will be (``border_id``, ``measure_m``).
    """
    cells = _in_order(cells[cells["accessible"].astype(bool)])
    length = cells["end_m"] - cells["start_m"]
    posts = pd.Index(post_id, name="post_id")
    after = cells["second_seconds"].fillna(np.inf)
    alone = length.where(cells["posts_within"] == 1, 0.0)
    middle = (cells["start_m"] + cells["end_m"]) / 2
    first = cells.assign(length_m=length, alone_m=alone, after=after, middle=middle)
    own = first.dropna(subset="post_id").groupby("post_id")
    worst = first.loc[own["after"].idxmax()].set_index("post_id").reindex(posts)
    made = pd.DataFrame(
        {
            "first_m": own["length_m"].sum().reindex(posts, fill_value=0.0),
            "lost_m": own["alone_m"].sum().reindex(posts, fill_value=0.0),
            "minutes": own["seconds"].max().reindex(posts) / units.SECONDS_PER_MINUTE,
            "minutes_after": worst["second_seconds"] / units.SECONDS_PER_MINUTE,
            "border_id": worst["border_id"].astype("str"),
            "measure_m": worst["middle"],
        }
    ).astype({"first_m": float, "lost_m": float})
    made["opens_hole"] = made["lost_m"] > 0
    return made.reset_index()


def responses(cells: pd.DataFrame, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Sum the border up: one row for all borders together, then one for each.

    Parameters
    ----------
    cells : pandas.DataFrame
        From :func:`timed`; those that are not accessible do not count.
    places : geopandas.GeoDataFrame
        From :func:`geo.border.markers.marker_places`.

    Returns
    -------
    geopandas.GeoDataFrame
        ``response_id scope_id`` (a border, or missing), accessible metres, metres reached in time by at least
        1, 2, 3 posts, metres to which nobody comes; median and 90 % of the first time and median of the second
        over the metres (missing where that share of them is never reached); and the worst place with its
        border, measure, post, markers and minutes (the first of those to which nobody comes, which has none).
        Geometry is that place.
    """
    cells = _in_order(cells)
    scopes: list[tuple[str, str | None, pd.DataFrame]] = [(ALL, None, cells)] if len(cells) else []
    scopes += [(f"border:{key}", str(key), own) for key, own in cells.groupby("border_id")]
    rows = pd.DataFrame([_response(*scope) for scope in scopes], columns=list(_response("", None, cells)))
    worst = cells.reindex(rows["at"]).reset_index(drop=True)
    rows = (
        rows.drop(columns="at")
        .astype({"response_id": "str", "scope_id": "str"})
        .assign(
            worst_minutes=worst["seconds"] / units.SECONDS_PER_MINUTE,
            border_id=worst["border_id"].astype("str"),
            start_m=worst["start_m"],
            end_m=worst["end_m"],
            measure_m=(worst["start_m"] + worst["end_m"]) / 2,
            post_id=worst["post_id"].astype("str"),
        )
    )
    point = np.where(worst["lon"].notna(), shapely.points(worst["lon"].fillna(0), worst["lat"].fillna(0)), None)
    return gpd.GeoDataFrame(with_markers(rows, places), geometry=gpd.GeoSeries(point, crs=LONLAT))


def _in_order(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.sort_values(["border_id", "start_m"], kind="stable", ignore_index=True)


def _response(response_id: str, scope_id: str | None, cells: pd.DataFrame) -> dict[str, object]:
    cells = cells[cells["accessible"].astype(bool)]
    length = (cells["end_m"] - cells["start_m"]).to_numpy(dtype=float)
    posts = cells["posts_within"].to_numpy(dtype=np.int64)
    group = np.zeros(len(cells), dtype=np.int64)

    def minutes(name: str, share: float) -> float:
        values = cells[name].to_numpy(dtype=float) / units.SECONDS_PER_MINUTE
        return float(weighted_quantile(group, values, length, share, 1)[0])

    never = cells["seconds"].isna().to_numpy()
    return {
        "response_id": response_id,
        "scope_id": scope_id,
        "length_m": float(length.sum()),
        **{f"within_{k}_m": float(length[posts >= k].sum()) for k in BACKED_UP},
        "never_m": float(length[never].sum()),
        "median_minutes": minutes("seconds", 0.5),
        "p90_minutes": minutes("seconds", 0.9),
        "second_median_minutes": minutes("second_seconds", 0.5),
        "at": cells["seconds"].fillna(np.inf).idxmax() if len(cells) else -1,
    }


def weighted_quantile(group: Ints, value: Floats, weight: Floats, share: float, groups: int) -> Floats:
    """Find the least value up to which a share of each group's weight lies.

    Parameters
    ----------
    group : numpy.ndarray
        Group of each value, 0…groups-1, shape (n,).
    value : numpy.ndarray
        Values; missing stands for infinite. Shape (n,).
    weight : numpy.ndarray
        Weights > 0, shape (n,).
    share : float
        0–1: 0.5 is the lower median.
    groups : int
        Number of groups.

    Returns
    -------
    numpy.ndarray
        Shape (groups,); missing where that is infinite and for groups without values.

    Examples
    --------
    >>> zero = np.zeros(3, dtype=np.int64)
    >>> weighted_quantile(zero, np.array([9.0, 5.0, 7.0]), np.array([1.0, 2.0, 1.0]), 0.5, 2)
    array([ 5., nan])
    """
    order = np.lexsort((value, group))  # missing values sort last
    group, value, weight = group[order], value[order], weight[order]
    total = np.bincount(group, weights=weight, minlength=groups)
    before = np.concatenate([[0.0], np.cumsum(total)])[group]
    enough = np.flatnonzero(np.cumsum(weight) - before >= total[group] * share * (1 - 1e-12))
    found = np.full(groups, np.nan)
    one, at = np.unique(group[enough], return_index=True)
    found[one] = value[enough[at]]
    return found
