"""The main highways of the region as a table of roads to be driven."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely


def driven(source: Path, border: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take the highways on this side of the border.

    Parameters
    ----------
    source : Path
        Folder of the original data.
    border : geopandas.GeoDataFrame
        The border line; a piece of highway that crosses it is left out.

    Returns
    -------
    geopandas.GeoDataFrame
        Pieces between junctions with both ends in the region, straight as supplied, EPSG:4326: ``edge_id`` (the
        source's two nodes), ``length_m`` as the source states it. The source names no class.
    """
    nodes = gpd.read_parquet(source / "networks" / "nm_highways_nodes.parquet").set_index("node_id")
    edges = gpd.read_parquet(source / "networks" / "nm_highways_edges.parquet")
    inside = nodes["in_nm"]
    here = edges[edges["u"].map(inside).eq(True) & edges["v"].map(inside).eq(True)]
    line = shapely.union_all(border.to_crs(here.crs).geometry.to_numpy())
    kept = here[~shapely.intersects(here.geometry.to_numpy(), line)].sort_values(["u", "v"], ignore_index=True)
    return gpd.GeoDataFrame(
        {
            "edge_id": "osm_" + kept["u"].astype("str") + "_" + kept["v"].astype("str"),
            "length_m": (kept["length_km"] * 1000.0).round(),
        },
        geometry=kept.geometry,
        crs=kept.crs,
    )
