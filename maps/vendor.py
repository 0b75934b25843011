"""Fetch the few files of other projects that the boards show, and write down exactly which.

Run by ``make vendor``; everything it writes is committed, so that neither building nor opening a board
needs a network.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
LOCK = ASSETS / "vendor.lock"


@dataclass(frozen=True, slots=True)
class Package:
    """One package of another project, and which of its files we ship.

    Parameters
    ----------
    name, version : str
        As npm knows it.
    licence : str
        SPDX id.
    files : dict of str to str
        Path in the package → name in ``maps/assets``. The licence text is one of them.
    """

    name: str
    version: str
    licence: str
    files: Mapping[str, str]


PACKAGES = (
    Package(
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        {
            "dist/leaflet.js": "leaflet.js",
            "dist/leaflet.css": "leaflet.css",
            "LICENSE": "leaflet.LICENSE.txt",
        },
    ),
)


def pick(package: Package, archive: bytes) -> dict[str, bytes]:
    """Take the files that we ship out of a package.

    Parameters
    ----------
    package : Package
        What is wanted.
    archive : bytes
        The package as npm packs it: a gzipped tar with everything under ``package/``.

    Returns
    -------
    dict of str to bytes
        Name in ``maps/assets`` → content. A file that is not there is a :class:`KeyError`.
    """
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        return {
            name: tar.extractfile(tar.getmember(f"package/{path}")).read()  # type: ignore[union-attr]
            for path, name in package.files.items()
        }


def lock(made: Sequence[tuple[Package, Mapping[str, bytes]]]) -> bytes:
    """Write down which files of which version we ship.

    Parameters
    ----------
    made : sequence of (Package, files)
        Content by name in ``maps/assets``.

    Returns
    -------
    bytes
        JSON: a list of ``file, package, version, licence, sha256``, by file name.
    """
    rows = [
        {
            "file": name,
            "package": package.name,
            "version": package.version,
            "licence": package.licence,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for package, files in made
        for name, content in files.items()
    ]
    text = json.dumps(sorted(rows, key=lambda row: row["file"]), indent=2)
    return f"{text}\n".encode()


def fetch(package: Package) -> bytes:
    """Let npm pack one package.

    Parameters
    ----------
    package : Package
        What is wanted.

    Returns
    -------
    bytes
        The archive. npm's own error message goes to the terminal.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{package.name}@{package.version}", "--silent"]
        name = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout  # noqa: S603 (fixed words)
        return (Path(folder) / name.split()[-1]).read_bytes()


def main() -> None:
    """Fetch all packages and write their files and the lock."""
    made = [(package, pick(package, fetch(package))) for package in PACKAGES]
    for _, files in made:
        for name, content in files.items():
            (ASSETS / name).write_bytes(content)
    LOCK.write_bytes(lock(made))
    sys.stdout.write(f"{LOCK.read_text()}")


if __name__ == "__main__":
    main()
