"""Running the service: a build of each workspace first, then server processes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from api import publishing
from api.auth import check_binding, is_local
from api.settings import environment, read_settings
from api.terminal import show_faults, tell
from geo.errors import DataFault
from geo.progress import Progress
from geo.service import open_build
from geo.workspace import Workspace


def prepare(workspace: Workspace, progress: Progress) -> None:
    """Build what has changed; when that fails and there is an earlier build, keep to it and say so.

    Parameters
    ----------
    workspace : Workspace
        What is to be served.
    progress : callable
        Told of each step.

    Raises
    ------
    DataFault
        The data have errors and nothing was built before.
    """
    try:
        publishing.build(workspace, progress=progress)
    except DataFault as error:
        if open_build(workspace) is None:
            raise
        show_faults([fault.record() for fault in error.faults], err=True)
        tell("kept", folder=workspace.root)


def run(workspaces: Sequence[Path], *, host: str, port: int, workers: int) -> None:
    """Serve the published builds until stopped.

    Parameters
    ----------
    workspaces : sequence of Path
        Their folders.
    host, port : str, int
        Where to listen.
    workers : int
        Server processes.

    Raises
    ------
    BadSetting
        A setting is wrong, or the address is open to others and no key is set.
    """
    import uvicorn

    folders = tuple(folder.resolve() for folder in workspaces)
    settings = read_settings(host=host, port=port, workspaces=folders)
    check_binding(settings)
    os.environ.update(environment(settings))
    tell("look", url=settings.base_url or f"http://{host}:{port}/")
    if is_local(host) and not settings.api_key_hashes:
        tell("open_reading")
    tell("stop")
    uvicorn.run(
        "api.app:from_environment", factory=True, host=host, port=port, workers=workers, log_level="warning"
    )
