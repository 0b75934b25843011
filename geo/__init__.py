"""gridwalk's core: from tables of ground, people and stations to who covers what and where nobody does.

The few names a caller needs are here; they load on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "WalkNetwork": "geo.walk.network",
    "ask": "geo.service",
    "balanced_districts": "geo.grid.districts",
    "build": "geo.service",
    "catchments": "geo.walk.reach",
    "check": "geo.service",
    "credit": "geo.border.tracks",
    "grid_of": "geo.place.index",
    "nearest": "geo.walk.reach",
    "open_build": "geo.service",
    "open_workspace": "geo.workspace",
    "partition_findings": "geo.grid.partition",
    "partition_health": "geo.grid.partition",
    "propose_repair": "geo.grid.repair",
}
__all__ = [
    "WalkNetwork",
    "ask",
    "balanced_districts",
    "build",
    "catchments",
    "check",
    "credit",
    "grid_of",
    "nearest",
    "open_build",
    "open_workspace",
    "partition_findings",
    "partition_health",
    "propose_repair",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'geo' has no attribute {name!r}")
