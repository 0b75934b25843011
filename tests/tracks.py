"""Border lines, and walks along and beside them as a receiver would have recorded them; the truth is known.

Everything is drawn in metres around one place on the steppe and turned into degrees; the same seed gives the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.border.chainage import Chainage, chainage_of
from geo.crs import Floats, frame_at, geodesic_steps
from geo.tables.conform import conform

HOME = frame_at(112.0, 43.5)
START = pd.Timestamp("2026-06-01T00:00:00Z")
NOISE_M = 5.0  # on each axis, an ordinary receiver under open sky
DRIFT_S = 20.0  # errors of a receiver are alike for so long
Stretches = list[tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Walk:
    """Fixes of one patrol: degrees, shape (n, 2), seconds since :data:`START`, shape (n,), and what is true.

    ``true_m`` is where on the line each fix was taken, NaN where the walker was not on it; ``truth`` the stretches
    that he walked and a receiver could have seen.
    """

    lonlat: Floats
    seconds: Floats
    true_m: Floats
    truth: Stretches
    mode: str = "foot"

    @property
    def true_length_m(self) -> float:
        """Length of the true stretches, which do not overlap."""
        return float(sum(end - start for start, end in self.truth))

    def rows(self, which: Any) -> Walk:
        """Keep some of the fixes."""
        return replace(self, lonlat=self.lonlat[which], seconds=self.seconds[which], true_m=self.true_m[which])

    def then(self, other: Walk, *, pause_s: float = 0.0) -> Walk:
        """Let another walk follow, so much later."""
        later = self.seconds[-1] + pause_s + other.seconds
        return Walk(
            np.concatenate([self.lonlat, other.lonlat]),
            np.concatenate([self.seconds, later]),
            np.concatenate([self.true_m, other.true_m]),
            self.truth + other.truth,
            self.mode,
        )

    def backwards(self) -> Walk:
        """Walk the same fixes from the last to the first."""
        back = self.rows(slice(None, None, -1))
        return replace(back, seconds=self.seconds[0] + self.seconds[-1] - back.seconds)


def table(walks: dict[str, Walk]) -> gpd.GeoDataFrame:
    """Write walks, by patrol, as the ``tracks`` table."""
    counts = [len(walk.seconds) for walk in walks.values()]
    lonlat = np.concatenate([np.zeros((0, 2)), *(walk.lonlat for walk in walks.values())])
    seconds = np.concatenate([np.zeros(0), *(walk.seconds for walk in walks.values())])
    tracks = gpd.GeoDataFrame(
        {
            "patrol_id": np.repeat(np.array(list(walks), dtype=object), counts),
            "time": START + pd.to_timedelta(seconds, unit="s").round("us"),
            "sequence": np.concatenate([np.zeros(0, dtype=np.int64), *(np.arange(n) for n in counts)]),
        },
        geometry=shapely.points(lonlat),
        crs="EPSG:4326",
    )
    return conform("tracks", tracks)


# --- lines ------------------------------------------------------------------------------------------------------


def lonlat_of(xy: Any) -> Floats:
    """Turn metres east and north of home into degrees, shape (n, 2)."""
    return np.asarray(shapely.get_coordinates(HOME.lonlat(shapely.points(np.asarray(xy, dtype=float)))))


def line_of(*parts: Any) -> Chainage:
    """Measure a line of parts given in metres."""
    return chainage_of(np.array([shapely.LineString(lonlat_of(part)) for part in parts], dtype=object))


def headed(heading: Floats, step_m: float) -> Floats:
    """Go so many metres in each direction (radians from east), metres, shape (n + 1, 2)."""
    steps = step_m * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    return np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])


def wandering(
    length_m: float, *, seed: int, step_m: float = 25.0, bend: float = 0.6, turn_m: float = 300.0
) -> Floats:
    """A line as a survey draws it: its heading drifts about east by ``bend`` radians and forgets in ``turn_m``."""
    rng = np.random.default_rng(seed)
    kept = np.exp(-step_m / turn_m)
    heading = np.zeros(round(length_m / step_m))
    for at in range(1, len(heading)):
        heading[at] = kept * heading[at - 1] + bend * np.sqrt(1 - kept**2) * rng.normal()
    return headed(heading, step_m)


def meanders(length_m: float, *, wave_m: float, bend: float, step_m: float = 20.0) -> Floats:
    """A river's sine-generated curve (Langbein and Leopold 1966): 1/J0(bend) as long as its axis; 2 at 1.52.

    Necks are narrow above 2.0, and loops cross each other above 2.2.
    """
    along = (np.arange(round(length_m / step_m)) + 0.5) * step_m
    return headed(bend * np.cos(2 * np.pi * along / wave_m), step_m)


def switchbacks(legs: int, *, leg_m: float, apart_m: float) -> Floats:
    """Go to and fro, each leg so far from the last, joined by a straight turn."""
    ends = [[(0.0, at * apart_m), (leg_m, at * apart_m)][:: -1 if at % 2 else 1] for at in range(legs)]
    return np.array(ends, dtype=float).reshape(-1, 2)


def figure_eight(size_m: float, *, vertices: int = 200) -> Floats:
    """A line that crosses itself once in its middle."""
    turn = np.linspace(-0.5, 1.5, vertices) * np.pi
    return size_m * np.stack([np.cos(turn), np.sin(2 * turn) / 2], axis=1)


# --- ways -------------------------------------------------------------------------------------------------------


def stretch(line: Chainage, start_m: float, end_m: float) -> Floats:
    """Follow the line between two measures, either way round; degrees, shape (n, 2)."""
    piece = line.cut(np.array([min(start_m, end_m)]), np.array([max(start_m, end_m)]))
    lonlat = shapely.get_coordinates(piece)
    return np.asarray(lonlat if start_m < end_m else lonlat[::-1])


def beside(line: Chainage, start_m: float, end_m: float, *, off_m: float) -> Floats:
    """Follow the line so many metres to its left (to its right where negative), a road that keeps its distance."""
    measures = np.arange(start_m, end_m, 20.0)
    here, ahead = (line.point_at(np.minimum(measures + more, line.length_m)) for more in (-5.0, 5.0))
    east, north = (np.asarray(HOME.xy(*points.T)).T for points in (here, ahead))
    along = north - east
    left = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.hypot(*along.T)[:, None]
    return lonlat_of((east + north) / 2 + off_m * left)


def record(
    way: Floats,
    *,
    kmh: float = 4.0,
    every_s: float | tuple[float, float] = 10.0,
    noise_m: float = NOISE_M,
    drift_s: float = DRIFT_S,
    seed: int = 0,
    mode: str = "foot",
) -> Walk:
    """Go along a way (degrees) at an even pace and take a fix every so often, or after a time between two bounds.

    The last fix is taken at the end of the way. No fix is on any line until :func:`along` says so.
    """
    rng = np.random.default_rng(seed)
    gone = np.concatenate([[0.0], np.cumsum(geodesic_steps(way[:-1], way[1:]))])
    lasts = gone[-1] / (kmh / 3.6)
    low, high = every_s if isinstance(every_s, tuple) else (every_s, every_s)
    seconds = np.concatenate([[0.0], np.cumsum(rng.uniform(low, high, int(lasts / low) + 1))])
    seconds = np.append(seconds[seconds < lasts - 1.0], lasts)
    there = np.stack([np.interp(seconds / lasts * gone[-1], gone, way[:, axis]) for axis in (0, 1)], axis=1)
    east_north = np.asarray(HOME.xy(*there.T)).T + drifting(seconds, noise_m, drift_s, rng)
    return Walk(lonlat_of(east_north), seconds, np.full(len(seconds), np.nan), [], mode)


def along(line: Chainage, start_m: float, end_m: float, **how: Any) -> Walk:
    """Walk on the line from one measure to another, see :func:`record`."""
    walk = record(stretch(line, start_m, end_m), **how)
    share = walk.seconds / walk.seconds[-1]
    truth = [(min(start_m, end_m), max(start_m, end_m))]
    return replace(walk, true_m=start_m + share * (end_m - start_m), truth=truth)


def standing(lonlat: Floats, *, minutes: float, every_s: float, noise_m: float, seed: int) -> Walk:
    """Stay in one place while the receiver goes on recording."""
    seconds = np.arange(0.0, minutes * 60.0 + 1, every_s)
    around = drifting(seconds, noise_m, DRIFT_S, np.random.default_rng(seed))
    xy = np.asarray(HOME.xy(*lonlat.reshape(1, 2).T)).T + around
    return Walk(lonlat_of(xy), seconds, np.full(len(seconds), np.nan), [])


def drifting(seconds: Floats, noise_m: float, drift_s: float, rng: np.random.Generator) -> Floats:
    """A receiver's errors, metres, shape (n, 2): ``noise_m`` on each axis forgotten in ``drift_s``; 0: at once."""
    errors = rng.normal(0.0, noise_m, (len(seconds), 2))
    if drift_s:
        kept = np.exp(-np.diff(seconds) / drift_s)
        for at in range(1, len(errors)):
            errors[at] = kept[at - 1] * errors[at - 1] + np.sqrt(1 - kept[at - 1] ** 2) * errors[at]
    return errors


