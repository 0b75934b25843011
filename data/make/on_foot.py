"""Make tests/data: stations and people of Heidelberg and Helsinki out of original data, nothing made up.

Run: ``python data/make/on_foot.py --source DIR`` where DIR holds ``population/`` and ``pois/`` of the originals.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import shapely

from files import lonlat, write_parquet

HERE = Path(__file__).resolve().parents[2] / "tests" / "data"
TOWNS = ("heidelberg", "helsinki_centre")
SERVICES = ("bank", "community_centre", "library", "pharmacy", "post_office", "townhall")
PUBLIC = ("kindergarten", "school", "hospital", "taxi", "fuel", "university")


def stations(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take the points of interest that serve people.

    Parameters
    ----------
    points : geopandas.GeoDataFrame
        ``osm_type, osm_id, amenity, name, opening_hours`` and a point each.

    Returns
    -------
    geopandas.GeoDataFrame
        ``station_id, name, category, kind, opening_hours`` by ``station_id``.
    """
    some = points[points["amenity"].isin([*SERVICES, *PUBLIC])]
    rows = gpd.GeoDataFrame(
        {
            "station_id": some["osm_type"] + some["osm_id"].astype(str),
            "name": some["name"],
            "category": "other",
            "kind": some["amenity"],
            "opening_hours": some["opening_hours"],
        },
        geometry=some.geometry,
        crs=points.crs,
    )
    return lonlat(rows.sort_values("station_id").reset_index(drop=True))


def population(cells: gpd.GeoDataFrame, extract: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take the cells that touch the extract.

    Parameters
    ----------
    cells : geopandas.GeoDataFrame
        ``id, population`` and a polygon each.
    extract : geopandas.GeoDataFrame
        What lies all over the extract.

    Returns
    -------
    geopandas.GeoDataFrame
        ``place_id, kind, people`` by ``place_id``.
    """
    ground = shapely.box(*extract.to_crs(cells.crs).total_bounds)
    some = cells[cells.intersects(ground)].sort_values("id")
    rows = {"place_id": "hsy" + some["id"].astype(str), "kind": "cell", "people": some["population"]}
    return lonlat(gpd.GeoDataFrame(rows, geometry=some.geometry, crs=cells.crs).reset_index(drop=True))


def main() -> None:
    """Write all files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    source = parser.parse_args().source
    HERE.mkdir(exist_ok=True)
    for town in TOWNS:
        points = gpd.read_parquet(source / "pois" / f"{town}_pois.parquet")
        write_parquet(stations(points), HERE / f"{town}_stations.parquet")
    cells = gpd.read_file(source / "population" / "helsinki_population_grid_2020.gpkg")
    write_parquet(population(cells, points), HERE / "helsinki_centre_population.parquet")


if __name__ == "__main__":
    main()
