"""GCJ-02 and BD-09: known places, there and back, and nothing outside of China."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import geodesic_steps
from geo.datum import FORWARD, Shifted, bd09_from_gcj02, gcj02_from_wgs84, wgs84_from

inside = st.tuples(st.floats(73.5, 134.7), st.floats(18.2, 53.5))
DATUMS = ("gcj02", "bd09")


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [  # published with eviltransform's own tests
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_known_places(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    lon, lat = gcj02_from_wgs84([wgs84[0]], [wgs84[1]])
    assert (lon[0], lat[0]) == pytest.approx(gcj02, abs=1e-12)


def test_a_known_place_in_bd09() -> None:
    lon, lat = bd09_from_gcj02([116.404], [39.915])
    assert (lon[0], lat[0]) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)


@given(st.sampled_from(DATUMS), st.lists(inside, min_size=1, max_size=20))
def test_there_and_back_is_within_a_millimetre(datum: Shifted, places: list[tuple[float, float]]) -> None:
    lon, lat = np.array(places).T
    back = np.column_stack(wgs84_from(datum, *FORWARD[datum](lon, lat)))
    assert geodesic_steps(np.column_stack((lon, lat)), back).max() < 0.001


@given(inside)
def test_the_shift_is_some_hundred_metres_and_alike_nearby(place: tuple[float, float]) -> None:
    lon, lat = np.array([place[0], place[0] + 0.001]), np.array([place[1], place[1]])
    shifted = np.column_stack(gcj02_from_wgs84(lon, lat))
    moved = geodesic_steps(np.column_stack((lon, lat)), shifted)
    assert 10.0 < moved[0] < 1000.0
    assert abs(moved[0] - moved[1]) < 2.0


def test_outside_of_china_and_missing_places_stay() -> None:
    lon, lat = gcj02_from_wgs84([-51.2, np.nan, 24.9], [-30.0, np.nan, 60.2])
    assert (lon[0], lat[0], lon[2], lat[2]) == (-51.2, -30.0, 24.9, 60.2)
    assert np.isnan(lon[1])
    back = wgs84_from("gcj02", [-51.2, np.nan], [-30.0, np.nan])
    assert back[0][0] == -51.2
    assert np.isnan(back[1][1])