# --- the six that tell methods apart ----------------------------------------------------------------------------


def normal(seed: int) -> tuple[Chainage, Walk]:
    """Ten kilometres on foot along a border that bends."""
    line = line_of(wandering(12_000, seed=seed))
    return line, along(line, 1_000.0, 11_000.0, seed=seed)


def perpendicular(seed: int) -> tuple[Chainage, Walk]:
    """Straight across the border, a kilometre on either side; nothing was patrolled."""
    line = line_of(wandering(4_000, seed=seed))
    before, here, after = np.asarray(HOME.xy(*line.point_at(np.array([1_975.0, 2_000.0, 2_025.0])).T)).T
    east, north = (after - before) / np.hypot(*(after - before))
    across = np.array([-north, east])
    return line, record(lonlat_of([here - 1_000 * across, here + 1_000 * across]), seed=seed)


def shortcut(
    seed: int, *, wave_m: float = 2_000.0, kmh: float = 40.0, mode: str = "vehicle", every_s: float = 10.0
) -> tuple[Chainage, Walk]:
    """A straight road of 7 km crosses a border that meanders for 14 km; nothing was patrolled.

    Waves of 2 km swing 350 m to either side, those of 250 m stay within the tolerance all the way.
    """
    line = line_of(meanders(14_000, wave_m=wave_m, bend=1.5185, step_m=wave_m / 100))
    road = line.point_at(np.array([0.0, line.length_m]))
    return line, record(road, kmh=kmh, mode=mode, every_s=every_s, seed=seed)


