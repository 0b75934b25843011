"""Make data/boundaries/porto-alegre from the original files: everything in it is real.

Run: ``python data/make/porto_alegre.py --source DIR`` where DIR holds ``networks/``, ``population/`` and
``pois/`` of the original data.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely

from files import BOUNDARIES, lonlat, write_parquet

HERE = BOUNDARIES / "porto-alegre"
ROADS = {"motorway": 1.0, "trunk": 1.0, "primary": 1.0, "secondary": 2.0, "tertiary": 3.0}
# points of interest that serve people; benches, bins, parking, clocks and the like are left out
SERVICES = {
    "amenity": (
        "bank",
        "bus_station",
        "drinking_water",
        "ferry_terminal",
        "food_court",
        "fuel",
        "marketplace",
        "restaurant",
        "taxi",
        "toilets",
    ),
    "public_transport": ("station",),
}


def hexagons(source: Path) -> gpd.GeoDataFrame:
    """Read the hexagons in the order of their ids.

    Parameters
    ----------
    source : Path
        Folder of the original data.

    Returns
    -------
    geopandas.GeoDataFrame
        id, population, schools, healthcare, polygon.
    """
    cells = gpd.read_parquet(source / "population" / "porto_alegre_hexgrid.parquet")
    return cells.sort_values("id").reset_index(drop=True)


def served(cells: gpd.GeoDataFrame, column: str, prefix: str, word: str) -> pd.DataFrame:
    """Make a station of every hexagon that has a service, at its representative point.

    Parameters
    ----------
    cells : geopandas.GeoDataFrame
        Hexagons.
    column : str
        How many of the service each has; missing = none.
    prefix : str
        What ids begin with.
    word : str
        What it is, for the name.

    Returns
    -------
    pandas.DataFrame
        station_id, name, kind, opening_hours (unknown), geometry.
    """
    some = cells[cells[column].fillna(0) > 0]
    count = some[column].astype(int)
    return pd.DataFrame(
        {
            "station_id": prefix + some["id"],
            "name": [f"{word} ({n})" for n in count],
            "kind": word.lower(),
            "opening_hours": None,
            "geometry": some.representative_point(),
        }
    )


def points_of_interest(source: Path) -> pd.DataFrame:
    """Pick the points of interest that are services.

    Parameters
    ----------
    source : Path
        Folder of the original data.

    Returns
    -------
    pandas.DataFrame
        Columns as :func:`served`; the name is what OpenStreetMap says, else what it is.
    """
    points = gpd.read_parquet(source / "pois" / "porto_alegre_pois.parquet").sort_values(["osm_type", "osm_id"])
    kind = points["amenity"].where(points["amenity"].isin(SERVICES["amenity"]))
    kind = kind.fillna(
        points["public_transport"].where(points["public_transport"].isin(SERVICES["public_transport"]))
    )
    some = points[kind.notna()]
    words = kind[kind.notna()].str.replace("_", " ")
    name = some["name"].where(some["name"].notna(), words.str.capitalize())
    return pd.DataFrame(
        {
            "station_id": "osm-" + some["osm_type"] + some["osm_id"].astype(str),
            "name": name,
            "kind": words,
            "opening_hours": some["opening_hours"],
            "geometry": some.geometry,
        }
    )


def stations(cells: gpd.GeoDataFrame, source: Path) -> gpd.GeoDataFrame:
    """Stack hexagons with health care, hexagons with schools, and services of OpenStreetMap.

    Parameters
    ----------
    cells : geopandas.GeoDataFrame
        Hexagons.
    source : Path
        Folder of the original data.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326; category ``other`` throughout, since the contract's list names services of Chinese districts.
    """
    rows = pd.concat(
        [
            served(cells, "healthcare", "health-", "Health care"),
            served(cells, "schools", "school-", "School"),
            points_of_interest(source),
        ],
        ignore_index=True,
    )
    rows.insert(1, "category", "other")
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


def background(extract: Path) -> gpd.GeoDataFrame:
    """Read main roads, rails and water from the extract, for drawing only.

    Parameters
    ----------
    extract : Path
        The ``.osm.pbf``; nodes that were cut away are skipped.

    Returns
    -------
    geopandas.GeoDataFrame
        kind, name, rank (roads: 1 primary, 2 secondary, 3 tertiary), EPSG:4326.
    """
    rows: list[dict[str, Any]] = []
    for way in (
        osmium.FileProcessor(str(extract)).with_locations().with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
    ):
        places = [(n.lon, n.lat) for n in way.nodes if n.location.valid()]
        rank = ROADS.get(way.tags.get("highway", ""))
        rail = way.tags.get("railway") in ("rail", "subway", "light_rail")
        water = way.tags.get("natural") == "water"
        if len(places) < 2 or not (rank or rail or water):
            continue
        closed = water and len(places) > 3 and places[0] == places[-1]
        rows.append(
            {
                "kind": "road" if rank else "rail" if rail else "water",
                "name": way.tags.get("name"),
                "rank": rank or np.nan,
                "geometry": shapely.Polygon(places) if closed else shapely.LineString(places),
            }
        )
    ways = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326").astype({"name": "str"})
    joined = ways.dissolve(["kind", "name", "rank"], dropna=False).reset_index()
    lines = joined.geometry.geom_type == "MultiLineString"
    merged = joined.geometry.where(~lines, joined.geometry.line_merge())
    return joined.set_geometry(merged.simplify(0.00004))


def main() -> None:
    """Write every file of the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="folder of the original data")
    source = parser.parse_args().source
    HERE.mkdir(parents=True, exist_ok=True)
    extract = source / "networks" / "porto_alegre.osm.pbf"
    shutil.copyfile(extract, HERE / "streets.osm.pbf")
    cells = hexagons(source)
    grids = cells[["id", "population", "geometry"]].rename(columns={"id": "grid_id", "population": "people"})
    grids.to_file(HERE / "grids.fgb", driver="FlatGeobuf")
    homes = grids.rename(columns={"grid_id": "place_id"}).assign(kind="cell")
    write_parquet(homes[["place_id", "people", "kind", "geometry"]], HERE / "population.parquet")
    stations(cells, source).to_file(HERE / "stations.geojson", driver="GeoJSON", COORDINATE_PRECISION=7)
    write_parquet(lonlat(background(extract), decimals=6), HERE / "background.parquet")


if __name__ == "__main__":
    main()
