"""Deleting raw tracks once they are credited: what was credited stays as visits, every stored fix goes.

The order loses nothing when it is interrupted: the visits are on the disk before the manifest names them, the
manifest no longer names the tracks before a file of theirs is deleted, and a note of what is still to be deleted
is there from before the one until after the other.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pandas as pd

from geo import catalogue
from geo.border.inputs import CREDITED
from geo.builds import folders, history_of, open_build
from geo.engine.local import Engine, shelf_of
from geo.errors import DataFault, Fault
from geo.io.manifest import exchange_tables
from geo.progress import Progress, silent
from geo.service import refuse, store_of
from geo.store.files import Snapshots
from geo.store.files import replace as put
from geo.tables import TABLES
from geo.workspace import MANIFEST, Source, Workspace, files_of

TRACKS, VISITS, GPS = "tracks", "visits", "gps"
NOTE = ".forgetting.json"  # what an interrupted deletion still has to delete
FILE = "visits-of-tracks"


@dataclass(frozen=True)
class Forgotten:
    """What was done.

    Parameters
    ----------
    visits_file : str
        Where the credited visits are, in the workspace; empty = a deletion begun before was finished.
    visits, patrols : int
        Credited visits kept, and patrols they are of.
    files : tuple of str
        Files deleted, relative to the workspace.
    snapshots : int
        Stored copies deleted.
    """

    visits_file: str
    visits: int
    patrols: int
    files: tuple[str, ...]
    snapshots: int


def files_to_forget(workspace: Workspace) -> tuple[str, ...]:
    """List the files that hold raw tracks.

    Parameters
    ----------
    workspace : Workspace
        With tracks, or with a deletion that was interrupted.

    Returns
    -------
    tuple of str
        Relative to the workspace, sorted.

    Raises
    ------
    DataFault
        There are no tracks, or a file holds another table as well, so that it cannot be deleted.
    """
    left = _noted(workspace)
    if TRACKS not in workspace.sources and not (workspace.root / NOTE).is_file():
        raise DataFault([Fault("no_tracks", TRACKS, file=MANIFEST)])
    mine = _files(workspace, (TRACKS,)) if TRACKS in workspace.sources else set()
    shared = sorted(mine & _files(workspace, set(workspace.sources) - {TRACKS}))
    if shared:
        raise DataFault([Fault("tracks_shared", TRACKS, file=path.as_posix()) for path in shared])
    return tuple(sorted(path.as_posix() for path in mine | left))


def forget_tracks(
    workspace: Workspace, *, out: Path | None = None, set_aside: bool = False, progress: Progress = silent
) -> Forgotten:
    """Keep what tracks were credited with, and delete the tracks.

    Parameters
    ----------
    workspace : Workspace
        With tracks, or with a deletion that was interrupted, which is finished.
    out : Path or None
        Results folder, default ``<workspace>/out``; stored copies in other folders are not known.
    set_aside : bool
        True = rows with errors are given up, too.
    progress : callable
        Told of each step.

    Returns
    -------
    Forgotten
        Every build afterwards has the same visits: that is tried out before anything is deleted.

    Raises
    ------
    DataFault
        There are no tracks, a file holds another table as well, a table has errors, the manifest cannot be
        changed, or the visits would not be the same. Nothing is deleted then.
    """
    files = files_to_forget(workspace)
    store = store_of(out or workspace.root / "out")
    kept = ("", 0, 0)
    with store.alone():
        if TRACKS in workspace.sources:
            kept = _keep_credit(workspace, store, files, set_aside, progress)
        return _delete(workspace, files, out or workspace.root / "out", store, kept)


def _keep_credit(
    workspace: Workspace, store: Snapshots, files: Collection[str], set_aside: bool, progress: Progress
) -> tuple[str, int, int]:
    """Write the visits, try whether they are the same without tracks, and change the manifest."""
    every, imported = _credited(workspace, store, set_aside, progress)
    visits = every[(every["evidence"] == GPS) & ~every["visit_id"].isin(imported)].reset_index(drop=True)
    file = _free(workspace)
    manifest = workspace.root / MANIFEST
    source = Source(file=file, source="credited from tracks by gridwalk, which were deleted then")
    entry = {"file": source.file, "source": source.source}
    text = exchange_tables(manifest.read_text(encoding="utf-8-sig"), TRACKS, VISITS, entry)
    put(visits.to_csv(index=False).encode("utf-8-sig"), workspace.root / file)
    sources = {name: entries for name, entries in workspace.sources.items() if name != TRACKS}
    sources[VISITS] = (*sources.get(VISITS, ()), source)
    again, _ = _credited(replace(workspace, sources=sources), store, set_aside, progress)
    try:
        pd.testing.assert_frame_equal(_in_order(every), _in_order(again), check_exact=True)
    except AssertionError as error:
        differ = Fault("visits_differ", VISITS, file=file, values={"reason": str(error).partition("\n")[0]})
        raise DataFault([differ]) from None
    put(orjson.dumps(sorted(files)), workspace.root / NOTE)
    put(text.encode(), manifest)
    return file, len(visits), int(visits["patrol_id"].nunique())


def _credited(
    workspace: Workspace, store: Snapshots, set_aside: bool, progress: Progress
) -> tuple[pd.DataFrame, Collection[str]]:
    """Make every visit that counts, and list those that were imported."""
    layer = catalogue.layer(CREDITED)
    engine = Engine(workspace, workspace.parameters, store, progress)
    read = engine.read_for([layer])
    refuse(read.faults, whole_tables_only=set_aside)
    imported = read.table(VISITS)["visit_id"] if VISITS in read.keys else ()
    return pd.DataFrame(engine.frame(layer).drop(columns="geometry")), list(imported)


def _in_order(visits: pd.DataFrame) -> pd.DataFrame:
    return visits.sort_values("visit_id", ignore_index=True)


def _free(workspace: Workspace) -> str:
    """Find a name that the workspace does not use; one that an interrupted run left is used again."""
    used = {source.file for sources in workspace.sources.values() for source in sources}
    names = (f"{FILE}-{number}.csv" for number in range(1, len(used) + 2))
    return next(name for name in names if name not in used)


def _delete(
    workspace: Workspace, files: Collection[str], out: Path, store: Snapshots, kept: tuple[str, int, int]
) -> Forgotten:
    root = workspace.root
    for name in files:
        (root / name).unlink(missing_ok=True)
    for folder in sorted({(root / name).parent for name in files}, reverse=True):
        if folder != root and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    copies = [*_shelves(store)]
    count = sum(1 for shelf in copies for _ in shelf.iterdir())
    for shelf in copies:
        shutil.rmtree(shelf)
    count += _delete_from_the_past(workspace, out)
    (out / "rejected" / f"{TRACKS}.csv").unlink(missing_ok=True)
    (root / NOTE).unlink(missing_ok=True)
    return Forgotten(*kept, tuple(sorted(files)), count)


def _delete_from_the_past(workspace: Workspace, out: Path) -> int:
    """Take the account of fixes out of earlier builds; the published one loses it when it is next built."""
    lost = {made.id for made in catalogue.LAYERS if catalogue.missing_tables(made, frozenset(TABLES) - {TRACKS})}
    accounts = [one for one in catalogue.LAYERS if not one.private and lost & {*one.needs, *one.optional}]
    history, now = history_of(out), open_build(workspace, out)
    if now:
        history.remember(now.report, now.published)

    def without(report: Mapping[str, Any]) -> Mapping[str, Any]:
        ids = {one.id for one in accounts}
        return {**report, "layers": [made for made in report["layers"] if made["id"] not in ids]}

    history.change(without)
    published = folders(now.report, out) if now else set()
    shelves = (store_of(out).root / shelf_of(one) for one in accounts)
    gone = [folder for shelf in shelves if shelf.is_dir() for folder in shelf.iterdir() if folder not in published]
    for folder in gone:
        shutil.rmtree(folder)
    return len(gone)


def _shelves(store: Snapshots) -> Iterator[Path]:
    """Find the stored tracks, and whatever private was made of them: it is made again when it is needed."""
    if (store.root / "tables" / TRACKS).is_dir():
        yield store.root / "tables" / TRACKS
    if (store.root / "private").is_dir():
        for shelf in sorted((store.root / "private").iterdir()):
            if _made_of_tracks(shelf.name):
                yield shelf


def _made_of_tracks(id: str) -> bool:
    try:
        made: Any = catalogue.made(id)
    except KeyError:
        return True  # of an older version: nobody knows
    return TRACKS in catalogue.tables_of([made], frozenset(TABLES))


def _files(workspace: Workspace, tables: Collection[str]) -> set[Path]:
    """Find the files of tables; of a link, what it leads to as well."""
    return {
        path.relative_to(workspace.root)
        for table in tables
        for source in workspace.sources[table]
        for file in files_of(workspace.path(source))
        for path in (file, file.resolve())
    }


def _noted(workspace: Workspace) -> set[Path]:
    """Read which files an interrupted deletion left; never one outside, nor one that a table needs."""
    note = workspace.root / NOTE
    if not note.is_file():
        return set()
    inside = {Path(name) for name in orjson.loads(note.read_bytes()) if _is_inside(workspace.root, name)}
    return inside - _files(workspace, set(workspace.sources) - {TRACKS})


def _is_inside(root: Path, name: str) -> bool:
    return (root / name).resolve().is_relative_to(root)
