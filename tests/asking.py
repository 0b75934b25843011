"""Build a layer of a world, with the layers that it is built from."""

from __future__ import annotations

from typing import Any

from geo import catalogue
from geo.parameters import Parameters
from geo.tables import TABLES


def ask(id: str, world: dict[str, Any], parameters: Parameters) -> Any:
    """What a layer answers on tables; tables that are missing or None are not there."""
    tables = {name: table for name, table in world.items() if table is not None}
    wanted = catalogue.made(id)
    given = {
        name: tables[name] if name in TABLES else ask(name, tables, parameters)
        for name in catalogue.inputs(wanted, tables.keys())
    }
    return wanted.build(given, parameters)
