"""Staff and assignments in a line each."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geo.tables.conform import conform
from tests.worlds import COMMUNITY

PERIOD = ("valid_from", "valid_to")
KEYS = ["assignment_id", "staff_id", "target_type", "target_id"]


def staff_of(**roles: Any) -> pd.DataFrame:
    """Staff by id; a role, or a role and full-time equivalents (and a post)."""
    rows = [((one, said) if isinstance(said, str) else (one, *said)) for one, said in roles.items()]
    named = ["staff_id", "role", "fte", "post_id"]
    return conform("staff", pd.DataFrame([dict(zip(named, row, strict=False)) for row in rows], columns=named))


def duties(*rows: tuple[Any, ...], target: str = "grid") -> pd.DataFrame:
    """Assignments: person, place (of a grid the end of its id), then a mapping of what else is said."""
    before = COMMUNITY if target == "grid" else ""
    table = [
        {"staff_id": who, "target_type": target, "target_id": before + place, **said}
        for who, place, *rest in rows
        for said in (rest or [{}])
    ]
    return together(pd.DataFrame(table))


def together(*tables: pd.DataFrame) -> pd.DataFrame:
    """Assignments one after the other, numbered."""
    made = pd.concat([pd.DataFrame(columns=KEYS), *(one for one in tables if len(one))], ignore_index=True)
    made["assignment_id"] = [f"a{number}" for number in range(len(made))]
    for name in PERIOD:
        if name in made:
            made[name] = pd.to_datetime(made[name])
    return conform("assignments", made)
