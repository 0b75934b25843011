"""The patrol board of one holder alone: a file for a memory stick, which tells whoever finds it little.

A **holder** is a post. A **team** is what the tables know as one: the posts of a division, the people who share a
segment, or one of them by the id of the staff table.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from geo.errors import GridwalkError
from geo.layer import Layer, Title
from geo.words import say
from maps import words
from maps.content import content
from maps.narrowed import HELD, KEYS, Narrowed, ids_in, narrowed
from maps.page import written
from maps.patrol import PATROL

if TYPE_CHECKING:
    from geo.service import Build

LIMIT = 500_000  # bytes of a file
NEAR = 5
LONGEST = 80  # characters of an id in a file name

Frames = Mapping[str, gpd.GeoDataFrame]


class NoFile(GridwalkError):
    """There can be no file of a holder; says why in both languages.

    Parameters
    ----------
    key : str
        Of the message, in section ``holder``.
    id : str
        Whose file it would be.
    **values : str
        What the message's other placeholders stand for.
    """

    def __init__(self, key: str, id: str, **values: str) -> None:
        self.id = id
        zh, en = (say(f"holder.{key}", lang, id=id[:LONGEST], **values) for lang in ("zh", "en"))
        super().__init__(f"{zh}\n{en}")


class UnknownHolder(NoFile):
    """Nobody of that id holds anything.

    Parameters
    ----------
    id : str
        As it was asked for.
    near : sequence of str
        Ids that look like it, with their names.
    """

    def __init__(self, id: str, near: Sequence[str]) -> None:
        self.near = tuple(near)
        super().__init__("unknown_near" if near else "unknown", id, near="; ".join(near))


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever holds ground.

    Parameters
    ----------
    id : str
        As it was asked for.
    title : Title
        What people call it; of people, the segments that are theirs.
    posts : frozenset of str
        Posts whose rows are theirs; empty where segments alone are.
    segments : frozenset of str
        Segments that are theirs.
    """

    id: str
    title: Title
    posts: frozenset[str]
    segments: frozenset[str]


@dataclass(frozen=True, slots=True)
class Narrow:
    """A build with the rows of one holder, to be drawn like any other.

    Parameters
    ----------
    build : Build
        The whole.
    rows : Narrowed
        What is left of its layers.
    report : mapping
        What is left of its report.
    """

    build: Build
    rows: Narrowed
    report: Mapping[str, Any]

    @property
    def workspace(self) -> Any:
        """Whose build it is."""
        return self.build.workspace

    @property
    def version(self) -> str:
        """The version of the whole."""
        return self.build.version

    def layers(self) -> tuple[Layer, ...]:
        """List the layers that the board may read.

        Returns
        -------
        tuple of Layer
            In the order of the build.
        """
        return tuple(layer for layer in self.build.layers() if layer.id in self.rows.frames)

    def frame(self, id: str) -> gpd.GeoDataFrame:
        """Give what is left of a layer.

        Parameters
        ----------
        id : str
            Layer id.

        Returns
        -------
        geopandas.GeoDataFrame
            Its rows.
        """
        return self.rows.frames[id]


def read(build: Build) -> dict[str, gpd.GeoDataFrame]:
    """Read what the files of holders are made from, once for all of them.

    Parameters
    ----------
    build : Build
        A finished build.

    Returns
    -------
    dict of str to geopandas.GeoDataFrame
        Layers that a file may have, by id; others never reach it.
    """
    return {layer.id: build.frame(layer.id) for layer in build.layers() if layer.id in KEYS}


def holders(frames: Frames) -> tuple[str, ...]:
    """List the posts that hold anything.

    Parameters
    ----------
    frames : mapping of str to geopandas.GeoDataFrame
        From :func:`read`.

    Returns
    -------
    tuple of str
        Ids, sorted.
    """
    held = (frames[id]["post_id"].dropna() for id in HELD if id in frames)
    return tuple(sorted({str(one) for ids in held for one in ids}))


def find(frames: Frames, id: str) -> Holder:
    """Find a holder or a team.

    Parameters
    ----------
    frames : mapping of str to geopandas.GeoDataFrame
        From :func:`read`.
    id : str
        Id of a post that holds something, of a division with such posts in it (and in what lies in it), of a
        segment, or of somebody who is assigned to segments; or the name of exactly one such post.

    Returns
    -------
    Holder
        Who it is. Nobody is :class:`UnknownHolder`, with ids that look like it.
    """
    those = holders(frames)
    names = _names(frames, "posts", "post_id")
    named = [post for post in those if names.get(post) == id]
    post = id if id in those else named[0] if len(named) == 1 else None
    if post is not None:
        return _of_posts(frames, post, names.get(post, post), {post})
    places = _names(frames, "divisions", "division_id")
    inside = _posts_in(frames, id) & set(those)
    if inside:
        return _of_posts(frames, id, places.get(id, id), inside)
    segments = _segments_of(frames, id)
    if segments:
        title = words.title("patrol.of_segments", segments="、".join(sorted(segments)))
        return Holder(id, title, frozenset(), segments)
    known = {**{one: names.get(one, one) for one in those}, **{one: one for one in _ids(frames)}}
    raise UnknownHolder(id, _near(id, known))


