"""GPX: the points of recorded tracks, from one file, a folder or an archive of files.

Points are read one by one as text, so that a bad one is a fault of its row and not of the whole file, and no tree
of the document is ever made.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import pandas as pd
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from geo.io.formats import Request
from geo.io.formats.archive import check_archive, unpack
from geo.io.formats.text import decode
from geo.io.limits import Limits
from geo.io.places import points_from_columns
from geo.io.raw import Ledger, Raw, Unreadable

SUFFIX = ".gpx"
DEPTH_MAX = 50  # gpx / trk / trkseg / trkpt / extensions / … : devices nest eight deep
ZONE = re.compile(r"(?:[zZ]|[+-]\d\d(?::?\d\d)?)$")
UTF8_NAME = 0x800  # flag of an archive's entry whose name is UTF-8
IGNORED = frozenset({"wpt", "rtept"})


@dataclass
class _Track:
    """One ``trk`` of one file."""

    file: str
    number: int
    name: str = ""


@dataclass
class _Points:
    """Listens to a parser and collects the points of tracks."""

    limits: Limits
    file: str = ""
    tracks: list[_Track] = field(default_factory=list)
    track: list[int] = field(default_factory=list)
    cells: dict[str, list[str | None]] = field(default_factory=lambda: {"lon": [], "lat": [], "time": []})
    ignored: int = 0
    _path: list[str] = field(default_factory=list)
    _text: list[str] | None = None
    _tracks_before: int = 0

    def open(self, file: str) -> None:
        self.file, self._path, self._text, self._tracks_before = file, [], None, len(self.tracks)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name, parent = tag.rpartition("}")[2], self._path[-1] if self._path else ""
        self._path.append(name)
        if len(self._path) > DEPTH_MAX:
            raise Unreadable("bad_xml", reason=f"{self.file}: nested deeper than {DEPTH_MAX}")
        if name == "trk":
            self._begin()
        elif name == "trkpt":
            self._point(attributes)
        elif name in IGNORED:
            self.ignored += 1
        self._text = [] if (parent, name) in (("trk", "name"), ("trkpt", "time")) else None

    def _begin(self) -> None:
        self.tracks.append(_Track(self.file, len(self.tracks) - self._tracks_before + 1))
        if len(self.tracks) > self.limits.rows:
            raise Unreadable("too_many_rows", count=len(self.tracks), limit=self.limits.rows)

    def _point(self, attributes: dict[str, str]) -> None:
        if len(self.tracks) == self._tracks_before:
            self._begin()  # a point outside of any track
        self.track.append(len(self.tracks) - 1)
        self.cells["lon"].append(attributes.get("lon"))
        self.cells["lat"].append(attributes.get("lat"))
        self.cells["time"].append(None)
        if len(self.track) > self.limits.rows:
            raise Unreadable("too_many_rows", count=len(self.track), limit=self.limits.rows)

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, _: str) -> None:
        name = self._path.pop()
        if self._text is not None:
            text, self._text = " ".join("".join(self._text).split()), None
            if name == "time":
                self.cells["time"][-1] = text
            else:
                self.tracks[-1].name = text

    def close(self) -> None:
        return None


def holds_gpx(names: Iterator[str] | list[str]) -> bool:
    """Tell whether a folder or an archive is one of GPX files.

    Parameters
    ----------
    names : iterable of str
        Files inside.

    Returns
    -------
    bool
        True when one of them is.
    """
    return any(_is_gpx(name) for name in names)


def _is_gpx(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not hidden and path.suffix.lower() == SUFFIX


def read_gpx(request: Request, kind: str) -> Raw:
    """Read the recorded tracks of GPX files.

    Parameters
    ----------
    request : Request
        The file and what is known about it.
    kind : str
        ``gpx``, ``folder`` or ``zip``.

    Returns
    -------
    Raw
        A row a track point, in the files' order: ``patrol_id`` is the track's name, or the file's where it has
        none (with the track's number, where a file has several); a name that occurs in several files has the
        file's in front. ``time`` is UTC, as the format says, unless it has a zone. Way points and routes are
        counted, no more.
    """
    points = _Points(request.limits)
    for name, path in _files(request, kind):
        points.open(name)
        _listen(path, points)
    ids, renamed = _patrol_ids(points.tracks)
    track = np.array(points.track, dtype=np.int64)
    number = pd.Series(track).groupby(track).cumcount() + 1
    frame = pd.DataFrame(
        {
            "patrol_id": pd.Series([ids[at] for at in track], dtype="object"),
            "time": pd.Series([_utc(text) for text in points.cells["time"]], dtype="object"),
            "sequence": number.astype("object"),
        }
    )
    raw = Raw(frame=frame, crs="EPSG:4326", encoding="utf-8")
    heard = Ledger(request.table.name, request.source.file)
    lon, lat = (pd.Series(points.cells[axis], dtype="object") for axis in ("lon", "lat"))
    raw.geometry = points_from_columns(lon, lat, heard)
    raw.problems = [(at, code, column, values) for at, code, column, _, values in heard.rows]
    if points.ignored:
        raw.notes.append(("gpx_ignored", "info", {"count": points.ignored}))
    if renamed:
        raw.notes.append(("track_names_repeated", "warning", {"names": ", ".join(renamed)[:200]}))
    return raw


def _files(request: Request, kind: str) -> Iterator[tuple[str, Path]]:
    """Give the name (without ending) and place of each file, by name."""
    if kind == "zip":
        scratch = request.scratch / "gpx"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        entries = [entry for entry in check_archive(request.path, request.limits) if _is_gpx(entry.filename)]
        for entry in sorted(entries, key=lambda entry: entry.filename):
            unpack(request.path, entry, scratch / "one.gpx", request.limits)
            yield _stem(entry.filename, utf8=bool(entry.flag_bits & UTF8_NAME)), scratch / "one.gpx"
    elif kind == "folder":
        for path in sorted(path for path in request.path.iterdir() if path.is_file() and not path.is_symlink()):
            if _is_gpx(path.name):
                if path.stat().st_size > request.limits.file_bytes:
                    raise Unreadable("file_too_large", size=path.stat().st_size, limit=request.limits.file_bytes)
                yield path.stem, path
    else:
        yield request.path.stem, request.path


def _stem(name: str, *, utf8: bool) -> str:
    """Take a file's name in an archive; programs in China write it in their own encoding."""
    if not utf8:
        name = decode(name.encode("cp437", errors="replace"), "")[0]
    return PurePosixPath(name.replace("\\", "/")).stem


def _listen(path: Path, points: _Points) -> None:
    """Parse one file; declarations of types and entities are refused before they mean anything."""
    parser: Any = DefusedXMLParser(target=points, forbid_dtd=True)
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 16):
                parser.feed(block)
            parser.close()
    except (DefusedXmlException, ParseError, ValueError, LookupError) as error:
        raise Unreadable("bad_xml", reason=f"{points.file}: {error}"[:200]) from None


def _patrol_ids(tracks: list[_Track]) -> tuple[list[str], list[str]]:
    """Name each track's patrol; give the names that several files share, too."""
    files = {(track.name, track.file) for track in tracks if track.name}
    shared = sorted(name for name, count in Counter(name for name, _ in files).items() if count > 1)
    alone = Counter(track.file for track in tracks)
    ids = []
    for track in tracks:
        if not track.name:
            ids.append(track.file if alone[track.file] == 1 else f"{track.file}-{track.number}")
        else:
            ids.append(f"{track.file}-{track.name}" if track.name in shared else track.name)
    return ids, shared


def _utc(text: str | None) -> str | None:
    return f"{text}Z" if text and not ZONE.search(text) else text
