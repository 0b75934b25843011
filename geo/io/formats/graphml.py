"""Street graphs as GraphML, the way OSMnx writes them; read without building a graph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import numpy as np
import pandas as pd
import shapely
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from numpy.typing import NDArray

from geo.io.formats import Request
from geo.io.formats.osm import SURFACE_FACTORS, may_walk
from geo.io.limits import Limits
from geo.io.places import is_simple_wkt
from geo.io.raw import Raw, Unreadable

FIRST_OF_LIST = re.compile(r"^\[\s*'?([^',\]]*)")


def read_graphml(request: Request) -> Raw:
    """Read the walkable edges of a street graph.

    Parameters
    ----------
    request : Request
        The file and what is known about it.

    Returns
    -------
    Raw
        One row an edge, in the file's order; of two edges that are each other's reverse the first, since a
        one-way street for cars is none for people.
    """
    try:
        nodes, edges, crs = _parse(request)
    except (DefusedXmlException, ParseError, ValueError) as error:
        raise Unreadable("bad_xml", reason=str(error)[:200]) from None
    edges = [edge for edge in edges if may_walk({"highway": "road", **edge})]
    if not edges:
        raise Unreadable("no_ways")
    single = list(_one_way_each(edges))
    raw = Raw(frame=_frame(single), crs=crs)
    raw.geometry = _geometry(single, nodes, raw, request.limits)
    return raw


def _parse(request: Request) -> tuple[dict[str, tuple[float, float]], list[dict[str, str]], str]:
    names: dict[str, str] = {}
    nodes: dict[str, tuple[float, float]] = {}
    edges: list[dict[str, str]] = []
    crs = ""
    for _, element in iterparse(request.path, forbid_dtd=True):
        tag = element.tag.rpartition("}")[2]
        if tag == "key":
            names[element.get("id", "")] = element.get("attr.name", "")
        elif tag == "node":
            data = _data(element, names)
            if "x" in data and "y" in data:
                nodes[element.get("id", "")] = (float(data["x"]), float(data["y"]))
            element.clear()
        elif tag == "edge":
            edges.append({**_data(element, names), "u": element.get("source", ""), "v": element.get("target", "")})
            element.clear()
        elif tag == "graph":
            crs = _data(element, names).get("crs", "")
        if len(nodes) + len(edges) > request.limits.rows:
            raise Unreadable("too_many_rows", count=len(nodes) + len(edges), limit=request.limits.rows)
    return nodes, edges, crs


def _data(element: Element, names: dict[str, str]) -> dict[str, str]:
    return {
        names.get(child.get("key", ""), ""): _first(child.text or "")
        for child in element
        if child.tag.rpartition("}")[2] == "data"
    }


def _first(text: str) -> str:
    """Take the first of a list written as Python writes it: a simplified edge has several ways."""
    found = FIRST_OF_LIST.match(text)
    return found[1].strip() if found else text.strip()


def _one_way_each(edges: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    seen = set()
    for edge in edges:
        ends = (edge["u"], edge["v"])
        same = (*sorted(ends), edge.get("osmid", ""), _length(edge))
        if same not in seen:
            seen.add(same)
            yield edge


def _length(edge: dict[str, str]) -> str:
    try:
        return f"{float(edge['length']):.1f}"
    except (KeyError, ValueError):
        return ""


def _frame(edges: list[dict[str, str]]) -> pd.DataFrame:
    rows = [
        {
            "u": edge["u"],
            "v": edge["v"],
            "highway": edge.get("highway"),
            "layer": edge.get("layer"),
            "bridge": edge.get("bridge", "no") not in ("no", "False", ""),
            "tunnel": edge.get("tunnel", "no") not in ("no", "False", ""),
            "factor": SURFACE_FACTORS.get(edge.get("surface", ""), 1.0),
        }
        for edge in edges
    ]
    return pd.DataFrame(rows, dtype="object")


def _geometry(
    edges: list[dict[str, str]], nodes: dict[str, tuple[float, float]], raw: Raw, limits: Limits
) -> NDArray[Any]:
    """Take each edge's own line, else the straight one between its nodes."""
    texts: NDArray[Any] = np.empty(len(edges), dtype=object)
    for at, edge in enumerate(edges):
        if is_simple_wkt(edge.get("geometry")):
            texts[at] = edge["geometry"]
    made = np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=object)
    for lost in np.flatnonzero(shapely.is_missing(made)):
        ends = [nodes.get(edges[lost][end]) for end in ("u", "v")]
        if None in ends:
            raw.problems.append((int(lost), "edge_without_node", "geometry", {}))
        else:
            made[lost] = shapely.LineString(ends)
    total = int(shapely.get_num_coordinates(made).sum())
    if total > limits.vertices_file:
        raise Unreadable("file_too_many_vertices", count=total, limit=limits.vertices_file)
    return made
