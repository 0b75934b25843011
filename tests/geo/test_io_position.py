"""What a file's coordinates mean, however it writes them; what is recognised is said."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from pyproj import Transformer
from shapely import Point

from geo.datum import FORWARD, Shifted
from geo.io.importer import Reading
from tests.reading import codes, collection, feature, manifest, read_here, read_one

LON, LAT = 111.7, 40.8
HEAD = "编号,类别,x,y\n"


def metres(code: int) -> tuple[float, float]:
    x, y = Transformer.from_crs(4490, code, always_xy=True).transform(LON, LAT)
    return float(x), float(y)


def station(folder: Path, x: object, y: object, more: str) -> Reading:
    return read_one(folder, "stations", f"{HEAD}a,warm,{x},{y}\n", more=f'lon = "x"\nlat = "y"\n{more}')


def place(reading: Reading) -> tuple[float, float]:
    assert codes(reading) == []
    point = reading.tables["stations"].geometry[0]
    return float(point.x), float(point.y)


@pytest.mark.parametrize("code", [4546, 4525, 4508, 4497, 32649, 3857, 2382])
def test_projected_columns(tmp_path: Path, code: int) -> None:
    if code == 2382:  # Xian 80 is only taken with parameters
        reading = station(tmp_path, *metres(4546), f'crs = "EPSG:{code}"\ntowgs84 = [0, 0, 0]')
        assert place(reading) == pytest.approx((LON, LAT), abs=1e-4)
    else:
        assert place(station(tmp_path, *metres(code), f'crs = "EPSG:{code}"')) == pytest.approx(
            (LON, LAT), abs=1e-9
        )


def test_northing_first_is_recognised(tmp_path: Path) -> None:
    x, y = metres(4546)
    reading = station(tmp_path, y, x, 'crs = "EPSG:4546"')
    assert place(reading) == pytest.approx((LON, LAT), abs=1e-9)
    assert codes(reading, "warning") == ["projected_swapped"]


@pytest.mark.parametrize(("written", "declared"), [(4525, 4546), (4546, 4525), (4497, 4508)])
def test_a_zone_number_in_front_of_the_easting(tmp_path: Path, written: int, declared: int) -> None:
    reading = station(tmp_path, *metres(written), f'crs = "EPSG:{declared}"')
    assert place(reading) == pytest.approx((LON, LAT), abs=1e-9)
    assert codes(reading, "warning") == ["zone_number"]


def test_a_zone_number_of_another_zone_is_an_error(tmp_path: Path) -> None:
    reading = station(tmp_path, *metres(4525), 'crs = "EPSG:4547"')
    assert codes(reading) == ["zone_conflict"]
    assert 'crs = "EPSG:4525"' in reading.faults[0].remedy("en")


@pytest.mark.parametrize(
    ("x", "y"), [("111°42′00″", "40°48′0″N"), ("E111°42'", "北纬40度48分"), ("111.7", "40°48.0′")]
)
def test_degrees_and_minutes(tmp_path: Path, x: str, y: str) -> None:
    reading = station(tmp_path, x, y, 'datum = "wgs84"')
    assert place(reading) == pytest.approx((LON, LAT), abs=1e-9)
    assert "degrees_minutes" in codes(reading, "info")


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_declared_shift_is_undone(tmp_path: Path, datum: Shifted) -> None:
    x, y = FORWARD[datum]([LON], [LAT])
    assert place(station(tmp_path, x[0], y[0], f'datum = "{datum}"')) == pytest.approx((LON, LAT), abs=1e-9)


def test_nothing_declared_is_an_error_with_the_line_to_write(tmp_path: Path) -> None:
    reading = station(tmp_path, LON, LAT, "")
    assert codes(reading) == ["crs_missing"]
    assert 'datum = "wgs84"' in reading.faults[0].remedy("zh")
    assert "gcj02" in reading.faults[0].remedy("en")


def test_degrees_under_a_metric_label(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"编号": ["a"], "类别": ["warm"]}, geometry=[Point(LON, LAT)], crs=3857).to_file(
        tmp_path / "s.gpkg"
    )
    reading = read_here(manifest(tmp_path, '[tables.stations]\nfile = "s.gpkg"\n'))
    assert place(reading) == (LON, LAT)
    assert codes(reading, "warning") == ["degrees_found"]


def test_metres_under_a_lonlat_label(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"编号": ["a"], "类别": ["warm"]}, geometry=[Point(*metres(4546))], crs=4326).to_file(
        tmp_path / "s.gpkg"
    )
    assert codes(read_here(manifest(tmp_path, '[tables.stations]\nfile = "s.gpkg"\n'))) == ["degrees_expected"]


def test_geojson_is_lonlat_unless_it_says_or_shows_otherwise(tmp_path: Path) -> None:
    x, y = metres(4546)
    lonlat = feature({"type": "Point", "coordinates": [LON, LAT]}, station_id="a", category="warm")
    projected = feature({"type": "Point", "coordinates": [x, y]}, station_id="a", category="warm")
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4546"}}
    assert place(read_one(tmp_path, "stations", collection(lonlat), "s.geojson")) == (LON, LAT)
    made = read_one(tmp_path, "stations", collection(projected, crs=named), "s.geojson")
    assert place(made) == pytest.approx((LON, LAT), abs=1e-9)
    assert codes(read_one(tmp_path, "stations", collection(projected), "s.geojson")) == ["crs_missing"]


@pytest.mark.parametrize("code", [4214, 4610, 2434, 2379, 4555])
def test_old_datums_are_refused_without_parameters(tmp_path: Path, code: int) -> None:
    x, y = (LON, LAT) if code in (4214, 4610, 4555) else metres(4546)
    assert codes(station(tmp_path, x, y, f'crs = "EPSG:{code}"')) == ["old_datum"]


def test_an_old_datum_with_parameters_moves_by_them(tmp_path: Path) -> None:
    """15.8, -154.4, -82.3 m (EPSG:1917, Bohai) move a place by more than a hundred metres."""
    reading = station(tmp_path, LON, LAT, 'crs = "EPSG:4214"\ntowgs84 = [15.8, -154.4, -82.3]')
    x, y = place(reading)
    expected = Transformer.from_crs(
        "+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3", 4326, always_xy=True
    ).transform(LON, LAT)
    assert (x, y) == pytest.approx(expected, abs=1e-9)
    assert np.hypot((x - LON) * 84_000, (y - LAT) * 111_000) > 30


def test_an_old_datum_with_an_accepted_error_says_so(tmp_path: Path) -> None:
    reading = station(tmp_path, LON, LAT, 'crs = "EPSG:4610"\naccuracy_m = 300')
    assert place(reading) == pytest.approx((LON, LAT), abs=0.003)
    assert codes(reading, "warning") == ["old_datum_accuracy"]
    assert codes(station(tmp_path, LON, LAT, 'crs = "EPSG:4610"\naccuracy_m = 5')) == ["old_datum_worse"]


@pytest.mark.parametrize("crs", ["EPSG:999999", "nonsense", "EPSG:5773", ""])
def test_an_unknown_system(tmp_path: Path, crs: str) -> None:
    expected = "crs_unknown" if crs else "crs_missing"
    assert codes(station(tmp_path, LON, LAT, f'crs = "{crs}"')) == [expected]


def test_a_patrol_line_beside_the_geometry_is_converted_too(tmp_path: Path) -> None:
    (x, y) = metres(4546)
    line, other = f"LINESTRING ({x} {y}, {x + 100} {y})", f"LINESTRING ({x} {y}, {x} {y + 50})"
    rows = f'segment_id,wkt,patrol_line\ns1,"{line}","{other}"\n'
    reading = read_one(tmp_path, "segments", rows, more='crs = "EPSG:4546"')
    assert codes(reading) == []
    walked = gpd.GeoSeries.from_wkb(reading.tables["segments"]["patrol_line"])[0]
    assert walked.coords[0] == pytest.approx((LON, LAT), abs=1e-9)
