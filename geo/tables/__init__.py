"""One contract a table: the columns, types and limits that hold once a file has been read.

Computation relies on them: required columns are there and filled; optional ones are there too, missing values as
missing; ids are text and unique; geometry is EPSG:4326 with x = longitude; times are UTC; lists are lists.
"""

from __future__ import annotations

from geo.tables import frontier, ground, people, walking
from geo.tables.contract import Column, Table

TABLES: dict[str, Table] = {
    table.name: table for group in (ground, people, walking, frontier) for table in group.TABLES
}

__all__ = ["TABLES", "Column", "Table"]
