"""Arrays in a folder, one file each, read where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAPPED_BYTES = 65_536  # smaller files are read at once; empty ones cannot be mapped


def write_arrays(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays as ``<name>.npy``.

    Parameters
    ----------
    folder : Path
        An empty folder.
    arrays : mapping of str to numpy.ndarray
        Numbers, truth values or texts of a fixed width; an array of objects is an error.
    """
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)


def read_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    """Map arrays into memory: nothing is read before it is looked at, and what is changed stays in memory.

    Parameters
    ----------
    folder : Path
        What :func:`write_arrays` filled.

    Returns
    -------
    dict of str to numpy.ndarray
        By name.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob("*.npy"))}


def _read(path: Path) -> NDArray[Any]:
    mapped: Any = "c" if path.stat().st_size > MAPPED_BYTES else None
    return np.asarray(np.load(path, mmap_mode=mapped, allow_pickle=False))
