"""Make tests/data from the original extracts: what a walk needs of Heidelberg and Helsinki, nothing made up.

Run: ``python data/make/on_foot.py --source DIR`` where DIR holds ``networks/``, ``population/`` and ``pois/`` of
the original data.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import osmium
import shapely

from files import lonlat, write_parquet

HERE = Path(__file__).resolve().parents[2] / "tests" / "data"
TOWNS = ("heidelberg", "helsinki_centre")
SERVICES = ("bank", "community_centre", "library", "pharmacy", "post_office", "townhall")
PUBLIC = ("kindergarten", "school", "hospital", "taxi", "fuel", "university")
WALKED = (("railway", "platform"), ("public_transport", "platform"), ("man_made", "pier"))


def is_walked(tags: Mapping[str, str]) -> bool:
    """Tell whether a way is a road, a path, a platform or a pier.

    Parameters
    ----------
    tags : mapping of str to str
        OpenStreetMap tags.

    Returns
    -------
    bool
        Whatever may be forbidden on it.
    """
    return "highway" in tags or any(tags.get(key) == value for key, value in WALKED)


def cut(extract: Path, out: Path) -> None:
    """Keep the ways of an extract that may be walked, their nodes with all tags, and nobody's name.

    Parameters
    ----------
    extract : Path
        The original.
    out : Path
        File to write; replaced.
    """
    kept = {
        node.ref
        for way in osmium.FileProcessor(str(extract), osmium.osm.WAY)
        if is_walked(way.tags)
        for node in way.nodes
    }
    out.unlink(missing_ok=True)
    with osmium.SimpleWriter(osmium.io.File(str(out), "pbf,add_metadata=false")) as writer:
        for thing in osmium.FileProcessor(str(extract), osmium.osm.NODE | osmium.osm.WAY):
            if thing.id in kept if thing.is_node() else is_walked(thing.tags):
                writer.add(thing)


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
        cut(source / "networks" / f"{town}.osm.pbf", HERE / f"{town}.osm.pbf")
        points = gpd.read_parquet(source / "pois" / f"{town}_pois.parquet")
        write_parquet(stations(points), HERE / f"{town}_stations.parquet")
    cells = gpd.read_file(source / "population" / "helsinki_population_grid_2020.gpkg")
    write_parquet(population(cells, points), HERE / "helsinki_centre_population.parquet")


if __name__ == "__main__":
    main()
