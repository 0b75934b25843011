"""Make data/boundaries/saihan: a real outline and real place names, everything on the ground invented.

Run: ``python data/make/saihan.py`` (after ``inner_mongolia.py``, from whose files the outline and the names come).
Everything is seeded: the same values every run.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon

import faults
import homes as homes_
import nesting
import roads
import services
from county import PREFIX, divisions, label, names, outline, upper
from files import BOUNDARIES, lonlat, write_gpkg, write_parquet, write_toml, write_xlsx
from ground import BROOK_WIDTH_M, CRS, RIVER_WIDTH_M, Ground, ground

HERE = BOUNDARIES / "saihan"
COUNTY = "150105"
SEED = 20_261_120
AROUND_M = 4_000.0  # water and railway go on beyond the outline as far as any street does
# where each fault goes: the first community near this place (map metres) that has room for it
FAULT_PLACES = {
    "gap": (560_600, 4_519_400),
    "overlap": (562_300, 4_522_200),
    "sliver": (562_000, 4_513_800),
    "duplicate": (567_500, 4_518_800),
}


def picks(grids: gpd.GeoDataFrame) -> dict[str, int]:
    """Choose the community of each fault: the nearest to its place that has room.

    Parameters
    ----------
    grids : geopandas.GeoDataFrame
        Clean grids.

    Returns
    -------
    dict of str to int
        Community number by fault.
    """
    middle = grids.dissolve("community", method="coverage").centroid
    out = {}
    for kind, (x, y) in FAULT_PLACES.items():
        for community in np.hypot(middle.x - x, middle.y - y).sort_values().index:
            if kind == "duplicate" or faults.has_room(grids, int(community), kind):
                out[kind] = int(community)
                break
    return out


def background(under: Ground, streets: gpd.GeoDataFrame, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Collect what is only drawn: main roads, water, the railway, names of places.

    Parameters
    ----------
    under : Ground
        Water and railway.
    streets : geopandas.GeoDataFrame
        The network.
    table : geopandas.GeoDataFrame
        Divisions with Chinese headings.

    Returns
    -------
    geopandas.GeoDataFrame
        ``kind``, ``name``, ``rank`` (1 = most important), ``synthetic``; EPSG:4546.
    """
    near = under.outline.buffer(AROUND_M)
    rows: list[tuple[str, str | None, float | None, Any]] = [
        ("water", f"{PREFIX}大黑河", None, under.river.buffer(RIVER_WIDTH_M / 2).intersection(near)),
        ("water", f"{PREFIX}小黑河", None, under.brook.buffer(BROOK_WIDTH_M / 2).intersection(near)),
        ("water", f"{PREFIX}湿地公园湖", None, under.lake),
        ("rail", f"{PREFIX}铁路", None, under.railway.intersection(near)),
    ]
    for kind, rank in (("primary", 1.0), ("secondary", 1.0), ("tertiary", 2.0), ("unclassified", 3.0)):
        some = streets.geometry[streets["highway"] == kind].to_numpy()
        lines = shapely.line_merge(shapely.union_all(some)).simplify(6.0)
        rows += [("road", None, rank, line) for line in shapely.get_parts(lines) if line.length > 250.0]
    named = table[table["级别"].isin(["街道乡镇", "社区村"])]
    short = named["名称"].str.replace("(社区)?居民委员会$|社区居委会$|村民委员会$", "", regex=True)
    order = np.where(named["级别"] == "街道乡镇", 1.0, 3.0)
    middle = named.geometry.representative_point()
    rows += [("place", *row) for row in zip(short, order, middle, strict=True)]
    frame = pd.DataFrame(rows, columns=["kind", "name", "rank", "geometry"]).assign(synthetic=True)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS)


