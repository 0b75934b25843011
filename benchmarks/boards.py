"""Boards in a real browser, beside stock folium: made, opened, zoomed.

Run: ``python benchmarks/boards.py WORK [FOLDER …]``; needs Chromium. WORK keeps the synthetic workspaces and
their builds between runs. Without folders: the sample ``saihan``, 10,000 grids that a page holds, and 100,000 that
come as tiles. For each: seconds to make the page, its bytes, milliseconds from the request until it is ready (the
script has run and two frames were painted), the JavaScript heap after a collection, and the median milliseconds of
a step of zoom: until everything of it is painted, and, of tiles, until all have come. CPU is that of the page's
main thread, which a busy machine blurs less.

Stock folium draws the same grids in the same colours as its documentation does it: ``folium.GeoJson`` with a
``style_function`` and a ``GeoJsonTooltip``. The files that it asks four foreign servers for are taken from our
vendored copies or left empty, without which nothing would be shown; it is given up after :data:`PATIENCE_S`.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import uvicorn
from playwright.sync_api import Browser, CDPSession, Error, Page, Route, sync_playwright

from api.app import create_app
from api.publishing import STAMP, board_file, stamp_of
from api.settings import Settings
from county import write
from geo.service import build as build_layers
from geo.service import open_build
from geo.workspace import open_workspace
from maps import legend, offline
from maps.page import render
from measure import machine, table

PATIENCE_S = 120
SETTLED_MS = 1000
STEPS = (1, 1, -1, -1, 1, -1)
SIZES = {"10,000": (10_300, 1), "100,000": (100_000, 4)}  # grids, and vertices within each of their edges
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-precise-memory-info")
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
ZOOMED = """async ([map, step]) => {
  const start = performance.now();
  const board = map === 'map_board' ? gridwalk.running.map : window[map];
  const coming = () => board.getContainer().dataset.tiles === 'loading';
  board.setZoom(board.getZoom() + step, {animate: false});
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const painted = performance.now() - start;
  while (coming()) await new Promise((done) => setTimeout(done, 5));
  return [painted, performance.now() - start];
}"""


@dataclass(frozen=True)
class Measured:
    """One page: how it was made and how it behaves."""

    made_s: float
    size: int
    ready_ms: float
    ready_cpu_ms: float
    heap_mb: float
    step_ms: float
    step_cpu_ms: float
    whole_ms: float

    def cells(self) -> list[str]:
        """As a line of the table."""
        return [
            f"{self.made_s:.2f}",
            f"{self.size / 1e6:.2f}",
            f"{self.ready_ms:,.0f}",
            f"{self.ready_cpu_ms:,.0f}",
            f"{self.heap_mb:.1f}",
            f"{self.step_ms:,.0f}",
            f"{self.step_cpu_ms:,.0f}",
            f"{self.whole_ms:,.0f}",
        ]


def opened(folder: Path) -> Any:
    """Open a build, made if it is not."""
    workspace = open_workspace(folder)
    return open_build(workspace) or build_layers(workspace)


@contextmanager
def serving(made: Any) -> Iterator[str]:
    """Serve a build in a thread of this process."""
    # named TCP, as a server binds it itself: else each answer waits for the acknowledgement of its headers
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(create_app(Settings(), [made]), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/{made.workspace.id}/boards/planner"
        finally:
            server.should_exit = True
            thread.join(30)


def stock(made: Any, id: str) -> str:
    """The same areas by folium, as its documentation shows it."""
    layer = next(one for one in made.layers() if one.id == id)
    frame = made.frame(id)[[layer.key, "name", layer.measure, "geometry"]]
    key, classes = legend.classify(layer, frame, made.workspace.parameters)
    colours = dict(
        zip(
            frame[layer.key],
            ((key.classes[at].fills[-1] if at >= 0 else "#b4b0aa") for at in classes),
            strict=True,
        )
    )
    west, south, east, north = frame.total_bounds
    ground = folium.Map(location=[(south + north) / 2, (west + east) / 2], tiles=None)
    folium.GeoJson(
        frame.to_json(),
        style_function=lambda feature: {
            "fillColor": colours[feature["properties"][layer.key]],
            "color": "#1b2530",
            "weight": 0.6,
            "fillOpacity": 0.8,
        },
        tooltip=folium.GeoJsonTooltip(fields=["name", layer.measure]),
    ).add_to(ground)
    ground.fit_bounds([[south, west], [north, east]])
    return str(ground.get_root().render())


def intercepted(route: Route) -> None:
    """Give a page of stock folium what it asks foreign servers for."""
    url = route.request.url
    if url.startswith(("file:", "http://127.0.0.1")):
        route.continue_()
    elif "leaflet" in url and url.endswith(("leaflet.js", "leaflet.css")):
        route.fulfill(body=offline.assets()["leaflet" if url.endswith(".js") else "leaflet_css"].content)
    else:
        route.fulfill(body="")


class Watched:
    """A page and the processor time of its main thread."""

    def __init__(self, browser: Browser, *, ours: bool) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1440, "height": 900})
        self.page.set_default_timeout(PATIENCE_S * 1000)
        if not ours:  # ours asks nobody, and each request that is looked at takes longer
            self.page.route("**/*", intercepted)
        self.session: CDPSession = self.page.context.new_cdp_session(self.page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def cpu_ms(self) -> float:
        """Of all tasks so far."""
        metrics = {one["name"]: one["value"] for one in self.session.send("Performance.getMetrics")["metrics"]}
        return 1000 * float(metrics["TaskDuration"])

    def heap_mb(self) -> float:
        """JavaScript heap after a collection."""
        self.session.send("HeapProfiler.collectGarbage")
        return float(self.page.evaluate("performance.memory.usedJSHeapSize")) / 1e6


def measured(browser: Browser, url: str, made_s: float, size: int, *, ours: bool) -> Measured:
    """Open a page, wait until it is painted, and zoom."""
    watched = Watched(browser, ours=ours)
    page = watched.page
    start = time.perf_counter()
    page.goto(url, wait_until="load")
    if ours:
        page.wait_for_selector("body[data-ready]")
    page.evaluate(PAINTED)
    ready_ms = 1000 * (time.perf_counter() - start)
    ready_cpu_ms, heap_mb = watched.cpu_ms(), watched.heap_mb()
    name = (
        "map_board" if ours else page.evaluate("Object.keys(window).find((key) => /^map_[0-9a-f]{32}$/.test(key))")
    )
    page.wait_for_timeout(SETTLED_MS)  # stock folium moves to its bounds, and a map that moves does not zoom
    steps, cpus = [], []
    for step in STEPS:
        before = watched.cpu_ms()
        steps.append(page.evaluate(ZOOMED, [name, step]))
        cpus.append(watched.cpu_ms() - before)
    page.context.close() if ours else page.close()
    painted, whole = zip(*steps, strict=True)
    return Measured(
        *(made_s, size, ready_ms, ready_cpu_ms, heap_mb),
        *(statistics.median(painted), statistics.median(cpus), statistics.median(whole)),
    )


def ours_of(browser: Browser, made: Any) -> list[str]:
    """A line for our board, as it is served."""
    start = time.perf_counter()
    html = render(made, "planner", form="served")
    made_s = time.perf_counter() - start
    path = board_file(made, "planner", "served")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")
    board_file(made, "planner", "file").touch()
    (made.out / "boards" / STAMP).write_bytes(stamp_of(made))
    with serving(made) as url:
        return measured(browser, url, made_s, len(html.encode()), ours=True).cells()


def stock_of(browser: Browser, made: Any, id: str) -> list[str]:
    """A line for stock folium, made in a process of its own; given up when it takes too long."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.html"
        command = [sys.executable, __file__, "--stock", str(made.workspace.root), id, str(path)]
        try:
            said = subprocess.run(command, check=True, timeout=PATIENCE_S, capture_output=True, text=True)
        except subprocess.TimeoutExpired:
            return [f"over {PATIENCE_S}", *["-"] * 7]
        made_s, size = float(said.stdout), path.stat().st_size
        try:
            return measured(browser, path.as_uri(), made_s, size, ours=False).cells()
        except Error:
            return [f"{made_s:.2f}", f"{size / 1e6:.2f}", f"over {PATIENCE_S * 1000:,}", *["-"] * 5]


