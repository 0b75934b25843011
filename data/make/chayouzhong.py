"""Make data/boundaries/chayouzhong: one banner at its real size, in three stacked divisions of the ground.

Run: ``python data/make/chayouzhong.py`` (after ``inner_mongolia.py``, from whose files the outline and the names
come). Outline, names and codes are real; what lies on the ground is invented, seeded: the same values every run.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon

import banner
import crew
import flaws
import policing
import tiling
from banner import CRS
from county import PREFIX, divisions, label, names, outline, upper
from files import BOUNDARIES, lonlat, write_parquet, write_toml

HERE = BOUNDARIES / "chayouzhong"
COUNTY = "150927"
SEED = 20_261_121
PEOPLE_PER_HOUSEHOLD = 2.4
# households of a large grid: median and spread of their logarithm; bounds of a small one
LARGE_HOUSEHOLDS = {"urban": (1_040.0, 0.16), "rural": (530.0, 0.34), "pastoral": (170.0, 0.25)}
SMALL_HOUSEHOLDS = {"urban": (20, 140), "rural": (4, 110), "pastoral": (0, 45)}
EMPTY_PASTURES = 0.1  # share of pastoral small grids where nobody lives
OFFICE = "(?<=社区)居民委员会$|(?<=嘎查)(村民)?委员会$|民委员会$"  # of its name, what is not the place's
SORTS = {"urban": "城区", "rural": "农村", "pastoral": "牧区"}


def communities(known: pd.DataFrame) -> pd.DataFrame:
    """Pick the communities, and say of which sort each is by its real name.

    Parameters
    ----------
    known : pandas.DataFrame
        Result of :func:`county.names`.

    Returns
    -------
    pandas.DataFrame
        With ``sort``: ``urban`` (社区), ``pastoral`` (嘎查) or ``rural``, and ``short``, its name without 委员会.
    """
    rows = known[known["code"].str.len() == 12]
    town, herds = rows["name"].str.contains("社区"), rows["name"].str.contains("嘎查")
    sort = np.select([town, herds], ["urban", "pastoral"], "rural")
    short = rows["name"].str.replace(OFFICE, "", regex=True)
    return rows.assign(sort=sort, short=short)


def people(kind: pd.Series, large: pd.Series, seed: int) -> pd.DataFrame:
    """Say how many live in each small grid: large grids are of very different size.

    Parameters
    ----------
    kind, large : pandas.Series
        Kind and large grid of each small grid.
    seed : int
        Seed.

    Returns
    -------
    pandas.DataFrame
        ``households`` and ``people``.
    """
    rng = np.random.default_rng(seed)
    of_large = kind.groupby(large).first()
    middle, spread = (of_large.map({k: v[n] for k, v in LARGE_HOUSEHOLDS.items()}).to_numpy(float) for n in (0, 1))
    total = pd.Series(middle * np.exp(spread * rng.normal(size=len(of_large))), index=of_large.index)
    weight = pd.Series(rng.gamma(6.0, 1.0, len(kind)), index=kind.index)
    share = weight / weight.groupby(large).transform("sum") * large.map(total)
    low, high = (kind.map({k: v[n] for k, v in SMALL_HOUSEHOLDS.items()}).to_numpy(float) for n in (0, 1))
    households = share.clip(low, high).round().astype("int64")
    empty = (kind == "pastoral") & (rng.random(len(kind)) < EMPTY_PASTURES)
    households = households.where(~empty, 0)
    size = rng.normal(PEOPLE_PER_HOUSEHOLD, 0.15, len(kind)).clip(2.0, 2.9)
    return pd.DataFrame({"households": households, "people": (households * size).round().astype("int64")})


def large_grids(small: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Unite small grids into their large ones, and number those of a village.

    Parameters
    ----------
    small : geopandas.GeoDataFrame
        Clean and labelled, with ``large``.

    Returns
    -------
    geopandas.GeoDataFrame
        By ``large``: ``grid_id, name, division_id, kind, households, people`` and geometry.
    """
    same, summed = ("division_id", "short", "kind"), ("households", "people")
    columns = {**dict.fromkeys(same, "first"), **dict.fromkeys(summed, "sum")}
    made = small[["large", *columns, "geometry"]].dissolve("large", aggfunc=columns, method="coverage")
    at = made.centroid
    serial = (at.x - 1.4 * at.y).groupby(made["division_id"]).rank(method="first").astype(int)
    several = made["division_id"].duplicated(keep=False)
    return made.assign(
        grid_id=made["division_id"] + "D" + serial.astype(str),
        name=made["short"] + "大网格" + serial.astype(str).where(several, ""),
    )


