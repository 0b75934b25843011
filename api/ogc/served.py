"""One finished build as it is served: its layers, its report, and its collections made ready on first use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from starlette.concurrency import run_in_threadpool

from api.answer import Edition, code_version
from api.errors import NotNow, NotThere
from api.frontier import opened
from api.ogc.ready import Ready
from api.settings import Settings
from api.words import words
from geo.border.holder import Frontier
from geo.errors import UnknownLayer
from geo.io.geojson import features
from geo.layer import Layer
from geo.service import Build, build_before
from geo.store.files import digest
from geo.words import Lang
from maps.board import Board
from maps.boards import BOARDS
from maps.tiles.source import TileSource


class Served:
    """A build, opened for the service, and ``against``, the one that it is compared with, or None.

    Parameters
    ----------
    build : Build
        The build; it never changes.
    settings : Settings
        How the service runs.
    """

    def __init__(self, build: Build, settings: Settings) -> None:
        self.build = build
        self.settings = settings
        self.against = build_before(build)
        self.id = build.workspace.id
        self.report: Mapping[str, Any] = build.report
        self.layers: dict[str, Layer] = {layer.id: layer for layer in build.layers() if not layer.private}
        self.records: dict[str, Mapping[str, Any]] = {made["id"]: made for made in build.report["layers"]}
        self.version = build.version[:16]
        self.edition = edition([build], settings)
        self._files = {path: _facts(path) for path in (build.out / "report.md", *self._layer_files())}
        self._ready: dict[str, Ready] = {}
        self._tiles: dict[str, TileSource] = {}
        self._frontier: Frontier | None = None
        self._lock = Lock()

    def about(self, lang: Lang) -> dict[str, str]:
        """Say what the workspace is.

        Parameters
        ----------
        lang : {"zh", "en"}
            The language.

        Returns
        -------
        dict of str to str
            ``title description``, and ``attribution notice`` where there are.
        """
        report = self.report
        made = {
            "title": report["title"][lang],
            "description": words(lang)["about"].format(as_of=report["as_of"], made_by=report["made_by"]),
        }
        more = {name: report[name][lang] for name in ("attribution", "notice") if report[name]}
        return {**made, **more}

    def boards(self) -> tuple[Board, ...]:
        """List the boards that are there.

        Returns
        -------
        tuple of Board
            In the order of :data:`maps.boards.BOARDS`.
        """
        return tuple(board for board in BOARDS if self.board_file(board.id).is_file())

    def board_file(self, id: str) -> Path:
        """Locate a board.

        Parameters
        ----------
        id : str
            Id of a known board.

        Returns
        -------
        Path
            Where its file is, if it was drawn.
        """
        return self.build.out / "boards" / f"{id}.html"

    def lacks(self) -> list[str]:
        """Name what is missing on the disk of what the build published.

        Returns
        -------
        list of str
            File names; empty = everything can be served.
        """
        return [f"{path.name} is missing" for path in self._layer_files() if not path.is_file()]

    def file(self, name: str) -> Path:
        """Locate a file of the build.

        Parameters
        ----------
        name : str
            Path in the results folder, of a layer or of the report.

        Returns
        -------
        Path
            Where it is.

        Raises
        ------
        NotThere
            The build has no such file.
        NotNow
            It is no longer the file of this build.
        """
        path = self.build.out / name
        if not path.is_file() or path not in self._files:
            raise NotThere(f"this build has no file {path.name}")
        if _facts(path) != self._files[path]:
            raise NotNow(f"{path.name} is being made anew: try again in a minute")
        return path

    def _layer_files(self) -> list[Path]:
        folder = self.build.out / "layers"
        return [folder / f"{id}{ending}" for id in self.layers for ending in (".parquet", ".geojson")]

    def layer(self, id: str) -> Layer:
        """Find a public layer.

        Parameters
        ----------
        id : str
            Layer id.

        Returns
        -------
        Layer
            The layer.

        Raises
        ------
        UnknownLayer
            The workspace has no such layer, or it is not public.
        """
        if id not in self.layers:
            raise UnknownLayer(f"no collection {id[:80]!r}; known: {', '.join(self.layers)}")
        return self.layers[id]

    async def ready(self, id: str) -> Ready:
        """Make a collection ready, once.

        Parameters
        ----------
        id : str
            Layer id.

        Returns
        -------
        Ready
            The collection as bytes; reading and encoding happen beside the requests of others.

        Raises
        ------
        UnknownLayer
            As in :meth:`layer`.
        """
        return self._ready[id] if id in self._ready else await run_in_threadpool(self._make, self.layer(id))

    async def tiles(self, id: str) -> TileSource:
        """Make a collection ready to be cut into tiles, once.

        Parameters
        ----------
        id : str
            Layer id.

        Returns
        -------
        TileSource
            Its tiles; reading and indexing happen beside the requests of others.

        Raises
        ------
        UnknownLayer
            As in :meth:`layer`.
        """
        return self._tiles[id] if id in self._tiles else await run_in_threadpool(self._cut, self.layer(id))

    def frontier(self) -> Frontier:
        """Open what says who holds the border, once.

        Returns
        -------
        Frontier
            From :func:`api.frontier.opened`, with its errors.
        """
        with self._lock:
            if self._frontier is None:
                self._frontier = opened(self.build)
            return self._frontier

    def _cut(self, layer: Layer) -> TileSource:
        with self._lock:
            if layer.id not in self._tiles:
                self._tiles[layer.id] = TileSource(layer, self.build.frame(layer.id))
            return self._tiles[layer.id]

    def _make(self, layer: Layer) -> Ready:
        with self._lock:
            if layer.id not in self._ready:
                self._ready[layer.id] = Ready(layer, self.build.frame(layer.id), features)
            return self._ready[layer.id]


def _facts(path: Path) -> tuple[int, int, int] | None:
    """What tells a file from the one that takes its place; None where there is none."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_size


def edition(builds: Sequence[Build], settings: Settings) -> Edition:
    """Name the version of everything that answers depend on.

    Parameters
    ----------
    builds : sequence of Build
        Whose data is in the answers.
    settings : Settings
        Page sizes count.

    Returns
    -------
    Edition
        For caches; private when keys are asked for.
    """
    pages = (settings.limit_default, settings.limit_max)
    version = digest([code_version(), *pages, *(build.version for build in builds)])
    return Edition(version, private=bool(settings.api_key_hashes))