def write_people(
    found: gpd.GeoDataFrame, grids: gpd.GeoDataFrame, extra: list[str], labelled: gpd.GeoDataFrame
) -> dict[str, int]:
    """Write population, units, staff and assignments.

    Parameters
    ----------
    found : geopandas.GeoDataFrame
        Buildings.
    grids : geopandas.GeoDataFrame
        The published grids (faults in).
    extra : list of str
        Ids of duplicates: nobody serves them.
    labelled : geopandas.GeoDataFrame
        The clean grids, by row number of the buildings.

    Returns
    -------
    dict of str to int
        What the ``[staffing]`` section says.
    """
    place = [f"synthetic_b{k:05d}" for k in range(1, len(found) + 1)]
    homes = lonlat(found.drop(columns=["grid", "community", "built"]).assign(kind="building", synthetic=True))
    homes.insert(0, "place_id", place)
    write_parquet(
        homes[["place_id", "kind", "households", "people", "synthetic", "geometry"]], HERE / "population.parquet"
    )
    there = found[found["grid"].map(labelled["grid_id"]).isin(grids["grid_id"])]
    head_staff, head_given, units = services.heads(there, labelled["grid_id"], SEED + 8)
    staff, given = services.workers(grids[["grid_id", "households", "built"]], extra, SEED + 7)
    pd.concat([staff, head_staff]).assign(synthetic=True).to_csv(
        HERE / "staff.csv", index=False, lineterminator="\n"
    )
    every = pd.concat([given, head_given], ignore_index=True)
    every.insert(0, "assignment_id", [f"synthetic_a{k:05d}" for k in range(1, len(every) + 1)])
    columns = ["assignment_id", "staff_id", "target_type", "target_id", "role", "valid_from", "valid_to"]
    every[columns].assign(synthetic=True).to_csv(HERE / "assignments.csv", index=False, lineterminator="\n")
    units = lonlat(units, decimals=6)
    units.insert(5, "经度", units.geometry.x)
    units.insert(6, "纬度", units.geometry.y)
    units.drop(columns="geometry").to_csv(HERE / "units.csv", index=False, encoding="gbk", lineterminator="\n")
    active = given[given["valid_to"].isna()]
    return {
        "grids": len(grids),
        "vacant_grids": int((~grids["grid_id"].isin(active["target_id"])).sum()),
        "grid_workers": len(staff),
        "active_assignments": len(active),
        "ended_assignments": len(given) - len(active),
        "workers_on_two_grids": int((active["staff_id"].value_counts() == 2).sum()),
        "unit_heads": len(head_staff),
    }


def write_ground(under: Ground, network: gpd.GeoDataFrame, table: gpd.GeoDataFrame) -> None:
    """Write streets, barriers, excluded areas and what is only drawn.

    Parameters
    ----------
    under : Ground
        Water, railway, lake.
    network : geopandas.GeoDataFrame
        Streets.
    table : geopandas.GeoDataFrame
        Divisions.
    """
    write_parquet(lonlat(network).assign(synthetic=True), HERE / "streets.parquet")
    near = under.outline.buffer(AROUND_M)
    barriers = gpd.GeoDataFrame(
        {
            "barrier_id": ["synthetic_river", "synthetic_brook", "synthetic_railway"],
            "kind": ["river", "river", "railway"],
            "passable": False,
            "synthetic": True,
        },
        geometry=[
            under.river.buffer(RIVER_WIDTH_M / 2).simplify(0.5).intersection(near),
            under.brook.buffer(BROOK_WIDTH_M / 2).simplify(0.5).intersection(near),
            under.railway.intersection(near),
        ],
        crs=CRS,
    )
    lonlat(barriers, decimals=7).to_file(HERE / "barriers.geojson", driver="GeoJSON", COORDINATE_PRECISION=7)
    drawn = lonlat(background(under, network, table), decimals=6)
    write_parquet(drawn, HERE / "background.parquet")


