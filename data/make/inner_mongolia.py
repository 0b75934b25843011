"""Make data/boundaries/inner-mongolia from the original files.

Run: ``python data/make/inner_mongolia.py --source DIR`` where DIR holds ``boundaries/``, ``border/``,
``divisions/``, ``places/`` and ``networks/`` of the original data. Everything is seeded: the same values every run.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import pandas as pd

from files import BOUNDARIES, write_parquet

HERE = BOUNDARIES / "inner-mongolia"


def outlines(source: Path) -> gpd.GeoDataFrame:
    """Stack the region, the leagues and the banners with their 6-digit codes.

    Parameters
    ----------
    source : Path
        Folder of the original data.

    Returns
    -------
    geopandas.GeoDataFrame
        116 rows in EPSG:4490: adcode, name, level, geometry as supplied.
    """
    levels = {"nm_region": "region", "nm_leagues": "league", "nm_banners": "county"}
    parts = [
        gpd.read_parquet(source / "boundaries" / f"{file}.parquet").assign(level=level)
        for file, level in levels.items()
    ]
    return pd.concat(parts)[["adcode", "name", "level", "geometry"]].reset_index(drop=True)


def names_without_outline(source: Path, adcodes: pd.Series) -> pd.DataFrame:
    """Pick the codes that have no polygon: townships, villages and management zones.

    Parameters
    ----------
    source : Path
        Folder of the original data.
    adcodes : pandas.Series
        6-digit codes that come with an outline.

    Returns
    -------
    pandas.DataFrame
        code, name; no code of an outline occurs.
    """
    codes = pd.read_parquet(source / "divisions" / "nm_divisions.parquet")
    known = codes["code"].str.ljust(6, "0").isin(adcodes)
    return codes.loc[~known, ["code", "name"]].reset_index(drop=True)


def main() -> None:
    """Write every file of the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="folder of the original data")
    source = parser.parse_args().source
    HERE.mkdir(parents=True, exist_ok=True)
    divisions = outlines(source)
    write_parquet(divisions, HERE / "divisions.parquet")
    write_parquet(names_without_outline(source, divisions["adcode"]), HERE / "codes.parquet")


if __name__ == "__main__":
    main()
