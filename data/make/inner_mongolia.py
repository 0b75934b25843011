"""Make data/boundaries/inner-mongolia from the original files.

Run: ``python data/make/inner_mongolia.py --source DIR`` where DIR holds ``boundaries/``, ``border/``,
``divisions/``, ``places/`` and ``networks/`` of the original data. Everything is
seeded: the same values every run.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from duties import duties
from files import BOUNDARIES, lonlat, write_parquet, write_shapefile, write_toml, write_zip
from frontier import POST_KINDS, Line, chain, markers, plant, posts, segments, stretches
from highways import driven
from tracked import tracked
from watch import guards, patrols

HERE = BOUNDARIES / "inner-mongolia"
SEED = 20_261_120
POST_WORDS = {"police_station": "边境派出所", **POST_KINDS}


def outlines(source: Path) -> gpd.GeoDataFrame:
    """Stack the region, the leagues and the banners with their 6-digit codes.

    Parameters
    ----------
    source : Path
        Folder of the original data.

    Returns
    -------
    geopandas.GeoDataFrame
        116 rows in EPSG:4490: adcode, name, level, geometry as supplied.
    """
    levels = {"nm_region": "region", "nm_leagues": "league", "nm_banners": "county"}
    parts = [
        gpd.read_parquet(source / "boundaries" / f"{file}.parquet").assign(level=level)
        for file, level in levels.items()
    ]
    return pd.concat(parts)[["adcode", "name", "level", "geometry"]].reset_index(drop=True)


def names_without_outline(source: Path, adcodes: pd.Series) -> pd.DataFrame:
    """Pick the codes that have no polygon: townships, villages and management zones.

    Parameters
    ----------
    source : Path
        Folder of the original data.
    adcodes : pandas.Series
        6-digit codes that come with an outline.

    Returns
    -------
    pandas.DataFrame
        code, name; no code of an outline occurs.
    """
    codes = pd.read_parquet(source / "divisions" / "nm_divisions.parquet")
    known = codes["code"].str.ljust(6, "0").isin(adcodes)
    return codes.loc[~known, ["code", "name"]].reset_index(drop=True)


def border(source: Path) -> gpd.GeoDataFrame:
    """Read the border line: Mongolia, then Russia, each from west to east, as one border.

    Parameters
    ----------
    source : Path
        Folder of the original data.

    Returns
    -------
    geopandas.GeoDataFrame
        Two rows in EPSG:4490, vertices as supplied.
    """
    line = gpd.read_parquet(source / "border" / "nm_border_tianditu.parquet")
    line = line.set_index("neighbour").loc[["MNG", "RUS"]].reset_index()
    return gpd.GeoDataFrame(
        {
            "border_id": "nm",
            "part": line["neighbour"],
            "sequence": [1, 2],
            "neighbour": line["neighbour"],
            "kind": ["land", "river"],
            "source": line["source"],
        },
        geometry=line.geometry,
        crs=line.crs,
    )


def equip(cut: pd.DataFrame, placed: gpd.GeoDataFrame, russia_m: float, rng: np.random.Generator) -> pd.DataFrame:
    """Give segments their station, class, interval, way of moving and declared length.

    Parameters
    ----------
    cut : pandas.DataFrame
        Clean segments.
    placed : geopandas.GeoDataFrame
        Posts with the rows each station holds.
    russia_m : float
        Measure at which the second part of the border begins.
    rng : numpy.random.Generator
        Ways of moving.

    Returns
    -------
    pandas.DataFrame
        Columns of the segments table, with ``adcode`` and ``banner``.
    """
    held = placed[placed["first"] >= 0]
    owner = np.empty(len(cut), dtype=object)
    for station in held.itertuples():
        owner[station.first : station.last + 1] = station.post_id
    river = (cut["start_m"] >= russia_m - 1.0).to_numpy()
    desert = cut["adcode"].isin(["152923", "152921", "152922"]).to_numpy()
    kind = np.select([river, desert], ["border_river", "desert"], "grassland")
    ways = rng.choice(["vehicle", "motorcycle", "horse"], len(cut), p=[0.6, 0.25, 0.15])
    length = (cut["end_m"] - cut["start_m"]).round(-2)
    return cut.assign(
        border_id="nm",
        post_id=owner,
        joint=False,
        mode=np.where(river, "vehicle", ways),
        interval_days=np.select([river, desert], [14.0, 10.0], 7.0),
        hours_per_day=8.0,
        length_declared_m=length.where(rng.random(len(cut)) < 0.35),
        **{"class": kind},
    )


def highways(source: Path) -> gpd.GeoDataFrame:
    """Join the main highways of the region into long lines, for drawing only.

    Parameters
    ----------
    source : Path
        Folder of the original data.

    Returns
    -------
    geopandas.GeoDataFrame
        kind ``road``, no name, EPSG:4326, simplified to about 300 m.
    """
    nodes = gpd.read_parquet(source / "networks" / "nm_highways_nodes.parquet").set_index("node_id")
    edges = gpd.read_parquet(source / "networks" / "nm_highways_edges.parquet")
    here = edges[edges["u"].map(nodes["in_nm"]).fillna(False) | edges["v"].map(nodes["in_nm"]).fillna(False)]
    lines = shapely.get_parts(shapely.line_merge(shapely.union_all(here.geometry.to_numpy()))).copy()
    lines = shapely.simplify(lines[shapely.length(lines) > 0.02], 0.003)
    return gpd.GeoDataFrame(geometry=lines, crs="EPSG:4326").assign(kind="road", name=None, rank=1.0)


# What towns of over 15,000 people are called today, where GeoNames has an older, a neighbour's or a Japanese name,
# or none; by GeoNames id, as on the official list of divisions.
CALLED = {
    1811746: "额肯呼都格",
    2033225: "扎兰屯",
    2033536: "牙克石",
    2034400: "通辽",
    2035196: "萨拉齐",
    2035453: "平庄",
    2035707: "穆家营",
    2035836: "满洲里",
    2036266: "额尔古纳",
    2036458: "集宁",
    2036892: "呼和浩特",
    2037078: "海拉尔",
    2037485: "二连浩特",
    2038067: "赤峰",
    8054802: "锡林浩特",
    8347664: "鄂尔多斯",
}


def places(source: Path) -> gpd.GeoDataFrame:
    """Take the place names, Chinese where there is a Chinese one.

    Parameters
    ----------
    source : Path
        Folder of the original data.

    Returns
    -------
    geopandas.GeoDataFrame
        kind ``place``, name, rank (1 over 200,000 people, 2 known number, 3 unknown), EPSG:4326.
    """
    names = gpd.read_parquet(source / "places" / "nm_places_geonames.parquet")
    chinese = names["name_zh"].notna() & ~names["name_zh"].fillna("").str.contains("[ぁ-ヿ]")
    known = names["name_zh"].where(chinese, names["name"])
    rank = np.select([names["population"] > 200_000, names["population"] > 0], [1.0, 2.0], 3.0)
    return gpd.GeoDataFrame(
        {"kind": "place", "name": names["geonameid"].map(CALLED).fillna(known), "rank": rank},
        geometry=names.geometry,
        crs=names.crs,
    )


def write_posts(placed: gpd.GeoDataFrame) -> None:
    """Write the posts as a zipped shapefile with GBK headings, as offices send them.

    Parameters
    ----------
    placed : geopandas.GeoDataFrame
        Posts.
    """
    sheet = gpd.GeoDataFrame(
        {
            "编号": placed["post_id"],
            "类型": placed["kind"].map(POST_WORDS),
            "名称": placed["name"],
            "所属区划": placed["division_id"],
            "开放时间": placed["opening_hours"],
            "模拟": 1,
        },
        geometry=placed.geometry,
        crs=placed.crs,
    )
    write_shapefile(sheet, HERE / "posts.zip", "边境哨所")


def write_watch(line: Line, cut: pd.DataFrame, banners: gpd.GeoDataFrame) -> None:
    """Write segments, markers, people, patrols, fences, targets and what was put in on purpose.

    Parameters
    ----------
    line : Line
        The border.
    cut : pandas.DataFrame
        Clean segments with their station.
    banners : geopandas.GeoDataFrame
        Outlines.
    """
    published, records = plant(cut)
    staff, given, noted = guards(published, np.random.default_rng(SEED + 2))
    lone = published["segment_id"].isin(noted["overlong"])
    published.loc[lone, ["mode", "interval_days"]] = ["foot", 1.0]
    published["speed_kmh"] = np.where(lone, 3.5, np.nan)
    marks = markers(line, cut)
    marks.to_file(HERE / "markers.fgb", driver="FlatGeobuf")
    walks, visits, never = patrols(published, cut, marks, np.random.default_rng(SEED + 3))
    rest = duties(line, cut, marks, never, banners, np.random.default_rng(SEED + 4))
    seen = tracked(line, published, visits, np.random.default_rng(SEED + 5))
    for record in records:
        if record.get("missing_segment"):
            inside = marks["measure_m"].between(record["start_m"], record["end_m"], inclusive="neither")
            record["marker_ids"] = list(marks.loc[inside, "marker_id"])
    columns = [
        "segment_id",
        "border_id",
        "start_m",
        "end_m",
        "post_id",
        "length_declared_m",
        "interval_days",
        "class",
        "mode",
        "speed_kmh",
        "hours_per_day",
        "joint",
    ]
    for frame, name in (
        (published[columns].assign(synthetic=True), "segments"),
        (staff, "staff"),
        (given, "assignments"),
        (walks, "patrols"),
        (seen.patrols, "patrols_tracked"),
        *((table, name) for name, table in rest.tables.items()),
    ):
        frame.to_csv(HERE / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8-sig")
    write_parquet(visits, HERE / "visits.parquet")
    write_zip(HERE / "tracks.zip", seen.files)
    write_toml(
        HERE / "planted.toml",
        "What data/make/inner_mongolia.py put in on purpose, in metres along the border.",
        [
            ("[border]", {"length_m": round(line.length, 1), "segments": len(published), "markers": len(marks)}),
            *(("[[fault]]", record) for record in records),
            ("[segments]", {**noted, "never": never}),
            ("[patrols]", {"patrols": len(walks), "gps_visits": len(visits)}),
            *rest.noted,
            *seen.noted,
        ],
    )


def main() -> None:
    """Write every file of the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="folder of the original data")
    source = parser.parse_args().source
    HERE.mkdir(parents=True, exist_ok=True)
    divisions = outlines(source)
    write_parquet(divisions, HERE / "divisions.parquet")
    write_parquet(names_without_outline(source, divisions["adcode"]), HERE / "codes.parquet")
    parts = border(source)
    write_parquet(parts, HERE / "border.parquet")
    drawn = gpd.GeoDataFrame(pd.concat([highways(source), places(source)], ignore_index=True), crs="EPSG:4326")
    write_parquet(lonlat(drawn, decimals=5), HERE / "background.parquet")
    write_parquet(lonlat(driven(source, parts), decimals=5), HERE / "roads.parquet")
    banners = divisions[divisions["level"] == "county"].reset_index(drop=True)
    line = chain(list(parts.geometry))
    cut = segments(stretches(line, banners))
    placed = posts(line, cut, banners, np.random.default_rng(SEED))
    russia_m = float(line.measure[len(parts.geometry[0].coords) - 1])
    cut = equip(cut, placed, russia_m, np.random.default_rng(SEED + 1))
    write_posts(placed)
    write_watch(line, cut, banners)


if __name__ == "__main__":
    main()
