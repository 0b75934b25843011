"""What was wrong with files when they were read, as a layer: one row a fault, with its place where it is known."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.errors import LayerUnavailable
from geo.layer import Field, Layer, Title
from geo.tables import TABLES
from geo.workspace import Source
from maps import words
from maps.problems.places import points_on
from maps.problems.sources import FAULTS

LEVELS = {"error": "fail", "warning": "warning", "info": "info"}
ROWS_OF = {  # where a row that a fault names can be found on the map, by table
    "divisions": "divisions",
    "grids": "grids",
    "stations": "stations",
    "posts": "posts",
    "segments": "border-segments",
    "markers": "markers",
}
SORTS = {  # the many codes of faults in few sorts; what is in none is about the file as a whole
    "ids": "code_length id_repeated id_rounded ids_mended codes_trimmed community_from_code personal_id",
    "cell": "bad_cell control_character end_before_start not_finite not_whole too_large too_small unknown_value "
    "time_without_zone rule_impossible target_type_from_heading fte_from_role sequence_partly",
    "missing": "half_a_place half_a_point interval_needs value_missing geometry_missing marker_nowhere "
    "stretch_half stretch_nowhere no_column no_place no_tracks no_ways row_unreadable too_many_cells",
    "shape": "bad_wkt geometry_empty geometry_invalid geometry_kind geometry_ring geometry_truncated "
    "geometry_type coordinate_not_finite too_many_vertices round_the_globe edge_without_node",
    "place": "bad_coordinate bad_towgs84 crs_and_datum crs_conflict crs_missing crs_unknown degrees_expected "
    "degrees_found degrees_minutes layer_shifted old_datum old_datum_accuracy old_datum_worse out_of_range "
    "projected_swapped shift_no_reference shift_unknown stretch_twice swapped zone_conflict zone_number",
    "reference": "reference_unknown",
    "settings": "bad_key bad_manifest manifest_form misplaced_key missing_key no_manifest rule_kind rule_role "
    "rule_unbreakable rule_without_table unknown_key unknown_table unknown_time_zone background_address "
    "background_file background_places background_source background_zooms",
    "private": "private_declared private_heading",
    "converted": "encoding_used gpx_ignored track_names_repeated tracks_shared visits_differ unknown_column",
}
SORT_OF = {code: sort for sort, codes in SORTS.items() for code in codes.split()}
REST = "form"


def sort_of(code: str) -> str:
    """Say of what sort a fault is.

    Parameters
    ----------
    code : str
        Of the fault.

    Returns
    -------
    str
        One of the keys of :data:`SORTS`, or ``form`` for what is wrong with the file as a whole.

    Examples
    --------
    >>> sort_of("geometry_invalid"), sort_of("broken_file")
    ('shape', 'form')
    """
    return SORT_OF.get(code, REST)


def layer() -> Layer:
    """Describe the faults as a layer.

    Returns
    -------
    Layer
        Points where a place is known; the build has no rows of it, :func:`frame` makes them.
    """
    return Layer(
        id=FAULTS,
        title=words.title("sheet.problem_faults_title"),
        description=words.title("sheet.problem_faults_meaning"),
        needs=(),
        fields=(
            Field("fault_id", "string", words.title("sheet.problem_fault_id")),
            *(Field(one, "string", _of(one)) for one in ("column", "code")),
            *(Field(key, "string", Title(id, id)) for key, id in _keys().items()),
        ),
        build=_never,
        draw="point",
        measure="severity",
    )


def _of(name: str) -> Title:
    return words.title("sheet.problem_field_column") if name == "column" else Title("代码", "Code")


def _never(_tables: Any, _parameters: Any) -> gpd.GeoDataFrame:
    raise LayerUnavailable(f"{FAULTS!r} is told by the report of a build, not made from tables")


def _keys() -> dict[str, str]:
    return {
        "division_id": "divisions",
        "grid_id": "grids",
        "station_id": "stations",
        "post_id": "posts",
        "segment_id": "border-segments",
        "marker_id": "markers",
    }


def frame(faults: Sequence[Mapping[str, Any]], ground: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Put faults into rows.

    Parameters
    ----------
    faults : sequence of mapping
        Records of the report.
    ground : mapping of str to geopandas.GeoDataFrame
        Rows of the layers in :data:`ROWS_OF` that the build has.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a fault in the order given, with a stable ``fault_id``, the id of the row of another layer that it
        is about (``grid_id`` and so on) where there is one, and a point: the place that the fault tells, else one
        on that row. What :func:`layer` does not name are plain columns: ``file table row severity sort``.
    """
    places = {id: _places(rows, key) for key, id in _keys().items() if (rows := ground.get(id)) is not None}
    keys = {id: key for key, id in _keys().items()}
    rows = []
    points: list[Any] = []
    for fault in faults:
        row = "" if fault["row"] is None else str(fault["row"])
        other = ROWS_OF.get(fault["table"], "")
        known = places.get(other, {})
        at = fault.get("at")
        points.append(shapely.Point(at) if at else known.get(row))
        told = {name: fault[name] or "" for name in ("file", "table", "column", "code")}
        about = {keys[other]: row} if row in known else {}
        rows.append({**told, "row": row, "sort": sort_of(fault["code"]), **about})
    columns = ["file", "table", "column", "code", "row", "sort"]
    geometry = np.array(points, dtype=object)
    made = gpd.GeoDataFrame(rows, columns=None if rows else columns, geometry=geometry, crs="EPSG:4326")
    made["severity"] = [LEVELS[fault["level"]] for fault in faults]
    made["fault_id"] = _ids(faults)
    return made.reindex(columns=[*dict.fromkeys([*made.columns, *_keys()])])


def heading(fault: Mapping[str, Any], sources: Sequence[Source]) -> Title | None:
    """Name the column of a fault as whoever opens the file finds it.

    Parameters
    ----------
    fault : mapping
        Record of the report.
    sources : sequence of Source
        Files of its table, as the workspace describes them.

    Returns
    -------
    Title or None
        The file's heading where the workspace says which it is; else our name, in Chinese with the usual heading
        before it. None for no column.
    """
    name, table = fault["column"], TABLES.get(fault["table"])
    if not name:
        return None
    source = next((one for one in sources if one.file == fault["file"]), None)
    if source and name == "geometry" and source.lon:
        return Title(f"{source.lon}、{source.lat}", f"{source.lon}, {source.lat}")
    if source and name in source.columns:
        return Title(source.columns[name], source.columns[name])
    if name == "geometry":
        return words.title("problems.geometry")
    usual = next((one.heading for one in table.columns if one.name == name), name) if table else name
    return Title(name if usual == name else f"{usual}（{name}）", name)


def _places(rows: gpd.GeoDataFrame, key: str) -> dict[str, Any]:
    return dict(zip(rows[key].astype(str), points_on(rows.geometry), strict=True))


def _ids(faults: Sequence[Mapping[str, Any]]) -> list[str]:
    """The same fault has the same name in every build; the second of two alike is told apart by a number."""
    seen: Counter[str] = Counter()
    made = []
    for fault in faults:
        text = (
            "|".join(str(fault[name]) for name in ("file", "table", "row", "column", "code"))
            + fault["problem"]["en"]
        )
        name = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
        seen[name] += 1
        made.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return made
