"""The 168-hour curve of a sample's stations beside one coverage of the same homes, and beside 168 of them.

Run: ``python benchmarks/week.py [NAME] [--repeats N]``; NAME is a sample with people and stations (default saihan:
137 service centres, 24,000 homes). *One coverage* is the layer ``place-walk``; *the week* is ``place-hours`` and
``station-hours``, so homes are snapped once in each. *168 coverages* searches every hour for itself, only what is
open then, with homes snapped once for all; its people are compared with the curve's, hour by hour.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from geo import catalogue
from geo.engine.local import Engine
from geo.hours.week import WEEK_HOURS
from geo.io.samples import copy_sample
from geo.parameters import Parameters
from geo.stations.coverage import in_order
from geo.stations.homes import homes_of
from geo.stations.serving import judge_serving, service_of
from geo.stations.week import hour_id
from geo.store.files import Snapshots
from geo.walk.reach import sources_at
from geo.workspace import open_workspace
from measure import interleaved, machine, once, seconds, table

LIMIT = 3.0  # the week may cost no more than so many coverages


def main() -> None:
    """Measure, compare people hour by hour, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="saihan")
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base) / asked.name
        copy_sample(asked.name, folder)
        workspace = open_workspace(folder)
        engine = Engine(workspace, workspace.parameters, Snapshots(Path(base) / "store"))
        engine.read_all()
        inputs = {id: engine.inputs(catalogue.layer(id)) for id in ("place-walk", "place-hours")}
        inputs["station-hours"] = engine.inputs(catalogue.layer("station-hours"))  # everything compiled by now
        print(machine("opening-hours-py"))
        measure(inputs, workspace.parameters, asked.repeats)


def measure(inputs: dict[str, dict[str, Any]], parameters: Parameters, repeats: int) -> None:
    """Time the jobs and print them; stop where the curve is not what the hours say for themselves."""

    def one() -> Any:
        return catalogue.layer("place-walk").build(inputs["place-walk"], parameters)

    def week() -> Any:
        places = catalogue.layer("place-hours").build(inputs["place-hours"], parameters)
        given = {**inputs["station-hours"], "place-hours": places}
        return catalogue.layer("station-hours").build(given, parameters)

    timings = interleaved({"one coverage": one, "the week": week}, repeats=repeats, patience_s=600)
    people, wall, cpu = once(lambda: each_hour(inputs["place-hours"], parameters))
    curve = week()
    if not np.array_equal(people, curve["people_covered"].to_numpy()):
        raise SystemExit("the curve is not what its hours say")
    base = timings["one coverage"]
    rows = [
        (name, seconds(timing.median), seconds(timing.median_cpu), f"{timing.median / base.median:.2f}")
        for name, timing in timings.items()
    ]
    rows.append(("168 coverages, homes snapped once", seconds(wall), seconds(cpu), f"{wall / base.median:.1f}"))
    print(table(("job", "wall", "CPU", "coverages"), rows))
    print(
        f"{curve['open_set'].nunique()} sets of open stations; every hour's people equal those searched for alone"
    )
    if timings["the week"].median > LIMIT * base.median:
        raise SystemExit(f"more than {LIMIT:g} coverages")


def each_hour(tables: dict[str, Any], parameters: Parameters) -> Any:
    """People covered in each hour, each searched with the stations that are open then."""
    places = in_order(tables["place-walk"])
    people, speed = (places[name].to_numpy(dtype=float) for name in ("people", "speed_kmh"))
    service = service_of(tables, parameters)
    homes = homes_of(tables["population"], service, parameters, tables.get("units"))
    order = homes.rows["place_id"].reset_index().set_index("place_id")["index"][places["place_id"]].to_numpy()
    covered = np.zeros(WEEK_HOURS)
    for hour in range(WEEK_HOURS):
        then = parameters.model_copy(update={"at": f"{hour_id(hour)}:00"})
        open_ = service_of(tables, then, judge_serving(tables["stations"], then))
        for kmh in np.unique(speed):
            some = np.flatnonzero(speed == kmh)
            found = open_.at_speed(kmh).catchments()
            start, _ = sources_at(service.network, found, homes.at.rows(order[some]))
            covered[hour] += people[some][np.diff(start) > 0].sum()
    return covered


if __name__ == "__main__":
    main()
