"""Street graphs as GraphML, the way OSMnx writes them; read without building a graph."""

from __future__ import annotations

import re
from collections import Counter
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
from geo.io.heights import HEIGHT_HEADINGS, read_heights
from geo.io.limits import Limits
from geo.io.places import is_simple_wkt
from geo.io.raw import Raw, Unreadable
from geo.walk.onfoot import Direction, direction_of, factor_of, is_there, may_walk

Edge = dict[str, str]
Nodes = dict[str, tuple[float, float, str]]  # x, y, and what the file says of the height
FLIPPED: dict[Direction, Direction] = {"both": "both", "forward": "backward", "backward": "forward"}
WAYS = "osmid"
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
        one-way street for cars is none for people. ``rise_m`` where both nodes have a height.
    """
    try:
        nodes, edges, crs = _parse(request)
    except (DefusedXmlException, ParseError, ValueError) as error:
        raise Unreadable("bad_xml", reason=str(error)[:200]) from None
    edges = [edge for edge in edges if may_walk({"highway": "road", **edge})]
    if not edges:
        raise Unreadable("no_ways")
    single = list(_one_way_each(edges))
    raw = Raw(frame=_frame(single, nodes), crs=crs)
    raw.geometry = _geometry(single, nodes, raw, request.limits)
    return raw


def _parse(request: Request) -> tuple[Nodes, list[Edge], str]:
    names: dict[str, str] = {}
    nodes: Nodes = {}
    edges: list[Edge] = []
    crs = ""
    for _, element in iterparse(request.path, forbid_dtd=True):
        tag = element.tag.rpartition("}")[2]
        if tag == "key":
            names[element.get("id", "")] = element.get("attr.name", "")
        elif tag == "node":
            data = _data(element, names)
            if "x" in data and "y" in data:
                height = next((data[name] for name in HEIGHT_HEADINGS if name in data), "")
                nodes[element.get("id", "")] = (float(data["x"]), float(data["y"]), height)
            element.clear()
        elif tag == "edge":
            ends = {"u": element.get("source", ""), "v": element.get("target", "")}
            edges.append({**_data(element, names), **ends})
            element.clear()
        elif tag == "graph":
            crs = _data(element, names).get("crs", "")
        if len(nodes) + len(edges) > request.limits.rows:
            raise Unreadable("too_many_rows", count=len(nodes) + len(edges), limit=request.limits.rows)
    return nodes, edges, crs


def _data(element: Element, names: dict[str, str]) -> Edge:
    given = {
        names.get(child.get("key", ""), ""): child.text or ""
        for child in element
        if child.tag.rpartition("}")[2] == "data"
    }
    data = {name: _first(text) for name, text in given.items()}
    if WAYS in given:
        data[WAYS] = " ".join(sorted(re.findall(r"\d+", given[WAYS])))  # a reverse lists them the other way round
    return data


def _first(text: str) -> str:
    """Take the first of a list written as Python writes it: a simplified edge has several ways."""
    found = FIRST_OF_LIST.match(text)
    return found[1].strip() if found else text.strip()


def _one_way_each(edges: list[Edge]) -> Iterator[Edge]:
    """Leave out reverses; parallel edges stay, since a street has as many as its busier direction."""
    seen: Counter[tuple[str, ...]] = Counter()
    kept: Counter[tuple[str, ...]] = Counter()
    for edge in edges:
        ends = (edge["u"], edge["v"])
        street = (*sorted(ends), edge.get(WAYS, ""), _length(edge))
        seen[*ends, *street] += 1
        if seen[*ends, *street] > kept[street] and not (edge["u"] == edge["v"] and kept[street]):
            kept[street] += 1
            yield edge


def _length(edge: Edge) -> str:
    try:
        return f"{float(edge['length']):.1f}"
    except (KeyError, ValueError):
        return ""


def _direction(edge: Edge) -> Direction:
    """Turn what the way says to the edge's own direction."""
    said = direction_of(edge)
    return FLIPPED[said] if edge.get("reversed") == "True" else said


def _frame(edges: list[Edge], nodes: Nodes) -> pd.DataFrame:
    rows = [
        {
            "u": edge["u"],
            "v": edge["v"],
            "highway": edge.get("highway"),
            "oneway_foot": _direction(edge),
            "layer": edge.get("layer"),
            "bridge": is_there(edge, "bridge"),
            "tunnel": is_there(edge, "tunnel"),
            "factor": factor_of(edge),
            "foot": "yes",
        }
        for edge in edges
    ]
    height = dict(zip(nodes, read_heights([said for _, _, said in nodes.values()]), strict=True))
    low, high = (np.array([height.get(edge[end], np.nan) for edge in edges]) for end in ("u", "v"))
    return pd.DataFrame(rows, dtype="object").assign(rise_m=high - low)


def _geometry(edges: list[Edge], nodes: Nodes, raw: Raw, limits: Limits) -> NDArray[Any]:
    """Take each edge's own line, else the straight one between its nodes."""
    texts: NDArray[Any] = np.empty(len(edges), dtype=object)
    for at, edge in enumerate(edges):
        if is_simple_wkt(edge.get("geometry")):
            texts[at] = edge["geometry"]
    made = np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=object)
    for lost in np.flatnonzero(shapely.is_missing(made)):
        ends = [edges[lost][end] for end in ("u", "v")]
        unknown = [end for end in ends if end not in nodes]
        if unknown:
            raw.problems.append((int(lost), "edge_without_node", "geometry", {"node": unknown[0][:60]}))
        else:
            made[lost] = shapely.LineString([nodes[end][:2] for end in ends])
    total = int(shapely.get_num_coordinates(made).sum())
    if total > limits.vertices_file:
        raise Unreadable("file_too_many_vertices", count=total, limit=limits.vertices_file)
    return made
