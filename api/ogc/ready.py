"""A collection as bytes that are ready to be sent, with an index of where and when its features are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from api.query import Box, Interval
from geo.layer import Field, Layer

Rows = NDArray[np.int64] | range
Encode = Callable[[gpd.GeoDataFrame, Layer], list[bytes]]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400_000_000
_NEVER = -(2**62)  # microseconds; before any date there is


def time_field(layer: Layer) -> Field | None:
    """Choose the field that ``datetime`` asks about.

    Parameters
    ----------
    layer : Layer
        The layer.

    Returns
    -------
    Field or None
        Its first date or date-time; None = its features have no time.
    """
    return next((field for field in layer.fields if field.kind in ("date", "date-time")), None)


class Ready:
    """The features of one collection, encoded once.

    Parameters
    ----------
    layer : Layer
        What they are.
    frame : geopandas.GeoDataFrame
        Its fields and geometry, EPSG:4326.
    encode : callable
        ``(frame, layer) -> GeoJSON bytes of each feature``.
    """

    def __init__(self, layer: Layer, frame: gpd.GeoDataFrame, encode: Encode) -> None:
        encoded = encode(frame, layer)
        sizes = np.fromiter((len(feature) + 1 for feature in encoded), np.int64, len(encoded))
        self.layer = layer
        self.count = len(encoded)
        self._bytes = b",".join(encoded)
        self._start = np.concatenate([[0], np.cumsum(sizes)])
        self._row = {str(id): row for row, id in enumerate(frame[layer.key])}
        geometry = np.asarray(frame.geometry.array)
        self._nowhere = np.flatnonzero(shapely.is_missing(geometry) | shapely.is_empty(geometry))
        self._bounds = shapely.bounds(geometry)
        self._tree = shapely.STRtree(geometry)
        self._times = _times(frame, time_field(layer))

    def rows(self, boxes: Sequence[Box] | None, interval: Interval | None) -> Rows:
        """Find the features somewhere and at some time.

        Parameters
        ----------
        boxes : sequence of Box or None
            West, south, east, north, degrees; those that touch any of them. None = everywhere.
        interval : Interval or None
            Those whose time meets it. None = always.

        Returns
        -------
        numpy.ndarray or range
            Rows, ascending. Features without geometry are in every box, features without time in every
            interval.
        """
        here = None if boxes is None else self._in(boxes)
        if interval is None or self._times is None:
            return range(self.count) if here is None else here
        first, last = self._times
        now = _missing(first)
        now |= (last >= _microseconds(interval.start, _NEVER)) & (first <= _microseconds(interval.end, -_NEVER))
        return np.flatnonzero(now) if here is None else here[now[here]]

    def page(self, rows: Rows) -> bytes:
        """Join features.

        Parameters
        ----------
        rows : numpy.ndarray or range
            Rows, ascending.

        Returns
        -------
        bytes
            GeoJSON features with commas between; empty for no rows.
        """
        if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
            return self._bytes[self._start[rows[0]] : self._start[rows[-1] + 1] - 1]
        return b",".join([self.feature(row) for row in rows])

    def feature(self, row: int) -> bytes:
        """Take one feature out.

        Parameters
        ----------
        row : int
            Its row.

        Returns
        -------
        bytes
            GeoJSON.
        """
        return self._bytes[self._start[row] : self._start[row + 1] - 1]

    def find(self, id: str) -> int | None:
        """Find a feature.

        Parameters
        ----------
        id : str
            Feature id.

        Returns
        -------
        int or None
            Its row; None = there is none.
        """
        return self._row.get(id)

    def time_extent(self) -> tuple[str, str] | None:
        """Tell when the features are.

        Returns
        -------
        tuple of str or None
            First and last moment, RFC 3339; None = none has a time.
        """
        if self._times is None or _missing(self._times[0]).all():
            return None
        known = ~_missing(self._times[0])
        first, last = int(self._times[0][known].min()), int(self._times[1][known].max())
        return _text(first), _text(last)

    def _in(self, boxes: Sequence[Box]) -> NDArray[np.int64]:
        found = [self._nowhere]
        for box in boxes:
            area = _area(box)
            near = self._tree.query(area)
            west, south, east, north = self._bounds[near].T
            inside = (west >= box[0]) & (south >= box[1]) & (east <= box[2]) & (north <= box[3])
            across = near[~inside]
            shapely.prepare(area)
            found += [near[inside], across[shapely.intersects(area, self._tree.geometries[across])]]
        return np.unique(np.concatenate(found)).astype(np.int64)


def _area(box: Box) -> shapely.Geometry:
    """Make a box a geometry; one without width or height is a line or a point, as such a polygon is invalid."""
    west, south, east, north = box
    if west < east and south < north:
        return shapely.box(*box)
    return shapely.Point(west, south) if box[:2] == box[2:] else shapely.LineString([box[:2], box[2:]])


def _times(frame: gpd.GeoDataFrame, field: Field | None) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    if field is None:
        return None
    moments = pd.to_datetime(frame[field.name], utc=True).astype("datetime64[us, UTC]")
    first = moments.to_numpy(dtype="datetime64[us]").astype(np.int64)
    length = _DAY - 1 if field.kind == "date" else 0
    return first, np.where(_missing(first), first, first + length)


def _missing(moments: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray(moments == np.iinfo(np.int64).min)


def _microseconds(moment: datetime | None, otherwise: int) -> int:
    return otherwise if moment is None else (moment - _EPOCH) // _MICROSECOND


def _text(microseconds: int) -> str:
    return (_EPOCH + microseconds * _MICROSECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")
