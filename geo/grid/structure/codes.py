"""Is the code of a division or grid well formed, its own, and that of the parent it names?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.grid.structure.marks import marks
from geo.grid.structure.standing import CODE_DIGITS

DIVISION_GROUP = "division"  # of a workspace's own pattern: the part that is the division's code
CODE_LENGTH, COMMUNITY_DIGITS = 15, CODE_DIGITS["community"]  # a community's code and a serial number


def grid_codes(ids: Any, pattern: str, own: Any, of_large: Any) -> pd.DataFrame:
    """Mark grids whose code is malformed or contradicts their parents.

    The division in a code is what the pattern's group ``division`` matches; without such a group, the first twelve
    of fifteen digits. Two codes of divisions contradict each other when neither begins with the other.

    Parameters
    ----------
    ids : array of str
        Codes, shape (n,).
    pattern : str
        What a code must match.
    own, of_large : array of str or None
        Division that the grid names, and that its large grid names; None = not known, shape (n,).

    Returns
    -------
    pandas.DataFrame
        Marks of kind ``code``: cause ``malformed`` (``detail``: the pattern) or ``contradiction`` (``detail``: the
        two divisions); at most one of each a grid.
    """
    wanted = re.compile(pattern)
    malformed = np.array([wanted.search(one) is None for one in ids], dtype=bool)
    if DIVISION_GROUP in wanted.groupindex:
        matches = (wanted.search(one) for one in ids)
        within = np.array([match[DIVISION_GROUP] if match else None for match in matches], dtype=object)
    else:
        text = pd.Series(ids, dtype="str")
        usual = (text.str.len() == CODE_LENGTH) & text.str.isdigit() & ~malformed
        within = text.str[:COMMUNITY_DIGITS].astype("object").where(usual, None).to_numpy()
    return _judged(malformed, pattern, [(within, own), (within, of_large), (own, of_large)])


def division_codes(ids: Any, level: str, named: Any) -> pd.DataFrame:
    """Mark divisions whose code has not the digits of its level, or contradicts the parent.

    Parameters
    ----------
    ids : array of str
        Codes of divisions of the administrative tree, shape (n,).
    level : str
        Their level.
    named : array of str or None
        The parent that each names, where it is known, shape (n,).

    Returns
    -------
    pandas.DataFrame
        As of :func:`grid_codes`.
    """
    digits = CODE_DIGITS[level]
    text = pd.Series(ids, dtype="str")
    fits = (text.str.isdigit() & (text.str.len() == digits)).to_numpy(dtype=bool)
    within = pd.Series(ids, dtype="object").where(fits, None).to_numpy()
    return _judged(~fits, rf"^\d{{{digits}}}$", [(within, named)])


def used_twice(ids: Any, parents: Any, ground: Any) -> pd.DataFrame:
    """Mark codes that several rows have.

    Parameters
    ----------
    ids : array of str
        Codes, shape (n,).
    parents : array of str
        Id of each row's parent, shape (n,).
    ground : array of Polygon or MultiPolygon
        EPSG:4326, may be missing, shape (n,).

    Returns
    -------
    pandas.DataFrame
        Marks of kind ``code_twice``, one a code, at the row with the lowest parent; ``detail``: how many rows,
        ``geometry``: all their ground.
    """
    code, distinct = pd.factorize(pd.Series(ids, dtype="object"))
    again = np.flatnonzero(np.bincount(code, minlength=len(distinct))[code] > 1)
    rows = pd.DataFrame({"row": again, "code": code[again], "parent": np.asarray(parents, dtype=object)[again]})
    groups = rows.sort_values(["code", "parent"], kind="stable").groupby("code")["row"].agg(list).tolist()
    together = [shapely.normalize(shapely.union_all(ground[group])) for group in groups]
    return marks(
        [group[0] for group in groups],
        "code_twice",
        detail=[str(len(group)) for group in groups],
        geometry=[None if one.is_empty else one for one in together],
    )


def _judged(malformed: Any, pattern: str, claims: Iterable[tuple[Any, Any]]) -> pd.DataFrame:
    """Tell which codes are malformed, and the first two divisions of each row that contradict each other."""
    said = np.full(len(malformed), None, dtype=object)
    for left, right in claims:
        for row in np.flatnonzero(left != right):  # few: the same code is the usual case
            one, other = left[row], right[row]
            if one and other and said[row] is None and not (one.startswith(other) or other.startswith(one)):
                said[row] = f"{one} ≠ {other}"
    rows = np.flatnonzero(said != np.array(None))
    return pd.concat(
        [
            marks(np.flatnonzero(malformed), "code", cause="malformed", detail=pattern),
            marks(rows, "code", cause="contradiction", detail=said[rows]),
        ]
    )
