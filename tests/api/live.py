"""A real server process on this machine, for clients that we did not write.

A thread would not do: GDAL keeps the interpreter to itself while it waits for an answer.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from api.settings import Settings
from tests.api.small import small_build

ROOT = Path(__file__).parents[2]
NOTES = "requests.txt"


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve the small build on a free port of the loopback address, 50 features a page, at most 60."""
    command = [sys.executable, "-m", "tests.api.live", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port, "the server did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


class Noted:
    """Note each request in a file, one address a line."""

    def __init__(self, app: ASGIApp, notes: Path) -> None:
        self.app = app
        self.notes = notes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            with self.notes.open("a") as notes:
                notes.write(f"{scope['raw_path'].decode('latin-1')}?{scope['query_string'].decode('latin-1')}\n")
        await self.app(scope, receive, send)


def main(folder: Path) -> None:
    """Serve until stopped; the port is printed once connections are taken."""
    app = Noted(create_app(Settings(limit_default=50, limit_max=60), [small_build(folder)]), folder / NOTES)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)  # noqa: T201 (read by the parent)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
