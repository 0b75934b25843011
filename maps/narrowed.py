"""What is left of the border's layers for one holder: their own rows, the neighbours', the ground around.

A lost phone tells little: of others there are the segments on either side with the posts that hold them, and the
posts that can come to help. Lists of work, findings and defects are the holder's alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

KEYS = {  # every layer that a file may have, and its id field
    "border-status": "stretch_id",
    "border-segments": "segment_id",
    "border-staleness": "staleness_id",
    "border-fence": "stretch_id",
    "post-reach": "stretch_id",
    "visited-points": "point_id",
    "markers": "marker_id",
    "posts": "post_id",
    "due-list": "due_id",
    "border-findings": "finding_id",
    "fence-defects": "defect_id",
    "holder-load": "post_id",
    "post-backup": "post_id",
    "divisions": "division_id",
    "background": "background_id",
}
HELD = ("border-segments", "due-list", "visited-points")  # whoever has a row here is a holder
STRETCHES = (
    "border-status",
    "border-segments",
    "border-staleness",
    "border-fence",
    "post-reach",
    "visited-points",
)
OWN = ("due-list", "border-findings", "fence-defects")
OF_OWN_POSTS = ("holder-load", "post-backup")
REACHED = "post-reach"  # its posts are those that come first, not those that hold
HELPING = ("post_id", "second_post_id")
SEGMENTS = ("segment_id", "segment_before", "segment_after", "segment_ids")
POSTS = ("post_id", "second_post_id", "post_before", "post_after", "post_ids")
TOUCH_M = 1.0  # ends that are nearer than this meet
AROUND_M = 10_000.0  # of the ground round what is held: this, and half of its longer side …
AROUND_MOST_M = 40_000.0  # … up to this
METRES_A_DEGREE = 111_195.0

Frames = Mapping[str, gpd.GeoDataFrame]
Mask = NDArray[np.bool_]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is left.

    Parameters
    ----------
    frames : mapping of str to geopandas.GeoDataFrame
        Rows by layer id, in their order.
    others : mapping of str to list of str
        Ids of the rows that are not the holder's own, by layer id.
    bounds, around : tuple of float
        West, south, east, north of the holder's segments, points, work and posts, and of the ground that is left
        around them, degrees.
    """

    frames: Frames
    others: Mapping[str, list[str]]
    bounds: Bounds
    around: Bounds


def narrowed(frames: Frames, posts: frozenset[str], segments: frozenset[str]) -> Narrowed | None:
    """Leave what one holder needs.

    Parameters
    ----------
    frames : mapping of str to geopandas.GeoDataFrame
        Layers of :data:`KEYS`, by id; any may be missing. Others are left out.
    posts : frozenset of str
        Posts whose rows are the holder's; empty where segments alone are.
    segments : frozenset of str
        The holder's segments.

    Returns
    -------
    Narrowed or None
        None where nothing of the holder's has a place. Else: rows of the holder; stretches and points of the
        neighbouring segments, which are those that meet or overlap the holder's own, else the next on either side
        (of a holder without segments, those that their points lie on); posts of either, posts that hold no
        segment and stand near, and those that reach the holder's ground first or second; divisions and background
        within :data:`AROUND_M` and half of the longer side of what is held, at most :data:`AROUND_MOST_M`. An id
        of anybody else is missing, or is not in its list.
    """
    there = {id: frame for id, frame in frames.items() if id in KEYS}
    ground = _Ground.of(there, posts, segments)
    own = {id: ground.own(id, frame) for id, frame in there.items() if id in (*STRETCHES, *OWN)}
    left = {id: there[id][own[id] | ground.near(there[id])] for id in STRETCHES if id in there}
    left |= {id: there[id][own[id]] for id in OWN if id in there}
    if "markers" in there:
        left["markers"] = there["markers"][ground.near(there["markers"])]
    bounds = _bounds([there[id][own[id]] for id in HELD if id in there], there.get("posts"), posts)
    if bounds is None:
        return None
    around = _around(bounds)
    known_posts = ground.holders(there)
    if "posts" in there:
        left["posts"] = there["posts"][_posts_left(there, own, known_posts, around)]
        known_posts = frozenset(left["posts"]["post_id"])
    left |= {id: there[id][there[id]["post_id"].isin(posts)] for id in OF_OWN_POSTS if id in there}
    left = {id: _blanked(frame, ground.known, known_posts) for id, frame in left.items()}
    left |= {id: _clipped(there[id], around) for id in ("divisions", "background") if id in there}
    others = {
        id: [str(key) for key in there[id][KEYS[id]][~own[id] & there[id].index.isin(left[id].index)]]
        for id in STRETCHES
        if id in there
    }
    return Narrowed(
        {id: left[id].reset_index(drop=True) for id in there},
        {id: ids for id, ids in others.items() if ids},
        bounds,
        around,
    )


