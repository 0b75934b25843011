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


@dataclass(frozen=True, slots=True)
class Bundle:
    """Modules of several packages as one classic script: browsers of boards get no modules.

    Parameters
    ----------
    file : str
        Name in ``maps/assets``; the licence texts are beside it, ``<stem>.LICENSE.txt``.
    variable : str
        Global variable with what the script exports.
    entry : str
        What it exports, as a module.
    packages : tuple of Package
        What it is made from, all that is bundled; of each only the licence text is named under ``files``.
    """

    file: str
    variable: str
    entry: str
    packages: tuple[Package, ...]

    @property
    def licences(self) -> str:
        """Name of the file with the licence texts."""
        return f"{self.file.rpartition('.')[0]}.LICENSE.txt"


BUNDLER = ("esbuild", "0.25.12")
BUNDLES = (
    Bundle(
        "vector-tile.js",
        "vectorTile",
        'export { VectorTile } from "@mapbox/vector-tile"; export { PbfReader } from "pbf";',
        (
            Package("@mapbox/vector-tile", "3.0.0", "BSD-3-Clause", {"LICENSE.txt": ""}),
            Package("@mapbox/point-geometry", "1.1.0", "ISC", {"LICENSE": ""}),
            Package("pbf", "5.1.2", "BSD-3-Clause", {"LICENSE": ""}),
        ),
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


def lock(
    made: Sequence[tuple[Package, Mapping[str, bytes]]],
    bundled: Sequence[tuple[Bundle, Mapping[str, bytes]]] = (),
) -> bytes:
    """Write down which files of which version we ship.

    Parameters
    ----------
    made : sequence of (Package, files)
        Content by name in ``maps/assets``.
    bundled : sequence of (Bundle, files)
        The same of bundles; package, version and licence name all parts, in their order.

    Returns
    -------
    bytes
        JSON: a list of ``file, package, version, licence, sha256``, by file name.
    """
    parts = [((package,), files) for package, files in made] + [(one.packages, files) for one, files in bundled]
    rows = [
        {
            "file": name,
            "package": ", ".join(one.name for one in packages),
            "version": ", ".join(one.version for one in packages),
            "licence": ", ".join(one.licence for one in packages),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for packages, files in parts
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


def bundle(one: Bundle) -> dict[str, bytes]:
    """Let npm fetch the packages of a bundle and esbuild put them together.

    Parameters
    ----------
    one : Bundle
        What is wanted.

    Returns
    -------
    dict of str to bytes
        The script and its licence texts, by name in ``maps/assets``. Their own error messages go to the terminal.
    """
    wanted = [f"{package.name}@{package.version}" for package in one.packages]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "entry.js").write_text(one.entry, encoding="utf-8")
        install = ["npm", "install", "--silent", "--no-save", *wanted, "@".join(BUNDLER)]
        subprocess.run(install, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (fixed words)
        command = ["node_modules/.bin/esbuild", "entry.js", "--bundle", "--minify", "--format=iife"]
        command += [f"--global-name={one.variable}", "--target=es2018", "--legal-comments=none"]
        script = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603 (fixed words)
        texts = [
            f"{package.name} {package.version}\n\n".encode()
            + (folder / "node_modules" / package.name / path).read_bytes()
            for package in one.packages
            for path in package.files
        ]
    return {one.file: script, one.licences: b"\n\n".join(texts)}


def main() -> None:
    """Fetch all packages and write their files and the lock."""
    made = [(package, pick(package, fetch(package))) for package in PACKAGES]
    bundled = [(one, bundle(one)) for one in BUNDLES]
    for _, files in [*made, *bundled]:
        for name, content in files.items():
            (ASSETS / name).write_bytes(content)
    LOCK.write_bytes(lock(made, bundled))
    sys.stdout.write(f"{LOCK.read_text()}")


if __name__ == "__main__":
    main()