def make_stock(folder: str, id: str, path: str) -> None:
    """Write stock folium's page and say how many seconds it took."""
    made = open_build(open_workspace(Path(folder)))
    start = time.perf_counter()
    Path(path).write_text(stock(made, id), encoding="utf-8")
    sys.stdout.write(f"{time.perf_counter() - start}\n")


def folders(work: Path) -> dict[str, Path]:
    """The workspaces to open, made where they are missing."""
    made = {"saihan": work / "saihan"}
    if not made["saihan"].is_dir():
        command = [Path(sys.executable).with_name("gridwalk"), "demo", "saihan", made["saihan"]]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for name, (grids, inner) in SIZES.items():
        made[f"{name} grids"] = work / f"county{grids}"
        if not made[f"{name} grids"].is_dir():
            write(made[f"{name} grids"], grids, inner=inner)
    return made


def main() -> None:
    """Print one table: each workspace, ours and stock folium."""
    if sys.argv[1] == "--stock":
        make_stock(*sys.argv[2:])
        return
    work, *given = map(Path, sys.argv[1:])
    wanted = {path.name: path for path in given} or folders(work)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    head = ["", "made s", "MB", "ready ms", "CPU ms", "heap MB", "step ms", "CPU ms", "all tiles ms"]
    rows = []
    with sync_playwright() as playwright:
        for name, path in wanted.items():
            made = opened(path)
            id = "grid-walk" if any(layer.id == "grid-walk" for layer in made.layers()) else "grid-staffing"
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            rows.append([f"{name}: gridwalk", *ours_of(browser, made)])
            rows.append([f"{name}: stock folium ({id})", *stock_of(browser, made, id)])
            browser.close()
    print(f"{machine('folium', 'playwright')}\n\n{table(head, rows)}")


if __name__ == "__main__":
    main()