def outage(seed: int) -> tuple[Chainage, Walk]:
    """Three kilometres, two hours without a fix and eight kilometres further three again: six were seen."""
    line = line_of(wandering(16_000, seed=seed))
    first = along(line, 500.0, 3_500.0, seed=seed)
    return line, first.then(along(line, 11_500.0, 14_500.0, seed=seed + 1), pause_s=7_200.0)


def sparse(seed: int) -> tuple[Chainage, Walk]:
    """Twelve kilometres with a fix every nine to ten minutes."""
    line = line_of(wandering(14_000, seed=seed))
    return line, along(line, 1_000.0, 13_000.0, every_s=(540.0, 600.0), seed=seed)


def stationary(seed: int) -> tuple[Chainage, Walk]:
    """Two hundred minutes at one marker, a fix every ten seconds, none of them in the right place."""
    line = line_of(wandering(4_000, seed=seed))
    marker = line.point_at(np.array([2_000.0]))
    return line, standing(marker, minutes=200.0, every_s=10.0, noise_m=10.0, seed=seed)


ADVERSARIAL: dict[str, Callable[[int], tuple[Chainage, Walk]]] = {
    "normal": normal,
    "perpendicular": perpendicular,
    "shortcut": shortcut,
    "outage": outage,
    "sparse": sparse,
    "stationary": stationary,
}


# --- what people do instead -------------------------------------------------------------------------------------


def buffered_m(line: Chainage, walk: Walk, *, tolerance_m: float = 50.0) -> float:
    """Metres of the line inside a buffer around the track: the method that is not to be used."""
    whole = shapely.MultiLineString([part for part in np.split(line.lonlat, line.offsets[1:-1]) if len(part) > 1])
    track = shapely.LineString(walk.lonlat) if len(walk.lonlat) > 1 else shapely.Point(walk.lonlat[0])
    return float(shapely.length(HOME.metres(whole).intersection(HOME.metres(track).buffer(tolerance_m))))


def nearest_m(line: Chainage, walk: Walk, *, tolerance_m: float = 50.0) -> float:
    """Metres of the line between the nearest places of neighbouring fixes, both within the tolerance."""
    measure, offset = line.locate(walk.lonlat)
    near = offset <= tolerance_m
    both = near[:-1] & near[1:]
    low, high = np.minimum(measure[:-1], measure[1:])[both], np.maximum(measure[:-1], measure[1:])[both]
    order = np.argsort(low)
    reached = np.maximum.accumulate(np.concatenate([[-np.inf], high[order]]))
    return float(np.maximum(high[order] - np.maximum(low[order], reached[:-1]), 0.0).sum())
