"""Tables of a workspace, read once: what has not changed since is taken from the store."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson
import pandas as pd

from geo.errors import Fault
from geo.io.importer import fingerprint, read_tables
from geo.progress import Progress
from geo.store.files import Snapshots, digest
from geo.tables import TABLES
from geo.tables.relations import check_relations
from geo.tables.shift import check_shift
from geo.workspace import Workspace

DATA, REJECTED, FACTS = "data.parquet", "rejected.parquet", "facts.json"
RELATIONS = "tables/.relations"  # beside the tables; the dot keeps it from being a table's name


def shelf_of(table: str) -> str:
    """Name the snapshots of a table.

    Parameters
    ----------
    table : str
        Table name.

    Returns
    -------
    str
        ``tables/<table>``.
    """
    return f"tables/{table}"


@dataclass(frozen=True)
class TableSnapshots:
    """Tables that have been read, each as a snapshot in the store.

    Parameters
    ----------
    store : Snapshots
        Where they are.
    keys : dict of str to str
        Fingerprint of each table that could be read.
    faults : tuple of Fault
        All that is wrong with them, and with tables that could not be read.
    relations : str
        Key of what they say about each other.
    """

    store: Snapshots
    keys: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    relations: str = ""

    def table(self, name: str) -> Any:
        """Load one table.

        Parameters
        ----------
        name : str
            Table name.

        Returns
        -------
        GeoDataFrame or DataFrame
            As its contract says.
        """
        path = self._folder(name) / DATA
        return gpd.read_parquet(path) if TABLES[name].shapes else pd.read_parquet(path)

    def rejected(self, name: str) -> pd.DataFrame:
        """Load the rows of a table that were set aside.

        Parameters
        ----------
        name : str
            Table name.

        Returns
        -------
        pandas.DataFrame
            Each row as it was, with its faults; empty when all are used.
        """
        return pd.read_parquet(self._folder(name) / REJECTED)

    def files(self, name: str) -> list[dict[str, Any]]:
        """Tell how the files of a table were read.

        Parameters
        ----------
        name : str
            Table name.

        Returns
        -------
        list of dict
            For each file ``file sha256 crs encoding rows_read rows_used``.
        """
        return list(_facts(self._folder(name))["files"])

    def used(self) -> set[tuple[str, str]]:
        """List the snapshots that these tables and their faults are kept in.

        Returns
        -------
        set of (str, str)
            Shelf and key.
        """
        tables = {(shelf_of(name), key) for name, key in self.keys.items()}
        return tables | ({(RELATIONS, self.relations)} if self.relations else set())

    def _folder(self, name: str) -> Path:
        return self.store.root / shelf_of(name) / self.keys[name]


def read_through(
    workspace: Workspace, wanted: Iterable[str], store: Snapshots, progress: Progress
) -> TableSnapshots:
    """Read tables of a workspace; files that are unchanged are not opened.

    Parameters
    ----------
    workspace : Workspace
        Where the files are.
    wanted : iterable of str
        Tables of the workspace.
    store : Snapshots
        Where tables are kept.
    progress : callable
        Told of each table.

    Returns
    -------
    TableSnapshots
        The tables, with the faults of their files and of what they say about each other.
    """
    keys = {name: fingerprint(workspace, name) for name in wanted}
    changed = [name for name, key in keys.items() if store.find(shelf_of(name), key) is None]
    failed = _read(workspace, changed, keys, store, progress) if changed else ()
    kept = {name: key for name, key in keys.items() if store.find(shelf_of(name), key) is not None}
    faults = [fault for name, key in kept.items() for fault in _stored_faults(store.root / shelf_of(name) / key)]
    relations = digest(kept)
    read = TableSnapshots(store, kept, (*faults, *failed), relations)
    return replace(read, faults=(*read.faults, *_relations(read)))


def _read(
    workspace: Workspace,
    changed: Sequence[str],
    keys: Mapping[str, str],
    store: Snapshots,
    progress: Progress,
) -> tuple[Fault, ...]:
    with tempfile.TemporaryDirectory(prefix="gridwalk-") as folder:
        done = iter(range(len(changed)))
        reading = read_tables(
            workspace,
            changed,
            Path(folder),
            progress=lambda name: progress(name, next(done, len(changed)), len(changed)),
        )
    for name, table in reading.tables.items():
        own = [asdict(fault) for fault in reading.faults if fault.table == name]
        with store.new(shelf_of(name), keys[name]) as shelf:
            table.to_parquet(shelf / DATA, compression="zstd")
            reading.rejected.get(name, pd.DataFrame()).astype("string").to_parquet(shelf / REJECTED)
            content = {"files": reading.files[name], "faults": own}
            (shelf / FACTS).write_bytes(orjson.dumps(content, default=str))
    return tuple(fault for fault in reading.faults if fault.table not in reading.tables)


def _facts(folder: Path) -> dict[str, Any]:
    return dict(orjson.loads((folder / FACTS).read_bytes()))


def _stored_faults(folder: Path) -> list[Fault]:
    return [Fault(**fault) for fault in _facts(folder)["faults"]]


def _relations(read: TableSnapshots) -> list[Fault]:
    store, key = read.store, read.relations
    if store.find(RELATIONS, key) is None:
        tables = {name: read.table(name) for name in read.keys}
        faults = (*check_relations(tables), *check_shift(tables))
        with store.new(RELATIONS, key) as shelf:
            content = {"faults": [asdict(fault) for fault in faults]}
            (shelf / FACTS).write_bytes(orjson.dumps(content, default=str))
    return _stored_faults(store.root / RELATIONS / key)
