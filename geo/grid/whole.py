"""One list of findings for a whole workspace: every tree, level and scheme, each finding under its own name."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from geo.errors import finding_id
from geo.grid.levels import Pair
from geo.grid.structure.standing import circle_findings
from geo.place.schemes import MAIN, is_large


def circular(divisions: gpd.GeoDataFrame, grids: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Find every circle of parents.

    Parameters
    ----------
    divisions : geopandas.GeoDataFrame
        The table; ``parent_id`` leads up.
    grids : geopandas.GeoDataFrame or None
        The table; ``parent_grid_id`` leads up.

    Returns
    -------
    geopandas.GeoDataFrame
        Findings of kind ``cycle`` with ``level``, ``tree`` and ``scheme``.
    """
    found = circle_findings(divisions, key="division_id", above="parent_id", belongs="tree")
    made = found.rename(columns={"belongs": "tree"}).assign(scheme=None)
    if grids is None or not len(grids):
        return made
    level = pd.Series(is_large(grids), index=grids.index).map({True: "large_grid", False: "grid"})
    rows = grids.assign(level=level)
    found = circle_findings(rows, key="grid_id", above="parent_grid_id", belongs="scheme")
    return pd.concat([made, found.rename(columns={"belongs": "scheme"}).assign(tree=None)], ignore_index=True)


def in_scheme(found: gpd.GeoDataFrame, pair: Pair) -> gpd.GeoDataFrame:
    """Say what the findings of two levels are about.

    Parameters
    ----------
    found : geopandas.GeoDataFrame
        Findings about the children of the pair.
    pair : Pair
        The levels.

    Returns
    -------
    geopandas.GeoDataFrame
        With ``level``, ``tree`` and ``scheme``. Outside ``main``, the scheme is part of the id: two schemes may
        lack the same ground.
    """
    made = found.assign(level=pair.level, tree=pair.tree, scheme=pair.scheme)
    if pair.scheme in (None, MAIN):
        return made
    return made.assign(
        finding_id=[finding_id(pair.scheme or "", [one], "", 0.0, 0.0) for one in made["finding_id"]]
    )


def health_id(parent_id: str, scheme: str | None) -> str:
    """Name the health of a parent.

    Parameters
    ----------
    parent_id : str
        The parent.
    scheme : str or None
        Scheme of its children; None = they are divisions.

    Returns
    -------
    str
        The parent's own id, and the scheme where that is not ``main``.

    Examples
    --------
    >>> health_id("150105001001", "main"), health_id("150105001001", "police")
    ('150105001001', '150105001001-police')
    """
    return parent_id if scheme in (None, MAIN) else f"{parent_id}-{scheme}"
