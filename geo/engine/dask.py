"""Layers built on a dask cluster; files, keys and the store stay with the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

from geo import catalogue
from geo.engine.local import Run, code_version
from geo.errors import GridwalkError
from geo.layer import Tables
from geo.parameters import Parameters

WAIT_S = 5


@contextmanager
def cluster(address: str) -> Iterator[Run]:
    """Connect to a dask cluster, to build layers there.

    Parameters
    ----------
    address : str
        Of the scheduler: ``tcp://host:8786``, or ``tls://…`` with the certificates of dask's own configuration.

    Yields
    ------
    Run
        Starts a layer at once, on a worker that is free. An input is sent once, however many layers need it: the
        same object, that is, so it must not be changed in place. Errors of a layer are raised as they are.

    Raises
    ------
    GridwalkError
        The extra ``cluster`` is not installed, no scheduler answers or it has no worker within 5 seconds, a worker
        has other gridwalk code than the caller, or the workers died.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise GridwalkError(f"{error}: pip install 'gridwalk[cluster]'") from error
    try:
        client = Client(address, timeout=WAIT_S, set_as_default=False)
    except (OSError, ValueError) as error:  # nobody there; no address
        raise GridwalkError(f"cluster {address!r}: no dask scheduler answers ({error})") from error
    with client:
        _agree(client, address)
        try:
            yield _runner(client)
        except (KilledWorker, CancelledError) as error:
            raise GridwalkError(f"cluster {address!r}: {error}") from error


def _runner(client: Any) -> Run:
    sent: dict[int, tuple[Any, Any]] = {}  # by identity; the object is kept, so that no other gets its number
    code = code_version()

    def send(table: Any) -> Any:
        if id(table) not in sent:
            sent[id(table)] = table, client.scatter(table, hash=False)
        return sent[id(table)][1]

    def run(layer: catalogue.Made, inputs: Tables, parameters: Parameters) -> Callable[[], Any]:
        tables = {name: send(table) for name, table in inputs.items()}
        started = client.submit(_build, layer.id, tables, parameters, code, pure=False)
        return lambda: started.result()

    return run


def _build(id: str, tables: Tables, parameters: Parameters, code: str) -> Any:
    if code_version() != code:  # a worker that joined later
        raise GridwalkError(_differ("a worker", code_version(), code))
    return catalogue.made(id).build(tables, parameters)


def _agree(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=WAIT_S)
    except TimeoutError as error:
        raise GridwalkError(f"cluster {address!r}: the scheduler has no worker") from error
    ours, theirs = code_version(), _codes(client)
    for worker, code in theirs.items():
        if code != ours:
            raise GridwalkError(_differ(f"worker {worker}", code, ours))


def _codes(client: Any) -> Mapping[str, object]:
    return dict(client.run(_code, on_error="return"))  # an error stands for the code that is not there


def _code() -> str:
    return code_version()


def _differ(worker: str, theirs: object, ours: str) -> str:
    return f"{worker} has gridwalk code {theirs}, here is {ours}: install the same gridwalk on both"