def ids_in(value: Any) -> tuple[str, ...]:
    """Read a list of ids that may be missing.

    Parameters
    ----------
    value : Any
        A list, tuple or array; anything else is none.

    Returns
    -------
    tuple of str
        The ids.
    """
    return tuple(map(str, value)) if isinstance(value, list | tuple | np.ndarray) else ()


@dataclass(frozen=True, slots=True)
class _Ground:
    """Whose is what along the borders."""

    posts: frozenset[str]
    segments: frozenset[str]
    known: frozenset[str]  # the segments and their neighbours
    held: pd.DataFrame  # border_id start_m end_m of the own segments
    reach: pd.DataFrame  # the same of all known ones, with what lies between

    @classmethod
    def of(cls, frames: Frames, posts: frozenset[str], segments: frozenset[str]) -> _Ground:
        nobody = pd.DataFrame({"segment_id": [], "border_id": [], "start_m": [], "end_m": []})
        all_of = pd.DataFrame(frames.get("border-segments", nobody))
        mine = all_of[all_of["segment_id"].isin(segments)]
        others = all_of[~all_of["segment_id"].isin(segments)]
        neighbours = _neighbours(mine, others) if len(mine) else _under(frames, posts, others)
        beside = others[others["segment_id"].isin(neighbours)]
        places = ["border_id", "start_m", "end_m"]
        reach = pd.concat([mine[places], beside[places], _between(mine, beside)], ignore_index=True)
        return cls(posts, segments, segments | neighbours, mine[places], reach)

    def own(self, id: str, frame: gpd.GeoDataFrame) -> Mask:
        """Rows that are the holder's: by post where the row names one, else by segment, else by measure."""
        ours = _names_any(frame, ("segment_id", "segment_ids"), self.segments)
        if id in OWN:
            ours |= _names_any(frame, ("post_ids",), self.posts)
        if id == "border-findings" or not {"segment_id", "segment_ids"} & set(frame.columns):
            ours |= _along(frame, self.held, touching=id == "border-findings")
        if id == REACHED or not self.posts or "post_id" not in frame:
            return ours
        return np.where(frame["post_id"].notna(), frame["post_id"].isin(self.posts), ours).astype(bool)

    def near(self, frame: gpd.GeoDataFrame) -> Mask:
        """Rows of the neighbours, and nobody's between."""
        there = _along(frame, self.reach)
        named = [name for name in ("segment_id", "segment_ids") if name in frame]
        if not named:
            return there
        nobody = ~_names_any(frame, named, None)
        return there & (nobody | _names_any(frame, named, self.known))

    def holders(self, frames: Frames) -> frozenset[str]:
        """The posts of the known segments, and the holder's."""
        held = frames.get("border-segments")
        beside = () if held is None else held["post_id"][held["segment_id"].isin(self.known)].dropna()
        return self.posts | frozenset(map(str, beside))


def _neighbours(mine: pd.DataFrame, others: pd.DataFrame) -> frozenset[str]:
    """Segments that meet or overlap one of these, else the next on either side."""
    found: set[str] = set()
    for border, start, end in zip(mine["border_id"], mine["start_m"], mine["end_m"], strict=True):
        here = others[others["border_id"] == border]
        meets = (here["start_m"] <= end + TOUCH_M) & (here["end_m"] >= start - TOUCH_M)
        found |= set(here["segment_id"][meets])
        before, after = here[here["end_m"] < start - TOUCH_M], here[here["start_m"] > end + TOUCH_M]
        if not (meets & (here["start_m"] < start)).any():
            found |= set(before["segment_id"][before["end_m"] == before["end_m"].max()])
        if not (meets & (here["end_m"] > end)).any():
            found |= set(after["segment_id"][after["start_m"] == after["start_m"].min()])
    return frozenset(map(str, found))


def _under(frames: Frames, posts: frozenset[str], others: pd.DataFrame) -> frozenset[str]:
    """Segments that the rows of posts name; where they name none, the nearest (on the map, in degrees)."""
    theirs = [frames[id][frames[id]["post_id"].isin(posts)] for id in HELD if id in frames]
    ids = {id for rows in theirs if "segment_ids" in rows for one in rows["segment_ids"] for id in ids_in(one)}
    named = frozenset(ids) & frozenset(others["segment_id"])
    drawn = [one for rows in theirs for one in rows.geometry.to_numpy() if one is not None]
    if named or not drawn or not len(others):
        return named
    away = shapely.distance(np.asarray(others["geometry"], dtype=object), shapely.union_all(drawn))
    if np.isnan(away).all():
        return frozenset()
    return frozenset({str(others["segment_id"].iloc[int(np.nanargmin(away))])})


