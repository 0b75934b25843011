"""The tree of divisions: what lies above a code, and words for its levels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.layer import Title

LEVEL_WORDS = {
    "region": Title("自治区", "Region"),
    "league": Title("盟市", "League or city"),
    "county": Title("旗县区", "Banner, county or district"),
    "township": Title("苏木乡镇街道", "Township or street"),
    "community": Title("社区嘎查村", "Community or village"),
}
CODE_LENGTHS = (9, 6, 4, 2)  # digits of township, county, league, region


def lineage(id: str, parents: Mapping[str, Any]) -> list[str]:
    """List a division and all above it that are known.

    Parameters
    ----------
    id : str
        A division's code; one that is not known starts from the longest known prefix.
    parents : mapping of str to str
        Parent of each known division; missing = by prefix.

    Returns
    -------
    list of str
        From the lowest to the highest; a circle of parents is gone round once.

    Examples
    --------
    >>> lineage("150105001001", {"150105": None, "1501": None})
    ['150105', '1501']
    """
    line, seen, here = [], set(), id
    while here and here not in seen:
        seen.add(here)
        if here in parents:
            line.append(here)
        above = parents.get(here)
        prefix = next((here[:size] for size in CODE_LENGTHS if size < len(here)), "")
        here = prefix if above is None or pd.isna(above) else above
    return line


def memberships(
    division_id: pd.Series, ids: pd.Index, parents: Mapping[str, Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the divisions that each place counts in: its own and all above it.

    Parameters
    ----------
    division_id : pandas.Series of str
        Division of each place; missing = none. Shape (n,).
    ids : pandas.Index of str
        The divisions.
    parents : mapping of str to str
        Parent of each of them, as for :func:`lineage`.

    Returns
    -------
    tuple of numpy.ndarray
        Positions of place and division of each pair, by place, from the lowest division up.

    Examples
    --------
    >>> places = pd.Series(["150105001001", None, "150105"], dtype="str")
    >>> place, member = memberships(places, pd.Index(["1501", "150105"]), {"1501": None, "150105": None})
    >>> place.tolist(), member.tolist()
    ([0, 0, 2, 2], [1, 0, 1, 0])
    """
    code, named = pd.factorize(division_id)
    position = dict(zip(ids, range(len(ids)), strict=True))
    lines = [[position[one] for one in lineage(id, parents)] for id in named]
    flat = np.array([member for line in lines for member in line], dtype=np.int64)
    length = np.array([*map(len, lines), 0], dtype=np.int64)  # the last is that of code -1: in no division
    place = np.repeat(np.arange(len(code)), length[code])
    begins = (np.cumsum(length) - length)[code]
    before = (np.cumsum(length[code]) - length[code])[place]
    return place.astype(np.int64), flat[begins[place] + np.arange(len(place)) - before]
