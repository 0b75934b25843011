"""Snapshots are whole or not there, whatever happens to whoever writes them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geo.engine.local import COMPUTES
from geo.store.files import Snapshots, digest, replace
from geo.store.frames import read_frame

WRITER = """
import sys, time
from pathlib import Path
from geo.store.files import Snapshots, replace
root = Path(sys.argv[1])
n = 0
while True:
    n += 1
    with Snapshots(root).new("layers/a", f"{n:04d}") as folder:
        (folder / "one").write_text("x" * 200_000)
        (folder / "two").write_text("y" * 200_000)
    replace(str(n).encode() * 50_000, root / "published")
"""


def test_a_snapshot_is_found_once_it_is_whole(tmp_path: Path) -> None:
    store = Snapshots(tmp_path)
    with store.new("layers/a", "k") as folder:
        (folder / "data").write_text("1")
        assert store.find("layers/a", "k") is None
    found = store.find("layers/a", "k")
    assert found is not None
    assert (found / "data").read_text() == "1"


def test_an_error_while_writing_leaves_nothing(tmp_path: Path) -> None:
    store = Snapshots(tmp_path)
    with pytest.raises(ZeroDivisionError), store.new("layers/a", "k") as folder:
        (folder / "data").write_text("half")
        raise ZeroDivisionError
    assert store.find("layers/a", "k") is None
    assert list((tmp_path / "layers" / "a").iterdir()) == []


def test_the_first_of_two_writers_wins(tmp_path: Path) -> None:
    store = Snapshots(tmp_path)
    with store.new("layers/a", "k") as slow:
        with store.new("layers/a", "k") as fast:
            (fast / "data").write_text("fast")
        (slow / "data").write_text("slow")
    assert (tmp_path / "layers" / "a" / "k" / "data").read_text() == "fast"


def test_keep_deletes_the_rest(tmp_path: Path) -> None:
    store = Snapshots(tmp_path)
    for key in ("k", "l"):
        with store.new("layers/a", key):
            pass
    store.keep({("layers/a", "l")})
    assert store.find("layers/a", "k") is None
    assert store.find("layers/a", "l") is not None


def test_digest_does_not_depend_on_order() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX")
def test_killed_writers_never_leave_half_a_result(tmp_path: Path) -> None:
    for life in range(4):
        root = tmp_path / str(life)
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(root)])
        while not (root / "published").exists():
            assert writer.poll() is None
            time.sleep(0.01)
        time.sleep(0.05 + 0.07 * life)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        whole = list((root / "layers" / "a").glob("[0-9]*"))
        assert whole
        assert all((f / "one").stat().st_size == (f / "two").stat().st_size == 200_000 for f in whole)
        published = (root / "published").read_bytes()
        number = published[: len(published) // 50_000]
        assert published == number * 50_000


def test_replace_puts_the_whole_file_in_place(tmp_path: Path) -> None:
    source = tmp_path / "given"
    source.write_bytes(b"new")
    target = tmp_path / "deep" / "target"
    replace(b"old", target)
    replace(source, target)
    assert target.read_bytes() == b"new"
    assert [path.name for path in target.parent.iterdir()] == ["target"]


def test_results_notice_changes_of_all_code_that_computes() -> None:
    """Whatever a layer imports is hashed: else a build would keep what older code made."""
    seen = "import sys, geo.catalogue; print(*{m.split('.')[1] for m in sys.modules if m.startswith('geo.')})"
    imported = set(
        subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True).stdout.split()
    )
    assert imported - {"catalogue", "words"} == {name.removesuffix(".py") for name in COMPUTES}


def test_a_frame_is_read_as_geopandas_reads_it(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {
            "id": ["a", "b", None],
            "count": pd.array([1, None, 3], dtype="Int64"),
            "share": [0.5, float("nan"), float("inf")],
            "open": pd.array([True, None, False], dtype="boolean"),
            "ids": [["x", "y"], [], None],
            "when": pd.to_datetime(["2026-11-20T08:00Z", None, "2026-11-21T08:00Z"]),
        },
        geometry=[shapely.Point(1, 2), None, shapely.box(0, 0, 1, 1)],
        crs="EPSG:4326",
    )
    for number, one in enumerate((frame, frame.iloc[:0], frame.iloc[1:2])):
        for boxes in (False, True):
            path = tmp_path / f"{number}{boxes}.parquet"
            one.to_parquet(path, compression="zstd", write_covering_bbox=boxes)
            read, expected = read_frame(path), gpd.read_parquet(path)
            assert_geodataframe_equal(read, expected)
            assert read.crs == expected.crs == "EPSG:4326"
            assert read.index.equals(expected.index)
