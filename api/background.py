"""Backgrounds that served boards offer beside the drawn one: Tianditu by key, tiles by address, files of tiles.

This list is the only answer that holds the key. It is asked for by boards while they run, and never kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answer import Asked, answer, as_written, ask, not_modified
from api.errors import NotThere
from api.negotiate import JSON, Encoding
from api.ogc.served import Served
from api.resource import Resource
from api.words import words
from geo.background import Background
from geo.io.tile_files import DEEPEST, MVT, About, BadTiles, open_tiles
from geo.words import LANGS

BACKGROUNDS = Resource("backgrounds", "Background tiles that boards offer", (JSON,), tags=("Boards",))
TILE = Resource(
    "background",
    "Tile of a background in a file",
    (
        Encoding("png", "image/png", packed=True),
        Encoding("jpg", "image/jpeg", packed=True),
        Encoding("webp", "image/webp", packed=True),
        Encoding("mvt", MVT),
    ),
    parameters=("v",),
    tags=("Boards",),
)
A_YEAR = "max-age=31536000, immutable"
DEFAULT_ZOOMS = (0, 18)
TIANDITU = {  # maps with the layer of their names and their last zoom; of all its layers only those in EPSG:3857
    "vec": ("cva", 18),
    "img": ("cia", 18),
    "ter": ("cta", 14),
}
TIANDITU_HOST = "https://t{s}.tianditu.gov.cn"
TIANDITU_HOSTS = tuple("01234567")
TIANDITU_TILE = (
    "/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default&TILEMATRIXSET=w"
    "&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One background as boards are told of it.

    Parameters
    ----------
    id : str
        In addresses.
    title, attribution : dict of str to str, or None
        By language.
    kind : {"raster", "vector"}
        Pictures or vector tiles.
    tiles : tuple of str
        Addresses with ``{z} {x} {y}``, drawn on each other; without a host they continue that of the workspace.
    subdomains : tuple of str
        What ``{s}`` stands for.
    min_zoom, max_zoom : int
        Zooms that there are.
    bounds : tuple of float or None
        West, south, east, north; there are no tiles outside.
    datum : {"wgs84", "gcj02"}
        What the tiles are drawn in.
    problem : dict of str to str or None
        Why it cannot be shown, by language.
    """

    id: str
    title: dict[str, str]
    attribution: dict[str, str] | None
    kind: Literal["raster", "vector"] = "raster"
    tiles: tuple[str, ...] = ()
    subdomains: tuple[str, ...] = ()
    min_zoom: int = DEFAULT_ZOOMS[0]
    max_zoom: int = DEFAULT_ZOOMS[1]
    bounds: tuple[float, float, float, float] | None = None
    datum: Literal["wgs84", "gcj02"] = "wgs84"
    problem: dict[str, str] | None = None


def router(served: Served) -> APIRouter:
    """Route backgrounds.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    APIRouter
        ``/backgrounds``, ``/backgrounds/{background}/{z}/{x}/{y}``.
    """
    routes = APIRouter()

    @routes.get("/backgrounds", **BACKGROUNDS.route())
    async def backgrounds(request: Request) -> Response:
        asked = ask(request, BACKGROUNDS, served.edition)
        listed = await run_in_threadpool(lambda: [asdict(one) for one in choices(served)])
        return answer(asked, {"backgrounds": listed}, {"Cache-Control": "no-store"})

    @routes.get("/backgrounds/{background}/{z}/{x}/{y}", **TILE.route())
    async def tile(request: Request) -> Response:
        return await run_in_threadpool(_tile, request, served)

    return routes


def choices(served: Served) -> list[Choice]:
    """List the backgrounds of a workspace.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    list of Choice
        Tianditu first, then those of the workspace in their order; a file that cannot be read has a ``problem``.
    """
    own = served.build.workspace.backgrounds
    return [*_tianditu(served), *(_choice(served, number, one) for number, one in enumerate(own, start=1))]


def origins(served: Served) -> tuple[str, ...]:
    """Name the foreign servers that boards of a workspace may ask for pictures.

    Parameters
    ----------
    served : Served
        The workspace.

    Returns
    -------
    tuple of str
        ``scheme://host[:port]``; empty = nobody is asked.
    """
    key = served.settings.tianditu_key.get_secret_value()
    theirs = [TIANDITU_HOST.replace("{s}", one) for one in TIANDITU_HOSTS] if key else []
    own = (origin for one in served.build.workspace.backgrounds for origin in one.origins())
    return tuple(dict.fromkeys((*theirs, *own)))


