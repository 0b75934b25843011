"""How long work tells where it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """Show no progress.

    Parameters
    ----------
    step : str
        What is being done: a table name or layer id.
    done, total : int
        How many steps are behind, and how many there are.
    """
