"""Published builds: the one that is published now, and those before it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson
import pyarrow.parquet as pq
from pydantic import ValidationError

from geo import catalogue
from geo.engine.local import DATA, shelf_of
from geo.errors import BadParameter, LayerUnavailable, UnknownLayer
from geo.layer import Layer
from geo.parameters import Parameters
from geo.store.files import Snapshots
from geo.store.frames import read_frame
from geo.store.history import History, Record
from geo.workspace import Workspace

REPORT = "report.json"


@dataclass(frozen=True)
class Build:
    """One finished build of a workspace, opened for reading; it never changes.

    Parameters
    ----------
    workspace : Workspace
        What was built; of an earlier build with the parameters of then.
    out : Path
        Folder with ``layers/``, ``boards/``, ``report.json`` and ``report.md``.
    report : mapping
        Content of ``report.json``; of an earlier build, of then.
    published : datetime or None
        When it was published, UTC; None = not yet.
    """

    workspace: Workspace
    out: Path
    report: Mapping[str, Any]
    published: datetime | None = None

    @property
    def version(self) -> str:
        """Hash of everything that the build was made from."""
        return str(self.report["version"])

    def layers(self) -> tuple[Layer, ...]:
        """List the layers of the build.

        Returns
        -------
        tuple of Layer
            Public layers, in the order of the catalogue.
        """
        return tuple(catalogue.layer(id) for id in self.snapshots)

    def frame(self, id: str) -> gpd.GeoDataFrame:
        """Read one layer.

        Parameters
        ----------
        id : str
            Id of a layer of this build.

        Returns
        -------
        geopandas.GeoDataFrame
            Its declared fields and geometry, EPSG:4326.

        Raises
        ------
        UnknownLayer, LayerUnavailable
            There is no such layer; the build does not have it.
        """
        if id not in self.snapshots:
            raise LayerUnavailable(f"layer {catalogue.layer(id).id!r} is not in this build")
        return read_frame(self.snapshots[id] / DATA)

    def lacking(self) -> tuple[str, ...]:
        """Name what its layers are without, though they are described with it: an older gridwalk made them.

        Returns
        -------
        tuple of str
            ``layer.field``, in the order of the catalogue; empty = the build is as this gridwalk would make it.
        """
        there = [(layer, set(pq.read_schema(self.snapshots[layer.id] / DATA).names)) for layer in self.layers()]
        return tuple(
            f"{layer.id}.{field.name}"
            for layer, names in there
            for field in layer.fields
            if field.name not in names
        )

    @cached_property
    def snapshots(self) -> dict[str, Path]:
        """Folder of each layer's snapshot, by layer id."""
        root = store_of(self.out).root
        return {
            made["id"]: root / shelf_of(catalogue.layer(made["id"])) / made["key"]
            for made in self.report["layers"]
        }


def store_of(out: Path) -> Snapshots:
    """Open the store of a results folder.

    Parameters
    ----------
    out : Path
        Results folder.

    Returns
    -------
    Snapshots
        In ``<out>/.store``.
    """
    return Snapshots(out / ".store")


def history_of(out: Path) -> History:
    """Open the records of what was published in a results folder.

    Parameters
    ----------
    out : Path
        Results folder.

    Returns
    -------
    History
        In ``<out>/.store/builds``.
    """
    return History(out / ".store" / "builds")


def open_build(workspace: Workspace, out: Path | None = None, *, version: str | None = None) -> Build | None:
    """Open the published build of a workspace, or an earlier one.

    Parameters
    ----------
    workspace : Workspace
        What was built.
    out : Path or None
        Results folder, default ``<workspace>/out``.
    version : str or None
        How the version of the wanted build begins; None = the one published now.

    Returns
    -------
    Build or None
        None when nothing has been published there, or none of that version is kept.

    Raises
    ------
    BadParameter
        Versions of several builds begin like that.
    """
    out = out or workspace.root / "out"
    if version is None:
        return _published(workspace, out)
    found = [one for one in builds(workspace, out) if one.version.startswith(version)]
    if len(found) > 1:
        raise BadParameter(f"several versions begin with {version!r}: {', '.join(one.version for one in found)}")
    return found[0] if found else None


def builds(workspace: Workspace, out: Path | None = None) -> tuple[Build, ...]:
    """Open every build that is kept.

    Parameters
    ----------
    workspace : Workspace
        What was built.
    out : Path or None
        Results folder, default ``<workspace>/out``.

    Returns
    -------
    tuple of Build
        The one published now, then :func:`earlier_builds`.
    """
    now = open_build(workspace, out)
    return (*([now] if now else []), *earlier_builds(workspace, out))


def earlier_builds(workspace: Workspace, out: Path | None = None) -> tuple[Build, ...]:
    """Open the builds that were published before the one that is published now.

    Parameters
    ----------
    workspace : Workspace
        What was built.
    out : Path or None
        Results folder, default ``<workspace>/out``.

    Returns
    -------
    tuple of Build
        The last one first, each version once; as many as :meth:`geo.store.history.History.keep` leaves. After
        going back from B to A, B is the one before. A build of which anything is missing is passed over.
    """
    out = out or workspace.root / "out"
    now = _published(workspace, out)
    records = history_of(out).records()
    opened = (_opened(one, workspace, out) for one in records if not now or one.version != now.version)
    return tuple(one for one in opened if one)


def build_before(made: Build) -> Build | None:
    """Choose the build that another is compared with when nobody says which.

    Parameters
    ----------
    made : Build
        The published build.

    Returns
    -------
    Build or None
        The last one of an earlier day of the data (``as_of``), however often the workspace was built since; else
        the last one whose figures are others, so that an upgrade does not hide what changed; else None.
    """
    earlier = earlier_builds(made.workspace, made.out)
    of_before = (one for one in earlier if one.report["as_of"] < made.report["as_of"])
    others = (one for one in earlier if _figures(one) != _figures(made))
    return next(of_before, None) or next(others, None)


def _figures(made: Build) -> list[Any]:
    return [[one["id"], one["rows"], one["figures"]] for one in made.report["layers"]]


def folders(report: Mapping[str, Any], out: Path) -> set[Path]:
    """List the snapshots that a report speaks of.

    Parameters
    ----------
    report : mapping
        Of a build.
    out : Path
        Results folder.

    Returns
    -------
    set of Path
        Folders of its public layers, whether or not they are there; of layers that nobody knows any more, and of
        what has become private since, none.
    """
    root = store_of(out).root
    known = {layer.id: layer for layer in catalogue.LAYERS if not layer.private}
    return {root / shelf_of(known[one["id"]]) / one["key"] for one in report["layers"] if one["id"] in known}


def _published(workspace: Workspace, out: Path) -> Build | None:
    path = out / REPORT
    if not path.is_file():
        return None
    report = orjson.loads(path.read_bytes())
    noted = (one.made for one in history_of(out).records() if one.version == report["version"])
    made = next(noted, None) or datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Build(workspace, out, report, made)


def _opened(record: Record, workspace: Workspace, out: Path) -> Build | None:
    """Open an earlier build; None when it is not whole, or of a gridwalk with other layers or parameters."""
    try:
        parameters = Parameters(**record.report["parameters"])
        then = Build(dataclasses.replace(workspace, parameters=parameters), out, record.report, record.made)
        whole = not any(layer.private for layer in then.layers())
    except (ValidationError, UnknownLayer):
        return None
    return then if whole and all((folder / DATA).is_file() for folder in then.snapshots.values()) else None