def _tianditu(served: Served) -> Iterator[Choice]:
    key = served.settings.tianditu_key.get_secret_value()
    if not key:
        return
    for map, (names, last) in TIANDITU.items():
        yield Choice(
            f"tianditu-{map}",
            {lang: words(lang)[f"tianditu_{map}"] for lang in LANGS},
            {lang: words(lang)["tianditu_by"] for lang in LANGS},
            tiles=tuple(TIANDITU_HOST + TIANDITU_TILE.format(layer=layer, key=key) for layer in (map, names)),
            subdomains=TIANDITU_HOSTS,
            min_zoom=1,
            max_zoom=last,
        )


def _choice(served: Served, number: int, one: Background) -> Choice:
    first, last = DEFAULT_ZOOMS
    made = Choice(
        str(number),
        one.title.model_dump(),
        one.attribution.model_dump() if one.attribution else None,
        tiles=(one.url,),
        subdomains=one.subdomains,
        min_zoom=first if one.min_zoom is None else one.min_zoom,
        max_zoom=last if one.max_zoom is None else one.max_zoom,
        datum=one.datum,
    )
    if one.url:
        return made
    try:
        path = _path(served, one)
        return _from_file(made, one, open_tiles(path).about, path)
    except BadTiles as error:
        return replace(made, tiles=(), problem=_unreadable(str(error)))


def _from_file(made: Choice, one: Background, about: About, path: Path) -> Choice:
    if about.kind == "vector":
        return replace(
            made, kind="vector", tiles=(), problem={lang: words(lang)["background_vector"] for lang in LANGS}
        )
    facts = path.stat()
    version = f"{facts.st_mtime_ns:x}-{facts.st_size:x}"
    return replace(
        made,
        tiles=(f"backgrounds/{made.id}/{{z}}/{{x}}/{{y}}?v={version}",),
        min_zoom=about.min_zoom if one.min_zoom is None else one.min_zoom,
        max_zoom=about.max_zoom if one.max_zoom is None else one.max_zoom,
        bounds=about.bounds,
    )


def _unreadable(reason: str) -> dict[str, str]:
    return {lang: words(lang)["background_unreadable"].format(reason=reason) for lang in LANGS}


def _path(served: Served, one: Background) -> Path:
    """Where a file is; it may have been exchanged for a link since the workspace was read."""
    root = served.build.workspace.root
    path = (root / one.file).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise BadTiles(f"{one.file} is not a file in the workspace")
    return path


def _tile(request: Request, served: Served) -> Response:
    own = {str(number): one for number, one in enumerate(served.build.workspace.backgrounds, start=1) if one.file}
    id = request.path_params["background"]
    if id not in own:
        raise NotThere(f"no background {id[:80]!r} in a file; known: {', '.join(own) or 'none'}")
    z, x, y = _numbers(request)
    try:
        path = _path(served, own[id])
        asked = ask(request, TILE, as_written(served.edition, path))
        if asked.unchanged:
            return not_modified(asked)
        found = open_tiles(path).tile(z, x, y)
    except BadTiles as error:
        raise NotThere(str(error)) from error
    kept = _kept(asked)
    if found is None:
        return Response(status_code=204, headers=kept)
    encoding = next(offer for offer in TILE.offers if offer.media == found.media)
    return answer(replace(asked, encoding=encoding), found.content, kept)


def _numbers(request: Request) -> tuple[int, int, int]:
    """Read the place of a tile; one that no zoom has is not there."""
    given = [request.path_params[name] for name in ("z", "x", "y")]
    if all(text.isascii() and text.isdigit() and len(text) <= 8 for text in given):
        z, x, y = (int(text) for text in given)
        if z <= DEEPEST and max(x, y) < 2**z:
            return z, x, y
    raise NotThere(f"no tile {'/'.join(text[:12] for text in given)}")


def _kept(asked: Asked) -> dict[str, str]:
    """How long a tile may be kept: with the version of its file in the address, for ever."""
    if "v" not in asked.given:
        return {}
    return {"Cache-Control": f"{'private' if asked.edition.private else 'public'}, {A_YEAR}"}
