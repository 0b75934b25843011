"""Foreign files, each kind with its reader; a file's kind is known by its content, and its name must agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from geo.io.limits import Limits
from geo.io.raw import Raw, Unreadable
from geo.tables.contract import Table
from geo.workspace import Source

KINDS: dict[str, frozenset[str]] = {
    ".gpkg": frozenset({"gpkg"}),
    ".geojson": frozenset({"json"}),
    ".json": frozenset({"json"}),
    ".fgb": frozenset({"flatgeobuf"}),
    ".parquet": frozenset({"parquet"}),
    ".geoparquet": frozenset({"parquet"}),
    ".shp": frozenset({"shapefile"}),
    ".zip": frozenset({"zip"}),
    ".csv": frozenset({"text"}),
    ".tsv": frozenset({"text"}),
    ".txt": frozenset({"text"}),
    ".xlsx": frozenset({"zip"}),
    ".xls": frozenset({"xls"}),
    ".pbf": frozenset({"pbf"}),
    ".graphml": frozenset({"graphml"}),
    ".gpx": frozenset({"gpx"}),
}
MAGIC = (
    (b"SQLite format 3\0", "gpkg"),
    (b"fgb", "flatgeobuf"),
    (b"PAR1", "parquet"),
    (b"\x00\x00\x27\x0a", "shapefile"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
)
HEAD_BYTES = 4096
XML = re.compile(rb"^\s*<")
JSON = re.compile(rb"^\s*[\[{]")
ROOTS = {"graphml": re.compile(rb"<graphml[\s>]"), "gpx": re.compile(rb"<gpx[\s>]")}
BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Request:
    """What a reader is asked for.

    Parameters
    ----------
    path : Path
        The file, or a shapefile's folder.
    source : Source
        Its entry in the manifest.
    table : Table
        The contract it is read for.
    limits : Limits
        What it may cost.
    scratch : Path
        A private folder for unpacking.
    """

    path: Path
    source: Source
    table: Table
    limits: Limits
    scratch: Path


def kind_of(path: Path) -> str:
    """Tell what a file is by its first bytes.

    Parameters
    ----------
    path : Path
        A file or a folder.

    Returns
    -------
    str
        ``gpkg json flatgeobuf parquet shapefile zip xls pbf graphml gpx xml text binary``, ``folder`` or
        ``empty``.
    """
    if path.is_dir():
        return "folder"
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.strip():
        return "empty"
    for start, kind in MAGIC:
        if head.startswith(start):
            return kind
    if head[4:].startswith((b"\x0a\x09OSMHeader", b"\x0a\x09OSMData")):
        return "pbf"
    if head.startswith(BOMS[1:]):
        return "text"
    text = head.removeprefix(BOMS[0])
    if XML.match(text):
        return next((kind for kind, root in ROOTS.items() if root.search(text)), "xml")
    if JSON.match(text):
        return "json"
    return "binary" if b"\0" in head else "text"


def read(request: Request) -> Raw:
    """Read one foreign file.

    Parameters
    ----------
    request : Request
        The file and what is known about it.

    Returns
    -------
    Raw
        Its rows as they are. A file that cannot be used raises :class:`Unreadable`.
    """
    path = request.path
    kind = kind_of(path)
    if kind == "empty":
        raise Unreadable("empty_file")
    if kind != "folder":
        size = path.stat().st_size
        if size > request.limits.file_bytes:
            raise Unreadable("file_too_large", size=size, limit=request.limits.file_bytes)
        suffix = path.suffix.lower()
        if suffix not in KINDS:
            raise Unreadable("unknown_kind", suffix=suffix or path.name, known=" ".join(sorted(KINDS)))
        if kind not in KINDS[suffix]:
            raise Unreadable("wrong_kind", suffix=suffix, kind=kind)
    return _dispatch(kind, request)


def _extract(request: Request) -> Raw:
    if request.table.name == "streets":
        from geo.io.formats.osm import read_pbf

        return read_pbf(request)
    if request.table.name == "barriers":
        from geo.io.formats.osm_barriers import read_barriers

        return read_barriers(request)
    raise Unreadable("pbf_table")


def _recorded(kind: str, request: Request) -> bool:
    """Tell whether it is a GPX file, or a folder or archive of such."""
    if kind not in ("folder", "zip") or request.path.suffix.lower() == ".xlsx":
        return kind == "gpx"
    from geo.io.formats.archive import check_archive
    from geo.io.formats.gpx import holds_gpx

    if kind == "folder":
        return holds_gpx([path.name for path in request.path.iterdir()])
    return holds_gpx([entry.filename for entry in check_archive(request.path, request.limits)])


def _dispatch(kind: str, request: Request) -> Raw:  # each reader's library is imported when its kind turns up
    if _recorded(kind, request):
        from geo.io.formats.gpx import read_gpx

        return read_gpx(request, kind)
    if kind in ("folder", "shapefile") or (kind == "zip" and request.path.suffix.lower() == ".zip"):
        from geo.io.formats.shapefile import read_shapefile

        return read_shapefile(request, kind)
    if kind in ("gpkg", "flatgeobuf"):
        from geo.io.formats.gdal import read_gdal

        return read_gdal(request, kind)
    if kind == "json":
        from geo.io.formats.geojson import read_geojson

        return read_geojson(request)
    if kind == "parquet":
        from geo.io.formats.parquet import read_parquet

        return read_parquet(request)
    if kind == "pbf":
        return _extract(request)
    if kind == "graphml":
        from geo.io.formats.graphml import read_graphml

        return read_graphml(request)
    from geo.io.formats.sheet import read_csv, read_workbook

    return read_csv(request) if kind == "text" else read_workbook(request)
