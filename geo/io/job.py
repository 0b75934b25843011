"""What the importing process and its child say to each other, and where the child leaves its results."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from geo.errors import Fault
from geo.io.limits import Limits
from geo.workspace import Source

TABLE, REJECTED, REPORT = "table.parquet", "rejected.parquet", "report.json"
PARTITION = ("divisions", "grids", "excluded")  # polygons that share edges: read, and noded, together


@dataclass(frozen=True)
class Job:
    """Everything a child needs to know.

    Parameters
    ----------
    tables : dict of str to list of (str, dict)
        Files of each table: absolute path, and the entry of the manifest.
    folder, scratch : str
        Where results go, and a private folder.
    limits : Limits
        What reading may cost.
    time_zone : str
        What a time without a zone is in.
    """

    tables: dict[str, list[tuple[str, dict[str, Any]]]]
    folder: str
    scratch: str
    limits: Limits
    time_zone: str

    def dump(self) -> bytes:
        """Write the job as JSON.

        Returns
        -------
        bytes
            What :meth:`load` reads.
        """
        return orjson.dumps(asdict(self))

    @classmethod
    def load(cls, data: bytes) -> Job:
        """Read a job.

        Parameters
        ----------
        data : bytes
            JSON.

        Returns
        -------
        Job
            The same as was written.
        """
        plain = orjson.loads(data)
        return cls(**{**plain, "limits": Limits(**plain["limits"])})

    def sources(self, table: str) -> tuple[tuple[Path, Source], ...]:
        """List the files of one table.

        Parameters
        ----------
        table : str
            Which.

        Returns
        -------
        tuple of (Path, Source)
            In the manifest's order.
        """
        return tuple((Path(path), Source.model_validate(entry)) for path, entry in self.tables[table])


def dump_report(faults: list[Fault], facts: list[dict[str, Any]], columns: list[str]) -> bytes:
    """Write what is known of a table beside its rows.

    Parameters
    ----------
    faults : list of Fault
        All of them.
    facts : list of dict
        One for each file.
    columns : list of str
        Of the table, empty when it cannot be used.

    Returns
    -------
    bytes
        JSON.
    """
    plain = [
        {
            "code": fault.code,
            "table": fault.table,
            "row": fault.row,
            "column": fault.column,
            "level": fault.level,
            "file": fault.file,
            "values": fault.values,
        }
        for fault in faults
    ]
    return orjson.dumps(
        {"faults": plain, "facts": facts, "columns": columns}, option=orjson.OPT_SERIALIZE_NUMPY, default=str
    )


def load_report(data: bytes) -> tuple[list[Fault], list[dict[str, Any]], list[str]]:
    """Read what a child said about a table.

    Parameters
    ----------
    data : bytes
        JSON of :func:`dump_report`.

    Returns
    -------
    tuple
        Faults, facts of each file, columns.
    """
    plain = orjson.loads(data)
    return [Fault(**fault) for fault in plain["faults"]], plain["facts"], plain["columns"]
