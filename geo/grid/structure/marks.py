"""A mark says that something is wrong with one row of a table of children."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def marks(
    rows: Any,
    kind: str,
    *,
    detail: Any = None,
    cause: Any = "real",
    severity: str = "fail",
    geometry: Any = None,
) -> pd.DataFrame:
    """Mark rows.

    Parameters
    ----------
    rows : numpy.ndarray of int
        Positions, shape (n,).
    kind : str
        What is wrong.
    detail : str or array of str, optional
        More of it, the same in every language.
    cause : str or array of str
        Why; ``real`` where there is no more to say.
    severity : str
        ``fail`` or ``warning``.
    geometry : array of geometry, optional
        Where, EPSG:4326; missing = the row's own ground.

    Returns
    -------
    pandas.DataFrame
        One row a mark: ``row, kind, cause, severity, detail, geometry``.
    """
    where = np.full(len(rows), None, dtype=object)
    where[:] = geometry
    given = {"row": np.asarray(rows, dtype=np.int64), "kind": kind, "cause": cause, "severity": severity}
    table = pd.DataFrame({**given, "detail": detail}, dtype="object")
    return table.assign(row=given["row"], geometry=where)
