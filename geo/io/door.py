"""The door: every column against its contract, all faults at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from geo.io.raw import Ledger
from geo.tables.contract import Column, Table

NUMBERS = ("count", "float")
REPEATED = "field_uniqueness"


def check_columns(frame: pd.DataFrame, table: Table, ledger: Ledger) -> None:
    """Check every column of a read table against its contract.

    Parameters
    ----------
    frame : pandas.DataFrame
        Parsed values (text, numbers, dates), missing = None; index 0…n-1.
    table : Table
        The contract.
    ledger : Ledger
        Is told about required columns that are not there, and about each cell that is missing, is no known code,
        is out of its limits or repeats an id. Of rows with the same id the first is kept.
    """
    lacking = [column.name for column in table.columns if column.required and column.name not in frame]
    for name in lacking:
        known = ", ".join(str(heading) for heading in frame.columns)
        ledger.note("no_column", name, heading=table.column(name).heading, known=known)
    there = [column for column in table.columns if column.name in frame]
    known_bad = {(at, column) for at, _, column, level, _ in ledger.rows if level == "error"}
    checked = pd.DataFrame(
        {column.name: _comparable(frame[column.name], column) for column in there}, index=frame.index
    )
    columns = {column.name: _rules(column, table) for column in there}
    try:
        pa.DataFrameSchema(columns).validate(checked, lazy=True)
    except SchemaErrors as errors:
        for case in errors.failure_cases.to_dict("records"):
            if (case["index"], case["column"]) not in known_bad:
                _report(case, table, ledger)


def _comparable(values: pd.Series, column: Column) -> pd.Series:
    if column.dtype in NUMBERS:
        return pd.to_numeric(values, errors="coerce")
    return values.astype("object").where(values.notna(), None)


def _rules(column: Column, table: Table) -> pa.Column:
    checks = []
    if column.values:
        checks.append(pa.Check.isin(column.values, error="unknown_value"))
    low = 0.0 if column.dtype == "count" else column.minimum
    if low is not None:
        checks.append(pa.Check.ge(low, error="too_small"))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum, error="too_large"))
    is_key = column.name == table.key and table.key_unique
    return pa.Column(
        nullable=not column.required or column.default is not None,
        checks=checks,
        unique=is_key,
        report_duplicates="exclude_first",
    )


def _report(case: dict[Any, Any], table: Table, ledger: Ledger) -> None:
    check, at, name = str(case["check"]), case["index"], str(case["column"])
    column = table.column(name)
    given = str(case["failure_case"])[:60]
    if check == "not_nullable":
        ledger.reject([at], "value_missing", name)
    elif check == REPEATED:
        ledger.reject([at], "id_repeated", name, id=given)
    elif check == "unknown_value":
        ledger.reject([at], check, name, given=given, known=", ".join(column.values))
    else:
        limit = column.maximum if check == "too_large" else column.minimum or 0
        ledger.reject([at], check, name, given=_number(given), limit=f"{limit:g}")


def _number(text: str) -> str:
    return f"{np.float64(text):g}"
