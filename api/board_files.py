"""Boards to take away: whole ones as they were drawn, and the patrol board of each holder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from api import publishing
from geo.errors import GridwalkError
from geo.progress import Progress, silent
from geo.service import Build
from geo.store.files import replace
from geo.words import Lang, say
from maps import boards

OF_HOLDERS = "patrol"


def write_boards(
    made: Build, names: Sequence[str], folder: Path, lang: Lang, progress: Progress = silent
) -> list[Path]:
    """Write boards as files that need no network.

    Parameters
    ----------
    made : Build
        A published build.
    names : sequence of str
        Board ids; empty = all that the build has.
    folder : Path
        Where to; made when missing. Files of the same name are replaced, each at once.
    lang : {"zh", "en"}
        Of messages.
    progress : callable
        Told of each board.

    Returns
    -------
    list of Path
        The files, ``<workspace>-<board>.html``. A board that the build has not is a :class:`GridwalkError`, and
        nothing is written.
    """
    there = boards.available(made)
    for name in names:
        if name not in there:
            raise GridwalkError(say("cli.maps_board", lang, id=name, known=", ".join(there)))
    _must_be_folder(folder, lang)
    publishing.draw(made, progress)
    written = []
    for name in dict.fromkeys(names or there):
        path = folder / f"{made.workspace.id}-{name}.html"
        replace(publishing.board_file(made, name, "file"), path)
        written.append(path)
    return written


def write_holders(
    made: Build,
    ids: Sequence[str],
    folder: Path,
    lang: Lang,
    progress: Progress = silent,
    *,
    everybody: bool = False,
) -> list[Path]:
    """Write the patrol board of holders, each as a file of its own.

    Parameters
    ----------
    made : Build
        A published build.
    ids : sequence of str
        As :func:`maps.holder.find` takes them.
    folder : Path
        Where to; made when missing. Files of the same name are replaced, each at once.
    lang : {"zh", "en"}
        Of messages.
    progress : callable
        Told of each holder.
    everybody : bool
        True = besides these every post that holds something.

    Returns
    -------
    list of Path
        The files, named by :func:`maps.holder.file_name`.

    Raises
    ------
    UnknownHolder
        Nobody of that id holds anything; nothing is written.
    GridwalkError
        The build has no patrol board, or the folder is none; nothing is written. Or what some holders have is too
        large for a file, or has no place: the files of the others are written, and the message names each that is
        not.
    """
    from maps import holder  # folium is slow to import

    if OF_HOLDERS not in boards.available(made):
        raise GridwalkError(say("cli.maps_none", lang))
    _must_be_folder(folder, lang)
    frames = holder.read(made)
    wanted = [*ids, *(holder.holders(frames) if everybody else ())]
    found = [holder.find(frames, id) for id in dict.fromkeys(wanted)]
    written, without = [], []
    for done, one in enumerate(found):
        progress(one.id, done, len(found))
        path = folder / holder.file_name(made.workspace.id, one.id)
        try:
            replace(holder.page(made, frames, one).encode(), path)
        except holder.NoFile as error:
            without.append(str(error))
            continue
        written.append(path)
    if without:
        told = [say("cli.maps_without", lang, count=len(written), folder=folder)] if written else []
        raise GridwalkError("\n".join([*told, *without]))
    return written


def _must_be_folder(path: Path, lang: Lang) -> None:
    if path.exists() and not path.is_dir():
        raise GridwalkError(say("cli.not_a_folder", lang, path=path))
