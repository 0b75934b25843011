"""Measure `gridwalk build` on the samples as a user runs it: a fresh copy, then again with nothing changed.

Run: ``python benchmarks/build.py [NAME …]``. Prints wall seconds, CPU seconds and the peak memory of the largest
process. The first build of an installation also compiles the walking kernels (numba); it is shown apart.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GRIDWALK = Path(sys.executable).with_name("gridwalk")


def timed(*command: str | Path, **environment: str) -> tuple[float, float, float]:
    """Run a command and give wall seconds, CPU seconds and peak MiB of its largest process."""
    start = time.perf_counter()
    child = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{command}: exit {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Print one line for each sample and state."""
    names = sys.argv[1:] or ["saihan", "chayouzhong", "inner-mongolia", "porto-alegre"]
    print(f"{'sample':<16} {'state':<24} {'wall s':>8} {'CPU s':>8} {'peak MiB':>9}")
    with tempfile.TemporaryDirectory() as base:
        for name in names:
            folder, kernels = Path(base) / name, str(Path(base) / f"numba-{name}")
            subprocess.run([GRIDWALK, "demo", name, folder], check=True, stdout=subprocess.DEVNULL)
            for state in ("first, kernels compiled", "fresh copy", "nothing changed"):
                if state == "fresh copy":
                    shutil.rmtree(folder / "out")
                wall, cpu, peak = timed(GRIDWALK, "build", folder, NUMBA_CACHE_DIR=kernels)
                print(f"{name:<16} {state:<24} {wall:>8.1f} {cpu:>8.1f} {peak:>9.0f}")


if __name__ == "__main__":
    main()
