"""What every layer must do, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from geo import catalogue
from geo.engine.local import Engine
from geo.layer import Layer
from geo.parameters import Parameters
from geo.tables import TABLES
from geo.tables.conform import conform

LAYERS = pytest.mark.parametrize("layer", catalogue.LAYERS, ids=lambda layer: layer.id)
SampleOf = Callable[[Layer], Engine]
KEBAB = r"[a-z0-9]+(-[a-z0-9]+)*"
PANDAS_KINDS = {
    "string": ("O", "T"),
    "list": ("O",),
    "integer": ("i", "u"),
    "number": ("f", "i"),
    "boolean": ("b",),
    "date": ("M",),
    "date-time": ("M",),
}


class Spy:
    """Parameters that remember which of them were looked at."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name in Parameters.model_fields:
            self.seen.add(name)
        return getattr(self.parameters, name)


def nothing(layer: catalogue.Made) -> dict[str, Any]:
    """Every input of a layer, without a row."""
    given: dict[str, Any] = {}
    for name in (*layer.needs, *layer.optional):
        if name in TABLES:
            given[name] = conform(name, gpd.GeoDataFrame({"geometry": []}, crs="EPSG:4326"))
        else:
            needed = catalogue.made(name)
            given[name] = needed.build(nothing(needed), Parameters())
    return given


@LAYERS
def test_is_described_in_both_languages(layer: Layer) -> None:
    texts = [layer.title, layer.description, *(field.title for field in layer.fields)]
    texts += [title for field in layer.fields for title in field.values.values()]
    texts += [field.meaning for field in layer.fields if field.meaning]
    assert all(text.zh and text.en for text in texts)


@LAYERS
def test_names_only_what_exists(layer: Layer) -> None:
    ids = {other.id for other in catalogue.LAYERS} | {artifact.id for artifact in catalogue.ARTIFACTS}
    assert set(layer.needs) | set(layer.optional) <= ids | set(TABLES)
    assert set(layer.params) <= set(Parameters.model_fields)
    assert pd.Series([layer.id]).str.fullmatch(KEBAB).all()
    assert len({field.name for field in layer.fields}) == len(layer.fields)
    if layer.measure:
        measured = layer.field(layer.measure)
        assert layer.breaks is not None or measured.values or measured.kind == "boolean"
    if layer.breaks:
        breaks = layer.breaks(Parameters())
        assert list(breaks) == sorted(breaks)
        assert len(breaks) <= 4


@LAYERS
def test_nothing_in_gives_nothing_out(layer: Layer) -> None:
    tables = nothing(layer)
    made = layer.build(tables, Parameters())
    assert len(made) == 0
    assert list(made.columns) == [*(field.name for field in layer.fields), "geometry"]
    assert made.crs == "EPSG:4326"
    assert all(figure.value in (None, 0) for figure in layer.figures(made, Parameters()))


@LAYERS
def test_looks_only_at_the_parameters_it_names(layer: Layer, sample_of: SampleOf) -> None:
    engine = sample_of(layer)
    spy = Spy(engine.parameters)
    layer.build(engine.inputs(layer), spy)  # type: ignore[arg-type]  # a stand-in that records
    assert spy.seen <= set(layer.params)


@LAYERS
def test_gives_what_it_declares_on_real_ground(layer: Layer, sample_of: SampleOf) -> None:
    engine = sample_of(layer)
    frame = engine.frame(layer)
    assert len(frame), f"no sample says anything about {layer.id}"
    assert list(frame.columns) == [*(field.name for field in layer.fields), "geometry"]
    assert frame.crs == "EPSG:4326"
    assert frame[layer.key].is_unique
    assert frame[layer.key].notna().all()
    for field in layer.fields:
        assert frame[field.name].dtype.kind in PANDAS_KINDS[field.kind], (field.name, frame[field.name].dtype)
        if field.values:
            assert set(frame[field.name].dropna()) <= set(field.values), field.name
    figures = layer.figures(frame, engine.parameters)
    assert all(figure.id.startswith(f"{layer.id}.") for figure in figures)


@LAYERS
def test_leaves_its_inputs_alone_and_does_not_care_for_row_order(layer: Layer, sample_of: SampleOf) -> None:
    engine = sample_of(layer)
    inputs = engine.inputs(layer)
    before = {name: deepcopy(table) for name, table in inputs.items()}
    shuffled = {
        name: table.sample(frac=1, random_state=7) if isinstance(table, pd.DataFrame) else table
        for name, table in inputs.items()
    }
    made = layer.build(shuffled, engine.parameters)
    assert_frame_equal(pd.DataFrame(made), pd.DataFrame(engine.frame(layer)), check_dtype=False)
    for name, table in inputs.items():
        if isinstance(table, pd.DataFrame):
            assert_frame_equal(pd.DataFrame(table), pd.DataFrame(before[name]))
        else:
            arrays = before[name].arrays()
            assert all(np.array_equal(array, arrays[key]) for key, array in table.arrays().items())
