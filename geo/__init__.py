"""gridwalk's core: from tables of ground, people and stations to who covers what and where nobody does.

The few names a caller needs are here; they load on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "WalkNetwork": "geo.walk.network",
    "ask": "geo.service",
    "build": "geo.service",
    "catchments": "geo.walk.reach",
    "check": "geo.service",
    "credit": "geo.border.tracks",
    "nearest": "geo.walk.reach",
    "open_build": "geo.service",
    "open_workspace": "geo.workspace",
}
__all__ = [
    "WalkNetwork",
    "ask",
    "build",
    "catchments",
    "check",
    "credit",
    "nearest",
    "open_build",
    "open_workspace",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'geo' has no attribute {name!r}")
