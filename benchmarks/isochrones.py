"""15-minute catchments of stations on an OpenStreetMap extract, beside Valhalla's pedestrian isochrones.

Run: ``python benchmarks/isochrones.py EXTRACT.osm.pbf POINTS.parquet``, files as for `coverage_job.py`. pyvalhalla
brings the program that builds its tiles from version 3.6 on, whose wheels need Python 3.12; with an older one this
says so and ends.

Both start from the same file, at 4.8 km/h, from the same points, but their question is not the same: Valhalla has
its own walking rules and penalties, and traces a contour on a coarse raster; so their shapes are compared, not
expected to be equal. Reading the file and building tiles or network is printed apart.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from coverage_job import workspace_of
from geo import catalogue
from geo.engine.local import Engine
from geo.service import store_of
from geo.stations.serving import service_of
from geo.walk.catchment import catchment_bands
from geo.walk.reach import catchments
from geo.walk.snap import Snapped
from geo.workspace import open_workspace
from measure import installed, interleaved, machine, once, seconds, table

MINUTES, SPEED_KMH = 15.0, 4.8


def main() -> None:
    """Print how long each takes for a catchment, and how far the shapes agree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("extract", type=Path)
    parser.add_argument("points", type=Path)
    parser.add_argument("--stations", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    if not installed("pyvalhalla"):
        sys.exit("pyvalhalla is not installed")
    import valhalla

    programs = getattr(valhalla, "PYVALHALLA_DIR", Path("nowhere")) / "bin"
    if not (programs / "valhalla_build_tiles").exists():
        sys.exit("this pyvalhalla cannot build tiles: 3.6 or later is needed, and Python 3.12 for it")
    print(machine("pyvalhalla", "shapely"))
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        workspace_of(folder / "ours", asked.extract, asked.points)
        (service, at), our_build, _ = once(lambda: _network(folder / "ours", asked.stations))
        actor, their_build, _ = once(lambda: _actor(valhalla, programs, folder, asked.extract))
        points = shapely.points(np.column_stack([at.x, at.y]))
        lonlat = shapely.get_coordinates(service.network.frame.lonlat(points))

        def ours() -> Any:
            found = catchments(service.network, at, limit_s=MINUTES * 60, speed_kmh=SPEED_KMH)
            return catchment_bands(service.network, at, found, [MINUTES * 60])[:, 0]

        jobs: dict[str, Callable[[], Any]] = {
            "gridwalk": ours,
            "valhalla": lambda: [_isochrone(actor, *point) for point in lonlat.tolist()],
        }
        mine, theirs = (job() for job in jobs.values())
        times = interleaved(jobs, repeats=asked.repeats, patience_s=120.0)
        their_shapes = service.network.frame.metres(np.array([_shape(made) for made in theirs], dtype=object))
    common = shapely.area(shapely.intersection(mine, their_shapes))
    areas = [shapely.area(mine), shapely.area(their_shapes)]
    rows = [
        [
            name,
            seconds(times[name].median / len(lonlat)),
            f"{times[name].median / times['gridwalk'].median:,.1f}",
            f"{np.median(area) / 1e6:.3f}",
            f"{np.median(common / area):.0%}",
            seconds(build),
        ]
        for name, area, build in zip(jobs, areas, (our_build, their_build), strict=True)
    ]
    print(f"\n{len(lonlat)} stations, {len(times['gridwalk'].wall)} rounds\n")
    head = ["", "a catchment", "ratio", "km², median", "of it in the other's", "from the file to here"]
    print(table(head, rows))


def _network(folder: Path, stations: int) -> tuple[Any, Snapped]:
    """Read the extract, make the network, snap; keep evenly drawn stations, on the streets."""
    workspace = open_workspace(folder)
    engine = Engine(workspace, workspace.parameters, store_of(folder / "out"))
    engine.read_for([catalogue.layer("station-catchments")])
    service = service_of(engine.inputs(catalogue.layer("station-catchments")), engine.parameters)
    placed = np.flatnonzero((service.at.edge >= 0) & (service.at.component == 0))
    some = placed[np.linspace(0, len(placed) - 1, stations).astype(int)]
    return service, Snapped(*(getattr(service.at, name)[some] for name in Snapped.__dataclass_fields__))


def _actor(valhalla: Any, programs: Path, folder: Path, extract: Path) -> Any:
    """Build Valhalla's tiles from the extract, without borders or time zones, which walking does not need."""
    (folder / "tiles").mkdir()
    config = valhalla.get_config(tile_dir=folder / "tiles", tile_extract="")
    config["mjolnir"].update(admin="", timezone="")
    (folder / "valhalla.json").write_text(json.dumps(config), encoding="utf-8")
    build = [programs / "valhalla_build_tiles", "-c", folder / "valhalla.json", extract]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return valhalla.Actor(config)


def _isochrone(actor: Any, lon: float, lat: float) -> Any:
    return actor.isochrone(
        {
            "locations": [{"lon": lon, "lat": lat}],
            "costing": "pedestrian",
            "costing_options": {"pedestrian": {"walking_speed": SPEED_KMH}},
            "contours": [{"time": MINUTES}],
            "polygons": True,
            "reverse": True,
        }
    )


def _shape(made: Any) -> Any:
    return shapely.make_valid(shapely.from_geojson(json.dumps(made["features"][0]["geometry"])))


if __name__ == "__main__":
    main()
