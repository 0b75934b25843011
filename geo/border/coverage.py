"""By which evidence and by whose people was each metre visited in a window (M4)?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geo.border.holding import Cells, Holdings
from geo.border.idleness import EVIDENCE
from geo.border.intervals import Flags, Ints, depth
from geo.crs import Floats

WHOSE = ("own", "joint", "other")


def by_evidence(visits: pd.DataFrame, breaks: Floats) -> dict[str, Flags]:
    """Say where there was a visit of each evidence class.

    Parameters
    ----------
    visits : pandas.DataFrame
        Visits of one border, from :func:`geo.border.idleness.on_line`.
    breaks : numpy.ndarray
        Measures that hold every bound of a visit, metres, shape (cells + 1,).

    Returns
    -------
    dict of str to numpy.ndarray
        Flags by evidence, shape (cells,); and as ``best_<evidence>`` where it is the strongest there was.
    """
    start, end = visits["start_m"].to_numpy(), visits["end_m"].to_numpy()
    proof = visits["evidence"].to_numpy(dtype=object)
    flags, stronger = {}, np.zeros(len(breaks) - 1, dtype=bool)
    for evidence in EVIDENCE:
        flags[evidence] = depth(start[proof == evidence], end[proof == evidence], breaks) > 0
        flags[f"best_{evidence}"] = flags[evidence] & ~stronger
        stronger = stronger | flags[evidence]
    return flags


def by_holder(visits: pd.DataFrame, holdings: Holdings, held: Cells, breaks: Floats) -> dict[str, Flags]:
    """Say where those who hold a stretch were there themselves, where a joint patrol was, and where others.

    A visit is ``own`` on ground where its post holds a segment or its person is a guard of one; else ``joint``
    when it is flagged so; else ``other``. A metre may have had visits of all three.

    Parameters
    ----------
    visits : pandas.DataFrame
        Visits of one border, from :func:`geo.border.idleness.on_line`.
    holdings : Holdings
        What holds the border.
    held : Cells
        From :func:`geo.border.holding.cells` for that border.
    breaks : numpy.ndarray
        Measures that hold every bound of a visit and of ``held``, metres, shape (cells + 1,).

    Returns
    -------
    dict of str to numpy.ndarray
        Flags by :data:`WHOSE`, shape (cells,).
    """
    start, end = visits["start_m"].to_numpy(), visits["end_m"].to_numpy()
    first = np.searchsorted(held.breaks, start, side="right") - 1
    count = np.maximum(np.searchsorted(held.breaks, end, side="left") - first, 0) * (start < end)
    visit = np.repeat(np.arange(len(visits)), count)
    cell = np.arange(len(visit)) - np.repeat(np.cumsum(count) - count - first, count)
    posts = [[post] for post in holdings.segments["post_id"].tolist()]
    own = _among(visits["post_id"], posts, held, visit, cell)
    own |= _among(visits["staff_id"], holdings.segments["staff_ids"].tolist(), held, visit, cell)
    joint = ~own & visits["joint"].to_numpy(dtype=bool)[visit]
    begun, done = np.maximum(start[visit], held.breaks[cell]), np.minimum(end[visit], held.breaks[cell + 1])
    whose = {"own": own, "joint": joint, "other": ~own & ~joint}
    return {name: depth(begun[here], done[here], breaks) > 0 for name, here in whose.items()}


def _among(names: pd.Series, of_segments: list[Any], held: Cells, visit: Ints, cell: Ints) -> Flags:
    """Whether the name that a visit bears is among those of the segments in a cell."""
    code, known = pd.factorize(names.to_numpy(dtype=object))
    number = {name: at for at, name in enumerate(known)}
    pairs = [
        at * len(known) + number[name]
        for at, rows in enumerate(held.segments)
        for row in rows
        for name in of_segments[row]
        if name in number
    ]
    here: Flags = (code[visit] >= 0) & np.isin(cell * len(known) + code[visit], np.array(pairs, dtype=np.int64))
    return here
