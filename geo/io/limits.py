"""How much a foreign file may ask of this machine. A file beyond a limit is refused, never half read."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one import.

    Parameters
    ----------
    wall_s, cpu_s : float
        Time for one table, by the clock and of the processor, seconds.
    memory_bytes : int
        Address space of the child process.
    written_bytes : int
        Largest file that the child may write.
    file_bytes : int
        Largest file that is opened at all.
    expanded_bytes, ratio, entries : int
        Of an archive: size unpacked, how many times its packed size, files inside.
    rows, columns : int
        Of one file.
    vertices_feature, vertices_file : int
        Of one geometry and of one file, before GEOS sees them: ``is_valid`` on ten million vertices takes minutes.
    cell_characters : int
        Of one cell of text.
    """

    wall_s: float = 300.0
    cpu_s: float = 300.0
    memory_bytes: int = 6_144 * MIB
    written_bytes: int = 2_048 * MIB
    file_bytes: int = 2_048 * MIB
    expanded_bytes: int = 1_024 * MIB
    ratio: int = 100
    entries: int = 1_000
    rows: int = 5_000_000
    columns: int = 500
    vertices_feature: int = 1_000_000
    vertices_file: int = 20_000_000
    cell_characters: int = 32 * MIB
