"""Writing the samples' files the same way every time: fixed column order, rounded lon/lat, a fixed date."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

BOUNDARIES = Path(__file__).resolve().parents[1] / "boundaries"


def lonlat(frame: gpd.GeoDataFrame, *, decimals: int = 8) -> gpd.GeoDataFrame:
    """Turn a table into EPSG:4326 with coordinates rounded to about a millimetre.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Any declared CRS.
    decimals : int
        Decimals of a degree; 8 is 1.1 mm.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows; a point shared by two rows stays shared, since equal numbers round alike.
    """
    out = frame.to_crs("EPSG:4326")
    rounded = shapely.transform(out.geometry.to_numpy(), lambda xy: np.round(xy, decimals))
    return out.set_geometry(gpd.GeoSeries(rounded, index=out.index, crs="EPSG:4326"))


def write_gpkg(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    """Write one layer of a GeoPackage, stamped with a fixed date.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Rows to write.
    path : Path
        The GeoPackage; the layer is added when the file exists.
    layer : str
        Layer name.
    """
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-11-20T00:00:00.000Z"})
    pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG", append=False)


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write (Geo)Parquet, compressed.

    Parameters
    ----------
    frame : pandas.DataFrame
        With or without geometry.
    path : Path
        File to write.
    """
    frame.to_parquet(path, index=False, compression="zstd")


def write_xlsx(frame: pd.DataFrame, path: Path, sheet: str) -> None:
    """Write one sheet; every cell keeps its type, ids are text.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows to write, missing values as empty cells.
    path : Path
        File to write.
    sheet : str
        Name of the sheet.
    """
    book = BytesIO()
    with pd.ExcelWriter(book, engine="openpyxl") as writer:
        frame.to_excel(writer, sheet_name=sheet, index=False)
    with ZipFile(book) as parts:
        files = {name: parts.read(name) for name in parts.namelist()}
    core = "docProps/core.xml"  # says when the book was saved
    files[core] = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z?", b"2026-11-20T00:00:00Z", files[core])
    write_zip(path, files)


def write_zip(path: Path, files: dict[str, bytes]) -> None:
    """Pack files with a fixed date, so that the same content gives the same archive.

    Parameters
    ----------
    path : Path
        The ``.zip`` to write.
    files : dict of str to bytes
        Contents by name.
    """
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = ZipInfo(name, (2026, 11, 20, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, content)


def write_shapefile(frame: gpd.GeoDataFrame, path: Path, name: str) -> None:
    """Write a zipped shapefile with a GBK table; every part carries a fixed date.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Headings of at most 10 bytes in GBK.
    path : Path
        The ``.zip`` to write.
    name : str
        Name of the files inside.
    """
    with TemporaryDirectory() as folder:
        part = Path(folder) / f"{name}.shp"
        pyogrio.write_dataframe(
            frame,
            part,
            driver="ESRI Shapefile",
            encoding="GBK",
            layer_options={"DBF_DATE_LAST_UPDATE": "2026-11-20"},
        )
        write_zip(path, {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())})


def toml_value(value: Any) -> str:
    """Write a Python value as TOML.

    Parameters
    ----------
    value : str, bool, int, float or list
        What to write.

    Returns
    -------
    str
        TOML text.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    return str(value)


def write_toml(path: Path, opening: str, sections: list[tuple[str, dict[str, Any]]]) -> None:
    """Write sections as TOML.

    Parameters
    ----------
    path : Path
        File to write.
    opening : str
        Comment lines that open the file.
    sections : list of (header, values)
        ``header`` as it stands in the file, for example ``[[fault]]``.
    """
    lines = [f"# {line}".rstrip() for line in opening.strip().splitlines()]
    for header, values in sections:
        lines += ["", header, *(f"{key} = {toml_value(value)}" for key, value in values.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
