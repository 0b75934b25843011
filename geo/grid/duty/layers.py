"""What is asked about people and places beyond the grid."""

from __future__ import annotations

from geo.grid.duty import head_layers, rollup_layers, rule_layers
from geo.layer import Layer

LAYERS: tuple[Layer, ...] = (*rollup_layers.LAYERS, *head_layers.LAYERS, *rule_layers.LAYERS)