def main() -> None:
    """Write every file of the sample."""
    HERE.mkdir(parents=True, exist_ok=True)
    known, top = names(COUNTY), upper(COUNTY, CRS)
    county = outline(top)
    under = ground(county)
    communities = known[known["code"].str.len() == 12]
    communities = communities.assign(
        village=communities["name"].str.endswith("村民委员会"),
        short=communities["name"].str.replace("委员会$|居委会$", "", regex=True),
    )
    in_town = communities[~communities["village"] & ~communities["township"].isin(under.seats)]
    villages = communities[communities["village"]]
    drawn = nesting.plan(
        under,
        in_town["township"].value_counts().sort_index().to_dict(),
        villages["township"].value_counts().sort_index().to_dict(),
        SEED,
    )
    settled = roads.settle(under, drawn, SEED + 1)
    tiled = nesting.tile(under, drawn)
    rural = ~tiled.groupby("community")["built"].first().to_numpy()
    grids = label(tiled, drawn.township, rural, communities.assign(sort=communities["village"]))
    network = roads.streets(under, drawn, settled, SEED + 2)
    found = homes_.buildings(under, drawn, grids, settled, SEED + 3)
    found["community"] = grids["community"].loc[found["grid"]].to_numpy()
    found["built"] = grids["built"].loc[found["grid"]].to_numpy()
    grids["households"] = found.groupby("grid")["households"].sum()
    grids["people"] = found.groupby("grid")["people"].sum()
    table = divisions(grids, known, top)
    published, records = faults.plant(grids, county, picks(grids))
    facts = grids.groupby("community").agg(name=("community_name", "first"), built=("built", "first"))
    stations = services.stations(found, facts, SEED + 5)
    lake = Polygon(shapely.coverage_union_all(grids.geometry.to_numpy()).interiors[0])
    write_all(lake, published, table, stations)
    write_ground(under, network, table)
    extra = [r["extra_grid_id"] for r in records if "extra_grid_id" in r]
    staffing = write_people(found, published, extra, grids)
    write_toml(
        HERE / "planted.toml",
        "What data/make/saihan.py put in on purpose; the report of the workspace should find exactly this.",
        [*(("[[fault]]", record) for record in records), ("[staffing]", staffing)],
    )


def write_all(lake: Polygon, grids: gpd.GeoDataFrame, table: gpd.GeoDataFrame, stations: gpd.GeoDataFrame) -> None:
    """Write divisions, grids, excluded areas and stations.

    Parameters
    ----------
    lake : Polygon
        The hole in the grids.
    grids : geopandas.GeoDataFrame
        Published grids.
    table : geopandas.GeoDataFrame
        Divisions.
    stations : geopandas.GeoDataFrame
        Stations with Chinese headings.
    """
    for name in ("divisions.gpkg", "grids.gpkg"):
        (HERE / name).unlink(missing_ok=True)
    write_gpkg(table, HERE / "divisions.gpkg", "区划")
    sheet = gpd.GeoDataFrame(
        {
            "网格编码": grids["grid_id"],
            "网格名称": grids["name"],
            "所属社区": grids["division_id"],
            "类型": np.where(grids["built"], "城区", "农村"),
            "户数": grids["households"],
            "人口": grids["people"],
            "synthetic": True,
        },
        geometry=grids.geometry,
        crs=CRS,
    )
    write_gpkg(sheet, HERE / "grids.gpkg", "网格")
    hole = gpd.GeoDataFrame(
        {
            "编号": ["synthetic_lake"],
            "类型": ["湖泊"],
            "说明": [f"{PREFIX}湿地公园湖，不划网格"],
            "synthetic": [True],
        },
        geometry=[lake],
        crs=CRS,
    )
    write_gpkg(hole, HERE / "grids.gpkg", "排除区")
    placed = lonlat(stations, decimals=6)
    placed["经度"], placed["纬度"] = placed.geometry.x, placed.geometry.y
    write_xlsx(pd.DataFrame(placed[services.HEADINGS]), HERE / "stations.xlsx", "服务站")


if __name__ == "__main__":
    main()
