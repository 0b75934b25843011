"""Layers as vector tiles: which tile is where, shapes on its integer grid, bytes, and archives of all tiles."""
