"""What is real of a county: its outline, and the codes and names of its townships and communities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon

from files import BOUNDARIES

PREFIX = "模拟·"


def names(county: str) -> pd.DataFrame:
    """Read the real townships and communities.

    Parameters
    ----------
    county : str
        Code, six digits.

    Returns
    -------
    pandas.DataFrame
        code, name, township (code), in the order of the codes.
    """
    codes = pd.read_parquet(BOUNDARIES / "inner-mongolia" / "codes.parquet")
    mine = codes[codes["code"].str.startswith(county)].sort_values("code")
    return mine.assign(township=mine["code"].str[:9]).reset_index(drop=True)


def upper(county: str, crs: str) -> gpd.GeoDataFrame:
    """Read region, league and county; their outlines are the real ones.

    Parameters
    ----------
    county : str
        Code, six digits.
    crs : str
        Of the map.

    Returns
    -------
    geopandas.GeoDataFrame
        Three rows, codes shortened to 2, 4 and 6 digits.
    """
    every = gpd.read_parquet(BOUNDARIES / "inner-mongolia" / "divisions.parquet").to_crs(crs)
    rows = every[every["adcode"].isin([f"{county[:2]}0000", f"{county[:4]}00", county])].copy()
    rows["code"] = [county[:2], county[:4], county]
    return rows.reset_index(drop=True)


def outline(top: gpd.GeoDataFrame) -> Polygon:
    """Take the county's outline, corners rounded to 1 mm.

    Parameters
    ----------
    top : geopandas.GeoDataFrame
        Result of :func:`upper`.

    Returns
    -------
    Polygon
        In the same metres.
    """
    return shapely.transform(shapely.get_parts(top.geometry.iloc[2])[0], lambda xy: np.round(xy, 3))


def label(
    grids: gpd.GeoDataFrame, township: list[str], sort: Sequence[Any], known: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Give communities their real codes and names, and grids their numbers, from north-west to south-east.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        Result of :func:`tiling.tile`.
    township : list of str
        Township of each community.
    sort : sequence
        Which sort of community each is; there are as many of each sort in each township as there are names.
    known : pandas.DataFrame
        Communities: ``code``, ``name``, ``short`` (names of its grids begin with it), ``township``, ``sort``.

    Returns
    -------
    geopandas.GeoDataFrame
        With ``division_id``, ``community_name``, ``short``, ``grid_id``, ``name``.
    """
    middle = grids.set_geometry("whole", crs=grids.crs).dissolve("community", method="coverage").centroid
    order = (middle.x - 1.4 * middle.y).sort_values().index
    code: dict[int, str] = {}
    title: dict[int, str] = {}
    short: dict[int, str] = {}
    for (town, one), rows in known.groupby(["township", "sort"]):
        places = [k for k in order if township[k] == town and sort[k] == one]
        for k, (_, row) in zip(places, rows.iterrows(), strict=True):
            code[k], title[k], short[k] = row["code"], PREFIX + row["name"], PREFIX + row["short"]
    named = {"division_id": code, "community_name": title, "short": short}
    out = grids.assign(**{name: grids["community"].map(values) for name, values in named.items()})
    at = out.centroid
    out = out.assign(sweep=at.x - 1.4 * at.y).sort_values(["division_id", "sweep"])
    serial = out.groupby("division_id").cumcount() + 1
    out["grid_id"] = out["division_id"] + serial.astype(str).str.zfill(3)
    out["name"] = out["short"] + serial.astype(str).str.zfill(2) + "网格"
    return out.drop(columns="sweep").sort_index()


def divisions(grids: gpd.GeoDataFrame, known: pd.DataFrame, top: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Build every level as the exact union of what lies below it.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        Labelled, with ``whole``.
    known : pandas.DataFrame
        Real codes and names.
    top : geopandas.GeoDataFrame
        Region, league, county.

    Returns
    -------
    geopandas.GeoDataFrame
        Chinese headings; region and league without geometry.
    """
    ground_of = gpd.GeoDataFrame(
        {"code": grids["division_id"]}, geometry=grids["whole"].to_numpy(), crs=grids.crs
    ).dissolve("code", method="coverage")
    ground_of["town"] = ground_of.index.str[:9]
    towns = ground_of.dissolve("town", method="coverage")
    whole = shapely.coverage_union_all(ground_of.geometry.to_numpy())
    shapes: dict[str, Any] = {
        **ground_of.geometry.to_dict(),
        **towns.geometry.to_dict(),
        top["code"].iloc[2]: whole,
    }
    rows = pd.concat([top[["code", "name"]], known[["code", "name"]]]).sort_values("code", kind="stable")
    real = rows["code"].str.len() <= 6
    level = rows["code"].str.len().map({2: "自治区", 4: "盟市", 6: "旗县区", 9: "街道乡镇", 12: "社区村"})
    table = {
        "行政区划代码": rows["code"],
        "名称": np.where(real, rows["name"], PREFIX + rows["name"]),
        "级别": level,
        "上级代码": rows["code"].str.len().map({2: 0, 4: 2, 6: 4, 9: 6, 12: 9}).to_numpy(),
        "synthetic": ~real,
    }
    out = gpd.GeoDataFrame(table, geometry=[shapes.get(code) for code in rows["code"]], crs=grids.crs)
    out["上级代码"] = [code[:n] or None for code, n in zip(rows["code"], out["上级代码"], strict=True)]
    return out.reset_index(drop=True)
