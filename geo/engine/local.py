"""Layers built from their inputs, each kept in the store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson

from geo import catalogue
from geo.catalogue import Made
from geo.engine.tables import TableSnapshots, read_through
from geo.errors import LayerUnavailable
from geo.layer import Artifact, Layer, Tables
from geo.parameters import Parameters
from geo.progress import Progress, silent
from geo.store.arrays import read_arrays, write_arrays
from geo.store.files import Snapshots, digest
from geo.store.frames import read_frame
from geo.tables import TABLES
from geo.workspace import Workspace

SCHEMA = 1
DATA = "data.parquet"
Result = Callable[[], Any]  # waits for a layer's frame, or for an artifact
Run = Callable[[Made, Tables, Parameters], Result]  # starts it
COMPUTES = (
    "crs.py",
    "errors.py",
    "evenness.py",
    "layer.py",
    "parameters.py",
    "units.py",
    "hours",
    "tables",
    "place",
    "walk",
    "grid",
    "stations",
    "border",
)


def shelf_of(layer: Made) -> str:
    """Name the snapshots of a layer or artifact.

    Parameters
    ----------
    layer : Layer or Artifact
        What is kept.

    Returns
    -------
    str
        ``layers/<id>``, or ``private/<id>`` for what must stay inside.
    """
    return f"{'private' if layer.private else 'layers'}/{layer.id}"


def here(layer: Made, inputs: Tables, parameters: Parameters) -> Result:
    """Build a layer or artifact in this process, at the moment its result is asked for.

    Parameters
    ----------
    layer : Layer or Artifact
        What is built.
    inputs : mapping of str to GeoDataFrame
        What it is built from.
    parameters : Parameters
        With which it is built.

    Returns
    -------
    callable
        Gives the frame, or the artifact.
    """
    return partial(layer.build, inputs, parameters)


class Engine:
    """Build layers of one workspace under one set of parameters, each at most once.

    Parameters
    ----------
    workspace : Workspace
        Where the tables are.
    parameters : Parameters
        With which layers are built.
    store : Snapshots
        Where results are kept.
    progress : callable
        Told of each step.
    run : callable
        Starts a layer whose inputs are at hand and returns what waits for it: :func:`here`, or elsewhere, where
        several may then be built at the same time.
    """

    def __init__(
        self,
        workspace: Workspace,
        parameters: Parameters,
        store: Snapshots,
        progress: Progress = silent,
        run: Run = here,
    ) -> None:
        self.workspace = workspace
        self.parameters = parameters
        self.store = store
        self.progress = progress
        self.run = run
        self.present = frozenset(workspace.sources)
        self.read = TableSnapshots(store)
        self._values = parameters.model_dump(mode="json")
        self._tables: dict[str, Any] = {}
        self._made: dict[str, Any] = {}
        self._keys: dict[str, str] = {}
        self._started: dict[str, Result] = {}

    def available(self) -> list[Layer]:
        """List the layers whose tables are all there.

        Returns
        -------
        list of Layer
            In the order of the catalogue.
        """
        return [layer for layer in catalogue.LAYERS if not catalogue.missing_tables(layer, self.present)]

    def read_for(self, wanted: Iterable[Layer]) -> TableSnapshots:
        """Read the tables that some layers are built from.

        Parameters
        ----------
        wanted : iterable of Layer
            The layers.

        Returns
        -------
        TableSnapshots
            The tables and their faults.

        Raises
        ------
        LayerUnavailable
            A layer lacks a table; the message names it.
        """
        wanted = list(wanted)
        for layer in wanted:
            if missing := catalogue.missing_tables(layer, self.present):
                raise LayerUnavailable(f"layer {layer.id!r} is not available: needs {', '.join(missing)}")
        names = catalogue.tables_of(wanted, self.present)
        ordered = [name for name in self.workspace.sources if name in names]
        self.read = read_through(self.workspace, ordered, self.store, self.progress)
        return self.read

    def read_all(self) -> TableSnapshots:
        """Read every table of the workspace.

        Returns
        -------
        TableSnapshots
            The tables and their faults.
        """
        self.read = read_through(self.workspace, self.workspace.sources, self.store, self.progress)
        return self.read

    def key(self, layer: Made) -> str:
        """Hash everything that a layer or artifact is made from: inputs, parameters, code.

        Parameters
        ----------
        layer : Layer or Artifact
            An available one whose tables have been read.

        Returns
        -------
        str
            The key of its snapshot.
        """
        if layer.id not in self._keys:
            inputs = {
                name: self.read.keys[name] if name in TABLES else self.key(catalogue.made(name))
                for name in catalogue.inputs(layer, self.present)
            }
            self._keys[layer.id] = digest(
                {
                    "schema": SCHEMA,
                    "layer": layer.id,
                    "code": code_version(),
                    "parameters": {name: self._values[name] for name in layer.params},
                    "inputs": inputs,
                }
            )
        return self._keys[layer.id]

    def frame(self, layer: Layer) -> gpd.GeoDataFrame:
        """Build one layer and the layers it needs, or take them from the store.

        Parameters
        ----------
        layer : Layer
            An available layer whose tables have been read.

        Returns
        -------
        geopandas.GeoDataFrame
            Its declared fields and geometry.
        """
        return self._get(layer)

    def frames(self, wanted: Sequence[Layer]) -> dict[str, gpd.GeoDataFrame]:
        """Build several layers, telling of each; all whose inputs are at hand are started before one is awaited.

        Parameters
        ----------
        wanted : sequence of Layer
            Available layers whose tables have been read.

        Returns
        -------
        dict of str to GeoDataFrame
            By layer id, in the order given.
        """
        frames = {}
        for done, layer in enumerate(wanted):
            self.progress(layer.id, done, len(wanted))
            for one in wanted[done:]:
                self._start_if_ready(one)
            frames[layer.id] = self.frame(layer)
        return frames

    def used(self) -> set[tuple[str, str]]:
        """List the snapshots that stand behind what has been built.

        Returns
        -------
        set of (str, str)
            Shelf and key.
        """
        return self.read.used() | {(shelf_of(catalogue.made(id)), key) for id, key in self._keys.items()}

    def inputs(self, layer: Made) -> dict[str, Any]:
        """Gather what a layer or artifact is built from.

        Parameters
        ----------
        layer : Layer or Artifact
            An available one whose tables have been read.

        Returns
        -------
        dict
            Tables, frames of other layers, and artifacts, by name.
        """
        return {name: self._input(name) for name in catalogue.inputs(layer, self.present)}

    def _get(self, layer: Made) -> Any:
        if layer.id not in self._made:
            folder = self._stored(layer) or self._make(layer)
            self._made[layer.id] = (
                layer.load(read_arrays(folder)) if isinstance(layer, Artifact) else read_frame(folder / DATA)
            )
        return self._made[layer.id]

    def _input(self, name: str) -> Any:
        if name not in TABLES:
            return self._get(catalogue.made(name))
        if name not in self._tables:
            self._tables[name] = self.read.table(name)
        return self._tables[name]

    def _stored(self, layer: Made) -> Path | None:
        return self.store.find(shelf_of(layer), self.key(layer))

    def _start_if_ready(self, layer: Made) -> None:
        if layer.id in self._started or self._stored(layer):
            return
        needed = [catalogue.made(name) for name in catalogue.inputs(layer, self.present) if name not in TABLES]
        for artifact in needed:
            if isinstance(artifact, Artifact):
                self._start_if_ready(artifact)
        if all(self._stored(need) for need in needed):
            self._started[layer.id] = self.run(layer, self.inputs(layer), self.parameters)

    def _make(self, layer: Made) -> Path:
        started = self._started.pop(layer.id, None) or self.run(layer, self.inputs(layer), self.parameters)
        result, key = started(), self.key(layer)
        with self.store.new(shelf_of(layer), key) as folder:
            if isinstance(layer, Artifact):
                write_arrays(folder, result.arrays())
            else:
                result.to_parquet(folder / DATA, compression="zstd", write_covering_bbox=True)
                facts = {"schema": SCHEMA, "layer": layer.id, "rows": len(result), "code": code_version()}
                (folder / "manifest.json").write_bytes(orjson.dumps(facts))
        return self.store.root / shelf_of(layer) / key


@cache
def code_version() -> str:
    """Hash the code that computes: when it changes, results are made anew.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    root = Path(str(files("geo")))
    modules = sorted(
        path for name in COMPUTES for path in (root / name, *(root / name).rglob("*.py")) if path.is_file()
    )
    return hashlib.sha256(b"".join(path.read_bytes() for path in modules)).hexdigest()[:32]
