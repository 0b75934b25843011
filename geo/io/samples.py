"""The sample workspaces that come with gridwalk."""

from __future__ import annotations

import shutil
from pathlib import Path

from geo.errors import DataFault, Fault
from geo.workspace import MANIFEST

INSTALLED = Path(__file__).resolve().parents[1] / "samples"  # inside the wheel
CHECKOUT = Path(__file__).resolve().parents[2] / "data" / "boundaries"
RESULTS = "out"


def samples() -> dict[str, Path]:
    """List the sample workspaces.

    Returns
    -------
    dict of str to Path
        Name → folder, by name. Empty when neither an installation nor a checkout has any.
    """
    home = INSTALLED if INSTALLED.is_dir() else CHECKOUT
    return {file.parent.name: file.parent for file in sorted(home.glob(f"*/{MANIFEST}"))}


def copy_sample(name: str, folder: Path) -> Path:
    """Copy a sample workspace, without results that may lie in it.

    Parameters
    ----------
    name : str
        One of :func:`samples`.
    folder : Path
        Where to; made when missing. One that already holds something is a fault.

    Returns
    -------
    Path
        The folder.
    """
    known = samples()
    if name not in known:
        raise DataFault([Fault("no_sample", MANIFEST, values={"name": name, "known": ", ".join(known)})])
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataFault([Fault("folder_taken", MANIFEST, values={"folder": str(folder)})])
    shutil.copytree(known[name], folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(RESULTS, ".*"))
    return folder
