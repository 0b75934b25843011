"""Streets from tables, graphs and lines: what may be walked, how high the ends are, which nodes they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, MultiLineString

from geo.io.heights import plausible, read_heights
from geo.tables.conform import conform
from geo.walk.onfoot import may_walk
from geo.walk.streets import walk_streets
from tests import worlds
from tests.reading import codes, collection, feature, manifest, read_here, read_one

NETWORKS = Path(__file__).parents[2] / "data" / "originals" / "networks"
NODES = "node_id,lon,lat,高程\n1,111.0,40.0,1050\n2,111.001,40.0,1054.5\n3,111.001,40.001,\n"
TWO_FILES = '[[tables.streets]]\nfile = "n.csv"\ndatum = "wgs84"\n[[tables.streets]]\nfile = "e.csv"\n'


def from_nodes(folder: Path, edges: str, nodes: str = NODES, more: str = "") -> Any:
    (folder / "n.csv").write_text(nodes, encoding="utf-8")
    (folder / "e.csv").write_text(edges, encoding="utf-8")
    return read_here(manifest(folder, TWO_FILES + more))


@pytest.mark.parametrize(
    "heading",
    [
        "u,v",
        "起点,终点",
        "起点编号,终点编号",
        "起始节点,终止节点",
        "from,to",
        "source,target",
        "from_node,to_node",
    ],
)
def test_edges_name_their_nodes_in_many_words(tmp_path: Path, heading: str) -> None:
    reading = from_nodes(tmp_path, f"{heading}\n1,2\n2,3\n")
    assert codes(reading) == []
    streets = reading.tables["streets"]
    assert streets[["u", "v"]].to_numpy().tolist() == [["1", "2"], ["2", "3"]]
    assert streets.geometry[1].wkt == "LINESTRING (111.001 40, 111.001 40.001)"
    assert streets["rise_m"].tolist()[0] == pytest.approx(4.5)  # 1,054.5 - 1,050
    assert np.isnan(streets["rise_m"][1])


def test_a_source_without_a_target_is_no_end_of_a_street(tmp_path: Path) -> None:
    rows = "".join(f'{i},OSM,"LINESTRING (111.00{i} 40, 111.00{i} 40.001)"\n' for i in range(2))
    streets = read_one(tmp_path, "streets", "edge_id,source,wkt\n" + rows, more='datum = "wgs84"').tables[
        "streets"
    ]
    assert streets["u"].isna().all()
    assert streets["x_source"].tolist() == ["OSM", "OSM"]


def test_an_unknown_node_is_named(tmp_path: Path) -> None:
    reading = from_nodes(tmp_path, "u,v\n1,2\n3,9\n,1\n")
    said = [fault.problem("en") for fault in reading.faults if fault.level == "error"]
    assert said == ["an end of the edge is no known node: 9", "an end of the edge is no known node: "]
    assert reading.tables["streets"]["edge_id"].tolist() == ["1"]


def test_edges_with_lines_of_their_own_keep_them_and_rise_by_their_nodes(tmp_path: Path) -> None:
    line = '"LINESTRING (111.0 40.0, 111.0005 40.0005, 111.001 40.0)"'
    reading = from_nodes(tmp_path, f"u,v,geometry\n1,2,{line}\n", more='datum = "wgs84"\n')
    assert codes(reading) == []
    assert reading.tables["streets"].geometry[0].wkt == line.strip('"').replace(".0 ", " ").replace(
        ".0,", ","
    ).replace("40.0)", "40)")
    assert reading.tables["streets"]["rise_m"].tolist() == pytest.approx([4.5])


def test_a_column_says_more_than_the_third_coordinate_and_that_more_than_nothing(tmp_path: Path) -> None:
    def line(*heights: float) -> dict[str, Any]:
        places = [[111 + i / 1000, 40, *([h] if h == h else [])] for i, h in enumerate(heights)]
        return {"type": "LineString", "coordinates": places}

    content = collection(
        feature(line(1_000, 1_200, 1_003), 路段编号="z"),
        feature(line(1_000, 1_003), 路段编号="said", 起止高差=-2),
        feature(line(float("nan"), float("nan")), 路段编号="flat"),
        feature(line(-9_999, 1_003), 路段编号="nonsense"),
    )
    streets = read_one(tmp_path, "streets", content, "t.geojson").tables["streets"]
    assert not streets.geometry.has_z.any()
    assert streets["rise_m"].fillna(99.0).tolist() == [3.0, -2.0, 99.0, 99.0]


def test_heights_in_all_formats(tmp_path: Path) -> None:
    """A line of two parts rises from the start of the first to the end of the second."""
    shape = MultiLineString([[(111, 40, 10), (111.001, 40, 12)], [(111.001, 40, 12), (111.001, 40.001, 17)]])
    frame = gpd.GeoDataFrame({"edge_id": ["a"]}, geometry=[shape], crs="EPSG:4326")
    frame.to_file(tmp_path / "t.gpkg")
    frame.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "t.csv").write_text(f'edge_id,wkt\na,"{shape.wkt}"\n')
    for name, more in (("t.gpkg", ""), ("t.parquet", ""), ("t.csv", 'datum = "wgs84"')):
        reading = read_here(manifest(tmp_path, f'[tables.streets]\nfile = "{name}"\n{more}\n'))
        assert codes(reading) == []
        streets = reading.tables["streets"]
        assert not streets.geometry.has_z.any()
        assert streets["rise_m"].tolist() == [7.0]
    made = walk_streets(streets)
    assert made["rise_m"].sum() == pytest.approx(7.0)
    assert made["rise_m"].tolist() == pytest.approx((7 * made["length_m"] / made["length_m"].sum()).tolist())


def test_heights_that_no_street_has_are_unknown() -> None:
    assert plausible([-9_999, 0, 1_050, 99_999]).tolist() == pytest.approx([np.nan, 0, 1_050, np.nan], nan_ok=True)
    assert read_heights(["1050 m", "1050m", 7, None, "up"]).tolist() == pytest.approx(
        [1_050, 1_050, 7, np.nan, np.nan], nan_ok=True
    )


GRAPH = """<graphml><key id="x" for="node" attr.name="x"/><key id="y" for="node" attr.name="y"/>
<key id="z" for="node" attr.name="elevation"/><key id="h" for="edge" attr.name="highway"/>
<key id="o" for="edge" attr.name="oneway:foot"/><key id="r" for="edge" attr.name="reversed"/>
<key id="w" for="edge" attr.name="osmid"/><key id="l" for="edge" attr.name="length"/>
<key id="c" for="graph" attr.name="crs"/><graph edgedefault="directed"><data key="c">epsg:4326</data>
<node id="1"><data key="x">111</data><data key="y">40</data><data key="z">1000.5</data></node>
<node id="2"><data key="x">111.001</data><data key="y">40</data><data key="z">1004</data></node>
{edges}</graph></graphml>"""


def edge(u: int, v: int, **data: str) -> str:
    return (
        f'<edge source="{u}" target="{v}">'
        + "".join(f'<data key="{k}">{t}</data>' for k, t in data.items())
        + "</edge>"
    )


def read_graph(folder: Path, *edges: str) -> pd.DataFrame:
    (folder / "s.graphml").write_text(GRAPH.format(edges="".join(edges)))
    reading = read_here(manifest(folder, '[tables.streets]\nfile = "s.graphml"\n'))
    return reading.tables["streets"]


def test_graphs_know_heights_and_turn_one_way_streets_round(tmp_path: Path) -> None:
    one_way = {"h": "steps", "o": "yes"}
    streets = read_graph(
        tmp_path, edge(1, 2, h="path"), edge(1, 2, w="5", **one_way), edge(2, 1, w="6", r="True", **one_way)
    )
    assert streets["rise_m"].tolist() == [3.5, 3.5, -3.5]
    assert streets["oneway_foot"].tolist() == ["both", "forward", "backward"]


def test_parallel_edges_stay_and_reverses_go(tmp_path: Path) -> None:
    same = {"h": "path", "w": "7", "l": "98.2"}
    there, back = edge(1, 2, **same), edge(2, 1, **same)
    assert len(read_graph(tmp_path, there, back)) == 1
    assert len(read_graph(tmp_path, there, there, back, back)) == 2
    assert len(read_graph(tmp_path, there, edge(2, 1, h="path", w="8", l="98.2"))) == 2


def test_a_graph_of_osmnx_has_each_street_once(tmp_path: Path) -> None:
    """4,009 directed edges are 2,597 streets, of which 99 are motorway links, private or for buses."""
    path = NETWORKS / "china_small_osmnx.graphml"
    space = "{http://graphml.graphdrawing.org/xmlns}"
    root = ElementTree.parse(path).getroot()  # noqa: S314 (our own file)
    names = {key.get("id"): key.get("attr.name") for key in root.iter(f"{space}key")}
    directed = 0
    streets: dict[tuple[Any, ...], list[int]] = {}
    closed: dict[tuple[Any, ...], list[int]] = {}
    for element in root.iter(f"{space}edge"):
        data = {names[part.get("key")]: part.text or "" for part in element}
        directed += 1
        first = {key: text.strip("[]").split(",")[0].strip("' ") for key, text in data.items()}
        ends = tuple(sorted((str(element.get("source")), str(element.get("target")))))
        street = (ends, *sorted(data["osmid"].strip("[]").split(", ")), round(float(data["length"]), 1))
        walked = may_walk({str(key): text for key, text in first.items()})
        count = (streets if walked else closed).setdefault(street, [0, 0])  # forth and back
        count[element.get("source") == ends[0]] += 1
    (tmp_path / "s.graphml").write_bytes(path.read_bytes())
    read = read_here(manifest(tmp_path, '[tables.streets]\nfile = "s.graphml"\n')).tables["streets"]
    once = [
        sum(1 if ends[0] == ends[1] else max(count) for (ends, *_), count in some.items())
        for some in (streets, closed)
    ]
    assert (directed, *once, len(read)) == (4_009, 2_498, 99, 2_498)


def lines(**columns: Any) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    shape = worlds.on_ground([LineString([(0, 100 * i), (100, 100 * i)]) for i in range(count)])
    ids = [f"e{i}" for i in range(count)]
    return conform("streets", gpd.GeoDataFrame({"edge_id": ids, **columns}, geometry=shape, crs="EPSG:4326"))


def test_foot_decides_before_the_class() -> None:
    kinds = ["motorway", "motorway", "residential", "residential", "trunk_link", None]
    made = walk_streets(lines(highway=kinds, foot=["yes", None, "no", None, None, "no"]))
    assert made["edge_id"].tolist() == ["e0", "e3", "e4"]


def test_foot_is_read_in_chinese_and_as_openstreetmap_writes_it(tmp_path: Path) -> None:
    rows = "".join(
        f'{i},{foot},motorway,"LINESTRING (111 40, 111.001 40)"\n'
        for i, foot in enumerate(["是", "否", "designated"])
    )
    reading = read_one(tmp_path, "streets", "路段编号,步行,highway,wkt\n" + rows, more='datum = "wgs84"')
    assert codes(reading) == []
    assert reading.tables["streets"]["foot"].tolist() == ["yes", "no", "designated"]
    assert walk_streets(reading.tables["streets"])["edge_id"].tolist() == ["0", "2"]


def test_unknown_rise_is_level() -> None:
    assert walk_streets(lines(rise_m=[2.0, None]))["rise_m"].tolist() == [2.0, 0.0]