def sheet(small: gpd.GeoDataFrame, large: gpd.GeoDataFrame, police: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put the three schemes into one table.

    Parameters
    ----------
    small, large, police : geopandas.GeoDataFrame
        Published grids of each.

    Returns
    -------
    geopandas.GeoDataFrame
        Chinese headings; scheme by scheme, by id.
    """
    rows = [
        small.assign(scheme="main"),
        large.assign(scheme="large").sort_values("grid_id"),
        police.assign(scheme="police"),
    ]
    every = pd.concat(rows, ignore_index=True)
    return gpd.GeoDataFrame(
        {
            "网格编码": every["grid_id"],
            "网格名称": every["name"],
            "所属社区": every["division_id"],
            "大网格": every["parent_grid_id"],
            "类型": every["kind"].map(SORTS),
            "户数": every["households"].astype("int64"),
            "人口": every["people"].astype("int64"),
            "网格体系": every["scheme"],
            "synthetic": True,
        },
        geometry=every.geometry,
        crs=CRS,
    )


def background(table: gpd.GeoDataFrame, lake: Polygon) -> gpd.GeoDataFrame:
    """Collect what is only drawn: the lake and the names of places.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        Divisions with Chinese headings.
    lake : Polygon
        Water.

    Returns
    -------
    geopandas.GeoDataFrame
        ``kind``, ``name``, ``rank`` (1 = most important), ``synthetic``.
    """
    named = table[table["级别"].isin(["街道乡镇", "社区村"]) & (table["体系"] == "行政")]
    short = named["名称"].str.replace("(社区)?居民委员会$|嘎查(村民)?委员会$|村民委员会$", "", regex=True)
    order = np.where(named["级别"] == "街道乡镇", 1.0, 3.0)
    rows = [("water", f"{PREFIX}湖", None, lake)]
    rows += [("place", *row) for row in zip(short, order, named.geometry.representative_point(), strict=True)]
    frame = pd.DataFrame(rows, columns=["kind", "name", "rank", "geometry"]).assign(synthetic=True)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS)


def write_people(made: crew.Crew, units: gpd.GeoDataFrame) -> None:
    """Write staff, assignments and units.

    Parameters
    ----------
    made : crew.Crew
        Everybody.
    units : geopandas.GeoDataFrame
        Buildings and centre households.
    """
    pd.DataFrame(made.staff).assign(synthetic=1).to_csv(HERE / "staff.csv", index=False, lineterminator="\n")
    pd.DataFrame(made.given).assign(synthetic=1).to_csv(HERE / "assignments.csv", index=False, lineterminator="\n")
    placed = lonlat(units, decimals=5)
    placed["经度"], placed["纬度"] = placed.geometry.x, placed.geometry.y
    placed.drop(columns="geometry").assign(synthetic=1).to_csv(
        HERE / "units.csv", index=False, encoding="gbk", lineterminator="\n"
    )


def main() -> None:
    """Write every file of the sample."""
    HERE.mkdir(parents=True, exist_ok=True)
    known, top = names(COUNTY), upper(COUNTY, CRS)
    whole = outline(top)
    places = communities(known)
    drawn = banner.draw(whole, places, SEED)
    tiled = tiling.tile(
        drawn.cells, drawn.community, whole, banner.lake(), bend=banner.bend, unbend=banner.unbend, crs=CRS
    )
    clean = label(tiled, drawn.township, drawn.sort, places)
    clean["large"], clean["kind"] = drawn.large, [drawn.sort[k] for k in drawn.community]
    clean = clean.join(people(clean["kind"], clean["large"], SEED + 1))
    large = large_grids(clean)
    clean["parent_grid_id"] = clean["large"].map(large["grid_id"])
    towns = known[known["code"].str.len() == 9].set_index("code")["name"]
    police = policing.policing(clean, towns, (COUNTY, str(top["name"].iloc[2])), SEED + 2)
    admin = divisions(clean, known, top).assign(体系="行政")
    table = pd.concat([admin, police.divisions], ignore_index=True)
    spoilt = flaws.flawed(clean.drop(columns="whole"), whole, SEED + 3)
    small = spoilt.grids
    units = crew.units(small, SEED + 4)
    everybody = crew.crew(small, large, units, SEED + 5)

    write_parquet(table, HERE / "divisions.parquet")
    write_parquet(sheet(small, large, police.grids), HERE / "grids.parquet")
    lake = Polygon(shapely.coverage_union_all(clean.geometry.to_numpy()).interiors[0])
    hole = {"编号": "synthetic_lake", "类型": "湖泊", "说明": f"{PREFIX}湖，不划网格", "synthetic": True}
    write_parquet(gpd.GeoDataFrame([hole], geometry=[lake], crs=CRS), HERE / "excluded.parquet")
    write_parquet(lonlat(background(table, lake), decimals=5), HERE / "background.parquet")
    write_people(everybody, units)
    counts = {"small": len(small), "large": len(large), "police": len(police.grids)}
    cut = {"small_cut_by_police": sorted({small for small, *_ in police.cut})}
    write_toml(
        HERE / "planted.toml",
        "What data/make/chayouzhong.py put in on purpose; the report of the workspace should find exactly this.\n"
        "[[fault]]: ground held wrongly. [[structure]]: grids that are wrong by themselves.",
        [
            *(("[[fault]]", record) for record in spoilt.faults),
            *(("[[structure]]", record) for record in spoilt.structure),
            ("[grids]", {**counts, **cut}),
            ("[staffing]", {**everybody.noted, "units": len(units)}),
        ],
    )


if __name__ == "__main__":
    main()