def page(build: Build, frames: Frames, holder: Holder) -> str:
    """Make the file of one holder.

    Parameters
    ----------
    build : Build
        A finished build.
    frames : mapping of str to geopandas.GeoDataFrame
        From :func:`read`.
    holder : Holder
        From :func:`find`.

    Returns
    -------
    str
        HTML that needs nothing else. One of :data:`LIMIT` bytes or more, or of nothing that has a place, is
        :class:`NoFile`.
    """
    rows = narrowed(frames, holder.posts, holder.segments)
    if rows is None:
        raise NoFile("no_ground", holder.id)
    layers = [
        {**made, "rows": len(rows.frames[made["id"]]), "bbox": list(rows.bounds), "figures": []}
        for made in build.report["layers"]
        if made["id"] in rows.frames
    ]
    report = {**build.report, "layers": layers, "faults": []}  # faults name rows of everybody
    narrow: Any = Narrow(build, rows, report)  # what content reads of a build
    own = {"id": holder.id, "title": holder.title.record(), "others": rows.others, "around": rows.around}
    html = written({**content(narrow, PATROL), "holder": own}, "file")
    size = len(html.encode())
    if size >= LIMIT:
        raise NoFile("too_large", holder.id, size=f"{size:,}", limit=f"{LIMIT:,}")
    return html


def file_name(workspace: str, id: str) -> str:
    """Name the file of a holder.

    Parameters
    ----------
    workspace : str
        Id of the workspace.
    id : str
        Of the holder; any text.

    Returns
    -------
    str
        A name that every file system takes; of an id with other signs than letters, digits and ``-_.`` these are
        left out and a short hash says which it was.

    Examples
    --------
    >>> file_name("border", "P01")
    'border-patrol-P01.html'
    >>> file_name("border", "../x")
    'border-patrol-x-2e7b1d.html'
    """
    plain = re.sub(r"[^\w-]+", "_", id).strip("_")[:LONGEST]
    mark = "" if plain == id else "-" + hashlib.sha256(id.encode()).hexdigest()[:6]
    return f"{workspace}-patrol-{plain}{mark}.html"


def _of_posts(frames: Frames, id: str, name: str, posts: set[str]) -> Holder:
    held = frames.get("border-segments")
    own = set() if held is None else set(held["segment_id"][held["post_id"].isin(posts)])
    return Holder(id, Title(name, name), frozenset(posts), frozenset(own))


def _posts_in(frames: Frames, division: str) -> set[str]:
    """Posts of a division and of all that lies in it."""
    posts, places = frames.get("posts"), frames.get("divisions")
    if posts is None or "division_id" not in posts:
        return set()
    inside = {division}
    if places is not None and "parent_id" in places:
        parents = places[["division_id", "parent_id"]]
        more = inside
        while more:
            more = set(parents["division_id"][parents["parent_id"].isin(more)]) - inside
            inside |= more
    return set(posts["post_id"][posts["division_id"].isin(inside)])


def _segments_of(frames: Frames, id: str) -> frozenset[str]:
    """The segment of an id, or those that somebody of that id is assigned to."""
    held = frames.get("border-segments")
    if held is None:
        return frozenset()
    there = held["segment_id"] == id
    if not there.any() and "staff_ids" in held:
        there = held["staff_ids"].map(lambda people: id in ids_in(people))
    return frozenset(held["segment_id"][there])


def _names(frames: Frames, layer: str, key: str) -> dict[str, str]:
    frame = frames.get(layer)
    if frame is None or "name" not in frame:
        return {}
    there = frame[frame["name"].notna()]
    return dict(zip(there[key].astype(str), there["name"].astype(str), strict=True))


def _ids(frames: Frames) -> list[str]:
    """Ids besides those of posts that may be named to whoever mistyped one: never those of people."""
    places = frames["posts"]["division_id"].dropna() if "division_id" in frames.get("posts", ()) else ()
    segments = frames["border-segments"]["segment_id"] if "border-segments" in frames else ()
    return [*dict.fromkeys([*map(str, places), *map(str, segments)])]


def _near(id: str, known: Mapping[str, str]) -> list[str]:
    """Ids that begin like it, or whose names hold it, then those that are spelt like it."""
    names = {name: one for one, name in known.items()}
    alike = [one for one, name in known.items() if id and (one.startswith(id) or id in name)]
    alike += get_close_matches(id, [*known], NEAR)
    alike += [names[name] for name in get_close_matches(id, [*names], NEAR)]
    return [one if known[one] == one else f"{one} ({known[one]})" for one in dict.fromkeys(alike)][:NEAR]
