"""The boards: each a title, an audience and the ids of the layers it shows, by theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maps.board import Board
from maps.patrol import PATROL
from maps.planner import PLANNER
from maps.problems.board import PROBLEMS

if TYPE_CHECKING:
    from geo.service import Build

BOARDS: tuple[Board, ...] = (PLANNER, PATROL, PROBLEMS)


def board(id: str) -> Board:
    """Find a board by its id.

    Parameters
    ----------
    id : str
        Board id.

    Returns
    -------
    Board
        The board; an unknown id is a :class:`KeyError` that lists those that are.
    """
    known = {one.id: one for one in BOARDS}
    if id not in known:
        raise KeyError(f"no board {id!r}; known: {', '.join(known)}")
    return known[id]


def address_of(layer_id: str) -> tuple[str, str] | None:
    """Find where rows of a layer can be picked on a board.

    Parameters
    ----------
    layer_id : str
        Layer id.

    Returns
    -------
    tuple of (str, str) or None
        Board id, and what the address of a row has after ``#``, up to its id; None where no theme has the layer.

    Examples
    --------
    >>> address_of("grid-findings")
    ('planner', 'theme=partition&pick=grid-findings:')
    >>> address_of("background") is None
    True
    """
    for one in BOARDS:
        for theme in one.themes:
            if layer_id in (*theme.layers, *(ranking.layer for ranking in theme.lists)):
                return one.id, f"theme={theme.id}&pick={layer_id}:"
    return None


def available(build: Build) -> list[str]:
    """List the boards that can be made of a build.

    Parameters
    ----------
    build : Build
        A finished build.

    Returns
    -------
    list of str
        Board ids; a board without any row to colour is left out, unless every workspace has it.
    """
    filled = {made["id"] for made in build.report["layers"] if made["rows"]}
    return [
        one.id for one in BOARDS if one.always or any(filled.intersection(theme.layers) for theme in one.themes)
    ]
