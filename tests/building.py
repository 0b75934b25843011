"""Layers of walking built from the tables of a small world, each from those before it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from geo.layer import Figure
from geo.parameters import Parameters
from geo.stations import layers as of_stations
from geo.walk import layers as of_walking

LAYERS: dict[str, Any] = {
    made.id: made for made in (*of_walking.ARTIFACTS, *of_walking.LAYERS, *of_stations.LAYERS)
}
ASKED = Parameters(as_of="2026-11-20")


def built(
    tables: dict[str, Any], *ids: str, asked: Parameters = ASKED, **changed: Any
) -> dict[str, gpd.GeoDataFrame]:
    """Build the network, then layers in order."""
    made: dict[str, Any] = {}
    for id in ("walk-network", *ids):
        layer, known = LAYERS[id], {**tables, **made}
        given = {name: known[name] for name in (*layer.needs, *layer.optional) if name in known}
        made[id] = layer.build(given, asked.model_copy(update=changed))
    return made


def figures(frame: gpd.GeoDataFrame, id: str, asked: Parameters = ASKED, **changed: Any) -> dict[str, Figure]:
    """Figures of a layer by their name within it."""
    made = LAYERS[id].figures(frame, asked.model_copy(update=changed))
    return {figure.id.removeprefix(f"{id}."): figure for figure in made}
