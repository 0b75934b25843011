"""Records of published builds: which version was published when, and its report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from geo.store.files import ABANDONED_S, ASIDE, replace

KEPT_BUILDS = (
    5  # and as many days of data: with one each quarter back to last year's, however often each was built
)


@dataclass(frozen=True)
class Record:
    """One published build.

    Parameters
    ----------
    number : int
        Grows with each publication; it orders builds, whatever clocks and copies of the folder say.
    made : datetime
        When it was published, UTC.
    report : mapping
        Content of its ``report.json``.
    """

    number: int
    made: datetime
    report: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Hash of everything that the build was made from."""
        return str(self.report["version"])


class History:
    """The folder of records, ``<root>/<version>.json``: one a version, each written aside and renamed into place.

    Parameters
    ----------
    root : Path
        Made on the first write.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def records(self) -> list[Record]:
        """Read the records.

        Returns
        -------
        list of Record
            The last one published first. A file that is no record is passed over.
        """
        found = [record for path in self.root.glob("*.json") if (record := _read(path))]
        return sorted(found, key=lambda record: record.number, reverse=True)

    def remember(self, report: Mapping[str, Any], made: datetime | None = None) -> None:
        """Note that a build is the published one now.

        Parameters
        ----------
        report : mapping
            Of the build. When its version is the last one noted, nothing is done; when it was noted before
            others, it becomes the last one: whoever goes back to an earlier state has left the later one.
        made : datetime or None
            When it was published, None = now.
        """
        known = self.records()
        if known and known[0].version == report["version"]:
            return
        number = known[0].number + 1 if known else 1
        self._write(Record(number, made or datetime.now(UTC), report))

    def change(self, changed: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        """Write reports anew, each at its place.

        Parameters
        ----------
        changed : callable
            ``report -> report``, with the same version. What it leaves as it is, is not written.
        """
        for record in self.records():
            report = changed(record.report)
            if report != record.report:
                self._write(Record(record.number, record.made, report))

    def keep(self, count: int) -> list[Record]:
        """Delete all records but the last ones, and what interrupted writers left more than an hour ago.

        Parameters
        ----------
        count : int
            How many stay; besides, the last one of each of as many days of the data (``as_of``) published last.

        Returns
        -------
        list of Record
            Those that stay, the last one published first.
        """
        records = self.records()
        days: dict[Any, Record] = {}
        for record in records:
            days.setdefault(record.report.get("as_of"), record)
        wanted = {record.number for record in [*records[:count], *[*days.values()][:count]]}
        kept = [record for record in records if record.number in wanted]
        names = {f"{record.version}.json" for record in kept}
        for path in self.root.glob("*"):
            if path.name.startswith(ASIDE) and time.time() - path.stat().st_mtime < ABANDONED_S:
                continue  # somebody may be writing it now
            if path.name not in names:
                path.unlink()
        return kept

    def _write(self, record: Record) -> None:
        content = {"number": record.number, "made": record.made, "report": record.report}
        replace(orjson.dumps(content), self.root / f"{record.version}.json")


def _read(path: Path) -> Record | None:
    try:
        content = orjson.loads(path.read_bytes())
        record = Record(content["number"], datetime.fromisoformat(content["made"]), content["report"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if f"{record.version}.json" == path.name else None
