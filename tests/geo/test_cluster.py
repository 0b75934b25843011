"""Layers built on a dask cluster are those built here; what cannot be had there is said."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from distributed import Client, LocalCluster
from geopandas.testing import assert_geodataframe_equal

from geo import catalogue, service
from geo.engine import dask
from geo.engine.local import Engine, code_version, here
from geo.errors import BadParameter, GridwalkError
from geo.layer import Tables
from geo.parameters import Parameters
from geo.service import store_of
from geo.walk.network import WalkNetwork
from geo.workspace import Workspace, open_workspace
from tests.api.test_cli import contents, found, gridwalk, published
from tests.worlds import river_town


def local(workers: int) -> LocalCluster:
    """A cluster on this machine only; each worker is a process of its own."""
    loopback = {"host": "127.0.0.1", "protocol": "tcp", "dashboard_address": "127.0.0.1:0"}
    return LocalCluster(
        n_workers=workers, threads_per_worker=1, worker_dashboard_address="127.0.0.1:0", **loopback
    )


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Address of a cluster of one worker."""
    with local(1) as cluster:
        yield str(cluster.scheduler_address)


@pytest.fixture(scope="module")
def read_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workspace whose tables have been read; no layer is built."""
    town = open_workspace(found(tmp_path_factory.mktemp("read") / "town"))
    Engine(town, town.parameters, store_of(town.root / "out")).read_all()
    return town.root


@pytest.fixture
def town(tmp_path: Path, read_town: Path) -> Workspace:
    """A copy of it, to be built."""
    return open_workspace(shutil.copytree(read_town, tmp_path / "town"))


def test_a_build_on_a_cluster_is_the_build_here(scheduler: str, town: Workspace, tmp_path: Path) -> None:
    alone = service.build(open_workspace(shutil.copytree(town.root, tmp_path / "alone")))
    result = gridwalk("build", town.root, "--cluster", scheduler)
    assert result.exit_code == 0, result.output
    there, here_too = published(town.root), contents(alone.out)
    layers = [f"layers/{layer.id}.{ending}" for layer in alone.layers() for ending in ("parquet", "geojson")]
    assert len(layers) >= 8
    for name in ("report.json", "report.md", *layers):
        assert there[name] == here_too[name], name
    for arguments in ((), ("--cluster", scheduler)):
        assert "Nothing has changed" in gridwalk("build", town.root, *arguments).output


def test_each_input_is_sent_once_and_frames_are_the_same(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    scatter = Client.scatter

    def counted(self: Client, table: Any, **options: Any) -> Any:
        sent.append(id(table))
        return scatter(self, table, **options)

    monkeypatch.setattr(Client, "scatter", counted)
    world: dict[str, Any] = river_town()
    with dask.cluster(scheduler) as run:
        for name in ("walk-network", "place-walk", "snap-verdicts", "unserved-areas"):
            layer = catalogue.made(name)
            inputs = {need: world[need] for need in (*layer.needs, *layer.optional) if need in world}
            made, expected = (start(layer, inputs, Parameters())() for start in (run, here))
            if isinstance(expected, WalkNetwork):
                assert all(np.array_equal(made.arrays()[name], array) for name, array in expected.arrays().items())
            else:
                assert len(expected) > 0
                assert_geodataframe_equal(made, expected, check_crs=True)
                assert made.dtypes.to_dict() == expected.dtypes.to_dict()
            world[name] = expected
    assert len(sent) == len(set(sent)) == 6  # four tables, the streets walked, the walk of each home


def test_errors_of_a_layer_come_back_as_they_are(scheduler: str) -> None:
    layer, world = catalogue.made("walk-network"), river_town()
    stations = catalogue.layer("stations")
    with dask.cluster(scheduler) as run:
        with pytest.raises(KeyError, match="streets"):
            run(layer, {}, Parameters())()
        with pytest.raises(BadParameter, match="'never' is no hour of the week"):
            run(stations, {"stations": world["stations"]}, Parameters(at="never"))()


def test_layers_that_wait_for_nothing_start_before_one_is_awaited(town: Workspace) -> None:
    events: list[str] = []

    def run(layer: catalogue.Made, inputs: Tables, parameters: Parameters) -> Callable[[], gpd.GeoDataFrame]:
        events.append(f"start {layer.id}")

        def result() -> gpd.GeoDataFrame:
            events.append(f"await {layer.id}")
            return here(layer, inputs, parameters)()

        return result

    engine = Engine(town, town.parameters, store_of(town.root / "out"), run=run)
    engine.read_all()
    four = ("divisions", "grids", "grid-findings", "grid-health")
    engine.frames([layer for layer in engine.available() if layer.id in four])
    assert [event for event in events if event.startswith("await")] == [
        "await divisions", "await grids", "await grid-findings", "await grid-health",
    ]  # fmt: skip
    assert events[:3] == ["start divisions", "start grids", "start grid-findings"]
    assert events.index("start grid-health") == events.index("await grid-findings") + 1  # needs the findings


def test_other_code_on_a_worker_is_refused(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = code_version()
    monkeypatch.setattr(dask, "code_version", lambda: "0" * 32)
    with (
        pytest.raises(GridwalkError, match=f"worker tcp://127.*{theirs}, here is {'0' * 32}"),
        dask.cluster(scheduler),
    ):
        pytest.fail("connected")


def test_a_worker_that_joined_later_is_held_to_the_same_code() -> None:
    with pytest.raises(GridwalkError, match=f"{code_version()}, here is other"):
        dask._build("stations", river_town(), Parameters(), "other")


def test_nobody_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "WAIT_S", 0.5)
    folder = found(tmp_path / "town")
    for address in ("tcp://127.0.0.1:1", "tcp://127.0.0.1", "nonsense://127.0.0.1:1"):
        result = gridwalk("build", folder, "--cluster", address)
        assert result.exit_code == 1
        assert f"cluster '{address}': no dask scheduler answers" in result.output
        assert "Traceback" not in result.output
    assert not (folder / "out").exists()


def test_a_scheduler_without_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "WAIT_S", 0.5)
    with local(0) as empty, pytest.raises(GridwalkError, match="no worker"), dask.cluster(empty.scheduler_address):
        pytest.fail("connected")


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(GridwalkError, match=r"pip install 'gridwalk\[cluster\]'"),
        dask.cluster("tcp://127.0.0.1:1"),
    ):
        pytest.fail("connected")