def _between(mine: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
    """What is nobody's between a segment and the neighbour before or after it."""
    pairs = mine.merge(beside, on="border_id", suffixes=("", "_b"))
    after = pairs[pairs["start_m_b"] > pairs["end_m"]]
    before = pairs[pairs["end_m_b"] < pairs["start_m"]]
    made = [
        pd.DataFrame({"border_id": after["border_id"], "start_m": after["end_m"], "end_m": after["start_m_b"]}),
        pd.DataFrame({"border_id": before["border_id"], "start_m": before["end_m_b"], "end_m": before["start_m"]}),
    ]
    return pd.concat(made, ignore_index=True)


def _along(frame: gpd.GeoDataFrame, spans: pd.DataFrame, *, touching: bool = False) -> Mask:
    """Rows that share some of the border with a span; a point lies on it, ends included."""
    if "start_m" in frame:
        start, end = frame["start_m"].to_numpy(dtype=float), frame["end_m"].to_numpy(dtype=float)
    elif "measure_m" in frame:
        start = end = frame["measure_m"].to_numpy(dtype=float)
    else:
        return np.zeros(len(frame), dtype=bool)
    there = np.zeros(len(frame), dtype=bool)
    border = frame["border_id"].to_numpy(dtype=object)
    slack = np.where((start == end) | touching, TOUCH_M, -TOUCH_M / 2)  # of a stretch, more than its very end
    for id, first, last in zip(spans["border_id"], spans["start_m"], spans["end_m"], strict=True):
        there |= (border == id) & (start < last + slack) & (end > first - slack)
    return there


def _names_any(frame: pd.DataFrame, columns: Iterable[str], wanted: frozenset[str] | None) -> Mask:
    """Rows that name one of some ids in some columns; None = any id at all."""
    there = np.zeros(len(frame), dtype=bool)
    for name in columns:
        if name not in frame:
            continue
        column = frame[name]
        if name.endswith("_ids"):
            there |= np.array(
                [any(wanted is None or id in wanted for id in ids_in(ids)) for ids in column], dtype=bool
            )
        else:
            there |= (column.notna() if wanted is None else column.isin(wanted)).to_numpy(dtype=bool)
    return there


def _posts_left(frames: Frames, own: Mapping[str, Mask], known: frozenset[str], around: Bounds) -> Mask:
    posts = frames["posts"]
    held = frames.get("border-segments")
    holding = set() if held is None else set(held["post_id"].dropna())
    helping = set()
    if REACHED in frames:
        rows = frames[REACHED][own[REACHED]]
        helping = {id for name in HELPING if name in rows for id in rows[name].dropna()}
    near = shapely.intersects(posts.geometry.to_numpy(), shapely.box(*around)) & ~posts["post_id"].isin(holding)
    mask: Mask = (posts["post_id"].isin(known | helping) | near).to_numpy(dtype=bool)
    return mask


def _blanked(frame: gpd.GeoDataFrame, segments: frozenset[str], posts: frozenset[str]) -> gpd.GeoDataFrame:
    """Rows without the ids of those who are not there."""
    made = {}
    for names, known in ((SEGMENTS, segments), (POSTS, posts)):
        for name in names:
            if name in frame and name.endswith("_ids"):
                made[name] = [[id for id in ids_in(ids) if id in known] for ids in frame[name]]
            elif name in frame:
                made[name] = frame[name].where(frame[name].isin(known))
    return frame.assign(**made)


def _clipped(frame: gpd.GeoDataFrame, around: Bounds) -> gpd.GeoDataFrame:
    """Rows within a box; those beyond keep what they are called, without an outline."""
    shapes = frame.geometry.to_numpy()
    window = shapely.box(*around)
    inside = shapely.intersects(shapes, window)
    kept = shapely.covers(window, shapes)
    cut = np.full(len(frame), None, dtype=object)
    cut[kept] = shapes[kept]
    crossing = inside & ~kept
    cut[crossing] = shapely.intersection(shapely.make_valid(shapes[crossing]), window)
    made = frame.set_geometry(gpd.GeoSeries(cut, index=frame.index, crs=frame.crs))
    return made if "division_id" in frame else made[inside]


def _bounds(
    rows: Iterable[gpd.GeoDataFrame], posts: gpd.GeoDataFrame | None, own: frozenset[str]
) -> Bounds | None:
    boxes = [frame.total_bounds for frame in rows if frame.geometry.notna().any()]
    if posts is not None and posts["post_id"].isin(own).any():
        boxes.append(posts[posts["post_id"].isin(own)].total_bounds)
    if not boxes:
        return None
    west, south = np.nanmin([box[:2] for box in boxes], axis=0)
    east, north = np.nanmax([box[2:] for box in boxes], axis=0)
    return (float(west), float(south), float(east), float(north))


def _around(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    narrow = max(np.cos(np.radians((south + north) / 2)), 0.01)
    side = max((east - west) * narrow, north - south) * METRES_A_DEGREE
    more = min(AROUND_M + side / 2, AROUND_MOST_M) / METRES_A_DEGREE
    wide, high = float(more / narrow), float(more)
    return (west - wide, south - high, east + wide, north + high)
