"""A whole build: layers by :mod:`geo`, then the boards drawn from them; and what is handed on of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from api.terminal import Format
from geo import service
from geo.errors import GridwalkError, UnknownLayer
from geo.io.geojson import feature_collection, features
from geo.io.gpx_out import DRAWN, check_drawn, gpx
from geo.io.table_text import safe_csv
from geo.io.workbook import check_rows, workbook
from geo.layer import Layer
from geo.progress import Progress, silent
from geo.service import Build
from geo.store.files import replace
from geo.words import LANGS, Lang
from geo.workspace import Workspace
from maps import boards
from maps.offline import FORMS, Form

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

STAMP = ".version"
BY_HOLDER = "due-list"  # as GPX, everybody who holds something gets a file of their own
HOLDER = "post_id"


def build(
    workspace: Workspace,
    *,
    out: Path | None = None,
    only: Sequence[str] = (),
    set_aside: bool = False,
    cluster: str | None = None,
    progress: Progress = silent,
) -> tuple[Build, bool]:
    """Build layers, report and boards.

    Parameters
    ----------
    workspace, out, only, set_aside, cluster, progress
        As in :func:`geo.service.build`, with its errors.

    Returns
    -------
    tuple of Build and bool
        The build, and whether anything had changed since the one published before.
    """
    before = service.open_build(workspace, out)
    made = service.build(workspace, out=out, only=only, set_aside=set_aside, cluster=cluster, progress=progress)
    drawn = draw(made, progress)
    return made, drawn or before is None or before.version != made.version


def draw(made: Build, progress: Progress = silent) -> bool:
    """Draw the boards of a build, compared with :func:`geo.builds.build_before`, where they are not there yet.

    Parameters
    ----------
    made : Build
        A published build.
    progress : callable
        Told of each board.

    Returns
    -------
    bool
        False = all boards were there and nothing was done.
    """
    names = boards.available(made)
    paths = {board_file(made, name, form) for name in names for form in FORMS}
    against = service.build_before(made)
    stamp = stamp_of(made) + b"\n" + (against.version if against else "").encode()
    stamped = made.out / "boards" / STAMP
    if _stamp(made) == stamp and all(path.is_file() for path in paths):
        return False
    from maps.page import both_forms  # folium is slow to import, and most builds draw nothing

    stamped.unlink(missing_ok=True)  # while they are exchanged, boards are of no build
    for done, name in enumerate(names):
        progress(name, done, len(names))
        for form, page in both_forms(made, name, against=against).items():
            replace(page.encode(), board_file(made, name, form))
    for stale in set((made.out / "boards").rglob("*.html")) - paths:
        stale.unlink()
    replace(stamp, stamped)
    return True


def board_file(made: Build, board_id: str, form: Form) -> Path:
    """Locate a board.

    Parameters
    ----------
    made : Build
        A published build.
    board_id : str
        Id of a known board.
    form : {"file", "served"}
        Which form of it.

    Returns
    -------
    Path
        Where it is, if it was drawn.
    """
    folder = made.out / "boards"
    return (folder if form == "file" else folder / form) / f"{board_id}.html"


def is_drawn(made: Build) -> bool:
    """Tell whether the boards of a build were drawn by just this code.

    Parameters
    ----------
    made : Build
        A published build.

    Returns
    -------
    bool
        False also where none were drawn. A served board may then not fit the scripts that the server has.
    """
    return _stamp(made).splitlines()[:2] == stamp_of(made).splitlines()


def has_boards(made: Build) -> bool:
    """Tell whether the boards in the folder of a build are its own.

    Parameters
    ----------
    made : Build
        A build that is published, or was.

    Returns
    -------
    bool
        False where none were drawn, while they are drawn, and where they are those of another build.
    """
    return _stamp(made).splitlines()[:1] == [made.version.encode()]


def stamp_of(made: Build) -> bytes:
    """Name a build and the code that draws its boards.

    Parameters
    ----------
    made : Build
        A published build.

    Returns
    -------
    bytes
        What the file :data:`STAMP` beside its boards begins with, a line each; then comes the build they are
        compared with.
    """
    return f"{made.version}\n{drawing_version()}".encode()


def _stamp(made: Build) -> bytes:
    try:
        return (made.out / "boards" / STAMP).read_bytes()
    except FileNotFoundError:
        return b""


def into_postgis(made: Build, url: str, schema: str | None = None, progress: Progress = silent) -> tuple[str, ...]:
    """Write the layers and figures of a published build into PostGIS.

    Parameters
    ----------
    made : Build
        A published build.
    url : str
        ``postgresql://user@host/database``.
    schema : str or None
        None = the workspace's id with ``_`` for ``-``.
    progress : callable
        Told of each layer.

    Returns
    -------
    tuple of str
        The tables, ``schema.table``.

    Raises
    ------
    GridwalkError
        The extra ``postgis`` is not installed, or as :func:`geo.store.postgis.publish` says.
    """
    try:
        from geo.store import postgis
    except ImportError as error:
        raise GridwalkError(f"{error}: pip install 'gridwalk[postgis]'") from error
    figures = [
        {
            **{name: figure[name] for name in ("id", "value", "unit", "numerator", "denominator")},
            **{f"title_{lang}": figure["title"][lang] for lang in LANGS},
            **{f"method_{lang}": (figure["method"] or {}).get(lang) for lang in LANGS},
            "as_of": made.report["as_of"],
            "version": made.version,
        }
        for layer in made.report["layers"]
        for figure in layer["figures"]
    ]
    schema = made.workspace.id.replace("-", "_") if schema is None else schema
    return tuple(f"{schema}.{table}" for table in postgis.publish(url, schema, _opened(made, progress), figures))


def export(
    made: Build,
    ids: Sequence[str],
    folder: Path,
    format: Format,
    lang: Lang,
    progress: Progress = silent,
    *,
    service: str = "",
) -> list[Path]:
    """Write layers of a published build as files to hand on.

    Parameters
    ----------
    made : Build
        A published build.
    ids : sequence of str
        Layer ids; empty = all of its layers. Private ones are in no build.
    folder : Path
        Where to; made when missing. Files of the same name are replaced, each at once.
    format : {"csv", "xlsx", "geojson", "gpx", "pmtiles"}
        Which files; GPX has lines and points alone, PMTiles what is somewhere.
    lang : {"zh", "en"}
        Which language comes first in workbooks, and that of GPX.
    progress : callable
        Told of each layer.
    service : str
        Address at which the workspaces are served: rows of workbooks link to their place on a board there.

    Returns
    -------
    list of Path
        The files, ``<workspace>-<layer>.<format>``; of the due list as GPX also one a holder,
        ``<workspace>-due-list-<post_id>.gpx``.

    Raises
    ------
    UnknownLayer
        The build has no such layer; nothing is written.
    BadParameter
        A layer has more rows than a worksheet holds, or is named for GPX and is neither of lines nor of points, or
        for PMTiles and nothing of it is anywhere; nothing is written.
    """
    there = {layer.id: layer for layer in made.layers() if not layer.private}
    for id in ids:
        if id not in there:
            raise UnknownLayer.said("no_layer", given=id, known=", ".join(there))
    chosen = [there[id] for id in dict.fromkeys(ids)] or list(there.values())
    rows = {record["id"]: record["rows"] for record in made.report["layers"]}
    if format == "xlsx":
        for layer in chosen:
            check_rows(layer, rows[layer.id])
    if format == "gpx":
        chosen = chosen if ids else [layer for layer in chosen if layer.draw in DRAWN]
        for layer in chosen:
            check_drawn(layer)
    if format == "pmtiles":
        return _tiles(made, [there[id] for id in dict.fromkeys(ids)], folder, lang, progress)
    written = []
    for done, layer in enumerate(chosen):
        progress(layer.id, done, len(chosen))
        frame = made.frame(layer.id)
        for name, part in _parts(frame, layer, format).items():
            written.append(folder / f"{made.workspace.id}-{name}.{format}")
            replace(_as_file(made, part, layer, format, lang, service), written[-1])
    return written


def _tiles(made: Build, named: Sequence[Layer], folder: Path, lang: Lang, progress: Progress) -> list[Path]:
    from api import archives  # compiled loops that the other files do without

    for layer in named:
        archives.check_placed(made, layer)
    public = [layer for layer in made.layers() if not layer.private and archives.is_placed(made, layer)]
    return archives.write_tiles(made, named or public, folder, lang, progress)


def _parts(frame: GeoDataFrame, layer: Layer, format: Format) -> dict[str, GeoDataFrame]:
    """Say into which files the rows of a layer go, by name."""
    parts = {layer.id: frame}
    if format == "gpx" and layer.id == BY_HOLDER:
        for holder, rows in frame.groupby(HOLDER):
            safe = re.sub(r"[^\w.-]", lambda sign: f"%{ord(sign[0]):02X}", str(holder))
            parts[f"{layer.id}-{safe}"] = rows
    return parts


def _as_file(made: Build, frame: GeoDataFrame, layer: Layer, format: Format, lang: Lang, service: str) -> bytes:
    if format == "csv":
        return safe_csv(frame, layer)
    if format == "xlsx":
        place = boards.address_of(layer.id) if service else None
        link = f"{service.rstrip('/')}/{made.workspace.id}/boards/{place[0]}#{place[1]}" if place else ""
        return workbook(frame, layer, made.report, lang, link)
    if format == "gpx":
        return gpx(frame, layer, made.report, lang)
    return feature_collection(features(frame, layer))


def _opened(made: Build, progress: Progress) -> Iterator[tuple[Layer, GeoDataFrame]]:
    layers = made.layers()
    for done, layer in enumerate(layers):
        progress(layer.id, done, len(layers))
        yield layer, made.frame(layer.id)


@cache
def drawing_version() -> str:
    """Hash the code and the assets that draw boards.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    root = Path(str(files("maps")))
    drawn = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return hashlib.sha256(b"".join(path.read_bytes() for path in drawn)).hexdigest()[:32]
