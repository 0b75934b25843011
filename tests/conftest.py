"""The samples, built once for the whole run and shared by all test processes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock

from api import publishing
from geo import catalogue
from geo.engine.local import Engine
from geo.io.samples import copy_sample
from geo.layer import Layer
from geo.service import Build, store_of
from geo.workspace import open_workspace

SAMPLES = ("saihan", "chayouzhong", "inner-mongolia", "porto-alegre")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def built(shared: Path) -> Callable[[str], Build]:
    """Copy and build a sample by its name, boards included; at most once in a run."""

    @cache
    def make(name: str) -> Build:
        folder = shared / "samples" / name
        folder.parent.mkdir(exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            if not folder.exists():
                copy_sample(name, folder)
            return publishing.build(open_workspace(folder))[0]

    return make


@pytest.fixture(scope="session")
def sample_of(built: Callable[[str], Build]) -> Callable[[Layer], Engine]:
    """Open the first sample in which a layer has a row, else the first that has its tables; ready to build."""

    @cache
    def rows(name: str) -> set[str]:
        return {made["id"] for made in built(name).report["layers"] if made["rows"]}

    @cache
    def engine(name: str) -> Engine:
        made = built(name)
        opened = Engine(made.workspace, made.workspace.parameters, store_of(made.out))
        opened.read_all()
        return opened

    def find(layer: Layer) -> Engine:
        first: Engine | None = None
        for name in SAMPLES:
            opened = engine(name)
            if not catalogue.missing_tables(layer, opened.present):
                if layer.private or layer.id in rows(name):
                    return opened
                first = first or opened
        assert first, f"no sample has the tables of {layer.id}"
        return first

    return find
